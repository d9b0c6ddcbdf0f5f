#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| m8tes_sdk::runs::fuzzing::run_frames(input));
