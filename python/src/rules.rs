//! The rules that a cleaner works by: read from folders, put together, refused where they have faults.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dehusk::rule_folder;
use dehusk::rules::{Class, RuleFile, RuleSet, RuleSetOptions, class::CLASSES, shipped};
use dehusk::toml_file::{Diagnostic, Severity};
use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyValueError};
use pyo3::prelude::*;

use crate::errors::rule_error;

/// Where rules come from: one path or several, later ones before earlier ones where they speak of the same site.
#[derive(FromPyObject)]
pub(crate) enum Sources {
    /// One folder.
    One(PathBuf),
    /// Several.
    Many(Vec<PathBuf>),
}

impl Sources {
    /// All paths in order.
    pub(crate) fn into_paths(self) -> Vec<PathBuf> {
        match self {
            Self::One(path) => vec![path],
            Self::Many(paths) => paths,
        }
    }
}

/// Rules that can be used, and what should be looked at all the same.
pub(crate) struct Loaded {
    /// The rules.
    pub(crate) rules: RuleSet,
    /// Warnings, one text each.
    pub(crate) warnings: Vec<String>,
}

/// Reads rules and puts them together with the shipped ones; any fault raises `RuleError` with all of them.
pub(crate) fn load(
    py: Python<'_>,
    paths: &[PathBuf],
    with_shipped: bool,
    options: &RuleSetOptions,
) -> PyResult<Loaded> {
    let mut files = Vec::new();
    let mut faults = Vec::new();
    for path in paths {
        faults.extend(add_folder(path, &mut files)?);
    }
    let shipped = if with_shipped { shipped() } else { &[] };
    let (rules, set_faults) = RuleSet::assemble_with(shipped, &files, options);
    faults.extend(set_faults);
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        return Err(rule_error(py, &faults));
    }
    let warnings = faults.iter().map(ToString::to_string).collect();
    Ok(Loaded { rules, warnings })
}

/// Adds the rule files of a folder; they take the place of earlier ones for the same site. Gives their faults.
fn add_folder(path: &Path, files: &mut Vec<Arc<RuleFile>>) -> PyResult<Vec<Diagnostic>> {
    if !path.is_dir() {
        let message = format!("{}: there is no such folder of rules", path.display());
        return Err(PyFileNotFoundError::new_err(message));
    }
    let found = rule_folder::read(path);
    if let Some((path, error)) = found.unreadable.first() {
        return Err(unreadable(path, error));
    }
    let parsed: Vec<(Option<RuleFile>, Vec<Diagnostic>)> = found.files.iter().map(RuleFile::parse).collect();
    let replaced = |earlier: &RuleFile| {
        parsed
            .iter()
            .flat_map(|(file, _)| file)
            .any(|file| file.layer == earlier.layer)
    };
    files.retain(|earlier| !replaced(earlier));
    let mut faults = Vec::new();
    for (file, file_faults) in parsed {
        faults.extend(file_faults);
        files.extend(file.map(Arc::new));
    }
    Ok(faults)
}

fn unreadable(path: &Path, error: &io::Error) -> PyErr {
    PyOSError::new_err(format!("{}: {error}", path.display()))
}

/// Classes by their words.
pub(crate) fn classes(names: &[String]) -> PyResult<Vec<Class>> {
    let class = |name: &String| {
        let found = CLASSES.iter().find(|(word, _)| word == name).map(|(_, class)| *class);
        found.ok_or_else(|| {
            let words: Vec<&str> = CLASSES.iter().map(|(word, _)| *word).collect();
            PyValueError::new_err(format!("`{name}` is no class; classes are: {}", words.join(", ")))
        })
    };
    names.iter().map(class).collect()
}
