//! `kiteline doctor`: looks at everything that a deployment stands on, and says what is wrong and what to do.
use std::process::ExitCode;
use std::sync::Arc;

use domain::access::Scope;
use notifications::inspection;
use persistence::files::Files;
use persistence::invariants::{Broken, Findings};
use persistence::upkeep::{self, Sample};
use persistence::vault::Vault;
use persistence::{StoreError, is_postgres};

use super::house::{self, NAME};
use super::trouble::{Trouble, chain};
use super::{mail, migrate};
use crate::SystemClock;
use crate::auth::keys::Keys;
use crate::config::{Settings, without_password};

/// What was found about one thing: how it is, or what is wrong with it and what to do.
struct Finding {
    about: &'static str,
    found: Result<String, (String, String)>,
}

/// Looks at everything, prints a line for each, and fails when something is wrong.
pub(super) async fn run(settings: &Settings) -> Result<ExitCode, Trouble> {
    let mut findings = database(settings).await;
    if findings.iter().all(|finding| finding.found.is_ok()) {
        findings.extend(data(settings).await);
    }
    findings.push(files(settings).await);
    findings.push(clock(settings));
    findings.push(mail_leaves(settings).await);
    for Finding { about, found } in &findings {
        match found {
            Ok(how) => println!("ok     {about:<12} {how}"),
            Err((wrong, next)) => println!("WRONG  {about:<12} {wrong}\n{:<20}{next}", "next:"),
        }
    }
    let wrong = findings.iter().filter(|finding| finding.found.is_err()).count();
    if wrong == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    println!("{wrong} of {} need attention", findings.len());
    Ok(ExitCode::FAILURE)
}

fn finding(about: &'static str, found: Result<String, (String, String)>) -> Finding {
    Finding { about, found }
}

/// The database, its schema and the keys that open what it holds.
async fn database(settings: &Settings) -> Vec<Finding> {
    let url = &settings.database.url;
    let shown = without_password(url);
    let keys = Keys::load(&settings.key_file());
    let here = is_postgres(url) || std::path::Path::new(url).exists();
    if !here {
        let advice = "run `kiteline migrate` to make it, or correct database.url (DATABASE_URL)".to_owned();
        let missing = (format!("there is no file {shown}"), advice);
        return vec![finding("database", Err(missing)), key_file(settings, &keys)];
    }
    let looked = look(settings, keys.as_ref().ok()).await;
    let (engine, sample) = match looked {
        Ok((engine, sample)) => (Ok(engine), sample),
        Err(error) => (Err(error), Ok(None)),
    };
    let engine = engine.map(|engine| format!("{engine} at {shown}"));
    let engine = engine.map_err(|trouble| (format!("{shown}: {trouble}"), migrate::advice(url).to_owned()));
    let reached = engine.is_ok();
    let mut findings = vec![finding("database", engine)];
    if reached {
        findings.push(schema(url));
    }
    findings.push(key_file(settings, &keys));
    if reached && keys.is_ok() {
        findings.push(finding("sealed data", opened(sample)));
    }
    findings
}

type Looked = (String, Result<Option<Sample>, String>);

/// The engine, and a sealed value when there is one: an error when it does not open.
async fn look(settings: &Settings, keys: Option<&Keys>) -> Result<Looked, String> {
    let vault = keys.map_or_else(|| Vault::new([], [0; 32]), Keys::vault);
    let store =
        house::store(settings, Arc::new(vault), Arc::new(SystemClock)).map_err(|trouble| trouble.to_string())?;
    let engine = store.read(upkeep::engine).await.map_err(|error| chain(&error))?;
    let sample = store
        .read(|tx| {
            let sample = upkeep::sample(tx, &Scope::of_the_machine(NAME))?;
            sample
                .as_ref()
                .map_or(Ok(()), |sample| sample.open(tx).map_err(StoreError::from))?;
            Ok(sample)
        })
        .await;
    Ok((engine, sample.map_err(|error| chain(&error))))
}

fn schema(url: &str) -> Finding {
    let found = match persistence::migrate::missing(url) {
        Ok(progress) if progress.steps.is_empty() => Ok("this version's".to_owned()),
        Ok(progress) => Err((
            format!(
                "{} steps are missing: {}",
                progress.steps.len(),
                progress.steps.join(", ")
            ),
            "run `kiteline migrate`, after a backup".to_owned(),
        )),
        Err(error) => Err((chain(&error), migrate::advice(url).to_owned())),
    };
    finding("schema", found)
}

