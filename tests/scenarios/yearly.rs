//! The yearly tables (流动党员情况): sums that add up, and a list behind each count.

use std::path::PathBuf;
use std::{env, fs, io};

use calamine::{Data, Range, Reader, Xlsx};
use chrono::TimeDelta;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::{Value, json};

stories![
    rows_and_columns_add_up_and_each_count_has_its_list,
    what_a_host_says_of_people_from_elsewhere_is_counted,
    the_workbook_has_the_layout_of_the_form,
    people_are_named_only_to_who_pulls_rosters,
    small_counts_of_the_year_are_hidden,
    a_year_that_is_over_stays_what_it_was,
];

fn of(w: &World, place: &str, more: &str) -> String {
    format!(
        "/v1/statistics/yearly?organisation_id={}{more}",
        w.county().place(place).id
    )
}

/// Unit, former occupation, destination.
const GONE: [(&str, &str, &str); 8] = [
    ("private_enterprise", "farmer", "310115"),
    ("private_enterprise", "farmer", "110105"),
    ("talent_centre", "lawyer", "320583"),
    ("public_institution", "accountant", "320583"),
    ("unknown", "other", "320685"),
    ("foreign", "skilled_worker", "440305"),
    ("", "", "310101"),
    ("self_employed", "", "320612"),
];

/// Members who have gone out in all directions, and people who have come in.
async fn a_year(w: &World, office: &Person) {
    let host = w.secretary("驻沪").await;
    for (at, (unit, occupation, division)) in GONE.iter().enumerate() {
        let member = w.member(&format!("党员{at}")).of("三塘村").await;
        let mut destination = to(division);
        if !unit.is_empty() {
            destination["unit"] = json!(unit);
        }
        let mut notice = office.plans(&member, destination);
        if !occupation.is_empty() {
            notice = notice.with("former_occupation", json!(occupation));
        }
        let notice = if *division == "310115" {
            notice.hosted_by("驻沪")
        } else {
            notice
        };
        let kite = notice.leaving("2027-01-11").await;
        office.departs(&kite).await.is("away");
        if at % 2 == 0 {
            office.certifies(&kite).await.is("valid");
        }
    }
    let offer = host.only_incoming("offered").await;
    let taken = host.answers(&offer, "accept").await;
    let stay = Stay {
        id: taken
            .succeeded()
            .body()
            .pointer("/stay/id")
            .and_then(Value::as_str)
            .unwrap()
            .to_owned(),
    };
    office.admits(&stay, "浦东临时").await.is("admitted");
    for name in ["钱多", "吴远"] {
        let stay = Stay::of(&office.finds("驻沪", visitor(name)).await);
        office.calls_origin(&stay).await.is("verified");
        office.admits(&stay, "浦东临时").await.is("admitted");
    }
}

/// The count of a cell.
#[track_caller]
fn count(yearly: &Answer, table: &str, row: &str, column: &str) -> Value {
    let find = |list: &Value, field: &str, wanted: &str| {
        let mut found = list.as_array().unwrap().iter().filter(|one| one[field] == wanted);
        found.next().unwrap_or_else(|| panic!("no {wanted} in {list}")).clone()
    };
    let table = find(&yearly.succeeded()["tables"], "table", table);
    find(&find(&table["rows"], "row", row)["cells"], "column", column)["value"].clone()
}

/// Columns add up in each row, and the list of a count has as many people; how many lists there were.
async fn lists_that_fit(office: &Person, yearly: &Answer) -> usize {
    let mut lists = 0;
    for table in yearly["tables"].as_array().unwrap() {
        for row in table["rows"].as_array().unwrap() {
            let cells = row["cells"].as_array().unwrap();
            let units = cells.iter().skip(4).filter(|cell| cell["within"].is_null());
            let sum: u64 = units.map(|cell| cell["value"].as_u64().unwrap()).sum();
            assert_eq!(json!(sum), cells[0]["value"], "{row}");
            for cell in cells {
                let list = cell["list"].as_str().unwrap();
                // Of a column without anybody one list is enough.
                if cell["value"] != 0 || row["row"] == "total" {
                    let people = office.get(&format!("{list}&limit=500")).await.items().len();
                    assert_eq!(cell["value"], json!(people), "{list}");
                    lists += 1;
                }
            }
        }
    }
    lists
}

