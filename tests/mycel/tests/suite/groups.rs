//! Groups: who is put into one, and by whom.

use mycel_sdk::{Chat, ChatKind, Client, ErrorKind, MembershipState, UserId};
use mycel_tests::{Actor, Peer, Reply, World, expect_not_sent, expect_refused};

/// The ids of a chat's members, sorted.
fn member_ids(chat: &Chat) -> Vec<UserId> {
    let mut ids: Vec<_> = chat.members.iter().map(|member| member.id.clone()).collect();
    ids.sort();
    ids
}

fn sorted<const N: usize>(actors: [&Actor; N]) -> Vec<UserId> {
    let mut ids: Vec<_> = actors.iter().map(|actor| actor.id.clone()).collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn several_others_make_a_group() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);

    let made = owner.client.chats().create([&codex.id, &claude.id]).await.unwrap();
    assert_eq!(made.title, None);
    let group = codex.client.chats().get(&made.id).await.unwrap();
    assert_eq!((&group.kind, &group.created_by, &group.title), (&ChatKind::Group, &owner.id, &None));
    assert_eq!(member_ids(&group), sorted([&owner, &codex, &claude]));

    // Without a title it is listed under the names of the others.
    let title = &codex.client.chats().list().await.unwrap()[0].title;
    assert!(title.contains("Ada") && title.contains("claude") && !title.contains("codex"), "{title}");
}

#[tokio::test]
async fn a_group_is_new_each_time() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let chats = owner.client.chats();
    let first = chats.create([&codex.id, &claude.id]).title("Release 1.0").await.unwrap();
    let second = chats.create([&codex.id, &claude.id]).title("Release 1.0").group().await.unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!((first.title, second.title.as_deref()), (second.title.clone(), Some("Release 1.0")));
    assert_eq!(chats.list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_titled_group_needs_nobody_else() {
    let world = World::start().await;
    let owner = world.owner().await;
    let nobody: [UserId; 0] = [];
    let notes = owner.client.chats().create(nobody).group().title("Notes").await.unwrap();
    assert_eq!(notes.title.as_deref(), Some("Notes"));
    let group = owner.client.chats().get(&notes.id).await.unwrap();
    assert_eq!((&group.kind, member_ids(&group)), (&ChatKind::Group, sorted([&owner])));
    owner.client.messages().send(&notes.id, "to myself").await.unwrap();
    let list = owner.client.chats().list().await.unwrap();
    assert_eq!((list[0].title.as_str(), list[0].unread_count), ("Notes", 0));
}

#[tokio::test]
async fn a_group_of_two_is_not_their_direct_chat() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let chats = owner.client.chats();
    let group = chats.create([&codex.id]).group().await.unwrap();
    assert_eq!(chats.get(&group.id).await.unwrap().kind, ChatKind::Group);
    let direct = chats.ensure_direct(&codex.id).await.unwrap();
    assert_ne!(direct.id, group.id);
    assert_eq!(chats.get(&direct.id).await.unwrap().kind, ChatKind::Direct);
}

#[tokio::test]
async fn one_other_makes_or_finds_the_direct_chat() {
    let world = World::start().await;
    let (owner, stranger) = (world.owner().await, world.owner().await);
    let made = owner.client.chats().create([&stranger.id]).await.unwrap();
    assert_eq!(owner.client.chats().get(&made.id).await.unwrap().kind, ChatKind::Direct);
    assert_eq!(stranger.client.chats().create([&owner.id]).await.unwrap(), made);
    assert_eq!(stranger.client.chats().create([&owner.id]).direct().await.unwrap(), made);
    assert_eq!(owner.client.chats().ensure_direct(&stranger.id).await.unwrap(), made);
}

#[tokio::test]
async fn a_direct_chat_keeps_the_title_that_it_was_made_with() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);

    let titled = owner.client.chats().create([&codex.id]).title("First").await.unwrap();
    assert_eq!(titled.title.as_deref(), Some("First"));
    let again = codex.client.chats().create([&owner.id]).title("Second").direct().await.unwrap();
    assert_eq!(again, titled);

    let untitled = owner.client.chats().ensure_direct(&claude.id).await.unwrap();
    let again = owner.client.chats().create([&claude.id]).title("Too late").await.unwrap();
    assert_eq!((&again, &again.title), (&untitled, &None));
}

