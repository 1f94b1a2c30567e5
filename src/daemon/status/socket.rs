//! The socket's place: a file in the state folder.

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags, open};

/// The socket's name in the state folder.
pub(crate) const SOCKET_NAME: &str = "status.sock";

/// Longest path that the address of a socket takes, in bytes, without the zero at its end (unix(7)).
const ADDRESS_BYTES_MAX: usize = 107;

/// Listens in a folder. A socket that is there already was left by a daemon that was killed: the caller holds the
/// spool's lock. Who may connect follows from the umask and the folder.
pub(super) fn listen(folder: &Path) -> io::Result<UnixListener> {
    let path = folder.join(SOCKET_NAME);
    match fs::symlink_metadata(&path) {
        Ok(found) if found.file_type().is_socket() => remove(&path)?,
        Ok(_) => {
            return Err(io::Error::new(
                io::ErrorKind::AlreadyExists,
                "something that is no socket has its name: move it away",
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    with_address(folder, |address| UnixListener::bind(address))
}

/// Connects to the socket in a folder.
pub(super) fn connect(folder: &Path) -> io::Result<UnixStream> {
    with_address(folder, |address| UnixStream::connect(address))
}

/// Takes the socket away.
#[expect(clippy::disallowed_methods, reason = "the socket is no file of the spool's")]
pub(super) fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

/// A path that is too long for an address is shortened by way of the open folder, which has a short name under `/proc`.
fn with_address<T>(folder: &Path, act: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
    let path = folder.join(SOCKET_NAME);
    if path.as_os_str().len() <= ADDRESS_BYTES_MAX {
        return act(&path);
    }
    let open = open(
        folder,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let short = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd())).join(SOCKET_NAME);
    act(&short).map_err(|error| {
        let remedy = "its path is longer than a socket's may be: name a shorter one with spool.state";
        if Path::new("/proc/self/fd").is_dir() {
            error
        } else {
            io::Error::new(error.kind(), format!("{error}; {remedy}"))
        }
    })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test puts a file in the way")]
mod tests {
    use super::*;

    #[test]
    fn a_stale_socket_gives_way_and_a_file_does_not() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(connect(folder.path()).unwrap_err().kind(), io::ErrorKind::NotFound);
        drop(listen(folder.path()).unwrap());
        let refused = connect(folder.path()).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        let listener = listen(folder.path()).unwrap();
        assert!(connect(folder.path()).is_ok());
        drop(listener);
        fs::remove_file(folder.path().join(SOCKET_NAME)).unwrap();
        fs::write(folder.path().join(SOCKET_NAME), "").unwrap();
        assert!(listen(folder.path()).unwrap_err().to_string().contains("no socket"));
    }

    #[test]
    fn a_path_that_is_too_long_for_an_address_works_too() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("x".repeat(200));
        fs::create_dir(&deep).unwrap();
        let _listener = listen(&deep).unwrap();
        assert!(deep.join(SOCKET_NAME).exists());
        assert!(connect(&deep).is_ok());
    }
}
