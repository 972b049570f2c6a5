//! Scripts of several requests: a sign-in with a session, a refresh, a login with a password.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use url::Url;

use crate::generator::{Answer, Script};
use crate::requests::{get, post};
use crate::support::html;
use crate::support::installation::Client;
use crate::support::user_agent::parameter;

/// Where the clients of the benchmark live. Nothing is ever sent there.
pub const CALLBACK: &str = "https://app.example/callback";
/// One verifier for all: making new ones is the client's work, not the server's.
pub const VERIFIER: &str = "a-verifier-that-every-sign-in-of-the-benchmark-has-in-common";

/// The path and query of an authorization request.
pub fn authorize_path(client: &Client, scope: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", CALLBACK),
            ("scope", scope),
            ("state", "af0ifjsldkj"),
            ("nonce", "n-0S6_WzA2Mj"),
            ("code_challenge", &latchkey::crypto::digest::s256(VERIFIER)),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    format!("/authorize?{query}")
}

/// The request that redeems a code.
pub fn redeem(client: &Client, code: &str) -> Vec<u8> {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", client.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("code", code),
        ("code_verifier", VERIFIER),
    ];
    post("/token", &[], &fields)
}

/// A member of a JSON answer.
pub fn member(body: &[u8], name: &str) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    answer.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// Authorization code with PKCE by someone who is signed in: authorize, then token. Both are one unit.
pub struct CodeFlow {
    client: Client,
    authorize: Vec<u8>,
    redeem: Option<Vec<u8>>,
}

impl CodeFlow {
    pub fn new(client: &Client, cookies: &str) -> Self {
        let authorize = get(&authorize_path(client, "openid profile"), &[("cookie", cookies)]);
        Self { client: client.clone(), authorize, redeem: None }
    }
}

impl Script for CodeFlow {
    fn request(&mut self) -> &[u8] {
        self.redeem.as_ref().unwrap_or(&self.authorize)
    }

    fn answer(&mut self, answer: &Answer<'_>) -> Result<bool, String> {
        if self.redeem.take().is_some() {
            return if answer.status == 200 { Ok(true) } else { Err(answer.unexpected()) };
        }
        let location = answer.headers("location").next().filter(|location| location.starts_with(CALLBACK));
        let code = location.and_then(|location| parameter(&Url::parse(location).ok()?, "code"));
        self.redeem = Some(redeem(&self.client, &code.ok_or_else(|| answer.unexpected())?));
        Ok(false)
    }
}

/// One device that refreshes, and goes on with what it was given.
pub struct Rotation {
    client: Client,
    request: Vec<u8>,
    pause: Option<Duration>,
}

impl Rotation {
    pub fn new(client: &Client, token: &str) -> Self {
        Self { client: client.clone(), request: Self::present(client, token), pause: None }
    }

    /// With a pause before each.
    pub fn every(self, pause: Option<Duration>) -> Self {
        Self { pause, ..self }
    }

    fn present(client: &Client, token: &str) -> Vec<u8> {
        let fields = [("grant_type", "refresh_token"), ("client_id", client.id.as_str()), ("refresh_token", token)];
        post("/token", &[], &fields)
    }
}

impl Script for Rotation {
    fn request(&mut self) -> &[u8] {
        &self.request
    }

    fn answer(&mut self, answer: &Answer<'_>) -> Result<bool, String> {
        let next = Some(answer).filter(|answer| answer.status == 200);
        let next = next.and_then(|answer| member(answer.body, "refresh_token")).ok_or_else(|| answer.unexpected())?;
        self.request = Self::present(&self.client, &next);
        Ok(true)
    }

    fn pause(&self) -> Option<Duration> {
        self.pause
    }
}

/// Someone new at the browser who types a password: from the authorization request to the answer to the form.
pub struct Login {
    start: Vec<u8>,
    username: String,
    password: &'static str,
    cookies: BTreeMap<String, String>,
    next: Vec<u8>,
    typed: bool,
}

impl Login {
    pub fn new(client: &Client, username: &str, password: &'static str) -> Self {
        let start = get(&authorize_path(client, "openid profile"), &[]);
        let (next, cookies) = (start.clone(), BTreeMap::new());
        Self { start, username: username.to_owned(), password, cookies, next, typed: false }
    }

    fn cookie_header(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep_cookies(&mut self, answer: &Answer<'_>) {
        for cookie in answer.headers("set-cookie") {
            let pair = cookie.split(';').next().unwrap_or(cookie);
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Script for Login {
    fn request(&mut self) -> &[u8] {
        &self.next
    }

    fn answer(&mut self, answer: &Answer<'_>) -> Result<bool, String> {
        if self.typed {
            // A right password leads on; a wrong one shows the page again.
            if !(300..400).contains(&answer.status) {
                return Err(answer.unexpected());
            }
            (self.typed, self.cookies) = (false, BTreeMap::new());
            self.next.clone_from(&self.start);
            return Ok(true);
        }
        self.keep_cookies(answer);
        let cookies = self.cookie_header();
        if let Some(location) = answer.headers("location").next() {
            let path = location.find("/login").map(|at| &location[at..]).ok_or_else(|| answer.unexpected())?;
            self.next = get(path, &[("cookie", &cookies)]);
            return Ok(false);
        }
        let page = String::from_utf8_lossy(answer.body);
        let form = html::form_with_button(&page, "login-submit").ok_or_else(|| answer.unexpected())?;
        let fields = form.submit("login-submit", &[("username", &self.username), ("password", self.password)]);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.next = post(&form.action, &[("cookie", &cookies)], &fields);
        self.typed = true;
        Ok(false)
    }
}
