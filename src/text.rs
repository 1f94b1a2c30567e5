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
    if folded.chars().any(|c| straight(c) != c) {
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
        assert!(matches!(fold("a b c"), Cow::Borrowed(_)));
        assert_eq!(fold("   "), "");
    }

    #[test]
    fn curly_quotes_compare_like_straight_ones() {
        assert_eq!(line_key("‘So’ she said:  “go”"), line_key("'So' she said: \"go\""));
    }

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        assert_eq!(words("It's 3.5 – über_alles!"), 5);
        assert_eq!(words(" – … "), 0);
    }
}
