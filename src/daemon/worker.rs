//! Workers: plain threads that each clean one page at a time, from the claim to its end.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rustix::io::Errno;
use sha2::{Digest, Sha256};

use super::delivery::Delivery;
use super::drift_store::DriftStore;
use super::names::{harmless, shown};
use super::pause::{Pause, Verdict, is_permanent};
use super::reading::{Hashing, Stamp};
use super::reason::{ATTEMPTS, Fault, NAME_TAKEN, NOT_A_FILE, PANIC, STILL_WRITTEN, UNREADABLE};
use super::rule_store::CurrentRules;
use super::sidecar;
use super::spool::{Claim, Opened, Spool};
use crate::clean::{CleanOptions, Extraction, Held, clean};
use crate::config::Config;
use crate::guard::guarded;
use crate::page::{PageHints, RawPage};
use crate::page_file::{self, ReadError};
use crate::rules::model::OnDrift;
use crate::rules::{Class, RuleInfo};
use crate::text::hex;

/// How often a page is read again whose medium reports errors, before the fault counts as the page's.
const READ_TRIES: u32 = 3;

/// Errors of a page's medium.
const MEDIUM_ERRORS: &[Errno] = &[Errno::IO, Errno::STALE];

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

/// Why a page did not get through at once.
enum Trouble {
    /// It never will.
    Fault(Fault),
    /// It may when the machine is well again.
    Machine(&'static str, io::Error),
    /// It is still being written.
    StillWritten,
    /// It is gone.
    Vanished,
}

/// A page's bytes and what is known of them.
struct ReadPage {
    bytes: Vec<u8>,
    sha256: String,
    hints: PageHints,
}

/// Works on a claim until it has ended, or the daemon stops.
pub(crate) fn work(bench: &Bench, mut claim: Claim) -> Outcome {
    let started = Instant::now();
    let mut begun = false;
    for tries in 0.. {
        let result = end(bench, &mut claim, &mut begun, tries, started);
        let (doing, error) = match result {
            Ok(outcome) => {
                bench.pause.end();
                return outcome;
            }
            Err(trouble) => trouble,
        };
        let missing = bench
            .spool
            .folders()
            .missing()
            .map(|path| format!(" (the folder {} is gone)", shown(path)));
        if bench
            .pause
            .wait(&format!("{doing}{}", missing.unwrap_or_default()), &error, tries)
            == Verdict::GiveUp
        {
            break;
        }
    }
    if begun && let Err(error) = bench.spool.give_back(&mut claim) {
        tracing::warn!(
            file = shown(claim.source()),
            "the attempt could not be taken back: {error}"
        );
    }
    Outcome::Left
}

/// One try to bring a claim to its end. What fails because of the machine is given back.
fn end(
    bench: &Bench,
    claim: &mut Claim,
    begun: &mut bool,
    tries: u32,
    started: Instant,
) -> Result<Outcome, (&'static str, io::Error)> {
    let spool = &bench.spool;
    if !*begun && claim.attempt() < bench.config.spool.attempts_max {
        match spool.begin(claim) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && spool.folders().missing().is_none() => {
                return Ok(vanished(claim));
            }
            begun => begun.map_err(|error| ("counting an attempt in the work folder", error))?,
        }
        *begun = true;
    }
    let result = if *begun {
        deliver(bench, claim, tries, started)
    } else {
        Err(Trouble::Fault(too_many_attempts(claim)))
    };
    let fault = match result {
        Ok(()) => return Ok(Outcome::Delivered),
        Err(Trouble::Machine(doing, error)) => return Err((doing, error)),
        Err(Trouble::Vanished) => return Ok(vanished(claim)),
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
    reject(spool, claim, &fault)
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

/// Reads, cleans and delivers a page, and ends its claim.
fn deliver(bench: &Bench, claim: &Claim, tries: u32, started: Instant) -> Result<(), Trouble> {
    let page = read_page(bench, claim, tries)?;
    let sha256 = page.sha256.clone();
    let (extraction, delivery) = guarded(|| {
        let extraction = cleaned(bench, page)?;
        let delivery = Delivery::render(&extraction, &sha256, claim, &bench.config.output);
        Ok((extraction, delivery))
    })
    .unwrap_or_else(|message| Err(Fault::new(PANIC, message)))
    .map_err(|fault| {
        Trouble::Fault(Fault {
            sha256: Some(sha256.clone()),
            ..fault
        })
    })?;
    let stem = delivery
        .deliver(&bench.spool, claim)
        .map_err(|error| delivery_trouble(error, &sha256, &extraction))?;
    bench
        .spool
        .finish(claim)
        .map_err(|error| Trouble::Machine("moving a page out of the work folder", error))?;
    log_page(claim, &extraction, &stem, started);
    Ok(())
}

/// Cleans a page by the rules in force. Where its site has drifted and its rules say so, the generic cleaner takes
/// over, or the page is held.
fn cleaned(bench: &Bench, page: ReadPage) -> Result<Extraction, Fault> {
    let rules = bench.rules.get();
    let limits = &bench.config.limits.page;
    let raw = RawPage {
        bytes: &page.bytes,
        hints: page.hints,
    };
    let clean_with =
        |options| clean(&raw, &rules, options, limits).map_err(|error| Fault::new(error.code(), error.to_string()));
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
    Ok(extraction)
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

fn delivery_trouble(error: io::Error, sha256: &str, extraction: &Extraction) -> Trouble {
    if !is_permanent(&error) {
        return Trouble::Machine("writing outputs", error);
    }
    let fault = Fault::new(
        NAME_TAKEN,
        format!("the outputs can't have their names in the outbox: {error}"),
    );
    Trouble::Fault(Fault {
        sha256: Some(sha256.to_owned()),
        site: extraction.site.clone(),
        ..fault
    })
}

fn log_page(claim: &Claim, extraction: &Extraction, stem: &Path, started: Instant) {
    for warning in &extraction.warnings {
        tracing::warn!(file = shown(claim.source()), "{}", harmless(&warning.to_string()));
    }
    tracing::info!(
        site = extraction.site.as_deref(),
        identified_by = extraction.identified_by.name(),
        rule_set = extraction.rule_set,
        file = shown(claim.source()),
        output = shown(Path::new(stem.file_name().unwrap_or_default())),
        method = extraction.method.name(),
        kept_ratio = (extraction.kept_ratio() * 1000.0).round() / 1000.0,
        ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        held = extraction.held.as_ref().map(|held| held.to.as_str()),
        "page delivered"
    );
}

/// Reads a page whole, and makes sure that it did not change meanwhile.
fn read_page(bench: &Bench, claim: &Claim, tries: u32) -> Result<ReadPage, Trouble> {
    let file = match bench.spool.open_page(claim) {
        Ok(Opened::Page(file)) => file,
        Ok(Opened::NoFile(kind)) => {
            return Err(Trouble::Fault(Fault::new(
                NOT_A_FILE,
                format!("it is {kind}: drop the file itself"),
            )));
        }
        Ok(Opened::Gone) => return Err(Trouble::Vanished),
        Err(error) => return Err(read_trouble(error, tries)),
    };
    let before = Stamp::of(&file).map_err(|error| read_trouble(error, tries))?;
    let mut hashing = Hashing {
        file: &file,
        digest: Sha256::new(),
        bytes: 0,
    };
    let result = page_file::read(&mut hashing, &bench.config.limits.page);
    let (digest, read_bytes) = (hashing.digest, hashing.bytes);
    let sha256 = hex(&digest.finalize());
    match Stamp::of(&file) {
        Ok(after) if after == before => {}
        Ok(_) => return Err(Trouble::StillWritten),
        Err(error) => return Err(read_trouble(error, tries)),
    }
    let bytes = result.map_err(|error| match error {
        ReadError::Io(error) => read_trouble(error, tries),
        other => Trouble::Fault(Fault {
            sha256: (read_bytes == before.bytes).then(|| sha256.clone()),
            ..Fault::new(other.code(), other.to_string())
        }),
    })?;
    let mut hints = hints_of(claim.source());
    let sidecar = bench
        .spool
        .open_sidecar(claim)
        .and_then(|sidecar| sidecar::add_hints(&mut hints, sidecar));
    match sidecar {
        Ok(Ok(())) => Ok(ReadPage { bytes, sha256, hints }),
        Ok(Err(fault)) => Err(Trouble::Fault(Fault {
            sha256: Some(sha256),
            ..fault
        })),
        Err(error) => Err(read_trouble(error, tries)),
    }
}

/// A page that may not be read, or lies on bad blocks, would hold up all others for ever.
fn read_trouble(error: io::Error, tries: u32) -> Trouble {
    let is_medium = MEDIUM_ERRORS
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()));
    let is_ours = is_medium && tries < READ_TRIES
        || !is_medium && error.kind() != io::ErrorKind::PermissionDenied && !is_permanent(&error);
    if is_ours {
        return Trouble::Machine("reading a page", error);
    }
    Trouble::Fault(Fault::new(UNREADABLE, format!("the file can't be read: {error}")))
}

/// What a page's path in the inbox tells.
fn hints_of(source: &Path) -> PageHints {
    let folders = source.parent().into_iter().flat_map(Path::components);
    PageHints {
        file_name: source.file_name().map(|name| name.to_string_lossy().into_owned()),
        folders: folders
            .map(|folder| folder.as_os_str().to_string_lossy().into_owned())
            .collect(),
        ..PageHints::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_block_is_the_pages_fault_after_a_few_tries_and_a_full_table_never() {
        assert!(matches!(read_trouble(Errno::IO.into(), 0), Trouble::Machine(..)));
        assert!(matches!(read_trouble(Errno::IO.into(), READ_TRIES), Trouble::Fault(_)));
        assert!(matches!(read_trouble(Errno::MFILE.into(), 99), Trouble::Machine(..)));
        assert!(matches!(read_trouble(Errno::ACCESS.into(), 0), Trouble::Fault(_)));
    }

    #[test]
    fn folders_and_name_are_hints() {
        let hints = hints_of(Path::new("a.example/2024/x.html"));
        assert_eq!(hints.folders, ["a.example", "2024"]);
        assert_eq!(hints.file_name.as_deref(), Some("x.html"));
    }
}
