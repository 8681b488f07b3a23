//! Ways in (磁铁): by a letter, by the code on a workstation's door, and twice by different ways.

use std::fs;

use chrono::TimeDelta;
use domain::id::FileId;
use domain::identity::IdentityNumber;
use futures_util::future::join_all;
use kiteline_tests::client::{Answer, Client};
use kiteline_tests::engine::Engine;
use kiteline_tests::kite::to;
use kiteline_tests::magnet::{Stay, self_report, visitor};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};

stories![
    a_letter_is_uploaded_and_a_disguised_file_is_refused,
    what_a_failed_upload_leaves_is_swept,
    a_newcomer_scans_the_code_on_the_door,
    the_same_person_reported_by_the_host_and_by_herself_is_one_stay,
    a_report_at_the_door_tells_nothing_about_anybody,
    a_code_that_does_not_count_is_refused_with_why,
    a_crowd_of_reports_from_one_address_is_slowed_down,
    a_self_report_by_the_code_turns_out_to_be_a_namesake,
    a_person_who_was_reported_twice_is_merged_by_the_secretary,
    a_visitor_turns_out_to_be_the_member_who_is_handed_over,
    two_secretaries_admit_at_the_same_second,
];

const LETTER: &[u8] = b"%PDF-1.7\nthe bearer is a member of our branch";

