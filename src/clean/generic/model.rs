//! What was learned from pages whose main content is known: tables of words with their worth, and boosted trees.
//!
//! `train/pages` writes the file; docs/generic-cleaner.md says from which pages, how, and what it scores.

use std::fmt;
use std::sync::LazyLock;

use crate::clean::generic::kind::KINDS;
use crate::clean::generic::names::{NameScores, ZONES};
use crate::clean::trees::{Trees, TreesError};
use crate::text::fnv32;

/// The first bytes of a model, with the version of its form.
const MAGIC: &[u8] = b"dhgm\x01\0";

/// Most entries of a table.
const ENTRIES_MAX: usize = 20_000;

/// The model that is part of the program.
static SHIPPED: LazyLock<Model> = LazyLock::new(|| {
    Model::parse(include_bytes!("pages.model")).expect("the model in the source tree is whole: a test reads it")
});

/// Why bytes are no model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelError {
    /// They do not begin like a model of this version.
    NotAModel,
    /// They end too early, or a length in them is out of bounds.
    Broken {
        /// Where, in bytes from the start.
        at: usize,
    },
    /// The trees are broken.
    Trees(TreesError),
}

impl fmt::Display for ModelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAModel => f.write_str("not a model of this version"),
            Self::Broken { at } => write!(f, "the model is broken at byte {at}"),
            Self::Trees(error) => write!(f, "the trees of the model: {error}"),
        }
    }
}

impl std::error::Error for ModelError {}

/// How many bits of a hash tell where to look for it: about as many places as there are words.
const FIRST_BITS: u32 = 12;

/// Words by hash, each with what it is worth.
#[derive(Debug, Clone, Default, PartialEq)]
struct Table<const N: usize> {
    /// Ascending.
    keys: Vec<u32>,
    worth: Vec<[f32; N]>,
    /// For every value of a hash's first bits where the keys with it begin, and the end of all. Small, since it is asked
    /// for every word.
    starts: Vec<u16>,
}

impl<const N: usize> Table<N> {
    /// A table of ascending keys.
    fn new(keys: Vec<u32>, worth: Vec<[f32; N]>) -> Self {
        let first = |bits: u32| {
            let first = keys.partition_point(|key| key >> (u32::BITS - FIRST_BITS) < bits);
            u16::try_from(first).expect("tables have at most ENTRIES_MAX entries")
        };
        let starts = (0..=1 << FIRST_BITS).map(first).collect();
        Self { keys, worth, starts }
    }

    fn get(&self, word: &str) -> Option<&[f32; N]> {
        let hash = fnv32(word.bytes());
        let bits = usize::try_from(hash >> (u32::BITS - FIRST_BITS)).ok()?;
        let start = usize::from(*self.starts.get(bits)?);
        let keys = self.keys.get(start..usize::from(*self.starts.get(bits + 1)?))?;
        let at = keys.iter().position(|key| *key == hash)?;
        self.worth.get(start + at)
    }
}

/// What was learned. The default has learned nothing; without trees it weighs words, but no block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Model {
    names: Table<ZONES>,
    words: Table<1>,
    word_bias: f32,
    signs: Table<KINDS>,
    /// For every number of a page, what it is worth for each kind.
    page_numbers: Vec<[f32; KINDS]>,
    kind_bias: [f32; KINDS],
    /// What share of F1 pages have reached whose expected F1 was at these steps.
    calibration: Vec<[f32; 2]>,
    trees: Trees,
}

