//! `dehusk learn` and `dehusk suggest` on pages of invented sites.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test may panic, and writes its own files"
)]

mod fields;
mod teasers;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// What the articles are about; each word makes an article of its own.
const SUBJECTS: &[&str] = &["harbour", "ferry", "library", "orchard"];

/// Sentences with a subject, so that articles have no line in common.
fn paragraphs(subject: &str) -> Vec<String> {
    (1..=6)
        .map(|number| {
            format!(
                "The {subject} was the talk of the town again, said neighbour {number} of the {subject}, and paragraph {number} \
                 of this story about the {subject} tells at some length why that was so, and for whom."
            )
        })
        .collect()
}

fn html(subject: &str) -> String {
    let body: Vec<String> = paragraphs(subject)
        .iter()
        .map(|text| format!("<p>{text}</p>"))
        .collect();
    let (upper, lower) = body.split_at(3);
    format!(
        "<html><head><title>The {subject}</title><link rel=canonical href='https://gazette.example/{subject}'></head><body>\
         <nav class='site-nav'><a href=/>Home</a> <a href=/sport>Sport</a></nav>\
         <div class='story-body'><h1>The {subject}</h1>{upper}\
         <div class='related-stories'><h3>Read this too</h3><p>How the {subject} was won, and what came of it in the end, by our staff.</p>\
         <p>Ten things that you never knew about the {subject}, number seven will surprise you.</p></div>{lower}\
         <p class='sign-up-box'>Sign up for our letter, and you will never again miss a story from the region.</p></div>\
         <footer class='site-footer'><p>The Gazette is printed on paper and read by people all over the region.</p></footer></body></html>",
        upper = upper.concat(),
        lower = lower.concat(),
    )
}

fn dump(subject: &str) -> String {
    let number = subject.len() * 37;
    let body = paragraphs(subject);
    let (upper, lower) = body.split_at(3);
    format!(
        "Home\nSport\nGazette Plus\nSkip to content\nThe {subject} and its people\n{number} people read this now\n{}\nRead this too\nHow the {subject} was won\n{}\n\
         Subscribe to our newsletter and never miss a story again\nMost read today\nTen facts about the {subject}\nFive more {subject} facts\nImprint\nAll rights reserved by the Gazette",
        upper.join("\n"),
        lower.join("\n"),
    )
}

/// A folder with samples, names and texts, in `SAMPLES`.
fn folder_of(samples: impl Iterator<Item = (String, String)>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(SAMPLES)).unwrap();
    fs::write(folder.path().join("dehusk.toml"), "").unwrap();
    for (name, text) in samples {
        fs::write(folder.path().join(SAMPLES).join(name), text).unwrap();
    }
    folder
}

fn folder(ending: &str, page: &dyn Fn(&str) -> String) -> TempDir {
    let subjects = SUBJECTS.iter().take(3);
    folder_of(subjects.map(|subject| (format!("{subject}.{ending}"), page(subject))))
}

