//! Writes an output so that nobody sees half of it, and nothing that was there is lost.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use rustix::fs::{CWD, RenameFlags, renameat_with};

/// Writes a file under a name of its own first and then gives it its real name; an existing file stays, unless
/// `replace` is set. Folders on the way are made.
pub(super) fn write(path: &Path, bytes: &[u8], replace: bool) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = write_new(&part, bytes).and_then(|()| rename(&part, path, replace));
    if written.is_err() {
        remove(&part);
    }
    written
}

/// Moves a file to a name that must be free. Folders on the way are made.
pub(super) fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

fn write_new(part: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(part)?
        .write_all(bytes)
}

fn rename(part: &Path, path: &Path, replace: bool) -> io::Result<()> {
    let flags = if replace {
        RenameFlags::empty()
    } else {
        RenameFlags::NOREPLACE
    };
    match renameat_with(CWD, part, CWD, path, flags) {
        Ok(()) => Ok(()),
        Err(rustix::io::Errno::EXIST) => Err(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "is there already: add --force to replace it",
        )),
        Err(error) => Err(error.into()),
    }
}

#[expect(
    clippy::disallowed_methods,
    clippy::let_underscore_must_use,
    reason = "our own unfinished file; if it can't be removed, its name tells what it is"
)]
fn remove(part: &Path) {
    let _ = fs::remove_file(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_existing_file_stays_unless_it_may_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a/b.txt");
        write(&path, b"1", false).unwrap();
        assert_eq!(
            write(&path, b"2", false).unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        assert_eq!(fs::read(&path).unwrap(), b"1");
        write(&path, b"2", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"2");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}
