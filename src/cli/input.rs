//! Configuration, rules and pages for a command.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use super::arguments::{PageOptions, RuleArguments};
use super::failure::Failure;
use super::output::tell;
use super::rule_source::{Gathered, Names, RuleOptions};
use crate::clean::CleanOptions;
use crate::config::Config;
use crate::limits::Limits;
use crate::page::PageHints;
use crate::page_file::{self, ReadError};
use crate::rules::bundle::Bundle;
use crate::rules::{Class, RuleSet};
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
    /// The built-in values.
    pub(super) fn built_in() -> Self {
        Self {
            config: Config::default(),
            path: None,
            faults: Vec::new(),
        }
    }

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
        return Ok(LoadedConfig::built_in());
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
    /// What the rules were made of.
    pub(super) bundle: Bundle,
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
    let (bench, faults) = set_up(&options.source, Names::Paths)?;
    for fault in &faults {
        tell(&fault.to_string());
    }
    Ok(Workbench {
        hints: PageHints {
            url: options.url.clone(),
            site: options.site.clone(),
            ..PageHints::default()
        },
        ..bench
    })
}

/// Sets up cleaning for programs that don't read what is told: an error in a rule file ends the command, as does a folder
/// that is not there. Gives the warnings. Rule files are named by their paths below their folders, so that what comes
/// out does not depend on where these lie.
pub(super) fn strict_workbench(options: &RuleArguments) -> Result<(Workbench, Vec<Diagnostic>), Failure> {
    if let Some(path) = options.rules.as_ref().filter(|path| !path.exists()) {
        let text = format!("--rules {}: there is no such folder or bundle", path.display());
        return Err(Failure::Usage(text));
    }
    let (bench, faults) = set_up(options, Names::Short)?;
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        return Err(Failure::Rules(faults));
    }
    Ok((bench, faults))
}

fn set_up(options: &RuleArguments, names: Names) -> Result<(Workbench, Vec<Diagnostic>), Failure> {
    let (loaded, folders) = sources(options)?;
    let rule_options = RuleOptions::of(&loaded.config, options.drafts);
    let gathered = Gathered::read(&folders, &rule_options, names)?;
    let limits = gathered.limits.clone().unwrap_or(loaded.config.limits.page.clone());
    let bundle = gathered.bundle(&limits);
    let (rules, faults) = gathered.assemble();
    let bench = Workbench {
        rules,
        bundle,
        options: CleanOptions {
            site_rules: !options.no_rules,
        },
        limits,
        side_classes: loaded.config.output.side_classes.clone(),
        page_time: Duration::from_secs(loaded.config.limits.page_seconds_max),
        hints: PageHints::default(),
    };
    Ok((bench, faults))
}

/// The configuration, and where rules come from. A bundle has its own settings: a configuration that happens to lie here
/// does not count beside one.
fn sources(options: &RuleArguments) -> Result<(LoadedConfig, Vec<PathBuf>), Failure> {
    let named = options.config.config.as_deref();
    if let Some(bundle) = options.rules.as_ref().filter(|path| path.is_file()) {
        if named.is_some() {
            let text = "a bundle has its own settings: leave out --config, or name the bundle in the configuration (rules.folder)";
            return Err(Failure::Usage(text.to_owned()));
        }
        return Ok((LoadedConfig::built_in(), vec![bundle.clone()]));
    }
    let loaded = require_config(named)?;
    let mut folders = vec![loaded.resolve(&loaded.config.rules.folder)];
    folders.extend(options.rules.clone());
    Ok((loaded, folders))
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
