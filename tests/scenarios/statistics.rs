//! Statistics: figures that agree with the lists behind them, pictures that speak.
mod care;
mod coverage;
mod small_cells;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{env, fs, io};

use calamine::{Data, Reader, Xlsx};
use chrono::{Datelike, TimeDelta};
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};

stories![
    a_county_is_counted_by_its_towns,
    figures_flows_and_rosters_agree,
    what_lags_is_shown_with_those_for_whom_it_is_left,
    table_csv_and_workbook_say_the_same,
    pictures_speak_both_languages_light_and_dark,
    flows_know_municipalities_and_what_is_abroad,
    a_period_that_is_none_is_refused,
];

/// What is kept to be looked at, with `KITELINE_KEEP_PAPERS=directory`.
fn keep(answer: &Answer, name: &str) {
    if let Some(kept) = env::var_os("KITELINE_KEEP_PAPERS") {
        fs::write(PathBuf::from(kept).join(name), answer.bytes()).unwrap();
    }
}

fn of(w: &World, statistic: &str, place: &str, more: &str) -> String {
    format!(
        "/v1/statistics/{statistic}?organisation_id={}{more}",
        w.county().place(place).id
    )
}

/// The cells of the line that `is` finds, by figure.
#[track_caller]
fn cells(answer: &Answer, is: impl Fn(&Value) -> bool) -> BTreeMap<String, Value> {
    let lines = answer.succeeded()["lines"].as_array().expect("lines");
    let line = lines.iter().find(|line| is(line));
    let line = line.unwrap_or_else(|| panic!("no such line: {answer}"));
    let cells = line["cells"].as_array().expect("cells").iter();
    let cell = |cell: &Value| {
        (
            cell["figure"].as_str().expect("a figure").to_owned(),
            cell["value"].clone(),
        )
    };
    cells.map(cell).collect()
}

fn is_total(line: &Value) -> bool {
    line["total"] == true
}

fn is_of(name: &str) -> impl Fn(&Value) -> bool {
    move |line| {
        line["organisation"]["name"]
            .as_str()
            .is_some_and(|one| one.starts_with(name))
    }
}

fn whole(answer: &Answer) -> BTreeMap<String, Value> {
    cells(answer, is_total)
}

/// How many people a roster lists, page by page.
async fn listed(by: &Person, list: &str) -> u64 {
    let (mut people, mut next) = (0, Some(format!("{list}&limit=2")));
    while let Some(path) = next {
        let page = by.get(&path).await;
        people += u64::try_from(page.items().len()).unwrap();
        let cursor = page["next_cursor"].as_str();
        next = cursor.map(|cursor| format!("{list}&limit=2&cursor={cursor}"));
    }
    people
}

async fn a_county_is_counted_by_its_towns(w: World) {
    let office = w.office("海安").await;
    let mut kites = Vec::new();
    for (name, branch) in [
        ("王芳", "三塘村"),
        ("李强", "三塘村"),
        ("赵敏", "西场村"),
        ("孙丽", "王垛村"),
    ] {
        let member = w.member(name).of(branch).await;
        let kite = office.plans(&member, to("310115")).leaving("2027-01-11").await;
        office.departs(&kite).await.is("away");
        kites.push(kite);
    }
    w.member("周杰").of("王垛村").await;
    let guest = Stay::of(&office.finds("浦东流动", visitor("钱多")).await);
    w.passes(TimeDelta::days(20)).await;
    office.returns(&kites[1]).await.is("returned");
    office.welcomes_home(&kites[2]).await.is("home_visit");
    let overview = office.get(&of(&w, "overview", "海安", "")).await;
    let total = whole(&overview);
    for (figure, count) in [
        ("members", 5),
        ("mobile", 3),
        ("away", 2),
        ("home_visit", 1),
        ("on_journey", 3),
        ("departures", 4),
        ("returns", 1),
        ("waiting", 1),
        ("arrivals", 1),
        ("staying", 0),
    ] {
        assert_eq!(total[figure], json!(count), "{figure}: {overview}");
    }
    let town = cells(&overview, is_of("曲塘镇"));
    assert_eq!((&town["members"], &town["returns"]), (&json!(3), &json!(1)));
    let host = cells(&overview, is_of("驻沪"));
    assert_eq!((&host["members"], &host["arrivals"]), (&json!(0), &json!(1)));
    // One level further down, and a branch, which has nothing below it.
    let town = office.get(&of(&w, "overview", "曲塘镇", "")).await;
    assert_eq!(cells(&town, is_of("三塘村"))["departures"], json!(2));
    let branch = office.get(&of(&w, "overview", "三塘村", "")).await;
    assert_eq!(branch["lines"].as_array().map(Vec::len), Some(2), "{branch}");
    assert_eq!(
        cells(&branch, |line| line["organisation"]["itself"] == true)["members"],
        json!(2)
    );
    office.looks_at(&guest).await.is("reported");
    let li = w.secretary("三塘村").await;
    li.get(&of(&w, "overview", "西场村", "")).await.is_refused("not_found");
    assert_eq!(
        whole(&li.get(&of(&w, "overview", "三塘村", "")).await)["members"],
        json!(2)
    );
}

