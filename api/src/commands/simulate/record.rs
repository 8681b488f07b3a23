//! What changes in members' records: telephone numbers, the app taken into use, deaths, and who joins.
use chrono::{Days, NaiveDate};
use domain::access::{ChangeOwnRecord, ManageMembers, ReadMembers, Scope};
use domain::codes::Standing;
use domain::identity::IdentityNumber;
use domain::journey::{Command, StateName};
use domain::phone::Phone;
use domain::request::{RequestKind, RequestOutcome};
use domain::spreadsheet::PartialDate;
use persistence::members::{self, Facts, MemberChange, NewMember};
use persistence::requests::{self, NewRequest};
use persistence::{StoreError, Tx, journeys};

use super::cast::{Person, may};
use super::kite;
use super::life::{Deed, Hour, Life};
use super::magnet::Magnet;
use crate::commands::house::NAME;

#[derive(Debug, Clone, Copy)]
pub(super) enum Record {
    /// A member asks for another telephone number; the place is the person's.
    AskForNumber,
    /// The branch answers; the place is the request's.
    Answer,
    /// A member dies.
    Die,
    /// A member leaves, or is suspended.
    Leave,
    /// A branch takes in a probationary member; the place is the branch's.
    Join,
}

/// Plans a year's changes, as far as the life goes.
pub(super) fn begin(life: &mut Life) {
    let days = life.days_left();
    let (numbers, deaths, leavings) = (life.share(40), life.share(8), life.share(2));
    for person in 0..life.cast.people.len() {
        for (per_mille, deed) in [
            (numbers, Record::AskForNumber),
            (deaths, Record::Die),
            (leavings, Record::Leave),
        ] {
            if life.dice.chance(per_mille) {
                life.within((1, days), Hour::Office, Deed::Record(deed, person));
            }
        }
    }
    for branch in 0..life.cast.branches.len() {
        if life.dice.chance(life.share(120)) {
            life.within((1, days), Hour::Office, Deed::Record(Record::Join, branch));
        }
    }
}

pub(super) fn happens(life: &mut Life, tx: &mut Tx<'_>, deed: Record, of: usize) -> Result<(), StoreError> {
    match deed {
        Record::AskForNumber => ask_for_number(life, tx, of),
        Record::Answer => answer(life, tx, of),
        Record::Die => ends(life, tx, of, Standing::Deceased),
        Record::Leave => ends(life, tx, of, Standing::Left),
        Record::Join => join(life, tx, of),
    }
}

fn manages(life: &Life, branch: usize) -> Result<Scope<ManageMembers>, StoreError> {
    may(&life.branch(branch)?.secretary)
}

fn ask_for_number(life: &mut Life, tx: &mut Tx<'_>, of: usize) -> Result<(), StoreError> {
    let person = life.person(of)?;
    let Some(app) = person.app.filter(|_| !person.gone) else {
        return Ok(());
    };
    let me: Scope<ChangeOwnRecord> = may(&app)?;
    let new = NewRequest {
        id: tx.fresh(),
        kind: RequestKind::Phone,
        said: None,
        phone: Phone::parse(&life.dice.phone()).ok(),
    };
    let request = requests::make(tx, &me, new)?;
    life.count("new numbers asked for");
    life.asked.push((request.id, request.version, of));
    let asked = life.asked.len() - 1;
    life.within((1, 12), Hour::Office, Deed::Record(Record::Answer, asked));
    Ok(())
}

fn answer(life: &mut Life, tx: &mut Tx<'_>, of: usize) -> Result<(), StoreError> {
    let (id, version, person) = life.asked.get(of).copied().ok_or(StoreError::NotFound("request"))?;
    let scope = manages(life, life.person(person)?.branch)?;
    let (outcome, reason) = if life.dice.chance(900) {
        (RequestOutcome::Done, None)
    } else {
        (RequestOutcome::Declined, Some("号码打不通，请再核对"))
    };
    requests::answer(tx, &scope, (id, version), outcome, reason)?;
    life.count("new numbers answered");
    Ok(())
}

/// A member's standing ends; an open journey is closed first, as the branch does it.
fn ends(life: &mut Life, tx: &mut Tx<'_>, of: usize, standing: Standing) -> Result<(), StoreError> {
    let person = life.person(of)?;
    if person.gone {
        return Ok(());
    }
    if let Some(trip) = person.trip {
        let scene = kite::Scene::of(life, tx, trip)?;
        let command = match scene.record.journey.state.name() {
            StateName::Planned => Command::Cancel,
            StateName::Away | StateName::HomeVisit => Command::Return(life.today),
            _ => return Ok(()),
        };
        journeys::apply(
            tx,
            &scene.leads,
            scene.id(),
            scene.version(),
            command,
            Some("党员身份终止"),
        )?;
        if let Some(guest) = scene.trip.guest {
            life.in_days(Days::new(1), Hour::Office, Deed::Magnet(Magnet::LeaveHome, guest));
        }
    }
    let reads: Scope<ReadMembers> = Scope::of_the_machine(NAME);
    let version = members::find(tx, &reads, person.member)?.version;
    let change = MemberChange {
        standing: Some(standing),
        reason: Some("按程序登记".to_owned()),
        ..MemberChange::default()
    };
    members::change(tx, &manages(life, person.branch)?, person.member, version, change)?;
    let person = life.person_mut(of)?;
    (person.gone, person.trip) = (true, None);
    life.count(if standing == Standing::Deceased {
        "deaths"
    } else {
        "members who left"
    });
    Ok(())
}

fn join(life: &mut Life, tx: &mut Tx<'_>, branch: usize) -> Result<(), StoreError> {
    let number = life.visitors;
    life.visitors += 1;
    let first = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or_default();
    let born = first + Days::new(number * 37 % 5_000);
    let serial = 800 + number / 5_000 * 2 + number % 2;
    let identity = IdentityNumber::complete(&format!("320600{}{serial:03}", born.format("%Y%m%d")));
    let identity = identity.map_err(|fault| StoreError::corrupt(format!("{fault:?}")))?;
    let gender = identity.gender();
    let place = life.cast.branches.get(branch).ok_or(StoreError::NotFound("branch"))?.id;
    let new = NewMember {
        id: tx.fresh(),
        home_branch: place,
        facts: Facts {
            identity: Some(identity),
            birth: Some(PartialDate::day(born)),
            phone: Phone::parse(&life.dice.phone()).ok(),
            standing: Standing::Probationary,
            joined: Some(PartialDate::day(life.today)),
            ..Facts::new(format!("新党员{}", number + 1), gender)
        },
    };
    let member = members::create(tx, &manages(life, branch)?, &new)?;
    life.count("members who joined");
    life.cast.people.push(Person {
        member: member.id,
        branch,
        app: None,
        trip: None,
        admitted: None,
        gone: false,
    });
    Ok(())
}
