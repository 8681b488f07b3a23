//! What is done for people besides keeping in touch: lessons every other month for those who are away, wishes, service
//! requests.
use chrono::{Days, NaiveDate};

use super::{BRANCH, More, Trip, above, path_of, stamp, trips};
use crate::ground::Size;
use crate::seed::{Cell, Kind, Sink};

/// Lessons of the year.
const LESSONS: u64 = 6;
/// One member in so many has written a wish within the year, or asked for something.
const WISHES: u64 = 50;
const REQUESTS: u64 = 60;

pub(super) fn write(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    gatherings(size, today, sink);
    attendances(size, today, sink);
    wishes(size, today, sink);
    service_requests(size, today, sink);
}

/// The day of a lesson, the last one first.
fn lesson_on(today: NaiveDate, lesson: u64) -> NaiveDate {
    today - Days::new(20 + lesson * 60)
}

/// The lesson of the organisation two levels above a branch.
fn lesson_of(branch: u64, lesson: u64) -> uuid::Uuid {
    More::Gathering.id((above(branch, 1) & 0xFFFF_FFFF) * 16 + lesson)
}

fn gatherings(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let columns = "id, organisation_id, path, kind, title, place, starts_at, ends_at, day, learning_minutes, state, \
         organised_by, version, created_at, updated_at";
    let branches = size.members().div_ceil(BRANCH);
    let mut firsts: Vec<u64> = (0..branches).collect();
    firsts.dedup_by_key(|branch| above(*branch, 1));
    let mut rows = firsts.iter().flat_map(|branch| {
        (0..LESSONS).map(move |lesson| {
            let on = lesson_on(today, lesson);
            let organisation = above(*branch, 1);
            let path = path_of(size, *branch);
            let parts = path.split_inclusive('/').count();
            let path: String = path.split_inclusive('/').take(parts - 2).collect();
            vec![
                lesson_of(*branch, lesson).into(),
                Kind::Organisation.id(organisation).into(),
                path.into(),
                "lesson".into(),
                "党课".into(),
                "党校".into(),
                format!("{on} 11:00:00").into(),
                format!("{on} 12:30:00").into(),
                on.to_string().into(),
                Cell::Int(90),
                "held".into(),
                "办公室".into(),
                Cell::Int(2),
                stamp(on).into(),
                stamp(on).into(),
            ]
        })
    });
    sink.fill("gatherings", columns, &mut rows);
}

fn attendances(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let columns = "gathering_id, person_id, member_id, unit_id, path, state, day, minutes, means, listed_at";
    let mut rows = trips(size, today).flat_map(|trip: Trip| {
        let (n, branch) = (trip.n, trip.n / BRANCH);
        (0..LESSONS).map(move |lesson| {
            let on = lesson_on(today, lesson);
            let there = !(n / 16 + lesson).is_multiple_of(6);
            vec![
                lesson_of(branch, lesson).into(),
                Kind::Member.id(n).into(),
                Kind::Member.id(n).into(),
                Kind::Organisation.id(branch).into(),
                path_of(size, branch).into(),
                if there { "attended" } else { "missed" }.into(),
                on.to_string().into(),
                Cell::Int(if there { 90 } else { 0 }),
                if there { "officer".into() } else { Cell::Null },
                stamp(on - Days::new(10)).into(),
            ]
        })
    });
    sink.fill("attendances", columns, &mut rows);
}

/// The members of whom every so manieth does something, with its place and a day of the year.
fn every(size: Size, today: NaiveDate, so_many: u64) -> impl Iterator<Item = (u64, NaiveDate)> {
    let all = size.members() / so_many;
    (0..all).map(move |nth| (nth * so_many, today - Days::new(1 + nth * 7_919 % 360)))
}

fn wishes(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let columns = "id, person_id, organisation_id, path, said, anonymous, state, written_on, published_on, fulfilled_on, \
         author_acted_on, version";
    let mut rows = every(size, today, WISHES).map(|(n, on)| {
        let fulfilled = !(n / WISHES).is_multiple_of(3);
        vec![
            More::Wish.id(n).into(),
            Kind::Member.id(n).into(),
            Kind::Organisation.id(n / BRANCH).into(),
            path_of(size, n / BRANCH).into(),
            "想学电脑".into(),
            Cell::Bool(n.is_multiple_of(4)),
            if fulfilled { "fulfilled" } else { "published" }.into(),
            on.to_string().into(),
            on.to_string().into(),
            if fulfilled { on.to_string().into() } else { Cell::Null },
            on.to_string().into(),
            Cell::Int(3),
        ]
    });
    sink.fill("wishes", columns, &mut rows);
}

fn service_requests(size: Size, today: NaiveDate, sink: &mut dyn Sink) {
    let columns = "id, person_id, organisation_id, path, kind, said, state, asked_on, term_days, due_on, late_on, \
         answered_on, escalations, version, created_at";
    let mut rows = every(size, today, REQUESTS).map(|(n, on)| {
        let answered = !(n / REQUESTS).is_multiple_of(10);
        let (due, day) = (on + Days::new(7), (on + Days::new(n % 10)).min(today));
        vec![
            More::ServiceRequest.id(n).into(),
            Kind::Member.id(n).into(),
            Kind::Organisation.id(n / BRANCH).into(),
            path_of(size, n / BRANCH).into(),
            "schooling".into(),
            "孩子入学".into(),
            if answered { "answered" } else { "open" }.into(),
            on.to_string().into(),
            Cell::Int(7),
            due.to_string().into(),
            if answered && day > due {
                due.to_string().into()
            } else {
                Cell::Null
            },
            if answered { day.to_string().into() } else { Cell::Null },
            Cell::Int(0),
            Cell::Int(1),
            stamp(on).into(),
        ]
    });
    sink.fill("service_requests", columns, &mut rows);
}
