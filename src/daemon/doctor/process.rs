//! What a process may use: open files, events, the lock.

use std::fs;
use std::io::BufRead;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use notify::{INotifyWatcher, RecursiveMode, Watcher};
use rustix::process::{Resource, geteuid, getrlimit};

use super::super::folders::Folders;
use super::super::lock::{Lock, LockState};
use super::super::names::shown;
use super::super::status::{Answer, RunState, ask_in};
use super::{Finding, take_away};
use crate::config::{Config, Poll};

/// Open files that the daemon needs besides those of its workers.
const FILES_BASE: u64 = 64;

/// Open files that one worker needs.
const FILES_PER_WORKER: u64 = 8;

/// Instances of inotify that the daemon needs: one for the inbox, one for the rules.
const INSTANCES_NEEDED: u64 = 2;

/// Most folders of the inbox that are counted.
const FOLDERS_MAX: u64 = 1_000_000;

/// Where the kernel tells its limits of inotify.
const LIMITS: &str = "/proc/sys/fs/inotify";

/// How long a trial event may take.
const EVENT_PATIENCE: Duration = Duration::from_secs(2);

/// Checks limits, events and the lock.
pub(super) fn examine(folders: &Folders, config: &Config) -> Vec<Finding> {
    let mut findings = vec![lock(folders), open_files(config)];
    if config.spool.poll == Poll::Always {
        findings.push(Finding::ok("events", "not needed: poll = \"always\""));
    } else {
        findings.extend(event_limits(folders));
        findings.push(trial_event(&folders.tmp));
    }
    findings
}

/// Who works on the spool, and whether it can be asked.
fn lock(folders: &Folders) -> Finding {
    let check = "daemon";
    let holder = match Lock::look(&folders.work) {
        LockState::Free => return Finding::ok(check, "no daemon works on this spool now"),
        LockState::Unknown => {
            return Finding::warning(
                check,
                "the lock in the work folder can't be looked at",
                "run this as the daemon's user",
            );
        }
        LockState::Held(holder) => holder.map_or_else(|| "a process".to_owned(), |pid| format!("process {pid}")),
    };
    match ask_in(folders) {
        Ok(Answer::Running(report)) => match (report.state, report.pause) {
            (RunState::Paused, Some(pause)) => Finding::fault(
                check,
                format!(
                    "{holder} works on this spool and is paused for {} s: {}",
                    pause.seconds, pause.reason
                ),
                "mend what it names: work goes on by itself",
            ),
            _ => Finding::ok(check, format!("{holder} works on this spool and answers")),
        },
        Ok(_) => Finding::warning(
            check,
            format!("{holder} holds this spool and has no status socket"),
            "set [status] socket = true, and see the daemon's log for why it could not be opened",
        ),
        Err(error) => Finding::warning(
            check,
            format!("{holder} holds this spool: {error}"),
            "see the daemon's log",
        ),
    }
}

fn open_files(config: &Config) -> Finding {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers = if config.workers.count == 0 {
        cores
    } else {
        config.workers.count
    };
    let needed = FILES_BASE + FILES_PER_WORKER * workers as u64;
    match getrlimit(Resource::Nofile).current {
        Some(limit) if limit < needed => Finding::fault(
            "open-files",
            format!("{limit} files may be open here, {workers} workers need some {needed}"),
            "raise the limit (`ulimit -n`, or LimitNOFILE= of the service), or lower workers.count",
        ),
        limit => Finding::ok(
            "open-files",
            format!(
                "{} files may be open here, some {needed} are needed",
                limit.map_or_else(|| "any number of".to_owned(), |limit| limit.to_string())
            ),
        ),
    }
}

