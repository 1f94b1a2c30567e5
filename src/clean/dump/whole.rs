//! Whether a dump is clean already: then nothing of it goes, however unlike running text some of its lines are.

use std::sync::LazyLock;

use crate::clean::expected_f1::Choice;
use crate::text::as_f32;

/// From which probability on a dump counts as clean. It is low on purpose: a clean dump that loses words has lost them,
/// and a dump that keeps its boilerplate can be given a rule.
const CLEAN_PROBABILITY: f32 = 0.15;

/// A dump whose whole text is expected to come this near to the main content is clean whatever else it looks like.
const CLEAN_F1: f32 = 0.97;

/// Paragraphs at either end that are looked at.
const ENDS: usize = 3;

/// Paragraphs less certain than this to be main content are doubtful, or out of the question.
const DOUBTFUL: f32 = 0.3;
const OUT_OF_THE_QUESTION: f32 = 0.1;

/// What is known of a dump, by name.
pub const NAMES: [&str; 6] = [
    "longest run of doubtful paragraphs",
    "certainty of the first paragraphs",
    "certainty of the last paragraphs",
    "best expected F1",
    "paragraphs out of the question",
    "mean certainty of words",
];

/// What each number is worth, in log-odds, and what a dump is worth without any: `train/dumps` has fitted them.
static WEIGHTS: LazyLock<([f32; NAMES.len()], f32)> =
    LazyLock::new(|| read(include_str!("whole.tsv")).expect("a test reads the committed weights"));

/// Reads lines of a name and a weight, in the order of [`NAMES`] with `bias` behind them.
fn read(text: &str) -> Option<([f32; NAMES.len()], f32)> {
    let mut lines = text.lines().filter_map(|line| line.split_once('\t'));
    let mut next = |expected: &str| {
        let (_, weight) = lines.next().filter(|(name, _)| *name == expected)?;
        weight.parse::<f32>().ok().filter(|weight| weight.is_finite())
    };
    let mut weights = [0.0; NAMES.len()];
    for (weight, name) in weights.iter_mut().zip(NAMES) {
        *weight = next(name)?;
    }
    Some((weights, next("bias")?))
}

/// The numbers of a dump, in the order of [`NAMES`]. `paragraphs` holds for each how sure it is to be main content and its
/// words; `best` is the F1 that is expected of the best choice of them.
pub fn numbers(paragraphs: &[(f32, f32)], best: f32) -> [f32; NAMES.len()] {
    let certainties = || paragraphs.iter().map(|(certainty, _)| *certainty);
    let words: f32 = paragraphs.iter().map(|(_, words)| words).sum();
    let weighed: f32 = paragraphs.iter().map(|(certainty, words)| certainty * words).sum();
    let out = certainties()
        .filter(|certainty| *certainty < OUT_OF_THE_QUESTION)
        .count();
    [
        as_f32(longest_run(certainties())).ln_1p(),
        mean(certainties().take(ENDS)),
        mean(certainties().rev().take(ENDS)),
        best,
        as_f32(out).ln_1p(),
        weighed / words.max(1.0),
    ]
}

/// Whether nothing should go from a dump of these paragraphs.
pub(super) fn is_clean(paragraphs: &[(f32, f32)], choice: &Choice) -> bool {
    let (weights, bias) = *WEIGHTS;
    let numbers = numbers(paragraphs, choice.best);
    let score: f32 = numbers
        .iter()
        .zip(weights)
        .map(|(number, weight)| number * weight)
        .sum();
    choice.of_all >= CLEAN_F1 || crate::clean::trees::probability(score + bias) >= CLEAN_PROBABILITY
}

fn longest_run(certainties: impl Iterator<Item = f32>) -> usize {
    let (mut longest, mut run) = (0, 0);
    for certainty in certainties {
        run = if certainty < DOUBTFUL { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn mean(numbers: impl Iterator<Item = f32>) -> f32 {
    let (sum, all) = numbers.fold((0.0, 0.0_f32), |(sum, all), number| (sum + number, all + 1.0));
    sum / all.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::expected_f1::choice;

    fn is_clean_dump(paragraphs: &[(f32, f32)]) -> bool {
        is_clean(paragraphs, &choice(paragraphs.iter().copied()))
    }

    #[test]
    fn the_committed_weights_are_of_these_numbers() {
        let (weights, _) = read(include_str!("whole.tsv")).expect("weights of every number");
        assert!(weights.iter().all(|weight| *weight != 0.0));
        assert_eq!(read("best expected F1\t1\n"), None);
    }

    #[test]
    fn a_dump_of_sure_paragraphs_is_clean_in_spite_of_a_doubtful_line() {
        let mut paragraphs = vec![(0.98, 40.0); 14];
        paragraphs.insert(7, (0.2, 4.0));
        assert!(is_clean_dump(&paragraphs));
    }

    #[test]
    fn a_dump_that_begins_and_ends_with_menus_is_not_clean() {
        let menu = vec![(0.01, 2.0); 12];
        let paragraphs = [menu.clone(), vec![(0.98, 40.0); 14], menu].concat();
        assert!(!is_clean_dump(&paragraphs));
    }

    #[test]
    fn runs_of_doubtful_paragraphs_are_counted() {
        assert_eq!(longest_run([0.2, 0.1, 0.9, 0.2].into_iter()), 2);
        let [run, first, last, ..] = numbers(&[(0.0, 1.0), (0.5, 1.0)], 0.5);
        assert!((run - 1.0_f32.ln_1p()).abs() < 1e-6 && (first - 0.25).abs() < 1e-6 && (last - 0.25).abs() < 1e-6);
    }
}
