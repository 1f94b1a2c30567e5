//! Which rules count for a page beside those of its layers: families that it is known to be of, overlays of its site.

use jiff::civil::Date;
use url::Url;

use crate::rules::file::{Overlay, When};
use crate::rules::identify::{PageView, holds};
use crate::rules::rule_set::{Extras, RuleSet, Site};

/// What overlays ask of a page.
pub struct PageFacts<'a> {
    /// What it shows.
    pub view: &'a PageView<'a>,
    /// Its address.
    pub url: Option<&'a str>,
    /// The day it was published; asked for only where an overlay wants it.
    pub date: &'a dyn Fn() -> Option<Date>,
}

/// What counts for a page of this site, or of none.
pub fn extras_for(rules: &RuleSet, site: Option<&Site>, page: &PageFacts<'_>) -> Extras {
    let families = rules.known_families().iter().enumerate();
    Extras {
        families: families
            .filter(|(_, family)| family.fits(page.view))
            .map(|(at, _)| at)
            .collect(),
        overlays: site.map(|site| overlays_for(site, page)).unwrap_or_default(),
    }
}

/// The numbers of the overlays that count for a page, weakest first. Every path that fits counts; of the variants only
/// the first one that fits: a page has one layout.
fn overlays_for(site: &Site, page: &PageFacts<'_>) -> Vec<usize> {
    let mut chosen = Vec::new();
    let mut variant_found = false;
    for (number, overlay) in site.overlays().into_iter().enumerate() {
        let is_variant = matches!(overlay.when, When::Layout { .. });
        if !(is_variant && variant_found) && fits(overlay, page) {
            variant_found |= is_variant;
            chosen.push(number);
        }
    }
    chosen
}

fn fits(overlay: &Overlay, page: &PageFacts<'_>) -> bool {
    match &overlay.when {
        When::Path(patterns) => {
            let path = page
                .url
                .and_then(|url| Url::parse(url).ok())
                .map(|url| url.path().to_owned());
            path.is_some_and(|path| patterns.iter().any(|pattern| pattern.is_match(&path)))
        }
        When::Layout { conditions, from, to } => shown(conditions, page.view) && published(*from, *to, page),
    }
}

fn shown(conditions: &[crate::rules::Condition], view: &PageView<'_>) -> bool {
    if conditions.is_empty() {
        return true;
    }
    let lines = (view.lines)();
    conditions.iter().all(|condition| holds(condition, view.dom, &lines))
}

fn published(from: Option<Date>, to: Option<Date>, page: &PageFacts<'_>) -> bool {
    if from.is_none() && to.is_none() {
        return true;
    }
    (page.date)().is_some_and(|date| from.is_none_or(|from| date >= from) && to.is_none_or(|to| date <= to))
}
