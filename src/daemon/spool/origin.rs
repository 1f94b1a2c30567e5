//! Where a page comes from: its place in the inbox, which belongs to users, who may change it at any moment.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, FileType, Stat, statat};
use rustix::io::Errno;

use super::files;
use crate::daemon::names::sidecar_of;

/// A page's place in the inbox.
#[derive(Debug)]
pub(super) struct Origin {
    /// The page's sub-folder, which could become a link to somewhere else; the inbox itself is nobody's to change.
    folder: Option<OwnedFd>,
    /// The page, seen from there.
    name: PathBuf,
}

impl Origin {
    /// The place of a path in the inbox.
    pub(super) fn of(inbox: &Path, source: &Path) -> io::Result<Self> {
        let parent = source.parent().unwrap_or(Path::new(""));
        if parent.as_os_str().is_empty() {
            return Ok(Self {
                folder: None,
                name: inbox.join(source),
            });
        }
        Ok(Self {
            folder: Some(files::open_folder(inbox, parent)?),
            name: source.file_name().unwrap_or_default().into(),
        })
    }

    fn folder(&self) -> BorrowedFd<'_> {
        self.folder.as_ref().map_or(CWD, AsFd::as_fd)
    }

    /// The page's sidecar, if it has one now.
    pub(super) fn sidecar(&self) -> Option<PathBuf> {
        let is_file = |sidecar: &PathBuf| {
            statat(self.folder(), sidecar, AtFlags::SYMLINK_NOFOLLOW)
                .is_ok_and(|found| kind_of(&found) == FileType::RegularFile)
        };
        sidecar_of(&self.name).filter(is_file)
    }

    /// Moves a file that lies beside the page to a path that must be free.
    pub(super) fn move_new(&self, name: &Path, to: &Path) -> io::Result<()> {
        files::move_new_at(self.folder(), name, CWD, to)
    }

    /// Moves the page back from a path, if its place is still free.
    pub(super) fn put_back(&self, from: &Path) -> io::Result<()> {
        files::move_new_at(CWD, from, self.folder(), &self.name)
    }

    /// Moves the page out of the inbox if it is no folder, and only if it is the one that was looked at: a user could
    /// put a folder, or a file that is still being written, in its place in between. `NotFound` tells that it is not;
    /// the next scan judges what is there.
    pub(super) fn move_page(&self, to: &Path) -> io::Result<()> {
        let seen = statat(self.folder(), &self.name, AtFlags::SYMLINK_NOFOLLOW)?;
        if kind_of(&seen) == FileType::Directory {
            return Err(Errno::NOENT.into());
        }
        self.move_new(&self.name, to)?;
        let moved = statat(CWD, to, AtFlags::SYMLINK_NOFOLLOW)?;
        if is_same(&seen, &moved) {
            return Ok(());
        }
        match self.put_back(to) {
            // Its place is taken by now, so that it stays ours after all.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
            Ok(()) => Err(Errno::NOENT.into()),
        }
    }
}

fn kind_of(found: &Stat) -> FileType {
    FileType::from_raw_mode(found.st_mode)
}

/// Whether two looks are at the same file. A number alone could have been given to a new file in between.
fn is_same(one: &Stat, other: &Stat) -> bool {
    let values = |found: &Stat| {
        (
            found.st_dev,
            found.st_ino,
            found.st_size,
            found.st_mtime,
            found.st_mtime_nsec,
        )
    };
    values(one) == values(other)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_in_the_place_of_a_page_is_not_claimed() {
        let root = tempfile::tempdir().unwrap();
        let origin = |name: &str| Origin::of(root.path(), Path::new(name)).unwrap();
        let to = root.path().join("to");
        fs::create_dir_all(root.path().join("page.html/inside")).unwrap();
        let error = origin("page.html").move_page(&to).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(root.path().join("page.html/inside").is_dir() && !to.exists());
        files::write_new(&root.path().join("page.html/other.html"), b"page").unwrap();
        origin("page.html/other.html").move_page(&to).unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"page");
        // A link is claimed itself, to be refused with a reason, and never what it points at.
        std::os::unix::fs::symlink("to", root.path().join("link")).unwrap();
        let link = root.path().join("taken");
        origin("link").move_page(&link).unwrap();
        assert!(link.is_symlink() && to.exists());
    }

    #[test]
    fn only_a_file_is_a_sidecar() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/x.html.meta.toml")).unwrap();
        files::write_new(&root.path().join("a/y.html.meta.toml"), b"").unwrap();
        let sidecar = |name: &str| Origin::of(root.path(), Path::new(name)).unwrap().sidecar();
        assert_eq!(sidecar("a/x.html"), None);
        assert_eq!(sidecar("a/y.html").as_deref(), Some(Path::new("y.html.meta.toml")));
        assert_eq!(sidecar("z.html"), None);
    }
}
