//! A temporary folder in which the daemon runs, and what a test can do with it.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::namespace::Namespace;

/// How long a condition may take to come true before a test fails.
const DEADLINE: Duration = Duration::from_secs(30);

/// How often a condition is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

pub(crate) const RULES: &str = "schema = 1\nsite = \"a.example\"\n[text]\ndrop-line = [\"Buy our soap.\"]\n";

/// A page of a site that [`RULES`] know.
pub(crate) fn page(text: &str) -> String {
    format!(
        "<html><head><title>A title</title><link rel=canonical href='https://a.example/x'></head><body><article><h1>A title</h1>\
         <p>{text} The article goes on for a while, so that nobody takes it for an advertisement or a menu of any kind.</p>\
         <p>Buy our soap.</p><p>It has a second paragraph too, with a few more words in it, as articles mostly do.</p></article></body></html>"
    )
}

/// A folder with a configuration in which the daemon runs.
pub(crate) struct Bed {
    folder: tempfile::TempDir,
    /// Where the spool has a file system of its own.
    namespace: Option<Namespace>,
}

/// A daemon that is running.
pub(crate) struct Daemon {
    pub(crate) child: Child,
    log: PathBuf,
}

impl Bed {
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    /// A bed whose configuration says more than the defaults; `settle-ms` and the like are short anyway.
    pub(crate) fn with(more: &str) -> Self {
        let bed = Self {
            folder: tempfile::tempdir().unwrap(),
            namespace: None,
        };
        bed.set_up(more);
        bed
    }

    /// The same with a small file system of memory for the spool; `None` where the machine does not allow it.
    pub(crate) fn on_tmpfs(more: &str, options: &str) -> Option<Self> {
        let bed = Self {
            folder: tempfile::tempdir().unwrap(),
            namespace: Some(Namespace::new()?),
        };
        fs::create_dir(bed.folder.path().join("spool")).unwrap();
        bed.mount(&["-t", "tmpfs", "-o", options, "tmpfs"]).then(|| {
            bed.set_up(more);
            bed
        })
    }

