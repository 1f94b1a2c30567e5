//! Builds WARC files of invented pages.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// An invented page, whose text is long enough to be taken for an article.
pub(crate) fn page(number: usize) -> String {
    let words: String = (0..40 + number % 60)
        .map(|index| format!("{} ", WORDS[(index * 7 + number * 13) % WORDS.len()]))
        .collect();
    format!(
        "<!doctype html><html><head><title>Story number {number}</title></head><body><nav><a href=/>Home</a> \
         <a href=/x>News</a></nav><article><h1>Story number {number}</h1><p>Number {number} begins here. {words}and so it \
         ended, as everybody in the village had expected.</p><p>Nobody said a word about it for {number} days, and then \
         the mill by the river was sold once more.</p></article></body></html>"
    )
}

const WORDS: &[&str] = &[
    "the", "miller", "walked", "slowly", "over", "bridge", "while", "rain", "fell", "on", "every", "roof", "of", "town",
];

/// A record.
pub(crate) fn record(kind: &str, number: usize, block: &[u8]) -> Vec<u8> {
    let head = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{number:08}>\r\nWARC-Target-URI: \
         https://village.example/{number}\r\nWARC-Date: 2024-05-01T00:00:00Z\r\nContent-Length: {}\r\n\r\n",
        block.len()
    );
    [head.as_bytes(), block, b"\r\n\r\n"].concat()
}

/// A record of a response with these lines in its head.
pub(crate) fn response(number: usize, head: &str, body: &[u8]) -> Vec<u8> {
    let block = [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body].concat();
    record("response", number, &block)
}

/// A record of an invented page.
pub(crate) fn story(number: usize) -> Vec<u8> {
    response(number, "200 OK\r\nContent-Type: text/html", page(number).as_bytes())
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// Numbers that look random and are the same each time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % bound
    }
}
