//! People: registered, changed, looked at; and told who looked.

use domain::phone::Phone;
use kiteline_tests::kite::to;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};

stories![
    a_member_is_registered_once_and_shown_masked,
    every_fault_of_a_registration_is_named_at_once,
    a_reveal_needs_a_reason_that_the_member_reads,
    a_new_standing_is_a_decision_with_a_reason,
    a_new_home_branch_takes_the_journey_along,
    a_neighbours_member_is_not_there,
    a_member_keeps_the_own_record_and_sees_everything_held,
    an_organisation_moves_with_everybody_below_it,
];

/// A synthetic identity number, and the day of birth in it.
const NUMBER: &str = "32060019710604049X";

fn zhao(w: &World) -> Value {
    json!({
        "home_branch_id": w.county().place("三塘村").id, "name": "赵建国", "identity_number": "320600 19710604 049x",
        "phone": "199 0000 1234", "email": "zhao@example.org", "joined_on": "1992-07-01", "full_member_on": "1993-07-01",
    })
}

async fn registered(secretary: &Person, body: &Value) -> String {
    let answer = secretary.post("/v1/members", body).await;
    format!("/v1/members/{}", answer.succeeded().string("id"))
}

async fn a_member_is_registered_once_and_shown_masked(w: World) {
    let li = w.secretary("三塘村").await;
    let zhao_path = registered(&li, &zhao(&w)).await;
    let seen = li.get(&zhao_path).await;
    seen.has("phone", "199****1234")
        .has("identity_number", "320600************");
    seen.has("gender", "male")
        .has("birth_date", "1971-06-04")
        .has("standing", "full");
    assert!(!seen.text().contains("049X"), "{seen}");
    assert!(seen.header("etag").is_some_and(|tag| tag.starts_with("\"1.")), "{seen}");
    let again = li.post("/v1/members", &zhao(&w)).await;
    again.is_refused("invalid").names_fault("/identity_number", "taken");
    let found = li.get("/v1/members?name=%E5%BB%BA%E5%9B%BD").await;
    assert_eq!(found.items().len(), 1, "{found}");
    let mut chosen = zhao(&w);
    chosen["identity_number"] = Value::Null;
    chosen["gender"] = json!("male");
    chosen["id"] = json!(uuid::Uuid::now_v7());
    let first = registered(&li, &chosen).await;
    assert_eq!(first, registered(&li, &chosen).await);
}

async fn every_fault_of_a_registration_is_named_at_once(w: World) {
    let li = w.secretary("三塘村").await;
    let body = json!({
        "home_branch_id": w.county().place("三塘村").id, "name": "赵建国", "gender": "female",
        "identity_number": NUMBER, "phone": "12", "email": "zhao",
    });
    let refused = li.post("/v1/members", &body).await;
    refused.is_refused("invalid").names_fault("/phone", "phone_malformed");
    refused
        .names_fault("/email", "email_malformed")
        .names_fault("/gender", "not_as_in_identity");
    let mut wrong = zhao(&w);
    wrong["home_branch_id"] = json!(w.county().place("曲塘镇").id);
    li.post("/v1/members", &wrong)
        .await
        .names_fault("/home_branch_id", "unknown_organisation");
    let office = w.office("海安").await;
    office
        .post("/v1/members", &wrong)
        .await
        .names_fault("/home_branch_id", "not_a_branch");
    wrong = zhao(&w);
    wrong["joined_on"] = json!("1970-01-01");
    li.post("/v1/members", &wrong)
        .await
        .names_fault("/joined_on", "before_birth");
}

async fn a_reveal_needs_a_reason_that_the_member_reads(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w
        .member("王芳")
        .with(|facts| facts.phone = Phone::parse("19900005678").ok())
        .of("三塘村")
        .await;
    let path = format!("/v1/members/{}/reveal", wang.member);
    let bare = li.post(&path, &json!({ "field": "phone", "reason": " " })).await;
    bare.names_fault("/reason", "reason_required");
    let shown = li.post(&path, &json!({ "field": "phone", "reason": "联系不上" })).await;
    shown.has("value", "+8619900005678");
    li.post(&path, &json!({ "field": "identity_number", "reason": "核对" }))
        .await
        .is_refused("not_found");
    let log = wang.get("/v1/me/access-log").await;
    let looked = &log.items()[0];
    assert_eq!(
        (&looked["action"], &looked["detail"]["reason"]),
        (&json!("phone_revealed"), &json!("联系不上"))
    );
    assert_eq!(looked["who"], json!(li.name));
}

