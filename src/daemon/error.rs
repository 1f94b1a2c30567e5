//! Why the daemon can't start or go on, each with what to do about it.

use std::path::PathBuf;
use std::{fmt, io};

/// Why the daemon can't start or go on.
#[derive(Debug)]
pub enum DaemonError {
    /// A folder can't be made or used.
    Folder {
        /// The key that names it, such as `spool.inbox`.
        key: &'static str,
        /// Where it is.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A folder lies inside another, or is the same.
    Nested {
        /// The key of the inner one.
        inner: &'static str,
        /// Where it is.
        inner_path: PathBuf,
        /// The key of the outer one.
        outer: &'static str,
        /// Where it is.
        outer_path: PathBuf,
    },
    /// Files can't be moved between the work folder and another one without copying them.
    OtherFileSystem {
        /// The key of the other one.
        key: &'static str,
        /// Where it is.
        path: PathBuf,
        /// Where the work folder is.
        work: PathBuf,
    },
    /// A trial file could not be moved to a folder and back.
    Move {
        /// The folder's key.
        key: &'static str,
        /// Where it is.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process works on the same spool.
    Locked {
        /// The folder that it holds.
        path: PathBuf,
        /// Its process id, if it could be read.
        holder: Option<u32>,
    },
    /// The machinery that waits for events, signals and timers can't be set up.
    Runtime(io::Error),
    /// A run with an end met trouble that did not pass, such as a full disk.
    Stalled {
        /// The trouble.
        trouble: String,
    },
}

impl fmt::Display for DaemonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder { key, path, error } => {
                write!(
                    f,
                    "the folder {} ({key}) can't be used: {error}; {}",
                    path.display(),
                    folder_remedy(error)
                )
            }
            Self::Nested {
                inner,
                inner_path,
                outer,
                outer_path,
            } if inner_path == outer_path => {
                write!(
                    f,
                    "{inner} and {outer} are the same folder, {}: give each a folder of its own",
                    inner_path.display()
                )
            }
            Self::Nested {
                inner,
                inner_path,
                outer,
                outer_path,
            } => write!(
                f,
                "{} ({inner}) lies inside {} ({outer}), where its files would be taken for something else: put the folders beside each other",
                inner_path.display(),
                outer_path.display()
            ),
            Self::OtherFileSystem { key, path, work } => write!(
                f,
                "{} ({key}) and {} (spool.work) are on different file systems, between which files can't be moved whole: put all folders of the spool on one file system, and under one mount",
                path.display(),
                work.display()
            ),
            Self::Move { key, path, error } => write!(
                f,
                "a trial file could not be moved into {} ({key}) and back: {error}; the user that runs dehusk must be allowed to write there",
                path.display()
            ),
            Self::Locked { path, holder } => {
                let holder = holder.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"));
                write!(
                    f,
                    "{} is in use by {holder}: stop that one first, or give this one folders of its own",
                    path.display()
                )
            }
            Self::Runtime(error) => write!(f, "events, signals or timers can't be set up: {error}"),
            Self::Stalled { trouble } => write!(
                f,
                "the run ended early because of trouble that did not pass: {trouble}; nothing is lost, run it again"
            ),
        }
    }
}

fn folder_remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "let the user that runs dehusk write there, or name another folder",
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "something that is no folder has that name: move it away, or name another folder"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "name a folder on a file system that can be written (under systemd: one within ReadWritePaths)"
        }
        _ => "name another folder in the configuration",
    }
}

impl std::error::Error for DaemonError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Folder { error, .. } | Self::Move { error, .. } | Self::Runtime(error) => Some(error),
            _ => None,
        }
    }
}
