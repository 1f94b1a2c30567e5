//! The rules in force: the user's folder laid over the shipped ones, with the last good version of every file.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;

use super::drift_store::DriftStore;
use super::names::{harmless, shown};
use super::reason::rfc3339;
use super::status::{InForce, RefusedFile, RulesReport};
use crate::config::Config;
use crate::limits::Limits;
use crate::rule_folder;
use crate::rule_test::{self, Outcome};
use crate::rules::bundle::{Bundle, FileOrigin};
use crate::rules::{RuleFile, RuleSet, RuleSetOptions, shipped};
use crate::toml_file::{Diagnostic, Severity, SourceFile};

/// Most refused files that a report names.
const REFUSED_SHOWN: usize = 20;

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
    /// Why the text does not count as it stands: its first fault.
    refusal: Option<String>,
}

impl Known {
    /// What counts of a file with faults.
    fn in_force(&self) -> InForce {
        match &self.good {
            None => InForce::Nothing,
            Some(good) if good.source.text == self.text => InForce::Itself,
            Some(_) => InForce::LastGood,
        }
    }
}

/// A file that gives way to its last good version, and its first fault.
type Culprit = (Arc<str>, String);

/// Reads the user's rules and keeps the last good ones in force.
#[derive(Debug)]
pub(crate) struct RuleStore {
    folder: PathBuf,
    /// The shipped rules: those of the program, or of the bundle that takes the folder's place.
    shipped: Vec<Arc<RuleFile>>,
    /// The hash of that bundle.
    bundle: Option<String>,
    options: RuleSetOptions,
    limits: Limits,
    files: HashMap<Arc<str>, Known>,
    loaded: bool,
    loaded_at: Timestamp,
    unreadable: HashMap<Arc<str>, String>,
    current: CurrentRules,
    drift: Arc<DriftStore>,
}

impl RuleStore {
    /// A store that has read nothing yet.
    pub(crate) fn new(folder: PathBuf, config: &Config, drift: Arc<DriftStore>) -> Self {
        Self {
            folder,
            shipped: if config.rules.shipped {
                shipped().to_vec()
            } else {
                Vec::new()
            },
            bundle: None,
            options: RuleSetOptions {
                keep_classes: config.rules.keep_classes.clone(),
                drafts: false,
            },
            limits: config.limits.page.clone(),
            files: HashMap::new(),
            loaded: false,
            loaded_at: Timestamp::now(),
            unreadable: HashMap::new(),
            current: CurrentRules::default(),
            drift,
        }
    }

    /// How well the rules fit their sites' pages.
    pub(crate) fn drift(&self) -> &Arc<DriftStore> {
        &self.drift
    }

    /// The user's folder.
    pub(crate) fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// The rules in force, now and later.
    pub(crate) fn current(&self) -> CurrentRules {
        self.current.clone()
    }

