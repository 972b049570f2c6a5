//! A client that tests the server from outside: each module registers, asks, fills in our pages by their ids, and checks every
//! answer that it gets on the way.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::http::{Request, header};
use serde_json::{Map, Value, json};

use super::checks::{self, Wanted, cannot_be_guessed, has_no_claims_of_a_person, id_token, lists};
use super::plan::{Place, Plan};
use crate::harness::signer::{Signer, by_assertion};
use crate::harness::{
    Answer, AuthorizationRequest, Browser, Client, ISSUER, Page, Registered, Shows, TestApp, Tokens, VERIFIER,
};

/// Where every client of the suite is answered.
pub const CALLBACK: &str = "https://suite.test/test/a/latchkey/callback";

/// The key of every client: it has no name.
pub fn key() -> &'static Signer {
    static KEY: OnceLock<Signer> = OnceLock::new();
    KEY.get_or_init(|| Signer::new("RS256"))
}

/// One module: a client of its own, and a browser without cookies.
pub struct Module {
    pub app: TestApp,
    pub plan: Plan,
    pub discovery: Value,
    pub registered: Registered,
    pub browser: Browser,
    /// What the client signs with.
    pub key: Signer,
}

/// What a sign-in has brought.
#[derive(Debug)]
pub struct Brought {
    /// The answer of the authorization endpoint.
    pub response: BTreeMap<String, String>,
    /// What the ID token in it says.
    pub front: Option<Map<String, Value>>,
    /// The answer of the token endpoint.
    pub tokens: Option<Tokens>,
    /// What the ID token in that says.
    pub back: Option<Map<String, Value>>,
}

/// What a client of the suite registers.
pub fn registration(plan: Plan, more: &Value) -> Value {
    let grants: Vec<_> = [(plan.has("code"), "authorization_code"), (plan.has_tokens(), "implicit")]
        .into_iter()
        .filter_map(|(needed, grant)| needed.then_some(grant))
        .collect();
    let mut document = json!({
        "client_name": "Suite",
        "grant_types": grants,
        "jwks": {"keys": [named_key()]},
        "token_endpoint_auth_method": plan.auth,
        "response_types": [plan.response_type],
        "redirect_uris": [CALLBACK],
        "contacts": ["suite@suite.test"],
    });
    for (name, value) in more.as_object().expect("an object") {
        document[name] = value.clone();
    }
    document.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    document
}

fn named_key() -> Value {
    let mut public = key().public();
    public["use"] = json!("sig");
    public["alg"] = json!("RS256");
    assert_eq!(public.get("kid"), None);
    public
}

impl Module {
    /// A module that registers its client as every other does.
    pub async fn begin(app: &TestApp, plan: Plan) -> Self {
        Self::with(app, plan, json!({})).await
    }

