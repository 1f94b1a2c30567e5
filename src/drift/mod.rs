//! Notices when a site's pages are no longer what its rules were written for.
//!
//! For every site the last pages are remembered: which rules fired, how much each took, in what the page fell short of
//! `[expect]`. From that it is told, with numbers, which rules are dead, which have dropped off, which have become
//! greedy, whether the site's rules do anything at all, whether its pages have another layout, and whether the site as a
//! whole has drifted. `optional` rules
//! may be silent as long as they like.

mod finding;

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use serde::{Deserialize, Serialize};

pub use finding::Finding;

use crate::clean::layout::Layout;
use crate::clean::percent;
use crate::clean::render::plain;
use crate::clean::{Extraction, Fate, Warning};
use crate::rules::model::{Expect, OnDrift};
use crate::rules::{RuleInfo, Site};
use crate::text::words;

/// The file of the state folder that all this is kept in.
pub const DRIFT_FILE: &str = "drift.json";

/// Pages that are remembered where a site's rules do not say.
const WINDOW: usize = 50;

/// Pages of a site below which nothing is judged.
const PAGES_MIN: usize = 3;

/// The newest pages, as a share of the window (one part in so many), that stand for how the site is now.
const NEWEST_PART: usize = 5;

/// Sites that are remembered at most; the one whose page is longest ago is forgotten first.
const SITES_MAX: usize = 10_000;

/// A rule that fired on at least this share of the older pages, in percent...
const DROPPED_FROM_PERCENT: usize = 80;
/// ...and on less than this share of the newest ones has dropped off.
const DROPPED_TO_PERCENT: usize = 20;

/// A rule is greedy when it takes more than so many times the median of what it used to take...
const GREEDY_TIMES: u32 = 3;
/// ...and more than so many words in a thousand of the page.
const GREEDY_PERMILLE_MIN: u32 = 100;

/// So many pages of a site are cleaned without its rules too, for comparison, ...
const COMPARED_MAX: usize = 20;

/// ...the first ones, and after them one page in so many.
const COMPARED_EVERY: u64 = 50;

/// The first pages after a change of a site's rules, whose layouts the rules were made for.
const LAYOUTS_FIRST: usize = 12;

/// The newest pages that have to have another layout...
const LAYOUTS_NEWEST: usize = 3;

/// ...which is one that has less than this share of its class names in common with each of the first ones.
const LAYOUT_SHARED_MIN: f64 = 0.2;

/// What all sites' pages were like lately.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Drift {
    sites: BTreeMap<String, SiteWindow>,
    /// Counts pages, so that the site whose page is longest ago is known.
    clock: u64,
}

/// The last pages of a site.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
struct SiteWindow {
    pages: VecDeque<PageNote>,
    seen: u64,
    /// How many pages there were since its rules last changed.
    #[serde(default)]
    count: u64,
    /// Of the last pages that were cleaned without its rules too: whether the text was the same.
    #[serde(default)]
    same_without: VecDeque<bool>,
    /// The layouts of the first pages since then.
    #[serde(default)]
    first_layouts: Vec<Layout>,
    /// The layouts of the newest pages after those.
    #[serde(default)]
    newest_layouts: VecDeque<Layout>,
}

/// What is remembered of a page.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PageNote {
    /// By rule: how many words in a thousand of the page it took.
    fired: BTreeMap<String, u32>,
    /// In what it fell short.
    shortfalls: Vec<String>,
}

impl Drift {
    /// Whether the next page of a site should be cleaned without its rules too, to see whether they do anything.
    pub fn wants_comparison(&self, site: &Site) -> bool {
        self.sites.get(&site.name).is_none_or(|window| {
            window.same_without.len() < COMPARED_MAX || window.count.is_multiple_of(COMPARED_EVERY)
        })
    }

    /// Remembers a page of a site, and what became of it without the site's rules, where it was cleaned so too.
    pub fn note(&mut self, site: &Site, extraction: &Extraction, without: Option<&Extraction>) {
        self.clock += 1;
        let window = site
            .rules()
            .rules
            .expect
            .as_ref()
            .map_or(WINDOW, |expect| expect.window);
        let entry = self.sites.entry(site.name.clone()).or_default();
        entry.seen = self.clock;
        entry.count += 1;
        entry.compare(extraction, without);
        entry.see(extraction.layout.as_ref());
        entry.pages.push_back(PageNote::of(extraction));
        while entry.pages.len() > window {
            entry.pages.pop_front();
        }
        if self.sites.len() > SITES_MAX
            && let Some(oldest) = self
                .sites
                .iter()
                .min_by_key(|(_, window)| window.seen)
                .map(|(name, _)| name.clone())
        {
            self.sites.remove(&oldest);
        }
    }

