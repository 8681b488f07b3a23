//! Journeys in every state, each led there by the functions that the routes call, on the days on which it happened.
use std::sync::Arc;

use chrono::{Days, NaiveDate};
use domain::access::{ManageJourneys, ReadJourneys, RecordContact, Scope};
use domain::briefing::DEFAULT_ITEMS;
use domain::checkin::{CheckIn, CheckInKind, Means, Wellbeing};
use domain::codes::{DestinationUnit, FormerOccupation, JourneyReason};
use domain::id::{AccountId, JourneyId, MemberId, OrganisationId};
use domain::journey::{Command, Destination, Transfer};
use domain::stay::Officer;
use persistence::journeys::{self, NewJourney, Plan};
use persistence::{Store, StoreError, Tx, checkins};

use super::clock::Backdated;

/// What happens, so many days before today.
pub(super) type Chapter = (i64, Step);

#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    /// The notice, leaving so many days before today (after it, when negative).
    Notice(i64),
    /// Everything of the briefing but the last so many items is done.
    Brief(usize),
    Depart,
    CheckIn(CheckInKind, Wellbeing),
    ComeHome,
    DepartAgain,
    Return,
    Transfer,
    Cancel,
}

use CheckInKind::{Arrival, Periodic};
use Step::{Brief, ComeHome, Depart, DepartAgain, Notice, Return};
use Wellbeing::{Fine, NeedsHelp};

/// A member's journey from its notice to today.
pub(super) struct Kite {
    /// The division of the destination.
    division: &'static str,
    /// The place, in the member's words.
    place: &'static str,
    /// The employer.
    employer: &'static str,
    chapters: &'static [Chapter],
}

pub(super) const fn kite(
    division: &'static str,
    place: &'static str,
    employer: &'static str,
    chapters: &'static [Chapter],
) -> Kite {
    Kite {
        division,
        place,
        employer,
        chapters,
    }
}

/// The kite whose member has an account.
pub(super) const OF_THE_MEMBER: usize = 2;

/// The kites whose members the contact officer with an account looks after.
pub(super) const LOOKED_AFTER: [usize; 4] = [OF_THE_MEMBER, 3, 4, 6];

/// One kite a state, and what secretaries meet beside: a plan that ran out, a contact due today, one long overdue, a call
/// for help.
pub(super) const KITES: &[Kite] = &[
    kite(
        "330106",
        "杭州市西湖区",
        "某软件公司",
        &[(6, Notice(-7)), (4, Brief(2))],
    ),
    kite("320583", "昆山市玉山镇", "某电子厂", &[(12, Notice(1)), (9, Brief(0))]),
    kite(
        "310115",
        "上海市浦东新区",
        "某建筑公司",
        &[
            (75, Notice(70)),
            (72, Brief(0)),
            (70, Depart),
            (68, Step::CheckIn(Arrival, Fine)),
            (40, Step::CheckIn(Periodic, Fine)),
            (12, Step::CheckIn(Periodic, Fine)),
        ],
    ),
    kite(
        "440305",
        "深圳市南山区",
        "某物流公司",
        &[(35, Notice(30)), (31, Brief(1)), (30, Depart)],
    ),
    kite(
        "650102",
        "乌鲁木齐市天山区",
        "某建筑公司",
        &[
            (95, Notice(90)),
            (91, Brief(0)),
            (90, Depart),
            (85, Step::CheckIn(Arrival, Fine)),
            (37, Step::CheckIn(Periodic, Fine)),
        ],
    ),
    kite(
        "120101",
        "天津市和平区",
        "某餐饮店",
        &[
            (130, Notice(120)),
            (121, Brief(0)),
            (120, Depart),
            (60, Step::CheckIn(Periodic, Fine)),
            (3, ComeHome),
        ],
    ),
    kite(
        "610113",
        "西安市雁塔区",
        "某装修公司",
        &[(200, Notice(190)), (190, Depart), (45, ComeHome), (20, DepartAgain)],
    ),
    kite(
        "110105",
        "北京市朝阳区",
        "某家政公司",
        &[
            (160, Notice(150)),
            (151, Brief(0)),
            (150, Depart),
            (90, Step::CheckIn(Periodic, Fine)),
            (8, Return),
        ],
    ),
    kite(
        "310115",
        "上海市浦东新区",
        "某学校",
        &[(190, Notice(180)), (180, Depart), (30, Step::Transfer)],
    ),
    kite("320106", "南京市鼓楼区", "", &[(25, Notice(15)), (18, Step::Cancel)]),
    kite(
        "510107",
        "成都市武侯区",
        "某快递公司",
        &[(60, Notice(55)), (55, Depart), (2, Step::CheckIn(Periodic, NeedsHelp))],
    ),
];

/// Who leads the journeys: a secretary's scopes.
#[derive(Clone)]
pub(super) struct Secretary {
    pub(super) leads: Scope<ManageJourneys>,
    pub(super) reads: Scope<ReadJourneys>,
    pub(super) records: Scope<RecordContact>,
}

