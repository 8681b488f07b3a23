//! The machine against its drawing.
use proptest::prelude::*;
use uuid::Uuid;

use super::apply::IN_CONTACT;
use super::*;
use crate::contact::ContactMeans;
use crate::silence::SilenceSource;
use crate::transitions::Step;

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
        silence: state.departed_on().map(|since| Silence {
            since,
            source: SilenceSource::Departure,
        }),
        declaration: matches!(state, State::OutOfContact { .. }).then_some(DECLARED),
        transfer: None,
        state,
        version: 1,
    }
}

const DECLARED: DeclarationId = DeclarationId(Uuid::from_u128(5));

const LETTER: TransferId = TransferId(Uuid::from_u128(6));

/// Every state, a member away who is proposed as out of contact, and open journeys with a transfer under way.
fn journeys() -> Vec<Journey> {
    let proposed = states().into_iter().map(|state| Journey {
        declaration: Some(DECLARED),
        ..journey(state)
    });
    let proposed = proposed.filter(|one| matches!(one.state, State::Away { .. }));
    let transferring = states().into_iter().map(|state| Journey {
        transfer: Some(LETTER),
        ..journey(state)
    });
    let transferring = transferring.filter(|one| one.state.departed_on().is_some() && one.state.is_open());
    states()
        .into_iter()
        .map(journey)
        .chain(proposed)
        .chain(transferring)
        .collect()
}

fn states() -> [State; 7] {
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
        State::OutOfContact { since },
    ]
}

fn letter() -> Transfer {
    Transfer {
        to: "上海某街道".to_owned(),
        letter: "沪-1".to_owned(),
        receipt_on: day("2027-12-20"),
    }
}

/// A search that is enough for a member who left on 2027-02-22, and one that is not.
fn searches() -> [Search; 2] {
    use ContactMeans::{InPerson, Phone};
    let today = day("2028-12-20");
    let failed = vec![Phone, Phone, InPerson];
    [Search { today, failed }, Search::none(today)]
}

fn elsewhere(on: NaiveDate) -> Move {
    let to = Destination {
        country: Some("日本".to_owned()),
        ..Destination::default()
    };
    let host = Some(OrganisationId(Uuid::from_u128(8)));
    Move { to, host, on }
}

fn commands() -> [Command; 19] {
    let [enough, none] = searches();
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
        Command::RecordSigns(Signs {
            attended_on: Some(on),
            dues_paid_on: None,
        }),
        Command::Declare(DECLARED, enough),
        Command::Declare(DECLARED, none),
        Command::WithdrawDeclaration,
        Command::ConfirmOutOfContact,
        Command::TurnDownDeclaration,
        Command::RestoreContact(on),
        Command::MoveOn(elsewhere(on)),
        Command::StartTransfer(LETTER),
        Command::DropTransfer,
        Command::DeclineTransfer,
    ]
}

/// Every sample told every command, for the tables of transitions.
pub(crate) fn steps() -> Vec<Step> {
    let told = journeys()
        .into_iter()
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
    let [enough, none] = searches();
    for before in journeys() {
        for command in commands() {
            let search = match &command {
                Command::Declare(_, search) => search,
                _ => &none,
            };
            let promised = before.allowed(search).contains(&command.verb());
            let kept = before.clone().apply(command.clone()).is_ok();
            assert_eq!(kept, promised, "{before:?} {command:?}");
        }
        let without = before.refused(Verb::Depart, Vec::new()).allowed;
        assert_eq!(before.allowed(&none), without, "what a refusal lists is possible");
        assert!(without.iter().all(|verb| before.allowed(&enough).contains(verb)));
    }
}

fn away(since: &str, due: &str) -> Journey {
    let (since, due) = (day(since), day(due));
    journey(State::Away { since, due })
}

#[test]
fn a_refused_declaration_names_everything_that_is_missing() {
    let refused = away("2027-11-01", "2027-12-01").apply(Command::Declare(DECLARED, Search::none(day("2027-12-20"))));
    let missing = [
        Missing::Silence(day("2028-05-02")),
        Missing::Attempts(3),
        Missing::Means(2),
    ];
    assert_eq!(refused.unwrap_err().missing, missing);
}

#[test]
fn whatever_is_heard_of_the_member_ends_the_proposal() {
    let on = day("2027-12-20");
    let proposed = Journey {
        declaration: Some(DECLARED),
        ..away("2027-02-22", "2027-06-01")
    };
    let signs = Signs {
        attended_on: None,
        dues_paid_on: Some(on),
    };
    let dropped = Effect::SettleDeclaration(DECLARED, DeclarationState::Dropped);
    for sign in [
        Command::CheckIn(on),
        Command::Contact(on),
        Command::ComeHome(on),
        Command::Return(on),
        Command::RecordSigns(signs),
    ] {
        let (after, effects) = proposed.clone().apply(sign).unwrap();
        assert_eq!(after.declaration, None);
        assert!(effects.contains(&dropped));
        assert!(after.state.name() != StateName::OutOfContact);
    }
    let old = Signs {
        attended_on: Some(day("2027-01-01")),
        dues_paid_on: None,
    };
    let (after, _) = proposed.apply(Command::RecordSigns(old)).unwrap();
    assert_eq!(after.declaration, Some(DECLARED), "what is older changes nothing");
}

