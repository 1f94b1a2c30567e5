//! The states of script data (13.2.5.4, 13.2.5.15 to 13.2.5.31).
//!
//! All of it is text, whatever state it is in; the states only decide which `</script>` ends it.

use html5ever::tokenizer::TokenSink;
use memchr::{memchr2, memchr3};

use super::{Tokeniser, is_blank};

/// The element that may stand inside a comment of its own kind.
const SCRIPT: &[u8] = b"script";

/// Whether a comment is open in a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// None is.
    None,
    /// One is, whose dashes begin at this place: script data escaped.
    Comment(usize),
    /// One is, and a script in it: script data double escaped.
    ScriptInComment(usize),
}

impl<S: TokenSink> Tokeniser<'_, S> {
    /// Script data state and all that is reached from it, up to the end tag or a null character.
    pub(super) fn script_data(&mut self) {
        let mut from = self.at;
        loop {
            let rest = self.bytes(from);
            let found = match self.escape {
                Escape::None => memchr2(b'<', 0, rest),
                _ => memchr3(b'<', b'>', 0, rest),
            };
            let at = from + found.unwrap_or(rest.len());
            match self.byte(at) {
                Some(b'<') if self.ends_script(at) => {
                    self.escape = Escape::None;
                    return self.end_raw(at);
                }
                Some(b'<') => from = self.less_than_in_script(at),
                Some(b'>') => {
                    self.close_comment_of_script(at);
                    from = at + 1;
                }
                Some(_) => return self.replace_null(at),
                None => return self.text_up_to(at),
            }
        }
    }

    /// Whether the end tag of the script stands here: also inside a comment (13.2.5.24), but not inside another script
    /// in it.
    fn ends_script(&self, at: usize) -> bool {
        !matches!(self.escape, Escape::ScriptInComment(_)) && self.is_appropriate_end_tag(at)
    }

    /// What a less-than sign in a script begins; the place from which to look on.
    fn less_than_in_script(&mut self, at: usize) -> usize {
        match self.escape {
            // Script data escape start states (13.2.5.18, 13.2.5.19).
            Escape::None if self.bytes(at).starts_with(b"<!--") => {
                self.escape = Escape::Comment(at + "<!".len());
                at + "<!--".len()
            }
            // Script data double escape start state (13.2.5.26).
            Escape::Comment(dashes) => self.script_tag(at + 1, Escape::ScriptInComment(dashes)),
            // Script data double escape end state (13.2.5.31).
            Escape::ScriptInComment(dashes) if self.byte(at + 1) == Some(b'/') => {
                self.script_tag(at + 2, Escape::Comment(dashes))
            }
            Escape::None | Escape::ScriptInComment(_) => at + 1,
        }
    }

    /// Where the name of a script tag stands, the comment is in another state behind it.
    fn script_tag(&mut self, name: usize, escape: Escape) -> usize {
        if let Some((found, after)) = self.bytes(name).split_at_checked(SCRIPT.len())
            && found.eq_ignore_ascii_case(SCRIPT)
            && after
                .first()
                .is_some_and(|byte| is_blank(*byte) || matches!(byte, b'/' | b'>'))
        {
            self.escape = escape;
            return name + SCRIPT.len() + 1;
        }
        name
    }

    /// A greater-than sign ends the comment if two dashes of the comment stand before it, be they those that began it
    /// (13.2.5.21, 13.2.5.22, 13.2.5.28, 13.2.5.29).
    fn close_comment_of_script(&mut self, at: usize) {
        let (Escape::Comment(dashes) | Escape::ScriptInComment(dashes)) = self.escape else {
            return;
        };
        if self.piece_bytes(dashes, at).ends_with(b"--") {
            self.escape = Escape::None;
        }
    }

    fn piece_bytes(&self, from: usize, to: usize) -> &[u8] {
        self.text.as_bytes().get(from..to).unwrap_or_default()
    }
}
