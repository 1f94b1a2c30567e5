//! A first rule file for a site, drafted from sample pages; a person then edits it.
//!
//! It holds what can be seen from a few pages: hosts, a fingerprint, where metadata stands, likely main content and
//! likely boilerplate, each with a comment that says how many of the samples show it, and a first test.

mod elements;
mod lines;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::clean::{CleanOptions, Extraction, clean};
use crate::limits::Limits;
use crate::page::metadata::hostname;
use crate::page::{Dom, Page, PageError, PageHints, PageKind, RawPage};
use crate::rules::RuleSet;

/// Words of the first and last lines that a drafted test promises.
const PROMISED_WORDS: usize = 12;

/// A sample page.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its path as the rule file's test shall name it.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A line of the draft: what is written, and the evidence for it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Proposal {
    written: String,
    evidence: String,
}

/// What the samples are, once read.
struct Samples<'a> {
    html: Vec<Dom>,
    dumps: Vec<Vec<String>>,
    first: Option<(&'a Sample, Extraction)>,
    hosts: BTreeMap<String, usize>,
}

/// Drafts a rule file. `site` names the site where the samples don't. Samples that are no pages are the caller's fault
/// and end it.
pub fn draft(samples: &[Sample], site: Option<&str>, rules: &RuleSet, limits: &Limits) -> Result<String, PageError> {
    let read = Samples::read(samples, rules, limits)?;
    let host = read
        .hosts
        .iter()
        .max_by_key(|(_, count)| **count)
        .map(|(host, _)| host.clone());
    let site = site
        .map(str::to_owned)
        .or(host)
        .unwrap_or_else(|| "example.org".to_owned());
    let mut text = format!(
        "# Drafted from {} pages; look at every line before it goes live.\nschema = 1\nsite   = {}\n",
        samples.len(),
        quoted(&site)
    );
    let hosts: Vec<String> = read
        .hosts
        .keys()
        .filter(|host| **host != site)
        .map(|host| quoted(host))
        .collect();
    if !hosts.is_empty() {
        line(
            &mut text,
            &format!("hosts  = [{}, {}]", quoted(&site), hosts.join(", ")),
        );
    }
    section(&mut text, "match", "all", &lines::fingerprint(&read.dumps));
    let meta: Vec<(&str, Vec<Proposal>)> = if read.html.is_empty() {
        lines::metadata(&read.dumps)
    } else {
        elements::metadata(&read.html)
    };
    keys(&mut text, "meta", &meta);
    if !read.html.is_empty() {
        let (keep, strip) = elements::content(&read.html);
        keys(&mut text, "html", &[("keep", keep), ("strip", strip)]);
    }
    keys(
        &mut text,
        "text",
        &[
            ("drop-line", lines::repeated(&read.dumps)),
            ("cut-from", lines::tail(&read.dumps)),
        ],
    );
    if let Some((sample, extraction)) = &read.first {
        test(&mut text, sample, extraction);
    }
    Ok(text)
}

impl<'a> Samples<'a> {
    fn read(samples: &'a [Sample], rules: &RuleSet, limits: &Limits) -> Result<Self, PageError> {
        let mut read = Self {
            html: Vec::new(),
            dumps: Vec::new(),
            first: None,
            hosts: BTreeMap::new(),
        };
        for sample in samples {
            let raw = RawPage {
                bytes: &sample.bytes,
                hints: PageHints::default(),
            };
            let page = Page::decode(&raw)?;
            let extraction = clean(&raw, rules, CleanOptions { site_rules: false }, limits)?;
            if let Some(host) = extraction.metadata.url.as_deref().and_then(hostname) {
                *read.hosts.entry(host).or_default() += 1;
            }
            match page.kind {
                PageKind::Html => read.html.push(Dom::parse(&page.text, limits)?),
                PageKind::Text => read.dumps.push(
                    crate::page::lines::blocks(&page.text)
                        .into_iter()
                        .map(|block| block.text)
                        .collect(),
                ),
            }
            if read.first.is_none() {
                read.first = Some((sample, extraction));
            }
        }
        Ok(read)
    }
}

