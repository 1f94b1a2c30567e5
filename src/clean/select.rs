//! Finds the nodes of a page that a rule means.

use std::cell::Cell;
use std::collections::HashSet;

use ego_tree::{NodeId, NodeRef};
use scraper::{ElementRef, Html, Node};

use crate::limits::STEP_NODES_MAX;
use crate::rules::elements::{ElementTest, Elements, Find, Go, Pick, Place, Step};
use crate::text::fold;

type Nodes<'a> = Vec<NodeRef<'a, Node>>;

/// The steps of a rule looked at more nodes than [`STEP_NODES_MAX`], so what it means was not found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFar;

/// The nodes that a rule means, in the order of the page.
pub fn select(html: &Html, elements: &Elements) -> Result<Vec<NodeId>, TooFar> {
    select_among(html, elements, &named(html, elements))
}

/// The same, where it is known already which elements the selector names, in the order of the page.
pub(super) fn select_among(html: &Html, elements: &Elements, named_elements: &[NodeId]) -> Result<Vec<NodeId>, TooFar> {
    let walk = Walk {
        html,
        left: Cell::new(STEP_NODES_MAX),
    };
    let mut found = walk.one(elements, named_elements)?;
    for other in &elements.or {
        found.extend(walk.one(other, &named(html, other))?);
    }
    if !elements.or.is_empty() {
        found = in_order(html, &found);
    }
    Ok(found.into_iter().map(|node| node.id()).collect())
}

/// The elements that the selector names.
fn named(html: &Html, elements: &Elements) -> Vec<NodeId> {
    html.select(&elements.selector).map(|element| element.id()).collect()
}

/// A way through a page that ends after so many nodes.
struct Walk<'a> {
    html: &'a Html,
    left: Cell<usize>,
}

