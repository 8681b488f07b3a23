//! Planning: one set-based statement an occasion and audience, which adds what is not there yet.
use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, Text, Timestamp};
use domain::access::{Operate, Role, Scope};
use domain::calendar::{GreetedToday, ReturnPrompt};
use domain::codes::Standing;
use domain::id::{AccountId, MemberId, OrgPath, OrganisationId};
use domain::notification::{
    Audience, Channel, DEPARTURE_CHECK_DAYS, DeliveryState as State, OFFICE_TOLD_DAYS, Occasion, Period,
    SECRETARY_TOLD_DAYS,
};
use domain::probation;
use domain::transfer::TransferState;
use uuid::Uuid;

use crate::campaigns::undecided_below;
use crate::db::each;
use crate::kept::Keep as _;
use crate::schema::{
    accounts, channels, grants, handovers, journeys, members, organisations, outbox, stays, transfers,
};
use crate::types::{Id, UuidSql};
use crate::{StoreError, Tx, inbox};

/// Standings that are greeted and reminded; the others are human decisions that end both.
pub(crate) const ACTIVE_STANDINGS: [&str; 2] = ["probationary", "full"];

/// What the rows of one statement have in common.
pub(super) struct Plan {
    pub(super) occasion: Occasion,
    pub(super) period: Period,
    /// The day whose job plans it.
    pub(super) day: NaiveDate,
    /// The last day on which it may be sent.
    pub(super) expires_on: Option<NaiveDate>,
}

/// `INSERT … SELECT … ON CONFLICT DO NOTHING` of `$rows` joined with [`channels`]; says how many are new.
macro_rules! insert {
    ($tx:expr, $plan:expr, $audience:ident, $rows:expr, $recipient:expr, $subject:expr) => {{
        let rows = $rows.select((
            $recipient,
            $plan.occasion.as_str().into_sql::<Text>(),
            $subject,
            $plan.period.to_string().into_sql::<Text>(),
            channels::channel,
            Audience::$audience.as_str().into_sql::<Text>(),
            State::Waiting.as_str().into_sql::<Text>(),
            0.into_sql::<Integer>(),
            $tx.at().into_sql::<Timestamp>(),
            $plan.expires_on.into_sql::<Nullable<Date>>(),
            $plan.day.into_sql::<Date>(),
            $tx.at().into_sql::<Timestamp>(),
        ));
        let columns = (
            outbox::recipient_id,
            outbox::occasion,
            outbox::subject_id,
            outbox::period,
            outbox::channel,
            outbox::recipient_kind,
            outbox::state,
            outbox::attempts,
            outbox::not_before,
            outbox::expires_on,
            outbox::day,
            outbox::planned_at,
        );
        let key = (
            outbox::recipient_id,
            outbox::occasion,
            outbox::subject_id,
            outbox::period,
            outbox::channel,
        );
        each!($tx.db, c => diesel::insert_into(outbox::table)
            .values(rows)
            .into_columns(columns)
            .on_conflict(key)
            .do_nothing()
            .execute(c))?
    }};
}
pub(super) use insert;

/// The channels that reach a member.
macro_rules! channels_of_members {
    () => {
        channels::table.on(channels::channel
            .eq(Channel::Inbox.as_str())
            .or(members::by_email.and(members::email.is_not_null())))
    };
}
pub(super) use channels_of_members;

/// The channels that reach an account.
macro_rules! channels_of_accounts {
    () => {
        channels::table.on(channels::channel
            .eq(Channel::Inbox.as_str())
            .or(accounts::email.is_not_null()))
    };
}
pub(super) use channels_of_accounts;

/// Journeys with their members.
macro_rules! journeys_of_members {
    () => {
        journeys::table
            .inner_join(members::table.on(members::id.eq(journeys::member_id)))
            .filter(members::standing.eq_any(ACTIVE_STANDINGS))
    };
}

