//! Webhooks: where m8tes tells what happens.

use agent_platform_core::{Secret, Timestamp, model};
use m8tes_web_backend_client::types;

use super::page::page;
use crate::id::{DeliveryId, RunId, UserId, WebhookId};
use crate::platform::M8tes;

model! {
    M8tes;
    /// An endpoint of yours that m8tes posts events to. It may hold a secret, so it can't be serialized.
    Webhook from types::Webhook {
        /// The webhook's id.
        id: WebhookId,
        /// Where events are posted to.
        url: String,
        /// Which events are, by m8tes' own names, such as `run.completed`.
        events: Vec<String>,
        /// What they are signed with. It is whole only where it was just made, by
        /// [`create`](crate::webhooks::Webhooks::create) or [`rotate_secret`](crate::webhooks::UpdateWebhook::rotate_secret):
        /// save it then. Later on there are its first four characters and `...`.
        secret: Option<Secret>,
        /// Whether events are posted.
        active: bool,
        /// When it was made.
        created_at: Option<Timestamp>,
        /// When it was changed last.
        updated_at: Option<Timestamp>,
        /// The user of yours whose events they are; `None` for all.
        user_id: Option<UserId>,
    } rest {}, read only
}

page!(WebhookPage of Webhook, WebhookPageNextStartingAfter);

model! {
    M8tes;
    /// An event that was posted, or is to be.
    WebhookDelivery from types::WebhookDelivery {
        /// The delivery's id.
        id: DeliveryId,
        /// The webhook.
        webhook_endpoint_id: WebhookId,
        /// What happened, such as `run.completed`.
        event_type: String,
        /// The event's id: the same however often it is posted.
        event_id: String,
        /// The run that it happened to, if any.
        run_id: Option<RunId>,
        /// How it stands, by m8tes' own name.
        status: String,
        /// What your endpoint answered last.
        response_status_code: Option<i64>,
        /// What it said.
        response_body: Option<String>,
        /// How often it was posted.
        attempts: i64,
        /// When it is posted again.
        next_retry_at: Option<Timestamp>,
        /// When it happened.
        created_at: Option<Timestamp>,
    } rest {}
}

page!(WebhookDeliveryPage of WebhookDelivery, WebhookDeliveryPageNextStartingAfter);
