//! Stays: hand-overs answered or not, people whom a host finds or who report themselves, admission, visits, leaving.
use chrono::{Days, NaiveDate};
use domain::access::{
    AnswerHandovers, ManageStays, ReadHandovers, ReadMembers, ReadStays, RecordContact, ReportOwnMoves, Scope,
};
use domain::codes::{DestinationUnit, FormerOccupation, Gender};
use domain::contact::{Contact, ContactMeans, ContactOutcome};
use domain::handover::{Command as Reply, Kind, StateName as HandoverState, Whereabouts};
use domain::id::{MemberId, PersonId, StayId};
use domain::identity::IdentityNumber;
use domain::phone::Phone;
use domain::stay::{Background, Call, Command, Leaving, NextPlace, Officer, StateName};
use persistence::people::NewVisitor;
use persistence::stays::{self, DeclaredOrigin, DeclaredPerson, NewAdmission, NewStay, OwnStay, Place, StayRecord};
use persistence::{StoreError, Tx, handovers, members, visits};

use super::cast::{Host, Somebody, may};
use super::life::{Deed, Guest, Hour, Life};
use super::notice::HERE;
use crate::commands::house::NAME;

#[derive(Debug, Clone, Copy)]
pub(super) enum Magnet {
    /// The host answers what it is offered, or does not; the place is the journey's.
    Answer,
    /// A member reports to a host that nobody named; the place is the journey's.
    ReportOneself,
    /// A host finds somebody; the place is the host's.
    Find,
    /// It becomes known who somebody is.
    Prove,
    /// The origin answers what it is asked about a stay.
    Reply,
    Admit,
    Visit,
    /// The host hears nothing of somebody, and asks the origin.
    Miss,
    LeaveHome,
    LeaveOnward,
    LeaveUnknown,
}

/// Of a hundred members so many people from elsewhere come within a year.
const VISITORS: u64 = 2;

/// Plans whom the hosts find: visitors from elsewhere, and members of the county whom nobody told of.
pub(super) fn begin(life: &mut Life) {
    let members = u64::try_from(life.cast.people.len()).unwrap_or_default();
    let days = life.days_left();
    let found = members * VISITORS * days / 100 / 365;
    for _ in 0..found {
        let host = life.dice.place(life.cast.hosts.len());
        life.within((1, days), Hour::Office, Deed::Magnet(Magnet::Find, host));
    }
}

pub(super) fn happens(life: &mut Life, tx: &mut Tx<'_>, deed: Magnet, of: usize) -> Result<(), StoreError> {
    match deed {
        Magnet::Answer => return answer(life, tx, of),
        Magnet::ReportOneself => return report_oneself(life, tx, of),
        Magnet::Find => return find(life, tx, of),
        _ => {}
    }
    let scene = Scene::of(life, tx, of)?;
    match deed {
        Magnet::Prove => prove(life, tx, &scene),
        Magnet::Reply => reply(life, tx, &scene),
        Magnet::Admit => admit(life, tx, &scene),
        Magnet::Visit => visit(life, tx, &scene),
        Magnet::Miss => miss(life, tx, &scene),
        Magnet::LeaveHome => leave(life, tx, &scene, NextPlace::Home),
        Magnet::LeaveOnward => leave(life, tx, &scene, NextPlace::Onward),
        Magnet::LeaveUnknown => leave(life, tx, &scene, NextPlace::Unknown),
        Magnet::Answer | Magnet::ReportOneself | Magnet::Find => Ok(()),
    }
}

/// A stay as it stands, and who leads it.
struct Scene {
    at: usize,
    guest: Guest,
    host: Host,
    record: StayRecord,
    manages: Scope<ManageStays>,
}

impl Scene {
    fn of(life: &Life, tx: &mut Tx<'_>, at: usize) -> Result<Self, StoreError> {
        let guest = life.guest(at)?;
        let host = host(life, guest.host)?;
        let reads: Scope<ReadStays> = may(&host.secretary)?;
        Ok(Self {
            at,
            record: stays::find(tx, &reads, guest.stay)?,
            manages: may(&host.secretary)?,
            guest,
            host,
        })
    }

    fn is(&self, state: StateName) -> bool {
        self.record.stay.state.name() == state
    }

    fn id(&self) -> StayId {
        self.record.stay.id
    }

    fn version(&self) -> i32 {
        self.record.stay.version
    }
}

fn host(life: &Life, at: usize) -> Result<Host, StoreError> {
    life.cast.hosts.get(at).cloned().ok_or(StoreError::NotFound("host"))
}