fn dehusk(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dehusk"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// What `dehusk learn --json` says of the samples.
fn learned(folder: &TempDir) -> serde_json::Value {
    serde_json::from_slice(&dehusk(folder.path(), &["learn", SAMPLES, "--json"]).stdout).unwrap()
}

/// The learned file has to pass `dehusk check` and `dehusk test`.
fn assert_sound(folder: &TempDir, rules: &str) {
    for command in [&["check"][..], &["test", "gazette.example"][..]] {
        let output = dehusk(folder.path(), command);
        assert!(output.status.success(), "{}\n{rules}", printed(&output));
    }
}

/// Where the samples lie.
const SAMPLES: &str = "rules/sites/pages";

/// Where the learned file is written.
const OUT: &str = "rules/sites/gazette.example.toml";

#[test]
fn a_file_learned_from_three_pages_passes_check_and_test_and_cleans_a_fourth() {
    let folder = folder("html", &html);
    let output = dehusk(folder.path(), &["learn", SAMPLES, "--out", OUT]);
    assert!(output.status.success(), "{}", printed(&output));
    let text = fs::read_to_string(folder.path().join(OUT)).unwrap();
    assert!(text.contains("site   = \"gazette.example\""), "{text}");
    assert!(text.contains("# on 3 of 3 pages"), "{text}");
    assert_sound(&folder, &text);
    fs::write(folder.path().join("new.html"), html("orchard")).unwrap();
    let cleaned = printed(&dehusk(folder.path(), &["clean", "new.html"]));
    assert!(
        cleaned.contains("paragraph 6 of this story about the orchard"),
        "{cleaned}\n{text}"
    );
    for gone in ["Sport", "Sign up", "printed on paper"] {
        assert!(!cleaned.contains(gone), "{gone}: {cleaned}\n{text}");
    }
}

#[test]
fn a_file_learned_from_dumps_passes_check_and_test_and_knows_its_site() {
    let folder = folder("txt", &dump);
    let output = dehusk(
        folder.path(),
        &["learn", SAMPLES, "--site", "gazette.example", "--out", OUT],
    );
    assert!(output.status.success(), "{}", printed(&output));
    let text = fs::read_to_string(folder.path().join(OUT)).unwrap();
    assert_sound(&folder, &text);
    fs::write(folder.path().join("new.txt"), dump("orchard")).unwrap();
    let cleaned = printed(&dehusk(folder.path(), &["clean", "new.txt"]));
    assert!(
        cleaned.contains("paragraph 6 of this story about the orchard"),
        "{cleaned}\n{text}"
    );
    assert!(cleaned.contains("The orchard and its people"), "{cleaned}\n{text}");
    for gone in [
        "Sport",
        "people read this",
        "How the orchard was won",
        "Subscribe",
        "Ten facts",
        "All rights",
    ] {
        assert!(!cleaned.contains(gone), "{gone}: {cleaned}\n{text}");
    }
}

#[test]
fn learning_is_deterministic_and_json_holds_the_evidence() {
    let folder = folder("html", &html);
    let once = dehusk(folder.path(), &["learn", SAMPLES, "--json"]);
    let again = dehusk(folder.path(), &["learn", SAMPLES, "--json"]);
    assert_eq!(once.stdout, again.stdout);
    let found: serde_json::Value = serde_json::from_slice(&once.stdout).unwrap();
    assert_eq!(found["site"], "gazette.example");
    assert!(!found["rules"].as_array().unwrap().is_empty(), "{found:#}");
    assert_eq!(found["estimate"]["pages"], 3, "{found:#}");
}

#[test]
fn learning_again_keeps_what_a_person_wrote() {
    let folder = folder("html", &html);
    let mine =
        "schema = 1 # ours\nsite = \"gazette.example\"\n\n[html]\n# what Ann wrote\nstrip = [\".old-box\"] # stays\n";
    fs::write(folder.path().join(OUT), mine).unwrap();
    let output = dehusk(folder.path(), &["learn", SAMPLES, "--out", OUT]);
    assert!(output.status.success(), "{}", printed(&output));
    let text = fs::read_to_string(folder.path().join(OUT)).unwrap();
    assert!(
        text.starts_with("schema = 1 # ours\n") && text.contains("# what Ann wrote\n") && text.contains("\".old-box\""),
        "{text}"
    );
    assert!(text.contains("[[test]]"), "{text}");
    let output = dehusk(folder.path(), &["learn", SAMPLES, "--out", OUT]);
    assert!(
        printed(&output).contains("has all of it already"),
        "{}",
        printed(&output)
    );
}

#[test]
fn one_page_is_too_few_and_it_is_said() {
    let folder = folder("html", &html);
    let output = dehusk(folder.path(), &["learn", "rules/sites/pages/ferry.html", "--out", OUT]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        printed(&output).contains("one page can't tell what repeats"),
        "{}",
        printed(&output)
    );
    assert!(!folder.path().join(OUT).exists());
}

#[test]
fn what_went_through_the_daemon_is_surveyed_and_learned_from() {
    let folder = folder("html", &html);
    fs::create_dir_all(folder.path().join("spool/inbox")).unwrap();
    for subject in SUBJECTS {
        fs::write(folder.path().join(format!("spool/inbox/{subject}.html")), html(subject)).unwrap();
    }
    let output = dehusk(folder.path(), &["run", "--once"]);
    assert!(output.status.success(), "{}", printed(&output));
    let suggested = dehusk(folder.path(), &["suggest", "--json"]);
    assert!(
        serde_json::from_slice::<serde_json::Value>(&suggested.stdout)
            .unwrap()
            .is_array()
    );
    let output = dehusk(folder.path(), &["learn", "--from-done", "gazette.example", "--force"]);
    assert!(
        printed(&output).contains("Learned from 4 pages"),
        "{}",
        printed(&output)
    );
}

/// The patterns of `text.drop-line` that are learned from so many pages which all have one paragraph in common.
fn lines_learned_from(pages: usize) -> Vec<String> {
    let page = |subject: &&str| {
        let shared = "<p>The harbour company was founded in 1902 by three brothers, and still belongs to their families.</p></div>";
        let page = html(subject).replacen(
            "<p class='sign-up-box'>",
            &format!("{shared}<p class='sign-up-box'>"),
            1,
        );
        (format!("{subject}.html"), page)
    };
    let found = learned(&folder_of(SUBJECTS.iter().take(pages).map(page)));
    let rules = found["rules"].as_array().unwrap().iter();
    let lines = rules.filter(|rule| rule["key"] == "text.drop-line");
    lines.map(|rule| rule["pattern"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_line_that_two_pages_share_is_dropped_only_where_a_third_has_it_too() {
    let is_shared = |line: &String| line.starts_with("The harbour company");
    assert!(!lines_learned_from(2).iter().any(is_shared));
    assert!(lines_learned_from(3).iter().any(is_shared));
}

/// The patterns that are learned from pages whose sign-up line is a link of a class of its own.
fn patterns_learned(page: impl Fn(&str) -> String) -> Vec<String> {
    let page = |subject: &&str| {
        let page = page(subject).replace(
            "<p class='sign-up-box'>Sign up",
            "<p><a class='pointer' href='/letter'>Sign up",
        );
        let page = page.replace("story from the region.</p>", "story from the region.</a></p>");
        (format!("{subject}.html"), page)
    };
    let found = learned(&folder_of(SUBJECTS.iter().map(page)));
    let rules = found["rules"].as_array().unwrap().iter();
    rules.map(|rule| rule["pattern"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_name_that_also_stands_among_the_words_of_a_sentence_is_no_rule() {
    let in_sentences = |subject: &str| {
        let link = format!("neighbour 2 of <a class='pointer' href='/about'>the {subject}</a>");
        html(subject).replace(&format!("neighbour 2 of the {subject}"), &link)
    };
    assert!(patterns_learned(html).contains(&".pointer".to_owned()));
    assert!(!patterns_learned(in_sentences).contains(&".pointer".to_owned()));
}
