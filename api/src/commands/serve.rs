//! `kiteline serve`: the server, the scheduler and the dispatcher, until the process is told to stop.
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use notifications::{Clockwork, Notifier, Rhythm};
use tokio::signal::unix::{SignalKind, signal};

use super::house::{self, House};
use super::mail;
use super::trouble::{OrAdvise as _, Trouble};
use super::webhooks;
use crate::Parts;
use crate::auth::password::Passwords;
use crate::config::{Jobs, Settings};

/// Who signs access tokens.
const ISSUER: &str = "kiteline";

/// How long requests under way may take to end when the server stops.
const PATIENCE: Duration = Duration::from_secs(15);

/// Serves until SIGTERM or SIGINT.
pub(super) async fn run(settings: &Settings) -> Result<ExitCode, Trouble> {
    let house = house::open(settings).await?;
    let listener = listen(settings.server.listen)?;
    let running = Running::start(settings, &house, listener).await?;
    tracing::info!(server.address = %running.address, "listening");
    running.until_stopped().await?;
    Ok(ExitCode::SUCCESS)
}

/// Takes the address.
pub(super) fn listen(address: SocketAddr) -> Result<TcpListener, Trouble> {
    TcpListener::bind(address).or_advise(
        format_args!("{address} can't be listened on"),
        "stop what listens there, or choose another: server.listen, KITELINE_SERVER_LISTEN; port 0 picks a free one",
    )
}

/// A server at work.
pub(super) struct Running {
    /// Where it listens.
    pub(super) address: SocketAddr,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
    clockwork: Clockwork,
}

impl Running {
    /// Starts the server on `listener`, and the clockwork that plans and delivers.
    pub(super) async fn start(settings: &Settings, house: &House, listener: TcpListener) -> Result<Self, Trouble> {
        let report = "this is a bug to report with the lines above";
        let address = listener.local_addr().or_advise("the socket has no address", report)?;
        let parts = parts(settings, house)?;
        let server = crate::server(&parts, listener).or_advise("the server can't start", report)?;
        let clockwork = Clockwork::start(&notifier(settings, house)?, rhythm(&settings.jobs))
            .await
            .or_advise("the scheduler can't start", report)?;
        Ok(Self {
            address,
            handle: server.handle(),
            task: tokio::spawn(server),
            clockwork,
        })
    }

    /// Waits for a signal, lets requests end, and stops.
    pub(super) async fn until_stopped(mut self) -> Result<(), Trouble> {
        let advice = "look at the lines of the log above";
        let mut terminate = signal(SignalKind::terminate()).or_advise("signals can't be heard", advice)?;
        tokio::select! {
            ended = &mut self.task => {
                let ended = ended.or_advise("the server broke off", advice)?;
                return ended.or_advise("the server broke off", advice);
            }
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        tracing::info!("stopping: requests under way may end");
        let stop = async {
            self.clockwork.stop().await;
            self.handle.stop(true).await;
        };
        tokio::select! {
            ended = tokio::time::timeout(PATIENCE, stop) => if ended.is_err() {
                tracing::warn!("requests under way were cut off");
            },
            _ = tokio::signal::ctrl_c() => tracing::warn!("told again to stop: requests under way were cut off"),
        }
        Ok(())
    }
}

/// What plans and delivers.
pub(super) fn notifier(settings: &Settings, house: &House) -> Result<Notifier, Trouble> {
    let (mail, webhooks) = (mail::settings(&settings.mail), webhooks::settings(&settings.webhooks));
    Notifier::new(house.store.clone(), &mail, &webhooks).or_advise(
        "nothing can be sent with these settings",
        "correct mail.from, mail.host, mail.tls or mail.directory, which `kiteline doctor` looks at, or webhooks.ca_file",
    )
}

fn rhythm(jobs: &Jobs) -> Rhythm {
    Rhythm {
        morning_hour: jobs.morning_hour,
        dispatch_every: Duration::from_secs(jobs.dispatch_every),
    }
}

fn parts(settings: &Settings, house: &House) -> Result<Parts, Trouble> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let signer = house
        .keys
        .signer(ISSUER)
        .or_advise("the keys can't sign", "`kiteline doctor` looks at the key file")?;
    let passwords = Passwords::new(processors).or_advise(
        "passwords can't be hashed",
        "see whether the machine has randomness (/dev/urandom)",
    )?;
    Ok(Parts {
        store: house.store.clone(),
        vault: Arc::new(house.keys.vault()),
        signer: Arc::new(signer),
        passwords,
        proxies: settings.server.proxies.clone(),
        webhooks: webhooks::settings(&settings.webhooks).guard,
        workers: settings.server.workers.unwrap_or(processors).clamp(1, 64),
    })
}
