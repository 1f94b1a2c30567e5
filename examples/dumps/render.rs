//! Makes text dumps of pages as naive dumpers do: all text between the tags, in several styles of line breaks.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// Where the dumper breaks lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// A line for each block-level element; the cells of a row share one.
    Blocks,
    /// Blank lines between paragraphs.
    Spaced,
    /// Blank lines between paragraphs, which are wrapped at 80 columns.
    Wrapped,
    /// As blocks, and every link is a line of its own.
    Links,
    /// Every run of text between two tags is a line of its own.
    Nodes,
}

/// All styles, with their names.
pub(crate) const STYLES: [(Style, &str); 5] = [
    (Style::Blocks, "blocks"),
    (Style::Spaced, "spaced"),
    (Style::Wrapped, "wrapped"),
    (Style::Links, "links"),
    (Style::Nodes, "nodes"),
];

/// Column at which lines are wrapped.
const COLUMN: usize = 80;

/// Elements that begin and end a paragraph.
const PARAGRAPHS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "details",
    "dialog",
    "div",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "main",
    "menu",
    "nav",
    "noscript",
    "ol",
    "p",
    "pre",
    "search",
    "section",
    "table",
    "title",
    "ul",
];

/// Elements that begin and end a line.
const LINES: &[&str] = &[
    "br",
    "caption",
    "dd",
    "dt",
    "figcaption",
    "legend",
    "li",
    "option",
    "summary",
    "tbody",
    "tfoot",
    "thead",
    "tr",
];

/// Elements whose contents are no text of the page, and how the tokenizer reads them.
const SILENT: &[(&str, RawKind)] = &[
    ("iframe", RawKind::Rawtext),
    ("noembed", RawKind::Rawtext),
    ("noframes", RawKind::Rawtext),
    ("script", RawKind::ScriptData),
    ("style", RawKind::Rawtext),
    ("textarea", RawKind::Rcdata),
    ("xmp", RawKind::Rawtext),
];

/// A piece of a page in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text.
    Text(String),
    /// The edge of an element that makes paragraphs.
    Paragraph,
    /// The edge of an element that makes lines.
    Line,
    /// The edge of a cell.
    Cell,
    /// The edge of a link.
    Link,
    /// The edge of any other element.
    Inline,
}

#[derive(Debug, Default)]
struct Reading {
    pieces: Vec<Piece>,
    title: String,
    in_title: bool,
    silent: bool,
    pictures: usize,
}

struct Sink(RefCell<Reading>);

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Token, _line_number: u64) -> TokenSinkResult<()> {
        let mut reading = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => reading.text(&text),
            Token::TagToken(tag) => return reading.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Reading {
    fn text(&mut self, text: &StrTendril) {
        if self.in_title && self.title.is_empty() {
            self.title.push_str(&dehusk::text::fold(text));
        } else if !self.silent && !self.in_title && self.pictures == 0 {
            match self.pieces.last_mut() {
                Some(Piece::Text(last)) => last.push_str(text),
                _ => self.pieces.push(Piece::Text(text.to_string())),
            }
        }
    }

    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name = &*tag.name;
        let opens = tag.kind == TagKind::StartTag;
        self.pieces.push(edge(name));
        if matches!(name, "svg" | "template") && !tag.self_closing {
            self.pictures = if opens {
                self.pictures + 1
            } else {
                self.pictures.saturating_sub(1)
            };
        }
        self.in_title = opens && name == "title";
        self.silent = false;
        if self.in_title {
            return TokenSinkResult::RawData(RawKind::Rcdata);
        }
        match SILENT.iter().find(|(silent, _)| *silent == name) {
            Some((_, kind)) if opens => {
                self.silent = true;
                TokenSinkResult::RawData(*kind)
            }
            _ => TokenSinkResult::Continue,
        }
    }
}

fn edge(name: &str) -> Piece {
    match name {
        "a" => Piece::Link,
        "td" | "th" => Piece::Cell,
        _ if PARAGRAPHS.contains(&name) => Piece::Paragraph,
        _ if LINES.contains(&name) => Piece::Line,
        _ => Piece::Inline,
    }
}

/// The title of a page and its pieces.
pub(crate) fn pieces(source: &str) -> (String, Vec<Piece>) {
    let tokenizer = Tokenizer::new(Sink(RefCell::default()), TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from(source));
    while !queue.is_empty() {
        // It only says whether a script has ended.
        drop(tokenizer.feed(&queue));
    }
    tokenizer.end();
    let reading = tokenizer.sink.0.into_inner();
    (reading.title, reading.pieces)
}

/// White space that is due before the next text, the widest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    Nothing,
    Blank,
    Line,
    Paragraph,
}

fn gap(piece: &Piece, style: Style) -> Gap {
    let spaced = matches!(style, Style::Spaced | Style::Wrapped);
    match piece {
        Piece::Paragraph if spaced => Gap::Paragraph,
        Piece::Cell if style == Style::Blocks => Gap::Blank,
        Piece::Paragraph | Piece::Line | Piece::Cell => Gap::Line,
        Piece::Link if style == Style::Links => Gap::Line,
        Piece::Link | Piece::Inline if style == Style::Nodes => Gap::Line,
        _ => Gap::Nothing,
    }
}

/// The dump of a page in a style.
pub(crate) fn dump(pieces: &[Piece], style: Style) -> String {
    let mut text = String::new();
    let mut due = Gap::Nothing;
    for piece in pieces {
        let Piece::Text(found) = piece else {
            due = due.max(gap(piece, style));
            continue;
        };
        for character in found.chars() {
            if character.is_whitespace() {
                due = due.max(Gap::Blank);
                continue;
            }
            if !text.is_empty() {
                text.push_str(match due {
                    Gap::Nothing => "",
                    Gap::Blank => " ",
                    Gap::Line => "\n",
                    Gap::Paragraph => "\n\n",
                });
            }
            due = Gap::Nothing;
            text.push(character);
        }
    }
    text.push('\n');
    if style == Style::Wrapped { wrap(&text) } else { text }
}

fn wrap(text: &str) -> String {
    let mut wrapped = String::new();
    for line in text.lines() {
        let mut length = 0;
        for word in line.split(' ') {
            let chars = word.chars().count();
            if length > 0 && length + 1 + chars > COLUMN {
                wrapped.push('\n');
                length = 0;
            } else if length > 0 {
                wrapped.push(' ');
                length += 1;
            }
            wrapped.push_str(word);
            length += chars;
        }
        wrapped.push('\n');
    }
    wrapped
}
