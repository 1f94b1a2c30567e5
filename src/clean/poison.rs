//! Pages that ask for a fault of the cleaner, so that tests can see what one costs. Builds with debug assertions and those
//! with the feature `poison` know them; a build for users does not.

use std::sync::mpsc::channel;

use memchr::memmem::find;

use crate::limits::Stop;

/// What a page holds to make the cleaner panic.
const PANIC: &[u8] = b"dehusk-poison: panic";
/// What a page holds to keep the cleaner busy until its time is over.
const HANG: &[u8] = b"dehusk-poison: hang";
/// What a page holds to keep the cleaner for ever, whatever the time: it is stuck in a step that can't be stopped.
const STUCK: &[u8] = b"dehusk-poison: stuck";

/// Does what the page asks for.
pub(super) fn heed(page: &[u8], stop: &Stop<'_>) {
    let asks_for = |word| find(page, word).is_some();
    assert!(!asks_for(PANIC), "the page asks for it");
    if asks_for(HANG) {
        while stop.goes_on() {}
    }
    if asks_for(STUCK) {
        // Nobody ever sends anything, and the other end stays.
        let (_sender, never) = channel::<()>();
        never.recv().unwrap_or_default();
    }
}
