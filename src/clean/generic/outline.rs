//! The elements above the blocks of a page, each with what it holds: the tree without its leaves.

use ego_tree::NodeId;
use html5ever::local_name;
use rustc_hash::FxHashMap;
use scraper::ElementRef;
use scraper::node::Element;

use crate::clean::generic::census::{self, Census};
use crate::clean::generic::model::Model;
use crate::clean::generic::names::{NameScores, Names, ZONES, Zone};
use crate::clean::generic::roles::{self, RoleSet};
use crate::clean::generic::shape::Shape;
use crate::clean::generic::tags;
use crate::clean::segment::HtmlBlock;
use crate::page::Dom;
use crate::page::elements::known_attribute;
use crate::text::Fnv64;

/// An element that holds more than this share of a page's words is a wrapper of the page: its names say what the page
/// is or has, not what this part of it is for.
const WRAPPER_SHARE: f32 = 0.8;

/// How many classes count in telling whether two elements are of the same kind.
const SIGNATURE_CLASSES: usize = 2;

/// On pages of no more blocks than this nothing is a wrapper.
const WRAPPER_BLOCKS: f32 = 3.0;

/// How far up a paragraph may stand from the text that it holds, in elements.
const PARAGRAPH_STEPS: usize = 3;

/// What a part of the page adds up to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sums {
    /// Words.
    pub words: f32,
    /// Words inside links.
    pub link_words: f32,
    /// Blocks.
    pub blocks: f32,
    /// Blocks that read like running text.
    pub long_blocks: f32,
    /// Words of blocks that read like running text.
    pub long_words: f32,
    /// Marks that end sentences.
    pub sentence_marks: f32,
    /// Headings.
    pub headings: f32,
    /// Words in paragraphs of their own.
    pub paragraph_words: f32,
    /// Links.
    pub links: f32,
    /// Images.
    pub images: f32,
    /// Fields and buttons.
    pub controls: f32,
}

impl Sums {
    /// What one block adds.
    pub fn of(shape: &Shape) -> Self {
        let long = f32::from(u8::from(shape.is_long()));
        Self {
            words: shape.words,
            link_words: shape.words * shape.link_density,
            blocks: 1.0,
            long_blocks: long,
            long_words: long * shape.words,
            sentence_marks: shape.sentence_marks,
            headings: f32::from(u8::from(shape.heading > 0)),
            ..Self::default()
        }
    }

    /// Adds other sums.
    pub fn add(&mut self, other: &Self) {
        self.words += other.words;
        self.link_words += other.link_words;
        self.blocks += other.blocks;
        self.long_blocks += other.long_blocks;
        self.long_words += other.long_words;
        self.sentence_marks += other.sentence_marks;
        self.headings += other.headings;
        self.paragraph_words += other.paragraph_words;
        self.links += other.links;
        self.images += other.images;
        self.controls += other.controls;
    }

    /// Words inside links as a share, from 0 to 1.
    pub fn link_density(&self) -> f32 {
        if self.words > 0.0 {
            self.link_words / self.words
        } else {
            0.0
        }
    }
}

/// An element that holds blocks.
#[derive(Debug, Clone)]
pub struct Branch {
    /// The number of the element above it; none for the body.
    pub parent: Option<usize>,
    /// How many elements of the outline lie above it.
    pub depth: usize,
    /// What its mark-up says it is for.
    pub roles: RoleSet,
    /// What the words of its tag and names are worth, by the zone that it lies in for a block.
    pub scores: NameScores,
    /// The element.
    pub node: NodeId,
    /// The number of its tag in the table of tags.
    pub tag: u8,
    /// The same for elements of the same kind: tag, first classes.
    pub signature: u64,
    /// What it holds.
    pub sums: Sums,
    /// How many elements of the same kind stand beside it, itself included.
    pub alike: f32,
}

/// The elements above the blocks of a page.
#[derive(Debug, Default)]
pub struct Outline {
    /// The elements; every one stands after its parent.
    pub branches: Vec<Branch>,
    /// For every block the element that holds it.
    pub holders: Vec<usize>,
    /// What the page holds.
    pub page: Sums,
    /// What has been counted on the way.
    pub census: Census,
}

