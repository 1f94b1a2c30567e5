//! Which paragraphs stay, from how sure it is that each is main content.

use crate::clean::dump::whole::is_clean;
use crate::clean::expected_f1::choice;

/// Chooses the paragraphs that together are expected to come nearest to the main content: with the surest first, as
/// many as make the expected F1 over words greatest. From a dump that is clean already nothing goes. `paragraphs` holds
/// for each how sure it is and its words.
pub(super) fn choose(paragraphs: &[(f32, f32)]) -> Vec<bool> {
    let choice = choice(paragraphs.iter().copied());
    let least = choice.least.filter(|_| !is_clean(paragraphs, &choice)).unwrap_or(0.0);
    paragraphs.iter().map(|(certainty, _)| *certainty >= least).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_chosen_for_the_best_expected_f1() {
        let menu = [(0.01, 2.0); 12];
        let text = [(0.9, 20.0), (0.45, 20.0), (0.1, 20.0)];
        let kept = choose(&[&menu[..], &text, &menu].concat());
        assert_eq!(kept.get(12..15), Some(&[true, true, false][..]));
        assert!(kept.iter().filter(|kept| **kept).count() == 2);
        assert!(choose(&[]).is_empty());
    }

    #[test]
    fn nothing_goes_from_a_dump_that_is_clean() {
        assert_eq!(choose(&[(0.99, 200.0), (0.2, 4.0), (0.98, 100.0)]), [true, true, true]);
    }
}