/// A part with one key.
fn section(text: &mut String, part: &str, key: &str, proposals: &[Proposal]) {
    keys(text, part, &[(key, proposals.to_vec())]);
}

/// A part with its keys; nothing where there is nothing to propose.
fn keys(text: &mut String, part: &str, keys: &[(&str, Vec<Proposal>)]) {
    if keys.iter().all(|(_, proposals)| proposals.is_empty()) {
        return;
    }
    line(text, &format!("\n[{part}]"));
    for (key, proposals) in keys.iter().filter(|(_, proposals)| !proposals.is_empty()) {
        line(text, &format!("{key} = ["));
        for proposal in proposals {
            line(text, &format!("  {},  # {}", proposal.written, proposal.evidence));
        }
        line(text, "]");
    }
}

/// A first test: the first sample, with what its text begins and ends with.
fn test(text: &mut String, sample: &Sample, extraction: &Extraction) {
    line(text, "\n[[test]]");
    line(text, &format!("input = {}", quoted(&sample.name)));
    if let Some(title) = &extraction.metadata.title {
        line(text, &format!("title = {}", quoted(title)));
    }
    let kept: Vec<&str> = extraction
        .kept()
        .map(|block| block.text.as_str())
        .filter(|text| text.split_whitespace().count() > PROMISED_WORDS)
        .collect();
    let start = |text: &str| {
        text.split_whitespace()
            .take(PROMISED_WORDS)
            .collect::<Vec<_>>()
            .join(" ")
    };
    let promised: Vec<String> = kept
        .first()
        .into_iter()
        .chain(kept.last())
        .map(|text| quoted(&start(text)))
        .collect();
    if !promised.is_empty() {
        line(text, &format!("has = [{}]", promised.join(", ")));
    }
}

fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a string never fails");
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// `n of m pages`.
fn seen(count: usize, all: usize) -> String {
    format!("on {count} of {all} pages")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleFile;
    use crate::toml_file::SourceFile;

    fn sample(name: &str, text: &str) -> Sample {
        Sample {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
        }
    }

    fn drafted(samples: &[Sample]) -> String {
        let text = draft(samples, None, &RuleSet::default(), &Limits::default()).unwrap();
        let (_, faults) = RuleFile::parse(&SourceFile::new("draft", text.clone()));
        assert!(faults.is_empty(), "{faults:?}\n{text}");
        text
    }

    #[test]
    fn a_draft_from_pages_names_hosts_sources_and_content() {
        let page = |number: usize| {
            format!(
                "<html><head><link rel=canonical href='https://www.gazette.example/{number}'><meta property='og:title' content='Story {number}'><meta name=author content='A. B.'></head>\
                 <body><nav><a href=/>Home</a></nav><div class='story-text'><h1>Story {number}</h1>{}<div class='related-box'><a href=/x>Other story of the day</a></div></div></body></html>",
                format!(
                    "<p>{}</p>",
                    "This is a sentence of the story, with commas, that goes on for a while. ".repeat(4)
                )
                .repeat(4)
            )
        };
        let text = drafted(&[sample("1.html", &page(1)), sample("2.html", &page(2))]);
        assert!(text.contains("site   = \"gazette.example\""), "{text}");
        assert!(
            text.contains("{ css = \"meta[name='author']\", attr = \"content\" },  # on 2 of 2 pages"),
            "{text}"
        );
        assert!(text.contains(".story-text"), "{text}");
        assert!(text.contains("[[test]]\ninput = \"1.html\""), "{text}");
    }

    #[test]
    fn a_draft_from_dumps_names_what_repeats() {
        let dump = |number: usize| {
            format!(
                "Gazette Online\nStory number {number} of the day\nBy A. B.\nText of story {number}, which is about {number} things.\nMore stories\nOther {number}"
            )
        };
        let text = drafted(&[sample("1.txt", &dump(1)), sample("2.txt", &dump(22))]);
        assert!(
            text.contains("[match]\nall = [\n  { line = \"Gazette Online\", within = 3 },"),
            "{text}"
        );
        assert!(text.contains("cut-from = [\n  \"More stories\","), "{text}");
    }
}