/// What is needed only while an outline grows.
struct Growing<'d> {
    known: FxHashMap<NodeId, usize>,
    names: Names<'d>,
    /// For every branch what its names say.
    named: Vec<RoleSet>,
    /// The elements above a block that are not known yet; kept for its room.
    missing: Vec<ElementRef<'d>>,
}

impl Outline {
    /// Builds the outline of `blocks`, whose shapes stand in `shapes` in the same order.
    pub fn build<'a>(
        dom: &Dom,
        blocks: impl Iterator<Item = &'a HtmlBlock>,
        shapes: &[Shape],
        model: Option<&Model>,
    ) -> Self {
        let mut outline = Self::default();
        let mut growing = Growing {
            known: FxHashMap::default(),
            names: Names::new(model),
            named: Vec::new(),
            missing: Vec::new(),
        };
        for (block, shape) in blocks.zip(shapes) {
            let holder = outline.add_path(dom, block.holder, &mut growing);
            outline.holders.push(holder);
            outline.add_block(holder, &Sums::of(shape));
        }
        outline.census = census::take(dom, &growing.known, &mut outline.branches);
        outline.pass_up();
        outline.count_alike();
        outline.take_names(&growing.named);
        if let Some(body) = outline.branches.first() {
            outline.page = body.sums;
        }
        outline
    }

    /// Adds what a block holds to the element that holds it.
    fn add_block(&mut self, holder: usize, sums: &Sums) {
        let in_paragraph = self
            .path(holder)
            .take(PARAGRAPH_STEPS)
            .any(|(_, branch)| branch.tag == tags::PARAGRAPH);
        self.page.add(sums);
        if let Some(branch) = self.branches.get_mut(holder) {
            branch.sums.add(sums);
            branch.sums.paragraph_words += if in_paragraph { sums.words } else { 0.0 };
        }
    }

    /// The path from an element up, each with the zone that it lies in for what the element holds.
    pub fn zones(&self, from: usize) -> impl Iterator<Item = (Zone, &Branch)> {
        let most = self.page.words * WRAPPER_SHARE;
        self.growth(from).map(move |(grown, branch)| {
            let zone = match grown {
                _ if branch.sums.words > most && self.page.blocks > WRAPPER_BLOCKS => Zone::Wrapper,
                0 => Zone::Own,
                1 | 2 => Zone::Near,
                _ => Zone::Far,
            };
            (zone, branch)
        })
    }

    /// What the names of an element and of all above it are worth, by zone.
    pub fn name_scores(&self, from: usize) -> NameScores {
        let mut scores = [0.0; ZONES];
        for (zone, branch) in self.zones(from) {
            let at = zone as usize;
            if let (Some(sum), Some(score)) = (scores.get_mut(at), branch.scores.get(at)) {
                *sum += score;
            }
        }
        scores
    }

    /// The element and all above it, nearest first.
    pub fn path(&self, from: usize) -> impl Iterator<Item = (usize, &Branch)> {
        let mut next = Some(from);
        std::iter::from_fn(move || {
            let at = next?;
            let branch = self.branches.get(at)?;
            next = branch.parent;
            Some((at, branch))
        })
    }

    /// The path from an element up, each with how often the words held have grown on the way: 0 for what holds the
    /// same words as the element itself.
    pub fn growth(&self, from: usize) -> impl Iterator<Item = (usize, &Branch)> {
        let mut words = self.branches.get(from).map_or(0.0, |branch| branch.sums.words);
        let mut grown = 0;
        self.path(from).map(move |(_, branch)| {
            if branch.sums.words > words {
                words = branch.sums.words;
                grown += 1;
            }
            (grown, branch)
        })
    }

    /// Adds an element with all above it that are not known yet; its number.
    fn add_path<'d>(&mut self, dom: &'d Dom, node: NodeId, growing: &mut Growing<'d>) -> usize {
        let mut parent = None;
        let mut next = dom.element(node);
        while let Some(element) = next {
            parent = growing.known.get(&element.id()).copied();
            if parent.is_some() || element.value().name() == "html" {
                break;
            }
            growing.missing.push(element);
            next = element.parent().and_then(ElementRef::wrap);
        }
        while let Some(element) = growing.missing.pop() {
            let at = self.branches.len();
            let body = parent.is_none();
            let depth = parent
                .and_then(|above| self.branches.get(above))
                .map_or(0, |above| above.depth + 1);
            let roles = if body {
                RoleSet::default()
            } else {
                roles::of_tag(element.value())
            };
            let (named, scores) = growing.names.read(element.value());
            growing.named.push(if body { RoleSet::default() } else { named });
            let signature = signature(element.value());
            self.branches.push(Branch {
                parent,
                depth,
                roles,
                scores,
                node: element.id(),
                tag: tags::number(element.value().name()),
                signature,
                sums: Sums::default(),
                alike: 1.0,
            });
            growing.known.insert(element.id(), at);
            parent = Some(at);
        }
        parent.unwrap_or_default()
    }

    fn pass_up(&mut self) {
        for at in (0..self.branches.len()).rev() {
            let Some((Some(parent), sums)) = self.branches.get(at).map(|branch| (branch.parent, branch.sums)) else {
                continue;
            };
            if let Some(above) = self.branches.get_mut(parent) {
                above.sums.add(&sums);
            }
        }
    }

    fn count_alike(&mut self) {
        let mut counts: FxHashMap<(Option<usize>, u64), f32> = FxHashMap::default();
        for branch in &self.branches {
            *counts.entry((branch.parent, branch.signature)).or_default() += 1.0;
        }
        for branch in &mut self.branches {
            branch.alike = counts.get(&(branch.parent, branch.signature)).copied().unwrap_or(1.0);
        }
    }

    /// Adds what names say to what tags say, but for wrappers of the page.
    fn take_names(&mut self, names: &[RoleSet]) {
        let most = self.page.words * WRAPPER_SHARE;
        for (branch, named) in self.branches.iter_mut().zip(names) {
            if branch.sums.words <= most {
                branch.roles = branch.roles.with(*named);
            }
        }
    }
}

