//! The walk through a page's tree that turns runs of inline text into blocks.

use ego_tree::NodeId;
use scraper::node::Element;

use crate::clean::extraction::Removal;
use crate::clean::segment::{HtmlBlock, Marks, is_block_level};
use crate::clean::tables::DataTables;
use crate::limits::Stop;
use crate::page::elements::attribute;
use crate::page::{Block, BlockKind, Dom};
use crate::text::{dense_chars, has_word};

/// The element that holds all text of a run.
#[derive(Debug, Clone, Copy)]
struct Holder {
    node: NodeId,
    /// How many elements are open in it, itself included.
    depth: usize,
    /// The fewest elements that have been open since the last character: of these the next one has in common with it.
    common: usize,
}

/// The one white space of ASCII that the quick way of parting words takes for a letter.
const VERTICAL_TAB: char = '\u{b}';

/// A run of inline text in the making.
#[derive(Debug, Default)]
struct Run {
    text: String,
    chars: usize,
    link_chars: usize,
    /// A blank is due before the next character.
    blank: bool,
    /// The lowest element around all its text so far.
    holder: Option<Holder>,
    removal: Option<Removal>,
}

impl Run {
    /// Adds the words of a text that has any, one blank between two; how many characters they have.
    fn add(&mut self, text: &str) -> usize {
        self.text.reserve(text.len() + 1);
        let chars = if text.is_ascii() && !text.contains(VERTICAL_TAB) {
            text.split_ascii_whitespace()
                .map(|word| self.add_word(word, word.len()))
                .sum()
        } else {
            text.split_whitespace()
                .map(|word| self.add_word(word, word.chars().count()))
                .sum()
        };
        self.chars += chars;
        chars
    }

    fn add_word(&mut self, word: &str, chars: usize) -> usize {
        if std::mem::replace(&mut self.blank, true) && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(word);
        chars
    }
}

/// A list that is open, with the number of its next item.
#[derive(Debug)]
struct OpenList {
    next: Option<u32>,
}

