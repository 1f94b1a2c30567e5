//! The account of what was dropped into an inbox: where each page lies, and whether what is made of it is whole.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};

use dehusk::clean::render::plain;
use dehusk::clean::{CleanOptions, clean};
use dehusk::limits::Limits;
use dehusk::page::{PageHints, RawPage};
use dehusk::rules::{RuleFile, RuleSet, shipped};
use dehusk::toml_file::SourceFile;
use sha2::{Digest, Sha256};

use super::bed::{Bed, RULES};

/// What went wrong, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Pages that are nowhere, and pages that were put away without their output.
    pub(crate) lost: usize,
    /// Pages that are in two places, and outputs of which there are too many.
    pub(crate) doubled: usize,
    /// Outputs that are not what the whole page gives.
    pub(crate) half: usize,
}

impl AddAssign for Findings {
    fn add_assign(&mut self, other: Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.half += other.half;
    }
}

/// A page that was dropped.
struct Dropped {
    name: String,
    bytes: Vec<u8>,
    /// What may come out of it, under each of the rules that may be in force; nothing where it is no page.
    texts: Vec<String>,
    /// Whether its dropper may have taken it back, or put another in its place, before it was claimed.
    is_optional: bool,
}

/// Everything that was dropped into one bed. No two pages have the same bytes.
#[derive(Default)]
pub(crate) struct Account {
    dropped: Vec<Dropped>,
    rules: Vec<RuleSet>,
}

impl Account {
    /// An account of pages under no rules, or the rules of the bed with each of these changes to them.
    pub(crate) fn new() -> Self {
        let changed = RULES.replace("soap", "shoes");
        let rule_sets = [None, Some(RULES), Some(changed.as_str())].map(|text| {
            let file = text.and_then(|text| RuleFile::parse(&SourceFile::new("a.example.toml", text)).0);
            RuleSet::assemble(shipped(), &file.map(Into::into).into_iter().collect::<Vec<_>>()).0
        });
        Self {
            dropped: Vec::new(),
            rules: rule_sets.into(),
        }
    }

    /// Notes a page that is about to be dropped.
    pub(crate) fn note(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        let texts: BTreeSet<String> = self
            .rules
            .iter()
            .filter_map(|rules| text(name, &bytes, rules))
            .collect();
        self.dropped.push(Dropped {
            name: name.to_owned(),
            bytes,
            texts: texts.into_iter().collect(),
            is_optional: false,
        });
    }

    /// Notes a page and drops it.
    pub(crate) fn drop(&mut self, bed: &Bed, name: &str, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        self.note(name, bytes.clone());
        bed.drop(name, bytes);
    }

    /// Pages of a name that are not claimed yet may be gone from now on.
    pub(crate) fn release(&mut self, name: &str) {
        for page in self.dropped.iter_mut().filter(|page| page.name == name) {
            page.is_optional = true;
        }
    }

    /// A page was taken back, or replaced, before it was claimed: it is nowhere any more, and nothing may come of it.
    pub(crate) fn forget(&mut self, bytes: &[u8]) {
        self.dropped.retain(|page| page.bytes != bytes);
    }

    /// Looks at everything while the daemon does nothing, whether it has ended its work or was killed.
    pub(crate) fn look(&self, bed: &Bed) -> Findings {
        let places = Places::of(bed);
        let mut findings = Findings::default();
        for page in &self.dropped {
            let count = places.pages.iter().filter(|(_, bytes)| *bytes == page.bytes).count();
            findings.lost += usize::from(count == 0 && !page.is_optional);
            findings.doubled += count.saturating_sub(1);
        }
        for name in self.names() {
            findings.lost +=
                usize::from(self.is_put_away(name, &places) && !places.outputs.contains_key(&output_of(name)));
        }
        findings.half += self.odd_outputs(&places.outputs).len();
        findings
    }

