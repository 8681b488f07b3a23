//! Other systems that are told what happens: signed, in order, again when they fail, and never a name.
mod told;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::access::Scope;
use domain::webhook::EventKind;
use kiteline_tests::contract::Contract;
use kiteline_tests::hooks::{Hook, Received, Receiver, Reply};
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::people::Person;
use kiteline_tests::world::World;
use kiteline_tests::{PATIENCE, stories};
use persistence::webhooks;
use reqwest::Method;
use serde_json::{Value, json};

stories![
    what_is_not_taken_is_sent_again_and_stands_in_the_log,
    what_concerns_one_subject_comes_in_order_and_holds_up_no_other,
    an_address_that_takes_its_time_holds_up_no_other,
    two_servers_share_the_work,
    a_secret_is_changed_while_both_sign,
    a_private_address_is_refused_when_it_is_entered_and_when_it_is_reached,
    what_fails_for_days_is_disabled_and_its_owner_told,
    an_address_that_is_gone_or_paused_is_left_alone,
    what_cannot_be_taken_is_named,
    old_deliveries_are_forgotten,
];

/// Every event that can be chosen.
fn everything() -> Vec<&'static str> {
    let chosen = EventKind::ALL.iter().filter(|kind| kind.is_chosen());
    chosen.map(|kind| kind.as_str()).collect()
}

/// A webhook of a place that is told everything.
async fn listens(w: &World, admin: &Person, place: &str, receiver: &Receiver) -> Hook {
    let made = admin.connects(&w.id_of(place), &receiver.url(), &everything()).await;
    Hook::of(made.is("active"))
}

async fn away(w: &World, name: &str, host: Option<&str>) -> (Person, Kite) {
    let li = w.secretary("三塘村").await;
    let member = w.member(name).of("三塘村").await;
    let mut notice = li.plans(&member, to("310115"));
    if let Some(host) = host {
        notice = notice.hosted_by(host);
    }
    let kite = notice.leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    (member, kite)
}

/// The kinds and states of what was taken about a journey, or what is done for members.
fn about(receiver: &Receiver, id: &str) -> Vec<(String, String)> {
    let taken = receiver.taken();
    let of = taken.iter().filter(|one| {
        let data = one.data();
        ["journey_id", "service_request_id", "gathering_id", "campaign_id"]
            .iter()
            .any(|subject| data[*subject] == *id)
    });
    let line = |one: &Received| (one.kind(), one.data()["state"].as_str().unwrap_or_default().to_owned());
    of.map(line).collect()
}

fn lines(list: &[(String, String)]) -> Vec<(&str, &str)> {
    list.iter().map(|(kind, state)| (&**kind, &**state)).collect()
}

/// The log says how each attempt at an event ended, and no secret.
fn tells_of_each_attempt(entry: &Value) {
    let attempts = entry["attempts"].as_array().unwrap();
    let statuses: Vec<_> = attempts.iter().map(|one| one["status"].as_u64()).collect();
    assert_eq!(statuses, [Some(500), None, Some(302), Some(503), Some(204)]);
    assert_eq!(attempts[3]["answer"], "later");
    let echoed = attempts[0]["answer"].as_str().unwrap();
    assert!(
        echoed.contains("webhook-id") && echoed.chars().count() <= 300,
        "{echoed}"
    );
    for one in attempts {
        assert!(one["took_ms"].as_i64().unwrap() >= 0);
        let answer = one["answer"].as_str().unwrap_or_default();
        assert!(!answer.contains("v1,") && !answer.contains("whsec_"), "{answer}");
    }
}

