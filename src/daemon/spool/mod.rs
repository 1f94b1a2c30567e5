//! The spool: the only mover of files. A file's place is its state.
//!
//! A page goes from the inbox into `work` under a name that tells whose claim it is, its outputs are written in `tmp` and
//! moved to the outbox, and then the page moves to `done` or, with a reason file, to `failed`. Every step is one rename,
//! so that a kill at any moment leaves the page in one place that tells how far it came. Names are raw bytes throughout.

mod claim;
pub(super) mod files;
mod folder_sync;
mod origin;
mod publish;
mod put_away;
mod recover;
mod retention;
mod sync;
mod wall_clock;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;

pub(crate) use claim::Claim;
pub(crate) use publish::Staged;
pub(crate) use retention::Retention;

use super::error::DaemonError;
use super::folders::Folders;
use super::lock::Lock;
use super::names::sidecar_of;
use crate::config::{AfterSuccess, SpoolConfig};
use claim::Form;
use origin::Origin;
use sync::Syncing;

/// Folder names tried until one is free.
const CLAIM_TRIES: u32 = 100;

/// The file that the moves are tried with; hidden, so that a scan passes it over.
const TRIAL_NAME: &str = ".dehusk-trial";

/// The spool's folders, locked.
#[derive(Debug)]
pub(crate) struct Spool {
    folders: Folders,
    syncing: Syncing,
    after_success: AfterSuccess,
    number: AtomicU32,
    _locks: [Lock; 2],
}

/// What became of the wish to claim a path.
#[derive(Debug)]
pub(crate) enum Claimed {
    /// It is ours.
    Taken(Claim),
    /// It is no longer there.
    Gone,
}

/// What lies at a claim's place.
#[derive(Debug)]
pub(crate) enum Opened {
    /// The page, open.
    Page(File),
    /// Something that is no regular file, named.
    NoFile(&'static str),
    /// Nothing: somebody took it away.
    Gone,
}

impl Spool {
    /// Takes the folders into use: locks them, tries a move to each, and empties `tmp`.
    pub(crate) fn open(folders: Folders, config: &SpoolConfig) -> Result<Self, DaemonError> {
        let locks = [
            Lock::take("spool.work", &folders.work)?,
            Lock::take("spool.tmp", &folders.tmp)?,
        ];
        let spool = Self {
            syncing: Syncing::new(config.durability, &folders.tmp),
            folders,
            after_success: config.after_success,
            number: AtomicU32::new(0),
            _locks: locks,
        };
        spool.empty_tmp().map_err(|error| DaemonError::Folder {
            key: "spool.tmp",
            path: spool.folders.tmp.clone(),
            error,
        })?;
        spool.try_moves()?;
        Ok(spool)
    }

    /// Its folders.
    pub(crate) fn folders(&self) -> &Folders {
        &self.folders
    }

    /// Claims a path of the inbox, with its sidecar if it has one.
    pub(crate) fn claim(&self, source: &Path) -> io::Result<Claimed> {
        match self.try_claim(source) {
            Ok(claim) => Ok(Claimed::Taken(claim)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Claimed::Gone),
            Err(error) => Err(error),
        }
    }

    fn try_claim(&self, source: &Path) -> io::Result<Claim> {
        let from = Origin::of(&self.folders.inbox, source)?;
        let sidecar = from.sidecar();
        for _ in 0..CLAIM_TRIES {
            let number = self.number.fetch_add(1, Ordering::Relaxed) % 1_000_000;
            let claim = Claim::new(number, source, sidecar.is_some());
            let moved = match claim.form() {
                Form::File => from.move_page(&self.page_path(&claim)),
                Form::Folder => self.move_into_folder(&claim, &from, sidecar.as_deref()),
            };
            match moved {
                Ok(()) => return Ok(claim),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::other("no free name in the work folder"))
    }

    /// Counts an attempt, in the name of the claim's entry, before the work begins.
    pub(crate) fn begin(&self, claim: &mut Claim) -> io::Result<()> {
        self.rename_attempt(claim, claim.attempt() + 1)
    }

    /// Takes an attempt back that was cut short through no fault of the page, and leaves it for the next start.
    pub(crate) fn give_back(&self, claim: &mut Claim) -> io::Result<()> {
        self.rename_attempt(claim, claim.attempt().saturating_sub(1))
    }

    /// Where a claimed page lies.
    pub(crate) fn page_path(&self, claim: &Claim) -> PathBuf {
        let entry = self.entry(claim);
        match claim.form() {
            Form::File => entry,
            Form::Folder => entry.join(claim.source()),
        }
    }

    /// Where a claimed page's sidecar lies, if it can have one.
    fn sidecar_path(&self, claim: &Claim) -> Option<PathBuf> {
        match claim.form() {
            Form::File => None,
            Form::Folder => sidecar_of(&self.page_path(claim)),
        }
    }

    /// Opens a claimed page without following a link, waiting for a pipe's other end or waking a device.
    pub(crate) fn open_page(&self, claim: &Claim) -> io::Result<Opened> {
        open_regular(&self.page_path(claim))
    }

    /// Opens a claimed page's sidecar.
    pub(crate) fn open_sidecar(&self, claim: &Claim) -> io::Result<Opened> {
        self.sidecar_path(claim)
            .map_or(Ok(Opened::Gone), |path| open_regular(&path))
    }

    /// Puts a page back that is still being written. `false` if another one has taken its place meanwhile.
    pub(crate) fn release(&self, claim: &Claim) -> io::Result<bool> {
        let page = self.page_path(claim);
        let inbox = self.folders.inbox.join(claim.source());
        match files::move_new(&page, &inbox) {
            Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound) => {
                return Ok(false);
            }
            moved => moved?,
        }
        if let Some((from, to)) = self.sidecar_path(claim).zip(sidecar_of(&inbox)) {
            files::move_if_possible(&from, &to)?;
        }
        self.tidy(claim);
        Ok(true)
    }

