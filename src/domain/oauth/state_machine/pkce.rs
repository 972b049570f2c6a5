//! PKCE (RFC 7636) by [`oxide_auth::code_grant::extensions::Pkce`]: where a challenge must be sent, by which method, and
//! whether a verifier fits. The machines carry the challenge between the two as data of theirs.

use std::borrow::Cow;

use oxide_auth::code_grant::extensions::Pkce;
use oxide_auth::primitives::grant::Extensions;

/// oxide-auth's PKCE, for a client of which it is `required` or not.
fn pkce(required: bool) -> Pkce {
    if required { Pkce::required() } else { Pkce::optional() }
}

/// The PKCE parameters of an authorization request, as data for the machine; `None` when oxide-auth refuses them: no
/// challenge where one is `required`, or another method than S256.
pub(super) fn challenged(required: bool, challenge: Option<&str>, method: Option<&str>) -> Option<Extensions> {
    let pkce = pkce(required);
    let stored = pkce.challenge(method.map(Cow::Borrowed), challenge.map(Cow::Borrowed)).ok()?;
    let mut extensions = Extensions::new();
    if let Some(stored) = stored {
        extensions.set(&pkce, stored);
    }
    Some(extensions)
}

/// The challenge in the machine's data, as it was sent: oxide-auth writes its method behind it.
pub(super) fn challenge(mut extensions: Extensions) -> Option<String> {
    let mut challenge = extensions.remove(&Pkce::optional())?.into_private_value().ok()??;
    challenge.pop();
    Some(challenge)
}

/// Whether oxide-auth lets a code be redeemed with this verifier, compared in constant time. Where there was no challenge
/// it does not look at the verifier.
pub(super) fn verified(required: bool, extensions: &mut Extensions, verifier: Option<&str>) -> bool {
    let pkce = pkce(required);
    let stored = extensions.remove(&pkce);
    pkce.verify(stored, verifier.map(Cow::Borrowed)).is_ok()
}

/// A challenge as the machine carries it, whatever its method.
#[cfg(test)]
pub(super) fn unjudged(challenge: &str) -> Extensions {
    let mut pkce = Pkce::optional();
    pkce.allow_plain();
    let mut extensions = Extensions::new();
    if let Ok(Some(stored)) = pkce.challenge(None, Some(Cow::Borrowed(challenge))) {
        extensions.set(&pkce, stored);
    }
    extensions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_comes_out_as_it_went_in() {
        let sent = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert_eq!(challenge(challenged(true, Some(sent), Some("S256")).unwrap()).as_deref(), Some(sent));
        assert_eq!(challenge(challenged(false, None, None).unwrap()), None);
    }

    #[test]
    fn no_challenge_counts_where_one_is_required_and_no_method_but_s256() {
        assert!(challenged(true, None, None).is_none());
        for method in [None, Some("plain"), Some("s256"), Some("S512")] {
            assert!(challenged(false, Some("abc"), method).is_none(), "{method:?}");
        }
    }
}
