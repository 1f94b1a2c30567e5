//! `dehusk check`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::{LoadedConfig, load_config};
use super::output::print;
use super::rule_source::{RuleOptions, load_rules};
use crate::rule_folder;
use crate::rules::RuleSet;
use crate::toml_file::{Diagnostic, Severity};

#[derive(Debug, Args)]
pub(super) struct CheckCommand {
    /// A folder of rule files, or a bundle [default: the one that the configuration names].
    #[arg(value_name = "PATH")]
    pub(super) folder: Option<PathBuf>,
    /// Print the faults as JSON, for editors and programs.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// Checks the configuration and the rule files; says whether they are without error.
pub(super) fn run(options: &CheckCommand) -> Result<bool, Failure> {
    let loaded = load_config(options.config.config.as_deref())?;
    let named = options.folder.clone();
    if let Some(folder) = named.as_ref().filter(|folder| !folder.exists()) {
        let text = format!(
            "{} is no folder: name a folder of rule files, or a bundle",
            folder.display()
        );
        return Err(Failure::Usage(text));
    }
    let folder = named.unwrap_or_else(|| loaded.resolve(&loaded.config.rules.folder));
    let rule_options = RuleOptions::of(&loaded.config, false);
    let (rules, rule_faults) = load_rules(std::slice::from_ref(&folder), &rule_options)?;
    let faults: Vec<&Diagnostic> = loaded.faults.iter().chain(&rule_faults).collect();
    if options.json {
        let list: Vec<Value> = faults.iter().map(|fault| fault_json(fault)).collect();
        print(&format!("{:#}\n", Value::from(list)))?;
    } else {
        print(&report(&faults, &loaded, &folder, &rules))?;
    }
    Ok(errors(&faults) == 0)
}

fn errors(faults: &[&Diagnostic]) -> usize {
    faults.iter().filter(|fault| fault.severity == Severity::Error).count()
}

fn report(faults: &[&Diagnostic], loaded: &LoadedConfig, folder: &Path, rules: &RuleSet) -> String {
    let mut text: String = faults.iter().map(|fault| format!("{fault}\n\n")).collect();
    let path = loaded.path.as_ref().map(|path| path.display().to_string());
    text.push_str(&format!(
        "{}, {}; configuration: {}; rule files: {} of yours in {}, rules for {} sites\n",
        counted(errors(faults), "error"),
        counted(faults.len() - errors(faults), "warning"),
        path.as_deref().unwrap_or("built-in values"),
        rule_folder::read(folder).files.len(),
        folder.display(),
        rules.sites().len(),
    ));
    text
}

/// Lines and columns count from 1; a column and a width count characters.
fn fault_json(fault: &Diagnostic) -> Value {
    let severity = match fault.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    json!({
        "file": &*fault.file,
        "line": fault.line,
        "column": fault.column,
        "width": fault.width,
        "severity": severity,
        "key": fault.key,
        "message": fault.message,
        "help": fault.help,
    })
}

/// `1 error`, `2 errors`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
