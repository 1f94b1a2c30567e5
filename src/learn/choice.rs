//! Chooses the fewest selectors that take boilerplate which the generic cleaner leaves, and a container where one is sure.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::names::Trust;
use super::worth::{Judged, number};

/// Fewest pages that have to show what a rule is about, and which part of all pages.
const SEEN_MIN: usize = 2;
const SEEN_PART: usize = 3;

/// Fewest pages from which a container is learned.
const KEEP_PAGES_MIN: usize = 3;

/// How well a container has to agree on every sample with what the generic cleaner keeps there, as an F1 over words.
const KEEP_AGREEMENT_MIN: f64 = 0.97;

/// Fewest words that a container has to hold on every page.
const KEEP_WORDS_MIN: f64 = 40.0;

/// Most rules that strip.
const STRIPS_MAX: usize = 20;

/// From this certainty on the generic cleaner counts as sure that a block is main content.
const SURE: f64 = 0.8;

/// Fewest words of a block for which that counts.
const SURE_WORDS_MIN: f64 = 8.0;

/// Most of a page's words that are surely main content and stand there alone which a rule may take.
const LOST_MAX: f64 = 0.02;

/// Share of the words of an element that stand on other pages too, from which on it is part of the template.
const REPEATED_MIN: f64 = 0.8;

/// The same on each single page.
const REPEATED_ONCE_MIN: f64 = 0.6;

/// Mean certainty up to which what repeats goes.
const REPEATED_SURE_MAX: f64 = 0.6;

/// The same where two pages alone show it: they may tell of the same thing.
const REPEATED_TWICE_SURE_MAX: f64 = 0.3;

/// Mean certainty below which an element is boilerplate, and what it may reach on one page.
const BOILERPLATE_SURE_MAX: f64 = 0.25;
const BOILERPLATE_SURE_ONCE_MAX: f64 = 0.5;

/// Share of an element's characters inside links that makes it a list of links, and the mean certainty up to which it
/// goes from pages of running text.
const LINKS_MIN: f64 = 0.8;
const LINKS_SURE_MAX: f64 = 0.5;

/// Share of links in what is kept of a page below which it is running text.
const PROSE_LINKS_MAX: f64 = 0.3;

/// Why something is stripped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Its text stands on other pages too.
    Repeats,
    /// The generic cleaner takes it for boilerplate on most pages.
    Boilerplate,
    /// It holds links to other pages between running text.
    Links,
}

impl Why {
    /// The reason for a comment.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Repeats => "the same text on other pages",
            Self::Boilerplate => "judged boilerplate on average",
            Self::Links => "links beside running text",
        }
    }
}

/// A selector of what goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Strip {
    /// The selector.
    pub(super) css: String,
    /// Why it goes.
    pub(super) why: Why,
}

/// Rules over elements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Choice {
    /// The selector of the main content, if one is sure.
    pub(super) keep: Option<String>,
    /// What goes.
    pub(super) strip: Vec<Strip>,
}

/// A selector with what it names on every page.
#[derive(Debug)]
struct Candidate<'a> {
    css: &'a str,
    trust: Trust,
    on: Vec<&'a [Range<usize>]>,
}

/// What a selector names on every page.
type Named<'a> = Vec<&'a [Range<usize>]>;

/// Selectors that name something on two pages at least. Of those that name the same everywhere only the most trusted
/// and shortest one stays.
fn candidates<'a>(pages: &[Judged<'a>]) -> Vec<Candidate<'a>> {
    let mut found: BTreeMap<&str, (Trust, usize)> = BTreeMap::new();
    for (css, named) in pages.iter().flat_map(|judged| &judged.page.named) {
        found.entry(css).or_insert((named.trust, 0)).1 += 1;
    }
    let mut distinct: HashMap<Named<'_>, (Trust, usize, &str)> = HashMap::new();
    for (css, (trust, _)) in found.into_iter().filter(|(_, (_, seen))| *seen >= 2.min(pages.len())) {
        let ranges = |judged: &Judged<'a>| judged.page.named.get(css).map_or(&[][..], |named| &named.ranges);
        let own = (trust, css.len(), css);
        let best = distinct.entry(pages.iter().map(ranges).collect()).or_insert(own);
        *best = (*best).min(own);
    }
    let mut candidates: Vec<Candidate<'_>> = distinct
        .into_iter()
        .map(|(on, (trust, _, css))| Candidate { css, trust, on })
        .collect();
    candidates.sort_unstable_by_key(|candidate| candidate.css);
    candidates
}

/// Which blocks of every page are in the text.
type Masks = Vec<Vec<bool>>;

/// What a selector holds on one page.
#[derive(Debug, Default)]
struct Held {
    words: f64,
    sure: f64,
    repeated: f64,
    linked: f64,
    /// Words in the text.
    kept: f64,
    /// Words that the generic cleaner keeps.
    wanted: f64,
    /// Words that are surely main content and stand on this page alone.
    lost: f64,
}

