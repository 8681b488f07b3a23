//! The dispatcher: claims what is due, says it, settles it; nothing is lost when it dies in between.
//!
//! The inbox is claimed, written and settled in one transaction. An e-mail is claimed under a lease, handed to SMTP, and
//! settled as soon as the server has answered: at most as many as there are connections can be handed over again after a
//! crash, under the same `Message-ID`.
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::access::{Operate, Scope};
use domain::notification::{Channel, Key};
use futures_util::{StreamExt, stream};
use persistence::outbox::{self, Claimed, Facts, Outcome};
use persistence::{Store, StoreError, Tx};

use crate::channels::email::{Mail, Mailer, NotSent, masked};
use crate::templates::{Templates, Text};
use crate::{content, retry};

/// Notifications claimed at once.
const BATCH: i64 = 200;
/// How long a claim holds: longer than a batch takes with every connection hanging until its timeout.
const LEASE: TimeDelta = TimeDelta::minutes(15);

/// What a round of delivery came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Handed over, or put into an inbox.
    pub sent: usize,
    /// To be tried again.
    pub again: usize,
    /// Given up.
    pub failed: usize,
    /// Not said: too late, or no longer true.
    pub dropped: usize,
    /// Put off until the reader's quiet hours are over.
    pub postponed: usize,
}

impl Tally {
    fn count(&mut self, outcomes: &[(Claimed, Outcome)]) {
        for (_, outcome) in outcomes {
            match outcome {
                Outcome::Sent | Outcome::Said { .. } => self.sent += 1,
                Outcome::Again(..) => self.again += 1,
                Outcome::Failed(_) => self.failed += 1,
                Outcome::Dropped(_) => self.dropped += 1,
            }
        }
    }

    pub(crate) const fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.again += other.again;
        self.failed += other.failed;
        self.dropped += other.dropped;
        self.postponed += other.postponed;
    }
}

fn scope() -> Scope<Operate> {
    Scope::of_the_machine("dispatcher")
}

/// Delivers what is due into inboxes, until nothing is.
///
/// # Errors
/// When the store fails; what was not settled is due again.
pub(crate) async fn inbox(store: &Store, templates: &Arc<Templates>) -> Result<Tally, StoreError> {
    let mut tally = Tally::default();
    loop {
        let templates = Arc::clone(templates);
        let outcomes = store.write(move |tx| inbox_batch(tx, &templates)).await?;
        if outcomes.is_empty() {
            return Ok(tally);
        }
        tally.count(&outcomes);
    }
}

fn inbox_batch(tx: &mut Tx<'_>, templates: &Templates) -> Result<Vec<(Claimed, Outcome)>, StoreError> {
    let (scope, today) = (scope(), tx.today());
    let claimed = outbox::claim(tx, &scope, Channel::Inbox, BATCH, tx.now() + LEASE)?;
    let facts = outbox::facts(tx, &scope, &claimed)?;
    let outcome = |(claimed, facts): (Claimed, Option<Facts>)| {
        let outcome = match prepared(&claimed, facts.as_ref(), today, templates) {
            Ok(text) => Outcome::Said {
                title: text.subject,
                body: text.body,
            },
            Err(outcome) => outcome,
        };
        (claimed, outcome)
    };
    let outcomes: Vec<_> = claimed.into_iter().zip(facts).map(outcome).collect();
    outbox::settle(tx, &scope, &outcomes)?;
    Ok(outcomes)
}

/// The text, or why there is none.
fn prepared(
    claimed: &Claimed,
    facts: Option<&Facts>,
    today: NaiveDate,
    templates: &Templates,
) -> Result<Text, Outcome> {
    if let Some(obstacle) = content::obstacle(claimed, facts, today) {
        return Err(Outcome::Dropped(obstacle));
    }
    let facts = facts.ok_or(Outcome::Dropped("gone"))?;
    content::text_of(templates, claimed, facts, today).map_err(|error| {
        let Key { occasion, .. } = claimed.key;
        tracing::error!(%occasion, audience = %claimed.audience, %error, "a text cannot be made");
        Outcome::Failed(error.to_string())
    })
}

/// An e-mail that is ready to be sent.
struct Letter {
    claimed: Claimed,
    name: String,
    address: String,
    text: Text,
}

