//! What the backend lets its users fall into, and the facade does not.

use mycel_local_backend::LocalBackend;
use mycel_sdk::{Client, ErrorKind, UserId};
use mycel_tests::{Peer, Reply, World, expect_failed, expect_not_sent, fresh, raw_request};
use serde_json::{Value, json};

#[tokio::test]
async fn an_untitled_group_of_one_breaks_its_makers_account_and_is_not_made() {
    let test = "an_untitled_group_of_one_breaks_its_makers_account_and_is_not_made";
    let Some(world) = World::start_local(test).await else { return };
    let guest = world.client.auth().create_guest_owner().await.unwrap();
    let owner = world.client.with_auth_token(&guest.token);
    let nobody: [UserId; 0] = [];
    expect_not_sent(&owner.chats().create(nobody).group().await.unwrap_err(), "give it a title");
    assert_eq!(owner.chats().list().await.unwrap(), []);

    let body = r#"{"user_ids": [], "kind": "group"}"#;
    let token = guest.token.expose_secret();
    let (status, made) = raw_request(world.client.base_url(), "POST", "/api/chats", token, body).await;
    assert_eq!(status, 200, "{made}");
    let chat = serde_json::from_str::<Value>(&made).unwrap()["id"].as_str().unwrap().to_owned();

    expect_failed(&owner.chats().list().await.unwrap_err());
    let errors = [
        owner.notifications().drain().await.unwrap_err(),
        owner.notifications().wait(std::time::Duration::ZERO).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.status()), (ErrorKind::BackendFailed, Some(500)));
        assert_eq!(error.detail(), Some(&*format!("Chat {chat} has no projectable title")));
    }

    // The way out is another member, who gives it a title by being there.
    let codex = owner.users().create_external(fresh("codex"), "Codex").await.unwrap();
    owner.chats().add_member(&*chat, &codex.user.id).await.unwrap();
    assert_eq!(owner.chats().list().await.unwrap()[0].title, "Codex");
    assert_eq!(owner.notifications().drain().await.unwrap(), []);
}

