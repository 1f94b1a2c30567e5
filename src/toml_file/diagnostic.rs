//! A fault in a file of the user's, told so that it can be mended without a manual.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::text::fold;

/// A text file with a name, kept to point into.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Its name as the user knows it.
    pub name: Arc<str>,
    /// Its whole text.
    pub text: Arc<str>,
}

impl SourceFile {
    /// Names a text.
    pub fn new(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// Line and column, both from 1, of a byte offset; the column counts characters.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        let before = self.before(offset);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.split_at(line_start).1.chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    fn before(&self, offset: usize) -> &str {
        self.text.split_at(self.text.floor_char_boundary(offset)).0
    }
}

/// How bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The file works, but hardly as meant.
    Warning,
    /// The file does not count until it is mended.
    Error,
}

/// One fault of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file's name.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The key in question, dotted; empty where the file could not be read that far.
    pub key: String,
    /// What was found.
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// The line itself.
    pub source_line: String,
    /// How many characters of it are meant.
    pub width: usize,
}

impl Diagnostic {
    /// A fault at a range of bytes of `file`.
    pub fn error(
        file: &SourceFile,
        span: &Range<usize>,
        key: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let (line, column) = file.position(span.start);
        let source_line = file.text.lines().nth(line - 1).unwrap_or_default().to_owned();
        let width = file
            .text
            .get(span.clone())
            .map_or(1, |meant| meant.lines().next().unwrap_or_default().chars().count());
        let width = width.clamp(1, source_line.chars().count().saturating_sub(column - 1).max(1));
        Self {
            severity: Severity::Error,
            file: Arc::clone(&file.name),
            line,
            column,
            key: key.to_owned(),
            message: fold(&message.into()).into_owned(),
            help: help.into(),
            source_line,
            width,
        }
    }

    /// The same as a warning.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        writeln!(
            f,
            "{}:{}:{}: {severity}: {}",
            self.file, self.line, self.column, self.message
        )?;
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        // A tab stays a tab, so that the caret stands under its character.
        let indent: String = self
            .source_line
            .chars()
            .take(self.column - 1)
            .map(|c| if c == '\t' { c } else { ' ' })
            .collect();
        writeln!(f, " {number} | {}", self.source_line)?;
        write!(f, " {margin} | {indent}{}", "^".repeat(self.width))?;
        if !self.help.is_empty() {
            write!(f, "\n {margin} = help: {}", self.help)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_shows_its_line_with_a_caret() {
        let file = SourceFile::new("sites/a.toml", "schema = 1\nsiet = \"ä\"\n");
        let fault = Diagnostic::error(&file, &(11..15), "siet", "unknown key `siet`", "did you mean `site`?");
        let expected = "sites/a.toml:2:1: error: unknown key `siet`\n 2 | siet = \"ä\"\n   | ^^^^\n   = help: did you mean `site`?";
        assert_eq!(fault.to_string(), expected);
    }

    #[test]
    fn columns_count_characters() {
        let file = SourceFile::new("a", "x = \"äö\" # y");
        assert_eq!(file.position(file.text.find('#').unwrap()), (1, 10));
    }
}
