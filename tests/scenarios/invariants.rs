//! Each invariant is broken on purpose, and is named: a check that can't fail checks nothing.

mod care;

use std::collections::BTreeSet;
use std::fs;

use kiteline_tests::engine::Engine;
use kiteline_tests::life::Life;
use kiteline_tests::program::said;
use notifications::inspection;
use persistence::invariants;
use tokio::runtime::Runtime;

mod on_sqlite {
    use super::*;

    #[test]
    fn whatever_is_broken_is_named_and_nothing_else() {
        each_is_named(Engine::Sqlite);
    }
}

mod on_postgres {
    use super::*;

    #[test]
    fn whatever_is_broken_is_named_and_nothing_else() {
        each_is_named(Engine::Postgres);
    }
}

/// What is done to which tables, and which invariants name it.
struct Harm {
    broken: &'static [&'static str],
    tables: &'static [&'static str],
    statement: &'static str,
}

const fn harm(broken: &'static [&'static str], tables: &'static [&'static str], statement: &'static str) -> Harm {
    Harm {
        broken,
        tables,
        statement,
    }
}

/// Held by indexes too, which a database that somebody put together by hand may lack.
const INDEXES: &[&str] = &[
    "journeys_one_open_per_member",
    "certificates_one_open_per_journey",
    "stays_one_admitted_per_person",
    "stays_one_open_per_host",
    "handovers_one_open_per_journey",
    "handovers_one_open_per_stay",
    "declarations_one_open_per_journey",
    "campaigns_one_open",
];

