//! The tests of `grant.rs`.

use super::*;
use crate::domain::oauth::fixtures::{MICROSECOND, NOW, client, code_of, grant, seconds, session, user};
use crate::foundation::Random;

/// A grant whose user is active and whose session is live.
fn state() -> GrantState {
    let session = session(NOW);
    GrantState { grant: grant(&session), user: user(session.user), session: Some(session) }
}

fn refused(state: &GrantState, now: Timestamp) -> Option<ErrorCode> {
    code_of(&state.check(&client(), now))
}

#[test]
fn a_sound_grant_passes() {
    assert_eq!(state().check(&client(), NOW), Ok(()));
}

type Spoil = fn(&mut GrantState);

#[test]
fn each_condition_alone_is_enough_to_refuse() {
    let cases: [(&str, Spoil); 6] = [
        ("another client's", |state| state.grant.client = ClientId::new("other")),
        ("revoked", |state| state.grant.revoked_at = Some(NOW)),
        ("revoked by a clock that runs ahead", |state| state.grant.revoked_at = Some(NOW.after(seconds(9)))),
        ("expired", |state| state.grant.expires_at = NOW),
        ("its user disabled", |state| state.user.status = Status::Disabled),
        ("its session gone", |state| state.session = None),
    ];
    for (why, spoil) in cases {
        let mut state = state();
        spoil(&mut state);
        assert_eq!(refused(&state, NOW), Some(ErrorCode::InvalidGrant), "{why}");
    }
}

#[test]
fn a_disabled_client_gets_nothing() {
    let mut client = client();
    client.enabled = false;
    assert_eq!(code_of(&state().check(&client, NOW)), Some(ErrorCode::InvalidGrant));
}

#[test]
fn a_grant_ends_at_its_microsecond() {
    let state = state();
    assert_eq!(refused(&state, state.grant.expires_at.before(MICROSECOND)), None);
    assert_eq!(refused(&state, state.grant.expires_at), Some(ErrorCode::InvalidGrant));
}

#[test]
fn the_end_of_the_session_ends_its_grant() {
    let mut state = state();
    let session = state.session.as_mut().unwrap();
    session.expires_at = NOW.after(seconds(10));
    assert_eq!(refused(&state, NOW.after(seconds(10)).before(MICROSECOND)), None);
    assert_eq!(refused(&state, NOW.after(seconds(10))), Some(ErrorCode::InvalidGrant), "absolute limit");
    state.session.as_mut().unwrap().ended_at = Some(NOW);
    assert_eq!(refused(&state, NOW), Some(ErrorCode::InvalidGrant), "signed out");
}

#[test]
fn an_offline_grant_outlives_its_session_and_nothing_else() {
    let mut state = state();
    state.grant.offline = true;
    state.session = None;
    assert_eq!(refused(&state, NOW), None);
    state.user.status = Status::Disabled;
    assert_eq!(refused(&state, NOW), Some(ErrorCode::InvalidGrant), "CVE-2023-22492");
}

#[test]
fn an_idle_browser_does_not_stop_an_application() {
    let mut state = state();
    state.session.as_mut().unwrap().seen_at = Timestamp::from_secs(0);
    assert_eq!(refused(&state, NOW.after(seconds(3599))), None);
}

#[test]
fn a_grant_without_any_session_must_be_offline() {
    let mut state = state();
    (state.grant.session, state.session) = (None, None);
    assert_eq!(refused(&state, NOW), Some(ErrorCode::InvalidGrant));
    state.grant.offline = true;
    assert_eq!(refused(&state, NOW), None);
}

#[test]
fn the_refusal_names_the_grant_in_its_detail_only() {
    let mut state = state();
    state.grant.id = GrantId::generate(&Random::seeded(9), NOW);
    state.grant.revoked_at = Some(NOW);
    let refusal = state.check(&client(), NOW).unwrap_err();
    assert!(refusal.detail.to_string().contains(&state.grant.id.to_string()));
    assert!(!refusal.to_string().contains(&state.grant.id.to_string()));
}
