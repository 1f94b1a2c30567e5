//! What a selector holds on the samples, and whether that should go.

use std::ops::Range;

use super::study::{StudiedBlock, StudiedPage};
use super::worth::{Judged, number};

/// Fewest pages that have to show what a rule is about, and which part of all pages; of landmarks, which part.
const SEEN_MIN: usize = 2;
const SEEN_PART: usize = 3;
const LANDMARK_PART: usize = 2;

/// Most of a page's words that are surely main content and stand there alone which a rule may take.
const LOST_MAX: f64 = 0.02;

/// Share of the words of an element that stand on other pages too, from which on it is part of the template.
const REPEATED_MIN: f64 = 0.8;

/// The same on each single page.
const REPEATED_ONCE_MIN: f64 = 0.6;

/// Mean certainty up to which what repeats goes.
pub(super) const REPEATED_SURE_MAX: f64 = 0.6;

/// The same where two pages alone show it: they may tell of the same thing.
const REPEATED_TWICE_SURE_MAX: f64 = 0.3;

/// Mean certainty below which an element is boilerplate, and what it may reach on one page.
const BOILERPLATE_SURE_MAX: f64 = 0.25;
const BOILERPLATE_SURE_ONCE_MAX: f64 = 0.5;

/// Share of an element's words in preformatted text from which on it is no boilerplate.
const CODE_MAX: f64 = 0.5;

/// Share of an element's characters inside links that makes it a list of links, and the mean certainty up to which it
/// goes from beside the main content.
const LINKS_MIN: f64 = 0.8;
const LINKS_SURE_MAX: f64 = 0.5;

/// Most of a page's kept words that such a list may hold where it may be the main content.
const LINKS_SHARE_MAX: f64 = 0.1;

/// Most words of a label above such a list.
const LABEL_WORDS_MAX: f64 = 4.0;

/// Why something is stripped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// It frames the main content on every page: a footer, a sidebar, navigation.
    Landmark,
    /// Its text stands on other pages too.
    Repeats,
    /// The generic cleaner takes it for boilerplate on most pages.
    Boilerplate,
    /// It holds links beside the main content.
    Links,
    /// It holds teasers of other stories.
    Teasers,
}

impl Why {
    /// The reason for a comment.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Landmark => "frames the pages",
            Self::Repeats => "the same text on other pages",
            Self::Boilerplate => "judged boilerplate on average",
            Self::Links => "links beside the main content",
            Self::Teasers => "teasers of other stories",
        }
    }
}

/// What a selector holds on one page.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// All words.
    pub(super) words: f64,
    sure: f64,
    repeated: f64,
    linked: f64,
    /// Words of headings.
    headings: f64,
    /// Words of preformatted text.
    code: f64,
    /// Words in the text.
    pub(super) kept: f64,
    /// Words that the generic cleaner keeps.
    wanted: f64,
    /// Words that are surely main content and stand on this page alone.
    lost: f64,
}

impl Held {
    /// Reckons it up; `mask` tells which blocks are in the text.
    pub(super) fn of(judged: &Judged<'_>, mask: &[bool], ranges: &[Range<usize>]) -> Self {
        let mut held = Self::default();
        for at in ranges.iter().cloned().flatten() {
            let (Some(block), Some(repeated)) = (judged.page.blocks.get(at), judged.repeated.get(at)) else {
                continue;
            };
            held.words += block.words;
            held.sure += block.words * block.sure;
            held.linked += block.words * block.links;
            held.code += if block.code { block.words } else { 0.0 };
            held.headings += if block.heading { block.words } else { 0.0 };
            held.kept += if mask.get(at) == Some(&true) { block.words } else { 0.0 };
            held.wanted += if block.kept { block.words } else { 0.0 };
            if *repeated > 0.0 {
                held.repeated += block.words;
            } else if block.is_surely_main() {
                held.lost += block.words;
            }
        }
        held
    }

    /// Whether it is more than rules may take of what is surely main content.
    pub(super) fn is_dear(&self, whole: &Whole) -> bool {
        self.lost > LOST_MAX * whole.sure
    }

    fn certainty(&self) -> f64 {
        self.sure / self.words.max(1.0)
    }
}

/// What is known of a page as a whole.
pub(super) struct Whole {
    /// Words that are surely main content.
    sure: f64,
    /// Words that the generic cleaner keeps.
    kept: f64,
    /// Its longest block that is kept and stands on no other page.
    longest: Option<usize>,
    /// Whether what is kept reads like running text.
    prose: bool,
}

