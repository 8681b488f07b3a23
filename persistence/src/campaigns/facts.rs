//! What was recorded of those whom a campaign means: the facts that each kind of activity is counted from.
use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use diesel::prelude::*;
use domain::campaign::{ActivityKind, LONGEST_WINDOW, Told};
use domain::contact::{ContactMeans, ContactOutcome};
use domain::gathering::GatheringKind;
use domain::gathering::attendance::StateName as Attendance;
use domain::gift::{GiftOccasion, GiftState};
use domain::id::OrgPath;
use domain::journey::StateName;
use domain::notification::{DeliveryState, Occasion, Period};
use domain::service::{Kind as ServiceKind, StateName as ServiceState};

use super::{CampaignRecord, meant};
use crate::schema::{
    attendances, checkins, contacts, gatherings, gifts, journeys, members, outbox, service_requests, stays, timeline,
    visits,
};
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

/// Branch, member, what.
type Row = (String, Id, Id);

/// Journeys of those whom a campaign means at or below a path: open now in a state that it names, or ended since it
/// began; not those of members who left after it was over. Whoever is away is meant still once home for the festival.
macro_rules! taking_part {
    ($record:expr, $base:expr) => {{
        let record: &CampaignRecord = $record;
        let (plan, window) = (&record.campaign.plan, record.campaign.plan.window);
        let mut states: Vec<_> = plan.audience.states.iter().map(|state| state.as_str()).collect();
        if plan.audience.states.contains(&StateName::Away) {
            states.push(StateName::HomeVisit.as_str());
        }
        meant!(record, $base)
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

/// Of rows joined with [`taking_part`]: what each member is told of by `$what`.
macro_rules! told {
    ($tx:expr, $rows:expr, $what:expr) => {{
        let rows: Vec<Row> = $rows
            .select((journeys::path, journeys::member_id, $what))
            .distinct()
            .load($tx.db)?;
        once(rows)
    }};
}

/// Everything once, however many journeys the member has made meanwhile: as of the branch of one of them.
fn once(rows: Vec<Row>) -> Result<Vec<Told>, StoreError> {
    let mut by_what = BTreeMap::new();
    for (path, member, what) in rows {
        let branch: &mut String = by_what.entry((member, what)).or_default();
        if *branch < path {
            *branch = path;
        }
    }
    let told = |((member, _), path): ((Id, Id), String)| {
        Ok(Told {
            path: path.parse().map_err(StoreError::corrupt)?,
            member: member.to(),
        })
    };
    by_what.into_iter().map(told).collect()
}

/// Whether what an organisation recorded is of one that takes part: not of a host's elsewhere.
macro_rules! within_campaign {
    ($record:expr, $path:expr) => {
        $path
            .ge($record.path.as_str().to_owned())
            .and($path.lt($record.path.end()))
    };
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
    let mut home = told!(
        tx,
        taking_part!(record, base).inner_join(timeline::table.on(came_home)),
        journeys::id
    )?;
    let window = record.campaign.plan.window;
    let for_good = taking_part!(record, base)
        .filter(journeys::state.eq(StateName::Returned.as_str()))
        .filter(journeys::ended_on.between(window.from, window.until));
    home.extend(told!(tx, for_good, journeys::id)?);
    Ok(People {
        meant: told!(tx, taking_part!(record, base), journeys::id)?,
        asked: told!(
            tx,
            taking_part!(record, base)
                .inner_join(outbox::table.on(said))
                .filter(outbox::period.eq_any(periods))
                .filter(outbox::state.eq(DeliveryState::Sent.as_str())),
            journeys::id
        )?,
        home,
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
    use GatheringKind as G;
    const REACHED: &[ContactOutcome] = &[ContactOutcome::Reached];
    match kind {
        ActivityKind::Visit => contacted(tx, record, base, (&[M::InPerson], REACHED)),
        ActivityKind::Letter => contacted(tx, record, base, (&[M::Letter], ContactOutcome::ALL)),
        ActivityKind::Talk => contacted(tx, record, base, (&[M::Phone, M::Video], REACHED)),
        ActivityKind::Lesson => attended(tx, record, base, &[G::Lesson, G::MakeUpLesson, G::LecturersTour]),
        ActivityKind::Meeting => attended(tx, record, base, &[G::BranchMeeting]),
        ActivityKind::Report => attended(tx, record, base, &[G::StudySession]),
        ActivityKind::Help => {
            let mut all = resolved(tx, record, base, &[ServiceKind::Hardship])?;
            all.extend(given(tx, record, base, &[GiftOccasion::Hardship])?);
            Ok(all)
        }
        ActivityKind::Gift => given(tx, record, base, GiftOccasion::ALL),
        ActivityKind::Service => resolved(tx, record, base, ServiceKind::ALL),
    }
}

/// Contacts and check-ins that the home recorded, and visits by hosts, by these means and with these outcomes.
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
    let mut all = told!(tx, by_home, contacts::id)?;
    if outcomes.contains(&ContactOutcome::Reached.as_str()) {
        let on_behalf = taking_part!(record, base)
            .inner_join(checkins::table.on(checkins::journey_id.eq(journeys::id)))
            .filter(checkins::means.eq_any(means.clone()))
            .filter(checkins::recorded_at.ge(from).and(checkins::recorded_at.lt(until)));
        all.extend(told!(tx, on_behalf, checkins::id)?);
    }
    let by_hosts = taking_part!(record, base)
        .inner_join(stays::table.on(stays::journey_id.eq(journeys::id.nullable())))
        .inner_join(visits::table.on(visits::stay_id.eq(stays::id)))
        .filter(visits::means.eq_any(means))
        .filter(visits::outcome.eq_any(outcomes))
        .filter(visits::visited_at.ge(from).and(visits::visited_at.lt(until)));
    all.extend(told!(tx, by_hosts, visits::id)?);
    Ok(all)
}

/// Gatherings of these kinds that members attended.
fn attended(
    tx: &mut Tx<'_>,
    record: &CampaignRecord,
    base: &OrgPath,
    kinds: &[GatheringKind],
) -> Result<Vec<Told>, StoreError> {
    let window = record.campaign.plan.window;
    let kinds: Vec<_> = kinds.iter().map(|one| one.as_str()).collect();
    let rows = taking_part!(record, base)
        .inner_join(attendances::table.on(attendances::person_id.eq(journeys::member_id)))
        .inner_join(gatherings::table.on(gatherings::id.eq(attendances::gathering_id)))
        .filter(attendances::state.eq(Attendance::Attended.as_str()))
        .filter(attendances::day.between(window.from, window.until))
        .filter(gatherings::kind.eq_any(kinds));
    told!(tx, rows, gatherings::id)
}

/// Service requests of these kinds to organisations of the campaign that members say are settled.
fn resolved(
    tx: &mut Tx<'_>,
    record: &CampaignRecord,
    base: &OrgPath,
    kinds: &[ServiceKind],
) -> Result<Vec<Told>, StoreError> {
    let window = record.campaign.plan.window;
    let kinds: Vec<_> = kinds.iter().map(|one| one.as_str()).collect();
    let settled = [ServiceState::Resolved.as_str(), ServiceState::Rated.as_str()];
    let rows = taking_part!(record, base)
        .inner_join(service_requests::table.on(service_requests::person_id.eq(journeys::member_id)))
        .filter(service_requests::state.eq_any(settled))
        .filter(service_requests::resolved_on.between(window.from, window.until))
        .filter(service_requests::kind.eq_any(kinds))
        .filter(within_campaign!(record, service_requests::path));
    told!(tx, rows, service_requests::id)
}

/// Gifts by organisations of the campaign on these occasions.
fn given(
    tx: &mut Tx<'_>,
    record: &CampaignRecord,
    base: &OrgPath,
    occasions: &[GiftOccasion],
) -> Result<Vec<Told>, StoreError> {
    let window = record.campaign.plan.window;
    let occasions: Vec<_> = occasions.iter().map(|one| one.as_str()).collect();
    let rows = taking_part!(record, base)
        .inner_join(gifts::table.on(gifts::person_id.eq(journeys::member_id)))
        .filter(gifts::state.eq(GiftState::Given.as_str()))
        .filter(gifts::given_on.between(window.from, window.until))
        .filter(gifts::occasion.eq_any(occasions))
        .filter(within_campaign!(record, gifts::path));
    told!(tx, rows, gifts::id)
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
