//! A page and rules in; text, metadata and a reason for everything that went out.
//!
//! The fixed order: decode, identify the site, choose and merge its rules, look whether the page is to be held
//! (`[[skip]]`), replace in the source (`html.replace`), mark elements (`html.rename`, `html.strip`, `html.keep`), split into
//! blocks, generic cleaning where no `html.keep` found the main content, metadata (`[meta]`), line rules (`[text]`),
//! title, expectations (`[expect]`).

pub mod captures;
mod draft;
pub mod dump;
mod expect;
mod expected_f1;
pub mod extraction;
pub mod generic;
mod language;
pub mod layout;
pub mod line_rules;
mod marks;
#[cfg(any(debug_assertions, feature = "poison"))]
mod poison;
pub mod render;
mod repeats;
mod resplit;
pub mod segment;
pub mod select;
mod source;
mod tables;
mod title;
pub mod trees;
mod walk;

pub use marks::percent;

pub use extraction::{Edit, Extraction, Fate, Held, Method, Removal, Shortfall, TracedBlock, Warning};

use crate::clean::draft::{Context, clean_html, clean_text, clean_without_tree};
use crate::clean::generic::model::Model;
use crate::clean::segment::HtmlBlock;
use crate::limits::{Limits, Stop};
use crate::page::{Dom, Page, PageError, PageKind, RawPage};
use crate::rules::{RuleSet, SiteRules};

/// How to clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CleanOptions {
    /// Whether rules of sites and families count. The defaults always do.
    pub site_rules: bool,
}

impl Default for CleanOptions {
    fn default() -> Self {
        Self { site_rules: true }
    }
}

/// Cleans one page, however long it takes. Pure: the same bytes, hints, rules and options give the same extraction.
pub fn clean(
    raw: &RawPage<'_>,
    rules: &RuleSet,
    options: CleanOptions,
    limits: &Limits,
) -> Result<Extraction, PageError> {
    clean_until(raw, rules, options, limits, &Stop::never())
}

/// Cleans one page as [`clean`] does, unless its time is over first.
///
/// A page of mark-up that breaks a limit of its tree still gives its text: it is read like a text dump.
pub fn clean_until(
    raw: &RawPage<'_>,
    rules: &RuleSet,
    options: CleanOptions,
    limits: &Limits,
    stop: &Stop<'_>,
) -> Result<Extraction, PageError> {
    clean_as(raw, rules, options, limits, (stop, Model::shipped()))
}

/// Cleans one page as [`clean`] does, judging by another model than the program's own where rules do not tell the main
/// content: to measure models.
pub fn clean_by(
    raw: &RawPage<'_>,
    rules: &RuleSet,
    options: CleanOptions,
    limits: &Limits,
    model: &Model,
) -> Result<Extraction, PageError> {
    clean_as(raw, rules, options, limits, (&Stop::never(), model))
}

/// The blocks of a page with what rules over its elements remove, before anything is judged.
pub(crate) fn marked_blocks(dom: &Dom, rules: &SiteRules) -> Vec<HtmlBlock> {
    let stop = Stop::never();
    let matches = rules.selectors.find(dom, &stop);
    let (marks, _) = marks::mark(dom, &rules.rules, &matches, &stop);
    segment::segment(dom, &marks)
}

fn clean_as(
    raw: &RawPage<'_>,
    rules: &RuleSet,
    options: CleanOptions,
    limits: &Limits,
    (stop, model): (&Stop<'_>, &Model),
) -> Result<Extraction, PageError> {
    #[cfg(any(debug_assertions, feature = "poison"))]
    poison::heed(raw.bytes, stop);
    let page = Page::decode(raw)?;
    let context = Context {
        raw,
        page: &page,
        rules,
        options,
        limits,
        stop,
        model,
    };
    let draft = match page.kind {
        PageKind::Html => match clean_html(&context) {
            Err(PageError::Dom(why)) => clean_without_tree(&context, why)?,
            draft => draft?,
        },
        PageKind::Text => clean_text(&context)?,
    };
    let extraction = draft.finish(&context);
    stop.check()?;
    Ok(extraction)
}
