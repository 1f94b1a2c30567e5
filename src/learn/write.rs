//! The rule file of what was learned, each line with its evidence behind it.

use super::rule::{LearnedRule, quoted};
use crate::clean::render::plain;
use crate::clean::{Extraction, Fate};
use crate::text::words;

/// Longest promise of a test, in characters.
const PROMISE_CHARS_MAX: usize = 70;

/// Fewest words of a line that a test promises to be there, or not to be there.
const PROMISE_WORDS_MIN: usize = 4;

/// Keys in the order of a rule file: part, key.
const KEYS: &[(&str, &str)] = &[
    ("match", "all"),
    ("meta", "title"),
    ("meta", "author"),
    ("meta", "date"),
    ("meta", "id"),
    ("meta", "tags"),
    ("meta", "title-replace"),
    ("html", "keep"),
    ("html", "strip"),
    ("text", "cut-before"),
    ("text", "cut-from"),
    ("text", "drop-block"),
    ("text", "drop-line"),
];

/// What else dumps of the site hold is judged line by line, as without rules.
const JUDGE: &str = "judge = true\n";

/// A layout with rules of its own.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// What reports call it.
    pub(super) name: String,
    /// The selector that its pages have and no others.
    pub(super) mark: String,
    /// Its rules.
    pub(super) rules: Vec<LearnedRule>,
}

/// What the file says.
#[derive(Debug, Clone, Default)]
pub(super) struct Contents {
    pub(super) site: String,
    pub(super) hosts: Vec<String>,
    pub(super) pages: usize,
    pub(super) remarks: Vec<String>,
    pub(super) rules: Vec<LearnedRule>,
    pub(super) layouts: Vec<Layout>,
    pub(super) tests: Vec<String>,
    /// Whether what rules leave of dumps is to be judged as well.
    pub(super) judge: bool,
}

impl Contents {
    /// Whether it says more than which site it is about.
    pub(super) fn has_rules(&self) -> bool {
        let mut own = self.rules.iter().filter(|rule| rule.key != "match.all");
        own.next().is_some() || self.layouts.iter().any(|layout| !layout.rules.is_empty())
    }

    /// Whether a container tells the main content on some pages.
    pub(super) fn has_container(&self) -> bool {
        let in_layouts = self.layouts.iter().flat_map(|layout| &layout.rules);
        let mut rules = self.rules.iter().chain(in_layouts);
        rules.any(|rule| rule.key == "html.keep")
    }

    /// Takes everything out but the rules for metadata, where pages with mark-up have some. Whether they do.
    pub(super) fn leave_metadata(&mut self) -> bool {
        let is_field = |rule: &LearnedRule| rule.key.starts_with("meta.");
        if self.judge || !self.rules.iter().any(is_field) {
            return false;
        }
        let before = self.rules.len();
        self.rules.retain(is_field);
        if self.rules.len() < before || !self.layouts.is_empty() {
            self.remarks.push(super::METADATA_ALONE.to_owned());
        }
        self.layouts.clear();
        true
    }
}

/// The text of the rule file.
pub(super) fn file(contents: &Contents) -> String {
    let mut text = format!("# Learned from {} pages of {}.\n", contents.pages, contents.site);
    for remark in &contents.remarks {
        text += &format!("# {remark}\n");
    }
    text += &format!("schema = 1\nsite   = {}\n", quoted(&contents.site));
    let others: Vec<String> = contents
        .hosts
        .iter()
        .filter(|host| **host != contents.site)
        .map(|host| quoted(host))
        .collect();
    if !others.is_empty() {
        // A name with a dot is a host itself, but only as long as no hosts are given.
        let own = contents.site.contains('.').then(|| quoted(&contents.site));
        let hosts: Vec<String> = own.into_iter().chain(others).collect();
        text += &format!("hosts  = [{}]\n", hosts.join(", "));
    }
    for part in ["match", "meta", "html", "text"] {
        let lists: Vec<String> = lists(part, &contents.rules)
            .map(|(key, list)| format!("{key} = {list}"))
            .chain((part == "text" && contents.judge).then(|| JUDGE.to_owned()))
            .collect();
        if !lists.is_empty() {
            text += &format!("\n[{part}]\n{}", lists.concat());
        }
    }
    for layout in &contents.layouts {
        let written = quoted(&layout.mark);
        text += &format!(
            "\n[[variant]]\nname = {}\nwhen = {{ css = {written} }}\n",
            quoted(&layout.name)
        );
        for part in ["meta", "html", "text"] {
            text.extend(lists(part, &layout.rules).map(|(key, list)| format!("{part}.{key} = {list}")));
        }
    }
    text + &contents.tests.concat()
}

/// The lists of one part, each entry on a line of its own with its evidence.
fn lists<'a>(part: &'a str, rules: &'a [LearnedRule]) -> impl Iterator<Item = (&'static str, String)> + 'a {
    KEYS.iter()
        .filter(move |(of, _)| *of == part)
        .filter_map(move |(of, key)| {
            let name = format!("{of}.{key}");
            let entries: String = rules
                .iter()
                .filter(|rule| rule.key == name)
                .map(|rule| format!("  {},  # {}\n", rule.written, rule.evidence()))
                .collect();
            (!entries.is_empty()).then(|| (*key, format!("[\n{entries}]\n")))
        })
}

/// A test that holds for a page as the learned rules clean it.
pub(super) fn test(name: &str, extraction: &Extraction) -> Option<String> {
    let text = plain(extraction, false);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let (first, last) = (lines.first()?, lines.last()?);
    let longest = lines.iter().max_by_key(|line| line.chars().count())?;
    let gone = extraction.blocks.iter().filter_map(|traced| match &traced.fate {
        Fate::Removed(_) => Some(traced.block.text.lines().next().unwrap_or_default()),
        Fate::Kept | Fate::Title => None,
    });
    let absent = gone
        .filter(|line| words(line) >= PROMISE_WORDS_MIN)
        .map(beginning)
        .filter(|line| !text.contains(line.as_str()));
    let absent: Vec<String> = absent.take(200).collect();
    let mut written = format!("\n[[test]]\ninput   = {}\n", quoted(name));
    written += &format!("starts  = {}\n", quoted(&beginning(first)));
    written += &format!("ends    = {}\n", quoted(&ending(last)));
    written += &format!("has     = [{}]\n", quoted(&beginning(longest)));
    let mut unwanted: Vec<&String> = [absent.first(), absent.get(absent.len() / 2), absent.last()]
        .into_iter()
        .flatten()
        .collect();
    unwanted.dedup();
    if !unwanted.is_empty() {
        let list: Vec<String> = unwanted.into_iter().map(|line| quoted(line)).collect();
        written += &format!("has-not = [{}]\n", list.join(", "));
    }
    Some(written)
}

/// The first words of a line.
fn beginning(line: &str) -> String {
    let mut taken = String::new();
    for word in line.split_inclusive(' ') {
        if taken.chars().count() + word.chars().count() > PROMISE_CHARS_MAX {
            break;
        }
        taken.push_str(word);
    }
    if taken.is_empty() {
        return line.chars().take(PROMISE_CHARS_MAX).collect();
    }
    taken.trim_end().to_owned()
}

/// The last words of a line.
fn ending(line: &str) -> String {
    let count = line.chars().count();
    let tail: String = line.chars().skip(count.saturating_sub(PROMISE_CHARS_MAX)).collect();
    match tail.split_once(' ') {
        Some((_, words)) if count > PROMISE_CHARS_MAX => words.to_owned(),
        _ => tail,
    }
}
