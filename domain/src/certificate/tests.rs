//! The machine of certificates against its drawing, its number and its periods.
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::transitions::Step;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn certificate(state: State) -> Certificate {
    Certificate {
        id: CertificateId(Uuid::nil()),
        number: "QT-2027-0001".to_owned(),
        member: MemberId(Uuid::nil()),
        journey: JourneyId(Uuid::nil()),
        issuer: OrganisationId(Uuid::nil()),
        issued_on: day("2027-02-22"),
        issued_by: "李书记".to_owned(),
        period: Period {
            from: day("2027-02-22"),
            until: day("2027-12-20"),
        },
        state,
        version: 1,
    }
}

fn states() -> [State; 6] {
    let on = day("2027-06-01");
    [
        State::Valid,
        State::Lost { on },
        State::Replaced {
            on,
            by: "QT-2027-0002".to_owned(),
        },
        State::Revoked {
            on,
            reason: "信息有误".to_owned(),
        },
        State::Ended { on },
        State::HandedBack { on },
    ]
}

fn commands() -> [Command; 6] {
    let on = day("2027-06-01");
    [
        Command::Extend(day("2028-02-01")),
        Command::Revoke {
            on,
            reason: "信息有误".to_owned(),
        },
        Command::ReportLost(on),
        Command::Reissue {
            on,
            by: "QT-2027-0002".to_owned(),
        },
        Command::Return(on),
        Command::End(on),
    ]
}

/// Every sample told every command, for the tables of transitions.
pub(crate) fn steps() -> Vec<Step> {
    let told = states()
        .into_iter()
        .map(certificate)
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
            let applied = certificate(state.clone()).apply(command.clone());
            assert_eq!(applied.is_ok(), promised, "{state:?} {command:?}");
        }
    }
}

#[test]
fn only_a_valid_one_within_its_period_counts_and_each_other_says_why() {
    let today = day("2027-06-02");
    for state in states() {
        let checked = certificate(state.clone()).check(today);
        assert_eq!(checked.is_ok(), state == State::Valid, "{state:?}");
        if let Err(refusal) = checked {
            assert_eq!(refusal.day(), state.since());
        }
    }
    let valid = certificate(State::Valid);
    assert_eq!(valid.check(day("2027-12-20")), Ok(()));
    assert_eq!(valid.check(day("2027-12-21")), Err(Refusal::Expired(day("2027-12-20"))));
    assert_eq!(valid.check(day("2027-02-21")), Err(Refusal::NotYet(day("2027-02-22"))));
}

#[test]
fn it_lasts_to_the_expected_return_and_never_longer_than_a_year() {
    let today = day("2027-02-22");
    let until = |back, asked| Period::of_issue(today, back, asked).map(|period| period.until);
    assert_eq!(until(Some(day("2027-12-20")), None), Ok(day("2027-12-20")));
    assert_eq!(until(None, None), Ok(day("2028-02-22")));
    assert_eq!(until(Some(day("2029-01-01")), None), Ok(day("2028-02-22")));
    assert_eq!(until(Some(day("2027-01-01")), None), Ok(day("2028-02-22")));
    assert_eq!(until(None, Some(day("2028-02-23"))), Err(BadPeriod::TooLong));
    assert_eq!(until(None, Some(day("2027-02-21"))), Err(BadPeriod::Over));
    let leap = Period::of_issue(day("2028-02-29"), None, None).unwrap();
    assert_eq!(leap.until, day("2029-02-28"));
}

#[test]
fn it_is_made_longer_by_at_most_a_year_from_the_day() {
    let period = certificate(State::Valid).period;
    let today = day("2027-12-01");
    assert_eq!(period.check_extension(today, day("2028-12-01")), Ok(()));
    assert_eq!(
        period.check_extension(today, day("2028-12-02")),
        Err(BadPeriod::TooLong)
    );
    assert_eq!(
        period.check_extension(today, day("2027-12-20")),
        Err(BadPeriod::NotLonger)
    );
    assert_eq!(
        period.check_extension(day("2028-06-01"), day("2028-05-31")),
        Err(BadPeriod::Over)
    );
}

#[test]
fn the_nearest_committee_counts_else_the_nearest_that_is_no_branch() {
    use OrganisationKind as K;
    assert_eq!(
        issuer([(1, K::GeneralBranch), (2, K::Committee), (3, K::Committee)]),
        Some(2)
    );
    assert_eq!(issuer([(1, K::MobileBranch), (2, K::JointCommittee)]), Some(2));
    assert_eq!(issuer([(1, K::Branch)]), None);
    assert_eq!(issuer(std::iter::empty::<(i32, K)>()), None);
}

#[test]
fn a_number_names_its_committee_and_year() {
    let number = Number {
        issuer: "QT".to_owned(),
        year: 2027,
        serial: 12,
    };
    assert_eq!(number.to_string(), "QT-2027-0012");
}

/// The drawn diagram, as pairs.
const DRAWN: &[(StateName, StateName)] = &[
    (StateName::Valid, StateName::Valid),
    (StateName::Valid, StateName::Lost),
    (StateName::Valid, StateName::Replaced),
    (StateName::Valid, StateName::Revoked),
    (StateName::Valid, StateName::Ended),
    (StateName::Valid, StateName::HandedBack),
    (StateName::Lost, StateName::Replaced),
    (StateName::Lost, StateName::Revoked),
    (StateName::Lost, StateName::Ended),
    (StateName::Ended, StateName::HandedBack),
];

proptest! {
    #[test]
    fn no_sequence_of_commands_leaves_the_diagram(picks in prop::collection::vec(0..6_usize, 0..40)) {
        let mut now = certificate(State::Valid);
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
