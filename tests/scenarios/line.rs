//! The line that is held (平时牵风筝): contacts with members who are away.

use chrono::TimeDelta;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::json;

stories![
    a_call_that_reaches_the_member_counts_like_a_checkin,
    an_attempt_that_failed_moves_nothing,
    a_contact_sent_twice_counts_once_and_the_member_reads_it,
    nobody_is_contacted_away_who_is_at_home,
    a_member_abroad_is_in_contact_every_half_year,
    a_member_moves_on_twice_and_every_host_knows,
];

/// A member of 三塘村 who left for Shanghai today.
async fn away(w: &World, li: &Person) -> (Person, Kite) {
    let wang = w.member("王建国").of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away").has("next_checkin_due", "2027-02-10");
    (wang, kite)
}

async fn a_call_that_reaches_the_member_counts_like_a_checkin(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.contact_officer("三塘村").await);
    let (wang, kite) = away(&w, &li).await;
    w.passes(TimeDelta::days(40)).await;
    li.sees(&kite).await.has("overdue", true);
    let open = "inbox where occasion like 'checkin%' and subject_id in (select id from journeys) and read_at is null";
    assert_eq!(w.database().count(open), 1, "the member is asked");
    let call = chen.reaches(&kite, "phone").await;
    assert_eq!(call.has("outcome", "reached").status(), 201);
    li.sees(&kite)
        .await
        .is("away")
        .has("overdue", false)
        .has("next_checkin_due", "2027-03-22");
    assert_eq!(w.database().count(open), 0, "and is not asked any more");
    assert_eq!(li.timeline(&kite).await, ["planned", "depart", "contact"]);
    wang.checks_in("periodic").await.has("next_checkin_due", "2027-03-22");
}

async fn an_attempt_that_failed_moves_nothing(w: World) {
    let li = w.secretary("三塘村").await;
    let (_, kite) = away(&w, &li).await;
    w.passes(TimeDelta::days(10)).await;
    let before = li.sees(&kite).await;
    li.misses(&kite, "phone").await.has("outcome", "not_reached");
    li.misses(&kite, "message").await.succeeded();
    let after = li.sees(&kite).await;
    for unmoved in ["state", "next_checkin_due", "last_contact_at", "version"] {
        assert_eq!(before[unmoved], after[unmoved], "{unmoved}");
    }
    assert_eq!(after["silence"]["since"], "2027-01-11");
    assert_eq!(after["silence"]["failed_attempts"], 2);
    let said = ["planned", "depart", "contact_not_reached", "contact_not_reached"];
    assert_eq!(li.timeline(&kite).await, said);
}

async fn a_contact_sent_twice_counts_once_and_the_member_reads_it(w: World) {
    let li = w.secretary("三塘村").await;
    let (wang, kite) = away(&w, &li).await;
    w.waits(TimeDelta::days(3));
    let call = li.writes_contact("video", "reached");
    assert_eq!(li.records(&kite, &call).await.succeeded().status(), 201);
    w.waits(TimeDelta::days(1));
    let again = li.records(&kite, &call).await;
    assert_eq!(again.has("by", li.name.as_str()).status(), 200);
    li.sees(&kite).await.has("next_checkin_due", "2027-02-13");
    li.misses(&kite, "phone").await.succeeded();
    let first = li.get(&format!("{}/contacts?limit=1", kite.path())).await;
    assert_eq!(first.items()[0]["outcome"], "not_reached", "the newest comes first");
    let next = first.string("next_cursor");
    let rest = li.get(&format!("{}/contacts?cursor={next}", kite.path())).await;
    assert_eq!(rest.items().len(), 1);
    assert_eq!(rest.items()[0]["means"], "video");
    let mine = wang.get("/v1/me/contacts").await;
    assert_eq!(
        mine.items().len(),
        2,
        "what is known about a member, the member can see"
    );
    assert_eq!(mine.items()[1]["summary"], "按登记的电话联系");
    let zhou = w.secretary("西场村").await;
    zhou.records(&kite, &call).await.is_refused("not_found");
}

async fn nobody_is_contacted_away_who_is_at_home(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王建国").of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-02-22").await;
    for outcome in ["reached", "not_reached"] {
        let contact = li.writes_contact("phone", outcome);
        li.records(&kite, &contact).await.is_refused("transition_refused");
    }
    assert_eq!(wang.get("/v1/me/contacts").await.items().len(), 0);
}

async fn a_member_abroad_is_in_contact_every_half_year(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王建国").of("三塘村").await);
    let abroad = json!({ "country": "日本", "place": "大阪" });
    let too_long = li
        .plans(&wang, abroad.clone())
        .with("contact_interval_days", json!(200))
        .sent()
        .await;
    too_long
        .is_refused("invalid")
        .names_fault("/contact_interval_days", "too_long_abroad");
    let kite = li.plans(&wang, abroad.clone()).leaving("2027-01-11").await;
    li.sees(&kite).await.has("contact_interval_days", 182);
    li.departs(&kite).await.has("next_checkin_due", "2027-07-12");
    li.corrects(&kite.path(), &json!({ "contact_interval_days": 90 }))
        .await
        .has("contact_interval_days", 90);
    let home = json!({ "destination": to("310115"), "contact_interval_days": 300 });
    li.corrects(&kite.path(), &home).await.has("contact_interval_days", 300);
    li.corrects(&kite.path(), &json!({ "destination": abroad }))
        .await
        .has("contact_interval_days", 182);
}

async fn a_member_moves_on_twice_and_every_host_knows(w: World) {
    let li = w.secretary("三塘村").await;
    let (shanghai, town) = (w.secretary("驻沪").await, w.secretary("雅周镇").await);
    let wang = w.member("王建国").of("三塘村").await;
    let kite = li
        .plans(&wang, to("310115"))
        .hosted_by("驻沪")
        .leaving("2027-01-11")
        .await;
    li.departs(&kite).await.is("away");
    let offer = shanghai.only_incoming("offered").await;
    let taken = shanghai.answers(&offer, "accept").await;
    let stay = taken.succeeded().body()["stay"]["id"].as_str().unwrap().to_owned();

    w.passes(TimeDelta::days(20)).await;
    let moved = li.moves_on(&kite, "320685", "雅周镇").await;
    moved.is("away").has("next_checkin_due", "2027-02-10");
    assert_eq!(moved["destination"]["division_code"], "320685");
    assert_eq!(moved["places"][0]["destination"]["division_code"], "310115");
    assert_eq!(moved["places"][0]["since"], "2027-01-11");
    assert_eq!(moved["places"][0]["until"], "2027-01-31");
    w.runs_jobs().await;
    let told = shanghai.get("/v1/me/inbox").await;
    assert!(
        told.items().iter().any(|one| one["occasion"] == "member_left"),
        "the old host is told"
    );
    let stay = kiteline_tests::magnet::Stay { id: stay };
    assert!(shanghai.story_of(&stay).await.contains(&"moved_on".to_owned()));
    let second = town.only_incoming("offered").await;

    w.passes(TimeDelta::days(5)).await;
    let moved = li.moves_on(&kite, "310104", "浦东流动党员工作站").await;
    assert_eq!(moved.is("away")["places"][1]["host"]["name"], "雅周镇党委");
    assert_eq!(moved["places"][1]["since"], "2027-01-31");
    town.reads(&second).await.is("withdrawn");
    w.secretary("浦东流动").await.only_incoming("offered").await;
    let history = li.timeline(&kite).await;
    assert_eq!(history.iter().filter(|event| *event == "move_on").count(), 2);
    w.runs_jobs().await;
}
