//! The settings, a struct a section, with their defaults. An unknown key is an error.
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use chrono_tz::Tz;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Secret;

/// Everything that can be set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where requests come in.
    pub server: Server,
    /// Where everything is kept.
    pub database: Database,
    /// The keys of sealed columns and of access tokens.
    pub keys: Keys,
    /// Where files lie that people hand in.
    pub files: Files,
    /// What "today" means.
    pub time: Time,
    /// How e-mail leaves the house.
    pub mail: Mail,
    /// Which other systems may be told what happens.
    pub webhooks: Webhooks,
    /// When the machine works by itself.
    pub jobs: Jobs,
    /// What is written down while it runs.
    pub log: Log,
}

impl Settings {
    /// Where the key file is: as set, else beside the SQLite file, else `kiteline.keys`.
    pub fn key_file(&self) -> PathBuf {
        let beside = || {
            if persistence::is_postgres(&self.database.url) {
                "kiteline.keys".into()
            } else {
                Path::new(&self.database.url).with_extension("keys")
            }
        };
        self.keys.file.clone().unwrap_or_else(beside)
    }

    /// The folder of files: as set, else beside the SQLite file, else `kiteline.files`.
    pub fn files_folder(&self) -> PathBuf {
        let beside = || {
            if persistence::is_postgres(&self.database.url) {
                "kiteline.files".into()
            } else {
                Path::new(&self.database.url).with_extension("files")
            }
        };
        self.files.directory.clone().unwrap_or_else(beside)
    }
}

/// Where requests come in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Address and port; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Threads that answer requests, 1 to 64; as many as processors when not set.
    pub workers: Option<usize>,
    /// Addresses of the proxies before the server, whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            workers: None,
            proxies: vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        }
    }
}

/// Where everything is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Database {
    /// `postgres://…`, or the path of an SQLite file.
    pub url: String,
    /// A file with the address, where it holds a password.
    pub url_file: Option<PathBuf>,
    /// Connections, 1 to 100.
    pub connections: u32,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "kiteline.db".to_owned(),
            url_file: None,
            connections: 10,
        }
    }
}

/// The keys of sealed columns and of access tokens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// The key file; see [`Settings::key_file`] for where it is when not set.
    pub file: Option<PathBuf>,
}

/// Where files lie that people hand in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Files {
    /// The folder; see [`Settings::files_folder`] for where it is when not set.
    pub directory: Option<PathBuf>,
}

/// What "today" means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Time {
    /// The deployment's zone, by its IANA name.
    #[serde(serialize_with = "write_zone", deserialize_with = "read_zone")]
    pub zone: Tz,
}

impl Default for Time {
    fn default() -> Self {
        Self {
            zone: Tz::Asia__Shanghai,
        }
    }
}

/// How e-mail leaves the house.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mail {
    /// The SMTP server; without one, mail goes to `directory`.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailTls,
    /// A file of certificates in PEM that the server's own may be signed by, beside the public authorities.
    pub ca_file: Option<PathBuf>,
    /// Who logs in, where the server asks.
    pub user: Option<String>,
    /// From `KITELINE_SMTP_PASSWORD` or `password_file`, never from the configuration file itself.
    #[serde(skip)]
    pub password: Option<Secret>,
    /// A file with the password.
    pub password_file: Option<PathBuf>,
    /// The sender's mailbox.
    pub from: String,
    /// Where mail is written as `.eml` files when there is no server.
    pub directory: PathBuf,
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: None,
            port: 587,
            tls: MailTls::Starttls,
            ca_file: None,
            user: None,
            password: None,
            password_file: None,
            from: "Kiteline <kiteline@localhost>".to_owned(),
            directory: "mail".into(),
        }
    }
}

/// How a connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// Not at all: for a relay on the same machine.
    None,
    /// Begins in the clear and must upgrade (port 587).
    Starttls,
    /// From the first byte (port 465).
    Implicit,
}

/// Which other systems may be told what happens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Webhooks {
    /// Whether addresses of private networks, and this machine's own, may be told as well.
    pub allow_private: bool,
    /// Whether events may travel in the clear, by `http://`.
    pub allow_http: bool,
    /// A file of certificates in PEM that the other systems' own may be signed by, beside the public authorities.
    pub ca_file: Option<PathBuf>,
}

/// When the machine works by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jobs {
    /// The hour of the day at which the day's greetings and reminders are planned, 0 to 23.
    pub morning_hour: u32,
    /// Seconds between two looks for what is to be delivered, 1 to 3600.
    pub dispatch_every: u64,
}

impl Default for Jobs {
    fn default() -> Self {
        Self {
            morning_hour: 7,
            dispatch_every: 15,
        }
    }
}

/// What is written down while it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// `error`, `warn`, `info`, `debug`, `trace`, or filter directives such as `info,actix_server=warn`.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            level: "info,actix_server=warn,tokio_cron_scheduler=warn".to_owned(),
            format: LogFormat::Text,
        }
    }
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

fn read_zone<'de, D: Deserializer<'de>>(from: D) -> Result<Tz, D::Error> {
    let name = String::deserialize(from)?;
    name.parse()
        .map_err(|_unknown| serde::de::Error::custom(format!("\"{name}\" is no time zone; one is \"Asia/Shanghai\"")))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn write_zone<S: Serializer>(zone: &Tz, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(zone.name())
}
