//! Check-ins (报到) over a poor network.

use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{CheckIn, to};
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};

stories![
    a_double_checkin_counts_once,
    twins_sent_at_once_count_once,
    an_old_checkin_moves_no_due_date_back,
    nobody_checks_in_from_home,
    a_phone_comes_back_after_forty_days,
    a_clock_that_is_wrong_by_years_counts_as_now,
    the_order_of_a_batch_does_not_matter,
    a_batch_has_a_hundred_at_most,
];

async fn a_double_checkin_counts_once(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    let checkin = wang.writes_checkin("arrival");
    let first = wang.sends(&checkin).await;
    assert_eq!(first.has("duplicate", false).status(), 201);

    w.waits(TimeDelta::hours(3));
    let again = wang.sends(&checkin).await;
    assert_eq!(again.has("duplicate", true).status(), 200);
    assert_eq!(again["received_at"], first["received_at"]);
    assert_eq!(wang.get("/v1/me/checkins").await.items().len(), 1);

    li.returns(&kite).await.is("returned");
    assert_eq!(
        wang.sends(&checkin).await.has("duplicate", true).status(),
        200,
        "even when the journey has ended"
    );
}

async fn twins_sent_at_once_count_once(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    wang.client().await;
    let checkin = wang.writes_checkin("periodic");
    let answers = futures_util::future::join_all((0..8).map(|_| wang.sends(&checkin))).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.succeeded().status()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 201]);
    assert_eq!(wang.get("/v1/me/checkins").await.items().len(), 1);
    assert_eq!(
        li.timeline(&kite)
            .await
            .iter()
            .filter(|event| *event == "check_in")
            .count(),
        1
    );
}

async fn an_old_checkin_moves_no_due_date_back(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    let unsent = wang.writes_checkin("arrival");
    w.waits(TimeDelta::days(5));
    wang.checks_in("periodic").await.has("next_checkin_due", "2027-02-15");
    assert_eq!(
        wang.sends(&unsent).await.has("next_checkin_due", "2027-02-15").status(),
        201
    );
    assert_eq!(wang.get("/v1/me/checkins").await.items().len(), 2);
}

async fn a_phone_comes_back_after_forty_days(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    let arrived = wang.writes_checkin("arrival");
    wang.sends(&arrived).await.succeeded();
    let mut kept = Vec::new();
    for _ in 0..4 {
        w.waits(TimeDelta::days(10));
        kept.push(wang.writes_checkin("periodic"));
    }
    let nowhere = wang
        .writes_checkin("periodic")
        .with("division_code", json!("999999"))
        .with("wellbeing", json!("so so"));
    let unread = CheckIn(json!("报到"));
    let sent = [
        &kept[3], &arrived, &kept[1], &nowhere, &kept[0], &kept[1], &unread, &kept[2],
    ];

    let answer = wang.sends_batch(&sent).await;
    assert_eq!(statuses(&answer), [201, 200, 201, 422, 201, 200, 422, 201]);
    let results = &answer["results"];
    assert_eq!(results[0]["id"], kept[3].0["id"]);
    assert_eq!(
        results[0]["receipt"]["next_checkin_due"], "2027-03-22",
        "thirty days from today"
    );
    assert_eq!(results[3]["problem"]["errors"][0]["pointer"], "/wellbeing");
    assert_eq!(results[3]["problem"]["trace_id"], json!(answer.header("x-trace-id")));
    assert_eq!(results[6]["id"], Value::Null);
    assert_eq!(wang.get("/v1/me/checkins").await.items().len(), 5);
    li.sees(&kite).await.has("next_checkin_due", "2027-03-22");

    let again = wang.sends_batch(&sent).await;
    assert_eq!(
        statuses(&again),
        [200, 200, 200, 422, 200, 200, 422, 200],
        "as the network lost the answer"
    );
    assert_eq!(wang.get("/v1/me/checkins").await.items().len(), 5);
    assert_eq!(
        li.timeline(&kite)
            .await
            .iter()
            .filter(|event| *event == "check_in")
            .count(),
        5
    );

    li.returns(&kite).await.is("returned");
    let late = wang.writes_checkin("periodic");
    let answer = wang.sends_batch(&[&kept[0], &late]).await;
    assert_eq!(statuses(&answer), [200, 409], "what is refused leaves nothing behind");
    assert_eq!(answer["results"][1]["problem"]["code"], "transition_refused");
    assert_eq!(wang.get("/v1/me/checkins").await.items().len(), 5);
}

