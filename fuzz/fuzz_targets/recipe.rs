//! A text as a recipe.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aurewind::recipe::file::fuzzing(data));
