//! What a body is, by looking at it: a page, or why not.

use serde::de::IgnoredAny;

use super::http::media_type;
use crate::page::sniff;

/// Beginnings of formats that are no text, beside those that no page may have.
const SIGNATURES: &[&[u8]] = &[
    b"RIFF",
    b"OggS",
    b"ID3",
    b"fLaC",
    b"wOFF",
    b"OTTO",
    b"\0\x01\0\0",
    b"\0\0\x01\0",
    b"\x1f\x8b",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\xd0\xcf\x11\xe0",
    b"\x1a\x45\xdf\xa3",
    b"MZ\x90",
    b"FWS",
    b"CWS",
    b"II*\0",
    b"MM\0*",
    b"8BPS",
    b"\xca\xfe\xba\xbe",
    b"\0asm",
    b"SQLite format 3",
];

/// Where the word `ftyp` stands in a video or a picture of the MPEG family.
const FTYP_AT: usize = 4;

/// Types that tell what a text is that does not show it: script and style look like each other.
const TYPES: &[(&str, &str)] = &[
    ("application/javascript", "script"),
    ("application/x-javascript", "script"),
    ("application/ecmascript", "script"),
    ("text/javascript", "script"),
    ("text/ecmascript", "script"),
    ("text/css", "style"),
];

/// Ends of addresses that tell the same where no type is named.
const ENDINGS: &[(&str, &str)] = &[(".js", "script"), (".mjs", "script"), (".css", "style")];

/// Outermost elements of XML that is no page but begins without an XML declaration.
const XML_ROOTS: &[&str] = &[
    "svg",
    "rss",
    "feed",
    "urlset",
    "sitemapindex",
    "rdf:rdf",
    "opml",
    "soap:envelope",
];

/// Most bytes of an XML prologue that are read to find the outermost element.
const PROLOGUE_BYTES_MAX: usize = 4 * 1024;

/// What the outside says of a body.
pub(super) struct Claims<'a> {
    /// Its address.
    pub(super) url: Option<&'a str>,
    /// Its `Content-Type`.
    pub(super) content_type: Option<&'a str>,
}

/// Why a body is no page, in one word; `None` for one that is.
pub(super) fn no_page(body: &[u8], claims: &Claims<'_>) -> Option<&'static str> {
    let start = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    if start.is_empty() {
        return Some("empty");
    }
    if is_binary(body) {
        return Some("not-text");
    }
    if is_dns(claims) {
        return Some("dns");
    }
    if start.starts_with(b"<") {
        return is_xml(start).then_some("xml");
    }
    if is_json(start) {
        return Some("json");
    }
    let path = claims.url.map(path_of).unwrap_or_default();
    if path == "/robots.txt" {
        return Some("robots");
    }
    let kind = claims.content_type.map(media_type);
    match kind.filter(|kind| !kind.is_empty()) {
        Some(kind) => TYPES.iter().find(|(name, _)| *name == kind).map(|(_, word)| *word),
        None => ENDINGS
            .iter()
            .find(|(ending, _)| path.ends_with(ending))
            .map(|(_, word)| *word),
    }
}

fn is_binary(body: &[u8]) -> bool {
    let video = body.get(FTYP_AT..).is_some_and(|rest| rest.starts_with(b"ftyp"));
    video || sniff::binary(body).is_some() || SIGNATURES.iter().any(|signature| body.starts_with(signature))
}

fn is_dns(claims: &Claims<'_>) -> bool {
    let by_address = claims.url.is_some_and(|url| url.starts_with("dns:"));
    by_address || claims.content_type.is_some_and(|kind| media_type(kind) == "text/dns")
}

fn is_json(start: &[u8]) -> bool {
    let brackets = (start.first(), start.trim_ascii_end().last());
    matches!(brackets, (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')))
        && serde_json::from_slice::<IgnoredAny>(start).is_ok()
}

/// Whether mark-up is XML of another kind than pages are.
fn is_xml(start: &[u8]) -> bool {
    let declared = start.starts_with(b"<?xml");
    match root(start) {
        Some(root) if declared => !(root == "html" || root.ends_with(":html")),
        Some(root) => XML_ROOTS.contains(&root.as_str()),
        None => false,
    }
}

/// The name of the first element, in lower case. A document type that names HTML settles it as well.
fn root(start: &[u8]) -> Option<String> {
    let mut rest = start.get(..PROLOGUE_BYTES_MAX).unwrap_or(start);
    loop {
        let at = memchr::memchr(b'<', rest)?;
        rest = rest.get(at + 1..)?;
        if let Some(comment) = rest.strip_prefix(b"!--") {
            rest = comment.get(memchr::memmem::find(comment, b"-->")?..)?;
        } else if rest
            .get(..12)
            .is_some_and(|kind| kind.eq_ignore_ascii_case(b"!doctype htm"))
        {
            return Some("html".to_owned());
        } else if !rest.starts_with(b"?") && !rest.starts_with(b"!") {
            let name = rest
                .split(|byte| byte.is_ascii_whitespace() || b">/".contains(byte))
                .next()?;
            return Some(String::from_utf8_lossy(name).to_ascii_lowercase());
        }
    }
}

/// The path of an address, without its query.
fn path_of(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = after_scheme
        .find('/')
        .and_then(|at| after_scheme.get(at..))
        .unwrap_or("/");
    path.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(body: &[u8], url: &str, content_type: &str) -> Option<&'static str> {
        let claims = Claims {
            url: Some(url),
            content_type: Some(content_type).filter(|kind| !kind.is_empty()),
        };
        no_page(body, &claims)
    }

    #[test]
    fn pages_are_pages_whatever_their_header_says() {
        for (body, kind) in [
            ("<!doctype html><p>x", "image/png"),
            ("<p>x", ""),
            ("<?xml version='1.0'?><!-- a --><html><p>x", "application/xhtml+xml"),
            ("<?xml version='1.0'?><!DOCTYPE html PUBLIC 'x'><p>", ""),
            ("A text dump.\nIt has lines.", "text/plain"),
            ("{ this is not JSON }", "application/json"),
            ("[1] A footnote, and [2]", ""),
        ] {
            assert_eq!(judged(body.as_bytes(), "https://a.example/x", kind), None, "{body}");
        }
    }

    #[test]
    fn what_is_no_page_is_named() {
        for (body, url, kind, word) in [
            ("\u{feff} \n", "https://a.example/", "text/html", "empty"),
            ("%PDF-1.4", "https://a.example/", "text/html", "not-text"),
            ("RIFF1234WEBP", "https://a.example/", "", "not-text"),
            ("\0\0\0\u{18}ftypavif", "https://a.example/", "", "not-text"),
            ("{\"a\": [1]}\n", "https://a.example/", "text/html", "json"),
            (
                "<?xml version='1.0'?><rss version='2.0'>",
                "https://a.example/",
                "",
                "xml",
            ),
            ("<svg xmlns='x'>", "https://a.example/", "", "xml"),
            ("User-agent: *", "https://a.example/robots.txt", "text/plain", "robots"),
            ("a.example. 1 IN A 1.2.3.4", "dns:a.example", "text/dns", "dns"),
            (
                "var a = 1;",
                "https://a.example/x",
                "text/javascript; charset=x",
                "script",
            ),
            ("a { b: c }", "https://a.example/x.css?v=1", "", "style"),
        ] {
            assert_eq!(judged(body.as_bytes(), url, kind), Some(word), "{body}");
        }
    }
}
