//! An issuer with a path, such as `https://example.com/auth`: everything of ours lies under it. Inside, paths are what they
//! are without: it is taken off what comes in, before anything is looked up, and put before whatever leads back to us in what
//! goes out (docs/decisions/0045-issuers-with-a-path.md). A server without a path does none of that.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{self, HeaderValue};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;

use super::security_txt;
use crate::domain::oauth::discovery::path::{OAUTH_METADATA, OPENID_CONFIGURATION, PROTECTED_RESOURCE};
use crate::foundation::url::Issuer;

/// What lies beside the path, since others look for it there: whatever watches the server, and RFC 9116 §3.
const AT_THE_ROOT: [&str; 3] = ["/healthz", "/readyz", security_txt::PATH];

/// Cookies of ours inside, and under a path: `__Host-` demands the path `/`, where other applications of the host would get
/// them. No page outside of the path can read or set what has a path, and `Secure` is kept.
const INSIDE: &str = "__Host-latchkey";
const OUTSIDE: &str = "__Secure-latchkey";

/// The name by which scripts know a cookie of ours.
pub fn name_for_scripts(issuer: &Issuer, name: &str) -> String {
    match issuer.path() {
        "" => name.to_owned(),
        _ => name.replacen(INSIDE, OUTSIDE, 1),
    }
}

/// The path of an issuer that has one.
pub struct UnderPath {
    /// With a slash before it and none behind it.
    path: String,
}

impl UnderPath {
    /// `None` where the issuer is a whole origin.
    pub fn of(issuer: &Issuer) -> Option<Self> {
        let path = issuer.path();
        (!path.is_empty()).then(|| Self { path: path.to_owned() })
    }

    /// Takes the path off a request; `false` when it is for nobody here.
    pub fn enter(&self, request: &mut Request) -> bool {
        let asked = request.uri();
        let Some(inner) = self.inner(asked.path()) else { return false };
        let text = match asked.query() {
            Some(query) => format!("{inner}?{query}"),
            None => inner.to_owned(),
        };
        let mut parts = asked.clone().into_parts();
        let Ok(path) = PathAndQuery::try_from(text) else { return false };
        parts.path_and_query = Some(path);
        let Ok(uri) = Uri::from_parts(parts) else { return false };
        *request.uri_mut() = uri;
        rename_cookies(request.headers_mut());
        true
    }

    /// What a path is inside.
    fn inner<'a>(&self, asked: &'a str) -> Option<&'a str> {
        if let Some(known) = AT_THE_ROOT.into_iter().find(|known| *known == asked) {
            return Some(known);
        }
        match asked.strip_prefix(&self.path) {
            Some("") => return Some("/"),
            Some(rest) if rest.starts_with('/') => return Some(rest),
            _ => {}
        }
        // RFC 8414 §3.1 inserts the well-known part before the path, and has those who look for OpenID's do the same (§5).
        let well_known = asked.strip_suffix(&self.path)?;
        [OAUTH_METADATA, OPENID_CONFIGURATION, PROTECTED_RESOURCE].into_iter().find(|known| *known == well_known)
    }

    /// Puts the path before what leads back to us: redirects, cookies, and the links and forms of pages.
    pub async fn leave(&self, response: Response) -> Response {
        let (mut parts, body) = response.into_parts();
        if let Some(there) = parts.headers.get(header::LOCATION).and_then(|there| there.to_str().ok())
            && is_ours(there)
            && let Ok(there) = HeaderValue::from_str(&format!("{}{there}", self.path))
        {
            parts.headers.insert(header::LOCATION, there);
        }
        let cookies: Vec<_> = parts.headers.get_all(header::SET_COOKIE).iter().map(|one| self.cookie(one)).collect();
        parts.headers.remove(header::SET_COOKIE);
        for cookie in cookies {
            parts.headers.append(header::SET_COOKIE, cookie);
        }
        let kind = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        if !kind.starts_with(b"text/html") {
            return Response::from_parts(parts, body);
        }
        // A page of ours is in memory as a whole.
        let Ok(whole) = body.collect().await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
        let whole = whole.to_bytes();
        parts.headers.remove(header::CONTENT_LENGTH);
        let page = match std::str::from_utf8(&whole) {
            Ok(html) => Body::from(self.page(html)),
            Err(_) => Body::from(whole),
        };
        Response::from_parts(parts, page)
    }

    fn cookie(&self, cookie: &HeaderValue) -> HeaderValue {
        let Ok(text) = cookie.to_str() else { return cookie.clone() };
        let text = if text.starts_with(INSIDE) { text.replacen(INSIDE, OUTSIDE, 1) } else { text.to_owned() };
        let moved = |part: &str| match part.strip_prefix("Path=/") {
            Some("") => format!("Path={}", self.path),
            Some(rest) => format!("Path={}/{rest}", self.path),
            None => part.to_owned(),
        };
        let text = text.split("; ").map(moved).collect::<Vec<_>>().join("; ");
        HeaderValue::from_str(&text).unwrap_or_else(|_| cookie.clone())
    }

    /// A page with the path before each link, form and file of ours. What others have written cannot look like one: templates
    /// encode each quotation mark of a value.
    fn page(&self, html: &str) -> String {
        const LEADS: [&str; 4] = [" href=\"", " src=\"", " action=\"", " formaction=\""];
        let mut page = String::with_capacity(html.len() + 1024);
        let mut rest = html;
        while let Some(at) = rest.find("=\"/") {
            let (before, value) = rest.split_at(at + 2);
            page.push_str(before);
            if is_ours(value) && LEADS.iter().any(|lead| before.ends_with(lead)) {
                page.push_str(&self.path);
            }
            rest = value;
        }
        page.push_str(rest);
        page
    }
}

