//! The numbers by which a paragraph of a dump is judged, each with its name.
//!
//! The order is that of the committed model, which knows their names; whoever changes one trains anew (`train/dumps`).

use crate::clean::dump::line::{Line, Start};
use crate::clean::dump::survey::{Sum, Survey};
use crate::text::as_f32;

/// A number and how it is found.
type Feature = (&'static str, fn(&Survey, usize) -> f32);

/// All of them.
const FEATURES: &[Feature] = &[
    // What the paragraph looks like by itself.
    ("words", |page, at| own(page, at, |line| line.words)),
    ("chars_per_word", |page, at| {
        own(page, at, |line| line.chars / line.words.max(1.0))
    }),
    ("sentence_marks", |page, at| own(page, at, |line| line.sentence_marks)),
    ("words_per_mark", |page, at| {
        own(page, at, |line| line.words / line.sentence_marks.max(1.0))
    }),
    ("commas", |page, at| own(page, at, |line| line.commas)),
    ("commas_per_word", |page, at| {
        own(page, at, |line| line.commas / line.words.max(1.0))
    }),
    ("digit_share", |page, at| own(page, at, |line| line.digit_share)),
    ("capital_share", |page, at| own(page, at, |line| line.capital_share)),
    ("upper_share", |page, at| own(page, at, |line| line.upper_share)),
    ("wide_share", |page, at| own(page, at, |line| line.wide_share)),
    ("separators", |page, at| own(page, at, |line| line.separators)),
    ("start", |page, at| own(page, at, |line| start(line.start))),
    ("ends_sentence", |page, at| {
        own(page, at, |line| flag(line.ends_sentence))
    }),
    ("ends_colon", |page, at| own(page, at, |line| flag(line.ends_colon))),
    ("ends_broken", |page, at| own(page, at, |line| flag(line.ends_broken))),
    ("ends_question", |page, at| {
        own(page, at, |line| flag(line.ends_question))
    }),
    ("money", |page, at| own(page, at, |line| flag(line.money))),
    ("address", |page, at| own(page, at, |line| flag(line.address))),
    ("year", |page, at| own(page, at, |line| flag(line.year))),
    ("clock", |page, at| own(page, at, |line| flag(line.clock))),
    ("copyright", |page, at| own(page, at, |line| flag(line.copyright))),
    ("framing", |page, at| own(page, at, Line::framing)),
    ("framing_share", |page, at| {
        own(page, at, |line| line.framing() / line.words.max(1.0))
    }),
    ("about_advertising", |page, at| own(page, at, |line| topic(line, 0))),
    ("about_comments", |page, at| own(page, at, |line| topic(line, 1))),
    ("about_credit", |page, at| own(page, at, |line| topic(line, 2))),
    ("about_legal", |page, at| own(page, at, |line| topic(line, 3))),
    ("about_related", |page, at| own(page, at, |line| topic(line, 4))),
    ("about_share", |page, at| own(page, at, |line| topic(line, 5))),
    ("about_sign", |page, at| own(page, at, |line| topic(line, 6))),
    ("copies", |page, at| page.copies(at)),
    // What stands beside it.
    ("before_1_words", |page, at| near(page, at, -1, |line| line.words)),
    ("before_2_words", |page, at| near(page, at, -2, |line| line.words)),
    ("before_3_words", |page, at| near(page, at, -3, |line| line.words)),
    ("after_1_words", |page, at| near(page, at, 1, |line| line.words)),
    ("after_2_words", |page, at| near(page, at, 2, |line| line.words)),
    ("after_3_words", |page, at| near(page, at, 3, |line| line.words)),
    ("before_1_ends", |page, at| {
        near(page, at, -1, |line| flag(line.ends_sentence))
    }),
    ("before_2_ends", |page, at| {
        near(page, at, -2, |line| flag(line.ends_sentence))
    }),
    ("after_1_ends", |page, at| {
        near(page, at, 1, |line| flag(line.ends_sentence))
    }),
    ("after_2_ends", |page, at| {
        near(page, at, 2, |line| flag(line.ends_sentence))
    }),
    ("before_1_capitals", |page, at| {
        near(page, at, -1, |line| line.capital_share)
    }),
    ("after_1_capitals", |page, at| {
        near(page, at, 1, |line| line.capital_share)
    }),
    ("before_1_framing", |page, at| {
        near(page, at, -1, |line| line.framing() / line.words.max(1.0))
    }),
    ("after_1_framing", |page, at| {
        near(page, at, 1, |line| line.framing() / line.words.max(1.0))
    }),
    ("before_1_start", |page, at| {
        near(page, at, -1, |line| start(line.start))
    }),
    ("after_1_start", |page, at| near(page, at, 1, |line| start(line.start))),
    ("before_1_digits", |page, at| {
        near(page, at, -1, |line| line.digit_share)
    }),
    ("after_1_digits", |page, at| near(page, at, 1, |line| line.digit_share)),
    ("before_1_colon", |page, at| {
        near(page, at, -1, |line| flag(line.ends_colon))
    }),
    ("before_1_date", |page, at| {
        near(page, at, -1, |line| flag(line.year || line.clock))
    }),
    ("after_1_date", |page, at| {
        near(page, at, 1, |line| flag(line.year || line.clock))
    }),
    ("around_3_words", |page, at| page.around(at, 3, Sum::Words)),
    ("around_8_words", |page, at| page.around(at, 8, Sum::Words)),
    ("around_25_words", |page, at| page.around(at, 25, Sum::Words)),
    ("around_3_ends", |page, at| page.around(at, 3, Sum::Ends)),
    ("around_8_ends", |page, at| page.around(at, 8, Sum::Ends)),
    ("around_25_ends", |page, at| page.around(at, 25, Sum::Ends)),
    ("around_8_long", |page, at| page.around(at, 8, Sum::Long)),
    ("around_25_long", |page, at| page.around(at, 25, Sum::Long)),
    ("around_8_marks", |page, at| page.around(at, 8, Sum::Marks)),
    ("around_3_framing", |page, at| page.around(at, 3, Sum::Framing)),
    ("around_8_framing", |page, at| page.around(at, 8, Sum::Framing)),
    ("around_25_framing", |page, at| page.around(at, 25, Sum::Framing)),
    ("around_8_copies", |page, at| page.around(at, 8, Sum::Copies)),
    ("around_8_money", |page, at| page.around(at, 8, Sum::Money)),
    ("around_8_dates", |page, at| page.around(at, 8, Sum::Dates)),
    ("alike_3", |page, at| page.alike(at, 3)),
    ("alike_10", |page, at| page.alike(at, 10)),
    // Where it stands.
    ("previous_long", Survey::previous_long),
    ("next_long", Survey::next_long),
    ("stretch_words", Survey::stretch_words),
    ("stretch_share", Survey::stretch_share),
    ("to_stretch", Survey::to_stretch),
    ("to_largest", Survey::to_largest),
    ("since_title", Survey::since_title),
    ("in_title", Survey::in_title),
    ("told", Survey::told),
    ("words_before", |page, at| page.before(at, Sum::Words)),
    ("words_after", |page, at| {
        page.all(Sum::Words) - page.before(at + 1, Sum::Words)
    }),
    ("words_before_share", |page, at| {
        page.before(at, Sum::Words) / page.all(Sum::Words).max(1.0)
    }),
    ("long_before", |page, at| page.before(at, Sum::Long)),
    ("long_after", |page, at| {
        page.all(Sum::Long) - page.before(at + 1, Sum::Long)
    }),
    ("paragraphs_before", |_, at| as_f32(at)),
    ("paragraphs_after", |page, at| as_f32(page.len().saturating_sub(at + 1))),
    ("framing_before", |page, at| page.before(at, Sum::Framing)),
    ("framing_after", |page, at| {
        page.all(Sum::Framing) - page.before(at + 1, Sum::Framing)
    }),
    // What page it is.
    ("page_words", |page, _| page.all(Sum::Words)),
    ("page_paragraphs", |page, _| as_f32(page.len())),
    ("page_words_each", |page, _| share(page, Sum::Words)),
    ("page_long", |page, _| page.all(Sum::Long)),
    ("page_long_share", |page, _| share(page, Sum::Long)),
    ("page_ends_share", |page, _| share(page, Sum::Ends)),
    ("page_framing_share", |page, _| {
        page.all(Sum::Framing) / page.all(Sum::Words).max(1.0)
    }),
    ("page_money_share", |page, _| share(page, Sum::Money)),
    ("page_dates_share", |page, _| share(page, Sum::Dates)),
    ("page_copies_share", |page, _| share(page, Sum::Copies)),
    ("page_stretches", |page, _| page.stretches()),
    ("page_largest_share", |page, _| {
        page.largest_words() / page.all(Sum::Words).max(1.0)
    }),
];

/// The names, in the order of the numbers.
pub fn names() -> impl Iterator<Item = &'static str> {
    FEATURES.iter().map(|(name, _)| *name)
}

