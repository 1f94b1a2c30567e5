//! Applies the rules over elements (`html.rename`, `html.strip`, `html.keep`) to the tree of a page.

use std::cell::OnceCell;
use std::sync::Arc;

use ego_tree::{NodeId, NodeRef};
use rustc_hash::FxHashSet;
use scraper::{ElementRef, Node};

use crate::clean::extraction::{Removal, Warning};
use crate::clean::segment::Marks;
use crate::clean::select::{TooFar, select_among};
use crate::limits::Stop;
use crate::page::Dom;
use crate::rules::Class;
use crate::rules::model::{Rules, SelectorRule};
use crate::rules::selector_index::Matches;
use crate::text::dense_chars;

/// Fewest characters that an alternative of `html.keep` has to hold; with fewer the next one is tried.
const KEEP_CHARS_MIN: usize = 80;

/// Main content of fewer characters is too small to judge by whether a rule takes too much of it.
const GUARD_CHARS_MIN: usize = 400;

/// The guard of every rule where no `html.keep` tells the main content: navigation alone can be most of a page.
const GUARD_WITHOUT_KEEP: f64 = 0.98;

/// Marks the elements that rules speak of, for as long as `stop` lets it. Rules that would take too much are refused,
/// with a warning.
pub(super) fn mark(dom: &Dom, rules: &Rules, matches: &Matches<'_>, stop: &Stop<'_>) -> (Marks, Vec<Warning>) {
    let mut marker = Marker {
        dom,
        matches,
        stop,
        marks: Marks::default(),
        warnings: Vec::new(),
    };
    for rule in &rules.rename {
        let nodes = marker.selected(&rule.elements).into_iter();
        marker.marks.rename.extend(nodes.map(|node| (node, rule.name.clone())));
    }
    marker.keep(&rules.keep);
    marker.strip(&rules.strip);
    (marker.marks, marker.warnings)
}

/// What is marked so far.
struct Marker<'a> {
    dom: &'a Dom,
    matches: &'a Matches<'a>,
    stop: &'a Stop<'a>,
    marks: Marks,
    warnings: Vec<Warning>,
}

impl Marker<'_> {
    /// The nodes that a rule means; none when there is no more time to look for them.
    fn selected(&mut self, rule: &SelectorRule) -> Vec<NodeId> {
        if self.stop.check().is_err() {
            return Vec::new();
        }
        let nodes = select_among(self.dom.html(), &rule.elements, self.matches.of(&rule.info));
        nodes.unwrap_or_else(|TooFar| {
            self.warnings.push(Warning::RuleTooFar {
                rule: Arc::clone(&rule.info),
            });
            Vec::new()
        })
    }

    /// The first alternative that holds enough tells the main content.
    fn keep(&mut self, rules: &[SelectorRule]) {
        for rule in rules {
            let nodes: FxHashSet<NodeId> = self.selected(rule).into_iter().collect();
            if chars_of_all(self.dom, &nodes, self.stop) >= KEEP_CHARS_MIN {
                self.marks.keep = nodes;
                self.marks.outside = Some(Removal {
                    rule: Arc::clone(&rule.info),
                    class: Class::Boilerplate,
                });
                return;
            }
        }
    }

    fn strip(&mut self, rules: &[SelectorRule]) {
        let keep = self.marks.keep.clone();
        let content = Content::new(self.dom, &keep, self.stop);
        for rule in rules {
            let nodes = self.selected(rule);
            let share = content.share(&nodes);
            if share > content.guard(rule) {
                self.warnings.push(Warning::RuleRefused {
                    rule: Arc::clone(&rule.info),
                    percent: percent(share),
                });
                continue;
            }
            for node in nodes {
                self.marks.strip.entry(node).or_insert_with(|| Removal::by(&rule.info));
            }
        }
    }
}

/// A share as a whole number of percent.
pub fn percent(share: f64) -> u8 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=100"
    )]
    let percent = (share * 100.0).round().clamp(0.0, 100.0) as u8;
    percent
}

/// The main content as far as rules tell it, for guards: what `html.keep` names, or the whole page.
struct Content<'a> {
    dom: &'a Dom,
    keep: &'a FxHashSet<NodeId>,
    /// Its characters; counted when a rule is to be judged by them.
    chars: OnceCell<usize>,
    stop: &'a Stop<'a>,
}

impl<'a> Content<'a> {
    fn new(dom: &'a Dom, keep: &'a FxHashSet<NodeId>, stop: &'a Stop<'a>) -> Self {
        let chars = OnceCell::new();
        Self { dom, keep, chars, stop }
    }

    fn chars(&self) -> usize {
        *self.chars.get_or_init(|| {
            if self.keep.is_empty() {
                chars(*self.dom.html().root_element(), self.stop)
            } else {
                chars_of_all(self.dom, self.keep, self.stop)
            }
        })
    }

