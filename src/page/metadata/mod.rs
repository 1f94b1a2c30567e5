//! What an HTML page says about itself: title, author, dates, address and the like.
//!
//! Where a page says one thing several times, this order holds for every field, sources without the field passed over:
//!
//! 1. JSON-LD: the object whose type describes the page best (articles and posts, then questions and products, then
//!    web pages), also inside `@graph` and `mainEntity`.
//! 2. Open Graph and `article:*` in `meta`.
//! 3. Other `meta` names: `author`, `citation_*`, `dc.*`, `dcterms.*`, `parsely-*`, `sailthru.*`.
//! 4. Microdata (`itemprop`) and `rel=author`.
//! 5. `time` elements with `datetime`.
//! 6. Links to persons' pages and elements that a class or id marks as byline or date, the nearest to the title's
//!    heading first; those in navigation, comments and lists of other pages never count.
//! 7. For the date, year, month and day in the page's own address.
//! 8. Short texts that begin like a byline or hold a date and little else.
//! 9. For the author, organisations and the site itself; for the date, that of the last change.
//!
//! The title alone goes another way: the `h1` that agrees best with the stated titles, then `og:title`, JSON-LD, and
//! the `title` element without the site's name. The language is that of the root element first, the address that of
//! [`canonical_url`].

mod address;
mod author;
mod byline;
mod json_ld;
mod keys;
mod survey;
mod title;
mod value;

use scraper::{ElementRef, Node};
use url::Url;

pub use address::{canonical_url, hostname};

use crate::page::date::{self, Stamp};
use crate::page::dom::Dom;
use byline::author_of;
use json_ld::Description;
use keys::{
    DESCRIPTIONS, IDENTIFIERS, IMAGES, LANGUAGES, MODIFIED, PAGE_TYPES, PUBLISHED, SECTIONS, SITE_NAMES, TAGS, TITLES,
};
use survey::{NOTE_BYTES_MAX, Place, Survey};
use title::Clues;
use value::{push_new, text_of, value};

/// Most categories, and most tags.
const WORDS_MAX: usize = 64;

/// What a page says about itself. A field is absent where the page is silent, or says nothing but junk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The title, without the site's name.
    pub title: Option<String>,
    /// Names of the authors, `; ` between them.
    pub author: Option<String>,
    /// When the page was published, or at least was of date.
    pub date: Option<Stamp>,
    /// The page's own address, absolute.
    pub url: Option<String>,
    /// The host in that address, without a leading `www.`.
    pub hostname: Option<String>,
    /// A sentence or two about the page.
    pub description: Option<String>,
    /// The site's name.
    pub sitename: Option<String>,
    /// The language's primary subtag in lower case: `en`.
    pub language: Option<String>,
    /// Sections of the site that the page belongs to.
    pub categories: Vec<String>,
    /// Keywords.
    pub tags: Vec<String>,
    /// Address of the page's picture, absolute where the page's own address is known.
    pub image: Option<String>,
    /// The type in the terms of Open Graph: `article`.
    pub pagetype: Option<String>,
    /// What the site's own system calls the page.
    pub id: Option<String>,
    /// When the page was last changed.
    pub date_modified: Option<Stamp>,
}

