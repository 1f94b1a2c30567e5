//! Bytes to page: charset, kind, tree of elements or lines, and what the page says about itself.
//!
//! Nothing here knows rules or decides what is boilerplate.

pub mod block;
pub mod charset;
pub mod date;
pub mod dom;
pub mod elements;
mod feed;
pub mod flat;
pub mod json_ld_path;
pub mod lines;
pub mod metadata;
pub mod sniff;
pub mod tokeniser;

use std::borrow::Cow;
use std::fmt;

pub use block::{Block, BlockKind};
pub use charset::CharsetSource;
pub use dom::{Dom, DomError};
pub use metadata::Metadata;
pub use sniff::PageKind;

use crate::limits::TimedOut;

/// What the outside knows of a page besides its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageHints {
    /// The name of its file, without folders.
    pub file_name: Option<String>,
    /// The sub-folders of the inbox that it lay in, outermost first.
    pub folders: Vec<String>,
    /// Its address, from a sidecar file or the command line.
    pub url: Option<String>,
    /// Its site, from a sidecar file or the command line.
    pub site: Option<String>,
    /// Its charset's label, from a sidecar file.
    pub charset: Option<String>,
}

/// A page as it came: bytes and hints.
#[derive(Debug, Clone)]
pub struct RawPage<'a> {
    /// The bytes, decompressed.
    pub bytes: &'a [u8],
    /// What else is known.
    pub hints: PageHints,
}

/// A decoded page whose kind is known.
#[derive(Debug)]
pub struct Page<'a> {
    /// Its text, or mark-up.
    pub text: Cow<'a, str>,
    /// Mark-up or lines.
    pub kind: PageKind,
    /// The standard name of its charset.
    pub charset: &'static str,
    /// How the charset became known.
    pub charset_source: CharsetSource,
    /// Whether bytes had to be replaced in decoding.
    pub malformed: bool,
}

/// Why bytes are no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageError {
    /// Nothing but white space.
    Empty,
    /// A binary format, named.
    Binary {
        /// What the bytes look like.
        looks_like: &'static str,
    },
    /// Text in no charset.
    Garbled {
        /// The charset it was decoded from.
        charset: &'static str,
    },
    /// The text has more lines than `lines_max`.
    TooManyLines {
        /// The limit that was broken.
        lines_max: usize,
    },
    /// The page breaks a limit of its tree.
    Dom(DomError),
    /// It took too long.
    TimedOut,
}

impl PageError {
    /// A short fixed word for reason files and counts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Binary { .. } => "not-text",
            Self::Garbled { .. } => "undecodable",
            Self::TooManyLines { .. } => "too-many-lines",
            Self::Dom(DomError::TooDeep { .. }) => "too-deep",
            Self::Dom(DomError::TooManyNodes { .. }) => "too-many-nodes",
            Self::Dom(DomError::TooManyAttributes { .. }) => "too-many-attributes",
            Self::Dom(DomError::TooManyBlocks { .. }) => "too-many-blocks",
            Self::Dom(DomError::TimedOut) | Self::TimedOut => "timed-out",
        }
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the page is empty"),
            Self::Binary { looks_like } => write!(f, "the file is not text but looks like {looks_like}"),
            Self::Garbled { charset } => write!(
                f,
                "the file is not text: decoded as {charset} it is mostly control characters"
            ),
            Self::TooManyLines { lines_max } => {
                write!(f, "the text has more than {lines_max} lines (limits.lines-max)")
            }
            Self::Dom(error) => error.fmt(f),
            Self::TimedOut => f.write_str(dom::TIMED_OUT),
        }
    }
}

impl std::error::Error for PageError {}

impl From<DomError> for PageError {
    fn from(error: DomError) -> Self {
        match error {
            DomError::TimedOut => Self::TimedOut,
            error => Self::Dom(error),
        }
    }
}

impl From<TimedOut> for PageError {
    fn from(_: TimedOut) -> Self {
        Self::TimedOut
    }
}

impl<'a> Page<'a> {
    /// Decodes a raw page and judges its kind.
    pub fn decode(raw: &RawPage<'a>) -> Result<Self, PageError> {
        if raw.bytes.trim_ascii().is_empty() {
            return Err(PageError::Empty);
        }
        if let Some(looks_like) = sniff::binary(raw.bytes) {
            return Err(PageError::Binary { looks_like });
        }
        let decoded = charset::decode(raw.bytes, raw.hints.charset.as_deref());
        if sniff::garbled(&decoded.text) {
            return Err(PageError::Garbled {
                charset: decoded.charset,
            });
        }
        let kind = sniff::page_kind(&decoded.text);
        let charset::Decoded {
            text,
            charset,
            source: charset_source,
            malformed,
        } = decoded;
        Ok(Self {
            text,
            kind,
            charset,
            charset_source,
            malformed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> Result<Page<'_>, PageError> {
        Page::decode(&RawPage {
            bytes,
            hints: PageHints::default(),
        })
    }

    #[test]
    fn bytes_that_are_no_page_say_why() {
        assert_eq!(decode(b" \n\t").unwrap_err(), PageError::Empty);
        assert_eq!(decode(b"%PDF-1.4").unwrap_err().code(), "not-text");
        assert_eq!(decode(&[1, 2, 3, 4, 5, 6, 7, 8]).unwrap_err().code(), "undecodable");
    }

    #[test]
    fn the_kind_is_told_by_content() {
        assert_eq!(decode(b"<html><p>x").unwrap().kind, PageKind::Html);
        assert_eq!(decode(b"City\nEpaper").unwrap().kind, PageKind::Text);
    }
}
