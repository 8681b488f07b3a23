//! Planning what is said about gatherings, and what it speaks of.
use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::count_star;
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, Text, Timestamp};
use domain::access::{Operate, Scope};
use domain::gathering::attendance::StateName as Attendance;
use domain::gathering::{GatheringKind, REMINDED_DAYS, StateName};
use domain::id::GatheringId;
use domain::notification::{Audience, Channel, DeliveryState as State, Occasion, Period};

use super::claim::Claimed;
use super::facts::Ids;
use super::plan::{ACTIVE_STANDINGS, Plan, channels_of_members, insert};
use crate::db::each;
use crate::gatherings::Marked;
use crate::schema::{attendances, channels, gatherings, lecturers, members, organisations, outbox};
use crate::types::{Id, UuidSql};
use crate::{StoreError, Tx};

/// The gathering that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatheringFacts {
    /// What it is.
    pub kind: GatheringKind,
    /// What it is called.
    pub title: String,
    /// Who invites.
    pub organisation: String,
    /// When it begins, in the deployment's zone.
    pub begins: NaiveDateTime,
    /// When it ends, in the deployment's zone.
    pub ends: NaiveDateTime,
    /// Where.
    pub place: Option<String>,
    /// The address to join from afar.
    pub link: Option<String>,
    /// Who speaks.
    pub lecturer: Option<String>,
    /// Where it stands.
    pub state: StateName,
    /// Why it was called off.
    pub reason: Option<String>,
    /// Whether it has begun.
    pub begun: bool,
    /// Whether the recipient was there, or is expected.
    pub attendance: Option<Attendance>,
    /// How many missed it and have not made it up.
    pub missed: i64,
}

/// Whether it is about a gathering.
pub(super) const fn is_of_gathering(c: &Claimed) -> bool {
    matches!(
        c.key.occasion,
        Occasion::GatheringInvited
            | Occasion::GatheringReminder
            | Occasion::GatheringChanged
            | Occasion::GatheringCancelled
            | Occasion::MakeUpProposed
    )
}

/// Members on lists, with the channels that reach them.
macro_rules! members_listed {
    ($state:expr) => {
        attendances::table
            .inner_join(gatherings::table.on(gatherings::id.eq(attendances::gathering_id)))
            .inner_join(members::table.on(members::id.nullable().eq(attendances::member_id)))
            .inner_join(channels_of_members!())
            .filter(members::standing.eq_any(ACTIVE_STANDINGS))
            .filter(attendances::state.eq(Attendance::as_str($state)))
    };
}

/// Plans invitations to the marked gatherings that have not begun, once each. O(on their lists).
pub(crate) fn gathering_invitations(tx: &mut Tx<'_>, marked: Marked) -> Result<usize, StoreError> {
    let plan = Plan {
        occasion: Occasion::GatheringInvited,
        period: Period::Once,
        day: marked.on,
        expires_on: None,
    };
    let invited = members_listed!(Attendance::Invited)
        .filter(gatherings::state.eq(StateName::Planned.as_str()))
        .filter(gatherings::invited_on.eq(marked.on))
        .filter(gatherings::id.ge(marked.low).and(gatherings::id.le(marked.high)))
        .filter(gatherings::starts_at.gt(tx.at()));
    Ok(insert!(tx, plan, Member, invited, members::id, gatherings::id))
}

/// Plans reminders of the gatherings of a day, to those who are still expected. O(on their lists).
pub(crate) fn gathering_reminders(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    day: NaiveDate,
    on: NaiveDate,
) -> Result<usize, StoreError> {
    let plan = Plan {
        occasion: Occasion::GatheringReminder,
        period: Period::Near(on, REMINDED_DAYS),
        day,
        expires_on: Some(on),
    };
    // Whoever is only now invited is told enough by that.
    let told = diesel::alias!(outbox as told);
    let expected = members_listed!(Attendance::Invited)
        .inner_join(
            told.on(told
                .field(outbox::recipient_id)
                .eq(members::id)
                .and(told.field(outbox::subject_id).eq(gatherings::id))
                .and(told.field(outbox::occasion).eq(Occasion::GatheringInvited.as_str()))
                .and(told.field(outbox::channel).eq(channels::channel))),
        )
        .filter(told.field(outbox::day).lt(day))
        .filter(gatherings::state.eq(StateName::Planned.as_str()))
        .filter(gatherings::day.eq(on));
    Ok(insert!(tx, plan, Member, expected, members::id, gatherings::id))
}

/// Plans what is said to those who were told of a gathering, by the ways by which they were: it was moved, or called off.
/// An earlier word of the same kind that still waits gives way to it. O(on its list).
pub(crate) fn gathering_told_again(tx: &mut Tx<'_>, occasion: Occasion, id: GatheringId) -> Result<(), StoreError> {
    let waiting = outbox::table
        .filter(outbox::subject_id.eq(Id::of(id)))
        .filter(outbox::occasion.eq(occasion.as_str()))
        .filter(outbox::state.eq(State::Waiting.as_str()));
    diesel::update(waiting)
        .set((
            outbox::state.eq(State::Dropped.as_str()),
            outbox::last_error.eq("superseded"),
            outbox::settled_at.eq(tx.at()),
        ))
        .execute(tx.db)?;
    let plan = Plan {
        occasion,
        period: Period::Thing(tx.fresh()),
        day: tx.today(),
        expires_on: None,
    };
    let told = diesel::alias!(outbox as told);
    let subject = Id::of(id).into_sql::<UuidSql>();
    let rows = members::table
        .inner_join(channels_of_members!())
        .inner_join(
            told.on(told
                .field(outbox::recipient_id)
                .eq(members::id)
                .and(told.field(outbox::channel).eq(channels::channel))),
        )
        .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        .filter(told.field(outbox::subject_id).eq(Id::of(id)))
        .filter(told.field(outbox::occasion).eq(Occasion::GatheringInvited.as_str()))
        .filter(told.field(outbox::state).eq(State::Sent.as_str()));
    insert!(tx, plan, Member, rows, members::id, subject);
    Ok(())
}

