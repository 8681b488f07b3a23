//! A certificate is shown to a host; and the list of those that no host takes any more.
use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{ManageStays, Scope};
use domain::certificate::{Refusal, StateName};
use domain::id::{MemberId, StayId};
use serde_json::json;

use super::row::Row;
use super::{CertificateRecord, record_of};
use crate::schema::{certificates, stays};
use crate::scoped::within;
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx};

/// A certificate that counts, as the host that was shown it learns.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The certificate.
    pub record: CertificateRecord,
    /// The holder's open stay with a host inside the caller's scope, where there is one already.
    pub stay: Option<(StayId, domain::stay::StateName)>,
}

/// What is known here of a certificate whose signature was checked; nothing when its number is not known here. The
/// member can see who looked.
///
/// # Errors
/// [`StoreError::Certificate`] when it does not count any more.
pub fn check(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, number: &str) -> Result<Option<Checked>, StoreError> {
    let record = match good(tx, number) {
        Ok(record) => record,
        Err(StoreError::Certificate(Refusal::Unknown)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let audit = NewAudit {
        action: "certificate_checked",
        person: Some(record.certificate.member.0),
        subject: Some(record.certificate.journey.0),
        path: Some(&record.journey.path),
        detail: Some(json!({ "number": number })),
    };
    trail::record(tx, scope.who(), audit)?;
    let stay = open_stay(tx, scope, record.certificate.member)?;
    Ok(Some(Checked { record, stay }))
}

/// The certificate of a number, if it counts today.
pub(crate) fn good(tx: &mut Tx<'_>, number: &str) -> Result<CertificateRecord, StoreError> {
    let row: Option<Row> = certificates::table
        .filter(certificates::number.eq(number))
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    let certificate = row.ok_or(Refusal::Unknown)?.into_certificate()?;
    certificate.check(tx.today())?;
    record_of(tx, certificate)
}

fn open_stay(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    member: MemberId,
) -> Result<Option<(StayId, domain::stay::StateName)>, StoreError> {
    let open = domain::stay::StateName::OPEN.iter().map(|state| state.as_str());
    let found: Option<(Id, String)> = stays::table
        .filter(stays::person_id.eq(Id::of(member)))
        .filter(stays::state.eq_any(open))
        .filter(within!(scope, stays::path))
        .order(stays::id.desc())
        .select((stays::id, stays::state))
        .first(tx.db)
        .optional()?;
    let read = |(id, state): (Id, String)| Ok((id.to(), state.parse().map_err(StoreError::corrupt)?));
    found.map(read).transpose()
}

/// A certificate that no host takes any more, though its period is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Void {
    /// Its number.
    pub number: String,
    /// Since when.
    pub on: NaiveDate,
}

/// The certificates that no host takes any more and whose period is not over, by number. For everybody: it names nobody.
/// O(their number).
///
/// # Errors
/// When the store fails.
pub fn void(tx: &mut Tx<'_>) -> Result<Vec<Void>, StoreError> {
    let rows: Vec<(String, Option<NaiveDate>)> = certificates::table
        .filter(certificates::valid_until.ge(tx.today()))
        .filter(certificates::state.ne(StateName::Valid.as_str()))
        .order(certificates::number)
        .select((certificates::number, certificates::ended_on))
        .load(tx.db)?;
    let void = rows
        .into_iter()
        .filter_map(|(number, on)| Some(Void { number, on: on? }));
    Ok(void.collect())
}
