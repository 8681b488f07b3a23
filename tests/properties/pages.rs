//! Pages put together are the list, whatever the limit, the filter and the scope, on both engines.

use std::ops::ControlFlow;

use domain::access::{Actor, Grant, ImportSpreadsheets, ReadMembers, ReadRosters, Role, Scope};
use domain::codes::Gender;
use domain::id::{AccountId, MemberId};
use domain::roster::Roster;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use persistence::members::{self, Facts, MemberFilter, NewMember};
use persistence::rosters::{self, Filter};
use persistence::{Position, Store};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

stories![pages_of_members_are_the_list];

/// Every village, some with nobody.
const BRANCHES: [&str; 4] = ["三塘村", "西场村", "王垛村", "浦东临时"];

fn actor(paths: &[&str]) -> Actor {
    let grants = paths.iter().map(|path| Grant {
        role: Role::Office,
        path: path.parse().expect("a path"),
    });
    Actor {
        account: AccountId(Uuid::nil()),
        name: "组织部".to_owned(),
        member: None,
        grants: grants.collect(),
    }
}

async fn pages_of_members_are_the_list(w: World) {
    let crowd: Vec<NewMember> = (0..60)
        .map(|at| NewMember {
            id: MemberId(Uuid::now_v7()),
            home_branch: w.county().place(BRANCHES[at % 3]).id,
            facts: Facts::new(format!("{}{at}", if at % 2 == 0 { "王" } else { "赵" }), Gender::Male),
        })
        .collect();
    let scope = Scope::<ImportSpreadsheets>::of_the_machine("tests");
    w.store()
        .write(move |tx| members::insert_many(tx, &scope, &crowd))
        .await
        .expect("a crowd");
    let store = w.store().clone();
    let handle = tokio::runtime::Handle::current();
    let checked = tokio::task::spawn_blocking(move || {
        let scopes = prop_oneof![
            Just(vec!["/HA/"]),
            Just(vec!["/HA/QT/", "/HA/YZ/"]),
            Just(vec!["/HA/QT/ST/", "/HA/SH/", "/HA/YZ/WD/"]),
        ];
        let config = Config {
            cases: 24,
            failure_persistence: None,
            ..Config::default()
        };
        TestRunner::new(config).run(
            &(1..70_i64, scopes, proptest::option::of(Just("王".to_owned()))),
            |(limit, paths, name)| {
                let actor = actor(&paths);
                let (whole, paged) = handle.block_on(rosters_by(&store, &actor, limit, name.clone()));
                prop_assert!(!whole.is_empty());
                prop_assert_eq!(whole, paged);
                let (whole, paged) = handle.block_on(members_by(&store, &actor, limit, name));
                prop_assert!(!whole.is_empty());
                prop_assert_eq!(whole, paged);
                Ok(())
            },
        )
    });
    checked.await.expect("the runner").expect("pages that are the list");
}

/// The roster whole, and by pages of `limit`.
async fn rosters_by(store: &Store, actor: &Actor, limit: i64, name: Option<String>) -> (Vec<Position>, Vec<Position>) {
    let scope = actor.scope::<ReadRosters>().expect("a scope");
    let filter = Filter {
        name,
        ..Filter::default()
    };
    let pull = |after: Option<Position>, limit: Option<i64>| {
        let (scope, filter) = (scope.clone(), filter.clone());
        store.read(move |tx| {
            let mut lines = Vec::new();
            rosters::walk_kite(tx, &scope, Roster::Members, &filter, (after.as_ref(), limit), |line| {
                lines.push(line.position);
                ControlFlow::Continue(())
            })?;
            Ok(lines)
        })
    };
    let whole = pull(None, None).await.expect("the list");
    let mut paged: Vec<Position> = Vec::new();
    loop {
        let page = pull(paged.last().cloned(), Some(limit)).await.expect("a page");
        if page.is_empty() {
            return (whole, paged);
        }
        paged.extend(page);
    }
}

/// The members whole, and by pages of `limit`.
async fn members_by(store: &Store, actor: &Actor, limit: i64, name: Option<String>) -> (Vec<MemberId>, Vec<MemberId>) {
    let scope = actor.scope::<ReadMembers>().expect("a scope");
    let filter = MemberFilter {
        name,
        ..MemberFilter::default()
    };
    let pull = |after: Option<Position>, limit: i64| {
        let (scope, filter) = (scope.clone(), filter.clone());
        store.read(move |tx| members::list(tx, &scope, &filter, after.as_ref(), limit))
    };
    let whole = pull(None, 1_000).await.expect("the list");
    let (mut paged, mut after) = (Vec::new(), None);
    loop {
        let page = pull(after, limit).await.expect("a page");
        let Some(last) = page.last() else {
            return (whole.into_iter().map(|one| one.id).collect(), paged);
        };
        after = Some(members::position(&last.path, last.id));
        paged.extend(page.into_iter().map(|one| one.id));
    }
}
