//! The event loop: one thread that waits for anything to happen, scans, claims, and hands out the work.

mod house;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;

use super::RunReport;
use super::error::DaemonError;
use super::ledger::Ledger;
use super::pause::{Pause, is_machine_error, wait_after};
use super::pool::{Pool, Report};
use super::rhythm::{Clock, Rhythm};
use super::rule_store::RuleStore;
use super::scan::{Found, Scanner};
use super::service;
use super::signals::{Signal, Signals};
use super::spool::{Claim, Claimed, Spool};
use super::status::Board;
use super::watch::{FolderWatch, Watch, folder_id};
use super::worker::Outcome;

/// Shortest time between two scans: a burst of events makes two at most, one at its first event and one for the rest.
const SCAN_GAP: Duration = Duration::from_millis(20);

/// How long after the first of a burst of changes the rules are read.
const RULES_DELAY: Duration = Duration::from_millis(50);

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
    pub(super) board: Arc<Board>,
    pub(super) pool: Pool,
    pub(super) reports: UnboundedReceiver<Report>,
    pub(super) scanner: Scanner,
    pub(super) watch: Watch,
    pub(super) files_wake: Arc<Notify>,
    pub(super) rules: RuleStore,
    pub(super) rules_watch: FolderWatch,
    pub(super) rules_wake: Arc<Notify>,
    pub(super) rhythm: Rhythm,
    /// What the log says when pages can be dropped.
    pub(super) greeting: String,
}

/// The loop's state.
pub(super) struct Intake {
    parts: Parts,
    clock: Clock,
    ledger: Ledger,
    last: Found,
    claim_tries: u32,
    inbox_id: Option<(u64, u64)>,
    stop_at: Option<Instant>,
    left_early: bool,
    report: RunReport,
    status: String,
}

