//! Reads zstd data (RFC 8878): all its frames, one after the other, with their checksums.

use std::io::{self, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The first bytes of a frame.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The first bytes of a frame that holds something else, behind one that is any from 0x50 to 0x5f.
const SKIPPABLE_MAGIC: [u8; 3] = [0x2a, 0x4d, 0x18];

/// Window that every reader should be ready for, in bytes, as the format's standard recommends.
const WINDOW_BYTES_MIN: u64 = 8 * 1024 * 1024;

/// Whether bytes are zstd data, told by how they begin.
pub(super) fn is_zstd(bytes: &[u8]) -> bool {
    let skippable = matches!(bytes.split_first(), Some((0x50..=0x5f, rest)) if rest.starts_with(&SKIPPABLE_MAGIC));
    skippable || bytes.starts_with(&MAGIC)
}

/// Unpacks frames while it is read.
pub(super) struct Frames<'a> {
    rest: &'a [u8],
    decoder: FrameDecoder,
    inside: bool,
}

impl<'a> Frames<'a> {
    /// Unpacks no more than `window_bytes_max` at a time into memory of its own.
    pub(super) fn new(packed: &'a [u8], window_bytes_max: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window_bytes_max.max(WINDOW_BYTES_MIN));
        Self {
            rest: packed,
            decoder,
            inside: false,
        }
    }

    /// Begins the next frame; frames that hold something else are passed over.
    fn begin(&mut self) -> io::Result<()> {
        match self.decoder.init(&mut self.rest) {
            Ok(()) => self.inside = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                let (_, rest) = self.rest.split_at_checked(length).ok_or(io::ErrorKind::UnexpectedEof)?;
                self.rest = rest;
            }
            Err(error) => return Err(io::Error::other(error)),
        }
        Ok(())
    }

    /// Ends a frame, if its text has the checksum that it says.
    fn end(&mut self) -> io::Result<()> {
        self.inside = false;
        let said = self.decoder.get_checksum_from_data();
        if said.is_some() && said != self.decoder.get_calculated_checksum() {
            return Err(io::Error::other("the checksum is wrong"));
        }
        Ok(())
    }
}

impl Read for Frames<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.inside || !self.rest.is_empty() {
            if !self.inside {
                self.begin()?;
                continue;
            }
            while !self.decoder.is_finished() && self.decoder.can_collect() == 0 {
                let block = BlockDecodingStrategy::UptoBlocks(1);
                self.decoder
                    .decode_blocks(&mut self.rest, block)
                    .map_err(io::Error::other)?;
            }
            let count = self.decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.end()?;
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn unpacked(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut found = Vec::new();
        Frames::new(bytes, 0).read_to_end(&mut found)?;
        Ok(found)
    }

    #[test]
    fn all_frames_are_read_and_those_of_others_passed_over() {
        let skipped = [&[0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"xyz"].concat();
        let long: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let all = [skipped.clone(), packed(b"one"), skipped, packed(b""), packed(&long)].concat();
        assert!(is_zstd(&all) && is_zstd(&packed(b"x")) && !is_zstd(b"Page"));
        assert_eq!(unpacked(&all).unwrap(), [b"one".as_slice(), &long].concat());
    }

    #[test]
    fn broken_frames_are_faults() {
        let whole = packed(&b"some text of a page ".repeat(50));
        for cut in 1..whole.len() {
            assert!(unpacked(&whole[..cut]).is_err(), "cut at {cut}");
        }
        assert!(unpacked(&[&whole[..], b"junk"].concat()).is_err());
        let mut wrong = whole.clone();
        *wrong.last_mut().unwrap() ^= 1;
        assert_eq!(unpacked(&wrong).unwrap_err().to_string(), "the checksum is wrong");
    }
}
