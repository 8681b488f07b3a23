//! Service requests (服务事项): asked, put into somebody's hands, answered, settled; and what happens when nobody answers.

use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::to;
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::people::Person;
use kiteline_tests::services::picture;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

stories![
    a_school_question_that_nobody_answers_until_the_parent_does,
    it_goes_up_twice_each_step_once_and_days_off_skip_none,
    where_nobody_stands_above_nothing_goes_up,
    each_kind_has_the_term_that_the_organisation_chose,
    an_officer_is_put_in_charge_and_answers,
    what_is_not_settled_is_asked_again_and_due_anew,
    only_the_asker_rates_the_answer_and_by_a_word,
    a_host_serves_whoever_is_admitted_like_its_own,
    a_visitor_asks_through_an_officer_and_turns_out_to_be_a_member,
    files_go_with_it_and_the_asker_sees_who_looked,
    a_request_sent_twice_is_there_once,
    it_turns_out_to_be_of_another_kind,
];

const QUESTION: &str = "孩子秋季入学，如何报名？";

fn path(request: &Answer) -> String {
    format!("/v1/service-requests/{}", request.string("id"))
}

fn own_path(request: &Answer) -> String {
    format!("/v1/me/service-requests/{}", request.string("id"))
}

fn says(text: &str) -> Value {
    json!({ "said": text })
}

async fn a_school_question_that_nobody_answers_until_the_parent_does(w: World) {
    let (li, town, county) = (
        w.secretary("三塘村").await,
        w.office("曲塘镇").await,
        w.office("海安").await,
    );
    let wang = w.member("王芳").of("三塘村").await;
    let asked = wang.asks_for("schooling", QUESTION).await;
    asked
        .has("due_on", "2027-01-21")
        .has("overdue", false)
        .allows(&["withdraw"]);
    w.runs_jobs().await;
    assert_eq!(li.told_of("service").await, ["2027-01-11 service_asked"]);
    assert!(li.last_words().await.contains(QUESTION));
    li.get(&path(&asked)).await.allows(&["assign", "answer"]);

    // Nobody answers. Two days before, the branch is reminded; on the day after, the town is told, and so is she.
    w.passes(TimeDelta::days(10)).await;
    assert_eq!(
        li.told_of("service").await,
        ["2027-01-11 service_asked", "2027-01-19 service_due"]
    );
    assert_eq!(town.told_of("service").await, Vec::<String>::new());
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(town.told_of("service").await, ["2027-01-22 service_escalated"]);
    assert!(town.last_words().await.contains("三塘村党支部"));
    assert_eq!(wang.told_of("service").await, ["2027-01-22 service_escalated"]);
    assert!(wang.last_words().await.contains("现已转曲塘镇党委督办"));
    assert_eq!(county.told_of("service").await, Vec::<String>::new());
    let seen = wang.get(&own_path(&asked)).await;
    seen.has("state", "open")
        .has("overdue", true)
        .has("due_on", "2027-01-21");
    assert_eq!(seen["escalation"]["to"]["name"], "曲塘镇党委");
    assert_eq!(seen["escalation"]["times"], 1);
    let overdue = town.get("/v1/service-requests?overdue=true").await;
    assert_eq!(overdue.items().len(), 1);

    let answered = town
        .tells(&path(&asked), "answer", &says("5月起网上报名，需居住证。"))
        .await;
    answered.is("answered").has("answered_by", town.name.as_str());
    assert_eq!(answered["answered_from"]["name"], "曲塘镇党委");
    w.delivers().await;
    assert!(wang.last_words().await.contains("曲塘镇党委代三塘村党支部答复"));
    assert!(wang.last_words().await.contains("5月起网上报名"));
    w.passes(TimeDelta::days(20)).await;
    assert_eq!(county.told_of("service").await, Vec::<String>::new(), "it was answered");
    is_settled(&wang, &town, &asked).await;
}

