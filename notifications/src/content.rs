//! What a notification says: whether it is still true, and the words for its facts.
mod services;

use chrono::NaiveDate;
use domain::calendar::Festival;
use domain::calendar::solar::years_since;
use domain::division::full_name;
use domain::gathering::StateName as GatheringState;
use domain::gathering::attendance::StateName as Attendance;
use domain::notification::{Audience, Channel, Occasion, Period};
use domain::stay::{NextPlace, StateName as StayState};
use domain::transfer::TransferState;
use minijinja::{Error, Value, context};
use persistence::outbox::{
    ArrivalFacts, Claimed, Facts, GatheringFacts, HandoverFacts, JourneyFacts, OpenItem, RequestFacts, StayFacts,
};
use persistence::transfers::TransferLine;

use crate::templates::{Templates, Text, spoken};

/// Why a notification is not said any more, or nothing: asked at the moment of sending.
pub(crate) fn obstacle(claimed: &Claimed, facts: Option<&Facts>, today: NaiveDate) -> Option<&'static str> {
    let Some(facts) = facts else { return Some("gone") };
    if !facts.recipient.active {
        return Some("inactive");
    }
    if claimed.expires_on.is_some_and(|last| last < today) {
        return Some("too late");
    }
    if claimed.key.channel == Channel::Email && facts.recipient.email.is_none() {
        return Some("no address");
    }
    (!is_true(claimed, facts)).then_some("no longer true")
}

fn is_true(claimed: &Claimed, facts: &Facts) -> bool {
    match (claimed.key.occasion, claimed.audience) {
        (Occasion::Birthday, _) => true,
        (Occasion::PoliticalBirthday, _) => facts.recipient.joined_on.is_some(),
        (occasion, Audience::Staff) if !occasion.merges_with().is_empty() => !facts.people.is_empty(),
        (
            Occasion::HandoverOffered
            | Occasion::HandoverReminder
            | Occasion::HandoverOverdue
            | Occasion::WhereaboutsOverdue,
            _,
        ) => is_awaited(facts.handover.as_ref().map(|one| &*one.state), ["offered", "asked"]),
        (Occasion::HandoverAnswered | Occasion::HandoverMessage, _) => facts.handover.is_some(),
        (Occasion::ArrivalReported, _) => {
            is_awaited(facts.arrival.as_ref().map(|one| &*one.state), ["reported", "verifying"])
        }
        (Occasion::RequestMade, _) => facts.request.as_ref().is_some_and(|request| request.state == "open"),
        (Occasion::RequestAnswered, _) => facts.request.is_some(),
        (Occasion::EmailCode, _) => facts.code.is_some(),
        (occasion, _) if occasion.is_of_service() => services::is_true(claimed, facts),
        (Occasion::OfficerChanged, _) => facts.handing.is_some(),
        (Occasion::WebhookDisabled, _) => {
            let webhook = facts.webhook.as_ref();
            webhook.is_some_and(|webhook| webhook.state == "disabled")
        }
        (
            Occasion::GatheringInvited
            | Occasion::GatheringReminder
            | Occasion::GatheringChanged
            | Occasion::GatheringCancelled
            | Occasion::MakeUpProposed,
            audience,
        ) => {
            let gathering = facts.gathering.as_ref();
            gathering.is_some_and(|one| is_to_be_said(claimed, one, audience))
        }
        (Occasion::StayEnded, _) => facts.stay.is_some(),
        (Occasion::PhoneAsked, _) => facts.stay.as_ref().is_some_and(|stay| stay.state.is_open()),
        (Occasion::ReturnProposed, _) => {
            let stay = facts.stay.as_ref();
            stay.is_some_and(|stay| stay.journey_is_open || !stay.has_journey)
        }
        (occasion, _) => {
            let journey = facts.journey.as_ref();
            journey.is_some_and(|journey| is_true_of_journey(occasion, claimed.key.period, journey, facts))
        }
    }
}

