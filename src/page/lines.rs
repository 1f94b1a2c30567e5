//! A text dump as blocks: every line that is not blank is one.

use crate::page::block::{Block, BlockKind};
use crate::text::fold;

/// Splits a text dump into blocks, in order. Line breaks of every system count, and so does the form feed that some
/// dumpers put between pages.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut after_blank = false;
    for (index, line) in lines(text).enumerate() {
        let folded = fold(line);
        if folded.is_empty() {
            after_blank = true;
            continue;
        }
        blocks.push(Block {
            kind: BlockKind::Paragraph,
            text: folded.into_owned(),
            line: index + 1,
            after_blank,
        });
        after_blank = false;
    }
    blocks
}

/// The lines of a text, blank ones included; `\r\n` is one break.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| {
        line.strip_suffix('\r')
            .unwrap_or(line)
            .split(['\r', '\u{2028}', '\u{2029}', '\u{85}'])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_keep_their_numbers_and_the_blanks_before_them() {
        let blocks = blocks(" City\r\n\r\n Two  words \n\nlast");
        let seen: Vec<_> = blocks
            .iter()
            .map(|b| (b.text.as_str(), b.line, b.after_blank))
            .collect();
        assert_eq!(seen, [("City", 1, false), ("Two words", 3, true), ("last", 5, true)]);
    }
}