/// In the words of both engines; `{stranger}` is an id that nothing has.
const HARM: &[Harm] = &[
    harm(
        &["one_open_journey"],
        &["journeys"],
        "update journeys set state = 'planned', departed_on = null, ended_on = null where id = \
         (select j.id from journeys j inner join journeys o on o.member_id = j.member_id \
          where j.state = 'returned' and o.state in ('planned', 'away') and o.origin_id = j.origin_id \
          and j.id not in (select journey_id from handovers where journey_id is not null) order by j.id limit 1)",
    ),
    harm(
        &["journey_has_the_facts_of_its_state"],
        &["journeys"],
        "update journeys set next_checkin_due = null where id = \
         (select id from journeys where state = 'away' order by id limit 1)",
    ),
    harm(
        &["journey_days_are_in_order"],
        &["journeys"],
        "update journeys set ended_on = '2020-01-01' where id = \
         (select id from journeys where state = 'returned' order by id limit 1)",
    ),
    harm(
        &["open_journey_is_the_home_branchs"],
        &["journeys"],
        "update journeys set origin_id = (select id from organisations where code = 'W01'), \
         path = (select path from organisations where code = 'W01') where id = \
         (select id from journeys where state = 'away' order by id limit 1)",
    ),
    harm(
        &["journey_is_on_the_timeline"],
        &["timeline"],
        "delete from timeline where event = 'return' and subject_id = \
         (select id from journeys where state = 'returned' order by id limit 1)",
    ),
    harm(
        &["out_of_contact_is_confirmed"],
        &["declarations"],
        "update declarations set decided_by = null where state = 'confirmed'",
    ),
    harm(
        &["declaration_and_journey_agree"],
        &["declarations"],
        "update declarations set state = 'proposed' where id = \
         (select id from declarations where state in ('turned_down', 'found', 'dropped') order by id limit 1)",
    ),
    harm(
        &["out_of_contact_after_a_search"],
        &["contacts"],
        "update contacts set outcome = 'reached' where journey_id in \
         (select journey_id from declarations where state = 'confirmed')",
    ),
    harm(
        &["transfer_and_journey_agree"],
        &["transfers"],
        "update transfers set receipt_on = null where state = 'received'",
    ),
    harm(
        &["closed_journey_has_no_certificate_in_force"],
        &["certificates"],
        "update certificates set state = 'valid' where id = (select c.id from certificates c inner join journeys j \
         on j.id = c.journey_id and j.certificate_number = c.number where c.state = 'ended' order by c.id limit 1)",
    ),
    harm(
        &[
            "one_certificate_a_journey",
            "certificate_number_is_on_the_journey",
            "certificate_numbers_have_no_gaps",
        ],
        &["certificates"],
        "create table twin as select * from certificates where state = 'valid' order by id limit 1; \
         update twin set id = {stranger}, number = 'X', state = 'lost'; \
         insert into certificates select * from twin; drop table twin",
    ),
    harm(
        &["certificate_number_is_on_the_journey"],
        &["journeys"],
        "update journeys set certificate_number = 'X' where id = \
         (select journey_id from certificates where state = 'valid' order by id limit 1)",
    ),
    harm(
        &["certificate_period_is_in_order"],
        &["certificates"],
        "update certificates set valid_until = '2000-01-01' where id = (select id from certificates order by id limit 1)",
    ),
    harm(
        &["certificate_numbers_have_no_gaps"],
        &["certificate_counters"],
        "update certificate_counters set last_number = last_number + 1",
    ),
    harm(
        &["contact_is_due_after_the_last_one"],
        &["journeys"],
        "update journeys set last_contact_at = '2099-01-01 00:00:00' where id = \
         (select id from journeys where state = 'away' order by id limit 1)",
    ),
    harm(
        &["one_admitted_stay"],
        &["stays", "visits"],
        "update stays set person_id = (select person_id from stays where member_id is null and state = 'admitted' \
         order by id limit 1) where id = (select s.id from stays s where s.member_id is null and s.state = 'admitted' \
         and s.host_id <> (select host_id from stays where member_id is null and state = 'admitted' order by id limit 1) \
         order by s.id limit 1); \
         update visits set person_id = (select s.person_id from stays s where s.id = visits.stay_id)",
    ),
    harm(
        &["one_admitted_stay", "one_open_stay_a_host", "register_has_no_gaps"],
        &["stays", "visits"],
        "update stays set host_id = (select host_id from stays where member_id is null and state = 'admitted' \
         order by id limit 1), path = (select path from stays where member_id is null and state = 'admitted' \
         order by id limit 1), register_number = 100000, register_year = 1999, \
         person_id = (select person_id from stays where member_id is null and state = 'admitted' order by id limit 1) \
         where id = (select s.id from stays s where s.member_id is null and s.state = 'admitted' order by s.id desc limit 1); \
         update visits set person_id = (select s.person_id from stays s where s.id = visits.stay_id)",
    ),
    harm(
        &["verified_stay_says_how"],
        &["stays"],
        "update stays set verified_on = null where id = \
         (select id from stays where state = 'admitted' order by id limit 1)",
    ),
    harm(
        &["admitted_stay_is_complete"],
        &["stays"],
        "update stays set home_unit_id = null where id = \
         (select id from stays where state = 'admitted' order by id limit 1)",
    ),
    harm(
        &["stay_days_are_in_order"],
        &["stays"],
        "update stays set left_on = '2000-01-01' where id = (select id from stays where state = 'left' order by id limit 1)",
    ),
    harm(
        &["closed_stay_says_why"],
        &["stays"],
        "update stays set reason = null where id = \
         (select id from stays where state in ('rejected', 'withdrawn') order by id limit 1)",
    ),
    harm(
        &["register_has_no_gaps"],
        &["register_counters"],
        "update register_counters set last_number = last_number + 1",
    ),
    harm(
        &["stay_and_journey_are_of_one_person"],
        &["stays"],
        "update stays set journey_id = (select id from journeys order by id limit 1) where id = (select s.id from stays s \
         where s.journey_id is not null and s.journey_id <> (select id from journeys order by id limit 1) order by s.id limit 1)",
    ),
    harm(
        &["stay_of_a_member_is_the_members"],
        &["stays"],
        "update stays set member_id = (select id from members order by id limit 1) where id = \
         (select id from stays where member_id is null order by id limit 1)",
    ),
    harm(
        &["merged_stay_says_into_which"],
        &["stay_merges"],
        "insert into stay_merges (stay_id, into_id, merged_by, merged_at) select id, id, 'x', '2026-01-01 00:00:00' \
         from stays where member_id is null and state = 'admitted'",
    ),
    harm(
        &["stay_is_on_the_timeline"],
        &["timeline"],
        "delete from timeline where event = 'stay_admitted' and subject_id = \
         (select id from stays where state = 'admitted' order by id limit 1)",
    ),
    harm(
        &["handover_has_the_facts_of_its_state"],
        &["handovers"],
        "update handovers set answered_by = null where id = \
         (select id from handovers where state = 'accepted' order by id limit 1)",
    ),
    harm(
        &["one_open_handover"],
        &["handovers"],
        "create table twin as select * from handovers where state = 'offered' order by id limit 1; \
         update twin set id = {stranger}; insert into handovers select * from twin; drop table twin",
    ),
    harm(
        &["offer_is_of_a_member_away"],
        &["handovers"],
        "update handovers set person_id = (select id from members order by id limit 1) where id = (select h.id \
         from handovers h where h.state = 'declined' and h.person_id <> (select id from members order by id limit 1) \
         order by h.id limit 1)",
    ),
    harm(
        &["accepted_handover_opened_a_stay"],
        &["handovers"],
        "update handovers set stay_id = null where id = \
         (select id from handovers where state = 'accepted' order by id limit 1)",
    ),
    harm(
        &["question_and_stay_agree", "handover_is_on_the_timeline"],
        &["handovers"],
        "update handovers set stay_id = null where id = (select id from handovers where kind = 'verification' \
         and state = 'confirmed' order by id limit 1)",
    ),
    harm(
        &["handover_days_are_in_order"],
        &["handovers"],
        "update handovers set remind_on = due_on where id = (select id from handovers order by id limit 1)",
    ),
    harm(
        &["late_handover_was_spoken_of"],
        &["handovers"],
        "update handovers set remind_on = '2026-01-05', due_on = '2026-01-10', lapses_on = '2026-02-01', \
         escalated_on = '2026-01-11' where state in ('offered', 'asked')",
    ),
    harm(
        &["handover_is_on_the_timeline"],
        &["timeline"],
        "delete from timeline where event = 'handover_offered' and subject_id = \
         (select journey_id from handovers where state = 'accepted' order by id limit 1)",
    ),
    harm(
        &["greeting_once_a_year"],
        &["outbox"],
        "create table twin as select * from outbox where occasion = 'birthday' and state = 'sent' limit 1; \
         update twin set subject_id = {stranger}; insert into outbox select * from twin; drop table twin",
    ),
    harm(
        &["nobody_gone_is_greeted"],
        &["members"],
        "update members set standing = 'deceased' where id = (select recipient_id from outbox \
         where occasion = 'birthday' and state = 'sent' and recipient_id not in (select person_id from timeline \
         where event = 'standing_changed') order by recipient_id limit 1)",
    ),
    harm(
        &["no_prompt_about_what_is_over"],
        &["inbox"],
        "update inbox set read_at = null where id = (select i.id from inbox i inner join journeys j on j.id = i.subject_id \
         and j.member_id = i.recipient_id where i.occasion = 'checkin_due' and j.state = 'returned' order by i.id limit 1)",
    ),
    harm(
        &["one_open_prompt"],
        &["inbox"],
        "update inbox set read_at = null where occasion = 'checkin_due' and subject_id in (select id from journeys \
         where state = 'away')",
    ),
    harm(
        &["notification_is_settled_once"],
        &["outbox"],
        "update outbox set settled_at = null where state = 'sent' and occasion = 'birthday'",
    ),
    harm(
        &["notification_has_a_reader"],
        &["outbox"],
        "update outbox set recipient_kind = 'staff' where recipient_kind = 'member' and occasion = 'checkin_due'",
    ),
    harm(
        &["message_has_a_reader"],
        &["inbox"],
        "update inbox set recipient_id = {stranger} where id = (select id from inbox order by id limit 1)",
    ),
    harm(
        &["request_is_answered_once"],
        &["requests"],
        "update requests set answered_by = null where state = 'done'",
    ),
    harm(
        &["one_new_number_is_asked_for"],
        &["requests"],
        "update requests set state = 'open', answered_by = null, answered_at = null, \
         member_id = (select member_id from requests order by id limit 1)",
    ),
    harm(
        &["jobs_ran_whole"],
        &["job_runs"],
        "delete from job_runs where job = 'checkin_due' and day = '2026-11-10'",
    ),
    harm(
        &["path_is_the_parents_and_the_code"],
        &["organisations"],
        "update organisations set path = path || 'x/' where code = 'W01'",
    ),
    harm(
        &["members_path_is_the_organisations"],
        &["members"],
        "update members set path = '/x/' where id = (select id from members order by id limit 1)",
    ),
    harm(
        &["journeys_path_is_the_organisations"],
        &["journeys"],
        "update journeys set path = '/x/' where id = (select id from journeys order by id limit 1)",
    ),
    harm(
        &["stays_path_is_the_organisations"],
        &["stays"],
        "update stays set path = '/x/' where id = (select id from stays order by id limit 1)",
    ),
    harm(
        &["handovers_asking_path_is_the_organisations"],
        &["handovers"],
        "update handovers set asking_path = '/x/' where id = (select id from handovers order by id limit 1)",
    ),
    harm(
        &["handovers_asked_path_is_the_organisations"],
        &["handovers"],
        "update handovers set asked_path = '/x/' where id = (select id from handovers order by id limit 1)",
    ),
    harm(
        &["imports_path_is_the_organisations"],
        &["imports"],
        "insert into imports (id, kind, organisation_id, path, file_name, state, report, created_at) \
         select id, 'members', id, '/x/', 'x', 'discarded', '{}', '2026-01-01 00:00:00' from organisations where code = 'T04'",
    ),
    harm(
        &["member_role_is_a_members"],
        &["grants"],
        "insert into grants (account_id, role, organisation_id, granted_at) select account_id, 'member', organisation_id, \
         granted_at from grants where role = 'secretary' order by account_id limit 1",
    ),
    harm(
        &["briefing_items_have_a_journey"],
        &["briefing_items"],
        "update briefing_items set journey_id = {stranger} where journey_id = \
         (select journey_id from briefing_items where done_on is null order by journey_id limit 1)",
    ),
    harm(
        &["briefed_on_is_the_last_items_day"],
        &["journey_lines"],
        "update journey_lines set briefed_on = null",
    ),
    harm(
        &["checkins_have_a_journey"],
        &["checkins"],
        "update checkins set journey_id = {stranger} where id = (select id from checkins order by id limit 1)",
    ),
    harm(
        &["contacts_have_a_journey"],
        &["contacts"],
        "update contacts set journey_id = {stranger} where outcome = 'reached'",
    ),
    harm(
        &["journey_lines_have_a_journey"],
        &["journey_lines"],
        "update journey_lines set journey_id = {stranger} where journey_id = \
         (select journey_id from journey_lines where briefed_on is null order by journey_id limit 1)",
    ),
    harm(
        &["journey_places_have_a_journey"],
        &["journey_places"],
        "update journey_places set journey_id = {stranger}",
    ),
    harm(
        &["declarations_have_a_journey"],
        &["declarations"],
        "update declarations set journey_id = {stranger} where state in ('turned_down', 'found', 'dropped')",
    ),
    harm(
        &["transfers_have_a_journey"],
        &["transfers"],
        "update transfers set journey_id = {stranger} where state in ('declined', 'dropped')",
    ),
    harm(
        &["certificates_have_a_journey"],
        &["certificates"],
        "update certificates set journey_id = {stranger} where state = 'ended'",
    ),
    harm(
        &["visits_have_a_stay"],
        &["visits"],
        "update visits set person_id = {stranger} where id = (select id from visits order by id limit 1)",
    ),
    harm(
        &["entries_have_a_journey"],
        &["certificate_entries"],
        "update certificate_entries set journey_id = {stranger} where journey_id = \
         (select journey_id from certificate_entries order by journey_id limit 1)",
    ),
    harm(
        &["reports_have_a_stay"],
        &["stay_reports"],
        "update stay_reports set stay_id = {stranger}",
    ),
    harm(
        &["backgrounds_have_a_stay"],
        &["stay_backgrounds"],
        "insert into stay_backgrounds (stay_id, unit_kind) values ({stranger}, 'other')",
    ),
    harm(
        &["messages_have_a_handover"],
        &["handover_messages"],
        "insert into handover_messages (handover_id, id, at, who, side, body) values ({stranger}, {stranger}, \
         '2026-01-01 00:00:00', 'x', 'asking', 'x')",
    ),
    harm(
        &["officers_of_journeys_are_accounts"],
        &["journeys"],
        "update journeys set contact_officer_id = {stranger} where id = (select id from journeys order by id limit 1)",
    ),
    harm(
        &["officers_of_stays_are_accounts"],
        &["stays"],
        "update stays set contact_officer_id = {stranger} where id = \
         (select id from stays where state = 'admitted' order by id limit 1)",
    ),
    harm(
        &["stays_have_a_person"],
        &["stays"],
        "update stays set person_id = {stranger} where id = \
         (select id from stays where member_id is null and state in ('rejected', 'withdrawn') \
         order by id limit 1)",
    ),
    harm(
        &["handovers_have_a_person"],
        &["handovers"],
        "update handovers set person_id = {stranger} where kind <> 'offer'",
    ),
    harm(
        &["events_have_a_person"],
        &["timeline"],
        "update timeline set person_id = {stranger} where id = (select id from timeline order by id limit 1)",
    ),
    harm(
        &["files_have_a_person", "files_have_their_bytes"],
        &["files"],
        "insert into files (id, person_id, subject_id, purpose, file_type, size, digest, uploaded_by, uploaded_at) \
         select id, {stranger}, id, 'letter', 'pdf', 1, identity_hash, 'x', '2026-01-01 00:00:00' from members \
         where identity_hash is not null order by id limit 1",
    ),
    harm(
        &["files_have_their_bytes"],
        &["files"],
        "insert into files (id, person_id, subject_id, purpose, file_type, size, digest, uploaded_by, uploaded_at) \
         select id, id, id, 'letter', 'pdf', 1, identity_hash, 'x', '2026-01-01 00:00:00' from members \
         where identity_hash is not null order by id limit 1",
    ),
];

