//! Whom an organisation means: its own members and those who are admitted there, in one list.
use diesel::prelude::*;
use domain::access::{ReadRosters, Scope};
use domain::audience::{Belonging, Vote};
use domain::codes::Standing;
use domain::id::{MemberId, OrgPath, OrganisationId, PersonId};
use domain::organisation::OrganisationKind;

use crate::organisations::{by_id, narrowed};
use crate::outbox::ACTIVE_STANDINGS;
use crate::pages::{self, Position, Range};
use crate::schema::{members, organisations, stays, visitors};
use crate::types::Id;
use crate::{StoreError, Tx};

/// Somebody whom an organisation means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Where the list has got to.
    pub position: Position,
    /// Who.
    pub person: PersonId,
    /// The member, where it is one of this deployment.
    pub member: Option<MemberId>,
    /// 姓名.
    pub name: String,
    /// The branch or home unit.
    pub unit: OrganisationId,
    /// Its name.
    pub unit_name: String,
    /// How the person belongs to it.
    pub belonging: Belonging,
    /// Whether the person votes there.
    pub vote: Vote,
}

/// Person, member, name, standing.
type Who = (Id, Option<Id>, String, Option<String>);
/// Person, member, name of the member or of the visitor, standing.
type Guest = (Id, Option<Id>, Option<String>, Option<String>, Option<String>);
/// Id, path, name and kind of the unit.
type Unit = (Id, String, String, String);

/// A page of those whom an organisation and what is below it mean, in the order of the tree. O(page), by the paths of
/// members and, for those admitted, O(admitted in the subtree).
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadRosters>,
    organisation: OrganisationId,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Participant>, StoreError> {
    let scope = narrowed(tx, scope, Some(organisation))?;
    let whole = by_id(tx, organisation)?.path;
    let mut found = pages::fill(&scope, after, limit, |range, limit| local(tx, &range, limit))?;
    found.extend(pages::fill(&scope, after, limit, |range, limit| {
        admitted(tx, (&range, &whole), limit)
    })?);
    found.sort_by(|one, other| {
        let key = |one: &Participant| (one.position.path.clone(), one.position.id);
        key(one).cmp(&key(other))
    });
    found.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(found)
}

fn local(tx: &mut Tx<'_>, range: &Range<'_>, limit: i64) -> Result<Vec<Participant>, StoreError> {
    let mut query = members::table
        .inner_join(organisations::table.on(organisations::id.eq(members::home_branch_id)))
        .filter(members::path.ge(range.low).and(members::path.lt(range.end)))
        .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        .select((
            (
                members::id,
                members::id.nullable(),
                members::name,
                members::standing.nullable(),
            ),
            (
                organisations::id,
                members::path,
                organisations::name,
                organisations::kind,
            ),
        ))
        .order((members::path, members::id))
        .limit(limit)
        .into_boxed();
    if let Some(after) = range.after {
        query = query.filter(members::path.gt(range.low).or(members::id.gt(Id(after))));
    }
    let rows: Vec<(Who, Unit)> = query.load(tx.db)?;
    rows.into_iter().map(|row| read(Belonging::Local, row)).collect()
}

/// Those who are admitted within the range; not whoever is listed as a member of the same organisation.
fn admitted(
    tx: &mut Tx<'_>,
    (range, whole): (&Range<'_>, &OrgPath),
    limit: i64,
) -> Result<Vec<Participant>, StoreError> {
    let mut query = stays::table
        .inner_join(organisations::table.on(organisations::id.nullable().eq(stays::home_unit_id)))
        .left_join(members::table.on(members::id.nullable().eq(stays::member_id)))
        .left_join(visitors::table.on(visitors::id.eq(stays::person_id)))
        .filter(organisations::path.ge(range.low).and(organisations::path.lt(range.end)))
        .filter(stays::state.eq("admitted"))
        .filter(
            members::path
                .nullable()
                .is_null()
                .or(members::path.nullable().lt(whole.as_str()))
                .or(members::path.nullable().ge(whole.end())),
        )
        .filter(
            members::standing
                .nullable()
                .is_null()
                .or(members::standing.nullable().eq_any(ACTIVE_STANDINGS)),
        )
        .select((
            (
                stays::person_id,
                stays::member_id,
                members::name.nullable(),
                visitors::name.nullable(),
                members::standing.nullable(),
            ),
            (
                organisations::id,
                organisations::path,
                organisations::name,
                organisations::kind,
            ),
        ))
        .order((organisations::path, stays::person_id))
        .limit(limit)
        .into_boxed();
    if let Some(after) = range.after {
        query = query.filter(organisations::path.gt(range.low).or(stays::person_id.gt(Id(after))));
    }
    let rows: Vec<(Guest, Unit)> = query.load(tx.db)?;
    rows.into_iter()
        .map(|((person, member, name, declared, standing), unit)| {
            let name = name.or(declared).unwrap_or_default();
            read(Belonging::Admitted, ((person, member, name, standing), unit))
        })
        .collect()
}

fn read(belonging: Belonging, row: (Who, Unit)) -> Result<Participant, StoreError> {
    let ((person, member, name, standing), (unit, path, unit_name, kind)) = row;
    let standing: Option<Standing> = standing
        .map(|word| word.parse())
        .transpose()
        .map_err(StoreError::corrupt)?;
    let kind: OrganisationKind = kind.parse().map_err(StoreError::corrupt)?;
    let path: OrgPath = path.parse().map_err(StoreError::corrupt)?;
    Ok(Participant {
        position: Position { path, id: person.0 },
        person: person.to(),
        member: member.map(Id::to),
        name,
        unit: unit.to(),
        unit_name,
        belonging,
        vote: belonging.vote(standing, kind),
    })
}
