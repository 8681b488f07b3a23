//! Campaigns (节日活动): planned, looked at before anything is said, led through the festival, closed with a report that
//! stays as it was.
mod audience;
mod counted;
mod refused;

use std::path::PathBuf;
use std::{env, fs, io};

use calamine::{Data, Reader, Xlsx};
use chrono::TimeDelta;
use kiteline_tests::campaign::Campaign;
use kiteline_tests::client::Answer;
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use lopdf::Document;
use reqwest::Method;
use serde_json::{Value, json};

stories![
    a_spring_festival_from_preview_to_frozen_report,
    what_is_called_off_asks_nobody,
    a_closed_campaign_keeps_back_what_was_planned,
    a_prompt_that_was_taken_out_is_not_said,
    whoever_comes_home_is_counted_and_nothing_twice,
    what_a_campaign_does_is_the_organisations_choice,
];

/// Lets a member leave today for a place.
async fn leaves(w: &World, secretary: &Person, member: &Person, destination: Value) -> Kite {
    let kite = secretary
        .plans(member, destination)
        .leaving(&w.today().to_string())
        .await;
    secretary.departs(&kite).await.is("away");
    kite
}

/// The days on which somebody was asked in the app whether they come home.
async fn asked(person: &Person) -> Vec<String> {
    let inbox = person.get("/v1/me/inbox?limit=500").await;
    let of = inbox.items().iter().filter(|one| one["occasion"] == "return_home");
    of.map(|one| one["created_at"].as_str().unwrap()[..10].to_owned())
        .collect()
}

/// What somebody was asked in the app, one after the other.
async fn asked_in_words(person: &Person) -> Vec<Value> {
    let inbox = person.get("/v1/me/inbox?limit=500").await;
    let of = inbox.items().iter().filter(|one| one["occasion"] == "return_home");
    of.map(|one| json!([one["title"], one["body"]])).collect()
}

/// What a preview says that somebody will be asked.
fn in_words(preview: &[Value], person: &Person) -> Vec<Value> {
    let of_person = preview.iter().find(|one| one["name"] == person.name).unwrap();
    let prompts = of_person["prompts"].as_array().unwrap().iter();
    prompts.map(|one| json!([one["title"], one["body"]])).collect()
}

fn names(answer: &Answer) -> Vec<&str> {
    answer.items().iter().map(|one| one["name"].as_str().unwrap()).collect()
}

/// What a line of figures says: members, asked, home, and done of wanted by the kind of activity.
fn figures(line: &Value) -> (u64, u64, u64, Vec<String>) {
    let count = |field: &str| line[field].as_u64().unwrap();
    let activity = |one: &Value| {
        let (kind, done) = (one["kind"].as_str().unwrap(), &one["done"]);
        (done != 0).then(|| format!("{kind} {done}/{}", one["wanted"]))
    };
    let activities = line["activities"].as_array().unwrap().iter().filter_map(activity);
    (
        count("members"),
        count("asked"),
        count("came_home"),
        activities.collect(),
    )
}

/// The figures of the organisation whose name begins so.
fn line<'a>(report: &'a Answer, place: &str) -> &'a Value {
    let mut lines = report.succeeded()["lines"].as_array().unwrap().iter();
    let line = lines.find(|line| line["organisation"]["name"].as_str().unwrap().starts_with(place));
    &line.unwrap_or_else(|| panic!("no {place}: {report}"))["figures"]
}

/// The branch holds a lesson, at which the member is.
async fn attends_lesson(w: &World, secretary: &Person, member: &Person, branch: &str) {
    let begins = (w.now() + TimeDelta::minutes(15)).to_rfc3339();
    let lesson = secretary.invites(branch, "lesson", &begins, &secretary.everybody_of(branch));
    let lesson = lesson.planned().await;
    w.passes(TimeDelta::hours(2)).await;
    let there = json!([{ "person_id": member.member, "state": "attended" }]);
    secretary.marks_all(&lesson, there).await.succeeded();
    secretary.closes(&lesson).await.is("held");
}

