//! What people say about gatherings (活动), in their words.

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Method;
use serde_json::{Value, json};

use crate::client::Answer;
use crate::mail::Mail;
use crate::people::Person;
use crate::world::World;

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

    /// One of a list.
    ///
    /// # Panics
    /// When it has no id.
    pub fn in_list(view: &Value) -> Self {
        let id = view["id"].as_str().expect("an id").to_owned();
        Self { id }
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

/// Lines of a list: name and state, as [`Person::list_of`] tells them.
pub fn listed<const N: usize>(lines: [(&str, &str); N]) -> Vec<(String, String)> {
    let owned = |(name, state): (&str, &str)| (name.to_owned(), state.to_owned());
    lines.map(owned).into()
}

impl World {
    /// Lets time pass until an instant, and the jobs with it.
    ///
    /// # Panics
    /// When a job or the delivery fails, or that is no instant.
    pub async fn passes_until(&self, instant: &str) {
        let instant: DateTime<Utc> = instant.parse().expect("an instant");
        self.passes(instant - self.now()).await;
    }

    /// The subjects of the e-mails that speak to somebody of that name.
    pub fn mails_to(&self, name: &str) -> Vec<String> {
        let all = self.mail().received();
        let theirs = all.iter().filter(|mail| mail.text().contains(&format!("{name}同志")));
        theirs.map(Mail::subject).collect()
    }
}

impl Person {
    /// What was said to the person inside the app on an occasion.
    ///
    /// # Panics
    /// When the answer breaks the contract; so do all that follow.
    pub async fn was_told(&self, occasion: &str) -> Vec<String> {
        let inbox = self.get("/v1/me/inbox?limit=500").await;
        let messages = inbox.items().iter().filter(|one| one["occasion"] == occasion);
        messages
            .filter_map(|one| Some(one["body"].as_str()?.to_owned()))
            .collect()
    }

    /// What the person learned, by year.
    ///
    /// # Panics
    /// As [`Person::was_told`].
    pub async fn learned(&self) -> Value {
        self.get("/v1/me/learning").await["years"].clone()
    }

    /// The gatherings of the series that one belongs to, in the order of time.
    ///
    /// # Panics
    /// As [`Person::was_told`], and when it belongs to none.
    pub async fn series_of(&self, one: &Gathering) -> Vec<Value> {
        let view = self.get(&one.path()).await;
        let page = format!("/v1/gatherings?series_id={}&limit=500", view.string("series_id"));
        self.get(&page).await.items().to_vec()
    }

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