async fn rows_and_columns_add_up_and_each_count_has_its_list(w: World) {
    w.leaves_work_undone();
    let office = w.office("海安").await;
    a_year(&w, &office).await;
    let yearly = office.get(&of(&w, "海安", "")).await;
    for (row, column, people) in [
        ("total", "total", 8),
        ("total", "cross_province", 4),
        ("total", "cross_prefecture", 2),
        ("total", "certified", 4),
        ("farmer", "private_enterprise", 2),
        ("total", "public_institution", 2),
        ("total", "talent_centre", 1),
        ("total", "public", 2),
        ("total", "non_public", 3),
        ("farmer", "non_public", 2),
        ("intermediary", "total", 2),
        ("lawyer", "talent_centre", 1),
        ("unrecorded", "unrecorded", 1),
        ("other", "unknown", 1),
    ] {
        assert_eq!(
            count(&yearly, "outflow", row, column),
            json!(people),
            "{row} {column}: {yearly}"
        );
    }
    assert_eq!(count(&yearly, "inflow", "total", "total"), json!(3));
    assert_eq!(count(&yearly, "inflow", "farmer", "private_enterprise"), json!(1));
    // Two of them by what their own branch is called.
    assert_eq!(count(&yearly, "inflow", "total", "cross_province"), json!(3));
    yearly.has("receiving_branches", 1).has("in_mobile_organisations", 3);
    assert_eq!(
        (
            &yearly["managing"][0]["from_other_provinces"],
            &yearly["managing"][0]["from_unknown"]
        ),
        (&json!(3), &json!(0)),
        "{yearly}"
    );
    assert!(lists_that_fit(&office, &yearly).await > 50);
    let before = office.get(&of(&w, "海安", "&year=2025")).await;
    assert_eq!(count(&before, "outflow", "total", "total"), json!(0));
    office
        .get(&of(&w, "海安", "&year=2099"))
        .await
        .names_fault("?year", "period_future");
    office
        .get(&of(&w, "海安", "&year=-528"))
        .await
        .names_fault("?year", "too_small");
}

/// Nobody here knows their journey: what the host asks them is all that the tables have.
async fn what_a_host_says_of_people_from_elsewhere_is_counted(w: World) {
    w.leaves_work_undone();
    let office = w.office("海安").await;
    let finds = async |name: &str, origin: &str, more: Value| {
        let mut body = json!({
            "host_organisation_id": w.county().place("三塘村").id, "person": visitor(name), "origin": { "name": origin },
            "arrived_on": w.today(),
        });
        let said = more.as_object().unwrap().clone();
        body.as_object_mut().unwrap().extend(said);
        office.post("/v1/magnet/stays", &body).await
    };
    let farmer = json!({ "unit": "private_enterprise", "former_occupation": "farmer" });
    let qian = finds("钱多", "四川省达州市某村党支部", farmer).await;
    qian.has("origin_division_code", "511700")
        .has("unit", "private_enterprise")
        .has("former_occupation", "farmer");
    let wu = finds("吴远", "某公司党支部", json!({})).await;
    wu.has("origin_division_code", Value::Null).has("unit", Value::Null);
    let nowhere = json!({ "origin_division_code": "999999" });
    finds("郑南", "某村党支部", nowhere)
        .await
        .names_fault("/origin_division_code", "unknown_division");
    let neighbour = json!({ "origin_division_code": "320583", "unit": "village" });
    let zheng = finds("郑南", "四川人开的公司党支部", neighbour).await;
    zheng.has("origin_division_code", "320583");
    for found in [&qian, &wu, &zheng] {
        let stay = Stay::of(found);
        office.calls_origin(&stay).await.is("verified");
        office.admits(&stay, "三塘村").await.is("admitted");
    }
    let yearly = office.get(&of(&w, "海安", "")).await;
    for (row, column, people) in [
        ("total", "total", 3),
        ("total", "cross_province", 1),
        ("total", "cross_prefecture", 1),
        ("farmer", "private_enterprise", 1),
        ("unrecorded", "village", 1),
        ("unrecorded", "unrecorded", 1),
    ] {
        assert_eq!(
            count(&yearly, "inflow", row, column),
            json!(people),
            "{row} {column}: {yearly}"
        );
    }
    lists_that_fit(&office, &yearly).await;
    let roster = office.get("/v1/rosters/inbound?division=51").await;
    let names: Vec<_> = roster.items().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["钱多"]);

    what_comes_out_later_is_added(&w, &office, &Stay::of(&wu)).await;
}

