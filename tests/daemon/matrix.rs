//! A kill, and an error, at every call of the thread that does the work; and the order of calls, for power cuts.

use std::time::{Duration, Instant};

use super::account::{Account, Findings};
use super::bed::{Bed, Daemon, page, wait};
use super::record::{Record, is_thorough};
use super::strace::{self, ABSENT, Strace, threads_named};

/// The calls by which files change their place or content, and how many are passed over between two that are tried
/// unless time does not matter.
const TURNS: &[(&str, usize)] = &[
    ("renameat2", 1),
    ("rename", 1),
    ("fsync", 1),
    ("syncfs", 1),
    ("unlink", 1),
    ("mkdir", 1),
    ("rmdir", 1),
    ("write", 2),
    ("close", 6),
];

/// More calls of one kind than a run makes.
const CALLS_MAX: usize = 1_000;

/// Threads that do the work, by the beginnings of their names: those that write outputs, those that move them.
const HANDS: &[&str] = &["worker", "committer"];

/// Stands in the place of settings where a page is to leave before its output is there.
const WRONG_ORDER: &str = "# the wrong order\n";

/// The thread that claims, by the beginning of its name.
const INTAKE: &str = "dehusk";

/// How long a run may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// How a run under a fault went.
struct Run {
    bed: Bed,
    account: Account,
    was_hit: bool,
}

/// A daemon that has delivered a first version of `again.html` and waits.
fn start(more: &str, variable: Option<&str>) -> (Bed, Account, Daemon) {
    let bed = Bed::with(&format!(
        "[spool]\nsettle-ms = 1\nstable-ms = 20\n{more}[workers]\ncount = 1\n"
    ));
    let mut command = bed.command();
    if let Some(variable) = variable {
        command.env(variable, "1");
    }
    let daemon = bed.spawn_as(command);
    wait("the daemon to start", || daemon.log().contains("drop pages into"));
    let mut account = Account::new();
    account.drop(&bed, "again.html", page("Before."));
    wait("the first version", || bed.exists("spool/outbox/again.txt"));
    bed.await_rest();
    (bed, account, daemon)
}

/// Pages of every kind of end: delivered over an earlier output, delivered with a sidecar in a sub-folder, and failed.
fn drop_pages(bed: &Bed, account: &mut Account) {
    bed.drop("sub/b.html.meta.toml", "url = \"https://b.example/\"\n");
    account.drop(bed, "again.html", page("After."));
    account.drop(bed, "sub/b.html", page("Rain."));
    account.drop(bed, "bad.html", "%PDF-1.4");
}

/// Has a thread killed at a call; `was_hit` tells whether it made that many.
fn killed_at(hands: &str, call: &str, number: usize, more: &str) -> Run {
    let variable = (more == WRONG_ORDER).then_some("DEHUSK_TEST_WRONG_ORDER");
    let (bed, mut account, mut daemon) = start(more, variable);
    let threads = threads_named(&daemon, hands);
    let strace = Strace::attach(&bed, &threads, &format!("{call}:signal=KILL:when={number}"));
    drop_pages(&bed, &mut account);
    let began = Instant::now();
    let mut was_hit = false;
    while !was_hit && !bed.is_at_rest() {
        was_hit = daemon.child.try_wait().unwrap().is_some();
        assert!(began.elapsed() < DEADLINE, "{call} {number}: {}", daemon.log());
        std::thread::sleep(Duration::from_millis(2));
    }
    // The end of the last page may be followed by calls that are still to be hit.
    was_hit |= !daemon.end().contains("stopped; what is left");
    drop(strace);
    Run { bed, account, was_hit }
}

/// Kills at each call of a kind, and looks after the kill and after the next run.
fn kill_at_each(hands: &str, (call, step): (&str, usize), more: &str, record: &mut Record) {
    let step = if is_thorough() { 1 } else { step };
    for number in (1..CALLS_MAX).step_by(step) {
        let run = killed_at(hands, call, number, more);
        if !run.was_hit {
            return;
        }
        let when = format!("killed at {call} {number}");
        record.add(run.account.look(&run.bed), &when);
        run.bed.once();
        record.add_look(run.account.look_at_end(&run.bed), &format!("{when}, and run again"));
    }
}

/// Kills at each call of every kind.
fn kill_at_every_turn(fault: &'static str, hands: &str, more: &str) {
    let how = "strace on such threads alone: renameat2, rename, fsync, syncfs, unlink, mkdir, rmdir, write, close";
    let mut record = Record::of(fault, how);
    if !strace::is_there() {
        return record.skip(ABSENT);
    }
    for (call, step) in TURNS {
        kill_at_each(hands, (call, *step), more, &mut record);
    }
    record.close();
}

#[test]
fn a_kill_of_the_worker_at_any_call_loses_nothing_and_doubles_nothing() {
    kill_at_every_turn("kill -9 at a call of the worker", "worker", "");
}

#[test]
fn a_kill_of_a_committer_at_any_call_loses_nothing_and_doubles_nothing() {
    kill_at_every_turn("kill -9 at a call of a committer", "committer", "");
}

/// There is one committer then, so that every call is one of the same thread.
#[test]
fn a_kill_of_the_one_committer_of_batches_loses_nothing_and_doubles_nothing() {
    let fault = "kill -9 at a call of the committer, with `durability = \"batch\"`";
    kill_at_every_turn(fault, "committer", "durability = \"batch\"\n");
}

