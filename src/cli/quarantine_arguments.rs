//! What can be typed after `dehusk quarantine`.

use std::ffi::OsString;

use clap::{Args, Subcommand};

use super::arguments::ConfigOption;

#[derive(Debug, Args)]
pub(super) struct QuarantineCommand {
    #[command(subcommand)]
    pub(super) action: QuarantineAction,
}

#[derive(Debug, Subcommand)]
pub(super) enum QuarantineAction {
    /// List them, the oldest first (more than 10,000 in the order in which they are found).
    List(QuarantineList),
    /// Tell why one of them failed, and how it begins.
    Show(QuarantineShow),
    /// Put pages back into the inbox, where they are taken as if for the first time.
    ///
    /// Nothing in the inbox is overwritten: a page whose name is taken there stays, and the exit code is 1. The reason
    /// file goes when the page is in the inbox; after a kill in between, the same command again ends it.
    Retry(Choice),
    /// Delete pages for good, with their reason files.
    ///
    /// The exit code is 1 where a name is not found or a page can't be deleted.
    Drop(QuarantineDrop),
}

/// Which dead letters.
#[derive(Debug, Args)]
pub(super) struct Selection {
    /// Only those with this code, such as `too-large`.
    #[arg(long)]
    pub(super) code: Option<String>,
    /// Only those of this site.
    #[arg(long)]
    pub(super) site: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct QuarantineList {
    #[command(flatten)]
    pub(super) selection: Selection,
    /// Print JSON for programs.
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct QuarantineShow {
    /// Its name, as the list prints it.
    #[arg(value_name = "NAME")]
    pub(super) name: OsString,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// Dead letters by their names, or by what they have in common.
#[derive(Debug, Args)]
pub(super) struct Choice {
    /// Their names, as the list prints them.
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with_all = ["all", "code", "site"])]
    pub(super) names: Vec<OsString>,
    /// Every page, or with --code and --site all of those.
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

#[derive(Debug, Args)]
pub(super) struct QuarantineDrop {
    #[command(flatten)]
    pub(super) choice: Choice,
    /// Don't ask.
    #[arg(long)]
    pub(super) yes: bool,
}
