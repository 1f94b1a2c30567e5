//! Feeds a page to the HTML standard's tokenizer piece by piece, with a look at limits and at the time between the
//! pieces.

use std::cell::Cell;

use html5ever::TokenizerResult;
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer};

use super::attributes;
use crate::limits::{CLASS_BYTES_MAX, PARSE_CHUNK_BYTES, Stop, TimedOut};

/// Stands between the tokenizer and what takes its tokens, and counts.
pub(super) struct Gauge<S> {
    /// What takes the tokens.
    pub(super) inner: S,
    tokens: Cell<usize>,
    attributes: Cell<usize>,
}

/// Why feeding ended before the page did.
pub(super) enum Halt<E> {
    /// The time is over.
    TimedOut,
    /// Some element has too many attributes; this is the page without them.
    Excess(String),
    /// What the caller looks at between pieces.
    Check(E),
}

impl<E> From<TimedOut> for Halt<E> {
    fn from(_: TimedOut) -> Self {
        Self::TimedOut
    }
}

impl<S> Gauge<S> {
    pub(super) fn new(inner: S) -> Self {
        Self {
            inner,
            tokens: Cell::new(0),
            attributes: Cell::new(0),
        }
    }

    /// How many attributes all start tags so far had.
    pub(super) fn attributes(&self) -> usize {
        self.attributes.get()
    }

    fn weigh(&self, tag: &mut Tag) {
        if tag.kind == TagKind::StartTag && !tag.attrs.is_empty() {
            tag.attrs
                .retain(|attribute| attribute.value.len() <= CLASS_BYTES_MAX || &*attribute.name.local != "class");
            self.attributes.set(self.attributes.get() + tag.attrs.len());
        }
    }
}

impl<S: TokenSink> TokenSink for Gauge<S> {
    type Handle = S::Handle;

    fn process_token(&self, mut token: Token, line_number: u64) -> TokenSinkResult<Self::Handle> {
        self.tokens.set(self.tokens.get() + 1);
        if let Token::TagToken(tag) = &mut token {
            self.weigh(tag);
        }
        self.inner.process_token(token, line_number)
    }

    fn end(&self) {
        self.inner.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.inner.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Feeds a whole page. `check` is asked after every piece of [`PARSE_CHUNK_BYTES`].
///
/// A piece that ends no token lies in a very long tag, or in a comment. Only then it is worth a look whether some
/// element has more than `attributes_max` attributes.
pub(super) fn feed<S: TokenSink, E>(
    tokenizer: &Tokenizer<Gauge<S>>,
    text: &str,
    attributes_max: usize,
    stop: &Stop<'_>,
    check: impl Fn(&Gauge<S>) -> Result<(), E>,
) -> Result<(), Halt<E>> {
    let buffer = BufferQueue::default();
    let mut looked = false;
    for chunk in chunks(text, PARSE_CHUNK_BYTES) {
        stop.check()?;
        let before = tokenizer.sink.tokens.get();
        buffer.push_back(StrTendril::from_slice(chunk));
        while !matches!(tokenizer.feed(&buffer), TokenizerResult::Done) {}
        if !looked && before == tokenizer.sink.tokens.get() {
            looked = true;
            if let Some(cut) = attributes::without_excess(text, attributes_max) {
                return Err(Halt::Excess(cut));
            }
        }
        check(&tokenizer.sink).map_err(Halt::Check)?;
    }
    tokenizer.end();
    check(&tokenizer.sink).map_err(Halt::Check)
}

/// Cuts a text into pieces of about `bytes`, at character boundaries.
fn chunks(text: &str, bytes: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (chunk, after) = rest.split_at(rest.floor_char_boundary(bytes.max(4)));
        rest = after;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_end_at_character_boundaries() {
        let text = "aé漢😀".repeat(50);
        assert_eq!(chunks(&text, 5).collect::<String>(), text);
    }
}
