//! Drives the real daemon in a temporary folder.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![expect(clippy::indexing_slicing, reason = "a field that is not there fails the test")]
#![expect(
    clippy::disallowed_methods,
    reason = "tests play the users, who write, move and delete as they like"
)]

#[path = "daemon/account.rs"]
mod account;
#[path = "daemon/bed.rs"]
mod bed;
#[path = "daemon/doctor.rs"]
mod doctor;
#[path = "daemon/durability.rs"]
mod durability;
#[path = "daemon/faults.rs"]
mod faults;
#[path = "daemon/journal.rs"]
mod journal;
#[path = "daemon/kills.rs"]
mod kills;
#[path = "daemon/matrix.rs"]
mod matrix;
#[path = "daemon/model.rs"]
mod model;
#[path = "daemon/namespace.rs"]
mod namespace;
#[path = "daemon/quarantine.rs"]
mod quarantine;
#[path = "daemon/record.rs"]
mod record;
#[path = "daemon/retention.rs"]
mod retention;
#[path = "daemon/service.rs"]
mod service;
#[path = "daemon/status.rs"]
mod status;
#[path = "daemon/strace.rs"]
mod strace;
#[path = "daemon/writers.rs"]
mod writers;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use bed::{Bed, RULES, gzip, log_of, page, wait};

#[test]
fn a_page_becomes_text_and_metadata_and_moves_to_done() {
    let bed = Bed::new();
    bed.put("rules/a.example.toml", RULES);
    let daemon = bed.start();
    bed.drop("page.html", page("Rain fell on the town."));
    let text = bed.await_file("spool/outbox/page.txt");
    assert!(text.starts_with("A title\n\nRain fell on the town."), "{text}");
    assert!(!text.contains("soap"), "{text}");
    let metadata = bed.json("spool/outbox/page.meta.json");
    assert_eq!(metadata["source"], "page.html");
    assert_eq!(metadata["site"], "a.example");
    assert_eq!(metadata["outputs"], serde_json::json!(["page.txt"]));
    assert_eq!(metadata["source_sha256"].as_str().unwrap().len(), 64);
    assert!(metadata["processed"].as_str().unwrap().ends_with('Z'), "{metadata}");
    wait("the page to be done", || bed.exists("spool/done/page.html"));
    let log = daemon.stop();
    assert!(
        log.contains("page delivered site=\"a.example\"") && log.contains("kept_ratio="),
        "{log}"
    );
    bed.assert_at_rest();
}

#[test]
fn sub_folders_are_mirrored_and_the_same_name_again_replaces_its_own_output() {
    let bed = Bed::new();
    let daemon = bed.start();
    bed.drop("a/b/page.html", page("First."));
    wait("the first page", || bed.exists("spool/done/a/b/page.html"));
    bed.drop("a/b/page.html", page("Second."));
    wait("the second page", || {
        bed.read("spool/outbox/a/b/page.txt").contains("Second.")
    });
    wait("both to be done", || bed.files("done").len() == 2);
    daemon.stop();
    assert_eq!(bed.files("outbox"), ["a/b/page.meta.json", "a/b/page.txt"]);
    let done = bed.files("done");
    assert!(
        done[0] == "a/b/page.html" && done[1].starts_with("a/b/page.html."),
        "{done:?}"
    );
    assert!(bed.read("spool/done/a/b/page.html").contains("First."));
}

