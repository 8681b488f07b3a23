//! Check-ins (报到) over a poor network.

use chrono::TimeDelta;
use kiteline_tests::kite::to;
use kiteline_tests::stories;
use kiteline_tests::world::World;

stories![
    a_double_checkin_counts_once,
    twins_sent_at_once_count_once,
    an_old_checkin_moves_no_due_date_back,
    nobody_checks_in_from_home,
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

async fn nobody_checks_in_from_home(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    wang.checks_in("periodic").await.is_refused("transition_refused");
    li.plans(&wang, to("310115")).leaving("2027-02-22").await;
    wang.checks_in("periodic").await.is_refused("transition_refused");
    assert_eq!(wang.get("/v1/me/checkins").await.items().len(), 0);
}
