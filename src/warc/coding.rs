//! Undoes the codings of a body: gzip, deflate with and without zlib's wrapping, br, zstd; one upon another.
//!
//! What a header says is only a claim. Whoever stored the body may have undone the coding and left the header, or lost the
//! header. gzip and zstd show themselves by their first bytes; the others are tried where they are claimed.

use std::borrow::Cow;
use std::io::{self, Read};

use brotli_decompressor::Decompressor;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::CODINGS_MAX;
use super::deflate::GZIP_MAGIC;
use super::look_back::to_u64;
use super::zstd::ZSTD_MAGIC;
use crate::guard::guarded;
use crate::limits::Limits;
use crate::page_file::{self, ReadError};

/// Packed bodies below this size, in bytes, may unpack by any ratio, as page files may.
const RATIO_FREE_BYTES: u64 = 1024 * 1024;

/// Bytes that the decoder of br reads at a time.
const BROTLI_BUFFER_BYTES: usize = 4 * 1024;

/// Bytes by which it is judged whether a body is text as it stands.
const TEXT_SAMPLE_BYTES: usize = 512;

/// A body whose packed data end too early or break off: what came out before counts.
pub(super) const BROKEN: &str = "the packed body is broken: this is what came before";

/// A body that is not coded as its header says.
pub(super) const NOT_CODED: &str = "the body is not packed as its header says";

/// A body without its codings, and what was wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unpacked<'a> {
    /// The body.
    pub(super) body: Cow<'a, [u8]>,
    /// What was wrong.
    pub(super) notes: Vec<&'static str>,
}

/// A way to code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The names of codings, in lower case.
const CODINGS: &[(&str, Coding)] = &[
    ("gzip", Coding::Gzip),
    ("x-gzip", Coding::Gzip),
    ("deflate", Coding::Deflate),
    ("br", Coding::Brotli),
    ("zstd", Coding::Zstd),
];

/// What a decoder made of a body.
enum Tried {
    /// All of it.
    Whole(Vec<u8>),
    /// What came out before it broke.
    Part(Vec<u8>),
}

/// Undoes the codings that a body has, whatever the values of `Content-Encoding` claim.
pub(super) fn undo<'a>(body: &'a [u8], claims: &[String], limits: &Limits) -> Result<Unpacked<'a>, ReadError> {
    let mut claimed: Vec<Coding> = claims.iter().flat_map(|value| codings(value)).collect();
    let mut unpacked = Unpacked {
        body: Cow::Borrowed(body),
        notes: Vec::new(),
    };
    for _ in 0..CODINGS_MAX {
        let claim = claimed.pop();
        let Some(coding) = shown(&unpacked.body).or(claim.filter(|claim| is_hidden(*claim))) else {
            if claim.is_some() {
                unpacked.notes.push(NOT_CODED);
                continue;
            }
            break;
        };
        step(&mut unpacked, coding, limits)?;
    }
    Ok(unpacked)
}

fn step(unpacked: &mut Unpacked<'_>, coding: Coding, limits: &Limits) -> Result<(), ReadError> {
    match decode(&unpacked.body, coding, limits)? {
        Tried::Whole(body) => unpacked.body = Cow::Owned(body),
        Tried::Part(_) if is_hidden(coding) && is_text(&unpacked.body) => unpacked.notes.push(NOT_CODED),
        Tried::Part(body) => {
            unpacked.body = Cow::Owned(body);
            unpacked.notes.push(BROKEN);
        }
    }
    Ok(())
}

/// The codings that a header names, in the order in which they were applied.
fn codings(value: &str) -> Vec<Coding> {
    let names = value.split(',').map(|name| name.trim().to_ascii_lowercase());
    let known = |name: String| {
        CODINGS
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, coding)| *coding)
    };
    names.filter_map(known).collect()
}

/// The coding that a body shows by its first bytes.
fn shown(body: &[u8]) -> Option<Coding> {
    if body.starts_with(&GZIP_MAGIC) {
        Some(Coding::Gzip)
    } else {
        body.starts_with(&ZSTD_MAGIC).then_some(Coding::Zstd)
    }
}

/// Whether a coding can't be told by looking.
fn is_hidden(coding: Coding) -> bool {
    matches!(coding, Coding::Deflate | Coding::Brotli)
}

/// Whether a body looks like text in some charset that knows ASCII.
fn is_text(body: &[u8]) -> bool {
    let sample = body.get(..TEXT_SAMPLE_BYTES).unwrap_or(body);
    let strange = |byte: &&u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    let plain = sample.iter().filter(|byte| byte.is_ascii()).count();
    sample.iter().filter(strange).count() == 0 && plain * 2 >= sample.len()
}

fn decode(body: &[u8], coding: Coding, limits: &Limits) -> Result<Tried, ReadError> {
    match coding {
        Coding::Gzip => unpack(MultiGzDecoder::new(body), body, limits),
        Coding::Deflate if is_zlib(body) => unpack(ZlibDecoder::new(body), body, limits),
        Coding::Deflate => unpack(DeflateDecoder::new(body), body, limits),
        Coding::Brotli => {
            let decoder = Decompressor::new(body, BROTLI_BUFFER_BYTES);
            guarded(|| unpack(decoder, body, limits)).unwrap_or(Ok(Tried::Part(Vec::new())))
        }
        Coding::Zstd => match page_file::read(body, limits) {
            Err(ReadError::BadZstd(_)) => Ok(Tried::Part(Vec::new())),
            read => read.map(Tried::Whole),
        },
    }
}

