//! What is printed and filed: the registration form (流动党员登记表), and a host's register of a year (登记册).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{env, fs, io};

use calamine::{Data, Reader, Xlsx};
use domain::codes::{Education, Ethnicity};
use domain::identity::IdentityNumber;
use domain::phone::Phone;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::magnet::{Stay, visitor};
use kiteline_tests::people::{Newcomer, Person};
use kiteline_tests::stories;
use kiteline_tests::world::World;
use lopdf::{Dictionary, Document, Object};
use serde_json::json;

stories![
    a_secretary_prints_the_form_of_a_journey,
    a_host_prints_the_form_of_a_stay,
    a_rare_character_does_not_vanish,
    a_long_form_takes_several_pages,
    numbers_are_printed_in_full_for_a_reason_that_the_member_reads,
    of_a_record_that_has_moved_only_the_journey_is_printed,
    a_register_lists_who_came_and_who_has_left,
    a_register_is_of_one_host_and_one_year,
    a_register_carries_no_formula,
];

/// A PDF, taken apart.
struct Paper {
    document: Document,
    /// Every page's text without blanks, so that it does not matter where lines end.
    pages: Vec<String>,
}

impl Paper {
    /// Reads a form. `KITELINE_KEEP_PAPERS=directory` keeps it there, to be looked at.
    fn of(answer: &Answer, name: &str) -> Self {
        assert_eq!(answer.succeeded().header("content-type"), Some("application/pdf"));
        if let Some(kept) = env::var_os("KITELINE_KEEP_PAPERS") {
            fs::write(PathBuf::from(kept).join(format!("{name}.pdf")), answer.bytes()).unwrap();
        }
        let document = Document::load_mem(answer.bytes()).unwrap();
        let pages = document.get_pages().into_keys();
        let text = |page: u32| document.extract_text(&[page]).unwrap();
        let pages = pages.map(|page| without_blanks(&text(page))).collect();
        Self { document, pages }
    }

    #[track_caller]
    fn says(&self, texts: &[&str]) {
        for text in texts {
            let found = self.pages.iter().any(|page| page.contains(&without_blanks(text)));
            assert!(found, "no {text} in {:#?}", self.pages);
        }
    }

    #[track_caller]
    fn says_nothing_of(&self, texts: &[&str]) {
        for text in texts {
            assert!(!self.pages.iter().any(|page| page.contains(text)), "{text}");
        }
    }

    /// The names of the fonts, each embedded in the file.
    fn fonts(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for page in self.document.get_pages().into_values() {
            for font in self.document.get_page_fonts(page).unwrap().values() {
                let descendants = font.get_deref(b"DescendantFonts", &self.document).unwrap();
                let first = descendants.as_array().unwrap()[0].clone();
                let (_, font) = self.document.dereference(&first).unwrap();
                let font = font.as_dict().unwrap();
                let descriptor = font.get_deref(b"FontDescriptor", &self.document).unwrap().as_dict();
                assert!(is_embedded(descriptor.unwrap()), "{font:?}");
                names.insert(String::from_utf8_lossy(font.get(b"BaseFont").unwrap().as_name().unwrap()).into_owned());
            }
        }
        names
    }

    #[track_caller]
    fn is_a4_with_its_fonts(&self) {
        for page in self.document.get_pages().into_values() {
            let page = self.document.get_dictionary(page).unwrap();
            let media = page.get_deref(b"MediaBox", &self.document).unwrap().as_array().unwrap();
            let measures: Vec<_> = media.iter().map(|side| side.as_float().unwrap().round()).collect();
            assert_eq!(measures, [0.0, 0.0, 595.0, 842.0]);
        }
        assert!(!self.fonts().is_empty());
    }
}

fn without_blanks(text: &str) -> String {
    text.split_whitespace().collect()
}

fn is_embedded(descriptor: &Dictionary) -> bool {
    let files: [&[u8]; 3] = [b"FontFile", b"FontFile2", b"FontFile3"];
    files
        .iter()
        .any(|file| matches!(descriptor.get(file), Ok(Object::Reference(_))))
}

