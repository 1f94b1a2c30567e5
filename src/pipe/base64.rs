//! Bytes in text: base64 (RFC 4648) of either alphabet.

use std::array;
use std::fmt;
use std::sync::LazyLock;

/// Text that is no base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadBase64 {
    /// The offset, in bytes, where it ceases to be; the length where its end is missing.
    pub(super) at: usize,
}

impl fmt::Display for BadBase64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no base64 at byte {}", self.at + 1)
    }
}

/// Every byte's six bits, in the alphabet of mail or that of addresses.
static BITS: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let of_byte = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => NONE,
    };
    array::from_fn(|byte| u8::try_from(byte).map_or(NONE, of_byte))
});

/// Stands for no bits.
const NONE: u8 = 64;

/// Decodes a text. White space may stand anywhere, and the padding at the end may be missing.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, BadBase64> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let table: &[u8; 256] = &BITS;
    let (mut held, mut count, mut padded) = (0_u32, 0_u8, false);
    for (at, byte) in text.bytes().enumerate() {
        let value = table.get(usize::from(byte)).copied().unwrap_or(NONE);
        if value < NONE && !padded {
            held = held << 6 | u32::from(value);
            count += 1;
            if count == 4 {
                bytes.extend(held.to_be_bytes().into_iter().skip(1));
                (held, count) = (0, 0);
            }
        } else if byte == b'=' {
            padded = true;
        } else if !byte.is_ascii_whitespace() {
            return Err(BadBase64 { at });
        }
    }
    match count {
        0 => {}
        // Twelve bits are one byte and four bits of nothing; eighteen are two bytes and two bits.
        2 => bytes.extend((held << 12).to_be_bytes().into_iter().skip(1).take(1)),
        3 => bytes.extend((held << 6).to_be_bytes().into_iter().skip(1).take(2)),
        _ => return Err(BadBase64 { at: text.len() }),
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_the_standard_decode() {
        let known = [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
        ];
        for (text, bytes) in known {
            assert_eq!(decode(text), Ok(bytes.as_bytes().to_vec()));
            assert_eq!(
                decode(text.trim_end_matches('=')),
                Ok(bytes.as_bytes().to_vec()),
                "without padding"
            );
        }
        assert_eq!(decode("+/-_"), Ok(vec![0xfb, 0xff, 0xbf]));
        assert_eq!(decode(" Zm\r\n9v "), Ok(b"foo".to_vec()));
    }

    #[test]
    fn what_is_no_base64_is_told_with_its_place() {
        assert_eq!(decode("Zm9*"), Err(BadBase64 { at: 3 }));
        assert_eq!(decode("Zm9vZ"), Err(BadBase64 { at: 5 }));
        assert_eq!(decode("Zg==Zg"), Err(BadBase64 { at: 4 }));
    }
}
