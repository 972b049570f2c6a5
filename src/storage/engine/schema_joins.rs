//! Which tables may be joined, and by what.

use super::schema::*;

diesel::joinable!(login_identifiers -> users (user_id));
diesel::joinable!(browser_sessions -> sessions (session_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(authorization_requests -> clients (client_id));
diesel::joinable!(pushed_requests -> clients (client_id));
diesel::joinable!(client_registrations -> clients (client_id));
diesel::joinable!(consents -> users (user_id));
diesel::joinable!(consents -> clients (client_id));
diesel::joinable!(grants -> users (user_id));
diesel::joinable!(grants -> clients (client_id));
diesel::joinable!(authorization_codes -> grants (grant_id));
diesel::joinable!(refresh_tokens -> grants (grant_id));
diesel::joinable!(factors -> users (user_id));
diesel::joinable!(recovery_codes -> users (user_id));
diesel::joinable!(pending_sign_ins -> users (user_id));
diesel::joinable!(one_time_links -> users (user_id));
diesel::joinable!(access_tokens -> clients (client_id));
diesel::joinable!(upstream_tokens -> identities (identity_id));

diesel::allow_tables_to_appear_in_same_query!(
    users,
    login_identifiers,
    clients,
    browser_sessions,
    sessions,
    authorization_requests,
    pushed_requests,
    consents,
    grants,
    authorization_codes,
    refresh_tokens,
    access_tokens,
    revoked_tokens,
    factors,
    recovery_codes,
    pending_sign_ins,
    one_time_links,
    remembered_devices,
    lost_factors,
    identities,
    upstream_flows,
    upstream_tokens,
    client_registrations,
);
