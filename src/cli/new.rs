//! `dehusk new`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::{read_page, require_config};
use super::output::{print, tell};
use super::rule_source::{RuleOptions, load_rules};
use crate::scaffold::{Sample, draft};

#[derive(Debug, Args)]
pub(super) struct NewCommand {
    /// Sample pages of the site.
    #[arg(required = true, value_name = "FILE")]
    pub(super) samples: Vec<PathBuf>,
    /// The site's name, where the pages don't tell it.
    #[arg(long)]
    pub(super) site: Option<String>,
    /// Write the draft to this file, which must not be there yet [default: standard output].
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// Drafts a rule file from sample pages.
pub(super) fn run(options: &NewCommand) -> Result<bool, Failure> {
    let loaded = require_config(options.config.config.as_deref())?;
    let limits = &loaded.config.limits.page;
    let mut samples = Vec::new();
    for path in &options.samples {
        let bytes = read_page(path, limits).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        samples.push(Sample {
            name: seen_from(options.out.as_deref(), path),
            bytes,
        });
    }
    let (rules, _) = load_rules(
        &[],
        &RuleOptions {
            shipped: true,
            ..RuleOptions::default()
        },
    )?;
    let text =
        draft(&samples, options.site.as_deref(), &rules, limits).map_err(|error| Failure::Usage(error.to_string()))?;
    match &options.out {
        None => print(&text)?,
        Some(path) => {
            super::new_file::write(path, text.as_bytes(), false).map_err(|error| Failure::File {
                path: path.clone(),
                error,
            })?;
            tell(&format!(
                "{} is drafted: look at every line, then run `dehusk check` and `dehusk test`",
                path.display()
            ));
        }
    }
    Ok(true)
}

/// A sample's path as a rule file in `out` has to name it.
pub(super) fn seen_from(out: Option<&Path>, sample: &Path) -> String {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let sample = absolute(sample);
    let folder = out.map(absolute).and_then(|out| out.parent().map(Path::to_path_buf));
    let relative = folder.and_then(|folder| sample.strip_prefix(folder).map(Path::to_path_buf).ok());
    relative.unwrap_or(sample).display().to_string()
}
