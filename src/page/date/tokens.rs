//! A text cut into numbers, words and marks, as the date scanner reads it.

use super::names;

/// Characters of a text that are looked at; a date that matters stands early.
pub(super) const TEXT_CHARS_MAX: usize = 300;

/// The zero of every set of digits that is understood: ASCII, Arabic, Persian, Devanagari, Bengali, full width.
const ZEROS: &[char] = &['0', '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{ff10}'];

/// One piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A run of digits.
    Number {
        /// Its value; a run too long for one is `u32::MAX`.
        value: u32,
        /// How many digits it has.
        digits: usize,
    },
    /// A run of letters, or a single ideograph.
    Word {
        /// As the tables of names compare it.
        folded: String,
        /// As written.
        written: String,
    },
    /// Any other character.
    Mark(char),
}

/// The tokens of a text, each with whether it touches the one before it.
#[derive(Debug)]
pub(super) struct Tokens {
    tokens: Vec<(Token, bool)>,
}

impl Tokens {
    /// Cuts the first [`TEXT_CHARS_MAX`] characters of a text.
    pub(super) fn new(text: &str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text.chars().take(TEXT_CHARS_MAX).peekable();
        let mut glued = false;
        while let Some(c) = rest.next() {
            if is_blank(c) {
                glued = false;
                continue;
            }
            let kind = Kind::of(c);
            let mut run = String::from(c);
            while let Some(next) = rest.next_if(|next| kind.runs() && Kind::of(*next) == kind) {
                run.push(next);
            }
            tokens.push((kind.token(c, run), glued));
            glued = true;
        }
        Self { tokens }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The token at a place.
    pub(super) fn get(&self, index: usize) -> Option<&Token> {
        self.tokens.get(index).map(|(token, _)| token)
    }

    /// Value and number of digits of the number at a place.
    pub(super) fn number(&self, index: usize) -> Option<(u32, usize)> {
        match self.get(index)? {
            Token::Number { value, digits } => Some((*value, *digits)),
            _ => None,
        }
    }

    /// The number at a place, if it touches the token before it.
    pub(super) fn glued_number(&self, index: usize) -> Option<(u32, usize)> {
        self.number(index).filter(|_| self.is_glued(index))
    }

    /// The number of one or two digits at a place.
    pub(super) fn short_number(&self, index: usize) -> Option<u32> {
        self.number(index)
            .filter(|(_, digits)| *digits <= 2)
            .map(|(value, _)| value)
    }

    /// The folded word at a place.
    pub(super) fn word(&self, index: usize) -> Option<&str> {
        match self.get(index)? {
            Token::Word { folded, .. } => Some(folded),
            _ => None,
        }
    }

    /// The word at a place as it is written.
    pub(super) fn written(&self, index: usize) -> Option<&str> {
        match self.get(index)? {
            Token::Word { written, .. } => Some(written),
            _ => None,
        }
    }

    /// The mark at a place.
    pub(super) fn mark(&self, index: usize) -> Option<char> {
        match self.get(index)? {
            Token::Mark(c) => Some(*c),
            _ => None,
        }
    }

    /// Whether the mark `c` stands at a place.
    pub(super) fn has_mark(&self, index: usize, c: char) -> bool {
        self.mark(index) == Some(c)
    }

    /// Whether the token at a place touches the one before it.
    pub(super) fn is_glued(&self, index: usize) -> bool {
        self.tokens.get(index).is_some_and(|(_, glued)| *glued)
    }
}

/// What a character belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Ideograph,
    Mark,
}

impl Kind {
    fn of(c: char) -> Self {
        if digit(c).is_some() {
            Self::Digit
        } else if is_ideograph(c) {
            Self::Ideograph
        } else if c.is_alphabetic() || is_joining(c) {
            Self::Letter
        } else {
            Self::Mark
        }
    }

    fn runs(self) -> bool {
        matches!(self, Self::Digit | Self::Letter)
    }

    fn token(self, first: char, run: String) -> Token {
        match self {
            Self::Digit => Token::Number {
                value: value(&run),
                digits: run.chars().count(),
            },
            Self::Letter | Self::Ideograph => Token::Word {
                folded: names::fold(&run),
                written: run,
            },
            Self::Mark => Token::Mark(plain_mark(first)),
        }
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

fn digit(c: char) -> Option<u32> {
    let code = u32::from(c);
    ZEROS
        .iter()
        .map(|zero| u32::from(*zero))
        .find_map(|zero| code.checked_sub(zero).filter(|value| *value < 10))
}

fn value(digits: &str) -> u32 {
    let read = digits
        .chars()
        .filter_map(digit)
        .try_fold(0_u32, |sum, digit| sum.checked_mul(10)?.checked_add(digit));
    read.unwrap_or(u32::MAX)
}

/// Chinese characters and kana, which are written without blanks.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// Marks inside words: combining accents, the nukta and virama of Devanagari.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{93c}' | '\u{94d}')
}

/// Typographic variants of a mark as the plain one.
fn plain_mark(c: char) -> char {
    match c {
        '‐' | '‑' | '−' => '-',
        '：' => ':',
        '，' | '、' | '،' => ',',
        '．' | '。' | '٫' => '.',
        '／' => '/',
        '（' => '(',
        '）' => ')',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_and_digits_are_cut_apart() {
        let tokens = Tokens::new("05T08 2024年3月");
        let cut: Vec<_> = (0..tokens.len())
            .map(|i| (tokens.number(i), tokens.word(i), tokens.is_glued(i)))
            .collect();
        assert_eq!(cut[0], (Some((5, 2)), None, false));
        assert_eq!(cut[1], (None, Some("t"), true));
        assert_eq!(cut[3], (Some((2024, 4)), None, false));
        assert_eq!(cut[4], (None, Some("年"), true));
    }

    #[test]
    fn digits_of_other_scripts_have_their_value() {
        assert_eq!(Tokens::new("٢٠٢٤").number(0), Some((2024, 4)));
        assert_eq!(Tokens::new("२०२४").number(0), Some((2024, 4)));
    }

    #[test]
    fn a_number_too_long_is_no_small_number() {
        assert_eq!(Tokens::new("99999999999").number(0), Some((u32::MAX, 11)));
    }
}