#[test]
fn pages_that_differ_in_their_ending_do_not_overwrite_each_other() {
    let bed = Bed::new();
    bed.drop("page.html", page("Of the first."));
    assert!(bed.once().status.success());
    bed.drop("page.htm", page("Of the second."))
        .drop("page.html.gz", gzip(page("Of the third.").as_bytes()));
    assert!(bed.once().status.success());
    assert!(bed.read("spool/outbox/page.txt").contains("Of the first."));
    assert!(bed.read("spool/outbox/page.htm.txt").contains("Of the second."));
    assert!(bed.read("spool/outbox/page.html.gz.txt").contains("Of the third."));
    // Each goes on to replace its own, also when the best name has become free.
    fs::remove_file(bed.path("spool/outbox/page.txt")).unwrap();
    fs::remove_file(bed.path("spool/outbox/page.meta.json")).unwrap();
    bed.drop("page.htm", page("Of the second, again."));
    assert!(bed.once().status.success());
    assert!(bed.read("spool/outbox/page.htm.txt").contains("Of the second, again."));
    assert!(!bed.exists("spool/outbox/page.txt"));
    bed.assert_at_rest();
}

#[test]
fn somebody_elses_file_in_the_outbox_is_never_overwritten() {
    let bed = Bed::new();
    bed.put("spool/outbox/page.txt", "mine")
        .put("spool/outbox/other.meta.json", "{}");
    bed.drop("page.html", page("One.")).drop("other.html", page("Two."));
    assert!(bed.once().status.success());
    assert_eq!(bed.read("spool/outbox/page.txt"), "mine");
    assert_eq!(bed.read("spool/outbox/other.meta.json"), "{}");
    assert!(bed.read("spool/outbox/page.html.txt").contains("One."));
    assert!(bed.read("spool/outbox/other.html.txt").contains("Two."));
}

#[test]
fn packed_pages_are_unpacked_within_limits() {
    let bed = Bed::with("[limits]\ninflated-bytes-max = 3000000\n");
    bed.drop("page.html.gz", gzip(page("Packed.").as_bytes()));
    bed.drop("bomb.html.gz", gzip(&vec![b' '; 4_000_000]));
    bed.drop("broken.html.gz", &gzip(page("Packed.").as_bytes())[..60]);
    bed.once();
    assert!(bed.read("spool/outbox/page.txt").contains("Packed."));
    assert_eq!(
        bed.json("spool/failed/bomb.html.gz.reason.json")["code"],
        "inflate-ratio"
    );
    assert_eq!(bed.json("spool/failed/broken.html.gz.reason.json")["code"], "bad-gzip");
    assert_eq!(bed.files("outbox"), ["page.meta.json", "page.txt"]);
}

#[test]
fn pages_packed_with_zstd_are_like_those_packed_with_gzip() {
    let zstd = |bytes: &[u8]| compress_to_vec(bytes, CompressionLevel::Fastest);
    let bed = Bed::with("[limits]\ninflated-bytes-max = 3000000\n");
    bed.drop("page.html.zst", zstd(page("Packed.").as_bytes()));
    bed.drop("bomb.html.zst", zstd(&vec![b' '; 4_000_000]));
    bed.drop("broken.html.zst", &zstd(page("Packed.").as_bytes())[..60]);
    bed.once();
    assert!(bed.read("spool/outbox/page.txt").contains("Packed."));
    let code = |name: &str| bed.json(format!("spool/failed/{name}.html.zst.reason.json"))["code"].clone();
    assert_eq!([code("bomb"), code("broken")], ["inflate-ratio", "bad-zstd"]);
    assert_eq!(bed.files("outbox"), ["page.meta.json", "page.txt"]);
}

#[test]
fn a_page_that_takes_too_long_fails_with_a_reason_and_the_others_go_on() {
    let bed = Bed::with("[limits]\ntree-depth-max = 20000\npage-seconds-max = 1\n");
    bed.drop("deep.html", format!("<html><body>{}Text.", "<div>".repeat(300_000)));
    bed.drop("page.html", page("Rain."));
    bed.once();
    let reason = bed.json("spool/failed/deep.html.reason.json");
    assert_eq!(reason["code"], "timed-out");
    assert_eq!(
        reason["message"],
        "the page took longer than it may (limits.page-seconds-max)"
    );
    assert_eq!(bed.files("done"), ["page.html"]);
    bed.assert_at_rest();
}

