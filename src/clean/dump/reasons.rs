//! What an explanation says about the lines that go from a dump.

use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock};

use crate::clean::dump::line::Line;
use crate::clean::dump::survey::Survey;
use crate::clean::extraction::Removal;
use crate::rules::{Class, RuleInfo};

/// From which share of its words on a line is about what frames a page.
const FRAMING_SHARE: f32 = 0.15;

/// Most words of a line that only tells a date.
const DATE_WORDS: f32 = 12.0;

/// A reason as written: its key after `generic.`, why, and what goes by it.
type Wording = (&'static str, &'static str, Class);

/// By topic, in the order of [`crate::clean::dump::words::Topic`].
const BY_TOPIC: [Wording; 7] = [
    ("advertisement", "its words are those of advertising", Class::Ad),
    (
        "comments",
        "its words are those around the comments of readers",
        Class::Comments,
    ),
    (
        "caption",
        "its words tell who took a picture or sent a text",
        Class::Caption,
    ),
    (
        "page-footer",
        "its words are about rights, terms and contact",
        Class::Boilerplate,
    ),
    ("related", "its words lead to other pages", Class::Related),
    ("share-bar", "its words are those for passing the page on", Class::Promo),
    ("promotion", "its words ask to subscribe or to sign in", Class::Promo),
];

/// By form and place.
const OTHERS: [Wording; 5] = [
    ("byline", "it is a short line with a date or a time", Class::Metadata),
    ("repeated-line", "it stands in the dump more than once", Class::Nav),
    ("before-main-content", "it stands before the main content", Class::Nav),
    (
        "after-main-content",
        "it stands after the main content",
        Class::Boilerplate,
    ),
    (
        "amid-main-content",
        "it stands amid the main content and reads unlike it",
        Class::Boilerplate,
    ),
];

static TOPIC_RULES: LazyLock<Vec<Arc<RuleInfo>>> = LazyLock::new(|| BY_TOPIC.iter().map(rule).collect());
static OTHER_RULES: LazyLock<[Arc<RuleInfo>; 5]> = LazyLock::new(|| OTHERS.each_ref().map(rule));

fn rule((key, why, class): &Wording) -> Arc<RuleInfo> {
    RuleInfo::built_in(&format!("generic.{key}"), why, *class)
}

/// Why a paragraph goes: by what its words are about, else by its form, else by its place beside the main content.
pub(super) fn against(page: &Survey, at: usize, main: RangeInclusive<usize>) -> Removal {
    let [date, repeated, before, after, amid] = &*OTHER_RULES;
    let by_topic = page.line(at).and_then(topic).and_then(|topic| TOPIC_RULES.get(topic));
    let is_date = page
        .line(at)
        .is_some_and(|line| (line.year || line.clock) && line.words <= DATE_WORDS);
    let found = match by_topic {
        Some(rule) => rule,
        None if is_date => date,
        None if page.copies(at) > 0.0 => repeated,
        None if at < *main.start() => before,
        None if at > *main.end() => after,
        None => amid,
    };
    Removal::by(found)
}

/// What most of a line's framing words are about, where they are many enough.
fn topic(line: &Line) -> Option<usize> {
    if line.framing() < FRAMING_SHARE * line.words.max(1.0) {
        return None;
    }
    let counts = line
        .topics
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, count)| *count > 0.0);
    counts.rev().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(topic, _)| topic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_about_what_most_of_its_framing_words_are_about() {
        assert_eq!(topic(&Line::of("Share on Facebook, subscribe")), Some(5));
        assert_eq!(topic(&Line::of("Advertisement")), Some(0));
        assert_eq!(
            topic(&Line::of(
                "He said that he could not share her hope of a long and quiet summer"
            )),
            None
        );
    }

    #[test]
    fn every_topic_has_its_reason() {
        assert_eq!(BY_TOPIC.len(), crate::clean::dump::words::TOPICS);
    }
}