fn form(thing: &str) -> String {
    format!("{thing}/form.pdf")
}

/// A member of whom everything is known.
fn wang_fang(w: &World) -> Newcomer<'_> {
    let newcomer = w.member("王芳").born("1990-01-01").joined("2015-06-30");
    newcomer.with(|facts| {
        facts.identity = IdentityNumber::complete("32060019900101002").ok();
        facts.phone = Phone::parse("19900001234").ok();
        facts.ethnicity = Some(Ethnicity::Han);
        facts.education = "bachelor".parse::<Education>().ok();
        facts.address = Some("江苏省海安市曲塘镇三塘村5组12号".to_owned());
    })
}

async fn sent_to_pudong(by: &Person, member: &Person) -> Kite {
    let notice = by.plans(member, to("310115")).hosted_by("浦东流动").back("2027-12-20");
    let kite = notice.leaving("2027-01-11").await;
    by.departs(&kite).await.is("away");
    kite
}

/// Takes the only member who is offered.
async fn taken(by: &Person) -> Stay {
    let offer = by.only_incoming("offered").await;
    let taken = by.answers(&offer, "accept").await;
    let id = taken.succeeded()["stay"]["id"].as_str().unwrap().to_owned();
    Stay { id }
}

async fn a_secretary_prints_the_form_of_a_journey(w: World) {
    let (li, neighbour) = (w.secretary("三塘村").await, w.secretary("西场村").await);
    let wang = wang_fang(&w).of("三塘村").await;
    let kite = sent_to_pudong(&li, &wang).await;
    li.briefs(&kite, "talk").await;
    li.certifies(&kite).await.is("valid");

    let paper = Paper::of(&li.get(&form(&kite.path())).await, "journey");
    paper.is_a4_with_its_fonts();
    paper.says(&[
        "流动党员登记表（流出）",
        "姓名王芳",
        "性别女",
        "出生日期1990年1月1日",
        "汉族",
    ]);
    paper.says(&[
        "所在党支部三塘村党支部",
        "外出地点上海市浦东新区建筑工地",
        "外出日期2027年1月11日",
    ]);
    paper.says(&[
        "流入地党组织浦东流动党员工作站",
        "行前谈话2027年1月11日",
        "活动证编号QT-2027-0001",
    ]);
    paper.says(&["320600************", "199****1234", "已隐去部分数字"]);
    paper.says_nothing_of(&["32060019900101002", "19900001234"]);
    let by = format!("打印人：{}打印时间：2027年1月11日", li.name);
    paper.says(&["电子记录；不是《中国共产党流动党员活动证》", &by, "第1页，共"]);
    let log = wang.get("/v1/me/access-log").await;
    assert_eq!(
        (&log.items()[0]["action"], &log.items()[0]["who"]),
        (&json!("journey_form_printed"), &json!(li.name))
    );

    let english = li.client().await.reading("en").get(&form(&kite.path())).await;
    assert_eq!(english.header("content-language"), Some("en"));
    let english = Paper::of(&english, "journey-en");
    english.says(&[
        "Registration form: a member away",
        "Name王芳",
        "Born 1990-01-01",
        "no certificate",
    ]);

    neighbour.get(&form(&kite.path())).await.is_refused("not_found");
    wang.get(&form(&kite.path())).await.is_refused("forbidden");
    w.delivers().await;
}

