//! Wishes (微心愿): written, published, taken on, fulfilled, thanked for; and nobody learns who wished, unless the author says.
mod claims;
mod search;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta};
use kiteline_tests::client::Answer;
use kiteline_tests::people::Person;
use kiteline_tests::services::picture;
use kiteline_tests::stories;
use kiteline_tests::walk::Things;
use kiteline_tests::world::World;
use serde_json::{Value, json};
use uuid::Uuid;

use self::search::{everything, mentions};

stories![
    a_wish_from_writing_to_thanks_and_nobody_learns_whose,
    nothing_about_the_author_changes_when_an_unnamed_wish_is_written,
    a_named_wish_names_its_author,
    whoever_was_named_stays_named,
    a_picture_is_taken_alone,
    an_officer_writes_down_a_wish_and_it_stays_unnamed,
];

const WISH: &str = "想要一副两百度的老花镜";

fn says(text: &str) -> Value {
    json!({ "said": text })
}

/// The addresses of a wish: its author's, the organisation's, a neighbour's.
fn paths(wish: &Answer) -> [String; 3] {
    let id = wish.string("id");
    ["/v1/me/wishes", "/v1/wishes", "/v1/me/published-wishes"].map(|list| format!("{list}/{id}"))
}

/// What tells who a member is.
fn tells_who(member: &Person, phone: &str) -> Vec<String> {
    let masked = format!("{}****{}", &phone[..3], &phone[7..]);
    let ids = [member.member.to_string(), member.account.to_string()];
    let simple = [
        member.member.0.simple().to_string(),
        member.account.0.simple().to_string(),
    ];
    let named = [member.name.clone(), member.login.clone(), phone.to_owned(), masked];
    ids.into_iter().chain(simple).chain(named).collect()
}

/// The staff who have to do with 三塘村, in every role, and two members of it besides the author.
struct Others {
    secretary: Person,
    officer: Person,
    town: Person,
    county: Person,
    auditor: Person,
    administrator: Person,
    claimer: Person,
    neighbour: Person,
}

impl Others {
    async fn of(w: &World) -> Self {
        Self {
            secretary: w.secretary("三塘村").await,
            officer: w.contact_officer("三塘村").await,
            town: w.office("曲塘镇").await,
            county: w.office("海安").await,
            auditor: w.auditor().await,
            administrator: w.administrator().await,
            claimer: w.member("陈邻居").of("三塘村").await,
            neighbour: w.member("孙邻居").of("三塘村").await,
        }
    }

    fn all(&self) -> [&Person; 8] {
        [
            &self.secretary,
            &self.officer,
            &self.town,
            &self.county,
            &self.auditor,
            &self.administrator,
            &self.claimer,
            &self.neighbour,
        ]
    }
}

/// Nobody but the author gets an answer that holds the wish beside who wrote it.
async fn nobody_learns_whose(others: &Others, things: &Things, wish: &[String], who: &[String]) {
    let mut of_wish = 0;
    for caller in others.all() {
        let client = caller.client().await;
        for (address, piece) in everything(&client, things).await {
            let speaks = mentions(&piece, wish);
            of_wish += usize::from(speaks);
            assert!(
                !(speaks && mentions(&piece, who)),
                "{} learns whose wish it is from {address}: {piece}",
                caller.name
            );
        }
    }
    assert!(of_wish > 15, "only {of_wish} pieces speak of the wish");
}

/// A refusal tells as little as an answer.
#[track_caller]
fn tells_nothing(answer: &Answer, who: &[String]) {
    assert!(!mentions(answer.text(), who), "{answer}");
}

const PHONE: &str = "19900008888";

/// A member of 三塘村 about whom there is everything else: a journey, a stay, a certificate, requests of her own.
async fn author(w: &World) -> (Things, Vec<String>) {
    let things = w.things("三塘村", "浦东流动").await;
    let person = things.person.clone();
    let who = tells_who(&person, PHONE);
    let mut who: Vec<String> = who.into_iter().filter(|word| !word.contains("8888")).collect();
    who.push(things.phone.clone());
    (things, who)
}

