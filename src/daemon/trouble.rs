//! Why a page did not get through at once: whose fault it is decides what becomes of it.

use std::io;

use rustix::io::Errno;

use super::pause::is_permanent;
use super::reason::{Fault, NAME_TAKEN, UNREADABLE};

/// How often a page is read again whose medium reports errors, before the fault counts as the page's.
const READ_TRIES: u32 = 3;

/// Errors of a page's medium.
const MEDIUM_ERRORS: &[Errno] = &[Errno::IO, Errno::STALE];

/// Why a page did not get through at once.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It never will.
    Fault(Fault),
    /// It may when the machine is well again.
    Machine(&'static str, io::Error),
    /// It is still being written.
    StillWritten,
    /// It is gone.
    Vanished,
}

/// Trouble with a page that may not be read, or lies on bad blocks: it would hold up all others for ever.
pub(super) fn of_reading(error: io::Error, tries: u32) -> Trouble {
    let is_medium = MEDIUM_ERRORS
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()));
    let is_ours = is_medium && tries < READ_TRIES
        || !is_medium && error.kind() != io::ErrorKind::PermissionDenied && !is_permanent(&error);
    if is_ours {
        return Trouble::Machine("reading a page", error);
    }
    Trouble::Fault(Fault::new(UNREADABLE, format!("the file can't be read: {error}")))
}

/// Trouble with a page's outputs.
pub(super) fn of_writing(error: io::Error, sha256: &str, site: Option<&str>) -> Trouble {
    if !is_permanent(&error) {
        return Trouble::Machine("writing outputs", error);
    }
    let fault = Fault::new(
        NAME_TAKEN,
        format!("the outputs can't have their names in the outbox: {error}"),
    );
    Trouble::Fault(Fault {
        sha256: Some(sha256.to_owned()),
        site: site.map(str::to_owned),
        ..fault
    })
}

/// An error once more, for each of those whom it strikes.
pub(super) fn again(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(
        || io::Error::new(error.kind(), error.to_string()),
        io::Error::from_raw_os_error,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_block_is_the_pages_fault_after_a_few_tries_and_a_full_table_never() {
        assert!(matches!(of_reading(Errno::IO.into(), 0), Trouble::Machine(..)));
        assert!(matches!(of_reading(Errno::IO.into(), READ_TRIES), Trouble::Fault(_)));
        assert!(matches!(of_reading(Errno::MFILE.into(), 99), Trouble::Machine(..)));
        assert!(matches!(of_reading(Errno::ACCESS.into(), 0), Trouble::Fault(_)));
    }

    #[test]
    fn an_error_told_to_several_keeps_its_number() {
        assert_eq!(
            again(&Errno::NOSPC.into()).raw_os_error(),
            Some(Errno::NOSPC.raw_os_error())
        );
    }
}
