//! Webhooks: where m8tes tells what happens.

mod signature;

use agent_platform_core::{for_user, request, resource, scoped};
use m8tes_web_backend_client::{operations, types};

use crate::id::WebhookId;
use crate::model::{Webhook, WebhookDelivery};
use crate::pages::list;

#[doc(no_inline)]
pub use agent_platform_core::webhook::WebhookError;
pub use signature::{WebhookEvent, WebhookVerifier};

resource! {
    /// Webhooks; from [`Client::webhooks`](crate::Client::webhooks).
    Webhooks
}

impl<'c> Webhooks<'c> {
    /// Has events posted to this `https` URL: `run.completed`, `run.failed` and `run.cancelled` unless
    /// [`events`](CreateWebhook::events) says which. The answer holds the [`secret`](Webhook::secret) that they are signed
    /// with, this once.
    ///
    /// ```no_run
    /// # async fn example(client: m8tes_sdk::Client) -> Result<(), m8tes_sdk::Error> {
    /// let hook = client.webhooks().create("https://example.com/hook").events(["run.completed", "run.failed"]).await?;
    /// let secret = hook.secret; // save this: it is not told again
    /// # let _ = secret;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(self, url: impl Into<String>) -> CreateWebhook<'c> {
        let body = types::WebhookCreate { events: None, url: url.into(), user_id: None };
        CreateWebhook::new(self.session, (), body)
    }

    /// The account's webhooks.
    pub fn list(self) -> ListWebhooks<'c> {
        ListWebhooks::new(self.session, ())
    }

    /// Changes a webhook: what is not said stays as it is.
    pub fn update(self, webhook: impl Into<WebhookId>) -> UpdateWebhook<'c> {
        UpdateWebhook::new(self.session, webhook.into(), types::WebhookUpdate::default())
    }

    /// What was posted to a webhook, or is to be.
    pub fn list_deliveries(self, webhook: impl Into<WebhookId>) -> ListDeliveries<'c> {
        ListDeliveries::new(self.session, webhook.into())
    }
}

scoped! {
    Webhooks;
    /// A webhook as it is now. Of its secret only the first characters are shown.
    get(webhook: WebhookId) -> Webhook, GET_WEBHOOK, |request, user| request.api.get_webhook(webhook.get(), user).await;
    /// Has nothing posted any more.
    delete(webhook: WebhookId) -> (), DELETE_WEBHOOK, finish_deletion, |request, user| request.api.delete_webhook(webhook.get(), user).await;
}

request! {
    /// The request of [`Webhooks::create`].
    CreateWebhook((), types::WebhookCreate) -> Webhook, CREATE_WEBHOOK {
        /// Which events are posted, such as `run.completed`. None where it is empty.
        texts events: events;
        /// The user of yours whose events they are, instead of the client's.
        scope user: user;
    }
    |request, _none, body, user| {
        body.user_id = user;
        request.api.create_webhook(&body).await
    }
}

request! {
    /// The request of [`Webhooks::update`].
    UpdateWebhook(WebhookId, types::WebhookUpdate) -> Webhook, UPDATE_WEBHOOK {
        /// Where events are posted to.
        text url: url;
        /// Which are, instead of those before.
        texts events: events;
        /// Whether they are.
        flag active: active;
        /// The user of yours whose webhook it is, instead of the client's.
        scope user: user;
    }
    |request, webhook, body, user| request.api.update_webhook(webhook.get(), user.as_deref(), &body).await
}

impl UpdateWebhook<'_> {
    /// Has events signed with a new secret, which the answer holds, this once. The one before is dead.
    pub fn rotate_secret(mut self) -> Self {
        self.body.rotate_secret = Some(true);
        self
    }
}

list! {
    /// The request of [`Webhooks::list`].
    ListWebhooks(()) of Webhook, LIST_WEBHOOKS {}
    |request, _this, limit, cursor, user| request.api.list_webhooks(limit, cursor, user).await
}
for_user!(ListWebhooks);

list! {
    /// The request of [`Webhooks::list_deliveries`].
    ListDeliveries(WebhookId) of WebhookDelivery, LIST_WEBHOOK_DELIVERIES {}
    |request, this, limit, cursor, user| request.api.list_webhook_deliveries(this.of.get(), limit, cursor, user).await
}
for_user!(ListDeliveries);
