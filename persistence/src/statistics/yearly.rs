//! The yearly tables of mobile members.
use std::collections::{BTreeMap, HashMap};

use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::access::{ReadMembers, ReadStatistics, Role, Scope};
use domain::codes::JourneyReason;
use domain::division::{DivisionCode, FlowRange, Level, lookup};
use domain::id::{OrgPath, OrganisationId};
use domain::organisation::OrganisationKind as K;
use domain::statistics::suppression::{Sum, hidden};
use domain::statistics::yearly::{Traits, YearlyTable, range};
use domain::statistics::{Period, Shown};

use super::conditions::{ADMITTED, on_journey, staying};
use super::flows::Divisions;
use super::{Asked, Whole, count, tally};
use crate::organisations::Organisation;
use crate::schema::{accounts, grants, journeys, organisations, stays};
use crate::types::Id;
use crate::{StoreError, Tx};

/// The yearly tables, as their caller may see them.
#[derive(Debug, Clone)]
pub struct Yearly {
    /// The organisation, and its name.
    pub organisation: (OrganisationId, String),
    /// The year; what is counted is counted when its last day ends.
    pub period: Period,
    /// Whether the caller may read people's records there: then nothing is hidden, and there are lists.
    pub reads_people: bool,
    /// Table （一）.
    pub outflow: Shown,
    /// Table （二）.
    pub inflow: Shown,
    /// Its supplement, and that of table （一）.
    pub organisations: Organisations,
    /// 管理有外来流入党员的党组织情况.
    pub managing: Vec<ManagingUnit>,
}

/// Organisations that receive and serve mobile members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisations {
    /// 接收流动党员的党支部数: branches with somebody admitted.
    pub receiving_branches: u64,
    /// 建立流动党员党组织数, committees 党委.
    pub mobile_committees: u64,
    /// The same, branches 党支部; of general branches 总支部 none is told apart.
    pub mobile_branches: u64,
    /// 共接收流动党员名数: people admitted in them.
    pub in_mobile_organisations: Option<u64>,
    /// 党员服务中心（站、点）, by the level of their division; what has none is last.
    pub service_centres: Vec<(Option<Level>, u64)>,
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

/// People who are alike, and how many.
pub type YearlyCounts = Vec<(Traits, u64)>;

/// The yearly tables of an organisation. O(journeys and stays of the subtree).
///
/// # Errors
/// [`StoreError::NotFound`] for an organisation outside the scope.
pub fn yearly(
    tx: &mut Tx<'_>,
    scope: &Scope<ReadStatistics>,
    reader: Option<&Scope<ReadMembers>>,
    asked: Asked,
) -> Result<Yearly, StoreError> {
    let whole = Whole::find(tx, scope, reader, asked.organisation)?;
    let divisions = Divisions::above(tx, &OrgPath::root())?;
    let gone = outflow(tx, &whole, asked.period, &divisions)?;
    let here = Inflow::read(tx, &whole, asked.period, &divisions)?;
    let shown = |table: YearlyTable, groups: &YearlyCounts| table.shown(&table.count(groups), whole.reads_people);
    let tree = tree(tx, &whole)?;
    let (organisations, managing) = here.organisations(tx, &whole, &tree, &divisions)?;
    Ok(Yearly {
        period: asked.period,
        reads_people: whole.reads_people,
        outflow: shown(YearlyTable::Outflow, &gone),
        inflow: shown(YearlyTable::Inflow, &here.groups()),
        organisations,
        managing,
        organisation: (whole.id, whole.name),
    })
}

/// Destination's division and country, reason, unit, former occupation.
type Journey = (Option<String>, Option<String>, String, Option<String>, Option<String>);

fn read<T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: Option<&String>,
) -> Result<Option<T>, StoreError> {
    text.map(|text| text.parse()).transpose().map_err(StoreError::corrupt)
}

fn outflow(tx: &mut Tx<'_>, whole: &Whole, period: Period, divisions: &Divisions) -> Result<YearlyCounts, StoreError> {
    macro_rules! groups {
        ($from:expr, $origin:expr) => {
            journeys::table
                .inner_join(organisations::table.on(organisations::id.eq(journeys::origin_id)))
                .filter(
                    journeys::path
                        .ge(whole.path.as_str())
                        .and(journeys::path.lt(whole.path.end())),
                )
                .filter(on_journey!(period.to))
                .filter($origin)
                .group_by((
                    $from,
                    journeys::division_code,
                    journeys::country,
                    journeys::reason,
                    journeys::unit_kind,
                    journeys::former_occupation,
                ))
                .select((
                    $from,
                    (
                        journeys::division_code,
                        journeys::country,
                        journeys::reason,
                        journeys::unit_kind,
                        journeys::former_occupation,
                    ),
                    tally!(journeys::certificate_number.is_not_null()),
                    count_star(),
                ))
        };
    }
    let mut groups: BTreeMap<Traits, u64> = BTreeMap::new();
    let mut add = |origin, journey: &Journey, certified, people| {
        for (certified, people) in apart(certified, people) {
            *groups.entry(traits(origin, journey, certified)?).or_default() += people;
        }
        Ok::<_, StoreError>(())
    };
    let rows: Vec<(Option<String>, Journey, i64, i64)> =
        groups!(organisations::division_code, organisations::division_code.is_not_null()).load(tx.db)?;
    for (origin, journey, certified, people) in rows {
        add(read(origin.as_ref())?, &journey, certified, people)?;
    }
    let rows: Vec<(String, Journey, i64, i64)> =
        groups!(journeys::path, organisations::division_code.is_null()).load(tx.db)?;
    for (path, journey, certified, people) in rows {
        let path = path.parse().map_err(StoreError::corrupt)?;
        add(divisions.of(&path), &journey, certified, people)?;
    }
    Ok(groups.into_iter().collect())
}

