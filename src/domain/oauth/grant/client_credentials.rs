//! What a machine is given for itself (RFC 6749 §4.4).

use crate::domain::oauth::client::authentication::{Authenticated, failed};
use crate::domain::oauth::client::{Client, GrantType};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::state_machine::client_credentials::{self, Machine, OxideAuth, Refused};
use crate::domain::oauth::token::claim_catalogue::GROUPS;
use crate::domain::oauth::token::scope::{OWN_ACCOUNT, STANDARD, Scope, malformed};

/// Decides which scope `client` gets for itself: what it asks for and may have, or without a `scope` parameter all that
/// it may have. Scopes about a user mean nothing here. oxide-auth decides whether the client has a secret, and whether
/// the scope is well-formed.
///
/// # Errors
/// `invalid_scope` when it asks for more; `unauthorized_client` when it is public (RFC 6749 §4.4: confidential clients
/// only).
pub fn scope(params: &Params, client: &Authenticated) -> Result<Scope, Refusal> {
    scope_by::<OxideAuth>(params, client)
}

fn scope_by<M: Machine>(params: &Params, client: &Authenticated) -> Result<Scope, Refusal> {
    let request =
        client_credentials::Request { grant_type: params.get("grant_type"), client, scope: Scope::asked_for(params)? };
    let negotiate = |asked: Option<_>| negotiate(asked.map(Scope::from_set), client).map(Scope::into_set);
    match client_credentials::run::<M, _>(&request, negotiate) {
        Ok(granted) => granted.map(Scope::from_set),
        // oxide-auth calls both an invalid request; RFC 6749 §5.2 has a code for each.
        Err(Refused::Client) => Err(failed(&client.id)),
        Err(Refused::Request) if client.is_public() => {
            Err(Refusal::new(ErrorCode::UnauthorizedClient, "A public client cannot get tokens for itself."))
        }
        Err(Refused::Request) => Err(malformed()),
    }
}

fn negotiate(asked: Option<Scope>, client: &Client) -> Result<Scope, Refusal> {
    // For a machine that never acts for people, `groups` and `account` are scopes of its own services.
    let ours = |token: &str| token == GROUPS || OWN_ACCOUNT.contains(&token);
    let about_people =
        |token: &str| STANDARD.contains(&token) || (ours(token) && client.allows(GrantType::AuthorizationCode));
    let own = client.metadata.scope.filter(|token| !about_people(token));
    match asked {
        // To administer this server is asked for by name: a token for something else is not to be good for that as well.
        None => Ok(own.without(&own.of_operation())),
        Some(asked) if asked.is_within(&own) => Ok(asked),
        Some(asked) => {
            Err(Refusal::new(ErrorCode::InvalidScope, "This client may not have the requested scope for itself.")
                .of(Kind::Scope)
                .with("asked for", &asked)
                .with("allowed", &own))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::client::AuthMethod;
    use crate::domain::oauth::fixtures::{client, form, scope as set};
    use crate::domain::oauth::state_machine::client_credentials::Agreeing;

    /// A service that may have two scopes of its own, and some about people besides.
    fn service() -> Client {
        let mut service = client();
        service.metadata.scope = set("openid email reports:read reports:write offline_access");
        service
    }

    fn proven() -> Authenticated {
        Authenticated::proven(&service())
    }

    fn asked(client: &Client, pairs: &[(&str, &str)]) -> Result<Scope, ErrorCode> {
        let pairs = [&[("grant_type", "client_credentials")], pairs].concat();
        scope(&form(&pairs), &Authenticated::proven(client)).map_err(|refusal| refusal.code)
    }

    #[test]
    fn without_a_scope_a_machine_gets_all_that_is_its_own() {
        assert_eq!(asked(&service(), &[]), Ok(set("reports:read reports:write")));
        assert_eq!(asked(&service(), &[("scope", "")]), Ok(set("reports:read reports:write")));
        assert_eq!(asked(&client(), &[]), Ok(Scope::empty()), "nothing, when nothing is");
    }

    #[test]
    fn to_administer_this_server_is_asked_for_by_name() {
        let mut service = service();
        service.metadata.scope = set("reports:read latchkey:keys");
        assert_eq!(asked(&service, &[]), Ok(set("reports:read")));
        assert_eq!(asked(&service, &[("scope", "latchkey:keys")]), Ok(set("latchkey:keys")));
        assert_eq!(asked(&client(), &[("scope", "latchkey:keys")]), Err(ErrorCode::InvalidScope));
    }

    #[test]
    fn a_machine_gets_the_part_that_it_asks_for() {
        assert_eq!(asked(&service(), &[("scope", "reports:read")]), Ok(set("reports:read")));
    }

    #[test]
    fn more_than_its_own_is_refused() {
        for more in ["reports:read reports:delete", "openid", "offline_access", "email", "REPORTS:READ", "a\"b", " "] {
            assert_eq!(asked(&service(), &[("scope", more)]), Err(ErrorCode::InvalidScope), "{more:?}");
        }
    }

    #[test]
    fn a_public_client_gets_nothing_for_itself() {
        let mut public = service();
        public.metadata.token_endpoint_auth_method = AuthMethod::None;
        assert_eq!(asked(&public, &[]), Err(ErrorCode::UnauthorizedClient));
    }

    #[test]
    fn what_oxide_auth_refuses_would_pass_without_it() {
        let mut public = service();
        public.metadata.token_endpoint_auth_method = AuthMethod::None;
        let grant = ("grant_type", "client_credentials");
        for (what, client, pairs) in [
            ("a wrong secret", Authenticated::unproven(&service()), vec![grant]),
            ("a client without a secret", Authenticated::proven(&public), vec![grant]),
            ("a malformed scope", proven(), vec![grant, ("scope", "reports:read a\"b")]),
            ("another grant type", proven(), vec![("grant_type", "password")]),
            ("no grant type", proven(), vec![]),
        ] {
            assert!(scope(&form(&pairs), &client).is_err(), "{what}");
            let unguarded = scope_by::<Agreeing>(&form(&pairs), &client);
            assert!(unguarded.is_ok(), "{what}: something else refuses it too: {unguarded:?}");
        }
    }

    #[test]
    fn a_client_that_is_not_proven_is_told_no_more_than_that() {
        let refused = scope(&form(&[("grant_type", "client_credentials")]), &Authenticated::unproven(&service()));
        assert_eq!(refused.map_err(|refusal| refusal.code), Err(ErrorCode::InvalidClient));
    }

    #[test]
    fn what_oxide_auth_lets_pass_is_refused_beside_it() {
        for asked in ["reports:delete", "openid", " ", &"a ".repeat(65)] {
            let pairs = [("grant_type", "client_credentials"), ("scope", asked)];
            assert!(scope_by::<Agreeing>(&form(&pairs), &proven()).is_err(), "{asked:?}");
        }
    }
}
