//! Whom a campaign means, and who sees it.
use chrono::TimeDelta;
use kiteline_tests::campaign::Campaign;
use kiteline_tests::kite::to;
use kiteline_tests::magnet::Stay;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::json;

use super::{asked, figures, leaves, names};

stories![
    the_audience_is_whom_the_office_means,
    nobody_is_asked_twice_and_the_nearest_campaign_counts,
    those_below_see_what_concerns_them_and_neighbours_nothing,
];

async fn the_audience_is_whom_the_office_means(w: World) {
    let (office, li) = (w.office("海安").await, w.secretary("三塘村").await);
    let (pudong, nanjing, abroad) = (
        w.member("浦东").of("三塘村").await,
        w.member("南京").reading("en").of("三塘村").await,
        w.member("海外").of("三塘村").await,
    );
    leaves(&w, &li, &pudong, to("310115")).await;
    leaves(&w, &li, &nanjing, to("320102")).await;
    leaves(&w, &li, &abroad, json!({ "country": "日本" })).await;
    nanjing.asks_for("hardship", "家里遇到困难").await.succeeded();
    let written_down = json!({ "person_id": pudong.member, "kind": "hardship", "said": "家里遇到困难" });
    li.post("/v1/service-requests", &written_down).await.is("open");
    w.delivers().await;
    let home = w.member("在家").of("三塘村").await;
    li.plans(&home, to("310115")).leaving("2027-03-01").await;
    for (audience, expected) in [
        (json!({}), vec!["南京", "浦东", "海外"]),
        (json!({ "divisions": ["31"] }), vec!["浦东"]),
        (json!({ "divisions": ["3101", "320102"] }), vec!["南京", "浦东"]),
        (json!({ "divisions": ["32"], "abroad": true }), vec!["南京", "海外"]),
        (json!({ "language": "en" }), vec!["南京"]),
        (json!({ "hardship": true }), vec!["南京"]),
        (
            json!({ "states": ["planned", "away"], "abroad": false }),
            vec!["南京", "浦东"],
        ),
    ] {
        let planned = office.plans_campaign("海安", json!({ "audience": audience })).await;
        let preview = office.get(&format!("{}/preview", Campaign::of(&planned).path())).await;
        let mut found = names(&preview);
        found.sort_unstable();
        assert_eq!(found, expected, "{audience}");
    }
    let silent = office
        .plans_campaign("海安", json!({ "audience": { "states": ["out_of_contact"] } }))
        .await;
    assert_eq!(
        silent.succeeded()["prompts"],
        json!([]),
        "nobody is away who could be asked"
    );
    what_is_asked_of_a_host_is_no_business_of_the_home(&w, (&li, &office), &pudong).await;
}

/// The village knows only what it was asked itself; whoever stands above both knows both.
async fn what_is_asked_of_a_host_is_no_business_of_the_home(
    w: &World,
    (li, office): (&Person, &Person),
    member: &Person,
) {
    let chen = w.secretary("驻沪").await;
    let stay = Stay::of(&member.arrives_at("驻沪").await);
    chen.calls_origin(&stay).await.is("verified");
    chen.admits(&stay, "浦东临时").await.is("admitted");
    let host = w.county().place("驻沪").id;
    let asked = json!({ "kind": "hardship", "said": "房租付不起", "organisation_id": host });
    member.post("/v1/me/service-requests", &asked).await.is("open");
    let hardship = json!({ "audience": { "hardship": true } });
    let planned = Campaign::of(&li.plans_campaign("三塘村", hardship.clone()).await);
    let preview = li.get(&format!("{}/preview", planned.path())).await;
    assert_eq!(names(&preview), ["南京"]);
    let whole = Campaign::of(&office.plans_campaign("海安", hardship).await);
    let preview = office.get(&format!("{}/preview", whole.path())).await;
    let mut found = names(&preview);
    found.sort_unstable();
    assert_eq!(found, ["南京", "浦东"], "above both it is known");
    w.runs_jobs().await;
}

