//! The line: check-ins and calls, silence, the search, and who is said to be out of contact and found again.
use domain::access::{ConfirmOutOfContact, RecordContact, ReportOwnMoves, Scope};
use domain::checkin::{CheckIn, CheckInKind, Means, Wellbeing};
use domain::codes::{AbsenceReason, FoundOutcome};
use domain::contact::{Contact, ContactMeans, ContactOutcome};
use domain::journey::StateName;
use persistence::journeys::{self, NewDeclaration};
use persistence::{StoreError, Tx, checkins, contacts};

use super::cast::may;
use super::kite::{Kite, Scene};
use super::life::{Deed, Hour, Life};

#[derive(Debug, Clone, Copy)]
pub(super) enum Line {
    /// Says to have arrived.
    Arrive,
    /// Says how it goes, when the contact is due.
    Word,
    /// The secretary calls, due or not.
    Call,
    /// The secretary looks for somebody silent.
    Search,
    /// The secretary proposes that somebody is out of contact.
    Declare,
    /// The committee decides.
    Decide,
    /// Somebody out of contact is found.
    Find,
}

pub(super) fn happens(life: &mut Life, tx: &mut Tx<'_>, deed: Line, of: usize) -> Result<(), StoreError> {
    let scene = Scene::of(life, tx, of)?;
    match deed {
        Line::Arrive => word(life, tx, &scene, CheckInKind::Arrival),
        Line::Word => word(life, tx, &scene, CheckInKind::Periodic),
        Line::Call => call(life, tx, &scene),
        Line::Search => search(life, tx, &scene),
        Line::Declare => declare(life, tx, &scene),
        Line::Decide => decide(life, tx, &scene),
        Line::Find => find(life, tx, &scene),
    }
}

/// Plans the next word around the day on which it is due.
pub(super) fn next_word(life: &mut Life, scene: &Scene) {
    let due = scene.trip.interval;
    let between = if life.dice.chance(800) {
        (due.saturating_sub(5), due)
    } else {
        (due + 1, due + 14)
    };
    life.within(between, Hour::Evening, Deed::Line(Line::Word, scene.at));
}

fn word(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene, kind: CheckInKind) -> Result<(), StoreError> {
    if !scene.is(StateName::Away) || scene.trip.silent {
        if scene.is(StateName::HomeVisit) {
            next_word(life, scene);
        }
        return Ok(());
    }
    if life.dice.chance(35) {
        let vanished = life.dice.chance(300);
        let trip = life.trip_mut(scene.at)?;
        (trip.silent, trip.vanished) = (true, vanished);
        life.count("fell silent");
        let due = scene.trip.interval;
        life.within((due + 8, due + 20), Hour::Office, Deed::Line(Line::Search, scene.at));
        return Ok(());
    }
    if !check_in_by_app(life, tx, scene, kind)? {
        if life.dice.chance(500) {
            reach(life, tx, scene, (ContactMeans::Phone, ContactOutcome::Reached))?;
        } else {
            let scope: Scope<RecordContact> = may(&*secretary(life, scene)?)?;
            let check_in = check_in(life, tx, scene, kind, Means::Phone);
            checkins::record_on_behalf(tx, &scope, scene.id(), &check_in)?;
            life.count("check-ins on behalf");
        }
    }
    next_word(life, scene);
    Ok(())
}

/// Whoever has the app checks in by it; says whether.
pub(super) fn check_in_by_app(
    life: &mut Life,
    tx: &mut Tx<'_>,
    scene: &Scene,
    kind: CheckInKind,
) -> Result<bool, StoreError> {
    let Some(app) = life.person(scene.trip.person)?.app else {
        return Ok(false);
    };
    let me: Scope<ReportOwnMoves> = may(&app)?;
    let check_in = check_in(life, tx, scene, kind, Means::App);
    checkins::record(tx, &me, &check_in)?;
    life.count("check-ins by the app");
    Ok(true)
}

fn check_in(life: &mut Life, tx: &Tx<'_>, scene: &Scene, kind: CheckInKind, means: Means) -> CheckIn {
    let helpless = life.dice.chance(15);
    if helpless {
        life.count("calls for help");
    }
    CheckIn {
        id: tx.fresh(),
        kind,
        division: scene.record.journey.destination.division,
        place: scene.record.journey.destination.place.clone(),
        wellbeing: if helpless {
            Wellbeing::NeedsHelp
        } else {
            Wellbeing::Fine
        },
        note: helpless.then(|| "工资被拖欠，请帮忙联系当地劳动部门".to_owned()),
        means,
        recorded_at: tx.now(),
    }
}

