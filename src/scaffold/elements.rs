//! What HTML pages of one site have in common, element by element.

use std::collections::{BTreeMap, HashSet};

use ego_tree::NodeId;
use scraper::{ElementRef, Selector};

use super::{Proposal, quoted, seen};
use crate::clean::generic;
use crate::clean::segment::{HtmlBlock, Marks, segment};
use crate::page::{Dom, metadata};

/// Places where metadata stands on many sites, best first: field, selector, attribute.
const SOURCES: &[(&str, &str, Option<&str>)] = &[
    ("title", "h1", None),
    ("title", "meta[property='og:title']", Some("content")),
    ("author", "meta[name='author']", Some("content")),
    ("author", "[rel='author']", None),
    ("author", "[itemprop='author']", None),
    ("author", ".byline", None),
    ("date", "meta[property='article:published_time']", Some("content")),
    ("date", "meta[itemprop='datePublished']", Some("content")),
    ("date", "time[datetime]", Some("datetime")),
];

/// Share of the main content, in percent, that a proposed element has to hold on every page.
const CONTENT_PERCENT_MIN: usize = 90;

/// Longest name of a class or id that a person would have given, in characters.
const NAME_CHARS_MAX: usize = 40;

/// Proposals of each kind.
const PROPOSALS_MAX: usize = 10;

/// Sources that give a value on at least half of the pages.
pub(super) fn metadata(pages: &[Dom]) -> Vec<(&'static str, Vec<Proposal>)> {
    let mut found: Vec<(&'static str, Vec<Proposal>)> = Vec::new();
    for (field, css, attribute) in SOURCES {
        let Ok(selector) = Selector::parse(css) else { continue };
        let count = pages
            .iter()
            .filter(|page| has_value(page, &selector, *attribute))
            .count();
        if count * 2 < pages.len() || count == 0 {
            continue;
        }
        let attribute = attribute.map_or_else(String::new, |name| format!(", attr = {}", quoted(name)));
        let proposal = Proposal {
            written: format!("{{ css = {}{attribute} }}", quoted(css)),
            evidence: seen(count, pages.len()),
        };
        match found.iter_mut().find(|(name, _)| name == field) {
            Some((_, proposals)) => proposals.push(proposal),
            None => found.push((field, vec![proposal])),
        }
    }
    found
}

fn has_value(page: &Dom, selector: &Selector, attribute: Option<&str>) -> bool {
    let value = |element: ElementRef<'_>| match attribute {
        Some(name) => element.attr(name).map(str::to_owned),
        None => Some(element.text().collect()),
    };
    page.html()
        .select(selector)
        .find_map(value)
        .is_some_and(|value: String| !value.trim().is_empty())
}

/// Likely main content and, inside it, likely boilerplate.
pub(super) fn content(pages: &[Dom]) -> (Vec<Proposal>, Vec<Proposal>) {
    let judged: Vec<Judged<'_>> = pages.iter().map(Judged::new).collect();
    let Some(keep) = judged.first().and_then(|first| {
        first
            .holders()
            .into_iter()
            .find(|css| judged.iter().all(|page| page.holds_content(css)))
    }) else {
        return (Vec::new(), Vec::new());
    };
    let strip = boilerplate(&judged, &keep);
    let evidence = format!("holds the text {}", seen(pages.len(), pages.len()));
    (
        vec![Proposal {
            written: quoted(&keep),
            evidence,
        }],
        strip,
    )
}

/// A page whose blocks the generic cleaner has judged.
struct Judged<'a> {
    dom: &'a Dom,
    blocks: Vec<HtmlBlock>,
    chars: usize,
}

impl<'a> Judged<'a> {
    fn new(dom: &'a Dom) -> Self {
        let mut blocks = segment(dom, &Marks::default());
        generic::judge_html(dom, &metadata::read(dom), &mut blocks);
        let chars = blocks
            .iter()
            .filter(|block| block.removal.is_none())
            .map(|block| block.chars)
            .sum();
        Self { dom, blocks, chars }
    }

