//! `dehusk warc` as people and programs use it: what comes out of sound and of broken files, and after a kill.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may panic, and writes the files that it is about"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

#[path = "warc/build.rs"]
mod build;

use build::{Dice, gzip, page, record, response, story, zstd};

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        bench.write("dehusk.toml", b"");
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dehusk"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// The records that come out of these bytes, and what is told at the end.
    fn records(&self, file: &[u8], more: &[&str]) -> (Vec<Value>, String) {
        self.write("x.warc", file);
        let arguments: Vec<&str> = ["warc", "x.warc", "--jobs", "2"].iter().chain(more).copied().collect();
        let output = self.run(&arguments);
        (lines(&output.stdout), String::from_utf8(output.stderr).unwrap())
    }
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn id(number: usize) -> String {
    format!("<urn:uuid:{number:08}>")
}

/// The ids of records with a text.
fn cleaned(records: &[Value]) -> Vec<String> {
    let cleaned = records.iter().filter(|record| record["text"].is_string());
    // A record that is damaged may have lost its name.
    cleaned
        .filter_map(|record| record["id"].as_str().map(str::to_owned))
        .collect()
}

fn ids(numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    numbers.into_iter().map(id).collect()
}

#[test]
fn pages_come_out_in_order_with_what_their_record_says() {
    let file: Vec<u8> = (0..40).flat_map(story).collect();
    let bench = Bench::new();
    let (records, told) = bench.records(&file, &[]);
    assert_eq!(cleaned(&records), ids(0..40));
    assert_eq!(told, "dehusk: 40 records: 40 cleaned, 0 passed over, 0 failed\n");
    let first = &records[7];
    assert_eq!(first["url"], "https://village.example/7");
    assert_eq!(first["date"], "2024-05-01T00:00:00Z");
    assert_eq!(
        (&first["warc"]["file"], &first["warc"]["status"]),
        (&"x.warc".into(), &200.into())
    );
    assert_eq!(first["metadata"]["title"], "Story number 7");
    assert!(first["text"].as_str().unwrap().contains("Number 7 begins here."));
    for packed in [
        gzip(&file),
        zstd(&file),
        (0..40).flat_map(|number| gzip(&story(number))).collect(),
    ] {
        let (again, _) = bench.records(&packed, &[]);
        let texts = |records: &[Value]| records.iter().map(|record| record["text"].clone()).collect::<Vec<_>>();
        assert_eq!(texts(&again), texts(&records));
    }
}

#[test]
fn the_text_is_what_clean_gives() {
    let bench = Bench::new();
    bench.write("page.html", page(3).as_bytes());
    let clean = bench.run(&["clean", "page.html", "--url", "https://village.example/3"]);
    let (records, _) = bench.records(&story(3), &[]);
    assert_eq!(records[0]["text"].as_str().unwrap().as_bytes(), clean.stdout);
}

