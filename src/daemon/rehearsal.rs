//! The rehearsal: pages of our own that are cleaned before anybody waits for one.
//!
//! Models and tables of words are read when they are first needed. That takes several times as long as a page, and
//! the first page of each kind would have to wait for it.

use crate::clean::{CleanOptions, clean as clean_page};
use crate::limits::Limits;
use crate::page::{PageHints, RawPage};
use crate::rules::RuleSet;

/// A page of each kind: with what a model judges, a date that has to be read, and a language that has to be told.
const PAGES: &[&str] = &[
    "<!doctype html><title>The bridge is open</title><nav><a href=/>Home</a></nav><article><h1>The bridge is open</h1>\
     <p>By Ann Writer, 3 May 2024, 10:30 CET</p><p>After two years of work the bridge over the river was opened to all \
     traffic on Friday morning, and the first to cross it was a baker on her bicycle.</p></article>",
    "The bridge is open\n\nPublished 3 May 2024, 10:30 CET\n\nAfter two years of work the bridge over the river was \
     opened to all traffic on Friday morning.\n\nRead more\n",
];

/// Cleans them. What comes out is of no interest.
pub(super) fn clean(limits: &Limits) {
    for page in PAGES {
        let raw = RawPage {
            bytes: page.as_bytes(),
            hints: PageHints::default(),
        };
        drop(clean_page(&raw, &RuleSet::default(), CleanOptions::default(), limits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::TracedBlock;
    use crate::page::{Page, PageKind};

    #[test]
    fn there_is_a_page_of_each_kind_and_both_can_be_cleaned() {
        let kind = |page: &&str| {
            let raw = RawPage {
                bytes: page.as_bytes(),
                hints: PageHints::default(),
            };
            let cleaned = clean_page(&raw, &RuleSet::default(), CleanOptions::default(), &Limits::default()).unwrap();
            assert!(cleaned.blocks.iter().any(TracedBlock::is_kept));
            Page::decode(&raw).unwrap().kind
        };
        let kinds: Vec<PageKind> = PAGES.iter().map(kind).collect();
        assert_eq!(kinds, [PageKind::Html, PageKind::Text]);
    }
}
