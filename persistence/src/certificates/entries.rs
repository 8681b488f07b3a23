//! What is entered in a certificate: by the host on admission and on leaving, and at the yearly review.
use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{ManageJourneys, ManageStays, Scope, Who};
use domain::certificate::{Certificate, EntryKind};
use domain::id::{JourneyId, OrganisationId, StayId};
use domain::stay::{Officer, Stay};
use serde_json::json;

use super::{CertificateRecord, Entry, NONE, newest_of, show};
use crate::db::{Engine, each};
use crate::schema::{accounts, certificate_entries, certificates};
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, journeys, organisations, stays};

/// A yearly review (年审).
#[derive(Debug, Clone)]
pub struct Review {
    /// The year.
    pub year: i32,
    /// What it says, where there is something to say.
    pub said: Option<String>,
}

/// 参加党的活动和交纳党费情况, in the host's words.
#[derive(Debug, Clone)]
pub struct Conduct(pub String);

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = certificate_entries, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    journey_id: Id,
    kind: String,
    subject: String,
    organisation_id: Id,
    entered_on: NaiveDate,
    contact: Option<String>,
    said: Option<String>,
    entered_by: String,
    entered_at: chrono::NaiveDateTime,
}

/// What is entered, by whom.
struct New<'a> {
    kind: EntryKind,
    /// The year of a review, the stay of what a host enters: each is entered once.
    subject: String,
    organisation: OrganisationId,
    on: NaiveDate,
    contact: Option<String>,
    said: Option<String>,
    who: &'a Who,
}

/// The entries of a journey's certificates, oldest first.
pub(super) fn of(tx: &mut Tx<'_>, journey: JourneyId) -> Result<Vec<Entry>, StoreError> {
    use certificate_entries as e;
    let rows: Vec<Row> = e::table
        .filter(e::journey_id.eq(Id::of(journey)))
        .order((e::entered_at, e::kind, e::subject))
        .select(Row::as_select())
        .load(tx.db)?;
    let names = organisations::names(tx, rows.iter().map(|row| row.organisation_id).collect())?;
    let entry = |row: Row| {
        let kind = row.kind.parse().map_err(StoreError::corrupt)?;
        let year = (kind == EntryKind::Review).then(|| row.subject.parse());
        Ok(Entry {
            kind,
            year: year.transpose().map_err(StoreError::corrupt)?,
            organisation: row.organisation_id.to(),
            organisation_name: names.get(&row.organisation_id).cloned().unwrap_or_default(),
            on: row.entered_on,
            contact: row.contact,
            said: row.said,
            by: row.entered_by,
        })
    };
    rows.into_iter().map(entry).collect()
}

/// The formal home reviews the certificate of a journey inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope or when none was issued, [`StoreError::Refused`] when it is no longer in
/// force, [`StoreError::Invalid`] for a year in which it was not, or that was reviewed.
pub fn review_by_home(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    journey: JourneyId,
    review: Review,
) -> Result<CertificateRecord, StoreError> {
    let (journey, _) = journeys::inside(tx, scope, journey)?;
    enter_review(tx, scope.who(), journey.id, journey.origin, review)
}

/// The host where organisational life is held reviews the certificate of whoever stays with it.
///
/// # Errors
/// As [`review_by_home`], and [`StoreError::Refused`] when the person was never admitted.
pub fn review_by_host(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    stay: StayId,
    review: Review,
) -> Result<CertificateRecord, StoreError> {
    let (stay, journey) = admitted(tx, scope, stay, EntryKind::Review)?;
    enter_review(tx, scope.who(), journey, stay.host, review)
}

/// The host says how the holder took part and paid dues, once a stay, when the holder leaves.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope or when none was issued, [`StoreError::Refused`] when the person was never
/// admitted or the certificate takes no entry any more, [`StoreError::Invalid`] when it was entered.
pub fn write_conduct(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    stay: StayId,
    Conduct(said): Conduct,
) -> Result<CertificateRecord, StoreError> {
    let (stay, journey) = admitted(tx, scope, stay, EntryKind::Conduct)?;
    let certificate = newest_of(tx, journey)?.ok_or(NONE)?;
    let on = stay.state.leaving().map_or(tx.today(), |leaving| leaving.on);
    let new = New {
        kind: EntryKind::Conduct,
        subject: stay.id.to_string(),
        organisation: stay.host,
        on,
        contact: None,
        said: Some(said),
        who: scope.who(),
    };
    enter(tx, &certificate, new)?;
    show(tx, journey)
}