/// The member is given something on that day.
async fn is_given(secretary: &Person, member: &Person, day: &str) {
    let gift = json!({
        "person_id": member.member, "occasion": "festival", "item": "red_satchel", "given_on": day,
    });
    secretary.post("/v1/gifts", &gift).await.succeeded();
}

fn of(done: &[&str]) -> Vec<String> {
    done.iter().map(ToString::to_string).collect()
}

/// Who is in the story of the Spring Festival, with the journeys of those who are away.
struct Festival {
    office: Person,
    li: Person,
    he: Person,
    wang: (Person, Kite),
    zhao: (Person, Kite),
    qian: (Person, Kite),
    ann: (Person, Kite),
    abroad: Person,
}

impl Festival {
    async fn of(w: &World) -> Self {
        let (office, li, he) = (
            w.office("海安").await,
            w.secretary("三塘村").await,
            w.secretary("王垛村").await,
        );
        let [wang, zhao, abroad] = [
            w.member("王芳").of("三塘村").await,
            w.member("赵云").of("三塘村").await,
            w.member("孙丽").of("三塘村").await,
        ];
        let (qian, ann) = (
            w.member("钱强").of("王垛村").await,
            w.member("安妮").reading("en").of("王垛村").await,
        );
        let (to_wang, to_zhao) = (
            leaves(w, &li, &wang, to("310115")).await,
            leaves(w, &li, &zhao, to("310115")).await,
        );
        leaves(w, &li, &abroad, json!({ "country": "日本", "place": "东京" })).await;
        let (to_qian, to_ann) = (
            leaves(w, &he, &qian, to("320102")).await,
            leaves(w, &he, &ann, to("310115")).await,
        );
        Self {
            office,
            li,
            he,
            wang: (wang, to_wang),
            zhao: (zhao, to_zhao),
            qian: (qian, to_qian),
            ann: (ann, to_ann),
            abroad,
        }
    }
}

/// The days of the Spring Festival's prompts.
const DAYS: [&str; 3] = ["2027-01-07", "2027-01-21", "2027-02-03"];

fn days(prompts: &Value) -> Vec<&str> {
    let prompts = prompts.as_array().unwrap().iter();
    prompts.map(|one| one["on"].as_str().unwrap()).collect()
}

async fn a_spring_festival_from_preview_to_frozen_report(w: World) {
    w.begins_on("2027-01-04");
    let story = Festival::of(&w).await;
    let (campaign, planned) = is_planned(&story.office).await;
    let preview = is_looked_at(&story.office, &campaign).await;
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(w.database().count("outbox where occasion = 'return_home'"), 0);
    is_opened(&w, &story, &campaign).await;
    let first = asked_in_words(&story.zhao.0).await;
    assert_eq!(first, in_words(&preview, &story.zhao.0)[..1]);
    one_comes_home(&w, &story).await;
    for (one, _) in [&story.wang, &story.qian, &story.ann] {
        assert_eq!(asked_in_words(one).await, in_words(&preview, one), "{}", one.name);
    }
    is_counted(&w, &story, &campaign).await;
    w.passes(TimeDelta::days(22)).await;
    is_closed(&story, &campaign).await;
    the_files_say_the_same(&story.office, &campaign).await;

    let copy = story
        .office
        .post(&format!("{}/copy", campaign.path()), &json!({}))
        .await;
    copy.is("draft").has("festival_on", "2028-01-26");
    copy.has("title", "2028年春节“七个一”").has("copied_from", campaign.id);
    copy.has("window", json!({ "from": "2027-12-27", "until": "2028-02-15" }));
    assert_eq!(days(&copy["prompts"]), ["2027-12-27", "2028-01-10", "2028-01-23"]);
    assert_eq!(copy["activities"], planned["activities"]);
}

