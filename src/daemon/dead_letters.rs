//! Dead letters: the pages in `failed`, each with its reason, and the ways out of there.
//!
//! What is done to a page is done in an order in which a kill at any moment loses nothing and can be made good by doing
//! the same again:
//!
//! 1. back to the inbox: the sidecar, then the page, then the reason file is deleted. A sidecar alone in the inbox is
//!    no page, and the daemon takes it along when the page has come.
//! 2. deletion: the page, then the sidecar, then the reason file, so that what is left says what it was about.
//!
//! A reason file whose page is gone is what a kill leaves. It is told from one whose page is just coming by its claim,
//! which is then still in the work folder.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{CWD, FlockOperation, flock};

use super::names::{is_sidecar, joined, shown, sidecar_of};
use super::reason::{REASON_SUFFIX, Reason};
use super::spool::{Opened, files, open_regular};

/// Largest reason file that is read, in bytes.
const REASON_BYTES_MAX: u64 = 1024 * 1024;

/// Deepest sub-folder that is looked into.
const FOLDER_DEPTH_MAX: usize = 256;

/// A page in `failed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadLetter {
    /// Its path below the folder.
    pub(crate) name: PathBuf,
    /// Whether the page is there, and not only its reason.
    pub(crate) has_page: bool,
    /// What its reason file says, if there is one.
    pub(crate) reason: Reason,
    /// Whether there is a reason file.
    has_reason: bool,
}

/// The folder of dead letters, with those around it; held by one command at a time.
#[derive(Debug)]
pub(crate) struct DeadLetters {
    failed: PathBuf,
    inbox: PathBuf,
    work: PathBuf,
    /// The folder itself is locked: a lock file of one user would shut out the others.
    _lock: File,
}

/// What became of the wish to try a page again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Retried {
    /// It is in the inbox again, under this path.
    Back(PathBuf),
    /// Another page has its place in the inbox, under this path.
    Taken(PathBuf),
    /// There was only a reason file left, which is deleted now.
    Tidied,
    /// It is not there any more, or is just coming.
    Gone,
}

