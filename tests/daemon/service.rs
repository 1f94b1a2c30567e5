//! What the service manager hears, and what it tells.

use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use super::bed::{Bed, Daemon, page, wait};

/// A service manager's end of the notification socket.
struct Manager {
    socket: UnixDatagram,
}

impl Manager {
    /// Starts the daemon as a service, with a watchdog that loses patience after so many microseconds.
    fn start(bed: &Bed, watchdog_us: u64) -> (Self, Daemon) {
        let path = bed.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        let mut command = bed.command();
        command
            .env("NOTIFY_SOCKET", path)
            .env("WATCHDOG_USEC", watchdog_us.to_string())
            .env_remove("WATCHDOG_PID");
        (Self { socket }, bed.spawn_as(command))
    }

    /// The next message within a time.
    fn hear(&self, patience: Duration) -> Option<String> {
        let mut buffer = [0; 4096];
        self.socket.set_read_timeout(Some(patience)).unwrap();
        let bytes = self.socket.recv(&mut buffer).ok()?;
        Some(String::from_utf8_lossy(&buffer[..bytes]).into_owned())
    }

    /// Waits for a message with a text in it, and gives all up to it.
    fn await_text(&self, text: &str) -> Vec<String> {
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut heard = Vec::new();
        while Instant::now() < deadline {
            heard.extend(self.hear(Duration::from_secs(1)));
            if heard.last().is_some_and(|last| last.contains(text)) {
                return heard;
            }
        }
        panic!("waited in vain for {text}: {heard:?}");
    }
}

#[test]
fn the_service_manager_hears_of_every_turn() {
    let bed = Bed::new();
    let (manager, daemon) = Manager::start(&bed, 60_000_000);
    let ready = manager.await_text("READY=1");
    assert!(
        ready
            .last()
            .unwrap()
            .contains("STATUS=0 delivered, 0 failed, 0 in work"),
        "{ready:?}"
    );
    bed.drop("x.html", page("Rain."));
    manager.await_text("STATUS=1 delivered");
    daemon.signal("HUP");
    let reloading = manager.await_text("RELOADING=1");
    assert!(reloading.last().unwrap().contains("MONOTONIC_USEC="), "{reloading:?}");
    manager.await_text("READY=1");
    daemon.signal("TERM");
    manager.await_text("STOPPING=1");
    daemon.stop_is_clean();
}

#[test]
fn a_page_that_is_stuck_in_one_step_is_told_and_starves_the_watchdog() {
    let bed = Bed::with("[limits]\npage-seconds-max = 2\n");
    // A search for it follows thousands of ways at once through letters without any order, and nothing asks for the
    // time before it has come to the end.
    bed.put(
        "rules/a.example.toml",
        "schema = 1\nsite = \"a.example\"\n[html]\nreplace = [{ re = '<b>[ab]*a[ab]{6000}[^ab]', with = \"\" }]\n",
    );
    let next = |state: &u32| Some(state.wrapping_mul(1_103_515_245).wrapping_add(12_345));
    let states = std::iter::successors(Some(1), next).take(250_000);
    let letters: String = states
        .map(|state| if state & 0x10000 == 0 { 'a' } else { 'b' })
        .collect();
    let (manager, daemon) = Manager::start(&bed, 400_000);
    manager.await_text("WATCHDOG=1");
    bed.drop("a.example/slow.html", format!("<html><body><b>{letters}"));
    wait("the page to be told of", || {
        // A manager that does not listen would hold the daemon up.
        manager.hear(Duration::from_millis(1));
        daemon
            .log()
            .contains("takes longer than 4 s, twice what it may (limits.page-seconds-max)")
    });
    // What was sent before lies in the socket still.
    while manager.hear(Duration::from_millis(1)).is_some() {}
    let next = manager.hear(Duration::from_millis(700));
    let has_ended = bed.exists("spool/failed/a.example/slow.html");
    assert!(
        has_ended || next.as_deref() != Some("WATCHDOG=1"),
        "the watchdog was fed: {next:?}"
    );
    assert!(!has_ended, "the page was too quick to test anything");
}
