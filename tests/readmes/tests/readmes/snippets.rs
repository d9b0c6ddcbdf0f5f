//! Each block of Rust in the READMEs compiles, outside of the workspace: as it stands where it is a program, and as the body of a
//! function where it is not.

use std::fmt::Write;

use test_harness::Application;

use crate::readme::{Readme, root};
use crate::workspace::Package;

/// Begins what is not compiled, since none of our crates depends on what it is about.
const NOT_COMPILED: &str = "let exporter = opentelemetry_otlp::";

/// The documents whose blocks are compiled: the front README, and those of what is published or runs.
fn documents() -> Vec<Readme> {
    let folders = Package::all().iter().map(Package::folder).filter(|folder| folder.starts_with("sdk/"));
    let paths = folders.map(|folder| format!("{folder}/README.md")).chain(["README.md".to_owned()]);
    paths.map(|path| Readme::of(&path)).collect()
}

#[test]
fn each_block_of_rust_compiles() {
    let mut source = "#![allow(unused)]\nfn main() {}\n".to_owned();
    let (mut blocks, mut left_out) = (0, 0);
    for document in documents() {
        for block in document.blocks() {
            assert!(
                ["sh", "rust", "toml", "text", "console", "ini", ""].contains(&block.language),
                "{}: {block:?}",
                document.path
            );
            if block.language != "rust" {
                continue;
            }
            if block.code.starts_with(NOT_COMPILED) {
                left_out += 1;
                continue;
            }
            blocks += 1;
            // What a part of a program may use without saying where it has it from.
            let begin = "use futures::StreamExt;\npub async fn part(key: &str, id: &str, secret: &str) -> \
                         Result<(), Box<dyn std::error::Error>> {";
            let code = block.code;
            let module =
                if code.contains("fn main") { code.to_owned() } else { format!("{begin}\n{code}\nOk(())\n}}") };
            writeln!(source, "/// {}\npub mod block_{blocks} {{\n{module}\n}}", document.path).unwrap();
        }
    }
    assert!(blocks >= 5 && left_out == 1, "{blocks} blocks, and {left_out} that are left out");

    let mut dependencies: Vec<_> = ["mycel", "m8tes", "muxi"]
        .into_iter()
        .map(|facade| Application::ours(&format!("{facade}-sdk"), &format!("sdk/{facade}")))
        .collect();
    dependencies.push("futures = \"*\"".to_owned());
    dependencies.push("tokio = { version = \"*\", features = [\"macros\", \"rt-multi-thread\"] }".to_owned());
    let output = Application::new("snippets-of-the-readmes", &dependencies, &source).check();
    assert!(output.status.success(), "{}\n{source}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_a_readme_leads_to_is_there() {
    let others = ["CONTRIBUTING.md", "RELEASING.md", "CHANGELOG.md", "tests/README.md", "SECURITY.md"];
    let mut documents = documents();
    documents.extend(others.map(Readme::of));
    for document in documents {
        let folder = root().join(&document.path).parent().unwrap().to_owned();
        for link in document.text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            let file = link.split('#').next().unwrap();
            let is_there = link.starts_with("https://") || file.is_empty() || folder.join(file).exists();
            assert!(is_there, "{} leads to {link}, which is not there", document.path);
        }
    }
}
