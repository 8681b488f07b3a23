//! E-mail over SMTP with reused connections, or as `.eml` files in a folder where no server is set.
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::message::{Mailbox, MultiPart};

use super::smtp::SmtpLine;

/// How the connection to the server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Not at all: only for a server on the same machine or in tests.
    None,
    /// Begun in the clear, then protected or given up (RFC 3207; usually port 587).
    #[default]
    Starttls,
    /// From the first byte (RFC 8314; usually port 465).
    Implicit,
}

/// An SMTP server.
#[derive(Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Its name, which its certificate must bear.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// A file of certificates in PEM that the server's own may be signed by, beside the public authorities.
    pub authority: Option<PathBuf>,
    /// User and password, if it wants them.
    pub login: Option<(String, String)>,
    /// Connections kept open at most: 1 to 100.
    pub connections: u32,
    /// How long one e-mail may take, from the greeting to the server's last answer.
    pub timeout: Duration,
}

/// Where e-mails go.
#[derive(Clone, PartialEq, Eq)]
pub enum Outlet {
    /// To an SMTP server.
    Smtp(Smtp),
    /// Into a folder, one `.eml` file each.
    Folder(PathBuf),
    /// To nobody: each counts as sent. For lives that are made up.
    Nobody,
}

/// What e-mails are sent with.
#[derive(Clone, PartialEq, Eq)]
pub struct MailSettings {
    /// The sender, such as `海安市流动党员之家 <kiteline@example.org>`.
    pub from: String,
    /// Where they go.
    pub outlet: Outlet,
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MailSettingsError {
    /// The sender is no mailbox.
    #[error("mail.from is no mailbox such as `Kiteline <kiteline@example.org>`")]
    From(#[source] lettre::address::AddressError),
    /// The server cannot be spoken to with TLS under this name.
    #[error("mail.host cannot be used with TLS")]
    Host(#[source] lettre::transport::smtp::Error),
    /// The file of the server's authority cannot be read.
    #[error("mail.ca_file is no file of certificates in PEM")]
    Authority(#[source] std::io::Error),
    /// The folder cannot be made.
    #[error("the folder for e-mails cannot be made")]
    Folder(#[source] std::io::Error),
}

/// An e-mail to be sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mail<'a> {
    pub(crate) name: &'a str,
    pub(crate) address: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) text: &'a str,
    pub(crate) html: &'a str,
    /// Makes `Message-ID`, the same each time it is tried.
    pub(crate) id: &'a str,
    pub(crate) date: DateTime<Utc>,
}

/// Why an e-mail was not sent; the text holds no whole address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NotSent {
    /// Trying again may help.
    Again(String),
    /// It cannot be sent at all: the address is none.
    Never(String),
}

enum Line {
    Smtp(SmtpLine),
    Folder(PathBuf),
    Nobody,
}

/// Sends e-mails.
pub struct Mailer {
    from: Mailbox,
    line: Line,
    lanes: usize,
}

impl Mailer {
    /// Opens no connection yet.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn new(settings: &MailSettings) -> Result<Self, MailSettingsError> {
        let from = settings.from.parse().map_err(MailSettingsError::From)?;
        let (line, lanes) = match &settings.outlet {
            Outlet::Smtp(smtp) => (Line::Smtp(SmtpLine::new(smtp)?), smtp.connections),
            Outlet::Folder(folder) => {
                std::fs::create_dir_all(folder).map_err(MailSettingsError::Folder)?;
                (Line::Folder(folder.clone()), 4)
            }
            Outlet::Nobody => (Line::Nobody, 4),
        };
        let lanes = usize::try_from(lanes).unwrap_or(1).max(1);
        Ok(Self { from, line, lanes })
    }

    /// How many e-mails may be under way at once.
    pub(crate) const fn lanes(&self) -> usize {
        self.lanes
    }

    /// Whether the server answers; a folder always does.
    ///
    /// # Errors
    /// What it answered, or why there is no answer.
    pub async fn check(&self) -> Result<(), String> {
        match &self.line {
            Line::Folder(_) | Line::Nobody => Ok(()),
            Line::Smtp(smtp) => smtp.check().await,
        }
    }

    pub(crate) async fn send(&self, mail: &Mail<'_>) -> Result<(), NotSent> {
        let veil = |why: String| NotSent::Again(why.replace(mail.address, &masked(mail.address)));
        let message = self.message(mail).map_err(NotSent::Never)?;
        match &self.line {
            Line::Nobody => Ok(()),
            Line::Smtp(smtp) => smtp.send(message).await.map_err(veil),
            Line::Folder(folder) => {
                let file = folder.join(format!("{}.eml", mail.id));
                let written = tokio::fs::write(file, message.formatted()).await;
                written.map_err(|error| veil(crate::planner::chain(&error)))
            }
        }
    }

    fn message(&self, mail: &Mail<'_>) -> Result<Message, String> {
        let address = mail
            .address
            .parse()
            .map_err(|_why: lettre::address::AddressError| "not an address")?;
        let body = MultiPart::alternative_plain_html(mail.text.to_owned(), mail.html.to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(mail.name.to_owned()), address))
            .subject(mail.subject)
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .date(SystemTime::from(mail.date))
            .multipart(body)
            .map_err(|error| error.to_string())
    }
}

/// An address as it may stand in a log: the first letter and the domain.
pub(crate) fn masked(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{}***@{domain}", local.chars().next().unwrap_or('*')),
        None => "***".to_owned(),
    }
}
