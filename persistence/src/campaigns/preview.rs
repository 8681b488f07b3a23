//! Who gets what and when, before anything is planned.
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::access::{ManageCampaigns, Scope};
use domain::campaign::{Due, Place};
use domain::id::{CampaignId, JourneyId, MemberId, OrgPath, OrganisationId};
use domain::journey::{Destination, StateName};
use domain::phone::Phone;

use super::{CampaignRecord, led, meant, undecided_below};
use crate::outbox::{self, Claimed, Facts};
use crate::pages::{self, Position};
use crate::schema::{journeys, members, organisations};
use crate::types::Id;
use crate::vault::Vault;
use crate::{StoreError, Tx, sealed};

/// Somebody whom the prompts of a campaign reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    /// Where the list has got to.
    pub position: Position,
    /// Who.
    pub member: MemberId,
    /// 姓名.
    pub name: String,
    /// 手机号码: to be masked by whoever shows it.
    pub phone: Option<Phone>,
    /// The branch from which the member is away.
    pub organisation: (OrganisationId, String),
    /// The journey.
    pub journey: JourneyId,
    /// Where the member is.
    pub destination: Destination,
    /// The language in which the member is written to.
    pub language: String,
    /// Whether an e-mail goes to the member besides the message in the app.
    pub by_email: bool,
    /// The prompts that are still to be said, the earliest first.
    pub prompts: Vec<Ahead>,
}

/// A prompt that is still to be said to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ahead {
    /// The day.
    pub on: NaiveDate,
    /// So many days before the festival.
    pub days_before: u16,
    /// The notification, as it will be claimed.
    pub claimed: Claimed,
    /// What it speaks of, as things are now.
    pub facts: Facts,
}

/// How many the prompts of a campaign reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// The campaign, whose prompts all reach as many.
    pub record: CampaignRecord,
    /// Members.
    pub members: i64,
    /// Of them, those who get an e-mail besides the message in the app.
    pub by_email: i64,
    /// By the organisations one level down, in the order of the tree: members, and those who get an e-mail.
    pub organisations: Vec<(Place, i64, i64)>,
}

type Row = (
    (
        Id,
        Id,
        String,
        Option<String>,
        Option<String>,
        Option<String>,
        Option<String>,
    ),
    (String, Option<Vec<u8>>, String, bool, Option<String>),
    (Id, String),
);

/// Those whom a campaign's prompts reach as things are now: of its audience, those who are away.
macro_rules! reached {
    ($record:expr, $day:expr) => {{
        let record: &CampaignRecord = $record;
        let feast = record.campaign.feast;
        let away = record
            .campaign
            .plan
            .audience
            .states
            .contains(&StateName::Away)
            .then_some(StateName::Away.as_str());
        meant!(record, &record.path)
            .filter(journeys::state.eq_any(away))
            .filter(undecided_below!(&record.path, (feast.festival, feast.year), $day))
    }};
}
pub(crate) use reached;

/// Those whom the prompts that a campaign of the scope has still to say reach as things are now, after `after`, in the order
/// of the tree; nobody when there are none.
/// O(limit and what is passed over).
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope.
pub fn preview(
    tx: &mut Tx<'_>,
    scope: &Scope<ManageCampaigns>,
    id: CampaignId,
    after: Option<&Position>,
    limit: i64,
) -> Result<Vec<Invited>, StoreError> {
    let record = led(tx, scope, id)?;
    let prompts = record.campaign.prompts_ahead(tx.today());
    if prompts.is_empty() {
        return Ok(Vec::new());
    }
    let here = scope.within(&record.path);
    let day = tomorrow(tx);
    let vault = tx.vault;
    let rows: Vec<Row> = pages::fill(&here, after, limit, |range, left| {
        let mut query = reached!(&record, day)
            .inner_join(organisations::table.on(organisations::id.eq(journeys::origin_id)))
            .filter(journeys::path.ge(range.low).and(journeys::path.lt(range.end)))
            .select((
                (
                    journeys::id,
                    journeys::member_id,
                    journeys::path,
                    journeys::division_code,
                    journeys::country,
                    journeys::place,
                    journeys::employer,
                ),
                (
                    members::name,
                    members::phone_sealed,
                    members::language,
                    members::by_email,
                    members::email,
                ),
                (organisations::id, organisations::name),
            ))
            .order((journeys::path, journeys::id))
            .limit(left)
            .into_boxed();
        if let Some(after) = range.after {
            query = query.filter(journeys::path.gt(range.low).or(journeys::id.gt(Id(after))));
        }
        Ok(query.load(tx.db)?)
    })?;
    let invited: Result<_, StoreError> = rows.into_iter().map(|row| invited(vault, row)).collect();
    with_prompts(tx, &record, &prompts, invited?)
}

