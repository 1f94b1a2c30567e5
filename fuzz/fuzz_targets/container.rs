//! Feeds bytes to `dehusk_fuzz::container`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dehusk_fuzz::container(bytes));
