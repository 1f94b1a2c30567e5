//! Weighs what is known about a block: how sure it is, from 0 to 1, that the block is main content.
//!
//! The evidence adds up: each role of the elements around a block and each step of a number adds its weight, and the
//! sum is the log-odds of being main content. Pages of running text and other pages (lists, shops, forums) have
//! weights of their own, because the same sign means different things on them.

use crate::clean::generic::features::{BlockFeatures, PageFeatures};
use crate::clean::generic::roles::ROLES;
use crate::clean::generic::scales::SCALES;
use crate::clean::generic::weights::{BIAS, ROLE_WEIGHTS, SCALE_WEIGHTS};

/// From which share of running text inside the top node on a page is one of running text.
const PROSE_SHARE: f32 = 0.5;

/// The unit of the weights in log-odds.
const UNIT: f32 = 0.01;

/// Whether a page is one of running text.
pub fn is_prose(page: &PageFeatures) -> bool {
    page.prose_share() >= PROSE_SHARE
}

/// The number of the column of weights that a page has.
fn column(page: &PageFeatures) -> usize {
    usize::from(!is_prose(page))
}

/// How sure it is that a block is main content, from 0 to 1.
pub fn probability(page: &PageFeatures, block: &BlockFeatures) -> f32 {
    let column = column(page);
    let numbers: i32 = SCALES
        .iter()
        .zip(SCALE_WEIGHTS)
        .map(|(scale, weights)| {
            weights
                .get(scale.step(page, block))
                .map_or(0, |weight| nth(*weight, column))
        })
        .sum();
    let roles: i32 = (0..3)
        .flat_map(|zone| roles_of(block, zone).map(move |role| role_weight(role, zone, column)))
        .sum();
    #[expect(
        clippy::cast_precision_loss,
        reason = "sums of some hundred small weights are far below 2^24"
    )]
    let log_odds = (numbers + roles + nth(BIAS, column)) as f32 * UNIT;
    1.0 / (1.0 + (-log_odds).exp())
}

/// The role that speaks most against a block being main content, with its weight; none where no role does.
pub fn strongest_against(
    page: &PageFeatures,
    block: &BlockFeatures,
    counts: impl Fn(usize) -> bool,
) -> Option<(usize, i32)> {
    let column = column(page);
    let all = (0..3).flat_map(|zone| roles_of(block, zone).map(move |role| (role, role_weight(role, zone, column))));
    all.filter(|(role, weight)| *weight < 0 && counts(*role))
        .min_by_key(|(_, weight)| *weight)
}

fn roles_of(block: &BlockFeatures, zone: usize) -> impl Iterator<Item = usize> {
    block.zones.get(zone).copied().unwrap_or_default().numbers()
}

fn role_weight(role: usize, zone: usize, column: usize) -> i32 {
    debug_assert!(role < ROLES, "roles number their variants");
    ROLE_WEIGHTS
        .get(role)
        .and_then(|zones| zones.get(zone))
        .map_or(0, |weight| nth(*weight, column))
}

fn nth(weight: [i16; 2], column: usize) -> i32 {
    weight.get(column).map_or(0, |weight| i32::from(*weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_every_scale_has_a_weight() {
        assert_eq!(SCALES.len(), SCALE_WEIGHTS.len());
        for (scale, weights) in SCALES.iter().zip(SCALE_WEIGHTS) {
            assert_eq!(scale.bounds.len() + 1, weights.len(), "{}", scale.name);
            assert!(scale.bounds.is_sorted(), "{}", scale.name);
        }
    }
}