impl Held {
    fn of(judged: &Judged<'_>, mask: &[bool], ranges: &[Range<usize>]) -> Self {
        let mut held = Self::default();
        for at in ranges.iter().cloned().flatten() {
            let (Some(block), Some(repeated)) = (judged.page.blocks.get(at), judged.repeated.get(at)) else {
                continue;
            };
            held.words += block.words;
            held.sure += block.words * block.sure;
            held.linked += block.words * block.links;
            held.kept += if mask.get(at) == Some(&true) { block.words } else { 0.0 };
            held.wanted += if block.kept { block.words } else { 0.0 };
            if *repeated > 0.0 {
                held.repeated += block.words;
            } else if block.kept && block.sure > SURE && block.words >= SURE_WORDS_MIN {
                held.lost += block.words;
            }
        }
        held
    }

    fn certainty(&self) -> f64 {
        self.sure / self.words.max(1.0)
    }
}

/// What is known of a page as a whole.
struct Whole {
    /// Words that are surely main content.
    sure: f64,
    /// Its longest block that is kept and stands on no other page.
    longest: Option<usize>,
    /// Whether what is kept reads like running text.
    prose: bool,
}

impl Whole {
    fn of(judged: &Judged<'_>) -> Self {
        let all = std::iter::once(0..judged.page.blocks.len()).collect::<Vec<_>>();
        let kept: Vec<bool> = judged.page.blocks.iter().map(|block| block.kept).collect();
        let own = judged.page.blocks.iter().zip(&judged.repeated).enumerate();
        let longest = own
            .filter(|(_, (block, repeated))| block.kept && **repeated <= 0.0)
            .max_by(|a, b| a.1.0.words.total_cmp(&b.1.0.words));
        let texts = judged.page.blocks.iter().filter(|block| block.kept);
        let (words, links) = texts.fold((0.0, 0.0), |(words, links), block| {
            (words + block.words, links + block.words * block.links)
        });
        Self {
            sure: Held::of(judged, &kept, &all).lost,
            longest: longest.map(|(at, _)| at),
            prose: links <= PROSE_LINKS_MAX * words,
        }
    }
}

/// The samples while rules are chosen.
struct Bench<'a> {
    pages: &'a [Judged<'a>],
    wholes: Vec<Whole>,
    candidates: Vec<Candidate<'a>>,
}

impl<'a> Bench<'a> {
    fn new(pages: &'a [Judged<'a>]) -> Self {
        Self {
            pages,
            wholes: pages.iter().map(Whole::of).collect(),
            candidates: candidates(pages),
        }
    }

    /// Why what a selector names should go, and how many words of the text it takes; nothing where it has to stay.
    fn reason(&self, candidate: &Candidate<'_>, masks: &Masks) -> Option<(Why, f64)> {
        let mut each: Vec<Held> = Vec::new();
        for (((judged, mask), ranges), whole) in self.pages.iter().zip(masks).zip(&candidate.on).zip(&self.wholes) {
            let held = Held::of(judged, mask, ranges);
            let holds_longest = whole
                .longest
                .is_some_and(|at| ranges.iter().any(|range| range.contains(&at)));
            if holds_longest || held.lost > LOST_MAX * whole.sure {
                return None;
            }
            if held.words > 0.0 {
                each.push(held);
            }
        }
        let kept: f64 = each.iter().map(|held| held.kept).sum();
        if each.len() < self.pages.len().div_ceil(SEEN_PART).max(SEEN_MIN) || kept <= 0.0 {
            return None;
        }
        let prose = self.wholes.iter().all(|whole| whole.prose);
        why(&each, prose).map(|why| (why, kept))
    }

    /// Selectors that take what should go from the text, and what is left of it.
    fn strips(&self, mut masks: Masks) -> (Vec<Strip>, Masks) {
        let reasoned = self
            .candidates
            .iter()
            .filter(|candidate| candidate.trust != Trust::Plain);
        let mut found: Vec<(&Candidate<'_>, Why, f64)> = reasoned
            .filter_map(|candidate| self.reason(candidate, &masks).map(|(why, kept)| (candidate, why, kept)))
            .collect();
        found.sort_by(|a, b| {
            let by_trust = a.0.trust.cmp(&b.0.trust).then(b.2.total_cmp(&a.2));
            by_trust
                .then(a.0.css.len().cmp(&b.0.css.len()))
                .then(a.0.css.cmp(b.0.css))
        });
        let mut strips: Vec<Strip> = Vec::new();
        for (candidate, why, _) in found {
            if strips.len() < STRIPS_MAX && take(candidate, &mut masks) {
                strips.push(Strip {
                    css: candidate.css.to_owned(),
                    why,
                });
            }
        }
        (strips, masks)
    }

    /// The container that holds on every page what the generic cleaner keeps, once what should go has gone from it.
    fn keep(&self, generic: &Masks) -> Option<Choice> {
        let everywhere = self
            .candidates
            .iter()
            .filter(|candidate| candidate.trust < Trust::Plain && candidate.on.iter().all(|ranges| !ranges.is_empty()));
        let mut best: Option<(f64, Choice)> = None;
        for candidate in everywhere {
            let inside = self.inside(candidate);
            let Some(promise) = self.agreement(&inside, generic, true) else {
                continue;
            };
            if best.as_ref().is_some_and(|(score, _)| promise <= *score) {
                continue;
            }
            let (strip, left) = self.strips(inside);
            let score = self.agreement(&left, generic, false).unwrap_or(0.0);
            if score > best.as_ref().map_or(0.0, |(score, _)| *score) {
                let keep = Some(candidate.css.to_owned());
                best = Some((score, Choice { keep, strip }));
            }
        }
        best.map(|(_, choice)| choice)
    }

    fn inside(&self, candidate: &Candidate<'_>) -> Masks {
        let mask = |(judged, ranges): (&Judged<'_>, &&[Range<usize>])| {
            let mut mask = vec![false; judged.page.blocks.len()];
            fill_all(&mut mask, ranges, true);
            mask
        };
        self.pages.iter().zip(&candidate.on).map(mask).collect()
    }

    /// How well a text agrees with what the generic cleaner keeps, as a mean F1; nothing where it is too little on one
    /// page. `at_best` counts no words that the generic cleaner drops: what could still be stripped.
    fn agreement(&self, text: &Masks, generic: &Masks, at_best: bool) -> Option<f64> {
        let mut sum = 0.0;
        for ((judged, text), generic) in self.pages.iter().zip(text).zip(generic) {
            let words = |mask: &dyn Fn(usize) -> bool| {
                let all = judged.page.blocks.iter().enumerate();
                all.filter(|(at, _)| mask(*at))
                    .map(|(_, block)| block.words)
                    .sum::<f64>()
            };
            let is_found = |at: usize| text.get(at) == Some(&true);
            let is_wanted = |at: usize| generic.get(at) == Some(&true);
            let (found, wanted) = (words(&is_found), words(&is_wanted));
            let both = words(&|at| is_found(at) && is_wanted(at));
            let found = if at_best { both } else { found };
            let f1 = 2.0 * both / (found + wanted).max(1.0);
            if both < KEEP_WORDS_MIN || f1 < KEEP_AGREEMENT_MIN {
                return None;
            }
            sum += f1;
        }
        Some(sum / number(self.pages.len().max(1)))
    }
}

