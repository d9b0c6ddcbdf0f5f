//! The runtime inbox: what is told, how often, and who is woken.

use std::env;
use std::pin::Pin;
use std::time::Duration;

use mycel_sdk::{
    Client, ErrorKind, Notification, NotificationEvent, RelationshipNotice, RelationshipState, RetryPolicy,
};
use mycel_tests::{Actor, Peer, Reply, VirtualTime, World, expect_not_sent};
use tokio::time::Instant;

async fn drained(actor: &Actor) -> Vec<NotificationEvent> {
    let notifications = actor.client.notifications().drain().await.unwrap();
    notifications.into_iter().map(|notification| notification.event).collect()
}

/// What is told of a relationship, by the one event that there is.
async fn relationship_notice(
    actor: &Actor,
    read: fn(NotificationEvent) -> Option<RelationshipNotice>,
) -> RelationshipNotice {
    let mut events = drained(actor).await;
    assert_eq!(events.len(), 1, "{events:?}");
    read(events.remove(0)).expect("the event is of the expected kind")
}

#[tokio::test]
async fn a_chat_is_told_with_every_drain_until_it_is_read() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    assert_eq!(drained(&claude).await, []);
    codex.client.messages().send(&chat, "one").await.unwrap();
    let latest = codex.client.messages().send(&chat, "two").await.unwrap();

    let mut last_seq = 0;
    for _ in 0..2 {
        let notifications = claude.client.notifications().drain().await.unwrap();
        let [only] = &notifications[..] else { panic!("{notifications:?}") };
        let expected = NotificationEvent::ChatMessage {
            chat_id: chat.clone(),
            message_id: Some(latest.id.clone()),
            message_seq: Some(2),
            sender_name: "codex".to_owned(),
            unread_count: 2,
        };
        assert_eq!(only.event, expected);
        assert_eq!(only.metadata["event_type"], "chat.message");
        assert_eq!(only.metadata["notification_type"], "chat");
        assert!(only.seq > last_seq, "{only:?}");
        last_seq = only.seq;
    }
    claude.client.messages().read(&chat).await.unwrap();
    assert_eq!(drained(&claude).await, []);
}

#[tokio::test]
async fn people_find_it_in_their_inbox_too() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let chat = codex.client.chats().ensure_direct(&owner.id).await.unwrap().id;
    codex.client.messages().send(&chat, "hello").await.unwrap();
    let events = drained(&owner).await;
    assert!(matches!(&events[..], [NotificationEvent::ChatMessage { chat_id, .. }] if *chat_id == chat), "{events:?}");
}

#[tokio::test]
async fn people_find_nothing_else_there() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = world.owner().await.agent("codex").await;
    // Asked, rejected, and approved.
    let id = codex.client.relationships().request(&owner.id).await.unwrap().id;
    owner.client.relationships().reject(&id).await.unwrap();
    owner.client.relationships().request(&codex.id).await.unwrap();
    codex.client.relationships().reject(&id).await.unwrap();
    owner.befriend(&codex).await;
    let group = codex.group(&[]).await;
    let request = owner.client.join_requests().request(&group).await.unwrap().id;
    codex.client.join_requests().reject(&group, &request).await.unwrap();
    let chat = codex.client.chats().ensure_direct(&owner.id).await.unwrap().id;
    codex.client.workflow_events().create(&chat, "review", &codex.id).await.unwrap();
    assert_eq!(drained(&owner).await, []);
}

