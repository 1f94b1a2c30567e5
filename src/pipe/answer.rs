//! One line in, one record out.

use std::borrow::Cow;
use std::time::Duration;

use super::base64;
use super::fields::Fields;
use super::lines::Line;
use crate::clean::{CleanOptions, clean_until};
use crate::guard::{guarded, within};
use crate::limits::Limits;
use crate::page::{PageHints, RawPage};
use crate::page_file::{self, ReadError};
use crate::record::{Fault, Given, Member, Place, RecordWriter, members};
use crate::rules::RuleSet;

/// The label of what JSON strings are in.
const UTF_8: &str = "utf-8";

/// What a line is answered by.
#[derive(Debug)]
pub struct Bench {
    /// The rules.
    pub rules: RuleSet,
    /// How to clean.
    pub options: CleanOptions,
    /// The bounds on a page.
    pub limits: Limits,
    /// How long a page may take.
    pub page_time: Duration,
    /// Which fields a page is read from.
    pub fields: Fields,
    /// Whether the page itself stays in its record.
    pub keep_html: bool,
    /// Makes the records.
    pub writer: RecordWriter,
}

/// The record of a line.
#[derive(Debug)]
pub struct Answer {
    /// The record.
    pub record: Vec<u8>,
    /// Why the page has no text, where it has none.
    pub fault: Option<Fault>,
}

impl Bench {
    /// Answers a line, whatever it holds.
    pub fn answer(&self, line: &Line) -> Answer {
        let cleaned = guarded(|| self.cleaned(line));
        match cleaned.unwrap_or_else(|message| Err(Fault::new("panic", message))) {
            Ok(record) => Answer { record, fault: None },
            Err(fault) => self.refuse(line, fault),
        }
    }

    /// Answers a line that can't be cleaned, with as many of its fields as can be read.
    pub fn refuse(&self, line: &Line, fault: Fault) -> Answer {
        let bytes = line.bytes();
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                std::str::from_utf8(valid).unwrap_or_default()
            }
        };
        let (members, _) = members(text);
        let consumed = self.consumed();
        let given = Given {
            members: &members,
            consumed: &consumed,
        };
        Answer {
            record: self.writer.fault(given, &fault),
            fault: Some(fault),
        }
    }

    fn cleaned(&self, line: &Line) -> Result<Vec<u8>, Fault> {
        let Line::Whole(bytes) = line else {
            let limit = super::lines::line_bytes_max(&self.limits);
            return Err(Fault::new(
                "line-too-long",
                format!("the line is longer than {limit} bytes"),
            ));
        };
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to() + 1;
            let message = format!("the line is not UTF-8 at byte {at}: send pages of other charsets as base64");
            Fault::new("bad-json", message)
        })?;
        let (members, no_object) = members(text);
        if let Some(why) = no_object {
            return Err(Fault::new("bad-json", format!("the line is {why}")));
        }
        let consumed = self.consumed();
        let given = Given {
            members: &members,
            consumed: &consumed,
        };
        match self.writer.taken(given) {
            Some(fault) => Err(fault),
            None => self.page(given),
        }
    }

    /// Fields that are not passed on.
    fn consumed(&self) -> Vec<Place> {
        if self.keep_html {
            return Vec::new();
        }
        vec![self.fields.html.clone(), self.fields.bytes.clone()]
    }

    fn page(&self, given: Given<'_>) -> Result<Vec<u8>, Fault> {
        let fields = &self.fields;
        let packed = string(&fields.bytes, given.members)?;
        let plain = string(&fields.html, given.members)?;
        let (bytes, charset) = match (&packed, &plain) {
            (Some(packed), _) => (Cow::Owned(self.unpacked(packed)?), self.charset(given.members)?),
            (None, Some(plain)) => (Cow::Borrowed(self.within_limit(plain)?), Some(UTF_8.to_owned())),
            (None, None) => {
                let message = format!(
                    "the line has neither a field {} nor a field {}",
                    fields.html, fields.bytes
                );
                return Err(Fault::new("no-page", message));
            }
        };
        let site = fields
            .site
            .as_ref()
            .map(|place| string(place, given.members))
            .transpose()?
            .flatten();
        let raw = RawPage {
            bytes: &bytes,
            hints: PageHints {
                url: string(&fields.url, given.members)?,
                site,
                charset,
                ..PageHints::default()
            },
        };
        let extraction = within(self.page_time, |stop| {
            clean_until(&raw, &self.rules, self.options, &self.limits, stop)
        })
        .map_err(|error| Fault::new(error.code(), error.to_string()))?;
        Ok(self.writer.page(given, &extraction))
    }

    fn charset(&self, members: &[Member<'_>]) -> Result<Option<String>, Fault> {
        let label = self.fields.charset.as_ref().map(|place| string(place, members));
        Ok(label.transpose()?.flatten())
    }

    /// The bytes that a page in base64 stands for, unpacked if they are packed.
    fn unpacked(&self, text: &str) -> Result<Vec<u8>, Fault> {
        let bytes = base64::decode(text)
            .map_err(|error| Fault::new("bad-base64", format!("the field {} is {error}", self.fields.bytes)))?;
        page_file::read(bytes.as_slice(), &self.limits).map_err(of_reading)
    }

    fn within_limit<'a>(&self, text: &'a str) -> Result<&'a [u8], Fault> {
        let page_bytes_max = self.limits.page_bytes_max;
        if text.len() as u64 > page_bytes_max {
            return Err(of_reading(ReadError::TooLarge { page_bytes_max }));
        }
        Ok(text.as_bytes())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what mapping an error hands over")]
