//! One timeline for both sides of a hand-over: what happened to the journey and the stay, and what was said between.
use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use domain::access::{ReadHandovers, Scope};
use domain::conversation::{SHARED, Seen, Speaker, seen};
use domain::id::{EntryId, HandoverId, StayId};
use domain::stay::StateName as StayState;
use serde_json::{Value, json};

use super::record::is_known;
use super::row::Found;
use super::{inside, messages, speaker};
use crate::schema::stays;
use crate::stays::with_merged;
use crate::trail::{self, Event, Shared};
use crate::types::Id;
use crate::{StoreError, Tx};

/// The events of a hand-over inside the scope that both sides may know, oldest first, after `after`; reasons and details
/// that are internal to the other side are masked. O(limit) and the events that are passed over.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or outside.
pub fn timeline(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadHandovers>,
    id: HandoverId,
    after: Option<EntryId>,
    limit: i64,
) -> Result<Vec<Event>, StoreError> {
    let found = inside(tx, scope, id)?;
    let speaker = speaker(scope, &found)?;
    let handover = &found.handover;
    let stays = match handover.stay {
        Some(stay) => with_merged(tx, stay)?,
        None => Vec::new(),
    };
    let shared = Shared {
        handover: id.0,
        stays,
        journey: handover.journey.filter(|_| is_known(handover)).map(|journey| journey.0),
        until: parted_at(tx, &found)?,
        events: SHARED.iter().map(|line| line.event).collect(),
    };
    let events = trail::shared(tx, &shared, after, limit)?;
    let mut masked: Vec<Event> = events
        .into_iter()
        .filter_map(|event| mask(event, &found, speaker))
        .collect();
    fill_in_messages(tx, id, &mut masked)?;
    Ok(masked)
}

/// When the two sides ceased to have to do with each other: what happens on the journey afterwards is not the host's.
fn parted_at(tx: &mut Tx<'_>, found: &Found) -> Result<Option<NaiveDateTime>, StoreError> {
    match found.handover.stay {
        Some(stay) => left_at(tx, stay),
        None => Ok(found.settled_at),
    }
}

fn left_at(tx: &mut Tx<'_>, stay: StayId) -> Result<Option<NaiveDateTime>, StoreError> {
    let open = StayState::OPEN.iter().map(|state| state.as_str());
    Ok(stays::table
        .filter(stays::id.eq(Id::of(stay)))
        .filter(stays::state.ne_all(open))
        .select(stays::updated_at)
        .first(tx.db)
        .optional()?)
}

fn mask(event: Event, found: &Found, speaker: Speaker) -> Option<Event> {
    match seen(&event.event, found.handover.state.kind(), speaker)? {
        Seen::Whole => Some(event),
        Seen::Bare => Some(Event {
            reason: None,
            detail: None,
            ..event
        }),
    }
}

/// The trail says that a message was written; what it says is kept with the conversation.
fn fill_in_messages(tx: &mut Tx<'_>, id: HandoverId, events: &mut [Event]) -> Result<(), StoreError> {
    let message = |event: &Event| -> Option<Id> {
        let id = event.detail.as_ref()?.get("message_id")?.as_str()?;
        id.parse().ok().map(Id)
    };
    let ids = events.iter().filter_map(message).collect();
    let texts: HashMap<Id, String> = messages::texts(tx, id, ids)?.into_iter().collect();
    for event in events {
        let text = message(event).and_then(|id| texts.get(&id));
        if let (Some(text), Some(Value::Object(detail))) = (text, &mut event.detail) {
            detail.insert("text".to_owned(), json!(text));
        }
    }
    Ok(())
}
