//! What stands in a DOCTYPE (13.2.5.53 to 13.2.5.68).

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::Doctype;

/// The rest of a DOCTYPE, and what was found out.
struct Reader<'a> {
    rest: &'a str,
    /// Whether a greater-than sign stands behind the rest, and not the end of the page.
    closed: bool,
    doctype: Doctype,
}

/// Reads what stands behind the word `DOCTYPE`, up to the greater-than sign or the end of the page.
pub(super) fn read(text: &str, closed: bool) -> Doctype {
    let mut reader = Reader {
        rest: text,
        closed,
        doctype: Doctype::default(),
    };
    reader.doctype.force_quirks = reader.name().is_none();
    reader.doctype
}

/// Each step gives none where the page is to be in quirks mode, and leaves the rest alone then.
impl Reader<'_> {
    /// Before DOCTYPE name, DOCTYPE name and after DOCTYPE name states (13.2.5.54 to 13.2.5.56).
    fn name(&mut self) -> Option<()> {
        self.skip_blanks();
        let end = self.rest.find(is_blank).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end)?;
        if name.is_empty() {
            return None;
        }
        self.doctype.name = Some(without_null(&name.to_ascii_lowercase()));
        self.rest = rest;
        self.skip_blanks();
        if self.rest.is_empty() {
            return self.closed.then_some(());
        }
        let (keyword, rest) = self.rest.split_at_checked("public".len())?;
        self.rest = rest;
        if keyword.eq_ignore_ascii_case("public") {
            self.public_identifier()
        } else if keyword.eq_ignore_ascii_case("system") {
            self.skip_blanks();
            self.system_identifier()
        } else {
            None
        }
    }

    /// After DOCTYPE public keyword to between DOCTYPE public and system identifiers states (13.2.5.57 to 13.2.5.62).
    fn public_identifier(&mut self) -> Option<()> {
        self.skip_blanks();
        let (identifier, ended) = self.quoted()?;
        self.doctype.public_id = Some(identifier);
        if !ended {
            return None;
        }
        self.skip_blanks();
        if self.rest.is_empty() {
            return self.closed.then_some(());
        }
        self.system_identifier()
    }

    /// After DOCTYPE system keyword to after DOCTYPE system identifier states (13.2.5.63 to 13.2.5.67). What stands
    /// behind the identifier is of no account (bogus DOCTYPE state, 13.2.5.68).
    fn system_identifier(&mut self) -> Option<()> {
        let (identifier, ended) = self.quoted()?;
        self.doctype.system_id = Some(identifier);
        self.skip_blanks();
        (ended && (self.closed || !self.rest.is_empty())).then_some(())
    }

    /// An identifier in quotes, and whether its second quote is there; none where no quote stands.
    fn quoted(&mut self) -> Option<(StrTendril, bool)> {
        let quote = self.rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let text = self.rest.strip_prefix(quote)?;
        let (identifier, rest) = text.split_once(quote).unwrap_or((text, ""));
        let ended = identifier.len() < text.len();
        self.rest = rest;
        Some((without_null(identifier), ended))
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(is_blank);
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\x0c' | ' ')
}

fn without_null(text: &str) -> StrTendril {
    StrTendril::from_slice(&text.replace('\0', "\u{fffd}"))
}
