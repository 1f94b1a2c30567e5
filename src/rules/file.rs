//! A rule file: its head (who it is for) and its rules.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use crate::rules::class::Class;
use crate::rules::model::{Condition, Origin, RuleInfo, Rules};
use crate::rules::parse_test::{self, RuleTest};
use crate::rules::{parse_condition, parse_expect, parse_html, parse_meta, parse_overlay, parse_text};
use crate::toml_file::{Diagnostic, Located, Severity, Shape, SourceFile, TableReader, read_known, shape};

/// The version of the rule language that this program speaks.
pub const SCHEMA: u64 = 1;

/// Every key, to tell where a misplaced one belongs.
static SHAPE: LazyLock<Shape> = LazyLock::new(RuleFile::shape);

/// Keys that only count in the file of a site, and what to do with them elsewhere. The defaults are for every page, so
/// `match` counts in the files of families too, but not there.
const SITE_KEYS: &[(&str, &str)] = &[
    ("hosts", "put the hosts into the files of the sites"),
    ("uses", "name all families in the files of the sites, nearest first"),
    ("path", "put these rules into the files of the sites"),
    ("variant", "put these rules into the files of the sites"),
    ("test", "put the test into the file of a site that these rules are for"),
];

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
    check_schema(&root);
    let layer = parse_layer(&root);
    let hosts = parse_hosts(&root, layer.as_ref());
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

fn check_schema(root: &TableReader<'_>) {
    let help = format!("begin the file with `schema = {SCHEMA}`");
    if !root.has("schema") {
        root.fault("schema", &root.span(), "`schema` is missing", help);
        return;
    }
    let version = root.integer("schema", SCHEMA..=u64::from(u16::MAX));
    if let Some(version) = version.filter(|version| version.value != SCHEMA) {
        let found = format!(
            "this dehusk reads version {SCHEMA} of the rule language, not {}",
            version.value
        );
        root.fault(
            "schema",
            &version.span,
            found,
            format!("write `schema = {SCHEMA}`, or use a newer dehusk"),
        );
    }
}

fn parse_layer(root: &TableReader<'_>) -> Option<Located<Layer>> {
    let site = root.string("site").map(|name| name_of(root, "site", name, Layer::Site));
    let family = root
        .string("family")
        .map(|name| name_of(root, "family", name, Layer::Family));
    let defaults = root.string("layer").and_then(|word| {
        if word.value == "defaults" {
            return Some(Located {
                value: Layer::Defaults,
                span: word.span,
            });
        }
        root.fault(
            "layer",
            &word.span,
            format!("`{}` is no layer", word.value),
            "write `layer = \"defaults\"`, or `family = \"name\"`, or `site = \"host\"`",
        );
        None
    });
    let mut layers: Vec<Located<Layer>> = [site, family, defaults].into_iter().flatten().collect();
    let help = "say whose rules these are, once: `site = \"host\"`, `family = \"name\"` or `layer = \"defaults\"`";
    if let Some(second) = layers.get(1) {
        root.fault("site", &second.span, "the file names more than one layer", help);
    }
    if !["site", "family", "layer"].iter().any(|key| root.has(key)) {
        root.fault("site", &root.span(), "the file says neither site nor family", help);
    }
    check_site_keys(root, layers.first());
    layers.pop()
}

fn check_site_keys(root: &TableReader<'_>, layer: Option<&Located<Layer>>) {
    let Some(Layer::Defaults | Layer::Family(_)) = layer.map(|layer| &layer.value) else {
        return;
    };
    let of_defaults = matches!(layer.map(|layer| &layer.value), Some(Layer::Defaults));
    let fingerprint = ("match", "put the fingerprint into the file of a site or of a family");
    let keys = SITE_KEYS.iter().chain(of_defaults.then_some(&fingerprint));
    for (key, help) in keys.filter(|(key, _)| root.has(key)) {
        root.fault(
            key,
            &root.value_span(key),
            format!("`{key}` counts only in the file of a site"),
            *help,
        );
    }
}

fn name_of(root: &TableReader<'_>, key: &str, name: Located<String>, layer: fn(String) -> Layer) -> Located<Layer> {
    let fine = !name.value.is_empty()
        && !name.value.starts_with('.')
        && !name
            .value
            .contains(|c: char| c.is_whitespace() || c.is_control() || "/\\:*".contains(c));
    if !fine {
        root.fault(
            key,
            &name.span,
            format!("`{}` can't be a name", name.value),
            "use letters, digits, dots and dashes, such as \"example.org\"",
        );
    }
    Located {
        value: layer(name.value),
        span: name.span,
    }
}

