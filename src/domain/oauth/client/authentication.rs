//! How a client proves who it is (RFC 6749 §2.3).

use std::ops::Deref;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::domain::oauth::client::{AuthMethod, Client, ClientId};
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::params::{self, Params};
use crate::foundation::{SecretHash, SecretString};

/// The parameters of a form by which a client authenticates. None may be repeated: readers could pick different ones.
pub const IN_FORM: [&str; 4] = ["client_id", "client_secret", "client_assertion", "client_assertion_type"];

/// Authentication by a signed assertion (RFC 7521 §4.2). We do not offer it, but it counts as a method.
const ASSERTION: [&str; 2] = ["client_assertion", "client_assertion_type"];

/// What a request presents to prove its client.
#[derive(Debug)]
pub struct Credentials {
    /// The client that it claims to be from.
    pub client: ClientId,
    /// The method by which it authenticates.
    pub method: AuthMethod,
    secret: Option<SecretString>,
}

/// A client, and what came of its authentication. Only [`Credentials::prove`] makes one, so whatever takes it comes after
/// that; and what came of it is shown to oxide-auth's machines, which give nothing to a client that has not proven itself
/// (docs/decisions/0028).
#[derive(Clone, Debug)]
pub struct Authenticated {
    client: Arc<Client>,
    outcome: Outcome,
}

/// What came of comparing what a client presented with what it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// Its secret was right.
    Right,
    /// Its secret was wrong, or missing, or it has none and sent one.
    Wrong,
    /// It is public: it has no secret, and sent none.
    Public,
}

impl Authenticated {
    /// Whether it presented a secret, right or wrong, or only the name of a public client.
    pub fn by_secret(&self) -> bool {
        self.outcome != Outcome::Public
    }

    /// Whether the client of this id has been proven, as far as it can be.
    pub fn proves(&self, id: &str) -> bool {
        self.outcome != Outcome::Wrong && self.client.id.as_str() == id
    }
}

impl Deref for Authenticated {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
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
        // Refused even by itself: beside an unchecked assertion, `client_id` must not count as a public client's name.
        if assertion {
            return Err(unauthenticated("Assertions of clients are not supported."));
        }
        let Some(header) = authorization else {
            let Some(id) = form_id else {
                return Err(unauthenticated("The client did not authenticate."));
            };
            let method = if form_secret.is_some() { AuthMethod::ClientSecretPost } else { AuthMethod::None };
            let secret = form_secret.map(|secret| SecretString::new(secret.to_owned()));
            return Ok(Self { client: ClientId::new(id), method, secret });
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
            secret: Some(SecretString::new(secret)),
        })
    }

    /// Decides whether they prove `client`. Unknown, disabled and wrongly authenticated clients get the same answer;
    /// the detail says more.
    ///
    /// # Errors
    /// `invalid_client`.
    pub fn prove(&self, client: Option<Arc<Client>>) -> Result<Authenticated, Refusal> {
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
        let compared = self.compare(client);
        match compared.outcome {
            Outcome::Wrong => refuse(Kind::Secret, "the secret is wrong"),
            Outcome::Right | Outcome::Public => Ok(compared),
        }
    }

    fn compare(&self, client: Arc<Client>) -> Authenticated {
        let outcome = match (&self.secret, &client.secret_hash) {
            (None, _) if client.is_public() => Outcome::Public,
            (Some(sent), Some(stored)) if SecretHash::of(sent.expose()).matches(stored) => Outcome::Right,
            _ => Outcome::Wrong,
        };
        Authenticated { client, outcome }
    }
}

/// What whoever is not the client that they say is told.
pub fn failed(client: &ClientId) -> Refusal {
    unauthenticated("Client authentication failed.").with("client", client)
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
        let secret = (method != AuthMethod::None).then(|| SecretString::new(secret.to_owned()));
        Credentials { client: client.id.clone(), method, secret }.compare(Arc::new(client.clone()))
    }
}

fn unauthenticated(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidClient, description)
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
            metadata,
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

    #[test]
    fn an_assertion_is_a_way_of_its_own_and_none_that_we_take() {
        let jwt = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        for assertion in ["client_assertion=e30.e30.x", jwt, &format!("{jwt}&client_assertion=e30.e30.x")] {
            let code = |header: Option<&str>, form: &str| read(header, form).unwrap_err().code;
            assert_eq!(code(Some(&header("a+b:x")), assertion), ErrorCode::InvalidRequest, "beside Basic");
            let post = format!("client_id=a+b&client_secret=x&{assertion}");
            assert_eq!(code(None, &post), ErrorCode::InvalidRequest, "beside a secret");
            assert_eq!(code(None, &format!("client_id=a+b&{assertion}")), ErrorCode::InvalidClient, "with a name");
            assert_eq!(code(None, assertion), ErrorCode::InvalidClient, "alone");
        }
        assert!(read(Some(&header("a+b:x")), "client_assertion=").is_ok(), "empty is not there (RFC 6749 §3.1)");
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
