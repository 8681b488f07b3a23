//! A county of 60,000 members or a province of 5,600,000 as rows, the same for both engines, with a year behind them:
//! journeys that go on and that ended, briefings, check-ins, contacts, stays, hand-overs, lessons, wishes, service requests.
//! Nothing in it is sealed: what answers with figures opens nothing.
mod care;

use chrono::{Datelike as _, Days, NaiveDate};
use domain::calendar::{BirthdayCalendar, BirthdayKey};
use uuid::Uuid;

use crate::ground::Size;
use crate::seed::{Cell, Kind, OFFICE, Sink};

/// Counted up when the rows change.
pub(crate) const EDITION: u32 = 3;
/// The secretary of the first branch.
pub(crate) const SECRETARY: u64 = 0xD_DDDD_DDDD;
/// Who looks at figures of all, without a member's right.
pub(crate) const AUDITOR: u64 = 0xC_CCCC_CCCC;
/// Members of a branch, as a county has some 1,650 branches.
const BRANCH: u64 = 36;
/// Branches of a town, towns of a county, counties of a city.
const TOWN: u64 = 60;
const COUNTY: u64 = 27;
const CITY: u64 = 8;
/// One member in so many has had a journey within the year; of these every third has ended.
const MOBILE: u64 = 16;
/// The numbers of organisations above branches: of towns, counties, cities, and of the root.
const LEVELS: [u64; 4] = [0x1_0000_0000, 0x2_0000_0000, 0x3_0000_0000, 0x4_0000_0000];
/// Where people go.
const PLACES: [&str; 10] = [
    "310115", "320583", "320106", "330106", "440305", "110105", "650102", "120101", "610113", "510107",
];
/// Where they work, and as what they did before.
const UNITS: [&str; 4] = ["private_enterprise", "self_employed", "village", "public_institution"];
const OCCUPATIONS: [&str; 3] = ["farmer", "skilled_worker", "other"];

/// Ids of what the other seed has none of.
#[derive(Clone, Copy)]
enum More {
    CheckIn,
    Contact,
    Stay,
    Handover,
    Gathering,
    Wish,
    ServiceRequest,
}

impl More {
    fn id(self, number: u64) -> Uuid {
        let high = 0x019b_8000_0000_7000_u128 << 64;
        let kind = match self {
            Self::CheckIn => 0x8011_u128,
            Self::Contact => 0x8012,
            Self::Stay => 0x8013,
            Self::Handover => 0x8014,
            Self::Gathering => 0x8015,
            Self::Wish => 0x8016,
            Self::ServiceRequest => 0x8017,
        };
        Uuid::from_u128(high | kind << 48 | u128::from(number))
    }
}

/// The organisation of whoever asks.
pub(crate) const fn place_of(size: Size, who: u64) -> u64 {
    if who == SECRETARY { 0 } else { root(size) }
}

/// The organisation above all.
const fn root(size: Size) -> u64 {
    match size {
        Size::Province => LEVELS[3],
        _ => LEVELS[1],
    }
}

/// The organisation so many levels above a branch (0 for the town), by its number, with the number within its level.
const fn above(branch: u64, level: usize) -> u64 {
    let town = branch / TOWN;
    match level {
        0 => LEVELS[0] + town,
        1 => LEVELS[1] + town / COUNTY,
        2 => LEVELS[2] + town / COUNTY / CITY,
        _ => LEVELS[3],
    }
}

const fn levels(size: Size) -> usize {
    match size {
        Size::Province => 4,
        _ => 2,
    }
}

fn code_of(number: u64) -> String {
    let (level, within) = (number >> 32, number & 0xFFFF_FFFF);
    let letter = ["B", "T", "C", "P", "R"]
        .get(usize::try_from(level).unwrap_or(0))
        .copied()
        .unwrap_or("B");
    format!("{letter}{within}")
}

