//! What the model is trained on: the words and signs of a page that the tables of the model weigh.

use crate::clean::generic::outline::Outline;
use crate::clean::generic::shape::Shape;
use crate::clean::generic::{names, wording};
use crate::clean::segment::HtmlBlock;
use crate::page::{Dom, Metadata};

/// The words that count for a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockWords {
    /// Words of the names of the elements around it, each after the number of its zone and a colon.
    pub names: Vec<String>,
    /// Words of its text.
    pub wording: Vec<String>,
}

/// The signs of the page's kind, and for every block the words that count for it.
pub fn words(dom: &Dom, metadata: &Metadata, blocks: &[HtmlBlock]) -> (Vec<String>, Vec<BlockWords>) {
    let shapes: Vec<Shape> = blocks.iter().map(Shape::of).collect();
    let mut outline = Outline::build(dom, blocks.iter(), &shapes, None);
    if let Some(url) = &metadata.url {
        outline.census.read_address(url);
    }
    let all = blocks
        .iter()
        .zip(&outline.holders)
        .map(|(block, holder)| BlockWords {
            names: names_around(dom, &outline, *holder),
            wording: collect(|visit| wording::each_word(&block.block.text, visit)),
        })
        .collect();
    (outline.census.signs, all)
}

fn names_around(dom: &Dom, outline: &Outline, holder: usize) -> Vec<String> {
    let mut all = Vec::new();
    for (zone, branch) in outline.zones(holder) {
        let Some(element) = dom.element(branch.node) else {
            continue;
        };
        names::each_word(element.value(), &mut |word| all.push(format!("{}:{word}", zone as u8)));
    }
    all
}

fn collect(each: impl FnOnce(&mut dyn FnMut(&str))) -> Vec<String> {
    let mut all = Vec::new();
    each(&mut |word| all.push(word.to_owned()));
    all
}
