//! Everything that the rows need: Latchkey with clients and people, the baseline beside it.

use std::net::SocketAddr;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use crate::baseline::Baseline;
use crate::cores;
use crate::flows::{CALLBACK, VERIFIER, authorize_path, member};
use crate::generator::Target;
use crate::options::Options;
use crate::support::installation::{Client, NewClient};
use crate::support::user_agent::parameter;
use crate::support::{Database, Installation, user_agent::UserAgent};

/// People with a password, each with several sessions.
const PEOPLE: usize = 8;
pub const PASSWORD: &str = "correct horse battery staple";

/// All who take turns.
pub struct Stages {
    pub baseline: Baseline,
    /// This build.
    pub now: Stage,
    /// Another one, where it is compared.
    pub before: Option<Stage>,
    _documents: TempDir,
}

impl Stages {
    /// Sets them up, each with an empty database of its own.
    pub async fn build(options: &Options) -> Self {
        let now = Stage::build(options, env!("CARGO_BIN_EXE_latchkey")).await;
        let before = match &options.before {
            Some(program) => Some(Stage::build(options, program.to_str().expect("a path in UTF-8")).await),
            None => None,
        };
        let documents = tempfile::tempdir().expect("a folder can be made");
        save(&now.server, "/jwks", &documents.path().join("jwks")).await;
        save(&now.server, "/.well-known/openid-configuration", &documents.path().join("discovery")).await;
        let baseline = Baseline::start(documents.path(), options.cores.as_deref());
        Self { baseline, now, before, _documents: documents }
    }

    /// This build and then the other one.
    pub fn both(&self) -> impl Iterator<Item = &Stage> {
        std::iter::once(&self.now).chain(&self.before)
    }
}

/// Latchkey, with everything that the rows need.
pub struct Stage {
    pub server: Installation,
    pub address: SocketAddr,
    /// A confidential client for client_credentials and introspection.
    pub machine: Client,
    /// A public client that needs no consent.
    pub app: Client,
    /// The same, with ID tokens that are quickly signed.
    pub es256: Client,
    _programs: TempDir,
}

/// Someone who is signed in.
pub struct Session {
    pub cookies: String,
    pub access_token: String,
    pub refresh_token: String,
}

impl Stage {
    /// Sets it up, with an empty database in a folder or on a PostgreSQL server.
    async fn build(options: &Options, program: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let programs = tempfile::tempdir().expect("a folder can be made");
        let program = cores::program_on(options.cores.as_deref(), program, programs.path());
        let database = match options.server.as_deref() {
            Some(server) => Database::on_server(server).await,
            None => Database::in_folder(folder.path()),
        };
        let server = Installation::start_on(program.to_str().expect("a path in UTF-8"), folder, database).await;
        (0..PEOPLE).for_each(|number| server.create_user(&username(number), PASSWORD));
        let machine = server.create_client(&NewClient {
            name: "Machine",
            redirect_uris: &[],
            post_logout_redirect_uris: &[],
            grants: &["client_credentials"],
            auth: "client_secret_basic",
            scope: "reports:read",
            id_token_alg: None,
            first_party: false,
        });
        let app = NewClient {
            name: "App",
            redirect_uris: &[CALLBACK],
            post_logout_redirect_uris: &[],
            grants: &["authorization_code", "refresh_token"],
            auth: "none",
            scope: "openid profile offline_access",
            id_token_alg: None,
            first_party: true,
        };
        let es256 = server.create_client(&NewClient { id_token_alg: Some("ES256"), ..app });
        let app = server.create_client(&app);
        let address = server.issuer.trim_start_matches("http://").parse().expect("an address");
        Self { server, address, machine, app, es256, _programs: programs }
    }

    /// Latchkey, as it runs now.
    pub fn target(&self) -> Target {
        Target { address: self.address, pid: self.server.pid() }
    }

    /// The `Authorization` header of the machine client.
    pub fn machine_authorization(&self) -> String {
        let secret = self.machine.secret.as_deref().expect("it is confidential");
        format!("Basic {}", STANDARD.encode(format!("{}:{secret}", self.machine.id)))
    }

    /// An access token of the machine client.
    pub async fn machine_token(&self) -> String {
        let request = reqwest::Client::new()
            .post(format!("{}/token", self.server.issuer))
            .header("authorization", self.machine_authorization())
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        token(request, "access_token").await
    }

    /// Signs people in at `client`, one after the other.
    pub async fn sessions(&self, client: &Client, number: usize) -> Vec<Session> {
        let mut sessions = Vec::new();
        for number in 0..number {
            sessions.push(self.sign_in(client, &username(number)).await);
        }
        sessions
    }

    async fn sign_in(&self, client: &Client, username: &str) -> Session {
        let person = UserAgent::new();
        let url =
            format!("{}{}&prompt=consent", self.server.issuer, authorize_path(client, "openid profile offline_access"));
        let answer = person.authorize(&url, CALLBACK, username, PASSWORD).await;
        let code = parameter(&answer, "code").unwrap_or_else(|| panic!("no code: {answer}"));
        let fields = [
            ("grant_type", "authorization_code"),
            ("client_id", &client.id),
            ("redirect_uri", CALLBACK),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ];
        let request = reqwest::Client::new()
            .post(format!("{}/token", self.server.issuer))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish());
        let answer = request.send().await.expect("the server answers").bytes().await.expect("the answer is whole");
        let member = |name| member(&answer, name).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&answer)));
        Session {
            cookies: person.cookie_header(),
            access_token: member("access_token"),
            refresh_token: member("refresh_token"),
        }
    }
}

/// The name of one of the people; there are a few, and numbers beyond go round.
pub fn username(number: usize) -> String {
    format!("person-{}", number % PEOPLE)
}

/// A token that the baseline made, and so accepts.
pub async fn baseline_token(baseline: &Baseline) -> String {
    token(reqwest::Client::new().post(format!("http://{}/sign", baseline.address)), "access_token").await
}

async fn token(request: reqwest::RequestBuilder, name: &str) -> String {
    let answer = request.send().await.expect("the server answers").bytes().await.expect("the answer is whole");
    member(&answer, name).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&answer)))
}

async fn save(server: &Installation, path: &str, file: &Path) {
    let answer = reqwest::get(format!("{}{path}", server.issuer)).await.expect("the server answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    std::fs::write(file, answer.bytes().await.expect("the answer is whole")).expect("it can be kept");
}