/// A wish that nobody is to learn whose it is, with everybody who has to do with it.
struct Untold<'a> {
    w: &'a World,
    her: Person,
    others: Others,
    /// What belongs to her, and the wish instead of the one that names her.
    things: Things,
    /// What tells who she is.
    who: Vec<String>,
    /// What tells which wish it is.
    wish: Vec<String>,
    picture: String,
    own: String,
    staffs: String,
    near: String,
}

impl<'a> Untold<'a> {
    async fn is_written(w: &'a World) -> Self {
        let (things, who) = author(w).await;
        let (her, others) = (things.person.clone(), Others::of(w).await);
        let written = her.wishes("想要一副老花镜", true).await;
        written
            .allows(&["withdraw"])
            .has("anonymous", true)
            .has("author", Value::Null);
        let [own, staffs, near] = paths(&written);
        her.corrects(&own, &says(WISH)).await.has("said", WISH);
        let shown = her.attaches(&own, "pictures", &picture("王芳的手机")).await;
        shown.succeeded();
        assert_eq!(shown["pictures"][0]["uploaded_by"], Value::Null);
        let picture = shown["pictures"][0]["id"].as_str().unwrap().to_owned();
        let id = written.string("id").to_owned();
        let things = things
            .with("wishes", &id)
            .with("published-wishes", &id)
            .with("pictures", &picture)
            .with("published-wishes/pictures", &picture);
        let simple = id.replace('-', "");
        let wish = vec![id, simple, WISH.to_owned(), picture.clone()];
        Self {
            w,
            her,
            others,
            things,
            who,
            wish,
            picture,
            own,
            staffs,
            near,
        }
    }

    /// Nobody but the author gets an answer that holds the wish beside who wrote it.
    async fn nobody_learns_whose(&self) {
        nobody_learns_whose(&self.others, &self.things, &self.wish, &self.who).await;
    }

    /// The branch hears of it on the next morning, publishes it, and a neighbour takes it on.
    async fn is_published_and_claimed(&self) {
        let Self {
            w,
            others,
            who,
            staffs,
            near,
            ..
        } = self;
        assert_eq!(others.secretary.told_of("wish").await, Vec::<String>::new());
        w.passes(TimeDelta::days(1)).await;
        let of_three = ["2027-01-12 wish_news"; 3];
        assert_eq!(
            others.secretary.told_of("wish").await,
            of_three,
            "of two more that others wrote"
        );
        self.nobody_learns_whose().await;
        others.claimer.get(near).await.is_refused("not_found");
        let published = others.secretary.tells(staffs, "publish", &json!({})).await;
        published.is("published").allows(&["decline", "claim"]);
        tells_nothing(&published, who);
        self.her.get(near).await.is_refused("not_found");
        let seen = others.neighbour.get(near).await;
        seen.has("code", Value::Null).allows(&["claim"]);
        let claimed = others.claimer.tells(near, "claim", &json!({})).await;
        claimed.is("claimed").allows(&["release", "fulfil"]);
        tells_nothing(&claimed, who);
        tells_nothing(&others.claimer.tells(near, "claim", &json!({})).await, who);
        others.neighbour.get(near).await.is_refused("not_found");
    }

    /// They speak to each other through the wish.
    async fn is_spoken_of(&self) {
        let Self { w, her, others, .. } = self;
        let question = says("要什么颜色的？");
        let asked = others.claimer.post(&format!("{}/messages", self.near), &question).await;
        tells_nothing(&asked, &self.who);
        w.delivers().await;
        assert!(her.last_words().await.contains("要什么颜色的？"));
        let answer = says("黑色的就好。");
        her.post(&format!("{}/messages", self.own), &answer).await.succeeded();
        assert_eq!(others.claimer.told_of("wish").await, Vec::<String>::new());
        w.passes(TimeDelta::days(1)).await;
        assert_eq!(others.claimer.told_of("wish").await, ["2027-01-13 wish_news"]);
        assert!(others.claimer.last_words().await.contains("心愿人：黑色的就好。"));
        self.nobody_learns_whose().await;
    }

