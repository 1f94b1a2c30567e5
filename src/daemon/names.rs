//! File names, which are raw bytes: shown without harm, cut to what fits, told from temporary ones.

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::page_file::{PACKED_ENDINGS, SIDECAR_SUFFIX};
use crate::text::hex;

/// Longest file name, in bytes, on every file system that matters.
pub(crate) const NAME_BYTES_MAX: usize = 255;

/// Hexadecimal digits of the hash that stands for the cut part of a name.
const HASH_DIGITS: usize = 16;

/// Longest ending of a page's name that is not part of its stem, in bytes without the dot.
const ENDING_BYTES_MAX: usize = 5;

/// Beginnings of names that are temporary, or hidden: editors, copy tools and file systems use them.
const TEMPORARY_PREFIXES: &[&str] = &[".", "~$"];

/// Endings of names that are temporary, in lower case.
const TEMPORARY_SUFFIXES: &[&str] = &[
    "~",
    ".part",
    ".partial",
    ".filepart",
    ".crdownload",
    ".download",
    ".tmp",
    ".swp",
];

/// Names that are nobody's page, in lower case.
const FOREIGN_NAMES: &[&str] = &["thumbs.db", "desktop.ini", "@eadir", "__macosx", "lost+found"];

/// Whether a name in the inbox, of a file or a folder, is passed over.
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    let name = name.as_bytes().to_ascii_lowercase();
    TEMPORARY_PREFIXES
        .iter()
        .any(|prefix| name.starts_with(prefix.as_bytes()))
        || TEMPORARY_SUFFIXES
            .iter()
            .any(|suffix| name.ends_with(suffix.as_bytes()))
        || FOREIGN_NAMES.iter().any(|foreign| name == foreign.as_bytes())
        || name.len() > 1 && name.starts_with(b"#") && name.ends_with(b"#")
}

/// Whether a name is a sidecar's.
pub(crate) fn is_sidecar(name: &OsStr) -> bool {
    name.as_bytes().ends_with(SIDECAR_SUFFIX.as_bytes())
}

/// The path of a page's sidecar; a page whose name is too long for one has none.
pub(crate) fn sidecar_of(page: &Path) -> Option<PathBuf> {
    let name = joined(page.file_name()?, SIDECAR_SUFFIX);
    (name.len() <= NAME_BYTES_MAX).then(|| page.with_file_name(name))
}

/// A name with something appended.
pub(crate) fn joined(name: &OsStr, suffix: &str) -> OsString {
    let mut bytes = name.as_bytes().to_vec();
    bytes.extend_from_slice(suffix.as_bytes());
    OsString::from_vec(bytes)
}

/// A name with room for `suffix_bytes` more: a longer one is cut, and a hash of the whole takes the place of the rest.
pub(crate) fn fitted(name: &OsStr, suffix_bytes: usize) -> OsString {
    let bytes = name.as_bytes();
    let room = NAME_BYTES_MAX.saturating_sub(suffix_bytes);
    if bytes.len() <= room {
        return name.to_owned();
    }
    let mut keep = room.saturating_sub(HASH_DIGITS + 1);
    // A cut inside a character would make a valid name invalid.
    while keep > 0 && bytes.get(keep).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000) {
        keep -= 1;
    }
    let digest: String = hex(&Sha256::digest(bytes)).chars().take(HASH_DIGITS).collect();
    let mut cut: Vec<u8> = bytes.iter().take(keep).copied().collect();
    cut.push(b'~');
    cut.extend_from_slice(digest.as_bytes());
    OsString::from_vec(cut)
}

/// A page's name without the ending that tells how it is packed and the one that tells what it is.
pub(crate) fn without_ending(name: &OsStr) -> &OsStr {
    let name = name.as_bytes();
    let unpacked = split_ending(name).filter(|(_, ending)| {
        PACKED_ENDINGS
            .iter()
            .any(|packed| ending.eq_ignore_ascii_case(packed.as_bytes()))
    });
    let name = unpacked.map_or(name, |(stem, _)| stem);
    OsStr::from_bytes(split_ending(name).map_or(name, |(stem, _)| stem))
}

