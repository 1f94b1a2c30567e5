//! When outputs are on the disk: one by one, or many by one call.
//!
//! A sync costs the same whether one file waits for it or sixty-four, so that batches are a matter of sharing. Even pages
//! that are brought to the disk one by one share the syncs of the folders that they go to ([`FolderSyncs`]). One call
//! for a whole file system (`syncfs`) is trusted only where it is known to do what it promises and to tell of failed
//! writes: on the local file systems named below, since Linux 5.8. Everywhere else each file is synced by itself.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use rustix::fs::{fstatfs, syncfs};
use rustix::system::uname;

use super::folder_sync::FolderSyncs;
use super::{Spool, Staged, files};
use crate::config::Durability;

/// Fewest files for which the whole file system is synced: it brings the unwritten data of other programs to the disk
/// too, which one page with its text and metadata is not worth.
const SHARED_SYNC_FILES_MIN: usize = 3;

/// File systems whose `syncfs` is known to be a sync of everything (the kernel's `linux/magic.h`): ext4, XFS, Btrfs,
/// F2FS. FUSE, for one, may do nothing at all.
const SHARED_SYNC_FILE_SYSTEMS: &[u64] = &[0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010];

/// The first version of Linux whose `syncfs` tells of writes that failed.
const SHARED_SYNC_LINUX: (u32, u32) = (5, 8);

/// How the spool makes things durable.
#[derive(Debug)]
pub(super) struct Syncing {
    durability: Durability,
    /// Held open from the start: the kernel tells each open file of the failed writes since its opening, once.
    file_system: Option<File>,
    folders: FolderSyncs,
}

impl Syncing {
    /// What is set, for folders on the file system of `folder`.
    pub(super) fn new(durability: Durability, folder: &Path) -> Self {
        let shared = durability == Durability::Batch && kernel_tells_of_failures();
        Self {
            durability,
            file_system: File::open(folder).ok().filter(|folder| shared && is_trusted(folder)),
            folders: FolderSyncs::default(),
        }
    }

    /// Whether anything is to be brought to the disk.
    pub(super) fn is_wanted(&self) -> bool {
        self.durability != Durability::Off
    }

    fn shared(&self, count: usize) -> Option<&File> {
        self.file_system.as_ref().filter(|_| count >= SHARED_SYNC_FILES_MIN)
    }
}

impl Spool {
    /// Brings outputs to the disk that were written aside.
    pub(crate) fn sync_outputs(&self, outputs: &[&Staged]) -> io::Result<()> {
        match self.syncing.shared(outputs.len()) {
            _ if !self.syncing.is_wanted() => Ok(()),
            Some(file_system) => Ok(syncfs(file_system)?),
            None => {
                // All of it sets out before any of it is waited for: fewer requests, and fewer waits.
                for output in outputs {
                    output.set_out();
                }
                outputs.iter().try_for_each(|output| output.sync())
            }
        }
    }

    /// Makes the moves in folders of the outbox safe against a power cut.
    pub(crate) fn settle_folders(&self, folders: &BTreeSet<PathBuf>) -> io::Result<()> {
        match self.syncing.shared(folders.len()) {
            _ if !self.syncing.is_wanted() => Ok(()),
            Some(file_system) => Ok(syncfs(file_system)?),
            None => folders
                .iter()
                .try_for_each(|folder| self.syncing.folders.wait(folder, files::sync_folder)),
        }
    }
}

fn is_trusted(folder: &File) -> bool {
    let Ok(found) = fstatfs(folder.as_fd()) else {
        return false;
    };
    // The type's width and sign differ between architectures; the magic numbers have 32 bits.
    let magic = u64::try_from(i128::from(found.f_type) & 0xffff_ffff).ok();
    magic.is_some_and(|magic| SHARED_SYNC_FILE_SYSTEMS.contains(&magic))
}

fn kernel_tells_of_failures() -> bool {
    version(&uname().release().to_string_lossy()).is_some_and(|version| version >= SHARED_SYNC_LINUX)
}

/// The first two numbers of a kernel's version.
fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|character: char| !character.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_the_kernel_are_compared_as_numbers() {
        assert_eq!(version("6.1.0-18-amd64"), Some((6, 1)));
        assert_eq!(version("5.10"), Some((5, 10)));
        assert!(version("5.10").unwrap() >= SHARED_SYNC_LINUX && version("5.4.0").unwrap() < SHARED_SYNC_LINUX);
        assert_eq!(version("unknown"), None);
    }

    #[test]
    fn one_output_is_never_worth_a_sync_of_everything() {
        let folder = tempfile::tempdir().unwrap();
        let syncing = Syncing::new(Durability::Batch, folder.path());
        assert!(syncing.shared(1).is_none());
        for durability in [Durability::Strict, Durability::Off] {
            assert!(Syncing::new(durability, folder.path()).shared(64).is_none());
        }
    }
}
