//! Chooses the fewest selectors that take boilerplate which the generic cleaner leaves, and a container where one is sure.

use std::ops::Range;

use super::candidates::{Candidate, Masks, candidates, fill_all, take};
use super::held::{Held, Setting, Whole, Why, quorum, why};
use super::names::Trust;
use super::worth::{Judged, number};

/// Fewest pages from which a container is learned.
const KEEP_PAGES_MIN: usize = 3;

/// How well a container has to agree on every sample with what the generic cleaner keeps there, as an F1 over words.
const KEEP_AGREEMENT_MIN: f64 = 0.97;

/// Least share of the words in a container, on every page, that the generic cleaner keeps: one that holds the whole page
/// leaves everything to strips, which know nothing of what comes.
const KEEP_PURITY_MIN: f64 = 0.5;

/// How much better a container has to agree for each rule that strips from it: few rules are read, and kept up.
const STRIP_COST: f64 = 0.002;

/// Fewest words that a container has to hold on every page.
const KEEP_WORDS_MIN: f64 = 40.0;

/// Most rules that strip.
const STRIPS_MAX: usize = 20;

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
        let mut setting = Setting::default();
        for (((judged, mask), ranges), whole) in self.pages.iter().zip(masks).zip(&candidate.on).zip(&self.wholes) {
            let held = Held::of(judged, mask, ranges);
            if held.is_dear(whole) && candidate.known != Some(Why::Teasers) {
                return None;
            }
            if held.words > 0.0 {
                setting.add(&held, judged.page, whole, ranges);
                each.push(held);
            }
        }
        let kept: f64 = each.iter().map(|held| held.kept).sum();
        let seen = |landmark| each.len() >= quorum(self.pages.len(), landmark) && kept > 0.0;
        if candidate.known == Some(Why::Landmark) && seen(true) {
            return Some((Why::Landmark, kept));
        }
        let teasers = candidate.known.filter(|why| *why == Why::Teasers);
        let longest = || {
            let mut each = self.wholes.iter().zip(&candidate.on);
            each.any(|(whole, ranges)| whole.has_longest_in(ranges))
        };
        teasers
            .or_else(|| why(&each, &setting))
            .filter(|_| seen(false) && !longest())
            .map(|why| (why, kept))
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
                .then(a.0.elements().cmp(&b.0.elements()))
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

    /// The container that holds on every page what the generic cleaner keeps, once what should go has gone from it; of
    /// equal ones the best by name.
    fn keep(&self, generic: &Masks) -> Option<Choice> {
        let is_everywhere = |candidate: &&Candidate<'_>| candidate.on.iter().all(|ranges| !ranges.is_empty());
        let mut everywhere: Vec<&Candidate<'_>> = self.candidates.iter().filter(is_everywhere).collect();
        everywhere.retain(|candidate| candidate.trust < Trust::Plain);
        everywhere.sort_by_cached_key(|candidate| candidate.rank_as_container());
        let mut best: Option<(f64, Choice)> = None;
        for candidate in everywhere {
            let inside = self.inside(candidate);
            if !self.is_pure(&inside, generic) {
                continue;
            }
            let Some(promise) = self.agreement(&inside, generic, true) else {
                continue;
            };
            if best.as_ref().is_some_and(|(score, _)| promise <= *score) {
                continue;
            }
            let (strip, left) = self.strips(inside);
            let cost = STRIP_COST * number(strip.len());
            let score = self.agreement(&left, generic, false).unwrap_or(0.0) - cost;
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

    /// Whether enough of a text is what the generic cleaner keeps.
    fn is_pure(&self, text: &Masks, generic: &Masks) -> bool {
        let mut pages = self.pages.iter().zip(text).zip(generic);
        pages.all(|((judged, text), generic)| {
            let (found, _, both) = overlap(judged, text, generic);
            both >= KEEP_PURITY_MIN * found
        })
    }

    /// How well a text agrees with what the generic cleaner keeps, as a mean F1; nothing where it is too little on one
    /// page. `at_best` counts no words that the generic cleaner drops: what could still be stripped.
    fn agreement(&self, text: &Masks, generic: &Masks, at_best: bool) -> Option<f64> {
        let mut sum = 0.0;
        for ((judged, text), generic) in self.pages.iter().zip(text).zip(generic) {
            let (mut found, wanted, both) = overlap(judged, text, generic);
            if at_best {
                found = both;
            }
            let f1 = 2.0 * both / (found + wanted).max(1.0);
            if both < KEEP_WORDS_MIN || f1 < KEEP_AGREEMENT_MIN {
                return None;
            }
            sum += f1;
        }
        Some(sum / number(self.pages.len().max(1)))
    }
}

/// The words of a page that are in a text, that are in another, and that are in both.
fn overlap(judged: &Judged<'_>, text: &[bool], other: &[bool]) -> (f64, f64, f64) {
    let mut sums = (0.0, 0.0, 0.0);
    for ((block, in_text), in_other) in judged.page.blocks.iter().zip(text).zip(other) {
        let of = |counts: bool| if counts { block.words } else { 0.0 };
        sums.0 += of(*in_text);
        sums.1 += of(*in_other);
        sums.2 += of(*in_text && *in_other);
    }
    sums
}

/// Rules for pages of one layout: a container where one is sure, else what goes from what the generic cleaner keeps.
pub(super) fn choose(pages: &[Judged<'_>]) -> Choice {
    let bench = Bench::new(pages);
    let (strip, left) = bench.strips(pages.iter().map(Judged::kept).collect());
    if pages.len() >= KEEP_PAGES_MIN
        && let Some(choice) = bench.keep(&left)
    {
        return choice;
    }
    Choice { keep: None, strip }
}

/// What frames the pages of a site, whatever their layouts.
pub(super) fn framing(pages: &[Judged<'_>]) -> Choice {
    let mut bench = Bench::new(pages);
    bench
        .candidates
        .retain(|candidate| candidate.known == Some(Why::Landmark));
    let (strip, _) = bench.strips(pages.iter().map(Judged::kept).collect());
    Choice { keep: None, strip }
}

/// Which blocks of a page rules leave, as far as it can be told without judging the page again.
pub(super) fn applied(judged: &Judged<'_>, choice: &Choice) -> Vec<bool> {
    let named = |css: &str| judged.page.named.get(css).map_or(&[][..], |named| &named.ranges[..]);
    let mut mask = judged.kept();
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::study::{Named, StudiedBlock, StudiedPage};
    use super::super::worth::judge;
    use super::*;

    fn block(text: String, words: f64, sure: f64) -> StudiedBlock {
        StudiedBlock {
            key: text.clone(),
            text,
            words,
            kept: sure >= 0.5,
            sure,
            links: 0.0,
            heading: false,
            code: false,
            headline: None,
            zone: 1,
        }
    }

    /// A page with these blocks, and elements of these names around some of them.
    fn studied(blocks: Vec<StudiedBlock>, names: &[(&str, Range<usize>)]) -> StudiedPage {
        let named = |(css, range): &(&str, Range<usize>)| {
            let ranges = vec![range.clone()];
            let trust = Trust::Name;
            ((*css).to_owned(), Named { trust, ranges })
        };
        StudiedPage {
            blocks,
            named: names.iter().map(named).collect(),
            within: HashSet::new(),
            author: None,
            date: None,
        }
    }

    /// What is chosen from three pages, by their numbers.
    fn chosen(page: impl Fn(usize) -> StudiedPage) -> Choice {
        let pages: Vec<StudiedPage> = (0..3).map(page).collect();
        choose(&judge(&pages.iter().collect::<Vec<_>>()))
    }

    fn stripped(css: &str, why: Why) -> Vec<Strip> {
        let css = css.to_owned();
        vec![Strip { css, why }]
    }

    /// Two paragraphs, and a note inside an element of a name.
    fn with_note(css: &str, number: usize, note: StudiedBlock) -> StudiedPage {
        let paragraphs = ["one", "two"].map(|part| block(format!("{part} {number}"), 60.0, 0.9));
        studied(paragraphs.into_iter().chain([note]).collect(), &[(css, 2..3)])
    }

    fn strips_of_a_note(css: &str, sure: f64) -> Vec<Strip> {
        chosen(|number| with_note(css, number, block(format!("note {number}"), 90.0, sure))).strip
    }

    #[test]
    fn a_footer_that_the_generic_cleaner_keeps_half_sure_goes_even_where_it_is_the_longest_block() {
        assert_eq!(strips_of_a_note("footer", 0.6), stripped("footer", Why::Landmark));
        assert_eq!(strips_of_a_note("figure", 0.6), []);
    }

    #[test]
    fn a_landmark_that_holds_what_is_surely_main_content_stays() {
        assert_eq!(strips_of_a_note("aside", 0.95), []);
    }

    #[test]
    fn what_stands_on_every_page_goes_unless_it_is_code() {
        let strips = |code| {
            let shared = || block("the same everywhere".to_owned(), 60.0, 0.55);
            chosen(|number| with_note(".listing", number, StudiedBlock { code, ..shared() })).strip
        };
        assert_eq!(strips(false), stripped(".listing", Why::Repeats));
        assert_eq!(strips(true), []);
    }

    /// A page that is a list of links, with two links more below a label.
    fn list(number: usize, label: &str) -> StudiedPage {
        let entries = (0..4).map(|entry| (format!("entry {entry} of {number}"), 60.0, 0.9));
        let topics = [
            (label.to_owned(), 1.0, 0.1),
            (format!("topic of {number}"), 6.0, 0.6),
            (format!("other topic of {number}"), 6.0, 0.3),
        ];
        let link = |(text, words, sure): (String, f64, f64)| StudiedBlock {
            links: 1.0,
            ..block(text, words, sure)
        };
        studied(entries.chain(topics).map(link).collect(), &[("#topics", 4..7)])
    }

    #[test]
    fn links_below_a_label_that_is_always_the_same_go_even_from_pages_that_are_lists() {
        let strips = |label: &dyn Fn(usize) -> String| chosen(|number| list(number, &label(number))).strip;
        assert_eq!(strips(&|_| "topics:".to_owned()), stripped("#topics", Why::Links));
        assert_eq!(strips(&|number| format!("part {number}")), []);
    }

    /// A page with an article, and navigation above it that the generic cleaner drops; both inside `#all`.
    fn framed(number: usize, navigation_words: f64) -> StudiedPage {
        let navigation = block(format!("navigation {number}"), navigation_words, 0.1);
        let parts = (0..3).map(|part| block(format!("part {part} of {number}"), 60.0, 0.9));
        studied(
            [navigation].into_iter().chain(parts).collect(),
            &[("#all", 0..4), ("#head", 0..1)],
        )
    }

    #[test]
    fn a_container_that_holds_more_boilerplate_than_main_content_is_none() {
        let keep = |navigation_words| chosen(|number| framed(number, navigation_words)).keep;
        assert_eq!(keep(100.0).as_deref(), Some("#all"));
        assert_eq!(keep(200.0), None);
    }
}
