//! Lists of teasers: headlines of other stories, mostly with a sentence or two below each.
//!
//! A teaser reads like a paragraph of an article, so that who sees one page alone keeps it. What gives it away is what
//! stands around it on page after page: a heading that is always the same, or none at all, and entries of which each has a
//! link to another page.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use super::names::Trust;
use super::study::{StudiedBlock, StudiedPage};

/// Fewest pages that have to show a list.
const PAGES_MIN: usize = 2;

/// Fewest entries on a page of a list without a heading.
const ENTRIES_MIN: usize = 2;

/// Most words of the heading.
const HEADING_WORDS_MAX: f64 = 8.0;

/// Most blocks of an entry: a section mark, the headline, the first sentence, the author.
const ENTRY_BLOCKS_MAX: usize = 4;

/// Fewest words of a sentence. A list without one on every page holds mere links, which are told from main content by that.
const SENTENCE_WORDS_MIN: f64 = 10.0;

/// Share of links from which on a block is nothing but a link.
const LINK_SHARE_MIN: f64 = 0.9;

/// Most of a page's kept words that may stand in such lists: a page that is a list of teasers is about them.
const SHARE_MAX: f64 = 1.0 / 3.0;

/// What stands above the entries on one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heading<'a> {
    /// Nothing.
    None,
    /// This, in a block of its own or before the first headline.
    Text(&'a str),
}

/// Selectors that name nothing but lists of teasers, on every page that has them.
pub(super) fn selectors<'a>(pages: &[&'a StudiedPage]) -> BTreeSet<&'a str> {
    let common = common(pages);
    // The headings found by each selector, one a page; nothing once a page shows something else.
    let mut found: BTreeMap<&str, Option<Vec<Heading<'_>>>> = BTreeMap::new();
    for page in pages {
        let kept = kept_words(page, std::iter::once(0..page.blocks.len()));
        let is_prose = page.is_prose();
        let strippable = page.named.iter().filter(|(_, named)| named.trust != Trust::Plain);
        for (css, named) in strippable {
            let headings = found.entry(css).or_insert_with(|| Some(Vec::new()));
            let heading = heading_of_all(page, &named.ranges, &common);
            let is_small = || kept_words(page, named.ranges.iter().cloned()) <= SHARE_MAX * kept;
            let heading = heading.filter(|_| is_prose && is_small());
            *headings = headings.take().zip(heading).map(|(mut headings, heading)| {
                headings.push(heading);
                headings
            });
        }
    }
    let is_one = |headings: &Vec<Heading<'_>>| {
        headings.len() >= PAGES_MIN
            && headings
                .windows(2)
                .all(|pair| matches!(pair, [one, other] if one == other))
    };
    let lists = found
        .into_iter()
        .filter(|(_, headings)| headings.as_ref().is_some_and(is_one));
    lists.map(|(css, _)| css).collect()
}

/// The texts that stand on two pages or more.
fn common<'a>(pages: &[&'a StudiedPage]) -> HashSet<&'a str> {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut common: HashSet<&str> = HashSet::new();
    for page in pages {
        let own: HashSet<&str> = page.blocks.iter().map(|block| block.key.as_str()).collect();
        common.extend(own.intersection(&seen));
        seen.extend(own);
    }
    common
}

/// The heading of the lists of teasers in these ranges, if each of them holds one, and below the same heading.
fn heading_of_all<'a>(page: &'a StudiedPage, ranges: &[Range<usize>], common: &HashSet<&str>) -> Option<Heading<'a>> {
    let mut lists = ranges.iter().map(|range| list_of(page, range, common));
    let (heading, mut entries) = lists.next()??;
    for list in lists {
        let (other, more) = list?;
        if other != heading {
            return None;
        }
        entries += more;
    }
    (heading != Heading::None || entries >= ENTRIES_MIN).then_some(heading)
}

/// The heading and the number of entries of a list of teasers, if that is what a range holds.
fn list_of<'a>(page: &'a StudiedPage, range: &Range<usize>, common: &HashSet<&str>) -> Option<(Heading<'a>, usize)> {
    let blocks = page.blocks.get(range.clone())?;
    let (first, rest) = blocks.split_first()?;
    let (heading, entries) = match first.headline.as_deref() {
        Some("") => (Heading::None, blocks),
        Some(label) => (Heading::Text(label), blocks),
        None if first.words <= HEADING_WORDS_MAX => (Heading::Text(&first.key), rest),
        None => return None,
    };
    let links = |block: &&StudiedBlock| match block.headline.as_deref() {
        Some("") => true,
        Some(label) => heading == Heading::Text(label),
        None if heading == Heading::None => false,
        None => block.links >= LINK_SHARE_MIN && common.contains(block.key.as_str()),
    };
    let count = entries.iter().filter(links).count();
    let each_has_one = entries
        .windows(ENTRY_BLOCKS_MAX)
        .all(|blocks| blocks.iter().any(|block| links(&block)));
    let is_sentence =
        |block: &StudiedBlock| block.kept && block.words >= SENTENCE_WORDS_MIN && !common.contains(block.key.as_str());
    (count > 0 && each_has_one && entries.iter().any(is_sentence)).then_some((heading, count))
}

fn kept_words(page: &StudiedPage, ranges: impl Iterator<Item = Range<usize>>) -> f64 {
    let blocks = ranges.flatten().filter_map(|at| page.blocks.get(at));
    blocks.filter(|block| block.kept).map(|block| block.words).sum()
}