#[test]
fn a_page_that_is_nested_too_deep_gives_its_text_and_a_warning() {
    let bed = Bed::new();
    bed.drop(
        "deep.html",
        format!("<html><body><h1>Deep</h1>{}<p>Text.", "<div>".repeat(20_000)),
    );
    let log = log_of(&bed.once());
    assert_eq!(bed.read("spool/outbox/deep.txt"), "Deep\n\nText.\n");
    let warning = bed.json("spool/outbox/deep.meta.json")["warnings"][0].clone();
    let said = "parsed without a tree, by its tags alone, so that rules over elements and the generic cleaner did not \
                count: elements are nested deeper than 512 (limits.tree-depth-max)";
    assert_eq!(warning, said);
    assert!(log.contains(said), "{log}");
}

#[test]
fn a_file_is_left_alone_while_it_is_written() {
    let bed = Bed::new();
    let daemon = bed.start();
    let whole = page("Slowly written.");
    let (first, second) = whole.split_at(200);
    let mut file = fs::File::create(bed.inbox("slow.html")).unwrap();
    file.write_all(first.as_bytes()).unwrap();
    // Others come and go meanwhile, which takes longer than a file must stay the same.
    let began = Instant::now();
    let mut number = 0;
    while began.elapsed() < Duration::from_millis(900) {
        let name = format!("quick-{number}.html");
        bed.drop(&name, page("Quick."));
        wait("a quick page", || bed.exists(format!("spool/done/{name}")));
        number += 1;
    }
    assert!(bed.inbox("slow.html").exists());
    file.write_all(second.as_bytes()).unwrap();
    drop(file);
    assert!(bed.await_file("spool/outbox/slow.txt").contains("a second paragraph"));
    daemon.stop();
    bed.assert_at_rest();
}

#[test]
fn temporary_names_are_passed_over_until_they_get_their_own() {
    let bed = Bed::new();
    let daemon = bed.start();
    for name in ["page.html.part", ".page.html", "page.html~", "page.crdownload"] {
        bed.put(Path::new("spool/inbox").join(name), page("Draft."));
    }
    bed.put("spool/inbox/@eaDir/page.html", page("Foreign."));
    bed.drop("last.html", page("Last."));
    bed.await_file("spool/outbox/last.txt");
    fs::rename(bed.inbox("page.html.part"), bed.inbox("page.html")).unwrap();
    bed.await_file("spool/outbox/page.txt");
    daemon.stop();
    assert_eq!(
        bed.files("inbox"),
        [".page.html", "@eaDir/page.html", "page.crdownload", "page.html~"]
    );
    assert_eq!(bed.files("outbox").len(), 4);
}

#[test]
fn what_is_no_page_goes_to_failed_with_a_reason() {
    let bed = Bed::with("[limits]\npage-bytes-max = 100000\n");
    bed.drop("a/picture.html", b"\x89PNG\r\n\x1a\n0000")
        .drop("empty.html", "  \n")
        .drop("huge.html", vec![b'x'; 100_001]);
    let output = bed.once();
    let reason = bed.json("spool/failed/a/picture.html.reason.json");
    assert_eq!(reason["code"], "not-text");
    assert_eq!(reason["source"], "a/picture.html");
    assert_eq!(reason["attempts"], 1);
    assert_eq!(reason["sha256"].as_str().unwrap().len(), 64);
    assert!(reason["message"].as_str().unwrap().contains("PNG"), "{reason}");
    assert!(
        reason["first_seen"].is_string() && reason["last_seen"].is_string() && reason["version"].is_string(),
        "{reason}"
    );
    assert_eq!(bed.json("spool/failed/empty.html.reason.json")["code"], "empty");
    assert_eq!(bed.json("spool/failed/huge.html.reason.json")["code"], "too-large");
    assert!(bed.exists("spool/failed/a/picture.html") && bed.exists("spool/failed/huge.html"));
    assert!(log_of(&output).contains("code=\"not-text\""), "{}", log_of(&output));
    assert_eq!(bed.files("outbox"), Vec::<String>::new());
    bed.assert_at_rest();
}

