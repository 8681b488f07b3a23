//! Several full members of one branch with open journeys to one division, and what the committee above made of it.
use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::access::{Scope, TendClusters};
use domain::cluster::{Answered, ClusterAnswerKind, ClusterState, SMALLEST};
use domain::codes::Standing;
use domain::division::DivisionCode;
use domain::id::{ClusterAnswerId, OrgPath, OrganisationId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::db::{Engine, each};
use crate::journeys::{OPEN, is_above};
use crate::schema::{cluster_answers as answers, journeys, members};
use crate::scoped::within;
use crate::trail::{self, NewAudit};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// Members of one branch at one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// The branch, and its name.
    pub organisation: (OrganisationId, String),
    /// Where it stands.
    pub path: OrgPath,
    /// The committee above it, to which it is suggested.
    pub committee: Option<(OrganisationId, String)>,
    /// Where they have gone.
    pub division: DivisionCode,
    /// How many full members.
    pub members: i64,
    /// What has come of it.
    pub state: ClusterState,
    /// The committee's newest answer.
    pub answer: Option<ClusterAnswer>,
}

/// What a committee made of a suggestion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterAnswer {
    /// What.
    pub kind: ClusterAnswerKind,
    /// How many members there were then.
    pub members: i64,
    /// Why it was dismissed.
    pub reason: Option<String>,
    /// The approval.
    pub approval: Option<Approval>,
    /// Who answered.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// An approval of a temporary branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// Who approved it, such as the county's organisation department.
    pub by: String,
    /// The day.
    pub on: NaiveDate,
    /// The last day on which it is good.
    pub valid_until: NaiveDate,
}

/// What a committee makes of a suggestion.
#[derive(Debug, Clone)]
pub enum NewAnswer {
    /// Dismissed, for this reason.
    Dismiss(String),
    /// Approved.
    Approve(Approval),
}

/// Where a cluster stands in the list: in the order of the tree, then of the divisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterPosition {
    path: String,
    division: String,
}

impl Cluster {
    /// Where it stands in the list.
    pub fn position(&self) -> ClusterPosition {
        ClusterPosition {
            path: self.path.to_string(),
            division: self.division.to_string(),
        }
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = answers, check_for_backend(Engine), treat_none_as_default_value = false)]
struct Row {
    id: Id,
    organisation_id: Id,
    division_code: String,
    kind: String,
    members: i32,
    reason: Option<String>,
    approved_by: Option<String>,
    approved_on: Option<NaiveDate>,
    valid_until: Option<NaiveDate>,
    answered_by: String,
    answered_at: NaiveDateTime,
}

/// Branch, its path, division, members.
type Group = (Id, String, Option<String>, i64);

/// The clusters of branches below the caller's committees that are in this state, after `after`, at most `limit`. O(open
/// journeys of the scope).
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope<TendClusters>,
    (organisation, state): (Option<OrganisationId>, ClusterState),
    after: Option<ClusterPosition>,
    limit: i64,
) -> Result<Vec<Cluster>, StoreError> {
    let narrow = organisations::narrowed(tx, scope, organisation)?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let (mut found, mut after) = (Vec::new(), after);
    loop {
        let groups = groups(tx, &narrow, after.as_ref(), limit)?;
        let Some((_, path, division, _)) = groups.last() else {
            break;
        };
        after = Some(ClusterPosition {
            path: path.clone(),
            division: division.clone().unwrap_or_default(),
        });
        let mut clusters = clusters_of(tx, scope, groups)?;
        clusters.retain(|cluster| cluster.state == state);
        found.extend(clusters);
        if found.len() >= wanted {
            break;
        }
    }
    found.truncate(wanted);
    Ok(found)
}

fn groups(
    tx: &mut Tx<'_>,
    scope: &Scope<TendClusters>,
    after: Option<&ClusterPosition>,
    limit: i64,
) -> Result<Vec<Group>, StoreError> {
    let (path, division) = after.map_or(("", ""), |after| (&after.path, &after.division));
    let later = journeys::path.gt(path.to_owned()).or(journeys::path
        .eq(path.to_owned())
        .and(journeys::division_code.assume_not_null().gt(division.to_owned())));
    Ok(journeys::table
        .inner_join(members::table.on(members::id.eq(journeys::member_id)))
        .filter(journeys::state.eq_any(OPEN))
        .filter(journeys::division_code.is_not_null())
        .filter(members::standing.eq(Standing::Full.as_str()))
        .filter(within!(scope, journeys::path))
        .filter(later)
        .group_by((journeys::origin_id, journeys::path, journeys::division_code))
        .having(count_star().ge(SMALLEST))
        .select((
            journeys::origin_id,
            journeys::path,
            journeys::division_code,
            count_star(),
        ))
        .order((journeys::path, journeys::division_code))
        .limit(limit)
        .load(tx.db)?)
}

