//! Wake-ups from the kernel. Events are hints: they may be late, doubled or lost, and nothing is done in the callback
//! but to pass them on. What counts is the scan.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind, RenameMode};
use notify::{Event, INotifyWatcher, RecursiveMode, Watcher};
use tokio::sync::Notify;

use super::names::shown;

/// Most news that wait to be read; what is more makes all news worthless, and the scan falls back to patience.
const NEWS_MAX: usize = 16 * 1024;

/// What an event says about a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// It came whole, by a rename.
    MovedIn,
    /// Its writer closed it.
    Closed,
    /// Its name appeared: somebody opened it for writing, or it is a link to a file that was there before.
    Created,
    /// Somebody is writing it.
    Writing,
    /// It was being written when events were lost: nobody knows whether it still is.
    Doubtful,
}

/// What the callback and its reader share.
#[derive(Debug)]
struct Mailbox {
    wake: Arc<Notify>,
    news: SyncSender<(PathBuf, News)>,
    overflowed: AtomicBool,
}

/// Folders under watch.
#[derive(Debug)]
pub(crate) struct Watch {
    watcher: Option<INotifyWatcher>,
    folders: HashMap<PathBuf, (u64, u64)>,
    mailbox: Arc<Mailbox>,
    news: Receiver<(PathBuf, News)>,
    blind: bool,
}

impl Watch {
    /// A watch on nothing yet. Without `active`, there never will be events.
    pub(crate) fn new(wake: Arc<Notify>, active: bool) -> Self {
        let (sender, news) = sync_channel(NEWS_MAX);
        let mailbox = Arc::new(Mailbox {
            wake,
            news: sender,
            overflowed: AtomicBool::new(false),
        });
        let mut watch = Self {
            watcher: None,
            folders: HashMap::new(),
            mailbox: Arc::clone(&mailbox),
            news,
            blind: !active,
        };
        if active {
            match INotifyWatcher::new(move |event| mailbox.receive(event), notify::Config::default()) {
                Ok(watcher) => watch.watcher = Some(watcher),
                Err(error) => watch.go_blind(&error.to_string()),
            }
        }
        watch
    }

    /// Whether changes may happen without an event.
    pub(crate) fn is_blind(&self) -> bool {
        self.blind
    }

    /// Watches a folder, known by its device and inode numbers, so that one that was replaced is watched anew.
    pub(crate) fn ensure(&mut self, folder: &Path, id: (u64, u64)) {
        let Some(watcher) = &mut self.watcher else { return };
        let before = self.folders.get(folder);
        if before == Some(&id) {
            return;
        }
        if before.is_some() {
            // The kernel may have dropped it already with the folder that it was on.
            drop(watcher.unwatch(folder));
        }
        match watcher.watch(folder, RecursiveMode::NonRecursive) {
            Ok(()) => {
                self.folders.insert(folder.to_owned(), id);
            }
            // It is gone again: whoever removed it raised an event.
            Err(notify::Error {
                kind: notify::ErrorKind::PathNotFound,
                ..
            }) => {}
            Err(error) => self.go_blind(&error.to_string()),
        }
    }

    /// Drops the watches of folders that are gone. The others are set anew at the next scan: where a folder was moved,
    /// the old path's watch and the new one's are the same to the kernel.
    pub(crate) fn retain(&mut self, is_there: impl Fn(&Path) -> bool) {
        let gone: Vec<PathBuf> = self
            .folders
            .keys()
            .filter(|folder| !is_there(folder))
            .cloned()
            .collect();
        if gone.is_empty() {
            return;
        }
        if let Some(watcher) = &mut self.watcher {
            for folder in &gone {
                drop(watcher.unwatch(folder));
            }
        }
        self.refresh();
        self.mailbox.wake.notify_one();
    }

    /// Forgets what is watched, so that the next scan watches all of it again. Cheap, and it heals what was lost.
    pub(crate) fn refresh(&mut self) {
        self.folders.clear();
    }

