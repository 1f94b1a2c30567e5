//! Text dumps of sites without rules: what is main content is judged line by line, without any mark-up.
//!
//! A dump is a page whose mark-up is long gone. Its lines, those of wrapped paragraphs joined (`wrap`), are looked at one
//! by one (`line`) and together (`survey`); a learned model (`lines.trees`, described in `model.md`) says from some
//! numbers (`features`) how sure it is that each is main content; those that together are expected to come nearest to it
//! stay (`choose`), and from a dump that is clean already (`whole`) nothing goes.

mod choose;
pub mod features;
mod line;
mod reasons;
mod survey;
pub mod verdict;
pub mod whole;
mod words;
mod wrap;

use std::sync::LazyLock;

use crate::clean::dump::verdict::Paragraphs;
use crate::clean::extraction::{Fate, TracedBlock};
use crate::clean::trees::Trees;
use crate::page::{Block, Metadata};
use crate::text::words;

/// Fewest paragraphs of a dump that is judged: whole pages have more, and of fewer it is hard to tell.
const PARAGRAPHS_MIN: usize = 12;

/// Fewest words of a paragraph that reads like running text. A dump without one, such as a poem or a table of results, has
/// nothing that its other lines could stand out from: it is left alone.
const RUNNING_TEXT_WORDS: usize = 15;

/// Most paragraphs that are judged, so that work and memory stay in bounds; longer dumps are no single pages.
const PARAGRAPHS_MAX: usize = 50_000;

static MODEL: LazyLock<Trees> =
    LazyLock::new(|| Trees::parse(include_bytes!("lines.trees")).expect("a test reads the committed model"));

/// Puts a removal on every line of a dump that is not main content. Lines that rules have removed stay removed and are
/// not looked at. Where what stands before the main content goes, the title is looked for among it.
pub(super) fn judge(blocks: &mut [TracedBlock], metadata: &mut Metadata) {
    let open: Vec<usize> = (0..blocks.len())
        .filter(|at| blocks.get(*at).is_some_and(TracedBlock::is_kept))
        .collect();
    let lines: Vec<&Block> = blocks
        .iter()
        .filter(|traced| traced.is_kept())
        .map(|traced| &traced.block)
        .collect();
    let paragraphs = Paragraphs::of(&lines);
    if !is_judged(&lines, &paragraphs.sizes) {
        return;
    }
    let fates = fates(&paragraphs, metadata.title.is_none());
    let each = fates.iter().zip(&paragraphs.sizes);
    let by_line = each.flat_map(|(fate, size)| std::iter::repeat_n(fate, *size));
    for (at, fate) in open.into_iter().zip(by_line) {
        let Some(traced) = blocks.get_mut(at) else { continue };
        traced.fate = fate.clone();
        if *fate == Fate::Title {
            metadata.title = Some(traced.block.text.clone());
        }
    }
}

/// Whether a dump of these lines is judged, whose paragraphs have so many lines each; others are left alone.
pub fn is_judged(lines: &[&Block], sizes: &[usize]) -> bool {
    (PARAGRAPHS_MIN..=PARAGRAPHS_MAX).contains(&sizes.len()) && has_running_text(lines, sizes)
}

fn has_running_text(lines: &[&Block], sizes: &[usize]) -> bool {
    let mut rest = lines.iter();
    let mut sizes = sizes.iter();
    sizes.any(|size| rest.by_ref().take(*size).map(|line| words(&line.text)).sum::<usize>() >= RUNNING_TEXT_WORDS)
}