/// Those who are reached, with what is said to each. About a dozen queries, whatever their number.
fn with_prompts(
    tx: &mut Tx<'_>,
    record: &CampaignRecord,
    prompts: &[Due<'_>],
    mut invited: Vec<Invited>,
) -> Result<Vec<Invited>, StoreError> {
    let ahead = |one: &Invited| {
        let whom = (one.member, one.journey);
        let claimed = |due: &Due<'_>| outbox::prompt_ahead(tx, record, due.prompt, whom);
        prompts.iter().map(claimed).collect::<Vec<_>>()
    };
    let claimed: Vec<Claimed> = invited.iter().flat_map(ahead).collect();
    let facts = outbox::facts_of(tx, &claimed)?;
    let mut said = claimed.into_iter().zip(facts);
    for one in &mut invited {
        let of_one = prompts.iter().zip(said.by_ref());
        let of_one = of_one.filter_map(|(due, (claimed, facts))| {
            Some(Ahead {
                on: due.on,
                days_before: due.prompt.days_before,
                claimed,
                facts: facts?,
            })
        });
        one.prompts = of_one.collect();
    }
    Ok(invited)
}

fn invited(vault: &Vault, (journey, member, origin): Row) -> Result<Invited, StoreError> {
    let (id, of, path, division, country, place, employer) = journey;
    let (name, phone, language, by_email, email) = member;
    let division = division.map(|code| code.parse()).transpose();
    Ok(Invited {
        position: Position {
            path: path.parse().map_err(StoreError::corrupt)?,
            id: id.0,
        },
        member: of.to(),
        name,
        phone: sealed::open(vault, of.0, phone.as_deref())?,
        organisation: (origin.0.to(), origin.1),
        journey: id.to(),
        destination: Destination {
            division: division.map_err(StoreError::corrupt)?,
            country,
            place,
            employer,
            unit: None,
        },
        language,
        by_email: by_email && email.is_some(),
        prompts: Vec::new(),
    })
}

/// How many the prompts that a campaign of the scope has still to say reach as things are now. O(those reached).
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope.
pub fn totals(tx: &mut Tx<'_>, scope: &Scope<ManageCampaigns>, id: CampaignId) -> Result<Totals, StoreError> {
    let record = led(tx, scope, id)?;
    if record.campaign.prompts_ahead(tx.today()).is_empty() {
        return Ok(Totals {
            record,
            members: 0,
            by_email: 0,
            organisations: Vec::new(),
        });
    }
    let day = tomorrow(tx);
    let all: Vec<(String, i64)> = reached!(&record, day)
        .group_by(journeys::path)
        .select((journeys::path, count_star()))
        .load(tx.db)?;
    let by_mail: Vec<(String, i64)> = reached!(&record, day)
        .filter(members::by_email.and(members::email.is_not_null()))
        .group_by(journeys::path)
        .select((journeys::path, count_star()))
        .load(tx.db)?;
    let (all, by_mail) = (folded(&record.path, all)?, folded(&record.path, by_mail)?);
    let places = places(tx, &record.path)?.into_iter();
    let line = |(path, place): (OrgPath, Place)| {
        let count = |counts: &BTreeMap<OrgPath, i64>| counts.get(&path).copied().unwrap_or_default();
        (path != record.path || all.contains_key(&path)).then(|| (place, count(&all), count(&by_mail)))
    };
    Ok(Totals {
        organisations: places.filter_map(line).collect(),
        members: all.values().sum(),
        by_email: by_mail.values().sum(),
        record,
    })
}

/// The prompts of a campaign that is opened today begin tomorrow.
fn tomorrow(tx: &Tx<'_>) -> NaiveDate {
    tx.today() + Days::new(1)
}

fn folded(base: &OrgPath, rows: Vec<(String, i64)>) -> Result<BTreeMap<OrgPath, i64>, StoreError> {
    let mut counts = BTreeMap::new();
    for (path, count) in rows {
        let path: OrgPath = path.parse().map_err(StoreError::corrupt)?;
        if let Some(place) = base.one_below(&path) {
            *counts.entry(place).or_default() += count;
        }
    }
    Ok(counts)
}

/// The organisation at a path and those one level below it, in the order of the tree.
pub(super) fn places(tx: &mut Tx<'_>, base: &OrgPath) -> Result<Vec<(OrgPath, Place)>, StoreError> {
    let top = crate::organisations::by_path(tx, base)?;
    let rows: Vec<(String, Id, String)> = organisations::table
        .filter(
            organisations::id
                .eq(Id::of(top.id))
                .or(organisations::parent_id.assume_not_null().eq(Id::of(top.id))),
        )
        .order(organisations::path)
        .select((organisations::path, organisations::id, organisations::name))
        .load(tx.db)?;
    let place = |(path, id, name): (String, Id, String)| {
        let path: OrgPath = path.parse().map_err(StoreError::corrupt)?;
        Ok((path, Place { id: id.to(), name }))
    };
    rows.into_iter().map(place).collect()
}
