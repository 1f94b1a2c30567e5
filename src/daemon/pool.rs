//! The pool of workers: a bounded queue in, reports out, and a look at what takes too long.

use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::commit::Prepared;
use super::groups::{Grouping, Groups};
use super::names::{harmless, shown};
use super::spool::Claim;
use super::worker::{Bench, Ending, Job, Outcome, Step, end_together, work};
use crate::config::Durability;
use crate::guard::guarded;

/// Stack of a worker, in bytes: cleaning recurses along the depth of a page's tree.
const STACK_BYTES: usize = 16 * 1024 * 1024;

/// Groups of pages that are on their way to the disk at once, where the disk is slow: it takes several syncs in the
/// time of one, whatever the number of workers.
const GROUPS_IN_FLIGHT: usize = 16;

/// Most pages of such a group, and how many have to wait before one more group is begun.
const GROUP_PAGES_MAX: usize = 8;

/// Most pages that share a sync.
const BATCH_PAGES_MAX: usize = 64;

/// How long the first page of a batch waits for others.
const BATCH_WAIT: Duration = Duration::from_millis(50);

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

/// The workers, and the committers that bring to an end what workers have prepared.
#[derive(Debug)]
pub(crate) struct Pool {
    claims: SyncSender<Claim>,
    tasks: Arc<Vec<Mutex<Option<Task>>>>,
    workers: usize,
    hands: usize,
    underway: Arc<AtomicUsize>,
}

/// How many committers there are, and how pages come to them.
#[derive(Debug, Clone, Copy)]
struct Committers {
    count: usize,
    grouping: Grouping,
}

impl Committers {
    fn of(durability: Durability) -> Self {
        let (count, group_max, help_from, window) = match durability {
            Durability::Strict => (GROUPS_IN_FLIGHT, GROUP_PAGES_MAX, GROUP_PAGES_MAX, Duration::ZERO),
            // The next batch gathers while one is brought to the disk.
            Durability::Batch => (1, BATCH_PAGES_MAX, usize::MAX, BATCH_WAIT),
            Durability::Off => (0, 0, 0, Duration::ZERO),
        };
        let grouping = Grouping {
            room: group_max * 2,
            group_max,
            help_from,
            window,
        };
        Self { count, grouping }
    }

    /// How many pages they have at most, with those that wait for them.
    fn hands(self) -> usize {
        self.grouping.room + self.count * self.grouping.group_max
    }
}

/// Pages between workers and committers.
type Prepareds = Groups<(Job, Prepared)>;

/// What every thread of the pool has.
#[derive(Clone)]
struct Place {
    bench: Arc<Bench>,
    reports: UnboundedSender<Report>,
    tasks: Arc<Vec<Mutex<Option<Task>>>>,
    number: usize,
    /// Claims that no committer has got yet.
    underway: Arc<AtomicUsize>,
}

impl Pool {
    /// Starts workers. The queue takes `queue` claims besides those that are in hands.
    pub(crate) fn start(bench: &Arc<Bench>, queue: usize) -> io::Result<(Self, UnboundedReceiver<Report>)> {
        let size = match bench.config.workers.count {
            0 => thread::available_parallelism().map_or(1, usize::from),
            count => count,
        };
        let committers = Committers::of(bench.config.spool.durability);
        let hands = size + committers.hands();
        let (claims, claimed) = sync_channel(queue + hands);
        let claimed = Arc::new(Mutex::new(claimed));
        let prepared = Arc::new(Prepareds::new(committers.grouping, size));
        let (reports, reported) = unbounded_channel();
        let threads = size + committers.count;
        let place = Place {
            bench: Arc::clone(bench),
            reports,
            tasks: Arc::new((0..threads).map(|_| Mutex::default()).collect()),
            number: 0,
            underway: Arc::default(),
        };
        for number in 0..size {
            let (place, claimed, prepared) = (place.at(number), Arc::clone(&claimed), Arc::clone(&prepared));
            let has_committers = committers.count > 0;
            let serve = move || place.serve(&claimed, Some(&*prepared).filter(|_| has_committers));
            start(format!("worker-{number}"), serve)?;
        }
        for number in size..threads {
            let (place, prepared) = (place.at(number), Arc::clone(&prepared));
            start(format!("committer-{}", number - size), move || place.commit(&prepared))?;
        }
        let pool = Self {
            claims,
            tasks: place.tasks,
            workers: size,
            hands,
            underway: place.underway,
        };
        Ok((pool, reported))
    }

    /// How many workers there are.
    pub(crate) fn workers(&self) -> usize {
        self.workers
    }

    /// How many claims there can be beyond those in the queue: pages that are cleaned, and those whose outputs are on
    /// their way to the disk.
    pub(crate) fn hands(&self) -> usize {
        self.hands
    }

