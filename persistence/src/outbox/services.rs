//! What is planned about wishes (微心愿) and service requests (服务事项), and what such notifications speak of.
use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, Text, Timestamp};
use domain::access::{Operate, Role, Scope};
use domain::notification::{Audience, Channel, DeliveryState as State, Occasion, Period};
use domain::service::{DUE_SOON_DAYS, Kind, Side, StateName as ServiceState};
use domain::wish::StateName as WishState;

use super::claim::Claimed;
use super::facts::{Ids, names_of};
use super::plan::{ACTIVE_STANDINGS, Plan, channels_of_accounts, channels_of_members, insert};
use crate::db::each;
use crate::schema::{accounts, channels, grants, members, outbox, service_requests as requests, wishes};
use crate::service_messages::{self, Message};
use crate::service_requests::UNANSWERED;
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

/// Roles that an organisation's news are for.
const STAFF: [&str; 2] = [Role::Secretary.as_str(), Role::Office.as_str()];

/// Plans what authors of wishes did on the day before `day`: whoever has claimed a wish is told, and the staff of its
/// organisation of one that waits for them or was thanked for. On the next morning, so that the hour tells nothing of who
/// the author is. O(wishes whose authors acted), by the index on the day.
///
/// # Errors
/// When the store fails.
pub fn wish_news(tx: &mut Tx<'_>, _: &Scope<Operate>, day: NaiveDate) -> Result<usize, StoreError> {
    let acted_on = day - Days::new(1);
    let plan = Plan {
        occasion: Occasion::WishNews,
        period: Period::Near(acted_on, 1),
        day,
        expires_on: None,
    };
    let acted = || wishes::table.filter(wishes::author_acted_on.eq(acted_on));
    let for_staff = [WishState::Written, WishState::Published, WishState::Thanked].map(WishState::as_str);
    let to_staff = acted()
        .inner_join(grants::table.on(grants::organisation_id.eq(wishes::organisation_id)))
        .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
        .inner_join(channels_of_accounts!())
        .filter(wishes::state.eq_any(for_staff))
        .filter(grants::role.eq_any(STAFF))
        .filter(accounts::active);
    let mut planned = insert!(tx, plan, Staff, to_staff, accounts::id, wishes::id);
    let to_officers = acted()
        .inner_join(accounts::table.on(accounts::id.nullable().eq(wishes::claimed_by)))
        .inner_join(channels_of_accounts!())
        .filter(wishes::claimed_by_member.is_null())
        .filter(accounts::active);
    planned += insert!(tx, plan, Staff, to_officers, accounts::id, wishes::id);
    let to_neighbours = acted()
        .inner_join(members::table.on(members::id.nullable().eq(wishes::claimed_by_member)))
        .inner_join(channels_of_members!())
        .filter(members::standing.eq_any(ACTIVE_STANDINGS));
    planned += insert!(tx, plan, Member, to_neighbours, members::id, wishes::id);
    Ok(planned)
}

/// Plans the reminder that answers to service requests are due within [`DUE_SOON_DAYS`] of `day`, once for each due day:
/// to whoever is in charge, else to the staff of the organisation that is asked. O(unanswered requests due then), by the
/// index on them.
///
/// # Errors
/// When the store fails.
pub fn services_due(tx: &mut Tx<'_>, _: &Scope<Operate>, day: NaiveDate) -> Result<usize, StoreError> {
    let mut planned = 0;
    for due in day.iter_days().take(usize::from(DUE_SOON_DAYS) + 1) {
        let plan = Plan {
            occasion: Occasion::ServiceDue,
            period: Period::Near(due, DUE_SOON_DAYS),
            day,
            expires_on: Some(due),
        };
        let waiting = || {
            requests::table
                .filter(requests::state.eq_any(UNANSWERED))
                .filter(requests::due_on.eq(due))
        };
        let to_officers = waiting()
            .inner_join(accounts::table.on(accounts::id.nullable().eq(requests::officer_id)))
            .inner_join(channels_of_accounts!())
            .filter(accounts::active);
        planned += insert!(tx, plan, Staff, to_officers, accounts::id, requests::id);
        let to_staff = waiting()
            .inner_join(grants::table.on(grants::organisation_id.eq(requests::organisation_id)))
            .inner_join(accounts::table.on(accounts::id.eq(grants::account_id)))
            .inner_join(channels_of_accounts!())
            .filter(requests::officer_id.is_null())
            .filter(grants::role.eq_any(STAFF))
            .filter(accounts::active);
        planned += insert!(tx, plan, Staff, to_staff, accounts::id, requests::id);
    }
    Ok(planned)
}

/// The wish that it is about. An anonymous one has no author here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishFacts {
    /// The wish.
    pub said: String,
    /// The author's name, unless it is anonymous.
    pub author: Option<String>,
    /// To whom it is addressed.
    pub organisation: String,
    /// Where it stands.
    pub state: WishState,
    /// Who has taken it on.
    pub claimer: Option<String>,
    /// Why it was declined.
    pub reason: Option<String>,
    /// What was said last about it.
    pub last: Option<Message>,
}

