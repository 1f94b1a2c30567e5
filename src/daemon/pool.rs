//! The pool of workers: a bounded queue in, reports out, and a look at what takes too long.

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::names::{harmless, shown};
use super::spool::Claim;
use super::worker::{Bench, Outcome, work};
use crate::guard::guarded;

/// Stack of a worker, in bytes: cleaning recurses along the depth of a page's tree.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// A claim's end.
#[derive(Debug)]
pub(crate) struct Report {
    /// Its path in the inbox.
    pub(crate) source: PathBuf,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

/// What a worker is busy with, since when, and whether that was told already.
#[derive(Debug)]
struct Task {
    source: PathBuf,
    since: Instant,
    told: bool,
}

/// The workers.
#[derive(Debug)]
pub(crate) struct Pool {
    claims: SyncSender<Claim>,
    tasks: Arc<Vec<Mutex<Option<Task>>>>,
    size: usize,
}

impl Pool {
    /// Starts workers. The queue takes `queue` claims besides those that are being worked on.
    pub(crate) fn start(bench: &Arc<Bench>, queue: usize) -> io::Result<(Self, UnboundedReceiver<Report>)> {
        let size = match bench.config.workers.count {
            0 => thread::available_parallelism().map_or(1, usize::from),
            count => count,
        };
        let (claims, receiver) = sync_channel(queue + size);
        let receiver = Arc::new(Mutex::new(receiver));
        let (reports, reported) = unbounded_channel();
        let tasks: Arc<Vec<Mutex<Option<Task>>>> = Arc::new((0..size).map(|_| Mutex::default()).collect());
        for number in 0..size {
            let (bench, receiver, reports, tasks) = (
                Arc::clone(bench),
                Arc::clone(&receiver),
                reports.clone(),
                Arc::clone(&tasks),
            );
            let worker = move || serve(&bench, &receiver, &reports, tasks.get(number));
            thread::Builder::new()
                .name(format!("worker-{number}"))
                .stack_size(STACK_BYTES)
                .spawn(worker)?;
        }
        Ok((Self { claims, tasks, size }, reported))
    }

    /// How many workers there are.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Hands a claim over; gives it back if the queue is full.
    pub(crate) fn hand_over(&self, claim: Claim) -> Result<(), Claim> {
        self.claims.try_send(claim).map_err(|refused| match refused {
            std::sync::mpsc::TrySendError::Full(claim) | std::sync::mpsc::TrySendError::Disconnected(claim) => claim,
        })
    }

    /// Whether every worker is within the time that a page may take. Tells of each page that is not, once.
    pub(crate) fn is_moving(&self, page_max: Duration) -> bool {
        let mut all = true;
        for task in self.tasks.iter() {
            let mut task = task.lock().unwrap_or_else(PoisonError::into_inner);
            all &= task.as_mut().is_none_or(|task| task.is_moving(page_max));
        }
        all
    }

    /// Lets the time of every page begin anew: while work is paused, nobody's page is slow.
    pub(crate) fn excuse(&self) {
        for task in self.tasks.iter() {
            if let Some(task) = task.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
                task.since = Instant::now();
            }
        }
    }
}

impl Task {
    fn is_moving(&mut self, page_max: Duration) -> bool {
        let moving = self.since.elapsed() <= page_max;
        if !moving && !self.told {
            self.told = true;
            let seconds = page_max.as_secs();
            tracing::error!(
                file = shown(&self.source),
                "the page takes longer than {seconds} s (limits.page-seconds-max)"
            );
        }
        moving
    }
}

fn serve(
    bench: &Bench,
    claims: &Mutex<Receiver<Claim>>,
    reports: &UnboundedSender<Report>,
    task: Option<&Mutex<Option<Task>>>,
) {
    let set = |value: Option<Task>| {
        if let Some(task) = task {
            *task.lock().unwrap_or_else(PoisonError::into_inner) = value;
        }
    };
    loop {
        let next = claims.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(claim) = next else { return };
        let source = claim.source().to_owned();
        set(Some(Task {
            source: source.clone(),
            since: Instant::now(),
            told: false,
        }));
        let outcome = guarded(|| work(bench, claim)).unwrap_or_else(|message| {
            tracing::error!(
                file = shown(&source),
                "{}; the page stays in the work folder",
                harmless(&message)
            );
            Outcome::Left
        });
        set(None);
        if reports.send(Report { source, outcome }).is_err() {
            return;
        }
    }
}
