//! What becomes of one record: judged, cleaned and written down.

use std::borrow::Cow;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::clean::render::{Format, markdown, metadata_json, plain};
use crate::clean::{Extraction, clean_until};
use crate::cli::input::Workbench;
use crate::guard::{guarded, within};
use crate::limits::Stop;
use crate::page::{PageError, PageHints, RawPage};
use crate::record::{Fault, Given, Member, RecordWriter};
use crate::warc::payload::{Payload, Reason};
use crate::warc::record::Head;
use crate::warc::{Found, Page, Place, judge};

/// A page whose header names a charset in which it makes no sense.
const WRONG_CHARSET: &str = "the charset of the header can't be right";

/// What makes outcomes of records.
pub(super) struct Workplace<'a> {
    /// Rules and limits.
    pub(super) bench: &'a Workbench,
    /// Whether pages of every status are wanted.
    pub(super) all_status: bool,
    /// What writes records, and how texts look.
    pub(super) writer: RecordWriter,
    /// Whether texts and metadata are wanted as files of their own.
    pub(super) as_files: bool,
}

/// Which count a record goes into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was a page, and is clean.
    Cleaned,
    /// It was passed over for this reason.
    PassedOver(Cow<'static, str>),
    /// It failed with this code.
    Failed(&'static str),
}

/// What is to be written of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Output {
    /// Nothing.
    Nothing,
    /// A line.
    Line(Vec<u8>),
    /// Files of their own.
    Files(Files),
}

/// What goes into the files of a page, or of one that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    /// What the record is known by.
    pub(super) id: Option<String>,
    /// Where it came from, as the metadata tell it.
    pub(super) origin: Value,
    /// The text; none where it failed.
    pub(super) text: Option<String>,
    /// The metadata, or the error.
    pub(super) about: Value,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Which count it goes into.
    pub(super) verdict: Verdict,
    /// What is to be written.
    pub(super) output: Output,
}

/// A record with the name of its file.
pub(super) struct Task<'a> {
    /// The file.
    pub(super) file: &'a Path,
    /// What was found in it.
    pub(super) found: Found,
}