async fn a_host_prints_the_form_of_a_stay(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("浦东流动").await);
    let wang = wang_fang(&w).of("三塘村").await;
    let kite = sent_to_pudong(&li, &wang).await;
    li.certifies(&kite).await.is("valid");
    let stay = taken(&chen).await;
    chen.admits(&stay, "浦东流动").await.is("admitted");
    chen.tells_conduct(&stay, "按时参加主题党日，党费交至2027年3月。")
        .await
        .succeeded();
    chen.sees_off(&stay, "home").await.is("left");

    let paper = Paper::of(&chen.get(&form(&stay.path())).await, "stay");
    paper.is_a4_with_its_fonts();
    paper.says(&[
        "流动党员登记表（流入）",
        "登记册编号：2027-0001",
        "姓名王芳",
        "流出地党组织三塘村党支部",
    ]);
    paper.says(&[
        "组织对接，2027年1月11日",
        "联系干部周干事",
        "编入党组织浦东流动党员工作站",
    ]);
    paper.says(&["去向返回流出地", "离开原因工程结束", "按时参加主题党日"]);
    paper.says_nothing_of(&["19900001234"]);
    let log = wang.get("/v1/me/access-log").await;
    assert_eq!(log.items()[0]["action"], "stay_form_printed");

    // Of somebody whom a survey has just found, little is known.
    let zhou = w.secretary("雅周镇").await;
    let found = Stay::of(&zhou.finds("雅周镇", visitor("赵敏")).await);
    let paper = Paper::of(&zhou.get(&form(&found.path())).await, "stay-almost-empty");
    paper.says(&["姓名赵敏性别—", "登记来源排查", "登记册编号：—", "编入日期—"]);
    assert_eq!(paper.pages.len(), 1);
    li.get(&form(&found.path())).await.is_refused("not_found");
    w.delivers().await;
}

async fn a_rare_character_does_not_vanish(w: World) {
    let li = w.secretary("三塘村").await;
    let known = w.member("马䶮𬭎").of("三塘村").await;
    let kite = li.plans(&known, to("310115")).leaving("2027-02-22").await;
    let paper = Paper::of(&li.get(&form(&kite.path())).await, "rare");
    paper.says(&["姓名马䶮𬭎"]);
    paper.says_nothing_of(&["〓"]);
    assert_eq!(paper.fonts().len(), 2, "the second font is embedded where it is needed");

    let unknown = w.member("马\u{2ceb1}").of("三塘村").await;
    let kite = li.plans(&unknown, to("310115")).leaving("2027-02-22").await;
    let paper = Paper::of(&li.get(&form(&kite.path())).await, "missing");
    paper.says(&["姓名马〓", "U+2CEB1", "请按身份证件手写补全"]);
}

async fn a_long_form_takes_several_pages(w: World) {
    let li = w.secretary("三塘村").await;
    let long = "建筑工地".repeat(50);
    let wang = wang_fang(&w)
        .with(|facts| facts.address = Some(long.clone()))
        .of("三塘村")
        .await;
    let destination = json!({ "division_code": "310115", "place": long, "employer": long });
    let kite = li.plans(&wang, destination).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    for at in 0..12 {
        let next = json!({
            "destination": { "division_code": "330106", "place": format!("第{at}个工地，{}", "宿舍".repeat(20)) },
            "on": "2027-01-11",
        });
        li.tells(&kite.path(), "move-on", &next).await.succeeded();
    }
    li.certifies(&kite).await.is("valid");
    let paper = Paper::of(&li.get(&form(&kite.path())).await, "long");
    paper.is_a4_with_its_fonts();
    let count = paper.pages.len();
    assert!(count > 2, "{count}");
    paper.says(&[&long, "第0个工地", "第10个工地", "流入地党组织意见"]);
    for (page, number) in paper.pages.iter().zip(1..) {
        assert!(page.contains(&format!("第{number}页，共{count}页")), "{page}");
        assert_eq!(page.contains("流动党员登记表（流出）（续）"), number > 1, "{page}");
    }
}

