//! `dehusk diff`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::{hints_of, read_page, require_config};
use super::jobs::inputs;
use super::output::{print, safe, tell};
use super::rule_source::{RuleOptions, load_rules};
use super::test::lines_changed;
use crate::clean::render::plain;
use crate::clean::{CleanOptions, clean};
use crate::limits::Limits;
use crate::page::{PageHints, RawPage};
use crate::rules::RuleSet;
use crate::text::is_word;

#[derive(Debug, Args)]
pub(super) struct DiffCommand {
    /// Pages, or folders of pages.
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// The old and the new folder of rule files: --rules OLD --rules NEW.
    #[arg(long, value_name = "DIR", required = true)]
    pub(super) rules: Vec<PathBuf>,
    /// How many changed pages are shown line by line.
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(super) show: usize,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// What a change of rules does to one page.
struct PageChange {
    path: PathBuf,
    gained: usize,
    lost: usize,
    lines: String,
}

/// Shows what a change of rules does over pages, worst first; says whether nothing changed.
pub(super) fn run(options: &DiffCommand) -> Result<bool, Failure> {
    let [old, new] = options.rules.as_slice() else {
        return Err(Failure::Usage(
            "name two folders of rules: --rules OLD --rules NEW".to_owned(),
        ));
    };
    let loaded = require_config(options.config.config.as_deref())?;
    let (old, new) = (
        rules_of(old, loaded.config.rules.shipped)?,
        rules_of(new, loaded.config.rules.shipped)?,
    );
    let paths: Vec<PathBuf> = inputs(&options.paths, None)?
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    let mut changes: Vec<PageChange> = paths
        .iter()
        .filter_map(|path| change(path, &old, &new, &loaded.config.limits.page))
        .collect();
    changes.sort_by_key(|change| std::cmp::Reverse((change.lost, change.gained)));
    let sum = |count: fn(&PageChange) -> usize| changes.iter().map(count).sum::<usize>();
    let head = format!(
        "{} of {} pages changed, {} words gained, {} words lost\n",
        changes.len(),
        paths.len(),
        sum(|change| change.gained),
        sum(|change| change.lost)
    );
    print(&head)?;
    for change in changes.iter().take(options.show) {
        print(&format!(
            "\n{}: +{} -{} words\n{}",
            change.path.display(),
            change.gained,
            change.lost,
            safe(&change.lines)
        ))?;
    }
    if changes.len() > options.show {
        print(&format!(
            "\n({} more pages; --show N shows more)\n",
            changes.len() - options.show
        ))?;
    }
    Ok(changes.is_empty())
}

fn rules_of(folder: &Path, shipped: bool) -> Result<RuleSet, Failure> {
    if !folder.exists() {
        return Err(Failure::Usage(format!(
            "{} is no folder of rule files, and no bundle",
            folder.display()
        )));
    }
    let (rules, faults) = load_rules(
        &[folder.to_path_buf()],
        &RuleOptions {
            shipped,
            ..RuleOptions::default()
        },
    )?;
    for fault in &faults {
        tell(&fault.to_string());
    }
    Ok(rules)
}

fn change(path: &Path, old: &RuleSet, new: &RuleSet, limits: &Limits) -> Option<PageChange> {
    let bytes = read_page(path, limits)
        .map_err(|error| tell(&format!("dehusk: {}: {error}", path.display())))
        .ok()?;
    let raw = RawPage {
        bytes: &bytes,
        hints: hints_of(path, &PageHints::default()),
    };
    let text = |rules: &RuleSet| {
        clean(&raw, rules, CleanOptions::default(), limits)
            .map(|page| plain(&page, true))
            .unwrap_or_default()
    };
    let (before, after) = (text(old), text(new));
    if before == after {
        return None;
    }
    let (gained, lost) = word_changes(&before, &after);
    Some(PageChange {
        path: path.to_path_buf(),
        gained,
        lost,
        lines: lines_changed(&before, &after),
    })
}

/// How many words one text has that the other has not, both ways; order does not count.
fn word_changes(before: &str, after: &str) -> (usize, usize) {
    let mut counts: HashMap<&str, i64> = HashMap::new();
    let words = |text| str::split(text, |c: char| !is_word(c)).filter(|word: &&str| !word.is_empty());
    words(after).for_each(|word| *counts.entry(word).or_default() += 1);
    words(before).for_each(|word| *counts.entry(word).or_default() -= 1);
    let sum = |sign: i64| {
        counts
            .values()
            .map(|count| usize::try_from(count * sign).unwrap_or(0))
            .sum()
    };
    (sum(1), sum(-1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_both_ways() {
        assert_eq!(word_changes("a b b c", "b c d e"), (2, 2));
    }
}