/// Reads everything a page says about itself, in the order of precedence that this module's documentation lists.
pub fn read(dom: &Dom) -> Metadata {
    let survey = Survey::of(dom);
    let linked = survey.graph.description();
    let address = survey.addresses.canonical().map(|(url, _)| url);
    let hostname = address.as_ref().and_then(address::host_of);
    let first = |names| survey.meta(names).find_map(value);
    let sitename = first(SITE_NAMES).or_else(|| linked.publisher.clone());
    let clues = Clues {
        shared: first(TITLES),
        headline: linked.title.clone(),
        document: survey.title.and_then(text_of),
        sites: [sitename.clone(), linked.publisher.clone(), hostname.clone()]
            .into_iter()
            .flatten()
            .collect(),
    };
    let heading = clues.heading(&survey.headings);
    let place = Place::of(
        heading
            .as_ref()
            .map(|(heading, _)| *heading)
            .or_else(|| survey.headings.first().copied()),
    );
    let image = linked.image.clone().or_else(|| first(IMAGES));
    Metadata {
        title: heading
            .map(|(_, text)| text)
            .or_else(|| clues.without_heading())
            .or_else(|| survey.headings.iter().find_map(|heading| text_of(*heading))),
        author: author_of(&survey, &linked, &place, sitename.as_deref()),
        date: date_of(&survey, &linked, &place, address.as_ref()),
        date_modified: modified_of(&survey, &linked),
        hostname,
        description: linked.summary.clone().or_else(|| first(DESCRIPTIONS)),
        sitename,
        language: language_of(&survey, &linked),
        categories: words_of(&linked.sections, survey.meta(SECTIONS), &survey.category_links),
        tags: words_of(&linked.keywords, survey.meta(TAGS), &survey.tag_links),
        image: image.map(|image| address::resolve(&image, address.as_ref()).map_or(image, String::from)),
        pagetype: first(PAGE_TYPES),
        id: identifier_of(&survey, &linked),
        url: address.map(String::from),
    }
}

