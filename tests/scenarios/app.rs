//! The phone app: what a member asks for, and how the app keeps up.

use chrono::TimeDelta;
use domain::notification::{Occasion, Period};
use domain::phone::Phone;
use kiteline_tests::PATIENCE;
use kiteline_tests::client::Client;
use kiteline_tests::kite::to;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use persistence::outbox::{self, To};
use reqwest::Method;
use serde_json::{Value, json};

stories![
    a_new_phone_number_waits_for_the_secretary,
    a_request_is_answered_once_with_a_reason,
    a_neighbour_sees_no_request,
    a_new_address_is_confirmed_by_its_code,
    a_code_is_guessed_in_vain,
    an_app_is_told_what_has_changed,
    everything_held_is_in_one_answer,
    events_go_on_after_a_restart,
    the_end_of_a_session_ends_its_events,
    a_line_on_which_nothing_is_said_shows_that_it_is_open,
];

async fn wang_with_phone(w: &World) -> Person {
    let wang = w
        .member("王芳")
        .with(|facts| facts.phone = Phone::parse("19900005678").ok());
    wang.of("三塘村").await
}

/// What a person's inbox says about an occasion.
async fn told(person: &Person, occasion: &str) -> Vec<String> {
    let inbox = person.get("/v1/me/inbox").await;
    let about = inbox.items().iter().filter(|one| one["occasion"] == occasion);
    about
        .filter_map(|one| Some(format!("{}\n{}", one["title"].as_str()?, one["body"].as_str()?)))
        .collect()
}

async fn a_new_phone_number_waits_for_the_secretary(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, wang_with_phone(&w).await);
    let first = wang.corrects("/v1/me", &json!({ "phone": "19900000001" })).await;
    first
        .has("phone", "199****5678")
        .has("pending", json!({ "email": null, "phone": "199****0001" }));
    let asked = wang.corrects("/v1/me", &json!({ "phone": "199 0000 4321" })).await;
    assert_eq!(asked["pending"]["phone"], "199****4321");
    wang.corrects("/v1/me", &json!({ "phone": "12" }))
        .await
        .names_fault("/phone", "phone_malformed");
    w.delivers().await;
    assert_eq!(
        told(&li, "request_made").await.len(),
        1,
        "the number before was taken back"
    );
    let open = li.get("/v1/requests?state=open").await;
    let [request] = open.items() else { panic!("{open}") };
    assert_eq!(
        (&request["kind"], &request["phone"]),
        (&json!("phone"), &json!("199****4321"))
    );
    let member = format!("/v1/members/{}", wang.member);
    let reveal = json!({ "field": "new_phone", "reason": "打电话核对" });
    li.post(&format!("{member}/reveal"), &reveal)
        .await
        .has("value", "+8619900004321");
    li.get(&member).await.has("phone", "199****5678");

    let path = format!("/v1/requests/{}", request["id"].as_str().expect("an id"));
    li.tells(&path, "answer", &json!({ "outcome": "done" }))
        .await
        .is("done");
    li.get(&member).await.has("phone", "199****4321");
    let record = wang.get("/v1/me").await;
    assert_eq!(record["pending"], json!({ "email": null, "phone": null }));
    w.delivers().await;
    let answer = told(&wang, "request_answered").await;
    assert!(
        answer.len() == 1 && answer[0].contains("已办好") && answer[0].contains("更换手机号码"),
        "{answer:?}"
    );
    let timeline = li.get(&format!("{member}/timeline")).await;
    let events: Vec<_> = timeline
        .items()
        .iter()
        .map(|one| one["event"].as_str().unwrap_or_default())
        .collect();
    assert!(
        events.ends_with(&["new_phone_revealed", "member_changed", "request_done"]),
        "{events:?}"
    );
    let mine = wang.get("/v1/me/requests").await;
    let states: Vec<_> = mine.items().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["done", "withdrawn"]);
}

