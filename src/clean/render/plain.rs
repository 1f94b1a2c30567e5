//! Plain text: the title, a blank line, the blocks with a blank line between them.

use super::{gap, item_marker};
use crate::clean::extraction::Extraction;
use crate::page::{Block, BlockKind};

/// Renders the text, with the title as its first line if asked for. Ends with a line break unless there is no text.
pub fn plain(extraction: &Extraction, with_title: bool) -> String {
    let mut text = String::new();
    if let Some(title) = extraction.metadata.title.as_ref().filter(|_| with_title) {
        text.push_str(title);
    }
    let mut before: Option<&Block> = None;
    for block in extraction.kept() {
        let between = before.map_or("\n\n", |before| gap(before, block));
        if !text.is_empty() {
            text.push_str(between);
        }
        push_block(&mut text, block);
        before = Some(block);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn push_block(text: &mut String, block: &Block) {
    if let BlockKind::ListItem { depth, number } = block.kind {
        text.push_str(&item_marker(depth, number));
    }
    text.push_str(&block.text);
}
