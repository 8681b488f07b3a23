//! Magnet (磁铁): people who stay with a host, from the arrival to the leaving.

use chrono::TimeDelta;
use domain::identity::IdentityNumber;
use futures_util::future::join_all;
use kiteline_tests::kite::to;
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::json;

stories![
    a_visitor_from_arrival_to_leaving,
    a_member_reports_and_the_origin_confirms,
    a_host_asks_and_the_origin_denies,
    a_handover_opens_a_verified_stay_and_going_home_proposes_the_return,
    what_a_survey_declares_tells_nothing_until_the_origin_has_confirmed,
    who_is_not_verified_is_in_no_list_and_no_ending_is_told,
    register_numbers_have_no_gaps,
    a_person_is_admitted_in_one_place_at_a_time,
    every_fault_of_a_report_is_named_at_once,
    a_neighbour_sees_no_stay,
];

async fn a_visitor_from_arrival_to_leaving(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let found = zhou.finds("雅周镇", visitor("张伟")).await;
    found.is("reported").allows(&[
        "confirm_by_call",
        "confirm_by_certificate",
        "confirm_by_letter",
        "reject",
        "withdraw",
    ]);
    found.has("source", "survey");
    assert_eq!(found["person"]["phone"], "199****0023");
    let stay = Stay::of(&found);
    zhou.admits(&stay, "王垛村").await.is_refused("transition_refused");
    zhou.calls_origin(&stay)
        .await
        .is("verified")
        .allows(&["admit", "reject", "withdraw"]);
    let admitted = zhou.admits(&stay, "王垛村").await;
    admitted.is("admitted").allows(&["leave"]);
    assert_eq!(admitted["admission"]["register_number"], 1);
    assert_eq!(admitted["admission"]["register_year"], 2027);
    w.passes(TimeDelta::days(90)).await;
    let left = zhou.sees_off(&stay, "onward").await;
    left.is("left").allows(&[]).has("reason", "工程结束");
    let story = ["stay_reported", "stay_confirmed_by_call", "stay_admitted", "stay_left"];
    assert_eq!(zhou.story_of(&stay).await, story);
}

async fn a_member_reports_and_the_origin_confirms(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").of("三塘村").await;
    let reported = wang.arrives_at("驻沪").await;
    reported.is("reported").allows(&[]).has("source", "self_report");
    let stay = Stay::of(&reported);
    wang.arrives_at("驻沪").await.has("id", stay.id.as_str());
    let seen = chen.looks_at(&stay).await;
    seen.is("reported").allows(&[
        "ask_origin",
        "confirm_by_call",
        "confirm_by_certificate",
        "confirm_by_letter",
        "reject",
        "withdraw",
    ]);
    assert_eq!(seen["origin"]["name"], "三塘村党支部");
    chen.asks_origin(&stay).await.is("verifying").allows(&[
        "confirm_by_call",
        "confirm_by_certificate",
        "confirm_by_letter",
        "reject",
        "withdraw",
    ]);
    let question = li.only_incoming("asked").await;
    li.reads(&question).await.is("asked").allows(&["confirm", "deny"]);
    chen.reads(&question).await.allows(&[]);
    chen.answers(&question, "confirm").await.is_refused("forbidden");
    li.answers(&question, "confirm").await.is("confirmed").allows(&[]);
    let verified = chen.looks_at(&stay).await;
    verified.is("verified");
    assert_eq!(verified["verification"]["by"], "origin");
    chen.admits(&stay, "浦东流动").await.is("admitted");
    wang.get("/v1/me/stay").await.is("admitted").allows(&[]);
    w.runs_jobs().await;
}

async fn a_host_asks_and_the_origin_denies(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let origin = json!({ "code": w.county().place("三塘村").code });
    let stay = Stay::of(&chen.finds_from("驻沪", visitor("张伟"), origin).await);
    chen.asks_origin(&stay).await.is("verifying");
    let question = li.only_incoming("asked").await;
    li.answers(&question, "deny")
        .await
        .is("denied")
        .has("reason", "本人未到本地");
    chen.looks_at(&stay)
        .await
        .is("rejected")
        .has("reason", "本人未到本地")
        .allows(&[]);
    w.runs_jobs().await;
}

