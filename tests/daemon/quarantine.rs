//! Dead letters: looked at, tried again and deleted through the command line, also while the daemon runs.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::bed::{Bed, log_of, page, wait};

/// What can't be cleaned.
const BAD: &str = "%PDF-1.4\nline \u{1b}[31mtwo\n";

fn quarantine(bed: &Bed, arguments: &[impl AsRef<OsStr>]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dehusk"))
        .arg("quarantine")
        .args(arguments)
        .arg("--config")
        .arg(bed.path("dehusk.toml"))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn names(bed: &Bed) -> Vec<String> {
    let rows: Value = serde_json::from_slice(&quarantine(bed, &["list", "--json"]).stdout).unwrap();
    let mut names: Vec<String> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// A bed with three pages that failed: one in a sub-folder with a sidecar, one with a name of raw bytes.
fn bed() -> Bed {
    let bed = Bed::new();
    bed.drop("a/b/x.html.meta.toml", "charset = \"utf-8\"\n")
        .drop("a/b/x.html", BAD)
        .drop("empty.html", " ")
        .drop(OsStr::from_bytes(b"caf\xe9\x1b.html"), BAD);
    bed.once();
    assert_eq!(names(&bed), ["a/b/x.html", "caf\\xe9\\u{1b}.html", "empty.html"]);
    bed
}

#[test]
fn dead_letters_are_listed_with_age_code_attempts_and_name() {
    let bed = bed();
    let table = printed(&quarantine(&bed, &["list"]));
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("AGE"), "{table}");
    assert_eq!(lines.len(), 4, "{table}");
    let line = lines.iter().find(|line| line.ends_with("  a/b/x.html")).unwrap();
    let cells: Vec<&str> = line.split_whitespace().skip(2).collect();
    assert_eq!(cells, ["not-text", "-", "1", "a/b/x.html"]);
    assert!(
        table.contains("caf\\xe9\\u{1b}.html") && !table.contains('\u{1b}'),
        "{table}"
    );
    let empty = printed(&quarantine(&bed, &["list", "--code", "empty"]));
    assert!(empty.contains("empty.html") && !empty.contains("x.html"), "{empty}");
    let none = printed(&quarantine(&bed, &["list", "--site", "a.example"]));
    assert_eq!(none, "no pages are in quarantine\n");
    let rows: Value = serde_json::from_slice(&quarantine(&bed, &["list", "--json", "--code", "empty"]).stdout).unwrap();
    assert_eq!(rows[0]["source"], "empty.html");
    assert_eq!((&rows[0]["bytes"], &rows[0]["attempts"]), (&1.into(), &1.into()));
    assert_eq!(
        printed(&quarantine(&Bed::new(), &["list"])),
        "no pages are in quarantine\n"
    );
}

#[test]
fn more_dead_letters_than_are_sorted_are_listed_all_the_same_each_once() {
    let count = 10_050;
    let bed = Bed::new();
    let folder = bed.path("spool/failed/many");
    fs::create_dir_all(&folder).unwrap();
    for number in 0..count {
        fs::write(folder.join(format!("{number:05}.html")), "").unwrap();
    }
    let expected: Vec<String> = (0..count).map(|number| format!("many/{number:05}.html")).collect();
    assert_eq!(names(&bed), expected);
    let table = printed(&quarantine(&bed, &["list"]));
    let mut listed: Vec<&str> = table
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().last())
        .collect();
    listed.sort_unstable();
    assert_eq!(listed, expected);
}

