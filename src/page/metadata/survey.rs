//! The one pass over a page's tree that gathers what it states about itself, and the headings.

use std::cell::OnceCell;
use std::collections::HashMap;

use ego_tree::NodeRef;
use html5ever::local_name;
use scraper::{ElementRef, Node, node::Element};

use super::address::Addresses;
use super::json_ld::{Graph, is_json_ld, script_text};
use super::shown::Shown;
use crate::limits::Stop;
use crate::page::dom::Dom;
use crate::page::elements::{attribute, known_attribute};

/// Candidates of one kind that are kept; what matters stands early.
const CANDIDATES_MAX: usize = 64;

/// Attributes that name what a `meta` element is about.
const NAMING: &[&str] = &["property", "name", "itemprop", "http-equiv"];

/// Normal names of the labels and values on cards for sharing.
const CARDS: &[(&str, &str)] = &[("twitterlabel1", "twitterdata1"), ("twitterlabel2", "twitterdata2")];

/// What one pass has gathered.
#[derive(Debug, Default)]
pub(super) struct Survey<'a> {
    /// Asked while the page is surveyed, and again while what is often stated is looked through.
    stop: Option<&'a Stop<'a>>,
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
    /// Headings of the next two levels.
    pub(super) subheadings: Vec<ElementRef<'a>>,
    /// Elements with `itemprop`, by property.
    pub(super) properties: Vec<(&'a str, ElementRef<'a>)>,
    /// `time` elements.
    pub(super) times: Vec<ElementRef<'a>>,
    /// Links with `rel=author`.
    pub(super) author_links: Vec<ElementRef<'a>>,
    /// Links with `rel=tag`.
    pub(super) tag_links: Vec<ElementRef<'a>>,
    /// Links with `rel="category tag"`.
    pub(super) category_links: Vec<ElementRef<'a>>,
    /// Classes of the `body` element.
    pub(super) body_classes: Option<&'a str>,
}

/// What a page shows, gathered when it is first asked for.
#[derive(Debug)]
pub(super) struct Later<'a> {
    dom: &'a Dom,
    stop: &'a Stop<'a>,
    shown: OnceCell<Shown<'a>>,
}

impl<'a> Later<'a> {
    /// Nothing is looked at yet.
    pub(super) fn of(dom: &'a Dom, stop: &'a Stop<'a>) -> Self {
        Self {
            dom,
            stop,
            shown: OnceCell::new(),
        }
    }

    /// What the page shows.
    pub(super) fn shown(&self) -> &Shown<'a> {
        self.shown.get_or_init(|| Shown::of(self.dom, self.stop))
    }
}

impl<'a> Survey<'a> {
    /// Looks at every node once, in the order in which they were made, which is that of the page's source.
    pub(super) fn of(dom: &'a Dom, stop: &'a Stop<'a>) -> Self {
        let mut survey = Self {
            stop: Some(stop),
            ..Self::default()
        };
        for node in dom.html().tree.nodes().take_while(|_| stop.goes_on()) {
            match node.value() {
                Node::Element(element) => survey.take_element(node, element),
                Node::Comment(comment) => survey.addresses.take_comment(comment),
                _ => {}
            }
        }
        survey
    }

    /// The first value of the first of these names that has one.
    pub(super) fn meta(&self, names: &'static [&'static str]) -> impl Iterator<Item = &'a str> + '_ {
        let values = names.iter().filter_map(|name| self.metas.get(*name)).flatten();
        values.take_while(|_| self.stop.is_none_or(Stop::goes_on)).copied()
    }

    /// The values of cards for sharing (`twitter:data1`) whose label is one of these, letter case aside.
    pub(super) fn labelled(&self, labels: &'static [&'static str]) -> impl Iterator<Item = &'a str> + '_ {
        let first = |name: &str| self.metas.get(name).and_then(|values| values.first()).copied();
        CARDS.iter().filter_map(move |(label, data)| {
            let label = first(label)?.trim().to_lowercase();
            labels.contains(&label.as_str()).then(|| first(data)).flatten()
        })
    }

    fn take_element(&mut self, node: NodeRef<'a, Node>, element: &'a Element) {
        let Some(found) = ElementRef::wrap(node) else { return };
        match element.name.local {
            local_name!("html") if self.language.is_none() => {
                self.language = attribute(element, "lang").or_else(|| attribute(element, "xml:lang"));
            }
            local_name!("title") if self.title.is_none() => self.title = Some(found),
            local_name!("meta") => self.take_meta(element),
            local_name!("link") => self.take_link(element),
            local_name!("base") => self.addresses.take_element(element),
            local_name!("script") => self.take_script(found),
            local_name!("body") => self.body_classes = attribute(element, "class"),
            local_name!("h1") => keep(&mut self.headings, found),
            local_name!("h2") | local_name!("h3") => keep(&mut self.subheadings, found),
            local_name!("time") => keep(&mut self.times, found),
            local_name!("a") => self.take_anchor(found),
            _ => {}
        }
        if let Some(property) = known_attribute(element, &local_name!("itemprop")) {
            keep(&mut self.properties, (property, found));
        }
    }

    fn take_meta(&mut self, element: &'a Element) {
        self.addresses.take_element(element);
        let Some(content) = attribute(element, "content") else {
            return;
        };
        for name in NAMING.iter().filter_map(|name| attribute(element, name)) {
            self.metas.entry(normal(name)).or_default().push(content);
        }
    }

    fn take_link(&mut self, element: &'a Element) {
        self.addresses.take_element(element);
        if self.shortlink.is_none()
            && attribute(element, "rel").is_some_and(|rel| rel.eq_ignore_ascii_case("shortlink"))
        {
            self.shortlink = attribute(element, "href");
        }
    }

    fn take_script(&mut self, element: ElementRef<'a>) {
        // Scripts can be long.
        let goes_on = || self.stop.is_none_or(|stop| stop.check().is_ok());
        if is_json_ld(element.value()) && goes_on() {
            self.graph.take(&script_text(element));
        }
    }

    fn take_anchor(&mut self, element: ElementRef<'a>) {
        let Some(rel) = known_attribute(element.value(), &local_name!("rel")) else {
            return;
        };
        let has = |word: &str| rel.split_whitespace().any(|part| part.eq_ignore_ascii_case(word));
        if has("author") {
            keep(&mut self.author_links, element);
        } else if has("category") {
            keep(&mut self.category_links, element);
        } else if has("tag") {
            keep(&mut self.tag_links, element);
        }
    }
}

/// Keeps a candidate unless there are enough.
pub(super) fn keep<T>(candidates: &mut Vec<T>, candidate: T) {
    if candidates.len() < CANDIDATES_MAX {
        candidates.push(candidate);
    }
}

/// The normal form of a field's name: lower case, letters and digits alone, so that `dc:date`, `DC.Date` and
/// `dc-date` are one.
fn normal(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