/// Plays a kite's chapters for a member. The store's clock is `clock`.
pub(super) async fn play(
    (store, clock): (&Store, &Arc<Backdated>),
    by: &Secretary,
    member: MemberId,
    kite: &'static Kite,
    host: Option<OrganisationId>,
    today: NaiveDate,
) -> Result<JourneyId, StoreError> {
    clock.set(kite.chapters.first().map_or(0, |(days, _)| *days));
    let id: JourneyId = store.glance(|tx| Ok(tx.fresh())).await?;
    for (days, step) in kite.chapters {
        clock.set(*days);
        let by = by.clone();
        let scene = Scene {
            kite,
            id,
            member,
            host,
            today,
            on: before(today, *days),
        };
        store.write(move |tx| scene.happens(tx, &by, *step)).await?;
    }
    Ok(id)
}

/// The contact officer looks after the member from today on.
pub(super) async fn look_after(
    store: &Store,
    by: &Secretary,
    id: JourneyId,
    officer: AccountId,
) -> Result<(), StoreError> {
    let by = by.clone();
    store
        .write(move |tx| {
            let version = journeys::find(tx, &by.reads, id)?.journey.version;
            journeys::name_officer(tx, &by.leads, id, version, Some(Officer::Account(officer)), None).map(drop)
        })
        .await
}

struct Scene {
    kite: &'static Kite,
    id: JourneyId,
    member: MemberId,
    host: Option<OrganisationId>,
    today: NaiveDate,
    on: NaiveDate,
}

impl Scene {
    fn happens(&self, tx: &mut Tx<'_>, by: &Secretary, step: Step) -> Result<(), StoreError> {
        let command = match step {
            Notice(leaving) => {
                let new = NewJourney {
                    id: self.id,
                    member: self.member,
                    plan: self.notice(leaving),
                };
                return journeys::plan(tx, &by.leads, new).map(drop);
            }
            Brief(open) => return self.brief(tx, by, open),
            Step::CheckIn(kind, wellbeing) => {
                let check_in = self.check_in(tx, kind, wellbeing);
                return checkins::record_on_behalf(tx, &by.records, self.id, &check_in).map(drop);
            }
            Depart => Command::Depart(self.on),
            ComeHome => Command::ComeHome(self.on),
            DepartAgain => Command::DepartAgain(self.on),
            Return => Command::Return(self.on),
            Step::Cancel => Command::Cancel,
            Step::Transfer => Command::Transfer(Transfer {
                to: "上海市某街道党工委".to_owned(),
                letter: "海组转〔示例〕001号".to_owned(),
                receipt_on: self.on,
            }),
        };
        let reason = matches!(step, Step::Cancel).then_some("家中有事，不再外出");
        let version = self.version(tx, by)?;
        journeys::apply(tx, &by.leads, self.id, version, command, reason).map(drop)
    }

    fn version(&self, tx: &mut Tx<'_>, by: &Secretary) -> Result<i32, StoreError> {
        Ok(journeys::find(tx, &by.reads, self.id)?.journey.version)
    }

    fn notice(&self, leaving: i64) -> Plan {
        let leaves = before(self.today, leaving);
        Plan {
            reason: JourneyReason::Work,
            destination: Destination {
                division: self.kite.division.parse().ok(),
                place: Some(self.kite.place.to_owned()),
                employer: Some(self.kite.employer.to_owned()).filter(|employer| !employer.is_empty()),
                unit: Some(DestinationUnit::PrivateEnterprise),
                ..Destination::default()
            },
            former_occupation: Some(FormerOccupation::Farmer),
            host: self.host,
            certificate_number: None,
            planned_departure_on: Some(leaves),
            expected_return_on: leaves.checked_add_days(Days::new(365)),
            interval_days: Some(30),
        }
    }

    fn brief(&self, tx: &mut Tx<'_>, by: &Secretary, open: usize) -> Result<(), StoreError> {
        for (item, ..) in DEFAULT_ITEMS.iter().rev().skip(open).rev() {
            let version = self.version(tx, by)?;
            journeys::brief(tx, &by.leads, self.id, version, item, Some(self.on))?;
        }
        Ok(())
    }

    fn check_in(&self, tx: &Tx<'_>, kind: CheckInKind, wellbeing: Wellbeing) -> CheckIn {
        let help = wellbeing == NeedsHelp;
        CheckIn {
            id: tx.fresh(),
            kind,
            division: self.kite.division.parse().ok(),
            place: Some(self.kite.place.to_owned()),
            wellbeing,
            note: help.then(|| "工资被拖欠，请帮忙联系当地劳动部门".to_owned()),
            means: Means::Phone,
            recorded_at: tx.now(),
        }
    }
}

/// So many days before a day; after it, when negative.
pub(super) fn before(day: NaiveDate, days: i64) -> NaiveDate {
    day - chrono::Duration::days(days)
}
