//! What can be typed after `dehusk warc`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::arguments::{FormatArgument, RuleArguments};

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line, and any of them goes with any other"
)]
pub(in crate::cli) struct WarcCommand {
    /// WARC files, plain or packed with gzip or zstd.
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// Write the records to this file [default: standard output]; packed with gzip if its name ends in `.gz`.
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    pub(super) out: Option<PathBuf>,
    /// Write a text and a metadata file for each page into this folder.
    #[arg(long, value_name = "DIR")]
    pub(super) folder: Option<PathBuf>,
    /// The form of the texts.
    #[arg(long, value_enum, default_value = "txt", value_name = "FORM")]
    pub(super) format: FormatArgument,
    /// Leave the title out of the text.
    #[arg(long)]
    pub(super) no_title: bool,
    /// Clean pages of every status, not only of 2xx: error pages and redirects too.
    #[arg(long)]
    pub(super) all_status: bool,
    /// Note the progress beside the output, and go on where an earlier run of the same command was ended.
    #[arg(long)]
    pub(super) resume: bool,
    /// Write what became of all records to this file, as JSON.
    #[arg(long, value_name = "FILE")]
    pub(super) summary: Option<PathBuf>,
    /// Overwrite what is there.
    #[arg(long, conflicts_with = "resume")]
    pub(super) force: bool,
    /// How many pages are cleaned at a time [default: one for each core].
    #[arg(long, value_name = "N")]
    pub(super) jobs: Option<usize>,
    /// The site whose rules count, whatever the pages say.
    #[arg(long)]
    pub(super) site: Option<String>,
    #[command(flatten)]
    pub(super) source: RuleArguments,
}
