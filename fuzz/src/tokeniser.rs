//! Holds the tokeniser to html5ever's own: the same tokens, and the same tree.

use std::cell::RefCell;

use dehusk::page::tokeniser::{Content, Tokeniser, source};
use html5ever::TokenizerResult;
use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, State};
use html5ever::tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use scraper::{Html, HtmlTreeSink};

/// Where a tokeniser may begin: what it reads, the same for html5ever's own, and the start tag that it stands behind.
pub const BEGINNINGS: &[(Content, State, &str)] = &[
    (Content::Data, State::Data, ""),
    (Content::Rcdata, State::RawData(RawKind::Rcdata), "title"),
    (Content::Rawtext, State::RawData(RawKind::Rawtext), "style"),
    (Content::ScriptData, State::RawData(RawKind::ScriptData), "script"),
    (Content::Plaintext, State::Plaintext, "plaintext"),
    (Content::Cdata, State::CdataSection, ""),
];

/// Elements after whose start tag the text is read in a way of its own.
const RAW: &[(&str, RawKind)] = &[
    ("iframe", RawKind::Rawtext),
    ("script", RawKind::ScriptData),
    ("style", RawKind::Rawtext),
    ("textarea", RawKind::Rcdata),
    ("title", RawKind::Rcdata),
    ("xmp", RawKind::Rawtext),
];

/// Writes tokens down, and answers them as a tree builder might, or not at all.
pub struct Recorder {
    tokens: RefCell<Vec<Token>>,
    answers: bool,
    inside_svg: RefCell<usize>,
}

impl Recorder {
    fn new(answers: bool) -> Self {
        Self {
            tokens: RefCell::default(),
            answers,
            inside_svg: RefCell::default(),
        }
    }

    fn answer(&self, tag: &Tag) -> TokenSinkResult<()> {
        if !self.answers {
            return TokenSinkResult::Continue;
        }
        let opens = tag.kind == TagKind::StartTag;
        if &*tag.name == "svg" {
            let mut depth = self.inside_svg.borrow_mut();
            *depth = if opens { *depth + 1 } else { depth.saturating_sub(1) };
        }
        let raw = RAW.iter().find(|(name, _)| *name == &*tag.name);
        match (opens, raw) {
            (true, Some((_, kind))) => TokenSinkResult::RawData(*kind),
            (true, None) if &*tag.name == "plaintext" => TokenSinkResult::Plaintext,
            (true, None) if &*tag.name == "meta" => TokenSinkResult::EncodingIndicator(StrTendril::new()),
            (false, Some((_, RawKind::ScriptData))) => TokenSinkResult::Script(()),
            _ => TokenSinkResult::Continue,
        }
    }
}

impl TokenSink for Recorder {
    type Handle = ();

    fn process_token(&self, token: Token, _line_number: u64) -> TokenSinkResult<()> {
        let answer = match &token {
            Token::TagToken(tag) => self.answer(tag),
            _ => TokenSinkResult::Continue,
        };
        let mut tokens = self.tokens.borrow_mut();
        match (tokens.last_mut(), token) {
            (_, Token::ParseError(_)) => {}
            (_, Token::CharacterTokens(text)) if text.is_empty() => {}
            (Some(Token::CharacterTokens(before)), Token::CharacterTokens(text)) => before.push_tendril(&text),
            (_, token) => tokens.push(token),
        }
        answer
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        *self.inside_svg.borrow() > 0
    }
}

/// The tokens of a text, with neighbouring pieces of text as one. `answers` is whether the sink answers them.
pub fn tokens(text: &str, content: Content, start_tag: &str, answers: bool) -> Vec<Token> {
    let source = source(text);
    let mut tokeniser = Tokeniser::new(&source, Recorder::new(answers), usize::MAX).inside(content, start_tag);
    tokeniser.run();
    tokeniser.into_sink().tokens.into_inner()
}

/// The same as html5ever's own tokeniser has it.
pub fn expected_tokens(text: &str, state: State, start_tag: &str, answers: bool) -> Vec<Token> {
    let options = TokenizerOpts {
        initial_state: Some(state),
        last_start_tag_name: Some(start_tag.to_owned()).filter(|name| !name.is_empty()),
        ..without_byte_order_mark()
    };
    let tokenizer = Tokenizer::new(Recorder::new(answers), options);
    feed(&tokenizer, text);
    tokenizer.sink.tokens.into_inner()
}

/// A mark of byte order is the decoder's to judge; html5ever's own tokeniser looks for one behind each script again.
fn without_byte_order_mark() -> TokenizerOpts {
    TokenizerOpts {
        discard_bom: false,
        ..TokenizerOpts::default()
    }
}

fn feed<S: TokenSink>(tokenizer: &Tokenizer<S>, text: &str) {
    let buffer = BufferQueue::default();
    if !text.is_empty() {
        buffer.push_back(StrTendril::from_slice(text));
    }
    while !matches!(tokenizer.feed(&buffer), TokenizerResult::Done) {}
    tokenizer.end();
}

fn builder() -> TreeBuilder<<HtmlTreeSink as TreeSink>::Handle, HtmlTreeSink> {
    let options = TreeBuilderOpts {
        scripting_enabled: false,
        ..TreeBuilderOpts::default()
    };
    TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), options)
}

/// The tree of a text.
pub fn tree(text: &str) -> Html {
    let source = source(text);
    let mut tokeniser = Tokeniser::new(&source, builder(), usize::MAX);
    tokeniser.run();
    tokeniser.into_sink().sink.finish()
}

/// A tree builder that is told no parse errors. html5ever's takes one for the token after `<textarea>` or `<pre>`, and
/// then keeps a line feed (`<pre>&#xa`) that the standard drops: errors are no tokens there, and ours tells none.
struct Untold<S>(S);

impl<S: TokenSink> TokenSink for Untold<S> {
    type Handle = S::Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<S::Handle> {
        match token {
            Token::ParseError(_) => TokenSinkResult::Continue,
            token => self.0.process_token(token, line),
        }
    }

    fn end(&self) {
        self.0.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.0.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// The same, with html5ever's own tokeniser.
pub fn expected_tree(text: &str) -> Html {
    let tokenizer = Tokenizer::new(Untold(builder()), without_byte_order_mark());
    feed(&tokenizer, text);
    tokenizer.sink.0.sink.finish()
}

/// Whether both trees of a text are the same to the last node.
pub fn check_trees(text: &str) {
    let (found, expected) = (tree(text), expected_tree(text));
    // Equality is of the nodes in the order of their making; what is shown is easier to read.
    if found != expected {
        assert_eq!(found.html(), expected.html(), "the trees of {text:?}");
        panic!("the trees of {text:?} differ in what is not shown");
    }
}

/// Whether both tokenisers give the same tokens, wherever they begin.
pub fn check_tokens(text: &str) {
    for (content, state, start_tag) in BEGINNINGS {
        assert_eq!(
            tokens(text, *content, start_tag, true),
            expected_tokens(text, *state, start_tag, true),
            "{content:?} of {text:?}"
        );
    }
}

/// Any text at all gives the tokens and the tree that html5ever's own tokeniser gives.
pub fn tokeniser(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    check_tokens(&text);
    check_trees(&text);
}