#[test]
fn a_dead_letter_is_shown_with_its_reason_in_words_and_its_head_without_tricks() {
    let bed = bed();
    let shown = printed(&quarantine(&bed, &["show", "a/b/x.html"]));
    for part in [
        "why",
        "PDF",
        "not-text",
        "1 times",
        "| %PDF-1.4\n",
        "| line \\u{1b}[31mtwo",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains('\u{1b}'));
    let missing = quarantine(&bed, &["show", "no.html"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(log_of(&missing).contains("no page of that name is in quarantine"));
}

#[test]
fn pages_go_back_to_their_folders_with_their_sidecars_and_fail_or_pass_anew() {
    let bed = bed();
    let output = quarantine(
        &bed,
        &[
            OsStr::new("retry"),
            OsStr::from_bytes(b"caf\xe9\x1b.html"),
            OsStr::new("a/b/x.html"),
        ],
    );
    assert!(output.status.success(), "{}", log_of(&output));
    assert!(printed(&output).starts_with("2 pages are in the inbox again, 0 stay"));
    assert!(bed.inbox(OsStr::from_bytes(b"caf\xe9\x1b.html")).exists());
    assert_eq!(bed.files("inbox").len(), 3);
    assert!(bed.inbox("a/b/x.html.meta.toml").exists());
    assert_eq!(bed.files("failed"), ["empty.html", "empty.html.reason.json"]);
    // The emptied folders are gone too.
    assert!(!bed.exists("spool/failed/a"));
    fs::write(bed.inbox("a/b/x.html"), page("Rain.")).unwrap();
    bed.once();
    assert!(bed.read("spool/outbox/a/b/x.txt").contains("Rain."));
    assert_eq!(names(&bed), ["caf\\xe9\\u{1b}.html", "empty.html"]);
    bed.assert_at_rest();
}

#[test]
fn a_page_that_got_another_name_goes_back_under_its_own_and_never_over_one_that_is_there() {
    let bed = Bed::new();
    for text in ["%PDF-1", "%PDF-2"] {
        bed.drop("x.html", text);
        bed.once();
    }
    let both = names(&bed);
    assert!(both[0] == "x.html" && both[1].starts_with("x.html."), "{both:?}");
    let other = quarantine(&bed, &["retry", &both[1]]);
    assert!(other.status.success(), "{}", log_of(&other));
    assert_eq!(bed.read("spool/inbox/x.html"), "%PDF-2");
    let taken = quarantine(&bed, &["retry", "--all"]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(log_of(&taken).contains("there is another page"), "{}", log_of(&taken));
    assert_eq!(bed.read("spool/inbox/x.html"), "%PDF-2");
    assert_eq!(bed.read("spool/failed/x.html"), "%PDF-1");
    assert!(bed.exists("spool/failed/x.html.reason.json"));
}

#[test]
fn a_running_daemon_takes_retried_pages_with_a_fresh_count_of_attempts() {
    let bed = Bed::new();
    // What looks like a page at which the program was killed twice.
    bed.put("spool/work/1700000000000-000000-3/x.html", page("Rain."));
    let daemon = bed.start();
    wait("the page to fail", || bed.exists("spool/failed/x.html"));
    assert_eq!(bed.json("spool/failed/x.html.reason.json")["code"], "attempts");
    let output = quarantine(&bed, &["retry", "--all", "--code", "attempts"]);
    assert!(output.status.success(), "{}", log_of(&output));
    assert!(bed.await_file("spool/outbox/x.txt").contains("Rain."));
    wait("the page to be done", || bed.exists("spool/done/x.html"));
    daemon.kill();
    assert_eq!(bed.files("failed"), Vec::<String>::new());
    bed.assert_at_rest();
}

#[test]
fn dropped_pages_are_gone_and_somebody_has_to_agree() {
    let bed = bed();
    let unasked = quarantine(&bed, &["drop", "--all"]);
    assert_eq!(unasked.status.code(), Some(2));
    assert!(log_of(&unasked).contains("add --yes"), "{}", log_of(&unasked));
    assert_eq!(names(&bed).len(), 3);
    let some = quarantine(&bed, &["drop", "--yes", "--all", "--code", "not-text"]);
    assert_eq!(printed(&some), "2 pages are deleted\n");
    assert_eq!(bed.files("failed"), ["empty.html", "empty.html.reason.json"]);
    let unknown = quarantine(&bed, &["drop", "--yes", "empty.html", "no.html"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert_eq!(printed(&unknown), "1 pages are deleted\n");
    assert_eq!(bed.files("failed"), Vec::<String>::new());
    assert_eq!(quarantine(&bed, &["drop"]).status.code(), Some(2));
}

#[test]
fn a_kill_at_any_turn_of_a_retry_loses_nothing_and_the_same_again_ends_it() {
    for turn in ["renameat2", "unlink", "rmdir"] {
        for number in 1..10 {
            let bed = Bed::new();
            bed.drop("a/x.html.meta.toml", "charset = \"utf-8\"\n")
                .drop("a/x.html", BAD);
            bed.once();
            let fault = format!("inject={turn}:signal=KILL:when={number}");
            let mut command = Command::new("strace");
            command.args(["-f", "-qq", "-o", "/dev/null", "-e", &fault]);
            command.arg(env!("CARGO_BIN_EXE_dehusk"));
            command
                .args(["quarantine", "retry", "--all", "--config"])
                .arg(bed.path("dehusk.toml"));
            let Some(output) = command
                .output()
                .ok()
                .filter(|output| !log_of(output).contains("PTRACE"))
            else {
                drop(writeln!(
                    std::io::stderr(),
                    "skipped: strace is not installed or not allowed here"
                ));
                return;
            };
            let when = format!("{turn} {number}");
            if output.status.success() {
                assert!(number > 1, "{when} never happened");
                break;
            }
            let places = [bed.exists("spool/inbox/a/x.html"), bed.exists("spool/failed/a/x.html")];
            assert_eq!(places.iter().filter(|there| **there).count(), 1, "{when}");
            assert!(quarantine(&bed, &["retry", "--all"]).status.success(), "{when}");
            assert_eq!(bed.files("inbox"), ["a/x.html", "a/x.html.meta.toml"], "{when}");
            assert_eq!(bed.files("failed"), Vec::<String>::new(), "{when}");
        }
    }
}

#[test]
fn the_reason_of_a_page_that_is_just_coming_is_left_alone() {
    let bed = Bed::new();
    bed.put(
        "spool/failed/x.html.reason.json",
        "{\"claim\": \"1700000000000-000000\"}",
    )
    .put("spool/work/1700000000000-000000-1/x.html", BAD);
    assert_eq!(names(&bed), Vec::<String>::new());
    assert!(quarantine(&bed, &["drop", "--all", "--yes"]).status.success());
    assert!(bed.exists("spool/failed/x.html.reason.json"));
    fs::remove_dir_all(bed.path("spool/work/1700000000000-000000-1")).unwrap();
    assert_eq!(names(&bed), ["x.html"]);
    assert!(printed(&quarantine(&bed, &["list"])).contains("x.html (the page is gone)"));
    assert!(quarantine(&bed, &["retry", "x.html"]).status.success());
    assert_eq!(bed.files("failed"), Vec::<String>::new());
}

#[test]
fn a_link_in_the_inbox_leads_no_page_astray() {
    let bed = bed();
    fs::create_dir(bed.path("elsewhere")).unwrap();
    fs::remove_dir_all(bed.inbox("a")).unwrap_or_default();
    std::os::unix::fs::symlink(bed.path("elsewhere"), bed.inbox("a")).unwrap();
    let output = quarantine(&bed, &["retry", "a/b/x.html"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(bed.exists("spool/failed/a/b/x.html") && bed.exists("spool/failed/a/b/x.html.reason.json"));
    let arguments: [OsString; 2] = ["list".into(), "--json".into()];
    assert!(quarantine(&bed, &arguments).status.success());
    assert!(!Path::new(&bed.path("elsewhere/b/x.html")).exists());
}
