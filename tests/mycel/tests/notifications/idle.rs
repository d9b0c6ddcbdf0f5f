//! Many listeners that have nothing to do: what each takes, and that one message is one listener's.
//!
//! They are in a process of their own, which is this program again, so that what is measured is theirs alone.
//! `IDLE_LISTENERS=300` says how many. Unless set there are 1,000, or as many as the limit on open files leaves room
//! for.

use std::env;
use std::fs;
use std::process::Stdio;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, SelectAll};
use mycel_sdk::{Client, ListenEvent, NotificationEvent};
use mycel_tests::{World, fresh, soon};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdout, Command};

use crate::shared::event;

/// What the child prints before each line that is meant for its parent.
const MARK: &str = "idle: ";

type Lines = tokio::io::Lines<BufReader<ChildStdout>>;

async fn line(lines: &mut Lines) -> String {
    let next = async {
        loop {
            let line = lines.next_line().await.unwrap().expect("the listeners' process has ended");
            // The test harness begins lines of its own.
            if let Some((_, line)) = line.split_once(MARK) {
                return line.to_owned();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(120), next).await.expect("nothing was told for two minutes")
}

fn count() -> usize {
    match env::var("IDLE_LISTENERS") {
        Ok(value) => value.parse().unwrap(),
        Err(_) => open_files().saturating_sub(200).clamp(10, 1_000),
    }
}

/// How many files this process may have open.
fn open_files() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    match line.split_whitespace().nth(3).unwrap() {
        "unlimited" => usize::MAX,
        number => number.parse().unwrap(),
    }
}

#[tokio::test]
async fn many_idle_listeners_take_little_and_one_message_wakes_one() {
    let test = "many_idle_listeners_take_little_and_one_message_wakes_one";
    let Some(world) = World::start_local(test).await else { return };
    let guest = world.client.auth().create_guest_owner().await.unwrap();
    let owner = world.client.with_auth_token(&guest.token);
    let name = fresh("idle");

    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "idle::listeners", "--ignored", "--nocapture"])
        .env("IDLE_URL", world.backend_url())
        .env("IDLE_NAME", &name)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(format!("{}\n", guest.token.expose_secret()).as_bytes()).await.unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();

    let measured = line(&mut lines).await;
    let [bytes_each, cpu_ticks] = measured.split(' ').map(|text| text.parse::<u64>().unwrap()).collect::<Vec<_>>()[..]
    else {
        panic!("{measured}")
    };
    println!("{} idle listeners: {bytes_each} bytes each, {cpu_ticks} ticks of CPU time in a second", count());
    assert!(bytes_each < 64 * 1024, "{bytes_each} bytes for each listener");
    assert!(cpu_ticks <= 10, "{cpu_ticks} ticks of 10 ms while nothing happens");

    // Each wakes one, in turn: had another been woken, it would be told between them.
    for index in [0, count() / 2, count() - 1, 0] {
        let id = format!("{name}-{index}");
        let chat = owner.chats().ensure_direct(&id).await.unwrap().id;
        owner.messages().send(&chat, "wake up").await.unwrap();
        assert_eq!(line(&mut lines).await, format!("{index} {chat}"));
    }
    drop(input);
    assert_eq!(line(&mut lines).await, "nobody else");
    assert!(soon(child.wait()).await.unwrap().success());
}

/// The child of the test above.
#[tokio::test]
#[ignore = "it is run by the test of idle listeners, in a process of its own"]
async fn listeners() {
    let (Ok(url), Ok(name)) = (env::var("IDLE_URL"), env::var("IDLE_NAME")) else { return };
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    let token = input.next_line().await.unwrap().unwrap();
    let owner = Client::builder(url).auth_token(token).build().unwrap();
    let agents: Vec<(usize, Client)> = stream::iter(0..count())
        .map(|index| {
            let (owner, id) = (&owner, format!("{name}-{index}"));
            async move {
                let session = owner.users().create_external(id, "Idle").await.unwrap();
                (index, owner.with_auth_token(session.token))
            }
        })
        .buffered(8)
        .collect()
        .await;
    let before = resident_bytes();
    let listeners = stream::iter(agents).map(|(index, agent)| async move {
        let mut listener = agent.notifications().listen();
        while !matches!(event(&mut listener).await, ListenEvent::Connected) {}
        listener.map(move |event| (index, event))
    });
    let mut listeners: SelectAll<_> = listeners.buffer_unordered(8).collect::<Vec<_>>().await.into_iter().collect();
    // The connections of the calls before are closed after some seconds, which is work too.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let after = resident_bytes();
    let ticks = cpu_ticks();
    tokio::time::sleep(Duration::from_secs(1)).await;
    println!("{MARK}{} {}", after.saturating_sub(before) / count() as u64, cpu_ticks() - ticks);

    loop {
        tokio::select! {
            event = listeners.next() => match event.unwrap() {
                (index, Ok(ListenEvent::Notification(notification))) => {
                    let NotificationEvent::ChatMessage { chat_id, .. } = notification.event else {
                        panic!("{notification:?}")
                    };
                    println!("{MARK}{index} {chat_id}");
                }
                other => panic!("{other:?}"),
            },
            _ = input.next_line() => return println!("{MARK}nobody else"),
        }
    }
}

/// How much memory this process takes.
fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

/// How much CPU time this process has had, in hundredths of a second.
fn cpu_ticks() -> u64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}
