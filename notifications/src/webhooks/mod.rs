//! Events to other systems (webhooks): claims what is due for each address, sends it, settles it. An address that is
//! slow or gone holds up no other, and an event none but those about the same subject.
mod courier;
mod guard;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::access::{Operate, Scope};
use domain::id::WebhookId;
use domain::webhook::TRIED_FOR;
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, stream};
use persistence::webhooks::{self, Address, Attempt, Claimed, Outcome};
use persistence::{Store, StoreError};

pub(crate) use courier::Courier;
pub use courier::{WebhookSettings, WebhookSettingsError};
pub use guard::{Guard, NotThere};

use courier::Answer;

use crate::{Tally, retry};

/// Events claimed at once for one address.
const BATCH: i64 = 20;
/// Events on their way to one address at once.
const LANES: usize = 4;
/// Addresses that are served at once.
const ADDRESSES: usize = 16;
/// How often it is looked for whom something is due while others are being sent something.
const LOOKS_AGAIN: Duration = Duration::from_millis(500);
/// How long an address is left alone that took nothing of a whole batch.
const LEFT_ALONE: Duration = Duration::from_secs(10);
/// How long a claim holds: longer than a batch takes with every attempt lasting as long as it may.
const LEASE: TimeDelta = TimeDelta::minutes(5);

fn scope() -> Scope<Operate> {
    Scope::of_the_machine("webhooks")
}

/// Sends what is due, to every address, until nothing is. Each address is sent a batch at a time; one of which nothing was
/// taken is left alone for a while.
///
/// # Errors
/// When the store fails; what was not settled is due again when its lease ends.
pub(crate) async fn deliver(store: &Store, courier: &Arc<Courier>) -> Result<Tally, StoreError> {
    let (mut all, mut under_way) = (Tally::default(), FuturesUnordered::new());
    let (mut busy, mut failed) = (HashSet::new(), HashMap::<WebhookId, Instant>::new());
    loop {
        for webhook in store.read(|tx| webhooks::due(tx, &scope())).await? {
            let left_alone = failed.get(&webhook).is_some_and(|at| at.elapsed() < LEFT_ALONE);
            if under_way.len() < ADDRESSES && !left_alone && busy.insert(webhook) {
                under_way.push(batch_to(store, courier, webhook));
            }
        }
        // While one takes its time, something may become due for another.
        let Ok(next) = tokio::time::timeout(LOOKS_AGAIN, under_way.next()).await else {
            continue;
        };
        let Some(done) = next else { return Ok(all) };
        let (webhook, batch) = done?;
        busy.remove(&webhook);
        if batch.sent == 0 && batch.again + batch.failed > 0 {
            failed.insert(webhook, Instant::now());
        }
        all.add(batch);
    }
}

/// Takes away what the log does not keep.
pub(crate) async fn forget(store: &Store) -> Result<usize, StoreError> {
    store.write(|tx| webhooks::forget(tx, &scope())).await
}

async fn batch_to(store: &Store, courier: &Courier, webhook: WebhookId) -> Result<(WebhookId, Tally), StoreError> {
    let claimed = store
        .write(move |tx| webhooks::claim(tx, &scope(), webhook, BATCH, tx.now() + LEASE))
        .await?;
    let sent = match claimed {
        Some((address, claimed)) => send(store, courier, webhook, (&address, claimed)).await?,
        None => Tally::default(),
    };
    Ok((webhook, sent))
}

/// Sends a batch over all lanes; what is answered is settled before more is sent, so that what is uncertain after a crash
/// stays bounded by the lanes.
async fn send(
    store: &Store,
    courier: &Courier,
    webhook: WebhookId,
    (address, claimed): (&Address, Vec<Claimed>),
) -> Result<Tally, StoreError> {
    let mut tally = Tally::default();
    let answers = stream::iter(claimed).map(|event| attempt(store, courier, address, event));
    let mut answers = answers.buffer_unordered(LANES).ready_chunks(LANES);
    while let Some(outcomes) = answers.next().await {
        count(&mut tally, &outcomes);
        let disabled = store
            .write(move |tx| webhooks::settle(tx, &scope(), webhook, &outcomes))
            .await?;
        if disabled {
            tracing::warn!(webhook.id = %webhook, "a webhook was disabled");
        }
    }
    Ok(tally)
}

fn count(tally: &mut Tally, outcomes: &[(Claimed, Attempt, Outcome)]) {
    for (.., outcome) in outcomes {
        match outcome {
            Outcome::Delivered => tally.sent += 1,
            Outcome::Again(_) => tally.again += 1,
            Outcome::Failed | Outcome::Gone => tally.failed += 1,
        }
    }
}

async fn attempt(store: &Store, courier: &Courier, address: &Address, event: Claimed) -> (Claimed, Attempt, Outcome) {
    let (at, began) = (store.now(), Instant::now());
    let answer = courier.send(address, &event, at).await;
    let took_ms = i32::try_from(began.elapsed().as_millis()).unwrap_or(i32::MAX);
    let (status, said, pause) = match answer {
        Answer::Said(status, said, pause) => (Some(status), said, pause),
        Answer::Nothing(why) => (None, why, None),
    };
    let outcome = match status {
        Some(200..=299) => Outcome::Delivered,
        Some(410) => Outcome::Gone,
        _ => {
            let now = store.now();
            let again = retry::again_within(TRIED_FOR, event.attempts, event.first_tried_at, now, rand::random());
            let asked = pause.map(|pause| now + pause);
            again.map_or(Outcome::Failed, |at| {
                Outcome::Again(asked.map_or(at, |asked| asked.max(at)))
            })
        }
    };
    if outcome != Outcome::Delivered {
        tracing::info!(webhook.id = %event.webhook, delivery.id = %event.id, status, "an event was not taken");
    }
    let attempt = Attempt {
        at,
        took_ms,
        status: status.map(i32::from),
        answer: Some(said).filter(|said| !said.is_empty()),
    };
    (event, attempt, outcome)
}
