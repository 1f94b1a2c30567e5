//! What the lines of a dump tell together: sums, distances, stretches of running text, copies, the line of the title.

use std::collections::{HashMap, HashSet};

use crate::clean::dump::line::{Line, Start};
use crate::text::as_f32;

/// Distances are counted up to this many paragraphs.
pub(super) const FAR: usize = 50;

/// Most paragraphs between two long ones of the same stretch.
const STRETCH_GAP: usize = 4;

/// Paragraphs before the largest stretch among which the title is looked for.
const TITLE_WITHIN: usize = 12;

/// Fewest and most words of a line that can be the title.
const TITLE_WORDS: std::ops::RangeInclusive<usize> = 2..=30;

/// What windows sum up.
#[derive(Debug, Clone, Copy)]
pub enum Sum {
    /// Words.
    Words,
    /// Paragraphs that read like running text.
    Long,
    /// Marks that end sentences.
    Marks,
    /// Words that frame pages.
    Framing,
    /// Paragraphs that end like a sentence.
    Ends,
    /// Paragraphs that stand in the dump more than once.
    Copies,
    /// Paragraphs with a sign of money.
    Money,
    /// Paragraphs with a year or a time of the day.
    Dates,
}

const SUMS: usize = 8;

/// Paragraphs of running text that stand close to each other.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stretch {
    first: usize,
    last: usize,
    words: f32,
}

/// A dump seen as a whole.
#[derive(Debug)]
pub struct Survey {
    lines: Vec<Line>,
    /// The sums of all paragraphs before each one, and at the end of all.
    before: Vec<[f32; SUMS]>,
    copies: Vec<f32>,
    previous_long: Vec<usize>,
    next_long: Vec<usize>,
    stretches: Vec<Stretch>,
    /// Which stretch is the one of the most words.
    largest: Option<Stretch>,
    /// Hashes of the words in the largest stretch, with how many of its paragraphs have them.
    told: HashMap<u32, u32>,
    title: Option<usize>,
    title_words: HashSet<u32>,
    signatures: Vec<u16>,
}

impl Survey {
    /// Looks at all paragraphs.
    pub fn of(lines: Vec<Line>) -> Self {
        let copies = copies(&lines);
        let stretches = stretches(&lines);
        let largest = stretches.iter().copied().max_by(|a, b| a.words.total_cmp(&b.words));
        let title = title(&lines, largest);
        let title_words = title
            .and_then(|at| lines.get(at))
            .map(|line| line.word_keys.iter().copied().collect());
        Self {
            before: sums(&lines, &copies),
            previous_long: distances(lines.iter()),
            next_long: {
                let mut distances = distances(lines.iter().rev());
                distances.reverse();
                distances
            },
            told: told(&lines, largest),
            title_words: title_words.unwrap_or_default(),
            signatures: lines.iter().map(signature).collect(),
            copies,
            stretches,
            largest,
            title,
            lines,
        }
    }

    /// How many paragraphs there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// A paragraph.
    pub fn line(&self, at: usize) -> Option<&Line> {
        self.lines.get(at)
    }

    /// The paragraph so many after it, or before it where negative.
    pub fn near(&self, at: usize, offset: isize) -> Option<&Line> {
        self.lines.get(at.checked_add_signed(offset)?)
    }

    /// A sum over the paragraphs before it.
    pub fn before(&self, at: usize, what: Sum) -> f32 {
        let sums = self.before.get(at.min(self.lines.len()));
        sums.and_then(|sums| sums.get(what as usize))
            .copied()
            .unwrap_or_default()
    }

    /// A sum over all paragraphs.
    pub fn all(&self, what: Sum) -> f32 {
        self.before(self.lines.len(), what)
    }

    /// A sum over a paragraph and as many on both sides.
    pub fn around(&self, at: usize, radius: usize, what: Sum) -> f32 {
        self.before(at + radius + 1, what) - self.before(at.saturating_sub(radius), what)
    }

    /// How often it stands in the dump besides.
    pub fn copies(&self, at: usize) -> f32 {
        self.copies.get(at).copied().unwrap_or_default()
    }

    /// Paragraphs back to the last long one before it.
    pub fn previous_long(&self, at: usize) -> f32 {
        self.previous_long.get(at).map_or(0.0, |distance| as_f32(*distance))
    }

    /// Paragraphs on to the next long one after it.
    pub fn next_long(&self, at: usize) -> f32 {
        self.next_long.get(at).map_or(0.0, |distance| as_f32(*distance))
    }

    /// The share of the words of its stretch, or of the one that is nearest, in those of all stretches.
    pub fn stretch_share(&self, at: usize) -> f32 {
        let all: f32 = self.stretches.iter().map(|stretch| stretch.words).sum();
        self.nearest(at).map_or(0.0, |stretch| stretch.words / all.max(1.0))
    }

