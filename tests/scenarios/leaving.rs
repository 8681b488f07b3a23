//! Leaving (走有注销): the origin hears of it at once, and a host that hears nothing asks before it lets go.

use chrono::TimeDelta;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::json;

stories![
    a_host_that_asks_the_origin_before_it_lets_go,
    an_origin_that_does_not_answer_in_time_holds_nobody_back,
    a_member_who_goes_home_is_proposed_to_the_origin_once,
    a_member_who_goes_on_is_offered_to_the_next_host,
    an_origin_that_knows_of_no_journey_is_told_too,
    of_an_origin_elsewhere_the_host_says_how_it_searched,
];

/// A member of 三塘村 who is admitted in 驻沪, with the two who look after her.
struct Ground {
    li: Person,
    chen: Person,
    wang: Person,
    kite: Kite,
    stay: Stay,
}

async fn admitted(w: &World) -> Ground {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").of("三塘村").await;
    let notice = li.plans(&wang, to("310115")).hosted_by("驻沪");
    let kite = notice.leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    let offer = chen.only_incoming("offered").await;
    let taken = chen.answers(&offer, "accept").await;
    let stay = Stay {
        id: taken["stay"]["id"].as_str().unwrap().to_owned(),
    };
    chen.admits(&stay, "浦东流动").await.is("admitted");
    w.runs_jobs().await;
    Ground {
        li,
        chen,
        wang,
        kite,
        stay,
    }
}

/// What was said to somebody in the app about this: subjects, oldest first.
async fn subjects(who: &Person, occasion: &str) -> Vec<String> {
    let inbox = who.get("/v1/me/inbox?limit=500").await;
    let told = inbox.items().iter().filter(|message| message["occasion"] == occasion);
    told.map(|message| message["title"].as_str().unwrap().to_owned())
        .collect()
}

async fn a_host_that_asks_the_origin_before_it_lets_go(w: World) {
    let Ground { li, chen, stay, .. } = admitted(&w).await;
    let gone = chen.sees_off(&stay, "unknown").await;
    gone.is_refused("not_yet").names_fault("", "origin_not_asked");
    gone.allows(&["ask_whereabouts", "leave"]);
    chen.asks_where(&stay).await.is("admitted").allows(&["leave"]);
    let version = chen.looks_at(&stay).await.version();
    chen.asks_where(&stay).await.has("version", version);
    let waits = chen.sees_off(&stay, "unknown").await;
    waits.is_refused("not_yet").names_fault("", "origin_has_not_answered");
    assert!(waits.text().contains("2027-01-21"), "{waits}");
    w.runs_jobs().await;
    assert_eq!(
        subjects(&li, "handover_offered").await,
        ["驻沪流动党员联合党委询问王芳同志的去向"]
    );

    let question = li.only_incoming("asked").await;
    li.reads(&question).await.has("kind", "whereabouts").allows(&["answer"]);
    let vague = json!({ "whereabouts": "moved_on" });
    let vague = li.tells(&question.path(), "answer", &vague).await;
    vague.is_refused("invalid").names_fault("/said", "where_to_required");
    let said = li.says_where(&question, "unknown", "家里人也联系不上").await;
    said.is("answered").has("whereabouts", "unknown").allows(&[]);
    w.runs_jobs().await;
    assert_eq!(subjects(&chen, "handover_answered").await.len(), 1);
    chen.sees_off(&stay, "unknown").await.is("left");
    w.runs_jobs().await;
    assert_eq!(
        subjects(&li, "stay_ended").await,
        ["王芳同志已离开驻沪流动党员联合党委"]
    );
    let story = chen.story_of(&stay).await;
    let end = [
        "stay_whereabouts_asked",
        "handover_asked",
        "handover_answered",
        "stay_left",
    ];
    assert!(story.ends_with(&end.map(str::to_owned)), "{story:?}");
}

