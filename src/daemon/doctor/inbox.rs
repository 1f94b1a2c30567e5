//! What lies about: pages that nobody looked at, leftovers, files from the future.

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::super::folders::Folders;
use super::super::lock::{LOCK_NAME, Lock, LockState};
use super::super::names::{is_temporary, shown};
use super::super::reason::REASON_SUFFIX;
use super::Finding;

/// Most entries of a folder that are looked at.
const ENTRIES_MAX: usize = 200_000;

/// How far ahead of the clock a file may be, in seconds.
const FUTURE_SECONDS: u64 = 60;

/// How old a file with a temporary name is when it was probably forgotten, in seconds: a day.
const FORGOTTEN_SECONDS: u64 = 86_400;

/// Checks what lies in the folders.
pub(super) fn examine(folders: &Folders) -> Vec<Finding> {
    let inbox = entries(&folders.inbox);
    vec![
        future(&inbox),
        forgotten(&inbox),
        closed(&inbox),
        failed(&folders.failed),
        left_over(folders),
    ]
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

fn modified(found: &Metadata) -> u64 {
    u64::try_from(found.mtime()).unwrap_or_default()
}

/// Entries of a folder and those below it, up to a bound.
fn entries(root: &Path) -> Vec<(PathBuf, Metadata)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if found.len() >= ENTRIES_MAX {
                return found;
            }
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                folders.push(entry.path());
            }
            found.push((entry.path(), metadata));
        }
    }
    found
}

fn is_temporary_path(path: &Path) -> bool {
    path.file_name().is_some_and(is_temporary)
}

fn future(inbox: &[(PathBuf, Metadata)]) -> Finding {
    let check = "future";
    let latest = now() + FUTURE_SECONDS;
    let mut ahead = inbox.iter().filter(|(_, found)| modified(found) > latest);
    match ahead.next() {
        None => Finding::ok(check, "no file in the inbox is from the future"),
        Some((first, _)) => Finding::warning(
            check,
            format!(
                "{} files in the inbox are from the future, such as {}",
                1 + ahead.count(),
                shown(first)
            ),
            "they are taken all the same; see whether this clock or that of who writes them is wrong",
        ),
    }
}

fn forgotten(inbox: &[(PathBuf, Metadata)]) -> Finding {
    let check = "unfinished";
    let long_ago = now().saturating_sub(FORGOTTEN_SECONDS);
    let mut old = inbox
        .iter()
        .filter(|(path, found)| found.is_file() && is_temporary_path(path) && modified(found) < long_ago);
    match old.next() {
        None => Finding::ok(check, "no unfinished file has been in the inbox for more than a day"),
        Some((first, _)) => Finding::warning(
            check,
            format!(
                "{} files with temporary names have been in the inbox for more than a day, such as {}",
                1 + old.count(),
                shown(first)
            ),
            "they are never taken: rename them if they are whole, or delete them",
        ),
    }
}

/// Pages can't be taken out of a folder that the daemon may not write to.
fn closed(inbox: &[(PathBuf, Metadata)]) -> Finding {
    let check = "sub-folders";
    let is_open = |path: &Path| {
        let wanted = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
        accessat(CWD, path, wanted, AtFlags::EACCESS).is_ok()
    };
    let mut closed = inbox.iter().filter(|(path, found)| found.is_dir() && !is_open(path));
    match closed.next() {
        None => Finding::ok(check, "every sub-folder of the inbox can be used"),
        Some((first, _)) => Finding::fault(
            check,
            format!(
                "{} sub-folders of the inbox can't be used, such as {}",
                1 + closed.count(),
                shown(first)
            ),
            "let the daemon's user write there: chmod g+rwxs, if the group is shared",
        ),
    }
}

fn failed(folder: &Path) -> Finding {
    let is_reason = |name: &OsStr| name.as_bytes().ends_with(REASON_SUFFIX.as_bytes());
    let reasons = entries(folder)
        .iter()
        .filter(|(path, _)| path.file_name().is_some_and(is_reason))
        .count();
    if reasons == 0 {
        return Finding::ok("failed", "no failed page waits for a look");
    }
    Finding::warning(
        "failed",
        format!("{reasons} failed pages wait for a look in {}", shown(folder)),
        "`dehusk quarantine list` tells why; `dehusk quarantine retry` tries them again, `drop` deletes them",
    )
}

fn left_over(folders: &Folders) -> Finding {
    let is_other = |path: &Path| path.file_name() != Some(OsStr::new(LOCK_NAME));
    let files = entries(&folders.tmp).iter().filter(|(path, _)| is_other(path)).count();
    if files == 0 || matches!(Lock::look(&folders.work), LockState::Held(_)) {
        return Finding::ok("leftovers", "nothing is left over in the tmp folder");
    }
    Finding::warning(
        "leftovers",
        format!("{files} half-written outputs of a daemon that was killed lie in the tmp folder"),
        "nothing: the next start clears them away, and does their pages again",
    )
}