fn key_file(settings: &Settings, keys: &Result<Keys, crate::auth::keys::KeyFault>) -> Finding {
    let file = settings.key_file();
    let found = match keys {
        Ok(_) => Ok(format!("{}, readable by its owner only", file.display())),
        Err(fault) => Err((
            chain(fault),
            "put the file back from its copy, let keys.file (KITELINE_KEYS_FILE) name it, or, before there is any \
             data, run `kiteline migrate --new-keys`"
                .to_owned(),
        )),
    };
    finding("key file", found)
}

fn opened(sample: Result<Option<Sample>, String>) -> Result<String, (String, String)> {
    match sample {
        Ok(Some(_)) => Ok("a sample opens with these keys".to_owned()),
        Ok(None) => Ok("there is none yet".to_owned()),
        Err(why) => Err((
            why,
            "this key file is another database's, or lacks an older key: put the right one in place".to_owned(),
        )),
    }
}

/// What the database and the folder of files hold: everything that must hold in every deployment.
async fn data(settings: &Settings) -> Vec<Finding> {
    let inspected = async {
        let vault = Arc::new(Vault::new([], [0; 32]));
        let store = house::store(settings, vault, Arc::new(SystemClock)).map_err(|trouble| trouble.to_string())?;
        inspection::inspect(&store).await.map_err(|error| chain(&error))
    };
    match inspected.await {
        Err(why) => vec![finding(
            "data",
            Err((why, "try again when the database answers".to_owned())),
        )],
        Ok(findings) if findings.broken.is_empty() => {
            let Findings { rows, asked, .. } = findings;
            vec![finding("data", Ok(format!("{rows} rows, {asked} invariants hold")))]
        }
        Ok(findings) => {
            let broken = findings.broken.iter();
            broken.map(|one| finding("data", Err((told(one), next(one))))).collect()
        }
    }
}

/// What does not hold, with some of the rows, by id.
pub(super) fn told(broken: &Broken) -> String {
    let Broken {
        name,
        says,
        over,
        count,
        examples,
    } = broken;
    format!("{name}: {says}; {count} in {over} break it: {}", examples.join(", "))
}

/// What to do about it.
fn next(broken: &Broken) -> String {
    let advice = match (broken.name, broken.over) {
        ("jobs_ran_whole", _) => "run each by hand: `kiteline job run NAME --date DAY`; the log says why it failed",
        ("files_have_a_row", _) => "a running server sweeps them each morning; see in its log why it did not",
        ("files_have_their_bytes", _) => "put the folder of files back from the copy that goes with this database",
        ("late_handover_was_spoken_of", _) => "run `kiteline job run handover_due`; if it is still so, report a bug",
        _ => {
            "nothing that Kiteline does by its rules leads here: if rows were written by hand or a restore was partial, \
             restore the whole; else report a bug with these names and ids"
        }
    };
    advice.to_owned()
}

/// The folder of files: one is written, read and taken away again.
async fn files(settings: &Settings) -> Finding {
    let folder = settings.files_folder();
    let place = folder.display();
    let vault = Keys::load(&settings.key_file()).map_or_else(|_| Vault::new([], [0; 32]), |keys| keys.vault());
    let found = match Files::in_folder(folder.clone(), Arc::new(vault)).check().await {
        Ok(()) => Ok(format!("{place}, one was written and read")),
        Err(why) => Err((
            format!("{place}: {}", chain(&why)),
            "let files.directory (KITELINE_FILES_DIRECTORY) name a folder that this user may write to".to_owned(),
        )),
    };
    finding("files", found)
}

fn clock(settings: &Settings) -> Finding {
    use domain::clock::Clock as _;
    let zone = settings.time.zone;
    let now = SystemClock.now().with_timezone(&zone);
    finding(
        "clock",
        Ok(format!("{} in {}", now.format("%Y-%m-%d %H:%M"), zone.name())),
    )
}

async fn mail_leaves(settings: &Settings) -> Finding {
    let (place, advice) = match &settings.mail.host {
        Some(host) => (
            format!("{host}:{}", settings.mail.port),
            "see whether mail.host, mail.port and mail.tls are right and the server takes this user and password",
        ),
        None => (
            format!("{} (no mail.host is set)", settings.mail.directory.display()),
            "let mail.directory name a folder that this user may write to, or set mail.host",
        ),
    };
    let found = match mail::check(&settings.mail).await {
        Ok(()) => Ok(format!("goes to {place}")),
        Err(why) => Err((format!("{place}: {why}"), advice.to_owned())),
    };
    finding("mail", found)
}
