//! A file of zstd frames (RFC 8878), perhaps with a dictionary in front.
//!
//! The proposal of the IIPC for `.warc.zst` puts the dictionary into a skippable frame at the very beginning, itself
//! packed or not, and lets frames leave out its number.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, Dictionary, FrameDecoder};

use super::container::{Breakage, Event};
use super::look_back::{LookBack, to_u64};
use super::{DICTIONARY_BYTES_MAX, MEMBER_RATIO_FREE_BYTES, MEMBER_RATIO_MAX, ZSTD_WINDOW_BYTES_MAX};
use crate::guard::guarded;
use crate::limits::Limits;
use crate::page_file;

/// The first bytes of a frame.
pub(super) const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The first bytes of a frame that holds something else, behind one that is any from 0x50 to 0x5f.
const SKIPPABLE_MAGIC: [u8; 3] = [0x2a, 0x4d, 0x18];

/// The first bytes of a skippable frame that holds a dictionary.
const DICTIONARY_MAGIC: [u8; 4] = [0x5d, 0x2a, 0x4d, 0x18];

/// Bytes of a skippable frame before what it holds: magic and length.
const SKIPPABLE_HEADER_BYTES: usize = 8;

/// Whether bytes begin like a frame.
pub(super) fn is_frame(bytes: &[u8]) -> bool {
    let skippable = matches!(bytes.split_first(), Some((0x50..=0x5f, rest)) if rest.starts_with(&SKIPPABLE_MAGIC));
    skippable || bytes.starts_with(&ZSTD_MAGIC)
}

/// Where a frame begins and how much of it has come out.
#[derive(Clone, Copy)]
struct Frame {
    start: u64,
    unpacked: u64,
}

/// Unpacks frames, and finds the next one behind a broken one.
pub(super) struct Zstd<R> {
    source: LookBack<R>,
    decoder: FrameDecoder,
    dictionary: Option<Vec<u8>>,
    frame: Option<Frame>,
    lost: Option<u64>,
}

impl<R: Read> Zstd<R> {
    /// Takes the source where it stands, with the dictionary of the file, if it has one.
    pub(super) fn new(source: LookBack<R>, dictionary: Option<Vec<u8>>) -> Self {
        let decoder = decoder(dictionary.as_deref());
        Self {
            source,
            decoder,
            dictionary,
            frame: None,
            lost: None,
        }
    }

    /// Reads on.
    pub(super) fn read(&mut self, out: &mut Vec<u8>) -> io::Result<Event> {
        if let Some(from) = self.lost.take() {
            self.source.go_to(from);
            find_frame(&mut self.source)?;
        }
        let position = self.source.position();
        let start = self.frame.map_or(position, |frame| frame.start);
        // The decoder's own assertions are as much as any other fault of the data; it is of no use after one.
        let read = guarded(|| match self.frame {
            None => self.begin(),
            Some(frame) => self.go_on(frame, out),
        });
        read.unwrap_or_else(|message| {
            self.decoder = decoder(self.dictionary.as_deref());
            Ok(self.broken(start, Breakage::BadMember(message)))
        })
    }