/// What is said of a journey and whoever makes it.
fn is_true_of_journey(occasion: Occasion, period: Period, journey: &JourneyFacts, facts: &Facts) -> bool {
    let (state, date) = (&*journey.state, day_of(period));
    let transfer = journey.transfer.as_ref();
    let under_way = transfer.filter(|one| one.state == TransferState::UnderWay);
    match occasion {
        Occasion::PreDeparture | Occasion::DepartureCheck => state == "planned" && journey.planned_departure_on == date,
        Occasion::ReturnHome => {
            let is_on = match period {
                Period::Campaign(..) => facts.campaign.as_ref().is_some_and(|campaign| campaign.asks),
                _ => true,
            };
            state == "away" && is_on
        }
        Occasion::CheckinDue | Occasion::CheckinOverdue => state == "away" && journey.next_checkin_due == date,
        Occasion::FinalReturn => matches!(state, "away" | "home_visit"),
        Occasion::TransferOffered => under_way.is_some(),
        Occasion::TransferExpiring => under_way.map(|one| one.valid_until) == date,
        Occasion::TransferAnswered => transfer.is_some(),
        Occasion::ProbationEnding | Occasion::ProbationAccount => {
            matches!(state, "away" | "home_visit") && journey.probation_ends_on == date
        }
        Occasion::OutOfContactProposed => state == "away" && journey.declared,
        Occasion::NeedsHelp | Occasion::MemberLeft => true,
        _ => false,
    }
}

/// Whether it is still to be said of a gathering: of one that is over or called off nobody is reminded.
fn is_to_be_said(claimed: &Claimed, gathering: &GatheringFacts, audience: Audience) -> bool {
    let ahead = gathering.state == GatheringState::Planned && !gathering.begun;
    let expected = gathering.attendance == Some(Attendance::Invited);
    match claimed.key.occasion {
        Occasion::GatheringReminder => {
            let same_day = matches!(claimed.key.period, Period::Near(day, _) if day == gathering.begins.date());
            ahead && expected && same_day
        }
        Occasion::GatheringInvited => ahead && expected,
        Occasion::GatheringChanged => ahead,
        Occasion::GatheringCancelled => gathering.state == GatheringState::Cancelled && !gathering.begun,
        _ if audience == Audience::Staff => gathering.missed > 0,
        _ => gathering.attendance == Some(Attendance::Missed),
    }
}

/// The date that something is said near to.
const fn day_of(period: Period) -> Option<NaiveDate> {
    match period {
        Period::Near(date, _) => Some(date),
        _ => None,
    }
}

/// Whether something is there, and in one of the states in which somebody's answer is awaited.
fn is_awaited(state: Option<&str>, open: [&str; 2]) -> bool {
    state.is_some_and(|state| open.contains(&state))
}

/// The festival that something is said about.
fn festival(claimed: &Claimed, facts: &Facts) -> Option<Festival> {
    match claimed.key.period {
        Period::Festival(festival, ..) => Some(festival),
        _ => facts.campaign.as_ref().map(|campaign| campaign.festival),
    }
}

/// What a notification says when it is sent on a day, in the language of whom it goes to.
///
/// # Errors
/// When there is no text for this occasion and audience, or the facts lack something that it names.
pub fn text_of(templates: &Templates, claimed: &Claimed, facts: &Facts, on: NaiveDate) -> Result<Text, Error> {
    let words = words(claimed, facts, on);
    templates.render(
        claimed.key.occasion,
        claimed.audience,
        &facts.recipient.language,
        &words,
    )
}

