//! Hand-overs (对接): two organisations speak about one member.

use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::Stay;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;

stories![
    a_handover_is_declined_and_offered_again,
    two_answer_at_once_and_the_slower_is_told_who,
    the_origin_takes_an_offer_back,
    naming_another_host_takes_the_first_offer_back,
    an_offer_finds_the_stay_that_the_member_reported,
    a_third_organisation_sees_no_handover,
];

/// A member of 三塘村 who has left for Shanghai, where the host is known.
async fn departure(w: &World, li: &Person) -> (Person, Kite) {
    let wang = w.member("王芳").of("三塘村").await;
    let kite = li
        .plans(&wang, to("310115"))
        .hosted_by("驻沪")
        .leaving("2027-01-11")
        .await;
    li.departs(&kite).await.is("away");
    (wang, kite)
}

async fn a_handover_is_declined_and_offered_again(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let (_, kite) = departure(&w, &li).await;
    let offer = chen.only_incoming("offered").await;
    let seen = chen.reads(&offer).await;
    seen.is("offered")
        .allows(&["accept", "decline"])
        .has("due_on", "2027-01-21");
    assert_eq!(seen["person"]["name"], "王芳");
    assert_eq!(seen["journey"]["division_code"], "310115");
    li.reads(&offer).await.is("offered").allows(&["withdraw"]);

    chen.answers(&offer, "decline")
        .await
        .is("declined")
        .allows(&[])
        .has("reason", "本人未到本地");
    w.runs_jobs().await;
    let told = li.reads(&offer).await;
    told.is("declined")
        .has("reason", "本人未到本地")
        .has("answered_by", chen.name.as_str());

    let again = li.offers(&kite, "驻沪").await;
    again.is("offered");
    assert_ne!(again.string("id"), offer.id);
    assert_eq!(
        li.offers(&kite, "驻沪").await.string("id"),
        again.string("id"),
        "an open offer is not doubled"
    );
    let second = chen.only_incoming("offered").await;
    let taken = chen.answers(&second, "accept").await;
    taken.is("accepted");
    assert_eq!(taken["stay"]["state"], "verified");
    w.runs_jobs().await;
    let told = li.timeline(&kite).await;
    let conversation: Vec<_> = told.iter().filter(|event| event.starts_with("handover_")).collect();
    assert_eq!(
        conversation,
        [
            "handover_offered",
            "handover_declined",
            "handover_offered",
            "handover_accepted"
        ]
    );
}

async fn two_answer_at_once_and_the_slower_is_told_who(w: World) {
    let li = w.secretary("三塘村").await;
    let (chen, ding) = (w.secretary("驻沪").await, w.office("驻沪").await);
    departure(&w, &li).await;
    let offer = chen.only_incoming("offered").await;
    // Both are logged in before they answer, so that they answer at the same moment.
    let (_, _) = (chen.client().await, ding.client().await);
    let (accepted, declined) = tokio::join!(
        chen.answers_unseen(&offer, "accept"),
        ding.answers_unseen(&offer, "decline")
    );
    let (winner, loser) = if accepted.status() == 200 {
        (&chen, &declined)
    } else {
        (&ding, &accepted)
    };
    loser.is_refused("transition_refused").allows(&[]);
    assert_eq!(loser.status(), 409);
    assert!(loser.string("detail").contains(&winner.name), "{loser}");
    let seen = li.reads(&offer).await;
    seen.has("answered_by", winner.name.as_str());
    w.runs_jobs().await;
}

async fn the_origin_takes_an_offer_back(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    departure(&w, &li).await;
    let offer = chen.only_incoming("offered").await;
    chen.answers(&offer, "withdraw").await.is_refused("forbidden");
    li.answers(&offer, "withdraw").await.is("withdrawn").allows(&[]);
    chen.answers(&offer, "accept").await.is_refused("transition_refused");
    assert!(chen.incoming("offered").await.is_empty());
    w.runs_jobs().await;
}

async fn naming_another_host_takes_the_first_offer_back(w: World) {
    let (li, chen, zhou) = (
        w.secretary("三塘村").await,
        w.secretary("驻沪").await,
        w.secretary("雅周镇").await,
    );
    let (_, kite) = departure(&w, &li).await;
    let first = chen.only_incoming("offered").await;
    li.names_host(&kite, "雅周镇").await.is("away");
    li.reads(&first).await.is("withdrawn");
    zhou.only_incoming("offered").await;
    w.runs_jobs().await;
    li.returns(&kite).await.is("returned");
    assert!(
        zhou.incoming("offered").await.is_empty(),
        "nobody is asked about a member who is back"
    );
    w.runs_jobs().await;
}

async fn an_offer_finds_the_stay_that_the_member_reported(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let (wang, _) = departure(&w, &li).await;
    let stay = Stay::of(&wang.arrives_at("驻沪").await);
    chen.asks_origin(&stay).await.is("verifying");
    let offer = chen.only_incoming("offered").await;
    let taken = chen.answers(&offer, "accept").await;
    assert_eq!(taken.is("accepted")["stay"]["id"], stay.id);
    chen.looks_at(&stay).await.is("verified");
    assert!(
        li.incoming("asked").await.is_empty(),
        "the question has become needless"
    );
    w.runs_jobs().await;
}

async fn a_third_organisation_sees_no_handover(w: World) {
    let (li, zhou) = (w.secretary("三塘村").await, w.secretary("雅周镇").await);
    departure(&w, &li).await;
    let offer = w.secretary("驻沪").await.only_incoming("offered").await;
    zhou.reads(&offer).await.is_refused("not_found");
    zhou.answers_unseen(&offer, "accept").await.is_refused("not_found");
    assert!(zhou.incoming("offered").await.is_empty());
    w.runs_jobs().await;
}
