//! However changes and syncs of two apps follow one another, an app that takes in the differences ends where one stands
//! that asks for everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use domain::notification::{Occasion, Period};
use kiteline_tests::kite::{Kite, to};
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use persistence::outbox::{self, To};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

stories![an_app_that_takes_in_differences_ends_where_the_server_is];

/// What an app keeps.
#[derive(Debug, Default, Clone, PartialEq)]
struct App {
    parts: BTreeMap<&'static str, Value>,
    messages: BTreeMap<String, Value>,
    cursor: Option<String>,
}

impl App {
    async fn syncs(&mut self, me: &Person) {
        let since = self
            .cursor
            .as_ref()
            .map(|cursor| format!("?since={cursor}"))
            .unwrap_or_default();
        let news = me.get(&format!("/v1/me/sync{since}")).await;
        for part in [
            "record",
            "journey",
            "stay",
            "requests",
            "wishes",
            "service_requests",
            "gatherings",
        ] {
            if let Some(value) = news.succeeded().body().get(part) {
                self.parts.insert(part, value.clone());
            }
        }
        let id = |one: &Value| one.as_str().expect("an id").to_owned();
        for message in news["inbox"]["items"].as_array().expect("messages") {
            self.messages.insert(id(&message["id"]), message.clone());
        }
        for gone in news["inbox"]["removed"].as_array().expect("ids") {
            assert!(
                self.messages.remove(&id(gone)).is_some(),
                "what was never there is not taken away"
            );
        }
        self.cursor = Some(news.string("cursor").to_owned());
    }
}

#[derive(Debug, Clone)]
enum Happens {
    FirstSyncs,
    SecondSyncs,
    Both,
    CheckIn,
    Corrected(u8),
    Settings(bool),
    Said(u8),
    Read(prop::sample::Index),
    Asks,
    Invited,
    Excused(prop::sample::Index),
    Comes,
    Goes,
    DaysPass(u8),
    Amid,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        3 => Just(Happens::FirstSyncs),
        2 => Just(Happens::SecondSyncs),
        1 => Just(Happens::Both),
        1 => Just(Happens::CheckIn),
        1 => any::<u8>().prop_map(Happens::Corrected),
        1 => any::<bool>().prop_map(Happens::Settings),
        3 => (1..40_u8).prop_map(Happens::Said),
        2 => any::<prop::sample::Index>().prop_map(Happens::Read),
        1 => Just(Happens::Asks),
        1 => Just(Happens::Invited),
        1 => any::<prop::sample::Index>().prop_map(Happens::Excused),
        1 => Just(Happens::Comes),
        1 => Just(Happens::Goes),
        1 => (1..40_u8).prop_map(Happens::DaysPass),
        2 => Just(Happens::Amid),
    ]
}

/// One member with two phones.
struct Life {
    w: Arc<World>,
    me: Person,
    secretary: Person,
    kite: Kite,
    apps: [App; 2],
    said: i32,
}

impl Life {
    async fn begins(w: Arc<World>) -> Self {
        let (secretary, me) = (w.secretary("三塘村").await, w.member("王芳").of("三塘村").await);
        let kite = secretary.plans(&me, to("310115")).leaving(&w.today().to_string()).await;
        secretary.departs(&kite).await.is("away");
        Self {
            w,
            me,
            secretary,
            kite,
            apps: [App::default(), App::default()],
            said: 0,
        }
    }

    /// So many messages are put into the inbox.
    async fn hears(&mut self, count: u8) {
        let (member, first) = (self.me.member, self.said);
        self.said += i32::from(count);
        let last = self.said;
        let said = self.w.store().write(move |tx| {
            for year in first..last {
                outbox::enqueue(tx, Occasion::Birthday, member.0, Period::Year(year), To::Member(member))?;
            }
            Ok(())
        });
        said.await.expect("messages");
        self.w.delivers().await;
    }

