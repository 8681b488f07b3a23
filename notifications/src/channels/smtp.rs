//! The line to an SMTP server: a pool of connections that is given up when the server stops answering.
use std::path::Path;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as LettreTls, TlsParameters};
use lettre::transport::smtp::{Error, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::RwLock;

use super::email::{MailSettingsError, Smtp, Tls};
use crate::planner::chain;

type Transport = AsyncSmtpTransport<Tokio1Executor>;

const SILENT: &str = "the server does not answer";

/// A pool of connections, and what is needed for another.
pub(super) struct SmtpLine {
    settings: Smtp,
    transport: RwLock<Transport>,
}

impl SmtpLine {
    /// Opens no connection yet.
    pub(super) fn new(settings: &Smtp) -> Result<Self, MailSettingsError> {
        Ok(Self {
            settings: settings.clone(),
            transport: RwLock::new(connect(settings)?),
        })
    }

    /// Whether the server answers.
    pub(super) async fn check(&self) -> Result<(), String> {
        let alive = self.ask(async |transport| transport.test_connection().await).await?;
        if alive { Ok(()) } else { Err(SILENT.to_owned()) }
    }

    /// Hands a message over.
    pub(super) async fn send(&self, message: Message) -> Result<(), String> {
        let answer = self.ask(async move |transport| transport.send(message).await);
        answer.await.map(drop)
    }

    /// lettre's own timeout ends with the connecting, and a conversation that was broken off goes back into the pool as
    /// it is: there the next message would wait for ever, or take a late answer for its own. So the pool is left behind.
    async fn ask<A>(&self, question: impl AsyncFnOnce(Transport) -> Result<A, Error>) -> Result<A, String> {
        let transport = self.transport.read().await.clone();
        let Ok(answer) = tokio::time::timeout(self.settings.timeout, question(transport)).await else {
            if let Ok(fresh) = connect(&self.settings) {
                *self.transport.write().await = fresh;
            }
            return Err(SILENT.to_owned());
        };
        answer.map_err(|error| chain(&error))
    }
}

fn parameters(smtp: &Smtp) -> Result<TlsParameters, MailSettingsError> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(file) = &smtp.authority {
        let authority = certificates_in(file).map_err(MailSettingsError::Authority)?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build().map_err(MailSettingsError::Host)
}

/// lettre takes a file without a certificate for one with none to add, so that is looked for.
fn certificates_in(file: &Path) -> Result<Certificate, std::io::Error> {
    let pem = std::fs::read(file)?;
    let holds_some = String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----");
    let read = Certificate::from_pem(&pem).ok().filter(|_| holds_some);
    read.ok_or_else(|| std::io::Error::new(std::io::ErrorKind::InvalidData, "no certificate in it"))
}

fn connect(smtp: &Smtp) -> Result<AsyncSmtpTransport<Tokio1Executor>, MailSettingsError> {
    let parameters = || parameters(smtp);
    let tls = match smtp.tls {
        Tls::None => LettreTls::None,
        Tls::Starttls => LettreTls::Required(parameters()?),
        Tls::Implicit => LettreTls::Wrapper(parameters()?),
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
        .port(smtp.port)
        .tls(tls)
        .timeout(Some(smtp.timeout))
        .pool_config(PoolConfig::new().max_size(smtp.connections));
    if let Some((user, password)) = &smtp.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.build())
}
