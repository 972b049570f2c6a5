//! The tests of `refresh_token.rs`.

use super::*;
use crate::crypto::MasterKey;
use crate::domain::oauth::fixtures::{MICROSECOND, NOW, client, code_of, form, public, scope as set, seconds};
use crate::foundation::Random;

/// The generation `generation`, made now, good for a day of idleness.
fn token(generation: i64) -> RefreshToken {
    RefreshToken {
        hash: SecretHash::of(&generation.to_string()),
        grant: GrantId::generate(&Random::seeded(1), NOW),
        generation,
        created_at: NOW,
        expires_at: NOW.after(seconds(86_400)),
        used_at: None,
        used_by: None,
    }
}

/// A token that was rotated now.
fn rotated() -> RefreshToken {
    RefreshToken { used_at: Some(NOW), ..token(0) }
}

#[test]
fn the_first_use_rotates_to_the_last_microsecond_of_idleness() {
    let token = token(0);
    assert_eq!(token.present(None, NOW), Ok(Presented::Rotate));
    assert_eq!(token.present(None, token.expires_at.before(MICROSECOND)), Ok(Presented::Rotate));
    assert_eq!(code_of(&token.present(None, token.expires_at)), Some(ErrorCode::InvalidGrant));
}

#[test]
fn a_repetition_yields_the_same_successor_until_the_grace_ends() {
    let successor = token(1);
    let cases = [
        (NOW, Presented::Repeat),
        (NOW.before(seconds(5)), Presented::Repeat),
        (NOW.after(GRACE).before(MICROSECOND), Presented::Repeat),
        (NOW.after(GRACE), Presented::Replay),
        (NOW.after(seconds(1_000_000)), Presented::Replay),
    ];
    for (now, expected) in cases {
        assert_eq!(rotated().present(Some(&successor), now), Ok(expected), "{now}");
    }
}

#[test]
fn once_the_successor_was_used_its_predecessor_is_a_replay_at_once() {
    let successor = RefreshToken { used_at: Some(NOW), ..token(1) };
    assert_eq!(rotated().present(Some(&successor), NOW), Ok(Presented::Replay), "django-oauth-toolkit 1617");
}

#[test]
fn a_used_token_without_a_successor_is_a_replay() {
    assert_eq!(rotated().present(None, NOW), Ok(Presented::Replay));
}

#[test]
fn a_used_token_is_a_replay_also_after_it_would_have_expired() {
    let (old, successor) = (rotated(), token(1));
    assert_eq!(old.present(Some(&successor), old.expires_at), Ok(Presented::Replay));
}

#[test]
fn a_successor_is_derived_from_each_of_its_inputs() {
    let key = |seed| {
        let master = MasterKey::parse(&MasterKey::generate(&Random::seeded(seed))).unwrap();
        master.derive("refresh").unwrap()
    };
    let (key, other_key) = (key(1), key(2));
    let random = Random::seeded(2);
    let (grant, other_grant) = (GrantId::generate(&random, NOW), GrantId::generate(&random, NOW));
    let first = successor(&key, "token", grant, 0).reveal();
    assert_eq!(first, successor(&key, "token", grant, 0).reveal(), "a repetition gets the same bytes");
    for (what, other) in [
        ("key", successor(&other_key, "token", grant, 0)),
        ("predecessor", successor(&key, "token2", grant, 0)),
        ("grant", successor(&key, "token", other_grant, 0)),
        ("generation", successor(&key, "token", grant, 1)),
    ] {
        assert_ne!(first, other.reveal(), "{what}");
    }
}

fn refresh(asked: Option<&str>) -> Params {
    let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", "token")];
    pairs.extend(asked.map(|asked| ("scope", asked)));
    form(&pairs)
}

#[test]
fn a_refresh_yields_what_was_granted_or_less() {
    let granted = set("email openid profile");
    let cases = [
        (None, Ok("email openid profile")),
        (Some(""), Ok("email openid profile")),
        (Some("openid"), Ok("openid")),
        (Some("profile email openid"), Ok("email openid profile")),
        (Some("openid phone"), Err(ErrorCode::InvalidScope)),
        (Some("OPENID"), Err(ErrorCode::InvalidScope)),
        (Some("open\"id"), Err(ErrorCode::InvalidScope)),
        (Some("  "), Err(ErrorCode::InvalidScope)),
    ];
    for (asked, expected) in cases {
        let got = scope(&refresh(asked), &client(), &client().id, &granted).map_err(|refusal| refusal.code);
        assert_eq!(got, expected.map(set), "{asked:?}");
    }
}

#[test]
fn another_clients_refresh_token_is_invalid_whatever_scope_is_asked_for() {
    for asked in [None, Some("openid"), Some("openid phone")] {
        let refused = scope(&refresh(asked), &public(), &client().id, &set("openid"));
        assert_eq!(code_of(&refused), Some(ErrorCode::InvalidGrant), "{asked:?} GHSA-7qh2-3hc5-2vqp");
    }
}

#[test]
fn a_missing_refresh_token_is_a_malformed_request() {
    assert_eq!(code_of(&presented(&form(&[("refresh_token", "")]))), Some(ErrorCode::InvalidRequest));
    assert_eq!(presented(&refresh(None)), Ok("token"));
}
