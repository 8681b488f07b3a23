//! What notifications about addresses of other systems speak of.
use std::collections::HashMap;

use diesel::prelude::*;
use domain::notification::Occasion;

use super::claim::Claimed;
use super::facts::Ids;
use crate::schema::{organisations, webhooks};
use crate::types::Id;
use crate::{StoreError, Tx};

/// The address that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookFacts {
    /// The organisation's name.
    pub organisation: String,
    /// Where events were sent.
    pub url: String,
    /// What it is for.
    pub description: Option<String>,
    /// The state's word.
    pub state: String,
}

/// Whether it is about an address.
pub(super) const fn is_of_webhook(c: &Claimed) -> bool {
    matches!(c.key.occasion, Occasion::WebhookDisabled)
}

/// The facts of addresses. One query.
pub(super) fn of(tx: &mut Tx<'_>, ids: Ids) -> Result<HashMap<Id, WebhookFacts>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Id, String, String, Option<String>, String)> = webhooks::table
        .inner_join(organisations::table.on(organisations::id.eq(webhooks::organisation_id)))
        .filter(webhooks::id.eq_any(ids))
        .select((
            webhooks::id,
            organisations::name,
            webhooks::url,
            webhooks::description,
            webhooks::state,
        ))
        .load(tx.db)?;
    let one = |(id, organisation, url, description, state)| {
        let facts = WebhookFacts {
            organisation,
            url,
            description,
            state,
        };
        (id, facts)
    };
    Ok(rows.into_iter().map(one).collect())
}
