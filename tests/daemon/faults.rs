//! Trouble of the machine that comes and goes: full and read-only disks, lost permissions, folders that vanish.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::account::Account;
use super::bed::{Bed, Daemon, RULES, log_of, page, wait};
use super::record::Record;

/// Why a test was skipped.
const NO_NAMESPACE: &str = "file systems can't be mounted here; it takes root";

const QUICK: &str = "[spool]\nsettle-ms = 20\nstable-ms = 50\n";

/// A user that owns nothing.
const NOBODY: &str = "65534";

/// Drops some pages while the daemon is stopped.
fn drop_pages(bed: &Bed, account: &mut Account, round: usize) {
    for number in 0..12 {
        let name = format!("{}/{number}.html", number % 3);
        account.drop(bed, &name, page(&format!("Round {round}, number {number}.")));
    }
}

/// Lets everything be done, and looks at it.
fn end(bed: &Bed, account: &Account, daemon: Daemon, record: &mut Record, when: &str) {
    bed.await_rest();
    daemon.stop();
    record.add(account.look_at_end(bed), when);
}

/// Fills the spool's file system with what `fill` puts into it, lets the daemon run into that, and frees it again.
fn fill_and_free(record: &mut Record, options: &str, fill: impl Fn(&Path)) -> bool {
    let Some(bed) = Bed::on_tmpfs(QUICK, options) else {
        return false;
    };
    let mut account = Account::new();
    let daemon = bed.start();
    for round in 0..3 {
        daemon.signal("STOP");
        drop_pages(&bed, &mut account, round);
        let ballast = bed.path("spool/ballast");
        fs::create_dir(&ballast).unwrap();
        fill(&ballast);
        let pauses = || daemon.log().matches("work is paused").count();
        let before = pauses();
        daemon.signal("CONT");
        wait("the pause", || pauses() > before);
        record.add_look_at_outputs(&account, &super::account::outputs(&bed));
        fs::remove_dir_all(&ballast).unwrap();
        bed.await_rest();
    }
    assert!(daemon.log().contains("the trouble is over"), "{}", daemon.log());
    end(&bed, &account, daemon, record, "the disk was full and freed again");
    true
}

#[test]
fn a_full_disk_pauses_the_work_and_loses_nothing() {
    let mut record = Record::of(
        "disk full, then freed (three times)",
        "a tmpfs of 2 MB, filled to the last byte",
    );
    let fill = |ballast: &Path| {
        for number in 0..2_000 {
            if fs::write(ballast.join(number.to_string()), vec![b'x'; 4_096]).is_err() {
                return;
            }
        }
    };
    if fill_and_free(&mut record, "size=2m", fill) {
        record.close();
    } else {
        record.skip(NO_NAMESPACE);
    }
}

#[test]
fn a_disk_without_free_inodes_pauses_the_work_and_loses_nothing() {
    let mut record = Record::of(
        "no free inodes, then freed (three times)",
        "a tmpfs of 300 inodes, all used up",
    );
    let fill = |ballast: &Path| {
        for number in 0..2_000 {
            if fs::write(ballast.join(number.to_string()), "").is_err() {
                return;
            }
        }
    };
    if fill_and_free(&mut record, "nr_inodes=300", fill) {
        record.close();
    } else {
        record.skip(NO_NAMESPACE);
    }
}

#[test]
fn a_disk_that_turns_read_only_pauses_the_work_and_loses_nothing() {
    let mut record = Record::of(
        "disk read-only, then writable again",
        "a tmpfs remounted in a mount namespace",
    );
    let Some(bed) = Bed::on_tmpfs(QUICK, "size=8m") else {
        return record.skip(NO_NAMESPACE);
    };
    let mut account = Account::new();
    let daemon = bed.start();
    for round in 0..3 {
        daemon.signal("STOP");
        drop_pages(&bed, &mut account, round);
        assert!(bed.mount(&["-o", "remount,ro"]), "the spool is held open for writing");
        daemon.signal("CONT");
        let text = "Read-only file system";
        wait("the pause", || daemon.log().matches(text).count() > round);
        assert!(bed.mount(&["-o", "remount,rw"]));
        bed.await_rest();
    }
    end(&bed, &account, daemon, &mut record, "read-only and back");
    record.close();
}

#[test]
fn an_inbox_that_is_unmounted_and_mounted_again_is_served_again() {
    let mut record = Record::of(
        "inbox replaced, and another file system mounted over it and taken away",
        "rename and mkdir; mount and umount in a mount namespace",
    );
    let Some(bed) = Bed::on_tmpfs(QUICK, "size=8m") else {
        return record.skip(NO_NAMESPACE);
    };
    let mut account = Account::new();
    let daemon = bed.start();
    account.drop(&bed, "first.html", page("First."));
    bed.await_file("spool/outbox/first.txt");
    for round in 0..3 {
        fs::rename(bed.path("spool/inbox"), bed.path(format!("spool/old-{round}"))).unwrap();
        fs::create_dir(bed.path("spool/inbox")).unwrap();
        let name = format!("replaced-{round}.html");
        account.drop(&bed, &name, page(&format!("Replaced {round}.")));
        wait(&name, || bed.exists(format!("spool/done/{name}")));
        // Pages on another file system can't be moved whole, so they stay where they are.
        assert!(bed.mount_over_inbox());
        fs::write(bed.inbox("foreign.html"), page("Foreign.")).unwrap();
        wait("the refusal", || daemon.log().contains("foreign.html"));
        assert!(bed.exists("spool/inbox/foreign.html"));
        assert!(bed.unmount_from_inbox());
        let name = format!("back-{round}.html");
        account.drop(&bed, &name, page(&format!("Back {round}.")));
        wait(&name, || bed.exists(format!("spool/done/{name}")));
    }
    end(&bed, &account, daemon, &mut record, "in the end");
    record.close();
}

