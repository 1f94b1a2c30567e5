//! Learning anew over a rule file that a person has edited: what stands there stays, what is new is added.

use std::collections::BTreeSet;

use toml_edit::{Array, DocumentMut, Item, Table, TomlError, Value};

/// Parts with lists of rules.
const PARTS: &[&str] = &["match", "meta", "html", "text"];

/// Lists of tables, with the key that tells one from another.
const TABLES: &[(&str, &str)] = &[("variant", "when"), ("test", "input")];

/// What became of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relearned {
    /// The file's new text; comments, order and spelling of what stood there are untouched.
    pub text: String,
    /// What was added, each as `part.key: value`.
    pub added: Vec<String>,
}

/// Begins the line, the last of a learned file, that remembers what was proposed: what is remembered and no longer
/// there, a person has deleted.
const RECORD: &str = "# Proposed by dehusk learn; what you delete of it is not proposed again:";

/// Adds to a file what a newly learned one has more: entries of lists, variants and tests. Nothing is taken out or
/// changed, and what a person has deleted is not added again.
pub fn relearn(existing: &str, learned: &str) -> Result<Relearned, TomlError> {
    let mut document: DocumentMut = existing.parse()?;
    let fresh: DocumentMut = learned.parse()?;
    let mut adder = Adder {
        proposed: recorded(existing),
        added: Vec::new(),
    };
    for part in PARTS {
        if let Some(table) = fresh.get(part).and_then(Item::as_table) {
            adder.add_part(&mut document, part, table);
        }
    }
    for (list, identity) in TABLES {
        adder.add_tables(&mut document, &fresh, list, identity);
    }
    let text = if adder.added.is_empty() {
        existing.to_owned()
    } else {
        let all = adder.proposed.iter().cloned().chain(hashes(&fresh));
        with_record(&document.to_string(), all.collect())
    };
    Ok(Relearned {
        text,
        added: adder.added,
    })
}

/// A learned file with the line that remembers what it proposes.
pub(super) fn remembering(learned: &str) -> Result<String, TomlError> {
    Ok(with_record(learned, hashes(&learned.parse()?)))
}

/// A file with its record anew.
fn with_record(text: &str, hashes: BTreeSet<String>) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with(RECORD)).collect();
    let hashes: Vec<String> = hashes.into_iter().collect();
    format!("{}\n\n{RECORD} {}\n", lines.join("\n").trim_end(), hashes.join(" "))
}

fn recorded(text: &str) -> BTreeSet<String> {
    let lists = text.lines().filter_map(|line| line.strip_prefix(RECORD));
    lists.flat_map(str::split_whitespace).map(str::to_owned).collect()
}

/// The hashes of all that a learned file proposes.
fn hashes(document: &DocumentMut) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in PARTS {
        let keys = document
            .get(part)
            .and_then(Item::as_table)
            .into_iter()
            .flat_map(|table| table.iter());
        for (key, item) in keys {
            match item.as_array() {
                Some(list) => found.extend(list.iter().map(|entry| entry_hash(part, key, entry))),
                None => found.extend([hash(&format!("{part}.{key}"))]),
            }
        }
    }
    for (list, identity) in TABLES {
        let tables = document.get(list).and_then(Item::as_array_of_tables);
        found.extend(
            tables
                .into_iter()
                .flatten()
                .map(|table| hash(&identity_of(list, table, identity))),
        );
    }
    found
}

fn entry_hash(part: &str, key: &str, entry: &Value) -> String {
    hash(&format!("{part}.{key}: {}", patterns(entry).join("\0")))
}

/// FNV-1a, 32 bits, as it is written.
fn hash(text: &str) -> String {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    format!("{hash:08x}")
}

/// Adds to a document what it does not have and nobody has deleted.
struct Adder {
    /// Hashes of what was proposed before.
    proposed: BTreeSet<String>,
    added: Vec<String>,
}