async fn an_origin_that_does_not_answer_in_time_holds_nobody_back(w: World) {
    let Ground { li, chen, stay, .. } = admitted(&w).await;
    let office = w.office("海安").await;
    office.chooses("三塘村", "handover_reminded_days", 3).await.succeeded();
    office.chooses("三塘村", "handover_due_days", 6).await.succeeded();
    chen.asks_where(&stay).await.is("admitted");
    w.passes(TimeDelta::days(5)).await;
    chen.sees_off(&stay, "unknown").await.is_refused("not_yet");
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(subjects(&chen, "whereabouts_overdue").await.len(), 1);
    assert_eq!(subjects(&office, "handover_overdue").await.len(), 1);
    w.passes(TimeDelta::days(60)).await;
    chen.looks_at(&stay).await.is("admitted");
    assert_eq!(subjects(&chen, "whereabouts_overdue").await.len(), 1);
    chen.sees_off(&stay, "unknown").await.is("left");
    assert!(li.incoming("asked").await.is_empty());
    w.runs_jobs().await;
}

async fn a_member_who_goes_home_is_proposed_to_the_origin_once(w: World) {
    let Ground {
        li,
        chen,
        wang,
        kite,
        stay,
    } = admitted(&w).await;
    chen.asks_where(&stay).await.is("admitted");
    let question = li.only_incoming("asked").await;
    w.passes(TimeDelta::days(1)).await;
    chen.sees_off(&stay, "home").await.is("left");
    li.reads(&question).await.is("lapsed");
    w.runs_jobs().await;
    assert_eq!(
        subjects(&li, "return_proposed").await,
        ["驻沪流动党员联合党委说王芳同志已返乡，请确认"]
    );
    for other in ["stay_ended", "final_return"] {
        assert!(subjects(&li, other).await.is_empty(), "one thing is said once");
    }
    li.sees(&kite).await.is("away");
    li.returns(&kite).await.is("returned");
    wang.get("/v1/me/stay").await.is("left");
    w.runs_jobs().await;
}

async fn a_member_who_goes_on_is_offered_to_the_next_host(w: World) {
    let Ground {
        li, chen, kite, stay, ..
    } = admitted(&w).await;
    let zhou = w.secretary("浦东流动").await;
    w.passes(TimeDelta::days(1)).await;
    chen.sees_off(&stay, "onward").await.is("left");
    w.runs_jobs().await;
    assert_eq!(subjects(&li, "stay_ended").await.len(), 1);
    li.moves_on(&kite, "310115", "浦东流动").await.is("away");
    let offer = zhou.only_incoming("offered").await;
    zhou.answers(&offer, "accept").await.is("accepted");
    li.sees(&kite).await;
    w.runs_jobs().await;
}

async fn an_origin_that_knows_of_no_journey_is_told_too(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let origin = json!({ "code": w.county().place("三塘村").code });
    let found = chen.finds_from("驻沪", visitor("张伟"), origin).await;
    let stay = Stay::of(&found);
    chen.asks_origin(&stay).await.is("verifying");
    let question = li.only_incoming("asked").await;
    li.answers(&question, "confirm").await.is("confirmed");
    chen.admits(&stay, "浦东流动").await.is("admitted");
    w.passes(TimeDelta::days(1)).await;
    chen.sees_off(&stay, "onward").await.is("left");
    w.runs_jobs().await;
    assert_eq!(
        subjects(&li, "stay_ended").await,
        ["张伟同志已离开驻沪流动党员联合党委"]
    );
}

async fn of_an_origin_elsewhere_the_host_says_how_it_searched(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let stay = Stay::of(&zhou.finds("雅周镇", visitor("张伟")).await);
    zhou.calls_origin(&stay).await.is("verified");
    zhou.admits(&stay, "王垛村").await.is("admitted").allows(&["leave"]);
    zhou.asks_where(&stay).await.is_refused("transition_refused");
    let silent = json!({ "left_on": w.today(), "next": "unknown" });
    let silent = zhou.tells(&stay.path(), "leave", &silent).await;
    silent.is_refused("not_yet").names_fault("", "search_not_told");
    zhou.sees_off(&stay, "unknown").await.is("left");
    w.runs_jobs().await;
}
