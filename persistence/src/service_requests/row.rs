//! A service request as it is kept, and with what a screen shows beside it.
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use domain::file::FilePurpose;
use domain::id::{OrgPath, OrganisationId};
use domain::service::{Clock, Officer, ServiceRequest};

use crate::db::Engine;
use crate::files::{self, FileRecord};
use crate::outbox::names_of;
use crate::schema::service_requests as requests;
use crate::service_messages::{self, Message};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = requests, check_for_backend(Engine), treat_none_as_default_value = false)]
pub(super) struct Row {
    pub(super) id: Id,
    pub(super) person_id: Id,
    pub(super) stay_id: Option<Id>,
    pub(super) organisation_id: Id,
    pub(super) path: String,
    pub(super) kind: String,
    pub(super) said: String,
    pub(super) state: String,
    pub(super) asked_on: NaiveDate,
    pub(super) asked_by: Option<String>,
    pub(super) term_days: i32,
    pub(super) due_on: NaiveDate,
    /// The first day that passed without the answer that was due on it.
    pub(super) late_on: Option<NaiveDate>,
    pub(super) officer_id: Option<Id>,
    pub(super) officer_name: Option<String>,
    pub(super) assigned_on: Option<NaiveDate>,
    pub(super) answered_on: Option<NaiveDate>,
    pub(super) answered_by: Option<String>,
    pub(super) answered_from_id: Option<Id>,
    pub(super) resolved_on: Option<NaiveDate>,
    pub(super) rating: Option<String>,
    pub(super) rated_on: Option<NaiveDate>,
    pub(super) withdrawn_on: Option<NaiveDate>,
    pub(super) escalations: i16,
    pub(super) escalated_id: Option<Id>,
    pub(super) escalated_on: Option<NaiveDate>,
    pub(super) escalates_on: Option<NaiveDate>,
    pub(super) version: i32,
    pub(super) created_at: NaiveDateTime,
}

impl Row {
    pub(super) fn request(&self) -> Result<ServiceRequest, StoreError> {
        let officer = self.officer_id.map(|account| Officer {
            account: account.to(),
            name: self.officer_name.clone().unwrap_or_default(),
        });
        let rating = self.rating.as_deref().map(str::parse).transpose();
        Ok(ServiceRequest {
            id: self.id.to(),
            asker: self.person_id.to(),
            organisation: self.organisation_id.to(),
            kind: self.kind.parse().map_err(StoreError::corrupt)?,
            state: self.state.parse().map_err(StoreError::corrupt)?,
            officer,
            rating: rating.map_err(StoreError::corrupt)?,
            clock: Clock {
                term: self.term_days.try_into().map_err(StoreError::corrupt)?,
                due_on: self.due_on,
                escalations: self.escalations.try_into().map_err(StoreError::corrupt)?,
                escalates_on: self.escalates_on,
            },
            version: self.version,
        })
    }

    pub(super) fn path(&self) -> Result<OrgPath, StoreError> {
        self.path.parse().map_err(StoreError::corrupt)
    }
}

/// A service request with what a screen shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRecord {
    /// The request.
    pub request: ServiceRequest,
    /// The asker's name.
    pub asker_name: String,
    /// Where the organisation that is asked stands.
    pub path: OrgPath,
    /// The name.
    pub organisation_name: String,
    /// What is asked, in the asker's words.
    pub said: String,
    /// The day on which it was asked.
    pub asked_on: NaiveDate,
    /// Who wrote it down for the asker.
    pub asked_by: Option<String>,
    /// The day on which somebody was put in charge.
    pub assigned_on: Option<NaiveDate>,
    /// The day on which it was answered; none while it waits, also when it was asked again.
    pub answered_on: Option<NaiveDate>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// The organisation above that answered in the place of the one that was asked, and its name.
    pub answered_from: Option<(OrganisationId, String)>,
    /// The day on which it was settled.
    pub resolved_on: Option<NaiveDate>,
    /// The day on which it was rated.
    pub rated_on: Option<NaiveDate>,
    /// The day on which it was withdrawn.
    pub withdrawn_on: Option<NaiveDate>,
    /// The organisation above that was told last, its name, and when.
    pub escalated: Option<(OrganisationId, String, NaiveDate)>,
    /// What was said, in order: answers, and why it was asked again.
    pub messages: Vec<Message>,
    /// What is attached.
    pub attachments: Vec<FileRecord>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
}

/// The records of rows, in their order. Six queries, whatever their number.
pub(super) fn records(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<ServiceRecord>, StoreError> {
    let ids = || rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let named = rows.iter().flat_map(|row| {
        let all = [Some(row.organisation_id), row.answered_from_id, row.escalated_id];
        all.into_iter().flatten()
    });
    let organisations = organisations::names(tx, named.collect())?;
    let people = names_of(tx, rows.iter().map(|row| row.person_id).collect())?;
    let mut messages = service_messages::of(tx, ids())?;
    let mut attached = files::attached(tx, ids(), FilePurpose::ServiceRequest)?;
    let name = |id: Id| organisations.get(&id).cloned().unwrap_or_default();
    let record = |row: Row| {
        Ok(ServiceRecord {
            request: row.request()?,
            path: row.path()?,
            asker_name: people.get(&row.person_id).cloned().unwrap_or_default(),
            organisation_name: name(row.organisation_id),
            said: row.said,
            asked_on: row.asked_on,
            asked_by: row.asked_by,
            assigned_on: row.assigned_on,
            answered_on: row.answered_on,
            answered_by: row.answered_by,
            answered_from: row.answered_from_id.map(|id| (id.to(), name(id))),
            resolved_on: row.resolved_on,
            rated_on: row.rated_on,
            withdrawn_on: row.withdrawn_on,
            escalated: row
                .escalated_id
                .zip(row.escalated_on)
                .map(|(id, on)| (id.to(), name(id), on)),
            messages: messages.remove(&row.id).unwrap_or_default(),
            attachments: attached.remove(&row.id).unwrap_or_default(),
            created_at: row.created_at.and_utc(),
        })
    };
    rows.into_iter().map(record).collect()
}
