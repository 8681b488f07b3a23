//! The machine of hand-overs against its drawing.
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::transitions::Step;

fn answer() -> Answer {
    Answer {
        by: "周书记".to_owned(),
        at: "2027-03-01T01:00:00Z".parse().unwrap(),
        from: None,
    }
}

fn reason() -> String {
    "未到本地".to_owned()
}

fn handover(state: State) -> Handover {
    Handover {
        id: HandoverId(Uuid::nil()),
        person: PersonId(Uuid::nil()),
        journey: None,
        stay: None,
        asking: OrganisationId(Uuid::nil()),
        asked: OrganisationId(Uuid::nil()),
        asked_by: "李书记".to_owned(),
        deadlines: terms().from(asked_on()),
        state,
        version: 1,
    }
}

fn states() -> [State; 12] {
    [
        State::Offered,
        State::Accepted(answer()),
        State::Declined(answer(), reason()),
        State::Withdrawn,
        State::Asked(Question::Verification),
        State::Asked(Question::Whereabouts),
        State::Confirmed(answer()),
        State::Denied(answer(), reason()),
        State::Answered(answer(), Whereabouts::Home, None),
        State::Lapsed(Kind::Offer),
        State::Lapsed(Kind::Verification),
        State::Lapsed(Kind::Whereabouts),
    ]
}

fn commands() -> [Command; 8] {
    [
        Command::Accept(answer()),
        Command::Decline(answer(), reason()),
        Command::Withdraw,
        Command::Confirm(answer()),
        Command::Deny(answer(), reason()),
        Command::Answer(answer(), Whereabouts::MovedOn, Some("去了苏州".to_owned())),
        Command::Lapse,
        Command::Drop,
    ]
}

/// Every sample told every command, for the tables of transitions.
pub(crate) fn steps() -> Vec<Step> {
    let told = states()
        .into_iter()
        .map(handover)
        .flat_map(|before| commands().map(|command| (before.clone(), command)));
    told.map(|(before, command)| {
        let after = before
            .clone()
            .apply(command.clone())
            .map(|(after, _)| after.state.name().as_str());
        (before.state.name().as_str(), command.verb().as_str(), after.ok())
    })
    .collect()
}

#[test]
fn what_allowed_promises_apply_keeps() {
    for state in states() {
        for command in commands() {
            let promised = state.allowed().contains(&command.verb());
            let done = handover(state.clone()).apply(command.clone());
            assert_eq!(done.is_ok(), promised, "{state:?} {command:?}");
            if let Ok((after, _)) = done {
                assert_eq!(
                    after.state.kind(),
                    state.kind(),
                    "an answer never changes what was asked"
                );
            }
        }
    }
}

#[test]
fn who_was_faster_is_told_to_the_slower() {
    let (accepted, _) = handover(State::Offered).apply(Command::Accept(answer())).unwrap();
    let refused = accepted.apply(Command::Decline(answer(), reason())).unwrap_err();
    assert_eq!(refused.state.answer().map(|answer| answer.by.as_str()), Some("周书记"));
    assert_eq!(refused.verb, Verb::Decline);
}

#[test]
fn a_denial_rejects_the_stay_for_the_same_reason() {
    let (_, effects) = handover(State::Asked(Question::Verification))
        .apply(Command::Deny(answer(), reason()))
        .unwrap();
    assert_eq!(
        effects,
        [
            Effect::Note(Verb::Deny),
            Effect::RejectStay(reason()),
            Effect::TellAsking
        ]
    );
}