fn date_of(survey: &Survey<'_>, linked: &Description, place: &Place, address: Option<&Url>) -> Option<Stamp> {
    let nearest = |elements: &[ElementRef<'_>]| place.nearest(elements).into_iter().find_map(element_date);
    let stated = linked
        .published
        .as_deref()
        .and_then(stamp)
        .or_else(|| survey.meta(PUBLISHED).find_map(stamp));
    stated
        .or_else(|| property_date(survey, place, &["datePublished", "dateCreated", "uploadDate"]))
        .or_else(|| nearest(&survey.times))
        .or_else(|| sole_date(&survey.times))
        .or_else(|| nearest(&survey.date_elements))
        .or_else(|| address.and_then(|url| date::find(url.path())))
        .or_else(|| shown_date(survey, place))
        .or_else(|| modified_of(survey, linked))
}

/// The day that all of the elements agree on. It counts wherever they stand.
fn sole_date(elements: &[ElementRef<'_>]) -> Option<Stamp> {
    let mut dates = elements.iter().filter_map(|element| element_date(*element));
    let first = dates.next()?;
    dates.all(|other| other.date() == first.date()).then_some(first)
}

fn modified_of(survey: &Survey<'_>, linked: &Description) -> Option<Stamp> {
    let stated = linked
        .modified
        .as_deref()
        .and_then(stamp)
        .or_else(|| survey.meta(MODIFIED).find_map(stamp));
    stated.or_else(|| property_date(survey, &Place::default(), &["dateModified"]))
}

fn property_date(survey: &Survey<'_>, place: &Place, names: &[&str]) -> Option<Stamp> {
    let elements: Vec<_> = survey
        .properties
        .iter()
        .filter(|(property, _)| names.contains(property))
        .map(|(_, element)| *element)
        .collect();
    place.nearest(&elements).into_iter().find_map(element_date)
}

/// The date that an element states in an attribute, or shows, if it shows little else.
fn element_date(element: ElementRef<'_>) -> Option<Stamp> {
    let stated = ["datetime", "content", "title"]
        .iter()
        .filter_map(|name| element.attr(name))
        .find_map(stamp);
    stated.or_else(|| {
        text_of(element)
            .filter(|text| text.len() <= NOTE_BYTES_MAX)
            .and_then(|text| date::find(&text))
    })
}

/// The date of a text that stands alone: a dateline, or one with a byline or a label before it.
fn note_date(text: &str) -> Option<Stamp> {
    let is_labelled = || author::begins_byline(text) || text.split_whitespace().next().is_some_and(date::is_date_word);
    date::dateline(text).or_else(|| date::find(text).filter(|_| is_labelled()))
}

fn shown_date(survey: &Survey<'_>, place: &Place) -> Option<Stamp> {
    place
        .nearest_nodes(survey.date_notes.iter().copied())
        .into_iter()
        .filter_map(note)
        .find_map(|text| note_date(&text))
}

fn note(node: ego_tree::NodeRef<'_, Node>) -> Option<String> {
    node.value().as_text().and_then(|text| value(text))
}

/// A date as machines state it; besides every written form, eight digits count.
fn stamp(text: &str) -> Option<Stamp> {
    date::find(text).or_else(|| date::with_format(text, "%Y%m%d"))
}

fn language_of(survey: &Survey<'_>, linked: &Description) -> Option<String> {
    let mut stated = survey
        .language
        .into_iter()
        .chain(survey.meta(LANGUAGES))
        .chain(linked.language.as_deref());
    stated.find_map(primary_subtag)
}

fn primary_subtag(tag: &str) -> Option<String> {
    let primary = tag.trim().split(['-', '_', ',', ';', ' ']).next()?;
    let is_subtag = matches!(primary.len(), 2 | 3) && primary.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_subtag.then(|| primary.to_ascii_lowercase())
}

fn words_of<'a>(linked: &[String], stated: impl Iterator<Item = &'a str>, links: &[ElementRef<'_>]) -> Vec<String> {
    let mut words = Vec::new();
    let stated = stated.flat_map(|list| list.split([',', ';'])).filter_map(value);
    let shown = links.iter().filter_map(|link| text_of(*link));
    linked
        .iter()
        .cloned()
        .chain(stated)
        .chain(shown)
        .for_each(|word| push_new(&mut words, word, WORDS_MAX));
    words
}

fn identifier_of(survey: &Survey<'_>, linked: &Description) -> Option<String> {
    let stated = survey.meta(IDENTIFIERS).find_map(value);
    let class = || {
        survey
            .body_classes?
            .split_whitespace()
            .find_map(|class| class.strip_prefix("postid-"))
            .and_then(value)
    };
    let short = || {
        survey
            .shortlink?
            .split_once("?p=")
            .and_then(|(_, number)| value(number))
    };
    stated
        .or_else(class)
        .or_else(short)
        .or_else(|| linked.identifier.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn metadata(html: &str) -> Metadata {
        read(&Dom::parse(html, &Limits::default()).unwrap())
    }

    fn author(html: &str) -> Option<String> {
        metadata(html).author
    }

    fn date(html: &str) -> Option<String> {
        metadata(html).date.map(|stamp| stamp.to_string())
    }

    /// Sources of author and date, the most trusted first; every page of the tests below is a tail of this list.
    const SOURCES: &[(&str, &str, &str)] = &[
        (
            r#"<script type="application/ld+json">{"@type":"NewsArticle","author":{"name":"Ann One"},"datePublished":"2001-01-01"}</script>"#,
            "Ann One",
            "2001-01-01",
        ),
        (
            "<meta name=author content='By Ann Two'><meta property='article:published_time' content='2002-02-02T02:02Z'>",
            "Ann Two",
            "2002-02-02T02:02:00Z",
        ),
        (
            "<meta name=DC.Creator content='Three, Ann'><meta name=DC.date content='20030303'>",
            "Ann Three",
            "2003-03-03",
        ),
        (
            "<p itemprop=author><b itemprop=name>Ann Four</b> Editor</p><i itemprop=datePublished content='2004-04-04'></i>",
            "Ann Four",
            "2004-04-04",
        ),
        (
            "<a rel=author href=/x>Ann Five</a><time datetime='2005-05-05'>long ago</time>",
            "Ann Five",
            "2005-05-05",
        ),
        (
            "<p class=post-byline>By <b>Ann Six</b></p><p class=entry-date>6 June 2006</p>",
            "Ann Six",
            "2006-06-06",
        ),
        (
            "<div>By Ann Seven | Updated: 7 July 2007, 07:07 IST</div>",
            "Ann Seven",
            "2007-07-07T07:07:00+05:30",
        ),
    ];

    #[test]
    fn each_source_counts_where_better_ones_are_silent() {
        for (index, (_, name, day)) in SOURCES.iter().enumerate() {
            let page: String = SOURCES[index..].iter().map(|(html, ..)| *html).collect();
            assert_eq!(author(&page).as_deref(), Some(*name), "{name}");
            assert_eq!(date(&page).as_deref(), Some(*day), "{name}");
        }
    }

    #[test]
    fn the_title_is_the_heading_that_agrees_with_the_stated_title() {
        let head = "<title>How to groom a cat | Pets</title><meta property='og:site_name' content='Pet World'>";
        let page = metadata(&format!(
            "{head}<h1>Pet World</h1><h1>How to groom a big cat</h1><h1>More</h1>"
        ));
        assert_eq!(page.title.as_deref(), Some("How to groom a big cat"));
        assert_eq!(
            metadata(&format!("{head}<h1>More</h1>")).title.as_deref(),
            Some("How to groom a cat")
        );
        assert_eq!(metadata("<h1>Alone ¶</h1>").title.as_deref(), Some("Alone ¶"));
        assert_eq!(metadata("<p>x").title, None);
    }

    #[test]
    fn names_and_dates_of_other_pages_do_not_count() {
        let other = "<p class=author>Joe Roe</p><time datetime='2001-01-01'></time><time datetime='2002-02-02'></time>";
        for around in ["aside", "nav", "footer", "div class=related-posts", "div id=comments"] {
            let page = format!("<main><h1>Cats</h1><p>text</p></main><{around}>{other}");
            assert_eq!(author(&page), None, "{around}");
            assert_eq!(date(&page), None, "{around}");
        }
    }

    #[test]
    fn what_stands_near_the_heading_comes_first() {
        let page =
            "<div><p class=date>1 May 2001</p></div><article><h1>Cats</h1><p class=date>2 May 2002</p></article>";
        assert_eq!(date(page).as_deref(), Some("2002-05-02"));
    }

    #[test]
    fn a_person_comes_before_the_organisation_that_signs_for_all() {
        let script = r#"<script type="application/ld+json">{"@type":"Article","author":{"@type":"Organization","name":"Pet World"}}</script>"#;
        assert_eq!(author(script).as_deref(), Some("Pet World"));
        assert_eq!(
            author(&format!("{script}<p class=byline>Ann Doe</p>")).as_deref(),
            Some("Ann Doe")
        );
    }

    #[test]
    fn the_other_fields_are_read() {
        let page = metadata(
            "<html lang=en-GB><head><link rel=canonical href='https://www.example.org/2024/03/05/cats'>
            <meta name=description content=' About  cats '><meta property='og:type' content=article>
            <meta property='og:image' content='/cat.png'><meta property='article:section' content=Pets>
            <meta name=keywords content='cats, Pets; cats'><meta property='article:modified_time' content='2024-03-06'>
            <body class='single postid-17'>",
        );
        assert_eq!(page.url.as_deref(), Some("https://www.example.org/2024/03/05/cats"));
        assert_eq!(page.hostname.as_deref(), Some("example.org"));
        assert_eq!(page.language.as_deref(), Some("en"));
        assert_eq!(page.description.as_deref(), Some("About cats"));
        assert_eq!(page.pagetype.as_deref(), Some("article"));
        assert_eq!(page.image.as_deref(), Some("https://www.example.org/cat.png"));
        assert_eq!(page.categories, ["Pets"]);
        assert_eq!(page.tags, ["cats", "Pets"]);
        assert_eq!(page.id.as_deref(), Some("17"));
        assert_eq!(page.date.map(|stamp| stamp.to_string()).as_deref(), Some("2024-03-05"));
        assert_eq!(
            page.date_modified.map(|stamp| stamp.to_string()).as_deref(),
            Some("2024-03-06")
        );
    }

    #[test]
    fn a_page_that_says_nothing_has_no_metadata() {
        assert_eq!(metadata("<p>just text</p>"), Metadata::default());
    }
}
