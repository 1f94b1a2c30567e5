//! What still gets through: lines that stay in the texts of several pages of a site, the worst first.

use std::collections::{BTreeMap, BTreeSet};

use crate::clean::Extraction;
use crate::text::{line_key, words};

/// Fewest pages of a site that have to show a line.
const PAGES_MIN: usize = 3;

/// Fewest words of such a line: cross-heads repeat inside good text.
const WORDS_MIN: usize = 3;

/// Most lines that are remembered of a site; the memory grows no further.
const LINES_MAX: usize = 200_000;

/// A line that is worth a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The line, as a rule would name it.
    pub line: String,
    /// Pages that kept it.
    pub pages: usize,
    /// Words of it on all of them.
    pub words: usize,
}

/// What the texts of one site still hold.
#[derive(Debug, Clone, Default)]
pub struct Survey {
    pages: usize,
    /// By what they are compared by: how many pages kept a line, and its text on the first of them.
    lines: BTreeMap<String, (usize, String)>,
}

impl Survey {
    /// Looks at one more page. Headings and titles don't count.
    pub fn note(&mut self, extraction: &Extraction) {
        self.pages += 1;
        let kept: BTreeSet<&str> = extraction.kept().map(|block| block.text.as_str()).collect();
        for text in kept
            .into_iter()
            .filter(|text| words(text) >= WORDS_MIN && !text.contains('\n'))
        {
            let key = line_key(text).into_owned();
            if self.lines.len() >= LINES_MAX && !self.lines.contains_key(&key) {
                continue;
            }
            self.lines.entry(key).or_insert_with(|| (0, text.to_owned())).0 += 1;
        }
    }

    /// Pages that were looked at.
    pub fn pages(&self) -> usize {
        self.pages
    }

    /// The lines that stay on several pages, by words, the worst first.
    pub fn suggestions(&self) -> Vec<Suggestion> {
        let often = self.lines.values().filter(|(count, _)| *count >= PAGES_MIN);
        let mut found: Vec<Suggestion> = often
            .map(|(count, line)| Suggestion {
                words: words(line) * count,
                pages: *count,
                line: line.clone(),
            })
            .collect();
        found.sort_by(|a, b| b.words.cmp(&a.words).then_with(|| a.line.cmp(&b.line)));
        found
    }
}
