//! What people say about journeys (风筝), in their words.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Answer;
use crate::people::Person;

/// A journey that a story speaks of.
#[derive(Debug, Clone)]
pub struct Kite {
    /// Its id.
    pub id: String,
}

impl Kite {
    /// Its address.
    pub fn path(&self) -> String {
        format!("/v1/kite/journeys/{}", self.id)
    }
}

/// To a division, for work: `to("310115")` is Pudong.
pub fn to(division: &str) -> Value {
    json!({ "division_code": division, "place": "建筑工地", "employer": "海安建工" })
}

fn say(body: &mut Value, field: &str, value: Value) {
    if let Some(fields) = body.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
}

/// A notice (外出登记) that is being written: finish with [`Notice::leaving`] or [`Notice::sent`].
#[derive(Debug)]
#[must_use = "say `.leaving(day).await`"]
pub struct Notice<'a> {
    by: &'a Person,
    path: &'static str,
    body: Value,
}

impl Notice<'_> {
    /// The host organisation, whose name begins so, is known.
    pub fn hosted_by(self, place: &str) -> Self {
        let host = self.by.shared.county.place(place).id;
        self.with("host_organisation_id", json!(host))
    }

    /// Back on a day.
    pub fn back(self, day: &str) -> Self {
        self.with("expected_return_on", json!(day))
    }

    /// With anything else said.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        say(&mut self.body, field, value);
        self
    }

    /// Leaving on a day; what it leads to is a journey.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn leaving(self, day: &str) -> Kite {
        let answer = self.with("planned_departure_on", json!(day)).sent().await;
        answer.is("planned");
        Kite {
            id: answer.string("id").to_owned(),
        }
    }

    /// As it stands, answered with whatever the server thinks of it.
    ///
    /// # Panics
    /// When the answer breaks the contract.
    pub async fn sent(self) -> Answer {
        self.by.post(self.path, &self.body).await
    }
}

/// A check-in (报到) on the phone: sent as often as the network needs.
#[derive(Debug, Clone)]
pub struct CheckIn(pub Value);

impl CheckIn {
    /// With something said otherwise.
    #[must_use]
    pub fn with(mut self, field: &str, value: Value) -> Self {
        say(&mut self.0, field, value);
        self
    }
}

impl Person {
    /// Registers that a member means to leave.
    pub fn plans(&self, member: &Self, destination: Value) -> Notice<'_> {
        let body = json!({ "member_id": member.member, "reason": "work" });
        Notice {
            by: self,
            path: "/v1/kite/journeys",
            body,
        }
        .with("destination", destination)
    }

    /// Gives notice of leaving, for oneself.
    pub fn gives_notice(&self, destination: Value) -> Notice<'_> {
        Notice {
            by: self,
            path: "/v1/me/journey",
            body: json!({ "reason": "work" }),
        }
        .with("destination", destination)
    }

    /// Looks at a journey.
    ///
    /// # Panics
    /// When the answer breaks the contract; so do all that follow.
    pub async fn sees(&self, kite: &Kite) -> Answer {
        self.get(&kite.path()).await
    }

    /// Registers that the member has left today.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn departs(&self, kite: &Kite) -> Answer {
        self.tells(&kite.path(), "depart", &json!({ "departed_on": self.today() }))
            .await
    }

    /// Marks an item of the briefing (行前教育) as done today.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn briefs(&self, kite: &Kite, item: &str) -> Answer {
        let path = format!("{}/briefing/{item}", kite.path());
        self.changes(Method::PUT, &kite.path(), &path, &json!({ "done_on": self.today() }))
            .await
    }

    /// Names the host organisation, whose name begins so.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn names_host(&self, kite: &Kite, place: &str) -> Answer {
        let (path, host) = (format!("{}/host", kite.path()), self.shared.county.place(place).id);
        self.changes(Method::PUT, &kite.path(), &path, &json!({ "organisation_id": host }))
            .await
    }

    /// Registers that the member is home for a visit since today.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn welcomes_home(&self, kite: &Kite) -> Answer {
        self.tells(&kite.path(), "come-home", &json!({ "on": self.today() }))
            .await
    }

    /// Registers that the member has left again today.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn departs_again(&self, kite: &Kite) -> Answer {
        self.tells(&kite.path(), "depart-again", &json!({ "on": self.today() }))
            .await
    }

    /// Registers that the member is back for good since today.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn returns(&self, kite: &Kite) -> Answer {
        self.tells(&kite.path(), "return", &json!({ "on": self.today() })).await
    }

    /// Registers that the member stays after all.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn cancels(&self, kite: &Kite) -> Answer {
        self.tells(&kite.path(), "cancel", &json!({ "reason": "计划有变" }))
            .await
    }

    /// Registers that the formal relation moved on today's receipt.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn transfers(&self, kite: &Kite, to: &str, letter: &str) -> Answer {
        self.tells(
            &kite.path(),
            "transfer",
            &json!({ "to": to, "letter": letter, "receipt_on": self.today() }),
        )
        .await
    }

    /// The words of a journey's timeline, oldest first.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn timeline(&self, kite: &Kite) -> Vec<String> {
        let page = self.get(&format!("{}/timeline?limit=500", kite.path())).await;
        page.items()
            .iter()
            .filter_map(|event| Some(event["event"].as_str()?.to_owned()))
            .collect()
    }

    /// Writes a check-in of this moment on the phone, without sending it.
    pub fn writes_checkin(&self, kind: &str) -> CheckIn {
        CheckIn(json!({
            "id": Uuid::now_v7(), "kind": kind, "division_code": "310115", "place": "浦东工地宿舍",
            "wellbeing": "fine", "recorded_at": self.instant(),
        }))
    }

    /// Sends a check-in, perhaps not for the first time.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn sends(&self, checkin: &CheckIn) -> Answer {
        self.post("/v1/me/checkins", &checkin.0).await
    }

    /// Sends what the phone has kept while it was away from the network.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn sends_batch(&self, checkins: &[&CheckIn]) -> Answer {
        let items: Vec<_> = checkins.iter().map(|one| &one.0).collect();
        self.post("/v1/me/checkins/batch", &json!({ "items": items })).await
    }

    /// Checks in.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn checks_in(&self, kind: &str) -> Answer {
        self.sends(&self.writes_checkin(kind)).await
    }

    /// Records a telephone call with the member, which counts the same as a check-in.
    ///
    /// # Panics
    /// As [`Person::sees`].
    pub async fn records_call(&self, kite: &Kite) -> Answer {
        let said = self.writes_checkin("periodic").with("means", json!("phone"));
        self.post(&format!("{}/checkins", kite.path()), &said.0).await
    }
}
