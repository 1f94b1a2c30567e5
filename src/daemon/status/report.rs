//! What is told of a running daemon, as data. The names of its fields in JSON are kept; `docs/status.md` lists them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The version of the form: it grows when a field is renamed, goes, or changes its meaning.
pub const SCHEMA: u32 = 1;

/// What a daemon is doing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusReport {
    /// The version of this form, [`SCHEMA`].
    pub schema: u32,
    /// The program's version.
    pub version: String,
    /// The process id.
    pub pid: u32,
    /// Whether work goes on.
    pub state: RunState,
    /// When the daemon began, in UTC.
    pub started: String,
    /// How long ago that was.
    pub uptime_seconds: u64,
    /// The setting `spool.durability`.
    pub durability: String,
    /// Why work is paused, if it is.
    pub pause: Option<PauseReport>,
    /// Pages by where they are now.
    pub now: NowReport,
    /// Pages that have ended since the start.
    pub since_start: Totals,
    /// Pages that ended, for each second.
    pub pages_per_second: Rates,
    /// The busiest sites since the start, busiest first.
    pub sites: Vec<SiteReport>,
    /// All other pages, those of unknown sites among them.
    pub other_sites: Totals,
    /// Failed pages since the start, by the code in their reason files.
    pub failures: BTreeMap<String, u64>,
    /// The rules in force.
    pub rules: RulesReport,
    /// The last warnings and errors of the log, newest last.
    pub last_errors: Vec<ErrorReport>,
}

/// Whether work goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Pages are taken.
    #[default]
    Running,
    /// Trouble that is not the pages' fault holds up the work.
    Paused,
    /// No more pages are taken; those begun are finished.
    Stopping,
}

/// Why work is paused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PauseReport {
    /// What could not be done, and the system's reason.
    pub reason: String,
    /// How long ago it began.
    pub seconds: u64,
}

/// Pages by where they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NowReport {
    /// In the inbox.
    pub waiting: u64,
    /// How long the oldest of them has been there.
    pub oldest_waiting_seconds: Option<u64>,
    /// Claimed and not ended; those at work among them.
    pub claimed: u64,
    /// On a worker's desk.
    pub at_work: u64,
    /// How many workers there are.
    pub workers: u64,
    /// In the failed folder, from earlier runs too.
    pub failed_folder: u64,
    /// In the held folder, from earlier runs too.
    pub held_folder: u64,
    /// Whether all three folders were counted to their ends; if not, there are more pages in them.
    pub counted_whole: bool,
    /// How long ago they were counted.
    pub counted_seconds_ago: u64,
}

/// Pages that have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Their outputs are in the outbox.
    pub delivered: u64,
    /// They are in the failed folder.
    pub failed: u64,
    /// Their outputs are in the held folder.
    pub held: u64,
}

impl Totals {
    /// All of them.
    pub fn all(&self) -> u64 {
        self.delivered + self.failed + self.held
    }
}

/// Pages for each second, over three spans.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rates {
    /// The last minute.
    pub over_1_minute: f64,
    /// The last five.
    pub over_5_minutes: f64,
    /// The last fifteen.
    pub over_15_minutes: f64,
}

/// One site's pages since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteReport {
    /// Its name.
    pub site: String,
    /// Whether there are rules for it.
    pub has_rules: bool,
    /// Its pages.
    #[serde(flatten)]
    pub pages: Totals,
}

/// The rules in force.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RulesReport {
    /// The user's folder.
    pub folder: String,
    /// The user's files that count.
    pub files: u64,
    /// Sites with rules, the shipped ones among them.
    pub sites: u64,
    /// When they came into force, in UTC.
    pub loaded: String,
    /// How many files are refused.
    pub refused_count: u64,
    /// The first of them by name.
    pub refused: Vec<RefusedFile>,
}

/// A rule file that does not count as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RefusedFile {
    /// Its path.
    pub file: String,
    /// Its first fault.
    pub fault: String,
    /// What is in force in its place.
    pub in_force: InForce,
}

/// What is in force of a rule file with faults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InForce {
    /// Nothing: there was no good version of it.
    #[default]
    Nothing,
    /// Its last good version.
    LastGood,
    /// The file itself, because the daemon started with it and its faults leave it usable.
    Itself,
}

/// A warning or error of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorReport {
    /// When, in UTC.
    pub at: String,
    /// `warning` or `error`.
    pub level: String,
    /// The message.
    pub message: String,
    /// The file that it is about.
    pub file: Option<String>,
    /// The site that it is about.
    pub site: Option<String>,
    /// The failure's code.
    pub code: Option<String>,
}
