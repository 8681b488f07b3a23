//! Who may do what, where. A [`Scope`] is the proof, and only [`Actor::scope`] and [`Scope::of_the_machine`] make one.
use std::marker::PhantomData;

use crate::id::{AccountId, MemberId, OrgPath};
use crate::words;

words! {
    /// A role that an account holds for an organisation's subtree.
    pub enum Role {
        /// A member (党员): the own record only, wherever the grant stands.
        Member = "member",
        /// A branch secretary (支部书记).
        Secretary = "secretary",
        /// A contact officer (联系干部).
        ContactOfficer = "contact_officer",
        /// A regional office (组织部/党委).
        Office = "office",
        /// Organisations, accounts, grants, settings; no people's records.
        Administrator = "administrator",
        /// Reads the audit trail, changes nothing.
        Auditor = "auditor",
    }
}

/// Something that a role may be allowed to do.
pub trait Permission: Send + Sync + 'static {
    /// The stable word in problems, the contract and the access table.
    const NAME: &'static str;
    /// The roles that have it.
    const ROLES: &'static [Role];
}

/// A permission about the caller's own record; its scope reaches that record and nothing else.
pub trait OwnPermission: Permission {}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident => $($role:ident),+;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub struct $name;
            impl Permission for $name {
                const NAME: &'static str = stringify!($name);
                const ROLES: &'static [Role] = &[$(Role::$role),+];
            }
        )+
        /// The whole table, for the access test and the docs.
        pub const ALL: &[(&str, &[Role])] = &[$((stringify!($name), &[$(Role::$role),+])),+];
    };
}

permissions! {
    /// Read the own record, journey, stay and inbox, and who looked at them.
    ReadOwnRecord => Member;
    /// Change the own e-mail address, language and quiet hours.
    ChangeOwnRecord => Member;
    /// Check in, give notice of leaving, report to a host: for oneself.
    ReportOwnMoves => Member;
    /// See the organisations of the subtree.
    ReadOrganisations => Member, Secretary, ContactOfficer, Office, Administrator, Auditor;
    /// Create, change and move organisations.
    ManageOrganisations => Administrator;
    /// Choose what holds for an organisation and, unless they choose otherwise, for those below it.
    ManageSettings => Administrator, Office;
    /// Give and take roles.
    ManageGrants => Administrator;
    /// Read members' records, phones and identity numbers masked.
    ReadMembers => Secretary, ContactOfficer, Office;
    /// Create and change members' records and issue activation codes.
    ManageMembers => Secretary, Office;
    /// See one identity number or phone in full, for a reason that the member can read.
    Reveal => Secretary, Office;
    /// Read journeys and their timelines.
    ReadJourneys => Secretary, ContactOfficer, Office;
    /// Register journeys and lead them through their states.
    ManageJourneys => Secretary, Office;
    /// Record that a member was in contact, on the member's behalf.
    RecordContact => Secretary, ContactOfficer, Office;
    /// See whom one looks after as a contact officer, and hand the list over; another's list is handed over by who leads
    /// journeys and stays.
    LookAfterMembers => Secretary, ContactOfficer, Office;
    /// Confirm that a member is out of contact, or turn the proposal down: as the committee above the branch.
    ConfirmOutOfContact => Office;
    /// See where several members of one branch have gone, and say what comes of it: as the committee above the branch.
    TendClusters => Office;
    /// See, accept and decline transfers of the formal relation to branches of the subtree.
    AnswerTransfers => Secretary, Office;
    /// Read stays and their timelines.
    ReadStays => Secretary, ContactOfficer, Office;
    /// Register stays and lead them through their states.
    ManageStays => Secretary, Office;
    /// Read hand-overs from and to the organisations of the subtree.
    ReadHandovers => Secretary, ContactOfficer, Office;
    /// Answer and withdraw hand-overs.
    AnswerHandovers => Secretary, Office;
    /// See gatherings, who takes part, lecturers, and whose political birthday comes.
    ReadGatherings => Secretary, ContactOfficer, Office;
    /// Plan, change, close and cancel gatherings, and keep the list of lecturers.
    ManageGatherings => Secretary, Office;
    /// Record who was at a gathering, on the members' behalf, and show the code at the place.
    RecordAttendance => Secretary, ContactOfficer, Office;
    /// Pull rosters.
    ReadRosters => Secretary, ContactOfficer, Office;
    /// See statistics; who may not read members' records sees no cell of fewer than three people.
    ReadStatistics => Secretary, ContactOfficer, Office, Administrator, Auditor;
    /// Take over spreadsheets; each kind needs the permission to change what it tells about besides.
    ImportSpreadsheets => Secretary, Office, Administrator;
    /// Read the audit trail.
    ReadAudit => Auditor;
    /// See and run jobs, see what was and was not delivered.
    Operate => Administrator;
}

