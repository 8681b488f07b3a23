//! What people say about the line that is held (平时牵风筝): contacts, silence, and the search for a member.

use chrono::TimeDelta;
use reqwest::Method;
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

    /// Names the contact officer at home.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn names_officer(&self, kite: &Kite, officer: Value) -> Answer {
        let path = format!("{}/officer", kite.path());
        self.changes(Method::PUT, &kite.path(), &path, &officer).await
    }

    /// Records signs that end a silence.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn records_signs(&self, kite: &Kite, signs: &Value) -> Answer {
        let path = format!("{}/line", kite.path());
        self.changes(Method::PUT, &kite.path(), &path, signs).await
    }

    /// Proposes that the member is out of contact.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn declares_out_of_contact(&self, kite: &Kite, reason: &str) -> Answer {
        let body = json!({ "reason": reason, "note": "工地已撤，同乡也不知去向" });
        self.tells(&kite.path(), "declare-out-of-contact", &body).await
    }

    /// Takes the proposal back.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn withdraws_declaration(&self, kite: &Kite) -> Answer {
        self.tells(&kite.path(), "withdraw-declaration", &json!({ "reason": "再找一找" }))
            .await
    }

    /// Confirms the proposal.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn confirms_out_of_contact(&self, kite: &Kite) -> Answer {
        self.tells(&kite.path(), "confirm-out-of-contact", &json!({ "reason": "情况属实" }))
            .await
    }

    /// Turns the proposal down.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn turns_down_declaration(&self, kite: &Kite) -> Answer {
        let body = json!({ "reason": "请先到其亲属处上门了解" });
        self.tells(&kite.path(), "turn-down-declaration", &body).await
    }

    /// Records that the member was found today by a call.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn finds_again(&self, kite: &Kite, outcome: &str) -> Answer {
        let body = json!({ "on": self.today(), "outcome": outcome, "note": "换了号码，现在苏州务工" });
        self.tells(&kite.path(), "contact-restored", &body).await
    }

    /// Records what came of a member who was heard of again.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn records_outcome(&self, kite: &Kite, outcome: &str) -> Answer {
        let path = format!("{}/found-outcome", kite.path());
        self.changes(Method::PUT, &kite.path(), &path, &json!({ "outcome": outcome }))
            .await
    }

    /// Records that the member has gone on today, to where this host is.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn moves_on(&self, kite: &Kite, division: &str, host: &str) -> Answer {
        let host = self.shared.county.place(host).id;
        let destination = json!({ "division_code": division, "place": "新工地" });
        let body = json!({ "destination": destination, "host_organisation_id": host, "on": self.today() });
        self.tells(&kite.path(), "move-on", &body).await
    }

    /// Starts the transfer of the formal relation to the branch whose name begins so, by a letter of today.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn starts_transfer(&self, kite: &Kite, branch: &str) -> Answer {
        let branch = self.shared.county.place(branch).id;
        self.writes_letter(kite, json!({ "organisation_id": branch })).await
    }

    /// Starts the transfer by a letter of today, good for sixty days, to whom it says.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn writes_letter(&self, kite: &Kite, to: Value) -> Answer {
        let mut letter = json!({
            "letter": "苏通海组介〔2027〕第0012号", "issued_on": self.today(), "valid_until": self.today() + TimeDelta::days(60),
        });
        if let (Some(letter), Some(to)) = (letter.as_object_mut(), to.as_object()) {
            letter.extend(to.clone());
        }
        self.tells(&kite.path(), "start-transfer", &letter).await
    }

    /// Drops the transfer.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn drops_transfer(&self, kite: &Kite) -> Answer {
        self.tells(
            &kite.path(),
            "drop-transfer",
            &json!({ "reason": "介绍信已过期，需重新开具" }),
        )
        .await
    }

    /// The address of the only transfer to the person's branch that waits for an answer.
    ///
    /// # Panics
    /// When there is none, or more.
    pub async fn only_transfer(&self) -> String {
        let page = self.get("/v1/kite/transfers?state=under_way").await;
        let [one] = page.items() else {
            panic!("not one transfer: {page}");
        };
        let id = one.get("id").and_then(Value::as_str).expect("an id");
        format!("/v1/kite/transfers/{id}")
    }

    /// Accepts a transfer today.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn accepts_transfer(&self, transfer: &str) -> Answer {
        self.tells(transfer, "accept", &json!({ "receipt_on": self.today() }))
            .await
    }

    /// Declines a transfer.
    ///
    /// # Panics
    /// As [`Person::records`].
    pub async fn declines_transfer(&self, transfer: &str) -> Answer {
        self.tells(transfer, "decline", &json!({ "reason": "材料不全" })).await
    }
}
