//! What can be seen of a running daemon: counts and rates, rules, trouble, over a socket in the state folder.
//!
//! Those who work write numbers down on the [`Board`] and never wait for those who read them: a count costs an atomic or
//! one short lock. Readers are served by a thread of their own, a bounded number at a time, each within a bounded time.

mod ask;
mod census;
mod http;
mod metrics;
mod rates;
mod recent;
mod report;
mod server;
mod sites;
mod socket;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

pub use ask::{Answer, AskError, ask};
pub use census::{Census, Count};
pub use report::{
    ErrorReport, InForce, NowReport, PauseReport, Rates, RefusedFile, RulesReport, RunState, SCHEMA, SiteReport,
    StatusReport, Totals,
};

pub(crate) use ask::ask_in;
pub(crate) use recent::Recent;
pub(crate) use server::Server;
pub(crate) use sites::Ending;

use super::pause::Pause;
use super::reason::rfc3339;
use crate::config::{Config, Durability};
use metrics::PageTimes;
use rates::RateRing;
use sites::SiteTable;

/// Most sites that a report names.
const SITES_SHOWN: usize = 20;

/// What everybody who works writes on, and those who ask read from.
#[derive(Debug)]
pub(crate) struct Board {
    began: Instant,
    started: Timestamp,
    durability: Durability,
    pause: Arc<Pause>,
    recent: Recent,
    workers: AtomicUsize,
    claimed: AtomicUsize,
    at_work: AtomicUsize,
    stopping: AtomicBool,
    times: PageTimes,
    tally: Mutex<Tally>,
}

/// What needs more than an atomic.
#[derive(Debug)]
struct Tally {
    sites: SiteTable,
    failures: BTreeMap<&'static str, u64>,
    rates: RateRing,
    rules: RulesReport,
}

impl Board {
    /// An empty board.
    pub(crate) fn new(config: &Config, pause: Arc<Pause>, recent: Recent) -> Self {
        Self {
            began: Instant::now(),
            started: Timestamp::now(),
            durability: config.spool.durability,
            pause,
            recent,
            workers: AtomicUsize::new(0),
            claimed: AtomicUsize::new(0),
            at_work: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            times: PageTimes::default(),
            tally: Mutex::new(Tally {
                sites: SiteTable::default(),
                failures: BTreeMap::new(),
                rates: RateRing::new(),
                rules: RulesReport::default(),
            }),
        }
    }

    /// Whether work is paused.
    pub(crate) fn pause(&self) -> &Arc<Pause> {
        &self.pause
    }

    /// How many workers there are.
    pub(crate) fn set_workers(&self, workers: usize) {
        self.workers.store(workers, Ordering::Relaxed);
    }

    /// How many claims have not ended.
    pub(crate) fn set_claimed(&self, claimed: usize) {
        self.claimed.store(claimed, Ordering::Relaxed);
    }

    /// A worker begins a page.
    pub(crate) fn begin_page(&self) {
        self.at_work.fetch_add(1, Ordering::Relaxed);
    }

    /// A worker has let go of a page, however it ended.
    pub(crate) fn end_page(&self) {
        self.at_work.fetch_sub(1, Ordering::Relaxed);
    }

    /// No more pages are taken.
    pub(crate) fn set_stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// The rules in force.
    pub(crate) fn set_rules(&self, rules: RulesReport) {
        self.lock().rules = rules;
    }

    /// How many rule files do not count as they stand.
    pub(crate) fn refused_rule_files(&self) -> u64 {
        self.lock().rules.refused_count
    }

    /// Counts a page whose outputs are in the outbox, or in the held folder.
    pub(crate) fn count_delivered(&self, site: Option<&str>, has_rules: bool, is_held: bool, took: Duration) {
        let ending = if is_held { Ending::Held } else { Ending::Delivered };
        self.times.observe(took);
        self.count(site, has_rules, ending);
    }

    /// Counts a page that went to the failed folder.
    pub(crate) fn count_failed(&self, site: Option<&str>, code: &'static str) {
        self.count(site, false, Ending::Failed);
        *self.lock().failures.entry(code).or_default() += 1;
    }

    fn count(&self, site: Option<&str>, has_rules: bool, ending: Ending) {
        let second = self.began.elapsed().as_secs();
        let mut tally = self.lock();
        tally.sites.count(site, has_rules, ending);
        tally.rates.count(second);
    }

    /// Everything, as it is now; what lies in the folders was counted by the caller.
    fn report(&self, census: &Census, counted: Instant) -> StatusReport {
        let uptime = self.began.elapsed().as_secs();
        let pause = self.pause.trouble_since().map(|(reason, since)| PauseReport {
            reason,
            seconds: since.elapsed().as_secs(),
        });
        let mut tally = self.lock();
        let (sites, other_sites) = tally.sites.busiest(SITES_SHOWN);
        let failures = tally.failures.iter().map(|(code, pages)| ((*code).to_owned(), *pages));
        StatusReport {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            state: self.state(pause.is_some()),
            started: rfc3339(self.started),
            uptime_seconds: uptime,
            durability: self.durability.name().to_owned(),
            pause,
            now: self.now(census, counted),
            since_start: tally.sites.total(),
            failures: failures.collect(),
            rules: tally.rules.clone(),
            pages_per_second: tally.rates.rates(uptime),
            sites,
            other_sites,
            last_errors: self.recent.list(),
        }
    }

    fn state(&self, is_paused: bool) -> RunState {
        if self.stopping.load(Ordering::Relaxed) {
            RunState::Stopping
        } else if is_paused {
            RunState::Paused
        } else {
            RunState::Running
        }
    }

    fn now(&self, census: &Census, counted: Instant) -> NowReport {
        let number = |count: &AtomicUsize| count.load(Ordering::Relaxed) as u64;
        NowReport {
            waiting: census.inbox.pages,
            oldest_waiting_seconds: census.inbox.oldest_seconds,
            claimed: number(&self.claimed),
            at_work: number(&self.at_work),
            workers: number(&self.workers),
            failed_folder: census.failed.pages,
            held_folder: census.held.pages,
            counted_whole: census.inbox.whole && census.failed.whole && census.held.whole,
            counted_seconds_ago: counted.elapsed().as_secs(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
