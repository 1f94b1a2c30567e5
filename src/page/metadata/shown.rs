//! What a page shows of its author and date, gathered in a walk of its own: pages that state both are not asked.

use std::sync::LazyLock;

use ego_tree::NodeRef;
use html5ever::{LocalName, local_name};
use scraper::{ElementRef, Node, node::Element};

use super::marks::marked;
use super::survey::keep;
use crate::limits::Stop;
use crate::page::dom::Dom;
use crate::page::elements::attribute;

/// Longest text, in bytes, in which a date or an author may stand alone.
pub(super) const NOTE_BYTES_MAX: usize = 160;

/// Attributes whose words mark an element.
static MARKING: LazyLock<[LocalName; 3]> = LazyLock::new(|| ["class", "id", "data-testid"].map(LocalName::from));

/// Elements whose marks say nothing of a name or date inside.
static SILENT: [LocalName; 5] = [
    local_name!("html"),
    local_name!("body"),
    local_name!("script"),
    local_name!("style"),
    local_name!("link"),
];

/// Parts of an address before a person's name.
const PERSON_FOLDERS: &[&str] = &[
    "author",
    "authors",
    "people",
    "contributors",
    "contributor",
    "profile",
    "by",
    "writers",
    "staff",
    "members",
];

/// Candidates for the author and the date, in the order of the page.
#[derive(Debug, Default)]
pub(super) struct Shown<'a> {
    /// Links to persons' pages.
    pub(super) person_links: Vec<ElementRef<'a>>,
    /// Elements that a class or id marks as the author's.
    pub(super) author_elements: Vec<ElementRef<'a>>,
    /// Elements that a class or id marks as the date's.
    pub(super) date_elements: Vec<ElementRef<'a>>,
    /// Short texts with a year in them.
    pub(super) date_notes: Vec<NodeRef<'a, Node>>,
    /// Short texts that begin like a byline.
    pub(super) author_notes: Vec<NodeRef<'a, Node>>,
}

impl<'a> Shown<'a> {
    /// Looks at every node once.
    pub(super) fn of(dom: &'a Dom, stop: &Stop<'_>) -> Self {
        let mut shown = Self::default();
        for node in dom.html().tree.nodes().take_while(|_| stop.goes_on()) {
            match node.value() {
                Node::Element(element) => shown.take_element(node, element),
                Node::Text(text) => shown.take_text(node, text),
                _ => {}
            }
        }
        shown
    }

    fn take_element(&mut self, node: NodeRef<'a, Node>, element: &'a Element) {
        let tag = &element.name.local;
        if SILENT.contains(tag) {
            return;
        }
        let Some(found) = ElementRef::wrap(node) else { return };
        let is_link = *tag == local_name!("a");
        let (mut author, mut date) = (false, false);
        for (name, value) in &element.attrs {
            let name = &name.local;
            if MARKING.contains(name) {
                let marked = marked(value);
                author |= marked.author;
                date |= marked.date;
            } else if is_link && *name == local_name!("href") && leads_to_person(value) {
                keep(&mut self.person_links, found);
            }
        }
        if author {
            keep(&mut self.author_elements, found);
        }
        if date {
            keep(&mut self.date_elements, found);
        }
    }

    fn take_text(&mut self, node: NodeRef<'a, Node>, text: &str) {
        let text = text.trim();
        if text.len() > NOTE_BYTES_MAX || text.len() < 2 {
            return;
        }
        let (dated, signed) = (may_hold_year(text), super::author::begins_byline(text));
        // Last, since few texts come so far: the element around lies elsewhere in memory.
        if !dated && !signed || is_silent(node) {
            return;
        }
        if dated {
            keep(&mut self.date_notes, node);
        }
        if signed {
            keep(&mut self.author_notes, node);
        }
    }
}

/// Whether a name follows one of [`PERSON_FOLDERS`] in an address.
fn leads_to_person(address: &str) -> bool {
    let mut parts = address.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        if PERSON_FOLDERS.contains(&part) && parts.peek().is_some() {
            return true;
        }
    }
    false
}

/// Whether a text has the beginning of a year of our time, or digits of another script.
fn may_hold_year(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_century = bytes.windows(2).any(|pair| matches!(pair, b"19" | b"20"));
    has_century || !text.is_ascii() && text.chars().any(|c| !c.is_ascii() && c.is_numeric())
}

/// Whether a text node is the contents of something that is not shown.
fn is_silent(node: NodeRef<'_, Node>) -> bool {
    let parent = node
        .parent()
        .and_then(|parent| parent.value().as_element().map(Element::name));
    matches!(
        parent,
        Some("script" | "style" | "template" | "textarea" | "option" | "title")
    )
}

/// Words that say that what follows, or is so marked, is about the last change.
const CHANGE_WORDS: &[&str] = &[
    "updated",
    "update",
    "modified",
    "revised",
    "edited",
    "aktualisiert",
    "geändert",
    "actualizado",
    "actualisé",
    "aggiornato",
    "bijgewerkt",
    "uppdaterad",
    "oppdatert",
    "opdateret",
    "обновлено",
    "更新",
    "atualizado",
];

/// Whether an element is marked, or labelled in its own text or right before it, as the date of the last change.
pub(super) fn is_of_change(element: ElementRef<'_>) -> bool {
    let has_word = |text: &str| {
        let lower = text.to_lowercase();
        CHANGE_WORDS.iter().any(|word| lower.contains(word))
    };
    let before = element.prev_sibling().and_then(|node| {
        node.value()
            .as_text()
            .map(|text| text.len() <= NOTE_BYTES_MAX && has_word(text))
    });
    let begins = element.text().find(|text| !text.trim().is_empty());
    attribute(element.value(), "class").is_some_and(has_word)
        || before == Some(true)
        || begins.is_some_and(|text| text.len() <= NOTE_BYTES_MAX && has_word(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn persons_have_folders_of_their_own() {
        assert!(leads_to_person("https://example.org/authors/ann"));
        assert!(leads_to_person("/members/ann.17/"));
        for address in ["/author", "authors/ann", "/bystanders/x", "/news/by-ann", ""] {
            assert!(!leads_to_person(address), "{address}");
        }
    }

    #[test]
    fn years_are_told_by_their_century() {
        assert!(may_hold_year("in 2024") && may_hold_year("1999") && may_hold_year("٢٠٢٤"));
        assert!(!may_hold_year("in 1824") && !may_hold_year("é"));
    }
}
