//! Gatherings in calendars (RFC 5545): each, and a member's private calendar.

use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::json;

stories![a_calendar_follows_what_changes, a_private_calendar_is_taken_back];

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
    wang.get("/v1/me/calendar-feed").await.has("created_at", json!(null));
    let nothing = json!(null);
    let (one, other) = tokio::join!(
        wang.post("/v1/me/calendar-feed", &nothing),
        wang.post("/v1/me/calendar-feed", &nothing)
    );
    assert_ne!(one.succeeded()["path"], other.succeeded()["path"]);
    let made = wang.post("/v1/me/calendar-feed", &nothing).await;
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
    assert!(kept.len() == 3 && !kept.concat().contains(&secret), "{kept:?}");
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
