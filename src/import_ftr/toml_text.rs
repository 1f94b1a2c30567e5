//! Writes TOML.

use std::fmt::Write as _;

/// A string: in double quotes where nothing needs an escape, else in single ones where they can hold it.
pub(super) fn text(value: &str) -> String {
    let plain = |c: char| !c.is_control() || c == '\t';
    if value.chars().all(|c| plain(c) && c != '"' && c != '\\') {
        return format!("\"{value}\"");
    }
    if value.chars().all(|c| plain(c) && c != '\'') {
        return format!("'{value}'");
    }
    let mut quoted = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if plain(c) => quoted.push(c),
            c => write!(quoted, "\\u{:04X}", u32::from(c)).expect("writing to a string never fails"),
        }
    }
    quoted.push('"');
    quoted
}

/// A table in one line. Values are written already.
pub(super) fn inline_table(keys: &[(&'static str, String)]) -> String {
    let pairs: Vec<String> = keys.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    format!("{{ {} }}", pairs.join(", "))
}

/// A comment of one line. TOML allows no control characters in it.
pub(super) fn comment(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = text.trim();
    if text.is_empty() {
        "#".to_owned()
    } else {
        format!("# {text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_string_reads_back_as_it_was() {
        for value in ["", "a", "a\"b", "a'b", "\\d+'\"", "\u{7f}\u{1}\n", "tab\there", "ä€"] {
            let table: toml::Table = format!("x = {}", text(value)).parse().unwrap();
            assert_eq!(table["x"].as_str(), Some(value));
        }
    }

    #[test]
    fn patterns_stay_readable() {
        assert_eq!(text(r"^\d$"), r"'^\d$'");
        assert_eq!(comment("#a\u{0}b"), "# #a b");
    }
}
