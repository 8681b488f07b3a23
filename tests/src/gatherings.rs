//! What people say about gatherings (活动), in their words.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::people::Person;

/// A gathering that a story speaks of.
#[derive(Debug, Clone)]
pub struct Gathering {
    /// Its id.
    pub id: String,
}

impl Gathering {
    /// The gathering that an answer shows.
    ///
    /// # Panics
    /// When it shows none.
    pub fn of(answer: &Answer) -> Self {
        Self {
            id: answer.string("id").to_owned(),
        }
    }

    /// Its address for staff.
    pub fn path(&self) -> String {
        format!("/v1/gatherings/{}", self.id)
    }

    /// Its address for a member.
    pub fn own(&self) -> String {
        format!("/v1/me/gatherings/{}", self.id)
    }
}

/// A gathering that is being planned: finish with [`Invitation::sent`].
#[derive(Debug)]
#[must_use = "say `.sent().await`"]
pub struct Invitation<'a> {
    by: &'a Person,
    body: Value,
}

impl Invitation<'_> {
    /// With anything else said.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        if let Some(fields) = self.body.as_object_mut() {
            fields.insert(field.to_owned(), value);
        }
        self
    }

    /// By a rule.
    pub fn repeated(self, rule: &str) -> Self {
        self.with("rule", json!(rule))
    }

    /// As it stands, answered with whatever the server thinks of it.
    ///
    /// # Panics
    /// When the answer breaks the contract.
    pub async fn sent(self) -> Answer {
        self.by.post("/v1/gatherings", &self.body).await
    }

    /// Planned; the gathering, or the first of the series.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn planned(self) -> Gathering {
        let answer = self.sent().await;
        Gathering::of(answer.succeeded())
    }
}

impl Person {
    /// Everybody of an organisation, whose name begins so, as an audience.
    pub fn everybody_of(&self, place: &str) -> Value {
        json!([{ "kind": "organisation", "organisation_id": self.shared.county.place(place).id }])
    }

    /// Plans a gathering of ninety minutes that begins at an instant, for an audience.
    ///
    /// # Panics
    /// When there is no such organisation.
    pub fn invites(&self, place: &str, kind: &str, begins: &str, audience: &Value) -> Invitation<'_> {
        let begins: DateTime<Utc> = begins.parse().expect("an instant");
        let body = json!({
            "organisation_id": self.shared.county.place(place).id, "kind": kind, "title": "每月一课",
            "place": "三塘村党群服务中心", "starts_at": begins, "ends_at": begins + TimeDelta::minutes(90),
            "audience": audience,
        });
        Invitation { by: self, body }
    }

    /// Fetches the code to show at the place.
    ///
    /// # Panics
    /// When the answer breaks the contract; so do all that follow.
    pub async fn shows_code(&self, at: &Gathering) -> String {
        let code = self.get(&format!("{}/attendance-code", at.path())).await;
        code.succeeded().string("code").to_owned()
    }

    /// Scans a code at a gathering.
    ///
    /// # Panics
    /// As [`Person::shows_code`].
    pub async fn scans(&self, at: &Gathering, code: &str) -> Answer {
        self.post(&format!("{}/attend", at.own()), &json!({ "code": code }))
            .await
    }

    /// Tells later that a code was scanned at an instant.
    ///
    /// # Panics
    /// As [`Person::shows_code`].
    pub async fn scanned(&self, at: &Gathering, code: &str, when: DateTime<Utc>) -> Answer {
        let body = json!({ "code": code, "recorded_at": when });
        self.post(&format!("{}/attend", at.own()), &body).await
    }

    /// Says something of one person on a list.
    ///
    /// # Panics
    /// As [`Person::shows_code`].
    pub async fn marks(&self, at: &Gathering, person: &str, state: &str) -> Answer {
        let mark = json!({ "person_id": person, "state": state, "reason": "夜班" });
        self.marks_all(at, json!([mark])).await
    }

    /// Says something of several people at once.
    ///
    /// # Panics
    /// As [`Person::shows_code`].
    pub async fn marks_all(&self, at: &Gathering, marks: Value) -> Answer {
        let client = self.client().await;
        let call = client.call(Method::PUT, &format!("{}/attendance", at.path()));
        call.body(&json!({ "attendance": marks })).send().await
    }

    /// Says that a gathering was held.
    ///
    /// # Panics
    /// As [`Person::shows_code`].
    pub async fn closes(&self, held: &Gathering) -> Answer {
        self.tells(&held.path(), "hold", &json!({})).await
    }

    /// Who is on a list: name and state, by name.
    ///
    /// # Panics
    /// As [`Person::shows_code`].
    pub async fn list_of(&self, gathering: &Gathering) -> Vec<(String, String)> {
        let page = self.get(&format!("{}/attendance?limit=500", gathering.path())).await;
        let text = |line: &Value, field: &str| line[field].as_str().unwrap_or_default().to_owned();
        let lines = page.items().iter();
        let mut lines: Vec<_> = lines.map(|line| (text(line, "name"), text(line, "state"))).collect();
        lines.sort();
        lines
    }
}
