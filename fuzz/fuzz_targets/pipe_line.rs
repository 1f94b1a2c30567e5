//! Feeds bytes to `dehusk_fuzz::pipe_line`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| dehusk_fuzz::pipe_line(bytes));