async fn nobody_is_asked_twice_and_the_nearest_campaign_counts(w: World) {
    let (county, town) = (w.office("海安").await, w.office("雅周镇").await);
    let (li, he) = (w.secretary("三塘村").await, w.secretary("王垛村").await);
    let (wang, qian) = (w.member("王芳").of("三塘村").await, w.member("钱强").of("王垛村").await);
    leaves(&w, &li, &wang, to("310115")).await;
    leaves(&w, &he, &qian, to("310115")).await;
    let towns = town
        .plans_campaign("雅周镇", json!({ "prompts": [{ "days_before": 20 }] }))
        .await;
    town.opens(&Campaign::of(&towns)).await.is("open");
    w.passes(TimeDelta::days(14)).await;
    assert_eq!(asked(&wang).await, ["2027-01-21"], "by the house");
    assert_eq!(asked(&qian).await, ["2027-01-17"], "by the town alone");

    let countys = county
        .plans_campaign("海安", json!({ "prompts": [{ "days_before": 5 }] }))
        .await;
    let countys = Campaign::of(&countys);
    let preview = county.get(&format!("{}/preview", countys.path())).await;
    assert_eq!(names(&preview), ["王芳"], "the town has a campaign of its own");
    county.opens(&countys).await.is("open");
    w.passes(TimeDelta::days(14)).await;
    assert_eq!(asked(&wang).await, ["2027-01-21", "2027-02-01"], "no more by the house");
    assert_eq!(asked(&qian).await, ["2027-01-17"]);
    let progress = county.follows(&countys).await;
    assert_eq!(figures(&progress["total"]).0, 2, "those below take part all the same");
}

async fn those_below_see_what_concerns_them_and_neighbours_nothing(w: World) {
    let (county, town, li) = (
        w.office("海安").await,
        w.office("曲塘镇").await,
        w.secretary("三塘村").await,
    );
    let (neighbour, officer) = (w.secretary("西场村").await, w.contact_officer("三塘村").await);
    let wang = w.member("王芳").of("三塘村").await;
    leaves(&w, &li, &wang, to("310115")).await;
    let countys = Campaign::of(&county.plans_campaign("海安", json!({})).await);
    li.looks_at_campaign(&countys).await.is_refused("not_found");
    county.opens(&countys).await.succeeded();
    for below in [&town, &li, &officer] {
        below.looks_at_campaign(&countys).await.is("open").allows(&[]);
        assert_eq!(below.get("/v1/campaigns").await.items().len(), 1);
    }
    let own = li.follows(&countys).await;
    assert_eq!(own["organisation"]["name"], "三塘村党支部");
    assert_eq!(figures(&own["total"]).0, 1);
    let whole = w.county().place("海安").id;
    let refused = li
        .get(&format!("{}/progress?organisation_id={whole}", countys.path()))
        .await;
    refused.is_refused("not_found");
    li.closes_campaign(&countys).await.is_refused("not_found");
    li.get(&format!("{}/preview", countys.path()))
        .await
        .is_refused("not_found");
    officer
        .plans_campaign("三塘村", json!({}))
        .await
        .is_refused("forbidden");
    let outside = li.plans_campaign("西场村", json!({})).await;
    outside.names_fault("/organisation_id", "unknown_organisation");

    let villages = Campaign::of(&li.plans_campaign("三塘村", json!({ "festival": "qingming" })).await);
    li.opens(&villages).await.is("open");
    neighbour.looks_at_campaign(&villages).await.is_refused("not_found");
    neighbour.follows(&villages).await.is_refused("not_found");
    assert_eq!(neighbour.get("/v1/campaigns").await.items().len(), 1, "the county's");
    assert_eq!(town.get("/v1/campaigns?festival=qingming").await.items().len(), 1);
    county.closes_campaign(&countys).await.succeeded();
    li.get(&format!("{}/report", countys.path()))
        .await
        .is_refused("not_found");
}
