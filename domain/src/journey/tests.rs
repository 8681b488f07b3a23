//! The machine against its drawing.
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn journey(state: State) -> Journey {
    Journey {
        id: JourneyId(Uuid::nil()),
        member: MemberId(Uuid::nil()),
        origin: OrganisationId(Uuid::nil()),
        reason: JourneyReason::Work,
        destination: Destination::default(),
        former_occupation: None,
        host: None,
        certificate_number: None,
        planned_departure_on: None,
        expected_return_on: None,
        interval_days: 30,
        last_contact_at: None,
        state,
        version: 1,
    }
}

fn states() -> [State; 6] {
    let (since, on) = (day("2027-02-22"), day("2027-12-20"));
    [
        State::Planned,
        State::Away { since, due: on },
        State::HomeVisit { since, home_since: on },
        State::Returned { since, on },
        State::Transferred {
            since,
            transfer: letter(),
        },
        State::Cancelled,
    ]
}

fn letter() -> Transfer {
    Transfer {
        to: "上海某街道".to_owned(),
        letter: "沪-1".to_owned(),
        receipt_on: day("2027-12-20"),
    }
}

fn commands() -> [Command; 8] {
    let on = day("2027-12-20");
    [
        Command::Depart(on),
        Command::Cancel,
        Command::CheckIn(on),
        Command::Contact(on),
        Command::ComeHome(on),
        Command::DepartAgain(on),
        Command::Return(on),
        Command::Transfer(letter()),
    ]
}

#[test]
fn what_allowed_promises_apply_keeps() {
    for state in states() {
        for command in commands() {
            let promised = state.allowed().contains(&command.verb());
            assert_eq!(
                journey(state.clone()).apply(command.clone()).is_ok(),
                promised,
                "{state:?} {command:?}"
            );
        }
    }
}

#[test]
fn a_late_contact_never_moves_the_due_date_back() {
    let away = journey(State::Away {
        since: day("2027-02-22"),
        due: day("2027-06-01"),
    });
    let (later, _) = away.clone().apply(Command::CheckIn(day("2027-03-01"))).unwrap();
    assert_eq!(later.state.due(), Some(day("2027-06-01")));
    let (later, _) = away.apply(Command::CheckIn(day("2027-05-20"))).unwrap();
    assert_eq!(later.state.due(), Some(day("2027-06-19")));
}

#[test]
fn a_contact_while_away_answers_the_question_and_leaves_the_invitation_home() {
    let away = journey(State::Away {
        since: day("2027-02-22"),
        due: day("2027-06-01"),
    });
    let (_, effects) = away.apply(Command::CheckIn(day("2027-05-20"))).unwrap();
    assert_eq!(effects, [Effect::Note(Verb::CheckIn), IN_CONTACT]);
}

#[test]
fn a_known_host_is_offered_the_member_on_departure() {
    let host = OrganisationId(Uuid::from_u128(9));
    let planned = Journey {
        host: Some(host),
        ..journey(State::Planned)
    };
    let (_, effects) = planned.apply(Command::Depart(day("2027-02-22"))).unwrap();
    assert!(effects.contains(&Effect::OfferHandover(host)));
}

#[test]
fn overdue_is_the_day_after_the_due_date() {
    let away = State::Away {
        since: day("2027-02-22"),
        due: day("2027-03-24"),
    };
    assert!(!away.is_overdue(day("2027-03-24")));
    assert!(away.is_overdue(day("2027-03-25")));
    assert!(!State::Planned.is_overdue(day("2030-01-01")));
}

/// The drawn diagram, as pairs.
const DRAWN: &[(StateName, StateName)] = &[
    (StateName::Planned, StateName::Away),
    (StateName::Planned, StateName::Cancelled),
    (StateName::Away, StateName::Away),
    (StateName::Away, StateName::HomeVisit),
    (StateName::HomeVisit, StateName::HomeVisit),
    (StateName::HomeVisit, StateName::Away),
    (StateName::Away, StateName::Returned),
    (StateName::HomeVisit, StateName::Returned),
    (StateName::Away, StateName::Transferred),
    (StateName::HomeVisit, StateName::Transferred),
];

proptest! {
    #[test]
    fn no_sequence_of_commands_leaves_the_diagram(picks in prop::collection::vec(0..8_usize, 0..40)) {
        let mut now = journey(State::Planned);
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
                    prop_assert_eq!(&refused.state, &before.state);
                    now = before;
                }
            }
        }
    }
}
