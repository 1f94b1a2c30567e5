//! The tags that blocks stand in, by number.

/// The tags, those that hold running text first. The order is that of the numbers that the model was trained on.
const TAGS: &[&str] = &[
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

/// The number of a tag; the one after the last for tags that are not in the table.
pub fn number(tag: &str) -> u8 {
    let at = TAGS.iter().position(|known| *known == tag).unwrap_or(TAGS.len());
    u8::try_from(at).unwrap_or(u8::MAX)
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
