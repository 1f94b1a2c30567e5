//! Which words of a dump are those of its gold text: a monotone alignment that prefers long runs.

use std::collections::HashMap;

use dehusk::text::is_word;

/// What a word gains, and what the first word of a run costs.
const MATCH: i32 = 2;
const RUN: i32 = 1;

/// Most cells of the table of an alignment, a byte each.
const CELLS_MAX: usize = 600_000_000;

/// Words of a rescued run, and the share of a line's runs that have to be in the gold, in per cent.
const GRAM: usize = 4;
const RESCUE_PERCENT: usize = 70;

/// From where a cell's best score comes.
const UP: u8 = 0;
const LEFT: u8 = 1;
const MATCHED: u8 = 2;
const GOES_ON: u8 = 4;

/// The words of a text, in small letters, as numbers that the table gives.
pub(crate) fn words(text: &str, table: &mut HashMap<String, u32>) -> Vec<u32> {
    let pieces = text.split(|c: char| !is_word(c)).filter(|word| !word.is_empty());
    pieces
        .map(|word| {
            let next = u32::try_from(table.len()).expect("few words");
            *table.entry(word.to_lowercase()).or_insert(next)
        })
        .collect()
}

/// For each word of every line whether it is one of the gold; nothing where the texts are too long.
pub(crate) fn align(lines: &[Vec<u32>], gold: &[u32]) -> Option<Vec<Vec<bool>>> {
    let page: Vec<u32> = lines.concat();
    if page.len().saturating_mul(gold.len()) > CELLS_MAX {
        return None;
    }
    let (mut in_page, mut in_gold) = monotone(&page, gold);
    rescue(lines, &mut in_page, gold, &mut in_gold);
    let mut rest = in_page.into_iter();
    Some(
        lines
            .iter()
            .map(|line| rest.by_ref().take(line.len()).collect())
            .collect(),
    )
}

fn monotone(page: &[u32], gold: &[u32]) -> (Vec<bool>, Vec<bool>) {
    let width = gold.len();
    let mut from = vec![UP; page.len() * width];
    // Best scores so far, and best scores that end in a match, for the row above; column 0 is before the gold.
    let mut best = vec![0_i32; width + 1];
    let mut run = vec![i32::MIN / 2; width + 1];
    for (word, row) in page.iter().zip(from.chunks_exact_mut(width.max(1))) {
        let (mut best_corner, mut run_corner, mut left) = (0, i32::MIN / 2, 0);
        for at in 0..width {
            let (above, run_above) = (best[at + 1], run[at + 1]);
            let (mut score, mut source) = if left > above { (left, LEFT) } else { (above, UP) };
            let (opened, longer) = (best_corner - RUN + MATCH, run_corner + MATCH);
            let is_match = *word == gold[at];
            let matched = if is_match { opened.max(longer) } else { i32::MIN / 2 };
            if is_match && matched >= score {
                (score, source) = (matched, MATCHED);
            }
            source |= GOES_ON * u8::from(is_match && longer >= opened);
            row[at] = source;
            best[at + 1] = score;
            run[at + 1] = matched;
            (best_corner, run_corner, left) = (above, run_above, score);
        }
    }
    trace(&from, page.len(), width)
}

fn trace(from: &[u8], rows: usize, width: usize) -> (Vec<bool>, Vec<bool>) {
    let (mut in_page, mut in_gold) = (vec![false; rows], vec![false; width]);
    let (mut row, mut column, mut inside) = (rows, width, false);
    while row > 0 && column > 0 {
        let source = from[(row - 1) * width + column - 1];
        if inside || source & 3 == MATCHED {
            inside = source & GOES_ON != 0;
            row -= 1;
            column -= 1;
            in_page[row] = true;
            in_gold[column] = true;
        } else if source & 3 == LEFT {
            column -= 1;
        } else {
            row -= 1;
        }
    }
    (in_page, in_gold)
}

/// Lines that stand in the gold in another order.
fn rescue(lines: &[Vec<u32>], in_page: &mut [bool], gold: &[u32], in_gold: &mut [bool]) {
    let mut open: HashMap<&[u32], usize> = HashMap::new();
    for (at, gram) in gold.windows(GRAM).enumerate() {
        if !in_gold[at..at + GRAM].contains(&true) {
            *open.entry(gram).or_default() += 1;
        }
    }
    let mut first = 0;
    for line in lines {
        let own = &mut in_page[first..first + line.len()];
        first += line.len();
        let grams = line.windows(GRAM);
        let all = grams.len();
        let found = grams
            .filter(|gram| open.get(gram).is_some_and(|count| *count > 0))
            .count();
        if all == 0 || own.iter().filter(|own| **own).count() * 2 >= own.len() || found * 100 < all * RESCUE_PERCENT {
            continue;
        }
        own.fill(true);
        for gram in line.windows(GRAM) {
            if let Some(count) = open.get_mut(gram) {
                *count = count.saturating_sub(1);
            }
        }
    }
}
