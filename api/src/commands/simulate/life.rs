//! A life day by day: what is to happen lies on an agenda, chance decides what becomes of it, and the store's own functions
//! carry it out. Each kind of deed has a file of its own; another kind is a file, a variant of [`Deed`] and its two lines
//! here.
use std::collections::{BTreeMap, VecDeque};

use chrono::{Days, NaiveDate};
use domain::id::{HandoverId, JourneyId, PersonId, RequestId, StayId};
use persistence::{StoreError, Tx};

use super::campaigns::{self, Campaign, Opened};
use super::cast::{Branch, Cast, Person, Seat};
use super::dice::Dice;
use super::gifts::{self, Gift, Given};
use super::kite::{self, Kite};
use super::lessons::{self, Lesson, Lessons};
use super::line::{self, Line};
use super::magnet::{self, Magnet};
use super::record::{self, Record};
use super::services::{self, Errand, Service};
use super::wishes::{self, Wish, Written};

/// When in the day something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hour {
    /// By those who work with Kiteline.
    Office,
    /// By members, after work.
    Evening,
}

impl Hour {
    pub(super) const ALL: [Self; 2] = [Self::Office, Self::Evening];
}

/// Something that is done, to the journey, stay or person at a place of the lists.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deed {
    /// A journey goes on.
    Kite(Kite, usize),
    /// Somebody away is in contact, or is not.
    Line(Line, usize),
    /// Somebody comes to a host, stays, and leaves.
    Magnet(Magnet, usize),
    /// A member's record changes.
    Record(Record, usize),
    /// People gather.
    Lesson(Lesson, usize),
    /// A wish comes true, or does not.
    Wish(Wish, usize),
    /// A service is asked for and done.
    Service(Service, usize),
    /// Something is given.
    Gift(Gift, usize),
    /// A committee does what it does around a festival.
    Campaign(Campaign, usize),
}

/// A journey.
#[derive(Debug, Clone)]
pub(super) struct Trip {
    pub(super) id: JourneyId,
    pub(super) person: usize,
    /// The place of the branch that leads it, among the branches.
    pub(super) branch: usize,
    /// The place of the host among the hosts.
    pub(super) host: Option<usize>,
    /// What was offered last.
    pub(super) offer: Option<HandoverId>,
    /// The stay with the host.
    pub(super) guest: Option<usize>,
    pub(super) interval: u64,
    /// Does not check in any more.
    pub(super) silent: bool,
    /// Cannot be found.
    pub(super) vanished: bool,
    pub(super) attempts: usize,
}

/// A stay.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    pub(super) stay: StayId,
    /// Whom the stay is of.
    pub(super) who: PersonId,
    pub(super) host: usize,
    /// A member of the county; none for a visitor.
    pub(super) person: Option<usize>,
    /// Leaves the host for an unknown place.
    pub(super) missed: bool,
}

/// A request for another telephone number, with its version.
pub(super) type Asked = (RequestId, i32, usize);

/// The life of a county.
pub(super) struct Life {
    pub(super) dice: Dice,
    pub(super) cast: Cast,
    pub(super) today: NaiveDate,
    /// The last day.
    pub(super) until: NaiveDate,
    pub(super) trips: Vec<Trip>,
    pub(super) guests: Vec<Guest>,
    pub(super) asked: Vec<Asked>,
    /// Visitors so far, so that no two have one identity number.
    pub(super) visitors: u64,
    pub(super) lessons: Lessons,
    pub(super) wishes: Vec<Written>,
    pub(super) errands: Vec<Errand>,
    pub(super) gifts: Vec<Given>,
    pub(super) campaigns: Vec<Opened>,
    agenda: BTreeMap<(NaiveDate, Hour), VecDeque<Deed>>,
    pub(super) tally: BTreeMap<&'static str, usize>,
}

/// Deeds in one transaction: few commits, and none that keeps others waiting for long.
const BATCH: usize = 250;

impl Life {
    /// The life of these people from one day to another; `visitors` have come before.
    pub(super) fn new(seed: u64, cast: Cast, (from, until): (NaiveDate, NaiveDate), visitors: u64) -> Self {
        let mut life = Self {
            dice: Dice::of(seed),
            cast,
            today: from,
            until,
            trips: Vec::new(),
            guests: Vec::new(),
            asked: Vec::new(),
            visitors,
            lessons: Lessons::default(),
            wishes: Vec::new(),
            errands: Vec::new(),
            gifts: Vec::new(),
            campaigns: Vec::new(),
            agenda: BTreeMap::new(),
            tally: BTreeMap::new(),
        };
        kite::begin(&mut life);
        magnet::begin(&mut life);
        record::begin(&mut life);
        lessons::begin(&mut life);
        wishes::begin(&mut life);
        services::begin(&mut life);
        gifts::begin(&mut life);
        campaigns::begin(&mut life);
        life
    }

