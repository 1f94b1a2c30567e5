//! `dehusk run`.

use super::arguments::RunOptions;
use super::failure::Failure;
use super::input::require_config;
use crate::daemon;

/// Runs the daemon until it is told to stop.
pub(super) fn run(options: &RunOptions) -> Result<bool, Failure> {
    let loaded = require_config(options.config.config.as_deref())?;
    let report = daemon::run(
        &loaded.config,
        daemon::RunOptions {
            once: options.once,
            config_path: loaded.path.clone(),
        },
    )?;
    Ok(report.failed == 0)
}
