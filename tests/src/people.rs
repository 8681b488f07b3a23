//! The people of a story: each has an account, logs in by HTTP, and speaks in the users' words.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::access::{Role, Scope};
use domain::calendar::BirthdayCalendar;
use domain::clock::Clock;
use domain::codes::{Gender, Standing};
use domain::id::{AccountId, MemberId, OrganisationId};
use domain::spreadsheet::parse_date;
use persistence::accounts::{self, NewAccount};
use persistence::members::{self, Facts, NewMember};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::client::{Answer, Client};
use crate::world::{Shared, World, ZONE};

/// Everybody's password.
pub const PASSWORD: &str = "风筝高飞一线牵，磁铁相吸";
/// After how long a person logs in again: access tokens are good for a quarter of an hour.
const TOKEN_LIFE: TimeDelta = TimeDelta::minutes(10);

/// A client that is logged in, and since when.
type Pass = (Client, DateTime<Utc>);

/// Somebody with an account; clones are the same person.
#[derive(Clone)]
pub struct Person {
    pub(crate) shared: Arc<Shared>,
    /// The name to show.
    pub name: String,
    /// What opens the door, with [`PASSWORD`].
    pub login: String,
    /// The account.
    pub account: AccountId,
    /// The member behind it; nil for staff.
    pub member: MemberId,
    pass: Arc<Mutex<Option<Pass>>>,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person")
            .field("name", &self.name)
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

impl World {
    /// The secretary (支部书记) of the organisation whose name begins so.
    ///
    /// # Panics
    /// When there is no such organisation; so do all of these.
    pub async fn secretary(&self, place: &str) -> Person {
        self.staff(Role::Secretary, place).await
    }

    /// A contact officer (联系干部) there.
    ///
    /// # Panics
    /// As [`World::secretary`].
    pub async fn contact_officer(&self, place: &str) -> Person {
        self.staff(Role::ContactOfficer, place).await
    }

    /// The office (组织部/党委) of the subtree there.
    ///
    /// # Panics
    /// As [`World::secretary`].
    pub async fn office(&self, place: &str) -> Person {
        self.staff(Role::Office, place).await
    }

    /// The administrator of the whole county.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn administrator(&self) -> Person {
        self.staff(Role::Administrator, "海安").await
    }

    /// The auditor of the whole county.
    ///
    /// # Panics
    /// When the store fails.
    pub async fn auditor(&self) -> Person {
        self.staff(Role::Auditor, "海安").await
    }

    /// Somebody new with a role at an organisation.
    ///
    /// # Panics
    /// When there is no such organisation.
    pub async fn staff(&self, role: Role, place: &str) -> Person {
        let place = self.county().place(place);
        let name = format!("{}{role}", place.name);
        self.account(name, role, place.id, None).await
    }

    /// A member (党员) of that name; finish with [`Newcomer::of`].
    pub fn member(&self, name: &str) -> Newcomer<'_> {
        let mut facts = Facts::new(name, Gender::Female);
        facts.email = Some(format!("{}@example.org", Uuid::now_v7().simple()));
        Newcomer { world: self, facts }
    }

    async fn account(&self, name: String, role: Role, at: OrganisationId, member: Option<MemberId>) -> Person {
        let account = AccountId(Uuid::now_v7());
        let login = format!("{}.{}", role.as_str().replace('_', "-"), account.0.simple());
        let new = NewAccount {
            id: account,
            login: login.parse().expect("a login"),
            password_hash: self.shared.password_hash.clone(),
            member,
            name: name.clone(),
            email: member.is_none().then(|| format!("{login}@example.org")),
            language: "zh-CN".to_owned(),
        };
        let scope = Scope::of_the_machine("tests");
        let created = self
            .store()
            .write(move |tx| accounts::create(tx, &scope, new, role, at))
            .await;
        created.expect("an account");
        let member = member.unwrap_or(MemberId(Uuid::nil()));
        Person {
            shared: Arc::clone(&self.shared),
            name,
            login,
            account,
            member,
            pass: Arc::default(),
        }
    }
}

/// A member before joining the story: what is known, then the branch.
#[derive(Debug)]
#[must_use = "say `.of(branch).await`"]
pub struct Newcomer<'a> {
    world: &'a World,
    facts: Facts,
}

