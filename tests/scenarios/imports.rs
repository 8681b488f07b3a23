//! Spreadsheets as an office hands them in: looked at, committed, handed in again; and those that are not its own.

use std::collections::BTreeMap;

use domain::identity::IdentityNumber;
use domain::phone::Phone;
use kiteline_tests::client::Answer;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use persistence::members::Facts;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

stories![
    the_countys_three_spreadsheets_are_taken_over_once,
    an_import_is_settled_once,
    an_import_stays_inside_the_own_branches,
    a_surveyed_member_is_shown_as_declared_until_verified,
    what_is_no_spreadsheet_is_said,
    the_inbound_register_becomes_the_inbound_roster,
    what_the_register_says_of_before_is_taken_over,
];

const ORGANISATIONS: &[u8] = include_bytes!("../../api/data/haian/organisations-haian.csv");
const MEMBERS: &[u8] = include_bytes!("../../api/data/haian/members-haian.xlsx");
const OUTBOUND: &[u8] = include_bytes!("../../api/data/haian/outbound-haian.xlsx");
const INBOUND: &[u8] = include_bytes!("../../api/data/haian/inbound-haian.csv");

/// A form as a browser sends it.
fn form(kind: &str, organisation: &str, name: &str, file: impl Into<Vec<u8>>) -> Form {
    let file = Part::bytes(file.into()).file_name(name.to_owned());
    Form::new()
        .text("kind", kind.to_owned())
        .text("organisation_id", organisation.to_owned())
        .part("file", file)
}

async fn sends(person: &Person, form: Form) -> Answer {
    let client = person.client().await;
    client.call(Method::POST, "/v1/imports").form(form).send().await
}

/// Hands a file in and only looks.
async fn tries(person: &Person, kind: &str, organisation: &str, file: &[u8]) -> Answer {
    sends(person, form(kind, organisation, "登记表", file)).await
}

/// Commits or discards an import, looks at it.
async fn settles(person: &Person, import: &Answer, verb: &str) -> Answer {
    let path = format!("/v1/imports/{}/{verb}", import.string("id"));
    person.client().await.call(Method::POST, &path).send().await
}

/// Says how many rows became something new, changed something, said what is known, were refused.
#[track_caller]
fn counts(answer: &Answer, wanted: [usize; 4]) {
    let found = ["created", "changed", "unchanged", "refused"].map(|count| answer.succeeded()[count].as_u64());
    let wanted = wanted.map(|count| u64::try_from(count).ok());
    assert_eq!(found, wanted, "{answer}");
}

fn faults(answer: &Answer) -> &[Value] {
    answer.succeeded()["faults"].as_array().map_or(&[], Vec::as_slice)
}

fn fault(answer: &Answer, row: u64) -> &Value {
    let mut found = faults(answer).iter().filter(|fault| fault["row"] == row);
    found
        .next()
        .unwrap_or_else(|| panic!("no fault in row {row} of {answer}"))
}

/// The id of the organisation with this code.
async fn organisation(person: &Person, code: &str) -> String {
    let found = person.get(&format!("/v1/organisations?code={code}")).await;
    found.items()[0]["id"].as_str().unwrap_or_default().to_owned()
}

/// Hai'an's own tree below the county's office, by the administrator; the id of its root.
async fn plants_the_tree(w: &World) -> String {
    let (administrator, top) = (w.administrator().await, w.county().place("海安市委").id.to_string());
    let tree = tries(&administrator, "organisations", &top, ORGANISATIONS).await;
    counts(&tree, [275, 0, 0, 0]);
    counts(&settles(&administrator, &tree, "commit").await, [275, 0, 0, 0]);
    let again = form("organisations", &top, "组织.csv", ORGANISATIONS).text("dry_run", "false");
    counts(&sends(&administrator, again).await, [0, 0, 275, 0]);
    tries(&administrator, "members", &top, MEMBERS)
        .await
        .is_refused("forbidden");
    organisation(&administrator, "320685").await
}

/// How much the county holds.
fn holdings(w: &World) -> Vec<i64> {
    let tables = [
        "organisations",
        "members",
        "journeys",
        "visitors",
        "stays",
        "timeline",
        "outbox",
        "handovers",
    ];
    tables.iter().map(|table| w.database().count(table)).collect()
}

