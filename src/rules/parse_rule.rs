//! What all rules have in common: what stands beside them, and what is said where a pattern does not compile.

use std::ops::Range;
use std::sync::Arc;

use crate::rules::class::{CLASSES, Class};
use crate::rules::model::{Origin, RuleInfo};
use crate::toml_file::{Located, SourceFile, TableReader};

/// Keys that do nothing beside what stands there are most likely meant to do something.
pub(super) fn without_effect(table: &TableReader<'_>, keys: &[&'static str], place: &str) {
    for key in keys.iter().filter(|key| table.has(key)) {
        table.fault(
            key,
            &table.value_span(key),
            format!("`{key}` has no effect {place}"),
            format!("take `{key}` out"),
        );
    }
}

/// A count of lines.
pub(super) fn lines(table: &TableReader<'_>, key: &'static str) -> Option<usize> {
    table
        .integer(key, 1..=1_000_000)
        .and_then(|count| usize::try_from(count.value).ok())
}

/// Compiles something and reports where it does not.
pub(super) fn compile<T, E: std::fmt::Display>(
    table: &TableReader<'_>,
    key: &str,
    text: &Located<String>,
    compiler: impl Fn(&str) -> Result<T, E>,
) -> Option<T> {
    match compiler(&text.value) {
        Ok(compiled) => Some(compiled),
        Err(error) => {
            let reason = error.to_string();
            let help = pattern_help(key, &reason);
            table.fault(key, &text.span, format!("`{}`: {reason}", text.value), help);
            None
        }
    }
}

/// What to write instead of a pattern that does not compile, by a part of the reason; the first row that fits counts.
const PATTERN_HELPS: &[(&str, &str)] = &[
    (
        "look-around",
        "take what stands around into the pattern, and put ( ) around what is wanted",
    ),
    (
        "backreferences",
        "write out what is to stand twice; lines that stand twice are a matter of `text.dedupe`",
    ),
    (
        "bytes",
        "repeat less, or name fewer kinds of characters: a line needs no exact counts",
    ),
    (
        "every line",
        "write what such lines have in common; for any line at a fixed place, { re = '.', within = 1 }",
    ),
    (
        "unclosed group",
        "close it with `)`, or write `\\(` for the sign itself",
    ),
    (
        "unclosed character class",
        "close it with `]`, or write `\\[` for the sign itself",
    ),
    (
        "repetition operator missing",
        "write `\\*`, `\\+` or `\\?` for the sign itself",
    ),
    ("time zone", "write one of the IANA names, such as \"Asia/Kolkata\""),
];

fn pattern_help(key: &str, reason: &str) -> &'static str {
    let other = if ["re", "text", "own-text"].contains(&key) {
        "the syntax is that of Rust's regex crate; write patterns in single quotes"
    } else {
        "write a whole line, with `*` for what varies; or { re = '…' } for more"
    };
    PATTERN_HELPS
        .iter()
        .find(|(sign, _)| reason.contains(sign))
        .map_or(other, |(_, help)| help)
}

/// The head that every rule in table form shares: `id`, `as`, `optional`.
pub(super) fn rule_info(table: &TableReader<'_>, key: &str, pattern: &str, class: Class) -> Arc<RuleInfo> {
    let id = table.string("id").map(|id| id.value);
    let class = table.word("as", CLASSES).unwrap_or(class);
    let optional = table.boolean("optional").unwrap_or(false);
    let mut info = bare_info(table.file(), &table.span(), key, pattern, class);
    info.id = id;
    info.optional = optional;
    Arc::new(info)
}

/// What to say about a rule in string form.
pub(super) fn bare_info(file: &SourceFile, span: &Range<usize>, key: &str, pattern: &str, class: Class) -> RuleInfo {
    let (line, column) = file.position(span.start);
    let origin = Origin {
        file: Arc::clone(&file.name),
        line,
        column,
    };
    RuleInfo {
        key: key.to_owned(),
        id: None,
        pattern: pattern.to_owned(),
        class,
        origin,
        optional: false,
    }
}
