//! A record of a WARC file, and what may be wrong with one.

use std::fmt;

use super::container::Breakage;
use super::fields::Fields;

/// A place in a file from which it can be read again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Where the member or frame begins; in a file that is not packed, the place itself. Bytes of the file.
    pub packed: u64,
    /// So many unpacked bytes behind its beginning.
    pub skip: u64,
}

/// What the head of a record says. The names of the fields are those of the standard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// `WARC-Type`, in lower case; empty if it is missing.
    pub kind: String,
    /// `WARC-Record-ID`.
    pub id: Option<String>,
    /// `WARC-Target-URI`.
    pub url: Option<String>,
    /// `WARC-Date`, as it is written.
    pub date: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `WARC-Truncated`: why whoever wrote the record cut its content short.
    pub truncated: Option<String>,
    /// `WARC-Segment-Number`, if it is above 1.
    pub continues: bool,
}

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it begins.
    pub place: Place,
    /// What it says of itself.
    pub head: Head,
    /// What it holds; of a record that is too long to be held, only how that begins.
    pub block: Vec<u8>,
    /// How long its block is, in bytes.
    pub block_bytes: u64,
}

impl Record {
    /// Whether all of its block is here.
    pub fn is_whole(&self) -> bool {
        u64::try_from(self.block.len()).is_ok_and(|length| length == self.block_bytes)
    }
}

/// A record that can't be read, or something that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it begins.
    pub place: Place,
    /// What could be read of its head.
    pub head: Head,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// So many bytes that are no record.
    Garbage {
        /// How many, unpacked.
        bytes: u64,
    },
    /// Its head makes no sense.
    BadHead {
        /// Why.
        why: &'static str,
    },
    /// What follows where it says that it ends is no end of a record.
    WrongLength {
        /// What it says, in bytes.
        length: u64,
    },
    /// The file ends inside of it.
    Cut,
    /// The packed data that hold it are broken.
    Broken {
        /// Why.
        why: String,
    },
}

impl FaultKind {
    /// A short fixed word for counts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Garbage { .. } => "garbage",
            Self::BadHead { .. } => "bad-head",
            Self::WrongLength { .. } => "wrong-length",
            Self::Cut => "cut",
            Self::Broken { .. } => "broken-packing",
        }
    }

    /// What a breakage of the packed data means for the record at hand.
    pub(super) fn of_breakage(why: &Breakage) -> Self {
        match why {
            Breakage::Cut => Self::Cut,
            why => Self::Broken { why: why.to_string() },
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Garbage { bytes } => write!(f, "{bytes} bytes that are no record"),
            Self::BadHead { why } => write!(f, "the record's head makes no sense: {why}"),
            Self::WrongLength { length } => {
                write!(
                    f,
                    "the record does not end behind the {length} bytes that it says it has"
                )
            }
            Self::Cut => f.write_str("the file ends inside of the record"),
            Self::Broken { why } => f.write_str(why),
        }
    }
}

impl Head {
    /// Reads a head; beside it, the length of the block, or what is wrong with that.
    pub(super) fn parse(bytes: &[u8]) -> (Self, Result<u64, &'static str>) {
        let fields = Fields::parse(bytes);
        let length = match fields.text("Content-Length") {
            None => Err("it has no Content-Length"),
            Some(text) => text.parse().ok().ok_or("its Content-Length is no number"),
        };
        let kind = fields.text("WARC-Type").unwrap_or_default().to_ascii_lowercase();
        let segment: u64 = fields
            .text("WARC-Segment-Number")
            .map_or(1, |text| text.parse().unwrap_or(1));
        let head = Self {
            kind,
            id: fields.text("WARC-Record-ID"),
            url: fields.text("WARC-Target-URI").map(without_brackets),
            date: fields.text("WARC-Date"),
            content_type: fields.text("Content-Type"),
            truncated: fields.text("WARC-Truncated"),
            continues: segment > 1,
        };
        (head, length)
    }
}

/// Some writers put addresses into angle brackets, as the grammar of WARC 1.0 asked for.
fn without_brackets(url: String) -> String {
    match url.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
        Some(inside) => inside.to_owned(),
        None => url,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_tells_what_the_record_is() {
        let (head, length) = Head::parse(
            b"WARC/1.0\r\nWARC-Type: Response\r\nwarc-target-uri: <https://a.example/x>\r\nContent-Length: 12\r\n\
              WARC-Record-ID: <urn:uuid:1>\r\nWARC-Truncated: length\r\n\r\n",
        );
        assert_eq!((head.kind.as_str(), length), ("response", Ok(12)));
        assert_eq!(head.url.as_deref(), Some("https://a.example/x"));
        assert_eq!(head.id.as_deref(), Some("<urn:uuid:1>"));
        assert_eq!((head.truncated.as_deref(), head.continues), (Some("length"), false));
        assert!(Head::parse(b"WARC/1.0\nContent-Length: -1\n\n").1.is_err());
        assert!(Head::parse(b"WARC/1.0\n\n").1.is_err());
    }
}