fn path_of(size: Size, branch: u64) -> String {
    let mut path = String::from("/");
    for level in (0..levels(size)).rev() {
        path.push_str(&code_of(above(branch, level)));
        path.push('/');
    }
    path.push_str(&code_of(branch));
    path.push('/');
    path
}

/// Writes the whole land, with a year up to `today`.
pub(crate) fn write(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    organisations(size, today, sink);
    members(size, today, sink);
    accounts(size, today, sink);
    journeys(size, today, sink);
    briefings(size, today, sink);
    check_ins(size, today, sink);
    stays(size, today, sink);
    handovers(size, today, sink);
    care::write(size, today, sink);
}

fn stamp(day: NaiveDate) -> String {
    format!("{day} 08:00:00")
}

fn branches(size: Size) -> u64 {
    size.members().div_ceil(BRANCH)
}

fn organisations(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let then = stamp(today - Days::new(400));
    let columns = "id, code, kind, name, parent_id, path, division_code, active, version, created_at, updated_at";
    let levels = levels(size);
    let one = |number: u64, kind: &'static str, parent: Option<u64>, path: String| {
        vec![
            Kind::Organisation.id(number).into(),
            code_of(number).into(),
            kind.into(),
            format!("{}党组织", code_of(number)).into(),
            parent.map_or(Cell::Null, |parent| Kind::Organisation.id(parent).into()),
            path.into(),
            "320685".into(),
            Cell::Bool(true),
            Cell::Int(1),
            then.clone().into(),
            then.clone().into(),
        ]
    };
    let of_level = |level: usize| {
        let numbers: Vec<u64> = {
            let mut all: Vec<u64> = (0..branches(size)).map(|branch| above(branch, level)).collect();
            all.dedup();
            all
        };
        numbers.into_iter().map(move |number| (level, number))
    };
    let tops = (0..levels).rev().flat_map(of_level).map(|(level, number)| {
        let first = (number & 0xFFFF_FFFF)
            * match level {
                0 => TOWN,
                1 => TOWN * COUNTY,
                2 => TOWN * COUNTY * CITY,
                _ => 1,
            };
        let whole = path_of(size, first);
        let path: String = whole.split_inclusive('/').take(1 + levels - level).collect();
        let parent = (level + 1 < levels).then(|| above(first, level + 1));
        let kind = if level + 1 == levels {
            "regional_office"
        } else {
            "committee"
        };
        one(number, kind, parent, path)
    });
    let below = (0..branches(size)).map(|branch| one(branch, "branch", Some(above(branch, 0)), path_of(size, branch)));
    sink.fill("organisations", columns, &mut tops.chain(below));
}

fn members(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let columns = "id, home_branch_id, path, name, gender, birth_date, birthday_calendar, birthday_key, standing, \
         joined_on, political_key, language, by_email, quiet_from, quiet_until, version, created_at, updated_at";
    let then = stamp(today - Days::new(400));
    let first = NaiveDate::from_ymd_opt(1950, 1, 1).expect("a day");
    let mut rows = (0..size.members()).map(|n| {
        let branch = n / BRANCH;
        let (born, joined) = (
            first + Days::new(n * 7_919 % 18_000),
            first + Days::new(8_000 + n * 104_729 % 19_000),
        );
        let key = |day| BirthdayKey::by(BirthdayCalendar::Solar, day).map_or(101, BirthdayKey::value);
        vec![
            Kind::Member.id(n).into(),
            Kind::Organisation.id(branch).into(),
            path_of(size, branch).into(),
            format!("党员{n:07}").into(),
            if n % 3 == 0 { "female" } else { "male" }.into(),
            born.to_string().into(),
            "solar".into(),
            Cell::Int(key(born).into()),
            standing(n).into(),
            joined.to_string().into(),
            Cell::Int(i64::from(joined.month() * 100 + joined.day())),
            "zh-CN".into(),
            Cell::Bool(false),
            "22:00:00".into(),
            "07:00:00".into(),
            Cell::Int(1),
            then.clone().into(),
            then.clone().into(),
        ]
    });
    sink.fill("members", columns, &mut rows);
}

