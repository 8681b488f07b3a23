//! Political birthdays (政治生日) that are kept together, and what people write about them.

use chrono::TimeDelta;
use domain::codes::Standing;
use kiteline_tests::contract::Contract;
use kiteline_tests::gatherings::Gathering;
use kiteline_tests::magnet::Stay;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};

stories![
    a_month_and_place_are_listed_and_kept_together,
    what_somebody_writes_is_shown_only_if_she_wants,
];

async fn celebrated(secretary: &Person, place: &str, month: u8) -> Vec<(String, i64, String)> {
    let id = secretary_place(secretary, place).await;
    let page = secretary
        .get(&format!(
            "/v1/political-birthdays?organisation_id={id}&month={month}&limit=500"
        ))
        .await;
    let line = |one: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&one["member"]["name"]),
            one["years"].as_i64().unwrap(),
            text(&one["belonging"]),
        )
    };
    page.succeeded().items().iter().map(line).collect()
}

async fn secretary_place(person: &Person, place: &str) -> String {
    let found = person.get("/v1/organisations?limit=500").await;
    let mut all = found.items().iter();
    let one = all
        .find(|one| one["name"].as_str().unwrap().starts_with(place))
        .unwrap();
    one["id"].as_str().unwrap().to_owned()
}

async fn a_month_and_place_are_listed_and_kept_together(w: World) {
    let (chen, office) = (w.secretary("驻沪").await, w.office("海安").await);
    let wang = w.member("王芳").joined("1992-01-20").of("三塘村").await;
    let shen = w.member("沈敏").joined("2006-01-30").of("浦东临时").await;
    let _by_month = w.member("赵云").joined("1998.01").of("浦东临时").await;
    let _other_month = w.member("周明").joined("2006-02-01").of("浦东临时").await;
    let _this_year = w.member("钱进").joined("2027-01-05").of("浦东临时").await;
    let _gone = w
        .member("陆强")
        .joined("1980-01-20")
        .standing(Standing::Left)
        .of("浦东临时")
        .await;
    let stay = Stay::of(&wang.arrives_at("驻沪").await);
    chen.calls_origin(&stay).await.is("verified");
    assert_eq!(
        celebrated(&chen, "驻沪", 1).await,
        [("沈敏", 21), ("赵云", 29)].map(|(name, years)| (name.to_owned(), years, "local".to_owned())),
        "also of whom the month alone is known"
    );
    chen.admits(&stay, "浦东临时").await.is("admitted");
    let mut listed = celebrated(&chen, "驻沪", 1).await;
    listed.sort();
    let expected = [("沈敏", 21, "local"), ("王芳", 35, "admitted"), ("赵云", 29, "local")];
    assert_eq!(
        listed,
        expected.map(|(name, years, how)| (name.to_owned(), years, how.to_owned()))
    );
    let whole = celebrated(&office, "海安", 1).await;
    assert_eq!(whole.len(), 3, "above both she is listed once: {whole:?}");
    let place = w.county().place("驻沪").id;
    for (query, pointer, code) in [("month=0", "?month", "too_small"), ("month=13", "?month", "too_big")] {
        let refused = chen
            .get(&format!("/v1/political-birthdays?organisation_id={place}&{query}"))
            .await;
        refused.is_refused("invalid").names_fault(pointer, code);
    }
    let li = w.secretary("三塘村").await;
    li.get(&format!("/v1/political-birthdays?organisation_id={place}&month=1"))
        .await
        .is_refused("not_found");

    from_the_list_to_the_gathering(&w, &chen, (&wang, &shen)).await;
}

