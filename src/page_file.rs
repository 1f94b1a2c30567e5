//! A page in a file: read under limits, unpacked if it is packed.

mod zstd;

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

use crate::guard::guarded;
use crate::limits::Limits;

/// The first bytes of a gzip file (RFC 1952).
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// File endings that tell how a file is packed, not what it holds.
pub const PACKED_ENDINGS: &[&str] = &["gz", "zst"];

/// What is appended to a page's name to name the file that tells more about it.
pub const SIDECAR_SUFFIX: &str = ".meta.toml";

/// What is appended to the stem of a page's outputs to name its metadata file.
pub const METADATA_SUFFIX: &str = ".meta.json";

/// Packed input below this size, in bytes, may inflate by any ratio: a short run of blanks packs very well.
const RATIO_FREE_BYTES: u64 = 1024 * 1024;

/// Room that is made for a page before it is read, in bytes: a vector that grows from nothing takes a call of the system
/// for each time that it doubles.
const USUAL_PAGE_BYTES: usize = 32 * 1024;

/// Why a page was not read.
#[derive(Debug)]
pub enum ReadError {
    /// The file can't be read.
    Io(io::Error),
    /// The file is larger than `page_bytes_max`.
    TooLarge {
        /// The limit that was broken.
        page_bytes_max: u64,
    },
    /// Unpacked, the file is larger than `inflated_bytes_max`.
    InflatedTooLarge {
        /// The limit that was broken.
        inflated_bytes_max: u64,
    },
    /// Unpacked, the file is more than `inflate_ratio_max` times as large.
    InflateRatio {
        /// The limit that was broken.
        inflate_ratio_max: u64,
    },
    /// The file is packed with gzip and broken.
    BadGzip(io::Error),
    /// The same for zstd.
    BadZstd(io::Error),
}

impl ReadError {
    /// A short fixed word for reason files and counts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "unreadable",
            Self::TooLarge { .. } => "too-large",
            Self::InflatedTooLarge { .. } => "inflated-too-large",
            Self::InflateRatio { .. } => "inflate-ratio",
            Self::BadGzip(_) => "bad-gzip",
            Self::BadZstd(_) => "bad-zstd",
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "the file can't be read: {error}"),
            Self::TooLarge { page_bytes_max } => write!(
                f,
                "the file is larger than {page_bytes_max} bytes (limits.page-bytes-max)"
            ),
            Self::InflatedTooLarge { inflated_bytes_max } => {
                write!(
                    f,
                    "unpacked the file is larger than {inflated_bytes_max} bytes (limits.inflated-bytes-max)"
                )
            }
            Self::InflateRatio { inflate_ratio_max } => {
                write!(
                    f,
                    "unpacked the file is more than {inflate_ratio_max} times as large (limits.inflate-ratio-max)"
                )
            }
            Self::BadGzip(error) => write!(f, "the gzip data is broken: {error}"),
            Self::BadZstd(error) => write!(f, "the zstd data is broken: {error}"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) | Self::BadGzip(error) | Self::BadZstd(error) => Some(error),
            _ => None,
        }
    }
}

/// Reads a page from an open file, and unpacks it if it is packed; that is told by its first bytes.
pub fn read(file: impl Read, limits: &Limits) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::with_capacity(USUAL_PAGE_BYTES);
    file.take(limits.page_bytes_max + 1)
        .read_to_end(&mut bytes)
        .map_err(ReadError::Io)?;
    unpacked(Cow::Owned(bytes), limits).map(Cow::into_owned)
}

/// A page that lies in memory, under the same limits; it is unpacked if it is packed, else given back as it is.
pub fn unpacked<'a>(bytes: Cow<'a, [u8]>, limits: &Limits) -> Result<Cow<'a, [u8]>, ReadError> {
    if length(&bytes) > limits.page_bytes_max {
        return Err(ReadError::TooLarge {
            page_bytes_max: limits.page_bytes_max,
        });
    }
    if bytes.starts_with(&GZIP_MAGIC) {
        unpack(MultiGzDecoder::new(&*bytes), &bytes, limits, ReadError::BadGzip).map(Cow::Owned)
    } else if zstd::is_zstd(&bytes) {
        let frames = zstd::Frames::new(&bytes, limits.inflated_bytes_max);
        // The decoder's own assertions are as much as any other fault of the data.
        guarded(|| unpack(frames, &bytes, limits, ReadError::BadZstd))
            .unwrap_or_else(|message| Err(ReadError::BadZstd(io::Error::other(message))))
            .map(Cow::Owned)
    } else {
        Ok(bytes)
    }
}

/// Reads what an unpacker gives, under limits.
fn unpack(
    unpacker: impl Read,
    packed: &[u8],
    limits: &Limits,
    broken: fn(io::Error) -> ReadError,
) -> Result<Vec<u8>, ReadError> {
    let by_ratio = length(packed)
        .saturating_mul(limits.inflate_ratio_max)
        .max(RATIO_FREE_BYTES);
    let most = limits.inflated_bytes_max.min(by_ratio);
    let mut bytes = Vec::new();
    unpacker.take(most + 1).read_to_end(&mut bytes).map_err(broken)?;
    if length(&bytes) <= most {
        Ok(bytes)
    } else if by_ratio < limits.inflated_bytes_max {
        Err(ReadError::InflateRatio {
            inflate_ratio_max: limits.inflate_ratio_max,
        })
    } else {
        Err(ReadError::InflatedTooLarge {
            inflated_bytes_max: limits.inflated_bytes_max,
        })
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn code(bytes: &[u8], limits: &Limits) -> &'static str {
        read(bytes, limits).map_or_else(|error| error.code(), |_| "fine")
    }

    #[test]
    fn packed_pages_are_unpacked_by_content() {
        assert_eq!(read(packed(b"text").as_slice(), &Limits::default()).unwrap(), b"text");
        assert_eq!(read(b"text".as_slice(), &Limits::default()).unwrap(), b"text");
    }

    #[test]
    fn bombs_and_broken_data_are_refused_by_name() {
        let limits = Limits {
            page_bytes_max: 100_000,
            inflated_bytes_max: 5_000_000,
            ..Limits::default()
        };
        assert_eq!(code(&vec![b'a'; 100_001], &limits), "too-large");
        assert_eq!(code(&packed(&vec![b'a'; 4_000_000]), &limits), "inflate-ratio");
        assert_eq!(
            code(
                &packed(&vec![b'a'; 9_000_000]),
                &Limits {
                    inflate_ratio_max: 10_000,
                    ..limits.clone()
                }
            ),
            "inflated-too-large"
        );
        assert_eq!(code(&packed(&[b'a'; 900])[..15], &limits), "bad-gzip");
    }

    #[test]
    fn bombs_and_broken_data_of_zstd_are_refused_by_the_same_names() {
        let zstd = |bytes: &[u8]| compress_to_vec(bytes, CompressionLevel::Fastest);
        let limits = Limits {
            page_bytes_max: 100_000,
            inflated_bytes_max: 5_000_000,
            ..Limits::default()
        };
        assert_eq!(read(zstd(b"text").as_slice(), &limits).unwrap(), b"text");
        assert_eq!(code(&zstd(&vec![b'a'; 4_000_000]), &limits), "inflate-ratio");
        let any_ratio = Limits {
            inflate_ratio_max: 100_000,
            ..limits.clone()
        };
        assert_eq!(code(&zstd(&vec![b'a'; 9_000_000]), &any_ratio), "inflated-too-large");
        assert_eq!(code(&zstd(&b"some text ".repeat(90))[..15], &limits), "bad-zstd");
    }
}
