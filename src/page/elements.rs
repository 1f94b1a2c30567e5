//! What elements do to the text around them, by name, and a table that is quick to ask.

use std::sync::LazyLock;

use html5ever::LocalName;
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

/// The names of elements, each with what is known of it. A walk over a whole tree asks for every element, so that a name
/// is held as a few numbers and found by one multiplication: no strings are compared.
#[derive(Debug)]
pub struct Names<T> {
    /// A power of two of places, most of them free: a name stands in the first free place from its own one on.
    places: Vec<Option<(Key, T)>>,
}

/// How many places there are for each name: of four, three are free.
const PLACES_PER_NAME: usize = 4;

impl<T: Copy> Names<T> {
    /// A table of names of at most 16 bytes; longer ones are left out.
    pub fn of(names: &[(&str, T)]) -> Self {
        let mut table = Self {
            places: vec![None; (names.len() * PLACES_PER_NAME).next_power_of_two()],
        };
        for (key, known) in names.iter().filter_map(|(name, known)| Some((Key::of(name)?, *known))) {
            let at = table.place(&key);
            if let Some(place) = table.places.get_mut(at) {
                *place = Some((key, known));
            }
        }
        table
    }

    /// What is known of an element.
    pub fn get(&self, name: &str) -> Option<T> {
        let at = self.place(&Key::of(name)?);
        self.places.get(at)?.as_ref().map(|(_, known)| *known)
    }

    /// Where a name stands, or would stand.
    fn place(&self, key: &Key) -> usize {
        let last = self.places.len() - 1;
        let mut at = key.spread() & last;
        while let Some(Some((other, _))) = self.places.get(at)
            && other != key
        {
            at = (at + 1) & last;
        }
        at
    }
}

/// A name as numbers: its length, its beginning and its end, which together are the whole of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    length: usize,
    start: u64,
    end: u64,
}

impl Key {
    /// None for a name that is too long.
    fn of(name: &str) -> Option<Self> {
        let bytes = name.as_bytes();
        let length = bytes.len();
        if length > NAME_BYTES_MAX {
            return None;
        }
        let (start, end) = if let (Some(start), Some(end)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            (u64::from_le_bytes(*start), u64::from_le_bytes(*end))
        } else if let (Some(start), Some(end)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
            (u32::from_le_bytes(*start).into(), u32::from_le_bytes(*end).into())
        } else {
            (bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)), 0)
        };
        Some(Self { length, start, end })
    }

    /// A number whose last bits differ for most names.
    fn spread(&self) -> usize {
        // By the golden ratio, as Knuth has it; the upper half of the product is the well mixed one.
        let mixed = (self.start ^ self.end.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        usize::try_from(mixed >> 40).unwrap_or_default()
    }
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

/// The same for a name of the HTML standard, made by `local_name!`: such names are compared as numbers, which is what
/// walks over whole trees need.
pub fn known_attribute<'a>(element: &'a Element, name: &LocalName) -> Option<&'a str> {
    element
        .attrs
        .iter()
        .find(|(other, _)| other.local == *name)
        .map(|(_, value)| &**value)
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
    fn names_of_any_length_are_told_apart() {
        let all: Vec<String> = (0..=NAME_BYTES_MAX).map(|length| "a".repeat(length)).collect();
        let numbered: Vec<(&str, usize)> = all.iter().map(String::as_str).zip(0..).collect();
        let names = Names::of(&numbered);
        for (name, number) in numbered {
            assert_eq!(names.get(name), Some(number), "{name}");
            assert_eq!(names.get(&format!("{name}b")), None, "{name}b");
        }
    }

    #[test]
    fn a_known_attribute_is_the_one_of_that_name() {
        let html = scraper::Html::parse_fragment("<p id=a class=b classes=c>");
        let element = html.root_element().child_elements().next().unwrap().value();
        assert_eq!(known_attribute(element, &html5ever::local_name!("class")), Some("b"));
        assert_eq!(known_attribute(element, &html5ever::local_name!("style")), None);
    }

    #[test]
    fn elements_are_listed_once_and_in_order() {
        assert!(BLOCK_LEVEL.is_sorted_by(|before, after| before.0 < after.0));
    }
}
