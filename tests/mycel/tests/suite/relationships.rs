//! Relationships: who may take which step, and what comes of it.

use std::slice;

use mycel_sdk::{Error, ErrorKind, Relationship, RelationshipId, RelationshipState};
use mycel_tests::{Actor, World, expect_failed, expect_refused, fresh};

/// A step that one of the two can try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Request,
    Approve,
    Reject,
    Upgrade,
    Revoke,
    Downgrade,
}

const STEPS: [Step; 6] = [Step::Request, Step::Approve, Step::Reject, Step::Upgrade, Step::Revoke, Step::Downgrade];

impl Step {
    fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    async fn take(self, by: &Actor, with: &Actor, id: &RelationshipId) -> Result<Relationship, Error> {
        let relationships = by.client.relationships();
        match self {
            Self::Request => relationships.request(&with.id).await,
            Self::Approve => relationships.approve(id).await,
            Self::Reject => relationships.reject(id).await,
            Self::Upgrade => relationships.upgrade(id).await,
            Self::Revoke => relationships.revoke(id).await,
            Self::Downgrade => relationships.downgrade(id).await,
        }
    }
}

/// Two agents of different owners, of whom the first has asked the second.
struct Pair {
    asker: Actor,
    asked: Actor,
    id: RelationshipId,
}

impl Pair {
    async fn pending(world: &World) -> Self {
        let (asker, asked) = (world.owner().await.agent("asker").await, world.owner().await.agent("asked").await);
        let id = asker.client.relationships().request(&asked.id).message("hello").await.unwrap().id;
        Self { asker, asked, id }
    }

    async fn at(world: &World, state: &RelationshipState) -> Self {
        let pair = Self::pending(world).await;
        if *state != RelationshipState::Pending {
            pair.asked.client.relationships().approve(&pair.id).await.unwrap();
        }
        if *state == RelationshipState::Hire {
            pair.asker.client.relationships().upgrade(&pair.id).await.unwrap();
        }
        pair
    }

    /// The states that the two see, each in its own list; `None` where there is no such relationship.
    async fn states(&self) -> [Option<RelationshipState>; 2] {
        [state_of(&self.asker, &self.id).await, state_of(&self.asked, &self.id).await]
    }
}

async fn state_of(actor: &Actor, id: &RelationshipId) -> Option<RelationshipState> {
    let list = actor.client.relationships().list().await.unwrap();
    list.into_iter().find(|relationship| relationship.id == *id).map(|relationship| relationship.state)
}

/// What a step leads to; the detail of the conflict where it can't be taken.
fn outcome(state: &RelationshipState, step: Step, by_asker: bool) -> Result<RelationshipState, String> {
    use RelationshipState::{Hire, None, Pending, Visit};
    match (state, step, by_asker) {
        (Pending, Step::Approve, false) => Ok(Visit),
        (Pending, Step::Reject, false) => Ok(None),
        (Pending, Step::Revoke, true) => Ok(None),
        (Visit, Step::Upgrade, _) => Ok(Hire),
        (Hire, Step::Downgrade, _) => Ok(Visit),
        (Visit | Hire, Step::Revoke, _) => Ok(None),
        (_, Step::Approve | Step::Reject, true) => Err(format!("Cannot {} your own request", step.name())),
        _ => {
            let initiator = if by_asker { "True" } else { "False" };
            Err(format!(
                "Invalid transition: state='{state}' event='{}' requester_is_initiator={initiator}",
                step.name()
            ))
        }
    }
}

/// Has each of the two try each step from a state.
async fn every_step_from(state: RelationshipState) {
    let world = World::start().await;
    for step in STEPS {
        for by_asker in [true, false] {
            let pair = Pair::at(&world, &state).await;
            assert_eq!(pair.states().await, [Some(state.clone()), Some(state.clone())]);
            let (by, with) = if by_asker { (&pair.asker, &pair.asked) } else { (&pair.asked, &pair.asker) };
            let taken = step.take(by, with, &pair.id).await;
            let left = match outcome(&state, step, by_asker) {
                Ok(next) => {
                    let relationship = taken.unwrap();
                    assert_eq!((&relationship.id, &relationship.other_user_id), (&pair.id, &with.id), "{step:?}");
                    assert_eq!((&relationship.state, relationship.is_requester), (&next, false), "{step:?}");
                    assert_eq!(relationship.message.as_deref(), Some("hello"));
                    Some(next).filter(|next| *next != RelationshipState::None)
                }
                Err(detail) => {
                    expect_refused(&taken.unwrap_err(), ErrorKind::Conflict, 409, &detail);
                    Some(state.clone())
                }
            };
            assert_eq!(pair.states().await, [left.clone(), left], "{state} {step:?} by the asker: {by_asker}");
        }
    }
}

#[tokio::test]
async fn every_step_from_pending() {
    every_step_from(RelationshipState::Pending).await;
}

