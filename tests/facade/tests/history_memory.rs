//! How much memory a long history takes. In a program of its own, so that nobody else allocates meanwhile.

#![allow(clippy::unwrap_used)]

use facade_tests::Archive;
use mycel_sdk::Client;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Letters in a message.
const LETTERS: usize = 2_000;

/// Messages in a page.
const PAGE: u64 = 200;

/// By how much the memory in use grows at its peak while `work` is done.
async fn peak_growth(work: impl AsyncFnOnce()) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    work().await;
    MEMORY.peak_usage().saturating_sub(before)
}

#[tokio::test]
async fn twenty_thousand_messages_take_the_memory_of_few() {
    const MESSAGES: u64 = 20_000;
    let archive = Archive::start(1..=MESSAGES, LETTERS).await;
    let client = Client::builder(archive.url()).build().unwrap();
    // The connection and its buffers are there, and as large as they get, before anything is measured.
    client.messages().list("c").limit(PAGE as u32).await.unwrap();

    let one_page = peak_growth(async || {
        let page = client.messages().list("c").limit(PAGE as u32).await.unwrap();
        assert_eq!(page.len() as u64, PAGE);
    })
    .await;
    assert!(one_page > LETTERS * PAGE as usize, "{one_page} bytes do not hold a page");

    for oldest_first in [false, true] {
        let growth = peak_growth(async || {
            let history = client.messages().history("c");
            let mut history = if oldest_first { history.oldest_first() } else { history };
            let mut letters = 0;
            while let Some(message) = history.next().await.transpose().unwrap() {
                letters += message.content.len();
            }
            assert_eq!(letters, LETTERS * MESSAGES as usize);
        })
        .await;
        println!("oldest first: {oldest_first}; {one_page} bytes at the peak for one page, {growth} for all of them");
        assert!(growth < 2 * one_page, "{growth} bytes at the peak, and {one_page} for one page");
    }
}
