//! What other systems are told, and whom it concerns.
use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use kiteline_tests::campaign::Campaign;
use kiteline_tests::hooks::{Received, Receiver};
use kiteline_tests::kite::Kite;
use kiteline_tests::magnet::Stay;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};

use super::{about, away, lines, listens};

stories![
    a_departure_is_told_signed_and_without_a_name,
    an_organisation_hears_of_its_own_subtree_only,
    who_goes_to_another_branch_is_told_at_both,
    jobs_and_lists_of_many_are_told_too,
    what_is_done_for_members_is_told_without_who_and_what_about,
    a_place_that_moves_takes_its_webhooks_along_and_both_sides_hear_of_it,
];

/// Somebody leaves, is admitted and visited by a host, reports, comes home and has returned.
async fn leaves_and_returns(w: &World) -> Kite {
    let (wang, kite) = away(w, "王芳", Some("浦东流动")).await;
    let zhou = w.secretary("浦东流动").await;
    let offer = zhou.only_incoming("offered").await;
    let taken = zhou.answers(&offer, "accept").await;
    let stay = Stay {
        id: taken
            .body()
            .pointer("/stay/id")
            .and_then(Value::as_str)
            .unwrap()
            .to_owned(),
    };
    zhou.admits(&stay, "浦东流动").await.is("admitted");
    zhou.visits(&stay, "in_person", "reached").await.succeeded();
    wang.sends(&wang.writes_checkin("periodic")).await.succeeded();
    wang.sends(&wang.writes_checkin("festival_return")).await.succeeded();
    zhou.sees_off(&stay, "home").await.is("left");
    let li = w.secretary("三塘村").await;
    li.returns(&kite).await.is("returned");
    kite
}

async fn a_departure_is_told_signed_and_without_a_name(w: World) {
    let (receiver, admin) = (Receiver::start().await, w.administrator().await);
    let hook = listens(&w, &admin, "海安", &receiver).await;
    let kite = leaves_and_returns(&w).await;
    let sent = w.tells().await.sent;

    receiver.keeps_the_contract();
    let came = receiver.received();
    assert_eq!(sent, came.len());
    let told: BTreeSet<String> = came.iter().map(Received::kind).collect();
    for kind in [
        "member.registered",
        "journey.planned",
        "journey.departed",
        "handover.offered",
        "handover.accepted",
        "stay.reported",
        "stay.admitted",
        "visit.recorded",
        "checkin.recorded",
        "journey.came_home",
        "stay.left",
        "journey.returned",
    ] {
        assert!(told.contains(kind), "{kind}: {told:?}");
    }
    let ids: BTreeSet<_> = came.iter().map(|one| one.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), came.len(), "each has an id of its own");
    for one in &came {
        assert!(one.is_signed_with(&hook.secret), "{one:?}");
        assert_eq!((&*one.path, one.header("content-type")), ("/hook", "application/json"));
        assert_eq!(one.header("webhook-timestamp"), w.now().timestamp().to_string());
        let at: DateTime<Utc> = one.json()["timestamp"].as_str().unwrap().parse().unwrap();
        assert!(w.now() - at < TimeDelta::hours(1), "{one:?}");
        for word in ["王芳", "浦东", "三塘", "199", "3206", "secretary", "平安", "民宿"] {
            let ids_apart = one.body.replace(|c: char| c.is_ascii_hexdigit() || c == '-', "");
            assert!(!ids_apart.contains(word), "{word}: {one:?}");
        }
    }
    let of_the_journey = about(&receiver, &kite.id);
    assert_eq!(
        lines(&of_the_journey),
        [
            ("journey.planned", "planned"),
            ("journey.departed", "away"),
            ("contact.recorded", "away"),
            ("checkin.recorded", "away"),
            ("journey.came_home", "home_visit"),
            ("checkin.recorded", "home_visit"),
            ("journey.returned", "returned"),
        ]
    );
    // A secret is shown once.
    for path in [hook.path(), "/v1/webhooks".to_owned()] {
        assert!(!admin.get(&path).await.text().contains("whsec_"));
    }
    w.delivers().await;
}

