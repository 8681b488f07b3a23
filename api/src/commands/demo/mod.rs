//! `kiteline demo`: a county to try, in a folder of its own, with one command.
mod accounts;
mod banner;
mod build;
mod clock;
mod folder;
mod kites;
mod magnets;
pub(super) mod people;
pub(super) mod tree;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use domain::access::Scope;
use persistence::upkeep::{self, Tenant};
use persistence::{is_postgres, migrate as steps};

use super::house::{self, House, NAME, OrTroubled as _};
use super::migrate;
use super::serve::{self, Running};
use super::trouble::{OrAdvise as _, Trouble};
use crate::config::{Settings, without_password};
use accounts::AccountsFile;
use folder::Folder;

#[derive(Args)]
pub(super) struct Demo {
    /// The folder in which the demo lives
    #[arg(long, value_name = "DIR", default_value = "kiteline-demo")]
    data: PathBuf,
    /// Address and port; port 0 picks a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// So many synthetic members more than Hai'an's own
    #[arg(long, value_name = "N", default_value_t = 0)]
    members: u32,
    /// So many made-up members of other villages with a past of ten months, so that figures and charts show something
    #[arg(long, value_name = "N", default_value_t = 240)]
    past: u32,
    /// Throw away what the demo holds and begin anew
    #[arg(long)]
    fresh: bool,
}

/// Sets the demo up, or goes on with it, and serves it until told to stop.
pub(super) async fn run(mut settings: Settings, demo: Demo) -> Result<ExitCode, Trouble> {
    let folder = Folder::make(&demo.data)?;
    move_in(&mut settings, &folder, &demo);
    let listener = serve::listen(settings.server.listen)?;
    let address = listener
        .local_addr()
        .or_advise("the socket has no address", "try again")?;
    if demo.fresh {
        clear(&settings, &folder).await?;
    }
    let url = settings.database.url.clone();
    migrate::up(&url)?;
    let keys = house::keys(&settings, true).await?;
    let store = house::store(&settings, keys.vault().into(), std::sync::Arc::new(crate::SystemClock))?;
    let house = House { store, keys };
    let accounts = match tenant(&house).await? {
        Tenant::Nobody => build::build(&settings, &house, &folder, (demo.members, demo.past)).await?,
        Tenant::Demo => going_on(&folder, demo.members)?,
        Tenant::Somebody => return Err(occupied(&url)),
    };
    let accounts = accounts.at(address);
    folder.keep(&accounts)?;
    let notifier = serve::notifier(&settings, &house)?;
    let runs = notifier.plan().await.or_troubled("today's jobs failed")?;
    notifier
        .deliver()
        .await
        .or_troubled("today's notifications could not be delivered")?;
    let planned = runs.iter().map(|run| run.planned).sum();
    let running = Running::start(&settings, &house, listener).await?;
    banner::print(&settings, &folder, &accounts, planned);
    running.until_stopped().await?;
    println!("stopped; `kiteline demo` goes on with the same data");
    Ok(ExitCode::SUCCESS)
}

/// Puts everything into the demo's folder; an address of PostgreSQL from the environment stays.
fn move_in(settings: &mut Settings, folder: &Folder, demo: &Demo) {
    if !is_postgres(&settings.database.url) {
        settings.database.url = folder.database().display().to_string();
    }
    settings.keys.file = Some(folder.keys());
    settings.files.directory = Some(folder.files());
    settings.mail.directory = folder.mail();
    settings.server.listen = demo.listen.unwrap_or(settings.server.listen);
}

/// The accounts of a demo that was built before.
fn going_on(folder: &Folder, members: u32) -> Result<AccountsFile, Trouble> {
    let known = folder.accounts()?.ok_or_else(|| {
        Trouble::new(
            format!(
                "{} is missing, with the passwords of this demo",
                folder.accounts_file().display()
            ),
            "begin anew with `kiteline demo --fresh` and the same options",
        )
    })?;
    if members > 0 {
        eprintln!("going on with the demo's data; --members counts together with --fresh");
    }
    Ok(known)
}

async fn tenant(house: &House) -> Result<Tenant, Trouble> {
    let found = house
        .store
        .read(|tx| upkeep::tenant(tx, &Scope::of_the_machine(NAME)))
        .await;
    found.or_troubled("the database can't be read")
}

/// Empties a demo's database and folder; a database that is somebody's is left alone.
async fn clear(settings: &Settings, folder: &Folder) -> Result<(), Trouble> {
    let url = &settings.database.url;
    if !is_postgres(url) && !folder.database().exists() {
        return folder.clear();
    }
    migrate::up(url)?;
    let vault = persistence::vault::Vault::new([], [0; 32]);
    let store = house::store(settings, vault.into(), std::sync::Arc::new(crate::SystemClock))?;
    let tenant = store.read(|tx| upkeep::tenant(tx, &Scope::of_the_machine(NAME))).await;
    let tenant = tenant.or_troubled("the database can't be read")?;
    drop(store);
    if tenant == Tenant::Somebody {
        return Err(occupied(url));
    }
    if is_postgres(url) {
        steps::down(url).or_advise(
            format_args!("{} can't be emptied", without_password(url)),
            "see that no other server works on it",
        )?;
    }
    folder.clear()
}

fn occupied(url: &str) -> Trouble {
    Trouble::new(
        format!("{} holds data that no demo put there", without_password(url)),
        "give the demo a place of its own: --data DIR with DATABASE_URL unset, or DATABASE_URL of an empty database",
    )
}
