//! A claim: one page that is ours, lying in the work folder.
//!
//! What it is called there begins with `MILLISECONDS-NUMBER-ATTEMPT`: when the page was claimed, a number that makes it
//! unique, and how often work on it was begun. A crash at a page therefore leaves the count of attempts where the next
//! start finds it. Most pages lie there as a file whose name goes on with the page's path in the inbox. A page with a
//! sidecar, or with a path too long for that, has a folder of its own, in which it keeps its path.
//!
//! A folder for each would be simpler, but dear: ext4 avoids the numbers of files that were deleted within the last
//! minutes, and looks at each of them again whenever a file is made. A folder that comes and goes with every page
//! made the kernel's part of the work several times as long.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::daemon::names::NAME_BYTES_MAX;

/// Longest name of a claim's entry without the count of attempts, in bytes: that may have as many digits as it needs.
const ENTRY_BYTES_MAX: usize = NAME_BYTES_MAX - 10;

/// A page that is ours. It ends with exactly one of finish, reject, release and give-back.
#[derive(Debug)]
pub(crate) struct Claim {
    id: String,
    attempt: u32,
    source: PathBuf,
    form: Form,
}

/// How a claim lies in the work folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As a file. It has no sidecar.
    File,
    /// As a folder, with the page at its path in there, and its sidecar beside it.
    Folder,
}

impl Claim {
    /// A fresh claim of a path in the inbox.
    pub(super) fn new(number: u32, source: &Path, has_sidecar: bool) -> Self {
        let milliseconds = Timestamp::now().as_millisecond();
        let id = format!("{milliseconds:013}-{number:06}");
        let is_short = id.len() + 2 + escaped(source).len() <= ENTRY_BYTES_MAX;
        Self {
            id,
            attempt: 0,
            source: source.to_owned(),
            form: if is_short && !has_sidecar {
                Form::File
            } else {
                Form::Folder
            },
        }
    }

    /// The claim that an entry of the work folder tells of, if it tells of one. The source of one that lies in a folder
    /// is filled in later.
    pub(super) fn of_entry(name: &OsStr, is_folder: bool) -> Option<Self> {
        let mut parts = name.as_bytes().splitn(4, |byte| *byte == b'-');
        let [milliseconds, number, attempt] = [parts.next()?, parts.next()?, parts.next()?];
        let (milliseconds, number) = (str::from_utf8(milliseconds).ok()?, str::from_utf8(number).ok()?);
        milliseconds.parse::<i64>().ok()?;
        number.parse::<u32>().ok()?;
        let (source, form) = match parts.next() {
            None if is_folder => (PathBuf::new(), Form::Folder),
            Some(path) if !is_folder => (unescaped(path)?, Form::File),
            _ => return None,
        };
        Some(Self {
            id: format!("{milliseconds}-{number}"),
            attempt: str::from_utf8(attempt).ok()?.parse().ok()?,
            source,
            form,
        })
    }

    pub(super) fn with_source(self, source: PathBuf) -> Self {
        Self { source, ..self }
    }

    pub(super) fn set_attempt(&mut self, attempt: u32) {
        self.attempt = attempt;
    }

    /// How it lies in the work folder.
    pub(super) fn form(&self) -> Form {
        self.form
    }

    /// What it is called in the work folder at a given count of attempts.
    pub(super) fn entry_name(&self, attempt: u32) -> OsString {
        let mut name = format!("{}-{attempt}", self.id).into_bytes();
        if self.form == Form::File {
            name.push(b'-');
            name.extend(escaped(&self.source));
        }
        OsString::from_vec(name)
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

/// A path as a name: a slash becomes `%2F`, and a percent sign `%25`.
fn escaped(path: &Path) -> Vec<u8> {
    let mut name = Vec::with_capacity(path.as_os_str().len());
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' => name.extend_from_slice(b"%2F"),
            b'%' => name.extend_from_slice(b"%25"),
            plain => name.push(*plain),
        }
    }
    name
}

/// The path that [`escaped`] made a name of; `None` for a name that it never makes of a path in the inbox.
fn unescaped(name: &[u8]) -> Option<PathBuf> {
    let mut parts = name.split(|byte| *byte == b'%');
    let mut path = parts.next()?.to_vec();
    for part in parts {
        let (byte, rest) = match part.split_at_checked(2)? {
            (b"2F", rest) => (b'/', rest),
            (b"25", rest) => (b'%', rest),
            _ => return None,
        };
        path.push(byte);
        path.extend_from_slice(rest);
    }
    let path = PathBuf::from(OsString::from_vec(path));
    let is_plain = |part| matches!(part, std::path::Component::Normal(_));
    (path.file_name().is_some() && path.components().all(is_plain)).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_known_again_by_its_folder() {
        let claim = Claim::new(7, Path::new("a/b.html"), true);
        let again = Claim::of_entry(&claim.entry_name(2), true).unwrap();
        assert_eq!((again.id(), again.attempt()), (claim.id(), 2));
        assert_eq!(again.first_seen(), claim.first_seen());
        assert!(claim.first_seen() > Timestamp::UNIX_EPOCH);
        assert_eq!(again.source(), Path::new(""));
    }

    #[test]
    fn a_claim_is_known_again_by_its_file_with_its_path() {
        for path in [&b"b.html"[..], b"a/b%2Fc-d/%.html", b"caf\xe9/1-2-3.html", b"%25/%%/x"] {
            let path = Path::new(OsStr::from_bytes(path));
            let claim = Claim::new(7, path, false);
            assert_eq!(claim.form(), Form::File);
            let name = claim.entry_name(12);
            assert!(!name.as_bytes().contains(&b'/'), "{}", name.display());
            let again = Claim::of_entry(&name, false).unwrap();
            assert_eq!((again.id(), again.attempt(), again.source()), (claim.id(), 12, path));
        }
    }

    #[test]
    fn a_path_that_is_too_long_for_a_name_is_kept_in_a_folder() {
        for (bytes, form) in [(200, Form::File), (250, Form::Folder), (900, Form::Folder)] {
            let path = "a/".repeat(bytes / 4) + &"x".repeat(bytes / 4);
            let claim = Claim::new(999_999, Path::new(&path), false);
            assert_eq!(claim.form(), if bytes == 200 { Form::Folder } else { form }, "{bytes}");
            assert!(claim.entry_name(u32::MAX).len() <= NAME_BYTES_MAX);
        }
        let name = "x".repeat(215);
        let claim = Claim::new(999_999, Path::new(&name), false);
        assert_eq!(claim.form(), Form::File);
        assert!(claim.entry_name(u32::MAX).len() <= NAME_BYTES_MAX);
    }

    #[test]
    fn foreign_entries_are_no_claims() {
        for name in ["", "a", "1-2", "x-1-0", "1-x-0", "1-1-x", ".dehusk.lock"] {
            assert!(Claim::of_entry(OsStr::new(name), true).is_none(), "{name}");
        }
        for name in [
            "1-1-0",
            "1-1-0-",
            "1-1-0-%2Fx",
            "1-1-0-a%2F..%2Fx",
            "1-1-0-%",
            "1-1-0-%41",
            "1-1-x-a",
        ] {
            assert!(Claim::of_entry(OsStr::new(name), false).is_none(), "{name}");
        }
        assert!(Claim::of_entry(OsStr::new("1-1-0-a.html"), true).is_none());
        assert!(Claim::of_entry(OsStr::new("1-1-0-a.html"), false).is_some());
    }
}
