//! Wishes: written, published or not, taken on by neighbours or officers, and thanked for.
use domain::access::{AskForServices, LeadServices, ReadServices, Scope, ServePeople};
use domain::id::WishId;
use domain::wish::{Command, StateName, Verb};
use persistence::wishes::{self, NewWish, WishRecord};
use persistence::{StoreError, Tx};

use super::cast::{Seat, Somebody, may};
use super::life::{Deed, Hour, Life};
use super::notice::take_up_the_app;

#[derive(Debug, Clone, Copy)]
pub(super) enum Wish {
    /// A member writes one, or has it written down; the place is the person's.
    Write,
    /// The author thinks otherwise.
    Withdraw,
    /// The branch publishes it, or does not.
    Decide,
    /// Somebody takes it on.
    Claim,
    /// It comes true, or whoever has taken it on gives it back.
    Fulfil,
    Thank,
}

/// A wish that was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    id: WishId,
    seat: Seat,
    /// The author's place.
    author: usize,
    /// The place of the neighbour who has taken it on.
    neighbour: Option<usize>,
}

const WISHES: &[&str] = &[
    "想给上小学的孩子一套课外读物",
    "希望有人陪老人去一次县医院",
    "想要一台旧电脑学会计",
    "希望春节前帮忙修好老屋的屋顶",
    "想学一门焊工手艺",
];

/// Of a thousand members so many write a wish within a year.
pub(super) fn begin(life: &mut Life) {
    life.some_members(30, Hour::Evening, |person| Deed::Wish(Wish::Write, person));
}

pub(super) fn happens(life: &mut Life, tx: &mut Tx<'_>, deed: Wish, of: usize) -> Result<(), StoreError> {
    if matches!(deed, Wish::Write) {
        return write(life, tx, of);
    }
    let scene = Scene::of(life, tx, of)?;
    match deed {
        Wish::Write => Ok(()),
        Wish::Withdraw => withdraw(life, tx, &scene),
        Wish::Decide => decide(life, tx, &scene),
        Wish::Claim => claim(life, tx, &scene),
        Wish::Fulfil => fulfil(life, tx, &scene),
        Wish::Thank => thank(life, tx, &scene),
    }
}

/// A wish as it stands.
struct Scene {
    /// Its place.
    at: usize,
    written: Written,
    record: WishRecord,
    secretary: Somebody,
}

impl Scene {
    fn of(life: &Life, tx: &mut Tx<'_>, at: usize) -> Result<Self, StoreError> {
        let written = life.wishes.get(at).copied().ok_or(StoreError::NotFound("wish"))?;
        let (_, secretary) = life.cast.seated(written.seat)?;
        let reads: Scope<ReadServices> = may(&secretary)?;
        let record = wishes::find(tx, &reads, written.id)?;
        Ok(Self {
            at,
            written,
            record,
            secretary,
        })
    }

    fn is(&self, state: StateName) -> bool {
        self.record.state.name() == state
    }

    /// As it was seen.
    const fn seen(&self) -> (WishId, i32) {
        (self.written.id, self.record.version)
    }

    /// The author's app.
    fn author(&self, life: &Life) -> Result<Option<Somebody>, StoreError> {
        let author = life.person(self.written.author)?;
        Ok(author.app.filter(|_| !author.gone))
    }
}

fn write(life: &mut Life, tx: &mut Tx<'_>, of: usize) -> Result<(), StoreError> {
    take_up_the_app(life, tx, of)?;
    let person = life.person(of)?;
    if person.gone {
        return Ok(());
    }
    let seat = life.turns_to(&person);
    let (organisation, secretary) = life.cast.seated(seat)?;
    let said = life.dice.one(WISHES).copied().unwrap_or_default().to_owned();
    let anonymous = person.app.is_some() && life.dice.chance(400);
    let new = NewWish {
        organisation: Some(organisation),
        said,
        anonymous,
    };
    let record = if let Some(app) = &person.app {
        let me: Scope<AskForServices> = may(app)?;
        wishes::write(tx, &me, new)?
    } else {
        let scope: Scope<ServePeople> = may(&secretary)?;
        wishes::write_for(tx, &scope, person.member.into(), new)?
    };
    life.count(if anonymous {
        "wishes written without a name"
    } else {
        "wishes written"
    });
    let at = life.wishes.len();
    life.wishes.push(Written {
        id: record.id,
        seat,
        author: of,
        neighbour: None,
    });
    if life.dice.chance(80) {
        life.within((1, 25), Hour::Evening, Deed::Wish(Wish::Withdraw, at));
    }
    life.within((1, 10), Hour::Office, Deed::Wish(Wish::Decide, at));
    Ok(())
}

