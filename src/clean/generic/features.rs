//! What is known about every block of a page: the evidence that the judgement weighs, in numbers.
//!
//! Nothing here decides anything. Whatever decides, be it a table of weights or a learned model, sees a block as
//! [`BlockFeatures`] on a page of [`PageFeatures`] and nothing else.

use std::collections::{HashMap, HashSet};

use crate::clean::generic::outline::{Outline, Sums};
use crate::clean::generic::roles::{Role, RoleSet};
use crate::clean::generic::shape::Shape;
use crate::clean::generic::top::{self, Distance};
use crate::clean::segment::HtmlBlock;
use crate::page::{BlockKind, Dom, Metadata};

/// Farthest neighbour that is looked for, in blocks.
const FAR: f32 = 50.0;

/// Largest share of a page's words that a box beside the main content holds.
const BOX_SHARE: f32 = 0.1;

/// What is known about a block.
#[derive(Debug, Clone, Default)]
pub struct BlockFeatures {
    /// What its text looks like.
    pub shape: Shape,
    /// What the elements around it are for: those that hold this block alone, the next two that hold more, the rest.
    pub zones: [RoleSet; 3],
    /// What small elements around it are for: those that hold at most a tenth of the page's words.
    pub boxes: RoleSet,
    /// Whether it is an item of a list.
    pub is_item: bool,
    /// Whether it is a row of a data table.
    pub is_row: bool,
    /// Whether it is code.
    pub is_code: bool,
    /// Share of the page's words before it, from 0 to 1.
    pub position: f32,
    /// Blocks since the main heading: 1 for the next one, negative before it; none where there is no main heading.
    pub since_heading: Option<f32>,
    /// Blocks to the next one that reads like running text, at most 50.
    pub next_long: f32,
    /// Blocks since the last one that reads like running text, at most 50.
    pub previous_long: f32,
    /// Words of running text among the three blocks before and after, the block itself not counted.
    pub near_words: f32,
    /// The same for eight.
    pub around_words: f32,
    /// Link density of the last heading before; none where there is none.
    pub heading_links: Option<f32>,
    /// Blocks since that heading.
    pub since_any_heading: f32,
    /// Blocks since the main heading where no running text has come since; none otherwise.
    pub lead_in: Option<f32>,
    /// Words and link density of the block before.
    pub before: (f32, f32),
    /// Words and link density of the block after.
    pub after: (f32, f32),
    /// What the next three elements above hold, each one that holds more than the one below.
    pub above: [Sums; 3],
    /// Elements of the same kind beside the outermost one that holds this block alone.
    pub alike: f32,
    /// What all blocks in elements of the same kinds add up to.
    pub group: Sums,
    /// How often its text stands on the page.
    pub copies: f32,
    /// Where it lies to the top node.
    pub distance: Distance,
    /// Which blocks are of the same kind: the same for all that share the kinds of their elements.
    pub group_key: u64,
}

/// What is known about a page.
#[derive(Debug, Clone, Default)]
pub struct PageFeatures {
    /// All its blocks together.
    pub sums: Sums,
    /// What the top node holds.
    pub top: Sums,
    /// Share of blocks with a sign of money.
    pub money_share: f32,
    /// Share of blocks that are items of lists.
    pub item_share: f32,
}

impl PageFeatures {
    /// Words of running text inside the top node as a share of the page's, from 0 to 1.
    pub fn prose_share(&self) -> f32 {
        self.top.long_words / self.sums.words.max(1.0)
    }
}

/// Looks at all blocks of a page that no rule has removed; the answers are in the same order.
pub fn features(dom: &Dom, metadata: &Metadata, blocks: &[HtmlBlock]) -> (PageFeatures, Vec<BlockFeatures>) {
    let open: Vec<&HtmlBlock> = blocks.iter().filter(|block| block.removal.is_none()).collect();
    let shapes: Vec<Shape> = open.iter().map(|block| Shape::of(block)).collect();
    let outline = Outline::build(dom, open.iter().copied(), &shapes);
    let top = top::find(&outline, &shapes);
    let share = |count: usize| count_f32(count) / count_f32(open.len().max(1));
    let page = PageFeatures {
        sums: outline.page,
        top: outline
            .branches
            .get(top)
            .map_or_else(Sums::default, |branch| branch.sums),
        money_share: share(shapes.iter().filter(|shape| shape.money).count()),
        item_share: share(open.iter().filter(|block| is_item(block)).count()),
    };
    let mut all: Vec<BlockFeatures> = open
        .iter()
        .zip(shapes.iter().zip(&outline.holders))
        .map(|(block, (shape, holder))| of_block(block, shape, &outline, (top, *holder)))
        .collect();
    let heading = main_heading(&open, &all, metadata);
    fill_places(&mut all, heading, page.sums.words);
    fill_neighbours(&mut all);
    fill_groups(&mut all);
    (page, all)
}