async fn a_request_is_answered_once_with_a_reason(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let bare = wang
        .post(
            "/v1/me/requests",
            &json!({ "kind": "correction", "phone": "19900000001" }),
        )
        .await;
    bare.is_refused("invalid")
        .names_fault("/said", "required")
        .names_fault("/phone", "not_for_this_kind");
    let id = uuid::Uuid::now_v7();
    let body = json!({ "id": id, "kind": "correction", "said": "入党日期应为 1992 年 7 月 1 日" });
    let made = wang.post("/v1/me/requests", &body).await;
    made.is("open");
    assert_eq!(wang.post("/v1/me/requests", &body).await.body(), made.body());
    let other = w.member("赵建国").of("三塘村").await;
    other.post("/v1/me/requests", &body).await.names_fault("/id", "taken");
    let path = format!("/v1/requests/{id}");
    let declined = li.tells(&path, "answer", &json!({ "outcome": "declined" })).await;
    declined.names_fault("/reason", "reason_required");
    let declined = li
        .tells(
            &path,
            "answer",
            &json!({ "outcome": "declined", "reason": "档案里是六月" }),
        )
        .await;
    declined.is("declined").has("answered_by", li.name.clone());
    let again = li.tells(&path, "answer", &json!({ "outcome": "done" })).await;
    again.is_refused("transition_refused");
    assert_eq!(again["state"], "declined");
    let stale = li
        .client()
        .await
        .call(Method::POST, &format!("{path}/answer"))
        .if_match(1);
    stale
        .body(&json!({ "outcome": "done" }))
        .send()
        .await
        .is_refused("stale");
    w.delivers().await;
    let answer = told(&wang, "request_answered").await;
    assert!(
        answer.len() == 1 && answer[0].contains("未能办理") && answer[0].contains("档案里是六月"),
        "{answer:?}"
    );
}

async fn a_neighbour_sees_no_request(w: World) {
    let wang = w.member("王芳").of("三塘村").await;
    let made = wang.post("/v1/me/requests", &json!({ "kind": "erasure" })).await;
    let path = format!("/v1/requests/{}", made.succeeded().string("id"));
    let neighbour = w.secretary("西场村").await;
    neighbour.get(&path).await.is_refused("not_found");
    neighbour
        .tells(&path, "answer", &json!({ "outcome": "done" }))
        .await
        .is_refused("not_found");
    assert_eq!(neighbour.get("/v1/requests").await.items().len(), 0);
    let there = w.county().place("三塘村").id;
    neighbour
        .get(&format!("/v1/requests?organisation_id={there}"))
        .await
        .is_refused("not_found");
    wang.get("/v1/requests").await.is_refused("forbidden");
    let office = w.office("海安").await;
    assert_eq!(office.get("/v1/requests").await.items().len(), 1);
}

/// The six digits in the last mail to an address.
fn code_mailed_to(w: &World, address: &str) -> String {
    let mails = w.mail().received_by(address);
    let text = mails.last().expect("a mail with a code").text();
    let code = text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6);
    code.expect("six digits").to_owned()
}

async fn a_new_address_is_confirmed_by_its_code(w: World) {
    let wang = w.member("王芳").with(|facts| facts.by_email = false).of("三塘村").await;
    let before = wang.get("/v1/me").await["email"].clone();
    // Late in the evening, when nothing else is mailed: the member is waiting for it.
    w.waits(TimeDelta::hours(14));
    let change = json!({ "email": "wang.fang@example.org", "language": "en" });
    let changed = wang.corrects("/v1/me", &change).await;
    changed.has("email", before.clone()).has("language", "en");
    assert_eq!(changed["pending"]["email"], "wang.fang@example.org");
    w.delivers().await;
    let code = code_mailed_to(&w, "wang.fang@example.org");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = wang.post("/v1/me/email/confirm", &json!({ "code": wrong })).await;
    refused.is_refused("invalid").names_fault("/code", "code_wrong");
    let confirmed = wang.post("/v1/me/email/confirm", &json!({ "code": code })).await;
    confirmed.has("email", "wang.fang@example.org");
    assert_eq!(confirmed["pending"]["email"], Value::Null);
    let again = wang.post("/v1/me/email/confirm", &json!({ "code": code })).await;
    again.names_fault("/code", "code_wrong");
    let log = wang.get("/v1/me/access-log").await;
    assert_eq!(log.items()[0]["detail"]["fields"], json!(["email"]));
}

