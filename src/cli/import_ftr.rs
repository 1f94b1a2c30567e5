//! `dehusk import-ftr`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::new_file;
use super::output::{print, safe};
use crate::import_ftr::{FtrFile, import};

#[derive(Debug, Args)]
pub(super) struct ImportFtrCommand {
    /// The folder of site files.
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// Write the rule files below this folder; without it only the report is made.
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print the report as JSON, with every line.
    #[arg(long)]
    pub(super) json: bool,
    /// Overwrite what is there.
    #[arg(long)]
    pub(super) force: bool,
}

/// Makes rule files of site files and reports on every line.
pub(super) fn run(options: &ImportFtrCommand) -> Result<bool, Failure> {
    let files = site_files(&options.folder)?;
    if files.is_empty() {
        return Err(Failure::Usage(format!(
            "{} holds no site files: name a folder with files such as example.org.txt",
            options.folder.display()
        )));
    }
    let made = import(&files);
    if let Some(out) = &options.out {
        for file in &made.files {
            let path = out.join(&file.path);
            new_file::write(&path, file.text.as_bytes(), options.force)
                .map_err(|error| Failure::File { path, error })?;
        }
    }
    let report = if options.json {
        format!("{:#}\n", made.report.json())
    } else {
        made.report.text()
    };
    print(&safe(&report))?;
    Ok(true)
}

/// Every `*.txt` of a folder, in the order of their names. Those that begin with a dot count too: they are for sub-domains.
fn site_files(folder: &Path) -> Result<Vec<FtrFile>, Failure> {
    let failed = |error: io::Error| Failure::File {
        path: folder.to_owned(),
        error,
    };
    let entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(failed)?;
    let mut paths: Vec<PathBuf> = entries
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .collect();
    paths.sort();
    paths.into_iter().map(read).collect()
}

fn read(path: PathBuf) -> Result<FtrFile, Failure> {
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    match fs::read(&path) {
        Ok(bytes) => Ok(FtrFile {
            name,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }),
        Err(error) => Err(Failure::File { path, error }),
    }
}