/// Why what a selector names should go, by what it holds on each page that has it.
fn why(each: &[Held], prose: bool) -> Option<Why> {
    let sum = |of: fn(&Held) -> f64| each.iter().map(of).sum::<f64>();
    let mean = sum(Held::certainty) / number(each.len().max(1));
    let most = each.iter().map(Held::certainty).fold(0.0, f64::max);
    let repeats = each.iter().all(|held| held.repeated >= REPEATED_ONCE_MIN * held.words);
    let most_repeats = sum(|held| held.repeated) >= REPEATED_MIN * sum(|held| held.words);
    let sure_max = if each.len() > SEEN_MIN {
        REPEATED_SURE_MAX
    } else {
        REPEATED_TWICE_SURE_MAX
    };
    if repeats && most_repeats && mean <= sure_max {
        return Some(Why::Repeats);
    }
    let never_kept = each.iter().all(|held| held.wanted <= 0.0);
    if never_kept || mean < BOILERPLATE_SURE_MAX && most < BOILERPLATE_SURE_ONCE_MAX {
        return Some(Why::Boilerplate);
    }
    let links = each.iter().all(|held| held.linked >= LINKS_MIN * held.words);
    (prose && links && mean < LINKS_SURE_MAX).then_some(Why::Links)
}

/// Takes what a selector names from the text; whether there was any.
fn take(candidate: &Candidate<'_>, masks: &mut Masks) -> bool {
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

/// Rules for pages of one layout: a container where one is sure, else what goes from what the generic cleaner keeps.
pub(super) fn choose(pages: &[Judged<'_>]) -> Choice {
    let bench = Bench::new(pages);
    let of = |judged: &Judged<'_>| judged.page.blocks.iter().map(|block| block.kept).collect();
    let generic: Masks = pages.iter().map(of).collect();
    let (strip, left) = bench.strips(generic);
    if pages.len() >= KEEP_PAGES_MIN
        && let Some(choice) = bench.keep(&left)
    {
        return choice;
    }
    Choice { keep: None, strip }
}

fn fill_all(mask: &mut [bool], ranges: &[Range<usize>], value: bool) {
    for range in ranges {
        fill(mask, range, value);
    }
}

/// Which blocks of a page rules leave, as far as it can be told without judging the page again.
pub(super) fn applied(judged: &Judged<'_>, choice: &Choice) -> Vec<bool> {
    let named = |css: &str| judged.page.named.get(css).map_or(&[][..], |named| &named.ranges[..]);
    let mut mask: Vec<bool> = judged.page.blocks.iter().map(|block| block.kept).collect();
    let inside = choice.keep.as_deref().map(named).unwrap_or_default();
    if !inside.is_empty() {
        mask.fill(false);
        fill_all(&mut mask, inside, true);
    }
    for strip in &choice.strip {
        fill_all(&mut mask, named(&strip.css), false);
    }
    mask
}
