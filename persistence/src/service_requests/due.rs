//! What time does to a service request that nobody answers: it goes to the organisation above, and then once more.
use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{Operate, Role, Scope};
use domain::id::{OrgPath, OrganisationId, ServiceRequestId};
use domain::notification::{Occasion, Period};
use serde_json::json;
use uuid::Uuid;

use super::change::tell_in_charge;
use super::{UNANSWERED, note, row_of};
use crate::outbox::{self, To};
use crate::schema::{accounts, grants, organisations as places, service_requests as requests};
use crate::types::Id;
use crate::{StoreError, Tx, tell};

/// The requests that go up by `day`, or by today where that is earlier. O(unanswered requests that are due).
///
/// # Errors
/// When the store fails.
pub fn escalating(tx: &mut Tx<'_>, _: &Scope<Operate>, day: NaiveDate) -> Result<Vec<ServiceRequestId>, StoreError> {
    let day = day.min(tx.today());
    let ids: Vec<Id> = requests::table
        .filter(requests::state.eq_any(UNANSWERED))
        .filter(requests::due_on.lt(day))
        .filter(requests::escalates_on.le(day))
        .order(requests::id)
        .select(requests::id)
        .load(tx.db)?;
    Ok(ids.into_iter().map(Id::to).collect())
}

/// Takes a request one organisation up, if nobody has answered by `day`: to the next above the one that was told last
/// where somebody is to be told. That one is told and may answer; the one that was asked is told, and who asks. Each step
/// is taken once, however often this runs, and after days off the next step waits as long as it always does.
///
/// # Errors
/// When the store fails.
pub fn escalate(
    tx: &mut Tx<'_>,
    scope: &Scope<Operate>,
    id: ServiceRequestId,
    day: NaiveDate,
) -> Result<(), StoreError> {
    let row = row_of(tx, id)?;
    let (request, today) = (row.request()?, tx.today());
    let has_come = |on: NaiveDate| on <= day.min(today);
    if !request.state.is_unanswered() || !request.clock.escalates_on.is_some_and(has_come) {
        return Ok(());
    }
    let last = match row.escalated_id {
        Some(told) => crate::organisations::by_id(tx, told.to())?.path,
        None => row.path()?,
    };
    let above = next_above(tx, &last)?;
    let clock = above.map(|_| request.clock.escalated(today));
    let one = requests::table.filter(requests::id.eq(row.id).and(requests::version.eq(request.version)));
    let changed = diesel::update(one)
        .set((
            requests::escalations.eq(clock.map_or(row.escalations, |clock| clock.escalations.into())),
            requests::escalates_on.eq(clock.and_then(|clock| clock.escalates_on)),
            requests::escalated_id.eq(above.map(Id::of).or(row.escalated_id)),
            requests::escalated_on.eq(above.map(|_| today).or(row.escalated_on)),
            requests::version.eq(request.version + 1),
        ))
        .execute(tx.db)?;
    let (Some(above), 1) = (above, changed) else {
        return Ok(());
    };
    note(
        tx,
        scope.who(),
        &row,
        "service_escalated",
        Some(json!({ "to_id": above })),
    )?;
    let step = Period::Thing(tx.fresh::<Uuid>());
    tell::staff_in(tx, Occasion::ServiceEscalated, id.0, step, above)?;
    tell_in_charge(tx, &request, Occasion::ServiceEscalated, step)?;
    let asker = To::Member(row.person_id.to());
    outbox::enqueue(tx, Occasion::ServiceEscalated, id.0, step, asker).map(drop)
}

/// The nearest organisation above `path` that has a secretary or an office.
fn next_above(tx: &mut Tx<'_>, path: &OrgPath) -> Result<Option<OrganisationId>, StoreError> {
    let mut above = Vec::new();
    let mut next = path.parent();
    while let Some(path) = next.filter(|path| *path != OrgPath::root()) {
        next = path.parent();
        above.push(path.to_string());
    }
    let found: Option<Id> = places::table
        .inner_join(grants::table.on(grants::organisation_id.eq(places::id)))
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .filter(places::path.eq_any(above))
        .filter(grants::role.eq_any([Role::Secretary.as_str(), Role::Office.as_str()]))
        .filter(accounts::active)
        .order(places::path.desc())
        .select(places::id)
        .first(tx.db)
        .optional()?;
    Ok(found.map(Id::to))
}
