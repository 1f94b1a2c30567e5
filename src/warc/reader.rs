//! Finds records one after the other, whatever stands between them.

use std::io::{self, Read, Seek};

use super::container::Breakage;
use super::fields::{field, head_length};
use super::look_back::to_u64;
use super::record::{Fault, FaultKind, Head, Place, Record};
use super::stream::{Stop, Stream};
use super::{HEAD_BYTES_MAX, SAMPLE_BYTES};

/// How every record begins; a version follows.
const OPENING: &[u8] = b"WARC/";

/// Bytes that are enough to tell whether a record begins: the version line and the beginning of a field's name.
const BEGINNING_BYTES: usize = 32;

/// Bytes behind a record that are looked at to tell whether it ends there.
const ENDING_BYTES: usize = 32;

/// Bytes of a head that are looked at first.
const USUAL_HEAD_BYTES: usize = 1024;

/// Bytes that are searched at a time for the beginning of a record.
const SEARCH_BYTES: usize = 64 * 1024;

/// How the names of a record's first fields begin.
const FIRST_FIELDS: &[&[u8]] = &[b"WARC-", b"Content-"];

/// What stands next in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A record.
    Record(Record),
    /// Something broken.
    Fault(Fault),
}

impl Found {
    /// Where it begins.
    pub fn place(&self) -> Place {
        match self {
            Self::Record(record) => record.place,
            Self::Fault(fault) => fault.place,
        }
    }
}

/// Reads a file from record to record.
pub struct Reader<R> {
    stream: Stream<R>,
    record_bytes_max: u64,
    /// Whether the breakage that stands next was told as the fault of a record already.
    told: bool,
}

impl<R: Read> Reader<R> {
    /// Reads a file from its beginning. Of records with longer blocks, in bytes, only the first ones are kept.
    pub fn new(source: R, record_bytes_max: u64) -> io::Result<Self> {
        Ok(Self {
            stream: Stream::new(source)?,
            record_bytes_max,
            told: false,
        })
    }

    /// What stands next; `None` at the end of the file. Errors are those of the source.
    pub fn read(&mut self) -> io::Result<Option<Found>> {
        loop {
            self.pass_line_breaks()?;
            let head = self.stream.fill(BEGINNING_BYTES)?;
            let (begins, empty) = (begins_with_version(head), head.is_empty());
            // Only now it is known whether a member begins here.
            let place = self.stream.place();
            if begins {
                return self.record(place).map(Some);
            }
            if !empty {
                return self.garbage(place).map(Some);
            }
            let Some(Stop::Broken(why)) = self.stream.stop().cloned() else {
                return Ok(None);
            };
            let another = self.stream.pass_breakage();
            if !std::mem::take(&mut self.told) && another {
                let kind = FaultKind::of_breakage(&why);
                return Ok(Some(fault(place, Head::default(), kind)));
            }
        }
    }

    fn pass_line_breaks(&mut self) -> io::Result<()> {
        loop {
            let bytes = self.stream.fill(1)?;
            let breaks = bytes.iter().take_while(|byte| is_line_break(**byte)).count();
            if breaks == 0 {
                return Ok(());
            }
            self.stream.consume(breaks);
        }
    }

    fn garbage(&mut self, place: Place) -> io::Result<Found> {
        let before = self.stream.consumed();
        self.pass_to_record(1)?;
        let bytes = self.stream.consumed() - before;
        Ok(fault(place, Head::default(), FaultKind::Garbage { bytes }))
    }

