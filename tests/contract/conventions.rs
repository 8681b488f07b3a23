//! The conventions of the API hold for every operation, in the contract and on the running server: nothing was forgotten.

use std::collections::BTreeSet;

use domain::access::Role;
use kiteline_tests::client::Client;
use kiteline_tests::contract::Contract;
use kiteline_tests::stories;
use kiteline_tests::walk::{Operation, Things, permissions};
use kiteline_tests::world::World;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

stories![
    what_is_read_is_tagged_and_known_again,
    what_is_changed_names_the_version_that_was_seen,
    what_creates_may_be_sent_twice,
    lists_go_on_where_they_end,
    parameters_and_fields_that_there_are_not_are_refused,
    answers_are_packed,
];

/// Writing operations on something that exists which need no `If-Match`, and why.
const WITHOUT_VERSION: &[(&str, &str)] = &[
    (
        "DELETE /v1/auth/sessions/{id}",
        "a session is open or not: ending it is never decided on an old view",
    ),
    (
        "DELETE /v1/organisations/{id}/grants",
        "a role is held or not: taking it away twice is the same",
    ),
    (
        "POST /v1/organisations/{id}/grants",
        "a role is held or not: giving it twice is the same",
    ),
    (
        "POST /v1/imports/{id}/commit",
        "from one state only, once; the list itself never changes",
    ),
    (
        "POST /v1/imports/{id}/discard",
        "from one state only, once; the list itself never changes",
    ),
    (
        "POST /v1/campaigns/{id}/copy",
        "plans another; what is copied stays as it is",
    ),
    ("POST /v1/jobs/{name}/run", "what is planned already stays as it is"),
    (
        "POST /v1/handovers/{id}/messages",
        "adds to the conversation; what was said before stays",
    ),
    (
        "POST /v1/kite/journeys/{id}/certificate",
        "creates one, and a journey that has one is refused",
    ),
    (
        "POST /v1/kite/journeys/{id}/contacts",
        "adds to the journey; a contact is true whatever else was changed",
    ),
    (
        "POST /v1/kite/journeys/{id}/checkins",
        "adds to the journey; a contact is true whatever else was changed",
    ),
    (
        "POST /v1/magnet/stays/{id}/visits",
        "adds to the stay; a visit is true whatever else was changed",
    ),
    (
        "PUT /v1/gatherings/{id}/attendance",
        "says something of each person named, whoever else is recorded meanwhile; saying it twice is the same",
    ),
    (
        "POST /v1/me/gatherings/{id}/attend",
        "who is there is there, whatever else was changed",
    ),
    (
        "POST /v1/me/gatherings/{id}/excuse",
        "says something of the own coming, whatever else was changed",
    ),
    (
        "PUT /v1/me/gatherings/{id}/reflection",
        "one's own words: what was said last holds",
    ),
    (
        "DELETE /v1/me/gatherings/{id}/reflection",
        "one's own words: taking them back twice is the same",
    ),
    (
        "DELETE /v1/me/calendar-feed",
        "leads somewhere or not: taking it back twice is the same",
    ),
    (
        "POST /v1/me/checkins/batch",
        "adds to the journey; each item has its own id",
    ),
    (
        "POST /v1/me/inbox/{id}/read",
        "a message does not change; the first time counts",
    ),
    (
        "POST /v1/members/{id}/invitation",
        "makes a code and voids the one before",
    ),
    (
        "POST /v1/magnet/stays/{id}/keep-apart",
        "says something of two people; saying it twice is the same",
    ),
    (
        "POST /v1/wishes/{id}/messages",
        "adds to what was said; what was said before stays",
    ),
    (
        "POST /v1/me/wishes/{id}/messages",
        "adds to what was said; what was said before stays",
    ),
    (
        "POST /v1/me/published-wishes/{id}/messages",
        "adds to what was said; what was said before stays",
    ),
    ("POST /v1/members/{id}/reveal", "reads, for a reason"),
    ("POST /v1/notifications/{id}/retry", "from one state only"),
    ("POST /v1/webhooks/{id}/ping", "sends something that means nothing"),
    (
        "POST /v1/webhooks/{id}/deliveries/{delivery_id}/redeliver",
        "from what is settled only; what is sent never changes",
    ),
];

