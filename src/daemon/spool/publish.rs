//! Outputs into the outbox: written aside, brought to the disk, and moved into place whole.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::{Claim, Spool, files};

/// An output that lies in `tmp`, complete. It is deleted unless it is moved into place.
#[derive(Debug)]
pub(crate) struct Staged {
    path: PathBuf,
}

impl Drop for Staged {
    fn drop(&mut self) {
        // After a move there is nothing left here; and what can't be deleted goes at the next start.
        drop(files::remove(&self.path));
    }
}

impl Staged {
    /// Moves it to a path that must be free; `false` if it is not.
    pub(crate) fn publish_new(&self, to: &Path) -> io::Result<bool> {
        match files::move_new(&self.path, to) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Moves it to a path, over an earlier output of the same page.
    pub(crate) fn publish_over(&self, to: &Path) -> io::Result<()> {
        files::move_over(&self.path, to)
    }

    /// Takes it back from a path where the same delivery has published it a moment ago.
    pub(crate) fn withdraw(&self, from: &Path) -> io::Result<()> {
        files::move_over(from, &self.path)
    }
}

impl Spool {
    /// Writes an output aside.
    pub(crate) fn stage(&self, claim: &Claim, bytes: &[u8]) -> io::Result<Staged> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let staged = Staged {
            path: self.folders.tmp.join(format!("{}-{number}", claim.id())),
        };
        files::write_new(&staged.path, bytes, self.durable)?;
        Ok(staged)
    }

    /// Writes a file of the state folder, whole or not at all.
    pub(crate) fn save_state(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let staged = Staged {
            path: self.folders.tmp.join(format!("state-{number}")),
        };
        files::write_new(&staged.path, bytes, self.durable)?;
        staged.publish_over(&self.folders.state.join(name))
    }

    /// Makes the outbox's copy of a sub-folder of the inbox, and tells where it is.
    pub(crate) fn outbox_folder(&self, relative: &Path) -> io::Result<PathBuf> {
        files::make_folders(&self.folders.outbox, relative, self.durable)
    }

    /// Makes the copy of a sub-folder of the inbox below the held pages of one kind, and tells where it is.
    pub(crate) fn held_folder(&self, to: &str, relative: &Path) -> io::Result<PathBuf> {
        files::make_folders(&self.folders.held, &Path::new(to).join(relative), self.durable)
    }

    /// Makes the moves in a folder of the outbox safe against a power cut.
    pub(crate) fn settle_folder(&self, folder: &Path) -> io::Result<()> {
        if self.durable {
            files::sync_folder(folder)
        } else {
            Ok(())
        }
    }
}
