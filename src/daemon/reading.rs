//! Reading a page: what it holds, what else is known of it, and what shows that it was written meanwhile.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::reason::{Fault, NOT_A_FILE};
use super::sidecar;
use super::spool::{Claim, Opened, Spool};
use super::trouble::{Trouble, of_reading};
use crate::limits::Limits;
use crate::page::PageHints;
use crate::page_file::{self, ReadError};
use crate::text::hex;

/// A page's bytes and what is known of them.
pub(super) struct ReadPage {
    pub(super) bytes: Vec<u8>,
    pub(super) sha256: String,
    pub(super) hints: PageHints,
}

/// What changes when a file is written.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        Ok(Self {
            bytes: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        })
    }
}

/// Hashes what is read.
struct Hashing<'a> {
    file: &'a File,
    digest: Sha256,
    bytes: u64,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Reads a page whole, and makes sure that it did not change meanwhile.
pub(super) fn read_page(spool: &Spool, limits: &Limits, claim: &Claim, tries: u32) -> Result<ReadPage, Trouble> {
    let file = match spool.open_page(claim) {
        Ok(Opened::Page(file)) => file,
        Ok(Opened::NoFile(kind)) => {
            return Err(Trouble::Fault(Fault::new(
                NOT_A_FILE,
                format!("it is {kind}: drop the file itself"),
            )));
        }
        Ok(Opened::Gone) => return Err(Trouble::Vanished),
        Err(error) => return Err(of_reading(error, tries)),
    };
    let before = Stamp::of(&file).map_err(|error| of_reading(error, tries))?;
    let mut hashing = Hashing {
        file: &file,
        digest: Sha256::new(),
        bytes: 0,
    };
    let result = page_file::read(&mut hashing, limits);
    let (digest, read_bytes) = (hashing.digest, hashing.bytes);
    let sha256 = hex(&digest.finalize());
    match Stamp::of(&file) {
        Ok(after) if after == before => {}
        Ok(_) => return Err(Trouble::StillWritten),
        Err(error) => return Err(of_reading(error, tries)),
    }
    let bytes = result.map_err(|error| match error {
        ReadError::Io(error) => of_reading(error, tries),
        other => Trouble::Fault(Fault {
            sha256: (read_bytes == before.bytes).then(|| sha256.clone()),
            ..Fault::new(other.code(), other.to_string())
        }),
    })?;
    let mut hints = hints_of(claim.source());
    let sidecar = spool
        .open_sidecar(claim)
        .and_then(|sidecar| sidecar::add_hints(&mut hints, sidecar));
    match sidecar {
        Ok(Ok(())) => Ok(ReadPage { bytes, sha256, hints }),
        Ok(Err(fault)) => Err(Trouble::Fault(Fault {
            sha256: Some(sha256),
            ..fault
        })),
        Err(error) => Err(of_reading(error, tries)),
    }
}

/// What a page's path in the inbox tells.
fn hints_of(source: &Path) -> PageHints {
    let folders = source.parent().into_iter().flat_map(Path::components);
    PageHints {
        file_name: source.file_name().map(|name| name.to_string_lossy().into_owned()),
        folders: folders
            .map(|folder| folder.as_os_str().to_string_lossy().into_owned())
            .collect(),
        ..PageHints::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_name_are_hints() {
        let hints = hints_of(Path::new("a.example/2024/x.html"));
        assert_eq!(hints.folders, ["a.example", "2024"]);
        assert_eq!(hints.file_name.as_deref(), Some("x.html"));
    }
}