    /// What is in force, and which files do not count as they stand.
    pub(crate) fn report(&self) -> RulesReport {
        let refused = self.files.iter().filter_map(|(name, known)| {
            let fault = self.unreadable.get(name).or(known.refusal.as_ref())?;
            Some((name, fault, known.in_force()))
        });
        let unreadable = self
            .unreadable
            .iter()
            .filter(|(name, _)| !self.files.contains_key(*name));
        // A bundle that is broken leaves all that was read of it before in force.
        let in_force = if self.bundle.is_some() {
            InForce::LastGood
        } else {
            InForce::Nothing
        };
        let unreadable = unreadable.map(|(name, fault)| (name, fault, in_force));
        let mut refused: Vec<RefusedFile> = refused
            .chain(unreadable)
            .map(|(name, fault, in_force)| RefusedFile {
                file: harmless(name),
                fault: harmless(fault),
                in_force,
            })
            .collect();
        refused.sort_by(|one, other| one.file.cmp(&other.file));
        let refused_count = refused.len() as u64;
        refused.truncate(REFUSED_SHOWN);
        RulesReport {
            folder: shown(&self.folder),
            files: self.files.values().filter(|known| known.good.is_some()).count() as u64,
            sites: self.current.get().sites().len() as u64,
            loaded: rfc3339(self.loaded_at),
            refused_count,
            refused,
        }
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
        let unreadable = found.unreadable.iter();
        self.unreadable = unreadable
            .map(|(path, error)| (path.display().to_string().into(), error.to_string()))
            .collect();
        if found.unreadable.iter().any(|(path, _)| *path == self.folder) {
            return;
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
        let same_bundle = self.take_bundle(found.bundle.as_ref());
        if self.loaded && unchanged && none_gone && same_bundle {
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

    /// A bundle has its own shipped rules and settings. Says whether they are what they were.
    fn take_bundle(&mut self, bundle: Option<&Bundle>) -> bool {
        let Some(bundle) = bundle else {
            return true;
        };
        let hash = bundle.hash();
        if self.bundle.as_ref() == Some(&hash) {
            return true;
        }
        let read = |source: &SourceFile| {
            let (file, faults) = RuleFile::parse(source);
            tell(&faults);
            file.map(Arc::new)
        };
        self.shipped = bundle.files_from(FileOrigin::Shipped).filter_map(read).collect();
        self.options = RuleSetOptions {
            keep_classes: bundle.settings.keep_classes.clone(),
            drafts: bundle.settings.drafts,
        };
        if bundle.settings.limits != self.limits {
            tracing::warn!("the new bundle has other limits: they count from the next start");
        }
        tracing::info!(hash, "a bundle of rules was read");
        self.bundle = Some(hash);
        false
    }

    /// Puts the files together. A changed file that contradicts others, or whose own tests fail, gives way to its last
    /// good version; at the start there is none, and the file counts as it is.
    fn assemble(&mut self, before: &HashMap<Arc<str>, Known>) {
        let (mut rules, faults) = self.put_together();
        tell(&faults);
        let contradicting = faults.iter().filter(|fault| fault.severity == Severity::Error);
        let mut culprits: Vec<Culprit> = contradicting
            .map(|fault| (Arc::clone(&fault.file), brief(fault)))
            .collect();
        culprits.extend(self.failing(before, &rules));
        if self.revert(&culprits, before) {
            tracing::warn!("rule files that contradict others or fail their tests stay at their last good version");
            rules = self.put_together().0;
        }
        let sites = rules.sites().len();
        let files = self.files.values().filter(|known| known.good.is_some()).count();
        if self.loaded {
            self.drift.forget_changed(&self.current.get(), &rules);
        }
        self.current.set(rules);
        self.loaded_at = Timestamp::now();
        tracing::info!(sites, files, folder = shown(&self.folder), "rules loaded");
    }

    /// Changed files whose own tests fail; every failure is told.
    fn failing(&self, before: &HashMap<Arc<str>, Known>, rules: &RuleSet) -> Vec<Culprit> {
        if self.bundle.is_some() {
            // They were run when it was made; the pages that they name have stayed there.
            return Vec::new();
        }
        let is_new = |name: &Arc<str>, known: &Known| before.get(name).is_none_or(|before| before.text != known.text);
        let changed = self.files.iter().filter(|(name, known)| is_new(name, known));
        let mut failing = Vec::new();
        for (name, file) in changed.filter_map(|(name, known)| Some((name, known.good.as_ref()?))) {
            let outcomes = rule_test::run(file, rules, &self.limits);
            let failed: Vec<&Outcome> = outcomes.iter().filter(|outcome| !outcome.passed()).collect();
            for outcome in &failed {
                tell(&outcome.failures);
                tracing::error!(
                    file = harmless(name),
                    test = harmless(&outcome.name),
                    "a test of the rule file fails"
                );
            }
            if let Some(first) = failed.first() {
                let fault = format!("its test `{}` fails", first.name);
                failing.push((Arc::clone(name), fault));
            }
        }
        failing
    }

    /// Puts files back to their last good versions; says whether that changed anything.
    fn revert(&mut self, culprits: &[Culprit], before: &HashMap<Arc<str>, Known>) -> bool {
        let mut reverted = false;
        for (name, fault) in culprits {
            let Some(known) = self.files.get_mut(name) else {
                continue;
            };
            known.refusal.get_or_insert_with(|| fault.clone());
            let Some(good) = before.get(name).and_then(|known| known.good.clone()) else {
                continue;
            };
            reverted |= known
                .good
                .as_ref()
                .is_none_or(|now| now.source.text != good.source.text);
            known.good = Some(good);
        }
        reverted
    }

    fn put_together(&self) -> (RuleSet, Vec<Diagnostic>) {
        let mut names: Vec<&Arc<str>> = self.files.keys().collect();
        names.sort();
        let good = names.iter().filter_map(|name| self.files.get(*name)?.good.clone());
        let files: Vec<Arc<RuleFile>> = good.collect();
        RuleSet::assemble_with(&self.shipped, &files, &self.options)
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
    let refusal = match &file {
        Some(_) => None,
        None => Some(faults.first().map_or_else(|| "it has errors".to_owned(), brief)),
    };
    Known {
        text: Arc::clone(&source.text),
        good: file.map(Arc::new).or(last_good),
        refusal,
    }
}

/// A fault in one line.
fn brief(fault: &Diagnostic) -> String {
    format!("line {}, column {}: {}", fault.line, fault.column, fault.message)
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
    use std::path::Path;

    use super::*;

    const RULES: &str = "schema = 1\nsite = \"x.example\"\n[text]\ndrop-line = [\"old\"]\n";

    fn store(folder: &Path, shipped: bool) -> RuleStore {
        let mut config = Config::default();
        config.rules.shipped = shipped;
        RuleStore::new(folder.to_owned(), &config, Arc::default())
    }

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
        let mut store = store(folder.path(), false);
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
    fn a_version_whose_tests_fail_leaves_the_last_good_one_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.example.toml");
        let test = "[[test]]\ntext = \"A title\\nold\\nA line of text.\"\nhas-not = [\"old\"]\n";
        fs::write(&path, format!("{RULES}{test}")).unwrap();
        let mut store = store(folder.path(), false);
        store.reload();
        fs::write(&path, format!("{}{test}", RULES.replace("old", "new"))).unwrap();
        store.reload();
        assert_eq!(patterns(&store), ["old"]);
        fs::write(
            &path,
            format!("{}{}", RULES.replace("old", "new"), test.replace("has-not", "has")),
        )
        .unwrap();
        store.reload();
        assert_eq!(patterns(&store), ["new"]);
    }

    #[test]
    fn a_change_that_contradicts_another_file_is_put_back() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.toml"), "schema = 1\nsite = \"a.example\"\n").unwrap();
        let path = folder.path().join("x.example.toml");
        fs::write(&path, RULES).unwrap();
        let mut store = store(folder.path(), false);
        store.reload();
        fs::write(&path, RULES.replace("x.example", "a.example")).unwrap();
        store.reload();
        assert_eq!(patterns(&store), ["old"]);
    }

    #[test]
    fn a_bundle_is_read_anew_where_it_changes_and_stays_in_force_where_it_breaks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.bundle");
        let write = |rules: &str| {
            let mut bundle = Bundle::default();
            bundle.add(FileOrigin::User, "x.example.toml", &Arc::from(rules));
            fs::write(&path, bundle.to_text()).unwrap();
        };
        write(RULES);
        let mut store = store(&path, true);
        store.reload();
        assert_eq!(patterns(&store), ["old"]);
        assert_eq!(
            store.current().get().sites().len(),
            1,
            "the bundle holds no shipped rules"
        );
        fs::write(&path, "format = 1\n").unwrap();
        store.reload();
        assert_eq!(patterns(&store), ["old"]);
        assert_eq!(store.report().refused_count, 1);
        write(&RULES.replace("old", "new"));
        store.reload();
        assert_eq!(patterns(&store), ["new"]);
        assert_eq!(store.report().refused_count, 0);
    }

    #[test]
    fn a_missing_folder_leaves_the_shipped_rules() {
        let mut store = store(Path::new("/nowhere/at/all"), true);
        store.reload();
        assert!(!store.current().get().sites().is_empty());
    }
}
