//! Drift on real pages: rules are drafted from a publisher's oldest page, and its later pages follow.
//!
//! Whether the layout has changed is told by all class names of the two pages: the alarm knows what its rules did and a
//! sketch of some of the names.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a test may panic, and prints the table that it judges"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dehusk::clean::{CleanOptions, Extraction, clean};
use dehusk::drift::{Drift, Finding};
use dehusk::limits::Limits;
use dehusk::page::{Dom, PageHints, RawPage};
use dehusk::page_file;
use dehusk::rules::{RuleFile, RuleSet};
use dehusk::scaffold::{Sample, draft};
use dehusk::toml_file::SourceFile;

/// Pages of the old layout before a change, and of the new one after it.
const OLDER: usize = 12;
const NEWER: usize = 5;

/// Pages that share less than this of their class names come from other templates...
const CHANGED: f64 = 0.2;
/// ...and pages that share more than this from the same ones.
const UNCHANGED: f64 = 0.7;

struct Page {
    name: String,
    bytes: Vec<u8>,
}

/// Pages by publisher, oldest first, of those with three or more.
fn publishers() -> Option<BTreeMap<String, Vec<Page>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/fundus-dev");
    let Ok(gold) = fs::read_to_string(folder.join("gold.jsonl")) else {
        println!("skipped: there are no dated pages in {}", folder.display());
        return None;
    };
    let mut found: BTreeMap<String, Vec<Page>> = BTreeMap::new();
    for line in gold.lines() {
        let fields: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = fields["id"].as_str().unwrap().to_owned();
        let path: PathBuf = folder.join(format!("pages/{name}.html.gz"));
        let bytes = page_file::read(fs::File::open(path).unwrap(), &Limits::default()).unwrap();
        let publisher = name.split("_20").next().unwrap().to_owned();
        found.entry(publisher).or_default().push(Page { name, bytes });
    }
    found.retain(|_, pages| pages.len() >= 3);
    for pages in found.values_mut() {
        pages.sort_by(|a, b| a.name.cmp(&b.name));
    }
    Some(found)
}

fn rules_for(page: &Page) -> RuleSet {
    let sample = Sample {
        name: "sample.html".to_owned(),
        bytes: page.bytes.clone(),
    };
    let text = draft(&[sample], Some("site.example"), &RuleSet::default(), &Limits::default()).unwrap();
    let (file, faults) = RuleFile::parse(&SourceFile::new("site.toml", text));
    let file = file.unwrap_or_else(|| panic!("{}", faults[0]));
    RuleSet::assemble(&[], &[Arc::new(file)]).0
}

fn cleaned(page: &Page, rules: &RuleSet) -> Extraction {
    let hints = PageHints {
        site: Some("site.example".to_owned()),
        ..PageHints::default()
    };
    let raw = RawPage {
        bytes: &page.bytes,
        hints,
    };
    clean(&raw, rules, CleanOptions::default(), &Limits::default()).unwrap()
}

/// Every class name of a page.
fn class_names(page: &Page) -> BTreeSet<String> {
    let dom = Dom::parse(&String::from_utf8_lossy(&page.bytes), &Limits::default()).unwrap();
    let elements = dom.html().tree.values().filter_map(|node| node.as_element());
    elements
        .flat_map(|element| element.classes().map(str::to_owned))
        .collect()
}

/// Which share of all their class names two pages have in common.
fn shared(one: &Page, other: &Page) -> f64 {
    let (one, other) = (class_names(one), class_names(other));
    one.intersection(&other).count() as f64 / one.union(&other).count().max(1) as f64
}

/// What is told after pages like the first one are followed by pages like the later one.
fn told(first: &Extraction, later: &Extraction, rules: &RuleSet) -> Vec<&'static str> {
    let site = Arc::clone(rules.site_of_name("site.example").unwrap());
    let mut drift = Drift::default();
    for (extraction, times) in [(first, OLDER), (later, NEWER)] {
        (0..times).for_each(|_| drift.note(&site, extraction, None));
    }
    let mut codes: Vec<&str> = drift.findings(&site).iter().map(Finding::code).collect();
    codes.dedup();
    codes
}

/// Whether the site as a whole is told to be another one.
fn is_site_alarm(codes: &[&str]) -> bool {
    codes.iter().any(|code| ["drifted", "layout"].contains(code))
}

#[test]
fn a_new_layout_raises_the_alarm_and_the_same_one_does_not() {
    let Some(publishers) = publishers() else { return };
    let (mut changed, mut alarms, mut unchanged, mut false_alarms) = (0, 0, 0, 0);
    for pages in publishers.values() {
        let (first, later) = pages.split_first().unwrap();
        let rules = rules_for(first);
        let extraction = cleaned(first, &rules);
        for page in later {
            let (codes, shared) = (told(&extraction, &cleaned(page, &rules), &rules), shared(first, page));
            println!(
                "{} -> {}: {:.0} % of the class names shared: {codes:?}",
                first.name,
                page.name,
                shared * 100.0
            );
            if shared < CHANGED {
                changed += 1;
                alarms += usize::from(is_site_alarm(&codes) || codes.contains(&"dropped"));
            } else if shared > UNCHANGED {
                unchanged += 1;
                false_alarms += usize::from(is_site_alarm(&codes));
            }
        }
    }
    println!("{alarms} of {changed} changed layouts told, {false_alarms} false alarms on {unchanged} unchanged ones");
    assert_eq!(false_alarms, 0);
    assert!(changed >= 10 && unchanged >= 10, "{changed} {unchanged}");
    assert!(alarms * 4 >= changed * 3, "{alarms} of {changed}");
}