/// Sends the e-mails that are due, until none is, or a whole batch fails: then the server is left alone until the next
/// round.
///
/// # Errors
/// When the store fails; what was not settled is due again when its lease ends.
pub(crate) async fn email(store: &Store, templates: &Arc<Templates>, mailer: &Mailer) -> Result<Tally, StoreError> {
    let mut tally = Tally::default();
    loop {
        let ours = Arc::clone(templates);
        let batch = store.write(move |tx| email_batch(tx, &ours)).await?;
        tally.add(batch.tally);
        if batch.tally == Tally::default() && batch.letters.is_empty() {
            return Ok(tally);
        }
        let tried = batch.letters.len();
        let sent = send(store, templates, mailer, batch.letters).await?;
        tally.add(sent);
        if tried > 0 && sent.sent == 0 {
            return Ok(tally);
        }
    }
}

struct Batch {
    letters: Vec<Letter>,
    tally: Tally,
}

fn email_batch(tx: &mut Tx<'_>, templates: &Templates) -> Result<Batch, StoreError> {
    let (scope, today, now, zone) = (scope(), tx.today(), tx.now(), tx.zone());
    let claimed = outbox::claim(tx, &scope, Channel::Email, BATCH, now + LEASE)?;
    let facts = outbox::facts(tx, &scope, &claimed)?;
    let (mut letters, mut settled, mut postponed) = (Vec::new(), Vec::new(), Vec::new());
    for (claimed, facts) in claimed.into_iter().zip(facts) {
        match (prepared(&claimed, facts.as_ref(), today, templates), facts) {
            (Ok(text), Some(facts)) => match quiet_until(&facts, now, zone) {
                Some(until) => postponed.push((claimed, until)),
                None => letters.push(Letter {
                    claimed,
                    name: facts.recipient.name,
                    address: facts.recipient.email.unwrap_or_default(),
                    text,
                }),
            },
            (Err(outcome), _) => settled.push((claimed, outcome)),
            (Ok(_), None) => settled.push((claimed, Outcome::Dropped("gone"))),
        }
    }
    outbox::settle(tx, &scope, &settled)?;
    outbox::postpone(tx, &scope, &postponed)?;
    let mut tally = Tally {
        postponed: postponed.len(),
        ..Tally::default()
    };
    tally.count(&settled);
    Ok(Batch { letters, tally })
}

/// The end of the reader's quiet hours, if it is quiet now.
fn quiet_until(facts: &Facts, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    let local = now.with_timezone(&zone).naive_local();
    let allowed = facts.recipient.quiet.next_allowed(local);
    if allowed == local {
        return None;
    }
    let instant = allowed.and_local_timezone(zone).earliest();
    Some(instant.map_or(now + TimeDelta::hours(1), |instant| instant.to_utc()))
}

/// Sends over all connections at once. While answers are being settled no further e-mail is handed over, so that what is
/// uncertain after a crash stays bounded by the connections.
async fn send(
    store: &Store,
    templates: &Templates,
    mailer: &Mailer,
    letters: Vec<Letter>,
) -> Result<Tally, StoreError> {
    let mut tally = Tally::default();
    let answers = stream::iter(letters).map(|letter| hand_over(store, templates, mailer, letter));
    let mut answers = answers.buffer_unordered(mailer.lanes()).ready_chunks(mailer.lanes());
    while let Some(outcomes) = answers.next().await {
        tally.count(&outcomes);
        store.write(move |tx| outbox::settle(tx, &scope(), &outcomes)).await?;
    }
    Ok(tally)
}

async fn hand_over(store: &Store, templates: &Templates, mailer: &Mailer, letter: Letter) -> (Claimed, Outcome) {
    let Letter {
        claimed,
        name,
        address,
        text,
    } = letter;
    let html = match templates.html(&text) {
        Ok(html) => html,
        Err(error) => return (claimed, Outcome::Failed(error.to_string())),
    };
    let id = claimed.key.to_string();
    let mail = Mail {
        name: &name,
        address: &address,
        subject: &text.subject,
        text: &format!("{}\n\n{}\n", text.body, text.signature),
        html: &html,
        id: &id,
        date: store.now(),
    };
    let outcome = match mailer.send(&mail).await {
        Ok(()) => Outcome::Sent,
        Err(NotSent::Never(why)) => Outcome::Failed(why),
        Err(NotSent::Again(why)) => {
            let again = retry::again(claimed.attempts, claimed.first_tried_at, store.now(), rand::random());
            again.map_or_else(|| Outcome::Failed(why.clone()), |at| Outcome::Again(at, why.clone()))
        }
    };
    match &outcome {
        Outcome::Again(at, why) => {
            tracing::warn!(mail.id = id, mail.to = masked(&address), %at, why, "an e-mail will be tried again");
        }
        Outcome::Failed(why) => {
            tracing::error!(mail.id = id, mail.to = masked(&address), why, "an e-mail was given up");
        }
        _ => {}
    }
    (claimed, outcome)
}
