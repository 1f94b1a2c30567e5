//! Feeds bytes to `dehusk_fuzz::date`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dehusk_fuzz::date(bytes));
