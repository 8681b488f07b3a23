//! Journeys: the briefing, leaving, coming home for a festival, going on, returning, moving the formal relation.
use chrono::{Datelike as _, Days, NaiveDate};
use domain::access::{AnswerTransfers, ManageJourneys, ReadJourneys, Scope};
use domain::briefing::DEFAULT_ITEMS;
use domain::calendar::Festival;
use domain::certificate::{Command as CertificateCommand, State as CertificateState};
use domain::checkin::CheckInKind;
use domain::id::{CertificateId, JourneyId};
use domain::journey::{Command, Move, Signs, StateName};
use domain::stay::Officer;
use domain::transfer::{Letter, Receiving};
use persistence::journeys::{self, JourneyRecord};
use persistence::{StoreError, Tx, certificates, transfers};

use super::cast::may;
use super::life::{Deed, Hour, Life, Trip};
use super::line::{self, Line};
use super::magnet::Magnet;
use super::notice::{HERE, destination, notice};

#[derive(Debug, Clone, Copy)]
pub(super) enum Kite {
    /// Somebody gives notice of leaving; the place is the person's.
    Notice,
    Brief,
    Leave,
    ComeHome,
    GoAgain,
    GoOn,
    SayIsBack,
    Return,
    Letter,
    Receipt,
    Signs,
    LoseCertificate,
}

/// Plans the first departures: one member in five moves, half of them in the first weeks of the book-keeping.
pub(super) fn begin(life: &mut Life) {
    for person in 0..life.cast.people.len() {
        if life.dice.chance(200) {
            let last = if life.dice.chance(500) { 25 } else { life.days_left() };
            life.within((1, last), Hour::Office, Deed::Kite(Kite::Notice, person));
        }
    }
}

pub(super) fn happens(life: &mut Life, tx: &mut Tx<'_>, deed: Kite, of: usize) -> Result<(), StoreError> {
    if matches!(deed, Kite::Notice) {
        return notice(life, tx, of);
    }
    let scene = Scene::of(life, tx, of)?;
    match deed {
        Kite::Notice => Ok(()),
        Kite::Brief => brief(life, tx, &scene),
        Kite::Leave => leave(life, tx, &scene),
        Kite::ComeHome => come_home(life, tx, &scene),
        Kite::GoAgain => go_again(life, tx, &scene),
        Kite::GoOn => go_on(life, tx, &scene),
        Kite::SayIsBack => say_is_back(life, tx, &scene),
        Kite::Return => returns(life, tx, &scene),
        Kite::Letter => letter(life, tx, &scene),
        Kite::Receipt => receipt(life, tx, &scene),
        Kite::Signs => signs(life, tx, &scene),
        Kite::LoseCertificate => lose_certificate(life, tx, &scene),
    }
}

/// A journey as it stands, and who leads it.
pub(super) struct Scene {
    /// Its place.
    pub(super) at: usize,
    pub(super) trip: Trip,
    pub(super) record: JourneyRecord,
    pub(super) leads: Scope<ManageJourneys>,
}

impl Scene {
    pub(super) fn of(life: &Life, tx: &mut Tx<'_>, at: usize) -> Result<Self, StoreError> {
        let trip = life.trip(at)?;
        let branch = life.branch(trip.branch)?;
        let reads: Scope<ReadJourneys> = may(&branch.secretary)?;
        Ok(Self {
            at,
            record: journeys::find(tx, &reads, trip.id)?,
            leads: may(&branch.secretary)?,
            trip,
        })
    }

    pub(super) fn is(&self, state: StateName) -> bool {
        self.record.journey.state.name() == state
    }

    /// Away, or at home on a visit.
    pub(super) fn is_under_way(&self) -> bool {
        self.is(StateName::Away) || self.is(StateName::HomeVisit)
    }

    pub(super) fn id(&self) -> JourneyId {
        self.trip.id
    }

    pub(super) fn version(&self) -> i32 {
        self.record.journey.version
    }

    fn apply(&self, tx: &mut Tx<'_>, command: Command, reason: Option<&str>) -> Result<JourneyRecord, StoreError> {
        journeys::apply(tx, &self.leads, self.id(), self.version(), command, reason)
    }
}

fn brief(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Planned) {
        return Ok(());
    }
    let certificate = life.dice.chance(600);
    let mut version = scene.version();
    for (item, ..) in DEFAULT_ITEMS.iter().filter(|(item, ..)| *item != "certificate") {
        if life.dice.chance(850) {
            let record = journeys::brief(tx, &scene.leads, scene.id(), version, item, Some(life.today))?;
            version = record.journey.version;
            life.count("briefing items done");
        }
    }
    if certificate {
        let id: CertificateId = tx.fresh();
        certificates::issue(tx, &scene.leads, scene.id(), id, None)?;
        life.count("certificates issued");
    }
    Ok(())
}

