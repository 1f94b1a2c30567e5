//! A sketch of a page's layout, to tell whether two pages come from the same templates.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::page::Dom;
use crate::text::fnv32;

/// Hashes that are kept of a page: enough to tell a tenth from a half, few enough to remember many pages.
const HASHES: usize = 48;

/// With fewer class names a page says too little about its layout.
const HASHES_MIN: usize = 12;

/// The class names that a page's elements have, as the smallest of their hashes (a bottom-k sketch after Broder, On the
/// resemblance and containment of documents, 1997). Names with digits are left out: build tools make them anew each time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout(BTreeSet<u32>);

impl Layout {
    /// The sketch of a page.
    pub fn of(dom: &Dom) -> Self {
        let elements = dom.html().tree.values().filter_map(|node| node.as_element());
        let names = elements.flat_map(|element| element.classes());
        let told = names.filter(|name| !name.bytes().any(|byte| byte.is_ascii_digit()));
        let mut smallest = BTreeSet::new();
        for hash in told.map(hash) {
            let is_small = smallest.len() < HASHES || smallest.last().is_some_and(|largest| hash < *largest);
            if is_small && smallest.insert(hash) && smallest.len() > HASHES {
                smallest.pop_last();
            }
        }
        Self(smallest)
    }

    /// Which share of their class names two pages have in common, from 0 to 1; nothing where one of them has too few.
    pub fn similarity(&self, other: &Self) -> Option<f64> {
        if self.0.len() < HASHES_MIN || other.0.len() < HASHES_MIN {
            return None;
        }
        let union: BTreeSet<u32> = self.0.union(&other.0).copied().take(HASHES).collect();
        let shared = union
            .iter()
            .filter(|hash| self.0.contains(hash) && other.0.contains(hash));
        #[expect(clippy::cast_precision_loss, reason = "at most HASHES")]
        let similarity = shared.count() as f64 / union.len() as f64;
        Some(similarity)
    }
}

/// FNV-1a, then mixed so that small hashes are a fair sample: the same on every machine and in every version.
fn hash(name: &str) -> u32 {
    let fnv = fnv32(name.bytes());
    let mixed = (fnv ^ (fnv >> 16)).wrapping_mul(0x85eb_ca6b);
    mixed ^ (mixed >> 13)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn layout(names: impl Iterator<Item = String>) -> Layout {
        let page: String = names.map(|name| format!("<p class='{name}'>a</p>")).collect();
        Layout::of(&Dom::parse(&page, &Limits::default()).unwrap())
    }

    /// Names without digits.
    fn names(range: std::ops::Range<u8>) -> impl Iterator<Item = String> {
        range.map(|number| {
            format!(
                "name-{}{}",
                char::from(b'a' + number / 26),
                char::from(b'a' + number % 26)
            )
        })
    }

    #[test]
    fn the_same_names_are_one_layout_and_others_are_not() {
        let page = layout(names(0..200));
        assert_eq!(page.similarity(&layout(names(0..200))), Some(1.0));
        assert_eq!(
            page.similarity(&layout(names(200..250).chain((0..200).map(|n| format!("x{n}"))))),
            Some(0.0)
        );
        let half = page.similarity(&layout(names(0..100))).unwrap();
        assert!((0.3..0.7).contains(&half), "{half}");
    }

    #[test]
    fn a_page_of_few_names_says_nothing() {
        assert_eq!(layout(names(0..5)).similarity(&layout(names(0..200))), None);
    }
}
