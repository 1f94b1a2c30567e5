//! The page's title: of all that is said about it, the wording without the site's name.

use std::collections::HashSet;

use scraper::ElementRef;

use super::value::{text_of, value};
use crate::page::date;
use crate::page::elements::attribute;

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

/// Parts two titles, but too weakly to cut a name off.
const WEAK_SEPARATOR: &str = ": ";

/// Shortest label of a host by whose beginning a part of a title is known as the site's, in bytes.
const LABEL_BYTES_MIN: usize = 4;

/// Fewest words of a heading that is the title although it does not agree, or stands on a lower level: a single one
/// rather names a section.
const HEADING_WORDS_MIN: usize = 2;

/// Titles that say nothing without the site's name behind them, as [`key`] has them.
const EMPTY_TITLES: &[&str] = &[
    "home",
    "homepage",
    "index",
    "welcome",
    "start",
    "startseite",
    "accueil",
    "inicio",
];

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
    /// The heading that is the title: of those of level 1 the one that agrees best with the other clues; a lower one
    /// that is a part of the stated title, where that of level 1 is its other part or does not agree; the only one,
    /// where nothing but the `title` element states any.
    pub(super) fn heading<'a>(
        &self,
        headings: &[ElementRef<'a>],
        lower: &[ElementRef<'a>],
    ) -> Option<(ElementRef<'a>, String)> {
        let own: Vec<_> = headings.iter().filter_map(|heading| self.own(*heading)).collect();
        let best = self.best(&own);
        if best.as_ref().is_none_or(|(_, text)| self.is_last_part(text))
            && let Some(found) = self.lower(lower, best.is_some())
        {
            return Some(found);
        }
        best.map(|(heading, text)| (heading, self.without_label(text)))
            .or_else(|| self.only(&own))
    }

    /// A heading that is not the site's name, with its text.
    fn own<'a>(&self, heading: ElementRef<'a>) -> Option<(ElementRef<'a>, String)> {
        let text = self.of_heading(heading).filter(|text| !self.names_site(text))?;
        (!leads_home(heading)).then_some((heading, text))
    }

    fn best<'a>(&self, headings: &[(ElementRef<'a>, String)]) -> Option<(ElementRef<'a>, String)> {
        let references = self.references().into_iter();
        let references: Vec<(HashSet<String>, String)> =
            references.map(|reference| (words(&reference), reference)).collect();
        let judged = headings.iter().map(|heading| {
            let heading_words = words(&heading.1);
            let found = references
                .iter()
                .map(|(words, _)| agreement(&heading_words, words))
                .fold(0.0, f64::max);
            let begins = references.iter().any(|(_, reference)| begins(reference, &heading.1));
            (if begins { found.max(AGREEMENT_MIN) } else { found }, heading)
        });
        let best = judged.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        (best.0 >= AGREEMENT_MIN).then(|| best.1.clone())
    }

    /// Whether a text is what stands last in the `title` element: what the page is a part of, where something else
    /// on the page is called like the rest.
    fn is_last_part(&self, text: &str) -> bool {
        let document = self.document.as_deref();
        document
            .and_then(parted_last)
            .is_some_and(|(_, end)| is_same(end, text))
    }

    /// The first lower heading that equals a part of the stated title; the first part, if asked.
    fn lower<'a>(&self, headings: &[ElementRef<'a>], first: bool) -> Option<(ElementRef<'a>, String)> {
        let stated = [&self.document, &self.shared].into_iter().flatten();
        let parts: Vec<&str> = stated
            .flat_map(|title| {
                let parts = parts(title);
                let count = if first { 1 } else { parts.len() };
                parts.into_iter().take(count)
            })
            .filter(|part| has_words(part) && !self.is_site(part))
            .collect();
        let mut own = headings.iter().filter_map(|heading| self.own(*heading));
        own.find(|(_, text)| parts.iter().any(|part| is_same(part, text)))
    }

    /// The only heading of level 1, if the page's title stands nowhere but in the `title` element.
    fn only<'a>(&self, headings: &[(ElementRef<'a>, String)]) -> Option<(ElementRef<'a>, String)> {
        match headings {
            [only] if self.only_document() && has_words(&only.1) => Some(only.clone()),
            _ => None,
        }
    }

    /// Whether the `title` element alone states a title.
    fn only_document(&self) -> bool {
        self.document.is_some() && self.shared.is_none() && self.headline.is_none()
    }

    /// A heading without a date or a label (`Title:`) before what is stated as the title.
    fn without_label(&self, text: String) -> String {
        let stated = [&self.shared, &self.headline, &self.document].into_iter().flatten();
        let mut titles = stated.map(|title| self.without_site(title));
        let is_label = |start: &str| {
            let is_word = start.ends_with(':') && !start.contains(' ');
            is_word || date::find(start).is_some()
        };
        titles
            .find(|title| {
                let start = text.strip_suffix(title.as_str());
                start.is_some_and(|start| is_label(start.trim_end()))
            })
            .unwrap_or(text)
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
    fn references(&self) -> Vec<String> {
        let stated = [&self.shared, &self.headline, &self.document].into_iter().flatten();
        let forms = stated.flat_map(|title| {
            [title.clone(), self.without_site(title)]
                .into_iter()
                .chain(beginnings(title))
        });
        forms.collect()
    }

    /// Cuts the site's name off a title, at either end: a name that is known, or one that is clearly the shorter part
    /// at the end.
    pub(super) fn without_site(&self, title: &str) -> String {
        let mut rest = title;
        for _ in 0..CUTS_MAX {
            let shorter = self.cut(rest);
            let Some(shorter) = shorter.filter(|title| !EMPTY_TITLES.contains(&key(title).as_str())) else {
                break;
            };
            rest = shorter;
        }
        rest.trim().to_owned()
    }

    fn cut<'a>(&self, title: &'a str) -> Option<&'a str> {
        if let Some((start, end)) = parted_last(title)
            && (self.is_site(end) || self.begins_like_host(end) || is_clearly_shorter(end, start))
        {
            return Some(start);
        }
        let first = SEPARATORS
            .iter()
            .filter_map(|separator| title.split_once(separator))
            .min_by_key(|(start, _)| start.len());
        first.filter(|(start, _)| self.is_site(start)).map(|(_, end)| end)
    }

    /// Whether a heading is the site's name and nothing more.
    fn names_site(&self, text: &str) -> bool {
        let text = key(text);
        let mut names = self
            .sites
            .iter()
            .flat_map(|site| std::iter::once(site.as_str()).chain(site.split('.')));
        // Every heading is asked: no copy of a name is made.
        !text.is_empty() && names.any(|name| letters(name).eq(text.chars()))
    }

    /// Whether a part of a title begins with a label of the host.
    fn begins_like_host(&self, part: &str) -> bool {
        let part = key(part);
        let hosts = self
            .sites
            .iter()
            .filter(|site| !site.contains(' ') && site.contains('.'));
        let mut labels = hosts.flat_map(|host| host.split('.').rev().skip(1));
        labels.any(|label| label.len() >= LABEL_BYTES_MIN && part.starts_with(&key(label)))
    }

    /// Whether a part of a title is the site's name, or one begins like the other.
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

