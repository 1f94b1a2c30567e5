//! Puts rule files together: which of them count, and where they contradict each other.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use crate::rules::class::Class;
use crate::rules::file::{Layer, RuleFile};
use crate::rules::rule_set::{HostEntry, KnownFamily, Layers, RuleSet, Site};
use crate::toml_file::{Diagnostic, Located};

/// A rule set in the making.
#[derive(Default)]
pub(super) struct Assembly {
    defaults: Vec<Arc<RuleFile>>,
    families: HashMap<String, Vec<Arc<RuleFile>>>,
    sites: Vec<Vec<Arc<RuleFile>>>,
    /// Where a site stands among the sites.
    places: HashMap<String, usize>,
    /// Layers that the user has switched off: what ships for them does not count either.
    pub(super) off: HashSet<Layer>,
    pub(super) keep_classes: Vec<Class>,
    faults: Vec<Diagnostic>,
}

impl Assembly {
    /// An assembly of nothing yet.
    pub(super) fn new(keep_classes: Vec<Class>) -> Self {
        Self {
            keep_classes,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, file: &Arc<RuleFile>) {
        let taken = self.files_of(&file.layer).first().map(|other| Arc::clone(&other.name));
        if let Some(other) = taken {
            let help = "join the two files, or give one of them another name";
            let name = match file.layer_name() {
                "" => "the defaults".to_owned(),
                name => format!("`{name}`"),
            };
            let message = format!("{name} already has rules in {other}");
            self.faults
                .push(Diagnostic::error(&file.source, &file.name_span, "site", message, help));
            return;
        }
        self.push(file);
    }

    /// A shipped file counts where the user has none of that name, or one that extends it.
    pub(super) fn add_shipped(&mut self, file: &Arc<RuleFile>) {
        let extended = self.files_of(&file.layer).iter().all(|users| users.extend);
        if extended && !self.off.contains(&file.layer) {
            self.push(file);
        }
    }

    fn files_of(&self, layer: &Layer) -> &[Arc<RuleFile>] {
        match layer {
            Layer::Defaults => &self.defaults,
            Layer::Family(name) => self.families.get(name).map_or(&[], Vec::as_slice),
            Layer::Site(name) => {
                let place = self.places.get(name).and_then(|place| self.sites.get(*place));
                place.map_or(&[], Vec::as_slice)
            }
        }
    }

    fn push(&mut self, file: &Arc<RuleFile>) {
        let file = Arc::clone(file);
        match file.layer.clone() {
            Layer::Defaults => self.defaults.push(file),
            Layer::Family(name) => self.families.entry(name).or_default().push(file),
            Layer::Site(name) => {
                let place = *self.places.entry(name).or_insert(self.sites.len());
                if place == self.sites.len() {
                    self.sites.push(Vec::new());
                }
                if let Some(files) = self.sites.get_mut(place) {
                    files.push(file);
                }
            }
        }
    }

    pub(super) fn finish(mut self) -> (RuleSet, Vec<Diagnostic>) {
        // Weakest first: what ships lies below what the user wrote.
        self.defaults.reverse();
        let layers = Layers {
            defaults: self.defaults,
            known: known(&self.families),
            families: self.families,
        };
        let mut set = RuleSet::of(layers, self.keep_classes);
        for files in self.sites {
            self.faults.extend(set.add_site(files));
        }
        (set, self.faults)
    }
}

/// The families whose pages are known by what they show, by name.
fn known(families: &HashMap<String, Vec<Arc<RuleFile>>>) -> Arc<[KnownFamily]> {
    let is_known = |files: &[Arc<RuleFile>]| files.iter().any(|file| !file.fingerprint.is_empty());
    let mut known: Vec<KnownFamily> = families
        .iter()
        .filter(|(_, files)| is_known(files))
        .map(|(name, files)| KnownFamily {
            name: name.clone(),
            files: files.clone(),
        })
        .collect();
    known.sort_by(|a, b| a.name.cmp(&b.name));
    known.into()
}

impl RuleSet {
    fn add_site(&mut self, files: Vec<Arc<RuleFile>>) -> Vec<Diagnostic> {
        let Some(nearest) = files.first() else {
            return Vec::new();
        };
        let mut faults = Vec::new();
        for file in &files {
            for host in &file.hosts {
                faults.extend(self.add_host(file, host));
            }
        }
        let mut families = Vec::new();
        for (file, name) in files
            .iter()
            .flat_map(|file| file.uses.iter().map(move |name| (file, name)))
        {
            match self.layers.families.get(&name.value) {
                Some(family) => families.extend(family.iter().cloned()),
                None => faults.push(self.unknown_family(file, name)),
            }
        }
        let fingerprints = files
            .iter()
            .map(|file| &file.fingerprint)
            .find(|print| !print.is_empty() || !print.paths.is_empty());
        let site = Site {
            name: nearest.layer_name().to_owned(),
            fingerprint: fingerprints.cloned().unwrap_or_default(),
            families,
            defaults: self.layers.defaults.clone(),
            known: Arc::clone(&self.layers.known),
            keep_classes: self.keep_classes.clone(),
            merged: Mutex::default(),
            files,
        };
        faults.extend(unknown_ids(&site));
        self.sites.push(Arc::new(site));
        faults
    }

