//! The database goes away and comes back while people work.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use kiteline_tests::kite::to;
use kiteline_tests::world::World;
use tokio::runtime::Runtime;
use tokio::time::sleep;

/// Whatever is asked while the database is gone is answered within this, however many ask.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How soon after the database is back the server has found it.
const SOON: Duration = Duration::from_secs(10);

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
    for _ in 0..3 {
        let began = Instant::now();
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
        assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    }
    w.stranger().get("/healthz").await.has("status", "ok");
    w.stranger().get("/readyz").await.is_refused("unavailable");

    line.mend();
    let mended = Instant::now();
    while w.stranger().get("/readyz").await.status() != 200 {
        assert!(mended.elapsed() < SOON, "the server does not find its database again");
        sleep(Duration::from_millis(50)).await;
    }
    for answer in join_all((0..40).map(|_| office.get("/v1/members"))).await {
        answer.succeeded();
    }
    wang.sends(&checkin).await.is("away").has("duplicate", false);
    wang.sends(&checkin).await.has("duplicate", true);
}
