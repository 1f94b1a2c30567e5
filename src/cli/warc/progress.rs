//! Where a run has come to, in a file beside its output, so that another run can go on there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, renameat};
use serde::{Deserialize, Serialize};

use crate::cli::failure::Failure;
use crate::warc::{Place, Summary};

/// The version of the shape of the file.
const SCHEMA: u32 = 1;

/// A place in a list of files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Which file, from 0.
    pub(super) file: usize,
    /// The place in it.
    pub(super) place: Place,
}

/// Where a run has come to. All before it is on the disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Progress {
    schema: u32,
    /// What tells this run from others: files, rules, options.
    run: String,
    /// Which of its files is next, from 0.
    file: usize,
    /// Where in that the next record begins: its member, or the record itself in a file that is not packed.
    offset: u64,
    /// So many unpacked bytes behind that.
    skip: u64,
    /// How long the output is, in bytes.
    pub(super) output_bytes: u64,
    /// What became of the records so far.
    pub(super) summary: Summary,
}

impl Progress {
    /// A run that has not begun.
    pub(super) fn begin(run: String) -> Self {
        Self {
            schema: SCHEMA,
            run,
            ..Self::default()
        }
    }

    /// The next record.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            file: self.file,
            place: Place {
                packed: self.offset,
                skip: self.skip,
            },
        }
    }

    /// Notes how far the run has come.
    pub(super) fn advance(&mut self, mark: Mark, output_bytes: u64, summary: &Summary) {
        self.file = mark.file;
        self.offset = mark.place.packed;
        self.skip = mark.place.skip;
        self.output_bytes = output_bytes;
        self.summary = summary.clone();
    }

    /// Reads the progress of this run, if it was begun.
    pub(super) fn read(path: &Path, run: &str) -> Result<Option<Self>, Failure> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file_failure(path, error)),
        };
        let told = |what: &str| {
            Failure::Usage(format!(
                "{}: {what}; delete it and the output to begin anew, or name another output",
                path.display()
            ))
        };
        let progress: Self =
            serde_json::from_slice(&text).map_err(|error| told(&format!("this is no progress file: {error}")))?;
        if progress.schema != SCHEMA || progress.run != run {
            return Err(told("this is the progress of a run with other files, rules or options"));
        }
        Ok(Some(progress))
    }

    /// Brings it to the disk, in one move.
    pub(super) fn save(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| file_failure(path, error.into()))?;
        replace(path, &text).map_err(|error| file_failure(path, error))
    }
}

/// Where the progress of an output is noted.
pub(super) fn path_beside(output: &Path) -> PathBuf {
    let mut name = output.file_name().unwrap_or_default().to_os_string();
    name.push(".progress");
    output.with_file_name(name)
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let part = path.with_extension("progress.part");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&part)?;
    file.write_all(text)?;
    file.sync_all()?;
    renameat(CWD, &part, CWD, path)?;
    sync_folder(path)
}

/// Brings the name of a file to the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// A failure of this file.
pub(super) fn file_failure(path: &Path, error: io::Error) -> Failure {
    Failure::File {
        path: path.to_path_buf(),
        error,
    }
}
