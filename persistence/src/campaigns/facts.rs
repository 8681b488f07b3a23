//! What was recorded of those whom a campaign means: the facts that each kind of activity is counted from.
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use domain::campaign::{ActivityKind, LONGEST_WINDOW, Told};
use domain::contact::{ContactMeans, ContactOutcome};
use domain::id::OrgPath;
use domain::notification::{DeliveryState, Occasion, Period};

use super::{CampaignRecord, meant};
use crate::schema::{contacts, journeys, members, outbox, stays, timeline, visits};
use crate::types::Id;
use crate::{StoreError, Tx};

/// Members whom a campaign means.
pub(super) struct People {
    /// All of them.
    pub(super) meant: Vec<Told>,
    /// Who were asked whether they come home.
    pub(super) asked: Vec<Told>,
    /// Who came home.
    pub(super) home: Vec<Told>,
}

/// Branch, member, how often.
type Row = (String, Id, i64);

/// Journeys of those whom a campaign means at or below a path: open now in a state that it names, or ended since it
/// began; not those of members who left after it was over.
macro_rules! taking_part {
    ($record:expr, $base:expr) => {{
        let record: &CampaignRecord = $record;
        let (plan, window) = (&record.campaign.plan, record.campaign.plan.window);
        let states: Vec<_> = plan.audience.states.iter().map(|state| state.as_str()).collect();
        meant!(&plan.audience, $base)
            .filter(
                journeys::state.eq_any(states).or(journeys::state
                    .eq_any(["returned", "transferred"])
                    .and(journeys::ended_on.is_not_null())
                    .and(journeys::ended_on.assume_not_null().ge(window.from))),
            )
            .filter(
                journeys::departed_on
                    .is_null()
                    .or(journeys::departed_on.assume_not_null().le(window.until)),
            )
    }};
}

/// Of rows joined with [`taking_part`]: how often each member is told of.
macro_rules! told {
    ($tx:expr, $rows:expr) => {{
        let rows: Vec<Row> = $rows
            .group_by((journeys::path, journeys::member_id))
            .select((journeys::path, journeys::member_id, count_star()))
            .load($tx.db)?;
        rows.into_iter().map(read).collect::<Result<Vec<Told>, StoreError>>()
    }};
}

fn read((path, member, times): Row) -> Result<Told, StoreError> {
    Ok(Told {
        path: path.parse().map_err(StoreError::corrupt)?,
        member: member.to(),
        times: u32::try_from(times).unwrap_or(u32::MAX),
    })
}

/// The members whom a campaign means at or below a path, who of them were asked, and who came home.
pub(super) fn people(tx: &mut Tx<'_>, record: &CampaignRecord, base: &OrgPath) -> Result<People, StoreError> {
    let (from, until) = instants(tx, record);
    let days = 0..=u16::try_from(LONGEST_WINDOW).unwrap_or_default();
    let id = record.campaign.id.0;
    let periods: Vec<_> = days.map(|days| Period::Campaign(id, days).to_string()).collect();
    let said = outbox::recipient_id
        .eq(journeys::member_id)
        .and(outbox::occasion.eq(Occasion::ReturnHome.as_str()))
        .and(outbox::subject_id.eq(journeys::id));
    let came_home = timeline::subject_id
        .eq(journeys::id)
        .and(timeline::event.eq("come_home"))
        .and(timeline::at.ge(from).and(timeline::at.lt(until)));
    Ok(People {
        meant: told!(tx, taking_part!(record, base))?,
        asked: told!(
            tx,
            taking_part!(record, base)
                .inner_join(outbox::table.on(said))
                .filter(outbox::period.eq_any(periods))
                .filter(outbox::state.eq(DeliveryState::Sent.as_str()))
        )?,
        home: told!(tx, taking_part!(record, base).inner_join(timeline::table.on(came_home)))?,
    })
}

/// Whom an activity of a kind was done for at or below a path, within the campaign's window.
pub(super) fn of(
    tx: &mut Tx<'_>,
    record: &CampaignRecord,
    base: &OrgPath,
    kind: ActivityKind,
) -> Result<Vec<Told>, StoreError> {
    use ContactMeans as M;
    const REACHED: &[ContactOutcome] = &[ContactOutcome::Reached];
    match kind {
        ActivityKind::Visit => contacted(tx, record, base, (&[M::InPerson], REACHED)),
        ActivityKind::Letter => contacted(tx, record, base, (&[M::Letter], ContactOutcome::ALL)),
        ActivityKind::Talk => contacted(tx, record, base, (&[M::Phone, M::Video], REACHED)),
        _ => Ok(Vec::new()),
    }
}

/// Contacts by the home, and visits by hosts, by these means and with these outcomes.
fn contacted(
    tx: &mut Tx<'_>,
    record: &CampaignRecord,
    base: &OrgPath,
    (means, outcomes): (&[ContactMeans], &[ContactOutcome]),
) -> Result<Vec<Told>, StoreError> {
    let (from, until) = instants(tx, record);
    let means: Vec<_> = means.iter().map(|one| one.as_str()).collect();
    let outcomes: Vec<_> = outcomes.iter().map(|one| one.as_str()).collect();
    let by_home = taking_part!(record, base)
        .inner_join(contacts::table.on(contacts::journey_id.eq(journeys::id)))
        .filter(contacts::means.eq_any(means.clone()))
        .filter(contacts::outcome.eq_any(outcomes.clone()))
        .filter(contacts::contacted_at.ge(from).and(contacts::contacted_at.lt(until)));
    let mut all = told!(tx, by_home)?;
    let by_hosts = taking_part!(record, base)
        .inner_join(stays::table.on(stays::journey_id.eq(journeys::id.nullable())))
        .inner_join(visits::table.on(visits::stay_id.eq(stays::id)))
        .filter(visits::means.eq_any(means))
        .filter(visits::outcome.eq_any(outcomes))
        .filter(visits::visited_at.ge(from).and(visits::visited_at.lt(until)));
    all.extend(told!(tx, by_hosts)?);
    Ok(all)
}

/// The window in instants: from the beginning of its first day until the end of its last.
fn instants(tx: &Tx<'_>, record: &CampaignRecord) -> (NaiveDateTime, NaiveDateTime) {
    let window = record.campaign.plan.window;
    let next = window.until.succ_opt().unwrap_or(window.until);
    (beginning_of(tx, window.from), beginning_of(tx, next))
}

/// The instant at which a day begins in the deployment's zone, as the database keeps it.
fn beginning_of(tx: &Tx<'_>, day: NaiveDate) -> NaiveDateTime {
    let midnight = day.and_time(NaiveTime::MIN);
    let local = tx.zone().from_local_datetime(&midnight).earliest();
    local.map_or(midnight, |local| local.with_timezone(&Utc).naive_utc())
}
