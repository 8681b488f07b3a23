//! A hand-over as a row.
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::handover::{Answer, Deadlines, Handover, Kind, Question, State, StateName};
use domain::id::OrgPath;

use crate::StoreError;
use crate::db::Engine;
use crate::schema::handovers;
use crate::types::Id;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = handovers, check_for_backend(Engine))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct Row {
    pub(super) id: Id,
    kind: String,
    person_id: Id,
    journey_id: Option<Id>,
    stay_id: Option<Id>,
    asking_id: Id,
    /// Written by the tree alone: an organisation that moves takes its hand-overs along.
    #[diesel(skip_update)]
    asking_path: String,
    asked_id: Id,
    #[diesel(skip_update)]
    asked_path: String,
    state: String,
    reason: Option<String>,
    asked_by: String,
    answered_by: Option<String>,
    answered_at: Option<NaiveDateTime>,
    due_on: NaiveDate,
    remind_on: NaiveDate,
    lapses_on: NaiveDate,
    escalated_on: Option<NaiveDate>,
    answered_from_id: Option<Id>,
    settled_at: Option<NaiveDateTime>,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    whereabouts: Option<String>,
}

/// A hand-over with where its two sides stand, and since when it is.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) handover: Handover,
    pub(super) asking_path: OrgPath,
    pub(super) asked_path: OrgPath,
    /// When the organisation above was told that no answer had come.
    pub(super) escalated_on: Option<NaiveDate>,
    /// When it was answered, taken back or lapsed.
    pub(super) settled_at: Option<NaiveDateTime>,
    pub(super) created_at: NaiveDateTime,
}

impl Row {
    pub(super) fn of(found: &Found, updated_at: NaiveDateTime) -> Self {
        let handover = &found.handover;
        let answer = handover.state.answer();
        Self {
            id: Id::of(handover.id),
            kind: handover.state.kind().to_string(),
            person_id: Id::of(handover.person),
            journey_id: handover.journey.map(Id::of),
            stay_id: handover.stay.map(Id::of),
            asking_id: Id::of(handover.asking),
            asking_path: found.asking_path.to_string(),
            asked_id: Id::of(handover.asked),
            asked_path: found.asked_path.to_string(),
            state: handover.state.name().to_string(),
            reason: handover.state.reason().map(ToOwned::to_owned),
            asked_by: handover.asked_by.clone(),
            answered_by: answer.map(|answer| answer.by.clone()),
            answered_at: answer.map(|answer| answer.at.naive_utc()),
            due_on: handover.deadlines.due_on,
            remind_on: handover.deadlines.remind_on,
            lapses_on: handover.deadlines.lapses_on,
            escalated_on: found.escalated_on,
            answered_from_id: answer.and_then(|answer| answer.from).map(Id::of),
            settled_at: (!handover.state.is_open()).then(|| found.settled_at.unwrap_or(updated_at)),
            version: handover.version,
            created_at: found.created_at,
            updated_at,
            whereabouts: handover.state.whereabouts().map(|word| word.to_string()),
        }
    }

    fn state(&self) -> Option<State> {
        let answer = || {
            Some(Answer {
                by: self.answered_by.clone()?,
                at: self.answered_at?.and_utc(),
                from: self.answered_from_id.map(Id::to),
            })
        };
        let reason = || self.reason.clone();
        let kind = || self.kind.parse().ok();
        Some(match self.state.parse().ok()? {
            StateName::Offered => State::Offered,
            StateName::Accepted => State::Accepted(answer()?),
            StateName::Declined => State::Declined(answer()?, reason()?),
            StateName::Withdrawn => State::Withdrawn,
            StateName::Asked => State::Asked(match kind()? {
                Kind::Whereabouts => Question::Whereabouts,
                Kind::Verification | Kind::Offer => Question::Verification,
            }),
            StateName::Confirmed => State::Confirmed(answer()?),
            StateName::Denied => State::Denied(answer()?, reason()?),
            StateName::Answered => State::Answered(answer()?, self.whereabouts.as_ref()?.parse().ok()?, reason()),
            StateName::Lapsed => State::Lapsed(kind()?),
        })
    }
}

impl TryFrom<Row> for Found {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let state = row
            .state()
            .ok_or_else(|| StoreError::corrupt(format!("handovers: {:?}: state", row.id)))?;
        let handover = Handover {
            id: row.id.to(),
            person: row.person_id.to(),
            journey: row.journey_id.map(Id::to),
            stay: row.stay_id.map(Id::to),
            asking: row.asking_id.to(),
            asked: row.asked_id.to(),
            asked_by: row.asked_by,
            deadlines: Deadlines {
                remind_on: row.remind_on,
                due_on: row.due_on,
                lapses_on: row.lapses_on,
            },
            state,
            version: row.version,
        };
        Ok(Self {
            handover,
            asking_path: row.asking_path.parse().map_err(StoreError::corrupt)?,
            asked_path: row.asked_path.parse().map_err(StoreError::corrupt)?,
            escalated_on: row.escalated_on,
            settled_at: row.settled_at,
            created_at: row.created_at,
        })
    }
}
