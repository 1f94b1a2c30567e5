//! The configuration file: every setting with its default, read strictly.
//!
//! Keys are in kebab case and carry their unit. `config/dehusk.toml` shows each of them with its default; a test holds
//! the two equal.

mod spool;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

pub use spool::{AfterSuccess, Durability, Poll, SpoolConfig};

use crate::clean::render::Format;
use crate::limits::Limits;
use crate::rules::Class;
use crate::toml_file::{Diagnostic, SourceFile, TableReader, read};
use values::{classes, folder, formats, loopback_address, number, set};

/// Everything that can be set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// Folders, and when a file in the inbox is taken.
    pub spool: SpoolConfig,
    /// What is written for a page.
    pub output: OutputConfig,
    /// Where the user's rules lie.
    pub rules: RulesConfig,
    /// How much is done at once.
    pub workers: WorkersConfig,
    /// What one page may cost.
    pub limits: LimitsConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    /// Who can look inside while the daemon runs.
    pub status: StatusConfig,
}

/// `[output]`: what is written for a page.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputConfig {
    /// The forms of text, one file each. The metadata file is always written.
    pub formats: Vec<Format>,
    /// Whether the text begins with the title.
    pub title: bool,
    /// Whether Markdown begins with the metadata as YAML.
    pub front_matter: bool,
    /// Classes whose removals are written to a file beside the text; where there are none, no such file is written.
    pub side_classes: Vec<Class>,
    /// Pages of less confidence, from 0 to 1, are held for review instead of going to the outbox.
    pub min_confidence: f64,
}

/// `[rules]`: where the user's rules lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesConfig {
    /// Their folder; relative to the configuration file's folder.
    pub folder: PathBuf,
    /// Whether the rules that ship with the program count.
    pub shipped: bool,
    /// Classes whose removals are not wanted: what they name stays in the text.
    pub keep_classes: Vec<Class>,
}

/// `[workers]`: how much is done at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkersConfig {
    /// Pages cleaned at once; 0 means one for each core.
    pub count: usize,
    /// Most pages that are claimed and wait for a worker.
    pub queue: usize,
    /// How long a stop waits for pages that are being worked on, in seconds.
    pub shutdown_seconds: u64,
}

/// `[limits]`: what one page may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsConfig {
    /// The bounds that the cleaner obeys.
    pub page: Limits,
    /// How long the cleaning of one page may take, in seconds. A page that takes longer fails. Where a single step
    /// can't be stopped and takes twice as long, the service manager's watchdog is no longer fed, so that it restarts
    /// the service.
    pub page_seconds_max: u64,
}

/// `[log]`: what is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogConfig {
    /// The least severe messages that appear.
    pub level: LogLevel,
    /// The form.
    pub format: LogFormat,
}

/// `[status]`: who can look inside while the daemon runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusConfig {
    /// Whether `status.sock` in the state folder answers with the status and with metrics.
    pub socket: bool,
    /// Where metrics are served over TCP as well: a port of this machine alone.
    pub metrics_address: Option<SocketAddr>,
}

/// How severe a message must be to appear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// What stops the work.
    Error,
    /// What someone should look at.
    Warn,
    /// A line for each page.
    Info,
    /// How decisions came about.
    Debug,
    /// Everything.
    Trace,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// `Journald` under systemd, else `Human`.
    Auto,
    /// Lines for people.
    Human,
    /// Fields for the systemd journal.
    Journald,
    /// A JSON object on each line.
    Json,
}

const LOG_LEVELS: &[(&str, LogLevel)] = &[
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];
const LOG_FORMATS: &[(&str, LogFormat)] = &[
    ("auto", LogFormat::Auto),
    ("human", LogFormat::Human),
    ("journald", LogFormat::Journald),
    ("json", LogFormat::Json),
];

/// Largest count of bytes that a limit can be set to: 1 GiB, which every worker may need at once.
const BYTES_MAX: u64 = 1 << 30;
/// Deepest tree that can be allowed: the parser's work grows with the square.
const TREE_DEPTH_MAX: u64 = 20_000;
/// Most attributes that one element can be allowed: the tokenizer's work grows with the square.
const ATTRIBUTES_MAX: u64 = 20_000;

impl Default for OutputConfig {
    fn default() -> Self {
        Self {
            formats: vec![Format::Txt],
            title: true,
            front_matter: false,
            side_classes: Vec::new(),
            min_confidence: 0.0,
        }
    }
}

impl Default for RulesConfig {
    fn default() -> Self {
        Self {
            folder: "rules".into(),
            shipped: true,
            keep_classes: Vec::new(),
        }
    }
}

impl Default for WorkersConfig {
    fn default() -> Self {
        Self {
            count: 0,
            queue: 64,
            shutdown_seconds: 20,
        }
    }
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            page: Limits::default(),
            page_seconds_max: 10,
        }
    }
}

impl Default for LogConfig {
    fn default() -> Self {
        Self {
            level: LogLevel::Info,
            format: LogFormat::Auto,
        }
    }
}

impl Default for StatusConfig {
    fn default() -> Self {
        Self {
            socket: true,
            metrics_address: None,
        }
    }
}

