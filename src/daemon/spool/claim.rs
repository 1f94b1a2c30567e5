//! A claim: one page that is ours, lying in a folder of its own below the work folder.
//!
//! The folder's name is `MILLISECONDS-NUMBER-ATTEMPT`: when the page was claimed, a number that makes it unique, and how
//! often work on it was begun. Below it, the page keeps its path in the inbox. A crash at a page therefore leaves the
//! count of attempts where the next start finds it.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// A page that is ours. It ends with exactly one of finish, reject, release and give-back.
#[derive(Debug)]
pub(crate) struct Claim {
    id: String,
    attempt: u32,
    source: PathBuf,
}

impl Claim {
    /// A fresh claim of a path in the inbox.
    pub(super) fn new(number: u32, source: &Path) -> Self {
        let milliseconds = Timestamp::now().as_millisecond();
        Self {
            id: format!("{milliseconds:013}-{number:06}"),
            attempt: 0,
            source: source.to_owned(),
        }
    }

    /// The claim that a folder's name tells of, if it tells of one; the source is filled in later.
    pub(super) fn of_folder(name: &str) -> Option<Self> {
        let (id, attempt) = name.rsplit_once('-')?;
        let (milliseconds, number) = id.split_once('-')?;
        milliseconds.parse::<i64>().ok()?;
        number.parse::<u32>().ok()?;
        Some(Self {
            id: id.to_owned(),
            attempt: attempt.parse().ok()?,
            source: PathBuf::new(),
        })
    }

    pub(super) fn with_source(self, source: PathBuf) -> Self {
        Self { source, ..self }
    }

    pub(super) fn set_attempt(&mut self, attempt: u32) {
        self.attempt = attempt;
    }

    /// The name of its folder at a given count of attempts.
    pub(super) fn folder_name(&self, attempt: u32) -> String {
        format!("{}-{attempt}", self.id)
    }

    /// What tells it from all others.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// How often work on it was begun, this time included.
    pub(crate) fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Its path in the inbox.
    pub(crate) fn source(&self) -> &Path {
        &self.source
    }

    /// When it was claimed.
    pub(crate) fn first_seen(&self) -> Timestamp {
        let milliseconds = self.id.split('-').next().and_then(|digits| digits.parse().ok());
        milliseconds
            .and_then(|milliseconds| Timestamp::from_millisecond(milliseconds).ok())
            .unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_known_again_by_its_folder() {
        let claim = Claim::new(7, Path::new("a/b.html"));
        let again = Claim::of_folder(&claim.folder_name(2)).unwrap();
        assert_eq!((again.id(), again.attempt()), (claim.id(), 2));
        assert_eq!(again.first_seen(), claim.first_seen());
        assert!(claim.first_seen() > Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn foreign_folders_are_no_claims() {
        for name in ["", "a", "1-2", "x-1-0", "1-x-0", "1-1-x", ".dehusk.lock"] {
            assert!(Claim::of_folder(name).is_none(), "{name}");
        }
    }
}
