//! What creates, sent over a network that loses answers.

use chrono::TimeDelta;
use kiteline_tests::client::{Answer, Client};
use kiteline_tests::kite::to;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use persistence::once::{self, Asked, Known};
use reqwest::Method;
use serde_json::{Value, json};

stories![
    the_same_registration_sent_twice_registers_once,
    twins_under_one_key_create_once,
    a_server_that_died_holds_a_key_for_a_minute,
    a_code_is_handed_over_once,
];

fn leaves(wang: &Person) -> Value {
    json!({ "member_id": wang.member, "reason": "work", "destination": to("310115"), "planned_departure_on": "2027-02-22" })
}

const JOURNEYS: &str = "/v1/kite/journeys";
const KEY: &str = "a key that the phone made up";

async fn registers(client: &Client, member: &Person, key: &str) -> Answer {
    let call = client.call(Method::POST, JOURNEYS).body(&leaves(member));
    call.once(key).send().await
}

async fn the_same_registration_sent_twice_registers_once(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let client = li.client().await;
    let first = registers(&client, &wang, KEY).await;
    first.is("planned");
    w.waits(TimeDelta::minutes(3));
    let again = registers(&client, &wang, KEY).await;
    assert_eq!((again.status(), again.text()), (201, first.text()));
    assert_eq!(again.header("etag"), first.header("etag"));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(li.get(JOURNEYS).await.items().len(), 1);

    let zhao = w.member("赵建国").of("三塘村").await;
    let other = registers(&client, &zhao, KEY).await;
    other.is_refused("idempotency_key_reused");
    let office = w.office("海安").await.client().await;
    let theirs = registers(&office, &zhao, KEY).await;
    theirs.is("planned");

    let refused = registers(&client, &zhao, "another").await;
    refused.names_fault("/member_id", "has_open_journey");
    let again = registers(&client, &zhao, "another").await;
    assert_eq!(again.text(), refused.text(), "what was refused is refused alike");

    w.waits(TimeDelta::days(8));
    let client = li.client().await;
    let late = registers(&client, &wang, KEY).await;
    late.names_fault("/member_id", "has_open_journey");
    assert_eq!(w.database().count("answers"), 1, "after a week nothing is kept");
}

async fn twins_under_one_key_create_once(w: World) {
    let li = w.secretary("三塘村").await;
    let client = li.client().await;
    let new = json!({ "home_branch_id": w.county().place("三塘村").id, "name": "赵建国", "gender": "male" });
    let twins = (0..8).map(|_| client.call(Method::POST, "/v1/members").body(&new).once(KEY).send());
    let answers = futures_util::future::join_all(twins).await;
    let created = answers.iter().filter(|one| one.status() == 201).count();
    for answer in &answers {
        if answer.status() != 201 {
            answer.is_refused("request_under_way");
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
    }
    assert!(created >= 1);
    assert_eq!(li.get("/v1/members").await.items().len(), 1);
}

async fn a_server_that_died_holds_a_key_for_a_minute(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let client = li.client().await;
    let body = serde_json::to_vec(&leaves(&wang)).expect("a body");
    let asked = Asked::new(li.account, KEY, "POST", JOURNEYS, &body);
    let claimed = w.store().write(move |tx| once::claim(tx, &asked)).await;
    assert_eq!(claimed.expect("a claim"), Known::New, "and then that server was gone");

    let early = registers(&client, &wang, KEY).await;
    early.is_refused("request_under_way");
    w.waits(TimeDelta::minutes(2));
    registers(&client, &wang, KEY).await.is("planned");
}

async fn a_code_is_handed_over_once(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let client = li.client().await;
    let path = format!("/v1/members/{}/invitation", wang.member);
    let first = client.call(Method::POST, &path).once(KEY).send().await;
    let again = client.call(Method::POST, &path).once(KEY).send().await;
    assert_eq!(first.succeeded().string("code"), again.string("code"));
    let another = client.call(Method::POST, &path).send().await;
    assert_ne!(first.string("code"), another.string("code"));
}
