//! What is said on which day: years of jobs in seconds.

use chrono::TimeDelta;
use domain::codes::Standing;
use kiteline_tests::kite::to;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;

stories![
    each_birthday_is_greeted_once_a_year_and_nobody_who_died,
    the_political_birthday_comes_every_year_but_the_first,
    a_departure_is_spoken_of_three_times_and_then_asked_about,
    prompts_merge_and_the_circle_of_those_told_grows,
    members_away_are_asked_home_until_they_come,
    two_planners_at_once_add_nothing,
    a_job_is_run_and_looked_at_by_the_administrator_alone,
];

/// What was said to somebody in the app: the day, the occasion, the title.
async fn said(to: &Person) -> Vec<String> {
    let inbox = to.get("/v1/me/inbox?limit=500").await;
    let text = |message: &serde_json::Value, field: &str| message[field].as_str().unwrap().to_owned();
    let line = |message| format!("{} {}", &text(message, "created_at")[..10], text(message, "occasion"));
    inbox.items().iter().map(line).collect()
}

/// The titles of what was said to somebody in the app.
async fn titles(to: &Person) -> Vec<String> {
    let inbox = to.get("/v1/me/inbox?limit=500").await;
    let title = |message: &serde_json::Value| message["title"].as_str().unwrap().to_owned();
    inbox.items().iter().map(title).collect()
}

/// 2028 has a 29 February, and two fifth lunar months.
async fn each_birthday_is_greeted_once_a_year_and_nobody_who_died(w: World) {
    let leap_day = w.member("闰日").born("1988-02-29").of("三塘村").await;
    let fifth = w.member("端午").born("1990-05-28").by_the_moon().of("三塘村").await;
    let leap_month = w.member("闰月").born("1987-07-26").by_the_moon().of("三塘村").await;
    let dead = w
        .member("逝者")
        .born("1950-03-01")
        .standing(Standing::Deceased)
        .of("三塘村")
        .await;
    let month_only = w.member("某月").born("1970-05").of("三塘村").await;
    w.passes(TimeDelta::days(365 + 366)).await;
    assert_eq!(said(&leap_day).await, ["2027-02-28 birthday", "2028-02-29 birthday"]);
    assert_eq!(said(&fifth).await, ["2027-06-09 birthday", "2028-05-28 birthday"]);
    assert_eq!(said(&leap_month).await, ["2027-07-04 birthday", "2028-07-22 birthday"]);
    for silent in [dead, month_only] {
        assert_eq!(said(&silent).await, [""; 0]);
    }
    assert_eq!(w.mail().received().len(), 6);
}

async fn the_political_birthday_comes_every_year_but_the_first(w: World) {
    let veteran = w.member("老党员").joined("1976-07-01").of("三塘村").await;
    let new = w.member("新党员").joined("2026-12-01").of("三塘村").await;
    let month_only = w.member("某月").joined("1999-07").of("三塘村").await;
    w.passes(TimeDelta::days(325)).await;
    assert_eq!(said(&veteran).await, ["2027-07-01 political_birthday"]);
    assert_eq!(titles(&veteran).await, ["入党51周年，三塘村党支部向您致意"]);
    assert_eq!(said(&new).await, ["2027-12-01 political_birthday"]);
    assert_eq!(said(&month_only).await, [""; 0]);
}

async fn a_departure_is_spoken_of_three_times_and_then_asked_about(w: World) {
    let li = w.secretary("三塘村").await;
    let (wang, zhao) = (w.member("王芳").of("三塘村").await, w.member("赵云").of("三塘村").await);
    li.plans(&wang, to("310115")).leaving("2027-01-31").await;
    let cancelled = li.plans(&zhao, to("310115")).leaving("2027-01-31").await;
    w.passes(TimeDelta::days(8)).await;
    li.cancels(&cancelled).await.succeeded();
    w.passes(TimeDelta::days(22)).await;
    let days = [
        "2027-01-17 pre_departure",
        "2027-01-24 pre_departure",
        "2027-01-30 pre_departure",
        "2027-02-01 departure_check",
    ];
    assert_eq!(said(&wang).await, days);
    assert_eq!(said(&zhao).await, days[..1]);
    assert_eq!(said(&li).await, days);
    let told = titles(&li).await;
    assert_eq!(told[0], "2名党员2027年1月31日外出，请做好行前教育");
    assert_eq!(told[1], "1名党员2027年1月31日外出，请做好行前教育");
    assert_eq!(told[3], "请确认1名党员是否已经外出");
    let mails = w.mail().received();
    let first = mails.iter().find(|mail| mail.subject() == told[0]).unwrap();
    assert!(first.text().contains("王芳（待办：行前谈话、"), "{}", first.text());
}

