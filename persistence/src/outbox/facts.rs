//! What a notification speaks of, as it is at the moment of sending: read for a whole batch in a few set queries.
use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;
use domain::access::{Operate, Role, Scope};
use domain::briefing::names;
use domain::calendar::QuietHours;
use domain::codes::Standing;
use domain::notification::{Audience, Occasion, Period};
use domain::probation;

use super::arrivals::{ArrivalFacts, arrivals_of, is_of_arrival};
use super::claim::Claimed;
use super::handings::{self, HandingFacts, is_of_handing};
use super::plan::ACTIVE_STANDINGS;
use super::records::{Records, RequestFacts, is_of_record};
use super::stays::{self, Host, StayFacts, stay_of};
use crate::schema::{
    accounts, briefing_items, grants, handovers, journey_lines, journeys, members, organisations, visitors,
};
use crate::transfers::{self, TransferLine};
use crate::types::Id;
use crate::{StoreError, Tx};

/// Whom it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Name.
    pub name: String,
    /// Language tag, such as `zh-CN`.
    pub language: String,
    /// The address, where e-mail is wanted.
    pub email: Option<String>,
    /// When nothing that disturbs is sent.
    pub quiet: QuietHours,
    /// Whether anything may be sent at all: the standing is active, the account is open.
    pub active: bool,
    /// 入党日期, of a member.
    pub joined_on: Option<NaiveDate>,
}

/// The branch that speaks, with whom to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Name.
    pub name: String,
    /// Its telephone.
    pub phone: Option<String>,
    /// The contact officer of the journey, or a secretary.
    pub contact: Option<String>,
}

/// The journey that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JourneyFacts {
    /// The member's name.
    pub member: String,
    /// The state's word.
    pub state: String,
    /// When the member means to leave.
    pub planned_departure_on: Option<NaiveDate>,
    /// When the next contact is due.
    pub next_checkin_due: Option<NaiveDate>,
    /// When the member's probation ends, while it lasts.
    pub probation_ends_on: Option<NaiveDate>,
    /// Whether only the month of its end is known.
    pub probation_ends_in_month: bool,
    /// Whether it is said that the member is out of contact.
    pub declared: bool,
    /// The newest transfer of the formal relation.
    pub transfer: Option<TransferLine>,
    /// The contact officer at home who has no account.
    pub officer: Option<String>,
    /// Briefing items still open.
    pub open_items: Vec<OpenItem>,
}

/// A briefing item still open, by its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenItem {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// One of the members that a message to a branch's staff speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Briefing items still open.
    pub open_items: Vec<OpenItem>,
}

/// The hand-over that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoverFacts {
    /// The kind's word.
    pub kind: String,
    /// The state's word.
    pub state: String,
    /// The person's name.
    pub person: String,
    /// Who asks.
    pub asking: String,
    /// Who is asked.
    pub asked: String,
    /// Why it was declined or denied.
    pub reason: Option<String>,
    /// When the answer is due.
    pub due_on: NaiveDate,
    /// When it lapses without one.
    pub lapses_on: NaiveDate,
    /// The organisation above that answered in the asked one's place.
    pub from: Option<String>,
    /// Where the person is, as the origin says: the word.
    pub whereabouts: Option<String>,
}

/// Everything that a message may speak of; what does not belong to its occasion is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// Whom it goes to.
    pub recipient: Recipient,
    /// The branch that speaks.
    pub branch: Option<Branch>,
    /// Where the member is admitted, in what goes to a member.
    pub host: Option<Host>,
    /// The journey, in what goes to or tells of one member.
    pub journey: Option<JourneyFacts>,
    /// The members, in what goes to a branch's staff.
    pub people: Vec<Person>,
    /// The hand-over.
    pub handover: Option<HandoverFacts>,
    /// The arrival.
    pub arrival: Option<ArrivalFacts>,
    /// The stay.
    pub stay: Option<StayFacts>,
    /// The list that was handed over.
    pub handing: Option<HandingFacts>,
    /// The request.
    pub request: Option<RequestFacts>,
    /// The code that confirms an address.
    pub code: Option<String>,
}

pub(super) type Ids = HashSet<Id>;

