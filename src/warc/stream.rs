//! The unpacked bytes of a file as one stream, with a memory of where in the file they came from.

use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};

use super::MARKS_MAX;
use super::container::{Breakage, Event, Packing, Unpacker, opening};
use super::look_back::{LookBack, to_u64};
use super::record::Place;

/// Bytes that are dropped at a time once they are consumed.
const DROP_BYTES: usize = 256 * 1024;

/// Why no more bytes come for now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// That was the file.
    End,
    /// Something is broken there. Behind it, it goes on with another member.
    Broken(Breakage),
}

/// A place of the stream that is the beginning of a member.
#[derive(Clone, Copy)]
struct Mark {
    unpacked: u64,
    packed: u64,
}

/// Bytes that are looked at before they are consumed.
pub(super) struct Stream<R> {
    unpacker: Unpacker<R>,
    packing: Packing,
    buffer: Vec<u8>,
    /// Where the bytes that are not consumed begin in the buffer.
    at: usize,
    /// How many bytes were consumed.
    consumed: u64,
    marks: VecDeque<Mark>,
    stop: Option<Stop>,
    /// Whether a member has begun since the last breakage.
    begun: bool,
}

impl<R: Read> Stream<R> {
    /// Reads a file from its beginning.
    pub(super) fn new(source: R) -> io::Result<Self> {
        let mut source = LookBack::new(source, 0);
        let opening = opening(&mut source)?;
        let start = source.position();
        Ok(Self::with(opening.packing, start, Unpacker::new(source, opening)))
    }

    fn with(packing: Packing, start: u64, unpacker: Unpacker<R>) -> Self {
        Self {
            unpacker,
            packing,
            buffer: Vec::new(),
            at: 0,
            consumed: 0,
            marks: VecDeque::from([Mark {
                unpacked: 0,
                packed: start,
            }]),
            stop: None,
            begun: true,
        }
    }

    /// The next bytes: so many, or fewer if there is a stop behind them.
    pub(super) fn fill(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.stop.is_none() && self.buffer.len() - self.at < count {
            match self.unpacker.read(&mut self.buffer)? {
                Event::Data => {}
                Event::Member(packed) => self.mark(packed),
                Event::Broken(why) => self.stop = Some(Stop::Broken(why)),
                Event::End => self.stop = Some(Stop::End),
            }
        }
        Ok(self.bytes())
    }

    fn bytes(&self) -> &[u8] {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    fn mark(&mut self, packed: u64) {
        self.begun = true;
        let unpacked = self.consumed + to_u64(self.bytes().len());
        if self.marks.back().is_some_and(|last| last.unpacked == unpacked) {
            self.marks.pop_back();
        }
        if self.marks.len() < MARKS_MAX {
            self.marks.push_back(Mark { unpacked, packed });
        }
    }

    /// Takes bytes that were looked at.
    pub(super) fn consume(&mut self, count: usize) {
        let count = count.min(self.bytes().len());
        self.at += count;
        self.consumed += to_u64(count);
        while self.marks.get(1).is_some_and(|next| next.unpacked <= self.consumed) {
            self.marks.pop_front();
        }
        // Moving what is left costs as much as reading it: only when there is more to drop than to move.
        if self.at > DROP_BYTES && self.at > self.buffer.len() / 2 {
            self.buffer.drain(..self.at);
            self.at = 0;
        }
    }

    /// How many bytes were consumed.
    pub(super) fn consumed(&self) -> u64 {
        self.consumed
    }

    /// The place of the next byte in the file.
    pub(super) fn place(&self) -> Place {
        let begun = self.marks.iter().rev().find(|mark| mark.unpacked <= self.consumed);
        let (unpacked, packed) = begun.map_or((0, 0), |mark| (mark.unpacked, mark.packed));
        let skip = self.consumed.saturating_sub(unpacked);
        match self.packing {
            Packing::Plain => Place {
                packed: packed + skip,
                skip: 0,
            },
            Packing::Gzip | Packing::Zstd => Place { packed, skip },
        }
    }

    /// Room that the buffer takes, in bytes.
    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        self.buffer.capacity()
    }

    /// Whether a member begins so many bytes ahead or further on.
    pub(super) fn has_member_from(&self, ahead: usize) -> bool {
        let from = self.consumed + to_u64(ahead);
        self.marks.back().is_some_and(|last| last.unpacked >= from)
    }

    /// The stop behind the bytes that were looked at.
    pub(super) fn stop(&self) -> Option<&Stop> {
        self.stop.as_ref()
    }

    /// Goes on behind something broken, all bytes before it being consumed. Nothing goes on behind the end. Tells whether
    /// a member had begun since the last breakage, so that this is another one, and has another place.
    pub(super) fn pass_breakage(&mut self) -> bool {
        if matches!(self.stop, Some(Stop::Broken(_))) {
            self.stop = None;
        }
        std::mem::take(&mut self.begun)
    }
}

impl<R: Read + Seek> Stream<R> {
    /// Reads a file from a place in it.
    pub(super) fn from_place(source: R, place: Place) -> io::Result<Self> {
        let mut source = LookBack::new(source, 0);
        let opening = opening(&mut source)?;
        let mut source = source.into_inner();
        source.seek(SeekFrom::Start(place.packed))?;
        let packing = opening.packing;
        let unpacker = Unpacker::new(LookBack::new(source, place.packed), opening);
        let mut stream = Self::with(packing, place.packed, unpacker);
        let mut left = place.skip;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(DROP_BYTES);
            let count = stream.fill(most)?.len().min(most);
            if count == 0 {
                break;
            }
            stream.consume(count);
            left -= to_u64(count);
        }
        Ok(stream)
    }
}
