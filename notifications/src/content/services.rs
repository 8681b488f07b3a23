//! What is said of wishes (微心愿) and service requests (服务事项).
use domain::notification::{Occasion, Period};
use domain::service::Kind;
use domain::wish::StateName;
use minijinja::{Value, context};
use persistence::outbox::{Claimed, Facts, ServiceFacts, WishFacts};

use super::date;

/// The longest part of a wish or a request that is repeated, characters: it reads in one line.
const LONGEST_QUOTE: usize = 60;

/// Whether what is said of a wish or a request is still true.
pub(super) fn is_true(claimed: &Claimed, facts: &Facts) -> bool {
    let news = facts.wish.as_ref().is_some_and(|wish| is_news(claimed, wish));
    let awaited = facts
        .service
        .as_ref()
        .is_some_and(|request| is_awaited(claimed, request));
    news || awaited
}

/// Whether what is said of a wish is still true.
fn is_news(claimed: &Claimed, wish: &WishFacts) -> bool {
    match claimed.key.occasion {
        Occasion::WishAnswered => matches!(wish.state, StateName::Published | StateName::Declined),
        Occasion::WishClaimed => wish.state == StateName::Claimed,
        Occasion::WishFulfilled => matches!(wish.state, StateName::Fulfilled | StateName::Thanked),
        _ => true,
    }
}

/// Whether what is said of a request is still true.
fn is_awaited(claimed: &Claimed, request: &ServiceFacts) -> bool {
    match (claimed.key.occasion, claimed.key.period) {
        (Occasion::ServiceAsked | Occasion::ServiceEscalated, _) => request.state.is_unanswered(),
        (Occasion::ServiceDue, Period::Near(due, _)) => request.state.is_unanswered() && request.due_on == due,
        (Occasion::ServiceAnswered, _) => request.answer.is_some(),
        _ => true,
    }
}

/// A wish in the reader's words.
pub(super) fn wished(wish: &WishFacts, zh: bool) -> Value {
    let last = wish.last.as_ref();
    let somebody = if zh { "心愿人" } else { "The author" };
    context! {
        said => quote(&wish.said),
        author => wish.author.clone(),
        organisation => wish.organisation.clone(),
        state => wish.state.as_str(),
        claimer => wish.claimer.clone(),
        reason => wish.reason.clone(),
        last => last.map(|said| context! {
            who => said.who.clone().unwrap_or_else(|| somebody.to_owned()),
            body => said.body.clone(),
        }),
    }
}

/// A request in the reader's words.
pub(super) fn asked(request: &ServiceFacts, zh: bool) -> Value {
    context! {
        kind => kind(request.kind, zh),
        said => quote(&request.said),
        asker => request.asker.clone(),
        organisation => request.organisation.clone(),
        officer => request.officer.clone(),
        due => date(request.due_on, zh),
        escalated => request.escalated.clone(),
        answered_by => request.answered_by.clone(),
        answered_from => request.answered_from.clone(),
        answer => request.answer.clone(),
    }
}

const fn kind(kind: Kind, zh: bool) -> &'static str {
    match (kind, zh) {
        (Kind::Employment, true) => "就业指导",
        (Kind::Employment, false) => "work",
        (Kind::Schooling, true) => "子女入学",
        (Kind::Schooling, false) => "a school",
        (Kind::Policy, true) => "政策咨询",
        (Kind::Policy, false) => "a rule",
        (Kind::Hardship, true) => "困难帮扶",
        (Kind::Hardship, false) => "hardship",
        (Kind::Legal, true) => "法律援助",
        (Kind::Legal, false) => "the law",
        (Kind::Other, true) => "服务事项",
        (Kind::Other, false) => "another matter",
    }
}

/// The beginning of what somebody wrote, on one line.
fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST_QUOTE {
        return line;
    }
    line.chars().take(LONGEST_QUOTE).chain(['…']).collect()
}
