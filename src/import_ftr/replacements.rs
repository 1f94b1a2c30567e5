//! Searches and replacements in the source of pages.

use crate::import_ftr::made::Made;
use crate::import_ftr::report::Outcome;
use crate::import_ftr::source::{Content, Line};
use crate::import_ftr::subject::escape;
use crate::import_ftr::toml_text::{inline_table, text};

/// What is searched and replaced in the source, pair by pair. The original drops them all where their numbers differ.
pub(super) struct Replacements {
    /// Line of the search, line of the replacement, and both.
    pairs: Vec<(usize, usize, String, String)>,
    searches: usize,
    substitutes: usize,
}

impl Replacements {
    /// Reads them from the lines of a file.
    pub(super) fn read(lines: &[Line]) -> Self {
        let mut finds: Vec<(usize, &str)> = Vec::new();
        let mut replacements: Vec<(usize, &str)> = Vec::new();
        for line in lines {
            let Content::Directive(directive) = &line.content else {
                continue;
            };
            match (directive.name.as_str(), &directive.argument) {
                ("find_string", None) => finds.push((line.number, &directive.value)),
                ("replace_string", None) => replacements.push((line.number, &directive.value)),
                ("replace_string", Some(argument)) => {
                    finds.push((line.number, argument));
                    replacements.push((line.number, &directive.value));
                }
                _ => {}
            }
        }
        let counts = (finds.len(), replacements.len());
        let pairs = finds.into_iter().zip(replacements);
        let pairs = pairs
            .map(|((at, find), (with_at, with))| (at, with_at, find.to_owned(), with.to_owned()))
            .collect();
        Self {
            pairs,
            searches: counts.0,
            substitutes: counts.1,
        }
    }

    fn fault(&self, line: usize) -> Option<String> {
        if self.searches != self.substitutes {
            return Some(format!(
                "{} searches and {} replacements: the original drops them all",
                self.searches, self.substitutes
            ));
        }
        let empty = self
            .pairs
            .iter()
            .any(|(at, with_at, find, _)| (*at == line || *with_at == line) && find.is_empty());
        empty.then(|| "it searches nothing".to_owned())
    }

    /// What becomes of a search.
    pub(super) fn outcome(&self, line: usize) -> Outcome {
        if self.fault(line).is_some() {
            Outcome::Dead
        } else {
            Outcome::Exact
        }
    }

    /// What to say about a search.
    pub(super) fn note(&self, line: usize) -> String {
        self.fault(line).unwrap_or_else(|| "it is part of a pair".to_owned())
    }

    /// The rule that the pair with this replacement comes to.
    pub(super) fn made(&self, line: usize) -> Made {
        if let Some(why) = self.fault(line) {
            return Made::nothing(Outcome::Dead, why);
        }
        let pair = self.pairs.iter().find(|(_, with_at, _, _)| *with_at == line);
        let rule = pair.map(|(_, _, find, with)| {
            inline_table(&[("re", text(&escape(find))), ("with", text(&with.replace('$', "$$")))])
        });
        Made::rules("html.replace", rule.into_iter().collect(), &[])
    }
}
