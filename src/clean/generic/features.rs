//! What is known about every block of a page: the evidence that the judgement weighs, in numbers.
//!
//! Nothing here decides anything. Whatever decides, be it a table of weights or a learned model, sees a block as
//! [`BlockFeatures`] on a page of [`PageFeatures`] and nothing else.

use std::sync::LazyLock;

use crate::clean::generic::kind::{self, KINDS};
use crate::clean::generic::model::Model;
use crate::clean::generic::names::NameScores;
use crate::clean::generic::outline::{Branch, Outline, Sums};
use crate::clean::generic::roles::{Role, RoleSet};
use crate::clean::generic::shape::Shape;
use crate::clean::generic::top::{self, Distance};
use crate::clean::generic::{context, tags, wording};
use crate::clean::segment::HtmlBlock;
use crate::page::{BlockKind, Dom, Metadata};
use crate::text::as_f32;

/// Largest share of a page's words that a box beside the main content holds.
const BOX_SHARE: f32 = 0.1;

/// How many levels of elements are looked at.
pub const LEVELS: usize = 6;

/// Tags that are counted around a block.
pub const AROUND: [&str; 6] = ["article", "main", "section", "nav", "footer", "div"];

/// One of the elements around a block.
#[derive(Debug, Clone, Copy, Default)]
pub struct Level {
    /// What it holds; nothing where there is no such element.
    pub sums: Sums,
    /// Elements of the same kind beside it, itself included.
    pub alike: f32,
}

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
    /// The element that holds it, and the next ones above that each hold more than the one below.
    pub levels: [Level; LEVELS],
    /// How many such levels there are up to the body.
    pub level_count: f32,
    /// How many elements lie around it.
    pub depth: f32,
    /// How many of them are of the tags in [`AROUND`].
    pub around_it: [f32; AROUND.len()],
    /// The numbers of the tags of the element that holds it, and of the nearest block-level one.
    pub tags: (f32, f32),
    /// What the names of the elements around it are worth, by zone.
    pub names: NameScores,
    /// The same, all together, of the block before, the block after and the heading above.
    pub names_beside: [f32; 3],
    /// What its wording is worth.
    pub wording: f32,
    /// The same of the block after, the heading above, and the mean of its group.
    pub wording_beside: [f32; 3],
    /// Share of its words that stand in the title, share of the title's words that stand in it, and share of its words
    /// that stand in the description; each from 0 to 1.
    pub shared: [f32; 3],
    /// Its number, the number of blocks from it to the end, and its place among them from 0 to 1.
    pub place: [f32; 3],
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
    /// How many elements lie around the top node.
    pub top_depth: f32,
    /// Cells of tables.
    pub cells: f32,
    /// `time` elements.
    pub times: f32,
    /// Items of lists, navigation and all.
    pub items: f32,
    /// Headings of level 1.
    pub main_headings: f32,
    /// Bytes of JSON-LD.
    pub data_bytes: f32,
    /// The logarithms of the probabilities that it is of each kind.
    pub kinds: [f32; KINDS],
}

/// From which share of running text inside the top node on a page is one of running text.
const PROSE_SHARE: f32 = 0.5;

impl PageFeatures {
    /// Whether it is a page of running text.
    pub fn is_prose(&self) -> bool {
        self.prose_share() >= PROSE_SHARE
    }

    /// Words of running text inside the top node as a share of the page's, from 0 to 1.
    pub fn prose_share(&self) -> f32 {
        self.top.long_words / self.sums.words.max(1.0)
    }
}

/// The outline of a page's blocks and what each looks like: what features are read from.
struct Sight<'a> {
    outline: Outline,
    shapes: Vec<Shape>,
    open: Vec<&'a HtmlBlock>,
    top: usize,
}

/// Looks at all blocks of a page that no rule has removed; the answers are in the same order.
pub fn features(
    dom: &Dom,
    metadata: &Metadata,
    blocks: &[HtmlBlock],
    model: &Model,
) -> (PageFeatures, Vec<BlockFeatures>) {
    let open: Vec<&HtmlBlock> = blocks.iter().filter(|block| block.removal.is_none()).collect();
    let shapes: Vec<Shape> = open.iter().map(|block| Shape::of(block)).collect();
    let mut outline = Outline::build(dom, open.iter().copied(), &shapes, Some(model));
    if let Some(url) = &metadata.url {
        outline.census.read_address(url);
    }
    let top = top::find(&outline, &shapes);
    let sight = Sight {
        outline,
        shapes,
        open,
        top,
    };
    let page = of_page(&sight, model);
    let mut all: Vec<BlockFeatures> = (0..sight.open.len())
        .map(|at| of_block(dom, &sight, at, model))
        .collect();
    context::fill(&mut all, &sight.open, metadata, page.sums.words);
    (page, all)
}

