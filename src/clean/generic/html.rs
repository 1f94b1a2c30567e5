//! Main content by structure, link density and text.

use rustc_hash::FxHashMap;

use crate::clean::expected_f1::{Choice, choice};
use crate::clean::extraction::Removal;
use crate::clean::generic::features::{self, BlockFeatures, PageFeatures};
use crate::clean::generic::model::Model;
use crate::clean::generic::roles::{Role, RoleSet};
use crate::clean::generic::{numbers, reasons};
use crate::clean::segment::HtmlBlock;
use crate::clean::trees;
use crate::page::{Dom, Metadata};

/// How much of a block's certainty comes from the other blocks of its group: items of one list stay or go together.
const GROUP_SHARE: f32 = 0.5;

/// Least certainty of a heading that stays with the text under it although by itself it would go.
const HEADING_CERTAINTY_MIN: f32 = 0.2;

/// Where no block is surer than this and no more words than that would stay, a page has no main content.
const EMPTY_CERTAINTY: f32 = 0.3;
const EMPTY_WORDS: f32 = 100.0;

/// What small boxes inside running text are for that never are part of it.
const BOXES: RoleSet = RoleSet::of(&[
    Role::Breadcrumb,
    Role::Cookie,
    Role::Footer,
    Role::Newsletter,
    Role::Related,
    Role::Share,
]);

/// Most words of a note inside `noscript` that asks to turn scripts on; posts of a forum are many more together.
const SCRIPT_NOTE_WORDS: f32 = 40.0;

/// Puts a removal on every block that is not main content; the F1 that such pages reach on average, from 0 to 1.
pub(super) fn judge(dom: &Dom, metadata: &Metadata, blocks: &mut [HtmlBlock], model: &Model) -> f32 {
    let (page, all) = features::features(dom, metadata, blocks, model);
    let (verdicts, expected) = verdicts(&page, &all, model);
    let open = blocks.iter_mut().filter(|block| block.removal.is_none());
    for (block, verdict) in open.zip(verdicts) {
        block.removal = verdict;
    }
    model.calibrated(expected)
}

/// How sure it is of every block that no rule has removed, items of one list leaning on each other.
pub(super) fn sure(dom: &Dom, metadata: &Metadata, blocks: &[HtmlBlock], model: &Model) -> Vec<f32> {
    let (page, all) = features::features(dom, metadata, blocks, model);
    even_out(&all, certainties(&page, &all, model))
}

/// How sure it is of every block, from 0 to 1, that it is main content.
fn certainties(page: &PageFeatures, all: &[BlockFeatures], model: &Model) -> Vec<f32> {
    let mut scores = Vec::with_capacity(all.len());
    let trees = model.trees();
    trees.scores_beside(&numbers::of_page(page), &numbers::of_blocks(page, all), &mut scores);
    scores.into_iter().map(trees::probability).collect()
}

/// Why each block goes, none for those that stay; and the F1 that is expected of the choice.
fn verdicts(page: &PageFeatures, all: &[BlockFeatures], model: &Model) -> (Vec<Option<Removal>>, f32) {
    let certainties = even_out(all, certainties(page, all, model));
    let (mut kept, expected) = choose(all, &certainties);
    if page.is_prose() {
        empty_boxes(all, &mut kept);
    }
    join_headings(all, &certainties, &mut kept);
    let notes = script_notes(all);
    let lone = if page.is_prose() {
        lone_headings(all, &kept)
    } else {
        vec![false; all.len()]
    };
    let reason = |at: usize| match (kept.get(at), notes.get(at), lone.get(at)) {
        (_, Some(true), _) => Some(reasons::script_note()),
        (_, _, Some(true)) => Some(reasons::lone_heading()),
        (Some(true), _, _) => None,
        _ => all.get(at).map(reasons::against),
    };
    ((0..all.len()).map(reason).collect(), expected)
}

/// Mixes every block's certainty with the mean of its group.
fn even_out(all: &[BlockFeatures], certainties: Vec<f32>) -> Vec<f32> {
    let mut groups: FxHashMap<u64, (f32, f32)> = FxHashMap::default();
    for (block, certainty) in all.iter().zip(&certainties) {
        let (sum, words) = groups.entry(block.group_key).or_default();
        *sum += certainty * block.shape.words;
        *words += block.shape.words;
    }
    let mean = |block: &BlockFeatures, own: f32| {
        groups
            .get(&block.group_key)
            .filter(|(_, words)| *words > 0.0)
            .map_or(own, |(sum, words)| sum / words)
    };
    all.iter()
        .zip(certainties)
        .map(|(block, own)| own + GROUP_SHARE * (mean(block, own) - own))
        .collect()
}