impl Adder {
    fn add_part(&mut self, document: &mut DocumentMut, part: &str, fresh: &Table) {
        let mut own = document.get(part).and_then(Item::as_table).cloned();
        let is_new = own.is_none();
        let own_table = own.get_or_insert_with(|| {
            let mut empty = fresh.clone();
            empty.clear();
            empty
        });
        let before = self.added.len();
        for (key, item) in fresh {
            self.add_key(own_table, (part, key), item);
        }
        if self.added.len() == before {
            return;
        }
        match (is_new, own) {
            (true, Some(table)) => drop(document.insert(part, Item::Table(table))),
            (false, Some(table)) => {
                if let Some(place) = document.get_mut(part).and_then(Item::as_table_mut) {
                    *place = table;
                }
            }
            (_, None) => {}
        }
    }

    fn add_key(&mut self, own: &mut Table, (part, key): (&str, &str), item: &Item) {
        let Some(more) = item.as_array() else {
            if own.get(key).is_none() && !self.proposed.contains(&hash(&format!("{part}.{key}"))) {
                own.insert(key, item.clone());
                self.added.push(format!("{part}.{key}: {}", item.to_string().trim()));
            }
            return;
        };
        let wanted = |entry: &Value| !self.proposed.contains(&entry_hash(part, key, entry));
        let added = if let Some(there) = own.get_mut(key) {
            let list = there.as_array_mut();
            list.map(|list| add_entries(list, more, &wanted)).unwrap_or_default()
        } else {
            let mut list = Array::new();
            let added = add_entries(&mut list, more, &wanted);
            if !added.is_empty() {
                own.insert(key, Item::Value(Value::Array(list)));
            }
            added
        };
        let added = added.into_iter().map(|entry| format!("{part}.{key}: {entry}"));
        self.added.extend(added);
    }

    /// Adds tables of a list of tables whose identity is not there yet.
    fn add_tables(&mut self, document: &mut DocumentMut, fresh: &DocumentMut, list: &str, identity: &str) {
        let own = |document: &DocumentMut| -> Vec<Table> {
            let tables = document.get(list).and_then(Item::as_array_of_tables);
            tables.into_iter().flatten().cloned().collect()
        };
        let known: BTreeSet<String> = own(document)
            .iter()
            .map(|table| identity_of(list, table, identity))
            .collect();
        for mut table in own(fresh) {
            let name = identity_of(list, &table, identity);
            if known.contains(&name) || self.proposed.contains(&hash(&name)) {
                continue;
            }
            self.added.push(name);
            table.set_position(None);
            let item = document
                .entry(list)
                .or_insert_with(|| Item::ArrayOfTables(toml_edit::ArrayOfTables::new()));
            if let Some(tables) = item.as_array_of_tables_mut() {
                tables.push(table);
            }
        }
    }
}

/// What tells a table of a list of tables from others.
fn identity_of(list: &str, table: &Table, identity: &str) -> String {
    let own = table.get(identity).map(ToString::to_string).unwrap_or_default();
    format!("[[{list}]]: {}", own.split_whitespace().collect::<String>())
}

/// Adds the entries whose pattern the list does not have yet, with the comments behind them.
fn add_entries(there: &mut Array, more: &Array, wanted: &dyn Fn(&Value) -> bool) -> Vec<String> {
    let known: BTreeSet<String> = there.iter().flat_map(patterns).collect();
    let is_known = |entry: &Value| patterns(entry).iter().all(|pattern| known.contains(pattern)) || !wanted(entry);
    if more.iter().all(is_known) {
        return Vec::new();
    }
    let mut added = Vec::new();
    // What stands behind the last entry, a comment perhaps, stays behind it.
    let mut behind = end_of(there);
    for (at, entry) in more.iter().enumerate() {
        if is_known(entry) {
            continue;
        }
        let mut copy = entry.clone();
        copy.decor_mut().clear();
        added.push(copy.to_string().trim().to_owned());
        copy.decor_mut().set_prefix(format!("{}\n  ", behind.trim_end()));
        there.push_formatted(copy);
        behind = comment_behind(more, at).map_or_else(String::new, |comment| format!("  {comment}"));
    }
    there.set_trailing_comma(true);
    there.set_trailing(format!("{}\n", behind.trim_end()));
    added
}

