//! The reason file: why a page went to the failed folder, for people and for programs.

use jiff::{Timestamp, Unit};
use serde_json::{Value, json};

use super::names::shown;
use super::spool::Claim;

/// What is appended to a failed page's name to name its reason file.
pub(crate) const REASON_SUFFIX: &str = ".reason.json";

/// The field of a reason file that tells which claim it belongs to.
pub(crate) const CLAIM_FIELD: &str = "claim";

/// A failure that another try won't change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// A short fixed word: those of [`crate::page::PageError`] and [`crate::page_file::ReadError`], and those below.
    pub(crate) code: &'static str,
    /// What happened, in words.
    pub(crate) message: String,
    /// SHA-256 of the file, if it was read to its end.
    pub(crate) sha256: Option<String>,
    /// The site, if it is known.
    pub(crate) site: Option<String>,
}

/// The program was killed or crashed at this page too often.
pub(crate) const ATTEMPTS: &str = "attempts";
/// The cleaner panicked.
pub(crate) const PANIC: &str = "panic";
/// A symbolic link, a pipe, a socket or a device.
pub(crate) const NOT_A_FILE: &str = "not-a-file";
/// The file can't be opened or read.
pub(crate) const UNREADABLE: &str = "unreadable";
/// The sidecar has faults.
pub(crate) const BAD_SIDECAR: &str = "bad-sidecar";
/// The output's name can't be had: it is too long, or a file stands where a folder should.
pub(crate) const NAME_TAKEN: &str = "name-taken";
/// The file was still being written, and another one has taken its place in the inbox.
pub(crate) const STILL_WRITTEN: &str = "still-written";

impl Fault {
    /// A fault of which nothing more is known.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            sha256: None,
            site: None,
        }
    }

    /// The reason file's content.
    pub(crate) fn reason(&self, claim: &Claim) -> Value {
        json!({
            "code": self.code,
            "message": self.message,
            "source": shown(claim.source()),
            "site": self.site,
            "sha256": self.sha256,
            "attempts": claim.attempt(),
            "first_seen": rfc3339(claim.first_seen()),
            "last_seen": rfc3339(Timestamp::now()),
            "version": env!("CARGO_PKG_VERSION"),
            CLAIM_FIELD: claim.id(),
        })
    }
}

/// A moment in UTC to the second, such as `2024-05-01T12:00:00Z`.
pub(crate) fn rfc3339(moment: Timestamp) -> String {
    moment.round(Unit::Second).unwrap_or(moment).to_string()
}