fn withdraw(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    let open = [StateName::Written, StateName::Published, StateName::Claimed];
    let (Some(app), true) = (scene.author(life)?, open.iter().any(|state| scene.is(*state))) else {
        return Ok(());
    };
    let me: Scope<AskForServices> = may(&app)?;
    wishes::act_own(tx, &me, scene.seen(), Command::Withdraw, None)?;
    life.count("wishes withdrawn");
    Ok(())
}

fn decide(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Written) {
        return Ok(());
    }
    let scope: Scope<LeadServices> = may(&scene.secretary)?;
    if life.dice.chance(100) {
        wishes::decide(tx, &scope, scene.seen(), Some("超出支部能力，已另行协调".to_owned()))?;
        life.count("wishes declined");
        return Ok(());
    }
    wishes::decide(tx, &scope, scene.seen(), None)?;
    life.count("wishes published");
    life.within((2, 20), Hour::Evening, Deed::Wish(Wish::Claim, scene.at));
    Ok(())
}

/// Somebody else of the branch who has the app.
fn neighbour(life: &mut Life, scene: &Scene) -> Result<Option<usize>, StoreError> {
    let Seat::Branch(branch) = scene.written.seat else {
        return Ok(None);
    };
    let by_app = life.branch(branch)?.by_app.clone();
    let Some(at) = life.dice.one(&by_app).copied().filter(|at| *at != scene.written.author) else {
        return Ok(None);
    };
    let person = life.person(at)?;
    Ok((!person.gone && person.branch == branch).then_some(at))
}

fn claim(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Published) {
        return Ok(());
    }
    let neighbour = neighbour(life, scene)?.filter(|_| life.dice.chance(800));
    serve(life, tx, (scene, neighbour), Verb::Claim, None)?;
    life.count(if neighbour.is_some() {
        "wishes taken on by neighbours"
    } else {
        "wishes taken on by officers"
    });
    if let Some(written) = life.wishes.get_mut(scene.at) {
        written.neighbour = neighbour;
    }
    life.within((3, 30), Hour::Evening, Deed::Wish(Wish::Fulfil, scene.at));
    Ok(())
}

/// A neighbour does it by the own app where one has taken the wish on, else an officer.
fn serve(
    life: &Life,
    tx: &mut Tx<'_>,
    (scene, neighbour): (&Scene, Option<usize>),
    verb: Verb,
    said: Option<String>,
) -> Result<(), StoreError> {
    let person = neighbour.map(|at| life.person(at)).transpose()?;
    let app = person.filter(|person| !person.gone).and_then(|person| person.app);
    if let Some(app) = app {
        let me: Scope<AskForServices> = may(&app)?;
        return wishes::act_near(tx, &me, scene.seen(), verb, said).map(drop);
    }
    let scope: Scope<ServePeople> = may(&scene.secretary)?;
    wishes::serve(tx, &scope, scene.seen(), verb, said).map(drop)
}

fn fulfil(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    if !scene.is(StateName::Claimed) {
        return Ok(());
    }
    let by = (scene, scene.written.neighbour);
    if life.dice.chance(120) {
        serve(life, tx, by, Verb::Release, None)?;
        life.count("wishes given back");
        life.within((2, 10), Hour::Evening, Deed::Wish(Wish::Claim, scene.at));
        return Ok(());
    }
    let said = "东西放在村部传达室，报心愿编号即可领取".to_owned();
    serve(life, tx, by, Verb::Fulfil, Some(said))?;
    life.count("wishes fulfilled");
    if life.dice.chance(800) {
        life.within((1, 10), Hour::Evening, Deed::Wish(Wish::Thank, scene.at));
    }
    Ok(())
}

fn thank(life: &mut Life, tx: &mut Tx<'_>, scene: &Scene) -> Result<(), StoreError> {
    let Some(app) = scene.author(life)?.filter(|_| scene.is(StateName::Fulfilled)) else {
        return Ok(());
    };
    let me: Scope<AskForServices> = may(&app)?;
    let said = Some("谢谢大家".to_owned());
    wishes::act_own(tx, &me, scene.seen(), Command::Thank, said)?;
    life.count("wishes thanked for");
    Ok(())
}
