//! The one pass over a page's tree that gathers everything its metadata may be read from.

use std::collections::HashMap;
use std::sync::LazyLock;

use ego_tree::{NodeId, NodeRef};
use regex::Regex;
use scraper::{ElementRef, Node, node::Element};

use super::address::Addresses;
use super::json_ld::Graph;
use crate::page::dom::Dom;

/// Candidates of one kind that are kept; what matters stands early.
const CANDIDATES_MAX: usize = 64;

/// Most ancestors of a heading or a candidate that are looked at.
const ANCESTORS_MAX: usize = 64;

/// Longest text, in bytes, in which a date or an author may stand alone.
pub(super) const NOTE_BYTES_MAX: usize = 160;

/// Parts of a class or id that make an element a candidate for the author. One automaton reads them all: every
/// element of the page is asked.
static AUTHOR_MARKS: LazyLock<Regex> = LazyLock::new(|| marks("author|byline|writer|contributor|username|user-name"));

/// Parts of a class or id that make an element a candidate for the date.
static DATE_MARKS: LazyLock<Regex> = LazyLock::new(|| marks("date|time|publish|posted|updated"));

#[expect(
    clippy::disallowed_methods,
    reason = "the patterns are constants of this file and small"
)]
fn marks(alternatives: &str) -> Regex {
    Regex::new(&format!("(?i-u:{alternatives})")).expect("alternatives of plain words are a pattern")
}

/// Parts of an address that leads to a person's page.
const PERSON_PATHS: &[&str] = &[
    "/author/",
    "/authors/",
    "/people/",
    "/contributors/",
    "/contributor/",
    "/profile/",
    "/by/",
    "/writers/",
    "/staff/",
];

/// Words of a class or id, or elements, whose contents are about other pages.
const ELSEWHERE: &[&str] = &[
    "nav",
    "navbar",
    "menu",
    "footer",
    "aside",
    "sidebar",
    "related",
    "recommended",
    "recommendations",
    "comment",
    "comments",
    "popular",
    "trending",
    "latest",
    "newsletter",
    "carousel",
    "teaser",
    "promo",
    "breadcrumb",
    "breadcrumbs",
    "more",
    "similar",
    "recent",
    "subscribe",
    "cookie",
    "advert",
];

/// What one pass has gathered.
#[derive(Debug, Default)]
pub(super) struct Survey<'a> {
    /// `lang` of the root element.
    pub(super) language: Option<&'a str>,
    /// The first `title` element.
    pub(super) title: Option<ElementRef<'a>>,
    /// Values of `meta` elements by normal name, in the order of the page.
    metas: HashMap<String, Vec<&'a str>>,
    /// Addresses that the page gives as its own.
    pub(super) addresses: Addresses<'a>,
    /// `href` of `link rel=shortlink`.
    pub(super) shortlink: Option<&'a str>,
    /// JSON-LD of all scripts.
    pub(super) graph: Graph,
    /// Headings of level 1.
    pub(super) headings: Vec<ElementRef<'a>>,
    /// Elements with `itemprop`, by property.
    pub(super) properties: Vec<(&'a str, ElementRef<'a>)>,
    /// `time` elements.
    pub(super) times: Vec<ElementRef<'a>>,
    /// Links with `rel=author`.
    pub(super) author_links: Vec<ElementRef<'a>>,
    /// Links to persons' pages.
    pub(super) person_links: Vec<ElementRef<'a>>,
    /// Elements that a class or id marks as the author's.
    pub(super) author_elements: Vec<ElementRef<'a>>,
    /// Elements that a class or id marks as the date's.
    pub(super) date_elements: Vec<ElementRef<'a>>,
    /// Links with `rel=tag`.
    pub(super) tag_links: Vec<ElementRef<'a>>,
    /// Links with `rel="category tag"`.
    pub(super) category_links: Vec<ElementRef<'a>>,
    /// Short texts with a year in them.
    pub(super) date_notes: Vec<NodeRef<'a, Node>>,
    /// Short texts that begin like a byline.
    pub(super) author_notes: Vec<NodeRef<'a, Node>>,
    /// Classes of the `body` element.
    pub(super) body_classes: Option<&'a str>,
}

