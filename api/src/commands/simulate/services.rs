//! Service requests: asked, put into somebody's hands, answered in time or late, settled or asked again, and rated.
use domain::access::{AskForServices, LeadServices, ReadServices, Scope, ServePeople};
use domain::id::ServiceRequestId;
use domain::service::{Command, Kind, Rating, StateName};
use persistence::service_requests::{self as requests, NewServiceRequest, ServiceRecord, Step};
use persistence::{StoreError, Tx};

use super::cast::{Seat, Somebody, may};
use super::life::{Deed, Hour, Life};
use super::notice::take_up_the_app;

#[derive(Debug, Clone, Copy)]
pub(super) enum Service {
    /// A member asks, or has it asked; the place is the person's.
    Ask,
    /// It is not needed any more.
    Withdraw,
    /// Somebody is put in charge.
    Assign,
    Answer,
    /// It is settled by the answer, or asked again.
    Settle,
    Rate,
}

/// A service that was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Errand {
    id: ServiceRequestId,
    seat: Seat,
    /// The asker's place.
    asker: usize,
}

/// Of a thousand members so many ask for a service within a year.
pub(super) fn begin(life: &mut Life) {
    life.some_members(40, Hour::Evening, |person| Deed::Service(Service::Ask, person));
}

pub(super) fn happens(life: &mut Life, tx: &mut Tx<'_>, deed: Service, of: usize) -> Result<(), StoreError> {
    if matches!(deed, Service::Ask) {
        return ask(life, tx, of);
    }
    let scene = Scene::of(life, tx, of)?;
    match deed {
        Service::Ask => Ok(()),
        Service::Withdraw => withdraw(life, tx, &scene),
        Service::Assign => assign(life, tx, &scene),
        Service::Answer => answer(life, tx, &scene),
        Service::Settle => settle(life, tx, &scene),
        Service::Rate => rate(life, tx, &scene),
    }
}

/// A request as it stands.
struct Scene {
    /// Its place.
    at: usize,
    errand: Errand,
    record: ServiceRecord,
    secretary: Somebody,
    /// The asker's app.
    asker: Option<Somebody>,
}

impl Scene {
    fn of(life: &Life, tx: &mut Tx<'_>, at: usize) -> Result<Self, StoreError> {
        let errand = life.errands.get(at).copied();
        let errand = errand.ok_or(StoreError::NotFound("service request"))?;
        let (_, secretary) = life.cast.seated(errand.seat)?;
        let reads: Scope<ReadServices> = may(&secretary)?;
        let asker = life.person(errand.asker)?;
        Ok(Self {
            at,
            errand,
            record: requests::find(tx, &reads, errand.id)?,
            secretary,
            asker: asker.app.filter(|_| !asker.gone),
        })
    }

    fn is(&self, state: StateName) -> bool {
        self.record.request.state == state
    }

    fn is_unanswered(&self) -> bool {
        self.record.request.state.is_unanswered()
    }

    /// A step from where it was seen.
    fn step(&self, said: Option<&str>) -> Step {
        Step {
            of: (self.errand.id, self.record.request.version),
            said: said.map(ToOwned::to_owned),
        }
    }
}

const fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Employment => "想在家门口找一份缝纫工作",
        Kind::Schooling => "孩子秋季随迁入学，需要哪些材料？",
        Kind::Policy => "外出期间医保如何异地备案？",
        Kind::Hardship => "父亲住院，家里一时周转不开",
        Kind::Legal => "工资被拖欠三个月，想咨询法律援助",
        Kind::Other => "请帮忙看一下老屋漏水的情况",
    }
}

