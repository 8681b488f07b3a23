//! Who leaves, for where, and what the notice of leaving says.
use chrono::{Days, NaiveDate};
use domain::access::{ReadMembers, ReportOwnMoves, Scope};
use domain::codes::{DestinationUnit, FormerOccupation, JourneyReason};
use domain::id::JourneyId;
use domain::journey::{ABROAD_INTERVAL_DAYS, Destination};
use domain::organisation::DEFAULT_CONTACT_INTERVAL_DAYS;
use persistence::journeys::{self, NewJourney, Plan};
use persistence::{StoreError, Tx, members};

use super::cast::may;
use super::kite::Kite;
use super::life::{Deed, Hour, Life, Trip};
use crate::commands::house::NAME;

/// Where people go: the division, the place, and how many of a hundred.
const PLACES: &[(&str, &str, u32)] = &[
    ("310115", "上海市浦东新区", 24),
    ("320583", "昆山市玉山镇", 14),
    ("320106", "南京市鼓楼区", 9),
    ("330106", "杭州市西湖区", 9),
    ("440305", "深圳市南山区", 8),
    ("110105", "北京市朝阳区", 8),
    ("650102", "乌鲁木齐市天山区", 5),
    ("120101", "天津市和平区", 4),
    ("610113", "西安市雁塔区", 4),
    ("510107", "成都市武侯区", 4),
    (HERE, "海安市城东镇", 9),
];
/// The county itself.
pub(super) const HERE: &str = "320685";
const ABROAD: &[&str] = &["日本", "新加坡", "安哥拉"];

/// Where somebody goes, and the host where one is known.
pub(super) fn destination(life: &mut Life) -> (Destination, Option<usize>) {
    let employer = Some("某公司".to_owned());
    if life.dice.chance(15) {
        let country = life.dice.one(ABROAD).map(|country| (*country).to_owned());
        let to = Destination {
            place: country.clone(),
            country,
            employer,
            ..Destination::default()
        };
        return (to, None);
    }
    let mut left = u32::try_from(life.dice.place(98)).unwrap_or_default();
    let picked = PLACES.iter().find(|(.., share)| {
        let here = left < *share;
        left = left.saturating_sub(*share);
        here
    });
    let (code, place, _) = picked.or(PLACES.first()).copied().unwrap_or((HERE, "", 0));
    let hosts: Vec<usize> = (0..life.cast.hosts.len())
        .filter(|at| {
            life.cast
                .hosts
                .get(*at)
                .is_some_and(|host| host.division.as_deref() == Some(code))
        })
        .collect();
    let known = life.dice.chance(650);
    let host = life.dice.one(&hosts).copied().filter(|_| known);
    let to = Destination {
        division: code.parse().ok(),
        place: Some(place.to_owned()),
        employer,
        unit: life
            .dice
            .one(&[
                DestinationUnit::PrivateEnterprise,
                DestinationUnit::SelfEmployed,
                DestinationUnit::Foreign,
            ])
            .copied(),
        ..Destination::default()
    };
    (to, host)
}

/// Many take the app into use when they are about to leave, or need something.
pub(super) fn take_up_the_app(life: &mut Life, tx: &mut Tx<'_>, of: usize) -> Result<(), StoreError> {
    let person = life.person(of)?;
    if person.app.is_some() || person.gone || !life.dice.chance(600) {
        return Ok(());
    }
    let reads: Scope<ReadMembers> = Scope::of_the_machine(NAME);
    let member = members::find(tx, &reads, person.member)?;
    let app = life.cast.take_up_the_app(tx, &member)?;
    life.person_mut(of)?.app = Some(app);
    if let Some(branch) = life.cast.branches.get_mut(person.branch) {
        branch.by_app.push(of);
    }
    life.count("members who took up the app");
    Ok(())
}

/// Somebody gives notice of leaving, by the app or at the branch; the briefing and the leaving follow.
pub(super) fn notice(life: &mut Life, tx: &mut Tx<'_>, of: usize) -> Result<(), StoreError> {
    let person = life.person(of)?;
    if person.gone || person.trip.is_some() {
        return Ok(());
    }
    take_up_the_app(life, tx, of)?;
    let person = life.person(of)?;
    let (to, host) = destination(life);
    let abroad = to.is_abroad();
    let leaving = life.today + life.dice.days(2, 21);
    let plan = plan(life, (to, host), leaving);
    let id: JourneyId = tx.fresh();
    let own = person.app.as_ref().filter(|_| life.dice.chance(400));
    if let Some(app) = own {
        let me: Scope<ReportOwnMoves> = may(app)?;
        journeys::plan_own(tx, &me, id, plan)?;
    } else {
        let branch = life.branch(person.branch)?;
        let new = NewJourney {
            id,
            member: person.member,
            plan,
        };
        journeys::plan(tx, &may(&branch.secretary)?, new)?;
    }
    let interval = if abroad {
        ABROAD_INTERVAL_DAYS
    } else {
        DEFAULT_CONTACT_INTERVAL_DAYS
    };
    let trip = life.trips.len();
    life.trips.push(Trip {
        id,
        person: of,
        branch: person.branch,
        host,
        offer: None,
        guest: None,
        interval: interval.into(),
        silent: false,
        vanished: false,
        attempts: 0,
    });
    life.person_mut(of)?.trip = Some(trip);
    life.count("notices of leaving");
    life.on(leaving - Days::new(1), Hour::Office, Deed::Kite(Kite::Brief, trip));
    let late = if life.dice.chance(700) {
        Days::new(0)
    } else {
        life.dice.days(1, 4)
    };
    life.on(leaving + late, Hour::Office, Deed::Kite(Kite::Leave, trip));
    Ok(())
}

fn plan(life: &mut Life, (to, host): (Destination, Option<usize>), leaving: NaiveDate) -> Plan {
    let reasons = [
        JourneyReason::Work,
        JourneyReason::Work,
        JourneyReason::Work,
        JourneyReason::Study,
        JourneyReason::Family,
    ];
    let reason = if to.is_abroad() {
        JourneyReason::Abroad
    } else {
        life.dice.one(&reasons).copied().unwrap_or(JourneyReason::Work)
    };
    let occupations = [FormerOccupation::Farmer, FormerOccupation::SkilledWorker];
    Plan {
        reason,
        destination: to,
        former_occupation: life.dice.one(&occupations).copied(),
        host: host.and_then(|at| life.cast.hosts.get(at)).map(|host| host.id),
        certificate_number: None,
        planned_departure_on: Some(leaving),
        expected_return_on: leaving.checked_add_days(Days::new(300)),
        interval_days: None,
    }
}