impl<'a> Survey<'a> {
    /// Looks at every node once.
    pub(super) fn of(dom: &'a Dom) -> Self {
        let mut survey = Self::default();
        for node in dom.html().tree.root().descendants() {
            survey.addresses.take(node.value());
            match node.value() {
                Node::Element(element) => survey.take_element(node, element),
                Node::Text(text) => survey.take_text(node, text),
                _ => {}
            }
        }
        survey
    }

    /// The first value of the first of these names that has one.
    pub(super) fn meta(&self, names: &'static [&'static str]) -> impl Iterator<Item = &'a str> + '_ {
        names.iter().filter_map(|name| self.metas.get(*name)).flatten().copied()
    }

    fn take_element(&mut self, node: NodeRef<'a, Node>, element: &'a Element) {
        let Some(found) = ElementRef::wrap(node) else { return };
        match element.name() {
            "html" => self.language = element.attr("lang").or_else(|| element.attr("xml:lang")),
            "title" if self.title.is_none() => self.title = Some(found),
            "meta" => self.take_meta(element),
            "link" => self.take_link(element),
            "script" => self.take_script(found),
            "body" => self.body_classes = element.attr("class"),
            "h1" => keep(&mut self.headings, found),
            "time" => keep(&mut self.times, found),
            "a" => self.take_anchor(found),
            _ => {}
        }
        if !matches!(element.name(), "html" | "body" | "script" | "style" | "link") {
            self.take_marks(found);
        }
    }

    fn take_meta(&mut self, element: &'a Element) {
        let Some(content) = element.attr("content") else { return };
        for attribute in ["property", "name", "itemprop", "http-equiv"] {
            if let Some(name) = element.attr(attribute) {
                self.metas.entry(normal(name)).or_default().push(content);
            }
        }
    }

    fn take_link(&mut self, element: &'a Element) {
        if self.shortlink.is_none()
            && element
                .attr("rel")
                .is_some_and(|rel| rel.eq_ignore_ascii_case("shortlink"))
        {
            self.shortlink = element.attr("href");
        }
    }

    fn take_script(&mut self, element: ElementRef<'a>) {
        if element
            .attr("type")
            .is_some_and(|kind| kind.trim().to_ascii_lowercase().starts_with("application/ld+json"))
        {
            self.graph.take(&element.text().collect::<String>());
        }
    }

    fn take_anchor(&mut self, element: ElementRef<'a>) {
        let rel = element.attr("rel").unwrap_or_default();
        let has = |word: &str| rel.split_whitespace().any(|part| part.eq_ignore_ascii_case(word));
        if has("author") {
            keep(&mut self.author_links, element);
        } else if has("category") {
            keep(&mut self.category_links, element);
        } else if has("tag") {
            keep(&mut self.tag_links, element);
        }
        let leads_to_person = |href: &str| PERSON_PATHS.iter().any(|path| href.contains(path));
        if element.attr("href").is_some_and(leads_to_person) {
            keep(&mut self.person_links, element);
        }
    }

    fn take_marks(&mut self, element: ElementRef<'a>) {
        if let Some(property) = element.attr("itemprop") {
            keep(&mut self.properties, (property, element));
        }
        let marked = ["class", "id", "data-testid"]
            .iter()
            .filter_map(|name| element.attr(name));
        let marked: Vec<_> = marked.filter(|mark| mark.len() > 3).collect();
        let holds = |pattern: &Regex| marked.iter().any(|mark| pattern.is_match(mark));
        if holds(&AUTHOR_MARKS) {
            keep(&mut self.author_elements, element);
        }
        if holds(&DATE_MARKS) {
            keep(&mut self.date_elements, element);
        }
    }

    fn take_text(&mut self, node: NodeRef<'a, Node>, text: &str) {
        let text = text.trim();
        if text.len() > NOTE_BYTES_MAX || text.len() < 2 || is_silent(node) {
            return;
        }
        if may_hold_year(text) {
            keep(&mut self.date_notes, node);
        }
        if super::author::begins_byline(text) {
            keep(&mut self.author_notes, node);
        }
    }
}

