//! The best choice from parts of a page of which it is only known how sure each is to be main content.

/// The choice whose expected F1 over words is greatest: the surest parts, down to some certainty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Choice {
    /// Its expected F1, from 0 to 1.
    pub(super) best: f32,
    /// The least certainty of a part that belongs to it; none where no choice is better than nothing.
    pub(super) least: Option<f32>,
    /// The expected F1 of all parts together.
    pub(super) of_all: f32,
}

/// Finds the best choice; every part is given by how sure it is, from 0 to 1, and its words.
pub(super) fn choice(parts: impl Iterator<Item = (f32, f32)>) -> Choice {
    let mut order: Vec<(f32, f32)> = parts.collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let expected: f32 = order.iter().map(|(certainty, words)| certainty * words).sum();
    let (mut right, mut taken) = (0.0, 0.0);
    let mut choice = Choice {
        best: 0.0,
        least: None,
        of_all: 0.0,
    };
    for (certainty, words) in order {
        right += certainty * words;
        taken += words;
        choice.of_all = 2.0 * right / (taken + expected).max(f32::MIN_POSITIVE);
        if choice.of_all > choice.best {
            (choice.best, choice.least) = (choice.of_all, Some(certainty));
        }
    }
    choice
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_parts_are_chosen_down_to_the_best_expectation() {
        let choice = choice([(0.1, 20.0), (0.9, 20.0), (0.45, 20.0)].into_iter());
        assert_eq!(choice.least, Some(0.45));
        assert!(choice.best > choice.of_all);
    }

    #[test]
    fn of_nothing_there_is_no_choice() {
        assert_eq!(choice(std::iter::empty()).least, None);
        assert_eq!(choice([(0.5, 0.0)].into_iter()).least, None);
    }
}