fn leave(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Planned) {
        return Ok(());
    }
    if life.dice.chance(50) {
        scene.apply(tx, Command::Cancel, Some("家中有事，不再外出"))?;
        life.count("plans dropped");
        return over(life, scene);
    }
    let record = scene.apply(tx, Command::Depart(life.today), None)?;
    life.count("departures");
    let at = scene.at;
    offered(life, at, &record)?;
    if life.dice.chance(200) {
        look_after(life, tx, scene, record.journey.version)?;
    }
    life.within((1, 5), Hour::Evening, Deed::Line(Line::Arrive, at));
    let days = life.dice.days(60, 420);
    life.in_days(days, Hour::Evening, Deed::Kite(Kite::SayIsBack, at));
    festivals(life, at, life.today + days);
    for (per_mille, between, deed) in [
        (80, (50, 150), Kite::GoOn),
        (50, (90, 240), Kite::Letter),
        (150, (20, 200), Kite::Signs),
        (20, (20, 200), Kite::LoseCertificate),
    ] {
        if life.dice.chance(per_mille) {
            life.within(between, Hour::Office, Deed::Kite(deed, at));
        }
    }
    if life.dice.chance(250) {
        life.within((15, 60), Hour::Office, Deed::Line(Line::Call, at));
    }
    Ok(())
}

/// Remembers what the departure or the move offered to a host, which answers in its time.
fn offered(life: &mut Life, at: usize, record: &JourneyRecord) -> Result<(), StoreError> {
    if record.journey.host.is_none() {
        let here = record
            .journey
            .destination
            .division
            .is_some_and(|code| code.to_string() == HERE);
        if here && life.dice.chance(400) {
            life.within((2, 10), Hour::Evening, Deed::Magnet(Magnet::ReportOneself, at));
        }
        return Ok(());
    }
    life.trip_mut(at)?.offer = record.handover.as_ref().map(|line| line.id);
    life.within((1, 24), Hour::Office, Deed::Magnet(Magnet::Answer, at));
    Ok(())
}

fn look_after(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene, version: i32) -> Result<(), StoreError> {
    let branch = life.branch(scene.trip.branch)?;
    let officer = Officer::Account(branch.secretary.account);
    journeys::name_officer(tx, &scene.leads, scene.id(), version, Some(officer), None)?;
    life.count("contact officers named");
    Ok(())
}

/// Who is away at a festival may come home for it.
fn festivals(life: &mut Life, at: usize, until: NaiveDate) {
    let years = life.today.year()..=until.year();
    for (festival, per_mille) in [(Festival::SpringFestival, 600), (Festival::NationalDay, 150)] {
        for day in years.clone().filter_map(|year| festival.date_in(year)) {
            let comes = day - life.dice.days(1, 12);
            if comes > life.today + Days::new(10) && comes < until && life.dice.chance(per_mille) {
                life.on(comes, Hour::Evening, Deed::Kite(Kite::ComeHome, at));
                let goes = day + life.dice.days(4, 18);
                life.on(goes, Hour::Evening, Deed::Kite(Kite::GoAgain, at));
            }
        }
    }
}

fn come_home(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Away) || scene.trip.vanished {
        return Ok(());
    }
    if !line::check_in_by_app(life, tx, scene, CheckInKind::FestivalReturn)? {
        scene.apply(tx, Command::ComeHome(life.today), None)?;
    }
    life.trip_mut(scene.at)?.silent = false;
    life.count("returns for a festival");
    Ok(())
}

fn go_again(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::HomeVisit) {
        return Ok(());
    }
    if !line::check_in_by_app(life, tx, scene, CheckInKind::DepartingAgain)? {
        scene.apply(tx, Command::DepartAgain(life.today), None)?;
    }
    life.count("departures after a festival");
    line::next_word(life, scene);
    Ok(())
}

fn go_on(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Away) || scene.trip.silent {
        return Ok(());
    }
    let (to, host) = destination(life);
    if to.is_abroad() || host == scene.trip.host {
        return Ok(());
    }
    let moved = Move {
        to,
        host: host.and_then(|at| life.cast.hosts.get(at)).map(|host| host.id),
        on: life.today,
    };
    let record = journeys::move_on(tx, &scene.leads, scene.id(), scene.version(), moved, None)?;
    life.count("moves to another place");
    let left = life.trip_mut(scene.at)?.guest.take();
    life.trip_mut(scene.at)?.host = host;
    if let Some(guest) = left {
        life.within((1, 8), Hour::Office, Deed::Magnet(Magnet::LeaveOnward, guest));
    }
    offered(life, scene.at, &record)
}

