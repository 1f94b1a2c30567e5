//! An HTML tokeniser over a whole page: the states of the HTML standard (section 13.2.5), read run by run instead of
//! character by character.
//!
//! It feeds whatever takes html5ever's tokens, above all html5ever's own tree builder, and is to give the same tokens
//! as html5ever's own tokeniser, which its tests hold it to. Parse errors are not reported. That tokeniser takes two
//! thirds of the time of a parse, because it looks at every character by itself; this one searches for the few that
//! matter, and its tokens are slices of the page. It has the whole page before it, so no state has to be left half way,
//! and states that differ in nothing but what they wait for are one search. Another tokeniser (html5gum) would need a
//! bridge that copies each token, and takes as long for its tokens alone as this one with the tree.
//!
//! What the standard calls a state and what reads it here:
//!
//! | states | read in |
//! |---|---|
//! | data, RCDATA, RAWTEXT, PLAINTEXT, CDATA section | `text` |
//! | script data, escaped and double escaped | `script` |
//! | tags and attributes | `tag` |
//! | comments, markup declaration | `comment` |
//! | DOCTYPE | `doctype` |
//! | character references | `reference` |

mod comment;
mod doctype;
mod names;
mod reference;
mod script;
mod tag;
mod text;

use html5ever::LocalName;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Token, TokenSink, TokenSinkResult};

use self::names::Names;
use self::script::Escape;

/// What sinks are told as the number of the line. Nothing here reads it.
const LINE: u64 = 1;

/// How the text between tags is read: the states between two tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Tags and character references.
    Data,
    /// Character references, up to the end tag (`title`, `textarea`).
    Rcdata,
    /// Nothing, up to the end tag (`style`, `iframe`).
    Rawtext,
    /// Nothing, up to the end tag, which comments may hide (`script`).
    ScriptData,
    /// Nothing, to the end of the page.
    Plaintext,
    /// Nothing, up to `]]>`, inside pictures and formulas.
    Cdata,
}

/// Reads a page and passes its tokens to a sink.
pub struct Tokeniser<'a, S> {
    source: &'a StrTendril,
    text: &'a str,
    /// Up to where the page is read, in bytes.
    at: usize,
    content: Content,
    escape: Escape,
    /// The name of the last start tag. Only an end tag of that name ends what is read in a way of its own.
    last_start_tag: LocalName,
    names: Names,
    attributes_max: usize,
    attributes_left_out: bool,
    ended: bool,
    sink: S,
}

/// A page as the tokeniser takes it: line breaks are line feeds (section 13.2.3.5). Tokens are slices of it, and it
/// lives as long as any of them. It may have 4 GB less a byte.
pub fn source(text: &str) -> StrTendril {
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return StrTendril::from_slice(text);
    }
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\r') {
        normal.push_str(before);
        normal.push('\n');
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    normal.push_str(rest);
    StrTendril::from_slice(&normal)
}

impl<'a, S: TokenSink> Tokeniser<'a, S> {
    /// A tokeniser at the beginning of a page that [`source`] has made. Of each tag only the first `attributes_max`
    /// attributes are read.
    pub fn new(source: &'a StrTendril, sink: S, attributes_max: usize) -> Self {
        Self {
            source,
            text: source,
            at: 0,
            content: Content::Data,
            escape: Escape::None,
            last_start_tag: LocalName::default(),
            names: Names::default(),
            attributes_max,
            attributes_left_out: false,
            ended: false,
            sink,
        }
    }

    /// The same tokeniser, as if it stood inside an element already: what it is to read, and the name of its start tag.
    #[must_use]
    pub fn inside(mut self, content: Content, start_tag: &str) -> Self {
        self.content = content;
        self.last_start_tag = LocalName::from(start_tag);
        self
    }

    /// Reads one tag, comment or run of text; false once the page is at its end, when the sink has been told so.
    pub fn step(&mut self) -> bool {
        if self.at >= self.text.len() {
            if !self.ended {
                self.ended = true;
                self.pass(Token::EOFToken);
                self.sink.end();
            }
            return false;
        }
        match self.content {
            Content::Data => self.data(),
            Content::Rcdata | Content::Rawtext => self.raw_text(),
            Content::ScriptData => self.script_data(),
            Content::Plaintext => self.plaintext(),
            Content::Cdata => self.cdata_section(),
        }
        true
    }

    /// Reads the whole page.
    pub fn run(&mut self) {
        while self.step() {}
    }

    /// Bytes of the page that are read.
    pub fn read(&self) -> usize {
        self.at
    }

    /// Whether a tag had more attributes than are read.
    pub fn attributes_left_out(&self) -> bool {
        self.attributes_left_out
    }

    /// What takes the tokens.
    pub fn sink(&self) -> &S {
        &self.sink
    }

    /// What took the tokens.
    pub fn into_sink(self) -> S {
        self.sink
    }

