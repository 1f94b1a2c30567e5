//! `dehusk bundle`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::require_config;
use super::new_file;
use super::output::{print, safe, tell};
use super::rule_source::{Gathered, Names, RuleOptions};
use crate::limits::Limits;
use crate::rules::bundle::{Bundle, FileOrigin};
use crate::rules::{RuleFile, RuleSet};
use crate::toml_file::{Diagnostic, Severity};
use crate::{rule_folder, rule_test};

#[derive(Debug, Args)]
pub(super) struct BundleCommand {
    /// The file to write.
    #[arg(long, short, value_name = "FILE", required_unless_present = "list")]
    out: Option<PathBuf>,
    /// A folder of rule files on top of the one that the configuration names, and of those before: a file in it takes the
    /// place of one for the same site there.
    #[arg(long, value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Let rule files with `status = "draft"` count.
    #[arg(long)]
    drafts: bool,
    /// Overwrite what is there.
    #[arg(long)]
    force: bool,
    /// Show what a bundle holds instead of making one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "rules", "drafts", "force"])]
    list: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigOption,
}

/// Makes a bundle, or shows one; says whether the rules are without error.
pub(super) fn run(options: &BundleCommand) -> Result<bool, Failure> {
    match (&options.list, &options.out) {
        (Some(path), _) => list(path),
        (None, Some(out)) => make(options, out),
        (None, None) => Err(Failure::Usage("name the file to write: --out FILE".to_owned())),
    }
}

fn make(options: &BundleCommand, out: &Path) -> Result<bool, Failure> {
    if let Some(missing) = options.rules.iter().find(|path| !path.exists()) {
        let text = format!("--rules {}: there is no such folder", missing.display());
        return Err(Failure::Usage(text));
    }
    let loaded = require_config(options.config.config.as_deref())?;
    let mut folders = vec![loaded.resolve(&loaded.config.rules.folder)];
    folders.extend(options.rules.iter().cloned());
    let rule_options = RuleOptions::of(&loaded.config, options.drafts);
    let gathered = Gathered::read(&folders, &rule_options, Names::Paths)?;
    let limits = gathered.limits.clone().unwrap_or(loaded.config.limits.page.clone());
    let bundle = gathered.bundle(&limits);
    let files: Vec<Arc<RuleFile>> = gathered.user_files().cloned().collect();
    let (rules, mut faults) = gathered.assemble();
    faults.extend(files.iter().flat_map(|file| failures(file, &rules, &limits)));
    for fault in &faults {
        tell(&fault.to_string());
    }
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        tell("dehusk: no bundle was made: the rules have errors");
        return Ok(false);
    }
    write(&bundle, out, options.force)?;
    print(&format!(
        "{}: {}, hash {}\n",
        out.display(),
        counts(&bundle),
        bundle.hash()
    ))?;
    Ok(true)
}

/// What fails of a file's own tests: where a bundle is used, the pages that they name are not at hand.
fn failures(file: &RuleFile, rules: &RuleSet, limits: &Limits) -> Vec<Diagnostic> {
    let outcomes = rule_test::run(file, rules, limits);
    outcomes
        .into_iter()
        .filter(|outcome| !outcome.passed())
        .flat_map(|outcome| outcome.failures)
        .collect()
}

fn write(bundle: &Bundle, out: &Path, force: bool) -> Result<(), Failure> {
    let text = bundle.to_text();
    let file_error = |error| Failure::File {
        path: out.to_path_buf(),
        error,
    };
    // What workers can't read must not leave this machine.
    Bundle::parse(text.as_bytes()).map_err(|error| file_error(std::io::Error::other(error)))?;
    new_file::write(out, text.as_bytes(), force).map_err(file_error)
}

fn list(path: &Path) -> Result<bool, Failure> {
    let bundle = rule_folder::read_bundle(path).map_err(|error| Failure::File {
        path: path.to_path_buf(),
        error,
    })?;
    let mut text = format!(
        "{}: made by dehusk {}, {}\nhash {}\n\n{}\n",
        path.display(),
        safe(&bundle.made_by),
        counts(&bundle),
        bundle.hash(),
        bundle.settings_text()
    );
    for (origin, file) in &bundle.files {
        text.push_str(&format!("{:7}  {}\n", origin.name(), safe(&file.name)));
    }
    print(&text)?;
    Ok(true)
}

fn counts(bundle: &Bundle) -> String {
    let shipped = bundle.files_from(FileOrigin::Shipped).count();
    let own = bundle.files_from(FileOrigin::User).count();
    format!("{own} rule files of yours, {shipped} that ship with dehusk")
}
