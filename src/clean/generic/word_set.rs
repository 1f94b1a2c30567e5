//! The different words of a text, to tell which two texts share.

use crate::text::Fnv64;

/// The different words of a text, letter case aside.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct WordSet {
    /// Their hashes, ascending. Words are many and asked for only whether they are the same: no string is kept.
    hashes: Vec<u64>,
}

impl WordSet {
    /// The words of a text: runs of letters and digits.
    pub(super) fn of(text: &str) -> Self {
        let mut words = Self::default();
        words.read(text);
        words
    }

    /// Holds the words of this text from now on, and no others.
    pub(super) fn read(&mut self, text: &str) {
        self.hashes.clear();
        each_word(text, |word| self.hashes.push(word));
        self.hashes.sort_unstable();
        self.hashes.dedup();
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// How many it shares with another, best a smaller one.
    pub(super) fn common(&self, other: &Self) -> usize {
        let is_shared = |hash: &&u64| self.hashes.binary_search(hash).is_ok();
        other.hashes.iter().filter(is_shared).count()
    }
}

/// The hashes of the words of a text in their order, letter case aside: runs of letters and digits.
pub(in crate::clean) fn each_word(text: &str, mut visit: impl FnMut(u64)) {
    let mut word: Option<Fnv64> = None;
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            let letter = u32::from(character.to_ascii_lowercase());
            word.get_or_insert_default().add(letter);
        } else if !character.is_ascii() && character.is_alphanumeric() {
            let word = word.get_or_insert_default();
            character.to_lowercase().for_each(|letter| word.add(u32::from(letter)));
        } else if let Some(word) = word.take() {
            visit(word.value());
        }
    }
    if let Some(word) = word {
        visit(word.value());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_once_in_either_case() {
        let words = WordSet::of("The bridge, the BRIDGE: Straße 7");
        assert_eq!(words.len(), 4);
        assert_eq!(words.common(&WordSet::of("STRASSE straße, bridges 7 the")), 3);
        assert_eq!(words.common(&WordSet::default()), 0);
    }

    #[test]
    fn nothing_is_left_of_a_text_read_before() {
        let mut words = WordSet::of("one two three");
        words.read("four");
        assert_eq!(words, WordSet::of("Four"));
    }
}