/// A generator of lives, the same in each run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let at = self.roll(u64::try_from(of.len()).unwrap());
        &of[usize::try_from(at).unwrap()]
    }
}

const DESTINATIONS: [&str; 6] = ["310115", "310101", "110105", "320583", "320612", "320685"];

/// Somebody who gives notice of leaving, and mostly leaves.
async fn leaves(w: &World, office: &Person, dice: &mut Dice, name: &str) -> Option<Kite> {
    let branch = *dice.pick(&["三塘村", "西场村", "王垛村"]);
    let member = w.member(name).of(branch).await;
    let notice = office.plans(&member, to(dice.pick::<&str>(&DESTINATIONS)));
    let hosted = dice.roll(2) == 0;
    let notice = if hosted {
        notice.hosted_by("浦东流动")
    } else {
        notice
    };
    let kite = notice.leaving("2027-12-31").await;
    if dice.roll(3) == 0 {
        for item in office.sees(&kite).await["briefing"].as_array().unwrap() {
            office.briefs(&kite, item["item"].as_str().unwrap()).await.succeeded();
        }
    }
    if dice.roll(6) == 0 {
        return None;
    }
    office.departs(&kite).await.is("away");
    Some(kite)
}

/// Members who leave, report, come home and return as the dice fall; visitors who come and go.
async fn lives(w: &World, office: &Person, seed: u64, steps: u64) {
    let mut dice = Dice(seed);
    let mut open: Vec<Kite> = Vec::new();
    let mut here: Vec<(Stay, bool)> = Vec::new();
    for step in 0..steps {
        match dice.roll(9) {
            0..=2 => open.extend(leaves(w, office, &mut dice, &format!("党员{seed}之{step}")).await),
            3 if !open.is_empty() => {
                let kite = dice.pick(&open).clone();
                if office.sees(&kite).await["state"] == "away" {
                    office.records_call(&kite).await.succeeded();
                }
            }
            4 if !open.is_empty() => {
                let kite = dice.pick(&open).clone();
                match office.sees(&kite).await["state"].as_str() {
                    Some("away") => office.welcomes_home(&kite).await.is("home_visit"),
                    _ => office.departs_again(&kite).await.is("away"),
                };
            }
            5 if !open.is_empty() => {
                let at = usize::try_from(dice.roll(u64::try_from(open.len()).unwrap())).unwrap();
                office.returns(&open.remove(at)).await.is("returned");
            }
            6 => {
                let stay = Stay::of(&office.finds("驻沪", visitor(&format!("来客{seed}之{step}"))).await);
                let admitted = dice.roll(2) == 0;
                if admitted {
                    office.calls_origin(&stay).await.is("verified");
                    office.admits(&stay, "浦东临时").await.is("admitted");
                }
                here.push((stay, admitted));
            }
            7 if !here.is_empty() => {
                let at = usize::try_from(dice.roll(u64::try_from(here.len()).unwrap())).unwrap();
                if here[at].1 {
                    office.sees_off(&here.remove(at).0, "home").await.is("left");
                }
            }
            _ => {
                let days = i64::try_from(dice.roll(40)).unwrap();
                w.waits(TimeDelta::days(days));
            }
        }
    }
    let offers = w.secretary("浦东流动").await;
    for offer in offers.incoming("offered").await.iter().step_by(2) {
        offers.answers(offer, "accept").await.is("accepted");
    }
}

/// Every cell that has a list has as many people as the list.
async fn every_cell_has_its_list(office: &Person, statistic: &Answer) -> usize {
    let mut seen = 0;
    for line in statistic.succeeded()["lines"].as_array().expect("lines") {
        for cell in line["cells"].as_array().expect("cells") {
            let Some(list) = cell["list"].as_str() else { continue };
            let people = listed(office, list).await;
            assert_eq!(cell["value"], json!(people), "{list}");
            seen += 1;
        }
    }
    seen
}

