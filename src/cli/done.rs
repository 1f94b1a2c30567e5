//! The pages that went through the daemon and are still kept.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::input::LoadedConfig;
use super::rerun::metadata_files;

/// Largest metadata file that is read, in bytes.
const METADATA_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// A page in `done`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DonePage {
    /// Where it lies.
    pub(super) path: PathBuf,
    /// Its site, or its host where the site has no rules.
    pub(super) site: Option<String>,
    /// Its address.
    pub(super) url: Option<String>,
}

/// The pages in `done` whose outputs are in the outbox, by their names.
pub(super) fn done_pages(loaded: &LoadedConfig) -> Vec<DonePage> {
    let spool = &loaded.config.spool;
    let root = loaded.resolve(&spool.folder);
    let done = root.join(&spool.done);
    let files = metadata_files(&root.join(&spool.outbox), 0);
    let mut pages: Vec<DonePage> = files.iter().filter_map(|file| page(file, &done)).collect();
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    pages.dedup();
    pages
}

fn page(file: &Path, done: &Path) -> Option<DonePage> {
    if fs::metadata(file).ok()?.len() > METADATA_BYTES_MAX {
        return None;
    }
    let metadata: Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    let text = |key: &str| metadata.get(key).and_then(Value::as_str).map(str::to_owned);
    let path = done.join(text("source")?);
    path.is_file().then(|| DonePage {
        path,
        site: text("site").or_else(|| text("hostname")),
        url: text("url"),
    })
}