    /// Calls `mount` for the spool, with what comes before its path; `false` if it fails.
    pub(crate) fn mount(&self, arguments: &[&str]) -> bool {
        let spool = self.folder.path().join("spool");
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).chain([spool.as_os_str()]).collect();
        self.namespace
            .as_ref()
            .is_some_and(|namespace| namespace.run("mount", &arguments))
    }

    /// Mounts a file system of its own over the inbox.
    pub(crate) fn mount_over_inbox(&self) -> bool {
        self.run_on_inbox("mount", &["-t", "tmpfs", "tmpfs"])
    }

    /// Takes it away again.
    pub(crate) fn unmount_from_inbox(&self) -> bool {
        self.run_on_inbox("umount", &["--lazy"])
    }

    /// Whether the spool has a small file system of its own.
    pub(crate) fn is_on_tmpfs(&self) -> bool {
        self.namespace.is_some()
    }

    fn run_on_inbox(&self, program: &str, arguments: &[&str]) -> bool {
        let inbox = self.folder.path().join("spool/inbox");
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).chain([inbox.as_os_str()]).collect();
        self.namespace
            .as_ref()
            .is_some_and(|namespace| namespace.run(program, &arguments))
    }

    fn set_up(&self, more: &str) {
        let bed = self;
        let spool = if more.contains("[spool]") {
            ""
        } else {
            "[spool]\nsettle-ms = 50\nstable-ms = 300\n"
        };
        fs::write(bed.path("dehusk.toml"), format!("{spool}{more}")).unwrap();
        fs::create_dir_all(bed.path("rules")).unwrap();
        fs::create_dir_all(bed.path("spool/inbox")).unwrap();
    }

    pub(crate) fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = self.folder.path().join(path);
        match &self.namespace {
            Some(namespace) => namespace.view(&path),
            None => path,
        }
    }

    pub(crate) fn inbox(&self, name: impl AsRef<Path>) -> PathBuf {
        self.path("spool/inbox").join(name)
    }

    /// Writes a file the plain way: open, write, close.
    pub(crate) fn put(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// Drops a page into the inbox as one should: under another name, then renamed.
    pub(crate) fn drop(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.inbox(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let draft = path.with_file_name(".draft");
        fs::write(&draft, bytes).unwrap();
        fs::rename(draft, path).unwrap();
        self
    }

    pub(crate) fn command(&self) -> Command {
        let program = env!("CARGO_BIN_EXE_dehusk");
        let mut command = match &self.namespace {
            Some(namespace) => namespace.command(program),
            None => Command::new(program),
        };
        command
            .arg("run")
            .arg("--config")
            .arg(self.folder.path().join("dehusk.toml"))
            .env_remove("JOURNAL_STREAM")
            .env_remove("NOTIFY_SOCKET");
        command
    }

    /// Runs the daemon until everything is done.
    pub(crate) fn once(&self) -> Output {
        self.command().arg("--once").output().unwrap()
    }

    /// Starts the daemon and waits until it takes pages.
    pub(crate) fn start(&self) -> Daemon {
        let daemon = self.spawn();
        wait("the daemon to start", || daemon.log().contains("drop pages into"));
        daemon
    }

    /// Starts the daemon.
    pub(crate) fn spawn(&self) -> Daemon {
        self.spawn_as(self.command())
    }

    /// Starts the daemon by a command of the test's own.
    pub(crate) fn spawn_as(&self, mut command: Command) -> Daemon {
        let log = self.path(format!("log-{}", fs::read_dir(self.folder.path()).unwrap().count()));
        let file = fs::File::options().create(true).append(true).open(&log).unwrap();
        Daemon {
            child: command.stderr(file).stdout(Stdio::null()).spawn().unwrap(),
            log,
        }
    }

    /// Whether nothing is held or half done.
    pub(crate) fn is_at_rest(&self) -> bool {
        ["inbox", "work", "tmp"]
            .iter()
            .all(|folder| self.files(folder).is_empty())
    }

    /// Waits until nothing is held or half done.
    pub(crate) fn await_rest(&self) {
        wait("everything to be done", || self.is_at_rest());
    }

    pub(crate) fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.path(path).symlink_metadata().is_ok()
    }

    pub(crate) fn read(&self, path: impl AsRef<Path>) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn json(&self, path: impl AsRef<Path>) -> Value {
        serde_json::from_str(&self.read(path)).unwrap()
    }

    /// Waits for a file, and gives its text.
    pub(crate) fn await_file(&self, path: &str) -> String {
        wait(path, || self.exists(path));
        self.read(path)
    }

    /// Every file below a folder of the spool, sorted, without our own hidden ones.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let mut files = Vec::new();
        let root = self.path("spool").join(folder);
        let mut folders = vec![root.clone()];
        assert!(root.is_dir(), "{} is gone", root.display());
        while let Some(folder) = folders.pop() {
            // The daemon may remove a folder of its own meanwhile.
            let entries = fs::read_dir(folder)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path());
            let (below, here): (Vec<PathBuf>, Vec<PathBuf>) =
                entries.partition(|path| path.is_dir() && !path.is_symlink());
            folders.extend(below);
            files.extend(here);
        }
        files.retain(|path| !path.ends_with(".dehusk.lock"));
        let mut names: Vec<String> = files
            .iter()
            .map(|path| path.strip_prefix(&root).unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Checks that nothing is held or half done.
    pub(crate) fn assert_at_rest(&self) {
        for folder in ["inbox", "work", "tmp"] {
            assert_eq!(self.files(folder), Vec::<String>::new(), "{folder}");
        }
    }
}

impl Daemon {
    pub(crate) fn log(&self) -> String {
        let mut text = String::new();
        drop(fs::File::open(&self.log).and_then(|mut file| file.read_to_string(&mut text)));
        text
    }

    pub(crate) fn signal(&self, signal: &str) {
        assert!(
            Command::new("kill")
                .arg(format!("-{signal}"))
                .arg(self.child.id().to_string())
                .status()
                .unwrap()
                .success()
        );
    }

    /// Stops the daemon and gives its log.
    pub(crate) fn stop(mut self) -> String {
        self.signal("TERM");
        assert!(self.child.wait().unwrap().success(), "{}", self.log());
        self.log()
    }

    /// Stops the daemon whether or not all went well, and gives its log.
    pub(crate) fn end(mut self) -> String {
        drop(
            Command::new("kill")
                .arg(self.child.id().to_string())
                .stderr(Stdio::null())
                .status(),
        );
        self.child.wait().unwrap();
        self.log()
    }

    /// Waits for the end after a stop.
    pub(crate) fn stop_is_clean(mut self) {
        assert!(self.child.wait().unwrap().success(), "{}", self.log());
    }

    /// Ends the daemon without warning.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            drop(std::io::stderr().write_all(self.log().as_bytes()));
        }
    }
}

pub(crate) fn wait(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(LOOK_AGAIN);
    }
}

pub(crate) fn log_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