/// Whether deflate data are wrapped as zlib does (RFC 1950): its first two bytes are a multiple of 31.
fn is_zlib(body: &[u8]) -> bool {
    match body {
        [first, second, ..] => first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31),
        _ => false,
    }
}

fn unpack(decoder: impl Read, packed: &[u8], limits: &Limits) -> Result<Tried, ReadError> {
    let by_ratio = to_u64(packed.len())
        .saturating_mul(limits.inflate_ratio_max)
        .max(RATIO_FREE_BYTES);
    let most = limits.inflated_bytes_max.min(by_ratio);
    let mut body = Vec::new();
    let read: io::Result<usize> = decoder.take(most.saturating_add(1)).read_to_end(&mut body);
    if to_u64(body.len()) > most {
        return Err(if by_ratio < limits.inflated_bytes_max {
            ReadError::InflateRatio {
                inflate_ratio_max: limits.inflate_ratio_max,
            }
        } else {
            ReadError::InflatedTooLarge {
                inflated_bytes_max: limits.inflated_bytes_max,
            }
        });
    }
    Ok(if read.is_ok() {
        Tried::Whole(body)
    } else {
        Tried::Part(body)
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    const PAGE: &str = "<p>Some text of a page, which is long enough to be packed, and to be long enough.</p>";

    /// `PAGE` as br writes it without packing anything: one block of bytes as they are, and the end.
    fn brotli(bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len() - 1).unwrap();
        // Window of 16 bits: one bit 0. Then of the block: not the last, length in four nibbles, not packed.
        let header = (length << 4) | (1 << 20);
        let mut packed = header.to_le_bytes()[..3].to_vec();
        packed.extend(bytes);
        packed.push(3);
        packed
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn raw(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn undone(body: &[u8], claim: &str) -> (String, Vec<&'static str>) {
        let claims = [claim.to_owned()];
        let unpacked = undo(body, &claims, &Limits::default()).unwrap();
        (String::from_utf8_lossy(&unpacked.body).into_owned(), unpacked.notes)
    }

    fn whole() -> (String, Vec<&'static str>) {
        (PAGE.to_owned(), vec![])
    }

    #[test]
    fn every_coding_is_undone_and_several_in_their_order() {
        let page = PAGE.as_bytes();
        assert_eq!(undone(&gzip(page), "gzip"), whole());
        assert_eq!(undone(&gzip(page), ""), whole(), "the header is missing");
        assert_eq!(undone(&raw(page), "deflate"), whole());
        assert_eq!(undone(&zlib(page), "Deflate"), whole());
        assert_eq!(undone(&brotli(page), "br"), whole());
        assert_eq!(
            undone(&compress_to_vec(page, CompressionLevel::Fastest), "zstd"),
            whole()
        );
        assert_eq!(undone(&gzip(&brotli(page)), "br, gzip"), whole());
        assert_eq!(undone(&gzip(&gzip(page)), "gzip"), whole());
        assert_eq!(undone(page, "identity"), whole());
    }

    #[test]
    fn a_plain_body_is_taken_whatever_its_header_claims() {
        for claim in ["gzip", "deflate", "br", "zstd"] {
            assert_eq!(
                undone(PAGE.as_bytes(), claim),
                (PAGE.to_owned(), vec![NOT_CODED]),
                "{claim}"
            );
        }
        assert_eq!(undone(PAGE.as_bytes(), "br, gzip").0, PAGE);
    }

    #[test]
    fn of_a_body_that_breaks_off_the_beginning_is_kept() {
        let text: String = (0..9_000).map(|number| format!("{number} ")).collect();
        let packed = [gzip(text.as_bytes()), zlib(text.as_bytes()), raw(text.as_bytes())];
        for (packed, claim) in packed.iter().zip(["gzip", "deflate", "deflate"]) {
            let (found, notes) = undone(&packed[..packed.len() / 2], claim);
            assert!(found.len() > 1_000 && text.starts_with(&found), "{claim}");
            assert_eq!(notes, [BROKEN]);
        }
    }

    #[test]
    fn bombs_are_refused_by_name() {
        let limits = Limits {
            inflated_bytes_max: 3_000_000,
            ..Limits::default()
        };
        let bomb = gzip(&vec![b'a'; 2_000_000]);
        let code = |body: &[u8], limits: &Limits| undo(body, &[], limits).map_or_else(|error| error.code(), |_| "fine");
        assert_eq!(code(&bomb, &limits), "inflate-ratio");
        let any_ratio = Limits {
            inflate_ratio_max: 1_000_000,
            ..limits
        };
        assert_eq!(code(&bomb, &any_ratio), "fine");
        assert_eq!(code(&gzip(&vec![b'a'; 4_000_000]), &any_ratio), "inflated-too-large");
        let nested = (0..6).fold(PAGE.as_bytes().to_vec(), |bytes, _| gzip(&bytes));
        assert!(undone(&nested, "").0.starts_with('\u{1f}'), "only so many are undone");
    }
}
