//! A rule file: its head (who it is for) and its rules.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use crate::rules::model::{Condition, Rules};
use crate::rules::parse_test::{self, RuleTest};
use crate::rules::{parse_condition, parse_expect, parse_head, parse_html, parse_meta, parse_overlay, parse_text};
use crate::toml_file::{Diagnostic, Located, Severity, Shape, SourceFile, TableReader, read_known, shape};

/// The version of the rule language that this program speaks.
pub const SCHEMA: u64 = 1;

/// Every key, to tell where a misplaced one belongs.
static SHAPE: LazyLock<Shape> = LazyLock::new(RuleFile::shape);

/// Whose rules a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Layer {
    /// Everybody's.
    Defaults,
    /// Those of several sites that share a part.
    Family(String),
    /// One site's.
    Site(String),
}

/// How pages of a site are known when nothing else tells, and pages of a family at all.
#[derive(Debug, Clone, Default)]
pub struct Fingerprint {
    /// Globs over the path of the file below the inbox: what is dropped there is the site's.
    pub paths: Vec<regex::Regex>,
    /// All of these have to hold.
    pub all: Vec<Condition>,
    /// At least one of these has to hold.
    pub any: Vec<Condition>,
}

/// Whether the rules of a file are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// They are.
    Active,
    /// Only in tests and where drafts are asked for.
    Draft,
    /// They are not.
    Off,
}

const STATUSES: &[(&str, Status)] = &[
    ("active", Status::Active),
    ("draft", Status::Draft),
    ("off", Status::Off),
];

/// Where rules on top of a site's rules count.
#[derive(Debug, Clone)]
pub enum When {
    /// Pages whose path (of the address) satisfies one of these globs.
    Path(Vec<regex::Regex>),
    /// Pages that satisfy all of these conditions and were published in this span (ISO dates, both ends included).
    Layout {
        /// What the page shows.
        conditions: Vec<Condition>,
        /// The first day.
        from: Option<jiff::civil::Date>,
        /// The last day.
        to: Option<jiff::civil::Date>,
    },
}

/// Rules on top of a site's rules, for some of its pages.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// Its name in explanations: `path` or `variant`, and what it is for.
    pub name: String,
    /// Where it counts.
    pub when: When,
    /// Its rules.
    pub rules: Rules,
}

/// A rule file that was read without a fault.
#[derive(Debug, Clone)]
pub struct RuleFile {
    /// Its name, for messages.
    pub name: Arc<str>,
    /// Whose rules these are.
    pub layer: Layer,
    /// Its text, for faults that only show beside other files.
    pub source: SourceFile,
    /// Where the layer's name stands in it.
    pub name_span: Range<usize>,
    /// The site's hosts; `=` before one excludes its sub-domains, `*.` itself.
    pub hosts: Vec<Located<String>>,
    /// Families that it builds on, nearest first.
    pub uses: Vec<Located<String>>,
    /// Rules of other layers that don't count, by `id`.
    pub disable: Vec<String>,
    /// Whether it is laid over the shipped file of the same name instead of taking its place.
    pub extend: bool,
    /// Whether its rules are in use.
    pub status: Status,
    /// How its pages are known by their text.
    pub fingerprint: Fingerprint,
    /// Its rules.
    pub rules: Rules,
    /// Rules on top, for some pages: paths first, then variants, in the order of the file.
    pub overlays: Vec<Overlay>,
    /// What the file promises about pages beside it.
    pub tests: Vec<RuleTest>,
}

impl RuleFile {
    /// Reads a rule file. Gives the file, unless it has an error, and every fault.
    pub fn parse(source: &SourceFile) -> (Option<Self>, Vec<Diagnostic>) {
        let (file, faults) = read_known(source, Some(&SHAPE), |root| parse_root(source, root));
        let sound = faults.iter().all(|fault| fault.severity < Severity::Error);
        (file.filter(|_| sound), faults)
    }

    /// Every key that a rule file can have, with what may stand there.
    pub fn shape() -> Shape {
        let source = SourceFile::new("", "");
        shape(|root| drop(parse_root(&source, root)))
    }

    /// The site's or family's name; empty for the defaults.
    pub fn layer_name(&self) -> &str {
        match &self.layer {
            Layer::Defaults => "",
            Layer::Family(name) | Layer::Site(name) => name,
        }
    }
}

fn parse_root(source: &SourceFile, root: TableReader<'_>) -> Option<RuleFile> {
    parse_head::check_schema(&root);
    let layer = parse_head::layer(&root);
    let hosts = parse_head::hosts(&root, layer.as_ref());
    let file = RuleFile {
        name: Arc::clone(&source.name),
        layer: layer.as_ref().map_or(Layer::Defaults, |layer| layer.value.clone()),
        source: source.clone(),
        name_span: layer.as_ref().map_or(0..0, |layer| layer.span.clone()),
        hosts,
        uses: root.strings("uses"),
        disable: root.strings("disable").into_iter().map(|id| id.value).collect(),
        extend: root.boolean("extend").unwrap_or(false),
        status: root.word("status", STATUSES).unwrap_or(Status::Active),
        fingerprint: root
            .table("match")
            .map(|table| parse_condition::fingerprint(table, layer.as_ref().map(|layer| &layer.value)))
            .unwrap_or_default(),
        rules: parse_rules(&root),
        overlays: parse_overlay::parse(&root),
        tests: parse_test::parse(&root),
    };
    root.finish();
    layer.map(|_| file)
}

/// Reads the parts that a file and its overlays share.
pub(super) fn parse_rules(root: &TableReader<'_>) -> Rules {
    let mut rules = Rules::default();
    if let Some(table) = root.table("meta") {
        parse_meta::parse(table, &mut rules);
    }
    if let Some(table) = root.table("html") {
        parse_html::parse(table, &mut rules);
    }
    if let Some(table) = root.table("text") {
        parse_text::parse(table, &mut rules);
    }
    rules.expect = root.table("expect").map(parse_expect::parse);
    rules.skip = parse_condition::skips(root);
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        RuleFile::parse(&SourceFile::new("f", text))
            .1
            .iter()
            .map(|f| format!("{}:{} {}", f.line, f.column, f.message))
            .collect()
    }

    #[test]
    fn a_file_says_whose_rules_it_holds() {
        assert_eq!(faults("schema = 1"), ["1:1 the file says neither site nor family"]);
        assert_eq!(
            faults("schema = 1\nsite = \"a.b\"\nfamily = \"c\""),
            ["3:10 the file names more than one layer"]
        );
        assert_eq!(faults("site = \"a.b\""), ["1:1 `schema` is missing"]);
    }

    #[test]
    fn a_site_named_like_a_host_serves_that_host() {
        let (file, _) = RuleFile::parse(&SourceFile::new("f", "schema = 1\nsite = \"News.Example\""));
        assert_eq!(file.unwrap().hosts[0].value, "news.example");
    }

    #[test]
    fn all_faults_of_a_file_are_told_together() {
        let found = faults(
            "schema = 2\nsite = \"a b\"\nhosts = [\"http://x\"]\n[match]\nall = [{ lime = \"x\" }]\n[text]\ndrop-line = [{ re = 'a(' }]",
        );
        assert_eq!(found.len(), 7, "{found:#?}");
    }
}
