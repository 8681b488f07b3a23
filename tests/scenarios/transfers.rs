//! The transfer of the formal relation (组织关系转接).

use chrono::TimeDelta;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::json;

stories![
    a_receiving_branch_declines_and_nothing_moves,
    a_receiving_branch_accepts_and_the_member_moves,
    a_receipt_from_elsewhere_ends_the_journey,
    a_letter_that_runs_out_is_spoken_of_three_times,
    a_letter_is_good_for_three_months_and_for_another_branch,
];

/// A member of 三塘村 who left for Shanghai today.
async fn away(w: &World, li: &Person) -> (Person, Kite) {
    let wang = w.member("王建国").of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    (wang, kite)
}

async fn a_receiving_branch_declines_and_nothing_moves(w: World) {
    let (li, zhao) = (w.secretary("三塘村").await, w.secretary("王垛村").await);
    let (wang, kite) = away(&w, &li).await;
    let started = li.starts_transfer(&kite, "王垛村").await;
    assert_eq!(started.is("away")["transfer"]["state"], "under_way");
    let offered = started["allowed"].as_array().unwrap();
    assert!(offered.contains(&json!("drop_transfer")) && !offered.contains(&json!("transfer")));
    li.transfers(&kite, "王垛村党支部", "苏-1")
        .await
        .is_refused("transition_refused");
    w.runs_jobs().await;
    let told = zhao.get("/v1/me/inbox").await;
    assert_eq!(told.items()[0]["occasion"], "transfer_offered");

    let letter = zhao.only_transfer().await;
    zhao.get(&letter).await.allows(&["accept", "decline"]);
    li.get(&letter).await.allows(&[]);
    li.accepts_transfer(&letter).await.is_refused("forbidden");
    w.secretary("西场村").await.get(&letter).await.is_refused("not_found");
    zhao.declines_transfer(&letter)
        .await
        .is("declined")
        .has("reason", "材料不全");
    let seen = li.sees(&kite).await;
    assert_eq!(seen.is("away")["transfer"]["state"], "declined");
    zhao.accepts_transfer(&letter).await.is_refused("transition_refused");
    zhao.get(&format!("/v1/members/{}", wang.member))
        .await
        .is_refused("not_found");
    w.runs_jobs().await;
    let told = li.get("/v1/me/inbox").await;
    assert!(told.items().iter().any(|one| one["occasion"] == "transfer_answered"));
    li.starts_transfer(&kite, "王垛村").await.is("away");
    assert_eq!(
        li.drops_transfer(&kite).await.is("away")["transfer"]["state"],
        "dropped"
    );
    w.runs_jobs().await;
}

async fn a_receiving_branch_accepts_and_the_member_moves(w: World) {
    let (li, zhao) = (w.secretary("三塘村").await, w.secretary("王垛村").await);
    let (wang, kite) = away(&w, &li).await;
    li.starts_transfer(&kite, "王垛村").await.is("away");
    wang.checks_in("periodic").await.is("away");
    let member = format!("/v1/members/{}", wang.member);
    li.get(&member).await.succeeded();
    let letter = zhao.only_transfer().await;
    zhao.accepts_transfer(&letter).await.is("received").allows(&[]);

    let moved = zhao.get(&member).await;
    assert_eq!(moved.succeeded()["home_branch"]["name"], "王垛村党支部");
    li.get(&member).await.is_refused("not_found");
    let own = format!(
        "grants where role = 'member' and organisation_id = (select id from organisations where code = '{}')",
        w.county().place("王垛村").code
    );
    assert_eq!(w.database().count(&own), 1, "the member's own role follows");
    wang.get("/v1/me/journey").await.is("transferred");
    zhao.plans(&wang, to("310115")).leaving("2027-03-01").await;
    w.runs_jobs().await;
    let told = li.get("/v1/me/inbox").await;
    assert!(told.items().iter().any(|one| one["occasion"] == "transfer_answered"));
}

async fn a_receipt_from_elsewhere_ends_the_journey(w: World) {
    let li = w.secretary("三塘村").await;
    let (wang, kite) = away(&w, &li).await;
    let started = li.writes_letter(&kite, json!({ "to": "上海市某街道党工委" })).await;
    assert_eq!(started.is("away")["transfer"]["to"], "上海市某街道党工委");
    w.passes(TimeDelta::days(20)).await;
    let receipt = json!({ "receipt_on": "2027-01-30" });
    let moved = li.tells(&kite.path(), "transfer", &receipt).await;
    moved.is("transferred").allows(&[]);
    assert_eq!(moved["transfer"]["state"], "received");
    assert_eq!(moved["transfer"]["receipt_on"], "2027-01-30");
    wang.get("/v1/me/journey").await.is("transferred");
}

async fn a_letter_that_runs_out_is_spoken_of_three_times(w: World) {
    let li = w.secretary("三塘村").await;
    let (_, kite) = away(&w, &li).await;
    // Good until 12 March.
    li.writes_letter(&kite, json!({ "to": "上海市某街道党工委" }))
        .await
        .is("away");
    w.passes(TimeDelta::days(75)).await;
    let inbox = li.get("/v1/me/inbox?limit=500").await;
    let said = inbox
        .items()
        .iter()
        .filter(|one| one["occasion"] == "transfer_expiring");
    let days: Vec<_> = said
        .map(|one| one["created_at"].as_str().unwrap()[..10].to_owned())
        .collect();
    assert_eq!(days, ["2027-02-26", "2027-03-09", "2027-03-13"]);
    li.sees(&kite).await.is("away");
}

async fn a_letter_is_good_for_three_months_and_for_another_branch(w: World) {
    let li = w.secretary("三塘村").await;
    let (_, kite) = away(&w, &li).await;
    let too_long = li
        .writes_letter(&kite, json!({ "to": "上海市某街道", "valid_until": "2027-06-30" }))
        .await;
    too_long
        .is_refused("invalid")
        .names_fault("/valid_until", "letter_too_long");
    let nobody = li.writes_letter(&kite, json!({})).await;
    nobody.is_refused("invalid").names_fault("/to", "one_of");
    for (branch, fault) in [("三塘村", "same_branch"), ("曲塘镇", "not_a_branch")] {
        let refused = li.starts_transfer(&kite, branch).await;
        refused.is_refused("invalid").names_fault("/organisation_id", fault);
    }
}
