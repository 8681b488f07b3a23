//! The organisations that receive and serve mobile members: the supplements of the yearly tables.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use diesel::prelude::*;
use domain::access::{ReadStatistics, Role, Scope};
use domain::division::{DivisionCode, lookup};
use domain::id::{OrgPath, OrganisationId};
use domain::organisation::OrganisationKind as K;
use domain::statistics::suppression::{Sum, hidden};
use domain::statistics::yearly::CentreLevel;

use super::Inflow;
use crate::organisations::Organisation;
use crate::schema::{accounts, grants};
use crate::statistics::Whole;
use crate::statistics::flows::Divisions;
use crate::types::Id;
use crate::{StoreError, Tx};

/// How many are named in one statement.
const AT_ONCE: usize = 500;

/// Organisations that receive and serve mobile members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisations {
    /// 接收流动党员的党支部数: branches with somebody admitted.
    pub receiving_branches: u64,
    /// 建立流动党员党组织数, committees 党委.
    pub mobile_committees: u64,
    /// The same, general branches 总支部: those with a branch of mobile members below them.
    pub mobile_general_branches: u64,
    /// The same, branches 党支部.
    pub mobile_branches: u64,
    /// 共接收流动党员名数: people admitted in them.
    pub in_mobile_organisations: Option<u64>,
    /// 党员服务中心（站、点）, by level.
    pub service_centres: Vec<(CentreLevel, u64)>,
}

/// An organisation that manages members who have come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagingUnit {
    /// 党组织名称.
    pub unit: (OrganisationId, String),
    /// 从省内流入, 从省外流入, and from where nobody has recorded.
    pub from: [Option<u64>; 3],
    /// 负责人: the secretary, for who may read people's records.
    pub secretary: Option<String>,
    /// 负责人电话: that of the organisation.
    pub phone: Option<String>,
    /// 地址: its division.
    pub division: Option<DivisionCode>,
    /// 隶属基层党委.
    pub committee: Option<String>,
}

impl Inflow {
    /// Which organisations receive and manage them.
    pub(super) fn organisations(
        &self,
        tx: &mut Tx<'_>,
        whole: &Whole,
        tree: &[Organisation],
        divisions: &Divisions,
    ) -> Result<(Organisations, Vec<ManagingUnit>), StoreError> {
        // Who has been admitted without a unit stands in none of the lines, and is a part of what they add up to.
        let mut units: BTreeMap<Option<OrganisationId>, [u64; 3]> = BTreeMap::new();
        for one in &self.0 {
            let column = one.inside.map_or(2, |inside| usize::from(!inside));
            if let Some(cell) = units.entry(one.unit).or_default().get_mut(column) {
                *cell += one.people;
            }
        }
        let of_kind = |kinds: &[K]| {
            let alike = tree.iter().filter(|one| one.active && kinds.contains(&one.kind));
            u64::try_from(alike.count()).unwrap_or_default()
        };
        let known: HashMap<OrganisationId, &Organisation> = tree.iter().map(|one| (one.id, one)).collect();
        let is = |unit: &Option<OrganisationId>, wanted: &[K]| {
            let unit = unit.as_ref().and_then(|unit| known.get(unit));
            unit.is_some_and(|unit| wanted.contains(&unit.kind))
        };
        let branches = [K::Branch, K::TemporaryBranch, K::MobileBranch];
        let mobile = [K::TemporaryBranch, K::MobileBranch];
        let of_mobile_members = [&mobile[..], &[K::JointCommittee, K::ResidenceCommittee]].concat();
        let receiving = units.keys().filter(|unit| is(unit, &branches)).count();
        let rows: Vec<_> = units
            .iter()
            .map(|(unit, people)| (is(unit, &of_mobile_members), people))
            .collect();
        let together: u64 = rows
            .iter()
            .filter(|(mobile, _)| *mobile)
            .flat_map(|(_, people)| *people)
            .sum();
        let dark = if whole.reads_people {
            Vec::new()
        } else {
            dark_units(&rows, together)
        };
        let general: HashSet<_> = tree
            .iter()
            .filter(|one| one.active && mobile.contains(&one.kind))
            .filter_map(|one| {
                known
                    .get(&one.parent?)
                    .filter(|above| above.active && above.kind == K::GeneralBranch)
            })
            .map(|above| above.id)
            .collect();
        let is_dark = |at: usize| dark.get(at).copied().unwrap_or(false);
        let organisations = Organisations {
            receiving_branches: u64::try_from(receiving).unwrap_or_default(),
            mobile_committees: of_kind(&[K::JointCommittee, K::ResidenceCommittee]),
            mobile_general_branches: u64::try_from(general.len()).unwrap_or_default(),
            mobile_branches: of_kind(&mobile),
            in_mobile_organisations: (!is_dark(3 * units.len())).then_some(together),
            service_centres: centres(tree, &known, divisions),
        };
        let mut shown = Vec::new();
        for (at, (unit, people)) in units.iter().enumerate() {
            let cell = |column: usize| people.get(column).copied().filter(|_| !is_dark(3 * at + column));
            shown.extend(unit.map(|unit| (unit, [cell(0), cell(1), cell(2)])));
        }
        let managing = managing(tx, whole, tree, shown, divisions)?;
        Ok((organisations, managing))
    }
}

