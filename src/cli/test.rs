//! `dehusk test`.

use std::io::{self, BufRead, IsTerminal};
use std::path::PathBuf;

use clap::Args;
use similar::{ChangeTag, TextDiff};

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::load_config;
use super::output::{print, safe};
use super::rule_source::{RuleOptions, load_rules};
use crate::rule_test::{GoldenDifference, Outcome, run as run_tests};
use crate::rules::{RuleFile, RuleSetOptions};

#[derive(Debug, Args)]
pub(super) struct TestCommand {
    /// Only the tests of this site.
    #[arg(value_name = "SITE")]
    pub(super) site: Option<String>,
    /// The folder of rule files [default: the one that the configuration names].
    #[arg(long, value_name = "DIR")]
    pub(super) rules: Option<PathBuf>,
    /// Ask for every promised whole text that differs whether the new one is right.
    #[arg(long)]
    pub(super) review: bool,
    /// Take every new whole text as right.
    #[arg(long, conflicts_with = "review")]
    pub(super) accept: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// Runs the tests inside rule files; says whether all of them passed.
pub(super) fn run(options: &TestCommand) -> Result<bool, Failure> {
    let loaded = load_config(options.config.config.as_deref())?;
    let folder = options
        .rules
        .clone()
        .unwrap_or_else(|| loaded.resolve(&loaded.config.rules.folder));
    // A draft is what tests are for.
    let set = RuleSetOptions {
        drafts: true,
        ..RuleSetOptions::default()
    };
    let rule_options = RuleOptions {
        shipped: loaded.config.rules.shipped,
        set,
    };
    let (rules, faults) = load_rules(std::slice::from_ref(&folder), &rule_options)?;
    for fault in &faults {
        print(&format!("{fault}\n\n"))?;
    }
    let wanted = |file: &RuleFile| {
        options
            .site
            .as_ref()
            .is_none_or(|site| file.layer_name().eq_ignore_ascii_case(site))
    };
    let (mut passed, mut failed) = (0_usize, 0_usize);
    for site in rules.sites() {
        for file in site.files.iter().filter(|file| wanted(file)) {
            for outcome in run_tests(file, &rules, &loaded.config.limits.page) {
                let holds = outcome.passed() || settle(&outcome, options)?;
                tell(file, &outcome, holds)?;
                passed += usize::from(holds);
                failed += usize::from(!holds);
            }
        }
    }
    print(&format!("{passed} passed, {failed} failed\n"))?;
    if let Some(site) = options.site.as_ref().filter(|_| passed + failed == 0) {
        return Err(Failure::Usage(format!(
            "there are no tests for `{site}` in {}",
            folder.display()
        )));
    }
    Ok(failed == 0 && faults.is_empty())
}

fn tell(file: &RuleFile, outcome: &Outcome, holds: bool) -> Result<(), Failure> {
    print(&format!(
        "{} {}: {}\n",
        if holds { "ok    " } else { "FAILED" },
        file.name,
        safe(&outcome.name)
    ))?;
    outcome
        .failures
        .iter()
        .try_for_each(|failure| print(&format!("{failure}\n")))
}

/// Shows how a promised text differs and, in a review, asks which one is right. Says whether the test holds now.
fn settle(outcome: &Outcome, options: &TestCommand) -> Result<bool, Failure> {
    let Some(golden) = &outcome.golden else {
        return Ok(false);
    };
    print(&difference(golden))?;
    if !(options.accept || options.review && confirmed(golden)?) {
        return Ok(false);
    }
    let written = super::new_file::write(&golden.path, golden.found.as_bytes(), true);
    written.map_err(|error| Failure::File {
        path: golden.path.clone(),
        error,
    })?;
    Ok(outcome.failures.is_empty())
}

fn confirmed(golden: &GoldenDifference) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage(
            "--review asks questions and needs a terminal; --accept takes every change".to_owned(),
        ));
    }
    print(&format!("write the new text to {}? [y/N] ", golden.path.display()))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}

fn difference(golden: &GoldenDifference) -> String {
    let path: PathBuf = golden.path.clone();
    let Some(expected) = &golden.expected else {
        return format!(
            "{}: there is no such file yet; the text is:\n{}",
            path.display(),
            safe(&golden.found)
        );
    };
    format!("{}:\n{}", path.display(), safe(&lines_changed(expected, &golden.found)))
}

/// The lines that two texts do not share, with signs.
pub(super) fn lines_changed(before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let changed = diff
        .iter_all_changes()
        .filter(|change| change.tag() != ChangeTag::Equal && !change.value().trim().is_empty());
    changed
        .map(|change| {
            let sign = if change.tag() == ChangeTag::Delete { '-' } else { '+' };
            format!("{sign} {}\n", change.value().trim_end())
        })
        .collect()
}
