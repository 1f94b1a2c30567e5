//! The scan: which files in the inbox are complete. It walks the folders and remembers what each waiting file looked
//! like; a file is ready once that has stayed the same for long enough. Values are compared for equality only, never
//! with the clock, which may jump and which files may contradict.

use std::collections::{HashMap, HashSet};
use std::fs::{DirEntry, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{fs, io};

use super::names::{is_sidecar, is_temporary, shown};
use super::watch::{News, Watch};

/// Most files that are remembered; the others wait their turn, so that memory stays flat before a full inbox.
const TRACKED_MAX: usize = 64 * 1024;

/// Most paths of which it is remembered that trouble was told.
const TOLD_MAX: usize = 1_024;

/// How long a file must stay the same that was seen to be opened for writing and not closed. The kernel tells of every
/// close, also of a killed writer's, so this is only for a close that was missed; a writer may pause for less.
const OPEN_PATIENCE: Duration = Duration::from_hours(1);

/// How much longer than another that no event told of a file must stay the same that is empty, or that was being
/// written when events were lost: its close may be among them.
const DOUBT_PATIENCE: u32 = 10;

/// How long a file must stay the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// After its writer closed it.
    pub(crate) settle: Duration,
    /// When no event told of it.
    pub(crate) stable: Duration,
}

/// What changes when a file does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    inode: (u64, u64),
    is_empty_file: bool,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// A file that waits.
#[derive(Debug)]
struct Track {
    look: Look,
    since: Instant,
    news: Option<News>,
    /// Whether it has changed since it was first seen.
    changed: bool,
    /// Whether it could not be claimed.
    refused: bool,
    /// The last scan that saw it.
    seen: u64,
}

/// What a scan found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Files that are ready.
    pub(crate) ready: Vec<PathBuf>,
    /// When the next one may be.
    pub(crate) next: Option<Instant>,
    /// Files that are not ready and have not changed since they were first seen.
    pub(crate) waiting: usize,
    /// Files that keep changing.
    pub(crate) changing: usize,
    /// Files that were left alone because their predecessors under the same names are held.
    pub(crate) held: usize,
    /// Whether the whole inbox was seen; if not, there was no room for more.
    pub(crate) whole: bool,
}

/// The scanner with its memory.
#[derive(Debug)]
pub(crate) struct Scanner {
    inbox: PathBuf,
    patience: Patience,
    tracked: HashMap<PathBuf, Track>,
    /// News of files that no scan has seen yet.
    early: HashMap<PathBuf, News>,
    number: u64,
    told: HashSet<PathBuf>,
}

/// One walk through the inbox.
struct Walk<'a> {
    now: Instant,
    room: usize,
    held: &'a dyn Fn(&Path) -> bool,
    folders: Vec<PathBuf>,
    visited: HashSet<PathBuf>,
    found: Found,
}

impl Scanner {
    /// A scanner that has seen nothing.
    pub(crate) fn new(inbox: PathBuf, patience: Patience) -> Self {
        Self {
            inbox,
            patience,
            tracked: HashMap::new(),
            early: HashMap::new(),
            number: 0,
            told: HashSet::new(),
        }
    }

    /// Looks through the inbox until `room` ready files are found. Files that are `held` already are left alone: their
    /// successors have to wait.
    pub(crate) fn scan(&mut self, room: usize, held: &dyn Fn(&Path) -> bool, watch: &mut Watch) -> Found {
        self.number += 1;
        self.hear(watch);
        let mut walk = Walk {
            now: Instant::now(),
            room,
            held,
            folders: vec![PathBuf::new()],
            visited: HashSet::new(),
            found: Found {
                whole: true,
                ..Found::default()
            },
        };
        while let Some(folder) = walk.folders.pop() {
            self.enter(&folder, &mut walk, watch);
            if !walk.found.whole {
                return walk.found;
            }
        }
        let number = self.number;
        self.tracked.retain(|_, track| track.seen == number);
        self.early.clear();
        watch.retain(|folder| walk.visited.contains(folder));
        walk.found
    }

    /// Forgets a file that was claimed.
    pub(crate) fn forget(&mut self, source: &Path) {
        self.tracked.remove(source);
        self.early.remove(source);
    }

