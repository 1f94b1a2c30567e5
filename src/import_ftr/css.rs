//! Pieces of CSS selectors.

use std::fmt::Write as _;

/// Attributes whose values selectors compare without regard to case unless told otherwise (HTML standard,
/// "Case-sensitivity of selectors"). `XPath` always regards it.
const CASELESS_ATTRIBUTES: &[&str] = &[
    "accept",
    "accept-charset",
    "align",
    "alink",
    "axis",
    "bgcolor",
    "charset",
    "checked",
    "clear",
    "codetype",
    "color",
    "compact",
    "declare",
    "defer",
    "dir",
    "direction",
    "disabled",
    "enctype",
    "face",
    "frame",
    "hreflang",
    "http-equiv",
    "lang",
    "language",
    "link",
    "media",
    "method",
    "multiple",
    "nohref",
    "noresize",
    "noshade",
    "nowrap",
    "readonly",
    "rel",
    "rev",
    "rules",
    "scope",
    "scrolling",
    "selected",
    "shape",
    "target",
    "text",
    "type",
    "valign",
    "valuetype",
    "vlink",
];

/// An attribute's condition: `operator` is one of `=`, `*=`, `^=`, `$=`, `~=`.
pub(super) fn attribute(name: &str, operator: &str, value: &str) -> String {
    let flag = if CASELESS_ATTRIBUTES.contains(&name) { " s" } else { "" };
    match (name, operator) {
        ("class", "~=") if is_plain_name(value) => format!(".{value}"),
        ("id", "=") if is_plain_name(value) => format!("#{value}"),
        _ => format!("[{}{operator}{}{flag}]", identifier(name), string(value)),
    }
}

/// Whether a name needs no escape.
fn is_plain_name(name: &str) -> bool {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    starts && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// A name, escaped where it has to be (CSSOM, "serialize an identifier").
pub(super) fn identifier(name: &str) -> String {
    let mut text = String::new();
    for (at, c) in name.chars().enumerate() {
        let plain = c == '_' || c == '-' || c.is_ascii_alphabetic() || !c.is_ascii() || c.is_ascii_digit() && at > 0;
        if plain && name != "-" {
            text.push(c);
        } else if c.is_ascii_digit() || c.is_ascii_control() {
            write!(text, "\\{:x} ", u32::from(c)).expect("writing to a string never fails");
        } else {
            text.push('\\');
            text.push(c);
        }
    }
    text
}

/// A string in single quotes, which need no escape inside TOML's double ones; in double quotes where it has single ones.
pub(super) fn string(value: &str) -> String {
    let quote = if value.contains('\'') && !value.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut text = String::from(quote);
    for c in value.chars() {
        if c.is_ascii_control() {
            write!(text, "\\{:x} ", u32::from(c)).expect("writing to a string never fails");
            continue;
        }
        if c == quote || c == '\\' {
            text.push('\\');
        }
        text.push(c);
    }
    text.push(quote);
    text
}

/// Whether a selector is one compound without combinators or commas, as far as it can be told without parsing it: blanks
/// in strings count as combinators, which costs no more than a needless `:is()`.
fn is_compound(css: &str) -> bool {
    !css.contains([' ', '>', '~', '+', ','])
}

/// A selector as part of another one.
pub(super) fn grouped(css: &str) -> String {
    if is_compound(css) {
        css.to_owned()
    } else {
        format!(":is({css})")
    }
}

/// A selector with a condition on what it finds.
pub(super) fn with(css: &str, suffix: &str) -> String {
    match css {
        _ if suffix.is_empty() => css.to_owned(),
        "*" => suffix.to_owned(),
        _ => format!("{css}{suffix}"),
    }
}

/// Whether `:has()` may stand around it.
pub(super) fn fits_in_has(css: &str) -> bool {
    !css.contains(":has(")
}

#[cfg(test)]
mod tests {
    use scraper::Selector;

    use super::*;

    #[test]
    fn every_piece_parses_whatever_the_value() {
        for value in ["a", "2", "-", "--", "a b", "it's", "\"", "'\"\\", "\n", "ä", "a:b", ""] {
            for name in ["class", "id", "data-x", "1a", "rel", "a:b"] {
                let css = ["=", "*=", "~="]
                    .map(|operator| attribute(name, operator, value))
                    .join(", ");
                assert!(Selector::parse(&css).is_ok(), "{css}");
            }
        }
    }

    #[test]
    fn values_keep_their_case_where_html_would_not_mind() {
        assert_eq!(attribute("rel", "=", "Author"), "[rel='Author' s]");
        assert_eq!(attribute("class", "~=", "x"), ".x");
        assert_eq!(attribute("class", "=", "x"), "[class='x']");
    }
}
