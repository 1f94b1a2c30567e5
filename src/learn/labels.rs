//! Lines of dumps that state metadata behind a label: bylines, datelines, codes, tags.

use super::rule::{LearnedRule, quoted};
use crate::text::words;

/// Farthest from the top that bylines, dates and codes stand, in lines.
const NEAR: usize = 15;

/// A label with what stands behind it.
struct Label {
    /// The key of the field.
    key: &'static str,
    /// What the line begins with, the first that all dumps have counts.
    labels: &'static [&'static str],
    /// Most words of the value.
    words_max: usize,
    /// Whether it stands near the top.
    near: bool,
}

const LABELS: &[Label] = &[
    Label {
        key: "meta.author",
        labels: &["By ", "Author: ", "Written by ", "Reporter: ", "Von ", "Par ", "Por "],
        words_max: 5,
        near: true,
    },
    Label {
        key: "meta.date",
        labels: &[
            "Published: ",
            "Published on ",
            "Posted on ",
            "Updated: ",
            "Last updated: ",
            "Date: ",
        ],
        words_max: 9,
        near: true,
    },
    Label {
        key: "meta.id",
        labels: &["Story Code : ", "Story Code: ", "Article ID: ", "News ID: ", "ID: "],
        words_max: 1,
        near: true,
    },
    Label {
        key: "meta.tags",
        labels: &["Tags: ", "Topics: ", "Keywords: "],
        words_max: 20,
        near: false,
    },
];

/// Captures for the labels that every dump has.
pub(super) fn captures(dumps: &[&[String]]) -> Vec<LearnedRule> {
    LABELS.iter().filter_map(|label| capture(label, dumps)).collect()
}

fn capture(label: &Label, dumps: &[&[String]]) -> Option<LearnedRule> {
    let found = |start: &&&str| dumps.iter().all(|dump| value(dump, start, label).is_some());
    let start = label.labels.iter().find(found)?;
    let more = label.words_max - 1;
    let pattern = format!(r"^{}(\S+(?: \S+){{0,{more}}})$", regex::escape(start));
    let within = if label.near {
        format!(", within = {NEAR}")
    } else {
        String::new()
    };
    Some(LearnedRule {
        key: label.key,
        written: format!("{{ re = {}{within}, take = true }}", quoted(&pattern)),
        pattern,
        seen: dumps.len(),
        of: dumps.len(),
        words: 0,
        why: "",
        example: dumps
            .iter()
            .find_map(|dump| value(dump, start, label))
            .unwrap_or_default(),
    })
}

/// What stands behind a label on a dump.
fn value(dump: &[String], start: &str, label: &Label) -> Option<String> {
    let lines = if label.near { NEAR } else { dump.len() };
    let values = dump.iter().take(lines).filter_map(|line| line.strip_prefix(start));
    let mut short = values.filter(|value| (1..=label.words_max).contains(&words(value)) && !value.contains("  "));
    short.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(dumps: &[&str]) -> Vec<(&'static str, String)> {
        let dumps: Vec<Vec<String>> = dumps
            .iter()
            .map(|dump| dump.lines().map(str::to_owned).collect())
            .collect();
        let dumps: Vec<&[String]> = dumps.iter().map(Vec::as_slice).collect();
        captures(&dumps)
            .into_iter()
            .map(|rule| (rule.key, rule.example))
            .collect()
    }

    #[test]
    fn a_label_that_all_dumps_have_becomes_a_capture() {
        let (one, other) = (
            "Harbour\nBy Ann Berg\nStory Code : 12\nText",
            "Ferry\nBy Tom Lund\nStory Code : 34\nText",
        );
        assert_eq!(
            found(&[one, other]),
            [("meta.author", "Ann Berg".to_owned()), ("meta.id", "12".to_owned())]
        );
        assert_eq!(
            found(&[
                one,
                "Ferry\nBy the time the ferry came, all of them had left the quay\nText"
            ]),
            []
        );
    }
}
