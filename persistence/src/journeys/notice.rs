//! Departure notices (外出登记): where a journey begins.
use diesel::prelude::*;
use domain::access::{ManageJourneys, ReportOwnMoves, Scope, Who};
use domain::briefing::DEFAULT_ITEMS;
use domain::id::{JourneyId, MemberId, OrgPath, OrganisationId};
use domain::journey::{Destination, Journey, State};

use super::row::Row;
use super::{JourneyRecord, NewJourney, Plan, record_of, row_of};
use crate::db::each;
use crate::schema::{briefing_items, journeys, members};
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// Registers a departure notice. The same id for the same member again answers what is there and changes nothing.
///
/// # Errors
/// [`StoreError::Invalid`] when the member is unknown or outside the scope, has an open journey, or the host is
/// unknown.
pub fn plan(tx: &mut Tx<'_>, scope: &Scope<ManageJourneys>, new: NewJourney) -> Result<JourneyRecord, StoreError> {
    let home = home_of(tx, new.member)?.filter(|(_, path)| scope.covers(path));
    let (origin, path) = home.ok_or(StoreError::Invalid {
        field: "/member_id",
        code: "unknown_member",
    })?;
    register(tx, scope.who(), new, origin, &path)
}

/// The member's own departure notice, as [`plan`].
///
/// # Errors
/// As [`plan`].
pub fn plan_own(
    tx: &mut Tx<'_>,
    scope: &Scope<ReportOwnMoves>,
    id: JourneyId,
    plan: Plan,
) -> Result<JourneyRecord, StoreError> {
    let member = scope.me()?;
    let (origin, path) = home_of(tx, member)?.ok_or(StoreError::NotFound("member"))?;
    register(tx, scope.who(), NewJourney { id, member, plan }, origin, &path)
}

fn register(
    tx: &mut Tx<'_>,
    who: &Who,
    new: NewJourney,
    origin: OrganisationId,
    path: &OrgPath,
) -> Result<JourneyRecord, StoreError> {
    if let Some(known) = row_of(tx, new.id)? {
        return if known.member_id == Id::of(new.member) {
            record_of(tx, known)
        } else {
            Err(StoreError::Invalid {
                field: "/id",
                code: "taken",
            })
        };
    }
    if let Some(host) = new.plan.host {
        organisations::by_id(tx, host).map_err(|_unknown| StoreError::Invalid {
            field: "/host_organisation_id",
            code: "unknown_organisation",
        })?;
    }
    let usual = organisations::contact_interval(tx, path)?;
    let interval_days = new.plan.destination.interval_days(new.plan.interval_days, usual);
    check_interval(&new.plan.destination, interval_days)?;
    let journey = Journey {
        id: new.id,
        member: new.member,
        origin,
        reason: new.plan.reason,
        destination: new.plan.destination,
        former_occupation: new.plan.former_occupation,
        host: new.plan.host,
        certificate_number: new.plan.certificate_number,
        planned_departure_on: new.plan.planned_departure_on,
        expected_return_on: new.plan.expected_return_on,
        interval_days,
        last_contact_at: None,
        silence: None,
        declaration: None,
        transfer: None,
        state: State::Planned,
        version: 1,
    };
    let row = Row::of(&journey, path, tx.at());
    let stored = (&row, journeys::created_at.eq(tx.at()));
    each!(tx.db, c => diesel::insert_into(journeys::table).values(stored).execute(c))?;
    begin_briefing(tx, &journey)?;
    let event = NewEvent {
        person: new.member.into(),
        subject: new.id.0,
        event: "planned",
        reason: None,
        detail: None,
    };
    trail::append(tx, who, event)?;
    record_of(tx, row)
}

/// A member abroad is in contact at least every half year.
pub(super) const fn check_interval(to: &Destination, interval_days: u16) -> Result<(), StoreError> {
    if interval_days <= to.longest_interval() {
        return Ok(());
    }
    Err(StoreError::Invalid {
        field: "/contact_interval_days",
        code: "too_long_abroad",
    })
}

/// Lays out the briefing's items for a journey that is planned.
pub(crate) fn begin_briefing(tx: &mut Tx<'_>, journey: &Journey) -> Result<(), StoreError> {
    for (position, (item, ..)) in (0_i16..).zip(DEFAULT_ITEMS) {
        diesel::insert_into(briefing_items::table)
            .values((
                briefing_items::member_id.eq(Id::of(journey.member)),
                briefing_items::journey_id.eq(Id::of(journey.id)),
                briefing_items::item.eq(*item),
                briefing_items::position.eq(position),
            ))
            .execute(tx.db)?;
    }
    Ok(())
}

/// The branch that keeps a member's formal relation, for an active member.
fn home_of(tx: &mut Tx<'_>, member: MemberId) -> Result<Option<(OrganisationId, OrgPath)>, StoreError> {
    let home: Option<(Id, String)> = members::table
        .find(Id::of(member))
        .select((members::home_branch_id, members::path))
        .first(tx.db)
        .optional()?;
    home.map(|(id, path)| Ok((id.to(), path.parse().map_err(StoreError::corrupt)?)))
        .transpose()
}