fn ask(life: &mut Life, tx: &mut Tx<'_>, of: usize) -> Result<(), StoreError> {
    take_up_the_app(life, tx, of)?;
    let person = life.person(of)?;
    if person.gone {
        return Ok(());
    }
    let seat = life.turns_to(&person);
    let (organisation, secretary) = life.cast.seated(seat)?;
    let kind = life.dice.one(Kind::ALL).copied().unwrap_or(Kind::Other);
    let id: ServiceRequestId = tx.fresh();
    let new = NewServiceRequest {
        id,
        organisation: Some(organisation),
        kind,
        said: words(kind).to_owned(),
    };
    if let Some(app) = &person.app {
        let me: Scope<AskForServices> = may(app)?;
        requests::ask(tx, &me, new)?;
    } else {
        let scope: Scope<ServePeople> = may(&secretary)?;
        requests::ask_for(tx, &scope, person.member.into(), new)?;
    }
    life.count("services asked for");
    let at = life.errands.len();
    life.errands.push(Errand { id, seat, asker: of });
    if life.dice.chance(50) {
        life.within((1, 4), Hour::Evening, Deed::Service(Service::Withdraw, at));
    }
    if life.dice.chance(700) {
        life.within((1, 3), Hour::Office, Deed::Service(Service::Assign, at));
    }
    let takes = if life.dice.chance(780) { (1, 5) } else { (12, 50) };
    life.within(takes, Hour::Office, Deed::Service(Service::Answer, at));
    Ok(())
}

fn withdraw(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if let Some(app) = scene.asker.as_ref().filter(|_| scene.is_unanswered()) {
        let me: Scope<AskForServices> = may(app)?;
        requests::act_own(tx, &me, scene.step(None), Some(Command::Withdraw))?;
        life.count("services not needed any more");
    }
    Ok(())
}

fn assign(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is_unanswered() {
        return Ok(());
    }
    let scope: Scope<LeadServices> = may(&scene.secretary)?;
    requests::assign(tx, &scope, scene.step(None), scene.secretary.account)?;
    life.count("services put into somebody's hands");
    Ok(())
}

/// What went up is answered from above now and then.
fn from_above(life: &mut Life, scene: &Scene) -> Result<Option<Somebody>, StoreError> {
    let Seat::Branch(branch) = scene.errand.seat else {
        return Ok(None);
    };
    let office = life.branch(branch)?.office.clone();
    Ok((scene.record.escalated.is_some() && life.dice.chance(400)).then_some(office))
}

fn answer(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is_unanswered() {
        return Ok(());
    }
    let above = from_above(life, scene)?;
    let scope: Scope<ServePeople> = may(above.as_ref().unwrap_or(&scene.secretary))?;
    requests::answer(tx, &scope, scene.step(Some("已联系有关单位，材料清单发您手机")))?;
    life.count(match (above.is_some(), scene.record.request.is_overdue(life.today)) {
        (true, _) => "services answered from above",
        (false, true) => "services answered late",
        (false, false) => "services answered in time",
    });
    let hour = if scene.asker.is_some() {
        Hour::Evening
    } else {
        Hour::Office
    };
    life.within((1, 10), hour, Deed::Service(Service::Settle, scene.at));
    Ok(())
}

fn settle(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Answered) {
        return Ok(());
    }
    let again = life.dice.chance(120);
    let step = scene.step(again.then_some("还差一份证明，仍未办好"));
    if let Some(app) = &scene.asker {
        let me: Scope<AskForServices> = may(app)?;
        requests::act_own(tx, &me, step, (!again).then_some(Command::Resolve))?;
    } else {
        let scope: Scope<ServePeople> = may(&scene.secretary)?;
        if again {
            requests::reopen(tx, &scope, step)?;
        } else {
            requests::resolve(tx, &scope, step)?;
        }
    }
    if again {
        life.count("services asked for again");
        life.within((1, 20), Hour::Office, Deed::Service(Service::Answer, scene.at));
        return Ok(());
    }
    life.count("services settled");
    if life.dice.chance(700) {
        life.within((1, 5), Hour::Evening, Deed::Service(Service::Rate, scene.at));
    }
    Ok(())
}

fn rate(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    let Some(app) = scene.asker.as_ref().filter(|_| scene.is(StateName::Resolved)) else {
        return Ok(());
    };
    let rating = life.dice.one(Rating::ALL).copied().unwrap_or(Rating::Helped);
    let me: Scope<AskForServices> = may(app)?;
    requests::act_own(tx, &me, scene.step(None), Some(Command::Rate(rating)))?;
    life.count("answers rated");
    Ok(())
}