    /// Forgets a site's pages, because its rules have changed.
    pub fn forget(&mut self, site: &str) {
        self.sites.remove(site);
    }

    /// The sites that pages are remembered of, with how many.
    pub fn sites(&self) -> impl Iterator<Item = (&str, usize)> {
        self.sites
            .iter()
            .map(|(name, window)| (name.as_str(), window.pages.len()))
    }

    /// What is to be told about a site; nothing before [`PAGES_MIN`] pages.
    pub fn findings(&self, site: &Site) -> Vec<Finding> {
        let Some(window) = self
            .sites
            .get(&site.name)
            .filter(|window| window.pages.len() >= PAGES_MIN)
        else {
            return Vec::new();
        };
        let merged = site.rules();
        let expect = merged.rules.expect.as_ref();
        let view = View::of(window, expect.map_or(WINDOW, |expect| expect.window));
        let mut findings: Vec<Finding> = view.drifted(expect).into_iter().collect();
        findings.extend(window.other_layout());
        findings.extend(window.redundant());
        // What another layer disables, or a kept class, has no part in the merged rules and can't fire.
        let in_use: HashSet<String> = merged.rules.infos().into_iter().map(|info| name(info)).collect();
        let rules: BTreeSet<String> = site
            .files
            .iter()
            .flat_map(|file| file.rules.infos())
            .filter(|info| !info.optional)
            .map(|info| name(info))
            .filter(|name| in_use.contains(name))
            .collect();
        findings.extend(rules.iter().filter_map(|rule| view.finding(rule)));
        findings
    }

    /// What is to happen with a page of a site that falls short: nothing unless the site has drifted.
    pub fn action(&self, site: &Site) -> OnDrift {
        action_after(site, &self.findings(site))
    }
}

/// What is to happen with a page of a site that falls short, by what was found about the site.
pub fn action_after(site: &Site, findings: &[Finding]) -> OnDrift {
    let drifted = findings
        .iter()
        .any(|finding| matches!(finding, Finding::Drifted { .. }));
    let rules = site.rules();
    let wanted = rules
        .rules
        .expect
        .as_ref()
        .map_or(OnDrift::Warn, |expect| expect.on_drift);
    if drifted { wanted } else { OnDrift::Warn }
}

impl SiteWindow {
    fn compare(&mut self, extraction: &Extraction, without: Option<&Extraction>) {
        let Some(without) = without else { return };
        self.same_without
            .push_back(plain(extraction, true) == plain(without, true));
        while self.same_without.len() > COMPARED_MAX {
            self.same_without.pop_front();
        }
    }

    fn see(&mut self, layout: Option<&Layout>) {
        let Some(layout) = layout else { return };
        if self.first_layouts.len() < LAYOUTS_FIRST {
            self.first_layouts.push(layout.clone());
            return;
        }
        self.newest_layouts.push_back(layout.clone());
        while self.newest_layouts.len() > LAYOUTS_NEWEST {
            self.newest_layouts.pop_front();
        }
    }

    /// A site has several templates: a page is of another layout where it is like none of the first ones.
    fn other_layout(&self) -> Option<Finding> {
        if self.newest_layouts.len() < LAYOUTS_NEWEST {
            return None;
        }
        let likeness = |new: &Layout| {
            let shares = self.first_layouts.iter().map(|old| new.similarity(old).unwrap_or(1.0));
            shares.fold(0.0, f64::max)
        };
        let shared = self.newest_layouts.iter().map(likeness).fold(0.0, f64::max);
        (shared < LAYOUT_SHARED_MIN).then(|| Finding::Layout {
            pages: LAYOUTS_NEWEST,
            shared_percent: usize::from(percent(shared)),
        })
    }

    fn redundant(&self) -> Option<Finding> {
        let pages = self.same_without.len();
        (pages >= COMPARED_MAX && self.same_without.iter().all(|same| *same)).then_some(Finding::Redundant { pages })
    }
}

