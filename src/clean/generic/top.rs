//! The top node: the element around which a page's running text gathers.

use crate::clean::generic::outline::{Branch, Outline};
use crate::clean::generic::roles::{Role, RoleSet};
use crate::clean::generic::shape::Shape;

/// Fewest words of a block that counts.
const WORDS_MIN: f32 = 8.0;

/// How much of its score a block passes to the elements above it, nearest first. Elements that hold nothing more than
/// the one below them are passed over.
const PASSED_UP: [f32; 4] = [1.0, 0.5, 0.33, 0.22];

/// Parts of a page that never are the main content, however much running text they hold.
const BESIDE: RoleSet = RoleSet::of(&[
    Role::Nav,
    Role::Footer,
    Role::Aside,
    Role::Modal,
    Role::Cookie,
    Role::Menu,
    Role::Hidden,
]);

/// What such a part's blocks are worth.
const BESIDE_FACTOR: f32 = 0.2;

/// The element that the blocks' scores speak for; the first one where the page has no running text at all.
pub fn find(outline: &Outline, shapes: &[Shape]) -> usize {
    let mut scores = vec![0.0_f32; outline.branches.len()];
    for (holder, shape) in outline.holders.iter().zip(shapes) {
        if shape.words >= WORDS_MIN {
            pass_up(outline, *holder, block_score(shape), &mut scores);
        }
    }
    let weighed = scores
        .iter()
        .zip(&outline.branches)
        .map(|(score, branch)| score * (1.0 - branch.sums.link_density()));
    weighed
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
        .map_or(0, |(at, _)| at)
}

fn pass_up(outline: &Outline, holder: usize, score: f32, scores: &mut [f32]) {
    let beside = outline.path(holder).any(|(_, branch)| branch.roles.meets(BESIDE));
    let score = if beside { score * BESIDE_FACTOR } else { score };
    let mut words = outline.branches.get(holder).map_or(0.0, |branch| branch.sums.words);
    let mut shares = PASSED_UP.iter();
    for (at, branch) in outline.path(holder).skip(1) {
        if branch.sums.words <= words {
            continue;
        }
        words = branch.sums.words;
        let Some(share) = shares.next() else { break };
        if let Some(total) = scores.get_mut(at) {
            *total += score * share;
        }
    }
}

/// Long blocks of several clauses and few links count most.
fn block_score(shape: &Shape) -> f32 {
    (1.0 + (shape.chars / 100.0).min(3.0) + 0.5 * shape.commas.min(5.0)) * (1.0 - shape.link_density)
}

/// How far an element lies from the top node.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Distance {
    /// Steps from the top node up to the nearest element that holds both; 0 inside the top node.
    pub up: f32,
    /// Steps from there down to the element.
    pub down: f32,
}

/// Measures the distance of an element from the top node.
pub fn distance(outline: &Outline, top: usize, from: usize) -> Distance {
    let (mut a, mut b) = (top, from);
    let mut distance = Distance::default();
    while a != b {
        let (Some(above), Some(below)) = (outline.branches.get(a), outline.branches.get(b)) else {
            break;
        };
        let step = |branch: &Branch| branch.parent.unwrap_or_default();
        if above.depth > below.depth {
            (a, distance.up) = (step(above), distance.up + 1.0);
        } else {
            (b, distance.down) = (step(below), distance.down + 1.0);
        }
    }
    distance
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::segment::{Marks, segment};
    use crate::limits::Limits;
    use crate::page::Dom;

    const TEXT: &str = "The council met on Monday, heard three speakers, and put off its vote until the week after.";

    fn top(html: &str) -> (Outline, usize) {
        let dom = Dom::parse(html, &Limits::default()).unwrap();
        let blocks = segment(&dom, &Marks::default());
        let shapes: Vec<Shape> = blocks.iter().map(Shape::of).collect();
        let outline = Outline::build(&dom, blocks.iter(), &shapes, None);
        let top = find(&outline, &shapes);
        (outline, top)
    }

    #[test]
    fn running_text_gathers_around_the_top_node() {
        let (outline, top) = top(&format!(
            "<body><div><a>Home page of the town we all live in</a></div><section><p>{TEXT}</p><p>{TEXT}</p></section>"
        ));
        assert!(outline.path(outline.holders[1]).any(|(at, _)| at == top));
        assert_eq!(
            distance(&outline, top, outline.holders[1]),
            Distance { up: 0.0, down: 1.0 }
        );
        assert!(distance(&outline, top, outline.holders[0]).up > 0.5);
    }

    #[test]
    fn long_text_beside_the_main_content_does_not_draw_the_top_node() {
        let (outline, top) = top(&format!(
            "<body><aside><p>{TEXT}</p><p>{TEXT}</p><p>{TEXT}</p></aside><main><p>{TEXT}</p><p>{TEXT}</p></main>"
        ));
        assert!(outline.path(outline.holders[4]).any(|(at, _)| at == top));
        assert!(!outline.path(outline.holders[0]).any(|(at, _)| at == top));
    }
}
