//! The values of metadata fields: folded, freed of entities, and absent when they are empty or junk.

use ego_tree::iter::Edge;
use scraper::{ElementRef, Node, node::Element};

use crate::limits::METADATA_CHARS_MAX;
use crate::text::fold;

/// What templates leave behind where a value was meant.
const PLACEHOLDERS: &[&str] = &[
    "null",
    "undefined",
    "none",
    "n/a",
    "nan",
    "false",
    "true",
    "[object object]",
    "-",
];

/// Marks of a template that was never filled.
const TEMPLATE_MARKS: &[&str] = &["{{", "}}", "<%", "${", "%%"];

/// Elements whose text is not shown.
const SILENT: &[&str] = &["script", "style", "template", "svg", "button", "select", "textarea"];

/// Elements that do not break the line.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "mark", "q", "s", "small", "strong", "sub", "sup", "u",
    "wbr",
];

/// Named character references that survive in values, because they were escaped twice or stand in JSON.
const ENTITIES: &[(&str, char)] = &[
    ("amp", '&'),
    ("quot", '"'),
    ("apos", '\''),
    ("lt", '<'),
    ("gt", '>'),
    ("nbsp", ' '),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("hellip", '…'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("uuml", 'ü'),
    ("ouml", 'ö'),
    ("auml", 'ä'),
    ("reg", '®'),
    ("trade", '™'),
];

/// Longest reference that is looked for, in bytes between `&` and `;`.
const ENTITY_BYTES_MAX: usize = 8;

/// A field's value: white space folded; `None` if nothing, a placeholder or more than [`METADATA_CHARS_MAX`] is left.
pub(super) fn value(text: &str) -> Option<String> {
    if text.len() > METADATA_CHARS_MAX * 8 {
        return None;
    }
    let decoded = if text.contains('&') {
        decode(text)
    } else {
        text.to_owned()
    };
    let folded = fold(&decoded);
    let is_junk = folded.is_empty()
        || folded.chars().count() > METADATA_CHARS_MAX
        || PLACEHOLDERS
            .iter()
            .any(|placeholder| folded.eq_ignore_ascii_case(placeholder))
        || TEMPLATE_MARKS.iter().any(|mark| folded.contains(mark));
    (!is_junk).then(|| folded.into_owned())
}

/// Decodes character references that are left in a text.
fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let reference = after.split_once(';').filter(|(name, _)| name.len() <= ENTITY_BYTES_MAX);
        let known = reference.and_then(|(name, tail)| Some((character(name)?, tail)));
        let (c, tail) = known.unwrap_or(('&', after));
        decoded.push(c);
        rest = tail;
    }
    decoded.push_str(rest);
    decoded
}

fn character(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return ENTITIES.iter().find(|(entity, _)| *entity == name).map(|(_, c)| *c);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => number.parse(),
    };
    code.ok().and_then(char::from_u32)
}

/// The shown text of an element as a field's value.
pub(super) fn text_of(element: ElementRef<'_>) -> Option<String> {
    value(&shown_text(element))
}

/// The shown text of an element, a blank at every border of something that is not inline; no more than a field may
/// hold, since longer ones count as absent.
fn shown_text(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    let mut silent = 0_usize;
    for edge in element.traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(piece) if silent == 0 => text.push_str(piece),
                Node::Element(inner) if SILENT.contains(&inner.name()) => silent += 1,
                Node::Element(inner) if !INLINE.contains(&inner.name()) && inner.name() != "span" => text.push(' '),
                _ => {}
            },
            Edge::Close(node) => match node.value() {
                Node::Element(inner) if SILENT.contains(&inner.name()) => silent = silent.saturating_sub(1),
                Node::Element(inner) if !INLINE.contains(&inner.name()) && inner.name() != "span" => text.push(' '),
                _ => {}
            },
        }
        if text.len() > METADATA_CHARS_MAX * 8 {
            break;
        }
    }
    text
}

/// All text of an element but that of scripts and styles, a blank between its pieces; of use where a label and a name
/// stand in elements that only a style parts.
pub(super) fn spaced_text(element: ElementRef<'_>) -> Option<String> {
    let mut text = String::new();
    for piece in shown_texts(element, &["script", "style"]) {
        text.push_str(piece);
        text.push(' ');
        if text.len() > METADATA_CHARS_MAX {
            break;
        }
    }
    value(&text)
}

/// The pieces of text that an element shows as part of its name or note, trimmed.
pub(super) fn shown_pieces(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    shown_texts(element, SILENT)
}

/// The pieces of text that do not stand right inside silent elements, trimmed.
fn shown_texts<'a>(element: ElementRef<'a>, silent: &'static [&'static str]) -> impl Iterator<Item = &'a str> {
    let shown = element.descendants().filter(move |node| {
        let parent = node
            .parent()
            .and_then(|parent| parent.value().as_element().map(Element::name));
        !parent.is_some_and(|name| silent.contains(&name))
    });
    shown
        .filter_map(|node| node.value().as_text())
        .map(|text| text.trim())
        .filter(|text| !text.is_empty())
}

/// Appends a value unless it is there already, letter case aside, or `max` are.
pub(super) fn push_new(values: &mut Vec<String>, value: String, max: usize) {
    let known = values.iter().any(|other| other.to_lowercase() == value.to_lowercase());
    if !known && values.len() < max {
        values.push(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_folded_and_decoded() {
        assert_eq!(
            value("  It&#8217;s \n &quot;new&quot; &amp; R&D ").as_deref(),
            Some("It’s \"new\" & R&D")
        );
        assert_eq!(value("&#x41;&bogus; &").as_deref(), Some("A&bogus; &"));
    }

    #[test]
    fn junk_counts_as_absent() {
        for junk in [
            "",
            " \u{a0} ",
            "null",
            "Undefined",
            "{{ page.title }}",
            &"x".repeat(METADATA_CHARS_MAX + 1),
        ] {
            assert_eq!(value(junk), None, "{junk}");
        }
        assert!(value(&"é".repeat(METADATA_CHARS_MAX)).is_some());
    }

    #[test]
    fn text_is_parted_where_lines_break_and_scripts_are_silent() {
        let html = scraper::Html::parse_fragment("<h1>One<br>two<b>th</b>ree<script>x</script><div>four</div></h1>");
        let selector = scraper::Selector::parse("h1").unwrap();
        let heading = html.select(&selector).next().unwrap();
        assert_eq!(text_of(heading).as_deref(), Some("One twothree four"));
    }
}
