//! What a block's text looks like, whatever its language.

use crate::clean::segment::HtmlBlock;
use crate::page::BlockKind;
use crate::text::{Fnv64, as_f32, is_ideograph, is_word};

/// Fewest words of a block that reads like running text.
const LONG_WORDS: f32 = 15.0;

/// Most link density of a block that reads like running text.
const LONG_LINK_DENSITY: f32 = 0.3;

/// Marks that end sentences, in the scripts that have such.
const SENTENCE_MARKS: &[char] = &['.', '!', '?', '…', '。', '！', '？', '।', '؟', '۔', '።', '։'];

/// Marks that part a sentence.
const COMMAS: &[char] = &[',', ';', '،', '、', '，', '؛', '；'];

/// Marks that may stand after the mark that ends a sentence.
const CLOSING: &[char] = &['"', '\'', '”', '’', '»', '«', ')', ']', '」', '』'];

/// Signs of money.
const CURRENCY: &[char] = &['$', '€', '£', '¥', '₹', '₽', '₩', '₺', '₴'];

/// Signs that part the pieces of a line of facts, a menu or a breadcrumb.
const SEPARATORS: &[char] = &['|', '·', '•', '›', '»', '>', '/', '→', '←', '‹', '«'];

/// Characters for which scripts that write without blanks need as much room as others for a word.
const IDEOGRAPHS_PER_WORD: f32 = 2.0;

/// What a block's text looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Shape {
    /// Words; in scripts without blanks, characters over two.
    pub words: f32,
    /// Characters that are not white space.
    pub chars: f32,
    /// Characters inside links as a share of all, from 0 to 1.
    pub link_density: f32,
    /// Marks that end sentences and stand before white space or at the end.
    pub sentence_marks: f32,
    /// Commas and their like.
    pub commas: f32,
    /// Digits as a share of the characters.
    pub digit_share: f32,
    /// Words that begin with a capital letter as a share of the words.
    pub capital_share: f32,
    /// Upper-case letters as a share of the letters.
    pub upper_share: f32,
    /// Signs that part the pieces of a line of facts, a menu or a breadcrumb.
    pub separators: f32,
    /// Whether it ends like a sentence.
    pub ends_sentence: bool,
    /// Whether it ends with a colon.
    pub ends_colon: bool,
    /// Whether it has a sign of money.
    pub money: bool,
    /// Its level if it is a heading, else 0.
    pub heading: u8,
    /// A hash of its words, to find copies.
    pub key: u64,
}

/// Counters of one pass over the characters of a text.
#[derive(Debug, Default)]
struct Counters {
    words: u32,
    ideographs: u32,
    chars: u32,
    marks: u32,
    commas: u32,
    digits: u32,
    capitals: u32,
    upper: u32,
    letters: u32,
    separators: u32,
    money: bool,
}

impl Shape {
    /// Looks at a block.
    pub fn of(block: &HtmlBlock) -> Self {
        let text = block.block.text.as_str();
        let (counted, key) = count(text);
        let chars = as_f32(counted.chars).max(1.0);
        let words = as_f32(counted.words) + as_f32(counted.ideographs) / IDEOGRAPHS_PER_WORD;
        let end = text.trim_end_matches(CLOSING).chars().last().unwrap_or(' ');
        let link_density = (as_f32(block.link_chars) / as_f32(block.chars.max(1))).min(1.0);
        Self {
            words,
            chars,
            link_density,
            sentence_marks: as_f32(counted.marks),
            commas: as_f32(counted.commas),
            digit_share: as_f32(counted.digits) / chars,
            capital_share: as_f32(counted.capitals) / words.max(1.0),
            upper_share: as_f32(counted.upper) / as_f32(counted.letters).max(1.0),
            separators: as_f32(counted.separators),
            ends_sentence: SENTENCE_MARKS.contains(&end),
            ends_colon: matches!(end, ':' | '：'),
            money: counted.money,
            heading: if let BlockKind::Heading(level) = block.block.kind {
                level
            } else {
                0
            },
            key,
        }
    }

    /// Whether it reads like running text: many words, few links.
    pub fn is_long(&self) -> bool {
        self.words >= LONG_WORDS && self.link_density < LONG_LINK_DENSITY
    }
}

/// Counts a text's characters by kind, and hashes them.
fn count(text: &str) -> (Counters, u64) {
    let mut counted = Counters::default();
    let mut key = Fnv64::default();
    let mut before = ' ';
    let mut mark = false;
    for character in text.chars() {
        if character.is_ascii_lowercase() {
            // Most characters of most pages.
            counted.add_small_letter(before);
            mark = false;
        } else if character == ' ' {
            // Most of the others.
            counted.marks += u32::from(mark);
            mark = false;
        } else {
            let blank = character.is_whitespace();
            counted.marks += u32::from(mark && blank);
            if !CLOSING.contains(&character) {
                mark = SENTENCE_MARKS.contains(&character);
            }
            counted.add(character, before);
        }
        key.add(u32::from(character));
        before = character;
    }
    counted.marks += u32::from(mark);
    (counted, key.value())
}

impl Counters {
    fn add_small_letter(&mut self, before: char) {
        self.chars += 1;
        self.letters += 1;
        self.words += u32::from(!before.is_ascii_lowercase() && (!is_word(before) || is_ideograph(before)));
    }

    fn add(&mut self, character: char, before: char) {
        if character.is_whitespace() {
            return;
        }
        self.chars += 1;
        if is_ideograph(character) {
            self.ideographs += 1;
        } else if is_word(character) && (!is_word(before) || is_ideograph(before)) {
            self.words += 1;
            self.capitals += u32::from(character.is_uppercase());
        }
        self.letters += u32::from(character.is_alphabetic());
        self.upper += u32::from(character.is_uppercase());
        self.digits += u32::from(character.is_numeric());
        self.commas += u32::from(COMMAS.contains(&character));
        self.separators += u32::from(SEPARATORS.contains(&character));
        self.money |= CURRENCY.contains(&character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::segment::{Marks, segment};
    use crate::limits::Limits;
    use crate::page::Dom;

    fn shape(html: &str) -> Shape {
        let dom = Dom::parse(html, &Limits::default()).unwrap();
        Shape::of(&segment(&dom, &Marks::default())[0])
    }

    #[test]
    fn sentences_are_counted_at_their_marks() {
        let shape = shape("<p>It costs 3.50 at a.com, he said. “Too much!” She left");
        assert_eq!((shape.words, shape.sentence_marks, shape.commas), (13.0, 2.0, 1.0));
        assert!(!shape.ends_sentence);
    }

    #[test]
    fn scripts_without_blanks_have_words_too() {
        assert!(shape("<p>東京都は十五日、新しい計画を発表した。市民の意見を聞くという。").words > 10.0);
    }

    #[test]
    fn links_are_a_share_of_the_characters() {
        let shape = shape("<p><a href=x>four</a> four");
        assert!((shape.link_density - 0.5).abs() < 0.01);
    }
}
