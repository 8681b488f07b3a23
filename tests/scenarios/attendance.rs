//! Attendance (签到): by the code at the place, told late, excused, or kept by an officer.

use chrono::TimeDelta;
use kiteline_tests::engine::Engine;
use kiteline_tests::gatherings::{Gathering, listed};
use kiteline_tests::magnet::Stay;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use notifications::inspection;
use serde_json::json;
use uuid::Uuid;

stories![
    a_code_that_does_not_count_is_refused_with_why,
    a_phone_without_network_tells_later_and_counts_once,
    who_cannot_come_says_so_and_is_left_in_peace,
    the_officer_keeps_the_list_and_corrects_it,
    what_somebody_attended_is_corrected_and_stays,
    who_has_left_meanwhile_has_missed_nothing,
    who_was_there_all_the_time_still_was_when_it_took_longer,
    what_was_missed_at_a_host_is_made_up_at_home,
];

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

    w.passes_until("2027-01-11T02:50:00Z").await;
    let code = li.shows_code(&lesson).await;
    for kind in ["png", "svg"] {
        let picture = li.get(&format!("{}/attendance-code.{kind}", lesson.path())).await;
        assert!(!picture.succeeded().bytes().is_empty());
    }
    foreign_codes_are_refused(&w, (&li, &wang), (&lesson, &other), &code).await;

    // A photograph that is sent around is of no use.
    w.passes(TimeDelta::minutes(11)).await;
    let theirs = li.shows_code(&other).await;
    let late = wang.scans(&lesson, &code).await;
    late.is_refused("invalid")
        .names_fault("/code", "attendance_code_expired");
    assert!(
        late["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("2027-01-11T03:00:00"),
        "{late}"
    );
    assert_eq!(li.list_of(&lesson).await, listed([("王芳", "invited")]));
    let fresh = li.shows_code(&lesson).await;
    let unknown = Gathering {
        id: Uuid::now_v7().to_string(),
    };
    wang.scans(&unknown, &fresh)
        .await
        .names_fault("/code", "attendance_code_other_gathering");
    let reason = json!({ "reason": "停电" });
    li.tells(&other.path(), "cancel", &reason).await.is("cancelled");
    wang.scans(&other, &theirs).await.is_refused("transition_refused");
    li.get(&format!("{}/attendance-code", other.path()))
        .await
        .is_refused("transition_refused");
    wang.scans(&lesson, &fresh).await.succeeded();
    w.passes(TimeDelta::hours(3)).await;
    let over = li.get(&format!("{}/attendance-code", lesson.path())).await;
    over.is_refused("not_yet");
    assert_eq!(over["errors"][0]["code"], "code_not_shown_any_more");
}

/// What was signed for something else, by somebody else, or not at all.
async fn foreign_codes_are_refused(
    w: &World,
    (li, wang): (&Person, &Person),
    (lesson, other): (&Gathering, &Gathering),
    code: &str,
) {
    let refuses = async |code: &str, why: &str| {
        let refused = wang.scans(lesson, code).await;
        refused.is_refused("invalid").names_fault("/code", why);
    };
    refuses("签到", "attendance_code_malformed").await;
    let theirs = li.shows_code(other).await;
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
}

