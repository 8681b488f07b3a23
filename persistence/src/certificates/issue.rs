//! A certificate is issued, under the next number of its committee's year, and another in its place.
use chrono::{Datelike as _, NaiveDate};
use diesel::prelude::*;
use domain::access::{ManageJourneys, Scope, Who};
use domain::certificate::{Certificate, Command, Number, Period, State, issuer};
use domain::id::{CertificateId, JourneyId, OrgPath, OrganisationId};
use domain::journey::Journey;
use domain::organisation::OrganisationKind;
use serde_json::json;

use super::{CertificateRecord, NONE, Row, life, newest_of, record_of, show};
use crate::db::each;
use crate::schema::{certificate_counters, certificates, organisations as places};
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, journeys};

/// The item of the briefing that is done by issuing.
const BRIEFING_ITEM: &str = "certificate";

/// Issues a certificate for an open journey inside the scope, good to `until`, else to the expected return. The same id
/// again answers the certificate that is there.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Refused`] when the journey has ended or has a certificate,
/// [`StoreError::Invalid`] for a day that can't be the last.
pub fn issue(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    journey: JourneyId,
    id: CertificateId,
    until: Option<NaiveDate>,
) -> Result<CertificateRecord, StoreError> {
    let (journey, path) = journeys::inside(tx, scope, journey)?;
    let known = newest_of(tx, journey.id)?;
    if known.as_ref().is_some_and(|known| known.id == id) {
        return show(tx, journey.id);
    }
    check_room(&journey, known.as_ref())?;
    let number = next_number(tx, &path)?;
    let period = Period::of_issue(tx.today(), journey.expected_return_on, until).map_err(life::bad_period)?;
    let written = journey.certificate_number.clone();
    let certificate = enter(tx, scope.who(), &journey, &path, (id, number, period))?;
    brief(tx, scope.who(), &journey)?;
    let detail = json!({ "number": certificate.number, "until": certificate.period.until, "number_before": written });
    note(tx, scope.who(), &certificate, "certificate_issued", detail)?;
    record_of(tx, certificate)
}

/// Issues another certificate in the place of one that was lost or must be made anew; the old number is void.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope or when there is none, [`StoreError::Stale`] when its version moved,
/// [`StoreError::Refused`] when it is no longer in force.
pub fn reissue(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageJourneys>,
    journey: JourneyId,
    seen: i32,
) -> Result<CertificateRecord, StoreError> {
    let (journey, path) = journeys::inside(tx, scope, journey)?;
    let old = newest_of(tx, journey.id)?.ok_or(NONE)?;
    if old.version != seen {
        return Err(StoreError::Stale);
    }
    let on = tx.today();
    let (issuer, number) = next_number(tx, &path)?;
    let by = number.to_string();
    let period = Period {
        from: on,
        until: old.period.until.max(on),
    };
    life::transition(tx, scope.who(), old.clone(), Command::Reissue { on, by })?;
    let id = tx.fresh();
    let new = enter(tx, scope.who(), &journey, &path, (id, (issuer, number), period))?;
    let detail = json!({ "number": new.number, "replaces": old.number });
    note(tx, scope.who(), &new, "certificate_reissued", detail)?;
    record_of(tx, new)
}

/// A journey has one certificate at a time, while it is open.
fn check_room(journey: &Journey, known: Option<&Certificate>) -> Result<(), StoreError> {
    let refused = |state, allowed| {
        Err(StoreError::Refused {
            state,
            verb: "issue",
            allowed,
            by: None,
        })
    };
    if !journey.state.is_open() {
        return refused(journey.state.name().as_str(), Vec::new());
    }
    match known.map(|known| &known.state) {
        Some(state @ (State::Valid | State::Lost { .. })) => refused(state.name().as_str(), life::verbs(state)),
        _ => Ok(()),
    }
}

