//! The tree of an HTML page, built by the HTML standard's own tree construction under limits.

use std::fmt;

use ego_tree::{NodeId, NodeRef, Tree};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use scraper::{ElementRef, Html, HtmlTreeSink, Node};

use super::feed::{Halt, feed};
use crate::limits::{Limits, Stop};

/// What is said of a page that took too long.
pub(super) const TIMED_OUT: &str = "the page took longer than it may (limits.page-seconds-max)";

/// The parsed tree of one page. It lives and dies on one thread.
#[derive(Debug)]
pub struct Dom {
    html: Html,
    attributes_left_out: bool,
}

/// Why a page's tree was not built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomError {
    /// Elements are nested deeper than `tree_depth_max`.
    TooDeep {
        /// The limit that was broken.
        tree_depth_max: usize,
    },
    /// The tree has more nodes than `tree_nodes_max`.
    TooManyNodes {
        /// The limit that was broken.
        tree_nodes_max: usize,
    },
    /// The elements have more attributes than `tree_attributes_max`.
    TooManyAttributes {
        /// The limit that was broken.
        tree_attributes_max: usize,
    },
    /// The tree falls into more blocks than `blocks_max`.
    TooManyBlocks {
        /// The limit that was broken.
        blocks_max: usize,
    },
    /// It took too long.
    TimedOut,
}

impl fmt::Display for DomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep { tree_depth_max } => {
                write!(
                    f,
                    "elements are nested deeper than {tree_depth_max} (limits.tree-depth-max)"
                )
            }
            Self::TooManyNodes { tree_nodes_max } => {
                write!(
                    f,
                    "the tree has more than {tree_nodes_max} nodes (limits.tree-nodes-max)"
                )
            }
            Self::TooManyAttributes { tree_attributes_max } => write!(
                f,
                "the tree has more than {tree_attributes_max} attributes (limits.tree-attributes-max)"
            ),
            Self::TooManyBlocks { blocks_max } => {
                write!(f, "the page has more than {blocks_max} blocks (limits.blocks-max)")
            }
            Self::TimedOut => f.write_str(TIMED_OUT),
        }
    }
}

impl std::error::Error for DomError {}

/// Bytes of a page for each node of its tree, as room is made for them: most pages have some more.
const NODE_BYTES: usize = 64;

/// Most nodes that room is made for before there are any.
const NODES_AT_FIRST_MAX: usize = 16_384;

impl Dom {
    /// Builds the tree of `text`, however long it takes. See [`Dom::parse_until`].
    pub fn parse(text: &str, limits: &Limits) -> Result<Self, DomError> {
        Self::parse_until(text, limits, &Stop::never())
    }

    /// Builds the tree of `text`. Scripting is off, so that what stands inside `noscript` is part of the tree: some
    /// forums hold all their posts there.
    ///
    /// The limits and the time are looked at every few thousand bytes, because the tree builder's work grows with the
    /// square of the depth. Attributes of an element beyond `element_attributes_max` are left out.
    pub fn parse_until(text: &str, limits: &Limits, stop: &Stop<'_>) -> Result<Self, DomError> {
        build(text, limits, stop).map_err(|halt| match halt {
            Halt::Check(error) => error,
            Halt::TimedOut => DomError::TimedOut,
        })
    }

    /// Whether some element had more attributes than it may.
    pub fn attributes_left_out(&self) -> bool {
        self.attributes_left_out
    }

    /// The tree itself, for selectors.
    pub fn html(&self) -> &Html {
        &self.html
    }

    /// All elements of the tree, in the order of the page.
    pub fn elements(&self) -> impl Iterator<Item = ElementRef<'_>> {
        let mut next = Some(self.html.tree.root());
        let nodes = std::iter::from_fn(move || {
            let node = next?;
            next = node.first_child().or_else(|| following(node));
            Some(node)
        });
        nodes.filter_map(ElementRef::wrap)
    }

    /// The element that a node is, if it is one.
    pub fn element(&self, id: NodeId) -> Option<ElementRef<'_>> {
        self.html.tree.get(id).and_then(ElementRef::wrap)
    }
}