async fn numbers_are_printed_in_full_for_a_reason_that_the_member_reads(w: World) {
    let (li, officer) = (w.secretary("三塘村").await, w.contact_officer("三塘村").await);
    let wang = wang_fang(&w).of("三塘村").await;
    let kite = sent_to_pudong(&li, &wang).await;
    let with = |reason: &str| format!("{}?reveal_reason={reason}", form(&kite.path()));
    let paper = Paper::of(&li.get(&with("归入党员档案")).await, "revealed");
    paper.says(&["3206001990010100", "19900001234", "查看理由：归入党员档案"]);
    let log = wang.get("/v1/me/access-log").await;
    let actions: Vec<_> = log.items()[..3].iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions, ["journey_form_printed", "phone_revealed", "identity_revealed"]);
    assert_eq!(log.items()[1]["detail"]["reason"], "归入党员档案");

    officer.get(&form(&kite.path())).await.succeeded();
    officer.get(&with("归入党员档案")).await.is_refused("forbidden");
    li.get(&with("")).await.names_fault("?reveal_reason", "reason_required");
    li.get(&with(&"由".repeat(201)))
        .await
        .names_fault("?reveal_reason", "too_long");

    // The host may not reveal what the origin keeps, and nobody what a visitor has only declared.
    let chen = w.secretary("浦东流动").await;
    let stay = taken(&chen).await;
    let full = format!("{}?reveal_reason=x", form(&stay.path()));
    chen.get(&full).await.is_refused("not_found");
    w.office("海安").await.get(&full).await.succeeded();
    let found = Stay::of(&chen.finds("浦东流动", visitor("赵敏")).await);
    let full = format!("{}?reveal_reason=x", form(&found.path()));
    chen.get(&full).await.is_refused("not_found");
    w.delivers().await;
}

async fn of_a_record_that_has_moved_only_the_journey_is_printed(w: World) {
    let (li, zhao) = (w.secretary("三塘村").await, w.secretary("王垛村").await);
    let wang = wang_fang(&w).of("三塘村").await;
    let kite = li.plans(&wang, to("310115")).leaving("2027-01-11").await;
    li.departs(&kite).await.is("away");
    li.starts_transfer(&kite, "王垛村").await.is("away");
    zhao.accepts_transfer(&zhao.only_transfer().await).await.is("received");
    let paper = Paper::of(&li.get(&form(&kite.path())).await, "transferred");
    paper.says(&["姓名王芳", "状态已转接", "接收党组织王垛村党支部"]);
    paper.says(&["出生日期—", "公民身份号码—手机号码—"]);
    paper.says_nothing_of(&["已隐去部分数字"]);
    w.delivers().await;
}

async fn admitted(by: &Person, name: &str) -> Stay {
    let stay = Stay::of(&by.finds("雅周镇", visitor(name)).await);
    by.calls_origin(&stay).await.is("verified");
    by.admits(&stay, "王垛村").await.is("admitted");
    stay
}

fn register_of(w: &World, place: &str, year: i32) -> String {
    let host = w.county().place(place).id;
    format!("/v1/magnet/register?organisation_id={host}&year={year}")
}

/// Heading and lines of a CSV file.
fn table(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(
        answer.succeeded().header("content-type"),
        Some("text/csv; charset=utf-8")
    );
    let text = answer.text().trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let lines = reader.records().map(Result::unwrap);
    lines.map(|line| line.iter().map(ToOwned::to_owned).collect()).collect()
}

/// The only sheet of a workbook.
fn sheet(answer: &Answer) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = Xlsx::new(io::Cursor::new(answer.succeeded().bytes())).unwrap();
    let name = book.sheet_names()[0].clone();
    assert!(
        book.worksheet_formula(&name).unwrap().is_empty(),
        "no cell is a formula"
    );
    let range = book.worksheet_range(&name).unwrap();
    let text = |cell: &Data| match cell {
        Data::String(text) => text.clone(),
        Data::Empty => String::new(),
        other => panic!("{other:?} is no text"),
    };
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

