//! Where a site shows what only some of its pages state: an element that holds the very author or date which other pages
//! of the site state in their metadata, and that a page without them has too.

use super::names::Trust;
use super::rule::{LearnedRule, quoted};
use super::study::{StudiedBlock, StudiedPage, names};
use crate::page::date;
use crate::text::words;

/// Fewest pages on which an element has to hold what the page states.
const AGREEING_MIN: usize = 2;

/// Most words of an author's name.
const NAME_WORDS_MAX: usize = 5;

/// Most words of a line with a date.
const DATE_WORDS_MAX: f64 = 14.0;

/// Rules for the fields that some pages state and others only show.
pub(super) fn learn(pages: &[&StudiedPage]) -> Vec<LearnedRule> {
    let names = names(pages, |trust| trust < Trust::Plain);
    let fields: [(&'static str, Reader); 2] = [("meta.author", author), ("meta.date", date_of)];
    let best = |(key, reader): &(&'static str, Reader)| {
        let rules = names.iter().filter_map(|css| rule(key, css, pages, *reader));
        rules.max_by_key(|rule| (rule.seen, std::cmp::Reverse(rule.pattern.len())))
    };
    fields.iter().filter_map(best).collect()
}

/// What a block says of a field beside what its page states.
enum Said {
    /// What the page states, behind these words.
    Same(String),
    /// Something that may be the value, where the page states none.
    New,
    /// Something else.
    Other,
}

/// Reads a field from a block.
type Reader = fn(&StudiedPage, &StudiedBlock) -> Said;

fn author(page: &StudiedPage, block: &StudiedBlock) -> Said {
    match page.author.as_deref() {
        Some(stated) => block
            .text
            .strip_suffix(stated)
            .map_or(Said::Other, |before| Said::Same(before.to_owned())),
        None => Said::New,
    }
}

fn date_of(page: &StudiedPage, block: &StudiedBlock) -> Said {
    let shown = date::find(&block.text).filter(|_| block.words <= DATE_WORDS_MAX);
    match (shown, page.date) {
        (Some(shown), Some(stated)) if shown.date() == stated => Said::Same(String::new()),
        (Some(_), None) => Said::New,
        _ => Said::Other,
    }
}

/// The rule that a selector makes, where it agrees with all pages that state the field and has one for another.
fn rule(key: &'static str, css: &str, pages: &[&StudiedPage], reader: Reader) -> Option<LearnedRule> {
    let mut labels: Vec<String> = Vec::new();
    let mut new: Vec<&StudiedBlock> = Vec::new();
    for page in pages {
        let Some(named) = page.named.get(css) else { continue };
        // The first element counts, as in the rule.
        let range = named.ranges.first()?;
        let [block] = page.blocks.get(range.clone())? else {
            return None;
        };
        match reader(page, block) {
            Said::Same(label) => labels.push(label),
            Said::New => new.push(block),
            Said::Other => return None,
        }
    }
    let label = labels.first()?;
    let fits = |block: &&StudiedBlock| {
        let value = block.text.strip_prefix(label.as_str());
        key != "meta.author" || value.is_some_and(|value| (1..=NAME_WORDS_MAX).contains(&words(value)))
    };
    let agree = labels.len() >= AGREEING_MIN && labels.iter().all(|other| other == label);
    let example = new.first()?.text.clone();
    (agree && new.iter().all(fits)).then(|| LearnedRule {
        key,
        pattern: css.to_owned(),
        written: written(css, label),
        seen: labels.len() + new.len(),
        of: pages.len(),
        words: 0,
        why: "what other pages state, and some only show",
        example,
    })
}

fn written(css: &str, label: &str) -> String {
    if label.is_empty() {
        return format!("{{ css = {} }}", quoted(css));
    }
    let expression = format!("^{}(.+)$", regex::escape(label));
    format!("{{ css = {}, re = {} }}", quoted(css), quoted(&expression))
}
