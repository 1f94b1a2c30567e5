//! Looks for what keeps a daemon from working well. Nothing is made or changed but a hidden trial file, which a daemon
//! that is running passes over.

mod folders;
mod inbox;
mod machine;
mod process;

use std::fs;
use std::path::Path;

use super::folders::Folders;
use crate::config::Config;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// All is well.
    Ok,
    /// It works, but not as well or as safely as it could.
    Warning,
    /// It does not work.
    Fault,
}

impl Verdict {
    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check's name; it is kept.
    pub check: &'static str,
    /// How bad it is.
    pub verdict: Verdict,
    /// What was found.
    pub message: String,
    /// What to do about it; empty where all is well.
    pub remedy: String,
}

impl Finding {
    /// All is well.
    pub fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Ok,
            message: message.into(),
            remedy: String::new(),
        }
    }

    /// It works, but not well.
    pub fn warning(check: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            check,
            verdict: Verdict::Warning,
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// It does not work.
    pub fn fault(check: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Fault,
            ..Self::warning(check, message, remedy)
        }
    }
}

/// Everything that can be found out about a spool and the machine under it. Relative paths start from `base`.
pub fn examine(config: &Config, base: &Path) -> Vec<Finding> {
    let folders = Folders::named(&config.spool, base);
    let rules = base.join(&config.rules.folder);
    let mut findings = folders::examine(&folders, &rules);
    // Most of the rest is about folders: where none is there, what was said about that is enough.
    if folders.all().iter().all(|(_, path)| path.is_dir()) {
        findings.extend(machine::examine(&folders, config));
        findings.extend(process::examine(&folders, config));
        findings.extend(inbox::examine(&folders));
    }
    findings.push(machine::clock());
    findings
}

/// Takes a trial file away; where that fails, it is hidden and harmless.
#[expect(clippy::disallowed_methods, reason = "a trial file is no file of the spool's")]
fn take_away(trial: &Path) {
    drop(fs::remove_file(trial));
}