async fn an_organisation_hears_of_its_own_subtree_only(w: World) {
    let (town, village, host) = (
        Receiver::start().await,
        Receiver::start().await,
        Receiver::start().await,
    );
    let county = w.administrator().await;
    let admin = w.administrator_of("曲塘镇").await;
    let hook = listens(&w, &admin, "曲塘镇", &town).await;
    let of_village = listens(&w, &county, "王垛村", &village).await;
    let of_host = listens(&w, &county, "驻沪流动", &host).await;
    let foreign = admin.connects(&w.id_of("雅周镇"), &town.url(), &["stay.left"]).await;
    foreign.is_refused("not_found");

    let (wang, kite) = away(&w, "王芳", Some("浦东流动")).await;
    wang.sends(&wang.writes_checkin("periodic")).await.succeeded();
    w.tells().await;
    assert!(town.kinds().contains(&"journey.departed".to_owned()));
    assert_eq!(village.received(), [], "another branch");
    assert_eq!(host.kinds(), ["handover.offered"], "the other side of it");
    assert!(
        !host.received()[0].body.contains(&kite.id),
        "and nothing of the journey"
    );
    for receiver in [&town, &host] {
        receiver.keeps_the_contract();
    }
    // What others have, an administrator sees nothing of.
    for path in [of_village.path(), format!("{}/deliveries", of_host.path())] {
        admin.get(&path).await.is_refused("not_found");
    }
    assert_eq!(admin.get("/v1/webhooks").await.items().len(), 1);
    let below = county
        .get(&format!(
            "/v1/webhooks?organisation_id={}",
            w.county().place("曲塘镇").id
        ))
        .await;
    assert_eq!((below.items().len(), &below.items()[0]["id"]), (1, &json!(hook.id)));
    assert_eq!(county.get("/v1/webhooks?limit=2").await.items().len(), 2);
    let other = county.log_of(&of_host).await;
    admin.sends_again(&hook, &other[0]).await.is_refused("not_found");
    w.office("海安").await.get("/v1/webhooks").await.is_refused("forbidden");
}

/// Told once that the address was disabled, and of its host alone.
async fn who_goes_to_another_branch_is_told_at_both(w: World) {
    let (left, joined, admin) = (
        Receiver::start().await,
        Receiver::start().await,
        w.administrator().await,
    );
    listens(&w, &admin, "三塘村", &left).await;
    listens(&w, &admin, "王垛村", &joined).await;
    let (office, qian) = (w.office("海安").await, w.member("钱进").of("三塘村").await);
    let body = json!({ "home_branch_id": w.id_of("王垛村"), "reason": "调到王垛村工作" });
    office
        .corrects(&format!("/v1/members/{}", qian.member), &body)
        .await
        .succeeded();
    w.tells().await;
    for receiver in [&left, &joined] {
        let kinds = receiver.kinds();
        assert_eq!(
            kinds.last().map(String::as_str),
            Some("member.branch_changed"),
            "{kinds:?}"
        );
    }
}

async fn jobs_and_lists_of_many_are_told_too(w: World) {
    let (receiver, admin) = (Receiver::start().await, w.administrator().await);
    listens(&w, &admin, "海安", &receiver).await;
    let office = w.office("海安").await;
    // A host that never answers: the machine lets it lapse.
    let (_, kite) = away(&w, "王芳", Some("浦东流动")).await;
    let list = "姓名,身份证号,所在党支部\n陈红,320600199007163012,三塘村党支部\n周平,320600198503163025,三塘村党支部\n";
    let form = reqwest::multipart::Form::new()
        .text("kind", "members")
        .text("organisation_id", w.county().place("海安").id.to_string())
        .part("file", reqwest::multipart::Part::text(list).file_name("名册.csv"));
    let client = office.client().await;
    let import = client.call(Method::POST, "/v1/imports").form(form).send().await;
    let import = format!("/v1/imports/{}", import.succeeded().string("id"));
    office.post(&format!("{import}/commit"), &json!({})).await.succeeded();
    w.passes(TimeDelta::days(41)).await;
    receiver.keeps_the_contract();
    let kinds = receiver.kinds();
    let count = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
    assert_eq!(count("member.registered"), 1 + 2);
    assert_eq!(
        (count("handover.escalated"), count("handover.lapsed")),
        (1, 1),
        "{kinds:?}"
    );
    let lapsed = receiver.taken().into_iter().find(|one| one.kind() == "handover.lapsed");
    assert_eq!(lapsed.unwrap().data()["state"], "lapsed");
    assert!(!about(&receiver, &kite.id).is_empty());
    w.leaves_work_undone();
}

/// Neither who asks nor what about, and nothing of wishes.
fn tells_ids_and_states_alone(receiver: &Receiver) {
    for one in receiver.taken() {
        let about = one.data();
        for told in ["service_request_id", "gathering_id", "campaign_id"] {
            assert!(
                about[told].is_null() || about.as_object().unwrap().len() == 3,
                "{one:?}"
            );
        }
        assert!(
            !one.kind().contains("wish") && !one.body.contains("schooling"),
            "{one:?}"
        );
    }
}

