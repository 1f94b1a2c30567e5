//! When the intake does what: its intervals, and the next moment of each of its duties.

use std::time::{Duration, Instant};

use super::service;
use super::watch::Watch;
use crate::config::{Config, Poll};

/// A page ends by itself when its time is over. One that goes on this many times as long is stuck in a step that can't
/// be stopped.
const STUCK_FACTOR: u32 = 2;

/// How long reports are gathered that come more often than this. A page's successor under the same name, and a stop, are
/// at most so much later for it.
const REPORTS_GAP: Duration = Duration::from_millis(5);

/// The intake's intervals and bounds.
#[derive(Debug, Clone)]
pub(crate) struct Rhythm {
    /// Whether the run has an end.
    pub(crate) once: bool,
    /// Most claims that wait for a worker.
    pub(crate) queue: usize,
    /// Between two regular scans where events tell of changes.
    scan: Duration,
    /// The same where they don't.
    poll: Duration,
    /// What the last scan took; the next one begins no sooner after it, so that scans take half of the time at most.
    pub(crate) scan_gap: Duration,
    /// How long a stop waits.
    pub(crate) grace: Duration,
    /// How long a page can take before something is wrong with it, or with us.
    pub(crate) page_max: Duration,
    /// How often the service manager wants to hear that all is well.
    pub(crate) watchdog: Option<Duration>,
}

impl Rhythm {
    /// What the configuration and the service manager say.
    pub(crate) fn new(config: &Config, once: bool) -> Self {
        let scan = Duration::from_secs(config.spool.scan_seconds);
        let poll = Duration::from_secs(config.spool.poll_seconds);
        Self {
            once,
            queue: config.workers.queue,
            scan,
            poll: if config.spool.poll == Poll::Never {
                scan
            } else {
                poll.min(scan)
            },
            scan_gap: Duration::ZERO,
            grace: Duration::from_secs(config.workers.shutdown_seconds),
            page_max: Duration::from_secs(config.limits.page_seconds_max) * STUCK_FACTOR,
            watchdog: service::watchdog_interval(),
        }
    }

    /// The time between two regular scans.
    pub(crate) fn interval(&self, watch: &Watch) -> Duration {
        if watch.is_blind() { self.poll } else { self.scan }
    }
}

/// The next moment of each duty.
#[derive(Debug)]
pub(crate) struct Clock {
    /// A scan because something happened.
    pub(crate) scan: Option<Instant>,
    /// When the last scan ended.
    pub(crate) scanned: Instant,
    /// A scan because a waiting file may be ready.
    pub(crate) ready: Option<Instant>,
    /// A regular scan.
    pub(crate) tick: Instant,
    /// No claim before this moment, because of trouble.
    pub(crate) claims: Instant,
    /// No report is heard before this moment, unless one is waited for.
    pub(crate) reports: Instant,
    /// A look at the rules.
    pub(crate) rules: Option<Instant>,
    /// A look at what raises no event.
    pub(crate) housekeeping: Instant,
    /// What is remembered of the sites' rules is written down.
    pub(crate) state: Instant,
    /// A sign of life.
    pub(crate) watchdog: Option<Instant>,
}

impl Clock {
    /// Everything at once.
    pub(crate) fn new(watchdog: Option<Duration>) -> Self {
        let now = Instant::now();
        let watchdog = watchdog.map(|_| now);
        Self {
            scan: Some(now),
            scanned: now,
            ready: None,
            tick: now,
            claims: now,
            reports: now,
            rules: None,
            housekeeping: now,
            state: now,
            watchdog,
        }
    }

    /// Reports are heard now. Where they come one soon after the other, the next are heard together.
    pub(crate) fn hear_reports(&mut self, now: Instant) {
        let is_stream = now.saturating_duration_since(self.reports) < REPORTS_GAP;
        self.reports = if is_stream { now + REPORTS_GAP } else { now };
    }

    /// The next scan before the next regular one.
    pub(crate) fn next_scan(&self) -> Option<Instant> {
        let due = self.scan.into_iter().chain(self.ready).min()?;
        Some(due.max(self.claims))
    }
}
