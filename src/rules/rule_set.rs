//! All rule files together: layers merged, sites found by host.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::rules::assembly::Assembly;
use crate::rules::class::Class;
use crate::rules::file::{Fingerprint, Overlay, RuleFile, Status};
use crate::rules::identify::PageView;
use crate::rules::model::Rules;
use crate::rules::pattern::LineMatcher;
use crate::rules::selector_index::SelectorIndex;
use crate::text::hex;
use crate::toml_file::Diagnostic;

/// How rule files are put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSetOptions {
    /// Classes whose removals are not wanted: what they name stays in the text.
    pub keep_classes: Vec<Class>,
    /// Whether files with `status = "draft"` count.
    pub drafts: bool,
}

/// Every rule of every site, ready to use. It never changes; a reload makes a new one.
#[derive(Debug, Default)]
pub struct RuleSet {
    pub(super) sites: Vec<Arc<Site>>,
    pub(super) hosts: HashMap<String, HostEntry>,
    no_site: Mutex<HashMap<Vec<usize>, Arc<SiteRules>>>,
    pub(super) layers: Layers,
    pub(super) keep_classes: Vec<Class>,
}

/// Which sites a host belongs to, by their places in the list of sites.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct HostEntry {
    /// The site that the host itself belongs to.
    pub(super) own: Option<usize>,
    /// The site that the hosts below it belong to.
    pub(super) below: Option<usize>,
}

/// The files that are not a site's.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) defaults: Vec<Arc<RuleFile>>,
    pub(super) families: HashMap<String, Vec<Arc<RuleFile>>>,
    pub(super) known: Arc<[KnownFamily]>,
}

/// A family whose pages are known by what they show: its rules count for them, whatever their site.
#[derive(Debug)]
pub struct KnownFamily {
    /// Its name.
    pub name: String,
    pub(super) files: Vec<Arc<RuleFile>>,
}

impl KnownFamily {
    /// Whether a page is one of its pages.
    pub fn fits(&self, page: &PageView<'_>) -> bool {
        self.files.iter().any(|file| file.fingerprint.fits(page))
    }
}

/// Which rules a page gets beside those of its layers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Extras {
    /// Families that the page is known to be of, by their places among [`RuleSet::known_families`].
    pub families: Vec<usize>,
    /// The site's overlays that count, by their places among [`Site::overlays`].
    pub overlays: Vec<usize>,
}

/// A site with rules of its own.
#[derive(Debug)]
pub struct Site {
    /// Its name: what metadata calls it.
    pub name: String,
    /// How its pages are known by their text.
    pub fingerprint: Fingerprint,
    /// Its files, nearest first: the user's, then the shipped one.
    pub files: Vec<Arc<RuleFile>>,
    /// The families that it builds on, nearest first, each with its files.
    pub(super) families: Vec<Arc<RuleFile>>,
    pub(super) defaults: Vec<Arc<RuleFile>>,
    pub(super) known: Arc<[KnownFamily]>,
    pub(super) keep_classes: Vec<Class>,
    /// Merged rules by what counts beside the layers.
    pub(super) merged: Mutex<HashMap<Extras, Arc<SiteRules>>>,
}

/// The rules of a site with all layers merged, indexed for use.
#[derive(Debug)]
pub struct SiteRules {
    /// The rules.
    pub rules: Rules,
    /// Finds the elements that rules speak of.
    pub selectors: SelectorIndex,
    /// Finds lines that stay.
    pub keep_line: LineMatcher,
    /// Finds lines that go.
    pub drop_line: LineMatcher,
    /// Finds where the tail begins.
    pub cut_from: LineMatcher,
    /// Finds where the head ends.
    pub cut_before: LineMatcher,
    /// SHA-256 over the texts of all files that took part, the first 16 hexadecimal digits.
    pub hash: String,
}

impl RuleSet {
    /// Puts files together: those that ship with the program and the user's. Files that contradict each other give
    /// faults; the later one of two that claim the same name or host does not count.
    pub fn assemble(shipped: &[Arc<RuleFile>], user: &[Arc<RuleFile>]) -> (Self, Vec<Diagnostic>) {
        Self::assemble_with(shipped, user, &RuleSetOptions::default())
    }

    /// The same, with options.
    pub fn assemble_with(
        shipped: &[Arc<RuleFile>],
        user: &[Arc<RuleFile>],
        options: &RuleSetOptions,
    ) -> (Self, Vec<Diagnostic>) {
        let mut assembly = Assembly::new(options.keep_classes.clone());
        let off = user.iter().filter(|file| file.status == Status::Off);
        assembly.off.extend(off.map(|file| file.layer.clone()));
        let counts =
            |file: &&Arc<RuleFile>| file.status == Status::Active || file.status == Status::Draft && options.drafts;
        for file in user.iter().filter(counts) {
            assembly.add(file);
        }
        for file in shipped.iter().filter(counts) {
            assembly.add_shipped(file);
        }
        assembly.finish()
    }

