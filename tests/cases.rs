//! Every folder `tests/cases/SITE/NAME` is a test: an input page, the text that a careful editor would keep, and the
//! metadata that can be read from the page.
//!
//! `UPDATE_EXPECTED=1 cargo test --test cases` rewrites the expected texts; look at the difference before committing.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dehusk::clean::render::{metadata_json, plain};
use dehusk::clean::{CleanOptions, clean};
use dehusk::limits::Limits;
use dehusk::page::{PageHints, RawPage};
use dehusk::rules::{RuleFile, RuleSet, shipped};
use dehusk::toml_file::SourceFile;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let trials = folders(&root)
        .into_iter()
        .flat_map(|site| folders(&site))
        .map(|case| trial(&root, case))
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}

fn trial(root: &Path, case: PathBuf) -> Trial {
    let name = case
        .strip_prefix(root)
        .expect("cases lie under the root")
        .display()
        .to_string();
    Trial::test(name, move || run(&case))
}

fn run(case: &Path) -> Result<(), Failed> {
    let input = ["input.html", "input.txt"]
        .iter()
        .map(|name| case.join(name))
        .find(|path| path.exists());
    let bytes = fs::read(input.ok_or("the case has no input.html and no input.txt")?)?;
    let page = RawPage {
        bytes: &bytes,
        hints: PageHints::default(),
    };
    let extraction = clean(&page, &rules(case)?, CleanOptions::default(), &Limits::default())?;
    compare_text(&case.join("expected.txt"), &plain(&extraction, true))?;
    compare_metadata(&case.join("expected.json"), &metadata_json(&extraction))
}

/// The shipped rules, and those of the case's site.
fn rules(case: &Path) -> Result<RuleSet, Failed> {
    let path = case
        .parent()
        .expect("a case lies in its site's folder")
        .join("rules.toml");
    let mut files = Vec::new();
    if path.exists() {
        let (file, faults) = RuleFile::parse(&SourceFile::new(path.display().to_string(), fs::read_to_string(&path)?));
        files.push(Arc::new(file.ok_or_else(|| {
            faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        })?));
    }
    let (rules, faults) = RuleSet::assemble(shipped(), &files);
    if faults.is_empty() {
        Ok(rules)
    } else {
        Err(format!("{faults:?}").into())
    }
}

fn compare_text(path: &Path, found: &str) -> Result<(), Failed> {
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        write(path, found)?;
        return Ok(());
    }
    let Ok(expected) = fs::read_to_string(path) else {
        write(path, found)?;
        return Err("there was no expected text: the present one is written, look at it".into());
    };
    if expected == found {
        Ok(())
    } else {
        Err(difference(&expected, found).into())
    }
}

#[expect(clippy::disallowed_methods, reason = "tests write their own expected texts")]
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    fs::write(path, text)
}

/// Only the fields that the case names are compared.
fn compare_metadata(path: &Path, found: &Value) -> Result<(), Failed> {
    let Ok(text) = fs::read_to_string(path) else {
        return Ok(());
    };
    let expected: Value = serde_json::from_str(&text)?;
    let fields = expected.as_object().ok_or("expected.json is no object")?;
    let wrong: Vec<String> = fields
        .iter()
        .filter(|(key, value)| found.get(*key) != Some(*value))
        .map(|(key, value)| {
            format!(
                "{key}: expected {value}, found {}",
                found.get(key).unwrap_or(&Value::Null)
            )
        })
        .collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

/// The lines that only one side has.
fn difference(expected: &str, found: &str) -> String {
    let only = |lines: &str, others: &str, sign: &str| -> String {
        lines
            .lines()
            .filter(|line| !others.lines().any(|other| other == *line))
            .map(|line| format!("{sign} {line}\n"))
            .collect()
    };
    let text = format!("{}{}", only(expected, found, "-"), only(found, expected, "+"));
    if text.is_empty() {
        "the same lines in another order or with other blank lines".to_owned()
    } else {
        text
    }
}

fn folders(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root).expect("the folder of cases is there");
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}
