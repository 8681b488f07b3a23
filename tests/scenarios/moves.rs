//! A part of the tree moves: everything that belongs to it goes along, while the phones go on checking in.

use chrono::TimeDelta;
use kiteline_tests::engine::Database;
use kiteline_tests::kite::to;
use kiteline_tests::people::Person;
use kiteline_tests::stories;
use kiteline_tests::world::World;
use serde_json::json;
use tokio::task::JoinSet;

stories![
    a_subtree_moves_while_check_ins_arrive,
    a_handover_between_two_that_move_apart_is_still_spoken_of_above_both,
];

/// Columns that hold where something stands, by table.
fn path_columns(w: &World) -> Vec<(String, String)> {
    let of_postgres = "information_schema.columns where table_schema = 'public'
        and (column_name = 'path' or column_name like '%\\_path')";
    let of_sqlite = "sqlite_schema t, pragma_table_info(t.name) c where t.type = 'table'
        and (c.name = 'path' or c.name like '%\\_path' escape '\\')";
    let found = match w.database() {
        Database::Sqlite(_) => w.database().lines("t.name || '.' || c.name", of_sqlite),
        Database::Postgres(_) => w.database().lines("table_name || '.' || column_name", of_postgres),
    };
    let split = |line: &String| {
        line.split_once('.')
            .map(|(table, column)| (table.to_owned(), column.to_owned()))
    };
    let columns: Vec<_> = found.iter().filter_map(split).collect();
    // Where something was done stays what it was.
    columns.into_iter().filter(|(table, _)| table != "audit").collect()
}

fn rows_below(w: &World, (table, column): &(String, String), path: &str) -> i64 {
    let range = format!("{table} where {column} >= '{path}' and {column} < '{path}~'");
    w.database().count(&range)
}

/// Rows whose path is not that of the organisation to which they belong.
fn misplaced(w: &World) -> Vec<String> {
    let owners = [
        ("members", "path", "home_branch_id"),
        ("journeys", "path", "origin_id"),
        ("stays", "path", "host_id"),
        ("imports", "path", "organisation_id"),
        ("webhooks", "path", "organisation_id"),
        ("campaigns", "path", "organisation_id"),
        ("wishes", "path", "organisation_id"),
        ("service_requests", "path", "organisation_id"),
        ("gifts", "path", "organisation_id"),
        ("lecturers", "path", "organisation_id"),
        ("gatherings", "path", "organisation_id"),
        ("gathering_audiences", "path", "organisation_id"),
        ("attendances", "path", "unit_id"),
        ("handovers", "asking_path", "asking_id"),
        ("handovers", "asked_path", "asked_id"),
    ];
    let of_things = owners.iter().flat_map(|(table, column, owner)| {
        let rows = format!("{table} t, organisations o where o.id = t.{owner} and o.path <> t.{column}");
        w.database().lines(&format!("'{table}.{column} ' || t.{column}"), &rows)
    });
    let tree = "organisations o, organisations p where p.id = o.parent_id and o.path <> p.path || o.code || '/'";
    of_things.chain(w.database().lines("o.path", tree)).collect()
}

async fn moves(administrator: &Person, w: &World, place: &str, under: &str) {
    let (place, under) = (w.county().place(place).id, w.county().place(under).id);
    let path = format!("/v1/organisations/{place}");
    let moved = administrator.tells(&path, "move", &json!({ "parent_id": under })).await;
    moved.succeeded();
}

/// Eight members who are away, and four who are about to give notice; all of them have the app.
async fn members_of_the_village(w: &World, li: &Person) -> (Vec<Person>, Vec<Person>) {
    let mut phones = Vec::new();
    for number in 0..8 {
        let member = w.member(&format!("党员{number}")).of("三塘村").await;
        let kite = li.plans(&member, to("310115")).leaving("2027-01-11").await;
        li.departs(&kite).await.is("away");
        member.client().await;
        phones.push(member);
    }
    let mut leaving = Vec::new();
    for number in 0..4 {
        let member = w.member(&format!("新党员{number}")).of("三塘村").await;
        member.client().await;
        leaving.push(member);
    }
    (phones, leaving)
}

