//! A county's people live by chance, and everything holds that must.

use std::fs;
use std::net::TcpListener;

use kiteline_tests::engine::{Database, Engine};
use kiteline_tests::life::Life;
use kiteline_tests::program::{kiteline, said};

mod on_sqlite {
    use super::*;

    #[test]
    fn a_year_of_three_thousand_members_breaks_nothing() {
        a_year_breaks_nothing(Engine::Sqlite);
    }
}

mod on_postgres {
    use super::*;

    #[test]
    fn a_year_of_three_thousand_members_breaks_nothing() {
        a_year_breaks_nothing(Engine::Postgres);
    }
}

/// What has to have happened within a year, so that it was worth looking at.
const HAPPENS: &[&str] = &[
    "departures",
    "returns",
    "returns for a festival",
    "check-ins by the app",
    "check-ins on behalf",
    "contacts that failed",
    "out of contact",
    "hand-overs accepted",
    "hand-overs declined",
    "hand-overs left unanswered",
    "admissions",
    "visits",
    "leavings",
    "moves to another place",
    "transfers received",
    "new numbers answered",
    "people found by hosts",
    "questions confirmed",
    "deaths",
    "members who joined",
    "lessons held",
    "make-up lessons held",
    "gatherings called off",
    "attendances by the code",
    "attendances recorded",
    "excuses by the app",
    "wishes written without a name",
    "wishes taken on by neighbours",
    "wishes taken on by officers",
    "wishes given back",
    "wishes thanked for",
    "wishes declined",
    "wishes withdrawn",
    "services answered in time",
    "services answered late",
    "services answered from above",
    "services asked for again",
    "services not needed any more",
    "answers rated",
    "gifts given",
    "gifts taken back",
    "campaigns closed",
];

fn a_year_breaks_nothing(engine: Engine) {
    let life = Life::of(engine, 3_000, 365, 7);
    assert!(life.holds, "{}", life.told);
    for what in HAPPENS {
        let told = life
            .told
            .lines()
            .any(|line| line.trim_start().split_once(' ').is_some_and(|(_, rest)| rest == *what));
        assert!(told, "{what} never happened:\n{}", life.told);
    }
    assert!(life.told.contains(" 0 notifications given up\n"), "{}", life.told);
    let unsent = "outbox where state = 'waiting' and not_before <= '2026-11-20 11:00:00'";
    assert_eq!(life.database.count(unsent), 0);
}

#[test]
fn a_seed_gives_the_same_life_and_another_seed_another() {
    let one = Life::of(Engine::Sqlite, 120, 60, 11);
    let told = |life: &Life| life.told.lines().skip(1).map(ToOwned::to_owned).collect::<Vec<_>>();
    assert!(one.holds, "{}", one.told);
    assert_eq!(told(&one), told(&Life::of(Engine::Sqlite, 120, 60, 11)));
    assert_ne!(told(&one), told(&Life::of(Engine::Sqlite, 120, 60, 12)));
    let again = one.runs(&["simulate", "--members", "10", "--days", "5"]);
    assert!(
        !again.status.success() && said(&again).contains("--add"),
        "{}",
        said(&again)
    );
    let added = one.runs(&[
        "simulate",
        "--members",
        "40",
        "--days",
        "20",
        "--until",
        "2026-11-20",
        "--add",
    ]);
    assert!(added.status.success(), "{}", said(&added));
}

#[test]
fn a_life_sends_no_mail_and_is_not_lived_among_real_people() {
    let folder = tempfile::tempdir().unwrap();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let lived = kiteline(folder.path(), &["simulate", "--members", "60", "--days", "20"])
        .env("KITELINE_MAIL_HOST", "127.0.0.1")
        .env("KITELINE_MAIL_PORT", server.local_addr().unwrap().port().to_string())
        .env("KITELINE_MAIL_TLS", "none")
        .output()
        .unwrap();
    assert!(lived.status.success(), "{}", said(&lived));
    assert!(server.accept().is_err(), "somebody spoke to the mail server");
    let names = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let mails: Vec<_> = names.filter(|name| name.to_string_lossy().contains("mail")).collect();
    assert!(mails.is_empty(), "{mails:?}");

    let own = Database::fresh(Engine::Sqlite);
    own.forces(
        "insert into organisations (id, code, kind, name, path, active, version, created_at, updated_at) values \
         (x'019b8000000070008000000000000001', 'X', 'regional_office', '某县委组织部', '/X/', true, 1, \
         '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    )
    .unwrap();
    for line in [
        &["simulate", "--members", "10"][..],
        &["simulate", "--members", "10", "--add"],
    ] {
        let refused = kiteline(folder.path(), line)
            .env("DATABASE_URL", own.url())
            .output()
            .unwrap();
        assert!(!refused.status.success(), "{}", said(&refused));
        assert!(said(&refused).contains("no demo put there"), "{}", said(&refused));
    }
}