/// The next node in the order of the page that does not lie in this one.
fn following(node: NodeRef<'_, Node>) -> Option<NodeRef<'_, Node>> {
    let mut last = Some(node);
    while let Some(node) = last {
        if let Some(next) = node.next_sibling() {
            return Some(next);
        }
        last = node.parent();
    }
    None
}

fn build(text: &str, limits: &Limits, stop: &Stop<'_>) -> Result<Dom, Halt<DomError>> {
    let options = TreeBuilderOpts {
        scripting_enabled: false,
        ..TreeBuilderOpts::default()
    };
    let mut html = Html::new_document();
    // A tree that grows from nothing moves its nodes again and again.
    let nodes = (text.len() / NODE_BYTES)
        .min(limits.tree_nodes_max)
        .min(NODES_AT_FIRST_MAX);
    html.tree = Tree::with_capacity(Node::Document, nodes);
    let builder = TreeBuilder::new(HtmlTreeSink::new(html), options);
    let fed = feed(builder, text, limits.element_attributes_max, stop, |gauge| {
        if gauge.attributes() > limits.tree_attributes_max {
            return Err(DomError::TooManyAttributes {
                tree_attributes_max: limits.tree_attributes_max,
            });
        }
        check(&gauge.inner.sink.0.borrow(), limits)
    })?;
    Ok(Dom {
        html: fed.sink.sink.finish(),
        attributes_left_out: fed.attributes_left_out,
    })
}

/// Checks a tree in the making. The last node made lies on, or next to, the path of open elements, so its depth
/// stands for the depth that the parser has reached.
fn check(html: &Html, limits: &Limits) -> Result<(), DomError> {
    let mut nodes = html.tree.nodes();
    if nodes.len() > limits.tree_nodes_max {
        return Err(DomError::TooManyNodes {
            tree_nodes_max: limits.tree_nodes_max,
        });
    }
    let depth = nodes
        .next_back()
        .map_or(0, |node| node.ancestors().take(limits.tree_depth_max + 1).count());
    if depth > limits.tree_depth_max {
        return Err(DomError::TooDeep {
            tree_depth_max: limits.tree_depth_max,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_inside_noscript_is_part_of_the_tree() {
        let dom = Dom::parse("<body><noscript><p>post</p></noscript>", &Limits::default()).unwrap();
        let selector = scraper::Selector::parse("noscript > p").unwrap();
        assert_eq!(dom.html().select(&selector).count(), 1);
    }

    #[test]
    fn a_mark_of_byte_order_is_no_text() {
        let dom = Dom::parse("\u{feff}<!doctype html><p>a", &Limits::default()).unwrap();
        assert_eq!(
            dom.html().html(),
            "<!DOCTYPE html><html><head></head><body><p>a</p></body></html>"
        );
    }

    #[test]
    fn elements_come_in_the_order_of_the_page() {
        // The tree builder moves what stands between the rows in front of the table, after the table was made.
        let page = "<body><table><tr><p>a</p><td><i>b</i></table><ul><li></li></ul>";
        let dom = Dom::parse(page, &Limits::default()).unwrap();
        let found: Vec<NodeId> = dom.elements().map(|element| element.id()).collect();
        let all = dom.html().tree.root().descendants().filter_map(ElementRef::wrap);
        assert_eq!(found, all.map(|element| element.id()).collect::<Vec<_>>());
        assert_eq!(found.len(), 11);
    }

    #[test]
    fn deep_nesting_is_refused_by_name() {
        let page = "<div>".repeat(20_000);
        let error = Dom::parse(&page, &Limits::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "elements are nested deeper than 512 (limits.tree-depth-max)"
        );
    }

    #[test]
    fn many_nodes_are_refused_by_name() {
        let limits = Limits {
            tree_nodes_max: 100,
            ..Limits::default()
        };
        let error = Dom::parse(&"<p>a".repeat(1000), &limits).unwrap_err();
        assert_eq!(error, DomError::TooManyNodes { tree_nodes_max: 100 });
    }

    #[test]
    fn many_attributes_are_refused_by_name() {
        let limits = Limits {
            tree_attributes_max: 100,
            ..Limits::default()
        };
        let error = Dom::parse(&"<p a=1 b=2>".repeat(60), &limits).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the tree has more than 100 attributes (limits.tree-attributes-max)"
        );
    }

    #[test]
    fn an_element_keeps_its_first_attributes_and_no_endless_class() {
        let many: String = (0..300_000).map(|n| format!("a{n}=1 ")).collect();
        let page = format!("<p class=x {many}>text</p><i class='{}'>", "word ".repeat(20_000));
        let dom = Dom::parse(&page, &Limits::default()).unwrap();
        assert!(dom.attributes_left_out());
        let found = |css: &str| dom.html().select(&scraper::Selector::parse(css).unwrap()).count();
        assert_eq!(
            (found("p.x[a998]"), found("p[a999]"), found("i"), found("i[class]")),
            (1, 0, 1, 0)
        );
    }

    #[test]
    fn the_time_can_be_over() {
        let error = Dom::parse_until("<p>x", &Limits::default(), &Stop::unless(&|| false)).unwrap_err();
        assert_eq!(error, DomError::TimedOut);
    }
}