    async fn comes_true(&self) {
        let Self { w, her, others, .. } = self;
        let how = says("放在村部，报编号领取。");
        let fulfilled = others.claimer.tells(&self.near, "fulfil", &how).await;
        fulfilled.is("fulfilled");
        w.delivers().await;
        assert!(her.last_words().await.contains("放在村部，报编号领取。"));
        let hers = her.get(&self.own).await;
        hers.allows(&["thank"]);
        for (reader, path) in [(&others.claimer, &self.near), (&others.secretary, &self.staffs)] {
            let code = &reader.get(path).await["code"];
            assert_eq!(code, &hers["code"], "who hands it over checks it");
        }
        let thanked = her.tells(&self.own, "thank", &says("谢谢，正合适！")).await;
        thanked.is("thanked").allows(&[]);
        w.passes(TimeDelta::days(1)).await;
        for told in [&others.claimer, &others.secretary] {
            assert!(told.last_words().await.contains("谢谢，正合适！"));
        }
        self.nobody_learns_whose().await;
    }

    /// What is left of it in files, histories and letters.
    async fn leaves_nothing(&self) {
        let Self {
            w, her, others, who, ..
        } = self;
        let path = format!("{}/pictures/{}", self.staffs, self.picture);
        let fetched = others.secretary.get(&path).await;
        tells_nothing(&fetched, who);
        assert!(!String::from_utf8_lossy(fetched.bytes()).contains("王芳"));
        let timeline = others.secretary.get(&format!("{}/timeline", self.staffs)).await;
        let events: Vec<_> = timeline.items().iter().map(|one| one["event"].clone()).collect();
        assert_eq!(events, ["wish_published", "wish_claimed", "wish_fulfilled"]);
        let data = her.get("/v1/me/data").await;
        assert!(data["wishes"].to_string().contains(WISH), "she sees all of it herself");
        let taken = others.claimer.get("/v1/me/data").await;
        assert!(taken["claimed_wishes"].to_string().contains(WISH));
        for mail in w.mail().received() {
            let text = mail.subject() + &mail.text();
            let hers = text.contains(&format!("{}同志", her.name));
            let both = mentions(&text, &self.wish) && mentions(&text, who);
            assert!(hers || !both, "{text}");
        }
    }
}

async fn a_wish_from_writing_to_thanks_and_nobody_learns_whose(w: World) {
    w.leaves_work_undone();
    let wish = Untold::is_written(&w).await;
    wish.is_published_and_claimed().await;
    wish.is_spoken_of().await;
    wish.comes_true().await;
    nobody_learns_the_hour(&w, &wish.others, &wish.staffs, &wish.wish).await;
    wish.leaves_nothing().await;
}

/// Of what the author did the day alone is to be known.
async fn nobody_learns_the_hour(w: &World, others: &Others, staffs: &str, ids: &[String]) {
    for id in ids.iter().filter_map(|id| id.parse::<Uuid>().ok()) {
        let (seconds, nanos) = id.get_timestamp().unwrap().to_unix();
        let told = DateTime::from_timestamp(seconds.try_into().unwrap(), nanos).unwrap();
        assert_eq!(told.to_rfc3339(), "2027-01-11T12:00:00+00:00", "{id} tells the hour");
    }
    let shown = others.secretary.get(staffs).await;
    let instants: BTreeSet<_> = shown
        .text()
        .split('"')
        .filter(|word| DateTime::parse_from_rfc3339(word).is_ok())
        .collect();
    assert_eq!(instants, ["2027-01-11T12:00:00Z"].into(), "{shown}");
    let of_wishes = "outbox where occasion like 'wish%' and recipient_kind = 'member'";
    assert!(w.database().count(of_wishes) > 0);
    let operator = others.administrator.get("/v1/notifications?limit=500").await;
    let of_members = operator.items().iter().filter(|one| one["audience"] == "member");
    let told = of_members.filter(|one| one["occasion"].as_str().unwrap_or_default().starts_with("wish"));
    assert_eq!(told.count(), 0, "an operator does not see who was told of a wish");
}

