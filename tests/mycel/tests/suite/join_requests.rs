//! Asking to join a group, and the owner's decision.

use mycel_sdk::{
    ChatId, ChatKind, ChatStatus, Client, ErrorKind, JoinRequestId, JoinRequestState, MessageKind, UserKind,
};
use mycel_tests::{Actor, Peer, Reply, World, expect_behind, expect_refused};

/// A group with its owner and another member, and somebody from elsewhere who might join.
struct Scene {
    world: World,
    owner: Actor,
    member: Actor,
    visitor: Actor,
    group: ChatId,
}

impl Scene {
    async fn set() -> Self {
        let world = World::start().await;
        let human = world.owner().await;
        let (owner, member) = (human.agent("owner").await, human.agent("member").await);
        let visitor = world.owner().await.agent("visitor").await;
        let group = owner.group(&[&member]).await;
        Self { world, owner, member, visitor, group }
    }

    /// The visitor's request, pending.
    async fn pending(&self) -> JoinRequestId {
        self.visitor.client.join_requests().request(&self.group).await.unwrap().id
    }
}

#[tokio::test]
async fn anybody_can_look_at_a_group_before_asking() {
    let scene = Scene::set().await;
    let target = scene.visitor.client.join_requests().target(&scene.group).await.unwrap();
    assert_eq!((&target.id, &target.kind, &target.status), (&scene.group, &ChatKind::Group, &ChatStatus::Active));
    assert_eq!((target.title.as_deref(), &target.created_by), (Some("Release 1.0"), &scene.owner.id));
    assert_eq!((target.is_member, target.current_request), (false, None));

    assert!(scene.member.client.join_requests().target(&scene.group).await.unwrap().is_member);
    // To look is not to be let in.
    let error = scene.visitor.client.messages().list(&scene.group).await.unwrap_err();
    expect_refused(&error, ErrorKind::Forbidden, 403, "Not a participant of this chat");
}

#[tokio::test]
async fn a_request_waits_for_the_owner() {
    let scene = Scene::set().await;
    let request = scene.visitor.client.join_requests().request(&scene.group).message("Codex sent me").await.unwrap();
    assert_eq!(request.id, format!("chat_join:{}:{}", scene.group, scene.visitor.id).as_str());
    assert_eq!((&request.chat_id, &request.requester_id), (&scene.group, &scene.visitor.id));
    assert_eq!((request.requester_name.as_str(), &request.requester_kind), ("visitor", &UserKind::External));
    assert_eq!((&request.state, request.message.as_deref()), (&JoinRequestState::Pending, Some("Codex sent me")));
    assert_eq!((&request.decided_by, request.decided_at), (&None, None));
    assert_eq!(request.created_at, request.updated_at);

    let target = scene.visitor.client.join_requests().target(&scene.group).await.unwrap();
    assert_eq!((target.is_member, target.current_request.as_ref()), (false, Some(&request)));
    // The request is the visitor's own: others see theirs, which is none.
    let target = scene.member.client.join_requests().target(&scene.group).await.unwrap();
    assert_eq!(target.current_request, None);
    assert_eq!(scene.owner.client.join_requests().list(&scene.group).await.unwrap(), [request]);
}

#[tokio::test]
async fn asking_again_takes_the_place_of_the_first_request() {
    let scene = Scene::set().await;
    let requests = scene.visitor.client.join_requests();
    let first = requests.request(&scene.group).message("please").await.unwrap();
    let second = requests.request(&scene.group).await.unwrap();
    assert_eq!((&second.id, &second.state, &second.message), (&first.id, &JoinRequestState::Pending, &None));
    assert!(second.created_at > first.created_at, "{} {}", second.created_at, first.created_at);
    assert_eq!(scene.owner.client.join_requests().list(&scene.group).await.unwrap(), [second]);
}

#[tokio::test]
async fn an_approved_requester_is_a_member() {
    let scene = Scene::set().await;
    let asked = scene.visitor.client.join_requests().request(&scene.group).message("please").await.unwrap();
    let approved = scene.owner.client.join_requests().approve(&scene.group, &asked.id).await.unwrap();
    assert_eq!((&approved.id, &approved.state), (&asked.id, &JoinRequestState::Approved));
    assert_eq!(approved.decided_by.as_ref(), Some(&scene.owner.id));
    assert_eq!((&approved.message, approved.created_at), (&asked.message, asked.created_at));
    assert!(approved.decided_at.unwrap() >= asked.created_at && approved.updated_at >= asked.updated_at);

    let members = scene.visitor.client.chats().get(&scene.group).await.unwrap().members;
    assert!(members.iter().any(|member| member.id == scene.visitor.id), "{members:?}");
    let target = scene.visitor.client.join_requests().target(&scene.group).await.unwrap();
    assert!(target.is_member);
    assert_eq!(scene.owner.client.join_requests().list(&scene.group).await.unwrap(), [approved]);

    scene.visitor.client.messages().read(&scene.group).await.unwrap();
    scene.visitor.client.messages().send(&scene.group, "thanks").await.unwrap();
}