#[tokio::test]
async fn agents_of_one_owner_need_no_relationship() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let group = codex.client.chats().create([&claude.id]).group().await.unwrap();
    let group = claude.client.chats().get(&group.id).await.unwrap();
    assert_eq!((&group.created_by, member_ids(&group)), (&codex.id, sorted([&codex, &claude])));
}

#[tokio::test]
async fn strangers_are_not_put_into_groups() {
    let world = World::start().await;
    let (owner, other) = (world.owner().await, world.owner().await);
    let (codex, stranger) = (owner.agent("codex").await, other.agent("stranger").await);
    for unknown in [&stranger, &other] {
        let error = owner.client.chats().create([&codex.id, &unknown.id]).title("T").await.unwrap_err();
        let detail = format!("Active relationship required for group chat participant: {}", unknown.id);
        expect_refused(&error, ErrorKind::Rejected, 400, &detail);
    }
    let error = codex.client.chats().create([&stranger.id]).group().await.unwrap_err();
    let detail = format!("Active relationship required for group chat participant: {}", stranger.id);
    expect_refused(&error, ErrorKind::Rejected, 400, &detail);

    assert_eq!(owner.client.chats().list().await.unwrap(), []);
    assert_eq!(codex.client.chats().list().await.unwrap(), []);
}

#[tokio::test]
async fn a_relationship_is_enough_while_it_lasts() {
    let world = World::start().await;
    let codex = world.owner().await.agent("codex").await;
    let visitor = world.owner().await.agent("visitor").await;
    let put_together = async |by: &Actor, other: &Actor| by.client.chats().create([&other.id]).group().await;
    let detail = |other: &Actor| format!("Active relationship required for group chat participant: {}", other.id);

    let pending = codex.client.relationships().request(&visitor.id).await.unwrap();
    for (by, other) in [(&codex, &visitor), (&visitor, &codex)] {
        let error = put_together(by, other).await.unwrap_err();
        expect_refused(&error, ErrorKind::Rejected, 400, &detail(other));
    }

    visitor.client.relationships().approve(&pending.id).await.unwrap();
    put_together(&codex, &visitor).await.unwrap();
    put_together(&visitor, &codex).await.unwrap();

    codex.client.relationships().upgrade(&pending.id).await.unwrap();
    put_together(&codex, &visitor).await.unwrap();
    put_together(&visitor, &codex).await.unwrap();

    visitor.client.relationships().revoke(&pending.id).await.unwrap();
    for (by, other) in [(&codex, &visitor), (&visitor, &codex)] {
        let error = put_together(by, other).await.unwrap_err();
        expect_refused(&error, ErrorKind::Rejected, 400, &detail(other));
    }
}

#[tokio::test]
async fn a_relationship_with_the_owner_counts_for_the_owners_agents() {
    let world = World::start().await;
    let (owner, other) = (world.owner().await, world.owner().await);
    let theirs = other.agent("theirs").await;
    owner.befriend(&other).await;
    let group = owner.client.chats().create([&theirs.id]).group().await.unwrap();
    assert_eq!(member_ids(&theirs.client.chats().get(&group.id).await.unwrap()), sorted([&owner, &theirs]));
}

#[tokio::test]
async fn only_the_maker_has_to_know_the_others() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (left, right) = (world.owner().await, world.owner().await);
    owner.befriend(&left).await;
    owner.befriend(&right).await;
    let group = owner.client.chats().create([&left.id, &right.id]).await.unwrap();
    assert_eq!(member_ids(&left.client.chats().get(&group.id).await.unwrap()), sorted([&owner, &left, &right]));
}

#[tokio::test]
async fn who_is_named_twice_is_a_member_once() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let chats = owner.client.chats();

    let group = chats.create([&codex.id, &claude.id, &codex.id]).await.unwrap();
    assert_eq!(member_ids(&chats.get(&group.id).await.unwrap()), sorted([&owner, &codex, &claude]));

    let direct = chats.create([&codex.id, &codex.id]).await.unwrap();
    assert_eq!(direct, chats.ensure_direct(&codex.id).await.unwrap());
}

