//! Where outcomes go: lines on standard output or in a file, packed or not, or files in a folder.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use super::progress::{file_failure, sync_folder};
use super::work::{Files, Output};
use crate::cli::failure::Failure;
use crate::cli::new_file;

/// Longest name that is made of a record's, in bytes; endings follow.
const NAME_BYTES_MAX: usize = 180;

/// Takes outcomes.
pub(super) enum Sink {
    /// Standard output.
    Standard(BufWriter<io::Stdout>),
    /// A file of lines.
    File(LineFile),
    /// A folder of files.
    Folder(Folder),
}

impl Sink {
    /// Writes an outcome; gives how many bytes that were.
    pub(super) fn put(&mut self, output: &Output) -> Result<usize, Failure> {
        match (self, output) {
            (Self::Standard(out), Output::Line(line)) => {
                out.write_all(line)?;
                Ok(line.len())
            }
            (Self::File(file), Output::Line(line)) => file.put(line),
            (Self::Folder(folder), Output::Files(files)) => folder.put(files),
            (_, Output::Nothing | Output::Line(_) | Output::Files(_)) => Ok(0),
        }
    }

    /// Hands on what is buffered. In a packed file, what follows begins a member of its own.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        match self {
            Self::Standard(out) => Ok(out.flush()?),
            Self::File(file) => file.flush(),
            Self::Folder(_) => Ok(()),
        }
    }

    /// Brings to the disk what was handed on; gives how long the file is.
    pub(super) fn sync(&mut self) -> Result<u64, Failure> {
        match self {
            Self::Standard(_) | Self::Folder(_) => Ok(0),
            Self::File(file) => file.sync(),
        }
    }
}

/// A file of lines, perhaps packed with gzip.
pub(super) struct LineFile {
    path: PathBuf,
    packed: bool,
    writer: Option<LineWriter>,
}

enum LineWriter {
    /// Lines as they are, or nothing yet of a member.
    Plain(BufWriter<File>),
    /// The lines of a member.
    Gzip(Box<GzEncoder<BufWriter<File>>>),
}

impl LineFile {
    /// A new file, or an old one that is overwritten if it may be.
    pub(super) fn create(path: &Path, force: bool) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        let opened = if force {
            options.write(true).create(true).truncate(true).open(path)
        } else {
            options.write(true).create_new(true).open(path)
        };
        let file = opened.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                let text = "is there already: add --force to replace it";
                file_failure(path, io::Error::new(io::ErrorKind::AlreadyExists, text))
            }
            _ => file_failure(path, error),
        })?;
        Ok(Self::with(path, file))
    }

    /// A file that goes on behind so many bytes; what is behind them is cut off.
    pub(super) fn resume(path: &Path, length: u64) -> Result<Self, Failure> {
        let mut options = OpenOptions::new();
        let opened = options.write(true).create(true).truncate(false).open(path);
        let file = opened.and_then(|mut file| {
            let there = file.metadata()?.len();
            if there < length {
                let text = format!("is shorter than its progress file says: {there} bytes instead of {length}");
                return Err(io::Error::other(text));
            }
            file.set_len(length)?;
            file.seek(SeekFrom::End(0))?;
            sync_folder(path)?;
            Ok(file)
        });
        Ok(Self::with(path, file.map_err(|error| file_failure(path, error))?))
    }

    fn with(path: &Path, file: File) -> Self {
        Self {
            path: path.to_path_buf(),
            packed: path.extension().is_some_and(|ending| ending == "gz"),
            writer: Some(LineWriter::Plain(BufWriter::new(file))),
        }
    }

    fn put(&mut self, line: &[u8]) -> Result<usize, Failure> {
        // A member begins with its first line, so that none is ever empty.
        self.writer = self.writer.take().map(|writer| match writer {
            LineWriter::Plain(file) if self.packed => {
                LineWriter::Gzip(Box::new(GzEncoder::new(file, Compression::default())))
            }
            writer => writer,
        });
        let written = match &mut self.writer {
            Some(LineWriter::Plain(file)) => file.write_all(line),
            Some(LineWriter::Gzip(file)) => file.write_all(line),
            None => Ok(()),
        };
        written.map_err(|error| file_failure(&self.path, error))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let flushed = match self.writer.take() {
            None => return Ok(()),
            Some(LineWriter::Plain(file)) => Ok(file),
            Some(LineWriter::Gzip(encoder)) => encoder.finish(),
        };
        let flushed = flushed.and_then(|mut file| file.flush().map(|()| file));
        let file = flushed.map_err(|error| file_failure(&self.path, error))?;
        self.writer = Some(LineWriter::Plain(file));
        Ok(())
    }

    fn sync(&mut self) -> Result<u64, Failure> {
        let Some(LineWriter::Plain(file)) = &self.writer else {
            return Ok(0);
        };
        let file = file.get_ref();
        let synced = file.sync_data().and_then(|()| file.metadata());
        Ok(synced.map_err(|error| file_failure(&self.path, error))?.len())
    }
}