#[test]
fn the_same_bad_page_again_does_not_overwrite_the_first() {
    let bed = Bed::new();
    bed.drop("x.html", "%PDF-1");
    bed.once();
    bed.drop("x.html", "%PDF-2");
    bed.once();
    assert_eq!(bed.read("spool/failed/x.html"), "%PDF-1");
    let failed = bed.files("failed");
    assert_eq!(failed.len(), 4, "{failed:?}");
    assert!(
        failed[1].starts_with("x.html.") && failed.contains(&format!("{}.reason.json", failed[1])),
        "{failed:?}"
    );
}

#[test]
fn links_and_pipes_are_refused_and_what_they_point_at_stays() {
    let bed = Bed::new();
    bed.put("secret.html", page("Secret."));
    std::os::unix::fs::symlink(bed.path("secret.html"), bed.inbox("link.html")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(bed.inbox("pipe.html"))
            .status()
            .unwrap()
            .success()
    );
    bed.once();
    assert_eq!(bed.json("spool/failed/link.html.reason.json")["code"], "not-a-file");
    let reason = bed.json("spool/failed/pipe.html.reason.json");
    assert!(reason["message"].as_str().unwrap().contains("a pipe"), "{reason}");
    assert!(bed.exists("secret.html"));
    assert_eq!(bed.files("outbox"), Vec::<String>::new());
    bed.assert_at_rest();
}

#[test]
fn a_sidecar_speaks_for_its_page_and_travels_with_it() {
    let bed = Bed::new();
    bed.put("rules/a.example.toml", RULES);
    let body = "<html><body><article><p>One of the paragraphs that are long enough to stay.</p><p>Buy our soap.</p></article></body></html>";
    bed.drop("x.html.meta.toml", "url = \"https://a.example/story\"\n")
        .drop("x.html", body);
    bed.drop("y.html.meta.toml", "urll = \"https://a.example/story\"\n")
        .drop("y.html", body);
    bed.once();
    let metadata = bed.json("spool/outbox/x.meta.json");
    assert_eq!(
        (&metadata["site"], &metadata["url"]),
        (&"a.example".into(), &"https://a.example/story".into())
    );
    assert_eq!(bed.files("done"), ["x.html", "x.html.meta.toml"]);
    let reason = bed.json("spool/failed/y.html.reason.json");
    assert_eq!(reason["code"], "bad-sidecar");
    assert!(
        reason["message"].as_str().unwrap().contains("did you mean `url`?"),
        "{reason}"
    );
    assert_eq!(
        bed.files("failed"),
        ["y.html", "y.html.meta.toml", "y.html.reason.json"]
    );
    bed.assert_at_rest();
}

#[test]
fn a_lone_sidecar_is_no_page() {
    let bed = Bed::new();
    bed.drop("x.html.meta.toml", "url = \"https://a.example/\"\n");
    assert!(bed.once().status.success());
    assert_eq!(bed.files("inbox"), ["x.html.meta.toml"]);
}

#[test]
fn changed_rules_count_at_once_and_broken_ones_not_at_all() {
    let bed = Bed::new();
    bed.put("rules/a.example.toml", RULES);
    let daemon = bed.start();
    let text_of = |name: &str| {
        bed.drop(format!("{name}.html"), page("Rain fell."));
        bed.await_file(&format!("spool/outbox/{name}.txt"))
    };
    assert!(!text_of("one").contains("soap"));
    let loads = || daemon.log().matches("rules loaded").count();
    let before = loads();
    bed.put("rules/a.example.toml", RULES.replace("soap", "shoes"));
    let changed = Instant::now();
    wait("the new rules", || loads() > before);
    assert!(changed.elapsed() < Duration::from_secs(1), "{:?}", changed.elapsed());
    assert!(text_of("two").contains("soap"));
    bed.put("rules/a.example.toml", RULES.replace("drop-line", "drop-lime"));
    wait("the fault to be told", || {
        daemon.log().contains("did you mean `drop-line`?")
    });
    assert!(text_of("three").contains("soap"));
    bed.put("rules/a.example.toml", RULES);
    let before = loads();
    wait("the mended rules", || loads() > before);
    assert!(!text_of("four").contains("soap"));
    let log = daemon.stop();
    assert!(
        log.contains("a.example.toml:4:1: error") && log.contains("last good version"),
        "{log}"
    );
}

