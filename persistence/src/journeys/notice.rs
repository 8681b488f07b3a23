//! Departure notices (外出登记): where a journey begins.
use diesel::prelude::*;
use domain::access::{ManageJourneys, ReportOwnMoves, Scope, Who};
use domain::id::{JourneyId, MemberId, OrgPath, OrganisationId};
use domain::journey::{Destination, Journey, State};

use super::row::Row;
use super::{JourneyRecord, NewJourney, Plan, begin_briefing, record_of, row_of};
use crate::db::each;
use crate::schema::{journeys, members};
use crate::trail::{self, NewEvent};
use crate::types::Id;
use crate::{StoreError, Tx, organisations, settings};

/// Registers a departure notice. The same id for the same member again answers what is there and changes nothing.
///
/// # Errors
/// [`StoreError::Invalid`] when the member is unknown or outside the scope, has an open journey, or the host is
/// unknown.
pub fn plan(tx: &mut Tx<'_>, scope: &Scope<ManageJourneys>, new: NewJourney) -> Result<JourneyRecord, StoreError> {
    let home = home_of(tx, new.member)?.filter(|(_, path)| scope.covers(path));
    let (origin, _) = home.ok_or(StoreError::Invalid {
        field: "/member_id",
        code: "unknown_member",
    })?;
    register(tx, scope.who(), new, origin)
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
    let (origin, _) = home_of(tx, member)?.ok_or(StoreError::NotFound("member"))?;
    register(tx, scope.who(), NewJourney { id, member, plan }, origin)
}

fn register(tx: &mut Tx<'_>, who: &Who, new: NewJourney, origin: OrganisationId) -> Result<JourneyRecord, StoreError> {
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
    let path = &organisations::held(tx, origin)?.path;
    if let Some(host) = new.plan.host {
        organisations::by_id(tx, host).map_err(|_unknown| StoreError::Invalid {
            field: "/host_organisation_id",
            code: "unknown_organisation",
        })?;
    }
    let settings = settings::at(tx, path)?;
    let usual = settings.contact_interval_days;
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
    begin_briefing(tx, &journey, &settings.briefing_items)?;
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
