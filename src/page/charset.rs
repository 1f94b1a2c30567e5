//! Which charset a page is in, and its text in it.
//!
//! Order of precedence, first answer wins:
//! 1. a byte order mark;
//! 2. the charset that the caller names (a sidecar file, a transport header);
//! 3. bytes that are valid UTF-8 are UTF-8, whatever the page declares: text of another charset is hardly ever valid by
//!    chance, and wrong declarations are common (ISO-2022-JP, all ASCII to look at, is the one exception);
//! 4. the page's own declaration: `<meta charset>`, `<meta http-equiv>`, an XML declaration;
//! 5. statistical detection on a bounded prefix.
//!
//! Encodings and labels are those of the WHATWG Encoding Standard, as in browsers.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::limits::{CHARSET_DECLARATION_BYTES, CHARSET_DETECTION_BYTES};

/// How the charset became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharsetSource {
    /// A byte order mark.
    ByteOrderMark,
    /// The caller said so.
    Given,
    /// The bytes are valid UTF-8.
    Valid,
    /// The page declares it.
    Declared,
    /// Detected from the bytes.
    Detected,
}

impl CharsetSource {
    /// A word for logs and explanations.
    pub fn name(self) -> &'static str {
        match self {
            Self::ByteOrderMark => "byte order mark",
            Self::Given => "given",
            Self::Valid => "valid UTF-8",
            Self::Declared => "declared",
            Self::Detected => "detected",
        }
    }
}

/// A page's bytes as text.
#[derive(Debug)]
pub struct Decoded<'a> {
    /// The text, without byte order mark.
    pub text: Cow<'a, str>,
    /// The encoding's standard name.
    pub charset: &'static str,
    /// How it became known.
    pub source: CharsetSource,
    /// Whether bytes had to be replaced because they mean nothing in this charset.
    pub malformed: bool,
}

/// Decodes a page. `given` is a charset label that the caller names, if any; an unknown label counts as none.
pub fn decode<'a>(bytes: &'a [u8], given: Option<&str>) -> Decoded<'a> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decode_as(
            bytes.get(mark..).unwrap_or_default(),
            encoding,
            CharsetSource::ByteOrderMark,
        );
    }
    if let Some(encoding) = given.and_then(|label| Encoding::for_label(label.as_bytes())) {
        return decode_as(bytes, encoding, CharsetSource::Given);
    }
    if let Some(encoding) = utf16_without_mark(bytes) {
        return decode_as(bytes, encoding, CharsetSource::Detected);
    }
    let declared = declared(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Some(encoding) = declared.filter(|encoding| !encoding.is_ascii_compatible()) {
            // ISO-2022-JP looks like ASCII and is not: its declaration is the only sign.
            return decode_as(bytes, encoding, CharsetSource::Declared);
        }
        return Decoded {
            text: Cow::Borrowed(text),
            charset: UTF_8.name(),
            source: CharsetSource::Valid,
            malformed: false,
        };
    }
    // A page that declares UTF-8 and has a few broken bytes (a cut, a pasted byte) is still UTF-8.
    match declared {
        Some(encoding) if encoding != UTF_8 || mostly_utf8(bytes) => {
            decode_as(bytes, encoding, CharsetSource::Declared)
        }
        _ => decode_as(bytes, detect(bytes), CharsetSource::Detected),
    }
}

fn decode_as<'a>(bytes: &'a [u8], encoding: &'static Encoding, source: CharsetSource) -> Decoded<'a> {
    let (text, malformed) = encoding.decode_without_bom_handling(bytes);
    Decoded {
        text,
        charset: encoding.name(),
        source,
        malformed,
    }
}

/// UTF-16 without a mark shows itself by a null in every other byte of mark-up and of Latin text.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..64)?;
    let nulls = |parity: usize| head.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    match (nulls(0), nulls(1)) {
        (0, 24..) => Some(encoding_rs::UTF_16LE),
        (24.., 0) => Some(encoding_rs::UTF_16BE),
        _ => None,
    }
}

/// The charset that a page declares in its first [`CHARSET_DECLARATION_BYTES`], by the words `charset=` of a `meta`
/// tag or `encoding=` of an XML declaration.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes
        .get(..CHARSET_DECLARATION_BYTES)
        .unwrap_or(bytes)
        .to_ascii_lowercase();
    let label = meta_label(&head).or_else(|| xml_label(&head))?;
    let encoding = Encoding::for_label(label)?;
    // The standard reads a declared UTF-16 as UTF-8: whoever could read the declaration was not reading UTF-16.
    Some(
        if encoding.is_ascii_compatible() || encoding == encoding_rs::ISO_2022_JP {
            encoding
        } else {
            UTF_8
        },
    )
}

