//! Folding and counting of text, so that every part of the program means the same by a line, a word and a space.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Folds every run of white space to one blank and trims both ends.
pub fn fold(text: &str) -> Cow<'_, str> {
    if is_folded(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

fn is_folded(text: &str) -> bool {
    if text.is_ascii() {
        let is_gap = |pair: &[u8]| matches!(pair, [b' ', b' ']);
        return !text.bytes().any(|byte| matches!(byte, b'\t'..=b'\r'))
            && !text.as_bytes().windows(2).any(is_gap)
            && !text.starts_with(' ')
            && !text.ends_with(' ');
    }
    let mut after_blank = true;
    for character in text.chars() {
        let blank = character.is_whitespace();
        if blank && (after_blank || character != ' ') {
            return false;
        }
        after_blank = blank;
    }
    !after_blank || text.is_empty()
}

/// The form in which whole lines are compared: white space folded, curly quotes and apostrophes made straight.
///
/// Dumps of one site differ in just these, by the tool that made them.
pub fn line_key(line: &str) -> Cow<'_, str> {
    let folded = fold(line);
    if !folded.is_ascii() && folded.chars().any(|c| straight(c) != c) {
        Cow::Owned(folded.chars().map(straight).collect())
    } else {
        folded
    }
}

/// The straight form of a quotation mark; any other character as it is.
fn straight(character: char) -> char {
    match character {
        '‘' | '’' | '‚' | '‛' | '′' => '\'',
        '“' | '”' | '„' | '‟' | '″' => '"',
        other => other,
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string never fails");
        text
    })
}

/// A hash that is the same on every machine and in every version: FNV-1a (Fowler, Noll and Vo) of 32 bits.
pub fn fnv32(bytes: impl IntoIterator<Item = u8>) -> u32 {
    bytes.into_iter().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// The same of 64 bits, over numbers of any size that come one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fnv64(u64);

impl Default for Fnv64 {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv64 {
    /// Takes in a number.
    pub fn add(&mut self, number: impl Into<u64>) {
        self.0 = (self.0 ^ number.into()).wrapping_mul(0x0100_0000_01b3);
    }

    /// The hash of all that has been taken in.
    pub fn value(self) -> u64 {
        self.0
    }

    /// The hash of some numbers.
    pub fn of(numbers: impl IntoIterator<Item = impl Into<u64>>) -> u64 {
        let mut hash = Self::default();
        numbers.into_iter().for_each(|number| hash.add(number));
        hash.value()
    }
}

/// A count as a number to reckon with: exact below 2^24, which no page comes near where more than its magnitude matters.
#[expect(clippy::cast_precision_loss, reason = "said above")]
pub fn as_f32(count: impl TryInto<u32>) -> f32 {
    count.try_into().unwrap_or(u32::MAX) as f32
}

/// Counts the characters that are not white space.
pub fn dense_chars(text: &str) -> usize {
    if text.is_ascii() {
        // Without branches: most texts are long and ASCII.
        text.bytes()
            .filter(|byte| !matches!(byte, b'\t'..=b'\r' | b' '))
            .count()
    } else {
        text.chars().filter(|character| !character.is_whitespace()).count()
    }
}

/// Counts words: maximal runs of letters, digits and underscores. Scripts that write without blanks count by the run,
/// as the public scorers of main-content extraction do.
pub fn words(text: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    for character in text.chars() {
        let part = is_word(character);
        count += usize::from(part && !inside);
        inside = part;
    }
    count
}

/// Whether a character is part of a word.
pub fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Whether a character belongs to a script that writes without blanks between words.
pub fn is_ideograph(character: char) -> bool {
    matches!(u32::from(character), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Whether a text has a word at all; one without is decoration (a lone bullet, a rule of dashes).
pub fn has_word(text: &str) -> bool {
    text.chars().any(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_of_every_kind_folds_to_one_blank() {
        assert_eq!(fold(" a\u{a0}\t b\u{3000}\nc "), "a b c");
        for folded in ["a b c", "é b c", "", "a"] {
            assert!(matches!(fold(folded), Cow::Borrowed(_)), "{folded:?}");
        }
        for text in [" a", "a ", "a  b", "a\u{b}b", "a\nb"] {
            assert!(matches!(fold(text), Cow::Owned(_)), "{text:?}");
        }
        assert_eq!(fold("   "), "");
    }

    #[test]
    fn curly_quotes_compare_like_straight_ones() {
        assert_eq!(line_key("‘So’ she said:  “go”"), line_key("'So' she said: \"go\""));
    }

    #[test]
    fn hashes_are_those_of_the_reference() {
        // From the test suite of the authors of FNV.
        assert_eq!(fnv32(*b"foobar"), 0xbf9c_f968);
        assert_eq!(Fnv64::of(*b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn characters_count_without_white_space_in_any_script() {
        let all: String = (0_u8..128).map(char::from).collect();
        assert_eq!(dense_chars(&all), all.chars().filter(|c| !c.is_whitespace()).count());
        assert_eq!(dense_chars("é\u{a0}\u{3000} x"), 2);
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(words("It's 3.5 – über_alles!"), 5);
        assert_eq!(words(" – … "), 0);
    }
}