/// A hash of an element's tag and first classes.
fn signature(element: &Element) -> u64 {
    let class = known_attribute(element, &local_name!("class")).unwrap_or_default();
    let parts = std::iter::once(element.name()).chain(class.split_ascii_whitespace().take(SIGNATURE_CLASSES));
    Fnv64::of(parts.flat_map(|part| part.bytes().chain([b' '])))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::generic::roles::Role;
    use crate::clean::segment::{Marks, segment};
    use crate::limits::Limits;

    fn outline(html: &str) -> Outline {
        let dom = Dom::parse(html, &Limits::default()).unwrap();
        let blocks = segment(&dom, &Marks::default());
        let shapes: Vec<Shape> = blocks.iter().map(Shape::of).collect();
        Outline::build(&dom, blocks.iter(), &shapes, None)
    }

    #[test]
    fn branches_hold_what_stands_below_them() {
        let outline = outline("<body><div><p>one two</p><p>three</p></div><p>four</p>");
        let words: Vec<f32> = outline.branches.iter().map(|branch| branch.sums.words).collect();
        assert_eq!(words, [4.0, 3.0, 2.0, 1.0, 1.0]);
        assert!(outline.branches[outline.holders[1]].alike > 1.5);
    }

    #[test]
    fn only_elements_that_hold_more_count_as_growth() {
        let outline = outline("<body><p>a</p><div><div><p>b c</p></div></div>");
        let grown: Vec<usize> = outline.growth(outline.holders[1]).map(|(grown, _)| grown).collect();
        assert_eq!(grown, [0, 0, 0, 1]);
    }

    #[test]
    fn names_of_wrappers_of_the_page_do_not_count() {
        let html = "<body><div class=sidebar><p>one two three four five</p><p class=sidebar>six</p></div>";
        let outline = outline(html);
        let beside: Vec<bool> = outline
            .branches
            .iter()
            .map(|branch| branch.roles.has(Role::Aside))
            .collect();
        assert_eq!(beside, [false, false, false, true]);
    }
}
