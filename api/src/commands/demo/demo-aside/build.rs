//! Builds the demo's county: its tree and people, an account a role, and stories in every state.
use std::sync::Arc;

use domain::access::{Actor, Grant, Role, Scope};
use domain::id::OrganisationId;
use domain::organisation::OrganisationKind;
use persistence::members::{self, Member, MemberFilter};
use persistence::organisations::Organisation;
use persistence::{Store, StoreError, upkeep};

use super::accounts::{self, Account, AccountsFile, Somebody};
use super::clock::Backdated;
use super::folder::Folder;
use super::kites::{self, KITES, Secretary};
use super::{people, tree};
use crate::auth::password::Passwords;
use crate::commands::house::{self, House, NAME, OrTroubled as _};
use crate::commands::trouble::{OrAdvise as _, Trouble};
use crate::config::Settings;

/// The branch whose secretary has an account: a village of Libao town.
const VILLAGE: &str = "320685103001";
/// The host whose secretary has an account: the workstation of Chengdong town.
const HOST: &str = "S02";
/// The host in Shanghai of the member with an account.
const SHANGHAI: &str = "Z02";
/// The county.
const COUNTY: &str = "320685";

/// Builds the county and says how to log in.
pub(super) async fn build(
    settings: &Settings,
    house: &House,
    folder: &Folder,
    more_members: u32,
) -> Result<AccountsFile, Trouble> {
    eprintln!("building a county in {}", folder.path().display());
    let clock = Arc::new(Backdated::default());
    let store = house::store(settings, house.keys.vault().into(), clock.clone())?;
    let passwords = Passwords::new(1).or_advise(
        "passwords can't be hashed",
        "see whether the machine has randomness (/dev/urandom)",
    )?;
    let built = county(&store, &clock, &passwords, more_members).await;
    built.or_troubled("the demo can't be built")
}

async fn county(
    store: &Store,
    clock: &Arc<Backdated>,
    passwords: &Passwords,
    more_members: u32,
) -> Result<AccountsFile, StoreError> {
    store
        .write(|tx| upkeep::mark_demo(tx, &Scope::of_the_machine(NAME)))
        .await?;
    let organisations = tree::plant(store, clock).await?;
    let branches: Vec<_> = organisations
        .iter()
        .filter(|one| one.kind == OrganisationKind::Branch)
        .map(|one| one.id)
        .collect();
    people::add(store, &branches, more_members).await?;
    let places = Places::of(&organisations)?;
    let villagers = villagers(store, places.village.id).await?;
    let file = admit(store, passwords, &places, &villagers).await?;
    let secretary = secretary(&file, places.village)?;
    fly(store, clock, &secretary, &places, &villagers).await?;
    tree::take_registers(store).await?;
    Ok(file)
}

/// The organisations at which somebody has an account.
struct Places<'a> {
    county: &'a Organisation,
    village: &'a Organisation,
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
            host: find(HOST)?,
            shanghai: find(SHANGHAI)?,
        })
    }
}

/// The members of the village, in the order of its roster.
async fn villagers(store: &Store, village: OrganisationId) -> Result<Vec<Member>, StoreError> {
    store
        .read(move |tx| {
            let filter = MemberFilter {
                organisation: Some(village),
                ..MemberFilter::default()
            };
            members::list(tx, &Scope::of_the_machine(NAME), &filter, None, 100)
        })
        .await
}

/// Makes the accounts.
async fn admit(
    store: &Store,
    passwords: &Passwords,
    places: &Places<'_>,
    villagers: &[Member],
) -> Result<AccountsFile, StoreError> {
    let member = villagers
        .get(kites::OF_THE_MEMBER)
        .ok_or(StoreError::NotFound("member"))?;
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
    let who = Somebody {
        login: "member",
        name: member.facts.name.clone(),
        role: Role::Member,
        email: None,
        at: places.village.clone(),
        member: Some(member.id),
    };
    file.accounts.push(account(store, passwords, who).await?);
    Ok(file)
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
    secretary: &Secretary,
    places: &Places<'_>,
    villagers: &[Member],
) -> Result<(), StoreError> {
    let today = store.today();
    for (number, (kite, member)) in KITES.iter().zip(villagers).enumerate() {
        let host = (number == kites::OF_THE_MEMBER).then_some(places.shanghai.id);
        kites::play((store, clock), secretary, member.id, kite, host, today).await?;
    }
    clock.set(0);
    Ok(())
}

/// The scopes of the village's secretary.
fn secretary(file: &AccountsFile, village: &Organisation) -> Result<Secretary, StoreError> {
    let account = file.find("secretary").and_then(|account| account.id);
    let actor = Actor {
        account: account.ok_or(StoreError::NotFound("account"))?,
        name: "李书记".to_owned(),
        member: None,
        grants: vec![Grant {
            role: Role::Secretary,
            path: village.path.clone(),
        }],
    };
    Ok(Secretary {
        leads: actor.scope()?,
        reads: actor.scope()?,
        records: actor.scope()?,
    })
}
