//! A glob that stands for several lines which differ in numbers only.

use std::collections::BTreeSet;

/// Fewest letters that a glob with `*` in it has to spell out.
const LETTERS_MIN: usize = 6;

/// The glob for lines that are alike but for numbers: the line itself where there is one, else with `*` for every run
/// of characters that holds a number. Nothing where too little would be left, or where a line has a `*` of its own.
pub(super) fn glob_of(texts: &BTreeSet<String>) -> Option<String> {
    let first = texts.first()?;
    if first.contains(['*', '\n']) {
        return None;
    }
    if texts.len() == 1 {
        return Some(first.clone());
    }
    let parts: Vec<String> = first.split(' ').map(starred).collect();
    let mut glob = parts.join(" ");
    while glob.contains("* *") {
        glob = glob.replace("* *", "*");
    }
    let letters = glob.chars().filter(|c| c.is_alphabetic()).count();
    (letters >= LETTERS_MIN).then_some(glob)
}

/// A word with `*` for its numbers.
fn starred(word: &str) -> String {
    let mut starred = String::new();
    for character in word.chars() {
        if !character.is_numeric() {
            starred.push(character);
        } else if !starred.ends_with('*') {
            starred.push('*');
        }
    }
    starred
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glob(texts: &[&str]) -> Option<String> {
        glob_of(&texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn numbers_become_stars_only_where_lines_differ() {
        assert_eq!(glob(&["Top 10 stories"]).as_deref(), Some("Top 10 stories"));
        assert_eq!(
            glob(&["Read by 10 people", "Read by 7 people"]).as_deref(),
            Some("Read by * people")
        );
        assert_eq!(glob(&["12:30", "13:45"]), None);
    }
}
