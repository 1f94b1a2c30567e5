//! `[spool]`: folders, and when a file in the inbox is taken.

use std::path::PathBuf;

use super::values::{folder, number, set};
use crate::toml_file::TableReader;

/// `[spool]`: folders, and when a file in the inbox is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpoolConfig {
    /// The folder that the others lie in; relative to the configuration file's folder.
    pub folder: PathBuf,
    /// Where users drop pages. This and the next seven are relative to `folder`.
    pub inbox: PathBuf,
    /// Where claimed pages wait and are worked on.
    pub work: PathBuf,
    /// Where outputs are written before they are moved into place.
    pub tmp: PathBuf,
    /// Where outputs appear, whole.
    pub outbox: PathBuf,
    /// Where pages go after success.
    pub done: PathBuf,
    /// Where pages go that can't be cleaned, each with a reason file.
    pub failed: PathBuf,
    /// Where the outputs of pages go that a site's rules hold back.
    pub held: PathBuf,
    /// What is remembered from page to page: how well each site's rules still fit.
    pub state: PathBuf,
    /// How long a file must stay the same after its writer closed it, in milliseconds.
    pub settle_ms: u64,
    /// How long a file must stay the same that no event told of, in milliseconds.
    pub stable_ms: u64,
    /// The same on network file systems, whose clients see changes late.
    pub stable_network_ms: u64,
    /// Time between two scans of the whole inbox when nothing happens, in seconds.
    pub scan_seconds: u64,
    /// Whether to scan at short intervals instead of waiting for events.
    pub poll: Poll,
    /// The short interval, in seconds.
    pub poll_seconds: u64,
    /// What becomes of a page after success.
    pub after_success: AfterSuccess,
    /// How long a page stays in the `done` folder, in days; 0 means for ever.
    pub done_days_max: u64,
    /// Most bytes that the `done` folder holds; 0 means no limit.
    pub done_bytes_max: u64,
    /// How often a page may be begun whose work was cut off by a crash or a kill.
    pub attempts_max: u32,
    /// Whether outputs survive a power cut.
    pub durability: Durability,
}

/// When to scan at short intervals instead of waiting for events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Poll {
    /// Where events can't be had: on network file systems, or when the kernel's limits are reached.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What becomes of a page after success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterSuccess {
    /// It is moved to the `done` folder.
    Keep,
    /// It is deleted.
    Remove,
}

/// Whether outputs survive a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Every output is on the disk before its page leaves the spool.
    Strict,
    /// The same, but several pages share a sync, and their pages leave the spool together.
    Batch,
    /// The kernel writes when it likes: faster, safe against crashes of the program but not of the machine.
    Off,
}

const POLLS: &[(&str, Poll)] = &[("auto", Poll::Auto), ("always", Poll::Always), ("never", Poll::Never)];
const AFTER_SUCCESS: &[(&str, AfterSuccess)] = &[("keep", AfterSuccess::Keep), ("remove", AfterSuccess::Remove)];
const DURABILITIES: &[(&str, Durability)] = &[
    ("strict", Durability::Strict),
    ("batch", Durability::Batch),
    ("off", Durability::Off),
];

/// Longest span in milliseconds that a file can be asked to stay the same: an hour.
const STABLE_MS_MAX: u64 = 3_600_000;

impl Default for SpoolConfig {
    fn default() -> Self {
        Self {
            folder: "spool".into(),
            inbox: "inbox".into(),
            work: "work".into(),
            tmp: "tmp".into(),
            outbox: "outbox".into(),
            done: "done".into(),
            failed: "failed".into(),
            held: "held".into(),
            state: "state".into(),
            settle_ms: 200,
            stable_ms: 2_000,
            stable_network_ms: 10_000,
            scan_seconds: 30,
            poll: Poll::Auto,
            poll_seconds: 2,
            after_success: AfterSuccess::Keep,
            done_days_max: 0,
            done_bytes_max: 0,
            attempts_max: 3,
            durability: Durability::Strict,
        }
    }
}

impl Durability {
    /// Its word in the configuration.
    pub fn name(self) -> &'static str {
        let found = DURABILITIES.iter().find(|(_, durability)| *durability == self);
        found.map_or("", |(word, _)| word)
    }
}

impl SpoolConfig {
    pub(super) fn read(&mut self, table: &TableReader<'_>) {
        set(&mut self.folder, folder(table, "folder"));
        set(&mut self.inbox, folder(table, "inbox"));
        set(&mut self.work, folder(table, "work"));
        set(&mut self.tmp, folder(table, "tmp"));
        set(&mut self.outbox, folder(table, "outbox"));
        set(&mut self.done, folder(table, "done"));
        set(&mut self.failed, folder(table, "failed"));
        set(&mut self.held, folder(table, "held"));
        set(&mut self.state, folder(table, "state"));
        set(&mut self.settle_ms, number(table, "settle-ms", 0..=STABLE_MS_MAX));
        set(&mut self.stable_ms, number(table, "stable-ms", 0..=STABLE_MS_MAX));
        set(
            &mut self.stable_network_ms,
            number(table, "stable-network-ms", 0..=STABLE_MS_MAX),
        );
        set(&mut self.scan_seconds, number(table, "scan-seconds", 1..=86_400));
        set(&mut self.poll, table.word("poll", POLLS));
        set(&mut self.poll_seconds, number(table, "poll-seconds", 1..=3_600));
        set(&mut self.after_success, table.word("after-success", AFTER_SUCCESS));
        set(&mut self.done_days_max, number(table, "done-days-max", 0..=36_500));
        set(&mut self.done_bytes_max, number(table, "done-bytes-max", 0..=1 << 60));
        set(&mut self.attempts_max, number(table, "attempts-max", 1..=100));
        set(&mut self.durability, table.word("durability", DURABILITIES));
    }
}
