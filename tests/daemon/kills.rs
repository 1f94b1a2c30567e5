//! Kills and errors at every turn, injected with strace: whatever happens when, nothing is lost, doubled or half done.
//!
//! Where strace is not installed or not allowed, these tests say so and pass.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use super::account::Account;
use super::bed::{Bed, log_of, page, wait};
use super::record::{Record, is_thorough};

/// The calls by which files change their place or content, and how many are passed over between two that are tried
/// unless time does not matter. strace counts those of each thread by themselves, and the first thread makes most of
/// them: the worker's are in [`super::matrix`].
const TURNS: &[(&str, usize)] = &[
    ("renameat2", 1),
    ("rename", 1),
    ("fsync", 1),
    ("syncfs", 1),
    ("write", 1),
    ("unlink", 1),
    ("mkdir", 1),
    ("rmdir", 1),
    ("close", 9),
];

/// What is set where pages share their syncs.
const BATCH: &str = "durability = \"batch\"\n";

/// More calls of one kind than a run makes.
const CALLS_MAX: usize = 1_000;

/// Pages of every kind of end: delivered, delivered with a sidecar in a sub-folder, delivered over an earlier output,
/// and failed.
fn bed() -> (Bed, Account) {
    bed_with("")
}

fn bed_with(more: &str) -> (Bed, Account) {
    let bed = Bed::with(&format!("[spool]\nsettle-ms = 1\n{more}[workers]\ncount = 1\n"));
    let mut account = Account::new();
    account.drop(&bed, "again.html", page("Before."));
    assert!(bed.once().status.success());
    account.drop(&bed, "again.html", page("After."));
    bed.drop("sub/b.html.meta.toml", "url = \"https://b.example/\"\n");
    account.drop(&bed, "sub/b.html", page("Rain."));
    account.drop(&bed, "bad.html", "%PDF-1.4");
    (bed, account)
}

/// Runs the daemon with a fault injected; `None` where that is not possible.
fn inject(bed: &Bed, fault: &str) -> Option<Output> {
    let mut command = Command::new("strace");
    command
        .args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={fault}")])
        .arg(env!("CARGO_BIN_EXE_dehusk"));
    command.args(["run", "--once", "--config"]).arg(bed.path("dehusk.toml"));
    let output = command
        .output()
        .ok()
        .filter(|output| !log_of(output).contains("PTRACE"));
    if output.is_none() {
        drop(writeln!(
            std::io::stderr(),
            "skipped: strace is not installed or not allowed here"
        ));
    }
    output
}

fn was_killed(output: &Output) -> bool {
    !log_of(output).contains("stopped; what is left")
}

/// After a kill: every page is in exactly one place, and every output is whole and has its metadata.
fn assert_nothing_lost(bed: &Bed, when: &str) {
    let in_work = bed.files("work").into_iter().map(|path| match path.split_once('/') {
        Some((_, page)) => page.to_owned(),
        // After the time, the number and the count of attempts.
        None => path.splitn(4, '-').last().unwrap().replace("%2F", "/"),
    });
    let mut pages: Vec<String> = bed
        .files("inbox")
        .into_iter()
        .chain(in_work)
        .chain(bed.files("failed"))
        .collect();
    pages.extend(bed.files("done").into_iter().map(|name| {
        if name.starts_with("again.html.") {
            "again.html".to_owned()
        } else {
            name
        }
    }));
    pages.retain(|name| Path::new(name).extension().is_some_and(|ending| ending == "html"));
    pages.sort();
    assert_eq!(pages, ["again.html", "again.html", "bad.html", "sub/b.html"], "{when}");
    for name in bed
        .files("outbox")
        .iter()
        .filter(|name| !name.contains(".dehusk-trial"))
    {
        let text = bed.read(Path::new("spool/outbox").join(name));
        assert!(text.contains("A title"), "{when}: {name}: {text}");
        let metadata = name
            .strip_suffix(".txt")
            .map(|stem| format!("spool/outbox/{stem}.meta.json"));
        assert!(
            metadata.is_none_or(|path| bed.json(path)["source"].is_string()),
            "{when}: {name}"
        );
    }
}

