//! The authorization response: how it travels back to the client.

use std::fmt;

use super::response_mode::ResponseMode;
use crate::domain::oauth::client::redirect::VerifiedRedirect;
use crate::domain::oauth::error::Refusal;
use crate::foundation::url::Issuer;

/// An answer on its way to a client's proven redirect URI.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationResponse {
    /// Where it goes.
    pub redirect: VerifiedRedirect,
    /// How the answer travels.
    pub mode: ResponseMode,
    /// What it says: parameters not yet encoded.
    pub params: Vec<(&'static str, String)>,
    /// Why, if it is an error: for operators.
    pub refusal: Option<Refusal>,
}

impl AuthorizationResponse {
    /// Success: a code (RFC 6749 §4.1.2), tokens (§4.2.2), or both, with `iss` (RFC 9207 §2).
    pub fn success(
        redirect: VerifiedRedirect,
        mode: ResponseMode,
        given: Vec<(&'static str, String)>,
        state: Option<&str>,
        issuer: &Issuer,
    ) -> Self {
        Self::new(redirect, mode, given, state, issuer, None)
    }

    /// An error (RFC 6749 §4.1.2.1), with `iss` too.
    pub fn error(
        redirect: VerifiedRedirect,
        mode: ResponseMode,
        refusal: &Refusal,
        state: Option<&str>,
        issuer: &Issuer,
    ) -> Self {
        let params =
            vec![("error", refusal.code.as_str().to_owned()), ("error_description", refusal.description.to_owned())];
        Self::new(redirect, mode, params, state, issuer, Some(refusal.clone()))
    }

    fn new(
        redirect: VerifiedRedirect,
        mode: ResponseMode,
        mut params: Vec<(&'static str, String)>,
        state: Option<&str>,
        issuer: &Issuer,
        refusal: Option<Refusal>,
    ) -> Self {
        params.extend(state.map(|state| ("state", state.to_owned())));
        params.push(("iss", issuer.as_str().to_owned()));
        Self { redirect, mode, params, refusal }
    }

    /// The code, for a client that is not answered by a redirect.
    pub fn given_code(&self) -> Option<&str> {
        self.params.iter().find(|(name, _)| *name == "code").map(|(_, code)| code.as_str())
    }

    /// The URL to redirect to, built on the registered URI byte for byte; for [`ResponseMode::FormPost`] the form's
    /// action is the redirect URI itself.
    pub fn location(&self) -> String {
        let uri = self.redirect.as_str();
        let encoded = encode(&self.params);
        match self.mode.place() {
            ResponseMode::Fragment => format!("{uri}#{encoded}"),
            ResponseMode::Query => append_query(uri, &encoded),
            _ => uri.to_owned(),
        }
    }
}

/// The URL of a proven redirect URI with more parameters in its query; those that it has are kept.
pub fn append_query(uri: &str, encoded: &str) -> String {
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{uri}{separator}{encoded}")
}

/// Encodes parameters as `application/x-www-form-urlencoded`.
pub fn encode(params: &[(&str, String)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}

/// Says where an answer goes, never what code it carries.
impl fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthorizationResponse({} by {})", self.redirect.as_str(), self.mode.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::oauth::error::ErrorCode;
    use crate::domain::oauth::fixtures::{client, issuer};
    use crate::domain::oauth::profile::Rules;

    fn redirect(uri: &str) -> VerifiedRedirect {
        let mut client = client();
        client.metadata.redirect_uris = vec![uri.to_owned()];
        VerifiedRedirect::prove(&client, Some(uri), Rules::default()).unwrap()
    }

    fn code(uri: &str, mode: ResponseMode, state: Option<&str>) -> AuthorizationResponse {
        AuthorizationResponse::success(redirect(uri), mode, vec![("code", "abc".into())], state, &issuer())
    }

    #[test]
    fn each_mode_puts_the_answer_in_its_own_place() {
        let location = |mode| code("https://a/cb?x=1", mode, Some("s t")).location();
        let answer = "code=abc&state=s+t&iss=https%3A%2F%2Fid.example";
        assert_eq!(location(ResponseMode::Query), format!("https://a/cb?x=1&{answer}"));
        assert_eq!(location(ResponseMode::Fragment), format!("https://a/cb?x=1#{answer}"));
        assert_eq!(location(ResponseMode::FormPost), "https://a/cb?x=1", "nothing in the query");
    }

    #[test]
    fn a_state_that_was_not_sent_is_not_returned() {
        let names: Vec<_> =
            code("https://a/cb", ResponseMode::Query, None).params.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["code", "iss"]);
    }

    #[test]
    fn an_error_has_no_code_and_nothing_of_its_detail() {
        let refusal = Refusal::new(ErrorCode::AccessDenied, "The user did not allow it.").with("secret", "detail");
        let answer =
            AuthorizationResponse::error(redirect("https://a/cb"), ResponseMode::Query, &refusal, Some("s"), &issuer());
        let expected = [
            ("error", "access_denied"),
            ("error_description", "The user did not allow it."),
            ("state", "s"),
            ("iss", "https://id.example"),
        ];
        assert_eq!(answer.params, expected.map(|(name, value)| (name, value.to_owned())));
    }

    #[test]
    fn the_code_is_not_in_the_debug_form() {
        assert!(!format!("{:?}", code("https://a/cb", ResponseMode::Query, Some("s"))).contains("abc"));
    }

    #[test]
    fn a_query_that_is_already_there_is_kept() {
        assert_eq!(append_query("https://a/cb", "code=1"), "https://a/cb?code=1");
        assert_eq!(append_query("https://a/cb?x=1", "code=1"), "https://a/cb?x=1&code=1");
        assert_eq!(append_query("https://a/cb?", "code=1"), "https://a/cb?code=1");
    }

    #[test]
    fn parameters_are_encoded() {
        assert_eq!(encode(&[("state", "a b&c=d#é".to_owned())]), "state=a+b%26c%3Dd%23%C3%A9");
    }
}
