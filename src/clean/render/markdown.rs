//! Markdown (`CommonMark`, with pipe tables), with optional front matter in YAML.

use serde_json::Value;

use super::{gap, item_marker, metadata_json};
use crate::clean::extraction::Extraction;
use crate::page::{Block, BlockKind};

/// Characters that mean something anywhere in a line of Markdown.
const ESCAPED: &[char] = &['\\', '`', '*', '_', '[', ']', '<'];

/// Renders the text as Markdown. The title becomes the heading of level 1, or part of the front matter if that is
/// asked for.
pub fn markdown(extraction: &Extraction, with_title: bool, front_matter: bool) -> String {
    let mut text = if front_matter {
        front_matter_of(extraction)
    } else {
        String::new()
    };
    if let Some(title) = extraction
        .metadata
        .title
        .as_ref()
        .filter(|_| with_title && !front_matter)
    {
        text.push_str("# ");
        text.push_str(&escaped(title));
    }
    let mut before: Option<&Block> = None;
    for block in extraction.kept() {
        if !text.is_empty() {
            text.push_str(before.map_or("\n\n", |before| gap(before, block)));
        }
        push_block(&mut text, block, before);
        before = Some(block);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn push_block(text: &mut String, block: &Block, before: Option<&Block>) {
    match block.kind {
        BlockKind::Heading(level) => {
            text.push_str(&"#".repeat(usize::from(level.clamp(1, 6))));
            text.push(' ');
            text.push_str(&escaped(&block.text));
        }
        BlockKind::Paragraph => text.push_str(&escaped_line(&block.text)),
        BlockKind::ListItem { depth, number } => {
            text.push_str(&item_marker(depth, number));
            text.push_str(&escaped_line(&block.text));
        }
        BlockKind::TableRow => push_row(text, block, before),
        BlockKind::Code => push_code(text, &block.text),
        BlockKind::Quote => {
            text.push_str("> ");
            text.push_str(&escaped_line(&block.text));
        }
    }
}

/// The first row of a table is its head: Markdown has no table without one.
fn push_row(text: &mut String, block: &Block, before: Option<&Block>) {
    let cells: Vec<String> = block.text.split('|').map(|cell| escaped(cell.trim())).collect();
    text.push_str(&format!("| {} |", cells.join(" | ")));
    if before.is_none_or(|before| before.kind != BlockKind::TableRow) {
        text.push_str("\n|");
        text.push_str(&" --- |".repeat(cells.len()));
    }
}

/// A fence longer than any run of backticks inside.
fn push_code(text: &mut String, code: &str) {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    text.push_str(&format!("{fence}\n{code}\n{fence}"));
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if ESCAPED.contains(&character) {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// Escapes also what means something at the start of a line.
fn escaped_line(text: &str) -> String {
    let escaped = escaped(text);
    let digits = escaped.chars().take_while(char::is_ascii_digit).count();
    let after_digits = escaped.chars().nth(digits);
    if escaped.starts_with(['#', '>', '+', '-', '=', '~', '|']) {
        format!("\\{escaped}")
    } else if digits > 0 && matches!(after_digits, Some('.' | ')')) {
        let (number, rest) = escaped.split_at_checked(digits).unwrap_or((&escaped, ""));
        format!("{number}\\{rest}")
    } else {
        escaped
    }
}

/// The metadata as YAML. Strings are written as JSON strings, which YAML reads.
fn front_matter_of(extraction: &Extraction) -> String {
    let Value::Object(fields) = metadata_json(extraction) else {
        return String::new();
    };
    let lines: String = fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| format!("{key}: {value}\n"))
        .collect();
    format!("---\n{lines}---")
}
