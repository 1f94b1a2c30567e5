//! The event loop: one thread that waits for anything to happen, scans, claims, and hands out the work.

use std::collections::{HashSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;

use super::error::DaemonError;
use super::names::shown;
use super::pause::{Pause, wait_after};
use super::pool::{Pool, Report};
use super::rule_store::RuleStore;
use super::scan::{Found, Scanner};
use super::service;
use super::signals::{Signal, Signals};
use super::spool::{Claim, Claimed, Spool};
use super::watch::{FolderWatch, Watch, folder_id};
use super::worker::Outcome;
use super::{Rhythm, RunReport};

/// Shortest time between two scans: a burst of events makes one.
const SCAN_GAP: Duration = Duration::from_millis(20);

/// How long after the first of a burst of changes the rules are read.
const RULES_DELAY: Duration = Duration::from_millis(50);

/// How often the loop looks at what raises no event: slow pages, replaced folders.
const HOUSEKEEPING: Duration = Duration::from_secs(1);

/// Errors of a claim that come from the machine and not from the file or its folder.
const MACHINE_ERRORS: &[Errno] = &[
    Errno::NOSPC,
    Errno::DQUOT,
    Errno::IO,
    Errno::MFILE,
    Errno::NFILE,
    Errno::NOMEM,
    Errno::ROFS,
    Errno::NOENT,
];

/// Everything that the loop waits for.
#[derive(Debug)]
enum Wake {
    Files,
    Rules,
    Report(Report),
    Signal(Signal),
    Time,
}

/// The parts that the loop drives.
pub(super) struct Parts {
    pub(super) spool: Arc<Spool>,
    pub(super) pause: Arc<Pause>,
    pub(super) pool: Pool,
    pub(super) reports: UnboundedReceiver<Report>,
    pub(super) scanner: Scanner,
    pub(super) watch: Watch,
    pub(super) files_wake: Arc<Notify>,
    pub(super) rules: RuleStore,
    pub(super) rules_watch: FolderWatch,
    pub(super) rules_wake: Arc<Notify>,
    pub(super) rhythm: Rhythm,
}

/// When the loop has to do something without being woken.
struct Clock {
    /// A scan because something happened.
    scan: Option<Instant>,
    /// A scan because a waiting file may be ready.
    ready: Option<Instant>,
    tick: Instant,
    claims: Instant,
    rules: Option<Instant>,
    housekeeping: Instant,
    watchdog: Option<Instant>,
}

/// The loop's state.
pub(super) struct Intake {
    parts: Parts,
    clock: Clock,
    /// Claims of earlier runs that were being worked on when they ended. One of them may have been the cause, so each
    /// is worked on alone.
    suspects: VecDeque<Claim>,
    /// Whether the workers have one of them.
    suspect_runs: bool,
    /// Claims that wait for room in the queue.
    backlog: VecDeque<Claim>,
    /// The paths of all claims that have not ended.
    held: HashSet<PathBuf>,
    /// How many of them the workers have.
    handed: usize,
    last: Found,
    claim_tries: u32,
    inbox_id: Option<(u64, u64)>,
    stop_at: Option<Instant>,
    left_early: bool,
    report: RunReport,
    status: String,
}

impl Clock {
    fn next_scan(&self) -> Option<Instant> {
        let due = self.scan.into_iter().chain(self.ready).min()?;
        Some(due.max(self.claims))
    }
}

impl Intake {
    /// A loop over the claims that an earlier run left.
    pub(super) fn new(parts: Parts, recovered: Vec<Claim>) -> Self {
        let now = Instant::now();
        let held = recovered.iter().map(|claim| claim.source().to_owned()).collect();
        let (suspects, backlog): (VecDeque<Claim>, VecDeque<Claim>) =
            recovered.into_iter().partition(|claim| claim.attempt() > 0);
        let watchdog = parts.rhythm.watchdog.map(|_| now);
        Self {
            clock: Clock {
                scan: Some(now),
                ready: None,
                tick: now,
                claims: now,
                rules: None,
                housekeeping: now,
                watchdog,
            },
            inbox_id: folder_id(&parts.spool.folders().inbox),
            parts,
            suspects,
            suspect_runs: false,
            backlog,
            held,
            handed: 0,
            last: Found::default(),
            claim_tries: 0,
            stop_at: None,
            left_early: false,
            report: RunReport::default(),
            status: String::new(),
        }
    }

    /// Serves until a signal or, in a run with an end, until everything is done.
    pub(super) async fn serve(mut self, mut signals: Signals) -> Result<RunReport, DaemonError> {
        self.parts.rules_watch.check();
        self.act(Instant::now());
        self.status = self.status_text();
        service::ready(&self.status);
        loop {
            self.act(Instant::now());
            if self.is_over() {
                return self.end();
            }
            let wake = self.wait(&mut signals).await;
            self.take(wake);
        }
    }

    async fn wait(&mut self, signals: &mut Signals) -> Wake {
        let deadline = self.deadline();
        let parts = &mut self.parts;
        tokio::select! {
            biased;
            signal = signals.next() => Wake::Signal(signal),
            Some(report) = parts.reports.recv() => Wake::Report(report),
            () = parts.rules_wake.notified() => Wake::Rules,
            () = parts.files_wake.notified() => Wake::Files,
            () = tokio::time::sleep_until(deadline.into()) => Wake::Time,
        }
    }

    /// The next moment at which something is to be done even if nothing happens.
    fn deadline(&self) -> Instant {
        let clock = &self.clock;
        let scan = clock.next_scan().filter(|_| self.may_scan());
        let always = clock.housekeeping.min(clock.tick.max(Instant::now() + SCAN_GAP));
        [scan, clock.rules, clock.watchdog, self.stop_at]
            .into_iter()
            .flatten()
            .fold(always, Instant::min)
    }

    fn take(&mut self, wake: Wake) {
        match wake {
            Wake::Files => self.scan_soon(),
            Wake::Rules => self.clock.rules = self.clock.rules.or(Some(Instant::now() + RULES_DELAY)),
            Wake::Report(report) => self.note(&report),
            Wake::Signal(Signal::Reload) => self.reload(),
            Wake::Signal(Signal::Stop) => self.stop(),
            Wake::Time => {}
        }
    }

    /// Does everything that is due.
    fn act(&mut self, now: Instant) {
        if self.clock.rules.is_some_and(|due| due <= now) {
            self.clock.rules = None;
            self.parts.rules.reload();
        }
        if self.clock.housekeeping <= now {
            self.keep_house(now);
        }
        self.feed_watchdog(now);
        if self.stop_at.is_some() {
            return;
        }
        self.hand_out();
        if self.clock.tick <= now {
            self.tick(now);
        }
        if self.clock.next_scan().is_some_and(|due| due <= now) && self.may_scan() {
            self.scan();
        }
    }

    fn scan_soon(&mut self) {
        let soon = Instant::now() + self.parts.rhythm.scan_gap.max(SCAN_GAP);
        self.clock.scan = Some(self.clock.scan.map_or(soon, |scan| scan.min(soon)));
    }

    /// The regular scan, which finds what no event told of and watches everything anew.
    fn tick(&mut self, now: Instant) {
        let interval = if self.parts.watch.is_blind() {
            self.parts.rhythm.poll
        } else {
            self.parts.rhythm.scan
        };
        self.clock.tick = now + interval;
        self.parts.watch.refresh();
        self.parts.scanner.forgive();
        self.clock.scan = Some(now);
        if self.parts.rules_watch.is_blind() {
            self.clock.rules = Some(now);
        }
    }

    /// Whether new claims may be made: not while there is no room, while earlier claims wait, or while the workers are
    /// held up by trouble.
    fn may_scan(&self) -> bool {
        let idle_or_well = self.handed == 0 || self.parts.pause.trouble().is_none();
        self.stop_at.is_none() && self.room() > 0 && self.suspects.is_empty() && self.backlog.is_empty() && idle_or_well
    }

    /// Claims are made in batches of half a queue, so that a scan is worth its cost.
    fn room(&self) -> usize {
        let room = (self.parts.rhythm.queue + self.parts.pool.size()).saturating_sub(self.handed);
        if room * 2 >= self.parts.rhythm.queue { room } else { 0 }
    }

    fn scan(&mut self) {
        let began = Instant::now();
        (self.clock.scan, self.clock.ready) = (None, None);
        let room = self.room();
        let held = &self.held;
        let mut found = self
            .parts
            .scanner
            .scan(room, &|source| held.contains(source), &mut self.parts.watch);
        let ready = std::mem::take(&mut found.ready);
        let claimed_all = self.claim_all(&ready);
        let took = began.elapsed();
        // At most half of the time goes into scans, however large the inbox.
        self.parts.rhythm.scan_gap = took;
        tracing::debug!(
            ready = ready.len(),
            waiting = found.waiting,
            changing = found.changing,
            whole = found.whole,
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            "scanned"
        );
        self.clock.ready = found.next.map(|next| next.max(Instant::now() + took));
        if !found.whole || !claimed_all {
            self.scan_soon();
        }
        self.last = found;
    }

    fn claim_all(&mut self, ready: &[PathBuf]) -> bool {
        for source in ready {
            match self.parts.spool.claim(source) {
                Ok(Claimed::Taken(claim)) => {
                    self.claim_tries = 0;
                    self.parts.scanner.forget(source);
                    self.held.insert(source.clone());
                    self.backlog.push_back(claim);
                }
                Ok(Claimed::Gone) => self.parts.scanner.forget(source),
                Err(error) if is_machine_error(&error) => {
                    self.parts.pause.begin("claiming a page", &error);
                    self.clock.claims = Instant::now() + wait_after(self.claim_tries);
                    self.claim_tries += 1;
                    self.hand_out();
                    return false;
                }
                Err(error) => self.parts.scanner.refuse(source, &error),
            }
        }
        if !ready.is_empty() && self.handed == 0 {
            self.parts.pause.end();
        }
        self.hand_out();
        true
    }

    /// Gives claims to the workers: suspects one by one, all others as there is room.
    fn hand_out(&mut self) {
        if !self.suspects.is_empty() {
            if self.handed == 0
                && let Some(claim) = self.suspects.pop_front()
            {
                self.suspect_runs = self.hand_over(claim);
            }
            return;
        }
        if self.suspect_runs && self.handed > 0 {
            return;
        }
        self.suspect_runs = false;
        while let Some(claim) = self.backlog.pop_front() {
            if !self.hand_over(claim) {
                return;
            }
        }
    }

    fn hand_over(&mut self, claim: Claim) -> bool {
        match self.parts.pool.hand_over(claim) {
            Ok(()) => {
                self.handed += 1;
                true
            }
            Err(claim) => {
                self.backlog.push_front(claim);
                false
            }
        }
    }

    fn note(&mut self, report: &Report) {
        self.handed = self.handed.saturating_sub(1);
        match report.outcome {
            Outcome::Delivered => self.report.delivered += 1,
            Outcome::Failed => self.report.failed += 1,
            Outcome::Released | Outcome::Vanished => {}
            Outcome::Left => {
                // It stays held, so that nobody with its name overtakes it.
                self.report.left += 1;
                return;
            }
        }
        self.held.remove(&report.source);
        // A successor with the same name may wait, and there is room now.
        self.scan_soon();
    }

    fn reload(&mut self) {
        tracing::info!("reading the rules again; other settings count from the next start");
        service::reloading();
        self.parts.rules.reload();
        self.status = self.status_text();
        service::ready(&self.status);
    }

    /// The first signal ends the intake and lets the workers finish; the second ends everything.
    fn stop(&mut self) {
        let now = Instant::now();
        if self.stop_at.is_some() {
            self.left_early = true;
            return;
        }
        let grace = self.parts.rhythm.grace;
        tracing::info!(
            held = self.handed,
            "stopping: no more pages are taken, those begun have {} s to finish",
            grace.as_secs()
        );
        service::stopping(grace);
        self.stop_at = Some(now + grace);
        self.parts.pause.stop();
    }

    fn is_over(&self) -> bool {
        if let Some(stop_at) = self.stop_at {
            return self.handed == 0 || self.left_early || stop_at <= Instant::now();
        }
        let idle = self.handed == 0 && self.suspects.is_empty() && self.backlog.is_empty();
        let gave_up = self.parts.pause.given_up().is_some() || self.claim_tries >= Pause::TRIES_OF_ONE_RUN;
        let nothing_more = self.last.whole && self.last.waiting == 0 && self.clock.scan.is_none();
        self.parts.rhythm.once && idle && (gave_up || nothing_more)
    }

    fn end(mut self) -> Result<RunReport, DaemonError> {
        self.report.left += self.handed + self.suspects.len() + self.backlog.len();
        let RunReport {
            delivered,
            failed,
            left,
        } = self.report;
        tracing::info!(
            delivered,
            failed,
            left,
            "stopped; what is left is done at the next start"
        );
        let trouble = self.parts.pause.given_up().or_else(|| self.parts.pause.trouble());
        match trouble.filter(|_| self.parts.rhythm.once && self.stop_at.is_none()) {
            Some(trouble) => Err(DaemonError::Stalled { trouble }),
            None => Ok(self.report),
        }
    }

    fn keep_house(&mut self, now: Instant) {
        self.clock.housekeeping = now + HOUSEKEEPING;
        self.parts.rules_watch.check();
        let inbox = &self.parts.spool.folders().inbox;
        let id = folder_id(inbox);
        if id != self.inbox_id {
            match id {
                Some(_) => tracing::info!(folder = shown(inbox), "the inbox was replaced; watching the new one"),
                None => tracing::error!(folder = shown(inbox), "the inbox is gone; waiting for it to come back"),
            }
            self.inbox_id = id;
            self.scan_soon();
        }
        let status = self.status_text();
        if status != self.status {
            service::status(&status);
            self.status = status;
        }
    }

    /// Tells the service manager that all is moving, if it is: the loop because it is here, and the workers because
    /// none is stuck.
    fn feed_watchdog(&mut self, now: Instant) {
        if self.parts.pause.trouble().is_some() {
            self.parts.pool.excuse();
        }
        let is_moving = self.parts.pool.is_moving(self.parts.rhythm.page_max);
        let Some((due, interval)) = self.clock.watchdog.zip(self.parts.rhythm.watchdog) else {
            return;
        };
        if due <= now {
            self.clock.watchdog = Some(now + interval);
            if is_moving {
                service::alive();
            }
        }
    }

    fn status_text(&self) -> String {
        let RunReport { delivered, failed, .. } = self.report;
        let held = self.held.len();
        let trouble = self
            .parts
            .pause
            .trouble()
            .map_or_else(String::new, |trouble| format!("; paused: {trouble}"));
        format!("{delivered} delivered, {failed} failed, {held} in work{trouble}")
    }
}

fn is_machine_error(error: &std::io::Error) -> bool {
    MACHINE_ERRORS
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