#[tokio::test]
async fn a_rejected_requester_can_ask_again() {
    let scene = Scene::set().await;
    let requests = scene.visitor.client.join_requests();
    let decisions = scene.owner.client.join_requests();
    let asked = requests.request(&scene.group).message("please").await.unwrap();
    let rejected = decisions.reject(&scene.group, &asked.id).await.unwrap();
    assert_eq!((&rejected.id, &rejected.state), (&asked.id, &JoinRequestState::Rejected));
    assert_eq!(rejected.decided_by.as_ref(), Some(&scene.owner.id));
    assert_eq!(rejected.message.as_deref(), Some("please"));
    let target = requests.target(&scene.group).await.unwrap();
    assert_eq!((target.is_member, target.current_request), (false, Some(rejected)));

    let again = requests.request(&scene.group).message("pretty please").await.unwrap();
    assert_eq!((&again.id, &again.state), (&asked.id, &JoinRequestState::Pending));
    assert_eq!((again.message.as_deref(), &again.decided_by, again.decided_at), (Some("pretty please"), &None, None));
    let approved = decisions.approve(&scene.group, &again.id).await.unwrap();
    assert_eq!(approved.state, JoinRequestState::Approved);
}

#[tokio::test]
async fn what_is_decided_is_not_decided_again() {
    let scene = Scene::set().await;
    let decisions = scene.owner.client.join_requests();
    for approve in [false, true] {
        let id = scene.pending().await;
        match approve {
            true => decisions.approve(&scene.group, &id).await.unwrap(),
            false => decisions.reject(&scene.group, &id).await.unwrap(),
        };
        let errors = [
            decisions.approve(&scene.group, &id).await.unwrap_err(),
            decisions.reject(&scene.group, &id).await.unwrap_err(),
        ];
        for error in errors {
            expect_refused(&error, ErrorKind::Conflict, 409, "Chat join request is not pending");
        }
    }
}

#[tokio::test]
async fn a_member_has_no_need_to_ask() {
    let scene = Scene::set().await;
    let id = scene.pending().await;
    scene.owner.client.join_requests().approve(&scene.group, &id).await.unwrap();
    for actor in [&scene.owner, &scene.member, &scene.visitor] {
        let error = actor.client.join_requests().request(&scene.group).await.unwrap_err();
        expect_refused(&error, ErrorKind::Conflict, 409, "Already a participant of this chat");
    }
}

#[tokio::test]
async fn only_the_owner_of_the_group_decides() {
    let scene = Scene::set().await;
    let human = scene.world.owner().await;
    let owner = human.agent("owner").await;
    let group = owner.group(&[]).await;
    let id = scene.visitor.client.join_requests().request(&group).await.unwrap().id;
    owner.client.chats().add_member(&group, &scene.member.id).await.unwrap();
    // Neither a member, nor the requester, nor a stranger, nor the owner of the group's owner.
    for actor in [&scene.member, &scene.visitor, &scene.owner, &human] {
        let requests = actor.client.join_requests();
        let errors = [
            requests.list(&group).await.unwrap_err(),
            requests.approve(&group, &id).await.unwrap_err(),
            requests.reject(&group, &id).await.unwrap_err(),
        ];
        for error in errors {
            expect_refused(&error, ErrorKind::Forbidden, 403, "Only the chat owner can manage join requests");
        }
    }
    assert_eq!(owner.client.join_requests().list(&group).await.unwrap()[0].state, JoinRequestState::Pending);
}

#[tokio::test]
async fn a_direct_chat_can_not_be_joined() {
    let scene = Scene::set().await;
    let direct = scene.owner.client.chats().ensure_direct(&scene.member.id).await.unwrap().id;
    let (asking, deciding) = (scene.visitor.client.join_requests(), scene.owner.client.join_requests());
    let errors = [
        asking.target(&direct).await.unwrap_err(),
        asking.request(&direct).message("please").await.unwrap_err(),
        deciding.list(&direct).await.unwrap_err(),
        deciding.approve(&direct, "whatever").await.unwrap_err(),
        deciding.reject(&direct, "whatever").await.unwrap_err(),
    ];
    for error in errors {
        expect_refused(&error, ErrorKind::Conflict, 409, "Join requests are only supported for group chats");
    }
}