/// Remembers a stay; what follows is put on the agenda under its place.
fn remember(life: &mut Life, (stay, who): (StayId, PersonId), host: usize, person: Option<usize>) -> usize {
    life.guests.push(Guest {
        stay,
        who,
        host,
        person,
        missed: false,
    });
    life.guests.len() - 1
}

fn answer(life: &mut Life, tx: &mut Tx<'_>, trip: usize) -> Result<(), StoreError> {
    let journey = life.trip(trip)?;
    let (Some(offer), Some(at)) = (journey.offer, journey.host) else {
        return Ok(());
    };
    let host = host(life, at)?;
    let reads: Scope<ReadHandovers> = may(&host.secretary)?;
    let handover = handovers::find(tx, &reads, offer)?.handover;
    if handover.asked != host.id || handover.state.name() != HandoverState::Offered {
        return Ok(());
    }
    let answers: Scope<AnswerHandovers> = may(&host.secretary)?;
    let draw = life.dice.place(100);
    if draw < 14 {
        life.count("hand-overs left unanswered");
        return Ok(());
    }
    if draw < 26 {
        let reason = "该党员不在本地".to_owned();
        handovers::answer(tx, &answers, offer, handover.version, |by| Reply::Decline(by, reason))?;
        life.count("hand-overs declined");
        return Ok(());
    }
    let accepted = handovers::answer(tx, &answers, offer, handover.version, Reply::Accept)?;
    life.count("hand-overs accepted");
    let Some(stay) = accepted.handover.stay else {
        return Ok(());
    };
    let who = accepted.handover.person;
    let guest = remember(life, (stay, who), at, Some(journey.person));
    life.trip_mut(trip)?.guest = Some(guest);
    life.within((1, 6), Hour::Office, Deed::Magnet(Magnet::Admit, guest));
    if life.dice.chance(60) {
        life.within((60, 140), Hour::Office, Deed::Magnet(Magnet::Miss, guest));
    }
    Ok(())
}

/// A member away in the county tells a host of the own arrival.
fn report_oneself(life: &mut Life, tx: &mut Tx<'_>, trip: usize) -> Result<(), StoreError> {
    let journey = life.trip(trip)?;
    let person = life.person(journey.person)?;
    let here: Vec<usize> = (0..life.cast.hosts.len()).filter(|at| is_here(life, *at)).collect();
    let (Some(app), Some(at)) = (
        person.app.filter(|_| person.trip == Some(trip)),
        life.dice.one(&here).copied(),
    ) else {
        return Ok(());
    };
    let me: Scope<ReportOwnMoves> = may(&app)?;
    let host = host(life, at)?;
    let new = OwnStay {
        id: tx.fresh(),
        host: Place::Code(host.code),
        arrived_on: life.today,
        address: Some("海安市城东镇示例路2号".to_owned()),
        employer: None,
    };
    let record = stays::report_own(tx, &me, new)?;
    life.count("members who reported themselves");
    let guest = remember(life, (record.stay.id, record.stay.person), at, Some(journey.person));
    life.trip_mut(trip)?.guest = Some(guest);
    life.within((1, 8), Hour::Office, Deed::Magnet(Magnet::Prove, guest));
    Ok(())
}

fn is_here(life: &Life, at: usize) -> bool {
    let host = life.cast.hosts.get(at);
    host.is_some_and(|host| host.division.as_deref() == Some(HERE))
}

fn find(life: &mut Life, tx: &mut Tx<'_>, at: usize) -> Result<(), StoreError> {
    let (host, own) = (host(life, at)?, life.dice.chance(250));
    let somebody = life.dice.place(life.cast.people.len());
    let person = life
        .cast
        .people
        .get(somebody)
        .filter(|person| own && !person.gone && person.trip.is_none() && person.admitted.is_none());
    let person = person.map(|person| (person.member, somebody));
    let (declared, origin) = match person {
        Some((member, _)) => somebody_of_the_county(tx, member)?,
        None => somebody_from_elsewhere(life)?,
    };
    let new = NewStay {
        id: tx.fresh(),
        host: host.id,
        person: DeclaredPerson::Declared(declared),
        origin: Some(origin),
        arrived_on: life.today - life.dice.days(1, 20),
        address: Some("海安市城东镇示例路3号".to_owned()),
        employer: Some("某机械公司".to_owned()),
        background: background(life),
    };
    let record = stays::report(tx, &may(&host.secretary)?, new)?;
    life.count("people found by hosts");
    let guest = remember(
        life,
        (record.stay.id, record.stay.person),
        at,
        person.map(|(_, place)| place),
    );
    life.within((1, 10), Hour::Office, Deed::Magnet(Magnet::Prove, guest));
    Ok(())
}