#[test]
fn a_rules_folder_that_comes_later_is_read() {
    let bed = Bed::new();
    fs::remove_dir(bed.path("rules")).unwrap();
    let daemon = bed.start();
    bed.put("rules/a.example.toml", RULES);
    wait("the rules", || {
        daemon.log().matches("rules loaded").count() >= 2 || daemon.log().contains("files=1")
    });
    daemon.signal("HUP");
    wait("the reload", || daemon.log().contains("reading the rules again"));
    bed.drop("x.html", page("Rain."));
    assert!(!bed.await_file("spool/outbox/x.txt").contains("soap"));
}

#[test]
fn a_stop_finishes_what_was_begun_and_loses_nothing() {
    let bed = Bed::with("[workers]\ncount = 2\nqueue = 16\n");
    for number in 0..200 {
        bed.drop(format!("{number:03}.html"), page("Rain."));
    }
    let daemon = bed.start();
    wait("some pages", || bed.files("done").len() > 3);
    let log = daemon.stop();
    assert!(log.contains("stopping: no more pages are taken"), "{log}");
    assert_eq!(bed.files("work"), Vec::<String>::new());
    let (done, waiting) = (bed.files("done").len(), bed.files("inbox").len());
    assert_eq!(done + waiting, 200);
    assert_eq!(bed.files("outbox").len(), done * 2);
    assert!(bed.once().status.success());
    assert_eq!(bed.files("outbox").len(), 400);
    bed.assert_at_rest();
}

#[test]
fn a_stop_does_not_wait_longer_than_it_may_and_the_next_start_goes_on() {
    let bed = Bed::with("[limits]\ntree-depth-max = 20000\npage-seconds-max = 600\n[workers]\nshutdown-seconds = 0\n");
    let daemon = bed.start();
    bed.drop("deep.html", format!("<html><body>{}Text.", "<div>".repeat(12_000)));
    wait("the page to be begun", || {
        bed.files("work").iter().any(|path| path.ends_with("-1-deep.html"))
    });
    let asked = Instant::now();
    let log = daemon.stop();
    assert!(
        asked.elapsed() < Duration::from_secs(2) && log.contains("left=1"),
        "{log}"
    );
    assert!(bed.once().status.success());
    assert_eq!(bed.files("done"), ["deep.html"]);
    bed.assert_at_rest();
}

#[test]
fn kills_in_the_middle_of_the_work_lose_nothing_and_double_nothing() {
    let bed = Bed::with("[workers]\nqueue = 16\n");
    for number in 0..300 {
        bed.drop(format!("{}/{number:03}.html", number % 7), page("Rain."));
    }
    for round in 1..6 {
        let daemon = bed.start();
        wait("some more pages", || bed.files("done").len() >= round * 20);
        daemon.kill();
        for name in bed.files("outbox") {
            assert!(!bed.read(Path::new("spool/outbox").join(name)).is_empty());
        }
    }
    assert!(bed.once().status.success());
    assert_eq!(bed.files("done").len(), 300);
    assert_eq!(bed.files("outbox").len(), 600);
    assert_eq!(bed.files("failed"), Vec::<String>::new());
    bed.assert_at_rest();
}

