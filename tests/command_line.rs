//! The command line as people and scripts use it: what it prints, what it writes, how it ends.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and writes the files that it is about"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const DUMP: &str = "City\nEpaper\n\nBridge reopens after nine days\n\nBy ANI | Updated: March 5, 2025 23:59 IST\n\nThe bridge at Kolad was opened again on Wednesday.\n\nOpen in App\n\nA second paragraph follows.\n\nRelated Stories\n\nAnother story\n";

struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dehusk"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    fn piped(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn a_page_from_standard_input_is_printed_clean() {
    let output = Bench::new().piped(&["clean", "-"], DUMP.as_bytes());
    assert_eq!(
        printed(&output),
        "Bridge reopens after nine days\n\nThe bridge at Kolad was opened again on Wednesday.\n\nA second paragraph follows.\n"
    );
    assert_eq!(code(&output), 0);
}

#[test]
fn the_title_can_be_left_out_and_rules_switched_off() {
    let bench = Bench::new().file("a.txt", DUMP);
    assert!(printed(&bench.run(&["clean", "a.txt", "--no-title"])).starts_with("The bridge"));
    assert!(printed(&bench.run(&["clean", "a.txt", "--no-rules"])).contains("Open in App"));
}

#[test]
fn json_and_markdown_carry_the_metadata() {
    let bench = Bench::new().file("a.txt", DUMP);
    let page: Value = serde_json::from_str(&printed(&bench.run(&["clean", "a.txt", "--format", "json"]))).unwrap();
    assert_eq!(page.get("site"), Some(&Value::from("lokmattimes.com")));
    assert_eq!(page.get("author"), Some(&Value::from("ANI")));
    assert_eq!(page.get("date"), Some(&Value::from("2025-03-05T23:59:00+05:30")));
    let markdown = printed(&bench.run(&["clean", "a.txt", "--format", "md", "--front-matter"]));
    assert!(
        markdown.starts_with("---\n") && markdown.contains("\ntitle: \"Bridge reopens after nine days\"\n"),
        "{markdown}"
    );
    assert!(printed(&bench.run(&["clean", "a.txt", "--format", "md"])).starts_with("# Bridge reopens"));
}