/// Members check in and give notice, all at once.
fn everybody_writes(phones: Vec<Person>, leaving: Vec<Person>) -> JoinSet<()> {
    let mut load = JoinSet::new();
    for phone in phones {
        load.spawn(async move {
            for _ in 0..5 {
                let said = phone.writes_checkin("periodic");
                let mut answer = phone.sends(&said).await;
                // As a phone does: the same again, when the network or the server could not take it.
                while answer.status() >= 500 {
                    answer = phone.sends(&said).await;
                }
                assert_eq!(answer.status(), 201, "{answer}");
            }
        });
    }
    for member in leaving {
        load.spawn(async move {
            member.gives_notice(to("310115")).leaving("2027-02-25").await;
        });
    }
    load
}

async fn a_subtree_moves_while_check_ins_arrive(w: World) {
    w.leaves_work_undone();
    let (admin, li) = (w.administrator().await, w.secretary("三塘村").await);
    let (old, new) = (w.office("曲塘镇").await, w.office("雅周镇").await);
    let below = json!({
        "code": "ST1", "kind": "temporary_branch", "name": "三塘村外出临时党支部",
        "parent_id": w.county().place("三塘村").id,
    });
    admin.post("/v1/organisations", &below).await.succeeded();
    w.things("三塘村", "浦东流动").await;
    w.things("王垛村", "三塘村").await;
    let (phones, leaving) = members_of_the_village(&w, &li).await;
    let columns = path_columns(&w);
    assert!(columns.len() >= 7, "{columns:?}");
    for column in &columns {
        assert!(
            rows_below(&w, column, "/HA/QT/ST/") > 0,
            "{column:?} has no row that moves: tell of one here, and take the column along in `move_under`"
        );
    }

    let mut load = everybody_writes(phones.clone(), leaving);
    for under in ["雅周镇", "曲塘镇", "雅周镇"] {
        moves(&admin, &w, "三塘村", under).await;
    }
    while let Some(done) = load.join_next().await {
        done.expect("a phone");
    }

    for column in &columns {
        assert_eq!(rows_below(&w, column, "/HA/QT/ST/"), 0, "{column:?} was left behind");
        assert!(rows_below(&w, column, "/HA/YZ/ST/") > 0, "{column:?}");
    }
    assert_eq!(misplaced(&w), Vec::<String>::new());
    assert_eq!(w.database().count("checkins"), 8 * 5, "each once");
    assert_eq!(w.database().count("timeline where event = 'check_in'"), 8 * 5);

    let journeys = "/v1/kite/journeys?limit=500";
    assert_eq!(
        old.get(journeys).await.items().len(),
        0,
        "nobody sees it in the old place"
    );
    assert_eq!(li.get(journeys).await.items().len(), 1 + 8 + 4);
    assert_eq!(
        new.get(journeys).await.items().len(),
        1 + 1 + 8 + 4,
        "with that of the new neighbour"
    );
    let member = format!("/v1/members/{}", phones[0].member);
    old.get(&member).await.is_refused("not_found");
    new.get(&member).await.succeeded();
    phones[0].checks_in("periodic").await.has("duplicate", false);
}

/// Both villages stood in one town, then one moves: from now on the county is above both.
async fn a_handover_between_two_that_move_apart_is_still_spoken_of_above_both(w: World) {
    let (admin, li) = (w.administrator().await, w.secretary("三塘村").await);
    let (town, county) = (w.office("曲塘镇").await, w.office("海安").await);
    let wang = w.member("王芳").of("三塘村").await;
    let notice = li.plans(&wang, to("320685")).hosted_by("西场村");
    li.departs(&notice.leaving("2027-01-11").await).await.is("away");
    moves(&admin, &w, "三塘村", "雅周镇").await;
    w.passes(TimeDelta::days(10)).await;
    let overdue = |inbox: kiteline_tests::client::Answer| {
        let items = inbox.items().iter();
        items.filter(|one| one["occasion"] == "handover_overdue").count()
    };
    assert_eq!(overdue(county.get("/v1/me/inbox?limit=500").await), 1);
    assert_eq!(overdue(town.get("/v1/me/inbox?limit=500").await), 0);
}