    /// Puts a deed on the agenda so many days ahead; what would be done after the last day is not.
    pub(super) fn in_days(&mut self, ahead: Days, hour: Hour, deed: Deed) {
        self.on(self.today + ahead, hour, deed);
    }

    /// Puts a deed on the agenda between two numbers of days ahead.
    pub(super) fn within(&mut self, (from, to): (u64, u64), hour: Hour, deed: Deed) {
        let ahead = self.dice.days(from, to);
        self.in_days(ahead, hour, deed);
    }

    /// Puts a deed on the agenda of a day.
    pub(super) fn on(&mut self, day: NaiveDate, hour: Hour, deed: Deed) {
        if day <= self.until {
            self.agenda.entry((day, hour)).or_default().push_back(deed);
        }
    }

    /// The next deeds of the day's hour; none when all are done.
    pub(super) fn next(&mut self, hour: Hour) -> Vec<Deed> {
        let Some(waiting) = self.agenda.get_mut(&(self.today, hour)) else {
            return Vec::new();
        };
        let next: Vec<_> = waiting.drain(..BATCH.min(waiting.len())).collect();
        if waiting.is_empty() {
            self.agenda.remove(&(self.today, hour));
        }
        next
    }

    /// Counts something that happened.
    pub(super) fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// The days of the whole life.
    pub(super) fn days_left(&self) -> u64 {
        u64::try_from((self.until - self.today).num_days()).unwrap_or_default()
    }

    /// Of a thousand so many as fall to the days that are left, where so many do in a year.
    pub(super) fn share(&self, per_mille: u64) -> u32 {
        u32::try_from(per_mille * self.days_left() / 365).unwrap_or(1_000)
    }

    /// Puts a deed on the agenda for so many of a thousand members a year, each by chance, on any day that is left.
    pub(super) fn some_members(&mut self, per_mille: u64, hour: Hour, deed: impl Fn(usize) -> Deed) {
        let (share, days) = (self.share(per_mille), self.days_left());
        for person in 0..self.cast.people.len() {
            if self.dice.chance(share) {
                self.within((1, days), hour, deed(person));
            }
        }
    }

    /// Whom somebody turns to: the home branch, or the host where the person is admitted.
    pub(super) fn turns_to(&mut self, person: &Person) -> Seat {
        let host = person
            .admitted
            .and_then(|stay| self.guests.get(stay))
            .map(|stay| stay.host);
        let there = host.filter(|_| self.dice.chance(500));
        there.map_or(Seat::Branch(person.branch), Seat::Host)
    }

    pub(super) fn person(&self, place: usize) -> Result<Person, StoreError> {
        self.cast
            .people
            .get(place)
            .cloned()
            .ok_or(StoreError::NotFound("member"))
    }

    pub(super) fn person_mut(&mut self, place: usize) -> Result<&mut Person, StoreError> {
        self.cast.people.get_mut(place).ok_or(StoreError::NotFound("member"))
    }

    pub(super) fn branch(&self, place: usize) -> Result<&Branch, StoreError> {
        self.cast.branches.get(place).ok_or(StoreError::NotFound("branch"))
    }

    pub(super) fn trip(&self, place: usize) -> Result<Trip, StoreError> {
        self.trips.get(place).cloned().ok_or(StoreError::NotFound("journey"))
    }

    pub(super) fn trip_mut(&mut self, place: usize) -> Result<&mut Trip, StoreError> {
        self.trips.get_mut(place).ok_or(StoreError::NotFound("journey"))
    }

    pub(super) fn guest(&self, place: usize) -> Result<Guest, StoreError> {
        self.guests.get(place).cloned().ok_or(StoreError::NotFound("stay"))
    }

    /// Carries a deed out. What has become impossible meanwhile is left, as people leave it; a refusal is a fault of the
    /// simulation, and says of which deed.
    pub(super) fn happens(&mut self, tx: &mut Tx<'_>, deed: Deed) -> Result<(), StoreError> {
        let done = match deed {
            Deed::Kite(deed, trip) => kite::happens(self, tx, deed, trip),
            Deed::Line(deed, trip) => line::happens(self, tx, deed, trip),
            Deed::Magnet(deed, of) => magnet::happens(self, tx, deed, of),
            Deed::Record(deed, of) => record::happens(self, tx, deed, of),
            Deed::Lesson(deed, of) => lessons::happens(self, tx, deed, of),
            Deed::Wish(deed, of) => wishes::happens(self, tx, deed, of),
            Deed::Service(deed, of) => services::happens(self, tx, deed, of),
            Deed::Gift(deed, of) => gifts::happens(self, tx, deed, of),
            Deed::Campaign(deed, of) => campaigns::happens(self, tx, deed, of),
        };
        done.map_err(|error| StoreError::corrupt(format!("{deed:?} on {}: {}", self.today, told(&error))))
    }
}

/// An error with what it says of itself.
fn told(error: &StoreError) -> String {
    format!("{error} ({error:?})")
}