/// Whether a text has the beginning of a year of our time, or digits of another script.
fn may_hold_year(text: &str) -> bool {
    text.contains("19") || text.contains("20") || text.chars().any(|c| !c.is_ascii() && c.is_numeric())
}

fn keep<T>(candidates: &mut Vec<T>, candidate: T) {
    if candidates.len() < CANDIDATES_MAX {
        candidates.push(candidate);
    }
}

/// Whether a text node is the contents of something that is not shown.
fn is_silent(node: NodeRef<'_, Node>) -> bool {
    let parent = node
        .parent()
        .and_then(|parent| parent.value().as_element().map(Element::name));
    matches!(
        parent,
        Some("script" | "style" | "template" | "textarea" | "option" | "title")
    )
}

/// The normal form of a field's name: lower case, letters and digits alone, so that `dc:date`, `DC.Date` and
/// `dc-date` are one.
fn normal(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Where a page's own heading stands, to tell its date and author from those of other pages that it links to.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// The heading and its ancestors, inside out.
    chain: Vec<NodeId>,
}

impl Place {
    /// The place of a heading; without one every element is equally near.
    pub(super) fn of(heading: Option<ElementRef<'_>>) -> Self {
        let chain = heading.map(|heading| {
            std::iter::once(heading.id())
                .chain(heading.ancestors().take(ANCESTORS_MAX).map(|node| node.id()))
                .collect()
        });
        Self {
            chain: chain.unwrap_or_default(),
        }
    }

    /// How many levels up from the heading a node shares an ancestor with it; `None` if the node lies in something
    /// that is about other pages.
    pub(super) fn distance(&self, node: NodeRef<'_, Node>) -> Option<usize> {
        for ancestor in std::iter::once(node).chain(node.ancestors()).take(ANCESTORS_MAX) {
            if let Some(levels) = self.chain.iter().position(|id| *id == ancestor.id()) {
                return Some(levels);
            }
            let is_elsewhere = ancestor.value().as_element().is_some_and(is_elsewhere);
            if is_elsewhere {
                return None;
            }
        }
        Some(usize::MAX)
    }

    /// The candidates that are about this page, nearest first, otherwise in the order of the page.
    pub(super) fn nearest<'a>(&self, candidates: &[ElementRef<'a>]) -> Vec<ElementRef<'a>> {
        self.nearest_nodes(candidates.iter().map(|element| **element))
            .into_iter()
            .filter_map(ElementRef::wrap)
            .collect()
    }

    /// As [`Place::nearest`], for nodes of any kind.
    pub(super) fn nearest_nodes<'a>(
        &self,
        nodes: impl IntoIterator<Item = NodeRef<'a, Node>>,
    ) -> Vec<NodeRef<'a, Node>> {
        let mut near: Vec<_> = nodes
            .into_iter()
            .filter_map(|node| Some((self.distance(node)?, node)))
            .collect();
        near.sort_by_key(|(distance, _)| *distance);
        near.into_iter().map(|(_, node)| node).collect()
    }
}

fn is_elsewhere(element: &Element) -> bool {
    if matches!(element.name(), "body" | "html" | "main" | "article") {
        return false;
    }
    let marks = ["class", "id", "role"].iter().filter_map(|name| element.attr(name));
    let mut words = marks.flat_map(|mark| mark.split(|c: char| !c.is_ascii_alphanumeric()));
    ELSEWHERE.contains(&element.name())
        || words.any(|word| ELSEWHERE.iter().any(|mark| mark.eq_ignore_ascii_case(word)))
}
