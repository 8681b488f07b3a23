//! Hai'an's files taken over into a store of their own.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::access::{Actor, Grant, ReadOrganisations, Role, Scope};
use domain::clock::Clock;
use domain::id::{AccountId, OrganisationId};
use domain::spreadsheet::ImportKind;
use persistence::vault::Vault;
use persistence::{Settings, Store, StoreError, organisations};
use tempfile::TempDir;
use uuid::Uuid;

use super::super::report::Report;
use super::super::taking::{Scopes, examine, take_over};
use super::{INBOUND, MEMBERS, ORGANISATIONS, OUTBOUND};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> DateTime<Utc> {
        "2026-11-23T04:00:00Z".parse().unwrap()
    }
}

struct County {
    store: Store,
    _folder: TempDir,
}

impl County {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("county.db").to_string_lossy().into_owned();
        persistence::migrate::up(&url).unwrap();
        let settings = Settings {
            url,
            connections: 2,
            vault: Arc::new(Vault::new([(1, [1; 32])], [2; 32])),
            clock: Arc::new(Noon),
            zone: chrono_tz::Asia::Shanghai,
            files: folder.path().join("files"),
        };
        Self {
            store: Store::open(settings).unwrap(),
            _folder: folder,
        }
    }

    async fn with_members() -> Self {
        let county = Self::new();
        county.import(ImportKind::Organisations, ORGANISATIONS).await;
        county.import(ImportKind::Members, MEMBERS).await;
        county
    }

    async fn import(&self, kind: ImportKind, bytes: &'static [u8]) -> Report {
        self.run(Scopes::of_the_machine("test"), kind, None, bytes, false)
            .await
            .unwrap()
    }

    async fn run(
        &self,
        scopes: Scopes,
        kind: ImportKind,
        organisation: Option<OrganisationId>,
        bytes: &'static [u8],
        dry_run: bool,
    ) -> Result<Report, StoreError> {
        let work = move |tx: &mut persistence::Tx<'_>| {
            let file = examine(tx, scopes.import(), kind, organisation, bytes)?;
            take_over(tx, &scopes, file.map_err(StoreError::corrupt)?, dry_run)
        };
        self.store.write(work).await
    }

    async fn organisation(&self, code: &'static str) -> organisations::Organisation {
        let scope: Scope<ReadOrganisations> = Scope::of_the_machine("test");
        self.store
            .read(move |tx| organisations::find_by_code(tx, &scope, code))
            .await
            .unwrap()
    }
}

/// Created, changed, unchanged, refused.
fn counts(report: &Report) -> (usize, usize, usize, usize) {
    (report.created, report.changed, report.unchanged, report.refused)
}

#[tokio::test]
async fn the_files_are_taken_once_and_a_second_time_change_nothing() {
    let county = County::new();
    let files = [
        (ImportKind::Organisations, ORGANISATIONS, 275, 0),
        (ImportKind::Members, MEMBERS, 2868, 0),
        (ImportKind::Outbound, OUTBOUND, 738, 26),
        (ImportKind::Inbound, INBOUND, 180, 0),
    ];
    for (kind, bytes, taken, refused) in files {
        let first = county.import(kind, bytes).await;
        assert_eq!(counts(&first), (taken, 0, 0, refused), "{kind}");
        let again = county.import(kind, bytes).await;
        assert_eq!(counts(&again), (0, 0, taken, refused), "{kind} again");
    }
}

#[tokio::test]
async fn a_dry_run_tells_the_same_and_writes_nothing() {
    let county = County::with_members().await;
    for _ in 0..2 {
        let machine = Scopes::of_the_machine("test");
        let report = county
            .run(machine, ImportKind::Outbound, None, OUTBOUND, true)
            .await
            .unwrap();
        assert_eq!(counts(&report), (738, 0, 0, 26));
    }
}

#[test]
fn an_administrator_of_the_county_imports_members_only_where_a_secretary() {
    let grant = |role, path: &str| Grant {
        role,
        path: path.parse().unwrap(),
    };
    let actor = Actor {
        account: AccountId(Uuid::nil()),
        name: "李书记".to_owned(),
        member: None,
        grants: vec![grant(Role::Administrator, "/c/"), grant(Role::Secretary, "/c/t/v/")],
    };
    let reaches = |kind, path: &str| {
        Scopes::of(&actor, kind)
            .unwrap()
            .import()
            .covers(&path.parse().unwrap())
    };
    assert!(reaches(ImportKind::Organisations, "/c/"));
    assert!(reaches(ImportKind::Members, "/c/t/v/"));
    assert!(!reaches(ImportKind::Members, "/c/t/w/"));
    assert!(!reaches(ImportKind::Outbound, "/c/"));
}

#[tokio::test]
async fn journeys_wait_for_their_members() {
    let county = County::new();
    county.import(ImportKind::Organisations, ORGANISATIONS).await;
    let report = county.import(ImportKind::Outbound, OUTBOUND).await;
    assert_eq!((report.created, report.refused), (0, 764));
    let unknown = report
        .faults
        .iter()
        .find(|fault| fault.code == "member_unknown")
        .unwrap();
    assert_eq!(
        (unknown.row, unknown.column.as_str(), unknown.value.as_str()),
        (4, "身份证号", "320600198704011896")
    );
}

#[tokio::test]
async fn a_secretary_imports_the_own_branch_and_learns_nothing_of_others() {
    let county = County::with_members().await;
    let town = county.organisation("320685100").await;
    let neighbour = county.organisation("320685101").await;
    let actor = Actor {
        account: AccountId(Uuid::nil()),
        name: "李书记".to_owned(),
        member: None,
        grants: vec![Grant {
            role: Role::Secretary,
            path: town.path.clone(),
        }],
    };
    let scopes = |kind| Scopes::of(&actor, kind);
    assert!(scopes(ImportKind::Organisations).is_err());
    let secretary = scopes(ImportKind::Outbound).unwrap();
    let report = county
        .run(secretary, ImportKind::Outbound, Some(town.id), OUTBOUND, false)
        .await
        .unwrap();
    assert!(report.created > 50 && report.created < 738, "{}", report.created);
    assert_eq!(report.created + report.refused, 764);
    assert!(!report.faults.iter().any(|fault| fault.code == "member_elsewhere"));
    let secretary = scopes(ImportKind::Outbound).unwrap();
    let outside = county
        .run(secretary, ImportKind::Outbound, Some(neighbour.id), OUTBOUND, false)
        .await;
    assert!(matches!(outside, Err(StoreError::NotFound("organisation"))));
}