async fn the_countys_three_spreadsheets_are_taken_over_once(w: World) {
    let (root, office) = (plants_the_tree(&w).await, w.office("海安市委").await);
    let files = [
        ("members", MEMBERS, 2868, 0),
        ("outbound", OUTBOUND, 738, 26),
        ("inbound", INBOUND, 180, 0),
    ];
    for (kind, file, taken, refused) in files {
        let before = holdings(&w);
        let looked = tries(&office, kind, &root, file).await;
        counts(
            looked.is("checked").allows(&["commit", "discard"]),
            [taken, 0, 0, refused],
        );
        assert_eq!(holdings(&w), before, "a dry run of {kind} writes nothing");
        let committed = settles(&office, &looked, "commit").await;
        counts(committed.is("committed").allows(&[]), [taken, 0, 0, refused]);
        assert_eq!(committed["faults"], looked["faults"], "{kind}");
        if kind == "outbound" {
            has_the_planted_defects(&looked);
        }
    }
    let held = holdings(&w);
    assert_eq!(held[1..5], [2868, 738, 180, 180]);
    for (kind, file, taken, refused) in files {
        let again = form(kind, &root, "再次导入.xlsx", file).text("dry_run", "false");
        counts(sends(&office, again).await.is("committed"), [0, 0, taken, refused]);
    }
    assert_eq!(holdings(&w), held, "the same files again change nothing");
    let twice = "(select member_id from journeys where state in ('planned', 'away', 'home_visit') \
        group by member_id having count(*) > 1) twice";
    assert_eq!(w.database().count(twice), 0, "one open journey a person");
    assert_eq!(
        w.database().count("imports where file_sealed is not null"),
        0,
        "files are forgotten"
    );
    w.delivers().await;
}

#[track_caller]
fn has_the_planted_defects(report: &Answer) {
    report.has("data_rows", 764);
    let mut tally = BTreeMap::new();
    for fault in faults(report) {
        *tally.entry(fault["code"].as_str().unwrap_or_default()).or_insert(0) += 1;
        let said = |field: &str| fault[field].as_str().is_some_and(|text| !text.is_empty());
        assert!(said("column") && said("reason_zh") && said("reason_en"), "{fault}");
        assert!(said("value") || fault["code"] == "identity_missing", "{fault}");
    }
    let planted = [
        ("identity_checksum", 6),
        ("identity_missing", 2),
        ("organisation_unknown", 8),
        ("phone_too_short", 1),
        ("repeated", 8),
        ("return_before_departure", 1),
    ];
    assert_eq!(tally, BTreeMap::from(planted));
    for (row, column, value, zh, en) in [
        (
            12,
            "所在党支部",
            "不存在的村党支部",
            "没有找到这个党组织",
            "no organisation of this name",
        ),
        (13, "身份证号", "320600199007161660", "校验位不符", "check"),
        (683, "预计返回时间", "20261112", "返回时间早于外出时间", "before"),
        (761, "身份证号", "320600197301213237", "与第 718 行重复", "718"),
    ] {
        let fault = fault(report, row);
        assert_eq!((&fault["column"], &fault["value"]), (&column.into(), &value.into()));
        let says = |field: &str, text: &str| fault[field].as_str().is_some_and(|said| said.contains(text));
        assert!(says("reason_zh", zh) && says("reason_en", en), "{fault}");
    }
}

/// A well-formed identity number of nobody, born on a day (`19900716`).
fn identity(day: &str, turn: u32) -> String {
    let body = format!("320600{day}{turn:03}");
    let whole = "0123456789X".chars().map(|check| format!("{body}{check}"));
    let mut valid = whole.filter(|number| IdentityNumber::parse(number).is_ok());
    valid.next().unwrap_or_else(|| panic!("no check digit for {body}"))
}

fn members(lines: &[(&str, &str, &str)]) -> Vec<u8> {
    let rows = lines
        .iter()
        .map(|(name, identity, branch)| format!("{name},{identity},{branch}\n"));
    format!("姓名,身份证号,所在党支部\n{}", rows.collect::<String>()).into_bytes()
}

