//! What a reader would read: every key with what may stand there. Schemas and manuals are made from it, so that they
//! can't disagree with the reader.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value, json};

/// Most places that a misplaced key is told to belong to; more of them are no help.
const HOMES_MAX: usize = 3;

/// What may stand at a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A string.
    String,
    /// `true` or `false`.
    Boolean,
    /// A whole number in a range.
    Integer(RangeInclusive<u64>),
    /// A number in a range.
    Number(RangeInclusive<f64>),
    /// A string or a list of strings.
    Strings,
    /// A string, a table, or a list of both.
    Items,
    /// A table, or a list of tables.
    Tables,
    /// A table.
    Table,
    /// A string, or a count from 1.
    StringOrCount,
    /// One of these words.
    Word(Vec<String>),
}

/// Every key, dotted, with what may stand there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape {
    keys: BTreeMap<String, Kind>,
}

impl Shape {
    /// Notes a key.
    pub(super) fn add(&mut self, key: &str, kind: Kind) {
        self.keys.entry(key.to_owned()).or_insert(kind);
    }

    /// Every key with what may stand there, in alphabetical order.
    pub fn keys(&self) -> impl Iterator<Item = (&str, &Kind)> {
        self.keys.iter().map(|(key, kind)| (key.as_str(), kind))
    }

    /// In words, where a key of this name belongs, if that is one of a few places.
    pub(super) fn home_of(&self, name: &str) -> Option<String> {
        let parents = self.keys.keys().filter_map(|key| match key.rsplit_once('.') {
            Some((parent, last)) => (last == name).then_some(parent),
            None => (key == name).then_some(""),
        });
        // What lies below another such place, as in an overlay, is the same part once more.
        let mut homes: Vec<&str> = Vec::new();
        for parent in parents {
            if !homes.iter().any(|home| parent.ends_with(&format!(".{home}"))) {
                homes.retain(|home| !home.ends_with(&format!(".{parent}")));
                homes.push(parent);
            }
        }
        match homes.as_slice() {
            [] => None,
            [""] => Some(format!(
                "`{name}` stands at the top level of the file: write {}",
                self.at_the_top(name)
            )),
            homes if homes.len() > HOMES_MAX || homes.contains(&"") => None,
            homes => Some(format!(
                "`{name}` belongs to {}",
                homes
                    .iter()
                    .map(|home| format!("[{home}]"))
                    .collect::<Vec<_>>()
                    .join(" or ")
            )),
        }
    }

    /// How a key of the top level is written there.
    fn at_the_top(&self, name: &str) -> String {
        match self.keys.get(name) {
            Some(Kind::Table) => format!("[{name}]"),
            Some(Kind::Tables) => format!("[[{name}]]"),
            _ => "it above the first [header]".to_owned(),
        }
    }

    /// The shape as a JSON Schema (draft 2020-12). `describe` gives a key's description.
    pub fn json_schema(&self, title: &str, describe: &dyn Fn(&str) -> Option<String>) -> Value {
        let mut schema = self.object("", describe);
        if let Some(fields) = schema.as_object_mut() {
            fields.insert(
                "$schema".to_owned(),
                json!("https://json-schema.org/draft/2020-12/schema"),
            );
            fields.insert("title".to_owned(), json!(title));
        }
        schema
    }

    fn object(&self, path: &str, describe: &dyn Fn(&str) -> Option<String>) -> Value {
        let mut properties = Map::new();
        for (key, kind) in &self.keys {
            let name = if path.is_empty() {
                Some(key.as_str())
            } else {
                key.strip_prefix(path).and_then(|rest| rest.strip_prefix('.'))
            };
            let Some(name) = name.filter(|name| !name.contains('.')) else {
                continue;
            };
            let mut value = self.value(key, kind, describe);
            if let (Some(text), Some(fields)) = (describe(key), value.as_object_mut()) {
                fields.insert("description".to_owned(), json!(text));
            }
            properties.insert(name.to_owned(), value);
        }
        json!({ "type": "object", "additionalProperties": false, "properties": properties })
    }

    fn value(&self, key: &str, kind: &Kind, describe: &dyn Fn(&str) -> Option<String>) -> Value {
        let string = json!({ "type": "string" });
        match kind {
            Kind::String => string,
            Kind::Boolean => json!({ "type": "boolean" }),
            Kind::Integer(range) => json!({ "type": "integer", "minimum": range.start(), "maximum": range.end() }),
            Kind::Number(range) => json!({ "type": "number", "minimum": range.start(), "maximum": range.end() }),
            Kind::Strings => one_or_list(&string),
            Kind::Items => one_or_list(&json!({ "anyOf": [string, self.object(key, describe)] })),
            Kind::Tables => one_or_list(&self.object(key, describe)),
            Kind::Table => self.object(key, describe),
            Kind::StringOrCount => json!({ "anyOf": [string, { "type": "integer", "minimum": 1 }] }),
            Kind::Word(words) => json!({ "enum": words }),
        }
    }
}

fn one_or_list(item: &Value) -> Value {
    json!({ "anyOf": [item, { "type": "array", "items": item }] })
}