#[tokio::test]
async fn the_steps_of_a_relationship_are_told_to_the_other_once() {
    let world = World::start().await;
    let codex = world.owner().await.agent("codex").await;
    let visitor = world.owner().await.agent("visitor").await;
    let relationships = codex.client.relationships();
    let id = relationships.request(&visitor.id).message("hello").await.unwrap().id;

    let notice = relationship_notice(&visitor, |event| match event {
        NotificationEvent::RelationshipRequested(notice) => Some(notice),
        _ => None,
    })
    .await;
    assert_eq!((&notice.relationship_id, &notice.sender_id), (&id, &codex.id));
    assert_eq!((notice.sender_name.as_str(), &notice.state), ("codex", &None));
    assert!(notice.summary.contains("requested a relationship") && notice.summary.contains("hello"), "{notice:?}");
    assert_eq!(drained(&visitor).await, []);

    visitor.client.relationships().reject(&id).await.unwrap();
    let notice = relationship_notice(&codex, |event| match event {
        NotificationEvent::RelationshipRejected(notice) => Some(notice),
        _ => None,
    })
    .await;
    assert_eq!((&notice.relationship_id, &notice.sender_id), (&id, &visitor.id));
    assert_eq!(notice.state, Some(RelationshipState::None));
    assert_eq!(drained(&codex).await, []);

    relationships.request(&visitor.id).await.unwrap();
    visitor.client.relationships().approve(&id).await.unwrap();
    let notice = relationship_notice(&codex, |event| match event {
        NotificationEvent::RelationshipApproved(notice) => Some(notice),
        _ => None,
    })
    .await;
    assert_eq!((&notice.relationship_id, &notice.sender_id), (&id, &visitor.id));
    assert_eq!(notice.state, Some(RelationshipState::Visit));
    assert_eq!(drained(&codex).await, []);
}

#[tokio::test]
async fn the_other_steps_are_not_told() {
    let world = World::start().await;
    let (codex, visitor) = (world.owner().await.agent("codex").await, world.owner().await.agent("visitor").await);
    let id = codex.befriend(&visitor).await;
    assert_eq!((drained(&codex).await.len(), drained(&visitor).await.len()), (1, 1));
    codex.client.relationships().upgrade(&id).await.unwrap();
    visitor.client.relationships().downgrade(&id).await.unwrap();
    codex.client.relationships().revoke(&id).await.unwrap();
    assert_eq!(drained(&codex).await, []);
    assert_eq!(drained(&visitor).await, []);
}

#[tokio::test]
async fn a_rejected_join_request_is_told_and_an_approved_one_is_a_chat() {
    let world = World::start().await;
    let owner = world.owner().await;
    let visitor = world.owner().await.agent("visitor").await;
    let group = owner.group(&[]).await;
    let id = visitor.client.join_requests().request(&group).await.unwrap().id;

    owner.client.join_requests().reject(&group, &id).await.unwrap();
    let told = NotificationEvent::JoinRejected { chat_id: group.clone(), join_request_id: id.clone() };
    assert_eq!(drained(&visitor).await, [told]);
    assert_eq!(drained(&visitor).await, []);

    visitor.client.join_requests().request(&group).await.unwrap();
    owner.client.join_requests().approve(&group, &id).await.unwrap();
    let events = drained(&visitor).await;
    assert!(matches!(&events[..], [NotificationEvent::ChatMessage { chat_id, .. }] if *chat_id == group), "{events:?}");
}

#[tokio::test]
async fn an_event_of_a_workflow_is_told_to_the_other_members() {
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let event = codex.client.workflow_events().create(&chat, "review", &codex.id).await.unwrap();
    let told = |operation: &str, actor: &Actor, state: &str| NotificationEvent::WorkflowEvent {
        chat_id: chat.clone(),
        event_id: event.id.clone(),
        kind: "review".to_owned(),
        operation: operation.to_owned(),
        actor_id: Some(actor.id.clone()),
        state: state.to_owned(),
    };
    assert_eq!(drained(&claude).await, [told("created", &codex, "open")]);
    assert_eq!(drained(&claude).await, []);
    assert_eq!(drained(&codex).await, []);

    claude.client.workflow_events().update(&chat, &event.id).state("settled").await.unwrap();
    assert_eq!(drained(&codex).await, [told("updated", &claude, "settled")]);
    assert_eq!(drained(&claude).await, []);
}

#[tokio::test]
async fn what_the_sdk_does_not_know_is_handed_over_as_it_is() {
    let body = r#"{"count":2,"notifications":[
        {"seq":1,"event_type":"moon.rose","phase":"full"},
        {"seq":9,"event_type":"chat.message","note":"without a chat"}]}"#;
    let peer = Peer::start([Reply::json("200 OK", body)]).await;
    let notifications = Client::builder(peer.url()).build().unwrap().notifications().drain().await.unwrap();
    assert_eq!(notifications[0].event, NotificationEvent::Other("moon.rose".to_owned()));
    assert_eq!((notifications[0].seq, &notifications[0].metadata["phase"]), (1, &"full".into()));
    assert_eq!(notifications[1].event, NotificationEvent::Other("chat.message".to_owned()));
    assert_eq!(notifications[1].metadata["note"], "without a chat");
}

