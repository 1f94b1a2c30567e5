//! Reads records on one thread, works on them on several, and hands the outcomes on in their order.
//!
//! What is between reading and writing is bounded by count and by bytes, so that one slow page makes the reader wait
//! rather than the memory grow.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::progress::Mark;
use super::work::{Outcome, Task, Workplace};
use crate::cli::failure::Failure;
use crate::guard::guarded;
use crate::warc::{Found, HEAD_BYTES_MAX, HTTP_HEAD_BYTES_MAX, Reader};

/// Most records between reading and writing, for each that is worked on at a time.
const RECORDS_PER_JOB: usize = 8;

/// Most bytes of records between reading and writing; one larger record may be there alone.
const RECORDS_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A record on its way.
struct Item<'a> {
    number: u64,
    mark: Mark,
    task: Task<'a>,
}

/// What became of a record, on its way to where it is written.
pub(super) struct Done {
    /// Where it began.
    pub(super) mark: Mark,
    /// What became of it.
    pub(super) outcome: Outcome,
    bytes: usize,
}

/// What reaches the writer: outcomes by number, or why reading ended before the end.
type Arrival = Result<(u64, Done), Failure>;

/// What is read, and how many work on it.
pub(super) struct Plan<'a> {
    /// The files in their order.
    pub(super) files: &'a [PathBuf],
    /// Where to begin.
    pub(super) from: Mark,
    /// How many records are worked on at a time.
    pub(super) jobs: usize,
}

/// Reads files and gives every outcome to `take`, in the order of the records.
pub(super) fn run(
    plan: &Plan<'_>,
    workplace: &Workplace<'_>,
    mut take: impl FnMut(Done) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let room = Room::new(plan.jobs * RECORDS_PER_JOB);
    let (to_work, work) = sync_channel::<Item<'_>>(plan.jobs);
    let (to_writer, results) = sync_channel::<Arrival>(plan.jobs * RECORDS_PER_JOB + 1);
    let work = Mutex::new(work);
    let (work, room) = (&work, &room);
    thread::scope(|scope| {
        let failures = to_writer.clone();
        scope.spawn(move || read_all(plan, workplace, room, (&to_work, &failures)));
        for _ in 0..plan.jobs {
            let results = to_writer.clone();
            scope.spawn(move || work_all(work, workplace, &results));
        }
        drop(to_writer);
        // Whatever becomes of it, the others must not wait for ever.
        let written = guarded(|| in_order(results, room, &mut take));
        room.close();
        written.unwrap_or_else(|fault| Err(Failure::Usage(fault)))
    })
}

/// Puts outcomes into their order.
fn in_order(
    results: Receiver<Arrival>,
    room: &Room,
    take: &mut impl FnMut(Done) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut early = BTreeMap::new();
    let mut next = 0;
    let mut failure = None;
    for result in results {
        match result {
            Ok((number, done)) => {
                early.insert(number, done);
            }
            // What was read before it is still written.
            Err(why) => failure = Some(why),
        }
        while let Some(done) = early.remove(&next) {
            let bytes = done.bytes;
            take(done)?;
            room.release(bytes);
            next += 1;
        }
    }
    failure.map_or(Ok(()), Err)
}

fn work_all(work: &Mutex<Receiver<Item<'_>>>, workplace: &Workplace<'_>, results: &SyncSender<Arrival>) {
    let mut wanted = true;
    loop {
        let next = locked(work).recv();
        let Ok(Item { number, mark, task }) = next else { return };
        if !wanted {
            // The reader hears of it only when it is not waiting for somebody to take a record.
            continue;
        }
        let bytes = bytes_of(&task.found);
        let outcome = workplace.outcome(&task);
        let done = Done { mark, outcome, bytes };
        wanted = results.send(Ok((number, done))).is_ok();
    }
}

fn read_all<'a>(
    plan: &Plan<'a>,
    workplace: &Workplace<'_>,
    room: &Room,
    (to_work, failures): (&SyncSender<Item<'a>>, &SyncSender<Arrival>),
) {
    let mut number = 0;
    let heads = u64::try_from(HEAD_BYTES_MAX + HTTP_HEAD_BYTES_MAX).unwrap_or_default();
    let record_bytes_max = workplace.bench.limits.page_bytes_max.saturating_add(heads);
    for (index, path) in plan.files.iter().enumerate().skip(plan.from.file) {
        let from = Some(plan.from).filter(|from| from.file == index);
        let pass = |found: Found| {
            let mark = Mark {
                file: index,
                place: found.place(),
            };
            let bytes = bytes_of(&found);
            let task = Task { file: path, found };
            let item = Item { number, mark, task };
            number += 1;
            room.acquire(bytes) && to_work.send(item).is_ok()
        };
        match read_file(path, from, record_bytes_max, pass) {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                let path = path.clone();
                // Where nobody listens any more, they have a reason of their own.
                drop(failures.send(Err(Failure::File { path, error })));
                return;
            }
        }
    }
}

/// Reads a file to its end; whether nobody asked to leave.
fn read_file(path: &Path, from: Option<Mark>, most: u64, mut pass: impl FnMut(Found) -> bool) -> io::Result<bool> {
    let file = File::open(path)?;
    let mut reader = match from {
        Some(mark) => Reader::from_place(file, mark.place, most)?,
        None => Reader::new(file, most)?,
    };
    while let Some(found) = reader.read()? {
        if !pass(found) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn bytes_of(found: &Found) -> usize {
    match found {
        Found::Record(record) => record.block.len(),
        Found::Fault(_) => 0,
    }
}

/// Room for records between reading and writing.
struct Room {
    records_max: usize,
    taken: Mutex<Taken>,
    changed: Condvar,
}

#[derive(Default)]
struct Taken {
    records: usize,
    bytes: usize,
    closed: bool,
}

impl Room {
    fn new(records_max: usize) -> Self {
        Self {
            records_max,
            taken: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Waits for room; whether there will be any.
    fn acquire(&self, bytes: usize) -> bool {
        let full = |taken: &mut Taken| {
            let too_many = taken.records >= self.records_max || taken.bytes + bytes > RECORDS_BYTES_MAX;
            !taken.closed && taken.records > 0 && too_many
        };
        let waited = self.changed.wait_while(locked(&self.taken), full);
        let mut taken = waited.unwrap_or_else(PoisonError::into_inner);
        taken.records += 1;
        taken.bytes += bytes;
        !taken.closed
    }

    fn release(&self, bytes: usize) {
        let mut taken = locked(&self.taken);
        taken.records -= 1;
        taken.bytes -= bytes;
        self.changed.notify_all();
    }

    fn close(&self) {
        locked(&self.taken).closed = true;
        self.changed.notify_all();
    }
}

/// A panic is caught before it leaves a lock; what is behind one that was left by a panic is sound all the same.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