/// Chooses the blocks that together are expected to come nearest to the main content: with the surest first, as many
/// as make the expected F1 over words greatest. With that F1.
fn choose(all: &[BlockFeatures], certainties: &[f32]) -> (Vec<bool>, f32) {
    let parts = all
        .iter()
        .zip(certainties)
        .map(|(block, certainty)| (*certainty, block.shape.words));
    let Choice { best, least, .. } = choice(parts);
    let least = least.unwrap_or(f32::INFINITY);
    let kept: Vec<bool> = certainties.iter().map(|certainty| *certainty >= least).collect();
    let surest = certainties.iter().copied().fold(0.0, f32::max);
    let words: f32 = all
        .iter()
        .zip(&kept)
        .filter(|(_, kept)| **kept)
        .map(|(block, _)| block.shape.words)
        .sum();
    if surest < EMPTY_CERTAINTY && words < EMPTY_WORDS {
        (vec![false; all.len()], best)
    } else {
        (kept, best)
    }
}

/// Takes what boxes hold out of running text.
fn empty_boxes(all: &[BlockFeatures], kept: &mut [bool]) {
    for (block, kept) in all.iter().zip(kept) {
        *kept &= !block.boxes.meets(BOXES);
    }
}

/// A heading goes with the text right under it, where it is not certain by itself that it is none of it.
fn join_headings(all: &[BlockFeatures], certainties: &[f32], kept: &mut [bool]) {
    let mut text_stays = false;
    for ((block, certainty), kept) in all.iter().zip(certainties).zip(kept.iter_mut()).rev() {
        if block.shape.heading == 0 {
            text_stays = *kept && block.shape.is_long();
        } else if text_stays && *certainty >= HEADING_CERTAINTY_MIN {
            *kept = true;
        }
    }
}

/// Headings that would stay with no text left under them: none before the next heading of their level or a higher one.
fn lone_headings(all: &[BlockFeatures], kept: &[bool]) -> Vec<bool> {
    let mut lone = vec![false; all.len()];
    // For every level of heading whether text has been found before the next one of that level or a higher one.
    let mut covered = [false; 7];
    for ((block, kept), lone) in all.iter().zip(kept).zip(lone.iter_mut()).rev() {
        let level = usize::from(block.shape.heading);
        if level == 0 {
            covered = covered.map(|found| found || *kept);
            continue;
        }
        *lone = *kept && covered.get(level) == Some(&false);
        // What comes before this heading has no part in the text under it, but for higher headings.
        for found in covered.iter_mut().skip(level) {
            *found = false;
        }
    }
    lone
}

