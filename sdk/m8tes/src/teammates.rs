//! Teammates: who does the work.

use agent_platform_core::{JsonObject, json_object, resource, send_on_await};
use m8tes_web_backend_client::{operations, types};
use serde::Serialize;

use crate::error::Error;
use crate::id::{TeammateId, UserId};
use crate::model::{Page, Teammate};
use crate::pages::{Limit, list_request};
use crate::platform::Session;
use crate::scoped::Scoped;

resource! {
    /// Teammates; from [`Client::teammates`](crate::Client::teammates).
    Teammates
}

impl<'c> Teammates<'c> {
    /// Makes a teammate. Without a name m8tes gives it one.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let bot = client
    ///     .teammates()
    ///     .create()
    ///     .name("support bot")
    ///     .tools(["gmail", "slack"])
    ///     .instructions("handle customer tickets")
    ///     .await?;
    /// # let _ = bot;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(self) -> CreateTeammate<'c> {
        CreateTeammate { session: self.session, body: types::TeammateCreate::default(), metadata: None }
    }

    /// A teammate as it is now.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the account has no such teammate.
    pub fn get(self, teammate: impl Into<TeammateId>) -> Scoped<'c, Teammate> {
        let teammate = teammate.into().get();
        Scoped::new(self.session, &operations::GET_TEAMMATE, async move |request, user| {
            let outcome = request.api.get_teammate(teammate, user.as_deref()).await;
            request.finish(outcome)
        })
    }

    /// The account's teammates.
    pub fn list(self) -> ListTeammates<'c> {
        ListTeammates { session: self.session, user: None, limit: Limit::default(), starting_after: None }
    }
}

/// The request of [`Teammates::create`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct CreateTeammate<'c> {
    session: &'c Session,
    body: types::TeammateCreate,
    metadata: Option<JsonObject>,
}

impl CreateTeammate<'_> {
    /// The name: 1 to 255 characters.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.body.name = Some(name.into());
        self
    }

    /// The tools that it may use, by name, such as `gmail`.
    pub fn tools(mut self, tools: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.body.tools = Some(tools.into_iter().map(Into::into).collect());
        self
    }

    /// What it is told to do always.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.body.instructions = Some(instructions.into());
        self
    }

    /// What it is, in a word or two.
    pub fn role(mut self, role: impl Into<String>) -> Self {
        self.body.role = Some(role.into());
        self
    }

    /// What it is to achieve.
    pub fn goals(mut self, goals: impl Into<String>) -> Self {
        self.body.goals = Some(goals.into());
        self
    }

    /// The user of yours that it is for alone.
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.body.user_id = Some(user.into().into());
        self
    }

    /// What you keep with it: anything that serializes to a JSON object.
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = Some(json_object(metadata));
        self
    }

    /// Who may write e-mails to it.
    pub fn allowed_senders(mut self, senders: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.body.allowed_senders = Some(senders.into_iter().map(Into::into).collect());
        self
    }

    async fn send(mut self) -> Result<Teammate, Error> {
        let request = self.session.request(&operations::CREATE_TEAMMATE);
        if let Some(name) = &self.body.name
            && !(1..=255).contains(&name.chars().count())
        {
            return Err(request.refuse("the name has to have 1 to 255 characters"));
        }
        if let Some(metadata) = self.metadata {
            let metadata = metadata.map_err(|problem| request.refuse(format!("the metadata {problem}")))?;
            self.body.metadata = Some(metadata);
        }
        self.body.user_id = request.user(self.body.user_id.as_deref())?;
        let outcome = request.api.create_teammate(&self.body).await;
        request.finish(outcome)
    }
}

send_on_await!(CreateTeammate, Teammate);

/// The request of [`Teammates::list`].
#[derive(Clone, Debug)]
#[must_use = "a request is not sent until it is awaited"]
pub struct ListTeammates<'c> {
    session: &'c Session,
    user: Option<UserId>,
    limit: Limit,
    starting_after: Option<String>,
}

impl ListTeammates<'_> {
    /// Those of this user of yours alone.
    pub fn user(mut self, user: impl Into<UserId>) -> Self {
        self.user = Some(user.into());
        self
    }

    async fn send(self) -> Result<Page<Teammate>, Error> {
        let request = self.session.request(&operations::LIST_TEAMMATES);
        let limit = self.limit.get().map_err(|problem| request.refuse(problem))?;
        let user = request.user(self.user.as_ref().map(UserId::as_str))?;
        let cursor = self.starting_after.as_deref();
        let outcome = request.api.list_teammates(None, None, limit, cursor, user.as_deref()).await;
        request.finish(outcome)
    }
}

list_request!(ListTeammates of Teammate, LIST_TEAMMATES);
