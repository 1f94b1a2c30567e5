//! `dehusk pipe` as engines and scripts use it: lines in, records out.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may panic, and writes the files that it is about"
)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a record may take to come before a test fails: only a hang takes so long.
const PATIENCE: Duration = Duration::from_mins(2);

const RULES: &str = "schema = 1\nsite = \"a.example\"\n[html]\nstrip = [\".soap\"]\n";

/// A page, each with its own words.
fn page(number: usize) -> String {
    format!(
        "<!doctype html><html lang=en><head><title>Page {number}</title></head><body><article><h1>Page {number}</h1><p>The bridge number \
         {number} was opened again on Wednesday, after nine days of work on its bearings.</p><p class=soap>Buy soap number \
         {number}, it is the best soap that there is in town.</p><p>Drivers had to take the road through the village in the \
         meantime, as “everybody” knows.</p></article></body></html>"
    )
}

fn line(number: usize) -> String {
    json!({ "id": number, "html": page(number), "url": "https://a.example/x" }).to_string()
}

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("dehusk.toml"), "").unwrap();
        fs::create_dir(folder.path().join("rules")).unwrap();
        fs::write(folder.path().join("rules/a.toml"), RULES).unwrap();
        Self { folder }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dehusk"));
        command
            .arg("pipe")
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        answered(self.command(arguments), input)
    }

    /// The records of an input that is answered without a word on standard error.
    fn records(&self, arguments: &[&str], input: &str) -> Vec<Value> {
        let output = self.run(arguments, input.as_bytes());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert!(output.status.success());
        read(&output.stdout)
    }
}

