//! One account a role, with generated passwords that `accounts.json` keeps.
use std::net::SocketAddr;

use domain::access::{ManageGrants, Role, Scope};
use domain::id::{AccountId, MemberId, OrganisationId};
use persistence::accounts::{self, NewAccount};
use persistence::organisations::Organisation;
use persistence::{StoreError, Tx};
use rand::seq::IndexedRandom as _;
use serde::{Deserialize, Serialize};

use crate::commands::house::NAME;

/// `accounts.json`: what scripts need to log in.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct AccountsFile {
    /// Where the server listens.
    pub(super) base_url: String,
    /// One account a role.
    pub(super) accounts: Vec<Account>,
}

/// An account with its password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Account {
    pub(super) login: String,
    pub(super) password: String,
    pub(super) role: String,
    pub(super) organisation_code: String,
    pub(super) organisation_id: OrganisationId,
    /// The member behind it, for members.
    pub(super) member_id: Option<MemberId>,
    /// Its id, while the demo is built.
    #[serde(skip)]
    pub(super) id: Option<AccountId>,
}

impl AccountsFile {
    /// The same accounts on a server that listens there.
    pub(super) fn at(self, address: SocketAddr) -> Self {
        let host = match address.ip() {
            ip if ip.is_unspecified() => "127.0.0.1".to_owned(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
            std::net::IpAddr::V4(ip) => ip.to_string(),
        };
        Self {
            base_url: format!("http://{host}:{}", address.port()),
            ..self
        }
    }

    /// The account of that login.
    pub(super) fn find(&self, login: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.login == login)
    }
}

/// Who gets an account.
pub(super) struct Somebody {
    pub(super) login: &'static str,
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) at: Organisation,
    pub(super) member: Option<MemberId>,
    pub(super) email: Option<String>,
}

/// Characters of a password: none that look alike.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Groups of a password, of four characters each: 79 bits.
const GROUPS: usize = 4;

/// A password for a person to type.
pub(super) fn password() -> String {
    let mut rng = rand::rng();
    let mut group = || -> String {
        (0..4)
            .filter_map(|_| ALPHABET.choose(&mut rng))
            .map(|byte| char::from(*byte))
            .collect()
    };
    (0..GROUPS).map(|_| group()).collect::<Vec<_>>().join("-")
}

/// Makes the account.
pub(super) fn create(tx: &mut Tx<'_>, who: &Somebody, password: String, hash: String) -> Result<Account, StoreError> {
    let scope: Scope<ManageGrants> = Scope::of_the_machine(NAME);
    let new = NewAccount {
        id: tx.fresh(),
        login: who.login.parse().map_err(StoreError::corrupt)?,
        password_hash: hash,
        member: who.member,
        name: who.name.clone(),
        email: who.email.clone(),
        language: "zh-CN".to_owned(),
    };
    let account = accounts::create(tx, &scope, new, who.role, who.at.id)?;
    Ok(Account {
        login: who.login.to_owned(),
        password,
        role: who.role.to_string(),
        organisation_code: who.at.code.clone(),
        organisation_id: who.at.id,
        member_id: who.member,
        id: Some(account.id),
    })
}
