//! Reads WARC files (ISO 28500): records, what is in them, and what of that is a page.
//!
//! It reads from any [`std::io::Read`] and touches nothing else. Broken input is its daily bread: whatever is wrong with a
//! record is told as a [`Fault`], and the next sound record is found behind it.
//!
//! How a record is found and judged, in this order:
//! 1. the file is plain, gzip or zstd by how it begins (`container`); a broken member or frame ends where the next begins;
//! 2. a record begins with a line `WARC/` and a version; its fields tell how long it is ([`reader`]);
//! 3. what follows its block has to be a blank line, the next record or the end; otherwise its length is a lie, and the
//!    next record is looked for from its own beginning on;
//! 4. its block is taken apart ([`payload`]) and judged by what it holds ([`judge`]).

mod chunked;
mod coding;
mod container;
mod content;
mod deflate;
mod fields;
mod gzip;
mod http;
mod look_back;
pub mod payload;
mod plain;
pub mod reader;
pub mod record;
mod stream;
mod summary;
mod zstd;

pub use payload::{Page, Reason, judge};
pub use reader::{Found, Reader};
pub use record::{Fault, FaultKind, Place, Record};
pub use summary::Summary;

/// Longest head of a record, in bytes: its version line and its fields. Addresses of some kilobytes are seen.
pub const HEAD_BYTES_MAX: usize = 256 * 1024;

/// Longest head of an HTTP response, in bytes.
pub const HTTP_HEAD_BYTES_MAX: usize = 256 * 1024;

/// Bytes of a record that is too long to be held that are kept to judge it by.
pub const SAMPLE_BYTES: usize = 64 * 1024;

/// Packed bytes behind the reading position that are kept. A decoder that has lost its way notices after a few hundred
/// bytes, but one stored block of deflate may first swallow 64 KiB of what follows.
pub const LOOK_BACK_BYTES: usize = 256 * 1024;

/// Packed bytes by which a possible beginning of a gzip member is tried.
pub const TRIAL_BYTES: usize = 4 * 1024;

/// Longest header of a gzip member, in bytes: it may hold a name and a comment of any length.
pub const GZIP_HEADER_BYTES_MAX: usize = 64 * 1024;

/// Largest dictionary of a zstd file, in bytes, packed or not.
pub const DICTIONARY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Largest window of a zstd frame, in bytes: what `zstd --long` uses.
pub const ZSTD_WINDOW_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Largest ratio of a member to its packed size, once it is larger than [`MEMBER_RATIO_FREE_BYTES`]. Deflate can't reach
/// it; zstd can go far beyond.
pub const MEMBER_RATIO_MAX: u64 = 1_100;

/// Bytes that a member may unpack to by any ratio.
pub const MEMBER_RATIO_FREE_BYTES: u64 = 64 * 1024 * 1024;

/// Most members whose place is remembered while a record is read. Places of further ones are told from those before.
pub const MARKS_MAX: usize = 4_096;

/// Most codings (gzip, br, ...) of one body that are undone.
pub const CODINGS_MAX: usize = 4;

/// Longest value of a field that is told, such as an address, in bytes.
pub const FIELD_BYTES_MAX: usize = 64 * 1024;
