//! The one representation of a page's text: a sequence of blocks, whether mark-up or a text dump stood behind it.

/// What a block is. Rendering and the line rules look at this and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// A heading of level 1 to 6.
    Heading(u8),
    /// Running text; every line of a text dump.
    Paragraph,
    /// An item of a list.
    ListItem {
        /// How many lists it is nested in, less one.
        depth: u8,
        /// Its number in an ordered list.
        number: Option<u32>,
    },
    /// A row of a table; its cells are joined with ` | `.
    TableRow,
    /// Preformatted text; the only kind whose text holds line breaks.
    Code,
    /// A quoted paragraph.
    Quote,
}

/// A run of text that belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text, white space folded to single blanks, never empty; code keeps its line breaks and indentation.
    pub text: String,
    /// The line of the text dump that it stands on, from 1; 0 in HTML, where lines mean nothing.
    pub line: usize,
    /// Whether a blank line stands before it in the text dump; false in HTML.
    pub after_blank: bool,
}

impl Block {
    /// A paragraph that did not come from a numbered line.
    pub fn paragraph(text: impl Into<String>) -> Self {
        Self {
            kind: BlockKind::Paragraph,
            text: text.into(),
            line: 0,
            after_blank: false,
        }
    }
}