async fn a_new_standing_is_a_decision_with_a_reason(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let path = format!("/v1/members/{}", wang.member);
    let bare = li.corrects(&path, &json!({ "standing": "suspended" })).await;
    bare.names_fault("/reason", "reason_required");
    let decided = li
        .corrects(&path, &json!({ "standing": "suspended", "reason": "支部大会决定" }))
        .await;
    decided.has("standing", "suspended").has("version", 2);
    let client = li.client().await;
    let stale = client
        .call(Method::PATCH, &path)
        .if_match(1)
        .body(&json!({ "address": null }))
        .send()
        .await;
    stale.is_refused("stale");
    client
        .call(Method::PATCH, &path)
        .body(&json!({}))
        .send()
        .await
        .is_refused("if_match_required");
    let timeline = li.get(&format!("{path}/timeline")).await;
    let last = timeline.items().last().cloned().unwrap_or_default();
    assert_eq!(
        (&last["event"], &last["reason"]),
        (&json!("standing_changed"), &json!("支部大会决定"))
    );
}

async fn a_new_home_branch_takes_the_journey_along(w: World) {
    let (office, li) = (w.office("海安").await, w.secretary("三塘村").await);
    let wang = w.member("王芳").of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-02-22").await;
    let path = format!("/v1/members/{}", wang.member);
    let there = w.county().place("王垛村").id;
    li.corrects(&path, &json!({ "home_branch_id": there }))
        .await
        .names_fault("/home_branch_id", "unknown_organisation");
    office
        .corrects(&path, &json!({ "home_branch_id": there }))
        .await
        .succeeded();
    li.get(&path).await.is_refused("not_found");
    li.sees(&kite).await.is_refused("not_found");
    let next = w.secretary("王垛村").await;
    assert_eq!(next.sees(&kite).await["origin"]["name"], "王垛村党支部");
}

async fn a_neighbours_member_is_not_there(w: World) {
    let (neighbour, wang) = (w.secretary("西场村").await, w.member("王芳").of("三塘村").await);
    let path = format!("/v1/members/{}", wang.member);
    neighbour.get(&path).await.is_refused("not_found");
    neighbour.get(&format!("{path}/timeline")).await.is_refused("not_found");
    neighbour
        .corrects(&path, &json!({ "address": "别处" }))
        .await
        .is_refused("not_found");
    let reveal = json!({ "field": "phone", "reason": "看看" });
    neighbour
        .post(&format!("{path}/reveal"), &reveal)
        .await
        .is_refused("not_found");
    assert_eq!(neighbour.get("/v1/members").await.items().len(), 0);
    let there = w.county().place("三塘村").id;
    neighbour
        .get(&format!("/v1/members?organisation_id={there}"))
        .await
        .is_refused("not_found");
    neighbour
        .get(&format!("/v1/rosters/members?organisation_id={there}"))
        .await
        .is_refused("not_found");
    wang.get(&path).await.is_refused("forbidden");
}

async fn a_member_keeps_the_own_record_and_sees_everything_held(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    li.plans(&wang, to("310115")).leaving("2027-02-22").await;
    wang.get("/v1/me").await.has("name", "王芳").has("quiet_from", "21:00");
    let change = json!({ "language": "en", "quiet_from": "22:30", "by_email": false, "email": null });
    let changed = wang.corrects("/v1/me", &change).await;
    changed
        .has("language", "en")
        .has("quiet_from", "22:30")
        .has("quiet_until", "08:00")
        .has("email", Value::Null);
    let wrong = wang
        .corrects("/v1/me", &json!({ "quiet_from": "25:00", "standing": "full" }))
        .await;
    wrong
        .names_fault("/quiet_from", "malformed")
        .names_fault("/standing", "unknown_field");
    let data = wang.get("/v1/me/data").await;
    assert_eq!(data["record"]["name"], "王芳");
    assert_eq!(data["journeys"].as_array().map(Vec::len), Some(1));
    li.get("/v1/me").await.is_refused("forbidden");
}

async fn an_organisation_moves_with_everybody_below_it(w: World) {
    let administrator = w.administrator().await;
    let (town, village) = (w.county().place("雅周镇").id, w.county().place("三塘村").id);
    let wang = w.member("王芳").of("三塘村").await;
    let yazhou = w.secretary("雅周镇").await;
    yazhou
        .get(&format!("/v1/members/{}", wang.member))
        .await
        .is_refused("not_found");
    let path = format!("/v1/organisations/{village}");
    administrator
        .tells(&path, "move", &json!({ "parent_id": town }))
        .await
        .has("path", "/HA/YZ/ST/");
    yazhou
        .get(&format!("/v1/members/{}", wang.member))
        .await
        .has("name", "王芳");
    let children = administrator.get(&format!("/v1/organisations/{town}/children")).await;
    assert_eq!(children.items().len(), 2);
    let renamed = administrator
        .corrects(&path, &json!({ "name": "三塘村支部", "phone": null }))
        .await;
    renamed.has("name", "三塘村支部").has("phone", Value::Null);
    let new = json!({ "code": "ST2", "kind": "branch", "name": "三塘二村党支部", "parent_id": town });
    let created = administrator.post("/v1/organisations", &new).await;
    created.has("path", "/HA/YZ/ST2/");
    administrator
        .post("/v1/organisations", &new)
        .await
        .names_fault("/code", "taken");
    yazhou.post("/v1/organisations", &new).await.is_refused("forbidden");
}
