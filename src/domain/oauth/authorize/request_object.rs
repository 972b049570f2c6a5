//! Authorization requests as JWTs: request objects (RFC 9101, OpenID Connect Core §6).

use serde_json::{Map, Value};

use crate::crypto::CryptoError;
use crate::crypto::foreign::{ForeignAlgorithm, ForeignJws, KeyAlgorithm, ProvenJws};
use crate::domain::oauth::client::Client;
use crate::domain::oauth::client::request_object::RequestObjectAlgorithm;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::oauth::foreign_claims::{Audience, LEEWAY, NumericDate};
use crate::domain::oauth::params::Params;
use crate::domain::oauth::profile::{Legacy, Rules};
use crate::foundation::Timestamp;

/// The type by which a client says that it means RFC 9101 (§10.8).
const TYPE: &str = "oauth-authz-req+jwt";

/// The types that an object's header may name. Clients sign other JWTs with the same keys, with types of their own.
const TYPES: [&str; 2] = ["JWT", TYPE];

/// Claims that are about the JWT and ask for nothing.
const OF_THE_JWT: [&str; 7] = ["iss", "aud", "sub", "exp", "nbf", "iat", "jti"];

/// Who signs it and for whom, and what came beside it.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The client that the request says it is of; nothing is proven.
    pub client: &'a Client,
    /// Our issuer.
    pub issuer: &'a str,
    /// Now.
    pub now: Timestamp,
    /// The request that it came with.
    pub outside: &'a Params,
    /// Whether its client has sent it here by itself (RFC 9126 §3).
    pub pushed: bool,
}

/// Whether a request has one, by value or by reference.
///
/// # Errors
/// `invalid_request` when it has both (RFC 9101 §5).
pub fn is_there(params: &Params) -> Result<bool, Refusal> {
    match (params.get("request"), params.get("request_uri")) {
        (Some(_), Some(_)) => {
            Err(Refusal::new(ErrorCode::InvalidRequest, "request and request_uri cannot be used together."))
        }
        (None, None) => Ok(false),
        _ => Ok(true),
    }
}

/// What is inside of an encrypted object: a JWT again (RFC 7519 §5.2), or the claims themselves where nobody has signed them
/// (OpenID Connect Core §6.1 wants what is both to be signed first). Who encrypted it is proven by nothing, since everybody has
/// our public key: so it counts as one that is not signed.
///
/// # Errors
/// `invalid_request_object`; also when it is encrypted twice.
pub fn from_opened(opened: Vec<u8>) -> Result<ForeignJws, Refusal> {
    match opened.first() {
        Some(b'{') => ForeignJws::bare(opened).map_err(|why| broken(&why)),
        _ => from_sent(str::from_utf8(&opened).unwrap_or_default()),
    }
}

/// An object that is not encrypted, as it was sent.
///
/// # Errors
/// `invalid_request_object`.
pub fn from_sent(compact: &str) -> Result<ForeignJws, Refusal> {
    ForeignJws::read(compact).map_err(|why| broken(&why))
}

/// Why an encrypted object is not opened. All that is encrypted to us and cannot be decrypted has one answer (RFC 7516 §11.5);
/// the rest is about what everybody can see.
pub fn sealed(why: &CryptoError) -> Refusal {
    let refusal = match why {
        CryptoError::UnknownKey => {
            refused("The request object is encrypted to none of the keys of this server.").of(Kind::ClientKeys)
        }
        CryptoError::Malformed(_) => refused("The encrypted request object is not well-formed."),
        _ => refused("The request object cannot be decrypted."),
    };
    refusal.with("because", why)
}

/// Says what an object has to be verified with: `None` where it may go without a signature, by its client and by the server's
/// rules, and does.
///
/// # Errors
/// `invalid_request_object`.
pub fn verified_with(jws: &ForeignJws, client: &Client, rules: Rules) -> Result<Option<KeyAlgorithm>, Refusal> {
    if !jws.is_typed(&TYPES) {
        return Err(refused("The request object is another kind of JWT."));
    }
    let used = match jws.algorithm() {
        Some(ForeignAlgorithm::Key(algorithm)) => Some(RequestObjectAlgorithm::Key(algorithm)),
        Some(ForeignAlgorithm::Secret(_)) => None,
        None => (jws.alg() == "none").then_some(RequestObjectAlgorithm::None),
    };
    let objects = &client.metadata.request_objects;
    let registered = objects.request_object_signing_alg;
    let must_be_signed = objects.require_signed_request_object;
    match used {
        Some(used) if registered.is_some_and(|registered| registered != used) => {
            let description = "The request object is not signed with the algorithm that the client is registered for.";
            let registered = registered.map_or("any", RequestObjectAlgorithm::name);
            Err(refused(description).with("alg", jws.alg()).with("request_object_signing_alg", registered))
        }
        Some(RequestObjectAlgorithm::Key(algorithm)) => Ok(Some(algorithm)),
        Some(RequestObjectAlgorithm::None) => match rules.excluded(Legacy::UnsignedRequests) {
            Some(excluded) => {
                let refused = refused("By the profile oauth-2.1 of this server a request object has to be signed.");
                Err(refused.of(Kind::Profile).with("excluded by", excluded.by))
            }
            None if must_be_signed => Err(refused("The request object has to be signed.")),
            None => Ok(None),
        },
        None => Err(refused("The request object is signed with an unknown algorithm.").with("alg", jws.alg())),
    }
}

