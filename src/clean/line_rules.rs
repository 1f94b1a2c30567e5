//! Applies the rules over lines, in a fixed order: join, cut before, cut from, drop blocks, drop lines, drop repeats,
//! split glued sentences, replace.
//!
//! Positions (`within`, `last`) count the lines that stood when the first of these rules began.

use std::sync::Arc;

use crate::clean::extraction::{Edit, Fate, Removal, TracedBlock, Warning};
use crate::clean::{repeats, resplit};
use crate::limits::Stop;
use crate::page::BlockKind;
use crate::rules::model::{BlockEnd, BlockRule, LineRule, ReplaceRule, Switch};
use crate::rules::pattern::{LineMatcher, LinePattern, LinePosition};
use crate::rules::{RuleInfo, SiteRules};
use crate::text::fold;

/// Largest share of a page's text, in percent of its characters, that one rule may drop line by line. A rule that
/// takes more has most likely come to match the article itself.
const DROP_PERCENT_MAX: usize = 90;

/// Pages of fewer lines are too small to judge by whether a rule takes too much.
const GUARD_LINES_MIN: usize = 5;

/// Applies all line rules of a site. Rules that would take too much are refused, with a warning. Ends early, with
/// anything, when the time is over.
pub fn apply(blocks: &mut Vec<TracedBlock>, rules: &SiteRules, stop: &Stop<'_>) -> Vec<Warning> {
    if let Some(join) = rules.rules.join_lines.as_ref().filter(|switch| switch.on) {
        join_lines(blocks, join);
    }
    let mut lines = Lines::new(blocks, rules, stop);
    lines.cut_before(&rules.cut_before, &rules.rules.cut_before);
    lines.cut_from(&rules.cut_from, &rules.rules.cut_from);
    let mut warnings: Vec<Warning> = rules
        .rules
        .drop_block
        .iter()
        .filter_map(|rule| lines.drop_block(rule))
        .collect();
    warnings.extend(lines.drop_lines(&rules.drop_line, &rules.rules.drop_line));
    if let Some(dedupe) = &rules.rules.dedupe {
        let protected = lines.protected.clone();
        let is_protected = |at: usize| protected.get(at).copied().unwrap_or(false);
        repeats::drop(lines.blocks, dedupe, is_protected, stop);
    }
    if let Some(resplit) = rules.rules.resplit.as_ref().filter(|switch| switch.on) {
        resplit::split(blocks, &resplit.info, stop);
    }
    for rule in &rules.rules.replace {
        replace(blocks, rule, stop);
    }
    warnings
}

/// The lines of a page while rules work on them.
struct Lines<'a> {
    blocks: &'a mut Vec<TracedBlock>,
    /// By block: where it stands among the lines, if it is one.
    positions: Vec<Option<LinePosition>>,
    /// By block: whether `keep-line` holds it.
    protected: Vec<bool>,
    stop: &'a Stop<'a>,
}

impl<'a> Lines<'a> {
    fn new(blocks: &'a mut Vec<TracedBlock>, rules: &SiteRules, stop: &'a Stop<'a>) -> Self {
        let count = blocks.iter().filter(|traced| traced.is_kept()).count();
        let mut next = 0..count;
        let positions: Vec<Option<LinePosition>> = blocks
            .iter()
            .map(|traced| {
                if traced.is_kept() {
                    next.next().map(|index| LinePosition { index, count })
                } else {
                    None
                }
            })
            .collect();
        let keeps = |(traced, position): (&TracedBlock, &Option<LinePosition>)| {
            position.is_some_and(|position| {
                let mut keeping = rules
                    .keep_line
                    .all(&rules.rules.keep_line, &traced.block.text, position);
                keeping.next().is_some()
            })
        };
        let pairs = blocks.iter().zip(&positions).take_while(|_| stop.goes_on());
        let protected = pairs.map(keeps).collect();
        Self {
            blocks,
            positions,
            protected,
            stop,
        }
    }

