//! Passkeys and security keys (WebAuthn). The only file that names webauthn-rs.

use serde_json::{Value, json};
use thiserror::Error;
use url::Url;
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, Credential, DiscoverableAuthentication, PublicKeyCredential, RegisterPublicKeyCredential,
    SecurityKey, SecurityKeyAuthentication, SecurityKeyRegistration, Webauthn, WebauthnBuilder, WebauthnError,
};

use super::CryptoError;
use crate::foundation::url::Issuer;

/// The largest answer of a browser that is read: one without attestation has some hundred bytes.
const LONGEST_ANSWER: usize = 16 * 1024;
/// The largest credential that is kept.
const LONGEST_CREDENTIAL: usize = 8 * 1024;

/// The server, as authenticators know it (WebAuthn §4, relying party): the name of its host, and its origin.
pub struct RelyingParty {
    id: String,
    webauthn: Webauthn,
}

/// A ceremony that has begun.
pub struct Begun {
    /// What the page's script gives to the browser, as JSON.
    pub options: String,
    /// What the answer is compared with: the challenge, and what was asked for. Nobody may change it, nor use it twice.
    pub state: Vec<u8>,
}

/// A credential, as its owner has just made it.
pub struct NewCredential {
    /// By which it is found.
    pub id: Vec<u8>,
    /// To be stored: its public key and state.
    pub stored: String,
    /// Its signature counter.
    pub sign_count: u32,
    /// Whether the authenticator knew its owner: by a PIN, a finger, a face.
    pub verified: bool,
}

/// A signature that is right.
#[derive(Debug)]
pub struct Asserted(AuthenticationResult);

/// Why an answer does not hold.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PasskeyError {
    /// It is no answer to what was asked: another challenge, origin, relying party or credential, not signed by the key, or
    /// no answer at all.
    #[error("refused: {0}")]
    Refused(String),
    /// It is signed by the key, but the authenticator did not know its owner, which was asked for.
    #[error("the authenticator did not verify its owner")]
    Unverified,
    /// It is signed by the key, but the signature counter went backwards: there may be two of them (WebAuthn §6.1.1).
    #[error("the signature counter went backwards")]
    Copied,
    /// Our fault.
    #[error(transparent)]
    Internal(#[from] CryptoError),
}

impl From<WebauthnError> for PasskeyError {
    fn from(error: WebauthnError) -> Self {
        match error {
            WebauthnError::UserNotVerified => Self::Unverified,
            WebauthnError::CredentialPossibleCompromise => Self::Copied,
            other => Self::Refused(other.to_string()),
        }
    }
}

/// What a browser answered to being asked for a passkey, not looked at yet.
pub struct Assertion(PublicKeyCredential);

impl Assertion {
    /// Reads it; `None` for what cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        let text = Some(text).filter(|text| text.len() <= LONGEST_ANSWER)?;
        serde_json::from_str(text).ok().map(Self)
    }

    /// Which credential it says to be of.
    pub fn credential(&self) -> &[u8] {
        self.0.get_credential_id()
    }

    /// Whom the authenticator says that it belongs to (the user handle), if it says so: `Err` if that is nobody's.
    pub fn handle(&self) -> Option<Result<Uuid, ()>> {
        self.0.get_user_unique_id().map(|handle| Uuid::from_slice(handle).map_err(drop))
    }
}

impl RelyingParty {
    /// The relying party of this server; `None` where its address is a number, which WebAuthn does not know. In development,
    /// at a number that is this machine, it is `localhost`.
    pub fn of(issuer: &Issuer) -> Option<Self> {
        let mut origin = Url::parse(&issuer.origin()).ok()?;
        if origin.domain().is_none() {
            origin.set_host(issuer.is_loopback().then_some("localhost")).ok()?;
        }
        let id = origin.domain()?.to_owned();
        let webauthn = WebauthnBuilder::new(&id, &origin).and_then(WebauthnBuilder::build).ok()?;
        Some(Self { id, webauthn })
    }

    /// The name that passkeys are bound to.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Asks for a new credential of whoever has this user handle. The authenticator is to know its owner if it can, and to
    /// find the credential by itself if it can; none of those in `known` is to be made again.
    ///
    /// # Errors
    /// None in practice.
    pub fn begin_registration(
        &self,
        handle: Uuid,
        (name, display_name): (&str, &str),
        known: Vec<Vec<u8>>,
    ) -> Result<Begun, CryptoError> {
        let begun = self.webauthn.start_securitykey_registration(handle, name, display_name, Some(known), None, None);
        let (options, state) = begun.map_err(|_| CryptoError::Internal("a passkey could not be asked for"))?;
        let mut options = public_key(&options)?;
        // The library asks for a key that is plugged in, and is not found by itself. Ours may be any, and are used alone too.
        if let Some(options) = options.as_object_mut() {
            options.remove("hints");
            options.insert("attestation".to_owned(), json!("none"));
        }
        if let Some(selection) = options.get_mut("authenticatorSelection") {
            selection["residentKey"] = json!("preferred");
        }
        if let Some(extensions) = options.get_mut("extensions") {
            // Without knowing its owner it is found only by whoever names it: after the password.
            extensions["credentialProtectionPolicy"] = json!("userVerificationOptionalWithCredentialIDList");
        }
        begun_with(&options, &state)
    }

