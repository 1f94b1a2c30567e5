//! Rules in the form that the cleaner applies them. Every pattern and selector here has compiled.

use std::collections::BTreeMap;
use std::sync::Arc;

use regex::Regex;
use scraper::Selector;

use crate::rules::class::Class;
use crate::rules::elements::Elements;
use crate::rules::pattern::LinePattern;

/// Where a rule was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The file as the user knows it; `built in` for what the program brings itself.
    pub file: Arc<str>,
    /// Line, from 1; 0 where the program brings the rule.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// What an explanation says about a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInfo {
    /// The key that it stands under, such as `text.drop-line`.
    pub key: String,
    /// Its name, if it has one; `disable` takes it.
    pub id: Option<String>,
    /// Its pattern or selector as written.
    pub pattern: String,
    /// The class of what it removes.
    pub class: Class,
    /// Where it was written.
    pub origin: Origin,
    /// Whether it is fine if it never fires.
    pub optional: bool,
}

impl RuleInfo {
    /// A rule that the program brings itself.
    pub fn built_in(key: &str, pattern: &str, class: Class) -> Arc<Self> {
        let origin = Origin {
            file: Arc::from("built in"),
            line: 0,
            column: 0,
        };
        Arc::new(Self {
            key: key.to_owned(),
            id: None,
            pattern: pattern.to_owned(),
            class,
            origin,
            optional: true,
        })
    }

    /// `file:line`, or where else it comes from.
    pub fn place(&self) -> String {
        if self.origin.line == 0 {
            self.origin.file.to_string()
        } else {
            format!("{}:{}", self.origin.file, self.origin.line)
        }
    }
}

/// A metadata field that rules can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The headline.
    Title,
    /// Who wrote it; several are joined by `; `.
    Author,
    /// When it was published.
    Date,
    /// Its address.
    Url,
    /// The site's own number or name for it.
    Id,
    /// Topics.
    Tags,
    /// Language, as a two-letter code.
    Language,
    /// The name of the site as people know it.
    Sitename,
    /// A summary.
    Description,
}

/// Every field with its key in rule files.
pub const FIELDS: &[(&str, Field)] = &[
    ("title", Field::Title),
    ("author", Field::Author),
    ("date", Field::Date),
    ("url", Field::Url),
    ("id", Field::Id),
    ("tags", Field::Tags),
    ("language", Field::Language),
    ("sitename", Field::Sitename),
    ("description", Field::Description),
];

/// Where a metadata value comes from.
#[derive(Debug, Clone)]
pub enum SourceKind {
    /// Elements of the page.
    Css {
        /// Which elements.
        elements: Elements,
        /// The attribute that holds the value; the element's text if none.
        attribute: Option<String>,
        /// Picks the value out of it.
        regex: Option<Regex>,
        /// Whether all elements count, or the first one.
        many: bool,
    },
    /// A property of the page's JSON-LD, dotted.
    JsonLd(String),
    /// A line of the text.
    Line {
        /// Its first group, or all of it, is the value.
        regex: Regex,
        /// Only among the first so many lines.
        within: Option<usize>,
        /// Only among the last so many lines.
        last: Option<usize>,
        /// Whether the line then goes.
        take: bool,
    },
    /// A line that is nothing but a date.
    Dateline {
        /// Only among the first so many lines.
        within: usize,
        /// Whether the line then goes.
        take: bool,
    },
    /// A fixed value.
    Value(String),
}

/// One source of a metadata field.
#[derive(Debug, Clone)]
pub struct MetaSource {
    /// What to say about it.
    pub info: Arc<RuleInfo>,
    /// Where the value comes from.
    pub kind: SourceKind,
    /// The date's format, in the terms of strptime.
    pub format: Option<String>,
    /// The IANA time zone of a date that names none.
    pub zone: Option<String>,
}

/// A rule over elements of a page.
#[derive(Debug, Clone)]
pub struct SelectorRule {
    /// What to say about it.
    pub info: Arc<RuleInfo>,
    /// Which elements.
    pub elements: Elements,
    /// Largest share of the main content, from 0 to 1, that the rule may take; beyond it the rule is refused.
    pub guard: f64,
}

/// Elements that are read as if they were others.
#[derive(Debug, Clone)]
pub struct RenameRule {
    /// Which elements.
    pub elements: SelectorRule,
    /// The name that they are read by; `span` dissolves them into the text around, `div` parts them from it.
    pub name: String,
}

/// Pages that are not what their site's outbox is for.
#[derive(Debug, Clone)]
pub struct SkipRule {
    /// What to say about it.
    pub info: Arc<RuleInfo>,
    /// Pages that satisfy this.
    pub condition: Condition,
    /// The sub-folder of the held pages that they go to.
    pub to: String,
}

