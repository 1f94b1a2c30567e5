//! Every folder `tests/bad_rules/NAME` holds a rule file with faults, `rules.toml`, and what a person is told about
//! them, `expected-error.txt`: all diagnostics in their order, with an empty line between two.
//!
//! `UPDATE_EXPECTED=1 cargo test --test bad_rules` rewrites the expected texts; read them as their reader would before
//! committing: does each one say where, what was found, and what to write instead?

use std::fs;
use std::path::{Path, PathBuf};

use dehusk::rules::RuleFile;
use dehusk::toml_file::SourceFile;

/// Fewest words of a remedy that a person can act on: `did you mean `x`?` has four.
const HELP_WORDS_MIN: usize = 3;

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_rules");
    let entries = fs::read_dir(root).expect("the folder of broken rule files is there");
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// The rule file of a folder, named as a person in `tests/bad_rules` would name it.
fn source(folder: &Path) -> SourceFile {
    let name = folder.file_name().expect("a folder has a name").to_string_lossy();
    let text = fs::read_to_string(folder.join("rules.toml")).expect("every folder has a rules.toml");
    SourceFile::new(format!("{name}/rules.toml"), text)
}

fn told(source: &SourceFile) -> String {
    let (_, faults) = RuleFile::parse(source);
    let told: Vec<String> = faults.iter().map(|fault| format!("{fault}\n")).collect();
    told.join("\n")
}

#[expect(clippy::disallowed_methods, reason = "tests write their own expected texts")]
fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("the folder can be written to");
}

/// What is wrong with a folder, if anything; rewrites its expected text where that is asked for or where there is none.
fn compared(folder: &Path) -> Option<String> {
    let path = folder.join("expected-error.txt");
    let found = told(&source(folder));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        write(&path, &found);
        return None;
    }
    let Ok(expected) = fs::read_to_string(&path) else {
        write(&path, &found);
        return Some(format!(
            "{}: there was no expected text: the present one is written, look at it",
            path.display()
        ));
    };
    (expected != found).then(|| format!("{}: expected\n{expected}\nfound\n{found}", path.display()))
}

#[test]
fn every_broken_rule_file_is_told_as_promised() {
    let wrong: Vec<String> = folders().iter().filter_map(|folder| compared(folder)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_broken_rule_file_is_refused() {
    let accepted: Vec<String> = folders()
        .iter()
        .map(|folder| source(folder))
        .filter(|file| RuleFile::parse(file).0.is_some())
        .map(|file| file.name.to_string())
        .collect();
    assert!(accepted.is_empty(), "{accepted:?}");
}

#[test]
fn every_fault_says_what_to_write_instead() {
    let mut silent = Vec::new();
    for folder in folders() {
        let (_, faults) = RuleFile::parse(&source(&folder));
        let short = faults
            .iter()
            .filter(|fault| fault.help.split_whitespace().count() < HELP_WORDS_MIN);
        silent.extend(short.map(ToString::to_string));
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}
