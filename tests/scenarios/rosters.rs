//! Rosters: pages that add up to the list, files that a spreadsheet opens and that carry no trap.

use chrono::TimeDelta;
use domain::phone::Phone;
use kiteline_tests::kite::to;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::Value;

stories![
    the_outbound_roster_is_filtered,
    pages_add_up_to_the_list,
    a_file_opens_in_a_spreadsheet_and_carries_no_formula,
    who_is_overdue_stands_on_a_roster_of_its_own,
    what_is_no_filter_is_said,
];

async fn names(person: &Person, path: &str) -> Vec<String> {
    let answer = person.get(path).await;
    let name = |line: &Value| line["name"].as_str().unwrap_or_default().to_owned();
    answer.succeeded().items().iter().map(name).collect()
}

async fn the_outbound_roster_is_filtered(w: World) {
    let (office, li, qu) = (
        w.office("海安").await,
        w.secretary("三塘村").await,
        w.secretary("王垛村").await,
    );
    let (wang, zhao) = (w.member("王芳").of("三塘村").await, w.member("赵敏").of("王垛村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    qu.plans(&zhao, to("110105")).leaving("2027-02-22").await;
    let all = "/v1/rosters/outbound";
    assert_eq!(names(&office, all).await, ["王芳", "赵敏"]);
    for (filter, found) in [
        ("state=away", vec!["王芳"]),
        ("state=planned", vec!["赵敏"]),
        ("state=returned", vec![]),
        ("division=31", vec!["王芳"]),
        ("division=1101", vec!["赵敏"]),
        ("due_before=2027-02-11", vec!["王芳"]),
        ("due_after=2027-02-10", vec![]),
        ("name=%E6%95%8F", vec!["赵敏"]),
    ] {
        assert_eq!(names(&office, &format!("{all}?{filter}")).await, found, "{filter}");
    }
    assert_eq!(names(&li, all).await, ["王芳"]);
    let town = w.county().place("雅周镇").id;
    assert_eq!(names(&office, &format!("{all}?organisation_id={town}")).await, ["赵敏"]);
    let line = li.get(all).await.items()[0].clone();
    assert_eq!(
        (&line["state"], &line["organisation_path"]),
        (&"away".into(), &"/HA/QT/ST/".into())
    );
    assert_eq!(names(&office, "/v1/rosters/members").await, ["王芳", "赵敏"]);
}

async fn pages_add_up_to_the_list(w: World) {
    let office = w.office("海安").await;
    for (at, branch) in ["三塘村", "王垛村", "西场村", "三塘村", "王垛村"].iter().enumerate() {
        w.member(&format!("党员{at}")).of(branch).await;
    }
    let whole = names(&office, "/v1/rosters/members").await;
    assert_eq!(whole.len(), 5);
    let (mut paged, mut next) = (Vec::new(), Some("/v1/rosters/members?limit=2".to_owned()));
    while let Some(path) = next {
        let page = office.get(&path).await;
        paged.extend(
            page.items()
                .iter()
                .map(|line| line["name"].as_str().unwrap_or_default().to_owned()),
        );
        let link = page.header("link").map(|link| {
            link.trim_start_matches('<')
                .split('>')
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        assert_eq!(link.is_some(), page["next_cursor"].is_string());
        next = link;
    }
    assert_eq!(paged, whole);
}

async fn a_file_opens_in_a_spreadsheet_and_carries_no_formula(w: World) {
    let (office, auditor) = (w.office("海安").await, w.auditor().await);
    w.member("=HYPERLINK(\"x\")")
        .with(|facts| facts.phone = Phone::parse("19900001234").ok())
        .of("三塘村")
        .await;
    let file = office.get("/v1/rosters/members?format=csv").await;
    assert_eq!(file.succeeded().header("content-type"), Some("text/csv; charset=utf-8"));
    let text = file.text();
    assert!(text.starts_with("\u{feff}党员编号,姓名,性别,"), "{text}");
    assert!(
        text.contains("\"'=HYPERLINK(\"\"x\"\")\"") && text.contains("199****1234"),
        "{text}"
    );
    assert!(!text.contains("19900001234") && !text.contains("+86"), "{text}");
    let english = office
        .client()
        .await
        .reading("en")
        .get("/v1/rosters/members?format=csv")
        .await;
    assert!(english.text().starts_with("\u{feff}Member id,Name,"), "{english}");
    let columns = office.get("/v1/rosters/members/columns").await;
    assert_eq!(
        columns.items().len(),
        text.lines().next().unwrap_or_default().split(',').count()
    );
    auditor.get("/v1/rosters/members").await.is_refused("forbidden");
}

async fn who_is_overdue_stands_on_a_roster_of_its_own(w: World) {
    let (li, wang) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.has("next_checkin_due", "2027-02-10");
    w.passes(TimeDelta::days(30)).await;
    assert!(names(&li, "/v1/rosters/overdue").await.is_empty());
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(names(&li, "/v1/rosters/overdue").await, ["王芳"]);
    let file = li.get("/v1/rosters/overdue?format=csv").await;
    assert!(
        file.text().contains("上海市浦东新区") && file.text().contains(",是,"),
        "{file}"
    );
}

async fn what_is_no_filter_is_said(w: World) {
    let li = w.secretary("三塘村").await;
    let refused = li
        .get("/v1/rosters/inbound?due_before=2027-01-01&division=3&state=away")
        .await;
    refused
        .names_fault("?due_before", "not_a_filter")
        .names_fault("?division", "malformed");
    refused.names_fault("?state", "no_such_state");
    li.get("/v1/rosters/overdue?state=away")
        .await
        .names_fault("?state", "not_a_filter");
    li.get("/v1/rosters/everybody").await.is_refused("not_found");
    assert!(names(&li, "/v1/rosters/inbound").await.is_empty());
}
