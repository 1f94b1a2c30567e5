//! The body of an article or a post that a page states in JSON-LD, freed of mark-up.

use serde_json::{Map, Value};

use crate::limits::{Limits, Stop};
use crate::page::flat;

/// Keys of the body, best first.
const KEYS: &[&str] = &["articleBody", "text"];

/// Fewest bytes of a body that is kept; shorter ones are teasers.
const BYTES_MIN: usize = 500;

/// How often a body is freed of mark-up: pages escape it twice.
const UNWRAPPED_MAX: usize = 2;

/// What only stands in texts that hold mark-up or character references.
const MARK_UP: &[&str] = &[
    "</", "<br", "<p>", "<p ", "<li", "&amp;", "&lt;", "&nbsp;", "&quot;", "&#", "&rsquo;",
];

/// Tags that tell that line breaks in the source of a text mean nothing.
const LINE_TAGS: &[&str] = &["<p>", "<p ", "<br", "<div", "<li"];

/// The body that an object states: a line for each paragraph, as far as it tells them apart.
pub(super) fn body(object: &Map<String, Value>) -> Option<String> {
    let text = KEYS.iter().find_map(|key| object.get(*key)?.as_str())?;
    (text.len() >= BYTES_MIN).then(|| plain(text))
}

/// A text without mark-up and character references, however often it was escaped.
fn plain(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..UNWRAPPED_MAX {
        if !holds(&text, MARK_UP) {
            break;
        }
        if !holds(&text, LINE_TAGS) {
            text = text.replace('\n', "<br>");
        }
        // Never stopped: no script that is read is longer than its limit.
        text = flat::text(&text, &Limits::default(), &Stop::never()).unwrap_or_default();
    }
    text
}

fn holds(text: &str, parts: &[&str]) -> bool {
    text.contains(['<', '&']) && parts.iter().any(|part| text.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_up_goes_even_where_it_was_escaped_twice() {
        for (stated, expected) in [
            (
                "<p>It&rsquo;s a <b>bridge</b>.</p>\n<p>Or is it?</p>",
                "It’s a bridge.\n\nOr is it?",
            ),
            (
                "&lt;p&gt;One &amp;amp; two&lt;/p&gt;&lt;p&gt;three&lt;/p&gt;",
                "One & two\n\nthree",
            ),
            ("R&amp;D of the town\nand a bridge", "R&D of the town\nand a bridge"),
            ("a Vec<String> & more of that", "a Vec<String> & more of that"),
        ] {
            assert_eq!(plain(stated), expected);
        }
    }

    #[test]
    fn teasers_are_no_bodies() {
        let stated = |key: &str, text: &str| {
            let mut object = Map::new();
            object.insert(key.to_owned(), Value::String(text.to_owned()));
            body(&object)
        };
        let long = "word ".repeat(BYTES_MIN / 5);
        assert_eq!(stated("articleBody", &long), Some(long.clone()));
        assert_eq!(stated("text", &long), Some(long.clone()));
        assert_eq!(stated("description", &long), None);
        assert_eq!(stated("articleBody", "The council met."), None);
    }
}
