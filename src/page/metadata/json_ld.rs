//! What a page says about itself in JSON-LD: the one object that describes the page, of all that its scripts hold.

use std::borrow::Cow;
use std::collections::HashMap;

use scraper::{ElementRef, node::Element};
use serde_json::{Map, Value};

use super::body::body;
use super::value::value;
use crate::limits::{JSON_LD_BYTES_MAX, JSON_LD_DEPTH_MAX};
use crate::page::dom::Dom;
use crate::page::elements::attribute;

/// The type of a script that holds JSON-LD; parameters may follow.
const SCRIPT_TYPE: &str = "application/ld+json";

/// Objects that are looked at on one page.
const OBJECTS_MAX: usize = 1_000;

/// Ends of the names of types whose objects are a page's content, best first; `NewsArticle` ends like `Article`.
const CONTENT_TYPES: &[&[&str]] = &[
    &["Article", "Posting", "Report", "Recipe", "HowTo", "Review"],
    &[
        "Question",
        "QAPage",
        "Product",
        "Book",
        "Course",
        "Event",
        "Movie",
        "Application",
        "Dataset",
        "VideoObject",
    ],
    &[
        "WebPage",
        "AboutPage",
        "ItemPage",
        "FAQPage",
        "ContactPage",
        "CollectionPage",
        "ProfilePage",
        "CheckoutPage",
    ],
];

/// Keys under which further objects about the page stand.
const PATHS: &[&str] = &["@graph", "mainEntity", "mainEntityOfPage"];

/// What old browsers wanted before a script.
const WRAPPERS: &[&str] = &["<!--", "-->", "//", "/*", "*/", "<![CDATA["];

/// Ends of the names of types that are no persons.
const ORGANISATION_TYPES: &[&str] = &["Organization", "Corporation", "Business", "WebSite", "Brand"];

/// Keys of an author.
const AUTHOR_KEYS: &[&str] = &["author", "creator"];

/// What the object that describes the page says.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Description {
    /// `headline`, or `name`.
    pub(super) title: Option<String>,
    /// Names of authors, as they stand there.
    pub(super) authors: Vec<String>,
    /// Names of organisations that are given as authors.
    pub(super) organisations: Vec<String>,
    /// `datePublished`, `dateCreated` or `uploadDate`.
    pub(super) published: Option<String>,
    /// `dateModified`.
    pub(super) modified: Option<String>,
    /// `description`.
    pub(super) summary: Option<String>,
    /// Address of the first image.
    pub(super) image: Option<String>,
    /// Name of the publisher, or of the web site.
    pub(super) publisher: Option<String>,
    /// `articleSection`.
    pub(super) sections: Vec<String>,
    /// `keywords`, cut at commas.
    pub(super) keywords: Vec<String>,
    /// `identifier`, if it is no address.
    pub(super) identifier: Option<String>,
    /// `inLanguage`.
    pub(super) language: Option<String>,
    /// `articleBody` or `text`, where it is long.
    pub(super) body: Option<String>,
}

/// Objects of all scripts, by how well their type describes a page.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// Content objects with their rank, in the order of the page.
    objects: Vec<(usize, Map<String, Value>)>,
    /// Names by `@id`, for authors and publishers that are referred to.
    names: HashMap<String, String>,
    /// The name of the first `WebSite`.
    site: Option<String>,
    seen: usize,
}

impl Graph {
    /// Takes the text of one script; broken or oversized scripts are passed over.
    pub(super) fn take(&mut self, script: &str) {
        if let Some(json) = parse(script) {
            self.walk(json, 0);
        }
    }

    fn walk(&mut self, json: Value, depth: usize) {
        if depth > JSON_LD_DEPTH_MAX || self.seen >= OBJECTS_MAX {
            return;
        }
        match json {
            Value::Array(items) => items.into_iter().for_each(|item| self.walk(item, depth + 1)),
            Value::Object(object) => self.walk_object(object, depth),
            _ => {}
        }
    }

    fn walk_object(&mut self, mut object: Map<String, Value>, depth: usize) {
        self.seen += 1;
        for path in PATHS {
            if let Some(inner) = object.remove(*path) {
                self.walk(inner, depth + 1);
            }
        }
        self.note_name(&object);
        if let Some(rank) = rank(&object) {
            self.objects.push((rank, object));
        }
    }

    fn note_name(&mut self, object: &Map<String, Value>) {
        let Some(name) = text(object.get("name")) else { return };
        if self.site.is_none() && types(object).any(|kind| kind == "WebSite") {
            self.site = Some(name.clone());
        }
        if let Some(Value::String(id)) = object.get("@id") {
            self.names.entry(id.clone()).or_insert(name);
        }
    }

