//! What is wrong with text that is not TOML, in words that help.

use std::ops::Range;

use super::diagnostic::{Diagnostic, SourceFile};

/// What the parser of TOML complains of, by a part of its words, and what to write instead.
const SYNTAX_HELPS: &[(&str, &str)] = &[
    (
        "escape",
        "write patterns in single quotes, '…', where a backslash is just a backslash",
    ),
    (
        "comma",
        "put text in quotes, and a comma between two values: is a closing quotation mark missing before this?",
    ),
    ("key with no value", "write `key = value`, with text in quotes"),
    (
        "unquoted key",
        "write `key = value`; a key of letters, digits and dashes needs no quotes",
    ),
    (
        "basic string",
        "close the text with the quotation mark that it begins with",
    ),
    (
        "literal string",
        "close the text with the quotation mark that it begins with",
    ),
];

/// What else may be wrong.
const SYNTAX_HELP: &str = "is a quotation mark, a comma or a bracket missing here or just before?";

pub(super) fn syntax_fault(file: &SourceFile, error: &toml::de::Error) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    if error.message().contains("duplicate") {
        return duplicate_fault(file, &span);
    }
    let row = SYNTAX_HELPS.iter().find(|(sign, _)| error.message().contains(sign));
    let help = row.map_or(SYNTAX_HELP, |(_, help)| *help);
    Diagnostic::error(file, &span, "", format!("not valid TOML: {}", error.message()), help)
}

/// A key, or the header of a table, that stands a second time.
fn duplicate_fault(file: &SourceFile, span: &Range<usize>) -> Diagnostic {
    let key = file.text.get(span.clone()).unwrap_or_default();
    let mut fault = Diagnostic::error(file, span, key, format!("`{key}` stands twice"), "");
    let line = fault.source_line.trim_start();
    fault.help = if line.starts_with("[[") {
        format!("`{key}` has a value above: put this entry into that list, or write all of them as {line}")
    } else if line.starts_with('[') {
        format!("`{key}` is a table above: put these keys there")
    } else {
        "a key may stand once: put all values into one list".to_owned()
    };
    fault
}