    /// The line rule that a block satisfies, if it is still there. No more lines satisfy any when the time is over.
    fn rule<'r>(&self, at: usize, matcher: &LineMatcher, rules: &'r [LineRule]) -> Option<&'r LineRule> {
        if !self.stop.goes_on() {
            return None;
        }
        let traced = self.blocks.get(at).filter(|traced| traced.is_kept())?;
        let position = self.positions.get(at).copied().flatten()?;
        if self.protected.get(at).copied().unwrap_or(false) {
            return None;
        }
        let next_fits = |rule: &&LineRule| rule.next.as_ref().is_none_or(|next| self.next_matches(at, next));
        matcher.all(rules, &traced.block.text, position).find(next_fits)
    }

    fn next_matches(&self, at: usize, pattern: &LinePattern) -> bool {
        let mut after = self.blocks.iter().skip(at + 1).filter(|traced| traced.is_kept());
        after.next().is_some_and(|traced| pattern.matches(&traced.block.text))
    }

    fn kept_chars(&self, range: std::ops::Range<usize>) -> usize {
        let blocks = self.blocks.get(range).unwrap_or_default();
        blocks
            .iter()
            .filter(|traced| !matches!(traced.fate, Fate::Removed(_)))
            .map(|traced| traced.block.text.chars().count())
            .sum()
    }

    fn remove(&mut self, range: std::ops::Range<usize>, removal: &Removal) {
        for at in range {
            let protected = self.protected.get(at).copied().unwrap_or(false);
            if let Some(traced) = self.blocks.get_mut(at).filter(|traced| traced.is_kept() && !protected) {
                traced.fate = Fate::Removed(removal.clone());
            }
        }
    }

    /// The start goes, up to the last line that a rule names and that leaves enough behind it.
    fn cut_before(&mut self, matcher: &LineMatcher, rules: &[LineRule]) {
        let count = self.blocks.len();
        let last = (0..count).rev().find_map(|at| {
            let rule = self.rule(at, matcher, rules)?;
            (self.kept_chars(at + 1..count) >= rule.min_kept).then_some((at, rule))
        });
        if let Some((at, rule)) = last {
            self.remove(0..at + 1, &Removal::by(&rule.info));
        }
    }

    /// The end goes, from the first line that a rule names and that leaves enough before it.
    fn cut_from(&mut self, matcher: &LineMatcher, rules: &[LineRule]) {
        let count = self.blocks.len();
        let first = (0..count).find_map(|at| {
            let rule = self.rule(at, matcher, rules)?;
            (self.kept_chars(0..at) >= rule.min_kept).then_some((at, rule))
        });
        if let Some((at, rule)) = first {
            self.remove(at..count, &Removal::by(&rule.info));
        }
    }

    fn drop_lines(&mut self, matcher: &LineMatcher, rules: &[LineRule]) -> Vec<Warning> {
        let hits: Vec<(usize, &LineRule)> = (0..self.blocks.len())
            .filter_map(|at| Some((at, self.rule(at, matcher, rules)?)))
            .collect();
        let refused = self.greedy(&hits);
        for (at, rule) in hits {
            if !refused.iter().any(|(greedy, _)| Arc::ptr_eq(greedy, &rule.info)) {
                self.remove(at..at + 1, &Removal::by(&rule.info));
            }
        }
        refused
            .into_iter()
            .map(|(rule, percent)| Warning::RuleRefused { rule, percent })
            .collect()
    }

    /// The rules that would drop more than [`DROP_PERCENT_MAX`] of the text, with how much.
    fn greedy(&self, hits: &[(usize, &LineRule)]) -> Vec<(Arc<RuleInfo>, u8)> {
        let kept: Vec<usize> = self
            .blocks
            .iter()
            .filter(|traced| traced.is_kept())
            .map(|traced| traced.block.text.len())
            .collect();
        let all: usize = kept.iter().sum();
        if kept.len() < GUARD_LINES_MIN || all == 0 {
            return Vec::new();
        }
        let mut taken: Vec<(&Arc<RuleInfo>, usize)> = Vec::new();
        for (at, rule) in hits {
            let bytes = self.blocks.get(*at).map_or(0, |traced| traced.block.text.len());
            match taken.iter_mut().find(|(info, _)| Arc::ptr_eq(info, &rule.info)) {
                Some((_, sum)) => *sum += bytes,
                None => taken.push((&rule.info, bytes)),
            }
        }
        let percents = taken
            .into_iter()
            .map(|(info, bytes)| (Arc::clone(info), bytes * 100 / all));
        percents
            .filter(|(_, percent)| *percent > DROP_PERCENT_MAX)
            .map(|(info, percent)| (info, u8::try_from(percent).unwrap_or(100)))
            .collect()
    }

    /// Every run that begins with the rule's line goes, up to its end.
    fn drop_block(&mut self, rule: &BlockRule) -> Option<Warning> {
        let from = std::slice::from_ref(&rule.from);
        let matcher = LineMatcher::new(from);
        let mut hits = Vec::new();
        let mut at = 0;
        while at < self.blocks.len() {
            let end = self.rule(at, &matcher, from).and_then(|_| self.block_end(at, rule));
            hits.extend((at..end.unwrap_or(at)).map(|line| (line, &rule.from)));
            at = end.unwrap_or(at + 1).max(at + 1);
        }
        if let Some((rule, percent)) = self.greedy(&hits).pop() {
            return Some(Warning::RuleRefused { rule, percent });
        }
        for (at, rule) in hits {
            self.remove(at..at + 1, &Removal::by(&rule.info));
        }
        None
    }

    fn block_end(&self, at: usize, rule: &BlockRule) -> Option<usize> {
        let mut after = self
            .blocks
            .iter()
            .enumerate()
            .skip(at + 1)
            .filter(|(_, traced)| traced.is_kept());
        let found = match &rule.until {
            BlockEnd::Count(count) => after.nth(*count),
            BlockEnd::Blank => after.find(|(_, traced)| traced.block.after_blank),
            BlockEnd::Prose => after.find(|(_, traced)| is_prose(&traced.block.text)),
            BlockEnd::Line(pattern) => after.find(|(_, traced)| pattern.matches(&traced.block.text)),
        };
        // A block of so many lines may be the last of the page, and so may one that a blank line would end, where the
        // page has blank lines at all.
        let has_blanks = || self.blocks.iter().any(|traced| traced.block.after_blank);
        let to_the_end = match rule.until {
            BlockEnd::Count(_) => true,
            BlockEnd::Blank => rule.open || has_blanks(),
            BlockEnd::Line(_) | BlockEnd::Prose => rule.open,
        };
        found.map(|(end, _)| end).or(to_the_end.then_some(self.blocks.len()))
    }
}

