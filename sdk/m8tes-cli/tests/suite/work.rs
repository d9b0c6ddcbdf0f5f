//! Work as it is done: `m8tes mate task`, and what is decided meanwhile.

use std::io::{BufRead, BufReader, Read};

use m8tes_local_backend::{Question, RunFailure};
use serde_json::{Value, json};

use crate::common::{Said, World, json_lines, run_reading};
use crate::mates::{mate, world_of};

fn texts(lines: &[Value]) -> String {
    let of_type = |line: &&Value| line["type"] == "text-delta";
    lines.iter().filter(of_type).map(|line| line["delta"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_on_stdout_byte_for_byte_and_all_else_on_stderr() {
    let world = world_of(|run| async move {
        run.text("  a\tb\r\n");
        run.tool("gmail_search", &json!({"q": "x"}), &json!({"found": 3})).await;
        run.text("Grüße 🙂\u{1b}[0m\u{2028}end");
        run.usage(1, 2, "0.5");
        Ok(())
    })
    .await;
    let text = "  a\tb\r\nGrüße 🙂\u{1b}[0m\u{2028}end";
    let said = world.m8tes(&["mate", "task", "1", "go"]).await;
    assert_eq!(said.good(), text);
    assert!(said.err.contains("→ gmail_search {\"q\":\"x\"}\n✓ gmail_search ("), "{said:?}");
    assert!(said.err.contains("run 1 completed") && said.err.contains("1 tool call · 3 tokens · $0.5\n"), "{said:?}");
    let said = world.m8tes(&["mate", "t", "1", "go", "--output", "compact"]).await;
    assert_eq!(said.good(), text);
    assert!(said.err.starts_with("✓ gmail_search (") && !said.err.contains("found"), "{said:?}");

    let said = world.m8tes(&["mate", "task", "1", "go", "--output", "json"]).await;
    let lines = said.good_json();
    assert_eq!((texts(&lines).as_str(), said.err.as_str()), (text, ""));
    assert_eq!(lines.last().unwrap()["type"], "done");
    assert!(lines.iter().any(|line| line["type"] == "tool-call-start"), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_byte_for_byte() {
    let world = world_of(|run| async move {
        run.text(run.message());
        Ok(())
    })
    .await;
    for message in ["what's up", "a  b", "\"quoted\" 'and' $HOME `x` \\", "🙂\n\n two \n", "--", "-5 degrees?"] {
        let said = world.m8tes(&["mate", "task", "--", "1", message]).await;
        assert_eq!(said.good(), message);
        let said = run_reading(world.command(&["mate", "task", "1", "-"]), message).await;
        assert_eq!(said.good(), message);
        let file = world.home().join("message.txt");
        std::fs::write(&file, message).unwrap();
        let said = world.m8tes(&["mate", "task", "1", "--message-file", "message.txt"]).await;
        assert_eq!(said.good(), message);
    }
    assert_eq!(world.m8tes(&["mate", "task", "1", "two", "words"]).await.good(), "two words");
    for arguments in [&["mate", "task"][..], &["mate", "task", "1"], &["mate", "task", "1", "x", "--message-file", "y"]]
    {
        world.m8tes(arguments).await.failed(2);
    }
    let said = world.m8tes(&["mate", "task", "1", "--message-file", "none.txt"]).await;
    assert!(said.failed(1).contains("none.txt can't be read"), "{said:?}");
    let said = world.m8tes(&["mate", "task", "1", " "]).await;
    assert!(said.failed(1).contains("the message is empty"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_id_it_is_the_newest_teammate_where_one_agrees() {
    let world = World::new().await;
    let said = world.m8tes(&["mate", "task", "go"]).await;
    assert!(said.failed(1).contains("there is no teammate"), "{said:?}");
    mate(&world, "old").await;
    mate(&world, "new").await;
    let said = world.m8tes_reading("y\n", &["mate", "task", "go", "--output", "json"]).await;
    said.good_json();
    let run = &world.m8tes(&["run", "list", "--output", "json"]).await.good_json()[0];
    assert_eq!(run["teammate_id"], 2);
    let said = world.m8tes_reading("n\n", &["mate", "task", "go"]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    assert_eq!(world.m8tes(&["run", "list", "--output", "json"]).await.good_json().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_a_run_is_sent() {
    let world = world_of(|run| async move {
        run.tool("gmail_send", &json!({"to": "a"}), &json!("sent")).await;
        Ok(())
    })
    .await;
    let said = world.m8tes(&["mate", "task", "1", "go", "--model", "sonnet", "--no-task-setup-tools", "--debug"]).await;
    said.good();
    assert!(said.err.contains(r#""type":"tool-call-start""#), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_is_no_success() {
    let world = world_of(|run| async move {
        run.text("half");
        Err(RunFailure::new("boom"))
    })
    .await;
    let said = world.m8tes(&["mate", "task", "1", "go"]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(1), "half"));
    assert!(said.err.lines().last().unwrap().starts_with("error: run 1 has failed: boom"), "{said:?}");
    let said = world.m8tes(&["mate", "task", "1", "go", "--output", "json"]).await;
    assert_eq!((said.code, texts(&json_lines(&said.out)).as_str()), (Some(1), "half"));
    let errors = json_lines(&said.err);
    assert_eq!(
        (errors.len(), &errors[0]["error"]["kind"], &errors[0]["error"]["run_id"]),
        (1, &json!("run_failed"), &json!(2))
    );
    let said = world.m8tes(&["mate", "task", "999", "go", "--output", "json"]).await;
    assert!(said.failed(1).contains("not_found"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_cut_is_told_and_nothing_is_lost_or_doubled() {
    let world = world_of(|run| async move {
        run.text("one ");
        run.pause(std::time::Duration::from_millis(200)).await;
        run.cut();
        run.text("two");
        Ok(())
    })
    .await;
    let said = world.m8tes(&["mate", "task", "1", "go"]).await;
    assert_eq!(said.good(), "one two");
    assert!(said.err.contains("the stream was cut"), "{said:?}");
    let said = world.m8tes(&["mate", "task", "1", "go", "--output", "json"]).await;
    assert_eq!(texts(&said.good_json()), "one two");
    assert!(json_lines(&said.err)[0]["note"].as_str().unwrap().contains("the stream was cut"), "{said:?}");
}

/// What is read or listed at once, too, whatever its form.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_reads_is_no_matter() {
    let world = world_of(|run| async move {
        run.text("a line of text\n");
        Ok(())
    })
    .await;
    world.m8tes(&["mate", "task", "1", "go"]).await.good();
    for arguments in [&["mate", "list"][..], &["run", "list"], &["run", "get", "1"], &["run", "conversation", "1"]] {
        for form in ["verbose", "compact", "json"] {
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut command = world.command(&[arguments, &["--output", form]].concat());
            command.stdout(writer);
            let child = tokio::process::Command::from(command).kill_on_drop(true).spawn().unwrap();
            let said = Said::of(child.wait_with_output().await.unwrap());
            assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{arguments:?} {form}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_ends_it_quietly() {
    let world = world_of(|run| async move {
        for _ in 0..1000 {
            run.text("a line of text\n");
            run.pause(std::time::Duration::from_millis(1)).await;
        }
        Ok(())
    })
    .await;
    for arguments in [&["mate", "task", "1", "go"][..], &["mate", "task", "1", "go", "--output", "json"]] {
        let mut child = world.command(arguments).spawn().unwrap();
        let said = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            let mut err = String::new();
            child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
            Said { code: child.wait().unwrap().code(), out: line, err }
        })
        .await
        .unwrap();
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_asks_is_decided_by_another_command() {
    let world = world_of(|run| async move {
        let permission = run.tool("gmail_send", &json!({"to": "a"}), &json!("sent")).await;
        run.text(if permission.is_allowed() { "sent" } else { "kept" });
        let answer = run.question(Question::new("Which?").option("Main").option("Dev")).await;
        run.text(format!(" {}", answer.unwrap_or_default()));
        Ok(())
    })
    .await;
    for (run, decide, expected) in [("1", "--allow", "sent Dev"), ("2", "--deny", "kept Dev")] {
        let command = world.command(&["mate", "task", "1", "go", "--permission-mode", "approval"]);
        let watching = tokio::spawn(crate::common::run(command));
        let pending = async |arguments: &[&str]| loop {
            let said = world.m8tes(&[&["run", "approve", run], arguments].concat()).await;
            if said.code == Some(0) {
                break said;
            }
            assert!(said.failed(1).contains("asks nothing") || said.err.contains("not found"), "{said:?}");
        };
        pending(&[decide]).await;
        pending(&["--answer", "Dev", "--output", "json"]).await;
        let said = watching.await.unwrap();
        assert_eq!(said.good(), expected);
        assert!(said.err.contains(&format!("run {run} waits for a person: may gmail_send be used?")), "{said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_a_person_fails_where_none_is_there() {
    let world = world_of(|run| async move {
        run.end_streams_at_requests();
        run.text("may I?");
        run.ask_permission("gmail_send", &json!({"to": "a"})).await;
        Ok(())
    })
    .await;
    let said = world.m8tes(&["mate", "task", "1", "go"]).await;
    assert_eq!((said.code, said.out.as_str()), (Some(1), "may I?"));
    let last = "error: run 1 waits for a person (gmail_send); decide it with: m8tes run approve 1";
    assert_eq!(said.err.lines().last(), Some(last), "{said:?}");
    let said = world.m8tes(&["run", "approve", "1"]).await;
    assert!(said.failed(1).contains("run 1 asks: may gmail_send be used?"), "{said:?}");
    let said = world.m8tes(&["run", "approve", "1", "--answer", "x"]).await;
    assert!(said.failed(1).contains("--allow or --deny"), "{said:?}");
    assert_eq!(world.m8tes(&["run", "approve", "1", "--deny", "--reason", "no"]).await.code, Some(0));
    let said = world.m8tes(&["run", "approve", "1", "--deny"]).await;
    assert!(said.failed(1).contains("asks nothing"), "{said:?}");
}
