//! The one shape of a JSON record of a cleaned page: what came with the page, its text and metadata, or why there are none.
//!
//! A record is one line: a JSON object and a line feed. What came with the page is passed on as it was written; behind it
//! stand the text, the metadata, and which version and rules made them.

mod member;
mod place;

use std::borrow::Cow;

use serde_json::{Value, json};

pub use member::{MEMBERS_MAX, Member, NoObject, members};
pub use place::{NoPlace, Place};

use crate::clean::Extraction;
use crate::clean::render::{Format, markdown, metadata_json, plain, removals_json};
use member::json_text;
use place::last;

/// Where each part of a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// What the page is known by; `null` in a record of a fault whose page has none.
    pub id: Place,
    /// The text.
    pub text: Place,
    /// What the page says about itself and how it was cleaned.
    pub metadata: Place,
    /// Every block with its fate, where that is wanted.
    pub removals: Place,
    /// Which version and rules made the record.
    pub made_by: Place,
    /// Why there is no text.
    pub error: Place,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            id: Place::top("id"),
            text: Place::top("text"),
            metadata: Place::top("metadata"),
            removals: Place::top("removals"),
            made_by: Place::top("dehusk"),
            error: Place::top("error"),
        }
    }
}

/// What a record holds, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Where its parts stand.
    pub places: Places,
    /// The form of the text.
    pub format: Format,
    /// Whether the text begins with the title.
    pub title: bool,
    /// Whether it tells what became of every block.
    pub removals: bool,
    /// Fields of the metadata that stand at the top of the record as well.
    pub columns: Vec<String>,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            places: Places::default(),
            format: Format::Txt,
            title: true,
            removals: false,
            columns: Vec::new(),
        }
    }
}

impl Shape {
    /// Two parts of the record that are in each other's way, if there are any.
    pub fn clash(&self) -> Option<(Place, Place)> {
        let own = &self.places;
        let mut parts = vec![&own.id, &own.text, &own.metadata, &own.made_by, &own.error];
        parts.extend(self.removals.then_some(&own.removals));
        let mut placed: Vec<Place> = Vec::new();
        for part in parts
            .into_iter()
            .cloned()
            .chain(self.columns.iter().map(|name| Place::top(name)))
        {
            if let Some(other) = placed.iter().find(|other| part.is_in_the_way_of(other)) {
                return Some((other.clone(), part));
            }
            placed.push(part);
        }
        None
    }
}

/// Why a page has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// A short fixed word.
    pub code: &'static str,
    /// What is wrong, in words.
    pub message: String,
}

impl Fault {
    /// A fault of a kind.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// What came with a page.
#[derive(Debug, Clone, Copy, Default)]
pub struct Given<'a> {
    /// Its fields.
    pub members: &'a [Member<'a>],
    /// Those of them that are not passed on.
    pub consumed: &'a [Place],
}

/// A part of a record at its place, as JSON text.
type Part<'a> = (Cow<'a, Place>, String);

/// Makes records.
#[derive(Debug, Clone)]
pub struct RecordWriter {
    shape: Shape,
    made_by: String,
}

impl RecordWriter {
    /// A writer of records that are made with the rules of this hash.
    pub fn new(shape: Shape, rules_hash: &str) -> Self {
        let made_by = json!({ "version": env!("CARGO_PKG_VERSION"), "rules": rules_hash });
        Self {
            shape,
            made_by: json_text(&made_by),
        }
    }

    /// What the records hold, and where.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// A field that came with the page and stands where a part of the record has to stand, if there is one. What is `null`
    /// or not passed on leaves its place.
    pub fn taken(&self, given: Given<'_>) -> Option<Fault> {
        let places = &self.shape.places;
        let removals = self.shape.removals.then_some(&places.removals);
        let own = [&places.text, &places.metadata, &places.made_by]
            .into_iter()
            .chain(removals);
        let columns = self.shape.columns.iter().map(|name| Place::top(name));
        own.cloned().chain(columns).find_map(|place| {
            if let Some(within) = place.within.as_ref().and_then(|within| last(given.members, within))
                && !within.is_null()
                && !within.value().starts_with('{')
            {
                let name = within.name();
                return Some(Fault::new(
                    TAKEN,
                    format!("the field {name} is no object, so that {place} has no room"),
                ));
            }
            let there = place.find(given.members).filter(|member| !member.is_null())?;
            let message = format!(
                "there is a field {} already, where the record has its own",
                there.name()
            );
            (!given.consumed.contains(&place)).then(|| Fault::new(TAKEN, message))
        })
    }