/// A folder with a text and a metadata file for each page.
pub(super) struct Folder {
    path: PathBuf,
    /// The form of the texts is their ending.
    ending: &'static str,
    /// What may be overwritten.
    replace: Replace,
}

/// Which files of a folder may be overwritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Replace {
    /// None.
    None,
    /// Those of the same record, from a run that was ended.
    SameRecord,
    /// Any.
    Any,
}

impl Folder {
    /// A folder, which is made when the first file comes into it.
    pub(super) fn new(path: &Path, ending: &'static str, replace: Replace) -> Self {
        Self {
            path: path.to_path_buf(),
            ending,
            replace,
        }
    }

    fn put(&mut self, files: &Files) -> Result<usize, Failure> {
        let suffix = if files.text.is_some() {
            "meta.json"
        } else {
            "error.json"
        };
        let (name, ours) = self.free_name(files, suffix);
        let about = format!("{:#}\n", files.about);
        // The metadata tell whose files these are: they come first.
        self.write(&name, suffix, about.as_bytes(), ours)?;
        let text = files.text.as_deref().unwrap_or_default();
        if files.text.is_some() {
            self.write(&name, self.ending, text.as_bytes(), ours)?;
        }
        Ok(about.len() + text.len())
    }

    fn write(&self, name: &str, suffix: &str, bytes: &[u8], ours: bool) -> Result<(), Failure> {
        let path = self.path.join(format!("{name}.{suffix}"));
        let replace = match self.replace {
            Replace::None => false,
            Replace::SameRecord => ours,
            Replace::Any => true,
        };
        new_file::write(&path, bytes, replace).map_err(|error| file_failure(&path, error))
    }

    /// A name for a record's files, and whether files of that name are of this very record, from a run that was ended.
    /// Records that share a name, of which only the first has it, are told apart by where they are.
    fn free_name(&self, files: &Files, suffix: &str) -> (String, bool) {
        let place = place_name(&files.origin);
        let name = files.id.as_deref().map(name_of).filter(|name| !name.is_empty());
        let Some(name) = name else {
            let ours = self.is_of(&place, suffix, &files.origin);
            return (place, ours);
        };
        let path = self.path.join(format!("{name}.{suffix}"));
        let ours = self.is_of(&name, suffix, &files.origin);
        if ours || !path.exists() {
            return (name, ours);
        }
        let longer = format!("{name}-{place}");
        let ours = self.is_of(&longer, suffix, &files.origin);
        (longer, ours)
    }

    fn is_of(&self, name: &str, suffix: &str, origin: &Value) -> bool {
        let path = self.path.join(format!("{name}.{suffix}"));
        let there: Option<Value> = std::fs::read(path)
            .ok()
            .and_then(|text| serde_json::from_slice(&text).ok());
        there.is_some_and(|there| there.get("warc") == Some(origin))
    }
}

/// What a record is called by where it is.
fn place_name(origin: &Value) -> String {
    let file = origin.get("file").and_then(Value::as_str).unwrap_or_default();
    let file = Path::new(file).file_name().unwrap_or_default().to_string_lossy();
    let number = |name: &str| origin.get(name).and_then(Value::as_u64).unwrap_or_default();
    name_of(&format!("{file}-{}-{}", number("offset"), number("skip")))
}

/// A name for files, made of a record's: `<urn:uuid:X>` gives `X`.
fn name_of(id: &str) -> String {
    let inside = id.trim_matches(['<', '>', ' ']);
    let bare = inside.strip_prefix("urn:uuid:").unwrap_or(inside);
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = bare.chars().map(safe).take(NAME_BYTES_MAX).collect();
    name.trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn files(id: &str, offset: u64) -> Files {
        let origin = json!({ "file": "a/x.warc.gz", "offset": offset, "skip": 0 });
        Files {
            id: Some(id.to_owned()),
            about: json!({ "warc": origin }),
            origin,
            text: Some(offset.to_string()),
        }
    }

    #[test]
    fn names_are_made_of_ids_and_can_do_no_harm() {
        assert_eq!(name_of("<urn:uuid:12-ab>"), "12-ab");
        assert_eq!(name_of("../../etc/passwd"), "-..-etc-passwd");
        assert_eq!(name_of("<>"), "");
        assert_eq!(name_of(&"ä".repeat(400)).len(), NAME_BYTES_MAX);
    }

    #[test]
    fn records_of_one_name_keep_their_files_apart_and_come_out_the_same_again() {
        let place = tempfile::tempdir().unwrap();
        let mut folder = Folder::new(place.path(), "txt", Replace::SameRecord);
        for _ in 0..2 {
            for offset in [5, 7] {
                folder.put(&files("<urn:uuid:1>", offset)).unwrap();
            }
            let read = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
            assert_eq!((read("1.txt"), read("1-x.warc.gz-7-0.txt")), ("5".into(), "7".into()));
            assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 4);
        }
    }
}