#[test]
fn a_page_at_which_the_program_was_killed_too_often_goes_to_failed() {
    let bed = Bed::new();
    bed.put("spool/work/1732000000000-000001-3/a/poison.html", page("Poison."));
    bed.put("spool/work/1732000000000-000002-2/b/hapless.html", page("Hapless."));
    bed.put("spool/work/1732000000000-000003-0/c/waiting.html", page("Waiting."));
    bed.put("spool/tmp/half", "ha");
    bed.once();
    let reason = bed.json("spool/failed/a/poison.html.reason.json");
    assert_eq!((&reason["code"], &reason["attempts"]), (&"attempts".into(), &3.into()));
    assert_eq!(reason["first_seen"], "2024-11-19T07:06:40Z");
    assert_eq!(bed.files("done"), ["b/hapless.html", "c/waiting.html"]);
    bed.assert_at_rest();
}

#[test]
fn a_second_daemon_on_the_same_spool_is_refused() {
    let bed = Bed::new();
    let daemon = bed.start();
    let output = bed.once();
    assert!(!output.status.success());
    assert!(
        log_of(&output).contains(&format!("is in use by process {}", daemon.child.id())),
        "{}",
        log_of(&output)
    );
    bed.drop("x.html", page("Rain."));
    bed.await_file("spool/outbox/x.txt");
}

#[test]
fn an_outbox_in_the_inbox_is_refused() {
    let bed = Bed::with("[spool]\noutbox = \"inbox/out\"\n");
    let output = bed.once();
    assert!(!output.status.success());
    assert!(
        log_of(&output).contains("(spool.outbox) lies inside"),
        "{}",
        log_of(&output)
    );
}

#[test]
fn rules_in_the_inbox_are_refused() {
    let bed = Bed::with("[rules]\nfolder = \"spool/inbox/rules\"\n");
    let output = bed.once();
    assert!(!output.status.success());
    assert!(
        log_of(&output).contains("(rules.folder) lies inside"),
        "{}",
        log_of(&output)
    );
}

#[test]
fn an_inbox_without_events_is_scanned_at_short_intervals() {
    let bed = Bed::with("[spool]\nstable-ms = 50\npoll = \"always\"\npoll-seconds = 1\n");
    let daemon = bed.start();
    bed.drop("a/x.html", page("Rain."));
    bed.await_file("spool/outbox/a/x.txt");
    daemon.stop();
}

#[test]
fn an_outbox_that_is_gone_pauses_the_work_until_it_is_back() {
    let bed = Bed::new();
    let daemon = bed.start();
    fs::remove_dir(bed.path("spool/outbox")).unwrap();
    bed.drop("x.html", page("Rain."));
    wait("the pause", || daemon.log().contains("work is paused"));
    assert!(daemon.log().contains("spool/outbox is gone"), "{}", daemon.log());
    fs::create_dir(bed.path("spool/outbox")).unwrap();
    bed.await_file("spool/outbox/x.txt");
    wait("the end of the pause", || daemon.log().contains("the trouble is over"));
    daemon.stop();
    bed.assert_at_rest();
}

#[test]
fn a_page_that_somebody_takes_out_of_the_work_folder_holds_nobody_up() {
    let bed = Bed::new();
    bed.put("spool/work/1732000000000-000001-1/.keep/x.html", page("Rain."));
    fs::remove_file(bed.path("spool/work/1732000000000-000001-1/.keep/x.html")).unwrap();
    bed.drop("y.html", page("Rain."));
    assert!(bed.once().status.success());
    assert_eq!(bed.files("done"), ["y.html"]);
    bed.assert_at_rest();
}

