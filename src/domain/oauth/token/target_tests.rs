//! Tests of for which API a token is.

use super::*;
use crate::domain::oauth::fixtures::{BILLS, ORDERS, client, form, scope, seconds, targets};

const US: &str = "https://id.example";
const USUAL: Duration = Duration::from_secs(600);

/// An application that may have orders and bills, and two scopes of no API in particular.
fn app() -> Client {
    let mut app = client();
    app.metadata.scope = scope("openid email hr orders:read orders:write bills:read other");
    app
}

fn all() -> Scope {
    app().metadata.scope
}

fn naming(resources: &[&str]) -> Params {
    form(&resources.iter().map(|resource| ("resource", *resource)).collect::<Vec<_>>())
}

/// What a token of a grant for `granted` and `scope` is, where the request names `asked`.
fn token(client: &Client, granted: &[&str], asked: &[&str], scope: &Scope) -> Result<Target, ErrorCode> {
    let granted: Vec<_> = granted.iter().map(ToString::to_string).collect();
    let targets = targets(client);
    let wanted = targets.of_grant(&naming(asked), &granted, scope).map_err(|refusal| refusal.code)?;
    Ok(targets.token(&wanted, scope, USUAL))
}

fn told(target: &Target) -> (Vec<&str>, String) {
    (target.audience.iter().collect(), target.scope.to_string())
}

#[test]
fn where_nobody_names_a_resource_a_token_is_what_its_client_is_registered_for() {
    let mut client = app();
    let target = token(&client, &[], &[], &all()).unwrap();
    assert_eq!(told(&target), (vec![US], all().to_string()));
    assert_eq!((target.format, target.lifetime), (TokenFormat::Jwt, USUAL));
    client.metadata.audience = vec!["https://other.example".into()];
    assert_eq!(told(&token(&client, &[], &[], &all()).unwrap()).0, ["https://other.example", US], "for userinfo too");
    let plain = scope("orders:read");
    assert_eq!(told(&token(&client, &[], &[], &plain).unwrap()), (vec!["https://other.example"], "orders:read".into()));
    client.metadata.audience = vec![US.into(), "urn:x".into()];
    assert_eq!(told(&token(&client, &[], &[], &all()).unwrap()).0, [US, "urn:x"], "nobody is named twice");
}

#[test]
fn a_token_for_one_resource_holds_only_the_scopes_that_this_resource_has() {
    let client = app();
    for granted in [&[][..], &[BILLS, ORDERS]] {
        let orders = token(&client, granted, &[ORDERS], &all()).unwrap();
        assert_eq!(told(&orders), (vec![ORDERS], "orders:read orders:write".into()));
        assert_eq!((orders.format, orders.lifetime), (TokenFormat::Jwt, USUAL));
        let bills = token(&client, granted, &[BILLS], &all()).unwrap();
        assert_eq!(told(&bills), (vec![BILLS], "bills:read".into()));
        assert_eq!((bills.format, bills.lifetime), (TokenFormat::Opaque, seconds(60)), "as the resource says");
    }
    let us = token(&client, &[], &[US], &all()).unwrap();
    assert_eq!(told(&us), (vec![US], "email hr openid other".into()), "what no other resource has");
}

#[test]
fn without_a_resource_a_token_is_for_all_that_were_granted_and_for_userinfo() {
    let client = app();
    let both = token(&client, &[ORDERS, BILLS], &[], &all()).unwrap();
    assert_eq!(told(&both), (vec![ORDERS, BILLS, US], all().to_string()));
    assert_eq!((both.format, both.lifetime), (TokenFormat::Opaque, seconds(60)), "the stricter one decides");
    let orders = token(&client, &[ORDERS], &[], &scope("orders:read")).unwrap();
    assert_eq!(told(&orders), (vec![ORDERS], "orders:read".into()), "userinfo takes openid");
    let targets = targets(&client);
    let less = targets.token(&Wanted::Granted(vec![ORDERS.into(), BILLS.into()]), &scope("openid orders:read"), USUAL);
    assert_eq!(told(&less), (vec![ORDERS, US], "openid orders:read".into()), "an answer with less of the scope");
    let several = token(&client, &[ORDERS, BILLS], &[ORDERS, BILLS], &all()).unwrap();
    assert_eq!(told(&several), (vec![ORDERS, BILLS], "bills:read orders:read orders:write".into()));
}

