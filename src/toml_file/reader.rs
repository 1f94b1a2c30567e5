//! Reads the tables of a TOML file key by key and collects every fault on the way.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, SourceFile};
use super::remedy::{near, remedy};
use super::shape::{Kind, Shape};
use super::syntax::syntax_fault;

/// Stands for every table while a reader is only asked what it would read.
static EMPTY: LazyLock<DeTable<'static>> = LazyLock::new(DeTable::new);

/// A value with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

impl<T> Located<T> {
    /// A value of no file, where it is only asked what may stand there.
    fn nowhere(value: T) -> Self {
        Self { value, span: 0..0 }
    }
}

/// What stands in a list that takes strings and tables.
#[derive(Debug)]
pub enum Item<'a> {
    /// A string.
    Text(Located<String>),
    /// A table.
    Table(TableReader<'a>),
}

/// A table of the file. Ask it for its keys, then [`TableReader::finish`] it: that finds the keys nobody asked for.
#[derive(Debug)]
pub struct TableReader<'a> {
    file: &'a SourceFile,
    table: &'a DeTable<'a>,
    span: Range<usize>,
    path: String,
    faults: &'a RefCell<Vec<Diagnostic>>,
    asked: RefCell<Vec<&'static str>>,
    /// Where what is asked for is noted, instead of read.
    shape: Option<&'a RefCell<Shape>>,
    /// Every key of such files, to tell where a misplaced one belongs.
    known: Option<&'static LazyLock<Shape>>,
}

