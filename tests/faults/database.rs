//! The database goes away and comes back while people work.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use kiteline_tests::PATIENCE;
use kiteline_tests::kite::to;
use kiteline_tests::world::World;
use tokio::runtime::Runtime;
use tokio::time::sleep;

/// How often many people ask while the database is gone.
const ROUNDS: u64 = 6;
/// If each call waited the five seconds that a connection is worth, a round would take ten: there are more people than
/// connections. A slow machine alone does not come near half of that.
const AT_ONCE: Duration = Duration::from_secs(5 * ROUNDS);

#[test]
fn a_database_that_is_gone_is_said_at_once_and_found_again() {
    Runtime::new().expect("a runtime").block_on(gone_and_back());
}

async fn gone_and_back() {
    let (w, line) = World::over_a_line().await;
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    let (office, phone) = (li.client().await, wang.client().await);
    // Many at once, so that the pool holds many connections when they go.
    for answer in join_all((0..20).map(|_| office.get("/v1/members"))).await {
        answer.succeeded();
    }

    line.cut();
    let checkin = wang.writes_checkin("arrival");
    let began = Instant::now();
    for _ in 0..ROUNDS {
        let asked = join_all((0..40).map(|_| office.get("/v1/members")));
        let (answers, sent) = tokio::join!(asked, phone.post("/v1/me/checkins", &checkin.0));
        for answer in answers.iter().chain([&sent]) {
            answer.is_refused("unavailable");
            assert_eq!(
                (answer.status(), answer.header("retry-after")),
                (503, Some("5")),
                "{answer}"
            );
        }
    }
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    w.stranger().get("/healthz").await.has("status", "ok");
    w.stranger().get("/readyz").await.is_refused("unavailable");

    line.mend();
    let mended = Instant::now();
    while w.stranger().get("/readyz").await.status() != 200 {
        assert!(
            mended.elapsed() < PATIENCE,
            "the server does not find its database again"
        );
        sleep(Duration::from_millis(50)).await;
    }
    for answer in join_all((0..40).map(|_| office.get("/v1/members"))).await {
        answer.succeeded();
    }
    wang.sends(&checkin).await.is("away").has("duplicate", false);
    wang.sends(&checkin).await.has("duplicate", true);
}
