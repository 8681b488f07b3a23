//! Certificates (流动党员活动证): issued on departure, lost, replaced, taken back, handed back, and what is entered.

use chrono::TimeDelta;
use futures_util::future::join_all;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::Stay;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};

stories![
    a_certificate_is_issued_under_the_committees_next_number,
    numbers_of_a_year_have_no_gaps,
    a_lost_one_is_replaced_and_the_old_number_is_void,
    one_that_is_taken_back_leaves_room_for_another,
    it_lasts_a_year_at_most_and_is_made_longer,
    it_ends_with_the_journey_and_is_handed_back,
    host_and_home_enter_what_they_know,
    a_neighbour_sees_no_certificate,
];

const WHILE_VALID: [&str; 5] = ["extend", "revoke", "report_lost", "reissue", "return"];

async fn a_kite(by: &Person, member: &Person) -> Kite {
    by.plans(member, to("310115"))
        .back("2027-12-20")
        .leaving("2027-02-22")
        .await
}

fn number(answer: &Answer) -> &str {
    answer.succeeded().string("number")
}

async fn a_certificate_is_issued_under_the_committees_next_number(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = a_kite(&li, &wang).await;
    li.sees_certificate(&kite).await.is_refused("not_found");
    let issued = li.certifies(&kite).await;
    issued.is("valid").allows(&WHILE_VALID).has("number", "QT-2027-0001");
    issued.has("valid_from", "2027-01-11").has("valid_until", "2027-12-20");
    issued.has("reason", "work").has("expired", false);
    assert_eq!(issued["holder"]["name"], "王芳");
    assert_eq!(issued["branch"]["name"], "三塘村党支部");
    assert_eq!(issued["issuer"]["name"], "曲塘镇党委");
    assert_eq!(issued["place"]["division"], "上海市浦东新区");
    assert_eq!(issued["not_granted"][0]["right"], "vote");

    let journey = li.sees(&kite).await;
    journey.has("certificate_number", "QT-2027-0001");
    let briefing = journey["briefing"].as_array().unwrap();
    let item = briefing.iter().find(|item| item["item"] == "certificate").unwrap();
    assert_eq!(item["done_on"], "2027-01-11", "what was just done is not asked again");

    let again = li.certifies(&kite).await;
    again.is_refused("transition_refused").allows(&WHILE_VALID);
    li.corrects(&kite.path(), &json!({ "certificate_number": "苏-1" }))
        .await
        .is_refused("invalid")
        .names_fault("/certificate_number", "number_issued_here");

    let (zhao, wu) = (w.member("赵敏").of("西场村").await, w.member("吴强").of("王垛村").await);
    let (town, far) = (w.secretary("西场村").await, w.secretary("王垛村").await);
    let (second, other) = (a_kite(&town, &zhao).await, a_kite(&far, &wu).await);
    assert_eq!(number(&town.certifies(&second).await), "QT-2027-0002");
    assert_eq!(number(&far.certifies(&other).await), "YZ-2027-0001");
    let (sun, taken) = (w.member("孙七").of("三塘村").await, json!({ "id": issued["id"] }));
    let third = a_kite(&li, &sun).await;
    let refused = li
        .client()
        .await
        .post(&format!("{}/certificate", third.path()), &taken)
        .await;
    refused.is_refused("invalid").names_fault("/id", "taken");
    assert!(li.timeline(&kite).await.contains(&"certificate_issued".to_owned()));
}

async fn numbers_of_a_year_have_no_gaps(w: World) {
    let li = w.secretary("三塘村").await;
    let mut kites = Vec::new();
    for name in ["赵一", "钱二", "孙三", "李四", "周五", "吴六"] {
        let member = w.member(name).of("三塘村").await;
        kites.push(a_kite(&li, &member).await);
    }
    // Each is asked for twice at the same moment: one of the two is refused, and takes no number with it.
    let tries = kites.iter().flat_map(|kite| [li.certifies(kite), li.certifies(kite)]);
    let answers = join_all(tries).await;
    let mut numbers: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status() == 201)
        .map(|answer| number(answer).to_owned())
        .collect();
    numbers.sort_unstable();
    let wanted: Vec<_> = (1..=6).map(|serial| format!("QT-2027-{serial:04}")).collect();
    assert_eq!(numbers, wanted);
    w.waits(TimeDelta::days(360));
    let next = w.member("冯九").of("三塘村").await;
    let kite = li.plans(&next, to("310115")).leaving("2028-02-22").await;
    assert_eq!(
        number(&li.certifies(&kite).await),
        "QT-2028-0001",
        "each year begins anew"
    );
}

async fn a_lost_one_is_replaced_and_the_old_number_is_void(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = a_kite(&li, &wang).await;
    li.certifies(&kite).await.is("valid");
    let lost = li.leads_certificate(&kite, "report-lost", &json!({})).await;
    lost.is("lost")
        .allows(&["revoke", "reissue"])
        .has("ended_on", "2027-01-11");
    w.waits(TimeDelta::days(1));
    let replaced = li.leads_certificate(&kite, "reissue", &json!({})).await;
    replaced.is("valid").has("number", "QT-2027-0002").has("version", 1);
    replaced
        .has("valid_from", "2027-01-12")
        .has("valid_until", "2027-12-20");
    li.sees(&kite).await.has("certificate_number", "QT-2027-0002");
    let told = li.timeline(&kite).await;
    let story = ["certificate_lost", "certificate_replaced", "certificate_reissued"];
    assert!(told.ends_with(&story.map(ToOwned::to_owned)), "{told:?}");
}

