//! Applies the rules over elements (`html.rename`, `html.strip`, `html.keep`) to the tree of a page.

use std::collections::HashSet;
use std::sync::Arc;

use ego_tree::NodeId;
use regex::Regex;
use scraper::ElementRef;

use crate::clean::extraction::{Removal, Warning};
use crate::clean::segment::Marks;
use crate::page::Dom;
use crate::rules::Class;
use crate::rules::model::{Rules, SelectorRule};
use crate::rules::selector_index::Matches;
use crate::text::fold;

/// Fewest characters that an alternative of `html.keep` has to hold; with fewer the next one is tried.
const KEEP_CHARS_MIN: usize = 80;

/// Main content of fewer characters is too small to judge by whether a rule takes too much of it.
const GUARD_CHARS_MIN: usize = 400;

/// The guard of every rule where no `html.keep` tells the main content: navigation alone can be most of a page.
const GUARD_WITHOUT_KEEP: f64 = 0.98;

/// Marks the elements that rules speak of. Rules that would take too much are refused, with a warning.
pub(super) fn mark(dom: &Dom, rules: &Rules, matches: &Matches<'_>) -> (Marks, Vec<Warning>) {
    let mut marks = Marks::default();
    for rule in &rules.rename {
        marks.rename.extend(
            selected(dom, &rule.elements, matches)
                .into_iter()
                .map(|node| (node, rule.name.clone())),
        );
    }
    mark_kept(dom, rules, matches, &mut marks);
    let content = Content::new(dom, &marks.keep);
    let mut warnings = Vec::new();
    for rule in &rules.strip {
        let nodes = selected(dom, rule, matches);
        let share = content.share(dom, &nodes);
        if share
            > if marks.keep.is_empty() {
                rule.guard.max(GUARD_WITHOUT_KEEP)
            } else {
                rule.guard
            }
        {
            warnings.push(Warning::RuleRefused {
                rule: Arc::clone(&rule.info),
                percent: percent(share),
            });
            continue;
        }
        for node in nodes {
            marks.strip.entry(node).or_insert_with(|| Removal::by(&rule.info));
        }
    }
    (marks, warnings)
}

fn mark_kept(dom: &Dom, rules: &Rules, matches: &Matches<'_>, marks: &mut Marks) {
    for rule in &rules.keep {
        let nodes: HashSet<NodeId> = selected(dom, rule, matches).into_iter().collect();
        if outermost(dom, &nodes).map(|element| chars(element)).sum::<usize>() >= KEEP_CHARS_MIN {
            marks.keep = nodes;
            marks.outside = Some(Removal {
                rule: Arc::clone(&rule.info),
                class: Class::Boilerplate,
            });
            return;
        }
    }
}

/// A share as a whole number of percent.
pub(super) fn percent(share: f64) -> u8 {
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
    keep: &'a HashSet<NodeId>,
    chars: usize,
}

impl<'a> Content<'a> {
    fn new(dom: &Dom, keep: &'a HashSet<NodeId>) -> Self {
        let all = || chars(dom.html().root_element());
        let chars = if keep.is_empty() {
            all()
        } else {
            outermost(dom, keep).map(|element| chars(element)).sum()
        };
        Self { keep, chars }
    }

    /// Which share of it, from 0 to 1, these nodes hold.
    fn share(&self, dom: &Dom, nodes: &[NodeId]) -> f64 {
        if nodes.is_empty() || self.chars < GUARD_CHARS_MIN {
            return 0.0;
        }
        let nodes: HashSet<NodeId> = nodes.iter().copied().collect();
        let taken: usize = outermost(dom, &nodes).map(|element| self.chars_in(element)).sum();
        #[expect(clippy::cast_precision_loss, reason = "characters of a page are far below 2^52")]
        let share = taken as f64 / self.chars as f64;
        share
    }

    /// How many of its characters stand in an element.
    fn chars_in(&self, element: ElementRef<'_>) -> usize {
        let inside = self.keep.is_empty()
            || element.ancestors().any(|ancestor| self.keep.contains(&ancestor.id()))
            || self.keep.contains(&element.id());
        if inside {
            return chars(element);
        }
        let held = element
            .descendants()
            .filter(|node| self.keep.contains(&node.id()))
            .filter_map(ElementRef::wrap);
        held.map(chars).sum()
    }
}

/// The elements among the nodes that lie in no other of them.
fn outermost<'a>(dom: &'a Dom, nodes: &'a HashSet<NodeId>) -> impl Iterator<Item = ElementRef<'a>> {
    let elements = nodes.iter().filter_map(|node| dom.element(*node));
    elements.filter(|element| !element.ancestors().any(|ancestor| nodes.contains(&ancestor.id())))
}

/// Characters of an element's text, white space not counted; scripts and styles are no text.
fn chars(element: ElementRef<'_>) -> usize {
    let is_text = |node: &ego_tree::NodeRef<'_, scraper::Node>| {
        let parent = node
            .parent()
            .and_then(ElementRef::wrap)
            .map(|parent| parent.value().name());
        !matches!(parent, Some("script" | "style" | "template"))
    };
    let texts = element
        .descendants()
        .filter(|node| node.value().is_text())
        .filter(is_text);
    texts
        .filter_map(|node| node.value().as_text())
        .map(|text| text.chars().filter(|c| !c.is_whitespace()).count())
        .sum()
}

/// The nodes that a rule means.
fn selected(dom: &Dom, rule: &SelectorRule, matches: &Matches<'_>) -> Vec<NodeId> {
    let found = matches
        .of(&rule.info)
        .iter()
        .filter_map(|node| dom.element(*node))
        .filter(|element| has_texts(*element, rule));
    let found: Vec<ElementRef<'_>> = match rule.nth {
        Some(nth) => found.skip(nth).take(1).collect(),
        None => found.collect(),
    };
    let raised = found.into_iter().filter_map(|element| match &rule.up {
        Some(up) => element
            .ancestors()
            .filter_map(ElementRef::wrap)
            .find(|ancestor| up.matches(ancestor)),
        None => Some(element),
    });
    if rule.after {
        raised
            .flat_map(|element| element.next_siblings().map(|node| node.id()))
            .collect()
    } else {
        raised.map(|element| element.id()).collect()
    }
}

fn has_texts(element: ElementRef<'_>, rule: &SelectorRule) -> bool {
    let has = |pattern: &Regex, text: String| pattern.is_match(&fold(&text));
    let own = || {
        element
            .children()
            .filter_map(|node| node.value().as_text().map(|text| text.to_string()))
            .collect::<String>()
    };
    rule.text
        .as_ref()
        .is_none_or(|pattern| has(pattern, element.text().collect()))
        && rule.own_text.as_ref().is_none_or(|pattern| has(pattern, own()))
}
