//! Builds the demo's county: its tree and people, an account a role, and stories in every state.
use std::sync::Arc;

use chrono::Days;
use domain::access::{Actor, Grant, Role, Scope};
use domain::id::{OrgPath, OrganisationId};
use domain::organisation::OrganisationKind;
use persistence::members::{self, Member, MemberFilter};
use persistence::organisations::Organisation;
use persistence::{Store, StoreError, upkeep};

use super::accounts::{self, Account, AccountsFile, Somebody};
use super::clock::Backdated;
use super::folder::Folder;
use super::kites::{self, KITES, Secretary};
use super::magnets::{self, Host, MAGNETS, Origin};
use super::{people, tree};
use crate::auth::password::Passwords;
use crate::commands::house::{self, House, NAME, OrTroubled as _};
use crate::commands::simulate::{self, Course};
use crate::commands::trouble::{OrAdvise as _, Trouble};
use crate::config::Settings;

/// The branch whose secretary has an account: a village of Libao town.
const VILLAGE: &str = "320685103001";
/// The branch from which members go to the host.
const NEXT_VILLAGE: &str = "320685103002";
/// The host whose secretary has an account: the workstation of Chengdong town.
const HOST: &str = "S02";
/// The unit in which the host has its guests.
const HOME_UNIT: &str = "T02";
/// The host in Shanghai of the member with an account.
const SHANGHAI: &str = "Z02";
/// The seed of the past that the county has.
const SEED: u64 = 320_685;
/// The county.
const COUNTY: &str = "320685";

/// Builds the county and says how to log in.
pub(super) async fn build(
    settings: &Settings,
    house: &House,
    folder: &Folder,
    (more_members, past): (u32, u32),
) -> Result<AccountsFile, Trouble> {
    eprintln!("building a county in {}", folder.path().display());
    let clock = Arc::new(Backdated::default());
    let store = house::store(settings, house.keys.vault().into(), clock.clone())?;
    let passwords = Passwords::new(1).or_advise(
        "passwords can't be hashed",
        "see whether the machine has randomness (/dev/urandom)",
    )?;
    let planted = plant(&store, &clock).await;
    let organisations = planted.or_troubled("the demo can't be built")?;
    if past > 0 {
        let course = Course {
            members: past,
            days: tree::PAST_DAYS,
            seed: SEED,
            until: house.store.today() - Days::new(1),
        };
        let elsewhere = |one: &Organisation| ![VILLAGE, NEXT_VILLAGE].contains(&one.code.as_str());
        simulate::live(settings, house.keys.vault().into(), course, elsewhere).await?;
    }
    let built = county(&store, &clock, &passwords, &organisations, more_members).await;
    built.or_troubled("the demo can't be built")
}

async fn plant(store: &Store, clock: &Arc<Backdated>) -> Result<Vec<Organisation>, StoreError> {
    store
        .write(|tx| upkeep::mark_demo(tx, &Scope::of_the_machine(NAME)))
        .await?;
    tree::plant(store, clock).await
}

async fn county(
    store: &Store,
    clock: &Arc<Backdated>,
    passwords: &Passwords,
    organisations: &[Organisation],
    more_members: u32,
) -> Result<AccountsFile, StoreError> {
    let branches: Vec<_> = organisations
        .iter()
        .filter(|one| one.kind == OrganisationKind::Branch)
        .map(|one| one.id)
        .collect();
    let places = Places::of(organisations)?;
    let (villagers, guests) = (
        villagers(store, places.village.id).await?,
        villagers(store, places.next_village.id).await?,
    );
    let mut file = staff(store, passwords, &places).await?;
    for (login, people, number) in [
        ("member", &villagers, kites::OF_THE_MEMBER),
        ("guest", &guests, magnets::OF_THE_GUEST),
    ] {
        let member = people.get(number).ok_or(StoreError::NotFound("member"))?;
        let home = if login == "member" {
            places.village
        } else {
            places.next_village
        };
        file.accounts
            .push(account(store, passwords, member_account(login, member, home)).await?);
    }
    fly(store, clock, &file, &places, &villagers).await?;
    attract(store, clock, &file, &places, &guests).await?;
    tree::take_registers(store, clock).await?;
    people::add(store, &branches, more_members, |_, _| {}).await?;
    Ok(file)
}

/// The organisations at which somebody has an account.
struct Places<'a> {
    county: &'a Organisation,
    village: &'a Organisation,
    next_village: &'a Organisation,
    home_unit: &'a Organisation,
    host: &'a Organisation,
    shanghai: &'a Organisation,
}

impl<'a> Places<'a> {
    fn of(all: &'a [Organisation]) -> Result<Self, StoreError> {
        let find = |code: &'static str| {
            all.iter()
                .find(|one| one.code == code)
                .ok_or(StoreError::NotFound("organisation"))
        };
        Ok(Self {
            county: find(COUNTY)?,
            village: find(VILLAGE)?,
            next_village: find(NEXT_VILLAGE)?,
            home_unit: find(HOME_UNIT)?,
            host: find(HOST)?,
            shanghai: find(SHANGHAI)?,
        })
    }
}