#[test]
fn names_that_are_no_utf8_are_kept_to_the_byte() {
    let bed = Bed::new();
    let name = OsStr::from_bytes(b"caf\xe9.html");
    bed.drop(name, page("Coffee."));
    bed.drop("caf\u{fffd}.html", page("Tea."));
    let output = bed.once();
    assert!(output.status.success(), "{}", log_of(&output));
    let stem = bed.path("spool/outbox");
    assert!(
        fs::read_to_string(stem.join(OsStr::from_bytes(b"caf\xe9.txt")))
            .unwrap()
            .contains("Coffee.")
    );
    assert!(bed.read("spool/outbox/caf\u{fffd}.txt").contains("Tea."));
    let metadata = fs::read_to_string(stem.join(OsStr::from_bytes(b"caf\xe9.meta.json"))).unwrap();
    assert!(metadata.contains(r#""source": "caf\\xe9.html""#), "{metadata}");
    assert!(bed.path("spool/done").join(name).exists());
}

#[test]
fn long_names_and_names_with_tricks_get_through() {
    let bed = Bed::new();
    let long_name = "x".repeat(250) + ".html";
    let tricky = "a\nb\u{1b}[31m\u{202e}.html";
    bed.drop(&long_name, page("Long.")).drop(tricky, page("Tricky."));
    let output = bed.once();
    assert!(output.status.success(), "{}", log_of(&output));
    assert_eq!(bed.files("outbox").len(), 4);
    assert!(bed.exists(Path::new("spool/done").join(&long_name)));
    let log = log_of(&output);
    assert!(
        log.contains(r"a\u{a}b\u{1b}[31m\u{202e}.html") || log.contains(r"a\\u{a}b\\u{1b}[31m\\u{202e}.html"),
        "{log}"
    );
    assert!(!log.contains('\u{1b}') && !log.contains('\u{202e}'), "{log}");
}

#[test]
fn every_format_is_written_and_a_removed_page_is_gone() {
    let bed = Bed::with(
        "[spool]\nsettle-ms = 20\nafter-success = \"remove\"\n[output]\nformats = [\"txt\", \"md\", \"json\"]\n",
    );
    bed.drop("x.html", page("Rain."));
    assert!(bed.once().status.success());
    assert_eq!(bed.files("outbox"), ["x.json", "x.md", "x.meta.json", "x.txt"]);
    assert!(bed.read("spool/outbox/x.md").starts_with("# A title"));
    assert!(
        bed.json("spool/outbox/x.json")["text"]
            .as_str()
            .unwrap()
            .contains("Rain.")
    );
    assert_eq!(bed.files("done"), Vec::<String>::new());
    bed.assert_at_rest();
}

#[test]
fn a_replaced_inbox_is_watched_again() {
    let bed = Bed::new();
    let daemon = bed.start();
    fs::rename(bed.path("spool/inbox"), bed.path("old")).unwrap();
    fs::create_dir(bed.path("spool/inbox")).unwrap();
    wait("the new inbox to be noticed", || {
        daemon.log().contains("the inbox was replaced")
    });
    bed.drop("x.html", page("Rain."));
    bed.await_file("spool/outbox/x.txt");
}

#[test]
fn a_tree_that_is_moved_in_whole_is_found() {
    let bed = Bed::new();
    let daemon = bed.start();
    for number in 0..20 {
        bed.put(format!("tree/{}/{number}.html", number % 3), page("Rain."));
    }
    fs::rename(bed.path("tree"), bed.inbox("tree")).unwrap();
    wait("all pages", || bed.files("done").len() == 20);
    daemon.stop();
    assert_eq!(bed.files("outbox").len(), 40);
    bed.assert_at_rest();
}

#[test]
fn the_log_is_json_on_request() {
    let bed = Bed::with("[log]\nformat = \"json\"\n");
    bed.drop("x.html", page("Rain."));
    let log = log_of(&bed.once());
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let page = lines.iter().find(|line| line["message"] == "page delivered").unwrap();
    assert_eq!((&page["file"], &page["method"]), (&"x.html".into(), &"generic".into()));
    for field in ["identified_by", "rule_set", "kept_ratio", "ms"] {
        assert!(!page[field].is_null(), "{field}");
    }
}
