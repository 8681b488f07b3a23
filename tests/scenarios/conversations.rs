//! What happens when a hand-over is not simply answered: it is spoken about, it becomes due, the parent steps in, it lapses.

use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::{Handover, Stay};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};

stories![
    a_host_that_never_answers_and_the_county_that_does_saying_so,
    who_stands_above_the_asked_side_alone_answers_at_any_time,
    whoever_asks_does_not_answer,
    two_organisations_write_to_each_other,
    a_message_sent_twice_is_there_once,
    a_settled_handover_is_written_about_for_thirty_days,
    an_offer_is_reminded_of_told_above_and_lapses,
    a_question_that_lapses_can_be_asked_again,
    days_off_skip_no_step,
    two_servers_let_it_lapse_once,
    both_sides_see_one_timeline_and_each_keeps_its_reasons,
    a_host_sees_nothing_of_what_an_earlier_host_said,
];

async fn departure(w: &World, li: &Person, host: &str) -> (Person, Kite) {
    let wang = w.member("王芳").of("三塘村").await;
    let notice = li.plans(&wang, to("310115")).hosted_by(host);
    let kite = notice.leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    (wang, kite)
}

/// What was said to somebody in the app about hand-overs: the day and the occasion.
async fn told(who: &Person) -> Vec<String> {
    let inbox = who.get("/v1/me/inbox?limit=500").await;
    let text = |message: &Value, field: &str| message[field].as_str().unwrap().to_owned();
    let line = |message| format!("{} {}", &text(message, "created_at")[..10], text(message, "occasion"));
    let lines = inbox.items().iter().map(line);
    lines.filter(|line| line.contains("handover")).collect()
}

/// The last message to somebody in the app.
async fn last_words(to: &Person) -> String {
    let inbox = to.get("/v1/me/inbox?limit=500").await;
    inbox.items().last().expect("a message")["body"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn writes(who: &Person, about: &Handover, text: &str) -> Answer {
    who.post(&format!("{}/messages", about.path()), &json!({ "text": text }))
        .await
}

/// The entries of a conversation's timeline.
async fn timeline(who: &Person, of: &Handover) -> Vec<Value> {
    let page = who.get(&format!("{}/timeline?limit=500", of.path())).await;
    page.items().to_vec()
}

fn words(entries: &[Value]) -> Vec<&str> {
    entries.iter().filter_map(|entry| entry["event"].as_str()).collect()
}

#[track_caller]
fn entry<'a>(entries: &'a [Value], event: &str) -> &'a Value {
    let found = entries.iter().find(|entry| entry["event"] == event);
    found.unwrap_or_else(|| panic!("no {event} among {:?}", words(entries)))
}

async fn a_host_that_never_answers_and_the_county_that_does_saying_so(w: World) {
    let (li, chen, county) = (
        w.secretary("三塘村").await,
        w.secretary("驻沪").await,
        w.office("海安").await,
    );
    let (_, kite) = departure(&w, &li, "驻沪").await;
    let offer = chen.only_incoming("offered").await;
    county.reads(&offer).await.is("offered").allows(&["withdraw"]);
    county.answers(&offer, "accept").await.is_refused("transition_refused");

    w.passes(TimeDelta::days(10)).await;
    county.reads(&offer).await.allows(&["withdraw", "accept", "decline"]);
    let taken = county.answers(&offer, "accept").await;
    taken
        .is("accepted")
        .has("on_behalf", true)
        .has("answered_by", county.name.as_str());
    assert_eq!(taken["answered_from"]["name"], "海安市委组织部");
    w.runs_jobs().await;
    for side in [&li, &chen] {
        assert!(
            last_words(side)
                .await
                .contains("由海安市委组织部代驻沪流动党员联合党委答复"),
            "{}",
            last_words(side).await
        );
    }
    let seen = timeline(&chen, &offer).await;
    assert_eq!(entry(&seen, "handover_accepted")["detail"]["on_behalf"], true);
    assert!(li.timeline(&kite).await.contains(&"handover_accepted".to_owned()));
}