#[tokio::test]
async fn a_user_id_with_a_slash_can_not_be_addressed_and_is_not_made() {
    let test = "a_user_id_with_a_slash_can_not_be_addressed_and_is_not_made";
    let Some(world) = World::start_local(test).await else { return };
    let guest = world.client.auth().create_guest_owner().await.unwrap();
    let owner = world.client.with_auth_token(&guest.token);
    expect_not_sent(&owner.users().create_external("team/codex", "Codex").await.unwrap_err(), "holds a `/`");

    let (url, token) = (world.client.base_url(), guest.token.expose_secret());
    let body = r#"{"user_id": "team/codex", "display_name": "Codex"}"#;
    let (status, _) = raw_request(url, "POST", "/api/auth/external-users", token, body).await;
    assert_eq!(status, 200);
    expect_not_sent(&owner.relationships().request("team/codex").await.unwrap_err(), "holds a `/`");
    let body = r#"{"target_user_id": "team/codex"}"#;
    let (status, requested) = raw_request(url, "POST", "/api/relationships/request", token, body).await;
    assert_eq!(status, 200, "{requested}");

    // It is there, and no request gets to it: neither the facade's nor an encoded one.
    let list = owner.relationships().list().await.unwrap();
    assert_eq!(list[0].other_user_id, "team/codex");
    expect_not_sent(&owner.relationships().revoke(&list[0].id).await.unwrap_err(), "the relationship id");
    let encoded = list[0].id.as_str().replace('/', "%2F");
    let path = format!("/api/relationships/{encoded}/revoke");
    let (status, body) = raw_request(url, "POST", &path, token, "{}").await;
    assert_eq!((status, body.as_str()), (404, r#"{"detail":"Not Found"}"#));
}

#[tokio::test]
async fn a_cursor_beyond_the_end_hides_what_is_to_come_and_takes_a_message_to_move() {
    let test = "a_cursor_beyond_the_end_hides_what_is_to_come_and_takes_a_message_to_move";
    let Some(world) = World::start_local(test).await else { return };
    let guest = world.client.auth().create_guest_owner().await.unwrap();
    let owner = world.client.with_auth_token(&guest.token);
    let codex = owner.users().create_external(fresh("codex"), "Codex").await.unwrap();
    let codex = owner.with_auth_token(codex.token);
    let chat = codex.chats().ensure_direct(&guest.user.id).await.unwrap().id;
    let first = codex.messages().send(&chat, "first").await.unwrap();

    // With a message in hand the end of the chat is as far as the cursor goes.
    owner.messages().mark_read(&first).await.unwrap();
    codex.messages().send(&chat, "second").await.unwrap();
    assert_eq!(owner.messages().unread(&chat).await.unwrap().len(), 1);

    let path = format!("/api/chats/{chat}/read");
    let (url, token) = (world.client.base_url(), guest.token.expose_secret());
    let (status, _) = raw_request(url, "POST", &path, token, r#"{"up_to_seq": 1000}"#).await;
    assert_eq!(status, 200);
    codex.messages().send(&chat, "third").await.unwrap();
    assert_eq!(owner.messages().unread(&chat).await.unwrap(), []);
    assert_eq!(owner.notifications().drain().await.unwrap(), []);
    assert_eq!(owner.chats().list().await.unwrap()[0].unread_count, 0);
}

#[tokio::test]
async fn what_is_read_with_a_lost_answer_is_still_unread() {
    let message = json!({"id": "m", "chat_id": "c", "sender_id": "u", "sender_name": "U", "content": "x",
        "message_type": "human", "mentioned_ids": [], "seq": 1, "created_at": 1.5});
    let page = json!([message]).to_string();
    let cut_off = || Reply::cut_off(&page);
    let peer = Peer::start([cut_off(), cut_off(), cut_off(), cut_off(), Reply::json("200 OK", &page)]).await;
    let client = Client::builder(peer.url()).build().unwrap();

    let error = client.messages().read("c").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 3));
    assert!(peer.requests().iter().all(|request| request.starts_with("GET ")), "nothing is marked");

    // To look can be tried again, and so can what comes after the work.
    let unread = client.messages().unread("c").await.unwrap();
    assert_eq!((unread.len(), peer.requests().len()), (1, 5));
    let peer = Peer::start([Reply::Nothing, Reply::json("200 OK", r#"{"status":"ok"}"#)]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    client.messages().mark_read(&unread[0]).await.unwrap();
    assert_eq!(peer.bodies(), [r#"{"up_to_seq":1}"#; 2]);
}

#[tokio::test]
async fn tokens_and_messages_outlive_a_restart_and_numbers_of_notifications_do_not() {
    let test = "tokens_and_messages_outlive_a_restart_and_numbers_of_notifications_do_not";
    let Some(_) = World::start_local(test).await else { return };
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mycel.db");
    let backend = LocalBackend::builder().data(&file).start().await.unwrap();
    let client = Client::builder(backend.url()).build().unwrap();
    let guest = client.auth().create_guest_owner().await.unwrap();
    let owner = client.with_auth_token(&guest.token);
    let codex = owner.users().create_external(fresh("codex"), "Codex").await.unwrap();
    let agent = owner.with_auth_token(&codex.token);
    let chat = owner.chats().ensure_direct(&codex.user.id).await.unwrap().id;
    let sent = owner.messages().send(&chat, "before the restart").await.unwrap();
    let mut seqs = Vec::new();
    for _ in 0..3 {
        seqs.push(agent.notifications().drain().await.unwrap()[0].seq);
    }
    assert_eq!(seqs, [1, 2, 3]);
    backend.shutdown().await;

    let backend = LocalBackend::builder().data(&file).start().await.unwrap();
    let agent = Client::builder(backend.url()).auth_token(codex.token).build().unwrap();
    assert_eq!(agent.me().whoami().await.unwrap().id, codex.user.id);
    assert_eq!(agent.notifications().drain().await.unwrap()[0].seq, 1);
    assert_eq!(agent.messages().unread(&chat).await.unwrap(), [sent]);
}
