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
//! 9. For the date, that of the last change.
//! 10. What stands in an aside or a footer inside the page's own content.
//! 11. For the author, organisations and the site itself.
//!
//! From 4 on, what a word marks as the date of the last change comes after what none does. Where the date is a day
//! without a time, the next source that names the same day with one gives the time.
//!
//! The title alone goes another way: the heading that agrees with the stated titles (see `title`), then `og:title`,
//! JSON-LD, and the `title` element without the site's name. The language is that of the root element first, the
//! address that of [`canonical_url`].

mod address;
mod author;
mod body;
mod byline;
mod json_ld;
mod keys;
mod marks;
mod place;
mod published;
mod shown;
mod survey;
mod title;
mod value;

use scraper::ElementRef;

pub use address::{canonical_url, hostname};

pub(in crate::page) use json_ld::documents;

use crate::limits::Stop;
use crate::page::date::Stamp;
use crate::page::dom::Dom;
use byline::author_of;
use json_ld::Description;
use keys::{DESCRIPTIONS, IDENTIFIERS, IMAGES, LANGUAGES, PAGE_TYPES, SECTIONS, SITE_NAMES, TAGS, TITLES};
use place::Place;
use published::Dates;
use survey::{Later, Survey};
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
    /// The text of the page as it states it in JSON-LD, to be compared with what it shows; none in a finished
    /// extraction.
    pub body: Option<String>,
}

/// Reads everything a page says about itself, in the order of precedence that this module's documentation lists.
pub fn read(dom: &Dom) -> Metadata {
    read_until(dom, &Stop::never())
}

/// The same for as long as `stop` lets it; what has been read by then says little, and the stage is to fail.
pub fn read_until(dom: &Dom, stop: &Stop<'_>) -> Metadata {
    let survey = Survey::of(dom, stop);
    let later = Later::of(dom, stop);
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
    let heading = clues.heading(&survey.headings, &survey.subheadings);
    let place = Place::of(
        heading
            .as_ref()
            .map(|(heading, _)| *heading)
            .or_else(|| survey.headings.first().copied()),
    );
    let dates = Dates {
        survey: &survey,
        later: &later,
        linked: &linked,
        place: &place,
    };
    let image = linked.image.clone().or_else(|| first(IMAGES));
    Metadata {
        title: heading
            .map(|(_, text)| text)
            .or_else(|| clues.without_heading())
            .or_else(|| survey.headings.iter().find_map(|heading| text_of(*heading))),
        author: author_of(&survey, &later, &linked, &place, sitename.as_deref()),
        date: dates.published(address.as_ref()),
        date_modified: dates.modified(),
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
        body: linked.body,
    }
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
    use std::cell::Cell;

    use super::*;
    use crate::limits::Limits;

    #[test]
    fn a_page_that_states_much_is_asked_about_all_along_and_left_when_its_time_is_over() {
        let stated = "<meta name=author content='Ann Doe'>".repeat(10_000);
        let dom = Dom::parse(&stated, &Limits::default()).unwrap();
        let asked = Cell::new(0);
        let questions_after = |most: usize| {
            asked.set(0);
            let may_go_on = || {
                asked.set(asked.get() + 1);
                asked.get() < most
            };
            read_until(&dom, &Stop::unless(&may_go_on));
            asked.get()
        };
        assert!(questions_after(usize::MAX) > 300);
        assert_eq!(questions_after(20), 20);
    }

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
    fn authors_of_replies_are_not_the_author() {
        let post = |kind: &str, name: &str| {
            format!(
                "<div itemscope itemtype='https://schema.org/{kind}'><b itemprop=author itemscope itemtype='https://schema.org/Person'><i itemprop=name>{name}</i></b></div>"
            )
        };
        let page = format!(
            "<h1>Cats</h1>{}{}",
            post("Answer", "Joe Roe"),
            post("DiscussionForumPosting", "Ann Doe")
        );
        assert_eq!(author(&page).as_deref(), Some("Ann Doe"));
        assert_eq!(author(&post("Comment", "Joe Roe")), None);
    }

    #[test]
    fn names_on_cards_and_after_a_bare_by_are_found() {
        let card = "<meta name='twitter:label1' content='Written by'><meta name='twitter:data1' content='Ann Doe'>";
        assert_eq!(author(card).as_deref(), Some("Ann Doe"));
        let time = "<meta name='twitter:label1' content='Time to read'><meta name='twitter:data1' content='5 minutes'>";
        assert_eq!(author(time), None);
        let bare = "<h1>Cats</h1><div><span>By </span><button>Ann Doe</button></div>";
        assert_eq!(author(bare).as_deref(), Some("Ann Doe"));
    }

    #[test]
    fn a_company_or_the_site_itself_comes_after_a_person() {
        let page = |stated: &str| {
            format!(
                r#"<meta property='og:site_name' content='Pet World'><script type="application/ld+json">{{"@type":"Article","author":"{stated}"}}</script>
            <h1>Cats</h1><p class=byline>Ann Doe</p>"#
            )
        };
        for stated in [", PET WORLD", "Pet Food Ltd."] {
            assert_eq!(author(&page(stated)).as_deref(), Some("Ann Doe"), "{stated}");
        }
        assert_eq!(author(&page("Joe Roe")).as_deref(), Some("Joe Roe"));
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
