//! A secretary who tries a neighbour's member on every route.

use kiteline_tests::client::Answer;
use kiteline_tests::contract::Contract;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::walk::{Operation, Things};
use kiteline_tests::world::World;
use reqwest::Method;

stories![
    a_neighbour_reaches_nothing_by_any_route,
    a_neighbours_things_stand_on_no_list,
    a_neighbours_things_cannot_be_slipped_into_a_body,
];

/// The secretary of the next village, who has a member of the own like the neighbour's.
async fn neighbours(w: &World) -> (Things, Person) {
    let theirs = w.things("三塘村", "浦东流动").await;
    w.things("西场村", "雅周镇").await;
    w.runs_jobs().await;
    (theirs, w.secretary("西场村").await)
}

/// What the rightful secretary and the office see of the things, and how many rows there are of whatever is kept.
async fn photograph(w: &World, theirs: &Things) -> Vec<String> {
    let office = w.office("海安").await;
    let mut seen = Vec::new();
    for (method, template, operation) in Contract::ours().operations() {
        if method == "get" && template.starts_with("/v1/") && theirs.are_named_by((method, template, operation)) {
            let client = office.client().await;
            let answer = theirs.ask(&client, (method, template, operation)).send().await;
            if answer.status() != 403 {
                seen.push(format!("{template}: {}", answer.succeeded().text()));
            }
        }
    }
    for table in TABLES {
        seen.push(format!("{table}: {}", w.database().count(table)));
    }
    seen
}

async fn nothing_has_changed(w: &World, theirs: &Things, before: &[String]) {
    for (now, then) in photograph(w, theirs).await.iter().zip(before) {
        assert_eq!(now, then);
    }
}

/// What nobody may change by trying.
const TABLES: [&str; 44] = [
    "organisation_settings",
    "organisations",
    "members",
    "visitors",
    "grants where role <> 'office'",
    "activations",
    "journeys",
    "briefing_items",
    "checkins",
    "contacts",
    "visits",
    "wishes",
    "service_requests",
    "service_messages",
    "gifts",
    "officer_handings",
    "phone_troubles",
    "cluster_answers",
    "declarations",
    "journey_lines",
    "journey_places",
    "transfers",
    "stays",
    "stay_merges",
    "stay_reports",
    "stays_apart",
    "files",
    "lecturers",
    "lecturer_villages",
    "gatherings",
    "gathering_audiences",
    "attendances",
    "gathering_reflections",
    "calendar_feeds",
    "handovers",
    "handover_messages",
    "outbox",
    "timeline",
    "imports",
    "webhooks",
    "webhook_deliveries",
    "campaigns",
    "campaign_reports",
    "audit where action like '%revealed'",
];

async fn a_neighbour_reaches_nothing_by_any_route(w: World) {
    let (theirs, neighbour) = neighbours(&w).await;
    let before = photograph(&w, &theirs).await;
    let client = neighbour.client().await;
    let mut tried = 0;
    for operation in named(&theirs) {
        let answer = theirs.ask(&client, operation).send().await;
        assert!(matches!(answer.status(), 403 | 404), "{answer}");
        tells_nothing(&answer, &theirs);
        tried += usize::from(answer.status() == 404);
    }
    assert!(tried >= 20, "only {tried} routes");
    nothing_has_changed(&w, &theirs, &before).await;
}

/// The operations that name one of the things in their address.
fn named(things: &Things) -> impl Iterator<Item = Operation<'static>> {
    Contract::ours()
        .operations()
        .filter(|operation| things.are_named_by(*operation))
}

#[track_caller]
fn tells_nothing(answer: &Answer, theirs: &Things) {
    let told = |secret: &str| answer.text().contains(secret);
    assert!(!told(&theirs.person.name) && !told(&theirs.phone), "{answer}");
}

async fn a_neighbours_things_stand_on_no_list(w: World) {
    let (theirs, neighbour) = neighbours(&w).await;
    let (client, rightful) = (neighbour.client().await, w.secretary("三塘村").await.client().await);
    let mut held = 0;
    for (method, template, operation) in Contract::ours().operations() {
        if method != "get" || !template.starts_with("/v1/") || template.starts_with("/v1/organisations") {
            continue;
        }
        for query in ["", "?direction=outgoing", "?format=csv", "?limit=500"] {
            let names = operation["parameters"].as_array().into_iter().flatten();
            let known = |name: &str| names.clone().any(|one| one["name"] == name);
            if template.contains("{id}") || (!query.is_empty() && !known(&query[1..query.find('=').unwrap_or(1)])) {
                continue;
            }
            let path = template.replace("{name}", "outbound");
            let answer = client.call(Method::GET, &format!("{path}{query}")).send().await;
            for (word, id) in theirs.ids() {
                assert!(!answer.text().contains(id), "the neighbour's {word}: {answer}");
            }
            tells_nothing(&answer, &theirs);
            let rightly = rightful.call(Method::GET, &format!("{path}{query}")).send().await;
            held += usize::from(rightly.text().contains(&theirs.person.name));
        }
    }
    assert!(held >= 4, "only {held} lists hold the member for the own secretary");
}

async fn a_neighbours_things_cannot_be_slipped_into_a_body(w: World) {
    let (theirs, neighbour) = neighbours(&w).await;
    let before = photograph(&w, &theirs).await;
    let client = neighbour.client().await;
    for (method, template, operation) in Contract::ours().operations() {
        let protected = operation.get("security").is_some();
        if !protected || method == "get" || template.contains('{') || template.starts_with("/v1/auth/") {
            continue;
        }
        let answer = theirs.ask(&client, (method, template, operation)).send().await;
        assert!(matches!(answer.status(), 403 | 404 | 422), "{answer}");
        tells_nothing(&answer, &theirs);
    }
    nothing_has_changed(&w, &theirs, &before).await;
}
