//! A mount namespace of a test's own, in which it may mount what it likes.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A process that does nothing but keep the namespace alive.
pub(crate) struct Namespace {
    holder: Child,
}

impl Namespace {
    /// A new namespace; `None` where the machine does not allow it.
    pub(crate) fn new() -> Option<Self> {
        let mut holder = Command::new("unshare")
            .args(["--mount", "sh", "-c", "echo ready; exec sleep 3600"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        let heard = BufReader::new(holder.stdout.take()?).read_line(&mut line);
        let namespace = Self { holder };
        (heard.is_ok() && line == "ready\n").then_some(namespace)
    }

    /// Where a path of the namespace is seen from outside.
    pub(crate) fn view(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// A program within the namespace.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command
            .arg(format!("--target={}", self.holder.id()))
            .arg("--mount")
            .arg("--")
            .arg(program);
        command
    }

    /// Runs a program within the namespace; `false` if it fails.
    pub(crate) fn run(&self, program: &str, arguments: &[&OsStr]) -> bool {
        let output = self.command(program).args(arguments).output();
        output.is_ok_and(|output| output.status.success())
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.holder.kill());
        drop(self.holder.wait());
    }
}
