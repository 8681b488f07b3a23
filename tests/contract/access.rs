//! Who reaches what: every operation of the contract, called by every role, about things inside and outside the
//! caller's subtree, held against the table in `access.txt`.
//!
//! The table is written anew by `KITELINE_WRITE_ACCESS_TABLE=1 cargo test -p kiteline-tests access`; read its diff as
//! carefully as a diff of the code.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;

use domain::access::{self, Role};
use domain::notification::{Occasion, Period};
use kiteline_tests::client::{Answer, Client};
use kiteline_tests::contract::Contract;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::walk::{Operation, Things, permissions};
use kiteline_tests::world::World;
use persistence::outbox::{self, To};
use serde_json::json;

stories![everybody_reaches_what_the_table_says];

const HEAD: &str = "\
# Who reaches what. ✔ reached, ✘ 403, – 401, · 404: as if it were not there.
# Two signs: about things inside the caller's subtree, and about things outside.
";

const BRANCH: &str = "三塘村";
const HOST: &str = "浦东流动";
const NEIGHBOUR: &str = "西场村";
const OTHER_HOST: &str = "雅周镇";

/// A caller: a role, or nobody; and the things inside the caller's subtree.
struct Caller {
    role: Option<Role>,
    person: Option<Person>,
    client: Client,
    inside: Things,
}

impl Caller {
    fn name(&self) -> &'static str {
        self.role.map_or("nobody", Role::as_str)
    }

    /// How an operation answers: about what is inside and, where there is such a thing, about what is outside.
    async fn signs(&self, operation: Operation<'_>, outside: &Things) -> String {
        let (mut client, mut inside) = (self.client.clone(), self.inside.clone());
        if let Some(person) = &self.person
            && operation.1.starts_with("/v1/auth/")
        {
            // What ends a session ends one of its own.
            client = person.logs_in().await;
            inside = inside.with("sessions", &session_of(&person.logs_in().await).await);
        }
        let mut signs = sign(operation, &inside.ask(&client, operation).send().await).to_string();
        if outside.are_named_by(operation) {
            signs.push(sign(operation, &outside.ask(&client, operation).send().await));
        }
        signs
    }
}

async fn everybody_reaches_what_the_table_says(w: World) {
    w.leaves_work_undone();
    let inside = w.things(BRANCH, HOST).await;
    let outside = w.things(NEIGHBOUR, OTHER_HOST).await;
    // Whoever has the address of a private calendar reads it.
    let calendar = inside.person.post("/v1/me/calendar-feed", &json!(null)).await;
    let secret = calendar.succeeded().string("path").trim_start_matches("/v1/calendars/");
    let inside = inside.with("calendars", secret);
    let stranger = w.office(NEIGHBOUR).await;
    let people = everybody(&w, &inside).await;
    everybody_gets_a_message(&w, &inside).await;
    let outside = outside
        .with("sessions", &session_of(&stranger.logs_in().await).await)
        .with("inbox", &message_of(&stranger).await);
    let callers = callers(&w, people, &inside, &outside).await;
    let mut table = Vec::new();
    for operation in Contract::ours().operations() {
        let mut line = vec![name(operation), asked(operation)];
        for caller in &callers {
            line.push(caller.signs(operation, &outside).await);
        }
        agrees_with_its_permission(operation, &callers, &line);
        table.push(line);
    }
    let names = callers.iter().map(|caller| caller.name().to_owned());
    let head = ["operation", "permission"].map(str::to_owned).into_iter();
    table.insert(0, head.chain(names).collect());
    compare(&drawn(&table));
}

/// One person a role: the member, and staff of the member's branch and host.
async fn everybody(w: &World, inside: &Things) -> Vec<(Role, Person)> {
    let mut people = Vec::new();
    for role in Role::ALL.iter().copied() {
        let person = match role {
            Role::Member => inside.person.clone(),
            role => w.staff_of_both(role, BRANCH, HOST).await,
        };
        people.push((role, person));
    }
    people
}

async fn everybody_gets_a_message(w: &World, inside: &Things) {
    let (member, branch, neighbour) = (
        inside.person.member,
        w.county().place(BRANCH).id,
        w.county().place(NEIGHBOUR).id,
    );
    let journey = inside.id("journeys").and_then(|id| id.parse().ok()).expect("a journey");
    let said = w.store().write(move |tx| {
        let staff = Role::ALL.iter().map(|role| To::Role(*role, branch));
        for to in staff.chain([To::Role(Role::Office, neighbour)]) {
            outbox::enqueue(tx, Occasion::FinalReturn, journey, Period::Thing(journey), to)?;
        }
        outbox::enqueue(tx, Occasion::Birthday, member.0, Period::Year(2027), To::Member(member))
    });
    said.await.expect("a message for everybody");
    w.delivers().await;
}