/// Notes inside `noscript` that ask to turn scripts on: few words, where the page has more outside.
fn script_notes(all: &[BlockFeatures]) -> Vec<bool> {
    const NOSCRIPT: RoleSet = RoleSet::of(&[Role::Noscript]);
    let inside: Vec<bool> = all.iter().map(|block| block.stands_in(NOSCRIPT)).collect();
    let words: f32 = all
        .iter()
        .zip(&inside)
        .filter(|(_, inside)| **inside)
        .map(|(block, _)| block.shape.words)
        .sum();
    if words <= SCRIPT_NOTE_WORDS {
        inside
    } else {
        vec![false; all.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::segment::{Marks, segment};
    use crate::limits::Limits;

    const FIRST: &str =
        "The council met on Monday, heard three speakers, and put off its vote until the week after next.";
    const SECOND: &str =
        "Two of the members had asked for more time, since the report of the office came late and was long.";
    const THIRD: &str =
        "What the new bridge will cost, nobody in the hall could say; the last estimate is eleven years old.";

    /// Every block with why it went.
    fn judged(body: &str) -> Vec<(String, Option<String>)> {
        let dom = Dom::parse(body, &Limits::default()).unwrap();
        let mut blocks = segment(&dom, &Marks::default());
        judge(&dom, &Metadata::default(), &mut blocks, Model::shipped());
        blocks
            .into_iter()
            .map(|block| (block.block.text, block.removal.map(|removal| removal.rule.key.clone())))
            .collect()
    }

    fn kept(body: &str) -> Vec<String> {
        judged(body)
            .into_iter()
            .filter(|(_, removal)| removal.is_none())
            .map(|(text, _)| text)
            .collect()
    }

    fn article(inside: &str) -> String {
        format!(
            "<body><nav><ul><li><a>Home</a><li><a>News</a><li><a>Sport</a></ul></nav><article><h1>No vote on the bridge</h1>\
             <p>{FIRST}</p><p>{SECOND}</p>{inside}<p>{THIRD}</p><p>{FIRST} Again.</p><p>{SECOND} Again.</p></article>\
             <footer><p>© The Paper</p><a>Imprint</a></footer>"
        )
    }

    fn why(body: &str, text: &str) -> Option<String> {
        judged(body)
            .into_iter()
            .find(|(found, _)| found == text)
            .expect("a block of that text")
            .1
    }

    #[test]
    fn the_text_of_an_article_stays_and_what_frames_it_goes_with_a_reason() {
        let page = article("");
        for text in [FIRST, SECOND, THIRD] {
            assert_eq!(why(&page, text), None);
        }
        assert_eq!(why(&page, "Sport").as_deref(), Some("generic.navigation"));
        assert_eq!(why(&page, "Imprint").as_deref(), Some("generic.page-footer"));
    }

    #[test]
    fn boxes_inside_an_article_go() {
        for (html, text) in [
            (
                "<div class=newsletter-signup><p>Get our letter every morning</p><button>Subscribe</button></div>",
                "Get our letter every morning",
            ),
            (
                "<aside class=related><h3>More</h3><ul><li><a>Old bridge closed</a><li><a>Mayor resigns</a></ul></aside>",
                "Mayor resigns",
            ),
            ("<div class=share-bar><a>Facebook</a><br><a>Mail</a></div>", "Mail"),
        ] {
            assert!(why(&article(html), text).is_some(), "{text}");
        }
    }

    #[test]
    fn a_cross_head_stays_with_the_text_under_it() {
        assert!(kept(&article("<h2>An old estimate</h2>")).contains(&"An old estimate".to_owned()));
    }

    #[test]
    fn posts_of_a_forum_inside_noscript_stay_and_notes_about_scripts_go() {
        let posts: String = [FIRST, SECOND, THIRD, FIRST, SECOND]
            .iter()
            .map(|text| format!("<div class='topic-body crawler-post'><div class=post><p>{text}</p></div></div>"))
            .collect();
        assert!(kept(&format!("<body><div id=main></div><noscript>{posts}</noscript>")).len() >= 3);
        let page =
            article("<noscript><p>Please turn on scripts to see everything on this page of ours.</p></noscript>");
        assert_eq!(
            why(&page, "Please turn on scripts to see everything on this page of ours.").as_deref(),
            Some("generic.script-note")
        );
    }

    fn features(levels: &[u8]) -> Vec<BlockFeatures> {
        let block = |level: &u8| {
            let mut block = BlockFeatures::default();
            block.shape.heading = *level;
            block.shape.words = 20.0;
            block
        };
        levels.iter().map(block).collect()
    }

    #[test]
    fn a_heading_is_lone_when_no_text_stays_before_the_next_of_its_level() {
        let all = features(&[1, 2, 0, 2, 3, 2, 0]);
        let lone = lone_headings(&all, &[true, true, false, true, true, true, true]);
        assert_eq!(lone, [false, true, false, true, true, false, false]);
    }

    #[test]
    fn blocks_are_chosen_for_the_best_expected_f1() {
        let all = features(&[0, 0, 0]);
        assert_eq!(choose(&all, &[0.9, 0.45, 0.1]).0, [true, true, false]);

        let few: Vec<BlockFeatures> = all.iter().take(2).cloned().collect();
        assert_eq!(choose(&few, &[0.2, 0.2]).0, [false, false]);
    }

    #[test]
    fn blocks_of_a_group_lean_on_each_other() {
        let even = even_out(&features(&[0, 0]), vec![1.0, 0.0]);
        assert!((even[0] - 0.75).abs() < 1e-6 && (even[1] - 0.25).abs() < 1e-6);
    }
}
