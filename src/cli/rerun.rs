//! `dehusk rerun`.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::arguments::ConfigOption;
use super::failure::Failure;
use super::input::require_config;
use super::new_file::move_new;
use super::output::{print, tell};
use crate::page_file::{METADATA_SUFFIX, SIDECAR_SUFFIX};

#[derive(Debug, Args)]
pub(super) struct RerunCommand {
    /// The site whose pages are cleaned again.
    #[arg(value_name = "SITE")]
    pub(super) site: Option<String>,
    /// Every page.
    #[arg(long, conflicts_with = "site")]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) config: ConfigOption,
}

/// Largest metadata file that is read, in bytes.
const METADATA_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Deepest sub-folder that is looked into.
const FOLDER_DEPTH_MAX: usize = 64;

/// Puts pages that were cleaned before back into the inbox: the daemon cleans them anew by the rules of today, and
/// their new outputs take the place of the old ones, each in one move.
pub(super) fn run(options: &RerunCommand) -> Result<bool, Failure> {
    if options.site.is_none() && !options.all {
        return Err(Failure::Usage("name a site, or --all".to_owned()));
    }
    let loaded = require_config(options.config.config.as_deref())?;
    let spool = &loaded.config.spool;
    let root = loaded.resolve(&spool.folder);
    let (outbox, done, inbox) = (
        root.join(&spool.outbox),
        root.join(&spool.done),
        root.join(&spool.inbox),
    );
    let mut sources = HashSet::new();
    for path in metadata_files(&outbox, 0) {
        sources.extend(source_of(&path, options.site.as_deref()));
    }
    let (mut moved, mut missing) = (0_usize, 0_usize);
    for source in sources {
        let is_back = put_back(&done, &inbox, &source)?;
        moved += usize::from(is_back);
        missing += usize::from(!is_back);
    }
    print(&format!(
        "{moved} pages are in the inbox again, {missing} are no longer kept or are there already\n"
    ))?;
    if moved > 0 {
        tell("a running daemon cleans them now; without one, `dehusk run --once` does");
    }
    Ok(true)
}

/// The metadata files of all outputs.
pub(super) fn metadata_files(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_folder && depth < FOLDER_DEPTH_MAX {
            found.extend(metadata_files(&entry.path(), depth + 1));
        } else if entry
            .file_name()
            .as_encoded_bytes()
            .ends_with(METADATA_SUFFIX.as_bytes())
        {
            found.push(entry.path());
        }
    }
    found
}

/// The page that an output was made of, if it is of the wanted site.
fn source_of(path: &Path, site: Option<&str>) -> Option<String> {
    if fs::metadata(path).ok()?.len() > METADATA_BYTES_MAX {
        return None;
    }
    let metadata: Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    let of_site = site.is_none_or(|site| metadata.get("site").and_then(Value::as_str) == Some(site));
    let source = metadata.get("source").and_then(Value::as_str).filter(|_| of_site)?;
    Some(source.to_owned())
}

/// Moves a page and what is told about it; `false` where it is not there, or another one has its place.
fn put_back(done: &Path, inbox: &Path, source: &str) -> Result<bool, Failure> {
    let (from, to) = (done.join(source), inbox.join(source));
    let beside = |path: &Path| PathBuf::from(format!("{}{SIDECAR_SUFFIX}", path.display()));
    if !from.is_file() || to.exists() {
        return Ok(false);
    }
    let failed = |error| Failure::File {
        path: from.clone(),
        error,
    };
    if beside(&from).is_file() {
        move_new(&beside(&from), &beside(&to)).map_err(failed)?;
    }
    move_new(&from, &to).map_err(failed)?;
    Ok(true)
}
