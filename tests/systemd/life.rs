//! The service under a real systemd: it starts, reloads, is watched, killed and started again, behind all its walls.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

use super::machine::Machine;

/// Pages that are dropped before a kill.
const PAGES: usize = 150;

/// Letters of a page that hangs for minutes.
const HANGING_LETTERS: usize = 4_000_000;

const RULES: &str = "schema = 1\nsite = \"a.example\"\n[text]\ndrop-line = [\"Buy our soap.\"]\n";

fn page(number: usize) -> String {
    format!(
        "<html><head><title>Page {number}</title><link rel=canonical href='https://a.example/{number}'></head><body>\
         <article><h1>Page {number}</h1><p>Rain fell on the town for the whole of the day, and for most of the night.</p>\
         <p>Buy our soap.</p><p>It has a second paragraph too, with a few more words in it.</p></article></body></html>"
    )
}

fn main_process(machine: &Machine) -> String {
    machine.property("MainPID")
}

fn is_active(machine: &Machine) -> bool {
    machine.property("ActiveState") == "active"
}

#[test]
fn the_service_lives_through_all_that_happens_to_it() {
    let Some(machine) = Machine::boot() else { return };
    it_starts_behind_its_walls(&machine);
    pages_are_cleaned_and_their_fields_are_in_the_journal(&machine);
    the_status_shows_to_those_who_may_see_it(&machine);
    a_reload_does_what_it_can_and_tells_of_the_rest(&machine);
    a_service_that_stands_still_is_killed_and_started_again(&machine);
    nothing_is_lost_or_doubled_by_kills(&machine);
    a_page_that_takes_too_long_is_ended_and_the_service_goes_on(&machine);
    a_page_that_hangs_is_given_up_after_its_attempts_and_no_other_is_lost(&machine);
    it_stops_when_it_is_told_to(&machine);
    a_broken_rule_file_does_not_keep_it_from_starting(&machine);
}

fn it_starts_behind_its_walls(machine: &Machine) {
    fs::write(machine.path("/etc/dehusk/rules/a.toml"), RULES).unwrap();
    machine.call(&["systemctl", "start", "dehusk"]);
    assert!(is_active(machine));
    assert!(
        machine.property("StatusText").starts_with("0 delivered"),
        "{}",
        machine.property("StatusText")
    );
    let process = main_process(machine);
    let facts = machine.call(&["cat", &format!("/proc/{process}/status")]);
    let fact = |name: &str| {
        let line = facts.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!(fact("NoNewPrivs:"), "1");
    assert_eq!(fact("Seccomp:"), "2");
    assert_eq!(fact("CapEff:"), "0000000000000000");
    assert_eq!(fact("CapBnd:"), "0000000000000000");
    assert_ne!(fact("Uid:"), "0");
    let within = |command: &[&str]| {
        let enter = ["nsenter", "--target", &process, "--mount", "--net"];
        machine.run(&[&enter[..], command].concat()).status.success()
    };
    assert!(!within(&["touch", "/etc/by-dehusk"]), "the service can write to /etc");
    assert!(
        !within(&["touch", "/var/lib/by-dehusk"]),
        "the service can write beside its folder"
    );
    assert!(within(&["test", "-w", "/var/lib/dehusk/inbox"]));
    let as_service = |command: &[&str]| within(&[&["runuser", "-u", "dehusk", "--"], command].concat());
    assert!(as_service(&["test", "-d", "/proc/self"]));
    assert!(!as_service(&["test", "-d", "/proc/1"]), "the service can see process 1");
    let networks = machine.call(&["readlink", "/proc/1/ns/net", &format!("/proc/{process}/ns/net")]);
    let networks: Vec<&str> = networks.lines().collect();
    assert_ne!(
        networks.first(),
        networks.last(),
        "the service is on the machine's network"
    );
}

fn pages_are_cleaned_and_their_fields_are_in_the_journal(machine: &Machine) {
    machine.drop_page("first.html", &page(0));
    machine.wait("the first page", || machine.count("done", "first.html") == 1);
    let text = fs::read_to_string(machine.path("/var/lib/dehusk/outbox/first.txt")).unwrap();
    assert!(text.contains("Rain fell") && !text.contains("soap"), "{text}");
    machine.drop_page("bad.html", "\u{0}\u{1}\u{2}\u{0}\u{1}\u{2}\u{0}\u{1}");
    machine.wait("the bad page", || machine.count("failed", "bad.html") == 1);
    let entries = |field: &str| {
        machine.run(&["journalctl", "--flush"]);
        machine.call(&["journalctl", "--no-pager", "--output=json", field])
    };
    let good = entries("DEHUSK_SITE=a.example");
    assert!(
        good.contains("\"DEHUSK_FILE\":\"first.html\"") && good.contains("\"DEHUSK_RULE_SET\":"),
        "{good}"
    );
    let bad = entries("DEHUSK_FILE=bad.html");
    assert!(
        bad.contains("\"DEHUSK_CODE\":") && bad.contains("\"DEHUSK_REASON\":"),
        "{bad}"
    );
}

fn the_status_shows_to_those_who_may_see_it(machine: &Machine) {
    let status = machine.call(&["runuser", "-u", "dehusk", "--", "dehusk", "status"]);
    assert!(
        status.contains("running: ") && status.contains("1 delivered, 1 failed"),
        "{status}"
    );
    let stranger = machine.run(&["runuser", "-u", "nobody", "--", "dehusk", "status"]);
    assert_eq!(stranger.status.code(), Some(2));
    let mut stream = UnixStream::connect(machine.path("/var/lib/dehusk/state/status.sock")).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.contains("dehusk_pages_delivered_total{site=\"a.example\"} 1\n"),
        "{answer}"
    );
    let doctor = machine.call(&["runuser", "-u", "dehusk", "--", "dehusk", "doctor"]);
    assert!(doctor.contains("0 faults"), "{doctor}");
}

