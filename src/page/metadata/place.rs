//! Where something stands on a page: with the page's own heading, beside it, or among what is about other pages.

use std::cell::RefCell;

use ego_tree::{NodeId, NodeRef};
use rustc_hash::FxHashMap;
use scraper::{ElementRef, Node, node::Element};

use crate::page::elements::attribute;

/// Most ancestors of a heading or a candidate that are looked at.
const ANCESTORS_MAX: usize = 64;

/// Elements, and words of a class, id or role, whose contents are about other pages.
const ELSEWHERE: &[&str] = &[
    "nav",
    "navbar",
    "menu",
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

/// Those that may be about this page too, where they stand inside what holds its heading.
const BESIDE: &[&str] = &["aside", "sidebar", "footer"];

/// Where a node stands, seen from the page's heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// So many levels up from the heading it shares an ancestor with it; `usize::MAX` where there is no heading.
    Own(usize),
    /// The same, but in an aside or a footer of the page's own content.
    Beside(usize),
    /// In something that is about other pages.
    Elsewhere,
}

/// Where a page's own heading stands, to tell its date and author from those of other pages that it links to.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// The heading and its ancestors, with how many levels up they are.
    chain: FxHashMap<NodeId, usize>,
    /// The first level of the chain that holds the whole page.
    outer: usize,
    /// What was found out about nodes: candidates share most of their ancestors.
    known: RefCell<FxHashMap<NodeId, Standing>>,
}

impl Place {
    /// The place of a heading; without one every element is equally near.
    pub(super) fn of(heading: Option<ElementRef<'_>>) -> Self {
        let Some(heading) = heading else { return Self::default() };
        let around = std::iter::once(*heading).chain(heading.ancestors().take(ANCESTORS_MAX));
        let mut place = Self::default();
        for (level, node) in around.enumerate() {
            let is_whole = node
                .value()
                .as_element()
                .is_none_or(|element| matches!(element.name(), "html" | "body"));
            if !is_whole {
                place.outer = level + 1;
            }
            place.chain.insert(node.id(), level);
        }
        place
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
        self.sorted(nodes, |standing| match standing {
            Standing::Own(levels) => Some(levels),
            Standing::Beside(_) | Standing::Elsewhere => None,
        })
    }

    /// The candidates in asides and footers of the page's own content, nearest first.
    pub(super) fn beside<'a>(&self, candidates: &[ElementRef<'a>]) -> Vec<ElementRef<'a>> {
        let nodes = candidates.iter().map(|element| **element);
        let near = self.sorted(nodes, |standing| match standing {
            Standing::Beside(levels) => Some(levels),
            Standing::Own(_) | Standing::Elsewhere => None,
        });
        near.into_iter().filter_map(ElementRef::wrap).collect()
    }

    fn sorted<'a>(
        &self,
        nodes: impl IntoIterator<Item = NodeRef<'a, Node>>,
        levels: impl Fn(Standing) -> Option<usize>,
    ) -> Vec<NodeRef<'a, Node>> {
        let mut near: Vec<_> = nodes
            .into_iter()
            .filter_map(|node| Some((levels(self.standing(node))?, node)))
            .collect();
        near.sort_by_key(|(levels, _)| *levels);
        near.into_iter().map(|(_, node)| node).collect()
    }

    fn standing(&self, node: NodeRef<'_, Node>) -> Standing {
        let mut known = self.known.borrow_mut();
        let mut below = Vec::new();
        let mut standing = Standing::Own(usize::MAX);
        for ancestor in std::iter::once(node).chain(node.ancestors()).take(ANCESTORS_MAX) {
            let found = known
                .get(&ancestor.id())
                .copied()
                .or_else(|| self.chain.get(&ancestor.id()).map(|levels| Standing::Own(*levels)));
            if let Some(found) = found {
                standing = found;
                break;
            }
            below.push(ancestor);
        }
        for node in below.into_iter().rev() {
            standing = self.inside(standing, node);
            known.insert(node.id(), standing);
        }
        standing
    }

    /// The standing of a node whose parent has the given one.
    fn inside(&self, parent: Standing, node: NodeRef<'_, Node>) -> Standing {
        let Some(element) = node.value().as_element() else {
            return parent;
        };
        match parent {
            Standing::Elsewhere => parent,
            _ if is_marked(element, ELSEWHERE) => Standing::Elsewhere,
            Standing::Own(levels) | Standing::Beside(levels) if is_marked(element, BESIDE) => {
                if levels < self.outer {
                    Standing::Beside(levels)
                } else {
                    Standing::Elsewhere
                }
            }
            _ => parent,
        }
    }
}

/// Whether an element's name, or a word of its class, id or role, is in a list.
fn is_marked(element: &Element, list: &[&str]) -> bool {
    if matches!(element.name(), "body" | "html" | "main" | "article") {
        return false;
    }
    let marks = ["class", "id", "role"]
        .iter()
        .filter_map(|name| attribute(element, name));
    let mut words = marks.flat_map(|mark| mark.split(|c: char| !c.is_ascii_alphanumeric()));
    list.contains(&element.name()) || words.any(|word| list.iter().any(|mark| mark.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};

    use super::*;

    /// The texts of the elements `i` that are near, and of those beside.
    fn order(page: &str) -> (Vec<String>, Vec<String>) {
        let html = Html::parse_document(page);
        let all = |css: &str| -> Vec<_> { html.select(&Selector::parse(css).unwrap()).collect() };
        let place = Place::of(all("h1").first().copied());
        let texts = |found: Vec<ElementRef<'_>>| found.iter().map(|element| element.text().collect()).collect();
        (texts(place.nearest(&all("i"))), texts(place.beside(&all("i"))))
    }

    #[test]
    fn what_stands_nearer_comes_first_and_what_is_about_others_not_at_all() {
        let (near, beside) = order(
            "<i>far</i><nav><i>x</i></nav><main><div class='post-related'><i>x</i></div><i>near</i><div><h1>a</h1><i>next</i>",
        );
        assert_eq!(near, ["next", "near", "far"]);
        assert!(beside.is_empty());
    }

    #[test]
    fn asides_count_apart_and_only_inside_the_content() {
        let (near, beside) =
            order("<aside><i>x</i></aside><main><h1>a</h1><aside><i>own</i></aside></main><footer><i>x");
        assert!(near.is_empty());
        assert_eq!(beside, ["own"]);
    }

    #[test]
    fn without_a_heading_everything_is_equally_near() {
        let (near, _) = order("<main><i>a</i></main><aside><i>x</i></aside><i>b</i>");
        assert_eq!(near, ["a", "b"]);
    }
}
