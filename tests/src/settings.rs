//! What offices choose for their organisations, in their words.

use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::people::Person;

impl Person {
    fn settings_of(&self, place: &str) -> String {
        format!("/v1/organisations/{}/settings", self.shared.county.place(place).id)
    }

    /// Looks at what holds for the organisation whose name begins so.
    ///
    /// # Panics
    /// When the answer breaks the contract; so do all that follow.
    pub async fn looks_up(&self, place: &str) -> Answer {
        self.get(&self.settings_of(place)).await
    }

    /// Chooses a number of days for an organisation.
    ///
    /// # Panics
    /// As [`Person::looks_up`].
    pub async fn chooses(&self, place: &str, key: &str, days: i64) -> Answer {
        self.chooses_value(place, key, &json!({ "days": days })).await
    }

    /// Chooses anything for an organisation.
    ///
    /// # Panics
    /// As [`Person::looks_up`].
    pub async fn chooses_value(&self, place: &str, key: &str, value: &Value) -> Answer {
        let settings = self.settings_of(place);
        self.changes(Method::PUT, &settings, &format!("{settings}/{key}"), value)
            .await
    }

    /// Leaves a choice to the organisations above again.
    ///
    /// # Panics
    /// As [`Person::looks_up`].
    pub async fn leaves_to_others(&self, place: &str, key: &str) -> Answer {
        let settings = self.settings_of(place);
        let version = self.looks_up(place).await.version();
        let call = self.client().await;
        let call = call.call(Method::DELETE, &format!("{settings}/{key}"));
        call.if_match(version).send().await
    }
}

impl Answer {
    /// A setting of those that were answered.
    ///
    /// # Panics
    /// When there is none of that key.
    #[track_caller]
    pub fn setting(&self, key: &str) -> &Value {
        let mut all = self.succeeded()["settings"].as_array().into_iter().flatten();
        all.find(|one| one["key"] == key)
            .unwrap_or_else(|| panic!("no setting {key}: {self}"))
    }
}