async fn a_code_is_guessed_in_vain(w: World) {
    let wang = w.member("王芳").of("三塘村").await;
    let ask = || async { wang.corrects("/v1/me", &json!({ "email": "new@example.org" })).await };
    ask().await.succeeded();
    w.delivers().await;
    let code = code_mailed_to(&w, "new@example.org");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        wang.post("/v1/me/email/confirm", &json!({ "code": wrong }))
            .await
            .names_fault("/code", "code_wrong");
    }
    let late = wang.post("/v1/me/email/confirm", &json!({ "code": code })).await;
    late.names_fault("/code", "code_wrong");
    for _ in 0..4 {
        ask().await.succeeded();
    }
    ask().await.names_fault("/email", "too_many_codes");
    w.delivers().await;
    let code = code_mailed_to(&w, "new@example.org");
    w.waits(TimeDelta::minutes(61));
    let old = wang.post("/v1/me/email/confirm", &json!({ "code": code })).await;
    old.names_fault("/code", "code_wrong");
    assert_eq!(wang.get("/v1/me").await["pending"]["email"], Value::Null);
}

async fn an_app_is_told_what_has_changed(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let all = wang.get("/v1/me/sync").await;
    assert_eq!(
        (&all["journey"], &all["stay"], &all["requests"]),
        (&Value::Null, &Value::Null, &json!([]))
    );
    assert_eq!(all["record"]["name"], "王芳");
    let since = |answer: &kiteline_tests::client::Answer| format!("/v1/me/sync?since={}", answer.string("cursor"));
    let nothing = wang.get(&since(&all)).await;
    let parts: Vec<_> = nothing.body().as_object().expect("parts").keys().cloned().collect();
    assert_eq!(parts, ["cursor", "inbox"]);
    assert_eq!(nothing["inbox"], json!({ "items": [], "removed": [] }));

    let kite = li.plans(&wang, to("310115")).leaving("2027-02-22").await;
    says(&w, &wang, 2027).await;
    let news = wang.get(&since(&nothing)).await;
    assert_eq!(news["journey"]["id"], json!(kite.id));
    assert_eq!(news.body().get("record"), None);
    let message = news["inbox"]["items"][0]["id"].as_str().expect("a message").to_owned();
    wang.post(&format!("/v1/me/inbox/{message}/read"), &json!({}))
        .await
        .succeeded();
    let read = wang.get(&since(&news)).await;
    assert_eq!(read["inbox"]["items"][0]["id"], json!(message));
    assert!(read["inbox"]["items"][0]["read_at"].is_string(), "{read}");
    let zhao = w.member("赵建国").of("三塘村").await;
    zhao.get(&since(&read)).await.names_fault("?since", "cursor_foreign");
    wang.get("/v1/me/sync?since=x")
        .await
        .names_fault("?since", "cursor_foreign");
}

async fn everything_held_is_in_one_answer(w: World) {
    let things = w.things("三塘村", "浦东流动").await;
    w.delivers().await;
    let wang = things.person;
    wang.checks_in("arrival").await.succeeded();
    says(&w, &wang, 2027).await;
    let data = wang.get("/v1/me/data").await;
    let parts = [
        "journeys",
        "checkins",
        "stays",
        "requests",
        "inbox",
        "timeline",
        "sessions",
        "access_log",
    ];
    for part in parts {
        assert!(
            data.succeeded()[part].as_array().is_some_and(|list| !list.is_empty()),
            "{part} of {data}"
        );
    }
    assert_eq!(data["record"]["id"], json!(wang.member));
}

