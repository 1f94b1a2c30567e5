//! The daemon: watches a folder for pages, cleans each, and leaves text and metadata in another folder.
//!
//! Each page ends in exactly one of `done` (or is removed, by choice) and `failed`, with exactly one set of outputs,
//! whatever is killed when. A reader of the outbox never sees a half-written file. Nothing is deleted or overwritten
//! that was not delivered first. The place of a file is its state; there is no database.
//!
//! One thread waits for anything to happen, scans, claims and hands out ([`intake`]); plain threads do the work.

mod commit;
mod dead_letters;
mod delivery;
pub mod doctor;
mod drift_store;
mod error;
mod file_system;
mod folders;
mod groups;
mod intake;
mod ledger;
mod lock;
mod log;
mod names;
mod pause;
mod pool;
mod reading;
mod reason;
mod rehearsal;
mod rhythm;
mod rule_store;
mod scan;
mod service;
mod sidecar;
mod signals;
mod spool;
pub mod status;
mod trouble;
mod watch;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

pub(crate) use dead_letters::{DeadLetter, DeadLetters, Retried};
pub use error::DaemonError;
pub(crate) use names::{harmless, shown, without_ending};
pub(crate) use reason::Reason;

use crate::config::{Config, Poll};
use drift_store::DriftStore;
use folders::Folders;
use intake::{Intake, Parts};
use pause::Pause;
use pool::Pool;
use rhythm::Rhythm;
use rule_store::RuleStore;
use scan::{Patience, Scanner};
use signals::Signals;
use spool::{Claim, Retention, Spool};
use status::{Board, Server};
use watch::{FolderWatch, Watch};
use worker::Bench;

/// How to run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Whether to end once everything that is ready has been worked on.
    pub once: bool,
    /// The configuration's file: relative paths start from its folder. Without one, from the working directory.
    pub config_path: Option<PathBuf>,
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunReport {
    /// Pages whose outputs are in the outbox.
    pub delivered: u64,
    /// Pages that went to the failed folder.
    pub failed: u64,
    /// Pages that were claimed but not finished; the next start does them.
    pub left: usize,
}