    /// The words of its stretch, or of the one that is nearest.
    pub fn stretch_words(&self, at: usize) -> f32 {
        self.nearest(at).map_or(0.0, |stretch| stretch.words)
    }

    /// Paragraphs to the nearest stretch, 0 inside.
    pub fn to_stretch(&self, at: usize) -> f32 {
        self.nearest(at)
            .map_or(as_f32(FAR), |stretch| outside(at, stretch).abs())
    }

    /// Paragraphs to the largest stretch, negative before it, 0 inside.
    pub fn to_largest(&self, at: usize) -> f32 {
        self.largest.map_or(as_f32(FAR), |stretch| outside(at, stretch))
    }

    /// How many stretches there are.
    pub fn stretches(&self) -> f32 {
        as_f32(self.stretches.len())
    }

    /// The words of the largest stretch.
    pub fn largest_words(&self) -> f32 {
        self.largest.map_or(0.0, |stretch| stretch.words)
    }

    /// Where the line stands that looks like the title.
    pub fn title(&self) -> Option<usize> {
        self.title
    }

    /// Paragraphs since the title, negative before it.
    pub fn since_title(&self, at: usize) -> f32 {
        let far = as_f32(4 * FAR);
        let distance = |title: usize| (as_f32(at) - as_f32(title)).clamp(-far, far);
        self.title.map_or(far, distance)
    }

    /// The share of its words that stand in the title too.
    pub fn in_title(&self, at: usize) -> f32 {
        let Some(line) = self.lines.get(at) else { return 0.0 };
        let shared = line
            .word_keys
            .iter()
            .filter(|key| self.title_words.contains(key))
            .count();
        as_f32(shared) / as_f32(line.word_keys.len()).max(1.0)
    }

    /// The share of its words that other paragraphs of the largest stretch have too.
    pub fn told(&self, at: usize) -> f32 {
        let Some(line) = self.lines.get(at) else { return 0.0 };
        let inside = self
            .largest
            .is_some_and(|stretch| (stretch.first..=stretch.last).contains(&at));
        let own = u32::from(inside);
        let told = |key: &&u32| self.told.get(key).is_some_and(|count| *count > own);
        as_f32(line.word_keys.iter().filter(told).count()) / as_f32(line.word_keys.len()).max(1.0)
    }

    /// The share of the paragraphs around it that are shaped like it.
    pub fn alike(&self, at: usize, radius: usize) -> f32 {
        let Some(own) = self.signatures.get(at) else { return 0.0 };
        let around = self
            .signatures
            .iter()
            .skip(at.saturating_sub(radius))
            .take(radius.min(at) + radius + 1);
        let (alike, all) = around.fold((0_usize, 0_usize), |(alike, all), signature| {
            (alike + usize::from(signature == own), all + 1)
        });
        as_f32(alike.saturating_sub(1)) / as_f32(all.saturating_sub(1)).max(1.0)
    }

    fn nearest(&self, at: usize) -> Option<Stretch> {
        let after = self.stretches.partition_point(|stretch| stretch.last < at);
        let around = self.stretches.iter().skip(after.saturating_sub(1)).take(2).copied();
        around.min_by(|a, b| outside(at, *a).abs().total_cmp(&outside(at, *b).abs()))
    }
}

/// Paragraphs between one and a stretch, negative before it, 0 inside, never more than [`FAR`].
fn outside(at: usize, stretch: Stretch) -> f32 {
    if at < stretch.first {
        -as_f32((stretch.first - at).min(FAR))
    } else {
        as_f32(at.saturating_sub(stretch.last).min(FAR))
    }
}

fn copies(lines: &[Line]) -> Vec<f32> {
    let mut counts: HashMap<u64, u32> = HashMap::new();
    for line in lines {
        *counts.entry(line.key).or_default() += 1;
    }
    let count = |line: &Line| counts.get(&line.key).copied().unwrap_or(1).saturating_sub(1);
    lines.iter().map(|line| as_f32(count(line) as usize)).collect()
}

fn sums(lines: &[Line], copies: &[f32]) -> Vec<[f32; SUMS]> {
    let mut sum = [0.0; SUMS];
    let mut all = vec![sum];
    for (line, copies) in lines.iter().zip(copies) {
        let own = [
            line.words,
            f32::from(u8::from(line.is_long())),
            line.sentence_marks,
            line.framing(),
            f32::from(u8::from(line.ends_sentence)),
            f32::from(u8::from(*copies > 0.0)),
            f32::from(u8::from(line.money)),
            f32::from(u8::from(line.year || line.clock)),
        ];
        for (sum, own) in sum.iter_mut().zip(own) {
            *sum += own;
        }
        all.push(sum);
    }
    all
}

/// For every paragraph how many lie between it and the last long one before it, in the order of the iterator.
fn distances<'a>(lines: impl Iterator<Item = &'a Line>) -> Vec<usize> {
    let mut distance = FAR;
    let mut distances = Vec::new();
    for line in lines {
        distances.push(distance);
        distance = if line.is_long() { 1 } else { FAR.min(distance + 1) };
    }
    distances
}