    /// Looks at everything after the last page has ended: the output of each name is that of its last page, there is
    /// one of each, and nothing is left over.
    pub(crate) fn look_at_end(&self, bed: &Bed) -> Findings {
        let places = Places::of(bed);
        let mut findings = self.look(bed);
        let mut expected = BTreeSet::new();
        for name in self.names().into_iter().filter(|name| self.is_put_away(name, &places)) {
            let last = self
                .dropped
                .iter()
                .rev()
                .find(|page| page.name == name && !page.texts.is_empty() && places.is_in("done", &page.bytes));
            let output = places.outputs.get(&output_of(name));
            let is_right = last.zip(output).is_some_and(|(page, text)| page.texts.contains(text));
            findings.half += usize::from(output.is_some() && !is_right);
            expected.insert(output_of(name));
            expected.insert(metadata_of(name));
        }
        findings.doubled += places.outputs.keys().filter(|name| !expected.contains(*name)).count();
        let left = ["inbox", "work", "tmp"].map(|folder| bed.files(folder).len());
        findings.lost += left.iter().sum::<usize>();
        findings
    }

    /// Files of an outbox, at whatever moment they were read, that are not what some whole page gives.
    pub(crate) fn odd_outputs<'a>(&self, outputs: &'a BTreeMap<String, String>) -> Vec<&'a str> {
        let is_odd = |(name, text): &(&String, &String)| {
            let is_of = |page: &Dropped| {
                output_of(&page.name) == **name && page.texts.contains(text)
                    || metadata_of(&page.name) == **name && is_metadata_of(text, page)
            };
            !name.contains(".dehusk-trial") && !self.dropped.iter().any(is_of)
        };
        outputs.iter().filter(is_odd).map(|(name, _)| name.as_str()).collect()
    }

    fn names(&self) -> BTreeSet<&str> {
        self.dropped.iter().map(|page| page.name.as_str()).collect()
    }

    fn is_put_away(&self, name: &str, places: &Places) -> bool {
        self.dropped
            .iter()
            .any(|page| page.name == name && places.is_in("done", &page.bytes))
    }
}

/// Everything that lies in a spool.
struct Places {
    /// Pages, each with the folder of the spool that it is in.
    pages: Vec<(&'static str, Vec<u8>)>,
    /// Outputs by their path in the outbox.
    outputs: BTreeMap<String, String>,
}

impl Places {
    fn of(bed: &Bed) -> Self {
        let is_page =
            |name: &String| !name.ends_with(".reason.json") && !name.ends_with(".meta.toml") && !is_draft(name);
        let mut pages = Vec::new();
        for folder in ["inbox", "work", "done", "failed"] {
            let names = bed.files(folder).into_iter().filter(is_page);
            pages.extend(names.filter_map(|name| Some((folder, fs::read(spool(bed, folder).join(name)).ok()?))));
        }
        Self {
            pages,
            outputs: outputs(bed),
        }
    }

    fn is_in(&self, folder: &str, bytes: &[u8]) -> bool {
        self.pages
            .iter()
            .any(|(place, found)| *place == folder && found == bytes)
    }
}

/// What lies in the outbox at this moment.
pub(crate) fn outputs(bed: &Bed) -> BTreeMap<String, String> {
    let read = |name: String| {
        let bytes = fs::read(spool(bed, "outbox").join(&name)).ok()?;
        Some((name, String::from_utf8_lossy(&bytes).into_owned()))
    };
    bed.files("outbox").into_iter().filter_map(read).collect()
}

fn spool(bed: &Bed, folder: &str) -> PathBuf {
    bed.path("spool").join(folder)
}

fn is_draft(path: &str) -> bool {
    Path::new(path)
        .file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

fn text(name: &str, bytes: &[u8], rules: &RuleSet) -> Option<String> {
    let raw = RawPage {
        bytes,
        hints: PageHints {
            file_name: Path::new(name)
                .file_name()
                .map(|name| name.to_string_lossy().into_owned()),
            ..PageHints::default()
        },
    };
    let extraction = clean(&raw, rules, CleanOptions::default(), &Limits::default()).ok()?;
    Some(plain(&extraction, true))
}

fn output_of(name: &str) -> String {
    Path::new(name).with_extension("txt").to_string_lossy().into_owned()
}

fn metadata_of(name: &str) -> String {
    Path::new(name)
        .with_extension("meta.json")
        .to_string_lossy()
        .into_owned()
}

fn is_metadata_of(text: &str, page: &Dropped) -> bool {
    let sha256: String = Sha256::digest(&page.bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    serde_json::from_str::<serde_json::Value>(text)
        .is_ok_and(|metadata| metadata["source"] == page.name.as_str() && metadata["source_sha256"] == sha256.as_str())
}