/// The facts of each claimed notification, in their order; none where recipient or subject are gone. About a dozen queries,
/// whatever the number.
///
/// # Errors
/// When the store fails.
pub fn facts(tx: &mut Tx<'_>, _: &Scope<Operate>, claimed: &[Claimed]) -> Result<Vec<Option<Facts>>, StoreError> {
    let of = |audience| claimed.iter().filter(move |c| c.audience == audience);
    let recipient = |c: &Claimed| Id(c.key.recipient);
    let members = members_of(tx, of(Audience::Member).map(recipient).collect())?;
    let hosts = stays::hosts_of(tx, of(Audience::Member).map(recipient).collect())?;
    let accounts = accounts_of(tx, of(Audience::Staff).map(recipient).collect())?;
    let journeys = journeys_of(tx, subjects(claimed, is_of_journey))?;
    let handovers = handovers_of(tx, subjects(claimed, is_of_handover))?;
    let arrivals = arrivals_of(tx, subjects(claimed, is_of_arrival))?;
    let stays = stays::of(tx, claimed.iter().filter_map(stay_of).collect())?;
    let handings = handings::of(tx, subjects(claimed, is_of_handing))?;
    let records = Records::of(tx, subjects(claimed, is_of_record))?;
    let digests = digests_of(tx, claimed)?;
    let branches = {
        let homes = members.values().map(|(_, home)| *home);
        let origins = journeys.values().map(|(_, origin, _)| *origin);
        let subjects = subjects(claimed, is_of_branch);
        branches_of(tx, homes.chain(origins).chain(subjects).collect())?
    };
    let officers = journeys.values().filter_map(|(.., officer)| *officer).collect();
    let officers = accounts_of(tx, officers)?;
    let one = |c: &Claimed| {
        let (recipient, home) = match c.audience {
            Audience::Member => members.get(&recipient(c)).map(|(r, home)| (r, Some(*home))),
            Audience::Staff => accounts.get(&recipient(c)).map(|r| (r, None)),
        }?;
        let subject = Id(c.key.subject);
        let journey = journeys.get(&subject).filter(|_| is_of_journey(c));
        let branch = home.or(journey.map(|(_, origin, _)| *origin)).unwrap_or(subject);
        let mut branch = branches.get(&branch).cloned();
        let account = journey.and_then(|(.., officer)| officers.get(officer.as_ref()?));
        let named = journey.and_then(|(journey, ..)| journey.officer.clone());
        if let (Some(branch), Some(officer)) = (&mut branch, account.map(|one| one.name.clone()).or(named)) {
            branch.contact = Some(officer);
        }
        let mut facts = Facts {
            recipient: recipient.clone(),
            branch,
            host: hosts
                .get(&Id(c.key.recipient))
                .filter(|_| c.audience == Audience::Member)
                .cloned(),
            journey: journey.map(|(journey, ..)| journey.clone()),
            people: digest_key(c)
                .and_then(|key| digests.get(&key))
                .cloned()
                .unwrap_or_default(),
            handover: handovers.get(&subject).filter(|_| is_of_handover(c)).cloned(),
            arrival: arrivals.get(&subject).filter(|_| is_of_arrival(c)).cloned(),
            stay: stay_of(c).and_then(|stay| stays.get(&stay).cloned()),
            handing: handings.get(&subject).filter(|_| is_of_handing(c)).cloned(),
            request: None,
            code: None,
        };
        if is_of_record(c) {
            records.add_to(c, &mut facts);
        }
        Some(facts)
    };
    Ok(claimed.iter().map(one).collect())
}

fn subjects(claimed: &[Claimed], choose: impl Fn(&Claimed) -> bool) -> Ids {
    claimed
        .iter()
        .filter(|c| choose(c))
        .map(|c| Id(c.key.subject))
        .collect()
}

const fn is_of_handover(c: &Claimed) -> bool {
    matches!(
        c.key.occasion,
        Occasion::HandoverOffered
            | Occasion::HandoverAnswered
            | Occasion::HandoverReminder
            | Occasion::HandoverOverdue
            | Occasion::HandoverMessage
            | Occasion::WhereaboutsOverdue
    )
}