fn a_reload_does_what_it_can_and_tells_of_the_rest(machine: &Machine) {
    let before = main_process(machine);
    machine.call(&["systemctl", "reload", "dehusk"]);
    fs::write(machine.path("/etc/dehusk/rules/b.toml"), "schema = = 1").unwrap();
    let rules = RULES.replace("a.example", "c.example");
    fs::write(machine.path("/etc/dehusk/rules/c.toml"), rules).unwrap();
    let reload = machine.run(&["systemctl", "reload", "dehusk"]);
    assert!(
        !reload.status.success(),
        "a reload with a broken rule file said nothing"
    );
    assert!(is_active(machine));
    machine.drop_page("c.html", &page(1).replace("a.example", "c.example"));
    machine.wait("the page of the new site", || machine.count("done", "c.html") == 1);
    let text = fs::read_to_string(machine.path("/var/lib/dehusk/outbox/c.txt")).unwrap();
    assert!(!text.contains("soap"), "the good file did not come into force: {text}");
    fs::remove_file(machine.path("/etc/dehusk/rules/b.toml")).unwrap();
    machine.call(&["systemctl", "reload", "dehusk"]);
    assert_eq!(main_process(machine), before);
}

fn a_service_that_stands_still_is_killed_and_started_again(machine: &Machine) {
    let before = main_process(machine);
    machine.call(&["kill", "-STOP", &before]);
    machine.drop_page("while-still.html", &page(2));
    machine.wait("the watchdog", || machine.property("NRestarts") == "1");
    machine.wait("the new process", || {
        is_active(machine) && main_process(machine) != before
    });
    machine.wait("the page", || machine.count("done", "while-still.html") == 1);
    let log = machine.call(&["journalctl", "--no-pager", "--output=cat", "--grep=atchdog"]);
    assert!(log.contains("Watchdog timeout"), "{log}");
}

fn nothing_is_lost_or_doubled_by_kills(machine: &Machine) {
    let kills = 3;
    for kill in 0..kills {
        let done = machine.count("done", ".html");
        for number in 0..PAGES {
            machine.drop_page(&format!("kill-{kill}-{number}.html"), &page(number));
        }
        machine.wait("some of the pages", || {
            machine.count("done", ".html") > done + PAGES / 10
        });
        let before = main_process(machine);
        machine.call(&["kill", "-KILL", &before]);
        machine.wait("the new process", || {
            is_active(machine) && main_process(machine) != before
        });
    }
    machine.wait("all pages", || {
        machine.count("inbox", ".html") == 0 && status_is_idle(machine)
    });
    assert_eq!(
        machine.count("done", ".html"),
        kills * PAGES + 3,
        "{}",
        machine.journal()
    );
    assert_eq!(machine.count("outbox", ".txt"), kills * PAGES + 3);
    assert_eq!(machine.count("outbox", ".meta.json"), kills * PAGES + 3);
    assert_eq!(machine.count("failed", ".html"), 1);
}

fn status_is_idle(machine: &Machine) -> bool {
    let output = machine.run(&["dehusk", "status", "--json"]);
    String::from_utf8_lossy(&output.stdout).contains("\"claimed\": 0,")
}

