//! The folders of the spool: where they are, and whether they can work together.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::DaemonError;
use crate::config::SpoolConfig;

/// The folders of the spool, as canonical paths.
#[derive(Debug, Clone)]
pub(crate) struct Folders {
    /// Where users drop pages.
    pub(crate) inbox: PathBuf,
    /// Where claimed pages lie.
    pub(crate) work: PathBuf,
    /// Where outputs are written.
    pub(crate) tmp: PathBuf,
    /// Where outputs appear.
    pub(crate) outbox: PathBuf,
    /// Where pages go after success.
    pub(crate) done: PathBuf,
    /// Where pages go that can't be cleaned.
    pub(crate) failed: PathBuf,
    /// Where outputs go that rules hold back.
    pub(crate) held: PathBuf,
    /// What is remembered from page to page.
    pub(crate) state: PathBuf,
}

impl Folders {
    /// Makes the folders where they are missing, and refuses placements that can't work.
    pub(crate) fn prepare(config: &SpoolConfig, base: &Path) -> Result<Self, DaemonError> {
        let named = Self::named(config, base);
        let folders = Self {
            inbox: prepare_folder("spool.inbox", &named.inbox)?,
            work: prepare_folder("spool.work", &named.work)?,
            tmp: prepare_folder("spool.tmp", &named.tmp)?,
            outbox: prepare_folder("spool.outbox", &named.outbox)?,
            done: prepare_folder("spool.done", &named.done)?,
            failed: prepare_folder("spool.failed", &named.failed)?,
            held: prepare_folder("spool.held", &named.held)?,
            state: prepare_folder("spool.state", &named.state)?,
        };
        folders.refuse_nested()?;
        folders.refuse_other_file_systems()?;
        Ok(folders)
    }

    /// The folders where the configuration puts them, unchecked; none is made.
    pub(crate) fn named(config: &SpoolConfig, base: &Path) -> Self {
        let spool = base.join(&config.folder);
        Self {
            inbox: spool.join(&config.inbox),
            work: spool.join(&config.work),
            tmp: spool.join(&config.tmp),
            outbox: spool.join(&config.outbox),
            done: spool.join(&config.done),
            failed: spool.join(&config.failed),
            held: spool.join(&config.held),
            state: spool.join(&config.state),
        }
    }

    /// Every folder with the key that names it.
    pub(crate) fn all(&self) -> [(&'static str, &Path); 8] {
        [
            ("spool.inbox", &self.inbox),
            ("spool.work", &self.work),
            ("spool.tmp", &self.tmp),
            ("spool.outbox", &self.outbox),
            ("spool.done", &self.done),
            ("spool.failed", &self.failed),
            ("spool.held", &self.held),
            ("spool.state", &self.state),
        ]
    }

    /// An outbox in the inbox feeds on itself; any other nesting shows files to those they are not meant for.
    fn refuse_nested(&self) -> Result<(), DaemonError> {
        for (inner, inner_path) in self.all() {
            let outer = self
                .all()
                .into_iter()
                .find(|(outer, outer_path)| *outer != inner && inner_path.starts_with(outer_path));
            if let Some((outer, outer_path)) = outer {
                let (inner_path, outer_path) = (inner_path.to_owned(), outer_path.to_owned());
                return Err(DaemonError::Nested {
                    inner,
                    inner_path,
                    outer,
                    outer_path,
                });
            }
        }
        Ok(())
    }

    /// Rules in the inbox would be taken for pages, and a user who may drop pages could change them.
    pub(crate) fn refuse_rules_in_inbox(&self, rules: &Path) -> Result<(), DaemonError> {
        let inner_path = fs::canonicalize(rules).unwrap_or_else(|_| rules.to_owned());
        if !inner_path.starts_with(&self.inbox) {
            return Ok(());
        }
        Err(DaemonError::Nested {
            inner: "rules.folder",
            inner_path,
            outer: "spool.inbox",
            outer_path: self.inbox.clone(),
        })
    }

    /// The first folder that is not there any more, if one is missing.
    pub(crate) fn missing(&self) -> Option<&Path> {
        self.all().into_iter().map(|(_, path)| path).find(|path| !path.is_dir())
    }

    fn refuse_other_file_systems(&self) -> Result<(), DaemonError> {
        let work = device("spool.work", &self.work)?;
        for (key, path) in self.all() {
            if device(key, path)? != work {
                return Err(DaemonError::OtherFileSystem {
                    key,
                    path: path.to_owned(),
                    work: self.work.clone(),
                });
            }
        }
        Ok(())
    }
}

fn prepare_folder(key: &'static str, path: &Path) -> Result<PathBuf, DaemonError> {
    let made = if path.is_dir() {
        Ok(())
    } else {
        fs::create_dir_all(path)
    };
    made.and_then(|()| fs::canonicalize(path))
        .map_err(|error| DaemonError::Folder {
            key,
            path: path.to_owned(),
            error,
        })
}

fn device(key: &'static str, path: &Path) -> Result<u64, DaemonError> {
    fs::metadata(path)
        .map(|found| found.dev())
        .map_err(|error| DaemonError::Folder {
            key,
            path: path.to_owned(),
            error,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_lie_in_the_spool_and_are_made() {
        let base = tempfile::tempdir().unwrap();
        let folders = Folders::prepare(&SpoolConfig::default(), base.path()).unwrap();
        assert_eq!(
            folders.inbox,
            fs::canonicalize(base.path().join("spool/inbox")).unwrap()
        );
        assert!(folders.all().iter().all(|(_, path)| path.is_dir()));
    }

    #[test]
    fn nesting_is_refused_in_both_directions_and_through_links() {
        let base = tempfile::tempdir().unwrap();
        let nested = |config: &SpoolConfig| Folders::prepare(config, base.path()).unwrap_err().to_string();
        let inside = nested(&SpoolConfig {
            outbox: "inbox/out".into(),
            ..SpoolConfig::default()
        });
        assert!(
            inside.contains("(spool.outbox) lies inside") && inside.contains("(spool.inbox)"),
            "{inside}"
        );
        let around = nested(&SpoolConfig {
            done: ".".into(),
            ..SpoolConfig::default()
        });
        assert!(
            around.contains("lies inside") && around.contains("(spool.done)"),
            "{around}"
        );
        std::os::unix::fs::symlink("inbox", base.path().join("spool/link")).unwrap();
        let same = nested(&SpoolConfig {
            outbox: "link".into(),
            ..SpoolConfig::default()
        });
        assert!(
            same.contains("spool.inbox and spool.outbox are the same folder"),
            "{same}"
        );
    }

    #[test]
    fn a_file_in_the_place_of_a_folder_is_told() {
        let base = tempfile::tempdir().unwrap();
        fs::create_dir(base.path().join("spool")).unwrap();
        std::os::unix::fs::symlink("/dev/null", base.path().join("spool/inbox")).unwrap();
        let error = Folders::prepare(&SpoolConfig::default(), base.path())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("(spool.inbox) can't be used") && error.contains("no folder has that name"),
            "{error}"
        );
    }
}