    fn record(&mut self, place: Place) -> io::Result<Found> {
        let Some(length) = self.head_length()? else {
            let bytes = self.stream.fill(USUAL_HEAD_BYTES)?;
            let bytes = bytes.get(..USUAL_HEAD_BYTES).unwrap_or(bytes);
            // The last line may have lost its end.
            let lines = memchr::memrchr(b'\n', bytes).and_then(|end| bytes.get(..end));
            let (head, _) = Head::parse(lines.unwrap_or_default());
            let kind = match self.stream.stop() {
                Some(Stop::Broken(why)) => FaultKind::of_breakage(why),
                Some(Stop::End) => FaultKind::Cut,
                None => FaultKind::BadHead {
                    why: "it is longer than any",
                },
            };
            return self.give_up(OPENING.len(), fault(place, head, kind));
        };
        let bytes = self.stream.fill(length)?.get(..length).unwrap_or_default();
        let other = bytes.get(OPENING.len()..).and_then(find_record);
        let (head, block) = Head::parse(bytes);
        if let Some(at) = other {
            // The record was cut inside of its head, and what follows is the next one: nothing here is to be trusted.
            let why = "another record begins inside of it";
            let kind = FaultKind::BadHead { why };
            return self.give_up(OPENING.len() + at, fault(place, Head::default(), kind));
        }
        match block {
            Err(why) => self.give_up(length, fault(place, head, FaultKind::BadHead { why })),
            Ok(block) if block > self.record_bytes_max => self.long_record(place, head, (length, block)),
            Ok(block) => self.whole_record(place, head, (length, block)),
        }
    }

    fn head_length(&mut self) -> io::Result<Option<usize>> {
        let mut wanted = USUAL_HEAD_BYTES;
        loop {
            let bytes = self.stream.fill(wanted)?;
            let searched = bytes.get(..HEAD_BYTES_MAX).unwrap_or(bytes);
            if let Some(length) = head_length(searched) {
                return Ok(Some(length));
            }
            if bytes.len() < wanted || wanted >= HEAD_BYTES_MAX {
                return Ok(None);
            }
            wanted *= 2;
        }
    }

    /// A record that is held as a whole. The lengths are those of its head and of its block.
    fn whole_record(&mut self, place: Place, head: Head, (head_bytes, block_bytes): (usize, u64)) -> io::Result<Found> {
        let block_length = usize::try_from(block_bytes).unwrap_or(usize::MAX);
        let length = head_bytes.saturating_add(block_length);
        let bytes = self.stream.fill(length.saturating_add(ENDING_BYTES))?;
        let short = bytes.len() < length;
        let behind = bytes.get(length..).unwrap_or_default();
        let last = behind.len() < ENDING_BYTES && behind.iter().all(|byte| is_line_break(*byte));
        let block = bytes.get(head_bytes..length).filter(|block| is_ending(block, behind));
        let Some(block) = block.map(<[u8]>::to_vec) else {
            let kind = self.short_or_wrong(short, block_bytes);
            return self.give_up(head_bytes, fault(place, head, kind));
        };
        if let Some(kind) = self.breakage(length).filter(|_| last) {
            return self.give_up(length, fault(place, head, kind));
        }
        self.stream.consume(length);
        Ok(Found::Record(Record {
            place,
            head,
            block,
            block_bytes,
        }))
    }

    /// What is wrong with the packed data of a record of this length that is the last of its member: all of it may have
    /// come out, and the check sum behind it be wrong or missing.
    fn breakage(&self, length: usize) -> Option<FaultKind> {
        match self.stream.stop() {
            None | Some(Stop::End | Stop::Broken(Breakage::NoMember(_))) => None,
            Some(Stop::Broken(_)) if self.stream.has_member_from(length) => None,
            Some(Stop::Broken(why)) => Some(FaultKind::of_breakage(why)),
        }
    }

    fn short_or_wrong(&self, short: bool, length: u64) -> FaultKind {
        match self.stream.stop() {
            Some(Stop::Broken(why)) if short => FaultKind::of_breakage(why),
            Some(Stop::End) if short => FaultKind::Cut,
            _ => FaultKind::WrongLength { length },
        }
    }

    /// A record whose block is too long to be held: its beginning is kept, the rest passed over.
    fn long_record(&mut self, place: Place, head: Head, (head_bytes, block_bytes): (usize, u64)) -> io::Result<Found> {
        let sample = self.stream.fill(head_bytes + SAMPLE_BYTES)?;
        let block = sample.get(head_bytes..).unwrap_or_default();
        let block = block.get(..SAMPLE_BYTES).unwrap_or(block).to_vec();
        self.stream.consume(head_bytes);
        let mut left = block_bytes;
        while left > 0 {
            let bytes = self.stream.fill(SEARCH_BYTES)?;
            let most = usize::try_from(left).unwrap_or(usize::MAX);
            let bytes = bytes.get(..most).unwrap_or(bytes);
            let (length, short) = (bytes.len(), bytes.is_empty());
            if short || find_record(bytes).is_some() {
                let kind = self.short_or_wrong(short, block_bytes);
                return self.give_up(0, fault(place, head, kind));
            }
            let count = passable(length, most, self.stream.stop().is_some());
            self.stream.consume(count);
            left -= to_u64(count);
        }
        Ok(Found::Record(Record {
            place,
            head,
            block,
            block_bytes,
        }))
    }

