//! The text of a page whose tree can't be built: what stands between its tags, a line for each block-level element.
//!
//! Only the tokeniser runs, so time and memory grow with the length of the page alone, however it is
//! nested. The result is read like a text dump.

use std::cell::RefCell;
use std::convert::Infallible;

use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::elements::{Breaks, breaks};
use super::feed::{Halt, feed};
use crate::limits::{Limits, Stop, TimedOut};

/// The element of a page's title.
const TITLE: &str = "title";

/// Elements whose contents the tokeniser reads in a way of its own, and whether they are text of the page.
const RAW: &[(&str, RawKind, bool)] = &[
    ("iframe", RawKind::Rawtext, false),
    ("noembed", RawKind::Rawtext, false),
    ("noframes", RawKind::Rawtext, false),
    ("script", RawKind::ScriptData, false),
    ("style", RawKind::Rawtext, false),
    ("textarea", RawKind::Rcdata, false),
    (TITLE, RawKind::Rcdata, true),
    ("xmp", RawKind::Rawtext, true),
];

/// The white space that is due before the next character.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    Nothing,
    Blank,
    Line,
    Paragraph,
}

/// The text in the making.
#[derive(Debug, Default)]
struct Writer {
    text: String,
    gap: Gap,
    /// Inside an element whose contents are no text.
    silent: bool,
    /// Open `pre` elements.
    code: usize,
    /// The page's title has been seen; further ones are those of pictures.
    titled: bool,
}

/// Takes tokens.
struct Sink(RefCell<Writer>);

/// The text of a page without its tree.
pub fn text(source: &str, limits: &Limits, stop: &Stop<'_>) -> Result<String, TimedOut> {
    let sink = Sink(RefCell::default());
    match feed(sink, source, limits.element_attributes_max, stop, |_| Ok(())) {
        Ok(fed) => Ok(fed.sink.0.into_inner().text),
        Err(Halt::<Infallible>::TimedOut) => Err(TimedOut),
        Err(Halt::Check(never)) => match never {},
    }
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line_number: u64) -> TokenSinkResult<()> {
        let mut writer = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => writer.write(&text),
            Token::TagToken(tag) => return writer.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Writer {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let opens = tag.kind == TagKind::StartTag;
        self.due(gap_of(name));
        if name == "pre" {
            self.code = if opens {
                self.code + 1
            } else {
                self.code.saturating_sub(1)
            };
        }
        let raw = RAW.iter().find(|(raw, ..)| *raw == name);
        match raw {
            Some((_, kind, is_text)) if opens => {
                self.silent = !is_text || name == TITLE && std::mem::replace(&mut self.titled, true);
                TokenSinkResult::RawData(*kind)
            }
            Some(_) => {
                self.silent = false;
                TokenSinkResult::Continue
            }
            None if opens && name == "plaintext" => TokenSinkResult::Plaintext,
            None => TokenSinkResult::Continue,
        }
    }

    /// Of several gaps in a row the widest counts.
    fn due(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn write(&mut self, text: &str) {
        if self.silent {
            return;
        }
        for character in text.chars() {
            match character {
                '\n' if self.code > 0 => self.due(Gap::Line),
                _ if character.is_whitespace() => self.due(Gap::Blank),
                _ => self.push(character),
            }
        }
    }

    fn push(&mut self, character: char) {
        let gap = std::mem::take(&mut self.gap);
        if !self.text.is_empty() {
            self.text.push_str(gap.written());
        }
        self.text.push(character);
    }
}

impl Gap {
    fn written(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Blank => " ",
            Self::Line => "\n",
            Self::Paragraph => "\n\n",
        }
    }
}

fn gap_of(name: &str) -> Gap {
    match breaks(name) {
        // The title of a page stands by itself, although no browser shows it among its text.
        None if name == TITLE => Gap::Paragraph,
        None => Gap::Nothing,
        Some(Breaks::Line) => Gap::Line,
        Some(Breaks::Paragraph) => Gap::Paragraph,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(source: &str) -> String {
        text(source, &Limits::default(), &Stop::never()).unwrap()
    }

    #[test]
    fn block_level_tags_part_lines_and_inline_tags_do_not() {
        assert_eq!(
            flat(
                "<title>Cats</title><body><h1>Cats</h1><p>one <b>two</b>\n three<br>four<ul><li>five<li>six</ul>seven"
            ),
            "Cats\n\nCats\n\none two three\nfour\n\nfive\nsix\n\nseven"
        );
    }

    #[test]
    fn references_are_read_and_what_is_no_text_goes() {
        assert_eq!(
            flat(
                "<title>Cats</title>a&amp;b &eacute;<script>var x = '<p>no</p>';</script><style>p {}</style><!-- no -->c<svg><title>no"
            ),
            "Cats\n\na&b éc"
        );
    }

    #[test]
    fn code_keeps_its_lines() {
        assert_eq!(flat("<p>x<pre>a\n  b\n</pre>c\nd"), "x\n\na\nb\n\nc d");
    }

    #[test]
    fn depth_costs_nothing() {
        let page = "<b><div>".repeat(50_000) + "deep";
        assert_eq!(flat(&page), "deep");
    }

    #[test]
    fn an_element_with_endless_attributes_keeps_its_text() {
        let page = format!("<p {}>text", (0..200_000).map(|n| format!("a{n} ")).collect::<String>());
        assert_eq!(flat(&page), "text");
    }

    #[test]
    fn the_time_can_be_over() {
        assert_eq!(
            text("<p>x", &Limits::default(), &Stop::unless(&|| false)),
            Err(TimedOut)
        );
    }
}
