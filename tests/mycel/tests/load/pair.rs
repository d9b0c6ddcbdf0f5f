//! Two agents and their relationship, all of whose changes come from one worker.

use mycel_sdk::{Client, Error, ErrorKind, RelationshipId, RelationshipState, UserId};
use mycel_tests::Dice;
use test_harness::load::Fate;

use crate::population::Agent;
use crate::record::Record;

/// What can be done, by whom, and from which state to which it leads.
const EVENTS: [(&str, &[(&str, &str)]); 6] = [
    ("request", &[("none", "pending")]),
    ("approve", &[("pending", "visit")]),
    ("reject", &[("pending", "none")]),
    ("upgrade", &[("visit", "hire")]),
    ("downgrade", &[("hire", "visit")]),
    ("revoke", &[("pending", "none"), ("visit", "none"), ("hire", "none")]),
];

pub struct Pair {
    requester: Client,
    other: Client,
    other_id: UserId,
    id: RelationshipId,
    /// In which states the relationship may be.
    possible: Vec<&'static str>,
}

impl Pair {
    pub fn new(requester: &Agent, other: &Agent) -> Self {
        let mut parties = [requester.id.as_str(), other.id.as_str()];
        parties.sort_unstable();
        Self {
            requester: requester.client.clone(),
            // Over a connection on which nothing is under way any more when a call has failed.
            other: requester.client.with_auth_token(&other.token),
            other_id: other.id.clone(),
            id: format!("hire_visit:{}:{}", parties[0], parties[1]).into(),
            possible: vec!["none"],
        }
    }

    /// One step, whether it is possible or not.
    pub async fn step(&mut self, record: &mut Record, dice: &mut Dice) {
        let (event, leads) = EVENTS[dice.size(6)];
        let (requester, other) = (self.requester.relationships(), self.other.relationships());
        let outcome = match event {
            "request" => requester.request(&self.other_id).await,
            "approve" => other.approve(&self.id).await,
            "reject" => other.reject(&self.id).await,
            "upgrade" => other.upgrade(&self.id).await,
            "downgrade" => requester.downgrade(&self.id).await,
            _ => requester.revoke(&self.id).await,
        };
        record.note(&outcome, |kind| matches!(kind, ErrorKind::Conflict | ErrorKind::NotFound));
        let to = |from: &str| leads.iter().find(|lead| lead.0 == from).map(|lead| lead.1);
        let before = self.possible.clone();
        match Fate::of(outcome.as_ref(), Error::may_have_been_sent) {
            Fate::Done(relationship) => {
                let now = name(&relationship.state);
                assert!(before.iter().any(|from| to(from) == Some(now)), "{event} leads from {before:?} to {now}");
                self.possible = vec![now];
            }
            Fate::Unknown => self.possible.extend(before.iter().filter_map(|from| to(from))),
            Fate::Refused => {
                let by_backend = outcome.is_err_and(|error| error.status().is_some());
                self.possible.retain(|from| !by_backend || to(from).is_none());
                assert!(!self.possible.is_empty(), "{event} was refused in {before:?}");
            }
        }
        self.possible.sort_unstable();
        self.possible.dedup();
    }

    /// Looks how the two stand.
    pub async fn look(&mut self, record: &mut Record) {
        let list = self.requester.relationships().list().await;
        record.note(&list, |_| false);
        if let Ok(list) = list {
            let found = list.iter().find(|relationship| relationship.id == self.id);
            let now = found.map_or("none", |relationship| name(&relationship.state));
            assert!(self.possible.contains(&now), "it is {now}, and may be {:?}", self.possible);
            self.possible = vec![now];
        }
    }

    pub fn into_record(self, record: &mut Record) {
        record.relationships.push((self.id, self.possible));
    }
}

fn name(state: &RelationshipState) -> &'static str {
    match state {
        RelationshipState::None => "none",
        RelationshipState::Pending => "pending",
        RelationshipState::Visit => "visit",
        RelationshipState::Hire => "hire",
        other => panic!("{other:?} is no state"),
    }
}
