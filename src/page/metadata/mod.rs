//! What an HTML page says about itself: title, author, dates, address and the like.
//!
//! Where a page says one thing several times, this order holds for every field, sources without the field passed over:
//!
//! 1. JSON-LD: the object whose type describes the page best (articles and posts, then questions and products, then
//!    web pages), also inside `@graph` and `mainEntity`.
//! 2. OpenGraph and `article:*` in `meta`.
//! 3. Other `meta` names: `author`, `citation_*`, `dc.*`, `dcterms.*`, `parsely-*`, `sailthru.*`.
//! 4. Microdata (`itemprop`) and `rel=author`.
//! 5. `time` elements with `datetime`.
//! 6. Elements that a class or id marks as byline or date, the nearest to the title's heading first.
//! 7. Short texts that begin like a byline or hold a date.
//!
//! The title alone goes another way: the `h1` that agrees best with the stated titles, then `og:title`, JSON-LD, and
//! the `title` element without the site's name. The language is that of the root element first, the address that of
//! [`canonical_url`].

mod address;
mod author;
mod json_ld;
mod survey;
mod title;
mod value;

use scraper::{ElementRef, Node};

pub use address::{canonical_url, hostname};

use crate::page::date::{self, Stamp};
use crate::page::dom::Dom;
use author::Names;
use json_ld::Description;
use survey::{NOTE_BYTES_MAX, Place, Survey};
use title::Clues;
use value::{push_new, shown_texts, text_of, value};

/// Most categories, and most tags.
const WORDS_MAX: usize = 64;

const TITLES: &[&str] = &[
    "ogtitle",
    "twittertitle",
    "citationtitle",
    "dctitle",
    "dctermstitle",
    "parselytitle",
    "sailthrutitle",
];
const AUTHORS: &[&str] = &[
    "author",
    "articleauthorname",
    "citationauthor",
    "dccreator",
    "dctermscreator",
    "dccontributor",
    "parselyauthor",
    "sailthruauthor",
    "byl",
    "bookauthor",
    "ogauthor",
    "articleauthor",
    "authors",
    "byline",
    "creator",
    "rbauthors",
    "shareaholicarticleauthorname",
];
/// Those that may have the family name first.
const TURNED_AUTHORS: &[&str] = &["citationauthor", "dccreator", "dctermscreator", "dccontributor"];
const PUBLISHED: &[&str] = &[
    "articlepublishedtime",
    "ogarticlepublishedtime",
    "ogpublishedtime",
    "articlepublished",
    "datepublished",
    "citationpublicationdate",
    "citationonlinedate",
    "citationdate",
    "dcdateissued",
    "dctermsissued",
    "dcdatecreated",
    "dctermscreated",
    "dcdate",
    "dctermsdate",
    "parselypubdate",
    "sailthrudate",
    "pubdate",
    "publishdate",
    "publisheddate",
    "publicationdate",
    "publishtime",
    "articledateoriginal",
    "originalpublicationdate",
    "cxenseparserecspublishtime",
    "shareaholicarticlepublishedtime",
    "rnewsdatepublished",
    "displaydate",
    "date",
    "datecreated",
    "ogpubdate",
    "ogreleasedate",
    "created",
];
const MODIFIED: &[&str] = &[
    "articlemodifiedtime",
    "ogarticlemodifiedtime",
    "ogmodifiedtime",
    "ogupdatedtime",
    "articleupdatedtime",
    "datemodified",
    "dcdatemodified",
    "dctermsmodified",
    "dcmodified",
    "lastmodified",
    "articleupdated",
    "shareaholicarticlemodifiedtime",
    "lastmod",
    "updatedtime",
    "modified",
    "revised",
];
const DESCRIPTIONS: &[&str] = &[
    "ogdescription",
    "description",
    "twitterdescription",
    "dcdescription",
    "dctermsdescription",
    "sailthrudescription",
];
const SITE_NAMES: &[&str] = &[
    "ogsitename",
    "citationjournaltitle",
    "applicationname",
    "dcpublisher",
    "dctermspublisher",
    "publisher",
    "twitterappnameiphone",
    "applemobilewebapptitle",
];
const LANGUAGES: &[&str] = &[
    "oglocale",
    "contentlanguage",
    "dclanguage",
    "dctermslanguage",
    "language",
];
const SECTIONS: &[&str] = &["articlesection", "parselysection", "category", "sailthrusection"];
const TAGS: &[&str] = &[
    "articletag",
    "keywords",
    "newskeywords",
    "parselytags",
    "sailthrutags",
    "citationkeywords",
    "dcsubject",
];
const IMAGES: &[&str] = &[
    "ogimage",
    "ogimagesecureurl",
    "ogimageurl",
    "twitterimage",
    "twitterimagesrc",
    "parselyimageurl",
    "sailthruimagefull",
];
const PAGE_TYPES: &[&str] = &["ogtype", "parselytype", "dctype"];
const IDENTIFIERS: &[&str] = &[
    "articleid",
    "parselypostid",
    "cxenseparserecsarticleid",
    "postid",
    "contentid",
    "dcidentifier",
    "citationdoi",
    "pageid",
];

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
    /// The type in the terms of OpenGraph: `article`.
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
        date: date_of(&survey, &linked, &place),
        date_modified: modified_of(&survey, &linked),
        hostname,
        description: linked.description.clone().or_else(|| first(DESCRIPTIONS)),
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

