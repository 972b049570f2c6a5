//! Which form of an answer a caller wants (RFC 9110 §12.5.1).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;

/// The media type of an introspection answer that is a JWT (RFC 9701 §4).
pub const INTROSPECTION_JWT: &str = "application/token-introspection+jwt";

/// Whether the caller wants an introspection answer as a JWT: it names that type, and does not prefer plain JSON. A range that
/// includes it (`*/*`) asks for nothing in particular, and gets plain JSON.
pub struct WantsJwt(pub bool);

impl<S: Sync> FromRequestParts<S> for WantsJwt {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let said = || parts.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let jwt = weight(said(), INTROSPECTION_JWT);
        Ok(Self(jwt > 0 && jwt >= weight(said(), "application/json")))
    }
}

/// How much a type is wanted, in thousandths; 0 where it is not named.
fn weight<'a>(said: impl Iterator<Item = &'a str>, wanted: &str) -> u16 {
    let ranges = said.flat_map(|line| line.split(','));
    let weights = ranges.filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        named.then(|| q.map_or(1000, thousandths))
    });
    weights.max().unwrap_or(0)
}

/// RFC 9110 §12.4.2: 0 to 1 with up to three digits after the point. What is none of these is as if it were not there.
fn thousandths(q: &str) -> u16 {
    let (whole, fraction) = q.split_once('.').unwrap_or((q, ""));
    match whole {
        "0" => format!("{fraction:0<3.3}").parse().unwrap_or(1000),
        _ => 1000,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    async fn wants(accept: &[&str]) -> bool {
        let request = accept.iter().fold(Request::builder(), |request, line| request.header(ACCEPT, *line));
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let Ok(WantsJwt(wants)) = WantsJwt::from_request_parts(&mut parts, &()).await;
        wants
    }

    #[tokio::test]
    async fn a_jwt_is_for_whoever_names_it_and_does_not_prefer_json() {
        for accept in [
            &[INTROSPECTION_JWT][..],
            &["Application/Token-Introspection+JWT"],
            &["application/json, application/token-introspection+jwt"],
            &["application/json;q=0.8,application/token-introspection+jwt;q=0.9"],
            &["application/json;q=0", "application/token-introspection+jwt; q=0.001"],
            &["text/html, */*;q=0.1, application/token-introspection+jwt"],
        ] {
            assert!(wants(accept).await, "{accept:?}");
        }
        for accept in [
            &[][..],
            &["*/*"],
            &["application/*"],
            &["application/json"],
            &["application/jwt"],
            &["application/token-introspection+jwt;q=0"],
            &["application/token-introspection+jwt;q=0.5, application/json"],
            &["application/token-introspection+jwtx"],
        ] {
            assert!(!wants(accept).await, "{accept:?}");
        }
    }
}
