//! Models of boosted trees: rows of numbers in, scores out.
//!
//! Trees are not walked from their roots. Every split knows which leaves are out of reach for values above its
//! threshold; splits are ordered by feature and threshold, so that for each feature those that count come first, and
//! the first leaf that stays within reach of all of them is where the walk would have ended (Lucchese and others,
//! `QuickScorer`, 2015). Some rows at a time share each look at a split, which compilers turn into vector instructions.

mod read;

pub use read::TreesError;

/// Most leaves of one tree: the bits of the word that says which are within reach.
pub const LEAVES_MAX: usize = 32;

/// Most trees of one model.
pub const TREES_MAX: usize = 512;

/// Most features of one model.
pub const FEATURES_MAX: usize = 512;

/// Rows that are scored together.
const LANES: usize = 16;

/// One split of a tree.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Split {
    /// Values above it can't reach the leaves that `keep` lacks.
    threshold: f32,
    /// Which tree it is part of.
    tree: u16,
    /// A bit for each leaf of the tree, 0 for those that are out of reach.
    keep: u32,
}

/// A model: trees whose values add up to a score. The default has none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trees {
    features: Vec<String>,
    /// By feature: its splits in all trees, by rising threshold.
    splits: Vec<Vec<Split>>,
    /// By tree: the values of its leaves from left to right.
    leaves: Vec<[f32; LEAVES_MAX]>,
}

impl Trees {
    /// Reads a model as `train/trees.py` writes it.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the bytes: a model that was read can score.
    pub fn parse(bytes: &[u8]) -> Result<Self, TreesError> {
        read::read(bytes)
    }

    /// The names of the features, in the order in which rows hold them.
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// Appends the raw score (the log of the odds) of every row. The rows stand one behind the other, each with a
    /// number for every feature and none missing; what is left at the end and is no whole row is left out.
    pub fn scores(&self, rows: &[f32], scores: &mut Vec<f32>) {
        self.scores_beside(&[], rows, scores);
    }

    /// Does the same for rows that have their first numbers in common: those stand in `shared`, and not in the rows.
    pub fn scores_beside(&self, shared: &[f32], rows: &[f32], scores: &mut Vec<f32>) {
        let width = self.features.len().saturating_sub(shared.len()).max(1);
        let mut of_all = vec![u32::MAX; self.leaves.len()];
        for (splits, value) in self.splits.iter().zip(shared) {
            pass_below(splits, *value, &mut of_all);
        }
        let mut reach = Reach {
            of_all: of_all.clone(),
            of_each: Vec::new(),
        };
        for batch in rows.chunks(width * LANES) {
            reach.of_all.copy_from_slice(&of_all);
            reach.of_each.clear();
            reach.of_each.resize(self.leaves.len(), [u32::MAX; LANES]);
            self.rule_out(batch, (shared.len(), width), &mut reach);
            let sums = self.sums(&reach);
            scores.extend(sums.into_iter().take(batch.len() / width));
        }
    }

    /// Rules out the leaves that the rows of a batch don't reach, by all features after the first ones.
    fn rule_out(&self, batch: &[f32], (first, width): (usize, usize), reach: &mut Reach) {
        let rows = batch.len() / width;
        for (at, splits) in self.splits.iter().skip(first).enumerate() {
            if splits.is_empty() {
                continue;
            }
            // Lanes without a row repeat the first one: what a lane has that no other has costs time.
            let mut values = [batch.get(at).copied().unwrap_or_default(); LANES];
            let column = batch.get(at..).unwrap_or_default().iter().step_by(width);
            for (value, number) in values.iter_mut().take(rows).zip(column) {
                *value = *number;
            }
            reach.apply(splits, &values);
        }
    }

    /// The sums of the leaves that the rows of a batch end in.
    fn sums(&self, reach: &Reach) -> [f32; LANES] {
        let mut sums = [0.0; LANES];
        for ((of_each, of_all), values) in reach.of_each.iter().zip(&reach.of_all).zip(&self.leaves) {
            for (sum, leaves) in sums.iter_mut().zip(of_each) {
                let first = (leaves & of_all).trailing_zeros() as usize % LEAVES_MAX;
                *sum += values.get(first).copied().unwrap_or_default();
            }
        }
        sums
    }
}

/// The leaves of each tree that rows still reach: those that no split has ruled out for all of the rows, and for each.
struct Reach {
    of_all: Vec<u32>,
    of_each: Vec<[u32; LANES]>,
}

