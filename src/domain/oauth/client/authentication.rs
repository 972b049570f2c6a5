//! How a client proves who it is (RFC 6749 §2.3).

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::assertion::{self, Asserting};
use super::authenticated::Outcome;
pub use super::authenticated::{Authenticated, failed};
use crate::crypto::foreign::{ForeignAlgorithm, ForeignJws};
use crate::domain::oauth::client::authenticated::unauthenticated;
use crate::domain::oauth::client::{AuthMethod, Client, ClientId};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::{self, Params};
use crate::foundation::{SecretHash, SecretString};

/// The parameters of a form by which a client authenticates. None may be repeated: readers could pick different ones.
pub const IN_FORM: [&str; 4] = ["client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// Authentication by a signed assertion (RFC 7521 §4.2).
const ASSERTION: [&str; 2] = ["client_assertion", "client_assertion_type"];

/// What a request presents to prove its client.
#[derive(Debug)]
pub struct Credentials {
    /// The client that it claims to be from.
    pub client: ClientId,
    /// The method by which it authenticates.
    pub method: AuthMethod,
    proof: Proof,
}

/// What is to prove it.
#[derive(Debug)]
enum Proof {
    /// Nothing: of a public client.
    None,
    /// Its secret.
    Secret(SecretString),
    /// A JWT that it has signed.
    Assertion(Box<ForeignJws>),
}

/// What can be said of a client at once.
#[derive(Debug)]
pub enum Proven<'a> {
    /// It is proven.
    Now(Authenticated),
    /// That depends on the assertion, which is verified with its keys or its secret.
    ByAssertion(Asserting<'a>),
}

impl Credentials {
    /// Reads them from the `Authorization` header and the form.
    ///
    /// # Errors
    /// `invalid_client` when there are none or they are malformed; `invalid_request` when there are several (RFC 6749
    /// §2.3: one method in each request).
    pub fn read(authorization: Option<&str>, params: &Params) -> Result<Self, Refusal> {
        let (form_id, form_secret) = (params.get("client_id"), params.get("client_secret"));
        let assertion = ASSERTION.iter().any(|name| params.get(name).is_some());
        if [authorization.is_some(), form_secret.is_some(), assertion].into_iter().filter(|used| *used).count() > 1 {
            return Err(Refusal::new(ErrorCode::InvalidRequest, "The client authenticated in more than one way."));
        }
        if assertion {
            return Self::by_assertion(form_id, params);
        }
        let Some(header) = authorization else {
            let Some(id) = form_id else {
                return Err(unauthenticated("The client did not authenticate."));
            };
            let (method, proof) = match form_secret {
                Some(secret) => (AuthMethod::ClientSecretPost, Proof::Secret(SecretString::new(secret.to_owned()))),
                None => (AuthMethod::None, Proof::None),
            };
            return Ok(Self { client: ClientId::new(id), method, proof });
        };
        let (id, secret) = basic(header)?;
        if form_id.is_some_and(|form_id| form_id != id) {
            return Err(Refusal::new(
                ErrorCode::InvalidRequest,
                "client_id differs from the one in the Authorization header.",
            )
            .with("header", id)
            .with("form", form_id.unwrap_or_default()));
        }
        Ok(Self {
            client: ClientId::new(id),
            method: AuthMethod::ClientSecretBasic,
            proof: Proof::Secret(SecretString::new(secret)),
        })
    }

    /// Reads an assertion. Until it is verified it only says whom to look for: its `sub`, which a `client_id` beside it must
    /// equal (RFC 7521 §4.2).
    fn by_assertion(form_id: Option<&str>, params: &Params) -> Result<Self, Refusal> {
        let kind = params.get("client_assertion_type");
        if kind != Some(assertion::TYPE) {
            let refusal = unauthenticated("client_assertion_type must be that of a JWT (RFC 7523, section 2.2).");
            return Err(refusal.with("sent", kind.unwrap_or("none")).with("wanted", assertion::TYPE));
        }
        let Some(compact) = params.get("client_assertion") else {
            return Err(unauthenticated("There is no client_assertion."));
        };
        let malformed = |why: &dyn std::fmt::Display| {
            unauthenticated("The client_assertion is not a well-formed JWT.").with("because", why)
        };
        let jws = ForeignJws::read(compact).map_err(|why| malformed(&why))?;
        let subject = jws.unproven("sub").ok_or_else(|| malformed(&"it has no sub"))?;
        if form_id.is_some_and(|form_id| form_id != subject) {
            let refusal = unauthenticated("client_id differs from the sub of the client_assertion.");
            return Err(refusal.with("sub", subject).with("form", form_id.unwrap_or_default()));
        }
        let method = match jws.algorithm() {
            Some(ForeignAlgorithm::Secret(_)) => AuthMethod::ClientSecretJwt,
            Some(ForeignAlgorithm::Key(_)) | None => AuthMethod::PrivateKeyJwt,
        };
        Ok(Self { client: ClientId::new(subject), method, proof: Proof::Assertion(Box::new(jws)) })
    }

    /// Decides whether they prove `client`. Unknown, disabled and wrongly authenticated clients get the same answer;
    /// the detail says more.
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn prove(&self, client: Option<Arc<Client>>) -> Result<Proven<'_>, Refusal> {
        let refuse = |kind, why: &str| Err(failed(&self.client).of(kind).with("because", why));
        let Some(client) = client else {
            return refuse(Kind::ClientUnknown, "there is no client with this id");
        };
        if !client.enabled {
            return refuse(Kind::ClientDisabled, "the client is disabled");
        }
        if !client.authenticates_by(self.method) {
            let registered = client.metadata.token_endpoint_auth_method.as_str();
            let why = format!("it used {}, but is registered for {registered}", self.method.as_str());
            return refuse(Kind::AuthMethod, &why).map_err(|refusal| refusal.with("used", self.method.as_str()));
        }
        if let Proof::Assertion(jws) = &self.proof {
            return Ok(Proven::ByAssertion(Asserting { jws, client }));
        }
        let compared = self.compare(client);
        match compared.outcome {
            Outcome::Wrong => refuse(Kind::Secret, "the secret is wrong"),
            Outcome::Right | Outcome::Public => Ok(Proven::Now(compared)),
        }
    }

    fn compare(&self, client: Arc<Client>) -> Authenticated {
        let outcome = match (&self.proof, &client.secret_hash) {
            (Proof::None, _) if client.is_public() => Outcome::Public,
            (Proof::Secret(sent), Some(stored)) if SecretHash::of(sent.expose()).matches(stored) => Outcome::Right,
            _ => Outcome::Wrong,
        };
        Authenticated::new(client, outcome)
    }
}