impl PageNote {
    fn of(extraction: &Extraction) -> Self {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let mut all = 0;
        for traced in &extraction.blocks {
            let count = words(&traced.block.text);
            all += count;
            if let Fate::Removed(removal) = &traced.fate {
                *taken.entry(name(&removal.rule)).or_default() += count;
            }
            for edit in &traced.edits {
                taken.entry(name(&edit.rule)).or_default();
            }
        }
        for source in &extraction.sources {
            taken.entry(name(source)).or_default();
        }
        let permille = |count: usize| u32::try_from(count * 1000 / all.max(1)).unwrap_or(1000);
        let falls_short = |warning: &&Warning| {
            matches!(
                warning,
                Warning::Unexpected { .. }
                    | Warning::KeepMatchedNothing { .. }
                    | Warning::RulesRemovedEverything { .. }
            )
        };
        Self {
            fired: taken.into_iter().map(|(rule, count)| (rule, permille(count))).collect(),
            shortfalls: extraction
                .warnings
                .iter()
                .filter(falls_short)
                .map(ToString::to_string)
                .collect(),
        }
    }
}

/// A rule's name in reports: where it stands changes with every edit, what it says does not.
fn name(rule: &RuleInfo) -> String {
    rule.id
        .clone()
        .unwrap_or_else(|| format!("{} {}", rule.key, rule.pattern))
}

/// A window cut into how the site was and how it is.
struct View<'a> {
    older: Vec<&'a PageNote>,
    newest: Vec<&'a PageNote>,
    full: bool,
}

impl<'a> View<'a> {
    fn of(window: &'a SiteWindow, size: usize) -> Self {
        let pages: Vec<&PageNote> = window.pages.iter().collect();
        let newest = (pages.len() / NEWEST_PART).max(PAGES_MIN).min(pages.len());
        let (older, newest) = pages.split_at(pages.len() - newest);
        Self {
            older: older.to_vec(),
            newest: newest.to_vec(),
            full: pages.len() >= size,
        }
    }

