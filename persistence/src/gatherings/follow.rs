//! Attendance follows the person: whoever was on lists as one turns out to be another.
use diesel::prelude::*;
use domain::gathering::attendance::StateName;
use domain::id::{MemberId, OrgPath, PersonId};

use crate::schema::{attendances, gatherings, members, stays};
use crate::types::Id;
use crate::{StoreError, Tx};

/// Whoever was on lists as one person turns out to be another: the lines are that one's, as far as they are of a host's
/// gatherings where the one goes on; all of a visitor whom nothing else is kept of. Where both are on a list, the line that
/// says more stays.
pub(crate) fn follow(
    tx: &mut Tx<'_>,
    (from, to): (PersonId, PersonId),
    member: Option<MemberId>,
    host: &OrgPath,
) -> Result<(), StoreError> {
    let (from, to) = (Id::of(from), Id::of(to));
    if from == to {
        return Ok(());
    }
    let of_host = gatherings::table
        .filter(gatherings::path.ge(host.as_str()).and(gatherings::path.lt(host.end())))
        .select(gatherings::id);
    let mut lines = attendances::table
        .filter(attendances::person_id.eq(from))
        .select((attendances::gathering_id, attendances::state))
        .into_boxed();
    if goes_on(tx, from)? {
        lines = lines.filter(attendances::gathering_id.eq_any(of_host));
    }
    let lines: Vec<(Id, String)> = lines.load(tx.db)?;
    for (gathering, state) in lines {
        let other: Option<String> = attendances::table
            .find((gathering, to))
            .select(attendances::state)
            .first(tx.db)
            .optional()?;
        let known = |state: String| state.parse::<StateName>().map_err(StoreError::corrupt);
        let (state, other) = (known(state)?, other.map(known).transpose()?);
        let dropped = match other {
            Some(other) if state.says_more_than(other) => Some(to),
            Some(_) => Some(from),
            None => None,
        };
        if let Some(dropped) = dropped {
            diesel::delete(attendances::table.find((gathering, dropped))).execute(tx.db)?;
        }
        if dropped != Some(from) {
            diesel::update(attendances::table.find((gathering, from)))
                .set((
                    attendances::person_id.eq(to),
                    attendances::member_id.eq(member.map(Id::of)),
                ))
                .execute(tx.db)?;
        }
    }
    Ok(())
}

/// Whether somebody is a member, or has a stay still that was not merged into another.
fn goes_on(tx: &mut Tx<'_>, person: Id) -> Result<bool, StoreError> {
    let member: Option<Id> = members::table
        .find(person)
        .select(members::id)
        .first(tx.db)
        .optional()?;
    let stay: Option<Id> = stays::table
        .filter(stays::person_id.eq(person))
        .filter(stays::state.ne("merged"))
        .select(stays::id)
        .first(tx.db)
        .optional()?;
    Ok(member.or(stay).is_some())
}