/// Plans birthday greetings for everybody with one of the day's keys. O(greeted), by the index on the key.
///
/// # Errors
/// When the store fails.
pub fn birthdays(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    day: NaiveDate,
    greeted: GreetedToday,
) -> Result<usize, StoreError> {
    let kept = [
        ("solar", greeted.solar, greeted.solar_year),
        ("lunar", greeted.lunar, greeted.lunar_year),
    ];
    let mut planned = 0;
    for (calendar, keys, year) in kept {
        let plan = Plan {
            occasion: Occasion::Birthday,
            period: Period::Year(year),
            day,
            expires_on: Some(day),
        };
        let born = members::table
            .inner_join(channels_of_members!())
            .filter(members::birthday_calendar.eq(calendar))
            .filter(members::birthday_key.eq_any(keys))
            .filter(members::standing.eq_any(ACTIVE_STANDINGS));
        planned += insert!(tx, plan, Member, born, members::id, members::id);
    }
    Ok(planned)
}

/// Plans greetings for the anniversaries of joining, from the first on. O(greeted), by the index on the key.
///
/// # Errors
/// When the store fails.
pub fn political_birthdays(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    day: NaiveDate,
    keys: Vec<i16>,
) -> Result<usize, StoreError> {
    let plan = Plan {
        occasion: Occasion::PoliticalBirthday,
        period: Period::Year(day.year()),
        day,
        expires_on: Some(day),
    };
    let Some(this_year) = NaiveDate::from_ymd_opt(day.year(), 1, 1) else {
        return Ok(0);
    };
    let joined = members::table
        .inner_join(channels_of_members!())
        .filter(members::political_key.eq_any(keys))
        .filter(members::joined_on.lt(this_year))
        .filter(members::standing.eq_any(ACTIVE_STANDINGS));
    Ok(insert!(tx, plan, Member, joined, members::id, members::id))
}

/// Plans what is said `ahead` days before planned departures: to the members, and one row a branch to its secretaries.
/// O(journeys planned for that day).
///
/// # Errors
/// When the store fails.
pub fn departures_near(tx: &mut Tx<'_>, _: &Scope<Operate>, day: NaiveDate, ahead: u16) -> Result<usize, StoreError> {
    let departure = day + Days::new(ahead.into());
    let plan = Plan {
        occasion: Occasion::PreDeparture,
        period: Period::Near(departure, ahead),
        day,
        expires_on: Some(departure),
    };
    departures(tx, &plan, departure)
}

/// Plans the question whether the members whose planned day has just passed have left. O(journeys of that day).
///
/// # Errors
/// When the store fails.
pub fn departures_passed(tx: &mut Tx<'_>, _: &Scope<Operate>, day: NaiveDate) -> Result<usize, StoreError> {
    let departure = day - Days::new(DEPARTURE_CHECK_DAYS.into());
    let plan = Plan {
        occasion: Occasion::DepartureCheck,
        period: Period::Near(departure, DEPARTURE_CHECK_DAYS),
        day,
        expires_on: None,
    };
    departures(tx, &plan, departure)
}

fn departures(tx: &mut Tx<'_>, plan: &Plan, departure: NaiveDate) -> Result<usize, StoreError> {
    let leaving = || {
        journeys_of_members!()
            .filter(journeys::state.eq("planned"))
            .filter(journeys::planned_departure_on.eq(departure))
    };
    let to_members = leaving().inner_join(channels_of_members!());
    let mut planned = insert!(tx, plan, Member, to_members, journeys::member_id, journeys::id);
    let to_secretaries = leaving()
        .inner_join(grants::table.on(grants::organisation_id.eq(journeys::origin_id)))
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .inner_join(channels_of_accounts!())
        .filter(grants::role.eq(Role::Secretary.as_str()))
        .filter(accounts::active);
    planned += insert!(tx, plan, Staff, to_secretaries, accounts::id, journeys::origin_id);
    supersede(tx, plan)?;
    Ok(planned)
}

/// Plans the question whether members who are away come home at a festival; not of those whose branch, or an
/// organisation above it, had opened a campaign of its own before that day. O(open journeys).
///
/// # Errors
/// When the store fails.
pub fn returns_home(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    day: NaiveDate,
    prompt: &ReturnPrompt,
) -> Result<usize, StoreError> {
    let plan = Plan {
        occasion: Occasion::ReturnHome,
        period: Period::of_return(prompt),
        day,
        expires_on: Some(prompt.festival_on),
    };
    let away = journeys_of_members!()
        .inner_join(channels_of_members!())
        .filter(journeys::state.eq("away"))
        .filter(undecided_below!(&OrgPath::root(), (prompt.festival, prompt.year), day));
    let planned = insert!(tx, plan, Member, away, journeys::member_id, journeys::id);
    supersede(tx, &plan)?;
    Ok(planned)
}

