//! What elements do to the text around them, by name, and a table that is quick to ask.

use std::sync::LazyLock;

use scraper::node::Element;

/// Longest name that a table holds, in bytes.
const NAME_BYTES_MAX: usize = 16;

/// What an element that ends a run of inline text begins and ends where nothing but the text counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Breaks {
    /// A line.
    Line,
    /// A paragraph.
    Paragraph,
}

/// Elements that end a run of inline text: the block-level elements of the HTML standard's rendering section, and what
/// behaves like them.
const BLOCK_LEVEL: &[(&str, Breaks)] = &[
    ("address", Breaks::Paragraph),
    ("article", Breaks::Paragraph),
    ("aside", Breaks::Paragraph),
    ("blockquote", Breaks::Paragraph),
    ("body", Breaks::Paragraph),
    ("br", Breaks::Line),
    ("caption", Breaks::Line),
    ("center", Breaks::Paragraph),
    ("dd", Breaks::Line),
    ("details", Breaks::Paragraph),
    ("dialog", Breaks::Paragraph),
    ("dir", Breaks::Paragraph),
    ("div", Breaks::Paragraph),
    ("dl", Breaks::Paragraph),
    ("dt", Breaks::Line),
    ("fieldset", Breaks::Paragraph),
    ("figcaption", Breaks::Line),
    ("figure", Breaks::Paragraph),
    ("footer", Breaks::Paragraph),
    ("form", Breaks::Paragraph),
    ("h1", Breaks::Paragraph),
    ("h2", Breaks::Paragraph),
    ("h3", Breaks::Paragraph),
    ("h4", Breaks::Paragraph),
    ("h5", Breaks::Paragraph),
    ("h6", Breaks::Paragraph),
    ("header", Breaks::Paragraph),
    ("hgroup", Breaks::Paragraph),
    ("hr", Breaks::Paragraph),
    ("html", Breaks::Paragraph),
    ("legend", Breaks::Line),
    ("li", Breaks::Line),
    ("main", Breaks::Paragraph),
    ("menu", Breaks::Paragraph),
    ("nav", Breaks::Paragraph),
    ("noscript", Breaks::Paragraph),
    ("ol", Breaks::Paragraph),
    ("option", Breaks::Line),
    ("p", Breaks::Paragraph),
    ("pre", Breaks::Paragraph),
    ("search", Breaks::Paragraph),
    ("section", Breaks::Paragraph),
    ("summary", Breaks::Line),
    ("table", Breaks::Paragraph),
    ("tbody", Breaks::Line),
    ("td", Breaks::Line),
    ("tfoot", Breaks::Line),
    ("th", Breaks::Line),
    ("thead", Breaks::Line),
    ("tr", Breaks::Line),
    ("ul", Breaks::Paragraph),
];

/// The names of elements, each with what is known of it. A name is held as a number, so that a walk over a whole tree,
/// which asks for every element, compares no strings.
#[derive(Debug)]
pub struct Names<T>(Vec<(u128, T)>);

impl<T: Copy> Names<T> {
    /// A table of names of at most 16 bytes; longer ones are left out.
    pub fn of(names: &[(&str, T)]) -> Self {
        let mut keyed: Vec<(u128, T)> = names
            .iter()
            .filter_map(|(name, known)| Some((key(name)?, *known)))
            .collect();
        keyed.sort_unstable_by_key(|(key, _)| *key);
        Self(keyed)
    }

    /// What is known of an element.
    pub fn get(&self, name: &str) -> Option<T> {
        let key = key(name)?;
        let at = self.0.binary_search_by_key(&key, |(key, _)| *key).ok()?;
        self.0.get(at).map(|(_, known)| *known)
    }
}

/// A name as a number; none for one that is too long. No name holds a null byte.
fn key(name: &str) -> Option<u128> {
    let mut bytes = [0; NAME_BYTES_MAX];
    bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
    Some(u128::from_le_bytes(bytes))
}

/// How an element ends runs of inline text, if it does.
pub fn breaks(name: &str) -> Option<Breaks> {
    static NAMES: LazyLock<Names<Breaks>> = LazyLock::new(|| Names::of(BLOCK_LEVEL));
    NAMES.get(name)
}

/// An attribute's value, found by comparing names: the tree's own look-up makes an atom of the name each time, which
/// costs more than the few attributes that an element has.
pub fn attribute<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element
        .attrs()
        .find(|(other, _)| *other == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_of_the_table_is_found_and_no_other() {
        for (name, expected) in BLOCK_LEVEL {
            assert_eq!(breaks(name), Some(*expected), "{name}");
        }
        for name in ["", "span", "d", "divs", "a-name-of-sixteen", "DIV"] {
            assert_eq!(breaks(name), None, "{name}");
        }
    }

    #[test]
    fn elements_are_listed_once_and_in_order() {
        assert!(BLOCK_LEVEL.is_sorted_by(|before, after| before.0 < after.0));
    }
}
