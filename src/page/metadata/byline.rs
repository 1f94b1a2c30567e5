//! Where a page names its authors.

use ego_tree::NodeRef;
use scraper::{ElementRef, Node};

use super::author::{self, Names};
use super::json_ld::Description;
use super::keys::{AUTHORS, TURNED_AUTHORS};
use super::survey::{NOTE_BYTES_MAX, Place, Survey};
use super::value::{shown_texts, text_of, value};

/// The authors of a page, by the order of precedence of [`super`].
pub(super) fn author_of(
    survey: &Survey<'_>,
    linked: &Description,
    place: &Place,
    sitename: Option<&str>,
) -> Option<String> {
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
            let form: fn(&str) -> String = if TURNED_AUTHORS.contains(key) {
                author::unturned
            } else {
                str::to_owned
            };
            stated.for_each(|name| names.state(&form(name)));
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

/// A text with what stands around it, if that is short too: a name is often a link behind a bare `by`.
fn note_with_parent(node: NodeRef<'_, Node>) -> Option<String> {
    let around = node.parent().and_then(ElementRef::wrap).and_then(text_of);
    around
        .filter(|text| text.len() <= NOTE_BYTES_MAX)
        .or_else(|| node.value().as_text().and_then(|text| value(text)))
}