/// What all callers see of the author, except for what they themselves leave behind by looking.
async fn photograph(others: &Others, things: &Things, who: &[String]) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    for caller in others.all() {
        let client = caller.client().await;
        for (address, piece) in everything(&client, things).await {
            let of_looking = piece.contains("_viewed") || piece.contains("printed") || piece.contains("_exported");
            if mentions(&piece, who) && !of_looking && !address.starts_with("/v1/audit") {
                seen.insert(format!("{} {address}: {piece}", caller.name));
            }
        }
    }
    seen
}

/// The author's entries in the audit trail, but those of looking.
fn audited(w: &World, author: &Person) -> i64 {
    let id = match w.database() {
        kiteline_tests::engine::Database::Sqlite(_) => format!("x'{}'", author.member.0.simple()),
        kiteline_tests::engine::Database::Postgres(_) => format!("'{}'", author.member),
    };
    w.database().count(&format!(
        "audit where person_id = {id} and action not like '%viewed' and action not like '%printed'"
    ))
}

async fn nothing_about_the_author_changes_when_an_unnamed_wish_is_written(w: World) {
    w.leaves_work_undone();
    let (things, who) = author(&w).await;
    let (her, others) = (things.person.clone(), Others::of(&w).await);
    // What else waits to be sent does not look like news of the wish.
    w.delivers().await;
    // The second look leaves behind what the first has left already.
    photograph(&others, &things, &who).await;
    let before = photograph(&others, &things, &who).await;
    let (noted, told) = (audited(&w, &her), w.database().count("timeline"));

    let written = her.wishes(WISH, true).await;
    let [own, staffs, near] = paths(&written);
    her.attaches(&own, "pictures", &picture("")).await.succeeded();
    her.post(&format!("{own}/messages"), &says("不急。")).await.succeeded();
    assert_eq!((audited(&w, &her), w.database().count("timeline")), (noted, told));
    others
        .secretary
        .tells(&staffs, "publish", &json!({}))
        .await
        .is("published");
    others.claimer.tells(&near, "claim", &json!({})).await.is("claimed");
    others
        .claimer
        .tells(&near, "fulfil", &says("好了。"))
        .await
        .is("fulfilled");
    her.tells(&own, "thank", &says("谢谢！")).await.is("thanked");
    w.delivers().await;
    assert_eq!(audited(&w, &her), noted);

    let after = photograph(&others, &things, &who).await;
    let more: Vec<_> = after.difference(&before).collect();
    assert!(more.is_empty(), "{more:#?}");
    assert!(before.is_subset(&after));
    assert!(before.len() > 30, "only {} pieces speak of the author", before.len());
}

async fn a_named_wish_names_its_author(w: World) {
    let others = Others::of(&w).await;
    let wang = w.member("王芳").of("三塘村").await;
    let written = wang.wishes(WISH, false).await;
    let [own, staffs, near] = paths(&written);
    let seen = others.secretary.get(&staffs).await;
    seen.is("written").allows(&["publish", "decline"]);
    assert_eq!(seen["author"], json!({ "id": wang.member, "name": "王芳" }));
    others.officer.get(&staffs).await.allows(&[]);
    others
        .secretary
        .tells(&staffs, "publish", &json!({}))
        .await
        .is("published");
    let near_by = others.neighbour.get(&near).await;
    assert_eq!(
        near_by["author"],
        json!({ "id": null, "name": "王芳" }),
        "neighbours know the name alone"
    );
    let listed = others.neighbour.get("/v1/me/published-wishes").await;
    assert_eq!(listed.items().len(), 1);
    assert_eq!(wang.get("/v1/me/published-wishes").await.items().len(), 0);
    others.officer.tells(&staffs, "claim", &json!({})).await.is("claimed");
    others
        .officer
        .tells(&staffs, "fulfil", &json!({ "said": null }))
        .await
        .is("fulfilled");
    wang.tells(&own, "thank", &json!({ "said": null })).await.is("thanked");
    let timeline = wang.get("/v1/me/data").await["timeline"].to_string();
    for event in [
        "wish_written",
        "wish_published",
        "wish_claimed",
        "wish_fulfilled",
        "wish_thanked",
    ] {
        assert!(timeline.contains(event), "{event}: {timeline}");
    }
    w.passes(TimeDelta::days(1)).await;
    assert_eq!(others.officer.told_of("wish").await, ["2027-01-12 wish_news"]);
    let elsewhere = w.secretary("西场村").await;
    elsewhere.get(&staffs).await.is_refused("not_found");
    let stranger = w.member("外村人").of("西场村").await;
    stranger.get(&near).await.is_refused("not_found");
    assert_eq!(stranger.get("/v1/me/published-wishes").await.items().len(), 0);
}

