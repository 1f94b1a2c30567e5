//! The tags that blocks stand in, by number.

use std::sync::LazyLock;

use crate::page::elements::Names;

/// The tags, those that hold running text first. The order is that of the numbers that the model was trained on.
const TAGS: [&str; 43] = [
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "pre",
    "code",
    "blockquote",
    "dd",
    "dt",
    "li",
    "td",
    "th",
    "figcaption",
    "caption",
    "div",
    "section",
    "article",
    "main",
    "span",
    "b",
    "strong",
    "em",
    "i",
    "a",
    "summary",
    "details",
    "label",
    "button",
    "legend",
    "option",
    "small",
    "time",
    "address",
    "aside",
    "header",
    "footer",
    "nav",
    "form",
    "noscript",
    "body",
];

/// The number of `p`.
pub const PARAGRAPH: u8 = 0;

/// The number of tags that are not in the table.
#[expect(clippy::cast_possible_truncation, reason = "there are fewer than 256 tags")]
const UNKNOWN: u8 = TAGS.len() as u8;

/// The number of a tag; the one after the last for tags that are not in the table.
pub fn number(tag: &str) -> u8 {
    static NUMBERS: LazyLock<Names<u8>> = LazyLock::new(|| {
        let numbered: Vec<(&str, u8)> = TAGS.into_iter().zip(0..).collect();
        Names::of(&numbered)
    });
    NUMBERS.get(tag).unwrap_or(UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_numbered() {
        assert_eq!(number("p"), PARAGRAPH);
        assert_eq!(usize::from(number("marquee")), TAGS.len());
    }
}
