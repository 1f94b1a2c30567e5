//! Patterns over whole lines: globs first, regular expressions where a glob will not do.
//!
//! This is the one place where patterns of users compile, under [`PATTERN_SIZE_MAX`].

use std::collections::HashMap;
use std::fmt;

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use crate::limits::{
    PATTERN_CACHE_EACH, PATTERN_CACHE_MAX, PATTERN_CACHE_MIN, PATTERN_LINE_BYTES_MAX, PATTERN_SIZE_MAX,
};
use crate::rules::model::LineRule;
use crate::text::line_key;

/// Lines that have nothing in common: neither length nor kind of characters.
const UNLIKE_LINES: &[&str] = &[
    "a",
    "7",
    "–",
    "字",
    "Some words of a sentence, which runs on for a while.",
];

/// A pattern for one line.
#[derive(Debug, Clone)]
pub enum LinePattern {
    /// The whole line, in the form of [`line_key`].
    Exact(String),
    /// Whatever the expression finds in the line. A glob is an anchored one.
    Regex(Regex),
}

/// Why a pattern does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternError {
    /// The expression is not valid; the text says where and why.
    Syntax(String),
    /// The expression compiles to more than [`PATTERN_SIZE_MAX`] bytes.
    TooLarge,
    /// The pattern is empty, or a glob that any line satisfies.
    MatchesAll,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(reason) => write!(f, "the pattern does not compile: {reason}"),
            Self::TooLarge => write!(f, "the pattern compiles to more than {PATTERN_SIZE_MAX} bytes"),
            Self::MatchesAll => f.write_str("the pattern matches every line"),
        }
    }
}

impl std::error::Error for PatternError {}

/// Compiles a regular expression of the user's.
pub fn regex(pattern: &str) -> Result<Regex, PatternError> {
    let built = if pattern.len() > PATTERN_SIZE_MAX {
        None
    } else {
        Some(RegexBuilder::new(pattern).size_limit(PATTERN_SIZE_MAX).build())
    };
    match built {
        Some(Ok(regex)) => Ok(regex),
        Some(Err(regex::Error::Syntax(reason))) => {
            // The last line of the parser's report names the reason; those before it draw the pattern.
            let reason = reason.lines().last().unwrap_or_default();
            Err(PatternError::Syntax(reason.trim_start_matches("error: ").to_owned()))
        }
        _ => Err(PatternError::TooLarge),
    }
}

impl LinePattern {
    /// A whole-line glob: `*` stands for any text, everything else for itself. White space and quotation marks are
    /// folded, see [`line_key`].
    pub fn glob(glob: &str) -> Result<Self, PatternError> {
        let key = line_key(glob);
        if key.chars().all(|c| c == '*' || c == ' ') {
            return Err(PatternError::MatchesAll);
        }
        if !key.contains('*') {
            return Ok(Self::Exact(key.into_owned()));
        }
        let body: String = key.chars().map(glob_part).collect();
        Ok(Self::Regex(regex(&format!("^{body}$"))?))
    }

    /// Whether it most likely matches every line: it does so for lines that have nothing in common.
    pub fn matches_all(&self) -> bool {
        UNLIKE_LINES.iter().all(|line| self.matches(line))
    }

    /// Whether the line, folded as blocks are, satisfies the pattern.
    pub fn matches(&self, line: &str) -> bool {
        match self {
            Self::Exact(key) => line_key(line) == *key,
            Self::Regex(regex) => line.len() <= PATTERN_LINE_BYTES_MAX && regex.is_match(line),
        }
    }
}

/// A glob on the path of an address: `*` stands for any text, slashes included.
pub fn path_glob(glob: &str) -> Result<Regex, PatternError> {
    if glob.is_empty() {
        return Err(PatternError::MatchesAll);
    }
    let body: Vec<String> = glob.split('*').map(regex::escape).collect();
    regex(&format!("^{}$", body.join(".*")))
}

/// One character of a glob as an expression. A straight quotation mark stands for its curly forms too.
fn glob_part(character: char) -> String {
    match character {
        '*' => ".*".to_owned(),
        '\'' => "['‘’‚‛′]".to_owned(),
        '"' => "[\"“”„‟″]".to_owned(),
        other => regex::escape(other.encode_utf8(&mut [0; 4])),
    }
}

/// Where a line stands among the lines of its page, blank ones not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinePosition {
    /// From 0.
    pub index: usize,
    /// How many lines there are.
    pub count: usize,
}

