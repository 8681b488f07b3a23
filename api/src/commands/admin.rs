//! `kiteline admin`: the first account, from which all others are made.
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::process::{Command, ExitCode, Stdio};

use clap::{Args, Subcommand};
use domain::access::{ManageGrants, ReadOrganisations, Role, Scope};
use domain::login::Login;
use persistence::accounts::{self, NewAccount};
use persistence::{Store, organisations};
use zeroize::Zeroizing;

use super::house::{self, NAME, OrTroubled as _};
use super::trouble::{OrAdvise as _, Trouble};
use crate::auth::password::{self, Passwords};
use crate::config::Settings;

#[derive(Subcommand)]
pub(super) enum Admin {
    /// Make an administrator's account; the password is asked for
    Create(Create),
}

#[derive(Args)]
pub(super) struct Create {
    /// The name to log in with: 3 to 64 letters, digits, dots, dashes, underscores or @
    login: Login,
    /// The person's name, as others see it
    name: String,
    /// The code of the organisation to administer, with everything below it [default: the top of the tree]
    #[arg(long, value_name = "CODE")]
    organisation: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
}

/// Runs the subcommand.
pub(super) async fn run(settings: &Settings, Admin::Create(create): Admin) -> Result<ExitCode, Trouble> {
    let store = house::open(settings).await?.store;
    let organisation = organisation(&store, create.organisation.as_deref()).await?;
    let password = if create.password_stdin {
        first_line()?
    } else {
        asked_twice()?
    };
    password::check(&password, create.login.as_str()).map_err(|fault| {
        Trouble::new(
            format!("the password can't be taken: {fault}"),
            "choose another: 12 to 128 characters, none of the common ones, not the login",
        )
    })?;
    let hash = Passwords::new(1)
        .and_then(|passwords| passwords.hash_now(&password))
        .or_advise(
            "the password can't be hashed",
            "see whether the machine has randomness (/dev/urandom)",
        )?;
    let (login, place) = (create.login.clone(), organisation.name.clone());
    let made = store
        .write(move |tx| {
            let scope: Scope<ManageGrants> = Scope::of_the_machine(NAME);
            let new = NewAccount {
                id: tx.fresh(),
                login: create.login,
                password_hash: hash,
                member: None,
                name: create.name,
                email: None,
                language: "zh-CN".to_owned(),
            };
            accounts::create(tx, &scope, new, Role::Administrator, organisation.id)
        })
        .await;
    made.or_troubled("the account can't be made")?;
    println!("made {login}, administrator of {place}");
    Ok(ExitCode::SUCCESS)
}

/// More organisations than any deployment has.
const MOST: i64 = 1_000_000;

/// The organisation by its code, or the only one at the top.
async fn organisation(store: &Store, code: Option<&str>) -> Result<organisations::Organisation, Trouble> {
    let code = code.map(str::to_owned);
    let found = store
        .read(move |tx| {
            let scope: Scope<ReadOrganisations> = Scope::of_the_machine(NAME);
            match code {
                Some(code) => Ok(vec![organisations::find_by_code(tx, &scope, &code)?]),
                None => Ok(organisations::list(tx, &scope, None, None, MOST)?),
            }
        })
        .await
        .or_troubled("the organisation can't be found")?;
    let several = found.iter().filter(|one| one.parent.is_none()).count() > 1;
    match found.into_iter().next() {
        Some(one) if !several => Ok(one),
        Some(_) => Err(Trouble::new(
            "the tree has several tops",
            "name the organisation with --organisation CODE",
        )),
        None => Err(Trouble::new(
            "there is no organisation yet",
            "import the tree first: kiteline import organisations FILE --organisation CODE",
        )),
    }
}

fn first_line() -> Result<Zeroizing<String>, Trouble> {
    let mut line = Zeroizing::new(String::new());
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .or_advise("standard input can't be read", "give the password as its first line")?;
    Ok(Zeroizing::new(line.trim_end_matches(['\n', '\r']).to_owned()))
}

fn asked_twice() -> Result<Zeroizing<String>, Trouble> {
    if !std::io::stdin().is_terminal() {
        return Err(Trouble::new(
            "there is no terminal to ask for the password on",
            "give it with --password-stdin",
        ));
    }
    let (first, second) = (ask("Password: ")?, ask("Once more: ")?);
    if first == second {
        Ok(first)
    } else {
        Err(Trouble::new("the two passwords differ", "try again"))
    }
}

/// Asks without showing what is typed.
fn ask(prompt: &str) -> Result<Zeroizing<String>, Trouble> {
    eprint!("{prompt}");
    std::io::stderr()
        .flush()
        .or_advise("the terminal can't be written to", "give it with --password-stdin")?;
    let hidden = echo("-echo");
    let line = first_line();
    if hidden {
        echo("echo");
        eprintln!();
    }
    line
}

/// Sets the terminal's echo by the system's own tool; says whether that went well.
fn echo(mode: &str) -> bool {
    let set = Command::new("stty").arg(mode).stdin(Stdio::inherit()).status();
    set.is_ok_and(|status| status.success())
}
