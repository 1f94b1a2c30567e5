//! Feeds a page through the tokeniser, with a look at limits and at the time every few thousand bytes.

use std::cell::Cell;

use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult};

use super::tokeniser::{self, Tokeniser};
use crate::limits::{CLASS_BYTES_MAX, PARSE_CHUNK_BYTES, Stop, TimedOut};

/// The mark of byte order. It says nothing in a text that is decoded.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Stands between the tokeniser and what takes its tokens, and counts.
pub(super) struct Gauge<S> {
    /// What takes the tokens.
    pub(super) inner: S,
    attributes: Cell<usize>,
}

/// Why feeding ended before the page did.
pub(super) enum Halt<E> {
    /// The time is over.
    TimedOut,
    /// What the caller looks at every few thousand bytes.
    Check(E),
}

/// What took the tokens of a whole page.
pub(super) struct Fed<S> {
    /// What took them.
    pub(super) sink: S,
    /// Whether some element had more attributes than it may.
    pub(super) attributes_left_out: bool,
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

/// Feeds a whole page. Of each element the first `attributes_max` attributes are taken. `check` is asked at the end, and
/// before that whenever [`PARSE_CHUNK_BYTES`] more are read.
pub(super) fn feed<S: TokenSink, E>(
    sink: S,
    text: &str,
    attributes_max: usize,
    stop: &Stop<'_>,
    check: impl Fn(&Gauge<S>) -> Result<(), E>,
) -> Result<Fed<S>, Halt<E>> {
    stop.check()?;
    // The decoder takes off the mark of byte order; some pages begin with a second one.
    let source = tokeniser::source(text.trim_start_matches(BYTE_ORDER_MARK));
    let mut tokeniser = Tokeniser::new(&source, Gauge::new(sink), attributes_max);
    let mut look_at = PARSE_CHUNK_BYTES;
    while tokeniser.step() {
        if tokeniser.read() >= look_at {
            look_at = tokeniser.read() + PARSE_CHUNK_BYTES;
            stop.check()?;
            check(tokeniser.sink()).map_err(Halt::Check)?;
        }
    }
    check(tokeniser.sink()).map_err(Halt::Check)?;
    Ok(Fed {
        attributes_left_out: tokeniser.attributes_left_out(),
        sink: tokeniser.into_sink().inner,
    })
}