    fn drifted(&self, expect: Option<&Expect>) -> Option<Finding> {
        let short: Vec<&&PageNote> = self.newest.iter().filter(|page| !page.shortfalls.is_empty()).collect();
        let tolerated = expect.map_or(0.2, |expect| expect.tolerate);
        #[expect(clippy::cast_precision_loss, reason = "at most 10,000 pages")]
        let share = short.len() as f64 / self.newest.len().max(1) as f64;
        if share <= tolerated {
            return None;
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        short
            .iter()
            .flat_map(|page| &page.shortfalls)
            .for_each(|what| *counts.entry(what).or_default() += 1);
        let mut shortfalls: Vec<(&str, usize)> = counts.into_iter().collect();
        shortfalls.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let shortfalls = shortfalls
            .into_iter()
            .take(3)
            .map(|(what, _)| what.to_owned())
            .collect();
        Some(Finding::Drifted {
            pages: short.len(),
            of: self.newest.len(),
            shortfalls,
        })
    }

    fn finding(&self, rule: &str) -> Option<Finding> {
        let percent = |pages: &[&PageNote]| {
            pages.iter().filter(|page| page.fired.contains_key(rule)).count() * 100 / pages.len().max(1)
        };
        let (then_percent, now_percent) = (percent(&self.older), percent(&self.newest));
        if self.full && then_percent == 0 && now_percent == 0 {
            return Some(Finding::Dead {
                rule: rule.to_owned(),
                pages: self.older.len() + self.newest.len(),
            });
        }
        if self.older.len() < PAGES_MIN {
            return None;
        }
        if then_percent >= DROPPED_FROM_PERCENT && now_percent < DROPPED_TO_PERCENT {
            return Some(Finding::Dropped {
                rule: rule.to_owned(),
                then_percent,
                now_percent,
            });
        }
        let (then_permille, now_permille) = (median(&self.older, rule)?, median(&self.newest, rule)?);
        let greedy = now_permille >= GREEDY_PERMILLE_MIN && now_permille > then_permille.saturating_mul(GREEDY_TIMES);
        greedy.then(|| Finding::Greedy {
            rule: rule.to_owned(),
            then_permille,
            now_permille,
        })
    }
}

/// The median of what a rule took on the pages that it fired on.
fn median(pages: &[&PageNote], rule: &str) -> Option<u32> {
    let mut taken: Vec<u32> = pages.iter().filter_map(|page| page.fired.get(rule).copied()).collect();
    taken.sort_unstable();
    taken.get(taken.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clean::{CleanOptions, clean};
    use crate::limits::Limits;
    use crate::page::{PageHints, RawPage};
    use crate::rules::{RuleFile, RuleSet};
    use crate::toml_file::SourceFile;

    const RULES: &str = "schema = 1\nsite = \"a.example\"\n[text]\ndrop-line = [\"Menu\", \"Never\", { line = \"Perhaps\", optional = true }]\n[expect]\nwindow = 10\nmust-fire = [\"text.drop-line\"]\non-drift = \"hold\"";

    fn rules() -> RuleSet {
        let file = RuleFile::parse(&SourceFile::new("a.toml", RULES)).0.unwrap();
        RuleSet::assemble(&[], &[Arc::new(file)]).0
    }

    fn note(drift: &mut Drift, rules: &RuleSet, text: &str, times: usize) {
        let hints = PageHints {
            site: Some("a.example".into()),
            ..PageHints::default()
        };
        let page = RawPage {
            bytes: text.as_bytes(),
            hints,
        };
        let extraction = clean(&page, rules, CleanOptions::default(), &Limits::default()).unwrap();
        let without = clean(&page, rules, CleanOptions { site_rules: false }, &Limits::default()).unwrap();
        for _ in 0..times {
            let site = rules.site_of_name("a.example").unwrap();
            let compared = drift.wants_comparison(site).then_some(&without);
            drift.note(site, &extraction, compared);
        }
    }

    fn codes(drift: &Drift, rules: &RuleSet) -> Vec<&'static str> {
        drift
            .findings(rules.site_of_name("a.example").unwrap())
            .iter()
            .map(Finding::code)
            .collect()
    }

    #[test]
    fn a_rule_that_never_fires_is_dead_once_the_window_is_full_unless_it_is_optional() {
        let (rules, mut drift) = (rules(), Drift::default());
        note(&mut drift, &rules, "Title\nMenu\nText.", 9);
        assert!(codes(&drift, &rules).is_empty());
        note(&mut drift, &rules, "Title\nMenu\nText.", 1);
        assert_eq!(
            drift.findings(rules.site_of_name("a.example").unwrap()),
            [Finding::Dead {
                rule: "text.drop-line Never".into(),
                pages: 10
            }]
        );
    }

    #[test]
    fn a_changed_layout_raises_the_alarm_and_an_unchanged_one_does_not() {
        let (rules, mut drift) = (rules(), Drift::default());
        note(&mut drift, &rules, "Title\nMenu\nText.", 10);
        assert!(!codes(&drift, &rules).contains(&"drifted"));
        assert_eq!(drift.action(rules.site_of_name("a.example").unwrap()), OnDrift::Warn);
        note(&mut drift, &rules, "Title\nNavigation\nText.", 3);
        assert_eq!(codes(&drift, &rules), ["drifted", "dropped", "dead"]);
        assert_eq!(drift.action(rules.site_of_name("a.example").unwrap()), OnDrift::Hold);
    }

    #[test]
    fn a_rule_that_takes_much_more_than_before_is_greedy() {
        let (rules, mut drift) = (rules(), Drift::default());
        note(
            &mut drift,
            &rules,
            &format!("Title\nMenu\n{}", "Words of text. ".repeat(30)),
            6,
        );
        note(&mut drift, &rules, "Title\nMenu\nShort.\nMenu\nMenu", 3);
        assert!(codes(&drift, &rules).contains(&"greedy"));
    }

    #[test]
    fn rules_that_change_nothing_are_redundant() {
        let (rules, mut drift) = (rules(), Drift::default());
        note(&mut drift, &rules, "Title\nText.", 19);
        assert!(!codes(&drift, &rules).contains(&"redundant"));
        note(&mut drift, &rules, "Title\nText.", 1);
        assert!(codes(&drift, &rules).contains(&"redundant"));
        // Later only one page in many is compared; the first that differs tells that the rules are of use.
        note(&mut drift, &rules, "Title\nMenu\nText.", 100);
        assert!(!codes(&drift, &rules).contains(&"redundant"));
    }

    #[test]
    fn what_is_remembered_survives_writing_and_reading() {
        let (rules, mut drift) = (rules(), Drift::default());
        note(&mut drift, &rules, "Title\nMenu\nText.", 10);
        let again: Drift = serde_json::from_str(&serde_json::to_string(&drift).unwrap()).unwrap();
        assert_eq!(codes(&again, &rules), codes(&drift, &rules));
    }
}
