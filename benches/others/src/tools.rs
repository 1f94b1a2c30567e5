//! The tools, each as a function from a page, raw and decoded, to its text.

use std::sync::LazyLock;

use dehusk::clean::render::plain;
use dehusk::clean::{CleanOptions, clean};
use dehusk::limits::Limits;
use dehusk::page::{PageHints, RawPage};
use dehusk::rules::{RuleSet, shipped};
use dom_smoothie::{Config, Readability, TextMode};

/// Makes a text of a page's bytes, or of its decoded text.
pub(crate) type Tool = fn(&[u8], &str) -> String;

/// All tools. `parse_document` is the measure of the others' times and gives no text.
pub(crate) const TOOLS: &[(&str, Tool)] = &[
    ("dehusk", dehusk),
    ("scraper-parse", parse),
    ("dom_smoothie", dom_smoothie),
    ("rs-trafilatura", rs_trafilatura),
];

/// The tool of this name.
pub(crate) fn by_name(name: &str) -> Option<Tool> {
    TOOLS.iter().find(|(tool, _)| *tool == name).map(|(_, tool)| *tool)
}

static RULES: LazyLock<RuleSet> = LazyLock::new(|| RuleSet::assemble(shipped(), &[]).0);

/// From raw bytes to rendered text, without rules of sites.
fn dehusk(bytes: &[u8], _: &str) -> String {
    let raw = RawPage {
        bytes,
        hints: PageHints::default(),
    };
    let options = CleanOptions { site_rules: false };
    clean(&raw, &RULES, options, &Limits::default()).map_or_else(|_| String::new(), |found| plain(&found, false))
}

fn parse(_: &[u8], text: &str) -> String {
    drop(scraper::Html::parse_document(text));
    String::new()
}

/// With its formatted text, since its raw one joins words of cells and items that no white space parts.
fn dom_smoothie(_: &[u8], text: &str) -> String {
    let config = Config {
        text_mode: TextMode::Formatted,
        ..Config::default()
    };
    let article = Readability::new(text, None, Some(config)).and_then(|mut page| page.parse());
    article.map_or_else(|_| String::new(), |article| article.text_content.to_string())
}

fn rs_trafilatura(_: &[u8], text: &str) -> String {
    rs_trafilatura::extract(text).map_or_else(|_| String::new(), |found| found.content_text)
}