async fn an_import_is_settled_once(w: World) {
    let (li, qu) = (w.secretary("三塘村").await, w.secretary("王垛村").await);
    let here = w.county().place("三塘村").id.to_string();
    let file = members(&[("王芳", &identity("19900716", 101), "三塘村党支部")]);
    let import = tries(&li, "members", &here, &file).await;
    let path = format!("/v1/imports/{}", import.string("id"));
    for verb in ["commit", "discard"] {
        settles(&qu, &import, verb).await.is_refused("not_found");
    }
    qu.get(&path).await.is_refused("not_found");
    tries(&qu, "members", &here, &file).await.is_refused("not_found");
    let wang = w.member("王小芳").of("三塘村").await;
    wang.get(&path).await.is_refused("forbidden");

    settles(&li, &import, "commit").await.is("committed");
    for verb in ["commit", "discard"] {
        let refused = settles(&li, &import, verb).await;
        assert_eq!(refused.is_refused("transition_refused").status(), 409);
    }
    li.get(&path).await.is("committed").has("created", 1);
    let next = tries(&li, "members", &here, &file).await;
    counts(&next, [0, 0, 1, 0]);
    settles(&li, &next, "discard").await.is("discarded").allows(&[]);
    for verb in ["commit", "discard"] {
        let refused = settles(&li, &next, verb).await;
        assert_eq!(refused.is_refused("transition_refused").status(), 409);
    }
    assert_eq!(w.database().count("members"), 2);
    assert_eq!(w.database().count("audit where action like 'import%'"), 2);
}

/// The fault in a row without what the row itself says: where it is and what was typed.
fn told(answer: &Answer, row: u64) -> Value {
    let mut fault = fault(answer, row).clone();
    for own in ["row", "value"] {
        fault[own] = Value::Null;
    }
    fault
}

async fn an_import_stays_inside_the_own_branches(w: World) {
    let (li, here) = (w.secretary("三塘村").await, w.county().place("三塘村").id.to_string());
    let numbers = [101, 102, 103, 104].map(|turn| identity("19900716", turn));
    let known = IdentityNumber::parse(&numbers[3]).ok();
    w.member("赵敏").with(|facts| facts.identity = known).of("王垛村").await;
    let file = members(&[
        ("王芳", &numbers[0], "三塘村党支部"),
        ("李强", &numbers[1], "王垛村党支部"),
        ("陈静", &numbers[2], "不存在的村党支部"),
    ]);
    let import = tries(&li, "members", &here, &file).await;
    counts(&import, [1, 0, 0, 2]);
    assert_eq!(fault(&import, 3)["code"], "organisation_unknown");
    assert_eq!(
        told(&import, 3),
        told(&import, 4),
        "a neighbour's branch is as good as none"
    );
    counts(&settles(&li, &import, "commit").await, [1, 0, 0, 2]);

    let away = |name: &str, number: &str| format!("{name},{number},三塘村党支部,2026-10-08,上海市浦东新区\n");
    let lines = [
        away("王芳", &numbers[0]),
        away("赵敏", &numbers[3]),
        away("陈静", &numbers[2]),
    ];
    let file = format!("姓名,身份证号,所在党支部,外出时间,外出地点\n{}", lines.concat());
    let import = tries(&li, "outbound", &here, file.as_bytes()).await;
    counts(&import, [1, 0, 0, 2]);
    assert_eq!(fault(&import, 3)["code"], "member_unknown");
    assert_eq!(
        told(&import, 3),
        told(&import, 4),
        "a neighbour's member is as good as none"
    );

    let arrival = |name: &str, number: &str, unit: &str| format!("{name},{number},2026-10-08,达州某村党支部,{unit}\n");
    let lines = [
        arrival("陈静", &numbers[2], "三塘村党支部"),
        arrival("李强", &numbers[1], "王垛村党支部"),
        arrival("周敏", &identity("19900716", 105), "不存在的村党支部"),
    ];
    let file = format!("姓名,身份证号,流入时间,组织关系所在地,编入党支部\n{}", lines.concat());
    let import = tries(&li, "inbound", &here, file.as_bytes()).await;
    counts(&import, [1, 0, 0, 2]);
    assert_eq!(
        told(&import, 3),
        told(&import, 4),
        "nor does anybody arrive at a neighbour's"
    );
    let lines = [
        arrival("赵敏", &numbers[3], "三塘村党支部"),
        arrival("王芳", &numbers[0], "三塘村党支部"),
        arrival("赵明", &identity("19900716", 106), "三塘村党支部"),
    ];
    let file = format!("姓名,身份证号,流入时间,组织关系所在地,编入党支部\n{}", lines.concat());
    counts(&tries(&li, "inbound", &here, file.as_bytes()).await, [3, 0, 0, 0]);
    assert_eq!(w.database().count("members"), 2);
    assert_eq!(w.database().count("journeys") + w.database().count("stays"), 0);
}