    /// Reads the answer to that.
    ///
    /// # Errors
    /// When it is no answer to it.
    pub fn finish_registration(&self, state: &[u8], answer: &str) -> Result<NewCredential, PasskeyError> {
        let state: SecurityKeyRegistration = read_state(state)?;
        let answer: Option<RegisterPublicKeyCredential> =
            Some(answer).filter(|text| text.len() <= LONGEST_ANSWER).and_then(|text| serde_json::from_str(text).ok());
        let answer = answer.ok_or_else(|| PasskeyError::Refused("no answer of a browser".to_owned()))?;
        let key = self.webauthn.finish_securitykey_registration(&answer, &state)?;
        let stored = write(&key)?;
        if stored.len() > LONGEST_CREDENTIAL {
            return Err(PasskeyError::Refused("the credential is too large".to_owned()));
        }
        let credential = Credential::from(key);
        Ok(NewCredential {
            id: credential.cred_id,
            stored,
            sign_count: credential.counter,
            verified: credential.user_verified,
        })
    }

    /// Asks for one of these credentials; `None` if there is none that this version can read.
    ///
    /// # Errors
    /// None in practice.
    pub fn begin_assertion(&self, stored: &[&str]) -> Result<Option<Begun>, CryptoError> {
        let keys: Vec<SecurityKey> = stored.iter().filter_map(|text| read(text).ok()).collect();
        if keys.is_empty() {
            return Ok(None);
        }
        let begun = self.webauthn.start_securitykey_authentication(&keys);
        let (options, state) = begun.map_err(|_| CryptoError::Internal("a passkey could not be asked for"))?;
        let mut options = public_key(&options)?;
        if let Some(options) = options.as_object_mut() {
            options.remove("hints");
        }
        begun_with(&options, &state).map(Some)
    }

    /// Reads the answer to that.
    ///
    /// # Errors
    /// When it is no answer to it.
    pub fn finish_assertion(&self, state: &[u8], answer: &Assertion) -> Result<Asserted, PasskeyError> {
        let state: SecurityKeyAuthentication = read_state(state)?;
        Ok(Asserted(self.webauthn.finish_securitykey_authentication(&answer.0, &state)?))
    }

    /// Asks for whatever credential there is; its authenticator has to know its owner.
    ///
    /// # Errors
    /// None in practice.
    pub fn begin_discovery(&self) -> Result<Begun, CryptoError> {
        let begun = self.webauthn.start_discoverable_authentication();
        let (options, state) = begun.map_err(|_| CryptoError::Internal("a passkey could not be asked for"))?;
        begun_with(&public_key(&options)?, &state)
    }

    /// Reads the answer to that, which was given by this stored credential.
    ///
    /// # Errors
    /// When it is no answer to it.
    pub fn finish_discovery(&self, state: &[u8], answer: &Assertion, stored: &str) -> Result<Asserted, PasskeyError> {
        let state: DiscoverableAuthentication = read_state(state)?;
        let key: SecurityKey = read(stored)?;
        let asserted = Asserted(self.webauthn.finish_discoverable_authentication_v2(&answer.0, state, &key)?);
        match asserted.is_verified() {
            true => Ok(asserted),
            false => Err(PasskeyError::Unverified),
        }
    }
}

impl Asserted {
    /// Whether the authenticator knew its owner.
    pub fn is_verified(&self) -> bool {
        self.0.user_verified()
    }

    /// The signature counter; 0 of an authenticator that has none.
    pub fn sign_count(&self) -> u32 {
        self.0.counter()
    }

    /// The stored credential, as it is from now on.
    ///
    /// # Errors
    /// When it cannot be read, or is another.
    pub fn applied_to(&self, stored: &str) -> Result<String, CryptoError> {
        let mut key: SecurityKey = read(stored)?;
        key.update_credential(&self.0).ok_or(CryptoError::Internal("a passkey is another than the one that signed"))?;
        write(&key)
    }
}

fn public_key(options: &impl serde::Serialize) -> Result<Value, CryptoError> {
    let options = serde_json::to_value(options).map_err(|_| CryptoError::Internal("JSON"))?;
    options.get("publicKey").cloned().ok_or(CryptoError::Internal("a passkey could not be asked for"))
}