async fn prompts_merge_and_the_circle_of_those_told_grows(w: World) {
    let (li, office, county) = (
        w.secretary("三塘村").await,
        w.office("曲塘镇").await,
        w.office("海安市").await,
    );
    let wang = w.member("王芳").of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.succeeded();
    // The next contact is due on 10 February; the machine is off from 25 January until the 12th.
    w.passes(TimeDelta::days(14)).await;
    w.waits(TimeDelta::days(18));
    w.runs_jobs().await;
    let prompts = |said: Vec<String>| {
        said.into_iter()
            .filter(|line| line.contains("checkin"))
            .collect::<Vec<_>>()
    };
    assert_eq!(prompts(said(&wang).await), ["2027-02-12 checkin_due"]);
    let superseded = "outbox where occasion = 'checkin_due' and last_error = 'superseded'";
    assert_eq!(w.database().count(superseded), 2, "the older prompt, by both channels");
    w.passes(TimeDelta::days(5)).await;
    assert_eq!(said(&li).await, ["2027-02-17 checkin_overdue"]);
    assert_eq!(titles(&li).await, ["三塘村党支部有1名在外党员已7天未联系上"]);
    assert_eq!(said(&office).await, [""; 0]);
    w.passes(TimeDelta::days(23)).await;
    assert_eq!(said(&office).await, ["2027-03-12 checkin_overdue"]);
    assert_eq!(said(&county).await, [""; 0]);
    let open = "inbox where occasion like 'checkin%' and subject_id in (select id from journeys) and read_at is null";
    assert_eq!(w.database().count(open), 1, "one open prompt a member");
    li.records_call(&kite).await.succeeded();
    w.passes(TimeDelta::days(10)).await;
    assert_eq!(said(&office).await.len(), 1);
}

async fn members_away_are_asked_home_until_they_come(w: World) {
    let li = w.secretary("三塘村").await;
    let (wang, zhao) = (w.member("王芳").of("三塘村").await, w.member("赵云").of("三塘村").await);
    for (number, who) in [&wang, &zhao].into_iter().enumerate() {
        let kite = li.plans(who, to("310115")).leaving("2027-01-11").await;
        li.departs(&kite).await.succeeded();
        w.passes(TimeDelta::days(0)).await;
        if number == 1 {
            w.passes(TimeDelta::days(12)).await;
            li.welcomes_home(&kite).await.succeeded();
        }
    }
    w.passes(TimeDelta::days(15)).await;
    let asked = |said: Vec<String>| {
        said.into_iter()
            .filter(|line| line.contains("return"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        asked(said(&wang).await),
        ["2027-01-21 return_home", "2027-02-03 return_home"]
    );
    assert_eq!(asked(said(&zhao).await), ["2027-01-21 return_home"]);
}

async fn two_planners_at_once_add_nothing(w: World) {
    for name in ["甲", "乙", "丙"] {
        w.member(name).born("1980-01-12").of("三塘村").await;
    }
    w.waits(TimeDelta::days(1));
    let (one, other) = tokio::join!(w.notifier().plan(), w.notifier().plan());
    let planned = |runs: Vec<persistence::job_runs::JobRun>| runs.iter().map(|run| run.planned).sum::<usize>();
    assert_eq!(
        planned(one.unwrap()) + planned(other.unwrap()),
        6,
        "three greetings by two channels"
    );
    let (one, other) = tokio::join!(w.delivers(), w.delivers());
    assert_eq!(one.sent + other.sent, 6);
    assert_eq!(w.mail().received().len(), 3);
    assert_eq!(w.database().count("inbox"), 3);
}

async fn a_job_is_run_and_looked_at_by_the_administrator_alone(w: World) {
    let (admin, li) = (w.administrator().await, w.secretary("三塘村").await);
    let wang = w.member("王芳").born("1980-01-11").of("三塘村").await;
    let nothing = serde_json::json!({});
    li.post("/v1/jobs/birthday/run", &nothing).await.is_refused("forbidden");
    admin
        .post("/v1/jobs/horoscope/run", &nothing)
        .await
        .is_refused("not_found");
    for planned in [2, 0] {
        let run = admin.post("/v1/jobs/birthday/run", &nothing).await;
        assert_eq!(run.succeeded().body()["planned"], planned);
    }
    w.delivers().await;
    assert_eq!(said(&wang).await, ["2027-01-11 birthday"]);
    let sent = admin.get("/v1/notifications?state=sent&limit=1").await;
    let next = sent.succeeded().string("next_cursor").to_owned();
    let id = sent.items()[0]["id"].as_str().unwrap().to_owned();
    let rest = admin.get(&format!("/v1/notifications?state=sent&cursor={next}")).await;
    assert_eq!(rest.items().len(), 1);
    assert_ne!(rest.items()[0]["id"], id.as_str());
    admin
        .post(&format!("/v1/notifications/{id}/retry"), &nothing)
        .await
        .is_refused("transition_refused");
    let message = wang.get("/v1/me/inbox").await.items()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let read = format!("/v1/me/inbox/{message}/read");
    li.post(&read, &nothing).await.is_refused("not_found");
    wang.post(&read, &nothing).await.succeeded();
}
