//! `dehusk bundle`, and that a bundle does what the rules do that it was made of.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and writes the files that it is about"
)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;

use serde_json::{Value, json};
use tempfile::TempDir;

const FAMILY: &str = "schema = 1\nfamily = \"town\"\n[text]\ndrop-line = [\"Town crier\"]\n";
const SITE: &str = "schema = 1\nsite = \"a.example\"\nuses = [\"town\"]\n[html]\nstrip = [\".soap\"]\n[[test]]\ninput = \"a.html\"\n\
    has-not = [\"soap\"]\n";
const CONFIG: &str = "[rules]\nkeep-classes = [\"caption\"]\n[limits]\npage-bytes-max = 50000\n";

const PAGE: &str = "<!doctype html><html><head><title>A bridge</title><link rel=canonical href='https://a.example/x'></head><body>\
    <article><h1>A bridge</h1><p>Town crier</p><p>The bridge was opened again on Wednesday, after nine days of work on its \
    bearings.</p><p class=soap>Buy soap, the best soap that there is in town.</p><p>Drivers had to take the road through the \
    village in the meantime.</p></article></body></html>";

/// A folder with a configuration and rules.
fn bench() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    put(&folder, "dehusk.toml", CONFIG);
    put(&folder, "rules/families/town.toml", FAMILY);
    put(&folder, "rules/sites/a.toml", SITE);
    put(&folder, "rules/sites/a.html", PAGE);
    put(&folder, "page.html", PAGE);
    folder
}

fn put(folder: &TempDir, name: &str, text: &str) {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn dehusk(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dehusk"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    thread::scope(|scope| {
        scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
        child.wait_with_output().unwrap()
    })
}

