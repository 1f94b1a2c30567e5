//! Whether a page is HTML, a text dump, or no text at all; told by content, never by a file's name.

use memchr::memchr_iter;

use crate::limits::SNIFF_BYTES;

/// What a page is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// Mark-up.
    Html,
    /// Lines of text.
    Text,
}

impl PageKind {
    /// A word for logs and metadata.
    pub fn name(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Text => "text",
        }
    }
}

/// Openings that only mark-up has, in lower case.
const HTML_OPENINGS: &[&str] = &[
    "<!doctype html",
    "<html",
    "<head",
    "<body",
    "<?xml",
    "<!--",
    "<meta",
    "<title",
    "<link",
    "<script",
    "<frameset",
];

/// Tags that count as evidence when a page does not begin like a document. Prose about HTML mentions one or two of
/// them; a fragment of a page has them all over.
const EVIDENCE_TAGS: &[&str] = &[
    "p", "div", "a", "span", "br", "h1", "h2", "h3", "ul", "ol", "li", "table", "tr", "td", "img", "article",
    "section", "body", "html",
];

/// Fewest evidence tags in a kilobyte; text that merely mentions tags has fewer.
const TAGS_PER_KILOBYTE_MIN: usize = 2;

/// Fewest evidence tags of a page that does not begin like a document.
const TAGS_MIN: usize = 4;

/// Judges a decoded page.
pub fn page_kind(text: &str) -> PageKind {
    let head = head(text);
    let start = head.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if HTML_OPENINGS
        .iter()
        .any(|opening| starts_with_ignoring_case(start, opening))
    {
        return PageKind::Html;
    }
    let tags = evidence(head);
    // A first tag that does not end within what is looked at has an absurd number of attributes, and is a tag.
    let endless = text.len() > head.len() && tags == 0 && !start.contains('>');
    let begins_with_tag = start.starts_with('<') && (tags > 0 || endless);
    let dense = tags >= TAGS_MIN && tags * 1024 >= head.len() * TAGS_PER_KILOBYTE_MIN;
    if begins_with_tag || dense {
        PageKind::Html
    } else {
        PageKind::Text
    }
}

/// Whether bytes can't be text: a signature of a common binary format, or control characters where text has none.
/// Tells what it looks like.
pub fn binary(bytes: &[u8]) -> Option<&'static str> {
    const SIGNATURES: &[(&[u8], &str)] = &[
        (b"%PDF-", "a PDF document"),
        (b"\x89PNG\r\n", "a PNG picture"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"GIF8", "a GIF picture"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x28\xb5\x2f\xfd", "zstd-compressed data"),
        (b"BZh", "bzip2-compressed data"),
        (b"\xfd7zXZ\0", "xz-compressed data"),
        (b"\x7fELF", "a program"),
        (b"\x00\x00\x00\x18ftyp", "a video"),
        (b"wOF2", "a font"),
    ];
    SIGNATURES
        .iter()
        .find(|(signature, _)| bytes.starts_with(signature))
        .map(|(_, name)| *name)
}

/// Whether a decoded text is binary after all: more than one in thirty of its characters is a control character or a
/// replacement character.
pub fn garbled(text: &str) -> bool {
    let head = head(text);
    let mut bad = control_characters(head.as_bytes());
    if !head.is_ascii() {
        // In UTF-8 the other control characters are C2 80 to C2 9F.
        let after = |at: usize| head.as_bytes().get(at + 1);
        bad += memchr_iter(0xc2, head.as_bytes())
            .filter(|at| matches!(after(*at), Some(0x80..=0x9f)))
            .count();
        bad += head.matches('\u{fffd}').count();
    }
    bad > 0 && bad * 30 > head.chars().count()
}

/// Counts the bytes that are control characters of ASCII, but for those that part lines and words.
fn control_characters(bytes: &[u8]) -> usize {
    /// As many as a byte can count: sums of bytes are many at once.
    const PIECE: usize = u8::MAX as usize;
    let is_control = |byte: u8| (byte < b' ' && !matches!(byte, b'\n' | b'\r' | b'\t' | 0xc)) || byte == 0x7f;
    let in_piece = |piece: &[u8]| piece.iter().map(|byte| u8::from(is_control(*byte))).sum::<u8>();
    bytes.chunks(PIECE).map(|piece| usize::from(in_piece(piece))).sum()
}

fn head(text: &str) -> &str {
    text.split_at(text.floor_char_boundary(SNIFF_BYTES)).0
}

fn starts_with_ignoring_case(text: &str, opening: &str) -> bool {
    text.as_bytes()
        .get(..opening.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(opening.as_bytes()))
}

/// Counts evidence tags, opening and closing.
fn evidence(text: &str) -> usize {
    text.split('<').skip(1).filter(|rest| is_evidence_tag(rest)).count()
}

fn is_evidence_tag(after_bracket: &str) -> bool {
    let name = after_bracket.strip_prefix('/').unwrap_or(after_bracket);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    let (name, rest) = name.split_at(end);
    let ends_like_a_tag = rest.starts_with(['>', '/']) || rest.starts_with(char::is_whitespace) && rest.contains('>');
    ends_like_a_tag && EVIDENCE_TAGS.iter().any(|tag| tag.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_and_fragments_are_html() {
        for page in [
            "\n<!DOCTYPE html><p>x",
            "<?xml version='1.0'?><html>",
            "<div class=a>Text</div>",
            "Lead\n<p>One<br>two</p>\n<a href=x>y</a>",
        ] {
            assert_eq!(page_kind(page), PageKind::Html, "{page}");
        }
    }

    #[test]
    fn a_first_tag_without_end_is_still_a_tag() {
        let page = format!("<p{}>text</p>", " a=1".repeat(SNIFF_BYTES));
        assert_eq!(page_kind(&page), PageKind::Html);
    }

    #[test]
    fn prose_about_tags_is_text() {
        for page in [
            "Use the <p> tag for paragraphs and <b> for bold.",
            "if a < b and c > d then",
            "<3 this page",
            "Story Code : 1\nText",
        ] {
            assert_eq!(page_kind(page), PageKind::Text, "{page}");
        }
    }

    #[test]
    fn control_characters_make_a_text_garbled() {
        assert!(garbled("a\u{1}\u{2}\u{3}b"));
        assert!(garbled("über\u{85}\u{fffd}"));
        assert!(!garbled("plain\ttext\r\n"));
        assert!(!garbled("größe Â \u{a0}"));
    }

    #[test]
    fn binary_formats_are_named() {
        assert_eq!(binary(b"%PDF-1.7 ..."), Some("a PDF document"));
        assert_eq!(binary(b"Text"), None);
    }
}