impl<'a> Walk<'a> {
    fn one(&self, elements: &Elements, named: &[NodeId]) -> Result<Nodes<'a>, TooFar> {
        let found = named.iter().filter_map(|node| self.html.tree.get(*node));
        let found = found.filter(|node| passes(*node, &elements.tests));
        let found: Nodes<'a> = picked(found, elements.pick);
        let raised = found.into_iter().filter_map(|node| match &elements.up {
            Some(up) => node
                .ancestors()
                .find(|ancestor| ElementRef::wrap(*ancestor).is_some_and(|element| up.matches(&element))),
            None => Some(node),
        });
        let mut found: Nodes<'a> = if elements.after {
            let behind = raised.flat_map(|node| node.next_siblings());
            in_order(self.html, &self.bounded(behind).collect::<Nodes<'a>>())
        } else {
            raised.collect()
        };
        for step in &elements.then {
            found = self.go(&found, step);
        }
        if self.left.get() == 0 { Err(TooFar) } else { Ok(found) }
    }

    /// Where a step leads from these nodes.
    fn go(&self, from: &[NodeRef<'a, Node>], step: &Step) -> Nodes<'a> {
        let fits = |node: &NodeRef<'a, Node>| found(*node, &step.find) && passes(*node, &step.tests);
        if step.go == Go::All {
            return picked(from.iter().copied().filter(&fits), step.pick);
        }
        let led = from.iter().take_while(|_| self.left.get() > 0).flat_map(|node| {
            let reached = self.bounded(reached(*node, step.go));
            picked(reached.filter(&fits), step.pick)
        });
        in_order(self.html, &led.collect::<Nodes<'a>>())
    }

    /// The same nodes, as far as the walk still may go.
    fn bounded(&self, nodes: impl Iterator<Item = NodeRef<'a, Node>>) -> impl Iterator<Item = NodeRef<'a, Node>> {
        nodes.take_while(|_| {
            self.left.set(self.left.get().saturating_sub(1));
            self.left.get() > 0
        })
    }
}

/// The nodes that lie one way of a node, nearest first.
fn reached<'a>(node: NodeRef<'a, Node>, go: Go) -> Box<dyn Iterator<Item = NodeRef<'a, Node>> + 'a> {
    let outward = std::iter::once(node).chain(node.ancestors());
    match go {
        Go::Same | Go::All => Box::new(std::iter::once(node)),
        Go::Children => Box::new(node.children()),
        Go::Inside => Box::new(node.descendants().skip(1)),
        Go::Within => Box::new(node.descendants()),
        Go::Parent => Box::new(node.parent().into_iter()),
        Go::Ancestors => Box::new(node.ancestors()),
        Go::Next => Box::new(node.next_siblings()),
        Go::Previous => Box::new(node.prev_siblings()),
        Go::After => Box::new(
            outward
                .flat_map(|node| node.next_siblings())
                .flat_map(|node| node.descendants()),
        ),
        Go::Before => Box::new(outward.flat_map(|node| node.prev_siblings()).flat_map(backwards)),
    }
}

fn backwards(node: NodeRef<'_, Node>) -> Nodes<'_> {
    let mut nodes: Nodes<'_> = node.descendants().collect();
    nodes.reverse();
    nodes
}

fn found(node: NodeRef<'_, Node>, find: &Find) -> bool {
    match find {
        Find::Elements(selector) => ElementRef::wrap(node).is_some_and(|element| selector.matches(&element)),
        Find::Texts => node.value().is_text(),
    }
}

fn picked<'a>(nodes: impl Iterator<Item = NodeRef<'a, Node>>, pick: Option<Pick>) -> Nodes<'a> {
    match pick {
        None => nodes.collect(),
        Some(Pick::Nth(nth)) => nodes.skip(nth).take(1).collect(),
        Some(Pick::Skip(count)) => nodes.skip(count).collect(),
        Some(Pick::NthLast(nth)) => {
            let all: Nodes<'a> = nodes.collect();
            all.into_iter().rev().skip(nth).take(1).collect()
        }
    }
}

/// Each of the nodes once, in the order of the page.
fn in_order<'a>(html: &'a Html, nodes: &[NodeRef<'a, Node>]) -> Nodes<'a> {
    if nodes.len() < 2 {
        return nodes.to_vec();
    }
    let wanted: HashSet<NodeId> = nodes.iter().map(NodeRef::id).collect();
    html.tree
        .root()
        .descendants()
        .filter(|node| wanted.contains(&node.id()))
        .collect()
}

fn passes(node: NodeRef<'_, Node>, tests: &[ElementTest]) -> bool {
    tests.iter().all(|test| satisfies(node, test) != test.not)
}

fn satisfies(node: NodeRef<'_, Node>, test: &ElementTest) -> bool {
    let has = |text: &str| searched(text, test);
    let mut own = node.children().filter_map(|child| child.value().as_text());
    let element = ElementRef::wrap(node);
    match &test.place {
        Place::Text => has(&whole_text(node)),
        Place::OwnText => has(&own.map(|text| &**text).collect::<String>()),
        Place::FirstText => has(own.next().map_or("", |text| text)),
        Place::AnyText => own.any(|piece| has(piece)),
        Place::Attribute(name) => has(element.and_then(|element| element.attr(name)).unwrap_or_default()),
        Place::AnyAttribute => element.is_some_and(|element| element.value().attrs().any(|(_, value)| has(value))),
    }
}

fn searched(hay: &str, test: &ElementTest) -> bool {
    if test.fold {
        test.regex.is_match(&fold(hay))
    } else {
        test.regex.is_match(hay)
    }
}

/// The text of an element with all that is in it, or of a piece of text.
fn whole_text(node: NodeRef<'_, Node>) -> String {
    node.descendants()
        .filter_map(|inner| inner.value().as_text())
        .map(|text| &**text)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleFile;
    use crate::toml_file::SourceFile;

    const PAGE: &str = "<div id=a><h3>News</h3><p id=b>One <b>two</b> three</p><p id=c class='x y'>Two</p></div><div id=d><h3>More</h3><p id=e>Last</p></div>";

    /// The ids of the elements that a rule finds, or the text of a piece of text.
    fn found(rule: &str) -> Vec<String> {
        let text = format!("schema = 1\nsite = \"a.b\"\n[html]\nkeep = [{rule}]");
        let (file, faults) = RuleFile::parse(&SourceFile::new("f", text));
        assert!(faults.is_empty(), "{faults:?}");
        let html = Html::parse_document(PAGE);
        let nodes = select(&html, &file.unwrap().rules.keep[0].elements).unwrap();
        let nodes = nodes.into_iter().filter_map(|node| html.tree.get(node));
        nodes
            .map(|node| {
                node.value().as_element().map_or_else(
                    || node.value().as_text().unwrap().to_string(),
                    |e| e.attr("id").unwrap_or(e.name()).to_owned(),
                )
            })
            .collect()
    }

    #[test]
    fn tests_look_at_the_text_that_they_name() {
        assert_eq!(
            found("{ css = \"p\", where = [{ in = \"text\", re = '^One two three$' }] }"),
            ["b"]
        );
        assert_eq!(
            found("{ css = \"p\", where = [{ in = \"first-text\", re = 'three' }] }"),
            Vec::<String>::new()
        );
        assert_eq!(
            found("{ css = \"p\", where = [{ in = \"any-text\", re = 'three' }] }"),
            ["b"]
        );
        assert_eq!(
            found("{ css = \"p\", where = [{ in = \"@class\", re = '^x y$', not = true }] }"),
            ["b", "e"]
        );
        assert_eq!(found("{ css = \"p\", text = '^Two$' }"), ["c"]);
    }

    #[test]
    fn picks_count_from_both_ends() {
        assert_eq!(found("{ css = \"p\", nth = 1 }"), ["c"]);
        assert_eq!(found("{ css = \"p\", nth-last = 0 }"), ["e"]);
        assert_eq!(found("{ css = \"p\", skip-first = 1 }"), ["c", "e"]);
    }

    #[test]
    fn steps_lead_from_each_element() {
        assert_eq!(
            found("{ css = \"h3\", text = 'More', then = [{ go = \"parent\" }, { go = \"children\", css = \"p\" }] }"),
            ["e"]
        );
        assert_eq!(
            found("{ css = \"h3\", then = [{ go = \"next\", css = \"p\", nth = 0 }] }"),
            ["b", "e"]
        );
        assert_eq!(
            found("{ css = \"h3\", then = [{ go = \"next\", css = \"p\" }, { go = \"all\", nth-last = 0 }] }"),
            ["e"]
        );
        assert_eq!(
            found("{ css = \"b\", then = [{ go = \"after\", css = \"[id]\" }] }"),
            ["c", "d", "e"]
        );
        assert_eq!(
            found("{ css = \"#d\", then = [{ go = \"before\", css = \"[id]\", nth = 0 }] }"),
            ["c"]
        );
        assert_eq!(
            found("{ css = \"#b\", then = [{ go = \"children\", texts = true, nth = 1 }] }"),
            [" three"]
        );
    }

    #[test]
    fn steps_that_lead_too_far_are_given_up() {
        let html = Html::parse_document(&"<p>a</p>".repeat(2_000));
        let far = |then: &str| {
            let text = format!("schema = 1\nsite = \"a.b\"\n[html]\nkeep = [{{ css = \"p\", {then} }}]");
            let (file, _) = RuleFile::parse(&SourceFile::new("f", text));
            select(&html, &file.unwrap().rules.keep[0].elements).map(|nodes| nodes.len())
        };
        assert_eq!(far("then = [{ go = \"next\", nth = 0 }]"), Ok(1_999));
        assert_eq!(far("then = [{ go = \"after\" }]"), Err(TooFar));
        assert_eq!(far("then = [{ go = \"before\" }]"), Err(TooFar));
        assert_eq!(far("after = true"), Err(TooFar));
    }

    #[test]
    fn alternatives_join_in_the_order_of_the_page() {
        assert_eq!(
            found("{ css = \"#e\", or = [\"#a\", { css = \"p\", first = true }] }"),
            ["a", "b", "e"]
        );
    }
}
