//! How learned rules do on samples that they have not seen: each sample is left out once, and cleaned by rules that were
//! learned from the others.

use std::collections::{BTreeMap, HashMap};

use super::read::Read;
use super::study::SURE_WORDS_MIN;
use super::worth::{judge, number};
use super::{Learner, layouts};
use crate::clean::{CleanOptions, Extraction, TracedBlock, clean_by};
use crate::page::{PageHints, RawPage};
use crate::rules::RuleSet;
use crate::text::{line_key, words};

/// Fewest samples of which one can be left out.
const LEFT_OUT_FROM: usize = 3;

/// Most samples that are left out in turn, evenly spread over all.
const LEFT_OUT_MAX: usize = 8;

/// Fewest words of a line whose repetition on other dumps makes it boilerplate.
const REPEAT_WORDS_MIN: usize = 4;

/// What a line is worth that the samples say nothing about: rules may part blocks otherwise.
const UNKNOWN_WORTH: f64 = 0.5;

/// What cleaning samples by rules that were learned without them says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// Samples that were cleaned.
    pub pages: usize,
    /// Whether each was left out; else there were too few, and rules were learned from all of them.
    pub left_out: bool,
    /// Agreement of the generic cleaner with what all samples together say, as a mean word F1.
    pub generic: f64,
    /// The same of the learned rules.
    pub learned: f64,
    /// The largest share of the words of a page, sure to be main content, that the rules lost: those learned without it or
    /// those learned from all.
    pub lost: f64,
}

/// What all samples together say about the blocks of one of them.
struct Reference {
    /// By the text of a block: its words (0 where it does not count), what it is worth, whether it is surely main content. In
    /// order, so that sums come out the same each time.
    blocks: BTreeMap<String, (f64, f64, bool)>,
}

impl Reference {
    /// How well a text agrees.
    fn agreement(&self, extraction: &Extraction) -> Agreement {
        let wanted: f64 = self.blocks.values().map(|(words, worth, _)| words * worth).sum();
        let (mut chosen, mut hits, mut found) = (0.0, 0.0, 0.0);
        for block in extraction.kept() {
            let count = number(words(&block.text));
            let known = self.blocks.get(&key_of(&block.text));
            let (count, worth, sure) = known.copied().unwrap_or((count, UNKNOWN_WORTH, false));
            chosen += count;
            hits += count * worth;
            found += if sure { count } else { 0.0 };
        }
        Agreement {
            f1: 2.0 * hits / (chosen + wanted).max(1.0),
            sure: found,
        }
    }
}

/// How well a text agrees with a reference.
#[derive(Clone, Copy)]
struct Agreement {
    /// As an F1 over words.
    f1: f64,
    /// Words in it that are surely main content.
    sure: f64,
}

fn key_of(text: &str) -> String {
    line_key(text).to_lowercase()
}

/// Cleans samples by rules that were learned without them. Nothing where there are too few to learn from.
pub(super) fn estimate(learner: &Learner<'_>, read: &Read) -> Option<Estimate> {
    let count = read.count();
    let left_out = count >= LEFT_OUT_FROM;
    let step = count.div_ceil(LEFT_OUT_MAX).max(1);
    let references = references(learner, read);
    let (none, _) = RuleSet::assemble(crate::rules::shipped(), &[]);
    let of_all = learner.rules(&read.all())?;
    let (mut pages, mut generic, mut learned, mut lost) = (0, 0.0, 0.0, 0.0_f64);
    for (at, reference) in references.iter().enumerate().step_by(step) {
        let of_others = if left_out {
            Some(learner.rules(&read.without(at))?)
        } else {
            None
        };
        let by = |rules: &RuleSet| Some(reference.agreement(&cleaned(learner, at, rules, read)?));
        // What all samples teach is what will be used, and may be more than what all but one do.
        let by_all = by(&of_all);
        let (Some(before), Some(after), Some(by_all)) = (by(&none), of_others.as_ref().map_or(by_all, by), by_all)
        else {
            continue;
        };
        pages += 1;
        generic += before.f1;
        learned += after.f1;
        lost = lost
            .max(share_lost(before.sure, after.sure))
            .max(share_lost(before.sure, by_all.sure));
    }
    (pages > 0).then(|| Estimate {
        pages,
        left_out,
        generic: generic / number(pages),
        learned: learned / number(pages),
        lost,
    })
}

