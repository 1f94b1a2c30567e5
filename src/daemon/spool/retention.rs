//! How long pages stay in `done`: by age and by the size of the folder, whatever came first goes first.
//!
//! A page's age counts from its change time, which the move to `done` sets; its modification time is its author's. What
//! else changes a file's change time, such as a change of its mode, makes it younger, never older. Nothing but regular
//! files below `done` is deleted, and each only if it is still the one that was judged. A clock that is seen to jump
//! ahead is not believed for a while.
//!
//! A pass walks the folder in slices with rests between them, on a thread of its own, and remembers no more than the
//! oldest files that one pass may delete for the sake of size; if that was not enough, the next pass goes on.

use std::collections::BinaryHeap;
use std::ffi::OsStr;
use std::fs::{self, ReadDir};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{AtFlags, FileType, statat, unlinkat};

use super::files;
use super::wall_clock::WallClock;
use crate::config::SpoolConfig;

/// The time between two passes.
const INTERVAL: Duration = Duration::from_mins(10);

/// Entries that are looked at, or files that are deleted, before the next rest.
const SLICE_ENTRIES: usize = 500;

/// A rest: the disk belongs to the pages.
const REST: Duration = Duration::from_millis(50);

/// Most files that one pass remembers, and therefore deletes for the sake of size; some ten megabytes of them.
const REMEMBERED_MAX: usize = 100_000;

/// Deepest sub-folder that is looked into; each on the way is an open file.
const FOLDER_DEPTH_MAX: usize = 64;

/// Seconds of a day.
const DAY_SECONDS: u64 = 86_400;

/// Beginning of the names of our own files.
const OWN_PREFIX: &[u8] = b".dehusk";

/// The limits of the folder `done`.
#[derive(Debug)]
pub(crate) struct Retention {
    done: PathBuf,
    seconds_max: Option<u64>,
    bytes_max: Option<u64>,
}

/// Retention at work; it ends with this value.
#[derive(Debug)]
pub(crate) struct Running {
    _ends: SyncSender<()>,
}

/// A file with what tells it from a later one of the same name. The order is that of its coming.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    changed: (i64, i64),
    path: PathBuf,
    inode: u64,
    bytes: u64,
}

/// What a pass has seen and done.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sum {
    /// Files deleted because of their age.
    aged: u64,
    /// Files deleted because of the folder's size.
    crowded: u64,
    /// Bytes of all of them.
    freed: u64,
    /// Files that stay.
    files: u64,
    /// Bytes of those.
    bytes: u64,
    /// Steps since the last rest.
    steps: usize,
}

/// The caller's way to rest between slices; `false` ends the pass.
type Rest<'a> = &'a mut dyn FnMut() -> bool;

impl Retention {
    /// The limits that are set, if any is.
    pub(crate) fn new(config: &SpoolConfig, done: &Path) -> Option<Self> {
        let set = |limit: u64| (limit > 0).then_some(limit);
        let retention = Self {
            done: done.to_owned(),
            seconds_max: set(config.done_days_max).map(|days| days.saturating_mul(DAY_SECONDS)),
            bytes_max: set(config.done_bytes_max),
        };
        (retention.seconds_max.is_some() || retention.bytes_max.is_some()).then_some(retention)
    }

    /// Keeps the limits from now on, a pass at once and then at intervals.
    pub(crate) fn start(self) -> io::Result<Running> {
        let (ends, ended) = sync_channel(0);
        let wait = move |time| ended.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
        let mut clock = WallClock::default();
        let keep = move || while wait(self.round(&mut clock, &mut || wait(REST))) {};
        thread::Builder::new().name("retention".to_owned()).spawn(keep)?;
        Ok(Running { _ends: ends })
    }

    /// One pass; tells how long to wait for the next.
    fn round(&self, clock: &mut WallClock, rest: Rest<'_>) -> Duration {
        let now = SystemTime::now();
        let sum = self.pass(clock.is_trusted(now, Instant::now()).then_some(now), rest);
        if self.wants_another(&sum) { REST } else { INTERVAL }
    }

