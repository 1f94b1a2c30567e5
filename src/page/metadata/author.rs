//! Names of authors: what counts as one, and how the words around it come off.

use super::value::{push_new, value};
use crate::page::date;
use crate::text::fold;

/// Most authors of one page.
const AUTHORS_MAX: usize = 16;

/// Longest name, in characters; what is longer is a sentence.
const NAME_CHARS_MAX: usize = 80;

/// Most words of a name that was found in the text of the page.
const SHOWN_WORDS_MAX: usize = 5;

/// Most pieces of text in one element that are tried as a name.
const SHOWN_TEXTS_MAX: usize = 6;

/// Words inside names that are written small.
const PARTICLES: &[&str] = &[
    "de", "da", "di", "del", "della", "van", "von", "der", "den", "ter", "la", "le", "el", "al", "bin", "dos", "and",
    "&", "y", "et", "und",
];

/// Words before a name, in lower case, longest first.
const PREFIXES: &[&str] = &[
    "originally published by ",
    "guest post by ",
    "interview by ",
    "started by ",
    "contributors: ",
    "contributor: ",
    "article written by ",
    "medically reviewed by ",
    "this post was written by ",
    "about the author: ",
    "articles by ",
    "article by ",
    "via ",
    "written by: ",
    "written by ",
    "posted by: ",
    "posted by ",
    "published by ",
    "reviewed by ",
    "submitted by ",
    "created by ",
    "authored by ",
    "a post by ",
    "post by ",
    "story by ",
    "words by ",
    "text by ",
    "report by ",
    "authors: ",
    "author: ",
    "author ",
    "autor: ",
    "autorin: ",
    "auteur : ",
    "von: ",
    "by: ",
    "by ",
    "von ",
    "par ",
    "por ",
    "di ",
    "door ",
    "av ",
    "af ",
    "od ",
    "от ",
];

/// The beginnings of a byline in running text; the shorter prefixes are everyday words of other languages.
const BYLINES: &[&str] = &[
    "by ",
    "written by ",
    "posted by ",
    "von ",
    "par ",
    "por ",
    "author: ",
    "words by ",
    "by: ",
    "article by ",
    "story by ",
    "guest post by ",
    "started by ",
    "contributors: ",
    "contributor: ",
    "authors: ",
];

/// Words at the end of a company's name.
const COMPANY_ENDS: &[&str] = &[
    "ltd",
    "limited",
    "inc",
    "llc",
    "llp",
    "gmbh",
    "ag",
    "corp",
    "corporation",
    "plc",
    "bv",
    "pty",
    "sarl",
    "srl",
];

/// What parts a name from a title or a date behind it on one line.
const LINE_PARTS: &[&str] = &[" | ", " · ", " • ", " – ", " — ", " / "];

/// Words of a site's name that make it somebody's own: `Ann Doe's blog`.
const OWN_SITES: &[&str] = &[
    "blog", "weblog", "website", "site", "homepage", "notes", "journal", "diary",
];

/// Where a name ends in a byline.
const ENDS: &[&str] = &[
    "|",
    "·",
    "»",
    "•",
    "–",
    "—",
    "/",
    "(",
    "[",
    "\n",
    "  ",
    " on ",
    " updated",
    " published",
    " posted",
    " for ",
    " in ",
    " @",
    ", updated",
    " last updated",
    " - ",
    " @",
];

/// Texts beside bylines that are no names.
const NO_NAMES: &[&str] = &[
    "author",
    "authors",
    "about the author",
    "about the authors",
    "by",
    "byline",
    "written by",
    "posted by",
    "read more",
    "view all posts",
    "follow",
    "share",
    "see all posts",
    "view profile",
    "contributor",
    "contributors",
    "staff writer",
    "editor",
    "all posts",
    "website",
    "more posts",
    "bio",
    "guest",
    "profile",
    "unknown",
    "anonymous",
    "admin",
    "administrator",
    "webmaster",
    "user",
    "view all",
    "see more",
    "home",
    "posts",
    "our team",
    "about",
    "meet the author",
    "more from author",
    "view author profile",
    "view all posts by",
    "posts by",
    "show more",
    "original poster",
    "topic author",
    "topic starter",
    "article by",
    "the author",
    "sign in",
    "log in",
    "register",
    "reply",
];

/// First words of links beside bylines.
const NO_NAME_STARTS: &[&str] = &[
    "view", "visit", "read", "learn", "join", "see", "show", "sign", "log", "member", "follow", "share", "more", "all",
    "click", "get",
];

/// Last words of labels before names.
const NO_NAME_ENDS: &[&str] = &[
    "by", "from", "via", "posts", "more", "was", "login", "in", "of", "the", "now",
];

/// What no name holds.
const NO_NAME_PARTS: &[&str] = &["http://", "https://", "www.", "@", "©", "{", "<", "[at]"];

