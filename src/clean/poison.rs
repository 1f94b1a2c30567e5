//! Pages that ask for a fault of the cleaner, so that tests can see what one costs. Not in a usual build.

use crate::limits::Stop;

/// What a page holds to make the cleaner panic.
const PANIC: &[u8] = b"dehusk-poison: panic";
/// What a page holds to keep the cleaner busy until its time is over.
const HANG: &[u8] = b"dehusk-poison: hang";

/// Does what the page asks for.
pub(super) fn heed(page: &[u8], stop: &Stop<'_>) {
    assert!(!holds(page, PANIC), "the page asks for it");
    if holds(page, HANG) {
        while stop.goes_on() {}
    }
}

fn holds(page: &[u8], word: &[u8]) -> bool {
    page.windows(word.len()).any(|window| window == word)
}
