//! `kiteline simulate`: a county's people live for some months or years, by chance and from a seed, and everything that
//! Kiteline does about it is done: by the store's own functions under the domain's rules, and by all jobs on each day. At the
//! end it is looked at whether everything holds that must.
mod campaigns;
mod cast;
mod clock;
mod dice;
mod gifts;
mod kite;
mod lessons;
mod life;
mod line;
mod magnet;
mod notice;
mod record;
mod services;
mod wishes;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime};
use clap::Args;
use domain::access::Scope;
use domain::organisation::OrganisationKind;
use notifications::{MailSettings, Notifier, Outlet, inspection};
use persistence::invariants::Findings;
use persistence::organisations::Organisation;
use persistence::upkeep::{self, Tenant};
use persistence::vault::Vault;
use persistence::{Store, StoreError, imports};

use super::demo::{people, tree};
use super::house::{self, NAME, OrTroubled as _};
use super::trouble::{OrAdvise as _, Trouble};
use super::{doctor, mail, webhooks};
use crate::auth::password::Passwords;
use crate::config::{Settings, without_password};
use cast::{Cast, Person};
use clock::Standing;
use life::{Hour, Life};

#[derive(Args)]
pub(super) struct Simulate {
    /// So many made-up members
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    members: u32,
    /// So many days
    #[arg(long, value_name = "D", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3_660))]
    days: u32,
    /// The same seed gives the same life
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The last day, YYYY-MM-DD [default: today in the deployment's zone]
    #[arg(long, value_name = "DATE")]
    until: Option<NaiveDate>,
    /// Live in the database of a demo or an earlier simulation, beside the members that it holds
    #[arg(long)]
    add: bool,
}

/// What is to be lived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    /// So many members.
    pub(super) members: u32,
    /// So many days.
    pub(super) days: u32,
    /// From this seed.
    pub(super) seed: u64,
    /// Up to this day.
    pub(super) until: NaiveDate,
}

/// What a life came to.
#[derive(Debug, Default)]
pub(super) struct Lived {
    /// What happened, and how often.
    pub(super) tally: BTreeMap<&'static str, usize>,
    /// Whether everything holds that must.
    pub(super) findings: Findings,
}

/// What is told of the program's own work while a life is lived: a year of jobs is a thousand lines.
pub(super) fn quiet(mut settings: Settings) -> Settings {
    "warn".clone_into(&mut settings.log.level);
    settings
}