async fn who_stands_above_the_asked_side_alone_answers_at_any_time(w: World) {
    let (li, zhou, ding) = (
        w.secretary("三塘村").await,
        w.secretary("浦东流动").await,
        w.office("驻沪").await,
    );
    departure(&w, &li, "浦东流动").await;
    let offer = zhou.only_incoming("offered").await;
    w.runs_jobs().await;
    let declined = ding.answers(&offer, "decline").await;
    declined.is("declined").has("on_behalf", true);
    assert_eq!(declined["answered_from"]["name"], "驻沪流动党员联合党委");
    w.runs_jobs().await;
    assert_eq!(
        told(&zhou).await,
        ["2027-01-11 handover_offered", "2027-01-11 handover_answered"]
    );
    let (_, kite) = {
        let again = w.member("赵云").of("三塘村").await;
        let notice = li.plans(&again, to("310115")).hosted_by("浦东流动");
        let kite = notice.leaving("2027-01-11").await;
        li.departs(&kite).await.is("away");
        (again, kite)
    };
    let own = zhou.only_incoming("offered").await;
    zhou.answers(&own, "accept").await.has("on_behalf", false);
    li.sees(&kite).await.is("away");
    w.runs_jobs().await;
}

/// The town asks its own village: that the town stands above it gives it no second voice, not even when it is due.
async fn whoever_asks_does_not_answer(w: World) {
    let (town, li) = (w.office("曲塘镇").await, w.secretary("三塘村").await);
    let origin = json!({ "organisation_id": w.county().place("三塘村").id });
    let stay = town
        .finds_from("曲塘镇", json!({ "name": "王芳", "phone": "199 0000 0023" }), origin)
        .await;
    town.asks_origin(&Stay::of(&stay)).await.is("verifying");
    let asked = li.only_incoming("asked").await;
    w.passes(TimeDelta::days(11)).await;
    town.answers(&asked, "confirm").await.is_refused("transition_refused");
    li.answers(&asked, "confirm")
        .await
        .is("confirmed")
        .has("on_behalf", false);
    w.runs_jobs().await;
}

async fn two_organisations_write_to_each_other(w: World) {
    let (li, chen, county, yazhou) = (
        w.secretary("三塘村").await,
        w.secretary("驻沪").await,
        w.office("海安").await,
        w.secretary("雅周镇").await,
    );
    departure(&w, &li, "驻沪").await;
    let offer = chen.only_incoming("offered").await;
    let asked = writes(&chen, &offer, "请问王芳住在哪个工地？").await;
    assert_eq!((asked.status(), asked.string("speaker")), (201, "asked"));
    w.runs_jobs().await;
    assert_eq!(told(&li).await, ["2027-01-11 handover_message"]);
    writes(&li, &offer, "浦东新区，电话已登记。")
        .await
        .has("speaker", "asking");
    writes(&county, &offer, "请尽快办理。").await.has("speaker", "both");
    writes(&yazhou, &offer, "不关我们的事").await.is_refused("not_found");
    writes(&li, &offer, "   ")
        .await
        .is_refused("invalid")
        .names_fault("/text", "required");
    w.runs_jobs().await;
    assert_eq!(told(&li).await.len(), 2, "the county spoke to both");
    assert_eq!(told(&chen).await.len(), 3, "the offer, the answer, the county");

    let mut texts = Vec::new();
    let mut next = format!("{}/messages?limit=2", offer.path());
    loop {
        let page = chen.get(&next).await;
        texts.extend(page.items().iter().map(|one| one["text"].as_str().unwrap().to_owned()));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        next = format!("{}/messages?limit=2&cursor={cursor}", offer.path());
    }
    assert_eq!(
        texts,
        ["请问王芳住在哪个工地？", "浦东新区，电话已登记。", "请尽快办理。"]
    );
    let seen = timeline(&li, &offer).await;
    assert_eq!(
        entry(&seen, "handover_message")["detail"]["text"],
        "请问王芳住在哪个工地？"
    );
}

async fn a_message_sent_twice_is_there_once(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    departure(&w, &li, "驻沪").await;
    let offer = chen.only_incoming("offered").await;
    let path = format!("{}/messages", offer.path());
    let message = json!({ "id": "01930c1e-2b9a-7c1e-8a57-3f8f3f8f3f8f", "text": "已联系上本人。" });
    assert_eq!(chen.post(&path, &message).await.status(), 201);
    assert_eq!(chen.post(&path, &message).await.status(), 200);
    let taken = li.post(&path, &message).await;
    taken.is_refused("invalid").names_fault("/id", "taken");
    w.runs_jobs().await;
    assert_eq!(w.database().count("handover_messages"), 1);
    assert_eq!(told(&li).await.len(), 1);
}

async fn a_settled_handover_is_written_about_for_thirty_days(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    departure(&w, &li, "驻沪").await;
    let offer = chen.only_incoming("offered").await;
    chen.answers(&offer, "accept").await.is("accepted");
    w.passes(TimeDelta::days(30)).await;
    writes(&li, &offer, "谢谢照顾王芳。").await.succeeded();
    w.passes(TimeDelta::days(1)).await;
    writes(&li, &offer, "春节快到了。")
        .await
        .is_refused("transition_refused");
    assert_eq!(chen.get(&format!("{}/messages", offer.path())).await.items().len(), 1);
}

