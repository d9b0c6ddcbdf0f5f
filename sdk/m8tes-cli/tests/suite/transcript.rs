//! The README's chat is what the program shows. `UPDATE=1` writes it anew.

use m8tes_local_backend::{LocalBackend, Run};
use regex::Regex;
use serde_json::json;

use crate::common::World;
use crate::mates::mate;

const BEGIN: &str = "```text\n";

async fn world() -> World {
    let script = |run: Run| async move {
        if run.turn() == 1 {
            run.tool("tickets_search", &json!({"status": "open"}), &json!({"found": [17, 21]})).await;
            run.text("Two tickets are open: 17, of Monday, and 21, of today.");
        } else {
            let permission =
                run.ask_permission("tickets_close", &json!({"ticket": 17, "reply": "It is mended."})).await;
            run.text(if permission.is_allowed() { "Ticket 17 is closed." } else { "Ticket 17 stays open." });
        }
        run.usage(1650, 184, "0.0123");
        Ok(())
    };
    let world = World::of(LocalBackend::builder().on_run(script)).await;
    mate(&world, "support bot").await;
    world
}

/// Without how long it took, which is never the same.
fn without_times(text: &str) -> String {
    Regex::new(r"\(\d+ ms\)|\(\d+\.\d s\)").unwrap().replace_all(text, "(… ms)").into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chat_of_the_readme_is_what_the_program_shows() {
    let world = world().await;
    let mut terminal = world.at_a_terminal(80, &["mate", "chat", "1"]);
    terminal.shows("\n>");
    terminal.types("which tickets are open?\r");
    terminal.shows("of today.");
    terminal.waits("the second prompt", |screen| screen.ends_with("\n>"));
    terminal.types("close the older one\r");
    terminal.shows("Allow it?");
    terminal.types("y");
    terminal.shows("Ticket 17 is closed.");
    terminal.waits("the third prompt", |screen| screen.ends_with("\n>"));
    terminal.types("/exit\r");
    assert_eq!(terminal.ends(), 0);
    terminal.shows("run 1 completed");
    // A key that is pressed before the program reads keys is shown by the terminal, too.
    let screen = terminal.screen().replace("(n)o yy\n", "(n)o y\n");
    let shown = format!("$ m8tes mate chat 1\n{}\n", screen.trim_end());

    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(file).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (told, after) = rest.split_once("```").unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, format!("{before}{BEGIN}{shown}```{after}")).unwrap();
        return;
    }
    assert_eq!(without_times(told), without_times(&shown));
}
