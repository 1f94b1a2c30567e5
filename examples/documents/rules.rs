//! dehusk-rules(5), from the JSON Schema that the program gives to editors.

use std::collections::{BTreeMap, BTreeSet};

use dehusk::rules::schema::json_schema;
use roff::{Inline, Roff, bold, roman};
use serde_json::Value;

use crate::page::{file_format, inlines, item, see_also};

/// What the page begins with. The manual has the whole story.
const DESCRIPTION: &[&str] = &[
    "A rule file tells how the pages of one site are known, where their metadata stands and what of them is no content. \
     It is a TOML file in the folder that `rules.folder` of the configuration names, called after the site: \
     `gazette.example.toml`. It counts as soon as it is saved; a file with a fault leaves its last good version in force.",
    "A plain string in a list of rules is short for an entry with nothing but a pattern: a CSS selector in `[html]`, a glob \
     for a whole line elsewhere. `dehusk check` tells every fault of every file, `dehusk explain` what a rule did to a \
     page, `dehusk test` runs the tests inside rule files, and `dehusk new` drafts a file from sample pages.",
];

/// A small file that shows the form.
const EXAMPLE: &str = r#"schema = 1
site   = "gazette.example"

[html]
keep  = ["article .story", "main"]
strip = [".share"]

[text]
drop-line = ["Home", { line = "Subscribe *", as = "promo" }]
cut-from  = [{ line = "More news", as = "related" }]"#;

/// The whole page.
pub(crate) fn page() -> String {
    let keys = Keys::of(&json_schema());
    let mut roff = file_format("dehusk-rules", "rule files of dehusk");
    roff.control("SH", ["DESCRIPTION"]);
    for paragraph in DESCRIPTION {
        roff.control("PP", []);
        roff.text(inlines(paragraph));
    }
    roff.control("SH", ["EXAMPLE"]);
    roff.control("nf", []);
    for line in EXAMPLE.lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff.control("SH", ["KEYS"]);
    for (table, rows) in &keys.tables {
        write_table(&mut roff, table, rows);
    }
    roff.control("SH", ["KEYS OF ENTRIES"]);
    for ((key, meaning), places) in &keys.entries {
        let places = places.iter().cloned().collect::<Vec<_>>().join(", ");
        item(&mut roff, vec![bold(key)], &format!("{meaning} In: {places}."));
    }
    see_also(&mut roff, "dehusk-rules");
    roff.render()
}

fn write_table(roff: &mut Roff, table: &str, rows: &[(String, String)]) {
    let heading = if table.is_empty() {
        "At the top".to_owned()
    } else {
        format!("[{table}]")
    };
    roff.control("SS", [heading.as_str()]);
    for (key, meaning) in rows {
        let term: Vec<Inline> = vec![bold(key)];
        item(roff, term, meaning);
    }
}

/// The keys of the rule language, by where they may stand.
#[derive(Default)]
struct Keys {
    /// Tables by path, the top being the empty one; of each its keys and what they mean.
    tables: BTreeMap<String, Vec<(String, String)>>,
    /// Keys of entries in lists of rules and what they mean, with the lists that take them.
    entries: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Keys {
    fn of(schema: &Value) -> Self {
        let mut keys = Self::default();
        keys.add_table("", schema);
        keys
    }

    fn add_table(&mut self, path: &str, table: &Value) {
        for (key, value) in properties(table) {
            let below = if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            };
            let rows = self.tables.entry(path.to_owned()).or_default();
            rows.push((key.to_owned(), meaning(value)));
            if value.get("properties").is_some() {
                self.add_table(&below, value);
            } else {
                self.add_entries(&below, value);
            }
        }
    }

    /// Adds the keys of the tables that a list, or one of several forms of a value, may hold.
    fn add_entries(&mut self, place: &str, value: &Value) {
        for (key, below) in properties(value) {
            let row = (key.to_owned(), meaning(below));
            self.entries.entry(row).or_default().insert(place.to_owned());
            self.add_entries(&format!("{place}.{key}"), below);
        }
        let forms = value.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        for form in forms.chain(value.get("items")) {
            self.add_entries(place, form);
        }
    }
}

fn properties(table: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let properties = table.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.as_str(), value))
}

/// What the schema says of a key, with the values that it may have where they are few.
fn meaning(value: &Value) -> String {
    let said = value.get("description").and_then(Value::as_str).unwrap_or_default();
    let values: Vec<&str> = value
        .get("enum")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if values.is_empty() {
        return said.to_owned();
    }
    format!("{said} One of: {}.", values.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_and_the_keys_of_their_entries_stand_in_the_page() {
        let page = page();
        for wanted in [
            ".SS \"At the top\"\n.TP\n",
            ".SS [html]\n",
            ".SS [text]\n",
            "\\fBdrop\\-line\\fR\n",
            "\\fBcss\\fR\nA CSS selector.",
            "One of: nav, related, ad,",
        ] {
            assert!(page.contains(wanted), "{wanted} is not in {page}");
        }
    }

    #[test]
    fn every_key_says_what_it_means() {
        let keys = Keys::of(&json_schema());
        let silent: Vec<&String> = keys
            .tables
            .values()
            .flatten()
            .filter(|(_, meaning)| meaning.is_empty())
            .map(|(key, _)| key)
            .collect();
        assert!(silent.is_empty(), "{silent:?}");
    }

    #[test]
    fn the_example_is_a_rule_file_without_fault() {
        let source = dehusk::toml_file::SourceFile::new("gazette.example.toml", EXAMPLE);
        let (_, faults) = dehusk::rules::RuleFile::parse(&source);
        assert!(faults.is_empty(), "{faults:?}");
    }
}
