//! A certificate (流动党员活动证) that somebody shows verifies a stay, at once and without asking the origin.
use chrono::NaiveDate;
use domain::access::{ManageStays, Scope};
use domain::certificate::Refusal;
use domain::id::{OrganisationId, StayId};
use domain::stay::{Command, Origin, Shown, Source, State, Stay};

use super::change::{seen_inside, transition};
use super::record::StayRecord;
use super::report::{enter, host_inside, repeated};
use super::{by_id, show};
use crate::types::Id;
use crate::{StoreError, Tx, certificates};

/// What a host enters about somebody who shows a certificate: name, origin and journey come from it.
#[derive(Debug, Clone)]
pub struct ShownStay {
    /// Its id, chosen by the caller so that a repeated report is known.
    pub id: StayId,
    /// The host, inside the scope.
    pub host: OrganisationId,
    /// The number of the certificate, whose signature was checked.
    pub number: String,
    /// The day of arrival.
    pub arrived_on: NaiveDate,
    /// The local address.
    pub address: Option<String>,
    /// The employer or school.
    pub employer: Option<String>,
}

/// Reports the holder of a certificate: the stay is verified. The same id for the same host again answers what is there.
///
/// # Errors
/// [`StoreError::Certificate`] when it does not count, [`StoreError::Invalid`] when the host is outside the scope, the
/// arrival is in the future, or the holder has an open stay with the host.
pub fn report_by_certificate(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    new: ShownStay,
) -> Result<StayRecord, StoreError> {
    let host = host_inside(tx, scope, new.host)?;
    if let Some(known) = repeated(tx, new.id, |row| row.host_id == Id::of(host.id))? {
        return Ok(known);
    }
    let shown = certificates::good(tx, &new.number)?;
    let stay = Stay {
        id: new.id,
        person: shown.certificate.member.into(),
        member: Some(shown.certificate.member),
        host: host.id,
        source: Source::Survey,
        origin: Origin::Here(shown.journey.journey.origin),
        journey: Some(shown.certificate.journey),
        arrived_on: new.arrived_on,
        address: new.address,
        employer: new.employer,
        state: State::Reported,
        version: 1,
    };
    enter(tx, scope.who(), stay)?;
    let reported = by_id(tx, new.id)?;
    let confirmed = confirmation(tx, scope, new.number);
    transition(tx, scope.who(), reported, confirmed)?;
    show(tx, new.id)
}

/// The person of a stay inside the scope has shown a certificate.
///
/// # Errors
/// [`StoreError::Certificate`] when it does not count or is another person's, [`StoreError::NotFound`] outside the
/// scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`] by the domain.
pub fn confirm_by_certificate(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: StayId,
    seen: i32,
    number: String,
) -> Result<StayRecord, StoreError> {
    let (stay, path, created_at) = seen_inside(tx, scope, id, seen)?;
    let shown = certificates::good(tx, &number)?;
    if stay.member != Some(shown.certificate.member) {
        return Err(Refusal::OtherPerson.into());
    }
    let stay = Stay {
        origin: Origin::Here(shown.journey.journey.origin),
        journey: Some(shown.certificate.journey),
        ..stay
    };
    let confirmed = confirmation(tx, scope, number);
    transition(tx, scope.who(), (stay, path, created_at), confirmed)?;
    show(tx, id)
}

fn confirmation(tx: &Tx<'_>, scope: &Scope<ManageStays>, number: String) -> Command {
    Command::ConfirmByCertificate(Shown {
        number,
        on: tx.today(),
        by: scope.who().name.clone(),
    })
}
