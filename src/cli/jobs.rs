//! Which files are cleaned, and what their outputs are called.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::clean::render::Format;
use crate::daemon::without_ending;

/// Deepest sub-folder that pages are looked for in.
const FOLDER_DEPTH_MAX: usize = 64;

/// One page to clean.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Job {
    /// The page.
    pub(super) input: PathBuf,
    /// The path of its outputs without their endings.
    base: PathBuf,
}

impl Job {
    /// The path of one output.
    pub(super) fn output(&self, ending: &str) -> PathBuf {
        let mut name = self.base.as_os_str().to_os_string();
        name.push(".");
        name.push(ending);
        PathBuf::from(name)
    }
}

/// Lists the pages below the paths, in the order of their names, and settles the names of their outputs: the page's
/// name without its ending; the full name where that is taken; a number behind it where that is taken too.
pub(super) fn jobs(paths: &[PathBuf], out: &Path, formats: &[Format]) -> Result<Vec<Job>, Failure> {
    let mut taken = HashSet::new();
    let job = |(input, relative): (PathBuf, PathBuf)| {
        let base = free_base(&relative, formats, &mut taken);
        Job {
            input,
            base: out.join(base),
        }
    };
    Ok(inputs(paths, Some(out))?.into_iter().map(job).collect())
}

/// Lists the pages below the paths, each with its path relative to the one that was named; what lies in `out` is none.
pub(super) fn inputs(paths: &[PathBuf], out: Option<&Path>) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.is_dir() {
            // Outputs that land inside the folder of inputs are no pages of the next run.
            list(path, path, out, 0, &mut inputs)?;
        } else if path == Path::new("-") || path.exists() {
            let name = if path == Path::new("-") {
                OsStr::new("stdin")
            } else {
                path.file_name().unwrap_or(path.as_os_str())
            };
            inputs.push((path.clone(), PathBuf::from(name)));
        } else {
            return Err(Failure::Usage(format!(
                "{}: there is no such file or folder",
                path.display()
            )));
        }
    }
    Ok(inputs)
}

fn list(
    root: &Path,
    folder: &Path,
    out: Option<&Path>,
    depth: usize,
    inputs: &mut Vec<(PathBuf, PathBuf)>,
) -> Result<(), Failure> {
    if depth > FOLDER_DEPTH_MAX || Some(folder) == out {
        return Ok(());
    }
    let file_error = |error| Failure::File {
        path: folder.to_path_buf(),
        error,
    };
    let mut entries = fs::read_dir(folder)
        .map_err(file_error)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(file_error)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        // A link to a folder could lead in a circle; one to a file is followed.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            list(root, &path, out, depth + 1, inputs)?;
        } else if path.is_file() {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
            inputs.push((path, relative));
        }
    }
    Ok(())
}

fn free_base(relative: &Path, formats: &[Format], taken: &mut HashSet<PathBuf>) -> PathBuf {
    let full = relative.file_name().unwrap_or_default().to_os_string();
    let plain = without_ending(&full).to_os_string();
    let numbered = (2..).map(|number| {
        let mut name = full.clone();
        name.push(format!("-{number}"));
        name
    });
    let names = [plain, full.clone()].into_iter().chain(numbered);
    let mut bases = names.map(|name| relative.with_file_name(name));
    let outputs = |base: &Path| -> Vec<PathBuf> {
        let name = base.as_os_str();
        formats
            .iter()
            .map(|format| {
                [name, OsStr::new("."), OsStr::new(format.name())]
                    .into_iter()
                    .collect::<OsString>()
                    .into()
            })
            .collect()
    };
    let free = bases.find(|base| outputs(base).iter().all(|output| !taken.contains(output)));
    let base = free.expect("the numbers never end");
    taken.extend(outputs(&base));
    base
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases(names: &[&str]) -> Vec<String> {
        let mut taken = HashSet::new();
        names
            .iter()
            .map(|name| {
                free_base(Path::new(name), &[Format::Txt], &mut taken)
                    .display()
                    .to_string()
            })
            .collect()
    }

    #[test]
    fn endings_go_and_collisions_keep_the_full_name() {
        assert_eq!(
            bases(&["a/page.htm", "a/page.html", "a/page.html.gz", "b/page.htm"]),
            ["a/page", "a/page.html", "a/page.html.gz", "b/page"]
        );
        assert_eq!(bases(&["page.html.gz", "page"]), ["page", "page-2"]);
        assert_eq!(bases(&["page.html.zst", "page.html.gz"]), ["page", "page.html.gz"]);
    }

    #[test]
    fn names_without_ending_stay() {
        assert_eq!(without_ending(OsStr::new("README")), "README");
        assert_eq!(without_ending(OsStr::new("2024.05.01.html.gz")), "2024.05.01");
        // What follows the last dot is no ending if it begins with a digit: the daemon sees it so too.
        assert_eq!(without_ending(OsStr::new("rise of 2.5 percent")), "rise of 2.5 percent");
    }
}
