//! Selectors that name something on several samples, and the blocks that they name there.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::held::Why;
use super::names::{Trust, is_landmark};
use super::worth::Judged;
use crate::clean::generic::names::roles_of;
use crate::clean::generic::roles::{Role, RoleSet};

/// What names say of elements that hold the main content.
const CONTENT: RoleSet = RoleSet::of(&[Role::Content, Role::Article, Role::Post, Role::Main]);

/// A selector with what it names on every page.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    /// As it is written.
    pub(super) css: &'a str,
    /// How far it is trusted.
    pub(super) trust: Trust,
    /// Why it may go whatever the generic cleaner says of it: by its meaning, or by its shape on every page.
    pub(super) known: Option<Why>,
    /// By page: the blocks that it names.
    pub(super) on: Vec<&'a [Range<usize>]>,
}

impl<'a> Candidate<'a> {
    /// Of selectors that name the same the smallest one is taken: the most trusted, one whose words tell what it is for, the
    /// shortest.
    fn rank(&self) -> (Trust, bool, usize, &'a str) {
        rank(self.trust, self.css)
    }

    /// Of containers that serve as well the smallest one is taken: the words of the best say that it holds the content.
    pub(super) fn rank_as_container(&self) -> (Trust, bool, usize, &'a str) {
        let says_so = roles_of(self.css).meets(CONTENT);
        (self.trust, !says_so, self.css.len(), self.css)
    }

    /// How many elements it names on all pages together.
    pub(super) fn elements(&self) -> usize {
        self.on.iter().map(|ranges| ranges.len()).sum()
    }
}

fn rank(trust: Trust, css: &str) -> (Trust, bool, usize, &str) {
    (trust, roles_of(css) == RoleSet::default(), css.len(), css)
}

/// What a selector names on every page.
type Named<'a> = Vec<&'a [Range<usize>]>;

/// Selectors that name something on two pages at least, and nowhere words inside a block. Of those that name the same
/// everywhere only the best one stays.
pub(super) fn candidates<'a>(pages: &[Judged<'a>]) -> Vec<Candidate<'a>> {
    let mut found: BTreeMap<&str, (Trust, usize)> = BTreeMap::new();
    for (css, named) in pages.iter().flat_map(|judged| &judged.page.named) {
        found.entry(css).or_insert((named.trust, 0)).1 += 1;
    }
    // They are of all pages together.
    let are_teasers = |css: &str| pages.first().is_some_and(|judged| judged.teasers.contains(css));
    let known_of = |css: &str| match css {
        _ if is_landmark(css) => Some(Why::Landmark),
        _ if are_teasers(css) => Some(Why::Teasers),
        _ => None,
    };
    let mut distinct: HashMap<Named<'_>, Candidate<'_>> = HashMap::new();
    let is_within = |css: &str| pages.iter().any(|judged| judged.page.within.contains(css));
    found.retain(|css, (_, seen)| *seen >= 2.min(pages.len()) && !is_within(css));
    for (css, (trust, _)) in found {
        let ranges = |judged: &Judged<'a>| judged.page.named.get(css).map_or(&[][..], |named| &named.ranges);
        let of_these = |on: &Named<'a>| Candidate {
            css,
            trust,
            known: None,
            on: on.clone(),
        };
        let named = distinct.entry(pages.iter().map(ranges).collect());
        let candidate = named.or_insert_with_key(of_these);
        (candidate.trust, _, _, candidate.css) = rank(trust, css).min(candidate.rank());
        candidate.known = candidate.known.or_else(|| known_of(css));
    }
    let mut candidates: Vec<Candidate<'_>> = distinct.into_values().collect();
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
