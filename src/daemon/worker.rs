//! Workers: plain threads that each clean one page at a time, from the claim to its end.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::commit::{Prepared, Summary, commit, commit_one};
use super::delivery::Delivery;
use super::drift_store::DriftStore;
use super::names::{harmless, shown};
use super::pause::{Pause, Verdict};
use super::reading::{ReadPage, read_page};
use super::reason::{ATTEMPTS, Fault, PANIC, STILL_WRITTEN};
use super::rule_store::CurrentRules;
use super::spool::{Claim, Spool};
use super::status::Board;
use super::trouble::{Trouble, of_writing};
use crate::clean::{CleanOptions, Extraction, Held, clean_until};
use crate::config::Config;
use crate::guard::{guarded, within};
use crate::limits::Stop;
use crate::page::RawPage;
use crate::rules::model::OnDrift;
use crate::rules::{Class, RuleInfo};

/// What a worker needs.
#[derive(Debug)]
pub(crate) struct Bench {
    /// Where pages lie and go.
    pub(crate) spool: Arc<Spool>,
    /// The rules in force.
    pub(crate) rules: CurrentRules,
    /// The settings.
    pub(crate) config: Config,
    /// How well the rules still fit.
    pub(crate) drift: Arc<DriftStore>,
    /// The pause that all share.
    pub(crate) pause: Arc<Pause>,
    /// Where it is noted how pages end.
    pub(crate) board: Arc<Board>,
}

/// How a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Its outputs are in the outbox.
    Delivered,
    /// It is in the failed folder.
    Failed,
    /// It went back to the inbox, because it is still being written.
    Released,
    /// Somebody took it away.
    Vanished,
    /// It stays in the work folder for the next start.
    Left,
}

/// A claim on its way.
#[derive(Debug)]
pub(crate) struct Job {
    claim: Claim,
    /// Whether the attempt is counted.
    begun: bool,
    /// How often the machine was in the way.
    tries: u32,
    started: Instant,
}

impl Job {
    /// A claim that work is to begin on.
    pub(crate) fn new(claim: Claim) -> Self {
        Self {
            claim,
            begun: false,
            tries: 0,
            started: Instant::now(),
        }
    }

    /// Its path in the inbox.
    pub(crate) fn source(&self) -> &Path {
        self.claim.source()
    }
}

/// Who brings a prepared page to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The worker itself.
    Here,
    /// A committer.
    Elsewhere,
}

/// How far a worker came.
#[derive(Debug)]
pub(crate) enum Step {
    /// The claim has ended.
    Ended(Outcome),
    /// Its outputs are written aside; a committer goes on.
    Prepared(Box<(Job, Prepared)>),
}

/// Works on a claim until it has ended, or is prepared for its end elsewhere, or the daemon stops.
pub(crate) fn work(bench: &Bench, mut job: Job, ending: Ending) -> Step {
    loop {
        let (doing, error) = match advance(bench, &mut job, ending) {
            Ok(Progress::Prepared(page)) => return Step::Prepared(Box::new((job, *page))),
            Ok(Progress::Ended(outcome)) => {
                bench.pause.end();
                return Step::Ended(outcome);
            }
            Err(trouble) => trouble,
        };
        if wait(bench, job.tries, doing, &error) == Verdict::GiveUp {
            return Step::Ended(give_up(bench, &mut job));
        }
        job.tries += 1;
    }
}

/// Brings prepared pages to their end together. Those that the machine was in the way of are begun anew, one by one.
pub(crate) fn end_together(bench: &Bench, batch: Vec<(Job, Prepared)>) -> Vec<Outcome> {
    let (jobs, pages): (Vec<Job>, Vec<Prepared>) = batch.into_iter().unzip();
    let mut pages: Vec<(&Claim, Prepared)> = jobs.iter().map(|job| &job.claim).zip(pages).collect();
    let results = commit(&bench.spool, &bench.board, &mut pages);
    drop(pages);
    let ends = jobs.into_iter().zip(results);
    ends.map(|(job, result)| end_one(bench, job, result)).collect()
}

