//! Reads the settings from the file and the environment, and names what is wrong with them.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::error::Kind;
use figment::providers::{Format, Serialized, Toml};
use figment::value::Value;

use super::{Secret, Settings, has_password, secret_in};

/// Begins the name of each variable: `KITELINE_SERVER_LISTEN` sets `server.listen`.
const PREFIX: &str = "KITELINE_";
/// Names the configuration file.
const FILE: &str = "KITELINE_CONFIG";
/// The password of the mail server.
const SMTP_PASSWORD: &str = "KITELINE_SMTP_PASSWORD";
/// The address of the database, as many platforms name it.
const DATABASE_URL: &str = "DATABASE_URL";
/// Read when it is there and no other file is named.
const DEFAULT_FILE: &str = "kiteline.toml";

/// The configuration can't be used; the message names the key and where it stands.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// The settings of this process: `file`, or the one that `KITELINE_CONFIG` names, or `./kiteline.toml` when it exists;
/// over it the environment.
///
/// # Errors
/// [`ConfigError`] for a file that can't be read, an unknown key, a value out of range or a secret in the file.
pub fn load(file: Option<&Path>) -> Result<Settings, ConfigError> {
    let variables = variables();
    let named = file
        .map(Path::to_path_buf)
        .or_else(|| variables.get(FILE).map(PathBuf::from));
    let path = named.clone().unwrap_or_else(|| DEFAULT_FILE.into());
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && named.is_none() => String::new(),
        Err(error) => return Err(ConfigError(format!("{} can't be read: {error}", path.display()))),
    };
    combine(&path, &text, &variables)
}

/// What a demo has unless the environment says otherwise: a terminal for a newcomer, not for requests.
const DEMO: &str = "[log]\nlevel = \"warn\"";

/// The settings of the environment alone: what a demo takes, which must not meet a deployment's file by chance.
///
/// # Errors
/// As [`load`].
pub fn load_for_demo() -> Result<Settings, ConfigError> {
    combine(Path::new("the environment"), DEMO, &variables())
}

fn variables() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// The settings from a file's text and variables.
fn combine(path: &Path, text: &str, variables: &BTreeMap<String, String>) -> Result<Settings, ConfigError> {
    let in_file = Figment::from(Serialized::defaults(Settings::default())).merge(Toml::string(text));
    let fault = |error: figment::Error, keys: &BTreeMap<String, String>| told(&error, path, keys);
    let before: Settings = in_file.extract().map_err(|error| fault(error, &BTreeMap::new()))?;
    if has_password(&before.database.url) {
        return Err(ConfigError(format!(
            "{}: database.url holds a password; put the address into {DATABASE_URL}, or into a file that \
             database.url_file names",
            path.display()
        )));
    }
    let keys: BTreeMap<String, String> = variables
        .keys()
        .filter_map(|name| Some((key_of(name)?, name.clone())))
        .collect();
    let mut all = in_file;
    for (key, name) in &keys {
        let value = variables.get(name).map(|text| value_of(key, text));
        all = all.merge((key.as_str(), value));
    }
    let mut settings: Settings = all.extract().map_err(|error| fault(error, &keys))?;
    secrets(&mut settings, variables)?;
    check(&settings)?;
    Ok(settings)
}

/// The key that a variable sets, if it is one of ours.
fn key_of(name: &str) -> Option<String> {
    match name {
        DATABASE_URL => return Some("database.url".to_owned()),
        FILE | SMTP_PASSWORD => return None,
        _ => {}
    }
    let key = name.strip_prefix(PREFIX)?.to_lowercase();
    Some(key.replacen('_', ".", 1))
}

/// Numbers as numbers, yes and no as such, everything else as text.
fn value_of(key: &str, text: &str) -> Value {
    if let ("true" | "false", false) = (text, key.starts_with("database.url")) {
        return (text == "true").into();
    }
    match text.parse::<u64>() {
        Ok(number) if !key.starts_with("database.url") => number.into(),
        _ => text.into(),
    }
}

fn secrets(settings: &mut Settings, variables: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    let unreadable = |key: &str, file: &Path, error: &std::io::Error| {
        ConfigError(format!("{key}: {} can't be read: {error}", file.display()))
    };
    let set = variables.contains_key(DATABASE_URL) || variables.contains_key("KITELINE_DATABASE_URL");
    if let Some(file) = settings.database.url_file.as_ref().filter(|_| !set) {
        let url = secret_in(file).map_err(|error| unreadable("database.url_file", file, &error))?;
        url.reveal().clone_into(&mut settings.database.url);
    }
    settings.mail.password = match (variables.get(SMTP_PASSWORD), &settings.mail.password_file) {
        (Some(password), _) => Some(Secret::new(password)),
        (None, Some(file)) => Some(secret_in(file).map_err(|error| unreadable("mail.password_file", file, &error))?),
        (None, None) => None,
    };
    Ok(())
}

fn check(settings: &Settings) -> Result<(), ConfigError> {
    let Settings {
        server, database, jobs, ..
    } = settings;
    let faults = [
        (
            !server.workers.is_none_or(|n| (1..=64).contains(&n)),
            "server.workers is 1 to 64",
        ),
        (
            !(1..=100).contains(&database.connections),
            "database.connections is 1 to 100",
        ),
        (jobs.morning_hour > 23, "jobs.morning_hour is 0 to 23"),
        (
            !(1..=3600).contains(&jobs.dispatch_every),
            "jobs.dispatch_every is 1 to 3600 seconds",
        ),
    ];
    match faults.iter().find(|(wrong, _)| *wrong) {
        Some((_, text)) => Err(ConfigError((*text).to_owned())),
        None => Ok(()),
    }
}

