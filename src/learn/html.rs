//! Rules over the elements of pages of one layout, with the evidence for each.

use std::collections::BTreeSet;

use super::choice::{Choice, Strip, applied, choose, framing};
use super::held::{REPEATED_SURE_MAX, Why};
use super::rule::{LearnedRule, written};
use super::study::{StudiedBlock, StudiedPage};
use super::worth::{Judged, judge, number};

/// Fewest pages of a layout that rules are learned from.
pub(super) const PAGES_MIN: usize = 2;

/// Fewest words of a line that is dropped because it stands on several pages.
const LINE_WORDS_MIN: f64 = 5.0;

/// Fewest pages that have to have it where the generic cleaner is sure of it: two may say the same of one thing.
const SURE_LINE_PAGES_MIN: usize = 3;

/// Share of the other pages that have to have such a line.
const LINE_SHARE_MIN: f64 = 0.6;

/// Most such lines.
const LINES_MAX: usize = 12;

/// The rules that pages of one layout give, in the order of the file.
pub(super) fn learn(pages: &[&StudiedPage]) -> Vec<LearnedRule> {
    if pages.len() < PAGES_MIN {
        return Vec::new();
    }
    let judged = judge(pages);
    let choice = choose(&judged);
    let mut rules = evidence(&judged, &choice);
    rules.extend(lines(&judged, &choice));
    rules
}

/// The rules for what frames all pages of a site, whatever their layouts.
pub(super) fn frame(pages: &[&StudiedPage]) -> Vec<LearnedRule> {
    if pages.len() < PAGES_MIN {
        return Vec::new();
    }
    let judged = judge(pages);
    evidence(&judged, &framing(&judged))
}

fn evidence(judged: &[Judged<'_>], choice: &Choice) -> Vec<LearnedRule> {
    let keep = choice.keep.iter().map(|css| kept(judged, css));
    let strip = choice.strip.iter().map(|strip| stripped(judged, strip));
    keep.chain(strip).collect()
}

/// What can be seen of a selector on the pages: how many have it, its words on them, and its longest block near its
/// start.
struct Seen {
    pages: usize,
    words: f64,
    example: String,
}

fn seen(judged: &[Judged<'_>], css: &str) -> Seen {
    let mut seen = Seen {
        pages: 0,
        words: 0.0,
        example: String::new(),
    };
    for page in judged.iter().map(|judged| judged.page) {
        let Some(named) = page.named.get(css) else { continue };
        let inside: Vec<_> = named
            .ranges
            .iter()
            .cloned()
            .flatten()
            .filter_map(|at| page.blocks.get(at))
            .collect();
        seen.pages += usize::from(!inside.is_empty());
        seen.words += inside.iter().map(|block| block.words).sum::<f64>();
        let longest = inside.iter().take(4).max_by(|a, b| a.words.total_cmp(&b.words));
        if let Some(block) = longest.filter(|_| seen.example.is_empty()) {
            seen.example.clone_from(&block.text);
        }
    }
    seen
}

fn kept(judged: &[Judged<'_>], css: &str) -> LearnedRule {
    LearnedRule {
        key: "html.keep",
        pattern: css.to_owned(),
        written: super::rule::quoted(css),
        seen: seen(judged, css).pages,
        of: judged.len(),
        words: 0,
        why: "holds what the generic cleaner keeps",
        example: String::new(),
    }
}

fn stripped(judged: &[Judged<'_>], strip: &Strip) -> LearnedRule {
    let seen = seen(judged, &strip.css);
    LearnedRule {
        key: "html.strip",
        pattern: strip.css.clone(),
        written: written("css", &strip.css, &[]),
        seen: seen.pages,
        of: judged.len(),
        words: rounded(seen.words / number(seen.pages.max(1))),
        why: strip.why.told(),
        example: seen.example,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a mean of word counts"
)]
fn rounded(mean: f64) -> usize {
    mean.round() as usize
}

/// The places right above what is stripped as teasers: a heading that stands there has nothing left to head.
fn above_teasers(judged: &Judged<'_>, choice: &Choice) -> BTreeSet<usize> {
    let teasers = choice.strip.iter().filter(|strip| strip.why == Why::Teasers);
    let named = teasers.filter_map(|strip| judged.page.named.get(&strip.css));
    let starts = named.flat_map(|named| named.ranges.iter().map(|range| range.start));
    starts.filter_map(|start| start.checked_sub(1)).collect()
}

/// Lines that are left in the text although most pages have them: no selector names them alone.
fn lines(judged: &[Judged<'_>], choice: &Choice) -> Vec<LearnedRule> {
    let mut found: Vec<LearnedRule> = Vec::new();
    for one in judged {
        let mask = applied(one, choice);
        let heads = above_teasers(one, choice);
        for (at, ((block, repeated), kept)) in one.page.blocks.iter().zip(&one.repeated).zip(mask).enumerate() {
            let is_head = heads.contains(&at);
            let is_line = is_head || block.words >= LINE_WORDS_MIN && !block.heading;
            let is_known = found.iter().any(|rule| rule.pattern == block.text);
            if !kept || !is_line || is_known || *repeated < LINE_SHARE_MIN || found.len() >= LINES_MAX {
                continue;
            }
            let pages_min = if block.sure > REPEATED_SURE_MAX && !is_head {
                SURE_LINE_PAGES_MIN
            } else {
                PAGES_MIN
            };
            let line = line(block, judged).filter(|line| line.seen >= pages_min);
            found.extend(line);
        }
    }
    found
}

/// A rule that drops a line, if it can be written as one.
fn line(block: &StudiedBlock, judged: &[Judged<'_>]) -> Option<LearnedRule> {
    let holds = |other: &&Judged<'_>| other.page.blocks.iter().any(|other| other.key == block.key);
    (!block.text.contains(['*', '\n'])).then(|| LearnedRule {
        key: "text.drop-line",
        pattern: block.text.clone(),
        written: written("line", &block.text, &[]),
        seen: judged.iter().filter(holds).count(),
        of: judged.len(),
        words: rounded(block.words),
        why: "",
        example: String::new(),
    })
}
