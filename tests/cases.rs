//! Every folder `tests/cases/SITE/NAME` is a test: an input page, the text that a careful editor would keep, and the
//! metadata that can be read from the page.
//!
//! The text has to be equal byte for byte. Where no rules tell what belongs to a page, the generic cleaner need not hit
//! the editor's text to the letter: such a case names a floor, `word_f1_min` in its `expected.json` (F1 over words, from
//! 0 to 1), which is raised when the cleaner gets better.
//!
//! `UPDATE_EXPECTED=1 cargo test --test cases` rewrites the expected texts of exact cases; look at the difference before
//! committing.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dehusk::clean::render::{metadata_json, plain};
use dehusk::clean::{CleanOptions, clean};
use dehusk::limits::Limits;
use dehusk::page::{PageHints, RawPage};
use dehusk::rules::{RuleFile, RuleSet, shipped};
use dehusk::text::is_word;
use dehusk::toml_file::SourceFile;
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

/// The key of a case's floor.
const FLOOR: &str = "word_f1_min";

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
    let (path, found) = (case.join("expected.txt"), plain(&extraction, true));
    match floor(&case.join("expected.json"))? {
        Some(floor) => compare_words(&path, &found, floor)?,
        None => compare_text(&path, &found)?,
    }
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

/// The floor that a case names, if it does.
fn floor(path: &Path) -> Result<Option<f64>, Failed> {
    let Ok(text) = fs::read_to_string(path) else {
        return Ok(None);
    };
    let expected: Value = serde_json::from_str(&text)?;
    Ok(expected.get(FLOOR).and_then(Value::as_f64))
}

/// Compares bags of words. A floor that the text no longer needs is a fault too: the case can be exact.
fn compare_words(path: &Path, found: &str, floor: f64) -> Result<(), Failed> {
    let expected = fs::read_to_string(path)?;
    if expected == found {
        return Err(format!("the text is exact now: take `{FLOOR}` out of expected.json").into());
    }
    let f1 = word_f1(&expected, found);
    let told = format!("word F1 {f1:.3}, floor {floor}\n{}", difference(&expected, found));
    if f1 >= floor { Ok(()) } else { Err(told.into()) }
}

#[expect(clippy::cast_precision_loss, reason = "word counts of a page are far below 2^52")]
fn word_f1(expected: &str, found: &str) -> f64 {
    let (expected, found) = (words(expected), words(found));
    let shared: usize = expected
        .iter()
        .map(|(word, count)| *count.min(found.get(word).unwrap_or(&0)))
        .sum();
    let all = expected.values().sum::<usize>() + found.values().sum::<usize>();
    2.0 * shared as f64 / all.max(1) as f64
}

fn words(text: &str) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for word in text.split(|c: char| !is_word(c)).filter(|word| !word.is_empty()) {
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }
    counts
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
        .filter(|(key, value)| *key != FLOOR && found.get(*key) != Some(*value))
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
