//! A sample page, taken apart: its blocks, what the generic cleaner made of them, and the elements around them by the
//! selectors that name them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use ego_tree::NodeId;
use jiff::civil::Date;
use scraper::ElementRef;

use super::names::{Trust, selectors_of};
use super::worth::number;
use crate::clean::generic::model::Model;
use crate::clean::generic::{certainties_html_by, judge_html_by};
use crate::clean::marked_blocks;
use crate::clean::segment::HtmlBlock;
use crate::page::{BlockKind, Dom, metadata};
use crate::rules::{RuleSet, shipped};
use crate::text::{line_key, words};

/// Share of links in what is kept of a page up to which it is running text.
const PROSE_LINKS_MAX: f64 = 0.3;

/// Fewest words of a link that may be a headline.
const HEADLINE_WORDS_MIN: usize = 3;

/// Most words before a headline that may be its label.
const LABEL_WORDS_MAX: usize = 8;

/// Bytes of a link from which on it is no headline. They bound the work where a whole page is one link.
const HEADLINE_BYTES_MAX: usize = 1024;

/// Most nodes of an element that are looked at for the link which its text begins with.
const LOOKED_AT_MAX: usize = 64;

/// From this certainty on the generic cleaner counts as sure that a block is main content.
const SURE: f64 = 0.8;

/// Fewest words of a block for which that counts.
pub(super) const SURE_WORDS_MIN: f64 = 8.0;

/// A block of a sample page.
#[derive(Debug, Clone)]
pub(super) struct StudiedBlock {
    /// Its text.
    pub(super) text: String,
    /// How it is compared with blocks of other pages.
    pub(super) key: String,
    /// Its words.
    pub(super) words: f64,
    /// Whether the generic cleaner kept it.
    pub(super) kept: bool,
    /// How sure it was that this is main content, from 0 to 1.
    pub(super) sure: f64,
    /// Share of its characters inside links, from 0 to 1.
    pub(super) links: f64,
    /// Whether it is a heading.
    pub(super) heading: bool,
    /// Whether it is preformatted.
    pub(super) code: bool,
    /// What stands before its first link to another page, where that is long enough to be a headline and no more than a
    /// label stands before it; empty where the block begins with it.
    pub(super) headline: Option<String>,
    /// Where in the template it stands: the same for blocks inside elements of the same names.
    pub(super) zone: u64,
}

/// Elements of one selector on one page.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// How far the selector is trusted.
    pub(super) trust: Trust,
    /// The blocks inside them, by place; outermost elements only, in order.
    pub(super) ranges: Vec<Range<usize>>,
}

/// A sample page, taken apart.
#[derive(Debug)]
pub(super) struct StudiedPage {
    /// Its blocks in order.
    pub(super) blocks: Vec<StudiedBlock>,
    /// Its elements with text, by selector.
    pub(super) named: BTreeMap<String, Named>,
    /// Selectors of elements that stand among the words of a block which the generic cleaner keeps, such as a link in a
    /// sentence: without them it would read otherwise.
    pub(super) within: HashSet<String>,
    /// The author that it states.
    pub(super) author: Option<String>,
    /// The day that it states.
    pub(super) date: Option<Date>,
}

impl StudiedPage {
    /// Takes a page apart; what the default rules remove is not part of it.
    pub(super) fn of(dom: &Dom, model: &Model) -> Self {
        let (own, defaults) = (metadata::read(dom), RuleSet::assemble(shipped(), &[]).0.no_site(&[]));
        let mut blocks = marked_blocks(dom, &defaults);
        blocks.retain(|block| block.removal.is_none());
        let sure = certainties_html_by(dom, &own, &blocks, model);
        judge_html_by(dom, &own, &mut blocks, model);
        let mut spans: HashMap<NodeId, Range<usize>> = HashMap::new();
        let mut zones: HashMap<NodeId, u64> = HashMap::new();
        let mut studied = Vec::with_capacity(blocks.len());
        for (at, (block, sure)) in blocks.iter().zip(sure).enumerate() {
            for element in around(dom, block) {
                let span = spans.entry(element.id()).or_insert(at..at);
                span.end = at + 1;
            }
            studied.push(StudiedBlock {
                sure: sure.into(),
                headline: before_headline(dom, block),
                ..StudiedBlock::of(block, zone(dom, block, &mut zones))
            });
        }
        let kept = blocks.iter().filter(|block| block.removal.is_none());
        let holders: HashSet<NodeId> = kept.filter_map(|block| Some(dom.element(block.holder)?.id())).collect();
        Self {
            blocks: studied,
            named: named(dom, &spans),
            within: within(dom, &spans, &holders),
            author: own.author,
            date: own.date.map(|stamp| stamp.date()),
        }
    }

    /// Whether what the generic cleaner keeps reads like running text.
    pub(super) fn is_prose(&self) -> bool {
        let kept = self.blocks.iter().filter(|block| block.kept);
        let (words, links) = kept.fold((0.0, 0.0), |(words, links), block| {
            (words + block.words, links + block.words * block.links)
        });
        links <= PROSE_LINKS_MAX * words
    }
}

/// The selectors of elements with text on any of the pages, that are trusted so far.
pub(super) fn names<'a>(pages: &[&'a StudiedPage], trusted: impl Fn(Trust) -> bool) -> BTreeSet<&'a str> {
    let named = pages.iter().flat_map(|page| &page.named);
    named
        .filter(|(_, named)| trusted(named.trust))
        .map(|(css, _)| css.as_str())
        .collect()
}

