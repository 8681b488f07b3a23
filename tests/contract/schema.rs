//! The two engines have the same schema, the code's tables are those of the databases, and each step can be taken back.

use std::collections::BTreeSet;

use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};
use kiteline_tests::postgres::Cluster;
use persistence::migrate;

/// What a schema says, a sentence each: `members.name text`, `members key (id)`, `index … on …`, `… -> organisations`.
type Facts = BTreeSet<String>;
/// Reads them from the database at an address.
type Read = fn(&str) -> Facts;

const POSTGRES_COLUMNS: &str = "
    select table_name || '.' || column_name || ' ' || replace(data_type, ' without time zone', '')
        || case is_nullable when 'YES' then ' null' else '' end as fact
    from information_schema.columns where table_schema = 'public'";
const POSTGRES_KEYS: &str = "
    select conrelid::regclass || ' key (' || string_agg(attname, ', ' order by place) || ')' as fact
    from pg_constraint, unnest(conkey) with ordinality as part (number, place), pg_attribute
    where contype = 'p' and attrelid = conrelid and attnum = number and connamespace = 'public'::regnamespace
    group by conrelid";
const POSTGRES_INDEXES: &str = "
    select case when indisunique then 'unique ' else '' end || 'index ' || indexrelid::regclass || ' on '
        || indrelid::regclass || ' (' || string_agg(attname, ', ' order by place) || ')'
        || coalesce(' where ' || pg_get_expr(indpred, indrelid), '') as fact
    from pg_index, unnest(indkey) with ordinality as part (number, place), pg_attribute
    where attrelid = indrelid and attnum = number and not indisprimary
        and indrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
    group by indexrelid, indrelid, indisunique, indpred";
const POSTGRES_REFERENCES: &str = "
    select conrelid::regclass || '.' || attname || ' -> ' || confrelid::regclass as fact
    from pg_constraint, unnest(conkey) as part (number), pg_attribute
    where contype = 'f' and attrelid = conrelid and attnum = number and connamespace = 'public'::regnamespace";
/// Text that is put in order or compared by range must sort by bytes, as SQLite does.
const POSTGRES_PATHS_OF_ANOTHER_COLLATION: &str = "
    select table_name || '.' || column_name as fact from information_schema.columns
    where table_schema = 'public' and (column_name = 'path' or column_name like '%\\_path')
        and collation_name is distinct from 'C'";

const SQLITE_COLUMNS: &str = "
    select t.name || '.' || c.name || ' ' || lower(c.type) || case c.\"notnull\" when 0 then ' null' else '' end as fact
    from sqlite_schema t, pragma_table_info(t.name) c where t.type = 'table'";
const SQLITE_KEYS: &str = "
    select name || ' key (' || group_concat(part, ', ') || ')' as fact from (
        select t.name, c.name as part from sqlite_schema t, pragma_table_info(t.name) c
        where t.type = 'table' and c.pk > 0 order by t.name, c.pk) group by name";
const SQLITE_INDEXES: &str = "
    select case u when 1 then 'unique ' else '' end || 'index ' || name || ' on ' || owner || ' ('
        || group_concat(part, ', ') || ')' || coalesce(predicate, '') as fact from (
        select l.name, l.\"unique\" as u, t.name as owner, p.name as part,
            case l.partial when 1 then ' where ' || substr(i.sql, instr(i.sql, ' where ') + 7) end as predicate
        from sqlite_schema t, pragma_index_list(t.name) l, pragma_index_info(l.name) p, sqlite_schema i
        where t.type = 'table' and l.origin <> 'pk' and i.name = l.name order by l.name, p.seqno) group by name";
const SQLITE_REFERENCES: &str = "
    select t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" as fact
    from sqlite_schema t, pragma_foreign_key_list(t.name) f where t.type = 'table'";

#[derive(QueryableByName)]
struct Fact {
    #[diesel(sql_type = Text)]
    fact: String,
}

fn postgres(url: &str) -> Facts {
    let mut connection = PgConnection::establish(url).unwrap();
    let queries = [POSTGRES_COLUMNS, POSTGRES_KEYS, POSTGRES_INDEXES, POSTGRES_REFERENCES];
    let ask = |query| diesel::sql_query(query).load::<Fact>(&mut connection).unwrap();
    facts(queries.into_iter().flat_map(ask))
}

fn sqlite(url: &str) -> Facts {
    let mut connection = SqliteConnection::establish(url).unwrap();
    let queries = [SQLITE_COLUMNS, SQLITE_KEYS, SQLITE_INDEXES, SQLITE_REFERENCES];
    let ask = |query| diesel::sql_query(query).load::<Fact>(&mut connection).unwrap();
    facts(queries.into_iter().flat_map(ask))
}

/// Without the table in which the migrations keep count of themselves.
fn facts(read: impl Iterator<Item = Fact>) -> Facts {
    read.map(|Fact { fact }| match fact.split_once(" where ") {
        Some((index, predicate)) => format!("{index} where {}", gist(predicate)),
        None => fact,
    })
    .filter(|fact| !fact.starts_with("__diesel_schema_migrations"))
    .collect()
}

