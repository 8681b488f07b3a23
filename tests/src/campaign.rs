//! What offices and secretaries do about campaigns around festivals, in their words.

use serde_json::{Value, json};

use crate::client::Answer;
use crate::kite::Kite;
use crate::people::Person;

/// A campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// Its id.
    pub id: String,
}

impl Campaign {
    /// The campaign that was answered.
    ///
    /// # Panics
    /// When none was.
    pub fn of(answer: &Answer) -> Self {
        Self {
            id: answer.succeeded().string("id").to_owned(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> String {
        format!("/v1/campaigns/{}", self.id)
    }
}

impl Person {
    /// Plans a campaign around the Spring Festival of 2027 for the organisation whose name begins so; `more` changes and
    /// adds fields.
    ///
    /// # Panics
    /// When the answer breaks the contract; so do all that follow.
    pub async fn plans_campaign(&self, place: &str, more: Value) -> Answer {
        let place = self.shared.county.place(place).id;
        let mut body = json!({ "organisation_id": place, "festival": "spring_festival", "year": 2027 });
        if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
            body.extend(more.clone());
        }
        self.post("/v1/campaigns", &body).await
    }

    /// Looks at a campaign.
    ///
    /// # Panics
    /// As [`Person::plans_campaign`].
    pub async fn looks_at_campaign(&self, campaign: &Campaign) -> Answer {
        self.get(&campaign.path()).await
    }

    /// Opens a campaign, having looked at it.
    ///
    /// # Panics
    /// As [`Person::plans_campaign`].
    pub async fn opens(&self, campaign: &Campaign) -> Answer {
        self.tells(&campaign.path(), "open", &json!({})).await
    }

    /// Closes a campaign, having looked at it.
    ///
    /// # Panics
    /// As [`Person::plans_campaign`].
    pub async fn closes_campaign(&self, campaign: &Campaign) -> Answer {
        self.tells(&campaign.path(), "close", &json!({})).await
    }

    /// Calls a campaign off, having looked at it.
    ///
    /// # Panics
    /// As [`Person::plans_campaign`].
    pub async fn calls_off(&self, campaign: &Campaign) -> Answer {
        self.tells(&campaign.path(), "cancel", &json!({ "reason": "倡导就地过年" }))
            .await
    }

    /// Looks at how far a campaign has come.
    ///
    /// # Panics
    /// As [`Person::plans_campaign`].
    pub async fn follows(&self, campaign: &Campaign) -> Answer {
        self.get(&format!("{}/progress", campaign.path())).await
    }

    /// Records a contact with a member who is away, by these means, at an instant or just now.
    ///
    /// # Panics
    /// As [`Person::plans_campaign`].
    pub async fn contacts(&self, kite: &Kite, (means, outcome): (&str, &str), at: Option<&str>) -> Answer {
        let at = at.map_or_else(|| self.instant(), |at| json!(at));
        let body = json!({ "means": means, "outcome": outcome, "contacted_at": at });
        self.post(&format!("{}/contacts", kite.path()), &body).await
    }
}
