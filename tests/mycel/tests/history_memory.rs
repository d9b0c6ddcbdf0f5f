//! How much memory a long history takes. In a program of its own, so that nobody else allocates meanwhile.

#![allow(clippy::unwrap_used)]

use mycel_sdk::Client;
use mycel_tests::Archive;
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

/// By how much it grows while all messages of the archive's chat are read.
async fn growth_of_history(client: &Client, archive: u64, letters: usize, oldest_first: bool) -> usize {
    peak_growth(async || {
        let history = client.messages().history("c");
        let mut history = if oldest_first { history.oldest_first() } else { history };
        let mut seen = 0;
        while let Some(message) = history.next().await.transpose().unwrap() {
            seen += message.content.len();
        }
        assert_eq!(seen, letters * archive as usize);
    })
    .await
}

/// A client that has read a page: the connection and its buffers are there, and as large as they get, before anything is
/// measured.
async fn warm_client(archive: &Archive) -> Client {
    let client = Client::builder(archive.url()).build().unwrap();
    client.messages().list("c").limit(PAGE as u32).await.unwrap();
    client
}

/// One test, since nobody else may allocate meanwhile.
#[tokio::test]
async fn many_messages_take_the_memory_of_few() {
    twenty_thousand_take_that_of_a_page().await;
    not_a_byte_is_kept_of_each().await;
    messages_that_are_too_large_together_take_that_of_the_bound().await;
}

async fn twenty_thousand_take_that_of_a_page() {
    const MESSAGES: u64 = 20_000;
    let archive = Archive::start(1..=MESSAGES, LETTERS).await;
    let client = warm_client(&archive).await;

    let one_page = peak_growth(async || {
        let page = client.messages().list("c").limit(PAGE as u32).await.unwrap();
        assert_eq!(page.len() as u64, PAGE);
    })
    .await;
    assert!(one_page > LETTERS * PAGE as usize, "{one_page} bytes do not hold a page");

    for oldest_first in [false, true] {
        let growth = growth_of_history(&client, MESSAGES, LETTERS, oldest_first).await;
        println!("oldest first: {oldest_first}; {one_page} bytes at the peak for one page, {growth} for all of them");
        assert!(growth < 2 * one_page, "{growth} bytes at the peak, and {one_page} for one page");
    }
}

/// So that not even the numbers of the messages can be among what is held.
async fn not_a_byte_is_kept_of_each() {
    const FEW: u64 = 2_000;
    const MANY: u64 = 100_000;
    for oldest_first in [false, true] {
        let mut growth = [0; 2];
        for (growth, messages) in growth.iter_mut().zip([FEW, MANY]) {
            let archive = Archive::start(1..=messages, 1).await;
            let client = warm_client(&archive).await;
            *growth = growth_of_history(&client, messages, 1, oldest_first).await;
        }
        let [few, many] = growth;
        println!("oldest first: {oldest_first}; {few} bytes at the peak for {FEW} messages, {many} for {MANY}");
        assert!(many < few + (MANY - FEW) as usize, "{many} bytes at the peak, and {few} for {FEW} messages");
    }
}

/// A page of them would be 200 MiB.
async fn messages_that_are_too_large_together_take_that_of_the_bound() {
    const BOUND: usize = 32 * 1024 * 1024;
    const MEBIBYTE: usize = 1024 * 1024;
    for oldest_first in [false, true] {
        let archive = Archive::start(1..=160, MEBIBYTE).await;
        let client = Client::builder(archive.url()).build().unwrap();
        let growth = growth_of_history(&client, 160, MEBIBYTE, oldest_first).await;
        println!("oldest first: {oldest_first}; {growth} bytes at the peak for 160 messages of 1 MiB");
        // A body while its buffer grows; all that is decoded of them would be 160 MiB.
        assert!(growth < 4 * BOUND, "{growth} bytes at the peak");
    }
}
