//! Rules over the lines of text dumps of one site: what repeats from dump to dump is boilerplate.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::dump_lines::{Line, heads_text, is_prose, key_of, last_before_prose, lines_behind, runs_from, title_suffix};
use super::generalise::glob_of;
use super::labels;
use super::rule::{LearnedRule, quoted, written};
use crate::rules::pattern::LinePattern;
use crate::text::{line_key, words};

/// Fewest dumps that rules are learned from.
pub(super) const DUMPS_MIN: usize = 2;

/// Share of a site's dumps that a line has to stand on, in fifths.
const FIFTHS_MIN: usize = 3;

/// Fewest words of a repeated line that goes wherever it stands.
const DROP_WORDS_MIN: usize = 4;

/// Most lines of each kind that are proposed.
const RULES_MAX: usize = 60;

/// Farthest from the top that a fingerprint's line stands, in lines.
const NEAR: usize = 12;

/// Most conditions of a fingerprint.
const CONDITIONS_MAX: usize = 3;

/// What is said where no line is fit for a fingerprint.
const UNTOLD: &str =
    "No line near the ends of the dumps tells this site from others: name it by folder, file name or sidecar.";

/// What is said where there are two dumps.
const ONLY_TWO: &str = "Two dumps only: what both share by chance can't be told from what all dumps share.";

/// What was learned from dumps.
#[derive(Debug, Clone, Default)]
pub(super) struct DumpRules {
    /// Rules, in the order of the file.
    pub(super) rules: Vec<LearnedRule>,
    /// Conditions that tell the site.
    pub(super) fingerprint: Vec<LearnedRule>,
    /// What could not be done, for the person who reads the file.
    pub(super) remarks: Vec<String>,
}

/// Learns from dumps of one site; `others` are dumps of other sites, which the fingerprint must not fit.
pub(super) fn learn(dumps: &[&[String]], others: &[Vec<String>]) -> DumpRules {
    if dumps.len() < DUMPS_MIN {
        return DumpRules::default();
    }
    let mut bench = Bench::new(dumps);
    let fingerprint = bench.fingerprint(others);
    let mut remarks = Vec::new();
    if fingerprint.is_empty() {
        remarks.push(UNTOLD.to_owned());
    }
    if dumps.len() == DUMPS_MIN {
        remarks.push(ONLY_TWO.to_owned());
    }
    let mut rules: Vec<LearnedRule> = title_suffix(dumps).into_iter().collect();
    rules.extend(labels::captures(dumps));
    rules.extend(bench.head());
    rules.extend(bench.tail());
    rules.extend(bench.blocks());
    rules.extend(bench.lines());
    DumpRules {
        rules,
        fingerprint,
        remarks,
    }
}

/// The dumps while rules are found one after the other.
struct Bench {
    dumps: Vec<Vec<Line>>,
}

impl Bench {
    fn new(dumps: &[&[String]]) -> Self {
        let mut copies: HashMap<String, usize> = HashMap::new();
        for dump in dumps {
            let keys: BTreeSet<String> = dump.iter().map(|line| key_of(line)).collect();
            for key in keys {
                *copies.entry(key).or_insert(0) += 1;
            }
        }
        let line = |text: &String| {
            let key = key_of(text);
            Line {
                copies: copies.get(&key).copied().unwrap_or(1),
                words: words(text),
                prose: is_prose(text),
                taken: false,
                text: text.clone(),
                key,
            }
        };
        Self {
            dumps: dumps.iter().map(|dump| dump.iter().map(line).collect()).collect(),
        }
    }

    /// How many dumps a line has to stand on.
    fn quorum(&self) -> usize {
        (self.dumps.len() * FIFTHS_MIN).div_ceil(5).max(DUMPS_MIN)
    }

    /// Keys of lines that all dumps have.
    fn common(&self) -> Vec<String> {
        let Some(first) = self.dumps.first() else {
            return Vec::new();
        };
        let mut seen = BTreeSet::new();
        let common = first.iter().filter(|line| line.copies == self.dumps.len());
        common
            .filter(|line| seen.insert(&line.key))
            .map(|line| line.key.clone())
            .collect()
    }

    /// The last line before the content that all dumps share, if there is nothing of their own before it.
    fn head(&mut self) -> Option<LearnedRule> {
        let candidates = self.common();
        let place = |key: &String| -> Option<usize> {
            let places: Option<Vec<usize>> = self.dumps.iter().map(|dump| last_before_prose(dump, key)).collect();
            places?.into_iter().min()
        };
        let (at, key) = candidates.iter().filter_map(|key| Some((place(key)?, key))).max()?;
        (at >= 2).then(|| self.cut("text.cut-before", key))?
    }

