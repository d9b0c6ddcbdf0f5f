//! Teammates: who does the work.

use agent_platform_core::{for_user, request, resource, scoped};
use m8tes_web_backend_client::{operations, types};

use crate::id::TeammateId;
use crate::model::{EmailInbox, PermissionMode, Teammate, TeammateVisibility, TeammateWebhook};
use crate::pages::list;
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
        CreateTeammate::new(self.session, (), types::TeammateCreate::default())
    }

    /// The account's teammates.
    pub fn list(self) -> ListTeammates<'c> {
        ListTeammates::new(self.session, ())
    }

    /// Changes a teammate: what is not said stays as it is.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// // Back to the account's model; its memory stays as it is.
    /// client.teammates().update(7).role("support").model(None).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn update(self, teammate: impl Into<TeammateId>) -> UpdateTeammate<'c> {
        UpdateTeammate::new(self.session, teammate.into(), types::TeammateUpdate::default())
    }
}

scoped! {
    Teammates;
    /// A teammate as it is now.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if the account, or the user that it is asked for, has no such teammate.
    get(teammate: TeammateId) -> Teammate, GET_TEAMMATE, |request, user| request.api.get_teammate(teammate.get(), user).await;
    /// Puts a teammate away: it is archived, with all its runs. One that is put away already is fine.
    delete(teammate: TeammateId) -> (), DELETE_TEAMMATE, |request, user| request.api.delete_teammate(teammate.get(), user).await;
    /// Lets a teammate be given work again.
    enable(teammate: TeammateId) -> Teammate, ENABLE_TEAMMATE, |request, user| request.api.enable_teammate(teammate.get(), user).await;
    /// Lets a teammate be given no work until it is enabled again.
    disable(teammate: TeammateId) -> Teammate, DISABLE_TEAMMATE, |request, user| request.api.disable_teammate(teammate.get(), user).await;
    /// Takes a teammate back that was put away.
    unarchive(teammate: TeammateId) -> Teammate, UNARCHIVE_TEAMMATE, |request, user| request.api.unarchive_teammate(teammate.get(), user).await;
    /// Makes a URL that starts the teammate when something is posted to it. It is told whole this once; where there was one
    /// before, that one is dead.
    enable_webhook(teammate: TeammateId) -> TeammateWebhook, ENABLE_TEAMMATE_WEBHOOK, |request, user| request.api.enable_teammate_webhook(teammate.get(), user).await;
    /// Takes that URL away for good.
    disable_webhook(teammate: TeammateId) -> (), DISABLE_TEAMMATE_WEBHOOK, |request, user| request.api.disable_teammate_webhook(teammate.get(), user).await;
    /// Lets the teammate read e-mails, and tells where to write to.
    enable_email_inbox(teammate: TeammateId) -> EmailInbox, ENABLE_TEAMMATE_EMAIL_INBOX, |request, user| request.api.enable_teammate_email_inbox(teammate.get(), user).await;
    /// Lets the teammate read no e-mails.
    disable_email_inbox(teammate: TeammateId) -> (), DISABLE_TEAMMATE_EMAIL_INBOX, |request, user| request.api.disable_teammate_email_inbox(teammate.get(), user).await;
}

impl<'c> Teammates<'c> {
    /// Whether the URL that [`enable_webhook`](Self::enable_webhook) made starts the teammate; it stays the same.
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) if there is no such URL.
    pub fn set_webhook_enabled(self, teammate: impl Into<TeammateId>, enabled: bool) -> Scoped<'c, TeammateWebhook> {
        let teammate = teammate.into().get();
        Scoped::new(self.session, &operations::SET_TEAMMATE_WEBHOOK_ENABLED, async move |request, user| {
            let body = types::WebhookToggle { enabled };
            let outcome = request.api.set_teammate_webhook_enabled(teammate, user.as_deref(), &body).await;
            request.finish(outcome)
        })
    }
}

request! {
    /// The request of [`Teammates::create`].
    CreateTeammate((), types::TeammateCreate) -> Teammate, CREATE_TEAMMATE {
        /// The name: 1 to 255 characters.
        text name: name;
        /// The tools that it may use, by name, such as `gmail`.
        texts tools: tools;
        /// What it is told to do always.
        text instructions: instructions;
        /// What it is, in a word or two.
        text role: role;
        /// What it is to achieve.
        text goals: goals;
        /// The user of yours that it is for alone.
        scope user: user;
        /// What you keep with it: anything that serializes to a JSON object.
        object metadata: metadata;
        /// Who may write e-mails to it.
        texts allowed_senders: allowed_senders;
        /// Whether it has an inbox for e-mails from the start.
        flag email_inbox: email_inbox;
        /// Whether it has a webhook from the start.
        flag webhook: webhook;
        /// What its runs may do without asking, where they do not say it themselves.
        choice default_permission_mode: default_permission_mode as PermissionMode;
        /// The model that it works with. The account's unless set.
        text model: model;
        /// How hard that model thinks, by m8tes' own name.
        text effort: effort;
        /// Whether it remembers. As the account is set unless said.
        flag enable_memory: enable_memory;
        /// Whether it knows its runs. As the account is set unless said.
        flag enable_history: enable_history;
        /// Whether it has the tools that set up tasks.
        flag enable_task_setup_tools: enable_task_setup_tools;
        /// Whether it can send feedback to m8tes.
        flag enable_feedback: enable_feedback;
        /// Whether it may improve itself.
        flag enable_self_improvement: enable_self_improvement;
        /// Which prompt it works by, by m8tes' own name.
        text prompt_profile: prompt_profile;
        /// The tools of m8tes' own that it may not use.
        texts disabled_builtin_tools: disabled_builtin_tools;
        /// The template that it is made from, by its slug.
        text from_template: from_template;
        /// The number of the group that it is in.
        number group_id: group_id;
        /// The name that it has in Slack.
        text slack_slug: slack_slug;
        /// The channels of Slack that it reads, each as m8tes tells them: anything that serializes to JSON objects.
        objects slack_channels: slack_channels;
        /// Whether it reads Slack.
        flag inbound_slack_enabled: inbound_slack_enabled;
        /// Who may write to it in Slack.
        texts allowed_slack_senders: allowed_slack_senders;
        /// Whether it reads iMessage.
        flag inbound_imessage_enabled: inbound_imessage_enabled;
        /// The chat that it reads in iMessage.
        text imessage_chat_guid: imessage_chat_guid;
        /// Who may write to it in iMessage.
        texts allowed_imessage_senders: allowed_imessage_senders;
        /// The number of the bridge to iMessage.
        number bridge_id: bridge_id;
    }
    |request, _none, body, user| {
        if let Some(problem) = name_problem(body.name.as_deref()) {
            return Err(request.refuse(problem));
        }
        body.user_id = user;
        request.api.create_teammate(&body).await
    }
}