/// What is missing of a share is the rest, and those lists have as many people.
async fn what_is_missing_has_its_list(office: &Person, coverage: &Answer) {
    let lines = coverage["lines"].as_array().unwrap();
    let line = lines.iter().find(|line| is_total(line)).unwrap()["cells"]
        .as_array()
        .unwrap();
    let figures = coverage["figures"].as_array().unwrap();
    for (figure, cell) in figures.iter().zip(line).filter(|(figure, _)| figure["of"].is_string()) {
        let of = line.iter().find(|one| one["figure"] == figure["of"]).unwrap();
        let Some(list) = cell["list"].as_str() else { continue };
        let missing = listed(office, &format!("{list}&missing=true")).await;
        assert_eq!(
            of["value"].as_u64().unwrap() - cell["value"].as_u64().unwrap(),
            missing,
            "{figure}"
        );
    }
}

async fn figures_flows_and_rosters_agree(w: World) {
    w.leaves_work_undone();
    let office = w.office("海安").await;
    lives(&w, &office, 7, 45).await;
    lives(&w, &office, 20_271_126, 45).await;
    let from = format!("&from={}-01-01", w.today().year() - 1);
    let overview = office.get(&of(&w, "overview", "海安", &from)).await;
    let total = whole(&overview);
    assert!(every_cell_has_its_list(&office, &overview).await > 40);
    let coverage = office.get(&of(&w, "coverage", "海安", &from)).await;
    assert!(every_cell_has_its_list(&office, &coverage).await > 40);
    what_is_missing_has_its_list(&office, &coverage).await;
    assert_eq!(total["mobile"], total["on_journey"]);
    for grain in ["province", "city", "county"] {
        for by in ["division", "organisation"] {
            let flows = office
                .get(&of(&w, "flows", "海安", &format!("{from}&grain={grain}&by={by}")))
                .await;
            let sums = whole(&flows);
            assert_eq!(sums["on_journey"], total["on_journey"], "{grain} {by}");
            assert_eq!(sums["departures"], total["departures"], "{grain} {by}");
            if by == "organisation" {
                assert!(every_cell_has_its_list(&office, &flows).await > 4);
            }
        }
    }
    let trend = office.get(&of(&w, "trend", "海安", &from)).await;
    every_cell_has_its_list(&office, &trend).await;
    let months = trend["lines"].as_array().unwrap().iter().filter(|line| is_total(line));
    let months: Vec<_> = months.collect();
    let of_month = |line: &Value, figure: &str| {
        let cells = line["cells"].as_array().unwrap();
        cells.iter().find(|cell| cell["figure"] == figure).unwrap()["value"]
            .as_u64()
            .unwrap()
    };
    for figure in ["departures", "returns", "arrivals", "leavings"] {
        let sum: u64 = months.iter().map(|line| of_month(line, figure)).sum();
        assert_eq!(json!(sum), total[figure], "{figure}");
    }
    for figure in ["on_journey", "staying"] {
        assert_eq!(
            json!(of_month(months.last().unwrap(), figure)),
            total[figure],
            "{figure}"
        );
    }
}

