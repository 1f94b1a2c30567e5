//! Where a page names its authors.

use ego_tree::NodeRef;
use scraper::{ElementRef, Node};

use super::author::{self, Names};
use super::json_ld::Description;
use super::keys::{AUTHOR_LABELS, AUTHOR_LISTS, AUTHORS, TURNED_AUTHORS};
use super::place::Place;
use super::shown::{NOTE_BYTES_MAX, Shown};
use super::survey::{Later, Survey};
use super::title::is_same;
use super::value::{shown_pieces, spaced_text, text_of, value};
use crate::page::elements::attribute;

/// Most ancestors of a bare `by` in which its name is looked for.
const BARE_ANCESTORS_MAX: usize = 3;

/// Types of what others have added to a page, as they stand in `itemtype`.
const REPLY_TYPES: &[&str] = &["/Comment", "/Answer"];

/// The authors of a page, by the order of precedence of [`super`].
pub(super) fn author_of(
    survey: &Survey<'_>,
    later: &Later<'_>,
    linked: &Description,
    place: &Place,
    sitename: Option<&str>,
) -> Option<String> {
    let is_person = |name: &str| !author::is_company(name) && !sitename.is_some_and(|site| is_same(site, name));
    let mut names = Names::default();
    let persons = linked.authors.iter().filter(|name| is_person(name));
    persons.for_each(|name| names.state(name));
    for list in AUTHOR_LISTS {
        let all: Vec<String> = survey
            .meta(std::slice::from_ref(list))
            .map(|name| form(list, name))
            .collect();
        names.complete(&all);
    }
    state_authors(survey, &mut names, is_person);
    show_property(survey, place, &mut names);
    show_links(&place.nearest(&survey.author_links), &mut names);
    if names.is_empty() {
        show_authors(later.shown(), place, &mut names);
    }
    // A site that signs its own pages is the author only where no person is.
    if names.is_empty() {
        let signed = linked.authors.iter().chain(&linked.organisations);
        signed.for_each(|name| names.state(name));
    }
    state_authors(survey, &mut names, |_| true);
    if let Some(owner) = sitename.and_then(author::owner).filter(|_| names.is_empty()) {
        names.state(owner);
    }
    names.joined()
}

/// Takes what the page shows, unless there are names: links to persons, marked elements, texts like bylines, and last
/// marked elements in asides and footers of the page's own content.
fn show_authors(shown: &Shown<'_>, place: &Place, names: &mut Names) {
    show_links(&place.nearest(&shown.person_links), names);
    show_first(place.nearest(&shown.author_elements), names);
    if names.is_empty() {
        let notes = place.nearest_nodes(shown.author_notes.iter().copied());
        let mut texts = notes.into_iter().filter_map(note_with_parent);
        texts.find(|text| names.show_note(text));
    }
    if names.is_empty() {
        let notes = place.nearest_nodes(shown.date_notes.iter().copied());
        let mut lines = notes.into_iter().filter_map(|node| value(node.value().as_text()?));
        lines.find(|text| names.show_line(text));
    }
    show_first(place.beside(&shown.author_elements), names);
}

/// Takes the authors in `meta`, unless there are names.
fn state_authors(survey: &Survey<'_>, names: &mut Names, counts: impl Fn(&str) -> bool) {
    for key in AUTHORS {
        if names.is_empty() {
            let stated = survey.meta(std::slice::from_ref(key));
            let stated = stated.filter(|name| counts(name.trim()));
            stated.for_each(|name| names.state(&form(key, name)));
        }
    }
    if names.is_empty() {
        let labelled = survey.labelled(AUTHOR_LABELS).filter(|name| counts(name.trim()));
        labelled.for_each(|name| names.state(name));
    }
}

/// A name as it stands under a key, the right way round.
fn form(key: &str, name: &str) -> String {
    if TURNED_AUTHORS.contains(&key) {
        author::unturned(name)
    } else {
        name.to_owned()
    }
}

/// Takes the nearest `itemprop=author`, unless there are names: its `content`, the `itemprop=name` inside it, or its
/// text. Authors of answers and comments do not count.
fn show_property(survey: &Survey<'_>, place: &Place, names: &mut Names) {
    if !names.is_empty() {
        return;
    }
    let authors = survey
        .properties
        .iter()
        .filter(|(property, element)| matches!(*property, "author" | "creator") && !is_in_reply(*element));
    let authors: Vec<_> = authors.map(|(_, element)| *element).collect();
    for author in place.nearest(&authors) {
        let inner = author
            .descendent_elements()
            .find(|element| attribute(element.value(), "itemprop") == Some("name"))
            .unwrap_or(author);
        let stated = attribute(inner.value(), "content").or_else(|| attribute(author.value(), "content"));
        let shown = match stated {
            Some(stated) => names.show(std::iter::once(stated)),
            None => names.show(shown_pieces(inner)),
        };
        if shown {
            return;
        }
    }
}

/// Whether the nearest item around an element is an answer or a comment.
fn is_in_reply(element: ElementRef<'_>) -> bool {
    let types = element
        .ancestors()
        .filter_map(|node| attribute(node.value().as_element()?, "itemtype"));
    let mut around = types.take(1);
    around.any(|kind| REPLY_TYPES.iter().any(|reply| kind.trim_end().ends_with(reply)))
}

/// Takes the first link that is a name, with the others beside it, unless there are names.
fn show_links(near: &[ElementRef<'_>], names: &mut Names) {
    if !names.is_empty() {
        return;
    }
    let Some(first) = near.iter().position(|link| names.show(shown_pieces(*link))) else {
        return;
    };
    let beside = near.get(first).and_then(|link| link.parent());
    for link in near.iter().skip(first + 1).filter(|link| link.parent() == beside) {
        names.show(shown_pieces(*link));
    }
}

/// Takes the first element that shows a name, unless there are names.
fn show_first(near: Vec<ElementRef<'_>>, names: &mut Names) {
    if names.is_empty() {
        near.into_iter().find(|element| names.show(shown_pieces(*element)));
    }
}

/// A text with what stands around it, if that is short too: a name is often a link behind a bare `by`.
fn note_with_parent(node: NodeRef<'_, Node>) -> Option<String> {
    let own = node.value().as_text()?;
    if author::is_bare_byline(own) {
        return after_bare_byline(node, own.trim().len());
    }
    let around = node.parent().and_then(ElementRef::wrap).and_then(text_of);
    around
        .filter(|text| text.len() <= NOTE_BYTES_MAX)
        .or_else(|| value(own))
}

/// The text of the first element around a bare `by` that holds more than it.
fn after_bare_byline(node: NodeRef<'_, Node>, own_length: usize) -> Option<String> {
    let around = node.ancestors().take(BARE_ANCESTORS_MAX).filter_map(ElementRef::wrap);
    let mut texts = around.filter_map(spaced_text);
    texts
        .find(|text| text.len() > own_length)
        .filter(|text| text.len() <= NOTE_BYTES_MAX)
}