/// Declaring somebody tells nothing about them, by a spreadsheet as by the form.
async fn a_surveyed_member_is_shown_as_declared_until_verified(w: World) {
    let (li, here) = (w.secretary("三塘村").await, w.county().place("三塘村").id.to_string());
    let numbers = [101, 102].map(|turn| identity("19900716", turn));
    for (name, number) in [("赵敏", &numbers[0]), ("钱芳", &numbers[1])] {
        let facts = |facts: &mut Facts| {
            facts.identity = IdentityNumber::parse(number).ok();
            facts.phone = Phone::parse("19900001234").ok();
        };
        w.member(name).with(facts).of("王垛村").await;
    }
    let line = |name: &str, number: &str| format!("{name},{number},2026-10-08,达州某村党支部,三塘村党支部\n");
    let lines = [line("赵敏", &numbers[0]), line("孙丽", &numbers[1])].concat();
    let file = format!("姓名,身份证号,流入时间,组织关系所在地,编入党支部\n{lines}");
    let now = || form("inbound", &here, "流入.csv", file.as_bytes()).text("dry_run", "false");
    counts(&sends(&li, now()).await, [2, 0, 0, 0]);
    counts(&sends(&li, now()).await, [0, 0, 2, 0]);
    assert_eq!(
        w.database().count("stays where member_id is not null"),
        1,
        "number and name together"
    );
    let roster = li.get("/v1/rosters/inbound").await;
    for stay in roster.items() {
        assert_eq!(
            (&stay["phone"], &stay["member_id"]),
            (&Value::Null, &Value::Null),
            "{stay}"
        );
        assert_eq!(stay["origin"], "达州某村党支部", "{stay}");
    }
    let file = li.get("/v1/rosters/inbound?format=csv").await;
    assert!(!file.succeeded().text().contains("199****1234"), "{file}");
}

async fn what_the_register_says_of_before_is_taken_over(w: World) {
    let (li, here) = (w.secretary("三塘村").await, w.county().place("三塘村").id.to_string());
    let line = |name: &str, turn: u32, more: &str| {
        let number = identity("19900716", turn);
        format!("{name},{number},2026-10-08,{more},三塘村党支部\n")
    };
    let lines = [
        line("赵敏", 101, "四川省达州市某村党支部,四川,农民"),
        line("钱芳", 102, "某公司党支部,贵州省,杂技演员"),
        line("孙丽", 103, ",四川省,"),
        line("李云", 104, "某村党支部,,"),
    ];
    let head = "姓名,身份证号,流入时间,组织关系所在地,流入前所在省份,原职业,编入党支部";
    let file = format!("{head}\n{}", lines.concat());
    let now = || form("inbound", &here, "流入.csv", file.as_bytes()).text("dry_run", "false");
    counts(&sends(&li, now()).await, [4, 0, 0, 0]);
    counts(&sends(&li, now()).await, [0, 0, 4, 0]);
    let stays = li.get("/v1/magnet/stays").await;
    let of = |name: &str| {
        let mut found = stays.items().iter().filter(|stay| stay["person"]["name"] == name);
        let stay = found.next().unwrap_or_else(|| panic!("no {name}: {stays}"));
        [
            &stay["origin"]["name"],
            &stay["origin_division_code"],
            &stay["former_occupation"],
        ]
        .map(Value::clone)
    };
    assert_eq!(
        of("赵敏"),
        [json!("四川省达州市某村党支部"), json!("511700"), json!("farmer")]
    );
    assert_eq!(of("钱芳"), [json!("某公司党支部"), json!("520000"), json!("other")]);
    assert_eq!(of("孙丽"), [json!("四川省"), json!("510000"), Value::Null]);
    assert_eq!(of("李云"), [json!("某村党支部"), Value::Null, Value::Null]);
}

async fn what_is_no_spreadsheet_is_said(w: World) {
    let (li, here) = (w.secretary("三塘村").await, w.county().place("三塘村").id.to_string());
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06\0\0\0";
    let another = "品名,价格\n苹果,3\n".as_bytes();
    for (file, code, zh, en) in [
        (&b""[..], "file_empty", "文件是空的", "empty"),
        (picture, "file_not_a_spreadsheet", "这不是表格文件", "no spreadsheet"),
        (another, "file_no_header", "没有找到表头（姓名", "expected headers"),
    ] {
        let refused = tries(&li, "members", &here, file).await;
        assert_eq!(refused.is_refused("invalid").names_fault("/file", code).status(), 422);
        assert!(refused.text().contains(zh), "{refused}");
        let english = li.client().await.reading("en");
        let file = form("members", &here, "a.png", file);
        let refused = english.call(Method::POST, "/v1/imports").form(file).send().await;
        assert!(refused.text().contains(en), "{refused}");
    }
    let nothing = sends(&li, Form::new().text("kind", "everything").text("dry_run", "perhaps")).await;
    nothing
        .names_fault("/file", "required")
        .names_fault("/organisation_id", "required");
    nothing
        .names_fault("/kind", "malformed")
        .names_fault("/dry_run", "malformed");
    assert_eq!(w.database().count("imports"), 0);
}