/// Plans what is said about contacts due on one day: before and on it as `checkin_due`, afterwards as
/// `checkin_overdue`, then also one row a branch to its secretaries (7 days) and to the offices above it (30 days).
/// O(open journeys).
///
/// # Errors
/// When the store fails.
pub fn checkins_due(tx: &mut Tx<'_>, _: &Scope<Operate>, day: NaiveDate, due: NaiveDate) -> Result<usize, StoreError> {
    let occasion = if due < day {
        Occasion::CheckinOverdue
    } else {
        Occasion::CheckinDue
    };
    let distance = u16::try_from((day - due).num_days().abs()).map_err(StoreError::corrupt)?;
    let plan = Plan {
        occasion,
        period: Period::Near(due, distance),
        day,
        expires_on: None,
    };
    let awaited = || {
        journeys_of_members!()
            .filter(journeys::state.eq("away"))
            .filter(journeys::next_checkin_due.eq(due))
    };
    let to_members = awaited().inner_join(channels_of_members!());
    let mut planned = insert!(tx, plan, Member, to_members, journeys::member_id, journeys::id);
    let overdue = occasion == Occasion::CheckinOverdue;
    if overdue && distance >= SECRETARY_TOLD_DAYS {
        let to_secretaries = awaited()
            .inner_join(grants::table.on(grants::organisation_id.eq(journeys::origin_id)))
            .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
            .inner_join(channels_of_accounts!())
            .filter(grants::role.eq(Role::Secretary.as_str()))
            .filter(accounts::active);
        planned += insert!(tx, plan, Staff, to_secretaries, accounts::id, journeys::origin_id);
    }
    if overdue && distance >= OFFICE_TOLD_DAYS {
        let to_offices = awaited()
            .inner_join(organisations::table.on(organisations::id.eq(journeys::origin_id)))
            .inner_join(grants::table.on(organisations::parent_id.eq(grants::organisation_id.nullable())))
            .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
            .inner_join(channels_of_accounts!())
            .filter(grants::role.eq(Role::Office.as_str()))
            .filter(accounts::active);
        planned += insert!(tx, plan, Staff, to_offices, accounts::id, journeys::origin_id);
    }
    supersede(tx, &plan)?;
    Ok(planned)
}

/// Plans the reminder of who is asked in a hand-over that is still open when its reminder day has come, once each: the
/// secretaries and offices of just that organisation. O(open hand-overs past that day).
///
/// # Errors
/// When the store fails.
pub fn handovers_waiting(tx: &mut Tx<'_>, _: &Scope<Operate>, day: NaiveDate) -> Result<usize, StoreError> {
    let plan = Plan {
        occasion: Occasion::HandoverReminder,
        period: Period::Once,
        day,
        expires_on: None,
    };
    let waiting = handovers::table
        .inner_join(grants::table.on(grants::organisation_id.eq(handovers::asked_id)))
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .inner_join(channels_of_accounts!())
        .filter(handovers::state.eq_any(crate::handovers::OPEN))
        .filter(handovers::remind_on.le(day))
        .filter(grants::role.eq_any([Role::Secretary.as_str(), Role::Office.as_str()]))
        .filter(accounts::active);
    Ok(insert!(tx, plan, Staff, waiting, accounts::id, handovers::id))
}

/// Plans what is said about letters of introduction that run out on a day: before it and after it, one row a transfer to
/// the secretaries of the branch that is still responsible. O(letters of that day), by the index on them.
///
/// # Errors
/// When the store fails.
pub fn transfers_expiring(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    day: NaiveDate,
    valid_until: NaiveDate,
) -> Result<usize, StoreError> {
    let distance = u16::try_from((day - valid_until).num_days().abs()).map_err(StoreError::corrupt)?;
    let plan = Plan {
        occasion: Occasion::TransferExpiring,
        period: Period::Near(valid_until, distance),
        day,
        expires_on: None,
    };
    let letters = transfers::table
        .inner_join(journeys::table.on(journeys::id.eq(transfers::journey_id)))
        .inner_join(grants::table.on(grants::organisation_id.eq(journeys::origin_id)))
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .inner_join(channels_of_accounts!())
        .filter(transfers::state.eq(TransferState::UnderWay.as_str()))
        .filter(transfers::valid_until.eq(valid_until))
        .filter(grants::role.eq(Role::Secretary.as_str()))
        .filter(accounts::active);
    Ok(insert!(tx, plan, Staff, letters, accounts::id, journeys::id))
}