    /// What the best object says; where it is silent, the next best.
    pub(super) fn description(&self) -> Description {
        let mut ranked: Vec<_> = self.objects.iter().collect();
        ranked.sort_by_key(|(rank, _)| *rank);
        let mut description = Description::default();
        for (_, object) in ranked {
            self.fill(&mut description, object);
        }
        description.publisher = description.publisher.or_else(|| self.site.clone());
        description
    }

    fn fill(&self, into: &mut Description, object: &Map<String, Value>) {
        let get = |keys: &[&str]| keys.iter().find_map(|key| text(object.get(*key)));
        fill_in(&mut into.title, || get(&["headline", "name"]));
        fill_in(&mut into.published, || {
            get(&["datePublished", "dateCreated", "uploadDate"])
        });
        fill_in(&mut into.modified, || get(&["dateModified"]));
        fill_in(&mut into.summary, || get(&["description"]));
        fill_in(&mut into.language, || get(&["inLanguage"]));
        fill_in(&mut into.body, || body(object));
        fill_in(&mut into.identifier, || {
            get(&["identifier", "sku"]).filter(|id| !id.contains("://"))
        });
        fill_in(&mut into.image, || {
            ["image", "thumbnailUrl"]
                .iter()
                .find_map(|key| address(object.get(*key)?))
        });
        fill_in(&mut into.publisher, || {
            self.names(object.get("publisher")?, 0).into_iter().next()
        });
        if into.authors.is_empty() {
            self.fill_authors(into, object);
        }
        if into.sections.is_empty() {
            into.sections = object.get("articleSection").map(strings).unwrap_or_default();
        }
        if into.keywords.is_empty() {
            into.keywords = object.get("keywords").map(strings).unwrap_or_default();
        }
    }

    fn fill_authors(&self, into: &mut Description, object: &Map<String, Value>) {
        let authors = AUTHOR_KEYS.iter().filter_map(|key| object.get(*key));
        let single = authors.flat_map(|author| author.as_array().map_or(std::slice::from_ref(author), Vec::as_slice));
        for author in single {
            let names = self.names(author, 0);
            let is_organisation = author
                .as_object()
                .is_some_and(|author| types(author).any(is_organisation));
            if is_organisation {
                into.organisations.extend(names);
            } else {
                into.authors.extend(names);
            }
        }
    }

    /// Names in a value that is a string, an object with a name or an `@id`, or an array of these.
    fn names(&self, json: &Value, depth: usize) -> Vec<String> {
        if depth > JSON_LD_DEPTH_MAX {
            return Vec::new();
        }
        match json {
            Value::String(name) => self
                .names
                .get(name)
                .cloned()
                .or_else(|| value(name))
                .into_iter()
                .collect(),
            Value::Array(items) => items.iter().flat_map(|item| self.names(item, depth + 1)).collect(),
            Value::Object(object) => match object.get("name") {
                Some(name) => self.names(name, depth + 1),
                None => text(object.get("@id"))
                    .and_then(|id| self.names.get(&id).cloned())
                    .into_iter()
                    .collect(),
            },
            _ => Vec::new(),
        }
    }
}

fn is_organisation(kind: &str) -> bool {
    ORGANISATION_TYPES.iter().any(|end| kind.ends_with(end))
}

fn fill_in(field: &mut Option<String>, find: impl FnOnce() -> Option<String>) {
    if field.is_none() {
        *field = find();
    }
}

/// What every JSON-LD script of a page holds, in order, broken or oversized ones passed over.
pub(in crate::page) fn documents(dom: &Dom) -> impl Iterator<Item = Value> {
    let elements = dom.html().tree.nodes().filter_map(ElementRef::wrap);
    elements
        .filter(|element| element.value().name() == "script" && is_json_ld(element.value()))
        .filter_map(|script| parse(&script_text(script)))
}

/// Whether a script holds JSON-LD.
pub(super) fn is_json_ld(script: &Element) -> bool {
    let start = attribute(script, "type").and_then(|kind| kind.trim_start().split_at_checked(SCRIPT_TYPE.len()));
    start.is_some_and(|(kind, _)| kind.eq_ignore_ascii_case(SCRIPT_TYPE))
}