fn of_page(sight: &Sight<'_>, model: &Model) -> PageFeatures {
    let share = |count: usize| as_f32(count) / as_f32(sight.open.len().max(1));
    let census = &sight.outline.census;
    let top = sight.outline.branches.get(sight.top);
    let mut page = PageFeatures {
        sums: sight.outline.page,
        top: top.map_or_else(Sums::default, |branch| branch.sums),
        money_share: share(sight.shapes.iter().filter(|shape| shape.money).count()),
        item_share: share(sight.open.iter().filter(|block| is_item(block)).count()),
        top_depth: top.map_or(0.0, |branch| as_f32(branch.depth)),
        cells: census.cells,
        times: census.times,
        items: census.items,
        main_headings: census.main_headings,
        data_bytes: census.data_bytes,
        kinds: [0.0; KINDS],
    };
    page.kinds = kind::kinds(&page, &census.signs, model);
    page
}

fn is_item(block: &HtmlBlock) -> bool {
    matches!(block.block.kind, BlockKind::ListItem { .. })
}

/// What can be told of a block without looking at the others.
fn of_block(dom: &Dom, sight: &Sight<'_>, at: usize, model: &Model) -> BlockFeatures {
    let (Some(block), Some(shape), Some(holder)) =
        (sight.open.get(at), sight.shapes.get(at), sight.outline.holders.get(at))
    else {
        return BlockFeatures::default();
    };
    let outline = &sight.outline;
    let tag = |node| dom.element(node).map_or("", |element| element.value().name());
    let count = sight.open.len();
    let mut features = BlockFeatures {
        shape: *shape,
        is_item: is_item(block),
        is_row: block.block.kind == BlockKind::TableRow,
        is_code: block.block.kind == BlockKind::Code,
        distance: top::distance(outline, sight.top, *holder),
        tags: (
            f32::from(tags::number(tag(block.holder))),
            f32::from(tags::number(tag(block.node))),
        ),
        names: outline.name_scores(*holder),
        wording: wording::score(&block.block.text, model),
        place: [as_f32(at), as_f32(count - at), as_f32(at) / as_f32(count)],
        ..BlockFeatures::default()
    };
    features.look_up(outline, *holder);
    let kinds = outline.path(*holder).take(3).map(|(_, branch)| branch.signature);
    features.group_key = kinds.fold(0, |key: u64, kind| key.rotate_left(21) ^ kind);
    features
}

impl BlockFeatures {
    /// Takes in what lies around the block, from the element that holds it up to the body.
    fn look_up(&mut self, outline: &Outline, holder: usize) {
        let mut filled = 0;
        for (grown, branch) in outline.growth(holder) {
            let zone = [0, 1, 1].get(grown).copied().unwrap_or(2);
            if let Some(roles) = self.zones.get_mut(zone) {
                *roles = roles.with(branch.roles);
            }
            if branch.sums.words <= outline.page.words * BOX_SHARE {
                self.boxes = self.boxes.with(branch.roles);
            }
            if grown == 0 {
                self.alike = branch.alike;
            }
            if (grown == 0 && self.depth == 0.0) || grown > filled {
                self.fill_level(grown, branch);
                filled = grown;
            }
            self.depth += 1.0;
            self.count_around(branch.tag);
        }
        self.level_count = as_f32(filled + 1);
    }

    fn fill_level(&mut self, at: usize, branch: &Branch) {
        if let Some(level) = self.levels.get_mut(at) {
            (level.sums, level.alike) = (branch.sums, branch.alike);
        }
    }

    fn count_around(&mut self, tag: u8) {
        static NUMBERS: LazyLock<[u8; AROUND.len()]> = LazyLock::new(|| AROUND.map(tags::number));
        let at = NUMBERS.iter().position(|around| *around == tag);
        if let Some(count) = at.and_then(|at| self.around_it.get_mut(at)) {
            *count += 1.0;
        }
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