/// Collects names and joins them.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    /// Takes a name that the page states as such.
    pub(super) fn state(&mut self, text: &str) {
        for part in text.split(';') {
            if let Some(name) = value(part).and_then(|part| stated(&part)) {
                push_new(&mut self.0, name, AUTHORS_MAX);
            }
        }
    }

    /// Takes the first name among the texts that an element shows; says whether there was one.
    pub(super) fn show<'a>(&mut self, texts: impl Iterator<Item = &'a str>) -> bool {
        let name = texts.take(SHOWN_TEXTS_MAX).find_map(shown);
        let found = name.is_some();
        self.0.extend(name.filter(|name| !self.0.contains(name)));
        self.0.truncate(AUTHORS_MAX);
        found
    }

    /// Takes the name in a text that begins like a byline; says whether there was one. Since anything may begin so,
    /// it must look like a name.
    pub(super) fn show_note(&mut self, text: &str) -> bool {
        self.show(shown(text).filter(|name| looks_like_name(name)).as_deref().into_iter())
    }

    /// Takes the name before a title or a date on the same line; says whether there was one.
    pub(super) fn show_line(&mut self, text: &str) -> bool {
        let parts = LINE_PARTS.iter().filter_map(|part| text.split_once(part));
        let Some((first, rest)) = parts.min_by_key(|(first, _)| first.len()) else {
            return false;
        };
        date::find(rest).is_some() && date::find(first).is_none() && self.show_note(first)
    }

    /// Takes all of these names in the place of the only one there is, if that is among them: lists of authors that
    /// state the first alone are common.
    pub(super) fn complete(&mut self, names: &[String]) {
        let [only] = self.0.as_slice() else { return };
        let mut all = Self::default();
        for name in names {
            all.state(name);
        }
        if all.0.len() > 1 && all.0.iter().any(|name| name.to_lowercase() == only.to_lowercase()) {
            *self = all;
        }
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The names, with `; ` between them.
    pub(super) fn joined(self) -> Option<String> {
        value(&self.0.join("; "))
    }
}

/// Whether a text begins like a byline, or is such a beginning and nothing more.
pub(super) fn begins_byline(text: &str) -> bool {
    // Every short text of a page is asked, and most begin with none of these letters.
    let first = text.as_bytes().first().map(u8::to_ascii_lowercase);
    BYLINES
        .iter()
        .filter(|prefix| prefix.as_bytes().first().copied() == first)
        .any(|prefix| strip_prefix(text, prefix).is_some() || text.eq_ignore_ascii_case(prefix.trim_end()))
}

/// Whether a name is a company's.
pub(super) fn is_company(name: &str) -> bool {
    let last = name.split_whitespace().next_back().unwrap_or_default();
    let last = last.trim_end_matches('.').to_lowercase();
    name.contains(' ') && COMPANY_ENDS.contains(&last.as_str())
}

/// The person whose own site this is by its name: `Ann Doe's blog`.
pub(super) fn owner(sitename: &str) -> Option<&str> {
    let (name, kind) = sitename.rsplit_once("'s ").or_else(|| sitename.rsplit_once("’s "))?;
    let is_own = OWN_SITES.contains(&kind.to_lowercase().as_str());
    (is_own && looks_like_name(name)).then_some(name)
}

/// Whether a text is the beginning of a byline and nothing more.
pub(super) fn is_bare_byline(text: &str) -> bool {
    let text = text.trim();
    BYLINES
        .iter()
        .any(|prefix| text.eq_ignore_ascii_case(prefix.trim_end()))
}

/// A name that indexes of literature turn round (`Doe, Jane`), the right way.
pub(super) fn unturned(name: &str) -> String {
    match name.split_once(", ") {
        Some((family, given)) if !given.contains(',') => format!("{given} {family}"),
        _ => name.to_owned(),
    }
}

/// Whether every word of two or more begins with a capital, particles aside.
fn looks_like_name(name: &str) -> bool {
    let is_part = |word: &str| PARTICLES.contains(&word) || word.chars().next().is_some_and(char::is_uppercase);
    name.split_whitespace().count() > 1 && name.split_whitespace().all(is_part)
}

fn stated(text: &str) -> Option<String> {
    let name = without_prefix(text).trim_matches([' ', ',', ':', '|', '-', '*', '"', '“', '”']);
    let is_name = !name.is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && name.chars().any(char::is_alphabetic)
        && !NO_NAME_PARTS.iter().any(|part| name.contains(part))
        && !NO_NAMES.iter().any(|other| name.eq_ignore_ascii_case(other));
    is_name.then(|| name.to_owned())
}

fn shown(text: &str) -> Option<String> {
    let text = fold(without_prefix(text.trim())).into_owned();
    let lower = text.to_ascii_lowercase();
    let end = ENDS
        .iter()
        .filter_map(|end| lower.find(end))
        .min()
        .unwrap_or(text.len());
    let number = first_number(&text).unwrap_or(text.len());
    let (name, _) = text.split_at_checked(end.min(number))?;
    let name = stated(if number < end { without_date_words(name) } else { name })?;
    let words = name.split_whitespace().count();
    (words <= SHOWN_WORDS_MAX && !is_label(&name) && !name.split_whitespace().all(date::is_date_word)).then_some(name)
}