/// Whether it is a path of ours, rather than another host.
fn is_ours(there: &str) -> bool {
    there.starts_with('/') && !there.starts_with("//")
}

/// Gives our cookies the names that they have inside. One that has that name outside is not ours: it belongs to a server at
/// the root of this host.
fn rename_cookies(headers: &mut HeaderMap) {
    let renamed: Vec<_> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|cookies| cookies.to_str().ok())
        .map(|cookies| {
            let own = cookies.split("; ").filter(|pair| !pair.starts_with(INSIDE));
            let own =
                own.map(|pair| pair.strip_prefix(OUTSIDE).map_or(pair.to_owned(), |rest| format!("{INSIDE}{rest}")));
            own.collect::<Vec<_>>().join("; ")
        })
        .collect();
    if renamed.is_empty() {
        return;
    }
    headers.remove(header::COOKIE);
    for cookies in renamed {
        headers.extend(HeaderValue::from_str(&cookies).ok().map(|cookies| (header::COOKIE, cookies)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn under() -> UnderPath {
        UnderPath::of(&Issuer::parse("https://a.example/x/auth").unwrap()).unwrap()
    }

    fn entered(uri: &str) -> Option<String> {
        let mut request = Request::get(uri).body(Body::empty()).unwrap();
        under().enter(&mut request).then(|| request.uri().to_string())
    }

    #[test]
    fn the_path_is_taken_off_and_nothing_else_is_ours() {
        for (asked, inside) in [
            ("/x/auth", "/"),
            ("/x/auth/", "/"),
            ("/x/auth/token", "/token"),
            ("/x/auth?a=b", "/?a=b"),
            ("/x/auth/login?flow=%2Fx%2Fauth", "/login?flow=%2Fx%2Fauth"),
            ("/x/auth/x/auth/token", "/x/auth/token"),
            ("/.well-known/oauth-authorization-server/x/auth", "/.well-known/oauth-authorization-server"),
            ("/.well-known/openid-configuration/x/auth", "/.well-known/openid-configuration"),
            ("/x/auth/.well-known/openid-configuration", "/.well-known/openid-configuration"),
            ("/healthz", "/healthz"),
            ("https://a.example/x/auth/token", "https://a.example/token"),
        ] {
            assert_eq!(entered(asked).as_deref(), Some(inside), "{asked}");
        }
        for asked in [
            "/",
            "/token",
            "/x",
            "/x/authority",
            "/x/auth%2Ftoken",
            "/X/auth/token",
            "/.well-known/jwks/x/auth",
            "//x/auth/token",
        ] {
            assert_eq!(entered(asked), None, "{asked}");
        }
        assert!(UnderPath::of(&Issuer::parse("https://a.example").unwrap()).is_none());
    }

    #[test]
    fn links_forms_and_files_of_ours_get_it_and_nothing_that_somebody_wrote() {
        let html = "<a href=\"/login\">a</a><form action=\"/consent?a=b\"><link href=\"/static/x.css\"><img src=\"//b.example/\">\
                    <input value=\"/account\"><a href=\"https://b.example/\">/c</a> href=&#34;/d&#34; <a data-href=\"/e\">";
        let expected = "<a href=\"/x/auth/login\">a</a><form action=\"/x/auth/consent?a=b\"><link href=\"/x/auth/static/x.css\">\
                    <img src=\"//b.example/\"><input value=\"/account\"><a href=\"https://b.example/\">/c</a> href=&#34;/d&#34; \
                    <a data-href=\"/e\">";
        assert_eq!(under().page(html), expected);
    }

    #[tokio::test]
    async fn redirects_and_cookies_stay_under_it() {
        let answer = |name, value: &str| Response::builder().header(name, value).body(Body::empty()).unwrap();
        for (there, leads) in
            [("/login?a=b", "/x/auth/login?a=b"), ("https://b.example/cb", "https://b.example/cb"), ("//b", "//b")]
        {
            assert_eq!(under().leave(answer(header::LOCATION, there)).await.headers()[header::LOCATION], leads);
        }
        for (inside, outside) in [
            ("__Host-latchkey=a; HttpOnly; Secure; Path=/", "__Secure-latchkey=a; HttpOnly; Secure; Path=/x/auth"),
            ("latchkey-browser=a; Path=/; Max-Age=0", "latchkey-browser=a; Path=/x/auth; Max-Age=0"),
            ("demo=a; Path=/demo", "demo=a; Path=/x/auth/demo"),
        ] {
            assert_eq!(under().leave(answer(header::SET_COOKIE, inside)).await.headers()[header::SET_COOKIE], outside);
        }
    }

    #[test]
    fn a_cookie_of_the_root_is_none_of_ours() {
        let cookies = "__Host-latchkey=root; __Secure-latchkey=ours; other=1; __Secure-latchkey-device=d";
        let mut request = Request::get("/x/auth/").header(header::COOKIE, cookies).body(Body::empty()).unwrap();
        assert!(under().enter(&mut request));
        assert_eq!(request.headers()[header::COOKIE], "__Host-latchkey=ours; other=1; __Host-latchkey-device=d");
    }
}