/// Something is said to a member inside the app.
async fn says(w: &World, to: &Person, year: i32) {
    let member = to.member;
    let said = w
        .store()
        .write(move |tx| outbox::enqueue(tx, Occasion::Birthday, member.0, Period::Year(year), To::Member(member)));
    said.await.expect("a message");
    w.delivers().await;
}

/// A stream of events, read piece by piece.
struct Events {
    response: reqwest::Response,
    text: String,
}

impl Events {
    async fn of(client: &Client, last: Option<&str>) -> Self {
        let mut request = client
            .raw(Method::GET, "/v1/me/events")
            .header("Accept-Encoding", "gzip");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let response = request.send().await.expect("a stream");
        assert_eq!(response.status().as_u16(), 200);
        Self {
            response,
            text: String::new(),
        }
    }

    /// Waits for the comment that says that the line is open.
    async fn heartbeat(&mut self) {
        while !self.text.lines().any(|line| line == ":") {
            self.hears().await;
        }
    }

    async fn hears(&mut self) {
        let piece = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
        let piece = piece
            .expect("something in time")
            .expect("an open line")
            .expect("no end");
        self.text.push_str(&String::from_utf8_lossy(&piece));
    }

    /// The ids of the first so many messages.
    async fn ids(&mut self, count: usize) -> Vec<String> {
        loop {
            let ids: Vec<_> = self
                .text
                .lines()
                .filter_map(|line| line.strip_prefix("id: "))
                .map(String::from)
                .collect();
            if ids.len() >= count && self.text.ends_with("\n\n") {
                return ids;
            }
            self.hears().await;
        }
    }

    async fn ends(mut self) {
        let end = async { while let Ok(Some(_)) = self.response.chunk().await {} };
        tokio::time::timeout(PATIENCE, end)
            .await
            .expect("the end of the stream");
    }
}

async fn a_line_on_which_nothing_is_said_shows_that_it_is_open(w: World) {
    let wang = w.member("王芳").of("三塘村").await;
    let mut events = Events::of(&wang.client().await, None).await;
    events.heartbeat().await;
    assert!(!events.text.contains("id: "), "{}", events.text);
}

async fn events_go_on_after_a_restart(w: World) {
    let wang = w.member("王芳").of("三塘村").await;
    says(&w, &wang, 2020).await;
    w.waits(TimeDelta::seconds(5));
    let client = wang.client().await;
    let mut stream = Events::of(&client, None).await;
    says(&w, &wang, 2021).await;
    says(&w, &wang, 2022).await;
    w.waits(TimeDelta::seconds(5));
    let first = stream.ids(2).await;
    assert!(stream.text.contains("event: message\ndata: {"), "{}", stream.text);
    drop(stream);
    says(&w, &wang, 2023).await;
    w.waits(TimeDelta::seconds(5));

    let elsewhere = w.another_server().with_token(client.token().expect("a token"));
    let mut stream = Events::of(&elsewhere, first.first().map(String::as_str)).await;
    says(&w, &wang, 2024).await;
    w.waits(TimeDelta::seconds(5));
    let second = stream.ids(3).await;
    let inbox = wang.get("/v1/me/inbox").await;
    let all: Vec<_> = inbox.items().iter().filter_map(|one| one["id"].as_str()).collect();
    assert_eq!(all.len(), 5);
    assert_eq!(first, all[1..3], "what was new, not what was there before");
    assert_eq!(second, all[2..], "nothing missed, nothing twice");
    let wrong = client
        .call(Method::GET, "/v1/me/events")
        .header("Last-Event-ID", "7")
        .send()
        .await;
    wrong.names_fault("?Last-Event-ID", "malformed");
}

async fn the_end_of_a_session_ends_its_events(w: World) {
    let wang = w.member("王芳").of("三塘村").await;
    let client = wang.logs_in().await;
    let stream = Events::of(&client, None).await;
    client.post("/v1/auth/logout", &json!({})).await.succeeded();
    stream.ends().await;
}
