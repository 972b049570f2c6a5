//! Which response types may be asked for, by whom, and together with what.

use super::response_type::ResponseType;
use crate::domain::oauth::client::requests::grants_of;
use crate::domain::oauth::client::{Client, GrantType};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::profile::{Legacy, Profile, Rules};

/// The kind of answer that is asked for. That it exists is all that is said of it.
///
/// # Errors
/// When it is missing, which RFC 6749 §4.1.2.1 calls an invalid request, or unknown.
pub fn asked_for(params: &Params) -> Result<ResponseType, Refusal> {
    let text = params.require("response_type", "The response_type is missing.")?;
    ResponseType::parse(text).ok_or_else(|| {
        Refusal::new(ErrorCode::UnsupportedResponseType, "This response_type is not supported.")
            .with("response_type", text)
    })
}

/// Whether this client may have such an answer, and the server's rules have it.
///
/// # Errors
/// When it may not.
pub fn permit(asked: ResponseType, client: &Client, rules: Rules) -> Result<(), Refusal> {
    if asked.has_tokens()
        && let Some(excluded) = rules.excluded(Legacy::TokensInAnswers)
    {
        let description = match rules.profile {
            Profile::OAuth21 => {
                "By its profile oauth-2.1 this server answers with codes alone: use response_type=code."
            }
            Profile::Compatible => "This server answers with codes alone: use response_type=code.",
        };
        return Err(Refusal::new(ErrorCode::UnsupportedResponseType, description)
            .of(Kind::Profile)
            .with("response_type", asked.as_str())
            .with("excluded by", excluded.by));
    }
    if let Some(missing) = grants_of(asked).find(|grant| !client.allows(*grant)) {
        let description = match missing {
            GrantType::AuthorizationCode => "This client is not registered for the authorization_code grant.",
            _ => "This client is not registered for the implicit grant.",
        };
        let registered = client.metadata.grant_types.iter().map(|grant| grant.as_str()).collect::<Vec<_>>();
        return Err(Refusal::new(ErrorCode::UnauthorizedClient, description)
            .of(Kind::Grant)
            .with("grant_type", missing.as_str())
            .with("registered", registered.join(" ")));
    }
    let registered = &client.metadata.requests.response_types;
    match registered.contains(&asked) {
        true => Ok(()),
        false => {
            let registered = registered.iter().map(|known| known.as_str()).collect::<Vec<_>>();
            Err(Refusal::new(ErrorCode::UnauthorizedClient, "This client is not registered for this response_type.")
                .of(Kind::ResponseType)
                .with("response_type", asked.as_str())
                .with("registered", registered.join(", ")))
        }
    }
}

/// What travels through the browser is bound to the request by a nonce, and is nothing without `openid` (OpenID Connect Core
/// §3.2.2.1, §3.3.2.11).
///
/// # Errors
/// When an ID token is asked for without either.
pub fn bound(asked: ResponseType, nonce: Option<&str>, has_openid: bool) -> Result<(), Refusal> {
    if !asked.id_token() {
        return Ok(());
    }
    let refuse = |description, missing| {
        Err(Refusal::new(ErrorCode::InvalidRequest, description)
            .with("response_type", asked.as_str())
            .with("missing", missing))
    };
    match nonce {
        None => refuse("A nonce is needed where an ID token is asked for.", "nonce"),
        Some(_) if !has_openid => refuse("The scope openid is needed where an ID token is asked for.", "openid"),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::fixtures::{client, params};

    #[test]
    fn a_missing_one_is_an_invalid_request_and_an_unknown_one_is_unsupported() {
        assert_eq!(asked_for(&params("response_type=token%20id_token")), Ok(ResponseType::IdTokenToken));
        assert_eq!(asked_for(&params("")).unwrap_err().code, ErrorCode::InvalidRequest);
        for unknown in ["token", "code+token+x"] {
            let refused = asked_for(&params(&format!("response_type={unknown}"))).unwrap_err();
            assert_eq!(refused.code, ErrorCode::UnsupportedResponseType, "{unknown}");
        }
    }

    #[test]
    fn a_client_has_those_that_it_is_registered_for_with_their_grants() {
        let code_of = |asked, client: &Client, only_code| {
            permit(asked, client, Rules { only_code, ..Rules::default() }).map_err(|refused| refused.code)
        };
        let (web, mut hybrid) = (client(), client());
        hybrid.metadata.grant_types.insert(GrantType::Implicit);
        hybrid.metadata.requests.response_types.insert(ResponseType::CodeIdToken);
        for known in ResponseType::ALL {
            let (of_web, of_hybrid) = (known == ResponseType::Code, !known.token() && known.code());
            assert_eq!(code_of(known, &web, false).is_ok(), of_web, "{known:?}");
            assert_eq!(code_of(known, &hybrid, false).is_ok(), of_hybrid, "{known:?}");
            assert_eq!(code_of(known, &hybrid, true).is_ok(), of_web, "{known:?} where there are codes alone");
        }
        assert_eq!(code_of(ResponseType::CodeIdToken, &web, false), Err(ErrorCode::UnauthorizedClient));
        assert_eq!(code_of(ResponseType::CodeIdToken, &hybrid, true), Err(ErrorCode::UnsupportedResponseType));
        hybrid.metadata.grant_types.remove(&GrantType::AuthorizationCode);
        assert_eq!(code_of(ResponseType::CodeIdToken, &hybrid, false), Err(ErrorCode::UnauthorizedClient));
    }

    #[test]
    fn the_profile_has_codes_alone_and_says_so() {
        let mut hybrid = client();
        hybrid.metadata.grant_types.insert(GrantType::Implicit);
        hybrid.metadata.requests.response_types = ResponseType::ALL.into();
        let strict = Rules { profile: Profile::OAuth21, only_code: false };
        for known in ResponseType::ALL.into_iter().filter(|known| *known != ResponseType::Code) {
            let refused = permit(known, &hybrid, strict).unwrap_err();
            assert_eq!((refused.code, refused.kind), (ErrorCode::UnsupportedResponseType, Kind::Profile), "{known:?}");
            assert!(refused.description.contains("oauth-2.1"));
        }
        assert_eq!(permit(ResponseType::Code, &hybrid, strict), Ok(()));
    }

    #[test]
    fn an_id_token_from_the_authorization_endpoint_needs_a_nonce_and_openid() {
        for known in ResponseType::ALL {
            assert!(bound(known, Some("n"), true).is_ok());
            assert_eq!(bound(known, None, true).is_ok(), !known.id_token(), "{known:?}");
            assert_eq!(bound(known, Some("n"), false).is_ok(), !known.id_token(), "{known:?}");
        }
    }
}