async fn a_letter_is_uploaded_and_a_disguised_file_is_refused(w: World) {
    let (zhou, li) = (w.secretary("雅周镇").await, w.secretary("三塘村").await);
    let stay = Stay::of(&zhou.finds("雅周镇", visitor("张伟")).await);

    let page = b"<!DOCTYPE html><script>alert(1)</script>";
    let disguised = zhou.hands_in(&stay, "介绍信.png", "image/png", page).await;
    disguised.is_refused("invalid").names_fault("/file", "not_a_picture");
    let detail = disguised["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("PNG, JPEG, WebP, PDF"), "{detail}");
    let mut large = LETTER.to_vec();
    large.resize(10 * 1024 * 1024 + 1, b' ');
    let refused = zhou.hands_in(&stay, "介绍信.pdf", "application/pdf", &large).await;
    refused.is_refused("invalid").names_fault("/file", "file_too_big");
    assert_eq!(refused["errors"][0]["detail"], "文件太大，至多 10 MiB");
    li.hands_in(&stay, "介绍信.pdf", "application/pdf", LETTER)
        .await
        .is_refused("not_found");
    assert_eq!(kept(&w), Vec::<String>::new(), "nothing of what was refused is kept");
    zhou.get(&format!("{}/letter", stay.path()))
        .await
        .is_refused("not_found");

    // Neither the name nor the claimed type counts.
    let verified = zhou.hands_in(&stay, "../../keys", "image/png", LETTER).await;
    verified.is("verified").allows(&["admit", "reject", "withdraw"]);
    assert_eq!(verified["verification"]["by"], "letter");
    assert_eq!(verified["verification"]["on"], json!(w.today()));
    assert_eq!(verified["verification"]["confirmed_by"], zhou.name.as_str());
    zhou.hands_in(&stay, "介绍信.pdf", "application/pdf", LETTER)
        .await
        .is_refused("transition_refused");
    let files = kept(&w);
    assert!(files.len() == 1 && files[0].parse::<FileId>().is_ok(), "{files:?}");
    let sealed = fs::read(w.files().join(&files[0])).unwrap();
    assert!(!sealed.windows(9).any(|part| part == b"of our br"), "it lies sealed");

    zhou.admits(&stay, "王垛村").await.is("admitted");
    let officer = w.contact_officer("雅周镇").await;
    for reader in [&zhou, &officer] {
        let letter = reader.get(&format!("{}/letter", stay.path())).await;
        assert_eq!(letter.succeeded().bytes(), LETTER);
        assert_eq!(letter.header("content-type"), Some("application/pdf"));
        assert_eq!(letter.header("x-content-type-options"), Some("nosniff"));
        let named = format!("attachment; filename=\"letter-{}.pdf\"", stay.id);
        assert_eq!(letter.header("content-disposition"), Some(&*named));
    }
    li.get(&format!("{}/letter", stay.path())).await.is_refused("not_found");
    assert_eq!(w.database().count("audit where action = 'letter_viewed'"), 2);
    let told = ["stay_reported", "stay_confirmed_by_letter", "stay_admitted"];
    assert_eq!(zhou.story_of(&stay).await, told);
}

async fn what_a_failed_upload_leaves_is_swept(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let stay = Stay::of(&zhou.finds("雅周镇", visitor("张伟")).await);
    zhou.hands_in(&stay, "介绍信.pdf", "application/pdf", LETTER)
        .await
        .is("verified");
    // As if the machine had died between the file and its row.
    let orphan: FileId = w.store().fresh();
    w.store().files().put(orphan, LETTER).await.unwrap();
    fs::write(w.files().join("readme.txt"), "not ours").unwrap();
    assert_eq!(w.notifier().tidy().await.unwrap(), 0, "it may still get its row");
    w.waits(TimeDelta::days(2));
    assert_eq!(w.notifier().tidy().await.unwrap(), 1);
    assert!(!kept(&w).contains(&orphan.to_string()));
    let letter = zhou.get(&format!("{}/letter", stay.path())).await;
    assert_eq!(letter.succeeded().bytes(), LETTER);
    assert!(kept(&w).contains(&"readme.txt".to_owned()));
}

/// The names of the files that are kept.
fn kept(w: &World) -> Vec<String> {
    let entries = fs::read_dir(w.files()).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.collect()
}

/// Somebody without an account reports at the door.
async fn reports(client: &Client, report: &Value) -> Answer {
    client.post("/v1/magnet/self-reports", report).await
}

/// The stays that a secretary sees.
async fn stays_of(secretary: &Person) -> Vec<Value> {
    secretary.get("/v1/magnet/stays?limit=500").await.items().to_vec()
}

async fn told(person: &Person) -> Vec<String> {
    let inbox = person.get("/v1/me/inbox").await;
    let subjects = inbox.items().iter().filter_map(|message| message["title"].as_str());
    subjects.map(ToOwned::to_owned).collect()
}

async fn a_newcomer_scans_the_code_on_the_door(w: World) {
    let (zhou, li) = (w.secretary("雅周镇").await, w.secretary("三塘村").await);
    let host = w.county().place("雅周镇").id;
    let code = zhou.fetches_code("雅周镇").await;
    assert_eq!(zhou.fetches_code("雅周镇").await, code, "one print a day is enough");
    for kind in ["png", "svg"] {
        let print = zhou.get(&format!("/v1/organisations/{host}/arrival-code.{kind}")).await;
        assert!(!print.succeeded().bytes().is_empty());
    }
    li.get(&format!("/v1/organisations/{host}/arrival-code"))
        .await
        .is_refused("not_found");

    let (phone, newcomer) = (w.stranger(), visitor("张伟"));
    let report = self_report(&code, w.today(), newcomer);
    let name = w.county().place("雅周镇").name.clone();
    let received = reports(&phone, &report).await;
    assert_eq!(received.status(), 202);
    assert_eq!(received.body(), &json!({ "id": report["id"], "host": name }));
    // The answer got lost on the way; twins are sent at the same moment.
    let again = join_all((0..4).map(|_| reports(&phone, &report))).await;
    assert!(again.iter().all(|answer| answer.text() == received.text()), "{again:?}");

    let seen = stays_of(&zhou).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    let stay = Stay {
        id: seen[0]["id"].as_str().unwrap().to_owned(),
    };
    let seen = zhou.looks_at(&stay).await;
    seen.is("reported")
        .has("source", "self_report")
        .has("address", "江苏省南通市海安市 城东镇某小区");
    assert_eq!(seen["origin"]["name"], "达州某村党支部");
    assert_eq!(seen["person"]["phone"], "199****0023");
    w.runs_jobs().await;
    assert_eq!(told(&zhou).await, [format!("张伟自报已到{name}")]);
    assert_eq!(told(&li).await, Vec::<String>::new());

    let bad = json!({
        "id": "0", "code": code, "name": " ", "arrived_on": w.today(), "division_code": "999999",
    });
    let refused = reports(&phone, &bad).await;
    refused.is_refused("invalid").names_fault("/id", "malformed");
    let mut bad = bad;
    bad["id"] = report["id"].clone();
    let refused = reports(&phone, &bad).await;
    refused
        .names_fault("/name", "not_a_name")
        .names_fault("/phone", "identity_or_phone")
        .names_fault("/division_code", "unknown_division");
}

/// A synthetic identity number that is valid.
fn number() -> String {
    let guesses = "0123456789X".chars().map(|check| format!("32060019900101002{check}"));
    let mut valid = guesses.filter(|text| IdentityNumber::parse(text).is_ok());
    valid.next().unwrap()
}

async fn the_same_person_reported_by_the_host_and_by_herself_is_one_stay(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let code = zhou.fetches_code("雅周镇").await;
    let phone = w.stranger();
    let zhang = json!({ "name": "张伟", "identity_number": number(), "phone": "19900000023" });
    let found = zhou
        .finds("雅周镇", json!({ "name": "张伟", "identity_number": number() }))
        .await;
    let stay = Stay::of(&found);
    let reported = reports(&phone, &self_report(&code, w.today(), zhang.clone())).await;
    assert_eq!(reported.status(), 202);
    assert_eq!(stays_of(&zhou).await.len(), 1);
    let seen = zhou.looks_at(&stay).await;
    seen.is("reported").has("source", "survey");
    assert_eq!(seen["person"]["phone"], "199****0023", "as she gave it");
    assert_eq!(zhou.story_of(&stay).await, ["stay_reported", "stay_reported_again"]);

    // The other way round, elsewhere: she comes first, the survey after her, and it is sent twice.
    let chen = w.secretary("驻沪").await;
    let door = chen.fetches_code("驻沪").await;
    reports(&phone, &self_report(&door, w.today(), zhang.clone()))
        .await
        .succeeded();
    let survey = json!({
        "id": uuid::Uuid::now_v7(), "host_organisation_id": w.county().place("驻沪").id, "person": zhang,
        "arrived_on": w.today(), "employer": "浦东某工地",
    });
    let first = chen.post("/v1/magnet/stays", &survey).await;
    first
        .is("reported")
        .has("source", "self_report")
        .has("employer", "海安某纺织厂");
    let again = chen.post("/v1/magnet/stays", &survey).await;
    assert_eq!(again["id"], first["id"]);
    assert_eq!(stays_of(&chen).await.len(), 1);
    let told = chen.story_of(&Stay::of(&first)).await;
    assert_eq!(told, ["stay_reported", "stay_reported_again"]);

    // And a member with an account here.
    let wang = w.member("王芳").of("三塘村").await;
    reports(&phone, &self_report(&door, w.today(), visitor("王芳")))
        .await
        .succeeded();
    wang.arrives_at("驻沪").await.is("reported");
    assert_eq!(
        stays_of(&chen).await.len(),
        3,
        "by name and phone alone nobody is recognised"
    );
    w.runs_jobs().await;
}

async fn a_report_at_the_door_tells_nothing_about_anybody(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let identity = IdentityNumber::parse(&number()).unwrap();
    let newcomer = w.member("王芳").with(|facts| facts.identity = Some(identity));
    let wang = newcomer.of("三塘村").await;
    let code = zhou.fetches_code("雅周镇").await;
    let phone = w.stranger();
    let mut answers = Vec::new();
    for name in ["王芳", "李四"] {
        let person = json!({ "name": name, "identity_number": number(), "phone": "19900000024" });
        let report = self_report(&code, w.today(), person);
        let answer = reports(&phone, &report).await;
        assert_eq!(answer.status(), 202);
        answers.push(answer.text().replace(report["id"].as_str().unwrap(), ""));
    }
    assert_eq!(answers[0], answers[1]);
    // Nor does the host learn what is known of a member before it is verified.
    let seen = stays_of(&zhou).await;
    assert_eq!(seen.len(), 2);
    for stay in &seen {
        for hidden in ["member_id", "journey_id", "last_contact_at"] {
            assert!(stay[hidden].is_null(), "{hidden} in {stay}");
        }
        assert_eq!(stay["person"]["phone"], "199****0024", "as it was given");
    }
    let roster = zhou.get("/v1/rosters/inbound").await;
    for line in roster.items() {
        assert!(line["member_id"].is_null(), "{line}");
    }
    // She sees on her own record that somebody used her number.
    let own = wang.get("/v1/me/data").await;
    assert_eq!(own["stay_reports"].as_array().unwrap().len(), 1);
    assert_eq!(own["stay_reports"][0]["phone"], "199****0024");
    w.runs_jobs().await;
}

async fn a_code_that_does_not_count_is_refused_with_why(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let code = zhou.fetches_code("雅周镇").await;
    let phone = w.stranger();
    let refuses = async |code: &str, why: &str| {
        let refused = reports(&phone, &self_report(code, w.today(), visitor("张伟"))).await;
        refused.is_refused("invalid").names_fault("/code", why);
    };
    let access = zhou.logs_in().await.token().unwrap().to_owned();
    refuses("报到", "arrival_code_malformed").await;
    refuses(&access, "arrival_code_other_kind").await;
    let other = w.secretary("驻沪").await.fetches_code("驻沪").await;
    let (head, signature) = (other.rsplit_once('.').unwrap().0, code.rsplit_once('.').unwrap().1);
    refuses(&format!("{head}.{signature}"), "arrival_code_forged").await;
    let elsewhere = World::on(Engine::Sqlite).await;
    let foreign = elsewhere.secretary("雅周镇").await.fetches_code("雅周镇").await;
    refuses(&foreign, "arrival_code_unknown_key").await;
    w.stranger()
        .with_token(&code)
        .get("/v1/me")
        .await
        .is_refused("unauthenticated");
    w.waits(TimeDelta::days(367));
    refuses(&code, "arrival_code_expired").await;
    assert_eq!(stays_of(&zhou).await.len(), 0);
}

async fn a_crowd_of_reports_from_one_address_is_slowed_down(w: World) {
    let zhou = w.secretary("雅周镇").await;
    let code = zhou.fetches_code("雅周镇").await;
    let phone = w.stranger();
    let from = async |address: &str| {
        let report = self_report(&code, w.today(), visitor("张伟"));
        let call = phone.call(Method::POST, "/v1/magnet/self-reports").body(&report);
        call.header("X-Forwarded-For", address).send().await
    };
    let crowd = join_all((0..25).map(|_| from("203.0.113.7"))).await;
    let taken = crowd.iter().filter(|answer| answer.status() == 202).count();
    assert_eq!(taken, 20);
    let slowed = crowd.iter().find(|answer| answer.status() == 429).unwrap();
    slowed.is_refused("too_many_attempts");
    let wait: i64 = slowed.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=61).contains(&wait), "{wait}");
    assert_eq!(
        from("203.0.113.8").await.status(),
        202,
        "another address is not held up"
    );
    assert_eq!(
        from("6.6.6.6, 203.0.113.7").await.status(),
        429,
        "what it says itself does not count"
    );
    w.waits(TimeDelta::seconds(wait));
    assert_eq!(from("203.0.113.7").await.status(), 202, "after the wait");
    assert_eq!(from("203.0.113.7").await.status(), 429);

    // Many addresses, one host: other hosts are not held up.
    let many = join_all((0..140).map(async |at| from(&format!("198.51.100.{at}")).await.status())).await;
    assert!(many.contains(&429) && many.iter().filter(|status| **status == 202).count() < 120);
    let other = w.secretary("驻沪").await.fetches_code("驻沪").await;
    let report = self_report(&other, w.today(), visitor("张伟"));
    let call = phone.call(Method::POST, "/v1/magnet/self-reports").body(&report);
    let elsewhere = call.header("X-Forwarded-For", "198.51.100.200").send().await;
    assert_eq!(elsewhere.status(), 202);
    w.runs_jobs().await;
}