/// What a host asks for the yearly tables: not of everybody.
fn background(life: &mut Life) -> Background {
    let units = [
        DestinationUnit::PrivateEnterprise,
        DestinationUnit::SelfEmployed,
        DestinationUnit::PublicInstitution,
    ];
    let occupations = [
        FormerOccupation::Farmer,
        FormerOccupation::SkilledWorker,
        FormerOccupation::Other,
    ];
    Background {
        origin_division: None,
        unit: life.dice.one(&units).copied(),
        former_occupation: life.dice.one(&occupations).copied(),
    }
}

/// What a host learns of a member whom nobody told it of.
fn somebody_of_the_county(tx: &mut Tx<'_>, id: MemberId) -> Result<(NewVisitor, DeclaredOrigin), StoreError> {
    let reads: Scope<ReadMembers> = Scope::of_the_machine(NAME);
    let member = members::find(tx, &reads, id)?;
    let declared = NewVisitor {
        name: member.facts.name,
        gender: None,
        identity: member.facts.identity,
        phone: member.facts.phone,
    };
    Ok((declared, DeclaredOrigin::Here(Place::Id(member.home_branch))))
}

fn somebody_from_elsewhere(life: &mut Life) -> Result<(NewVisitor, DeclaredOrigin), StoreError> {
    let elsewhere = DeclaredOrigin::Elsewhere {
        name: Some("安徽省某村党支部".to_owned()),
        phone: Some("0551-66660000".to_owned()),
    };
    Ok((visitor(life)?, elsewhere))
}

/// Somebody from elsewhere, with a number that nobody has.
fn visitor(life: &mut Life) -> Result<NewVisitor, StoreError> {
    let number = life.visitors;
    life.visitors += 1;
    let first = NaiveDate::from_ymd_opt(1965, 1, 1).unwrap_or_default();
    let born = first + Days::new(number * 37 % 13_000);
    let serial = 500 + number / 13_000 * 2 + number % 2;
    let identity = IdentityNumber::complete(&format!("320600{}{serial:03}", born.format("%Y%m%d")));
    Ok(NewVisitor {
        name: format!("访客{}", number + 1),
        gender: Some(if number.is_multiple_of(2) {
            Gender::Female
        } else {
            Gender::Male
        }),
        identity: Some(identity.map_err(|fault| StoreError::corrupt(format!("{fault:?}")))?),
        phone: Phone::parse(&life.dice.phone()).ok(),
    })
}

fn prove(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Reported) {
        return Ok(());
    }
    let draw = life.dice.place(100);
    let command = if draw < 8 {
        life.count("stays turned down");
        Command::Reject("不是党员".to_owned())
    } else if draw < 14 {
        life.count("stays called off");
        Command::Withdraw("登记重复".to_owned())
    } else if scene.record.stay.origin.here().is_some() {
        life.count("origins asked");
        life.within((1, 20), Hour::Office, Deed::Magnet(Magnet::Reply, scene.at));
        Command::AskOrigin
    } else {
        life.count("stays confirmed by telephone");
        life.within((1, 6), Hour::Office, Deed::Magnet(Magnet::Admit, scene.at));
        Command::ConfirmByCall(Call {
            spoke_with: "值班同志".to_owned(),
            phone: "0551-66660000".to_owned(),
            on: life.today,
        })
    };
    stays::apply(tx, &scene.manages, scene.id(), scene.version(), command).map(drop)
}

/// The secretary of the branch that is the origin of a stay.
fn of_the_origin(life: &Life, scene: &Scene) -> Option<Somebody> {
    let origin = scene.record.stay.origin.here()?;
    let branch = life.cast.branches.iter().find(|branch| branch.id == origin)?;
    Some(branch.secretary.clone())
}

