//! Gatherings (活动): planned, invited to, attended by the code at the place, missed and made up.

use chrono::{DateTime, TimeDelta, Utc};
use kiteline_tests::client::Answer;
use kiteline_tests::engine::Engine;
use kiteline_tests::gatherings::Gathering;
use kiteline_tests::kite::to;
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::mail::Mail;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

stories![
    lecturers_come_to_beijing,
    the_county_gives_a_lesson_on_the_25th_of_each_month,
    local_and_admitted_are_invited_alike,
    a_code_that_does_not_count_is_refused_with_why,
    a_phone_without_network_tells_later_and_counts_once,
    whoever_was_told_is_told_of_a_change_and_reminders_stop,
    who_cannot_come_says_so_and_is_left_in_peace,
    the_officer_keeps_the_list_and_corrects_it,
    a_lesson_ends_a_silence,
    whoever_turns_out_to_be_known_keeps_what_was_attended,
    a_calendar_follows_what_changes,
    a_private_calendar_is_taken_back,
    lecturers_are_listed_with_their_villages,
    what_cannot_be_is_named_all_at_once,
];

/// Somebody of a village who is away in a division since today.
async fn away(w: &World, name: &str, village: &str, division: &str) -> Person {
    let (secretary, member) = (w.secretary(village).await, w.member(name).of(village).await);
    let kite = secretary.plans(&member, to(division)).leaving("2027-01-11").await;
    secretary.departs(&kite).await.is("away");
    member
}

fn until(w: &World, when: &str) -> TimeDelta {
    when.parse::<DateTime<Utc>>().unwrap() - w.now()
}

async fn told(person: &Person, occasion: &str) -> Vec<String> {
    let inbox = person.get("/v1/me/inbox?limit=500").await;
    let messages = inbox.items().iter().filter(|one| one["occasion"] == occasion);
    messages.map(|one| one["body"].as_str().unwrap().to_owned()).collect()
}

fn mails(w: &World, name: &str) -> Vec<String> {
    let all = w.mail().received();
    let theirs = all.iter().filter(|mail| mail.text().contains(&format!("{name}同志")));
    theirs.map(Mail::subject).collect()
}

