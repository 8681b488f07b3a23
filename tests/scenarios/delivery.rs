//! How a message gets there when machines die, nights fall and addresses are wrong.

use std::collections::HashSet;

use chrono::TimeDelta;
use domain::access::Scope;
use domain::notification::Channel;
use kiteline_tests::mail::{Mail, Verdict};
use kiteline_tests::stories;
use kiteline_tests::world::World;
use persistence::{Tx, outbox};

stories![
    a_restart_in_the_middle_loses_nothing_and_repeats_under_the_same_id,
    nobody_is_disturbed_at_night_and_a_greeting_is_not_late,
    what_fails_for_a_day_is_given_up_and_may_be_tried_again_by_hand,
];

async fn a_restart_in_the_middle_loses_nothing_and_repeats_under_the_same_id(w: World) {
    for number in 0..10 {
        w.member(&format!("党员{number}")).born("1975-01-11").of("三塘村").await;
    }
    w.notifier().plan().await.unwrap();
    // One message arrives and its answer does not; a machine has died with three others in its hands.
    w.mail().next(1, &Verdict::KeepAndDrop);
    let lease_ends = w.now() + TimeDelta::minutes(15);
    let claim =
        move |tx: &mut Tx<'_>| outbox::claim(tx, &Scope::of_the_machine("tests"), Channel::Email, 3, lease_ends);
    assert_eq!(w.store().write(claim).await.unwrap().len(), 3);
    let tally = w.delivers().await;
    assert_eq!((tally.sent, tally.again), (10 + 6, 1));
    w.waits(TimeDelta::minutes(16));
    assert_eq!(w.delivers().await.sent, 4);
    let ids: Vec<_> = w.mail().received().iter().map(Mail::message_id).collect();
    assert_eq!((ids.len(), ids.iter().collect::<HashSet<_>>().len()), (11, 10));
    assert_eq!(w.database().count("inbox"), 10);
}

async fn nobody_is_disturbed_at_night_and_a_greeting_is_not_late(w: World) {
    w.member("王芳").born("1975-01-11").of("三塘村").await;
    // 22:00: too late for an e-mail; the inbox disturbs nobody.
    w.waits(TimeDelta::hours(13));
    w.notifier().plan().await.unwrap();
    let night = w.delivers().await;
    assert_eq!((night.sent, night.postponed), (1, 1));
    w.waits(TimeDelta::hours(9));
    assert_eq!(
        w.delivers().await,
        notifications::Tally::default(),
        "still quiet at seven"
    );
    w.waits(TimeDelta::hours(1));
    assert_eq!(w.delivers().await.dropped, 1);
    let why = w.database().lines("last_error", "outbox where state = 'dropped'");
    assert_eq!(why, ["too late"]);
    assert_eq!(w.mail().received(), []);
}

async fn what_fails_for_a_day_is_given_up_and_may_be_tried_again_by_hand(w: World) {
    let admin = w.administrator().await;
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").with(|facts| facts.by_email = false).of("三塘村").await;
    li.plans(&wang, kiteline_tests::kite::to("310115"))
        .leaving("2027-01-25")
        .await;
    w.mail().next(20, &Verdict::RefuseRecipient(550));
    w.runs_jobs().await;
    // The night is waited out, so that the day is over at the first attempt of the second afternoon.
    for _ in 0..32 {
        w.waits(TimeDelta::hours(1));
        w.delivers().await;
    }
    let failed = admin.get("/v1/notifications?state=failed").await;
    let failed = &failed.items()[0];
    let answer = failed["last_error"].as_str().unwrap();
    assert!(answer.contains("550") && !answer.contains(&li.login), "{answer}");
    w.mail().behave();
    let retry = format!("/v1/notifications/{}/retry", failed["id"].as_str().unwrap());
    let retried = admin.post(&retry, &serde_json::json!({})).await;
    assert_eq!(retried.succeeded().body()["state"], "waiting");
    assert_eq!(w.delivers().await.sent, 1);
    assert_eq!(w.mail().received().len(), 1);
}