/// The facts in the reader's language, as the templates name them.
fn words(claimed: &Claimed, facts: &Facts, today: NaiveDate) -> Value {
    let zh = spoken(&facts.recipient.language) == "zh-CN";
    let on = match claimed.key.period {
        Period::Near(date, _) => Some(date),
        Period::Festival(festival, year, _) => festival.date_in(year),
        Period::Campaign(..) => facts.campaign.as_ref().map(|campaign| campaign.festival_on),
        Period::Year(_) | Period::Thing(_) | Period::Once => None,
    };
    // Counted from the day of sending: a prompt may be late.
    let ahead = on.map_or(0, |on| (on - today).num_days());
    let festival = festival(claimed, facts).map(|festival| if zh { festival.zh() } else { festival.en() });
    let besides = facts.campaign.as_ref();
    let besides = besides.and_then(|campaign| if zh { campaign.zh.clone() } else { campaign.en.clone() });
    let branch = facts.branch.as_ref();
    let journey = facts.journey.as_ref();
    let years = facts.recipient.joined_on.map_or(0, |joined| years_since(joined, today));
    let people = facts.people.iter().map(|person| {
        let items = items(&person.open_items, zh);
        context! { name => person.name.clone(), items }
    });
    context! {
        name => facts.recipient.name.clone(),
        branch => branch.map_or_else(|| (if zh { "党支部" } else { "your branch" }).to_owned(), |branch| branch.name.clone()),
        contact => branch.and_then(|branch| branch.contact.clone()),
        phone => branch.and_then(|branch| branch.phone.clone()),
        host => facts.host.as_ref().map(|host| context! {
            name => host.name.clone(),
            contact => host.contact.clone(),
            phone => host.phone.clone(),
        }),
        years,
        presents => presents(facts, years, zh),
        date => on.map(|on| if by_month(claimed, facts) { month(on, zh) } else { date(on, zh) }),
        days => ahead.abs(),
        past => ahead < 0,
        festival,
        besides,
        member => journey.map(|journey| journey.member.clone()),
        items => items(journey.map_or(&[], |journey| &journey.open_items), zh),
        people => people.collect::<Vec<_>>(),
        code => facts.code.clone(),
        arrival => facts.arrival.as_ref().map(|arrival| arrived(arrival, zh)),
        request => facts.request.as_ref().map(|request| asked_for(request, zh)),
        transfer => journey.and_then(|journey| journey.transfer.as_ref()).map(|one| transferred(one, zh)),
        handing => facts.handing.as_ref().map(|handing| context! {
            from => handing.from.clone(),
            to => handing.to.clone(),
            people => handing.people,
            reason => handing.reason.clone(),
        }),
        webhook => facts.webhook.as_ref().map(|webhook| context! {
            organisation => webhook.organisation.clone(),
            host => persistence::webhooks::host_of(&webhook.url),
            description => webhook.description.clone(),
        }),
        stay => facts.stay.as_ref().map(|stay| ended(stay, zh)),
        gathering => facts.gathering.as_ref().map(|one| gathered(one, zh)),
        handover => facts.handover.as_ref().map(|handover| handed_over(handover, zh)),
        wish => facts.wish.as_ref().map(|wish| services::wished(wish, zh)),
        service => facts.service.as_ref().map(|request| services::asked(request, zh)),
    }
}

/// What the branch gives on this political birthday; none where it gives nothing.
fn presents(facts: &Facts, years: u32, zh: bool) -> Option<String> {
    let given = facts.presents.iter().filter(|present| present.falls_on(years));
    let names: Vec<&str> = given
        .map(|present| if zh { present.zh() } else { present.en() })
        .collect();
    (!names.is_empty()).then(|| names.join(if zh { "、" } else { ", " }))
}

fn arrived(arrival: &ArrivalFacts, zh: bool) -> Value {
    context! {
        person => arrival.person.clone(),
        host => arrival.host.clone(),
        on => date(arrival.arrived_on, zh),
    }
}

fn asked_for(request: &RequestFacts, zh: bool) -> Value {
    let (in_chinese, in_english) = match request.kind.as_str() {
        "phone" => ("更换手机号码", "to change the phone number"),
        "erasure" => ("删除个人信息", "to erase personal data"),
        _ => ("更正个人信息", "to correct the record"),
    };
    context! {
        member => request.member.clone(),
        what => if zh { in_chinese } else { in_english },
        done => request.state == "done",
        reason => request.reason.clone(),
    }
}

