//! Many at once.

use std::collections::HashSet;

use serde_json::json;

use crate::client::{backend, seqs, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_two_messages_share_a_number_and_none_is_left_out() {
    const TASKS: i64 = 16;
    const EACH: i64 = 50;

    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let (a, b) = (owner.external("a").await, owner.external("b").await);
    let chat = a.direct(&b).await;
    let tasks = (0..TASKS).map(|task| {
        let (user, chat) = (if task % 2 == 0 { a.clone() } else { b.clone() }, chat.clone());
        tokio::spawn(async move {
            let mut seqs = Vec::new();
            for number in 0..EACH {
                seqs.push(user.say(&chat, &format!("{task}/{number}")).await["seq"].as_i64().unwrap());
            }
            seqs
        })
    });
    let mut all = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        let seqs = task.await.unwrap();
        assert!(seqs.is_sorted());
        all.extend(seqs);
    }
    all.sort_unstable();
    assert_eq!(all, (1..=TASKS * EACH).collect::<Vec<_>>());
    let last = a.get(format!("/api/chats/{chat}/messages?limit=200")).await.good();
    assert_eq!(seqs(&last), (TASKS * EACH - 199..=TASKS * EACH).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_those_who_answer_one_message_at_once_only_one_is_caught_up() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let mut members = Vec::new();
    for number in 0..8 {
        members.push(owner.external(&format!("member-{number}")).await);
    }
    let chat = owner.group("Group", &members.iter().collect::<Vec<_>>()).await;
    for _ in 0..5 {
        for member in &members {
            member.read(&chat).await;
        }
        let answers = members.iter().map(|member| {
            let (member, chat) = (member.clone(), chat.clone());
            tokio::spawn(async move { member.say_caught_up(&chat, "me first").await.status.as_u16() })
        });
        let mut statuses = Vec::new();
        for answer in answers.collect::<Vec<_>>() {
            statuses.push(answer.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_direct_chat_is_made_once() {
    let (_backend, nobody) = backend().await;
    let (ada, bob) = (nobody.guest("Ada").await, nobody.guest("Bob").await);
    let made = (0..8).map(|number| {
        let (from, to) = if number % 2 == 0 { (ada.clone(), bob.clone()) } else { (bob.clone(), ada.clone()) };
        tokio::spawn(async move { from.direct(&to).await })
    });
    let mut ids = HashSet::new();
    for id in made.collect::<Vec<_>>() {
        ids.insert(id.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_id_is_given_to_one_user() {
    let (_backend, nobody) = backend().await;
    let owner = nobody.guest("Owner").await;
    let made = (0..8).map(|_| {
        let owner = owner.clone();
        let body = json!({ "user_id": "wanted", "display_name": "Wanted" });
        tokio::spawn(async move { owner.post("/api/auth/external-users", body).await })
    });
    let mut statuses = Vec::new();
    for answer in made.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status == 409 {
            assert_eq!(text(&answer.json()["detail"]), "external user already exists: wanted");
        }
        statuses.push(answer.status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
}