/// What becomes of each paragraph.
fn fates(paragraphs: &Paragraphs, title_is_open: bool) -> Vec<Fate> {
    let kept = paragraphs.kept(&paragraphs.certainties(&MODEL));
    let first = kept.iter().position(|kept| *kept).unwrap_or(0);
    let last = kept.iter().rposition(|kept| *kept).unwrap_or(0);
    let title = paragraphs
        .survey
        .title()
        .filter(|at| title_is_open && first > 0 && *at <= first);
    let fate = |(at, kept): (usize, &bool)| {
        let is_line = paragraphs.sizes.get(at) == Some(&1);
        if title == Some(at) && is_line {
            Fate::Title
        } else if *kept {
            Fate::Kept
        } else {
            Fate::Removed(reasons::against(&paragraphs.survey, at, first..=last))
        }
    };
    kept.iter().enumerate().map(fate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::lines;

    /// An invented page.
    const PAGE: &str = include_str!("page.txt");
    const EXAMPLES: &str = include_str!("lines.tsv");

    #[test]
    fn the_committed_model_is_of_these_features() {
        assert!(MODEL.features().iter().map(String::as_str).eq(features::names()));
    }

    #[test]
    fn the_committed_model_scores_as_its_trainer_did() {
        let mut told = 0;
        for line in EXAMPLES.lines() {
            let numbers: Vec<f32> = line.split('\t').map(|number| number.parse().unwrap()).collect();
            let mut found = Vec::new();
            MODEL.scores(&numbers[1..], &mut found);
            assert!(
                (found[0] - numbers[0]).abs() < 1e-4,
                "{} is not {}",
                found[0],
                numbers[0]
            );
            told += 1;
        }
        assert_eq!(told, 24);
    }

    const PARAGRAPHS: [&str; 6] = [
        "The council met on Monday, heard three speakers, and put off its vote on the bridge until the week after next.",
        "Two of the members had asked for more time, since the report of the office came late and was long.",
        "What the new bridge will cost, nobody in the hall could say; the last estimate is eleven years old.",
        "“We have waited for nine winters,” said Ada Holm, who lives on the far bank, “and we can wait for two weeks.”",
        "The old bridge was closed to cars in the spring, after a plank had broken under the van of the baker.",
        "Until it is decided the ferry goes every hour, and in the evening as long as there is somebody to row it.",
    ];

    fn judged(text: &str) -> (Vec<TracedBlock>, Metadata) {
        let mut blocks: Vec<TracedBlock> = lines::blocks(text)
            .into_iter()
            .map(|block| TracedBlock::new(block, None))
            .collect();
        let mut metadata = Metadata::default();
        judge(&mut blocks, &mut metadata);
        (blocks, metadata)
    }

    #[test]
    fn what_frames_the_text_of_a_dump_goes_with_a_reason() {
        let (blocks, metadata) = judged(PAGE);
        let kept: Vec<&str> = blocks
            .iter()
            .filter(|traced| traced.is_kept())
            .map(|traced| traced.block.text.as_str())
            .collect();
        assert_eq!(kept, PARAGRAPHS);
        assert_eq!(metadata.title.as_deref(), Some("No vote on the bridge"));
        let key = |text: &str| {
            let traced = blocks.iter().find(|traced| traced.block.text == text).unwrap();
            match &traced.fate {
                Fate::Removed(removal) => removal.rule.key.clone(),
                _ => String::new(),
            }
        };
        assert_eq!(key("Share on Facebook"), "generic.share-bar");
        assert_eq!(key("Weather"), "generic.before-main-content");
        assert_eq!(key("Mayor resigns"), "generic.after-main-content");
    }

    #[test]
    fn a_dump_without_running_text_is_left_alone() {
        let verses = "Home\nLeave a Reply\nthe kettle is where the kettle was,\nand so am I.\n".repeat(6);
        let (blocks, _) = judged(&verses);
        assert!(blocks.iter().all(TracedBlock::is_kept));
    }

    #[test]
    fn nothing_goes_from_a_dump_that_is_clean() {
        let text = PARAGRAPHS.join("\n\n");
        let (blocks, _) = judged(&format!("No vote on the bridge\n\n{text}\n\nThe ferry\n\n{text}"));
        assert_eq!(blocks.len(), 14);
        assert!(blocks.iter().all(TracedBlock::is_kept));
    }

    fn wrapped_at_60(line: &str) -> String {
        let (mut wrapped, mut length) = (String::new(), 0);
        for word in line.split(' ') {
            let full = length > 0 && length + 1 + word.chars().count() > 60;
            length = usize::from(!full) * length + 1 + word.chars().count();
            wrapped.push_str(if full { "\n" } else { " " });
            wrapped.push_str(word);
        }
        wrapped
    }

    #[test]
    fn the_lines_of_a_wrapped_paragraph_share_their_fate() {
        let wrapped: String = PAGE.lines().map(|line| wrapped_at_60(line) + "\n").collect();
        let (blocks, _) = judged(&wrapped);
        let kept: Vec<&str> = blocks
            .iter()
            .filter(|traced| traced.is_kept())
            .map(|traced| traced.block.text.as_str())
            .collect();
        assert!(kept.len() > PARAGRAPHS.len());
        assert_eq!(kept.join(" "), PARAGRAPHS.join(" "));
    }

    #[test]
    fn the_features_are_those_that_were_trained_on() {
        let blocks = lines::blocks(PAGE);
        let page = Paragraphs::of(&blocks.iter().collect::<Vec<_>>());
        let found: String = features::rows(&page.survey)
            .chunks(features::names().count())
            .map(|row| {
                row.iter()
                    .map(|number| format!("{number:.3}"))
                    .collect::<Vec<_>>()
                    .join("\t")
                    + "\n"
            })
            .collect();
        assert_eq!(found, include_str!("features.tsv"), "train anew: train/dumps");
    }
}