async fn a_register_lists_who_came_and_who_has_left(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let names = [
        "赵敏", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "王八", "冯九", "陈十", "褚一",
    ];
    let mut stays = Vec::new();
    for name in names {
        stays.push(admitted(&zhou, name).await);
    }
    zhou.sees_off(&stays[1], "onward").await.is("left");
    let away = json!({ "left_on": "2027-01-11", "next": "onward", "next_division_code": "310115" });
    zhou.tells(&stays[2].path(), "leave", &away).await.is("left");
    zhou.finds("雅周镇", visitor("未编入")).await.is("reported");
    let address = register_of(&w, "雅周镇", 2027);

    let lines = table(&zhou.get(&address).await);
    assert_eq!(
        lines[0],
        [
            "登记册编号",
            "姓名",
            "性别",
            "联系电话",
            "流出地党组织",
            "流入日期",
            "现居住地址",
            "工作单位",
            "编入日期",
            "编入党组织",
            "联系干部",
            "状态",
            "离开日期",
            "去向",
            "离开原因",
        ]
    );
    let numbers: Vec<_> = lines[1..].iter().map(|line| line[0].clone()).collect();
    let expected: Vec<_> = (1..=names.len()).map(|number| format!("2027-{number:04}")).collect();
    assert_eq!(numbers, expected, "each number once, in their order");
    assert!(lines[1..].iter().zip(names).all(|(line, name)| line[1] == name));
    assert_eq!(lines[2][11..], ["已离开", "2027-01-11", "前往他处", "工程结束"]);
    assert_eq!(lines[3][11..], ["已离开", "2027-01-11", "前往他处 上海市浦东新区", ""]);
    assert_eq!(lines[4][11..], ["已编入", "", "", ""]);
    assert_eq!(lines[1][3], "199****0023");

    let book = zhou.get(&format!("{address}&format=xlsx")).await;
    let disposition = book.header("content-disposition").unwrap_or_default();
    assert!(disposition.contains("register-2027.xlsx"), "{disposition}");
    assert_eq!(sheet(&book), lines, "the workbook says the same");
    let english = zhou.client().await.reading("en").get(&address).await;
    assert_eq!(table(&english)[0][..2], ["Register number", "Name"]);
}

async fn a_register_is_of_one_host_and_one_year(w: World) {
    let (zhou, auditor) = (w.secretary("雅周镇").await, w.auditor().await);
    admitted(&zhou, "赵敏").await;
    let address = register_of(&w, "雅周镇", 2027);
    let officer = w.contact_officer("雅周镇").await;
    let second = Stay::of(&zhou.finds("雅周镇", visitor("钱二")).await);
    zhou.calls_origin(&second).await.is("verified");
    let unit = w.county().place("王垛村").id;
    let admission = json!({ "home_unit_id": unit, "contact_officer_id": officer.account });
    zhou.tells(&second.path(), "admit", &admission).await.is("admitted");
    let lines = table(&zhou.get(&address).await);
    let officers: Vec<_> = lines[1..].iter().map(|line| line[10].as_str()).collect();
    assert_eq!(officers, ["周干事", &officer.name], "with an account or without");
    let empty = zhou.get(&register_of(&w, "雅周镇", 2026)).await;
    assert_eq!(table(&empty).len(), 1, "headings only");
    let below = zhou.get(&register_of(&w, "王垛村", 2027)).await;
    assert_eq!(table(&below).len(), 1, "each host has its own");
    let exported = "audit where action = 'register_exported'";
    assert_eq!(w.database().count(exported), 3, "each time is written down");

    w.secretary("三塘村").await.get(&address).await.is_refused("not_found");
    auditor.get(&address).await.is_refused("forbidden");
    zhou.get(&address.replace("2027", "MMXXVII"))
        .await
        .is_refused("invalid");
}

async fn a_register_carries_no_formula(w: World) {
    let zhou = w.secretary("雅周镇").await;
    for name in ["=1+1", "@SUM(A1)", "+86", "-1"] {
        admitted(&zhou, name).await;
    }
    let address = register_of(&w, "雅周镇", 2027);
    let names = |lines: Vec<Vec<String>>| {
        lines
            .into_iter()
            .skip(1)
            .map(|line| line[1].clone())
            .collect::<Vec<_>>()
    };
    let csv = names(table(&zhou.get(&address).await));
    assert_eq!(csv, ["'=1+1", "'@SUM(A1)", "'+86", "'-1"]);
    let book = names(sheet(&zhou.get(&format!("{address}&format=xlsx")).await));
    assert_eq!(book, ["=1+1", "@SUM(A1)", "+86", "-1"], "text, as it was written");
}
