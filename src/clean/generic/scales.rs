//! The scales on which numbers become evidence: each cuts one number into steps, and each step has a weight of its own.

use crate::clean::generic::features::{BlockFeatures, PageFeatures};

/// A number and the bounds between its steps.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// What the number is.
    pub name: &'static str,
    /// The number.
    pub value: fn(&PageFeatures, &BlockFeatures) -> f32,
    /// Where a new step begins, ascending: a number belongs to the step after as many bounds as it reaches.
    pub bounds: &'static [f32],
}

impl Scale {
    /// The number of the step that a block stands on.
    pub fn step(&self, page: &PageFeatures, block: &BlockFeatures) -> usize {
        let value = (self.value)(page, block);
        self.bounds.iter().take_while(|bound| value >= **bound).count()
    }
}

const fn scale(name: &'static str, bounds: &'static [f32], value: fn(&PageFeatures, &BlockFeatures) -> f32) -> Scale {
    Scale { name, value, bounds }
}

/// What a number is where it does not apply: below every bound.
const NONE: f32 = -1_000.0;

const YES: &[f32] = &[0.5];
const SHARES: &[f32] = &[0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8];
const DENSITIES: &[f32] = &[0.01, 0.1, 0.25, 0.5, 0.75, 0.95];
const BLOCKS: &[f32] = &[1.5, 2.5, 4.5, 8.5, 16.0, 32.0];
const WORDS: &[f32] = &[1.5, 2.5, 4.5, 8.5, 15.0, 25.0, 45.0, 80.0, 150.0];
const AMOUNTS: &[f32] = &[5.0, 15.0, 40.0, 100.0, 250.0, 600.0, 1_500.0];