    /// The first line behind the content that all dumps share, if there is little running text behind it.
    fn tail(&mut self) -> Option<LearnedRule> {
        let candidates = self.common();
        let place = |key: &String| -> Option<usize> {
            let behind: Option<Vec<usize>> = self.dumps.iter().map(|dump| lines_behind(dump, key)).collect();
            behind?.into_iter().min()
        };
        let (behind, key) = candidates.iter().filter_map(|key| Some((place(key)?, key))).max()?;
        (behind >= 2).then(|| self.cut("text.cut-from", key))?
    }

    /// Writes a cut and takes the lines that it removes.
    fn cut(&mut self, name: &'static str, key: &str) -> Option<LearnedRule> {
        let (mut words, mut example) = (0, None);
        let mut texts = BTreeSet::new();
        for dump in &mut self.dumps {
            let mut places = dump
                .iter()
                .enumerate()
                .filter(|(_, line)| line.key == key)
                .map(|(at, _)| at);
            let at = if name == "text.cut-from" {
                places.next()
            } else {
                places.next_back()
            }?;
            texts.extend(dump.get(at).map(|line| line.text.clone()));
            let gone = if name == "text.cut-from" {
                dump.get_mut(at..)
            } else {
                dump.get_mut(..=at)
            };
            for line in gone.into_iter().flatten() {
                line.taken = true;
                words += line.words;
                example = example.or_else(|| (line.key != key).then(|| line.text.clone()));
            }
        }
        let glob = glob_of(&texts)?;
        Some(LearnedRule {
            key: name,
            written: written("line", &glob, &[]),
            pattern: glob,
            seen: self.dumps.len(),
            of: self.dumps.len(),
            words: words / self.dumps.len().max(1),
            why: "",
            example: example.unwrap_or_default(),
        })
    }

    /// Structures between paragraphs: a line that most dumps share, then lines of their own up to the next paragraph.
    fn blocks(&mut self) -> Vec<LearnedRule> {
        let mut rules = Vec::new();
        for (key, texts) in self.open_lines() {
            let runs: Vec<Option<Vec<(usize, usize)>>> = self.dumps.iter().map(|dump| runs_from(dump, &key)).collect();
            let Some(runs) = runs.into_iter().collect::<Option<Vec<_>>>() else {
                continue;
            };
            let begun: usize = runs.iter().map(Vec::len).sum();
            let (Some(glob), true) = (glob_of(&texts), begun >= DUMPS_MIN) else {
                continue;
            };
            let seen = runs.iter().filter(|runs| !runs.is_empty()).count();
            let places = self.dumps.iter_mut().zip(&runs);
            let words: usize = places.map(|(dump, runs)| take_runs(dump, runs)).sum();
            rules.push(LearnedRule {
                key: "text.drop-block",
                written: format!(
                    "{{ from = {}, until = \"prose\"{} }}",
                    quoted(&glob),
                    class_written(&glob)
                ),
                pattern: glob,
                seen,
                of: self.dumps.len(),
                words: words / seen.max(1),
                why: "",
                example: String::new(),
            });
        }
        rules
    }

    /// Lines that most dumps share and that no rule takes yet, with their texts.
    fn open_lines(&self) -> BTreeMap<String, BTreeSet<String>> {
        let quorum = self.quorum();
        let mut open: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for line in self
            .dumps
            .iter()
            .flatten()
            .filter(|line| !line.taken && line.copies >= quorum)
        {
            open.entry(line.key.clone()).or_default().insert(line.text.clone());
        }
        open
    }

