//! The states of text between tags: data, RCDATA, RAWTEXT, PLAINTEXT and CDATA section.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{TagKind, Token, TokenSink};
use memchr::{memchr, memchr2, memchr3};

use super::reference::{self, Place};
use super::{Content, Tokeniser, is_blank};

impl<S: TokenSink> Tokeniser<'_, S> {
    /// Data state (13.2.5.1).
    pub(super) fn data(&mut self) {
        let rest = self.bytes(self.at);
        let run = memchr3(b'<', b'&', 0, rest).unwrap_or(rest.len());
        self.text_up_to(self.at + run);
        match self.byte(self.at) {
            Some(b'<') => self.tag_open(),
            Some(b'&') => self.reference_in_text(),
            Some(_) => {
                self.at += 1;
                self.pass(Token::NullCharacterToken);
            }
            None => {}
        }
    }

    /// RCDATA and RAWTEXT states (13.2.5.2, 13.2.5.3), with those of a less-than sign and of an end tag in them
    /// (13.2.5.9 to 13.2.5.14).
    pub(super) fn raw_text(&mut self) {
        let mut from = self.at;
        loop {
            let rest = self.bytes(from);
            let found = match self.content {
                Content::Rcdata => memchr3(b'<', b'&', 0, rest),
                _ => memchr2(b'<', 0, rest),
            };
            let at = from + found.unwrap_or(rest.len());
            match self.byte(at) {
                Some(b'<') if !self.is_appropriate_end_tag(at) => from = at + 1,
                Some(b'<') => return self.end_raw(at),
                Some(b'&') => {
                    self.text_up_to(at);
                    return self.reference_in_text();
                }
                Some(_) => return self.replace_null(at),
                None => return self.text_up_to(at),
            }
        }
    }

    /// PLAINTEXT state (13.2.5.5).
    pub(super) fn plaintext(&mut self) {
        match memchr(0, self.bytes(self.at)) {
            Some(run) => self.replace_null(self.at + run),
            None => self.text_up_to(self.text.len()),
        }
    }

    /// CDATA section states (13.2.5.69 to 13.2.5.71). A null character is the tree builder's to judge.
    pub(super) fn cdata_section(&mut self) {
        let mut from = self.at;
        loop {
            let rest = self.bytes(from);
            let at = from + memchr2(b']', 0, rest).unwrap_or(rest.len());
            match self.byte(at) {
                Some(b']') if !self.bytes(at).starts_with(b"]]>") => from = at + 1,
                Some(b']') => {
                    self.text_up_to(at);
                    self.at = at + "]]>".len();
                    self.content = Content::Data;
                    return;
                }
                Some(_) => {
                    self.text_up_to(at);
                    self.at = at + 1;
                    return self.pass(Token::NullCharacterToken);
                }
                None => return self.text_up_to(at),
            }
        }
    }

    /// Passes on the text up to a place, which is read then.
    pub(super) fn text_up_to(&mut self, to: usize) {
        if to > self.at {
            let text = self.slice(self.at, to);
            self.at = to;
            self.pass(Token::CharacterTokens(text));
        }
    }

    /// Passes on the text up to a null character, and what stands for it.
    pub(super) fn replace_null(&mut self, at: usize) {
        self.text_up_to(at);
        self.at = at + 1;
        self.pass(Token::CharacterTokens(StrTendril::from_char('\u{fffd}')));
    }

    /// Passes on the text up to the end tag that ends it, and the tag.
    pub(super) fn end_raw(&mut self, at: usize) {
        self.text_up_to(at);
        self.tag(TagKind::EndTag, at + "</".len());
    }

    /// Whether `</` and the name of the last start tag stand at a place (appropriate end tag token, 13.2.5).
    pub(super) fn is_appropriate_end_tag(&self, at: usize) -> bool {
        let Some(rest) = self.bytes(at).strip_prefix(b"</") else {
            return false;
        };
        let expected = self.last_start_tag.as_bytes();
        // A name in which anything but a letter stands is no name to these states.
        rest.split_at_checked(expected.len()).is_some_and(|(name, after)| {
            name.eq_ignore_ascii_case(expected)
                && !name.is_empty()
                && name.iter().all(u8::is_ascii_alphabetic)
                && after
                    .first()
                    .is_some_and(|byte| is_blank(*byte) || matches!(byte, b'/' | b'>'))
        })
    }

    /// Character reference state (13.2.5.72), at an ampersand of text.
    fn reference_in_text(&mut self) {
        let mut text = StrTendril::new();
        self.reference_into(&mut text, Place::Text);
        self.pass(Token::CharacterTokens(text));
    }

    /// The same, at an ampersand anywhere, with what it stands for pushed to a text.
    pub(super) fn reference_into(&mut self, text: &mut StrTendril, place: Place) {
        self.at += 1;
        match reference::read(self.bytes(self.at), place) {
            Some(found) => {
                self.at += found.length;
                found.characters().for_each(|character| text.push_char(character));
            }
            None => text.push_char('&'),
        }
    }
}