    async fn goes_on(&mut self, what: Happens) {
        let member = format!("/v1/members/{}", self.me.member);
        match what {
            Happens::FirstSyncs => self.apps[0].syncs(&self.me).await,
            Happens::SecondSyncs => self.apps[1].syncs(&self.me).await,
            Happens::Both => {
                let [first, second] = &mut self.apps;
                tokio::join!(first.syncs(&self.me), second.syncs(&self.me));
            }
            Happens::CheckIn => drop(self.me.checks_in("periodic").await),
            Happens::Corrected(number) => {
                let address = json!({ "address": format!("三塘村{number}号") });
                self.secretary.corrects(&member, &address).await.succeeded();
            }
            Happens::Settings(by_email) => {
                self.me
                    .corrects("/v1/me", &json!({ "by_email": by_email }))
                    .await
                    .succeeded();
            }
            Happens::Said(count) => self.hears(count).await,
            Happens::Read(which) => {
                let held: Vec<_> = self.apps[0].messages.keys().cloned().collect();
                if !held.is_empty() {
                    let path = format!("/v1/me/inbox/{}/read", which.get(&held));
                    self.me.post(&path, &json!({})).await.succeeded();
                }
            }
            Happens::Asks => drop(self.me.post("/v1/me/requests", &json!({ "kind": "erasure" })).await),
            Happens::Invited => {
                let (begins, audience) = (
                    self.w.now() + TimeDelta::hours(1),
                    self.secretary.everybody_of("三塘村"),
                );
                let lesson = self
                    .secretary
                    .invites("三塘村", "lesson", &begins.to_rfc3339(), &audience);
                lesson.sent().await.succeeded();
            }
            Happens::Excused(which) => {
                let mine = self.me.get("/v1/me/gatherings").await;
                if !mine.items().is_empty() {
                    let id = which.get(mine.items())["id"].as_str().expect("an id").to_owned();
                    let path = format!("/v1/me/gatherings/{id}/excuse");
                    drop(self.me.post(&path, &json!({ "reason": "夜班" })).await);
                }
            }
            Happens::Comes => drop(self.secretary.welcomes_home(&self.kite).await),
            Happens::Goes => drop(self.secretary.departs_again(&self.kite).await),
            Happens::DaysPass(days) => self.w.waits(TimeDelta::days(days.into())),
            Happens::Amid => {
                let checkin = self.me.writes_checkin("periodic");
                let ([first, _], me) = (&mut self.apps, &self.me);
                tokio::join!(first.syncs(me), me.sends(&checkin), first_words(&self.w, me));
            }
        }
    }
}

/// Something is said while something else goes on.
async fn first_words(w: &World, me: &Person) {
    let (member, thing) = (me.member, uuid::Uuid::now_v7());
    let said = w.store().write(move |tx| {
        outbox::enqueue(
            tx,
            Occasion::Birthday,
            member.0,
            Period::Thing(thing),
            To::Member(member),
        )
    });
    said.await.expect("a message");
    w.delivers().await;
}

async fn an_app_that_takes_in_differences_ends_where_the_server_is(w: World) {
    w.leaves_work_undone();
    let (w, handle) = (Arc::new(w), tokio::runtime::Handle::current());
    let checked = tokio::task::spawn_blocking(move || {
        let config = Config {
            cases: 10,
            failure_persistence: None,
            max_shrink_iters: 20,
            ..Config::default()
        };
        TestRunner::new(config).run(&prop::collection::vec(happens(), 1..24), |story| {
            let ends = handle.block_on(async {
                let mut life = Life::begins(Arc::clone(&w)).await;
                for what in story {
                    life.goes_on(what).await;
                }
                let mut whole = App::default();
                whole.syncs(&life.me).await;
                let [mut first, mut second] = life.apps.clone();
                first.syncs(&life.me).await;
                second.syncs(&life.me).await;
                [whole, first, second]
            });
            let [whole, first, second] = ends;
            prop_assert_eq!(&first.messages, &whole.messages);
            prop_assert_eq!(&first, &whole);
            prop_assert_eq!(&second, &whole);
            Ok(())
        })
    });
    checked.await.expect("the runner").expect("an app that keeps up");
}