impl Model {
    /// The model that is part of the program.
    pub fn shipped() -> &'static Self {
        &SHIPPED
    }

    /// Reads a model as `train/pages` writes it.
    ///
    /// # Errors
    ///
    /// Whatever is wrong with the bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self, ModelError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError::NotAModel)?;
        let mut reader = Reader { all: bytes.len(), rest };
        let names = reader.table()?;
        let words = reader.table()?;
        let [word_bias] = reader.floats()?;
        let signs = reader.table()?;
        let page_numbers = reader.rows()?;
        let kind_bias = reader.floats()?;
        let calibration = reader.rows()?;
        let trees = match reader.count()? {
            0 => Trees::default(),
            _ => Trees::parse(reader.rest).map_err(ModelError::Trees)?,
        };
        Ok(Self {
            names,
            words,
            word_bias,
            signs,
            page_numbers,
            kind_bias,
            calibration,
            trees,
        })
    }

    /// What a word of a name is worth by zone.
    pub(super) fn name(&self, word: &str) -> Option<&NameScores> {
        self.names.get(word)
    }

    /// What a word of a text is worth.
    pub(super) fn word(&self, word: &str) -> f32 {
        self.words.get(word).map_or(0.0, |[worth]| *worth)
    }

    /// What a text is worth before any word of it has been read.
    pub(super) fn wording_bias(&self) -> f32 {
        self.word_bias
    }

    /// What a sign of a page is worth for each kind.
    pub(super) fn sign(&self, sign: &str) -> Option<&[f32; KINDS]> {
        self.signs.get(sign)
    }

    /// What a page is worth for each kind by its numbers, as far as they are given.
    pub(super) fn kinds(&self, numbers: impl Iterator<Item = f32>) -> [f32; KINDS] {
        let mut sums = self.kind_bias;
        for (number, worth) in numbers.zip(&self.page_numbers) {
            for (sum, worth) in sums.iter_mut().zip(worth) {
                *sum += number * worth;
            }
        }
        sums
    }

    /// How many numbers of a page count for its kind.
    #[cfg(test)]
    pub(super) fn page_numbers(&self) -> usize {
        self.page_numbers.len()
    }

    /// The F1 that pages have reached on average for which `expected` was worked out.
    pub fn calibrated(&self, expected: f32) -> f32 {
        let at = self.calibration.partition_point(|[from, _]| *from < expected);
        let below = at.checked_sub(1).and_then(|at| self.calibration.get(at));
        match (below, self.calibration.get(at)) {
            (Some([low, start]), Some([high, end])) => {
                start + (end - start) * (expected - low) / (high - low).max(f32::EPSILON)
            }
            (Some([_, reached]), None) | (None, Some([_, reached])) => *reached,
            (None, None) => expected,
        }
    }

    /// The trees that weigh a block.
    pub(super) fn trees(&self) -> &Trees {
        &self.trees
    }
}

/// Reads numbers, all little-endian.
struct Reader<'a> {
    all: usize,
    rest: &'a [u8],
}

impl Reader<'_> {
    fn broken(&self) -> ModelError {
        ModelError::Broken {
            at: self.all - self.rest.len(),
        }
    }

    fn word(&mut self) -> Result<[u8; 4], ModelError> {
        let (word, rest) = self.rest.split_first_chunk().ok_or_else(|| self.broken())?;
        self.rest = rest;
        Ok(*word)
    }

    fn count(&mut self) -> Result<usize, ModelError> {
        let count = u32::from_le_bytes(self.word()?);
        let count = usize::try_from(count).ok().filter(|count| *count <= ENTRIES_MAX);
        count.ok_or_else(|| self.broken())
    }

    fn floats<const N: usize>(&mut self) -> Result<[f32; N], ModelError> {
        let mut floats = [0.0; N];
        for float in &mut floats {
            *float = f32::from_le_bytes(self.word()?);
            if !float.is_finite() {
                return Err(self.broken());
            }
        }
        Ok(floats)
    }

    fn rows<const N: usize>(&mut self) -> Result<Vec<[f32; N]>, ModelError> {
        (0..self.count()?).map(|_| self.floats()).collect()
    }

    fn table<const N: usize>(&mut self) -> Result<Table<N>, ModelError> {
        let count = self.count()?;
        let keys: Vec<u32> = (0..count)
            .map(|_| self.word().map(u32::from_le_bytes))
            .collect::<Result<_, _>>()?;
        if !keys.is_sorted_by(|a, b| a < b) {
            return Err(self.broken());
        }
        let worth = (0..count).map(|_| self.floats()).collect::<Result<_, _>>()?;
        Ok(Table::new(keys, worth))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::generic::{kind, numbers};

    #[test]
    fn the_model_was_trained_on_the_numbers_that_blocks_have() {
        let model = Model::shipped();
        assert_eq!(model.trees().features(), numbers::names());
        assert_eq!(model.page_numbers(), kind::numbers().len());
    }

    #[test]
    fn words_are_worth_what_training_has_found() {
        let model = Model::shipped();
        let far = model.name("<footer>").expect("footers are known");
        assert!(far.iter().sum::<f32>() < 0.0);
        assert!(model.word("subscribe") < 0.0);
    }

    #[test]
    fn a_damaged_model_is_refused() {
        let bytes = include_bytes!("pages.model");
        assert_eq!(Model::parse(b"dhgm"), Err(ModelError::NotAModel));
        for length in (MAGIC.len()..bytes.len()).step_by(997) {
            assert!(Model::parse(&bytes[..length]).is_err(), "cut at {length}");
        }
    }

    #[test]
    fn greater_expectations_are_never_met_less() {
        let model = Model::shipped();
        let reached: Vec<f32> = (0_u8..=20)
            .map(|step| model.calibrated(f32::from(step) / 20.0))
            .collect();
        assert!(
            reached.is_sorted() && reached.iter().all(|f1| (0.0..=1.0).contains(f1)),
            "{reached:?}"
        );
    }
}
