//! Gatherings (活动): planned by themselves or in a series, for local and admitted alike, moved and called off.

use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::gatherings::{Gathering, listed};
use kiteline_tests::kite::to;
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};
use uuid::Uuid;

stories![
    the_county_gives_a_lesson_on_the_25th_of_each_month,
    local_and_admitted_are_invited_alike,
    whoever_was_told_is_told_of_a_change_and_reminders_stop,
    a_lesson_ends_a_silence,
    whoever_turns_out_to_be_known_keeps_what_was_attended,
    lecturers_are_listed_with_their_villages,
    what_cannot_be_is_named_all_at_once,
    the_same_id_again_plans_nothing,
];

/// Somebody of a village who is away in a division since today.
async fn away(w: &World, name: &str, village: &str, division: &str) -> Person {
    let (secretary, member) = (w.secretary(village).await, w.member(name).of(village).await);
    let kite = secretary.plans(&member, to(division)).leaving("2027-01-11").await;
    secretary.departs(&kite).await.is("away");
    member
}

/// When the lessons begin.
fn days(lessons: &[Value]) -> Vec<String> {
    let starts = lessons.iter().filter_map(|one| one["starts_at"].as_str());
    starts.map(ToOwned::to_owned).collect()
}

async fn the_county_gives_a_lesson_on_the_25th_of_each_month(w: World) {
    let office = w.office("海安").await;
    let wang = w.member("王芳").of("三塘村").await;
    let first = office
        .invites("海安", "lesson", "2027-01-11T01:00:00Z", &office.everybody_of("海安"))
        .repeated("FREQ=MONTHLY;BYMONTHDAY=25;COUNT=6")
        .planned()
        .await;
    let lessons = office.series_of(&first).await;
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
    assert_eq!(office.list_of(&first).await, listed([("王芳", "invited")]));
    // Who comes after the invitation is invited the day before.
    let late = w.member("沈敏").of("西场村").await;
    w.passes(TimeDelta::days(9)).await;
    assert_eq!(late.was_told("gathering_invited").await.len(), 1);
    assert_eq!(wang.was_told("gathering_invited").await.len(), 1);
    assert_eq!(
        (
            wang.was_told("gathering_reminder").await.len(),
            late.was_told("gathering_reminder").await.len()
        ),
        (1, 0)
    );

    // One is moved by a day; from April on all are in the afternoon, elsewhere.
    let (march, april) = (Gathering::in_list(&lessons[2]), Gathering::in_list(&lessons[3]));
    let moved = json!({ "starts_at": "2027-03-26T01:00:00Z" });
    let answer = office.corrects(&march.path(), &moved).await;
    answer
        .has("starts_at", "2027-03-26T01:00:00Z")
        .has("ends_at", "2027-03-26T02:30:00Z");
    what_does_not_fit_one_changes_none(&office, &april, &Gathering::in_list(&lessons[4])).await;
    let afternoon = json!({ "starts_at": "2027-04-25T07:00:00Z", "place": "市委党校", "following": true });
    office.corrects(&april.path(), &afternoon).await.succeeded();
    let lessons = office.series_of(&first).await;
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
    from_june_on_there_are_none(&office, &Gathering::in_list(&lessons[5])).await;
    w.passes(TimeDelta::days(1)).await;
}

/// Of those that follow.
async fn what_does_not_fit_one_changes_none(office: &Person, april: &Gathering, may: &Gathering) {
    let link = "https://meeting.example.org/j/1";
    let from_afar = json!({ "place": null, "link": link });
    office.corrects(&may.path(), &from_afar).await.has("link", link);
    let on_foot = json!({ "link": null, "following": true });
    office
        .corrects(&april.path(), &on_foot)
        .await
        .names_fault("/place", "place_or_link");
}