impl Workplace<'_> {
    /// Does all that is to be done with a record.
    pub(super) fn outcome(&self, task: &Task<'_>) -> Outcome {
        guarded(|| self.outcome_of(task)).unwrap_or_else(|message| {
            let head = match &task.found {
                Found::Record(record) => &record.head,
                Found::Fault(fault) => &fault.head,
            };
            let origin = origin(task.file, task.found.place(), None, &[]);
            self.failed(head, origin, &Fault::new("panic", message))
        })
    }

    fn outcome_of(&self, task: &Task<'_>) -> Outcome {
        match &task.found {
            Found::Fault(fault) => {
                let origin = origin(task.file, fault.place, None, &[]);
                self.failed(
                    &fault.head,
                    origin,
                    &Fault::new(fault.kind.code(), fault.kind.to_string()),
                )
            }
            Found::Record(record) => match judge(record, self.all_status, &self.bench.limits) {
                Payload::Page(page) => self.page(task.file, record.place, &record.head, page),
                Payload::Other(Reason(reason)) => passed_over(reason),
                Payload::Bad(error) => {
                    let origin = origin(task.file, record.place, None, &[]);
                    self.failed(&record.head, origin, &Fault::new(error.code(), error.to_string()))
                }
            },
        }
    }

    fn page(&self, file: &Path, place: Place, head: &Head, mut page: Page) -> Outcome {
        let mut cleaned = self.clean(head, &page);
        if page.charset.is_some() && matches!(cleaned, Err(Failed::Page(PageError::Garbled { .. }))) {
            page.charset = None;
            page.notes.push(WRONG_CHARSET);
            cleaned = self.clean(head, &page);
        }
        let origin = origin(file, place, head.truncated.as_deref(), &page.notes);
        let origin = with_status(origin, page.status);
        match cleaned {
            Ok(extraction) => self.cleaned(head, origin, &extraction),
            Err(Failed::Page(error)) => match no_page(&error, &page.bytes) {
                Some(reason) => passed_over(Cow::Borrowed(reason)),
                None => self.failed(head, origin, &Fault::new(error.code(), error.to_string())),
            },
            Err(Failed::Panic(message)) => self.failed(head, origin, &Fault::new("panic", message)),
        }
    }

    fn clean(&self, head: &Head, page: &Page) -> Result<Extraction, Failed> {
        let bench = self.bench;
        let raw = RawPage {
            bytes: &page.bytes,
            hints: PageHints {
                url: head.url.clone(),
                charset: page.charset.clone(),
                ..bench.hints.clone()
            },
        };
        let clean = |stop: &Stop<'_>| clean_until(&raw, &bench.rules, bench.options, &bench.limits, stop);
        let outcome = guarded(|| within(bench.page_time, clean)).map_err(Failed::Panic)?;
        outcome.map_err(Failed::Page)
    }

    fn cleaned(&self, head: &Head, origin: Value, extraction: &Extraction) -> Outcome {
        let output = if self.as_files {
            let mut about = metadata_json(extraction);
            if let Some(fields) = about.as_object_mut() {
                fields.insert("record".to_owned(), named(head));
                fields.insert("warc".to_owned(), origin.clone());
            }
            Output::Files(Files {
                id: head.id.clone(),
                origin,
                text: Some(self.text(extraction)),
                about,
            })
        } else {
            Output::Line(self.writer.page(given(&members(head, &origin)), extraction))
        };
        Outcome {
            verdict: Verdict::Cleaned,
            output,
        }
    }

    fn failed(&self, head: &Head, origin: Value, fault: &Fault) -> Outcome {
        let output = if self.as_files {
            let error = json!({ "code": fault.code, "message": fault.message });
            Output::Files(Files {
                id: head.id.clone(),
                about: json!({ "record": named(head), "warc": origin, "error": error }),
                origin,
                text: None,
            })
        } else {
            Output::Line(self.writer.fault(given(&members(head, &origin)), fault))
        };
        Outcome {
            verdict: Verdict::Failed(fault.code),
            output,
        }
    }

    fn text(&self, extraction: &Extraction) -> String {
        let shape = self.writer.shape();
        match shape.format {
            Format::Md => markdown(extraction, shape.title, false),
            _ => plain(extraction, shape.title),
        }
    }
}

/// Why a page was not cleaned.
enum Failed {
    Page(PageError),
    Panic(String),
}

fn passed_over(reason: Cow<'static, str>) -> Outcome {
    Outcome {
        verdict: Verdict::PassedOver(reason),
        output: Output::Nothing,
    }
}

/// The reason to pass something over that turned out to be no page; mark-up that makes no sense remains one that failed.
fn no_page(error: &PageError, bytes: &[u8]) -> Option<&'static str> {
    match error {
        PageError::Empty => Some("empty"),
        PageError::Binary { .. } => Some("not-text"),
        PageError::Garbled { .. } if !bytes.trim_ascii_start().starts_with(b"<") => Some("not-text"),
        _ => None,
    }
}

/// Where a record came from, and what was mended on the way.
fn origin(file: &Path, place: Place, truncated: Option<&str>, notes: &[&str]) -> Value {
    let mut origin = Map::new();
    origin.insert("file".to_owned(), json!(file.to_string_lossy()));
    origin.insert("offset".to_owned(), json!(place.packed));
    origin.insert("skip".to_owned(), json!(place.skip));
    if let Some(truncated) = truncated {
        origin.insert("truncated".to_owned(), json!(truncated));
    }
    if !notes.is_empty() {
        origin.insert("notes".to_owned(), json!(notes));
    }
    Value::Object(origin)
}

fn with_status(mut origin: Value, status: Option<u16>) -> Value {
    if let (Some(fields), Some(status)) = (origin.as_object_mut(), status) {
        fields.insert("status".to_owned(), json!(status));
    }
    origin
}

fn named(head: &Head) -> Value {
    json!({ "id": head.id, "url": head.url, "date": head.date })
}

fn members(head: &Head, origin: &Value) -> [Member<'static>; 4] {
    [
        Member::of("id", &head.id),
        Member::of("url", &head.url),
        Member::of("date", &head.date),
        Member::of("warc", origin),
    ]
}

fn given<'a>(members: &'a [Member<'a>]) -> Given<'a> {
    Given { members, consumed: &[] }
}