fn end_one(bench: &Bench, mut job: Job, result: Result<(), Trouble>) -> Outcome {
    let (doing, error) = match settle(bench, &job, result) {
        Ok(outcome) => {
            bench.pause.end();
            return outcome;
        }
        Err(trouble) => trouble,
    };
    if wait(bench, job.tries, doing, &error) == Verdict::GiveUp {
        return give_up(bench, &mut job);
    }
    job.tries += 1;
    match work(bench, job, Ending::Here) {
        Step::Ended(outcome) => outcome,
        // Not with an ending here.
        Step::Prepared(_) => Outcome::Left,
    }
}

/// Waits until trouble of the machine may have passed.
fn wait(bench: &Bench, tries: u32, doing: &str, error: &io::Error) -> Verdict {
    let missing = bench
        .spool
        .folders()
        .missing()
        .map(|path| format!(" (the folder {} is gone)", shown(path)));
    let doing = format!("{doing}{}", missing.unwrap_or_default());
    bench.pause.wait(&doing, error, tries)
}

fn give_up(bench: &Bench, job: &mut Job) -> Outcome {
    if job.begun
        && let Err(error) = bench.spool.give_back(&mut job.claim)
    {
        tracing::warn!(
            file = shown(job.claim.source()),
            "the attempt could not be taken back: {error}"
        );
    }
    Outcome::Left
}

/// How far one try came.
enum Progress {
    Ended(Outcome),
    Prepared(Box<Prepared>),
}

/// One try to bring a claim on. What fails because of the machine is given back.
fn advance(bench: &Bench, job: &mut Job, ending: Ending) -> Result<Progress, (&'static str, io::Error)> {
    let spool = &bench.spool;
    if !job.begun && job.claim.attempt() < bench.config.spool.attempts_max {
        match spool.begin(&mut job.claim) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && spool.folders().missing().is_none() => {
                return Ok(Progress::Ended(vanished(&job.claim)));
            }
            begun => begun.map_err(|error| ("counting an attempt in the work folder", error))?,
        }
        job.begun = true;
    }
    let prepared = if job.begun {
        prepare(bench, &job.claim, job.tries, job.started)
    } else {
        Err(Trouble::Fault(too_many_attempts(&job.claim)))
    };
    let result = match prepared {
        Ok(page) if ending == Ending::Elsewhere => return Ok(Progress::Prepared(Box::new(page))),
        Ok(page) => commit_one(spool, &bench.board, &job.claim, page),
        Err(trouble) => Err(trouble),
    };
    settle(bench, job, result).map(Progress::Ended)
}

/// Draws the conclusion from how a page fared.
fn settle(bench: &Bench, job: &Job, result: Result<(), Trouble>) -> Result<Outcome, (&'static str, io::Error)> {
    let (spool, claim) = (&bench.spool, &job.claim);
    let fault = match result {
        Ok(()) => return Ok(Outcome::Delivered),
        Err(Trouble::Machine(doing, error)) => return Err((doing, error)),
        Err(Trouble::Vanished) => return end_without_page(spool, claim, job.tries),
        Err(Trouble::StillWritten) => match spool.release(claim) {
            Ok(true) => {
                tracing::info!(
                    file = shown(claim.source()),
                    "the page is still being written: it went back to the inbox"
                );
                return Ok(Outcome::Released);
            }
            Ok(false) => Fault::new(
                STILL_WRITTEN,
                "the file was still being written when a new one took its place in the inbox",
            ),
            Err(error) => return Err(("putting a page back into the inbox", error)),
        },
        Err(Trouble::Fault(fault)) => fault,
    };
    let outcome = reject(spool, claim, &fault)?;
    bench.board.count_failed(fault.site.as_deref(), fault.code);
    Ok(outcome)
}

/// Ends a claim whose page is gone: put away by an earlier try that then met trouble, or taken by somebody else.
fn end_without_page(spool: &Spool, claim: &Claim, tries: u32) -> Result<Outcome, (&'static str, io::Error)> {
    let was_rejected = spool
        .finish_sidecar(claim)
        .map_err(|error| ("moving a sidecar out of the work folder", error))?;
    match (tries, was_rejected) {
        (0, _) => Ok(vanished(claim)),
        (_, true) => Ok(Outcome::Failed),
        (_, false) => Ok(Outcome::Delivered),
    }
}

fn vanished(claim: &Claim) -> Outcome {
    tracing::warn!(
        file = shown(claim.source()),
        "the page was taken out of the work folder by somebody else"
    );
    Outcome::Vanished
}

