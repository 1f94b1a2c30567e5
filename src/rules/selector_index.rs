//! Finds the elements of many selectors in one walk over a page.
//!
//! Every selector is filed under what its last part asks of an element: an id, a class, a tag, an attribute. An element
//! is then only tried on the selectors filed under what it has, and only on those whose other parts name ids and classes
//! that the page has at all, so that the cost of a page hardly grows with the number of selectors. What asks for none of
//! these (such as `:is(…)`) is tried on every element. What is looked up comes from pages, but what is filed comes from
//! rules alone: hashes that can be foreseen do no harm.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ego_tree::NodeId;
use html5ever::local_name;
use rustc_hash::FxHashMap;
use scraper::node::Element;
use scraper::selector::ToCss;
use scraper::{ElementRef, Selector};

use crate::limits::Stop;
use crate::page::Dom;
use crate::page::elements::known_attribute;
use crate::rules::model::{RuleInfo, Rules, SourceKind};

/// Selectors of rules, filed by what they ask of an element.
#[derive(Debug, Default)]
pub struct SelectorIndex {
    selectors: Vec<Selector>,
    /// The number of a rule's selector, by the address of what is said about the rule.
    numbers: HashMap<usize, usize>,
    branches: Vec<Branch>,
    /// Names that parts other than the last ask for, each with its number.
    needed: FxHashMap<String, usize>,
    ids: FxHashMap<String, Vec<usize>>,
    classes: FxHashMap<String, Vec<usize>>,
    tags: FxHashMap<String, Vec<usize>>,
    attributes: FxHashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

/// One of the alternatives of a selector.
#[derive(Debug)]
struct Branch {
    /// The number of its selector.
    selector: usize,
    /// The numbers of the names that its other parts ask for.
    needs: Vec<usize>,
}

/// The elements that each selector names, in document order.
#[derive(Debug, Default)]
pub struct Matches<'i> {
    index: Option<&'i SelectorIndex>,
    found: Vec<Vec<NodeId>>,
}

/// What the last part of a selector asks of an element.
#[derive(Debug, PartialEq, Eq)]
enum Key {
    Id(String),
    Class(String),
    Tag(String),
    Attribute(String),
    Nothing,
}

impl SelectorIndex {
    /// Files the selectors of all rules over elements, and of the metadata sources.
    pub fn new(rules: &Rules) -> Self {
        let mut index = Self::default();
        let elements = rules
            .keep
            .iter()
            .chain(&rules.strip)
            .chain(rules.rename.iter().map(|rule| &rule.elements));
        for rule in elements {
            index.add(&rule.info, &rule.elements.selector);
        }
        for source in rules.meta.values().flatten() {
            if let SourceKind::Css { elements, .. } = &source.kind {
                index.add(&source.info, &elements.selector);
            }
        }
        index
    }

    fn add(&mut self, info: &Arc<RuleInfo>, selector: &Selector) {
        let number = self.selectors.len();
        for branch in split(&selector.to_css_string(), |c| c == ',') {
            let at = self.branches.len();
            match key(branch.trim()) {
                Key::Id(name) => self.ids.entry(name).or_default().push(at),
                Key::Class(name) => self.classes.entry(name).or_default().push(at),
                Key::Tag(name) => self.tags.entry(name).or_default().push(at),
                Key::Attribute(name) => self.attributes.entry(name).or_default().push(at),
                Key::Nothing => self.others.push(at),
            }
            let needs = needs(branch.trim())
                .into_iter()
                .map(|name| self.number_of(name))
                .collect();
            self.branches.push(Branch {
                selector: number,
                needs,
            });
        }
        self.selectors.push(selector.clone());
        self.numbers.insert(address(info), number);
    }

    fn number_of(&mut self, name: &str) -> usize {
        let next = self.needed.len();
        *self.needed.entry(name.to_owned()).or_insert(next)
    }

    /// Which branches the page has all names for.
    fn possible(&self, dom: &Dom) -> Vec<bool> {
        let mut there = HashSet::new();
        if !self.needed.is_empty() {
            let elements = dom.html().tree.values().filter_map(|node| node.as_element());
            let names = elements.flat_map(|element| classes(element).chain(element.id()));
            there.extend(names.filter_map(|name| self.needed.get(name)).copied());
        }
        let possible = |branch: &Branch| branch.needs.iter().all(|need| there.contains(need));
        self.branches.iter().map(possible).collect()
    }

