//! What one line of a dump looks like by itself, whatever its language.

use crate::clean::dump::words::{TOPICS, phrases, topic};
use crate::text::{Fnv64, as_f32, fnv32, is_ideograph, is_word};

/// Fewest words of a line that reads like running text.
pub(super) const LONG_WORDS: f32 = 15.0;

/// Marks that end sentences, in the scripts that have such.
const SENTENCE_MARKS: &[char] = &['.', '!', '?', '…', '。', '！', '？', '।', '؟', '۔', '።', '։'];

/// Marks that part a sentence.
const COMMAS: &[char] = &[',', ';', '،', '、', '，', '؛', '；'];

/// Marks that may stand after the mark that ends a sentence.
const CLOSING: &[char] = &['"', '\'', '”', '’', '»', '«', ')', ']', '」', '』'];

/// Marks that open a quotation.
const OPENING: &[char] = &['"', '\'', '“', '‘', '„', '«', '»', '「', '『', '(', '['];

/// Signs of money.
const CURRENCY: &[char] = &['$', '€', '£', '¥', '₹', '₽', '₩', '₺', '₴'];

/// Signs that part the pieces of a line of facts, a menu or a breadcrumb.
const SEPARATORS: &[char] = &['|', '·', '•', '›', '»', '>', '/', '→', '←', '‹', '«', '│'];

/// Marks that begin an item of a list.
const BULLETS: &[char] = &['-', '–', '—', '*', '•', '·', '▪', '●', '○', '■', '►', '›', '+', '✓'];

/// Characters for which scripts that write without blanks need as much room as others for a word.
const IDEOGRAPHS_PER_WORD: f32 = 2.0;

/// Characters of a line that are looked at; what follows is more of the same.
const CHARS_MAX: usize = 20_000;

/// How a line begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Start {
    /// With a capital letter.
    Capital,
    /// With a small letter.
    Small,
    /// With a letter of a script without capitals.
    Letter,
    /// With a digit.
    Digit,
    /// With the mark of an item.
    Bullet,
    /// With a quotation mark or a bracket.
    Opening,
    /// With any other sign.
    #[default]
    Other,
}

/// What a line looks like.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "signs of a line that have nothing to do with each other"
)]
pub struct Line {
    /// Words; in scripts without blanks, characters over two.
    pub words: f32,
    /// Words as the scorers count them: runs of letters and digits.
    pub runs: f32,
    /// Characters that are not white space.
    pub chars: f32,
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
    /// Characters beyond ASCII as a share of the characters.
    pub wide_share: f32,
    /// Signs that part the pieces of a line of facts, a menu or a breadcrumb.
    pub separators: f32,
    /// How it begins.
    pub start: Start,
    /// Whether it ends like a sentence.
    pub ends_sentence: bool,
    /// Whether it ends with a colon.
    pub ends_colon: bool,
    /// Whether it breaks off, with an ellipsis.
    pub ends_broken: bool,
    /// Whether it asks.
    pub ends_question: bool,
    /// Whether it has a sign of money.
    pub money: bool,
    /// Whether it names an address of the web or of mail.
    pub address: bool,
    /// Whether it names a year of our times.
    pub year: bool,
    /// Whether it names a time of the day.
    pub clock: bool,
    /// Whether it claims a copyright.
    pub copyright: bool,
    /// By topic: how many of its words frame pages rather than stand in their text.
    pub topics: [f32; TOPICS],
    /// A hash of its words, in small letters and without other characters, to find copies.
    pub key: u64,
    /// Hashes of its words.
    pub word_keys: Vec<u32>,
}

impl Line {
    /// Looks at a line.
    pub fn of(text: &str) -> Self {
        let mut reader = Reader::default();
        for character in text.chars().take(CHARS_MAX) {
            reader.read(character);
        }
        reader.end_word();
        reader.counted.marks += u32::from(reader.mark);
        let mut line = reader.into_line();
        if reader_needs_phrases(&line) {
            for topic in phrases(text) {
                line.count_topic(topic as usize);
            }
        }
        line.address = text.contains("://") || text.contains("www.") || has_mail(text);
        line.clock = has_clock(text);
        line.copyright = text.contains('©') || text.contains("(c)");
        line.look_at_ends(text);
        line
    }

    /// Whether it reads like running text.
    pub fn is_long(&self) -> bool {
        self.words >= LONG_WORDS
    }

    /// How many of its words frame pages, of any topic.
    pub fn framing(&self) -> f32 {
        self.topics.iter().sum()
    }

    fn count_topic(&mut self, topic: usize) {
        if let Some(count) = self.topics.get_mut(topic) {
            *count += 1.0;
        }
    }

    fn look_at_ends(&mut self, text: &str) {
        let end = text.trim_end_matches(CLOSING).chars().last().unwrap_or(' ');
        self.ends_sentence = SENTENCE_MARKS.contains(&end);
        self.ends_colon = matches!(end, ':' | '：');
        self.ends_broken = end == '…' || text.ends_with("...");
        self.ends_question = matches!(end, '?' | '？' | '؟');
        let first = text.chars().next().unwrap_or(' ');
        self.start = match first {
            _ if BULLETS.contains(&first) => Start::Bullet,
            _ if OPENING.contains(&first) => Start::Opening,
            _ if first.is_numeric() => Start::Digit,
            _ if first.is_uppercase() => Start::Capital,
            _ if first.is_lowercase() => Start::Small,
            _ if first.is_alphabetic() => Start::Letter,
            _ => Start::Other,
        };
    }
}

