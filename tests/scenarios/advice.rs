//! Advice (提示), never force: what those who lead are shown, and what they make of it.

use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::Stay;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};

stories![
    half_a_year_at_the_same_place,
    whoever_moves_about_is_not_advised,
    three_carpenters_from_one_village_in_shanghai,
    what_the_committee_makes_of_a_suggestion,
    a_phone_number_that_no_longer_rings,
    a_number_that_a_contact_finds_dead_is_asked_for_at_the_host,
];

async fn away(w: &World, li: &Person, name: &str) -> (Person, Kite) {
    let member = w.member(name).of("三塘村").await;
    let kite = li.plans(&member, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    (member, kite)
}

/// The words of what is advised.
fn advice(answer: &Answer) -> Vec<&str> {
    let all = answer["advice"].as_array().expect("advice");
    all.iter().map(|one| one["advice"].as_str().unwrap()).collect()
}

async fn advised(who: &Person, advice: &str) -> Vec<String> {
    let list = who.get(&format!("/v1/rosters/outbound?advice={advice}")).await;
    let names = list.items().iter().map(|one| one["name"].as_str().unwrap().to_owned());
    names.collect()
}

async fn half_a_year_at_the_same_place(w: World) {
    let li = w.secretary("三塘村").await;
    let (wang, kite) = away(&w, &li, "王芳").await;
    let (_, gone) = away(&w, &li, "李娜").await;
    w.passes(TimeDelta::days(100)).await;
    wang.checks_in("periodic").await.succeeded();
    li.moves_on(&gone, "320500", "驻沪").await.is("away");
    assert!(advice(&li.sees(&kite).await).is_empty());

    w.passes(TimeDelta::days(82)).await;
    let seen = li.sees(&kite).await;
    seen.is("away");
    assert_eq!(advice(&seen), ["transfer_relation"]);
    assert!(seen["advice"][0]["source"].as_str().unwrap().contains("应转尽转"));
    assert_eq!(advised(&li, "transfer_relation").await, ["王芳"]);
    assert!(advice(&li.sees(&gone).await).is_empty(), "she has moved");
    let own = wang.get("/v1/me/journey").await;
    assert_eq!(own["advice"], json!([]), "it is shown to those who lead");
    li.get("/v1/rosters/overdue?advice=transfer_relation")
        .await
        .is_refused("invalid")
        .names_fault("?advice", "not_a_filter");

    li.starts_transfer(&kite, "王垛村").await.succeeded();
    assert!(advised(&li, "transfer_relation").await.is_empty(), "it is under way");
    w.runs_jobs().await;
}

async fn whoever_moves_about_is_not_advised(w: World) {
    let li = w.secretary("三塘村").await;
    let (wang, kite) = away(&w, &li, "王芳").await;
    w.passes(TimeDelta::days(150)).await;
    let elsewhere = wang.writes_checkin("periodic").with("division_code", json!("320500"));
    wang.sends(&elsewhere).await.succeeded();
    w.passes(TimeDelta::days(60)).await;
    assert!(advice(&li.sees(&kite).await).is_empty());
    li.sees(&kite).await.is("away");
    w.runs_jobs().await;
}

async fn a_phone_number_that_no_longer_rings(w: World) {
    let li = w.secretary("三塘村").await;
    let zhao = w.contact_officer("三塘村").await;
    let (wang, kite) = away(&w, &li, "王芳").await;
    let officer = json!({ "contact_officer_id": zhao.account });
    li.names_officer(&kite, officer).await.succeeded();
    let path = format!("/v1/members/{}/phone", wang.member);
    assert_eq!(li.get(&path).await["trouble"], Value::Null);

    let bounced = json!({ "source": "changed", "note": "接电话的是别人" });
    let marked = li.post(&format!("{path}/bounced"), &bounced).await;
    assert_eq!(marked["trouble"]["note"], "接电话的是别人");
    let again = json!({ "source": "not_in_service" });
    let again = li.post(&format!("{path}/bounced"), &again).await;
    assert_eq!(again["trouble"]["source"], "changed", "what was noted stays");
    assert_eq!(advice(&li.sees(&kite).await), ["ask_for_phone"]);
    let list = zhao.get("/v1/officer/members").await;
    assert_eq!(list.items()[0]["advice"], json!(["ask_for_phone"]));
    assert_eq!(advised(&li, "ask_for_phone").await, ["王芳"]);
    assert_eq!(wang.get("/v1/me/data").await["phone"]["trouble"]["source"], "changed");
    let alone = li.post(&format!("{path}/ask-host"), &json!({})).await;
    alone.is_refused("transition_refused");

    let new = json!({ "phone": "19900000042" });
    wang.corrects("/v1/me", &new).await.succeeded();
    assert!(advice(&li.sees(&kite).await).is_empty(), "she has named the new one");
    let known = li.get(&path).await;
    assert_eq!(known["new_phone_waits"], true);
    li.corrects(&format!("/v1/members/{}", wang.member), &new)
        .await
        .succeeded();
    let known = li.get(&path).await;
    assert_eq!(known["trouble"], Value::Null);
    assert!(advice(&li.sees(&kite).await).is_empty());
    w.runs_jobs().await;
}

async fn a_number_that_a_contact_finds_dead_is_asked_for_at_the_host(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let (wang, kite) = away(&w, &li, "王芳").await;
    li.names_host(&kite, "驻沪").await.succeeded();
    let offer = chen.only_incoming("offered").await;
    let taken = chen.answers(&offer, "accept").await;
    let stay = Stay {
        id: taken["stay"]["id"].as_str().unwrap().to_owned(),
    };
    w.passes(TimeDelta::days(1)).await;
    li.records(&kite, &li.writes_contact("phone", "number_not_in_service"))
        .await
        .succeeded();
    assert_eq!(advice(&li.sees(&kite).await), ["ask_for_phone"]);
    li.sees(&kite).await.has("next_checkin_due", "2027-02-10");
    let path = format!("/v1/members/{}/phone", wang.member);
    let known = li.get(&path).await;
    assert_eq!(known["trouble"]["source"], "not_in_service");
    assert_eq!(known["host"]["name"], "驻沪流动党员联合党委");
    for _ in 0..2 {
        li.post(&format!("{path}/ask-host"), &json!({})).await.succeeded();
    }
    w.runs_jobs().await;
    let inbox = chen.get("/v1/me/inbox?limit=500").await;
    let asked = inbox.items().iter().filter(|one| one["occasion"] == "phone_asked");
    assert_eq!(asked.count(), 1);
    let story = chen.story_of(&stay).await;
    assert_eq!(story.iter().filter(|word| *word == "phone_asked").count(), 1);
}

async fn clusters(who: &Person, state: &str) -> Vec<Value> {
    let page = who.get(&format!("/v1/kite/clusters?state={state}")).await;
    page.items().to_vec()
}

async fn three_carpenters_from_one_village_in_shanghai(w: World) {
    let (li, town) = (w.secretary("三塘村").await, w.office("曲塘镇").await);
    for name in ["王芳", "李娜"] {
        away(&w, &li, name).await;
    }
    let candidate = w.member("周强").standing(domain::codes::Standing::Probationary);
    let candidate = candidate.of("三塘村").await;
    let notice = li.plans(&candidate, to("310115")).leaving("2027-01-11").await;
    li.departs(&notice).await.is("away");
    let other = w.member("赵云").of("西场村").await;
    let xichang = w.secretary("西场村").await;
    xichang.plans(&other, to("310115")).leaving("2027-01-11").await;
    assert!(
        clusters(&town, "suggested").await.is_empty(),
        "two of one village, and a probationary one"
    );

    away(&w, &li, "张三").await;
    let found = clusters(&town, "suggested").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["members"], 3);
    assert_eq!(found[0]["organisation"]["name"], "三塘村党支部");
    assert_eq!(found[0]["committee"]["name"], "曲塘镇党委");
    assert_eq!(found[0]["division"], "上海市浦东新区");
    let roster = town.get(found[0]["roster"].as_str().unwrap()).await;
    let mut names: Vec<_> = roster.items().iter().map(|one| one["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["张三", "李娜", "王芳"]);
    li.get("/v1/kite/clusters").await.is_refused("forbidden");
    assert!(
        clusters(&w.office("三塘村").await, "suggested").await.is_empty(),
        "not the committee above"
    );
    assert!(
        clusters(&w.office("雅周镇").await, "suggested").await.is_empty(),
        "another town"
    );
}

async fn what_the_committee_makes_of_a_suggestion(w: World) {
    let (li, town) = (w.secretary("三塘村").await, w.office("曲塘镇").await);
    for name in ["王芳", "李娜", "张三"] {
        away(&w, &li, name).await;
    }
    let village = w.county().place("三塘村").id;
    let dismissal = json!({ "organisation_id": village, "division_code": "310115", "reason": "月底完工返乡" });
    let dismissed = town.post("/v1/kite/clusters/dismissals", &dismissal).await;
    dismissed.is("dismissed");
    assert_eq!(dismissed["answer"]["reason"], "月底完工返乡");
    assert!(clusters(&town, "suggested").await.is_empty());
    assert_eq!(clusters(&town, "dismissed").await.len(), 1);
    let nowhere = json!({ "organisation_id": village, "division_code": "320500", "reason": "没有人" });
    let nowhere = town.post("/v1/kite/clusters/dismissals", &nowhere).await;
    nowhere
        .is_refused("invalid")
        .names_fault("/division_code", "no_cluster");
    let stranger = w
        .office("雅周镇")
        .await
        .post("/v1/kite/clusters/dismissals", &dismissal)
        .await;
    stranger
        .is_refused("invalid")
        .names_fault("/organisation_id", "unknown_organisation");

    away(&w, &li, "孙五").await;
    assert_eq!(
        clusters(&town, "suggested").await[0]["members"],
        4,
        "it has grown since"
    );
    let approval = json!({
        "organisation_id": village, "division_code": "310115", "approved_by": "海安市委组织部",
        "approved_on": "2027-01-11", "valid_until": "2027-02-11",
    });
    town.post("/v1/kite/clusters/approvals", &approval).await.is("approved");
    assert!(clusters(&town, "suggested").await.is_empty());
    w.passes(TimeDelta::days(32)).await;
    let back = clusters(&town, "suggested").await;
    assert_eq!(
        back[0]["answer"]["approved_by"], "海安市委组织部",
        "the approval has run out"
    );
}
