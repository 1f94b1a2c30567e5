//! `dehusk doctor`.

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::{LoadedConfig, load_config};
use super::output::print;
use super::rule_source::{RuleOptions, load_rules};
use crate::daemon::doctor::{Finding, Verdict, examine};
use crate::toml_file::{Diagnostic, Severity};

#[derive(Debug, Args)]
pub(super) struct DoctorCommand {
    /// Print JSON for programs.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// Looks for what keeps the daemon from working; says whether nothing does.
pub(super) fn run(options: &DoctorCommand) -> Result<bool, Failure> {
    let loaded = load_config(options.config.config.as_deref())?;
    let mut findings = vec![configuration(&loaded), rules(&loaded)];
    findings.extend(examine(&loaded.config, &loaded.resolve(Path::new(""))));
    let text = if options.json {
        format!("{:#}\n", findings.iter().map(finding_json).collect::<Value>())
    } else {
        report(&findings)
    };
    print(&text)?;
    Ok(count(&findings, Verdict::Fault) == 0)
}

fn count(findings: &[Finding], verdict: Verdict) -> usize {
    findings.iter().filter(|finding| finding.verdict == verdict).count()
}

fn configuration(loaded: &LoadedConfig) -> Finding {
    let path = loaded.path.as_ref().map(|path| path.display().to_string());
    let source = path.unwrap_or_else(|| "built-in values".to_owned());
    let remedy = "`dehusk check` shows every fault with its remedy; the daemon does not start";
    judge("configuration", &loaded.faults, source, remedy)
}

fn rules(loaded: &LoadedConfig) -> Finding {
    let folder = loaded.resolve(&loaded.config.rules.folder);
    let options = RuleOptions::of(&loaded.config, false);
    let remedy =
        "`dehusk check` shows every fault with its remedy; until then last good versions count, if there are any";
    match load_rules(&[folder], &options) {
        Ok((rules, faults)) => judge(
            "rules",
            &faults,
            format!("rules for {} sites", rules.sites().len()),
            remedy,
        ),
        Err(failure) => Finding::fault("rules", failure.to_string(), "let the daemon's user read the file"),
    }
}

fn judge(check: &'static str, faults: &[Diagnostic], what: String, remedy: &str) -> Finding {
    let errors = faults.iter().filter(|fault| fault.severity == Severity::Error).count();
    let worst = faults.iter().max_by_key(|fault| fault.severity == Severity::Error);
    let Some(worst) = worst else {
        return Finding::ok(check, what);
    };
    let first = format!("{}:{}:{}: {}", worst.file, worst.line, worst.column, worst.message);
    if errors == 0 {
        let message = format!("{what}, {} warnings, such as {first}", faults.len());
        return Finding::warning(check, message, "`dehusk check` shows them all");
    }
    Finding::fault(check, format!("{what}, {errors} errors, such as {first}"), remedy)
}

fn report(findings: &[Finding]) -> String {
    let mut text = String::new();
    for finding in findings {
        let Finding {
            check,
            verdict,
            message,
            remedy,
        } = finding;
        text.push_str(&format!("{:<8} {check}: {message}\n", verdict.name()));
        if !remedy.is_empty() {
            text.push_str(&format!("         -> {remedy}\n"));
        }
    }
    let (faults, warnings) = (count(findings, Verdict::Fault), count(findings, Verdict::Warning));
    text.push_str(&format!(
        "{faults} faults, {warnings} warnings, {} checks\n",
        findings.len()
    ));
    text
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "check": finding.check,
        "verdict": finding.verdict.name(),
        "message": finding.message,
        "remedy": finding.remedy,
    })
}