/// The contents of a script, which are one piece of text unless something was written into it later.
pub(super) fn script_text(script: ElementRef<'_>) -> Cow<'_, str> {
    let mut pieces = script.text();
    match (pieces.next(), pieces.next()) {
        (Some(only), None) => Cow::Borrowed(only),
        _ => Cow::Owned(script.text().collect()),
    }
}

/// Reads the first JSON value of a script that is no larger than [`JSON_LD_BYTES_MAX`]. Wrappers of old browsers are
/// taken off, and raw line breaks inside strings, which JSON forbids and pages have, become blanks.
fn parse(script: &str) -> Option<Value> {
    if script.len() > JSON_LD_BYTES_MAX {
        return None;
    }
    let mut json = script.trim_start();
    while let Some(inner) = WRAPPERS.iter().find_map(|wrapper| json.strip_prefix(wrapper)) {
        json = inner.trim_start();
    }
    first_value(json).or_else(|| first_value(&json.replace(|c: char| c.is_control(), " ")))
}

fn first_value(json: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(json).into_iter().next()?.ok()
}

fn types(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let kinds = match object.get("@type") {
        Some(Value::Array(kinds)) => kinds.as_slice(),
        Some(kind) => std::slice::from_ref(kind),
        None => &[],
    };
    kinds.iter().filter_map(Value::as_str)
}

/// How well an object's type describes a page, 0 best.
fn rank(object: &Map<String, Value>) -> Option<usize> {
    let rank_of = |kind: &str| {
        CONTENT_TYPES
            .iter()
            .position(|ends| ends.iter().any(|end| kind.ends_with(end)))
    };
    types(object).filter_map(rank_of).min()
}

/// A value as a field's text: a string or number, or the first such in an array or `@value`.
fn text(json: Option<&Value>) -> Option<String> {
    match json? {
        Value::String(text) => value(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => items.iter().find_map(|item| item.as_str().and_then(value)),
        Value::Object(object) => ["@value", "value", "alternateName"]
            .iter()
            .find_map(|key| object.get(*key)?.as_str())
            .and_then(value),
        _ => None,
    }
}

fn address(json: &Value) -> Option<String> {
    match json {
        Value::String(address) => value(address),
        Value::Array(items) => items.first().filter(|first| !first.is_array()).and_then(address),
        Value::Object(object) => text(object.get("url")).or_else(|| text(object.get("contentUrl"))),
        _ => None,
    }
}

fn strings(json: &Value) -> Vec<String> {
    match json {
        Value::String(list) => list.split(',').filter_map(value).collect(),
        Value::Array(items) => items.iter().filter_map(|item| text(Some(item))).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(script: &str) -> Description {
        let mut graph = Graph::default();
        graph.take(script);
        graph.description()
    }

    #[test]
    fn the_article_of_a_graph_describes_the_page() {
        let description = describe(
            r##"{"@graph": [
                {"@type": "WebSite", "name": "Site"},
                {"@type": "WebPage", "name": "Page", "datePublished": "2020-01-01", "description": "About"},
                {"@type": ["NewsArticle"], "headline": "It&#8217;s", "author": [{"@id": "#j"}, "Joe"], "keywords": "a, b"},
                {"@type": "Person", "@id": "#j", "name": "Jane"}]}"##,
        );
        assert_eq!(description.title.as_deref(), Some("It’s"));
        assert_eq!(description.authors, ["Jane", "Joe"]);
        assert_eq!(description.published.as_deref(), Some("2020-01-01"));
        assert_eq!(description.summary.as_deref(), Some("About"));
        assert_eq!(description.publisher.as_deref(), Some("Site"));
        assert_eq!(description.keywords, ["a", "b"]);
    }

    #[test]
    fn wrapped_and_slightly_broken_scripts_are_read() {
        assert_eq!(
            describe("<!-- \n{\"@type\":\"Article\",\"name\":\"a\nb\"}; -->")
                .title
                .as_deref(),
            Some("a b")
        );
        assert_eq!(
            describe("//<![CDATA[\n [{\"@type\":\"Product\",\"name\":\"x\"}] //]]>")
                .title
                .as_deref(),
            Some("x")
        );
        assert_eq!(describe("{\"@type\":"), Description::default());
    }

    #[test]
    fn objects_too_deep_are_not_followed() {
        let nested = |depth: usize| {
            format!(
                "{}{{\"@type\":\"Article\",\"name\":\"x\"}}{}",
                "{\"mainEntity\":".repeat(depth),
                "}".repeat(depth)
            )
        };
        assert!(describe(&nested(JSON_LD_DEPTH_MAX)).title.is_some());
        assert!(describe(&nested(JSON_LD_DEPTH_MAX + 1)).title.is_none());
    }

    #[test]
    fn scripts_are_told_by_their_type() {
        let page =
            "<script>{\"a\":1}</script><script type=' Application/LD+JSON; charset=utf-8'><!-- {\"a\":2} --></script>";
        let dom = Dom::parse(page, &crate::limits::Limits::default()).unwrap();
        let found: Vec<_> = documents(&dom).collect();
        assert_eq!(found, [serde_json::json!({"a": 2})]);
    }

    #[test]
    fn a_script_too_large_is_passed_over() {
        let padding = " ".repeat(JSON_LD_BYTES_MAX);
        assert_eq!(
            describe(&format!("{{\"@type\":\"Article\",{padding}\"name\":\"x\"}}")),
            Description::default()
        );
    }

    #[test]
    fn items_of_a_list_do_not_describe_the_page() {
        let list = r#"{"@type":"ItemList","itemListElement":[{"@type":"Article","name":"x"}]}"#;
        assert_eq!(describe(list), Description::default());
    }
}
