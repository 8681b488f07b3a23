//! Contact officers (联系干部): whom they look after, whom they visit, and who takes over.

use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};
use uuid::Uuid;

stories![
    a_visit_holds_the_line_on_both_sides,
    a_visit_that_found_nobody_moves_nothing,
    a_visit_sent_twice_is_there_once,
    an_officer_sees_who_is_due_first,
    an_officer_of_the_home_unit_visits_whom_she_looks_after,
    an_officer_retires_and_hands_her_list_over,
    nobody_hands_over_what_is_not_theirs,
];

/// A member who has left 三塘村, looked after from there by this officer.
async fn away(w: &World, name: &str, officer: &Person) -> (Person, Kite) {
    let li = w.secretary("三塘村").await;
    let member = w.member(name).of("三塘村").await;
    let kite = li.plans(&member, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    let named = json!({ "contact_officer_id": officer.account });
    li.names_officer(&kite, named).await.succeeded();
    (member, kite)
}

/// Somebody who stays in 驻沪, looked after there by this officer.
async fn staying(w: &World, name: &str, officer: &Person) -> Stay {
    let chen = w.secretary("驻沪").await;
    let mut person = visitor(name);
    person["phone"] = Value::Null;
    let stay = Stay::of(&chen.finds("驻沪", person).await);
    chen.calls_origin(&stay).await.is("verified");
    chen.entrusts(&stay, "浦东流动", officer).await.is("admitted");
    stay
}

fn names(list: &Answer) -> Vec<&str> {
    list.items().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

async fn a_visit_holds_the_line_on_both_sides(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").of("三塘村").await;
    let notice = li.plans(&wang, to("310115")).hosted_by("驻沪");
    let kite = notice.leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    let offer = chen.only_incoming("offered").await;
    let taken = chen.answers(&offer, "accept").await;
    let stay = Stay {
        id: taken["stay"]["id"].as_str().unwrap().to_owned(),
    };
    chen.admits(&stay, "浦东流动").await.is("admitted");
    w.passes(TimeDelta::days(10)).await;

    let visit = chen.visits(&stay, "in_person", "reached").await;
    assert_eq!(visit.status(), 201, "{visit}");
    visit.has("next_step", "联系学校").has("by", chen.name.as_str());
    li.sees(&kite).await.has("next_checkin_due", "2027-02-20");
    assert_eq!(li.timeline(&kite).await.last().map(String::as_str), Some("contact"));
    assert_eq!(chen.story_of(&stay).await.last().map(String::as_str), Some("visit"));

    let own = chen.get(&format!("{}/visits", stay.path())).await;
    assert_eq!(own.items()[0]["next_step"], "联系学校");
    let seen = li.get(&format!("{}/visits", kite.path())).await;
    assert_eq!(seen.items()[0]["summary"], "到工地看望");
    assert_eq!(seen.items()[0]["next_step"], Value::Null, "the host's own");
    assert_eq!(seen.items()[0]["host"], "驻沪流动党员联合党委");
    let mine = wang.get("/v1/me/visits").await;
    assert_eq!(mine.items().len(), 1);
    assert_eq!(wang.get("/v1/me/data").await["visits"][0]["summary"], "到工地看望");
    let shared = li.get(&format!("{}/timeline?limit=500", offer.path())).await;
    assert!(shared.items().iter().any(|event| event["event"] == "visit"), "{shared}");
    w.runs_jobs().await;
}

async fn a_visit_that_found_nobody_moves_nothing(w: World) {
    let chen = w.contact_officer("驻沪").await;
    let stay = staying(&w, "张伟", &chen).await;
    w.passes(TimeDelta::days(1)).await;
    chen.visits(&stay, "in_person", "not_reached").await.succeeded();
    let list = chen.get("/v1/officer/members").await;
    assert_eq!(list.items()[0]["due_on"], "2027-04-11");
    assert_eq!(list.items()[0]["last_contact_at"], Value::Null);
    let secretary = w.secretary("驻沪").await;
    let story = secretary.story_of(&stay).await;
    assert_eq!(story.last().map(String::as_str), Some("visit_not_reached"));
    secretary.sees_off(&stay, "home").await.is("left");
    let late = chen.visits(&stay, "phone", "reached").await;
    late.is_refused("transition_refused");
}

async fn a_visit_sent_twice_is_there_once(w: World) {
    let chen = w.contact_officer("驻沪").await;
    let stay = staying(&w, "张伟", &chen).await;
    let visit = json!({ "id": Uuid::now_v7(), "means": "phone", "outcome": "reached" });
    let path = format!("{}/visits", stay.path());
    assert_eq!(chen.post(&path, &visit).await.status(), 201);
    assert_eq!(chen.post(&path, &visit).await.status(), 200);
    assert_eq!(chen.get(&path).await.items().len(), 1);
}

async fn an_officer_sees_who_is_due_first(w: World) {
    let zhao = w.contact_officer("海安").await;
    let (_, first) = away(&w, "王芳", &zhao).await;
    let (_, second) = away(&w, "李娜", &zhao).await;
    let host = staying(&w, "张伟", &zhao).await;
    let list = zhao.get("/v1/officer/members").await;
    assert_eq!(names(&list)[2], "张伟", "due in ninety days");
    assert_eq!(list.items()[2]["due_on"], "2027-04-11");
    assert!(list.items().iter().all(|one| one["overdue"] == false));

    w.passes(TimeDelta::days(31)).await;
    zhao.reaches(&first, "phone").await.succeeded();
    let list = zhao.get("/v1/officer/members").await;
    assert_eq!(names(&list), ["李娜", "王芳", "张伟"]);
    assert_eq!(list.items()[0]["overdue"], true);
    let page = zhao.get("/v1/officer/members?limit=2").await;
    let cursor = page.string("next_cursor").to_owned();
    let rest = zhao.get(&format!("/v1/officer/members?limit=2&cursor={cursor}")).await;
    assert_eq!(names(&rest), ["张伟"]);

    let office = w.office("海安").await;
    office.chooses("驻沪", "stay_contact_days", 20).await.succeeded();
    let list = zhao.get("/v1/officer/members").await;
    assert_eq!(names(&list), ["张伟", "李娜", "王芳"]);
    zhao.visits(&host, "in_person", "reached").await.succeeded();
    let list = zhao.get("/v1/officer/members").await;
    assert_eq!(names(&list), ["李娜", "张伟", "王芳"]);

    let li = w.secretary("三塘村").await;
    li.welcomes_home(&second).await.is("home_visit");
    let list = zhao.get("/v1/officer/members").await;
    assert_eq!(names(&list), ["张伟", "王芳", "李娜"], "at home nobody is due");
    assert_eq!(list.items()[2]["due_on"], Value::Null);
    w.runs_jobs().await;
}

async fn an_officer_of_the_home_unit_visits_whom_she_looks_after(w: World) {
    let zhou = w.contact_officer("浦东流动").await;
    let (hers, others) = (
        staying(&w, "张伟", &zhou).await,
        staying(&w, "刘洋", &w.contact_officer("驻沪").await).await,
    );
    assert_eq!(names(&zhou.get("/v1/officer/members").await), ["张伟"]);
    zhou.visits(&hers, "in_person", "reached").await.succeeded();
    assert_eq!(zhou.get(&format!("{}/visits", hers.path())).await.items().len(), 1);
    zhou.visits(&others, "in_person", "reached")
        .await
        .is_refused("not_found");
}

/// What was said to somebody in the app about officers.
async fn told(who: &Person) -> Vec<String> {
    let inbox = who.get("/v1/me/inbox?limit=500").await;
    let told = inbox.items().iter().filter(|one| one["occasion"] == "officer_changed");
    told.map(|one| one["title"].as_str().unwrap().to_owned()).collect()
}

fn hands_over(from: &Person, to: &Person) -> Value {
    json!({ "from_account_id": from.account, "to_account_id": to.account, "reason": "原联系干部退休" })
}

async fn an_officer_retires_and_hands_her_list_over(w: World) {
    let (zhao, qian) = (w.contact_officer("海安").await, w.contact_officer("海安").await);
    let (wang, kite) = away(&w, "王芳", &zhao).await;
    let (li_na, _) = away(&w, "李娜", &zhao).await;
    let stay = staying(&w, "张伟", &zhao).await;
    let (version, li) = (
        w.secretary("三塘村").await.sees(&kite).await.version(),
        w.secretary("三塘村").await,
    );
    w.runs_jobs().await;

    let mut handing = hands_over(&zhao, &qian);
    handing["id"] = json!(Uuid::now_v7());
    let done = zhao.post("/v1/officer/handings", &handing).await;
    assert_eq!(done.status(), 201, "{done}");
    done.has("people", 3)
        .has("journeys", 2)
        .has("stays", 1)
        .has("outside", 0);
    let again = zhao.post("/v1/officer/handings", &handing).await;
    assert_eq!((again.status(), again.body()), (200, done.body()));
    w.runs_jobs().await;

    assert!(zhao.get("/v1/officer/members").await.items().is_empty());
    assert_eq!(qian.get("/v1/officer/members").await.items().len(), 3);
    assert_eq!(told(&qian).await, [format!("{}联系的3人交由您联系", zhao.name)]);
    for member in [&wang, &li_na] {
        assert_eq!(told(member).await, [format!("您的联系干部换为{}", qian.name)]);
    }
    let seen = li.sees(&kite).await;
    assert_eq!(seen["contact_officer"]["account_id"], json!(qian.account));
    assert!(seen.version() > version, "what was seen before is stale");
    let timeline = li.get(&format!("{}/timeline?limit=500", kite.path())).await;
    let last = timeline.items().last().unwrap();
    assert_eq!(
        (&last["event"], &last["detail"]["from"]),
        (&json!("officer_named"), &json!(zhao.name))
    );
    assert_eq!(last["reason"], "原联系干部退休");
    let story = w.secretary("驻沪").await.story_of(&stay).await;
    assert_eq!(story.last().map(String::as_str), Some("stay_officer_named"));
}

async fn nobody_hands_over_what_is_not_theirs(w: World) {
    let (zhao, qian) = (w.contact_officer("海安").await, w.contact_officer("海安").await);
    away(&w, "王芳", &zhao).await;
    staying(&w, "张伟", &zhao).await;
    let stranger = qian.post("/v1/officer/handings", &hands_over(&zhao, &qian)).await;
    stranger
        .is_refused("invalid")
        .names_fault("/from_account_id", "others_list");
    let village = w.secretary("王垛村").await;
    let nothing = village.post("/v1/officer/handings", &hands_over(&zhao, &qian)).await;
    nothing
        .is_refused("invalid")
        .names_fault("/from_account_id", "unknown_officer");

    let li = w.secretary("三塘村").await;
    let far = w.contact_officer("王垛村").await;
    let far = li.post("/v1/officer/handings", &hands_over(&zhao, &far)).await;
    far.is_refused("invalid")
        .names_fault("/to_account_id", "unknown_officer");
    let same = li.post("/v1/officer/handings", &hands_over(&zhao, &zhao)).await;
    same.is_refused("invalid").names_fault("/to_account_id", "same_officer");
    let done = li.post("/v1/officer/handings", &hands_over(&zhao, &qian)).await;
    done.has("journeys", 1).has("stays", 0).has("outside", 1);
    assert_eq!(names(&zhao.get("/v1/officer/members").await), ["张伟"]);

    let mut part = hands_over(&zhao, &qian);
    part["organisation_id"] = json!(w.county().place("驻沪").id);
    li.post("/v1/officer/handings", &part).await.is_refused("invalid");
    let office = w.office("海安").await;
    office.post("/v1/officer/handings", &part).await.has("stays", 1);
    w.runs_jobs().await;
}
