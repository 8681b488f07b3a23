//! What somebody should do next: a secretary's Monday by the work list alone.

use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::visitor;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};

stories![
    a_secretarys_monday_by_the_work_list_alone,
    a_week_fits_on_one_screen_and_the_rest_is_counted,
    nobody_waits_behind_those_who_are_no_longer_written_to,
    who_leaves_on_a_day_that_nobody_knows_is_briefed_too,
    an_officer_sees_those_whom_she_looks_after,
    an_office_sees_its_own_and_what_has_waited_below,
    a_host_sees_whom_it_has_admitted,
    another_branchs_things_never_appear,
];

/// The sections of somebody's list.
async fn list(who: &Person) -> Vec<Value> {
    let answer = who.get("/v1/worklist").await;
    answer.succeeded()["sections"].as_array().unwrap().clone()
}

fn kinds(list: &[Value]) -> Vec<&str> {
    list.iter().map(|section| section["kind"].as_str().unwrap()).collect()
}

/// The tasks of a kind.
fn tasks<'a>(list: &'a [Value], kind: &str) -> &'a [Value] {
    let section = list.iter().find(|section| section["kind"] == kind);
    section.map_or(&[], |section| section["tasks"].as_array().unwrap())
}

fn names(tasks: &[Value]) -> Vec<&str> {
    tasks
        .iter()
        .map(|task| task["person"]["name"].as_str().unwrap())
        .collect()
}

/// Somebody who was away already says this on the phone.
async fn says(member: &Person, kind: &str, wellbeing: &str) {
    let said = member.writes_checkin(kind).with("wellbeing", json!(wellbeing));
    member.sends(&said).await.succeeded();
}