    /// Lines that most dumps share. Short ones stay where they head a paragraph: cross-heads repeat too.
    fn lines(&mut self) -> Vec<LearnedRule> {
        let quorum = self.quorum();
        let mut rules: Vec<(usize, LearnedRule)> = Vec::new();
        for (key, texts) in self.open_lines() {
            let places = self.dumps.iter().flat_map(|dump| {
                dump.iter()
                    .enumerate()
                    .filter(|(_, line)| line.key == key && !line.taken)
                    .map(move |(at, _)| (dump, at))
            });
            let places: Vec<(&Vec<Line>, usize)> = places.collect();
            let long = words(texts.first().map_or("", String::as_str)) >= DROP_WORDS_MIN;
            let lonely = |(dump, at): &(&Vec<Line>, usize)| heads_text(dump, *at, quorum);
            if !long && places.iter().filter(|place| lonely(place)).count() * 2 > places.len() {
                continue;
            }
            let Some(glob) = glob_of(&texts).filter(|glob| self.spares_prose(glob)) else {
                continue;
            };
            let seen = self
                .dumps
                .iter()
                .filter(|dump| dump.iter().any(|line| line.key == key))
                .count();
            let weight = places
                .iter()
                .map(|(dump, at)| dump.get(*at).map_or(0, |line| line.words))
                .sum::<usize>();
            let rule = LearnedRule {
                key: "text.drop-line",
                written: written("line", &glob, &[]),
                pattern: glob,
                seen,
                of: self.dumps.len(),
                words: weight / seen.max(1),
                why: "",
                example: texts
                    .into_iter()
                    .next()
                    .filter(|text| text.contains(|c: char| c.is_ascii_digit()))
                    .unwrap_or_default(),
            };
            rules.push((weight, rule));
        }
        rules.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.pattern.cmp(&b.1.pattern)));
        let mut seen = BTreeSet::new();
        let fresh = rules
            .into_iter()
            .map(|(_, rule)| rule)
            .filter(|rule| seen.insert(rule.pattern.clone()));
        fresh.take(RULES_MAX).collect()
    }

    /// Whether a glob takes no running text that stands on one dump alone.
    fn spares_prose(&self, glob: &str) -> bool {
        let Ok(pattern) = LinePattern::glob(glob) else {
            return false;
        };
        let own = self
            .dumps
            .iter()
            .flatten()
            .filter(|line| line.prose && line.copies == 1);
        !own.into_iter().any(|line| pattern.matches(&line.text))
    }

    /// Lines near the top or the end of every dump that no dump of another site has.
    fn fingerprint(&self, others: &[Vec<String>]) -> Vec<LearnedRule> {
        let foreign: BTreeSet<String> = others
            .iter()
            .flatten()
            .map(|line| line_key(line).into_owned())
            .collect();
        let mut found: Vec<(std::cmp::Reverse<usize>, LearnedRule)> = Vec::new();
        for key in self.common() {
            let texts: BTreeSet<&str> = self
                .dumps
                .iter()
                .flatten()
                .filter(|line| line.key == key)
                .map(|line| line.text.as_str())
                .collect();
            let texts: Vec<&str> = texts.into_iter().collect();
            let [text] = texts.as_slice() else { continue };
            let near = |dump: &Vec<Line>| dump.iter().position(|line| line.key == key).filter(|at| *at < NEAR);
            let far = |dump: &Vec<Line>| {
                dump.iter()
                    .rev()
                    .position(|line| line.key == key)
                    .filter(|at| *at < NEAR)
            };
            let within = self
                .dumps
                .iter()
                .map(near)
                .collect::<Option<Vec<_>>>()
                .and_then(|at| at.into_iter().max());
            let last = self
                .dumps
                .iter()
                .map(far)
                .collect::<Option<Vec<_>>>()
                .and_then(|at| at.into_iter().max());
            let place = match (within, last) {
                (Some(at), _) => format!("within = {}", at + 3),
                (None, Some(at)) => format!("last = {}", at + 3),
                (None, None) => continue,
            };
            if foreign.contains(line_key(text).as_ref()) || text.contains('*') {
                continue;
            }
            let rule = LearnedRule {
                key: "match.all",
                pattern: (*text).to_owned(),
                written: format!("{{ line = {}, {place} }}", quoted(text)),
                seen: self.dumps.len(),
                of: self.dumps.len(),
                words: 0,
                why: "",
                example: String::new(),
            };
            found.push((std::cmp::Reverse(text.chars().count().min(40)), rule));
        }
        found.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.pattern.cmp(&b.1.pattern)));
        found.into_iter().map(|(_, rule)| rule).take(CONDITIONS_MAX).collect()
    }
}

/// Marks the lines of runs as taken; how many words they have.
fn take_runs(dump: &mut [Line], runs: &[(usize, usize)]) -> usize {
    let mut words = 0;
    for (from, to) in runs {
        for line in dump.get_mut(*from..*to).into_iter().flatten() {
            line.taken = true;
            words += line.words;
        }
    }
    words
}

fn class_written(pattern: &str) -> String {
    super::rule::class_of(pattern).map_or_else(String::new, |class| format!(", as = {}", quoted(class.name())))
}
