//! The program itself, as an operator and a newcomer run it: processes, files and exit codes.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use chrono::Timelike as _;
use domain::clock::Clock as _;
use kiteline_tests::PATIENCE;
use kiteline_tests::program::{kiteline, run, said};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A zone in which it is noon now: at night, mail waits for the morning.
fn at_noon() -> String {
    let ahead = 12 - i64::from(api::SystemClock.now().hour());
    // The sign in the name is that of the way to Greenwich.
    format!("Etc/GMT{:+}", -ahead)
}

/// A demo that is up; it is stopped as by Ctrl-C, or killed when the test fails.
struct Demo {
    child: Child,
    accounts: Value,
}

impl Demo {
    fn up(folder: &Path, more: &[&str]) -> Self {
        let log = folder.join("out");
        let out = fs::File::create(&log).unwrap();
        let plain = &["demo", "--data", "county", "--listen", "127.0.0.1:0"][..];
        let past = if more.contains(&"--past") {
            &[][..]
        } else {
            &["--past", "0"]
        };
        let line = [plain, past, more].concat();
        let mut command = kiteline(folder, &line);
        let command = command
            .env("KITELINE_TIME_ZONE", at_noon())
            .stdout(out.try_clone().unwrap());
        let child = command.stderr(out).spawn().unwrap();
        let mut demo = Self {
            child,
            accounts: Value::Null,
        };
        let began = Instant::now();
        while !fs::read_to_string(&log).unwrap().contains("Ctrl-C stops it") {
            let ended = demo.child.try_wait().unwrap();
            let late = began.elapsed() > PATIENCE;
            assert!(ended.is_none() && !late, "{}", fs::read_to_string(&log).unwrap());
            sleep(Duration::from_millis(50));
        }
        let text = fs::read_to_string(folder.join("county/accounts.json")).unwrap();
        demo.accounts = serde_json::from_str(&text).unwrap();
        demo
    }

    fn account(&self, login: &str) -> Value {
        let all = self.accounts["accounts"].as_array().unwrap();
        all.iter().find(|account| account["login"] == login).unwrap().clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.accounts["base_url"].as_str().unwrap())
    }

    /// Logs in and gets what is there.
    async fn get_as(&self, login: &str, path: &str) -> Value {
        let account = self.account(login);
        let body = json!({ "login": account["login"], "password": account["password"] });
        let client = reqwest::Client::new();
        let answer = client
            .post(self.url("/v1/auth/login"))
            .json(&body)
            .send()
            .await
            .unwrap();
        let tokens: Value = answer.error_for_status().unwrap().json().await.unwrap();
        let token = tokens["access_token"].as_str().unwrap();
        let answer = client.get(self.url(path)).bearer_auth(token).send().await.unwrap();
        answer.error_for_status().unwrap().json().await.unwrap()
    }

    /// Stops it as Ctrl-C does; it must end well.
    fn stop(mut self) {
        // The shell's own `kill`: a bare machine has no program of that name.
        let interrupt = format!("kill -INT {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &interrupt]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

#[tokio::test]
async fn a_newcomer_tries_the_demo_and_comes_back_to_it() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::up(folder.path(), &["--members", "300"]);
    let journey = demo.get_as("member", "/v1/me/journey").await;
    assert_eq!(journey["state"], "away");
    let members = demo.get_as("secretary", "/v1/members?limit=100").await;
    assert!(members["items"].as_array().unwrap().len() >= 12);
    let (before, member) = (
        demo.accounts["accounts"].clone(),
        demo.account("guest")["member_id"].clone(),
    );
    assert!(member.is_string());
    assert!(fs::read_dir(folder.path().join("county/mail")).unwrap().count() > 0);
    demo.stop();

    let again = Demo::up(folder.path(), &[]);
    assert_eq!(again.accounts["accounts"], before);
    assert_eq!(again.get_as("member", "/v1/me/journey").await["id"], journey["id"]);
    again.stop();
}

#[tokio::test]
async fn a_demo_has_a_past_and_everything_in_it_holds() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::up(folder.path(), &["--past", "40"]);
    let office = demo
        .get_as("office", "/v1/kite/journeys?state=returned&limit=100")
        .await;
    let of_the_stories = 1;
    assert!(office["items"].as_array().unwrap().len() > of_the_stories, "{office}");
    let charges = demo.get_as("officer", "/v1/officer/members").await;
    assert!(!charges["items"].as_array().unwrap().is_empty(), "{charges}");
    demo.stop();
    let county = folder.path().join("county");
    let doctor = kiteline(&county, &["doctor"])
        .env("DATABASE_URL", "kiteline.db")
        .output()
        .unwrap();
    assert!(doctor.status.success(), "{}", said(&doctor));
}

#[cfg(unix)]
#[tokio::test]
async fn a_fresh_demo_forgets_the_old_one_and_keeps_its_passwords_to_itself() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let demo = Demo::up(folder.path(), &[]);
    let before = demo.accounts["accounts"].clone();
    demo.stop();
    let fresh = Demo::up(folder.path(), &["--fresh"]);
    assert_ne!(fresh.accounts["accounts"], before);
    for secret in ["accounts.json", "kiteline.keys"] {
        let mode = fs::metadata(folder.path().join("county").join(secret))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{secret}");
    }
    fresh.stop();
}

#[test]
fn an_unknown_key_is_refused_by_its_name() {
    let folder = TempDir::new().unwrap();
    fs::write(
        folder.path().join("kiteline.toml"),
        "[server]\nlisen = \"127.0.0.1:0\"\n",
    )
    .unwrap();
    let refused = run(folder.path(), &["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    let text = said(&refused);
    assert!(
        text.contains("kiteline.toml: unknown key server.lisen") && text.contains("next: "),
        "{text}"
    );
}

#[test]
fn the_doctor_names_what_is_missing_and_is_content_after_migrate() {
    let folder = TempDir::new().unwrap();
    let ill = run(folder.path(), &["doctor"]);
    assert_eq!(ill.status.code(), Some(1));
    assert!(said(&ill).contains("run `kiteline migrate`"), "{}", said(&ill));
    assert!(run(folder.path(), &["migrate"]).status.success());
    let well = run(folder.path(), &["doctor"]);
    assert!(
        well.status.success() && !said(&well).contains("WRONG"),
        "{}",
        said(&well)
    );
}

#[test]
fn the_contract_is_printed_as_the_repository_has_it() {
    let folder = TempDir::new().unwrap();
    let printed = run(folder.path(), &["openapi"]);
    assert_eq!(String::from_utf8(printed.stdout).unwrap(), api::openapi::contract());
}

#[test]
fn an_administrator_needs_a_tree_and_a_good_password() {
    let folder = TempDir::new().unwrap();
    let none = run(folder.path(), &["admin", "create", "root", "管理员"]);
    assert!(said(&none).contains("there is no organisation yet"), "{}", said(&none));
    let demo = Demo::up(folder.path(), &[]);
    demo.stop();
    let create = |password: &str| {
        let mut child = kiteline(
            folder.path(),
            &["admin", "create", "root", "管理员", "--password-stdin"],
        )
        .env("DATABASE_URL", "county/kiteline.db")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let common = create("123456789012\n");
    assert!(said(&common).contains("password_too_common"), "{}", said(&common));
    let made = create("风筝高飞一线牵，磁铁相吸\n");
    assert!(
        made.status.success() && said(&made).contains("made root, administrator of"),
        "{}",
        said(&made)
    );
}