fn read(output: &[u8]) -> Vec<Value> {
    assert!(output.is_empty() || output.ends_with(b"\n"));
    let lines = std::str::from_utf8(output).unwrap().lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Writes all of the input while somebody else reads.
fn answered(mut command: Command, input: &[u8]) -> Output {
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        // Who ends early does not read all.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    })
}

/// A caller that writes a line and waits for its record.
struct Caller {
    child: Child,
    stdin: Option<ChildStdin>,
    records: Receiver<String>,
}

impl Caller {
    fn new(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let stdout: ChildStdout = child.stdout.take().unwrap();
        let (sender, records) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            records,
        }
    }

    fn write(&mut self, text: &str) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(text.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }

    fn record(&self) -> Value {
        serde_json::from_str(&self.records.recv_timeout(PATIENCE).expect("the record does not come")).unwrap()
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        drop(self.stdin.take());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn every_line_gives_one_record_in_order_with_the_text_that_clean_prints() {
    let bench = Bench::new();
    let input: String = (0..40).map(|number| line(number) + "\n").collect();
    for jobs in ["1", "4"] {
        let records = bench.records(&["--jobs", jobs], &input);
        let ids: Vec<u64> = records.iter().map(|record| record["id"].as_u64().unwrap()).collect();
        assert_eq!(ids, (0..40).collect::<Vec<u64>>());
        fs::write(bench.folder.path().join("page.html"), page(7)).unwrap();
        let mut clean = Command::new(env!("CARGO_BIN_EXE_dehusk"));
        let clean = clean.args(["clean", "page.html", "--url", "https://a.example/x"]);
        let printed = clean.current_dir(bench.folder.path()).output().unwrap().stdout;
        assert_eq!(records[7]["text"].as_str().unwrap().as_bytes(), printed);
        assert!(!records[7]["text"].as_str().unwrap().contains("soap"));
        assert_eq!(records[7]["metadata"]["site"], "a.example");
        assert_eq!(records[7]["dehusk"]["version"], env!("CARGO_PKG_VERSION"));
        assert_eq!(records[7]["dehusk"]["rules"].as_str().unwrap().len(), 64);
        assert_eq!(records[7]["dehusk"], records[8]["dehusk"]);
    }
}

#[test]
fn a_caller_that_waits_for_every_record_gets_it() {
    let bench = Bench::new();
    for jobs in ["1", "4"] {
        let mut caller = Caller::new(bench.command(&["--jobs", jobs]));
        for number in 0..5 {
            caller.write(&(line(number) + "\n"));
            assert_eq!(caller.record()["id"], number);
        }
        // A line and a half: the first must not wait for the rest of the second.
        let second = line(6);
        let (head, tail) = second.split_at(20);
        caller.write(&format!("{}\n{head}", line(5)));
        assert_eq!(caller.record()["id"], 5);
        caller.write(tail);
        drop(caller.stdin.take());
        assert_eq!(caller.record()["id"], 6, "the last line may lack its end");
        assert!(caller.child.wait().unwrap().success());
    }
}

#[test]
fn a_caller_that_only_writes_is_made_to_wait() {
    let bench = Bench::new();
    let mut child = bench.command(&["--jobs", "2"]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let filler = "x".repeat(1024 * 1024);
    let text = json!({ "id": 1, "html": "<p>x</p>", "filler": filler }).to_string() + "\n";
    // Far more than is ever held: the writer must be stopped until somebody reads.
    let (sender, written) = channel();
    let writer = thread::spawn(move || {
        for _ in 0..60 {
            stdin.write_all(text.as_bytes()).unwrap();
        }
        sender.send(()).unwrap();
    });
    assert!(
        written.recv_timeout(Duration::from_secs(5)).is_err(),
        "everything was taken in unread"
    );
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    writer.join().unwrap();
    assert_eq!(read(&output).len(), 60);
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_is_passed_on_stays_byte_for_byte() {
    let bench = Bench::new();
    let rest = r#""big":123456789012345678901234567890,"float":1.10e+02,"esc":"\u00e9\/\ud83d","nest":{ "a" :[1 ,2 ] },"id":0.10"#;
    let html = serde_json::to_string(&page(1)).unwrap();
    let output = bench.run(&[], format!("{{\"html\":{html},{rest}}}\r\n").as_bytes());
    let record = String::from_utf8(output.stdout).unwrap();
    assert!(
        record.starts_with(&format!("{{{rest},\"text\":\"Page 1\\n\\nThe bridge")),
        "{record}"
    );
}

#[test]
fn whatever_a_line_holds_costs_itself_alone() {
    let bench = Bench::new();
    let lines: [(&[u8], &str, Value); 8] = [
        (b"", "bad-json", Value::Null),
        (b"{\"id\":\"half\",\"html\":\"<p", "bad-json", json!("half")),
        (b"{\"id\":2,\"html\":\"\xe9\"}", "bad-json", json!(2)),
        (b"{\"id\":3}", "no-page", json!(3)),
        (b"{\"id\":4,\"html\":\"  \"}", "empty", json!(4)),
        (
            b"{\"id\":5,\"html\":\"<!-- dehusk-poison: panic -->\"}",
            "panic",
            json!(5),
        ),
        (b"{\"id\":6,\"html_b64\":\"%\"}", "bad-base64", json!(6)),
        (b"[]", "bad-json", Value::Null),
    ];
    let mut input = Vec::new();
    for (text, _, _) in &lines {
        input.extend_from_slice(text);
        input.extend_from_slice(format!("\n{}\n", line(9)).as_bytes());
    }
    for jobs in ["1", "4"] {
        let output = answered(bench.command(&["--jobs", jobs]), &input);
        assert!(output.status.success() && output.stderr.is_empty());
        let records = read(&output.stdout);
        assert_eq!(records.len(), lines.len() * 2);
        for ((_, code, id), pair) in lines.iter().zip(records.chunks(2)) {
            assert_eq!((&pair[0]["error"]["code"], &pair[0]["id"]), (&json!(code), id));
            assert_eq!(pair[0]["dehusk"], pair[1]["dehusk"]);
            assert_eq!((&pair[1]["id"], pair[1].get("error")), (&json!(9), None));
        }
    }
}

#[test]
fn a_page_without_end_is_given_up_and_the_others_are_not() {
    let bench = Bench::new();
    let hanging = json!({ "id": "hangs", "html": "<!-- dehusk-poison: stuck -->", "more": 1 }).to_string();
    let input = format!("{}\n{hanging}\n{}\n{}\n", line(1), line(2), line(3));
    for jobs in ["1", "2"] {
        let command = bench.command(&["--jobs", jobs, "--page-seconds", "5"]);
        let records = read(&answered(command, input.as_bytes()).stdout);
        let ids: Vec<&Value> = records.iter().map(|record| &record["id"]).collect();
        assert_eq!(ids, [&json!(1), &json!("hangs"), &json!(2), &json!(3)]);
        assert_eq!(
            (&records[1]["error"]["code"], &records[1]["more"]),
            (&json!("timed-out"), &json!(1))
        );
        assert_eq!(records[2].get("error"), None);
    }
}

#[test]
fn pages_in_other_charsets_come_as_base64() {
    let bench = Bench::new();
    let (head, text) = ("<!doctype html><meta charset=windows-1251><title>", "Мост открыт");
    let (page, _, _) = encoding_rs::WINDOWS_1251.encode(text);
    let bytes = [head.as_bytes(), &page, b"</title><p>", &page, b" ", &page, b"."].concat();
    let input = json!({ "id": 1, "html_b64": base64(&bytes) }).to_string();
    let records = bench.records(&[], &input);
    assert_eq!(records[0]["metadata"]["title"], text);
    assert_eq!(records[0]["metadata"]["charset"], "windows-1251");
    assert_eq!(records[0].get("html_b64"), None);
    // A transport header goes before what the page declares.
    let (page, _, _) = encoding_rs::KOI8_R.encode(text);
    let bytes = [head.as_bytes(), &page, b"</title><p>", &page].concat();
    let input = json!({ "html_b64": base64(&bytes), "cs": "koi8-r" }).to_string();
    let records = bench.records(&["--charset-field", "cs"], &input);
    assert_eq!(
        (&records[0]["metadata"]["title"], &records[0]["cs"]),
        (&json!(text), &json!("koi8-r"))
    );
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes.chunks(3).map(|group| {
        let bits = group.iter().fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        let digit = |at: usize| char::from(ALPHABET[bits >> (18 - 6 * at) & 63]);
        (0..4)
            .map(|at| if at <= group.len() { digit(at) } else { '=' })
            .collect::<String>()
    });
    groups.collect()
}

#[test]
fn large_lines_pass_and_too_large_ones_are_told() {
    let bench = Bench::new();
    fs::write(
        bench.folder.path().join("dehusk.toml"),
        "[limits]\npage-bytes-max = 100000\n",
    )
    .unwrap();
    let large = "x".repeat(10 * 1024 * 1024);
    let lines = [
        json!({ "id": 1, "html": page(1), "raw": large }),
        json!({ "id": 2, "html": large }),
        json!({ "id": 3, "html": page(3), "raw": [large, large] }),
        json!({ "id": 4, "html": page(4) }),
    ];
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let records = bench.records(&["--jobs", "2"], &input);
    assert_eq!(
        (
            records[0]["raw"].as_str().map(str::len),
            &records[0]["metadata"]["title"]
        ),
        (Some(large.len()), &json!("Page 1"))
    );
    assert_eq!(
        (&records[1]["id"], &records[1]["error"]["code"]),
        (&json!(2), &json!("too-large"))
    );
    assert_eq!(
        (&records[2]["id"], &records[2]["error"]["code"]),
        (&json!(3), &json!("line-too-long"))
    );
    assert_eq!((&records[3]["id"], records[3].get("error")), (&json!(4), None));
}

#[test]
fn presets_and_names_put_everything_where_it_belongs() {
    let bench = Bench::new();
    let metadata = json!({ "url": "https://a.example/x", "date": "2024-05-01" });
    let document = json!({ "text": page(1), "id": "d/1", "media": [], "metadata": metadata }).to_string();
    for preset in ["datatrove", "dolma"] {
        let records = bench.records(&["--preset", preset], &document);
        assert!(records[0]["text"].as_str().unwrap().starts_with("Page 1\n\nThe bridge"));
        assert_eq!(records[0]["metadata"]["date"], "2024-05-01");
        assert_eq!(records[0]["metadata"]["page"]["site"], "a.example");
        let names: Vec<&String> = records[0].as_object().unwrap().keys().collect();
        assert_eq!(names, ["id", "media", "metadata", "text"]);
    }
    let crawled =
        json!({ "url": "https://a.example/x", "warc_id": "w", "source_id": "s", "content": page(2) }).to_string();
    let records = bench.records(
        &["--preset", "nemo-curator", "--columns", "title", "--no-title"],
        &crawled,
    );
    assert_eq!(
        (&records[0]["language"], &records[0]["title"]),
        (&json!("en"), &json!("Page 2"))
    );
    assert!(records[0]["text"].as_str().unwrap().starts_with("The bridge"));
    let named = json!({ "key": 1, "raw": page(3), "at": { "url": "https://a.example/y" } }).to_string();
    let arguments = "--id-field key --html-field raw --url-field /at/url --text-field body --metadata-field /at/page --made-by-field \
                     by --error-field why --keep-html --removals --format md";
    let arguments: Vec<&str> = arguments.split_whitespace().collect();
    let records = bench.records(&arguments, &format!("{named}\n{{}}\n"));
    assert!(records[0]["body"].as_str().unwrap().starts_with("# Page 3"));
    assert_eq!(
        (&records[0]["at"]["page"]["title"], &records[0]["raw"]),
        (&json!("Page 3"), &json!(page(3)))
    );
    let removed = records[0]["removals"]
        .as_array()
        .unwrap()
        .iter()
        .find(|block| block["fate"] == "removed")
        .unwrap();
    assert_eq!(removed["rule"]["file"], "a.toml");
    assert_eq!(
        (&records[1]["key"], &records[1]["why"]["code"]),
        (&Value::Null, &json!("no-page"))
    );
}

#[test]
fn what_can_not_work_ends_at_once_and_says_why() {
    let bench = Bench::new();
    let refused = |arguments: &[&str], why: &str| {
        let output = bench.run(arguments, b"{}\n");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{told}");
        assert!(told.contains(why), "{told}");
    };
    refused(&["--rules", "nowhere"], "there is no such folder or bundle");
    refused(&["--text-field", "metadata"], "can't both stand at");
    refused(
        &["--keep-html", "--preset", "dolma"],
        "--keep-html needs another --text-field",
    );
    refused(&["--url-field", "/a/b/c"], "/metadata/url");
    refused(&["--preset", "gluten"], "nemo-curator");
    refused(&["--jobs", "0"], "1..=1024");
    fs::write(bench.folder.path().join("rules/b.toml"), "schema = 1\nsiet = \"b\"\n").unwrap();
    refused(&[], "b.toml:2:1: error: unknown key `siet`");
}

#[test]
fn it_is_silent_unless_it_is_asked_to_tell() {
    let bench = Bench::new();
    let output = bench.run(&["--verbose"], format!("{}\n{{\"id\":1}}\n", line(1)).as_bytes());
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("line 2: no-page: ") && told.ends_with("2 lines, 1 of them without a text\n"),
        "{told}"
    );
    assert_eq!(bench.records(&[], "").len(), 0);
}

#[test]
fn it_ends_when_nobody_reads_any_more() {
    let bench = Bench::new();
    let mut child = bench.command(&[]).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    drop(child.stdout.take());
    stdin.write_all(format!("{}\n", line(1)).as_bytes()).unwrap();
    // Its input stays open: it must not wait for it.
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(1));
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(told, "");
}
