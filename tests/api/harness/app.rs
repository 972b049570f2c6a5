//! A server without sockets.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Builder;
use axum::http::{Request, header};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use http_body_util::BodyExt;
use latchkey::app::{App, BuildError};
use latchkey::config::Config;
use latchkey::domain::account::user::User;
use latchkey::domain::oauth::client::Metadata;
use latchkey::foundation::{Clock, Random, Timestamp};
use latchkey::http::front::Front;
use latchkey::http::router::front;
use latchkey::http::serve::Answers;
use latchkey::services::account;

use super::client::ClientBuilder;
use super::database::{self, TestDatabase};
use super::{Answer, Browser, MailServer, keys, people, rows};

/// The issuer that servers have unless a test says otherwise: https, so that cookies are as they are in production.
pub const ISSUER: &str = "https://id.test";

const MASTER_KEY: &str = "4OGl4vXMm6dW5xrfdK504rl20YKzr4tzsiL5IPZUHM4=";
/// When the tests begin.
const START: Timestamp = Timestamp::from_secs(1_780_000_000);

/// A server, its database and its clock.
#[derive(Clone)]
pub struct TestApp {
    /// The parts, for what has no URL.
    pub app: App,
    /// Stands still until it is moved.
    pub clock: Clock,
    /// Where it keeps everything.
    pub database: Arc<TestDatabase>,
    settings: TestAppBuilder,
    front: Front,
}

/// What a server is started with.
#[derive(Clone)]
pub struct TestAppBuilder {
    issuer: String,
    toml: String,
    master_key: String,
    clock: Clock,
    /// The URL by which to reach the database, if not its own.
    detour: Option<String>,
    explains: bool,
    makes_keys: bool,
}

impl TestApp {
    /// A server with alice and bob, on a database of its own.
    pub async fn start() -> Self {
        Self::configured().start().await
    }

    /// A server that differs from the usual one.
    pub fn configured() -> TestAppBuilder {
        TestAppBuilder {
            issuer: ISSUER.to_owned(),
            toml: String::new(),
            master_key: MASTER_KEY.to_owned(),
            clock: Clock::fixed(START),
            detour: None,
            explains: false,
            makes_keys: false,
        }
    }

    /// Another process on the same database: the same server after a restart, or a second instance beside it.
    pub async fn another(&self) -> Self {
        self.settings.clone().on(self.database.clone()).await.expect("another instance")
    }

    /// Another process that reaches the same database by another URL.
    pub async fn another_by(&self, url: &str) -> Self {
        let settings = TestAppBuilder { detour: Some(url.to_owned()), ..self.settings.clone() };
        settings.on(self.database.clone()).await.expect("another instance")
    }

    /// The same without the line of its settings that begins with `setting`.
    pub async fn another_without(&self, setting: &str) -> Self {
        let mut settings = self.settings.clone();
        settings.toml = settings
            .toml
            .lines()
            .filter(|line| !line.starts_with(setting))
            .fold(String::new(), |text, line| text + line + "\n");
        settings.on(self.database.clone()).await.expect("another instance")
    }

    /// The same with another line instead of the one that begins with `setting`.
    pub async fn another_with(&self, setting: &str, other: &str) -> Self {
        let mut settings = self.settings.clone();
        let replaced = |line: &str| if line.starts_with(setting) { other.to_owned() } else { line.to_owned() + "\n" };
        settings.toml = settings.toml.lines().map(replaced).collect();
        settings.on(self.database.clone()).await.expect("another instance")
    }

    /// The same with more settings.
    pub async fn another_with_toml(&self, toml: &str) -> Self {
        self.settings.clone().toml(toml).on(self.database.clone()).await.expect("another instance")
    }

    /// The same as `latchkey dev` is: people make accounts for themselves, and mail can be looked at.
    pub async fn another_open(&self) -> Self {
        self.settings.clone().explaining().on(self.database.clone()).await.expect("another instance")
    }

    /// Another instance on the same database whose clock differs, and is moved by itself.
    pub async fn another_at(&self, now: Timestamp) -> Self {
        let settings = TestAppBuilder { clock: Clock::fixed(now), ..self.settings.clone() };
        settings.on(self.database.clone()).await.expect("another instance")
    }

    /// The same with another master key.
    pub async fn another_with_master_key(&self, key: &str) -> Result<Self, BuildError> {
        TestAppBuilder { master_key: key.to_owned(), ..self.settings.clone() }.on(self.database.clone()).await
    }

    /// Somebody's browser, without any cookie.
    pub fn browser(&self) -> Browser {
        Browser::new(self.clone())
    }

    /// A client to be registered.
    pub fn client(&self) -> ClientBuilder {
        ClientBuilder::new(self.clone(), Metadata::default())
    }

    /// Moves the clock.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// A user who exists.
    pub async fn user(&self, name: &str) -> User {
        account::find(&self.app, name).await.expect("an answer").expect("this user")
    }

    /// Somebody else, of whom nothing is known but a name.
    pub async fn one_more(&self, name: &str) {
        people::one_more(&self.app, name).await;
    }

    /// An administrator disables an account.
    pub async fn disable_user(&self, name: &str) {
        self.sql(&format!("UPDATE users SET status = 'disabled' WHERE username = '{name}'")).await;
    }