    /// Leaves a file alone that could not be claimed, until it changes or [`Scanner::forgive`] is called.
    pub(crate) fn refuse(&mut self, source: &Path, error: &io::Error) {
        if let Some(track) = self.tracked.get_mut(source) {
            track.refused = true;
        }
        if self.is_news(source) {
            let remedy = "the user that runs dehusk must be allowed to move files out of their folder, which must be no link and on the inbox's file system";
            tracing::warn!(
                file = shown(source),
                "a file can't be taken from the inbox and stays there: {error}; {remedy}"
            );
        }
    }

    /// Gives refused files another chance.
    pub(crate) fn forgive(&mut self) {
        self.tracked.values_mut().for_each(|track| track.refused = false);
    }

    /// Takes in what events have told. If some of it was lost, none of it counts any more.
    fn hear(&mut self, watch: &Watch) {
        let Some(all) = watch.take_news() else {
            self.early.clear();
            for track in self.tracked.values_mut() {
                track.news = track.is_open().then_some(News::Doubtful);
            }
            return;
        };
        for (path, news) in all {
            let Ok(source) = path.strip_prefix(&self.inbox) else {
                continue;
            };
            if let Some(track) = self.tracked.get_mut(source) {
                track.news = Some(news);
            } else if self.early.len() < TRACKED_MAX {
                self.early.insert(source.to_owned(), news);
            }
        }
    }

    fn enter(&mut self, folder: &Path, walk: &mut Walk<'_>, watch: &mut Watch) {
        let path = self.inbox.join(folder);
        // The watch comes before the look: what changes in between raises an event.
        if let Ok(found) = fs::metadata(&path) {
            watch.ensure(&path, (found.dev(), found.ino()));
        }
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) => return self.tell(&path, &error),
        };
        walk.visited.insert(path);
        for entry in entries {
            match entry {
                Ok(entry) => self.look_at(folder, &entry, walk),
                Err(error) => return self.tell(&self.inbox.join(folder), &error),
            }
            if walk.found.ready.len() >= walk.room {
                walk.found.whole = false;
                return;
            }
        }
    }

    fn look_at(&mut self, folder: &Path, entry: &DirEntry, walk: &mut Walk<'_>) {
        let name = entry.file_name();
        if is_temporary(&name) {
            return;
        }
        let source = folder.join(&name);
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk.folders.push(source),
            Ok(_) if is_sidecar(&name) => {}
            Ok(_) if (walk.held)(&source) => walk.found.held += 1,
            Ok(_) => self.judge(source, entry, walk),
            // It is gone again.
            Err(_) => {}
        }
    }

    fn judge(&mut self, source: PathBuf, entry: &DirEntry, walk: &mut Walk<'_>) {
        let Ok(found) = entry.metadata() else { return };
        let look = Look::of(&found);
        if !self.tracked.contains_key(&source) && self.tracked.len() >= TRACKED_MAX {
            return;
        }
        let early = self.early.remove(&source);
        let number = self.number;
        let track = self.tracked.entry(source.clone()).or_insert(Track {
            look,
            since: walk.now,
            news: early,
            changed: false,
            refused: false,
            seen: number,
        });
        track.seen = number;
        if track.look != look {
            (track.look, track.since, track.changed, track.refused) = (look, walk.now, true, false);
        }
        if track.refused {
            return;
        }
        let ready_at = track.since + self.patience.of(track);
        if ready_at <= walk.now {
            walk.found.ready.push(source);
            return;
        }
        walk.found.next = Some(walk.found.next.map_or(ready_at, |next| next.min(ready_at)));
        if track.changed {
            walk.found.changing += 1;
        } else {
            walk.found.waiting += 1;
        }
    }

    /// Tells of a folder that can't be read, once.
    fn tell(&mut self, path: &Path, error: &io::Error) {
        if self.is_news(path) {
            tracing::warn!(folder = shown(path), "a folder of the inbox can't be read: {error}");
        }
    }

    /// Whether trouble with a path was not told before.
    fn is_news(&mut self, path: &Path) -> bool {
        if self.told.len() >= TOLD_MAX {
            self.told.clear();
        }
        self.told.insert(path.to_owned())
    }
}

