//! A stay as a row: each state's data in columns of its own.
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::id::{OrgPath, StayId};
use domain::stay::{
    Admission, Call, Leaving, Letter, Officer, Origin, RegisterNumber, Shown, State, StateName, Stay, Verification,
};

use crate::StoreError;
use crate::db::Engine;
use crate::schema::stays;
use crate::types::Id;

/// How a stay was verified, as the column words it.
const BY_HANDOVER: &str = "handover";
const BY_ORIGIN: &str = "origin";
const BY_CALL: &str = "call";
const BY_CERTIFICATE: &str = "certificate";
const BY_LETTER: &str = "letter";

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = stays, check_for_backend(Engine), primary_key(person_id, id))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct Row {
    pub(super) person_id: Id,
    pub(super) id: Id,
    member_id: Option<Id>,
    pub(super) host_id: Id,
    /// Written by the tree alone, when the host moves.
    #[diesel(skip_update)]
    path: String,
    source: String,
    pub(super) state: String,
    origin_id: Option<Id>,
    origin_name: Option<String>,
    origin_phone: Option<String>,
    journey_id: Option<Id>,
    arrived_on: NaiveDate,
    address: Option<String>,
    employer: Option<String>,
    home_unit_id: Option<Id>,
    contact_officer_id: Option<Id>,
    contact_officer_name: Option<String>,
    contact_officer_phone: Option<String>,
    register_year: Option<i32>,
    register_number: Option<i32>,
    verified_by: Option<String>,
    verified_on: Option<NaiveDate>,
    confirmed_by: Option<String>,
    confirmed_number: Option<String>,
    admitted_on: Option<NaiveDate>,
    reason: Option<String>,
    left_on: Option<NaiveDate>,
    next_place: Option<String>,
    next_division_code: Option<String>,
    version: i32,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl Row {
    pub(super) fn of(stay: &Stay, path: &OrgPath, created_at: NaiveDateTime, updated_at: NaiveDateTime) -> Self {
        let (origin_name, origin_phone) = match &stay.origin {
            Origin::Here(_) => (None, None),
            Origin::Elsewhere { name, phone } => (name.clone(), phone.clone()),
        };
        let (verified_by, verified_on, confirmed_by, confirmed_number) =
            verification_columns(stay.state.verification());
        let admission = stay.state.admission();
        let (officer_id, officer_name, officer_phone) = match admission.map(|admission| &admission.officer) {
            Some(Officer::Account(id)) => (Some(Id::of(*id)), None, None),
            Some(Officer::Named { name, phone }) => (None, Some(name.clone()), Some(phone.clone())),
            None => (None, None, None),
        };
        let leaving = stay.state.leaving();
        Self {
            person_id: Id::of(stay.person),
            id: Id::of(stay.id),
            member_id: stay.member.map(Id::of),
            host_id: Id::of(stay.host),
            path: path.to_string(),
            source: stay.source.to_string(),
            state: stay.state.name().to_string(),
            origin_id: stay.origin.here().map(Id::of),
            origin_name,
            origin_phone,
            journey_id: stay.journey.map(Id::of),
            arrived_on: stay.arrived_on,
            address: stay.address.clone(),
            employer: stay.employer.clone(),
            home_unit_id: admission.map(|admission| Id::of(admission.home_unit)),
            contact_officer_id: officer_id,
            contact_officer_name: officer_name,
            contact_officer_phone: officer_phone,
            register_year: admission.map(|admission| admission.register.year),
            register_number: admission.map(|admission| admission.register.number),
            verified_by,
            verified_on,
            confirmed_by,
            confirmed_number,
            admitted_on: admission.map(|admission| admission.on),
            reason: stay.state.reason().map(ToOwned::to_owned),
            left_on: leaving.map(|leaving| leaving.on),
            next_place: leaving.map(|leaving| leaving.next.to_string()),
            next_division_code: leaving
                .and_then(|leaving| leaving.division)
                .map(|code| code.to_string()),
            version: stay.version,
            created_at,
            updated_at,
        }
    }

    /// The stay, with the host's path and the instant of its first entry; of one that was merged, `into` says where it
    /// went.
    pub(super) fn into_stay(self, into: Option<StayId>) -> Result<(Stay, OrgPath, NaiveDateTime), StoreError> {
        let state = self
            .state(into)
            .ok_or_else(|| StoreError::corrupt(format!("stays: {:?}: state", self.id)))?;
        let origin = match self.origin_id {
            Some(id) => Origin::Here(id.to()),
            None => Origin::Elsewhere {
                name: self.origin_name,
                phone: self.origin_phone,
            },
        };
        let stay = Stay {
            id: self.id.to(),
            person: self.person_id.to(),
            member: self.member_id.map(Id::to),
            host: self.host_id.to(),
            source: self.source.parse().map_err(StoreError::corrupt)?,
            origin,
            journey: self.journey_id.map(Id::to),
            arrived_on: self.arrived_on,
            address: self.address,
            employer: self.employer,
            state,
            version: self.version,
        };
        Ok((stay, self.path.parse().map_err(StoreError::corrupt)?, self.created_at))
    }

    fn state(&self, into: Option<StayId>) -> Option<State> {
        let reason = || self.reason.clone();
        Some(match self.state.parse().ok()? {
            StateName::Reported => State::Reported,
            StateName::Verifying => State::Verifying,
            StateName::Verified => State::Verified(self.verification()?),
            StateName::Admitted => State::Admitted {
                verification: self.verification()?,
                admission: self.admission()?,
            },
            StateName::Left => State::Left {
                verification: self.verification()?,
                admission: self.admission()?,
                leaving: self.leaving()?,
            },
            StateName::Rejected => State::Rejected { reason: reason()? },
            StateName::Withdrawn => State::Withdrawn { reason: reason()? },
            StateName::Merged => State::Merged {
                into: into?,
                reason: reason()?,
            },
        })
    }

    fn verification(&self) -> Option<Verification> {
        let on = self.verified_on?;
        match self.verified_by.as_deref()? {
            BY_HANDOVER => Some(Verification::Handover { on }),
            BY_ORIGIN => Some(Verification::Origin {
                on,
                by: self.confirmed_by.clone()?,
            }),
            BY_CALL => {
                let (spoke_with, phone) = (self.confirmed_by.clone()?, self.confirmed_number.clone()?);
                Some(Verification::Call(Call { spoke_with, phone, on }))
            }
            BY_CERTIFICATE => {
                let (by, number) = (self.confirmed_by.clone()?, self.confirmed_number.clone()?);
                Some(Verification::Certificate(Shown { number, on, by }))
            }
            BY_LETTER => {
                let (by, file) = (
                    self.confirmed_by.clone()?,
                    self.confirmed_number.as_ref()?.parse().ok()?,
                );
                Some(Verification::Letter(Letter { file, on, by }))
            }
            _ => None,
        }
    }

    fn admission(&self) -> Option<Admission> {
        let named = || {
            let (name, phone) = (self.contact_officer_name.clone()?, self.contact_officer_phone.clone()?);
            Some(Officer::Named { name, phone })
        };
        Some(Admission {
            home_unit: self.home_unit_id?.to(),
            officer: self
                .contact_officer_id
                .map(|id| Officer::Account(id.to()))
                .or_else(named)?,
            register: RegisterNumber {
                year: self.register_year?,
                number: self.register_number?,
            },
            on: self.admitted_on?,
        })
    }

    fn leaving(&self) -> Option<Leaving> {
        Some(Leaving {
            on: self.left_on?,
            reason: self.reason.clone(),
            next: self.next_place.as_ref()?.parse().ok()?,
            division: self
                .next_division_code
                .as_ref()
                .map(|code| code.parse())
                .transpose()
                .ok()?,
        })
    }
}

type VerificationColumns = (Option<String>, Option<NaiveDate>, Option<String>, Option<String>);

fn verification_columns(verification: Option<&Verification>) -> VerificationColumns {
    let by = |word: &str| Some(word.to_owned());
    match verification {
        None => (None, None, None, None),
        Some(Verification::Handover { on }) => (by(BY_HANDOVER), Some(*on), None, None),
        Some(Verification::Origin { on, by: name }) => (by(BY_ORIGIN), Some(*on), Some(name.clone()), None),
        Some(Verification::Call(call)) => (
            by(BY_CALL),
            Some(call.on),
            Some(call.spoke_with.clone()),
            Some(call.phone.clone()),
        ),
        Some(Verification::Certificate(shown)) => (
            by(BY_CERTIFICATE),
            Some(shown.on),
            Some(shown.by.clone()),
            Some(shown.number.clone()),
        ),
        Some(Verification::Letter(letter)) => (
            by(BY_LETTER),
            Some(letter.on),
            Some(letter.by.clone()),
            Some(letter.file.to_string()),
        ),
    }
}
