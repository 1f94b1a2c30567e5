//! The states of markup declarations and comments (13.2.5.41 to 13.2.5.52).

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{Token, TokenSink};
use memchr::{memchr, memchr_iter};

use super::{Content, Tokeniser, doctype};

/// What opens a CDATA section behind `<!`.
const CDATA: &[u8] = b"[CDATA[";

/// What opens a DOCTYPE behind `<!`, in any case.
const DOCTYPE: &[u8] = b"doctype";

impl<S: TokenSink> Tokeniser<'_, S> {
    /// Markup declaration open state (13.2.5.42), at the less-than sign.
    pub(super) fn markup_declaration_open(&mut self) {
        let start = self.at + "<!".len();
        let rest = self.bytes(start);
        if rest.starts_with(b"--") {
            self.comment(start + "--".len());
        } else if rest
            .get(..DOCTYPE.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(DOCTYPE))
        {
            self.doctype(start + DOCTYPE.len());
        } else if rest.starts_with(CDATA) && self.sink.adjusted_current_node_present_but_not_in_html_namespace() {
            self.at = start + CDATA.len();
            self.content = Content::Cdata;
        } else {
            self.bogus_comment(start);
        }
    }

    /// Bogus comment state (13.2.5.41), with the comment from a place on.
    pub(super) fn bogus_comment(&mut self, from: usize) {
        let rest = self.bytes(from);
        let end = from + memchr(b'>', rest).unwrap_or(rest.len());
        let comment = self.slice_without_null(from, end);
        self.at = self.text.len().min(end + 1);
        self.pass(Token::CommentToken(comment));
    }

    /// Comment states (13.2.5.43 to 13.2.5.52), with the comment from a place on.
    fn comment(&mut self, from: usize) {
        let (end, after) = self.end_of_comment(from);
        let comment = if end > from {
            self.slice_without_null(from, end)
        } else {
            StrTendril::new()
        };
        self.at = after;
        self.pass(Token::CommentToken(comment));
    }

    /// Where a comment ends, and what stands behind it begins. The first greater-than sign behind `--` or `--!` ends
    /// it, or one right at its beginning, where a dash may stand before it. At the end of the page the dashes that
    /// might have begun its end are no part of it.
    fn end_of_comment(&self, from: usize) -> (usize, usize) {
        let rest = self.bytes(from);
        for at in memchr_iter(b'>', rest) {
            let before = rest.get(..at).unwrap_or_default();
            if matches!(before, b"" | b"-") {
                return (from, from + at + 1);
            }
            if let Some(text) = before.strip_suffix(b"--").or_else(|| before.strip_suffix(b"--!")) {
                return (from + text.len(), from + at + 1);
            }
        }
        let text = [&b"--!"[..], b"--", b"-"]
            .iter()
            .find_map(|dashes| rest.strip_suffix(*dashes))
            .unwrap_or(rest);
        (from + text.len(), self.text.len())
    }

    /// DOCTYPE states (13.2.5.53 to 13.2.5.68), behind the word. Every one of them ends at a greater-than sign.
    fn doctype(&mut self, from: usize) {
        let rest = self.bytes(from);
        let end = memchr(b'>', rest);
        let to = from + end.unwrap_or(rest.len());
        let read = doctype::read(self.piece(from, to), end.is_some());
        self.at = self.text.len().min(to + 1);
        self.pass(Token::DoctypeToken(read));
    }
}