async fn an_offer_is_reminded_of_told_above_and_lapses(w: World) {
    let (li, chen, county, town) = (
        w.secretary("三塘村").await,
        w.secretary("驻沪").await,
        w.office("海安").await,
        w.office("曲塘镇").await,
    );
    let (_, kite) = departure(&w, &li, "驻沪").await;
    let offer = chen.only_incoming("offered").await;
    chen.reads(&offer)
        .await
        .has("due_on", "2027-01-21")
        .has("lapses_on", "2027-02-10");
    w.runs_jobs().await;
    w.passes(TimeDelta::days(4)).await;
    assert_eq!(told(&chen).await, ["2027-01-11 handover_offered"]);
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(told(&chen).await[1..], ["2027-01-16 handover_reminder"]);
    assert!(
        last_words(&chen).await.contains("2027年1月21日前"),
        "{}",
        last_words(&chen).await
    );
    w.passes(TimeDelta::days(4)).await;
    assert_eq!(told(&county).await, [""; 0]);
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(told(&county).await, ["2027-01-21 handover_overdue"]);
    assert_eq!(told(&town).await, [""; 0], "the town stands above one side alone");
    chen.reads(&offer)
        .await
        .has("escalated_on", "2027-01-21")
        .has("lapses_on", "2027-02-10");
    w.passes(TimeDelta::days(19)).await;
    chen.reads(&offer).await.is("offered");
    let before = li.sees(&kite).await.version();
    w.passes(TimeDelta::days(1)).await;
    chen.reads(&offer).await.is("lapsed").allows(&[]);
    assert_eq!(told(&chen).await[2..], ["2027-02-10 handover_answered"]);
    assert_eq!(told(&li).await, ["2027-02-10 handover_answered"]);
    assert!(last_words(&li).await.contains("逾期未答复，已失效"));
    li.sees(&kite).await.is("away").has("version", before);
    w.passes(TimeDelta::days(5)).await;
    assert_eq!(told(&chen).await.len(), 3, "nothing is said twice");
    let seen = timeline(&li, &offer).await;
    let told_of = words(&seen);
    assert_eq!(
        told_of.iter().filter(|word| word.starts_with("handover_")).count(),
        3,
        "{told_of:?}"
    );
    li.offers(&kite, "驻沪").await.is("offered");
    w.runs_jobs().await;
}

async fn a_question_that_lapses_can_be_asked_again(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").of("三塘村").await;
    let stay = Stay::of(&wang.arrives_at("驻沪").await);
    chen.asks_origin(&stay).await.is("verifying");
    let first = li.only_incoming("asked").await;
    w.passes(TimeDelta::days(30)).await;
    li.reads(&first).await.is("lapsed");
    chen.looks_at(&stay).await.is("reported").allows(&[
        "ask_origin",
        "confirm_by_call",
        "confirm_by_certificate",
        "confirm_by_letter",
        "reject",
        "withdraw",
    ]);
    assert!(chen.story_of(&stay).await.contains(&"stay_question_lapsed".to_owned()));
    chen.asks_origin(&stay).await.is("verifying");
    let second = li.only_incoming("asked").await;
    assert_ne!(first.id, second.id);
    li.answers(&second, "confirm").await.is("confirmed");
    chen.looks_at(&stay).await.is("verified");
    w.runs_jobs().await;
}

/// The machine is off from the fourth day to the forty-fourth.
async fn days_off_skip_no_step(w: World) {
    let (li, chen, county) = (
        w.secretary("三塘村").await,
        w.secretary("驻沪").await,
        w.office("海安").await,
    );
    departure(&w, &li, "驻沪").await;
    let offer = chen.only_incoming("offered").await;
    w.passes(TimeDelta::days(4)).await;
    w.waits(TimeDelta::days(40));
    w.runs_jobs().await;
    assert_eq!(told(&chen).await[1..], ["2027-02-24 handover_reminder"]);
    assert_eq!(told(&county).await, ["2027-02-24 handover_overdue"]);
    let seen = chen.reads(&offer).await;
    seen.is("offered")
        .has("escalated_on", "2027-02-24")
        .has("lapses_on", "2027-03-16");
    w.passes(TimeDelta::days(19)).await;
    chen.reads(&offer).await.is("offered");
    w.passes(TimeDelta::days(1)).await;
    chen.reads(&offer).await.is("lapsed");
}