fn is_item(block: &HtmlBlock) -> bool {
    matches!(block.block.kind, BlockKind::ListItem { .. })
}

/// What can be told of a block without looking at the others.
fn of_block(block: &HtmlBlock, shape: &Shape, outline: &Outline, (top, holder): (usize, usize)) -> BlockFeatures {
    let mut features = BlockFeatures {
        shape: *shape,
        is_item: is_item(block),
        is_row: block.block.kind == BlockKind::TableRow,
        is_code: block.block.kind == BlockKind::Code,
        distance: top::distance(outline, top, holder),
        ..BlockFeatures::default()
    };
    let mut filled = 0;
    for (grown, branch) in outline.growth(holder) {
        let zone = [0, 1, 1].get(grown).copied().unwrap_or(2);
        if let Some(roles) = features.zones.get_mut(zone) {
            *roles = roles.with(branch.roles);
        }
        if branch.sums.words <= outline.page.words * BOX_SHARE {
            features.boxes = features.boxes.with(branch.roles);
        }
        if grown == 0 {
            features.alike = branch.alike;
        } else if grown > filled
            && let Some(above) = features.above.get_mut(grown - 1)
        {
            *above = branch.sums;
            filled = grown;
        }
    }
    let kinds = outline.path(holder).take(3).map(|(_, branch)| branch.signature);
    features.group_key = kinds.fold(0, |key: u64, kind| key.rotate_left(21) ^ kind);
    features
}

/// The number of the main heading: of those of the highest level the one that shares most words with the title, else
/// the first.
fn main_heading(blocks: &[&HtmlBlock], all: &[BlockFeatures], metadata: &Metadata) -> Option<usize> {
    let title: HashSet<String> = words_of(metadata.title.as_deref().unwrap_or_default());
    let common = |at: usize| {
        let words = blocks
            .get(at)
            .map(|block| words_of(&block.block.text))
            .unwrap_or_default();
        count_f32(words.intersection(&title).count()) / count_f32(words.len().max(1))
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

fn words_of(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

fn fill_places(all: &mut [BlockFeatures], heading: Option<usize>, page_words: f32) {
    let mut before = 0.0;
    for (at, block) in all.iter_mut().enumerate() {
        block.position = before / page_words.max(1.0);
        before += block.shape.words;
        block.since_heading = heading.map(|heading| count_f32(at) - count_f32(heading));
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

fn fill_groups(all: &mut [BlockFeatures]) {
    let mut groups: HashMap<u64, Sums> = HashMap::new();
    let mut copies: HashMap<u64, f32> = HashMap::new();
    for block in all.iter() {
        groups.entry(block.group_key).or_default().add(&Sums::of(&block.shape));
        *copies.entry(block.shape.key).or_default() += 1.0;
    }
    for block in all {
        block.group = groups.get(&block.group_key).copied().unwrap_or_default();
        block.copies = copies.get(&block.shape.key).copied().unwrap_or(1.0);
    }
}

impl BlockFeatures {
    /// Whether an element around it is for one of these things.
    pub fn stands_in(&self, roles: RoleSet) -> bool {
        self.zones.iter().any(|zone| zone.meets(roles))
    }

    /// Whether it stands where running text stands: in a paragraph of its own.
    pub fn is_paragraph(&self) -> bool {
        self.zones.first().is_some_and(|zone| zone.has(Role::Paragraph))
    }
}

#[expect(clippy::cast_precision_loss, reason = "blocks of a page are far fewer than 2^24")]
fn count_f32(count: usize) -> f32 {
    count as f32
}
