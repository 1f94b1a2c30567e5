//! The few ways in which the spool touches files: write durably, move without destroying, tidy up.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{
    AtFlags, CWD, Mode, OFlags, RenameFlags, ResolveFlags, linkat, openat, openat2, renameat_with, unlinkat,
};
use rustix::io::Errno;

/// Writes a new file, which is not on the disk before it is synced.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Moves a file or folder to a name that must be free: `AlreadyExists` if it is not.
pub(super) fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    move_new_at(CWD, from, CWD, to)
}

/// Moves a file unless it is gone or its new name is taken.
pub(super) fn move_if_possible(from: &Path, to: &Path) -> io::Result<()> {
    match move_new(from, to) {
        Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => Ok(()),
        moved => moved,
    }
}

/// The same with open folders that the paths start from.
pub(in crate::daemon) fn move_new_at(
    from_folder: impl AsFd,
    from: &Path,
    to_folder: impl AsFd,
    to: &Path,
) -> io::Result<()> {
    match renameat_with(&from_folder, from, &to_folder, to, RenameFlags::NOREPLACE) {
        // NFS and some others don't know the flag. A hard link fails on a taken name just as well.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            linkat(&from_folder, from, &to_folder, to, AtFlags::empty())?;
            Ok(unlinkat(&from_folder, from, AtFlags::empty())?)
        }
        moved => Ok(moved?),
    }
}

/// Moves a file to a name and takes the place of what has it.
#[expect(clippy::disallowed_methods, reason = "the spool moves the files")]
pub(super) fn move_over(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Deletes a file; one that is gone already is fine.
#[expect(clippy::disallowed_methods, reason = "the spool deletes the files")]
pub(in crate::daemon) fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Brings a folder's entries to the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Makes the folders of a relative path below `root`; with `durable`, they are on the disk afterwards.
pub(in crate::daemon) fn make_folders(root: &Path, relative: &Path, durable: bool) -> io::Result<PathBuf> {
    let whole = root.join(relative);
    // Mostly it is there: one look is cheaper than to try to make each part of it.
    if relative.as_os_str().is_empty() || whole.is_dir() {
        return Ok(whole);
    }
    let mut folder = root.to_owned();
    for part in relative.components() {
        let parent = folder.clone();
        folder.push(part);
        match fs::create_dir(&folder) {
            Ok(()) if durable => sync_folder(&parent)?,
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(Errno::NOTDIR.into()),
            Err(error) => return Err(error),
        }
    }
    Ok(folder)
}

/// Removes a folder with all folders in it, as far as they hold no file.
pub(super) fn remove_empty_folders(folder: &Path) {
    // Most are empty: to look into each first would cost more than to try.
    if fs::remove_dir(folder).is_ok() {
        return;
    }
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
    {
        remove_empty_folders(&entry.path());
    }
    // One that still holds something stays, which is what is wanted.
    drop(fs::remove_dir(folder));
}

/// Removes the folders above a path, up to `root`, as far as they hold nothing.
pub(in crate::daemon) fn remove_emptied_parents(root: &Path, relative: &Path) {
    let folders = relative.ancestors().skip(1);
    for folder in folders.filter(|folder| !folder.as_os_str().is_empty()) {
        // One that holds something stays, and so do those around it.
        if fs::remove_dir(root.join(folder)).is_err() {
            return;
        }
    }
}

/// Opens a sub-folder without following a link anywhere on the way: a user could turn a folder of the inbox into a
/// link to one of ours between the scan and the claim.
pub(in crate::daemon) fn open_folder(root: &Path, relative: &Path) -> io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = openat(CWD, root, flags, Mode::empty())?;
    if relative.as_os_str().is_empty() {
        return Ok(root);
    }
    match openat2(
        &root,
        relative,
        flags,
        Mode::empty(),
        ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
    ) {
        // Kernels before 5.6.
        Err(Errno::NOSYS) => Ok(openat(&root, relative, flags | OFlags::NOFOLLOW, Mode::empty())?),
        opened => Ok(opened?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_name_is_never_replaced_by_a_careful_move() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        write_new(&one, b"1").unwrap();
        write_new(&two, b"2").unwrap();
        assert_eq!(move_new(&one, &two).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&two).unwrap(), b"2");
        assert_eq!(fs::read(&one).unwrap(), b"1");
    }

    #[test]
    fn a_file_in_the_way_of_a_folder_is_told() {
        let root = tempfile::tempdir().unwrap();
        write_new(&root.path().join("a"), b"").unwrap();
        let error = make_folders(root.path(), Path::new("a/b"), false).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::NOTDIR.raw_os_error()));
        assert!(make_folders(root.path(), Path::new("c/d"), true).unwrap().is_dir());
    }

    #[test]
    fn a_link_on_the_way_to_a_folder_is_not_followed() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("real/sub")).unwrap();
        std::os::unix::fs::symlink("real", root.path().join("link")).unwrap();
        assert!(open_folder(root.path(), Path::new("real/sub")).is_ok());
        assert!(open_folder(root.path(), Path::new("link/sub")).is_err());
        assert!(open_folder(root.path(), Path::new("link")).is_err());
    }

    #[test]
    fn only_empty_folders_are_tidied_away() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("x/a/b")).unwrap();
        fs::create_dir_all(root.path().join("x/c")).unwrap();
        write_new(&root.path().join("x/c/file"), b"").unwrap();
        remove_empty_folders(&root.path().join("x"));
        assert!(!root.path().join("x/a").exists());
        assert!(root.path().join("x/c/file").exists());
    }
}
