//! Webhooks as administrators see them.
use chrono::{DateTime, Utc};
use domain::id::{DeliveryId, OrganisationId, WebhookId};
use domain::webhook::{DeliveryState, EventKind, WebhookState};
use persistence::webhooks::{Attempt, Delivery, Secret, Webhook};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::answer::Versioned;

/// A webhook: another system that is told what happens.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    /// Its id.
    id: WebhookId,
    /// Whose subtree it is told of.
    organisation_id: OrganisationId,
    /// Where events are sent.
    #[schema(example = "https://hooks.example.org/kiteline")]
    url: String,
    /// What it is for.
    #[schema(example = "政务数据平台")]
    description: Option<String>,
    /// Which events it is told.
    #[schema(example = json!(["journey.departed", "stay.admitted"]))]
    events: Vec<EventKind>,
    /// Whether it is told anything.
    state: WebhookState,
    /// Since when nothing has arrived, while it fails; after five days it is disabled.
    #[schema(example = json!(null))]
    failing_since: Option<DateTime<Utc>>,
    /// Until when the secret before the present one signs as well.
    #[schema(example = json!(null))]
    old_secret_until: Option<DateTime<Utc>>,
    /// Since when it is there.
    created_at: DateTime<Utc>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
}

impl Versioned for WebhookView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl From<Webhook> for WebhookView {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            organisation_id: webhook.organisation,
            url: webhook.url,
            description: webhook.description,
            events: webhook.events,
            state: webhook.state,
            failing_since: webhook.failing_since,
            old_secret_until: webhook.old_secret_until,
            created_at: webhook.created_at,
            version: webhook.version,
        }
    }
}

/// A webhook with its new secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookSecretView {
    /// The webhook.
    #[serde(flatten)]
    webhook: WebhookView,
    /// The secret, shown this once. What follows `whsec_` is the key in base64: each event carries `webhook-id`,
    /// `webhook-timestamp` and `webhook-signature`, which is `v1,` and the base64 of the HMAC-SHA-256 of
    /// `id.timestamp.body` (Standard Webhooks).
    #[schema(example = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")]
    secret: String,
}

impl Versioned for WebhookSecretView {
    fn version(&self) -> i32 {
        self.webhook.version
    }
}

impl From<(Webhook, Secret)> for WebhookSecretView {
    fn from((webhook, secret): (Webhook, Secret)) -> Self {
        Self {
            webhook: webhook.into(),
            secret: secret.shown(),
        }
    }
}

/// An event and what became of it on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeliveryView {
    /// Its id, the `webhook-id` that it is sent with, the same each time.
    id: DeliveryId,
    /// What has happened.
    event: EventKind,
    /// To what: the id of the journey, stay, hand-over, member or organisation.
    subject_id: Uuid,
    /// What is sent.
    #[schema(value_type = Object)]
    body: Value,
    /// How far it has come.
    state: DeliveryState,
    /// Not sent before, while it waits.
    #[schema(example = json!(null))]
    not_before: Option<DateTime<Utc>>,
    /// When it happened.
    created_at: DateTime<Utc>,
    /// When it arrived or was given up.
    settled_at: Option<DateTime<Utc>>,
    /// Each time that it was tried, the first one first.
    attempts: Vec<AttemptView>,
}

/// One time that an event was sent.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttemptView {
    /// When.
    at: DateTime<Utc>,
    /// How long it took, milliseconds.
    #[schema(example = 120)]
    took_ms: i32,
    /// The status, where there was an answer.
    #[schema(example = 204)]
    status: Option<i32>,
    /// The beginning of the answer, or why there was none.
    #[schema(example = json!(null))]
    answer: Option<String>,
}

impl From<Attempt> for AttemptView {
    fn from(attempt: Attempt) -> Self {
        Self {
            at: attempt.at,
            took_ms: attempt.took_ms,
            status: attempt.status,
            answer: attempt.answer,
        }
    }
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            event: delivery.event,
            subject_id: delivery.subject,
            body: delivery.body,
            state: delivery.state,
            not_before: delivery.not_before,
            created_at: delivery.created_at,
            settled_at: delivery.settled_at,
            attempts: delivery.attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}