async fn one_that_is_taken_back_leaves_room_for_another(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = a_kite(&li, &wang).await;
    li.certifies(&kite).await.is("valid");
    let revoked = li.revokes(&kite).await;
    revoked.is("revoked").allows(&[]).has("revoked_because", "登记信息有误");
    li.sees(&kite).await.has("certificate_number", Value::Null);
    let later = json!({ "valid_until": "2028-01-01" });
    let late = li.leads_certificate(&kite, "extend", &later).await;
    late.is_refused("transition_refused").allows(&[]);
    li.certifies(&kite).await.is("valid").has("number", "QT-2027-0002");
}

async fn it_lasts_a_year_at_most_and_is_made_longer(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-02-22").await;
    let ask = |day: &'static str| json!({ "valid_until": day });
    let faults = [("2028-01-12", "period_too_long"), ("2027-01-10", "period_over")];
    for (day, fault) in faults {
        let refused = li.post(&kite.certificate(), &ask(day)).await;
        refused.is_refused("invalid").names_fault("/valid_until", fault);
    }
    let issued = li.certifies(&kite).await;
    issued
        .is("valid")
        .has("number", "QT-2027-0001")
        .has("valid_until", "2028-01-11");
    w.waits(TimeDelta::days(366));
    li.sees_certificate(&kite).await.is("valid").has("expired", true);
    for (day, fault) in [("2028-01-11", "period_not_longer"), ("2029-01-13", "period_too_long")] {
        let refused = li.leads_certificate(&kite, "extend", &ask(day)).await;
        refused.is_refused("invalid").names_fault("/valid_until", fault);
    }
    let longer = li.leads_certificate(&kite, "extend", &ask("2028-12-20")).await;
    longer
        .is("valid")
        .has("valid_until", "2028-12-20")
        .has("expired", false);
}

async fn it_ends_with_the_journey_and_is_handed_back(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = a_kite(&li, &wang).await;
    li.certifies(&kite).await.is("valid");
    w.waits(TimeDelta::days(1));
    li.departs(&kite).await.is("away");
    li.returns(&kite).await.is("returned");
    let ended = li.sees_certificate(&kite).await;
    ended.is("ended").allows(&["return"]).has("ended_on", "2027-01-12");
    let back = li
        .leads_certificate(&kite, "return", &json!({ "on": "2027-01-12" }))
        .await;
    back.is("handed_back").allows(&[]);
    li.certifies(&kite).await.is_refused("transition_refused");
}

async fn host_and_home_enter_what_they_know(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").of("三塘村").await;
    let plan = li.plans(&wang, to("310115")).hosted_by("驻沪");
    let kite = plan.leaving("2027-01-11").await;
    li.certifies(&kite).await.is("valid");
    li.departs(&kite).await.is("away");
    let offer = chen.only_incoming("offered").await;
    let taken = chen.answers(&offer, "accept").await;
    let id = taken["stay"]["id"].as_str().unwrap().to_owned();
    let stay = Stay { id };
    chen.tells_conduct(&stay, "按时参加")
        .await
        .is_refused("transition_refused");
    chen.admits(&stay, "浦东流动").await.is("admitted");
    li.reviews(&kite, 2026).await.names_fault("/year", "not_in_force");
    li.reviews(&kite, 2027).await.is("valid");
    let twice = json!({ "year": 2027 });
    chen.post(&format!("{}/certificate/reviews", stay.path()), &twice)
        .await
        .is_refused("invalid")
        .names_fault("", "entered_already");
    w.waits(TimeDelta::days(1));
    chen.sees_off(&stay, "home").await.is("left");
    chen.tells_conduct(&stay, "按时参加组织生活，党费交至一月。")
        .await
        .is("valid");

    let seen = li.sees_certificate(&kite).await;
    assert_eq!(
        seen["entries"],
        chen.get(&format!("{}/certificate", stay.path())).await["entries"]
    );
    let entries = seen["entries"].as_array().unwrap();
    let kinds: Vec<_> = entries.iter().filter_map(|entry| entry["kind"].as_str()).collect();
    assert_eq!(kinds, ["admission", "review", "conduct"]);
    assert_eq!(entries[0]["organisation"]["name"], "驻沪流动党员联合党委");
    assert_eq!(entries[0]["on"], "2027-01-11");
    assert_eq!(entries[0]["contact"], "周干事 19900000077");
    assert_eq!(
        (&entries[1]["year"], &entries[1]["by"]),
        (&json!(2027), &json!(li.name))
    );
    assert_eq!(entries[2]["said"], "按时参加组织生活，党费交至一月。");
    w.runs_jobs().await;
}

async fn a_neighbour_sees_no_certificate(w: World) {
    let (li, neighbour) = (w.secretary("三塘村").await, w.secretary("西场村").await);
    let wang = w.member("王芳").of("三塘村").await;
    let kite = a_kite(&li, &wang).await;
    neighbour.certifies(&kite).await.is_refused("not_found");
    li.certifies(&kite).await.is("valid");
    neighbour.sees_certificate(&kite).await.is_refused("not_found");
    neighbour.revokes(&kite).await.is_refused("not_found");
    let officer = w.contact_officer("三塘村").await;
    officer.sees_certificate(&kite).await.is("valid");
    officer.certifies(&kite).await.is_refused("forbidden");
}
