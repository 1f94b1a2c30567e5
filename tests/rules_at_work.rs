//! Rules from the outside: classes that are kept or written beside the text, goldens that are looked through one by one.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and writes the files that it is about"
)]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const RULES: &str = "schema = 1\nsite = \"a.example\"\n[text]\ndrop-line = [{ line = \"Photo: *\", as = \"caption\" }, { line = \"Read also*\", as = \"related\" }]\n";

const PAGE: &str = "Title\nPhoto: a boat\nThe boat sails.\nRead also: rain\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn dehusk(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_dehusk"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(printed).unwrap())
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn a_page_that_the_generic_cleaner_is_unsure_of_goes_to_review_where_that_is_asked_for() {
    let sure = format!(
        "<body><article><h1>No vote on the bridge</h1>{}</article>",
        "<p>The council met on Monday, heard three speakers, and put off its vote until the week after next.</p>"
            .repeat(8)
    );
    let unsure = "<body><ul><li><a>Boats</a><li><a>Rain</a></ul><div>4 of 7</div><div><a>More</a></div>";
    let pages = [("sure.html", sure.as_str()), ("unsure.html", unsure)];
    let held = |config: &str| {
        let mut files = vec![("dehusk.toml".to_owned(), config)];
        files.extend(pages.map(|(name, page)| (format!("spool/inbox/{name}"), page)));
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
        let folder = folder(&files);
        assert_eq!(dehusk(folder.path(), &["run", "--once"]).0, Some(0));
        let confidence = |path: &str| {
            let metadata: Value = serde_json::from_str(&read(folder.path(), path)).unwrap();
            metadata["confidence"].as_f64().unwrap()
        };
        let sure = confidence("spool/outbox/sure.meta.json");
        let review = folder.path().join("spool/held/review/unsure.meta.json").exists();
        let path = if review { "held/review" } else { "outbox" };
        let unsure = confidence(&format!("spool/{path}/unsure.meta.json"));
        assert!(unsure < 0.7 && sure > 0.8, "{unsure} {sure}");
        review
    };
    assert!(held("[output]\nmin-confidence = 0.75\n"));
    assert!(!held("[output]\nmin-confidence = 0.0\n"));
}

#[test]
fn a_class_can_stay_in_the_text_or_go_into_a_file_beside_it() {
    let config = "[rules]\nkeep-classes = [\"related\"]\n[output]\nside-classes = [\"caption\"]\n";
    let files = [
        ("dehusk.toml", config),
        ("rules/a.toml", RULES),
        ("spool/inbox/a.example/x.txt", PAGE),
        ("pages/x.txt", PAGE),
    ];
    let folder = folder(&files);
    let folder = folder.path();
    assert_eq!(dehusk(folder, &["run", "--once"]).0, Some(0));
    assert_eq!(
        dehusk(folder, &["clean", "pages", "--site", "a.example", "--out", "texts"]).0,
        Some(0)
    );
    for place in ["spool/outbox/a.example", "texts"] {
        assert_eq!(
            read(folder, &format!("{place}/x.txt")),
            "Title\n\nThe boat sails.\n\nRead also: rain\n",
            "{place}"
        );
        let side: Value = serde_json::from_str(&read(folder, &format!("{place}/x.side.json"))).unwrap();
        let removed = side["removed"].as_array().unwrap();
        assert_eq!(removed.len(), 1, "{side}");
        assert_eq!(
            (removed[0]["class"].as_str(), removed[0]["text"].as_str()),
            (Some("caption"), Some("Photo: a boat"))
        );
        assert_eq!(removed[0]["rule"]["line"], 4);
    }
    let metadata: Value = serde_json::from_str(&read(folder, "spool/outbox/a.example/x.meta.json")).unwrap();
    assert_eq!(metadata["outputs"], serde_json::json!(["x.txt", "x.side.json"]));
}

