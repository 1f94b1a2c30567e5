//! When a page was published, and when it was last changed.

use ego_tree::NodeRef;
use scraper::{ElementRef, Node};
use url::Url;

use super::author;
use super::json_ld::Description;
use super::keys::{MODIFIED, PUBLISHED};
use super::place::Place;
use super::shown::{NOTE_BYTES_MAX, is_of_change};
use super::survey::{Later, Survey};
use super::value::{text_of, value};
use crate::page::date::{self, Stamp};
use crate::page::elements::attribute;

/// Attributes in which an element states its date.
const STATING: &[&str] = &["datetime", "content", "title"];

/// Properties of microdata that hold the date of publication.
const PUBLISHED_PROPERTIES: &[&str] = &["datePublished", "dateCreated", "uploadDate"];

/// What a page's dates are read from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dates<'a, 'b> {
    pub(super) survey: &'b Survey<'a>,
    pub(super) later: &'b Later<'a>,
    pub(super) linked: &'b Description,
    pub(super) place: &'b Place,
}

impl<'a> Dates<'a, '_> {
    /// The date of publication, by the order of precedence of [`super`].
    pub(super) fn published(self, address: Option<&Url>) -> Option<Stamp> {
        let stated = self
            .linked
            .published
            .as_deref()
            .and_then(stamp)
            .or_else(|| self.survey.meta(PUBLISHED).find_map(stamp));
        if let Some(stated) = stated {
            return Some(fuller(stated, || self.survey.meta(PUBLISHED).filter_map(stamp)));
        }
        self.marked()
            .or_else(|| {
                let day = address.and_then(|url| date::find(url.path()))?;
                Some(fuller(day, || self.dates_in_notes()))
            })
            .or_else(|| self.dateline())
            .or_else(|| self.modified())
            .or_else(|| self.beside())
    }

    /// The date of the last change.
    pub(super) fn modified(self) -> Option<Stamp> {
        let stated = self
            .linked
            .modified
            .as_deref()
            .and_then(stamp)
            .or_else(|| self.survey.meta(MODIFIED).find_map(stamp));
        stated.or_else(|| self.property(&Place::default(), &["dateModified"]))
    }

    /// The date of an element that is marked as one.
    fn marked(self) -> Option<Stamp> {
        let times = &self.survey.times;
        self.property(self.place, PUBLISHED_PROPERTIES)
            .or_else(|| first(self.place.nearest(times)))
            .or_else(|| sole(times))
            .or_else(|| first(self.place.nearest(&self.later.shown().date_elements)))
    }

    /// The date of an element in an aside or footer of the page's own content.
    fn beside(self) -> Option<Stamp> {
        first(self.place.beside(&self.survey.times))
            .or_else(|| first(self.place.beside(&self.later.shown().date_elements)))
    }

    fn property(self, place: &Place, names: &[&str]) -> Option<Stamp> {
        let elements: Vec<_> = self
            .survey
            .properties
            .iter()
            .filter(|(property, _)| names.contains(property))
            .map(|(_, element)| *element)
            .collect();
        place.nearest(&elements).into_iter().find_map(element_date)
    }

    /// The date of a short text that says little else.
    fn dateline(self) -> Option<Stamp> {
        self.notes()
            .filter_map(|note| value(note.value().as_text()?))
            .find_map(|text| note_date(&text))
    }

    /// The dates in all short texts of the page, whatever else they say.
    fn dates_in_notes(self) -> impl Iterator<Item = Stamp> {
        self.notes().filter_map(|note| date::find(note.value().as_text()?))
    }

    fn notes(self) -> impl Iterator<Item = NodeRef<'a, Node>> {
        let notes = self.later.shown().date_notes.iter().copied();
        self.place.nearest_nodes(notes).into_iter()
    }
}

/// A date, or the first of those on the same day that says more than it: a time, or a time with its zone.
fn fuller<I: Iterator<Item = Stamp>>(found: Stamp, others: impl FnOnce() -> I) -> Stamp {
    if !matches!(found, Stamp::Date(_)) {
        return found;
    }
    let mut others = others();
    others
        .find(|other| other.date() == found.date() && !matches!(other, Stamp::Date(_)))
        .unwrap_or(found)
}

/// The date of the first of these elements that has one; of those that are marked as dates of the last change only
/// where no other has.
fn first(near: Vec<ElementRef<'_>>) -> Option<Stamp> {
    let mut dated = near
        .into_iter()
        .filter_map(|element| Some((element, element_date(element)?)));
    let (element, found) = dated.next()?;
    if !is_of_change(element) {
        return Some(found);
    }
    let other = dated.find(|(element, _)| !is_of_change(*element));
    Some(other.map_or(found, |(_, other)| other))
}

/// The day that all of the elements agree on. It counts wherever they stand.
fn sole(elements: &[ElementRef<'_>]) -> Option<Stamp> {
    let mut dates = elements.iter().filter_map(|element| element_date(*element));
    let first = dates.next()?;
    dates.all(|other| other.date() == first.date()).then_some(first)
}

/// The date that an element states in an attribute, or shows, if it shows little else.
fn element_date(element: ElementRef<'_>) -> Option<Stamp> {
    let stated = STATING
        .iter()
        .filter_map(|name| attribute(element.value(), name))
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

/// A date as machines state it; besides every written form, eight digits count.
fn stamp(text: &str) -> Option<Stamp> {
    date::find(text).or_else(|| date::with_format(text, "%Y%m%d"))
}

#[cfg(test)]
mod tests {
    use crate::limits::Limits;
    use crate::page::{Dom, metadata};

    fn date(html: &str) -> Option<String> {
        let page = metadata::read(&Dom::parse(html, &Limits::default()).unwrap());
        page.date.map(|stamp| stamp.to_string())
    }

    #[test]
    fn the_fuller_of_two_that_agree_on_the_day_counts() {
        let address = "<link rel=canonical href='https://example.org/2024/03/05/cats'><h1>Cats</h1>";
        let shown = |text: &str| date(&format!("{address}<p>{text}</p>"));
        assert_eq!(
            shown("5 March 2024, 14:20 | 12 comments").as_deref(),
            Some("2024-03-05T14:20:00")
        );
        assert_eq!(
            shown("6 March 2024, 14:20 | 12 comments").as_deref(),
            Some("2024-03-05")
        );
        let stated = "<meta name=date content='2024-03-05'><meta name=pubdate content='2024-03-05T08:00Z'>";
        assert_eq!(date(stated).as_deref(), Some("2024-03-05T08:00:00Z"));
    }

    #[test]
    fn the_date_of_the_last_change_comes_after_another_that_is_shown() {
        let page = "<h1>Cats</h1><time class=updated datetime='2024-03-05'></time><time datetime='2023-02-04'></time>";
        assert_eq!(date(page).as_deref(), Some("2023-02-04"));
        let labelled =
            "<h1>Cats</h1><p>Updated <b class=date>5 March 2024</b> Published <b class=date>4 May 2023</b></p>";
        assert_eq!(date(labelled).as_deref(), Some("2023-05-04"));
        let alone = "<h1>Cats</h1><time class=updated datetime='2024-03-05'></time>";
        assert_eq!(date(alone).as_deref(), Some("2024-03-05"));
    }

    #[test]
    fn a_date_in_an_aside_of_the_content_is_better_than_none() {
        let page = "<main><h1>Cats</h1><aside><p class=date>5 March 2024</p></aside></main>";
        assert_eq!(date(page).as_deref(), Some("2024-03-05"));
    }
}
