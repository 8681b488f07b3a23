//! What changes a wish: its transitions, its author's second thoughts, and what is said about it.
use diesel::prelude::*;
use domain::access::{AskForServices, LeadServices, Permission, Scope, ServePeople, Who};
use domain::id::{MemberId, WishId};
use domain::notification::{Occasion, Period};
use domain::wish::{Claimer, Command, Effect, NotAmended, Party, Refused, StateName, Verb, Wish};
use uuid::Uuid;

use super::row::{Row, WishRecord, side_of};
use super::{inside, mine, note, show};
use crate::outbox::{self, To};
use crate::schema::wishes;
use crate::types::Id;
use crate::{StoreError, Tx, service_messages, tell};

/// What an author writes anew.
#[derive(Debug, Clone, Default)]
pub struct Amendment {
    /// The wish.
    pub said: Option<String>,
    /// Whether the author stays unnamed.
    pub anonymous: Option<bool>,
}

/// Writes a wish of the caller's anew, while the branch has not published it. Who was named can't become unnamed.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or another's, [`StoreError::Stale`] when the version moved,
/// [`StoreError::Refused`] once it was published, [`StoreError::Invalid`] for a name that is to be unsaid.
pub fn amend(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    (id, seen): (WishId, i32),
    change: Amendment,
) -> Result<WishRecord, StoreError> {
    let (row, wish) = mine(tx, scope.me()?.into(), id)?;
    fresh(&wish, seen)?;
    let anonymous = change.anonymous.unwrap_or(wish.anonymous);
    wish.check_amendment(anonymous).map_err(|why| match why {
        NotAmended::NotWritten => StoreError::Refused {
            state: wish.state.name().as_str(),
            verb: "amend",
            allowed: words(wish.state.allowed(Party::Author)),
            by: None,
        },
        NotAmended::WasNamed => StoreError::Invalid {
            field: "/anonymous",
            code: "was_named",
        },
    })?;
    let one = wishes::table.filter(wishes::id.eq(Id::of(id)).and(wishes::version.eq(seen)));
    let changed = diesel::update(one)
        .set((
            wishes::said.eq(change.said.unwrap_or(row.said)),
            wishes::anonymous.eq(anonymous),
            wishes::author_acted_on.eq(tx.today()),
            wishes::version.eq(seen + 1),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    show(tx, id)
}

/// What the author does: withdraws the wish, or thanks with a word.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or another's, [`StoreError::Stale`] when the version moved,
/// [`StoreError::Refused`] by the domain.
pub fn act_own(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    (id, seen): (WishId, i32),
    command: Command,
    said: Option<String>,
) -> Result<WishRecord, StoreError> {
    let found = mine(tx, scope.me()?.into(), id)?;
    let unseen = found.0.anonymous;
    carry_out(tx, (scope.who(), Party::Author), (found, seen), command)?;
    if let Some(said) = said {
        let who = (!unseen).then_some(scope.who().name.as_str());
        service_messages::say(tx, id.0, (side_of(Party::Author), who), said)?;
    }
    show(tx, id)
}

/// The branch publishes a wish, or declines it for a reason.
///
/// # Errors
/// [`StoreError::NotFound`] outside the scope, [`StoreError::Stale`] when the version moved, [`StoreError::Refused`] by
/// the domain.
pub fn decide(
    tx: &mut Tx<'_>,
    scope: &Scope<LeadServices>,
    (id, seen): (WishId, i32),
    reason: Option<String>,
) -> Result<WishRecord, StoreError> {
    let found = inside(tx, scope, id)?;
    let command = reason.map_or(Command::Publish, Command::Decline);
    carry_out(tx, (scope.who(), Party::Branch), (found, seen), command)?;
    show(tx, id)
}

/// What an officer does: takes a wish on, gives it back, or says that it has come true and how to get it.
///
/// # Errors
/// As [`decide`].
pub fn serve(
    tx: &mut Tx<'_>,
    scope: &Scope<ServePeople>,
    (id, seen): (WishId, i32),
    verb: Verb,
    said: Option<String>,
) -> Result<WishRecord, StoreError> {
    let found = inside(tx, scope, id)?;
    let command = match verb {
        Verb::Release => Command::Release,
        Verb::Fulfil => Command::Fulfil,
        _ => Command::Claim(claimer(scope, None)?),
    };
    carry_out(tx, (scope.who(), Party::Branch), (found, seen), command)?;
    if let Some(said) = said {
        let who = Some(scope.who().name.as_str());
        service_messages::say(tx, id.0, (side_of(Party::Branch), who), said)?;
    }
    show(tx, id)
}

/// The caller as somebody who takes a wish on.
pub(super) fn claimer<P: Permission>(scope: &Scope<P>, member: Option<MemberId>) -> Result<Claimer, StoreError> {
    let account = scope.who().account.ok_or(domain::access::Denied(P::NAME))?;
    Ok(Claimer {
        account,
        member,
        name: scope.who().name.clone(),
    })
}

/// Applies a command to a wish that the caller was let through to, and whatever follows from it.
pub(super) fn carry_out(
    tx: &mut Tx<'_>,
    (who, by): (&Who, Party),
    ((row, wish), seen): ((Row, Wish), i32),
    command: Command,
) -> Result<(), StoreError> {
    fresh(&wish, seen)?;
    let allowed = words(wish.state.allowed(by));
    let (after, effects) = wish.apply(command, by).map_err(|refused| refusal(&refused, allowed))?;
    let row = store(tx, who, (row, by), &after, &effects)?;
    let thing: Uuid = tx.fresh();
    for effect in effects {
        match effect {
            Effect::Note(_) if by == Party::Author && row.anonymous => {}
            Effect::Note(verb) => note(tx, who, &row, event(verb), after.state.reason())?,
            Effect::TellAuthor => tell_author(tx, &row, occasion(after.state.name()), thing)?,
            Effect::TellBranch => tell::staff(tx, Occasion::WishNews, after.id.0, thing, after.organisation)?,
            Effect::TellClaimer(claimer) => tell_claimer(tx, who, (after.id, &claimer), thing)?,
            // The row has the day, and the next morning's job reads it.
            Effect::NewsTomorrow => {}
        }
    }
    Ok(())
}

/// Writes the wish as it is after a command.
fn store(
    tx: &mut Tx<'_>,
    who: &Who,
    (mut row, by): (Row, Party),
    after: &Wish,
    effects: &[Effect],
) -> Result<Row, StoreError> {
    let (today, seen) = (tx.today(), row.version);
    let name = || Some(who.name.clone());
    for effect in effects {
        match effect {
            Effect::Note(Verb::Publish) => (row.published_on, row.published_by) = (Some(today), name()),
            Effect::Note(Verb::Claim) => row.claimed_on = Some(today),
            Effect::Note(Verb::Release) => row.claimed_on = None,
            Effect::Note(Verb::Fulfil) => (row.fulfilled_on, row.fulfilled_by) = (Some(today), name()),
            Effect::Note(Verb::Thank) => row.thanked_on = Some(today),
            Effect::Note(Verb::Withdraw | Verb::Decline) => row.ended_on = Some(today),
            _ => {}
        }
    }
    if by == Party::Author {
        row.author_acted_on = today;
    }
    let claimer = after.state.claimer();
    // Whoever had taken on what is withdrawn is told tomorrow.
    if after.state.name() != StateName::Withdrawn {
        keep_claimer(&mut row, claimer);
    }
    row.reason = after.state.reason().map(ToOwned::to_owned);
    row.state = after.state.name().to_string();
    row.version = after.version;
    let one = wishes::table.filter(wishes::id.eq(row.id).and(wishes::version.eq(seen)));
    let changed = diesel::update(one)
        .set((
            wishes::state.eq(&row.state),
            wishes::published_on.eq(row.published_on),
            wishes::published_by.eq(&row.published_by),
            wishes::claimed_on.eq(row.claimed_on),
            wishes::claimed_by.eq(row.claimed_by),
            wishes::claimed_by_member.eq(row.claimed_by_member),
            wishes::claimed_by_name.eq(&row.claimed_by_name),
            wishes::fulfilled_on.eq(row.fulfilled_on),
            wishes::fulfilled_by.eq(&row.fulfilled_by),
            wishes::thanked_on.eq(row.thanked_on),
            wishes::ended_on.eq(row.ended_on),
            wishes::reason.eq(&row.reason),
            wishes::author_acted_on.eq(row.author_acted_on),
            wishes::version.eq(row.version),
        ))
        .execute(tx.db)?;
    if changed == 0 {
        return Err(StoreError::Stale);
    }
    Ok(row)
}

fn keep_claimer(row: &mut Row, claimer: Option<&Claimer>) {
    row.claimed_by = claimer.map(|one| Id::of(one.account));
    row.claimed_by_member = claimer.and_then(|one| one.member).map(Id::of);
    row.claimed_by_name = claimer.map(|one| one.name.clone());
}

/// The caller writes about a wish of the caller's own.
///
/// # Errors
/// [`StoreError::NotFound`] when it is unknown or another's, [`StoreError::Refused`] when it has ended,
/// [`StoreError::Invalid`] when as much was said as may be.
pub fn say_own(
    tx: &mut Tx<'_>,
    scope: &Scope<AskForServices>,
    id: WishId,
    said: String,
) -> Result<WishRecord, StoreError> {
    let found = mine(tx, scope.me()?.into(), id)?;
    speak(tx, (scope.who(), Party::Author), found, said)
}

/// The branch writes about a wish: the author reads it, and whoever has claimed it.
///
/// # Errors
/// As [`say_own`].
pub fn say(tx: &mut Tx<'_>, scope: &Scope<ServePeople>, id: WishId, said: String) -> Result<WishRecord, StoreError> {
    let found = inside(tx, scope, id)?;
    speak(tx, (scope.who(), Party::Branch), found, said)
}

/// Says something about a wish that the caller was let through to. Whoever else it concerns is told, and of what the
/// author says on the next morning.
pub(super) fn speak(
    tx: &mut Tx<'_>,
    (who, by): (&Who, Party),
    (row, wish): (Row, Wish),
    said: String,
) -> Result<WishRecord, StoreError> {
    if !wish.state.may_be_spoken_of(by) {
        return Err(StoreError::Refused {
            state: wish.state.name().as_str(),
            verb: "message",
            allowed: words(wish.state.allowed(by)),
            by: None,
        });
    }
    touch(tx, wish.id, (by == Party::Author).then(|| tx.today()))?;
    let named = !(by == Party::Author && row.anonymous);
    let name = named.then_some(who.name.as_str());
    service_messages::say(tx, wish.id.0, (side_of(by), name), said)?;
    let thing: Uuid = tx.fresh();
    if by != Party::Author {
        tell_author(tx, &row, Occasion::WishMessage, thing)?;
    }
    match (by, wish.state.claimer()) {
        (Party::Branch, Some(claimer)) => tell_claimer(tx, who, (wish.id, claimer), thing)?,
        (Party::Claimer, _) => tell::staff(tx, Occasion::WishNews, wish.id.0, thing, wish.organisation)?,
        _ => {}
    }
    show(tx, wish.id)
}

/// Counts a change that is no transition; of two at once the second waits.
pub(super) fn touch(tx: &mut Tx<'_>, id: WishId, by_author_on: Option<chrono::NaiveDate>) -> Result<(), StoreError> {
    let one = wishes::table.filter(wishes::id.eq(Id::of(id)));
    let counted = wishes::version.eq(wishes::version + 1);
    match by_author_on {
        Some(day) => diesel::update(one)
            .set((counted, wishes::author_acted_on.eq(day)))
            .execute(tx.db)?,
        None => diesel::update(one).set(counted).execute(tx.db)?,
    };
    Ok(())
}

/// The author, who may be a visitor without an app, is told.
fn tell_author(tx: &mut Tx<'_>, row: &Row, occasion: Occasion, thing: Uuid) -> Result<(), StoreError> {
    let author = To::Member(row.person_id.to());
    outbox::enqueue(tx, occasion, row.id.0, Period::Thing(thing), author).map(drop)
}

/// Whoever has taken a wish on is told, unless it was the same one who did something.
fn tell_claimer(
    tx: &mut Tx<'_>,
    who: &Who,
    (wish, claimer): (WishId, &Claimer),
    thing: Uuid,
) -> Result<(), StoreError> {
    if who.account == Some(claimer.account) {
        return Ok(());
    }
    let to = claimer.member.map_or(To::Account(claimer.account), To::Member);
    outbox::enqueue(tx, Occasion::WishNews, wish.0, Period::Thing(thing), to).map(drop)
}

/// What the author is told of a wish that has come here.
const fn occasion(state: StateName) -> Occasion {
    use StateName as S;
    match state {
        S::Claimed => Occasion::WishClaimed,
        S::Fulfilled => Occasion::WishFulfilled,
        S::Written | S::Published | S::Thanked | S::Withdrawn | S::Declined => Occasion::WishAnswered,
    }
}

/// The word of a transition in histories.
const fn event(verb: Verb) -> &'static str {
    match verb {
        Verb::Publish => "wish_published",
        Verb::Decline => "wish_declined",
        Verb::Claim => "wish_claimed",
        Verb::Release => "wish_released",
        Verb::Fulfil => "wish_fulfilled",
        Verb::Thank => "wish_thanked",
        Verb::Withdraw => "wish_withdrawn",
    }
}

fn fresh(wish: &Wish, seen: i32) -> Result<(), StoreError> {
    if wish.version == seen {
        Ok(())
    } else {
        Err(StoreError::Stale)
    }
}

fn words(verbs: &[Verb]) -> Vec<&'static str> {
    verbs.iter().map(|verb| verb.as_str()).collect()
}

fn refusal(refused: &Refused, allowed: Vec<&'static str>) -> StoreError {
    StoreError::Refused {
        state: refused.state.as_str(),
        verb: refused.verb.as_str(),
        allowed,
        by: None,
    }
}