/// A site's hosts; its own name if it looks like one and no other is given.
fn parse_hosts(root: &TableReader<'_>, layer: Option<&Located<Layer>>) -> Vec<Located<String>> {
    let mut hosts = Vec::new();
    for host in root.strings("hosts") {
        let bare = host
            .value
            .strip_prefix("*.")
            .unwrap_or_else(|| host.value.trim_start_matches('='));
        if bare.contains('.') && !bare.contains(|c: char| c.is_whitespace() || "/:*@".contains(c)) {
            hosts.push(Located {
                value: host.value.to_lowercase(),
                span: host.span,
            });
        } else {
            let help = "write the bare host, such as \"example.org\" (it and its sub-domains), \"=example.org\" (it alone) or \
                 \"*.example.org\" (its sub-domains alone)";
            root.fault("hosts", &host.span, format!("`{}` is no host", host.value), help);
        }
    }
    match layer {
        Some(Located {
            value: Layer::Site(name),
            span,
        }) if hosts.is_empty() && !root.has("hosts") && name.contains('.') => {
            vec![Located {
                value: name.to_lowercase(),
                span: span.clone(),
            }]
        }
        _ => hosts,
    }
}

/// Keys that do nothing beside what stands there are most likely meant to do something.
pub(super) fn without_effect(table: &TableReader<'_>, keys: &[&'static str], place: &str) {
    for key in keys.iter().filter(|key| table.has(key)) {
        table.fault(
            key,
            &table.value_span(key),
            format!("`{key}` has no effect {place}"),
            format!("take `{key}` out"),
        );
    }
}

/// A count of lines.
pub(super) fn lines(table: &TableReader<'_>, key: &'static str) -> Option<usize> {
    table
        .integer(key, 1..=1_000_000)
        .and_then(|count| usize::try_from(count.value).ok())
}

/// Compiles something and reports where it does not.
pub(super) fn compile<T, E: std::fmt::Display>(
    table: &TableReader<'_>,
    key: &str,
    text: &Located<String>,
    compiler: impl Fn(&str) -> Result<T, E>,
) -> Option<T> {
    match compiler(&text.value) {
        Ok(compiled) => Some(compiled),
        Err(error) => {
            let reason = error.to_string();
            let help = pattern_help(key, &reason);
            table.fault(key, &text.span, format!("`{}`: {reason}", text.value), help);
            None
        }
    }
}

/// What to write instead of a pattern that does not compile, by a part of the reason; the first row that fits counts.
const PATTERN_HELPS: &[(&str, &str)] = &[
    (
        "look-around",
        "take what stands around into the pattern, and put ( ) around what is wanted",
    ),
    (
        "backreferences",
        "write out what is to stand twice; lines that stand twice are a matter of `text.dedupe`",
    ),
    (
        "bytes",
        "repeat less, or name fewer kinds of characters: a line needs no exact counts",
    ),
    (
        "every line",
        "write what such lines have in common; for any line at a fixed place, { re = '.', within = 1 }",
    ),
    (
        "unclosed group",
        "close it with `)`, or write `\\(` for the sign itself",
    ),
    (
        "unclosed character class",
        "close it with `]`, or write `\\[` for the sign itself",
    ),
    (
        "repetition operator missing",
        "write `\\*`, `\\+` or `\\?` for the sign itself",
    ),
    ("time zone", "write one of the IANA names, such as \"Asia/Kolkata\""),
];

fn pattern_help(key: &str, reason: &str) -> &'static str {
    let other = if ["re", "text", "own-text"].contains(&key) {
        "the syntax is that of Rust's regex crate; write patterns in single quotes"
    } else {
        "write a whole line, with `*` for what varies; or { re = '…' } for more"
    };
    PATTERN_HELPS
        .iter()
        .find(|(sign, _)| reason.contains(sign))
        .map_or(other, |(_, help)| help)
}

/// The head that every rule in table form shares: `id`, `as`, `optional`.
pub(super) fn rule_info(table: &TableReader<'_>, key: &str, pattern: &str, class: Class) -> Arc<RuleInfo> {
    let id = table.string("id").map(|id| id.value);
    let class = table.word("as", crate::rules::class::CLASSES).unwrap_or(class);
    let optional = table.boolean("optional").unwrap_or(false);
    let mut info = bare_info(table.file(), &table.span(), key, pattern, class);
    info.id = id;
    info.optional = optional;
    Arc::new(info)
}

/// What to say about a rule in string form.
pub(super) fn bare_info(file: &SourceFile, span: &Range<usize>, key: &str, pattern: &str, class: Class) -> RuleInfo {
    let (line, column) = file.position(span.start);
    let origin = Origin {
        file: Arc::clone(&file.name),
        line,
        column,
    };
    RuleInfo {
        key: key.to_owned(),
        id: None,
        pattern: pattern.to_owned(),
        class,
        origin,
        optional: false,
    }
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