#[tokio::test]
async fn a_chat_that_is_not_there_can_not_be_joined() {
    let scene = Scene::set().await;
    let requests = scene.visitor.client.join_requests();
    let errors = [
        requests.target("nope").await.unwrap_err(),
        requests.request("nope").await.unwrap_err(),
        requests.list("nope").await.unwrap_err(),
        requests.approve("nope", "whatever").await.unwrap_err(),
        requests.reject("nope", "whatever").await.unwrap_err(),
    ];
    for error in errors {
        expect_refused(&error, ErrorKind::NotFound, 404, "Chat not found");
    }
}

#[tokio::test]
async fn a_request_is_found_in_its_own_group_alone() {
    let scene = Scene::set().await;
    let elsewhere = scene.owner.group(&[]).await;
    let request = scene.pending().await;
    let requests = scene.owner.client.join_requests();
    let errors = [
        requests.approve(&scene.group, "nope").await.unwrap_err(),
        requests.reject(&scene.group, "nope").await.unwrap_err(),
        requests.approve(&elsewhere, &request).await.unwrap_err(),
        requests.reject(&elsewhere, &request).await.unwrap_err(),
    ];
    for error in errors {
        expect_refused(&error, ErrorKind::NotFound, 404, "Chat join request not found");
    }
    assert_eq!(requests.list(&elsewhere).await.unwrap(), []);
    assert_eq!(requests.list(&scene.group).await.unwrap()[0].state, JoinRequestState::Pending);
}

#[tokio::test]
async fn each_step_is_written_into_the_group() {
    let scene = Scene::set().await;
    let (asking, deciding) = (scene.visitor.client.join_requests(), scene.owner.client.join_requests());
    scene.owner.client.messages().send(&scene.group, "hello").await.unwrap();
    let id = asking.request(&scene.group).message("please").await.unwrap().id;
    asking.request(&scene.group).await.unwrap();
    deciding.reject(&scene.group, &id).await.unwrap();
    asking.request(&scene.group).message("").await.unwrap();
    deciding.approve(&scene.group, &id).await.unwrap();
    let last = scene.owner.client.messages().send(&scene.group, "goodbye").enforce_caught_up(false).await.unwrap();
    assert_eq!(last.seq, 7);

    let messages = scene.owner.client.messages().list(&scene.group).await.unwrap();
    let visitor = &scene.visitor.id;
    let expected = [
        (2, visitor, format!("{visitor} requested to join this chat: please")),
        (3, visitor, format!("{visitor} requested to join this chat.")),
        (4, &scene.owner.id, format!("Rejected chat join request for {visitor}.")),
        (5, visitor, format!("{visitor} requested to join this chat.")),
        (6, &scene.owner.id, format!("Approved chat join request for {visitor}.")),
    ];
    assert_eq!(messages.len(), 7);
    for (message, (seq, sender, content)) in messages[1..6].iter().zip(expected) {
        assert_eq!((message.seq, &message.sender_id, &message.content), (seq, sender, &content));
        assert_eq!(message.kind, MessageKind::Notification, "{content}");
    }
    assert_eq!((&messages[0].kind, &messages[6].kind), (&MessageKind::Human, &MessageKind::Human));
}

#[tokio::test]
async fn what_is_written_about_a_request_has_to_be_read_like_any_message() {
    let scene = Scene::set().await;
    let id = scene.pending().await;
    for actor in [&scene.owner, &scene.member] {
        let error = actor.client.messages().send(&scene.group, "who is that?").await.unwrap_err();
        expect_behind(&error);
        assert_eq!(actor.client.messages().read(&scene.group).await.unwrap().len(), 1);
    }
    scene.owner.client.join_requests().reject(&scene.group, &id).await.unwrap();
    // The owner wrote that one, so it is only the others who are behind.
    let error = scene.member.client.messages().send(&scene.group, "why?").await.unwrap_err();
    expect_behind(&error);
    scene.owner.client.messages().send(&scene.group, "nobody").await.unwrap();
}

#[tokio::test]
async fn a_step_that_was_stored_but_not_announced_is_told() {
    let body = r#"{"detail":{"error":"chat_join_action_failed","action":"approve_notification",
        "row":{"id":"chat_join:c:u","state":"approved"},"cause":"bus"}}"#;
    let peer = Peer::start([Reply::json("500 Internal Server Error", body)]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let error = client.join_requests().approve("c", "chat_join:c:u").await.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (ErrorKind::BackendFailed, Some("chat_join_action_failed")));
    assert_eq!((error.attempts(), error.may_have_been_sent()), (1, true));
    assert_eq!(error.stored().unwrap()["state"], "approved");
    assert_eq!(error.detail_object().unwrap()["action"], "approve_notification");
}
