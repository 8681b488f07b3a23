//! The tables, once for both engines; a test holds them against the migrated databases.

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    organisations (id) {
        id -> UuidSql,
        code -> Text,
        kind -> Text,
        name -> Text,
        parent_id -> Nullable<UuidSql>,
        path -> Text,
        division_code -> Nullable<Text>,
        phone -> Nullable<Text>,
        contact_interval_days -> Nullable<Integer>,
        active -> Bool,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    organisation_settings (organisation_id, key) {
        organisation_id -> UuidSql,
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    members (id) {
        id -> UuidSql,
        home_branch_id -> UuidSql,
        path -> Text,
        name -> Text,
        gender -> Text,
        ethnicity -> Nullable<Text>,
        identity_sealed -> Nullable<Binary>,
        identity_hash -> Nullable<Binary>,
        birth_date -> Nullable<Date>,
        birthday_calendar -> Text,
        birthday_key -> Nullable<SmallInt>,
        phone_sealed -> Nullable<Binary>,
        phone_hash -> Nullable<Binary>,
        email -> Nullable<Text>,
        education -> Nullable<Text>,
        address -> Nullable<Text>,
        standing -> Text,
        joined_on -> Nullable<Date>,
        political_key -> Nullable<SmallInt>,
        full_member_on -> Nullable<Date>,
        language -> Text,
        by_email -> Bool,
        quiet_from -> Time,
        quiet_until -> Time,
        consent_version -> Nullable<Text>,
        consented_at -> Nullable<Timestamp>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    visitors (id) {
        id -> UuidSql,
        name -> Text,
        gender -> Nullable<Text>,
        ethnicity -> Nullable<Text>,
        identity_sealed -> Nullable<Binary>,
        identity_hash -> Nullable<Binary>,
        phone_sealed -> Nullable<Binary>,
        phone_hash -> Nullable<Binary>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    accounts (id) {
        id -> UuidSql,
        login -> Text,
        password_hash -> Nullable<Text>,
        member_id -> Nullable<UuidSql>,
        name -> Text,
        email -> Nullable<Text>,
        language -> Text,
        active -> Bool,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    grants (account_id, role, organisation_id) {
        account_id -> UuidSql,
        role -> Text,
        organisation_id -> UuidSql,
        granted_by -> Nullable<UuidSql>,
        granted_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    activations (code_hash) {
        code_hash -> Binary,
        member_id -> UuidSql,
        issued_by -> Nullable<UuidSql>,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    sessions (id) {
        id -> UuidSql,
        account_id -> UuidSql,
        device -> Nullable<Text>,
        started_at -> Timestamp,
        expires_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    refresh_tokens (token_hash) {
        token_hash -> Binary,
        session_id -> UuidSql,
        issued_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    login_failures (login_hash) {
        login_hash -> Binary,
        failures -> Integer,
        last_at -> Timestamp,
        locked_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    journeys (member_id, id) {
        member_id -> UuidSql,
        id -> UuidSql,
        origin_id -> UuidSql,
        path -> Text,
        reason -> Text,
        division_code -> Nullable<Text>,
        country -> Nullable<Text>,
        place -> Nullable<Text>,
        employer -> Nullable<Text>,
        unit_kind -> Nullable<Text>,
        former_occupation -> Nullable<Text>,
        host_id -> Nullable<UuidSql>,
        contact_officer_id -> Nullable<UuidSql>,
        certificate_number -> Nullable<Text>,
        planned_departure_on -> Nullable<Date>,
        expected_return_on -> Nullable<Date>,
        departed_on -> Nullable<Date>,
        state -> Text,
        home_since -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        transferred_to -> Nullable<Text>,
        transfer_letter -> Nullable<Text>,
        contact_interval_days -> Integer,
        next_checkin_due -> Nullable<Date>,
        last_contact_at -> Nullable<Timestamp>,
        silence_since -> Nullable<Date>,
        silence_source -> Nullable<Text>,
        declaration_id -> Nullable<UuidSql>,
        transfer_id -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    briefing_items (member_id, journey_id, item) {
        member_id -> UuidSql,
        journey_id -> UuidSql,
        item -> Text,
        position -> SmallInt,
        done_on -> Nullable<Date>,
        done_by -> Nullable<Text>,
        zh -> Nullable<Text>,
        en -> Nullable<Text>,
        by_member -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    checkins (member_id, id) {
        member_id -> UuidSql,
        id -> UuidSql,
        journey_id -> UuidSql,
        kind -> Text,
        division_code -> Nullable<Text>,
        place -> Nullable<Text>,
        wellbeing -> Text,
        note -> Nullable<Text>,
        means -> Text,
        recorded_by -> Nullable<UuidSql>,
        recorded_at -> Timestamp,
        received_at -> Timestamp,
        clock_doubtful -> Bool,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    stays (person_id, id) {
        person_id -> UuidSql,
        id -> UuidSql,
        member_id -> Nullable<UuidSql>,
        host_id -> UuidSql,
        path -> Text,
        source -> Text,
        state -> Text,
        origin_id -> Nullable<UuidSql>,
        origin_name -> Nullable<Text>,
        origin_phone -> Nullable<Text>,
        journey_id -> Nullable<UuidSql>,
        arrived_on -> Date,
        address -> Nullable<Text>,
        employer -> Nullable<Text>,
        home_unit_id -> Nullable<UuidSql>,
        contact_officer_id -> Nullable<UuidSql>,
        contact_officer_name -> Nullable<Text>,
        contact_officer_phone -> Nullable<Text>,
        register_year -> Nullable<Integer>,
        register_number -> Nullable<Integer>,
        verified_by -> Nullable<Text>,
        verified_on -> Nullable<Date>,
        confirmed_by -> Nullable<Text>,
        confirmed_number -> Nullable<Text>,
        admitted_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        left_on -> Nullable<Date>,
        next_place -> Nullable<Text>,
        next_division_code -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    register_counters (host_id, year) {
        host_id -> UuidSql,
        year -> Integer,
        last_number -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    handovers (id) {
        id -> UuidSql,
        kind -> Text,
        person_id -> UuidSql,
        journey_id -> Nullable<UuidSql>,
        stay_id -> Nullable<UuidSql>,
        asking_id -> UuidSql,
        asking_path -> Text,
        asked_id -> UuidSql,
        asked_path -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        asked_by -> Text,
        answered_by -> Nullable<Text>,
        answered_at -> Nullable<Timestamp>,
        due_on -> Date,
        remind_on -> Date,
        lapses_on -> Date,
        escalated_on -> Nullable<Date>,
        answered_from_id -> Nullable<UuidSql>,
        settled_at -> Nullable<Timestamp>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        whereabouts -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    handover_messages (handover_id, id) {
        handover_id -> UuidSql,
        id -> UuidSql,
        at -> Timestamp,
        account_id -> Nullable<UuidSql>,
        who -> Text,
        side -> Text,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    outbox (recipient_id, occasion, subject_id, period, channel) {
        recipient_id -> UuidSql,
        occasion -> Text,
        subject_id -> UuidSql,
        period -> Text,
        channel -> Text,
        recipient_kind -> Text,
        state -> Text,
        attempts -> Integer,
        not_before -> Timestamp,
        first_tried_at -> Nullable<Timestamp>,
        expires_on -> Nullable<Date>,
        last_error -> Nullable<Text>,
        day -> Date,
        planned_at -> Timestamp,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    channels (channel) {
        channel -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    inbox (recipient_id, id) {
        recipient_id -> UuidSql,
        id -> UuidSql,
        occasion -> Text,
        subject_id -> UuidSql,
        title -> Text,
        body -> Text,
        created_at -> Timestamp,
        read_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;

    job_runs (job, day) {
        job -> Text,
        day -> Date,
        planned -> Integer,
        failure -> Nullable<Text>,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    timeline (person_id, id) {
        person_id -> UuidSql,
        id -> UuidSql,
        subject_id -> UuidSql,
        at -> Timestamp,
        account_id -> Nullable<UuidSql>,
        who -> Text,
        event -> Text,
        reason -> Nullable<Text>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    audit (id) {
        id -> UuidSql,
        at -> Timestamp,
        account_id -> Nullable<UuidSql>,
        who -> Text,
        action -> Text,
        person_id -> Nullable<UuidSql>,
        subject_id -> Nullable<UuidSql>,
        path -> Nullable<Text>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    webhooks (id) {
        id -> UuidSql,
        organisation_id -> UuidSql,
        path -> Text,
        url -> Text,
        description -> Nullable<Text>,
        events -> Text,
        state -> Text,
        secret_sealed -> Binary,
        old_secret_sealed -> Nullable<Binary>,
        old_secret_until -> Nullable<Timestamp>,
        failing_since -> Nullable<Timestamp>,
        owner_id -> Nullable<UuidSql>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    webhook_deliveries (id) {
        id -> UuidSql,
        webhook_id -> UuidSql,
        event -> Text,
        subject_id -> UuidSql,
        place -> Integer,
        body -> Text,
        state -> Text,
        attempts -> Integer,
        not_before -> Timestamp,
        first_tried_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    webhook_attempts (delivery_id, id) {
        delivery_id -> UuidSql,
        id -> UuidSql,
        at -> Timestamp,
        took_ms -> Integer,
        status -> Nullable<Integer>,
        answer -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    imports (id) {
        id -> UuidSql,
        kind -> Text,
        organisation_id -> UuidSql,
        path -> Text,
        account_id -> Nullable<UuidSql>,
        file_name -> Text,
        file_sealed -> Nullable<Binary>,
        state -> Text,
        report -> Text,
        created_at -> Timestamp,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    answers (account_id, key) {
        account_id -> UuidSql,
        key -> Text,
        request_hash -> Binary,
        claimed_at -> Timestamp,
        answer_sealed -> Nullable<Binary>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    requests (id) {
        id -> UuidSql,
        member_id -> UuidSql,
        kind -> Text,
        said -> Nullable<Text>,
        phone_sealed -> Nullable<Binary>,
        state -> Text,
        reason -> Nullable<Text>,
        answered_by -> Nullable<Text>,
        answered_at -> Nullable<Timestamp>,
        version -> Integer,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    email_changes (member_id) {
        member_id -> UuidSql,
        id -> UuidSql,
        email -> Text,
        sent -> Integer,
        failures -> Integer,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    contacts (member_id, id) {
        member_id -> UuidSql,
        id -> UuidSql,
        journey_id -> UuidSql,
        means -> Text,
        outcome -> Text,
        summary -> Nullable<Text>,
        next_step -> Nullable<Text>,
        contacted_at -> Timestamp,
        recorded_by -> Nullable<UuidSql>,
        recorded_by_name -> Text,
        received_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    visits (person_id, id) {
        person_id -> UuidSql,
        id -> UuidSql,
        stay_id -> UuidSql,
        means -> Text,
        outcome -> Text,
        summary -> Nullable<Text>,
        next_step -> Nullable<Text>,
        visited_at -> Timestamp,
        recorded_by -> Nullable<UuidSql>,
        recorded_by_name -> Text,
        received_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    officer_handings (id) {
        id -> UuidSql,
        organisation_id -> Nullable<UuidSql>,
        from_id -> UuidSql,
        from_name -> Text,
        to_id -> UuidSql,
        to_name -> Text,
        reason -> Text,
        people -> Integer,
        journeys -> Integer,
        stays -> Integer,
        outside -> Integer,
        handed_by -> Nullable<UuidSql>,
        handed_by_name -> Text,
        handed_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    phone_troubles (member_id) {
        member_id -> UuidSql,
        id -> UuidSql,
        source -> Text,
        note -> Nullable<Text>,
        since_on -> Date,
        noted_by -> Text,
        noted_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    cluster_answers (id) {
        id -> UuidSql,
        organisation_id -> UuidSql,
        division_code -> Text,
        kind -> Text,
        members -> Integer,
        reason -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        approved_on -> Nullable<Date>,
        valid_until -> Nullable<Date>,
        answered_by -> Text,
        answered_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    journey_lines (member_id, journey_id) {
        member_id -> UuidSql,
        journey_id -> UuidSql,
        officer_name -> Nullable<Text>,
        officer_phone -> Nullable<Text>,
        attended_on -> Nullable<Date>,
        dues_paid_on -> Nullable<Date>,
        briefed_on -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    declarations (id) {
        id -> UuidSql,
        member_id -> UuidSql,
        journey_id -> UuidSql,
        reason -> Text,
        note -> Nullable<Text>,
        silent_since -> Date,
        silence_source -> Text,
        state -> Text,
        proposed_by -> Text,
        proposed_at -> Timestamp,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<Timestamp>,
        decision_reason -> Nullable<Text>,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        outcome -> Nullable<Text>,
        outcome_note -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    certificates (id) {
        id -> UuidSql,
        number -> Text,
        member_id -> UuidSql,
        journey_id -> UuidSql,
        issuer_id -> UuidSql,
        issued_on -> Date,
        issued_by -> Text,
        valid_from -> Date,
        valid_until -> Date,
        state -> Text,
        ended_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        replaced_by -> Nullable<Text>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    certificate_counters (issuer_id, year) {
        issuer_id -> UuidSql,
        year -> Integer,
        last_number -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    certificate_entries (journey_id, kind, subject) {
        journey_id -> UuidSql,
        kind -> Text,
        subject -> Text,
        organisation_id -> UuidSql,
        entered_on -> Date,
        contact -> Nullable<Text>,
        said -> Nullable<Text>,
        entered_by -> Text,
        entered_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    journey_places (member_id, id) {
        member_id -> UuidSql,
        id -> UuidSql,
        journey_id -> UuidSql,
        division_code -> Nullable<Text>,
        country -> Nullable<Text>,
        place -> Nullable<Text>,
        employer -> Nullable<Text>,
        unit_kind -> Nullable<Text>,
        host_id -> Nullable<UuidSql>,
        since_on -> Nullable<Date>,
        until_on -> Date,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    transfers (id) {
        id -> UuidSql,
        member_id -> UuidSql,
        journey_id -> UuidSql,
        origin_id -> UuidSql,
        letter -> Text,
        issued_on -> Date,
        valid_until -> Date,
        receiving_id -> Nullable<UuidSql>,
        receiving_name -> Text,
        state -> Text,
        started_by -> Text,
        started_at -> Timestamp,
        ended_by -> Nullable<Text>,
        ended_at -> Nullable<Timestamp>,
        reason -> Nullable<Text>,
        receipt_on -> Nullable<Date>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    files (id) {
        id -> UuidSql,
        person_id -> UuidSql,
        subject_id -> UuidSql,
        purpose -> Text,
        file_type -> Text,
        size -> Integer,
        digest -> Binary,
        uploaded_by -> Text,
        uploaded_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    stay_backgrounds (stay_id) {
        stay_id -> UuidSql,
        origin_division_code -> Nullable<Text>,
        unit_kind -> Nullable<Text>,
        former_occupation -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    stay_reports (id) {
        id -> UuidSql,
        stay_id -> UuidSql,
        person_id -> UuidSql,
        source -> Text,
        name -> Text,
        phone_sealed -> Nullable<Binary>,
        received_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    stay_merges (stay_id) {
        stay_id -> UuidSql,
        into_id -> UuidSql,
        merged_by -> Text,
        merged_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    stays_apart (one_id, other_id) {
        one_id -> UuidSql,
        other_id -> UuidSql,
        reason -> Text,
        said_by -> Text,
        said_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    lecturers (id) {
        id -> UuidSql,
        organisation_id -> UuidSql,
        path -> Text,
        name -> Text,
        topic -> Nullable<Text>,
        active -> Bool,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    lecturer_villages (lecturer_id, organisation_id) {
        lecturer_id -> UuidSql,
        organisation_id -> UuidSql,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    gatherings (id) {
        id -> UuidSql,
        organisation_id -> UuidSql,
        path -> Text,
        kind -> Text,
        title -> Text,
        description -> Nullable<Text>,
        place -> Nullable<Text>,
        link -> Nullable<Text>,
        starts_at -> Timestamp,
        ends_at -> Timestamp,
        day -> Date,
        learning_minutes -> Integer,
        lecturer_id -> Nullable<UuidSql>,
        series_id -> Nullable<UuidSql>,
        series_rule -> Nullable<Text>,
        state -> Text,
        reason -> Nullable<Text>,
        organised_by -> Text,
        invited_on -> Nullable<Date>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    gathering_audiences (gathering_id, position) {
        gathering_id -> UuidSql,
        position -> SmallInt,
        kind -> Text,
        organisation_id -> UuidSql,
        path -> Text,
        division_code -> Nullable<Text>,
        division_until -> Nullable<Text>,
        month -> Nullable<SmallInt>,
        missed_id -> Nullable<UuidSql>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    attendances (gathering_id, person_id) {
        gathering_id -> UuidSql,
        person_id -> UuidSql,
        member_id -> Nullable<UuidSql>,
        unit_id -> UuidSql,
        path -> Text,
        state -> Text,
        day -> Date,
        minutes -> Integer,
        means -> Nullable<Text>,
        reason -> Nullable<Text>,
        made_up_by -> Nullable<UuidSql>,
        recorded_by -> Nullable<Text>,
        recorded_at -> Nullable<Timestamp>,
        received_at -> Nullable<Timestamp>,
        listed_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    gathering_reflections (gathering_id, person_id) {
        gathering_id -> UuidSql,
        person_id -> UuidSql,
        text_sealed -> Binary,
        shared -> Bool,
        written_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    calendar_feeds (member_id) {
        member_id -> UuidSql,
        token_hash -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    wishes (id) {
        id -> UuidSql,
        person_id -> UuidSql,
        stay_id -> Nullable<UuidSql>,
        organisation_id -> UuidSql,
        path -> Text,
        said -> Text,
        anonymous -> Bool,
        state -> Text,
        written_on -> Date,
        published_on -> Nullable<Date>,
        published_by -> Nullable<Text>,
        claimed_on -> Nullable<Date>,
        claimed_by -> Nullable<UuidSql>,
        claimed_by_member -> Nullable<UuidSql>,
        claimed_by_name -> Nullable<Text>,
        fulfilled_on -> Nullable<Date>,
        fulfilled_by -> Nullable<Text>,
        thanked_on -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        author_acted_on -> Date,
        version -> Integer,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    service_requests (id) {
        id -> UuidSql,
        person_id -> UuidSql,
        stay_id -> Nullable<UuidSql>,
        organisation_id -> UuidSql,
        path -> Text,
        kind -> Text,
        said -> Text,
        state -> Text,
        asked_on -> Date,
        asked_by -> Nullable<Text>,
        term_days -> Integer,
        due_on -> Date,
        late_on -> Nullable<Date>,
        officer_id -> Nullable<UuidSql>,
        officer_name -> Nullable<Text>,
        assigned_on -> Nullable<Date>,
        answered_on -> Nullable<Date>,
        answered_by -> Nullable<Text>,
        answered_from_id -> Nullable<UuidSql>,
        resolved_on -> Nullable<Date>,
        rating -> Nullable<Text>,
        rated_on -> Nullable<Date>,
        withdrawn_on -> Nullable<Date>,
        escalations -> SmallInt,
        escalated_id -> Nullable<UuidSql>,
        escalated_on -> Nullable<Date>,
        escalates_on -> Nullable<Date>,
        version -> Integer,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    service_messages (subject_id, place) {
        subject_id -> UuidSql,
        place -> Integer,
        side -> Text,
        who -> Nullable<Text>,
        body -> Text,
        said_on -> Date,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    gifts (id) {
        id -> UuidSql,
        person_id -> UuidSql,
        stay_id -> Nullable<UuidSql>,
        organisation_id -> UuidSql,
        path -> Text,
        occasion -> Text,
        item -> Text,
        name -> Nullable<Text>,
        given_on -> Date,
        given_by -> Text,
        note -> Nullable<Text>,
        state -> Text,
        reason -> Nullable<Text>,
        recorded_by -> Nullable<UuidSql>,
        recorded_by_name -> Text,
        version -> Integer,
        created_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    campaigns (id) {
        id -> UuidSql,
        organisation_id -> UuidSql,
        path -> Text,
        festival -> Text,
        year -> Integer,
        festival_on -> Date,
        starts_on -> Date,
        ends_on -> Date,
        title -> Text,
        audience -> Text,
        prompts -> Text,
        activities -> Text,
        state -> Text,
        opened_on -> Nullable<Date>,
        settled_on -> Nullable<Date>,
        reason -> Nullable<Text>,
        copied_from -> Nullable<UuidSql>,
        created_by -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::types::UuidSql;

    campaign_reports (campaign_id) {
        campaign_id -> UuidSql,
        report -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    campaigns,
    campaign_reports,
    wishes,
    service_requests,
    service_messages,
    gifts,
    lecturers,
    lecturer_villages,
    gatherings,
    gathering_audiences,
    attendances,
    gathering_reflections,
    calendar_feeds,
    stay_merges,
    stays_apart,
    stay_backgrounds,
    stay_reports,
    files,
    answers,
    requests,
    email_changes,
    organisations,
    organisation_settings,
    members,
    visitors,
    accounts,
    grants,
    activations,
    sessions,
    refresh_tokens,
    login_failures,
    journeys,
    briefing_items,
    checkins,
    contacts,
    visits,
    officer_handings,
    phone_troubles,
    cluster_answers,
    journey_lines,
    declarations,
    journey_places,
    transfers,
    stays,
    register_counters,
    handovers,
    handover_messages,
    outbox,
    channels,
    inbox,
    job_runs,
    timeline,
    audit,
    webhooks,
    webhook_deliveries,
    webhook_attempts,
    imports,
    certificates,
    certificate_counters,
    certificate_entries
);
