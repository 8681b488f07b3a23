//! What people say about the line that is held (平时牵风筝): contacts, silence, and the search for a member.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Answer;
use crate::kite::Kite;
use crate::people::Person;

impl Person {
    /// Writes down, without sending it, that the member was reached just now, or not.
    pub fn writes_contact(&self, means: &str, outcome: &str) -> Value {
        json!({
            "id": Uuid::now_v7(), "means": means, "outcome": outcome, "contacted_at": self.instant(),
            "summary": "按登记的电话联系", "next_step": "一周后再试",
        })
    }

    /// Records a contact, perhaps not for the first time.
    ///
    /// # Panics
    /// When the answer breaks the contract; so do all that follow.
    pub async fn records(&self, kite: &Kite, contact: &Value) -> Answer {
        self.post(&format!("{}/contacts", kite.path()), contact).await
    }

    /// Records that the member was reached just now.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn reaches(&self, kite: &Kite, means: &str) -> Answer {
        self.records(kite, &self.writes_contact(means, "reached")).await
    }

    /// Records that the member was not reached just now.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn misses(&self, kite: &Kite, means: &str) -> Answer {
        self.records(kite, &self.writes_contact(means, "not_reached")).await
    }
}