#[test]
fn who_was_found_is_away_and_due_again() {
    let lost = journey(State::OutOfContact {
        since: day("2027-02-22"),
    });
    for found in [
        Command::CheckIn(day("2027-12-20")),
        Command::RestoreContact(day("2027-12-20")),
    ] {
        let (after, effects) = lost.clone().apply(found).unwrap();
        assert_eq!(after.state.due(), Some(day("2028-01-19")));
        assert_eq!(after.declaration, None);
        assert!(effects.contains(&Effect::SettleDeclaration(DECLARED, DeclarationState::Found)));
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
fn a_member_abroad_is_in_contact_every_half_year_or_more_often() {
    let abroad = Destination {
        country: Some("日本".to_owned()),
        ..Destination::default()
    };
    assert_eq!(abroad.longest_interval(), 182);
    assert_eq!(
        (abroad.interval_days(None, 30), abroad.interval_days(Some(90), 30)),
        (182, 90)
    );
    let home = Destination::default();
    assert_eq!((home.longest_interval(), home.interval_days(None, 30)), (366, 30));
}

#[test]
fn whoever_moves_on_leaves_the_old_host_for_the_new_one() {
    let before = Journey {
        host: Some(OrganisationId(Uuid::from_u128(9))),
        interval_days: 300,
        ..away("2027-02-22", "2027-06-01")
    };
    let there = elsewhere(day("2027-05-01"));
    let (after, effects) = before.clone().apply(Command::MoveOn(there.clone())).unwrap();
    assert_eq!((&after.destination, after.host), (&there.to, there.host));
    assert_eq!((after.state.due(), after.interval_days), (Some(day("2027-06-01")), 182));
    let left = Move {
        to: before.destination,
        host: before.host,
        on: there.on,
    };
    let follow = [
        Effect::KeepPlace(left),
        Effect::LeaveHost,
        Effect::OfferHandover(OrganisationId(Uuid::from_u128(8))),
    ];
    assert_eq!(effects[1..], follow);
    let (_, effects) = after.apply(Command::MoveOn(there)).unwrap();
    assert!(!effects.contains(&Effect::LeaveHost), "the same host keeps the member");
}

#[test]
fn a_transfer_leaves_the_origin_responsible_until_its_receipt() {
    let (started, _) = away("2027-02-22", "2027-06-01")
        .apply(Command::StartTransfer(LETTER))
        .unwrap();
    assert_eq!(
        (started.state.name(), started.transfer),
        (StateName::Away, Some(LETTER))
    );
    let ends = [
        (Command::Transfer(letter()), TransferState::Received),
        (Command::DeclineTransfer, TransferState::Declined),
        (Command::DropTransfer, TransferState::Dropped),
        (Command::Return(day("2027-12-20")), TransferState::Dropped),
    ];
    for (command, outcome) in ends {
        let (after, effects) = started.clone().apply(command).unwrap();
        assert_eq!(after.transfer, None);
        assert!(effects.contains(&Effect::SettleTransfer(LETTER, outcome)));
    }
    let (after, _) = started.apply(Command::CheckIn(day("2027-12-20"))).unwrap();
    assert_eq!(after.transfer, Some(LETTER), "a check-in has nothing to do with it");
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
    (StateName::Away, StateName::OutOfContact),
    (StateName::OutOfContact, StateName::Away),
    // A transfer that was under way is dropped or declined.
    (StateName::OutOfContact, StateName::OutOfContact),
];

proptest! {
    #[test]
    fn no_sequence_of_commands_leaves_the_diagram(picks in prop::collection::vec(0..19_usize, 0..40)) {
        let mut now = journey(State::Planned);
        for pick in picks {
            let before = now.clone();
            match now.apply(commands()[pick].clone()) {
                Ok((after, effects)) => {
                    prop_assert!(DRAWN.contains(&(before.state.name(), after.state.name())));
                    prop_assert_eq!(after.version, before.version + 1);
                    prop_assert!(!effects.is_empty());
                    let lost = after.state.name() == StateName::OutOfContact;
                    prop_assert!(!lost || after.declaration.is_some());
                    prop_assert!(after.declaration.is_none() || after.state.is_open());
                    prop_assert!(after.transfer.is_none() || after.state.is_open());
                    now = after;
                }
                Err(refused) => {
                    prop_assert_eq!(refused.state, before.state.name());
                    now = before;
                }
            }
        }
    }
}

#[test]
fn whatever_ends_the_journey_ends_its_certificate() {
    for before in journeys() {
        for command in commands() {
            if let Ok((after, effects)) = before.clone().apply(command) {
                let ends = effects.contains(&Effect::EndCertificate);
                assert_eq!(ends, !after.state.is_open(), "{:?} {:?}", before.state, after.state);
            }
        }
    }
}
