//! From the lines of a dump to how sure it is that each is main content, and which of them stay.

use crate::clean::dump::choose::choose;
use crate::clean::dump::features::rows;
use crate::clean::dump::line::Line;
use crate::clean::dump::survey::Survey;
use crate::clean::dump::whole;
use crate::clean::dump::wrap::paragraphs;
use crate::clean::expected_f1::choice;
use crate::clean::trees::{Trees, probability};
use crate::page::Block;

/// A dump's paragraphs: its lines, wrapped ones joined.
#[derive(Debug)]
pub struct Paragraphs {
    /// How many lines each has.
    pub sizes: Vec<usize>,
    /// What they look like together.
    pub survey: Survey,
}

impl Paragraphs {
    /// Looks at the lines of a dump.
    pub fn of(lines: &[&Block]) -> Self {
        let sizes = paragraphs(lines);
        let mut rest = lines.iter();
        let joined = sizes.iter().map(|size| {
            let mut texts = rest.by_ref().take(*size).map(|line| line.text.as_str());
            match (size, texts.next()) {
                (1, Some(text)) => Line::of(text),
                (_, first) => {
                    let texts: Vec<&str> = first.into_iter().chain(texts).collect();
                    Line::of(&texts.join(" "))
                }
            }
        });
        let survey = Survey::of(joined.collect());
        Self { sizes, survey }
    }

    /// How sure it is that each is main content, from 0 to 1.
    pub fn certainties(&self, model: &Trees) -> Vec<f32> {
        let mut scores = Vec::with_capacity(self.sizes.len());
        model.scores(&rows(&self.survey), &mut scores);
        scores.into_iter().map(probability).collect()
    }

    /// Which stay.
    pub fn kept(&self, certainties: &[f32]) -> Vec<bool> {
        choose(&self.weighed(certainties))
    }

    /// What is known of them as a whole, for the question whether the dump is clean already.
    pub fn whole(&self, certainties: &[f32]) -> [f32; whole::NAMES.len()] {
        let paragraphs = self.weighed(certainties);
        whole::numbers(&paragraphs, choice(paragraphs.iter().copied()).best)
    }

    /// How sure it is of each, with its words.
    fn weighed(&self, certainties: &[f32]) -> Vec<(f32, f32)> {
        let lines = (0..self.survey.len()).filter_map(|at| self.survey.line(at));
        let words = lines.map(|line| line.runs);
        certainties.iter().copied().zip(words).collect()
    }
}