/// In the end: everything is where it belongs.
fn assert_all_done(bed: &Bed, when: &str) {
    let outputs = ["again.meta.json", "again.txt", "sub/b.meta.json", "sub/b.txt"];
    assert_eq!(bed.files("outbox"), outputs, "{when}");
    assert!(bed.read("spool/outbox/again.txt").contains("After."), "{when}");
    assert_eq!(
        bed.json("spool/outbox/sub/b.meta.json")["url"],
        "https://b.example/",
        "{when}"
    );
    let done = bed.files("done");
    assert_eq!(done.len(), 4, "{when}: {done:?}");
    assert_eq!(bed.files("failed"), ["bad.html", "bad.html.reason.json"], "{when}");
    bed.assert_at_rest();
    let left: Vec<_> = fs::read_dir(bed.path("spool/work"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, [".dehusk.lock"], "{when}");
}

#[test]
fn a_kill_at_any_turn_loses_nothing_and_the_next_run_ends_it() {
    kill_at_every_turn("", "kill -9 at a call of any thread, its own first ones first");
}

#[test]
fn a_kill_at_any_turn_of_a_batch_loses_nothing_either() {
    kill_at_every_turn(BATCH, "kill -9 at a call of any thread, with `durability = \"batch\"`");
}

fn kill_at_every_turn(more: &str, fault: &'static str) {
    let how = "strace: renameat2, rename, fsync, syncfs, write, unlink, mkdir, rmdir, close";
    let mut record = Record::of(fault, how);
    for (turn, step) in TURNS {
        let step = if is_thorough() { 1 } else { *step };
        for number in (1..CALLS_MAX).step_by(step) {
            let when = format!("killed at {turn} {number} {more}");
            let (bed, account) = bed_with(more);
            let Some(output) = inject(&bed, &format!("{turn}:signal=KILL:when={number}")) else {
                return record.skip(super::strace::ABSENT);
            };
            if !was_killed(&output) {
                break;
            }
            record.add(account.look(&bed), &when);
            assert_nothing_lost(&bed, &when);
            bed.once();
            record.add_look(account.look_at_end(&bed), &when);
            assert_all_done(&bed, &when);
        }
    }
    record.close();
}

#[test]
fn trouble_of_the_machine_passes_without_a_trace() {
    let troubles = [
        "fsync:error=ENOSPC:when=1..3",
        "fsync:error=EIO:when=2",
        "renameat2:error=EROFS:when=19..21",
        // The first fourteen are the trial moves of the start, the next three the claims.
        "renameat2:error=EACCES:when=20",
        "mkdir:error=EDQUOT:when=1..2",
        "openat2:error=EMFILE:when=1",
        // File systems that know neither of the careful calls.
        "renameat2:error=EINVAL",
        "openat2:error=ENOSYS",
    ];
    let mut record = Record::of(
        "ENOSPC, EIO, EROFS, EACCES, EDQUOT, EMFILE; calls the file system does not know",
        "strace: eight errors at calls of any thread",
    );
    for trouble in troubles {
        let (bed, account) = bed();
        let Some(output) = inject(&bed, trouble) else {
            return record.skip(super::strace::ABSENT);
        };
        record.add(account.look_at_end(&bed), trouble);
        assert!(
            log_of(&output).contains("delivered=2 failed=1 left=0"),
            "{trouble}: {}",
            log_of(&output)
        );
        assert_all_done(&bed, trouble);
        let reason = bed.json("spool/failed/bad.html.reason.json");
        assert_eq!(
            (&reason["code"], &reason["attempts"]),
            (&"not-text".into(), &1.into()),
            "{trouble}"
        );
    }
    record.close();
}

#[test]
fn trouble_in_the_middle_of_a_batch_passes_without_a_trace() {
    let troubles = [
        "syncfs:error=ENOSPC:when=1",
        "fsync:error=EIO:when=1..2",
        "rename:error=EROFS:when=1..2",
        "renameat2:error=EINVAL",
    ];
    for trouble in troubles {
        let (bed, _) = bed_with(BATCH);
        let Some(output) = inject(&bed, trouble) else { return };
        let log = log_of(&output);
        assert!(log.contains("delivered=2 failed=1 left=0"), "{trouble}: {log}");
        assert_all_done(&bed, trouble);
    }
}

#[test]
fn where_the_kernel_refuses_watches_the_inbox_is_scanned_at_short_intervals() {
    for fault in ["inotify_add_watch:error=ENOSPC", "inotify_init1:error=EMFILE"] {
        let bed = Bed::with("[spool]\nstable-ms = 50\npoll-seconds = 1\n");
        let mut command = Command::new("strace");
        // Without -D, strace itself would be the daemon that the test stops.
        command
            .args(["-D", "-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={fault}")])
            .arg(env!("CARGO_BIN_EXE_dehusk"));
        command.args(["run", "--config"]).arg(bed.path("dehusk.toml"));
        if inject(&bed, "fsync:error=EIO:when=99").is_none() {
            return;
        }
        let daemon = bed.spawn_as(command);
        wait("the daemon to start", || daemon.log().contains("drop pages into"));
        assert!(daemon.log().contains("scanned at short intervals"), "{}", daemon.log());
        bed.drop("x.html", page("Rain."));
        bed.await_file("spool/outbox/x.txt");
        daemon.stop();
    }
}

#[test]
fn a_run_with_an_end_gives_up_on_trouble_that_stays_and_loses_nothing() {
    let (bed, _) = bed();
    let Some(output) = inject(&bed, "fsync:error=ENOSPC") else {
        return;
    };
    assert!(!output.status.success());
    assert!(
        log_of(&output).contains("work is paused") && log_of(&output).contains("run it again"),
        "{}",
        log_of(&output)
    );
    assert_nothing_lost(&bed, "a full disk");
    bed.once();
    assert_all_done(&bed, "a full disk");
}