impl Reach {
    /// Rules out the leaves that rows with these values of a feature don't reach.
    fn apply(&mut self, splits: &[Split], values: &[f32; LANES]) {
        let greatest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let least = values.iter().copied().fold(f32::INFINITY, f32::min);
        // Every value is above these: one look for all rows.
        let others = pass_below(splits, least, &mut self.of_all);
        for split in others.iter().take_while(|split| split.threshold < greatest) {
            if let Some(of_tree) = self.of_each.get_mut(usize::from(split.tree)) {
                split.apply(values, of_tree);
            }
        }
    }
}

impl Split {
    /// Rules out the leaves that rows with these values don't reach.
    fn apply(&self, values: &[f32; LANES], reach: &mut [u32; LANES]) {
        let gone = !self.keep;
        for (leaves, value) in reach.iter_mut().zip(values) {
            // No branch: some lanes at once.
            *leaves &= !(if *value > self.threshold { gone } else { 0 });
        }
    }
}

/// Rules out the leaves that a value of a feature doesn't reach; the splits that it isn't above.
fn pass_below<'s>(splits: &'s [Split], value: f32, reach: &mut [u32]) -> &'s [Split] {
    let mut rest = splits;
    while let Some((split, others)) = rest.split_first()
        && split.threshold < value
    {
        rest = others;
        if let Some(of_tree) = reach.get_mut(usize::from(split.tree)) {
            *of_tree &= split.keep;
        }
    }
    rest
}

/// The probability that a raw score stands for, from 0 to 1.
pub fn probability(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &[u8] = include_bytes!("small.trees");
    const EXAMPLES: &str = include_str!("small.tsv");

    /// Rows and the scores that the trainer gave them.
    fn examples() -> (Vec<f32>, Vec<f32>) {
        let mut rows = Vec::new();
        let mut scores = Vec::new();
        for line in EXAMPLES.lines() {
            let mut numbers = line.split('\t').map(|number| number.parse::<f32>().unwrap());
            scores.extend(numbers.next());
            rows.extend(numbers);
        }
        (rows, scores)
    }

    fn scored(rows: &[f32]) -> Vec<f32> {
        let mut scores = Vec::new();
        Trees::parse(SMALL).unwrap().scores(rows, &mut scores);
        scores
    }

    #[test]
    fn scores_are_those_of_the_trainer() {
        let (rows, expected) = examples();
        let found = scored(&rows);
        assert_eq!(found.len(), 50);
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_row_scores_the_same_alone_and_among_others() {
        let (rows, _) = examples();
        let together = scored(&rows);
        let alone: Vec<f32> = rows.chunks_exact(6).flat_map(scored).collect();
        assert_eq!(together, alone);
    }

    #[test]
    fn numbers_that_all_rows_share_need_to_be_given_only_once() {
        let (rows, _) = examples();
        let (shared, _) = rows.split_at(2);
        let others: Vec<f32> = rows.chunks_exact(6).flat_map(|row| row[2..].to_vec()).collect();
        let whole: Vec<f32> = rows
            .chunks_exact(6)
            .flat_map(|row| [shared, &row[2..]].concat())
            .collect();
        let mut scores = Vec::new();
        Trees::parse(SMALL).unwrap().scores_beside(shared, &others, &mut scores);
        assert_eq!(scores, scored(&whole));
    }

    #[test]
    fn half_a_row_at_the_end_has_no_score() {
        let (rows, _) = examples();
        assert_eq!(scored(&rows[..15]).len(), 2);
    }

    #[test]
    fn a_model_names_its_features() {
        let trees = Trees::parse(SMALL).unwrap();
        assert_eq!(trees.features().len(), 6);
        assert_eq!(trees.features()[5], "made-up_5");
    }

    #[test]
    fn a_score_of_nothing_is_an_even_chance() {
        assert!((probability(0.0) - 0.5).abs() < 1e-6 && probability(5.0) > 0.99 && probability(-90.0) < 1e-6);
    }

    #[test]
    fn any_damage_to_a_model_is_found() {
        for at in 0..SMALL.len() {
            let mut damaged = SMALL.to_vec();
            damaged[at] ^= 0x40;
            assert!(Trees::parse(&damaged).is_err(), "byte {at}");
            assert!(Trees::parse(&SMALL[..at]).is_err(), "cut at {at}");
        }
    }
}