async fn what_lags_is_shown_with_those_for_whom_it_is_left(w: World) {
    let office = w.office("海安").await;
    let mut kites = Vec::new();
    for (name, branch) in [("王芳", "三塘村"), ("李强", "三塘村"), ("赵敏", "王垛村")] {
        let member = w.member(name).of(branch).await;
        let kite = office.plans(&member, to("310115")).leaving("2027-01-11").await;
        office.departs(&kite).await.is("away");
        kites.push(kite);
    }
    w.passes(TimeDelta::days(25)).await;
    office.records_call(&kites[2]).await.succeeded();
    w.passes(TimeDelta::days(10)).await;
    let behind = office.get(&of(&w, "behind", "海安", "")).await;
    let lines = behind.succeeded()["lines"].as_array().unwrap();
    let late: Vec<_> = lines.iter().filter(|line| line["figure"] == "on_time").collect();
    assert_eq!(late.len(), 1, "{behind}");
    assert_eq!(
        (&late[0]["organisation"]["name"], &late[0]["of"], &late[0]["missing"]),
        (&json!("曲塘镇党委"), &json!(2), &json!(2))
    );
    let list = office.get(late[0]["list"].as_str().unwrap()).await;
    let names: Vec<_> = list.items().iter().map(|line| line["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["王芳", "李强"]);
    let csv = office.get(&of(&w, "behind", "海安", "&format=csv")).await;
    assert!(
        csv.text().contains("按时联系（人）,曲塘镇党委,2,0,2,0.0%,33.3%"),
        "{}",
        csv.text()
    );
}

fn texts(answer: &Answer, sheet: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = Xlsx::new(io::Cursor::new(answer.succeeded().bytes().to_vec())).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    let cell = |cell: &Data| match cell {
        Data::Float(number) => number.to_string(),
        other => other.to_string(),
    };
    range.rows().map(|row| row.iter().map(cell).collect()).collect()
}

async fn table_csv_and_workbook_say_the_same(w: World) {
    w.leaves_work_undone();
    let office = w.office("海安").await;
    lives(&w, &office, 99, 30).await;
    for statistic in ["overview", "flows", "trend", "coverage"] {
        let path = of(&w, statistic, "海安", "");
        let json = office.get(&path).await;
        let csv = office.get(&format!("{path}&format=csv")).await;
        let book = office.get(&format!("{path}&format=xlsx")).await;
        keep(&book, &format!("{statistic}.xlsx"));
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        let mut reader = csv::Reader::from_reader(csv.text().trim_start_matches('\u{feff}').as_bytes());
        let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        let table = texts(&book, "统计表");
        assert_eq!(table[1], heads, "{statistic}");
        let lines = json["lines"].as_array().unwrap();
        assert_eq!((lines.len(), lines.len() + 2), (rows.len(), table.len()), "{statistic}");
        for ((line, row), cells) in lines.iter().zip(&rows).zip(&table[2..]) {
            let counts = line["cells"]
                .as_array()
                .unwrap()
                .iter()
                .map(|cell| cell["value"].as_u64().unwrap().to_string());
            let labels = json["figures"]
                .as_array()
                .unwrap()
                .iter()
                .map(|figure| figure["label"].as_str().unwrap());
            for (label, count) in labels.zip(counts) {
                let at = heads
                    .iter()
                    .position(|head| head.starts_with(&format!("{label}（")))
                    .unwrap();
                assert_eq!(
                    (row.get(at), cells[at].as_str()),
                    (Some(count.as_str()), count.as_str()),
                    "{label}"
                );
            }
        }
        // A chart that Excel draws itself.
        let bytes = book.bytes();
        assert!(
            bytes.windows(20).any(|part| part == b"xl/charts/chart1.xml"),
            "{statistic}"
        );
    }
    what_is_behind_says_the_same(&w, &office).await;
    let english = office.client().await.reading("en");
    let csv = english.get(&of(&w, "coverage", "海安", "&format=csv")).await;
    assert!(
        csv.text().contains("In contact on time (people),In contact on time %"),
        "{}",
        csv.text()
    );
}

/// Line by line: of what, who, and how much of it is left.
async fn what_is_behind_says_the_same(w: &World, office: &Person) {
    let path = of(w, "behind", "海安", "");
    let json = office.get(&path).await;
    let csv = office.get(&format!("{path}&format=csv")).await;
    let book = office.get(&format!("{path}&format=xlsx")).await;
    keep(&book, "behind.xlsx");
    let mut reader = csv::Reader::from_reader(csv.text().trim_start_matches('\u{feff}').as_bytes());
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let table = texts(&book, "统计表");
    assert_eq!(table[1], heads);
    assert_eq!(heads[..5], ["工作", "组织", "应完成", "已完成", "未完成"]);
    let lines = json["lines"].as_array().unwrap();
    assert!(!lines.is_empty(), "{json}");
    assert_eq!((lines.len(), lines.len() + 2), (rows.len(), table.len()));
    for ((line, row), cells) in lines.iter().zip(&rows).zip(&table[2..]) {
        let figures = json["figures"].as_array().unwrap();
        let figure = figures.iter().find(|one| one["figure"] == line["figure"]).unwrap();
        let told = [
            figure["label"].as_str().unwrap().to_owned(),
            line["organisation"]["name"].as_str().unwrap().to_owned(),
            line["of"].to_string(),
            line["done"].to_string(),
            line["missing"].to_string(),
        ];
        assert!(
            row[0].starts_with(&format!("{}（", told[0])) && cells[0] == row[0],
            "{row:?}"
        );
        for (at, told) in told.iter().enumerate().skip(1) {
            assert_eq!((&row[at], &cells[at]), (told.as_str(), told), "{line}");
        }
    }
    assert!(book.bytes().windows(20).any(|part| part == b"xl/charts/chart1.xml"));
}

async fn pictures_speak_both_languages_light_and_dark(w: World) {
    w.leaves_work_undone();
    let office = w.office("海安").await;
    lives(&w, &office, 2027, 60).await;
    for statistic in ["overview", "flows", "trend", "coverage", "behind"] {
        for language in ["zh-CN", "en"] {
            let reader = office.client().await.reading(language);
            for theme in ["light", "dark"] {
                let svg = reader
                    .get(&of(&w, &format!("{statistic}.svg"), "海安", &format!("&theme={theme}")))
                    .await;
                assert_eq!(svg.succeeded().header("content-type"), Some("image/svg+xml"));
                assert_eq!(svg.header("content-language"), Some(language));
                keep(&svg, &format!("{statistic}-{language}-{theme}.svg"));
                let text = svg.text();
                for part in [
                    "role=\"img\"",
                    "<title>",
                    "<desc>",
                    "Noto Sans CJK SC",
                    "海安市委组织部",
                ] {
                    assert!(text.contains(part), "{part}: {text}");
                }
                assert!(!text.contains("Kiteline Han"), "{text}");
            }
        }
    }
}

async fn flows_know_municipalities_and_what_is_abroad(w: World) {
    let office = w.office("海安").await;
    let away = [
        to("310115"),
        to("310101"),
        to("320583"),
        json!({ "country": "日本", "place": "大阪" }),
    ];
    for (at, destination) in away.into_iter().enumerate() {
        let member = w.member(&format!("党员{at}")).of("三塘村").await;
        let kite = office.plans(&member, destination).leaving("2027-01-11").await;
        office.departs(&kite).await.is("away");
    }
    let to = |flows: &Answer| {
        let lines = flows.succeeded()["lines"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| !is_total(line));
        let pair = |line: &Value| {
            let to = line["destination"]["name"].as_str().unwrap_or_default().to_owned();
            (to, line["cells"][0]["value"].as_u64().unwrap())
        };
        lines.map(pair).collect::<Vec<_>>()
    };
    let flows = office.get(&of(&w, "flows", "海安", "&grain=city")).await;
    let name = |(name, people): (&str, u64)| (name.to_owned(), people);
    assert_eq!(
        to(&flows),
        [("上海市", 2), ("江苏省苏州市", 1), ("出国（境）", 1)].map(name)
    );
    let line = &flows["lines"][0];
    assert_eq!(
        (&line["origin"]["name"], &line["destination"]["division_code"]),
        (&json!("江苏省南通市"), &json!("310000"))
    );
    let by_town = office.get(&of(&w, "flows", "海安", "&by=organisation")).await;
    assert_eq!(
        every_cell_has_its_list(&office, &by_town).await,
        8,
        "abroad and the total, too"
    );
    let counties = office.get(&of(&w, "flows", "海安", "&grain=county")).await;
    assert_eq!(to(&counties).len(), 4);
    let provinces = office.get(&of(&w, "flows", "海安", "&grain=province")).await;
    assert_eq!(
        to(&provinces),
        [("上海市", 2), ("江苏省", 1), ("出国（境）", 1)].map(name)
    );
}

async fn a_period_that_is_none_is_refused(w: World) {
    let office = w.office("海安").await;
    let refused = office
        .get(&of(&w, "overview", "海安", "&from=2027-02-02&to=2027-02-01"))
        .await;
    refused.names_fault("?to", "period_backwards");
    let refused = office.get(&of(&w, "trend.svg", "海安", "&from=2001-02-02")).await;
    refused.names_fault("?from", "span_too_long");
    let refused = office
        .get(&of(&w, "flows", "海安", "&from=2050-01-01&to=2051-01-01"))
        .await;
    refused.names_fault("?from", "period_future");
    // Days cut out of one another would tell what happened on one of them.
    let auditor = w.auditor().await;
    let days = auditor
        .get(&of(&w, "overview", "海安", "&from=2026-12-02&to=2027-01-10"))
        .await;
    days.names_fault("?from", "not_whole_months")
        .names_fault("?to", "not_whole_months");
    assert!(days.text().contains("2026-12-01"), "{days}");
    auditor
        .get(&of(&w, "flows.svg", "海安", "&from=2026-12-01&to=2026-12-30"))
        .await
        .names_fault("?to", "not_whole_months");
    auditor
        .get(&of(&w, "trend", "海安", "&from=2026-12-01&to=2027-01-31"))
        .await
        .has("to", w.today().to_string());
    office
        .get(&of(&w, "overview", "海安", "&from=2026-12-02&to=2027-01-10"))
        .await
        .succeeded();
    let cut = office.get(&of(&w, "overview", "海安", "&to=2099-12-31")).await;
    cut.has("to", w.today().to_string());
    let list = office
        .get("/v1/rosters/inbound?figure=away&missing=true&to=2020-01-01")
        .await;
    list.names_fault("?figure", "not_a_filter")
        .names_fault("?missing", "not_a_filter");
    office
        .get("/v1/rosters/outbound?missing=true&itself=true")
        .await
        .names_fault("?missing", "not_a_filter");
}