/// What stands between the last entry of a list and its end.
fn end_of(list: &mut Array) -> String {
    let trailing = list.trailing().as_str().unwrap_or_default().to_owned();
    let Some(last) = list.len().checked_sub(1).and_then(|at| list.get_mut(at)) else {
        return trailing;
    };
    let suffix = last
        .decor()
        .suffix()
        .and_then(|text| text.as_str())
        .unwrap_or_default()
        .to_owned();
    last.decor_mut().set_suffix("");
    suffix + &trailing
}

/// The comment behind an entry of a list, on the same line.
fn comment_behind(list: &Array, at: usize) -> Option<String> {
    let next = list
        .get(at + 1)
        .map(|next| next.decor().prefix().and_then(|text| text.as_str()).unwrap_or_default());
    let text = next.unwrap_or_else(|| list.trailing().as_str().unwrap_or_default());
    let line = text.lines().next()?.trim();
    line.starts_with('#').then(|| line.to_owned())
}

/// What an entry is about: the selector, lines or expression in it.
fn patterns(entry: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(plain) = text(entry) {
        return vec![plain];
    }
    let Some(table) = entry.as_inline_table() else {
        return vec![entry.to_string()];
    };
    for key in ["css", "line", "re", "from", "json-ld"] {
        match table.get(key) {
            Some(Value::Array(list)) => return list.iter().filter_map(text).collect(),
            Some(value) => return text(value).into_iter().collect(),
            None => {}
        }
    }
    vec![entry.to_string()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDITED: &str = "schema = 1 # ours\nsite = \"x\"\n\n[html]\n# the story\nkeep = [\".story\"]\nstrip = [\n  \".share\", # seen by Ann\n]\n";

    #[test]
    fn what_a_person_wrote_stays_with_its_comments() {
        let learned = "schema = 1\nsite = \"x\"\n[html]\nkeep = [\".story\"]\nstrip = [\n  { css = \".share\", as = \"nav\" },\n  \".related\",  # on 3 of 3 pages\n]\n[[test]]\ninput = \"a.html\"\n";
        let relearned = relearn(EDITED, learned).unwrap();
        for stays in [
            "schema = 1 # ours",
            "# the story\nkeep = [\".story\"]",
            "\".share\", # seen by Ann",
        ] {
            assert!(relearned.text.contains(stays), "{}", relearned.text);
        }
        assert!(
            relearned.text.contains("\n  \".related\",  # on 3 of 3 pages\n]"),
            "{}",
            relearned.text
        );
        assert_eq!(relearned.added, ["html.strip: \".related\"", "[[test]]: \"a.html\""]);
        let table: toml::Table = relearned.text.parse().unwrap();
        assert_eq!(table["html"]["strip"].as_array().unwrap().len(), 2);
        assert_eq!(
            relearn(&relearned.text, learned).unwrap(),
            Relearned {
                text: relearned.text,
                added: Vec::new()
            }
        );
    }

    #[test]
    fn what_a_person_deleted_is_not_proposed_again() {
        let learned = "schema = 1\nsite = \"x\"\n[html]\nstrip = [\n  \".share\",  # on 3\n  \".related\",  # on 2\n]\n\
                       [text]\njudge = true\n[[test]]\ninput = \"a.html\"\n[[test]]\ninput = \"b.html\"\n";
        let text = remembering(learned).unwrap();
        let edited = text
            .replace("  \".share\",  # on 3\n", "")
            .replace("[[test]]\ninput = \"a.html\"\n", "")
            .replace("[text]\njudge = true\n", "");
        assert!(
            !edited.contains(".share") && !edited.contains("a.html") && !edited.contains("judge"),
            "{edited}"
        );
        assert_eq!(relearn(&edited, &text).unwrap().added, Vec::<String>::new());
        let more = learned.replace("\".share\"", "\".share\", \".promo\"");
        let again = relearn(&edited, &more).unwrap();
        assert_eq!(again.added, ["html.strip: \".promo\""]);
        assert!(
            !again.text.contains(".share") && again.text.contains(".promo"),
            "{}",
            again.text
        );
    }
}