/// Which invariants do not hold.
fn broken(life: &Life, runtime: &Runtime) -> BTreeSet<&'static str> {
    let store = life.store();
    let findings = runtime.block_on(inspection::inspect(&store)).unwrap();
    findings.broken.into_iter().map(|one| one.name).collect()
}

fn each_is_named(engine: Engine) {
    let life = Life::of(engine, 900, 365, 6);
    assert!(life.holds, "{}", life.told);
    let runtime = Runtime::new().unwrap();
    assert_eq!(broken(&life, &runtime), BTreeSet::new());
    let stranger = match engine {
        Engine::Sqlite => "x'019b8000000070008000000000000001'",
        Engine::Postgres => "'019b8000-0000-7000-8000-000000000001'",
    };
    let forces = |statements: &str| life.database.forces(statements);
    for index in INDEXES {
        forces(&format!("drop index {index}")).unwrap();
    }
    let (mut named, mut wrong) = (BTreeSet::new(), Vec::new());
    for harm in HARM.iter().chain(care::HARM) {
        let each = |what: fn(&str) -> String| harm.tables.iter().map(|table| what(table)).collect::<String>();
        forces(&each(|table| {
            format!("create table kept_{table} as select * from {table}; ")
        }))
        .unwrap();
        match forces(&harm.statement.replace("{stranger}", stranger)) {
            Ok(()) => {
                let found = broken(&life, &runtime);
                if found != harm.broken.iter().copied().collect() {
                    wrong.push(format!("{:?} was broken, {found:?} named", harm.broken));
                }
                named.extend(found);
            }
            Err(why) => wrong.push(why),
        }
        forces(&each(|table| {
            format!("delete from {table}; insert into {table} select * from kept_{table}; drop table kept_{table}; ")
        }))
        .unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(broken(&life, &runtime), BTreeSet::new(), "what was broken is mended");
    fs::create_dir_all(life.files()).unwrap();
    fs::write(life.files().join("019b8000-0000-7000-8000-000000000001"), "left over").unwrap();
    assert_eq!(broken(&life, &runtime), BTreeSet::from(["files_have_a_row"]));
    let every: BTreeSet<_> = invariants::all().map(|one| one.name).collect();
    assert_eq!(
        every.difference(&named).collect::<Vec<_>>(),
        Vec::<&&str>::new(),
        "never broken"
    );
}

#[test]
fn the_doctor_names_what_is_broken_by_ids_and_says_what_to_do() {
    let life = Life::of(Engine::Sqlite, 80, 40, 5);
    assert!(life.holds, "{}", life.told);
    let well = life.runs(&["doctor"]);
    assert!(
        well.status.success() && said(&well).contains("invariants hold"),
        "{}",
        said(&well)
    );
    let harm = life
        .database
        .forces("update members set path = '/x/' where name = (select name from members order by id limit 1)");
    harm.unwrap();
    let ill = life.runs(&["doctor"]);
    assert!(!ill.status.success(), "{}", said(&ill));
    let text = said(&ill);
    assert!(
        text.contains("members_path_is_the_organisations") && text.contains("next:"),
        "{text}"
    );
    let names = life.database.lines("name", "members where path = '/x/'");
    assert!(names.iter().all(|name| !text.contains(name)), "{text}");
}