impl LinePosition {
    /// Whether it is one of the first `within` and of the last `last` lines, as far as these are asked for.
    pub fn allowed(self, within: Option<usize>, last: Option<usize>) -> bool {
        within.is_none_or(|n| self.index < n) && last.is_none_or(|n| self.index + n >= self.count)
    }
}

/// Finds which of many line rules a line satisfies, at a cost that hardly grows with their number: whole lines by one
/// look-up, the others by one pass of one automaton.
#[derive(Debug, Default)]
pub struct LineMatcher {
    exact: HashMap<String, Vec<usize>>,
    set: RegexSet,
    set_rules: Vec<usize>,
    /// Rules whose expression did not fit into the common automaton; tried one by one.
    single: Vec<(Regex, usize)>,
}

impl LineMatcher {
    /// Indexes rules; their order is their precedence.
    pub fn new(rules: &[LineRule]) -> Self {
        let mut matcher = Self::default();
        let mut regexes = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            for pattern in &rule.patterns {
                match pattern {
                    LinePattern::Exact(key) => matcher.exact.entry(key.clone()).or_default().push(index),
                    LinePattern::Regex(regex) => regexes.push((regex.clone(), index)),
                }
            }
        }
        let size = PATTERN_SIZE_MAX.saturating_mul(regexes.len().max(1));
        let automaton = (regexes.len() * PATTERN_CACHE_EACH).clamp(PATTERN_CACHE_MIN, PATTERN_CACHE_MAX);
        match RegexSetBuilder::new(regexes.iter().map(|(regex, _)| regex.as_str()))
            .size_limit(size)
            .dfa_size_limit(automaton)
            .build()
        {
            Ok(set) => (matcher.set, matcher.set_rules) = (set, regexes.into_iter().map(|(_, index)| index).collect()),
            Err(_) => matcher.single = regexes,
        }
        matcher
    }

    /// The rules that a line at a position satisfies, in their order. `rules` are those that the matcher was made of.
    pub fn all<'r>(
        &self,
        rules: &'r [LineRule],
        line: &str,
        position: LinePosition,
    ) -> impl Iterator<Item = &'r LineRule> {
        let candidates = self.candidates(line);
        let chars = if candidates.is_empty() { 0 } else { line.chars().count() };
        let rules = candidates.into_iter().filter_map(|index| rules.get(index));
        rules.filter(move |rule| {
            position.allowed(rule.within, rule.last) && rule.max_chars.is_none_or(|max| chars <= max)
        })
    }

    fn candidates(&self, line: &str) -> Vec<usize> {
        let mut found = Vec::new();
        if !self.exact.is_empty() {
            found.extend(self.exact.get(line_key(line).as_ref()).into_iter().flatten());
        }
        if line.len() <= PATTERN_LINE_BYTES_MAX {
            // Few lines satisfy anything, and to tell whether is cheaper than to tell what.
            if !self.set.is_empty() && self.set.is_match(line) {
                found.extend(self.set.matches(line).iter().filter_map(|at| self.set_rules.get(at)));
            }
            found.extend(
                self.single
                    .iter()
                    .filter(|(regex, _)| regex.is_match(line))
                    .map(|(_, index)| index),
            );
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_the_whole_line_with_folded_quotes() {
        let glob = LinePattern::glob("Editor's  pick: *").unwrap();
        assert!(glob.matches("Editor’s pick: a story"));
        assert!(!glob.matches("An Editor's pick: a story"));
        assert!(LinePattern::glob("Tags (all)").unwrap().matches("Tags (all)"));
    }

    #[test]
    fn a_glob_for_every_line_is_refused() {
        assert_eq!(LinePattern::glob(" * ").unwrap_err(), PatternError::MatchesAll);
        assert_eq!(LinePattern::glob("").unwrap_err(), PatternError::MatchesAll);
    }

    #[test]
    fn a_broken_or_huge_expression_says_so() {
        assert_eq!(regex("a(b").unwrap_err(), PatternError::Syntax("unclosed group".into()));
        assert_eq!(regex(r"\p{L}{500000}").unwrap_err(), PatternError::TooLarge);
    }

    #[test]
    fn positions_count_from_both_ends() {
        let position = LinePosition { index: 8, count: 10 };
        assert!(position.allowed(Some(9), Some(2)));
        assert!(!position.allowed(Some(8), None));
        assert!(!position.allowed(None, Some(1)));
    }
}
