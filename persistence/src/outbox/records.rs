//! What notifications about members' records speak of: requests, and codes that confirm an address.
use std::collections::HashMap;

use chrono::NaiveTime;
use diesel::prelude::*;
use domain::calendar::QuietHours;
use domain::notification::Occasion;

use super::claim::Claimed;
use super::facts::{Facts, Ids};
use crate::email_changes;
use crate::schema::{email_changes as changes, members, requests};
use crate::types::Id;
use crate::{StoreError, Tx};

/// The request that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFacts {
    /// Who asks.
    pub member: String,
    /// The kind's word.
    pub kind: String,
    /// The state's word.
    pub state: String,
    /// Why it was answered so.
    pub reason: Option<String>,
}

/// Whether it is about a member's record rather than a journey.
pub(super) const fn is_of_record(c: &Claimed) -> bool {
    matches!(
        c.key.occasion,
        Occasion::RequestMade | Occasion::RequestAnswered | Occasion::EmailCode
    )
}

/// What a batch of notifications needs of members' records.
pub(super) struct Records {
    requests: HashMap<Id, RequestFacts>,
    /// Address and code.
    codes: HashMap<Id, (String, String)>,
}

impl Records {
    /// Of the subjects of what is about records. Two queries.
    pub(super) fn of(tx: &mut Tx<'_>, subjects: Ids) -> Result<Self, StoreError> {
        if subjects.is_empty() {
            return Ok(Self {
                requests: HashMap::new(),
                codes: HashMap::new(),
            });
        }
        let asked: Vec<(Id, String, String, String, Option<String>)> = requests::table
            .inner_join(members::table.on(members::id.eq(requests::member_id)))
            .filter(requests::id.eq_any(subjects.clone()))
            .select((
                requests::id,
                members::name,
                requests::kind,
                requests::state,
                requests::reason,
            ))
            .load(tx.db)?;
        let one = |(id, member, kind, state, reason)| {
            let request = RequestFacts {
                member,
                kind,
                state,
                reason,
            };
            (id, request)
        };
        let waiting: Vec<(Id, String)> = changes::table
            .filter(changes::id.eq_any(subjects))
            .filter(changes::created_at.gt(tx.at() - email_changes::GOOD_FOR))
            .select((changes::id, changes::email))
            .load(tx.db)?;
        let codes = waiting
            .into_iter()
            .map(|(id, email)| Ok((id, (email, email_changes::code(tx.vault, id.0)?))));
        Ok(Self {
            requests: asked.into_iter().map(one).collect(),
            codes: codes.collect::<Result<_, StoreError>>()?,
        })
    }

    /// Adds them to the facts of a notification that is about records. A code goes to the new address, and at once: the member waits for it.
    pub(super) fn add_to(&self, claimed: &Claimed, facts: &mut Facts) {
        if !is_of_record(claimed) {
            return;
        }
        let subject = Id(claimed.key.subject);
        facts.request = self.requests.get(&subject).cloned();
        if let Some((email, code)) = self.codes.get(&subject) {
            facts.code = Some(code.clone());
            facts.recipient.email = Some(email.clone());
            facts.recipient.quiet = QuietHours {
                from: NaiveTime::MIN,
                until: NaiveTime::MIN,
            };
        }
    }
}
