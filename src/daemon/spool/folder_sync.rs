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
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::thread::{self, Scope, ScopedJoinHandle};

    use super::*;

    /// Syncs of folders whose first sync lasts until it is told how it ended.
    struct Bench {
        syncs: FolderSyncs,
        made: AtomicUsize,
        told: Mutex<Receiver<io::Result<()>>>,
    }

    impl Bench {
        fn wait(&self, folder: &str) -> io::Result<()> {
            let sync = |_: &Path| match self.made.fetch_add(1, Ordering::Relaxed) {
                0 => self.told.lock().unwrap().recv().unwrap(),
                _ => Ok(()),
            };
            self.syncs.wait(Path::new(folder), sync)
        }

        /// Waits until so many wait for folder `a`.
        fn await_waiting(&self, count: usize) {
            let waiting = || self.syncs.lock().get(Path::new("a")).map_or(0, |rounds| rounds.waiting);
            while waiting() < count {
                thread::yield_now();
            }
        }
    }

    /// Runs a test while somebody's sync of folder `a` is on its way. The test ends that sync, and is given how the
    /// one who made it fared.
    fn during_a_sync(
        test: impl for<'s> FnOnce(
            &'s Scope<'s, '_>,
            &'s Bench,
            Sender<io::Result<()>>,
            ScopedJoinHandle<'s, io::Result<()>>,
        ),
    ) {
        let (tell, told) = channel();
        let bench = Bench {
            syncs: FolderSyncs::default(),
            made: AtomicUsize::new(0),
            told: Mutex::new(told),
        };
        let bench = &bench;
        thread::scope(|scope| {
            let first = scope.spawn(|| bench.wait("a"));
            while bench.made.load(Ordering::Relaxed) == 0 {
                thread::yield_now();
            }
            test(scope, bench, tell, first);
        });
        assert!(bench.syncs.lock().is_empty());
    }

    #[test]
    fn those_who_come_during_a_sync_share_the_next_one() {
        during_a_sync(|scope, bench, tell, first| {
            let others: Vec<_> = (0..5).map(|_| scope.spawn(|| bench.wait("a"))).collect();
            bench.await_waiting(6);
            assert!(others.iter().all(|other| !other.is_finished()));
            tell.send(Ok(())).unwrap();
            assert!(first.join().unwrap().is_ok());
            assert!(others.into_iter().all(|other| other.join().unwrap().is_ok()));
            assert_eq!(bench.made.load(Ordering::Relaxed), 2);
        });
    }

    #[test]
    fn a_failed_sync_is_the_failure_of_those_who_asked_before_it_began_only() {
        during_a_sync(|scope, bench, tell, first| {
            let second = scope.spawn(|| bench.wait("a"));
            bench.await_waiting(2);
            tell.send(Err(io::Error::from_raw_os_error(5))).unwrap();
            assert_eq!(first.join().unwrap().unwrap_err().raw_os_error(), Some(5));
            assert!(second.join().unwrap().is_ok());
        });
    }

    #[test]
    fn folders_do_not_wait_for_one_another() {
        during_a_sync(|_, bench, tell, first| {
            assert!(bench.wait("b").is_ok());
            assert!(!first.is_finished());
            tell.send(Ok(())).unwrap();
            assert!(first.join().unwrap().is_ok());
        });
    }
}