#[test]
fn lost_permissions_pause_the_work_until_they_are_back() {
    let mut record = Record::of(
        "permissions taken away and given back",
        "chmod of each folder of the spool, with the daemon run as a user without rights",
    );
    let bed = Bed::with(QUICK);
    let Some(command) = command_of_nobody(&bed) else {
        return record.skip("it takes root to run as another user");
    };
    let mut account = Account::new();
    let daemon = bed.spawn_as(command);
    wait("the daemon to start", || daemon.log().contains("drop pages into"));
    for (round, folder) in ["outbox", "tmp", "work", "done", "inbox"].into_iter().enumerate() {
        let mode = |mode: &str| {
            let status = Command::new("chmod")
                .arg(mode)
                .arg(bed.path("spool").join(folder))
                .status();
            assert!(status.unwrap().success());
        };
        daemon.signal("STOP");
        mode("0555");
        drop_as_nobody(&bed, &mut account, round);
        daemon.signal("CONT");
        wait(folder, || daemon.log().matches("ermission denied").count() > 0);
        record.add_look_at_outputs(&account, &super::account::outputs(&bed));
        mode("0755");
        // What could not be taken from a folder is tried again when it changes.
        account.drop(&bed, &format!("after-{round}.html"), page(&format!("After {round}.")));
        own(&bed);
        bed.await_rest();
    }
    end(&bed, &account, daemon, &mut record, "in the end");
    record.close();
}

/// Pages that the user may move, in folders that are the user's.
fn drop_as_nobody(bed: &Bed, account: &mut Account, round: usize) {
    for number in 0..4 {
        account.drop(
            bed,
            &format!("{round}-{number}.html"),
            page(&format!("Round {round}, {number}.")),
        );
    }
    own(bed);
}

/// Until it works: the daemon moves files away while they are looked through.
fn own(bed: &Bed) {
    wait("files to be given away", || {
        let output = Command::new("chown").args(["-R", NOBODY]).arg(bed.path("")).output();
        output.is_ok_and(|output| output.status.success())
    });
}

/// The daemon as a user that owns nothing but the bed.
fn command_of_nobody(bed: &Bed) -> Option<Command> {
    let program = bed.path("dehusk");
    fs::copy(env!("CARGO_BIN_EXE_dehusk"), &program).unwrap();
    let owned = Command::new("chown").args(["-R", NOBODY]).arg(bed.path("")).output();
    owned.ok().filter(|output| output.status.success())?;
    let mut command = Command::new("setpriv");
    command
        .args([
            format!("--reuid={NOBODY}").as_str(),
            format!("--regid={NOBODY}").as_str(),
            "--clear-groups",
        ])
        .arg(program)
        .args([OsStr::new("run"), OsStr::new("--config")])
        .arg(bed.path("dehusk.toml"));
    Some(command)
}

#[test]
fn rules_that_break_and_are_mended_in_mid_run_stop_nothing() {
    let mut record = Record::of(
        "rules broken and mended in mid-run",
        "a rule file rewritten 30 times, every other time with a fault, under a stream of pages",
    );
    let bed = Bed::with(QUICK);
    bed.put("rules/a.example.toml", RULES);
    let mut account = Account::new();
    let daemon = bed.start();
    for number in 0..30 {
        let rules = match number % 3 {
            0 => RULES.replace("drop-line", "drop-lime"),
            1 => RULES.replace("soap", "shoes"),
            _ => RULES.to_owned(),
        };
        bed.put("rules/a.example.toml", rules);
        for page_number in 0..5 {
            let name = format!("{number}-{page_number}.html");
            account.drop(&bed, &name, page(&format!("Number {number}, {page_number}.")));
        }
        wait("some pages", || bed.files("done").len() + 20 >= number * 5);
    }
    end(&bed, &account, daemon, &mut record, "in the end");
    record.close();
}

#[test]
fn two_daemons_on_one_spool_never_share_a_page() {
    let mut record = Record::of(
        "two daemons on one spool",
        "eight started at once, the one that runs killed, eight more",
    );
    for round in 0..3 {
        let bed = Bed::with(QUICK);
        let mut account = Account::new();
        for number in 0..40 {
            account.drop(
                &bed,
                &format!("{number}.html"),
                page(&format!("Round {round}, {number}.")),
            );
        }
        let mut daemons: Vec<Daemon> = (0..8).map(|_| bed.spawn()).collect();
        wait("seven to be refused", || {
            let refused = |daemon: &&Daemon| daemon.log().contains("is in use by");
            daemons.iter().filter(refused).count() == 7
        });
        let place = daemons.iter().position(|daemon| !daemon.log().contains("is in use by"));
        daemons.swap_remove(place.unwrap()).kill();
        record.add(account.look(&bed), "after the kill of the one");
        let outputs: Vec<_> = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| bed.once())).collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        });
        assert!(
            outputs.iter().any(|output| output.status.success()),
            "{}",
            log_of(&outputs[0])
        );
        record.add_look(account.look_at_end(&bed), "in the end");
    }
    record.close();
}
