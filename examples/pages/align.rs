//! Which words of a page belong to its gold text.

use std::collections::{HashMap, HashSet};

/// Pages where the product of both lengths is greater are aligned by runs of four words instead.
const CELLS_MAX: usize = 600_000_000;

/// A score that nothing reaches.
const NEVER: i32 = -1_000_000;

/// Words as numbers, so that they compare quickly.
#[derive(Default)]
pub(crate) struct Numbers(HashMap<String, u32>);

impl Numbers {
    /// The numbers of the words of a text, lower case.
    pub(crate) fn of(&mut self, text: &str) -> Vec<u32> {
        text.split(|character| !dehusk::text::is_word(character))
            .filter(|word| !word.is_empty())
            .map(|word| {
                let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
                *self.0.entry(word.to_lowercase()).or_insert(next)
            })
            .collect()
    }
}

/// For every block the share of its words that belong to the gold text, from 0 to 1.
///
/// Blocks and gold are aligned in order, with runs preferred; blocks whose runs of four words stand in the rest of the
/// gold text count too, wherever they stand.
pub(crate) fn shares(blocks: &[Vec<u32>], gold: &[u32]) -> Vec<f32> {
    let all: Vec<u32> = blocks.iter().flatten().copied().collect();
    let hits = align(&all, gold);
    let mut rest = runs_left(&all, &hits, gold);
    let mut from = 0;
    blocks
        .iter()
        .map(|block| {
            let hit = hits[from..from + block.len()].iter().filter(|hit| **hit).count();
            from += block.len();
            let share = hit as f32 / block.len().max(1) as f32;
            if share < 0.5 && stands_in(block, &mut rest) {
                1.0
            } else {
                share
            }
        })
        .collect()
}

/// Runs of four words of the gold text that nothing has been aligned with.
fn runs_left(all: &[u32], hits: &[bool], gold: &[u32]) -> HashMap<Vec<u32>, i32> {
    let mut rest: HashMap<Vec<u32>, i32> = HashMap::new();
    for run in gold.windows(4) {
        *rest.entry(run.to_vec()).or_default() += 1;
    }
    let matched: Vec<u32> = all
        .iter()
        .zip(hits)
        .filter(|(_, hit)| **hit)
        .map(|(word, _)| *word)
        .collect();
    for run in matched.windows(4) {
        *rest.entry(run.to_vec()).or_default() -= 1;
    }
    rest
}

/// Whether most runs of a block stand in the rest, from which they are then taken.
fn stands_in(block: &[u32], rest: &mut HashMap<Vec<u32>, i32>) -> bool {
    let runs = block.windows(4);
    let count = runs.len();
    let found = runs
        .filter(|run| rest.get(*run).is_some_and(|count| *count > 0))
        .count();
    if count == 0 || found * 10 < count * 7 {
        return false;
    }
    for run in block.windows(4) {
        *rest.entry(run.to_vec()).or_default() -= 1;
    }
    true
}

/// The best alignment in order: 2 for every word in common, -1 for every run that begins.
fn align(all: &[u32], gold: &[u32]) -> Vec<bool> {
    let mut hits = vec![false; all.len()];
    if all.len().saturating_mul(gold.len()) > CELLS_MAX {
        let runs: HashSet<&[u32]> = gold.windows(4).collect();
        for at in 0..all.len().saturating_sub(3) {
            if runs.contains(&all[at..at + 4]) {
                hits[at..at + 4].fill(true);
            }
        }
        return hits;
    }
    let width = gold.len() + 1;
    // Bit 0: the run goes on; bits 1 and 2: where the best score comes from (0 above, 1 left, 2 a run).
    let mut trace = vec![0_u8; (all.len() + 1) * width];
    let (mut run_above, mut best_above) = (vec![NEVER; width], vec![0_i32; width]);
    for (row, word) in all.iter().enumerate() {
        let (mut run_here, mut best_here) = (vec![NEVER; width], vec![0_i32; width]);
        for (column, other) in gold.iter().enumerate() {
            let goes_on = word == other && run_above[column] >= best_above[column] - 1;
            if word == other {
                run_here[column + 1] = 2 + run_above[column].max(best_above[column] - 1);
            }
            let mut best = (best_above[column + 1], 0);
            if best_here[column] > best.0 {
                best = (best_here[column], 1);
            }
            if run_here[column + 1] > best.0 {
                best = (run_here[column + 1], 2);
            }
            best_here[column + 1] = best.0;
            trace[(row + 1) * width + column + 1] = u8::from(goes_on) | best.1 << 1;
        }
        (run_above, best_above) = (run_here, best_here);
    }
    follow(&trace, width, &mut hits);
    hits
}

/// Follows the trace of the best alignment from its end.
fn follow(trace: &[u8], width: usize, hits: &mut [bool]) {
    let (mut row, mut column, mut in_run) = (hits.len(), width - 1, false);
    while row > 0 && column > 0 {
        let mark = trace[row * width + column];
        match (in_run, mark >> 1) {
            (true, _) => {
                hits[row - 1] = true;
                in_run = mark & 1 == 1;
                (row, column) = (row - 1, column - 1);
            }
            (false, 0) => row -= 1,
            (false, 1) => column -= 1,
            (false, _) => in_run = true,
        }
    }
}
