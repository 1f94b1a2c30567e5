//! The tree of a page as a sequence of blocks.
//!
//! A block is a maximal run of inline text: block-level elements and line breaks end it. Nothing is taken out of the
//! tree; what rules have marked becomes blocks of its own that carry the removal, so that an explanation can show them
//! where they stood.

use std::sync::LazyLock;

use ego_tree::{NodeId, NodeRef};
use rustc_hash::{FxHashMap, FxHashSet};
use scraper::node::Element;
use scraper::{ElementRef, Node};

use crate::clean::extraction::Removal;
use crate::clean::walk::Walk;
use crate::limits::Stop;
use crate::page::elements::{Names, breaks};
use crate::page::{Block, Dom};

/// Elements whose content is no text of the page.
const SKIPPED: &[(&str, ())] = &[
    ("audio", ()),
    ("canvas", ()),
    ("datalist", ()),
    ("embed", ()),
    ("head", ()),
    ("iframe", ()),
    ("link", ()),
    ("map", ()),
    ("meta", ()),
    ("noframes", ()),
    ("object", ()),
    ("script", ()),
    ("select", ()),
    ("style", ()),
    ("svg", ()),
    ("template", ()),
    ("textarea", ()),
    ("title", ()),
    ("video", ()),
];

/// What rules said about elements.
#[derive(Debug, Default)]
pub struct Marks {
    /// Elements that go, with all that is in them.
    pub strip: FxHashMap<NodeId, Removal>,
    /// Elements that are read by another name.
    pub rename: FxHashMap<NodeId, String>,
    /// Elements that hold the main content; where there are any, all else goes.
    pub keep: FxHashSet<NodeId>,
    /// Why what is outside the main content goes.
    pub outside: Option<Removal>,
}

/// A block with its place in the tree.
#[derive(Debug, Clone)]
pub struct HtmlBlock {
    /// The block.
    pub block: Block,
    /// The nearest block-level element around its text.
    pub node: NodeId,
    /// The lowest element that holds all its text; an inline one, such as a link, where that is all there is.
    pub holder: NodeId,
    /// Characters that are not white space.
    pub chars: usize,
    /// Those of them that stand inside links.
    pub link_chars: usize,
    /// Why it goes, if rules said so.
    pub removal: Option<Removal>,
}

/// Splits a page into blocks, in document order.
pub fn segment(dom: &Dom, marks: &Marks) -> Vec<HtmlBlock> {
    segment_until(dom, marks, &Stop::never())
}

/// The same for as long as `stop` lets it.
pub(super) fn segment_until(dom: &Dom, marks: &Marks, stop: &Stop<'_>) -> Vec<HtmlBlock> {
    let Some(body) = body(dom) else { return Vec::new() };
    let mut walk = Walk::new(dom, marks, body.id(), stop);
    let mut node = *body;
    while stop.goes_on() {
        if enter(&mut walk, node)
            && let Some(child) = node.first_child()
        {
            node = child;
            continue;
        }
        let Some(next) = leave(&mut walk, node, *body) else {
            break;
        };
        node = next;
    }
    walk.finish()
}

/// Takes a node's text in, or opens an element; whether what is in it is to be walked over.
fn enter(walk: &mut Walk<'_>, node: NodeRef<'_, Node>) -> bool {
    match node.value() {
        Node::Text(text) => {
            walk.marked_text(node.id(), text);
            false
        }
        Node::Element(element) if is_skipped(element) => false,
        Node::Element(element) => {
            walk.open(node.id(), element);
            true
        }
        _ => true,
    }
}

/// Closes a node and those that end with it; the next one to enter, if there is any inside `root`.
fn leave<'a>(walk: &mut Walk<'_>, node: NodeRef<'a, Node>, root: NodeRef<'a, Node>) -> Option<NodeRef<'a, Node>> {
    let mut done = node;
    loop {
        if let Some(element) = done.value().as_element().filter(|element| !is_skipped(element)) {
            walk.close(done.id(), element);
        }
        if done == root {
            return None;
        }
        if let Some(next) = done.next_sibling() {
            return Some(next);
        }
        done = done.parent()?;
    }
}

/// The page's body; the root where a page has none (a frameset).
fn body(dom: &Dom) -> Option<ElementRef<'_>> {
    let root = dom.html().root_element();
    root.child_elements()
        .find(|child| child.value().name() == "body")
        .or(Some(root))
}

fn is_skipped(element: &Element) -> bool {
    static NAMES: LazyLock<Names<()>> = LazyLock::new(|| Names::of(SKIPPED));
    NAMES.get(element.name()).is_some()
}