impl Patience {
    fn of(self, track: &Track) -> Duration {
        match track.news {
            Some(News::MovedIn) => Duration::ZERO,
            Some(News::Closed) => self.settle,
            Some(News::Doubtful) => self.stable.saturating_mul(DOUBT_PATIENCE),
            _ if track.is_open() => self.stable.max(OPEN_PATIENCE),
            // Mostly one that somebody is about to write.
            None if track.look.is_empty_file => self.stable.saturating_mul(DOUBT_PATIENCE),
            _ => self.stable,
        }
    }
}

impl Track {
    /// Whether it was seen to be opened for writing and not closed since.
    fn is_open(&self) -> bool {
        match self.news {
            Some(News::Writing | News::Doubtful) => true,
            // A file with bytes that nobody was seen to write is a link to a complete one.
            Some(News::Created) => self.look.is_empty_file,
            Some(News::MovedIn | News::Closed) | None => false,
        }
    }
}

impl Look {
    fn of(found: &Metadata) -> Self {
        Self {
            inode: (found.dev(), found.ino()),
            is_empty_file: found.is_file() && found.size() == 0,
            bytes: found.size(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests drop the files that are looked for")]
mod tests {
    use std::sync::Arc;
    use std::thread::sleep;

    use tokio::sync::Notify;

    use super::*;

    /// Patience short enough for a test, and so far apart that they can't be mixed up.
    const PATIENCE: Patience = Patience {
        settle: Duration::from_millis(60),
        stable: Duration::from_hours(1),
    };

    struct Bed {
        inbox: tempfile::TempDir,
        scanner: Scanner,
        watch: Watch,
    }

    impl Bed {
        fn new(patience: Patience) -> Self {
            let inbox = tempfile::tempdir().unwrap();
            let scanner = Scanner::new(inbox.path().to_owned(), patience);
            Self {
                inbox,
                scanner,
                watch: Watch::new(Arc::new(Notify::new()), true),
            }
        }

        fn scan(&mut self) -> Vec<String> {
            self.scan_for(100)
                .ready
                .iter()
                .map(|path| path.display().to_string())
                .collect()
        }

        fn scan_for(&mut self, room: usize) -> Found {
            self.scanner.scan(room, &|_| false, &mut self.watch)
        }

        /// Scans until something is ready, or for as long as a bound allows.
        fn wait(&mut self) -> Vec<String> {
            let deadline = Instant::now() + Duration::from_secs(10);
            let mut ready = self.scan();
            while ready.is_empty() && Instant::now() < deadline {
                sleep(Duration::from_millis(5));
                ready = self.scan();
            }
            ready
        }
    }

    #[test]
    fn a_file_that_was_renamed_in_is_ready_at_once() {
        let mut bed = Bed::new(Patience {
            settle: Duration::from_hours(1),
            ..PATIENCE
        });
        bed.scan();
        let draft = bed.inbox.path().join(".draft");
        fs::write(&draft, "x").unwrap();
        fs::rename(&draft, bed.inbox.path().join("page.html")).unwrap();
        assert_eq!(bed.wait(), ["page.html"]);
    }

    #[test]
    fn a_file_is_ready_a_while_after_its_writer_closed_it() {
        let mut bed = Bed::new(PATIENCE);
        bed.scan();
        fs::write(bed.inbox.path().join("page.html"), "x").unwrap();
        assert_eq!(bed.scan(), Vec::<String>::new());
        assert_eq!(bed.wait(), ["page.html"]);
    }

    #[test]
    fn a_file_whose_writer_pauses_is_left_alone_for_as_long_as_it_is_open() {
        use std::io::Write;
        let mut bed = Bed::new(Patience {
            settle: Duration::ZERO,
            // Long enough for events to arrive on a busy machine.
            stable: Duration::from_millis(500),
        });
        bed.scan();
        let mut writer = fs::File::create(bed.inbox.path().join("page.html")).unwrap();
        writer.write_all(b"half of ").unwrap();
        fs::write(bed.inbox.path().join("other.html"), "x").unwrap();
        assert_eq!(bed.wait(), ["other.html"]);
        bed.scanner.forget(Path::new("other.html"));
        fs::remove_file(bed.inbox.path().join("other.html")).unwrap();
        for _ in 0..20 {
            sleep(Duration::from_millis(50));
            assert_eq!(bed.scan(), Vec::<String>::new());
        }
        drop(writer);
        assert_eq!(bed.wait(), ["page.html"]);
    }

    #[test]
    fn a_file_that_was_open_when_events_were_lost_is_taken_in_the_end() {
        let look = Look {
            inode: (1, 1),
            is_empty_file: false,
            bytes: 1,
            modified: (0, 0),
            changed: (0, 0),
        };
        let track = |news| Track {
            look,
            since: Instant::now(),
            news,
            changed: false,
            refused: false,
            seen: 0,
        };
        let patience = Patience {
            settle: Duration::ZERO,
            stable: Duration::from_secs(2),
        };
        assert_eq!(patience.of(&track(Some(News::Writing))), OPEN_PATIENCE);
        assert_eq!(patience.of(&track(Some(News::Doubtful))), Duration::from_secs(20));
        assert_eq!(patience.of(&track(Some(News::Created))), Duration::from_secs(2));
        assert!(track(Some(News::Writing)).is_open() && !track(Some(News::Closed)).is_open());
    }

    #[test]
    fn a_file_of_which_no_event_told_is_ready_when_it_stays_the_same() {
        let mut bed = Bed::new(Patience {
            stable: Duration::from_millis(60),
            ..PATIENCE
        });
        let path = bed.inbox.path().join("page.html");
        fs::write(&path, "x").unwrap();
        bed.watch = Watch::new(Arc::new(Notify::new()), false);
        let first = bed.scan_for(100);
        assert_eq!((first.waiting, first.changing, first.ready.len()), (1, 0, 0));
        sleep(Duration::from_millis(70));
        fs::write(&path, "xy").unwrap();
        let second = bed.scan_for(100);
        assert_eq!((second.waiting, second.changing, second.ready.len()), (0, 1, 0));
        assert_eq!(bed.wait(), ["page.html"]);
    }

    #[test]
    fn no_more_files_are_looked_at_than_there_is_room_for() {
        let mut bed = Bed::new(Patience {
            stable: Duration::ZERO,
            settle: Duration::ZERO,
        });
        for number in 0..10 {
            fs::write(bed.inbox.path().join(format!("{number}.html")), "x").unwrap();
        }
        let found = bed.scan_for(3);
        assert_eq!((found.ready.len(), found.whole), (3, false));
    }

    #[test]
    fn temporary_names_sidecars_and_held_files_are_passed_over() {
        let mut bed = Bed::new(Patience {
            stable: Duration::ZERO,
            settle: Duration::ZERO,
        });
        fs::create_dir_all(bed.inbox.path().join("sub/.hidden")).unwrap();
        for name in [
            "a.html.part",
            "sub/b.html",
            "sub/b.html.meta.toml",
            "sub/.hidden/c.html",
            "held.html",
        ] {
            fs::write(bed.inbox.path().join(name), "x").unwrap();
        }
        let found = bed
            .scanner
            .scan(100, &|path| path == Path::new("held.html"), &mut bed.watch);
        assert_eq!(found.ready, [Path::new("sub/b.html")]);
    }

    #[test]
    fn a_refused_file_waits_until_it_is_forgiven() {
        let mut bed = Bed::new(Patience {
            stable: Duration::ZERO,
            settle: Duration::ZERO,
        });
        fs::write(bed.inbox.path().join("a.html"), "x").unwrap();
        assert_eq!(bed.scan(), ["a.html"]);
        bed.scanner
            .refuse(Path::new("a.html"), &io::ErrorKind::PermissionDenied.into());
        assert_eq!(bed.scan(), Vec::<String>::new());
        bed.scanner.forgive();
        assert_eq!(bed.scan(), ["a.html"]);
    }

    #[test]
    fn a_moved_folder_stays_watched_under_its_new_name() {
        let mut bed = Bed::new(PATIENCE);
        let (old, new) = (bed.inbox.path().join("old"), bed.inbox.path().join("new"));
        fs::create_dir(&old).unwrap();
        bed.scan();
        fs::rename(&old, &new).unwrap();
        // Two scans: the first finds the old name gone, the second watches all anew.
        bed.scan();
        bed.scan();
        fs::write(new.join("page.html"), "x").unwrap();
        assert_eq!(bed.wait(), ["new/page.html"]);
    }
}
