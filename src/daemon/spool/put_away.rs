//! The end of a claim: the page goes to `done` or, with its reason, to `failed`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Claim, Spool, files};
use crate::config::AfterSuccess;
use crate::daemon::names::{fitted, joined, sidecar_of};
use crate::daemon::reason::{CLAIM_FIELD, REASON_SUFFIX};
use crate::page_file::SIDECAR_SUFFIX;

/// Names that are tried for a page in `done` and `failed` when others have its own.
const NAME_TRIES: u32 = 1_000;

/// How often a folder is made that somebody removes again before the page is in it.
const FOLDER_TRIES: u32 = 10;

impl Spool {
    /// Ends a claim after success.
    pub(crate) fn finish(&self, claim: &Claim) -> io::Result<()> {
        let page = self.page_path(claim);
        match self.after_success {
            AfterSuccess::Keep => self.keep(claim, &page)?,
            AfterSuccess::Remove => {
                files::remove(&page)?;
                self.remove_sidecar(claim)?;
            }
        }
        self.tidy(claim);
        Ok(())
    }

    /// Ends a claim that can't be cleaned, and tells where it lies now. The reason is there before the page.
    pub(crate) fn reject(&self, claim: &Claim, reason: &Value) -> io::Result<PathBuf> {
        let page = self.page_path(claim);
        let folder = mirrored(&self.folders.failed, claim)?;
        let bytes = format!("{reason:#}\n");
        if !exists(&page) {
            self.finish_sidecar(claim)?;
            return Ok(folder);
        }
        for name in names(claim, REASON_SUFFIX.len(), REASON_SUFFIX.len()) {
            let (to, reason_path) = (folder.join(&name), folder.join(joined(&name, REASON_SUFFIX)));
            if exists(&to) || !self.publish_reason(claim, &bytes, &reason_path)? {
                continue;
            }
            // Before the move: were it after, a page that has moved would be begun anew for the sake of the sync.
            self.settle_folders(&BTreeSet::from([folder.clone()]))?;
            match files::move_new(&page, &to) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => files::remove(&reason_path)?,
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {
                    self.move_sidecar(claim, &to)?;
                    self.tidy(claim);
                    return Ok(to);
                }
            }
        }
        Err(io::Error::other("no free name in the failed folder"))
    }

    /// Ends a claim that only its sidecar is left of, if that: it was cut off between the two moves of the end. Tells
    /// whether its page was rejected.
    pub(crate) fn finish_sidecar(&self, claim: &Claim) -> io::Result<bool> {
        let failed = self.folders.failed.join(claim.source());
        let is_reason = |name: OsString| {
            reason_owner(&failed.with_file_name(joined(&name, REASON_SUFFIX))).as_deref() == Some(claim.id())
        };
        let was_rejected = names(claim, REASON_SUFFIX.len(), REASON_SUFFIX.len())
            .take(2)
            .any(is_reason);
        if self.after_success == AfterSuccess::Remove && !was_rejected {
            self.remove_sidecar(claim)?;
        } else if self.sidecar_path(claim).is_some() {
            let root = if was_rejected {
                &self.folders.failed
            } else {
                &self.folders.done
            };
            let folder = mirrored(root, claim)?;
            self.move_sidecar(claim, &folder.join(claim.source().file_name().unwrap_or_default()))?;
        }
        self.tidy(claim);
        Ok(was_rejected)
    }

    fn keep(&self, claim: &Claim, page: &Path) -> io::Result<()> {
        let folder = self.folders.done.join(claim.source().parent().unwrap_or(Path::new("")));
        for name in names(claim, 0, SIDECAR_SUFFIX.len()) {
            let to = folder.join(&name);
            match self.move_to_done(claim, page, &to) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) if error.kind() != io::ErrorKind::NotFound || exists(page) => return Err(error),
                _ => return self.move_sidecar(claim, &to),
            }
        }
        Err(io::Error::other("no free name in the done folder"))
    }

    /// Moves a page, and makes its folder where that is missing: it is the first there, or somebody has tidied the empty
    /// folder away. Others may do the same at the same time.
    fn move_to_done(&self, claim: &Claim, page: &Path, to: &Path) -> io::Result<()> {
        for _ in 0..FOLDER_TRIES {
            match files::move_new(page, to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && exists(page) => {
                    mirrored(&self.folders.done, claim)?;
                }
                moved => return moved,
            }
        }
        Err(io::Error::other(
            "the page's folder in the done folder vanishes again and again",
        ))
    }

    fn remove_sidecar(&self, claim: &Claim) -> io::Result<()> {
        self.sidecar_path(claim)
            .map_or(Ok(()), |sidecar| files::remove(&sidecar))
    }

    /// The sidecar goes where its page went; where its name is taken, under a number.
    fn move_sidecar(&self, claim: &Claim, to: &Path) -> io::Result<()> {
        let Some((from, beside)) = self.sidecar_path(claim).zip(sidecar_of(to)) else {
            return Ok(());
        };
        for number in 0..NAME_TRIES {
            let to = match number {
                0 => beside.clone(),
                _ => with_ending(&beside, &format!(".{number}")),
            };
            match files::move_new(&from, &to) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => return Ok(()),
            }
        }
        Err(io::Error::other("no free name for the sidecar"))
    }

    /// Publishes a reason file; `false` if its name belongs to another page's.
    fn publish_reason(&self, claim: &Claim, bytes: &str, to: &Path) -> io::Result<bool> {
        let staged = self.stage(claim, bytes.as_bytes())?;
        self.sync_outputs(&[&staged])?;
        if staged.publish_new(to)? {
            return Ok(true);
        }
        if reason_owner(to).as_deref() != Some(claim.id()) {
            return Ok(false);
        }
        staged.publish_over(to)?;
        Ok(true)
    }
}

fn mirrored(root: &Path, claim: &Claim) -> io::Result<PathBuf> {
    files::make_folders(root, claim.source().parent().unwrap_or(Path::new("")), false)
}

/// Names for a page in `done` or `failed`: its own, then with the claim's id, then numbered. Each leaves room for what
/// is appended to name a file beside it: `first_room` bytes for its own name, `room` for the others.
fn names(claim: &Claim, first_room: usize, room: usize) -> impl Iterator<Item = OsString> {
    let name = claim.source().file_name().unwrap_or_default().to_owned();
    let id = claim.id().to_owned();
    (0..NAME_TRIES).map(move |number| {
        let ending = match number {
            0 => String::new(),
            1 => format!(".{id}"),
            _ => format!(".{id}.{number}"),
        };
        let room = if number == 0 { first_room } else { room + ending.len() };
        joined(&fitted(&name, room), &ending)
    })
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    path.with_file_name(joined(path.file_name().unwrap_or_default(), ending))
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The claim that a reason file belongs to.
fn reason_owner(path: &Path) -> Option<String> {
    let reason: Value = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
    reason.get(CLAIM_FIELD)?.as_str().map(str::to_owned)
}