/// Lives, tells what came of it, and fails when something does not hold that must.
pub(super) async fn run(settings: &Settings, simulate: Simulate) -> Result<ExitCode, Trouble> {
    let began = Instant::now();
    let house = house::open(settings).await?;
    let tenant = house
        .store
        .read(|tx| upkeep::tenant(tx, &Scope::of_the_machine(NAME)))
        .await;
    admitted(
        tenant.or_troubled("the database can't be read")?,
        simulate.add,
        &settings.database.url,
    )?;
    let today = house.store.today();
    let course = Course {
        members: simulate.members,
        days: simulate.days,
        seed: simulate.seed,
        until: simulate.until.map_or(today, |day| day.min(today)),
    };
    let lived = live(settings, Arc::new(house.keys.vault()), course, |_| true).await?;
    println!(
        "{} members lived {} days up to {} from seed {}",
        course.members, course.days, course.until, course.seed
    );
    for (what, count) in &lived.tally {
        println!("  {count:>9} {what}");
    }
    let Findings { rows, asked, broken } = &lived.findings;
    for one in broken {
        println!("BROKEN {}", doctor::told(one));
    }
    println!(
        "{rows} rows looked at: {} of {asked} invariants hold",
        asked - broken.len()
    );
    eprintln!("took {} s", began.elapsed().as_secs());
    Ok(if broken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Nobody's own data is mixed with a made-up life.
fn admitted(tenant: Tenant, add: bool, url: &str) -> Result<(), Trouble> {
    let url = without_password(url);
    match tenant {
        Tenant::Nobody => Ok(()),
        Tenant::Demo if add => Ok(()),
        Tenant::Demo => Err(Trouble::new(
            format!("{url} holds a demo or an earlier simulation"),
            "give DATABASE_URL of an empty database, or say --add to live there beside its members",
        )),
        Tenant::Somebody => Err(Trouble::new(
            format!("{url} holds data that no demo put there"),
            "give DATABASE_URL of an empty database: a file that does not exist yet, or an empty database of PostgreSQL",
        )),
    }
}

/// When the jobs run, deliveries leave, those who work with Kiteline do their part, and members theirs.
const MORNING: (u32, u32) = (7, 0);
const DELIVERIES: (u32, u32) = (8, 30);
const OFFICE: (u32, u32) = (10, 0);
const EVENING: (u32, u32) = (19, 30);

fn time((hour, minute): (u32, u32)) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
}

/// Lives a course in a database whose schema is there, in the branches that `of` takes; a database without organisations
/// gets Hai'an's. No e-mail leaves: the notifier is given no way out, whatever the settings say.
pub(super) async fn live(
    settings: &Settings,
    vault: Arc<Vault>,
    course: Course,
    of: impl Fn(&Organisation) -> bool + Sync,
) -> Result<Lived, Trouble> {
    let clock = Arc::new(Standing::default());
    let store = house::store(settings, vault, clock.clone())?;
    let nobody = MailSettings {
        from: mail::settings(&settings.mail).from,
        outlet: Outlet::Nobody,
    };
    let notifier = Notifier::new(store.clone(), &nobody, &webhooks::settings(&settings.webhooks)).or_advise(
        "nothing can be sent with these settings",
        "correct mail.from or webhooks.ca_file",
    )?;
    let passwords = Passwords::new(1).or_advise(
        "passwords can't be hashed",
        "see whether the machine has randomness (/dev/urandom)",
    )?;
    let unknown: uuid::Uuid = store.fresh();
    let hash = passwords.hash_now(&format!("{unknown}{}", uuid::Uuid::new_v4()));
    let hash = hash.or_advise("passwords can't be hashed", "this is a bug to report")?;
    let stage = Stage {
        store,
        clock,
        notifier,
        hash,
    };
    let lived = stage.lives(course, of).await;
    lived.or_troubled("the simulation broke off")
}

/// What a life is played on.
struct Stage {
    store: Store,
    clock: Arc<Standing>,
    notifier: Notifier,
    hash: String,
}

impl Stage {
    async fn lives(self, course: Course, of: impl Fn(&Organisation) -> bool) -> Result<Lived, StoreError> {
        let from = course.until - Days::new(u64::from(course.days) - 1);
        self.set(from - Days::new(1), OFFICE);
        let mut life = self.settle(course, of, from).await?;
        while life.today <= life.until {
            self.set(life.today, MORNING);
            self.plans(&mut life).await?;
            self.set(life.today, DELIVERIES);
            self.delivers(&mut life).await?;
            for hour in Hour::ALL {
                self.set(life.today, if hour == Hour::Office { OFFICE } else { EVENING });
                life = self.does(life, hour).await?;
            }
            self.delivers(&mut life).await?;
            if life.today.day() == 1 {
                eprint!("\r  living: {} ", life.today);
            }
            life.today = life.today + Days::new(1);
        }
        eprintln!("\r  lived up to {}", life.until);
        Ok(Lived {
            tally: life.tally,
            findings: inspection::inspect(&self.store).await?,
        })
    }

    fn set(&self, day: NaiveDate, at: (u32, u32)) {
        self.clock.set(day, time(at), self.store.zone());
    }

    /// The tree, the people and those who work with Kiteline.
    async fn settle(
        &self,
        course: Course,
        of: impl Fn(&Organisation) -> bool,
        from: NaiveDate,
    ) -> Result<Life, StoreError> {
        let all = move |store: &Store| {
            let store = store.clone();
            async move {
                store
                    .read(|tx| imports::organisations_within(tx, &Scope::of_the_machine(NAME)))
                    .await
            }
        };
        let mut organisations = all(&self.store).await?;
        if organisations.is_empty() {
            let marked = self
                .store
                .write(|tx| upkeep::mark_demo(tx, &Scope::of_the_machine(NAME)));
            marked.await?;
            tree::found(&self.store).await?;
            organisations = all(&self.store).await?;
        }
        organisations.retain(|one| one.kind != OrganisationKind::Branch || of(one));
        let branches: Vec<_> = organisations
            .iter()
            .filter(|one| one.kind == OrganisationKind::Branch)
            .collect();
        let branches: Vec<_> = branches.into_iter().map(|branch| branch.id).collect();
        let shape = |index, facts: &mut _| shaped(index, facts, from);
        let added = people::add(&self.store, &branches, course.members, shape).await?;
        let hash = self.hash.clone();
        let mut cast = self
            .store
            .write(move |tx| Cast::appoint(tx, &hash, &organisations))
            .await?;
        for (member, home) in added.people {
            let branch = cast.branches.iter().position(|branch| branch.id == home);
            cast.people.extend(branch.map(|branch| Person {
                member,
                branch,
                app: None,
                trip: None,
                admitted: None,
                gone: false,
            }));
        }
        Ok(Life::new(course.seed, cast, (from, course.until), added.passed_over))
    }

    /// Every job of the day.
    async fn plans(&self, life: &mut Life) -> Result<(), StoreError> {
        for run in self.notifier.plan().await? {
            *life.tally.entry("notifications planned by jobs").or_default() += run.planned;
        }
        Ok(())
    }

    async fn delivers(&self, life: &mut Life) -> Result<(), StoreError> {
        let tally = self.notifier.deliver().await?;
        *life.tally.entry("notifications said").or_default() += tally.sent;
        *life
            .tally
            .entry("notifications not said: no longer true, or too late")
            .or_default() += tally.dropped;
        *life.tally.entry("notifications given up").or_default() += tally.failed;
        Ok(())
    }

    /// What lies on the agenda of an hour, and what follows from it in the same hour.
    async fn does(&self, mut life: Life, hour: Hour) -> Result<Life, StoreError> {
        loop {
            let deeds = life.next(hour);
            if deeds.is_empty() {
                return Ok(life);
            }
            let done = move |tx: &mut persistence::Tx<'_>| {
                for deed in deeds {
                    life.happens(tx, deed)?;
                }
                Ok(life)
            };
            life = self.store.write(done).await?;
        }
    }
}

/// Of made-up members some keep the birthday by the moon, read English, want mail, or are on probation.
fn shaped(index: u64, facts: &mut persistence::members::Facts, from: NaiveDate) {
    use domain::calendar::BirthdayCalendar;
    use domain::codes::Standing;
    use domain::spreadsheet::PartialDate;
    if index % 10 < 3 {
        facts.birthday_calendar = BirthdayCalendar::Lunar;
    }
    facts.by_email = index % 5 < 2;
    if index.is_multiple_of(97) {
        "en".clone_into(&mut facts.language);
    }
    if index % 50 == 7 {
        facts.standing = Standing::Probationary;
        facts.joined = Some(PartialDate::day(from - Days::new(20 + index % 300)));
        facts.full_member_on = None;
    }
}