    /// A module whose client says more of itself; `null` leaves a member out.
    pub async fn with(app: &TestApp, plan: Plan, more: Value) -> Self {
        let discovery = checks::discovery(app).await;
        for member in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"] {
            assert!(discovery[member].as_str().is_some_and(|url| url.starts_with("https://")), "{member}");
        }
        assert!(lists(&discovery, "token_endpoint_auth_methods_supported", plan.auth), "{}", plan.auth);
        checks::are_sound_keys(&checks::jwks(app).await);
        let document = registration(plan, &more);
        let registered = is_registered(app, &document, &app.register(None, &document).await);
        Self { app: app.clone(), plan, discovery, registered, browser: app.browser(), key: key().clone() }
    }

    /// Another client in the same browser.
    pub async fn second(&self, plan: Plan, more: Value) -> Self {
        Self { browser: self.browser.clone(), ..Self::with(&self.app, plan, more).await }
    }

    pub fn client(&self) -> Client {
        self.registered.client()
    }

    /// The request that every module sends.
    pub fn request(&self) -> AuthorizationRequest {
        let random = || self.app.app.random.readable(10);
        let request = self.client().request().without_pkce().with("response_type", self.plan.response_type);
        let request = request.with("scope", "openid").with("state", &random()).with("nonce", &random());
        if self.plan.form_post { request.with("response_mode", "form_post") } else { request }
    }

    /// The same with a challenge (RFC 7636).
    pub fn request_with_pkce(&self) -> AuthorizationRequest {
        let usual = self.client().request();
        let challenge = said(&usual, "code_challenge").expect("a challenge");
        self.request().with("code_challenge", &challenge).with("code_challenge_method", "S256")
    }

    /// Sends a request, goes through the pages as alice, and takes what it brings.
    pub async fn runs(&mut self, request: AuthorizationRequest) -> Brought {
        let page = self.browser.open(&request.url()).await;
        let page = self.browser.through(page, "alice").await;
        self.takes(&page, &request).await
    }

    /// The same of a page that is open already.
    pub async fn goes_on(&mut self, page: Page, request: &AuthorizationRequest) -> Brought {
        let page = self.browser.through(page, "alice").await;
        self.takes(&page, request).await
    }

    /// Sends a request that has to be answered without a page.
    pub async fn runs_silently(&mut self, request: AuthorizationRequest) -> Brought {
        let page = self.browser.open(&request.url()).await;
        self.takes(&page, &request).await
    }

    /// The answer that the browser brings, redeemed where there is a code, and what userinfo says.
    pub async fn takes(&self, page: &Page, request: &AuthorizationRequest) -> Brought {
        let response = self.arrives(page);
        assert_eq!(response.get("state"), said(request, "state").as_ref(), "byte for byte");
        assert_eq!(response["iss"], ISSUER);
        let scope = said(request, "scope").unwrap_or_default();
        let has_openid = scope.split(' ').any(|one| one == "openid");
        assert_eq!(response.contains_key("session_state"), has_openid, "{response:?}");
        for (name, word) in [("code", "code"), ("id_token", "id_token"), ("access_token", "token")] {
            assert_eq!(response.contains_key(name), self.plan.has(word), "{:?}: {response:?}", self.plan);
        }
        let given = |name: &str| response.get(name).map(String::as_str);
        if let Some(token) = given("access_token") {
            cannot_be_guessed(token);
            assert!(response["expires_in"].parse::<u64>().is_ok_and(|seconds| seconds > 0));
            assert_eq!(response["token_type"], "Bearer");
        }
        let nonce = said(request, "nonce");
        let (client, alg) = (self.client(), self.alg());
        let wanted = Wanted { client: &client.id, alg: &alg, nonce: nonce.as_deref(), ..Wanted::default() };
        let front = match given("id_token") {
            Some(token) => {
                let wanted = Wanted {
                    code: given("code"),
                    access_token: given("access_token"),
                    in_front: true,
                    ..wanted.clone()
                };
                Some(id_token(&self.app, token, wanted).await)
            }
            None => None,
        };
        let (tokens, back) = match given("code") {
            Some(code) => {
                cannot_be_guessed(code);
                let proves = said(request, "code_challenge").is_some();
                let tokens = self.redeems(code, proves.then_some(VERIFIER)).await.ok();
                cannot_be_guessed(&tokens.access_token);
                assert!(tokens.expires_in > 0);
                let wanted = Wanted { code: Some(code), access_token: Some(&tokens.access_token), ..wanted };
                let claims = id_token(&self.app, &tokens.id_token, wanted).await;
                (Some(tokens), Some(claims))
            }
            None => (None, None),
        };
        for claims in front.iter().chain(&back).filter(|_| scope == "openid" && said(request, "claims").is_none()) {
            has_no_claims_of_a_person(claims);
        }
        let brought = Brought { response, front, tokens, back };
        if let Some(about) = self.about(&brought).await {
            assert_eq!(about["sub"], brought.id_token()["sub"]);
        }
        brought
    }

    /// What the client is told, which is where its response type says and nowhere else.
    #[track_caller]
    pub fn arrives(&self, page: &Page) -> BTreeMap<String, String> {
        arrives_by(page, &self.client().redirect_uri, self.plan.place())
    }

    /// The client is told of one of these errors, as its answers usually travel.
    #[track_caller]
    pub fn is_told(&self, page: &Page, request: &AuthorizationRequest, among: &[&str]) {
        checks::is_an_error(&self.arrives(page), said(request, "state").as_deref(), among);
    }

    /// Redeems a code.
    pub async fn redeems(&self, code: &str, verifier: Option<&str>) -> Answer {
        let client = self.client();
        let mut form =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &*client.redirect_uri)];
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        self.token(&form).await
    }

    /// A request to the token endpoint, with the proof that the client registered.
    pub async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.posts("/token", form).await
    }

    /// The same to any endpoint.
    pub async fn posts(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let endpoint = self.discovery["token_endpoint"].as_str().expect("a token endpoint");
        match self.plan.auth {
            "private_key_jwt" => by_assertion(&self.app, path, &self.key.sign(&self.assertion(endpoint)), form).await,
            "client_secret_jwt" => {
                let signer = Signer::hmac("HS256", self.client().secret);
                by_assertion(&self.app, path, &signer.sign(&self.assertion(endpoint)), form).await
            }
            _ => self.client().post(path, form).await,
        }
    }

    /// What the client says to prove itself.
    pub fn assertion(&self, audience: &str) -> Value {
        let (id, now) = (self.client().id, self.app.clock.now().as_secs());
        let jti = self.app.app.random.readable(20);
        json!({"iss": id, "sub": id, "aud": audience, "jti": jti, "iat": now, "nbf": now, "exp": now + 60})
    }

    /// What userinfo says, where there is an access token.
    pub async fn about(&self, brought: &Brought) -> Option<Value> {
        let token = brought.access_token()?;
        let request = Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
        let answer = self.app.send(request).await;
        answer.is_not_kept();
        match self.registered.told.get("userinfo_signed_response_alg") {
            None => Some(answer.success()),
            Some(_) => None,
        }
    }

    /// Cleans up as every module does.
    pub async fn ends(self) {
        let answer = self.registered.delete().await;
        assert_eq!(answer.status, 204, "{}", answer.text());
    }

    fn alg(&self) -> String {
        self.registered.told["id_token_signed_response_alg"].as_str().unwrap_or("RS256").to_owned()
    }
}

