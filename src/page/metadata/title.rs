//! The page's title: of all that is said about it, the wording without the site's name.

use std::collections::HashSet;

use scraper::ElementRef;

use super::value::{text_of, value};

/// What parts a title from the site's name.
const SEPARATORS: &[&str] = &[
    " | ", " - ", " – ", " — ", " · ", " :: ", " » ", " « ", " • ", " ~ ", " / ", " › ", " ⋆ ",
];

/// Agreement from which a heading counts as the title.
const AGREEMENT_MIN: f64 = 0.5;

/// Most words of a site's name that is cut off without being known.
const SITE_WORDS_MAX: usize = 4;

/// Most names that are cut off one title.
const CUTS_MAX: usize = 3;

/// What a title is judged by.
#[derive(Debug, Default)]
pub(super) struct Clues {
    /// `og:title` or its like.
    pub(super) shared: Option<String>,
    /// Title in JSON-LD.
    pub(super) headline: Option<String>,
    /// The `title` element.
    pub(super) document: Option<String>,
    /// Names of the site: `og:site_name`, publisher, host.
    pub(super) sites: Vec<String>,
}

impl Clues {
    /// The heading of level 1 that agrees best with the other clues, if it agrees at all.
    pub(super) fn heading<'a>(&self, headings: &[ElementRef<'a>]) -> Option<(ElementRef<'a>, String)> {
        let references = self.references();
        let judged = headings.iter().filter_map(|heading| {
            let text = self.of_heading(*heading).filter(|text| !self.is_site(text))?;
            let heading_words = words(&text);
            let agreement = references
                .iter()
                .map(|reference| agreement(&heading_words, reference))
                .fold(0.0, f64::max);
            Some((agreement, *heading, text))
        });
        let best = judged.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        (best.0 >= AGREEMENT_MIN).then_some((best.1, best.2))
    }

    /// A heading's text without the site's name, where that is known, and the mark of a link to the heading itself.
    fn of_heading(&self, heading: ElementRef<'_>) -> Option<String> {
        let text = text_of(heading)?;
        let text = text.trim_end_matches(['¶', '#']).trim();
        let known_end = parted_last(text).filter(|(_, end)| self.is_site(end));
        value(known_end.map_or(text, |(start, _)| start))
    }

    /// The title without any heading.
    pub(super) fn without_heading(&self) -> Option<String> {
        let shared = self.shared.as_deref().map(|title| self.without_site(title));
        let document = || self.document.as_deref().map(|title| self.without_site(title));
        shared.or_else(|| self.headline.clone()).or_else(document)
    }

    /// The stated titles: whole, without the site's name, and cut off at every separator.
    fn references(&self) -> Vec<HashSet<String>> {
        let stated = [&self.shared, &self.headline, &self.document].into_iter().flatten();
        let forms = stated.flat_map(|title| {
            [title.clone(), self.without_site(title)]
                .into_iter()
                .chain(beginnings(title))
        });
        forms.map(|form| words(&form)).collect()
    }

    /// Cuts the site's name off a title, at either end: a name that is known, or one that is clearly the shorter part
    /// at the end.
    pub(super) fn without_site(&self, title: &str) -> String {
        let mut rest = title;
        for _ in 0..CUTS_MAX {
            let Some(shorter) = self.cut(rest) else { break };
            rest = shorter;
        }
        rest.trim().to_owned()
    }

    fn cut<'a>(&self, title: &'a str) -> Option<&'a str> {
        if let Some((start, end)) = parted_last(title)
            && (self.is_site(end) || is_clearly_shorter(end, start))
        {
            return Some(start);
        }
        let first = SEPARATORS
            .iter()
            .filter_map(|separator| title.split_once(separator))
            .min_by_key(|(start, _)| start.len());
        first.filter(|(start, _)| self.is_site(start)).map(|(_, end)| end)
    }

    fn is_site(&self, part: &str) -> bool {
        let (short, part) = (initials(part), key(part));
        let matches = |site: &str| {
            let site = key(site);
            let begins = |long: &str, start: &str| start.len() > 3 && long.starts_with(start);
            part == site || begins(&site, &part) || begins(&part, &site)
        };
        let labels = |site: &str| {
            site.split('.')
                .any(|label| part == key(label) || (short.len() > 2 && short == label))
        };
        !part.is_empty() && self.sites.iter().any(|site| matches(site) || labels(site))
    }
}

/// A title and what stands behind its last separator.
fn parted_last(title: &str) -> Option<(&str, &str)> {
    SEPARATORS
        .iter()
        .filter_map(|separator| title.rsplit_once(separator))
        .min_by_key(|(_, end)| end.len())
}

/// What stands before each kind of separator. The ends are left out: there stands what the page is a part of.
fn beginnings(title: &str) -> impl Iterator<Item = String> {
    SEPARATORS
        .iter()
        .filter_map(|separator| title.split_once(separator))
        .map(|(start, _)| start.to_owned())
}

/// The first letters of a name's capitalised words, in lower case: `osha` for the Occupational Safety and Health
/// Administration.
fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().next())
        .filter(|c| c.is_uppercase())
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_clearly_shorter(part: &str, rest: &str) -> bool {
    let (part, rest) = (part.split_whitespace().count(), rest.split_whitespace().count());
    part <= SITE_WORDS_MAX && part < rest
}

/// Letters and digits alone, in lower case.
fn key(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn words(text: &str) -> HashSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Dice's coefficient of two sets of words.
fn agreement(a: &HashSet<String>, b: &HashSet<String>) -> f64 {
    let shared = a.intersection(b).count();
    let all = a.len() + b.len();
    if all == 0 {
        0.0
    } else {
        2.0 * to_f64(shared) / to_f64(all)
    }
}

fn to_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_site_is_cut_off_at_either_end() {
        let clues = Clues {
            sites: vec!["The Example Times".to_owned(), "example.org".to_owned()],
            ..Clues::default()
        };
        assert_eq!(clues.without_site("Cats | The Example Times"), "Cats");
        assert_eq!(
            clues.without_site("Example – How to groom a very big cat"),
            "How to groom a very big cat"
        );
        assert_eq!(
            clues.without_site("How to groom cats - Pets | The Example Times"),
            "How to groom cats"
        );
    }

    #[test]
    fn an_unknown_end_is_cut_off_only_if_clearly_shorter() {
        let clues = Clues::default();
        assert_eq!(
            clues.without_site("How to groom a cat - Daily Pet"),
            "How to groom a cat"
        );
        assert_eq!(
            clues.without_site("Cats - A history of everything feline"),
            "Cats - A history of everything feline"
        );
        assert_eq!(clues.without_site("Spider-Man"), "Spider-Man");
    }
}
