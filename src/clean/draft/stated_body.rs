//! A page that shows little of the text that its structured data states: scripts would load it, or a wall hides it. The
//! stated text then stands in the place of what is shown.

use std::sync::{Arc, LazyLock};

use rustc_hash::FxHashMap;

use super::Draft;
use crate::clean::extraction::{Method, TracedBlock, Warning};
use crate::clean::generic::word_set::each_word;
use crate::page::Block;
use crate::rules::{Class, RuleInfo};
use crate::text::{as_f32, fold, words};

/// Fewest words of a stated body that is a text by itself, and no teaser.
const WORDS_MIN: usize = 150;

/// Words of a run: two texts that share runs share wording, not only words.
const RUN_WORDS: usize = 3;

/// Largest share of its runs of words that a page may show of it.
const SHOWN_SHARE_MAX: f32 = 0.3;

/// The word F1 of bodies of articles in JSON-LD beside the texts that people have marked as main content: means of .89
/// over 38 news pages (Fundus) and .92 over 23 articles (WCXB).
const CONFIDENCE: f32 = 0.89;

/// Why what such a page shows goes.
static REPLACED: LazyLock<Arc<RuleInfo>> = LazyLock::new(|| {
    RuleInfo::built_in(
        "generic.stated-body",
        "the structured data of the page (JSON-LD) states a text of which the page shows little: that text stands in its place",
        Class::Boilerplate,
    )
});

/// Puts the stated body into the place of what a page without rules for its main content shows, where it shows little
/// of it.
pub(super) fn settle(draft: &mut Draft) {
    let Some(body) = draft.metadata.body.as_deref() else {
        return;
    };
    if draft.method == Method::Generic && take_in(&mut draft.blocks, body) {
        draft.warnings.push(Warning::StatedBody);
        draft.confidence = Some(CONFIDENCE);
    }
}

/// Takes the stated body in if the blocks show little of it. Whether it did.
fn take_in(blocks: &mut Vec<TracedBlock>, body: &str) -> bool {
    let stated = words(body);
    let kept = blocks.iter().filter(|traced| traced.is_kept());
    let kept: usize = kept.map(|traced| words(&traced.block.text)).sum();
    // Most pages show what they state, and to compare runs is work.
    if stated < WORDS_MIN || kept >= stated || shown_share(body, blocks) > SHOWN_SHARE_MAX {
        return false;
    }
    let at = blocks.iter().position(TracedBlock::is_kept).unwrap_or(blocks.len());
    for traced in blocks.iter_mut().filter(|traced| traced.is_kept()) {
        traced.remove(&REPLACED);
    }
    let paragraphs = body.lines().map(fold).filter(|line| !line.is_empty());
    let paragraphs = paragraphs.map(|line| TracedBlock::new(Block::paragraph(line), None));
    let after = blocks.split_off(at);
    blocks.extend(paragraphs);
    blocks.extend(after);
    true
}

/// Share of the different runs of a text that blocks hold, kept or not.
fn shown_share(body: &str, blocks: &[TracedBlock]) -> f32 {
    let mut words = Vec::new();
    let mut runs: FxHashMap<u64, bool> = FxHashMap::default();
    each_run(body, &mut words, |run| {
        runs.insert(run, false);
    });
    for traced in blocks {
        each_run(&traced.block.text, &mut words, |run| {
            if let Some(shown) = runs.get_mut(&run) {
                *shown = true;
            }
        });
    }
    let shown = runs.values().filter(|shown| **shown).count();
    as_f32(shown) / as_f32(runs.len().max(1))
}

fn each_run(text: &str, words: &mut Vec<u64>, visit: impl FnMut(u64)) {
    words.clear();
    each_word(text, |word| words.push(word));
    words.windows(RUN_WORDS).map(key).for_each(visit);
}

fn key(run: &[u64]) -> u64 {
    run.iter()
        .fold(0, |key: u64, word| key.rotate_left(21).wrapping_add(*word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::extraction::Fate;

    /// A text of so many paragraphs of ten words, each of its own.
    fn paragraphs(count: usize) -> Vec<String> {
        let word = |at: usize| format!("word{at}");
        (0..count)
            .map(|at| (at * 10..at * 10 + 10).map(word).collect::<Vec<_>>().join(" "))
            .collect()
    }

    fn body(count: usize) -> String {
        paragraphs(count).join("\n\n")
    }

    fn kept(blocks: &[TracedBlock]) -> Vec<String> {
        let kept = blocks.iter().filter(|traced| traced.is_kept());
        kept.map(|traced| traced.block.text.clone()).collect()
    }

    fn shown(texts: &[String]) -> Vec<TracedBlock> {
        let block = |text: &String| TracedBlock::new(Block::paragraph(text), None);
        texts.iter().map(block).collect()
    }

    #[test]
    fn a_body_that_the_page_hardly_shows_stands_in_its_place() {
        let mut blocks = shown(&paragraphs(2));
        blocks.push(TracedBlock::new(Block::paragraph("Subscribe to read on"), None));
        assert!(take_in(&mut blocks, &body(20)));
        assert_eq!(kept(&blocks), paragraphs(20));
        let gone: Vec<&TracedBlock> = blocks.iter().filter(|block| !block.is_kept()).collect();
        assert_eq!(gone.len(), 3);
        assert!(matches!(&gone[0].fate, Fate::Removed(removal) if removal.rule.key == "generic.stated-body"));
    }

    #[test]
    fn what_a_page_shows_stays_where_it_shows_much_of_the_body_or_the_body_is_short() {
        for (count, stated) in [(20, body(20)), (10, body(20)), (2, body(10)), (2, String::new())] {
            let before = shown(&paragraphs(count));
            let mut blocks = before.clone();
            assert!(!take_in(&mut blocks, &stated), "{count}");
            assert_eq!(blocks, before);
        }
    }

    #[test]
    fn a_page_that_shows_nothing_gets_its_stated_body() {
        let mut blocks = Vec::new();
        assert!(take_in(&mut blocks, &body(20)));
        assert_eq!(blocks.len(), 20);
    }
}