/// The one stay besides a known one that a secretary sees.
async fn besides(secretary: &Person, known: &Stay) -> Stay {
    let stays = stays_of(secretary).await;
    let mut ids = stays.iter().filter_map(|stay| stay["id"].as_str());
    let id = ids.find(|id| *id != known.id).unwrap();
    Stay { id: id.to_owned() }
}

async fn a_self_report_by_the_code_turns_out_to_be_a_namesake(w: World) {
    let (zhou, li) = (w.secretary("雅周镇").await, w.secretary("三塘村").await);
    let known = Stay::of(
        &zhou
            .finds("雅周镇", json!({ "name": "王芳", "phone": "19900000021" }))
            .await,
    );
    zhou.calls_origin(&known).await.is("verified");
    zhou.admits(&known, "王垛村").await.is("admitted");

    let code = zhou.fetches_code("雅周镇").await;
    let person = json!({ "name": "王芳", "phone": "19900000022" });
    reports(&w.stranger(), &self_report(&code, w.today(), person))
        .await
        .succeeded();
    assert_eq!(stays_of(&zhou).await.len(), 2, "the machine merges nobody");
    let new = besides(&zhou, &known).await;
    zhou.looks_at(&new).await.is("reported");
    assert_eq!(zhou.suspects(&new).await, [(known.id.clone(), json!(["name"]))]);
    assert_eq!(zhou.suspects(&known).await, [(new.id.clone(), json!(["name"]))]);
    let suggested = zhou.get(&format!("{}/suggestions", new.path())).await;
    assert_eq!(suggested.items()[0]["stay"]["person"]["phone"], "199****0021");
    li.get(&format!("{}/suggestions", new.path()))
        .await
        .is_refused("not_found");

    // She comes to the office: another woman of the same name.
    let apart = json!({ "other_id": known.id, "reason": "同名不同人，籍贯不同" });
    for _ in 0..2 {
        let said = zhou.post(&format!("{}/keep-apart", new.path()), &apart).await;
        assert_eq!(said.status(), 204);
    }
    assert_eq!(zhou.suspects(&new).await, []);
    assert_eq!(zhou.suspects(&known).await, []);
    assert_eq!(zhou.story_of(&new).await, ["stay_reported", "stay_kept_apart"]);
    zhou.calls_origin(&new).await.is("verified");
    let admitted = zhou.admits(&new, "王垛村").await;
    assert_eq!(admitted["admission"]["register_number"], 2);
    w.runs_jobs().await;
}