impl OwnPermission for ReadOwnRecord {}
impl OwnPermission for ChangeOwnRecord {}
impl OwnPermission for ReportOwnMoves {}

/// Where a scope reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Everything under these paths: sorted, none inside another, possibly none at all.
    Subtrees(Vec<OrgPath>),
    /// One member's own record.
    Own(MemberId),
}

/// Who acts, as the timeline and the audit trail name them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The account, unless the machine itself acts (a job, a command).
    pub account: Option<AccountId>,
    /// The name to show: a person's, or the job's or command's.
    pub name: String,
}

/// Proof that the caller holds `P`, and where. Cannot be made outside this module.
#[derive(Debug, Clone)]
pub struct Scope<P> {
    reach: Reach,
    /// Every organisation that a role with the permission is held for; none for the machine.
    seats: Vec<OrgPath>,
    who: Who,
    proof: PhantomData<P>,
}

impl<P> Scope<P> {
    /// Where it reaches.
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Who acts.
    pub const fn who(&self) -> &Who {
        &self.who
    }

    /// Whether what belongs to the organisation at `path` is inside.
    pub fn covers(&self, path: &OrgPath) -> bool {
        match &self.reach {
            Reach::Subtrees(paths) => paths.iter().any(|p| p.contains(path)),
            Reach::Own(_) => false,
        }
    }

    /// Whether it reaches the organisation at `path`, something below it, or what it belongs to: where a contact officer
    /// may look after people.
    pub fn is_near(&self, path: &OrgPath) -> bool {
        match &self.reach {
            Reach::Subtrees(paths) => paths.iter().any(|p| p.is_near(path)),
            Reach::Own(_) => false,
        }
    }

    /// The nearest organisation at or above `path` that a role with the permission is held for; none for the machine.
    pub fn seat(&self, path: &OrgPath) -> Option<&OrgPath> {
        let above = self.seats.iter().filter(|seat| seat.contains(path));
        above.max_by_key(|seat| seat.depth())
    }

    /// Everything, for a job or a command that `name` tells.
    #[must_use]
    pub fn of_the_machine(name: &str) -> Self {
        let who = Who {
            account: None,
            name: name.to_owned(),
        };
        Self {
            reach: Reach::Subtrees(vec![OrgPath::root()]),
            seats: Vec::new(),
            who,
            proof: PhantomData,
        }
    }

    /// The part of this scope under `path`; reaches nothing when `path` is outside.
    #[must_use]
    pub fn within(&self, path: &OrgPath) -> Self {
        let reach = match &self.reach {
            Reach::Subtrees(_) if self.covers(path) => Reach::Subtrees(vec![path.clone()]),
            Reach::Subtrees(paths) => Reach::Subtrees(paths.iter().filter(|p| path.contains(p)).cloned().collect()),
            own @ Reach::Own(_) => own.clone(),
        };
        Self {
            reach,
            seats: self.seats.clone(),
            who: self.who.clone(),
            proof: PhantomData,
        }
    }
}

impl<P: OwnPermission> Scope<P> {
    /// The member whose record it is; an own permission reaches nothing else.
    ///
    /// # Errors
    /// [`Denied`] for a scope of the machine, which has no own record.
    pub const fn me(&self) -> Result<MemberId, Denied> {
        match self.reach {
            Reach::Own(me) => Ok(me),
            Reach::Subtrees(_) => Err(Denied(P::NAME)),
        }
    }
}

/// A role held for a subtree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What.
    pub role: Role,
    /// Where.
    pub path: OrgPath,
}

/// Who is asking, with the grants held at this moment.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// The name to show.
    pub name: String,
    /// The member behind the account, if any.
    pub member: Option<MemberId>,
    /// What the account may do where.
    pub grants: Vec<Grant>,
}

