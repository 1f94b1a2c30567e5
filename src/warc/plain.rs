//! A file that is not packed.

use std::io::{self, BufRead, Read};

use super::container::Event;
use super::look_back::LookBack;

/// One member without an end but that of the file.
pub(super) struct Plain<R> {
    source: LookBack<R>,
    begun: bool,
}

impl<R: Read> Plain<R> {
    /// Takes the source where it stands.
    pub(super) fn new(source: LookBack<R>) -> Self {
        Self { source, begun: false }
    }

    /// Reads on.
    pub(super) fn read(&mut self, out: &mut Vec<u8>) -> io::Result<Event> {
        if !self.begun {
            self.begun = true;
            return Ok(Event::Member(self.source.position()));
        }
        let chunk = self.source.fill_buf()?;
        out.extend_from_slice(chunk);
        let count = chunk.len();
        self.source.consume(count);
        Ok(if count == 0 { Event::End } else { Event::Data })
    }
}
