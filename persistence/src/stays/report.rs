//! A stay is reported: by the member, or by the host that found somebody.
use chrono::NaiveDate;
use diesel::prelude::*;
use domain::access::{ManageStays, ReportOwnMoves, Scope, Who};
use domain::id::{MemberId, OrganisationId, StayId};
use domain::notification::Occasion;
use domain::stay::{Background, Origin, Source, State, Stay};

use super::at_door::is_nowhere;
use super::change::update;
use super::merge::hold;
use super::record::StayRecord;
use super::reports::{self, Said};
use super::{Row, background, by_id, effects, open_of, row_of, show};
use crate::db::each;
use crate::organisations::{self, Organisation};
use crate::people::{self, NewVisitor, Recognised};
use crate::schema::{members, organisations as places, stays};
use crate::types::Id;
use crate::{StoreError, Tx, journeys as kites, tell};

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
    /// What the yearly tables ask.
    pub background: Background,
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

/// Reports somebody whom the host found. The same id for the same host again answers what is there; who is reported with
/// the host already is the same stay.
///
/// # Errors
/// [`StoreError::Invalid`] when the host or the member is outside the scope, the origin is unknown, or the arrival is in
/// the future.
pub fn report(tx: &mut Tx<'_>, scope: &Scope<ManageStays>, new: NewStay) -> Result<StayRecord, StoreError> {
    let host = host_inside(tx, scope, new.host)?;
    if let Some(known) = repeated(tx, new.id, |row| row.host_id == Id::of(host.id))? {
        return Ok(known);
    }
    let declared = new.origin.map(|origin| origin_of(tx, origin)).transpose()?;
    let (person, member, home) = match &new.person {
        DeclaredPerson::Member(id) => ((*id).into(), Some(*id), Some(member_inside(tx, scope, *id)?)),
        DeclaredPerson::Declared(visitor) => match people::recognise(tx, visitor)? {
            Recognised::Member(id) => (id.to(), Some(id.to()), None),
            Recognised::Visitor(id) => (id.to(), None, None),
        },
    };
    if let DeclaredPerson::Declared(visitor) = &new.person {
        let said = Said {
            source: Source::Survey,
            name: &visitor.name,
            phone: visitor.phone.as_ref(),
        };
        reports::keep(tx, (new.id, new.id, person), &said)?;
    }
    let stay = Stay {
        id: new.id,
        person,
        member,
        host: host.id,
        source: Source::Survey,
        origin: declared.or(home.map(Origin::Here)).unwrap_or_else(nowhere),
        journey: None,
        arrived_on: new.arrived_on,
        address: new.address,
        employer: new.employer,
        state: State::Reported,
        version: 1,
    };
    let said = new.background.or(Background::of_origin(&stay.origin));
    let stay = enter_or_join(tx, scope.who(), stay)?;
    background::add(tx, stay, said)?;
    reports::settle(tx, new.id, stay, person)?;
    show(tx, stay)
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

/// Reports the member's own arrival with a host, which is told. The same id again answers what is there; who is reported
/// with the host already is the same stay.
///
/// # Errors
/// [`StoreError::Invalid`] when the host is unknown or the arrival is in the future.
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
    let stay = enter_or_join(tx, scope.who(), stay)?;
    tell::staff(tx, Occasion::ArrivalReported, stay.0, new.id.0, host.id)?;
    show(tx, stay)
}

/// Where somebody comes from of whom nothing is said.
pub(super) const fn nowhere() -> Origin {
    Origin::Elsewhere {
        name: None,
        phone: None,
    }
}

/// An arrival that is yet to come can't be reported.
pub(super) fn check_arrival(tx: &Tx<'_>, arrived_on: NaiveDate) -> Result<(), StoreError> {
    if arrived_on <= tx.today() {
        return Ok(());
    }
    Err(StoreError::Invalid {
        field: "/arrived_on",
        code: "in_the_future",
    })
}

/// Writes a new stay, or notes on the one that the person has with the host that it was reported again: one person has
/// one stay with a host, whoever tells of it. Answers its id.
pub(super) fn enter_or_join(tx: &mut Tx<'_>, who: &Who, stay: Stay) -> Result<StayId, StoreError> {
    check_arrival(tx, stay.arrived_on)?;
    if let Some(known) = open_of(tx, stay.person, stay.host)? {
        return join(tx, who, known.id, &stay);
    }
    let again = stay.clone();
    match tx.attempt(|tx| enter(tx, who, stay)) {
        Ok(entered) => Ok(entered.id),
        // Somebody else reported the same person at the same moment.
        Err(StoreError::Invalid {
            code: "has_open_stay", ..
        }) => {
            let known = open_of(tx, again.person, again.host)?.ok_or(StoreError::Stale)?;
            join(tx, who, known.id, &again)
        }
        Err(error) => Err(error),
    }
}

/// A stay is reported again: what was not known of it is taken over, what was said stands on its timeline.
fn join(tx: &mut Tx<'_>, who: &Who, known: StayId, said: &Stay) -> Result<StayId, StoreError> {
    hold(tx, &[known])?;
    let (before, path, created_at) = by_id(tx, known)?;
    let origin = if before.state == State::Reported && is_nowhere(&before.origin) {
        said.origin.clone()
    } else {
        before.origin
    };
    let after = Stay {
        origin,
        address: before.address.or_else(|| said.address.clone()),
        employer: before.employer.or_else(|| said.employer.clone()),
        version: before.version + 1,
        ..before
    };
    update(tx, &after, &path, created_at)?;
    let again = Said {
        source: said.source,
        name: &who.name,
        phone: None,
    };
    reports::keep(tx, (said.id, known, said.person), &again)?;
    effects::note_again(tx, who, &after, said)?;
    Ok(known)
}

/// Writes a new stay, tied to the member's open journey, and notes it.
pub(super) fn enter(tx: &mut Tx<'_>, who: &Who, stay: Stay) -> Result<Stay, StoreError> {
    check_arrival(tx, stay.arrived_on)?;
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
    let stay = reports::stay_of(tx, id)?.unwrap_or(id);
    match row_of(tx, stay)? {
        None => Ok(None),
        Some(row) if same(&row) => show(tx, stay).map(Some),
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