    /// A rule set without sites.
    pub(super) fn of(layers: Layers, keep_classes: Vec<Class>) -> Self {
        Self {
            layers,
            keep_classes,
            ..Self::default()
        }
    }

    /// The site of a host, if it has rules: the longest match among the host and the domains above it.
    pub fn site_of_host(&self, host: &str) -> Option<&Arc<Site>> {
        let host = host.trim_end_matches('.').to_lowercase();
        let mut name = host.as_str();
        loop {
            let itself = name == host || host.strip_prefix("www.") == Some(name);
            let entry = self.hosts.get(name).copied().unwrap_or_default();
            if let Some(site) = if itself { entry.own } else { entry.below } {
                return self.sites.get(site);
            }
            name = name.split_once('.')?.1;
        }
    }

    /// The site of a name, or of a host.
    pub fn site_of_name(&self, name: &str) -> Option<&Arc<Site>> {
        self.sites
            .iter()
            .find(|site| site.name.eq_ignore_ascii_case(name))
            .or_else(|| self.site_of_host(name))
    }

    /// Every site.
    pub fn sites(&self) -> &[Arc<Site>] {
        &self.sites
    }

    /// Families whose pages are known by what they show, by name.
    pub fn known_families(&self) -> &[KnownFamily] {
        &self.layers.known
    }

    /// The rules for pages of no known site: the defaults, and the families of these places on top.
    pub fn no_site(&self, families: &[usize]) -> Arc<SiteRules> {
        let merge = || {
            let attached = families.iter().rev().filter_map(|at| self.layers.known.get(*at));
            let attached = attached.flat_map(|family| family.files.iter().rev());
            let layers: Vec<Arc<RuleFile>> = self.layers.defaults.iter().chain(attached).cloned().collect();
            Arc::new(SiteRules::merge(&layers, &[], &self.keep_classes))
        };
        let mut merged = self.no_site.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(merged.entry(families.to_vec()).or_insert_with(merge))
    }
}

impl Site {
    /// Its rules without any overlay.
    pub fn rules(&self) -> Arc<SiteRules> {
        self.rules_with(&Extras::default())
    }

    /// Its overlays, weakest first: those of the shipped file before those of the user's.
    pub fn overlays(&self) -> Vec<&Overlay> {
        self.files.iter().rev().flat_map(|file| &file.overlays).collect()
    }

    /// Its rules with what counts beside the layers; merged at the first call.
    pub fn rules_with(&self, extras: &Extras) -> Arc<SiteRules> {
        let mut merged = self.merged.lock().unwrap_or_else(PoisonError::into_inner);
        let rules = merged
            .entry(extras.clone())
            .or_insert_with(|| Arc::new(self.merge(extras)));
        Arc::clone(rules)
    }

    fn merge(&self, extras: &Extras) -> SiteRules {
        // A family that the site names itself has its place there.
        let is_used = |file: &Arc<RuleFile>| self.families.iter().any(|used| used.layer == file.layer);
        let attached = extras.families.iter().rev().filter_map(|at| self.known.get(*at));
        let attached = attached.flat_map(|family| family.files.iter().rev());
        let layers: Vec<Arc<RuleFile>> = self
            .defaults
            .iter()
            .chain(attached.filter(|file| !is_used(file)))
            .chain(self.families.iter().rev())
            .chain(self.files.iter().rev())
            .cloned()
            .collect();
        let all = self.overlays();
        let on_top: Vec<&Overlay> = extras.overlays.iter().filter_map(|at| all.get(*at).copied()).collect();
        SiteRules::merge(&layers, &on_top, &self.keep_classes)
    }
}

