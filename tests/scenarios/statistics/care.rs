//! What is done for people, in figures: learning, wishes and requests, and the lists of what is left to do.
use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};

use super::{is_total, listed, of, whole};

stories![
    learning_wishes_and_requests_are_counted,
    what_was_missed_and_not_fulfilled_is_listed_for_the_period,
];

async fn what_was_missed_and_not_fulfilled_is_listed_for_the_period(w: World) {
    let office = w.office("海安").await;
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("王垛村").await);
    let wang = w.member("王芳").of("三塘村").await;
    let zhao = w.member("赵敏").of("王垛村").await;
    let wishes = async |by: &Person, of: &Person, said: &str| {
        let wish = of.wishes(said, false).await.string("id").to_owned();
        let path = format!("/v1/wishes/{wish}");
        by.tells(&path, "publish", &json!({})).await.is("published");
        path
    };
    let misses = async |place: &str, by: &Person, kind: &str, person: &Person, state: &str| {
        let begins = (w.now() + TimeDelta::minutes(15)).to_rfc3339();
        let held = by
            .invites(place, kind, &begins, &by.everybody_of(place))
            .planned()
            .await;
        w.passes(TimeDelta::hours(2)).await;
        let marks = json!([{ "person_id": person.member, "state": state }]);
        by.marks_all(&held, marks).await.succeeded();
        by.closes(&held).await.is("held");
    };
    // In January, which nobody asks about.
    wishes(&li, &wang, "一副春联").await;
    misses("三塘村", &li, "lesson", &wang, "missed").await;
    w.passes(TimeDelta::days(30)).await;
    wishes(&li, &wang, "一张回家的车票").await;
    let fulfilled = wishes(&chen, &zhao, "一本书").await;
    chen.tells(&fulfilled, "claim", &json!({})).await.is("claimed");
    chen.tells(&fulfilled, "fulfil", &json!({ "said": "放在村部" }))
        .await
        .is("fulfilled");
    misses("三塘村", &li, "lesson", &wang, "missed").await;
    misses("三塘村", &li, "collective_birthday", &wang, "missed").await;
    misses("王垛村", &chen, "lesson", &zhao, "attended").await;

    let behind = office.get(&of(&w, "behind", "海安", "&from=2027-02-01")).await;
    let lines = behind.succeeded()["lines"].as_array().unwrap().clone();
    let left = async |figure: &str, field: &str| {
        let line = lines.iter().find(|line| line["figure"] == figure).unwrap().clone();
        assert_eq!(line["organisation"]["name"], "曲塘镇党委", "{behind}");
        let list = office.get(line["list"].as_str().unwrap()).await;
        let told: Vec<_> = list.items().iter().map(|one| one[field].clone()).collect();
        assert_eq!(line["missing"], json!(told.len()), "{list}");
        told
    };
    assert_eq!(left("wishes_fulfilled", "said").await, ["一张回家的车票"]);
    assert_eq!(
        left("attended", "name").await,
        ["王芳", "王芳"],
        "a lesson and a birthday"
    );
    // What is to be made up is the lessons, also January's.
    assert_eq!(li.get("/v1/make-ups").await.items().len(), 2);
    office
        .get("/v1/make-ups?figure=attended")
        .await
        .names_fault("?figure", "not_a_filter");
    office
        .get("/v1/wishes?figure=wishes&missing=true")
        .await
        .names_fault("?missing", "not_a_filter");
}

/// Of five members three wishes come true, one waits, one is taken back.
async fn wish(li: &Person, five: &[Person; 5]) {
    for (at, member) in five.iter().enumerate() {
        let wish = member.wishes("一张回家的车票", false).await.string("id").to_owned();
        let (own, staffs) = (format!("/v1/me/wishes/{wish}"), format!("/v1/wishes/{wish}"));
        if at == 4 {
            member.tells(&own, "withdraw", &json!({})).await.is("withdrawn");
            continue;
        }
        li.tells(&staffs, "publish", &json!({})).await.is("published");
        if at < 3 {
            li.tells(&staffs, "claim", &json!({})).await.is("claimed");
            let done = json!({ "said": "放在村部" });
            li.tells(&staffs, "fulfil", &done).await.is("fulfilled");
        }
    }
}

/// Of five service requests two are answered in time, one late, one not, and one is not due. Their addresses.
async fn ask(w: &World, li: &Person, five: &[Person; 5]) -> Vec<String> {
    let answer = json!({ "said": "5月起网上报名。" });
    let mut asked = Vec::new();
    for member in &five[..4] {
        let request = member.asks_for("schooling", "孩子入学").await;
        asked.push(format!("/v1/service-requests/{}", request.string("id")));
    }
    for path in &asked[..2] {
        li.tells(path, "answer", &answer).await.is("answered");
    }
    w.passes(TimeDelta::days(14)).await;
    li.tells(&asked[2], "answer", &answer).await.is("answered");
    five[4].asks_for("schooling", "孩子入学").await.succeeded();
    w.delivers().await;
    asked
}