    /// The record of a cleaned page.
    pub fn page(&self, given: Given<'_>, extraction: &Extraction) -> Vec<u8> {
        let places = &self.shape.places;
        let metadata = metadata_json(extraction);
        let mut parts: Vec<Part<'_>> = vec![(Cow::Borrowed(&places.text), json_text(&self.text(extraction)))];
        for name in &self.shape.columns {
            let value = metadata.get(name).unwrap_or(&Value::Null);
            parts.push((Cow::Owned(Place::top(name)), json_text(value)));
        }
        parts.push((Cow::Borrowed(&places.metadata), json_text(&metadata)));
        if self.shape.removals {
            parts.push((Cow::Borrowed(&places.removals), json_text(&removals_json(extraction))));
        }
        parts.push((Cow::Borrowed(&places.made_by), self.made_by.clone()));
        line(given, &parts)
    }

    /// The record of a page that has no text.
    pub fn fault(&self, given: Given<'_>, fault: &Fault) -> Vec<u8> {
        let places = &self.shape.places;
        let error = json_text(&json!({ "code": fault.code, "message": fault.message }));
        let mut parts: Vec<Part<'_>> = Vec::new();
        if places.id.find(given.members).is_none() {
            parts.push((Cow::Borrowed(&places.id), "null".to_owned()));
        }
        parts.push((Cow::Borrowed(&places.error), error));
        parts.push((Cow::Borrowed(&places.made_by), self.made_by.clone()));
        for (place, _) in &mut parts {
            // Where the object that it belongs into is none, a fault is told all the same.
            let no_object = |within: &Member<'_>| !within.value().starts_with('{') && !within.is_null();
            if place
                .within
                .as_ref()
                .and_then(|within| last(given.members, within))
                .is_some_and(no_object)
            {
                place.to_mut().within = None;
            }
        }
        line(given, &parts)
    }

    /// The text in the form that is wanted: what `dehusk clean` prints.
    fn text(&self, extraction: &Extraction) -> String {
        match self.shape.format {
            Format::Md => markdown(extraction, self.shape.title, false),
            _ => plain(extraction, self.shape.title),
        }
    }
}

/// The code of a field that stands in the way.
const TAKEN: &str = "field-taken";

/// Room that is made for what is passed on, in bytes; more is taken as needed.
const PASSED_ROOM: usize = 64 * 1024;

/// Every field of the metadata.
pub const COLUMNS: &[&str] = &[
    "schema",
    "title",
    "author",
    "date",
    "date_modified",
    "url",
    "hostname",
    "sitename",
    "description",
    "categories",
    "tags",
    "language",
    "image",
    "pagetype",
    "id",
    "site",
    "identified_by",
    "evidence",
    "method",
    "rule_set",
    "kind",
    "charset",
    "kept_ratio",
    "removed",
    "confidence",
    "overlays",
    "held",
    "warnings",
    "version",
];

/// A record: what is passed on, with the parts at their places.
fn line(given: Given<'_>, parts: &[Part<'_>]) -> Vec<u8> {
    let passed: usize = given.members.iter().map(|member| member.value().len()).sum();
    let added: usize = parts.iter().map(|(_, json)| json.len()).sum();
    let mut record = String::with_capacity(passed.min(PASSED_ROOM) + added + PASSED_ROOM / 64);
    record.push('{');
    let mut entered: Vec<&str> = Vec::new();
    for member in given.members.iter().filter(|member| !goes(member, None, given, parts)) {
        match entered_by(member, given, parts) {
            Some(within) => {
                entered.push(within);
                let (inside, _) = members(member.value());
                push_object(&mut record, within, &inside, given, parts);
            }
            None => push(&mut record, member.name(), member.value()),
        }
    }
    for (place, json) in parts {
        match place.within.as_deref() {
            None => push(&mut record, &json_text(&place.name), json),
            Some(within) if !entered.contains(&within) => {
                entered.push(within);
                push_object(&mut record, within, &[], given, parts);
            }
            Some(_) => {}
        }
    }
    record.push_str("}\n");
    record.into_bytes()
}

