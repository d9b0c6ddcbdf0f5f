//! How much memory a look through a bundle takes.

#![allow(clippy::unwrap_used)]

use muxi_sdk::ServerClient;
use muxi_tests::bundles::Archive;
use peak_alloc::PeakAlloc;
use tar::EntryType;

#[global_allocator]
static PEAK: PeakAlloc = PeakAlloc;

const MIB: usize = 1024 * 1024;

/// Nothing but the bundle itself is held, however much it unpacks to.
#[tokio::test]
async fn a_bundle_that_unpacks_to_much_takes_little() {
    let mut archive = Archive::default();
    archive.add("b/formation.afs", EntryType::Regular, b"description: no id");
    archive.add("b/zeros", EntryType::Regular, &vec![0; 64 * MIB]);
    let bundle = archive.finish();
    assert!(bundle.len() < MIB);
    let server = ServerClient::builder("http://127.0.0.1:1").key_id("a").secret_key("b").build().unwrap();
    let before = PEAK.current_usage();
    PEAK.reset_peak_usage();
    let error = server.deploy(bundle).await.unwrap_err();
    assert!(error.to_string().contains("does not declare the formation's `id`"), "{error}");
    let held = PEAK.peak_usage() - before;
    assert!(held < 2 * MIB, "{held} bytes");
}