/// Which cells of units are in the dark, a row of three for each, and behind them whether that is what the organisations
/// of mobile members come to. Each column adds up to what table （二） says of other provinces and of all; each row to what
/// the unit's own table says.
fn dark_units(units: &[(bool, &[u64; 3])], in_mobile_organisations: u64) -> Vec<bool> {
    let cells = units.iter().flat_map(|(_, people)| *people).copied();
    let cells: Vec<u64> = cells.chain([in_mobile_organisations]).collect();
    let all = 3 * units.len();
    let known = |parts: Vec<usize>| Sum { parts, whole: None };
    let mut sums: Vec<Sum> = (0..3).map(|column| known((column..all).step_by(3).collect())).collect();
    sums.push(known((0..all).collect()));
    sums.extend((0..units.len()).map(|row| known((3 * row..3 * row + 3).collect())));
    let mobile = (0..).zip(units).filter(|(_, (mobile, _))| *mobile);
    sums.push(Sum {
        parts: mobile.flat_map(|(row, _): (usize, _)| 3 * row..3 * row + 3).collect(),
        whole: Some(all),
    });
    hidden(&cells, [], &sums)
}

/// The organisations at and below.
pub(super) fn tree(tx: &mut Tx<'_>, whole: &Whole) -> Result<Vec<Organisation>, StoreError> {
    let scope = Scope::<ReadStatistics>::of_the_machine("statistics").within(&whole.path);
    crate::organisations::within(tx, &scope)
}

fn centres(
    tree: &[Organisation],
    known: &HashMap<OrganisationId, &Organisation>,
    divisions: &Divisions,
) -> Vec<(CentreLevel, u64)> {
    let stations = tree.iter().filter(|one| one.active && one.kind == K::Workstation);
    let level = |one: &Organisation| {
        let above = one.parent.and_then(|parent| known.get(&parent));
        let names = [one.name.as_str()]
            .into_iter()
            .chain(above.map(|above| above.name.as_str()));
        let division = divisions.of(&one.path).and_then(lookup).map(|division| division.level);
        CentreLevel::of(names, division)
    };
    let levels: Vec<_> = stations.map(level).collect();
    let of = |wanted| levels.iter().filter(|level| **level == wanted).count();
    let all = CentreLevel::ALL.iter().copied();
    all.map(|wanted| (wanted, u64::try_from(of(wanted)).unwrap_or_default()))
        .collect()
}

