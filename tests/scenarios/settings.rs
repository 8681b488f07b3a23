//! Settings: what an organisation chooses holds below it, until somebody there chooses otherwise.

use kiteline_tests::kite::to;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};

stories![
    what_the_county_chooses_holds_below_until_a_town_chooses_otherwise,
    what_contradicts_itself_is_refused,
    each_key_says_its_type_its_range_and_its_default,
    the_due_day_of_a_handover_is_the_asked_sides_choice,
    only_an_office_chooses_and_only_for_its_own,
];

async fn what_the_county_chooses_holds_below_until_a_town_chooses_otherwise(w: World) {
    let (county, town, li) = (
        w.office("海安").await,
        w.office("曲塘镇").await,
        w.secretary("三塘村").await,
    );
    let by_default = li.looks_up("三塘村").await;
    let due = by_default.setting("handover_due_days");
    assert_eq!(
        (&due["days"], &due["chosen_by"], &due["own"]),
        (&json!(10), &json!(null), &json!(false))
    );
    assert_eq!(
        (&due["minimum"], &due["maximum"], &due["default"]["days"]),
        (&json!(1), &json!(60), &json!(10))
    );
    assert_eq!(
        due["description"],
        "对接须在几天内答复，逾期告知双方共同的上级；询问去向的，逾期后对方可按去向不明办理离开"
    );

    county.chooses("海安", "handover_due_days", 12).await.succeeded();
    county.chooses("海安", "contact_interval_days", 45).await.succeeded();
    let inherited = li.looks_up("三塘村").await;
    let due = inherited.setting("handover_due_days");
    assert_eq!(
        (&due["days"], &due["chosen_by"]["name"]),
        (&json!(12), &json!("海安市委组织部"))
    );
    assert!(
        inherited.version() > by_default.version(),
        "what is above is part of what was seen"
    );

    let chosen = town.chooses("曲塘镇", "handover_due_days", 7).await;
    assert_eq!(chosen.setting("handover_due_days")["own"], true);
    let days = |answer: &kiteline_tests::client::Answer| answer.setting("handover_due_days")["days"].clone();
    assert_eq!(days(&li.looks_up("三塘村").await), 7);
    assert_eq!(
        days(&county.looks_up("雅周镇").await),
        12,
        "a neighbour is not concerned"
    );

    town.leaves_to_others("曲塘镇", "handover_due_days").await.succeeded();
    assert_eq!(days(&li.looks_up("三塘村").await), 12);

    let wang = w.member("王芳").of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-02-22").await;
    li.sees(&kite).await.has("contact_interval_days", 45);
    let audit = w
        .database()
        .count("audit where action in ('setting_chosen', 'setting_left_to_others')");
    assert_eq!(audit, 4);
}

async fn what_contradicts_itself_is_refused(w: World) {
    let county = w.office("海安").await;
    let refused = county.chooses("海安", "handover_reminded_days", 10).await;
    refused
        .is_refused("invalid")
        .names_fault("/days", "reminder_not_before_due");
    let refused = county.chooses("海安", "handover_due_days", 30).await;
    refused
        .is_refused("invalid")
        .names_fault("/days", "lapse_not_after_due");
    let refused = county.chooses("海安", "handover_due_days", 61).await;
    refused.is_refused("invalid").names_fault("/days", "too_big");
    assert!(refused.text().contains("太大，至多为 60"), "{refused}");
    let items = json!([{ "item": "talk", "zh": "谈话", "en": "A talk", "by_member": false },
                       { "item": "talk", "zh": "谈话", "en": "A talk", "by_member": false }]);
    let refused = county
        .chooses_value("海安", "briefing_items", &json!({ "items": items }))
        .await;
    refused.is_refused("invalid").names_fault("/items/1/item", "item_twice");
    let refused = county
        .chooses_value("海安", "handover_due_days", &json!({ "items": items }))
        .await;
    refused.is_refused("invalid").names_fault("/days", "required");
    let refused = county.chooses_value("海安", "handover_due_days", &json!({})).await;
    refused.is_refused("invalid").names_fault("/days", "one_of");
    county.chooses("海安", "horoscope", 7).await.is_refused("not_found");
    assert_eq!(county.looks_up("海安").await.setting("handover_due_days")["days"], 10);

    // What is no contradiction by itself becomes one when a choice is taken back.
    county.chooses("海安", "handover_due_days", 25).await.succeeded();
    county.chooses("海安", "handover_reminded_days", 20).await.succeeded();
    let refused = county.leaves_to_others("海安", "handover_due_days").await;
    refused.is_refused("invalid").names_fault("", "reminder_not_before_due");
}

