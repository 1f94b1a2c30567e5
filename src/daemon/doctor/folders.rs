//! The folders: whether they are there, can be used, and can work together.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, RenameFlags, accessat, renameat_with};
use rustix::process::geteuid;

use super::super::folders::Folders;
use super::super::names::shown;
use super::{Finding, take_away};

/// Where the trial file lies and moves to; hidden, so that a scan passes it over.
const TRIAL_PREFIX: &str = ".dehusk-doctor-";

/// Permission bits: the group may write, everybody may, new files get the folder's group, only owners delete.
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
const SET_GROUP_ID: u32 = 0o2000;

/// Checks each folder, and then all together.
pub(super) fn examine(folders: &Folders, rules: &Path) -> Vec<Finding> {
    let mut findings: Vec<Finding> = folders.all().iter().map(|(key, path)| usable(key, path)).collect();
    findings.push(rules_folder(rules, folders));
    let there: Vec<(&str, PathBuf)> = folders
        .all()
        .iter()
        .filter_map(|(key, path)| Some((*key, fs::canonicalize(path).ok()?)))
        .collect();
    findings.extend(nested(&there));
    if there.len() == folders.all().len() {
        findings.extend(user(folders));
        findings.extend(sharing(folders));
        findings.extend(moves(folders));
    }
    findings
}

fn may_use(path: &Path) -> bool {
    accessat(
        CWD,
        path,
        Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK,
        AtFlags::EACCESS,
    )
    .is_ok()
}

fn usable(key: &str, path: &Path) -> Finding {
    let name = format!("{key} ({})", shown(path));
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => Finding::fault(
            "folders",
            format!("{name} is no folder"),
            "move away what has its name, or name another folder",
        ),
        Ok(_) if may_use(path) => Finding::ok("folders", format!("{name} can be used")),
        Ok(found) => Finding::fault(
            "folders",
            format!(
                "{name} can't be read and written by user {} (owner {}, mode {:o})",
                geteuid().as_raw(),
                found.uid(),
                found.mode() & 0o7777
            ),
            "run this as the daemon's user; if that is this one, let it read, write and enter the folder",
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => missing(&name, path),
        Err(error) => Finding::fault(
            "folders",
            format!("{name} can't be looked at: {error}"),
            "let the daemon's user enter the folders above it",
        ),
    }
}