    /// An administrator enables it again.
    pub async fn enable_user(&self, name: &str) {
        self.sql(&format!("UPDATE users SET status = 'active' WHERE username = '{name}'")).await;
    }

    /// An administrator disables a client; every instance sees it within a second.
    pub async fn disable_client(&self, id: &str) {
        self.sql(&format!("UPDATE clients SET enabled = FALSE WHERE id = '{id}'")).await;
        self.advance(Duration::from_secs(1));
    }

    /// Every session of a user is ended from elsewhere.
    pub async fn end_sessions(&self) {
        self.sql("UPDATE sessions SET ended_at = seen_at").await;
    }

    /// Runs SQL beside the server.
    pub async fn sql(&self, sql: &str) {
        match self.database.url.strip_prefix("sqlite:") {
            None => database::execute(&self.database.url, sql).await,
            Some(path) => {
                let mut conn = SqliteConnection::establish(path).expect("the database opens");
                conn.batch_execute("PRAGMA busy_timeout = 5000").expect("a busy timeout");
                conn.batch_execute(sql).expect("the statement runs");
            }
        }
    }

    /// How many rows each table has.
    pub async fn rows(&self) -> BTreeMap<String, i64> {
        rows::count(&self.database.url).await
    }

    /// How many transactions have been committed, where that can be told.
    pub fn commits(&self) -> Option<usize> {
        rows::commits(&self.database.url)
    }

    /// `GET`, without any header.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path)).await
    }

    /// A request without a body.
    pub async fn send(&self, request: Builder) -> Answer {
        self.call(request.body(Body::empty()).expect("a request")).await
    }

    /// `POST` of a form, without authentication.
    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.call(body(Request::post(path), encode(form))).await
    }

    /// Any request.
    pub async fn call(&self, request: Request<Body>) -> Answer {
        self.call_from(request, IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))).await
    }

    /// Any request, from somewhere.
    pub async fn call_from(&self, mut request: Request<Body>, address: IpAddr) -> Answer {
        let peer = SocketAddr::new(address, 40_000);
        // As in a browser's address bar: the paths of tests are those below the issuer.
        let path = self.app.issuer.path();
        if !path.is_empty() && !request.uri().path().starts_with("/.well-known") {
            let uri = request.uri().to_string();
            *request.uri_mut() = format!("{path}{uri}").parse().expect("a path");
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.front.answer(request).await;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl TestAppBuilder {
    /// With this issuer.
    pub fn issuer(mut self, issuer: &str) -> Self {
        issuer.clone_into(&mut self.issuer);
        self
    }

    /// With more settings, as TOML sections.
    pub fn toml(mut self, toml: &str) -> Self {
        self.toml.push_str(toml);
        self
    }

    /// Sending mail by this server.
    pub fn sending_by(self, server: &MailServer) -> Self {
        self.toml(&format!(
            "[mail]\nfrom = \"Example <no-reply@example.com>\"\n\
             smtp = {{ host = \"127.0.0.1\", port = {}, security = \"none\", timeout = \"5s\" }}\n",
            server.address.port()
        ))
    }

    /// As `latchkey dev` does: error pages say why.
    pub fn explaining(mut self) -> Self {
        self.explains = true;
        self
    }

    /// With signing keys that it makes itself, as at a real first start, instead of those made beforehand.
    pub fn making_keys(mut self) -> Self {
        self.makes_keys = true;
        self
    }

    /// Starts it on a new database, with the usual people.
    pub async fn start(self) -> TestApp {
        let database = Arc::new(database::fresh().await);
        if !self.makes_keys {
            keys::plant(&database.url, self.clock.now()).await;
        }
        let started = self.on(database).await.expect("a server that starts");
        people::create(&started.app).await;
        started
    }

    /// Starts two instances at once on a new database.
    pub async fn start_two(self) -> (TestApp, TestApp) {
        let database = Arc::new(database::fresh().await);
        let start = |settings: Self| {
            let database = database.clone();
            tokio::spawn(async move { settings.on(database).await.expect("a server that starts") })
        };
        let (one, other) = tokio::join!(start(self.clone()), start(self.clone()));
        (one.expect("no panic"), other.expect("no panic"))
    }

    async fn on(self, database: Arc<TestDatabase>) -> Result<TestApp, BuildError> {
        let text = format!(
            "issuer = {:?}\n[database]\nurl = {:?}\npool_size = 4\n[secrets]\nmaster_key = {:?}\n{}",
            self.issuer,
            self.detour.as_ref().unwrap_or(&database.url),
            self.master_key,
            self.toml
        );
        let config = Config::load(Some(("test.toml".to_owned(), text)), []).expect("a sound configuration");
        let dev = self.explains.then(latchkey::app::Dev::default);
        let app = App::build(&config, self.clock.clone(), Random::System, dev).await?;
        Ok(TestApp { front: front(app.clone()), app, clock: self.clock.clone(), database, settings: self })
    }
}

/// A request with a form as its body.
pub fn body(request: Builder, form: impl Into<Vec<u8>>) -> Request<Body> {
    let form: Vec<u8> = form.into();
    request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(form)).expect("a request")
}

/// A form as its text.
pub fn encode<K: AsRef<str>, V: AsRef<str>>(pairs: &[(K, V)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.iter().map(|(k, v)| (k.as_ref(), v.as_ref())))
        .finish()
}