/// The member says that it is settled and what the answer was worth; the history keeps it all, and no words.
async fn is_settled(wang: &Person, town: &Person, asked: &Answer) {
    let own = own_path(asked);
    let settled = wang.tells(&own, "resolve", &json!({})).await;
    settled.is("resolved").allows(&["rate", "reopen"]);
    let rating = json!({ "rating": "helped", "said": "谢谢" });
    let rated = wang.tells(&own, "rate", &rating).await;
    rated.is("rated").has("rating", "helped").allows(&[]);
    let timeline = town.get(&format!("{}/timeline", path(asked))).await;
    let events: Vec<_> = timeline.items().iter().map(|one| one["event"].clone()).collect();
    assert_eq!(
        events,
        [
            "service_asked",
            "service_escalated",
            "service_answered",
            "service_resolved",
            "service_rated"
        ]
    );
    assert!(!timeline.text().contains(QUESTION), "the words stay with the request");
}

async fn it_goes_up_twice_each_step_once_and_days_off_skip_none(w: World) {
    let (town, county) = (w.office("曲塘镇").await, w.office("海安").await);
    let wang = w.member("王芳").of("三塘村").await;
    let asked = wang.asks_for("hardship", "家中老人住院，费用有困难").await;
    asked.has("due_on", "2027-01-14");
    w.runs_jobs().await;

    // The server stands still for twenty days: the town is told late, and has as long as it always has.
    w.waits(TimeDelta::days(20));
    w.runs_jobs().await;
    w.runs_jobs().await;
    assert_eq!(town.told_of("service").await, ["2027-01-31 service_escalated"]);
    assert_eq!(county.told_of("service").await, Vec::<String>::new());
    w.passes(TimeDelta::days(3)).await;
    assert_eq!(county.told_of("service").await, Vec::<String>::new());
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(county.told_of("service").await, ["2027-02-04 service_escalated"]);
    w.passes(TimeDelta::days(40)).await;
    assert_eq!(town.told_of("service").await.len(), 1);
    assert_eq!(county.told_of("service").await.len(), 1);
    assert_eq!(wang.told_of("service").await.len(), 2);
    let seen = county.get(&path(&asked)).await;
    seen.is("open").has("overdue", true);
    assert_eq!(seen["escalation"]["times"], 2);
    assert_eq!(w.database().count("timeline where event = 'service_escalated'"), 2);
}

async fn where_nobody_stands_above_nothing_goes_up(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").of("三塘村").await;
    let asked = wang.asks_for("policy", "党费怎样补交？").await;
    w.passes(TimeDelta::days(30)).await;
    let seen = li.get(&path(&asked)).await;
    seen.is("open").has("overdue", true).has("escalation", Value::Null);
    li.tells(&path(&asked), "answer", &says("到支部补交即可。"))
        .await
        .is("answered")
        .has("answered_from", Value::Null);
    w.delivers().await;
}

async fn each_kind_has_the_term_that_the_organisation_chose(w: World) {
    let (county, town) = (w.office("海安").await, w.office("曲塘镇").await);
    let wang = w.member("王芳").of("三塘村").await;
    for (kind, due) in [
        ("employment", "2027-01-26"),
        ("schooling", "2027-01-21"),
        ("policy", "2027-01-16"),
        ("hardship", "2027-01-14"),
        ("legal", "2027-01-21"),
        ("other", "2027-01-21"),
    ] {
        wang.asks_for(kind, "请帮忙").await.has("due_on", due);
    }
    county.chooses("海安", "service_legal_days", 30).await.succeeded();
    wang.asks_for("legal", "劳动合同").await.has("due_on", "2027-02-10");
    town.chooses("曲塘镇", "service_legal_days", 7).await.succeeded();
    wang.asks_for("legal", "劳动合同").await.has("due_on", "2027-01-18");
    town.chooses("曲塘镇", "service_legal_days", 0)
        .await
        .names_fault("/days", "too_small");
    w.runs_jobs().await;
}

