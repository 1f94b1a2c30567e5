//! A file of gzip members, one after the other: mostly one for each record.

use std::io::{self, BufRead, Read};

use flate2::{Crc, Decompress};

use super::container::{Breakage, Event};
use super::deflate::{GZIP_MAGIC, Step, gzip_header, inflate};
use super::look_back::LookBack;
use super::{GZIP_HEADER_BYTES_MAX, TRIAL_BYTES};

/// Bytes of check sum and length behind the data of a member.
const TRAILER_BYTES: usize = 8;

/// Unpacks members, and finds the next one behind a broken one.
pub(super) struct Gzip<R> {
    source: LookBack<R>,
    decoder: Decompress,
    sum: Crc,
    /// Where the member at hand begins, between two members none.
    member: Option<u64>,
    /// From where the next member has to be looked for, after something broken.
    lost: Option<u64>,
}

impl<R: Read> Gzip<R> {
    /// Takes the source where it stands.
    pub(super) fn new(source: LookBack<R>) -> Self {
        Self {
            source,
            decoder: Decompress::new(false),
            sum: Crc::new(),
            member: None,
            lost: None,
        }
    }

    /// Reads on.
    pub(super) fn read(&mut self, out: &mut Vec<u8>) -> io::Result<Event> {
        if let Some(from) = self.lost.take() {
            self.source.go_to(from);
            find_member(&mut self.source)?;
        }
        match self.member {
            None => self.begin(),
            Some(member) => self.go_on(member, out),
        }
    }

    fn begin(&mut self) -> io::Result<Event> {
        let start = self.source.position();
        let head = self.source.peek(GZIP_MAGIC.len())?;
        if head.is_empty() {
            return Ok(Event::End);
        }
        if head != GZIP_MAGIC {
            return self.between(start);
        }
        let Some(length) = gzip_header(self.source.peek(GZIP_HEADER_BYTES_MAX)?) else {
            return Ok(self.broken(start, Breakage::NoMember("the header makes no sense".to_owned())));
        };
        self.source.consume(length);
        self.decoder.reset(false);
        self.sum.reset();
        self.member = Some(start);
        Ok(Event::Member(start))
    }

    /// What is no member: padding at the end of the file, or something that does not belong there.
    fn between(&mut self, start: u64) -> io::Result<Event> {
        loop {
            let chunk = self.source.fill_buf()?;
            let zeros = chunk.iter().take_while(|byte| **byte == 0).count();
            if chunk.is_empty() {
                return Ok(Event::End);
            }
            let all = zeros == chunk.len();
            self.source.consume(zeros);
            if !all {
                self.lost = Some(start);
                return Ok(Event::Broken(Breakage::NoMember("no gzip member".to_owned())));
            }
        }
    }

    fn go_on(&mut self, member: u64, out: &mut Vec<u8>) -> io::Result<Event> {
        let input = self.source.fill_buf()?;
        if input.is_empty() {
            return Ok(self.broken(member, Breakage::Cut));
        }
        let before = out.len();
        let (used, step) = match inflate(&mut self.decoder, input, out) {
            Ok(done) => done,
            Err(error) => return Ok(self.broken(member, Breakage::BadMember(error.to_string()))),
        };
        if used == 0 && out.len() == before {
            return Ok(self.broken(member, Breakage::BadMember("the data stand still".to_owned())));
        }
        self.source.consume(used);
        self.sum.update(out.get(before..).unwrap_or_default());
        match step {
            Step::Goes => Ok(Event::Data),
            Step::Ended => self.end(member),
        }
    }

    /// Looks whether the member has the check sum and the length that it says.
    fn end(&mut self, member: u64) -> io::Result<Event> {
        let trailer = self.source.peek(TRAILER_BYTES)?;
        if trailer.len() < TRAILER_BYTES {
            return Ok(self.broken(member, Breakage::Cut));
        }
        let said = u64::from_le_bytes(trailer.try_into().unwrap_or_default());
        let found = (u64::from(self.sum.amount()) << 32) | u64::from(self.sum.sum());
        if said != found {
            return Ok(self.broken(member, Breakage::BadSum));
        }
        self.source.consume(TRAILER_BYTES);
        self.member = None;
        Ok(Event::Data)
    }

