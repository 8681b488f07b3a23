//! What a screen shows of a silence and the search for a member.
use chrono::{DateTime, NaiveDate, Utc};
use domain::codes::{AbsenceReason, FoundOutcome};
use domain::declaration::DeclarationState;
use domain::id::DeclarationId;
use domain::silence::SilenceSource;
use persistence::journeys::{Declaration, JourneyRecord};
use serde::Serialize;
use utoipa::ToSchema;

/// Since when nothing was heard of a member.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SilenceView {
    /// The day of what was heard last.
    since: NaiveDate,
    /// What it was.
    source: SilenceSource,
    /// Organisational life attended last, as recorded.
    #[schema(example = json!(null))]
    attended_on: Option<NaiveDate>,
    /// Dues paid last, as recorded.
    #[schema(example = json!(null))]
    dues_paid_on: Option<NaiveDate>,
    /// Attempts to reach the member that failed since.
    #[schema(example = 0)]
    failed_attempts: usize,
    /// What is missing before the member may be said to be out of contact, as words.
    #[schema(example = json!(["silence_too_short"]))]
    missing: Vec<&'static str>,
}

impl SilenceView {
    /// The silence of a journey that goes on, once away.
    pub(super) fn of(record: &JourneyRecord) -> Option<Self> {
        let journey = &record.journey;
        let silence = journey.silence.filter(|_| journey.state.is_open())?;
        let missing = journey.missing(&record.search);
        Some(Self {
            since: silence.since,
            source: silence.source,
            attended_on: record.beside.signs.attended_on,
            dues_paid_on: record.beside.signs.dues_paid_on,
            failed_attempts: record.search.failed.len(),
            missing: missing.into_iter().map(domain::silence::Missing::as_str).collect(),
        })
    }
}

/// A declaration that a member is out of contact (失联认定).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeclarationView {
    /// Its id.
    id: DeclarationId,
    /// Where it stands.
    state: DeclarationState,
    /// Why the member can't be reached 失去联系情形.
    reason: AbsenceReason,
    /// The reason's code in the national check.
    #[schema(example = "1")]
    reason_code: &'static str,
    /// More about it.
    #[schema(example = "工地已撤，同乡也不知去向")]
    note: Option<String>,
    /// The silence on which it stands.
    silent_since: NaiveDate,
    /// What was heard last.
    silence_source: SilenceSource,
    /// Who proposed it.
    #[schema(example = "李书记")]
    proposed_by: String,
    /// When.
    proposed_at: DateTime<Utc>,
    /// Who confirmed it, turned it down or took it back.
    #[schema(example = "曲塘镇党委")]
    decided_by: Option<String>,
    /// When.
    decided_at: Option<DateTime<Utc>>,
    /// Why.
    #[schema(example = json!(null))]
    decision_reason: Option<String>,
    /// When the member was heard of again.
    found_at: Option<DateTime<Utc>>,
    /// What came of it.
    outcome: Option<FoundOutcome>,
    /// More about that.
    #[schema(example = json!(null))]
    outcome_note: Option<String>,
}

impl From<Declaration> for DeclarationView {
    fn from(declaration: Declaration) -> Self {
        Self {
            id: declaration.id,
            state: declaration.state,
            reason: declaration.reason,
            reason_code: declaration.reason.code(),
            note: declaration.note,
            silent_since: declaration.silence.since,
            silence_source: declaration.silence.source,
            proposed_by: declaration.proposed_by,
            proposed_at: declaration.proposed_at,
            decided_by: declaration.decided_by,
            decided_at: declaration.decided_at,
            decision_reason: declaration.decision_reason,
            found_at: declaration.found_at,
            outcome: declaration.outcome,
            outcome_note: declaration.outcome_note,
        }
    }
}