/// A short ending that begins with a letter: a date or a number after a dot is part of the name.
fn split_ending(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let dot = name.iter().rposition(|byte| *byte == b'.')?;
    let (stem, ending) = name.split_at_checked(dot)?;
    let ending = ending.split_first()?.1;
    let fine = ending.len() <= ENDING_BYTES_MAX
        && ending.first()?.is_ascii_alphabetic()
        && ending.iter().all(u8::is_ascii_alphanumeric);
    (fine && !stem.is_empty()).then_some((stem, ending))
}

/// A path as text, different for different paths: a backslash is doubled, bytes that are no UTF-8 and characters that
/// could play tricks on a terminal or a log are written as escapes.
pub(crate) fn shown(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        text.push_str(&harmless(&chunk.valid().replace('\\', "\\\\")));
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("writing to a string never fails");
        }
    }
    text
}

/// The path that [`shown`] wrote as a text; `None` for a text that it never writes.
pub(crate) fn unshown(text: &str) -> Option<PathBuf> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        rest = if let Some(after) = escape.strip_prefix('\\') {
            bytes.push(b'\\');
            after
        } else if let Some((digits, after)) = escape.strip_prefix('x').and_then(|digits| digits.split_at_checked(2)) {
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            after
        } else {
            let (digits, after) = escape.strip_prefix("u{")?.split_once('}')?;
            let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            after
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    let path = PathBuf::from(OsString::from_vec(bytes));
    (shown(&path) == text).then_some(path)
}

/// A text for the log: line breaks, control characters and marks that turn the writing direction become escapes.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            tricky if is_tricky(tricky) => {
                write!(out, "\\u{{{:x}}}", u32::from(tricky)).expect("writing to a string never fails");
            }
            plain => out.push(plain),
        }
    }
    out
}

fn is_tricky(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || character.is_control() && character != '\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_and_foreign_names_are_known() {
        let temporary = [
            ".page.html",
            "page.html~",
            "page.html.part",
            "page.PARTIAL",
            "a.filepart",
            "a.crdownload",
            "a.download",
            "a.tmp",
            ".a.swp",
            "~$a.doc",
            ".syncthing.a.tmp",
            ".nfs0001",
            ".fuse_hidden01",
            "#a.html#",
            "Thumbs.db",
            "desktop.ini",
            "@eaDir",
            ".stfolder",
            "__MACOSX",
            "lost+found",
        ];
        for name in temporary {
            assert!(is_temporary(OsStr::new(name)), "{name}");
        }
        for name in ["page.html", "part", "#1.html", "#", "tmp", "download.html", "a~b"] {
            assert!(!is_temporary(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn a_long_name_is_cut_between_characters_and_stays_unique() {
        let (one, two) = ("ä".repeat(127) + "1", "ä".repeat(127) + "2");
        let cut = fitted(OsStr::new(&one), 10);
        assert!(cut.len() <= 245 && cut.len() > 240, "{}", cut.len());
        assert!(cut.to_str().unwrap().starts_with("ää"));
        assert_ne!(cut, fitted(OsStr::new(&two), 10));
        assert_eq!(fitted(OsStr::new("short"), 10), "short");
    }

    #[test]
    fn what_is_shown_leads_back_to_the_name() {
        for name in [
            &b"a/\xc3\xb6 b.html"[..],
            b"caf\xe9\\xe9.html",
            b"x\n\x1b[31m\\",
            b"\xe2\x80\xaeabc",
            b"",
        ] {
            let path = Path::new(OsStr::from_bytes(name));
            assert_eq!(unshown(&shown(path)).as_deref(), Some(path));
        }
        for text in ["\\", "\\x4", "\\x41", "\\u{zz}", "\\u{41}", "\\n", "a\nb"] {
            assert_eq!(unshown(text), None, "{text}");
        }
    }

    #[test]
    fn names_are_shown_without_harm_and_stay_distinct() {
        assert_eq!(shown(Path::new("a/ö b.html")), "a/ö b.html");
        assert_eq!(shown(Path::new(OsStr::from_bytes(b"caf\xe9.html"))), "caf\\xe9.html");
        assert_eq!(shown(Path::new("caf\\xe9.html")), "caf\\\\xe9.html");
        assert_eq!(
            harmless("\\d\ta\nb\u{1b}[31m\u{202e}"),
            "\\d\ta\\u{a}b\\u{1b}[31m\\u{202e}"
        );
    }
}