fn has_words(heading: &str) -> bool {
    heading.split_whitespace().count() >= HEADING_WORDS_MIN
}

/// A title cut at every separator, the weak one too.
fn parts(title: &str) -> Vec<&str> {
    SEPARATORS
        .iter()
        .chain(std::iter::once(&WEAK_SEPARATOR))
        .fold(vec![title], |parts, separator| {
            parts.into_iter().flat_map(|part| part.split(separator)).collect()
        })
}

/// Whether all of a heading is a link to the beginning of its site.
fn leads_home(heading: ElementRef<'_>) -> bool {
    let mut links = heading
        .descendent_elements()
        .filter(|element| element.value().name() == "a");
    let around = heading
        .ancestors()
        .filter_map(ElementRef::wrap)
        .find(|element| element.value().name() == "a");
    let Some(link) = links.next().or(around) else {
        return false;
    };
    let is_whole = text_of(link).is_some_and(|text| text_of(heading).is_some_and(|whole| whole == text));
    is_whole && attribute(link.value(), "href").is_some_and(is_root)
}

/// Whether an address is a host's own, without a path.
fn is_root(address: &str) -> bool {
    let address = address.trim();
    let path = match address.split_once("//") {
        Some(("" | "http:" | "https:", rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        _ => match address.strip_prefix('/') {
            Some(path) => path,
            None => return false,
        },
    };
    path.is_empty()
}

/// Whether two texts have the same letters and digits, letter case aside.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    let a = key(a);
    !a.is_empty() && a == key(b)
}

/// Whether a title begins with all words of a heading, letter case aside.
fn begins(title: &str, heading: &str) -> bool {
    let lower = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let heading = lower(heading);
    !heading.is_empty() && lower(title).starts_with(&heading)
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
    letters(text).collect()
}

fn letters(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
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
    fn an_end_that_begins_like_the_host_is_the_site() {
        let clues = Clues {
            sites: vec!["pets.example-home.org".to_owned()],
            ..Clues::default()
        };
        assert_eq!(
            clues.without_site("Cats & Dogs - Example Home Guide to Everything"),
            "Cats & Dogs"
        );
        assert_eq!(clues.without_site("Home | Example Home"), "Home | Example Home");
    }

    /// The title of a page by its headings.
    fn by_heading(page: &str) -> Option<String> {
        let html = scraper::Html::parse_document(page);
        let all = |css: &str| -> Vec<_> { html.select(&scraper::Selector::parse(css).unwrap()).collect() };
        let clues = Clues {
            document: all("title").first().copied().and_then(text_of),
            sites: vec!["pets.example.org".to_owned()],
            ..Clues::default()
        };
        clues.heading(&all("h1"), &all("h2, h3")).map(|(_, text)| text)
    }

    #[test]
    fn a_lower_heading_is_the_title_under_the_name_of_the_site() {
        let book = "<title>What cats eat - The Book of Cats</title><h1>The Book of Cats</h1><h2>What Cats Eat</h2>";
        assert_eq!(by_heading(book).as_deref(), Some("What Cats Eat"));
        let blog = "<title>Ann's page: What cats eat</title><h1><a href='/'>Ann's page</a></h1><h3>What cats eat</h3>";
        assert_eq!(by_heading(blog).as_deref(), Some("What cats eat"));
        let page = "<title>What cats eat - Books on cats</title><h1>What cats eat</h1><h2>Books on cats</h2>";
        assert_eq!(by_heading(page).as_deref(), Some("What cats eat"));
    }

    #[test]
    fn the_only_heading_is_the_title_where_the_page_states_no_other() {
        let slogan = "<title>Pets - The home of animals</title><h1>What does my cat eat?</h1>";
        assert_eq!(by_heading(slogan).as_deref(), Some("What does my cat eat?"));
        assert_eq!(by_heading(&format!("{slogan}<h1>And another one</h1>")), None);
        assert_eq!(
            by_heading("<title>Pets - The home of animals</title><h1>Question</h1>"),
            None
        );
    }

    #[test]
    fn labels_and_dates_before_the_stated_title_come_off() {
        let page = |heading: &str| format!("<title>What cats eat</title><h1>{heading}</h1>");
        assert_eq!(
            by_heading(&page("Title:What cats eat")).as_deref(),
            Some("What cats eat")
        );
        assert_eq!(
            by_heading(&page("5 May 2024 What cats eat")).as_deref(),
            Some("What cats eat")
        );
        assert_eq!(
            by_heading(&page("Know what: What cats eat")).as_deref(),
            Some("Know what: What cats eat")
        );
    }

    #[test]
    fn addresses_without_a_path_lead_home() {
        for address in ["/", "https://example.org", "https://example.org/", "//example.org/"] {
            assert!(is_root(address), "{address}");
        }
        for address in ["/a", "https://example.org/a", "", "#top", "a//"] {
            assert!(!is_root(address), "{address}");
        }
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