async fn a_clock_that_is_wrong_by_years_counts_as_now(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    w.waits(TimeDelta::days(5));
    let by = |clock: &str| wang.writes_checkin("periodic").with("recorded_at", json!(clock));
    let (behind, ahead, right) = (
        by("1970-01-01T00:00:07Z"),
        by("2041-05-01T00:00:00+08:00"),
        by("2027-01-14T00:00:00Z"),
    );
    let answer = wang.sends_batch(&[&ahead, &right, &behind]).await;
    assert_eq!(statuses(&answer), [201, 201, 201]);
    let doubted: Vec<_> = (0..3)
        .map(|at| &answer["results"][at]["receipt"]["clock_doubtful"])
        .collect();
    assert_eq!(doubted, [&json!(true), &json!(false), &json!(true)]);
    li.sees(&kite)
        .await
        .has("next_checkin_due", "2027-02-15")
        .has("last_contact_at", json!(w.now()));
    let held = wang.get("/v1/me/checkins").await;
    let mut clocks: Vec<_> = held.items().iter().map(|one| one["recorded_at"].as_str()).collect();
    clocks.sort_unstable();
    let shown = ["1970-01-01T00:00:07Z", "2027-01-14T00:00:00Z", "2041-04-30T16:00:00Z"];
    assert_eq!(clocks, shown.map(Some), "what the phone's clock showed is kept");
}

async fn the_order_of_a_batch_does_not_matter(w: World) {
    let li = w.secretary("三塘村").await;
    let mut ends = Vec::new();
    for backwards in [false, true] {
        let wang = w.member("王芳").of("三塘村").await;
        let today = w.today().to_string();
        let kite = li.plans(&wang, to("310115")).leaving(&today).await;
        li.departs(&kite).await.is("away");
        li.welcomes_home(&kite).await.is("home_visit");
        let mut kept = Vec::new();
        for kind in ["departing_again", "periodic", "festival_return"] {
            w.waits(TimeDelta::hours(5));
            kept.push(wang.writes_checkin(kind));
        }
        if backwards {
            kept.reverse();
        }
        let answer = wang.sends_batch(&kept.iter().collect::<Vec<_>>()).await;
        assert_eq!(statuses(&answer), [201, 201, 201]);
        li.sees(&kite).await.is("home_visit");
        ends.push(li.timeline(&kite).await);
    }
    assert_eq!(ends[0], ends[1]);
    assert!(
        ends[0].ends_with(&["depart_again", "check_in", "come_home"].map(String::from)),
        "{ends:?}"
    );
}

async fn a_batch_has_a_hundred_at_most(w: World) {
    let wang = w.member("王芳").of("三塘村").await;
    let one = wang.writes_checkin("periodic");
    wang.sends_batch(&[])
        .await
        .is_refused("invalid")
        .names_fault("/items", "too_short");
    let many = vec![&one; 101];
    wang.sends_batch(&many)
        .await
        .is_refused("invalid")
        .names_fault("/items", "too_long");
    wang.post("/v1/me/checkins/batch", &json!({ "items": [one.0], "when": 1 }))
        .await
        .names_fault("/when", "unknown_field");
}

fn statuses(answer: &Answer) -> Vec<u64> {
    let results = answer.succeeded()["results"].as_array().cloned().unwrap_or_default();
    results.iter().filter_map(|one| one["status"].as_u64()).collect()
}

async fn nobody_checks_in_from_home(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    wang.checks_in("periodic").await.is_refused("transition_refused");
    li.plans(&wang, to("310115")).leaving("2027-02-22").await;
    wang.checks_in("periodic").await.is_refused("transition_refused");
    assert_eq!(wang.get("/v1/me/checkins").await.items().len(), 0);
}
