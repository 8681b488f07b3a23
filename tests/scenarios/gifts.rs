//! Gifts (红色书包、生日贺卡): recorded once, corrected, taken back, and told to whoever got them.

use chrono::TimeDelta;
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};
use uuid::Uuid;

stories![
    a_card_and_a_satchel_on_a_political_birthday,
    what_was_recorded_wrongly_is_corrected_or_taken_back,
    a_visitor_is_given_something_by_the_host,
    what_is_given_on_a_political_birthday_is_the_organisations_choice,
];

/// Why there is something to give on political birthdays, and what of the call is known, as somebody's work list says.
async fn to_give(who: &Person) -> Vec<(String, Value)> {
    let list = who.get("/v1/worklist").await;
    let sections = list.succeeded()["sections"].as_array().unwrap().iter();
    let tasks = sections.filter(|section| section["kind"] == "card");
    let tasks = tasks.flat_map(|section| section["tasks"].as_array().unwrap());
    let one = |task: &Value| (task["why"].as_str().unwrap().to_owned(), task["act"]["body"].clone());
    tasks.map(one).collect()
}

async fn sentences(who: &Person) -> Vec<String> {
    to_give(who).await.into_iter().map(|(why, _)| why).collect()
}

async fn what_is_given_on_a_political_birthday_is_the_organisations_choice(w: World) {
    let (li, there) = (w.secretary("三塘村").await, w.secretary("王垛村").await);
    let (qutang, yazhou) = (w.office("曲塘镇").await, w.office("雅周镇").await);
    let wang = w.member("王芳").joined("1999-01-14").of("三塘村").await;
    let zhou = w.member("周平").joined("1997-01-13").of("三塘村").await;
    let wu = w.member("吴敏").joined("1999-01-14").of("王垛村").await;
    let card_of_wu = "1月14日是吴敏同志入党28周年，贺卡还没有登记";
    assert_eq!(sentences(&there).await, [card_of_wu], "a card, where nobody has chosen");

    let wrong = json!({ "gifts": [{ "occasion": "festival", "item": "red_satchel", "years": [10] }] });
    let refused = qutang.chooses_value("曲塘镇", "gift_occasions", &wrong).await;
    refused
        .is_refused("invalid")
        .names_fault("/gifts/0/years", "years_of_another_occasion");
    let tens = json!({ "gifts": [
        { "occasion": "political_birthday", "item": "card" },
        { "occasion": "political_birthday", "item": "red_satchel", "years": [10, 20, 30, 40, 50, 60, 70] },
    ] });
    qutang
        .chooses_value("曲塘镇", "gift_occasions", &tens)
        .await
        .succeeded();
    let nothing = yazhou
        .chooses_value("雅周镇", "gift_occasions", &json!({ "gifts": [] }))
        .await;
    assert_eq!(nothing.setting("gift_occasions")["gifts"], json!([]));
    assert_eq!(sentences(&there).await, [""; 0], "a town without birthday cards");

    let both = to_give(&li).await;
    assert_eq!(both[0].0, "1月13日是周平同志入党30周年，贺卡、红色书包还没有登记");
    assert_eq!(both[1].0, "1月14日是王芳同志入党28周年，贺卡还没有登记");
    li.post("/v1/gifts", &both[0].1).await.has("item", "card");
    let after = to_give(&li).await;
    assert_eq!(after[0].0, "1月13日是周平同志入党30周年，红色书包还没有登记");
    li.post("/v1/gifts", &after[0].1).await.has("item", "red_satchel");
    assert_eq!(sentences(&li).await, ["1月14日是王芳同志入党28周年，贺卡还没有登记"]);

    // Members are told what their own branch gives.
    w.passes(TimeDelta::days(4)).await;
    let told = async |who: &Person| {
        let inbox = who.get("/v1/me/inbox").await;
        let of = inbox.items().iter().find(|one| one["occasion"] == "political_birthday");
        of.unwrap()["body"].as_str().unwrap().to_owned()
    };
    assert!(told(&zhou).await.contains("支部为您准备了贺卡、红色书包"));
    assert!(told(&wang).await.contains("支部为您准备了贺卡，"));
    assert!(!told(&wu).await.contains("准备了"));
}

