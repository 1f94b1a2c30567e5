//! Selectors that name something on several samples, and the blocks that they name there.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::names::{Trust, is_landmark};
use super::worth::Judged;

/// A selector with what it names on every page.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    /// As it is written.
    pub(super) css: &'a str,
    /// How far it is trusted.
    pub(super) trust: Trust,
    /// Whether what it names is a landmark that frames the main content on every page.
    pub(super) landmark: bool,
    /// By page: the blocks that it names.
    pub(super) on: Vec<&'a [Range<usize>]>,
}

/// What a selector names on every page.
type Named<'a> = Vec<&'a [Range<usize>]>;

/// Selectors that name something on two pages at least. Of those that name the same everywhere only the most trusted
/// and shortest one stays.
pub(super) fn candidates<'a>(pages: &[Judged<'a>]) -> Vec<Candidate<'a>> {
    let mut found: BTreeMap<&str, (Trust, usize)> = BTreeMap::new();
    for (css, named) in pages.iter().flat_map(|judged| &judged.page.named) {
        found.entry(css).or_insert((named.trust, 0)).1 += 1;
    }
    let mut distinct: HashMap<Named<'_>, ((Trust, usize, &str), bool)> = HashMap::new();
    for (css, (trust, _)) in found.into_iter().filter(|(_, (_, seen))| *seen >= 2.min(pages.len())) {
        let ranges = |judged: &Judged<'a>| judged.page.named.get(css).map_or(&[][..], |named| &named.ranges);
        let own = (trust, css.len(), css);
        let (best, landmark) = distinct
            .entry(pages.iter().map(ranges).collect())
            .or_insert((own, false));
        *best = (*best).min(own);
        *landmark |= is_landmark(css);
    }
    let mut candidates: Vec<Candidate<'_>> = distinct
        .into_iter()
        .map(|(on, ((trust, _, css), landmark))| Candidate {
            css,
            trust,
            landmark,
            on,
        })
        .collect();
    candidates.sort_unstable_by_key(|candidate| candidate.css);
    candidates
}

/// Which blocks of every page are in the text.
pub(super) type Masks = Vec<Vec<bool>>;

/// Takes what a selector names from the text; whether there was any.
pub(super) fn take(candidate: &Candidate<'_>, masks: &mut Masks) -> bool {
    let mut any = false;
    for (ranges, mask) in candidate.on.iter().zip(masks) {
        for range in *ranges {
            any |= mask.get(range.clone()).is_some_and(|part| part.contains(&true));
            fill(mask, range, false);
        }
    }
    any
}

fn fill(mask: &mut [bool], range: &Range<usize>, value: bool) {
    if let Some(part) = mask.get_mut(range.clone()) {
        part.fill(value);
    }
}

/// Takes the blocks of ranges into the text, or out of it.
pub(super) fn fill_all(mask: &mut [bool], ranges: &[Range<usize>], value: bool) {
    for range in ranges {
        fill(mask, range, value);
    }
}