/// Plans what is said about probations of members who are away and that end within days after `after`, up to `until`: to
/// the member, to the secretaries of the formal home, and to whoever answers for a host that knows the member; once for
/// each end and `ahead`, however late it became known. O(open journeys).
///
/// # Errors
/// When the store fails.
pub fn probations_ending(
    tx: &mut Tx<'_>,
    _: &Scope<Operate>,
    day: NaiveDate,
    ahead: u16,
    (after, until): (NaiveDate, NaiveDate),
) -> Result<usize, StoreError> {
    type Row = (Id, Option<NaiveDate>, Option<NaiveDate>);
    let away: Vec<Row> = journeys_of_members!()
        .filter(members::standing.eq(Standing::Probationary.as_str()))
        .filter(journeys::state.eq_any(["away", "home_visit"]))
        .select((journeys::id, members::joined_on, members::full_member_on))
        .load(tx.db)?;
    let mut ending = BTreeMap::<NaiveDate, Vec<Id>>::new();
    for (journey, joined_on, set) in away {
        let end = probation::ends_on(joined_on, set).filter(|end| after < *end && *end <= until);
        if let Some(end) = end {
            ending.entry(end).or_default().push(journey);
        }
    }
    ending
        .into_iter()
        .map(|(end, journeys)| probations_ending_on(tx, day, (end, ahead), &journeys))
        .sum()
}

fn probations_ending_on(
    tx: &mut Tx<'_>,
    day: NaiveDate,
    (end, ahead): (NaiveDate, u16),
    ending: &[Id],
) -> Result<usize, StoreError> {
    let plan = |occasion| Plan {
        occasion,
        period: Period::Near(end, ahead),
        day,
        expires_on: Some(end),
    };
    let away = || journeys_of_members!().filter(journeys::id.eq_any(ending.to_vec()));
    let to_members = away().inner_join(channels_of_members!());
    let planned = plan(Occasion::ProbationEnding);
    let mut new = insert!(tx, planned, Member, to_members, journeys::member_id, journeys::id);
    let to_homes = away()
        .inner_join(grants::table.on(grants::organisation_id.eq(journeys::origin_id)))
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .inner_join(channels_of_accounts!())
        .filter(grants::role.eq(Role::Secretary.as_str()))
        .filter(accounts::active);
    new += insert!(tx, planned, Staff, to_homes, accounts::id, journeys::id);
    let to_hosts = away()
        .inner_join(stays::table.on(stays::journey_id.eq(journeys::id.nullable())))
        .inner_join(grants::table.on(grants::organisation_id.eq(stays::host_id)))
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .inner_join(channels_of_accounts!())
        .filter(stays::state.eq_any(["verified", "admitted"]))
        .filter(grants::role.eq_any([Role::Secretary.as_str(), Role::Office.as_str()]))
        .filter(accounts::active);
    let asked = plan(Occasion::ProbationAccount);
    new += insert!(tx, asked, Staff, to_hosts, accounts::id, journeys::id);
    Ok(new)
}

/// One open prompt a member: older ones about the same subject that still wait give way to those of this plan.
pub(super) fn supersede(tx: &mut Tx<'_>, plan: &Plan) -> Result<(), StoreError> {
    let newer = diesel::alias!(outbox as newer);
    let subjects = newer
        .filter(newer.field(outbox::state).eq(State::Waiting.as_str()))
        .filter(newer.field(outbox::recipient_kind).eq(Audience::Member.as_str()))
        .filter(newer.field(outbox::occasion).eq(plan.occasion.as_str()))
        .filter(newer.field(outbox::period).eq(plan.period.to_string()))
        .select(newer.field(outbox::subject_id));
    let merged = plan.occasion.merges_with().iter().map(|occasion| occasion.as_str());
    diesel::update(
        outbox::table
            .filter(outbox::state.eq(State::Waiting.as_str()))
            .filter(outbox::recipient_kind.eq(Audience::Member.as_str()))
            .filter(outbox::occasion.eq_any(merged))
            .filter(outbox::day.lt(plan.day))
            .filter(outbox::subject_id.eq_any(subjects)),
    )
    .set((
        outbox::state.eq(State::Dropped.as_str()),
        outbox::last_error.eq("superseded"),
        outbox::settled_at.eq(tx.at()),
    ))
    .execute(tx.db)?;
    Ok(())
}

