//! Finds the attributes of an element that has far too many, in the source, before the tokenizer spends the square of
//! their number on them.

/// Elements whose contents are text up to their end tag, whatever it looks like.
const RAW: &[&str] = &[
    "script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp",
];

/// Where a scan through a tag is.
#[derive(Clone, Copy)]
enum Place {
    TagName,
    BetweenAttributes,
    Name,
    AfterName,
    BeforeValue,
    Quoted(u8),
    Unquoted,
}

/// A start tag in the source: where its name and itself end, in bytes, and from where on its attributes are too many.
struct StartTag {
    name_end: usize,
    end: usize,
    excess: Option<usize>,
}

/// The source without the attributes beyond the first `max` of each start tag; none where no tag has more. Takes time
/// in proportion to the length of the source.
pub(super) fn without_excess(source: &str, max: usize) -> Option<String> {
    let mut kept = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(tag_start) = find(source, at, "<").map(|bracket| bracket + 1) {
        let rest = source.get(tag_start..).unwrap_or_default();
        if rest.starts_with("!--") {
            at = find(source, tag_start, "-->").unwrap_or(source.len());
            continue;
        }
        at = tag_start;
        if !rest.starts_with(|character: char| character.is_ascii_alphabetic()) {
            continue;
        }
        let tag = start_tag(source, tag_start, max);
        at = tag.end;
        if let Some(excess) = tag.excess {
            kept.push_str(source.get(copied..excess).unwrap_or_default());
            copied = tag.end;
        }
        let name = source.get(tag_start..tag.name_end).unwrap_or_default();
        if let Some(name) = RAW.iter().find(|raw| raw.eq_ignore_ascii_case(name)) {
            at = end_of_raw(source, at, name);
        }
    }
    if copied == 0 {
        return None;
    }
    kept.push_str(source.get(copied..).unwrap_or_default());
    Some(kept)
}

fn find(source: &str, from: usize, what: &str) -> Option<usize> {
    Some(source.get(from..)?.find(what)? + from)
}

/// Where the end tag of a raw element begins; the end of the source if it has none.
fn end_of_raw(source: &str, from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(found) = find(source, at, "</") {
        at = found + 2;
        let named = source.get(at..at + name.len());
        if named.is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return at;
        }
    }
    source.len()
}

/// Reads the start tag whose name begins at `start`, as the HTML standard's tokenizer would.
fn start_tag(source: &str, start: usize, max: usize) -> StartTag {
    let mut tag = StartTag {
        name_end: source.len(),
        end: source.len(),
        excess: None,
    };
    let mut place = Place::TagName;
    let mut attributes = 0;
    for (at, byte) in source.bytes().enumerate().skip(start) {
        let next = after(place, byte);
        if matches!(place, Place::TagName) && !matches!(next, Some(Place::TagName)) {
            tag.name_end = at;
        }
        let begins = matches!(next, Some(Place::Name)) && !matches!(place, Place::Name);
        attributes += usize::from(begins);
        if begins && attributes == max + 1 {
            tag.excess = Some(at);
        }
        let Some(next) = next else {
            tag.end = at;
            break;
        };
        place = next;
    }
    tag
}

/// The place behind a byte of a tag; none where the tag ends.
fn after(place: Place, byte: u8) -> Option<Place> {
    let blank = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c');
    let next = match (place, byte) {
        (Place::Quoted(mark), _) if byte == mark => Place::BetweenAttributes,
        (Place::Quoted(_), _) => place,
        (_, b'>') => return None,
        (Place::BeforeValue, b'"' | b'\'') => Place::Quoted(byte),
        (Place::BeforeValue, _) if blank => place,
        (Place::BeforeValue, _) => Place::Unquoted,
        (Place::Unquoted, _) if blank => Place::BetweenAttributes,
        (Place::Unquoted, _) => place,
        (Place::Name | Place::AfterName, b'=') => Place::BeforeValue,
        (_, b'/') => Place::BetweenAttributes,
        (Place::Name | Place::AfterName, _) if blank => Place::AfterName,
        (Place::TagName | Place::BetweenAttributes, _) if blank => Place::BetweenAttributes,
        (Place::TagName, _) => place,
        _ => Place::Name,
    };
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_beyond_the_limit_go_and_the_tag_stays() {
        let source = "<p a b=1 c='>' d=\"x\"e=f g>text<br><i h/i = 2>";
        assert_eq!(
            without_excess(source, 3).as_deref(),
            Some("<p a b=1 c='>' >text<br><i h/i = 2>")
        );
        assert_eq!(without_excess(source, 1).as_deref(), Some("<p a >text<br><i h/>"));
        assert_eq!(without_excess(source, 6), None);
    }

    #[test]
    fn comments_scripts_and_lone_brackets_are_no_tags() {
        for source in [
            "<!-- <p a b c> -->",
            "<script>if (i<b c d e)</SCRIPT>",
            "1 < 2 a b c >",
            "</p a b c>",
            "<!-- <p a b c>",
            "<title><p a b c>",
        ] {
            assert_eq!(without_excess(source, 2), None, "{source}");
        }
    }

    #[test]
    fn a_tag_without_end_keeps_its_first_attributes() {
        assert_eq!(without_excess("é<p é=1 é=2 é='3", 1).as_deref(), Some("é<p é=1 "));
    }
}
