//! Requests in lines, one after the other, against one account.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aurewind::sim::fuzzing::requests(data));