/// And can be taken back again.
async fn what_comes_out_later_is_added(w: &World, office: &Person, wu: &Stay) {
    let of_wu = format!("/v1/magnet/stays/{}", wu.id);
    let later = json!({ "origin_division_code": "440305", "unit": "self_employed", "former_occupation": "lawyer" });
    office
        .corrects(&of_wu, &later)
        .await
        .has("former_occupation", "lawyer")
        .has("origin_division_code", "440305");
    let yearly = office.get(&of(w, "海安", "")).await;
    assert_eq!(count(&yearly, "inflow", "lawyer", "self_employed"), json!(1));
    assert_eq!(count(&yearly, "inflow", "total", "cross_province"), json!(2));
    office
        .corrects(&of_wu, &json!({ "unit": null }))
        .await
        .has("unit", Value::Null)
        .has("former_occupation", "lawyer");
}

fn book(answer: &Answer) -> Xlsx<io::Cursor<Vec<u8>>> {
    Xlsx::new(io::Cursor::new(answer.succeeded().bytes().to_vec())).unwrap()
}

fn row(book: &mut Xlsx<io::Cursor<Vec<u8>>>, sheet: &str, row: usize) -> Vec<String> {
    let range = book.worksheet_range(sheet).unwrap();
    let cells = range.rows().nth(row).unwrap_or_default();
    cells.iter().map(Data::to_string).collect()
}

/// Each with its total, and how many of them were farmers.
fn kinds_of_unit_go_down_the_side(range: &Range<Data>) {
    let lines: Vec<[String; 3]> = range
        .rows()
        .skip(4)
        .take(22)
        .map(|cells| [0, 1, 4].map(|at| cells[at].to_string()))
        .collect();
    for (at, (label, total, farmers)) in [
        ("总计", 8, 2),
        ("跨省（区、市）流动", 4, 2),
        ("省（区、市）内跨市（地）流动", 2, 0),
        ("持有流动党员活动证", 4, 1),
        ("公有经济控制单位", 2, 0),
        ("　机关", 0, 0),
        ("　事业单位", 2, 0),
        ("　　其中：人才/劳动服务中心", 1, 0),
        ("　港澳台商投资企业", 0, 0),
        ("　外商投资企业", 0, 0),
        ("非公有经济控制单位", 3, 2),
        ("　民办非企业单位", 0, 0),
        ("　私营企业", 2, 2),
        ("　港澳台商投资企业", 0, 0),
        ("　外商投资企业", 1, 0),
        ("个体工商户", 1, 0),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(lines[at], [label.to_owned(), total.to_string(), farmers.to_string()]);
    }
}

async fn the_workbook_has_the_layout_of_the_form(w: World) {
    w.leaves_work_undone();
    let office = w.office("海安").await;
    a_year(&w, &office).await;
    let file = office.get(&of(&w, "海安", "&format=xlsx&people=true")).await;
    if let Some(kept) = env::var_os("KITELINE_KEEP_PAPERS") {
        fs::write(PathBuf::from(kept).join("yearly.xlsx"), file.bytes()).unwrap();
    }
    let mut book = book(&file);
    assert_eq!(
        book.sheet_names(),
        [
            "流动党员情况（一）",
            "流动党员情况（二）",
            "管理外来流入党员的党组织",
            "名单对照",
            "流出名单",
            "流入名单"
        ]
    );
    let outflow = "流动党员情况（一）";
    assert_eq!(row(&mut book, outflow, 0)[0], outflow);
    let (above, head) = (row(&mut book, outflow, 2), row(&mut book, outflow, 3));
    assert_eq!(
        [
            above[0].as_str(),
            above[1].as_str(),
            above[2].as_str(),
            head[4].as_str()
        ],
        ["外出流向", "总计", "原职业", "农牧渔民"]
    );
    kinds_of_unit_go_down_the_side(&book.worksheet_range(outflow).unwrap());
    let below = |book: &mut Xlsx<_>, sheet: &str, label: &str| {
        let range = book.worksheet_range(sheet).unwrap();
        let found = range.rows().find(|cells| cells[0].to_string().trim() == label);
        found.unwrap_or_else(|| panic!("no {label}"))[1].to_string()
    };
    for (level, centres) in [("县（市、区）级", "1"), ("乡镇", "0"), ("街道", "0"), ("建制村", "0")] {
        assert_eq!(below(&mut book, outflow, level), centres, "{level}");
    }
    assert_eq!(below(&mut book, "流动党员情况（二）", "总支部"), "0");
    let gone = book.worksheet_range("流出名单").unwrap();
    assert_eq!(gone.rows().count(), 9);
    let lists = book.worksheet_range("名单对照").unwrap();
    assert!(
        lists
            .rows()
            .any(|line| line[4].to_string().contains("/v1/rosters/outbound?"))
    );
    let noted = w
        .database()
        .lines("action || ' ' || detail", "audit where action = 'roster_exported'");
    assert_eq!(noted.len(), 2, "{noted:?}");
}

