//! One body for CloudWatch, in JSON and in CBOR.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aurewind::sim::fuzzing::metrics(data));
