#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| muxi_sdk::fuzzing::separators(input));
