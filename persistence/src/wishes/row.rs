//! A wish as it is kept, and as it is shown: without its author where it is anonymous.
use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use domain::file::FilePurpose;
use domain::id::{AccountId, MemberId, OrgPath, OrganisationId, PersonId, WishId};
use domain::service::Side;
use domain::wish::{Claimer, Party, State, StateName, Wish};

use crate::db::Engine;
use crate::files::{self, FileRecord};
use crate::outbox::names_of;
use crate::schema::wishes;
use crate::service_messages::{self, Message};
use crate::types::Id;
use crate::{StoreError, Tx, organisations};

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = wishes, check_for_backend(Engine), treat_none_as_default_value = false)]
pub(super) struct Row {
    pub(super) id: Id,
    pub(super) person_id: Id,
    pub(super) stay_id: Option<Id>,
    pub(super) organisation_id: Id,
    pub(super) path: String,
    pub(super) said: String,
    pub(super) anonymous: bool,
    pub(super) state: String,
    pub(super) written_on: NaiveDate,
    pub(super) published_on: Option<NaiveDate>,
    pub(super) published_by: Option<String>,
    pub(super) claimed_on: Option<NaiveDate>,
    pub(super) claimed_by: Option<Id>,
    pub(super) claimed_by_member: Option<Id>,
    pub(super) claimed_by_name: Option<String>,
    pub(super) fulfilled_on: Option<NaiveDate>,
    pub(super) fulfilled_by: Option<String>,
    pub(super) thanked_on: Option<NaiveDate>,
    pub(super) ended_on: Option<NaiveDate>,
    pub(super) reason: Option<String>,
    pub(super) author_acted_on: NaiveDate,
    pub(super) version: i32,
}

impl Row {
    pub(super) fn wish(&self) -> Result<Wish, StoreError> {
        let claimer = || {
            let account = self
                .claimed_by
                .ok_or_else(|| StoreError::corrupt("a claim of nobody"))?;
            Ok::<_, StoreError>(Claimer {
                account: account.to(),
                member: self.claimed_by_member.map(Id::to),
                name: self.claimed_by_name.clone().unwrap_or_default(),
            })
        };
        let state = match self.state.parse().map_err(StoreError::corrupt)? {
            StateName::Written => State::Written,
            StateName::Published => State::Published,
            StateName::Claimed => State::Claimed(claimer()?),
            StateName::Fulfilled => State::Fulfilled(claimer()?),
            StateName::Thanked => State::Thanked(claimer()?),
            StateName::Withdrawn => State::Withdrawn,
            StateName::Declined => State::Declined(self.reason.clone().unwrap_or_default()),
        };
        Ok(Wish {
            id: self.id.to(),
            author: self.person_id.to(),
            organisation: self.organisation_id.to(),
            anonymous: self.anonymous,
            state,
            version: self.version,
        })
    }

    pub(super) fn path(&self) -> Result<OrgPath, StoreError> {
        self.path.parse().map_err(StoreError::corrupt)
    }
}

/// A wish as others than its author may know it: an anonymous one has no author here, so that no answer can name one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishRecord {
    /// Its id.
    pub id: WishId,
    /// Who wrote it and the name, unless it is anonymous.
    pub author: Option<(PersonId, String)>,
    /// Whether the author stays unnamed.
    pub anonymous: bool,
    /// To whom it is addressed.
    pub organisation: OrganisationId,
    /// The name.
    pub organisation_name: String,
    /// Where that stands.
    pub path: OrgPath,
    /// The wish, in the author's words.
    pub said: String,
    /// Where it stands.
    pub state: State,
    /// The day on which it was written.
    pub written_on: NaiveDate,
    /// The day on which it was published.
    pub published_on: Option<NaiveDate>,
    /// Who published it.
    pub published_by: Option<String>,
    /// The day on which it was taken on.
    pub claimed_on: Option<NaiveDate>,
    /// The day on which it came true.
    pub fulfilled_on: Option<NaiveDate>,
    /// Who said so.
    pub fulfilled_by: Option<String>,
    /// The day on which the author thanked.
    pub thanked_on: Option<NaiveDate>,
    /// The day on which it was withdrawn or declined.
    pub ended_on: Option<NaiveDate>,
    /// What is named to get what was wished for, instead of a name: six digits.
    pub code: String,
    /// What was said about it.
    pub messages: Vec<Message>,
    /// What is attached.
    pub attachments: Vec<FileRecord>,
    /// Counts changes.
    pub version: i32,
}

impl WishRecord {
    /// What a member who has not written it is to it.
    pub fn party_of(&self, member: MemberId) -> Party {
        match self.state.claimer() {
            Some(claimer) if claimer.member == Some(member) => Party::Claimer,
            _ => Party::Neighbour,
        }
    }

    /// Whether an account has taken it on.
    pub fn is_claimed_by(&self, account: AccountId) -> bool {
        self.state.claimer().is_some_and(|claimer| claimer.account == account)
    }
}

/// The records of rows, in their order. Six queries, whatever their number.
pub(super) fn records(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<WishRecord>, StoreError> {
    let ids = || rows.iter().map(|row| row.id).collect::<Vec<_>>();
    let organisations = organisations::names(tx, rows.iter().map(|row| row.organisation_id).collect())?;
    let told = rows.iter().filter(|row| !row.anonymous).map(|row| row.person_id);
    let names = names_of(tx, told.collect())?;
    let mut messages = service_messages::of(tx, ids())?;
    let mut attached = files::attached(tx, ids(), FilePurpose::Wish)?;
    let record = |row: Row| {
        let (messages, attachments) = (messages.remove(&row.id), attached.remove(&row.id));
        record(tx, row, (&organisations, &names), messages, attachments)
    };
    rows.into_iter().map(record).collect()
}

fn record(
    tx: &Tx<'_>,
    row: Row,
    (organisations, names): (&HashMap<Id, String>, &HashMap<Id, String>),
    messages: Option<Vec<Message>>,
    attachments: Option<Vec<FileRecord>>,
) -> Result<WishRecord, StoreError> {
    let Wish { id, state, .. } = row.wish()?;
    let author = || {
        Some((
            row.person_id.to(),
            names.get(&row.person_id).cloned().unwrap_or_default(),
        ))
    };
    Ok(WishRecord {
        id,
        author: if row.anonymous { None } else { author() },
        anonymous: row.anonymous,
        organisation: row.organisation_id.to(),
        organisation_name: organisations.get(&row.organisation_id).cloned().unwrap_or_default(),
        path: row.path()?,
        said: row.said,
        state,
        written_on: row.written_on,
        published_on: row.published_on,
        published_by: row.published_by,
        claimed_on: row.claimed_on,
        fulfilled_on: row.fulfilled_on,
        fulfilled_by: row.fulfilled_by,
        thanked_on: row.thanked_on,
        ended_on: row.ended_on,
        code: code(tx, id)?,
        messages: messages.unwrap_or_default(),
        attachments: attachments.unwrap_or_default(),
        version: row.version,
    })
}

/// What is named instead of a name: six digits that follow from the id and a key of this deployment, and are not kept.
fn code(tx: &Tx<'_>, id: WishId) -> Result<String, StoreError> {
    let hash = tx.vault.hash("wish_code", &id.to_string())?;
    let number = hash
        .iter()
        .take(4)
        .fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    Ok(format!("{:06}", number % 1_000_000))
}

/// For whom a party speaks.
pub(super) const fn side_of(party: Party) -> Side {
    match party {
        Party::Author => Side::Person,
        Party::Branch => Side::Staff,
        Party::Claimer | Party::Neighbour => Side::Claimer,
    }
}