/// Of so many people those with a certificate, and those without.
fn apart(certified: i64, people: i64) -> impl Iterator<Item = (bool, u64)> {
    let both = [(true, count(certified)), (false, count(people - certified))];
    both.into_iter().filter(|(_, people)| *people > 0)
}

/// What the tables ask about a journey.
pub(crate) fn traits(
    origin: Option<DivisionCode>,
    (division, country, reason, unit, occupation): &Journey,
    certified: bool,
) -> Result<Traits, StoreError> {
    let reason: JourneyReason = reason.parse().map_err(StoreError::corrupt)?;
    Ok(Traits {
        range: range(origin, (read(division.as_ref())?, country.as_deref()), reason),
        certified,
        unit: read(unit.as_ref())?,
        occupation: read(occupation.as_ref())?,
    })
}

/// What the tables ask about somebody who has come in: how far, from the divisions of both sides.
pub(crate) fn traits_of_stay(
    (origin, host): (Option<DivisionCode>, Option<DivisionCode>),
    (unit, occupation): (Option<&String>, Option<&String>),
    certified: bool,
) -> Result<Traits, StoreError> {
    let ends = origin.zip(host);
    Ok(Traits {
        range: ends.and_then(|(origin, host)| FlowRange::between(origin, host)),
        certified,
        unit: read(unit)?,
        occupation: read(occupation)?,
    })
}

/// People who came in alike: their traits, the home unit, and whether from the same province.
struct Inflow(Vec<(Traits, Option<OrganisationId>, Option<bool>, u64)>);

impl Inflow {
    fn read(tx: &mut Tx<'_>, whole: &Whole, period: Period, divisions: &Divisions) -> Result<Self, StoreError> {
        type Row = (
            (String, Option<Id>, Option<String>),
            (Option<String>, Option<String>),
            (i64, i64),
        );
        let certified = journeys::certificate_number
            .nullable()
            .is_not_null()
            .or(stays::verified_by.eq("certificate"));
        let rows: Vec<Row> = stays::table
            .left_join(organisations::table.on(organisations::id.nullable().eq(stays::origin_id)))
            .left_join(journeys::table.on(journeys::id.nullable().eq(stays::journey_id)))
            .filter(
                stays::path
                    .ge(whole.path.as_str())
                    .and(stays::path.lt(whole.path.end())),
            )
            .filter(staying!(period.to))
            .group_by((
                stays::path,
                stays::home_unit_id,
                organisations::path,
                journeys::unit_kind,
                journeys::former_occupation,
            ))
            .select((
                (stays::path, stays::home_unit_id, organisations::path.nullable()),
                (journeys::unit_kind.nullable(), journeys::former_occupation.nullable()),
                (tally!(certified), count_star()),
            ))
            .load(tx.db)?;
        let mut found = Vec::new();
        for ((host, unit, origin), (kind, occupation), (certified, people)) in rows {
            let host = divisions.of(&host.parse().map_err(StoreError::corrupt)?);
            let origin: Option<OrgPath> = read(origin.as_ref())?;
            let origin = origin.and_then(|path| divisions.of(&path));
            let inside = origin
                .zip(host)
                .map(|(origin, host)| origin.province() == host.province());
            for (certified, people) in apart(certified, people) {
                let of = traits_of_stay((origin, host), (kind.as_ref(), occupation.as_ref()), certified)?;
                found.push((of, unit.map(Id::to), inside, people));
            }
        }
        Ok(Self(found))
    }

    fn groups(&self) -> YearlyCounts {
        let mut groups: BTreeMap<Traits, u64> = BTreeMap::new();
        for (of, _, _, people) in &self.0 {
            *groups.entry(*of).or_default() += people;
        }
        groups.into_iter().collect()
    }