async fn what_is_not_taken_is_sent_again_and_stands_in_the_log(w: World) {
    let (receiver, admin) = (Receiver::start().await, w.administrator().await);
    let hook = listens(&w, &admin, "海安", &receiver).await;
    let pinged = admin.post(&format!("{}/ping", hook.path()), &json!({})).await;
    pinged.is("waiting").has("event", "webhook.ping");
    receiver.next(1, &Reply::Echo);
    receiver.next(1, &Reply::Cut);
    receiver.next(1, &Reply::Status(302, "location: http://127.0.0.1:9/", ""));
    receiver.next(1, &Reply::Status(503, "retry-after: 7200", "later"));
    for pause in [1, 4, 16] {
        assert_eq!(w.tells().await.again, 1);
        assert_eq!(w.tells().await, notifications::Tally::default(), "not yet");
        // A pause grows, and has some jitter.
        w.waits(TimeDelta::seconds(pause * 60 * 6 / 5 + 1));
    }
    assert_eq!(w.tells().await.again, 1);
    w.waits(TimeDelta::minutes(110));
    assert_eq!(
        w.tells().await.again + receiver.taken().len(),
        0,
        "it has asked for two hours"
    );
    w.waits(TimeDelta::minutes(11));
    assert_eq!(w.tells().await.sent, 1);

    let came = receiver.received();
    assert_eq!(came.len(), 5);
    let same = |read: fn(&Received) -> String| came.iter().map(read).collect::<BTreeSet<_>>().len();
    assert_eq!(same(|one| one.header("webhook-id").to_owned()), 1);
    assert_eq!(same(|one| one.body.clone()), 1);
    assert_eq!(same(|one| one.header("webhook-timestamp").to_owned()), 5);
    assert!(came.iter().all(|one| one.is_signed_with(&hook.secret)));

    let log = admin.log_of(&hook).await;
    let entry = &log[0];
    assert_eq!((&entry["state"], &entry["id"]), (&json!("delivered"), &pinged["id"]));
    tells_of_each_attempt(entry);
    let waiting = format!("{}/deliveries?state=waiting", hook.path());
    assert_eq!(admin.get(&waiting).await.items().len(), 0);

    // By hand, the same again.
    admin.sends_again(&hook, entry).await.is("waiting");
    admin.sends_again(&hook, entry).await.is_refused("transition_refused");
    assert_eq!(w.tells().await.sent, 1);
    let again = receiver.received().pop().unwrap();
    assert_eq!(
        (&again.body, again.header("webhook-id")),
        (&came[0].body, came[0].header("webhook-id"))
    );
    assert_eq!(admin.log_of(&hook).await[0]["attempts"].as_array().unwrap().len(), 6);

    // Pages add up.
    for _ in 0..4 {
        admin
            .post(&format!("{}/ping", hook.path()), &json!({}))
            .await
            .succeeded();
    }
    let page = admin.get(&format!("{}/deliveries?limit=3", hook.path())).await;
    let next = format!(
        "{}/deliveries?limit=3&cursor={}",
        hook.path(),
        page.string("next_cursor")
    );
    assert_eq!((page.items().len(), admin.get(&next).await.items().len()), (3, 2));
    assert_eq!(w.tells().await.sent, 4);
}

async fn what_concerns_one_subject_comes_in_order_and_holds_up_no_other(w: World) {
    let (receiver, admin) = (Receiver::start().await, w.administrator().await);
    listens(&w, &admin, "海安", &receiver).await;
    let (li, (wang, kite), (chen, other)) = (
        w.secretary("三塘村").await,
        away(&w, "王芳", None).await,
        away(&w, "陈红", None).await,
    );
    w.tells().await;
    receiver.refuses(&kite.id);
    wang.sends(&wang.writes_checkin("periodic")).await.succeeded();
    chen.sends(&chen.writes_checkin("periodic")).await.succeeded();
    assert_eq!(w.tells().await.again, 1);
    // More happens to both while the first waits.
    li.welcomes_home(&kite).await.is("home_visit");
    li.welcomes_home(&other).await.is("home_visit");
    li.returns(&other).await.is("returned");
    w.tells().await;
    let before = lines(&about(&receiver, &kite.id)).len();
    assert_eq!(before, 2, "planned and departed only");
    let of_the_other = about(&receiver, &other.id);
    assert_eq!(
        lines(&of_the_other)[2..],
        [
            ("checkin.recorded", "away"),
            ("journey.came_home", "home_visit"),
            ("journey.returned", "returned"),
        ]
    );
    let tried = |kind: &str| {
        let all = receiver.received();
        all.iter()
            .filter(|one| one.kind() == kind && one.data()["journey_id"] == *kite.id)
            .count()
    };
    assert_eq!((tried("checkin.recorded"), tried("journey.came_home")), (1, 0));
    receiver.behaves();
    w.waits(TimeDelta::minutes(2));
    w.tells().await;
    let of_it = about(&receiver, &kite.id);
    assert_eq!(
        lines(&of_it)[2..],
        [("checkin.recorded", "away"), ("journey.came_home", "home_visit")]
    );
}

