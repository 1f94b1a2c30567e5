//! Lists of teasers: headlines of other stories, mostly with a sentence or two below each.
//!
//! A teaser reads like a paragraph of an article, so that who sees one page alone keeps it. What gives it away is what
//! stands around it on page after page: a heading that is always the same, or none at all, and entries of which each has a
//! link to another page.

use std::collections::BTreeSet;
use std::ops::Range;

use super::names::Trust;
use super::study::{Named, StudiedBlock, StudiedPage, names};
use super::worth::Copies;

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

/// Selectors that name nothing but lists of teasers, on every page that has them. `copies` tells on how many pages each
/// text stands.
pub(super) fn selectors<'a>(pages: &[&'a StudiedPage], copies: &Copies<'_>) -> BTreeSet<&'a str> {
    let mut names = names(pages, |trust| trust != Trust::Plain);
    names.retain(|css| {
        let having = pages.iter().filter_map(|page| Some((page, page.named.get(*css)?)));
        let headings: Option<Vec<Heading<'_>>> = having.map(|(page, named)| heading_on(page, named, copies)).collect();
        headings.is_some_and(|headings| headings.len() >= PAGES_MIN && are_one(&headings))
    });
    names
}

fn are_one(headings: &[Heading<'_>]) -> bool {
    headings.iter().all(|heading| Some(heading) == headings.first())
}

/// The heading of the lists that a selector names on a page, if they are all that it names, and no large part of running
/// text.
fn heading_on<'a>(page: &'a StudiedPage, named: &Named, copies: &Copies<'_>) -> Option<Heading<'a>> {
    let heading = heading_of_all(page, &named.ranges, copies)?;
    let whole = std::iter::once(0..page.blocks.len());
    let is_small = kept_words(page, named.ranges.iter().cloned()) <= SHARE_MAX * kept_words(page, whole);
    (is_small && page.is_prose()).then_some(heading)
}

/// The heading of the lists of teasers in these ranges, if each of them holds one, and below the same heading.
fn heading_of_all<'a>(page: &'a StudiedPage, ranges: &[Range<usize>], copies: &Copies<'_>) -> Option<Heading<'a>> {
    let mut lists = ranges.iter().map(|range| list_of(page, range, copies));
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
fn list_of<'a>(page: &'a StudiedPage, range: &Range<usize>, copies: &Copies<'_>) -> Option<(Heading<'a>, usize)> {
    let blocks = page.blocks.get(range.clone())?;
    let (first, rest) = blocks.split_first()?;
    let (heading, entries) = match first.headline.as_deref() {
        Some("") => (Heading::None, blocks),
        Some(label) => (Heading::Text(label), blocks),
        None if first.words <= HEADING_WORDS_MAX => (Heading::Text(&first.key), rest),
        None => return None,
    };
    let is_common = |block: &StudiedBlock| copies.get(block.key.as_str()).is_some_and(|pages| *pages > 1);
    let links = |block: &&StudiedBlock| match block.headline.as_deref() {
        Some("") => true,
        Some(label) => heading == Heading::Text(label),
        None if heading == Heading::None => false,
        None => block.links >= LINK_SHARE_MIN && is_common(block),
    };
    let count = entries.iter().filter(links).count();
    let each_has_one = entries
        .windows(ENTRY_BLOCKS_MAX)
        .all(|blocks| blocks.iter().any(|block| links(&block)));
    let is_sentence = |block: &StudiedBlock| block.kept && block.words >= SENTENCE_WORDS_MIN && !is_common(block);
    (count > 0 && each_has_one && entries.iter().any(is_sentence)).then_some((heading, count))
}

fn kept_words(page: &StudiedPage, ranges: impl Iterator<Item = Range<usize>>) -> f64 {
    let blocks = ranges.flatten().filter_map(|at| page.blocks.get(at));
    blocks.filter(|block| block.kept).map(|block| block.words).sum()
}
