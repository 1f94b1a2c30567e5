//! A lock on a folder, so that two daemons never work on the same spool.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::DaemonError;

/// The lock's file in the folder; hidden, so that a scan passes it over.
pub(crate) const LOCK_NAME: &str = ".dehusk.lock";

/// How often the lock is tried before somebody else is said to hold it: one who only looks holds it for an instant.
const TRIES: u32 = 5;

/// The time between two tries.
const TRY_AGAIN: Duration = Duration::from_millis(20);

/// What a look at a lock shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LockState {
    /// A process holds it; its id, if it could be read.
    Held(Option<u32>),
    /// Nobody holds it.
    Free,
    /// It can't be looked at.
    Unknown,
}

/// A held lock. It ends with the value, or with the process however that ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Locks a folder, and leaves the process id for whoever finds it locked.
    pub(crate) fn take(key: &'static str, folder: &Path) -> Result<Self, DaemonError> {
        let fail = |error: io::Error| DaemonError::Folder {
            key,
            path: folder.to_owned(),
            error,
        };
        let path = folder.join(LOCK_NAME);
        let mut pen = open_for_writing(&path).map_err(fail)?;
        // Held by a file that is open for reading only, so that the file system can be remounted read-only meanwhile.
        let mut file = File::open(&path).map_err(fail)?;
        match try_lock(&file) {
            Ok(()) => {}
            // NFS locks only what is open for writing.
            Err(Errno::BADF) => {
                file = open_for_writing(&path).map_err(fail)?;
                try_lock(&file).map_err(|error| refusal(error, folder, &mut pen, fail))?;
            }
            Err(error) => return Err(refusal(error, folder, &mut file, fail)),
        }
        // On a full disk the lock holds all the same; whoever meets it only won't learn by whom.
        drop(pen.set_len(0).and_then(|()| writeln!(pen, "{}", std::process::id())));
        Ok(Self { _file: file })
    }

    /// Looks whether somebody holds the lock on a folder. Leaves nothing behind.
    pub(crate) fn look(folder: &Path) -> LockState {
        let mut file = match File::open(folder.join(LOCK_NAME)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return LockState::Free,
            Err(_) => return LockState::Unknown,
        };
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => LockState::Free,
            Err(Errno::WOULDBLOCK) => LockState::Held(holder(&mut file)),
            Err(_) => LockState::Unknown,
        }
    }
}

fn try_lock(file: &File) -> Result<(), Errno> {
    for _ in 1..TRIES {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => thread::sleep(TRY_AGAIN),
            locked => return locked,
        }
    }
    flock(file, FlockOperation::NonBlockingLockExclusive)
}

fn open_for_writing(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

fn refusal(error: Errno, folder: &Path, file: &mut File, fail: impl FnOnce(io::Error) -> DaemonError) -> DaemonError {
    if error == Errno::WOULDBLOCK {
        return DaemonError::Locked {
            path: folder.to_owned(),
            holder: holder(file),
        };
    }
    fail(error.into())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_names_the_holder_and_works_once_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take("spool.work", folder.path()).unwrap();
        let error = Lock::take("spool.work", folder.path()).unwrap_err().to_string();
        assert!(
            error.contains(&format!("in use by process {}", std::process::id())),
            "{error}"
        );
        assert_eq!(Lock::look(folder.path()), LockState::Held(Some(std::process::id())));
        drop(first);
        assert_eq!(Lock::look(folder.path()), LockState::Free);
        assert!(Lock::take("spool.work", folder.path()).is_ok());
    }
}