    /// Passes on to the next record, at least so many bytes away, and gives the fault that made it necessary.
    fn give_up(&mut self, at_least: usize, found: Found) -> io::Result<Found> {
        self.pass_to_record(at_least)?;
        Ok(found)
    }

    fn pass_to_record(&mut self, at_least: usize) -> io::Result<()> {
        self.stream.consume(at_least);
        loop {
            let bytes = self.stream.fill(SEARCH_BYTES)?;
            let (length, found) = (bytes.len(), find_record(bytes));
            if let Some(at) = found {
                self.stream.consume(at);
                return Ok(());
            }
            if length < SEARCH_BYTES {
                self.stream.consume(length);
                self.told = matches!(self.stream.stop(), Some(Stop::Broken(_)));
                return Ok(());
            }
            self.stream.consume(passable(length, usize::MAX, false));
        }
    }
}

impl<R: Read + Seek> Reader<R> {
    /// Reads a file from a place in it, which an earlier reader told.
    pub fn from_place(source: R, place: Place, record_bytes_max: u64) -> io::Result<Self> {
        Ok(Self {
            stream: Stream::from_place(source, place)?,
            record_bytes_max,
            told: false,
        })
    }
}

fn fault(place: Place, head: Head, kind: FaultKind) -> Found {
    Found::Fault(Fault { place, head, kind })
}

fn is_line_break(byte: u8) -> bool {
    byte == b'\r' || byte == b'\n'
}

/// How many of the bytes that were searched can be passed: a record may begin in the last ones, unless nothing follows.
fn passable(length: usize, most: usize, at_stop: bool) -> usize {
    if length >= most || at_stop {
        length
    } else {
        length.saturating_sub(BEGINNING_BYTES).max(1)
    }
}

/// Whether what stands behind a block is what may stand there: the next record, nothing, or the blank line that ends a
/// record. The last is weak: a blank line ends heads and paragraphs too, so that no record may begin inside of the block.
fn is_ending(block: &[u8], behind: &[u8]) -> bool {
    let breaks = behind.iter().take_while(|byte| is_line_break(**byte)).count();
    let rest = behind.get(breaks..).unwrap_or_default();
    let opening = OPENING.get(..rest.len()).unwrap_or(OPENING);
    let blank_line = behind.starts_with(b"\r\n\r\n") || behind.starts_with(b"\n\n");
    rest.starts_with(opening) || blank_line && find_record(block).is_none()
}

/// Length of the version that a record begins with, such as `WARC/1.0`.
fn version_length(bytes: &[u8]) -> Option<usize> {
    let version = bytes.strip_prefix(OPENING)?;
    let digits = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let major = digits(version);
    let minor = digits(version.get(major..)?.strip_prefix(b".")?);
    ((1..=2).contains(&major) && (1..=2).contains(&minor)).then_some(OPENING.len() + major + 1 + minor)
}

fn begins_with_version(bytes: &[u8]) -> bool {
    version_length(bytes).is_some()
}