/// Operations that create without `Idempotency-Key`, and why.
const WITHOUT_KEY: &[(&str, &str)] = &[(
    "POST /v1/imports",
    "a file is streamed and its form differs each time; nothing is taken over until it is committed",
)];

/// Lists that are no pages, and why.
const WITHOUT_PAGES: &[(&str, &str)] = &[
    ("GET /v1/auth/sessions", "a few devices"),
    (
        "GET /v1/magnet/stays/{id}/suggestions",
        "a few people who are alike, the most alike first",
    ),
    ("GET /v1/rosters/{name}/columns", "a fixed list"),
];

/// One account that may do everything about the things.
struct Walk {
    client: Client,
    things: Things,
}

impl Walk {
    async fn of(w: &World) -> Self {
        w.leaves_work_undone();
        let things = w.things("三塘村", "浦东流动").await;
        let person = things.person.clone();
        for role in Role::ALL.iter().filter(|role| **role != Role::Member) {
            w.gives(&person, *role, "海安").await;
        }
        let nothing = Uuid::nil().to_string();
        let others = ["sessions", "inbox", "notifications"];
        let things = others
            .into_iter()
            .fold(things, |things, word| things.with(word, &nothing));
        Self {
            client: person.client().await,
            things,
        }
    }
}

fn name((method, path, _): Operation<'_>) -> String {
    format!("{} {path}", method.to_uppercase())
}

fn excepted(list: &[(&str, &str)], operation: Operation<'_>) -> bool {
    list.iter()
        .any(|(known, why)| *known == name(operation) && !why.is_empty())
}

/// Nothing stands on a list of exceptions that is none.
fn every_exception_is_one(list: &[(&str, &str)], met: &BTreeSet<String>) {
    for (exception, _) in list {
        assert!(met.contains(*exception), "{exception} is no exception any more");
    }
}

fn parameters((_, _, operation): Operation<'_>, place: &str) -> BTreeSet<String> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    let named = all
        .filter(|one| one["in"] == place)
        .filter_map(|one| one["name"].as_str());
    named.map(ToOwned::to_owned).collect()
}

fn answers_json((_, _, operation): Operation<'_>, status: &str) -> bool {
    operation["responses"][status]["content"]
        .get("application/json")
        .is_some()
}

/// Whether it changes something that exists: `PATCH`, `PUT`, `DELETE`, or `POST …/{id}/{verb}`.
fn changes((method, path, _): Operation<'_>) -> bool {
    let mut parts = path.rsplit('/');
    let verb =
        parts.next().is_some_and(|last| !last.starts_with('{')) && parts.next().is_some_and(|id| id.starts_with('{'));
    matches!(method, "patch" | "put" | "delete") || method == "post" && verb
}

fn is_protected(operation: Operation<'_>) -> bool {
    permissions(operation).is_some()
}