/// Whether a text labels a name or leads elsewhere, or is the initials in the place of a portrait.
fn is_label(text: &str) -> bool {
    let is_in =
        |word: Option<&str>, table: &[&str]| word.is_some_and(|word| table.contains(&word.to_lowercase().as_str()));
    let is_initials = text.len() <= 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_initials
        || is_in(text.split_whitespace().next(), NO_NAME_STARTS)
        || is_in(text.split_whitespace().next_back(), NO_NAME_ENDS)
}

/// Where the first word starts that begins with a digit.
fn first_number(text: &str) -> Option<usize> {
    let after_blank = std::iter::once(' ').chain(text.chars()).map(char::is_whitespace);
    let mut places = text.char_indices().zip(after_blank);
    places
        .find(|((_, c), after_blank)| *after_blank && c.is_ascii_digit())
        .map(|((at, _), _)| at)
}

/// Takes months, weekdays and labels off the end: what came before a date.
fn without_date_words(text: &str) -> &str {
    let mut rest = text.trim_end();
    while let Some(word) = rest
        .split_whitespace()
        .next_back()
        .filter(|word| date::is_date_word(word))
    {
        rest = rest.strip_suffix(word).unwrap_or_default().trim_end();
    }
    rest
}

fn without_prefix(text: &str) -> &str {
    PREFIXES
        .iter()
        .find_map(|prefix| strip_prefix(text, prefix))
        .map_or(text, str::trim_start)
}

/// What follows a prefix given in lower case.
fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    let is_prefix = start.eq_ignore_ascii_case(prefix) || (!start.is_ascii() && start.to_lowercase() == prefix);
    is_prefix.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated_names(texts: &[&str]) -> Option<String> {
        let mut names = Names::default();
        for text in texts {
            names.state(text);
        }
        names.joined()
    }

    #[test]
    fn names_are_joined_once_each_without_by() {
        assert_eq!(
            stated_names(&["By Jane Doe", "jane doe", "Joe Roe; Ann Poe"]).as_deref(),
            Some("Jane Doe; Joe Roe; Ann Poe")
        );
    }

    #[test]
    fn addresses_are_no_names() {
        assert_eq!(
            stated_names(&["https://example.org/jane", "jane@example.org", "@jane", "", "Author"]),
            None
        );
    }

    #[test]
    fn a_shown_name_ends_where_the_byline_goes_on() {
        assert_eq!(
            shown("By Jane Doe | Updated: 5 March 2024").as_deref(),
            Some("Jane Doe")
        );
        assert_eq!(shown("Written by Jane Doe on Monday").as_deref(), Some("Jane Doe"));
        assert_eq!(shown("Jane Doe March 5, 2024").as_deref(), Some("Jane Doe"));
        assert_eq!(shown("jane45").as_deref(), Some("jane45"));
        for label in ["Sat, 5 March 2024", "JD", "Insights from", "View all", "Authored by"] {
            assert_eq!(shown(label), None, "{label}");
        }
        assert_eq!(shown("By the time that we got there it was late"), None);
        assert_eq!(shown("Posted by"), None);
    }

    #[test]
    fn a_line_may_begin_with_a_name_and_end_with_a_date() {
        let name = |line: &str| {
            let mut names = Names::default();
            names.show_line(line);
            names.joined()
        };
        assert_eq!(
            name("Ann Doe | Senior Writer | July 2, 2025").as_deref(),
            Some("Ann Doe")
        );
        assert_eq!(name("Ann Doe · 2 July 2025").as_deref(), Some("Ann Doe"));
        for line in [
            "Ann Doe | Senior Writer",
            "3 May 2025 | 4 May 2025",
            "five minutes | July 2, 2025",
        ] {
            assert_eq!(name(line), None, "{line}");
        }
    }

    #[test]
    fn a_longer_list_completes_the_first_of_it() {
        let mut names = Names::default();
        names.state("Ann Doe");
        names.complete(&["Joe Roe".to_owned(), "Jim Poe".to_owned()]);
        names.complete(&["ann doe".to_owned(), "Joe Roe".to_owned()]);
        assert_eq!(names.joined().as_deref(), Some("ann doe; Joe Roe"));
    }

    #[test]
    fn owners_and_companies_are_told_by_their_words() {
        assert_eq!(owner("Ann Doe's Blog"), Some("Ann Doe"));
        assert_eq!(owner("Ann Doe’s journal"), Some("Ann Doe"));
        assert_eq!(owner("McDonald's blog"), None);
        assert_eq!(owner("Today's notes"), None);
        assert!(is_company("The Example Ltd.") && is_company("Example GmbH"));
        assert!(!is_company("Ann Ltdova") && !is_company("Inc"));
    }

    #[test]
    fn bylines_are_told_by_their_beginning() {
        assert!(begins_byline("By Jane"));
        assert!(!begins_byline("Bystanders"));
        assert!(begins_byline("by:"));
        assert!(!begins_byline("in"));
    }
}