/// One step, for exactly those on the list.
async fn from_the_list_to_the_gathering(w: &World, chen: &Person, (wang, shen): (&Person, &Person)) {
    let place = w.county().place("驻沪").id;
    let together = json!({
        "organisation_id": place, "months": [1], "place": "浦东流动党员工作站",
        "starts_at": "2027-01-20T06:00:00Z", "ends_at": "2027-01-20T08:00:00Z",
    });
    let mut twice = together.clone();
    twice["months"] = json!([1, 2, 1]);
    chen.post("/v1/political-birthdays", &twice)
        .await
        .names_fault("/months/2", "item_twice");
    let made = chen.post("/v1/political-birthdays", &together).await;
    made.is("planned")
        .has("kind", "collective_birthday")
        .has("title", "1月集体政治生日")
        .has("learning_minutes", 0);
    let party = Gathering::of(&made);
    let lines = [("沈敏", "invited"), ("王芳", "invited"), ("赵云", "invited")]
        .map(|(name, state)| (name.to_owned(), state.to_owned()));
    assert_eq!(chen.list_of(&party).await, lines, "exactly those on the list");
    w.runs_jobs().await;
    let inbox = wang.get("/v1/me/inbox").await;
    assert!(inbox.items().iter().any(|one| one["occasion"] == "gathering_invited"));
    let page = chen
        .get(&format!("/v1/political-birthdays?organisation_id={place}&month=1"))
        .await;
    assert!(
        page.items().iter().all(|one| one["gathering_id"] == party.id.as_str()),
        "{page}"
    );
    assert!(page.items().iter().all(|one| one["given"] == json!([])), "{page}");
    what_was_given_is_on_the_list(w, chen, (wang, shen)).await;
    let known = |one: &Value| one["joined_day_known"] == (one["member"]["name"] != "赵云");
    assert!(page.items().iter().all(known), "{page}");

    w.passes("2027-01-20T06:10:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap() - w.now())
        .await;
    let code = chen.shows_code(&party).await;
    shen.scans(&party, &code).await.succeeded();
    w.passes(TimeDelta::hours(2)).await;
    chen.closes(&party).await.is("held");
    assert_eq!(
        chen.get("/v1/make-ups").await.items().len(),
        0,
        "a birthday is not made up"
    );
    w.runs_jobs().await;
}

/// What either side gave on the occasion in this year: not on another occasion, last year, or by mistake.
async fn what_was_given_is_on_the_list(w: &World, chen: &Person, (wang, shen): (&Person, &Person)) {
    let gives = async |by: &Person, to: &Person, (occasion, item, day): (&str, &str, &str)| {
        let gift = json!({ "person_id": to.member, "occasion": occasion, "item": item, "given_on": day });
        by.post("/v1/gifts", &gift).await.succeeded().string("id").to_owned()
    };
    let li = w.secretary("三塘村").await;
    gives(chen, wang, ("political_birthday", "card", "2027-01-11")).await;
    gives(&li, wang, ("political_birthday", "red_satchel", "2027-01-01")).await;
    gives(chen, wang, ("festival", "card", "2027-01-11")).await;
    gives(chen, shen, ("political_birthday", "card", "2026-12-31")).await;
    let wrong = gives(chen, shen, ("political_birthday", "red_satchel", "2027-01-11")).await;
    let back = json!({ "reason": "登记错人" });
    chen.tells(&format!("/v1/gifts/{wrong}"), "withdraw", &back)
        .await
        .is("withdrawn");
    let place = w.county().place("驻沪").id;
    let page = chen
        .get(&format!("/v1/political-birthdays?organisation_id={place}&month=1"))
        .await;
    let line = |one: &Value| (one["member"]["name"].as_str().unwrap().to_owned(), one["given"].clone());
    let mut listed: Vec<_> = page.items().iter().map(line).collect();
    listed.sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [
        ("沈敏", json!([])),
        ("王芳", json!(["card", "red_satchel"])),
        ("赵云", json!([])),
    ];
    assert_eq!(listed, expected.map(|(name, given)| (name.to_owned(), given)), "{page}");
}

/// Whether any answer that somebody may read holds a text.
async fn finds(w: &World, reader: &Person, party: &Gathering, text: &str) -> Vec<String> {
    let client = reader.client().await;
    let mut found = Vec::new();
    for (method, template, _) in Contract::ours().operations() {
        let known = !template.contains('{') || template.starts_with("/v1/gatherings/{id}");
        if method != "get" || !known || !template.starts_with("/v1/") {
            continue;
        }
        let path = template.replace("{id}", &party.id);
        let place = w.county().place("三塘村").id;
        for query in [
            "?limit=500".to_owned(),
            format!("?organisation_id={place}&month=1"),
            String::new(),
        ] {
            let answer = client.call(Method::GET, &format!("{path}{query}")).send().await;
            if answer.text().contains(text) {
                found.push(template.to_owned());
            }
        }
    }
    found.dedup();
    found
}

async fn what_somebody_writes_is_shown_only_if_she_wants(w: World) {
    let li = w.secretary("三塘村").await;
    let wang = w.member("王芳").joined("1992-01-20").of("三塘村").await;
    let together = json!({
        "organisation_id": w.county().place("三塘村").id, "months": [1], "place": "党群服务中心",
        "starts_at": "2027-01-20T06:00:00Z", "ends_at": "2027-01-20T08:00:00Z",
    });
    let party = Gathering::of(&li.post("/v1/political-birthdays", &together).await);
    w.runs_jobs().await;
    let said = "三十五年前的那个下午我记得很清楚";
    let path = format!("{}/reflection", party.own());
    let writes = async |shared: bool| {
        let call = wang.client().await.call(Method::PUT, &path);
        call.body(&json!({ "text": said, "shared": shared })).send().await
    };
    let own = writes(false).await;
    assert_eq!(
        (&own["reflection"]["text"], &own["reflection"]["shared"]),
        (&json!(said), &json!(false))
    );
    let office = w.office("海安").await;
    for reader in [&li, &office, &w.auditor().await] {
        assert_eq!(finds(&w, reader, &party, said).await, Vec::<String>::new());
    }
    let column = "gathering_reflections";
    assert_eq!(w.database().count(column), 1);
    assert!(wang.get("/v1/me/data").await.text().contains(said));

    writes(true).await.succeeded();
    let shared = li.get(&format!("{}/reflections", party.path())).await;
    assert_eq!(
        (&shared.items()[0]["name"], &shared.items()[0]["text"]),
        (&json!("王芳"), &json!(said))
    );
    assert_eq!(finds(&w, &li, &party, said).await, ["/v1/gatherings/{id}/reflections"]);
    writes(false).await.succeeded();
    assert_eq!(li.get(&format!("{}/reflections", party.path())).await.items().len(), 0);
    let gone = wang.client().await.call(Method::DELETE, &path).send().await;
    assert_eq!(gone.status(), 204);
    assert_eq!(w.database().count(column), 0, "nothing of it stays");
    let nobody = w.member("沈敏").of("三塘村").await;
    let call = nobody.client().await.call(Method::PUT, &path);
    let refused = call.body(&json!({ "text": said, "shared": true })).send().await;
    refused.is_refused("not_found");
    w.runs_jobs().await;
}
