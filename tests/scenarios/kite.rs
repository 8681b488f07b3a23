//! Kite (风筝): journeys from the notice to the return.

use chrono::TimeDelta;
use kiteline_tests::kite::to;
use kiteline_tests::stories;
use kiteline_tests::world::World;

stories![
    a_kite_from_notice_to_return,
    a_member_gives_notice_and_the_secretary_sees_it,
    a_departure_is_recorded_once,
    a_journey_that_was_cancelled_leaves_room_for_another,
    silence_is_overdue_and_a_call_ends_it,
];

async fn a_kite_from_notice_to_return(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li
        .plans(&wang, to("310115"))
        .back("2027-12-20")
        .leaving("2027-02-22")
        .await;
    li.sees(&kite).await.is("planned").allows(&["depart", "cancel"]);
    li.briefs(&kite, "talk").await.succeeded();

    w.passes(TimeDelta::days(42)).await;
    li.departs(&kite)
        .await
        .is("away")
        .allows(&[
            "check_in",
            "contact",
            "come_home",
            "move_on",
            "record_signs",
            "return",
            "start_transfer",
            "transfer",
        ])
        .has("next_checkin_due", "2027-03-24");
    wang.checks_in("arrival").await.has("next_checkin_due", "2027-03-24");

    w.passes(TimeDelta::days(20)).await;
    wang.checks_in("periodic")
        .await
        .has("next_checkin_due", "2027-04-13")
        .has("duplicate", false);
    wang.checks_in("festival_return").await.is("home_visit");
    wang.checks_in("departing_again").await.is("away");

    w.passes(TimeDelta::days(25)).await;
    li.welcomes_home(&kite).await.is("home_visit").allows(&[
        "check_in",
        "contact",
        "depart_again",
        "record_signs",
        "return",
        "start_transfer",
        "transfer",
    ]);
    li.returns(&kite).await.is("returned").allows(&[]);
    wang.get("/v1/me/journey").await.is("returned");
    li.departs(&kite).await.is_refused("transition_refused");
}

async fn a_member_gives_notice_and_the_secretary_sees_it(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = wang.gives_notice(to("110105")).leaving("2027-02-25").await;
    let seen = li.sees(&kite).await;
    seen.is("planned").has("planned_departure_on", "2027-02-25");
    assert_eq!(seen["member"]["name"], "王芳");
    let second = wang.gives_notice(to("310115")).sent().await;
    second.is_refused("invalid");
}

async fn a_departure_is_recorded_once(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    li.departs(&kite).await.is_refused("transition_refused").allows(&[
        "check_in",
        "contact",
        "come_home",
        "move_on",
        "record_signs",
        "return",
        "start_transfer",
        "transfer",
    ]);
}

async fn a_journey_that_was_cancelled_leaves_room_for_another(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-02-22").await;
    let second = li.plans(&wang, to("310115")).sent().await;
    second
        .is_refused("invalid")
        .names_fault("/member_id", "has_open_journey");
    li.cancels(&kite).await.is("cancelled").allows(&[]);
    li.plans(&wang, to("110105")).leaving("2027-03-01").await;
}

async fn silence_is_overdue_and_a_call_ends_it(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.has("overdue", false);
    w.passes(TimeDelta::days(31)).await;
    li.sees(&kite).await.has("overdue", true);
    li.records_call(&kite).await.is("away");
    li.sees(&kite)
        .await
        .has("overdue", false)
        .has("next_checkin_due", "2027-03-13");
}