impl Config {
    /// Reads a configuration: what it sets, the defaults for the rest, and every fault. With an error among the
    /// faults the configuration should not be used.
    pub fn parse(source: &SourceFile) -> (Self, Vec<Diagnostic>) {
        read(source, |root| {
            let mut config = Self::default();
            section(&root, "spool", |table| config.spool.read(table));
            section(&root, "output", |table| config.output.read(table));
            section(&root, "rules", |table| config.rules.read(table));
            section(&root, "workers", |table| config.workers.read(table));
            section(&root, "limits", |table| config.limits.read(table));
            section(&root, "log", |table| config.log.read(table));
            section(&root, "status", |table| config.status.read(table));
            root.finish();
            config
        })
    }
}

fn section(root: &TableReader<'_>, key: &'static str, read_keys: impl FnOnce(&TableReader<'_>)) {
    if let Some(table) = root.table(key) {
        read_keys(&table);
        table.finish();
    }
}

impl OutputConfig {
    fn read(&mut self, table: &TableReader<'_>) {
        set(&mut self.formats, formats(table));
        set(&mut self.title, table.boolean("title"));
        set(&mut self.front_matter, table.boolean("front-matter"));
        self.side_classes = classes(table, "side-classes");
        set(&mut self.min_confidence, table.number("min-confidence", 0.0..=1.0));
    }
}

impl RulesConfig {
    fn read(&mut self, table: &TableReader<'_>) {
        set(&mut self.folder, folder(table, "folder"));
        set(&mut self.shipped, table.boolean("shipped"));
        self.keep_classes = classes(table, "keep-classes");
    }
}

impl WorkersConfig {
    fn read(&mut self, table: &TableReader<'_>) {
        set(&mut self.count, number(table, "count", 0..=1_024));
        set(&mut self.queue, number(table, "queue", 1..=100_000));
        set(&mut self.shutdown_seconds, number(table, "shutdown-seconds", 0..=3_600));
    }
}

impl LimitsConfig {
    fn read(&mut self, table: &TableReader<'_>) {
        set(
            &mut self.page.page_bytes_max,
            number(table, "page-bytes-max", 1..=BYTES_MAX),
        );
        set(
            &mut self.page.inflated_bytes_max,
            number(table, "inflated-bytes-max", 1..=BYTES_MAX),
        );
        set(
            &mut self.page.inflate_ratio_max,
            number(table, "inflate-ratio-max", 1..=100_000),
        );
        set(
            &mut self.page.tree_depth_max,
            number(table, "tree-depth-max", 1..=TREE_DEPTH_MAX),
        );
        set(
            &mut self.page.tree_nodes_max,
            number(table, "tree-nodes-max", 1..=100_000_000),
        );
        set(
            &mut self.page.tree_attributes_max,
            number(table, "tree-attributes-max", 1..=100_000_000),
        );
        set(
            &mut self.page.element_attributes_max,
            number(table, "element-attributes-max", 1..=ATTRIBUTES_MAX),
        );
        set(&mut self.page.blocks_max, number(table, "blocks-max", 1..=100_000_000));
        set(&mut self.page.lines_max, number(table, "lines-max", 1..=100_000_000));
        set(&mut self.page_seconds_max, number(table, "page-seconds-max", 1..=3_600));
    }
}

impl LogConfig {
    fn read(&mut self, table: &TableReader<'_>) {
        set(&mut self.level, table.word("level", LOG_LEVELS));
        set(&mut self.format, table.word("format", LOG_FORMATS));
    }
}

impl StatusConfig {
    fn read(&mut self, table: &TableReader<'_>) {
        set(&mut self.socket, table.boolean("socket"));
        self.metrics_address = loopback_address(table, "metrics-address");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Config, Vec<String>) {
        let (config, faults) = Config::parse(&SourceFile::new("dehusk.toml", text));
        (
            config,
            faults
                .iter()
                .map(|fault| format!("{}:{} {} | {}", fault.line, fault.column, fault.message, fault.help))
                .collect(),
        )
    }

    #[test]
    fn an_empty_file_is_the_defaults() {
        assert_eq!(parse(""), (Config::default(), vec![]));
    }

    #[test]
    fn what_is_set_counts_and_the_rest_keeps_its_default() {
        let (config, faults) =
            parse("[spool]\nsettle-ms = 5\nafter-success = \"remove\"\n[output]\nformats = [\"md\", \"json\"]");
        assert_eq!(faults, Vec::<String>::new());
        assert_eq!(
            config.spool,
            SpoolConfig {
                settle_ms: 5,
                after_success: AfterSuccess::Remove,
                ..SpoolConfig::default()
            }
        );
        assert_eq!(config.output.formats, [Format::Md, Format::Json]);
        assert_eq!(config.limits, LimitsConfig::default());
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_place_and_a_remedy() {
        let (_, faults) = parse(
            "[spool]\nsetle-ms = 5\npoll = \"allways\"\nfolder = \"\"\n[output]\nformats = [\"pdf\", \"md\", \"md\"]\n[workers]\nqueue = 0\n[logs]\n",
        );
        let expected = [
            "2:1 unknown key `setle-ms` in `spool` | did you mean `settle-ms`?",
            "3:8 `allways` is no value of `spool.poll` | did you mean `always`?",
            "4:10 `folder` names no folder | write a path, such as \"spool\" or \"/var/lib/dehusk\"",
            "6:12 `pdf` is no format | what may stand here: txt, md, json",
            "6:25 `md` stands twice | name each format once",
            "8:9 `workers.queue` is a number out of range | write a whole number from 1 to 100000",
            "9:2 unknown key `logs` | did you mean `log`?",
        ];
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_list_of_no_formats_is_a_fault() {
        assert_eq!(
            parse("[output]\nformats = []").1,
            ["2:11 `formats` is empty | name at least one of txt, md, json"]
        );
    }
}