/// All scales. The order is that of the weights.
pub const SCALES: &[Scale] = &[
    // The block's own text.
    scale("words", WORDS, |_, block| block.shape.words),
    scale("characters a word", &[3.0, 4.0, 5.0, 6.0, 8.0], |_, block| {
        block.shape.chars / block.shape.words.max(1.0)
    }),
    scale("link density", DENSITIES, |_, block| block.shape.link_density),
    scale("sentence marks", &[0.5, 1.5, 3.5, 7.5], |_, block| {
        block.shape.sentence_marks
    }),
    scale("words of a sentence", &[0.0, 4.5, 9.5, 19.5], |_, block| {
        if block.shape.ends_sentence {
            block.shape.words
        } else {
            NONE
        }
    }),
    scale("ends with a colon", YES, |_, block| flag(block.shape.ends_colon)),
    scale("commas", &[0.5, 1.5, 3.5], |_, block| block.shape.commas),
    scale("share of digits", &[0.01, 0.05, 0.15, 0.3, 0.6], |_, block| {
        block.shape.digit_share
    }),
    scale("share of capitals", &[0.05, 0.15, 0.3, 0.6, 0.9], |_, block| {
        block.shape.capital_share
    }),
    scale("share of upper case", &[0.02, 0.06, 0.15, 0.4, 0.9], |_, block| {
        block.shape.upper_share
    }),
    scale("separators", &[0.5, 1.5, 3.5], |_, block| block.shape.separators),
    scale("money", YES, |_, block| flag(block.shape.money)),
    scale("heading", &[0.5, 1.5, 2.5, 3.5, 4.5], |_, block| {
        f32::from(block.shape.heading)
    }),
    scale("row of a table", YES, |_, block| flag(block.is_row)),
    scale("code", YES, |_, block| flag(block.is_code)),
    scale("words of an item", &[0.0, 4.5, 9.5, 24.5], |_, block| {
        if block.is_item { block.shape.words } else { NONE }
    }),
    scale("links of an item", &[0.0, 0.1, 0.5, 0.95], |_, block| {
        if block.is_item { block.shape.link_density } else { NONE }
    }),
    scale("digits of a short line", &[0.0, 0.02, 0.1, 0.25, 0.5], |_, block| {
        if block.shape.words < 12.0 {
            block.shape.digit_share
        } else {
            NONE
        }
    }),
    scale("copies", &[1.5, 2.5, 4.5], |_, block| block.copies),
    // Where it stands on the page.
    scale(
        "position",
        &[0.01, 0.03, 0.06, 0.12, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98],
        |_, block| block.position,
    ),
    scale(
        "since the main heading",
        &[
            -999.0, -60.0, -20.0, -6.0, -2.5, 0.0, 0.5, 1.5, 2.5, 4.5, 8.5, 16.0, 32.0, 64.0, 128.0, 256.0,
        ],
        |_, block| block.since_heading.unwrap_or(NONE),
    ),
    scale("to the next long block", BLOCKS, |_, block| block.next_long),
    scale("since the last long block", BLOCKS, |_, block| block.previous_long),
    scale("farther long block", BLOCKS, |_, block| {
        block.next_long.max(block.previous_long)
    }),
    scale("long words near", &[1.0, 30.0, 80.0, 150.0, 300.0], |_, block| {
        block.near_words
    }),
    scale("long words around", &[1.0, 50.0, 120.0, 250.0, 500.0], |_, block| {
        block.around_words
    }),
    scale("words before", WORDS, |_, block| block.before.0),
    scale("links before", DENSITIES, |_, block| block.before.1),
    scale("words after", WORDS, |_, block| block.after.0),
    scale("links after", DENSITIES, |_, block| block.after.1),
    scale("words after a heading", &[0.0, 4.5, 9.5, 20.0, 40.0], |_, block| {
        if block.shape.heading > 0 { block.after.0 } else { NONE }
    }),
    scale("links after a heading", &[0.0, 0.1, 0.5, 0.95], |_, block| {
        if block.shape.heading > 0 { block.after.1 } else { NONE }
    }),
    scale("lead-in", &[0.0, 0.5, 1.5, 2.5, 4.5, 8.5], |_, block| {
        block.lead_in.unwrap_or(NONE)
    }),
    scale("words of a lead-in", &[0.0, 4.5, 9.5, 19.5], |_, block| {
        block.lead_in.map_or(NONE, |_| block.shape.words)
    }),
    scale("links of the heading above", &[0.0, 0.01, 0.5, 0.95], |_, block| {
        block.heading_links.unwrap_or(NONE)
    }),
    scale("since the heading above", BLOCKS, |_, block| block.since_any_heading),
    scale(
        "words right under a linked heading",
        &[0.0, 4.5, 14.5, 40.0],
        |_, block| {
            if block.since_any_heading < 3.5 && block.heading_links.is_some_and(|links| links > 0.5) {
                block.shape.words
            } else {
                NONE
            }
        },
    ),
    // What the elements above it hold.
    scale("words of the first above", AMOUNTS, |_, block| nth(block, 0).words),
    scale("share of the first above", SHARES, |page, block| {
        nth(block, 0).words / page.sums.words.max(1.0)
    }),
    scale("links of the first above", DENSITIES, |_, block| {
        nth(block, 0).link_density()
    }),
    scale("prose of the first above", DENSITIES, |_, block| prose(block, 0)),
    scale("blocks of the first above", BLOCKS, |_, block| nth(block, 0).blocks),
    scale("share of the second above", SHARES, |page, block| {
        nth(block, 1).words / page.sums.words.max(1.0)
    }),
    scale("links of the second above", DENSITIES, |_, block| {
        nth(block, 1).link_density()
    }),
    scale("prose of the second above", DENSITIES, |_, block| prose(block, 1)),
    scale("share of the third above", SHARES, |page, block| {
        nth(block, 2).words / page.sums.words.max(1.0)
    }),
    scale("links of the third above", DENSITIES, |_, block| {
        nth(block, 2).link_density()
    }),
    scale("prose of the third above", DENSITIES, |_, block| prose(block, 2)),
    // Its like.
    scale("alike beside", BLOCKS, |_, block| block.alike),
    scale("blocks of the group", BLOCKS, |_, block| block.group.blocks),
    scale("words a block of the group", WORDS, |_, block| {
        block.group.words / block.group.blocks.max(1.0)
    }),
    scale("links of the group", DENSITIES, |_, block| block.group.link_density()),
    scale("share of the group", SHARES, |page, block| {
        block.group.words / page.sums.words.max(1.0)
    }),
    scale("sentences of the group", &[0.1, 0.5, 1.0, 2.0], |_, block| {
        block.group.sentence_marks / block.group.blocks.max(1.0)
    }),
    // Its place to the top node.
    scale("up from the top node", &[0.5, 1.5, 2.5, 3.5, 5.5, 8.5], |_, block| {
        block.distance.up
    }),
    scale("down to the block", &[0.5, 1.5, 2.5, 3.5, 5.5, 8.5], |_, block| {
        block.distance.down
    }),
    scale("words outside the top node", WORDS, |_, block| {
        if block.distance.up > 0.0 {
            block.shape.words
        } else {
            NONE
        }
    }),
    scale(
        "prose of the page outside the top node",
        &[0.0, 0.1, 0.3, 0.5, 0.7, 0.85],
        |page, block| {
            if block.distance.up > 0.0 {
                page.prose_share()
            } else {
                NONE
            }
        },
    ),
    scale("links inside the top node", &[0.0, 0.1, 0.5, 0.95], |_, block| {
        if block.distance.up > 0.0 {
            NONE
        } else {
            block.shape.link_density
        }
    }),
    // The page.
    scale(
        "words of the page",
        &[60.0, 150.0, 300.0, 600.0, 1_200.0, 2_500.0, 5_000.0],
        |page, _| page.sums.words,
    ),
    scale(
        "blocks of the page",
        &[10.0, 40.0, 100.0, 200.0, 400.0, 800.0],
        |page, _| page.sums.blocks,
    ),
    scale(
        "long blocks of the page",
        &[0.5, 2.5, 5.5, 10.5, 20.5, 40.5],
        |page, _| page.sums.long_blocks,
    ),
    scale("link density of the page", &[0.05, 0.15, 0.25, 0.4, 0.6], |page, _| {
        page.sums.link_density()
    }),
    scale("prose of the page", &[0.1, 0.2, 0.35, 0.5, 0.7, 0.85], |page, _| {
        page.prose_share()
    }),
    scale("share of the top node", SHARES, |page, _| {
        page.top.words / page.sums.words.max(1.0)
    }),
    scale("money on the page", &[0.005, 0.02, 0.06, 0.15], |page, _| {
        page.money_share
    }),
    scale("items on the page", &[0.1, 0.25, 0.5, 0.75], |page, _| page.item_share),
];

fn flag(yes: bool) -> f32 {
    f32::from(u8::from(yes))
}

fn nth(block: &BlockFeatures, at: usize) -> crate::clean::generic::outline::Sums {
    block.above.get(at).copied().unwrap_or_default()
}

/// Words of running text as a share of what the element above holds.
fn prose(block: &BlockFeatures, at: usize) -> f32 {
    let above = nth(block, at);
    above.long_words / above.words.max(1.0)
}