fn secretary(life: &Life, scene: &Scene) -> Result<super::cast::Somebody, StoreError> {
    Ok(life.branch(scene.trip.branch)?.secretary.clone())
}

/// Records what came of trying to reach somebody.
fn reach(
    life: &mut Life,
    tx: &mut Tx<'_>,
    scene: &Scene,
    (means, outcome): (ContactMeans, ContactOutcome),
) -> Result<(), StoreError> {
    let scope: Scope<RecordContact> = may(&*secretary(life, scene)?)?;
    let contact = Contact {
        id: tx.fresh(),
        means,
        outcome,
        summary: Some("电话联系".to_owned()),
        next_step: None,
        contacted_at: tx.now(),
    };
    contacts::record(tx, &scope, scene.id(), &contact)?;
    life.count(match outcome {
        ContactOutcome::Reached => "contacts that reached",
        ContactOutcome::NotReached | ContactOutcome::NumberNotInService => "contacts that failed",
    });
    Ok(())
}

fn call(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if scene.is(StateName::Away) && !scene.trip.silent {
        reach(life, tx, scene, (ContactMeans::Video, ContactOutcome::Reached))?;
        life.within((45, 90), Hour::Office, Deed::Line(Line::Call, scene.at));
    }
    Ok(())
}

fn search(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Away) || !scene.trip.silent || scene.record.journey.declaration.is_some() {
        return Ok(());
    }
    let attempts = scene.trip.attempts + 1;
    let means = [
        ContactMeans::Phone,
        ContactMeans::Message,
        ContactMeans::Phone,
        ContactMeans::InPerson,
    ];
    let means = means
        .get(attempts % means.len())
        .copied()
        .unwrap_or(ContactMeans::Phone);
    life.trip_mut(scene.at)?.attempts = attempts;
    if !scene.trip.vanished && life.dice.chance(350) {
        reach(life, tx, scene, (means, ContactOutcome::Reached))?;
        life.trip_mut(scene.at)?.silent = false;
        next_word(life, scene);
        return Ok(());
    }
    let dead = means == ContactMeans::Phone && life.dice.chance(80);
    let outcome = if dead {
        ContactOutcome::NumberNotInService
    } else {
        ContactOutcome::NotReached
    };
    reach(life, tx, scene, (means, outcome))?;
    let now = Scene::of(life, tx, scene.at)?;
    let next = if now.record.journey.missing(&now.record.search).is_empty() {
        Line::Declare
    } else {
        Line::Search
    };
    life.within((10, 30), Hour::Office, Deed::Line(next, scene.at));
    Ok(())
}

fn declare(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    let journey = &scene.record.journey;
    if !scene.is(StateName::Away) || journey.declaration.is_some() || !journey.missing(&scene.record.search).is_empty()
    {
        return Ok(());
    }
    let reason = life
        .dice
        .one(AbsenceReason::ALL)
        .copied()
        .unwrap_or(AbsenceReason::Other);
    let new = NewDeclaration {
        reason,
        note: Some("多次联系未果".to_owned()),
    };
    journeys::declare(tx, &scene.leads, scene.id(), scene.version(), &new)?;
    life.count("proposed to be out of contact");
    life.within((4, 20), Hour::Office, Deed::Line(Line::Decide, scene.at));
    Ok(())
}

fn decide(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Away) || scene.record.journey.declaration.is_none() {
        return Ok(());
    }
    let branch = life.branch(scene.trip.branch)?;
    let office: Scope<ConfirmOutOfContact> = may(&branch.office)?;
    if life.dice.chance(200) {
        journeys::turn_down(tx, &office, scene.id(), scene.version(), "请再上门走访一次")?;
        life.count("proposals turned down");
        life.within((20, 60), Hour::Office, Deed::Line(Line::Search, scene.at));
        return Ok(());
    }
    journeys::confirm(tx, &office, scene.id(), scene.version(), Some("情况属实"))?;
    life.count("out of contact");
    if life.dice.chance(450) {
        life.within((15, 90), Hour::Office, Deed::Line(Line::Find, scene.at));
    }
    Ok(())
}

fn find(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::OutOfContact) {
        return Ok(());
    }
    let scope: Scope<RecordContact> = may(&*secretary(life, scene)?)?;
    let outcome = (FoundOutcome::ObjectiveCause, Some("换了工作和手机号，已恢复联系"));
    journeys::restore(tx, &scope, scene.id(), scene.version(), life.today, outcome)?;
    life.count("found again");
    let trip = life.trip_mut(scene.at)?;
    (trip.silent, trip.vanished, trip.attempts) = (false, false, 0);
    next_word(life, scene);
    life.within((60, 200), Hour::Evening, Deed::Kite(Kite::SayIsBack, scene.at));
    Ok(())
}
