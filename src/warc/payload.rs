//! What a record holds: a page with its bytes as they were before they were sent, or why there is none.

use std::borrow::Cow;
use std::fmt;

use super::content::{Claims, no_page};
use super::http::{self, Response};
use super::record::Record;
use super::{chunked, coding};
use crate::limits::Limits;
use crate::page_file::ReadError;

/// Kinds of records that may hold a page. What a conversion holds is mostly the text of one.
const PAGE_KINDS: &[&str] = &["response", "resource", "conversion"];

/// Kinds of records that are told by their own name when they are passed over.
const OTHER_KINDS: &[&str] = &["warcinfo", "request", "metadata", "revisit", "continuation"];

/// A page, ready to be cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The charset that its header names.
    pub charset: Option<String>,
    /// The status of the response that it came with.
    pub status: Option<u16>,
    /// What was wrong with it on the way, and is mended.
    pub notes: Vec<&'static str>,
}

/// Why a record is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(pub Cow<'static, str>);

/// Why a page can't be had from a record.
#[derive(Debug)]
pub enum PayloadError {
    /// It is longer than a record may be.
    TooLarge {
        /// Its length, in bytes.
        bytes: u64,
    },
    /// It does not unpack within the limits.
    Unpack(ReadError),
}

impl PayloadError {
    /// A short fixed word for counts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too-large",
            Self::Unpack(error) => error.code(),
        }
    }
}

impl fmt::Display for PayloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { bytes } => {
                write!(
                    f,
                    "the record holds {bytes} bytes, more than a page may (limits.page-bytes-max)"
                )
            }
            Self::Unpack(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PayloadError {}

/// What a record was found to hold.
#[derive(Debug)]
pub enum Payload {
    /// A page.
    Page(Page),
    /// Something else, or a page that is not wanted.
    Other(Reason),
    /// A page that can't be had.
    Bad(PayloadError),
}

/// Takes a record apart and judges what it holds.
///
/// In this order: records of other kinds, responses of another status than 2xx (unless all are wanted), chunks, codings,
/// and what then is no page by its content.
pub fn judge(record: &Record, all_status: bool, limits: &Limits) -> Payload {
    if let Some(reason) = other_kind(record) {
        return Payload::Other(reason);
    }
    let response = response(record);
    if let Some(status) = response
        .status
        .filter(|status| !all_status && !(200..300).contains(status))
    {
        return Payload::Other(Reason(Cow::Owned(format!("status-{status}"))));
    }
    let content_type = match record.head.kind.as_str() {
        "response" => response.fields.text("Content-Type"),
        _ => response
            .fields
            .text("Content-Type")
            .or_else(|| record.head.content_type.clone()),
    };
    let claims = Claims {
        url: record.head.url.as_deref(),
        content_type: content_type.as_deref(),
    };
    if !record.is_whole() {
        // Its beginning is enough to tell a video from a page.
        let reason = no_page(response.body, &claims).filter(|_| !response.body.is_empty());
        let too_large = PayloadError::TooLarge {
            bytes: record.block_bytes,
        };
        return reason.map_or(Payload::Bad(too_large), |word| {
            Payload::Other(Reason(Cow::Borrowed(word)))
        });
    }
    let mut page = match decoded(&response, limits) {
        Ok(page) => page,
        Err(error) => return Payload::Bad(PayloadError::Unpack(error)),
    };
    if let Some(word) = no_page(&page.bytes, &claims) {
        return Payload::Other(Reason(Cow::Borrowed(word)));
    }
    page.charset = content_type.as_deref().and_then(http::charset);
    Payload::Page(page)
}

fn other_kind(record: &Record) -> Option<Reason> {
    let kind = record.head.kind.as_str();
    if record.head.continues {
        return Some(Reason(Cow::Borrowed("continuation")));
    }
    // A record that has lost its type may still hold a page.
    if kind.is_empty() || PAGE_KINDS.contains(&kind) {
        return None;
    }
    let known = OTHER_KINDS.iter().find(|known| **known == kind);
    Some(Reason(Cow::Borrowed(known.copied().unwrap_or("other-kind"))))
}

/// The response that a record holds; what holds none is all body.
fn response(record: &Record) -> Response<'_> {
    let named = record.head.content_type.as_deref().map(http::media_type);
    let as_response = match record.head.kind.as_str() {
        "conversion" => false,
        "resource" => named.is_none_or(|kind| kind == "application/http") && http::begins_with_status(&record.block),
        _ => true,
    };
    if as_response {
        http::parse(&record.block)
    } else {
        Response {
            status: None,
            fields: super::fields::Fields::default(),
            body: &record.block,
        }
    }
}