/// Whether a field of the page is not passed on, or gives way to a part.
fn goes(member: &Member<'_>, within: Option<&str>, given: Given<'_>, parts: &[Part<'_>]) -> bool {
    let is_there = |place: &Place| place.within.as_deref() == within && member.is_named(&place.name);
    given.consumed.iter().any(is_there) || parts.iter().any(|(place, _)| is_there(place))
}

/// The name of an object that something is put into, or taken out of.
fn entered_by<'a>(member: &Member<'_>, given: Given<'a>, parts: &'a [Part<'_>]) -> Option<&'a str> {
    let takes_parts = member.is_null() || member.value().starts_with('{');
    let named = |place: &'a Place| place.within.as_deref().filter(|within| member.is_named(within));
    let put = parts.iter().find_map(|(place, _)| named(place)).filter(|_| takes_parts);
    put.or_else(|| {
        given
            .consumed
            .iter()
            .filter(|place| place.find(given.members).is_some())
            .find_map(named)
    })
}

/// An object with what is passed on of it and the parts that belong into it.
fn push_object(record: &mut String, name: &str, inside: &[Member<'_>], given: Given<'_>, parts: &[Part<'_>]) {
    push(record, &json_text(name), "{");
    for member in inside.iter().filter(|member| !goes(member, Some(name), given, parts)) {
        push(record, member.name(), member.value());
    }
    for (place, json) in parts.iter().filter(|(place, _)| place.within.as_deref() == Some(name)) {
        push(record, &json_text(&place.name), json);
    }
    record.push('}');
}

/// A field, behind a comma where one stands before it.
fn push(record: &mut String, name: &str, value: &str) {
    if !record.ends_with('{') {
        record.push(',');
    }
    record.push_str(name);
    record.push(':');
    record.push_str(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::{CleanOptions, clean};
    use crate::limits::Limits;
    use crate::page::{PageHints, RawPage};
    use crate::rules::RuleSet;

    const PAGE: &str = "<!doctype html><title>Cats</title><article><h1>Cats</h1><p>The first cat sat down, and the second one \
        did not; nobody in the house could say why that was so.</p></article>";

    fn extraction() -> Extraction {
        let raw = RawPage {
            bytes: PAGE.as_bytes(),
            hints: PageHints::default(),
        };
        clean(&raw, &RuleSet::default(), CleanOptions::default(), &Limits::default()).unwrap()
    }

    fn place(text: &str) -> Place {
        text.parse().unwrap()
    }

    /// A writer whose parts stand inside the object `m`.
    fn inside() -> RecordWriter {
        let places = Places {
            metadata: place("/m/page"),
            made_by: place("/m/dehusk"),
            error: place("/m/error"),
            ..Places::default()
        };
        let shape = Shape {
            places,
            columns: vec!["language".to_owned(), "kind".to_owned()],
            ..Shape::default()
        };
        RecordWriter::new(shape, "abc")
    }

    fn page(writer: &RecordWriter, line: &str, consumed: &[Place]) -> String {
        let given = Given {
            members: &members(line).0,
            consumed,
        };
        assert_eq!(writer.taken(given), None);
        String::from_utf8(writer.page(given, &extraction())).unwrap()
    }

    fn fault(writer: &RecordWriter, line: &str, consumed: &[Place]) -> String {
        let given = Given {
            members: &members(line).0,
            consumed,
        };
        String::from_utf8(writer.fault(given, &Fault::new("empty", "the page is empty"))).unwrap()
    }

    fn taken(writer: &RecordWriter, line: &str, consumed: &[Place]) -> Option<String> {
        let members = members(line).0;
        let given = Given {
            members: &members,
            consumed,
        };
        writer.taken(given).map(|fault| fault.message)
    }

    #[test]
    fn what_came_is_passed_on_and_the_parts_follow() {
        let writer = RecordWriter::new(Shape::default(), "abc");
        let record = page(
            &writer,
            r#"{"n": 1e999, "html": "x", "id": "7", "error": 9, "text": null}"#,
            &[place("html")],
        );
        assert!(
            record.starts_with(r#"{"n":1e999,"id":"7","error":9,"text":"Cats\n\nThe first cat"#),
            "{record}"
        );
        assert!(record.ends_with("}\n") && record.matches('\n').count() == 1);
        let read: Value = serde_json::from_str(&record.replace("1e999", "1")).unwrap();
        assert_eq!(read["text"], json!(plain(&extraction(), true)));
        assert_eq!(read["metadata"]["title"], "Cats");
        assert_eq!(
            read["dehusk"],
            json!({ "version": env!("CARGO_PKG_VERSION"), "rules": "abc" })
        );
    }

    #[test]
    fn parts_go_into_an_object_that_came_or_a_new_one() {
        let consumed = [place("html"), place("/m/raw")];
        let record = page(&inside(), r#"{"html":"x","m":{"a":1.0,"raw":2},"z":3}"#, &consumed);
        assert!(record.starts_with(r#"{"m":{"a":1.0,"page":{"schema":"#), "{record}");
        let read: Value = serde_json::from_str(&record).unwrap();
        assert_eq!(
            (&read["z"], &read["kind"], &read["m"]["dehusk"]["rules"]),
            (&json!(3), &json!("html"), &json!("abc"))
        );
        let absent: Value = serde_json::from_str(&page(&inside(), r#"{"html":"x"}"#, &consumed)).unwrap();
        let null: Value = serde_json::from_str(&page(&inside(), r#"{"html":"x","m":null}"#, &consumed)).unwrap();
        assert_eq!(absent["m"]["page"], read["m"]["page"]);
        assert_eq!(absent["m"]["dehusk"], read["m"]["dehusk"]);
        assert_eq!(null["m"], absent["m"]);
    }

    #[test]
    fn a_fault_has_an_id_or_null_and_says_why() {
        let writer = RecordWriter::new(Shape::default(), "abc");
        let rest = format!(
            r#""error":{{"code":"empty","message":"the page is empty"}},"dehusk":{{"version":"{}","rules":"abc"}}}}"#,
            env!("CARGO_PKG_VERSION")
        );
        let html = [place("html")];
        assert_eq!(
            fault(&writer, r#"{"id":5,"html":""}"#, &html),
            format!("{{\"id\":5,{rest}\n")
        );
        assert_eq!(
            fault(&writer, r#"{"u":"x"}"#, &html),
            format!("{{\"u\":\"x\",\"id\":null,{rest}\n")
        );
        assert!(fault(&inside(), r#"{"id":5,"m":[1]}"#, &html).starts_with(r#"{"id":5,"m":[1],"error":{"#));
        assert!(fault(&inside(), r#"{"id":5,"m":{}}"#, &html).starts_with(r#"{"id":5,"m":{"error":{"#));
    }

    #[test]
    fn a_field_that_stands_in_the_way_is_told() {
        let writer = RecordWriter::new(Shape::default(), "abc");
        assert_eq!(
            taken(&writer, r#"{"text":"old"}"#, &[]).as_deref(),
            Some("there is a field \"text\" already, where the record has its own")
        );
        assert_eq!(taken(&writer, r#"{"text":"old"}"#, &[place("text")]), None);
        assert_eq!(taken(&writer, r#"{"text":null}"#, &[]), None);
        assert_eq!(taken(&inside(), r#"{"m":{}}"#, &[]), None);
        assert_eq!(
            taken(&inside(), r#"{"m":7}"#, &[]).as_deref(),
            Some("the field \"m\" is no object, so that /m/page has no room")
        );
    }

    #[test]
    fn parts_that_are_in_each_others_way_are_told() {
        let clash = |change: fn(&mut Shape)| {
            let mut shape = Shape::default();
            change(&mut shape);
            shape.clash().map(|(one, other)| format!("{one} {other}"))
        };
        assert_eq!(clash(|_| ()), None);
        assert_eq!(inside().shape().clash(), None);
        assert_eq!(
            clash(|shape| shape.places.error = Place::top("text")).as_deref(),
            Some("text text")
        );
        assert_eq!(
            clash(|shape| shape.places.error = place("/metadata/error")).as_deref(),
            Some("metadata /metadata/error")
        );
        assert_eq!(
            clash(|shape| shape.columns.push("id".to_owned())).as_deref(),
            Some("id id")
        );
        assert_eq!(clash(|shape| shape.places.removals = Place::top("text")), None);
    }

    #[test]
    fn every_field_of_the_metadata_can_be_a_column() {
        let metadata = metadata_json(&extraction());
        let names: Vec<&String> = metadata.as_object().unwrap().keys().collect();
        assert_eq!(names, COLUMNS);
    }
}