async fn callers(w: &World, people: Vec<(Role, Person)>, inside: &Things, outside: &Things) -> Vec<Caller> {
    let administrator = w.administrator().await;
    let sent = administrator.get("/v1/notifications?limit=1").await;
    let sent = sent.items()[0]["id"].as_str().expect("an id").to_owned();
    let inside = inside.clone().with("notifications", &sent);
    let mut callers = vec![Caller {
        role: None,
        person: None,
        client: w.stranger(),
        inside: ["sessions", "inbox"].into_iter().fold(inside.clone(), |things, word| {
            things.with(word, outside.id(word).expect("somebody's"))
        }),
    }];
    for (role, person) in people {
        let mut inside = inside.clone().with("inbox", &message_of(&person).await);
        if role == Role::Administrator {
            let list = w.handed_in(&administrator, "organisations", BRANCH).await;
            inside = inside.with("imports", &list).with("kind", "organisations");
        }
        callers.push(Caller {
            role: Some(role),
            client: person.client().await,
            person: Some(person),
            inside,
        });
    }
    callers
}

async fn message_of(person: &Person) -> String {
    let inbox = person.get("/v1/me/inbox").await;
    let first = inbox.items().first().and_then(|one| one["id"].as_str());
    first
        .unwrap_or_else(|| panic!("nothing for {}", person.name))
        .to_owned()
}

async fn session_of(client: &Client) -> String {
    let sessions = client.get("/v1/auth/sessions").await;
    let mine = sessions.items().iter().find(|one| one["current"] == true);
    mine.and_then(|one| one["id"].as_str()).expect("a session").to_owned()
}

fn sign(operation: Operation<'_>, answer: &Answer) -> char {
    assert!(answer.status() < 500, "{answer}");
    match answer.status() {
        401 if permissions(operation).is_some() && answer["code"] == "unauthenticated" => '–',
        403 => '✘',
        404 => '·',
        _ => '✔',
    }
}

fn name((method, path, _): Operation<'_>) -> String {
    format!("{} {path}", method.to_uppercase())
}

fn asked(operation: Operation<'_>) -> String {
    match permissions(operation) {
        None => "nothing".to_owned(),
        Some(names) if names.is_empty() => "a session".to_owned(),
        Some(names) => names.join("+"),
    }
}

/// The roles that hold the permission which the contract names are exactly those that are not turned away, and what is
/// inside is there for them.
fn agrees_with_its_permission(operation: Operation<'_>, callers: &[Caller], line: &[String]) {
    let table: BTreeMap<_, _> = access::ALL.iter().copied().collect();
    let named = permissions(operation);
    for (caller, signs) in callers.iter().zip(&line[2..]) {
        let first = signs.chars().next();
        let may = |role: Role| {
            let needed = named.iter().flatten();
            needed.map(|name| table[*name]).all(|roles| roles.contains(&role))
        };
        let expected = match (&named, caller.role) {
            (None, _) => '✔',
            (Some(_), None) => '–',
            (Some(_), Some(role)) if may(role) => '✔',
            (Some(_), Some(_)) => '✘',
        };
        assert_eq!(first, Some(expected), "{} of {line:?}", caller.name());
    }
}

fn drawn(table: &[Vec<String>]) -> String {
    let widths: Vec<_> = (0..table[0].len())
        .map(|at| {
            table
                .iter()
                .map(|line| line[at].chars().count())
                .max()
                .unwrap_or_default()
        })
        .collect();
    let lines = table.iter().map(|line| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    });
    HEAD.to_owned() + &lines.collect::<String>()
}

fn compare(observed: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("contract/access.txt");
    if env::var_os("KITELINE_WRITE_ACCESS_TABLE").is_some() {
        fs::write(&file, observed).expect("the table is written");
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let only_in = |one: &str, other: &str, mark: &str| {
        let lines = one.lines().filter(|line| !other.lines().any(|same| same == *line));
        lines
            .map(|line| format!("{mark} {line}"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    assert!(
        committed == observed,
        "{} says otherwise (- the table, + observed):\n{}\n{}",
        file.display(),
        only_in(&committed, observed, "-"),
        only_in(observed, &committed, "+"),
    );
}