async fn a_person_who_was_reported_twice_is_merged_by_the_secretary(w: World) {
    let (zhou, li) = (w.secretary("雅周镇").await, w.secretary("三塘村").await);
    let known = Stay::of(&zhou.finds("雅周镇", visitor("张伟")).await);
    zhou.hands_in(&known, "介绍信.pdf", "application/pdf", LETTER)
        .await
        .is("verified");
    zhou.admits(&known, "王垛村").await.is("admitted");
    let code = zhou.fetches_code("雅周镇").await;
    reports(&w.stranger(), &self_report(&code, w.today(), visitor("张伟")))
        .await
        .succeeded();
    let new = besides(&zhou, &known).await;
    assert_eq!(
        zhou.suspects(&new).await,
        [(known.id.clone(), json!(["phone", "name"]))]
    );

    zhou.merges(&new, &known)
        .await
        .is_refused("invalid")
        .names_fault("/other_id", "merge_other_way");
    let theirs = Stay::of(&li.finds("三塘村", visitor("张伟")).await);
    zhou.merges(&known, &theirs)
        .await
        .is_refused("invalid")
        .names_fault("/other_id", "unknown_stay");
    li.merges(&known, &theirs).await.is_refused("not_found");
    let office = w.office("海安").await;
    office
        .merges(&known, &theirs)
        .await
        .is_refused("invalid")
        .names_fault("/other_id", "two_hosts");
    zhou.merges(&known, &known).await.names_fault("/other_id", "same_stay");

    let merged = zhou.merges(&known, &new).await;
    merged.is("admitted").allows(&["leave"]);
    assert_eq!(merged["admission"]["register_number"], 1);
    let closed = zhou.looks_at(&new).await;
    closed
        .is("merged")
        .allows(&[])
        .has("merged_into", known.id.as_str())
        .has("reason", "本人到站核对过身份证");
    zhou.calls_origin(&new).await.is_refused("transition_refused");
    let told = [
        "stay_reported",
        "stay_confirmed_by_letter",
        "stay_admitted",
        "stay_reported",
        "stay_merged_into",
        "stay_merged",
    ];
    assert_eq!(zhou.story_of(&known).await, told, "what happened to both");
    assert_eq!(zhou.suspects(&known).await, []);
    zhou.merges(&known, &new).await.is_refused("transition_refused");
    w.runs_jobs().await;
}