#[cfg(test)]
impl Authenticated {
    /// `client`, proven by the secret of the fixtures, or as a public one.
    pub(crate) fn proven(client: &Client) -> Self {
        let proven = Self::compared(client, "secret");
        assert_ne!(proven.outcome, Outcome::Wrong);
        proven
    }

    /// What `client` would be if nobody looked at what came of comparing its secret, which is wrong.
    pub(crate) fn unproven(client: &Client) -> Self {
        Self::compared(client, "another")
    }

    fn compared(client: &Client, secret: &str) -> Self {
        let method = client.metadata.token_endpoint_auth_method;
        let proof = match method {
            AuthMethod::None => Proof::None,
            _ => Proof::Secret(SecretString::new(secret.to_owned())),
        };
        Credentials { client: client.id.clone(), method, proof }.compare(Arc::new(client.clone()))
    }
}

/// Reads `Basic base64(form(id) ":" form(secret))` (RFC 7617 §2, RFC 6749 §2.3.1).
fn basic(header: &str) -> Result<(String, String), Refusal> {
    let malformed = || unauthenticated("The Authorization header is not well-formed Basic authentication.");
    let (scheme, encoded) = header.split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(unauthenticated("The Authorization header must use the Basic scheme."));
    }
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| malformed())?;
    let text = String::from_utf8(decoded).map_err(|_| malformed())?;
    let (id, secret) = text.split_once(':').ok_or_else(malformed)?;
    let form = |part: &str| params::decode(part.as_bytes()).map_err(|_| malformed());
    let (id, secret) = (form(id)?, form(secret)?);
    match id.is_empty() {
        true => Err(malformed()),
        false => Ok((id, secret)),
    }
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::domain::oauth::client::Metadata;
    use crate::foundation::Timestamp;

    fn client(method: AuthMethod, secret: Option<&str>) -> Arc<Client> {
        let metadata = Metadata { token_endpoint_auth_method: method, ..Metadata::default() };
        let at = Timestamp::from_secs(0);
        let secret_hash = secret.map(SecretHash::of);
        Arc::new(Client {
            id: ClientId::new("a b"),
            name: "A".into(),
            enabled: true,
            secret_hash,
            sealed_secret: None,
            metadata,
            registered_itself: false,
            created_at: at,
            updated_at: at,
        })
    }

    fn header(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    fn read(header: Option<&str>, form: &str) -> Result<Credentials, Refusal> {
        Credentials::read(header, &Params::parse(form.as_bytes()).unwrap())
    }

    #[test]
    fn basic_credentials_are_form_decoded() {
        let client = client(AuthMethod::ClientSecretBasic, Some("s:e+c %r"));
        let credentials = read(Some(&header("a+b:s%3Ae%2Bc+%25r")), "").unwrap();
        assert!(credentials.prove(Some(client.clone())).is_ok());
        let lower = header("a%20b:s%3ae%2bc%20%25r").replacen("Basic", "bAsIc", 1);
        assert!(read(Some(&lower), "client_id=a+b").unwrap().prove(Some(client.clone())).is_ok());
    }

    #[test]
    fn only_the_registered_method_is_accepted() {
        let post = client(AuthMethod::ClientSecretPost, Some("x"));
        assert!(read(None, "client_id=a+b&client_secret=x").unwrap().prove(Some(post.clone())).is_ok());
        assert!(read(Some(&header("a+b:x")), "").unwrap().prove(Some(post.clone())).is_err());
        assert!(read(None, "client_id=a+b").unwrap().prove(Some(post.clone())).is_err(), "no secret at all");
        let public = client(AuthMethod::None, None);
        assert!(read(None, "client_id=a+b").unwrap().prove(Some(public.clone())).is_ok());
        assert!(read(None, "client_id=a+b&client_secret=x").unwrap().prove(Some(public.clone())).is_err());
    }

    #[test]
    fn a_client_that_nobody_chose_a_method_for_sends_its_secret_in_either_place() {
        let mut either = client(AuthMethod::ClientSecretBasic, Some("x"));
        Arc::make_mut(&mut either).metadata.secret_in_header_or_body = true;
        assert!(read(None, "client_id=a+b&client_secret=x").unwrap().prove(Some(either.clone())).is_ok());
        assert!(read(Some(&header("a+b:x")), "").unwrap().prove(Some(either.clone())).is_ok());
        assert!(read(None, "client_id=a+b&client_secret=y").unwrap().prove(Some(either.clone())).is_err());
        assert!(read(None, "client_id=a+b").unwrap().prove(Some(either.clone())).is_err(), "no secret at all");
        Arc::make_mut(&mut either).metadata.token_endpoint_auth_method = AuthMethod::None;
        assert!(
            read(None, "client_id=a+b&client_secret=x").unwrap().prove(Some(either.clone())).is_err(),
            "it is public"
        );
    }

    #[test]
    fn unknown_disabled_and_wrong_look_the_same() {
        let mut known = client(AuthMethod::ClientSecretBasic, Some("x"));
        let credentials = read(Some(&header("a+b:wrong")), "").unwrap();
        let wrong = credentials.prove(Some(known.clone())).unwrap_err();
        let unknown = credentials.prove(None).unwrap_err();
        Arc::make_mut(&mut known).enabled = false;
        let disabled = read(Some(&header("a+b:x")), "").unwrap().prove(Some(known.clone())).unwrap_err();
        for refusal in [wrong, unknown, disabled] {
            assert_eq!(
                (refusal.code, refusal.description),
                (ErrorCode::InvalidClient, "Client authentication failed.")
            );
        }
    }

    #[test]
    fn two_ways_at_once_are_refused() {
        let both = read(Some(&header("a+b:x")), "client_id=a+b&client_secret=x").unwrap_err();
        assert_eq!(both.code, ErrorCode::InvalidRequest);
        assert_eq!(read(Some(&header("a+b:x")), "client_id=c").unwrap_err().code, ErrorCode::InvalidRequest);
        let both = read(Some("Bearer abc"), "client_id=a+b&client_secret=x").unwrap_err();
        assert_eq!(both.code, ErrorCode::InvalidRequest, "whatever the scheme");
    }

    /// An unsigned JWT with these claims, as a form.
    fn asserting(claims: &str) -> String {
        let jwt = format!("eyJhbGciOiJSUzI1NiJ9.{}.", URL_SAFE_NO_PAD.encode(claims));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("client_assertion_type", assertion::TYPE), ("client_assertion", jwt.as_str())])
            .finish()
    }

    #[test]
    fn an_assertion_is_a_way_of_its_own() {
        let jwt = asserting(r#"{"sub":"a b"}"#);
        let code = |header: Option<&str>, form: &str| read(header, form).unwrap_err().code;
        for one in [jwt.as_str(), "client_assertion=e30.e30.x", "client_assertion_type=x"] {
            assert_eq!(code(Some(&header("a+b:x")), one), ErrorCode::InvalidRequest, "beside Basic");
            let post = format!("client_id=a+b&client_secret=x&{one}");
            assert_eq!(code(None, &post), ErrorCode::InvalidRequest, "beside a secret");
        }
        assert!(read(Some(&header("a+b:x")), "client_assertion=").is_ok(), "empty is not there (RFC 6749 §3.1)");
        let kind = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3A";
        for form in [
            "client_assertion=e30.e30.x".to_owned(),
            format!("{kind}jwt-bearer"),
            format!("{kind}jwt-bearer&client_assertion=e30.e30.x"),
            format!("{kind}saml2-bearer&{}", jwt.split_once('&').unwrap().1),
            asserting("{}"),
            asserting(r#"{"sub":7}"#),
        ] {
            assert_eq!(code(None, &form), ErrorCode::InvalidClient, "{form}");
            assert_eq!(
                code(None, &format!("client_id=a+b&{form}")),
                ErrorCode::InvalidClient,
                "it is no public client"
            );
        }
    }

    #[test]
    fn an_assertion_says_whom_to_look_for_and_proves_nothing_yet() {
        let jwt = asserting(r#"{"sub":"a b"}"#);
        assert_eq!(read(None, &format!("client_id=other&{jwt}")).unwrap_err().code, ErrorCode::InvalidClient);
        let credentials = read(None, &format!("client_id=a+b&{jwt}")).unwrap();
        assert_eq!((credentials.client.as_str(), credentials.method), ("a b", AuthMethod::PrivateKeyJwt));
        let by_key = client(AuthMethod::PrivateKeyJwt, None);
        assert!(matches!(credentials.prove(Some(by_key)), Ok(Proven::ByAssertion(_))));
        for method in
            [AuthMethod::None, AuthMethod::ClientSecretBasic, AuthMethod::ClientSecretPost, AuthMethod::ClientSecretJwt]
        {
            let refusal = credentials.prove(Some(client(method, Some("x")))).unwrap_err();
            assert_eq!((refusal.code, refusal.kind), (ErrorCode::InvalidClient, Kind::AuthMethod), "{method:?}");
        }
    }

    #[test]
    fn who_is_to_sign_cannot_send_a_secret_or_nothing() {
        for method in [AuthMethod::PrivateKeyJwt, AuthMethod::ClientSecretJwt] {
            for form in ["client_id=a+b&client_secret=x", "client_id=a+b"] {
                assert!(read(None, form).unwrap().prove(Some(client(method, Some("x")))).is_err(), "{method:?} {form}");
            }
            assert!(read(Some(&header("a+b:x")), "").unwrap().prove(Some(client(method, Some("x")))).is_err());
        }
    }

    #[test]
    fn malformed_headers_are_invalid_client() {
        for bad in ["Basic", "Basic !!!", "Bearer abc", &header("nocolon"), &header(":x"), &header("a%zz:x")] {
            assert_eq!(read(Some(bad), "").unwrap_err().code, ErrorCode::InvalidClient, "{bad}");
        }
        assert_eq!(read(None, "").unwrap_err().code, ErrorCode::InvalidClient);
    }

    #[test]
    fn an_ampersand_in_a_secret_is_part_of_it() {
        let client = client(AuthMethod::ClientSecretBasic, Some("x&y=z"));
        assert!(read(Some(&header("a+b:x&y=z")), "").unwrap().prove(Some(client.clone())).is_ok());
    }
}