fn event_limits(folders: &Folders) -> Vec<Finding> {
    let limit = |name: &str| {
        let text = fs::read_to_string(Path::new(LIMITS).join(name)).ok()?;
        text.trim().parse::<u64>().ok()
    };
    let (Some(watches_max), Some(instances_max)) = (limit("max_user_watches"), limit("max_user_instances")) else {
        return vec![Finding::warning(
            "event-limits",
            format!("{LIMITS} can't be read, so the limits of events are unknown"),
            "nothing: without events the inbox is scanned at short intervals",
        )];
    };
    let (instances, watches) = events_in_use();
    let needed = count_folders(&folders.inbox);
    let judge = |check, used: u64, needed: u64, max: u64, what: &str, key: &str| {
        let message = format!("{used} of {max} {what} are in use by this user, the inbox needs {needed}");
        if used + needed > max {
            let remedy = format!(
                "sysctl fs.inotify.{key}={}; until then folders are scanned at short intervals",
                max * 4
            );
            Finding::warning(check, message, remedy)
        } else {
            Finding::ok(check, message)
        }
    };
    vec![
        judge(
            "event-watches",
            watches,
            needed,
            watches_max,
            "watches",
            "max_user_watches",
        ),
        judge(
            "event-instances",
            instances,
            INSTANCES_NEEDED,
            instances_max,
            "instances",
            "max_user_instances",
        ),
    ]
}

/// Instances of inotify and watches that processes of this user have, as far as `/proc` shows.
fn events_in_use() -> (u64, u64) {
    let ours = geteuid().as_raw();
    let Ok(processes) = fs::read_dir("/proc") else {
        return (0, 0);
    };
    let (mut instances, mut watches) = (0, 0);
    for process in processes.flatten() {
        let is_ours = process.metadata().is_ok_and(|found| found.uid() == ours);
        let Some(open) = is_ours
            .then(|| fs::read_dir(process.path().join("fdinfo")).ok())
            .flatten()
        else {
            continue;
        };
        for file in open.flatten() {
            let found = watches_of(&file.path());
            instances += u64::from(found > 0);
            watches += found;
        }
    }
    (instances, watches)
}

fn watches_of(file: &Path) -> u64 {
    let Ok(file) = fs::File::open(file) else { return 0 };
    let lines = std::io::BufReader::new(file).lines().map_while(Result::ok);
    lines.filter(|line| line.starts_with("inotify ")).count() as u64
}

fn count_folders(root: &Path) -> u64 {
    let mut waiting = vec![root.to_owned()];
    let mut count = 0;
    while let Some(folder) = waiting.pop() {
        count += 1;
        if count >= FOLDERS_MAX {
            break;
        }
        let Ok(entries) = fs::read_dir(folder) else { continue };
        let below = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
        waiting.extend(below.map(|entry| entry.path()));
    }
    count
}

/// Makes a file in `tmp` and waits for the event.
fn trial_event(tmp: &Path) -> Finding {
    let check = "events";
    let remedy = "nothing, if short delays are fine: without events the inbox is scanned at short intervals";
    let (sender, events) = mpsc::sync_channel(1);
    let watching = INotifyWatcher::new(
        // One event is enough: where there is no room, one is there already.
        move |_| sender.try_send(()).unwrap_or_default(),
        notify::Config::default(),
    )
    .and_then(|mut watcher| watcher.watch(tmp, RecursiveMode::NonRecursive).map(|()| watcher));
    let _watcher = match watching {
        Ok(watcher) => watcher,
        Err(error) => return Finding::warning(check, format!("folders can't be watched: {error}"), remedy),
    };
    let trial = tmp.join(format!(".dehusk-doctor-event-{}", std::process::id()));
    let made = fs::File::options().write(true).create_new(true).open(&trial);
    let heard = made.is_ok() && events.recv_timeout(EVENT_PATIENCE).is_ok();
    take_away(&trial);
    if heard {
        Finding::ok(check, format!("a new file in {} raised an event", shown(tmp)))
    } else {
        Finding::warning(check, format!("a new file in {} raised no event", shown(tmp)), remedy)
    }
}
