//! Which paragraphs stay, from how sure it is that each is main content.

use crate::clean::expected_f1::choice;

/// A dump whose whole text is expected to come this near to the main content is clean already, and nothing goes.
const CLEAN_F1: f32 = 0.93;

/// Chooses the paragraphs that together are expected to come nearest to the main content: with the surest first, as
/// many as make the expected F1 over words greatest. `paragraphs` holds for each how sure it is and its words.
pub(super) fn choose(paragraphs: &[(f32, f32)]) -> Vec<bool> {
    let choice = choice(paragraphs.iter().copied());
    let least = choice.least.filter(|_| choice.of_all < CLEAN_F1).unwrap_or(0.0);
    paragraphs.iter().map(|(certainty, _)| *certainty >= least).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_chosen_for_the_best_expected_f1() {
        assert_eq!(choose(&[(0.9, 20.0), (0.45, 20.0), (0.1, 20.0)]), [true, true, false]);
        assert_eq!(choose(&[(0.1, 5.0), (0.02, 50.0)]), [true, false]);
        assert!(choose(&[]).is_empty());
    }

    #[test]
    fn nothing_goes_from_a_dump_that_is_clean() {
        assert_eq!(choose(&[(0.99, 200.0), (0.2, 4.0), (0.98, 100.0)]), [true, true, true]);
    }
}