/// The seven ones, and gifts besides.
async fn is_planned(office: &Person) -> (Campaign, Answer) {
    let more = json!({
        "title": "2027年春节“七个一”", "audience": { "abroad": false },
        "prompts": [
            { "days_before": 3 }, { "days_before": 16 },
            { "days_before": 30, "zh": "县里安排了返乡专车。", "en": "The county runs a bus." },
        ],
    });
    let planned = office.plans_campaign("海安", more).await;
    planned.is("draft").allows(&["change", "open", "cancel"]);
    planned.has("festival_on", "2027-02-06");
    planned.has("window", json!({ "from": "2027-01-07", "until": "2027-02-26" }));
    assert_eq!(days(&planned["prompts"]), DAYS);
    let mut activities = planned["activities"].as_array().unwrap().clone();
    assert_eq!(activities.len(), 7, "七个一");
    activities.push(json!({ "kind": "gift", "zh": "一份年货", "en": "One gift", "per": "total", "number": 30 }));
    let campaign = Campaign::of(&planned);
    let planned = office
        .corrects(&campaign.path(), &json!({ "activities": activities }))
        .await;
    (campaign, planned)
}

/// Who gets what and when, before anybody is asked anything.
async fn is_looked_at(office: &Person, campaign: &Campaign) -> Vec<Value> {
    let preview = office.get(&format!("{}/preview", campaign.path())).await;
    let mut expected = names(&preview);
    expected.sort_unstable();
    assert_eq!(expected, ["安妮", "王芳", "赵云", "钱强"], "not who is abroad");
    for one in preview.items() {
        assert_eq!(days(&one["prompts"]), DAYS);
        assert_eq!(one["channels"], json!(["inbox", "email"]));
        let said = one["prompts"].to_string();
        assert!(
            said.contains("县里安排了返乡专车。") || said.contains("The county runs a bus."),
            "{said}"
        );
    }
    let first = office.get(&format!("{}/preview?limit=1", campaign.path())).await;
    let next = first.header("link").unwrap().trim_start_matches('<');
    let second = office.get(next.split_once('>').unwrap().0).await;
    assert_eq!([first.items(), second.items()].concat()[..2], preview.items()[..2]);

    let totals = office.get(&format!("{}/preview/totals", campaign.path())).await;
    assert_eq!(days(&totals["days"]), DAYS);
    for day in totals["days"].as_array().unwrap() {
        assert_eq!((&day["members"], &day["by_email"]), (&json!(4), &json!(4)));
    }
    let places = totals["organisations"].as_array().unwrap().iter();
    let places: Vec<_> = places.map(|one| one["members"].clone()).collect();
    assert_eq!(places, [2, 0, 2], "曲塘镇, 驻沪, 雅周镇");
    preview.items().to_vec()
}

/// What is planned is what the preview said.
async fn is_opened(w: &World, story: &Festival, campaign: &Campaign) {
    let opened = story.office.opens(campaign).await;
    opened.is("open").allows(&["change", "close", "cancel"]);
    w.passes(TimeDelta::days(2)).await;
    for (one, _) in [&story.wang, &story.zhao, &story.qian, &story.ann] {
        assert_eq!(asked(one).await, DAYS[..1], "{}", one.name);
    }
    assert_eq!(asked(&story.abroad).await, [""; 0]);
    assert_eq!(w.database().count("outbox where occasion = 'return_home'"), 4 * 2);
    let mails = w.mail().received();
    let about = |subject: &str| {
        mails
            .iter()
            .filter(|mail| mail.subject() == subject)
            .collect::<Vec<_>>()
    };
    let (zh, en) = (
        about("春节快到了，今年回家吗？"),
        about("Spring Festival is near: are you coming home?"),
    );
    assert_eq!((zh.len(), en.len()), (3, 1));
    assert!(
        zh.iter().all(|mail| mail.text().contains("县里安排了返乡专车。")),
        "{}",
        zh[0].text()
    );
    assert!(en[0].text().contains("The county runs a bus."), "{}", en[0].text());
}

/// Whoever has come home is asked no more.
async fn one_comes_home(w: &World, story: &Festival) {
    w.passes(TimeDelta::days(8)).await;
    story.zhao.0.checks_in("festival_return").await.succeeded();
    w.passes(TimeDelta::days(20)).await;
    assert_eq!(asked(&story.zhao.0).await, DAYS[..1]);
    for (one, _) in [&story.wang, &story.qian, &story.ann] {
        assert_eq!(asked(one).await, DAYS, "{}", one.name);
    }
}

