//! What can go wrong in the store, in words that the layers above act on.
use diesel::result::{DatabaseErrorKind as Kind, Error as Diesel};
use domain::access::Denied;
use domain::settings::Wrong;

/// A failed call to the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Unknown, or outside the scope: the two are alike on purpose.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// Somebody changed it since it was read.
    #[error("changed meanwhile")]
    Stale,
    /// A rule refused the change in the present state.
    #[error("{verb} is not possible from {state}")]
    Refused {
        /// The state it is in.
        state: &'static str,
        /// What was asked.
        verb: &'static str,
        /// What is possible now.
        allowed: Vec<&'static str>,
        /// Who was faster, where two answered at once.
        by: Option<String>,
    },
    /// The change is possible in the present state, but not yet: something is missing.
    #[error("{verb} is not possible yet: {missing:?}")]
    Incomplete {
        /// The state it is in.
        state: &'static str,
        /// What was asked.
        verb: &'static str,
        /// Everything that is missing.
        missing: Vec<Missing>,
        /// What is possible now.
        allowed: Vec<&'static str>,
    },
    /// A field's value can't be taken; `field` is a JSON pointer into the request's body.
    #[error("{field}: {code}")]
    Invalid {
        /// JSON pointer, such as `/home_unit_id`.
        field: &'static str,
        /// Stable word, with a sentence in the language files.
        code: &'static str,
    },
    /// Several values can't be taken: all of them.
    #[error("{} faults, the first: {}", .0.len(), .0.first().map_or("", |fault| fault.code))]
    Faults(Vec<Wrong>),
    /// A certificate that was shown does not count.
    #[error(transparent)]
    Certificate(#[from] domain::certificate::Refusal),
    /// The caller holds no role for it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The database is away, full, or busy: the same call may go through later.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A bug: a query, a row or a constraint that nobody expected.
    #[error("the store failed")]
    Bug(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// One thing that is missing for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Stable word, with a sentence in the language files.
    pub code: &'static str,
    /// What would be enough: the day, or how many are missing.
    pub wanted: String,
}

impl StoreError {
    /// A transition that the domain refused: something is missing for it, or it is not drawn.
    pub(crate) fn not_possible(
        (state, verb): (&'static str, &'static str),
        missing: impl Iterator<Item = (&'static str, String)>,
        allowed: Vec<&'static str>,
    ) -> Self {
        let missing: Vec<_> = missing.map(|(code, wanted)| Missing { code, wanted }).collect();
        if missing.is_empty() {
            return Self::Refused {
                state,
                verb,
                allowed,
                by: None,
            };
        }
        Self::Incomplete {
            state,
            verb,
            missing,
            allowed,
        }
    }

    /// Whether the caller asked for what can't be, and everything else of the transaction may go on: nothing of ours is
    /// broken.
    pub(crate) const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NotFound(_) | Self::Refused { .. } | Self::Invalid { .. } | Self::Faults(_) | Self::Denied(_)
        )
    }

    /// The faults that were found, unless there are none.
    pub(crate) fn unless_none(faults: Vec<Wrong>) -> Result<(), Self> {
        if faults.is_empty() {
            Ok(())
        } else {
            Err(Self::Faults(faults))
        }
    }

    /// A row that the program itself can't have written.
    pub fn corrupt(what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Bug(what.into())
    }
}

/// Unique constraints that a caller can run into, the field to name, and the word for it.
///
/// PostgreSQL names the index; SQLite names its columns, or the index where it is on part of the table.
const TAKEN: &[(&[&str], &str, &str)] = &[
    (&["organisations_code", "organisations.code"], "/code", "taken"),
    (&["organisations_path", "organisations.path"], "/code", "taken"),
    (
        &["members_identity", "members.identity_hash"],
        "/identity_number",
        "taken",
    ),
    (&["accounts_login", "accounts.login"], "/login", "taken"),
    (&["accounts_member", "accounts.member_id"], "/member_id", "has_account"),
    (
        &["journeys_one_open_per_member", "journeys.member_id"],
        "/member_id",
        "has_open_journey",
    ),
    (
        &["stays_one_open_per_host", "stays.person_id, stays.host_id"],
        "/member_id",
        "has_open_stay",
    ),
    (
        &["stays_one_admitted_per_person", "stays.person_id"],
        "/member_id",
        "is_admitted_elsewhere",
    ),
    (
        &["certificates_one_open_per_journey", "certificates.journey_id"],
        "",
        "has_certificate",
    ),
    (
        &[
            "campaigns_one_open",
            "campaigns.organisation_id, campaigns.festival, campaigns.year",
        ],
        "",
        "has_open_campaign",
    ),
    // Ids that callers choose; twins at the same moment get past the look that comes before.
    (&["organisations_pkey", "organisations.id"], "/id", "taken"),
    (&["members_pkey", "members.id"], "/id", "taken"),
    (&["journeys_pkey", "journeys.id"], "/id", "taken"),
    (&["stays_pkey", "stays.id"], "/id", "taken"),
    (&["contacts_pkey", "contacts.id"], "/id", "taken"),
    (&["certificates_pkey", "certificates.id"], "/id", "taken"),
    (&["campaigns_pkey", "campaigns.id"], "/id", "taken"),
    (&["gatherings_pkey", "gatherings.id"], "/id", "taken"),
    (&["lecturers_pkey", "lecturers.id"], "/id", "taken"),
    (&["service_requests_pkey", "service_requests.id"], "/id", "taken"),
    (&["gifts_pkey", "gifts.id"], "/id", "taken"),
];

impl From<Diesel> for StoreError {
    fn from(error: Diesel) -> Self {
        match &error {
            Diesel::DatabaseError(Kind::UniqueViolation, info) => {
                let text = info.constraint_name().unwrap_or_else(|| info.message());
                let hit = TAKEN
                    .iter()
                    .find(|(names, ..)| names.iter().any(|name| text.ends_with(name)));
                match hit {
                    Some((_, field, code)) => Self::Invalid { field, code },
                    None => Self::Bug(Box::new(error)),
                }
            }
            Diesel::DatabaseError(
                Kind::ClosedConnection | Kind::SerializationFailure | Kind::UnableToSendCommand,
                _,
            )
            | Diesel::BrokenTransactionManager => Self::Unavailable(Box::new(error)),
            Diesel::DatabaseError(_, info) if is_passing(info.message()) => Self::Unavailable(Box::new(error)),
            _ => Self::Bug(Box::new(error)),
        }
    }
}

/// Failures that go by themselves: a busy, full or restarting database says so in its message only.
fn is_passing(message: &str) -> bool {
    const SIGNS: &[&str] = &[
        "database is locked",
        "deadlock detected",
        "database or disk is full",
        "disk I/O error",
        "server closed the connection",
        "terminating connection",
        "no connection to the server",
        "could not receive data from server",
        "could not send data to server",
        "the database system is",
        "could not extend file",
        "No space left on device",
    ];
    SIGNS.iter().any(|sign| message.contains(sign))
}