async fn a_visitor_turns_out_to_be_the_member_who_is_handed_over(w: World) {
    let (li, chen) = (w.secretary("三塘村").await, w.secretary("驻沪").await);
    let wang = w.member("王芳").of("三塘村").await;
    // The host finds her before the branch tells of her.
    let found = Stay::of(&chen.finds("驻沪", json!({ "name": "王芳" })).await);
    chen.hands_in(&found, "介绍信.pdf", "application/pdf", LETTER)
        .await
        .is("verified");
    chen.admits(&found, "浦东流动").await.is("admitted");
    let kite = li
        .plans(&wang, to("310115"))
        .hosted_by("驻沪")
        .leaving("2027-01-11")
        .await;
    li.departs(&kite).await.is("away");
    w.runs_jobs().await;
    let offer = chen.only_incoming("offered").await;
    chen.answers(&offer, "accept").await.is("accepted");
    let new = besides(&chen, &found).await;
    assert_eq!(chen.suspects(&new).await, [(found.id.clone(), json!(["name"]))]);

    let merged = chen.merges(&found, &new).await;
    merged
        .is("admitted")
        .has("member_id", json!(wang.member))
        .has("journey_id", kite.id.as_str());
    assert_eq!(merged["origin"]["name"], "三塘村党支部");
    assert_eq!(merged["admission"]["register_number"], 1);
    wang.get("/v1/me/stay")
        .await
        .is("admitted")
        .has("id", found.id.as_str());
    let own = wang.get("/v1/me/data").await;
    assert_eq!(own["files"][0]["purpose"], "letter", "what was handed in is about her");
    let read = li.reads(&offer).await;
    assert_eq!(read["stay"]["id"], found.id.as_str(), "the origin follows her there");
    w.passes(TimeDelta::days(1)).await;
    chen.sees_off(&found, "home").await.is("left");
    let told = li.timeline(&kite).await;
    assert!(told.contains(&"return_proposed".to_owned()), "{told:?}");
    w.runs_jobs().await;
}

