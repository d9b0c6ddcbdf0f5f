//! Answers that are odd in one place, which is not to spoil more than that place.

use std::time::Duration;

use mycel_sdk::{Client, ErrorKind, Message, RetryPolicy, Timestamp};
use mycel_tests::{Peer, Reply};
use serde_json::{Value, json};

/// Asks a backend that always answers so.
fn at(peer: &Peer) -> Client {
    Client::builder(peer.url()).auth_token("tok-123").retry(RetryPolicy::never()).build().unwrap()
}

async fn answering(body: &str) -> Peer {
    Peer::start([Reply::json("200 OK", body)]).await
}

fn message(seq: u64) -> Value {
    json!({"id": format!("m-{seq}"), "chat_id": "c", "sender_id": "u", "sender_name": "U", "content": "hello",
           "message_type": "human", "mentioned_ids": ["v"], "seq": seq, "created_at": 1.5})
}

/// Where a text of the tests is put in as it is.
fn with(row: &Value, field: &str, text: &str) -> String {
    let mut row = row.clone();
    row[field] = json!("HERE");
    row.to_string().replace(r#""HERE""#, text)
}

#[tokio::test]
async fn half_an_emoji_is_replaced_and_the_others_are_whole() {
    let page = format!("[{},{},{}]", message(1), with(&message(2), "content", r#""so \ud83d""#), message(3));
    let peer = answering(&page).await;
    let client = at(&peer);
    let contents = |page: Vec<Message>| page.into_iter().map(|message| message.content).collect::<Vec<_>>();
    assert_eq!(contents(client.messages().list("c").await.unwrap()), ["hello", "so \u{fffd}", "hello"]);
    assert_eq!(contents(client.messages().unread("c").await.unwrap()), ["hello", "so \u{fffd}", "hello"]);

    let peer = answering(&with(&message(2), "sender_name", r#""\udc4dA\n\ud83d\ude00""#)).await;
    let sent = at(&peer).messages().send("c", "hello").await.unwrap();
    assert_eq!((sent.sender_name.as_str(), sent.seq), ("\u{fffd}A\n😀", 2));

    let refusal = Reply::json("400 Bad Request", r#"{"detail":"no \ud83d here"}"#);
    let peer = Peer::start([refusal]).await;
    let error = at(&peer).chats().list().await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::Rejected, Some("no \u{fffd} here")));
}

fn chat() -> Value {
    json!({"id": "c", "title": "C", "status": "active", "created_at": 1.5, "updated_at": 1.5, "members": [],
           "unread_count": 1, "last_message": null})
}

fn relationship() -> Value {
    json!({"id": "hire_visit:a:b", "other_user_id": "b", "state": "visit", "is_requester": false,
           "created_at": "2026-05-13T12:00:00+00:00", "updated_at": "2026-05-13T12:00:00+00:00"})
}

fn join_request() -> Value {
    json!({"id": "chat_join:c:u", "chat_id": "c", "requester_user_id": "u", "state": "pending", "created_at": 1.5,
           "updated_at": 1.5, "requester_name": "U", "requester_type": "external"})
}

fn agent() -> Value {
    json!({"id": "m_1", "name": "Morel", "description": "", "status": "draft", "version": "1", "created_at": 0,
           "updated_at": 0})
}

fn task() -> Value {
    json!({"id": "1", "subject": "Write", "description": "", "status": "pending", "blocks": [], "blockedBy": [],
           "metadata": {}})
}

fn event() -> Value {
    json!({"chat_id": "c", "event_id": "1", "kind": "review", "state": "open", "resource_refs": [], "decision_states": {},
           "rationales": {}, "final_state": {}, "metadata": {}, "state_version": 0, "created_at": 1.5})
}

fn notification() -> Value {
    json!({"seq": 1, "event_type": "moon.rose", "phase": "full"})
}

/// What is told of each row of a list: what of it could not be read.
async fn told(list: &str, body: &str) -> Result<Vec<String>, ErrorKind> {
    let peer = answering(body).await;
    let client = at(&peer);
    macro_rules! told {
        ($call:expr) => {
            $call.await.map(|rows| rows.iter().map(|row| row.malformed.to_string()).collect())
        };
    }
    let told: Result<Vec<String>, _> = match list {
        "messages" => told!(client.messages().list("c")),
        "unread" => told!(client.messages().unread("c")),
        "chats" => told!(client.chats().list()),
        "relationships" => told!(client.relationships().list()),
        "join requests" => told!(client.join_requests().list("c")),
        "agents" => told!(client.agents().list()),
        "tasks" => told!(client.tasks().list("c")),
        "events" => told!(client.workflow_events().list("c")),
        "drained" => told!(client.notifications().drain()),
        "waited for" => told!(client.notifications().wait(Duration::ZERO)),
        other => panic!("{other}"),
    };
    told.map_err(|error| error.kind())
}

/// Every list, with one of its rows, and what its rows are wrapped in.
fn lists() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let inbox = (r#"{"count":3,"notifications":["#, "]}");
    vec![
        ("messages", message(7), "[", "]"),
        ("unread", message(7), "[", "]"),
        ("chats", chat(), "[", "]"),
        ("relationships", relationship(), "[", "]"),
        ("join requests", join_request(), "[", "]"),
        ("agents", agent(), r#"{"items":["#, "]}"),
        ("tasks", task(), "[", "]"),
        ("events", event(), "[", "]"),
        ("drained", notification(), inbox.0, inbox.1),
        ("waited for", notification(), inbox.0, inbox.1),
    ]
}

/// What is told of the one row of three that is told of. Tasks are sorted by their ids, so it may be any.
#[track_caller]
fn one_of_three(told: Result<Vec<String>, ErrorKind>, list: &str, odd: &str) -> String {
    let told = told.unwrap_or_else(|error| panic!("{list}: {odd}: {error:?}"));
    let odd: Vec<_> = told.iter().filter(|told| !told.is_empty()).collect();
    assert_eq!((told.len(), odd.len()), (3, 1), "{list}: {told:?}");
    odd[0].clone()
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_told_and_the_others_are_there() {
    for (list, row, start, end) in lists() {
        for field in row.as_object().unwrap().keys() {
            // What takes any value, and what has no name of its own.
            if ["metadata", "rationales", "final_state", "event_type", "phase"].contains(&field.as_str()) {
                continue;
            }
            let odd = with(&row, field, r#"{"tok-123": 1e999}"#);
            let told = told(list, &format!("{start}{row},{odd},{row}{end}")).await;
            let told = one_of_three(told, list, field);
            assert!(told.starts_with(&format!("{field}: ")), "{list}: {field}: {told}");
            assert!(!told.contains("; ") && !told.contains("tok-123"), "{list}: {field}: {told}");
        }
        // Whatever else is there in the place of a row.
        for odd in ["5", "null", "[]", "{}", r#"{"detail":"x"}"#] {
            let told = told(list, &format!("{start}{row},{odd},{row}{end}")).await;
            let told = one_of_three(told, list, odd);
            assert!(told.contains("is missing"), "{list}: {odd}: {told}");
        }
    }
}

#[tokio::test]
async fn a_value_that_nobody_can_read_spoils_itself_alone() {
    let deep = format!(r#"{{"kept": 1, "deep": {}{}}}"#, "[".repeat(126), "]".repeat(126));
    for (list, row, start, end) in lists() {
        let field = match list {
            "tasks" | "events" => "metadata",
            "agents" => "source",
            "drained" | "waited for" => "phase",
            _ => continue,
        };
        for (odd, problem) in [
            (deep.as_str(), "nested too deep"),
            (r#"{"a": [1e999]}"#, "out of range"),
            (r#"{"a": NaN}"#, "out of range"),
            (r#"{"a": -Infinity}"#, "out of range"),
        ] {
            let body = format!("{start}{row},{},{row}{end}", with(&row, field, odd));
            let told = told(list, &body).await.unwrap();
            assert_eq!((told[0].as_str(), told[2].as_str()), ("", ""), "{list}");
            assert!(
                told[1].starts_with(&format!("{field}: holds a ")) && told[1].contains(problem),
                "{list}: {}",
                told[1]
            );
        }
    }
    let peer = answering(&format!("[{}]", with(&event(), "metadata", &deep))).await;
    let events = at(&peer).workflow_events().list("c").await.unwrap();
    assert_eq!((events[0].id.as_str(), &events[0].metadata["kept"]), ("1", &json!(1)));

    // An answer that is no list tells it, too.
    let workflow =
        json!({"chat_id": "c", "kind": "k", "state": "s", "config": {}, "state_version": 3, "created_at": 1.5});
    let peer = answering(&with(&workflow, "config", &deep)).await;
    let workflow = at(&peer).workflows().get("c").await.unwrap();
    assert_eq!((workflow.state_version, &workflow.config["kept"]), (3, &json!(1)));
    assert_eq!(workflow.malformed.to_string(), "config: holds a value that is nested too deep");
    assert!(workflow.malformed.contains("config") && !workflow.malformed.contains("kind"));
}

#[tokio::test]
async fn a_time_that_is_none_costs_nothing_else() {
    let never = with(&message(2), "created_at", "1e300");
    let peer = answering(&format!("[{},{never}]", message(1))).await;
    let page = at(&peer).messages().list("c").await.unwrap();
    assert_eq!((page[1].seq, page[1].content.as_str(), page[1].created_at), (2, "hello", Timestamp::EPOCH));
    assert_eq!(
        (page[0].malformed.is_empty(), page[1].malformed.to_string()),
        (true, "created_at: is no point in time".into())
    );

    let peer = answering(&format!("[{}]", with(&relationship(), "updated_at", "\"tomorrow\""))).await;
    let listed = at(&peer).relationships().list().await.unwrap();
    assert_eq!(listed[0].malformed.to_string(), "updated_at: is no point in time");
}

#[tokio::test]
async fn what_is_another_answer_altogether_is_malformed() {
    for (list, _, start, end) in lists() {
        for body in ["{}", "null", "[5]", "[{}]", r#"[{"detail":"x"}]"#, r#"{"detail":"x"}"#, "<html>", "\"\\ud83d\""] {
            // A notification takes in whatever comes.
            let told = told(list, body).await;
            assert_eq!(told, Err(ErrorKind::MalformedResponse), "{list}: {body}");
        }
        for rows in ["5", "{}", "null"] {
            let told = told(list, &format!("{start}{rows}{end}")).await;
            assert_eq!(told, Err(ErrorKind::MalformedResponse), "{list}: {rows}");
        }
    }
    // What is no list is taken as a whole, or not at all.
    let peer = answering(&with(&message(1), "seq", "\"x\"")).await;
    let error = at(&peer).messages().send("c", "hello").await.unwrap_err();
    assert_eq!((error.kind(), error.may_have_been_sent()), (ErrorKind::MalformedResponse, true));
    assert!(error.to_string().contains("expected u64 (line 1 column "), "{error}");
}

#[tokio::test]
async fn what_an_answer_need_not_have_costs_nothing_else() {
    let user = json!({"id": "u", "name": "U", "type": "human", "is_guest": true, "mycel_id": 4711});
    let peer = answering(&with(&user, "mycel_id", "1e999")).await;
    let me = at(&peer).me().whoami().await.unwrap();
    assert_eq!((me.id.as_str(), me.mycel_id), ("u", None));
    assert_eq!(me.malformed.to_string(), "mycel_id: holds a number that is out of range");
    let peer = answering(&with(&user, "mycel_id", "[]")).await;
    let me = at(&peer).me().whoami().await.unwrap();
    assert!(me.malformed.to_string().starts_with("mycel_id: expected"), "{}", me.malformed);

    // A token that can't be had again is not lost for an avatar.
    let session = json!({"token": "tok-789", "user": {"id": "u", "name": "U", "type": "human", "avatar": 5}});
    let peer = answering(&session.to_string()).await;
    let guest = at(&peer).auth().create_guest_owner().await.unwrap();
    assert_eq!((guest.token.expose_secret(), guest.user.id.as_str(), guest.user.avatar), ("tok-789", "u", None));
    assert!(guest.malformed.contains("user") && !guest.malformed.to_string().contains('5'), "{}", guest.malformed);

    let member = |id: &str| json!({"id": id, "name": "M", "type": "human"});
    let chat = json!({"id": "c", "type": "group", "status": "active", "created_by_user_id": "u", "created_at": 1.5,
        "members": [member("a"), {"id": 5}, member("b")]});
    let peer = answering(&chat.to_string()).await;
    let chat = at(&peer).chats().get("c").await.unwrap();
    assert_eq!(chat.members.iter().map(|member| member.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(chat.malformed.to_string().starts_with("members: 1 of 3 elements"), "{}", chat.malformed);

    let target = json!({"id": "c", "type": "group", "status": "active", "created_by_user_id": "u", "is_member": false,
        "current_request": {"id": "r"}});
    let peer = answering(&target.to_string()).await;
    let target = at(&peer).join_requests().target("c").await.unwrap();
    assert_eq!((target.current_request, target.malformed.contains("current_request")), (None, true));

    // What has to be there is there, or the answer is none.
    for odd in [with(&user, "id", "5"), with(&user, "name", "null"), r#"{"id": "u"}"#.to_owned()] {
        let peer = answering(&odd).await;
        assert_eq!(at(&peer).me().whoami().await.unwrap_err().kind(), ErrorKind::MalformedResponse, "{odd}");
    }
}