async fn whoever_was_named_stays_named(w: World) {
    let others = Others::of(&w).await;
    let wang = w.member("王芳").of("三塘村").await;
    let [own, staffs, _] = paths(&wang.wishes(WISH, true).await);
    others.secretary.get(&staffs).await.has("author", Value::Null);
    let named = wang.corrects(&own, &json!({ "anonymous": false })).await;
    named.has("anonymous", false);
    assert_eq!(others.secretary.get(&staffs).await["author"]["name"], "王芳");
    wang.corrects(&own, &json!({ "anonymous": true }))
        .await
        .names_fault("/anonymous", "was_named");
    others
        .secretary
        .tells(&staffs, "publish", &json!({}))
        .await
        .is("published");
    wang.corrects(&own, &says("别的"))
        .await
        .is_refused("transition_refused");
    wang.post("/v1/me/wishes", &json!({ "said": "  " }))
        .await
        .names_fault("/said", "required");
    w.runs_jobs().await;
}

async fn a_picture_is_taken_alone(w: World) {
    let others = Others::of(&w).await;
    let wang = w.member("王芳").of("三塘村").await;
    let [own, staffs, near] = paths(&wang.wishes(WISH, true).await);
    wang.attaches(&own, "pictures", b"%PDF-1.7")
        .await
        .names_fault("/file", "not_a_picture");
    wang.attaches(&own, "pictures", b"\x89PNG\r\n\x1a\nbroken")
        .await
        .names_fault("/file", "not_a_picture");
    let shown = wang.attaches(&own, "pictures", &picture("王芳")).await;
    let id = shown.succeeded()["pictures"][0]["id"].as_str().unwrap().to_owned();
    for _ in 0..5 {
        wang.attaches(&own, "pictures", &picture("")).await.succeeded();
    }
    wang.attaches(&own, "pictures", &picture(""))
        .await
        .names_fault("/file", "too_many_files");
    others
        .neighbour
        .get(&format!("{near}/pictures/{id}"))
        .await
        .is_refused("not_found");
    others
        .secretary
        .tells(&staffs, "publish", &json!({}))
        .await
        .is("published");
    for (reader, path) in [(&wang, &own), (&others.secretary, &staffs), (&others.neighbour, &near)] {
        let fetched = reader.get(&format!("{path}/pictures/{id}")).await;
        fetched.succeeded();
        assert!(fetched.bytes().starts_with(b"\x89PNG"));
        assert!(!String::from_utf8_lossy(fetched.bytes()).contains("王芳"));
    }
    w.runs_jobs().await;
}

async fn an_officer_writes_down_a_wish_and_it_stays_unnamed(w: World) {
    let others = Others::of(&w).await;
    let wang = w.member("王芳").of("三塘村").await;
    let wish = json!({ "person_id": wang.member, "said": WISH, "anonymous": true });
    let written = others.officer.post("/v1/wishes", &wish).await;
    written.is("written").has("author", Value::Null);
    let [own, staffs, _] = paths(&written);
    tells_nothing(&others.county.get(&staffs).await, &["王芳".to_owned()]);
    wang.get(&own).await.is("written").allows(&["withdraw"]);
    let elsewhere = w.contact_officer("西场村").await;
    elsewhere
        .post("/v1/wishes", &wish)
        .await
        .names_fault("/person_id", "unknown_person");
    w.runs_jobs().await;
}