    fn kept(&self) -> impl Iterator<Item = &HtmlBlock> {
        self.blocks.iter().filter(|block| block.removal.is_none())
    }

    /// Selectors of the elements around the kept text, innermost first.
    fn holders(&self) -> Vec<String> {
        let Some(longest) = self
            .kept()
            .max_by_key(|block| block.chars)
            .and_then(|block| self.dom.element(block.node))
        else {
            return Vec::new();
        };
        let around = longest.ancestors().filter_map(ElementRef::wrap);
        around.flat_map(|element| selectors_of(element)).collect()
    }

    /// Whether exactly one element satisfies the selector and nearly all kept text stands in it.
    fn holds_content(&self, css: &str) -> bool {
        let Ok(selector) = Selector::parse(css) else {
            return false;
        };
        let found: Vec<ElementRef<'_>> = self.dom.html().select(&selector).take(2).collect();
        let [holder] = found.as_slice() else { return false };
        let inside: HashSet<NodeId> = holder.descendants().map(|node| node.id()).collect();
        let held: usize = self
            .kept()
            .filter(|block| inside.contains(&block.node))
            .map(|block| block.chars)
            .sum();
        self.chars > 0 && held * 100 >= self.chars * CONTENT_PERCENT_MIN
    }
}

/// Selectors of one element that a person would write, most stable first: id, classes, tag of meaning.
fn selectors_of(element: ElementRef<'_>) -> Vec<String> {
    let value = element.value();
    let mut selectors = Vec::new();
    selectors.extend(value.id().filter(|id| is_human(id)).map(|id| format!("#{id}")));
    selectors.extend(
        value
            .classes()
            .filter(|class| is_human(class))
            .map(|class| format!(".{class}")),
    );
    if matches!(value.name(), "article" | "main") {
        selectors.push(value.name().to_owned());
    }
    selectors
}

/// Whether a name looks like one that a person gave, not a build tool: letters and dashes, no digits.
fn is_human(name: &str) -> bool {
    let letters = name.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_'));
    letters && name.len() > 2 && name.len() <= NAME_CHARS_MAX && name.chars().any(|c| c.is_ascii_lowercase())
}

/// Elements inside the main content that hold removed text and none that was kept, on at least half of the pages.
fn boilerplate(pages: &[Judged<'_>], keep: &str) -> Vec<Proposal> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for page in pages {
        for css in removed_inside(page, keep) {
            *counts.entry(css).or_default() += 1;
        }
    }
    let mut often: Vec<(String, usize)> = counts
        .into_iter()
        .filter(|(_, count)| count * 2 >= pages.len())
        .collect();
    often.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    often
        .into_iter()
        .take(PROPOSALS_MAX)
        .map(|(css, count)| Proposal {
            written: quoted(&css),
            evidence: seen(count, pages.len()),
        })
        .collect()
}

fn removed_inside(page: &Judged<'_>, keep: &str) -> HashSet<String> {
    let Some(holder) = Selector::parse(keep)
        .ok()
        .and_then(|selector| page.dom.html().select(&selector).next())
    else {
        return HashSet::new();
    };
    let inside: HashSet<NodeId> = holder.descendants().map(|node| node.id()).collect();
    let around = |block: &HtmlBlock| -> Vec<NodeId> {
        let element = page.dom.element(block.node);
        element
            .into_iter()
            .flat_map(|element| std::iter::once(element.id()).chain(element.ancestors().map(|node| node.id())))
            .collect()
    };
    let of_text: HashSet<NodeId> = page.kept().flat_map(around).collect();
    let removed = page
        .blocks
        .iter()
        .filter(|block| block.removal.is_some() && inside.contains(&block.node));
    let outermost = removed.filter_map(|block| {
        around(block)
            .into_iter()
            .take_while(|node| inside.contains(node) && !of_text.contains(node))
            .last()
    });
    outermost
        .filter_map(|node| page.dom.element(node))
        .filter_map(|element| selectors_of(element).into_iter().next())
        .collect()
}