impl Intake {
    /// A loop over the claims that an earlier run left.
    pub(super) fn new(parts: Parts, recovered: Vec<Claim>) -> Self {
        Self {
            clock: Clock::new(parts.rhythm.watchdog),
            inbox_id: folder_id(&parts.spool.folders().inbox),
            parts,
            ledger: Ledger::new(recovered),
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
        self.watch_inbox();
        self.act(Instant::now());
        tracing::info!(version = env!("CARGO_PKG_VERSION"), "{}", self.parts.greeting);
        self.status = self.status_text();
        service::ready(&self.status);
        loop {
            self.act(Instant::now());
            self.parts.board.set_claimed(self.ledger.len());
            if self.is_over() {
                return self.end();
            }
            let wake = self.wait(&mut signals).await;
            self.take(wake);
        }
    }

    /// Watches the inbox before anybody is told that pages can be dropped, also when what an earlier run left is done
    /// first: a file that somebody begins to write meanwhile has to be known as one that is open.
    fn watch_inbox(&mut self) {
        let ledger = &self.ledger;
        let room = self.parts.rhythm.queue.max(1);
        drop(
            self.parts
                .scanner
                .scan(room, &|source| ledger.holds(source), &mut self.parts.watch),
        );
    }

    async fn wait(&mut self, signals: &mut Signals) -> Wake {
        let deadline = self.deadline();
        let hears = self.reports_from().is_none();
        let parts = &mut self.parts;
        tokio::select! {
            biased;
            signal = signals.next() => Wake::Signal(signal),
            Some(report) = parts.reports.recv(), if hears => Wake::Report(report),
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
        [scan, clock.rules, clock.watchdog, self.stop_at, self.reports_from()]
            .into_iter()
            .flatten()
            .fold(always, Instant::min)
    }

    /// When reports are heard again; none if now. Under a stream of pages the loop wakes for many at a time, unless it
    /// has something to do that one may make possible.
    fn reports_from(&self) -> Option<Instant> {
        let may_wait = self.stop_at.is_none() && self.ledger.waiting() == 0;
        Some(self.clock.reports).filter(|from| may_wait && *from > Instant::now())
    }

    fn take(&mut self, wake: Wake) {
        match wake {
            Wake::Files => self.scan_soon(),
            Wake::Rules => self.clock.rules = self.clock.rules.or(Some(Instant::now() + RULES_DELAY)),
            Wake::Report(report) => self.note_all(&report),
            Wake::Signal(Signal::Reload) => self.reload(),
            Wake::Signal(Signal::Stop) => self.stop(),
            Wake::Time => {}
        }
    }

    /// Does everything that is due.
    fn act(&mut self, now: Instant) {
        if self.clock.rules.is_some_and(|due| due <= now) {
            self.clock.rules = None;
            self.read_rules();
        }
        if self.clock.housekeeping <= now {
            self.keep_house(now);
        }
        if self.clock.watchdog.is_some_and(|due| due <= now) {
            self.feed_watchdog(now);
        }
        if self.stop_at.is_some() {
            return;
        }
        self.ledger.hand_out(&self.parts.pool);
        if self.clock.tick <= now {
            self.tick(now);
        }
        if self.clock.next_scan().is_some_and(|due| due <= now) && self.may_scan() {
            self.scan();
        }
    }

    fn scan_soon(&mut self) {
        let soon = Instant::now().max(self.clock.scanned + self.parts.rhythm.scan_gap.max(SCAN_GAP));
        self.clock.scan = Some(self.clock.scan.map_or(soon, |scan| scan.min(soon)));
    }

    /// The regular scan, which finds what no event told of and watches everything anew.
    fn tick(&mut self, now: Instant) {
        self.clock.tick = now + self.parts.rhythm.interval(&self.parts.watch);
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
        let idle_or_well = self.ledger.handed() == 0 || self.parts.pause.trouble().is_none();
        self.stop_at.is_none() && self.room() > 0 && self.ledger.waiting() == 0 && idle_or_well
    }

    /// Claims are made in batches of half a queue, so that a scan is worth its cost.
    fn room(&self) -> usize {
        let room = (self.parts.rhythm.queue + self.parts.pool.hands()).saturating_sub(self.ledger.handed());
        if room * 2 >= self.parts.rhythm.queue { room } else { 0 }
    }

    fn scan(&mut self) {
        let began = Instant::now();
        (self.clock.scan, self.clock.ready) = (None, None);
        let room = self.room();
        let ledger = &self.ledger;
        let mut found = self
            .parts
            .scanner
            .scan(room, &|source| ledger.holds(source), &mut self.parts.watch);
        let ready = std::mem::take(&mut found.ready);
        let claimed_all = self.claim_all(&ready);
        let took = began.elapsed();
        self.clock.scanned = Instant::now();
        // The scan may have found a folder that can't be watched.
        self.clock.tick = self
            .clock
            .tick
            .min(Instant::now() + self.parts.rhythm.interval(&self.parts.watch));
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
                    self.ledger.add(claim);
                }
                Ok(Claimed::Gone) => self.parts.scanner.forget(source),
                Err(error) if is_machine_error(&error) => {
                    self.parts.pause.begin("claiming a page", &error);
                    self.clock.claims = Instant::now() + wait_after(self.claim_tries);
                    self.claim_tries += 1;
                    self.ledger.hand_out(&self.parts.pool);
                    return false;
                }
                Err(error) => self.parts.scanner.refuse(source, &error),
            }
        }
        if !ready.is_empty() && self.ledger.handed() == 0 {
            self.parts.pause.end();
        }
        self.ledger.hand_out(&self.parts.pool);
        true
    }

    fn note_all(&mut self, first: &Report) {
        self.clock.hear_reports(Instant::now());
        self.note(first);
        while let Ok(report) = self.parts.reports.try_recv() {
            self.note(&report);
        }
    }

    fn note(&mut self, report: &Report) {
        self.ledger.note(report);
        match report.outcome {
            Outcome::Delivered => self.report.delivered += 1,
            Outcome::Failed => self.report.failed += 1,
            Outcome::Released | Outcome::Vanished => {}
            Outcome::Left => self.report.left += 1,
        }
        // A successor with the same name may wait, or others for which there was no room.
        if report.outcome == Outcome::Released || self.last.held > 0 || !self.last.whole {
            self.scan_soon();
        }
    }

    fn read_rules(&mut self) {
        self.parts.rules.reload();
        self.parts.board.set_rules(self.parts.rules.report());
    }

    fn reload(&mut self) {
        tracing::info!("reading the rules again; other settings count from the next start");
        service::reloading();
        self.read_rules();
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
            held = self.ledger.handed(),
            "stopping: no more pages are taken, those begun have {} s to finish",
            grace.as_secs()
        );
        service::stopping(grace);
        self.parts.board.set_stopping();
        self.stop_at = Some(now + grace);
        self.parts.pause.stop();
    }

    fn is_over(&self) -> bool {
        if let Some(stop_at) = self.stop_at {
            return self.ledger.handed() == 0 || self.left_early || stop_at <= Instant::now();
        }
        let idle = self.ledger.handed() == 0 && self.ledger.waiting() == 0;
        let gave_up = self.parts.pause.given_up().is_some() || self.claim_tries >= Pause::TRIES_OF_ONE_RUN;
        let nothing_more = self.last.whole && self.last.waiting == 0 && self.clock.scan.is_none();
        self.parts.rhythm.once && idle && (gave_up || nothing_more)
    }

    fn end(mut self) -> Result<RunReport, DaemonError> {
        self.report.left += self.ledger.handed() + self.ledger.waiting();
        self.parts.rules.drift().save(&self.parts.spool);
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
}
