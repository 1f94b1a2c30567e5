//! Inflates deflate data piece by piece, and reads the headers of gzip members (RFC 1951, RFC 1952).

use std::io;

use flate2::{Decompress, FlushDecompress, Status};

/// The first bytes of a gzip member whose data are deflated.
pub(super) const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 8];

/// Bits of the flags of a gzip member.
const HEADER_SUM: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

/// Room that is made for unpacked bytes at a time.
const ROOM_BYTES: usize = 64 * 1024;

/// How a step of inflating ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It goes on, if there is more input.
    Goes,
    /// The data have come to their end.
    Ended,
}

/// Inflates a piece of input to the end of a buffer; gives how much of the input was used. Errors name what is wrong.
pub(super) fn inflate(decoder: &mut Decompress, input: &[u8], out: &mut Vec<u8>) -> io::Result<(usize, Step)> {
    out.reserve(ROOM_BYTES);
    let before = decoder.total_in();
    let status = decoder.decompress_vec(input, out, FlushDecompress::None)?;
    let used = usize::try_from(decoder.total_in() - before).unwrap_or(usize::MAX);
    let step = if status == Status::StreamEnd {
        Step::Ended
    } else {
        Step::Goes
    };
    Ok((used, step))
}

/// Length of a gzip member's header; `None` where the bytes are none, or not all of one.
pub(super) fn gzip_header(bytes: &[u8]) -> Option<usize> {
    let rest = bytes.strip_prefix(&GZIP_MAGIC)?;
    let (flags, _) = rest.split_first()?;
    if flags & RESERVED != 0 {
        return None;
    }
    let mut length = 10;
    if flags & EXTRA != 0 {
        let count = bytes.get(length..length + 2)?.try_into().ok()?;
        length += 2 + usize::from(u16::from_le_bytes(count));
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            length += memchr::memchr(0, bytes.get(length..)?)? + 1;
        }
    }
    if flags & HEADER_SUM != 0 {
        length += 2;
    }
    (bytes.len() >= length).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_members_are_measured_with_all_that_they_may_hold() {
        let plain = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        assert_eq!(gzip_header(&[&plain[..], b"data"].concat()), Some(10));
        let mut full = plain.to_vec();
        full[3] = HEADER_SUM | EXTRA | NAME | COMMENT;
        full.extend([3, 0, 1, 2, 3]);
        full.extend(b"name\0comment\0");
        full.extend([9, 9]);
        assert_eq!(gzip_header(&full), Some(full.len()));
        for cut in 0..full.len() {
            assert_eq!(gzip_header(&full[..cut]), None, "cut at {cut}");
        }
        full[3] |= 0x80;
        assert_eq!(gzip_header(&full), None);
    }
}
