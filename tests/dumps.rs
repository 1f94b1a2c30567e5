//! Dumps that are clean already keep their words: the gold texts of the corpora beside the project, as dumps.
//!
//! The model was trained with these texts; what it does to those of domains it has not seen is measured by
//! `train/dumps` and told in docs/generic-cleaner.md.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use dehusk::clean::{CleanOptions, Fate, clean};
use dehusk::limits::Limits;
use dehusk::page::{PageHints, PageKind, RawPage};
use dehusk::rules::{RuleSet, shipped};
use dehusk::text::words;

/// Most words that clean dumps may lose, in the mean over the pages of a corpus, in per cent.
const LOSS_PERCENT_MAX: [(&str, f64); 2] = [("wcxb-dev", 1.0), ("fundus-dev", 1.0)];

#[test]
fn gold_texts_lose_next_to_none_of_their_words() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    if !corpora.is_dir() {
        println!("skipped: ../shared is absent");
        return;
    }
    let (rules, _) = RuleSet::assemble(shipped(), &[]);
    for (corpus, percent_max) in LOSS_PERCENT_MAX {
        let gold = fs::read_to_string(corpora.join(corpus).join("gold.jsonl")).unwrap();
        let mut losses: Vec<(f64, String)> = gold.lines().filter_map(|line| loss(line, &rules)).collect();
        losses.sort_by(|a, b| b.0.total_cmp(&a.0));
        #[expect(clippy::cast_precision_loss, reason = "few pages")]
        let mean = losses.iter().map(|(percent, _)| percent).sum::<f64>() / losses.len() as f64;
        println!("{corpus}: {mean:.2} % lost, most by {:?}", &losses[..8]);
        assert!(mean <= percent_max, "{corpus}: {mean:.2} % lost");
    }
}

/// The share of its words that a gold text loses, in per cent, and its page. What becomes the title is not lost.
fn loss(line: &str, rules: &RuleSet) -> Option<(f64, String)> {
    let page: serde_json::Value = serde_json::from_str(line).unwrap();
    let raw = RawPage {
        bytes: page["text"].as_str()?.as_bytes(),
        hints: PageHints::default(),
    };
    let options = CleanOptions { site_rules: false };
    let extraction = clean(&raw, rules, options, &Limits::default()).ok()?;
    if extraction.kind != PageKind::Text {
        return None;
    }
    let (mut lost, mut all) = (0, 0);
    for traced in &extraction.blocks {
        let own = words(&traced.block.text);
        all += own;
        lost += if matches!(traced.fate, Fate::Removed(_)) {
            own
        } else {
            0
        };
    }
    #[expect(clippy::cast_precision_loss, reason = "words of a page")]
    let percent = 100.0 * lost as f64 / all.max(1) as f64;
    Some((percent, page["id"].as_str()?.to_owned()))
}
