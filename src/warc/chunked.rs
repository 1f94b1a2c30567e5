//! Puts a body together that was sent in chunks (RFC 9112, section 7.1).

use std::borrow::Cow;

/// Longest line that may name the size of a chunk, in bytes: extensions may follow the size.
const SIZE_LINE_BYTES_MAX: usize = 1024;

/// What is wrong with a body in chunks.
pub(super) const CUT: &str = "the last chunk is missing";

/// The same, where a size should stand and does not.
pub(super) const BROKEN: &str = "a chunk has no size: what follows is taken as it is";

/// A body without its chunks, and what is wrong with it.
pub(super) struct Joined<'a> {
    /// The body.
    pub(super) body: Cow<'a, [u8]>,
    /// What was wrong.
    pub(super) note: Option<&'static str>,
}

/// Puts a body together, if it really is in chunks. Whoever stored it may have done so and left the header as it was: then
/// it does not begin with a size. Where no header says so, all has to fit.
pub(super) fn join(body: &[u8], said: bool) -> Joined<'_> {
    let untouched = Joined {
        body: Cow::Borrowed(body),
        note: None,
    };
    if size(body).is_none() {
        return untouched;
    }
    let (joined, note) = follow(body);
    // A body of digits alone, such as a number in a text, looks like the beginning of a chunk.
    let fits = note.is_none() || said && !joined.is_empty();
    if fits {
        Joined {
            body: Cow::Owned(joined),
            note,
        }
    } else {
        untouched
    }
}

fn follow(body: &[u8]) -> (Vec<u8>, Option<&'static str>) {
    let mut joined = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        if rest.trim_ascii().is_empty() {
            return (joined, Some(CUT));
        }
        let Some((chunk, after)) = size(rest) else {
            joined.extend_from_slice(rest);
            return (joined, Some(BROKEN));
        };
        if chunk == 0 {
            return (joined, None);
        }
        let Some((data, behind)) = after.split_at_checked(chunk) else {
            joined.extend_from_slice(after);
            return (joined, Some(CUT));
        };
        joined.extend_from_slice(data);
        rest = behind.strip_prefix(b"\r").unwrap_or(behind);
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
}

/// The size of the chunk that begins here, and what follows that line.
fn size(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let searched = bytes.get(..SIZE_LINE_BYTES_MAX).unwrap_or(bytes);
    let end = memchr::memchr(b'\n', searched)?;
    let line = bytes.get(..end)?.split(|byte| *byte == b';').next()?.trim_ascii();
    let digits = std::str::from_utf8(line)
        .ok()
        .filter(|digits| !digits.starts_with('+'))?;
    let size = usize::from_str_radix(digits, 16).ok()?;
    Some((size, bytes.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(body: &str, said: bool) -> (String, Option<&'static str>) {
        let joined = join(body.as_bytes(), said);
        (String::from_utf8(joined.body.into_owned()).unwrap(), joined.note)
    }

    #[test]
    fn chunks_are_put_together_with_extensions_trailers_and_bare_line_feeds() {
        let body = "5;x=y\r\nHello\r\n1\r\n,\r\n6\n world\n0\r\nTrailer: x\r\n\r\n";
        assert_eq!(joined(body, true), ("Hello, world".into(), None));
        assert_eq!(joined(body, false), ("Hello, world".into(), None));
    }

    #[test]
    fn a_body_that_is_whole_already_stays() {
        for body in ["<p>x</p>", "", "2024\nwas a year", "f\r\n"] {
            assert_eq!(joined(body, false).0, body);
        }
        assert_eq!(joined("<p>x</p>", true), ("<p>x</p>".into(), None));
    }

    #[test]
    fn broken_chunks_give_what_they_have() {
        assert_eq!(joined("5\r\nHello\r\n", true), ("Hello".into(), Some(CUT)));
        assert_eq!(joined("5\r\nHel", true), ("Hel".into(), Some(CUT)));
        assert_eq!(
            joined("5\r\nHello\r\nzz\r\n world", true),
            ("Hellozz\r\n world".into(), Some(BROKEN))
        );
        assert_eq!(joined("ffffffffffffffff\r\nHello", true), ("Hello".into(), Some(CUT)));
        assert_eq!(joined("5\r\nHello\r\n", false).0, "5\r\nHello\r\n");
    }
}
