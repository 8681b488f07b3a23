//! What people say about stays (磁铁) and hand-overs (对接), in their words.

use chrono::NaiveDate;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Answer;
use crate::kite::Kite;
use crate::people::Person;

/// A stay that a story speaks of.
#[derive(Debug, Clone)]
pub struct Stay {
    /// Its id.
    pub id: String,
}

impl Stay {
    /// The stay of an answer that shows one.
    ///
    /// # Panics
    /// When it was refused.
    #[track_caller]
    pub fn of(answer: &Answer) -> Self {
        Self {
            id: answer.succeeded().string("id").to_owned(),
        }
    }

    /// Its address.
    pub fn path(&self) -> String {
        format!("/v1/magnet/stays/{}", self.id)
    }
}

/// A hand-over that a story speaks of.
#[derive(Debug, Clone)]
pub struct Handover {
    /// Its id.
    pub id: String,
}

impl Handover {
    /// Its address.
    pub fn path(&self) -> String {
        format!("/v1/handovers/{}", self.id)
    }
}

/// Somebody who is no member here, with a telephone.
pub fn visitor(name: &str) -> Value {
    json!({ "name": name, "phone": "199 0000 0023" })
}

/// What somebody who scanned a host's code tells it: a report with an id of its own.
pub fn self_report(code: &str, on: NaiveDate, person: Value) -> Value {
    let mut report = json!({
        "id": Uuid::now_v7(), "code": code, "arrived_on": on, "division_code": "320685", "place": "城东镇某小区",
        "employer": "海安某纺织厂", "origin": { "name": "达州某村党支部" },
    });
    if let (Some(report), Value::Object(person)) = (report.as_object_mut(), person) {
        report.extend(person);
    }
    report
}

impl Person {
    /// Reports somebody whom the host found today, who comes from an organisation elsewhere.
    ///
    /// # Panics
    /// When the answer breaks the contract; so do all that follow.
    pub async fn finds(&self, host: &str, person: Value) -> Answer {
        let origin = json!({ "name": "达州某村党支部", "phone": "0818-2345678" });
        self.finds_from(host, person, origin).await
    }

