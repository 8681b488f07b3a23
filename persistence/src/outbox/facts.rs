//! What a notification speaks of, as it is at the moment of sending: read for a whole batch in a few set queries.
use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveTime};
use diesel::prelude::*;
use domain::access::{Operate, Role, Scope};
use domain::calendar::QuietHours;
use domain::gift::Present;
use domain::id::OrgPath;
use domain::notification::{Audience, Occasion, Period};

use super::arrivals::{ArrivalFacts, arrivals_of, is_of_arrival};
use super::campaigns::{self, CampaignFacts, campaign_of};
use super::claim::Claimed;
use super::gatherings::{GatheringFacts, Gatherings, is_of_gathering};
use super::handings::{self, HandingFacts, is_of_handing};
use super::journeys::{JourneyFacts, OpenItem, journeys_of, open_items};
use super::plan::ACTIVE_STANDINGS;
use super::records::{Records, RequestFacts, is_of_record};
use super::services::{ServiceFacts, Services, WishFacts};
use super::stays::{self, Host, StayFacts, stay_of};
use super::webhooks::{self, WebhookFacts, is_of_webhook};
use crate::schema::{accounts, grants, handovers, journeys, members, organisations, visitors};
use crate::types::Id;
use crate::{StoreError, Tx, settings};

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

impl Branch {
    /// With the officer to ask, where there is one, instead of a secretary.
    fn with_officer(&self, officer: Option<String>) -> Self {
        Self {
            contact: officer.or_else(|| self.contact.clone()),
            ..self.clone()
        }
    }
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
    /// What the branch gives on which occasion, in what is said on a political birthday.
    pub presents: Vec<Present>,
    /// The journey, in what goes to or tells of one member.
    pub journey: Option<JourneyFacts>,
    /// The members, in what goes to a branch's staff.
    pub people: Vec<Person>,
    /// The campaign whose prompt it is.
    pub campaign: Option<CampaignFacts>,
    /// The hand-over.
    pub handover: Option<HandoverFacts>,
    /// The arrival.
    pub arrival: Option<ArrivalFacts>,
    /// The stay.
    pub stay: Option<StayFacts>,
    /// The list that was handed over.
    pub handing: Option<HandingFacts>,
    /// The address of another system.
    pub webhook: Option<WebhookFacts>,
    /// The gathering.
    pub gathering: Option<GatheringFacts>,
    /// The request.
    pub request: Option<RequestFacts>,
    /// The code that confirms an address.
    pub code: Option<String>,
    /// The wish.
    pub wish: Option<WishFacts>,
    /// The service request.
    pub service: Option<ServiceFacts>,
}

pub(super) type Ids = HashSet<Id>;

/// The facts of each claimed notification, in their order; none where recipient or subject are gone. About a dozen queries,
/// whatever the number.
///
/// # Errors
/// When the store fails.
pub fn facts(tx: &mut Tx<'_>, _: &Scope<Operate>, claimed: &[Claimed]) -> Result<Vec<Option<Facts>>, StoreError> {
    facts_of(tx, claimed)
}