    /// Hands a claim over; gives it back if the queue is full.
    pub(crate) fn hand_over(&self, claim: Claim) -> Result<(), Claim> {
        self.underway.fetch_add(1, Ordering::Relaxed);
        self.claims.try_send(claim).map_err(|refused| {
            self.underway.fetch_sub(1, Ordering::Relaxed);
            match refused {
                TrySendError::Full(claim) | TrySendError::Disconnected(claim) => claim,
            }
        })
    }

    /// Whether every worker is within the time that a page can take. Tells of each page that is not, once.
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
    fn begun(source: &Path) -> Self {
        Self {
            source: source.to_owned(),
            since: Instant::now(),
            told: false,
        }
    }

    fn is_moving(&mut self, page_max: Duration) -> bool {
        let moving = self.since.elapsed() <= page_max;
        if !moving && !self.told {
            self.told = true;
            let seconds = page_max.as_secs();
            tracing::error!(
                file = shown(&self.source),
                "the page takes longer than {seconds} s, twice what it may (limits.page-seconds-max), and can't be stopped"
            );
        }
        moving
    }
}

fn start(name: String, run: impl Fn() + Send + 'static) -> io::Result<()> {
    // Committers begin pages anew that trouble has struck, so their stacks are those of workers.
    thread::Builder::new()
        .name(name)
        .stack_size(STACK_BYTES)
        .spawn(move || go_on(run))
        .map(drop)
}

/// Runs what a thread is there for until it has come to its end. A panic between two pages, such as one of those who
/// are woken by a report, must not make the pool smaller: the thread begins anew.
fn go_on(run: impl Fn()) {
    while let Err(message) = guarded(&run) {
        tracing::error!("{}; the thread goes on with the next page", harmless(&message));
    }
}

impl Place {
    fn at(&self, number: usize) -> Self {
        Self { number, ..self.clone() }
    }

    /// Works on claims as long as there may be any.
    fn serve(&self, claims: &Mutex<Receiver<Claim>>, commits: Option<&Prepareds>) {
        let ending = commits.map_or(Ending::Here, |_| Ending::Elsewhere);
        loop {
            let next = claims.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(claim) = next else { break };
            let source = claim.source().to_owned();
            self.set(Some(Task::begun(&source)));
            self.bench.board.begin_page();
            let step = guarded(|| work(&self.bench, Job::new(claim), ending)).unwrap_or_else(|message| {
                tell(&source, &message);
                Step::Ended(Outcome::Left)
            });
            let outcome = match (step, commits) {
                (Step::Ended(outcome), _) => Some(outcome),
                (Step::Prepared(page), Some(commits)) => {
                    commits.put(*page);
                    None
                }
                (Step::Prepared(_), None) => Some(Outcome::Left),
            };
            self.underway.fetch_sub(1, Ordering::Relaxed);
            self.set(None);
            self.bench.board.end_page();
            if outcome.is_some_and(|outcome| !self.report(source, outcome)) {
                break;
            }
        }
        if let Some(commits) = commits {
            commits.leave();
        }
    }

    /// Brings prepared pages to their end, in groups, as long as there may be any.
    fn commit(&self, prepared: &Prepareds) {
        while let Some(mut group) = prepared.take(|| self.underway.load(Ordering::Relaxed) > 0) {
            let pages = mem::take(&mut group.items);
            let sources: Vec<PathBuf> = pages.iter().map(|(job, _)| job.source().to_owned()).collect();
            self.set(sources.first().map(|source| Task::begun(source)));
            let outcomes =
                guarded(|| end_together(&self.bench, pages)).unwrap_or_else(|message| all_left(&sources, &message));
            self.set(None);
            let mut ends = sources.into_iter().zip(outcomes);
            if !ends.all(|(source, outcome)| self.report(source, outcome)) {
                return;
            }
        }
    }

    fn set(&self, value: Option<Task>) {
        if let Some(task) = self.tasks.get(self.number) {
            *task.lock().unwrap_or_else(PoisonError::into_inner) = value;
        }
    }

    /// `false` if nobody listens any more.
    fn report(&self, source: PathBuf, outcome: Outcome) -> bool {
        self.reports.send(Report { source, outcome }).is_ok()
    }
}

/// What a panic makes of a batch.
fn all_left(sources: &[PathBuf], message: &str) -> Vec<Outcome> {
    let left = sources.iter().map(|source| {
        tell(source, message);
        Outcome::Left
    });
    left.collect()
}

fn tell(source: &Path, message: &str) {
    tracing::error!(
        file = shown(source),
        "{}; the page stays in the work folder",
        harmless(message)
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_panics_between_two_pages_goes_on_with_the_next() {
        let (pages, waiting) = sync_channel(3);
        (0..3).for_each(|page| pages.send(page).unwrap());
        drop(pages);
        let done = AtomicUsize::new(0);
        go_on(|| {
            while let Ok(page) = waiting.recv() {
                done.fetch_add(1, Ordering::Relaxed);
                assert_ne!(page, 1, "out of luck");
            }
        });
        assert_eq!(done.into_inner(), 3);
    }
}
