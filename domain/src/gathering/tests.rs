//! The machine of gatherings against its drawing, and what an appointment may be.
use uuid::Uuid;

use super::*;
use crate::transitions::Step;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn appointment() -> Appointment {
    Appointment {
        begins: at("2027-01-25T01:00:00Z"),
        ends: at("2027-01-25T02:30:00Z"),
        place: Some("三塘村党群服务中心".to_owned()),
        link: None,
    }
}

fn gathering(state: State, kind: GatheringKind) -> Gathering {
    Gathering {
        id: GatheringId(Uuid::nil()),
        organisation: OrganisationId(Uuid::nil()),
        kind,
        title: "党课".to_owned(),
        description: None,
        appointment: appointment(),
        learning_minutes: 90,
        lecturer: None,
        series: None,
        state,
        organised_by: "李书记".to_owned(),
        invited_on: None,
        version: 1,
    }
}

fn states() -> [State; 3] {
    let reason = "场地检修".to_owned();
    [State::Planned, State::Held, State::Cancelled { reason }]
}

fn cancel(attended: u32) -> Command {
    let reason = "场地检修".to_owned();
    Command::Cancel { reason, attended }
}

fn commands() -> [Command; 4] {
    [
        Command::Hold(at("2027-01-25T02:30:00Z")),
        Command::Hold(at("2027-01-25T00:59:59Z")),
        cancel(0),
        cancel(1),
    ]
}

/// Every sample told every command, for the tables of transitions.
pub(crate) fn steps() -> Vec<Step> {
    let told = states()
        .into_iter()
        .flat_map(|state| commands().map(|command| (state.clone(), command)));
    told.map(|(state, command)| {
        let (name, verb) = (state.name().as_str(), command.verb().as_str());
        let after = gathering(state, GatheringKind::Lesson).apply(command);
        (name, verb, after.ok().map(|(after, _)| after.state.name().as_str()))
    })
    .collect()
}

#[test]
fn what_allowed_promises_apply_keeps() {
    for state in states() {
        for command in commands() {
            let (now, attended) = match command {
                Command::Hold(now) => (now, 1),
                Command::Cancel { attended, .. } => (at("2027-01-20T00:00:00Z"), attended),
            };
            let before = gathering(state.clone(), GatheringKind::Lesson);
            let promised = before.allowed(now, attended).contains(&command.verb());
            assert_eq!(before.apply(command.clone()).is_ok(), promised, "{state:?} {command:?}");
        }
    }
}

#[test]
fn nothing_is_held_before_it_begins_and_the_refusal_says_when() {
    let refused = gathering(State::Planned, GatheringKind::Lesson)
        .apply(Command::Hold(at("2027-01-25T00:59:59Z")))
        .unwrap_err();
    assert_eq!(refused.from, Some(at("2027-01-25T01:00:00Z")));
}

#[test]
fn what_somebody_attended_is_not_called_off_and_the_refusal_says_how_many() {
    let refused = gathering(State::Planned, GatheringKind::Lesson).apply(cancel(3));
    assert_eq!(refused.unwrap_err().attended, Some(3));
}

#[test]
fn a_make_up_is_proposed_for_what_can_be_made_up() {
    let held = |kind| {
        let (_, effects) = gathering(State::Planned, kind)
            .apply(Command::Hold(at("2027-01-25T03:00:00Z")))
            .unwrap();
        effects.contains(&Effect::ProposeMakeUp)
    };
    assert!(held(GatheringKind::Lesson) && held(GatheringKind::LecturersTour) && held(GatheringKind::BranchMeeting));
    assert!(!held(GatheringKind::CollectiveBirthday) && !held(GatheringKind::MakeUpLesson));
}

#[test]
fn an_appointment_names_everything_that_is_wrong_with_it() {
    assert_eq!(appointment().faults(), []);
    let wrong = Appointment {
        ends: appointment().begins,
        place: None,
        ..appointment()
    };
    assert_eq!(
        wrong.faults(),
        [("/ends_at", "ends_before_it_begins"), ("/place", "place_or_link")]
    );
    let days = Appointment {
        ends: appointment().begins + TimeDelta::hours(73),
        link: Some("javascript:alert(1)".to_owned()),
        ..appointment()
    };
    assert_eq!(days.faults(), [("/ends_at", "lasts_too_long"), ("/link", "not_a_link")]);
    for link in ["https://meeting.example.org/j/1?a=b", "https://会议.example.org"] {
        assert!(is_link(link), "{link}");
    }
    for link in [
        "http://example.org",
        "https://",
        "https://x y.org",
        "https://example.org/\"",
        "example.org",
    ] {
        assert!(!is_link(link), "{link}");
    }
}
