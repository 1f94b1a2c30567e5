//! One sync of a folder for all who wait for one.
//!
//! Committers move their outputs into the same few folders at the same time. A sync brings everything to the disk that
//! was moved before it began, whoever moved it; so those who come while one is on its way share the next. Nobody is
//! content with a sync that began before they asked: it may have passed their moves over.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What is known of each folder that somebody waits for.
type Folders = HashMap<PathBuf, Rounds>;

/// The syncs of folders that are on their way or waited for.
#[derive(Debug, Default)]
pub(super) struct FolderSyncs {
    folders: Mutex<Folders>,
    ended: Condvar,
}

/// The syncs of one folder, numbered from one.
#[derive(Debug, Default)]
struct Rounds {
    begun: u64,
    ended: u64,
    /// The last one that failed. It concerns all who waited for it or for an earlier one: that a later one went well
    /// does not tell that what the failed one left out is on the disk.
    failed: Option<(u64, Failure)>,
    waiting: usize,
}

/// What is kept of an error, for each who waits.
#[derive(Debug, Clone, Copy)]
struct Failure {
    kind: io::ErrorKind,
    code: Option<i32>,
}

impl Failure {
    fn of(error: &io::Error) -> Self {
        Self {
            kind: error.kind(),
            code: error.raw_os_error(),
        }
    }

    fn error(self) -> io::Error {
        self.code.map_or(self.kind.into(), io::Error::from_raw_os_error)
    }
}

impl FolderSyncs {
    /// Returns after a sync of the folder that began after the call, made by `sync` or by somebody else's.
    pub(super) fn wait(&self, folder: &Path, sync: impl Fn(&Path) -> io::Result<()>) -> io::Result<()> {
        let mut folders = self.lock();
        let rounds = folders.entry(folder.to_owned()).or_default();
        rounds.waiting += 1;
        let wanted = rounds.begun + 1;
        loop {
            let rounds = folders.entry(folder.to_owned()).or_default();
            if rounds.ended >= wanted {
                return leave(&mut folders, folder, wanted);
            }
            folders = if rounds.begun > rounds.ended {
                self.ended.wait(folders).unwrap_or_else(PoisonError::into_inner)
            } else {
                self.lead(folders, folder, &sync)
            };
        }
    }

    /// Makes the next sync.
    fn lead<'a>(
        &'a self,
        mut folders: MutexGuard<'a, Folders>,
        folder: &Path,
        sync: impl Fn(&Path) -> io::Result<()>,
    ) -> MutexGuard<'a, Folders> {
        let rounds = folders.entry(folder.to_owned()).or_default();
        rounds.begun += 1;
        let round = rounds.begun;
        drop(folders);
        let result = sync(folder);
        let mut folders = self.lock();
        folders.entry(folder.to_owned()).or_default().end(round, &result);
        self.ended.notify_all();
        folders
    }

    fn lock(&self) -> MutexGuard<'_, Folders> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rounds {
    fn end(&mut self, round: u64, result: &io::Result<()>) {
        self.ended = round;
        if let Err(error) = result {
            self.failed = Some((round, Failure::of(error)));
        }
    }
}

/// What became of the syncs that one who waited is concerned by. Nothing is remembered of a folder that nobody waits for.
fn leave(folders: &mut Folders, folder: &Path, wanted: u64) -> io::Result<()> {
    let Some(rounds) = folders.get_mut(folder) else {
        return Ok(());
    };
    let failed = rounds.failed.filter(|(round, _)| *round >= wanted);
    rounds.waiting -= 1;
    if rounds.waiting == 0 {
        folders.remove(folder);
    }
    failed.map_or(Ok(()), |(_, failure)| Err(failure.error()))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Receiver, channel};
    use std::thread;

    use super::*;

    /// Waits until so many wait for a folder.
    fn await_waiting(syncs: &FolderSyncs, count: usize) {
        while syncs.lock().get(Path::new("a")).map_or(0, |rounds| rounds.waiting) < count {
            thread::yield_now();
        }
    }

    /// A sync that counts how often it is made, the first of which ends when told to, with the result that is told.
    fn first_held<'a>(
        made: &'a AtomicUsize,
        go: &'a Mutex<Receiver<io::Result<()>>>,
    ) -> impl Fn(&Path) -> io::Result<()> + 'a {
        |_| match made.fetch_add(1, Ordering::Relaxed) {
            0 => go.lock().unwrap().recv().unwrap(),
            _ => Ok(()),
        }
    }

    #[test]
    fn those_who_come_during_a_sync_share_the_next_one() {
        let (syncs, made) = (FolderSyncs::default(), AtomicUsize::new(0));
        let (tell, told) = channel();
        let told = Mutex::new(told);
        let sync = first_held(&made, &told);
        thread::scope(|scope| {
            let first = scope.spawn(|| syncs.wait(Path::new("a"), &sync));
            while made.load(Ordering::Relaxed) == 0 {
                thread::yield_now();
            }
            let others: Vec<_> = (0..5)
                .map(|_| scope.spawn(|| syncs.wait(Path::new("a"), &sync)))
                .collect();
            await_waiting(&syncs, 6);
            assert!(others.iter().all(|other| !other.is_finished()));
            tell.send(Ok(())).unwrap();
            assert!(first.join().unwrap().is_ok());
            assert!(others.into_iter().all(|other| other.join().unwrap().is_ok()));
        });
        assert_eq!(made.load(Ordering::Relaxed), 2);
        assert!(syncs.lock().is_empty());
    }

    #[test]
    fn a_failed_sync_is_the_failure_of_those_who_asked_before_it_began_only() {
        let (syncs, made) = (FolderSyncs::default(), AtomicUsize::new(0));
        let (tell, told) = channel();
        let told = Mutex::new(told);
        let sync = first_held(&made, &told);
        thread::scope(|scope| {
            let first = scope.spawn(|| syncs.wait(Path::new("a"), &sync));
            while made.load(Ordering::Relaxed) == 0 {
                thread::yield_now();
            }
            let second = scope.spawn(|| syncs.wait(Path::new("a"), &sync));
            await_waiting(&syncs, 2);
            tell.send(Err(io::Error::from_raw_os_error(5))).unwrap();
            assert_eq!(first.join().unwrap().unwrap_err().raw_os_error(), Some(5));
            assert!(second.join().unwrap().is_ok());
        });
    }

    #[test]
    fn folders_do_not_wait_for_one_another() {
        let (syncs, made) = (FolderSyncs::default(), AtomicUsize::new(0));
        let (tell, told) = channel();
        let told = Mutex::new(told);
        let sync = first_held(&made, &told);
        thread::scope(|scope| {
            let held = scope.spawn(|| syncs.wait(Path::new("a"), &sync));
            while made.load(Ordering::Relaxed) == 0 {
                thread::yield_now();
            }
            assert!(syncs.wait(Path::new("b"), &sync).is_ok());
            assert!(!held.is_finished());
            tell.send(Ok(())).unwrap();
            assert!(held.join().unwrap().is_ok());
        });
    }
}