    /// Walks over a page once and finds the elements of every selector; of fewer when the time is over.
    pub fn find(&self, dom: &Dom, stop: &Stop<'_>) -> Matches<'_> {
        let mut found = vec![Vec::new(); self.selectors.len()];
        if self.selectors.is_empty() {
            return Matches {
                index: Some(self),
                found,
            };
        }
        let possible = self.possible(dom);
        let mut candidates = Vec::new();
        for element in dom.elements().take_while(|_| stop.goes_on()) {
            self.candidates(element, &possible, &mut candidates);
            let matching = candidates.iter().filter(|number| {
                self.selectors
                    .get(**number)
                    .is_some_and(|selector| selector.matches(&element))
            });
            for number in matching {
                found
                    .get_mut(*number)
                    .into_iter()
                    .for_each(|nodes: &mut Vec<NodeId>| nodes.push(element.id()));
            }
        }
        Matches {
            index: Some(self),
            found,
        }
    }

    /// The selectors that an element could satisfy, each once.
    fn candidates(&self, element: ElementRef<'_>, possible: &[bool], candidates: &mut Vec<usize>) {
        candidates.clear();
        let selector = |at: &usize| {
            let is_possible = possible.get(*at).copied().unwrap_or(false);
            self.branches
                .get(*at)
                .filter(|_| is_possible)
                .map(|branch| branch.selector)
        };
        let value = element.value();
        let mut file = |filed: Option<&Vec<usize>>| candidates.extend(filed.into_iter().flatten().filter_map(selector));
        file(Some(&self.others));
        file(self.tags.get(value.name()));
        if !self.ids.is_empty() {
            file(value.id().and_then(|id| self.ids.get(id)));
        }
        if !self.classes.is_empty() {
            classes(value).for_each(|class| file(self.classes.get(class)));
        }
        if !self.attributes.is_empty() {
            value.attrs().for_each(|(name, _)| file(self.attributes.get(name)));
        }
        candidates.sort_unstable();
        candidates.dedup();
    }
}

/// An element's classes. Read from the attribute, since the engine's own list costs an interned string each, and most
/// elements are tried on no selector at all.
fn classes(element: &Element) -> impl Iterator<Item = &str> {
    let class = known_attribute(element, &local_name!("class"));
    class.unwrap_or_default().split_ascii_whitespace()
}

impl Matches<'_> {
    /// The elements that a rule's selector names.
    pub fn of(&self, info: &Arc<RuleInfo>) -> &[NodeId] {
        let number = self.index.and_then(|index| index.numbers.get(&address(info)));
        number
            .and_then(|number| self.found.get(*number))
            .map_or(&[], Vec::as_slice)
    }
}

fn address(info: &Arc<RuleInfo>) -> usize {
    Arc::as_ptr(info).addr()
}

/// The compounds of a branch, as the engine writes it back. None where there is an escape, which would have to be
/// undone; such names are rare.
fn compounds(branch: &str) -> Vec<&str> {
    if branch.contains('\\') {
        return Vec::new();
    }
    let parts = split(branch, |c| matches!(c, ' ' | '>' | '+' | '~')).into_iter();
    parts.filter(|part| !part.is_empty()).collect()
}

/// The ids and classes that all but the last part of a branch ask for.
fn needs(branch: &str) -> Vec<&str> {
    let compounds = compounds(branch);
    let Some((_, others)) = compounds.split_last() else {
        return Vec::new();
    };
    let parts = others.iter().flat_map(|compound| simple_parts(compound));
    parts.filter_map(|part| part.strip_prefix(['#', '.'])).collect()
}

/// What the last part of a branch asks of an element.
fn key(branch: &str) -> Key {
    let compounds = compounds(branch);
    let compound = compounds.last().copied().unwrap_or("");
    let mut key = Key::Nothing;
    for part in simple_parts(compound) {
        let better = match (part.strip_prefix('#'), part.strip_prefix('.'), part.strip_prefix('[')) {
            (Some(id), _, _) => return Key::Id(id.to_owned()),
            (_, Some(class), _) if !matches!(key, Key::Class(_)) => Key::Class(class.to_owned()),
            (_, _, Some(attribute)) if key == Key::Nothing => Key::Attribute(attribute_name(attribute)),
            _ if is_tag(part) && matches!(key, Key::Nothing | Key::Attribute(_)) => Key::Tag(part.to_owned()),
            _ => continue,
        };
        key = better;
    }
    key
}