async fn away(w: &World, name: &str, branch: &str) -> (Person, Kite) {
    let li = w.secretary(branch).await;
    let member = w.member(name).of(branch).await;
    let kite = li.plans(&member, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    (member, kite)
}

/// Does what a task says, with a body as the contract wants it.
async fn follow(w: &World, who: &Person, task: &Value) -> Answer {
    let (method, href) = (
        task["act"]["method"].as_str().unwrap(),
        task["act"]["href"].as_str().unwrap(),
    );
    let method: Method = method.parse().unwrap();
    let see = task["see"].as_str().unwrap();
    who.get(see).await.succeeded();
    let verb = href.rsplit('/').next().unwrap();
    let today = w.today();
    let body = match verb {
        "accept" | "confirm" | "ask-origin" | "publish" => json!({}),
        "contacts" => who.writes_contact("phone", "reached"),
        "depart" => json!({ "departed_on": today }),
        "confirm-by-call" => {
            json!({ "spoke_with": "达州李书记", "phone": "0818-2345678", "called_on": today })
        }
        "admit" => json!({
            "home_unit_id": w.id_of("三塘村"), "contact_officer": { "name": "周干事", "phone": "19900000077" },
        }),
        "answer" => json!({ "said": "请带户口本到镇便民服务中心" }),
        "gifts" | "return" => task["act"]["body"].clone(),
        "visits" => {
            json!({ "means": "in_person", "outcome": "reached", "summary": "到工地看望", "next_step": "联系学校" })
        }
        item => {
            assert!(href.ends_with(&format!("/briefing/{item}")), "{task}");
            json!({ "done_on": today })
        }
    };
    if matches!(verb, "contacts" | "gifts" | "visits") {
        return who.post(href, &body).await;
    }
    who.changes(method, see, href, &body).await
}

/// Two who say something on the phone that Monday, and a wish of somebody whom nobody is to know.
async fn what_phones_say(w: &World, li: &Person, (needs_help, is_back): (&Person, &Person)) {
    // A clock that was years ahead hides nothing that is said later.
    let ahead = needs_help
        .writes_checkin("periodic")
        .with("recorded_at", json!("2099-01-01T00:00:00Z"));
    needs_help.sends(&ahead).await.succeeded();
    w.waits(TimeDelta::minutes(1));
    says(needs_help, "periodic", "needs_help").await;
    says(is_back, "final_return", "fine").await;
    let author = w.member("韩冰").of("三塘村").await;
    let wish = json!({ "said": "想给孩子找一个书桌", "anonymous": true });
    author.post("/v1/me/wishes", &wish).await.succeeded();
    let monday = list(li).await;
    assert_eq!(names(tasks(&monday, "help")), ["许静"]);
    assert_eq!(
        tasks(&monday, "help")[0]["why"],
        "许静同志2月15日报到时说需要帮助，请联系"
    );
    assert_eq!(names(tasks(&monday, "return")), ["何伟"]);
    assert_eq!(
        tasks(&monday, "return")[0]["act"]["body"],
        json!({ "on": "2027-02-15" })
    );
    let wish = &tasks(&monday, "wish")[0];
    assert_eq!((&wish["person"], &wish["due_on"]), (&Value::Null, &json!("2027-02-15")));
    assert!(!format!("{monday:?}").contains("韩冰"), "{monday:?}");
}

/// Departures, arrivals, questions and a jubilee; the journey that should have begun.
async fn what_a_new_year_brings(w: &World, li: &Person) -> Kite {
    // Somebody leaves, and is not heard of again; five weeks later it is Monday.
    away(w, "王芳", "三塘村").await;
    let (xu, he) = (away(w, "许静", "三塘村").await.0, away(w, "何伟", "三塘村").await.0);
    w.waits(TimeDelta::days(35));
    assert_eq!(w.today().to_string(), "2027-02-15");
    let chen = w.member("陈红").of("三塘村").await;
    li.plans(&chen, to("310115")).leaving("2027-02-20").await;
    let shen = w.member("沈默").of("三塘村").await;
    let late = li.plans(&shen, to("310115")).leaving("2027-02-12").await;
    let later = w.member("赵明").of("三塘村").await;
    li.plans(&later, to("310115")).leaving("2027-03-20").await;
    w.member("周平").joined("1992-02-18").of("三塘村").await;
    // On the Saturday before, when nobody looks at lists; and more than a week ago.
    w.member("郑强").joined("1997-02-13").of("三塘村").await;
    w.member("冯远").joined("1997-02-07").of("三塘村").await;
    w.member("钱进").joined("1992-03-18").of("三塘村").await;
    chen.asks_for("hardship", "孩子入学需要什么材料").await.succeeded();
    li.finds("三塘村", visitor("孙丽")).await.is("reported");
    let there = w.secretary("王垛村").await;
    let comes = w.member("吴敏").of("王垛村").await;
    let notice = there.plans(&comes, to("320685")).hosted_by("三塘村");
    there.departs(&notice.leaving("2027-02-15").await).await.is("away");
    what_phones_say(w, li, (&xu, &he)).await;
    late
}

async fn a_secretarys_monday_by_the_work_list_alone(w: World) {
    w.leaves_work_undone();
    let li = w.secretary("三塘村").await;
    assert_eq!(list(&li).await, Vec::<Value>::new(), "a new year");
    let late = what_a_new_year_brings(&w, &li).await;

    let monday = list(&li).await;
    assert_eq!(
        kinds(&monday),
        [
            "handover",
            "help",
            "overdue",
            "return",
            "briefing",
            "departure",
            "card",
            "service_request",
            "wish",
            "verify"
        ]
    );
    for (kind, who) in [
        ("handover", &["吴敏"][..]),
        ("overdue", &["王芳"]),
        ("briefing", &["沈默", "陈红"]),
        ("departure", &["沈默"]),
        ("card", &["郑强", "周平"]),
        ("service_request", &["陈红"]),
        ("verify", &["孙丽"]),
    ] {
        assert_eq!(names(tasks(&monday, kind)), who, "{kind}");
        for task in tasks(&monday, kind) {
            let name = task["person"]["name"].as_str().unwrap();
            assert!(task["why"].as_str().unwrap().contains(name), "{task}");
        }
    }
    let why = &tasks(&monday, "overdue")[0]["why"];
    assert_eq!(why, "王芳同志应报到而未报到，已过5天，请联系");
    assert_eq!(
        tasks(&monday, "card")[1]["why"],
        "2月18日是周平同志入党35周年，贺卡还没有登记"
    );
    assert_eq!(tasks(&monday, "card")[1]["due_on"], "2027-02-18");
    let english = li.client().await.reading("en").get("/v1/worklist").await;
    let said = english["sections"][2]["tasks"][0]["why"].as_str().unwrap().to_owned();
    assert_eq!(said, "王芳 should have been heard of 5 days ago: please get in touch");

    // By the first line each time, until there is none.
    let mut steps = 0;
    while let Some(task) = list(&li).await.first().map(|section| section["tasks"][0].clone()) {
        follow(&w, &li, &task).await.succeeded();
        steps += 1;
        assert!(steps < 60, "the list does not get shorter: {task}");
    }
    assert!(steps >= 10, "{steps}");
    li.sees(&late).await.is("away");
    assert_eq!(w.database().count("stays where state = 'admitted'"), 2);
}

async fn a_week_fits_on_one_screen_and_the_rest_is_counted(w: World) {
    w.leaves_work_undone();
    let li = w.secretary("三塘村").await;
    for number in 0..8 {
        away(&w, &format!("党员{number}"), "三塘村").await;
    }
    w.waits(TimeDelta::days(31));
    let today = list(&li).await;
    assert_eq!((kinds(&today), tasks(&today, "overdue").len()), (vec!["overdue"], 5));
    assert_eq!(today[0]["more"], 3);
    let whole = li.get(today[0]["list"].as_str().unwrap()).await;
    assert_eq!(whole.items().len(), 8);
}

async fn nobody_waits_behind_those_who_are_no_longer_written_to(w: World) {
    w.leaves_work_undone();
    let li = w.secretary("三塘村").await;
    for number in 0..21 {
        let (member, _) = away(&w, &format!("党员{number}"), "三塘村").await;
        let path = format!("/v1/members/{}", member.member);
        let decided = json!({ "standing": "suspended", "reason": "支部大会决定" });
        li.corrects(&path, &decided).await.has("standing", "suspended");
    }
    w.waits(TimeDelta::days(1));
    away(&w, "王芳", "三塘村").await;
    w.waits(TimeDelta::days(31));
    assert_eq!(names(tasks(&list(&li).await, "overdue")), ["王芳"]);
}

async fn who_leaves_on_a_day_that_nobody_knows_is_briefed_too(w: World) {
    w.leaves_work_undone();
    let li = w.secretary("三塘村").await;
    let (chen, zhao) = (w.member("陈红").of("三塘村").await, w.member("赵明").of("三塘村").await);
    li.plans(&chen, to("310115")).sent().await.is("planned");
    li.plans(&zhao, to("310115")).leaving("2027-01-14").await;
    let today = list(&li).await;
    assert_eq!(names(tasks(&today, "briefing")), ["赵明", "陈红"], "{today:?}");
    assert!(tasks(&today, "departure").is_empty(), "{today:?}");
    let why = tasks(&today, "briefing")[1]["why"].as_str().unwrap();
    assert!(why.contains("陈红同志准备外出"), "{why}");
}

async fn an_officer_sees_those_whom_she_looks_after(w: World) {
    w.leaves_work_undone();
    let (li, zhou) = (w.secretary("三塘村").await, w.contact_officer("三塘村").await);
    let (_, kite) = away(&w, "王芳", "三塘村").await;
    away(&w, "陈红", "三塘村").await;
    let named = json!({ "contact_officer_id": zhou.account });
    li.names_officer(&kite, named).await.succeeded();
    w.waits(TimeDelta::days(31));
    let hers = list(&zhou).await;
    assert_eq!(
        (kinds(&hers), names(tasks(&hers, "overdue"))),
        (vec!["overdue"], vec!["王芳"])
    );
    assert_eq!(names(tasks(&list(&li).await, "overdue")).len(), 2);
    follow(&w, &zhou, &tasks(&hers, "overdue")[0]).await.succeeded();
    assert_eq!(list(&zhou).await, Vec::<Value>::new());
}

async fn an_office_sees_its_own_and_what_has_waited_below(w: World) {
    w.leaves_work_undone();
    let (town, county) = (w.office("曲塘镇").await, w.office("海安").await);
    let li = w.secretary("三塘村").await;
    let (_, kite) = away(&w, "王芳", "三塘村").await;
    let chen = w.member("陈红").of("三塘村").await;
    li.plans(&chen, to("310115")).leaving("2027-01-14").await;
    let wu = w.member("吴敏").of("王垛村").await;
    let there = w.secretary("王垛村").await;
    let notice = there.plans(&wu, to("320685")).hosted_by("三塘村");
    there.departs(&notice.leaving("2027-01-11").await).await.is("away");
    assert_eq!(
        list(&town).await,
        Vec::<Value>::new(),
        "what a branch does is not on the table of the town"
    );
    // The answer is due: whoever is above may give it. The silence is still the branch's.
    w.waits(TimeDelta::days(35));
    assert_eq!(names(tasks(&list(&town).await, "handover")), ["吴敏"]);
    assert_eq!(kinds(&list(&town).await), ["handover"]);
    // Thirty days after the day it comes up, to those further above as well.
    w.waits(TimeDelta::days(25));
    assert_eq!(names(tasks(&list(&town).await, "overdue")), ["王芳"]);
    let far = list(&county).await;
    assert_eq!(
        (kinds(&far), tasks(&far, "overdue").len()),
        (vec!["handover", "overdue"], 2)
    );
    // A proposal is for the committee right above, and comes up when nobody decides.
    w.waits(TimeDelta::days(180));
    for means in ["phone", "message", "phone"] {
        li.records(&kite, &li.writes_contact(means, "not_reached"))
            .await
            .succeeded();
    }
    li.declares_out_of_contact(&kite, "moved").await.is("away");
    let (decides, above) = (list(&town).await, list(&county).await);
    assert_eq!(names(tasks(&decides, "declaration")), ["王芳"]);
    assert!(kinds(&list(&li).await).iter().all(|kind| *kind != "declaration"));
    assert_eq!(tasks(&above, "declaration").len(), 0);
    w.waits(TimeDelta::days(31));
    assert_eq!(names(tasks(&list(&county).await, "declaration")), ["王芳"]);
    let act = &tasks(&decides, "declaration")[0]["act"];
    assert_eq!(act["href"], format!("{}/confirm-out-of-contact", kite.path()));
}

async fn a_host_sees_whom_it_has_admitted(w: World) {
    w.leaves_work_undone();
    let (zhou, li) = (w.secretary("浦东流动").await, w.secretary("三塘村").await);
    let wang = w.member("王芳").joined("1999-01-14").of("三塘村").await;
    let notice = li.plans(&wang, to("310115")).hosted_by("浦东流动");
    li.departs(&notice.leaving("2027-01-11").await).await.is("away");
    let offer = zhou.only_incoming("offered").await;
    zhou.answers(&offer, "accept").await.succeeded();
    assert_eq!(
        kinds(&list(&zhou).await),
        ["admit"],
        "not admitted yet, and so no guest"
    );
    follow(&w, &zhou, &tasks(&list(&zhou).await, "admit")[0]).await;
    let admitted = list(&zhou).await;
    if kinds(&admitted) == ["admit"] {
        // Whoever admits chooses a home unit of the host's own.
        let stay = kiteline_tests::magnet::Stay {
            id: tasks(&admitted, "admit")[0]["subject_id"].as_str().unwrap().to_owned(),
        };
        zhou.admits(&stay, "浦东流动").await.is("admitted");
    }
    for who in [&zhou, &li] {
        assert_eq!(names(tasks(&list(who).await, "card")), ["王芳"]);
    }
    let given = follow(&w, &zhou, &tasks(&list(&zhou).await, "card")[0]).await;
    given.succeeded();
    for who in [&zhou, &li] {
        assert_eq!(
            names(tasks(&list(who).await, "card")),
            Vec::<&str>::new(),
            "one card is enough"
        );
    }

    // The officer has no list of her own: whom nobody has visited for long is on the host's, once.
    assert_eq!(names(tasks(&list(&zhou).await, "overdue")), Vec::<&str>::new());
    w.waits(TimeDelta::days(92));
    let silent = tasks(&list(&zhou).await, "overdue").to_vec();
    assert_eq!(names(&silent), ["王芳"]);
    assert!(
        silent[0]["why"].as_str().unwrap().contains("该走访或联系王芳同志了"),
        "{silent:?}"
    );
    follow(&w, &zhou, &silent[0]).await.succeeded();
    assert_eq!(names(tasks(&list(&zhou).await, "overdue")), Vec::<&str>::new());
}

async fn another_branchs_things_never_appear(w: World) {
    w.leaves_work_undone();
    let (neighbour, officer) = (w.secretary("西场村").await, w.contact_officer("西场村").await);
    let (li, admin) = (w.secretary("三塘村").await, w.administrator().await);
    away(&w, "王芳", "三塘村").await;
    w.waits(TimeDelta::days(35));
    let chen = w.member("陈红").joined("1992-02-18").of("三塘村").await;
    li.plans(&chen, to("310115")).leaving("2027-02-20").await;
    chen.asks_for("hardship", "孩子入学需要什么材料").await.succeeded();
    li.finds("三塘村", visitor("孙丽")).await.is("reported");
    assert_eq!(list(&li).await.len(), 5);
    for who in [&neighbour, &officer] {
        assert_eq!(list(who).await, Vec::<Value>::new());
    }
    admin.get("/v1/worklist").await.is_refused("forbidden");
    chen.get("/v1/worklist").await.is_refused("forbidden");
}
