//! The paths of the API: the router, the log and the description take them from here. What stands in braces is one segment.

/// The description of all of it.
pub const OPENAPI: &str = "/api/v1/openapi.json";
/// Who one is.
pub const ME: &str = "/api/v1/me";
/// Another password.
pub const PASSWORD: &str = "/api/v1/me/password";
/// Another address.
pub const EMAIL: &str = "/api/v1/me/email";
/// It is theirs.
pub const EMAIL_CONFIRM: &str = "/api/v1/me/email/confirm";
/// What one proves beside the password.
pub const FACTORS: &str = "/api/v1/me/factors";
/// One of that.
pub const FACTOR: &str = "/api/v1/me/factors/{factor}";
/// An authenticator app is set up.
pub const TOTP: &str = "/api/v1/me/factors/totp";
/// The app works.
pub const TOTP_CONFIRM: &str = "/api/v1/me/factors/totp/confirm";
/// A passkey is made.
pub const PASSKEY: &str = "/api/v1/me/factors/passkey";
/// It is there.
pub const PASSKEY_CONFIRM: &str = "/api/v1/me/factors/passkey/confirm";
/// The codes on paper.
pub const RECOVERY_CODES: &str = "/api/v1/me/factors/recovery-codes";
/// Where one is signed in.
pub const SESSIONS: &str = "/api/v1/me/sessions";
/// One of these.
pub const SESSION: &str = "/api/v1/me/sessions/{session}";
/// All that is kept about one.
pub const DATA: &str = "/api/v1/me/data";
/// What one has allowed to whom.
pub const CONSENTS: &str = "/api/v1/me/consents";
/// To one of them.
pub const CONSENT: &str = "/api/v1/me/consents/{client}";

/// The access token that a provider gave.
pub const UPSTREAM_TOKEN: &str = "/api/v1/me/upstream/{provider}/token";

/// The keys of this server.
pub const KEYS: &str = "/api/v1/keys";
/// They are rotated.
pub const ROTATE_KEYS: &str = "/api/v1/keys/rotate";

/// Every path, those without braces first.
pub const ALL: [&str; 20] = [
    OPENAPI,
    ME,
    PASSWORD,
    EMAIL,
    EMAIL_CONFIRM,
    FACTORS,
    TOTP,
    TOTP_CONFIRM,
    PASSKEY,
    PASSKEY_CONFIRM,
    RECOVERY_CODES,
    SESSIONS,
    CONSENTS,
    DATA,
    KEYS,
    ROTATE_KEYS,
    FACTOR,
    SESSION,
    CONSENT,
    UPSTREAM_TOKEN,
];

/// The path that this one is of.
pub fn of(asked: &str) -> Option<&'static str> {
    ALL.into_iter().find(|path| matches(path, asked))
}

fn matches(path: &str, asked: &str) -> bool {
    let Some((before, rest)) = path.split_once('{') else { return path == asked };
    let after = rest.split_once('}').map_or("", |(_, after)| after);
    let named = asked.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    named.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_name_in_it_is_found_without_the_name() {
        assert_eq!(of("/api/v1/me/sessions/hunter2"), Some(SESSION));
        assert_eq!(of("/api/v1/me/factors/totp"), Some(TOTP));
        assert_eq!(of("/api/v1/me/upstream/google/token"), Some(UPSTREAM_TOKEN));
        for other in ["/api/v1/me/upstream//token", "/api/v1/me/upstream/a/b/token", "/api/v1/me/upstream/a"] {
            assert_eq!(of(other), None, "{other}");
        }
        for other in ["/api/v1/me/", "/api/v1/me/sessions/", "/api/v1/me/sessions/a/b", "/api/v1", "/api/v1/me/x"] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
