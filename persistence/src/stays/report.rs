//! A stay is reported: by the member, or by the host that found somebody.
use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{ManageStays, ReportOwnMoves, Scope, Who};
use domain::id::{MemberId, OrganisationId, StayId};
use domain::stay::{Origin, Source, State, Stay};

use super::record::StayRecord;
use super::{Row, effects, row_of, show};
use crate::db::each;
use crate::organisations::{self, Organisation};
use crate::people::{self, NewVisitor, Recognised};
use crate::schema::{members, organisations as places, stays};
use crate::types::Id;
use crate::{StoreError, Tx, journeys as kites};

/// An organisation that the caller need not reach: by its id, or by the code that is on its door.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// By id.
    Id(OrganisationId),
    /// By code.
    Code(String),
}

/// Who was found.
#[derive(Debug, Clone)]
pub enum DeclaredPerson {
    /// A member inside the host's scope.
    Member(MemberId),
    /// Whoever it is, as declared.
    Declared(NewVisitor),
}

/// Where the person says to come from.
#[derive(Debug, Clone)]
pub enum DeclaredOrigin {
    /// An organisation of this deployment.
    Here(Place),
    /// Another one.
    Elsewhere {
        /// Its name.
        name: Option<String>,
        /// Its telephone.
        phone: Option<String>,
    },
}

/// What a host enters about somebody it found (排查).
#[derive(Debug, Clone)]
pub struct NewStay {
    /// Its id, chosen by the caller so that a repeated report is known.
    pub id: StayId,
    /// The host, inside the scope.
    pub host: OrganisationId,
    /// Who.
    pub person: DeclaredPerson,
    /// Where from; a member's home branch unless said.
    pub origin: Option<DeclaredOrigin>,
    /// The day of arrival.
    pub arrived_on: NaiveDate,
    /// The local address.
    pub address: Option<String>,
    /// The employer or school.
    pub employer: Option<String>,
}

/// What a member tells a host about the own arrival (报到).
#[derive(Debug, Clone)]
pub struct OwnStay {
    /// Its id, made by the phone, so that a retry is the same report.
    pub id: StayId,
    /// The host.
    pub host: Place,
    /// The day of arrival.
    pub arrived_on: NaiveDate,
    /// The local address.
    pub address: Option<String>,
    /// The employer or school.
    pub employer: Option<String>,
}

/// Reports somebody whom the host found. The same id for the same host again answers what is there.
///
/// # Errors
/// [`StoreError::Invalid`] when the host or the member is outside the scope, the origin is unknown, the arrival is in
/// the future, or the person has an open stay with the host.
pub fn report(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, new: NewStay) -> Result<StayRecord, StoreError> {
    let host = host_inside(tx, scope, new.host)?;
    if let Some(known) = repeated(tx, new.id, |row| row.host_id == Id::of(host.id))? {
        return Ok(known);
    }
    let declared = new.origin.map(|origin| origin_of(tx, origin)).transpose()?;
    let (person, member, home) = match new.person {
        DeclaredPerson::Member(id) => (id.into(), Some(id), Some(member_inside(tx, scope, id)?)),
        DeclaredPerson::Declared(visitor) => match people::recognise(tx, &visitor)? {
            Recognised::Member(id) => (id.to(), Some(id.to()), None),
            Recognised::Visitor(id) => (id.to(), None, None),
        },
    };
    let nowhere = Origin::Elsewhere {
        name: None,
        phone: None,
    };
    let stay = Stay {
        id: new.id,
        person,
        member,
        host: host.id,
        source: Source::Survey,
        origin: declared.or(home.map(Origin::Here)).unwrap_or(nowhere),
        journey: None,
        arrived_on: new.arrived_on,
        address: new.address,
        employer: new.employer,
        state: State::Reported,
        version: 1,
    };
    enter(tx, scope.who(), stay)?;
    show(tx, new.id)
}

/// The host, when it lies inside the scope.
pub(super) fn host_inside(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageStays>,
    id: OrganisationId,
) -> Result<Organisation, StoreError> {
    let host = organisations::by_id(tx, id).ok();
    let host = host.filter(|host| scope.covers(&host.path));
    host.ok_or(unknown("/host_organisation_id"))
}