    /// The largest share of it that a rule may take.
    fn guard(&self, rule: &SelectorRule) -> f64 {
        if self.keep.is_empty() {
            rule.guard.max(GUARD_WITHOUT_KEEP)
        } else {
            rule.guard
        }
    }

    /// Which share of it, from 0 to 1, these nodes hold.
    fn share(&self, nodes: &[NodeId]) -> f64 {
        if nodes.is_empty() || self.chars() < GUARD_CHARS_MIN {
            return 0.0;
        }
        let nodes: FxHashSet<NodeId> = nodes.iter().copied().collect();
        let taken: usize = outermost(self.dom, &nodes, self.stop)
            .map(|node| self.chars_in(node))
            .sum();
        #[expect(clippy::cast_precision_loss, reason = "characters of a page are far below 2^52")]
        let share = taken as f64 / self.chars() as f64;
        share
    }

    /// How many of its characters stand in a node.
    fn chars_in(&self, node: NodeRef<'_, Node>) -> usize {
        let inside = self.keep.is_empty()
            || node.ancestors().any(|ancestor| self.keep.contains(&ancestor.id()))
            || self.keep.contains(&node.id());
        if inside {
            return chars(node, self.stop);
        }
        let inner = node.descendants().take_while(|_| self.stop.goes_on());
        let held = inner.filter(|inner| self.keep.contains(&inner.id()));
        held.map(|inner| chars(inner, self.stop)).sum()
    }
}

/// The nodes that lie in no other of them.
fn outermost<'a>(
    dom: &'a Dom,
    nodes: &'a FxHashSet<NodeId>,
    stop: &'a Stop<'a>,
) -> impl Iterator<Item = NodeRef<'a, Node>> {
    let nodes_in_time = nodes.iter().take_while(|_| stop.goes_on());
    let found = nodes_in_time.filter_map(|node| dom.html().tree.get(*node));
    found.filter(|node| !node.ancestors().any(|ancestor| nodes.contains(&ancestor.id())))
}

/// Characters in all of these nodes, each counted once.
fn chars_of_all(dom: &Dom, nodes: &FxHashSet<NodeId>, stop: &Stop<'_>) -> usize {
    outermost(dom, nodes, stop).map(|node| chars(node, stop)).sum()
}

/// Characters of a node's text, white space not counted; scripts and styles are no text.
fn chars(node: NodeRef<'_, Node>, stop: &Stop<'_>) -> usize {
    let is_text = |node: &NodeRef<'_, Node>| {
        let parent = node
            .parent()
            .and_then(ElementRef::wrap)
            .map(|parent| parent.value().name());
        !matches!(parent, Some("script" | "style" | "template"))
    };
    let inner = node.descendants().take_while(|_| stop.goes_on());
    let texts = inner.filter(|node| node.value().is_text()).filter(is_text);
    texts
        .filter_map(|node| node.value().as_text())
        .map(|text| dense_chars(text))
        .sum()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::limits::Limits;
    use crate::rules::{RuleFile, RuleSet, shipped};
    use crate::toml_file::SourceFile;

    const RULES: &str = "schema = 1\nsite = \"a.example\"\n[html]\nkeep = [\"main\"]\nrename = [{ css = \"i\", to = \"p\" }]\n\
        strip = [\"p.ad\", \"p.more\", \"i\"]\n";

    /// Marks a page of many elements, with the time over at the look of this number; what was marked, and how often it
    /// was looked.
    fn marked(over_at: usize) -> (Marks, usize) {
        let paragraphs =
            "<p>Some words of a paragraph.</p><p class=ad>Buy.</p><p class=more>More.</p><i>x</i>".repeat(200);
        let dom = Dom::parse(&format!("<main>{paragraphs}</main>"), &Limits::default()).unwrap();
        let (file, faults) = RuleFile::parse(&SourceFile::new("rules", RULES));
        let file = Arc::new(file.unwrap_or_else(|| panic!("{faults:?}")));
        let (rules, _) = RuleSet::assemble(shipped(), &[file]);
        let site = rules.sites().iter().find(|site| site.name == "a.example").unwrap();
        let rules = site.rules();
        let matches = rules.selectors.find(&dom, &Stop::never());
        let looks = Cell::new(0);
        let may_go_on = || {
            looks.set(looks.get() + 1);
            looks.get() != over_at
        };
        let (marks, _) = mark(&dom, &rules.rules, &matches, &Stop::unless(&may_go_on));
        (marks, looks.get())
    }

    #[test]
    fn marking_ends_at_the_look_that_finds_the_time_over() {
        let (whole, looks) = marked(usize::MAX);
        assert_eq!((whole.keep.len(), whole.strip.len(), whole.rename.len()), (1, 600, 200));
        assert!(looks > 10, "{looks}");
        for over_at in 1..=looks {
            let (marks, made) = marked(over_at);
            assert_eq!(made, over_at);
            assert!(marks.strip.len() <= whole.strip.len());
        }
        assert!(marked(1).0.rename.is_empty());
    }
}