#[tokio::test]
async fn the_others_exist_and_are_not_the_maker() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let chats = owner.client.chats();

    for request in [
        chats.create(["nobody-at-all"]),
        chats.create(["nobody-at-all"]).group(),
        chats.create([codex.id.as_str(), "nobody-at-all"]),
    ] {
        let error = request.await.unwrap_err();
        expect_refused(&error, ErrorKind::Rejected, 400, "Unknown chat participant id: nobody-at-all");
    }
    for request in [chats.create([&owner.id]), chats.create([&codex.id, &owner.id]), chats.create([&owner.id]).group()]
    {
        let error = request.await.unwrap_err();
        let detail = "Chat participant ids must not include the authenticated user";
        expect_refused(&error, ErrorKind::Rejected, 400, detail);
    }
    assert_eq!(chats.list().await.unwrap(), []);
}

#[tokio::test]
async fn a_chat_that_would_do_harm_or_make_no_sense_is_not_asked_for() {
    let peer = Peer::start([Reply::json("200 OK", "{}")]).await;
    let client = Client::builder(peer.url()).build().unwrap();
    let chats = client.chats();
    let nobody: [UserId; 0] = [];

    for request in [
        chats.create(nobody.clone()),
        chats.create(nobody.clone()).title("Notes"),
        chats.create(nobody.clone()).title("Notes").direct(),
    ] {
        expect_not_sent(&request.await.unwrap_err(), "nobody but the caller");
    }
    for request in [
        chats.create(nobody.clone()).group(),
        chats.create(nobody.clone()).group().title(""),
        chats.create(nobody).group().title(" \t\n"),
    ] {
        expect_not_sent(&request.await.unwrap_err(), "give it a title");
    }
    expect_not_sent(&chats.create(["a", "b"]).direct().await.unwrap_err(), "ask for a group");
    assert_eq!(peer.requests(), [""; 0]);
}

#[tokio::test]
async fn the_owner_of_a_group_adds_a_member() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let stranger = world.owner().await.agent("stranger").await;
    let group = owner.group(&[&codex]).await;
    let said = owner.client.messages().send(&group, "before you came").await.unwrap();

    let added = owner.client.chats().add_member(&group, &stranger.id).await.unwrap();
    assert_eq!((&added.chat_id, &added.user_id), (&group, &stranger.id));
    assert_eq!(added.state, MembershipState::Member);
    assert_eq!(owner.client.chats().add_member(&group, &stranger.id).await.unwrap(), added);

    let members = member_ids(&stranger.client.chats().get(&group).await.unwrap());
    assert_eq!(members, sorted([&owner, &codex, &stranger]));
    // Nothing was written about it, and the whole history is new to the one who came late.
    assert_eq!(stranger.client.messages().unread(&group).await.unwrap(), [said]);
}

#[tokio::test]
async fn nobody_else_adds_members() {
    let world = World::start().await;
    let owner = world.owner().await;
    let (codex, claude) = (owner.agent("codex").await, owner.agent("claude").await);
    let group = codex.group(&[&claude]).await;
    let (newcomer, stranger) = (owner.agent("newcomer").await, world.owner().await);
    // Neither a member, nor an outsider, nor the owner of the group's owner.
    for actor in [&claude, &stranger, &owner] {
        let error = actor.client.chats().add_member(&group, &newcomer.id).await.unwrap_err();
        expect_refused(&error, ErrorKind::Forbidden, 403, "Only the chat owner can manage join requests");
    }
    assert_eq!(member_ids(&codex.client.chats().get(&group).await.unwrap()), sorted([&codex, &claude]));
}

#[tokio::test]
async fn a_member_is_added_to_a_group_that_there_is_and_exists() {
    let world = World::start().await;
    let owner = world.owner().await;
    let codex = owner.agent("codex").await;
    let group = owner.group(&[]).await;
    let direct = owner.client.chats().ensure_direct(&codex.id).await.unwrap().id;
    let chats = owner.client.chats();

    let error = chats.add_member("nope", &codex.id).await.unwrap_err();
    expect_refused(&error, ErrorKind::NotFound, 404, "Chat not found");
    let error = chats.add_member(&group, "nobody-at-all").await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "Unknown chat participant id: nobody-at-all");
    let error = chats.add_member(&group, &owner.id).await.unwrap_err();
    let detail = "Chat participant ids must not include the authenticated user";
    expect_refused(&error, ErrorKind::Rejected, 400, detail);
    let error = chats.add_member(&direct, &codex.id).await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "Join requests are only supported for group chats");
    // Whom it is about is looked at first.
    let error = chats.add_member("nope", "nobody-at-all").await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "Unknown chat participant id: nobody-at-all");
}