async fn an_officer_is_put_in_charge_and_answers(w: World) {
    let (li, sun) = (w.secretary("三塘村").await, w.contact_officer("三塘村").await);
    let stranger = w.contact_officer("雅周镇").await;
    let wang = w.member("王芳").of("三塘村").await;
    let asked = wang.asks_for("employment", "想找纺织厂的工作").await;
    let there = path(&asked);
    sun.get(&there).await.allows(&["answer"]);
    li.tells(&there, "assign", &json!({ "officer_id": stranger.account }))
        .await
        .names_fault("/officer_id", "unknown_officer");
    let assigned = li.tells(&there, "assign", &json!({ "officer_id": sun.account })).await;
    assigned.is("assigned").has("assigned_on", "2027-01-11");
    assert_eq!(assigned["officer"]["name"], sun.name.as_str());
    w.delivers().await;
    assert_eq!(sun.told_of("service").await, ["2027-01-11 service_assigned"]);
    assert!(wang.last_words().await.contains(&sun.name));
    let own = sun.get("/v1/service-requests?own=true").await;
    assert_eq!(own.items().len(), 1);
    assert_eq!(li.get("/v1/service-requests?own=true").await.items().len(), 0);

    // The reminder goes to whoever is in charge alone.
    w.passes(TimeDelta::days(13)).await;
    assert!(sun.told_of("service_due").await.len() == 1 && li.told_of("service_due").await.is_empty());
    stranger.get(&there).await.is_refused("not_found");
    sun.tells(&there, "answer", &says("城东纺织厂招人，已说好。"))
        .await
        .is("answered");
    w.delivers().await;
}

