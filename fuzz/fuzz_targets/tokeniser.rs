//! Feeds bytes to `dehusk_fuzz::tokeniser::tokeniser`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dehusk_fuzz::tokeniser::tokeniser(bytes));