async fn two_secretaries_admit_at_the_same_second(w: World) {
    let (zhou, wu, chen) = (
        w.secretary("雅周镇").await,
        w.office("雅周镇").await,
        w.secretary("驻沪").await,
    );
    let names = [
        "赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "王八", "冯九", "陈十",
    ];
    let mut stays = Vec::new();
    for name in names {
        let stay = Stay::of(&zhou.finds("雅周镇", visitor(name)).await);
        let seen = zhou.calls_origin(&stay).await.version();
        stays.push((stay, seen));
    }
    // She is admitted elsewhere: she takes a number, and gives it back.
    let wang = w.member("王芳").of("三塘村").await;
    let (here, there) = (wang.arrives_at("雅周镇").await, wang.arrives_at("驻沪").await);
    let (here, there) = (Stay::of(&here), Stay::of(&there));
    chen.calls_origin(&there).await.is("verified");
    chen.admits(&there, "浦东流动").await.is("admitted");
    let version = zhou.calls_origin(&here).await.version();

    let both = join_all(stays.iter().map(async |(stay, seen)| {
        let (one, elsewhere, other, outside) = tokio::join!(
            zhou.admits_seen(stay, "王垛村", *seen),
            zhou.admits_seen(&here, "王垛村", version),
            wu.admits_seen(stay, "王垛村", *seen),
            wu.admits_seen(stay, "驻沪", *seen),
        );
        elsewhere.names_fault("/member_id", "is_admitted_elsewhere");
        assert!(matches!(outside.status(), 409 | 422), "{outside}");
        (one, other)
    }))
    .await;
    let mut numbers = Vec::new();
    for (one, other) in &both {
        let (winner, won, lost) = match (one.status(), other.status()) {
            (200, 409) => (&zhou, one, other),
            (409, 200) => (&wu, other, one),
            _ => panic!("{one}\n{other}"),
        };
        lost.is_refused("transition_refused");
        let detail = lost["detail"].as_str().unwrap();
        assert!(detail.starts_with(&winner.name), "{detail}");
        assert_eq!(lost["state"], "admitted");
        numbers.extend(won["admission"]["register_number"].as_i64());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    let refused = zhou.admits(&here, "王垛村").await;
    refused.names_fault("/member_id", "is_admitted_elsewhere");
    let next = Stay::of(&zhou.finds("雅周镇", visitor("褚十一")).await);
    zhou.calls_origin(&next).await.is("verified");
    assert_eq!(zhou.admits(&next, "王垛村").await["admission"]["register_number"], 11);
    w.runs_jobs().await;
}
