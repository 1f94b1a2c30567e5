//! Character references (13.2.5.72 to 13.2.5.80).

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Longest name of a character reference, in bytes, with its semicolon.
const NAME_BYTES_MAX: usize = 32;

/// The first of the code points that stand for others of the charset windows-1252.
const C1_FIRST: u32 = 0x80;

/// Where a character reference stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Text,
    /// In the value of an attribute, names that lack their semicolon may be parts of an address.
    Attribute,
}

/// What a character reference stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reference {
    first: char,
    second: Option<char>,
    /// Bytes of it behind the ampersand.
    pub(super) length: usize,
}

impl Reference {
    /// The one or two characters.
    pub(super) fn characters(self) -> impl Iterator<Item = char> {
        std::iter::once(self.first).chain(self.second)
    }
}

/// Reads the character reference at the beginning of what stands behind an ampersand, if there is one.
pub(super) fn read(after: &[u8], place: Place) -> Option<Reference> {
    match after.first()? {
        b'#' => numeric(after),
        byte if byte.is_ascii_alphanumeric() => named(after, place),
        _ => None,
    }
}

/// Numeric character reference states (13.2.5.75 to 13.2.5.80), at the number sign.
fn numeric(after: &[u8]) -> Option<Reference> {
    let (radix, start) = match after.get(1)? {
        b'x' | b'X' => (16, 2),
        _ => (10, 1),
    };
    let mut code: u32 = 0;
    let mut length = start;
    for byte in after.get(start..)? {
        let Some(digit) = char::from(*byte).to_digit(radix) else {
            break;
        };
        code = code.saturating_mul(radix).saturating_add(digit);
        length += 1;
    }
    if length == start {
        return None;
    }
    Some(Reference {
        first: numbered(code),
        second: None,
        length: length + usize::from(after.get(length) == Some(&b';')),
    })
}

/// Numeric character reference end state (13.2.5.80).
fn numbered(code: u32) -> char {
    let replaced = code
        .checked_sub(C1_FIRST)
        .and_then(|index| C1_REPLACEMENTS.get(usize::try_from(index).ok()?).copied().flatten());
    replaced
        .or_else(|| char::from_u32(code).filter(|character| *character != '\0'))
        .unwrap_or('\u{fffd}')
}

/// Named character reference state (13.2.5.73): the longest name that is one.
fn named(after: &[u8], place: Place) -> Option<Reference> {
    let letters = after
        .iter()
        .take(NAME_BYTES_MAX)
        .position(|byte| !byte.is_ascii_alphanumeric())
        .unwrap_or(after.len().min(NAME_BYTES_MAX));
    let semicolon = usize::from(after.get(letters) == Some(&b';'));
    let name = std::str::from_utf8(after.get(..letters + semicolon)?).ok()?;
    let found = (1..=name.len()).rev().find_map(|length| lookup(name, length))?;
    let ended = found.length > letters;
    let next = after.get(found.length);
    let part_of_address = next.is_some_and(|byte| *byte == b'=' || byte.is_ascii_alphanumeric());
    if place == Place::Attribute && !ended && part_of_address {
        return None;
    }
    Some(found)
}

/// The reference whose name is so many bytes of a text. The table also holds the beginnings of names, without a
/// character.
fn lookup(text: &str, length: usize) -> Option<Reference> {
    let (first, second) = *NAMED_ENTITIES.get(text.get(..length)?)?;
    let character = |code: u32| char::from_u32(code).filter(|character| *character != '\0');
    Some(Reference {
        first: character(first)?,
        second: character(second),
        length,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(after: &str, place: Place) -> Option<(String, usize)> {
        read(after.as_bytes(), place).map(|found| (found.characters().collect(), found.length))
    }

    #[test]
    fn no_name_is_longer_than_the_longest() {
        assert_eq!(NAMED_ENTITIES.keys().map(|name| name.len()).max(), Some(NAME_BYTES_MAX));
    }

    #[test]
    fn the_longest_name_counts() {
        let found = |after| text(after, Place::Text);
        assert_eq!(found("notin;x"), Some(("∉".to_owned(), 6)));
        assert_eq!(found("notit;"), Some(("¬".to_owned(), 3)));
        assert_eq!(found("NotEqualTilde;"), Some(("≂̸".to_owned(), 14)));
        assert_eq!(found("nothing"), Some(("¬".to_owned(), 3)));
        assert_eq!(found("cat;"), None);
        assert_eq!(found(" amp"), None);
    }

    #[test]
    fn a_name_without_semicolon_is_none_inside_an_address() {
        let found = |after| text(after, Place::Attribute);
        assert_eq!(found("copy=1"), None);
        assert_eq!(found("copyright"), None);
        assert_eq!(found("copy;=1"), Some(("©".to_owned(), 5)));
        assert_eq!(found("copy "), Some(("©".to_owned(), 4)));
    }

    #[test]
    fn numbers_stand_for_characters_or_for_the_sign_of_none() {
        let found = |after| text(after, Place::Text);
        assert_eq!(found("#65;"), Some(("A".to_owned(), 4)));
        assert_eq!(found("#x41g"), Some(("A".to_owned(), 4)));
        assert_eq!(found("#150;"), Some(("–".to_owned(), 5)));
        assert_eq!(found("#0"), Some(("\u{fffd}".to_owned(), 2)));
        assert_eq!(found("#xD800;"), Some(("\u{fffd}".to_owned(), 7)));
        assert_eq!(found("#99999999999999999999;"), Some(("\u{fffd}".to_owned(), 22)));
        assert_eq!(found("#x;"), None);
        assert_eq!(found("#"), None);
    }
}