#[test]
fn nothing_is_had_that_was_not_granted_or_has_no_scope() {
    let (client, refused) = (app(), Err(ErrorCode::InvalidTarget));
    let of = |granted: &[&str], asked: &[&str], text: &str| token(&client, granted, asked, &scope(text)).map(drop);
    assert_eq!(of(&[BILLS], &[ORDERS], "orders:read bills:read"), refused, "another than was granted");
    assert_eq!(of(&[], &[BILLS], "openid orders:read"), refused, "nobody has allowed a scope of it");
    assert_eq!(of(&[], &["https://api.example/orders/"], "orders:read"), refused, "compared byte for byte");
    assert_eq!(of(&[], &["urn:unknown"], "orders:read"), refused);
    assert_eq!(of(&[ORDERS], &[], "openid"), refused, "what was granted is no longer the client's");
    assert_eq!(of(&[ORDERS, BILLS], &[], "openid bills:read"), Ok(()), "one of them still is");
    assert_eq!(of(&[], &["x"], "orders:read"), refused, "malformed");
}

#[test]
fn an_audience_of_the_registration_has_the_scopes_that_no_resource_has() {
    let mut client = app();
    client.metadata.audience = vec!["https://other.example".into(), ORDERS.into()];
    let other = token(&client, &[], &["https://other.example"], &all()).unwrap();
    assert_eq!(told(&other), (vec!["https://other.example"], "other".into()));
    let orders = token(&client, &[], &[ORDERS], &scope("openid")).unwrap();
    assert_eq!(told(&orders), (vec![ORDERS], String::new()), "a scope is not needed for it");
    assert_eq!(told(&token(&client, &[], &[US], &all()).unwrap()).1, "email hr openid");
}

#[test]
fn for_a_machine_groups_and_the_like_are_scopes_of_its_own_services() {
    let mut machine = client();
    machine.metadata.grant_types = [GrantType::ClientCredentials].into();
    machine.metadata.audience = vec!["https://other.example".into()];
    let own = scope("groups account orders:read");
    let other = token(&machine, &[], &["https://other.example"], &own).unwrap();
    assert_eq!(told(&other).1, "account groups");
    assert_eq!(told(&token(&machine, &[], &[ORDERS], &own).unwrap()).1, "orders:read");
}

#[test]
fn a_request_keeps_the_scopes_of_its_resources_and_those_of_userinfo() {
    let client = app();
    let of = |asked: &[&str], text: &str| {
        targets(&client).of_request(&naming(asked), scope(text)).map_err(|refusal| refusal.code)
    };
    let plain = of(&[], "openid orders:read bills:read").unwrap();
    assert_eq!(plain, (vec![], scope("openid orders:read bills:read")));
    let narrowed = of(&[ORDERS], "openid orders:read bills:read").unwrap();
    assert_eq!(narrowed, (vec![ORDERS.to_owned()], scope("openid orders:read")));
    assert_eq!(of(&[ORDERS], "openid"), Err(ErrorCode::InvalidTarget), "a scope of it is allowed, or nothing is");
    assert_eq!(of(&["urn:unknown"], "openid"), Err(ErrorCode::InvalidTarget));
    assert_eq!(of(&[US], "bills:read"), Err(ErrorCode::InvalidScope), "nothing is left");
}

#[test]
fn a_scope_that_was_asked_for_in_vain_is_an_error_and_one_that_was_not_is_none() {
    let client = app();
    let targets = targets(&client);
    let target = || targets.token(&Wanted::These(vec![BILLS.into()]), &scope("orders:read"), USUAL);
    assert!(target().with_something_left(&scope("orders:read"), &form(&[])).is_ok());
    let asked = form(&[("scope", "orders:read")]);
    let refused = target().with_something_left(&scope("orders:read"), &asked).unwrap_err();
    assert_eq!((refused.code, refused.kind), (ErrorCode::InvalidScope, Kind::Resource));
}