impl Whole {
    /// Takes a page in.
    pub(super) fn of(judged: &Judged<'_>) -> Self {
        let all = std::iter::once(0..judged.page.blocks.len()).collect::<Vec<_>>();
        let own = judged.page.blocks.iter().zip(&judged.repeated).enumerate();
        let longest = own
            .filter(|(_, (block, repeated))| block.kept && **repeated <= 0.0)
            .max_by(|a, b| a.1.0.words.total_cmp(&b.1.0.words));
        let held = Held::of(judged, &judged.kept(), &all);
        Self {
            sure: held.lost,
            kept: held.wanted,
            longest: longest.map(|(at, _)| at),
            prose: judged.page.is_prose(),
        }
    }

    /// Whether its longest block is among these.
    pub(super) fn has_longest_in(&self, ranges: &[Range<usize>]) -> bool {
        self.longest
            .is_some_and(|at| ranges.iter().any(|range| range.contains(&at)))
    }
}

/// How something stands on the pages that have it.
#[derive(Debug, Default)]
pub(super) struct Setting<'a> {
    /// How many pages of running text have it.
    prose: usize,
    /// Whether it is more than a small part of a page that is no running text: of a list, say, which it may be.
    may_be_list: bool,
    /// Whether it is more than a small part of any page.
    is_large: bool,
    /// The blocks that it begins with.
    labels: Vec<&'a StudiedBlock>,
}

impl<'a> Setting<'a> {
    /// Takes in a page that has it.
    pub(super) fn add(&mut self, held: &Held, page: &'a StudiedPage, whole: &Whole, ranges: &[Range<usize>]) {
        let is_large = held.wanted > LINKS_SHARE_MAX * whole.kept;
        self.prose += usize::from(whole.prose);
        self.may_be_list |= is_large && !whole.prose;
        self.is_large |= is_large;
        let first = ranges.first().and_then(|range| page.blocks.get(range.start));
        self.labels.extend(first);
    }

    /// Whether links in it are no part of the main content: they stand beside running text, or are few below a label that
    /// is the same on every page, such as one for categories.
    fn is_aside(&self) -> bool {
        let label = self.labels.first().filter(|label| label.words <= LABEL_WORDS_MAX);
        let is_one = label.is_some_and(|one| self.labels.iter().all(|label| label.key == one.key));
        let is_labelled = is_one && self.labels.len() > SEEN_MIN && !self.is_large;
        is_labelled || self.prose >= SEEN_MIN && !self.may_be_list
    }
}

/// Why what a selector names should go, by what it holds on each page that has it.
pub(super) fn why(each: &[Held], setting: &Setting<'_>) -> Option<Why> {
    let sum = |of: fn(&Held) -> f64| each.iter().map(of).sum::<f64>();
    // The same lines of code stand in many examples, and the generic cleaner is seldom sure of them.
    if sum(|held| held.code) > CODE_MAX * sum(|held| held.words) {
        return None;
    }
    let mean = sum(Held::certainty) / number(each.len().max(1));
    let most = each.iter().map(Held::certainty).fold(0.0, f64::max);
    let repeats = each.iter().all(|held| held.repeated >= REPEATED_ONCE_MIN * held.words);
    let most_repeats = sum(|held| held.repeated) >= REPEATED_MIN * sum(|held| held.words);
    let sure_max = if each.len() > SEEN_MIN {
        REPEATED_SURE_MAX
    } else {
        REPEATED_TWICE_SURE_MAX
    };
    // A heading such as "See also" stands above other things on each page.
    let is_more = each.iter().any(|held| held.headings < held.words);
    if repeats && most_repeats && is_more && mean <= sure_max {
        return Some(Why::Repeats);
    }
    let never_kept = each.iter().all(|held| held.wanted <= 0.0);
    if never_kept || each.len() > SEEN_MIN && mean < BOILERPLATE_SURE_MAX && most < BOILERPLATE_SURE_ONCE_MAX {
        return Some(Why::Boilerplate);
    }
    let links = each.iter().all(|held| held.linked >= LINKS_MIN * held.words);
    (setting.is_aside() && links && mean < LINKS_SURE_MAX).then_some(Why::Links)
}

/// On how many of some pages a rule has to be seen.
pub(super) fn quorum(pages: usize, landmark: bool) -> usize {
    let part = if landmark { LANDMARK_PART } else { SEEN_PART };
    pages.div_ceil(part).max(SEEN_MIN)
}
