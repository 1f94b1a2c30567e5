//! The Debian package under a real systemd: installing it starts the service, removing it ends the service.

use std::path::Path;
use std::{env, fs};

use super::machine::Machine;
use super::skipped;

/// Names the package in the environment. `.ci/package` builds one and sets it.
const PACKAGE: &str = "DEHUSK_PACKAGE";

const PAGE: &str = "<html><head><title>Rain</title></head><body><nav><a href=/>Home</a></nav><article><h1>Rain</h1>\
    <p>Rain fell on the town for the whole of the day, and for most of the night that followed it.</p>\
    <p>The river stayed in its bed, though the meadows beside it were wet for a week.</p></article></body></html>";

#[test]
fn the_package_starts_the_service_and_takes_it_away_again() {
    let Some(package) = env::var_os(PACKAGE) else {
        skipped(&format!("{PACKAGE} names no package to install"));
        return;
    };
    let Some(machine) = Machine::boot_for_package(Path::new(&package)) else {
        return;
    };
    installing_starts_the_service(&machine);
    a_page_becomes_text(&machine, "first");
    what_came_while_it_was_stopped_is_cleaned_at_the_next_start(&machine);
    an_upgrade_starts_the_new_program(&machine);
    removing_stops_the_service_and_keeps_the_pages(&machine);
}

fn install(machine: &Machine) {
    machine.call(&["dpkg", "--install", "/dehusk.deb"]);
    assert_eq!(machine.property("ActiveState"), "active", "{}", machine.journal());
    assert_eq!(machine.property("UnitFileState"), "enabled");
    let process = machine.property("MainPID");
    let program = machine.call(&["readlink", &format!("/proc/{process}/exe")]);
    assert_eq!(program.trim(), "/usr/bin/dehusk");
}

fn installing_starts_the_service(machine: &Machine) {
    assert!(!machine.path("/usr/bin/dehusk").exists());
    install(machine);
    let owner = machine.call(&["stat", "--format=%U:%G %a", "/var/lib/dehusk/inbox"]);
    assert_eq!(owner.trim(), "dehusk:dehusk 2770");
    let user = machine.call(&["ps", "-o", "user=", "-p", &machine.property("MainPID")]);
    assert_eq!(user.trim(), "dehusk");
}

fn a_page_becomes_text(machine: &Machine, name: &str) {
    machine.drop_page(&format!("{name}.html"), PAGE);
    machine.wait("the page", || machine.count("done", &format!("{name}.html")) == 1);
    let text = fs::read_to_string(machine.path(&format!("/var/lib/dehusk/outbox/{name}.txt"))).unwrap();
    assert!(text.contains("Rain fell") && !text.contains("Home"), "{text}");
}

fn what_came_while_it_was_stopped_is_cleaned_at_the_next_start(machine: &Machine) {
    machine.call(&["systemctl", "stop", "dehusk"]);
    machine.drop_page("meanwhile.html", PAGE);
    machine.call(&["systemctl", "start", "dehusk"]);
    machine.wait("the page", || machine.count("done", "meanwhile.html") == 1);
}

fn an_upgrade_starts_the_new_program(machine: &Machine) {
    let before = machine.property("MainPID");
    install(machine);
    assert_ne!(machine.property("MainPID"), before);
    a_page_becomes_text(machine, "after-upgrade");
}

fn removing_stops_the_service_and_keeps_the_pages(machine: &Machine) {
    let process = machine.property("MainPID");
    machine.call(&["dpkg", "--remove", "dehusk"]);
    assert_ne!(machine.property("ActiveState"), "active");
    assert!(
        !machine
            .run(&["test", "-d", &format!("/proc/{process}")])
            .status
            .success()
    );
    assert!(!machine.path("/usr/bin/dehusk").exists());
    machine.drop_page("too-late.html", PAGE);
    assert_eq!(machine.count("done", ".html"), 3);
    machine.call(&["dpkg", "--purge", "dehusk"]);
    assert_eq!(machine.count("outbox", ".txt"), 3);
    assert_eq!(machine.count("inbox", "too-late.html"), 1);
}
