//! A page and rules in; text, metadata and a reason for everything that went out.
//!
//! The fixed order: decode, identify the site, choose and merge its rules, look whether the page is to be held
//! (`[[skip]]`), replace in the source (`html.replace`), mark elements (`html.rename`, `html.strip`, `html.keep`), split into
//! blocks, generic cleaning where no `html.keep` found the main content, metadata (`[meta]`), line rules (`[text]`),
//! title, expectations (`[expect]`).

pub mod captures;
mod draft;
mod expect;
pub mod extraction;
pub mod generic;
mod language;
pub mod layout;
pub mod line_rules;
mod marks;
pub mod render;
mod repeats;
mod resplit;
pub mod segment;
pub mod select;
mod tables;
mod title;
mod walk;

pub use marks::percent;

pub use extraction::{Edit, Extraction, Fate, Held, Method, Removal, Shortfall, TracedBlock, Warning};

use crate::clean::draft::{Context, clean_html, clean_text};
use crate::limits::Limits;
use crate::page::{Page, PageError, PageKind, RawPage};
use crate::rules::RuleSet;

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

/// Cleans one page. Pure: the same bytes, hints, rules and options give the same extraction.
pub fn clean(
    raw: &RawPage<'_>,
    rules: &RuleSet,
    options: CleanOptions,
    limits: &Limits,
) -> Result<Extraction, PageError> {
    let page = Page::decode(raw)?;
    let context = Context {
        raw,
        page: &page,
        rules,
        options,
        limits,
    };
    let draft = match page.kind {
        PageKind::Html => clean_html(&context)?,
        PageKind::Text => clean_text(&context),
    };
    Ok(draft.finish(&context))
}
