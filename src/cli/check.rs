//! `dehusk check`.

use super::arguments::CheckCommand;
use super::failure::Failure;
use super::input::{RuleOptions, load_config, load_rules};
use super::output::print;
use crate::toml_file::{Diagnostic, Severity};

/// Checks the configuration and the rule files; says whether they are without error.
pub(super) fn run(options: &CheckCommand) -> Result<bool, Failure> {
    let loaded = load_config(options.config.config.as_deref())?;
    let folder = options
        .folder
        .clone()
        .unwrap_or_else(|| loaded.resolve(&loaded.config.rules.folder));
    if options.folder.is_some() && !folder.is_dir() {
        return Err(Failure::Usage(format!(
            "{} is no folder: name a folder of rule files",
            folder.display()
        )));
    }
    let (rules, rule_faults) = load_rules(
        std::slice::from_ref(&folder),
        &RuleOptions {
            shipped: loaded.config.rules.shipped,
            ..RuleOptions::default()
        },
    )?;
    let faults: Vec<&Diagnostic> = loaded.faults.iter().chain(&rule_faults).collect();
    for fault in &faults {
        print(&format!("{fault}\n\n"))?;
    }
    let errors = faults.iter().filter(|fault| fault.severity == Severity::Error).count();
    let config = loaded
        .path
        .as_ref()
        .map_or_else(|| "built-in values".to_owned(), |path| path.display().to_string());
    let warnings = faults.len() - errors;
    print(&format!(
        "{}, {}; configuration: {config}; rule files: {} of yours in {}, rules for {} sites\n",
        counted(errors, "error"),
        counted(warnings, "warning"),
        crate::rule_folder::read(&folder).files.len(),
        folder.display(),
        rules.sites().len(),
    ))?;
    Ok(errors == 0)
}

/// `1 error`, `2 errors`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
