//! A lock on a folder, so that two daemons never work on the same spool.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::error::DaemonError;

/// The lock's file in the folder; hidden, so that a scan passes it over.
pub(crate) const LOCK_NAME: &str = ".dehusk.lock";

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
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(fail)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                return Err(DaemonError::Locked {
                    path: folder.to_owned(),
                    holder: holder(&mut file),
                });
            }
            Err(error) => return Err(fail(error.into())),
        }
        // On a full disk the lock holds all the same; whoever meets it only won't learn by whom.
        drop(file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())));
        Ok(Self { _file: file })
    }
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
        drop(first);
        assert!(Lock::take("spool.work", folder.path()).is_ok());
    }
}