    /// Keeps the limits once, without rests.
    pub(crate) fn keep_at_once(&self) {
        while self.wants_another(&self.pass(Some(SystemTime::now()), &mut || true)) {}
    }

    /// Whether a pass deleted all that it remembered, and that was not enough.
    fn wants_another(&self, sum: &Sum) -> bool {
        sum.crowded > 0 && self.bytes_max.is_some_and(|max| sum.bytes > max)
    }

    /// One pass. Without a time, no file is too old.
    fn pass(&self, now: Option<SystemTime>, rest: Rest<'_>) -> Sum {
        let mut sum = Sum::default();
        if let Err(error) = self.sweep(now, rest, &mut sum) {
            tracing::warn!("the done folder could not be looked through for old pages: {error}");
        }
        if sum.aged + sum.crowded > 0 {
            tracing::info!(
                aged = sum.aged,
                crowded = sum.crowded,
                freed_bytes = sum.freed,
                files = sum.files,
                bytes = sum.bytes,
                "old files were deleted from the done folder (spool.done-days-max, spool.done-bytes-max)"
            );
        }
        sum
    }

    fn sweep(&self, now: Option<SystemTime>, rest: Rest<'_>, sum: &mut Sum) -> io::Result<()> {
        let now = now.and_then(|now| now.duration_since(SystemTime::UNIX_EPOCH).ok());
        let oldest_kept = now
            .zip(self.seconds_max)
            .and_then(|(now, seconds)| i64::try_from(now.as_secs().saturating_sub(seconds)).ok());
        let device = fs::metadata(&self.done)?.dev();
        let mut oldest: BinaryHeap<Candidate> = BinaryHeap::new();
        let mut open: Vec<(PathBuf, ReadDir)> = vec![(PathBuf::new(), fs::read_dir(&self.done)?)];
        while let Some((folder, entries)) = open.last_mut() {
            let Some(entry) = entries.next() else {
                open.pop();
                continue;
            };
            if !sum.step(rest) {
                return Ok(());
            }
            // What is gone again needs no judgement.
            let Ok((entry, kind)) = entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind))) else {
                continue;
            };
            let path = folder.join(entry.file_name());
            if kind.is_dir() {
                self.enter(path, &mut open);
                continue;
            }
            let Some(candidate) = self.candidate(path, device) else {
                continue;
            };
            if oldest_kept.is_some_and(|oldest| candidate.changed.0 < oldest) {
                sum.aged += u64::from(self.delete(&candidate, sum));
            } else {
                sum.stays(&candidate);
                self.remember(candidate, &mut oldest);
            }
        }
        self.thin_out(oldest, rest, sum);
        Ok(())
    }

    fn enter(&self, folder: PathBuf, open: &mut Vec<(PathBuf, ReadDir)>) {
        let entries = fs::read_dir(self.done.join(&folder));
        if let Ok(entries) = entries
            && open.len() < FOLDER_DEPTH_MAX
        {
            open.push((folder, entries));
        }
    }

    /// Deletes what came first until the folder is small enough.
    fn thin_out(&self, oldest: BinaryHeap<Candidate>, rest: Rest<'_>, sum: &mut Sum) {
        for candidate in oldest.into_sorted_vec() {
            let is_small_enough = self.bytes_max.is_none_or(|max| sum.bytes <= max);
            if is_small_enough || !sum.step(rest) {
                return;
            }
            if self.delete(&candidate, sum) {
                sum.crowded += 1;
                sum.files = sum.files.saturating_sub(1);
                sum.bytes = sum.bytes.saturating_sub(candidate.bytes);
            }
        }
    }

    fn remember(&self, candidate: Candidate, oldest: &mut BinaryHeap<Candidate>) {
        if self.bytes_max.is_none() {
            return;
        }
        oldest.push(candidate);
        if oldest.len() > REMEMBERED_MAX {
            // The youngest of them.
            oldest.pop();
        }
    }

    /// A regular file that is nobody's but ours.
    fn candidate(&self, path: PathBuf, device: u64) -> Option<Candidate> {
        let is_own = path.file_name().map(OsStr::as_bytes)?.starts_with(OWN_PREFIX);
        let found = self.done.join(&path).symlink_metadata().ok()?;
        (!is_own && found.is_file() && found.dev() == device).then(|| Candidate {
            changed: (found.ctime(), found.ctime_nsec()),
            path,
            inode: found.ino(),
            bytes: found.size(),
        })
    }

    /// Deletes a file if it is still the one that was judged, and the folders that this leaves empty.
    fn delete(&self, candidate: &Candidate, sum: &mut Sum) -> bool {
        let is_gone = self.unlink(candidate);
        match is_gone {
            Ok(true) => {
                sum.freed += candidate.bytes;
                files::remove_emptied_parents(&self.done, &candidate.path);
                true
            }
            Ok(false) => false,
            Err(error) => {
                tracing::debug!("an old page could not be deleted from the done folder: {error}");
                false
            }
        }
    }

    fn unlink(&self, candidate: &Candidate) -> io::Result<bool> {
        let name = candidate.path.file_name().unwrap_or_default();
        // A folder on the way could have become a link to somewhere else.
        let folder = files::open_folder(&self.done, candidate.path.parent().unwrap_or(Path::new("")))?;
        let found = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
        let changed = (i128::from(found.st_ctime), i128::from(found.st_ctime_nsec));
        let is_same = FileType::from_raw_mode(found.st_mode) == FileType::RegularFile
            && found.st_ino == candidate.inode
            && changed == (i128::from(candidate.changed.0), i128::from(candidate.changed.1));
        if is_same {
            unlinkat(&folder, name, AtFlags::empty())?;
        }
        Ok(is_same)
    }
}