request! {
    /// The request of [`Teammates::update`]. Where `None` may be given, it means: as the account is set.
    UpdateTeammate(TeammateId, types::TeammateUpdate) -> Teammate, UPDATE_TEAMMATE {
        /// The name: 1 to 255 characters.
        text name: name;
        /// The tools that it may use, by name, such as `gmail`, instead of those before.
        texts tools: tools;
        /// What it is told to do always.
        text instructions: instructions;
        /// What it is, in a word or two.
        text role: role;
        /// What it is to achieve.
        text goals: goals;
        /// The user of yours that it is asked for, instead of the client's.
        scope user: user;
        /// What you keep with it, instead of all before: anything that serializes to a JSON object.
        object metadata: metadata;
        /// Who may write e-mails to it.
        texts allowed_senders: allowed_senders;
        /// What its runs may do without asking, where they do not say it themselves.
        choice default_permission_mode: default_permission_mode as PermissionMode;
        /// The model that it works with.
        nullable_text model: model;
        /// How hard that model thinks, by m8tes' own name.
        nullable_text effort: effort;
        /// Whether it remembers.
        nullable_flag enable_memory: enable_memory;
        /// Whether it knows its runs.
        nullable_flag enable_history: enable_history;
        /// Whether it has the tools that set up tasks.
        nullable_flag enable_task_setup_tools: enable_task_setup_tools;
        /// Whether it can send feedback to m8tes.
        nullable_flag enable_feedback: enable_feedback;
        /// Whether it may improve itself.
        nullable_flag enable_self_improvement: enable_self_improvement;
        /// Which prompt it works by, by m8tes' own name.
        nullable_text prompt_profile: prompt_profile;
        /// Who of the account's people sees it.
        choice visibility: visibility as TeammateVisibility;
        /// Where it stands among the others.
        nullable_number display_order: display_order;
        /// The number of the group that it is in.
        nullable_number group_id: group_id;
        /// The name that it has in Slack.
        text slack_slug: slack_slug;
        /// The channels of Slack that it reads, each as m8tes tells them: anything that serializes to JSON objects.
        objects slack_channels: slack_channels;
        /// Whether it reads Slack.
        flag inbound_slack_enabled: inbound_slack_enabled;
        /// Who may write to it in Slack.
        texts allowed_slack_senders: allowed_slack_senders;
        /// Whether it reads iMessage.
        flag inbound_imessage_enabled: inbound_imessage_enabled;
        /// The chat that it reads in iMessage.
        text imessage_chat_guid: imessage_chat_guid;
        /// Who may write to it in iMessage.
        texts allowed_imessage_senders: allowed_imessage_senders;
        /// The number of the bridge to iMessage.
        number bridge_id: bridge_id;
    }
    |request, teammate, body, user| {
        if let Some(problem) = name_problem(body.name.as_deref()) {
            return Err(request.refuse(problem));
        }
        request.api.update_teammate(teammate.get(), user.as_deref(), &body).await
    }
}

impl UpdateTeammate<'_> {
    /// The tools of m8tes' own that it may not use; `None` for those that no teammate may use.
    pub fn disabled_builtin_tools(mut self, tools: impl Into<Option<Vec<String>>>) -> Self {
        self.body.disabled_builtin_tools = Some(tools.into());
        self
    }
}

fn name_problem(name: Option<&str>) -> Option<&'static str> {
    let name = name?;
    (!(1..=255).contains(&name.chars().count())).then_some("the name has to have 1 to 255 characters")
}

list! {
    /// The request of [`Teammates::list`].
    ListTeammates(()) of Teammate, LIST_TEAMMATES {
        /// Whether those are listed, too, that were put away. They are not unless set.
        include_archived: bool;
        /// Whether no more is told of each than a list of them shows. All of it unless set.
        summary: bool;
    }
    |request, this, limit, cursor, user| {
        let archived = this.include_archived.map(|archived| match archived {
            true => types::ListTeammatesIncludeArchived::True,
            false => types::ListTeammatesIncludeArchived::False,
        });
        let fields = this.summary.unwrap_or_default().then_some(types::ListTeammatesFields::Summary);
        request.api.list_teammates(fields, archived, limit, cursor, user).await
    }
}
for_user!(ListTeammates);
