//! The machine of stays against its drawing.
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::transitions::Step;

const BRANCH: OrganisationId = OrganisationId(Uuid::from_u128(9));

fn day() -> NaiveDate {
    "2027-03-01".parse().unwrap()
}

fn stay(state: State, here: bool) -> Stay {
    let elsewhere = Origin::Elsewhere {
        name: Some("四川某村党支部".to_owned()),
        phone: None,
    };
    Stay {
        id: StayId(Uuid::nil()),
        person: PersonId(Uuid::nil()),
        member: None,
        host: OrganisationId(Uuid::nil()),
        source: Source::Survey,
        origin: if here { Origin::Here(BRANCH) } else { elsewhere },
        journey: None,
        arrived_on: day(),
        address: None,
        employer: None,
        state,
        version: 1,
    }
}

fn admission() -> Admission {
    Admission {
        home_unit: BRANCH,
        officer: Officer::Account(AccountId(Uuid::nil())),
        register: RegisterNumber { year: 2027, number: 1 },
        on: day(),
    }
}

fn shown() -> Shown {
    Shown {
        number: "QT-2027-0001".to_owned(),
        on: day(),
        by: "周书记".to_owned(),
    }
}

fn letter() -> Letter {
    Letter {
        file: FileId(Uuid::nil()),
        on: day(),
        by: "周书记".to_owned(),
    }
}

fn leaving(next: NextPlace) -> Leaving {
    Leaving {
        on: day(),
        reason: None,
        next,
        division: None,
    }
}

fn states() -> [State; 8] {
    let verification = Verification::Handover { on: day() };
    [
        State::Reported,
        State::Verifying,
        State::Verified(verification.clone()),
        State::Admitted {
            verification: verification.clone(),
            admission: admission(),
        },
        State::Left {
            verification,
            admission: admission(),
            leaving: leaving(NextPlace::Home),
        },
        State::Rejected {
            reason: "查无此人".to_owned(),
        },
        State::Withdrawn {
            reason: "未到".to_owned(),
        },
        State::Merged {
            into: StayId(Uuid::nil()),
            reason: "同一人".to_owned(),
        },
    ]
}

fn commands() -> [Command; 13] {
    let call = Call {
        spoke_with: "周书记".to_owned(),
        phone: "+8651388812345".to_owned(),
        on: day(),
    };
    [
        Command::AskOrigin,
        Command::OriginConfirms {
            on: day(),
            by: "李书记".to_owned(),
        },
        Command::OriginDenies("查无此人".to_owned()),
        Command::QuestionLapses,
        Command::ConfirmByCall(call),
        Command::ConfirmByCertificate(shown()),
        Command::ConfirmByLetter(letter()),
        Command::Admit(admission()),
        Command::Reject("不在本地".to_owned()),
        Command::Withdraw("登记有误".to_owned()),
        Command::AskWhereabouts,
        Command::Leave(leaving(NextPlace::Home), Inquiry::NotAsked),
        Command::Merge {
            into: StayId(Uuid::from_u128(8)),
            reason: "同一人".to_owned(),
        },
    ]
}

/// Every sample told every command, for the tables of transitions.
pub(crate) fn steps() -> Vec<Step> {
    let told = [true, false]
        .into_iter()
        .flat_map(|here| states().map(|state| stay(state, here)))
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
    for here in [true, false] {
        for state in states() {
            for command in commands() {
                let stay = stay(state.clone(), here);
                let promised = stay.allowed().contains(&command.verb());
                assert_eq!(
                    stay.apply(command.clone()).is_ok(),
                    promised,
                    "{here} {state:?} {command:?}"
                );
            }
        }
    }
}

#[test]
fn a_refusal_names_what_is_possible() {
    let refused = stay(State::Reported, false)
        .apply(Command::Admit(admission()))
        .unwrap_err();
    assert_eq!(refused.state, StateName::Reported);
    let possible = [
        Verb::ConfirmByCall,
        Verb::ConfirmByCertificate,
        Verb::ConfirmByLetter,
        Verb::Reject,
        Verb::Withdraw,
        Verb::Merge,
    ];
    assert_eq!(refused.allowed, possible);
}