/// Whether a line reads like running text: some length and the end of a sentence. Scripts without blanks need less.
fn is_prose(line: &str) -> bool {
    const SENTENCE_ENDS: &[char] = &['.', '!', '?', '…', '。', '！', '？', '।', '؟', '۔'];
    let line = line.trim_end_matches(['"', '\'', '”', '’', '»', ')', '」']);
    let wide = line.chars().filter(|c| ('\u{2e80}'..='\u{ffdc}').contains(c)).count();
    line.ends_with(SENTENCE_ENDS) && line.chars().count() + 2 * wide >= 60
}

/// Joins the lines between two blank ones.
fn join_lines(blocks: &mut Vec<TracedBlock>, switch: &Switch) {
    let mut joined: Vec<TracedBlock> = Vec::with_capacity(blocks.len());
    for traced in blocks.drain(..) {
        let continues = traced.is_kept() && !traced.block.after_blank && traced.block.kind == BlockKind::Paragraph;
        match joined.last_mut().filter(|last| continues && last.is_kept()) {
            Some(last) => {
                if last.edits.is_empty() {
                    last.edits.push(Edit {
                        rule: switch.info.clone(),
                        before: last.block.text.clone(),
                    });
                }
                last.block.text.push(' ');
                last.block.text.push_str(&traced.block.text);
            }
            None => joined.push(traced),
        }
    }
    *blocks = joined;
}

/// Replaces in every kept line; a line of which nothing is left goes.
fn replace(blocks: &mut [TracedBlock], rule: &ReplaceRule, stop: &Stop<'_>) {
    let kept = blocks
        .iter_mut()
        .filter(|traced| traced.is_kept() && traced.block.text.len() <= crate::limits::PATTERN_LINE_BYTES_MAX);
    for traced in kept.take_while(|_| stop.goes_on()) {
        let replaced = rule.regex.replace_all(&traced.block.text, rule.with.as_str());
        if replaced == traced.block.text {
            continue;
        }
        let replaced = if traced.block.kind == BlockKind::Code {
            replaced.into_owned()
        } else {
            fold(&replaced).into_owned()
        };
        if replaced.trim().is_empty() {
            traced.remove(&rule.info);
        } else {
            let before = std::mem::replace(&mut traced.block.text, replaced);
            traced.edits.push(Edit {
                rule: rule.info.clone(),
                before,
            });
        }
    }
}