/// The daemon makes folders that are missing, if it may.
fn missing(name: &str, path: &Path) -> Finding {
    let above = path.ancestors().skip(1).find(|above| above.exists());
    let above = above
        .filter(|above| !above.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if above.is_dir() && may_use(above) {
        return Finding::warning(
            "folders",
            format!("{name} is not there"),
            "`dehusk run` makes it; if it was there once, something took it away",
        );
    }
    Finding::fault(
        "folders",
        format!("{name} is not there and can't be made in {}", shown(above)),
        "make it and let the daemon's user write there, or name another folder",
    )
}

fn rules_folder(rules: &Path, folders: &Folders) -> Finding {
    let inbox = fs::canonicalize(&folders.inbox).ok();
    let is_in_inbox = fs::canonicalize(rules).is_ok_and(|rules| inbox.is_some_and(|inbox| rules.starts_with(inbox)));
    let name = shown(rules);
    if is_in_inbox {
        return Finding::fault(
            "rules-folder",
            format!("the rules lie in the inbox: {name}"),
            "put them beside it",
        );
    }
    if rules.is_file() {
        return Finding::ok("rules-folder", format!("rules are read from the bundle {name}"));
    }
    match fs::read_dir(rules) {
        Ok(_) => Finding::ok("rules-folder", format!("rules are read from {name}")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Finding::ok(
            "rules-folder",
            format!("there is no folder {name}: only the shipped rules count"),
        ),
        Err(error) => Finding::fault(
            "rules-folder",
            format!("{name} can't be read: {error}"),
            "let the daemon's user read the folder",
        ),
    }
}

/// No folder may lie in another one, and all must be on one file system.
fn nested(there: &[(&str, PathBuf)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (inner, inner_path) in there {
        let outer = there
            .iter()
            .find(|(outer, path)| outer != inner && inner_path.starts_with(path));
        findings.extend(outer.map(|(outer, path)| {
            Finding::fault(
                "nesting",
                format!("{inner} ({}) lies in {outer} ({})", shown(inner_path), shown(path)),
                "put the folders beside each other",
            )
        }));
    }
    let device = |path: &Path| fs::metadata(path).ok().map(|found| found.dev());
    let work = there.iter().find(|(key, _)| *key == "spool.work");
    let elsewhere = there
        .iter()
        .filter(|(_, path)| work.is_some_and(|(_, work)| device(path) != device(work)));
    findings.extend(elsewhere.map(|(key, path)| {
        Finding::fault(
            "one-file-system",
            format!("{key} ({}) is on another file system than spool.work", shown(path)),
            "put all folders of the spool on one file system, and under one mount",
        )
    }));
    if findings.is_empty() {
        findings.push(Finding::ok(
            "nesting",
            "the folders lie beside each other on one file system",
        ));
    }
    findings
}

/// What one user may says little of another.
fn user(folders: &Folders) -> Option<Finding> {
    let owner = fs::metadata(&folders.work).ok()?.uid();
    let ours = geteuid().as_raw();
    if owner == ours {
        return Some(Finding::ok(
            "user",
            format!("the folders belong to user {ours}, who runs this"),
        ));
    }
    Some(Finding::warning(
        "user",
        format!("the work folder belongs to user {owner}, and user {ours} runs this: permissions may differ"),
        "run it as the daemon's user, as in `runuser -u dehusk -- dehusk doctor`",
    ))
}

/// Folders that a group shares need its bit, or files keep groups that the daemon is no member of.
fn sharing(folders: &Folders) -> Vec<Finding> {
    let mode = |path: &Path| fs::metadata(path).map_or(0, |found| found.mode());
    let mut findings = Vec::new();
    for (key, path) in [("spool.inbox", &folders.inbox), ("spool.outbox", &folders.outbox)] {
        if mode(path) & GROUP_WRITES != 0 && mode(path) & SET_GROUP_ID == 0 {
            findings.push(Finding::warning(
                "sharing",
                format!("the group may write to {key}, but new files there don't get the folder's group"),
                format!("chmod g+s {}", shown(path)),
            ));
        }
    }
    for (key, path) in folders.all() {
        if mode(path) & OTHERS_WRITE != 0 {
            findings.push(Finding::warning(
                "sharing",
                format!("every user of this machine may write to {key}"),
                format!("chmod o-w {}", shown(path)),
            ));
        }
    }
    findings
}

/// Moves a trial file from `tmp` to every folder and back: a bind mount or a missing permission shows only then.
fn moves(folders: &Folders) -> Vec<Finding> {
    let name = format!("{TRIAL_PREFIX}{}", std::process::id());
    let trial = folders.tmp.join(&name);
    if let Err(error) = OpenOptions::new().write(true).create_new(true).open(&trial) {
        return vec![Finding::fault(
            "moves",
            format!("no file can be made in {}: {error}", shown(&folders.tmp)),
            "let the daemon's user write there, and see that there is room",
        )];
    }
    let mut findings = Vec::new();
    for (key, path) in folders.all() {
        let there = path.join(&name);
        if there == trial {
            continue;
        }
        let moved = renameat_with(CWD, &trial, CWD, &there, RenameFlags::NOREPLACE)
            .and_then(|()| renameat_with(CWD, &there, CWD, &trial, RenameFlags::NOREPLACE));
        if let Err(error) = moved {
            findings.push(Finding::fault(
                "moves",
                format!(
                    "a file can't be moved to {key} ({}) and back: {}",
                    shown(path),
                    io::Error::from(error)
                ),
                "put all folders under one mount, and let the daemon's user write to each",
            ));
            // It may have stayed there.
            take_away(&there);
        }
    }
    take_away(&trial);
    if findings.is_empty() {
        findings.push(Finding::ok(
            "moves",
            "a trial file could be moved to every folder and back",
        ));
    }
    findings
}