async fn from_june_on_there_are_none(office: &Person, june: &Gathering) {
    let cancelled = office
        .tells(&june.path(), "cancel", &json!({ "reason": "农忙", "following": true }))
        .await;
    cancelled.is("cancelled").has("reason", "农忙");
    office
        .corrects(&june.path(), &json!({ "starts_at": "2027-06-26T01:00:00Z" }))
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
    let expected = listed([("吴刚", "invited"), ("沈敏", "invited"), ("王芳", "invited")]);
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
    let expected = listed([("吴刚", "invited"), ("周明", "invited"), ("王芳", "invited")]);
    assert_eq!(
        office.list_of(&tour).await,
        expected,
        "those who have gone there, and those who are admitted there"
    );
    clauses_make_one_list(&w, &office, evening).await;

    w.runs_jobs().await;
    let (guest_told, local_told) = (
        wang.was_told("gathering_invited").await,
        shen.was_told("gathering_invited").await,
    );
    assert_eq!(guest_told.len(), 4);
    assert_eq!(local_told.len(), 2);
    assert_eq!(away.was_told("gathering_invited").await.len(), 1);
    whoever_leads_a_branch_sees_the_own_people(&li, &chen, (&tour, &local)).await;

    w.passes_until("2027-01-13T11:05:00Z").await;
    let people = chen.get(&format!("{}/attendance", local.path())).await;
    let marks: Vec<_> = people
        .items()
        .iter()
        .map(|line| json!({ "person_id": line["person_id"], "state": "attended" }))
        .collect();
    chen.marks_all(&local, json!(marks)).await.succeeded();
    let of_guest = chen.get(&format!("{}/learning", guest.path())).await;
    assert_eq!(of_guest["years"][0]["minutes"], 90);
    assert_eq!(wang.learned().await, shen.learned().await);
}

/// Of a list from above the own people, and nobody else's.
async fn whoever_leads_a_branch_sees_the_own_people(
    li: &Person,
    chen: &Person,
    (tour, local): (&Gathering, &Gathering),
) {
    assert_eq!(li.list_of(tour).await, listed([("王芳", "invited")]));
    assert_eq!(
        chen.list_of(tour).await,
        listed([("吴刚", "invited"), ("王芳", "invited")])
    );
    let view = li.get(&tour.path()).await;
    view.is("planned").allows(&[]);
    assert_eq!((&view["counts"]["invited"], &view["audience"]), (&json!(1), &json!([])));
    li.get(&local.path()).await.is_refused("not_found");
    let refused = li.tells(&tour.path(), "cancel", &json!({ "reason": "不办了" })).await;
    refused.is_refused("not_found");
    let mine = li.get("/v1/gatherings?limit=500").await;
    assert_eq!(
        mine.items().len(),
        3,
        "all of the county's to which she is invited, and none of the host's own"
    );
}