async fn a_phone_without_network_tells_later_and_counts_once(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").of("三塘村").await;
    let guest = w.member("沈敏").of("浦东临时").await;
    let lesson = li
        .invites("三塘村", "lesson", "2027-01-11T03:00:00Z", &li.everybody_of("三塘村"))
        .planned()
        .await;
    w.passes_until("2027-01-11T02:55:00Z").await;
    let (code, scanned) = (li.shows_code(&lesson).await, w.now());
    w.passes_until("2027-01-11T05:00:00Z").await;
    li.closes(&lesson).await.is("held");
    w.runs_jobs().await;
    assert_eq!(wang.was_told("make_up_proposed").await.len(), 1);

    // In the evening there is a network again; the answer gets lost, and twins are sent at the same moment.
    w.passes_until("2027-01-11T12:00:00Z").await;
    let first = wang.scanned(&lesson, &code, scanned).await;
    assert_eq!(first.status(), 201, "{first}");
    let (again, twin) = tokio::join!(
        wang.scanned(&lesson, &code, scanned),
        wang.scanned(&lesson, &code, scanned)
    );
    assert_eq!((again.status(), again.text()), (200, first.text()));
    assert_eq!(twin.text(), first.text());
    assert_eq!(first["attendance"]["recorded_at"], json!(scanned));
    assert_eq!(wang.learned().await[0]["gatherings"], 1);
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
        listed([("沈敏", "attended"), ("王芳", "attended")])
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
    w.passes_until("2027-01-14T03:00:00Z").await;
    assert_eq!(wang.was_told("gathering_reminder").await.len(), 0);
    li.closes(&lesson).await.is("held");
    w.runs_jobs().await;
    assert_eq!(
        wang.was_told("make_up_proposed").await.len(),
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

    w.passes_until("2027-01-12T01:05:00Z").await;
    unknown_people_are_named(&w, &officer, &meeting, (&members[0], &theirs)).await;
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
    corrections_count(&w, (&li, &officer), &meeting, &members[1]).await;
}

/// Whoever is neither on the list nor in reach, and whoever is named twice; then nothing is recorded.
async fn unknown_people_are_named(w: &World, officer: &Person, meeting: &Gathering, (known, stranger): (&str, &str)) {
    let faults = officer
        .marks_all(
            meeting,
            json!([
                { "person_id": known, "state": "attended" },
                { "person_id": stranger, "state": "attended" },
                { "person_id": known, "state": "missed" },
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
}

/// The list is corrected after it was closed; a make-up counts, and does not count after all.
async fn corrections_count(w: &World, (li, officer): (&Person, &Person), meeting: &Gathering, person: &str) {
    // 李强 had only signed for somebody else: corrected, also after the list was closed. Saying it twice is the same.
    for _ in 0..2 {
        officer.marks(meeting, person, "missed").await.succeeded();
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
    w.passes_until("2027-01-12T03:05:00Z").await;
    officer.marks(&make_up, person, "attended").await.succeeded();
    assert_eq!(officer.get("/v1/make-ups").await.items().len(), 0);
    let closed = officer.marks(meeting, person, "excused").await;
    closed
        .is_refused("invalid")
        .names_fault("/attendance/0/state", "made_up_already");
    officer.marks(&make_up, person, "missed").await.succeeded();
    assert_eq!(
        officer.get("/v1/make-ups").await.items().len(),
        1,
        "it was not made up after all"
    );
    assert_eq!(w.database().count("audit where action = 'attendance_recorded'"), 6);
}

async fn what_somebody_attended_is_corrected_and_stays(w: World) {
    let li = w.secretary("三塘村").await;
    let (wang, zhou) = (w.member("王芳").of("三塘村").await, w.member("周明").of("三塘村").await);
    let lesson = li
        .invites("三塘村", "lesson", "2027-01-11T02:00:00Z", &li.everybody_of("三塘村"))
        .planned()
        .await;
    w.passes_until("2027-01-11T02:05:00Z").await;
    let code = li.shows_code(&lesson).await;
    wang.scans(&lesson, &code).await.succeeded();
    let his = zhou.member.to_string();
    li.marks(&lesson, &his, "excused").await.succeeded();
    // She left early, and he was ill: of a correction nothing follows again.
    let right = json!([
        { "person_id": wang.member, "state": "attended", "minutes": 45 },
        { "person_id": zhou.member, "state": "excused", "reason": "生病" },
    ]);
    for _ in 0..2 {
        let corrected = li.marks_all(&lesson, right.clone()).await;
        let lines = &corrected.succeeded()["attendance"];
        assert_eq!((&lines[0]["minutes"], &lines[0]["means"]), (&json!(45), &json!("code")));
        assert_eq!(lines[1]["reason"], "生病");
    }
    // The whole list once more, for somebody else's sake, says nothing new of how long she was there.
    let hers = wang.member.to_string();
    li.marks(&lesson, &hers, "attended").await.succeeded();
    assert_eq!(wang.learned().await[0]["minutes"], 45);
    for event in ["gathering_attended", "gathering_excused"] {
        assert_eq!(w.database().count(&format!("timeline where event = '{event}'")), 1);
    }

    li.get(&lesson.path()).await.is("planned").allows(&["hold"]);
    let off = json!({ "reason": "停电" });
    let refused = li.tells(&lesson.path(), "cancel", &off).await;
    refused.is_refused("not_yet").names_fault("", "gathering_attended");
    let moves = async |change| li.corrects(&lesson.path(), &change).await;
    moves(json!({ "starts_at": "2027-01-12T02:00:00Z" }))
        .await
        .is_refused("invalid")
        .names_fault("/starts_at", "attended_already");
    moves(json!({ "ends_at": "2027-01-11T04:00:00Z" })).await.succeeded();
    // It turns out that nobody was there.
    li.marks(&lesson, &hers, "missed").await.succeeded();
    li.tells(&lesson.path(), "cancel", &off).await.is("cancelled");
    w.runs_jobs().await;
}

async fn who_was_there_all_the_time_still_was_when_it_took_longer(w: World) {
    let li = w.secretary("三塘村").await;
    let (wang, zhao) = (w.member("王芳").of("三塘村").await, w.member("赵敏").of("三塘村").await);
    let begins = (w.now() + TimeDelta::minutes(15)).to_rfc3339();
    let lesson = li.invites("三塘村", "lesson", &begins, &li.everybody_of("三塘村"));
    let lesson = lesson.planned().await;
    w.passes(TimeDelta::hours(1)).await;
    li.marks_all(
        &lesson,
        json!([
            { "person_id": wang.member, "state": "attended" },
            { "person_id": zhao.member, "state": "attended", "minutes": 30 },
        ]),
    )
    .await
    .succeeded();
    assert_eq!(wang.learned().await[0]["minutes"], 90);
    li.corrects(&lesson.path(), &json!({ "learning_minutes": 120 }))
        .await
        .succeeded();
    assert_eq!(wang.learned().await[0]["minutes"], 120);
    assert_eq!(
        zhao.learned().await[0]["minutes"],
        30,
        "who left early did so all the same"
    );
    w.delivers().await;
}

async fn who_has_left_meanwhile_has_missed_nothing(w: World) {
    let li = w.secretary("三塘村").await;
    let (wang, zhou) = (w.member("王芳").of("三塘村").await, w.member("周明").of("三塘村").await);
    let meeting = async |begins: &str| {
        let everybody = li.everybody_of("三塘村");
        let meeting = li
            .invites("三塘村", "branch_meeting", begins, &everybody)
            .planned()
            .await;
        w.passes(TimeDelta::hours(2)).await;
        meeting
    };
    let leaves = async |who: &Person| {
        let decided = json!({ "standing": "left", "reason": "本人申请退党" });
        li.corrects(&format!("/v1/members/{}", who.member), &decided)
            .await
            .has("standing", "left");
    };
    let missed = async || {
        let page = li.get("/v1/make-ups").await;
        let items = page.items().iter();
        items.map(|one| one["person_id"].clone()).collect::<Vec<_>>()
    };
    let first = meeting("2027-01-11T02:00:00Z").await;
    leaves(&zhou).await;
    li.closes(&first).await.is("held");
    assert_eq!(
        li.list_of(&first).await,
        listed([("周明", "invited"), ("王芳", "missed")]),
        "nobody expected him any more"
    );
    assert_eq!(missed().await, [json!(wang.member)]);
    leaves(&wang).await;
    assert_eq!(missed().await, [json!(null); 0], "nor is she expected to make it up");
    let findings = inspection::inspect(w.store()).await.unwrap();
    assert_eq!(findings.broken, [], "and nothing is wrong with that");
    w.runs_jobs().await;
}

async fn what_was_missed_at_a_host_is_made_up_at_home(w: World) {
    let (li, chen, xi) = (
        w.secretary("三塘村").await,
        w.secretary("驻沪").await,
        w.secretary("西场村").await,
    );
    let wang = w.member("王芳").of("三塘村").await;
    let stay = Stay::of(&wang.arrives_at("驻沪").await);
    chen.calls_origin(&stay).await.is("verified");
    chen.admits(&stay, "浦东临时").await.is("admitted");
    let lesson = chen
        .invites(
            "驻沪",
            "study_session",
            "2027-01-11T02:00:00Z",
            &chen.everybody_of("驻沪"),
        )
        .planned()
        .await;
    w.passes_until("2027-01-11T04:00:00Z").await;
    chen.closes(&lesson).await.is("held");
    let missed = li.get("/v1/make-ups").await;
    assert_eq!(missed.items()[0]["gathering"]["id"], lesson.id.as_str(), "{missed}");
    let clause = json!([{ "kind": "missed", "gathering_id": lesson.id }]);
    let make_up = li.invites("三塘村", "make_up_lesson", "2027-01-12T02:00:00Z", &clause);
    let make_up = make_up.planned().await;
    assert_eq!(li.list_of(&make_up).await, listed([("王芳", "invited")]));
    let theirs = xi.invites("西场村", "make_up_lesson", "2027-01-12T02:00:00Z", &clause);
    theirs
        .sent()
        .await
        .names_fault("/audience/0/gathering_id", "unknown_gathering");
    w.runs_jobs().await;
}
