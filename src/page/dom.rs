//! The tree of an HTML page, built by the HTML standard's own tree construction under limits.

use std::fmt;

use ego_tree::NodeId;
use html5ever::driver::ParseOpts;
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use scraper::{ElementRef, Html, HtmlTreeSink};

use crate::limits::{Limits, PARSE_CHUNK_BYTES};

/// The parsed tree of one page. It lives and dies on one thread.
#[derive(Debug)]
pub struct Dom {
    html: Html,
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
        }
    }
}

impl std::error::Error for DomError {}

impl Dom {
    /// Builds the tree of `text`. Scripting is off, so that what stands inside `noscript` is part of the tree: some
    /// forums hold all their posts there.
    ///
    /// The text is fed in pieces of [`PARSE_CHUNK_BYTES`], with the limits checked between them, because the tree
    /// builder's work grows with the square of the depth.
    pub fn parse(text: &str, limits: &Limits) -> Result<Self, DomError> {
        let options = ParseOpts {
            tree_builder: TreeBuilderOpts {
                scripting_enabled: false,
                ..TreeBuilderOpts::default()
            },
            ..ParseOpts::default()
        };
        let mut parser = html5ever::parse_document(HtmlTreeSink::new(Html::new_document()), options);
        for chunk in chunks(text, PARSE_CHUNK_BYTES) {
            parser.process(StrTendril::from_slice(chunk));
            check(&parser.tokenizer.sink.sink.0.borrow(), limits)?;
        }
        let html = parser.finish();
        check(&html, limits)?;
        Ok(Self { html })
    }

    /// The tree itself, for selectors.
    pub fn html(&self) -> &Html {
        &self.html
    }

    /// The element that a node is, if it is one.
    pub fn element(&self, id: NodeId) -> Option<ElementRef<'_>> {
        self.html.tree.get(id).and_then(ElementRef::wrap)
    }
}

/// Cuts a text into pieces of about `bytes`, at character boundaries.
fn chunks(text: &str, bytes: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (chunk, after) = rest.split_at(rest.floor_char_boundary(bytes.max(4)));
        rest = after;
        Some(chunk)
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
    fn chunks_end_at_character_boundaries() {
        let text = "aé漢😀".repeat(50);
        assert_eq!(chunks(&text, 5).collect::<String>(), text);
    }
}