    /// Passes a token on, and reads on in the way that the sink asks for. What it says of scripts and of charsets is
    /// for those who run scripts, and for those who did not decode before.
    fn pass(&mut self, token: Token) {
        let content = match self.sink.process_token(token, LINE) {
            TokenSinkResult::RawData(RawKind::Rcdata) => Content::Rcdata,
            TokenSinkResult::RawData(RawKind::Rawtext) => Content::Rawtext,
            TokenSinkResult::RawData(RawKind::ScriptData | RawKind::ScriptDataEscaped(_)) => Content::ScriptData,
            TokenSinkResult::Plaintext => Content::Plaintext,
            TokenSinkResult::Continue | TokenSinkResult::Script(_) | TokenSinkResult::EncodingIndicator(_) => return,
        };
        self.content = content;
        self.escape = Escape::None;
    }

    /// The byte at a place; none behind the end.
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    /// The bytes from a place on.
    fn bytes(&self, from: usize) -> &'a [u8] {
        self.text.as_bytes().get(from..).unwrap_or_default()
    }

    /// A piece of the page that begins and ends next to ASCII characters, or at its ends.
    fn piece(&self, from: usize, to: usize) -> &'a str {
        self.text
            .get(from..to)
            .expect("pieces lie next to ASCII characters or ends, where characters begin")
    }

    /// Such a piece as tokens hold it: short ones are copied, long ones share the page's memory.
    fn slice(&self, from: usize, to: usize) -> StrTendril {
        let offset = u32::try_from(from).expect("no text of this kind has 4 GB");
        let length = u32::try_from(to - from).expect("no text of this kind has 4 GB");
        self.source
            .try_subtendril(offset, length)
            .expect("slices lie next to ASCII characters or ends, where characters begin")
    }

    /// Such a piece in which a null character is replaced, as it is almost everywhere.
    fn slice_without_null(&self, from: usize, to: usize) -> StrTendril {
        let piece = self.piece(from, to);
        if memchr::memchr(0, piece.as_bytes()).is_none() {
            return self.slice(from, to);
        }
        StrTendril::from_slice(&piece.replace('\0', "\u{fffd}"))
    }
}

/// Whether a byte is white space to the tokeniser. Carriage returns have become line feeds.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b' ')
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use html5ever::tokenizer::Tag;

    use super::*;

    /// Keeps the tags of a page.
    #[derive(Default)]
    struct Tags(RefCell<Vec<Tag>>);

    impl TokenSink for Tags {
        type Handle = ();

        fn process_token(&self, token: Token, _line_number: u64) -> TokenSinkResult<()> {
            if let Token::TagToken(tag) = token {
                self.0.borrow_mut().push(tag);
            }
            TokenSinkResult::Continue
        }
    }

    /// The tags of a page with at most so many attributes each, and whether there were more.
    fn tags(page: &str, attributes_max: usize) -> (Vec<String>, bool) {
        let source = source(page);
        let mut tokeniser = Tokeniser::new(&source, Tags::default(), attributes_max);
        tokeniser.run();
        let left_out = tokeniser.attributes_left_out();
        let tags = tokeniser.into_sink().0.into_inner();
        let shown = tags.iter().map(|tag| {
            let attributes = tag
                .attrs
                .iter()
                .map(|pair| format!(" {}={}", pair.name.local, pair.value));
            format!("{}{}", tag.name, attributes.collect::<String>())
        });
        (shown.collect(), left_out)
    }

    #[test]
    fn attributes_beyond_the_limit_go_and_the_tag_stays() {
        let page = "<p a b=1 c='>' d=\"x\"e=f g>text<br><i h/i = 2>";
        let first = |attributes_max| tags(page, attributes_max);
        assert_eq!(
            first(3),
            (["p a= b=1 c=>", "br", "i h= i=2"].map(str::to_owned).into(), true)
        );
        assert_eq!(first(1), (["p a=", "br", "i h="].map(str::to_owned).into(), true));
        let all = ["p a= b=1 c=> d=x e=f g=", "br", "i h= i=2"].map(str::to_owned);
        assert_eq!(first(6), (all.into(), false));
    }

    #[test]
    fn comments_and_lone_brackets_have_no_attributes() {
        for page in ["<!-- <p a b c> -->", "1 < 2 a b c >", "<!-- <p a b c>", "<p a b c"] {
            assert_eq!(tags(page, 2).0, Vec::<String>::new(), "{page}");
        }
    }

    #[test]
    fn attributes_without_end_take_time_in_proportion_to_their_number() {
        let page = format!("<p é=1 {}>", "é=2 ".repeat(300_000));
        assert_eq!(tags(&page, 1), (vec!["p é=1".to_owned()], true));
    }

    #[test]
    fn line_breaks_are_line_feeds() {
        assert_eq!(&*source("a\r\nb\rc\n\r\r\nd\r"), "a\nb\nc\n\n\nd\n");
    }

    #[test]
    fn long_runs_of_text_share_the_memory_of_the_page() {
        let source = source("<p title='a value of some length'>");
        let mut tokeniser = Tokeniser::new(&source, Tags::default(), 1);
        tokeniser.run();
        let tags = tokeniser.into_sink().0.into_inner();
        assert!(
            tags.iter()
                .all(|tag| tag.attrs.iter().all(|pair| pair.value.is_shared()))
        );
    }
}
