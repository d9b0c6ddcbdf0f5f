#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| mycel_sdk::fuzzing::frame(input));