async fn a_handover_opens_a_verified_stay_and_going_home_proposes_the_return(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").of("三塘村").await;
    let kite = li
        .plans(&wang, to("310115"))
        .hosted_by("驻沪")
        .leaving("2027-01-11")
        .await;
    li.departs(&kite).await.is("away");
    w.runs_jobs().await;
    let offer = chen.only_incoming("offered").await;
    let taken = chen.answers(&offer, "accept").await;
    taken.is("accepted");
    assert_eq!(taken["stay"]["state"], "verified");
    let stay = Stay {
        id: taken["stay"]["id"].as_str().unwrap().to_owned(),
    };
    chen.looks_at(&stay)
        .await
        .is("verified")
        .has("source", "handover")
        .has("journey_id", kite.id.as_str());
    chen.admits(&stay, "浦东流动").await.is("admitted");
    w.passes(TimeDelta::days(1)).await;
    wang.checks_in("periodic").await.succeeded();
    assert!(
        chen.looks_at(&stay).await["last_contact_at"].is_string(),
        "the host sees the journey's contact"
    );
    w.passes(TimeDelta::days(1)).await;
    chen.sees_off(&stay, "home").await.is("left");
    let told = li.timeline(&kite).await;
    assert!(
        told.ends_with(&["stay_ended".to_owned(), "return_proposed".to_owned()]),
        "{told:?}"
    );
    li.reads(&offer).await.is("accepted");
    li.sees(&kite).await.is("away");
    w.runs_jobs().await;
    li.returns(&kite).await.is("returned");
    w.runs_jobs().await;
}

/// A number of the synthetic range, valid.
const NUMBER: &str = "320600199001010023";

fn number() -> String {
    let checked = (0..=10).map(|last| {
        format!(
            "{}{}",
            &NUMBER[..17],
            if last == 10 { "X".to_owned() } else { last.to_string() }
        )
    });
    checked
        .into_iter()
        .find(|text| IdentityNumber::parse(text).is_ok())
        .unwrap()
}

