//! What the doctor finds, with folders that are broken on purpose.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::bed::{Bed, page, wait};

fn examine(bed: &Bed, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dehusk"));
    command
        .arg("doctor")
        .arg("--config")
        .arg(bed.path("dehusk.toml"))
        .args(more);
    command.output().unwrap()
}

/// The verdicts of a check, and what it says.
fn verdicts(bed: &Bed, check: &str) -> Vec<(String, String)> {
    let findings: Vec<Value> = serde_json::from_slice(&examine(bed, &["--json"]).stdout).unwrap();
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    for finding in &findings {
        assert_eq!(finding["verdict"] == "ok", finding["remedy"] == "", "{finding}");
    }
    findings
        .iter()
        .filter(|finding| finding["check"] == check)
        .map(|finding| (word(finding, "verdict"), word(finding, "message")))
        .collect()
}

fn assert_found(bed: &Bed, check: &str, verdict: &str, words: &str) {
    let found = verdicts(bed, check);
    assert!(
        found.iter().any(|(is, says)| is == verdict && says.contains(words)),
        "{check} should be {verdict} with {words:?}: {found:?}"
    );
    let is_faulty = !examine(bed, &[]).status.success();
    assert!(is_faulty || verdict != "fault", "a fault did not show in the exit code");
}

/// A bed whose folders are there.
fn used_bed() -> Bed {
    let bed = Bed::new();
    bed.once();
    bed
}

fn files_of(bed: &Bed) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for folder in ["inbox", "work", "tmp", "outbox", "done", "failed", "held", "state"] {
        all.extend(bed.files(folder));
    }
    all
}

#[test]
fn a_healthy_spool_has_no_fault_and_nothing_is_left_behind() {
    let bed = used_bed();
    bed.drop("x.html", page("Rain."));
    let before = files_of(&bed);
    let output = examine(&bed, &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for check in [
        "folders",
        "nesting",
        "moves",
        "events",
        "clock",
        "daemon",
        "open-files",
        "rules",
        "configuration",
    ] {
        assert!(text.contains(&format!("ok       {check}: ")), "{check}: {text}");
    }
    assert!(text.contains("0 faults"), "{text}");
    assert_eq!(files_of(&bed), before);
}

#[test]
fn before_the_first_run_folders_are_said_to_be_made_and_are_not_made() {
    let bed = Bed::new();
    assert_found(&bed, "folders", "warning", "spool.work");
    assert!(examine(&bed, &[]).status.success());
    assert!(!bed.exists("spool/work"));
}

#[test]
fn folders_in_one_another_and_on_another_file_system_are_faults() {
    let bed = used_bed();
    bed.put("dehusk.toml", "[spool]\ndone = \"inbox/done\"\n");
    fs::create_dir(bed.path("spool/inbox/done")).unwrap();
    assert_found(&bed, "nesting", "fault", "spool.done");
    let elsewhere = Path::new("/dev/shm");
    let is_elsewhere = fs::metadata(elsewhere)
        .is_ok_and(|found| found.is_dir() && found.dev() != fs::metadata(bed.path(".")).unwrap().dev());
    if is_elsewhere {
        let other = tempfile::tempdir_in(elsewhere).unwrap();
        bed.put(
            "dehusk.toml",
            format!("[spool]\noutbox = \"{}\"\n", other.path().display()),
        );
        assert_found(&bed, "one-file-system", "fault", "spool.outbox");
        assert_found(&bed, "moves", "fault", "spool.outbox");
        assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_file_in_the_place_of_a_folder_is_a_fault() {
    let bed = used_bed();
    fs::remove_dir(bed.path("spool/held")).unwrap();
    bed.put("spool/held", "");
    assert_found(&bed, "folders", "fault", "is no folder");
}

#[test]
fn rules_and_configuration_with_errors_are_faults() {
    let bed = used_bed();
    bed.put("rules/a.toml", "schema = = 1");
    assert_found(&bed, "rules", "fault", "rules/a.toml:1:");
    bed.put("dehusk.toml", "[spool]\nfoldr = 1\n");
    assert_found(&bed, "configuration", "fault", "foldr");
}

#[test]
fn what_lies_about_is_told() {
    let bed = used_bed();
    let file = |path: &str| fs::File::options().write(true).open(bed.path(path)).unwrap();
    let day = Duration::from_hours(24);
    bed.put("spool/inbox/x.html", "").put("spool/inbox/y.part", "");
    bed.put("spool/tmp/1.txt", "").put("spool/failed/z.html", "");
    bed.put("spool/failed/z.html.reason.json", "{}");
    file("spool/inbox/x.html")
        .set_modified(SystemTime::now() + day)
        .unwrap();
    file("spool/inbox/y.part")
        .set_modified(SystemTime::now() - day * 2)
        .unwrap();
    assert_found(&bed, "future", "warning", "1 files");
    assert_found(&bed, "unfinished", "warning", "y.part");
    assert_found(&bed, "leftovers", "warning", "1 half-written");
    assert_found(&bed, "failed", "warning", "1 failed pages");
    assert!(examine(&bed, &[]).status.success(), "warnings are no faults");
}

#[test]
fn folders_that_others_may_write_to_are_told() {
    let bed = used_bed();
    let set = |mode| fs::set_permissions(bed.path("spool/inbox"), fs::Permissions::from_mode(mode)).unwrap();
    set(0o777);
    assert_found(&bed, "sharing", "warning", "every user");
    assert_found(&bed, "sharing", "warning", "don't get the folder's group");
    set(0o2770);
    assert_eq!(verdicts(&bed, "sharing"), []);
}

#[test]
fn a_running_daemon_is_seen_and_not_disturbed() {
    let bed = Bed::new();
    let daemon = bed.start();
    assert_found(&bed, "daemon", "ok", &format!("process {}", daemon.child.id()));
    bed.drop("x.html", page("Rain."));
    wait("the page", || bed.exists("spool/done/x.html"));
    assert_found(&bed, "daemon", "ok", "answers");
    assert!(examine(&bed, &[]).status.success());
    daemon.stop();
}

#[test]
fn what_the_user_may_not_use_is_a_fault() {
    let bed = used_bed();
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if !is_root {
        drop(std::io::Write::write_all(
            &mut std::io::stderr(),
            b"skipped: only root can be somebody else\n",
        ));
        return;
    }
    // A stranger may enter the folder above, but not write to the spool's.
    fs::set_permissions(bed.path("."), fs::Permissions::from_mode(0o755)).unwrap();
    let binary = bed.path("dehusk");
    fs::copy(env!("CARGO_BIN_EXE_dehusk"), &binary).unwrap();
    let output = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&binary)
        .arg("doctor")
        .arg("--config")
        .arg(bed.path("dehusk.toml"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}{errors}");
    assert!(
        text.contains("spool.inbox") && text.contains("can't be read and written by user 65534"),
        "{text}"
    );
    assert!(text.contains("warning  user: "), "{text}");
}
