//! Feeds bytes to `dehusk_fuzz::decode`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dehusk_fuzz::decode(bytes));