/// Drops what still waits to be asked of a member about a journey or gathering, and marks it read in the inbox: it was answered, or
/// has become untrue.
///
/// # Errors
/// When the store fails.
pub fn settle_prompts(
    tx: &mut Tx<'_>,
    member: MemberId,
    subject: impl Into<Uuid>,
    prompts: &[Occasion],
) -> Result<(), StoreError> {
    let (at, subject) = (tx.at(), subject.into());
    each!(tx.db, c => diesel::update(
        outbox::table
            .filter(outbox::recipient_id.eq(Id::of(member)))
            .filter(outbox::occasion.eq_any(prompts.iter().map(|occasion| occasion.as_str())))
            .filter(outbox::subject_id.eq(Id(subject)))
            .filter(outbox::state.eq(State::Waiting.as_str())),
    )
    .set((
        outbox::state.eq(State::Dropped.as_str()),
        outbox::last_error.eq("settled"),
        outbox::settled_at.eq(at),
    ))
    .kept()
    .execute(c))?;
    inbox::answered(tx, member.into(), subject, prompts)
}

/// Who is told of something that happens inside a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// A member.
    Member(MemberId),
    /// An account.
    Account(AccountId),
    /// Everybody who holds the role for just this organisation.
    Role(Role, OrganisationId),
}

/// Queues an e-mail to a member, whatever the address that the member has and whether mail is wanted: the occasion knows
/// where it goes.
///
/// # Errors
/// When the store fails.
pub(crate) fn enqueue_mail(
    tx: &mut Tx<'_>,
    occasion: Occasion,
    subject: Uuid,
    period: Period,
    to: MemberId,
) -> Result<(), StoreError> {
    let plan = Plan {
        occasion,
        period,
        day: tx.today(),
        expires_on: None,
    };
    let subject = Id(subject).into_sql::<UuidSql>();
    let rows = members::table
        .inner_join(channels::table.on(channels::channel.eq(Channel::Email.as_str())))
        .filter(members::id.eq(Id::of(to)));
    insert!(tx, plan, Member, rows, members::id, subject);
    Ok(())
}

/// Queues what follows from a change, in the transaction that makes the change: `period` tells apart what may happen
/// to `subject` more than once. Says how many rows are new.
///
/// # Errors
/// When the store fails.
pub fn enqueue(
    tx: &mut Tx<'_>,
    occasion: Occasion,
    subject: Uuid,
    period: Period,
    to: To,
) -> Result<usize, StoreError> {
    let plan = Plan {
        occasion,
        period,
        day: tx.today(),
        expires_on: None,
    };
    let subject = Id(subject).into_sql::<UuidSql>();
    Ok(match to {
        To::Member(member) => {
            let rows = members::table
                .inner_join(channels_of_members!())
                .filter(members::id.eq(Id::of(member)))
                .filter(members::standing.eq_any(ACTIVE_STANDINGS));
            insert!(tx, plan, Member, rows, members::id, subject)
        }
        To::Account(account) => {
            let rows = accounts::table
                .inner_join(channels_of_accounts!())
                .filter(accounts::id.eq(Id::of(account)))
                .filter(accounts::active);
            insert!(tx, plan, Staff, rows, accounts::id, subject)
        }
        To::Role(role, organisation) => {
            let rows = accounts::table
                .inner_join(grants::table.on(grants::account_id.eq(accounts::id)))
                .inner_join(channels_of_accounts!())
                .filter(grants::organisation_id.eq(Id::of(organisation)))
                .filter(grants::role.eq(role.as_str()))
                .filter(accounts::active);
            insert!(tx, plan, Staff, rows, accounts::id, subject)
        }
    })
}