/// Parses `file` and has `read_root` read it; gives what it made and every fault, in the file's order.
pub fn read<T>(file: &SourceFile, read_root: impl FnOnce(TableReader<'_>) -> T) -> (T, Vec<Diagnostic>) {
    read_known(file, None, read_root)
}

/// The same, where every key of such files is known, so that a misplaced one is told where it belongs.
pub fn read_known<T>(
    file: &SourceFile,
    known: Option<&'static LazyLock<Shape>>,
    read_root: impl FnOnce(TableReader<'_>) -> T,
) -> (T, Vec<Diagnostic>) {
    let (root, errors) = DeTable::parse_recoverable(&file.text);
    let mut broken: Vec<Diagnostic> = errors.iter().map(|error| syntax_fault(file, error)).collect();
    broken.sort_by_key(|fault| (fault.line, fault.column));
    // Where a line is broken, what else seems wrong with it follows from that.
    broken.dedup_by_key(|fault| fault.line);
    let faults = RefCell::default();
    let value = read_root(TableReader {
        file,
        table: root.get_ref(),
        span: 0..0,
        path: String::new(),
        faults: &faults,
        asked: RefCell::default(),
        shape: None,
        known,
    });
    let mut faults: Vec<Diagnostic> = faults.into_inner();
    faults.retain(|fault| !broken.iter().any(|other| other.line == fault.line));
    faults.extend(broken);
    faults.sort_by_key(|fault| (fault.line, fault.column));
    (value, faults)
}

/// Has `read_root` read nothing, and gives what it asked for: every key with what may stand there.
pub fn shape(read_root: impl FnOnce(TableReader<'_>)) -> Shape {
    let file = SourceFile::new("", "");
    let faults = RefCell::default();
    let shape = RefCell::default();
    read_root(TableReader {
        file: &file,
        table: &EMPTY,
        span: 0..0,
        path: String::new(),
        faults: &faults,
        asked: RefCell::default(),
        shape: Some(&shape),
        known: None,
    });
    shape.into_inner()
}

impl<'a> TableReader<'a> {
    /// The whole table's place.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The file that it stands in.
    pub fn file(&self) -> &'a SourceFile {
        self.file
    }

    /// Reports a fault at a place in this table.
    pub fn fault(&self, key: &str, span: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.faults
            .borrow_mut()
            .push(Diagnostic::error(self.file, span, &self.dotted(key), message, help));
    }

    /// Refuses a key that people expect here, with better words than that it is unknown.
    pub fn refuse(&self, key: &'static str, message: &str, help: &str) {
        if self.table.contains_key(key) {
            self.asked.borrow_mut().push(key);
            self.fault(key, &self.value_span(key), message, help);
        }
    }

    /// Whether a key is there, without reading it.
    pub fn has(&self, key: &str) -> bool {
        self.shape.is_some() || self.table.contains_key(key)
    }

    /// A string.
    pub fn string(&self, key: &'static str) -> Option<Located<String>> {
        if self.note(key, || Kind::String) {
            return Some(Located::nowhere("x".to_owned()));
        }
        let value = self.value(key)?;
        located_text(value).or_else(|| self.wrong_type(key, value, "a string in quotes"))
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &'static str) -> Option<bool> {
        if self.note(key, || Kind::Boolean) {
            return Some(true);
        }
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => self.wrong_type(key, value, "true or false"),
        }
    }

    /// A whole number within `range`.
    pub fn integer(&self, key: &'static str, range: RangeInclusive<u64>) -> Option<Located<u64>> {
        if self.note(key, || Kind::Integer(range.clone())) {
            return Some(Located::nowhere(*range.start()));
        }
        let value = self.value(key)?;
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        let number = match value.get_ref() {
            DeValue::Integer(digits) => u64::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        match number.filter(|number| range.contains(number)) {
            Some(number) => Some(Located {
                value: number,
                span: value.span(),
            }),
            None => self.wrong_type(key, value, &wanted),
        }
    }

    /// A number within `range`.
    pub fn number(&self, key: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        if self.note(key, || Kind::Number(range.clone())) {
            return Some(*range.start());
        }
        let value = self.value(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(digits) => digits.as_str().parse::<f64>().ok(),
            DeValue::Float(digits) => digits.as_str().parse::<f64>().ok(),
            _ => None,
        };
        match number.filter(|number| range.contains(number)) {
            Some(number) => Some(number),
            None => self.wrong_type(
                key,
                value,
                &format!("a number from {} to {}", range.start(), range.end()),
            ),
        }
    }

    /// Strings: a list, or one alone.
    pub fn strings(&self, key: &'static str) -> Vec<Located<String>> {
        if self.note(key, || Kind::Strings) {
            return vec![Located::nowhere("x".to_owned())];
        }
        let text = |value| located_text(value).or_else(|| self.wrong_type(key, value, "strings in quotes"));
        self.list(key).iter().filter_map(text).collect()
    }

    /// A list of tables, or one alone. `help` says what to write instead of anything else.
    pub fn tables(&self, key: &'static str, help: &str) -> Vec<TableReader<'a>> {
        if self.note(key, || Kind::Tables) {
            return vec![self.child(key, &EMPTY, 0..0)];
        }
        let mut tables = Vec::new();
        for value in self.list(key) {
            match value.get_ref() {
                DeValue::Table(table) => tables.push(self.child(key, table, value.span())),
                _ => self.fault(key, &value.span(), format!("`{}` is no table", self.dotted(key)), help),
            }
        }
        tables
    }

    /// A list of strings and tables, or one alone.
    pub fn items(&self, key: &'static str) -> Vec<Item<'a>> {
        if self.note(key, || Kind::Items) {
            return vec![
                Item::Text(Located::nowhere("x".to_owned())),
                Item::Table(self.child(key, &EMPTY, 0..0)),
            ];
        }
        let item = |value: &'a Spanned<DeValue<'a>>| match value.get_ref() {
            DeValue::Table(table) => Some(Item::Table(self.child(key, table, value.span()))),
            _ => located_text(value)
                .map(Item::Text)
                .or_else(|| self.wrong_type(key, value, "a string in quotes or a table")),
        };
        self.list(key).iter().filter_map(item).collect()
    }

    /// A table.
    pub fn table(&self, key: &'static str) -> Option<TableReader<'a>> {
        if self.note(key, || Kind::Table) {
            return Some(self.child(key, &EMPTY, 0..0));
        }
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(self.child(key, table, value.span())),
            _ => self.wrong_type(key, value, &format!("one table, [{}]", self.dotted(key))),
        }
    }

    /// A string, or a count from 1.
    pub fn string_or_count(&self, key: &'static str) -> Option<Result<usize, Located<String>>> {
        if self.note(key, || Kind::StringOrCount) {
            return Some(Ok(1));
        }
        match self.value(key)?.get_ref() {
            DeValue::String(_) => self.string(key).map(Err),
            _ => self
                .integer(key, 1..=1_000_000)
                .and_then(|count| usize::try_from(count.value).ok())
                .map(Ok),
        }
    }

    /// The place of a key's value; the whole table's where it is not there.
    pub fn value_span(&self, key: &str) -> Range<usize> {
        self.table.get(key).map_or_else(|| self.span(), Spanned::span)
    }

    /// One of a fixed set of words.
    pub fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        if self.note(key, || {
            Kind::Word(words.iter().map(|(word, _)| (*word).to_owned()).collect())
        }) {
            return words.first().map(|(_, value)| *value);
        }
        let text = self.string(key)?;
        let found = words
            .iter()
            .find(|(word, _)| *word == text.value)
            .map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let help = remedy(&text.value, &names);
            self.fault(
                key,
                &text.span,
                format!("`{}` is no value of `{}`", text.value, self.dotted(key)),
                help,
            );
        }
        found
    }

    /// Ends the reading: every key that nobody asked for is a fault.
    pub fn finish(self) {
        let asked = self.asked.borrow();
        let names = self.table.iter().map(|(key, _)| (key.get_ref().as_ref(), key.span()));
        for (name, span) in names.filter(|(name, _)| !asked.contains(name)) {
            let place = if self.path.is_empty() {
                String::new()
            } else {
                format!(" in `{}`", self.path)
            };
            let home = self.known.and_then(|shape| shape.home_of(name));
            let help = home
                .or_else(|| near(name, &asked))
                .unwrap_or_else(|| remedy(name, &asked));
            self.fault(name, &span, format!("unknown key `{name}`{place}"), help);
        }
    }

    /// Notes what may stand at a key, where the reader is only asked that.
    fn note(&self, key: &'static str, kind: impl FnOnce() -> Kind) -> bool {
        if let Some(shape) = self.shape {
            shape.borrow_mut().add(&self.dotted(key), kind());
        }
        self.shape.is_some()
    }

    fn value(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key)
    }

    fn list(&self, key: &'static str) -> &'a [Spanned<DeValue<'a>>] {
        let Some(value) = self.value(key) else { return &[] };
        match value.get_ref() {
            DeValue::Array(values) => values,
            _ => std::slice::from_ref(value),
        }
    }

    fn child(&self, key: &str, table: &'a DeTable<'a>, span: Range<usize>) -> TableReader<'a> {
        TableReader {
            file: self.file,
            table,
            span,
            path: self.dotted(key),
            faults: self.faults,
            asked: RefCell::default(),
            shape: self.shape,
            known: self.known,
        }
    }

    fn dotted(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn wrong_type<T>(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> Option<T> {
        let found = match value.get_ref() {
            DeValue::String(_) => "a string",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let found = if wanted.contains("number") && found == "a number" {
            "a number out of range"
        } else {
            found
        };
        let entry = self.table.get(key).is_some_and(|whole| !std::ptr::eq(whole, value));
        let subject = if entry { "an entry of " } else { "" };
        let message = format!("{subject}`{}` is {found}", self.dotted(key));
        let help = match value.get_ref() {
            DeValue::Datetime(date) if wanted.contains("in quotes") => format!("write it in quotes: \"{date}\""),
            _ => format!("write {wanted}"),
        };
        self.fault(key, &value.span(), message, help);
        None
    }
}

/// A string, if the value is one.
fn located_text(value: &Spanned<DeValue<'_>>) -> Option<Located<String>> {
    match value.get_ref() {
        DeValue::String(text) => Some(Located {
            value: text.to_string(),
            span: value.span(),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str, reading: impl FnOnce(&TableReader<'_>)) -> Vec<String> {
        let file = SourceFile::new("f.toml", text);
        let ((), faults) = read(&file, |root| {
            reading(&root);
            root.finish();
        });
        faults
            .iter()
            .map(|f| format!("{}:{} {} | {}", f.line, f.column, f.message, f.help))
            .collect()
    }

    #[test]
    fn an_unknown_key_is_a_fault_with_the_nearest_known_one() {
        let found = faults("cut-form = 1\nzzz = 2", |root| {
            assert!(root.string("cut-from").is_none());
        });
        assert_eq!(
            found,
            [
                "1:1 unknown key `cut-form` | did you mean `cut-from`?",
                "2:1 unknown key `zzz` | what may stand here: cut-from"
            ]
        );
    }

    #[test]
    fn every_fault_is_told_at_once_even_beside_broken_syntax() {
        let found = faults("a = 1\nb = \"\\d\"\nc = true", |root| {
            root.string("a");
            root.string("b");
            root.integer("c", 1..=9);
        });
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[0].starts_with("1:5 `a` is a number | write a string"),
            "{found:?}"
        );
        assert!(found[1].contains("single quotes"), "{found:?}");
        assert!(
            found[2].starts_with("3:5 `c` is true or false | write a whole number from 1 to 9"),
            "{found:?}"
        );
    }

    #[test]
    fn one_value_alone_is_a_list_of_one() {
        let file = SourceFile::new("f", "a = \"x\"\nb = [\"y\", {c = 1}]");
        let ((), faults) = read(&file, |root| {
            assert_eq!(root.strings("a").len(), 1);
            assert!(matches!(root.items("b").as_slice(), [Item::Text(_), Item::Table(_)]));
        });
        assert!(faults.is_empty());
    }
}
