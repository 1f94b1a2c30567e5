//! Lines of bounded length, whatever comes in.

use std::io::{self, BufRead};

use crate::limits::Limits;

/// Room that is made for a line before it is read, in bytes.
const USUAL_LINE_BYTES: usize = 64 * 1024;

/// What is kept of a line that is too long, in bytes: its first fields tell which page it was.
pub const HEAD_BYTES: usize = 64 * 1024;

/// Bytes of JSON that one byte of a page can take: a control character is written as `\u001f`.
const JSON_BYTES_PER_BYTE: u64 = 6;

/// Room for the other fields of a line, in bytes.
const OTHER_FIELDS_BYTES: u64 = 16 * 1024 * 1024;

/// Longest line, in bytes, for pages within these limits: none of them is refused because of how it is written.
pub fn line_bytes_max(limits: &Limits) -> usize {
    let bytes = limits
        .page_bytes_max
        .saturating_mul(JSON_BYTES_PER_BYTE)
        .saturating_add(OTHER_FIELDS_BYTES);
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// A line without its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// The whole of it.
    Whole(Vec<u8>),
    /// Its head: it is longer than a line may be.
    TooLong(Vec<u8>),
}

impl Line {
    /// What is there of it.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) | Self::TooLong(bytes) => bytes,
        }
    }
}

/// Reads the next line; none at the end. What stands behind the last line feed is a line, unless it is nothing.
pub(super) fn read_line(source: &mut impl BufRead, bytes_max: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let (mut too_long, mut begun) = (false, false);
    loop {
        let available = match source.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            available => available?,
        };
        if available.is_empty() {
            return Ok(begun.then(|| finished(line, too_long)));
        }
        begun = true;
        let end = memchr::memchr(b'\n', available);
        let (part, used) = match end {
            Some(at) => (available.get(..at).unwrap_or_default(), at + 1),
            None => (available, available.len()),
        };
        if !too_long {
            if line.capacity() == 0 {
                line.reserve(part.len().max(USUAL_LINE_BYTES.min(bytes_max)));
            }
            line.extend_from_slice(part);
            if line.len() > bytes_max {
                too_long = true;
                line.truncate(HEAD_BYTES);
                line.shrink_to_fit();
            }
        }
        source.consume(used);
        if end.is_some() {
            return Ok(Some(finished(line, too_long)));
        }
    }
}

fn finished(line: Vec<u8>, too_long: bool) -> Line {
    if too_long {
        Line::TooLong(line)
    } else {
        Line::Whole(line)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn lines(text: &[u8], bytes_max: usize, buffer: usize) -> Vec<Line> {
        let mut source = BufReader::with_capacity(buffer, text);
        std::iter::from_fn(|| read_line(&mut source, bytes_max).unwrap()).collect()
    }

    fn whole(text: &str) -> Line {
        Line::Whole(text.as_bytes().to_vec())
    }

    #[test]
    fn every_line_comes_whatever_the_size_of_the_buffer() {
        for buffer in 1..8 {
            let expected = vec![whole("one"), whole(""), whole("three"), whole("last")];
            assert_eq!(lines(b"one\n\nthree\nlast", 9, buffer), expected);
            assert_eq!(lines(b"a\n", 9, buffer), [whole("a")]);
            assert_eq!(lines(b"", 9, buffer), []);
        }
    }

    #[test]
    fn a_line_that_is_too_long_costs_only_itself() {
        let long = vec![b'x'; HEAD_BYTES * 3];
        let text = [b"a\n", long.as_slice(), b"\nb\n"].concat();
        let found = lines(&text, HEAD_BYTES * 2, 1000);
        assert_eq!(found.len(), 3);
        assert_eq!(found[1], Line::TooLong(long[..HEAD_BYTES].to_vec()));
        assert_eq!(found[2], whole("b"));
        assert_eq!(lines(b"12345\n", 5, 2), [whole("12345")]);
    }

    #[test]
    fn a_page_within_its_limit_fits_into_a_line() {
        let limits = Limits::default();
        let page = vec![1_u8; 1024];
        let json = serde_json::to_string(&String::from_utf8(page).unwrap()).unwrap();
        assert!(json.len() as u64 <= 1024 * JSON_BYTES_PER_BYTE + 2);
        assert!(line_bytes_max(&limits) as u64 > limits.page_bytes_max * JSON_BYTES_PER_BYTE);
    }
}
