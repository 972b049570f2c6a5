//! How clients prove who they are: the Authorization header and the form.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use latchkey::crypto::foreign::SharedSecret;
use latchkey::domain::oauth::client::assertion::Expected;
use latchkey::domain::oauth::client::authentication::{Credentials, Proven};
use latchkey::domain::oauth::params::Params;
use latchkey::foundation::SecretString;

use super::given::{self, ISSUER, NOW, SECRET, is_sendable, lines};

/// Lines: the Authorization header (without one: empty), the form.
pub fn authentication(data: &[u8]) {
    let Some([header, form]) = lines(data) else { return };
    let header = Some(header).filter(|header| !header.is_empty());
    let Ok(params) = Params::parse(form.as_bytes()) else { return };
    let credentials = match Credentials::read(header, &params) {
        Ok(credentials) => credentials,
        Err(refusal) => return assert!(is_sendable(refusal.description)),
    };
    let known = given::client(credentials.client.as_str());
    match credentials.prove(known.clone()) {
        Ok(Proven::Now(client)) => {
            assert_eq!(client.id, credentials.client);
            match client.by_proof() {
                true => assert!(knows_the_secret(client.id.as_str(), header, &params), "proven without the secret"),
                false => assert!(client.is_public() && header.is_none() && params.get("client_secret").is_none()),
            }
        }
        Ok(Proven::ByAssertion(asserting)) => {
            // No input has an assertion of this moment that was signed with a key of ours: targets sign, inputs cannot.
            let expected =
                Expected { issuer: ISSUER, token_endpoint: ISSUER, asked: ISSUER, issuer_alone: false, now: NOW };
            let keys = known.and_then(|client| client.metadata.keys.jwks.as_ref().map(|jwks| jwks.keys()));
            assert!(asserting.by_key(&keys.unwrap_or_default(), expected).is_err());
            let secret = SharedSecret::of_client(SecretString::new(SECRET.to_owned()));
            assert!(asserting.by_secret(&secret, expected).is_err());
        }
        Err(refusal) => assert!(is_sendable(refusal.description)),
    }
}

/// Whether the request shows this id and the secret, read in another way than ours (RFC 6749 §2.3.1).
fn knows_the_secret(id: &str, header: Option<&str>, params: &Params) -> bool {
    let Some(header) = header else {
        return params.get("client_id") == Some(id) && params.get("client_secret") == Some(SECRET);
    };
    let Some((scheme, encoded)) = header.split_once(' ') else { return false };
    let Ok(decoded) = STANDARD.decode(encoded.trim()) else { return false };
    let decode = |half: &[u8]| {
        let spaced: Vec<u8> = half.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
        percent_encoding::percent_decode(&spaced).decode_utf8_lossy().into_owned()
    };
    let mut halves = decoded.splitn(2, |byte| *byte == b':').map(decode);
    scheme.eq_ignore_ascii_case("basic")
        && halves.next().as_deref() == Some(id)
        && halves.next().as_deref() == Some(SECRET)
}