fn stretches(lines: &[Line]) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.is_long()) {
        match stretches
            .last_mut()
            .filter(|stretch| at - stretch.last <= STRETCH_GAP + 1)
        {
            Some(stretch) => {
                stretch.last = at;
                stretch.words += line.words;
            }
            None => stretches.push(Stretch {
                first: at,
                last: at,
                words: line.words,
            }),
        }
    }
    stretches
}

fn told(lines: &[Line], largest: Option<Stretch>) -> HashMap<u32, u32> {
    let mut told: HashMap<u32, u32> = HashMap::new();
    let Some(stretch) = largest else { return told };
    let inside = lines.iter().skip(stretch.first).take(stretch.last - stretch.first + 1);
    for line in inside {
        let own: HashSet<u32> = line.word_keys.iter().copied().collect();
        for key in own {
            *told.entry(key).or_default() += 1;
        }
    }
    told
}

/// The line of the title: one that the first line, often the title of the window, holds; else the longest of the short
/// lines before the largest stretch of text.
fn title(lines: &[Line], largest: Option<Stretch>) -> Option<usize> {
    let fits = |line: &Line| TITLE_WORDS.contains(&line.word_keys.len()) && !line.ends_broken;
    let first = lines.first()?;
    let window: HashSet<u32> = first.word_keys.iter().copied().collect();
    let held = |line: &Line| {
        line.word_keys.len() * 5 >= first.word_keys.len() * 2 && line.word_keys.iter().all(|key| window.contains(key))
    };
    let mut later = lines.iter().enumerate().skip(1).filter(|(_, line)| fits(line));
    if let Some((at, _)) = later.find(|(_, line)| held(line)) {
        return Some(at);
    }
    let end = largest.map_or(lines.len(), |stretch| stretch.first);
    let before = lines
        .iter()
        .enumerate()
        .take(end)
        .skip(end.saturating_sub(TITLE_WITHIN));
    let short = before.filter(|(_, line)| fits(line) && !line.ends_sentence);
    short.max_by(|a, b| a.1.words.total_cmp(&b.1.words)).map(|(at, _)| at)
}

/// What a line looks like from afar: how it begins and ends, and about how long it is.
fn signature(line: &Line) -> u16 {
    const LENGTHS: [f32; 5] = [2.0, 4.0, 8.0, 15.0, 40.0];
    let length = LENGTHS.iter().filter(|length| line.words >= **length).count();
    let start = match line.start {
        Start::Capital => 0,
        Start::Small => 1,
        Start::Letter => 2,
        Start::Digit => 3,
        Start::Bullet => 4,
        Start::Opening => 5,
        Start::Other => 6,
    };
    let end = u16::from(line.ends_sentence) + 2 * u16::from(line.ends_broken);
    u16::try_from(length).unwrap_or_default() * 32 + start * 4 + end
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str =
        "The council met on Monday, heard three speakers, and put off its vote until the week after next.";

    fn survey(lines: &[&str]) -> Survey {
        Survey::of(lines.iter().map(|line| Line::of(line)).collect())
    }

    #[test]
    fn distances_count_to_the_long_lines_on_both_sides() {
        let survey = survey(&["Home", PROSE, "More", "News", PROSE]);
        assert_eq!((survey.previous_long(2), survey.next_long(2)), (1.0, 2.0));
        assert!((survey.previous_long(0) - as_f32(FAR)).abs() < f32::EPSILON);
    }

    #[test]
    fn stretches_bridge_short_lines_and_the_largest_is_known() {
        let mut lines = vec!["Home", PROSE, "A cross-head", PROSE, PROSE];
        lines.extend(["News"; 9]);
        lines.push(PROSE);
        let survey = survey(&lines);
        assert_eq!(
            (survey.stretches(), survey.to_largest(0), survey.to_largest(2)),
            (2.0, -1.0, 0.0)
        );
        assert_eq!((survey.to_largest(6), survey.to_stretch(12)), (2.0, 2.0));
    }

    #[test]
    fn the_title_is_found_by_the_title_of_the_window() {
        let lines = [
            "No vote on the bridge | The Paper",
            "Home",
            "No vote on the bridge",
            "By Ann",
            PROSE,
        ];
        assert_eq!(survey(&lines).title(), Some(2));
        assert_eq!(
            survey(&["Home", "No vote on the bridge", "By Ann", PROSE]).title(),
            Some(1)
        );
    }

    #[test]
    fn windows_end_with_the_dump() {
        let survey = survey(&["One two", "three", "four"]);
        assert!((survey.around(0, 1, Sum::Words) - 3.0).abs() < f32::EPSILON);
        assert!((survey.around(2, 8, Sum::Words) - 4.0).abs() < f32::EPSILON);
    }
}
