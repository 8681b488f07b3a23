//! Small cells: who may not read people's records finds none of one or two, in one table or by holding several against each
//! other.

use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};

use super::{cells, is_of, of, whole};

stories![
    small_cells_are_hidden_from_who_may_not_read_records,
    neither_a_sister_nor_the_one_above_tells_what_is_hidden,
    what_a_town_cannot_show_the_county_does_not_show,
    months_do_not_tell_what_is_hidden_of_one,
];

async fn small_cells_are_hidden_from_who_may_not_read_records(w: World) {
    let (office, auditor, administrator) = (w.office("海安").await, w.auditor().await, w.administrator().await);
    for (at, branch) in [
        "三塘村",
        "三塘村",
        "三塘村",
        "三塘村",
        "西场村",
        "王垛村",
        "王垛村",
        "王垛村",
    ]
    .iter()
    .enumerate()
    {
        w.member(&format!("党员{at}")).of(branch).await;
    }
    let path = of(&w, "overview", "曲塘镇", "");
    let seen = office.get(&path).await;
    assert_eq!(
        (&seen["suppressed"], &whole(&seen)["members"]),
        (&json!(false), &json!(5))
    );
    assert_eq!(cells(&seen, is_of("西场村"))["members"], json!(1));
    for who in [&auditor, &administrator] {
        let hidden = who.get(&path).await;
        hidden.has("suppressed", true);
        // One in 西场村; 三塘村 goes with it, for the total would tell.
        assert_eq!(cells(&hidden, is_of("西场村"))["members"], Value::Null);
        assert_eq!(cells(&hidden, is_of("三塘村"))["members"], Value::Null);
        assert_eq!(whole(&hidden)["members"], json!(5));
        assert_eq!(whole(&hidden)["away"], json!(0), "nobody is nobody in particular");
        assert!(!hidden.text().contains("/v1/rosters"), "{hidden}");
        let csv = who.get(&format!("{path}&format=csv")).await;
        let line = csv.text().lines().find(|line| line.starts_with("西场村")).unwrap();
        assert!(line.starts_with("西场村党支部,不显示,0,0,"), "{line}");
        // The same people are no list to them.
        who.get("/v1/rosters/members?figure=members")
            .await
            .is_refused("forbidden");
    }
    let town = auditor.get(&of(&w, "overview", "海安", "")).await;
    assert_eq!(cells(&town, is_of("雅周镇"))["members"], json!(3));
    let whole_county = whole(&town);
    assert_eq!(whole_county["members"], json!(8));
    let svg = auditor.get(&of(&w, "overview.svg", "曲塘镇", "")).await;
    assert!(svg.text().contains("不足3人的单元格"), "{}", svg.text());
    // A secretary reads records of the own branch only.
    let mixed = w.secretary("三塘村").await;
    w.gives(&mixed, domain::access::Role::Auditor, "曲塘镇").await;
    mixed.get(&path).await.has("suppressed", true);
    mixed
        .get(&of(&w, "overview", "三塘村", ""))
        .await
        .has("suppressed", false);
    w.member("路人")
        .of("三塘村")
        .await
        .get(&path)
        .await
        .is_refused("forbidden");
}

/// So many members of a branch leave for Shanghai.
async fn leave(w: &World, office: &Person, branch: &str, names: &[&str]) -> Vec<Kite> {
    let mut kites = Vec::new();
    for name in names {
        let member = w.member(name).of(branch).await;
        let kite = office.plans(&member, to("310115")).leaving("2027-01-11").await;
        office.departs(&kite).await.is("away");
        kites.push(kite);
    }
    kites
}

