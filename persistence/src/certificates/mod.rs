//! Certificates (流动党员活动证) in the store: found through their journey, which is what a scope covers.
mod check;
mod entries;
mod issue;
mod life;
mod row;

use diesel::prelude::*;
use domain::access::{ReadJourneys, ReadOwnRecord, ReadStays, Scope};
use domain::certificate::{Certificate, EntryKind, State};
use domain::id::{JourneyId, OrganisationId, StayId};

use crate::journeys::{self, JourneyRecord};
use crate::schema::certificates;
use crate::types::Id;
use crate::{StoreError, Tx, organisations, stays};

pub(crate) use check::good;
pub use check::{Checked, Void, check, void};
pub(crate) use entries::note_admission;
pub use entries::{Conduct, Review, review_by_home, review_by_host, write_conduct};
pub use issue::{issue, reissue};
pub(crate) use life::journey_ended;
pub use life::{apply, report_own_loss};
use row::Row;

/// A certificate with what a screen shows beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateRecord {
    /// The certificate.
    pub certificate: Certificate,
    /// Its journey: the branch, the reason and the place.
    pub journey: JourneyRecord,
    /// The name of the committee that counts the numbers.
    pub issuer_name: String,
    /// What was entered, oldest first; what stood in one that was replaced stays.
    pub entries: Vec<Entry>,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// The year that was reviewed.
    pub year: Option<i32>,
    /// Who entered it: the host, or the formal home.
    pub organisation: OrganisationId,
    /// Its name.
    pub organisation_name: String,
    /// The day that it is about: of the arrival, of the review, of the leaving.
    pub on: chrono::NaiveDate,
    /// Whom to ask, with a telephone.
    pub contact: Option<String>,
    /// What it says.
    pub said: Option<String>,
    /// Who wrote it.
    pub by: String,
}

/// The newest certificate of a journey inside the scope.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, or when none was issued.
pub fn find(tx: &mut Tx<'_>, scope: &Scope<ReadJourneys>, journey: JourneyId) -> Result<CertificateRecord, StoreError> {
    journeys::inside(tx, scope, journey)?;
    show(tx, journey)
}

/// The member's own certificate: that of the open journey, else of the last.
///
/// # Errors
/// [`StoreError::NotFound`] when none was issued.
pub fn find_own(tx: &mut Tx<'_>, scope: &Scope<ReadOwnRecord>) -> Result<CertificateRecord, StoreError> {
    let journey = journeys::find_own(tx, scope)?.journey.id;
    show(tx, journey)
}

/// The certificate of whoever stays with a host inside the scope, once it is known who that is.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, when none was issued, or before the stay is verified.
pub fn find_of_stay(tx: &mut Tx<'_>, scope: &Scope<ReadStays>, stay: StayId) -> Result<CertificateRecord, StoreError> {
    let stay = stays::find(tx, scope, stay)?.stay;
    let known = stay.journey.filter(|_| stay.state.verification().is_some());
    let mut certificate = show(tx, known.ok_or(NONE)?)?;
    if let Some(leaving) = stay.state.leaving() {
        // What other hosts entered since is not for one that the person has left.
        certificate
            .entries
            .retain(|entry| entry.organisation == stay.host || entry.on <= leaving.on);
    }
    Ok(certificate)
}

const NONE: StoreError = StoreError::NotFound("certificate");

/// The newest certificate of a journey that the caller was let through to.
fn newest_of(tx: &mut Tx<'_>, journey: JourneyId) -> Result<Option<Certificate>, StoreError> {
    let row: Option<Row> = certificates::table
        .filter(certificates::journey_id.eq(Id::of(journey)))
        .order(certificates::id.desc())
        .select(Row::as_select())
        .first(tx.db)
        .optional()?;
    row.map(Row::into_certificate).transpose()
}

/// The newest certificate of a journey with its names, after the caller was let through to it.
fn show(tx: &mut Tx<'_>, journey: JourneyId) -> Result<CertificateRecord, StoreError> {
    let certificate = newest_of(tx, journey)?.ok_or(NONE)?;
    record_of(tx, certificate)
}

fn record_of(tx: &mut Tx<'_>, certificate: Certificate) -> Result<CertificateRecord, StoreError> {
    let issuer = Id::of(certificate.issuer);
    let issuer_name = organisations::names(tx, vec![issuer])?.remove(&issuer);
    Ok(CertificateRecord {
        journey: journeys::show(tx, certificate.journey)?,
        issuer_name: issuer_name.unwrap_or_default(),
        entries: entries::of(tx, certificate.journey)?,
        certificate,
    })
}

/// Whether the journey's number is that of a certificate issued here, so that nobody types another.
pub(crate) fn is_in_force_for(tx: &mut Tx<'_>, journey: JourneyId) -> Result<bool, StoreError> {
    let newest = newest_of(tx, journey)?;
    Ok(newest.is_some_and(|known| matches!(known.state, State::Valid | State::Lost { .. })))
}
