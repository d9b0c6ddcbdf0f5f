//! At a terminal: what runs ask, Ctrl-C, windows, colours.

use std::sync::Arc;
use std::time::Duration;

use m8tes_local_backend::Question;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::common::World;
use crate::mates::world_of;

async fn asking(ends_streams: bool) -> World {
    world_of(move |run| async move {
        if ends_streams {
            run.end_streams_at_requests();
        }
        run.text("Looking. ");
        let input = json!({"to": "ada@example.com", "body": "two\nlines \u{1b}[2J"});
        let permission = run.ask_permission("gmail_send", &input).await;
        run.text(if permission.is_allowed() { "Sent. " } else { "Kept. " });
        let question = Question::new("Which branch?").header("Branch").option("Main").option("Dev");
        run.text(run.question(question).await.unwrap_or_default());
        run.usage(10, 5, "0.0123");
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permission_and_a_question_are_asked_right_there_and_answered_with_keys() {
    for ends_streams in [false, true] {
        let world = asking(ends_streams).await;
        let mut terminal = world.at_a_terminal(80, &["mate", "task", "1", "go"]);
        terminal.shows("Allow it? (y)es, (a)lways, (n)o");
        let screen = terminal.screen();
        assert!(screen.contains("The teammate wants to use gmail_send:\n"), "{screen}");
        // With what it is about to do, and nothing in it that a terminal would do.
        assert!(screen.contains("  to: ada@example.com\n") && screen.contains("    lines \\u{1b}[2J\n"), "{screen}");
        // Other keys do nothing.
        terminal.types("xy");
        terminal.shows("  2 Dev");
        terminal.types("92");
        assert_eq!(terminal.ends(), 0, "{}", terminal.screen());
        let screen = terminal.screen();
        assert!(screen.starts_with("Looking.\n") && screen.matches("Looking.").count() == 1, "{screen}");
        assert!(screen.contains("Sent.\n") && screen.contains("\nDev\n") && screen.contains("$0.0123"), "{screen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_sent_with_its_reason_and_words_of_ones_own_are_an_answer() {
    let world = asking(false).await;
    let mut terminal = world.at_a_terminal(80, &["mate", "task", "1", "go"]);
    terminal.shows("Allow it?");
    terminal.types("n");
    terminal.shows("Why not");
    terminal.types("not on Fridays\r");
    terminal.shows("Which branch?");
    terminal.types("o");
    terminal.shows("Answer:");
    terminal.types("neither\r");
    assert_eq!(terminal.ends(), 0);
    assert!(terminal.screen().contains("Kept.") && terminal.screen().contains("\nneither\n"), "{}", terminal.screen());
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_instead_of_an_answer_is_heard_too() {
    let world = asking(false).await;
    let mut terminal = world.at_a_terminal(100, &["mate", "task", "1", "go"]);
    terminal.asks("Allow it?");
    // It is asked again where it is to be watched on.
    terminal.types("\u{3}");
    terminal.shows("(g)o on watching?");
    terminal.types("g");
    terminal.waits("the question once more", |screen| screen.matches("Allow it?").count() == 2);
    terminal.types("n");
    terminal.shows("Why not");
    terminal.types("half a rea\u{3}");
    assert_eq!(terminal.ends(), 130);
    assert!(terminal.screen().contains("run 1 goes on"), "{}", terminal.screen());
    assert_eq!(status(&world, "1").await, "awaiting_approval");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_asked_by_approve_too() {
    let world = asking(true).await;
    assert_eq!(world.m8tes(&["mate", "task", "1", "go"]).await.code, Some(1));
    let mut terminal = world.at_a_terminal(80, &["run", "approve", "1"]);
    terminal.shows("Allow it?");
    terminal.types("y");
    assert_eq!(terminal.ends(), 0);
    assert!(terminal.screen().contains("run 1 goes on"), "{}", terminal.screen());
}

/// Runs that say they are at work, are done as soon as there is a permit, and go on then where they are asked to.
async fn working() -> (World, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let shared = gate.clone();
    let world = world_of(move |run| {
        let gate = shared.clone();
        async move {
            run.text("at work ");
            gate.acquire().await.unwrap().forget();
            run.text("done");
            if run.message() == "long" {
                run.pause(Duration::from_secs(600)).await;
            }
            Ok(())
        }
    })
    .await;
    (world, gate)
}

async fn status(world: &World, run: &str) -> String {
    let said = world.m8tes(&["run", "get", run, "--output", "json"]).await;
    said.good_json()[0]["run"]["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_asks_what_becomes_of_the_run() {
    let (world, gate) = working().await;
    let interrupted = |message: &str| {
        let mut terminal = world.at_a_terminal(100, &["mate", "task", "1", message]);
        terminal.shows("at work");
        terminal.types("\u{3}");
        terminal.asks("(l)eave it running, (c)ancel it, (g)o on watching?");
        terminal
    };
    let mut terminal = interrupted("long");
    terminal.types("l");
    assert_eq!(terminal.ends(), 130);
    assert!(terminal.screen().contains("run 1 goes on"), "{}", terminal.screen());
    assert_eq!(status(&world, "1").await, "running");

    let mut terminal = interrupted("long");
    terminal.types("c");
    assert_eq!(terminal.ends(), 130);
    assert_eq!(status(&world, "2").await, "cancelled");

    let mut terminal = interrupted("short");
    terminal.types("g");
    // One for each: the first run is at work, too.
    gate.add_permits(4);
    assert_eq!(terminal.ends(), 0);
    assert!(terminal.screen().contains("done\n"), "{}", terminal.screen());

    // A second one leaves.
    let mut terminal = interrupted("long");
    terminal.types("\u{3}");
    assert_eq!(terminal.ends(), 130);
    assert_eq!(status(&world, "4").await, "running");
    assert!(terminal.screen().contains("m8tes run cancel 4"), "{}", terminal.screen());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn in_a_script_a_signal_leaves_the_run_and_says_so() {
    let (world, _gate) = working().await;
    for (signal, run) in [("-INT", "1"), ("-TERM", "2")] {
        let mut command = world.command(&["mate", "task", "1", "long", "--output", "json"]);
        let mut child = tokio::process::Command::from(std::mem::replace(&mut command, world.command(&[])))
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        let mut text = Vec::new();
        while !String::from_utf8_lossy(&text).contains("at work") {
            tokio::io::AsyncReadExt::read_buf(&mut out, &mut text).await.unwrap();
        }
        let id = child.id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
        let said = crate::common::Said::of(child.wait_with_output().await.unwrap());
        assert_eq!(said.code, Some(130), "{said:?}");
        let note = crate::common::json_lines(&said.err);
        assert!(note[0]["note"].as_str().unwrap().starts_with(&format!("run {run} goes on")), "{said:?}");
        assert_eq!(status(&world, run).await, "running");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_fit_the_window_as_it_is() {
    let world = World::new().await;
    let arguments = [
        "mate",
        "create",
        "--non-interactive",
        "--name",
        "a teammate with a rather long name",
        "--role",
        "somebody who looks after customers",
        "--tools",
        "gmail",
        "slack",
        "stripe",
        "--output",
        "json",
    ];
    world.m8tes(&arguments).await.good();
    for columns in [40, 60, 200] {
        let mut terminal = world.at_a_terminal(columns, &["mate", "list"]);
        assert_eq!(terminal.ends(), 0);
        terminal.shows("ID");
        let screen = terminal.screen();
        // A line that does not fit would begin the next one in its first column.
        assert!(screen.lines().skip(1).all(|line| line.starts_with("1 ") || line.starts_with("  ")), "{screen}");
        assert!(screen.lines().all(|line| line.chars().count() <= usize::from(columns)), "{screen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_is_resized_spoils_nothing() {
    let (world, gate) = working().await;
    let mut terminal = world.at_a_terminal(80, &["mate", "task", "1", "long"]);
    terminal.shows("at work");
    terminal.resize(40);
    gate.add_permits(1);
    terminal.shows("done");
    terminal.types("\u{3}");
    // The question is longer than the window is wide.
    terminal.waits("the question", |screen| screen.replace('\n', "").contains("(g)o on"));
    terminal.types("c");
    assert_eq!(terminal.ends(), 130);
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_colours_where_they_are_not_wanted() {
    let (world, gate) = working().await;
    gate.add_permits(1);
    let colours = |arguments: &[&str], more: &[(&str, &str)]| {
        let mut terminal = world.at_a_terminal_with(80, &[&["mate", "list"], arguments].concat(), more);
        assert_eq!(terminal.ends(), 0);
        terminal.shows("ID");
        terminal.bytes().contains(&0x1b)
    };
    assert!(colours(&[], &[]) && colours(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(
        !colours(&[], &[("NO_COLOR", "1")])
            && !colours(&["--color", "never"], &[])
            && !colours(&[], &[("TERM", "dumb")])
    );
    // Nor a spinner.
    let mut terminal = world.at_a_terminal_with(80, &["mate", "task", "1", "short"], &[("NO_COLOR", "1")]);
    assert_eq!(terminal.ends(), 0);
    terminal.shows("completed");
    assert!(!terminal.bytes().contains(&0x1b), "{:?}", String::from_utf8_lossy(&terminal.bytes()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_is_shown_as_it_runs_and_a_sandbox_as_it_is_made() {
    let gate = Arc::new(Semaphore::new(0));
    let shared = gate.clone();
    let world = world_of(move |run| {
        let gate = shared.clone();
        async move {
            run.frame(&json!({"type": "sandbox-connecting", "message": "x"}));
            gate.acquire().await.unwrap().forget();
            run.frame(&json!({"type": "sandbox-connected", "duration_ms": 1234.0}));
            run.frame(&json!({"type": "tool-call-start", "toolCallId": "t", "toolName": "gmail_search"}));
            run.frame(&json!({"type": "tool-call-end", "toolCallId": "t"}));
            gate.acquire().await.unwrap().forget();
            run.frame(&json!({"type": "tool-result-end", "toolCallId": "t", "result": {"found": 3}}));
            run.text("Three.");
            Ok(())
        }
    })
    .await;
    let mut terminal = world.at_a_terminal(80, &["mate", "task", "1", "go"]);
    terminal.shows("making a sandbox");
    gate.add_permits(1);
    // What runs is in the spinner, too.
    terminal.waits("the tool", |screen| screen.matches("gmail_search").count() == 2);
    gate.add_permits(1);
    assert_eq!(terminal.ends(), 0);
    terminal.shows("completed");
    let screen = terminal.screen();
    assert!(screen.starts_with("sandbox made in 1.2 s\n→ gmail_search\n✓ gmail_search ("), "{screen}");
    assert!(screen.contains("s): {\"found\":3}\nThree.\nrun 1 completed · "), "{screen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_not_shown_and_ctrl_c_gives_the_terminal_back() {
    let world = World::new().await;
    let mut terminal = world.at_a_terminal(80, &["auth", "login", "--email", "a@example.com"]);
    terminal.asks("Password:");
    terminal.types("secret-word");
    terminal.types("\u{3}");
    assert_eq!(terminal.ends(), 130, "{}", terminal.screen());
    #[cfg(unix)]
    assert!(terminal.is_as_it_was());
    assert!(!terminal.screen().contains("secret-word"), "{}", terminal.screen());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_signal_to_end_gives_the_terminal_back_whatever_is_waited_for() {
    let world = asking(false).await;
    let waiting: [(&[&str], &str); 3] = [
        (&["mate", "chat", "1"], "\n>"),
        (&["mate", "task", "1", "go"], "Allow it? (y)es, (a)lways, (n)o"),
        (&["auth", "login", "--email", "a@example.com"], "Password:"),
    ];
    for (arguments, question) in waiting {
        for signal in ["-TERM", "-HUP"] {
            let mut terminal = world.at_a_terminal(80, arguments);
            terminal.asks(question);
            terminal.signal(signal);
            assert_eq!(terminal.ends(), 130, "{arguments:?} {signal}: {}", terminal.screen());
            assert!(terminal.is_as_it_was(), "{arguments:?} {signal}");
        }
    }
}
