//! The examples of the README, of a script without async, and of connections as companies have them, run to their end.

#[path = "../../../../sdk/muxi/examples/blocking.rs"]
mod blocking;
#[path = "../../../../sdk/muxi/examples/connections.rs"]
mod connections;
#[path = "../../../../sdk/muxi/examples/readme.rs"]
mod readme;

#[test]
fn a_script_without_async_calls_and_iterates() {
    blocking::main().unwrap();
}

#[test]
fn connections_go_the_ways_of_the_program() {
    connections::main().unwrap();
}

#[test]
fn the_first_program_of_the_readme_runs() {
    let readme = include_str!("../../../../sdk/muxi/README.md");
    let (_, program) = readme.split_once("```rust\n").unwrap();
    let (program, _) = program.split_once("```").unwrap();
    assert!(include_str!("../../../../sdk/muxi/examples/readme.rs").contains(program), "{program}");
    readme::main().unwrap();
}