impl DeadLetters {
    /// Opens the folder; `None` if there is none yet. `WouldBlock` if another command is at work there.
    pub(crate) fn open(failed: PathBuf, inbox: PathBuf, work: PathBuf) -> io::Result<Option<Self>> {
        let lock = match File::open(&failed) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Some(Self {
            failed,
            inbox,
            work,
            _lock: lock,
        }))
    }

    /// Hands over every dead letter as it is found, in no order, until somebody does not want any more. No more of them
    /// is kept than the names of folders.
    pub(crate) fn each<E: From<io::Error>>(&self, mut take: impl FnMut(DeadLetter) -> Result<(), E>) -> Result<(), E> {
        let mut folders = vec![PathBuf::new()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(self.failed.join(&folder)) {
                // It is gone again.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                entries => entries?,
            };
            for entry in entries {
                let letter = self.found(&folder, &entry?, &mut folders)?;
                letter.map_or(Ok(()), &mut take)?;
            }
        }
        Ok(())
    }

    /// What an entry of a folder is: a dead letter, or one more folder to look into, or neither.
    fn found(&self, folder: &Path, entry: &fs::DirEntry, folders: &mut Vec<PathBuf>) -> io::Result<Option<DeadLetter>> {
        let name = folder.join(entry.file_name());
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            return self.letter(&name);
        }
        if name.components().count() < FOLDER_DEPTH_MAX {
            folders.push(name);
        }
        Ok(None)
    }

    /// The dead letters that are wanted, the oldest first.
    pub(crate) fn those(&self, is_wanted: impl Fn(&DeadLetter) -> bool) -> io::Result<Vec<DeadLetter>> {
        let mut letters = Vec::new();
        self.each(|letter| {
            letters.extend(Some(letter).filter(&is_wanted));
            Ok::<(), io::Error>(())
        })?;
        letters.sort_by(|one, other| one.order().cmp(&other.order()));
        Ok(letters)
    }

    /// The dead letter that a file belongs to, if the file is the one that stands for it.
    fn letter(&self, name: &Path) -> io::Result<Option<DeadLetter>> {
        let file_name = name.file_name().unwrap_or_default();
        if file_name.as_bytes().starts_with(b".dehusk") || is_sidecar(file_name) && self.has_page_of(name) {
            return Ok(None);
        }
        let Some(page) = without_suffix(name, REASON_SUFFIX) else {
            let reason = self.reason(name)?;
            return Ok(Some(DeadLetter {
                name: name.to_owned(),
                has_page: true,
                has_reason: reason.is_some(),
                reason: reason.unwrap_or_default(),
            }));
        };
        if self.exists(&page) {
            return Ok(None);
        }
        let Some(reason) = self.reason(&page)?.filter(|reason| self.is_over(reason)) else {
            return Ok(None);
        };
        Ok(Some(DeadLetter {
            name: page,
            has_page: false,
            has_reason: true,
            reason,
        }))
    }

    /// The first bytes of a page; `None` if it is no regular file.
    pub(crate) fn head(&self, letter: &DeadLetter, bytes_max: u64) -> io::Result<Option<Vec<u8>>> {
        let Opened::Page(file) = open_regular(&self.failed.join(&letter.name))? else {
            return Ok(None);
        };
        let mut head = Vec::new();
        file.take(bytes_max).read_to_end(&mut head)?;
        Ok(Some(head))
    }

    /// The size of a page, in bytes.
    pub(crate) fn size(&self, letter: &DeadLetter) -> Option<u64> {
        let found = self.failed.join(&letter.name).symlink_metadata().ok()?;
        Some(found.len())
    }

    /// Puts a page back into the inbox, from where it is taken as if it had never been seen.
    pub(crate) fn retry(&self, letter: &DeadLetter) -> io::Result<Retried> {
        let source = letter.source();
        if letter.has_page {
            match self.put_back(&letter.name, &source) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Retried::Taken(source)),
                Err(error) if error.kind() == io::ErrorKind::NotFound && !self.exists(&letter.name) => {
                    return Ok(Retried::Gone);
                }
                Err(error) => return Err(error),
            }
        }
        self.remove_reason(letter)?;
        files::remove_emptied_parents(&self.failed, &letter.name);
        Ok(if letter.has_page {
            Retried::Back(source)
        } else {
            Retried::Tidied
        })
    }

    /// Deletes a page with all that was beside it.
    pub(crate) fn remove(&self, letter: &DeadLetter) -> io::Result<()> {
        let page = self.failed.join(&letter.name);
        if letter.has_page {
            files::remove(&page)?;
        }
        sidecar_of(&page).map_or(Ok(()), |sidecar| files::remove(&sidecar))?;
        self.remove_reason(letter)?;
        files::remove_emptied_parents(&self.failed, &letter.name);
        Ok(())
    }

    fn put_back(&self, name: &Path, source: &Path) -> io::Result<()> {
        let parent = source.parent().unwrap_or(Path::new(""));
        files::make_folders(&self.inbox, parent, false)?;
        // A user could have made a folder of the inbox a link to somewhere else.
        let inbox = files::open_folder(&self.inbox, parent)?;
        let (page, to) = (
            self.failed.join(name),
            Path::new(source.file_name().unwrap_or_default()),
        );
        let sidecars = sidecar_of(&page).zip(sidecar_of(to));
        let mut moved_sidecar = false;
        if let Some((from, to)) = &sidecars {
            match files::move_new_at(CWD, from, &inbox, to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                moved => {
                    moved?;
                    moved_sidecar = true;
                }
            }
        }
        let moved = files::move_new_at(CWD, &page, &inbox, to);
        if let Some((from, to)) = sidecars.filter(|_| moved.is_err() && moved_sidecar) {
            files::move_new_at(&inbox, &to, CWD, &from)?;
        }
        moved
    }

    fn remove_reason(&self, letter: &DeadLetter) -> io::Result<()> {
        if letter.has_reason {
            files::remove(&beside(&self.failed.join(&letter.name)))
        } else {
            Ok(())
        }
    }

    fn reason(&self, page: &Path) -> io::Result<Option<Reason>> {
        let Opened::Page(file) = open_regular(&beside(&self.failed.join(page)))? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.take(REASON_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(Some(Reason::parse(&bytes)))
    }

    /// Whether nothing is left in the work folder of the claim that a reason belongs to.
    fn is_over(&self, reason: &Reason) -> bool {
        let Some(beginning) = reason.claim.as_ref().map(|claim| format!("{claim}-")) else {
            return true;
        };
        let is_its = |entry: fs::DirEntry| entry.file_name().as_bytes().starts_with(beginning.as_bytes());
        fs::read_dir(&self.work).map_or(true, |mut entries| !entries.any(|entry| entry.is_ok_and(is_its)))
    }

    fn has_page_of(&self, sidecar: &Path) -> bool {
        without_suffix(sidecar, crate::page_file::SIDECAR_SUFFIX)
            .is_some_and(|page| self.exists(&page) || self.exists(&beside(&page)))
    }

    fn exists(&self, name: &Path) -> bool {
        self.failed.join(name).symlink_metadata().is_ok()
    }
}

impl DeadLetter {
    /// The name as it is told and typed.
    pub(crate) fn shown(&self) -> String {
        shown(&self.name)
    }

    /// Where it was in the inbox. In `failed` it may have got another name, because its own was taken.
    pub(crate) fn source(&self) -> PathBuf {
        let is_below = |path: &PathBuf| {
            path.file_name().is_some() && path.components().all(|part| matches!(part, Component::Normal(_)))
        };
        let told = self.reason.source.clone().filter(is_below);
        told.unwrap_or_else(|| self.name.clone())
    }

    /// By what they are sorted: those that failed first come first.
    pub(crate) fn order(&self) -> (Option<Timestamp>, &Path) {
        (self.reason.last_seen, &self.name)
    }
}

fn beside(page: &Path) -> PathBuf {
    page.with_file_name(joined(page.file_name().unwrap_or_default(), REASON_SUFFIX))
}

fn without_suffix(name: &Path, suffix: &str) -> Option<PathBuf> {
    let stem = name.file_name()?.as_bytes().strip_suffix(suffix.as_bytes())?;
    (!stem.is_empty()).then(|| name.with_file_name(OsStr::from_bytes(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(name: &str, source: Option<&str>) -> DeadLetter {
        DeadLetter {
            name: name.into(),
            has_page: true,
            has_reason: source.is_some(),
            reason: Reason {
                source: source.map(PathBuf::from),
                ..Reason::default()
            },
        }
    }

    #[test]
    fn a_page_goes_back_to_where_it_came_from_and_never_outside_the_inbox() {
        assert_eq!(letter("a/x.html.1-2", Some("a/x.html")).source(), Path::new("a/x.html"));
        assert_eq!(letter("a/x.html", None).source(), Path::new("a/x.html"));
        for outside in ["/etc/passwd", "../x.html", "a/../../x", ""] {
            assert_eq!(
                letter("x.html", Some(outside)).source(),
                Path::new("x.html"),
                "{outside}"
            );
        }
    }
}