async fn who_is_not_verified_is_in_no_list_and_no_ending_is_told(w: World) {
    let (li, zhou) = (w.secretary("三塘村").await, w.secretary("雅周镇").await);
    let identity = IdentityNumber::parse(&number()).unwrap();
    let member = w.member("王芳").with(|facts| facts.identity = Some(identity));
    let wang = member.of("三塘村").await;
    let kite = li.plans(&wang, to("320685")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    let declared = |name: &str| json!({ "name": name, "identity_number": number(), "phone": "19900000023" });
    let stranger = zhou.finds("雅周镇", declared("李四")).await;
    let known = zhou.finds("雅周镇", declared("王芳")).await;
    for answer in [&stranger, &known] {
        answer.is("reported");
        assert_eq!(answer["person"]["phone"], "199****0023", "as it was declared: {answer}");
    }

    let roster = zhou.get("/v1/rosters/inbound").await;
    assert_eq!(roster.items().len(), 2);
    for line in roster.items() {
        assert_ne!(line["person_id"], json!(wang.member), "{line}");
        assert_eq!(line["phone"], "199****0023", "{line}");
    }

    li.returns(&kite).await.is("returned");
    w.runs_jobs().await;
    assert_eq!(zhou.story_of(&Stay::of(&known)).await, ["stay_reported"]);
    let inbox = zhou.get("/v1/me/inbox").await;
    assert!(
        inbox.items().iter().all(|one| one["occasion"] != "member_left"),
        "{inbox}"
    );
}

async fn what_a_survey_declares_tells_nothing_until_the_origin_has_confirmed(w: World) {
    let (li, zhou) = (w.secretary("三塘村").await, w.secretary("雅周镇").await);
    let identity = IdentityNumber::parse(&number()).unwrap();
    let wang = w
        .member("王芳")
        .with(|facts| facts.identity = Some(identity))
        .of("三塘村")
        .await;
    let kite = li.plans(&wang, to("320685")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    wang.checks_in("arrival").await.succeeded();

    let origin = json!({ "code": w.county().place("三塘村").code });
    let declared = |name: &str| json!({ "name": name, "identity_number": number() });
    let wrong = zhou.finds_from("雅周镇", declared("李四"), origin.clone()).await;
    let right = zhou.finds_from("雅周镇", declared("王芳"), origin).await;
    for answer in [&wrong, &right] {
        answer.is("reported");
        for hidden in ["member_id", "journey_id", "last_contact_at"] {
            assert!(answer[hidden].is_null(), "{hidden} in {answer}");
        }
        assert!(answer["person"]["phone"].is_null(), "{answer}");
    }
    let stay = Stay::of(&right);
    zhou.asks_origin(&stay).await.is("verifying");
    let question = li.only_incoming("asked").await;
    li.answers(&question, "confirm").await.is("confirmed");
    zhou.looks_at(&stay)
        .await
        .is("verified")
        .has("member_id", json!(wang.member))
        .has("journey_id", kite.id.as_str());
    w.runs_jobs().await;
}

async fn register_numbers_have_no_gaps(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let mut stays = Vec::new();
    for name in ["赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "王八"] {
        let stay = Stay::of(&zhou.finds("雅周镇", visitor(name)).await);
        zhou.calls_origin(&stay).await.is("verified");
        stays.push(stay);
    }
    let units = ["王垛村", "三塘村"];
    let tries = stays.iter().flat_map(|stay| units.map(|unit| zhou.admits(stay, unit)));
    let answers = join_all(tries).await;
    let mut numbers: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status() == 200)
        .filter_map(|answer| answer["admission"]["register_number"].as_i64())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
    let next = Stay::of(&zhou.finds("雅周镇", visitor("冯九")).await);
    zhou.calls_origin(&next).await.is("verified");
    assert_eq!(zhou.admits(&next, "王垛村").await["admission"]["register_number"], 9);
}

async fn a_person_is_admitted_in_one_place_at_a_time(w: World) {
    let (chen, zhou) = (w.secretary("驻沪").await, w.secretary("雅周镇").await);
    let wang = w.member("王芳").of("三塘村").await;
    let (first, second) = (wang.arrives_at("驻沪").await, wang.arrives_at("雅周镇").await);
    let (first, second) = (Stay::of(&first), Stay::of(&second));
    chen.calls_origin(&first).await.is("verified");
    zhou.calls_origin(&second).await.is("verified");
    chen.admits(&first, "浦东流动").await.is("admitted");
    zhou.admits(&second, "王垛村")
        .await
        .is_refused("invalid")
        .names_fault("/member_id", "is_admitted_elsewhere");
    chen.sees_off(&first, "onward").await.is("left");
    zhou.admits(&second, "王垛村").await.is("admitted");
    w.runs_jobs().await;
}

async fn every_fault_of_a_report_is_named_at_once(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let body = json!({
        "host_organisation_id": w.county().place("雅周镇").id,
        "person": { "name": " ", "identity_number": "123", "phone": "12" },
        "origin": { "code": "ST", "name": "三塘村" }, "arrived_on": w.today(),
    });
    let refused = zhou.post("/v1/magnet/stays", &body).await;
    refused.is_refused("invalid");
    for pointer in ["/person/name", "/person/identity_number", "/person/phone", "/origin"] {
        let named = refused["errors"]
            .as_array()
            .unwrap()
            .iter()
            .any(|fault| fault["pointer"] == pointer);
        assert!(named, "{pointer} in {refused}");
    }
    let outside = json!({
        "host_organisation_id": w.county().place("驻沪").id, "person": visitor("张伟"), "arrived_on": w.today(),
    });
    let refused = zhou.post("/v1/magnet/stays", &outside).await;
    refused
        .is_refused("invalid")
        .names_fault("/host_organisation_id", "unknown_organisation");
}

async fn a_neighbour_sees_no_stay(w: World) {
    let (zhou, li) = (w.secretary("雅周镇").await, w.secretary("三塘村").await);
    let stay = Stay::of(&zhou.finds("雅周镇", visitor("张伟")).await);
    li.looks_at(&stay).await.is_refused("not_found");
    li.calls_origin(&stay).await.is_refused("not_found");
    assert_eq!(li.get("/v1/magnet/stays").await.items().len(), 0);
    let officer = w.contact_officer("雅周镇").await;
    officer.looks_at(&stay).await.is("reported").allows(&[]);
    assert_eq!(officer.get("/v1/magnet/stays?state=reported").await.items().len(), 1);
    officer.calls_origin(&stay).await.is_refused("forbidden");
}
