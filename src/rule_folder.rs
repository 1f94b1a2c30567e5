//! Rule files of the user's, read from a folder, or from a bundle that was made of one.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::rules::bundle::{Bundle, FileOrigin};
use crate::toml_file::SourceFile;

/// Largest bundle, in bytes.
pub const BUNDLE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Largest rule file, in bytes; a larger one is no rule file.
pub const RULE_FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Deepest sub-folder that rule files are looked for in.
const FOLDER_DEPTH_MAX: usize = 4;

/// The daemon's configuration may lie beside the rules and is none.
const NO_RULES: &[&str] = &["dehusk.toml"];

/// What a folder of rule files held, or a bundle.
#[derive(Debug, Default)]
pub struct RuleFolder {
    /// The files' texts, named by their paths, in the order of their names. Those of a bundle are named by their paths
    /// below the folder that they came from.
    pub files: Vec<SourceFile>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<(PathBuf, io::Error)>,
    /// The whole bundle, if it was one.
    pub bundle: Option<Bundle>,
}

/// Reads every `*.toml` in a folder and its sub-folders; names that begin with a dot are passed over, and so is what
/// editors leave behind. A folder that is not there holds nothing. A file is a bundle.
pub fn read(folder: &Path) -> RuleFolder {
    let mut found = RuleFolder::default();
    if folder.is_file() {
        match read_bundle(folder) {
            Ok(bundle) => {
                found.files = bundle.files_from(FileOrigin::User).cloned().collect();
                found.bundle = Some(bundle);
            }
            Err(error) => found.unreadable.push((folder.to_owned(), error)),
        }
        return found;
    }
    for path in paths(folder, 0) {
        match read_file(&path) {
            Ok(text) => found.files.push(SourceFile::new(path.display().to_string(), text)),
            Err(error) => found.unreadable.push((path, error)),
        }
    }
    found
}

/// Reads a bundle and checks that it is whole.
pub fn read_bundle(path: &Path) -> io::Result<Bundle> {
    refuse_above(path, BUNDLE_BYTES_MAX, "bundle")?;
    Bundle::parse(&fs::read(path)?).map_err(io::Error::other)
}

/// The name of a rule file as its bundle has it: its path below the folder, parted by slashes.
pub fn short_name(folder: &Path, name: &str) -> String {
    let below = Path::new(name).strip_prefix(folder).unwrap_or(Path::new(name));
    let parts: Vec<_> = below
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

fn read_file(path: &Path) -> io::Result<String> {
    refuse_above(path, RULE_FILE_BYTES_MAX, "rule file")?;
    fs::read_to_string(path)
}

fn refuse_above(path: &Path, bytes_max: u64, what: &str) -> io::Result<()> {
    let bytes = fs::metadata(path)?.len();
    if bytes > bytes_max {
        return Err(io::Error::other(format!(
            "{bytes} bytes are more than a {what} may have ({bytes_max})"
        )));
    }
    Ok(())
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
