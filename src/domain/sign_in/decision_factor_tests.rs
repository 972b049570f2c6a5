//! What is asked for beside a password.

use super::*;

#[test]
fn whoever_must_have_a_second_factor_and_has_none_adds_one() {
    let fresh = || Told::ready().signed_in(NOW.before(seconds(300)));
    assert_eq!(fresh().required().next(), Ok(Step::AddFactor));
    assert_eq!(fresh().required().by_two_factors().next(), Ok(Step::Done));
    assert_eq!(fresh().required().prompt(&[Prompt::None]).next(), Err(ErrorCode::InteractionRequired));
    let mut off = fresh();
    (off.policy.rule, off.client.metadata.second_factor) = (Rule::Off, SecondFactorFor::Everybody);
    assert_eq!(off.next(), Err(ErrorCode::UnmetAuthenticationRequirements));
    off.policy.rule = Rule::Optional;
    assert_eq!(off.next(), Ok(Step::AddFactor));
}

#[test]
fn a_session_that_is_not_fresh_adds_no_factor() {
    let left_open = || Told::ready().signed_in(NOW.before(seconds(301)));
    assert_eq!(left_open().required().next(), Ok(Step::SignIn));
    assert_eq!(left_open().required().prompt(&[Prompt::None]).next(), Err(ErrorCode::LoginRequired));
    assert_eq!(left_open().required().half().next(), Ok(Step::AddFactor), "the password was just given");
}

#[test]
fn half_a_sign_in_is_completed_whoever_else_is_signed_in() {
    assert_eq!(Told::ready().signed_out().half().with_factor().next(), Ok(Step::SecondFactor));
    assert_eq!(Told::ready().signed_out().half().next(), Ok(Step::AddFactor));
    assert_eq!(Told::ready().by_two_factors().half().with_factor().next(), Ok(Step::SecondFactor));
    let none = Told::ready().signed_out().half().with_factor().prompt(&[Prompt::None]);
    assert_eq!(none.next(), Err(ErrorCode::LoginRequired));
}

#[test]
fn an_essential_acr_is_reached_by_a_second_factor_or_not_at_all() {
    let wants = |told: Told, acr: &str| {
        told.claims(&format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":["{acr}"]}}}}}}"#))
    };
    let (weak, strong) = ("urn:latchkey:acr:password", "urn:latchkey:acr:mfa");
    assert_eq!(wants(Told::ready(), strong).next(), Err(ErrorCode::UnmetAuthenticationRequirements));
    assert_eq!(wants(Told::ready().with_factor(), strong).next(), Ok(Step::SecondFactor));
    assert_eq!(wants(Told::ready().with_factor().by_two_factors(), strong).next(), Ok(Step::Done));
    assert_eq!(wants(Told::ready().by_two_factors(), weak).next(), Ok(Step::Done), "more than was asked for");
    assert_eq!(wants(Told::ready().by_two_factors(), "gold").next(), Err(ErrorCode::UnmetAuthenticationRequirements));
}

#[test]
fn the_acr_that_is_told_is_one_that_was_asked_for() {
    let told = |json: &str, reached| {
        let request = AuthorizationRequest { claims: ClaimsRequest::parse(json).unwrap(), ..request() };
        acr_for(&request, reached).map_err(|refusal| refusal.code)
    };
    let essential = r#"{"id_token":{"acr":{"essential":true,"values":["urn:latchkey:acr:password"]}}}"#;
    let voluntary = r#"{"id_token":{"acr":{"values":["urn:latchkey:acr:password"]}}}"#;
    assert_eq!(told(essential, Class::TwoFactors), Ok(Class::Password));
    assert_eq!(told(voluntary, Class::TwoFactors), Ok(Class::TwoFactors));
    assert_eq!(told("{}", Class::Password), Ok(Class::Password));
}