/// Whether a record begins here, and not a text that speaks of WARC: a version line, and a line of a field behind it.
fn begins_record(bytes: &[u8]) -> bool {
    let Some(rest) = version_length(bytes).and_then(|length| bytes.get(length..)) else {
        return false;
    };
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
    let Some(line) = rest.strip_prefix(b"\n") else {
        return false;
    };
    let named = |name: &&[u8]| {
        line.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    FIRST_FIELDS.iter().any(named) || field(line).is_some_and(|(name, _)| name.len() < BEGINNING_BYTES / 2)
}

fn find_record(bytes: &[u8]) -> Option<usize> {
    memchr::memmem::find_iter(bytes, OPENING).find(|at| bytes.get(*at..).is_some_and(begins_record))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    const MOST: u64 = 100_000;

    fn record(id: usize, block: &[u8]) -> Vec<u8> {
        let head = format!(
            "WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:x:{id}>\r\nContent-Length: {}\r\n\r\n",
            block.len()
        );
        [head.as_bytes(), block, b"\r\n\r\n"].concat()
    }

    fn block(id: usize) -> Vec<u8> {
        format!("{id}: {}", "a few words ".repeat(10 + id)).into_bytes()
    }

    fn records() -> Vec<Vec<u8>> {
        (0..4).map(|id| record(id, &block(id))).collect()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        compress_to_vec(bytes, CompressionLevel::Fastest)
    }

    fn read(file: &[u8]) -> Vec<Found> {
        let mut reader = Reader::new(file, MOST).unwrap();
        std::iter::from_fn(|| reader.read().unwrap()).collect()
    }

    /// One word for each thing found: the number of a sound record, or the code of a fault.
    fn words(file: &[u8]) -> Vec<String> {
        let found = read(file);
        check_places(file, &found);
        found.iter().map(word).collect()
    }

    fn word(found: &Found) -> String {
        match found {
            Found::Record(record) => {
                let id = number(record.head.id.as_deref().unwrap()).unwrap();
                assert_eq!(record.block, block(id));
                id.to_string()
            }
            // Of a head that is broken itself, the name may be as well.
            Found::Fault(fault) => match fault.head.id.as_deref().and_then(number) {
                Some(id) => format!("{id}={}", fault.kind.code()),
                None => fault.kind.code().to_owned(),
            },
        }
    }

    fn number(id: &str) -> Option<usize> {
        id.trim_end_matches('>').rsplit(':').next()?.parse().ok()
    }

    /// From the place of everything that was found, the same is found again.
    fn check_places(file: &[u8], found: &[Found]) {
        for (index, first) in found.iter().enumerate() {
            let mut reader = Reader::from_place(Cursor::new(file), first.place(), MOST).unwrap();
            let again: Vec<Found> = std::iter::from_fn(|| reader.read().unwrap()).collect();
            assert_eq!(again, found[index..], "from {:?}", first.place());
        }
    }

    /// The same file in every packing: plain, gzip and zstd record by record, gzip and zstd as a whole.
    fn packings(records: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let whole = records.concat();
        let each = |pack: fn(&[u8]) -> Vec<u8>| records.iter().flat_map(|record| pack(record)).collect();
        vec![whole.clone(), each(gzip), each(zstd), gzip(&whole), zstd(&whole)]
    }

    #[test]
    fn sound_files_give_their_records_whatever_their_packing() {
        for file in packings(&records()) {
            assert_eq!(words(&file), ["0", "1", "2", "3"]);
        }
        assert!(words(b"").is_empty());
        // Members that have nothing to do with records, as those of bgzip.
        let whole = records().concat();
        let file: Vec<u8> = whole.chunks(100).flat_map(gzip).collect();
        assert_eq!(words(&file), ["0", "1", "2", "3"]);
    }

    #[test]
    fn line_feeds_alone_and_missing_or_more_blank_lines_do() {
        let lines = |record: &[u8]| {
            String::from_utf8(record.to_vec())
                .unwrap()
                .replace("\r\n", "\n")
                .into_bytes()
        };
        let records = records();
        assert_eq!(words(&[lines(&records[0]), lines(&records[1])].concat()), ["0", "1"]);
        let trimmed = records[0].trim_ascii_end();
        assert_eq!(
            words(&[&block(0)[..0], trimmed, b" ", &records[1], b"\r\n\r\n\r\n", &records[2]].concat()),
            ["0", "1", "2"]
        );
        assert_eq!(words(&[trimmed, b" "].concat()), ["0"]);
    }

    #[test]
    fn a_record_that_lies_about_its_length_costs_itself_alone() {
        for lie in [0, 5, 50, 151, 153, 200, 350, 500, 700, 900, 99_999, 100_001, 9_999_999] {
            let mut records = records();
            let text = String::from_utf8(records[1].clone()).unwrap();
            let length = format!("Content-Length: {}\r", block(1).len());
            records[1] = text.replace(&length, &format!("Content-Length: {lie}\r")).into_bytes();
            for (packing, file) in packings(&records).iter().enumerate() {
                let words = words(file);
                let sound: Vec<&String> = words.iter().filter(|word| word.len() == 1).collect();
                assert_eq!(sound, ["0", "2", "3"], "{lie} in packing {packing}: {words:?}");
                assert!(
                    words.contains(&"1=wrong-length".to_owned()) || words.contains(&"1=cut".to_owned()),
                    "{words:?}"
                );
            }
        }
    }

    #[test]
    fn heads_without_sense_are_told() {
        let records = records();
        let without = |from: &str, to: &str| {
            String::from_utf8(records[1].clone())
                .unwrap()
                .replace(from, to)
                .into_bytes()
        };
        for bad in [
            without("Content-Length", "Content-Size"),
            without("Length: 1", "Length: x1"),
        ] {
            assert_eq!(
                words(&[&records[0][..], &bad, &records[2]].concat()),
                ["0", "1=bad-head", "2"]
            );
        }
        let endless = ["WARC/1.0\r\n", &"X: y\r\n".repeat(50_000)].concat().into_bytes();
        assert_eq!(
            words(&[&records[0][..], &endless, &records[2]].concat()),
            ["0", "bad-head", "2"]
        );
        let wrong_version = without("WARC/1.0", "WART/1.0");
        assert_eq!(
            words(&[&records[0][..], &wrong_version, &records[2]].concat()),
            ["0", "garbage", "2"]
        );
    }

    #[test]
    fn what_is_cut_anywhere_is_told_and_the_rest_comes_out() {
        let records = records();
        for pack in [<[u8]>::to_vec, gzip, zstd] {
            let packed: Vec<Vec<u8>> = records.iter().map(|record| pack(record)).collect();
            for cut in 1..packed[1].len() {
                let middle = [&packed[0], &packed[1][..cut], &packed[2], &packed[3]].concat();
                let words = words(&middle);
                // A cut in the line breaks behind a record is no harm to it.
                assert!(words.ends_with(&["2".into(), "3".into()]), "cut at {cut}: {words:?}");
                assert_eq!(words[0], "0");
                let end = [&packed[0], &packed[1][..cut]].concat();
                let words = self::words(&end);
                assert!(
                    (1..=2).contains(&words.len()) && words[0] == "0",
                    "cut at {cut}: {words:?}"
                );
            }
        }
    }

    #[test]
    fn a_wrong_check_sum_is_told_of_the_record_that_stands_before_it() {
        let mut packed: Vec<Vec<u8>> = records().iter().map(|record| gzip(record)).collect();
        let sum = packed[1].len() - 8;
        packed[1][sum] ^= 1;
        assert_eq!(words(&packed.concat()), ["0", "1=broken-packing", "2", "3"]);
        let mut packed: Vec<Vec<u8>> = records().iter().map(|record| gzip(record)).collect();
        packed[2][12] ^= 0xff;
        let words = words(&packed.concat());
        assert_eq!(
            (&words[..2], words.last().unwrap().as_str()),
            (&["0".to_owned(), "1".to_owned()][..], "3")
        );
    }

    #[test]
    fn of_a_record_that_is_too_long_the_beginning_is_kept() {
        let long = record(9, &vec![b'x'; 300_000]);
        let records = records();
        let files = packings(&[records[0].clone(), long, records[1].clone()]);
        for file in files {
            let found = read(&file);
            let Found::Record(long) = &found[1] else {
                panic!("{:?}", found[1])
            };
            assert!(!long.is_whole());
            assert_eq!((long.block.len(), long.block_bytes), (SAMPLE_BYTES, 300_000));
            assert_eq!((word(&found[0]), word(&found[2])), ("0".into(), "1".into()));
        }
    }

    #[test]
    fn a_text_that_speaks_of_records_is_none() {
        let text = b"Every record begins with\nWARC/1.0\r\nand so on.".as_slice();
        assert_eq!(find_record(text), None);
        assert_eq!(find_record(b"xWARC/1.1\nwarc-type: response\n"), Some(1));
    }

    #[test]
    fn memory_is_bounded_by_the_longest_record_that_is_held() {
        let many: Vec<u8> = (0..40_000).flat_map(|id| record(id % 4, &block(id % 4))).collect();
        let mut reader = Reader::new(many.as_slice(), 10_000).unwrap();
        while reader.read().unwrap().is_some() {
            assert!(reader.stream.buffered() < 2_000_000);
        }
    }
}