/// Why a signature does not hold.
pub fn broken(why: &CryptoError) -> Refusal {
    let refusal = match why {
        CryptoError::UnknownKey => {
            refused("The request object is signed with none of the keys of the client.").of(Kind::ClientKeys)
        }
        CryptoError::Signature => refused("The signature of the request object does not match."),
        _ => refused("The request object is not well-formed."),
    };
    refusal.with("because", why)
}

/// What a fetched object could not be had for.
pub fn not_to_be_had(why: impl std::fmt::Display) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequestUri, "The request_uri leads to no request object.").with("because", why)
}

/// A `request_uri` that its client has not registered.
pub fn unregistered(sent: &str, client: &Client) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequestUri, "The request_uri is not registered for this client.")
        .with("sent", sent)
        .with("registered", client.metadata.request_objects.request_uris.join(" "))
}

/// A client whose requests have to be signed has sent one that is not (RFC 9101 §10.5).
pub fn missing() -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, "Requests of this client have to come in a signed request object.")
}

/// The parameters of a request with an object.
///
/// Those inside win. Where the client means RFC 9101 (by the type of the JWT, by its registration, or because it pushes), there are
/// no others (§6.3, RFC 9126 §3). Otherwise it is a request of OpenID Connect, which may say the rest outside (Core §6.1), where
/// anybody can change it.
///
/// # Errors
/// `invalid_request_object`, or `invalid_request` where both sides contradict each other.
pub fn parameters(jws: &ForeignJws, proven: &ProvenJws<'_>, expected: Expected<'_>) -> Result<Params, Refusal> {
    let Expected { client, outside, pushed, .. } = expected;
    let claims: Map<String, Value> = proven.claims().map_err(|why| broken(&why))?;
    judge(&claims, expected)?;
    let must_be_signed = client.metadata.request_objects.require_signed_request_object;
    let alone = pushed || must_be_signed || jws.names_type(TYPE);
    let inside = inside(&claims)?;
    if !alone
        && let (Some(one), Some(other)) = (inside.get("response_type"), outside.get("response_type"))
        && one != other
    {
        let description = "response_type differs inside and outside of the request object.";
        return Err(Refusal::new(ErrorCode::InvalidRequest, description).with("inside", one).with("outside", other));
    }
    let mut params = inside.or("client_id", client.id.as_str());
    if !alone {
        outside.once()?;
        params = params.and_others_of(&outside.without(&["request", "request_uri"]));
    }
    Ok(params)
}

/// The claims about the JWT itself (RFC 9101 §4, OpenID Connect Core §6.1): each holds where it is there.
fn judge(claims: &Map<String, Value>, expected: Expected<'_>) -> Result<(), Refusal> {
    let Expected { client, issuer, now, .. } = expected;
    let id = client.id.as_str();
    let must = client.metadata.request_objects.require_signed_request_object;
    let there = |name: &str| claims.get(name).filter(|value| !value.is_null());
    if there("client_id").is_some_and(|value| value != id) {
        return Err(refused("client_id differs inside and outside of the request object."));
    }
    if there("iss").map_or(must, |value| value != id) {
        return Err(refused("The iss of the request object has to be the client_id."));
    }
    let audience = there("aud").map(|value| serde_json::from_value::<Audience>(value.clone()));
    if audience.map_or(must, |aud| !aud.is_ok_and(|aud| aud.has_any(&[issuer]))) {
        return Err(refused("The aud of the request object has to be this issuer.").with("wanted", issuer));
    }
    let time = |name: &str| -> Result<Option<Timestamp>, Refusal> {
        let read = |value: &Value| serde_json::from_value::<NumericDate>(value.clone()).map(NumericDate::time);
        let malformed = |_| refused("A time in the request object is no number.").with("claim", name);
        there(name).map(read).transpose().map_err(malformed)
    };
    if time("exp")?.is_some_and(|exp| exp.after(LEEWAY) <= now) {
        return Err(refused("The request object has expired."));
    }
    match time("nbf")?.into_iter().chain(time("iat")?).any(|early| early > now.after(LEEWAY)) {
        true => Err(refused("The request object is of the future.")),
        false => Ok(()),
    }
}

/// What it asks for, as parameters.
fn inside(claims: &Map<String, Value>) -> Result<Params, Refusal> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in claims.iter().filter(|(name, _)| !OF_THE_JWT.contains(&name.as_str())) {
        if ["request", "request_uri"].contains(&name.as_str()) {
            return Err(refused("A request object cannot have a request or request_uri inside."));
        }
        match value {
            Value::Null => continue,
            Value::String(text) => form.append_pair(name, text),
            // The one parameter that may be repeated.
            Value::Array(all) if name == "resource" && all.iter().all(Value::is_string) => {
                form.extend_pairs(all.iter().filter_map(Value::as_str).map(|one| (name, one)))
            }
            // Numbers, and `claims` and what else is JSON as a parameter too (RFC 9101 §4).
            other => form.append_pair(name, &other.to_string()),
        };
    }
    Params::parse(form.finish().as_bytes()).map_err(|why| refused(why.description()))
}

fn refused(description: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidRequestObject, description)
}

#[cfg(test)]
#[path = "request_object_tests.rs"]
mod tests;
