//! Sending and reading, and being caught up.

use serde_json::{Value, json};

use crate::client::{Answer, User, backend, keys, seqs, text};

/// Two external users of one owner in a direct chat.
async fn two_in_a_chat(nobody: &User) -> (User, User, String) {
    let owner = nobody.guest("Owner").await;
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    let chat = a.direct(&b).await;
    (a, b, chat)
}

async fn send(user: &User, chat: &str, body: Value) -> Answer {
    user.post(format!("/api/chats/{chat}/messages"), body).await
}

async fn mark_read(user: &User, chat: &str, up_to_seq: impl Into<Value>) -> Answer {
    user.post(format!("/api/chats/{chat}/read"), json!({ "up_to_seq": up_to_seq.into() })).await
}

#[tokio::test]
async fn a_message_has_every_field() {
    let (_backend, nobody) = backend().await;
    let (a, b, chat) = two_in_a_chat(&nobody).await;
    let body = json!({ "content": " hello ✓ ", "mentioned_ids": ["b", "ghost"], "reply_to": "nothing" });
    let sent = send(&a, &chat, body).await.good();
    assert_eq!(text(&sent["id"]).len(), 36);
    assert!(sent["created_at"].is_f64());
    let expected = json!({
        "id": sent["id"], "chat_id": chat, "sender_id": "a", "sender_name": "Name of a", "content": " hello ✓ ",
        "message_type": "human", "mentioned_ids": ["b", "ghost"], "delivery_scope": "broadcast",
        "addressed_to_user_ids": [], "seq": 1, "signal": null, "retracted_at": null, "created_at": sent["created_at"],
    });
    assert_eq!(sent, expected);
    let listed = b.get(format!("/api/chats/{chat}/messages")).await.good();
    assert_eq!(listed, json!([sent]));
}