/// The service request that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFacts {
    /// What is asked for.
    pub kind: Kind,
    /// In the asker's words.
    pub said: String,
    /// Who asks.
    pub asker: String,
    /// Who is asked.
    pub organisation: String,
    /// Where it stands.
    pub state: ServiceState,
    /// Who is in charge.
    pub officer: Option<String>,
    /// When an answer is due.
    pub due_on: NaiveDate,
    /// The organisation above that was told last.
    pub escalated: Option<String>,
    /// Who answered.
    pub answered_by: Option<String>,
    /// The organisation above in whose name it was answered.
    pub answered_from: Option<String>,
    /// The answer.
    pub answer: Option<String>,
}

/// What a batch of notifications needs of wishes and service requests.
pub(super) struct Services {
    wishes: HashMap<Id, WishFacts>,
    requests: HashMap<Id, ServiceFacts>,
}

impl Services {
    /// Of these subjects. Eight queries.
    pub(super) fn of(tx: &mut Tx<'_>, subjects: Ids) -> Result<Self, StoreError> {
        if subjects.is_empty() {
            return Ok(Self {
                wishes: HashMap::new(),
                requests: HashMap::new(),
            });
        }
        let subjects: Vec<Id> = subjects.into_iter().collect();
        let said = service_messages::of(tx, subjects.clone())?;
        Ok(Self {
            wishes: wishes_of(tx, subjects.clone(), &said)?,
            requests: requests_of(tx, subjects, &said)?,
        })
    }

    pub(super) fn wish(&self, claimed: &Claimed) -> Option<WishFacts> {
        let of_wish = claimed.key.occasion.is_of_wish();
        of_wish.then(|| self.wishes.get(&Id(claimed.key.subject)).cloned())?
    }

    pub(super) fn request(&self, claimed: &Claimed) -> Option<ServiceFacts> {
        let occasion = claimed.key.occasion;
        let of_request = occasion.is_of_service() && !occasion.is_of_wish();
        of_request.then(|| self.requests.get(&Id(claimed.key.subject)).cloned())?
    }
}

type Said = HashMap<Id, Vec<Message>>;

fn wishes_of(tx: &mut Tx<'_>, subjects: Vec<Id>, said: &Said) -> Result<HashMap<Id, WishFacts>, StoreError> {
    type Row = (Id, String, Id, bool, Id, String, Option<String>, Option<String>);
    let rows: Vec<Row> = wishes::table
        .filter(wishes::id.eq_any(subjects))
        .select((
            wishes::id,
            wishes::said,
            wishes::person_id,
            wishes::anonymous,
            wishes::organisation_id,
            wishes::state,
            wishes::claimed_by_name,
            wishes::reason,
        ))
        .load(tx.db)?;
    let told = rows.iter().filter(|row| !row.3).map(|row| row.2);
    let names = names_of(tx, told.collect())?;
    let organisations = organisations::names(tx, rows.iter().map(|row| row.4).collect())?;
    let one = |(id, wish, author, anonymous, organisation, state, claimer, reason): Row| {
        let facts = WishFacts {
            said: wish,
            author: names.get(&author).filter(|_| !anonymous).cloned(),
            organisation: organisations.get(&organisation).cloned().unwrap_or_default(),
            state: state.parse().map_err(StoreError::corrupt)?,
            claimer,
            reason,
            last: said.get(&id).and_then(|said| said.last()).cloned(),
        };
        Ok((id, facts))
    };
    rows.into_iter().map(one).collect()
}

fn requests_of(tx: &mut Tx<'_>, subjects: Vec<Id>, said: &Said) -> Result<HashMap<Id, ServiceFacts>, StoreError> {
    type Row = (
        (Id, String, String, Id, Id, String),
        (Option<String>, NaiveDate, Option<Id>, Option<String>, Option<Id>),
    );
    let rows: Vec<Row> = requests::table
        .filter(requests::id.eq_any(subjects))
        .select((
            (
                requests::id,
                requests::kind,
                requests::said,
                requests::person_id,
                requests::organisation_id,
                requests::state,
            ),
            (
                requests::officer_name,
                requests::due_on,
                requests::escalated_id,
                requests::answered_by,
                requests::answered_from_id,
            ),
        ))
        .load(tx.db)?;
    let people = names_of(tx, rows.iter().map(|row| row.0.3).collect())?;
    let named = rows
        .iter()
        .flat_map(|(row, more)| [Some(row.4), more.2, more.4].into_iter().flatten());
    let organisations = organisations::names(tx, named.collect())?;
    let name = |id: Id| organisations.get(&id).cloned();
    let one = |((id, kind, asked, person, organisation, state), more): Row| {
        let (officer, due_on, escalated, answered_by, from) = more;
        let answers = said.get(&id).map_or(&[][..], Vec::as_slice).iter().rev();
        let answer = answered_by
            .is_some()
            .then(|| answers.clone().find(|said| said.side == Side::Staff));
        let facts = ServiceFacts {
            kind: kind.parse().map_err(StoreError::corrupt)?,
            said: asked,
            asker: people.get(&person).cloned().unwrap_or_default(),
            organisation: name(organisation).unwrap_or_default(),
            state: state.parse().map_err(StoreError::corrupt)?,
            officer,
            due_on,
            escalated: escalated.and_then(name),
            answered_by,
            answered_from: from.and_then(name),
            answer: answer.flatten().map(|said| said.body.clone()),
        };
        Ok((id, facts))
    };
    rows.into_iter().map(one).collect()
}