fn author_of(survey: &Survey<'_>, linked: &Description, place: &Place, sitename: Option<&str>) -> Option<String> {
    let mut names = Names::default();
    linked
        .authors
        .iter()
        .filter(|name| Some(name.as_str()) != sitename)
        .for_each(|name| names.state(name));
    state_authors(survey, &mut names, |name| Some(name) != sitename);
    show_property(survey, place, &mut names);
    show_links(place, &survey.author_links, &mut names);
    show_links(place, &survey.person_links, &mut names);
    if names.is_empty() {
        place
            .nearest(&survey.author_elements)
            .into_iter()
            .find(|element| names.show(shown_texts(*element)));
    }
    if names.is_empty() {
        let notes = place.nearest_nodes(survey.author_notes.iter().copied());
        notes
            .into_iter()
            .filter_map(note_with_parent)
            .find(|text| names.show_note(text));
    }
    // A site that signs its own pages is the author only where no person is.
    if names.is_empty() {
        linked.organisations.iter().for_each(|name| names.state(name));
    }
    state_authors(survey, &mut names, |_| true);
    names.joined()
}

/// Takes the authors in `meta`, unless there are names.
fn state_authors(survey: &Survey<'_>, names: &mut Names, counts: impl Fn(&str) -> bool) {
    for key in AUTHORS {
        if names.is_empty() {
            let stated = survey
                .meta(std::slice::from_ref(key))
                .filter(|name| counts(name.trim()));
            let turned = TURNED_AUTHORS.contains(key);
            stated.for_each(|name| {
                if turned {
                    names.state(&author::unturned(name))
                } else {
                    names.state(name)
                }
            });
        }
    }
}

/// Takes the nearest `itemprop=author`, unless there are names: its `content`, the `itemprop=name` inside it, or its
/// text.
fn show_property(survey: &Survey<'_>, place: &Place, names: &mut Names) {
    if !names.is_empty() {
        return;
    }
    let authors = survey
        .properties
        .iter()
        .filter(|(property, _)| matches!(*property, "author" | "creator"));
    let authors: Vec<_> = authors.map(|(_, element)| *element).collect();
    for author in place.nearest(&authors) {
        let inner = author
            .descendent_elements()
            .find(|element| element.attr("itemprop") == Some("name"))
            .unwrap_or(author);
        let stated = inner.attr("content").or_else(|| author.attr("content"));
        let shown = match stated {
            Some(stated) => names.show(std::iter::once(stated)),
            None => names.show(shown_texts(inner)),
        };
        if shown {
            return;
        }
    }
}

/// Takes the nearest link that is a name, with the others beside it, unless there are names.
fn show_links(place: &Place, links: &[ElementRef<'_>], names: &mut Names) {
    if !names.is_empty() {
        return;
    }
    let near = place.nearest(links);
    let Some(first) = near.iter().position(|link| names.show(shown_texts(*link))) else {
        return;
    };
    let beside = near.get(first).and_then(|link| link.parent());
    for link in near.iter().skip(first + 1).filter(|link| link.parent() == beside) {
        names.show(shown_texts(*link));
    }
}

fn stated_or_shown(element: ElementRef<'_>) -> Option<String> {
    element.attr("content").and_then(value).or_else(|| text_of(element))
}

fn date_of(survey: &Survey<'_>, linked: &Description, place: &Place) -> Option<Stamp> {
    linked
        .published
        .as_deref()
        .and_then(stamp)
        .or_else(|| survey.meta(PUBLISHED).find_map(stamp))
        .or_else(|| property_date(survey, place, &["datePublished", "dateCreated", "uploadDate"]))
        .or_else(|| place.nearest(&survey.times).into_iter().find_map(element_date))
        .or_else(|| place.nearest(&survey.date_elements).into_iter().find_map(element_date))
        .or_else(|| shown_date(survey, place))
        .or_else(|| modified_of(survey, linked))
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

fn element_date(element: ElementRef<'_>) -> Option<Stamp> {
    let stated = element
        .attr("datetime")
        .or_else(|| element.attr("content"))
        .and_then(stamp);
    stated.or_else(|| text_of(element).and_then(|text| date::find(&text)))
}

fn shown_date(survey: &Survey<'_>, place: &Place) -> Option<Stamp> {
    place
        .nearest_nodes(survey.date_notes.iter().copied())
        .into_iter()
        .filter_map(note)
        .find_map(|text| date::find(&text))
}

/// A text with what stands around it, if that is short too: a name is often a link behind a bare `by`.
fn note_with_parent(node: ego_tree::NodeRef<'_, Node>) -> Option<String> {
    let around = node.parent().and_then(ElementRef::wrap).and_then(text_of);
    around
        .filter(|text| text.len() <= NOTE_BYTES_MAX)
        .or_else(|| note(node))
}

fn note(node: ego_tree::NodeRef<'_, Node>) -> Option<String> {
    node.value().as_text().and_then(|text| value(text))
}

/// A date as machines state it; besides every written form, eight digits count.
fn stamp(text: &str) -> Option<Stamp> {
    date::find(text).or_else(|| date::with_format(text, "%Y%m%d"))
}

fn language_of(survey: &Survey<'_>, linked: &Description) -> Option<String> {
    let stated = survey
        .language
        .into_iter()
        .chain(survey.meta(LANGUAGES))
        .chain(linked.language.as_deref());
    stated.filter_map(primary_subtag).next()
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