const fn is_of_journey(c: &Claimed) -> bool {
    !is_of_handover(c)
        && !is_of_record(c)
        && !is_of_arrival(c)
        && stay_of(c).is_none()
        && !is_of_handing(c)
        && !c.key.occasion.is_greeting()
        && !is_of_branch(c)
}

/// Whether it tells a branch's staff about several members at once.
const fn is_of_branch(c: &Claimed) -> bool {
    matches!(c.audience, Audience::Staff) && !c.key.occasion.merges_with().is_empty()
}

fn members_of(tx: &mut Tx<'_>, ids: Ids) -> Result<HashMap<Id, (Recipient, Id)>, StoreError> {
    type Row = (
        Id,
        String,
        String,
        Option<String>,
        bool,
        NaiveTime,
        NaiveTime,
        String,
        Option<NaiveDate>,
        Id,
    );
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<Row> = members::table
        .filter(members::id.eq_any(ids))
        .select((
            members::id,
            members::name,
            members::language,
            members::email,
            members::by_email,
            members::quiet_from,
            members::quiet_until,
            members::standing,
            members::joined_on,
            members::home_branch_id,
        ))
        .load(tx.db)?;
    let one = |(id, name, language, email, by_email, from, until, standing, joined_on, home): Row| {
        let recipient = Recipient {
            name,
            language,
            email: email.filter(|_| by_email),
            quiet: QuietHours { from, until },
            active: ACTIVE_STANDINGS.contains(&standing.as_str()),
            joined_on,
        };
        (id, (recipient, home))
    };
    Ok(rows.into_iter().map(one).collect())
}