/// What is done is counted from what is recorded, by the organisations one level down.
async fn is_counted(w: &World, story: &Festival, campaign: &Campaign) {
    let Festival { office, li, he, .. } = story;
    li.contacts(&story.wang.1, ("in_person", "reached"), None)
        .await
        .succeeded();
    li.contacts(&story.zhao.1, ("in_person", "not_reached"), None)
        .await
        .succeeded();
    for (_, kite) in [&story.wang, &story.zhao] {
        li.contacts(kite, ("letter", "not_reached"), None).await.succeeded();
    }
    he.contacts(&story.qian.1, ("video", "reached"), None).await.succeeded();
    he.records_call(&story.ann.1).await.succeeded();
    attends_lesson(w, li, &story.zhao.0, "三塘村").await;
    is_given(li, &story.zhao.0, "2027-02-03").await;
    is_given(he, &story.qian.0, "2027-01-06").await;
    let progress = office.follows(campaign).await;
    let done = of(&["visit 1/2", "letter 2/2", "lesson 1/2", "gift 1/null"]);
    assert_eq!(figures(line(&progress, "曲塘镇")), (2, 2, 1, done));
    assert_eq!(figures(line(&progress, "雅周镇")), (2, 2, 0, of(&["talk 2/2"])));
    let nobody = line(&progress, "驻沪");
    assert_eq!(figures(nobody), (0, 0, 0, of(&[])));
    let gifts = nobody["activities"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&gifts["kind"], &gifts["wanted"]),
        (&json!("gift"), &Value::Null),
        "thirty in all, and of nobody in particular"
    );
    let done = of(&["visit 1/4", "letter 2/4", "talk 2/4", "lesson 1/4", "gift 1/30"]);
    assert_eq!(figures(&progress["total"]), (4, 4, 1, done));
    let town = w.county().place("曲塘镇").id;
    let below = office
        .get(&format!("{}/progress?organisation_id={town}", campaign.path()))
        .await;
    assert_eq!(figures(line(&below, "三塘村")).0, 2);
    assert_eq!(figures(line(&below, "西场村")).0, 0);
}

/// The report stays as it was, whatever is recorded later.
async fn is_closed(story: &Festival, campaign: &Campaign) {
    let office = &story.office;
    let report = format!("{}/report", campaign.path());
    office.get(&report).await.is_refused("not_found");
    office.closes_campaign(campaign).await.is("closed").allows(&[]);
    let frozen = office.get(&report).await;
    let (visit, in_time) = (("in_person", "reached"), Some("2027-02-20T02:00:00Z"));
    story.li.contacts(&story.zhao.1, visit, in_time).await.succeeded();
    let visits = |report: &Answer| figures(line(report, "曲塘镇")).3[0].clone();
    assert_eq!(visits(&office.follows(campaign).await), "visit 2/2");
    let again = office.get(&report).await;
    assert_eq!(again.text(), frozen.text());
    assert_eq!(visits(&again), "visit 1/2");
    assert_eq!(again["frozen_by"], office.name);
}

fn kept(name: &str, bytes: &[u8]) {
    if let Some(folder) = env::var_os("KITELINE_KEEP_PAPERS") {
        fs::write(PathBuf::from(folder).join(name), bytes).unwrap();
    }
}

