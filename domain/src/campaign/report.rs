//! What came of a campaign: counted from facts, by the organisations one level down, never by person.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Activity, Target, Window};
use crate::calendar::Festival;
use crate::id::{CampaignId, MemberId, OrgPath, OrganisationId};

/// An organisation of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
}

/// Something recorded once of a member whom the campaign means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The branch from which the member is away.
    pub path: OrgPath,
    /// Whom it was done for.
    pub member: MemberId,
}

/// How far an activity has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// Members, branches, or times, as its target says.
    pub done: u32,
    /// How many are meant; none in a line where the target is of the whole campaign.
    pub wanted: Option<u32>,
}

/// The figures of one organisation with those below it, or of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Members whom the campaign means.
    pub members: u32,
    /// Of them, those who were asked whether they come home.
    pub asked: u32,
    /// Of them, those who came home.
    pub home: u32,
    /// Each activity, in the campaign's order.
    pub activities: Vec<Figure>,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Of which campaign.
    pub campaign: CampaignId,
    /// Its name.
    pub title: String,
    /// Which festival.
    pub festival: Festival,
    /// The festival's day.
    pub festival_on: NaiveDate,
    /// The days that count.
    pub window: Window,
    /// The organisation that it is about with those below it.
    pub organisation: Place,
    /// What was to be done.
    pub activities: Vec<Activity>,
    /// The organisations one level down, and the organisation itself where it has members of its own.
    pub lines: Vec<(Place, Line)>,
    /// All together.
    pub total: Line,
    /// When it was drawn up.
    pub drawn_up_at: DateTime<Utc>,
    /// By whom.
    pub drawn_up_by: String,
}

/// What was recorded: the members meant, those asked, those who came home, and for each activity whom it was done for.
#[derive(Debug, Clone, Default)]
struct Counted {
    members: BTreeSet<MemberId>,
    branches: BTreeSet<OrgPath>,
    asked: BTreeSet<MemberId>,
    home: BTreeSet<MemberId>,
    activities: Vec<Done>,
}

#[derive(Debug, Clone, Default)]
struct Done {
    members: BTreeSet<MemberId>,
    branches: BTreeSet<OrgPath>,
    times: u32,
}

impl Counted {
    fn nothing(activities: &[Activity]) -> Self {
        Self {
            activities: vec![Done::default(); activities.len()],
            ..Self::default()
        }
    }

    fn line(&self, activities: &[Activity], is_total: bool) -> Line {
        let figure = |(activity, done): (&Activity, &Done)| match activity.target {
            Target::Member => Figure {
                done: count(&done.members),
                wanted: Some(count(&self.members)),
            },
            Target::Branch => Figure {
                done: count(&done.branches),
                wanted: Some(count(&self.branches)),
            },
            Target::Total { number } => Figure {
                done: done.times,
                wanted: is_total.then_some(number),
            },
        };
        Line {
            members: count(&self.members),
            asked: count(&self.asked),
            home: count(&self.home),
            activities: activities.iter().zip(&self.activities).map(figure).collect(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.members.extend(&other.members);
        self.branches.extend(other.branches.iter().cloned());
        self.asked.extend(&other.asked);
        self.home.extend(&other.home);
        for (mine, theirs) in self.activities.iter_mut().zip(&other.activities) {
            mine.members.extend(&theirs.members);
            mine.branches.extend(theirs.branches.iter().cloned());
            mine.times = mine.times.saturating_add(theirs.times);
        }
    }
}

fn count<T>(set: &BTreeSet<T>) -> u32 {
    u32::try_from(set.len()).unwrap_or(u32::MAX)
}

/// The figures of an organisation of which nothing was recorded.
pub fn empty_line(activities: &[Activity]) -> Line {
    Counted::nothing(activities).line(activities, false)
}

/// The figures of the organisations one level below `base`, by their paths, and all together. `meant`, `asked` and
/// `home` tell of members, `done` of each activity; a path outside of `base` counts nowhere.
pub fn lines(
    base: &OrgPath,
    activities: &[Activity],
    (meant, asked, home): (&[Told], &[Told], &[Told]),
    done: &[Vec<Told>],
) -> (BTreeMap<OrgPath, Line>, Line) {
    let empty = || Counted::nothing(activities);
    let mut places = BTreeMap::<OrgPath, Counted>::new();
    let mut tell = |told: &Told, write: &dyn Fn(&mut Counted)| {
        if let Some(place) = base.one_below(&told.path) {
            write(places.entry(place).or_insert_with(empty));
        }
    };
    for one in meant {
        tell(one, &|place| {
            place.members.insert(one.member);
            place.branches.insert(one.path.clone());
        });
    }
    for one in asked {
        tell(one, &|place| place.asked.extend([one.member]));
    }
    for one in home {
        tell(one, &|place| place.home.extend([one.member]));
    }
    for (at, told) in done.iter().enumerate() {
        for one in told {
            tell(one, &|place| {
                if let Some(done) = place.activities.get_mut(at) {
                    done.members.insert(one.member);
                    done.branches.insert(one.path.clone());
                    done.times = done.times.saturating_add(1);
                }
            });
        }
    }
    let mut all = empty();
    for place in places.values() {
        all.add(place);
    }
    let lines = places
        .iter()
        .map(|(path, place)| (path.clone(), place.line(activities, false)));
    (lines.collect(), all.line(activities, true))
}