/// The state of the walk through the tree.
pub(super) struct Walk<'a> {
    marks: &'a Marks,
    tables: DataTables,
    blocks: Vec<HtmlBlock>,
    /// The runs in the making: a marked inline element interrupts the run around it.
    runs: Vec<Run>,
    /// The elements that opened a run of their own.
    run_owners: Vec<NodeId>,
    /// Open elements.
    path: Vec<NodeId>,
    /// Open block-level elements.
    block_nodes: Vec<NodeId>,
    lists: Vec<OpenList>,
    /// The item whose marker has not been used yet.
    item: Option<BlockKind>,
    heading: Option<u8>,
    quotes: usize,
    links: usize,
    code: usize,
    /// The row of a data table that is open.
    row: Option<NodeId>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(dom: &'a Dom, marks: &'a Marks, body: NodeId, stop: &Stop<'_>) -> Self {
        Self {
            marks,
            tables: DataTables::find(dom, stop),
            blocks: Vec::new(),
            runs: vec![Run {
                removal: marks.outside.clone(),
                ..Run::default()
            }],
            run_owners: Vec::new(),
            path: vec![body],
            block_nodes: vec![body],
            lists: Vec::new(),
            item: None,
            heading: None,
            quotes: 0,
            links: 0,
            code: 0,
            row: None,
        }
    }

    /// The name that an element is read by.
    fn name<'e>(&self, id: NodeId, element: &'e Element) -> &'e str
    where
        'a: 'e,
    {
        self.marks
            .rename
            .get(&id)
            .map_or_else(|| element.name(), String::as_str)
    }

    pub(super) fn open(&mut self, id: NodeId, element: &Element) {
        let name = self.name(id, element);
        let is_block_level = is_block_level(name);
        if is_block_level {
            self.boundary(id, name);
        }
        self.open_mark(id);
        if self.path.last() != Some(&id) {
            self.path.push(id);
        }
        if is_block_level {
            self.block_nodes.push(id);
        }
        match name {
            "a" => self.links += 1,
            "ul" | "menu" | "dir" => self.lists.push(OpenList { next: None }),
            "ol" => self.lists.push(OpenList {
                next: Some(number(element, "start").unwrap_or(1)),
            }),
            "li" => self.open_item(element),
            "blockquote" => self.quotes += 1,
            "pre" => self.code += 1,
            "tr" if self.tables.has_row(id) => self.row = Some(id),
            _ => self.heading = heading_level(name).or(self.heading),
        }
    }

    pub(super) fn close(&mut self, id: NodeId, element: &Element) {
        let name = self.name(id, element);
        if self.row == Some(id) {
            self.row = None;
        }
        if is_block_level(name) {
            self.boundary(id, name);
        }
        match name {
            "a" => self.links = self.links.saturating_sub(1),
            "ul" | "ol" | "menu" | "dir" => drop(self.lists.pop()),
            "li" => self.item = None,
            "blockquote" => self.quotes = self.quotes.saturating_sub(1),
            "pre" => self.code = self.code.saturating_sub(1),
            _ if heading_level(name).is_some() => self.heading = None,
            _ => {}
        }
        if self.block_nodes.len() > 1 && self.block_nodes.last() == Some(&id) {
            self.block_nodes.pop();
        }
        self.close_mark(id);
        self.leave(id);
    }

    /// Takes a closed element off the path: runs that began in it go on in its parent.
    fn leave(&mut self, id: NodeId) {
        if self.path.len() < 2 || self.path.last() != Some(&id) {
            return;
        }
        self.path.pop();
        let open = self.path.len();
        for holder in self.runs.iter_mut().filter_map(|run| run.holder.as_mut()) {
            holder.common = holder.common.min(open);
        }
    }

    /// Widens the run's holder to one that holds the place where text comes now as well.
    fn hold(&mut self) {
        let open = self.path.len();
        let Some(run) = self.runs.last_mut() else { return };
        let depth = run.holder.map_or(open, |holder| holder.depth.min(holder.common));
        let node = depth.checked_sub(1).and_then(|at| self.path.get(at));
        run.holder = node.map(|node| Holder {
            node: *node,
            depth,
            common: open,
        });
    }

    /// Ends the run at a block-level element. Inside the row of a data table only cells part the text, by a bar.
    fn boundary(&mut self, id: NodeId, name: &str) {
        if self.code > 0 && name == "br" {
            self.push_code("\n");
        } else if self.row.is_none() || self.row == Some(id) {
            self.flush();
        } else if let Some(run) = self.runs.last_mut() {
            run.blank = true;
            let opens_cell = self.tables.is_later_cell(id) && !self.block_nodes.contains(&id);
            // An empty cell leaves two blanks between its bars.
            let bar = if run.text.ends_with('|') { "  |" } else { " |" };
            run.text.push_str(if opens_cell { bar } else { "" });
        }
    }

    /// Begins a run of its own where what rules say changes.
    fn open_mark(&mut self, id: NodeId) {
        let Some(current) = self.runs.last() else { return };
        let stripped = current.removal.is_some() && current.removal != self.marks.outside;
        let removal = match self.marks.strip.get(&id) {
            Some(_) if stripped => return,
            Some(removal) => Some(removal.clone()),
            None if !stripped && current.removal.is_some() && self.marks.keep.contains(&id) => None,
            None => return,
        };
        self.runs.push(Run {
            removal,
            ..Run::default()
        });
        self.run_owners.push(id);
    }

    fn close_mark(&mut self, id: NodeId) {
        if self.run_owners.last() == Some(&id) {
            self.flush();
            self.run_owners.pop();
            self.runs.pop();
        }
    }

    /// A piece of text that rules may speak of by itself.
    pub(super) fn marked_text(&mut self, id: NodeId, text: &str) {
        self.open_mark(id);
        self.text(text);
        self.close_mark(id);
    }

    fn open_item(&mut self, element: &Element) {
        let depth = u8::try_from(self.lists.len().saturating_sub(1)).unwrap_or(u8::MAX);
        let list = self.lists.last_mut();
        let number = list.and_then(|list| {
            let value = number(element, "value").or(list.next)?;
            list.next = list.next.map(|_| value.saturating_add(1));
            list.next.map(|_| value)
        });
        self.item = Some(BlockKind::ListItem { depth, number });
    }

    fn text(&mut self, text: &str) {
        if self.code > 0 {
            self.push_code(text);
            return;
        }
        let inside = text.trim();
        if inside.is_empty() {
            // What stands between elements, and most pieces of text.
            if let Some(run) = self.runs.last_mut() {
                run.blank |= !text.is_empty();
            }
            return;
        }
        self.hold();
        let in_link = self.links > 0;
        let Some(run) = self.runs.last_mut() else { return };
        run.blank |= text.starts_with(char::is_whitespace);
        let chars = run.add(inside);
        run.link_chars += if in_link { chars } else { 0 };
        run.blank = text.ends_with(char::is_whitespace);
    }

    fn push_code(&mut self, text: &str) {
        let in_link = self.links > 0;
        let Some(run) = self.runs.last_mut() else { return };
        let chars = dense_chars(text);
        run.text.push_str(text);
        run.chars += chars;
        run.link_chars += if in_link { chars } else { 0 };
    }

    /// Turns the run into a block, if it has a word.
    fn flush(&mut self) {
        let kind = self.kind();
        let Some(run) = self.runs.last_mut() else { return };
        let done = std::mem::replace(
            run,
            Run {
                removal: run.removal.clone(),
                ..Run::default()
            },
        );
        if !has_word(&done.text) {
            return;
        }
        if matches!(kind, BlockKind::ListItem { .. }) && self.row.is_none() {
            self.item = None;
        }
        let text = if kind == BlockKind::Code {
            code_text(&done.text)
        } else {
            done.text
        };
        let Some(node) = self.block_nodes.last() else { return };
        let holder = done.holder.map_or(*node, |holder| holder.node);
        self.blocks.push(HtmlBlock {
            block: Block {
                kind,
                text,
                line: 0,
                after_blank: false,
            },
            node: *node,
            holder,
            chars: done.chars,
            link_chars: done.link_chars,
            removal: done.removal,
        });
    }

    fn kind(&self) -> BlockKind {
        if self.code > 0 {
            BlockKind::Code
        } else if self.block_nodes.last().is_some_and(|node| self.tables.has_row(*node)) {
            BlockKind::TableRow
        } else if let Some(level) = self.heading {
            BlockKind::Heading(level)
        } else if let Some(item) = self.item {
            item
        } else if self.quotes > 0 {
            BlockKind::Quote
        } else {
            BlockKind::Paragraph
        }
    }

    pub(super) fn finish(mut self) -> Vec<HtmlBlock> {
        self.flush();
        self.blocks
    }
}

fn number(element: &Element, name: &str) -> Option<u32> {
    attribute(element, name)?.trim().parse().ok()
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    }
}

/// Code without the blank lines around it and the white space at the ends of its lines.
fn code_text(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let first = lines.iter().position(|line| !line.is_empty()).unwrap_or(0);
    let last = lines.iter().rposition(|line| !line.is_empty()).map_or(0, |at| at + 1);
    lines.get(first..last).unwrap_or_default().join("\n")
}
