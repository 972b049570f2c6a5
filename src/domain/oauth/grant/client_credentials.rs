//! What a machine is given for itself (RFC 6749 §4.4).

use std::borrow::Cow;

use oxide_auth::code_grant::client_credentials::{ClientCredentials, Input, Output, Request};
use oxide_auth::primitives::grant::Extensions;
use oxide_auth::primitives::registrar::{BoundClient, PreGrant};

use crate::domain::oauth::client::{Client, GrantType};
use crate::domain::oauth::error::{ErrorCode, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::state_machine;
use crate::domain::oauth::token::claim_catalogue::GROUPS;
use crate::domain::oauth::token::scope::{STANDARD, Scope};

/// Decides which scope `client` gets for itself: what it asks for and may have, or without a `scope` parameter all that
/// it may have. Scopes about a user mean nothing here. oxide-auth's machine checks order and presence.
///
/// # Errors
/// `invalid_scope` when it asks for more; `unauthorized_client` when it is public (RFC 6749 §4.4: confidential clients
/// only).
pub fn scope(params: &Params, client: &Client) -> Result<Scope, Refusal> {
    if client.is_public() {
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, "A public client cannot get tokens for itself."));
    }
    // The machine has no words of its own for a malformed scope.
    Scope::requested(params)?;
    let shown = Shown { params, client: client.id.as_str() };
    let mut machine = ClientCredentials::new(&shown);
    let mut input = Input::None;
    loop {
        input = match machine.advance(input) {
            Output::Authenticate { .. } => Input::Authenticated,
            Output::Binding { client_id } => Input::Bound {
                bound_client: BoundClient {
                    client_id: Cow::Owned(client_id.to_owned()),
                    redirect_uri: Cow::Owned(state_machine::placeholder()),
                },
            },
            Output::Extend => Input::Extended { extensions: Extensions::new() },
            Output::Negotiate { scope, .. } => Input::Negotiated {
                pre_grant: PreGrant {
                    client_id: client.id.as_str().to_owned(),
                    redirect_uri: state_machine::placeholder(),
                    scope: negotiate(scope.map(Scope::from_set), client)?.as_set().clone(),
                },
            },
            Output::Ok { pre_grant, .. } => return Ok(Scope::from_set(pre_grant.scope.clone())),
            Output::Err(_) => return Err(Refusal::new(ErrorCode::InvalidRequest, "The request is malformed.")),
        };
    }
}

fn negotiate(asked: Option<Scope>, client: &Client) -> Result<Scope, Refusal> {
    // To a machine that never acts for people `groups` is a word of its own services.
    let about_people =
        |token: &str| STANDARD.contains(&token) || (token == GROUPS && client.allows(GrantType::AuthorizationCode));
    let own = client.metadata.scope.filter(|token| !about_people(token));
    match asked {
        None => Ok(own),
        Some(asked) if asked.is_within(&own) => Ok(asked),
        Some(asked) => {
            Err(Refusal::new(ErrorCode::InvalidScope, "This client may not have the requested scope for itself.")
                .with("asked for", &asked)
                .with("allowed", &own))
        }
    }
}

/// What the machine is shown: the client has already authenticated.
struct Shown<'a> {
    params: &'a Params,
    client: &'a str,
}

impl Request for Shown<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((Cow::Borrowed(self.client), Cow::Borrowed(&[])))
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.params.get("scope").map(Cow::Borrowed)
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.params.get("grant_type").map(Cow::Borrowed)
    }

    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::client::AuthMethod;
    use crate::domain::oauth::fixtures::{client, form, scope as set};

    /// A service that may have two scopes of its own, and some about people besides.
    fn service() -> Client {
        let mut service = client();
        service.metadata.scope = set("openid email reports:read reports:write offline_access");
        service
    }

    fn asked(client: &Client, pairs: &[(&str, &str)]) -> Result<Scope, ErrorCode> {
        let pairs = [&[("grant_type", "client_credentials")], pairs].concat();
        scope(&form(&pairs), client).map_err(|refusal| refusal.code)
    }

    #[test]
    fn without_a_scope_a_machine_gets_all_that_is_its_own() {
        assert_eq!(asked(&service(), &[]), Ok(set("reports:read reports:write")));
        assert_eq!(asked(&service(), &[("scope", "")]), Ok(set("reports:read reports:write")));
        assert_eq!(asked(&client(), &[]), Ok(Scope::empty()), "nothing, when nothing is");
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
}
