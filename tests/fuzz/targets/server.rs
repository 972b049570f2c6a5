//! The whole server, without sockets: what a stranger sends, request after request, as one browser.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use latchkey::app::App;
use latchkey::config::Config;
use latchkey::domain::access::actor::Actor;
use latchkey::domain::oauth::client::{ClientId, GrantType};
use latchkey::foundation::{Clock, Random, SecretString};
use latchkey::http::front::Front;
use latchkey::http::router::front;
use latchkey::http::serve::Answers;
use latchkey::services::oauth::client::{Registration, register};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use url::Url;

use super::given::{self, ISSUER, NOW, SECRET};

/// A server that has answered so many requests is replaced: what it stores would slow it down.
const MOST_REQUESTS: usize = 20_000;
/// Requests of one input.
const MOST_IN_A_ROW: usize = 6;

struct Server {
    runtime: Runtime,
    front: Front,
    answered: usize,
    _folder: tempfile::TempDir,
}

static SERVER: Mutex<Option<Server>> = Mutex::new(None);

/// Requests with lines of `%%` between them. Each is a line with the method and the path, lines of headers, an empty line and the
/// body. Cookies are kept from one to the next; `{csrf}`, `{flow}` and `{location}` are what the last answer had.
pub fn server(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut server = SERVER.lock().unwrap_or_else(PoisonError::into_inner);
    let server = match &mut *server {
        Some(running) if running.answered < MOST_REQUESTS => running,
        other => other.insert(Server::start()),
    };
    let mut before = Before::default();
    for part in text.split("\n%%\n").take(MOST_IN_A_ROW) {
        let Some(request) = before.request(part) else { return };
        server.answered += 1;
        let answer = server.runtime.block_on(async {
            let answer = server.front.answer(request).await;
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.expect("a whole body").to_bytes();
            (parts.status, parts.headers, String::from_utf8_lossy(&body).into_owned())
        });
        holds(part, &answer);
        before.note(&answer);
    }
}

type Answer = (StatusCode, HeaderMap, String);

/// What holds of every answer.
fn holds(sent: &str, (status, headers, body): &Answer) {
    assert!(*status != StatusCode::INTERNAL_SERVER_ERROR, "{sent}\n{body}");
    let text = |name| headers.get(name).map(|value| value.to_str().expect("a header of ours is text"));
    if let Some(location) = text(header::LOCATION) {
        let base = Url::parse(ISSUER).expect("a URL");
        let goes_to = base.join(location).expect("a URL");
        let here = goes_to.origin() == base.origin();
        assert!(here || goes_to.as_str().starts_with("https://app.example/"), "an open redirect to {location}: {sent}");
    }
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    if kind.starts_with("text/html") {
        for marked in ["<Q7-uil", "\"Q7-uil", "'Q7-uil"] {
            assert!(!body.contains(marked), "{marked} is not escaped: {sent}");
        }
        assert!(headers.contains_key(header::CONTENT_SECURITY_POLICY), "{sent}");
    }
    if kind.contains("json") && !body.is_empty() {
        let json: Value = serde_json::from_str(body).expect("JSON");
        if let Some(description) = json.get("error_description").and_then(Value::as_str) {
            assert!(given::is_sendable(description), "{description}");
        }
    }
}

/// What is known from the answers before.
#[derive(Default)]
struct Before {
    cookies: Vec<(String, String)>,
    csrf: String,
    flow: String,
    location: String,
}

impl Before {
    fn request(&self, text: &str) -> Option<Request<Body>> {
        let text =
            text.replace("{csrf}", &self.csrf).replace("{flow}", &self.flow).replace("{location}", &self.location);
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let (method, path) = lines.next()?.split_once(' ')?;
        let mut request = Request::builder().method(method).uri(path);
        if !self.cookies.is_empty() {
            let all: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, all.join("; "));
        }
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            request = request.header(name, value.trim());
        }
        let peer = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 40_000));
        request.extension(ConnectInfo(peer)).body(Body::from(body.to_owned())).ok()
    }

    fn note(&mut self, (_, headers, body): &Answer) {
        for cookie in headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let Some((name, value)) = cookie.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        let field = |name: &str| {
            let rest = body.split_once(&format!("name=\"{name}\" value=\""))?.1;
            Some(rest.split_once('"')?.0.to_owned())
        };
        self.csrf = field("csrf").unwrap_or_else(|| std::mem::take(&mut self.csrf));
        self.flow = field("flow").unwrap_or_else(|| std::mem::take(&mut self.flow));
        if let Some(location) = headers.get(header::LOCATION).and_then(|value| value.to_str().ok()) {
            location.clone_into(&mut self.location);
        }
    }
}

impl Server {
    fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let folder = tempfile::tempdir().expect("a folder");
        let text = format!(
            "issuer = {ISSUER:?}\n[database]\nurl = \"sqlite:{}\"\n\
             [secrets]\nmaster_key = \"4OGl4vXMm6dW5xrfdK504rl20YKzr4tzsiL5IPZUHM4=\"\n\
             [registration]\ndynamic = \"open\"\n",
            folder.path().join("fuzz.sqlite").display()
        );
        let config = Config::load(Some(("fuzz.toml".to_owned(), text)), []).expect("a sound configuration");
        let front = runtime.block_on(async {
            let app = App::build(&config, Clock::fixed(NOW), Random::seeded(1), None).await.expect("a server");
            let mut machine = given::web();
            machine.id = ClientId::new("machine");
            machine.metadata.redirect_uris.clear();
            machine.metadata.grant_types = [GrantType::ClientCredentials].into();
            machine.metadata.scope = given::scope("reports:read");
            for client in [given::web(), given::native(), given::hybrid(), given::service(), machine] {
                let secret = client.secret_hash.filter(|_| client.metadata.token_endpoint_auth_method.has_secret());
                let secret = secret.map(|_| SecretString::new(SECRET.to_owned()));
                let (id, name) = (Some(client.id), client.name);
                let registration = Registration { id, secret, name, metadata: client.metadata };
                register(&app, &Actor::command_line("fuzz"), registration).await.map(drop).expect("a client");
            }
            front(app)
        });
        Self { runtime, front, answered: 0, _folder: folder }
    }
}
