//! Why a command could not do its work at all.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::daemon::DaemonError;
use crate::daemon::status::AskError;
use crate::toml_file::Diagnostic;

/// What ends a command with exit code 2.
#[derive(Debug)]
pub(super) enum Failure {
    /// Whoever read our output left.
    BrokenPipe,
    /// Our output can't be written.
    Output(io::Error),
    /// A file can't be read or written.
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The configuration has faults.
    Config(Vec<Diagnostic>),
    /// The rules have faults, and nobody would hear of it otherwise.
    Rules(Vec<Diagnostic>),
    /// The arguments contradict each other, in words that say what to write instead.
    Usage(String),
    /// The daemon could not start or go on.
    Daemon(DaemonError),
    /// The daemon can't be asked for its status.
    Ask(AskError),
    /// No daemon runs; that was told already.
    NotRunning,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenPipe => f.write_str("nobody reads the output"),
            Self::Output(error) => write!(f, "the output can't be written: {error}"),
            Self::File { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Config(faults) => {
                f.write_str("the configuration has faults")?;
                faults.iter().try_for_each(|fault| write!(f, "\n{fault}"))
            }
            Self::Rules(faults) => {
                f.write_str("the rules have faults")?;
                faults.iter().try_for_each(|fault| write!(f, "\n{fault}"))
            }
            Self::Usage(text) => f.write_str(text),
            Self::Daemon(error) => error.fmt(f),
            Self::Ask(error) => error.fmt(f),
            Self::NotRunning => f.write_str("no daemon runs"),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::BrokenPipe
        } else {
            Self::Output(error)
        }
    }
}

impl From<DaemonError> for Failure {
    fn from(error: DaemonError) -> Self {
        Self::Daemon(error)
    }
}