#[test]
fn every_record_is_accounted_for() {
    let bench = Bench::new();
    let file = [
        record("warcinfo", 0, b"software: none\r\n"),
        record("request", 1, b"GET / HTTP/1.1\r\n\r\n"),
        story(2),
        response(3, "404 Not Found\r\nContent-Type: text/html", page(3).as_bytes()),
        response(4, "301 Moved\r\nLocation: /x", b""),
        response(5, "200 OK\r\nContent-Type: text/html", b"\x89PNG\r\n\x1a\n..."),
        response(6, "200 OK", b"{\"a\": 1}"),
        record("resource", 7, page(7).as_bytes()),
        record("conversion", 8, b"A text dump of a page.\nIt has two lines."),
        story(9)[..200].to_vec(),
    ]
    .concat();
    let (records, told) = bench.records(&file, &["--summary", "summary.json"]);
    assert_eq!(cleaned(&records), ids([2, 7, 8]));
    let failed: Vec<&Value> = records.iter().filter(|record| record["error"].is_object()).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(
        (failed[0]["id"].as_str().unwrap(), &failed[0]["error"]["code"]),
        (id(9).as_str(), &"cut".into())
    );
    assert_eq!(
        told,
        "dehusk: 10 records: 3 cleaned, 6 passed over (json 1, not-text 1, request 1, status-301 1, status-404 1, \
         warcinfo 1), 1 failed (cut 1)\n"
    );
    let summary: Value = serde_json::from_slice(&fs::read(bench.path("summary.json")).unwrap()).unwrap();
    let sum = |counts: &Value| -> u64 {
        counts
            .as_object()
            .unwrap()
            .values()
            .map(|count| count.as_u64().unwrap())
            .sum()
    };
    assert_eq!(
        summary["records"].as_u64().unwrap(),
        summary["cleaned"].as_u64().unwrap() + sum(&summary["passed_over"]) + sum(&summary["failed"])
    );
    let (records, _) = bench.records(&file, &["--all-status"]);
    assert_eq!(cleaned(&records), ids([2, 3, 7, 8]));
    let output = bench.run(&["warc", "x.warc"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn bodies_are_decoded_as_their_headers_say_and_charsets_count() {
    let bench = Bench::new();
    let chunked = |body: &[u8]| [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
    let russian = "<p>Мельник медленно шёл через мост, а дождь падал на каждую крышу города.</p>".repeat(3);
    let (cyrillic, _, _) = encoding_rs::KOI8_R.encode(&russian);
    let file = [
        response(
            0,
            "200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked",
            &chunked(&gzip(page(0).as_bytes())),
        ),
        response(1, "200 OK\r\nContent-Encoding: gzip", page(1).as_bytes()),
        response(2, "200 OK\r\nContent-Type: text/html; charset=koi8-r", &cyrillic),
        response(3, "200 OK\r\nTransfer-Encoding: chunked", page(3).as_bytes()),
        response(4, "200 OK\r\nContent-Type: text/html; charset=utf-8", &cyrillic),
    ]
    .concat();
    let (records, _) = bench.records(&file, &[]);
    assert_eq!(cleaned(&records), ids(0..5));
    let text = |number: usize| records[number]["text"].as_str().unwrap();
    assert!(text(0).contains("Number 0 begins here.") && text(1).contains("Number 1 begins here."));
    assert!(text(2).contains("Мельник медленно"));
    assert_eq!(records[2]["metadata"]["charset"], "KOI8-R");
    assert!(text(3).contains("Number 3 begins here."));
    assert!(records[1]["warc"]["notes"][0].is_string());
    assert!(
        text(4).contains("Мельник медленно"),
        "a wrong charset in the header loses no page: {}",
        text(4)
    );
}

/// Two hundred pages, a fifth of them damaged: cut, with bytes that are others, gone or new.
#[test]
fn every_undamaged_record_comes_out_whatever_happened_to_the_others() {
    let bench = Bench::new();
    for (seed, pack) in [
        (1, <[u8]>::to_vec as fn(&[u8]) -> Vec<u8>),
        (2, gzip),
        (3, zstd),
        (4, <[u8]>::to_vec),
    ] {
        let mut dice = Dice::new(seed);
        let mut file = Vec::new();
        let mut sound = Vec::new();
        for number in 0..200 {
            let mut packed = pack(&story(number));
            if dice.below(5) == 0 {
                damage(&mut packed, &mut dice);
            } else {
                sound.push(id(number));
            }
            file.extend(packed);
        }
        let (records, told) = bench.records(&file, &[]);
        let cleaned: BTreeSet<String> = cleaned(&records).into_iter().collect();
        let missing: Vec<&String> = sound.iter().filter(|id| !cleaned.contains(*id)).collect();
        assert!(missing.is_empty(), "seed {seed}: {missing:?} are missing; {told}");
        assert!(records.iter().any(|record| record["error"].is_object()), "{told}");
    }
}

fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len());
    match dice.below(4) {
        0 => bytes.truncate(at.max(1)),
        1 => {
            let end = (at + 1 + dice.below(20)).min(bytes.len());
            bytes[at..end].iter_mut().for_each(|byte| *byte ^= 0x55);
        }
        2 => {
            let end = (at + 1 + dice.below(200)).min(bytes.len());
            bytes.drain(at..end);
        }
        _ => {
            let junk: Vec<u8> = (0..=dice.below(300))
                .map(|_| u8::try_from(dice.below(256)).unwrap())
                .collect();
            bytes.splice(at..at, junk);
        }
    }
}

/// Files of every kind that a run has to find its place in again, one record of each but the last damaged.
fn files_to_kill_over(bench: &Bench) {
    for (file, pack) in [("a.warc.gz", gzip as fn(&[u8]) -> Vec<u8>), ("b.warc", <[u8]>::to_vec)] {
        let mut records: Vec<Vec<u8>> = (0..700).map(|number| pack(&story(number))).collect();
        let cut = records[500].len() / 2;
        records[500].truncate(cut);
        bench.write(file, &records.concat());
    }
    bench.write("c.warc.gz", &gzip(&(0..700).flat_map(story).collect::<Vec<u8>>()));
}

fn resumed(bench: &Bench, target: &str) -> Command {
    let summary = format!("{target}.summary");
    let files = ["warc", "a.warc.gz", "b.warc", "c.warc.gz", "--resume", "--jobs", "2"];
    let mut command = bench.command(&files);
    command
        .args(["--out", target, "--summary", &summary])
        .stderr(Stdio::piped());
    command
}

/// Runs and kills until a run is over by itself, or often enough; gives how often.
fn kill_again_and_again(bench: &Bench, target: &str, dice: &mut Dice) -> u32 {
    for kills in 0..12 {
        let mut child = resumed(bench, target).spawn().unwrap();
        thread::sleep(Duration::from_millis(u64::try_from(20 + dice.below(400)).unwrap()));
        if child.try_wait().unwrap().is_some() {
            return kills;
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    12
}

#[test]
fn a_run_that_is_killed_again_and_again_ends_with_the_same_bytes() {
    let bench = Bench::new();
    let mut dice = Dice::new(7);
    files_to_kill_over(&bench);
    let read = |path: &str| fs::read(bench.path(path)).unwrap();
    for ending in ["jsonl", "jsonl.gz"] {
        let (whole, killed) = (format!("whole.{ending}"), format!("killed.{ending}"));
        let undisturbed = resumed(&bench, &whole).output().unwrap();
        let kills = kill_again_and_again(&bench, &killed, &mut dice);
        assert!(kills > 0, "the run was over before it could be killed");
        for _ in 0..2 {
            // Once to end it; once more to see that a run that is over changes nothing.
            let last = resumed(&bench, &killed).output().unwrap();
            assert_eq!(last.stderr, undisturbed.stderr, "after {kills} kills");
            assert!(read(&whole) == read(&killed), "after {kills} kills");
        }
        let summaries = [&whole, &killed].map(|path| read(&format!("{path}.summary")));
        assert_eq!(summaries[0], summaries[1]);
    }
    let mut text = Vec::new();
    flate2::read::MultiGzDecoder::new(read("killed.jsonl.gz").as_slice())
        .read_to_end(&mut text)
        .unwrap();
    assert!(text == read("killed.jsonl"));
}

#[test]
fn a_folder_gets_a_text_and_metadata_for_each_page_and_goes_on_after_a_kill() {
    let bench = Bench::new();
    let file = [
        (0..30).flat_map(story).collect::<Vec<u8>>(),
        story(3),
        story(99)[..150].to_vec(),
    ]
    .concat();
    bench.write("x.warc", &file);
    for _ in 0..2 {
        let output = bench.run(&["warc", "x.warc", "--folder", "out", "--resume"]);
        assert_eq!(output.status.code(), Some(1));
    }
    let names = |ending: &str| -> usize {
        let entries = fs::read_dir(bench.path("out")).unwrap();
        entries
            .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().ends_with(ending))
            .count()
    };
    assert_eq!((names(".txt"), names(".meta.json"), names(".error.json")), (31, 31, 1));
    let metadata = fs::read_to_string(bench.path("out/00000003.meta.json")).unwrap();
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    assert_eq!(
        (&metadata["title"], &metadata["record"]["id"]),
        (&"Story number 3".into(), &id(3).into())
    );
    let again = bench.run(&["warc", "x.warc", "--folder", "out"]);
    assert_eq!(again.status.code(), Some(2), "nothing is overwritten without --force");
}

#[test]
fn outputs_and_progress_of_others_are_left_alone() {
    let bench = Bench::new();
    bench.write("x.warc", &story(0));
    bench.write("out.jsonl", b"mine");
    for more in [&["--out", "out.jsonl"][..], &["--out", "out.jsonl", "--resume"]] {
        let arguments: Vec<&str> = ["warc", "x.warc"].iter().chain(more).copied().collect();
        assert_eq!(bench.run(&arguments).status.code(), Some(2));
        assert_eq!(fs::read(bench.path("out.jsonl")).unwrap(), b"mine");
    }
    let resumed = |more: &[&str]| {
        let arguments: Vec<&str> = ["warc", "x.warc", "--out", "new.jsonl", "--resume"]
            .iter()
            .chain(more)
            .copied()
            .collect();
        bench.run(&arguments).status.code()
    };
    assert_eq!((resumed(&[]), resumed(&[])), (Some(0), Some(0)));
    assert_eq!(resumed(&["--all-status"]), Some(2), "that is another run");
    assert_eq!(bench.run(&["warc", "x.warc", "--resume"]).status.code(), Some(2));
    assert_eq!(bench.run(&["warc", "missing.warc"]).status.code(), Some(2));
}

/// The corpora lie beside the repository where it is worked on.
#[test]
fn pages_of_the_corpora_give_the_texts_that_clean_gives() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/wcxb-dev/pages");
    if !pages.is_dir() {
        println!("skipped: {} is not there", pages.display());
        return;
    }
    let bench = Bench::new();
    let mut paths: Vec<PathBuf> = fs::read_dir(pages)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let paths: Vec<PathBuf> = paths.into_iter().step_by(25).collect();
    fs::create_dir(bench.path("pages")).unwrap();
    let mut file = Vec::new();
    for (number, path) in paths.iter().enumerate() {
        let mut bytes = Vec::new();
        flate2::read::MultiGzDecoder::new(fs::read(path).unwrap().as_slice())
            .read_to_end(&mut bytes)
            .unwrap();
        bench.write(&format!("pages/page{number}"), &bytes);
        // Without an address, as for `clean`; how they are packed alternates.
        let head = ["200 OK", "200 OK\r\nContent-Encoding: gzip"][number % 2];
        let body = if number % 2 == 0 { bytes } else { gzip(&bytes) };
        let with_address = response(number, head, &body);
        let at = with_address
            .windows(16)
            .position(|window| window == b"WARC-Target-URI:")
            .unwrap();
        let end = at + with_address[at..].iter().position(|byte| *byte == b'\n').unwrap() + 1;
        file.extend(gzip(&[&with_address[..at], &with_address[end..]].concat()));
    }
    bench.run(&["clean", "pages", "--out", "texts"]);
    let (records, told) = bench.records(&file, &[]);
    assert!(cleaned(&records).len() > paths.len() / 2, "{told}");
    for record in &records {
        let id = record["id"].as_str().unwrap();
        let digits = id.trim_end_matches('>').rsplit(':').next().unwrap();
        let number: usize = digits.parse().unwrap();
        let expected = fs::read_to_string(bench.path(&format!("texts/page{number}.txt"))).ok();
        assert_eq!(
            record["text"].as_str(),
            expected.as_deref(),
            "{}",
            paths[number].display()
        );
    }
}
