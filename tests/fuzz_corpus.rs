//! Runs every fuzz target over its committed corpus, so that what a fuzzer has found once stays mended everywhere, and over
//! the pages of the cases.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

use std::fs;
use std::path::{Path, PathBuf};

#[path = "../fuzz/src/lib.rs"]
#[expect(unreachable_pub, reason = "it is a library of its own for the fuzzers")]
mod targets;

/// Runs a target over the files of its corpus.
fn run(target: &str, promises: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    run_over(&folder.display().to_string(), &entries(&folder), promises);
}

/// Runs a target over the inputs of the cases whose names end so.
fn run_cases(ending: &str, promises: fn(&[u8])) {
    let sites = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"));
    let cases = sites.iter().flat_map(|site| entries(site));
    let inputs = cases.map(|case| case.join("input").with_extension(ending));
    let inputs: Vec<PathBuf> = inputs.filter(|input| input.exists()).collect();
    run_over(&format!("what cases have as input.{ending}"), &inputs, promises);
}

/// What is in a folder, in order.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    entries
}

fn run_over(what: &str, files: &[PathBuf], promises: fn(&[u8])) {
    assert!(!files.is_empty(), "{what} is empty");
    for file in files {
        let bytes = fs::read(file).unwrap();
        let holds = std::panic::catch_unwind(|| promises(&bytes)).is_ok();
        assert!(holds, "{} breaks a promise; what it says stands above", file.display());
    }
}

#[test]
fn any_bytes_decode_or_say_why_not() {
    run("decode", targets::decode);
}

#[test]
fn any_mark_up_is_cleaned_block_by_block() {
    run("html", targets::html);
    run_cases("html", targets::html);
}

#[test]
fn any_dump_is_cleaned_line_by_line() {
    run("text", targets::text);
    run_cases("txt", targets::text);
}

#[test]
fn any_rule_file_is_refused_with_a_place_or_works() {
    run("rule_file", targets::rule_file);
}

#[test]
fn any_text_gives_the_tokens_and_the_tree_of_the_standard() {
    run("tokeniser", targets::tokeniser::tokeniser);
}

#[test]
fn any_date_shows_as_a_date() {
    run("date", targets::date);
}

#[test]
fn any_line_gives_one_record() {
    run("pipe_line", targets::pipe_line);
}

#[test]
fn any_archive_is_read_to_its_end_and_from_every_place_in_it() {
    run("warc", targets::warc);
}

#[test]
fn any_file_is_read_under_limits() {
    run("container", targets::container);
}