fn transferred(transfer: &TransferLine, zh: bool) -> Value {
    let (in_chinese, in_english) = match transfer.state {
        TransferState::Received => ("已接收", "was accepted"),
        TransferState::Declined => ("未接收", "was declined"),
        TransferState::Dropped => ("已由转出方撤销", "was dropped by the origin"),
        TransferState::UnderWay => ("正在办理", "is under way"),
    };
    context! {
        letter => transfer.letter.clone(),
        receiving => transfer.receiving_name.clone(),
        until => date(transfer.valid_until, zh),
        reason => transfer.reason.clone(),
        answer => if zh { in_chinese } else { in_english },
    }
}

fn handed_over(handover: &HandoverFacts, zh: bool) -> Value {
    let (in_chinese, in_english) = match handover.state.as_str() {
        "accepted" => ("已被接收", "was accepted"),
        "declined" => ("被退回", "was declined"),
        "confirmed" => ("已得到核实", "was confirmed"),
        "denied" => ("未能核实", "was denied"),
        "answered" => ("已得到答复", "was answered"),
        "withdrawn" => ("已撤回", "was withdrawn"),
        "lapsed" => ("逾期未答复，已失效", "has lapsed without an answer"),
        _ => ("有了新进展", "has moved on"),
    };
    context! {
        kind => handover.kind.clone(),
        person => handover.person.clone(),
        asking => handover.asking.clone(),
        asked => handover.asked.clone(),
        reason => handover.reason.clone(),
        due => date(handover.due_on, zh),
        lapses => date(handover.lapses_on, zh),
        from => handover.from.clone(),
        answer => if zh { in_chinese } else { in_english },
        whereabouts => handover.whereabouts.clone(),
    }
}

fn ended(stay: &StayFacts, zh: bool) -> Value {
    let what = match (stay.state, stay.next) {
        (StayState::Left, Some(NextPlace::Onward)) => "onward",
        (StayState::Left, Some(NextPlace::Home)) => "home",
        (StayState::Left, _) => "unknown",
        _ => "not_there",
    };
    context! {
        person => stay.person.clone(),
        host => stay.host.clone(),
        origin => stay.origin.clone(),
        what,
        // Divisions have Chinese names only.
        place => stay.division.map(full_name).filter(|_| zh),
        code => stay.division.map(|code| code.to_string()),
        reason => stay.reason.clone(),
        journey => stay.has_journey,
    }
}

fn gathered(gathering: &GatheringFacts, zh: bool) -> Value {
    let (begins, ends) = (gathering.begins, gathering.ends);
    let until = if begins.date() == ends.date() {
        ends.format("%H:%M").to_string()
    } else {
        format!("{} {}", date(ends.date(), zh), ends.format("%H:%M"))
    };
    context! {
        kind => if zh { gathering.kind.zh() } else { gathering.kind.en() },
        title => gathering.title.clone(),
        organisation => gathering.organisation.clone(),
        day => date(begins.date(), zh),
        begins => begins.format("%H:%M").to_string(),
        until,
        place => gathering.place.clone(),
        link => gathering.link.clone(),
        lecturer => gathering.lecturer.clone(),
        reason => gathering.reason.clone(),
        missed => gathering.missed,
    }
}

fn date(day: NaiveDate, zh: bool) -> String {
    day.format(if zh { "%Y年%-m月%-d日" } else { "%-d %B %Y" }).to_string()
}

/// Whether only the month is known of what the date tells.
fn by_month(claimed: &Claimed, facts: &Facts) -> bool {
    let probation = matches!(
        claimed.key.occasion,
        Occasion::ProbationEnding | Occasion::ProbationAccount
    );
    probation
        && facts
            .journey
            .as_ref()
            .is_some_and(|journey| journey.probation_ends_in_month)
}

fn month(day: NaiveDate, zh: bool) -> String {
    day.format(if zh { "%Y年%-m月" } else { "%B %Y" }).to_string()
}

/// The names of briefing items.
fn items(open: &[OpenItem], zh: bool) -> Vec<String> {
    let name = |item: &OpenItem| if zh { item.zh.clone() } else { item.en.clone() };
    open.iter().map(name).collect()
}
