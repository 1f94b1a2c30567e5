//! `dehusk run`.

use clap::Args;

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::require_config;
use crate::{daemon, rule_folder};

#[derive(Debug, Args)]
pub(super) struct RunOptions {
    /// Clean what lies in the inbox, then leave.
    #[arg(long)]
    pub(super) once: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// Runs the daemon until it is told to stop. A daemon that stops because it is told to has done well, whatever became of
/// single pages; a run with an end tells of them.
pub(super) fn run(options: &RunOptions) -> Result<bool, Failure> {
    let mut loaded = require_config(options.config.config.as_deref())?;
    let rules = loaded.resolve(&loaded.config.rules.folder);
    if rules.is_file() {
        // Without its rules a daemon would clean otherwise than is meant; later, the last good ones stay in force.
        let bundle = rule_folder::read_bundle(&rules).map_err(|error| Failure::File { path: rules, error })?;
        loaded.config.limits.page = bundle.settings.limits;
    }
    let report = daemon::run(
        &loaded.config,
        daemon::RunOptions {
            once: options.once,
            config_path: loaded.path.clone(),
        },
    )?;
    Ok(!options.once || report.failed == 0)
}
