//! Configuration, rules and pages for a command.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use super::arguments::PageOptions;
use super::failure::Failure;
use super::output::tell;
use crate::clean::CleanOptions;
use crate::config::Config;
use crate::limits::Limits;
use crate::page::PageHints;
use crate::page_file::{self, ReadError};
use crate::rule_folder;
use crate::rules::{Class, RuleFile, RuleSet, RuleSetOptions, shipped};
use crate::toml_file::{Diagnostic, Severity, SourceFile};

/// Where a configuration is looked for if none is named.
const CONFIG_PATHS: &[&str] = &["dehusk.toml", "/etc/dehusk/dehusk.toml"];

/// The configuration and where it was found.
pub(super) struct LoadedConfig {
    /// Its values.
    pub(super) config: Config,
    /// Its file, if there is one.
    pub(super) path: Option<PathBuf>,
    /// Its faults, warnings included.
    pub(super) faults: Vec<Diagnostic>,
}

impl LoadedConfig {
    /// A path of the configuration, seen from the working directory.
    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        let folder = self
            .path
            .as_ref()
            .and_then(|path| path.parent())
            .unwrap_or(Path::new(""));
        folder.join(path)
    }
}

/// Reads the configuration: the named one, or the first that is there, or the built-in values.
pub(super) fn load_config(named: Option<&Path>) -> Result<LoadedConfig, Failure> {
    let found = named
        .map(Path::to_path_buf)
        .or_else(|| CONFIG_PATHS.iter().map(PathBuf::from).find(|path| path.exists()));
    let Some(path) = found else {
        return Ok(LoadedConfig {
            config: Config::default(),
            path: None,
            faults: Vec::new(),
        });
    };
    let text = fs::read_to_string(&path).map_err(|error| Failure::File {
        path: path.clone(),
        error,
    })?;
    let (config, faults) = Config::parse(&SourceFile::new(path.display().to_string(), text));
    Ok(LoadedConfig {
        config,
        path: Some(path),
        faults,
    })
}

/// The same, where faults end the command.
pub(super) fn require_config(named: Option<&Path>) -> Result<LoadedConfig, Failure> {
    let loaded = load_config(named)?;
    if loaded.faults.iter().any(|fault| fault.severity == Severity::Error) {
        Err(Failure::Config(loaded.faults))
    } else {
        Ok(loaded)
    }
}

/// Everything that cleaning needs.
pub(super) struct Workbench {
    /// The rules.
    pub(super) rules: RuleSet,
    /// How to clean.
    pub(super) options: CleanOptions,
    /// The bounds on a page.
    pub(super) limits: Limits,
    /// Classes of removals that are wanted beside the texts.
    pub(super) side_classes: Vec<Class>,
    /// How long a page may take.
    pub(super) page_time: Duration,
    /// What the arguments say about every page.
    pub(super) hints: PageHints,
}

/// Sets up cleaning. Faults of rule files are told; the files in question don't count.
pub(super) fn workbench(options: &PageOptions) -> Result<Workbench, Failure> {
    let loaded = require_config(options.config.config.as_deref())?;
    let mut folders = vec![loaded.resolve(&loaded.config.rules.folder)];
    folders.extend(options.rules.clone());
    let set = RuleSetOptions {
        drafts: options.drafts,
        keep_classes: loaded.config.rules.keep_classes.clone(),
    };
    let rule_options = RuleOptions {
        shipped: loaded.config.rules.shipped,
        set,
    };
    let (rules, faults) = load_rules(&folders, &rule_options)?;
    for fault in &faults {
        tell(&fault.to_string());
    }
    Ok(Workbench {
        rules,
        options: CleanOptions {
            site_rules: !options.no_rules,
        },
        limits: loaded.config.limits.page.clone(),
        side_classes: loaded.config.output.side_classes.clone(),
        page_time: Duration::from_secs(loaded.config.limits.page_seconds_max),
        hints: PageHints {
            url: options.url.clone(),
            site: options.site.clone(),
            ..PageHints::default()
        },
    })
}

/// How rule files are read and put together.
#[derive(Default)]
pub(super) struct RuleOptions {
    /// Whether the shipped rules count.
    pub(super) shipped: bool,
    /// How layers are merged.
    pub(super) set: RuleSetOptions,
}

/// Reads the rule files of folders and puts them together with the shipped ones. A file of a later folder takes the
/// place of one for the same site in an earlier folder. Gives every fault.
pub(super) fn load_rules(folders: &[PathBuf], options: &RuleOptions) -> Result<(RuleSet, Vec<Diagnostic>), Failure> {
    let mut files: Vec<Arc<RuleFile>> = Vec::new();
    let mut faults = Vec::new();
    for folder in folders {
        let mut found = rule_folder::read(folder);
        if let Some((path, error)) = found.unreadable.pop() {
            return Err(Failure::File { path, error });
        }
        let parsed: Vec<(Option<RuleFile>, Vec<Diagnostic>)> = found.files.iter().map(RuleFile::parse).collect();
        files.retain(|earlier| {
            !parsed
                .iter()
                .any(|(file, _)| file.as_ref().is_some_and(|file| file.layer == earlier.layer))
        });
        for (file, file_faults) in parsed {
            faults.extend(file_faults);
            files.extend(file.map(Arc::new));
        }
    }
    let shipped = if options.shipped { shipped() } else { &[] };
    let (rules, set_faults) = RuleSet::assemble_with(shipped, &files, &options.set);
    faults.extend(set_faults);
    Ok((rules, faults))
}

/// Reads a page; `-` is standard input.
pub(super) fn read_page(path: &Path, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    if path == Path::new("-") {
        return page_file::read(io::stdin().lock(), limits);
    }
    page_file::read(File::open(path).map_err(ReadError::Io)?, limits)
}

/// What a file's name tells.
pub(super) fn hints_of(path: &Path, hints: &PageHints) -> PageHints {
    let file_name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name != "-");
    PageHints {
        file_name,
        ..hints.clone()
    }
}
