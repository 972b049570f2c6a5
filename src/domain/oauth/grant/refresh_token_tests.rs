//! The tests of `refresh_token.rs`.

use super::*;
use crate::crypto::MasterKey;
use crate::domain::oauth::client::Client;
use crate::domain::oauth::fixtures::{MICROSECOND, NOW, client, code_of, form, moment, public, scope as set, seconds};
use crate::domain::oauth::state_machine::refresh::Agreeing;
use crate::foundation::Random;

/// By a client that is proven.
fn scope(
    params: &Params,
    client: &Client,
    token: &RefreshToken,
    granted_to: &ClientId,
    granted: &Scope,
    now: Timestamp,
) -> Result<Scope, Refusal> {
    super::scope(params, &Authenticated::proven(client), token, granted_to, granted, moment(now))
}

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
    assert_eq!(token.present(None, NOW), Presented::Rotate);
    let at = |now| scope(&refresh(None), &client(), &token, &client().id, &set("openid"), now);
    assert_eq!(at(token.expires_at.before(MICROSECOND)), Ok(set("openid")));
    assert_eq!(code_of(&at(token.expires_at)), Some(ErrorCode::InvalidGrant));
    assert!(at(token.expires_at).unwrap_err().detail.to_string().contains("expired at"));
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
        assert_eq!(rotated().present(Some(&successor), now), expected, "{now}");
    }
}

#[test]
fn once_the_successor_was_used_its_predecessor_is_a_replay_at_once() {
    let successor = RefreshToken { used_at: Some(NOW), ..token(1) };
    assert_eq!(rotated().present(Some(&successor), NOW), Presented::Replay, "django-oauth-toolkit 1617");
}

#[test]
fn a_used_token_without_a_successor_is_a_replay() {
    assert_eq!(rotated().present(None, NOW), Presented::Replay);
}

#[test]
fn a_used_token_is_a_replay_also_after_it_would_have_expired() {
    let (old, successor) = (rotated(), token(1));
    assert_eq!(old.present(Some(&successor), old.expires_at), Presented::Replay);
    let judged = scope(&refresh(None), &client(), &old, &client().id, &set("openid"), old.expires_at);
    assert_eq!(judged, Ok(set("openid")), "so nothing refuses it before");
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
        let got =
            scope(&refresh(asked), &client(), &token(0), &client().id, &granted, NOW).map_err(|refusal| refusal.code);
        assert_eq!(got, expected.map(set), "{asked:?}");
    }
}

#[test]
fn another_clients_refresh_token_is_invalid_whatever_scope_is_asked_for() {
    for asked in [None, Some("openid"), Some("openid phone")] {
        let refused = scope(&refresh(asked), &public(), &token(0), &client().id, &set("openid"), NOW);
        assert_eq!(code_of(&refused), Some(ErrorCode::InvalidGrant), "{asked:?} GHSA-7qh2-3hc5-2vqp");
    }
}

#[test]
fn a_missing_refresh_token_is_a_malformed_request() {
    assert_eq!(code_of(&presented(&form(&[("refresh_token", "")]))), Some(ErrorCode::InvalidRequest));
    assert_eq!(presented(&refresh(None)), Ok("token"));
}

#[test]
fn what_oxide_auth_refuses_would_pass_without_it() {
    let granted = set("openid email");
    let no_token = form(&[("grant_type", "refresh_token")]);
    let another_grant = form(&[("grant_type", "password"), ("refresh_token", "token")]);
    let (proven, unproven) = (Authenticated::proven(&client()), Authenticated::unproven(&client()));
    for (what, params, owner, now) in [
        ("another client's token", refresh(None), public().id, NOW),
        ("a token that lay idle", refresh(None), client().id, token(0).expires_at),
        ("more than was granted", refresh(Some("openid phone")), client().id, NOW),
        ("a malformed scope", refresh(Some("open\"id")), client().id, NOW),
        ("no token", no_token, client().id, NOW),
        ("another grant type", another_grant, client().id, NOW),
    ] {
        assert!(scope(&params, &client(), &token(0), &owner, &granted, now).is_err(), "{what}");
        let unguarded = scope_by::<Agreeing>(&params, &proven, &token(0), &owner, &granted, moment(now));
        assert!(unguarded.is_ok(), "{what}: something else refuses it too: {unguarded:?}");
    }
    let by_unproven = |unguarded| match unguarded {
        true => scope_by::<Agreeing>(&refresh(None), &unproven, &token(0), &client().id, &granted, moment(NOW)),
        false => super::scope(&refresh(None), &unproven, &token(0), &client().id, &granted, moment(NOW)),
    };
    assert_eq!(code_of(&by_unproven(false)), Some(ErrorCode::InvalidClient), "a wrong secret");
    assert!(by_unproven(true).is_ok(), "a wrong secret: something else refuses it too");
}

#[test]
fn what_oxide_auth_lets_pass_is_refused_beside_it() {
    for asked in [" ", &"a ".repeat(65), &"a".repeat(2049)] {
        let (proven, owner) = (Authenticated::proven(&client()), client().id);
        let asked_for = refresh(Some(asked));
        let refused = scope_by::<Agreeing>(&asked_for, &proven, &token(0), &owner, &set("a"), moment(NOW));
        assert_eq!(code_of(&refused), Some(ErrorCode::InvalidScope), "{asked:?}");
    }
}
