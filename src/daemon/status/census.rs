//! Counts the pages in folders, and how long the oldest has been there.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::super::folders::Folders;
use super::super::names::{is_sidecar, is_temporary};
use super::super::reason::REASON_SUFFIX;
use crate::page_file::METADATA_SUFFIX;

/// Most entries of a folder that are looked at, those of its sub-folders among them.
const ENTRIES_MAX: u64 = 2_000_000;

/// The pages in a folder.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// How many there are.
    pub pages: u64,
    /// How long the oldest has been there by its inode's last change, which a rename sets too.
    pub oldest_seconds: Option<u64>,
    /// Whether all were counted.
    pub whole: bool,
}

/// The pages in the folders in which they wait for somebody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Census {
    /// Those that wait for the daemon.
    pub inbox: Count,
    /// Those that were claimed. Counted only where no daemon can be asked.
    pub work: Count,
    /// Those that wait for their readers. Counted only where no daemon can be asked.
    pub outbox: Count,
    /// Those that wait for a person.
    pub failed: Count,
    /// Those that rules hold back.
    pub held: Count,
}

impl Census {
    /// Counts what a daemon does not know of itself.
    pub(super) fn of_waiting(folders: &Folders) -> Self {
        Self {
            inbox: count(&folders.inbox, &is_page),
            failed: count(&folders.failed, &is_failed_page),
            held: count(&folders.held, &is_metadata),
            ..Self::default()
        }
    }

    /// Counts everything.
    pub(super) fn of_all(folders: &Folders) -> Self {
        Self {
            work: count(&folders.work, &is_page),
            outbox: count(&folders.outbox, &is_metadata),
            ..Self::of_waiting(folders)
        }
    }
}

fn is_page(name: &OsStr) -> bool {
    !is_temporary(name) && !is_sidecar(name)
}

fn is_failed_page(name: &OsStr) -> bool {
    is_page(name) && !name.as_bytes().ends_with(REASON_SUFFIX.as_bytes())
}

/// Every page that was delivered has one metadata file.
fn is_metadata(name: &OsStr) -> bool {
    !is_temporary(name) && name.as_bytes().ends_with(METADATA_SUFFIX.as_bytes())
}

fn count(root: &Path, is_wanted: &dyn Fn(&OsStr) -> bool) -> Count {
    let mut counted = Count {
        whole: true,
        ..Count::default()
    };
    let mut oldest: Option<u64> = None;
    let mut looked_at = 0_u64;
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            looked_at += 1;
            if looked_at > ENTRIES_MAX {
                counted.whole = false;
                return with_age(counted, oldest);
            }
            let name = entry.file_name();
            let Ok(found) = entry.metadata() else { continue };
            if found.is_dir() && !is_temporary(&name) {
                folders.push(entry.path());
            } else if found.is_file() && is_wanted(&name) {
                counted.pages += 1;
                let changed = u64::try_from(found.ctime()).unwrap_or_default();
                oldest = Some(oldest.map_or(changed, |oldest| oldest.min(changed)));
            }
        }
    }
    with_age(counted, oldest)
}

fn with_age(counted: Count, oldest: Option<u64>) -> Count {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs();
    Count {
        oldest_seconds: oldest.map(|oldest| now.saturating_sub(oldest)),
        ..counted
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test plays the user, who drops files")]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_and_what_is_beside_them_is_not() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/.hidden")).unwrap();
        for name in [
            "x.html",
            "x.html.meta.toml",
            "x.html.reason.json",
            "a/y.html",
            "a/.hidden/z",
            ".draft",
            "b.part",
        ] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        std::os::unix::fs::symlink("x.html", folder.path().join("link.html")).unwrap();
        let found = count(folder.path(), &is_failed_page);
        assert_eq!((found.pages, found.whole), (2, true));
        assert!(found.oldest_seconds.is_some());
        assert_eq!(count(folder.path(), &is_metadata).oldest_seconds, None);
        assert_eq!(count(&folder.path().join("none"), &is_page).pages, 0);
    }
}
