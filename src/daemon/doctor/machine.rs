//! The machine under the spool: file system, space, clock.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::fs::statvfs;

use super::super::file_system::{self, Nature};
use super::super::folders::Folders;
use super::super::names::shown;
use super::Finding;
use crate::config::{Config, Durability};

/// With less space than this, in bytes, hardly a page can be written.
const BYTES_LEAST: u64 = 16 * 1024 * 1024;

/// With less space than this, in bytes, it is time to do something.
const BYTES_LOW: u64 = 1024 * 1024 * 1024;

/// The same in inodes: each page takes a few.
const INODES_LEAST: u64 = 100;
const INODES_LOW: u64 = 100_000;

/// A clock before 2025 or after 2100 was never set, in seconds since 1970.
const CLOCK_SANE: std::ops::Range<u64> = 1_735_689_600..4_102_444_800;

/// How long the two clocks are compared, and by how much they may differ.
const CLOCK_SPAN: Duration = Duration::from_millis(100);
const CLOCK_SLACK: Duration = Duration::from_millis(500);

/// Checks the file system and the space on it.
pub(super) fn examine(folders: &Folders, config: &Config) -> Vec<Finding> {
    let mut findings = vec![file_system(&folders.inbox, config)];
    findings.extend(space(&folders.work));
    findings
}

fn file_system(inbox: &Path, config: &Config) -> Finding {
    let check = "file-system";
    match file_system::of(inbox) {
        None => Finding::ok(check, format!("{} is on a plain local file system", shown(inbox))),
        Some((name, Nature::Network)) => Finding::warning(
            check,
            format!(
                "{} is on {name}: changes raise no events, and locks of another machine may not be seen",
                shown(inbox)
            ),
            format!(
                "nothing, if a delay of {} s is fine and one daemon alone works there; else use a local disk",
                config.spool.poll_seconds
            ),
        ),
        Some((name, Nature::Memory)) if config.spool.durability == Durability::Off => Finding::ok(
            check,
            format!(
                "{} is on {name}, which is gone with the next start of the machine",
                shown(inbox)
            ),
        ),
        Some((name, Nature::Memory)) => Finding::warning(
            check,
            format!(
                "{} is on {name}: pages and texts are gone with the next start of the machine",
                shown(inbox)
            ),
            "use a folder on a disk, or set durability = \"off\" if that is fine",
        ),
        Some((name, Nature::Layered)) => Finding::warning(
            check,
            format!(
                "{} is on {name}: if it is a container's own layer, pages go with the container",
                shown(inbox)
            ),
            "mount a volume for the spool",
        ),
    }
}

fn space(folder: &Path) -> Vec<Finding> {
    let Ok(found) = statvfs(folder) else {
        return vec![Finding::warning(
            "space",
            "free space can't be asked for",
            "look with `df`",
        )];
    };
    let bytes = found.f_bavail.saturating_mul(found.f_frsize);
    let mebibytes = bytes / (1024 * 1024);
    let free = format!("{mebibytes} MiB are free");
    let make_room = "make room: done and failed may be emptied, oldest first";
    let mut findings = vec![match bytes {
        0..BYTES_LEAST => Finding::fault("space", free, make_room),
        BYTES_LEAST..BYTES_LOW => Finding::warning("space", free, make_room),
        _ => Finding::ok("space", free),
    }];
    // Some file systems have no fixed number of inodes and say 0.
    if found.f_files > 0 {
        let free = format!("{} more files can be made", found.f_favail);
        findings.push(match found.f_favail {
            0..INODES_LEAST => Finding::fault("inodes", free, make_room),
            INODES_LEAST..INODES_LOW => Finding::warning("inodes", free, make_room),
            _ => Finding::ok("inodes", free),
        });
    }
    findings
}

/// Times in metadata and reason files come from the wall clock; waiting goes by the other one.
pub(super) fn clock() -> Finding {
    let check = "clock";
    let (wall, steady) = (SystemTime::now(), Instant::now());
    let since_1970 = wall.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    if !CLOCK_SANE.contains(&since_1970) {
        return Finding::fault(
            check,
            format!("the clock shows {since_1970} s since 1970, which can't be"),
            "set the clock and keep it set: timedatectl set-ntp true",
        );
    }
    thread::sleep(CLOCK_SPAN);
    let steady = steady.elapsed();
    let apart = wall.elapsed().map_or(CLOCK_SLACK, |wall| wall.abs_diff(steady));
    if apart >= CLOCK_SLACK {
        return Finding::warning(
            check,
            format!(
                "the wall clock jumped by {} ms in {} ms",
                apart.as_millis(),
                steady.as_millis()
            ),
            "find out who sets the clock; waiting is not affected, but the times in metadata files are",
        );
    }
    Finding::ok(check, "the clock shows a sane year and moves as time does")
}
