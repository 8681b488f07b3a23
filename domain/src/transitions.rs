//! The transition tables of ARCHITECTURE.md, rendered from the machines and compared.
//!
//! They are written anew by `KITELINE_WRITE_TRANSITION_TABLES=1 cargo test -p domain transitions`.
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::{env, fs};

use crate::gathering::attendance;
use crate::{certificate, gathering, handover, journey, service, stay, wish};

/// What became of a state when it was told a verb: the state after it, or a refusal.
pub(crate) type Step = (&'static str, &'static str, Option<&'static str>);

struct Machine {
    title: &'static str,
    states: Vec<&'static str>,
    verbs: Vec<&'static str>,
    /// Every sample of a state told every sample of a command.
    steps: Vec<Step>,
}

/// A macro, since the machines' words are types of their own.
macro_rules! machine {
    ($title:literal, $machine:ident) => {
        Machine {
            title: $title,
            states: $machine::StateName::ALL.iter().map(|state| state.as_str()).collect(),
            verbs: $machine::Verb::ALL.iter().map(|verb| verb.as_str()).collect(),
            steps: $machine::tests::steps(),
        }
    };
}

fn machines() -> [Machine; 8] {
    [
        machine!("Journey 流动", journey),
        machine!("Stay 流入", stay),
        machine!("Hand-over 对接", handover),
        machine!("Certificate 流动党员活动证", certificate),
        machine!("Gathering 活动", gathering),
        machine!("Attendance 参加活动", attendance),
        machine!("Wish 微心愿", wish),
        machine!("Service request 服务事项", service),
    ]
}

impl Machine {
    /// What a verb does from a state: nothing, or the states after it, with a star where it may be refused as well.
    fn cell(&self, state: &str, verb: &str) -> String {
        let tried = self.steps.iter().filter(|step| (step.0, step.1) == (state, verb));
        let outcomes: BTreeSet<_> = tried.map(|step| step.2).collect();
        let reached: Vec<_> = outcomes.iter().copied().flatten().collect();
        let star = if outcomes.contains(&None) && !reached.is_empty() {
            "*"
        } else {
            ""
        };
        reached.join(" or ") + star
    }

    fn table(&self) -> String {
        let goes_on = |state: &&&str| self.steps.iter().any(|step| step.0 == **state && step.2.is_some());
        let (open, ended): (Vec<&str>, Vec<&str>) = self.states.iter().partition(|state| goes_on(state));
        let mut text = format!(
            "**{}**\n\n| | {} |\n|{}\n",
            self.title,
            open.join(" | "),
            " --- |".repeat(open.len() + 1)
        );
        for verb in &self.verbs {
            let cells: Vec<_> = open.iter().map(|state| self.cell(state, verb)).collect();
            let _ = writeln!(text, "| **{verb}** | {} |", cells.join(" | "));
        }
        if !ended.is_empty() {
            let _ = writeln!(text, "\nNothing leads on from {}.\n", ended.join(", "));
        }
        text
    }
}

#[test]
fn the_tables_in_the_architecture_are_what_the_machines_do() {
    let (begin, end) = ("<!-- transitions: written by a test -->\n", "<!-- /transitions -->");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ARCHITECTURE.md");
    let page = fs::read_to_string(path).unwrap();
    let (head, rest) = page.split_once(begin).unwrap();
    let (written, tail) = rest.split_once(end).unwrap();
    let tables: String = machines()
        .iter()
        .map(|machine| format!("\n{}", machine.table().trim_end()) + "\n")
        .collect();
    let tables = tables + "\n";
    if env::var_os("KITELINE_WRITE_TRANSITION_TABLES").is_some() {
        fs::write(path, [head, begin, &tables, end, tail].concat()).unwrap();
    } else {
        assert_eq!(written, tables, "the tables are out of date: see the head of this file");
    }
}

#[test]
fn no_state_and_no_verb_is_left_out() {
    for machine in machines() {
        for state in &machine.states {
            assert!(
                machine.steps.iter().any(|step| step.0 == *state),
                "{}: {state}",
                machine.title
            );
        }
        for verb in &machine.verbs {
            let drawn = machine.steps.iter().any(|step| step.1 == *verb && step.2.is_some());
            assert!(drawn, "{}: {verb}", machine.title);
        }
    }
}
