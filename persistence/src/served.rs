//! By whom somebody is served: the home branch, or the host where the person is admitted, which serves like a home.
use diesel::prelude::*;
use domain::access::{Permission, Scope};
use domain::id::{MemberId, OrgPath, OrganisationId, PersonId, StayId};
use domain::stay::StateName;

use crate::organisations::{self, Organisation};
use crate::schema::{members, organisations as places, stays};
use crate::types::Id;
use crate::{StoreError, Tx};

/// A person and an organisation that serves the person.
pub(crate) struct Served {
    /// Who.
    pub(crate) person: PersonId,
    /// By whom. It stays where it is until the transaction ends.
    pub(crate) by: Organisation,
    /// The stay, where it is a host.
    pub(crate) stay: Option<StayId>,
}

/// An organisation that serves somebody.
struct Serving {
    organisation: OrganisationId,
    path: OrgPath,
    stay: Option<StayId>,
}

/// Those that serve a person: the home branch, the host of the stay where the person is admitted, the home unit there.
fn serving(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<Serving>, StoreError> {
    let mut found = Vec::new();
    let home: Option<(Id, String)> = members::table
        .find(Id::of(person))
        .select((members::home_branch_id, members::path))
        .first(tx.db)
        .optional()?;
    if let Some((branch, path)) = home {
        found.push(Serving {
            organisation: branch.to(),
            path: path.parse().map_err(StoreError::corrupt)?,
            stay: None,
        });
    }
    let admitted: Option<(Id, Id, String, Option<Id>)> = stays::table
        .filter(stays::person_id.eq(Id::of(person)))
        .filter(stays::state.eq(StateName::Admitted.as_str()))
        .select((stays::id, stays::host_id, stays::path, stays::home_unit_id))
        .first(tx.db)
        .optional()?;
    if let Some((stay, host, path, unit)) = admitted {
        found.push(Serving {
            organisation: host.to(),
            path: path.parse().map_err(StoreError::corrupt)?,
            stay: Some(stay.to()),
        });
        if let Some(unit) = unit.filter(|unit| *unit != host) {
            found.push(Serving {
                organisation: unit.to(),
                path: organisations::by_id(tx, unit.to())?.path,
                stay: Some(stay.to()),
            });
        }
    }
    Ok(found)
}

fn chosen(tx: &mut Tx<'_>, person: PersonId, one: &Serving) -> Result<Served, StoreError> {
    Ok(Served {
        person,
        by: organisations::held(tx, one.organisation)?,
        stay: one.stay,
    })
}

/// The organisation that a member turns to: the home branch, unless another that serves the member is named.
///
/// # Errors
/// [`StoreError::Invalid`] for an organisation that does not serve the member.
pub(crate) fn own(tx: &mut Tx<'_>, me: MemberId, to: Option<OrganisationId>) -> Result<Served, StoreError> {
    let all = serving(tx, me.into())?;
    let one = all
        .iter()
        .find(|one| to.is_none_or(|to| one.organisation == to))
        .ok_or(StoreError::Invalid {
            field: "/organisation_id",
            code: "not_serving",
        })?;
    chosen(tx, me.into(), one)
}

/// An organisation inside the scope that serves a person: the named one, else the home branch before the host.
///
/// # Errors
/// [`StoreError::Invalid`] for somebody whom nobody inside the scope serves, and for an organisation that does not.
pub(crate) fn by_staff<P: Permission>(
    tx: &mut Tx<'_>,
    scope: &Scope<P>,
    person: PersonId,
    to: Option<OrganisationId>,
) -> Result<Served, StoreError> {
    let mut all = serving(tx, person)?;
    all.retain(|one| scope.covers(&one.path));
    if all.is_empty() {
        return Err(StoreError::Invalid {
            field: "/person_id",
            code: "unknown_person",
        });
    }
    let one = all
        .iter()
        .find(|one| to.is_none_or(|to| one.organisation == to))
        .ok_or(StoreError::Invalid {
            field: "/organisation_id",
            code: "not_serving",
        })?;
    chosen(tx, person, one)
}

/// The organisations that a member belongs to: whose wishes are those of neighbours.
pub(crate) fn belongs_to(tx: &mut Tx<'_>, me: MemberId) -> Result<Vec<Id>, StoreError> {
    let all = serving(tx, me.into())?;
    Ok(all.iter().map(|one| Id::of(one.organisation)).collect())
}

/// The name of the organisation that somebody acts for, where it is not the one at `path` itself but one above it.
pub(crate) fn acts_from<P>(
    tx: &mut Tx<'_>,
    scope: &Scope<P>,
    path: &OrgPath,
) -> Result<Option<OrganisationId>, StoreError> {
    let Some(seat) = scope.seat(path).filter(|seat| *seat != path) else {
        return Ok(None);
    };
    let id: Option<Id> = places::table
        .filter(places::path.eq(seat.as_str()))
        .select(places::id)
        .first(tx.db)
        .optional()?;
    Ok(id.map(Id::to))
}