/// Scripts without blanks are nearly all beyond ASCII, in few runs.
fn reader_needs_phrases(line: &Line) -> bool {
    line.wide_share > 0.5 && line.words > line.runs
}

fn has_mail(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        word.split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    })
}

/// Whether there is `9:05`, `21.30` before `Uhr` and the like: digits, a colon, two digits.
fn has_clock(text: &str) -> bool {
    let mut pieces = text.split(':');
    let mut before = pieces.next().unwrap_or_default();
    for after in pieces {
        let hour = before.chars().next_back().is_some_and(|c| c.is_ascii_digit());
        let minutes = after.chars().take(2).filter(char::is_ascii_digit).count() == 2;
        if hour && minutes {
            return true;
        }
        before = after;
    }
    false
}

/// Counters of one pass over the characters of a line.
#[derive(Debug, Default)]
struct Counters {
    words: u32,
    runs: u32,
    ideographs: u32,
    chars: u32,
    marks: u32,
    commas: u32,
    digits: u32,
    capitals: u32,
    upper: u32,
    letters: u32,
    wide: u32,
    separators: u32,
    money: bool,
    year: bool,
}

/// A line while it is read.
#[derive(Debug, Default)]
struct Reader {
    counted: Counters,
    /// The word being read, in small letters.
    word: String,
    mark: bool,
    topics: [f32; TOPICS],
    word_keys: Vec<u32>,
}

impl Reader {
    fn read(&mut self, character: char) {
        let blank = character.is_whitespace();
        self.counted.marks += u32::from(self.mark && blank);
        if !CLOSING.contains(&character) {
            self.mark = SENTENCE_MARKS.contains(&character);
        }
        if is_word(character) {
            if self.word.is_empty() {
                self.counted.runs += 1;
                self.counted.words += u32::from(!is_ideograph(character));
                self.counted.capitals += u32::from(character.is_uppercase());
            }
            self.word.extend(character.to_lowercase());
        } else {
            self.end_word();
        }
        if !blank {
            self.counted.add(character);
        }
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        if let Some(count) = topic(&self.word).and_then(|topic| self.topics.get_mut(topic as usize)) {
            *count += 1.0;
        }
        self.counted.year |= self.word.len() == 4
            && (self.word.starts_with("19") || self.word.starts_with("20"))
            && self.word.bytes().all(|byte| byte.is_ascii_digit());
        self.word_keys.push(fnv32(self.word.bytes()));
        self.word.clear();
    }

    fn into_line(self) -> Line {
        let counted = &self.counted;
        let chars = as_f32(counted.chars).max(1.0);
        let words = as_f32(counted.words) + as_f32(counted.ideographs) / IDEOGRAPHS_PER_WORD;
        let key = Fnv64::of(self.word_keys.iter().copied());
        Line {
            words,
            runs: as_f32(counted.runs),
            chars,
            sentence_marks: as_f32(counted.marks),
            commas: as_f32(counted.commas),
            digit_share: as_f32(counted.digits) / chars,
            capital_share: as_f32(counted.capitals) / words.max(1.0),
            upper_share: as_f32(counted.upper) / as_f32(counted.letters).max(1.0),
            wide_share: as_f32(counted.wide) / chars,
            separators: as_f32(counted.separators),
            money: counted.money,
            year: counted.year,
            topics: self.topics,
            key,
            word_keys: self.word_keys,
            ..Line::default()
        }
    }
}

impl Counters {
    fn add(&mut self, character: char) {
        self.chars += 1;
        self.ideographs += u32::from(is_ideograph(character));
        self.letters += u32::from(character.is_alphabetic());
        self.upper += u32::from(character.is_uppercase());
        self.digits += u32::from(character.is_numeric());
        self.commas += u32::from(COMMAS.contains(&character));
        self.separators += u32::from(SEPARATORS.contains(&character));
        self.wide += u32::from(!character.is_ascii());
        self.money |= CURRENCY.contains(&character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_counted_in_one_pass() {
        let line = Line::of("It costs $3.50 at a.com, he said. “Too much!” She left");
        assert_eq!((line.words, line.sentence_marks, line.commas), (13.0, 2.0, 1.0));
        assert!(line.money && !line.ends_sentence && line.start == Start::Capital);
    }

    #[test]
    fn scripts_without_blanks_have_words_and_phrases_too() {
        let line = Line::of("この記事をシェアする・東京都は十五日、新しい計画を発表した。");
        assert!(line.words > 10.0 && line.ends_sentence);
        assert!(line.framing() > 0.0);
    }

    #[test]
    fn times_years_and_addresses_are_seen() {
        assert!(Line::of("Updated 21:05, 3 May 2024").clock && Line::of("3 May 2024").year);
        assert!(!Line::of("Note: 20245 is large").clock && !Line::of("Note: 20245").year);
        assert!(Line::of("Mail desk@paper.example today").address && !Line::of("now @home").address);
    }

    #[test]
    fn copies_differ_in_marks_and_capitals_only() {
        assert_eq!(Line::of("Read more »").key, Line::of("read MORE").key);
        assert_ne!(Line::of("Read more").key, Line::of("Read less").key);
    }
}
