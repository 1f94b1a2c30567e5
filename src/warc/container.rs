//! How a file is packed, and what comes out of it piece by piece.

use std::fmt;
use std::io::{self, Read};

use super::gzip::{Gzip, seems_member};
use super::look_back::LookBack;
use super::plain::Plain;
use super::zstd::{Zstd, dictionary, is_frame};
use super::{GZIP_HEADER_BYTES_MAX, deflate};

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Not at all.
    Plain,
    /// Gzip members.
    Gzip,
    /// Zstd frames.
    Zstd,
}

/// What reading on has given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// Perhaps more bytes.
    Data,
    /// A member begins, at this place of the file.
    Member(u64),
    /// The member at hand is broken, or there is none where one should be. What comes next is from the next member.
    Broken(Breakage),
    /// The file has come to its end.
    End,
}

/// What is wrong with a packed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Breakage {
    /// It ends inside a member.
    Cut,
    /// A member's data can't be unpacked.
    BadMember(String),
    /// A member's check sum is wrong.
    BadSum,
    /// Something else stands where a member should begin, or the beginning of one that can't be.
    NoMember(String),
    /// A member unpacks to too many times its size.
    Ratio,
}

impl fmt::Display for Breakage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => f.write_str("the file ends inside of it"),
            Self::BadMember(why) => write!(f, "the packed data are broken: {why}"),
            Self::BadSum => f.write_str("the check sum of the packed data is wrong"),
            Self::NoMember(why) => write!(f, "no packed data begin here: {why}"),
            Self::Ratio => write!(
                f,
                "the packed data unpack to more than {} times their size",
                super::MEMBER_RATIO_MAX
            ),
        }
    }
}

/// A file that is unpacked while it is read.
pub(super) enum Unpacker<R> {
    Plain(Plain<R>),
    Gzip(Box<Gzip<R>>),
    Zstd(Box<Zstd<R>>),
}

/// What has to be known to read a file from somewhere in its middle.
pub(super) struct Opening {
    pub(super) packing: Packing,
    pub(super) dictionary: Option<Vec<u8>>,
}

/// Judges by its beginning how a file is packed, and reads the dictionary that may stand there.
pub(super) fn opening<R: Read>(source: &mut LookBack<R>) -> io::Result<Opening> {
    let head = source.peek(GZIP_HEADER_BYTES_MAX)?;
    let packing = packing_of(head);
    let dictionary = match packing {
        Packing::Zstd => dictionary(source)?,
        Packing::Plain | Packing::Gzip => None,
    };
    Ok(Opening { packing, dictionary })
}

/// What comes first, a record, a member or a frame; the very first bytes of a file may be broken.
fn packing_of(head: &[u8]) -> Packing {
    if head.starts_with(&deflate::GZIP_MAGIC) {
        return Packing::Gzip;
    }
    if is_frame(head) {
        return Packing::Zstd;
    }
    let record = memchr::memmem::find(head, b"WARC/1.").unwrap_or(head.len());
    let before = head.get(..record).unwrap_or_default();
    let tails = (0..before.len()).filter_map(|at| head.get(at..));
    for tail in tails {
        if tail.starts_with(&deflate::GZIP_MAGIC) && seems_member(tail) {
            return Packing::Gzip;
        }
        if tail.starts_with(&super::zstd::ZSTD_MAGIC) {
            return Packing::Zstd;
        }
    }
    Packing::Plain
}

impl<R: Read> Unpacker<R> {
    /// Reads a source from where it stands.
    pub(super) fn new(source: LookBack<R>, opening: Opening) -> Self {
        match opening.packing {
            Packing::Plain => Self::Plain(Plain::new(source)),
            Packing::Gzip => Self::Gzip(Box::new(Gzip::new(source))),
            Packing::Zstd => Self::Zstd(Box::new(Zstd::new(source, opening.dictionary))),
        }
    }

    /// Reads on, and puts what comes out behind what is in `out`.
    pub(super) fn read(&mut self, out: &mut Vec<u8>) -> io::Result<Event> {
        match self {
            Self::Plain(plain) => plain.read(out),
            Self::Gzip(gzip) => gzip.read(out),
            Self::Zstd(zstd) => zstd.read(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packing_is_told_by_content_even_behind_a_broken_beginning() {
        assert_eq!(packing_of(b"WARC/1.0\r\n"), Packing::Plain);
        assert_eq!(packing_of(b""), Packing::Plain);
        assert_eq!(packing_of(&[0x1f, 0x8b, 8, 0]), Packing::Gzip);
        assert_eq!(packing_of(&[0x5d, 0x2a, 0x4d, 0x18, 0]), Packing::Zstd);
        assert_eq!(packing_of(&[0, 0, 0x28, 0xb5, 0x2f, 0xfd]), Packing::Zstd);
        assert_eq!(packing_of(b"junk \x1f\x8b\x08 WARC/1.0\r\n"), Packing::Plain);
    }
}
