//! A machine of its own, made of namespaces, on which systemd runs as process 1 with the service's real unit.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a condition may take to come true before the test fails.
const DEADLINE: Duration = Duration::from_mins(1);

/// How often a condition is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Where the one hierarchy of control groups may be, by which systemd knows its services' processes.
const CONTROL_GROUPS: &[&str] = &["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// What has to be there.
const NEEDED: &[&str] = &[
    "/lib/systemd/systemd",
    "/usr/bin/unshare",
    "/usr/bin/nsenter",
    "/usr/sbin/pivot_root",
];

/// Machines that this process has made: several tests have one each at the same time.
static MACHINES: AtomicUsize = AtomicUsize::new(0);

/// The machine. It ends with the value.
pub(crate) struct Machine {
    shell: Child,
    group: PathBuf,
    init: String,
    folder: tempfile::TempDir,
}

impl Machine {
    /// Boots the machine, with the service in place but not started; `None`, with a line that says why, where that
    /// can't be done.
    pub(crate) fn boot() -> Option<Self> {
        let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd");
        Self::boot_with(&[Path::new(env!("CARGO_BIN_EXE_dehusk")), &units])
    }

    /// Boots the machine without the service, and with its Debian package as `/dehusk.deb`; `None` as above.
    pub(crate) fn boot_for_package(package: &Path) -> Option<Self> {
        Self::boot_with(&[package])
    }

    fn boot_with(contents: &[&Path]) -> Option<Self> {
        let machine = Self::try_boot(contents);
        if let Err(why) = &machine {
            let line = format!("skipped: systemd can't run as process 1 of a machine of its own here: {why}");
            drop(writeln!(std::io::stderr(), "{line}"));
        }
        machine.ok()
    }

    fn try_boot(contents: &[&Path]) -> Result<Self, String> {
        let user = Command::new("id")
            .arg("-u")
            .output()
            .map_err(|error| error.to_string())?;
        if user.stdout != b"0\n" {
            return Err("only root can make one".to_owned());
        }
        if let Some(path) = NEEDED.iter().find(|path| !Path::new(path).exists()) {
            return Err(format!("there is no {path}"));
        }
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let group = new_control_group()?;
        let log = fs::File::create(folder.path().join("log")).map_err(|error| error.to_string())?;
        let started = start(&folder.path().join("machine"), contents, &group, log);
        let shell = started.map_err(|error| {
            remove_groups(&group);
            error.to_string()
        })?;
        let mut machine = Self {
            shell,
            group,
            init: String::new(),
            folder,
        };
        machine.await_init()?;
        Ok(machine)
    }

    /// Waits until systemd answers.
    fn await_init(&mut self) -> Result<(), String> {
        let children = format!("/proc/{0}/task/{0}/children", self.shell.id());
        let deadline = Instant::now() + DEADLINE;
        while Instant::now() < deadline {
            if let Ok(Some(status)) = self.shell.try_wait() {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                let last = log.lines().last().unwrap_or("it said nothing");
                return Err(format!("it did not boot ({status}): {last}"));
            }
            let init = fs::read_to_string(&children).unwrap_or_default();
            init.trim().clone_into(&mut self.init);
            let is_systemd =
                fs::read_to_string(format!("/proc/{}/comm", self.init)).is_ok_and(|name| name == "systemd\n");
            if is_systemd && self.run(&["systemctl", "is-active", "trial.target"]).status.success() {
                return Ok(());
            }
            sleep(LOOK_AGAIN);
        }
        Err("it did not boot in time".to_owned())
    }

    /// Runs a command on the machine as root.
    pub(crate) fn run(&self, command: &[&str]) -> Output {
        Command::new("timeout")
            .args(["60", "nsenter", "--target", &self.init, "--all", "--root", "--wd"])
            .args(command)
            .output()
            .unwrap()
    }

    /// Runs a command on the machine that has to work, and gives what it prints.
    pub(crate) fn call(&self, command: &[&str]) -> String {
        let output = self.run(command);
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(output.status.success(), "{command:?}: {said}\n{}", self.journal());
        said
    }

    /// A property of the service.
    pub(crate) fn property(&self, name: &str) -> String {
        let option = format!("--property={name}");
        let output = self.run(&["systemctl", "show", "dehusk", &option, "--value"]);
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The service's journal.
    pub(crate) fn journal(&self) -> String {
        let output = self.run(&["journalctl", "--unit=dehusk*", "--no-pager", "--output=cat"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// A path of the machine, seen from here.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{path}", self.init))
    }

    /// A folder of the spool's, seen from here: how many files there have a name with this ending; none where the service
    /// has not made the folder yet.
    pub(crate) fn count(&self, folder: &str, ending: &str) -> usize {
        let Ok(entries) = fs::read_dir(self.path("/var/lib/dehusk").join(folder)) else {
            return 0;
        };
        let names = entries.map(|entry| entry.unwrap().file_name());
        names.filter(|name| name.to_string_lossy().ends_with(ending)).count()
    }

    /// Drops a page, as a member of the group does.
    pub(crate) fn drop_page(&self, name: &str, text: &str) {
        let inbox = self.path("/var/lib/dehusk/inbox");
        fs::write(inbox.join(".draft"), text).unwrap();
        fs::rename(inbox.join(".draft"), inbox.join(name)).unwrap();
    }

    /// Waits for something, and tells the journal where it does not happen.
    pub(crate) fn wait(&self, what: &str, condition: impl Fn() -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !condition() {
            assert!(
                Instant::now() < deadline,
                "waited in vain for {what}\n{}",
                self.journal()
            );
            sleep(LOOK_AGAIN);
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Process 1 takes all others of its namespace with it.
        drop(self.shell.kill());
        drop(self.shell.wait());
        drop(fs::write(self.group.join("cgroup.kill"), "1"));
        let deadline = Instant::now() + Duration::from_secs(5);
        while !remove_groups(&self.group) && Instant::now() < deadline {
            sleep(LOOK_AGAIN);
        }
    }
}

/// A control group of the machine's own, so that its systemd sees and moves no process but its own.
fn new_control_group() -> Result<PathBuf, String> {
    let root = CONTROL_GROUPS
        .iter()
        .find(|root| Path::new(root).join("cgroup.procs").exists());
    let root = root.ok_or("there are no control groups of version 2")?;
    let number = MACHINES.fetch_add(1, Ordering::Relaxed);
    let group = Path::new(root).join(format!("dehusk-trial-{}-{number}", std::process::id()));
    fs::create_dir(&group).map_err(|error| format!("no control group can be made: {error}"))?;
    Ok(group)
}

fn start(folder: &Path, contents: &[&Path], group: &Path, log: fs::File) -> std::io::Result<Child> {
    fs::create_dir(folder)?;
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/systemd");
    // The shell enters the control group and becomes `unshare`, so that its process id stays known.
    let script = r#"echo $$ > "$1/cgroup.procs" && shift && exec unshare --fork --kill-child --pid --mount --cgroup --net --ipc --uts "$@""#;
    let mut command = Command::new("sh");
    command
        .args(["-c", script, "sh"])
        .arg(group)
        .arg(tests.join("boot.sh"))
        .arg(folder)
        .args(contents)
        .stdin(Stdio::null())
        .stderr(log.try_clone()?)
        .stdout(log)
        .process_group(0);
    command.spawn()
}

/// Removes a control group and all below it; says whether that worked.
fn remove_groups(group: &Path) -> bool {
    let below = fs::read_dir(group).into_iter().flatten().flatten();
    for entry in below.filter(|entry| entry.path().is_dir()) {
        remove_groups(&entry.path());
    }
    fs::remove_dir(group).is_ok() || !group.exists()
}
