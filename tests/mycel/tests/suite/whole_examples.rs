//! The examples of a script without async, and of connections as companies have them, run to their end.

#[path = "../../../../sdk/mycel/examples/blocking.rs"]
mod blocking;
#[path = "../../../../sdk/mycel/examples/connections.rs"]
mod connections;

#[test]
fn a_script_without_async_calls_and_iterates() {
    blocking::main().unwrap();
}

#[test]
fn connections_go_the_ways_of_the_program() {
    connections::main().unwrap();
}
