//! Out of contact (失联): a member falls silent, is searched for, declared by people, and found again.

use chrono::TimeDelta;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::json;

stories![
    a_builder_falls_silent_is_searched_for_and_found_by_a_call,
    a_checkin_ends_the_proposal,
    two_contacts_are_not_enough_and_the_refusal_says_what_is_missing,
    a_branch_secretary_cannot_confirm,
    dues_paid_end_the_silence,
    a_proposal_is_withdrawn_or_turned_down,
    a_year_passes_and_nothing_changes,
    the_contact_officer_changes_and_the_timeline_keeps_both,
];

/// A builder of 三塘村 who left for Shanghai on 11 January, handed over there, and was not heard of since.
async fn silent(w: &World, li: &Person, days: i64) -> (Person, Kite) {
    let wang = w.member("王建国").of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    w.passes(TimeDelta::days(days)).await;
    (wang, kite)
}

async fn searches(li: &Person, kite: &Kite) {
    for means in ["phone", "message", "phone"] {
        li.misses(kite, means).await.succeeded();
    }
}

async fn is_told_of_a_proposal(committee: &Person) -> bool {
    let inbox = committee.get("/v1/me/inbox").await;
    let mut told = inbox.items().iter();
    told.any(|one| one["occasion"] == "out_of_contact_proposed")
}

async fn a_builder_falls_silent_is_searched_for_and_found_by_a_call(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let town = w.office("曲塘镇").await;
    let wang = w.member("王建国").of("三塘村").await;
    let kite = li
        .plans(&wang, to("310115"))
        .hosted_by("驻沪")
        .leaving("2027-01-11")
        .await;
    li.departs(&kite).await.is("away");
    let offer = chen.only_incoming("offered").await;
    chen.answers(&offer, "accept").await.is("accepted");
    w.passes(TimeDelta::days(190)).await;

    let seen = li.sees(&kite).await;
    assert_eq!(seen["silence"]["since"], "2027-01-11");
    assert_eq!(seen["silence"]["source"], "departure");
    searches(&li, &kite).await;
    let seen = li.sees(&kite).await;
    assert_eq!(seen["silence"]["missing"], json!([]));
    seen.allows(&[
        "check_in",
        "come_home",
        "contact",
        "declare_out_of_contact",
        "move_on",
        "record_signs",
        "return",
        "start_transfer",
        "transfer",
    ]);
    let proposed = li.declares_out_of_contact(&kite, "away_for_work").await;
    proposed.is("away");
    assert_eq!(proposed["declaration"]["state"], "proposed");
    assert_eq!(proposed["declaration"]["reason_code"], "1");
    w.runs_jobs().await;
    assert!(is_told_of_a_proposal(&town).await, "the committee is told");

    let confirmed = town.confirms_out_of_contact(&kite).await;
    confirmed
        .is("out_of_contact")
        .allows(&["check_in", "contact", "contact_restored"]);
    assert_eq!(confirmed["declaration"]["decided_by"], town.name.as_str());
    li.plans(&wang, to("110105"))
        .sent()
        .await
        .is_refused("invalid")
        .names_fault("/member_id", "has_open_journey");
    let roster = town.get("/v1/rosters/outbound?state=out_of_contact").await;
    assert_eq!(roster.items().len(), 1);

    let found = li.finds_again(&kite, "objective_cause").await;
    found.is("away").has("overdue", false);
    assert_eq!(found["declaration"]["state"], "found");
    assert_eq!(found["declaration"]["outcome"], "objective_cause");
    let said = li.timeline(&kite).await;
    let end = ["declare_out_of_contact", "confirm_out_of_contact", "contact_restored"];
    assert_eq!(said[said.len() - 3..], end);
}

async fn a_checkin_ends_the_proposal(w: World) {
    let (li, town) = (w.secretary("三塘村").await, w.office("曲塘镇").await);
    let (wang, kite) = silent(&w, &li, 190).await;
    searches(&li, &kite).await;
    li.declares_out_of_contact(&kite, "moved").await.is("away");
    wang.checks_in("periodic").await.is("away");
    let seen = li.sees(&kite).await;
    assert_eq!(seen["declaration"]["state"], "dropped");
    assert_eq!(seen["silence"]["source"], "check_in");
    town.confirms_out_of_contact(&kite)
        .await
        .is_refused("transition_refused");
    li.declares_out_of_contact(&kite, "moved").await.is_refused("not_yet");
    w.runs_jobs().await;
    assert!(
        !is_told_of_a_proposal(&town).await,
        "what is no longer true is not said"
    );
}

async fn two_contacts_are_not_enough_and_the_refusal_says_what_is_missing(w: World) {
    let li = w.secretary("三塘村").await;
    let (_, kite) = silent(&w, &li, 100).await;
    let early = li.declares_out_of_contact(&kite, "other").await;
    early.is_refused("not_yet").names_fault("", "silence_too_short");
    early
        .names_fault("", "too_few_attempts")
        .names_fault("", "too_few_means");
    assert!(early.text().contains("2027-07-12"), "{early}");
    w.passes(TimeDelta::days(90)).await;
    for _ in 0..2 {
        li.misses(&kite, "phone").await.succeeded();
    }
    let few = li.declares_out_of_contact(&kite, "other").await;
    assert_eq!(few["errors"].as_array().map(Vec::len), Some(2), "{few}");
    few.names_fault("", "too_few_attempts").names_fault("", "too_few_means");
    li.misses(&kite, "phone").await.succeeded();
    let few = li.declares_out_of_contact(&kite, "other").await;
    assert_eq!(few["errors"].as_array().map(Vec::len), Some(1), "{few}");
    few.names_fault("", "too_few_means");
    li.misses(&kite, "in_person").await.succeeded();
    li.declares_out_of_contact(&kite, "other").await.is("away");
}

