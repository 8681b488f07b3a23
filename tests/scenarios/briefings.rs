//! The briefing (行前教育) before a journey: each organisation's own list, and what the member ticks.

use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::to;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};

stories![
    a_county_briefs_by_its_own_list,
    a_member_ticks_what_is_the_members,
    whoever_leaves_with_open_items_leaves_them_on_record,
];

async fn own_list(county: &Person) {
    let items = json!([
        { "item": "talk", "zh": "行前谈话", "en": "A talk before leaving", "by_member": false },
        { "item": "red_bag", "zh": "领取红色书包", "en": "The red bag handed over", "by_member": false },
        { "item": "emergency_card", "zh": "填写应急联系卡", "en": "Emergency card filled in", "by_member": true },
    ]);
    let chosen = county
        .chooses_value("海安", "briefing_items", &json!({ "items": items }))
        .await;
    assert_eq!(chosen.setting("briefing_items")["items"], items);
}

fn words(answer: &Answer) -> Vec<&str> {
    let items = answer.succeeded()["briefing"].as_array().into_iter().flatten();
    items.filter_map(|item| item["item"].as_str()).collect()
}

fn item<'a>(answer: &'a Answer, word: &str) -> &'a Value {
    let mut items = answer.succeeded()["briefing"].as_array().into_iter().flatten();
    items.find(|item| item["item"] == word).expect("the item")
}

async fn ticks(who: &Person, item: &str, day: &Value) -> Answer {
    let path = format!("/v1/me/journey/briefing/{item}");
    who.changes(Method::PUT, "/v1/me/journey", &path, &json!({ "done_on": day }))
        .await
}

async fn a_county_briefs_by_its_own_list(w: World) {
    let (county, li) = (w.office("海安").await, w.secretary("三塘村").await);
    let (zhao, wang) = (w.member("赵云").of("三塘村").await, w.member("王芳").of("三塘村").await);
    let before = li.plans(&zhao, to("310115")).leaving("2027-02-22").await;
    own_list(&county).await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-26").await;
    let seen = li.sees(&kite).await;
    assert_eq!(words(&seen), ["talk", "red_bag", "emergency_card"]);
    let bag = item(&seen, "red_bag");
    assert_eq!(
        (&bag["title"], &bag["title_en"]),
        (&json!("领取红色书包"), &json!("The red bag handed over"))
    );
    assert_eq!(words(&li.sees(&before).await).len(), 6, "what was laid out stays");
    li.briefs(&kite, "talk").await.succeeded();
    w.passes(TimeDelta::days(1)).await;
    let mails = w.mail().received();
    let reminder = mails.iter().find(|mail| mail.text().contains("领取红色书包"));
    let text = reminder.expect("a reminder with the list's own names").text();
    assert!(text.contains("填写应急联系卡") && !text.contains("行前谈话"), "{text}");
    // The list that the county gives up is nobody's any more.
    county.leaves_to_others("海安", "briefing_items").await.succeeded();
    assert_eq!(words(&li.sees(&kite).await).len(), 3);
}

async fn a_member_ticks_what_is_the_members(w: World) {
    let (county, li) = (w.office("海安").await, w.secretary("三塘村").await);
    own_list(&county).await;
    let wang = w.member("王芳").of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-02-22").await;
    let mine = wang.get("/v1/me/journey").await;
    assert_eq!(item(&mine, "emergency_card")["by_member"], true);
    assert_eq!(
        mine["open_briefing_items"],
        json!(["talk", "red_bag", "emergency_card"])
    );
    let today = json!(w.today());
    let done = ticks(&wang, "emergency_card", &today).await;
    assert_eq!(item(&done, "emergency_card")["by"], "王芳");
    assert_eq!(done["open_briefing_items"], json!(["talk", "red_bag"]));
    ticks(&wang, "talk", &today).await.is_refused("forbidden");
    ticks(&wang, "horoscope", &today).await.is_refused("not_found");
    let early = ticks(&wang, "emergency_card", &json!("2027-01-12")).await;
    early.is_refused("invalid").names_fault("/done_on", "in_the_future");
    let blind = wang.client().await;
    let stale = blind
        .call(Method::PUT, "/v1/me/journey/briefing/emergency_card")
        .if_match(1);
    stale.body(&json!({ "done_on": null })).send().await.is_refused("stale");
    assert_eq!(item(&li.sees(&kite).await, "emergency_card")["by"], "王芳");
    assert!(li.timeline(&kite).await.contains(&"briefed".to_owned()));
    ticks(&wang, "emergency_card", &Value::Null).await.succeeded();
    assert_eq!(item(&li.sees(&kite).await, "emergency_card")["done_on"], Value::Null);
}

async fn whoever_leaves_with_open_items_leaves_them_on_record(w: World) {
    let (county, li) = (w.office("海安").await, w.secretary("三塘村").await);
    own_list(&county).await;
    let wang = w.member("王芳").of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.briefs(&kite, "talk").await.succeeded();
    let away = li.departs(&kite).await;
    away.is("away")
        .has("open_briefing_items", json!(["red_bag", "emergency_card"]));
    let timeline = li.get(&format!("{}/timeline", kite.path())).await;
    let departed = timeline
        .items()
        .iter()
        .find(|entry| entry["event"] == "depart")
        .unwrap();
    assert_eq!(
        departed["detail"]["open_briefing_items"],
        json!(["red_bag", "emergency_card"])
    );
}
