//! The other end of the socket: asks a daemon, and looks at the folders where none answers.

use std::fmt;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::folders::Folders;
use super::super::lock::{Lock, LockState};
use super::report::StatusReport;
use super::{Census, socket};
use crate::config::Config;

/// How long a daemon may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Largest answer, in bytes.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;

const REQUEST: &[u8] = b"GET /status HTTP/1.1\r\nHost: dehusk\r\nConnection: close\r\n\r\n";

/// What can be learned of a spool.
#[derive(Debug)]
pub enum Answer {
    /// A daemon's own words.
    Running(Box<StatusReport>),
    /// No daemon runs.
    NotRunning(Census),
    /// A daemon holds the spool and serves no status.
    Silent {
        /// Its process, if that could be read.
        holder: Option<u32>,
        /// What the folders show.
        census: Census,
    },
}

/// Why nothing could be learned.
#[derive(Debug)]
pub enum AskError {
    /// The daemon's socket is there and can't be used.
    Socket {
        /// The folder that it is in.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Whatever answered is no daemon of a version that is known here.
    Nonsense(String),
}

impl fmt::Display for AskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket { folder, error } => {
                let remedy = if error.kind() == io::ErrorKind::PermissionDenied {
                    "; ask as the user that runs the daemon, or join its group"
                } else {
                    ""
                };
                write!(
                    f,
                    "the daemon can't be asked over its socket in {}: {error}{remedy}",
                    folder.display()
                )
            }
            Self::Nonsense(what) => write!(f, "the daemon's answer makes no sense: {what}"),
        }
    }
}

impl std::error::Error for AskError {}

/// Asks the daemon of a spool; relative paths start from `base`. Makes and changes nothing.
pub fn ask(config: &Config, base: &Path) -> Result<Answer, AskError> {
    ask_in(&Folders::named(&config.spool, base))
}

/// Asks the daemon of folders.
pub(crate) fn ask_in(folders: &Folders) -> Result<Answer, AskError> {
    match socket::connect(&folders.state).and_then(exchange) {
        Ok(answer) => read(&answer).map(|report| Answer::Running(Box::new(report))),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            let census = Census::of_all(folders);
            Ok(match Lock::look(&folders.work) {
                LockState::Held(holder) => Answer::Silent { holder, census },
                LockState::Free | LockState::Unknown => Answer::NotRunning(census),
            })
        }
        Err(error) => Err(AskError::Socket {
            folder: folders.state.clone(),
            error,
        }),
    }
}

fn exchange(mut stream: std::os::unix::net::UnixStream) -> io::Result<Vec<u8>> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(REQUEST)?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    Ok(answer)
}

fn read(answer: &[u8]) -> Result<StatusReport, AskError> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| AskError::Nonsense("it was cut short".to_owned()))?;
    if !head.starts_with("HTTP/1.1 200 ") {
        let line: String = head.lines().take(1).collect();
        return Err(AskError::Nonsense(line));
    }
    serde_json::from_str(body).map_err(|error| AskError::Nonsense(error.to_string()))
}