fn of_reading(error: ReadError) -> Fault {
    Fault::new(error.code(), error.to_string())
}

/// A field that has to be a string where it is there at all.
fn string(place: &Place, members: &[Member<'_>]) -> Result<Option<String>, Fault> {
    let Some(member) = place.find(members).filter(|member| !member.is_null()) else {
        return Ok(None);
    };
    match member.text() {
        Some(text) => Ok(Some(text.into_owned())),
        None => Err(Fault::new("bad-field", format!("the field {place} is no string"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fields::PRESETS;
    use super::*;
    use crate::record::Shape;

    const PAGE: &str = "<!doctype html><title>Cats</title><article><h1>Cats</h1><p>The first cat sat down, and the second one \
        did not; nobody in the house could say why that was so.</p></article>";

    fn bench() -> Bench {
        Bench {
            rules: RuleSet::default(),
            options: CleanOptions::default(),
            limits: Limits {
                page_bytes_max: 10_000,
                ..Limits::default()
            },
            page_time: Duration::from_hours(1),
            fields: PRESETS[0].fields(),
            keep_html: false,
            writer: RecordWriter::new(Shape::default(), "abc"),
        }
    }

    fn answer(bench: &Bench, line: &[u8]) -> Value {
        let answer = bench.answer(&Line::Whole(line.to_vec()));
        let record: Value = serde_json::from_slice(&answer.record).unwrap();
        let told = record["error"]["code"].as_str().map(str::to_owned);
        assert_eq!(answer.fault.map(|fault| fault.code.to_owned()), told);
        record
    }

    fn fault(line: &[u8]) -> (String, Value) {
        let record = answer(&bench(), line);
        (
            record["error"]["code"].as_str().unwrap().to_owned(),
            record["id"].clone(),
        )
    }

    #[test]
    fn every_fault_has_its_code_and_the_id_where_it_can_be_read() {
        let large = json!({ "id": 1, "html": "x".repeat(10_001) }).to_string();
        let faults: [(&[u8], &str, Value); 15] = [
            (b"", "bad-json", Value::Null),
            (b"[1]", "bad-json", Value::Null),
            (br#"{"id":1,"html":"a"#, "bad-json", json!(1)),
            (b"{\"id\":1,\"html\":\"a\xff\"}", "bad-json", json!(1)),
            (br#"{"id":1}"#, "no-page", json!(1)),
            (br#"{"id":1,"html":null}"#, "no-page", json!(1)),
            (br#"{"html":7}"#, "bad-field", Value::Null),
            (br#"{"id":"a","html":"x","url":[]}"#, "bad-field", json!("a")),
            (br#"{"id":1,"html":""}"#, "empty", json!(1)),
            (br#"{"id":1,"html_b64":"*"}"#, "bad-base64", json!(1)),
            (br#"{"id":1,"html_b64":"JVBERi0xLjQ="}"#, "not-text", json!(1)),
            (br#"{"id":1,"html_b64":"H4sIAAAA"}"#, "bad-gzip", json!(1)),
            (br#"{"id":1,"html":"x","metadata":{"a":1}}"#, "field-taken", json!(1)),
            (large.as_bytes(), "too-large", json!(1)),
            (br#"{"id":1,"html":"x"} {}"#, "bad-json", json!(1)),
        ];
        for (line, code, id) in faults {
            assert_eq!(fault(line), (code.to_owned(), id), "{}", String::from_utf8_lossy(line));
        }
        let long = bench().answer(&Line::TooLong(br#"{"id":5,"html":"aaa"#.to_vec()));
        let record: Value = serde_json::from_slice(&long.record).unwrap();
        assert_eq!(
            (&record["id"], &record["error"]["code"]),
            (&json!(5), &json!("line-too-long"))
        );
    }

    #[test]
    fn a_page_that_takes_too_long_is_told() {
        let bench = Bench {
            page_time: Duration::ZERO,
            ..bench()
        };
        let record = answer(&bench, json!({ "id": 1, "html": PAGE }).to_string().as_bytes());
        assert_eq!(record["error"]["code"], "timed-out");
    }

    #[test]
    fn the_address_and_the_rest_of_the_line_are_heard_and_kept() {
        let line = json!({ "id": 1, "html": PAGE, "url": "https://x.example/cats", "big": 3 }).to_string();
        let record = answer(&bench(), line.as_bytes());
        assert_eq!(
            (&record["url"], &record["big"], record.get("html")),
            (&json!("https://x.example/cats"), &json!(3), None)
        );
        assert_eq!(record["metadata"]["hostname"], "x.example");
        let keeps = Bench {
            keep_html: true,
            ..bench()
        };
        assert_eq!(answer(&keeps, line.as_bytes())["html"], PAGE);
    }

    #[test]
    fn a_string_is_utf_8_whatever_the_page_declares() {
        let page = PAGE
            .replace("<title>", "<meta charset=windows-1251><title>")
            .replace("Cats", "Größe");
        let record = answer(&bench(), json!({ "html": page }).to_string().as_bytes());
        assert_eq!(
            (&record["metadata"]["title"], &record["metadata"]["charset"]),
            (&json!("Größe"), &json!("UTF-8"))
        );
    }
}