    /// Everything that events have told since the last call, oldest first; `None` if some of it was lost.
    pub(crate) fn take_news(&self) -> Option<Vec<(PathBuf, News)>> {
        let overflowed = self.mailbox.overflowed.swap(false, Ordering::SeqCst);
        let news = self.news.try_iter().take(NEWS_MAX).collect();
        (!overflowed).then_some(news)
    }

    fn go_blind(&mut self, why: &str) {
        if !self.blind {
            tracing::warn!("not every change raises an event, so folders are scanned at short intervals: {why}");
        }
        self.blind = true;
    }
}

impl Mailbox {
    /// The callback: it only passes on. Reading folders, which we do ourselves, raises events that say nothing.
    fn receive(&self, event: notify::Result<Event>) {
        let Ok(event) = event else {
            self.lose();
            return;
        };
        if event.need_rescan() {
            self.lose();
            return;
        }
        let (news, wakes) = match event.kind {
            EventKind::Create(CreateKind::File) => (Some(News::Created), true),
            EventKind::Modify(ModifyKind::Data(_)) => (Some(News::Writing), false),
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => (Some(News::Closed), true),
            EventKind::Modify(ModifyKind::Name(RenameMode::To)) => (Some(News::MovedIn), true),
            EventKind::Create(_) | EventKind::Remove(_) => (None, true),
            _ => (None, false),
        };
        if let Some((news, path)) = news.zip(event.paths.into_iter().next())
            && self.news.try_send((path, news)).is_err()
        {
            self.lose();
        } else if wakes {
            self.wake.notify_one();
        }
    }

    fn lose(&self) {
        self.overflowed.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }
}

/// Wake-ups for a folder that is read whole whenever anything in it changes.
#[derive(Debug)]
pub(crate) struct FolderWatch {
    folder: PathBuf,
    id: Option<(u64, u64)>,
    watcher: Option<INotifyWatcher>,
    wake: Arc<Notify>,
}

impl FolderWatch {
    /// A watch on a folder that may not be there yet, or on a bundle in its place.
    pub(crate) fn new(folder: PathBuf, wake: Arc<Notify>) -> Self {
        Self {
            folder,
            id: None,
            watcher: None,
            wake,
        }
    }

    /// Watches the folder if it is there and is not watched yet; wakes if it is a new one. To be called now and then.
    pub(crate) fn check(&mut self) {
        let id = identity(&self.folder);
        if id == self.id {
            return;
        }
        self.id = id;
        self.watcher = None;
        self.wake.notify_one();
        if id.is_none() {
            return;
        }
        let wake = Arc::clone(&self.wake);
        let result = INotifyWatcher::new(move |event| wake_on_change(&event, &wake), notify::Config::default())
            .and_then(|mut watcher| watcher.watch(&self.folder, RecursiveMode::Recursive).map(|()| watcher));
        match result {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => tracing::warn!(folder = shown(&self.folder), "changes show only at intervals: {error}"),
        }
    }

    /// Whether changes may happen without an event.
    pub(crate) fn is_blind(&self) -> bool {
        self.watcher.is_none()
    }
}

/// Wakes when a change is complete, not while a file is being written.
fn wake_on_change(event: &notify::Result<Event>, wake: &Notify) {
    let is_complete = event.as_ref().is_ok_and(|event| {
        let is_whole = matches!(
            event.kind,
            EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Modify(ModifyKind::Name(_))
        );
        is_whole
            || matches!(event.kind, EventKind::Remove(_) | EventKind::Create(CreateKind::Folder))
            || event.need_rescan()
    });
    if is_complete || event.is_err() {
        wake.notify_one();
    }
}

/// What tells a folder from another that takes its name.
pub(crate) fn folder_id(folder: &Path) -> Option<(u64, u64)> {
    identity(folder).filter(|_| folder.is_dir())
}

/// The same for a folder or a file.
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}