/// The groups below the caller's committees with names and answers. Two queries.
fn clusters_of(tx: &mut Tx<'_>, scope: &Scope<TendClusters>, groups: Vec<Group>) -> Result<Vec<Cluster>, StoreError> {
    let rows: Vec<Row> = answers::table
        .filter(answers::organisation_id.eq_any(groups.iter().map(|group| group.0).collect::<Vec<_>>()))
        .order(answers::id)
        .select(Row::as_select())
        .load(tx.db)?;
    let mut newest = HashMap::new();
    for row in rows {
        newest.insert((row.organisation_id, row.division_code.clone()), row);
    }
    let today = tx.today();
    let mut clusters = Vec::new();
    for (id, path, division, members) in groups {
        let (path, code) = (path.parse().map_err(StoreError::corrupt)?, division.unwrap_or_default());
        if !is_above(scope, &path) {
            continue;
        }
        let branch = organisations::by_id(tx, id.to())?;
        let committee = branch.parent.map(|above| organisations::by_id(tx, above)).transpose()?;
        let answer = newest
            .remove(&(id, code.clone()))
            .map(ClusterAnswer::try_from)
            .transpose()?;
        let state = answer.as_ref().map_or(ClusterState::Suggested, |answer| {
            let valid_until = answer.approval.as_ref().map(|approval| approval.valid_until);
            let answered = Answered {
                kind: answer.kind,
                members: answer.members,
                valid_until,
            };
            answered.state(members, today)
        });
        clusters.push(Cluster {
            organisation: (branch.id, branch.name),
            path,
            committee: committee.map(|above| (above.id, above.name)),
            division: code.parse().map_err(StoreError::corrupt)?,
            members,
            state,
            answer,
        });
    }
    Ok(clusters)
}

/// Answers the suggestion for a branch below one of the caller's committees. What was answered before stays.
///
/// # Errors
/// [`StoreError::Invalid`] for a branch outside, a division where there are not enough of its members, or an approval of
/// a day to come.
pub fn answer(
    tx: &mut Tx<'_>,
    scope: &Scope<TendClusters>,
    organisation: OrganisationId,
    division: DivisionCode,
    new: NewAnswer,
) -> Result<Cluster, StoreError> {
    let before = current(tx, scope, organisation, division)?;
    let (kind, reason, approval) = match new {
        NewAnswer::Dismiss(reason) => (ClusterAnswerKind::Dismissed, Some(reason), None),
        NewAnswer::Approve(approval) => (ClusterAnswerKind::Approved, None, Some(approval)),
    };
    if approval.as_ref().is_some_and(|approval| approval.on > tx.today()) {
        return Err(StoreError::Invalid {
            field: "/approved_on",
            code: "in_the_future",
        });
    }
    let row = Row {
        id: Id::of(tx.fresh::<ClusterAnswerId>()),
        organisation_id: Id::of(organisation),
        division_code: division.to_string(),
        kind: kind.to_string(),
        members: i32::try_from(before.members).map_err(StoreError::corrupt)?,
        reason,
        approved_by: approval.as_ref().map(|approval| approval.by.clone()),
        approved_on: approval.as_ref().map(|approval| approval.on),
        valid_until: approval.as_ref().map(|approval| approval.valid_until),
        answered_by: scope.who().name.clone(),
        answered_at: tx.at(),
    };
    each!(tx.db, c => diesel::insert_into(answers::table).values(&row).execute(c))?;
    let audit = NewAudit {
        action: match kind {
            ClusterAnswerKind::Dismissed => "cluster_dismissed",
            ClusterAnswerKind::Approved => "cluster_approved",
        },
        subject: Some(organisation.0),
        path: Some(&before.path),
        detail: Some(json!({ "division_code": division.to_string(), "members": before.members, "reason": row.reason })),
        ..NewAudit::default()
    };
    trail::record(tx, scope.who(), audit)?;
    current(tx, scope, organisation, division)
}

/// The cluster of a branch at a division, as it is now.
fn current(
    tx: &mut Tx<'_>,
    scope: &Scope<TendClusters>,
    organisation: OrganisationId,
    division: DivisionCode,
) -> Result<Cluster, StoreError> {
    let invalid = |field, code| StoreError::Invalid { field, code };
    let branch = organisations::by_id(tx, organisation).map_err(|error| match error {
        StoreError::NotFound(_) => invalid("/organisation_id", "unknown_organisation"),
        other => other,
    })?;
    if !is_above(scope, &branch.path) {
        return Err(invalid("/organisation_id", "unknown_organisation"));
    }
    let mut groups = groups(tx, &scope.within(&branch.path), None, i64::MAX)?;
    groups.retain(|(id, _, code, _)| *id == Id::of(organisation) && code.as_deref() == Some(division.as_str()));
    let found = clusters_of(tx, scope, groups)?.pop();
    found.ok_or_else(|| invalid("/division_code", "no_cluster"))
}

impl TryFrom<Row> for ClusterAnswer {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let approval = match (row.approved_by, row.approved_on, row.valid_until) {
            (Some(by), Some(on), Some(valid_until)) => Some(Approval { by, on, valid_until }),
            _ => None,
        };
        Ok(Self {
            kind: row.kind.parse().map_err(StoreError::corrupt)?,
            members: row.members.into(),
            reason: row.reason,
            approval,
            by: row.answered_by,
            at: row.answered_at.and_utc(),
        })
    }
}