/// The share of words that went, of those that were there; nothing where there were none.
fn share_lost(before: f64, after: f64) -> f64 {
    (before - after).max(0.0) / before.max(1.0)
}

/// A sample cleaned by rules; by those of its site where there are some.
fn cleaned(learner: &Learner<'_>, at: usize, rules: &RuleSet, read: &Read) -> Option<Extraction> {
    let bytes = &learner.samples.pages.get(read.sample(at)?)?.bytes;
    let hints = PageHints {
        site: Some(learner.site.clone()),
        ..PageHints::default()
    };
    let is_known = rules.site_of_name(&learner.site).is_some();
    let options = CleanOptions { site_rules: is_known };
    clean_by(&RawPage { bytes, hints }, rules, options, learner.limits, learner.model).ok()
}

fn references(learner: &Learner<'_>, read: &Read) -> Vec<Reference> {
    let mut references = of_pages(read);
    references.extend(of_dumps(learner, read));
    references
}

/// What the blocks of pages are worth by all pages of their layout.
fn of_pages(read: &Read) -> Vec<Reference> {
    let pages = read.pages();
    let mut found: Vec<(usize, Reference)> = Vec::new();
    for group in layouts::group(&pages) {
        let of: Vec<_> = group.iter().filter_map(|at| pages.get(*at).copied()).collect();
        for (at, judged) in group.iter().zip(judge(&of)) {
            let blocks = judged.page.blocks.iter().zip(judged.worth).zip(judged.repeated);
            let blocks = blocks.enumerate().map(|(at, ((block, worth), repeated))| {
                let own = repeated <= 0.0 && !judged.outside.contains(&at);
                (block.key.clone(), (block.words, worth, own && block.is_surely_main()))
            });
            found.push((
                *at,
                Reference {
                    blocks: blocks.collect(),
                },
            ));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, reference)| reference).collect()
}

/// What the lines of dumps are worth: what the generic cleaner keeps, unless it stands on other dumps too. Short lines
/// behind one that stands on others, up to the next long one, count neither way: they are what lists of other stories
/// under a constant heading look like, and what titles under a menu look like.
fn of_dumps(learner: &Learner<'_>, read: &Read) -> Vec<Reference> {
    let dumps = read.dumps();
    let mut copies: HashMap<String, usize> = HashMap::new();
    for dump in &dumps {
        let keys: std::collections::BTreeSet<String> = dump.iter().map(|line| key_of(line)).collect();
        for key in keys {
            *copies.entry(key).or_insert(0) += 1;
        }
    }
    let (none, _) = RuleSet::assemble(crate::rules::shipped(), &[]);
    let reference = |at: usize| {
        let extraction = cleaned(learner, at, &none, read);
        let traced = extraction.into_iter().flat_map(|extraction| extraction.blocks);
        let mut after_repeat = false;
        let block = |traced: TracedBlock| {
            let (key, count) = (key_of(&traced.block.text), words(&traced.block.text));
            let repeats = copies.get(&key).is_some_and(|copies| *copies > 1);
            let is_long = number(count) >= SURE_WORDS_MIN;
            after_repeat = repeats || after_repeat && !is_long;
            let is_open = after_repeat && !repeats;
            let kept = traced.is_kept() && (!repeats || count < REPEAT_WORDS_MIN);
            let worth = if kept { 1.0 } else { 0.0 };
            let weight = if is_open { 0.0 } else { number(count) };
            (key, (weight, worth, kept && is_long))
        };
        Reference {
            blocks: traced.map(block).collect(),
        }
    };
    (0..dumps.len()).map(|at| reference(read.pages().len() + at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_had_nothing_to_lose_has_lost_nothing() {
        for (before, after, lost) in [(0.0, 0.0, 0.0), (40.0, 30.0, 0.25), (40.0, 40.0, 0.0), (0.0, 12.0, 0.0)] {
            assert!((share_lost(before, after) - lost).abs() < 1e-9, "{before} {after}");
        }
    }
}