const fn standing(n: u64) -> &'static str {
    match n % 200 {
        7 => "deceased",
        11 | 13 | 17 => "probationary",
        _ => "full",
    }
}

fn accounts(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let then = stamp(today - Days::new(400));
    let all = [(OFFICE, "office"), (SECRETARY, "secretary"), (AUDITOR, "auditor")];
    let columns = "id, login, name, language, active, version, created_at, updated_at";
    let mut rows = all.iter().map(|(n, role)| {
        vec![
            Kind::Account.id(*n).into(),
            format!("bench{role}").into(),
            "组织员".into(),
            "zh-CN".into(),
            Cell::Bool(true),
            Cell::Int(1),
            then.clone().into(),
            then.clone().into(),
        ]
    });
    sink.fill("accounts", columns, &mut rows);
    let mut rows = all.iter().map(|(n, role)| {
        let at = Kind::Organisation.id(place_of(size, *n));
        vec![
            Kind::Account.id(*n).into(),
            (*role).into(),
            at.into(),
            then.clone().into(),
        ]
    });
    sink.fill("grants", "account_id, role, organisation_id, granted_at", &mut rows);
    let mut rows = all.iter().map(|(n, _)| {
        let ends = "2099-12-31 00:00:00";
        vec![
            Kind::Session.id(*n).into(),
            Kind::Account.id(*n).into(),
            then.clone().into(),
            ends.into(),
        ]
    });
    sink.fill("sessions", "id, account_id, started_at, expires_at", &mut rows);
}

/// A journey of the year.
struct Trip {
    /// The member's number.
    n: u64,
    departed: NaiveDate,
    ended: Option<NaiveDate>,
    host: Option<u64>,
}

fn trips(size: Size, today: NaiveDate) -> impl Iterator<Item = Trip> {
    let branches = branches(size);
    (0..size.members() / MOBILE).map(move |nth| {
        let n = nth * MOBILE;
        let departed = today - Days::new(15 + nth * 7_919 % 350);
        let ended = (nth % 3 == 0).then(|| (departed + Days::new(30 + nth % 120)).min(today));
        let host = (nth % 4 == 0).then(|| (n / BRANCH + 17) % branches);
        Trip {
            n,
            departed,
            ended,
            host,
        }
    })
}

fn journeys(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let columns = "member_id, id, origin_id, path, reason, division_code, place, host_id, planned_departure_on, \
         departed_on, state, ended_on, contact_interval_days, next_checkin_due, last_contact_at, silence_since, \
         silence_source, unit_kind, former_occupation, version, created_at, updated_at";
    let mut rows = trips(size, today).map(|trip| {
        let open = trip.ended.is_none();
        let last = today - Days::new(trip.n / MOBILE * 31 % 45);
        let last = last.max(trip.departed).min(trip.ended.unwrap_or(today));
        let branch = trip.n / BRANCH;
        vec![
            Kind::Member.id(trip.n).into(),
            Kind::Journey.id(trip.n).into(),
            Kind::Organisation.id(branch).into(),
            path_of(size, branch).into(),
            "work".into(),
            place(trip.n).into(),
            "某工地".into(),
            trip.host.map_or(Cell::Null, |host| Kind::Organisation.id(host).into()),
            trip.departed.to_string().into(),
            trip.departed.to_string().into(),
            if open { "away" } else { "returned" }.into(),
            trip.ended.map_or(Cell::Null, |day| day.to_string().into()),
            Cell::Int(30),
            if open {
                (last + Days::new(30)).to_string().into()
            } else {
                Cell::Null
            },
            stamp(last).into(),
            last.to_string().into(),
            "check_in".into(),
            one_of(&UNITS, trip.n).into(),
            one_of(&OCCUPATIONS, trip.n).into(),
            Cell::Int(1),
            stamp(trip.departed).into(),
            stamp(last).into(),
        ]
    });
    sink.fill("journeys", columns, &mut rows);
}