#[test]
fn a_host_has_asked_once_the_origin_answered_or_had_the_time_to() {
    let inquiry = |state, on: &str| handover(state).inquiry(asked_on(), on.parse().unwrap());
    let asked = || State::Asked(Question::Whereabouts);
    let due = "2027-03-04".parse().unwrap();
    assert_eq!(inquiry(asked(), "2027-03-03"), Some(Inquiry::Waiting(due)));
    assert_eq!(inquiry(asked(), "2027-03-04"), Some(Inquiry::Over));
    let answered = State::Answered(answer(), Whereabouts::Unknown, None);
    assert_eq!(inquiry(answered.clone(), "2027-02-23"), Some(Inquiry::Over));
    assert_eq!(inquiry(answered.clone(), "2027-05-23"), Some(Inquiry::Over));
    assert_eq!(
        inquiry(answered, "2027-05-24"),
        None,
        "what was said long ago is no news"
    );
    assert_eq!(inquiry(State::Asked(Question::Verification), "2027-02-23"), None);
}

fn terms() -> Terms {
    Terms {
        reminded: REMINDED_DAYS,
        due: DUE_DAYS,
        lapses: LAPSES_DAYS,
    }
}

fn asked_on() -> NaiveDate {
    "2027-02-22".parse().unwrap()
}

#[test]
fn an_answer_in_the_asked_ones_place_is_told_to_both() {
    let above = Answer {
        from: Some(OrganisationId(Uuid::from_u128(9))),
        ..answer()
    };
    let (_, effects) = handover(State::Offered).apply(Command::Accept(above)).unwrap();
    let expected = [
        Effect::Note(Verb::Accept),
        Effect::OpenStay,
        Effect::TellAsking,
        Effect::TellAsked,
    ];
    assert_eq!(effects, expected);
}

#[test]
fn a_parent_told_late_has_as_long_as_one_told_in_time() {
    let lapses = |told: &str| {
        handover(State::Offered)
            .escalated(told.parse().unwrap())
            .lapses_on
            .to_string()
    };
    assert_eq!(lapses("2027-03-04"), "2027-03-24");
    assert_eq!(lapses("2027-03-20"), "2027-04-09");
}

#[test]
fn an_answer_is_due_ten_days_later() {
    let days = terms().from(asked_on());
    let expected = ["2027-02-27", "2027-03-04", "2027-03-24"].map(|day| day.parse::<NaiveDate>().unwrap());
    assert_eq!([days.remind_on, days.due_on, days.lapses_on], expected);
}

proptest! {
    #[test]
    fn whatever_is_chosen_a_lapse_is_after_the_due_day_and_a_reminder_before(reminded: u16, due: u16, lapses: u16) {
        let days = Terms { reminded, due, lapses }.from(asked_on());
        prop_assert!(asked_on() <= days.remind_on && days.remind_on < days.due_on && days.due_on < days.lapses_on);
    }
}

/// The drawn diagram, as pairs.
const DRAWN: &[(StateName, StateName)] = &[
    (StateName::Offered, StateName::Accepted),
    (StateName::Offered, StateName::Declined),
    (StateName::Offered, StateName::Withdrawn),
    (StateName::Offered, StateName::Lapsed),
    (StateName::Asked, StateName::Confirmed),
    (StateName::Asked, StateName::Denied),
    (StateName::Asked, StateName::Answered),
    (StateName::Asked, StateName::Lapsed),
];

proptest! {
    #[test]
    fn no_sequence_of_commands_leaves_the_diagram(asks in 0..3_usize, picks in prop::collection::vec(0..8_usize, 0..20)) {
        let begun = [
            State::Offered,
            State::Asked(Question::Verification),
            State::Asked(Question::Whereabouts),
        ];
        let mut now = handover(begun[asks].clone());
        for pick in picks {
            let before = now.clone();
            match now.apply(commands()[pick].clone()) {
                Ok((after, effects)) => {
                    prop_assert!(DRAWN.contains(&(before.state.name(), after.state.name())));
                    prop_assert_eq!(after.version, before.version + 1);
                    prop_assert!(!effects.is_empty());
                    now = after;
                }
                Err(refused) => {
                    prop_assert_eq!(refused.state, before.state.clone());
                    now = before;
                }
            }
        }
    }
}