fn reply(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    let asked = scene
        .record
        .handover
        .as_ref()
        .filter(|question| question.state == HandoverState::Asked);
    let (Some(question), Some(secretary)) = (asked.cloned(), of_the_origin(life, scene)) else {
        return Ok(());
    };
    let (reads, answers): (Scope<ReadHandovers>, Scope<AnswerHandovers>) = (may(&secretary)?, may(&secretary)?);
    let version = handovers::find(tx, &reads, question.id)?.handover.version;
    let draw = life.dice.place(100);
    if draw < 20 {
        life.count("questions left unanswered");
        return Ok(());
    }
    if question.kind == Kind::Whereabouts {
        let said = if draw < 60 {
            Whereabouts::Unknown
        } else {
            Whereabouts::MovedOn
        };
        handovers::answer(tx, &answers, question.id, version, |by| Reply::Answer(by, said, None))?;
        life.count("questions where somebody is answered");
    } else if draw < 30 {
        let reason = "名册中查无此人，请再核实".to_owned();
        handovers::answer(tx, &answers, question.id, version, |by| Reply::Deny(by, reason))?;
        life.count("questions denied");
    } else {
        handovers::answer(tx, &answers, question.id, version, Reply::Confirm)?;
        life.count("questions confirmed");
        life.within((1, 6), Hour::Office, Deed::Magnet(Magnet::Admit, scene.at));
    }
    Ok(())
}

fn admit(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Verified) {
        return Ok(());
    }
    let person = scene.guest.person;
    if let Some(person) = person
        && life.person(person)?.admitted.is_some()
    {
        life.within((3, 9), Hour::Office, Deed::Magnet(Magnet::Admit, scene.at));
        return Ok(());
    }
    let officer = if life.dice.chance(500) {
        Officer::Account(scene.host.secretary.account)
    } else {
        Officer::Named {
            name: "吴联系员".to_owned(),
            phone: "19900000008".to_owned(),
        }
    };
    let new = NewAdmission {
        home_unit: scene.host.home_unit,
        officer,
    };
    stays::admit(tx, &scene.manages, scene.id(), scene.version(), new)?;
    life.count("admissions");
    if let Some(person) = person {
        life.person_mut(person)?.admitted = Some(scene.at);
    }
    life.within((20, 50), Hour::Office, Deed::Magnet(Magnet::Visit, scene.at));
    if person.is_none() || scene.record.stay.journey.is_none() {
        life.within((60, 300), Hour::Office, Deed::Magnet(Magnet::LeaveOnward, scene.at));
    }
    Ok(())
}

fn visit(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Admitted) || scene.guest.missed {
        return Ok(());
    }
    let trip = scene.guest.person.and_then(|person| life.cast.people.get(person)?.trip);
    let vanished = trip
        .and_then(|trip| life.trips.get(trip))
        .is_some_and(|trip| trip.silent);
    let reached = !vanished && life.dice.chance(850);
    let scope: Scope<RecordContact> = may(&scene.host.secretary)?;
    let contact = Contact {
        id: tx.fresh(),
        means: ContactMeans::InPerson,
        outcome: if reached {
            ContactOutcome::Reached
        } else {
            ContactOutcome::NotReached
        },
        summary: Some("上门走访".to_owned()),
        next_step: None,
        contacted_at: tx.now(),
    };
    visits::record(tx, &scope, scene.id(), &contact)?;
    life.count("visits");
    life.within((30, 75), Hour::Office, Deed::Magnet(Magnet::Visit, scene.at));
    Ok(())
}

fn miss(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Admitted) || scene.record.stay.origin.here().is_none() {
        return Ok(());
    }
    stays::ask_whereabouts(tx, &scene.manages, scene.id(), scene.version())?;
    life.count("origins asked where somebody is");
    if let Some(guest) = life.guests.get_mut(scene.at) {
        guest.missed = true;
    }
    life.within((2, 20), Hour::Office, Deed::Magnet(Magnet::Reply, scene.at));
    life.within((45, 60), Hour::Office, Deed::Magnet(Magnet::LeaveUnknown, scene.at));
    Ok(())
}

fn leave(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene, next: NextPlace) -> Result<(), StoreError> {
    if scene.record.stay.state.name() == StateName::Admitted {
        let leaving = Leaving {
            on: life.today,
            reason: Some("合同到期".to_owned()),
            next,
            division: None,
        };
        stays::leave(tx, &scene.manages, scene.id(), scene.version(), leaving)?;
        life.count("leavings");
        if let Some(person) = scene.guest.person {
            let person = life.person_mut(person)?;
            person.admitted = person.admitted.filter(|at| *at != scene.at);
        }
    } else if scene.record.stay.state.name().is_open() {
        let command = Command::Withdraw("已离开，未编入".to_owned());
        stays::apply(tx, &scene.manages, scene.id(), scene.version(), command)?;
        life.count("stays called off");
    }
    Ok(())
}
