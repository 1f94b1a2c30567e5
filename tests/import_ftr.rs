//! The import of ftr-site-config as a whole. Whether the rules find the same nodes as the expressions is compared by
//! `tests/import_ftr/differential.py`, which needs an `XPath` engine.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "tests end where something is wrong, say where they are skipped, and make their own files"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use dehusk::import_ftr::{FtrFile, Import, Outcome, import};
use dehusk::rules::{RuleFile, RuleSet};
use dehusk::toml_file::SourceFile;

/// The least share of exact expressions among those that the original can use, from 0 to 1. Raised as the import gets better.
const EXACT_FLOOR: f64 = 0.98;

/// The site files, where they are there.
fn site_files() -> Option<Vec<FtrFile>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/ftr-site-config");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("skipped: there are no site files in {}", folder.display());
        return None;
    };
    let mut paths: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .collect();
    paths.sort();
    let read = |path: PathBuf| FtrFile {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        text: fs::read_to_string(path).unwrap(),
    };
    Some(paths.into_iter().map(read).collect())
}

fn parsed(import: &Import) -> Vec<Arc<RuleFile>> {
    let parse = |path: &str, text: &str| {
        let (file, faults) = RuleFile::parse(&SourceFile::new(path, text));
        assert!(faults.is_empty(), "{path}: {}", faults[0]);
        Arc::new(file.unwrap())
    };
    import.files.iter().map(|file| parse(&file.path, &file.text)).collect()
}

#[test]
fn every_file_that_is_made_is_without_fault_and_none_contradicts_another() {
    let Some(files) = site_files() else { return };
    let (set, faults) = RuleSet::assemble(&[], &parsed(&import(&files)));
    assert!(faults.is_empty(), "{}", faults[0]);
    assert!(set.sites().len() > 1800, "{} sites", set.sites().len());
}

#[test]
fn nearly_every_expression_comes_out_exact() {
    let Some(files) = site_files() else { return };
    let report = import(&files).report;
    assert!(
        report.exact_share() >= EXACT_FLOOR,
        "{:.4} of the expressions are exact",
        report.exact_share()
    );
    let known = report.findings.iter().filter(|finding| finding.expression).count();
    assert!(known > 8000, "{known} expressions");
}

#[test]
fn no_line_is_lost_without_a_word() {
    let Some(files) = site_files() else { return };
    let report = import(&files).report;
    let silent = report
        .findings
        .iter()
        .find(|finding| finding.outcome != Outcome::Exact && finding.note.is_empty());
    assert!(silent.is_none(), "{silent:?}");
    let lines = files
        .iter()
        .filter(|file| file.name != "LICENSE.txt")
        .flat_map(|file| file.text.trim_start_matches('\u{feff}').lines());
    let speaking = lines
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .count();
    assert_eq!(report.findings.len(), speaking);
}

#[test]
fn the_command_writes_files_that_the_check_accepts() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("ftr"), folder.path().join("rules"));
    fs::create_dir(&from).unwrap();
    for (name, text) in [
        ("a.example.txt", "body: //article\nstrip: //p[.='x']\n"),
        (".a.example.txt", "body: //main\ntitel: //h1\n"),
        ("b.example.txt", "body: //article\nstrip: //p[.='x']\n"),
    ] {
        fs::write(from.join(name), text).unwrap();
    }
    let run = |arguments: &[&Path]| {
        let output = Command::new(env!("CARGO_BIN_EXE_dehusk"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, report) = run(&["import-ftr".as_ref(), &from, "--out".as_ref(), &to]);
    assert_eq!(code, Some(0), "{report}");
    assert!(
        report.contains("3 site files, 1 of them copies of others: 2 rule files"),
        "{report}"
    );
    assert!(
        report.contains(
            ".a.example.txt:2: dead: titel: //h1\n    there is no directive `titel`; `title` was meant, most likely"
        ),
        "{report}"
    );
    assert!(to.join("sites/a.example.toml").is_file() && to.join("sites/a.example-sub-domains.toml").is_file());
    let (code, checked) = run(&["check".as_ref(), &to]);
    assert_eq!(code, Some(0), "{checked}");
    let (code, _) = run(&["import-ftr".as_ref(), &from, "--out".as_ref(), &to]);
    assert_eq!(code, Some(2), "what is there was overwritten");
}