fn meta_label(head: &[u8]) -> Option<&[u8]> {
    let mut rest = head;
    while let Some(start) = find(rest, b"<meta") {
        let tag_on = rest.get(start + 5..)?;
        let end = tag_on.iter().position(|byte| *byte == b'>').unwrap_or(tag_on.len());
        let (tag, after) = tag_on.split_at(end);
        if let Some(label) = label_after(tag, b"charset") {
            return Some(label);
        }
        rest = after;
    }
    None
}

fn xml_label(head: &[u8]) -> Option<&[u8]> {
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = find(declaration, b"?>")?;
    label_after(declaration.get(..end)?, b"encoding")
}

/// The label that follows `name`, an equals sign and perhaps a quotation mark.
fn label_after<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let after = text.get(find(text, name)? + name.len()..)?.trim_ascii_start();
    let value = after.strip_prefix(b"=")?.trim_ascii_start();
    let value = value
        .strip_prefix(b"\"")
        .or_else(|| value.strip_prefix(b"'"))
        .unwrap_or(value);
    let end = value
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && !b"-_:.".contains(byte));
    value
        .get(..end.unwrap_or(value.len()))
        .filter(|label| !label.is_empty())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Whether at most one in twenty of the bytes beyond ASCII stands outside valid UTF-8 sequences.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut valid, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        valid += chunk.valid().bytes().filter(|byte| *byte >= 0x80).count();
        broken += chunk.invalid().len();
    }
    broken * 20 <= valid
}

fn detect(bytes: &[u8]) -> &'static Encoding {
    let head = bytes.get(..CHARSET_DETECTION_BYTES).unwrap_or(bytes);
    if head.is_ascii() {
        return WINDOWS_1252;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(head, head.len() == bytes.len());
    detector.guess(None, chardetng::Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8]) -> (String, &'static str, CharsetSource) {
        let page = decode(bytes, None);
        (page.text.into_owned(), page.charset, page.source)
    }

    #[test]
    fn a_byte_order_mark_wins_and_is_not_part_of_the_text() {
        let bytes: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("Grüße".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(
            decoded(&bytes),
            ("Grüße".into(), "UTF-16LE", CharsetSource::ByteOrderMark)
        );
    }

    #[test]
    fn valid_utf8_is_utf8_whatever_the_page_declares() {
        let page = "<meta charset=iso-8859-1><p>Grüße";
        assert_eq!(decoded(page.as_bytes()), (page.into(), "UTF-8", CharsetSource::Valid));
    }

    #[test]
    fn declarations_of_both_forms_count() {
        let (text, _, _) =
            encoding_rs::WINDOWS_1251.encode("<meta http-equiv=x content='text/html; charset=windows-1251'>Мир");
        assert!(decoded(&text).0.ends_with("Мир"));
        let (text, _, _) = encoding_rs::SHIFT_JIS.encode("<?xml version='1.0' encoding='Shift_JIS'?>日本");
        assert!(decoded(&text).0.ends_with("日本"));
    }

    #[test]
    fn undeclared_legacy_text_is_detected() {
        let original = "L'été dernier, les élèves ont été reçus à l'hôtel de ville où la forêt était évoquée.";
        let (bytes, _, _) = WINDOWS_1252.encode(original);
        assert_eq!(
            decoded(&bytes),
            (original.into(), "windows-1252", CharsetSource::Detected)
        );
    }

    #[test]
    fn one_broken_byte_does_not_turn_a_declared_utf8_page_into_something_else() {
        let mut bytes = b"<meta charset=utf-8>".to_vec();
        bytes.extend("ä".repeat(50).as_bytes());
        bytes.push(0xe4);
        let page = decode(&bytes, None);
        assert_eq!((page.charset, page.malformed), ("UTF-8", true));
    }

    #[test]
    fn utf16_without_a_mark_is_seen_by_its_nulls() {
        let bytes: Vec<u8> = "<html><head><title>A page in two bytes"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(decoded(&bytes).1, "UTF-16BE");
    }

    #[test]
    fn a_given_charset_beats_the_declaration() {
        assert_eq!(decode(&[b'<', 0xe4], Some("latin1")).text, "<ä");
    }
}