fn ran(folder: &TempDir, arguments: &[&str]) -> String {
    let output = dehusk(folder.path(), arguments, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(folder: &TempDir, arguments: &[&str], code: i32, why: &str) {
    let output = dehusk(folder.path(), arguments, "");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(told.contains(why), "{told}");
}

/// A folder that has nothing but the bundle and pages: another machine.
fn elsewhere(home: &TempDir) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(home.path().join("rules.bundle"), folder.path().join("shipped.bundle")).unwrap();
    put(&folder, "page.html", PAGE);
    folder
}

#[test]
fn a_bundle_gives_what_its_folder_gives_and_has_its_hash() {
    let home = bench();
    let made = ran(&home, &["bundle", "-o", "rules.bundle"]);
    let hash = made.trim().rsplit(' ').next().unwrap().to_owned();
    assert!(
        made.starts_with("rules.bundle: 2 rule files of yours, ") && hash.len() == 64,
        "{made}"
    );
    let away = elsewhere(&home);
    let lines = format!(
        "{}\n{}\n",
        json!({ "id": 1, "html": PAGE }),
        json!({ "id": 2, "html": "x".repeat(50_001) })
    );
    let pipe = ["pipe", "--removals", "--rules"];
    let here = dehusk(home.path(), &["pipe", "--removals"], &lines);
    let there = dehusk(away.path(), &[&pipe[..], &["shipped.bundle"]].concat(), &lines);
    assert_eq!(
        String::from_utf8(here.stdout.clone()).unwrap(),
        String::from_utf8(there.stdout).unwrap()
    );
    let records: Vec<Value> = String::from_utf8(here.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(records[0]["dehusk"]["rules"], json!(hash));
    assert_eq!(records[0]["metadata"]["site"], "a.example");
    assert!(!records[0]["text"].as_str().unwrap().contains("soap"));
    assert_eq!(
        records[1]["error"]["code"], "too-large",
        "limits of the configuration go with the rules"
    );
    let clean = ran(&home, &["clean", "page.html"]);
    assert_eq!(ran(&away, &["clean", "page.html", "--rules", "shipped.bundle"]), clean);
    assert_eq!(records[0]["text"], json!(clean));
}

#[test]
fn the_daemon_takes_a_bundle_for_a_folder_of_rules() {
    let home = bench();
    ran(&home, &["bundle", "-o", "rules.bundle"]);
    let away = elsewhere(&home);
    put(
        &away,
        "dehusk.toml",
        "[spool]\nsettle-ms = 50\n[rules]\nfolder = \"shipped.bundle\"\n",
    );
    put(&away, "spool/inbox/page.html", PAGE);
    ran(&away, &["run", "--once"]);
    let text = fs::read_to_string(away.path().join("spool/outbox/page.txt")).unwrap();
    assert_eq!(text, ran(&home, &["clean", "page.html"]));
    put(&away, "shipped.bundle", "format = 1\n");
    refused(&away, &["run", "--once"], 2, "this bundle is damaged");
}

#[test]
fn the_same_rules_give_the_same_bytes_wherever_they_lie() {
    let (one, other) = (bench(), bench());
    ran(&one, &["bundle", "-o", "rules.bundle"]);
    ran(&other, &["bundle", "-o", "rules.bundle"]);
    let read = |folder: &TempDir| fs::read(folder.path().join("rules.bundle")).unwrap();
    assert_eq!(read(&one), read(&other));
    refused(&one, &["bundle", "-o", "rules.bundle"], 2, "add --force");
    put(
        &one,
        "more/sites/a.toml",
        &SITE
            .replace("soap", "salt")
            .replace("[[test]]\ninput = \"a.html\"\nhas-not = [\"salt\"]\n", ""),
    );
    ran(&one, &["bundle", "-o", "rules.bundle", "--force", "--rules", "more"]);
    let text = String::from_utf8(read(&one)).unwrap();
    assert!(
        text.contains(".salt") && !text.contains(".soap"),
        "a later folder's file takes the place of an earlier one's"
    );
    let again = ran(&one, &["bundle", "-o", "again.bundle", "--rules", "rules.bundle"]);
    assert_eq!(
        fs::read(one.path().join("again.bundle")).unwrap(),
        text.as_bytes(),
        "{again}"
    );
}

#[test]
fn a_bundle_can_be_listed_and_checked() {
    let home = bench();
    ran(&home, &["bundle", "-o", "rules.bundle"]);
    let away = elsewhere(&home);
    let list = ran(&away, &["bundle", "--list", "shipped.bundle"]);
    for part in [
        concat!("made by dehusk ", env!("CARGO_PKG_VERSION")),
        "keep-classes = [\"caption\"]",
        "page-bytes-max = 50000",
        "user     families/town.toml\nuser     sites/a.toml\n",
        "shipped  shipped/defaults.toml\n",
    ] {
        assert!(list.contains(part), "{part} is not in\n{list}");
    }
    assert!(ran(&away, &["check", "shipped.bundle"]).starts_with("0 errors, 0 warnings; "));
}

#[test]
fn what_is_no_good_bundle_is_refused_with_a_remedy() {
    let home = bench();
    ran(&home, &["bundle", "-o", "rules.bundle"]);
    let text = fs::read_to_string(home.path().join("rules.bundle")).unwrap();
    put(&home, "edited", &text.replace(".soap", ".salt"));
    put(&home, "cut", text.split_at(text.len() / 2).0);
    put(&home, "newer", "format = 7\nmade-by = \"3.2.1\"\n");
    let pipe = |path, why| refused(&home, &["pipe", "--rules", path], 2, why);
    pipe("edited", "edit the rule files and make it anew");
    pipe("cut", "this bundle is damaged");
    pipe("newer", "use dehusk 3.2.1 or later here");
    pipe("page.html", "this is no bundle of rules");
    pipe("rules/sites/a.toml", "name a folder of rule files");
    refused(
        &home,
        &["clean", "page.html", "--rules", "edited"],
        2,
        "edit the rule files and make it anew",
    );
    refused(&home, &["check", "cut"], 2, "this bundle is damaged");
    let both = ["pipe", "--rules", "rules.bundle", "--config", "dehusk.toml"];
    refused(&home, &both, 2, "a bundle has its own settings");
}

#[test]
fn no_bundle_is_made_of_rules_with_faults() {
    let home = bench();
    put(&home, "rules/sites/b.toml", "schema = 1\nsiet = \"b.example\"\n");
    refused(
        &home,
        &["bundle", "-o", "rules.bundle"],
        1,
        "b.toml:2:1: error: unknown key `siet`",
    );
    put(&home, "rules/sites/b.toml", "");
    fs::remove_file(home.path().join("rules/sites/b.toml")).unwrap();
    put(&home, "rules/sites/a.toml", &SITE.replace(".soap", ".salt"));
    refused(&home, &["bundle", "-o", "rules.bundle"], 1, "no bundle was made");
    assert!(!home.path().join("rules.bundle").exists());
    refused(
        &home,
        &["bundle", "-o", "x", "--rules", "nowhere"],
        2,
        "there is no such folder",
    );
}
