//! What an earlier run left in the work folder.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::claim::Form;
use super::{Claim, Spool, files};
use crate::daemon::lock::LOCK_NAME;
use crate::daemon::names::{is_sidecar, sidecar_of};
use crate::page_file::SIDECAR_SUFFIX;

/// What an earlier run left.
#[derive(Debug, Default)]
pub(crate) struct Recovered {
    /// Pages to be done again, oldest first.
    pub(crate) claims: Vec<Claim>,
    /// Entries that are not ours.
    pub(crate) foreign: Vec<PathBuf>,
}

impl Spool {
    /// Finds the claims of an earlier run, and ends those that were as good as ended.
    pub(crate) fn recover(&self) -> io::Result<Recovered> {
        let mut recovered = Recovered::default();
        let mut entries: Vec<_> = fs::read_dir(&self.folders.work)?.collect::<io::Result<_>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries.iter().filter(|entry| entry.file_name() != LOCK_NAME) {
            match Claim::of_entry(&entry.file_name(), entry.file_type()?.is_dir()) {
                Some(claim) if claim.form() == Form::File => recovered.claims.push(claim),
                Some(claim) => recovered.claims.extend(self.recover_claim(claim, &entry.path())?),
                None => recovered.foreign.push(entry.path()),
            }
        }
        Ok(recovered)
    }

    fn recover_claim(&self, claim: Claim, folder: &Path) -> io::Result<Option<Claim>> {
        let found = entries_below(folder)?;
        if let Some(page) = found.iter().find(|path| !path.file_name().is_some_and(is_sidecar)) {
            let claim = claim.with_source(page.clone());
            self.fetch_sidecar(&claim)?;
            return Ok(Some(claim));
        }
        match found.first().and_then(|sidecar| page_of(sidecar)) {
            Some(page) => {
                self.finish_sidecar(&claim.with_source(page))?;
            }
            None => files::remove_empty_folders(folder),
        }
        Ok(None)
    }

    /// A kill between the two moves of a claim leaves the sidecar in the inbox. If there is a page again by now, the
    /// sidecar may be that one's.
    fn fetch_sidecar(&self, claim: &Claim) -> io::Result<()> {
        let left = self.folders.inbox.join(claim.source());
        let Some((sidecar, to)) = sidecar_of(&left).zip(sidecar_of(&self.page_path(claim))) else {
            return Ok(());
        };
        let is_ours = left.symlink_metadata().is_err() && sidecar.symlink_metadata().is_ok_and(|found| found.is_file());
        if is_ours {
            files::move_if_possible(&sidecar, &to)
        } else {
            Ok(())
        }
    }
}

/// The paths of everything below a folder that is no folder, relative to it.
fn entries_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(relative) = folders.pop() {
        for entry in fs::read_dir(folder.join(&relative))? {
            let entry = entry?;
            let path = relative.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    Ok(found)
}

fn page_of(sidecar: &Path) -> Option<PathBuf> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let name = sidecar
        .file_name()?
        .as_bytes()
        .strip_suffix(SIDECAR_SUFFIX.as_bytes())?;
    Some(sidecar.with_file_name(OsStr::from_bytes(name)))
}
