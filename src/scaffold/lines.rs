//! What text dumps of one site have in common, line by line.

use std::collections::{HashMap, HashSet};

use super::{Proposal, quoted, seen};
use crate::page::date;
use crate::text::line_key;

/// Longest line, in characters, that is proposed; longer ones are text.
const LINE_CHARS_MAX: usize = 80;

/// Among how many first lines a fingerprint is looked for.
const FINGERPRINT_WITHIN: usize = 12;

/// Lines proposed of each kind.
const PROPOSALS_MAX: usize = 12;

/// Line beginnings that name an author, for a first guess.
const BYLINES: &[&str] = &["By ", "Von ", "Par ", "Por ", "Di ", "Автор: "];

/// Short lines that all dumps have, with the farthest place that they stand at, in the order of the first dump.
fn common(dumps: &[Vec<String>]) -> Vec<(&str, usize)> {
    let Some((first, others)) = dumps.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Vec::new();
    };
    let places: Vec<HashMap<String, usize>> = others.iter().map(|dump| places(dump)).collect();
    let mut seen = HashSet::new();
    let mut common = Vec::new();
    for (at, line) in first
        .iter()
        .enumerate()
        .filter(|(_, line)| line.chars().count() <= LINE_CHARS_MAX)
    {
        let key = line_key(line).into_owned();
        let elsewhere: Option<Vec<usize>> = places.iter().map(|places| places.get(&key).copied()).collect();
        if let (Some(elsewhere), true) = (elsewhere, seen.insert(key)) {
            common.push((line.as_str(), elsewhere.into_iter().max().unwrap_or(0).max(at)));
        }
    }
    common
}

fn places(dump: &[String]) -> HashMap<String, usize> {
    let mut places = HashMap::new();
    for (at, line) in dump.iter().enumerate() {
        places.entry(line_key(line).into_owned()).or_insert(at);
    }
    places
}

/// Lines near the top of every dump.
pub(super) fn fingerprint(dumps: &[Vec<String>]) -> Vec<Proposal> {
    let near = common(dumps).into_iter().filter(|(_, at)| *at < FINGERPRINT_WITHIN);
    near.take(3)
        .map(|(line, at)| Proposal {
            written: format!("{{ line = {}, within = {} }}", quoted(line), at + 3),
            evidence: seen(dumps.len(), dumps.len()),
        })
        .collect()
}

/// Lines that every dump has before its tail begins.
pub(super) fn repeated(dumps: &[Vec<String>]) -> Vec<Proposal> {
    let tail = tail_start(dumps);
    let lines = common(dumps)
        .into_iter()
        .map(|(line, _)| line)
        .take_while(|line| Some(*line) != tail);
    lines.take(PROPOSALS_MAX).map(|line| proposal(line, dumps)).collect()
}

/// The line that begins the tail: the first common line of the second half of the first dump.
pub(super) fn tail(dumps: &[Vec<String>]) -> Vec<Proposal> {
    tail_start(dumps)
        .into_iter()
        .map(|line| proposal(line, dumps))
        .collect()
}

fn tail_start(dumps: &[Vec<String>]) -> Option<&str> {
    let first = dumps.first()?;
    let late: HashSet<&str> = first.iter().skip(first.len() / 2).map(String::as_str).collect();
    common(dumps)
        .into_iter()
        .map(|(line, _)| line)
        .find(|line| late.contains(line))
}

/// Lines that look like datelines and bylines.
pub(super) fn metadata(dumps: &[Vec<String>]) -> Vec<(&'static str, Vec<Proposal>)> {
    let top = |dump: &Vec<String>| dump.iter().take(FINGERPRINT_WITHIN).cloned().collect::<Vec<_>>();
    let dated = dumps
        .iter()
        .filter(|dump| top(dump).iter().any(|line| date::dateline(line).is_some()))
        .count();
    let byline = |start: &&&str| {
        dumps
            .iter()
            .filter(|dump| top(dump).iter().any(|line| line.starts_with(**start)))
            .count()
    };
    let author = BYLINES
        .iter()
        .map(|start| (start, byline(&start)))
        .filter(|(_, count)| *count > 0)
        .max_by_key(|(_, count)| *count);
    let mut found = Vec::new();
    if let Some((start, count)) = author {
        let written = format!("{{ re = '^{start}(.+)$', within = {FINGERPRINT_WITHIN}, take = true }}");
        found.push((
            "author",
            vec![Proposal {
                written,
                evidence: seen(count, dumps.len()),
            }],
        ));
    }
    if dated > 0 {
        let written = format!("{{ dateline = true, within = {FINGERPRINT_WITHIN}, take = true }}");
        found.push((
            "date",
            vec![Proposal {
                written,
                evidence: seen(dated, dumps.len()),
            }],
        ));
    }
    found
}

fn proposal(line: &str, dumps: &[Vec<String>]) -> Proposal {
    Proposal {
        written: quoted(line),
        evidence: seen(dumps.len(), dumps.len()),
    }
}
