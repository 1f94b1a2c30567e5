//! What is known of a block from the blocks around it and from what the page says about itself.

use rustc_hash::FxHashMap;

use crate::clean::generic::features::BlockFeatures;
use crate::clean::generic::outline::Sums;
use crate::clean::generic::word_set::WordSet;
use crate::clean::segment::HtmlBlock;
use crate::page::Metadata;
use crate::text::as_f32;

/// Farthest neighbour that is looked for, in blocks.
const FAR: f32 = 50.0;

/// What a block is worth whose neighbour or heading is asked for and is not there.
const NOBODY: f32 = -9.0;

/// Fills in what each block's neighbours, group, headings and the page's own words tell of it.
pub(super) fn fill(all: &mut [BlockFeatures], open: &[&HtmlBlock], metadata: &Metadata, page_words: f32) {
    let heading = main_heading(open, all, metadata);
    fill_places(all, heading, page_words);
    fill_neighbours(all);
    fill_groups(all);
    fill_shared(all, open, metadata);
}

/// The number of the main heading: of those of the highest level the one that shares most words with the title, else
/// the first.
fn main_heading(blocks: &[&HtmlBlock], all: &[BlockFeatures], metadata: &Metadata) -> Option<usize> {
    let title = WordSet::of(metadata.title.as_deref().unwrap_or_default());
    let common = |at: usize| {
        let words = blocks
            .get(at)
            .map(|block| WordSet::of(&block.block.text))
            .unwrap_or_default();
        as_f32(words.common(&title)) / as_f32(words.len().max(1))
    };
    let level = all
        .iter()
        .map(|block| block.shape.heading)
        .filter(|level| *level > 0)
        .min()
        .filter(|level| *level <= 2)?;
    let candidates = all.iter().enumerate().filter(|(_, block)| block.shape.heading == level);
    let scored = candidates.map(|(at, _)| (at, common(at)));
    scored
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
        .map(|(at, _)| at)
}

fn fill_places(all: &mut [BlockFeatures], heading: Option<usize>, page_words: f32) {
    let mut before = 0.0;
    for (at, block) in all.iter_mut().enumerate() {
        block.position = before / page_words.max(1.0);
        before += block.shape.words;
        block.since_heading = heading.map(|heading| as_f32(at) - as_f32(heading));
    }
    fill_headings(all);
}

/// Fills in what is known of the headings above each block.
fn fill_headings(all: &mut [BlockFeatures]) {
    let mut last: Option<(f32, f32)> = None;
    let mut lead_in = false;
    for block in all {
        lead_in = block.since_heading == Some(0.0) || lead_in && !block.shape.is_long();
        block.lead_in = block.since_heading.filter(|_| lead_in);
        (block.heading_links, block.since_any_heading) =
            last.map_or((None, FAR), |(links, since)| (Some(links), since));
        if block.shape.heading > 0 {
            last = Some((block.shape.link_density, 0.0));
        }
        last = last.map(|(links, since)| (links, (since + 1.0).min(FAR)));
    }
}

fn fill_neighbours(all: &mut [BlockFeatures]) {
    let plain: Vec<(f32, f32, bool)> = all
        .iter()
        .map(|b| (b.shape.words, b.shape.link_density, b.shape.is_long()))
        .collect();
    let long_words: Vec<f32> = std::iter::once(0.0)
        .chain(plain.iter().scan(0.0, |sum, (words, _, long)| {
            *sum += if *long { *words } else { 0.0 };
            Some(*sum)
        }))
        .collect();
    let words_around = |at: usize, reach: usize| {
        let sum = |index: usize| long_words.get(index.min(plain.len())).copied().unwrap_or_default();
        let own = sum(at + 1) - sum(at);
        sum(at + reach + 1) - sum(at.saturating_sub(reach)) - own
    };
    let mut since = FAR;
    for (at, block) in all.iter_mut().enumerate() {
        block.previous_long = since;
        since = if block.shape.is_long() {
            1.0
        } else {
            (since + 1.0).min(FAR)
        };
        block.near_words = words_around(at, 3);
        block.around_words = words_around(at, 8);
        let neighbour = |index: Option<usize>| {
            index
                .and_then(|index| plain.get(index))
                .map_or((0.0, 0.0), |(words, links, _)| (*words, *links))
        };
        block.before = neighbour(at.checked_sub(1));
        block.after = neighbour(Some(at + 1));
    }
    fill_scores_beside(all);
    let mut until = FAR;
    for block in all.iter_mut().rev() {
        block.next_long = until;
        until = if block.shape.is_long() {
            1.0
        } else {
            (until + 1.0).min(FAR)
        };
    }
}

/// Fills in what names and wording of the neighbours and of the heading above are worth.
fn fill_scores_beside(all: &mut [BlockFeatures]) {
    let scores: Vec<(f32, f32)> = all
        .iter()
        .map(|block| (block.names.iter().sum(), block.wording))
        .collect();
    let mut heading: Option<(f32, f32)> = None;
    for (at, block) in all.iter_mut().enumerate() {
        let own = scores.get(at).copied().unwrap_or_default();
        let before = at.checked_sub(1).and_then(|at| scores.get(at)).copied().unwrap_or(own);
        let after = scores.get(at + 1).copied().unwrap_or(own);
        let above = heading.unwrap_or((NOBODY, NOBODY));
        block.names_beside = [before.0, after.0, above.0];
        block.wording_beside = [after.1, above.1, own.1];
        if block.shape.heading > 0 {
            heading = Some(own);
        }
    }
}

fn fill_groups(all: &mut [BlockFeatures]) {
    let mut groups: FxHashMap<u64, (Sums, f32)> = FxHashMap::default();
    let mut copies: FxHashMap<u64, f32> = FxHashMap::default();
    for block in all.iter() {
        let (sums, wording) = groups.entry(block.group_key).or_default();
        sums.add(&Sums::of(&block.shape));
        *wording += block.wording * block.shape.words;
        *copies.entry(block.shape.key).or_default() += 1.0;
    }
    for block in all {
        let (sums, wording) = groups.get(&block.group_key).copied().unwrap_or_default();
        block.group = sums;
        if let Some(mean) = block.wording_beside.last_mut().filter(|_| sums.words > 0.0) {
            *mean = wording / sums.words;
        }
        block.copies = copies.get(&block.shape.key).copied().unwrap_or(1.0);
    }
}

/// Fills in which words blocks share with the title and the description.
fn fill_shared(all: &mut [BlockFeatures], open: &[&HtmlBlock], metadata: &Metadata) {
    let title = WordSet::of(metadata.title.as_deref().unwrap_or_default());
    let description = WordSet::of(metadata.description.as_deref().unwrap_or_default());
    let mut words = WordSet::default();
    for (block, own) in all.iter_mut().zip(open) {
        words.read(&own.block.text);
        let common = |other: &WordSet| as_f32(words.common(other));
        let all_words = as_f32(words.len().max(1));
        let of_title = common(&title);
        block.shared = [
            of_title / all_words,
            of_title / as_f32(title.len().max(1)),
            common(&description) / all_words,
        ];
    }
}