/// The same for whoever may see them anyway, of what is not claimed yet.
pub(crate) fn facts_of(tx: &mut Tx<'_>, claimed: &[Claimed]) -> Result<Vec<Option<Facts>>, StoreError> {
    let of = |audience| claimed.iter().filter(move |c| c.audience == audience);
    let recipient = |c: &Claimed| Id(c.key.recipient);
    let members = members_of(tx, of(Audience::Member).map(recipient).collect())?;
    let hosts = stays::hosts_of(tx, of(Audience::Member).map(recipient).collect())?;
    let presents = presents_of(tx, greeted(claimed))?;
    let accounts = accounts_of(tx, of(Audience::Staff).map(recipient).collect())?;
    let journeys = journeys_of(tx, subjects(claimed, is_of_journey))?;
    let handovers = handovers_of(tx, subjects(claimed, is_of_handover))?;
    let arrivals = arrivals_of(tx, subjects(claimed, is_of_arrival))?;
    let stays = stays::of(tx, claimed.iter().filter_map(stay_of).collect())?;
    let handings = handings::of(tx, subjects(claimed, is_of_handing))?;
    let webhooks = webhooks::of(tx, subjects(claimed, is_of_webhook))?;
    let gatherings = Gatherings::of(tx, claimed)?;
    let records = Records::of(tx, subjects(claimed, is_of_record))?;
    let services = Services::of(tx, subjects(claimed, |c| c.key.occasion.is_of_service()))?;
    let campaigns = campaigns::of(tx, claimed.iter().filter_map(campaign_of).collect())?;
    let digests = digests_of(tx, claimed)?;
    let branches = {
        let homes = members.values().map(|(_, home)| *home);
        let origins = journeys.values().map(|(_, origin, _)| *origin);
        let subjects = subjects(claimed, is_of_branch);
        branches_of(tx, homes.chain(origins).chain(subjects).collect())?
    };
    let officers = accounts_of(tx, journeys.values().filter_map(|(.., officer)| *officer).collect())?;
    let one = |c: &Claimed| {
        let (recipient, home) = match c.audience {
            Audience::Member => members.get(&recipient(c)).map(|(r, home)| (r, Some(*home))),
            Audience::Staff => accounts.get(&recipient(c)).map(|r| (r, None)),
        }?;
        let subject = Id(c.key.subject);
        let journey = journeys.get(&subject).filter(|_| is_of_journey(c));
        let branch = home.or(journey.map(|(_, origin, _)| *origin)).unwrap_or(subject);
        let account = journey.and_then(|(.., officer)| officers.get(officer.as_ref()?));
        let named = journey.and_then(|(journey, ..)| journey.officer.clone());
        let officer = account.map(|one| one.name.clone()).or(named);
        let branch = branches.get(&branch).map(|branch| branch.with_officer(officer));
        let mut facts = Facts {
            recipient: recipient.clone(),
            branch,
            host: host_of(&hosts, c),
            presents: presents.get(&Id(c.key.recipient)).cloned().unwrap_or_default(),
            journey: journey.map(|(journey, ..)| journey.clone()),
            people: people_of(&digests, c),
            campaign: campaign_of(c).and_then(|prompt| campaigns.get(&prompt).cloned()),
            handover: handovers.get(&subject).filter(|_| is_of_handover(c)).cloned(),
            arrival: arrivals.get(&subject).filter(|_| is_of_arrival(c)).cloned(),
            stay: stay_of(c).and_then(|stay| stays.get(&stay).cloned()),
            handing: handings.get(&subject).filter(|_| is_of_handing(c)).cloned(),
            webhook: webhooks.get(&subject).filter(|_| is_of_webhook(c)).cloned(),
            gathering: gatherings.facts(c),
            request: None,
            code: None,
            wish: services.wish(c),
            service: services.request(c),
        };
        records.add_to(c, &mut facts);
        Some(facts)
    };
    Ok(claimed.iter().map(one).collect())
}

/// Those who are greeted on their political birthdays.
fn greeted(claimed: &[Claimed]) -> Ids {
    let birthdays = claimed.iter().filter(|c| c.key.occasion == Occasion::PoliticalBirthday);
    birthdays.map(|c| Id(c.key.recipient)).collect()
}

/// What the branches of members give on which occasion.
fn presents_of(tx: &mut Tx<'_>, ids: Ids) -> Result<HashMap<Id, Vec<Present>>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(Id, String)> = members::table
        .filter(members::id.eq_any(ids))
        .select((members::id, members::path))
        .load(tx.db)?;
    let path = |(id, path): (Id, String)| Ok((id, path.parse().map_err(StoreError::corrupt)?));
    let homes: Vec<(Id, OrgPath)> = rows.into_iter().map(path).collect::<Result<_, StoreError>>()?;
    let presents = settings::presents_at(tx, homes.iter().map(|(_, path)| path.clone()).collect())?;
    let one = |(id, path): (Id, OrgPath)| Some((id, presents.get(&path)?.clone()));
    Ok(homes.into_iter().filter_map(one).collect())
}

/// Where the member is admitted, in what goes to a member.
fn host_of(hosts: &HashMap<Id, Host>, c: &Claimed) -> Option<Host> {
    let host = hosts.get(&Id(c.key.recipient));
    host.filter(|_| c.audience == Audience::Member).cloned()
}

/// The members that a message to a branch's staff speaks of.
fn people_of(digests: &HashMap<DigestKey, Vec<Person>>, c: &Claimed) -> Vec<Person> {
    let people = digest_key(c).and_then(|key| digests.get(&key));
    people.cloned().unwrap_or_default()
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
        && !c.key.occasion.is_of_service()
        && stay_of(c).is_none()
        && !is_of_handing(c)
        && !is_of_webhook(c)
        && !is_of_gathering(c)
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
pub(crate) fn names_of(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<HashMap<Id, String>, StoreError> {
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