async fn a_branch_secretary_cannot_confirm(w: World) {
    let (li, branch_office) = (w.secretary("三塘村").await, w.office("三塘村").await);
    let (_, kite) = silent(&w, &li, 190).await;
    searches(&li, &kite).await;
    let proposed = li.declares_out_of_contact(&kite, "employer_closed").await;
    let offered = proposed["allowed"].as_array().unwrap();
    assert!(offered.contains(&json!("withdraw_declaration")) && !offered.contains(&json!("confirm_out_of_contact")));
    li.confirms_out_of_contact(&kite).await.is_refused("forbidden");
    branch_office
        .confirms_out_of_contact(&kite)
        .await
        .is_refused("forbidden");
    w.office("雅周镇")
        .await
        .confirms_out_of_contact(&kite)
        .await
        .is_refused("not_found");
    let county = w.office("海安").await;
    let seen = county.sees(&kite).await;
    assert!(
        seen["allowed"]
            .as_array()
            .unwrap()
            .contains(&json!("confirm_out_of_contact"))
    );
    county.confirms_out_of_contact(&kite).await.is("out_of_contact");
    w.runs_jobs().await;
}

async fn dues_paid_end_the_silence(w: World) {
    let li = w.secretary("三塘村").await;
    let (_, kite) = silent(&w, &li, 190).await;
    searches(&li, &kite).await;
    li.declares_out_of_contact(&kite, "moved").await.is("away");
    let signs = json!({ "dues_paid_on": "2027-05-01", "attended_on": "2027-03-15" });
    let heard = li.records_signs(&kite, &signs).await;
    assert_eq!(heard.is("away")["silence"]["source"], "dues_paid");
    assert_eq!(heard["silence"]["since"], "2027-05-01");
    assert_eq!(heard["declaration"]["state"], "dropped");
    li.declares_out_of_contact(&kite, "moved")
        .await
        .is_refused("not_yet")
        .names_fault("", "silence_too_short");
    let future = json!({ "attended_on": "2028-01-01" });
    li.records_signs(&kite, &future)
        .await
        .is_refused("invalid")
        .names_fault("/attended_on", "in_the_future");
    w.runs_jobs().await;
}

async fn a_proposal_is_withdrawn_or_turned_down(w: World) {
    let (li, town) = (w.secretary("三塘村").await, w.office("曲塘镇").await);
    let (_, kite) = silent(&w, &li, 190).await;
    searches(&li, &kite).await;
    li.declares_out_of_contact(&kite, "moved").await.is("away");
    let withdrawn = li.withdraws_declaration(&kite).await;
    assert_eq!(withdrawn.is("away")["declaration"]["state"], "withdrawn");
    li.declares_out_of_contact(&kite, "moved").await.is("away");
    let turned_down = town.turns_down_declaration(&kite).await;
    assert_eq!(turned_down.is("away")["declaration"]["state"], "turned_down");
    assert_eq!(turned_down["declaration"]["decision_reason"], "请先到其亲属处上门了解");
    w.runs_jobs().await;
}

async fn a_year_passes_and_nothing_changes(w: World) {
    let (li, town) = (w.secretary("三塘村").await, w.office("曲塘镇").await);
    let (wang, kite) = silent(&w, &li, 190).await;
    searches(&li, &kite).await;
    li.declares_out_of_contact(&kite, "left_school").await.is("away");
    town.confirms_out_of_contact(&kite).await.is("out_of_contact");
    let (before, asked) = (
        li.sees(&kite).await,
        wang.get("/v1/me/inbox?limit=500").await.items().len(),
    );
    w.passes(TimeDelta::days(365)).await;
    let after = li.sees(&kite).await;
    assert_eq!(before.body(), after.body(), "no job changes what people decided");
    assert_eq!(
        wang.get("/v1/me/inbox?limit=500").await.items().len(),
        asked,
        "and nobody is asked"
    );
    wang.checks_in("periodic").await.is("away");
    let found = li.sees(&kite).await;
    assert_eq!(found["declaration"]["state"], "found");
    let told = li.records_outcome(&kite, "subjective_cause").await;
    assert_eq!(told["declaration"]["outcome"], "subjective_cause");
}

async fn the_contact_officer_changes_and_the_timeline_keeps_both(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.contact_officer("三塘村").await);
    let (_, kite) = silent(&w, &li, 0).await;
    let named = li
        .names_officer(
            &kite,
            json!({ "contact_officer": { "name": "周干事", "phone": "19900000077" } }),
        )
        .await;
    assert_eq!(named.is("away")["contact_officer"]["name"], "周干事");
    let changed = li
        .names_officer(
            &kite,
            json!({ "contact_officer_id": chen.account, "reason": "周干事调离" }),
        )
        .await;
    assert_eq!(changed["contact_officer"]["name"], chen.name.as_str());
    assert_eq!(changed["contact_officer"]["phone"], json!(null));
    let history = li.get(&format!("{}/timeline", kite.path())).await;
    let last = history.items().last().unwrap();
    assert_eq!(last["event"], "officer_named");
    assert_eq!(last["detail"], json!({ "from": "周干事", "to": chen.name }));
    assert_eq!(last["reason"], "周干事调离");
    let stranger = w.contact_officer("雅周镇").await;
    li.names_officer(&kite, json!({ "contact_officer_id": stranger.account }))
        .await
        .is_refused("invalid")
        .names_fault("/contact_officer_id", "unknown_officer");
    let nobody = li.names_officer(&kite, json!({})).await;
    assert_eq!(nobody.is("away")["contact_officer"], json!(null));
}
