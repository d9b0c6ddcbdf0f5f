//! The program that a facade's README begins with, pasted into a new project with what the README says to add, runs against
//! a local backend that is found as the front README says.

use test_harness::Application;

use crate::readme::Readme;

/// A project as the README of a facade says, and the program in it.
fn application(facade: &str) -> Application {
    let folder = format!("sdk/{facade}");
    let readme = Readme::of(&format!("{folder}/README.md"));
    let commands = readme.blocks_in("sh")[0];
    let dependencies: Vec<_> = commands.lines().map(|command| dependency(command, facade)).collect();
    let own = Application::ours(&format!("{facade}-sdk"), &folder);
    assert!(dependencies.contains(&own), "{}: {commands}", readme.path);
    Application::new(&format!("first-program-of-{facade}"), &dependencies, readme.blocks_in("rust")[0])
}

/// The line of a manifest that `cargo add` would write; of a crate of ours, as if its folder were given.
fn dependency(command: &str, facade: &str) -> String {
    let command = command.split_once('#').map_or(command, |(command, said)| {
        assert_eq!(said.trim(), format!("before it is published: --path FOLDER/sdk/{facade}"));
        command
    });
    match command.split_whitespace().collect::<Vec<_>>()[..] {
        ["cargo", "add", package] if package.ends_with("-sdk") => {
            Application::ours(package, &format!("sdk/{}", package.trim_end_matches("-sdk")))
        }
        ["cargo", "add", package] => format!("{package} = \"*\""),
        ["cargo", "add", package, "--features", features] => {
            let features: Vec<_> = features.split(',').collect();
            format!("{package} = {{ version = \"*\", features = {features:?} }}")
        }
        _ => panic!("`{command}` is not understood"),
    }
}

/// The environment that the front README names beside the command that starts a backend, with the URL of the one that is there.
fn environment(facade: &str, url: &str) -> Vec<(String, String)> {
    let readme = Readme::of("README.md");
    let start = format!("cargo run -p {facade}-local-backend");
    let line = readme.text.lines().find(|line| line.starts_with(&start)).expect("the command is there");
    let (_, variables) = line.split_once("# ").expect("the variables are there");
    let variables = variables.split(' ').map(|variable| {
        let (name, value) = variable.split_once('=').unwrap();
        let Some(address) = value.strip_prefix("http://127.0.0.1:") else { return (name.to_owned(), value.to_owned()) };
        let program =
            std::fs::read_to_string(crate::readme::root().join(format!("tests/{facade}-local-backend/src/main.rs")));
        let listens = format!("([127, 0, 0, 1], {address})");
        assert!(
            program.unwrap().contains(&listens),
            "{facade}-local-backend does not listen on port {address} unless told"
        );
        (name.to_owned(), url.to_owned())
    });
    variables.collect()
}

/// Runs it, where the runtime of the backend goes on.
async fn printed(facade: &'static str, url: &str) -> String {
    let environment = environment(facade, url);
    tokio::task::spawn_blocking(move || application(facade).run(&environment)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_program_of_mycel_runs() {
    let backend = mycel_local_backend::start().await.unwrap();
    assert_eq!(printed("mycel", backend.url()).await, "Codex: hello\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_program_of_m8tes_runs() {
    let backend = m8tes_local_backend::start().await.unwrap();
    assert_eq!(printed("m8tes", backend.url()).await, "Let me see.\n\nYou said: close resolved tickets\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_program_of_muxi_runs() {
    let backend = muxi_local_backend::start().await.unwrap();
    assert_eq!(printed("muxi", backend.url()).await, "Echo: Hello!\n");
}