    /// Reports somebody whom the host found today, who comes from there.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn finds_from(&self, host: &str, person: Value, origin: Value) -> Answer {
        let host = self.shared.county.place(host).id;
        let body = json!({
            "host_organisation_id": host, "person": person, "origin": origin, "arrived_on": self.today(),
            "address": "城东镇某小区", "employer": "海安某纺织厂",
        });
        self.post("/v1/magnet/stays", &body).await
    }

    /// Tells a host, by the code on its door, of the own arrival today.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn arrives_at(&self, host: &str) -> Answer {
        let code = &self.shared.county.place(host).code;
        let body = json!({ "host_code": code, "arrived_on": self.today(), "address": "浦东工地宿舍" });
        self.post("/v1/me/stay", &body).await
    }

    /// The code that hangs on a host's door, as the secretary fetches it to print it.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn fetches_code(&self, host: &str) -> String {
        let host = self.shared.county.place(host).id;
        let code = self.get(&format!("/v1/organisations/{host}/arrival-code")).await;
        code.succeeded().string("code").to_owned()
    }

    /// Looks at a stay.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn looks_at(&self, stay: &Stay) -> Answer {
        self.get(&stay.path()).await
    }

    /// Asks the origin about a stay.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn asks_origin(&self, stay: &Stay) -> Answer {
        self.tells(&stay.path(), "ask-origin", &json!({})).await
    }

    /// Records that the origin has confirmed by telephone today.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn calls_origin(&self, stay: &Stay) -> Answer {
        let call = json!({ "spoke_with": "达州李书记", "phone": "0818-2345678", "called_on": self.today() });
        self.tells(&stay.path(), "confirm-by-call", &call).await
    }

    /// Hands in a letter of the origin for a stay: a file with whatever name and media type its sender claims.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn hands_in(&self, stay: &Stay, name: &str, claimed: &str, bytes: &[u8]) -> Answer {
        let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
        let form = Form::new().part("file", part.mime_str(claimed).expect("a media type"));
        let client = self.client().await;
        let version = client.get(&stay.path()).await["version"].as_i64().unwrap_or(1);
        let path = format!("{}/confirm-by-letter", stay.path());
        client
            .call(Method::POST, &path)
            .if_match(version)
            .form(form)
            .send()
            .await
    }

    /// Admits to a home unit, under the care of a contact officer without account.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn admits(&self, stay: &Stay, unit: &str) -> Answer {
        let body = json!({
            "home_unit_id": self.shared.county.place(unit).id,
            "contact_officer": { "name": "周干事", "phone": "19900000077" },
        });
        self.tells(&stay.path(), "admit", &body).await
    }

    /// The same, having seen this version of it.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn admits_seen(&self, stay: &Stay, unit: &str, seen: i64) -> Answer {
        let body = json!({
            "home_unit_id": self.shared.county.place(unit).id,
            "contact_officer": { "name": "周干事", "phone": "19900000077" },
        });
        let path = format!("{}/admit", stay.path());
        let call = self.client().await.call(Method::POST, &path).if_match(seen);
        call.body(&body).send().await
    }

    /// Merges another stay into this one.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn merges(&self, stay: &Stay, other: &Stay) -> Answer {
        let body = json!({ "other_id": other.id, "reason": "本人到站核对过身份证" });
        self.tells(&stay.path(), "merge", &body).await
    }

    /// Who else may be the same person, as id and why.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn suspects(&self, stay: &Stay) -> Vec<(String, Value)> {
        let found = self.get(&format!("{}/suggestions", stay.path())).await;
        let items = found.items().iter();
        let pair = |item: &Value| Some((item.pointer("/stay/id")?.as_str()?.to_owned(), item.get("why")?.clone()));
        items.filter_map(pair).collect()
    }

    /// Admits to a home unit, under the care of a contact officer by account.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn entrusts(&self, stay: &Stay, unit: &str, officer: &Self) -> Answer {
        let unit = self.shared.county.place(unit).id;
        let body = json!({ "home_unit_id": unit, "contact_officer_id": officer.account });
        self.tells(&stay.path(), "admit", &body).await
    }

    /// Visits somebody who stays here, just now, by these means.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn visits(&self, stay: &Stay, means: &str, outcome: &str) -> Answer {
        let body = json!({
            "means": means, "outcome": outcome, "summary": "到工地看望", "next_step": "联系学校",
        });
        self.post(&format!("{}/visits", stay.path()), &body).await
    }

    /// Records that the person has left today, for there.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn sees_off(&self, stay: &Stay, next: &str) -> Answer {
        let body = json!({ "left_on": self.today(), "reason": "工程结束", "next": next });
        self.tells(&stay.path(), "leave", &body).await
    }

    /// Asks the origin where somebody is, of whom nothing is heard any more.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn asks_where(&self, stay: &Stay) -> Answer {
        self.tells(&stay.path(), "ask-whereabouts", &json!({})).await
    }

    /// Says where somebody is, of whom the host hears nothing any more.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn says_where(&self, question: &Handover, whereabouts: &str, said: &str) -> Answer {
        let body = json!({ "whereabouts": whereabouts, "said": said });
        self.tells(&question.path(), "answer", &body).await
    }

    /// The words of a stay's timeline, oldest first.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn story_of(&self, stay: &Stay) -> Vec<String> {
        let page = self.get(&format!("{}/timeline?limit=500", stay.path())).await;
        words(&page)
    }

    /// The hand-overs that wait for an answer of the person's side.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn incoming(&self, state: &str) -> Vec<Handover> {
        let page = self
            .get(&format!("/v1/handovers?direction=incoming&state={state}"))
            .await;
        let ids = page.items().iter().filter_map(|item| item["id"].as_str());
        ids.map(|id| Handover { id: id.to_owned() }).collect()
    }

    /// The only one of them.
    ///
    /// # Panics
    /// When there is none, or more.
    pub async fn only_incoming(&self, state: &str) -> Handover {
        let mut found = self.incoming(state).await;
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// Looks at a hand-over.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn reads(&self, handover: &Handover) -> Answer {
        self.get(&handover.path()).await
    }

    /// Answers a hand-over with a verb, and a reason where it needs one.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn answers(&self, handover: &Handover, verb: &str) -> Answer {
        self.tells(&handover.path(), verb, &json!({ "reason": "本人未到本地" }))
            .await
    }

    /// The same, having looked before anybody answered.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn answers_unseen(&self, handover: &Handover, verb: &str) -> Answer {
        let path = format!("{}/{verb}", handover.path());
        let call = self.client().await.call(Method::POST, &path).if_match(1);
        call.body(&json!({ "reason": "本人未到本地" })).send().await
    }

    /// Offers the member of a journey to a host.
    ///
    /// # Panics
    /// As [`Person::finds`].
    pub async fn offers(&self, kite: &Kite, host: &str) -> Answer {
        let host = self.shared.county.place(host).id;
        self.post(
            "/v1/handovers",
            &json!({ "journey_id": kite.id, "organisation_id": host }),
        )
        .await
    }
}

fn words(page: &Answer) -> Vec<String> {
    let events = page.items().iter().filter_map(|event| event["event"].as_str());
    events.map(ToOwned::to_owned).collect()
}
