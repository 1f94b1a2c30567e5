//! Paragraphs whose lines a dumper has wrapped at some column.

use crate::page::Block;

/// The narrowest and the widest column at which text is taken to be wrapped, in characters.
const COLUMNS: std::ops::RangeInclusive<usize> = 50..=120;

/// Lines that may stick out beyond the column, one in so many: words that can't be parted.
const STICK_OUT: usize = 50;

/// Fewest lines that have to be full, and one in how many at least, for a dump to be wrapped.
const FULL_LINES_MIN: usize = 4;
const FULL_LINES_SHARE: usize = 8;

/// Joins what belongs together: for every paragraph, of one line where nothing is wrapped, how many lines it has.
pub(super) fn paragraphs(lines: &[&Block]) -> Vec<usize> {
    let full = column(lines).map(|column| full_lines(lines, column));
    let enough = |full: &Vec<bool>| {
        let count = full.iter().filter(|full| **full).count();
        count >= FULL_LINES_MIN && count * FULL_LINES_SHARE >= lines.len()
    };
    let Some(full) = full.filter(enough) else {
        return vec![1; lines.len()];
    };
    let mut paragraphs: Vec<usize> = Vec::new();
    let mut open = false;
    for full in full {
        match paragraphs.last_mut().filter(|_| open) {
            Some(last) => *last += 1,
            None => paragraphs.push(1),
        }
        open = full;
    }
    paragraphs
}

/// The column at which lines would be wrapped: the length of the longest but for those few that stick out.
fn column(lines: &[&Block]) -> Option<usize> {
    let mut lengths: Vec<usize> = lines.iter().map(|line| line.text.chars().count()).collect();
    lengths.sort_unstable_by(|a, b| b.cmp(a));
    let column = lengths.get(lines.len() / STICK_OUT).copied()?;
    COLUMNS.contains(&column).then_some(column)
}

/// Which lines the first word of the next one had no room on, where no blank line stands between.
fn full_lines(lines: &[&Block], column: usize) -> Vec<bool> {
    let next = lines.iter().skip(1).map(Some).chain([None]);
    let is_full = |(line, next): (&&Block, Option<&&Block>)| {
        let Some(next) = next.filter(|next| !next.after_blank) else {
            return false;
        };
        let first = next.text.split(' ').next().unwrap_or_default().chars().count();
        line.text.chars().count() + 1 + first > column
    };
    lines.iter().zip(next).map(is_full).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::lines::blocks;

    fn wrapped(text: &str) -> Vec<usize> {
        let blocks = blocks(text);
        paragraphs(&blocks.iter().collect::<Vec<_>>())
    }

    const WRAPPED: &str = "Home\nNews\n\n\
        The council met on Monday, heard three speakers, and put off its\n\
        vote until the week after next. Two of the members had asked for\n\
        more time, since the report of the office came late and was long.\n\n\
        What the new bridge will cost, nobody in the hall could say; the\n\
        last estimate is eleven years old, and the man who made it now\n\
        keeps bees in the south.\nImprint";

    #[test]
    fn wrapped_paragraphs_are_joined_and_short_lines_stay_alone() {
        assert_eq!(wrapped(WRAPPED), [1, 1, 3, 3, 1]);
    }

    #[test]
    fn verses_and_long_lines_are_not_wrapped() {
        let verse = "You have reached the house.\nWe are out on the water, or asleep.\nMind the step.\n".repeat(9);
        assert!(wrapped(&verse).iter().all(|count| *count == 1));
        let long = format!("{}\n", "word ".repeat(60)).repeat(9);
        assert!(wrapped(&long).iter().all(|count| *count == 1));
    }
}
