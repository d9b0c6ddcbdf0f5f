#![no_main]

use std::cell::LazyCell;

use tokio::runtime::{Builder, Runtime};

thread_local! {
    /// Its clock is paused, so that a silence of a minute takes no time.
    static RUNTIME: LazyCell<Runtime> = const {
        LazyCell::new(|| Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime"))
    };
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    RUNTIME.with(|runtime| runtime.block_on(agent_platform_core::fuzzing::websocket(input)));
});
