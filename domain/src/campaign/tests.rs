//! The machine of campaigns against its drawing, its prompts, its faults and its figures.
use uuid::Uuid;

use super::*;
use crate::id::{MemberId, OrgPath};
use crate::transitions::Step;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn plan() -> Plan {
    let feast = Feast::of(Festival::SpringFestival, 2027).unwrap();
    let (window, audience) = (feast.window().unwrap(), Audience::default());
    Plan {
        title: "2027年春节".to_owned(),
        prompts: usual_prompts(feast, window, &audience),
        window,
        audience,
        activities: seven_ones(),
    }
}

fn campaign(state: State) -> Campaign {
    Campaign {
        id: CampaignId(Uuid::nil()),
        organisation: OrganisationId(Uuid::nil()),
        feast: Feast::of(Festival::SpringFestival, 2027).unwrap(),
        plan: plan(),
        state,
        copied_from: None,
        version: 1,
    }
}

fn states() -> [State; 5] {
    let (opened_on, on) = (day("2027-01-06"), day("2027-03-01"));
    let reason = "就地过年".to_owned();
    [
        State::Draft,
        State::Open { on: opened_on },
        State::Closed { opened_on, on },
        State::Cancelled {
            opened_on: None,
            on,
            reason: reason.clone(),
        },
        State::Cancelled {
            opened_on: Some(opened_on),
            on,
            reason,
        },
    ]
}

fn commands() -> [Command; 5] {
    [
        Command::Change(plan()),
        Command::Open(day("2027-01-06")),
        Command::Open(day("2027-03-01")),
        Command::Close(day("2027-03-01")),
        Command::Cancel {
            on: day("2027-01-10"),
            reason: "就地过年".to_owned(),
        },
    ]
}

/// Every sample told every command, for the tables of transitions.
pub(crate) fn steps() -> Vec<Step> {
    let told = states()
        .into_iter()
        .map(campaign)
        .flat_map(|before| commands().map(|command| (before.clone(), command)));
    told.map(|(before, command)| {
        let (state, verb) = (before.state.name().as_str(), command.verb().as_str());
        let after = before.apply(command).map(|(after, _)| after.state.name().as_str());
        (state, verb, after.ok())
    })
    .collect()
}

#[test]
fn allowed_tells_the_truth_and_every_change_is_counted() {
    for before in states().map(campaign) {
        for command in commands() {
            let (verb, drawn) = (command.verb(), before.state.allowed().contains(&command.verb()));
            match before.clone().apply(command) {
                Ok((after, effects)) => {
                    assert!(drawn, "{verb} from {}", before.state.name());
                    assert_eq!(after.version, before.version + 1);
                    assert_eq!(effects.first(), Some(&Effect::Note(verb)));
                    let closed = after.state.name() == StateName::Closed;
                    assert_eq!(effects.contains(&Effect::FreezeReport), closed);
                }
                Err(refused) => assert!(!drawn || refused.over_since == Some(day("2027-02-26")), "{refused}"),
            }
        }
    }
}

#[test]
fn a_prompt_is_said_from_the_day_after_the_opening_on() {
    let asked = |opened: &str| {
        let campaign = campaign(State::Open { on: day(opened) });
        let days = day("2026-12-01").iter_days().take(100);
        let days: Vec<_> = days.filter(|day| campaign.prompt_on(*day).is_some()).collect();
        days
    };
    let all = ["2027-01-07", "2027-01-21", "2027-02-03"].map(day);
    assert_eq!(asked("2027-01-06"), all);
    assert_eq!(asked("2027-01-07"), all[1..]);
    for over in [states()[0].clone(), states()[2].clone(), states()[4].clone()] {
        assert_eq!(campaign(over).prompt_on(all[1]), None);
    }
}

#[test]
fn a_preview_tells_what_is_then_said() {
    for (today, opened) in [
        ("2027-01-01", "2027-01-01"),
        ("2027-01-07", "2027-01-07"),
        ("2027-01-21", "2027-01-06"),
    ] {
        let (draft, today) = (campaign(State::Draft), day(today));
        let open = campaign(State::Open { on: day(opened) });
        let ahead = |campaign: &Campaign| {
            campaign
                .prompts_ahead(today)
                .iter()
                .map(|due| due.on)
                .collect::<Vec<_>>()
        };
        let said: Vec<_> = today
            .iter_days()
            .take(100)
            .filter(|day| open.prompt_on(*day).is_some())
            .collect();
        assert_eq!(ahead(&open), said, "{today}");
        if day(opened) == today {
            assert_eq!(ahead(&draft), said, "{today}");
        }
    }
}

