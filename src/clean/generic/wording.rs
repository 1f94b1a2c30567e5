//! What the words of a short text, or the first words of a long one, say of it: lines such as "read more" are known by
//! their wording.

use std::ops::Range;

use crate::clean::generic::model::Model;
use crate::text::is_word;

/// Texts of no more words than this are read whole.
const SHORT_WORDS: usize = 12;

/// Words of a longer text that are read.
const FIRST_WORDS: usize = 4;

/// Longest word that is read, in bytes.
const WORD_BYTES_MAX: usize = 24;

/// Signs that count like words.
const SIGNS: &[&str] = &["©", "→", "»", "|", "…", "@", "http", "›", "•", "+"];

/// What the wording of a text is worth, in log-odds.
pub fn score(text: &str, model: &Model) -> f32 {
    let mut sum = model.wording_bias();
    each_word(text, &mut |word| sum += model.word(word));
    sum
}

/// Visits every word, every two words that follow each other, and every sign: what [`score`] weighs. Digits are read as `#`.
pub fn each_word(text: &str, visit: &mut (impl FnMut(&str) + ?Sized)) {
    let opening = Opening::of(text);
    let words = opening.words();
    let single = words.iter().filter(|word| word.len() <= WORD_BYTES_MAX);
    single
        .filter_map(|word| opening.folded.get(word.clone()))
        .for_each(&mut *visit);
    for pair in words.windows(2) {
        if let [first, second] = pair
            && first.len() + second.len() <= 2 * WORD_BYTES_MAX
        {
            opening
                .folded
                .get(first.start..second.end)
                .into_iter()
                .for_each(&mut *visit);
        }
    }
    let is_ascii = text.is_ascii();
    SIGNS
        .iter()
        .filter(|sign| (!is_ascii || sign.is_ascii()) && holds(text, sign))
        .for_each(|sign| visit(sign));
}

/// Whether a sign stands in a text. Most are one byte, which is found faster than a string of any length.
fn holds(text: &str, sign: &str) -> bool {
    match sign.as_bytes() {
        [byte] => memchr::memchr(*byte, text.as_bytes()).is_some(),
        _ => text.contains(sign),
    }
}

/// The first words of a text.
#[derive(Default)]
struct Opening {
    /// The words, folded, with a low line between them, so that two that follow each other are one piece of it.
    folded: String,
    /// Where each stands in it.
    places: [Range<usize>; SHORT_WORDS],
    /// How many words were found; one more than there are places for where the text goes on.
    found: usize,
}

impl Opening {
    fn of(text: &str) -> Self {
        let mut opening = Self {
            folded: String::with_capacity(SHORT_WORDS * WORD_BYTES_MAX / 2),
            ..Self::default()
        };
        let words = text
            .split(|character| !is_word(character))
            .filter(|word| !word.is_empty());
        for word in words.take(SHORT_WORDS + 1) {
            if let Some(place) = opening.places.get_mut(opening.found) {
                let start = opening.folded.len();
                push_folded(&mut opening.folded, word);
                *place = start..opening.folded.len();
                opening.folded.push('_');
            }
            opening.found += 1;
        }
        opening
    }

    /// Where the words stand that are read.
    fn words(&self) -> &[Range<usize>] {
        let count = if self.found > SHORT_WORDS {
            FIRST_WORDS
        } else {
            self.found
        };
        self.places.get(..count).unwrap_or_default()
    }
}

/// Adds a word in lower case, digits as `#`.
fn push_folded(text: &mut String, word: &str) {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    if word.bytes().all(is_plain) {
        // Most of them: nothing to fold.
        text.push_str(word);
        return;
    }
    for character in word.chars() {
        if character.is_numeric() {
            text.push('#');
        } else if character.is_ascii() {
            text.push(character.to_ascii_lowercase());
        } else {
            text.extend(character.to_lowercase());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each_word(text, &mut |word| all.push(word.to_owned()));
        all
    }

    #[test]
    fn short_texts_are_read_word_by_word_and_two_by_two() {
        assert_eq!(read("Read More »"), ["read", "more", "read_more", "»"]);
        assert_eq!(read("12 min"), ["##", "min", "##_min"]);
    }

    #[test]
    fn of_long_texts_only_the_first_words_are_read() {
        let text = "one two three four five six seven eight nine ten eleven twelve thirteen";
        assert_eq!(read(text).len(), 7);
    }
}
