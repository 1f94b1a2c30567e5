//! The example units for object stores: what systemd says about them, and a page's way through them and back.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::machine::Machine;
use super::{run, skipped, text};

/// Highest exposure that the units may have by `systemd-analyze security`, in tenths, a ratchet: they need the network.
const EXPOSURE_MAX: &str = "12";

/// Stands for the bucket.
const BUCKET: &str = "/var/lib/dehusk/objects/bucket";

const UNITS: &[&str] = &["dehusk-fetch", "dehusk-push"];

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/examples/object-store")
}

/// Copies of the units whose scripts exist here, in a folder of their own.
fn units_for_this_machine() -> tempfile::TempDir {
    let copies = tempfile::tempdir().unwrap();
    for name in UNITS {
        let unit = fs::read_to_string(examples().join(format!("{name}.service"))).unwrap();
        let installed = format!("ExecStart=/usr/local/bin/{name}\n");
        assert!(unit.contains(&installed), "{unit}");
        let here = format!("ExecStart={}\n", examples().join(name).display());
        fs::write(
            copies.path().join(format!("{name}.service")),
            unit.replace(&installed, &here).replace(" dehusk.service\n", "\n"),
        )
        .unwrap();
        let timer = format!("{name}.timer");
        fs::copy(examples().join(&timer), copies.path().join(timer)).unwrap();
    }
    copies
}

#[test]
fn systemd_has_nothing_to_say_against_the_units_of_object_stores() {
    let copies = units_for_this_machine();
    for name in UNITS {
        for kind in ["service", "timer"] {
            let path = copies.path().join(format!("{name}.{kind}"));
            let Some(output) = run("systemd-analyze", &["verify", "--man=no", path.to_str().unwrap()]) else {
                return;
            };
            assert_eq!(text(&output.stderr), "", "{name}.{kind}");
            assert!(output.status.success());
        }
    }
}

#[test]
fn the_units_of_object_stores_are_hardened() {
    let copies = units_for_this_machine();
    let threshold = format!("--threshold={EXPOSURE_MAX}");
    for name in UNITS {
        let path = copies.path().join(format!("{name}.service"));
        let fixed = ["security", "--offline=true", "--no-pager", &threshold];
        let Some(output) = run("systemd-analyze", &[&fixed[..], &[path.to_str().unwrap()]].concat()) else {
            return;
        };
        assert!(output.status.success(), "{}", text(&output.stdout));
    }
}

/// How long the timers may take to bring a page and its text: some of their turns.
const TIMERS: Duration = Duration::from_mins(4);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Puts the example files where `docs/object-stores.md` says; a folder stands for the bucket, as there is no network.
fn install(machine: &Machine) {
    let copy = |name: &str, to: &str| {
        let to = machine.path(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(examples().join(name), to).unwrap();
    };
    for name in UNITS {
        copy(name, &format!("/usr/local/bin/{name}"));
        copy(
            &format!("{name}.service"),
            &format!("/etc/systemd/system/{name}.service"),
        );
        copy(&format!("{name}.timer"), &format!("/etc/systemd/system/{name}.timer"));
    }
    copy("sysusers.conf", "/etc/sysusers.d/dehusk-objects.conf");
    copy("tmpfiles.conf", "/etc/tmpfiles.d/dehusk-objects.conf");
    let settings = machine.path("/etc/dehusk-objects");
    fs::create_dir_all(&settings).unwrap();
    fs::write(settings.join("settings"), format!("STORE=store:{BUCKET}\n")).unwrap();
    fs::write(settings.join("rclone.conf"), "[store]\ntype = local\n").unwrap();
    machine.call(&["systemd-sysusers", "/etc/sysusers.d/dehusk-objects.conf"]);
    machine.call(&["systemd-tmpfiles", "--create", "/etc/tmpfiles.d/dehusk-objects.conf"]);
    let keys = "/etc/dehusk-objects/rclone.conf";
    machine.call(&["chown", "dehusk-objects", keys]);
    machine.call(&["chmod", "400", keys]);
    machine.call(&["systemctl", "daemon-reload"]);
}

#[test]
fn a_page_comes_from_the_bucket_and_its_text_goes_there_behind_the_walls_of_the_units() {
    if !Path::new("/usr/bin/rclone").exists() {
        skipped("rclone is not installed here");
        return;
    }
    let Some(machine) = Machine::boot() else { return };
    install(&machine);
    let folder = format!("{BUCKET}/raw/two words");
    for path in [BUCKET, &format!("{BUCKET}/raw"), &folder] {
        machine.call(&["install", "-d", "-o", "dehusk-objects", "-g", "dehusk", path]);
    }
    let page = "<html><body><article><h1>Rain</h1><p>Rain fell on the town for the whole of the day.</p></article>";
    fs::write(machine.path(&format!("{folder}/page.html")), page).unwrap();
    machine.call(&["systemctl", "start", "dehusk", "dehusk-fetch"]);
    assert!(machine.path(&format!("{BUCKET}/taken/two words/page.html")).exists());
    assert!(!machine.path(&format!("{folder}/page.html")).exists());
    machine.wait("the text", || {
        machine.count("outbox/two words", "page.html.txt") == 1 && machine.count("done/two words", ".page") == 1
    });
    machine.call(&["systemctl", "start", "dehusk-push"]);
    let text = fs::read_to_string(machine.path(&format!("{BUCKET}/clean/two words/page.html.txt"))).unwrap();
    assert!(text.contains("Rain fell"), "{text}");
    assert_eq!(machine.count("outbox/two words", ""), 0);
    // By themselves, the timers do the same for the next page.
    fs::write(machine.path(&format!("{folder}/next.html")), page).unwrap();
    machine.call(&["systemctl", "start", "dehusk-fetch.timer", "dehusk-push.timer"]);
    let next = machine.path(&format!("{BUCKET}/clean/two words/next.html.txt"));
    // The first run of a timer is a minute after the start, and what a push is to take may have just missed one.
    let deadline = Instant::now() + TIMERS;
    while !next.exists() {
        assert!(Instant::now() < deadline, "waited in vain for the timers");
        sleep(LOOK_AGAIN);
    }
    // The keys are for these units alone.
    let daemon = [
        "runuser",
        "-u",
        "dehusk",
        "--",
        "cat",
        "/etc/dehusk-objects/rclone.conf",
    ];
    assert!(!machine.run(&daemon).status.success());
}
