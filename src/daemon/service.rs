//! What the service manager is told, if there is one.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use sd_notify::NotifyState;

use super::RunReport;

/// Where the service manager says what it listens on.
const SOCKET_VARIABLE: &str = "NOTIFY_SOCKET";

/// How long a message waits that is said once only: without it, the service manager takes the daemon for one that hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long one waits that is said again and again. While the service manager does not read, pages go on.
const SHORT_PATIENCE: Duration = Duration::from_millis(10);

/// The daemon takes pages.
pub(crate) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)], PATIENCE);
}

/// The daemon reads its rules again. [`ready`] has to follow.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now], PATIENCE),
        Err(_) => tell(&[NotifyState::Reloading], PATIENCE),
    }
}

/// The daemon takes no more pages and finishes those that it has.
pub(crate) fn stopping(grace: Duration) {
    let microseconds = u32::try_from(grace.as_micros()).unwrap_or(u32::MAX);
    tell(
        &[NotifyState::Stopping, NotifyState::ExtendTimeoutUsec(microseconds)],
        PATIENCE,
    );
}

/// What the daemon is doing, in a line.
pub(crate) fn status(text: &str) {
    tell(&[NotifyState::Status(text)], SHORT_PATIENCE);
}

/// The daemon and its workers are moving.
pub(crate) fn alive() {
    tell(&[NotifyState::Watchdog], SHORT_PATIENCE);
}

/// What the daemon has done and is doing, in a line.
pub(crate) fn line_of(report: &RunReport, held: usize, refused_rule_files: u64, trouble: Option<String>) -> String {
    let RunReport { delivered, failed, .. } = report;
    let trouble = trouble.map_or_else(String::new, |trouble| format!("; paused: {trouble}"));
    let refused = match refused_rule_files {
        0 => String::new(),
        files => format!("; {files} rule files refused"),
    };
    format!("{delivered} delivered, {failed} failed, {held} in work{refused}{trouble}")
}

/// How often the service manager wants to hear that: twice as often as it would lose patience.
pub(crate) fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|patience| patience / 2)
}

fn tell(states: &[NotifyState<'_>], patience: Duration) {
    let Some(socket) = std::env::var_os(SOCKET_VARIABLE) else {
        return;
    };
    let message: String = states.iter().map(|state| format!("{state}\n")).collect();
    if let Err(error) = send(&socket, &message, patience) {
        tracing::debug!("the service manager can't be told: {error}");
    }
}

/// The crate that knows the words would wait for ever for a reader.
fn send(socket: &OsStr, message: &str, patience: Duration) -> io::Result<()> {
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    let datagram = UnixDatagram::unbound()?;
    datagram.set_write_timeout(Some(patience))?;
    datagram.send_to_addr(message.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_manager_that_does_not_read_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let manager = UnixDatagram::bind(&path).unwrap();
        let mut sent = 0;
        while send(path.as_os_str(), "WATCHDOG=1", SHORT_PATIENCE).is_ok() {
            sent += 1;
        }
        let mut buffer = [0; 64];
        for _ in 0..sent {
            let bytes = manager.recv(&mut buffer).unwrap();
            assert_eq!(buffer.get(..bytes), Some(&b"WATCHDOG=1"[..]));
        }
        assert!(sent > 0 && send(path.as_os_str(), "READY=1", PATIENCE).is_ok());
    }

    #[test]
    fn a_service_manager_may_listen_on_a_name_without_a_file() {
        let name = format!("dehusk-test-{}", std::process::id());
        let manager = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
        send(OsStr::new(&format!("@{name}")), "READY=1", PATIENCE).unwrap();
        assert_eq!(manager.recv(&mut [0; 64]).unwrap(), 7);
    }
}
