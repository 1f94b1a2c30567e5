//! The rules that a cleaner works by: read from folders and bundles, put together, refused where they have faults.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dehusk::limits::Limits;
use dehusk::rule_folder::{self, short_name};
use dehusk::rules::bundle::{Bundle, FileOrigin, Settings};
use dehusk::rules::{Class, RuleFile, RuleSet, RuleSetOptions, class::CLASSES, shipped};
use dehusk::toml_file::{Diagnostic, Severity};
use pyo3::exceptions::{PyFileNotFoundError, PyOSError, PyValueError};
use pyo3::prelude::*;

use crate::errors::rule_error;

/// Where rules come from: one path or several, later ones before earlier ones where they speak of the same site.
#[derive(FromPyObject)]
pub(crate) enum Sources {
    /// One folder or bundle.
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
    /// The bounds on a page: a bundle's own, or those that were given.
    pub(crate) limits: Limits,
    /// The hash of everything that decides what comes out: that of the bundle, and of the one that would be made.
    pub(crate) hash: String,
    /// Warnings, one text each.
    pub(crate) warnings: Vec<String>,
}

/// What was read so far, each file of the user's with its name in a bundle.
struct Gathered {
    settings: Settings,
    shipped: Vec<Arc<RuleFile>>,
    files: Vec<(String, Arc<RuleFile>)>,
    faults: Vec<Diagnostic>,
}

/// Reads rules and puts them together with the shipped ones; any fault raises `RuleError` with all of them.
pub(crate) fn load(py: Python<'_>, paths: &[PathBuf], with_shipped: bool, settings: Settings) -> PyResult<Loaded> {
    let mut gathered = Gathered {
        settings,
        shipped: if with_shipped { shipped().to_vec() } else { Vec::new() },
        files: Vec::new(),
        faults: Vec::new(),
    };
    for path in paths {
        gathered.read(path)?;
    }
    let loaded = gathered.assemble();
    loaded.map_err(|faults| rule_error(py, &faults))
}

impl Gathered {
    /// Adds a folder, whose files take the place of earlier ones for the same site, or a bundle, which takes the place
    /// of everything before it.
    fn read(&mut self, path: &Path) -> PyResult<()> {
        if !path.exists() {
            let message = format!("{}: there is no such folder or bundle of rules", path.display());
            return Err(PyFileNotFoundError::new_err(message));
        }
        let found = rule_folder::read(path);
        if let Some((path, error)) = found.unreadable.first() {
            return Err(unreadable(path, error));
        }
        if let Some(bundle) = found.bundle {
            self.begin_anew(&bundle);
        }
        let mut added = Vec::new();
        for source in &found.files {
            let (file, faults) = RuleFile::parse(source);
            self.faults.extend(faults);
            added.extend(file.map(|file| (short_name(path, &source.name), Arc::new(file))));
        }
        let is_replaced = |earlier: &RuleFile| added.iter().any(|(_, file)| file.layer == earlier.layer);
        self.files.retain(|(_, earlier)| !is_replaced(earlier));
        self.files.extend(added);
        Ok(())
    }

    fn begin_anew(&mut self, bundle: &Bundle) {
        self.settings = bundle.settings.clone();
        self.files.clear();
        self.faults.clear();
        let parsed = bundle.files_from(FileOrigin::Shipped).map(RuleFile::parse);
        let (files, faults): (Vec<_>, Vec<_>) = parsed.unzip();
        self.shipped = files.into_iter().flatten().map(Arc::new).collect();
        self.faults.extend(faults.into_iter().flatten());
    }

    fn assemble(mut self) -> Result<Loaded, Vec<Diagnostic>> {
        let hash = self.hash();
        let options = RuleSetOptions {
            keep_classes: self.settings.keep_classes,
            drafts: self.settings.drafts,
        };
        let files: Vec<Arc<RuleFile>> = self.files.into_iter().map(|(_, file)| file).collect();
        let (rules, faults) = RuleSet::assemble_with(&self.shipped, &files, &options);
        self.faults.extend(faults);
        if self.faults.iter().any(|fault| fault.severity == Severity::Error) {
            return Err(self.faults);
        }
        Ok(Loaded {
            rules,
            limits: self.settings.limits,
            hash,
            warnings: self.faults.iter().map(ToString::to_string).collect(),
        })
    }

    fn hash(&self) -> String {
        let mut bundle = Bundle {
            settings: self.settings.clone(),
            ..Bundle::default()
        };
        for file in &self.shipped {
            bundle.add(FileOrigin::Shipped, &file.name, &file.source.text);
        }
        for (name, file) in &self.files {
            bundle.add(FileOrigin::User, name, &file.source.text);
        }
        bundle.hash()
    }
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