async fn what_is_not_settled_is_asked_again_and_due_anew(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").of("三塘村").await;
    let asked = wang.asks_for("schooling", QUESTION).await;
    let (there, own) = (path(&asked), own_path(&asked));
    w.runs_jobs().await;
    li.tells(&there, "answer", &says("请到学校问。")).await.is("answered");
    w.passes(TimeDelta::days(5)).await;
    wang.tells(&own, "reopen", &says(" "))
        .await
        .names_fault("/said", "required");
    let again = wang.tells(&own, "reopen", &says("学校说要居住证，怎么办？")).await;
    again
        .is("open")
        .has("due_on", "2027-01-26")
        .has("answered_on", Value::Null);
    let sides: Vec<_> = again["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["side"].clone())
        .collect();
    assert_eq!(sides, ["staff", "person"], "the first answer stays");
    w.delivers().await;
    assert_eq!(li.told_of("service_asked").await.len(), 2);
    li.tells(&there, "answer", &says("居住证到社区办，三天可取。"))
        .await
        .is("answered");
    wang.tells(&own, "resolve", &json!({})).await.is("resolved");
    wang.tells(&own, "withdraw", &json!({}))
        .await
        .is_refused("transition_refused");
    w.delivers().await;
}

async fn only_the_asker_rates_the_answer_and_by_a_word(w: World) {
    let (li, other) = (w.secretary("三塘村").await, w.member("陈红").of("三塘村").await);
    let wang = w.member("王芳").of("三塘村").await;
    let asked = wang.asks_for("policy", "党费怎样补交？").await;
    let (there, own) = (path(&asked), own_path(&asked));
    li.tells(&there, "answer", &says("到支部补交即可。"))
        .await
        .is("answered");
    wang.tells(&own, "rate", &json!({ "rating": "helped" }))
        .await
        .is_refused("transition_refused");
    wang.tells(&own, "resolve", &json!({})).await.is("resolved");
    wang.tells(&own, "rate", &json!({ "rating": 5 }))
        .await
        .is_refused("invalid");
    other
        .tells(&own, "rate", &json!({ "rating": "helped" }))
        .await
        .is_refused("not_found");
    wang.tells(&own, "rate", &json!({ "rating": "partly" }))
        .await
        .is("rated");
    li.get(&there).await.has("rating", "partly").allows(&[]);
    w.runs_jobs().await;
}

/// A member of 三塘村 who is away in Shanghai, and admitted there.
async fn away(w: &World, li: &Person, chen: &Person) -> Person {
    let wang = w.member("王芳").of("三塘村").await;
    let kite = li
        .plans(&wang, to("310115"))
        .hosted_by("驻沪")
        .leaving("2027-01-11")
        .await;
    li.departs(&kite).await.is("away");
    let offer = chen.only_incoming("offered").await;
    let taken = chen.answers(&offer, "accept").await;
    let stay = Stay {
        id: taken["stay"]["id"].as_str().unwrap().to_owned(),
    };
    let early = json!({
        "kind": "schooling", "said": QUESTION, "organisation_id": w.county().place("驻沪").id,
    });
    let refused = wang.post("/v1/me/service-requests", &early).await;
    refused.names_fault("/organisation_id", "not_serving");
    chen.admits(&stay, "浦东临时").await.is("admitted");
    wang
}

async fn a_host_serves_whoever_is_admitted_like_its_own(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = away(&w, &li, &chen).await;
    for place in ["驻沪", "浦东临时"] {
        let there = w.county().place(place);
        let body = json!({ "kind": "schooling", "said": QUESTION, "organisation_id": there.id });
        let asked = wang.post("/v1/me/service-requests", &body).await;
        assert_eq!(asked.is("open")["organisation"]["name"], there.name.as_str());
        chen.get(&path(&asked)).await.allows(&["assign", "answer"]);
        li.get(&path(&asked)).await.is_refused("not_found");
    }
    wang.asks_for("policy", "党费怎样补交？").await;
    assert_eq!(li.get("/v1/service-requests").await.items().len(), 1);
    assert_eq!(chen.get("/v1/service-requests").await.items().len(), 2);
    let elsewhere = json!({ "kind": "other", "said": "帮忙", "organisation_id": w.county().place("西场村").id });
    wang.post("/v1/me/service-requests", &elsewhere)
        .await
        .names_fault("/organisation_id", "not_serving");
    let sync = wang.get("/v1/me/sync").await;
    assert_eq!(sync["service_requests"].as_array().unwrap().len(), 3);
    let data = wang.get("/v1/me/data").await;
    assert_eq!(data["service_requests"].as_array().unwrap().len(), 3);
    w.runs_jobs().await;
}

async fn a_visitor_asks_through_an_officer_and_turns_out_to_be_a_member(w: World) {
    let (zhou, wang) = (w.secretary("雅周镇").await, w.member("王芳").of("三塘村").await);
    let stay = Stay::of(&zhou.finds("雅周镇", visitor("王芳")).await);
    zhou.calls_origin(&stay).await.is("verified");
    zhou.admits(&stay, "王垛村").await.is("admitted");
    let person = zhou.finds_served("王垛村", "王芳").await;
    let body = json!({ "person_id": person, "kind": "employment", "said": "想找工作" });
    let asked = zhou.post("/v1/service-requests", &body).await;
    asked.is("open").has("asked_by", zhou.name.as_str());
    zhou.attaches(&path(&asked), "attachments", b"%PDF-1.7")
        .await
        .succeeded();
    let wish = json!({ "person_id": person, "said": "想要一副老花镜", "anonymous": true });
    let wish = zhou.post("/v1/wishes", &wish).await;
    wish.is("written").has("author", Value::Null);
    let gift = json!({ "person_id": person, "occasion": "festival", "item": "card", "given_on": "2027-01-11" });
    zhou.post("/v1/gifts", &gift).await.succeeded();
    zhou.tells(&path(&asked), "answer", &says("已联系纺织厂。"))
        .await
        .is("answered");
    zhou.tells(&path(&asked), "resolve", &json!({}))
        .await
        .is("resolved")
        .allows(&["reopen"]);

    // She reports with the app, and the secretary sees that it is she.
    let arrived = wang.arrives_at("雅周镇").await;
    let told = Stay::of(&arrived);
    zhou.calls_origin(&told).await;
    zhou.merges(&stay, &told).await.is("admitted");
    let data = wang.get("/v1/me/data").await;
    for kept in ["service_requests", "wishes", "gifts"] {
        assert_eq!(data[kept].as_array().unwrap().len(), 1, "{kept}: {data}");
    }
    assert_eq!(data["files"].as_array().unwrap().len(), 1);
    let timeline = data["timeline"].to_string();
    assert!(timeline.contains("service_asked") && timeline.contains("gift_given"));
    assert!(
        !timeline.contains("wish"),
        "an anonymous wish stays off the timeline: {timeline}"
    );
    w.runs_jobs().await;
}

async fn files_go_with_it_and_the_asker_sees_who_looked(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").of("三塘村").await;
    let asked = wang.asks_for("legal", "劳动合同纠纷").await;
    let (there, own) = (path(&asked), own_path(&asked));
    let attached = wang.attaches(&own, "attachments", b"%PDF-1.7 contract").await;
    let file = attached.succeeded()["attachments"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    li.attaches(&there, "attachments", &picture("")).await.succeeded();
    for _ in 0..4 {
        wang.attaches(&own, "attachments", b"%PDF-1.7 more").await.succeeded();
    }
    wang.attaches(&own, "attachments", b"%PDF-1.7 more")
        .await
        .names_fault("/file", "too_many_files");
    wang.attaches(&own, "attachments", b"MZ\x90\0")
        .await
        .names_fault("/file", "not_a_picture");
    let fetched = li.get(&format!("{there}/attachments/{file}")).await;
    assert_eq!(fetched.bytes(), b"%PDF-1.7 contract");
    assert!(!fetched.header("content-disposition").unwrap().contains("王芳"));
    wang.get(&format!("{own}/attachments/{file}")).await.succeeded();
    let log = wang.get("/v1/me/access-log").await;
    assert!(log.text().contains("attachment_viewed"), "{log}");
    let neighbour = w.secretary("西场村").await;
    neighbour
        .get(&format!("{there}/attachments/{file}"))
        .await
        .is_refused("not_found");
    let other = wang.asks_for("legal", "另一件").await;
    li.get(&format!("{}/attachments/{file}", path(&other)))
        .await
        .is_refused("not_found");
    w.runs_jobs().await;
}

async fn a_request_sent_twice_is_there_once(w: World) {
    let (wang, chen) = (w.member("王芳").of("三塘村").await, w.member("陈红").of("三塘村").await);
    let body = json!({ "id": Uuid::now_v7(), "kind": "policy", "said": "党费怎样补交？" });
    let first = wang.post("/v1/me/service-requests", &body).await;
    let again = wang.post("/v1/me/service-requests", &body).await;
    assert_eq!(first.succeeded().body(), again.succeeded().body());
    chen.post("/v1/me/service-requests", &body)
        .await
        .names_fault("/id", "taken");
    assert_eq!(w.database().count("service_requests"), 1);
    let twins = json!({ "id": Uuid::now_v7(), "kind": "policy", "said": "组织关系怎样转？" });
    let (one, other) = tokio::join!(
        wang.post("/v1/me/service-requests", &twins),
        wang.post("/v1/me/service-requests", &twins)
    );
    one.succeeded();
    assert_eq!(other.succeeded().body(), one.body(), "whichever was first");
    assert_eq!(w.database().count("service_requests"), 2);
    let stale = wang.client().await;
    let path = format!("{}/withdraw", own_path(&first));
    let call = stale.call(Method::POST, &path).if_match(7);
    call.send().await.is_refused("stale");
    wang.tells(&own_path(&first), "withdraw", &json!({}))
        .await
        .is("withdrawn");
    w.runs_jobs().await;
}

async fn it_turns_out_to_be_of_another_kind(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").of("三塘村").await;
    let asked = wang.asks_for("other", "孩子上学要不要交学费？家里困难").await;
    let there = path(&asked);
    w.passes(TimeDelta::days(5)).await;
    let changed = li.corrects(&there, &json!({ "kind": "hardship" })).await;
    changed.has("kind", "hardship").has("due_on", "2027-01-16");
    li.tells(&there, "answer", &says("符合减免条件。")).await.is("answered");
    li.corrects(&there, &json!({ "kind": "policy" }))
        .await
        .is_refused("transition_refused");
    w.runs_jobs().await;
}
