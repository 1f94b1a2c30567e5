//! The lines of a dump, and what stands before and behind one of them.

use std::collections::BTreeSet;

use super::rule::{LearnedRule, quoted};
use super::worth::number;
use crate::text::{line_key, words};

/// Fewest words, and characters, of a line that reads like running text.
const PROSE_WORDS_MIN: usize = 12;
const PROSE_CHARS_MIN: usize = 60;

/// Ends of sentences, with what may stand behind them.
const SENTENCE_ENDS: &[char] = &['.', '!', '?', '…', '。', '！', '？', '"', '”', '’', '»', ')'];

/// Most of the running text that may stand behind a line that cuts.
const LOST_MAX: f64 = 0.15;

/// A line of a dump.
#[derive(Debug)]
pub(super) struct Line {
    /// As it stands.
    pub(super) text: String,
    /// How it is compared with others.
    pub(super) key: String,
    /// Its words.
    pub(super) words: usize,
    /// Whether it reads like running text.
    pub(super) prose: bool,
    /// How many dumps have it.
    pub(super) copies: usize,
    /// A rule takes it already.
    pub(super) taken: bool,
}

/// How lines of different dumps are compared: numbers count as equal.
pub(super) fn key_of(line: &str) -> String {
    let mut key = String::with_capacity(line.len());
    for character in line_key(line).chars() {
        if !character.is_numeric() {
            key.push(character);
        } else if !key.ends_with('#') {
            key.push('#');
        }
    }
    key
}

/// Whether a line reads like running text.
pub(super) fn is_prose(text: &str) -> bool {
    let long = words(text) >= PROSE_WORDS_MIN || words(text) <= 3 && text.chars().count() >= PROSE_CHARS_MIN;
    let wide = text.chars().count() >= PROSE_CHARS_MIN || words(text) >= PROSE_WORDS_MIN;
    long && wide && text.trim_end().ends_with(SENTENCE_ENDS) || words(text) >= 3 * PROSE_WORDS_MIN
}

/// Words of running text that stands on this dump alone.
pub(super) fn own_prose(lines: &[Line]) -> f64 {
    number(
        lines
            .iter()
            .filter(|line| line.prose && line.copies == 1)
            .map(|line| line.words.max(1))
            .sum(),
    )
}

/// Where a line stands last, if that is before the content and nearly all before it repeats on other dumps.
pub(super) fn last_before_prose(dump: &[Line], key: &str) -> Option<usize> {
    let at = dump.iter().rposition(|line| line.key == key)?;
    let (before, behind) = dump.split_at_checked(at)?;
    // A line of the dump's own may be its title.
    let all_repeat = before.iter().all(|line| line.copies > 1);
    (all_repeat && own_prose(behind) > 0.0).then_some(at)
}

/// How many lines stand behind the first such line, if nearly all running text stands before it.
pub(super) fn lines_behind(dump: &[Line], key: &str) -> Option<usize> {
    let at = dump.iter().position(|line| line.key == key)?;
    let (before, behind) = dump.split_at_checked(at)?;
    let (before, lost) = (own_prose(before), own_prose(behind));
    (before > 0.0 && lost <= LOST_MAX * (before + lost)).then_some(behind.len())
}

/// Runs from such a line up to the next paragraph; nothing if one of them has no line of its own, or no end near by.
pub(super) fn runs_from(dump: &[Line], key: &str) -> Option<Vec<(usize, usize)>> {
    const RUN_MAX: usize = 6;
    let mut runs = Vec::new();
    for (at, _) in dump
        .iter()
        .enumerate()
        .filter(|(_, line)| line.key == key && !line.taken)
    {
        let behind = dump.get(at + 1..)?;
        let length = behind.iter().position(|line| line.prose)?;
        let own = behind.first().is_some_and(|line| line.copies == 1);
        if length == 0 || length > RUN_MAX || !own {
            return None;
        }
        runs.push((at, at + 1 + length));
    }
    Some(runs)
}

/// Whether a repeated line stands alone above a line of the dump's own.
pub(super) fn heads_text(dump: &[Line], at: usize, quorum: usize) -> bool {
    let repeats = |place: Option<usize>| {
        place
            .and_then(|at| dump.get(at))
            .is_some_and(|line| line.copies >= quorum)
    };
    !repeats(at.checked_sub(1)) && !repeats(Some(at + 1)) && at + 1 < dump.len()
}

/// What all first lines end with behind a separator: the name of the site.
pub(super) fn title_suffix(dumps: &[&[String]]) -> Option<LearnedRule> {
    const SEPARATORS: &[&str] = &[" | ", " - ", " – ", " — ", " :: ", " · "];
    let first: Vec<&String> = dumps.iter().filter_map(|dump| dump.first()).collect();
    let suffix = |title: &str| {
        let at = SEPARATORS.iter().filter_map(|separator| title.rfind(separator)).max()?;
        title.get(at..).map(str::to_owned)
    };
    let suffixes: BTreeSet<Option<String>> = first.iter().map(|title| suffix(title)).collect();
    let titles: BTreeSet<&&String> = first.iter().collect();
    let suffix = suffixes.first().filter(|_| suffixes.len() == 1)?.as_ref()?;
    (titles.len() > 1).then(|| {
        let pattern = format!("{}$", regex::escape(suffix));
        LearnedRule {
            key: "meta.title-replace",
            written: format!("{{ re = {} }}", quoted(&pattern)),
            pattern,
            seen: dumps.len(),
            of: dumps.len(),
            words: 0,
            why: "",
            example: first.first().map(|title| (*title).clone()).unwrap_or_default(),
        }
    })
}
