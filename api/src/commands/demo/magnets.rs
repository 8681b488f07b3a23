//! Stays in every state with one host, and the hand-overs that led to them, by the functions that the routes call.
use std::sync::Arc;

use chrono::NaiveDate;
use domain::access::{AnswerHandovers, ManageStays, ReadHandovers, ReadStays, Scope};
use domain::handover::{Answer, Command as Reply, Direction, Handover, Inquiry};
use domain::id::{OrganisationId, StayId};
use domain::stay::{Background, Call, Command, Leaving, NextPlace, Officer};
use persistence::handovers::{self, HandoverFilter};
use persistence::members::Member;
use persistence::people::NewVisitor;
use persistence::stays::{self, DeclaredOrigin, DeclaredPerson, NewAdmission, NewStay, Place, StayFilter, StayRecord};
use persistence::{Store, StoreError, Tx};

use super::clock::Backdated;
use super::kites::{self, Kite, Secretary, Step as Kites};

/// What happens, so many days before today.
type Chapter = (i64, Step);

#[derive(Debug, Clone, Copy)]
enum Step {
    /// The host takes the member who is offered.
    Accept,
    /// The host does not.
    Decline,
    /// The origin takes its offer back.
    TakeBack,
    /// The host finds somebody.
    Survey,
    AskOrigin,
    Confirm,
    Deny,
    ConfirmByCall,
    Admit,
    Reject,
    Withdraw,
    Leave,
}

use Step::{
    Accept, Admit, AskOrigin, Confirm, ConfirmByCall, Decline, Deny, Leave, Reject, Survey, TakeBack, Withdraw,
};

/// How somebody came to the host, and how it went on.
pub(super) struct Magnet {
    /// The journey whose departure offers the member, if it began so.
    kite: Option<Kite>,
    chapters: &'static [Chapter],
}

const fn offered(chapters: &'static [kites::Chapter], then: &'static [Chapter]) -> Magnet {
    Magnet {
        kite: Some(kites::kite("320685", "海安市城东镇", "某纺织公司", chapters)),
        chapters: then,
    }
}

const fn found(chapters: &'static [Chapter]) -> Magnet {
    Magnet { kite: None, chapters }
}

/// The magnet whose member has an account.
pub(super) const OF_THE_GUEST: usize = 3;

/// One magnet a state, of hand-overs too.
pub(super) const MAGNETS: &[Magnet] = &[
    offered(&[(6, Kites::Notice(5)), (5, Kites::Depart)], &[]),
    offered(&[(12, Kites::Notice(10)), (10, Kites::Depart)], &[(3, Decline)]),
    offered(&[(22, Kites::Notice(20)), (20, Kites::Depart)], &[(15, Accept)]),
    offered(
        &[(92, Kites::Notice(90)), (90, Kites::Depart)],
        &[(85, Accept), (84, Admit)],
    ),
    offered(
        &[(152, Kites::Notice(150)), (150, Kites::Depart)],
        &[(145, Accept), (144, Admit), (10, Leave)],
    ),
    offered(&[(42, Kites::Notice(40)), (40, Kites::Depart)], &[(35, TakeBack)]),
    found(&[(4, Survey)]),
    found(&[(8, Survey), (7, AskOrigin)]),
    found(&[(30, Survey), (29, AskOrigin), (26, Confirm)]),
    found(&[(25, Survey), (24, AskOrigin), (22, Deny)]),
    found(&[(12, Survey), (10, ConfirmByCall)]),
    found(&[(9, Survey), (8, Withdraw)]),
    found(&[(16, Survey), (14, Reject)]),
];

/// Who acts for the host.
#[derive(Clone)]
pub(super) struct Host {
    pub(super) id: OrganisationId,
    pub(super) home_unit: OrganisationId,
    pub(super) manages: Scope<ManageStays>,
    pub(super) reads: Scope<ReadStays>,
    pub(super) answers: Scope<AnswerHandovers>,
    pub(super) sees: Scope<ReadHandovers>,
}

/// Who acts for the origin.
#[derive(Clone)]
pub(super) struct Origin {
    pub(super) leads: Secretary,
    pub(super) answers: Scope<AnswerHandovers>,
}

/// Plays a magnet's chapters for a member. The store's clock is `clock`.
pub(super) async fn play(
    (store, clock): (&Store, &Arc<Backdated>),
    (origin, host): (&Origin, &Host),
    member: &Member,
    magnet: &'static Magnet,
    today: NaiveDate,
) -> Result<(), StoreError> {
    if let Some(kite) = &magnet.kite {
        kites::play((store, clock), &origin.leads, member.id, kite, Some(host.id), today).await?;
    }
    let found: StayId = store.glance(|tx| Ok(tx.fresh())).await?;
    for (days, step) in magnet.chapters {
        clock.set(*days);
        let scene = Scene {
            origin: origin.clone(),
            host: host.clone(),
            member: member.clone(),
            found,
            on: kites::before(today, *days),
        };
        store.write(move |tx| scene.happens(tx, *step)).await?;
    }
    Ok(())
}

