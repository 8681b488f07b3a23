//! What can not be planned and done in a campaign.
use chrono::TimeDelta;
use kiteline_tests::campaign::Campaign;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::json;

stories![what_can_not_be_is_refused_with_what_would_be_right];

async fn what_can_not_be_is_refused_with_what_would_be_right(w: World) {
    let office = w.office("海安").await;
    what_can_not_be_planned(&office).await;
    what_can_not_be_done(&w, &office).await;
}

async fn what_can_not_be_planned(office: &Person) {
    let wrong = json!({
        "window": { "from": "2027-02-10", "until": "2027-12-31" },
        "audience": { "states": ["returned"], "divisions": ["3"] },
        "prompts": [{ "days_before": 40 }],
    });
    let refused = office.plans_campaign("海安", wrong).await;
    refused.is_refused("invalid");
    for (at, code) in [
        ("/window/from", "window_without_festival"),
        ("/window/until", "window_too_long"),
        ("/audience/states/0", "not_in_list"),
        ("/audience/divisions/0", "malformed"),
        ("/prompts", "prompts_need_away"),
        ("/prompts/0/days_before", "prompt_outside_window"),
    ] {
        refused.names_fault(at, code);
    }
    let early = json!({ "window": { "from": "2027-01-01", "until": "2027-02-05" } });
    let refused = office.plans_campaign("海安", early).await;
    refused.names_fault("/window/until", "window_without_festival");
    let christmas = office.plans_campaign("海安", json!({ "festival": "christmas" })).await;
    christmas.is_refused("invalid").names_fault("/festival", "not_in_list");
}

async fn what_can_not_be_done(w: &World, office: &Person) {
    let id = uuid::Uuid::now_v7();
    let first = office.plans_campaign("海安", json!({ "id": id })).await;
    let again = office
        .plans_campaign("海安", json!({ "id": id, "title": "又一次" }))
        .await;
    assert_eq!(
        (again.string("id"), again.string("title")),
        (first.string("id"), first.string("title"))
    );
    let (one, other) = (
        Campaign::of(&first),
        Campaign::of(&office.plans_campaign("海安", json!({})).await),
    );
    office.opens(&one).await.is("open");
    let refused = office.opens(&other).await;
    refused.is_refused("invalid").names_fault("", "has_open_campaign");
    office.opens(&one).await.is_refused("transition_refused");
    let stale = office
        .client()
        .await
        .call(Method::POST, &format!("{}/cancel", other.path()));
    let stale = stale.if_match(9).body(&json!({ "reason": "重复" })).send().await;
    stale.is_refused("stale");
    let shorter = json!({ "window": { "from": "2027-01-20", "until": "2027-02-20" } });
    let refused = office.corrects(&one.path(), &shorter).await;
    refused.names_fault("/prompts/0/days_before", "prompt_outside_window");
    office
        .corrects(&one.path(), &json!({ "title": "春节团圆" }))
        .await
        .has("title", "春节团圆");
    office.closes_campaign(&one).await.is("closed");
    office
        .corrects(&one.path(), &json!({ "title": "太迟" }))
        .await
        .is_refused("transition_refused");
    w.passes(TimeDelta::days(60)).await;
    let late = office.opens(&other).await;
    late.is_refused("not_yet").names_fault("", "window_over");
}
