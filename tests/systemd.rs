//! Holds the unit and its companions to what systemd itself says about them.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![expect(clippy::disallowed_methods, reason = "tests write the files that they check")]

#[path = "systemd/life.rs"]
mod life;
#[path = "systemd/machine.rs"]
mod machine;
#[path = "systemd/objects.rs"]
mod objects;
#[path = "systemd/package.rs"]
mod package;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use dehusk::config::Config;
use dehusk::toml_file::SourceFile;

const BINARY: &str = "/usr/bin/dehusk";

/// Highest exposure that the unit may have by `systemd-analyze security`, in tenths; it is a ratchet.
const EXPOSURE_MAX: &str = "5";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("systemd")
}

/// Runs a tool of systemd's; `None`, with a line that says so, where it is not installed.
fn run(tool: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(tool).args(arguments).env("SYSTEMD_COLORS", "0").output();
    if output.is_err() {
        skipped(&format!("{tool} is not installed here"));
    }
    output.ok()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Says in a line why something was not tried.
fn skipped(why: &str) {
    drop(writeln!(std::io::stderr(), "skipped: {why}"));
}

/// A copy of the unit whose binary exists here, in a folder of its own.
fn unit_for_this_machine() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let unit = fs::read_to_string(folder().join("dehusk.service")).unwrap();
    assert!(unit.contains(&format!("ExecStart={BINARY} run --config ")), "{unit}");
    let unit = unit
        .replace(BINARY, env!("CARGO_BIN_EXE_dehusk"))
        .replace("Documentation=man:dehusk(1)\n", "");
    fs::write(copy.path().join("dehusk.service"), unit).unwrap();
    copy
}

#[test]
fn systemd_has_nothing_to_say_against_the_unit() {
    let copy = unit_for_this_machine();
    let path = copy.path().join("dehusk.service");
    let Some(output) = run("systemd-analyze", &["verify", path.to_str().unwrap()]) else {
        return;
    };
    assert_eq!(text(&output.stderr), "");
    assert!(output.status.success());
}

#[test]
fn systemd_would_say_something_against_a_bad_value() {
    let copy = unit_for_this_machine();
    let path = copy.path().join("dehusk.service");
    let unit = fs::read_to_string(&path)
        .unwrap()
        .replace("ProtectSystem=strict", "ProtectSystem=stricct");
    fs::write(&path, unit).unwrap();
    let Some(output) = run("systemd-analyze", &["verify", path.to_str().unwrap()]) else {
        return;
    };
    assert!(text(&output.stderr).contains("stricct"), "{}", text(&output.stderr));
}

#[test]
fn the_unit_is_hardened() {
    let copy = unit_for_this_machine();
    let path = copy.path().join("dehusk.service");
    let threshold = format!("--threshold={EXPOSURE_MAX}");
    let Some(output) = run(
        "systemd-analyze",
        &[
            "security",
            "--offline=true",
            "--no-pager",
            &threshold,
            path.to_str().unwrap(),
        ],
    ) else {
        return;
    };
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}

#[test]
fn the_user_and_the_folders_can_be_made() {
    for (tool, file) in [
        ("systemd-sysusers", "sysusers.d/dehusk.conf"),
        ("systemd-tmpfiles", "tmpfiles.d/dehusk.conf"),
    ] {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("etc")).unwrap();
        fs::write(
            root.path().join("etc/passwd"),
            "dehusk:x:990:990::/var/lib/dehusk:/usr/sbin/nologin\n",
        )
        .unwrap();
        fs::write(root.path().join("etc/group"), "dehusk:x:990:\n").unwrap();
        let is_sysusers = tool == "systemd-sysusers";
        if is_sysusers {
            fs::write(root.path().join("etc/passwd"), "").unwrap();
            fs::write(root.path().join("etc/group"), "").unwrap();
        }
        let action = if is_sysusers { "--dry-run" } else { "--create" };
        let path = folder().join(file);
        let root_option = format!("--root={}", root.path().display());
        let Some(output) = run(tool, &[&root_option, action, path.to_str().unwrap()]) else {
            continue;
        };
        assert!(output.status.success(), "{tool}: {}", text(&output.stderr));
        assert!(
            is_sysusers || root.path().join("var/lib/dehusk/inbox").is_dir(),
            "{}",
            text(&output.stderr)
        );
    }
}

#[test]
fn the_service_works_in_the_folders_that_are_made_for_it() {
    let (config, faults) = Config::parse(&SourceFile::new(
        "dehusk.toml",
        fs::read_to_string(folder().join("dehusk.toml")).unwrap(),
    ));
    assert!(faults.is_empty(), "{faults:?}");
    let unit = fs::read_to_string(folder().join("dehusk.service")).unwrap();
    assert!(unit.contains(&format!("ReadWritePaths={}\n", config.spool.folder.display())));
    let stop: u64 = unit
        .lines()
        .find_map(|line| line.strip_prefix("TimeoutStopSec="))
        .unwrap()
        .parse()
        .unwrap();
    assert!(stop > config.workers.shutdown_seconds);
    let made = fs::read_to_string(folder().join("tmpfiles.d/dehusk.conf")).unwrap();
    let spool = &config.spool;
    for part in [
        &spool.inbox,
        &spool.work,
        &spool.tmp,
        &spool.outbox,
        &spool.done,
        &spool.failed,
    ] {
        let path = spool.folder.join(part);
        assert!(made.contains(&format!("d {} ", path.display())), "{}", path.display());
    }
}