/// What a list takes besides an entry of its default, so that it has as many as are wanted.
fn list_of(of_type: &str, first: &Value, number: u64) -> Value {
    let entry = |at: u64| {
        let mut entry = first.clone();
        if of_type == "items" {
            entry["item"] = json!(format!("item_{at}"));
        }
        entry
    };
    (0..number).map(entry).collect()
}

async fn each_key_says_its_type_its_range_and_its_default(w: World) {
    let county = w.office("海安").await;
    let by_default = county.looks_up("海安").await;
    let lines = by_default.succeeded()["settings"].as_array().unwrap().clone();
    assert_eq!(lines.len(), domain::settings::ALL.len());
    for line in lines {
        let (key, of_type) = (line["key"].as_str().unwrap(), line["type"].as_str().unwrap());
        assert_eq!(line["default"][of_type], line[of_type], "nobody has chosen {key}");
        assert!(!line[of_type].is_null(), "{line}");
        let (least, most) = (line["minimum"].as_u64().unwrap(), line["maximum"].as_u64().unwrap());
        let (changed, beyond, code) = if of_type == "days" {
            (json!(line["days"].as_u64().unwrap() + 1), json!(most + 1), "too_big")
        } else {
            let first = &line[of_type][0];
            let beyond = list_of(of_type, first, most + 1);
            (list_of(of_type, first, least), beyond, "too_long")
        };
        let refused = county.chooses_value("海安", key, &json!({ of_type: beyond })).await;
        refused.is_refused("invalid").names_fault(&format!("/{of_type}"), code);
        assert!(refused.text().contains(&most.to_string()), "{key}: {refused}");

        let chosen = county.chooses_value("海安", key, &json!({ of_type: changed })).await;
        let after = chosen.setting(key);
        assert_eq!((&after[of_type], &after["own"]), (&changed, &json!(true)), "{key}");
        assert_eq!(
            after["default"], line["default"],
            "{key}: what was there before can be seen"
        );
        county.leaves_to_others("海安", key).await.succeeded();
    }
}

async fn the_due_day_of_a_handover_is_the_asked_sides_choice(w: World) {
    let (county, li, chen) = (
        w.office("海安").await,
        w.secretary("三塘村").await,
        w.secretary("驻沪").await,
    );
    county.chooses("驻沪", "handover_due_days", 20).await.succeeded();
    county.chooses("曲塘镇", "handover_due_days", 8).await.succeeded();
    let wang = w.member("王芳").of("三塘村").await;
    let notice = li.plans(&wang, to("310115")).hosted_by("驻沪");
    li.departs(&notice.leaving("2027-01-11").await).await.is("away");
    let offer = chen.only_incoming("offered").await;
    chen.reads(&offer).await.has("due_on", "2027-01-31");
    // What was asked keeps its days.
    county.leaves_to_others("驻沪", "handover_due_days").await.succeeded();
    chen.reads(&offer).await.has("due_on", "2027-01-31");
    w.runs_jobs().await;
}

async fn only_an_office_chooses_and_only_for_its_own(w: World) {
    let (li, town) = (w.secretary("三塘村").await, w.office("曲塘镇").await);
    li.chooses("三塘村", "handover_due_days", 9)
        .await
        .is_refused("forbidden");
    town.chooses("雅周镇", "handover_due_days", 9)
        .await
        .is_refused("not_found");
    town.looks_up("雅周镇").await.is_refused("not_found");
    let settings = format!("/v1/organisations/{}/settings", w.county().place("曲塘镇").id);
    let client = town.client().await;
    let blind = client.call(Method::PUT, &format!("{settings}/handover_due_days"));
    let blind = blind.body(&json!({ "days": 9 })).send().await;
    blind.is_refused("if_match_required");
    let seen = town.looks_up("曲塘镇").await.version();
    town.chooses("曲塘镇", "handover_due_days", 9).await.succeeded();
    let late = client.call(Method::PUT, &format!("{settings}/handover_due_days"));
    let late = late.if_match(seen).body(&json!({ "days": 8 })).send().await;
    late.is_refused("stale");
}
