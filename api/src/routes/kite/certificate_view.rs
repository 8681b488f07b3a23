//! What a certificate looks like on its way out.
use chrono::NaiveDate;
use domain::certificate::{Certificate, EntryKind, NOT_GRANTED, State, StateName, Verb};
use domain::codes::JourneyReason;
use domain::id::{CertificateId, JourneyId, MemberId, OrganisationId};
use persistence::certificates::{CertificateRecord, Entry};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{DestinationView, Named};
use crate::answer::Versioned;
use crate::extract::Language;

/// An entry in a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryView {
    /// What it is.
    kind: EntryKind,
    /// The year that was reviewed.
    #[schema(example = json!(null))]
    year: Option<i32>,
    /// Who entered it: the host, or the formal home.
    organisation: Named<OrganisationId>,
    /// The day: of the arrival, of the review, of the leaving.
    on: NaiveDate,
    /// Whom to ask there.
    #[schema(example = "周干事 0513-88810000")]
    contact: Option<String>,
    /// What it says.
    #[schema(example = json!(null))]
    said: Option<String>,
    /// Who wrote it.
    #[schema(example = "周书记")]
    by: String,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self {
            kind: entry.kind,
            year: entry.year,
            organisation: Named {
                id: entry.organisation,
                name: entry.organisation_name,
            },
            on: entry.on,
            contact: entry.contact,
            said: entry.said,
            by: entry.by,
        }
    }
}

/// A right that the certificate does not give.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NotGrantedView {
    /// The right, a stable word.
    #[schema(example = "vote")]
    right: &'static str,
    /// In the caller's language.
    #[schema(example = "在流入地正式党组织中没有表决权、选举权和被选举权")]
    said: &'static str,
}

/// What a certificate does not give.
pub(crate) fn not_granted(language: Language) -> Vec<NotGrantedView> {
    let view = |(right, zh, en): &(&'static str, &'static str, &'static str)| NotGrantedView {
        right,
        said: match language {
            Language::Chinese => zh,
            Language::English => en,
        },
    };
    NOT_GRANTED.iter().map(view).collect()
}

/// A certificate (流动党员活动证), as an electronic proof.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateView {
    /// Its id.
    id: CertificateId,
    /// Its number, of the committee's yearly series.
    #[schema(example = "320685100-2027-0001")]
    number: String,
    /// Whose.
    holder: Named<MemberId>,
    /// The branch that keeps the formal relation.
    branch: Named<OrganisationId>,
    /// The committee that counts the numbers.
    issuer: Named<OrganisationId>,
    /// For which journey.
    journey_id: JourneyId,
    /// Why the holder is away.
    reason: JourneyReason,
    /// Where.
    place: DestinationView,
    /// The day of issue.
    issued_on: NaiveDate,
    /// Who issued it.
    #[schema(example = "李书记")]
    issued_by: String,
    /// The first day on which it is good.
    valid_from: NaiveDate,
    /// The last day on which it is good.
    #[schema(example = "2027-12-20")]
    valid_until: NaiveDate,
    /// Where it stands.
    state: StateName,
    /// Since when it has not been valid.
    #[schema(example = json!(null))]
    ended_on: Option<NaiveDate>,
    /// Why it was taken back.
    #[schema(example = json!(null))]
    revoked_because: Option<String>,
    /// The number that was issued in its place.
    #[schema(example = json!(null))]
    replaced_by: Option<String>,
    /// Whether its period is over today.
    expired: bool,
    /// What it does not give.
    not_granted: Vec<NotGrantedView>,
    /// What was entered, oldest first.
    entries: Vec<EntryView>,
    /// Counts changes; goes into `If-Match`.
    #[schema(example = 1)]
    version: i32,
    /// The transitions that the branch may perform now.
    allowed: Vec<Verb>,
}

impl Versioned for CertificateView {
    fn version(&self) -> i32 {
        self.version
    }
}

impl CertificateView {
    /// The certificate as it is on `today`.
    pub(crate) fn of(record: CertificateRecord, today: NaiveDate, language: Language) -> Self {
        let expired = record.certificate.is_expired(today);
        let Certificate {
            id,
            number,
            member,
            journey,
            issuer,
            issued_on,
            issued_by,
            period,
            state,
            version,
        } = record.certificate;
        let (away, names) = (
            record.journey.journey,
            (record.journey.member_name, record.journey.origin_name),
        );
        let ended_on = state.since();
        let allowed = state
            .allowed()
            .iter()
            .copied()
            .filter(|verb| verb.is_branchs())
            .collect();
        let name = state.name();
        let (revoked_because, replaced_by) = why_void(state);
        Self {
            id,
            number,
            holder: Named {
                id: member,
                name: names.0,
            },
            branch: Named {
                id: away.origin,
                name: names.1,
            },
            issuer: Named {
                id: issuer,
                name: record.issuer_name,
            },
            journey_id: journey,
            reason: away.reason,
            place: away.destination.into(),
            issued_on,
            issued_by,
            valid_from: period.from,
            valid_until: period.until,
            state: name,
            ended_on,
            revoked_because,
            replaced_by,
            expired,
            not_granted: not_granted(language),
            entries: record.entries.into_iter().map(EntryView::from).collect(),
            version,
            allowed,
        }
    }
}

/// Why it was taken back, or the number in its place.
fn why_void(state: State) -> (Option<String>, Option<String>) {
    match state {
        State::Revoked { reason, .. } => (Some(reason), None),
        State::Replaced { by, .. } => (None, Some(by)),
        State::Valid | State::Lost { .. } | State::Ended { .. } | State::HandedBack { .. } => (None, None),
    }
}