impl SiteRules {
    /// Merges layers and then overlays, weakest first.
    fn merge(layers: &[Arc<RuleFile>], overlays: &[&Overlay], keep_classes: &[Class]) -> Self {
        let disable: Vec<String> = layers.iter().flat_map(|file| file.disable.clone()).collect();
        let parts = layers
            .iter()
            .map(|file| &file.rules)
            .chain(overlays.iter().map(|overlay| &overlay.rules));
        let mut rules = parts.fold(Rules::default(), |merged, part| merged.overlaid_by(part));
        rules.disable(&disable);
        rules.keep_classes(keep_classes);
        let mut digest = Sha256::new();
        for file in layers {
            digest.update(file.source.text.as_bytes());
            digest.update([0]);
        }
        for overlay in overlays {
            digest.update(overlay.name.as_bytes());
        }
        Self {
            selectors: SelectorIndex::new(&rules),
            keep_line: LineMatcher::new(&rules.keep_line),
            drop_line: LineMatcher::new(&rules.drop_line),
            cut_from: LineMatcher::new(&rules.cut_from),
            cut_before: LineMatcher::new(&rules.cut_before),
            rules,
            hash: hex(digest.finalize().as_slice()).chars().take(16).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toml_file::SourceFile;

    fn file(name: &str, text: &str) -> Arc<RuleFile> {
        let (file, faults) = RuleFile::parse(&SourceFile::new(name, format!("schema = 1\n{text}")));
        Arc::new(file.unwrap_or_else(|| panic!("{faults:?}")))
    }

    fn lines(site: &Site) -> Vec<String> {
        site.rules()
            .rules
            .drop_line
            .iter()
            .map(|rule| rule.info.pattern.clone())
            .collect()
    }

    #[test]
    fn the_longest_host_wins_and_sub_domains_count() {
        let files = [
            file("a", "site = \"x.org\""),
            file("b", "site = \"news.x.org\""),
            file("c", "site = \"y.org\"\nhosts = [\"=y.org\"]"),
        ];
        let (set, faults) = RuleSet::assemble(&[], &files);
        assert!(faults.is_empty());
        let name = |host: &str| set.site_of_host(host).map(|site| site.name.clone());
        assert_eq!(name("a.b.x.org").as_deref(), Some("x.org"));
        assert_eq!(name("m.news.x.org").as_deref(), Some("news.x.org"));
        assert_eq!(name("www.y.org").as_deref(), Some("y.org"));
        assert_eq!(name("sub.y.org"), None);
        assert_eq!(name("ax.org"), None);
    }

    #[test]
    fn a_domain_and_the_hosts_below_it_can_be_two_sites() {
        let files = [
            file("a", "site = \"x.org\"\nhosts = [\"=x.org\"]"),
            file("b", "site = \"blogs\"\nhosts = [\"*.x.org\"]"),
        ];
        let (set, faults) = RuleSet::assemble(&[], &files);
        assert!(faults.is_empty(), "{faults:?}");
        let name = |host: &str| set.site_of_host(host).map(|site| site.name.clone());
        assert_eq!(name("x.org").as_deref(), Some("x.org"));
        assert_eq!(name("www.x.org").as_deref(), Some("x.org"));
        assert_eq!(name("a.x.org").as_deref(), Some("blogs"));
        let twice = [
            file("a", "site = \"x.org\""),
            file("b", "site = \"blogs\"\nhosts = [\"*.x.org\"]"),
        ];
        assert_eq!(RuleSet::assemble(&[], &twice).1.len(), 1);
    }

    #[test]
    fn layers_append_with_the_nearer_first_and_disable_takes_out() {
        let shipped = [
            file("defaults", "layer = \"defaults\"\n[text]\ndrop-line = [\"d\"]"),
            file(
                "fam",
                "family = \"fam\"\n[text]\ndrop-line = [{ line = \"f\", id = \"fam-f\" }, \"g\"]",
            ),
            file(
                "site",
                "site = \"x.org\"\nuses = [\"fam\"]\ndisable = [\"fam-f\"]\n[text]\ndrop-line = [\"s\"]",
            ),
        ];
        let (set, faults) = RuleSet::assemble(&shipped, &[]);
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(lines(set.site_of_name("x.org").unwrap()), ["s", "g", "d"]);
    }

    #[test]
    fn a_users_file_replaces_the_shipped_one_or_extends_it() {
        let shipped = [file("shipped", "site = \"x.org\"\n[text]\ndrop-line = [\"old\"]")];
        let replacing = [file("user", "site = \"x.org\"\n[text]\ndrop-line = [\"new\"]")];
        let extending = [file(
            "user",
            "site = \"x.org\"\nextend = true\n[text]\ndrop-line = [\"new\"]",
        )];
        assert_eq!(
            lines(RuleSet::assemble(&shipped, &replacing).0.site_of_name("x.org").unwrap()),
            ["new"]
        );
        assert_eq!(
            lines(RuleSet::assemble(&shipped, &extending).0.site_of_name("x.org").unwrap()),
            ["new", "old"]
        );
    }

    #[test]
    fn contradictions_between_files_are_faults() {
        let user = [
            file("a", "site = \"x.org\"\nuses = [\"nope\"]"),
            file("b", "site = \"x.org\""),
            file("c", "site = \"z\"\nhosts = [\"x.org\"]"),
        ];
        let (_, faults) = RuleSet::assemble(&[], &user);
        let messages: Vec<&str> = faults.iter().map(|fault| fault.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "`x.org` already has rules in a",
                "there is no family `nope`",
                "`x.org` already belongs to `x.org`"
            ]
        );
    }
}