/// The rows of all paragraphs, one behind the other.
pub fn rows(page: &Survey) -> Vec<f32> {
    let mut rows = Vec::with_capacity(page.len() * FEATURES.len());
    for at in 0..page.len() {
        rows.extend(FEATURES.iter().map(|(_, find)| find(page, at)));
    }
    rows
}

fn own(page: &Survey, at: usize, find: impl Fn(&Line) -> f32) -> f32 {
    page.line(at).map_or(0.0, find)
}

/// Of a neighbour; −1 beyond the ends of the dump.
fn near(page: &Survey, at: usize, offset: isize, find: impl Fn(&Line) -> f32) -> f32 {
    page.near(at, offset).map_or(-1.0, find)
}

fn share(page: &Survey, what: Sum) -> f32 {
    page.all(what) / as_f32(page.len()).max(1.0)
}

fn topic(line: &Line, at: usize) -> f32 {
    line.topics.get(at).copied().unwrap_or_default()
}

fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}

/// Numbers for how a line begins, in an order in which a threshold can part them.
fn start(start: Start) -> f32 {
    match start {
        Start::Other => 0.0,
        Start::Bullet => 1.0,
        Start::Digit => 2.0,
        Start::Capital => 3.0,
        Start::Letter => 4.0,
        Start::Opening => 5.0,
        Start::Small => 6.0,
    }
}