#[test]
fn a_folder_is_mirrored_and_collisions_keep_the_full_name() {
    let page = "<html><body><article><p>A page with a sentence that is long enough to be kept, by any account.</p></article></body></html>";
    let bench = Bench::new()
        .file("in/a/page.html", page)
        .file("in/a/page.htm", page)
        .file("in/b.txt", DUMP)
        .file("in/.hidden.html", page);
    let output = bench.run(&["clean", "in", "--out", "out", "--metadata", "--format", "txt,json"]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    let mut names: Vec<String> = walk(&bench.path("out"));
    names.sort();
    let expected = [
        "a/page.html.json",
        "a/page.html.meta.json",
        "a/page.html.txt",
        "a/page.json",
        "a/page.meta.json",
        "a/page.txt",
        "b.json",
        "b.meta.json",
        "b.txt",
    ];
    assert_eq!(names, expected);
}

#[test]
fn nothing_that_is_there_is_overwritten_without_force() {
    let bench = Bench::new().file("in/a.txt", DUMP).file("out/a.txt", "mine");
    let output = bench.run(&["clean", "in", "--out", "out"]);
    assert_eq!(code(&output), 1);
    assert!(told(&output).contains("add --force to replace it"), "{}", told(&output));
    assert_eq!(bench.read("out/a.txt"), "mine");
    assert_eq!(code(&bench.run(&["clean", "in", "--out", "out", "--force"])), 0);
    assert!(bench.read("out/a.txt").starts_with("Bridge"));
}

#[test]
fn a_page_that_can_not_be_cleaned_is_named_and_the_others_go_on() {
    let bench = Bench::new()
        .file("in/bad.html", b"%PDF-1.7")
        .file("in/empty.txt", " ")
        .file("in/good.txt", DUMP);
    let output = bench.run(&["clean", "in", "--out", "out"]);
    assert_eq!(code(&output), 1);
    assert!(
        told(&output).contains("bad.html: the file is not text but looks like a PDF document"),
        "{}",
        told(&output)
    );
    assert!(told(&output).contains("empty.txt: the page is empty"));
    assert_eq!(walk(&bench.path("out")), ["good.txt"]);
}

#[test]
fn wrong_arguments_end_with_code_2_and_a_remedy() {
    let bench = Bench::new().file("in/a.txt", DUMP);
    for (arguments, remedy) in [
        (vec!["clean", "in"], "--out DIR"),
        (vec!["clean", "nothing", "--out", "out"], "no such file"),
        (vec!["clean"], "PATH"),
        (vec!["check", "nowhere"], "name a folder"),
    ] {
        let output = bench.run(&arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(told(&output).contains(remedy), "{arguments:?}: {}", told(&output));
    }
}

#[test]
fn explain_accounts_for_every_line() {
    let bench = Bench::new().file("a.txt", DUMP);
    let page: Value = serde_json::from_str(&printed(&bench.run(&["explain", "a.txt", "--json"]))).unwrap();
    let blocks = page.get("blocks").and_then(Value::as_array).unwrap();
    let lines: Vec<&str> = DUMP.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(blocks.len(), lines.len());
    for (block, line) in blocks.iter().zip(lines) {
        assert_eq!(block.get("text").and_then(Value::as_str), Some(line));
        let removed = block.get("fate") == Some(&Value::from("removed"));
        let rule = block.get("rule");
        assert_eq!(removed, rule.is_some(), "{block}");
        assert!(
            rule.is_none_or(|rule| rule.get("line").and_then(Value::as_u64).unwrap() > 0),
            "{block}"
        );
    }
}

#[test]
fn explain_tints_only_where_colours_are_wanted_and_hides_tricks_of_terminals() {
    let bench = Bench::new().file("a.txt", format!("{DUMP}\nRed \u{1b}[31m line\n"));
    let plain = printed(&bench.run(&["explain", "a.txt"]));
    assert!(
        plain.contains("config") || plain.contains("shipped/sites/lokmattimes.com.toml:"),
        "{plain}"
    );
    assert!(!plain.contains('\u{1b}'));
    assert!(printed(&bench.run(&["explain", "a.txt", "--color", "always"])).contains("\u{1b}[31m   10 - Open in App"));
}

#[test]
fn check_tells_every_fault_at_once() {
    let bench = Bench::new()
        .file(
            "rules/a.toml",
            "schema = 1\nsite = \"a.example\"\n[text]\ndrop-lime = [\"x\"]\n",
        )
        .file(
            "rules/b.toml",
            "schema = 1\nsite = \"b.example\"\n[html]\nstrip = [\"p:contains('x')\"]\n",
        );
    let output = bench.run(&["check"]);
    assert_eq!(code(&output), 1);
    let text = printed(&output);
    assert!(
        text.contains("rules/a.toml:4:1: error: unknown key `drop-lime` in `text`")
            && text.contains("did you mean `drop-line`?"),
        "{text}"
    );
    assert!(
        text.contains("rules/b.toml:4:10: error:") && text.contains("text = '…'"),
        "{text}"
    );
    assert!(text.contains("2 errors, 0 warnings"), "{text}");
    assert_eq!(code(&Bench::new().run(&["check"])), 0);
}

#[test]
fn rules_on_disk_count_and_a_file_of_the_same_site_replaces_the_shipped_one() {
    let bench = Bench::new().file("a.txt", DUMP).file(
        "rules/l.toml",
        "schema = 1\nsite = \"lokmattimes.com\"\n[match]\nall = [\"Epaper\"]\n[text]\ndrop-line = [\"A second *\"]\n",
    );
    let text = printed(&bench.run(&["clean", "a.txt"]));
    assert!(
        text.contains("Open in App") && !text.contains("second paragraph"),
        "{text}"
    );
}

#[test]
fn help_reads_like_a_manual_and_names_the_exit_codes() {
    let text = printed(&Bench::new().run(&["--help"]));
    for part in ["Usage:", "Examples:", "Exit codes:", "run", "clean", "explain", "check"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_broken_configuration_is_told_with_its_place() {
    let bench = Bench::new()
        .file("dehusk.toml", "[spool]\nfolder = 3\nsettle-ns = 1\n")
        .file("a.txt", DUMP);
    let output = bench.run(&["clean", "a.txt"]);
    assert_eq!(code(&output), 2);
    assert!(
        told(&output).contains("dehusk.toml:2:10") && told(&output).contains("did you mean `settle-ms`?"),
        "{}",
        told(&output)
    );
}

#[test]
fn the_founding_documents_are_exact() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/seeds");
    let Ok(entries) = fs::read_dir(&seeds) else {
        println!("skipped: {} is absent", seeds.display());
        return;
    };
    let mut count = 0;
    for folder in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        let input = folder.join("input.txt").display().to_string();
        let bench = Bench::new();
        assert_eq!(
            printed(&bench.run(&["clean", &input])),
            fs::read_to_string(folder.join("expected.txt")).unwrap(),
            "{input}"
        );
        let found: Value = serde_json::from_str(&printed(&bench.run(&["clean", &input, "--format", "json"]))).unwrap();
        let expected: Value = serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(found.get(key), Some(value), "{input}: {key}");
        }
        count += 1;
    }
    assert_eq!(count, 5);
}

/// The files below a folder, by their paths in it.
fn walk(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.extend(walk(&path).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            found.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[test]
fn check_prints_faults_for_editors() {
    let bench = Bench::new().file(
        "rules/a.toml",
        "schema = 1\nsite = \"a.example\"\n[text]\ndrop-lime = [\"x\"]\n",
    );
    let output = bench.run(&["check", "--json"]);
    assert_eq!(code(&output), 1);
    let faults: Value = serde_json::from_str(&printed(&output)).unwrap();
    let fault = faults.get(0).unwrap();
    assert_eq!(fault.get("line"), Some(&Value::from(4)));
    assert_eq!(fault.get("column"), Some(&Value::from(1)));
    assert_eq!(fault.get("help"), Some(&Value::from("did you mean `drop-line`?")));
}

#[test]
fn a_folder_of_trial_rules_takes_the_place_of_the_files_for_the_same_site() {
    let rule = |line: &str| format!("schema = 1\nsite = \"a.example\"\n[text]\ndrop-line = [\"{line}\"]\n");
    let bench = Bench::new()
        .file("rules/a.toml", rule("One line."))
        .file("trial/a.toml", rule("Two lines."))
        .file("a.example.txt", "Title\nOne line.\nTwo lines.");
    assert_eq!(
        printed(&bench.run(&["clean", "a.example.txt"])),
        "Title\n\nTwo lines.\n"
    );
    assert_eq!(
        printed(&bench.run(&["clean", "a.example.txt", "--rules", "trial"])),
        "Title\n\nOne line.\n"
    );
}

#[test]
fn a_switched_off_file_switches_off_what_ships_and_a_draft_counts_where_it_is_asked_for() {
    let off = "schema = 1\nsite = \"lokmattimes.com\"\nstatus = \"off\"\n";
    let bench = Bench::new().file("rules/l.toml", off).file("a.txt", DUMP);
    assert!(printed(&bench.run(&["clean", "a.txt"])).contains("Open in App"));
    let draft = "schema = 1\nsite = \"a.example\"\nstatus = \"draft\"\n[text]\ndrop-line = [\"One line.\"]\n";
    let bench = Bench::new()
        .file("rules/a.toml", draft)
        .file("a.example.txt", "Title\nOne line.\nTwo lines.");
    assert!(printed(&bench.run(&["clean", "a.example.txt"])).contains("One line."));
    assert!(!printed(&bench.run(&["clean", "a.example.txt", "--drafts"])).contains("One line."));
}

#[test]
fn pages_are_cleaned_again_after_a_change_of_rules() {
    let rule = |line: &str| format!("schema = 1\nsite = \"a.example\"\n[text]\ndrop-line = [\"{line}\"]\n");
    let bench = Bench::new()
        .file("rules/a.toml", rule("One line."))
        .file("spool/inbox/a.example/x.txt", "Title\nOne line.\nTwo lines.");
    assert_eq!(code(&bench.run(&["run", "--once"])), 0);
    assert_eq!(bench.read("spool/outbox/a.example/x.txt"), "Title\n\nTwo lines.\n");
    fs::write(bench.path("rules/a.toml"), rule("Two lines.")).unwrap();
    assert!(printed(&bench.run(&["rerun", "a.example"])).starts_with("1 pages"));
    assert_eq!(code(&bench.run(&["run", "--once"])), 0);
    assert_eq!(bench.read("spool/outbox/a.example/x.txt"), "Title\n\nOne line.\n");
    assert_eq!(walk(&bench.path("spool/outbox")).len(), 2);
}

#[test]
fn held_pages_and_drift_are_told() {
    let rules = "schema = 1\nsite = \"a.example\"\n[text]\ndrop-line = [\"Menu\"]\n[expect]\nmust-fire = [\"text.drop-line\"]\non-drift = \"hold\"\n[[skip]]\nline = \"Sponsored\"\nto = \"ads\"\n";
    let mut bench = Bench::new()
        .file("rules/a.toml", rules)
        .file("spool/inbox/a.example/ad.txt", "Title\nMenu\nSponsored\nText.");
    for number in 0..4 {
        bench = bench.file(
            &format!("spool/inbox/a.example/{number}.txt"),
            "Title\nNavigation\nText.",
        );
    }
    assert_eq!(code(&bench.run(&["run", "--once"])), 0);
    assert!(walk(&bench.path("spool/held")).contains(&"ads/a.example/ad.txt".to_owned()));
    assert!(
        walk(&bench.path("spool/held"))
            .iter()
            .any(|name| name.starts_with("drift/a.example/"))
    );
    let output = bench.run(&["drift"]);
    assert_eq!(code(&output), 1);
    assert!(printed(&output).contains("fall short"), "{}", printed(&output));
}

#[test]
fn a_draft_from_samples_passes_check_and_its_own_test() {
    let page = |number: usize| {
        let text = "A sentence of the story, with commas, that goes on for a while, as sentences do. ".repeat(4);
        format!(
            "<html><head><link rel=canonical href='https://gazette.example/{number}'><title>Story {number}</title></head><body><nav><a href=/>Home</a></nav><article><h1>Story {number}</h1><p>{text}</p><p>{number} {text}</p></article></body></html>"
        )
    };
    let bench = Bench::new()
        .file("rules/one.html", page(1))
        .file("rules/two.html", page(2));
    let output = bench.run(&[
        "new",
        "rules/one.html",
        "rules/two.html",
        "--out",
        "rules/gazette.example.toml",
    ]);
    assert_eq!(code(&output), 0, "{}", told(&output));
    assert_eq!(code(&bench.run(&["check"])), 0, "{}", printed(&bench.run(&["check"])));
    let output = bench.run(&["test"]);
    assert!(
        printed(&output).ends_with("1 passed, 0 failed\n"),
        "{}",
        printed(&output)
    );
}