impl Brought {
    /// What the last ID token says.
    pub fn id_token(&self) -> &Map<String, Value> {
        self.back.as_ref().or(self.front.as_ref()).expect("an ID token")
    }

    /// The last ID token itself.
    pub fn id_token_text(&self) -> &str {
        match &self.tokens {
            Some(tokens) => &tokens.id_token,
            None => &self.response["id_token"],
        }
    }

    /// The newest access token, if there is one.
    pub fn access_token(&self) -> Option<&str> {
        let token = self.tokens.as_ref().map(|tokens| &tokens.access_token);
        token.or(self.response.get("access_token")).map(String::as_str)
    }

    /// The claims about the person, where they belong: in userinfo, or where there is no access token in the ID token.
    pub async fn claims(&self, module: &Module) -> Map<String, Value> {
        match module.about(self).await {
            Some(about) => about.as_object().expect("an object").clone(),
            None => self.id_token().clone(),
        }
    }
}

/// What is told at this address, in this place and in no other.
#[track_caller]
pub fn arrives_by(page: &Page, callback: &str, place: Place) -> BTreeMap<String, String> {
    let pairs: Vec<(String, String)> = if place == Place::Form {
        assert_eq!(page.shows(), Shows::FormPost, "{}", page.url);
        let form = page.form("response-continue");
        assert_eq!(form.action, callback, "nothing in the query");
        assert!(page.answer.text().contains("<form id=\"response\" class=\"card stack\" method=\"post\""));
        form.inputs
    } else {
        let rest = page.target().strip_prefix(callback).unwrap_or_else(|| panic!("{} is elsewhere", page.url));
        let sign = match (place, callback.contains('?')) {
            (Place::Fragment, _) => '#',
            (_, true) => '&',
            (_, false) => '?',
        };
        let told = rest.strip_prefix(sign).unwrap_or_else(|| panic!("{sign} in {}", page.url));
        assert!(!told.contains('#'), "{}", page.url);
        form_urlencoded::parse(told.as_bytes()).into_owned().collect()
    };
    let count = pairs.len();
    let told: BTreeMap<_, _> = pairs.into_iter().collect();
    assert_eq!(told.len(), count, "nothing is said twice");
    told
}

/// A parameter of a request.
pub fn said(request: &AuthorizationRequest, name: &str) -> Option<String> {
    request.form().into_iter().find_map(|(known, value)| (known == name).then_some(value))
}

/// Registered as the suite demands: everything that was said is echoed.
#[track_caller]
pub fn is_registered(app: &TestApp, document: &Value, answer: &Answer) -> Registered {
    let registered = app.registered(answer);
    answer.is_not_kept();
    let told = &registered.told;
    assert_eq!(told.get("error"), None);
    assert!(!registered.id().is_empty());
    assert_eq!(told.get("client_secret").is_some(), told.get("client_secret_expires_at").is_some_and(Value::is_u64));
    assert!(told["registration_client_uri"].as_str().is_some_and(|uri| uri.starts_with("https://")));
    assert!(!registered.token().is_empty());
    for (name, value) in document.as_object().expect("an object") {
        assert_eq!(sorted(&told[name]), sorted(value), "{name}");
    }
    registered
}

/// Lists of metadata are sets.
fn sorted(value: &Value) -> Value {
    let Value::Array(all) = value else { return value.clone() };
    let mut all = all.clone();
    all.sort_by_key(Value::to_string);
    Value::Array(all)
}
