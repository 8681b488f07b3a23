//! A journey as a row, and back.
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::id::OrgPath;
use domain::journey::{Destination, Journey, State, StateName, Transfer};
use domain::silence::{Silence, SilenceSource};

use crate::StoreError;
use crate::db::Engine;
use crate::schema::journeys;
use crate::types::Id;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = journeys, primary_key(member_id, id), check_for_backend(Engine), treat_none_as_null = true)]
pub(crate) struct Row {
    pub(crate) member_id: Id,
    pub(crate) id: Id,
    pub(crate) origin_id: Id,
    /// Written by the tree, when the origin moves, and with a new home branch.
    #[diesel(skip_update)]
    pub(crate) path: String,
    pub(crate) reason: String,
    pub(crate) division_code: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) place: Option<String>,
    pub(crate) employer: Option<String>,
    pub(crate) unit_kind: Option<String>,
    pub(crate) former_occupation: Option<String>,
    pub(crate) host_id: Option<Id>,
    pub(crate) certificate_number: Option<String>,
    pub(crate) planned_departure_on: Option<NaiveDate>,
    pub(crate) expected_return_on: Option<NaiveDate>,
    pub(crate) departed_on: Option<NaiveDate>,
    pub(crate) state: String,
    pub(crate) home_since: Option<NaiveDate>,
    pub(crate) ended_on: Option<NaiveDate>,
    pub(crate) transferred_to: Option<String>,
    pub(crate) transfer_letter: Option<String>,
    pub(crate) contact_interval_days: i32,
    pub(crate) next_checkin_due: Option<NaiveDate>,
    pub(crate) last_contact_at: Option<NaiveDateTime>,
    pub(crate) silence_since: Option<NaiveDate>,
    pub(crate) silence_source: Option<String>,
    pub(crate) declaration_id: Option<Id>,
    pub(crate) transfer_id: Option<Id>,
    pub(crate) version: i32,
    pub(crate) updated_at: NaiveDateTime,
}

impl Row {
    pub(crate) fn of(journey: &Journey, path: &OrgPath, updated_at: NaiveDateTime) -> Self {
        let to = &journey.destination;
        let (home_since, ended_on, transfer) = match &journey.state {
            State::HomeVisit { home_since, .. } => (Some(*home_since), None, None),
            State::Returned { on, .. } => (None, Some(*on), None),
            State::Transferred { transfer, .. } => (None, Some(transfer.receipt_on), Some(transfer)),
            State::Planned | State::Away { .. } | State::Cancelled | State::OutOfContact { .. } => (None, None, None),
        };
        Self {
            member_id: Id::of(journey.member),
            id: Id::of(journey.id),
            origin_id: Id::of(journey.origin),
            path: path.to_string(),
            reason: journey.reason.to_string(),
            division_code: to.division.map(|code| code.to_string()),
            country: to.country.clone(),
            place: to.place.clone(),
            employer: to.employer.clone(),
            unit_kind: to.unit.map(|unit| unit.to_string()),
            former_occupation: journey.former_occupation.map(|one| one.to_string()),
            host_id: journey.host.map(Id::of),
            certificate_number: journey.certificate_number.clone(),
            planned_departure_on: journey.planned_departure_on,
            expected_return_on: journey.expected_return_on,
            departed_on: journey.state.departed_on(),
            state: journey.state.name().to_string(),
            home_since,
            ended_on,
            transferred_to: transfer.map(|transfer| transfer.to.clone()),
            transfer_letter: transfer.map(|transfer| transfer.letter.clone()),
            contact_interval_days: i32::from(journey.interval_days),
            next_checkin_due: journey.state.due(),
            last_contact_at: journey.last_contact_at.map(|at| at.naive_utc()),
            silence_since: journey.silence.map(|silence| silence.since),
            silence_source: journey.silence.map(|silence| silence.source.to_string()),
            declaration_id: journey.declaration.map(Id::of),
            transfer_id: journey.transfer.map(Id::of),
            version: journey.version,
            updated_at,
        }
    }

    fn state(&self) -> Option<State> {
        Some(match self.state.parse().ok()? {
            StateName::Planned => State::Planned,
            StateName::Away => State::Away {
                since: self.departed_on?,
                due: self.next_checkin_due?,
            },
            StateName::HomeVisit => State::HomeVisit {
                since: self.departed_on?,
                home_since: self.home_since?,
            },
            StateName::Returned => State::Returned {
                since: self.departed_on?,
                on: self.ended_on?,
            },
            StateName::Transferred => State::Transferred {
                since: self.departed_on?,
                transfer: Transfer {
                    to: self.transferred_to.clone()?,
                    letter: self.transfer_letter.clone()?,
                    receipt_on: self.ended_on?,
                },
            },
            StateName::Cancelled => State::Cancelled,
            StateName::OutOfContact => State::OutOfContact {
                since: self.departed_on?,
            },
        })
    }

    /// Since when nothing was heard. A journey that is older than the column was silent since its last contact, else
    /// since its departure.
    pub(super) fn silence(&self) -> Result<Option<Silence>, StoreError> {
        if let (Some(since), Some(source)) = (self.silence_since, &self.silence_source) {
            let source = source.parse().map_err(StoreError::corrupt)?;
            return Ok(Some(Silence { since, source }));
        }
        let departed = self.departed_on.map(|since| Silence {
            since,
            source: SilenceSource::Departure,
        });
        let last = self.last_contact_at.map(|at| at.date());
        Ok(departed.map(|silence| last.map_or(silence, |on| silence.heard(SilenceSource::CheckIn, on))))
    }

    pub(crate) fn into_journey(self) -> Result<(Journey, OrgPath), StoreError> {
        let state = self
            .state()
            .ok_or_else(|| StoreError::corrupt(format!("journeys: {:?}: state", self.id)))?;
        let silence = self.silence()?;
        let destination = Destination {
            division: self
                .division_code
                .map(|code| code.parse())
                .transpose()
                .map_err(StoreError::corrupt)?,
            country: self.country,
            place: self.place,
            employer: self.employer,
            unit: self
                .unit_kind
                .map(|unit| unit.parse())
                .transpose()
                .map_err(StoreError::corrupt)?,
        };
        let former_occupation = self.former_occupation.map(|one| one.parse()).transpose();
        let journey = Journey {
            id: self.id.to(),
            member: self.member_id.to(),
            origin: self.origin_id.to(),
            reason: self.reason.parse().map_err(StoreError::corrupt)?,
            destination,
            former_occupation: former_occupation.map_err(StoreError::corrupt)?,
            host: self.host_id.map(Id::to),
            certificate_number: self.certificate_number,
            planned_departure_on: self.planned_departure_on,
            expected_return_on: self.expected_return_on,
            interval_days: u16::try_from(self.contact_interval_days).map_err(StoreError::corrupt)?,
            last_contact_at: self.last_contact_at.map(|at| at.and_utc()),
            silence,
            declaration: self.declaration_id.map(Id::to),
            transfer: self.transfer_id.map(Id::to),
            state,
            version: self.version,
        };
        Ok((journey, self.path.parse().map_err(StoreError::corrupt)?))
    }
}