fn accounts_of(tx: &mut Tx<'_>, ids: Ids) -> Result<HashMap<Id, Recipient>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Id, String, String, Option<String>, bool)> = accounts::table
        .filter(accounts::id.eq_any(ids))
        .select((
            accounts::id,
            accounts::name,
            accounts::language,
            accounts::email,
            accounts::active,
        ))
        .load(tx.db)?;
    let one = |(id, name, language, email, active)| {
        let recipient = Recipient {
            name,
            language,
            email,
            quiet: QuietHours::default(),
            active,
            joined_on: None,
        };
        (id, recipient)
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Journeys with their origin and contact officer.
type Journeys = HashMap<Id, (JourneyFacts, Id, Option<Id>)>;

/// What is read of a journey and its member.
#[derive(Queryable)]
struct JourneyRow {
    id: Id,
    member_id: Id,
    origin: Id,
    member: String,
    state: String,
    planned_departure_on: Option<NaiveDate>,
    next_checkin_due: Option<NaiveDate>,
    officer: Option<Id>,
    declaration: Option<Id>,
    officer_name: Option<String>,
    standing: String,
    joined_on: Option<NaiveDate>,
    full_member_on: Option<NaiveDate>,
    /// Where it is there, the day of joining is known, not the month alone.
    political_key: Option<i16>,
}

impl JourneyRow {
    fn probation_ends_on(&self) -> Option<NaiveDate> {
        let probationary = self.standing == Standing::Probationary.as_str();
        probation::ends_on(self.joined_on, self.full_member_on).filter(|_| probationary)
    }
}

fn journeys_of(tx: &mut Tx<'_>, ids: Ids) -> Result<Journeys, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let line = journey_lines::member_id
        .eq(journeys::member_id)
        .and(journey_lines::journey_id.eq(journeys::id));
    let rows: Vec<JourneyRow> = journeys::table
        .inner_join(members::table.on(members::id.eq(journeys::member_id)))
        .left_join(journey_lines::table.on(line))
        .filter(journeys::id.eq_any(ids))
        .select((
            journeys::id,
            journeys::member_id,
            journeys::origin_id,
            members::name,
            journeys::state,
            journeys::planned_departure_on,
            journeys::next_checkin_due,
            journeys::contact_officer_id,
            journeys::declaration_id,
            journey_lines::officer_name.nullable(),
            members::standing,
            members::joined_on,
            members::full_member_on,
            members::political_key,
        ))
        .load(tx.db)?;
    let mut transfers = transfers::newest(tx, &rows.iter().map(|row| row.id).collect::<Vec<_>>())?;
    let planned = rows.iter().filter(|row| row.state == "planned");
    let mut open = open_items(tx, planned.map(|row| (row.member_id, row.id)).collect())?;
    let one = |row: JourneyRow| {
        let journey = JourneyFacts {
            probation_ends_on: row.probation_ends_on(),
            probation_ends_in_month: row.full_member_on.is_none() && row.political_key.is_none(),
            member: row.member,
            state: row.state,
            planned_departure_on: row.planned_departure_on,
            next_checkin_due: row.next_checkin_due,
            declared: row.declaration.is_some(),
            transfer: transfers.remove(&row.id),
            officer: row.officer_name,
            open_items: open.remove(&row.id).unwrap_or_default(),
        };
        (row.id, (journey, row.origin, row.officer))
    };
    Ok(rows.into_iter().map(one).collect())
}

/// The briefing items still open of journeys, given with their members.
fn open_items(tx: &mut Tx<'_>, journeys: Vec<(Id, Id)>) -> Result<HashMap<Id, Vec<OpenItem>>, StoreError> {
    let mut open = HashMap::<Id, Vec<OpenItem>>::new();
    if journeys.is_empty() {
        return Ok(open);
    }
    let (members, journeys): (Vec<_>, Vec<_>) = journeys.into_iter().unzip();
    let rows: Vec<(Id, String, Option<String>, Option<String>)> = briefing_items::table
        .filter(briefing_items::member_id.eq_any(members))
        .filter(briefing_items::journey_id.eq_any(journeys))
        .filter(briefing_items::done_on.is_null())
        .order(briefing_items::position)
        .select((
            briefing_items::journey_id,
            briefing_items::item,
            briefing_items::zh,
            briefing_items::en,
        ))
        .load(tx.db)?;
    for (journey, item, zh, en) in rows {
        let (default_zh, default_en) = names(&item);
        open.entry(journey).or_default().push(OpenItem {
            zh: zh.unwrap_or_else(|| default_zh.to_owned()),
            en: en.unwrap_or_else(|| default_en.to_owned()),
        });
    }
    Ok(open)
}

/// Which members a message to a branch's staff speaks of: those of a branch whose date it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct DigestKey {
    branch: Id,
    date: NaiveDate,
    departing: bool,
}

const fn digest_key(c: &Claimed) -> Option<DigestKey> {
    match c.key.period {
        Period::Near(date, _) if is_of_branch(c) => Some(DigestKey {
            branch: Id(c.key.subject),
            date,
            departing: matches!(c.key.occasion, Occasion::PreDeparture | Occasion::DepartureCheck),
        }),
        _ => None,
    }
}

fn digests_of(tx: &mut Tx<'_>, claimed: &[Claimed]) -> Result<HashMap<DigestKey, Vec<Person>>, StoreError> {
    let mut digests = HashMap::<DigestKey, Vec<Person>>::new();
    for departing in [true, false] {
        let keys = claimed
            .iter()
            .filter_map(digest_key)
            .filter(|key| key.departing == departing);
        let (branches, dates): (Vec<_>, Vec<_>) = keys.map(|key| (key.branch, key.date)).unzip();
        if branches.is_empty() {
            continue;
        }
        let rows = digest_rows(tx, departing, branches, dates)?;
        let mut open = if departing {
            open_items(tx, rows.iter().map(|row| (row.1, row.0)).collect())?
        } else {
            HashMap::new()
        };
        for (journey, _, branch, name, date) in rows {
            let Some(date) = date else { continue };
            let person = Person {
                name,
                open_items: open.remove(&journey).unwrap_or_default(),
            };
            let key = DigestKey {
                branch,
                date,
                departing,
            };
            digests.entry(key).or_default().push(person);
        }
    }
    Ok(digests)
}

type DigestRow = (Id, Id, Id, String, Option<NaiveDate>);

fn digest_rows(
    tx: &mut Tx<'_>,
    departing: bool,
    branches: Vec<Id>,
    dates: Vec<NaiveDate>,
) -> Result<Vec<DigestRow>, StoreError> {
    let of_branches = journeys::table
        .inner_join(members::table.on(members::id.eq(journeys::member_id)))
        .filter(members::standing.eq_any(ACTIVE_STANDINGS))
        .filter(journeys::origin_id.eq_any(branches))
        .order((members::name, members::id));
    let columns = (journeys::id, journeys::member_id, journeys::origin_id, members::name);
    let rows = if departing {
        of_branches
            .filter(journeys::state.eq("planned"))
            .filter(journeys::planned_departure_on.eq_any(dates))
            .select((
                columns.0,
                columns.1,
                columns.2,
                columns.3,
                journeys::planned_departure_on,
            ))
            .load(tx.db)?
    } else {
        of_branches
            .filter(journeys::state.eq("away"))
            .filter(journeys::next_checkin_due.eq_any(dates))
            .select((columns.0, columns.1, columns.2, columns.3, journeys::next_checkin_due))
            .load(tx.db)?
    };
    Ok(rows)
}

fn branches_of(tx: &mut Tx<'_>, ids: Ids) -> Result<HashMap<Id, Branch>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Id> = ids.into_iter().collect();
    let rows: Vec<(Id, String, Option<String>)> = organisations::table
        .filter(organisations::id.eq_any(ids.clone()))
        .select((organisations::id, organisations::name, organisations::phone))
        .load(tx.db)?;
    let secretaries: Vec<(Id, String)> = grants::table
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .filter(grants::organisation_id.eq_any(ids))
        .filter(grants::role.eq(Role::Secretary.as_str()))
        .filter(accounts::active)
        .order(accounts::login.desc())
        .select((grants::organisation_id, accounts::name))
        .load(tx.db)?;
    let secretaries: HashMap<Id, String> = secretaries.into_iter().collect();
    let one = |(id, name, phone)| {
        let contact = secretaries.get(&id).cloned();
        (id, Branch { name, phone, contact })
    };
    Ok(rows.into_iter().map(one).collect())
}

fn handovers_of(tx: &mut Tx<'_>, ids: Ids) -> Result<HashMap<Id, HandoverFacts>, StoreError> {
    type Row = (
        Id,
        String,
        String,
        Id,
        String,
        String,
        Option<String>,
        NaiveDate,
        NaiveDate,
        Option<Id>,
        Option<String>,
    );
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let (asking, asked) = diesel::alias!(organisations as asking, organisations as asked);
    let rows: Vec<Row> = handovers::table
        .inner_join(asking.on(asking.field(organisations::id).eq(handovers::asking_id)))
        .inner_join(asked.on(asked.field(organisations::id).eq(handovers::asked_id)))
        .filter(handovers::id.eq_any(ids))
        .select((
            handovers::id,
            handovers::kind,
            handovers::state,
            handovers::person_id,
            asking.field(organisations::name),
            asked.field(organisations::name),
            handovers::reason,
            handovers::due_on,
            handovers::lapses_on,
            handovers::answered_from_id,
            handovers::whereabouts,
        ))
        .load(tx.db)?;
    let above = crate::organisations::names(tx, rows.iter().filter_map(|row| row.9).collect())?;
    let names = names_of(tx, rows.iter().map(|row| row.3).collect())?;
    let one = |(id, kind, state, person, asking, asked, reason, due_on, lapses_on, from, whereabouts): Row| {
        let person = names.get(&person).cloned()?;
        let handover = HandoverFacts {
            kind,
            state,
            person,
            asking,
            asked,
            reason,
            due_on,
            lapses_on,
            from: from.and_then(|from| above.get(&from).cloned()),
            whereabouts,
        };
        Some((id, handover))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}

/// The names of members and visitors.
pub(super) fn names_of(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, String>, StoreError> {
    let members: Vec<(Id, String)> = members::table
        .filter(members::id.eq_any(ids.clone()))
        .select((members::id, members::name))
        .load(tx.db)?;
    let visitors: Vec<(Id, String)> = visitors::table
        .filter(visitors::id.eq_any(ids))
        .select((visitors::id, visitors::name))
        .load(tx.db)?;
    Ok(members.into_iter().chain(visitors).collect())
}
