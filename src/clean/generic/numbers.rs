//! What is known about a block as a row of numbers, in the order in which the model was trained on them.

use crate::clean::generic::features::{AROUND, BlockFeatures, LEVELS, Level, PageFeatures};
use crate::clean::generic::{kind, names};

/// What a number is where it does not apply: below all that it can be.
const NONE: f32 = -1_000.0;

/// A number of a page, with its name.
type PageNumber = (&'static str, fn(&PageFeatures) -> f32);

/// A number of a block, with its name.
type BlockNumber = (&'static str, fn(&PageFeatures, &BlockFeatures) -> f32);

/// A number of one of the elements around a block, with its name.
type LevelNumber = (&'static str, fn(&PageFeatures, &Level) -> f32);

const PAGE: &[PageNumber] = &[
    ("words of the page", |page| page.sums.words),
    ("blocks of the page", |page| page.sums.blocks),
    ("long blocks of the page", |page| page.sums.long_blocks),
    ("link density of the page", |page| page.sums.link_density()),
    ("prose of the page", PageFeatures::prose_share),
    ("paragraphs of the page", |page| {
        share(page.sums.paragraph_words, page.sums.words)
    }),
    ("sentences of the page", |page| {
        share(page.sums.sentence_marks, page.sums.words)
    }),
    ("headings of the page", |page| page.sums.headings),
    ("links of the page", |page| page.sums.links),
    ("images of the page", |page| page.sums.images),
    ("controls of the page", |page| page.sums.controls),
    ("money on the page", |page| page.money_share),
    ("items on the page", |page| page.item_share),
    ("all items on the page", |page| page.items),
    ("cells on the page", |page| page.cells),
    ("times on the page", |page| page.times),
    ("main headings of the page", |page| page.main_headings),
    ("data of the page", |page| page.data_bytes),
    ("data a word", |page| share(page.data_bytes, page.sums.words)),
    ("share of the top node", |page| share(page.top.words, page.sums.words)),
    ("blocks of the top node", |page| page.top.blocks),
    ("long blocks of the top node", |page| page.top.long_blocks),
    ("link density of the top node", |page| page.top.link_density()),
    ("images of the top node", |page| page.top.images),
    ("depth of the top node", |page| page.top_depth),
];

const BLOCK: &[BlockNumber] = &[
    // The block's own text.
    ("words", |_, block| block.shape.words),
    ("link density", |_, block| block.shape.link_density),
    ("commas", |_, block| block.shape.commas),
    ("ends a sentence", |_, block| flag(block.shape.ends_sentence)),
    ("words of a sentence", |_, block| {
        only(block.shape.ends_sentence, block.shape.words)
    }),
    ("share of digits", |_, block| block.shape.digit_share),
    ("share of capitals", |_, block| block.shape.capital_share),
    ("share of upper case", |_, block| block.shape.upper_share),
    ("separators", |_, block| block.shape.separators),
    ("heading", |_, block| f32::from(block.shape.heading)),
    ("code", |_, block| flag(block.is_code)),
    ("links of an item", |_, block| {
        only(block.is_item, block.shape.link_density)
    }),
    ("copies", |_, block| block.copies),
    ("holding tag", |_, block| block.tags.0),
    ("block-level tag", |_, block| block.tags.1),
    ("words in the title", |_, block| block.shared[0]),
    ("words of the title", |_, block| block.shared[1]),
    ("words in the description", |_, block| block.shared[2]),
    // Where it stands on the page.
    ("position", |_, block| block.position),
    ("blocks before", |_, block| block.place[0]),
    ("blocks from here", |_, block| block.place[1]),
    ("place among the blocks", |_, block| block.place[2]),
    ("since the main heading", |_, block| block.since_heading.unwrap_or(NONE)),
    ("to the next long block", |_, block| block.next_long),
    ("since the last long block", |_, block| block.previous_long),
    ("long words around", |_, block| block.around_words),
    ("links after", |_, block| block.after.1),
    ("words after a heading", |_, block| {
        only(block.shape.heading > 0, block.after.0)
    }),
    ("lead-in", |_, block| block.lead_in.unwrap_or(NONE)),
    ("words of a lead-in", |_, block| {
        only(block.lead_in.is_some(), block.shape.words)
    }),
    ("links of the heading above", |_, block| {
        block.heading_links.unwrap_or(NONE)
    }),
    ("since the heading above", |_, block| block.since_any_heading),
    // Its like.
    ("alike beside", |_, block| block.alike),
    ("blocks of the group", |_, block| block.group.blocks),
    ("words a block of the group", |_, block| {
        share(block.group.words, block.group.blocks)
    }),
    ("links of the group", |_, block| block.group.link_density()),
    ("share of the group", |page, block| {
        share(block.group.words, page.sums.words)
    }),
    ("sentences of the group", |_, block| {
        share(block.group.sentence_marks, block.group.blocks)
    }),
    // Its place to the top node.
    ("up from the top node", |_, block| block.distance.up),
    ("down to the block", |_, block| block.distance.down),
    ("words outside the top node", |_, block| {
        only(block.distance.up > 0.0, block.shape.words)
    }),
    ("prose of the page outside the top node", |page, block| {
        only(block.distance.up > 0.0, page.prose_share())
    }),
    ("links inside the top node", |_, block| {
        only(block.distance.up <= 0.0, block.shape.link_density)
    }),
    ("levels", |_, block| block.level_count),
    ("depth", |_, block| block.depth),
    // What names and wording are worth.
    ("names", |_, block| block.names.iter().sum()),
    ("names before", |_, block| block.names_beside[0]),
    ("names after", |_, block| block.names_beside[1]),
    ("names of the heading above", |_, block| block.names_beside[2]),
    ("names against the heading above", |_, block| {
        block.names.iter().sum::<f32>() - block.names_beside[2]
    }),
    ("wording", |_, block| block.wording),
    ("wording after", |_, block| block.wording_beside[0]),
    ("wording of the heading above", |_, block| block.wording_beside[1]),
    ("wording of the group", |_, block| block.wording_beside[2]),
];

const LEVEL: &[LevelNumber] = &[
    ("words", |_, level| level.sums.words),
    ("share", |page, level| share(level.sums.words, page.sums.words)),
    ("link density", |_, level| level.sums.link_density()),
    ("prose", |_, level| share(level.sums.long_words, level.sums.words)),
    ("paragraphs", |_, level| {
        share(level.sums.paragraph_words, level.sums.words)
    }),
    ("sentences", |_, level| {
        share(level.sums.sentence_marks, level.sums.words)
    }),
    ("blocks", |_, level| level.sums.blocks),
    ("long blocks", |_, level| level.sums.long_blocks),
    ("words a block", |_, level| share(level.sums.words, level.sums.blocks)),
    ("headings", |_, level| level.sums.headings),
    ("images", |_, level| level.sums.images),
    ("controls", |_, level| level.sums.controls),
    ("links", |_, level| level.sums.links),
    ("alike", |_, level| level.alike),
];

/// The zones of names, in order.
const ZONES: [&str; names::ZONES] = ["own names", "near names", "far names", "names of wrappers"];

/// The names of all numbers of a block, in order.
pub fn names() -> Vec<String> {
    let page = PAGE.iter().map(|(name, _)| (*name).to_owned());
    let block = BLOCK.iter().map(|(name, _)| (*name).to_owned());
    let levels = (0..LEVELS).flat_map(|at| LEVEL.iter().map(move |(name, _)| format!("{name} of level {at}")));
    let zones = ZONES.iter().map(|zone| (*zone).to_owned());
    let around = AROUND.iter().map(|tag| format!("inside {tag}"));
    let kinds = kind::NAMES.iter().map(|kind| format!("page is of kind {kind}"));
    page.chain(kinds)
        .chain(block)
        .chain(levels)
        .chain(zones)
        .chain(around)
        .collect()
}

/// The first numbers of every block: those of its page.
pub fn of_page(page: &PageFeatures) -> Vec<f32> {
    PAGE.iter().map(|(_, number)| number(page)).chain(page.kinds).collect()
}

/// The numbers of all blocks of a page that follow those of the page, row after row.
pub fn of_blocks(page: &PageFeatures, all: &[BlockFeatures]) -> Vec<f32> {
    let width = BLOCK.len() + LEVELS * LEVEL.len() + ZONES.len() + AROUND.len();
    let mut rows = Vec::with_capacity(width * all.len());
    for block in all {
        rows.extend(BLOCK.iter().map(|(_, number)| number(page, block)));
        for level in &block.levels {
            rows.extend(LEVEL.iter().map(|(_, number)| number(page, level)));
        }
        rows.extend(block.names);
        rows.extend(block.around_it);
    }
    rows
}

fn flag(yes: bool) -> f32 {
    f32::from(u8::from(yes))
}

/// A number where it applies.
fn only(applies: bool, number: f32) -> f32 {
    if applies { number } else { NONE }
}

/// A number over another, which is at least 1.
fn share(part: f32, whole: f32) -> f32 {
    part / whole.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_number_has_a_name_of_its_own() {
        let names = names();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len());
        let page = PageFeatures::default();
        let mut rows = of_page(&page);
        rows.extend(of_blocks(&page, &[BlockFeatures::default()]));
        assert_eq!(rows.len(), names.len());
        assert!(rows.iter().all(|number| number.is_finite()));
    }
}
