//! Drops text that stands in the page more than once.

use std::collections::{HashMap, HashSet};

use crate::clean::extraction::TracedBlock;
use crate::limits::Stop;
use crate::page::BlockKind;
use crate::rules::model::{DedupeKind, DedupeRule};
use crate::text::line_key;

/// Most text of a page, in bytes, that is searched for contained lines: the search costs the square of it.
const CONTAINED_BYTES_MAX: usize = 512 * 1024;

/// Drops repeats as the rule says. `protected` tells the blocks that have to stay.
pub(super) fn drop(blocks: &mut [TracedBlock], rule: &DedupeRule, protected: impl Fn(usize) -> bool, stop: &Stop<'_>) {
    let gone: HashSet<usize> = match rule.kind {
        DedupeKind::Off => return,
        DedupeKind::Lead => {
            let mut kept = blocks.iter().enumerate().filter(|(_, traced)| traced.is_kept());
            let end = kept.nth(rule.within).map_or(blocks.len(), |(at, _)| at);
            later_copies(&candidates(blocks.get(..end).unwrap_or_default(), rule))
        }
        DedupeKind::Exact => later_copies(&candidates(blocks, rule)),
        DedupeKind::Contained => {
            let lines = candidates(blocks, rule);
            let mut gone = later_copies(&lines);
            gone.extend(contained(&lines, &gone, stop));
            gone
        }
    };
    for at in gone.into_iter().filter(|at| !protected(*at)) {
        if let Some(traced) = blocks.get_mut(at) {
            traced.remove(&rule.info);
        }
    }
}

/// The kept lines that are long enough to be repeats, in the form in which lines are compared. Code and tables repeat
/// themselves on purpose.
fn candidates(blocks: &[TracedBlock], rule: &DedupeRule) -> Vec<(usize, String)> {
    let repeatable =
        |traced: &TracedBlock| traced.is_kept() && !matches!(traced.block.kind, BlockKind::Code | BlockKind::TableRow);
    let kept = blocks.iter().enumerate().filter(|(_, traced)| repeatable(traced));
    kept.map(|(at, traced)| (at, line_key(&traced.block.text).into_owned()))
        .filter(|(_, key)| key.chars().count() >= rule.min_chars)
        .collect()
}

fn later_copies(lines: &[(usize, String)]) -> HashSet<usize> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut gone = HashSet::new();
    for (at, key) in lines {
        if *seen.entry(key).or_insert(*at) != *at {
            gone.insert(*at);
        }
    }
    gone
}

/// Lines that stand inside a longer line that stays.
fn contained(lines: &[(usize, String)], gone: &HashSet<usize>, stop: &Stop<'_>) -> HashSet<usize> {
    let all: usize = lines.iter().map(|(_, key)| key.len()).sum();
    if all > CONTAINED_BYTES_MAX {
        return HashSet::new();
    }
    let mut longest_first: Vec<&(usize, String)> = lines.iter().filter(|(at, _)| !gone.contains(at)).collect();
    longest_first.sort_by_key(|(at, key)| (std::cmp::Reverse(key.len()), *at));
    let mut stay: Vec<&str> = Vec::new();
    let mut inside = HashSet::new();
    for (at, key) in longest_first.into_iter().take_while(|_| stop.goes_on()) {
        if stay
            .iter()
            .any(|longer| longer.len() > key.len() && longer.contains(key.as_str()))
        {
            inside.insert(*at);
        } else {
            stay.push(key);
        }
    }
    inside
}