/// The certificate as a row, and its number on the journey.
fn enter(
    tx: &mut Tx<'_>,
    who: &Who,
    journey: &Journey,
    path: &OrgPath,
    (id, (issuer, number), period): (CertificateId, (OrganisationId, Number), Period),
) -> Result<Certificate, StoreError> {
    let certificate = Certificate {
        id,
        number: number.to_string(),
        member: journey.member,
        journey: journey.id,
        issuer,
        issued_on: tx.today(),
        issued_by: who.name.clone(),
        period,
        state: State::Valid,
        version: 1,
    };
    let row = Row::of(&certificate, tx.at());
    let stored = (&row, certificates::created_at.eq(tx.at()));
    each!(tx.db, c => diesel::insert_into(certificates::table).values(stored).execute(c))?;
    let numbered = Journey {
        certificate_number: Some(certificate.number.clone()),
        version: journey.version + 1,
        ..journey.clone()
    };
    journeys::update(tx, &numbered, path)?;
    Ok(certificate)
}

/// What the briefing asks is answered by issuing: nobody has to say it twice.
fn brief(tx: &mut Tx<'_>, who: &Who, journey: &Journey) -> Result<(), StoreError> {
    let open = journeys::open_items(tx, journey.member, journey.id)?;
    if open.iter().any(|item| item == BRIEFING_ITEM) {
        journeys::mark(tx, who, journey, BRIEFING_ITEM, Some(tx.today()))?;
    }
    Ok(())
}

/// The next number of the year, of the committee that counts for the branch at `path`. The counter's row stays locked
/// until the transaction ends, and one that fails gives its number back: the numbers of a year have no gaps.
fn next_number(tx: &mut Tx<'_>, path: &OrgPath) -> Result<(OrganisationId, Number), StoreError> {
    let (committee, code) = issuer_of(tx, path)?;
    let year = tx.today().year();
    let first = (
        certificate_counters::issuer_id.eq(Id::of(committee)),
        certificate_counters::year.eq(year),
        certificate_counters::last_number.eq(1),
    );
    each!(tx.db, c => diesel::insert_into(certificate_counters::table)
        .values(first)
        .on_conflict((certificate_counters::issuer_id, certificate_counters::year))
        .do_update()
        .set(certificate_counters::last_number.eq(certificate_counters::last_number + 1))
        .execute(c))?;
    let serial = certificate_counters::table
        .find((Id::of(committee), year))
        .select(certificate_counters::last_number)
        .first(tx.db)?;
    let number = Number {
        issuer: code,
        year,
        serial,
    };
    Ok((committee, number))
}

/// The committee that counts, with its code.
fn issuer_of(tx: &mut Tx<'_>, branch: &OrgPath) -> Result<(OrganisationId, String), StoreError> {
    let mut above = Vec::new();
    let mut next = branch.parent();
    while let Some(path) = next {
        next = path.parent();
        above.push(path.to_string());
    }
    let nearest_first: Vec<(Id, String, String)> = places::table
        .filter(places::path.eq_any(above))
        .order(places::path.desc())
        .select((places::id, places::code, places::kind))
        .load(tx.db)?;
    let kinds: Vec<_> = nearest_first
        .into_iter()
        .map(|(id, code, kind)| {
            Ok((
                (id.to(), code),
                kind.parse::<OrganisationKind>().map_err(StoreError::corrupt)?,
            ))
        })
        .collect::<Result<_, StoreError>>()?;
    issuer(kinds).ok_or(StoreError::Invalid {
        field: "/issuer",
        code: "no_committee",
    })
}

fn note(
    tx: &mut Tx<'_>,
    who: &Who,
    certificate: &Certificate,
    event: &str,
    detail: serde_json::Value,
) -> Result<(), StoreError> {
    let new = NewEvent {
        person: certificate.member.into(),
        subject: certificate.journey.0,
        event,
        reason: None,
        detail: Some(detail),
    };
    trail::append(tx, who, new)
}
