//! Which paragraphs stay, from how sure it is that each is main content.

/// A dump whose whole text is expected to come this near to the main content is clean already, and nothing goes.
const CLEAN_F1: f32 = 0.93;

/// Chooses the paragraphs that together are expected to come nearest to the main content: with the surest first, as
/// many as make the expected F1 over words greatest. `paragraphs` holds for each how sure it is and its words.
pub(super) fn choose(paragraphs: &[(f32, f32)]) -> Vec<bool> {
    let mut order = paragraphs.to_vec();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let expected: f32 = order.iter().map(|(certainty, words)| certainty * words).sum();
    let (mut right, mut taken) = (0.0, 0.0);
    let (mut best, mut least) = (0.0, 0.0);
    let mut f1 = 0.0;
    for (certainty, words) in order {
        right += certainty * words;
        taken += words;
        f1 = 2.0 * right / (taken + expected).max(f32::MIN_POSITIVE);
        if f1 > best {
            (best, least) = (f1, certainty);
        }
    }
    // What is left in the end is the F1 of everything.
    let least = if f1 >= CLEAN_F1 { 0.0 } else { least };
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