#[test]
fn a_kill_of_the_worker_where_pages_are_removed_after_success_loses_nothing() {
    let mut record = Record::of(
        "kill -9 at a call of the worker, with `after-success = \"remove\"`",
        "strace on that thread: renameat2, rename, fsync, unlink",
    );
    if !strace::is_there() {
        return record.skip(ABSENT);
    }
    let turns = ["renameat2", "rename", "fsync", "unlink"];
    for (hands, call) in HANDS.iter().flat_map(|hands| turns.map(|call| (hands, call))) {
        for number in 1..CALLS_MAX {
            let run = killed_at(hands, call, number, "after-success = \"remove\"\n");
            if !run.was_hit {
                break;
            }
            run.bed.once();
            record.add(look_where_removed(&run), &format!("killed at {call} {number}"));
        }
    }
    record.close();
}

/// Delivered pages are gone, and their outputs are all that is left of them.
fn look_where_removed(run: &Run) -> Findings {
    let outputs = super::account::outputs(&run.bed);
    let expected = ["again.meta.json", "again.txt", "sub/b.meta.json", "sub/b.txt"];
    Findings {
        lost: expected.iter().filter(|name| !outputs.contains_key(**name)).count()
            + usize::from(!outputs.get("again.txt").is_some_and(|text| text.contains("After.")))
            + usize::from(!run.bed.exists("spool/failed/bad.html")),
        doubled: outputs.len().saturating_sub(expected.len()) + run.bed.files("done").len(),
        half: run.account.odd_outputs(&outputs).len(),
    }
}

/// The harness itself is put to the test: with the one order of steps that must not be, it has to find a loss.
#[test]
#[cfg(debug_assertions)]
fn a_page_that_leaves_before_its_output_is_there_is_caught() {
    if !strace::is_there() {
        return super::record::say(&format!("skipped: the wrong order: {ABSENT}"));
    }
    let caught = (1..CALLS_MAX)
        .map(|number| killed_at("committer", "fsync", number, WRONG_ORDER))
        .take_while(|run| run.was_hit)
        .any(|run| {
            run.bed.once();
            run.account.look_at_end(&run.bed) != Findings::default()
        });
    assert!(caught, "a page without its output was not noticed");
}

#[test]
fn an_error_at_any_write_and_sync_of_the_worker_passes_without_a_trace() {
    let calls = [("fsync", 2), ("write", 6), ("renameat2", 6), ("rename", 6)];
    let how = "strace on such threads alone: fsync, write, renameat2, rename";
    fail_at_every_turn(
        "ENOSPC and EIO at a call of a worker or a committer",
        how,
        HANDS,
        &calls,
    );
}

#[test]
fn an_error_at_any_making_of_a_folder_passes_without_a_trace() {
    let how = "strace on such threads alone: mkdir, with pages in sub-folders and one with a sidecar";
    fail_at_every_turn(
        "ENOSPC and EIO where a folder is made",
        how,
        &[HANDS, &[INTAKE]].concat(),
        &[("mkdir", 1)],
    );
}

fn fail_at_every_turn(fault: &'static str, how: &'static str, threads: &[&str], calls: &[(&str, usize)]) {
    let mut record = Record::of(fault, how);
    if !strace::is_there() {
        return record.skip(ABSENT);
    }
    for error in ["ENOSPC", "EIO"] {
        for turn in calls {
            for hands in threads {
                fail_at_each(hands, *turn, error, &mut record);
            }
        }
    }
    record.close();
}

/// Lets each call of a kind fail, and looks when all is done.
fn fail_at_each(hands: &str, (call, step): (&str, usize), error: &str, record: &mut Record) {
    let step = if is_thorough() { 1 } else { step };
    for number in (1..CALLS_MAX).step_by(step) {
        let fault = format!("{call}:error={error}:when={number}");
        let Some((bed, account)) = failed_at(hands, &fault, "") else {
            return;
        };
        record.add(account.look_at_end(&bed), &format!("{hands} {fault}"));
    }
}

/// Lets a call fail; `None` if there was no such call.
fn failed_at(hands: &str, fault: &str, more: &str) -> Option<(Bed, Account)> {
    let (bed, mut account, daemon) = start(more, None);
    let threads = threads_named(&daemon, hands);
    let strace = Strace::attach(&bed, &threads, fault);
    drop_pages(&bed, &mut account);
    // A write may be one of another kind, by which threads wake each other: the loop then looks by itself.
    wait(fault, || bed.is_at_rest());
    daemon.end();
    strace.has_injected().then_some((bed, account))
}

#[test]
fn an_error_at_any_deletion_passes_without_a_trace() {
    let mut record = Record::of(
        "ENOSPC and EIO where a file is deleted, with `after-success = \"remove\"`",
        "strace on such threads alone: unlink",
    );
    if !strace::is_there() {
        return record.skip(ABSENT);
    }
    for (error, hands) in ["ENOSPC", "EIO"]
        .into_iter()
        .flat_map(|error| HANDS.iter().map(move |hands| (error, hands)))
    {
        for number in 1..CALLS_MAX {
            let fault = format!("unlink:error={error}:when={number}");
            let Some((bed, account)) = failed_at(hands, &fault, "after-success = \"remove\"\n") else {
                break;
            };
            let run = Run {
                bed,
                account,
                was_hit: true,
            };
            record.add(look_where_removed(&run), &format!("{hands} {fault}"));
        }
    }
    record.close();
}