/// The page is one whose tree is dear to build, as it takes a second at least whatever the machine; that can be stopped.
fn a_page_that_takes_too_long_is_ended_and_the_service_goes_on(machine: &Machine) {
    let path = machine.path("/etc/dehusk/dehusk.toml");
    let config = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{config}\n[limits]\npage-seconds-max = 1\n")).unwrap();
    machine.call(&["systemctl", "restart", "dehusk"]);
    let (before, restarts) = (main_process(machine), machine.property("NRestarts"));
    let nested = "<div>".repeat(500) + &"</div>".repeat(500);
    machine.drop_page("too-long.html", &format!("<html><body>{}", nested.repeat(2_900)));
    machine.wait("the page to be ended", || machine.count("failed", "too-long.html") == 1);
    assert_eq!(reason(machine, "too-long.html", "code"), "timed-out");
    assert_eq!(main_process(machine), before);
    assert_eq!(machine.property("NRestarts"), restarts);
}

/// The page is one on which a pattern is searched for that follows thousands of ways at once, which nothing interrupts.
fn a_page_that_hangs_is_given_up_after_its_attempts_and_no_other_is_lost(machine: &Machine) {
    let rules =
        "schema = 1\nsite = \"h.example\"\n[html]\nreplace = [{ re = '<b>[ab]*a[ab]{6000}[^ab]', with = \"\" }]\n";
    fs::write(machine.path("/etc/dehusk/rules/h.toml"), rules).unwrap();
    machine.call(&["systemctl", "reload", "dehusk"]);
    let restarts = || machine.property("NRestarts").parse::<u32>().unwrap();
    let (done, before) = (machine.count("done", ".html"), restarts());
    let next = |state: &u32| Some(state.wrapping_mul(1_103_515_245).wrapping_add(12_345));
    let states = std::iter::successors(Some(1), next).take(HANGING_LETTERS);
    let letters: String = states
        .map(|state| if state & 0x10000 == 0 { 'a' } else { 'b' })
        .collect();
    let hanging = format!("<html><head><link rel=canonical href='https://h.example/1'></head><body><b>{letters}");
    machine.drop_page("hang.html", &hanging);
    for number in 0..PAGES / 10 {
        machine.drop_page(&format!("beside-{number}.html"), &page(number));
    }
    machine.wait("the hanging page to be given up", || {
        machine.count("failed", "hang.html") == 1
    });
    assert_eq!(reason(machine, "hang.html", "code"), "attempts");
    assert_eq!(reason(machine, "hang.html", "attempts"), 3);
    machine.wait("the others", || machine.count("done", ".html") == done + PAGES / 10);
    assert_eq!(restarts(), before + 3, "{}", machine.journal());
    assert_eq!(machine.count("failed", ".html"), 3);
    fs::remove_file(machine.path("/etc/dehusk/rules/h.toml")).unwrap();
}

/// A field of the reason file of a page.
fn reason(machine: &Machine, name: &str, field: &str) -> serde_json::Value {
    let path = machine
        .path("/var/lib/dehusk/failed")
        .join(format!("{name}.reason.json"));
    let reason: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    reason.get(field).cloned().unwrap_or_default()
}

fn it_stops_when_it_is_told_to(machine: &Machine) {
    machine.drop_page("worse.html", "\u{0}\u{1}\u{2}\u{0}\u{1}\u{2}\u{0}\u{1}");
    machine.wait("the bad page", || machine.count("failed", "worse.html") == 1);
    machine.call(&["systemctl", "stop", "dehusk"]);
    assert_eq!(machine.property("Result"), "success");
    assert_eq!(machine.run(&["dehusk", "status"]).status.code(), Some(3));
    assert!(!machine.path("/var/lib/dehusk/state/status.sock").exists());
}

fn a_broken_rule_file_does_not_keep_it_from_starting(machine: &Machine) {
    fs::write(machine.path("/etc/dehusk/rules/b.toml"), "schema = = 1").unwrap();
    machine.call(&["systemctl", "start", "dehusk"]);
    assert!(is_active(machine));
    let status = machine.call(&["dehusk", "status"]);
    assert!(status.contains("refused    /etc/dehusk/rules/b.toml"), "{status}");
    let text = machine.property("StatusText");
    assert!(text.contains("1 rule files refused"), "{text}");
    fs::write(machine.path("/etc/dehusk/dehusk.toml"), "[spool]\nfoldr = 1\n").unwrap();
    let restart = machine.run(&["systemctl", "restart", "dehusk"]);
    assert!(
        !restart.status.success(),
        "a service with a broken configuration started"
    );
    machine.call(&["systemctl", "stop", "dehusk"]);
}