async fn what_is_read_is_tagged_and_known_again(w: World) {
    let Walk { client, things } = Walk::of(&w).await;
    let mut seen = 0;
    for operation in Contract::ours()
        .operations()
        .filter(|one| one.0 == "get" && answers_json(*one, "200"))
    {
        let what = name(operation);
        assert!(
            parameters(operation, "header").contains("If-None-Match"),
            "{what} does not declare If-None-Match"
        );
        assert!(
            operation.2["responses"].get("304").is_some(),
            "{what} does not promise 304"
        );
        let first = things.ask(&client, operation).send().await;
        let tag = first
            .succeeded()
            .header("etag")
            .unwrap_or_else(|| panic!("{what} has no ETag"))
            .to_owned();
        let weak = format!("\"another\", W/{tag}");
        for known in [&tag, &weak] {
            let again = things
                .ask(&client, operation)
                .header("If-None-Match", known)
                .send()
                .await;
            // Looking is written down where people look at members, and then there is more to read.
            if what != "GET /v1/me/access-log" {
                assert_eq!((again.status(), again.text()), (304, ""), "{what}");
                assert_eq!(again.header("etag"), Some(&*tag), "{what}");
            }
        }
        let other = things
            .ask(&client, operation)
            .header("If-None-Match", "\"another\"")
            .send()
            .await;
        assert_eq!(other.status(), 200, "{what}");
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

async fn what_is_changed_names_the_version_that_was_seen(w: World) {
    let Walk { client, things } = Walk::of(&w).await;
    let (mut met, mut stales) = (BTreeSet::new(), 0);
    for operation in Contract::ours().operations() {
        let declared = parameters(operation, "header").contains("If-Match");
        if !declared {
            met.insert(name(operation));
            assert!(
                !changes(operation) || excepted(WITHOUT_VERSION, operation),
                "{} does not declare If-Match",
                name(operation)
            );
            continue;
        }
        let (method, address) = (operation.0.to_uppercase(), things.whole_address(operation));
        let call = || {
            let call = client.call(method.parse().expect("a method"), &address);
            match things.body(operation) {
                Some(body) => call.body(&body),
                None => call,
            }
        };
        call().send().await.is_refused("if_match_required");
        let malformed = call().header("If-Match", "\"x\"").send().await;
        malformed.is_refused("invalid").names_fault("?If-Match", "malformed");
        let stale = call().if_match(999).send().await;
        // What is known to be impossible now is said before that somebody else was there.
        assert!(matches!(stale.status(), 409 | 412 | 422), "{stale}");
        stales += usize::from(stale.status() == 412);
    }
    assert!(stales > 10, "{stales}");
    every_exception_is_one(WITHOUT_VERSION, &met);
}

async fn what_creates_may_be_sent_twice(w: World) {
    let Walk { client, things } = Walk::of(&w).await;
    let (mut met, mut seen) = (BTreeSet::new(), 0);
    for operation in Contract::ours().operations() {
        let creates = operation.0 == "post" && is_protected(operation) && operation.2["responses"].get("201").is_some();
        let declared = parameters(operation, "header").contains("Idempotency-Key");
        if !declared {
            met.insert(name(operation));
            assert!(
                !creates || excepted(WITHOUT_KEY, operation),
                "{} does not declare Idempotency-Key",
                name(operation)
            );
            continue;
        }
        let key = Uuid::now_v7().to_string();
        let first = things.ask(&client, operation).once(&key).send().await;
        let again = things.ask(&client, operation).once(&key).send().await;
        assert_eq!(
            (first.status(), first.text()),
            (again.status(), again.text()),
            "{}",
            name(operation)
        );
        assert_eq!(first.header("idempotency-replayed"), None, "{}", name(operation));
        assert_eq!(
            again.header("idempotency-replayed"),
            Some("true"),
            "{}",
            name(operation)
        );
        assert_eq!(
            first.header("content-type"),
            again.header("content-type"),
            "{}",
            name(operation)
        );
        let other = client
            .call(Method::POST, &things.whole_address(operation))
            .body(&json!({ "other": true }));
        other.once(&key).send().await.is_refused("idempotency_key_reused");
        things
            .ask(&client, operation)
            .once(&"x".repeat(129))
            .send()
            .await
            .names_fault("?Idempotency-Key", "malformed");
        seen += 1;
    }
    every_exception_is_one(WITHOUT_KEY, &met);
    assert!(seen > 5, "{seen}");
}

/// Whether the answer of a `GET` is a list of items.
fn lists(operation: Operation<'_>) -> bool {
    let schema = &operation.2["responses"]["200"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    let schemas = &Contract::ours().document()["components"]["schemas"];
    let whole = name.map_or(schema, |name| &schemas[name]);
    operation.0 == "get" && whole["properties"]["items"]["type"] == "array"
}

async fn lists_go_on_where_they_end(w: World) {
    let Walk { client, things } = Walk::of(&w).await;
    let (mut met, mut went_on) = (BTreeSet::new(), 0);
    for operation in Contract::ours().operations().filter(|one| lists(*one)) {
        let (what, query) = (name(operation), parameters(operation, "query"));
        if !query.contains("cursor") || !query.contains("limit") {
            assert!(excepted(WITHOUT_PAGES, operation), "{what} has no pages");
            met.insert(what);
            continue;
        }
        assert!(
            operation.2["responses"]["200"]["headers"].get("Link").is_some(),
            "{what} does not declare Link"
        );
        let address = things.whole_address(operation);
        let with = |more: &str| format!("{address}{}{more}", if address.contains('?') { '&' } else { '?' });
        client.get(&with("limit=0")).await.names_fault("?limit", "too_small");
        client.get(&with("limit=501")).await.names_fault("?limit", "too_big");
        client
            .get(&with("cursor=x"))
            .await
            .names_fault("?cursor", "cursor_foreign");
        let page = client.get(&with("limit=1")).await;
        let (next, link) = (&page.succeeded()["next_cursor"], page.header("link"));
        assert_eq!(next.is_string(), link.is_some(), "{page}");
        if let Some(link) = link {
            let target = link
                .strip_prefix('<')
                .and_then(|link| link.split_once(">; rel=\"next\""));
            let (target, _) = target.unwrap_or_else(|| panic!("{what}: {link}"));
            let second = client.get(target).await;
            assert_ne!(page.items(), second.items(), "{what}");
            went_on += 1;
        }
    }
    every_exception_is_one(WITHOUT_PAGES, &met);
    assert!(went_on > 3, "{went_on}");
}

async fn parameters_and_fields_that_there_are_not_are_refused(w: World) {
    let Walk { client, things } = Walk::of(&w).await;
    for operation in Contract::ours().operations() {
        let (method, address) = (operation.0.to_uppercase(), things.whole_address(operation));
        let colour = format!("{address}{}colour=red", if address.contains('?') { '&' } else { '?' });
        let call = |address: &str| client.call(method.parse().expect("a method"), address);
        let refused = call(&colour).send().await;
        refused
            .is_refused("invalid")
            .names_fault("?colour", "unknown_parameter");
        let Some(Value::Object(mut body)) = things.body(operation) else {
            continue;
        };
        body.insert("colour".to_owned(), json!("red"));
        let refused = call(&address).if_match(1).body(&Value::Object(body)).send().await;
        refused.is_refused("invalid").names_fault("/colour", "unknown_field");
    }
    let protected = w.stranger().get("/v1/members?colour=red").await;
    protected.is_refused("unauthenticated");
}

async fn answers_are_packed(w: World) {
    let Walk { client, .. } = Walk::of(&w).await;
    let tag = client.get("/v1/me/data").await.header("etag").map(ToOwned::to_owned);
    let plain = client.get("/v1/me/data").await.text().len();
    for packing in ["gzip", "br"] {
        let request = client
            .raw(Method::GET, "/v1/me/data")
            .header("Accept-Encoding", packing);
        let packed = request.send().await.expect("an answer");
        let header = |name: &str| {
            packed
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(ToOwned::to_owned)
        };
        assert_eq!(header("content-encoding").as_deref(), Some(packing));
        assert_eq!(header("etag"), tag, "the same thing, however it is packed");
        let bytes = packed.bytes().await.expect("a body").len();
        assert!(bytes * 2 < plain, "{packing}: {bytes} of {plain}");
        let request = client
            .raw(Method::GET, "/v1/me/data")
            .header("Accept-Encoding", packing);
        let known = request
            .header("If-None-Match", tag.clone().unwrap_or_default())
            .send()
            .await
            .expect("an answer");
        assert_eq!(known.status().as_u16(), 304);
        assert_eq!(known.headers().get("content-encoding"), None);
    }
    let roster = client
        .raw(Method::GET, "/v1/rosters/members?format=csv")
        .header("Accept-Encoding", "gzip");
    let packed = roster.send().await.expect("an answer");
    assert_eq!(
        packed
            .headers()
            .get("content-encoding")
            .map(reqwest::header::HeaderValue::as_bytes),
        Some(&b"gzip"[..])
    );
}