    fn begin(&mut self) -> io::Result<Event> {
        let start = self.source.position();
        let head = self.source.peek(ZSTD_MAGIC.len())?;
        if head.is_empty() {
            return Ok(Event::End);
        }
        if !is_frame(head) {
            self.lost = Some(start + 1);
            return Ok(Event::Broken(Breakage::NoMember("no zstd frame".to_owned())));
        }
        match self.decoder.init(&mut self.source) {
            Ok(()) => {}
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                return self.pass(start, u64::from(length));
            }
            Err(error) => return Ok(self.broken(start, Breakage::NoMember(error.to_string()))),
        }
        self.use_dictionary();
        self.frame = Some(Frame { start, unpacked: 0 });
        Ok(Event::Member(start))
    }

    /// Gives the decoder the dictionary for a frame that does not name one.
    fn use_dictionary(&mut self) {
        if let Some(number) = self.dictionary.as_deref().and_then(dictionary_number) {
            // A frame that names another dictionary has failed already; one that names this one has it.
            drop(self.decoder.force_dict(number));
        }
    }

    /// Passes over a frame that holds something else.
    fn pass(&mut self, start: u64, length: u64) -> io::Result<Event> {
        let passed = io::copy(&mut (&mut self.source).take(length), &mut io::sink())?;
        if passed < length {
            return Ok(self.broken(start, Breakage::Cut));
        }
        Ok(Event::Data)
    }

    fn go_on(&mut self, frame: Frame, out: &mut Vec<u8>) -> io::Result<Event> {
        if self.decoder.is_finished() && self.decoder.can_collect() == 0 {
            self.frame = None;
            let said = self.decoder.get_checksum_from_data();
            let sound = said.is_none() || said == self.decoder.get_calculated_checksum();
            return Ok(if sound {
                Event::Data
            } else {
                self.broken(frame.start, Breakage::BadSum)
            });
        }
        if self.decoder.can_collect() == 0 {
            let one = BlockDecodingStrategy::UptoBlocks(1);
            if let Err(error) = self.decoder.decode_blocks(&mut self.source, one) {
                return self.fault(frame.start, &error);
            }
        }
        let count = self.decoder.collect_to_writer(&mut *out)?;
        let unpacked = frame.unpacked + to_u64(count);
        let packed = self.source.position().saturating_sub(frame.start);
        if unpacked > MEMBER_RATIO_FREE_BYTES && unpacked > packed.saturating_mul(MEMBER_RATIO_MAX) {
            return Ok(self.broken(frame.start, Breakage::Ratio));
        }
        self.frame = Some(Frame { unpacked, ..frame });
        Ok(Event::Data)
    }

    fn fault(&mut self, start: u64, error: &FrameDecoderError) -> io::Result<Event> {
        let why = if self.source.fill_buf()?.is_empty() {
            Breakage::Cut
        } else {
            Breakage::BadMember(error.to_string())
        };
        Ok(self.broken(start, why))
    }

    fn broken(&mut self, start: u64, why: Breakage) -> Event {
        self.frame = None;
        self.lost = Some(start + 1);
        Event::Broken(why)
    }
}

fn decoder(dictionary: Option<&[u8]>) -> FrameDecoder {
    let mut decoder = FrameDecoder::new();
    decoder.set_max_window_size(ZSTD_WINDOW_BYTES_MAX);
    let parsed = dictionary.and_then(|bytes| guarded(|| Dictionary::decode_dict(bytes)).ok()?.ok());
    if let Some(parsed) = parsed {
        drop(decoder.add_dict(parsed));
    }
    decoder
}

/// The number of a dictionary stands behind its four magic bytes.
fn dictionary_number(dictionary: &[u8]) -> Option<u32> {
    let number = dictionary.get(4..8)?.try_into().ok()?;
    Some(u32::from_le_bytes(number))
}

/// The dictionary at the beginning of a file, if there is one that can be read.
pub(super) fn dictionary<R: Read>(source: &mut LookBack<R>) -> io::Result<Option<Vec<u8>>> {
    let head = source.peek(SKIPPABLE_HEADER_BYTES)?;
    let length = head
        .strip_prefix(&DICTIONARY_MAGIC)
        .and_then(|rest| rest.try_into().ok());
    let length = length.map_or(0, u32::from_le_bytes);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length == 0 || length > DICTIONARY_BYTES_MAX {
        return Ok(None);
    }
    source.consume(SKIPPABLE_HEADER_BYTES);
    let mut bytes = Vec::new();
    source.take(to_u64(length)).read_to_end(&mut bytes)?;
    if !bytes.starts_with(&ZSTD_MAGIC) {
        return Ok(Some(bytes));
    }
    let limits = Limits {
        page_bytes_max: to_u64(DICTIONARY_BYTES_MAX),
        inflated_bytes_max: to_u64(DICTIONARY_BYTES_MAX),
        ..Limits::default()
    };
    Ok(page_file::read(bytes.as_slice(), &limits).ok())
}

/// Goes to where the next frame seems to begin, or to the end.
fn find_frame<R: Read>(source: &mut LookBack<R>) -> io::Result<()> {
    loop {
        let chunk = source.fill_buf()?;
        if chunk.is_empty() {
            return Ok(());
        }
        match memchr::memmem::find(chunk, &ZSTD_MAGIC) {
            Some(at) => {
                source.consume(at);
                return Ok(());
            }
            None => pass_all_but_a_beginning(source)?,
        }
    }
}

