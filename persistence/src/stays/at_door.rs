//! Somebody reports the own arrival by the code on a host's door, without an account here (扫码报到).
use chrono::NaiveDate;
use domain::access::{ManageStays, Scope, Who};
use domain::id::{OrganisationId, StayId};
use domain::notification::Occasion;
use domain::stay::{Background, Origin, Source, State, Stay};

use super::report::{DeclaredOrigin, check_arrival, enter_or_join, nowhere, origin_of};
use super::reports::{self, Said};
use super::{background, host_of, row_of};
use crate::organisations::{self, Organisation};
use crate::people::{self, NewVisitor, Recognised};
use crate::{StoreError, Tx, tell};

/// What somebody says at a host's door.
#[derive(Debug, Clone)]
pub struct DoorReport {
    /// Its id, made by the phone, so that a retry is the same report.
    pub id: StayId,
    /// The host, which its code names: that its signature was checked is the permission.
    pub host: OrganisationId,
    /// Who, as declared.
    pub person: NewVisitor,
    /// Where from, as declared.
    pub origin: Option<DeclaredOrigin>,
    /// The day of arrival.
    pub arrived_on: NaiveDate,
    /// The local address.
    pub address: Option<String>,
    /// The employer or school.
    pub employer: Option<String>,
}

/// A host inside the scope that has a door to put a code on.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown, outside, or exists no more.
pub fn host(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, id: OrganisationId) -> Result<Organisation, StoreError> {
    let host = organisations::by_id(tx, id)?;
    if scope.covers(&host.path) && host.active {
        Ok(host)
    } else {
        Err(StoreError::NotFound("organisation"))
    }
}

/// Reports an arrival at the door; answers the host, and nothing of the person: whether somebody is known or not, what
/// is answered is the same. The same id again changes nothing.
///
/// The person is recognised by identity number and name together; who is reported with the host already is the same
/// stay. The host is told.
///
/// # Errors
/// [`StoreError::Invalid`] when the host exists no more, the declared origin is unknown, the arrival is in the future,
/// or the id belongs to another report.
pub fn report_at_door(tx: &mut Tx<'_>, new: DoorReport) -> Result<Organisation, StoreError> {
    let host = organisations::by_id(tx, new.host).ok().filter(|host| host.active);
    let host = host.ok_or(StoreError::Invalid {
        field: "/code",
        code: "unknown_organisation",
    })?;
    check_arrival(tx, new.arrived_on)?;
    let origin = new.origin.map(|origin| origin_of(tx, origin)).transpose()?;
    let said = Said {
        source: Source::SelfReport,
        name: &new.person.name,
        phone: new.person.phone.as_ref(),
    };
    if !reports::keep(tx, (new.id, new.id, new.id.0.into()), &said)? {
        return same(tx, new.id, host);
    }
    if row_of(tx, new.id)?.is_some() {
        return Err(taken());
    }
    let (person, member) = match people::recognise(tx, &new.person)? {
        Recognised::Member(id) => (id.to(), Some(id.to())),
        Recognised::Visitor(id) => (id.to(), None),
    };
    let stay = Stay {
        id: new.id,
        person,
        member,
        host: host.id,
        source: Source::SelfReport,
        origin: origin.unwrap_or_else(nowhere),
        journey: None,
        arrived_on: new.arrived_on,
        address: new.address,
        employer: new.employer,
        state: State::Reported,
        version: 1,
    };
    let who = Who {
        account: None,
        name: new.person.name,
    };
    let said = Background::of_origin(&stay.origin);
    let stay = enter_or_join(tx, &who, stay)?;
    background::add(tx, stay, said)?;
    reports::settle(tx, new.id, stay, person)?;
    tell::staff(tx, Occasion::ArrivalReported, stay.0, new.id.0, host.id)?;
    Ok(host)
}

/// The report that came before, when it was to this host.
fn same(tx: &mut Tx<'_>, id: StayId, host: Organisation) -> Result<Organisation, StoreError> {
    let stay = reports::stay_of(tx, id)?;
    let before = stay.map(|stay| host_of(tx, stay)).transpose()?;
    if before == Some(host.id) {
        Ok(host)
    } else {
        Err(taken())
    }
}

const fn taken() -> StoreError {
    StoreError::Invalid {
        field: "/id",
        code: "taken",
    }
}

/// Whether nothing is said of where somebody comes from.
pub(super) const fn is_nowhere(origin: &Origin) -> bool {
    matches!(
        origin,
        Origin::Elsewhere {
            name: None,
            phone: None
        }
    )
}
