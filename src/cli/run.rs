//! `dehusk run`.

use super::arguments::RunOptions;
use super::failure::Failure;
use super::input::require_config;
use crate::daemon;

/// Runs the daemon until it is told to stop. A daemon that stops because it is told to has done well, whatever became of
/// single pages; a run with an end tells of them.
pub(super) fn run(options: &RunOptions) -> Result<bool, Failure> {
    let loaded = require_config(options.config.config.as_deref())?;
    let report = daemon::run(
        &loaded.config,
        daemon::RunOptions {
            once: options.once,
            config_path: loaded.path.clone(),
        },
    )?;
    Ok(!options.once || report.failed == 0)
}
