//! Who looked at what is sealed: revealed for a reason, and told to whom it belongs.
use domain::access::{ReadOwnRecord, Reveal, Scope};
use domain::id::{EntryId, MemberId};
use domain::member::SensitiveField;
use serde_json::json;

use super::inside;
use crate::trail::{self, AuditEntry, NewAudit, NewEvent};
use crate::{StoreError, Tx, requests};

/// One sealed value in full. The reason stands in the audit trail and on the member's timeline.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, or when there is no such value.
pub fn reveal(
    tx: &mut Tx<'_>,
    scope: &Scope<Reveal>,
    id: MemberId,
    field: SensitiveField,
    reason: &str,
) -> Result<String, StoreError> {
    let member = inside(tx, scope, id)?;
    let (event, value) = match field {
        SensitiveField::IdentityNumber => (
            "identity_revealed",
            member.facts.identity.map(|identity| identity.as_str().to_owned()),
        ),
        SensitiveField::Phone => (
            "phone_revealed",
            member.facts.phone.map(|phone| phone.as_str().to_owned()),
        ),
        SensitiveField::NewPhone => (
            "new_phone_revealed",
            requests::phone_asked_for(tx, id)?.map(|phone| phone.as_str().to_owned()),
        ),
    };
    let value = value.ok_or(StoreError::NotFound("value"))?;
    let audit = NewAudit {
        action: event,
        person: Some(id.0),
        subject: Some(id.0),
        path: Some(&member.path),
        detail: Some(json!({ "reason": reason })),
    };
    trail::record(tx, scope.who(), audit)?;
    let new = NewEvent {
        person: id.into(),
        subject: id.0,
        event,
        reason: Some(reason),
        detail: None,
    };
    trail::append(tx, scope.who(), new)?;
    Ok(value)
}

/// Who looked at the caller's record or changed it, newest first, before `before`. O(limit).
///
/// # Errors
/// [`StoreError::Denied`] for a scope of the machine.
pub fn access_log(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadOwnRecord>,
    before: Option<EntryId>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    trail::audit_of_person(tx, scope.me()?.0, before, limit)
}
