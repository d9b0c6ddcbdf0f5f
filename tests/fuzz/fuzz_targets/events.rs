#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| agent_platform_core::fuzzing::events(input));