/// The gatherings of a series, in the order of time.
async fn series(person: &Person, first: &Gathering) -> Vec<Value> {
    let series = person.get(&first.path()).await["series_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let page = person
        .get(&format!("/v1/gatherings?series_id={series}&limit=500"))
        .await;
    page.items().to_vec()
}

fn gathering(view: &Value) -> Gathering {
    let id = view["id"].as_str().unwrap().to_owned();
    Gathering { id }
}

async fn learned(person: &Person) -> Value {
    person.get("/v1/me/learning").await["years"].clone()
}

async fn lecturers_come_to_beijing(w: World) {
    let (office, qian) = (w.office("海安").await, w.contact_officer("海安").await);
    let wang = away(&w, "王芳", "三塘村", "110105").await;
    let li = away(&w, "李强", "西场村", "110106").await;
    let zhou = away(&w, "周明", "王垛村", "310115").await;
    let lecturer = json!({
        "organisation_id": w.county().place("海安").id, "name": "陈讲师", "topic": "在外党员怎样过组织生活",
        "village_ids": [w.county().place("三塘村").id],
    });
    let lecturer = office.post("/v1/lecturers", &lecturer).await;
    let everybody_there = json!([{ "kind": "destination", "division_code": "110000" }]);
    let first = office
        .invites("海安", "lecturers_tour", "2027-01-18T11:00:00Z", &everybody_there)
        .with("title", json!("送课进京"))
        .with("place", json!("北京市朝阳区某工地会议室"))
        .with("lecturer_id", lecturer.succeeded()["id"].clone())
        .repeated("FREQ=DAILY;COUNT=3")
        .planned()
        .await;
    let sessions = series(&office, &first).await;
    let [one, two, three] = [0, 1, 2].map(|at| gathering(&sessions[at]));
    assert_eq!(sessions[2]["starts_at"], "2027-01-20T11:00:00Z");
    assert_eq!(
        office.list_of(&two).await,
        [("李强", "invited"), ("王芳", "invited")].map(text)
    );

    w.runs_jobs().await;
    assert_eq!(mails(&w, "王芳").len(), 3, "one for each evening");
    assert_eq!(mails(&w, "王芳")[0], "海安市委组织部邀请您参加《送课进京》");
    assert_eq!(mails(&w, "周明"), Vec::<String>::new(), "he is in Shanghai");
    let invitation = &told(&li, "gathering_invited").await[0];
    for fact in ["2027年1月18日 19:00—20:30", "朝阳区某工地会议室", "主讲：陈讲师"] {
        assert!(invitation.contains(fact), "{invitation}");
    }

    // The first evening, both come.
    w.passes(until(&w, "2027-01-18T10:50:00Z")).await;
    let reminded = told(&wang, "gathering_reminder").await;
    let of_today = reminded.iter().filter(|body| body.contains("1月18日")).count();
    assert_eq!(
        (of_today, reminded.len()),
        (1, 2),
        "the day before each, once: {reminded:?}"
    );
    let code = qian.shows_code(&one).await;
    for member in [&wang, &li] {
        let there = member.scans(&one, &code).await;
        assert_eq!(there.status(), 201, "{there}");
        assert_eq!(
            (&there["attendance"]["state"], &there["attendance"]["means"]),
            (&json!("attended"), &json!("code"))
        );
    }
    w.passes(TimeDelta::hours(2)).await;
    office.closes(&one).await.is("held");
    assert_eq!(told(&wang, "make_up_proposed").await.len(), 0);

    // The second evening 李强 has to work.
    w.passes(until(&w, "2027-01-19T10:55:00Z")).await;
    let code = qian.shows_code(&two).await;
    wang.scans(&two, &code).await.succeeded();
    w.passes(TimeDelta::hours(2)).await;
    let held = office.closes(&two).await;
    held.is("held").allows(&[]);
    assert_eq!(
        (&held["counts"]["attended"], &held["counts"]["missed"]),
        (&json!(1), &json!(1))
    );
    w.passes(TimeDelta::hours(13)).await;
    let proposed = told(&li, "make_up_proposed").await;
    assert!(proposed.len() == 1 && proposed[0].contains("没有关系"), "{proposed:?}");
    assert_eq!(told(&office, "make_up_proposed").await.len(), 1);
    let missed = office.get("/v1/make-ups").await;
    assert_eq!(missed.items().len(), 1);
    assert_eq!(
        (&missed.items()[0]["name"], &missed.items()[0]["gathering"]["id"]),
        (&json!("李强"), &json!(two.id))
    );

    // The third evening both are there again, and on the 23rd the second is made up.
    w.passes(until(&w, "2027-01-20T11:05:00Z")).await;
    let code = qian.shows_code(&three).await;
    for member in [&wang, &li] {
        member.scans(&three, &code).await.succeeded();
    }
    w.passes(TimeDelta::hours(2)).await;
    office.closes(&three).await.is("held");
    let audience = json!([{ "kind": "missed", "gathering_id": two.id }]);
    let make_up = office
        .invites("海安", "make_up_lesson", "2027-01-23T11:00:00Z", &audience)
        .with("title", json!("送课进京补课"))
        .planned()
        .await;
    assert_eq!(office.list_of(&make_up).await, [("李强", "invited")].map(text));
    w.passes(until(&w, "2027-01-23T11:05:00Z")).await;
    let code = qian.shows_code(&make_up).await;
    li.scans(&make_up, &code).await.succeeded();
    assert_eq!(
        office.list_of(&two).await,
        [("李强", "made_up"), ("王芳", "attended")].map(text)
    );
    assert_eq!(office.get("/v1/make-ups").await.items().len(), 0);
    let own = li.get(&two.own()).await;
    assert_eq!(own["attendance"]["made_up_by"], make_up.id.as_str());
    w.passes(TimeDelta::hours(2)).await;
    office.closes(&make_up).await.is("held");

    let year = |gatherings: u32, minutes: u32, hours: f64| json!([{ "year": 2027, "gatherings": gatherings, "minutes": minutes, "hours": hours }]);
    assert_eq!(learned(&wang).await, year(3, 270, 4.5));
    assert_eq!(
        learned(&li).await,
        year(3, 270, 4.5),
        "the make-up in place of the second"
    );
    assert_eq!(learned(&zhou).await, json!([]));
    let secretary = w.secretary("西场村").await;
    let of_li = secretary.get(&format!("/v1/members/{}/learning", li.member)).await;
    assert_eq!(of_li["years"], year(3, 270, 4.5));
    let events = secretary
        .get(&format!("/v1/members/{}/timeline?limit=500", li.member))
        .await;
    let events: Vec<_> = events.items().iter().filter_map(|one| one["event"].as_str()).collect();
    assert_eq!(events.iter().filter(|event| **event == "gathering_attended").count(), 3);
    assert!(
        events.contains(&"gathering_made_up") && !events.contains(&"gathering_missed"),
        "{events:?}"
    );
    w.passes(TimeDelta::hours(13)).await;
}

fn text((name, state): (&str, &str)) -> (String, String) {
    (name.to_owned(), state.to_owned())
}

async fn the_county_gives_a_lesson_on_the_25th_of_each_month(w: World) {
    let office = w.office("海安").await;
    let wang = w.member("王芳").of("三塘村").await;
    let first = office
        .invites("海安", "lesson", "2027-01-11T01:00:00Z", &office.everybody_of("海安"))
        .repeated("FREQ=MONTHLY;BYMONTHDAY=25;COUNT=6")
        .planned()
        .await;
    let days = |lessons: &[Value]| -> Vec<String> {
        let starts = lessons.iter().filter_map(|one| one["starts_at"].as_str());
        starts.map(ToOwned::to_owned).collect()
    };
    let lessons = series(&office, &first).await;
    assert_eq!(
        days(&lessons),
        [1, 2, 3, 4, 5, 6].map(|month| format!("2027-0{month}-25T01:00:00Z"))
    );
    assert_eq!(lessons[0]["id"], first.id.as_str());
    assert_eq!(
        office.list_of(&first).await,
        [],
        "fourteen days ahead nobody is invited yet"
    );
    w.passes(TimeDelta::days(4)).await;
    assert_eq!(office.list_of(&first).await, [text(("王芳", "invited"))]);
    // Who comes after the invitation is invited the day before.
    let late = w.member("沈敏").of("西场村").await;
    w.passes(TimeDelta::days(9)).await;
    assert_eq!(told(&late, "gathering_invited").await.len(), 1);
    assert_eq!(told(&wang, "gathering_invited").await.len(), 1);
    assert_eq!(
        (
            told(&wang, "gathering_reminder").await.len(),
            told(&late, "gathering_reminder").await.len()
        ),
        (1, 0)
    );

    // One is moved by a day; from April on all are in the afternoon, elsewhere.
    let (march, april) = (gathering(&lessons[2]), gathering(&lessons[3]));
    let moved = json!({ "starts_at": "2027-03-26T01:00:00Z" });
    let answer = office.corrects(&march.path(), &moved).await;
    answer
        .has("starts_at", "2027-03-26T01:00:00Z")
        .has("ends_at", "2027-03-26T02:30:00Z");
    let afternoon = json!({ "starts_at": "2027-04-25T07:00:00Z", "place": "市委党校", "following": true });
    office.corrects(&april.path(), &afternoon).await.succeeded();
    let lessons = series(&office, &first).await;
    let expected = [
        "2027-01-25T01:00:00Z",
        "2027-02-25T01:00:00Z",
        "2027-03-26T01:00:00Z",
        "2027-04-25T07:00:00Z",
        "2027-05-25T07:00:00Z",
        "2027-06-25T07:00:00Z",
    ];
    assert_eq!(days(&lessons), expected);
    assert_eq!(
        (&lessons[2]["place"], &lessons[5]["place"]),
        (&json!("三塘村党群服务中心"), &json!("市委党校"))
    );

    // From June on there are none.
    let june = gathering(&lessons[5]);
    let cancelled = office
        .tells(&june.path(), "cancel", &json!({ "reason": "农忙", "following": true }))
        .await;
    cancelled.is("cancelled").has("reason", "农忙");
    office
        .corrects(&june.path(), &moved)
        .await
        .is_refused("transition_refused");
    let alone = office
        .invites("海安", "lesson", "2027-02-01T01:00:00Z", &office.everybody_of("海安"))
        .planned()
        .await;
    let refused = office
        .corrects(&alone.path(), &json!({ "title": "党课", "following": true }))
        .await;
    refused.names_fault("/following", "no_series");
    w.passes(TimeDelta::days(1)).await;
}

async fn local_and_admitted_are_invited_alike(w: World) {
    let (office, chen, li) = (
        w.office("海安").await,
        w.secretary("驻沪").await,
        w.secretary("三塘村").await,
    );
    let wang = w.member("王芳").of("三塘村").await;
    let shen = w.member("沈敏").of("浦东临时").await;
    let stay = Stay::of(&wang.arrives_at("驻沪").await);
    chen.calls_origin(&stay).await.is("verified");
    chen.admits(&stay, "浦东临时").await.is("admitted");
    let guest = Stay::of(&chen.finds("驻沪", visitor("吴刚")).await);
    chen.calls_origin(&guest).await.is("verified");
    chen.admits(&guest, "浦东流动").await.is("admitted");
    chen.finds("驻沪", visitor("赵四")).await.is("reported");
    let away = away(&w, "周明", "西场村", "310115").await;

    let evening = "2027-01-13T11:00:00Z";
    let local = chen
        .invites("驻沪", "study_session", evening, &chen.everybody_of("驻沪"))
        .planned()
        .await;
    let expected = [("吴刚", "invited"), ("沈敏", "invited"), ("王芳", "invited")].map(text);
    assert_eq!(
        chen.list_of(&local).await,
        expected,
        "who is only reported is not meant yet"
    );
    let in_shanghai = json!([{ "kind": "destination", "division_code": "310000" }]);
    let tour = office
        .invites("海安", "lecturers_tour", evening, &in_shanghai)
        .planned()
        .await;
    let expected = [("吴刚", "invited"), ("周明", "invited"), ("王芳", "invited")].map(text);
    assert_eq!(
        office.list_of(&tour).await,
        expected,
        "those who have gone there, and those who are admitted there"
    );
    let hosted = json!([{ "kind": "host", "organisation_id": w.county().place("驻沪").id }]);
    let hosted = office.invites("海安", "lesson", evening, &hosted).planned().await;
    assert_eq!(
        office.list_of(&hosted).await,
        [("吴刚", "invited"), ("王芳", "invited")].map(text)
    );
    let twice = json!([
        { "kind": "stays", "organisation_id": w.county().place("驻沪").id },
        { "kind": "organisation", "organisation_id": w.county().place("浦东临时").id },
        { "kind": "organisation", "organisation_id": w.county().place("三塘村").id },
    ]);
    let twice = office.invites("海安", "lesson", evening, &twice).planned().await;
    let expected = [("吴刚", "invited"), ("沈敏", "invited"), ("王芳", "invited")].map(text);
    assert_eq!(
        office.list_of(&twice).await,
        expected,
        "whom several clauses mean is on the list once"
    );

    w.runs_jobs().await;
    let (guest_told, local_told) = (
        told(&wang, "gathering_invited").await,
        told(&shen, "gathering_invited").await,
    );
    assert_eq!(guest_told.len(), 4);
    assert_eq!(local_told.len(), 2);
    assert_eq!(told(&away, "gathering_invited").await.len(), 1);
    // Whoever leads a branch sees the own people on a list from above, and nobody else's.
    assert_eq!(li.list_of(&tour).await, [text(("王芳", "invited"))]);
    assert_eq!(
        chen.list_of(&tour).await,
        [("吴刚", "invited"), ("王芳", "invited")].map(text)
    );
    let seen = li.get(&tour.path()).await;
    seen.is("planned").allows(&[]);
    assert_eq!((&seen["counts"]["invited"], &seen["audience"]), (&json!(1), &json!([])));
    li.get(&local.path()).await.is_refused("not_found");
    let refused = li.tells(&tour.path(), "cancel", &json!({ "reason": "不办了" })).await;
    refused.is_refused("not_found");
    let mine = li.get("/v1/gatherings?limit=500").await;
    assert_eq!(
        mine.items().len(),
        3,
        "all of the county's to which she is invited, and none of the host's own"
    );

    w.passes(until(&w, "2027-01-13T11:05:00Z")).await;
    let people = chen.get(&format!("{}/attendance", local.path())).await;
    let marks: Vec<_> = people
        .items()
        .iter()
        .map(|line| json!({ "person_id": line["person_id"], "state": "attended" }))
        .collect();
    chen.marks_all(&local, json!(marks)).await.succeeded();
    let of_guest = chen.get(&format!("{}/learning", guest.path())).await;
    assert_eq!(of_guest["years"][0]["minutes"], 90);
    assert_eq!(learned(&wang).await, learned(&shen).await);
}

async fn a_code_that_does_not_count_is_refused_with_why(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let everybody = li.everybody_of("三塘村");
    let lesson = li
        .invites("三塘村", "lesson", "2027-01-11T03:00:00Z", &everybody)
        .planned()
        .await;
    let other = li
        .invites("三塘村", "lesson", "2027-01-11T03:00:00Z", &everybody)
        .planned()
        .await;
    w.runs_jobs().await;
    let early = li.get(&format!("{}/attendance-code", lesson.path())).await;
    early.is_refused("not_yet");
    assert_eq!(early["errors"][0]["code"], "code_not_shown_yet");

    w.passes(until(&w, "2027-01-11T02:50:00Z")).await;
    let code = li.shows_code(&lesson).await;
    for kind in ["png", "svg"] {
        let picture = li.get(&format!("{}/attendance-code.{kind}", lesson.path())).await;
        assert!(!picture.succeeded().bytes().is_empty());
    }
    let refuses = async |code: &str, why: &str| -> Answer {
        let refused = wang.scans(&lesson, code).await;
        refused.is_refused("invalid").names_fault("/code", why);
        refused
    };
    refuses("签到", "attendance_code_malformed").await;
    let theirs = li.shows_code(&other).await;
    refuses(&theirs, "attendance_code_other_gathering").await;
    let access = wang.logs_in().await.token().unwrap().to_owned();
    refuses(&access, "attendance_code_other_kind").await;
    let (head, signature) = (theirs.rsplit_once('.').unwrap().0, code.rsplit_once('.').unwrap().1);
    refuses(&format!("{head}.{signature}"), "attendance_code_forged").await;
    let elsewhere = World::on(Engine::Sqlite).await;
    let foreign = elsewhere.secretary("三塘村").await;
    let foreigner = foreign
        .invites(
            "三塘村",
            "lesson",
            "2027-01-11T01:10:00Z",
            &foreign.everybody_of("三塘村"),
        )
        .planned()
        .await;
    refuses(&foreign.shows_code(&foreigner).await, "attendance_code_unknown_key").await;
    elsewhere.runs_jobs().await;
    let door = w.secretary("雅周镇").await.fetches_code("雅周镇").await;
    refuses(&door, "attendance_code_other_kind").await;

    // A photograph that is sent around is of no use.
    w.passes(TimeDelta::minutes(11)).await;
    let late = refuses(&code, "attendance_code_expired").await;
    assert!(
        late["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("2027-01-11T03:00:00"),
        "{late}"
    );
    assert_eq!(li.list_of(&lesson).await, [text(("王芳", "invited"))]);
    let fresh = li.shows_code(&lesson).await;
    let unknown = Gathering {
        id: Uuid::now_v7().to_string(),
    };
    wang.scans(&unknown, &fresh)
        .await
        .names_fault("/code", "attendance_code_other_gathering");
    let reason = json!({ "reason": "停电" });
    li.tells(&other.path(), "cancel", &reason).await.is("cancelled");
    wang.scans(&other, &theirs)
        .await
        .names_fault("/code", "attendance_code_expired");
    li.get(&format!("{}/attendance-code", other.path()))
        .await
        .is_refused("transition_refused");
    wang.scans(&lesson, &fresh).await.succeeded();
    w.passes(TimeDelta::hours(3)).await;
    let over = li.get(&format!("{}/attendance-code", lesson.path())).await;
    over.is_refused("not_yet");
    assert_eq!(over["errors"][0]["code"], "code_not_shown_any_more");
}

async fn a_phone_without_network_tells_later_and_counts_once(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").of("三塘村").await;
    let guest = w.member("沈敏").of("浦东临时").await;
    let lesson = li
        .invites("三塘村", "lesson", "2027-01-11T03:00:00Z", &li.everybody_of("三塘村"))
        .planned()
        .await;
    w.passes(until(&w, "2027-01-11T02:55:00Z")).await;
    let (code, scanned) = (li.shows_code(&lesson).await, w.now());
    w.passes(until(&w, "2027-01-11T05:00:00Z")).await;
    li.closes(&lesson).await.is("held");
    w.runs_jobs().await;
    assert_eq!(told(&wang, "make_up_proposed").await.len(), 1);

    // In the evening there is a network again; the answer gets lost, and twins are sent at the same moment.
    w.passes(until(&w, "2027-01-11T12:00:00Z")).await;
    let first = wang.scanned(&lesson, &code, scanned).await;
    assert_eq!(first.status(), 201, "{first}");
    let (again, twin) = tokio::join!(
        wang.scanned(&lesson, &code, scanned),
        wang.scanned(&lesson, &code, scanned)
    );
    assert_eq!((again.status(), again.text()), (200, first.text()));
    assert_eq!(twin.text(), first.text());
    assert_eq!(first["attendance"]["recorded_at"], json!(scanned));
    assert_eq!(learned(&wang).await[0]["gatherings"], 1);
    assert_eq!(w.database().count("timeline where event = 'gathering_attended'"), 1);
    assert_eq!(
        li.get("/v1/make-ups").await.items().len(),
        0,
        "what was attended is not made up"
    );
    let open = wang.get("/v1/me/inbox").await;
    let open = open.items().iter().filter(|one| one["occasion"] == "make_up_proposed");
    assert!(
        open.clone().all(|one| !one["read_at"].is_null()),
        "nobody is asked any more"
    );

    // Somebody who was there without an invitation is on the list too.
    let uninvited = guest.scanned(&lesson, &code, scanned).await;
    assert_eq!(uninvited.status(), 201);
    assert_eq!(
        li.list_of(&lesson).await,
        [("沈敏", "attended"), ("王芳", "attended")].map(text)
    );
    chen.get(&lesson.path()).await.is_refused("not_found");
    let late = w.member("周明").of("三塘村").await;
    late.scanned(&lesson, &code, scanned + TimeDelta::hours(1))
        .await
        .names_fault("/code", "attendance_code_expired");
    w.passes(TimeDelta::days(4)).await;
    late.scanned(&lesson, &code, scanned)
        .await
        .names_fault("/code", "attendance_code_expired");
}

async fn whoever_was_told_is_told_of_a_change_and_reminders_stop(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").of("三塘村").await;
    let john = w.member("John").reading("en").of("三塘村").await;
    let lesson = li
        .invites("三塘村", "lesson", "2027-01-14T01:00:00Z", &li.everybody_of("三塘村"))
        .planned()
        .await;
    // Moved before anybody was told: the invitation says it as it is.
    li.corrects(&lesson.path(), &json!({ "place": "三塘小学" }))
        .await
        .succeeded();
    w.runs_jobs().await;
    assert_eq!(told(&wang, "gathering_changed").await, Vec::<String>::new());
    assert!(told(&wang, "gathering_invited").await[0].contains("三塘小学"));

    // At night: told in the morning, once, as it is then; a new title alone is no change of plans.
    w.passes(TimeDelta::hours(13)).await;
    li.corrects(&lesson.path(), &json!({ "starts_at": "2027-01-15T01:00:00Z" }))
        .await
        .succeeded();
    li.corrects(&lesson.path(), &json!({ "title": "冬训第一课" }))
        .await
        .succeeded();
    li.corrects(&lesson.path(), &json!({ "starts_at": "2027-01-16T01:00:00Z" }))
        .await
        .succeeded();
    w.runs_jobs().await;
    assert_eq!(mails(&w, "王芳").len(), 1, "nobody is woken");
    w.passes(TimeDelta::hours(11)).await;
    let subjects = mails(&w, "王芳");
    assert_eq!(subjects[1..], ["《冬训第一课》的时间或地点有变动"], "{subjects:?}");
    assert!(told(&wang, "gathering_changed").await[0].contains("2027年1月16日 09:00"));
    w.passes(until(&w, "2027-01-14T01:30:00Z")).await;
    assert_eq!(told(&wang, "gathering_reminder").await.len(), 0, "not on the old day");
    w.passes(until(&w, "2027-01-15T02:00:00Z")).await;
    assert_eq!(told(&wang, "gathering_reminder").await.len(), 1);
    let reason = json!({ "reason": "大雪封路" });
    li.tells(&lesson.path(), "cancel", &reason)
        .await
        .is("cancelled")
        .allows(&[]);
    w.passes(TimeDelta::hours(1)).await;
    let called_off = told(&wang, "gathering_cancelled").await;
    assert!(
        called_off.len() == 1 && called_off[0].contains("大雪封路"),
        "{called_off:?}"
    );
    let english = told(&john, "gathering_cancelled").await;
    assert!(english[0].contains("will not take place"), "{english:?}");
    wang.get(&lesson.own()).await.is("cancelled").allows(&[]);

    // One that is called off before the day of its reminder is spoken of no more.
    let next = li
        .invites("三塘村", "lesson", "2027-01-18T01:00:00Z", &li.everybody_of("三塘村"))
        .planned()
        .await;
    li.tells(&next.path(), "cancel", &reason).await.is("cancelled");
    w.passes(TimeDelta::days(3)).await;
    assert_eq!(
        told(&wang, "gathering_invited").await.len(),
        1,
        "nor is anybody invited to it"
    );
    assert_eq!(told(&wang, "gathering_cancelled").await.len(), 1);
    assert_eq!(told(&wang, "gathering_reminder").await.len(), 1);
}

async fn who_cannot_come_says_so_and_is_left_in_peace(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").of("三塘村").await;
    let lesson = li
        .invites("三塘村", "lesson", "2027-01-14T01:00:00Z", &li.everybody_of("三塘村"))
        .planned()
        .await;
    w.runs_jobs().await;
    wang.get(&lesson.own())
        .await
        .is("planned")
        .allows(&["attend", "excuse"]);
    let blank = wang
        .post(&format!("{}/excuse", lesson.own()), &json!({ "reason": " " }))
        .await;
    blank.is_refused("invalid").names_fault("/reason", "reason_required");
    let excused = wang
        .post(&format!("{}/excuse", lesson.own()), &json!({ "reason": "夜班" }))
        .await;
    excused.allows(&["attend"]);
    assert_eq!(
        (&excused["attendance"]["state"], &excused["attendance"]["reason"]),
        (&json!("excused"), &json!("夜班"))
    );
    w.passes(until(&w, "2027-01-14T03:00:00Z")).await;
    assert_eq!(told(&wang, "gathering_reminder").await.len(), 0);
    li.closes(&lesson).await.is("held");
    w.runs_jobs().await;
    assert_eq!(
        told(&wang, "make_up_proposed").await.len(),
        0,
        "who is excused is asked for nothing"
    );
    assert_eq!(li.get("/v1/make-ups").await.items().len(), 0);
    let late = wang
        .post(&format!("{}/excuse", lesson.own()), &json!({ "reason": "夜班" }))
        .await;
    late.is_refused("transition_refused");
    let nobody = w.member("沈敏").of("西场村").await;
    let refused = nobody
        .post(&format!("{}/excuse", lesson.own()), &json!({ "reason": "夜班" }))
        .await;
    refused.is_refused("not_found");
}

async fn the_officer_keeps_the_list_and_corrects_it(w: World) {
    let (li, officer, xi) = (
        w.secretary("三塘村").await,
        w.contact_officer("三塘村").await,
        w.secretary("西场村").await,
    );
    let mut members = Vec::new();
    for name in ["王芳", "李强", "周明"] {
        members.push(w.member(name).of("三塘村").await.member.to_string());
    }
    let theirs = w.member("沈敏").of("西场村").await.member.to_string();
    let meeting = li
        .invites(
            "三塘村",
            "branch_meeting",
            "2027-01-12T01:00:00Z",
            &li.everybody_of("三塘村"),
        )
        .planned()
        .await;
    let newcomer = w.member("吴刚").of("三塘村").await.member.to_string();
    w.runs_jobs().await;
    let early = officer.marks(&meeting, &members[0], "attended").await;
    early.is_refused("not_yet");
    assert_eq!(early["errors"][0]["code"], "gathering_not_begun");
    officer.marks(&meeting, &members[2], "excused").await.succeeded();
    li.closes(&meeting).await.is_refused("not_yet");

    w.passes(until(&w, "2027-01-12T01:05:00Z")).await;
    let faults = officer
        .marks_all(
            &meeting,
            json!([
                { "person_id": members[0], "state": "attended" },
                { "person_id": theirs, "state": "attended" },
                { "person_id": members[0], "state": "missed" },
            ]),
        )
        .await;
    faults
        .is_refused("invalid")
        .names_fault("/attendance/1/person_id", "unknown_person")
        .names_fault("/attendance/2/person_id", "item_twice");
    assert_eq!(
        w.database().count("attendances where state = 'attended'"),
        0,
        "all or nothing"
    );
    xi.marks(&meeting, &theirs, "attended").await.is_refused("not_found");
    let recorded = officer
        .marks_all(
            &meeting,
            json!([
                { "person_id": members[0], "state": "attended" },
                { "person_id": members[1], "state": "attended", "minutes": 45 },
                { "person_id": newcomer, "state": "attended" },
            ]),
        )
        .await;
    let minutes: Vec<_> = recorded.succeeded()["attendance"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["minutes"])
        .collect();
    assert_eq!(minutes, [&json!(90), &json!(45), &json!(90)]);
    let closed = li.closes(&meeting).await;
    closed.is("held");
    assert_eq!(
        (&closed["counts"]["attended"], &closed["counts"]["excused"]),
        (&json!(3), &json!(1))
    );

    // 李强 had only signed for somebody else: corrected, also after the list was closed. Saying it twice is the same.
    for _ in 0..2 {
        officer.marks(&meeting, &members[1], "missed").await.succeeded();
    }
    assert_eq!(officer.get("/v1/make-ups").await.items().len(), 1);
    let make_up = li
        .invites(
            "三塘村",
            "make_up_lesson",
            "2027-01-12T03:00:00Z",
            &json!([{ "kind": "missed", "gathering_id": meeting.id }]),
        )
        .planned()
        .await;
    w.passes(until(&w, "2027-01-12T03:05:00Z")).await;
    officer.marks(&make_up, &members[1], "attended").await.succeeded();
    assert_eq!(officer.get("/v1/make-ups").await.items().len(), 0);
    let closed = officer.marks(&meeting, &members[1], "excused").await;
    closed
        .is_refused("invalid")
        .names_fault("/attendance/0/state", "made_up_already");
    officer.marks(&make_up, &members[1], "missed").await.succeeded();
    assert_eq!(
        officer.get("/v1/make-ups").await.items().len(),
        1,
        "it was not made up after all"
    );
    assert_eq!(w.database().count("audit where action = 'attendance_recorded'"), 6);
}

async fn a_lesson_ends_a_silence(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    w.passes(TimeDelta::days(60)).await;
    let before = li.sees(&kite).await;
    assert_eq!(before["silence"]["source"], "departure");
    let lesson = li
        .invites("三塘村", "lesson", "2027-03-12T02:00:00Z", &li.everybody_of("三塘村"))
        .planned()
        .await;
    w.passes(until(&w, "2027-03-12T02:00:00Z")).await;
    let code = li.shows_code(&lesson).await;
    wang.scans(&lesson, &code).await.succeeded();
    let after = li.sees(&kite).await;
    after
        .is("away")
        .has("next_checkin_due", before["next_checkin_due"].clone());
    let silence = &after["silence"];
    assert_eq!(
        (&silence["since"], &silence["source"]),
        (&json!("2027-03-12"), &json!("attended"))
    );
    assert_eq!(silence["attended_on"], "2027-03-12");
    w.passes(TimeDelta::days(1)).await;
}

async fn whoever_turns_out_to_be_known_keeps_what_was_attended(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let known = Stay::of(&zhou.finds("雅周镇", visitor("张伟")).await);
    zhou.calls_origin(&known).await.is("verified");
    zhou.admits(&known, "王垛村").await.is("admitted");
    let lesson = zhou
        .invites("雅周镇", "lesson", "2027-01-11T02:00:00Z", &zhou.everybody_of("雅周镇"))
        .planned()
        .await;
    w.passes(until(&w, "2027-01-11T02:00:00Z")).await;
    let line = zhou.get(&format!("{}/attendance", lesson.path())).await;
    let person = line.items()[0]["person_id"].as_str().unwrap().to_owned();
    zhou.marks(&lesson, &person, "attended").await.succeeded();

    // He turns out to be a member of another village, who reports by his own app.
    let zhang = w.member("张伟").of("三塘村").await;
    let own = Stay::of(&zhang.arrives_at("雅周镇").await);
    zhou.merges(&known, &own)
        .await
        .is("admitted")
        .has("member_id", json!(zhang.member));
    assert_eq!(learned(&zhang).await[0]["minutes"], 90);
    assert_eq!(zhou.list_of(&lesson).await, [text(("张伟", "attended"))]);
    w.runs_jobs().await;
}

async fn a_calendar_follows_what_changes(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").of("三塘村").await;
    let lesson = li
        .invites("三塘村", "lesson", "2027-01-14T01:00:00Z", &li.everybody_of("三塘村"))
        .with("title", json!("冬训;第一课, 请准时"))
        .planned()
        .await;
    let calendar = async |person: &Person, path: &str| -> String {
        let answer = person.get(path).await;
        assert_eq!(
            answer.succeeded().header("content-type"),
            Some("text/calendar; charset=utf-8")
        );
        answer.text().replace("\r\n ", "")
    };
    let staff = format!("{}/calendar.ics", lesson.path());
    let before = calendar(&li, &staff).await;
    for line in [
        "BEGIN:VCALENDAR",
        "METHOD:PUBLISH",
        &format!("UID:gathering-{}@kiteline", lesson.id),
        "SEQUENCE:0",
        "DTSTART:20270114T010000Z",
        "DTEND:20270114T023000Z",
        "DTSTAMP:20270111T010000Z",
        r"SUMMARY:冬训\;第一课\, 请准时",
        "LOCATION:三塘村党群服务中心",
        "STATUS:CONFIRMED",
    ] {
        assert!(before.lines().any(|one| one == line), "{line} in {before}");
    }
    let moved = json!({ "starts_at": "2027-01-15T01:00:00Z" });
    li.corrects(&lesson.path(), &moved).await.succeeded();
    let own = calendar(&wang, &format!("{}/calendar.ics", lesson.own())).await;
    for line in [
        &format!("UID:gathering-{}@kiteline", lesson.id),
        "SEQUENCE:1",
        "DTSTART:20270115T010000Z",
    ] {
        assert!(own.lines().any(|one| one == line), "{line} in {own}");
    }
    li.tells(&lesson.path(), "cancel", &json!({ "reason": "停电" }))
        .await
        .succeeded();
    let off = calendar(&wang, &format!("{}/calendar.ics", lesson.own())).await;
    assert!(off.contains("STATUS:CANCELLED") && off.contains("SEQUENCE:2"), "{off}");
    assert!(off.lines().all(|line| line.len() < 2000));
    w.runs_jobs().await;
}

async fn a_private_calendar_is_taken_back(w: World) {
    let li = w.secretary("三塘村").await;
    let (wang, shen) = (w.member("王芳").of("三塘村").await, w.member("沈敏").of("三塘村").await);
    li.invites("三塘村", "lesson", "2027-01-14T01:00:00Z", &li.everybody_of("三塘村"))
        .planned()
        .await;
    wang.get("/v1/me/calendar-feed").await.is_refused("not_found");
    let made = wang.post("/v1/me/calendar-feed", &json!(null)).await;
    let path = made.succeeded().string("path").to_owned();
    let secret = path
        .trim_start_matches("/v1/calendars/")
        .trim_end_matches(".ics")
        .to_owned();
    wang.get("/v1/me/calendar-feed").await.has("created_at", json!(w.now()));
    let phone = w.stranger();
    let feed = phone.get(&path).await;
    assert!(
        feed.succeeded().text().contains("DTSTART:20270114T010000Z"),
        "{}",
        feed.text()
    );
    assert_eq!(phone.get(&format!("/v1/calendars/{secret}")).await.text(), feed.text());
    // The secret is nowhere but in the address.
    let kept = w
        .database()
        .lines("coalesce(detail, '') || action", "audit where action like 'calendar%'");
    assert!(kept.len() == 1 && !kept[0].contains(&secret), "{kept:?}");
    assert!(!wang.get("/v1/me/data").await.text().contains(&secret));

    let another = wang.post("/v1/me/calendar-feed", &json!(null)).await;
    phone.get(&path).await.is_refused("not_found");
    let path = another.string("path").to_owned();
    phone.get(&path).await.succeeded();
    let hers = shen.post("/v1/me/calendar-feed", &json!(null)).await;
    for _ in 0..2 {
        let gone = wang
            .client()
            .await
            .call(Method::DELETE, "/v1/me/calendar-feed")
            .send()
            .await;
        assert_eq!(gone.status(), 204);
    }
    phone.get(&path).await.is_refused("not_found");
    phone.get("/v1/calendars/x").await.is_refused("not_found");
    phone.get(hers.string("path")).await.succeeded();
    w.runs_jobs().await;
}

async fn lecturers_are_listed_with_their_villages(w: World) {
    let (office, town, li, zhou) = (
        w.office("海安").await,
        w.office("曲塘镇").await,
        w.secretary("三塘村").await,
        w.secretary("雅周镇").await,
    );
    let place = |name: &str| w.county().place(name).id;
    let named = |lecturers: &Answer| -> Vec<String> {
        let names = lecturers.items().iter().filter_map(|one| one["name"].as_str());
        names.map(ToOwned::to_owned).collect()
    };
    let county = json!({
        "organisation_id": place("海安"), "name": "陈讲师", "topic": "乡村振兴",
        "village_ids": [place("三塘村"), place("王垛村")],
    });
    let chen = office.post("/v1/lecturers", &county).await;
    chen.succeeded();
    let of_town = json!({ "organisation_id": place("曲塘镇"), "name": "钱讲师", "village_ids": [place("西场村")] });
    town.post("/v1/lecturers", &of_town).await.succeeded();
    let outside = json!({ "organisation_id": place("雅周镇"), "name": "赵讲师", "village_ids": [] });
    town.post("/v1/lecturers", &outside)
        .await
        .names_fault("/organisation_id", "unknown_organisation");
    let paired = json!({ "organisation_id": place("曲塘镇"), "name": "赵讲师", "village_ids": [place("西场村"), place("王垛村")] });
    town.post("/v1/lecturers", &paired)
        .await
        .names_fault("/village_ids/1", "unknown_organisation");

    assert_eq!(
        named(&li.get("/v1/lecturers").await),
        ["陈讲师", "钱讲师"],
        "her own and those above"
    );
    assert_eq!(named(&zhou.get("/v1/lecturers").await), ["陈讲师"]);
    let of_village = format!("/v1/lecturers?village_id={}", place("三塘村"));
    assert_eq!(named(&li.get(&of_village).await), ["陈讲师"]);
    assert_eq!(chen["villages"][0]["name"], "三塘村党支部");
    let path = format!("/v1/lecturers/{}", chen.string("id"));
    li.corrects(&path, &json!({ "active": false }))
        .await
        .is_refused("not_found");
    let changed = office
        .corrects(
            &path,
            &json!({ "topic": null, "village_ids": [place("西场村")], "active": false }),
        )
        .await;
    changed.has("topic", json!(null)).has("active", false);
    assert_eq!(named(&li.get(&of_village).await), Vec::<String>::new());
    let lesson = li
        .invites("三塘村", "lesson", "2027-01-14T01:00:00Z", &li.everybody_of("三塘村"))
        .with("lecturer_id", chen["id"].clone());
    lesson.sent().await.names_fault("/lecturer_id", "unknown_lecturer");
}

async fn what_cannot_be_is_named_all_at_once(w: World) {
    let li = w.secretary("三塘村").await;
    let bad = li
        .invites(
            "三塘村",
            "lesson",
            "2027-01-14T01:00:00Z",
            &json!([{ "kind": "destination" }, { "kind": "missed" }]),
        )
        .with("ends_at", json!("2027-01-14T01:00:00Z"))
        .with("place", json!(" "))
        .with("link", json!("http://example.org"))
        .with("title", json!(" "))
        .sent()
        .await;
    bad.is_refused("invalid")
        .names_fault("/ends_at", "ends_before_it_begins")
        .names_fault("/link", "not_a_link")
        .names_fault("/title", "required")
        .names_fault("/audience/0/division_code", "required")
        .names_fault("/audience/1/gathering_id", "required");
    let theirs = w.county().place("西场村").id;
    let outside = li
        .invites(
            "三塘村",
            "lesson",
            "2027-01-14T01:00:00Z",
            &json!([
                { "kind": "organisation", "organisation_id": theirs },
                { "kind": "missed", "gathering_id": Uuid::now_v7() },
            ]),
        )
        .with("lecturer_id", json!(Uuid::now_v7()))
        .repeated("FREQ=HOURLY")
        .sent()
        .await;
    outside
        .is_refused("invalid")
        .names_fault("/audience/0/organisation_id", "unknown_organisation")
        .names_fault("/audience/1/gathering_id", "unknown_gathering")
        .names_fault("/lecturer_id", "unknown_lecturer")
        .names_fault("/rule", "rule_too_often");
    let known = li
        .invites("三塘村", "lesson", "2027-01-14T01:00:00Z", &li.everybody_of("三塘村"))
        .with("id", json!(Uuid::now_v7()));
    let again = li
        .invites("三塘村", "lesson", "2027-01-14T01:00:00Z", &li.everybody_of("三塘村"))
        .planned()
        .await;
    let first = known.sent().await;
    let repeated = li
        .invites(
            "三塘村",
            "study_session",
            "2027-01-14T01:00:00Z",
            &li.everybody_of("三塘村"),
        )
        .with("id", first["id"].clone())
        .sent()
        .await;
    repeated.has("kind", "lesson").has("id", first["id"].clone());
    let xi = w.secretary("西场村").await;
    let taken = xi
        .invites("西场村", "lesson", "2027-01-14T01:00:00Z", &xi.everybody_of("西场村"))
        .with("id", json!(again.id))
        .sent()
        .await;
    taken.names_fault("/id", "taken");
}