    fn add_host(&mut self, file: &RuleFile, host: &Located<String>) -> Option<Diagnostic> {
        let site = self.sites.len();
        let (name, own, below) = match (host.value.strip_prefix("*."), host.value.strip_prefix('=')) {
            (Some(name), _) => (name, false, true),
            (None, Some(name)) => (name, true, false),
            (None, None) => (host.value.as_str(), true, true),
        };
        let entry = self
            .hosts
            .entry(name.trim_start_matches("www.").to_owned())
            .or_default();
        let taken = [own.then_some(entry.own), below.then_some(entry.below)]
            .into_iter()
            .flatten()
            .flatten()
            .find(|other| *other != site);
        if let Some(other) = taken {
            let owner = self.sites.get(other).map_or("", |site| &site.name);
            let help = "let one of the two sites have the host";
            return Some(Diagnostic::error(
                &file.source,
                &host.span,
                "hosts",
                format!("`{}` already belongs to `{owner}`", host.value),
                help,
            ));
        }
        *entry = HostEntry {
            own: if own { Some(site) } else { entry.own },
            below: if below { Some(site) } else { entry.below },
        };
        None
    }

    fn unknown_family(&self, file: &RuleFile, name: &Located<String>) -> Diagnostic {
        let mut known: Vec<&str> = self.layers.families.keys().map(String::as_str).collect();
        known.sort_unstable();
        let help = format!("families there are: {}", known.join(", "));
        Diagnostic::error(
            &file.source,
            &name.span,
            "uses",
            format!("there is no family `{}`", name.value),
            help,
        )
    }
}

/// `disable` of an `id` that no layer has is most likely a slip.
fn unknown_ids(site: &Site) -> Vec<Diagnostic> {
    let attachable = site.known.iter().flat_map(|family| &family.files);
    let inherited: Vec<&Arc<RuleFile>> = site
        .defaults
        .iter()
        .chain(attachable)
        .chain(&site.families)
        .chain(&site.files)
        .collect();
    let has = |id: &str| {
        inherited
            .iter()
            .any(|file| file.rules.infos().iter().any(|info| info.id.as_deref() == Some(id)))
    };
    let mut faults = Vec::new();
    for file in &site.files {
        for id in file.disable.iter().filter(|id| !has(id)) {
            let message = format!("`disable` names `{id}`, but no rule has that id");
            faults.push(
                Diagnostic::error(
                    &file.source,
                    &(0..0),
                    "disable",
                    message,
                    "see `dehusk explain` for the ids of rules",
                )
                .as_warning(),
            );
        }
    }
    faults
}