/// Reports the member's own arrival with a host. The same id again answers what is there.
///
/// # Errors
/// [`StoreError::Invalid`] when the host is unknown, the arrival is in the future, or there is an open stay with it.
pub fn report_own(tx: &mut Tx<'_>, scope: &Scope<ReportOwnMoves>, new: OwnStay) -> Result<StayRecord, StoreError> {
    let me = scope.me()?;
    if let Some(known) = repeated(tx, new.id, |row| row.person_id == Id::of(me))? {
        return Ok(known);
    }
    let field = match new.host {
        Place::Id(_) => "/host_organisation_id",
        Place::Code(_) => "/host_code",
    };
    let host = find_place(tx, &new.host)?.ok_or(unknown(field))?;
    let home: Id = members::table
        .find(Id::of(me))
        .select(members::home_branch_id)
        .first(tx.db)?;
    let stay = Stay {
        id: new.id,
        person: me.into(),
        member: Some(me),
        host: host.id,
        source: Source::SelfReport,
        origin: Origin::Here(home.to()),
        journey: None,
        arrived_on: new.arrived_on,
        address: new.address,
        employer: new.employer,
        state: State::Reported,
        version: 1,
    };
    enter(tx, scope.who(), stay)?;
    show(tx, new.id)
}

/// Writes a new stay, tied to the member's open journey, and notes it.
pub(super) fn enter(tx: &mut Tx<'_>, who: &Who, stay: Stay) -> Result<Stay, StoreError> {
    if stay.arrived_on > tx.today() {
        return Err(StoreError::Invalid {
            field: "/arrived_on",
            code: "in_the_future",
        });
    }
    let open = match (stay.journey, stay.member) {
        (None, Some(member)) => kites::open_of(tx, member)?.map(|(journey, _)| journey.id),
        (known, _) => known,
    };
    let stay = Stay { journey: open, ..stay };
    let path = organisations::held(tx, stay.host)?.path;
    let row = Row::of(&stay, &path, tx.at(), tx.at());
    each!(tx.db, c => diesel::insert_into(stays::table).values(&row).execute(c))?;
    effects::note_report(tx, who, &stay)?;
    Ok(stay)
}

/// The home branch of a member inside the scope.
fn member_inside(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, id: MemberId) -> Result<OrganisationId, StoreError> {
    let home: Option<(Id, String)> = members::table
        .find(Id::of(id))
        .select((members::home_branch_id, members::path))
        .first(tx.db)
        .optional()?;
    let (home, path) = home.ok_or(StoreError::Invalid {
        field: "/member_id",
        code: "unknown_member",
    })?;
    if scope.covers(&path.parse().map_err(StoreError::corrupt)?) {
        Ok(home.to())
    } else {
        Err(StoreError::Invalid {
            field: "/member_id",
            code: "unknown_member",
        })
    }
}

/// A declared origin, when it is here under its id or code.
pub(super) fn origin_of(tx: &mut Tx<'_>, declared: DeclaredOrigin) -> Result<Origin, StoreError> {
    match declared {
        DeclaredOrigin::Here(place) => {
            let field = match place {
                Place::Id(_) => "/origin/organisation_id",
                Place::Code(_) => "/origin/code",
            };
            Ok(Origin::Here(find_place(tx, &place)?.ok_or(unknown(field))?.id))
        }
        DeclaredOrigin::Elsewhere { name, phone } => Ok(Origin::Elsewhere { name, phone }),
    }
}

/// An organisation that still exists.
fn find_place(tx: &mut Tx<'_>, place: &Place) -> Result<Option<Organisation>, StoreError> {
    let id = match place {
        Place::Id(id) => Some(*id),
        Place::Code(code) => places::table
            .filter(places::code.eq(code))
            .select(places::id)
            .first::<Id>(tx.db)
            .optional()?
            .map(Id::to),
    };
    match id.map(|id| organisations::by_id(tx, id)) {
        Some(Ok(found)) => Ok(Some(found).filter(|found| found.active)),
        None | Some(Err(StoreError::NotFound(_))) => Ok(None),
        Some(Err(error)) => Err(error),
    }
}

/// The stay of this id, when it was reported before by the same side.
pub(super) fn repeated(
    tx: &mut Tx<'_>,
    id: StayId,
    same: impl Fn(&Row) -> bool,
) -> Result<Option<StayRecord>, StoreError> {
    match row_of(tx, id)? {
        None => Ok(None),
        Some(row) if same(&row) => show(tx, id).map(Some),
        Some(_) => Err(StoreError::Invalid {
            field: "/id",
            code: "taken",
        }),
    }
}

pub(super) const fn unknown(field: &'static str) -> StoreError {
    StoreError::Invalid {
        field,
        code: "unknown_organisation",
    }
}
