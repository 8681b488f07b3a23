//! The desk: logging in, going on, activating and changing the password, from words to store calls.
use std::sync::Arc;

use domain::access::Actor;
use domain::id::{AccountId, SessionId};
use domain::login::Login;
use persistence::activations::{self, Activation};
use persistence::logins::{self, Credentials, Door};
use persistence::sessions::{self, Holding, NewSession, Refreshed};
use persistence::{Store, accounts};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::password::{self, Passwords};
use super::token::{self, Signer};
use crate::problem::Failure;

/// Hands out tokens.
#[derive(Clone)]
pub(crate) struct Desk {
    store: Store,
    signer: Arc<Signer>,
    passwords: Passwords,
}

/// What somebody who proved to be the holder gets.
pub(crate) struct Pass {
    /// For each request, a quarter of an hour.
    pub(crate) access_token: String,
    /// For the next pass, once.
    pub(crate) refresh_token: String,
    /// Who that is, and with which roles.
    pub(crate) holding: Holding,
}

/// A login and its password as typed.
pub(crate) struct Attempt {
    /// A login, or a member's phone.
    pub(crate) login: String,
    /// The password.
    pub(crate) password: Zeroizing<String>,
    /// What the caller names the device.
    pub(crate) device: Option<String>,
}

/// A code with the password, and perhaps the login, that the member chose.
pub(crate) struct Choice {
    /// The code as typed.
    pub(crate) code: String,
    /// The password.
    pub(crate) password: Zeroizing<String>,
    /// The login, if the member wants one of their own.
    pub(crate) login: Option<Login>,
    /// What the caller names the device.
    pub(crate) device: Option<String>,
}

impl Desk {
    /// A desk before this store.
    pub(crate) const fn new(store: Store, signer: Arc<Signer>, passwords: Passwords) -> Self {
        Self {
            store,
            signer,
            passwords,
        }
    }

    /// What signs, for its public keys.
    pub(crate) fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The hash of a password for an account about to be made.
    pub(crate) async fn hash(&self, password: Zeroizing<String>) -> Result<String, Failure> {
        self.passwords.hash(password).await
    }

    /// Logs in. An unknown login and a wrong password are answered alike and after the same work.
    pub(crate) async fn log_in(&self, attempt: Attempt) -> Result<Pass, Failure> {
        let Attempt {
            login,
            password,
            device,
        } = attempt;
        let account = self.prove(login.clone(), password).await?;
        let (session, refresh_token) = fresh();
        let kept = refresh_token.clone();
        let holding = self
            .store
            .write(move |tx| {
                let new = NewSession {
                    id: session,
                    account,
                    device: device.as_deref(),
                    refresh_token: &kept,
                };
                logins::succeeded(tx, &login, &new)?;
                sessions::holding(tx, account)
            })
            .await?;
        self.pass(session, refresh_token, holding)
    }

    /// Goes on with a session. A refresh token that comes a second time ends it.
    pub(crate) async fn refresh(&self, token: String) -> Result<Pass, Failure> {
        let next = token::refresh_token();
        let kept = next.clone();
        match self.store.write(move |tx| sessions::refresh(tx, &token, &kept)).await? {
            Refreshed::Carried(session, holding) => self.pass(session, next, *holding),
            Refreshed::Reused | Refreshed::Refused => Err(Failure::Unauthenticated),
        }
    }

    /// Makes a member's account, or gives it a new password, for a code; and logs in.
    pub(crate) async fn activate(&self, choice: Choice) -> Result<Pass, Failure> {
        let Choice {
            code,
            password,
            login,
            device,
        } = choice;
        let code = super::code::as_meant(&code);
        let wanted = login.as_ref().map_or("", Login::as_str);
        password::check(&password, wanted).map_err(|why| Failure::invalid("/password", why))?;
        let looked_up = code.clone();
        self.store.read(move |tx| activations::check(tx, &looked_up)).await?;
        let password_hash = self.passwords.hash(password).await?;
        let login = match login {
            Some(login) => login,
            None => generated()?,
        };
        let (session, refresh_token) = fresh();
        let kept = refresh_token.clone();
        let holding = self
            .store
            .write(move |tx| {
                let account: AccountId = tx.fresh();
                let new = Activation {
                    code: &code,
                    password_hash: &password_hash,
                    login,
                    account,
                };
                let opened = NewSession {
                    id: session,
                    account,
                    device: device.as_deref(),
                    refresh_token: &kept,
                };
                activations::redeem_and_start(tx, new, &opened)
            })
            .await?;
        self.pass(session, refresh_token, holding)
    }

    /// Changes the caller's password, and ends the caller's other sessions.
    pub(crate) async fn change_password(
        &self,
        actor: Actor,
        here: SessionId,
        current: Zeroizing<String>,
        new: Zeroizing<String>,
    ) -> Result<(), Failure> {
        let me = actor.clone();
        let account = self.store.read(move |tx| accounts::own(tx, &me)).await?;
        password::check(&new, &account.login).map_err(|why| Failure::invalid("/new", why))?;
        self.prove(account.login, current).await?;
        let hash = self.passwords.hash(new).await?;
        let change = move |tx: &mut persistence::Tx<'_>| sessions::change_password(tx, &actor, here, &hash);
        Ok(self.store.write(change).await?)
    }

    /// Whose login and password these are. Each failure is remembered, and slows down the next.
    async fn prove(&self, login: String, password: Zeroizing<String>) -> Result<AccountId, Failure> {
        let typed = login.clone();
        let found = match self.store.read(move |tx| logins::look_up(tx, &typed)).await? {
            Door::Open(found) => found,
            Door::Shut(left) => {
                let seconds = u64::try_from(left.num_seconds()).unwrap_or_default();
                return Err(Failure::TooMany(seconds + 1));
            }
        };
        let (account, hash) = match found {
            Some(Credentials { account, password_hash }) => (Some(account), password_hash),
            None => (None, None),
        };
        let fits = self.passwords.verify(password, hash).await?;
        match account {
            Some(account) if fits => Ok(account),
            account => {
                self.store.write(move |tx| logins::failed(tx, &login, account)).await?;
                Err(Failure::WrongPassword)
            }
        }
    }

    fn pass(&self, session: SessionId, refresh_token: String, holding: Holding) -> Result<Pass, Failure> {
        let signed = self.signer.sign(holding.account.id, session, self.store.now());
        Ok(Pass {
            access_token: signed.map_err(|error| Failure::Internal(error.to_string()))?,
            refresh_token,
            holding,
        })
    }
}

fn fresh() -> (SessionId, String) {
    (SessionId(Uuid::now_v7()), token::refresh_token())
}

/// A login for a member who wants none: the phone opens the door too.
fn generated() -> Result<Login, Failure> {
    let login = format!("m-{}", super::code::random(8));
    login
        .parse()
        .map_err(|_code| Failure::Internal("a generated login is malformed".to_owned()))
}