impl Newcomer<'_> {
    /// Born on a day, whose birthday is kept by the solar calendar.
    ///
    /// # Panics
    /// When that is no date; so do all that take one.
    pub fn born(mut self, day: &str) -> Self {
        self.facts.birth = Some(parse_date(day).expect("a date"));
        self
    }

    /// Keeps the birthday by the lunar calendar.
    pub fn by_the_moon(mut self) -> Self {
        self.facts.birthday_calendar = BirthdayCalendar::Lunar;
        self
    }

    /// Joined (入党) on a day.
    ///
    /// # Panics
    /// When that is no date.
    pub fn joined(mut self, day: &str) -> Self {
        self.facts.joined = Some(parse_date(day).expect("a date"));
        self
    }

    /// Has this standing; full unless said.
    pub fn standing(mut self, standing: Standing) -> Self {
        self.facts.standing = standing;
        self
    }

    /// Is written to in this language (`zh-CN`, `en`).
    pub fn reading(mut self, language: &str) -> Self {
        language.clone_into(&mut self.facts.language);
        self
    }

    /// With any other facts changed.
    pub fn with(mut self, change: impl FnOnce(&mut Facts)) -> Self {
        change(&mut self.facts);
        self
    }

    /// Joins the branch whose name begins so, and has an account for the app.
    ///
    /// # Panics
    /// When there is no such branch, or the record cannot be.
    pub async fn of(self, branch: &str) -> Person {
        let (world, branch) = (self.world, self.world.county().place(branch).id);
        let id = MemberId(Uuid::now_v7());
        let name = self.facts.name.clone();
        let new = NewMember {
            id,
            home_branch: branch,
            facts: self.facts,
        };
        let scope = Scope::of_the_machine("tests");
        let created = world
            .store()
            .write(move |tx| members::create(tx, &scope, &new).map(drop))
            .await;
        created.expect("a member");
        world.account(name, Role::Member, branch, Some(id)).await
    }
}

/// Calls of a path by a person who is logged in.
impl Person {
    /// The person's client, logged in a moment ago by the story's clock.
    ///
    /// # Panics
    /// When the door stays shut.
    pub async fn client(&self) -> Client {
        let now = self.shared.clock.now();
        let mut pass = self.pass.lock().await;
        if let Some((client, since)) = &*pass
            && (TimeDelta::zero()..TOKEN_LIFE).contains(&(now - *since))
        {
            return client.clone();
        }
        let client = self.logs_in().await;
        *pass = Some((client.clone(), now));
        client
    }

    /// A client of a session of its own.
    ///
    /// # Panics
    /// When the door stays shut.
    pub async fn logs_in(&self) -> Client {
        let door = json!({ "login": self.login, "password": PASSWORD });
        let answer = self.shared.stranger.post("/v1/auth/login", &door).await;
        let token = answer.succeeded().string("access_token");
        self.shared.stranger.with_token(token)
    }

    /// Reads.
    ///
    /// # Panics
    /// When the answer breaks the contract; so do all of these.
    pub async fn get(&self, path: &str) -> Answer {
        self.client().await.get(path).await
    }

    /// Posts.
    ///
    /// # Panics
    /// As [`Person::get`].
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.client().await.post(path, body).await
    }

    /// Posts a verb to a thing, having looked at its version first, as a screen does.
    ///
    /// # Panics
    /// As [`Person::get`].
    pub async fn tells(&self, thing: &str, verb: &str, body: &Value) -> Answer {
        self.changes(Method::POST, thing, &format!("{thing}/{verb}"), body)
            .await
    }

    /// Corrects a thing, having looked at its version first.
    ///
    /// # Panics
    /// As [`Person::get`].
    pub async fn corrects(&self, thing: &str, body: &Value) -> Answer {
        self.changes(Method::PATCH, thing, thing, body).await
    }

    /// Calls `path` with the version that `thing` has now; with 1 when it cannot be seen.
    ///
    /// # Panics
    /// As [`Person::get`].
    pub async fn changes(&self, method: Method, thing: &str, path: &str, body: &Value) -> Answer {
        let client = self.client().await;
        let version = client.get(thing).await["version"].as_i64().unwrap_or(1);
        client.call(method, path).if_match(version).body(body).send().await
    }

    /// The story's day in Hai'an.
    pub(crate) fn today(&self) -> NaiveDate {
        self.shared.clock.now().with_timezone(&ZONE).date_naive()
    }

    /// The story's instant, as a phone writes it.
    pub(crate) fn instant(&self) -> Value {
        json!(self.shared.clock.now())
    }
}
