//! An extraction as text, Markdown or JSON.

mod json;
mod markdown;
mod plain;

pub use json::{metadata_json, page_json, removals_json, side_json};
pub use markdown::markdown;
pub use plain::plain;

use crate::page::{Block, BlockKind};

/// A form of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Plain text.
    Txt,
    /// Markdown.
    Md,
    /// JSON: metadata and text.
    Json,
    /// JSON: what was removed of the classes that are wanted beside the text.
    Side,
}

/// Every form of text with its word, which is also its file ending.
pub const FORMATS: &[(&str, Format)] = &[("txt", Format::Txt), ("md", Format::Md), ("json", Format::Json)];

impl Format {
    /// The form's word and file ending.
    pub fn name(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::Md => "md",
            Self::Json => "json",
            Self::Side => "side.json",
        }
    }
}

/// What stands between two blocks: rows of a table and items of a list follow each other without a blank line.
fn gap(before: &Block, after: &Block) -> &'static str {
    let tight = matches!(
        (before.kind, after.kind),
        (BlockKind::ListItem { .. }, BlockKind::ListItem { .. }) | (BlockKind::TableRow, BlockKind::TableRow)
    );
    if tight { "\n" } else { "\n\n" }
}

/// A list item's marker with its indentation.
fn item_marker(depth: u8, number: Option<u32>) -> String {
    let indent = "  ".repeat(usize::from(depth));
    number.map_or_else(|| format!("{indent}- "), |number| format!("{indent}{number}. "))
}
