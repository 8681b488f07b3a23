//! A probation (预备期) that ends while the member is away.

use chrono::TimeDelta;
use domain::codes::Standing;
use kiteline_tests::kite::to;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::json;

stories![
    who_is_concerned_is_told_in_time_and_nothing_is_decided,
    a_probation_that_was_made_longer_is_spoken_of_by_its_new_day,
    nobody_is_told_of_a_member_at_home_or_a_full_one,
    a_member_who_leaves_late_is_told_at_once,
];

/// The days on which an occasion was spoken of, and the first sentence.
async fn told(person: &Person, occasion: &str) -> (Vec<String>, String) {
    let inbox = person.get("/v1/me/inbox?limit=500").await;
    let of = inbox.items().iter().filter(|one| one["occasion"] == occasion);
    let mut days = Vec::new();
    let mut subject = String::new();
    for one in of {
        days.push(one["created_at"].as_str().unwrap()[..10].to_owned());
        one["title"].as_str().unwrap().clone_into(&mut subject);
    }
    days.sort();
    (days, subject)
}

async fn who_is_concerned_is_told_in_time_and_nothing_is_decided(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w
        .member("王芳")
        .standing(Standing::Probationary)
        .joined("2026-04-01")
        .of("三塘村")
        .await;
    let kite = li
        .plans(&wang, to("310115"))
        .hosted_by("驻沪")
        .leaving("2027-01-11")
        .await;
    li.departs(&kite).await.is("away");
    let offer = chen.only_incoming("offered").await;
    chen.answers(&offer, "accept").await.is("accepted");

    w.passes(TimeDelta::days(120)).await;
    let in_time = ["2027-01-31", "2027-03-02"].map(String::from).to_vec();
    for (who, occasion, words) in [
        (&wang, "probation_ending", "请预留回来的时间"),
        (&li, "probation_ending", "请按时讨论转正"),
        (&chen, "probation_account", "请为预备党员王芳提供现实表现"),
    ] {
        let (days, subject) = told(who, occasion).await;
        assert_eq!(days, in_time, "{} {occasion}", who.name);
        assert!(subject.contains(words), "{subject}");
    }
    let seen = li.get(&format!("/v1/members/{}", wang.member)).await;
    seen.has("standing", "probationary");
}

async fn a_probation_that_was_made_longer_is_spoken_of_by_its_new_day(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w
        .member("王芳")
        .standing(Standing::Probationary)
        .joined("2026-04-01")
        .of("三塘村")
        .await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    let longer = json!({ "full_member_on": "2027-10-01", "reason": "支部党员大会决定延长预备期半年" });
    li.corrects(&format!("/v1/members/{}", wang.member), &longer)
        .await
        .succeeded();
    w.passes(TimeDelta::days(300)).await;
    assert_eq!(told(&wang, "probation_ending").await.0, ["2027-08-02", "2027-09-01"]);
}

async fn nobody_is_told_of_a_member_at_home_or_a_full_one(w: World) {
    let li = w.secretary("三塘村").await;
    let probationary = |name| w.member(name).standing(Standing::Probationary).joined("2026-04-01");
    let (_at_home, plans) = (
        probationary("赵敏").of("三塘村").await,
        probationary("钱强").of("三塘村").await,
    );
    li.plans(&plans, to("310115")).leaving("2027-12-01").await;
    let full = w.member("孙丽").joined("2026-04-01").of("三塘村").await;
    let kite = li.plans(&full, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    w.passes(TimeDelta::days(90)).await;
    assert_eq!(told(&li, "probation_ending").await.0, [""; 0]);
}

async fn a_member_who_leaves_late_is_told_at_once(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w
        .member("王芳")
        .standing(Standing::Probationary)
        .joined("2026-02-01")
        .of("三塘村")
        .await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    w.passes(TimeDelta::days(30)).await;
    for who in [&wang, &li] {
        let days = told(who, "probation_ending").await.0;
        assert_eq!(days.len(), 1, "{days:?}");
        assert!(days[0].as_str() < "2027-01-14", "{days:?}");
    }
}