async fn neither_a_sister_nor_the_one_above_tells_what_is_hidden(w: World) {
    let (office, auditor) = (w.office("海安").await, w.auditor().await);
    leave(&w, &office, "三塘村", &["党员甲", "党员乙", "党员丙", "党员丁"]).await;
    leave(&w, &office, "西场村", &["党员戊"]).await;
    leave(&w, &office, "王垛村", &["党员己", "党员庚", "党员辛"]).await;
    // The town's five are shown: if the four were, the one would be told.
    let seen = |statistic: &'static str, place: &'static str, more: &'static str| {
        let path = of(&w, statistic, place, more);
        let auditor = &auditor;
        async move { auditor.get(&path).await }
    };
    for (statistic, more, figures) in [
        (
            "overview",
            "",
            &["members", "mobile", "away", "on_journey", "departures"][..],
        ),
        ("coverage", "", &["away", "on_time", "departures"]),
        ("trend", "", &["on_journey", "departures"]),
        ("flows", "&by=division", &["on_journey", "departures"]),
        ("flows", "&by=organisation&grain=county", &["on_journey", "departures"]),
    ] {
        let town = whole(&seen(statistic, "曲塘镇", more).await);
        let branches = [
            whole(&seen(statistic, "三塘村", more).await),
            whole(&seen(statistic, "西场村", more).await),
        ];
        for figure in figures {
            assert_eq!(town[*figure], json!(5), "{statistic}{more} {figure}");
            for branch in &branches {
                assert_eq!(branch[*figure], Value::Null, "{statistic}{more} {figure}");
            }
        }
        let sister = whole(&seen(statistic, "雅周镇", more).await);
        assert_eq!(sister[figures[0]], json!(3), "{statistic}: nothing is hidden above");
    }
    let total = |yearly: &Answer| yearly.succeeded()["tables"][0]["rows"][0]["cells"][0]["value"].clone();
    assert_eq!(total(&seen("yearly", "曲塘镇", "").await), json!(5));
    assert_eq!(total(&seen("yearly", "三塘村", "").await), Value::Null);
    assert_eq!(total(&seen("yearly", "王垛村", "").await), json!(3));
    // Who reads records there sees them.
    let li = w.secretary("三塘村").await;
    assert_eq!(
        whole(&li.get(&of(&w, "overview", "三塘村", "")).await)["away"],
        json!(4)
    );
}

async fn what_a_town_cannot_show_the_county_does_not_show(w: World) {
    w.leaves_work_undone();
    let (office, auditor) = (w.office("海安").await, w.auditor().await);
    let here = leave(&w, &office, "三塘村", &["党员甲", "党员乙", "党员丙", "党员丁"]).await;
    leave(&w, &office, "西场村", &["党员戊", "党员己", "党员庚"]).await;
    w.waits(TimeDelta::days(25));
    for kite in &here[..3] {
        office.records_call(kite).await.succeeded();
    }
    w.waits(TimeDelta::days(10));
    let seen = office.get(&of(&w, "coverage", "海安", "")).await;
    assert_eq!(cells(&seen, is_of("曲塘镇"))["on_time"], json!(3), "{seen}");
    // One of 三塘村 is late, and nobody else is on time: the town's three would tell it.
    let town = auditor.get(&of(&w, "coverage", "曲塘镇", "")).await;
    assert_eq!(whole(&town)["on_time"], Value::Null, "{town}");
    let county = auditor.get(&of(&w, "coverage", "海安", "")).await;
    assert_eq!(cells(&county, is_of("曲塘镇"))["on_time"], Value::Null, "{county}");
    assert_eq!(cells(&county, is_of("曲塘镇"))["away"], json!(7), "{county}");
}

async fn months_do_not_tell_what_is_hidden_of_one(w: World) {
    w.leaves_work_undone();
    let (office, auditor) = (w.office("海安").await, w.auditor().await);
    leave(&w, &office, "三塘村", &["党员甲", "党员乙", "党员丙", "党员丁"]).await;
    leave(&w, &office, "王垛村", &["党员己", "党员庚", "党员辛"]).await;
    w.waits(TimeDelta::days(30));
    for name in ["党员壬", "党员癸", "党员子", "党员丑"] {
        let branch = if name == "党员壬" { "三塘村" } else { "王垛村" };
        let member = w.member(name).of(branch).await;
        let kite = office.plans(&member, to("310115")).leaving("2027-02-10").await;
        office.departs(&kite).await.is("away");
    }
    let trend = auditor.get(&of(&w, "trend", "海安", "")).await;
    let of_month = |month: &'static str| {
        let town = is_of("曲塘镇");
        cells(&trend, move |line| line["month"] == month && town(line))
    };
    // One left in February: January's four would tell it, for the year's five are in the overview; and so would the
    // four who were away when January ended.
    assert_eq!(of_month("2027-02")["departures"], Value::Null, "{trend}");
    assert_eq!(of_month("2027-01")["departures"], Value::Null, "{trend}");
    assert_eq!(of_month("2027-01")["on_journey"], Value::Null, "{trend}");
}