fn begun_with(options: &Value, state: &impl serde::Serialize) -> Result<Begun, CryptoError> {
    let state = serde_json::to_vec(state).map_err(|_| CryptoError::Internal("JSON"))?;
    Ok(Begun { options: options.to_string(), state })
}

/// A state comes from our own seal: one that does not fit belongs to another ceremony, or to another version.
fn read_state<T: serde::de::DeserializeOwned>(state: &[u8]) -> Result<T, PasskeyError> {
    serde_json::from_slice(state).map_err(|_| PasskeyError::Refused("another ceremony was begun".to_owned()))
}

fn read(stored: &str) -> Result<SecurityKey, CryptoError> {
    serde_json::from_str(stored).map_err(|_| CryptoError::Internal("a stored passkey cannot be read"))
}

fn write(key: &SecurityKey) -> Result<String, CryptoError> {
    serde_json::to_string(key).map_err(|_| CryptoError::Internal("JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(issuer: &str) -> Option<RelyingParty> {
        RelyingParty::of(&Issuer::parse(issuer).unwrap())
    }

    #[test]
    fn passkeys_are_bound_to_the_host_of_the_issuer_and_taken_from_its_origin_alone() {
        let party = at("https://id.example.com:8443").unwrap();
        assert_eq!(party.id(), "id.example.com");
        let origins: Vec<_> = party.webauthn.get_allowed_origins().iter().map(Url::as_str).collect();
        assert_eq!(origins, ["https://id.example.com:8443/"]);
    }

    #[test]
    fn a_number_has_no_passkeys_but_this_machine_does_under_its_name() {
        assert!(at("https://192.0.2.1").is_none());
        for (issuer, origin) in [
            ("http://127.0.0.1:8080", "http://localhost:8080/"),
            ("http://[::1]:8080", "http://localhost:8080/"),
            ("http://localhost:8080", "http://localhost:8080/"),
        ] {
            let party = at(issuer).unwrap();
            assert_eq!((party.id(), party.webauthn.get_allowed_origins()[0].as_str()), ("localhost", origin));
        }
    }

    #[test]
    fn whoever_registers_is_asked_for_a_passkey_that_is_found_by_itself_and_may_be_any() {
        let party = at("https://id.example.com").unwrap();
        let begun = party.begin_registration(Uuid::from_u128(1), ("alice", "Alice"), vec![vec![1, 2]]).unwrap();
        let options: Value = serde_json::from_str(&begun.options).unwrap();
        assert_eq!(options["rp"]["id"], "id.example.com");
        assert_eq!(options["attestation"], "none");
        assert_eq!(options["authenticatorSelection"]["residentKey"], "preferred");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "preferred");
        assert_eq!(options["excludeCredentials"][0]["id"], "AQI");
        assert!(options.get("hints").is_none());
        assert_eq!(options["user"]["id"], "AAAAAAAAAAAAAAAAAAAAAQ");
        let begun = party.begin_discovery().unwrap();
        let options: Value = serde_json::from_str(&begun.options).unwrap();
        assert_eq!(options["userVerification"], "required");
        assert_eq!(options["allowCredentials"], json!([]));
    }

    #[test]
    fn the_state_of_one_ceremony_is_none_of_another() {
        let party = at("https://id.example.com").unwrap();
        let registration = party.begin_registration(Uuid::from_u128(1), ("a", "A"), vec![]).unwrap();
        let refused = party.finish_registration(&party.begin_discovery().unwrap().state, "{}").err().unwrap();
        assert!(matches!(refused, PasskeyError::Refused(_)));
        let answer = r#"{"id":"AA","rawId":"AA","type":"public-key","response":
            {"authenticatorData":"AA","clientDataJSON":"AA","signature":"AA"}}"#;
        let answer = Assertion::parse(answer).unwrap();
        let refused = party.finish_assertion(&registration.state, &answer).unwrap_err();
        assert!(matches!(refused, PasskeyError::Refused(_)));
    }

    #[test]
    fn what_is_no_answer_of_a_browser_is_none() {
        let party = at("https://id.example.com").unwrap();
        let begun = party.begin_registration(Uuid::from_u128(1), ("a", "A"), vec![]).unwrap();
        for answer in ["", "null", "{}", "[]", &"[".repeat(2000), &format!("\"{}\"", "a".repeat(LONGEST_ANSWER))] {
            assert!(Assertion::parse(answer).is_none());
            let refused = party.finish_registration(&begun.state, answer).err().unwrap();
            assert!(matches!(refused, PasskeyError::Refused(_)));
        }
    }
}
