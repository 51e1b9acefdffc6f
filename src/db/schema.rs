//! The tables, as Diesel sees them. A test compares them with both migrated databases.
#![expect(missing_docs, reason = "each table is described where its feature's store uses it")]

diesel::table! {
    users (id) {
        id -> Text,
        email -> Text,
        display_name -> Text,
        password_hash -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        user_id -> Text,
        token_hash -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        kind -> Text,
        previous_hash -> Nullable<Text>,
        agent -> Text,
        used_at -> BigInt,
    }
}

diesel::table! {
    personal_tokens (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        scope -> Text,
        token_hash -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    teams (id) {
        id -> Text,
        slug -> Text,
        name -> Text,
        created_at -> BigInt,
        retention_days -> Integer,
        revision -> BigInt,
    }
}

diesel::table! {
    members (team_id, user_id) {
        team_id -> Text,
        user_id -> Text,
        role -> Text,
        joined_at -> BigInt,
    }
}

diesel::table! {
    member_invitations (id) {
        id -> Text,
        team_id -> Text,
        role -> Text,
        email -> Nullable<Text>,
        token_hash -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    audit_entries (team_id, seq) {
        team_id -> Text,
        seq -> BigInt,
        at -> BigInt,
        actor -> Text,
        action -> Text,
        subject -> Text,
        detail -> Text,
        hash -> Text,
    }
}

diesel::table! {
    idempotency_keys (user_id, key) {
        user_id -> Text,
        key -> Text,
        fingerprint -> Text,
        created_at -> BigInt,
        status -> Nullable<Integer>,
        headers -> Nullable<Text>,
        body -> Nullable<Binary>,
    }
}

diesel::table! {
    answers (id) {
        id -> Text,
        user_id -> Text,
        question -> Text,
        version -> Text,
        seed -> BigInt,
        answer -> Text,
        hints -> Integer,
        score -> Nullable<Integer>,
        max_score -> Integer,
        answered_at -> BigInt,
    }
}

diesel::table! {
    prompt_responses (id) {
        id -> Text,
        user_id -> Text,
        prompt -> Text,
        version -> Text,
        text -> Text,
        responded_at -> BigInt,
    }
}

diesel::table! {
    bank_sources (kind, name, version) {
        kind -> Text,
        name -> Text,
        version -> Text,
        source -> Text,
    }
}

diesel::table! {
    attempts (id) {
        id -> Text,
        user_id -> Text,
        set_slug -> Text,
        set_version -> Text,
        state -> Text,
        started_at -> BigInt,
        deadline -> Nullable<BigInt>,
        submitted_at -> Nullable<BigInt>,
        ended_by -> Nullable<Text>,
        furthest -> Integer,
    }
}

diesel::table! {
    attempt_items (attempt_id, position) {
        attempt_id -> Text,
        position -> Integer,
        section -> Text,
        kind -> Text,
        name -> Text,
        version -> Text,
        seed -> BigInt,
        max_score -> Integer,
        score -> Nullable<Integer>,
        grading -> Integer,
        submissions -> Integer,
        wording -> Nullable<Text>,
        counted_submission -> Nullable<Text>,
        counted_version -> Nullable<Text>,
    }
}

diesel::table! {
    question_wordings (question, hash) {
        question -> Text,
        hash -> Text,
        source -> Text,
        misconceptions -> Text,
    }
}

diesel::table! {
    responses (attempt_id, position) {
        attempt_id -> Text,
        position -> Integer,
        answer -> Text,
        revision -> BigInt,
        saved_at -> BigInt,
    }
}

diesel::table! {
    submissions (id) {
        id -> Text,
        user_id -> Text,
        exercise -> Text,
        mode -> Text,
        attempt_id -> Nullable<Text>,
        position -> Nullable<Integer>,
        verdict -> Nullable<Text>,
        score -> Nullable<Integer>,
        max_score -> Nullable<Integer>,
        package_version -> Nullable<Text>,
        traceparent -> Nullable<Text>,
        created_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        report -> Nullable<Text>,
    }
}

diesel::table! {
    submission_files (submission_id) {
        submission_id -> Text,
        files -> Text,
    }
}

diesel::table! {
    submission_events (submission_id, seq) {
        submission_id -> Text,
        seq -> Integer,
        kind -> Text,
        data -> Text,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        channel -> Text,
        ordering_key -> Text,
        payload -> Text,
        created_at -> BigInt,
        deliveries -> Integer,
        answer -> Nullable<Text>,
        delivered_at -> Nullable<BigInt>,
        abandoned_at -> Nullable<BigInt>,
        user_id -> Nullable<Text>,
        seq -> BigInt,
    }
}

diesel::table! {
    jobs (id) {
        id -> Text,
        kind -> Text,
        lane -> Text,
        owner -> Text,
        turn -> BigInt,
        ready_at -> BigInt,
        attempt -> Integer,
        lease_token -> Nullable<Text>,
        lease_until -> Nullable<BigInt>,
        worker -> Nullable<Text>,
        traceparent -> Nullable<Text>,
        created_at -> BigInt,
        failures -> Integer,
    }
}

diesel::table! {
    served_lanes (kind, lane) {
        kind -> Text,
        lane -> Text,
        served_at -> BigInt,
    }
}

diesel::table! {
    team_material (team_id, kind, slug) {
        team_id -> Text,
        kind -> Text,
        slug -> Text,
        title -> Text,
        state -> Text,
        number -> Nullable<Integer>,
        draft -> Nullable<Text>,
        revision -> BigInt,
        changed_at -> BigInt,
    }
}

diesel::table! {
    team_material_versions (team_id, kind, slug, number) {
        team_id -> Text,
        kind -> Text,
        slug -> Text,
        number -> Integer,
        version -> Text,
        source -> Text,
        made_at -> BigInt,
    }
}

diesel::table! {
    team_sets (id) {
        id -> Text,
        team_id -> Text,
        title -> Text,
        definition -> Text,
        number -> Integer,
        edited -> Integer,
        revision -> BigInt,
        created_at -> BigInt,
        changed_at -> BigInt,
    }
}

diesel::table! {
    team_set_versions (set_id, number) {
        set_id -> Text,
        number -> Integer,
        definition -> Text,
        material -> Text,
        published_at -> BigInt,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(members -> users (user_id));
diesel::joinable!(members -> teams (team_id));
diesel::joinable!(member_invitations -> teams (team_id));
diesel::joinable!(attempt_items -> attempts (attempt_id));
diesel::joinable!(submission_files -> submissions (submission_id));
diesel::joinable!(submission_events -> submissions (submission_id));
diesel::allow_tables_to_appear_in_same_query!(users, attempts, attempt_items, sessions, teams, members);
diesel::allow_tables_to_appear_in_same_query!(member_invitations, teams);
diesel::allow_tables_to_appear_in_same_query!(team_material, team_material_versions);
diesel::allow_tables_to_appear_in_same_query!(attempts, responses);
diesel::allow_tables_to_appear_in_same_query!(attempt_items, responses);
diesel::allow_tables_to_appear_in_same_query!(submissions, submission_files, submission_events, jobs);
diesel::allow_tables_to_appear_in_same_query!(jobs, served_lanes);
