//! The tables, as migrations/ makes them. What each column holds is said there.

diesel::table! {
    users (id) {
        id -> Uuid,
        status -> Text,
        username -> Nullable<Text>,
        email -> Nullable<Text>,
        email_verified -> Bool,
        administrator -> Bool,
        claims -> Text,
        password_hash -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        group_names -> Text,
        custom_claims -> Text,
        second_factor -> Bool,
        delete_at -> Nullable<Timestamptz>,
        password_mailed_at -> Nullable<Timestamptz>,
        second_factor_from -> Nullable<Timestamptz>,
        upstream_groups -> Text,
    }
}

diesel::table! {
    login_identifiers (identifier) {
        identifier -> Text,
        user_id -> Uuid,
        skeleton -> Nullable<Binary>,
    }
}

diesel::table! {
    clients (id) {
        id -> Text,
        name -> Text,
        enabled -> Bool,
        secret_hash -> Nullable<Binary>,
        metadata -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        sealed_secret -> Nullable<Binary>,
        registered_itself -> Bool,
    }
}

diesel::table! {
    signing_keys (id) {
        id -> Text,
        algorithm -> Text,
        state -> Text,
        private_key -> Binary,
        public_jwk -> Text,
        created_at -> Timestamptz,
        activated_at -> Nullable<Timestamptz>,
        retired_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    encryption_keys (id) { id -> Text, algorithm -> Text, private_key -> Binary, created_at -> Timestamptz, }
}

diesel::table! {
    browser_sessions (hash) {
        hash -> Binary,
        data -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        session_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        authenticated_at -> Timestamptz,
        methods -> Text,
        created_at -> Timestamptz,
        seen_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        proved_in -> Nullable<Binary>,
        chosen_in -> Nullable<Binary>,
        proofs -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
        upstream_session -> Nullable<Binary>,
    }
}

diesel::table! {
    authorization_requests (hash) {
        hash -> Binary,
        browser_hash -> Binary,
        client_id -> Text,
        parameters -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        place -> Nullable<Binary>,
    }
}

diesel::table! {
    pushed_requests (hash) {
        hash -> Binary,
        client_id -> Text,
        parameters -> Text,
        place -> Nullable<Binary>,
        used_in -> Nullable<Binary>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    consents (user_id, client_id) {
        user_id -> Uuid,
        client_id -> Text,
        scope -> Text,
        claims -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    grants (id) {
        id -> Uuid,
        client_id -> Text,
        user_id -> Uuid,
        pairwise_sub -> Nullable<Text>,
        session_id -> Nullable<Uuid>,
        offline -> Bool,
        scope -> Text,
        claims -> Nullable<Text>,
        authenticated_at -> Timestamptz,
        methods -> Text,
        acr -> Nullable<Text>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        resources -> Text,
    }
}

diesel::table! {
    authorization_codes (hash) {
        hash -> Binary,
        grant_id -> Uuid,
        client_id -> Text,
        redirect_uri -> Text,
        challenge -> Nullable<Text>,
        nonce -> Nullable<Text>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        made_by -> Nullable<BigInt>,
        used_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Binary,
        grant_id -> Uuid,
        generation -> BigInt,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
        used_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    access_tokens (hash) {
        hash -> Binary,
        id -> Text,
        client_id -> Text,
        claims -> Text,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    revoked_tokens (id) {
        id -> Text,
        revoked_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    counters (id) {
        id -> Text,
        hits -> BigInt,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    login_throttles (id) {
        id -> Text,
        user_id -> Nullable<Uuid>,
        failures -> BigInt,
        failed_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    factors (id) {
        id -> Uuid,
        user_id -> Uuid,
        kind -> Text,
        name -> Text,
        secret -> Nullable<Binary>,
        credential_id -> Nullable<Binary>,
        credential -> Nullable<Text>,
        last_step -> Nullable<BigInt>,
        created_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
        begun_in -> Nullable<Binary>,
        sign_count -> Nullable<BigInt>,
        suspected_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    used_challenges (hash) {
        hash -> Binary,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    used_assertions (hash) {
        hash -> Binary,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    recovery_codes (hash) {
        hash -> Binary,
        user_id -> Uuid,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    pending_sign_ins (hash) {
        hash -> Binary,
        user_id -> Uuid,
        user_seen_at -> Timestamptz,
        proofs -> Text,
        flow_hash -> Binary,
        browser_hash -> Binary,
        stays -> Bool,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    one_time_links (hash) {
        hash -> Binary,
        purpose -> Text,
        subject -> Binary,
        user_id -> Nullable<Uuid>,
        user_seen_at -> Nullable<Timestamptz>,
        payload -> Nullable<Binary>,
        browser_hash -> Nullable<Binary>,
        code_hash -> Nullable<Binary>,
        wrong_codes -> BigInt,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    remembered_devices (id) {
        id -> Uuid,
        hash -> Binary,
        user_id -> Uuid,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    identities (id) {
        id -> Uuid,
        user_id -> Uuid,
        provider -> Text,
        issuer -> Text,
        subject -> Text,
        label -> Nullable<Text>,
        created_at -> Timestamptz,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    upstream_tokens (identity_id) {
        identity_id -> Uuid,
        provider -> Text,
        sealed -> Binary,
        renew_at -> Nullable<Timestamptz>,
        leased_until -> Nullable<Timestamptz>,
        failures -> BigInt,
        version -> BigInt,
        used_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    upstream_flows (hash) {
        hash -> Binary,
        provider -> Text,
        browser_hash -> Binary,
        sealed -> Binary,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    lost_factors (user_id) {
        user_id -> Uuid,
        user_seen_at -> Timestamptz,
        requested_at -> Timestamptz,
        effective_at -> Timestamptz,
        remind_at -> Nullable<Timestamptz>,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    clock_marks (id) {
        id -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    jobs (id) {
        id -> Uuid,
        kind -> Text,
        key -> Text,
        payload -> Text,
        state -> Text,
        schedule -> Nullable<BigInt>,
        run_at -> Timestamptz,
        armed_at -> Timestamptz,
        attempts -> BigInt,
        max_attempts -> BigInt,
        fence -> BigInt,
        leased_by -> Nullable<BigInt>,
        lease_until -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        created_at -> Timestamptz,
        created_by -> Text,
        finished_at -> Nullable<Timestamptz>,
        expires_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Uuid,
        occurred_at -> Timestamptz,
        action -> Text,
        outcome -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        on_behalf_of -> Nullable<Uuid>,
        targets -> Text,
        client_id -> Nullable<Text>,
        session_id -> Nullable<Uuid>,
        address -> Nullable<Text>,
        user_agent -> Nullable<Text>,
        request_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        changes -> Text,
        count -> BigInt,
        seq -> Nullable<BigInt>,
        person -> Nullable<Text>,
    }
}

diesel::table! {
    decision_traces (id) {
        id -> Text,
        place -> BigInt,
        source -> BigInt,
        recorded_at -> Timestamptz,
        expires_at -> Timestamptz,
        endpoint -> Text,
        trace -> Text,
    }
}

diesel::table! {
    audit_positions (id) {
        id -> Text,
        seq -> BigInt,
    }
}

diesel::table! {
    initial_access_tokens (id) {
        id -> Uuid,
        hash -> Binary,
        name -> Text,
        uses_left -> BigInt,
        used -> BigInt,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    client_registrations (client_id) {
        client_id -> Text,
        token_hash -> Binary,
        place -> Nullable<Binary>,
        wide_place -> Nullable<Binary>,
        created_at -> Timestamptz,
        unused_until -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    kept_keys (name) {
        name -> Text,
        sealed -> Binary,
        created_at -> Timestamptz,
    }
}
