//! The states of tags and their attributes (13.2.5.6 to 13.2.5.8, 13.2.5.32 to 13.2.5.40).

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink};
use html5ever::{Attribute, LocalName, QualName, ns};
use memchr::memchr3;

use super::reference::Place;
use super::{Content, Tokeniser, is_blank};

/// What stands behind the name of a tag.
#[derive(Default)]
struct AfterName {
    attributes: Vec<Attribute>,
    /// Attributes that were read, also those that are not taken.
    seen: usize,
    repeated: bool,
    self_closing: bool,
}

impl<S: TokenSink> Tokeniser<'_, S> {
    /// Tag open state (13.2.5.6), at the less-than sign.
    pub(super) fn tag_open(&mut self) {
        match self.byte(self.at + 1) {
            Some(byte) if byte.is_ascii_alphabetic() => self.tag(TagKind::StartTag, self.at + 1),
            Some(b'/') => self.end_tag_open(),
            Some(b'!') => self.markup_declaration_open(),
            Some(b'?') => self.bogus_comment(self.at + 1),
            _ => self.text_up_to(self.at + 1),
        }
    }

    /// End tag open state (13.2.5.7), at the less-than sign.
    fn end_tag_open(&mut self) {
        let name = self.at + "</".len();
        match self.byte(name) {
            Some(byte) if byte.is_ascii_alphabetic() => self.tag(TagKind::EndTag, name),
            Some(b'>') => self.at = name + 1,
            Some(_) => self.bogus_comment(name),
            None => self.text_up_to(name),
        }
    }

    /// Tag name state (13.2.5.8) and what follows, with the name at a place. A tag that the page's end cuts is none.
    pub(super) fn tag(&mut self, kind: TagKind, name: usize) {
        self.at = name;
        self.skip_until(|byte| is_blank(byte) || matches!(byte, b'/' | b'>'));
        let name = self.name(name, self.at);
        let Some(after) = self.after_name() else {
            self.at = self.text.len();
            return;
        };
        if kind == TagKind::StartTag {
            self.last_start_tag = name.clone();
        }
        self.content = Content::Data;
        self.pass(Token::TagToken(Tag {
            kind,
            name,
            self_closing: after.self_closing,
            attrs: after.attributes,
            had_duplicate_attributes: after.repeated,
        }));
    }

    /// Before attribute name, after attribute value (quoted) and self-closing start tag states (13.2.5.32, 13.2.5.39,
    /// 13.2.5.40); none where the page ends before the tag.
    fn after_name(&mut self) -> Option<AfterName> {
        let mut after = AfterName::default();
        loop {
            self.skip_until(|byte| !is_blank(byte));
            match self.byte(self.at)? {
                b'>' => {
                    self.at += 1;
                    return Some(after);
                }
                b'/' => {
                    self.at += 1;
                    after.self_closing = self.byte(self.at)? == b'>';
                }
                _ => self.attribute(&mut after)?,
            }
        }
    }

    /// Attribute name and after attribute name states (13.2.5.33, 13.2.5.34). Whatever the name begins with is part of
    /// it, also an equals sign. Of attributes of one name the first counts.
    fn attribute(&mut self, after: &mut AfterName) -> Option<()> {
        let start = self.at;
        self.at += 1;
        self.skip_until(|byte| is_blank(byte) || matches!(byte, b'/' | b'>' | b'='));
        let end = self.at;
        self.skip_until(|byte| !is_blank(byte));
        let value = if self.byte(self.at)? == b'=' {
            self.at += 1;
            self.value()?
        } else {
            StrTendril::new()
        };
        after.seen += 1;
        if after.seen > self.attributes_max {
            self.attributes_left_out = true;
            return Some(());
        }
        let name = self.name(start, end);
        if after.attributes.iter().any(|before| before.name.local == name) {
            after.repeated = true;
        } else {
            let name = QualName::new(None, ns!(), name);
            after.attributes.push(Attribute { name, value });
        }
        Some(())
    }

    /// Before attribute value state (13.2.5.35).
    fn value(&mut self) -> Option<StrTendril> {
        self.skip_until(|byte| !is_blank(byte));
        match self.byte(self.at)? {
            // Attribute value (double-quoted) and (single-quoted) states (13.2.5.36, 13.2.5.37).
            quote @ (b'"' | b'\'') => {
                self.at += 1;
                let value = self.value_up_to(|rest| memchr3(quote, b'&', 0, rest))?;
                self.at += 1;
                Some(value)
            }
            b'>' => Some(StrTendril::new()),
            // Attribute value (unquoted) state (13.2.5.38).
            _ => self.value_up_to(|rest| {
                rest.iter()
                    .position(|byte| is_blank(*byte) || matches!(byte, b'>' | b'&' | 0))
            }),
        }
    }

    /// The value up to what `find` finds, unless that is a character reference or a null character, which are part of
    /// it. None where the page ends before.
    fn value_up_to(&mut self, find: impl Fn(&[u8]) -> Option<usize>) -> Option<StrTendril> {
        let mut value = StrTendril::new();
        loop {
            let end = self.at + find(self.bytes(self.at))?;
            let run = self.slice(self.at, end);
            if value.is_empty() {
                value = run;
            } else {
                value.push_tendril(&run);
            }
            self.at = end;
            match self.byte(end)? {
                b'&' => self.reference_into(&mut value, Place::Attribute),
                0 => {
                    self.at += 1;
                    value.push_char('\u{fffd}');
                }
                _ => return Some(value),
            }
        }
    }

    /// A name of an element or attribute in its lower case.
    fn name(&mut self, from: usize, to: usize) -> LocalName {
        let name = self.piece(from, to);
        if name.bytes().any(|byte| byte == 0 || byte.is_ascii_uppercase()) {
            let lower = name.to_ascii_lowercase().replace('\0', "\u{fffd}");
            self.names.get(&lower)
        } else {
            self.names.get(name)
        }
    }

    fn skip_until(&mut self, stops: impl Fn(u8) -> bool) {
        let rest = self.bytes(self.at);
        self.at += rest.iter().position(|byte| stops(*byte)).unwrap_or(rest.len());
    }
}