impl Sum {
    /// Counts a step, with a rest after every slice; `false` if the pass is to end.
    fn step(&mut self, rest: Rest<'_>) -> bool {
        self.steps += 1;
        if self.steps < SLICE_ENTRIES {
            return true;
        }
        self.steps = 0;
        rest()
    }

    fn stays(&mut self, candidate: &Candidate) {
        self.files += 1;
        self.bytes += candidate.bytes;
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests lay out the files that are deleted")]
mod tests {
    use super::*;

    fn retention(done: &Path, days: u64, bytes: u64) -> Option<Retention> {
        let config = SpoolConfig {
            done_days_max: days,
            done_bytes_max: bytes,
            ..SpoolConfig::default()
        };
        Retention::new(&config, done)
    }

    /// Puts files of ten bytes into a folder, one after the other, so that their change times differ.
    fn fill(done: &Path, names: &[&str]) {
        let mut last = (0, 0);
        for name in names {
            let path = done.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            // The clock of a file system ticks slowly.
            while last >= written(&path) {}
            last = written(&path);
        }
    }

    fn written(path: &Path) -> (i64, i64) {
        fs::write(path, b"0123456789").unwrap();
        let found = fs::metadata(path).unwrap();
        (found.ctime(), found.ctime_nsec())
    }

    fn left(done: &Path) -> Vec<String> {
        let mut left = Vec::new();
        let mut folders = vec![done.to_owned()];
        while let Some(folder) = folders.pop() {
            let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            for path in paths {
                left.push(path.strip_prefix(done).unwrap().display().to_string());
                folders.extend((path.is_dir() && !path.is_symlink()).then_some(path));
            }
        }
        left.sort();
        left
    }

    #[test]
    fn nothing_is_deleted_unless_a_limit_is_set() {
        assert!(retention(Path::new("/done"), 0, 0).is_none());
        assert!(retention(Path::new("/done"), 1, 0).is_some() && retention(Path::new("/done"), 0, 1).is_some());
    }

    #[test]
    fn what_came_longest_ago_goes_by_age_whatever_its_own_time() {
        let done = tempfile::tempdir().unwrap();
        fill(done.path(), &["a/b/x.html", "y.html"]);
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        fs::File::options()
            .write(true)
            .open(done.path().join("y.html"))
            .unwrap()
            .set_modified(old)
            .unwrap();
        let retention = retention(done.path(), 2, 0).unwrap();
        let now = SystemTime::now();
        let days = |days| now + Duration::from_secs(DAY_SECONDS * days);
        assert_eq!(retention.pass(Some(days(1)), &mut || true).files, 2);
        assert_eq!(left(done.path()), ["a", "a/b", "a/b/x.html", "y.html"]);
        let sum = retention.pass(Some(days(3)), &mut || true);
        assert_eq!((sum.aged, sum.crowded, sum.freed, sum.files), (2, 0, 20, 0));
        assert_eq!(left(done.path()), Vec::<String>::new());
    }

    #[test]
    fn a_folder_that_is_too_large_loses_what_came_first() {
        let done = tempfile::tempdir().unwrap();
        fill(done.path(), &["z.html", "a/x.html", "b.html", "c.html"]);
        let sum = retention(done.path(), 0, 25)
            .unwrap()
            .pass(Some(SystemTime::now()), &mut || true);
        assert_eq!((sum.aged, sum.crowded, sum.files, sum.bytes), (0, 2, 2, 20));
        assert_eq!(left(done.path()), ["b.html", "c.html"]);
    }

    #[test]
    fn only_regular_files_of_the_folder_itself_are_touched() {
        let root = tempfile::tempdir().unwrap();
        let done = root.path().join("done");
        fill(&done, &["x.html", ".dehusk-trial"]);
        fill(root.path(), &["elsewhere/y.html"]);
        std::os::unix::fs::symlink("../elsewhere", done.join("folder")).unwrap();
        std::os::unix::fs::symlink("../elsewhere/y.html", done.join("file")).unwrap();
        fs::create_dir(done.join("empty")).unwrap();
        let sum = retention(&done, 1, 1).unwrap();
        let sum = sum.pass(
            Some(SystemTime::now() + Duration::from_secs(DAY_SECONDS * 9)),
            &mut || true,
        );
        assert_eq!((sum.aged, sum.crowded), (1, 0));
        assert_eq!(left(&done), [".dehusk-trial", "empty", "file", "folder"]);
        assert_eq!(
            left(root.path()).iter().filter(|name| name.contains("y.html")).count(),
            1
        );
    }

    #[test]
    fn a_file_that_has_changed_since_it_was_judged_stays() {
        let done = tempfile::tempdir().unwrap();
        fill(done.path(), &["x.html"]);
        let retention = retention(done.path(), 1, 0).unwrap();
        let device = fs::metadata(done.path()).unwrap().dev();
        let judged = retention.candidate("x.html".into(), device).unwrap();
        fill(done.path(), &["y.html"]);
        fs::rename(done.path().join("y.html"), done.path().join("x.html")).unwrap();
        assert!(!retention.delete(&judged, &mut Sum::default()));
        assert_eq!(left(done.path()), ["x.html"]);
    }

    #[test]
    fn a_pass_rests_after_every_slice_and_ends_when_it_is_told_to() {
        let done = tempfile::tempdir().unwrap();
        for number in 0..SLICE_ENTRIES * 3 {
            fs::write(done.path().join(number.to_string()), b"1").unwrap();
        }
        let retention = retention(done.path(), 0, 1).unwrap();
        let mut rests = 0;
        retention.pass(Some(SystemTime::now()), &mut || {
            rests += 1;
            rests < 2
        });
        assert_eq!((rests, left(done.path()).len()), (2, SLICE_ENTRIES * 3));
        retention.pass(Some(SystemTime::now()), &mut || {
            rests += 1;
            true
        });
        assert_eq!((rests, left(done.path()).len()), (2 + 5, 1));
    }
}