#[tokio::test]
async fn every_step_from_visit() {
    every_step_from(RelationshipState::Visit).await;
}

#[tokio::test]
async fn every_step_from_hire() {
    every_step_from(RelationshipState::Hire).await;
}

#[tokio::test]
async fn both_see_the_request_each_from_its_side() {
    let world = World::start().await;
    let (asker, asked) = (world.owner().await, world.owner().await.agent("asked").await);
    let asked_for = asker.client.relationships().request(&asked.id).message("Shall we talk?").await.unwrap();
    let (low, high) = if asker.id < asked.id { (&asker.id, &asked.id) } else { (&asked.id, &asker.id) };
    assert_eq!(asked_for.id, format!("hire_visit:{low}:{high}").as_str());
    assert_eq!((&asked_for.other_user_id, &asked_for.state), (&asked.id, &RelationshipState::Pending));
    assert!(asked_for.is_requester);
    assert_eq!(asked_for.message.as_deref(), Some("Shall we talk?"));
    assert_eq!(asked_for.created_at, asked_for.updated_at);
    assert_eq!(asker.client.relationships().list().await.unwrap(), slice::from_ref(&asked_for));

    let mut from_the_other_side = asked_for;
    from_the_other_side.other_user_id = asker.id;
    from_the_other_side.is_requester = false;
    assert_eq!(asked.client.relationships().list().await.unwrap(), [from_the_other_side]);
}

#[tokio::test]
async fn the_message_and_the_time_of_the_request_stay() {
    let world = World::start().await;
    let pair = Pair::pending(&world).await;
    let pending = pair.asker.client.relationships().list().await.unwrap().remove(0);
    let mut before = pending.updated_at;
    for (step, by) in [(Step::Approve, &pair.asked), (Step::Upgrade, &pair.asker), (Step::Downgrade, &pair.asked)] {
        let changed = step.take(by, &pair.asker, &pair.id).await.unwrap();
        assert_eq!((&changed.message, changed.created_at), (&pending.message, pending.created_at), "{step:?}");
        assert!(changed.updated_at > before, "{step:?}: {} {before}", changed.updated_at);
        before = changed.updated_at;
    }
}

#[tokio::test]
async fn after_the_end_there_is_nothing_left_to_decide_and_a_new_request_is_new() {
    let world = World::start().await;
    let pair = Pair::pending(&world).await;
    pair.asked.client.relationships().reject(&pair.id).await.unwrap();
    for step in &STEPS[1..] {
        let error = step.take(&pair.asked, &pair.asker, &pair.id).await.unwrap_err();
        expect_refused(&error, ErrorKind::NotFound, 404, "Relationship not found");
    }
    // This time the other one asks, without a word.
    let again = pair.asked.client.relationships().request(&pair.asker.id).await.unwrap();
    assert_eq!((&again.id, &again.state, &again.message), (&pair.id, &RelationshipState::Pending, &None));
    assert!(again.is_requester);
}

#[tokio::test]
async fn a_relationship_is_of_no_concern_to_others() {
    let world = World::start().await;
    let pair = Pair::pending(&world).await;
    let stranger = world.owner().await;
    for step in &STEPS[1..] {
        let error = step.take(&stranger, &pair.asker, &pair.id).await.unwrap_err();
        expect_refused(&error, ErrorKind::Forbidden, 403, "Not a party of this relationship");
        let error = step.take(&stranger, &pair.asker, &"nope".into()).await.unwrap_err();
        expect_refused(&error, ErrorKind::NotFound, 404, "Relationship not found");
    }
    assert_eq!(stranger.client.relationships().list().await.unwrap(), []);
}

#[tokio::test]
async fn nobody_has_a_relationship_with_itself() {
    let world = World::start().await;
    let codex = world.owner().await.agent("codex").await;
    let error = codex.client.relationships().request(&codex.id).await.unwrap_err();
    expect_refused(&error, ErrorKind::Rejected, 400, "Cannot request relationship with yourself");
    assert_eq!(codex.client.relationships().list().await.unwrap(), []);
}

#[tokio::test]
async fn a_request_to_nobody_fails_and_is_there_until_it_is_revoked() {
    let world = World::start().await;
    let codex = world.owner().await.agent("codex").await;
    let nobody = fresh("nobody");
    let relationships = codex.client.relationships();
    let error = relationships.request(&*nobody).message("anybody?").await.unwrap_err();
    expect_failed(&error);

    let list = relationships.list().await.unwrap();
    let [ghost] = &list[..] else { panic!("{list:?}") };
    assert_eq!((&ghost.other_user_id, &ghost.state), (&nobody.as_str().into(), &RelationshipState::Pending));
    assert_eq!((ghost.is_requester, ghost.message.as_deref()), (true, Some("anybody?")));
    assert_eq!(relationships.revoke(&ghost.id).await.unwrap().state, RelationshipState::None);
    assert_eq!(relationships.list().await.unwrap(), []);
}
