//! `dehusk drift`.

use std::fs;

use clap::Args;

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::require_config;
use super::output::print;
use super::rule_source::{RuleOptions, load_rules};
use crate::drift::{DRIFT_FILE, Drift};

#[derive(Debug, Args)]
pub(super) struct DriftCommand {
    /// Only this site.
    #[arg(value_name = "SITE")]
    pub(super) site: Option<String>,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// Tells how well the rules still fit; says whether nothing is to be told.
pub(super) fn run(options: &DriftCommand) -> Result<bool, Failure> {
    let loaded = require_config(options.config.config.as_deref())?;
    let config = &loaded.config;
    let path = loaded
        .resolve(&config.spool.folder)
        .join(&config.spool.state)
        .join(DRIFT_FILE);
    let text = fs::read_to_string(&path).map_err(|error| Failure::File {
        path: path.clone(),
        error,
    })?;
    let drift: Drift = serde_json::from_str(&text).map_err(|error| Failure::File {
        path: path.clone(),
        error: error.into(),
    })?;
    let rule_options = RuleOptions::of(config, false);
    let (rules, _) = load_rules(&[loaded.resolve(&config.rules.folder)], &rule_options)?;
    let mut quiet = true;
    let wanted = |name: &str| options.site.as_ref().is_none_or(|site| site.eq_ignore_ascii_case(name));
    for (name, pages) in drift.sites().filter(|(name, _)| wanted(name)) {
        let findings = rules
            .site_of_name(name)
            .map(|site| drift.findings(site))
            .unwrap_or_default();
        let verdict = if findings.is_empty() { "fits" } else { "look at this" };
        print(&format!("{name}: {pages} pages remembered, {verdict}\n"))?;
        for finding in &findings {
            print(&format!("  {finding}\n"))?;
        }
        quiet &= findings.is_empty();
    }
    Ok(quiet)
}