/// Passes what is there, but for as many bytes as may be the beginning of a magic word whose rest is not read yet.
fn pass_all_but_a_beginning<R: Read>(source: &mut LookBack<R>) -> io::Result<()> {
    let count = source.fill_buf()?.len();
    let keep = ZSTD_MAGIC.len() - 1;
    source.consume(count.saturating_sub(keep));
    let rest = source.peek(ZSTD_MAGIC.len())?.len();
    if rest <= keep {
        source.consume(rest);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn frame(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn read(file: &[u8]) -> (Vec<Vec<u8>>, Vec<Breakage>) {
        let mut source = LookBack::new(file, 0);
        let dictionary = dictionary(&mut source).unwrap();
        let mut zstd = Zstd::new(source, dictionary);
        let (mut frames, mut broken): (Vec<Vec<u8>>, Vec<Breakage>) = (Vec::new(), Vec::new());
        let mut out = Vec::new();
        loop {
            let event = zstd.read(&mut out).unwrap();
            if event != Event::Data && !out.is_empty() {
                frames.push(std::mem::take(&mut out));
            }
            match event {
                Event::Data | Event::Member(_) => {}
                Event::Broken(why) => broken.push(why),
                Event::End => return (frames, broken),
            }
        }
    }

    #[test]
    fn behind_a_broken_frame_the_next_is_found() {
        let texts: Vec<Vec<u8>> = (0..4_usize)
            .map(|number| format!("WARC/1.0 {number} {}", "some words of it ".repeat(20 + number)).into_bytes())
            .collect();
        let frames: Vec<Vec<u8>> = texts.iter().map(|text| frame(text)).collect();
        assert_eq!(read(&frames.concat()), (texts.clone(), vec![]));
        for cut in 1..frames[1].len() {
            let file = [&frames[0], &frames[1][..cut], &frames[2], &frames[3]].concat();
            let (found, broken) = read(&file);
            assert!(
                found.contains(&texts[0]) && found.ends_with(&texts[2..]),
                "cut at {cut}"
            );
            assert!(!broken.is_empty(), "cut at {cut}");
        }
        let mut wrong = frames[1].clone();
        *wrong.last_mut().unwrap() ^= 1;
        let (_, broken) = read(&[&frames[0][..], &wrong, &frames[2]].concat());
        assert_eq!(broken, [Breakage::BadSum]);
    }

    #[test]
    fn a_skippable_frame_passes_and_junk_is_told() {
        let skipped = [&[0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
        let file = [skipped, frame(b"WARC/1.0 a"), b"junk".to_vec(), frame(b"WARC/1.0 b")].concat();
        let (found, broken) = read(&file);
        assert_eq!(found, [b"WARC/1.0 a", b"WARC/1.0 b"]);
        assert!(matches!(broken.as_slice(), [Breakage::NoMember(_)]), "{broken:?}");
    }

    /// Made with the tool `zstd`: a packed dictionary in front, and three frames that need it.
    const WITH_DICTIONARY: &[u8] = include_bytes!("../../tests/warc/dictionary.warc.zst");

    /// The place of the frame's descriptor, whose two lowest bits say how long the dictionary's number behind it is.
    const DESCRIPTOR: usize = 4;

    #[test]
    fn a_dictionary_in_front_is_used_packed_or_not_and_by_frames_that_do_not_name_it() {
        let (frames, broken) = read(WITH_DICTIONARY);
        assert_eq!((frames.len(), broken), (3, vec![]));
        for frame in &frames {
            assert!(frame.starts_with(b"WARC/1.1\r\n") && frame.ends_with(b"</html>\r\n\r\n"));
        }
        let length = u32::from_le_bytes(WITH_DICTIONARY[4..8].try_into().unwrap());
        let (head, rest) = WITH_DICTIONARY.split_at(8 + usize::try_from(length).unwrap());
        let dictionary = page_file::read(&head[8..], &Limits::default()).unwrap();
        let mut bare = [
            &head[..4],
            &u32::try_from(dictionary.len()).unwrap().to_le_bytes(),
            &dictionary,
        ]
        .concat();
        let end = memchr::memmem::find(&rest[1..], &ZSTD_MAGIC).unwrap() + 1;
        let mut frame = rest[..end].to_vec();
        let number = frame[DESCRIPTOR] & 3;
        frame[DESCRIPTOR] &= !3;
        let at = DESCRIPTOR + if frame[DESCRIPTOR] & 0x20 == 0 { 2 } else { 1 };
        frame.drain(at..at + [0, 1, 2, 4][usize::from(number)]);
        bare.extend(frame);
        assert_eq!(read(&bare), (frames[..1].to_vec(), vec![]));
    }
}