    fn broken(&mut self, member: u64, why: Breakage) -> Event {
        self.member = None;
        self.lost = Some(member + 1);
        Event::Broken(why)
    }
}

/// Goes to where the next member seems to begin, or to the end.
fn find_member<R: Read>(source: &mut LookBack<R>) -> io::Result<()> {
    loop {
        let chunk = source.peek(TRIAL_BYTES)?;
        if chunk.len() < GZIP_MAGIC.len() {
            let rest = chunk.len();
            source.consume(rest);
            return Ok(());
        }
        match memchr::memmem::find(chunk, &GZIP_MAGIC) {
            None => {
                let pass = chunk.len() - (GZIP_MAGIC.len() - 1);
                source.consume(pass);
            }
            Some(at) => {
                source.consume(at);
                if seems_member(source.peek(TRIAL_BYTES)?) {
                    return Ok(());
                }
                source.consume(1);
            }
        }
    }
}

/// Whether bytes begin like a member: its first data unpack, at least to the beginning of a record.
pub(super) fn seems_member(bytes: &[u8]) -> bool {
    let Some(data) = gzip_header(bytes).and_then(|length| bytes.get(length..)) else {
        return false;
    };
    let mut decoder = Decompress::new(false);
    let mut out = Vec::new();
    let sound = inflate(&mut decoder, data, &mut out).is_ok_and(|(used, _)| used > 0);
    sound || out.starts_with(b"WARC/")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn member(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn texts(count: usize) -> Vec<Vec<u8>> {
        (0..count)
            .map(|number| format!("WARC/1.0 {number} {}", "some words of it ".repeat(20 + number)).into_bytes())
            .collect()
    }

    /// The members that were read, and what was broken.
    fn read(file: &[u8]) -> (Vec<Vec<u8>>, Vec<Breakage>) {
        let mut gzip = Gzip::new(LookBack::new(file, 0));
        let (mut members, mut broken): (Vec<Vec<u8>>, Vec<Breakage>) = (Vec::new(), Vec::new());
        let mut out = Vec::new();
        loop {
            let event = gzip.read(&mut out).unwrap();
            if event != Event::Data && !out.is_empty() {
                members.push(std::mem::take(&mut out));
            }
            match event {
                Event::Data | Event::Member(_) => {}
                Event::Broken(why) => broken.push(why),
                Event::End => return (members, broken),
            }
        }
    }

    #[test]
    fn members_are_read_one_by_one_and_padding_passes() {
        let texts = texts(5);
        let mut file: Vec<u8> = texts.iter().flat_map(|text| member(text)).collect();
        assert_eq!(read(&file), (texts.clone(), vec![]));
        file.extend([0; 100]);
        assert_eq!(read(&file), (texts, vec![]));
    }

    #[test]
    fn behind_a_broken_member_the_next_is_found() {
        let texts = texts(4);
        let members: Vec<Vec<u8>> = texts.iter().map(|text| member(text)).collect();
        for cut in 1..members[1].len() {
            let file = [&members[0], &members[1][..cut], &members[2], &members[3]].concat();
            let (found, broken) = read(&file);
            assert!(
                found.contains(&texts[0]) && found.ends_with(&texts[2..]),
                "cut at {cut}"
            );
            assert!(!broken.is_empty(), "cut at {cut}");
        }
        for flipped in 0..members[1].len() {
            let mut second = members[1].clone();
            second[flipped] ^= 0x10;
            let file = [&members[0][..], &second, &members[2], &members[3]].concat();
            let (found, _) = read(&file);
            assert!(found.ends_with(&texts[2..]), "flipped at {flipped}");
        }
    }

    #[test]
    fn what_stands_between_members_is_told_and_passed_over() {
        let texts = texts(3);
        let members: Vec<Vec<u8>> = texts.iter().map(|text| member(text)).collect();
        let file = [
            &members[0],
            &b"\x1f\x8b\x08 some junk"[..],
            &members[1],
            &[0, 0, 7],
            &members[2],
        ]
        .concat();
        let (found, broken) = read(&file);
        assert_eq!(found, texts);
        assert_eq!(broken.len(), 2, "{broken:?}");
    }
}