/// The words of a condition that do not depend on how an engine prints it: `state = ANY (ARRAY['away'::text])` and
/// `state in ('away')` are both `state away`.
fn gist(predicate: &str) -> String {
    let words = predicate.split(|c: char| !c.is_alphanumeric() && c != '_');
    let kept = words.filter(|word| !["", "in", "ANY", "ARRAY", "text"].contains(word));
    kept.collect::<Vec<_>>().join(" ")
}

/// The columns and keys that the code believes in, in PostgreSQL's words, read from the source of `schema.rs`.
fn declared() -> Facts {
    let source = include_str!("../../persistence/src/schema.rs");
    let mut table = "";
    let mut facts = Facts::new();
    for line in source.lines().map(str::trim) {
        if let Some((name, key)) = line.strip_suffix(") {").and_then(|head| head.split_once(" (")) {
            table = name;
            facts.insert(format!("{table} key ({key})"));
        } else if let Some((column, declared)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let bare = declared
                .strip_prefix("Nullable<")
                .map(|rest| rest.trim_end_matches('>'));
            let null = if bare.is_some() { " null" } else { "" };
            facts.insert(format!(
                "{table}.{column} {}{null}",
                postgres_type(bare.unwrap_or(declared))
            ));
        }
    }
    facts
}

fn postgres_type(diesel_type: &str) -> &str {
    match diesel_type {
        "UuidSql" => "uuid",
        "Text" => "text",
        "SmallInt" => "smallint",
        "Integer" => "integer",
        "BigInt" => "bigint",
        "Bool" => "boolean",
        "Binary" => "bytea",
        "Date" => "date",
        "Time" => "time",
        "Timestamp" => "timestamp",
        other => panic!("say here what {other} is on PostgreSQL, and what on SQLite"),
    }
}

/// SQLite keeps ids and sealed values as blobs.
fn in_sqlite_words(facts: &Facts) -> Facts {
    let translate = |fact: &String| {
        let (null, column) = fact
            .strip_suffix(" null")
            .map_or(("", fact.as_str()), |column| (" null", column));
        let bare = column.strip_suffix(" uuid").or_else(|| column.strip_suffix(" bytea"));
        bare.map_or_else(|| fact.clone(), |bare| format!("{bare} blob{null}"))
    };
    facts.iter().map(translate).collect()
}

fn columns_and_keys(facts: &Facts) -> Facts {
    let neither = |fact: &&String| !fact.contains(" -> ") && !fact.contains("index ");
    facts.iter().filter(neither).cloned().collect()
}

#[track_caller]
fn assert_same(left: (&str, &Facts), right: (&str, &Facts)) {
    let only = |one: &Facts, other: &Facts| one.difference(other).cloned().collect::<Vec<_>>().join("\n  ");
    let (here, there) = (only(left.1, right.1), only(right.1, left.1));
    assert!(
        left.1 == right.1,
        "only in {}:\n  {here}\nonly in {}:\n  {there}",
        left.0,
        right.0
    );
    assert!(left.1.len() > 100, "the catalogue was not read");
}

/// A file for SQLite, gone with the folder that comes with it.
fn file() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let url = folder.path().join("kiteline.db").display().to_string();
    (folder, url)
}

#[test]
fn both_engines_and_the_code_agree_on_every_table_column_key_index_and_reference() {
    let (database, (_folder, lite)) = (Cluster::suite().empty(), file());
    migrate::up(database.url()).unwrap();
    migrate::up(&lite).unwrap();
    let (pg, lite) = (postgres(database.url()), sqlite(&lite));
    assert_same(("PostgreSQL", &in_sqlite_words(&pg)), ("SQLite", &lite));
    assert_same(("PostgreSQL", &columns_and_keys(&pg)), ("schema.rs", &declared()));
}

#[test]
fn paths_sort_by_bytes_on_postgresql_too() {
    let database = Cluster::suite().empty();
    migrate::up(database.url()).unwrap();
    let mut connection = PgConnection::establish(database.url()).unwrap();
    let wrong = diesel::sql_query(POSTGRES_PATHS_OF_ANOTHER_COLLATION)
        .load::<Fact>(&mut connection)
        .unwrap();
    assert_eq!(facts(wrong.into_iter()), Facts::new());
}

#[test]
fn every_step_can_be_taken_back_and_taken_again() {
    let (database, (_folder, lite)) = (Cluster::suite().empty(), file());
    let engines: [(&str, Read); 2] = [(database.url(), postgres), (&lite, sqlite)];
    for (url, facts) in engines {
        let steps = migrate::up(url).unwrap().steps;
        let before = facts(url);
        assert_eq!(
            migrate::up(url).unwrap().steps,
            Vec::<String>::new(),
            "nothing is left to do"
        );
        migrate::down(url).unwrap();
        assert_eq!(facts(url), Facts::new(), "down leaves nothing");
        assert_eq!(migrate::missing(url).unwrap().steps.len(), steps.len());
        migrate::up(url).unwrap();
        assert_same(("the first time", &before), ("the second", &facts(url)));
    }
}

#[test]
fn a_step_has_the_same_name_on_both_engines() {
    let (database, (_folder, lite)) = (Cluster::suite().empty(), file());
    assert_eq!(
        migrate::missing(database.url()).unwrap(),
        migrate::missing(&lite).unwrap()
    );
}
