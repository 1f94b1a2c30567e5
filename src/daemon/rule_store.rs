//! The rules in force: the user's folder laid over the shipped ones, with the last good version of every file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use super::names::{harmless, shown};
use crate::rule_folder;
use crate::rules::{RuleFile, RuleSet, shipped};
use crate::toml_file::{Diagnostic, Severity, SourceFile};

/// The rules in force, shared with the workers. A page keeps those that it began with.
#[derive(Debug, Clone, Default)]
pub(crate) struct CurrentRules(Arc<RwLock<Arc<RuleSet>>>);

impl CurrentRules {
    /// The rules of this moment.
    pub(crate) fn get(&self) -> Arc<RuleSet> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, rules: RuleSet) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }
}

/// A file of the user's folder.
#[derive(Debug, Clone)]
struct Known {
    /// Its text as last read.
    text: Arc<str>,
    /// Its last version without an error.
    good: Option<Arc<RuleFile>>,
}

/// Reads the user's rules and keeps the last good ones in force.
#[derive(Debug)]
pub(crate) struct RuleStore {
    folder: PathBuf,
    shipped: bool,
    files: HashMap<Arc<str>, Known>,
    loaded: bool,
    current: CurrentRules,
}

impl RuleStore {
    /// A store that has read nothing yet.
    pub(crate) fn new(folder: PathBuf, shipped: bool) -> Self {
        Self {
            folder,
            shipped,
            files: HashMap::new(),
            loaded: false,
            current: CurrentRules::default(),
        }
    }

    /// The user's folder.
    pub(crate) fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// The rules in force, now and later.
    pub(crate) fn current(&self) -> CurrentRules {
        self.current.clone()
    }

    /// Reads what has changed, tells of every fault, and puts the rules in force. Does nothing if nothing has changed.
    pub(crate) fn reload(&mut self) {
        let found = rule_folder::read(&self.folder);
        for (path, error) in &found.unreadable {
            tracing::error!(
                file = shown(path),
                "the rule file can't be read, its last good version stays: {error}"
            );
        }
        let is_unreadable = |name: &str| {
            found
                .unreadable
                .iter()
                .any(|(path, _)| path.display().to_string() == name)
        };
        let unchanged = found
            .files
            .iter()
            .all(|file| self.files.get(&file.name).is_some_and(|known| known.text == file.text));
        let none_gone = self
            .files
            .keys()
            .all(|name| is_unreadable(name) || found.files.iter().any(|file| file.name == *name));
        if self.loaded && unchanged && none_gone {
            return;
        }
        let before = std::mem::take(&mut self.files);
        let kept = before.iter().filter(|(name, _)| is_unreadable(name));
        self.files = kept.map(|(name, known)| (Arc::clone(name), known.clone())).collect();
        for source in &found.files {
            let known = read_file(source, before.get(&source.name));
            self.files.insert(Arc::clone(&source.name), known);
        }
        self.assemble(&before);
        self.loaded = true;
    }

    /// Puts the files together. A changed file that contradicts others gives way to its last good version.
    fn assemble(&mut self, before: &HashMap<Arc<str>, Known>) {
        let (mut rules, faults) = self.put_together();
        tell(&faults);
        let culprits = faults
            .iter()
            .filter(|fault| fault.severity == Severity::Error)
            .map(|fault| &fault.file);
        let mut reverted = false;
        for name in culprits {
            let last_good = before.get(name).and_then(|known| known.good.clone());
            let Some((known, good)) = self.files.get_mut(name).zip(last_good) else {
                continue;
            };
            reverted |= known
                .good
                .as_ref()
                .is_none_or(|now| now.source.text != good.source.text);
            known.good = Some(good);
        }
        if reverted {
            tracing::warn!("rule files that contradict others stay at their last good version");
            rules = self.put_together().0;
        }
        let sites = rules.sites().len();
        let files = self.files.values().filter(|known| known.good.is_some()).count();
        self.current.set(rules);
        tracing::info!(sites, files, folder = shown(&self.folder), "rules loaded");
    }

    fn put_together(&self) -> (RuleSet, Vec<Diagnostic>) {
        let mut names: Vec<&Arc<str>> = self.files.keys().collect();
        names.sort();
        let files: Vec<Arc<RuleFile>> = names
            .iter()
            .filter_map(|name| self.files.get(*name)?.good.clone())
            .collect();
        RuleSet::assemble(if self.shipped { shipped() } else { &[] }, &files)
    }
}

/// Reads a file anew, unless it is what it was.
fn read_file(source: &SourceFile, before: Option<&Known>) -> Known {
    if let Some(known) = before.filter(|known| known.text == source.text) {
        return known.clone();
    }
    let (file, faults) = RuleFile::parse(source);
    tell(&faults);
    let last_good = before.and_then(|known| known.good.clone());
    if file.is_none() {
        let consequence = if last_good.is_some() {
            "its last good version stays in force"
        } else {
            "it does not count"
        };
        tracing::error!("{}: the rule file has errors, {consequence}", harmless(&source.name));
    }
    Known {
        text: Arc::clone(&source.text),
        good: file.map(Arc::new).or(last_good),
    }
}

/// Every fault whole: place, line, caret and remedy.
fn tell(faults: &[Diagnostic]) {
    for fault in faults {
        let text: Vec<String> = fault.to_string().lines().map(harmless).collect();
        match fault.severity {
            Severity::Warning => tracing::warn!("{}", text.join("\n")),
            Severity::Error => tracing::error!("{}", text.join("\n")),
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "tests write and delete the rule files that they are about"
)]
mod tests {
    use std::fs;

    use super::*;

    const RULES: &str = "schema = 1\nsite = \"x.example\"\n[text]\ndrop-line = [\"old\"]\n";

    fn patterns(store: &RuleStore) -> Vec<String> {
        let rules = store.current().get();
        let Some(site) = rules.site_of_name("x.example") else {
            return Vec::new();
        };
        site.rules()
            .rules
            .drop_line
            .iter()
            .map(|rule| rule.info.pattern.clone())
            .collect()
    }

    #[test]
    fn a_broken_file_leaves_its_last_good_version_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.example.toml");
        fs::write(&path, RULES).unwrap();
        let mut store = RuleStore::new(folder.path().to_owned(), false);
        store.reload();
        assert_eq!(patterns(&store), ["old"]);
        fs::write(&path, RULES.replace("drop-line", "drop-lime")).unwrap();
        store.reload();
        assert_eq!(patterns(&store), ["old"]);
        fs::write(&path, RULES.replace("old", "new")).unwrap();
        store.reload();
        assert_eq!(patterns(&store), ["new"]);
        fs::remove_file(&path).unwrap();
        store.reload();
        assert_eq!(patterns(&store), Vec::<String>::new());
    }

    #[test]
    fn a_change_that_contradicts_another_file_is_put_back() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.toml"), "schema = 1\nsite = \"a.example\"\n").unwrap();
        let path = folder.path().join("x.example.toml");
        fs::write(&path, RULES).unwrap();
        let mut store = RuleStore::new(folder.path().to_owned(), false);
        store.reload();
        fs::write(&path, RULES.replace("x.example", "a.example")).unwrap();
        store.reload();
        assert_eq!(patterns(&store), ["old"]);
    }

    #[test]
    fn a_missing_folder_leaves_the_shipped_rules() {
        let mut store = RuleStore::new("/nowhere/at/all".into(), true);
        store.reload();
        assert!(!store.current().get().sites().is_empty());
    }
}