/// What a site's pages are expected to give, so that a change of the site shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// Fewest characters of text.
    pub min_chars: usize,
    /// Largest share of the page's words that may go, from 0 to 1.
    pub max_removed: f64,
    /// Rules, by key or `id`, that fire on every page.
    pub must_fire: Vec<String>,
    /// Metadata fields that every page has.
    pub fields: Vec<Field>,
    /// How many pages a judgement looks back on.
    pub window: usize,
    /// Share of these pages, from 0 to 1, that may fall short.
    pub tolerate: f64,
    /// What happens when more fall short.
    pub on_drift: OnDrift,
}

/// What happens when a site's pages are no longer what its rules expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDrift {
    /// It is told.
    Warn,
    /// The generic cleaner takes over for pages that fall short.
    Fallback,
    /// Pages that fall short are held.
    Hold,
}

/// Whole lines.
#[derive(Debug, Clone)]
pub struct LineRule {
    /// What to say about it.
    pub info: Arc<RuleInfo>,
    /// Any of these.
    pub patterns: Vec<LinePattern>,
    /// Only among the first so many lines.
    pub within: Option<usize>,
    /// Only among the last so many lines.
    pub last: Option<usize>,
    /// Only lines of at most so many characters.
    pub max_chars: Option<usize>,
    /// Only where the next line satisfies this.
    pub next: Option<LinePattern>,
    /// For cuts: how many characters have to stay.
    pub min_kept: usize,
}

/// Where a dropped run of lines ends.
#[derive(Debug, Clone)]
pub enum BlockEnd {
    /// Before a line that satisfies this.
    Line(LinePattern),
    /// Before the next line that a blank line precedes.
    Blank,
    /// Before the next line that reads like running text.
    Prose,
    /// After so many lines.
    Count(usize),
}

/// A run of lines.
#[derive(Debug, Clone)]
pub struct BlockRule {
    /// Its first line.
    pub from: LineRule,
    /// Its end.
    pub until: BlockEnd,
    /// Whether it runs to the end of the page where its end is not found; else nothing goes.
    pub open: bool,
}

/// Which repeats go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DedupeKind {
    /// None.
    Off,
    /// A line of the first lines that stands there once more.
    Lead,
    /// Any line that stood before.
    Exact,
    /// Any line that stood before or stands inside a longer one.
    Contained,
}

/// How repeats are told.
#[derive(Debug, Clone)]
pub struct DedupeRule {
    /// What to say about it.
    pub info: Arc<RuleInfo>,
    /// Which repeats go.
    pub kind: DedupeKind,
    /// Shorter lines, in characters, are no repeats.
    pub min_chars: usize,
    /// How many lines count as first lines.
    pub within: usize,
}

/// A search and replacement.
#[derive(Debug, Clone)]
pub struct ReplaceRule {
    /// What to say about it.
    pub info: Arc<RuleInfo>,
    /// What is searched in each line.
    pub regex: Regex,
    /// What takes its place; `$1` stands for the first group.
    pub with: String,
}

/// A switch of the text part that can be inherited.
#[derive(Debug, Clone)]
pub struct Switch {
    /// What to say about it.
    pub info: Arc<RuleInfo>,
    /// On or off.
    pub on: bool,
}

/// A condition on a page.
#[derive(Debug, Clone)]
pub enum Condition {
    /// A line of the text satisfies it.
    Line {
        /// What the line looks like.
        pattern: LinePattern,
        /// Only among the first so many lines.
        within: Option<usize>,
        /// Only among the last so many lines.
        last: Option<usize>,
    },
    /// The page has such an element.
    Css(Selector),
}

/// Everything a layer, or a site with all its layers, says.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Sources of metadata; the first that gives a value wins.
    pub meta: BTreeMap<Field, Vec<MetaSource>>,
    /// Clean-up of the title.
    pub title_replace: Vec<ReplaceRule>,
    /// Replacements in the source of HTML pages, before it is parsed.
    pub replace_source: Vec<ReplaceRule>,
    /// Elements that are read as others.
    pub rename: Vec<RenameRule>,
    /// Pages that are held.
    pub skip: Vec<SkipRule>,
    /// What pages are expected to give.
    pub expect: Option<Expect>,
    /// The page's main content; ordered alternatives.
    pub keep: Vec<SelectorRule>,
    /// Elements that go.
    pub strip: Vec<SelectorRule>,
    /// Lines that no other line rule drops.
    pub keep_line: Vec<LineRule>,
    /// Lines that go.
    pub drop_line: Vec<LineRule>,
    /// From the first such line to the end.
    pub cut_from: Vec<LineRule>,
    /// From the start to the last such line.
    pub cut_before: Vec<LineRule>,
    /// Runs of lines that go.
    pub drop_block: Vec<BlockRule>,
    /// Which repeats go.
    pub dedupe: Option<DedupeRule>,
    /// Whether glued sentences are split again.
    pub resplit: Option<Switch>,
    /// Whether hard-wrapped lines are joined.
    pub join_lines: Option<Switch>,
    /// Whether what the other line rules leave of a text dump is judged as if its site had no rules.
    pub judge: Option<Switch>,
    /// Replacements, in order.
    pub replace: Vec<ReplaceRule>,
}