    /// Removes the folder of a claim that has ended, if it had one.
    fn tidy(&self, claim: &Claim) {
        if claim.form() == Form::Folder {
            files::remove_empty_folders(&self.entry(claim));
        }
    }

    fn entry(&self, claim: &Claim) -> PathBuf {
        self.folders.work.join(claim.entry_name(claim.attempt()))
    }

    /// Moves a page into its claim's folder, and then its sidecar. One that comes later has come too late.
    fn move_into_folder(&self, claim: &Claim, from: &Origin, sidecar: Option<&Path>) -> io::Result<()> {
        let folder = self.entry(claim);
        fs::create_dir(&folder)?;
        let parent = claim.source().parent().unwrap_or(Path::new(""));
        let page = self.page_path(claim);
        let moved = files::make_folders(&folder, parent, false).and_then(|_| from.move_page(&page));
        moved.inspect_err(|_| self.tidy(claim))?;
        match sidecar
            .zip(sidecar_of(&page))
            .map(|(name, to)| from.move_new(name, &to))
        {
            Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => {
                // Where even that fails, the next start finds both.
                drop(from.put_back(&page));
                self.tidy(claim);
                Err(error)
            }
            _ => Ok(()),
        }
    }

    fn rename_attempt(&self, claim: &mut Claim, attempt: u32) -> io::Result<()> {
        let to = self.folders.work.join(claim.entry_name(attempt));
        // The id is nobody else's, so nothing can be replaced; and not every file system can move folders carefully.
        files::move_over(&self.entry(claim), &to)?;
        claim.set_attempt(attempt);
        Ok(())
    }

    fn empty_tmp(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folders.tmp)? {
            let entry = entry?;
            if entry.file_name() != super::lock::LOCK_NAME && !entry.file_type()?.is_dir() {
                files::remove(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Moves a trial file from `tmp` to every folder and back: a bind mount or a missing permission shows only then.
    fn try_moves(&self) -> Result<(), DaemonError> {
        let trial = self.folders.tmp.join(TRIAL_NAME);
        let fail = |error| DaemonError::Folder {
            key: "spool.tmp",
            path: self.folders.tmp.clone(),
            error,
        };
        for (_, path) in self.folders.all() {
            // A kill during an earlier trial leaves the file.
            files::remove(&path.join(TRIAL_NAME)).map_err(fail)?;
        }
        match files::write_new(&trial, b"").map(drop) {
            // A full disk is no reason not to start: work will pause until there is room.
            Err(error)
                if error.kind() == io::ErrorKind::StorageFull || error.kind() == io::ErrorKind::QuotaExceeded =>
            {
                return Ok(());
            }
            written => written.map_err(fail)?,
        }
        for (key, path) in self.folders.all() {
            let there = path.join(TRIAL_NAME);
            if there != trial {
                let moved = files::move_new(&trial, &there).and_then(|()| files::move_new(&there, &trial));
                moved.map_err(|error| self.move_error(key, path, error))?;
            }
        }
        files::remove(&trial).map_err(fail)
    }

    fn move_error(&self, key: &'static str, path: &Path, error: io::Error) -> DaemonError {
        if error.raw_os_error() == Some(Errno::XDEV.raw_os_error()) {
            return DaemonError::OtherFileSystem {
                key,
                path: path.to_owned(),
                work: self.folders.work.clone(),
            };
        }
        DaemonError::Move {
            key,
            path: path.to_owned(),
            error,
        }
    }
}

/// Opens a path if a regular file lies there, without following a link, waiting for a pipe or waking a device.
pub(crate) fn open_regular(path: &Path) -> io::Result<Opened> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_file() => {}
        Ok(found) => return Ok(Opened::NoFile(kind_of(found.file_type()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Opened::Gone),
        Err(error) => return Err(error),
    }
    let file = File::from(openat(
        CWD,
        path,
        OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC,
        Mode::empty(),
    )?);
    let kind = file.metadata()?.file_type();
    if kind.is_file() {
        Ok(Opened::Page(file))
    } else {
        Ok(Opened::NoFile(kind_of(kind)))
    }
}

fn kind_of(kind: fs::FileType) -> &'static str {
    if kind.is_symlink() {
        "a symbolic link"
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}
