//! Faults injected into system calls with strace.
//!
//! strace counts the calls of each thread by itself. A fault "at the third call" of a process with two threads hits
//! whichever comes to its third first, and never both; so faults are aimed at one thread here.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::bed::{Bed, Daemon, wait};

/// Why a test was skipped.
pub(crate) const ABSENT: &str = "strace is not installed or not allowed here";

/// Whether strace is installed and allowed.
pub(crate) fn is_there() -> bool {
    let output = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "true"])
        .output();
    output.is_ok_and(|output| output.status.success())
}

/// A strace that looks at some threads of a daemon.
pub(crate) struct Strace {
    child: Child,
    log: PathBuf,
}

impl Strace {
    /// Injects a fault into the calls that threads make from now on; each thread's are counted by themselves.
    pub(crate) fn attach(bed: &Bed, threads: &[u32], fault: &str) -> Self {
        let log = bed.path("strace");
        let child = Command::new("strace")
            .args(["-qq", "-o"])
            .arg(&log)
            .args(["-e", &format!("inject={fault}")])
            .args(threads.iter().map(|thread| format!("--attach={thread}")))
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        wait("strace to attach", || {
            threads.iter().all(|thread| {
                let status = fs::read_to_string(format!("/proc/{thread}/status")).unwrap_or_default();
                let is_traced = |line: &str| line.starts_with("TracerPid:") && !line.ends_with("\t0");
                status.lines().any(is_traced)
            })
        });
        Self { child, log }
    }

    /// Waits for the thread's end, and tells whether any call was tampered with.
    pub(crate) fn has_injected(mut self) -> bool {
        self.child.wait().unwrap();
        fs::read_to_string(&self.log).unwrap_or_default().contains("(INJECTED)")
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The ids of a daemon's threads whose names begin with this.
pub(crate) fn threads_named(daemon: &Daemon, beginning: &str) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{}/task", daemon.child.id())).unwrap();
    let is_it = |task: &fs::DirEntry| {
        fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.starts_with(beginning))
    };
    let ids = tasks.flatten().filter(is_it).map(|task| task.file_name());
    ids.map(|id| id.to_str().unwrap().parse().unwrap()).collect()
}