async fn people_are_named_only_to_who_pulls_rosters(w: World) {
    w.leaves_work_undone();
    let (office, auditor) = (w.office("海安").await, w.auditor().await);
    a_year(&w, &office).await;
    auditor
        .get(&of(&w, "海安", "&format=xlsx&people=true"))
        .await
        .is_refused("forbidden");
    let file = auditor.get(&of(&w, "海安", "&format=xlsx")).await;
    assert_eq!(book(&file).sheet_names().len(), 3, "no lists, no people");
    w.secretary("西场村")
        .await
        .get(&of(&w, "海安", ""))
        .await
        .is_refused("not_found");
    let without = office.get(&of(&w, "海安", "&format=xlsx")).await;
    assert_eq!(book(&without).sheet_names().len(), 4);
}

async fn small_counts_of_the_year_are_hidden(w: World) {
    w.leaves_work_undone();
    let (office, auditor) = (w.office("海安").await, w.auditor().await);
    a_year(&w, &office).await;
    let yearly = auditor.get(&of(&w, "海安", "")).await;
    yearly.has("suppressed", true);
    assert_eq!(count(&yearly, "outflow", "total", "total"), json!(8));
    assert_eq!(count(&yearly, "outflow", "farmer", "private_enterprise"), Value::Null);
    assert_eq!(count(&yearly, "outflow", "farmer", "village"), json!(0));
    assert!(!yearly.text().contains("/v1/rosters"), "{yearly}");
    assert_eq!(yearly["managing"][0]["secretary"], Value::Null);
    let mut book = book(&auditor.get(&of(&w, "海安", "&format=xlsx")).await);
    let cells: Vec<_> = (4..26)
        .flat_map(|line| row(&mut book, "流动党员情况（一）", line))
        .collect();
    assert!(cells.contains(&"不显示".to_owned()), "{cells:?}");
}

/// Whom the list of a count names, in their order.
async fn names(office: &Person, list: &str) -> Vec<String> {
    let people = office.get(list).await;
    let mut names: Vec<String> = people.items().iter().map(|one| said(&one["name"])).collect();
    names.sort();
    names
}