    fn organisations(
        &self,
        tx: &mut Tx<'_>,
        whole: &Whole,
        tree: &[Organisation],
        divisions: &Divisions,
    ) -> Result<(Organisations, Vec<ManagingUnit>), StoreError> {
        let mut units: BTreeMap<OrganisationId, [u64; 3]> = BTreeMap::new();
        for (_, unit, inside, people) in &self.0 {
            let column = inside.map_or(2, |inside| usize::from(!inside));
            let cells = unit.map(|unit| units.entry(unit).or_default());
            if let Some(cell) = cells.and_then(|cells| cells.get_mut(column)) {
                *cell += people;
            }
        }
        let managing = managing(tx, whole, &units, divisions)?;
        let of_kind = |kinds: &[K]| {
            let alike = tree.iter().filter(|one| one.active && kinds.contains(&one.kind));
            u64::try_from(alike.count()).unwrap_or_default()
        };
        let branches = [K::Branch, K::TemporaryBranch, K::MobileBranch];
        let mobile = [
            K::TemporaryBranch,
            K::MobileBranch,
            K::JointCommittee,
            K::ResidenceCommittee,
        ];
        let kinds: HashMap<OrganisationId, K> = tree.iter().map(|one| (one.id, one.kind)).collect();
        let is = |unit: &OrganisationId, wanted: &[K]| kinds.get(unit).is_some_and(|kind| wanted.contains(kind));
        let receiving = units.keys().filter(|unit| is(unit, &branches)).count();
        let together: u64 = units
            .iter()
            .filter(|(unit, _)| is(unit, &mobile))
            .flat_map(|(_, people)| people)
            .sum();
        let small = domain::statistics::suppression::is_small(together);
        let organisations = Organisations {
            receiving_branches: u64::try_from(receiving).unwrap_or_default(),
            mobile_committees: of_kind(&[K::JointCommittee, K::ResidenceCommittee]),
            mobile_branches: of_kind(&[K::TemporaryBranch, K::MobileBranch]),
            in_mobile_organisations: (whole.reads_people || !small).then_some(together),
            service_centres: centres(tree, divisions),
        };
        Ok((organisations, managing))
    }
}

/// The organisations at and below.
fn tree(tx: &mut Tx<'_>, whole: &Whole) -> Result<Vec<Organisation>, StoreError> {
    let scope = Scope::<ReadStatistics>::of_the_machine("statistics").within(&whole.path);
    crate::organisations::within(tx, &scope)
}

fn centres(tree: &[Organisation], divisions: &Divisions) -> Vec<(Option<Level>, u64)> {
    let levels = Level::ALL.iter().copied().map(Some).chain([None]);
    let stations = || tree.iter().filter(|one| one.active && one.kind == K::Workstation);
    let level = |one: &Organisation| divisions.of(&one.path).and_then(lookup).map(|division| division.level);
    let of = |wanted| u64::try_from(stations().filter(|one| level(one) == wanted).count()).unwrap_or_default();
    levels.map(|wanted| (wanted, of(wanted))).collect()
}

fn managing(
    tx: &mut Tx<'_>,
    whole: &Whole,
    units: &BTreeMap<OrganisationId, [u64; 3]>,
    divisions: &Divisions,
) -> Result<Vec<ManagingUnit>, StoreError> {
    let cells: Vec<u64> = units.values().flatten().copied().collect();
    let everything = Sum {
        parts: (0..cells.len()).collect(),
        whole: None,
    };
    let dark = if whole.reads_people {
        Vec::new()
    } else {
        hidden(&cells, &[everything])
    };
    let secretaries = if whole.reads_people {
        secretaries(tx, units.keys().copied())?
    } else {
        HashMap::new()
    };
    let mut found = Vec::new();
    for (at, (unit, people)) in units.iter().enumerate() {
        let organisation = crate::organisations::by_id(tx, *unit)?;
        let mut above = std::iter::successors(organisation.path.parent(), OrgPath::parent);
        let mut committee = None;
        while let Some(path) = above.next().filter(|path| path.depth() > 0) {
            let one = crate::organisations::by_path(tx, &path)?;
            if matches!(one.kind, K::Committee | K::JointCommittee | K::ResidenceCommittee) {
                committee = Some(one.name);
                break;
            }
        }
        let shown = |column: usize| {
            let is_dark = dark.get(3 * at + column).copied().unwrap_or(false);
            people.get(column).copied().filter(|_| !is_dark)
        };
        found.push(ManagingUnit {
            from: [shown(0), shown(1), shown(2)],
            secretary: secretaries.get(unit).cloned(),
            phone: organisation.phone,
            division: divisions.of(&organisation.path),
            unit: (*unit, organisation.name),
            committee,
        });
    }
    Ok(found)
}

/// The names of the secretaries: of several, who has been it for longest.
fn secretaries(
    tx: &mut Tx<'_>,
    units: impl Iterator<Item = OrganisationId>,
) -> Result<HashMap<OrganisationId, String>, StoreError> {
    let units: Vec<_> = units.map(Id::of).collect();
    let rows: Vec<(Id, String)> = grants::table
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .filter(grants::organisation_id.eq_any(units))
        .filter(grants::role.eq(Role::Secretary.as_str()))
        .filter(accounts::active.eq(true))
        .order((grants::granted_at.desc(), grants::account_id))
        .select((grants::organisation_id, accounts::name))
        .load(tx.db)?;
    Ok(rows.into_iter().map(|(unit, name)| (unit.to(), name)).collect())
}