/// The host has admitted the holder: where, since when, and whom to ask.
pub(crate) fn note_admission(tx: &mut Tx<'_>, who: &Who, stay: &Stay) -> Result<(), StoreError> {
    let (Some(journey), Some(admission)) = (stay.journey, stay.state.admission()) else {
        return Ok(());
    };
    let certificate = newest_of(tx, journey)?.filter(|known| known.state.takes(EntryKind::Admission));
    let Some(certificate) = certificate else { return Ok(()) };
    let contact = contact_of(tx, &admission.officer, stay.host)?;
    let new = New {
        kind: EntryKind::Admission,
        subject: stay.id.to_string(),
        organisation: stay.host,
        on: stay.arrived_on,
        contact: Some(contact),
        said: None,
        who,
    };
    enter(tx, &certificate, new)
}

/// The contact officer, under the own telephone or the host's.
fn contact_of(tx: &mut Tx<'_>, officer: &Officer, host: OrganisationId) -> Result<String, StoreError> {
    let (name, phone) = match officer {
        Officer::Named { name, phone } => (name.clone(), Some(phone.clone())),
        Officer::Account(id) => {
            let name = accounts::table.find(Id::of(*id)).select(accounts::name);
            (name.first(tx.db)?, organisations::by_id(tx, host)?.phone)
        }
    };
    Ok([Some(name), phone].into_iter().flatten().collect::<Vec<_>>().join(" "))
}

fn enter_review(
    tx: &mut Tx<'_>,
    who: &Who,
    journey: JourneyId,
    organisation: OrganisationId,
    review: Review,
) -> Result<CertificateRecord, StoreError> {
    let certificate = newest_of(tx, journey)?.ok_or(NONE)?;
    if !certificate.can_be_reviewed_for(review.year, tx.today()) {
        return Err(StoreError::Invalid {
            field: "/year",
            code: "not_in_force",
        });
    }
    let new = New {
        kind: EntryKind::Review,
        subject: review.year.to_string(),
        organisation,
        on: tx.today(),
        contact: None,
        said: review.said,
        who,
    };
    enter(tx, &certificate, new)?;
    show(tx, journey)
}

/// The stay of somebody who is or was admitted, with the journey.
fn admitted(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    kind: EntryKind,
) -> Result<(Stay, JourneyId), StoreError> {
    let stay = stays::managed(tx, scope, id)?;
    if stay.state.admission().is_none() {
        return Err(StoreError::Refused {
            state: stay.state.name().as_str(),
            verb: kind.as_str(),
            allowed: Vec::new(),
            by: None,
        });
    }
    let journey = stay.journey.ok_or(NONE)?;
    Ok((stay, journey))
}

fn enter(tx: &mut Tx<'_>, certificate: &Certificate, new: New<'_>) -> Result<(), StoreError> {
    if !certificate.state.takes(new.kind) {
        return Err(StoreError::Refused {
            state: certificate.state.name().as_str(),
            verb: new.kind.as_str(),
            allowed: Vec::new(),
            by: None,
        });
    }
    let row = Row {
        journey_id: Id::of(certificate.journey),
        kind: new.kind.to_string(),
        subject: new.subject,
        organisation_id: Id::of(new.organisation),
        entered_on: new.on,
        contact: new.contact,
        said: new.said,
        entered_by: new.who.name.clone(),
        entered_at: tx.at(),
    };
    let written = each!(tx.db, c => {
        diesel::insert_into(certificate_entries::table).values(&row).on_conflict_do_nothing().execute(c)
    })?;
    if written == 0 {
        return Err(StoreError::Invalid {
            field: "",
            code: "entered_already",
        });
    }
    // What is read of the certificate has changed with it.
    let next = (
        certificates::version.eq(certificates::version + 1),
        certificates::updated_at.eq(tx.at()),
    );
    diesel::update(certificates::table.find(Id::of(certificate.id)))
        .set(next)
        .execute(tx.db)?;
    let event = match new.kind {
        EntryKind::Admission => "certificate_admission_entered",
        EntryKind::Review => "certificate_reviewed",
        EntryKind::Conduct => "certificate_conduct_entered",
    };
    let told = NewEvent {
        person: certificate.member.into(),
        subject: certificate.journey.0,
        event,
        reason: None,
        detail: Some(json!({ "number": certificate.number, "organisation_id": new.organisation })),
    };
    trail::append(tx, new.who, told)
}