/// Where the backend is in this runtime, so is its clock, and a busy machine makes nothing late. Another one has the real time.
fn virtual_time() -> Option<VirtualTime> {
    env::var_os("MYCEL_TEST_URL").is_none().then(VirtualTime::pause)
}

type Waiting = Pin<Box<dyn Future<Output = Vec<Notification>>>>;

/// A wait that is under way: nothing has come of it yet.
async fn waiting(actor: &Actor, timeout: Duration) -> Waiting {
    let client = actor.client.clone();
    let mut waiting: Waiting = Box::pin(async move { client.notifications().wait(timeout).await.unwrap() });
    let early = tokio::time::timeout(Duration::from_millis(300), &mut waiting).await;
    assert!(early.is_err(), "{early:?}");
    waiting
}

/// Waits for so long while something happens that is not to wake.
async fn sleeps_through<T>(actor: &Actor, happening: impl Future<Output = T>) -> Vec<Notification> {
    let begun = Instant::now();
    let waiting = waiting(actor, Duration::from_millis(1_200)).await;
    happening.await;
    assert!(begun.elapsed() < Duration::from_millis(1_200), "it happened too late to show anything");
    let notifications = waiting.await;
    assert!(begun.elapsed() >= Duration::from_millis(1_200), "woken after {:?}", begun.elapsed());
    notifications
}

const LONG: Duration = Duration::from_secs(25);

#[tokio::test]
async fn waiting_ends_at_once_where_there_is_something() {
    let _time = virtual_time();
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    codex.client.messages().send(&chat, "hello").await.unwrap();
    let begun = Instant::now();
    assert_eq!(claude.client.notifications().wait(LONG).await.unwrap().len(), 1);
    assert!(begun.elapsed() < LONG);
}

