//! What is read of a bundle, and which are refused before anything is sent.

use muxi_sdk::server::Bundle;
use muxi_sdk::{ErrorKind, ServerClient};
use muxi_tests::bundles::{Archive, bundle, packed};
use tar::EntryType;
use test_harness::names::hostile_texts;
use test_harness::{Peer, Reply, holds_for_all, told};

fn client(url: &str) -> ServerClient {
    ServerClient::builder(url).key_id("MUXI_1").secret_key("sk_1").build().unwrap()
}

/// What is sent for a bundle, in small letters.
async fn sent(bundle: impl Into<Bundle>) -> String {
    let peer = Peer::start([Reply::json("201 Created", r#"{"success":true,"data":{"formation_id":"my-bot"}}"#)]).await;
    client(peer.url()).deploy(bundle).await.unwrap();
    peer.requests()[0].to_lowercase()
}

/// Why a bundle is refused.
async fn refused(bundle: impl Into<Bundle>) -> String {
    let peer = Peer::start([]).await;
    let error = client(peer.url()).deploy(bundle).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), peer.requests().len()), (ErrorKind::InvalidInput, 0, 0), "{error}");
    let line = error.to_string();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

fn of(name: &str, kind: EntryType) -> Vec<u8> {
    let mut archive = Archive::default();
    archive.add("my-bot/formation.afs", EntryType::Regular, b"id: my-bot\n");
    archive.add(name, kind, b"");
    archive.finish()
}

#[tokio::test]
async fn id_and_version_are_read_from_the_file_that_declares_the_formation() {
    let declaration = "schema: 1.0.0\nid: my-bot\nversion: 2.10\ndescription: x\n";
    for (name, folder) in [("formation.afs", "any"), ("formation.yaml", "my-bot"), ("formation.yml", ".")] {
        let other = format!("{folder}/sub/formation.afs");
        let request = sent(packed(&[(&other, "id: other"), (&format!("{folder}/{name}"), declaration)])).await;
        assert!(request.starts_with("post /rpc/formations http/1.1\r\n"), "{request}");
        assert!(request.contains("content-type: application/gzip\r\n"));
        assert!(request.contains("x-formation-id: my-bot\r\n") && request.contains("x-formation-version: 2.10\r\n"));
    }
    let both = packed(&[("b/formation.yml", "id: second"), ("b/formation.afs", "id: my-bot")]);
    let request = sent(both).await;
    assert!(request.contains("x-formation-id: my-bot\r\n") && !request.contains("x-formation-version"));
}

#[tokio::test]
async fn long_names_are_read_in_each_of_their_forms() {
    let long = format!("my-bot/{}.txt", "long/".repeat(40));
    let mut archive = Archive::default();
    archive.add("x", EntryType::XGlobalHeader, b"30 comment=of all that follows\n");
    archive.add("x", EntryType::GNULongName, format!("{long}\0").as_bytes());
    archive.add("short", EntryType::Regular, b"");
    archive.add("x", EntryType::XHeader, b"29 path=my-bot/formation.afs\n");
    archive.add("short", EntryType::Regular, b"id: my-bot\n");
    archive.add("my-bot/", EntryType::Directory, b"");
    assert!(sent(archive.finish()).await.contains("x-formation-id: my-bot\r\n"));
}

#[tokio::test]
async fn a_bundle_is_a_file_or_its_bytes_and_can_be_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my-bot.tar.gz");
    std::fs::write(&path, bundle("my-bot", "1.0.0")).unwrap();
    for bundle in [Bundle::from(path.as_path()), Bundle::from(path.to_str().unwrap()), bundle("my-bot", "1.0.0").into()]
    {
        assert!(sent(bundle).await.contains("x-formation-id: my-bot\r\n"));
    }
    let peer = Peer::start([Reply::json("201 Created", r#"{"success":true,"data":{"formation_id":"my-bot"}}"#)]).await;
    let anonymous = packed(&[("b/formation.afs", "description: x")]);
    client(peer.url()).deploy(anonymous.clone()).formation_id("named-bot").version("3.0").await.unwrap();
    let request = peer.requests()[0].to_lowercase();
    assert!(request.contains("x-formation-id: named-bot\r\n") && request.contains("x-formation-version: 3.0\r\n"));

    assert!(refused(anonymous).await.contains("formation_id(…)"));
    assert!(refused(packed(&[("b/formation.afs", "id: My_Bot")])).await.contains("`My_Bot` is no formation's id"));
    assert!(refused(folder.path().join("none.tar.gz")).await.contains("none.tar.gz can't be read"));
}

#[tokio::test]
async fn what_is_no_plain_bundle_is_refused() {
    for (bundle, problem) in [
        (Vec::new(), "not compressed with gzip"),
        (b"PK\x03\x04 a zip file".to_vec(), "not compressed with gzip"),
        (vec![0x1f, 0x8b, 8, 0], "no whole .tar.gz"),
        (bundle("my-bot", "1.0.0")[..60].to_vec(), "no whole .tar.gz"),
        (packed(&[]), "is empty"),
        (packed(&[("formation.afs", "id: my-bot")]), "no folder around its files"),
        (packed(&[("b/readme.md", "")]), "has no formation.afs"),
        (packed(&[("b/formation.afs", "id: [")]), "formation.afs is no YAML"),
        (packed(&[("b/formation.afs", "id: my-bot"), ("c/x", "")]), "beside its folder"),
        (of("my-bot/../../etc/passwd", EntryType::Regular), "leads out of the bundle"),
        (of("..", EntryType::Directory), "leads out of the bundle"),
        (of("/etc/passwd", EntryType::Regular), "absolute"),
        (of("//server/share/x", EntryType::Regular), "absolute"),
        (of("C:/x", EntryType::Regular), "absolute"),
        (of("c:x", EntryType::Directory), "absolute"),
        (of("\\\\server\\share\\x", EntryType::Regular), "backslash"),
        (of("my-bot\\..\\x", EntryType::Regular), "backslash"),
        (of("my-bot/a\nb", EntryType::Regular), "control character"),
        (of("my-bot/link", EntryType::Symlink), "has a link"),
        (of("my-bot/link", EntryType::Link), "has a link"),
        (of("my-bot/device", EntryType::Char), "no file and no folder"),
        (of("my-bot/device", EntryType::Block), "no file and no folder"),
        (of("my-bot/pipe", EntryType::Fifo), "no file and no folder"),
        (of("my-bot/holes", EntryType::GNUSparse), "no file and no folder"),
    ] {
        let line = refused(bundle).await;
        assert!(line.contains(problem), "{line}");
    }
}

#[tokio::test]
async fn the_name_that_counts_is_the_one_that_is_checked() {
    for (kind, name) in [(EntryType::GNULongName, "../x\0"), (EntryType::XHeader, "13 path=../x\n")] {
        let mut archive = Archive::default();
        archive.add("n", kind, name.as_bytes());
        archive.add("my-bot/formation.afs", EntryType::Regular, b"id: my-bot\n");
        assert!(refused(archive.finish()).await.contains("leads out of the bundle"), "{name}");
    }
}

/// A file that is there twice is as it is there last, for whoever unpacks it as for who looks through it; and names are one where
/// all their bytes are.
#[tokio::test]
async fn names_are_told_apart_by_their_bytes() {
    let twice =
        packed(&[("b/formation.afs", "id: first"), ("b/x", ""), ("b/formation.afs", "id: my-bot"), ("b/x", "")]);
    assert!(sent(twice).await.contains("x-formation-id: my-bot\r\n"));
    let in_capitals =
        packed(&[("b/FORMATION.AFS", "id: other"), ("b/formation.afs", "id: my-bot"), ("b/X", ""), ("b/x", "")]);
    assert!(sent(in_capitals).await.contains("x-formation-id: my-bot\r\n"));
    assert!(refused(packed(&[("b/Formation.afs", "id: my-bot")])).await.contains("has no formation.afs"));
    assert!(refused(packed(&[("b/formation.afs", "id: my-bot"), ("B/x", "")])).await.contains("beside its folder"));
    let decomposed = packed(&[("\u{e9}/formation.afs", "id: my-bot"), ("e\u{301}/x", "")]);
    assert!(refused(decomposed).await.contains("beside its folder"));
    // They are Windows' own, and names of files like any others where servers run.
    let devices = ["b/CON", "b/nul.txt", "b/aux/lpt1", "b/a:b", "b/ ", "b/x.", "b/~"].map(|name| (name, ""));
    let devices: Vec<_> = [("b/formation.afs", "id: my-bot")].into_iter().chain(devices).collect();
    assert!(sent(packed(&devices)).await.contains("x-formation-id: my-bot\r\n"));
}

/// A version is told in a header: as the text it is, or not at all.
#[test]
fn every_version_is_in_its_own_header_or_none() {
    holds_for_all(100, hostile_texts(), async |version| {
        let peer = Peer::start([Reply::json("404 Not Found", "{}")]).await;
        let server = client(peer.url());
        let deploy = async |version: &str| server.deploy(bundle("my-bot", "1.0.0")).version(version).await.unwrap_err();
        assert_eq!(deploy("2.0").await.kind(), ErrorKind::NotFound);
        let error = deploy(&version).await;
        let requests = peer.requests();
        let can_be_one = version.trim() == version && version.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        assert_eq!(told!(error).is_refused(), !can_be_one, "{version:?}: {error}");
        if can_be_one && !version.is_empty() {
            let line = |request: &String| {
                let line = request.lines().find(|line| line.to_lowercase().starts_with("x-formation-version:"));
                line.map(str::to_owned)
            };
            assert_eq!(line(&requests[1]), line(&requests[0]).map(|line| line.replace("2.0", &version)));
        }
        assert_eq!(requests.len(), 1 + usize::from(can_be_one));
    });
}

#[tokio::test]
async fn there_are_no_more_entries_than_may_be() {
    let of = |count: usize| {
        let mut archive = Archive::default();
        archive.add("b/formation.afs", EntryType::Regular, b"id: my-bot\n");
        (1..count).for_each(|number| archive.add(&format!("b/{number}"), EntryType::Regular, b""));
        archive.finish()
    };
    assert!(sent(of(10_000)).await.contains("x-formation-id: my-bot\r\n"));
    assert!(refused(of(10_001)).await.contains("more than 10,000 entries"));
}

#[tokio::test]
async fn a_file_that_declares_the_formation_is_no_long_one() {
    let long = "#".repeat(1024 * 1024 + 1);
    let line = refused(packed(&[("b/formation.afs", &long)])).await;
    assert!(line.contains("of more than"), "{line}");
}