async fn a_card_and_a_satchel_on_a_political_birthday(w: World) {
    let (li, office) = (w.secretary("三塘村").await, w.office("海安").await);
    let wang = w.member("王芳").of("三塘村").await;
    let id = Uuid::now_v7();
    let card = json!({
        "id": id, "person_id": wang.member, "occasion": "political_birthday", "item": "card",
        "given_on": "2027-01-10", "note": "支部集体祝贺",
    });
    let given = li.post("/v1/gifts", &card).await;
    given
        .has("state", "given")
        .has("given_by", li.name.as_str())
        .has("item", "card");
    let again = li.post("/v1/gifts", &card).await;
    assert_eq!(again.body(), given.body(), "the same id is the same gift");
    let satchel = json!({
        "person_id": wang.member, "occasion": "political_birthday", "item": "red_satchel", "given_on": "2027-01-10",
        "given_by": "老党员陈伯",
    });
    li.post("/v1/gifts", &satchel).await.has("given_by", "老党员陈伯");
    assert_eq!(w.database().count("gifts"), 2);
    let twins = json!({
        "id": Uuid::now_v7(), "person_id": wang.member, "occasion": "festival", "item": "card", "given_on": "2027-01-09",
    });
    let (one, other) = tokio::join!(li.post("/v1/gifts", &twins), li.post("/v1/gifts", &twins));
    one.succeeded();
    assert_eq!(other.succeeded().body(), one.body(), "whichever was first");
    assert_eq!(w.database().count("gifts"), 3);
    assert_eq!(w.database().count("audit where action = 'gift_given'"), 3);

    let of_her = format!("/v1/gifts?person_id={}&from=2027-01-10&until=2027-01-10", wang.member);
    assert_eq!(office.get(&of_her).await.items().len(), 2);
    let later = office.get("/v1/gifts?from=2027-01-11").await;
    assert_eq!(later.items().len(), 0);
    let hers = wang.get("/v1/me/data").await;
    assert_eq!(hers["gifts"].as_array().unwrap().len(), 3);
    let timeline = wang.get("/v1/me/data").await["timeline"].to_string();
    assert!(timeline.contains("gift_given"), "{timeline}");

    let neighbour = w.secretary("西场村").await;
    assert_eq!(neighbour.get("/v1/gifts").await.items().len(), 0);
    neighbour
        .post("/v1/gifts", &satchel)
        .await
        .names_fault("/person_id", "unknown_person");
    neighbour.get(&format!("/v1/gifts/{id}")).await.is_refused("not_found");
    wang.get("/v1/gifts").await.is_refused("forbidden");
}

async fn what_was_recorded_wrongly_is_corrected_or_taken_back(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").of("三塘村").await;
    let gift = json!({
        "person_id": wang.member, "occasion": "festival", "item": "other", "given_on": "2027-01-12",
    });
    let refused = li.post("/v1/gifts", &gift).await;
    refused.names_fault("/name", "required");
    let gift = json!({
        "person_id": wang.member, "occasion": "festival", "item": "other", "name": "米和油", "given_on": "2027-01-12",
    });
    li.post("/v1/gifts", &gift)
        .await
        .names_fault("/given_on", "in_the_future");
    let gift = json!({
        "person_id": wang.member, "occasion": "festival", "item": "other", "name": "米和油", "given_on": "2027-01-10",
    });
    let given = li.post("/v1/gifts", &gift).await;
    let path = format!("/v1/gifts/{}", given.succeeded().string("id"));
    li.corrects(&path, &json!({ "item": "card" }))
        .await
        .names_fault("/name", "name_of_known_item");
    let corrected = li
        .corrects(
            &path,
            &json!({ "given_on": "2027-01-09", "occasion": "hardship", "note": "已入户" }),
        )
        .await;
    corrected
        .has("given_on", "2027-01-09")
        .has("occasion", "hardship")
        .has("name", "米和油")
        .has("version", 2);
    let back = li.tells(&path, "withdraw", &json!({ "reason": "重复登记" })).await;
    back.has("state", "withdrawn").has("reason", "重复登记");
    li.tells(&path, "withdraw", &json!({ "reason": "重复登记" }))
        .await
        .is_refused("transition_refused");
    li.corrects(&path, &json!({ "note": null }))
        .await
        .is_refused("transition_refused");
    assert_eq!(w.database().count("gifts"), 1, "it stays to be seen");
}

async fn a_visitor_is_given_something_by_the_host(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let stay = Stay::of(&zhou.finds("雅周镇", visitor("张伟")).await);
    let gift = json!({
        "person_id": Uuid::now_v7(), "occasion": "festival", "item": "red_satchel", "given_on": "2027-01-11",
    });
    let unknown = zhou.post("/v1/gifts", &gift).await;
    unknown.names_fault("/person_id", "unknown_person");
    zhou.calls_origin(&stay).await.is("verified");
    zhou.admits(&stay, "王垛村").await.is("admitted");
    let person = zhou.finds_served("王垛村", "张伟").await;
    let gift = json!({ "person_id": person, "occasion": "festival", "item": "red_satchel", "given_on": "2027-01-11" });
    let given = zhou.post("/v1/gifts", &gift).await;
    given.succeeded();
    assert_eq!(given["person"]["name"], "张伟");
    assert_eq!(given["organisation"]["name"], "雅周镇党委");
    let unit = w.county().place("王垛村").id;
    let of_unit = json!({
        "person_id": person, "occasion": "festival", "item": "card", "given_on": "2027-01-11", "organisation_id": unit,
    });
    let given = zhou.post("/v1/gifts", &of_unit).await;
    assert_eq!(given.succeeded()["organisation"]["name"], "王垛村党支部");
}
