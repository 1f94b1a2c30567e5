//! Feeds bytes to `dehusk_fuzz::warc`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dehusk_fuzz::warc(bytes));