#[tokio::test]
async fn fields_that_are_null_are_as_if_absent() {
    let (_backend, nobody) = backend().await;
    let (a, _, chat) = two_in_a_chat(&nobody).await;
    let body = json!({ "content": "x", "mentioned_ids": null, "addressed_to_user_ids": null, "reply_to": null });
    let sent = send(&a, &chat, body).await.good();
    assert_eq!((&sent["mentioned_ids"], &sent["addressed_to_user_ids"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn a_page_is_the_newest_before_a_number_in_ascending_order() {
    let (_backend, nobody) = backend().await;
    let (a, b, chat) = two_in_a_chat(&nobody).await;
    for number in 1..=5 {
        a.say(&chat, &number.to_string()).await;
    }
    let page = async |query: &str| b.get(format!("/api/chats/{chat}/messages{query}")).await;
    assert_eq!(seqs(&page("").await.good()), [1, 2, 3, 4, 5]);
    assert_eq!(seqs(&page("?limit=2").await.good()), [4, 5]);
    assert_eq!(seqs(&page("?limit=2&before=4").await.good()), [2, 3]);
    assert_eq!(seqs(&page("?before=1").await.good()), [0; 0]);
    assert_eq!(seqs(&page("?before=-7").await.good()), [0; 0]);
    assert_eq!(seqs(&page("?before=").await.good()), [1, 2, 3, 4, 5]);
    assert_eq!(seqs(&page("?before=+3+").await.good()), [1, 2]);
    page("?before=x").await.crashed();
    page("?before=1.5").await.crashed();
    for (beyond, seen) in [("99999999999999999999", vec![1, 2, 3, 4, 5]), ("-99999999999999999999", vec![])] {
        assert_eq!(seqs(&page(&format!("?before={beyond}")).await.good()), seen);
    }
    assert_eq!(seqs(&page("?before=%1c0_3%1f").await.good()), [1, 2]);
    page("?before=0__3").await.crashed();
    // Nothing of this moved the cursor.
    assert_eq!(b.unread(&chat).await, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_limit_has_bounds_and_a_default() {
    let (_backend, nobody) = backend().await;
    let (a, _, chat) = two_in_a_chat(&nobody).await;
    for _ in 0..52 {
        a.say(&chat, "x").await;
    }
    let page = async |query: &str| a.get(format!("/api/chats/{chat}/messages{query}")).await;
    assert_eq!(seqs(&page("").await.good()), (3..=52).collect::<Vec<_>>());
    assert_eq!(seqs(&page("?limit=200").await.good()).len(), 52);
    assert_eq!(page("?limit=0").await.issue()["ctx"], json!({ "ge": 1 }));
    assert_eq!(page("?limit=201").await.issue()["ctx"], json!({ "le": 200 }));
}

#[tokio::test]
async fn unread_is_what_others_wrote_since_and_reading_moves_on() {
    let (_backend, nobody) = backend().await;
    let (a, b, chat) = two_in_a_chat(&nobody).await;
    a.say(&chat, "one").await;
    b.say(&chat, "two").await;
    a.say(&chat, "three").await;
    assert_eq!(a.unread(&chat).await, [2]);
    assert_eq!(b.unread(&chat).await, [1, 3]);
    assert_eq!(b.unread(&chat).await, [1, 3]);
    assert_eq!(seqs(&b.read(&chat).await), [1, 3]);
    assert_eq!(b.read(&chat).await, json!([]));
    assert_eq!(b.unread(&chat).await, [0; 0]);
}

#[tokio::test]
async fn a_cursor_only_moves_forward() {
    let (_backend, nobody) = backend().await;
    let (a, b, chat) = two_in_a_chat(&nobody).await;
    for _ in 0..3 {
        a.say(&chat, "x").await;
    }
    assert_eq!(mark_read(&b, &chat, 2).await.good(), json!({ "status": "ok" }));
    assert_eq!(b.unread(&chat).await, [3]);
    assert_eq!(mark_read(&b, &chat, 0).await.good(), json!({ "status": "ok" }));
    assert_eq!(b.unread(&chat).await, [3]);
}

#[tokio::test]
async fn a_cursor_beyond_the_end_hides_what_is_yet_to_come() {
    let (_backend, nobody) = backend().await;
    let (a, b, chat) = two_in_a_chat(&nobody).await;
    mark_read(&b, &chat, i64::MAX).await.good();
    a.say(&chat, "hidden").await;
    assert_eq!(b.unread(&chat).await, [0; 0]);
    b.say_caught_up(&chat, "unsuspecting").await.good();
    mark_read(&b, &chat, 1_u64 << 63).await.crashed();
    mark_read(&b, &chat, json!("9223372036854775808")).await.crashed();
    assert_eq!(mark_read(&b, &chat, -1).await.issue()["type"], "greater_than_equal");
    assert_eq!(b.post_nothing(format!("/api/chats/{chat}/read")).await.issue()["type"], "missing");
}

#[tokio::test]
async fn who_is_behind_may_not_send_if_they_ask_to_be_held_to_it() {
    let (_backend, nobody) = backend().await;
    let (a, b, chat) = two_in_a_chat(&nobody).await;
    a.say_caught_up(&chat, "first").await.good();
    b.say_caught_up(&chat, "too early").await.refused(409, "Read unread messages before sending.");
    // Sending without the check neither needs nor moves the cursor.
    assert_eq!(b.say(&chat, "all the same").await["seq"], 2);
    assert_eq!(b.unread(&chat).await, [1]);
    b.say_caught_up(&chat, "still behind").await.refused(409, "Read unread messages before sending.");
    b.read(&chat).await;
    assert_eq!(b.say_caught_up(&chat, "now").await.good()["seq"], 3);
    // Sending with the check moves the cursor to the message sent.
    a.read(&chat).await;
    assert_eq!(a.say_caught_up(&chat, "and back").await.good()["seq"], 4);
}

#[tokio::test]
async fn a_refused_message_takes_no_number() {
    let (_backend, nobody) = backend().await;
    let (a, b, chat) = two_in_a_chat(&nobody).await;
    a.say(&chat, "one").await;
    b.say_caught_up(&chat, "refused").await.refused(409, "Read unread messages before sending.");
    assert_eq!(a.say(&chat, "two").await["seq"], 2);
}

#[tokio::test]
async fn content_may_not_be_blank() {
    let (_backend, nobody) = backend().await;
    let (a, _, chat) = two_in_a_chat(&nobody).await;
    // The last of these are blanks to Python alone.
    for blank in ["", " \n\t", "\u{a0}\u{2028}\u{85}", "\u{1c}\u{1d}\u{1e}\u{1f}"] {
        send(&a, &chat, json!({ "content": blank })).await.refused(400, "Content cannot be empty");
    }
}

#[tokio::test]
async fn an_addressed_message_is_unread_only_for_its_addressees() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let (a, b, c) = (owner.external("a").await, owner.external("b").await, owner.external("c").await);
    let chat = a.group("Group", &[&b, &c]).await;
    let addressed = json!({
        "content": "for b", "delivery_scope": "addressed", "addressed_to_user_ids": ["b", "a", "b"],
    });
    let sent = send(&a, &chat, addressed).await.good();
    assert_eq!((&sent["delivery_scope"], &sent["addressed_to_user_ids"]), (&json!("addressed"), &json!(["b"])));
    assert_eq!(b.unread(&chat).await, [1]);
    assert_eq!(c.unread(&chat).await, [0; 0]);
    // It is no secret, and it is in nobody's way.
    assert_eq!(seqs(&c.get(format!("/api/chats/{chat}/messages")).await.good()), [1]);
    c.say_caught_up(&chat, "c speaks").await.good();
    b.say_caught_up(&chat, "b does not").await.refused(409, "Read unread messages before sending.");
}

#[tokio::test]
async fn addressees_must_fit_the_scope() {
    let (_backend, nobody) = backend().await;
    let (a, _, chat) = two_in_a_chat(&nobody).await;
    let addressed = async |ids: Value| {
        send(&a, &chat, json!({ "content": "x", "delivery_scope": "addressed", "addressed_to_user_ids": ids })).await
    };
    let nobody_left = "addressed messages require at least one recipient other than the sender";
    addressed(json!(null)).await.refused(400, nobody_left);
    addressed(json!([])).await.refused(400, nobody_left);
    addressed(json!(["a", "a"])).await.refused(400, nobody_left);
    addressed(json!(["b", "ghost"])).await.refused(400, "Addressed recipient is not a chat member: ghost");
    // An id that is none is dropped.
    addressed(json!([""])).await.refused(400, nobody_left);
    assert_eq!(addressed(json!(["", "b"])).await.good()["addressed_to_user_ids"], json!(["b"]));
    let broadcast = json!({ "content": "x", "addressed_to_user_ids": [""] });
    assert_eq!(send(&a, &chat, broadcast).await.good()["addressed_to_user_ids"], json!([]));
    let broadcast = json!({ "content": "x", "addressed_to_user_ids": ["b"] });
    send(&a, &chat, broadcast).await.refused(400, "broadcast messages must not include addressed_to_user_ids");
    assert_eq!(send(&a, &chat, json!({ "content": "x", "addressed_to_user_ids": [] })).await.status, 200);
}

#[tokio::test]
async fn strangers_and_strange_chats_are_refused_alike() {
    let (_backend, nobody) = backend().await;
    let (_, _, chat) = two_in_a_chat(&nobody).await;
    let stranger = nobody.guest("Stranger").await;
    for chat in [chat.as_str(), "nope"] {
        let detail = "Not a participant of this chat";
        stranger.get(format!("/api/chats/{chat}/messages")).await.refused(403, detail);
        stranger.get(format!("/api/chats/{chat}/messages/unread")).await.refused(403, detail);
        stranger.post_nothing(format!("/api/chats/{chat}/messages/read")).await.refused(403, detail);
        mark_read(&stranger, chat, 1).await.refused(403, detail);
        stranger.say_caught_up(chat, "x").await.refused(403, detail);
    }
}

#[tokio::test]
async fn the_fields_of_a_body_are_closed() {
    let (_backend, nobody) = backend().await;
    let (a, _, chat) = two_in_a_chat(&nobody).await;
    let issue = send(&a, &chat, json!({ "content": "x", "sender_id": "b" })).await.issue();
    assert_eq!(keys(&issue), ["input", "loc", "msg", "type"]);
    assert_eq!((&issue["type"], &issue["loc"]), (&json!("extra_forbidden"), &json!(["body", "sender_id"])));
    let issue = a.post(format!("/api/chats/{chat}/read"), json!({ "up_to_seq": 1, "seq": 1 })).await.issue();
    assert_eq!(issue["loc"], json!(["body", "seq"]));
}