#[test]
fn rules_of_a_kept_class_do_not_count_as_dead() {
    let rules = format!("{RULES}[expect]\nwindow = 3\n");
    let files = [
        ("dehusk.toml", "[rules]\nkeep-classes = [\"related\"]\n"),
        ("rules/a.toml", rules.as_str()),
        ("spool/inbox/a.example/1.txt", PAGE),
        ("spool/inbox/a.example/2.txt", PAGE),
        ("spool/inbox/a.example/3.txt", PAGE),
    ];
    let folder = folder(&files);
    assert_eq!(dehusk(folder.path(), &["run", "--once"]).0, Some(0));
    assert_eq!(
        dehusk(folder.path(), &["drift"]),
        (Some(0), "a.example: 3 pages remembered, fits\n".to_owned())
    );
}

/// Runs `dehusk test --review` on a terminal of its own and types the answers.
fn review(folder: &Path, answers: &str) -> String {
    let command = format!("{} test --review", env!("CARGO_BIN_EXE_dehusk"));
    let mut child = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

#[test]
fn changed_goldens_are_taken_or_refused_one_by_one() {
    let tests = "[[test]]\ninput = \"one.txt\"\ngolden = \"one.golden\"\n[[test]]\ninput = \"two.txt\"\ngolden = \"two.golden\"\n";
    let rules = format!("{RULES}{tests}");
    let files = [
        ("rules/a.toml", rules.as_str()),
        ("rules/one.txt", PAGE),
        ("rules/two.txt", PAGE),
        ("rules/one.golden", "Title\n\nOld text.\n"),
        ("rules/two.golden", "Title\n\nOld text.\n"),
    ];
    let folder = folder(&files);
    let printed = review(folder.path(), "y\nn\n");
    assert!(
        printed.contains("- Old text.") && printed.contains("+ The boat sails."),
        "{printed}"
    );
    assert!(printed.contains("1 passed, 1 failed"), "{printed}");
    assert_eq!(read(folder.path(), "rules/one.golden"), "Title\n\nThe boat sails.\n");
    assert_eq!(read(folder.path(), "rules/two.golden"), "Title\n\nOld text.\n");
}

#[test]
fn a_review_without_a_terminal_is_refused_and_accept_takes_everything() {
    let rules = format!("{RULES}[[test]]\ninput = \"one.txt\"\ngolden = \"one.golden\"\n");
    let folder = folder(&[("rules/a.toml", rules.as_str()), ("rules/one.txt", PAGE)]);
    let (code, printed) = dehusk(folder.path(), &["test", "--review"]);
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("--accept"), "{printed}");
    assert_eq!(dehusk(folder.path(), &["test", "--accept"]).0, Some(0));
    assert_eq!(read(folder.path(), "rules/one.golden"), "Title\n\nThe boat sails.\n");
    assert_eq!(dehusk(folder.path(), &["test"]).0, Some(0));
}

#[test]
fn a_page_whose_sites_rules_leave_nothing_is_cleaned_again_with_the_families_that_it_shows() {
    let page = "<html><head><title>Boats</title></head><body><article><h1>Boats</h1><p>The boat sails along the coast for \
                the whole of the day, and nobody on board has slept for a week.</p><p>A page of the ring.</p><p>In the \
                evening it comes back into the harbour, where the others wait for it with a lamp.</p></article></body></html>";
    let line = "A page of the ring.";
    let family =
        format!("schema = 1\nfamily = \"ring\"\n[match]\nall = [\"{line}\"]\n[text]\ndrop-line = [\"{line}\"]\n");
    let site = "schema = 1\nsite = \"a.example\"\n[html]\nstrip = [\"article\"]\n";
    let files = [
        ("dehusk.toml", ""),
        ("rules/a.toml", site),
        ("rules/ring.toml", &family),
        ("x.html", page),
    ];
    let folder = folder(&files);
    let (code, text) = dehusk(folder.path(), &["clean", "x.html", "--site", "a.example"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("The boat sails") && !text.contains(line), "{text}");
}