/// More members than a village has at the beginning.
const MOST: i64 = 1_000;

/// The members of a village by name, so that the stories are the same people's each time.
async fn villagers(store: &Store, village: OrganisationId) -> Result<Vec<Member>, StoreError> {
    store
        .read(move |tx| {
            let filter = MemberFilter {
                organisation: Some(village),
                ..MemberFilter::default()
            };
            let mut found = members::list(tx, &Scope::of_the_machine(NAME), &filter, None, MOST)?;
            found.sort_by(|one, other| one.facts.name.cmp(&other.facts.name));
            Ok(found)
        })
        .await
}

/// Makes the accounts of those who work with Kiteline.
async fn staff(store: &Store, passwords: &Passwords, places: &Places<'_>) -> Result<AccountsFile, StoreError> {
    let staff = [
        ("secretary", "李书记", Role::Secretary, places.village),
        ("officer", "周联系员", Role::ContactOfficer, places.village),
        ("office", "组织部值班", Role::Office, places.county),
        ("admin", "系统管理员", Role::Administrator, places.county),
        ("auditor", "审计员", Role::Auditor, places.county),
        ("host", "城东工作站书记", Role::Secretary, places.host),
    ];
    let mut file = AccountsFile::default();
    for (login, name, role, at) in staff {
        let who = Somebody {
            login,
            name: name.to_owned(),
            role,
            email: Some(format!("{login}@example.org")),
            at: at.clone(),
            member: None,
        };
        file.accounts.push(account(store, passwords, who).await?);
    }
    Ok(file)
}

fn member_account(login: &'static str, member: &Member, home: &Organisation) -> Somebody {
    Somebody {
        login,
        name: member.facts.name.clone(),
        role: Role::Member,
        email: None,
        at: home.clone(),
        member: Some(member.id),
    }
}

async fn account(store: &Store, passwords: &Passwords, who: Somebody) -> Result<Account, StoreError> {
    let password = accounts::password();
    let hash = passwords
        .hash_now(&password)
        .map_err(|error| StoreError::corrupt(error.to_string()))?;
    store.write(move |tx| accounts::create(tx, &who, password, hash)).await
}

/// Plays the kites, a villager each.
async fn fly(
    store: &Store,
    clock: &Arc<Backdated>,
    file: &AccountsFile,
    places: &Places<'_>,
    villagers: &[Member],
) -> Result<(), StoreError> {
    clock.set(0);
    let today = store.today();
    let secretary = secretary(&actor(file, "secretary", "李书记", &places.village.path)?)?;
    let officer = file.find("officer").and_then(|account| account.id);
    for (number, (kite, member)) in KITES.iter().zip(villagers).enumerate() {
        let host = (number == kites::OF_THE_MEMBER).then_some(places.shanghai.id);
        let journey = kites::play((store, clock), &secretary, member.id, kite, host, today).await?;
        if let Some(officer) = officer.filter(|_| kites::LOOKED_AFTER.contains(&number)) {
            kites::look_after(store, &secretary, journey, officer).await?;
        }
    }
    Ok(())
}

/// Plays the magnets, a member of the next village each.
async fn attract(
    store: &Store,
    clock: &Arc<Backdated>,
    file: &AccountsFile,
    places: &Places<'_>,
    guests: &[Member],
) -> Result<(), StoreError> {
    clock.set(0);
    let today = store.today();
    let there = actor(file, "office", "组织部值班", &places.next_village.path)?;
    let here = actor(file, "host", "城东工作站书记", &places.host.path)?;
    let origin = Origin {
        leads: secretary(&there)?,
        answers: there.scope()?,
    };
    let host = Host {
        id: places.host.id,
        home_unit: places.home_unit.id,
        manages: here.scope()?,
        reads: here.scope()?,
        answers: here.scope()?,
        sees: here.scope()?,
    };
    for (magnet, member) in MAGNETS.iter().zip(guests) {
        magnets::play((store, clock), (&origin, &host), member, magnet, today).await?;
    }
    Ok(())
}

/// Somebody with a secretary's role at a place.
fn actor(file: &AccountsFile, login: &str, name: &str, path: &OrgPath) -> Result<Actor, StoreError> {
    let account = file.find(login).and_then(|account| account.id);
    Ok(Actor {
        account: account.ok_or(StoreError::NotFound("account"))?,
        name: name.to_owned(),
        member: None,
        grants: vec![Grant {
            role: Role::Secretary,
            path: path.clone(),
        }],
    })
}

fn secretary(actor: &Actor) -> Result<Secretary, StoreError> {
    Ok(Secretary {
        leads: actor.scope()?,
        reads: actor.scope()?,
        records: actor.scope()?,
    })
}