struct Scene {
    origin: Origin,
    host: Host,
    member: Member,
    found: StayId,
    on: NaiveDate,
}

impl Scene {
    fn happens(&self, tx: &mut Tx<'_>, step: Step) -> Result<(), StoreError> {
        let command = match step {
            Survey => return self.survey(tx),
            Admit => return self.admit(tx),
            Accept => return self.answers(tx, &self.host.answers, Reply::Accept),
            Decline => {
                let reason = "该党员已去外省务工，不在本地".to_owned();
                return self.answers(tx, &self.host.answers, |answer| Reply::Decline(answer, reason));
            }
            TakeBack => return self.answers(tx, &self.origin.answers, |_| Reply::Withdraw),
            Confirm => return self.answers(tx, &self.origin.answers, Reply::Confirm),
            Deny => {
                let reason = "名册中查无此人，请再核实".to_owned();
                return self.answers(tx, &self.origin.answers, |answer| Reply::Deny(answer, reason));
            }
            AskOrigin => Command::AskOrigin,
            ConfirmByCall => Command::ConfirmByCall(Call {
                spoke_with: "值班同志".to_owned(),
                phone: "0513-88880000".to_owned(),
                on: self.on,
            }),
            Reject => Command::Reject("不是党员".to_owned()),
            Withdraw => Command::Withdraw("登记重复".to_owned()),
            Leave => {
                let leaving = Leaving {
                    on: self.on,
                    reason: Some("合同到期".to_owned()),
                    next: NextPlace::Home,
                    division: None,
                };
                Command::Leave(leaving, Inquiry::NotAsked)
            }
        };
        let stay = self.stay(tx)?.stay;
        stays::apply(tx, &self.host.manages, stay.id, stay.version, command).map(drop)
    }

    /// The member's stay with the host.
    fn stay(&self, tx: &mut Tx<'_>) -> Result<StayRecord, StoreError> {
        let filter = StayFilter {
            organisation: None,
            state: None,
        };
        let all = stays::list(tx, &self.host.reads, &filter, None, 1_000)?;
        let person = self.member.id.into();
        let own = all
            .into_iter()
            .find(|one| one.stay.id == self.found || one.stay.person == person);
        own.ok_or(StoreError::NotFound("stay"))
    }

    fn survey(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let facts = &self.member.facts;
        let new = NewStay {
            id: self.found,
            host: self.host.id,
            person: DeclaredPerson::Declared(NewVisitor {
                name: facts.name.clone(),
                gender: Some(facts.gender),
                identity: facts.identity.clone(),
                phone: facts.phone.clone(),
            }),
            origin: Some(DeclaredOrigin::Here(Place::Id(self.member.home_branch))),
            arrived_on: kites::before(self.on, 5),
            address: Some("海安市城东镇示例路1号".to_owned()),
            employer: Some("某机械公司".to_owned()),
            background: Background::default(),
        };
        stays::report(tx, &self.host.manages, new).map(drop)
    }

    fn admit(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let stay = self.stay(tx)?.stay;
        let new = NewAdmission {
            home_unit: self.host.home_unit,
            officer: Officer::Named {
                name: "吴联系员".to_owned(),
                phone: "19900000008".to_owned(),
            },
        };
        stays::admit(tx, &self.host.manages, stay.id, stay.version, new).map(drop)
    }

    /// Answers the open hand-over about the member.
    fn answers(
        &self,
        tx: &mut Tx<'_>,
        by: &Scope<AnswerHandovers>,
        reply: impl FnOnce(Answer) -> Reply,
    ) -> Result<(), StoreError> {
        let open = self.open(tx)?;
        handovers::answer(tx, by, open.id, open.version, reply).map(drop)
    }

    fn open(&self, tx: &mut Tx<'_>) -> Result<Handover, StoreError> {
        let person = self.member.id.into();
        for direction in [Direction::Incoming, Direction::Outgoing] {
            let filter = HandoverFilter { direction, state: None };
            let all = handovers::list(tx, &self.host.sees, filter, None, 1_000)?;
            let open = all.into_iter().map(|record| record.handover);
            let mut open = open.filter(|handover| !handover.state.allowed().is_empty());
            if let Some(handover) = open.find(|handover| handover.person == person) {
                return Ok(handover);
            }
        }
        Err(StoreError::NotFound("handover"))
    }
}
