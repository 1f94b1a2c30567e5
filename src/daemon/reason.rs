//! The reason file: why a page went to the failed folder, for people and for programs.

use std::path::PathBuf;

use jiff::{Timestamp, Unit};
use serde_json::{Value, json};

use super::names::{shown, unshown};
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

/// What a reason file says. What it leaves out, or says in a way that can't be read, is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reason {
    /// The short fixed word.
    pub(crate) code: Option<String>,
    /// What happened, in words.
    pub(crate) message: Option<String>,
    /// The page's path in the inbox.
    pub(crate) source: Option<PathBuf>,
    /// The page's site.
    pub(crate) site: Option<String>,
    /// The page's hash.
    pub(crate) sha256: Option<String>,
    /// How often work on it was begun.
    pub(crate) attempts: Option<u64>,
    /// When it was claimed.
    pub(crate) first_seen: Option<Timestamp>,
    /// When it failed.
    pub(crate) last_seen: Option<Timestamp>,
    /// Which version of the program gave it up.
    pub(crate) version: Option<String>,
    /// The claim that it belongs to.
    pub(crate) claim: Option<String>,
}

impl Reason {
    /// Reads a reason file's content.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let moment = |key: &str| text(key).and_then(|text| text.parse().ok());
        Self {
            code: text("code"),
            message: text("message"),
            source: text("source").and_then(|source| unshown(&source)),
            site: text("site"),
            sha256: text("sha256"),
            attempts: value.get("attempts").and_then(Value::as_u64),
            first_seen: moment("first_seen"),
            last_seen: moment("last_seen"),
            version: text("version"),
            claim: text(CLAIM_FIELD),
        }
    }
}

/// A moment in UTC to the second, such as `2024-05-01T12:00:00Z`.
pub(crate) fn rfc3339(moment: Timestamp) -> String {
    moment.round(Unit::Second).unwrap_or(moment).to_string()
}
