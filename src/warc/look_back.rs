//! A reader that can go back a little.

use std::io::{self, BufRead, Read};

use super::LOOK_BACK_BYTES;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Reads a source in chunks and keeps the last [`LOOK_BACK_BYTES`] of what was consumed.
pub(super) struct LookBack<R> {
    source: R,
    buffer: Vec<u8>,
    /// Where the unread bytes begin in the buffer.
    at: usize,
    /// Where the buffer begins in the source.
    base: u64,
    ended: bool,
}

impl<R: Read> LookBack<R> {
    /// Begins with the source where it stands, which is so many bytes behind its beginning.
    pub(super) fn new(source: R, base: u64) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            at: 0,
            base,
            ended: false,
        }
    }

    /// The source, which may have been read further than was consumed.
    pub(super) fn into_inner(self) -> R {
        self.source
    }

    /// Where the next byte stands in the source.
    pub(super) fn position(&self) -> u64 {
        self.base + to_u64(self.at)
    }

    /// The next bytes: so many, fewer only at the end of the source.
    pub(super) fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while !self.ended && self.buffer.len() - self.at < count {
            self.read_chunk()?;
        }
        let unread = self.buffer.get(self.at..).unwrap_or_default();
        Ok(unread.get(..count).unwrap_or(unread))
    }

    /// Goes back, or forward within what was read, to a place in the source; to the nearest one that is still kept.
    pub(super) fn go_to(&mut self, position: u64) {
        let at = usize::try_from(position.saturating_sub(self.base)).unwrap_or(usize::MAX);
        self.at = at.min(self.buffer.len());
    }

    fn read_chunk(&mut self) -> io::Result<()> {
        let done = self.at.saturating_sub(LOOK_BACK_BYTES);
        // Moving what is kept costs as much as reading it: only when there is more to drop than to move.
        if done > self.buffer.len() / 2 {
            self.buffer.drain(..done);
            self.at -= done;
            self.base += to_u64(done);
        }
        let chunk = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
        let count = (&mut self.source).take(chunk).read_to_end(&mut self.buffer)?;
        self.ended = count == 0;
        Ok(())
    }
}

impl<R: Read> Read for LookBack<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: Read> BufRead for LookBack<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.buffer.len() && !self.ended {
            self.read_chunk()?;
        }
        Ok(self.buffer.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.at = (self.at + count).min(self.buffer.len());
    }
}

/// A length as a number of 64 bits.
pub(super) fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_kept_for_a_while_and_not_for_ever() {
        let bytes: Vec<u8> = (0..=250).cycle().take(2_000_000).collect();
        let mut source = LookBack::new(bytes.as_slice(), 0);
        let mut found = Vec::new();
        (&mut source).take(1_500_000).read_to_end(&mut found).unwrap();
        assert_eq!((found.as_slice(), source.position()), (&bytes[..1_500_000], 1_500_000));
        source.go_to(1_500_000 - 200_000);
        assert_eq!(source.peek(3).unwrap(), &bytes[1_300_000..1_300_003]);
        source.go_to(0);
        let kept = source.position();
        assert!((1..1_500_000 - 200_000).contains(&kept), "{kept}");
        assert!(source.buffer.len() < 1_200_000);
        found.clear();
        source.read_to_end(&mut found).unwrap();
        assert_eq!(found, bytes[usize::try_from(kept).unwrap()..]);
        assert!(source.peek(1).unwrap().is_empty());
    }
}
