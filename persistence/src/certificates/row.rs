//! A certificate as a row, and back.
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::certificate::{Certificate, Period, State, StateName};

use crate::StoreError;
use crate::db::Engine;
use crate::schema::certificates;
use crate::types::Id;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = certificates, check_for_backend(Engine))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct Row {
    pub(super) id: Id,
    number: String,
    member_id: Id,
    pub(super) journey_id: Id,
    issuer_id: Id,
    issued_on: NaiveDate,
    issued_by: String,
    valid_from: NaiveDate,
    valid_until: NaiveDate,
    state: String,
    ended_on: Option<NaiveDate>,
    reason: Option<String>,
    replaced_by: Option<String>,
    version: i32,
    updated_at: NaiveDateTime,
}

impl Row {
    pub(super) fn of(certificate: &Certificate, updated_at: NaiveDateTime) -> Self {
        let (reason, replaced_by) = match &certificate.state {
            State::Revoked { reason, .. } => (Some(reason.clone()), None),
            State::Replaced { by, .. } => (None, Some(by.clone())),
            State::Valid | State::Lost { .. } | State::Ended { .. } | State::HandedBack { .. } => (None, None),
        };
        Self {
            id: Id::of(certificate.id),
            number: certificate.number.clone(),
            member_id: Id::of(certificate.member),
            journey_id: Id::of(certificate.journey),
            issuer_id: Id::of(certificate.issuer),
            issued_on: certificate.issued_on,
            issued_by: certificate.issued_by.clone(),
            valid_from: certificate.period.from,
            valid_until: certificate.period.until,
            state: certificate.state.name().to_string(),
            ended_on: certificate.state.since(),
            reason,
            replaced_by,
            version: certificate.version,
            updated_at,
        }
    }

    fn state(&self) -> Option<State> {
        let on = self.ended_on;
        Some(match self.state.parse().ok()? {
            StateName::Valid => State::Valid,
            StateName::Lost => State::Lost { on: on? },
            StateName::Replaced => State::Replaced {
                on: on?,
                by: self.replaced_by.clone()?,
            },
            StateName::Revoked => State::Revoked {
                on: on?,
                reason: self.reason.clone()?,
            },
            StateName::Ended => State::Ended { on: on? },
            StateName::HandedBack => State::HandedBack { on: on? },
        })
    }

    pub(super) fn into_certificate(self) -> Result<Certificate, StoreError> {
        let state = self
            .state()
            .ok_or_else(|| StoreError::corrupt(format!("certificates: {:?}: state", self.id)))?;
        Ok(Certificate {
            id: self.id.to(),
            number: self.number,
            member: self.member_id.to(),
            journey: self.journey_id.to(),
            issuer: self.issuer_id.to(),
            issued_on: self.issued_on,
            issued_by: self.issued_by,
            period: Period {
                from: self.valid_from,
                until: self.valid_until,
            },
            state,
            version: self.version,
        })
    }
}