#[tokio::test]
async fn waiting_ends_with_nothing_where_nothing_happens() {
    let _time = virtual_time();
    let world = World::start().await;
    let codex = world.owner().await.agent("codex").await;
    for timeout in [Duration::ZERO, Duration::from_millis(250)] {
        let begun = Instant::now();
        assert_eq!(codex.client.notifications().wait(timeout).await.unwrap(), []);
        assert!(begun.elapsed() >= timeout && begun.elapsed() < timeout + LONG, "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn a_message_wakes_the_agent_that_waits() {
    let _time = virtual_time();
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    let begun = Instant::now();
    let waiting = waiting(&claude, LONG).await;
    codex.client.messages().send(&chat, "hello").await.unwrap();
    let notifications = waiting.await;
    assert!(begun.elapsed() < LONG);
    let [only] = &notifications[..] else { panic!("{notifications:?}") };
    assert!(matches!(&only.event, NotificationEvent::ChatMessage { chat_id, .. } if *chat_id == chat), "{only:?}");
}

#[tokio::test]
async fn a_relationship_wakes_the_agent_that_waits() {
    let _time = virtual_time();
    let world = World::start().await;
    let (codex, visitor) = (world.owner().await.agent("codex").await, world.owner().await.agent("visitor").await);
    let begun = Instant::now();
    let waiting = waiting(&visitor, LONG).await;
    codex.client.relationships().request(&visitor.id).await.unwrap();
    let notifications = waiting.await;
    assert!(begun.elapsed() < LONG);
    assert!(matches!(&notifications[0].event, NotificationEvent::RelationshipRequested(_)), "{notifications:?}");
}

#[tokio::test]
async fn people_are_not_woken() {
    let _time = virtual_time();
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let chat = codex.client.chats().ensure_direct(&owner.id).await.unwrap().id;
    sleeps_through(&owner, codex.client.messages().send(&chat, "hello").into_future()).await;
    assert_eq!(drained(&owner).await.len(), 1);
}

#[tokio::test]
async fn who_is_muted_is_not_woken_until_that_is_over() {
    let _time = virtual_time();
    let world = World::start().await;
    let (codex, claude, chat) = world.pair().await;
    claude.client.chats().mute_member(&chat, &claude.id).await.unwrap();
    // A mention does not override that.
    sleeps_through(&claude, codex.client.messages().send(&chat, "hello").mention(&claude.id).into_future()).await;
    assert_eq!(drained(&claude).await.len(), 1);

    claude.client.messages().read(&chat).await.unwrap();
    claude.client.chats().unmute_member(&chat, &claude.id).await.unwrap();
    let begun = Instant::now();
    let waiting = waiting(&claude, LONG).await;
    codex.client.messages().send(&chat, "hello again").await.unwrap();
    assert_eq!(waiting.await.len(), 1);
    assert!(begun.elapsed() < LONG);
}

#[tokio::test]
async fn who_is_neither_mentioned_nor_addressed_is_not_woken() {
    let _time = virtual_time();
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude, devin) = (owner.agent("codex").await, owner.agent("claude").await, owner.agent("devin").await);
    let group = codex.group(&[&claude, &devin]).await;

    let both = async {
        codex.client.messages().send(&group, "for claude").addressed_to([&claude.id]).await.unwrap();
        codex.client.messages().send(&group, "claude?").mention(&claude.id).await.unwrap();
    };
    let claude_waits = async {
        let begun = Instant::now();
        let waiting = waiting(&claude, LONG).await;
        assert_eq!(waiting.await.len(), 1);
        assert!(begun.elapsed() < LONG);
    };
    tokio::join!(sleeps_through(&devin, both), claude_waits);
    // The mention is unread all the same.
    assert_eq!(devin.client.messages().unread(&group).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_wait_of_more_than_30_s_is_not_sent() {
    let peer = Peer::start([Reply::json("200 OK", r#"{"count":0,"notifications":[]}"#)]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    for timeout in [Duration::from_millis(30_001), Duration::MAX] {
        expect_not_sent(&client.notifications().wait(timeout).await.unwrap_err(), "longer than 30 s");
    }
    assert_eq!(peer.requests(), [""; 0]);
    client.notifications().wait(Duration::from_secs(30)).await.unwrap();
    client.notifications().wait(Duration::from_millis(1_500)).await.unwrap();
    for (request, seconds) in peer.requests().iter().zip([30.0, 1.5]) {
        let target = request.split(' ').nth(1).unwrap();
        let asked = target.strip_prefix("/api/runtime/inbox/wait?timeout_seconds=").unwrap();
        assert_eq!(asked.parse(), Ok(seconds));
    }
}

#[tokio::test]
async fn a_wait_has_its_time_on_top_of_the_limits() {
    let _time = virtual_time();
    let world = World::start().await;
    let guest = world.client.auth().create_guest_owner().await.unwrap();
    let impatient = Client::builder(world.client.base_url())
        .auth_token(guest.token)
        .attempt_timeout(Duration::from_millis(300))
        .overall_timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    let begun = Instant::now();
    assert_eq!(impatient.notifications().wait(Duration::from_secs(1)).await.unwrap(), []);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_wait_that_gets_no_answer_ends_all_the_same() {
    let _time = VirtualTime::pause();
    let peer = Peer::start([Reply::Silence]).await;
    let client = Client::builder(peer.url()).attempt_timeout(Duration::from_secs(1)).build().unwrap();
    let begun = Instant::now();
    let error = client.notifications().wait(Duration::from_secs(2)).await.unwrap_err();
    assert!(begun.elapsed() >= Duration::from_secs(3));
    assert_eq!((error.kind(), error.attempts(), error.may_have_been_sent()), (ErrorKind::TimedOut, 1, true));
    assert!(error.to_string().contains("(the attempt limit)"), "{error}");
}

#[tokio::test]
async fn what_a_lost_answer_carried_is_not_asked_for_again() {
    let peer = Peer::start([Reply::Nothing]).await;
    let client = Client::builder(peer.url()).retry(RetryPolicy::default()).build().unwrap();
    let errors = [
        client.notifications().drain().await.unwrap_err(),
        client.notifications().wait(Duration::ZERO).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Interrupted, 1));
        assert!(error.may_have_been_sent());
        assert!(error.to_string().contains("the backend may have carried it out"), "{error}");
    }
}
