//! Wishes, service requests and gifts, in the users' words.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::client::Answer;
use crate::people::Person;

/// A picture (PNG) of one point, with a text that a program wrote beside it.
///
/// # Panics
/// When it can't be made.
pub fn picture(beside: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 1, 1);
    let text = beside.to_owned();
    encoder.add_itxt_chunk("Author".to_owned(), text).expect("a text");
    let mut writer = encoder.write_header().expect("a head");
    writer.write_image_data(&[0]).expect("a point");
    writer.finish().expect("an end");
    bytes
}

impl Person {
    /// Wishes for something; answers the wish's address for its author.
    ///
    /// # Panics
    /// When the wish is refused; so do all that follow.
    pub async fn wishes(&self, said: &str, anonymous: bool) -> Answer {
        let wish = json!({ "said": said, "anonymous": anonymous });
        let written = self.post("/v1/me/wishes", &wish).await;
        written.is("written");
        written
    }

    /// Asks the home branch for a service.
    ///
    /// # Panics
    /// As [`Person::wishes`].
    pub async fn asks_for(&self, kind: &str, said: &str) -> Answer {
        let request = json!({ "kind": kind, "said": said });
        let asked = self.post("/v1/me/service-requests", &request).await;
        asked.is("open");
        asked
    }

    /// The id of somebody whom an organisation serves, by the name on the list of whom it means.
    ///
    /// # Panics
    /// When there is none.
    pub async fn finds_served(&self, place: &str, name: &str) -> Value {
        let place = self.shared.county.place(place).id;
        let meant = self.get(&format!("/v1/organisations/{place}/audience?limit=500")).await;
        let one = meant.items().iter().find(|one| one["name"] == name);
        one.expect("somebody of that name")["person_id"].clone()
    }

    /// Hands in a file for a thing, at `part` of its address, having looked at its version first.
    ///
    /// # Panics
    /// When the answer breaks the contract.
    pub async fn attaches(&self, thing: &str, part: &str, bytes: &[u8]) -> Answer {
        let client = self.client().await;
        let version = client.get(thing).await["version"].as_i64().unwrap_or(1);
        let form = Form::new().part("file", Part::bytes(bytes.to_vec()).file_name("王芳的照片.png"));
        let call = client.call(Method::POST, &format!("{thing}/{part}")).if_match(version);
        call.form(form).send().await
    }

    /// The messages to this person in the app of these occasions: the day and the occasion, in order.
    ///
    /// # Panics
    /// As [`Person::attaches`].
    pub async fn told_of(&self, occasion: &str) -> Vec<String> {
        let inbox = self.get("/v1/me/inbox?limit=500").await;
        let text = |message: &Value, field: &str| message[field].as_str().unwrap_or_default().to_owned();
        let line = |message: &Value| {
            let day: String = text(message, "created_at").chars().take(10).collect();
            format!("{day} {}", text(message, "occasion"))
        };
        let lines = inbox.items().iter().map(line);
        lines.filter(|line| line.contains(occasion)).collect()
    }

    /// The last message to this person in the app.
    ///
    /// # Panics
    /// When there is none.
    pub async fn last_words(&self) -> String {
        let inbox = self.get("/v1/me/inbox?limit=500").await;
        let last = inbox.items().last().expect("a message");
        last["body"].as_str().unwrap_or_default().to_owned()
    }
}