/// The units, each with whom to ask for. Those outside the tree, and what stands above it, are read at once.
fn managing(
    tx: &mut Tx<'_>,
    whole: &Whole,
    tree: &[Organisation],
    units: Vec<(OrganisationId, [Option<u64>; 3])>,
    divisions: &Divisions,
) -> Result<Vec<ManagingUnit>, StoreError> {
    let secretaries = if whole.reads_people {
        secretaries(tx, units.iter().map(|(unit, _)| *unit))?
    } else {
        HashMap::new()
    };
    let inside: HashSet<OrganisationId> = tree.iter().map(|one| one.id).collect();
    let outside = units
        .iter()
        .map(|(unit, _)| *unit)
        .filter(|unit| !inside.contains(unit));
    let mut elsewhere = Vec::new();
    for ids in outside.collect::<Vec<_>>().chunks(AT_ONCE) {
        elsewhere.extend(crate::organisations::these(tx, ids)?);
    }
    let paths = elsewhere.iter().map(|one| &one.path).chain([&whole.path]);
    let above: BTreeSet<String> = paths
        .flat_map(|path| std::iter::successors(path.parent(), OrgPath::parent))
        .filter(|path| path.depth() > 0)
        .map(|path| path.to_string())
        .collect();
    for paths in above.into_iter().collect::<Vec<_>>().chunks(AT_ONCE) {
        elsewhere.extend(crate::organisations::at(tx, paths)?);
    }
    let all = || tree.iter().chain(&elsewhere);
    let by_id: HashMap<OrganisationId, &Organisation> = all().map(|one| (one.id, one)).collect();
    let by_path: HashMap<&OrgPath, &Organisation> = all().map(|one| (&one.path, one)).collect();
    let unit = |(unit, from): (OrganisationId, [Option<u64>; 3])| {
        let organisation = by_id.get(&unit).ok_or(StoreError::NotFound("organisation"))?;
        let mut above = std::iter::successors(organisation.path.parent(), OrgPath::parent);
        let committee = above.find_map(|path| {
            let one = by_path.get(&path)?;
            let is = matches!(one.kind, K::Committee | K::JointCommittee | K::ResidenceCommittee);
            is.then(|| one.name.clone())
        });
        Ok(ManagingUnit {
            from,
            secretary: secretaries.get(&unit).cloned(),
            phone: organisation.phone.clone(),
            division: divisions.of(&organisation.path),
            unit: (unit, organisation.name.clone()),
            committee,
        })
    };
    units.into_iter().map(unit).collect()
}

/// The names of the secretaries: of several, who has been it for longest.
fn secretaries(
    tx: &mut Tx<'_>,
    units: impl Iterator<Item = OrganisationId>,
) -> Result<HashMap<OrganisationId, String>, StoreError> {
    let units: Vec<_> = units.map(Id::of).collect();
    let mut rows: Vec<(Id, String)> = Vec::new();
    for units in units.chunks(AT_ONCE) {
        let some: Vec<(Id, String)> = grants::table
            .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
            .filter(grants::organisation_id.eq_any(units))
            .filter(grants::role.eq(Role::Secretary.as_str()))
            .filter(accounts::active.eq(true))
            .order((grants::granted_at.desc(), grants::account_id))
            .select((grants::organisation_id, accounts::name))
            .load(tx.db)?;
        rows.extend(some);
    }
    Ok(rows.into_iter().map(|(unit, name)| (unit.to(), name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_units_do_not_tell_what_is_hidden_of_a_unit() {
        let units = [(true, &[1, 5, 0]), (false, &[4, 6, 0]), (true, &[7, 9, 3])];
        let dark = dark_units(&units, 25);
        for column in 0..3 {
            let hidden = (0..3).filter(|row| dark[3 * row + column]).count();
            assert_ne!(hidden, 1, "{dark:?}");
        }
        for row in dark[..9].chunks(3) {
            assert_ne!(row.iter().filter(|is| **is).count(), 1, "{dark:?}");
        }
        assert!(dark[0] && !dark[9], "{dark:?}");
        assert!(dark_units(&[(true, &[2, 0, 0])], 2)[3], "two in all");
    }
}