impl StudiedBlock {
    /// Whether the generic cleaner keeps it and is sure of it.
    pub(super) fn is_surely_main(&self) -> bool {
        self.kept && self.sure > SURE && self.words >= SURE_WORDS_MIN
    }

    fn of(block: &HtmlBlock, zone: u64) -> Self {
        Self {
            key: line_key(&block.block.text).to_lowercase(),
            words: number(words(&block.block.text)),
            kept: block.removal.is_none(),
            sure: 0.0,
            links: number(block.link_chars) / number(block.chars.max(1)),
            heading: matches!(block.block.kind, BlockKind::Heading(_)),
            code: block.block.kind == BlockKind::Code,
            headline: None,
            zone,
            text: block.block.text.clone(),
        }
    }
}

/// The elements around a block's text, innermost first.
fn around<'a>(dom: &'a Dom, block: &HtmlBlock) -> impl Iterator<Item = ElementRef<'a>> {
    let holder = dom.element(block.holder);
    let above = holder
        .into_iter()
        .flat_map(|element| element.ancestors().filter_map(ElementRef::wrap));
    holder.into_iter().chain(above)
}

/// What stands in a block before its first link to another page that is long enough to be a headline; empty where the
/// block begins with it.
fn before_headline(dom: &Dom, block: &HtmlBlock) -> Option<String> {
    let text = &block.block.text;
    let links = |element: &ElementRef<'_>| leads_elsewhere(*element);
    if let Some(link) = around(dom, block).find(links) {
        let begins = joined(link, 2 * text.len() + HEADLINE_BYTES_MAX).starts_with(text.as_str());
        return (begins && words(text) >= HEADLINE_WORDS_MIN).then(String::new);
    }
    let inside = dom.element(block.holder)?.descendants().take(LOOKED_AT_MAX);
    let mut inside = inside
        .filter_map(ElementRef::wrap)
        .filter(links)
        .map(|link| joined(link, HEADLINE_BYTES_MAX));
    let headline = inside.find(|link| words(link) >= HEADLINE_WORDS_MIN)?;
    let (before, _) = text.split_once(&headline)?;
    (words(before) <= LABEL_WORDS_MAX).then(|| before.trim().to_lowercase())
}

/// The text of an element with one space between words; of a long one its beginning, from so many bytes on.
fn joined(element: ElementRef<'_>, bytes_max: usize) -> String {
    let mut text = String::new();
    for piece in element.text() {
        text.push_str(piece);
        if text.len() > bytes_max {
            break;
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether an element is a link to another page.
fn leads_elsewhere(element: ElementRef<'_>) -> bool {
    let address = element.value().attr("href").filter(|_| element.value().name() == "a");
    address.is_some_and(|address| {
        // A colon may stand in a path too.
        let scheme = address.split_once(':').map(|(scheme, _)| scheme);
        let scheme = scheme.filter(|scheme| scheme.chars().all(char::is_alphanumeric));
        !address.starts_with('#') && scheme.is_none_or(|scheme| scheme.starts_with("http"))
    })
}

/// The zone of a block: a hash of the names of the elements around it, outermost first.
fn zone(dom: &Dom, block: &HtmlBlock, known: &mut HashMap<NodeId, u64>) -> u64 {
    let mut chain: Vec<ElementRef<'_>> = around(dom, block).collect();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    while let Some(element) = chain.pop() {
        hash = *known.entry(element.id()).or_insert_with(|| {
            let mut names: Vec<String> = selectors_of(element).into_iter().map(|(name, _)| name).collect();
            names.sort_unstable();
            let own = names
                .iter()
                .fold(mixed(hash, element.value().name()), |hash, name| mixed(hash, name));
            mixed(own, "/")
        });
    }
    hash
}

/// FNV-1a, the same on every machine.
fn mixed(hash: u64, text: &str) -> u64 {
    text.bytes().chain([0]).fold(hash, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn named(dom: &Dom, spans: &HashMap<NodeId, Range<usize>>) -> BTreeMap<String, Named> {
    let mut found: BTreeMap<String, Named> = BTreeMap::new();
    let elements = dom.html().tree.root().descendants().filter_map(ElementRef::wrap);
    for (element, span) in elements.filter_map(|element| Some((element, spans.get(&element.id())?))) {
        for (css, trust) in selectors_of(element) {
            let named = found.entry(css).or_insert_with(|| Named {
                trust,
                ranges: Vec::new(),
            });
            // In the order of the page an inner element comes after the one around it.
            if named.ranges.last().is_none_or(|last| span.end > last.end) {
                named.ranges.push(span.clone());
            }
        }
    }
    found
}

/// The selectors of elements with text that lie inside one of the holders of blocks, and hold no block themselves.
fn within(dom: &Dom, spans: &HashMap<NodeId, Range<usize>>, holders: &HashSet<NodeId>) -> HashSet<String> {
    let is_in_block = |element: &ElementRef<'_>| {
        let around = element.ancestors().find(|node| spans.contains_key(&node.id()));
        around.is_some_and(|around| holders.contains(&around.id()))
    };
    let elements = dom.html().tree.root().descendants().filter_map(ElementRef::wrap);
    let inner = elements.filter(|element| !spans.contains_key(&element.id()) && is_in_block(element));
    let telling = inner.filter(|element| element.text().any(|text| !text.trim().is_empty()));
    telling.flat_map(selectors_of).map(|(css, _)| css).collect()
}
