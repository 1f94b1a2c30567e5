//! What the words of a short text, or the first words of a long one, say of it: lines such as "read more" are known by
//! their wording.

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
    let words: Vec<String> = text
        .split(|character| !is_word(character))
        .filter(|word| !word.is_empty())
        .take(SHORT_WORDS + 1)
        .map(folded)
        .collect();
    let count = if words.len() > SHORT_WORDS {
        FIRST_WORDS
    } else {
        words.len()
    };
    let read: Vec<&String> = words.iter().take(count).collect();
    for word in read.iter().filter(|word| word.len() <= WORD_BYTES_MAX) {
        visit(word);
    }
    for pair in read.windows(2) {
        if let [first, second] = pair
            && first.len() + second.len() <= 2 * WORD_BYTES_MAX
        {
            visit(&format!("{first}_{second}"));
        }
    }
    SIGNS
        .iter()
        .filter(|sign| text.contains(**sign))
        .for_each(|sign| visit(sign));
}

fn folded(word: &str) -> String {
    word.chars()
        .flat_map(char::to_lowercase)
        .map(|character| if character.is_numeric() { '#' } else { character })
        .collect()
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