/// What figment found, in our words.
fn told(error: &figment::Error, path: &Path, keys: &BTreeMap<String, String>) -> ConfigError {
    let key = error.path.join(".");
    let what = match &error.kind {
        Kind::UnknownField(_, known) => format!("unknown key {key}; known there: {}", known.join(", ")),
        Kind::Message(text) if key.is_empty() => text.clone(),
        kind => format!("{key}: {kind}"),
    };
    let from = keys
        .iter()
        .find(|(set, _)| **set == key || set.starts_with(&format!("{key}.")));
    match from {
        Some((_, variable)) if !key.is_empty() => ConfigError(format!("{variable}: {what}")),
        _ => ConfigError(format!("{}: {what}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../kiteline.example.toml");

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
        let variables = variables
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        combine(Path::new("kiteline.toml"), text, &variables).map_err(|error| error.to_string())
    }

    #[test]
    fn the_example_is_the_defaults_and_tells_every_key() {
        assert_eq!(read(EXAMPLE, &[]).unwrap(), Settings::default());
        let all = serde_json::to_value(Settings::default()).unwrap();
        for (section, keys) in all.as_object().unwrap() {
            let (_, part) = EXAMPLE.split_once(&format!("[{section}]")).unwrap();
            let part = part.split("\n[").next().unwrap();
            for key in keys.as_object().unwrap().keys() {
                let at = part
                    .lines()
                    .position(|l| l.trim_start_matches("# ").starts_with(&format!("{key} = ")));
                let at = at.unwrap_or_else(|| panic!("{section}.{key} is not in the example"));
                assert!(
                    part.lines().nth(at - 1).unwrap().starts_with("# "),
                    "{section}.{key} has no comment"
                );
            }
        }
    }

    #[test]
    fn the_environment_stands_over_the_file() {
        let file = "[server]\nlisten = \"0.0.0.0:80\"\n[jobs]\nmorning_hour = 6";
        let settings = read(
            file,
            &[
                ("KITELINE_JOBS_MORNING_HOUR", "5"),
                ("KITELINE_SERVER_WORKERS", "3"),
                ("KITELINE_WEBHOOKS_ALLOW_PRIVATE", "true"),
                ("KITELINE_MAIL_PASSWORD_FILE", "/dev/null"),
                ("KITELINE_SMTP_PASSWORD", "geheim"),
                ("DATABASE_URL", "postgres://li:geheim@db/kiteline"),
                ("HOME", "/root"),
            ],
        )
        .unwrap();
        assert_eq!(settings.server.listen.port(), 80);
        assert_eq!((settings.jobs.morning_hour, settings.server.workers), (5, Some(3)));
        assert!(settings.webhooks.allow_private && !settings.webhooks.allow_http);
        assert_eq!(settings.database.url, "postgres://li:geheim@db/kiteline");
        assert_eq!(settings.mail.password, Some(Secret::new("geheim")));
    }

    #[test]
    fn faults_name_the_key_and_the_place() {
        let said = |text: &str, variables: &[(&str, &str)]| read(text, variables).unwrap_err();
        let all = [
            said("[server]\nlisen = \"0.0.0.0:80\"", &[]),
            said("[sever]\nlisten = \"0.0.0.0:80\"", &[]),
            said("[mail]\npassword = \"geheim\"", &[]),
            said("[database]\nurl = \"postgres://li:geheim@db/kiteline\"", &[]),
            said("[database]\nconnections = \"many\"", &[]),
            said("[time]\nzone = \"Shanghai\"", &[]),
            said("[jobs]\nmorning_hour = 24", &[]),
            said("", &[("KITELINE_SERVER_LISEN", "x")]),
            said("", &[("KITELINE_SEVER_LISTEN", "x")]),
            said("", &[("KITELINE_SERVER_LISTEN", "8080")]),
            said("", &[("KITELINE_DATABASE_CONNECTIONS", "0")]),
        ]
        .join("\n");
        insta::assert_snapshot!(all, @r#"
        kiteline.toml: unknown key server.lisen; known there: listen, workers, proxies
        kiteline.toml: unknown key sever; known there: server, database, keys, files, time, mail, webhooks, jobs, log
        kiteline.toml: unknown key mail.password; known there: host, port, tls, ca_file, user, password_file, from, directory
        kiteline.toml: database.url holds a password; put the address into DATABASE_URL, or into a file that database.url_file names
        kiteline.toml: database.connections: invalid type: found string "many", expected u32
        kiteline.toml: time.zone: "Shanghai" is no time zone; one is "Asia/Shanghai"
        jobs.morning_hour is 0 to 23
        KITELINE_SERVER_LISEN: unknown key server.lisen; known there: listen, workers, proxies
        KITELINE_SEVER_LISTEN: unknown key sever; known there: server, database, keys, files, time, mail, webhooks, jobs, log
        KITELINE_SERVER_LISTEN: server.listen: invalid type: found unsigned int `8080`, expected socket address
        database.connections is 1 to 100
        "#);
    }
}
