//! Rule files of the user's, read from a folder.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::toml_file::SourceFile;

/// Largest rule file, in bytes; a larger one is no rule file.
pub const RULE_FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Deepest sub-folder that rule files are looked for in.
const FOLDER_DEPTH_MAX: usize = 4;

/// The daemon's configuration may lie beside the rules and is none.
const NO_RULES: &[&str] = &["dehusk.toml"];

/// What a folder of rule files held.
#[derive(Debug, Default)]
pub struct RuleFolder {
    /// The files' texts, named by their paths, in the order of their names.
    pub files: Vec<SourceFile>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<(PathBuf, io::Error)>,
}

/// Reads every `*.toml` in a folder and its sub-folders; names that begin with a dot are passed over, and so is what
/// editors leave behind. A folder that is not there holds nothing.
pub fn read(folder: &Path) -> RuleFolder {
    let mut found = RuleFolder::default();
    for path in paths(folder, 0) {
        match read_file(&path) {
            Ok(text) => found.files.push(SourceFile::new(path.display().to_string(), text)),
            Err(error) => found.unreadable.push((path, error)),
        }
    }
    found
}

fn read_file(path: &Path) -> io::Result<String> {
    let bytes = fs::metadata(path)?.len();
    if bytes > RULE_FILE_BYTES_MAX {
        return Err(io::Error::other(format!(
            "{bytes} bytes are more than a rule file may have ({RULE_FILE_BYTES_MAX})"
        )));
    }
    fs::read_to_string(path)
}

fn paths(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        if name.starts_with('.') || NO_RULES.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() && depth < FOLDER_DEPTH_MAX {
            found.extend(self::paths(&path, depth + 1));
        } else if path.extension().is_some_and(|ending| ending == "toml") {
            found.push(path);
        }
    }
    found
}
