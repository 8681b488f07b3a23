//! From the settings of mail to what sends it.
use std::time::Duration;

use notifications::{MailSettings, Mailer, Outlet, Smtp, Tls};

use super::trouble::chain;
use crate::config::{Mail, MailTls};

/// Connections to the mail server.
const CONNECTIONS: u32 = 4;
/// How long an answer of the mail server is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where mail goes.
pub(super) fn settings(mail: &Mail) -> MailSettings {
    let outlet = match &mail.host {
        None => Outlet::Folder(mail.directory.clone()),
        Some(host) => Outlet::Smtp(Smtp {
            host: host.clone(),
            port: mail.port,
            tls: match mail.tls {
                MailTls::None => Tls::None,
                MailTls::Starttls => Tls::Starttls,
                MailTls::Implicit => Tls::Implicit,
            },
            authority: mail.ca_file.clone(),
            login: mail.user.clone().map(|user| {
                let password = mail.password.as_ref().map(|password| password.reveal().to_owned());
                (user, password.unwrap_or_default())
            }),
            connections: CONNECTIONS,
            timeout: PATIENCE,
        }),
    };
    MailSettings {
        from: mail.from.clone(),
        outlet,
    }
}

/// Whether mail can leave: the server answers, or the folder takes a file.
pub(super) async fn check(mail: &Mail) -> Result<(), String> {
    let settings = settings(mail);
    let mailer = Mailer::new(&settings).map_err(|error| chain(&error))?;
    mailer.check().await?;
    if let Outlet::Folder(folder) = &settings.outlet {
        let probe = folder.join(".probe");
        std::fs::write(&probe, b"")
            .and_then(|()| std::fs::remove_file(&probe))
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}