/// Whether an element ends runs of inline text.
pub fn is_block_level(name: &str) -> bool {
    breaks(name).is_some()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::limits::Limits;
    use crate::page::BlockKind;
    use crate::rules::{Class, RuleInfo};

    fn blocks(html: &str) -> Vec<(BlockKind, String)> {
        let dom = Dom::parse(html, &Limits::default()).unwrap();
        segment(&dom, &Marks::default())
            .into_iter()
            .map(|b| (b.block.kind, b.block.text))
            .collect()
    }

    fn texts(html: &str) -> Vec<String> {
        blocks(html).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn a_long_page_is_asked_about_all_along_and_left_when_its_time_is_over() {
        let dom = Dom::parse(&"<p>a".repeat(10_000), &Limits::default()).unwrap();
        let asked = Cell::new(0);
        let questions_max = 20;
        let may_go_on = || {
            asked.set(asked.get() + 1);
            asked.get() < questions_max
        };
        let stop = Stop::unless(&may_go_on);
        assert!(segment_until(&dom, &Marks::default(), &stop).len() < 1_000);
        assert_eq!(asked.get(), questions_max);
        assert!(stop.check().is_err());
    }

    #[test]
    fn inline_elements_join_and_block_elements_and_breaks_part() {
        assert_eq!(texts("<div>a <b>b</b>c<p>d<br>e</div>f"), ["a bc", "d", "e", "f"]);
    }

    #[test]
    fn list_items_know_depth_and_number() {
        let item = |depth, number| BlockKind::ListItem { depth, number };
        let found = blocks("<ol start=3><li>a<ul><li><p>b</p><p>c</p></ul><li>d</ol>");
        let expected = [
            (item(0, Some(3)), "a"),
            (item(1, None), "b"),
            (BlockKind::Paragraph, "c"),
            (item(0, Some(4)), "d"),
        ]
        .map(|(kind, text)| (kind, text.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn code_keeps_its_lines() {
        assert_eq!(
            blocks("<pre>\n\nfn a() {\n    b  \n}\n\n</pre>"),
            [(BlockKind::Code, "fn a() {\n    b\n}".to_owned())]
        );
    }

    #[test]
    fn rows_of_data_tables_are_blocks() {
        let found = blocks("<table><tr><th>City<th>People<tr><td>Lund<td><p>94 393</p></table>");
        assert_eq!(
            found,
            [
                (BlockKind::TableRow, "City | People".to_owned()),
                (BlockKind::TableRow, "Lund | 94 393".to_owned())
            ]
        );
    }

    #[test]
    fn headings_and_quotes_are_known() {
        let found: Vec<BlockKind> = blocks("<h2>a</h2><blockquote><p>b</blockquote><p>c")
            .into_iter()
            .map(|(kind, _)| kind)
            .collect();
        assert_eq!(found, [BlockKind::Heading(2), BlockKind::Quote, BlockKind::Paragraph]);
    }

    #[test]
    fn a_marked_inline_element_leaves_the_run_around_it_whole() {
        let dom = Dom::parse("<p>one <sup>[1]</sup>two</p>", &Limits::default()).unwrap();
        let selector = scraper::Selector::parse("sup").unwrap();
        let rule = RuleInfo::built_in("html.strip", "sup", Class::Nav);
        let mut marks = Marks::default();
        marks
            .strip
            .insert(dom.html().select(&selector).next().unwrap().id(), Removal::by(&rule));
        let found: Vec<(String, bool)> = segment(&dom, &marks)
            .into_iter()
            .map(|b| (b.block.text, b.removal.is_some()))
            .collect();
        assert_eq!(found, [("[1]".to_owned(), true), ("one two".to_owned(), false)]);
    }

    #[test]
    fn the_holder_is_the_lowest_element_around_all_of_a_blocks_text() {
        let html = "<p><b><i>a</i></b></p><p><a>b</a> <a>c</a></p><div><span>d<p>e</p></span>f</div>";
        let dom = Dom::parse(html, &Limits::default()).unwrap();
        let name = |id| dom.element(id).unwrap().value().name().to_owned();
        let found: Vec<String> = segment(&dom, &Marks::default())
            .iter()
            .map(|b| name(b.holder))
            .collect();
        assert_eq!(found, ["i", "p", "span", "p", "div"]);
    }

    #[test]
    fn a_marked_piece_of_text_goes_without_the_element_around_it() {
        let dom = Dom::parse("<p>one<br>two <b>three</b> four</p>", &Limits::default()).unwrap();
        let selector = scraper::Selector::parse("p").unwrap();
        let paragraph = dom.html().select(&selector).next().unwrap();
        let last = paragraph.children().last().unwrap().id();
        let mut marks = Marks::default();
        let rule = RuleInfo::built_in("html.strip", "p", Class::Nav);
        marks.strip.insert(last, Removal::by(&rule));
        let kept = segment(&dom, &marks).into_iter().filter(|b| b.removal.is_none());
        assert_eq!(kept.map(|b| b.block.text).collect::<Vec<_>>(), ["one", "two three"]);
    }

    #[test]
    fn scripts_and_styles_are_no_text_but_noscript_is() {
        assert_eq!(
            texts("<p>a<script>b</script><style>c</style></p><noscript><p>d</p></noscript>"),
            ["a", "d"]
        );
    }
}