/// Asks for a service, and hears nothing until the town answers; the request's id.
async fn asks_until_the_town_answers(w: &World, wang: &Person) -> String {
    let town = w.office("曲塘镇").await;
    let asked = wang.asks_for("schooling", "孩子秋季入学，如何报名？").await;
    let at = |list: &str| format!("{list}/{}", asked.string("id"));
    w.passes(TimeDelta::days(20)).await;
    town.tells(
        &at("/v1/service-requests"),
        "answer",
        &json!({ "said": "5月起网上报名。" }),
    )
    .await
    .is("answered");
    wang.tells(&at("/v1/me/service-requests"), "resolve", &json!({}))
        .await
        .is("resolved");
    asked.string("id").to_owned()
}

async fn what_is_done_for_members_is_told_without_who_and_what_about(w: World) {
    let (receiver, admin) = (Receiver::start().await, w.administrator().await);
    listens(&w, &admin, "海安", &receiver).await;
    let (li, office) = (w.secretary("三塘村").await, w.office("海安").await);
    let wang = w.member("王芳").of("三塘村").await;
    let called_off = Campaign::of(&office.plans_campaign("海安", json!({})).await);
    office.calls_off(&called_off).await.is("cancelled");
    let campaign = Campaign::of(&office.plans_campaign("海安", json!({})).await);
    office.opens(&campaign).await.is("open");
    let lesson = li.invites("三塘村", "lesson", "2027-01-16T01:00:00Z", &li.everybody_of("三塘村"));
    let lesson = lesson.planned().await;
    li.corrects(&lesson.path(), &json!({ "title": "冬训第一课" }))
        .await
        .succeeded();
    wang.wishes("想学剪纸", true).await;
    let asked = asks_until_the_town_answers(&w, &wang).await;
    li.closes(&lesson).await.is("held");
    office.closes_campaign(&campaign).await.is("closed");
    w.tells().await;

    receiver.keeps_the_contract();
    assert_eq!(
        lines(&about(&receiver, &asked)),
        [
            ("service_request.asked", "open"),
            ("service_request.escalated", "open"),
            ("service_request.answered", "answered"),
            ("service_request.resolved", "resolved"),
        ]
    );
    assert_eq!(
        lines(&about(&receiver, &lesson.id)),
        [
            ("gathering.planned", "planned"),
            ("gathering.changed", "planned"),
            ("gathering.held", "held"),
        ]
    );
    assert_eq!(
        lines(&about(&receiver, &campaign.id)),
        [("campaign.opened", "open"), ("campaign.closed", "closed")]
    );
    assert_eq!(
        lines(&about(&receiver, &called_off.id)),
        [("campaign.cancelled", "cancelled")]
    );
    tells_ids_and_states_alone(&receiver);
    w.leaves_work_undone();
}

async fn a_place_that_moves_takes_its_webhooks_along_and_both_sides_hear_of_it(w: World) {
    let (old, new, own) = (
        Receiver::start().await,
        Receiver::start().await,
        Receiver::start().await,
    );
    let admin = w.administrator().await;
    listens(&w, &admin, "曲塘镇", &old).await;
    listens(&w, &admin, "雅周镇", &new).await;
    listens(&w, &admin, "三塘村", &own).await;
    let village = format!("/v1/organisations/{}", w.county().place("三塘村").id);
    let moved = admin
        .tells(&village, "move", &json!({ "parent_id": w.id_of("雅周镇") }))
        .await;
    moved.succeeded();
    admin
        .corrects(&village, &json!({ "phone": "0513-88811111" }))
        .await
        .succeeded();
    w.tells().await;
    assert_eq!(old.kinds(), ["organisation.moved"]);
    assert_eq!(new.kinds(), ["organisation.moved", "organisation.changed"]);
    assert_eq!(own.kinds(), ["organisation.moved", "organisation.changed"]);
    assert_eq!(own.received()[0].data()["parent_id"], w.id_of("雅周镇"));
    own.keeps_the_contract();
    let below = json!({
        "code": "ST9", "kind": "temporary_branch", "name": "三塘村外出临时党支部", "parent_id": w.id_of("三塘村"),
    });
    admin.post("/v1/organisations", &below).await.succeeded();
    w.tells().await;
    assert_eq!(own.kinds().last().unwrap(), "organisation.created");
    assert_eq!(old.kinds().len(), 1);
}