async fn an_address_that_takes_its_time_holds_up_no_other(w: World) {
    let (slow, quick, admin) = (
        Receiver::start().await,
        Receiver::start().await,
        w.administrator().await,
    );
    listens(&w, &admin, "海安", &slow).await;
    listens(&w, &admin, "海安", &quick).await;
    let li = w.secretary("三塘村").await;
    let (_wang, kite) = away(&w, "王芳", None).await;
    slow.holds();
    let meanwhile = async {
        let told = async |state: &str| {
            while !about(&quick, &kite.id).iter().any(|(_, known)| known == state) {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, told("away")).await.expect("told");
        // What happens while the other still waits for its answer is told at once.
        li.returns(&kite).await.is("returned");
        tokio::time::timeout(PATIENCE, told("returned")).await.expect("told");
        assert!(lines(&about(&slow, &kite.id)).len() < 2, "{:?}", slow.received());
        slow.lets_go();
    };
    tokio::join!(w.tells(), meanwhile);
    w.tells().await;
    assert_eq!(about(&slow, &kite.id), about(&quick, &kite.id));
}

async fn two_servers_share_the_work(w: World) {
    let (receiver, admin) = (Receiver::start().await, w.administrator().await);
    let hook = listens(&w, &admin, "海安", &receiver).await;
    for name in ["王芳", "陈红", "沈默", "周平"] {
        away(&w, name, None).await;
    }
    // One server has died with the first events of some subjects in its hands.
    let (scope, lease_ends) = (Scope::of_the_machine("tests"), w.now() + TimeDelta::minutes(5));
    let id = hook.id.parse().unwrap();
    let claim = move |tx: &mut persistence::Tx<'_>| webhooks::claim(tx, &scope, id, 2, lease_ends);
    let (_, held) = w.store().write(claim).await.unwrap().unwrap();
    assert_eq!(held.len(), 2);
    let (one, two) = tokio::join!(w.tells(), w.tells());
    let expected = usize::try_from(w.database().count("webhook_deliveries")).unwrap();
    assert!(one.sent + two.sent < expected, "what is held is not sent");
    w.waits(TimeDelta::minutes(6));
    let (three, four) = tokio::join!(w.tells(), w.tells());
    assert_eq!(one.sent + two.sent + three.sent + four.sent, expected);
    let ids: BTreeSet<_> = receiver
        .received()
        .iter()
        .map(|one| one.header("webhook-id").to_owned())
        .collect();
    assert_eq!(
        (ids.len(), receiver.received().len()),
        (expected, expected),
        "each once"
    );
    let taken = receiver.taken();
    let journeys: BTreeSet<_> = taken
        .iter()
        .filter_map(|one| one.data()["journey_id"].as_str().map(ToOwned::to_owned))
        .collect();
    for journey in journeys {
        let of_it = about(&receiver, &journey);
        assert_eq!(
            lines(&of_it),
            [("journey.planned", "planned"), ("journey.departed", "away")]
        );
    }
}

async fn a_secret_is_changed_while_both_sign(w: World) {
    let (receiver, admin) = (Receiver::start().await, w.administrator().await);
    let hook = listens(&w, &admin, "海安", &receiver).await;
    let ping = format!("{}/ping", hook.path());
    let rotated = admin
        .tells(&hook.path(), "rotate-secret", &json!({ "overlap_hours": 2 }))
        .await;
    let secret = rotated.string("secret").to_owned();
    assert_ne!(secret, hook.secret);
    let signed = async |first: bool, second: bool| {
        admin.post(&ping, &json!({})).await.succeeded();
        w.tells().await;
        let last = receiver.received().pop().unwrap();
        assert_eq!(
            (last.is_signed_with(&hook.secret), last.is_signed_with(&secret)),
            (first, second),
            "{last:?}"
        );
    };
    signed(true, true).await;
    w.waits(TimeDelta::minutes(119));
    signed(true, true).await;
    w.waits(TimeDelta::minutes(2));
    signed(false, true).await;
    // One that was found out stops at once.
    let at_once = admin
        .tells(&hook.path(), "rotate-secret", &json!({ "overlap_hours": 0 }))
        .await;
    at_once.succeeded();
    signed(false, false).await;
    assert!(
        receiver
            .received()
            .pop()
            .unwrap()
            .is_signed_with(at_once.string("secret"))
    );
    let kept = w.database().lines("url", "webhooks");
    assert_eq!(kept, [receiver.url()]);
    let audit = w.database().lines(
        "action || coalesce(detail, '')",
        "audit where action like 'webhook%' order by id",
    );
    let actions: Vec<&str> = audit.iter().filter_map(|line| line.split('{').next()).collect();
    assert_eq!(
        actions,
        [
            "webhook_created",
            "webhook_secret_rotated",
            "webhook_pinged",
            "webhook_pinged",
            "webhook_pinged",
            "webhook_secret_rotated",
            "webhook_pinged",
        ]
    );
    // It names the host; what stands behind it may be a key.
    assert!(
        audit[0].contains("127.0.0.1") && !audit[0].contains("/hook"),
        "{audit:?}"
    );
}

async fn a_private_address_is_refused_when_it_is_entered_and_when_it_is_reached(mut w: World) {
    let receiver = Receiver::start().await;
    let admin = w.administrator().await;
    let token = admin.client().await.token().unwrap().to_owned();
    // Both were entered while they were allowed; or the name meant something else then.
    let hooks = [receiver.url(), receiver.url_by_name()];
    for url in &hooks {
        let made = admin.connects(&w.id_of("海安"), url, &["journey.departed"]).await;
        let path = Hook::of(&made).path();
        admin.post(&format!("{path}/ping"), &json!({})).await.succeeded();
    }
    let strict = w.tells_only_the_internet().with_token(&token);
    assert_eq!(w.tells().await.again, 2);
    assert_eq!(receiver.received(), []);
    let answers = w.database().lines("answer", "webhook_attempts");
    assert!(answers.iter().all(|why| why.contains("not https")), "{answers:?}");
    for (url, code) in [
        (receiver.url(), "url_unprotected"),
        ("https://127.0.0.1/".to_owned(), "url_private"),
        ("https://localhost:8443/".to_owned(), "url_private"),
        ("https://10.1.2.3/".to_owned(), "url_private"),
        ("https://100.64.0.1/".to_owned(), "url_private"),
        ("https://169.254.169.254/latest/meta-data".to_owned(), "url_private"),
        ("https://[::ffff:192.168.1.1]/".to_owned(), "url_private"),
        ("https://[fe80::1]/".to_owned(), "url_private"),
        ("https://[ff02::1]/".to_owned(), "url_private"),
        ("https://li:geheim@hooks.example.org/".to_owned(), "url_malformed"),
        ("hooks.example.org".to_owned(), "url_malformed"),
    ] {
        let body = json!({ "organisation_id": w.id_of("海安"), "url": url, "events": ["stay.left"] });
        let refused = strict.post("/v1/webhooks", &body).await;
        refused.is_refused("invalid").names_fault("/url", code);
    }
    assert_eq!(w.database().count("webhooks"), 2);
    // In the clear is allowed, the own network is not: what a name means is looked at when it is reached.
    w.tells_in_the_clear_but_not_here();
    w.waits(TimeDelta::minutes(2));
    assert_eq!(w.tells().await.again, 2);
    let answers = w.database().lines("answer", "webhook_attempts");
    let private = answers.iter().filter(|why| why.contains("private address")).count();
    assert_eq!((private, receiver.received().len()), (2, 0), "{answers:?}");
}

async fn hears_of_it_once(told: &Person) {
    let inbox = told.get("/v1/me/inbox?limit=500").await;
    let about = inbox.items().iter().filter(|one| one["occasion"] == "webhook_disabled");
    let texts: Vec<_> = about.map(|one| one["body"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts.len(), 1, "{inbox}");
    assert!(
        texts[0].contains("127.0.0.1") && !texts[0].contains("/hook"),
        "{texts:?}"
    );
}

async fn what_fails_for_days_is_disabled_and_its_owner_told(w: World) {
    let (receiver, admin) = (Receiver::start().await, w.administrator_of("曲塘镇").await);
    let county = w.administrator().await;
    let made = county
        .connects(&w.id_of("曲塘镇"), &receiver.url(), &["journey.departed"])
        .await;
    let hook = Hook::of(&made);
    let ping = format!("{}/ping", hook.path());
    let failing = async |day: u8| {
        receiver.next(20, &Reply::Status(500, "", "broken"));
        county.post(&ping, &json!({})).await.succeeded();
        w.passes(TimeDelta::days(1)).await;
        let now = county.get(&hook.path()).await;
        assert!(
            day >= 5 || now["state"] == "active" && now["failing_since"].is_string(),
            "{now}"
        );
    };
    for day in 0..3 {
        failing(day).await;
    }
    // One that gets through ends the count.
    receiver.behaves();
    county.post(&ping, &json!({})).await.succeeded();
    w.tells().await;
    county
        .get(&hook.path())
        .await
        .is("active")
        .has("failing_since", Value::Null);
    for day in 0..5 {
        failing(day).await;
    }
    failing(5).await;
    county.get(&hook.path()).await.is("disabled");
    let log = county.log_of(&hook).await;
    assert!(log.iter().all(|one| one["state"] != "waiting"), "{log:?}");
    let given_up = log.iter().filter(|one| one["state"] == "failed").count();
    assert!(given_up >= 3, "{log:?}");
    for told in [&county, &admin] {
        hears_of_it_once(told).await;
    }
    county.post(&ping, &json!({})).await.is_refused("transition_refused");
    let before = w.database().count("webhook_deliveries");
    away(&w, "王芳", None).await;
    assert_eq!(w.database().count("webhook_deliveries"), before, "nothing is added");

    receiver.behaves();
    county
        .corrects(&hook.path(), &json!({ "active": true }))
        .await
        .is("active");
    let failed = log.iter().find(|one| one["state"] == "failed").unwrap();
    county.sends_again(&hook, failed).await.is("waiting");
    assert_eq!(w.tells().await.sent, 1);
    county.get(&hook.path()).await.is("active");
}

async fn an_address_that_is_gone_or_paused_is_left_alone(w: World) {
    let (receiver, admin) = (Receiver::start().await, w.administrator().await);
    let hook = listens(&w, &admin, "海安", &receiver).await;
    let ping = format!("{}/ping", hook.path());
    // Paused: what waits goes on waiting, nothing is added.
    admin.post(&ping, &json!({})).await.succeeded();
    admin
        .corrects(&hook.path(), &json!({ "active": false }))
        .await
        .is("paused");
    away(&w, "王芳", None).await;
    assert_eq!(
        (w.tells().await, w.database().count("webhook_deliveries")),
        (notifications::Tally::default(), 1)
    );
    admin
        .corrects(&hook.path(), &json!({ "active": true }))
        .await
        .is("active");
    assert_eq!(w.tells().await.sent, 1);
    // Gone: at once.
    receiver.next(1, &Reply::Status(410, "", "no more"));
    admin.post(&ping, &json!({})).await.succeeded();
    assert_eq!(w.tells().await.failed, 1);
    admin.get(&hook.path()).await.is("disabled");
    // Taken away, with its log.
    let stale = admin
        .client()
        .await
        .call(Method::DELETE, &hook.path())
        .if_match(1)
        .send()
        .await;
    stale.is_refused("stale");
    let removed = admin
        .changes(Method::DELETE, &hook.path(), &hook.path(), &json!({}))
        .await;
    assert_eq!(removed.status(), 204);
    for table in ["webhooks", "webhook_deliveries", "webhook_attempts"] {
        assert_eq!(w.database().count(table), 0, "{table}");
    }
    w.runs_jobs().await;
}

async fn what_cannot_be_taken_is_named(w: World) {
    let admin = w.administrator().await;
    let refused = admin
        .connects(&w.id_of("海安"), "ftp://x/", &["webhook.ping", "stay.left"])
        .await;
    refused
        .is_refused("invalid")
        .names_fault("/events/0", "event_not_chosen");
    let refused = admin.connects(&w.id_of("海安"), "", &["journey.lost"]).await;
    refused
        .names_fault("/url", "too_short")
        .names_fault("/events/0", "not_in_list");
    let none = admin
        .connects(&w.id_of("海安"), "https://hooks.example.org/", &[])
        .await;
    none.names_fault("/events", "too_short");
    let made = admin
        .connects(
            &w.id_of("海安"),
            "https://hooks.example.org/",
            &["stay.left", "stay.left"],
        )
        .await;
    assert_eq!(made.succeeded()["events"], json!(["stay.left"]));
    let path = Hook::of(&made).path();
    let changed = admin
        .corrects(&path, &json!({ "events": ["journey.departed"], "description": null }))
        .await;
    assert_eq!(
        (&changed["events"], &changed["description"]),
        (&json!(["journey.departed"]), &Value::Null)
    );
    let cleared = admin.corrects(&path, &json!({ "url": "ftp://x/" })).await;
    cleared.is_refused("invalid").names_fault("/url", "url_malformed");
    // Every event is in the contract.
    let described = Contract::ours().document()["webhooks"].as_object().unwrap();
    let names: BTreeSet<_> = described.keys().map(String::as_str).collect();
    assert_eq!(names, EventKind::ALL.iter().map(|kind| kind.as_str()).collect());
}

async fn old_deliveries_are_forgotten(w: World) {
    let (receiver, admin) = (Receiver::start().await, w.administrator().await);
    let hook = listens(&w, &admin, "海安", &receiver).await;
    admin
        .post(&format!("{}/ping", hook.path()), &json!({}))
        .await
        .succeeded();
    w.tells().await;
    w.waits(TimeDelta::days(30));
    assert_eq!(w.notifier().forget_events().await.unwrap(), 0);
    w.waits(TimeDelta::minutes(1));
    assert_eq!(w.notifier().forget_events().await.unwrap(), 1);
    assert_eq!(w.database().count("webhook_attempts"), 0);
}
