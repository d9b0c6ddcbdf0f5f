//! The examples of MUXI's own document in Rust run to their end, with nothing set up, and each block has one.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const DOCUMENT: &str = env!("CARGO_BIN_EXE_example-muxi-document");

#[test]
fn each_block_runs() {
    let output = Command::new(DOCUMENT).output().unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && complaints.is_empty(), "{complaints}");
    let text = String::from_utf8(output.stdout).unwrap();
    for expected in [
        "healthy: Healthy\n",
        "/draft/my-assistant\n",
        "direct: http://localhost:8001\n",
        "\nEcho: Hello!\n",
        "agent helper: ",
        "\nuser: Hello!\nassistant: Echo: Hello!\n",
        "memory: [\"buffer\"",
        "\nremembered: User prefers Python\nforgotten: 2 messages\n",
        "the issue: Echo: New issue in muxi/runtime: #123 Bug report",
        "the report: completed\n",
        "\njob: Generate daily summary (ACTIVE)\n",
        "running: 1\nformation echo-bot: running\ndeployed: my-bot\n",
        "auth failed: UNAUTHORIZED\n",
        "completed: Grüße 🦀\nforged: Some(WrongSignature)\n",
        "configured: Healthy\n",
        "Assistant: Echo: Hello!\n",
        "Assistant: Echo: My name is Ada\nAssistant: Echo: What is my name?\none conversation of 4 messages\n",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in: {text}");
    }
}

/// The Python blocks of the document.
const BLOCKS: usize = 15;

#[test]
fn each_block_has_a_twin_that_is_there() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk/muxi");
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let section = readme.split("\n## ").find(|section| section.starts_with("MUXI's own examples")).unwrap();
    let mut seen = BTreeSet::new();
    for row in section.lines().filter_map(|line| line.strip_prefix("| ")).skip(1) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let [block, twins, ..] = cells[..] else { panic!("{row}") };
        assert!(seen.insert(block.to_owned()), "{block} is there twice");
        for twin in twins.split(", ") {
            let (file, function) = twin.trim_matches('`').split_once("::").expect(twin);
            let source = std::fs::read_to_string(folder.join(format!("examples/{file}.rs"))).expect(file);
            assert!(source.contains(&format!("fn {function}(")), "{twin}");
        }
    }
    assert_eq!(seen.len(), BLOCKS, "{seen:?}");
}
