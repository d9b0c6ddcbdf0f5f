//! Triggers: templates that data makes turns of.

use std::time::Duration;

use agent_platform_core::{Oversize, for_user, json_object, resource, send_on_await};
use muxi_formation_client::{operations, types};
use serde::Serialize;
use serde_json::Map;

use crate::chat::LONGEST_TURN;
use crate::error::Error;
use crate::id::{SessionId, TriggerName, UserId};
use crate::model::{Trigger, TriggerOutcome};
use crate::platform::{Session, request_for};

resource! {
    /// The formation's triggers; from [`FormationClient::triggers`](crate::FormationClient::triggers). They take the client key.
    Triggers
}

impl<'c> Triggers<'c> {
    /// The names of all.
    pub async fn list(self) -> Result<Vec<TriggerName>, Error> {
        let request = request_for(self.session, &operations::LIST_TRIGGERS, None)?;
        let outcome = request.api.list_triggers().await;
        request.finish(outcome)
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none of that name.
    pub async fn get(self, trigger: impl Into<TriggerName>) -> Result<Trigger, Error> {
        let trigger = trigger.into();
        let request = request_for(self.session, &operations::GET_TRIGGER, None)?;
        let outcome = request.api.get_trigger(request.segment(&trigger)?).await;
        request.finish(outcome)
    }

    /// Fires it: makes a turn of it, and answers when that is over. Its attempts carry one key, by which MUXI makes one turn of
    /// them.
    ///
    /// ```no_run
    /// use serde_json::json;
    ///
    /// # async fn example(formation: muxi_sdk::FormationClient) -> Result<(), muxi_sdk::Error> {
    /// let issue = json!({"repository": "muxi/runtime", "issue": {"number": 123, "title": "Bug report"}});
    /// let outcome = formation.triggers().fire("github-issue").data(&issue).user("user_123").await?;
    /// println!("{}", outcome.text().unwrap_or_default());
    ///
    /// let outcome = formation.triggers().fire("github-issue").data(issue).user("user_123").in_background(true).await?;
    /// if let Some(request) = outcome.request_id {
    ///     let turn = formation.requests().wait(request).user("user_123").await?;
    ///     println!("{}", turn.text().unwrap_or_default());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is none of that name, and [`Rejected`](crate::ErrorKind::Rejected) if its
    /// template names a field that the data lacks.
    pub fn fire(self, trigger: impl Into<TriggerName>) -> FireTrigger<'c> {
        let body = types::TriggerRequest { data: Map::new(), session_id: None, use_async: Some(false) };
        let (session, trigger) = (self.session, trigger.into());
        FireTrigger { session, trigger, body, user: None, key: None, longest: LONGEST_TURN, problem: None }
    }
}

/// The request of [`Triggers::fire`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct FireTrigger<'c> {
    session: &'c Session,
    trigger: TriggerName,
    body: types::TriggerRequest,
    user: Option<UserId>,
    key: Option<String>,
    longest: Duration,
    problem: Option<String>,
}

for_user!(FireTrigger);

impl FireTrigger<'_> {
    /// What goes into its template: anything that serializes to a JSON object. Nothing unless set.
    pub fn data(mut self, data: impl Serialize) -> Self {
        match json_object(data) {
            Ok(object) => self.body.data = object,
            Err(problem) => self.problem = Some(format!("`data` {problem}")),
        }
        self
    }

    /// The conversation that the turn belongs to; a new one unless set.
    pub fn session(mut self, session: impl Into<SessionId>) -> Self {
        self.body.session_id = Some(session.into().into());
        self
    }

    /// Whether it answers at once, and the turn goes on in the background. `false` unless set.
    pub fn in_background(mut self, in_background: bool) -> Self {
        self.body.use_async = Some(in_background);
        self
    }

    /// The key that it is to be done once by: for a day MUXI answers the same trigger, user and key as it answered the first
    /// time, whatever the data is. A new one unless set.
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// How much longer than other calls it may take until its turn is over, where it waits for that. Five minutes unless set.
    pub fn longest_turn(mut self, limit: Duration) -> Self {
        self.longest = limit;
        self
    }

    async fn send(self) -> Result<TriggerOutcome, Error> {
        let is_answered_at_once = self.body.use_async == Some(true);
        let wait = if is_answered_at_once { Duration::ZERO } else { self.longest };
        let request = self.session.request_lasting(&operations::FIRE_TRIGGER, wait, Oversize::Refuse);
        let request = request.for_user(self.user.as_ref().map(UserId::as_str))?.with_idempotency_key(self.key);
        if let Some(problem) = self.problem {
            return Err(request.refuse(problem));
        }
        let outcome = request.api.fire_trigger(request.segment(&self.trigger)?, &self.body).await;
        request.finish(outcome)
    }
}

send_on_await!(FireTrigger, TriggerOutcome);
