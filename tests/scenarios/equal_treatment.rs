//! Treated as locals (一体化、同等化): who is admitted somewhere is meant there like its own members, save the vote.

use chrono::TimeDelta;
use domain::codes::Standing;
use kiteline_tests::kite::to;
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::Value;

stories![
    who_is_admitted_is_meant_like_a_local_member_save_the_vote,
    greetings_speak_for_both_organisations,
    nobody_outside_asks_whom_an_organisation_means,
];

/// A member of 三塘村 who is away in Shanghai, and admitted there to a branch of mobile members.
async fn admitted(li: &Person, chen: &Person, wang: &Person) -> Stay {
    let kite = li
        .plans(wang, to("310115"))
        .hosted_by("驻沪")
        .leaving("2027-01-11")
        .await;
    li.departs(&kite).await.is("away");
    let offer = chen.only_incoming("offered").await;
    let taken = chen.answers(&offer, "accept").await;
    let id = taken["stay"]["id"].as_str().unwrap().to_owned();
    let stay = Stay { id };
    chen.admits(&stay, "浦东临时").await.is("admitted");
    stay
}

/// Whom an organisation means, by name, without what tells one person from another.
async fn meant(who: &Person, w: &World, place: &str) -> Vec<(String, Value)> {
    let path = format!("/v1/organisations/{}/audience?limit=1", w.county().place(place).id);
    let mut page = who.get(&path).await;
    let mut all = Vec::new();
    loop {
        for one in page.items() {
            let mut one = one.clone();
            let name = one["name"].as_str().unwrap().to_owned();
            for own in ["name", "person_id", "member_id"] {
                one.as_object_mut().unwrap().remove(own);
            }
            all.push((name, one));
        }
        let Some(cursor) = page["next_cursor"].as_str().map(str::to_owned) else {
            break;
        };
        page = who.get(&format!("{path}&cursor={cursor}")).await;
    }
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

fn names(meant: &[(String, Value)]) -> Vec<&str> {
    meant.iter().map(|(name, _)| name.as_str()).collect()
}

async fn who_is_admitted_is_meant_like_a_local_member_save_the_vote(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").of("三塘村").await;
    let _shen = w.member("沈敏").of("浦东临时").await;
    let _gone = w.member("陆强").standing(Standing::Left).of("浦东临时").await;
    let stay = admitted(&li, &chen, &wang).await;
    chen.finds("驻沪", visitor("吴刚")).await.is("reported");

    let host = meant(&chen, &w, "驻沪").await;
    assert_eq!(names(&host), ["沈敏", "王芳"], "who is only reported is not meant yet");
    let (local, guest) = (&host[0].1, &host[1].1);
    for (field, value) in local.as_object().unwrap() {
        match field.as_str() {
            "belonging" => assert_eq!(
                (value, &guest[field]),
                (&Value::from("local"), &Value::from("admitted"))
            ),
            "vote" => assert_eq!(
                (value, &guest[field]),
                (&Value::from("yes"), &Value::from("as_approved"))
            ),
            _ => assert_eq!(value, &guest[field], "{field}"),
        }
    }
    // Above both she is meant once, not in both places.
    let office = w.office("海安").await;
    assert_eq!(names(&meant(&office, &w, "海安").await), ["沈敏", "王芳"]);
    let home = meant(&li, &w, "三塘村").await;
    assert_eq!(names(&home), ["王芳"]);
    assert_eq!(
        (&home[0].1["belonging"], &home[0].1["vote"]),
        (&Value::from("local"), &Value::from("yes"))
    );

    chen.sees_off(&stay, "home").await.is("left");
    assert_eq!(names(&meant(&chen, &w, "驻沪").await), ["沈敏"]);
    w.runs_jobs().await;
}

async fn greetings_speak_for_both_organisations(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").born("1970-01-20").of("三塘村").await;
    let shen = w.member("沈敏").born("1970-01-20").of("浦东临时").await;
    admitted(&li, &chen, &wang).await;
    w.passes(TimeDelta::days(12)).await;
    let mut greeted = Vec::new();
    for member in [&wang, &shen] {
        let inbox = member.get("/v1/me/inbox").await;
        let birthday = inbox.items().iter().find(|one| one["occasion"] == "birthday").unwrap();
        greeted.push((
            birthday["created_at"].clone(),
            birthday["body"].as_str().unwrap().to_owned(),
        ));
    }
    let (guest, local) = (&greeted[0], &greeted[1]);
    assert_eq!(guest.0, local.0, "on the same day");
    let host = &w.county().place("浦东临时").name;
    assert!(
        guest.1.contains("三塘村党支部") && guest.1.contains(host),
        "{}",
        guest.1
    );
    assert!(guest.1.contains("与当地党员一样"), "{}", guest.1);
    assert!(local.1.contains(host) && !local.1.contains("编入"), "{}", local.1);
}

async fn nobody_outside_asks_whom_an_organisation_means(w: World) {
    let (li, _chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let path = format!("/v1/organisations/{}/audience", w.county().place("驻沪").id);
    li.get(&path).await.is_refused("not_found");
}