/// The caller holds no role with this permission.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
#[error("no role held here permits {0}")]
pub struct Denied(pub &'static str);

impl Actor {
    /// The caller's scope for `P`.
    ///
    /// A permission that staff roles carry reaches the subtrees of their grants; one that the member role carries
    /// reaches the own record, or, where staff roles carry it too, the grant's subtree.
    ///
    /// # Errors
    /// [`Denied`] when no grant carries the permission.
    pub fn scope<P: Permission>(&self) -> Result<Scope<P>, Denied> {
        let mut paths: Vec<_> = self
            .grants
            .iter()
            .filter(|g| P::ROLES.contains(&g.role))
            .map(|g| g.path.clone())
            .collect();
        if paths.is_empty() {
            return Err(Denied(P::NAME));
        }
        let who = Who {
            account: Some(self.account),
            name: self.name.clone(),
        };
        if P::ROLES == [Role::Member] {
            let me = self.member.ok_or(Denied(P::NAME))?;
            return Ok(Scope {
                reach: Reach::Own(me),
                seats: paths,
                who,
                proof: PhantomData,
            });
        }
        let seats = paths.clone();
        paths.sort();
        paths.dedup_by(|inner, outer| outer.contains(inner));
        Ok(Scope {
            reach: Reach::Subtrees(paths),
            seats,
            who,
            proof: PhantomData,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn actor(grants: &[(Role, &str)], member: Option<MemberId>) -> Actor {
        let grants = grants
            .iter()
            .map(|(role, path)| Grant {
                role: *role,
                path: path.parse().unwrap(),
            })
            .collect();
        Actor {
            account: AccountId(Uuid::nil()),
            name: "李书记".to_owned(),
            member,
            grants,
        }
    }

    #[test]
    fn a_secretary_reaches_the_branch_and_no_neighbour() {
        let scope = actor(&[(Role::Secretary, "/c/t/v1/")], None)
            .scope::<ManageJourneys>()
            .unwrap();
        assert!(scope.covers(&"/c/t/v1/".parse().unwrap()));
        assert!(!scope.covers(&"/c/t/v2/".parse().unwrap()));
        assert!(!scope.covers(&"/c/t/".parse().unwrap()));
    }

    #[test]
    fn a_grant_inside_another_adds_nothing() {
        let scope = actor(
            &[
                (Role::Office, "/c/t/v1/"),
                (Role::Office, "/c/"),
                (Role::Secretary, "/d/"),
            ],
            None,
        );
        let scope = scope.scope::<ReadRosters>().unwrap();
        let expected = ["/c/", "/d/"].map(|p| p.parse().unwrap()).to_vec();
        assert_eq!(scope.reach(), &Reach::Subtrees(expected));
    }

    #[test]
    fn a_seat_is_the_nearest_organisation_above_that_a_role_is_held_for() {
        let scope = actor(&[(Role::Office, "/c/"), (Role::Secretary, "/c/t/v1/")], None)
            .scope::<AnswerHandovers>()
            .unwrap();
        let seat = |path: &str| scope.seat(&path.parse().unwrap()).map(OrgPath::as_str);
        assert_eq!(seat("/c/t/v1/"), Some("/c/t/v1/"));
        assert_eq!(seat("/c/t/v2/"), Some("/c/"));
        assert_eq!(seat("/d/"), None);
        let machine = Scope::<AnswerHandovers>::of_the_machine("test");
        assert_eq!(machine.seat(&"/c/".parse().unwrap()), None);
    }

    #[test]
    fn a_member_reaches_the_own_record_only() {
        let me = MemberId(Uuid::from_u128(7));
        let member = actor(&[(Role::Member, "/c/")], Some(me));
        assert_eq!(member.scope::<ReportOwnMoves>().unwrap().me(), Ok(me));
        assert_eq!(member.scope::<ReadMembers>().unwrap_err(), Denied("ReadMembers"));
    }

    #[test]
    fn a_narrower_scope_never_grows() {
        let scope = actor(&[(Role::Office, "/c/t/")], None).scope::<ReadRosters>().unwrap();
        let all = scope.within(&OrgPath::root());
        assert_eq!(all.reach(), scope.reach());
        assert_eq!(scope.within(&"/d/".parse().unwrap()).reach(), &Reach::Subtrees(vec![]));
        let one = scope.within(&"/c/t/v/".parse().unwrap());
        assert_eq!(one.reach(), &Reach::Subtrees(vec!["/c/t/v/".parse().unwrap()]));
    }
}