/// Plans the proposal of a make-up to those who missed a gathering, once. O(on its list).
pub(crate) fn make_ups_proposed(tx: &mut Tx<'_>, id: GatheringId) -> Result<(), StoreError> {
    let plan = Plan {
        occasion: Occasion::MakeUpProposed,
        period: Period::Once,
        day: tx.today(),
        expires_on: None,
    };
    let missed = members_listed!(Attendance::Missed).filter(gatherings::id.eq(Id::of(id)));
    insert!(tx, plan, Member, missed, members::id, gatherings::id);
    Ok(())
}

/// What a batch of notifications needs of gatherings.
pub(super) struct Gatherings {
    of: HashMap<Id, GatheringFacts>,
    attendance: HashMap<(Id, Id), Attendance>,
}

type Row = (
    Id,
    String,
    String,
    String,
    NaiveDateTime,
    NaiveDateTime,
    Option<String>,
    Option<String>,
    Option<String>,
    String,
    Option<String>,
);

impl Gatherings {
    /// Of what a batch says of gatherings, to its recipients. Three queries.
    pub(super) fn of(tx: &mut Tx<'_>, claimed: &[Claimed]) -> Result<Self, StoreError> {
        let about = || claimed.iter().filter(|c| is_of_gathering(c));
        let subjects: Ids = about().map(|c| Id(c.key.subject)).collect();
        let mut found = Self {
            of: HashMap::new(),
            attendance: HashMap::new(),
        };
        if !subjects.is_empty() {
            let recipients = about().map(|c| Id(c.key.recipient)).collect();
            found.attendance = attendance_of(tx, subjects.clone(), recipients)?;
            found.of = facts_of(tx, subjects)?;
        }
        Ok(found)
    }

    /// The facts of a notification, where it is about a gathering.
    pub(super) fn facts(&self, claimed: &Claimed) -> Option<GatheringFacts> {
        let (subject, recipient) = (Id(claimed.key.subject), Id(claimed.key.recipient));
        let facts = self.of.get(&subject).filter(|_| is_of_gathering(claimed))?.clone();
        Some(GatheringFacts {
            attendance: self.attendance.get(&(subject, recipient)).copied(),
            ..facts
        })
    }
}

fn attendance_of(tx: &mut Tx<'_>, subjects: Ids, recipients: Ids) -> Result<HashMap<(Id, Id), Attendance>, StoreError> {
    let listed: Vec<(Id, Id, String)> = attendances::table
        .filter(attendances::gathering_id.eq_any(subjects))
        .filter(attendances::person_id.eq_any(recipients))
        .select((attendances::gathering_id, attendances::person_id, attendances::state))
        .load(tx.db)?;
    let one = |(gathering, person, state): (Id, Id, String)| Some(((gathering, person), state.parse().ok()?));
    Ok(listed.into_iter().filter_map(one).collect())
}

fn facts_of(tx: &mut Tx<'_>, subjects: Ids) -> Result<HashMap<Id, GatheringFacts>, StoreError> {
    let rows: Vec<Row> = gatherings::table
        .inner_join(organisations::table.on(organisations::id.eq(gatherings::organisation_id)))
        .left_join(lecturers::table.on(lecturers::id.nullable().eq(gatherings::lecturer_id)))
        .filter(gatherings::id.eq_any(subjects.clone()))
        .select((
            gatherings::id,
            gatherings::kind,
            gatherings::title,
            organisations::name,
            gatherings::starts_at,
            gatherings::ends_at,
            gatherings::place,
            gatherings::link,
            lecturers::name.nullable(),
            gatherings::state,
            gatherings::reason,
        ))
        .load(tx.db)?;
    let missed: Vec<(Id, i64)> = attendances::table
        .filter(attendances::gathering_id.eq_any(subjects))
        .filter(attendances::state.eq(Attendance::Missed.as_str()))
        .group_by(attendances::gathering_id)
        .select((attendances::gathering_id, count_star()))
        .load(tx.db)?;
    let missed: HashMap<Id, i64> = missed.into_iter().collect();
    let (now, zone) = (tx.at(), tx.zone());
    let local = |at: NaiveDateTime| at.and_utc().with_timezone(&zone).naive_local();
    let one = |(id, kind, title, organisation, starts, ends, place, link, lecturer, state, reason): Row| {
        let facts = GatheringFacts {
            kind: kind.parse().ok()?,
            title,
            organisation,
            begins: local(starts),
            ends: local(ends),
            place,
            link,
            lecturer,
            state: state.parse().ok()?,
            reason,
            begun: starts <= now,
            attendance: None,
            missed: missed.get(&id).copied().unwrap_or(0),
        };
        Some((id, facts))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}