#[test]
fn the_usual_prompts_are_those_that_can_be() {
    let usual = |from: &str, states: &[journey::StateName]| {
        let window = Window {
            from: day(from),
            ..plan().window
        };
        let audience = Audience {
            states: states.to_vec(),
            ..Audience::default()
        };
        let prompts = usual_prompts(campaign(State::Draft).feast, window, &audience);
        prompts.iter().map(|prompt| prompt.days_before).collect::<Vec<_>>()
    };
    assert_eq!(usual("2027-01-07", &AUDIENCE_STATES), [30, 16, 3]);
    assert_eq!(usual("2027-01-08", &AUDIENCE_STATES), [16, 3]);
    assert_eq!(usual("2027-01-07", &AUDIENCE_STATES[3..]), [0_u16; 0]);
}

#[test]
fn last_years_campaign_is_copied_with_this_years_days() {
    let copy = campaign(states()[2].clone())
        .copied(CampaignId(Uuid::from_u128(7)), 2028)
        .unwrap();
    assert_eq!((copy.feast.on, &*copy.plan.title), (day("2028-01-26"), "2028年春节"));
    assert_eq!(copy.plan.window, copy.feast.window().unwrap());
    let days: Vec<_> = copy.prompts().iter().map(|due| due.on).collect();
    assert_eq!(days, ["2027-12-27", "2028-01-10", "2028-01-23"].map(day));
    assert_eq!(
        (copy.state, copy.copied_from, copy.version),
        (State::Draft, Some(CampaignId(Uuid::nil())), 1)
    );
    assert_eq!(campaign(State::Draft).copied(CampaignId(Uuid::nil()), 9999), None);
}

#[test]
fn every_fault_of_a_plan_is_named_with_what_would_be_right() {
    let feast = Feast::of(Festival::SpringFestival, 2027).unwrap();
    assert_eq!(plan().faults(feast), []);
    let mut wrong = plan();
    wrong.window = Window {
        from: day("2027-02-07"),
        until: day("2027-12-31"),
    };
    wrong.audience.states = vec![journey::StateName::Returned];
    wrong.audience.divisions = vec!["31".to_owned(), "3".to_owned()];
    wrong.prompts = vec![plan().prompts[0].clone(), plan().prompts[0].clone()];
    wrong.activities.push(seven_ones()[0].clone());
    let faults = wrong.faults(feast);
    let named: Vec<_> = faults.iter().map(|fault| (fault.at.as_str(), fault.code)).collect();
    assert_eq!(
        named,
        [
            ("/window/from", "window_without_festival"),
            ("/window/until", "window_too_long"),
            ("/audience/states/0", "not_in_list"),
            ("/audience/divisions/1", "malformed"),
            ("/prompts", "prompts_need_away"),
            ("/prompts/0/days_before", "prompt_outside_window"),
            ("/prompts/1/days_before", "prompt_outside_window"),
            ("/prompts/1/days_before", "item_twice"),
            ("/activities/7/kind", "item_twice"),
        ]
    );
    assert_eq!(faults[0].expected, "2027-02-06");
}

#[test]
fn figures_are_counted_by_the_organisations_one_level_down() {
    let told = |path: &str, member: u128| Told {
        path: path.parse().unwrap(),
        member: MemberId(Uuid::from_u128(member)),
    };
    let base: OrgPath = "/c/".parse().unwrap();
    let mut activities = seven_ones()[..1].to_vec();
    activities.push(seven_ones()[4].clone());
    activities.push(Activity {
        kind: ActivityKind::Gift,
        target: Target::Total { number: 10 },
        ..seven_ones()[0].clone()
    });
    let meant = [
        told("/c/t/v/", 1),
        told("/c/t/w/", 2),
        told("/c/u/x/", 3),
        told("/d/", 4),
    ];
    let visits = vec![told("/c/t/v/", 1), told("/c/t/v/", 1)];
    let done = [
        visits,
        vec![told("/c/u/x/", 3)],
        vec![told("/c/t/v/", 1), told("/c/t/v/", 1), told("/c/u/x/", 3)],
    ];
    let (lines, total) = lines(&base, &activities, (&meant, &meant[..1], &meant[2..]), &done);
    let figures = |line: &Line| {
        let activities: Vec<_> = line.activities.iter().map(|one| (one.done, one.wanted)).collect();
        (line.members, line.asked, line.home, activities)
    };
    let named: Vec<_> = lines
        .iter()
        .map(|(path, line)| (path.as_str(), figures(line)))
        .collect();
    assert_eq!(
        named,
        [
            ("/c/t/", (2, 1, 0, vec![(1, Some(2)), (0, Some(2)), (2, None)])),
            ("/c/u/", (1, 0, 1, vec![(0, Some(1)), (1, Some(1)), (1, None)])),
        ]
    );
    assert_eq!(
        figures(&total),
        (3, 1, 1, vec![(1, Some(3)), (1, Some(3)), (3, Some(10))])
    );
}