/// Those admitted at a host; and whoever any of several clauses means, once.
async fn clauses_make_one_list(w: &World, office: &Person, evening: &str) {
    let hosted = json!([{ "kind": "host", "organisation_id": w.county().place("驻沪").id }]);
    let hosted = office.invites("海安", "lesson", evening, &hosted).planned().await;
    assert_eq!(
        office.list_of(&hosted).await,
        listed([("吴刚", "invited"), ("王芳", "invited")])
    );
    let twice = json!([
        { "kind": "stays", "organisation_id": w.county().place("驻沪").id },
        { "kind": "organisation", "organisation_id": w.county().place("浦东临时").id },
        { "kind": "organisation", "organisation_id": w.county().place("三塘村").id },
    ]);
    let twice = office.invites("海安", "lesson", evening, &twice).planned().await;
    let expected = listed([("吴刚", "invited"), ("沈敏", "invited"), ("王芳", "invited")]);
    assert_eq!(
        office.list_of(&twice).await,
        expected,
        "whom several clauses mean is on the list once"
    );
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
    assert_eq!(wang.was_told("gathering_changed").await, Vec::<String>::new());
    assert!(wang.was_told("gathering_invited").await[0].contains("三塘小学"));

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
    assert_eq!(w.mails_to("王芳").len(), 1, "nobody is woken");
    w.passes(TimeDelta::hours(11)).await;
    let subjects = w.mails_to("王芳");
    assert_eq!(subjects[1..], ["《冬训第一课》的时间或地点有变动"], "{subjects:?}");
    assert!(wang.was_told("gathering_changed").await[0].contains("2027年1月16日 09:00"));
    w.passes_until("2027-01-14T01:30:00Z").await;
    assert_eq!(wang.was_told("gathering_reminder").await.len(), 0, "not on the old day");
    w.passes_until("2027-01-15T02:00:00Z").await;
    assert_eq!(wang.was_told("gathering_reminder").await.len(), 1);
    let reason = json!({ "reason": "大雪封路" });
    li.tells(&lesson.path(), "cancel", &reason)
        .await
        .is("cancelled")
        .allows(&[]);
    w.passes(TimeDelta::hours(1)).await;
    let called_off = wang.was_told("gathering_cancelled").await;
    assert!(
        called_off.len() == 1 && called_off[0].contains("大雪封路"),
        "{called_off:?}"
    );
    let english = john.was_told("gathering_cancelled").await;
    assert!(english[0].contains("will not take place"), "{english:?}");
    wang.get(&lesson.own()).await.is("cancelled").allows(&[]);
    what_nobody_was_told_of_is_called_off_in_silence(&w, &li, &wang).await;
}

async fn what_nobody_was_told_of_is_called_off_in_silence(w: &World, li: &Person, wang: &Person) {
    let next = li
        .invites("三塘村", "lesson", "2027-01-18T01:00:00Z", &li.everybody_of("三塘村"))
        .planned()
        .await;
    li.tells(&next.path(), "cancel", &json!({ "reason": "大雪封路" }))
        .await
        .is("cancelled");
    w.passes(TimeDelta::days(3)).await;
    assert_eq!(
        wang.was_told("gathering_invited").await.len(),
        1,
        "nor is anybody invited to it"
    );
    assert_eq!(wang.was_told("gathering_cancelled").await.len(), 1);
    assert_eq!(wang.was_told("gathering_reminder").await.len(), 1);
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
    w.passes_until("2027-03-12T02:00:00Z").await;
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
    w.passes_until("2027-01-11T02:00:00Z").await;
    let line = zhou.get(&format!("{}/attendance", lesson.path())).await;
    let person = line.items()[0]["person_id"].as_str().unwrap().to_owned();
    zhou.marks(&lesson, &person, "attended").await.succeeded();

    // The county invites him too, whose gatherings are none of the host's.
    let office = w.office("海安").await;
    let admitted = json!([{ "kind": "host", "organisation_id": w.county().place("雅周镇").id }]);
    let countys = office.invites("海安", "lesson", "2027-01-11T02:00:00Z", &admitted);
    let countys = countys.planned().await;
    office.marks(&countys, &person, "attended").await.succeeded();

    // He turns out to be a member of another village, who reports by his own app.
    let zhang = w.member("张伟").of("三塘村").await;
    let own = Stay::of(&zhang.arrives_at("雅周镇").await);
    zhou.merges(&known, &own)
        .await
        .is("admitted")
        .has("member_id", json!(zhang.member));
    assert_eq!(zhang.learned().await[0]["minutes"], 180);
    assert_eq!(zhou.list_of(&lesson).await, listed([("张伟", "attended")]));
    assert_eq!(office.list_of(&countys).await, listed([("张伟", "attended")]));
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
    let over = li
        .invites("三塘村", "lesson", "2027-01-14T01:00:00Z", &li.everybody_of("三塘村"))
        .repeated("FREQ=DAILY;UNTIL=20270113");
    over.sent().await.names_fault("/rule", "rule_over");
}

async fn the_same_id_again_plans_nothing(w: World) {
    let li = w.secretary("三塘村").await;
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
