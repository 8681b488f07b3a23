//! Who lives: the branches with their secretaries, the committees above them, the hosts, and the members.
use std::collections::HashMap;
use std::sync::Arc;

use domain::access::{Actor, Grant, ManageGrants, Permission, Role, Scope};
use domain::id::{AccountId, MemberId, OrgPath, OrganisationId};
use domain::organisation::OrganisationKind;
use persistence::accounts::{self, NewAccount};
use persistence::members::Member;
use persistence::organisations::Organisation;
use persistence::{StoreError, Tx};

use crate::commands::house::NAME;

/// Somebody who works with Kiteline, or a member who does by the app.
pub(super) type Somebody = Arc<Actor>;

/// A committee above branches.
#[derive(Debug, Clone)]
pub(super) struct Committee {
    pub(super) id: OrganisationId,
    pub(super) office: Somebody,
}

/// A branch that keeps formal relations.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    pub(super) id: OrganisationId,
    pub(super) secretary: Somebody,
    /// The office of the committee above it.
    pub(super) office: Somebody,
    /// The places of those who have taken the app into use there; some may have gone since.
    pub(super) by_app: Vec<usize>,
}

/// An organisation that takes in people who come.
#[derive(Debug, Clone)]
pub(super) struct Host {
    pub(super) id: OrganisationId,
    pub(super) code: String,
    pub(super) division: Option<String>,
    /// Where those who are admitted belong.
    pub(super) home_unit: OrganisationId,
    pub(super) secretary: Somebody,
}

/// The place of an organisation that people turn to, among the branches or among the hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seat {
    Branch(usize),
    Host(usize),
}

/// A member.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) member: MemberId,
    /// The place of the branch among the branches.
    pub(super) branch: usize,
    /// Who has the app.
    pub(super) app: Option<Somebody>,
    /// The journey that is open, by its place.
    pub(super) trip: Option<usize>,
    /// The stay in which the member is admitted, by its place.
    pub(super) admitted: Option<usize>,
    /// Deceased, left, suspended, or no longer the county's.
    pub(super) gone: bool,
}

/// Everybody.
#[derive(Debug, Default)]
pub(super) struct Cast {
    pub(super) committees: Vec<Committee>,
    pub(super) branches: Vec<Branch>,
    pub(super) hosts: Vec<Host>,
    pub(super) people: Vec<Person>,
    /// Of a password that nobody knows.
    hash: String,
}

/// What somebody may do.
pub(super) fn may<P: Permission>(who: &Actor) -> Result<Scope<P>, StoreError> {
    Ok(who.scope()?)
}

impl Cast {
    /// Gives the organisations their secretaries and offices.
    pub(super) fn appoint(tx: &mut Tx<'_>, hash: &str, all: &[Organisation]) -> Result<Self, StoreError> {
        let mut cast = Self {
            hash: hash.to_owned(),
            ..Self::default()
        };
        let mut offices: HashMap<OrganisationId, Somebody> = HashMap::new();
        let by_id: HashMap<_, _> = all.iter().map(|one| (one.id, one)).collect();
        for one in all {
            if !one.active || one.parent.is_none() {
                continue;
            }
            let Some(above) = one.parent.and_then(|parent| by_id.get(&parent)) else {
                continue;
            };
            if one.kind == OrganisationKind::Branch {
                let office = match offices.get(&above.id) {
                    Some(known) => Arc::clone(known),
                    None => cast.take_office(tx, above)?,
                };
                offices.insert(above.id, Arc::clone(&office));
                let secretary = cast.staff(tx, one, Role::Secretary, "书记")?;
                cast.branches.push(Branch {
                    id: one.id,
                    secretary,
                    office,
                    by_app: Vec::new(),
                });
            } else if is_host(one.kind) {
                let below = all.iter().find(|unit| unit.parent == Some(one.id));
                let secretary = cast.staff(tx, one, Role::Secretary, "接收书记")?;
                cast.hosts.push(Host {
                    id: one.id,
                    code: one.code.clone(),
                    division: one.division_code.clone(),
                    home_unit: below.map_or(one.id, |unit| unit.id),
                    secretary,
                });
            }
        }
        Ok(cast)
    }

    /// The office of a committee.
    fn take_office(&mut self, tx: &mut Tx<'_>, at: &Organisation) -> Result<Somebody, StoreError> {
        let office = self.staff(tx, at, Role::Office, "组织委员")?;
        self.committees.push(Committee {
            id: at.id,
            office: Arc::clone(&office),
        });
        Ok(office)
    }

    /// The organisation that has a seat, and its secretary.
    pub(super) fn seated(&self, seat: Seat) -> Result<(OrganisationId, Somebody), StoreError> {
        let found = match seat {
            Seat::Branch(at) => self.branches.get(at).map(|one| (one.id, &one.secretary)),
            Seat::Host(at) => self.hosts.get(at).map(|one| (one.id, &one.secretary)),
        };
        let (id, secretary) = found.ok_or(StoreError::NotFound("organisation"))?;
        Ok((id, Arc::clone(secretary)))
    }

    /// An account with a role at an organisation.
    fn staff(&self, tx: &mut Tx<'_>, at: &Organisation, role: Role, title: &str) -> Result<Somebody, StoreError> {
        let name = format!("{}{title}", at.name);
        let (account, name) = self.account(tx, (name, None), role, at.id)?;
        Ok(actor(account, name, None, (role, at.path.clone())))
    }

    /// The account of a member who takes the app into use.
    pub(super) fn take_up_the_app(&self, tx: &mut Tx<'_>, member: &Member) -> Result<Somebody, StoreError> {
        let name = member.facts.name.clone();
        let (account, name) = self.account(tx, (name, Some(member.id)), Role::Member, member.home_branch)?;
        Ok(actor(
            account,
            name,
            Some(member.id),
            (Role::Member, member.path.clone()),
        ))
    }

    fn account(
        &self,
        tx: &mut Tx<'_>,
        (name, member): (String, Option<MemberId>),
        role: Role,
        at: OrganisationId,
    ) -> Result<(AccountId, String), StoreError> {
        let id: AccountId = tx.fresh();
        let new = NewAccount {
            id,
            login: format!("s{}", id.0.simple()).parse().map_err(StoreError::corrupt)?,
            password_hash: self.hash.clone(),
            member,
            name: name.clone(),
            email: None,
            language: "zh-CN".to_owned(),
        };
        let scope: Scope<ManageGrants> = Scope::of_the_machine(NAME);
        let account = accounts::create(tx, &scope, new, role, at)?;
        Ok((account.id, name))
    }
}

fn actor(account: AccountId, name: String, member: Option<MemberId>, (role, path): (Role, OrgPath)) -> Somebody {
    Arc::new(Actor {
        account,
        name,
        member,
        grants: vec![Grant { role, path }],
    })
}

const fn is_host(kind: OrganisationKind) -> bool {
    matches!(
        kind,
        OrganisationKind::Workstation | OrganisationKind::ResidenceCommittee | OrganisationKind::MobileBranch
    )
}