#[test]
fn going_home_proposes_the_return_and_going_elsewhere_tells_the_origin() {
    let effects = |here, next| {
        admitted(here)
            .apply(Command::Leave(leaving(next), Inquiry::Over))
            .unwrap()
            .1
    };
    let (note, drop) = (Effect::Note(Verb::Leave), Effect::DropQuestion);
    let (tell, propose) = (Effect::TellOrigin(BRANCH), Effect::ProposeReturn(BRANCH));
    assert_eq!(effects(true, NextPlace::Home), [note.clone(), propose, drop.clone()]);
    assert_eq!(
        effects(true, NextPlace::Onward),
        [note.clone(), tell.clone(), drop.clone()]
    );
    assert_eq!(effects(true, NextPlace::Unknown), [note.clone(), tell, drop.clone()]);
    assert_eq!(effects(false, NextPlace::Home), [note, drop]);
}

fn admitted(here: bool) -> Stay {
    let state = State::Admitted {
        verification: Verification::Handover { on: day() },
        admission: admission(),
    };
    stay(state, here)
}

#[test]
fn nobody_is_let_go_for_an_unknown_place_before_the_origin_was_asked() {
    let missing = |here, inquiry, reason: Option<&str>| {
        let leaving = Leaving {
            reason: reason.map(ToOwned::to_owned),
            ..leaving(NextPlace::Unknown)
        };
        admitted(here)
            .apply(Command::Leave(leaving, inquiry))
            .map_or_else(|refused| refused.missing, |_| Vec::new())
    };
    assert_eq!(missing(true, Inquiry::NotAsked, None), [Missing::Asking]);
    assert_eq!(missing(true, Inquiry::Waiting(day()), None), [Missing::Answer(day())]);
    assert_eq!(missing(true, Inquiry::Over, None), []);
    assert_eq!(missing(false, Inquiry::NotAsked, None), [Missing::Reason]);
    assert_eq!(
        missing(false, Inquiry::NotAsked, Some("电话打不通，来源地查无联系方式")),
        []
    );
    let home = Command::Leave(leaving(NextPlace::Home), Inquiry::NotAsked);
    assert!(
        admitted(true).apply(home).is_ok(),
        "who says where the person is has heard"
    );
}

#[test]
fn a_call_a_certificate_or_a_letter_makes_an_open_question_needless() {
    let [.., call, certificate, letter, _, _, _, _, _, _] = commands();
    for proof in [call, certificate, letter] {
        let (after, effects) = stay(State::Verifying, true).apply(proof).unwrap();
        assert_eq!(after.state.name(), StateName::Verified);
        assert!(effects.contains(&Effect::DropQuestion));
    }
}

/// The drawn diagram, as pairs.
const DRAWN: &[(StateName, StateName)] = &[
    (StateName::Reported, StateName::Verifying),
    (StateName::Verifying, StateName::Reported),
    (StateName::Reported, StateName::Verified),
    (StateName::Reported, StateName::Rejected),
    (StateName::Reported, StateName::Withdrawn),
    (StateName::Verifying, StateName::Verified),
    (StateName::Verifying, StateName::Rejected),
    (StateName::Verifying, StateName::Withdrawn),
    (StateName::Verified, StateName::Admitted),
    (StateName::Verified, StateName::Rejected),
    (StateName::Verified, StateName::Withdrawn),
    (StateName::Reported, StateName::Merged),
    (StateName::Verifying, StateName::Merged),
    (StateName::Verified, StateName::Merged),
    (StateName::Admitted, StateName::Admitted),
    (StateName::Admitted, StateName::Left),
];

proptest! {
    #[test]
    fn no_sequence_of_commands_leaves_the_diagram(here: bool, picks in prop::collection::vec(0..13_usize, 0..40)) {
        let mut now = stay(State::Reported, here);
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
                    prop_assert_eq!(refused.allowed, before.allowed());
                    now = before;
                }
            }
        }
    }
}