fn decoded(response: &Response<'_>, limits: &Limits) -> Result<Page, ReadError> {
    let values = |name: &str| -> Vec<String> {
        let values = response.fields.all(name);
        values
            .map(|value| String::from_utf8_lossy(value).to_ascii_lowercase())
            .collect()
    };
    let chunked = values("Transfer-Encoding")
        .iter()
        .any(|value| value.contains("chunked"));
    let joined = chunked::join(response.body, chunked);
    let mut codings = values("Content-Encoding");
    codings.extend(values("Transfer-Encoding"));
    let unpacked = coding::undo(&joined.body, &codings, limits)?;
    let notes = joined.note.into_iter().chain(unpacked.notes.iter().copied()).collect();
    Ok(Page {
        bytes: unpacked.body.into_owned(),
        charset: None,
        status: response.status,
        notes,
    })
}

#[cfg(test)]
mod tests {
    use super::super::record::Head;
    use super::*;

    fn record(kind: &str, block: &[u8]) -> Record {
        Record {
            place: super::super::Place::default(),
            head: Head {
                kind: kind.to_owned(),
                url: Some("https://a.example/x".to_owned()),
                ..Head::default()
            },
            block: block.to_vec(),
            block_bytes: block.len() as u64,
        }
    }

    fn judged(record: &Record, all_status: bool) -> String {
        match judge(record, all_status, &Limits::default()) {
            Payload::Page(page) => format!("page {}", String::from_utf8_lossy(&page.bytes)),
            Payload::Other(Reason(reason)) => reason.into_owned(),
            Payload::Bad(error) => error.code().to_owned(),
        }
    }

    #[test]
    fn responses_resources_and_conversions_hold_pages_without_any_header_that_says_so() {
        let response = b"HTTP/1.1 200 OK\r\n\r\n<p>x";
        assert_eq!(judged(&record("response", response), false), "page <p>x");
        assert_eq!(judged(&record("", response), false), "page <p>x");
        assert_eq!(judged(&record("resource", response), false), "page <p>x");
        assert_eq!(judged(&record("response", b"<p>x"), false), "page <p>x");
        assert_eq!(
            judged(&record("resource", b"Date: x\n\n<p>x"), false),
            "page Date: x\n\n<p>x"
        );
        assert_eq!(
            judged(&record("conversion", response), false),
            format!("page {}", String::from_utf8_lossy(response))
        );
    }

    #[test]
    fn other_records_and_statuses_are_passed_over_by_name() {
        for kind in OTHER_KINDS {
            assert_eq!(judged(&record(kind, b"x"), true), *kind);
        }
        assert_eq!(judged(&record("invented", b"x"), true), "other-kind");
        let missing = record("response", b"HTTP/1.1 404 Not Found\r\n\r\n<p>No such page");
        assert_eq!(judged(&missing, false), "status-404");
        assert_eq!(judged(&missing, true), "page <p>No such page");
        let moved = record("response", b"HTTP/1.1 301 Moved\r\nLocation: /y\r\n\r\n");
        assert_eq!(judged(&moved, true), "empty");
    }

    #[test]
    fn charset_status_and_repairs_are_told() {
        let block = b"HTTP/1.1 203 x\r\nContent-Type: text/html; charset=koi8-r\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\n<p>\r\n1\r\nx\r\n";
        let Payload::Page(page) = judge(&record("response", block), false, &Limits::default()) else {
            panic!("it is a page");
        };
        assert_eq!((page.charset.as_deref(), page.status), (Some("koi8-r"), Some(203)));
        assert_eq!(page.notes, [chunked::CUT, super::super::coding::NOT_CODED]);
        let mut resource = record("resource", b"Mir");
        resource.head.content_type = Some("text/plain; charset=windows-1251".to_owned());
        let Payload::Page(page) = judge(&resource, false, &Limits::default()) else {
            panic!("it is a page");
        };
        assert_eq!(page.charset.as_deref(), Some("windows-1251"));
    }

    #[test]
    fn a_record_that_was_too_long_is_a_page_too_many_only_if_it_begins_like_one() {
        let long = |block: &[u8]| Record {
            block_bytes: 1 << 40,
            ..record("response", block)
        };
        assert_eq!(judged(&long(b"HTTP/1.1 200 OK\r\n\r\n<p>x"), false), "too-large");
        assert_eq!(
            judged(&long(b"HTTP/1.1 200 OK\r\n\r\n\0\0\0\x18ftypmp42"), false),
            "not-text"
        );
        assert_eq!(judged(&long(b"HTTP/1.1 206 Part\r\n\r\nRIFF"), false), "not-text");
        assert_eq!(judged(&long(b"HTTP/1.1 500 x\r\n\r\n<p>"), false), "status-500");
    }
}