async fn the_files_say_the_same(office: &Person, campaign: &Campaign) {
    let file = office.get(&format!("{}/report.xlsx", campaign.path())).await;
    kept("campaign.xlsx", file.succeeded().bytes());
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(io::Cursor::new(file.bytes())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let rows: Vec<_> = sheet.rows().collect();
    let row = |name: &str| rows.iter().find(|row| row[0] == Data::String(name.to_owned())).unwrap();
    let numbers = |name: &str| row(name).iter().skip(1).take(9).cloned().collect::<Vec<_>>();
    let expected = |numbers: [f64; 9]| numbers.map(Data::Float).to_vec();
    assert_eq!(row("组织")[4], Data::String("一次走访（完成）".to_owned()));
    assert_eq!(
        numbers("曲塘镇党委"),
        expected([2.0, 2.0, 1.0, 1.0, 2.0, 2.0, 2.0, 0.0, 2.0])
    );
    assert_eq!(numbers("合计"), expected([4.0, 4.0, 1.0, 1.0, 4.0, 2.0, 4.0, 2.0, 4.0]));

    let file = office.get(&format!("{}/report.pdf", campaign.path())).await;
    kept("campaign.pdf", file.succeeded().bytes());
    let english = office.client().await.reading("en");
    let english = english
        .call(Method::GET, &format!("{}/report.pdf", campaign.path()))
        .send()
        .await;
    kept("campaign-en.pdf", english.succeeded().bytes());
    for (file, words) in [
        (&file, ["节日活动报告", "曲塘镇党委", "1/2", "合计"]),
        (&english, ["Reportofacampaign", "曲塘镇党委", "1/2", "Total"]),
    ] {
        let paper = Document::load_mem(file.bytes()).unwrap();
        let pages: Vec<u32> = paper.get_pages().into_keys().collect();
        let text: String = paper.extract_text(&pages).unwrap().split_whitespace().collect();
        for word in words {
            assert!(text.contains(word), "no {word} in {text}");
        }
    }
}

async fn what_is_called_off_asks_nobody(w: World) {
    let (office, li) = (w.office("海安").await, w.secretary("三塘村").await);
    let wang = w.member("王芳").of("三塘村").await;
    leaves(&w, &li, &wang, to("310115")).await;
    let draft = Campaign::of(&office.plans_campaign("海安", json!({})).await);
    office.calls_off(&draft).await.is("cancelled").allows(&[]);
    let campaign = Campaign::of(&office.plans_campaign("海安", json!({})).await);
    office.opens(&campaign).await.is("open");
    w.passes(TimeDelta::days(10)).await;
    assert_eq!(asked(&wang).await, ["2027-01-21"]);
    let off = office.calls_off(&campaign).await;
    off.is("cancelled").has("reason", "倡导就地过年");
    w.passes(TimeDelta::days(16)).await;
    assert_eq!(
        asked(&wang).await,
        ["2027-01-21"],
        "neither by the campaign nor by the house"
    );
}

async fn a_closed_campaign_keeps_back_what_was_planned(w: World) {
    let (office, li) = (w.office("海安").await, w.secretary("三塘村").await);
    let wang = w.member("王芳").of("三塘村").await;
    leaves(&w, &li, &wang, to("310115")).await;
    let campaign = Campaign::of(&office.plans_campaign("海安", json!({})).await);
    office.opens(&campaign).await.is("open");
    w.passes(TimeDelta::days(9)).await;
    // Seven in the morning: planned, and not said before eight.
    w.waits(TimeDelta::hours(22));
    w.runs_jobs().await;
    let prompts = "outbox where occasion = 'return_home' and channel = 'email' and state = ";
    assert_eq!(w.database().count(&format!("{prompts} 'waiting'")), 1);
    office.closes_campaign(&campaign).await.is("closed");
    w.passes(TimeDelta::hours(3)).await;
    assert_eq!(w.database().count(&format!("{prompts} 'dropped'")), 1);
    assert_eq!(w.mail().received().len(), 0);
}

async fn a_prompt_that_was_taken_out_is_not_said(w: World) {
    let (office, li) = (w.office("海安").await, w.secretary("三塘村").await);
    let wang = w.member("王芳").of("三塘村").await;
    leaves(&w, &li, &wang, to("310115")).await;
    let campaign = Campaign::of(&office.plans_campaign("海安", json!({})).await);
    office.opens(&campaign).await.is("open");
    w.passes(TimeDelta::days(9)).await;
    // Planned at seven in the morning, taken out before it is said at eight.
    w.waits(TimeDelta::hours(22));
    w.runs_jobs().await;
    let later = json!({ "prompts": [{ "days_before": 3 }] });
    office.corrects(&campaign.path(), &later).await.succeeded();
    w.passes(TimeDelta::hours(3)).await;
    let dropped = "outbox where occasion = 'return_home' and channel = 'email' and state = 'dropped'";
    assert_eq!(w.database().count(dropped), 1);
    assert_eq!(w.mail().received().len(), 0);
}

async fn whoever_comes_home_is_counted_and_nothing_twice(w: World) {
    let (office, li) = (w.office("海安").await, w.secretary("三塘村").await);
    let (wang, zhao) = (w.member("王芳").of("三塘村").await, w.member("赵云").of("三塘村").await);
    let (hers, his) = (
        leaves(&w, &li, &wang, to("310115")).await,
        leaves(&w, &li, &zhao, to("310115")).await,
    );
    let gift = json!({ "kind": "gift", "zh": "一份年货", "en": "One gift", "per": "total", "number": 30 });
    let lesson = json!({ "kind": "lesson", "zh": "一堂党课", "en": "One lesson", "per": "total", "number": 5 });
    let away = json!({ "audience": { "states": ["away"] }, "activities": [gift, lesson] });
    let campaign = Campaign::of(&office.plans_campaign("海安", away).await);
    office.opens(&campaign).await.is("open");
    let counted = async || figures(&office.follows(&campaign).await["total"]);
    assert_eq!(counted().await, (2, 0, 0, of(&[])));
    w.passes(TimeDelta::days(1)).await;
    li.welcomes_home(&hers).await.is("home_visit");
    assert_eq!(counted().await, (2, 0, 1, of(&[])), "who was away is meant still");
    is_given(&li, &zhao, &w.today().to_string()).await;
    attends_lesson(&w, &li, &zhao, "三塘村").await;
    li.returns(&his).await.is("returned");
    assert_eq!(counted().await, (2, 0, 2, of(&["gift 1/30", "lesson 1/5"])));
    // And is off again: another journey, and nothing is told of him twice.
    leaves(&w, &li, &zhao, to("310115")).await;
    assert_eq!(counted().await, (2, 0, 2, of(&["gift 1/30", "lesson 1/5"])));
    w.delivers().await;
}

async fn what_a_campaign_does_is_the_organisations_choice(w: World) {
    let (county, town, li) = (
        w.office("海安").await,
        w.office("曲塘镇").await,
        w.secretary("三塘村").await,
    );
    let by_default = li.looks_up("三塘村").await;
    let kinds = |list: &Value| {
        list.as_array()
            .unwrap()
            .iter()
            .map(|one| one["kind"].clone())
            .collect::<Vec<_>>()
    };
    let seven = ["visit", "letter", "talk", "lesson", "meeting", "help", "report"];
    assert_eq!(kinds(&by_default.setting("campaign_activities")["activities"]), seven);
    let gift = json!({ "kind": "gift", "zh": "一份年货", "en": "One gift", "per": "total", "number": 30 });
    let twice = json!({ "activities": [gift, gift] });
    let refused = town.chooses_value("曲塘镇", "campaign_activities", &twice).await;
    refused
        .is_refused("invalid")
        .names_fault("/activities/1/kind", "item_twice");
    let chosen = json!({ "activities": [gift] });
    town.chooses_value("曲塘镇", "campaign_activities", &chosen)
        .await
        .succeeded();
    let village = li.plans_campaign("三塘村", json!({})).await;
    assert_eq!(village.succeeded()["activities"], json!([gift]));
    let whole = county.plans_campaign("海安", json!({})).await;
    assert_eq!(kinds(&whole.succeeded()["activities"]), seven);
    let autumn = county.plans_campaign("海安", json!({ "festival": "mid_autumn" })).await;
    autumn
        .has("festival_on", "2027-09-15")
        .has("activities", json!([]))
        .has("title", "2027年中秋");
    let days = [
        ("qingming", "2027-04-05"),
        ("dragon_boat", "2027-06-09"),
        ("national_day", "2027-10-01"),
        ("party_founding_day", "2027-07-01"),
    ];
    for (festival, day) in days {
        let planned = county.plans_campaign("海安", json!({ "festival": festival })).await;
        planned.has("festival_on", day);
    }
}
