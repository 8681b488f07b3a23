//! From the settings of webhooks to what sends to other systems.
use notifications::webhooks::{Guard, WebhookSettings};

use crate::config::Webhooks;

/// Where events may go.
pub(super) fn settings(webhooks: &Webhooks) -> WebhookSettings {
    WebhookSettings {
        guard: Guard {
            allow_private: webhooks.allow_private,
            allow_http: webhooks.allow_http,
        },
        authority: webhooks.ca_file.clone(),
    }
}