fn said(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Where members have gone, with how many, and whom the list of the count names where there is one.
async fn gone_to(w: &World, office: &Person, more: &str) -> Vec<(String, usize, Option<Vec<String>>)> {
    let path = format!(
        "/v1/statistics/flows?organisation_id={}&grain=city{more}",
        w.county().place("海安").id
    );
    let flows = office.get(&path).await;
    let mut found = Vec::new();
    for line in flows.succeeded()["lines"].as_array().unwrap() {
        let cell = &line["cells"][0];
        if line["total"] == false && cell["value"] != 0 {
            let people = match cell["list"].as_str() {
                Some(list) => Some(names(office, list).await),
                None => None,
            };
            let count = usize::try_from(cell["value"].as_u64().unwrap()).unwrap();
            found.push((said(&line["destination"]["name"]), count, people));
        }
    }
    found
}

/// Whom a cell of the yearly tables names.
async fn named(office: &Person, yearly: &Answer, table: &str, column: &str) -> Vec<String> {
    let tables = yearly["tables"].as_array().unwrap();
    let table = tables.iter().find(|one| one["table"] == table).unwrap();
    let total = table["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["row"] == "total");
    let cells = total.unwrap()["cells"].as_array().unwrap();
    let cell = cells.iter().find(|cell| cell["column"] == column).unwrap();
    let people = names(office, cell["list"].as_str().unwrap()).await;
    assert_eq!(cell["value"], json!(people.len()), "{column}");
    people
}

/// Three who left for Shanghai and Beijing: the first to a firm, whose branch has admitted the member; the second with a
/// certificate; the third with one on paper, for the one that was issued here was revoked.
async fn three_leave(w: &World, office: &Person) -> [Kite; 3] {
    let mut firm = to("310115");
    firm["unit"] = json!("private_enterprise");
    let (first, second, third) = (
        w.member("王芳").of("三塘村").await,
        w.member("李强").of("三塘村").await,
        w.member("赵敏").of("三塘村").await,
    );
    let hosted = office.plans(&first, firm).hosted_by("驻沪");
    let kites = [
        hosted.leaving("2027-01-11").await,
        office.plans(&second, to("310101")).leaving("2027-01-11").await,
        office.plans(&third, to("110105")).leaving("2027-01-11").await,
    ];
    for kite in &kites {
        office.departs(kite).await.is("away");
    }
    office.certifies(&kites[1]).await.is("valid");
    office.certifies(&kites[2]).await.is("valid");
    office.revokes(&kites[2]).await.is("revoked");
    let of_paper = json!({ "certificate_number": "苏流证0007" });
    office.corrects(&kites[2].path(), &of_paper).await.succeeded();
    let host = w.secretary("驻沪").await;
    let offer = host.only_incoming("offered").await;
    let taken = host.answers(&offer, "accept").await;
    let stay = taken.succeeded().body().pointer("/stay/id").map(said).unwrap();
    office.admits(&Stay { id: stay }, "浦东临时").await.is("admitted");
    kites
}

/// The tables are asked for in January, when members have gone on already: a year tells what held on its last day.
async fn a_year_that_is_over_stays_what_it_was(w: World) {
    w.leaves_work_undone();
    let office = w.office("海安").await;
    let [first, second, _] = three_leave(&w, &office).await;
    w.waits(TimeDelta::days(365));
    office.moves_on(&first, "320500", "浦东流动").await.is("away");
    office.certifies(&first).await.is("valid");
    office.revokes(&second).await.is("revoked");
    w.waits(TimeDelta::days(1));

    let (wang, li) = (["王芳"].as_slice(), ["李强"].as_slice());
    let then = [("北京市", &["赵敏"][..]), ("上海市", &["李强", "王芳"])];
    let now = [("北京市", &["赵敏"][..]), ("上海市", li), ("江苏省苏州市", wang)];
    let (of_then, of_now) = ("&from=2027-01-01&to=2027-12-31", "&from=2028-01-01");
    for (period, gone) in [(of_then, &then[..]), (of_now, &now[..])] {
        let by_organisation = gone_to(&w, &office, &format!("{period}&by=organisation")).await;
        assert_eq!(by_organisation, people(gone, true), "{period}");
        let by_division = gone_to(&w, &office, &format!("{period}&by=division")).await;
        assert_eq!(by_division, people(gone, false), "{period}");
    }
    let mut roster = Vec::new();
    for one in office
        .get(&format!("/v1/rosters/outbound?division=31&figure=on_journey{of_then}"))
        .await
        .items()
    {
        roster.push((said(&one["name"]), said(&one["division_code"])));
    }
    roster.sort();
    let (there, here) = ("310101".to_owned(), "310115".to_owned());
    assert_eq!(
        roster,
        [("李强".to_owned(), there), ("王芳".to_owned(), here)],
        "a list of then says where they were"
    );

    for (year, certified, across, firm) in [
        ("2027", &["李强", "赵敏"][..], 3, wang),
        ("2028", &["王芳", "赵敏"], 2, &[][..]),
    ] {
        let yearly = office.get(&of(&w, "海安", &format!("&year={year}"))).await;
        assert_eq!(
            named(&office, &yearly, "outflow", "certified").await,
            certified,
            "{year}"
        );
        assert_eq!(
            count(&yearly, "outflow", "total", "cross_province"),
            json!(across),
            "{year}"
        );
        assert_eq!(
            named(&office, &yearly, "outflow", "private_enterprise").await,
            firm,
            "{year}"
        );
        lists_that_fit(&office, &yearly).await;
    }
    let yearly = office.get(&of(&w, "海安", "&year=2027")).await;
    assert_eq!(named(&office, &yearly, "inflow", "private_enterprise").await, wang);
    assert_eq!(count(&yearly, "inflow", "total", "certified"), json!(0));
}

fn people(gone: &[(&str, &[&str])], named: bool) -> Vec<(String, usize, Option<Vec<String>>)> {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let one = |(place, names): &(&str, &[&str])| ((*place).to_owned(), names.len(), named.then(|| owned(names)));
    gone.iter().map(one).collect()
}
