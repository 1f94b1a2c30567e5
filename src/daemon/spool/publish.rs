//! Outputs into the outbox: written aside, brought to the disk, and moved into place whole.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use rustix::fs::{Advice, fadvise};

use super::{Claim, Spool, files};

/// An output that lies in `tmp`, complete. It is deleted unless it is moved into place.
#[derive(Debug)]
pub(crate) struct Staged {
    path: PathBuf,
    /// Kept open until it is synced: the kernel tells of failed writes those who had the file open.
    file: File,
    /// Whether it has left `tmp`.
    is_published: Cell<bool>,
}

impl Drop for Staged {
    fn drop(&mut self) {
        // What can't be deleted goes at the next start.
        if !self.is_published.get() {
            drop(files::remove(&self.path));
        }
    }
}

impl Staged {
    /// Begins to bring it to the disk, where the kernel can be asked to without waiting: it writes at once what it is told
    /// that nobody will read soon. Nothing depends on whether it does.
    pub(super) fn set_out(&self) {
        fadvise(&self.file, 0, None, Advice::DontNeed).unwrap_or_default();
    }

    /// Brings it to the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// Moves it to a path that must be free; `false` if it is not.
    pub(crate) fn publish_new(&self, to: &Path) -> io::Result<bool> {
        match files::move_new(&self.path, to) {
            Ok(()) => {
                self.is_published.set(true);
                Ok(true)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Moves it to a path, over an earlier output of the same page.
    pub(crate) fn publish_over(&self, to: &Path) -> io::Result<()> {
        files::move_over(&self.path, to)?;
        self.is_published.set(true);
        Ok(())
    }

    /// Takes it back from a path where the same delivery has published it a moment ago.
    pub(crate) fn withdraw(&self, from: &Path) -> io::Result<()> {
        self.is_published.set(false);
        files::move_over(from, &self.path)
    }
}

impl Spool {
    /// Writes an output aside. It is not on the disk before it is synced.
    pub(crate) fn stage(&self, claim: &Claim, bytes: &[u8]) -> io::Result<Staged> {
        self.stage_as(claim.id(), bytes)
    }

    /// Writes a file of the state folder, whole or not at all.
    pub(crate) fn save_state(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let staged = self.stage_as("state", bytes)?;
        self.sync_outputs(&[&staged])?;
        staged.publish_over(&self.folders.state.join(name))
    }

    fn stage_as(&self, beginning: &str, bytes: &[u8]) -> io::Result<Staged> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let path = self.folders.tmp.join(format!("{beginning}-{number}"));
        match files::write_new(&path, bytes) {
            Ok(file) => Ok(Staged {
                path,
                file,
                is_published: Cell::new(false),
            }),
            Err(error) => {
                // Half a file is nobody's; and what can't be deleted goes at the next start.
                drop(files::remove(&path));
                Err(error)
            }
        }
    }

    /// Makes the outbox's copy of a sub-folder of the inbox, and tells where it is.
    pub(crate) fn outbox_folder(&self, relative: &Path) -> io::Result<PathBuf> {
        files::make_folders(&self.folders.outbox, relative, self.syncing.is_wanted())
    }

    /// Makes the copy of a sub-folder of the inbox below the held pages of one kind, and tells where it is.
    pub(crate) fn held_folder(&self, to: &str, relative: &Path) -> io::Result<PathBuf> {
        files::make_folders(
            &self.folders.held,
            &Path::new(to).join(relative),
            self.syncing.is_wanted(),
        )
    }
}
