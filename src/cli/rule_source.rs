//! The rules of a command: from folders, from a bundle, from the program.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::failure::Failure;
use crate::config::Config;
use crate::limits::Limits;
use crate::rule_folder;
use crate::rules::bundle::{Bundle, FileOrigin, Settings};
use crate::rules::{RuleFile, RuleSet, RuleSetOptions, shipped};
use crate::toml_file::{Diagnostic, SourceFile};

/// How rule files are read and put together.
#[derive(Debug, Clone, Default)]
pub(super) struct RuleOptions {
    /// Whether the shipped rules count.
    pub(super) shipped: bool,
    /// How layers are merged.
    pub(super) set: RuleSetOptions,
}

impl RuleOptions {
    /// What the configuration says; with drafts where they are asked for.
    pub(super) fn of(config: &Config, drafts: bool) -> Self {
        Self {
            shipped: config.rules.shipped,
            set: RuleSetOptions {
                keep_classes: config.rules.keep_classes.clone(),
                drafts,
            },
        }
    }
}

/// What explanations call a rule file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Its path.
    Paths,
    /// Its path below its folder: the same wherever that lies, and in its bundle.
    Short,
}

/// Reads the rule files of folders and puts them together with the shipped ones. A file of a later folder takes the
/// place of one for the same site in an earlier folder; a bundle takes the place of all before it. Gives every fault.
pub(super) fn load_rules(folders: &[PathBuf], options: &RuleOptions) -> Result<(RuleSet, Vec<Diagnostic>), Failure> {
    Ok(Gathered::read(folders, options, Names::Paths)?.assemble())
}

/// Rule files that were read but not yet put together.
pub(super) struct Gathered {
    options: RuleSetOptions,
    /// The bounds on a page that a bundle names.
    pub(super) limits: Option<Limits>,
    shipped: Vec<Arc<RuleFile>>,
    /// Each with its name in a bundle.
    files: Vec<(String, Arc<RuleFile>)>,
    faults: Vec<Diagnostic>,
    /// The paths of files that are called otherwise.
    paths: HashMap<Arc<str>, Arc<str>>,
    names: Names,
}

impl Gathered {
    /// Reads folders and bundles.
    pub(super) fn read(folders: &[PathBuf], options: &RuleOptions, names: Names) -> Result<Self, Failure> {
        let mut gathered = Self {
            options: options.set.clone(),
            limits: None,
            shipped: if options.shipped {
                shipped().to_vec()
            } else {
                Vec::new()
            },
            files: Vec::new(),
            faults: Vec::new(),
            paths: HashMap::new(),
            names,
        };
        for folder in folders {
            let mut found = rule_folder::read(folder);
            if let Some((path, error)) = found.unreadable.pop() {
                return Err(Failure::File { path, error });
            }
            if let Some(bundle) = found.bundle {
                gathered.begin_anew(&bundle);
            }
            gathered.add(folder, &found.files);
        }
        Ok(gathered)
    }

    /// A bundle is complete: what was read before it does not count.
    fn begin_anew(&mut self, bundle: &Bundle) {
        self.options.drafts |= bundle.settings.drafts;
        self.options.keep_classes.clone_from(&bundle.settings.keep_classes);
        self.limits = Some(bundle.settings.limits.clone());
        self.files.clear();
        self.faults.clear();
        self.shipped.clear();
        for source in bundle.files_from(FileOrigin::Shipped) {
            let (file, faults) = RuleFile::parse(source);
            self.faults.extend(faults);
            self.shipped.extend(file.map(Arc::new));
        }
    }

    fn add(&mut self, folder: &Path, sources: &[SourceFile]) {
        let mut added = Vec::new();
        for source in sources {
            let short = rule_folder::short_name(folder, &source.name);
            let named = match self.names {
                Names::Paths => source.clone(),
                Names::Short => SourceFile::new(short.as_str(), Arc::clone(&source.text)),
            };
            self.paths.insert(Arc::clone(&named.name), Arc::clone(&source.name));
            let (file, faults) = RuleFile::parse(&named);
            self.faults.extend(faults);
            added.extend(file.map(|file| (short, Arc::new(file))));
        }
        let is_replaced = |earlier: &RuleFile| added.iter().any(|(_, file)| file.layer == earlier.layer);
        self.files.retain(|(_, earlier)| !is_replaced(earlier));
        self.files.extend(added);
    }

    /// The user's rule files.
    pub(super) fn user_files(&self) -> impl Iterator<Item = &Arc<RuleFile>> {
        self.files.iter().map(|(_, file)| file)
    }

    /// All that was read, with the bounds on a page that count.
    pub(super) fn bundle(&self, limits: &Limits) -> Bundle {
        let mut bundle = Bundle {
            settings: Settings {
                drafts: self.options.drafts,
                keep_classes: self.options.keep_classes.clone(),
                limits: limits.clone(),
            },
            ..Bundle::default()
        };
        for file in &self.shipped {
            bundle.add(FileOrigin::Shipped, &file.name, &file.source.text);
        }
        for (name, file) in &self.files {
            bundle.add(FileOrigin::User, name, &file.source.text);
        }
        bundle
    }

    /// Puts the files together; gives every fault, each with the path of its file.
    pub(super) fn assemble(self) -> (RuleSet, Vec<Diagnostic>) {
        let files: Vec<Arc<RuleFile>> = self.files.into_iter().map(|(_, file)| file).collect();
        let (rules, set_faults) = RuleSet::assemble_with(&self.shipped, &files, &self.options);
        let mut faults = self.faults;
        faults.extend(set_faults);
        for fault in &mut faults {
            if let Some(path) = self.paths.get(&fault.file) {
                fault.file = Arc::clone(path);
            }
        }
        (rules, faults)
    }
}
