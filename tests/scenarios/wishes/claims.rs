//! Who takes wishes on, gives them back, and what ends them.
use std::collections::BTreeSet;

use chrono::TimeDelta;
use kiteline_tests::kite::to;
use kiteline_tests::magnet::Stay;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Others, WISH, paths, says};

stories![
    a_claim_is_given_back_and_an_officer_takes_it_on,
    a_wish_that_is_withdrawn_or_declined,
    two_neighbours_claim_at_once_and_one_has_it,
    a_host_takes_wishes_of_whoever_is_admitted,
];

/// Another opens the officer's claim, and the officer learns of it; whoever gives the own claim back knows.
async fn what_an_officer_had_claimed_is_opened_too(w: &World, others: &Others, wish: &str) {
    let does = async |who: &Person, verb: &str| {
        who.tells(wish, verb, &json!({})).await.succeeded();
        w.delivers().await;
    };
    does(&others.officer, "claim").await;
    let before = others.officer.told_of("wish").await.len();
    does(&others.secretary, "release").await;
    assert_eq!(others.officer.told_of("wish").await.len(), before + 1);
    assert!(others.officer.last_words().await.contains("等待认领"));
    does(&others.officer, "claim").await;
    does(&others.officer, "release").await;
    assert_eq!(others.officer.told_of("wish").await.len(), before + 1);
}

async fn a_claim_is_given_back_and_an_officer_takes_it_on(w: World) {
    let others = Others::of(&w).await;
    let wang = w.member("王芳").of("三塘村").await;
    let [own, staffs, near] = paths(&wang.wishes(WISH, true).await);
    let nothing = json!({ "said": null });
    others
        .secretary
        .tells(&staffs, "publish", &json!({}))
        .await
        .is("published");
    others.claimer.tells(&near, "claim", &json!({})).await.is("claimed");
    w.delivers().await;
    assert_eq!(
        others.secretary.told_of("wish").await,
        ["2027-01-11 wish_news"],
        "a member has claimed it"
    );
    // The claim hangs; the branch opens it again.
    let opened = others.secretary.tells(&staffs, "release", &json!({})).await;
    opened.is("published").has("claimed_by", Value::Null);
    w.delivers().await;
    assert!(others.claimer.last_words().await.contains("重新等待认领"));
    others
        .claimer
        .tells(&near, "fulfil", &nothing)
        .await
        .is_refused("transition_refused");
    others.neighbour.tells(&near, "claim", &json!({})).await.is("claimed");
    others
        .neighbour
        .tells(&near, "release", &json!({}))
        .await
        .is("published");
    what_an_officer_had_claimed_is_opened_too(&w, &others, &staffs).await;
    others.officer.tells(&staffs, "claim", &json!({})).await.is("claimed");
    others
        .officer
        .tells(&staffs, "publish", &json!({}))
        .await
        .is_refused("forbidden");
    let said = others
        .officer
        .post(&format!("{staffs}/messages"), &says("明天送到村部。"))
        .await;
    said.succeeded();
    others.officer.tells(&staffs, "fulfil", &nothing).await.is("fulfilled");
    w.delivers().await;
    wang.get(&own).await.is("fulfilled");
    let occasions = wang.told_of("wish").await;
    assert!(
        occasions.contains(&"2027-01-11 wish_fulfilled".to_owned()),
        "{occasions:?}"
    );
    let timeline = others.secretary.get(&format!("{staffs}/timeline")).await;
    assert_eq!(
        timeline.items().len(),
        11,
        "what was given back stays to be seen: {timeline}"
    );
}

async fn a_wish_that_is_withdrawn_or_declined(w: World) {
    let others = Others::of(&w).await;
    let wang = w.member("王芳").of("三塘村").await;
    let [own, staffs, near] = paths(&wang.wishes(WISH, true).await);
    others
        .secretary
        .tells(&staffs, "publish", &json!({}))
        .await
        .is("published");
    others.claimer.tells(&near, "claim", &json!({})).await.is("claimed");
    wang.tells(&own, "withdraw", &json!({}))
        .await
        .is("withdrawn")
        .allows(&[]);
    w.passes(TimeDelta::days(1)).await;
    assert!(others.claimer.last_words().await.contains("已由心愿人撤回"));
    assert_eq!(others.claimer.get("/v1/me/published-wishes").await.items().len(), 0);
    wang.post(&format!("{own}/messages"), &says("算了"))
        .await
        .is_refused("transition_refused");

    let [own, staffs, _] = paths(&wang.wishes("想要一辆汽车", false).await);
    others
        .secretary
        .tells(&staffs, "decline", &json!({ "reason": " " }))
        .await
        .names_fault("/reason", "reason_required");
    let reason = json!({ "reason": "超出微心愿范围" });
    others.secretary.tells(&staffs, "decline", &reason).await.is("declined");
    w.delivers().await;
    assert!(wang.last_words().await.contains("超出微心愿范围"));
    wang.get(&own).await.has("reason", "超出微心愿范围").allows(&[]);
    w.passes(TimeDelta::days(1)).await;
}

async fn two_neighbours_claim_at_once_and_one_has_it(w: World) {
    let others = Others::of(&w).await;
    let wang = w.member("王芳").of("三塘村").await;
    let [_, staffs, near] = paths(&wang.wishes(WISH, true).await);
    others
        .secretary
        .tells(&staffs, "publish", &json!({}))
        .await
        .is("published");
    let (one, two) = (others.claimer.client().await, others.neighbour.client().await);
    let claim = format!("{near}/claim");
    let first = one.call(Method::POST, &claim).if_match(2).send();
    let second = two.call(Method::POST, &claim).if_match(2).send();
    let (first, second) = tokio::join!(first, second);
    let statuses = BTreeSet::from([first.status(), second.status()]);
    assert!(statuses.contains(&200) && statuses.len() == 2, "{first} {second}");
    assert_eq!(w.database().count("wishes where state = 'claimed'"), 1);
    w.runs_jobs().await;
}

async fn a_host_takes_wishes_of_whoever_is_admitted(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let (wang, local) = (
        w.member("王芳").of("三塘村").await,
        w.member("沪上邻居").of("浦东临时").await,
    );
    let kite = li
        .plans(&wang, to("310115"))
        .hosted_by("驻沪")
        .leaving("2027-01-11")
        .await;
    li.departs(&kite).await.is("away");
    let taken = chen.answers(&chen.only_incoming("offered").await, "accept").await;
    let stay = Stay {
        id: taken["stay"]["id"].as_str().unwrap().to_owned(),
    };
    chen.admits(&stay, "浦东临时").await.is("admitted");
    let unit = w.county().place("浦东临时").id;
    let wish = json!({ "said": WISH, "anonymous": true, "organisation_id": unit });
    let written = wang.post("/v1/me/wishes", &wish).await;
    let [own, staffs, near] = paths(written.is("written"));
    li.get(&staffs).await.is_refused("not_found");
    chen.tells(&staffs, "publish", &json!({})).await.is("published");
    local.tells(&near, "claim", &json!({})).await.is("claimed");
    // And the other way round: she takes on what a local member wishes for.
    let [_, theirs, shown] = paths(&local.wishes("想学上海话", false).await);
    chen.tells(&theirs, "publish", &json!({})).await.is("published");
    wang.tells(&shown, "claim", &json!({})).await.is("claimed");
    chen.tells(&theirs, "release", &json!({})).await.is("published");
    wang.get(&own).await.is("claimed");
    let sync = wang.get("/v1/me/sync").await;
    assert_eq!(sync["wishes"].as_array().unwrap().len(), 1);
    w.runs_jobs().await;
}