/// The lines of the register: name, address, employer, origin, host.
fn register() -> Vec<[String; 5]> {
    let (text, _, _) = encoding_rs::GB18030.decode(INBOUND);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let lines = reader.records().map(|record| {
        let record = record.unwrap();
        [1, 8, 9, 5, 10].map(|at| record[at].to_owned())
    });
    lines.collect()
}

fn line(stay: &Value) -> [String; 5] {
    ["name", "address", "employer", "origin", "organisation"]
        .map(|field| stay[field].as_str().unwrap_or_default().to_owned())
}

/// All lines of a roster, by pages of this size.
async fn pages(person: &Person, path: &str, limit: usize) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = person.get(&format!("{path}&limit={limit}{cursor}")).await;
        found.extend_from_slice(page.items());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

async fn the_inbound_register_becomes_the_inbound_roster(w: World) {
    let (root, office) = (plants_the_tree(&w).await, w.office("海安市委").await);
    let file = form("inbound", &root, "流入党员.csv", INBOUND).text("dry_run", "false");
    counts(&sends(&office, file).await, [180, 0, 0, 0]);
    let all = "/v1/rosters/inbound?";
    let whole = pages(&office, all, 500).await;
    assert_eq!(pages(&office, all, 7).await, whole, "pages add up to the list");
    let (mut found, mut wanted) = (whole.iter().map(line).collect::<Vec<_>>(), register());
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted, "every line of the register is there, with its origin");
    assert!(
        whole
            .iter()
            .all(|stay| stay["state"] == "reported" && stay["source"] == "survey")
    );

    let (host, id) = ("城东镇流动党员工作站", organisation(&office, "S02").await);
    let at = |host: &str| wanted.iter().filter(|line| line[4] == host).count();
    let (there, below) = (at(host), at(host) + at("城东镇流动党员临时党支部"));
    let called = wanted.iter().filter(|line| line[0].contains("卢超平")).count();
    assert!(there > 0 && called > 0);
    for (filter, lines) in [
        ("state=reported".to_owned(), 180),
        ("state=admitted".to_owned(), 0),
        (format!("host_id={id}"), there),
        (format!("organisation_id={id}"), below),
        ("name=%E5%8D%A2%E8%B6%85%E5%B9%B3".to_owned(), called),
    ] {
        assert_eq!(
            pages(&office, &format!("{all}{filter}"), 500).await.len(),
            lines,
            "{filter}"
        );
    }
    let first = whole.iter().find(|stay| stay["name"] == "卢超平").unwrap();
    let stay = office
        .get(&format!(
            "/v1/magnet/stays/{}",
            first["stay_id"].as_str().unwrap_or_default()
        ))
        .await;
    let origin = &stay.is("reported")["origin"];
    assert_eq!(origin["name"], "河南省信阳市固始县某乡党支部", "{stay}");
    assert_eq!(
        (&first["arrived_on"], &first["phone"]),
        (&"2025-07-22".into(), &"199****7103".into())
    );

    opens_in_a_spreadsheet(&office, &whole).await;
}

/// The same lines whole, in the same order.
async fn opens_in_a_spreadsheet(office: &Person, whole: &[Value]) {
    let all = "/v1/rosters/inbound?";
    let csv = office.get(&format!("{all}format=csv")).await;
    let text = csv
        .succeeded()
        .text()
        .strip_prefix('\u{feff}')
        .expect("a mark for Excel")
        .to_owned();
    let records = csv::Reader::from_reader(text.as_bytes())
        .into_records()
        .map(Result::unwrap);
    let names: Vec<_> = records
        .map(|record| record.iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(names.len(), 180);
    assert!(
        names
            .iter()
            .zip(whole)
            .all(|(record, stay)| record.contains(&line(stay)[0])),
        "in the same order"
    );
    assert!(text.contains("河南省信阳市固始县某乡党支部") && !text.contains("19908727103"));
}