/// Asked again is due anew; what was late once stays late, however soon the next answer comes.
async fn ask_again(li: &Person, office: &Person, path: &str, asked: &[String]) {
    let counts = async || {
        let total = whole(&office.get(path).await);
        (total["requests_due"].clone(), total["answered_in_time"].clone())
    };
    let (again, answer) = (json!({ "said": "还没有办好" }), json!({ "said": "已报名。" }));
    for (request, meanwhile) in [(&asked[0], (3, 1)), (&asked[2], (4, 2))] {
        li.tells(request, "reopen", &again).await.succeeded();
        assert_eq!(counts().await, (json!(meanwhile.0), json!(meanwhile.1)), "{request}");
        li.tells(request, "answer", &answer).await.is("answered");
        assert_eq!(counts().await, (json!(4), json!(2)), "{request}");
    }
}

/// Three are at a lesson of ninety minutes, one misses it, one is excused.
async fn learn(w: &World, li: &Person, five: &[Person; 5]) {
    let begins = (w.now() + TimeDelta::minutes(15)).to_rfc3339();
    let lesson = li.invites("三塘村", "lesson", &begins, &li.everybody_of("三塘村"));
    let lesson = lesson.with("learning_minutes", json!(90)).planned().await;
    w.passes(TimeDelta::hours(2)).await;
    let marks = five
        .iter()
        .zip(["attended", "attended", "attended", "missed", "excused"]);
    let marks = marks.map(|(member, state)| match state {
        "excused" => json!({ "person_id": member.member, "state": state, "reason": "夜班" }),
        _ => json!({ "person_id": member.member, "state": state }),
    });
    li.marks_all(&lesson, marks.collect()).await.succeeded();
    li.closes(&lesson).await.is("held");
}

async fn learning_wishes_and_requests_are_counted(w: World) {
    let (office, auditor, li) = (w.office("海安").await, w.auditor().await, w.secretary("三塘村").await);
    let five = [
        w.member("党员甲").of("三塘村").await,
        w.member("党员乙").of("三塘村").await,
        w.member("党员丙").of("三塘村").await,
        w.member("党员丁").of("三塘村").await,
        w.member("党员戊").of("三塘村").await,
    ];
    wish(&li, &five).await;
    learn(&w, &li, &five).await;
    let asked = ask(&w, &li, &five).await;
    let path = of(&w, "coverage", "海安", "&from=2027-01-01");
    let seen = office.get(&path).await;
    let total = whole(&seen);
    for (figure, count) in [
        ("wishes", 4),
        ("wishes_fulfilled", 3),
        ("requests_due", 4),
        ("answered_in_time", 2),
        ("expected", 4),
        ("attended", 3),
        ("learning_minutes", 270),
    ] {
        assert_eq!(total[figure], json!(count), "{figure}: {seen}");
    }
    all_are_listed(&office, &seen).await;
    ask_again(&li, &office, &path, &asked).await;
    office
        .get("/v1/service-requests?figure=away&missing=true")
        .await
        .names_fault("?figure", "not_a_filter");
    // One was not there: who was, and for how long, is not shown either.
    let hidden = whole(&auditor.get(&path).await);
    assert_eq!(
        (&hidden["expected"], &hidden["attended"], &hidden["learning_minutes"]),
        (&json!(4), &Value::Null, &Value::Null)
    );
    office
        .get("/v1/rosters/outbound?figure=wishes")
        .await
        .names_fault("?figure", "not_a_filter");
    // What was asked in January and never answered does not vanish from January because it was due in February.
    w.leaves_work_undone();
    w.waits(TimeDelta::days(60));
    let january = office
        .get(&of(&w, "coverage", "海安", "&from=2027-01-01&to=2027-01-31"))
        .await;
    assert_eq!(whole(&january)["requests_due"], json!(5), "{january}");
}

/// Each request that is due, each wish that was written, and each that is missing.
async fn all_are_listed(office: &Person, seen: &Answer) {
    let lines = seen["lines"].as_array().unwrap();
    let total = lines.iter().find(|line| is_total(line)).unwrap();
    let cells = total["cells"].as_array().unwrap();
    let list = |figure: &str| {
        let cell = cells.iter().find(|cell| cell["figure"] == figure).unwrap();
        cell["list"].as_str().unwrap().to_owned()
    };
    let missing = |figure: &str| format!("{}&missing=true", list(figure));
    for (list, things) in [
        (list("requests_due"), 4),
        (list("answered_in_time"), 2),
        (missing("answered_in_time"), 2),
        (list("wishes"), 4),
        (list("wishes_fulfilled"), 3),
        (missing("wishes_fulfilled"), 1),
    ] {
        assert_eq!(listed(office, &list).await, things, "{list}");
    }
}