fn reject(spool: &Spool, claim: &Claim, fault: &Fault) -> Result<Outcome, (&'static str, io::Error)> {
    let path = spool
        .reject(claim, &fault.reason(claim))
        .map_err(|error| ("moving a page to the failed folder", error))?;
    tracing::warn!(
        file = shown(claim.source()),
        code = fault.code,
        reason = harmless(&fault.message),
        site = fault.site.as_deref(),
        attempts = claim.attempt(),
        "page failed: {}; it is now {}",
        harmless(&fault.message),
        shown(&path)
    );
    Ok(Outcome::Failed)
}

fn too_many_attempts(claim: &Claim) -> Fault {
    let message = format!(
        "the program was killed or crashed at this page {} times",
        claim.attempt()
    );
    Fault::new(ATTEMPTS, message)
}

/// Reads and cleans a page, and writes its outputs aside.
fn prepare(bench: &Bench, claim: &Claim, tries: u32, started: Instant) -> Result<Prepared, Trouble> {
    let page = read_page(&bench.spool, &bench.config.limits.page, claim, tries)?;
    let sha256 = page.sha256.clone();
    let (delivery, summary) = guarded(|| {
        let time = Duration::from_secs(bench.config.limits.page_seconds_max);
        let extraction = within(time, |stop| cleaned(bench, page, stop))?;
        let delivery = Delivery::render(&extraction, &sha256, claim, &bench.config.output);
        let summary = Summary::of(&extraction, delivery.metadata());
        Ok((delivery, summary))
    })
    .unwrap_or_else(|message| Err(Fault::new(PANIC, message)))
    .map_err(|fault| {
        Trouble::Fault(Fault {
            sha256: Some(sha256.clone()),
            ..fault
        })
    })?;
    if is_in_wrong_order() {
        drop(bench.spool.finish(claim));
    }
    let delivery = delivery
        .stage(&bench.spool, claim)
        .map_err(|error| of_writing(error, &sha256, summary.site()))?;
    Ok(Prepared {
        delivery,
        sha256,
        summary,
        started,
    })
}

/// Whether a test wants a page to leave the spool before its outputs are there, to see that the harness catches it.
#[cfg(debug_assertions)]
fn is_in_wrong_order() -> bool {
    std::env::var_os("DEHUSK_TEST_WRONG_ORDER").is_some()
}

/// A build for users knows no such switch.
#[cfg(not(debug_assertions))]
const fn is_in_wrong_order() -> bool {
    false
}

/// Cleans a page by the rules in force. Where its site has drifted and its rules say so, the generic cleaner takes
/// over, or the page is held.
fn cleaned(bench: &Bench, page: ReadPage, stop: &Stop<'_>) -> Result<Extraction, Fault> {
    let rules = bench.rules.get();
    let limits = &bench.config.limits.page;
    let raw = RawPage {
        bytes: &page.bytes,
        hints: page.hints,
    };
    let clean_with = |options| {
        clean_until(&raw, &rules, options, limits, stop).map_err(|error| Fault::new(error.code(), error.to_string()))
    };
    let mut extraction = clean_with(CleanOptions::default())?;
    let without_rules = || clean_with(CleanOptions { site_rules: false }).ok();
    match bench.drift.judge(&rules, &extraction, without_rules) {
        OnDrift::Warn => {}
        OnDrift::Fallback => {
            let warnings = extraction.warnings;
            extraction = clean_with(CleanOptions { site_rules: false })?;
            extraction.warnings.extend(warnings);
        }
        OnDrift::Hold => extraction.held = extraction.held.or_else(|| Some(drifted())),
    }
    let least = bench.config.output.min_confidence;
    if extraction.confidence.is_some_and(|f1| f64::from(f1) < least) {
        extraction.held = extraction.held.or_else(|| Some(unsure()));
    }
    Ok(extraction)
}

/// A page that is held because the generic cleaner is too unsure of it.
fn unsure() -> Held {
    let rule = RuleInfo::built_in(
        "output.min-confidence",
        "the generic cleaner is less sure of the main content than is asked for",
        Class::Boilerplate,
    );
    Held {
        rule,
        to: "review".to_owned(),
    }
}

/// A page that is held because its site has drifted.
fn drifted() -> Held {
    let rule = RuleInfo::built_in(
        "expect.on-drift",
        "the site has drifted and the page falls short",
        Class::Boilerplate,
    );
    Held {
        rule,
        to: "drift".to_owned(),
    }
}
