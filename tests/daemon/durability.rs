//! The order of syncs and moves, read from a trace: outputs are on the disk before anybody sees them, and where they
//! are seen is on the disk before their page leaves the work folder.
//!
//! Where strace is not installed or not allowed, these tests say so and pass.

use std::fs;
use std::io::Write;
use std::process::Command;

use super::account::Findings;
use super::bed::{Bed, log_of, page};
use super::record::Record;

/// Pages of a run: enough for batches, with more than one folder.
const PAGES: usize = 12;

/// A call with the lines of the trace at which it began and ended.
#[derive(Debug)]
struct Call {
    began: usize,
    ended: usize,
    /// All of it, such as `fsync(3</spool/tmp/x>) = 0`.
    text: String,
}

impl Call {
    fn is(&self, name: &str) -> bool {
        self.text.starts_with(&format!("{name}("))
    }

    /// The path behind its first argument, an open file.
    fn file(&self) -> &str {
        let path = self
            .text
            .split_once('<')
            .and_then(|(_, rest)| rest.split_once(">)").or(rest.split_once(">,")));
        path.map_or("", |(path, _)| path)
    }

    /// Where a rename moves from and to.
    fn moves(&self) -> Option<(&str, &str)> {
        let quoted: Vec<&str> = self.text.split('"').skip(1).step_by(2).collect();
        let is_move = self.text.starts_with("rename") && quoted.len() == 2;
        is_move.then(|| (quoted[0], quoted[1]))
    }
}

/// Puts a trace of several threads together: a call that another thread interrupts stands on two lines.
fn calls(trace: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut open: Vec<(&str, usize)> = Vec::new();
    for (line, text) in trace.lines().enumerate() {
        let (thread, text) = text.split_once(' ').unwrap();
        let text = text.trim_start();
        if let Some((_, end)) = text.split_once(" resumed>") {
            let place = open.iter().position(|(other, _)| *other == thread).unwrap();
            let (_, call) = open.remove(place);
            calls[call].text.push_str(end);
            calls[call].ended = line;
            continue;
        }
        let (text, ended) = text
            .split_once(" <unfinished ...>")
            .map_or((text, line), |(begin, _)| (begin, usize::MAX));
        if ended == usize::MAX {
            open.push((thread, calls.len()));
        }
        calls.push(Call {
            began: line,
            ended,
            text: text.to_owned(),
        });
    }
    calls.retain(|call| call.text.contains(" = ") && !call.text.contains(" = -1 "));
    calls
}

/// Every breach of the order.
fn breaches(calls: &[Call], spool: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    let is_synced = |path: &str, from: usize, to: usize| {
        calls.iter().any(|call| {
            let covers = call.is("syncfs") || call.is("fsync") && call.file() == path;
            covers && call.began > from && call.ended < to
        })
    };
    let outbox = format!("{spool}/outbox");
    let mut pages = 0;
    for call in calls {
        let Some((from, to)) = call.moves() else { continue };
        if from.starts_with(&format!("{spool}/tmp/")) && to.starts_with(&outbox) && !to.contains(".dehusk-trial") {
            let written = calls.iter().filter(|call| call.is("write") && call.file() == from);
            let written = written.map(|call| call.ended).max().unwrap();
            if !is_synced(from, written, call.began) {
                breaches.push(format!("seen before it was on the disk: {to}"));
            }
        }
        let Some(page) = to
            .strip_prefix(&format!("{spool}/done/"))
            .filter(|_| from.contains("/work/"))
        else {
            continue;
        };
        pages += 1;
        let stem = format!("{outbox}/{}", page.trim_end_matches(".html"));
        let outputs = calls.iter().filter(|call| {
            call.moves()
                .is_some_and(|(_, to)| to == format!("{stem}.txt") || to == format!("{stem}.meta.json"))
        });
        let published: Vec<usize> = outputs.map(|call| call.ended).collect();
        let folder = stem.rsplit_once('/').unwrap().0;
        if published.len() != 2 || !is_synced(folder, *published.iter().max().unwrap(), call.began) {
            breaches.push(format!("left before its outputs' place was on the disk: {page}"));
        }
    }
    assert_eq!(pages, PAGES);
    breaches
}

/// Runs the daemon over some pages and gives the breaches of the order; `None` where it can't be traced.
fn breaches_of(durability: &str) -> Option<Vec<String>> {
    let bed = Bed::with(&format!("[spool]\nsettle-ms = 1\ndurability = \"{durability}\"\n"));
    for number in 0..PAGES {
        bed.drop(format!("{}/{number}.html", ["a", "b", "c"][number % 3]), page("Rain."));
    }
    let trace = bed.path("trace");
    let output = Command::new("strace")
        .args([
            "-f",
            "-y",
            "-qq",
            "-e",
            "trace=write,fsync,syncfs,rename,renameat2",
            "-o",
        ])
        .arg(&trace)
        .arg(env!("CARGO_BIN_EXE_dehusk"))
        .args(["run", "--once", "--config"])
        .arg(bed.path("dehusk.toml"))
        .output();
    let Some(output) = output.ok().filter(|output| !log_of(output).contains("PTRACE")) else {
        drop(writeln!(
            std::io::stderr(),
            "skipped: strace is not installed or not allowed here"
        ));
        return None;
    };
    assert!(output.status.success(), "{}", log_of(&output));
    let spool = fs::canonicalize(bed.path("spool")).unwrap();
    let calls = calls(&String::from_utf8_lossy(&fs::read(trace).unwrap()));
    Some(breaches(&calls, spool.to_str().unwrap()))
}

/// What a power cut leaves can't be tried here, but the order of calls that makes it harmless can be seen.
#[test]
fn outputs_are_durable_before_they_are_seen_and_their_place_before_the_page_leaves() {
    let mut record = Record::of(
        "power cut",
        "not cut: the order of write, fsync, rename, fsync of the folder, rename is read from a trace, strict and batch",
    );
    for durability in ["strict", "batch"] {
        let Some(breaches) = breaches_of(durability) else {
            return record.skip("strace is not installed or not allowed here");
        };
        assert_eq!(breaches, Vec::<String>::new(), "{durability}");
        record.add(Findings::default(), durability);
    }
    record.close();
}

#[test]
fn the_check_of_the_order_sees_every_breach_where_nothing_is_synced() {
    let Some(breaches) = breaches_of("off") else { return };
    assert_eq!(breaches.len(), PAGES * 3, "{breaches:?}");
}

#[test]
fn a_single_page_does_not_wait_for_others_to_share_its_sync() {
    let bed = Bed::with("[spool]\nsettle-ms = 1\nstable-ms = 100\ndurability = \"batch\"\n");
    let daemon = bed.start();
    bed.drop("alone.html", page("Rain."));
    bed.await_file("spool/outbox/alone.txt");
    super::bed::wait("the page to be done", || bed.exists("spool/done/alone.html"));
    daemon.stop();
    bed.assert_at_rest();
}