fn say_is_back(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is_under_way() || scene.trip.vanished {
        return Ok(());
    }
    line::check_in_by_app(life, tx, scene, CheckInKind::FinalReturn)?;
    life.within((1, 4), Hour::Office, Deed::Kite(Kite::Return, scene.at));
    Ok(())
}

fn returns(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is_under_way() {
        return Ok(());
    }
    scene.apply(tx, Command::Return(life.today), None)?;
    life.count("returns");
    if let Some(guest) = scene.trip.guest {
        life.within((1, 6), Hour::Office, Deed::Magnet(Magnet::LeaveHome, guest));
    }
    over(life, scene)
}

/// The journey is over, and another may follow.
pub(super) fn over(life: &mut Life, scene: &Scene) -> Result<(), StoreError> {
    let person = scene.trip.person;
    life.person_mut(person)?.trip = None;
    if life.dice.chance(500) {
        life.within((20, 150), Hour::Office, Deed::Kite(Kite::Notice, person));
    }
    Ok(())
}

fn letter(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is_under_way() || scene.trip.silent || scene.record.journey.transfer.is_some() {
        return Ok(());
    }
    let home = scene.trip.branch;
    let other = life.dice.place(life.cast.branches.len());
    let here = life
        .cast
        .branches
        .get(other)
        .filter(|_| other != home)
        .map(|branch| branch.id);
    let to = here.filter(|_| life.dice.chance(500)).map(Receiving::Here);
    let letter = Letter {
        number: format!("海组转〔{}〕{}号", life.today.year(), scene.at + 1),
        issued_on: life.today,
        valid_until: life.today + Days::new(60),
        to: to.unwrap_or_else(|| Receiving::Elsewhere("上海市某街道党工委".to_owned())),
    };
    transfers::start(tx, &scene.leads, scene.id(), scene.version(), &letter, None)?;
    life.count("transfers begun");
    life.within((10, 70), Hour::Office, Deed::Kite(Kite::Receipt, scene.at));
    Ok(())
}

fn receipt(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    let Some(transfer) = scene.record.journey.transfer.filter(|_| scene.is_under_way()) else {
        return Ok(());
    };
    let receiving = scene.record.beside.transfer.as_ref().and_then(|line| line.receiving);
    let branch = receiving.and_then(|id| life.cast.branches.iter().position(|branch| branch.id == id));
    let taken = life.dice.chance(800);
    let answers = branch
        .and_then(|at| life.cast.branches.get(at))
        .map(|branch| may::<AnswerTransfers>(&branch.secretary));
    match answers.transpose()? {
        Some(scope) => {
            let version = transfers::find(tx, &scope, transfer)?.version;
            if !taken {
                transfers::decline(tx, &scope, transfer, version, "材料不全，请补齐后再转")?;
                life.count("transfers declined");
                return Ok(());
            }
            transfers::accept(tx, &scope, transfer, version, life.today)?;
        }
        None if taken => {
            let receipt = transfers::Receipt {
                to: None,
                letter: None,
                receipt_on: life.today,
            };
            transfers::receive(tx, &scene.leads, scene.id(), scene.version(), receipt, None)?;
        }
        None => {
            transfers::drop_transfer(tx, &scene.leads, scene.id(), scene.version(), "本人不再转接")?;
            life.count("transfers dropped");
            return Ok(());
        }
    }
    life.count("transfers received");
    if let Some(guest) = scene.trip.guest {
        life.within((1, 6), Hour::Office, Deed::Magnet(Magnet::LeaveOnward, guest));
    }
    let person = life.person_mut(scene.trip.person)?;
    person.trip = None;
    match branch {
        Some(new) => person.branch = new,
        None => person.gone = true,
    }
    Ok(())
}

fn signs(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Away) || scene.trip.silent {
        return Ok(());
    }
    let signs = Signs {
        attended_on: Some(life.today),
        dues_paid_on: life.dice.chance(500).then_some(life.today),
    };
    journeys::record_signs(tx, &scene.leads, scene.id(), scene.version(), signs)?;
    life.count("signs recorded");
    Ok(())
}

fn lose_certificate(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Away) {
        return Ok(());
    }
    let branch = life.branch(scene.trip.branch)?;
    let found = certificates::find(tx, &may(&branch.secretary)?, scene.id());
    let certificate = match found {
        Ok(record) => record.certificate,
        Err(StoreError::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    if certificate.state != CertificateState::Valid {
        return Ok(());
    }
    let lost = CertificateCommand::ReportLost(life.today);
    let lost = certificates::apply(tx, &scene.leads, scene.id(), certificate.version, lost)?;
    certificates::reissue(tx, &scene.leads, scene.id(), lost.certificate.version)?;
    life.count("certificates lost and reissued");
    Ok(())
}
