//! `m8tes mate chat`

use std::sync::Arc;

use m8tes_local_backend::{LocalBackend, Run, RunFailure};
use tokio::sync::Semaphore;

use crate::common::{World, json_lines, run, run_reading};
use crate::mates::mate;

/// A world whose runs repeat what they are told, with the number of the run and of its turn.
async fn world() -> World {
    let script = |run: Run| async move {
        if run.message() == "fail" {
            return Err(RunFailure::new("boom"));
        }
        run.text(format!("{}.{}: ", run.id(), run.turn()));
        if run.message() == "cut" {
            run.pause(std::time::Duration::from_millis(200)).await;
            run.cut();
        }
        if run.message() == "long" {
            run.pause(std::time::Duration::from_secs(600)).await;
        }
        run.text(run.message());
        run.usage(1, 2, "0.5");
        Ok(())
    };
    let world = World::of(LocalBackend::builder().on_run(script)).await;
    mate(&world, "bot").await;
    world
}

/// Whether the next message is waited for.
fn is_asked(screen: &str) -> bool {
    screen.ends_with("\n>")
}

fn texts(out: &str) -> String {
    let lines = json_lines(out);
    let texts = lines.iter().filter(|line| line["type"] == "text-delta");
    texts.map(|line| line["delta"].as_str().unwrap()).collect::<Vec<_>>().concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_of_stdin_are_messages_and_commands() {
    let world = world().await;
    let said = world.m8tes_reading("hello\n\nmore  of it\n/clear\nfresh\n/exit\nlost\n", &["mate", "chat", "1"]).await;
    assert_eq!(said.good(), "1.1: hello1.2: more  of it2.1: fresh");
    let said = world.m8tes_reading("again\n", &["mate", "ch", "1", "--resume", "1"]).await;
    assert_eq!(said.good(), "1.3: again");
    let said = world.m8tes_reading("/resume 2\nagain\n", &["mate", "chat", "1"]).await;
    assert_eq!(said.good(), "2.2: again");
    let said = world.m8tes_reading("y\nhi\n", &["mate", "chat"]).await;
    assert_eq!(said.good(), "3.1: hi");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_ends_at_an_empty_line() {
    let world = world().await;
    let said = world.m8tes_reading("one\ntwo\n\nthree\n", &["mate", "chat", "1", "--output", "json"]).await;
    assert_eq!((texts(said.good()).as_str(), said.err.as_str()), ("1.1: one1.2: two", ""));
    let said = world.m8tes_reading("one", &["mate", "chat", "1", "--output", "json"]).await;
    assert_eq!(texts(said.good()), "2.1: one");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_ends_no_chat_and_is_no_success() {
    let world = world().await;
    let said = world.m8tes_reading("fail\n/resume x\n/resume 99\nhi\n", &["mate", "chat", "1"]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(1), "1.2: hi"));
    let errors = said.err.lines().filter(|line| line.starts_with("error: ")).collect::<Vec<_>>();
    assert_eq!(errors.len(), 3, "{said:?}");
    assert!(world.m8tes(&["mate", "chat", "99"]).await.failed(1).contains("not found"));
    mate(&world, "other").await;
    let said = world.m8tes(&["mate", "chat", "2", "--resume", "1"]).await;
    assert_eq!(said.failed(1), "error: run 1 is teammate 1's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_loses_and_doubles_nothing() {
    let world = world().await;
    let said = world.m8tes_reading("cut\nmore\n", &["mate", "chat", "1"]).await;
    assert_eq!(said.good(), "1.1: cut1.2: more");
    assert!(said.err.contains("the stream was cut"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_run_at_work_is_answered_after_its_turn() {
    let gate = Arc::new(Semaphore::new(0));
    let shared = gate.clone();
    let script = move |run: Run| {
        let gate = shared.clone();
        async move {
            run.text(format!("{}: ", run.turn()));
            if run.turn() == 1 {
                gate.acquire().await.unwrap().forget();
            }
            run.text(run.message());
            Ok(())
        }
    };
    let world = World::of(LocalBackend::builder().on_run(script)).await;
    mate(&world, "bot").await;
    let first = tokio::spawn(run(world.command(&["mate", "task", "1", "first"])));
    while world.m8tes(&["run", "list", "--output", "json"]).await.good().is_empty() {}
    let reply = tokio::spawn(run_reading(world.command(&["mate", "chat", "1", "--resume", "1"]), "second\n"));
    let pending = async || {
        let run = world.m8tes(&["run", "get", "1", "--output", "json"]).await.good_json();
        run[0]["run"]["pending_queued_message_ids"].as_array().map_or(0, Vec::len)
    };
    while pending().await == 0 {}
    gate.add_permits(1);
    assert!(first.await.unwrap().good().starts_with("1: first"));
    let said = reply.await.unwrap();
    assert!(said.good().starts_with("1: first") && said.out.ends_with("2: second"), "{said:?}");
    assert_eq!(said.out.matches("second").count(), 1, "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_terminal_there_are_an_editor_its_history_and_several_lines() {
    let world = world().await;
    let mut terminal = world.at_a_terminal(80, &["mate", "chat", "1"]);
    terminal.shows("bot (teammate 1) is here.");
    terminal.shows("\n>");
    // The word before the cursor is taken back.
    terminal.types("hello wrogn\u{17}world\r");
    terminal.shows("1.1: hello world");
    terminal.waits("the prompt", is_asked);
    terminal.types("one\\\r");
    terminal.shows("\n.");
    terminal.types("two\r");
    terminal.shows("1.2: one\ntwo");
    terminal.waits("the prompt", is_asked);
    // Up, through the two lines of the last message, to the one before.
    terminal.types("\u{1b}[A\u{1b}[A\u{1b}[A\r");
    terminal.shows("1.3: hello world");
    terminal.waits("the prompt", is_asked);
    terminal.types("/clea\r");
    terminal.shows("there is no /clea");
    terminal.waits("the prompt", is_asked);
    terminal.types("/help\r");
    terminal.shows("/resume RUN");
    terminal.waits("the prompt", is_asked);
    terminal.types("/clear\r");
    terminal.shows("a new run begins");
    terminal.waits("the prompt", is_asked);
    terminal.types("cut\r");
    terminal.shows("2.1:");
    terminal.shows("the stream was cut; joining it again");
    terminal.shows("\ncut\n>");
    terminal.waits("the prompt", is_asked);
    terminal.types("/resume 1\r");
    terminal.shows("run 1 goes on");
    terminal.waits("the prompt", is_asked);
    terminal.types("x\r");
    terminal.shows("1.4: x");
    terminal.waits("the prompt", is_asked);
    terminal.types("\u{4}");
    assert_eq!(terminal.ends(), 0);
    terminal.shows("run 1 completed · 3 tokens · $0.5");

    let history = world.config().join("history");
    assert!(std::fs::read_to_string(&history).unwrap().contains("hello world"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&history).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // It is there the next time.
    let mut terminal = world.at_a_terminal(80, &["mate", "chat", "1"]);
    terminal.shows("\n>");
    terminal.types("\u{1b}[A\r");
    terminal.shows("3.1: x");
    terminal.waits("the prompt", is_asked);
    terminal.types("/exit\r");
    assert_eq!(terminal.ends(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_cancels_the_turn_and_the_chat_goes_on() {
    let world = world().await;
    let mut terminal = world.at_a_terminal(100, &["mate", "chat", "1"]);
    terminal.shows("\n>");
    terminal.types("long\r");
    terminal.shows("1.1:");
    terminal.types("\u{3}");
    terminal.shows("(c)ancel it");
    terminal.types("c");
    terminal.shows("run 1 is cancelled");
    terminal.waits("the prompt", is_asked);
    terminal.types("hi\r");
    terminal.shows("1.2: hi");
    terminal.waits("the prompt", is_asked);
    terminal.types("half\u{3}");
    terminal.shows("Ctrl-D leaves");
    terminal.types("/quit\r");
    assert_eq!(terminal.ends(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_come_in_the_same_instant_are_all_messages() {
    let world = world().await;
    let mut terminal = world.at_a_terminal(80, &["mate", "chat", "1"]);
    terminal.waits("the prompt", is_asked);
    terminal.types("one\rtwo\\\rand three\rfour\r");
    terminal.shows("1.3: four");
    let screen = terminal.screen();
    assert!(screen.contains("1.1: one\n") && screen.contains("1.2: two\nand three\n"), "{screen}");
    terminal.waits("the prompt", is_asked);
    terminal.types("\u{4}");
    assert_eq!(terminal.ends(), 0);
}