async fn two_servers_let_it_lapse_once(w: World) {
    let (li, chen, county) = (
        w.secretary("三塘村").await,
        w.secretary("驻沪").await,
        w.office("海安").await,
    );
    departure(&w, &li, "驻沪").await;
    let offer = chen.only_incoming("offered").await;
    for days in [5, 5, 20] {
        w.waits(TimeDelta::days(days));
        let (one, other) = tokio::join!(w.notifier().plan(), w.notifier().plan());
        one.unwrap();
        other.unwrap();
        w.delivers().await;
    }
    chen.reads(&offer).await.is("lapsed");
    let seen = timeline(&chen, &offer).await;
    for once in ["handover_escalated", "handover_lapsed"] {
        assert_eq!(words(&seen).iter().filter(|word| **word == once).count(), 1, "{once}");
    }
    assert_eq!(told(&chen).await.len(), 3);
    assert_eq!(told(&county).await.len(), 1);
}

async fn both_sides_see_one_timeline_and_each_keeps_its_reasons(w: World) {
    let (li, chen, county) = (
        w.secretary("三塘村").await,
        w.secretary("驻沪").await,
        w.office("海安").await,
    );
    let (wang, kite) = departure(&w, &li, "驻沪").await;
    let offer = chen.only_incoming("offered").await;
    li.corrects(&kite.path(), &json!({ "expected_return_on": "2027-12-20" }))
        .await
        .succeeded();
    let taken = chen.answers(&offer, "accept").await;
    let stay = Stay {
        id: taken["stay"]["id"].as_str().unwrap().to_owned(),
    };
    chen.admits(&stay, "浦东临时").await.is("admitted");
    wang.checks_in("periodic").await.succeeded();
    let home = json!({ "on": w.today(), "reason": "家里老人生病" });
    li.tells(&kite.path(), "come-home", &home).await.is("home_visit");

    let (origins, hosts) = (timeline(&li, &offer).await, timeline(&chen, &offer).await);
    assert_eq!(words(&origins), words(&hosts), "one timeline");
    let expected = [
        "planned",
        "depart",
        "handover_offered",
        "stay_handed_over",
        "handover_accepted",
        "stay_admitted",
        "check_in",
        "come_home",
    ];
    let mut found = words(&hosts);
    found.sort_unstable();
    let mut wanted = expected.to_vec();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "what was corrected is the origin's own affair");
    assert_eq!(entry(&origins, "come_home")["reason"], "家里老人生病");
    assert_eq!(entry(&hosts, "come_home")["reason"], Value::Null);
    assert!(entry(&origins, "stay_admitted")["detail"]["number"].is_i64());
    assert_eq!(
        entry(&timeline(&county, &offer).await, "come_home")["reason"],
        "家里老人生病"
    );

    let first = chen.get(&format!("{}/timeline?limit=3", offer.path())).await;
    let cursor = first.string("next_cursor").to_owned();
    let rest = chen
        .get(&format!("{}/timeline?limit=500&cursor={cursor}", offer.path()))
        .await;
    let pages: Vec<Value> = first.items().iter().chain(rest.items()).cloned().collect();
    assert_eq!(pages, hosts);

    // Once the member has left the host, the journey is the origin's affair alone.
    li.departs_again(&kite).await.is("away");
    chen.sees_off(&stay, "onward").await.is("left");
    w.passes(TimeDelta::days(1)).await;
    li.records_call(&kite).await.is("away");
    let after = timeline(&chen, &offer).await;
    assert_eq!(words(&after).last(), Some(&"stay_left"));
    w.runs_jobs().await;
}

async fn a_host_sees_nothing_of_what_an_earlier_host_said(w: World) {
    let (li, zhou, chen) = (
        w.secretary("三塘村").await,
        w.secretary("雅周镇").await,
        w.secretary("驻沪").await,
    );
    let (_, kite) = departure(&w, &li, "雅周镇").await;
    let first = zhou.only_incoming("offered").await;
    zhou.answers(&first, "decline").await.is("declined");
    li.names_host(&kite, "驻沪").await.is("away");
    let second = chen.only_incoming("offered").await;
    let seen = timeline(&chen, &second).await;
    assert!(!words(&seen).contains(&"handover_declined"), "{:?}", words(&seen));
    assert_eq!(
        words(&seen).iter().filter(|word| **word == "handover_offered").count(),
        1
    );
    let theirs = timeline(&zhou, &first).await;
    assert_eq!(
        words(&theirs).last(),
        Some(&"handover_declined"),
        "what came after is not theirs"
    );
    let blind = zhou
        .client()
        .await
        .call(Method::GET, &format!("{}/timeline", second.path()));
    blind.send().await.is_refused("not_found");
    w.runs_jobs().await;
}