fn place(n: u64) -> &'static str {
    one_of(&PLACES, n)
}

/// Turn by turn for those who are away.
fn one_of(all: &[&'static str], n: u64) -> &'static str {
    let at = usize::try_from(n / MOBILE).unwrap_or_default() % all.len();
    all.get(at).copied().unwrap_or_default()
}

fn briefings(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let items = domain::briefing::DEFAULT_ITEMS;
    let columns = "member_id, journey_id, item, position, done_on, done_by, zh, en, by_member";
    let mut rows = trips(size, today).flat_map(|trip| {
        items.iter().zip(0_u64..).map(move |((item, zh, en), at)| {
            let done = is_done(&trip, at);
            vec![
                Kind::Member.id(trip.n).into(),
                Kind::Journey.id(trip.n).into(),
                (*item).into(),
                Cell::Int(i64::try_from(at).unwrap_or_default()),
                if done {
                    trip.departed.to_string().into()
                } else {
                    Cell::Null
                },
                if done { "书记".into() } else { Cell::Null },
                (*zh).into(),
                (*en).into(),
                Cell::Bool(domain::briefing::BY_MEMBER.contains(item)),
            ]
        })
    });
    sink.fill("briefing_items", columns, &mut rows);
    let columns = "member_id, journey_id, briefed_on";
    let whole = |trip: &Trip| (0..).zip(items).all(|(at, _)| is_done(trip, at));
    let mut rows = trips(size, today).filter(whole).map(|trip| {
        vec![
            Kind::Member.id(trip.n).into(),
            Kind::Journey.id(trip.n).into(),
            trip.departed.to_string().into(),
        ]
    });
    sink.fill("journey_lines", columns, &mut rows);
}

/// Whether an item of a briefing is done, by its place.
const fn is_done(trip: &Trip, at: u64) -> bool {
    !(trip.n / MOBILE + at).is_multiple_of(40)
}

/// The days on which somebody was in contact: each month, now and then late.
fn words(trip: &Trip, today: NaiveDate) -> impl Iterator<Item = (u64, NaiveDate)> + use<> {
    let (from, until, late) = (trip.departed, trip.ended.unwrap_or(today), trip.n / MOBILE % 5);
    (0..12_u64)
        .map(move |month| (month, from + Days::new(2 + month * (28 + late))))
        .filter(move |(_, day)| *day <= until)
}

fn check_ins(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let columns =
        "member_id, id, journey_id, kind, division_code, wellbeing, means, recorded_at, received_at, clock_doubtful";
    let mut rows = trips(size, today).flat_map(|trip| {
        let n = trip.n;
        words(&trip, today)
            .filter(|(month, _)| month % 3 != 2)
            .map(move |(month, day)| {
                vec![
                    Kind::Member.id(n).into(),
                    More::CheckIn.id(n * 16 + month).into(),
                    Kind::Journey.id(n).into(),
                    if month == 0 { "arrival" } else { "periodic" }.into(),
                    place(n).into(),
                    "fine".into(),
                    "app".into(),
                    stamp(day).into(),
                    stamp(day).into(),
                    Cell::Bool(false),
                ]
            })
    });
    sink.fill("checkins", columns, &mut rows);
    let columns = "member_id, id, journey_id, means, outcome, contacted_at, recorded_by_name, received_at";
    let mut rows = trips(size, today).flat_map(|trip| {
        let n = trip.n;
        words(&trip, today)
            .filter(|(month, _)| month % 3 == 2)
            .map(move |(month, day)| {
                vec![
                    Kind::Member.id(n).into(),
                    More::Contact.id(n * 16 + month).into(),
                    Kind::Journey.id(n).into(),
                    "phone".into(),
                    if month % 2 == 0 { "reached" } else { "not_reached" }.into(),
                    stamp(day).into(),
                    "书记".into(),
                    stamp(day).into(),
                ]
            })
    });
    sink.fill("contacts", columns, &mut rows);
}

/// Whom the branches offer to hosts.
fn offered(size: Size, today: NaiveDate) -> impl Iterator<Item = (Trip, u64)> {
    trips(size, today).filter_map(|trip| trip.host.map(|host| (trip, host)))
}

/// Of what is offered some waits, some is declined, and most is accepted and leads to a stay.
const fn accepted(trip: &Trip) -> bool {
    trip.n / MOBILE % 20 > 1
}

fn stays(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let columns = "person_id, id, member_id, host_id, path, source, state, origin_id, journey_id, arrived_on, home_unit_id, \
         contact_officer_name, contact_officer_phone, register_year, register_number, verified_by, verified_on, \
         admitted_on, left_on, next_place, version, created_at, updated_at";
    let mut numbers = std::collections::HashMap::<(u64, i32), i64>::new();
    let mut rows = offered(size, today)
        .filter(|(trip, _)| accepted(trip))
        .map(|(trip, host)| {
            let on = (trip.departed + Days::new(6)).min(today);
            let number = numbers.entry((host, on.year())).or_default();
            *number += 1;
            let left = trip.ended.map(|day| day.max(on));
            vec![
                Kind::Member.id(trip.n).into(),
                More::Stay.id(trip.n).into(),
                Kind::Member.id(trip.n).into(),
                Kind::Organisation.id(host).into(),
                path_of(size, host).into(),
                "handover".into(),
                if left.is_some() { "left" } else { "admitted" }.into(),
                Kind::Organisation.id(trip.n / BRANCH).into(),
                Kind::Journey.id(trip.n).into(),
                trip.departed.to_string().into(),
                Kind::Organisation.id(host).into(),
                "联系员".into(),
                "19900000008".into(),
                Cell::Int(on.year().into()),
                Cell::Int(*number),
                "handover".into(),
                on.to_string().into(),
                on.to_string().into(),
                left.map_or(Cell::Null, |day| day.to_string().into()),
                if left.is_some() { "home".into() } else { Cell::Null },
                Cell::Int(3),
                stamp(on).into(),
                stamp(on).into(),
            ]
        });
    sink.fill("stays", columns, &mut rows);
}

fn handovers(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let columns = "id, kind, person_id, journey_id, stay_id, asking_id, asking_path, asked_id, asked_path, state, reason, \
         asked_by, answered_by, answered_at, due_on, remind_on, lapses_on, settled_at, version, created_at, updated_at";
    let mut rows = offered(size, today).map(|(trip, host)| {
        let answered = trip.departed + Days::new(4);
        let waits = trip.ended.is_none() && (trip.n / MOBILE).is_multiple_of(20);
        let state = match (accepted(&trip), waits) {
            (true, _) => "accepted",
            (false, true) => "offered",
            (false, false) => "declined",
        };
        let said = |cell: Cell<'static>| if waits { Cell::Null } else { cell };
        let spoken = if waits { today } else { trip.departed };
        vec![
            More::Handover.id(trip.n).into(),
            "offer".into(),
            Kind::Member.id(trip.n).into(),
            Kind::Journey.id(trip.n).into(),
            if accepted(&trip) {
                More::Stay.id(trip.n).into()
            } else {
                Cell::Null
            },
            Kind::Organisation.id(trip.n / BRANCH).into(),
            path_of(size, trip.n / BRANCH).into(),
            Kind::Organisation.id(host).into(),
            path_of(size, host).into(),
            state.into(),
            if state == "declined" {
                "不在本地".into()
            } else {
                Cell::Null
            },
            "书记".into(),
            said("接收书记".into()),
            said(stamp(answered).into()),
            (spoken + Days::new(10)).to_string().into(),
            (spoken + Days::new(5)).to_string().into(),
            (spoken + Days::new(30)).to_string().into(),
            said(stamp(answered).into()),
            Cell::Int(1),
            stamp(trip.departed).into(),
            stamp(answered).into(),
        ]
    });
    sink.fill("handovers", columns, &mut rows);
}