fn is_tag(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_lowercase())
        && part
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

fn attribute_name(attribute: &str) -> String {
    attribute
        .chars()
        .take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ':'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Cuts a text at separators that stand outside brackets and strings.
fn split(text: &str, separates: impl Fn(char) -> bool) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut quote, mut start) = (0_usize, None, 0);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(mark), _) => quote = Some(mark).filter(|mark| *mark != character),
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, _) if depth == 0 && separates(character) => {
                parts.extend(text.get(start..at));
                start = at + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

/// The simple selectors of a compound: each begins with `#`, `.`, `[`, `:` or is the tag at the start.
fn simple_parts(compound: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let (mut depth, mut quote) = (0_usize, None);
    for (at, character) in compound.char_indices() {
        match (quote, character) {
            (Some(mark), _) => quote = Some(mark).filter(|mark| *mark != character),
            (None, '"' | '\'') => quote = Some(character),
            (None, '#' | '.' | '[' | ':') if depth == 0 => starts.push(at),
            _ => {}
        }
        if quote.is_none() {
            match character {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
    }
    starts.push(compound.len());
    starts
        .windows(2)
        .filter_map(|pair| compound.get(*pair.first()?..*pair.last()?))
        .filter(|part| !part.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::rules::RuleFile;
    use crate::toml_file::SourceFile;

    fn filed(css: &str) -> Vec<Key> {
        let css = Selector::parse(css).unwrap().to_css_string();
        split(&css, |c| c == ',')
            .into_iter()
            .map(|branch| key(branch.trim()))
            .collect()
    }

    #[test]
    fn selectors_are_filed_by_the_most_telling_thing_they_ask() {
        assert_eq!(filed("div#a.b"), [Key::Id("a".into())]);
        assert_eq!(filed("main > div.b p.c[x]:first-child"), [Key::Class("c".into())]);
        assert_eq!(
            filed("nav, [data-x='a, b']"),
            [Key::Tag("nav".into()), Key::Attribute("data-x".into())]
        );
        assert_eq!(filed("div :is(.a, .b)"), [Key::Nothing]);
        assert_eq!(filed("figure:has(> .x)"), [Key::Tag("figure".into())]);
        assert_eq!(filed("*"), [Key::Nothing]);
    }

    #[test]
    fn a_selector_needs_the_names_that_its_other_parts_ask_for() {
        let needed = |css: &str| needs(&Selector::parse(css).unwrap().to_css_string()).len();
        assert_eq!(needs("main#a.b > p.c"), ["a", "b"]);
        assert_eq!(needed("p.c"), 0);
        assert_eq!(needed(":is(.a, .b) > .c"), 0);
        assert_eq!(needed(".a:not(.b):has(.d) + [title='.e'] .c"), 1);
    }

    #[test]
    fn the_index_finds_what_each_selector_finds_alone() {
        let html = "<main id=m class='a b'><p class=c x=1>t<a href='/x'>u</a></p><div><p class='c d'>v</p></div><nav>w</nav></main>";
        let dom = Dom::parse(html, &Limits::default()).unwrap();
        let selectors = [
            "#m",
            ".c",
            "p.d, nav",
            "[href^='/']",
            "div > *",
            "main:has(nav) p",
            ":is(p, nav):not(.d)",
            "p[x]",
            "a.c",
            "html",
            "body *",
            "#m.a > p.c a",
            ".gone p, main.b .d",
            "#gone > p",
            "p.c ~ nav, .a:not(.gone) p",
            "p.c + div > .d",
            ":is(.gone, .a) > nav",
        ];
        let quoted: Vec<String> = selectors.iter().map(|css| format!("\"{css}\"")).collect();
        let text = format!("schema = 1\nsite = \"a.b\"\n[html]\nstrip = [{}]", quoted.join(", "));
        let rules = RuleFile::parse(&SourceFile::new("f", text)).0.unwrap().rules;
        let index = SelectorIndex::new(&rules);
        let matches = index.find(&dom, &Stop::never());
        for rule in &rules.strip {
            let alone: Vec<NodeId> = dom
                .html()
                .select(&rule.elements.selector)
                .map(|element| element.id())
                .collect();
            assert_eq!(matches.of(&rule.info), alone, "{}", rule.info.pattern);
        }
    }
}
