//! The record of what a fault did, for whoever writes a table of it.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;

use super::account::{Account, Findings};

/// Names the file that records are appended to, one a line, fields apart by tabs: fault, how, runs, lost, doubled, half.
const FILE_VARIABLE: &str = "DEHUSK_RELIABILITY_RECORD";

/// Where this is set, the slow forms of tests run: every call, and many seeds.
const THOROUGH_VARIABLE: &str = "DEHUSK_RELIABILITY_THOROUGH";

/// Whether time matters less than coverage.
pub(crate) fn is_thorough() -> bool {
    std::env::var_os(THOROUGH_VARIABLE).is_some()
}

/// The runs under one kind of fault, and what was found after them.
pub(crate) struct Record {
    fault: &'static str,
    how: &'static str,
    runs: usize,
    findings: Findings,
}

impl Record {
    /// A record without runs.
    pub(crate) fn of(fault: &'static str, how: &'static str) -> Self {
        Self {
            fault,
            how,
            runs: 0,
            findings: Findings::default(),
        }
    }

    /// Adds what was found in a run; a fault is told with when it happened.
    pub(crate) fn add(&mut self, findings: Findings, when: &str) {
        self.runs += 1;
        self.findings += findings;
        if findings != Findings::default() {
            say(&format!("{}: {when}: {findings:?}", self.fault));
        }
    }

    /// Adds what was found at a further moment of the same run.
    pub(crate) fn add_look(&mut self, findings: Findings, when: &str) {
        self.add(findings, when);
        self.runs -= 1;
    }

    /// Adds what a reader of the outbox saw at some moment of the same run.
    pub(crate) fn add_look_at_outputs(&mut self, account: &Account, outputs: &BTreeMap<String, String>) {
        let odd = account.odd_outputs(outputs);
        self.findings.half += odd.len();
        if !odd.is_empty() {
            say(&format!("{}: not whole: {odd:?}", self.fault));
        }
    }

    /// Writes the record down, and fails the test if anything was lost, doubled or half.
    pub(crate) fn close(self) {
        let Findings { lost, doubled, half } = self.findings;
        append(&format!(
            "{}\t{}\t{}\t{lost}\t{doubled}\t{half}\n",
            self.fault, self.how, self.runs
        ));
        assert!(self.runs > 0, "{}: there was no run", self.fault);
        assert_eq!(self.findings, Findings::default(), "{}", self.fault);
    }

    /// Writes the record of one run under a fault from which no whole output is promised; nothing is lost all the same.
    pub(crate) fn close_unpromised(self) {
        let Findings { lost, doubled, half } = self.findings;
        append(&format!("{}\t{}\t1\t{lost}\t{doubled}\t{half}\n", self.fault, self.how));
        assert_eq!((lost, doubled), (0, 0), "{}", self.fault);
    }

    /// Says that the machine does not allow this fault to be made.
    pub(crate) fn skip(self, why: &str) {
        say(&format!("skipped: {}: {why}", self.fault));
        append(&format!("{}\t{} (skipped: {why})\t0\t-\t-\t-\n", self.fault, self.how));
    }
}

/// Writes to standard error whether or not the test's output is captured.
pub(crate) fn say(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

fn append(line: &str) {
    let Some(path) = std::env::var_os(FILE_VARIABLE) else {
        return;
    };
    let mut file = fs::File::options().create(true).append(true).open(path).unwrap();
    file.write_all(line.as_bytes()).unwrap();
}