/// Runs the daemon until it is told to stop by SIGTERM or SIGINT, or, with `once`, until everything that is ready has
/// been worked on. Blocks.
///
/// At the start, in this order: the spool's folders are made, checked and locked, `tmp` is emptied, what an earlier run
/// left in `work` is taken up, the inbox is watched and scanned, and the service manager is told.
#[expect(clippy::needless_pass_by_value, reason = "options are made for one run")]
pub fn run(config: &Config, options: RunOptions) -> Result<RunReport, DaemonError> {
    let recent = log::start(&config.log);
    let base = base_folder(options.config_path.as_deref());
    let folders = Folders::prepare(&config.spool, &base)?;
    let rules_folder = std::path::absolute(base.join(&config.rules.folder)).map_err(DaemonError::Runtime)?;
    folders.refuse_rules_in_inbox(&rules_folder)?;
    let spool = Arc::new(Spool::open(folders, &config.spool)?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(DaemonError::Runtime)?;
    runtime.block_on(async {
        let signals = Signals::listen().map_err(DaemonError::Runtime)?;
        let recovered = recover(&spool)?;
        let rules = RuleStore::new(rules_folder, config, Arc::new(DriftStore::load(&spool)));
        let retention = Retention::new(&config.spool, &spool.folders().done);
        let folders = spool.folders().clone();
        let pause = Arc::new(Pause::new(options.once));
        let board = Arc::new(Board::new(config, pause, recent));
        let parts = assemble(config, options.once, Arc::clone(&board), spool, rules)?;
        // Both end with these values.
        let _server = Server::start(board, &folders, &config.status);
        let intake = Intake::new(parts, recovered);
        if options.once {
            let outcome = intake.serve(signals).await;
            retention.iter().for_each(Retention::keep_at_once);
            return outcome;
        }
        let _retention = retention
            .map(Retention::start)
            .transpose()
            .map_err(DaemonError::Runtime)?;
        intake.serve(signals).await
    })
}

fn base_folder(config_path: Option<&Path>) -> PathBuf {
    config_path
        .and_then(Path::parent)
        .map(Path::to_owned)
        .unwrap_or_default()
}

/// Takes up what an earlier run left.
fn recover(spool: &Spool) -> Result<Vec<Claim>, DaemonError> {
    let work = &spool.folders().work;
    let recovered = spool.recover().map_err(|error| DaemonError::Folder {
        key: "spool.work",
        path: work.clone(),
        error,
    })?;
    for path in &recovered.foreign {
        tracing::warn!(
            file = shown(path),
            "something that dehusk did not put there lies in the work folder and is left alone"
        );
    }
    if !recovered.claims.is_empty() {
        tracing::info!(
            pages = recovered.claims.len(),
            "taking up what an earlier run left in the work folder"
        );
    }
    Ok(recovered.claims)
}

fn assemble(
    config: &Config,
    once: bool,
    board: Arc<Board>,
    spool: Arc<Spool>,
    mut rules: RuleStore,
) -> Result<Parts, DaemonError> {
    let inbox = spool.folders().inbox.clone();
    let network = file_system::network_name(&inbox);
    let pause = Arc::clone(board.pause());
    rehearsal::clean(&config.limits.page);
    rules.reload();
    board.set_rules(rules.report());
    let bench = Bench {
        spool: Arc::clone(&spool),
        rules: rules.current(),
        drift: Arc::clone(rules.drift()),
        config: config.clone(),
        pause: Arc::clone(&pause),
        board: Arc::clone(&board),
    };
    let (pool, reports) = Pool::start(&Arc::new(bench), config.workers.queue).map_err(DaemonError::Runtime)?;
    board.set_workers(pool.workers());
    let (files_wake, rules_wake) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let has_events =
        !once && (config.spool.poll == Poll::Never || config.spool.poll == Poll::Auto && network.is_none());
    tell_oddities(&rules, config, network);
    Ok(Parts {
        scanner: Scanner::new(inbox, patience(config, once, network.is_some())),
        watch: Watch::new(Arc::clone(&files_wake), has_events),
        rules_watch: FolderWatch::new(rules.folder().clone(), Arc::clone(&rules_wake)),
        rhythm: Rhythm::new(config, once),
        greeting: greeting(&spool, &rules),
        spool,
        pause,
        board,
        pool,
        reports,
        files_wake,
        rules,
        rules_wake,
    })
}

/// A run with an end has no events to go by: what stays the same for the short while counts as complete.
fn patience(config: &Config, once: bool, is_network: bool) -> Patience {
    let settle = Duration::from_millis(config.spool.settle_ms);
    let stable = Duration::from_millis(if is_network {
        config.spool.stable_network_ms
    } else {
        config.spool.stable_ms
    });
    Patience {
        settle,
        stable: if once { settle } else { stable },
    }
}

/// Where to drop pages, and where to look for the text.
fn greeting(spool: &Spool, rules: &RuleStore) -> String {
    let folders = spool.folders();
    format!(
        "drop pages into {}; text appears in {}, what can't be cleaned in {} with the reason beside it; rules are read from {}",
        shown(&folders.inbox),
        shown(&folders.outbox),
        shown(&folders.failed),
        shown(rules.folder())
    )
}

fn tell_oddities(rules: &RuleStore, config: &Config, network: Option<&str>) {
    if !rules.folder().exists() {
        tracing::info!(
            folder = shown(rules.folder()),
            "there is no folder of rules yet; it is read as soon as there is one"
        );
    }
    if let Some(kind) = network.filter(|_| config.spool.poll == Poll::Auto) {
        let seconds = config.spool.poll_seconds;
        tracing::info!("the inbox is on {kind}, where changes raise no events: it is scanned every {seconds} s");
    }
}
