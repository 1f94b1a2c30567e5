//! `dehusk learn`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::arguments::ConfigOption;
use super::done::{DonePage, done_pages};
use super::failure::Failure;
use super::input::{LoadedConfig, read_page, require_config};
use super::jobs::inputs;
use super::new::seen_from;
use super::output::{print, tell};
use super::test::lines_changed;
use crate::learn::{Learned, LearnedRule, Sample, Samples, learn, relearn};
use crate::rules::RuleFile;
use crate::toml_file::SourceFile;

#[derive(Debug, Args)]
pub(super) struct LearnCommand {
    /// Pages of the site, or folders of them.
    #[arg(value_name = "DIR", required_unless_present = "from_done")]
    pub(super) samples: Vec<PathBuf>,
    /// The site's name, where the pages don't tell it.
    #[arg(long)]
    pub(super) site: Option<String>,
    /// Learn from pages of this site that went through the daemon.
    #[arg(long, value_name = "SITE", conflicts_with = "samples")]
    pub(super) from_done: Option<String>,
    /// With --from-done: only so many of the newest pages.
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(super) newest: usize,
    /// A folder with dumps of other sites, which the fingerprint must not fit.
    #[arg(long, value_name = "DIR")]
    pub(super) against: Vec<PathBuf>,
    /// Write the rules to this file; if it is there, add what it does not have [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Write the file even where it is no better than the generic cleaner.
    #[arg(long)]
    pub(super) force: bool,
    /// Print what was learned, with its evidence, as JSON.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// Most pages that are learned from; more add time and memory, not knowledge.
const SAMPLES_MAX: usize = 200;

/// Learns a site's rules from pages; says whether they are worth having.
pub(super) fn run(options: &LearnCommand) -> Result<bool, Failure> {
    let loaded = require_config(options.config.config.as_deref())?;
    let paths = match &options.from_done {
        Some(site) => newest(done_pages(&loaded), site, options.newest),
        None => listed(&options.samples)?,
    };
    let samples = Samples {
        pages: read(&paths, options.out.as_deref(), &loaded)?,
        others: read(&listed(&options.against)?, None, &loaded)?,
        site: options.site.clone().or_else(|| options.from_done.clone()),
    };
    let learned = learn(&samples, &loaded.config.limits.page).map_err(|error| Failure::Usage(error.to_string()))?;
    for unread in &learned.unread {
        tell(&format!("not a page: {unread}"));
    }
    let worth_it = learned.doubts.is_empty();
    if options.json {
        print(&format!("{:#}\n", as_json(&learned)))?;
    }
    if worth_it || options.force {
        write(&learned, options)?;
    }
    report(&learned, worth_it || options.force);
    Ok(worth_it)
}

/// The pages below the paths.
fn listed(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let found = inputs(paths, None)?.into_iter().map(|(path, _)| path);
    let is_page = |path: &PathBuf| path.extension().is_none_or(|ending| ending != "toml");
    Ok(found.filter(is_page).take(SAMPLES_MAX).collect())
}

/// The newest pages of a site.
fn newest(pages: Vec<DonePage>, site: &str, count: usize) -> Vec<PathBuf> {
    let modified = |path: &Path| fs::metadata(path).and_then(|found| found.modified()).ok();
    let of_site = pages.into_iter().filter(|page| page.site.as_deref() == Some(site));
    let mut found: Vec<PathBuf> = of_site.map(|page| page.path).collect();
    found.sort_by_key(|path| std::cmp::Reverse((modified(path), path.clone())));
    found.truncate(count.min(SAMPLES_MAX));
    found
}

fn read(paths: &[PathBuf], out: Option<&Path>, loaded: &LoadedConfig) -> Result<Vec<Sample>, Failure> {
    let sample = |path: &PathBuf| {
        let bytes = read_page(path, &loaded.config.limits.page)
            .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        Ok(Sample {
            name: seen_from(out, path),
            bytes,
        })
    };
    paths.iter().map(sample).collect()
}

/// Writes the file, or adds to the one that is there what it does not have.
fn write(learned: &Learned, options: &LearnCommand) -> Result<(), Failure> {
    let Some(path) = &options.out else {
        return if options.json { Ok(()) } else { print(&learned.text) };
    };
    let failed = |error| Failure::File {
        path: path.clone(),
        error,
    };
    let existing = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            super::new_file::write(path, learned.text.as_bytes(), false).map_err(failed)?;
            tell(&format!(
                "{} is written: look at every line, then run `dehusk check` and `dehusk test`",
                path.display()
            ));
            return Ok(());
        }
        existing => existing.map_err(failed)?,
    };
    add(learned, path, &existing, options.json)
}

/// Adds to a file what it does not have yet, and shows it.
fn add(learned: &Learned, path: &Path, existing: &str, quiet: bool) -> Result<(), Failure> {
    let shown = path.display();
    let relearned = relearn(existing, &learned.text).map_err(|error| Failure::Usage(format!("{shown}: {error}")))?;
    if relearned.added.is_empty() {
        tell(&format!("{shown} has all of it already"));
        return Ok(());
    }
    let source = SourceFile::new(shown.to_string(), relearned.text.clone());
    if let (None, faults) = RuleFile::parse(&source) {
        let fault = faults.first().map_or_else(String::new, ToString::to_string);
        let why = format!("{shown} stays as it is, for what would be added has a fault: {fault}");
        return Err(Failure::Usage(why));
    }
    if !quiet {
        print(&lines_changed(existing, &relearned.text))?;
    }
    super::new_file::write(path, relearned.text.as_bytes(), true).map_err(|error| Failure::File {
        path: path.to_path_buf(),
        error,
    })?;
    tell(&format!(
        "{shown}: {} additions; run `dehusk check` and `dehusk test`",
        relearned.added.len()
    ));
    Ok(())
}

/// Tells what is expected of the rules, and why they were not written if they were not.
fn report(learned: &Learned, written: bool) {
    if let Some(estimate) = &learned.estimate {
        let how = if estimate.left_out {
            "each left out once"
        } else {
            "too few to leave one out"
        };
        tell(&format!(
            "{} samples, {how}: agreement with what all together say {:.3}, generic cleaner {:.3}",
            estimate.pages, estimate.learned, estimate.generic
        ));
    }
    for doubt in &learned.doubts {
        tell(&format!(
            "{}: {doubt}",
            if written { "written all the same" } else { "not written" }
        ));
    }
}

fn as_json(learned: &Learned) -> Value {
    let rule = |rule: &LearnedRule| {
        json!({
            "key": rule.key, "pattern": rule.pattern, "seen": rule.seen, "of": rule.of, "words": rule.words,
            "why": rule.why, "example": rule.example,
        })
    };
    let estimate = learned.estimate.map(|estimate| {
        json!({
            "pages": estimate.pages, "left_out": estimate.left_out, "generic": estimate.generic,
            "learned": estimate.learned, "lost": estimate.lost,
        })
    });
    json!({
        "site": learned.site,
        "rules": learned.rules.iter().map(rule).collect::<Vec<_>>(),
        "estimate": estimate,
        "doubts": learned.doubts,
        "unread": learned.unread,
        "file": learned.text,
    })
}
