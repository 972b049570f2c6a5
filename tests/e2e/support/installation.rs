//! The real program on data of its own: started, killed and started again.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use latchkey::foundation::Random;
use serde_json::Value;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use super::Database;

/// How long a start may take before it counts as failed: debug builds on a busy machine included.
const START_DEADLINE: Duration = Duration::from_secs(30);

/// One installation: a configuration, a database and at most one running process, which ends with this value.
pub struct Installation {
    /// Where it answers, and the issuer of its tokens.
    pub issuer: String,
    binary: PathBuf,
    config: PathBuf,
    log: PathBuf,
    process: Option<Child>,
    /// Variables of every process, over the configuration file.
    pub environment: Vec<(String, String)>,
    /// What its keys are sealed under.
    pub master_key: String,
    /// Arguments of `serve`.
    pub arguments: Vec<String>,
    // Dropped after the process has ended.
    pub database: Database,
    _folder: TempDir,
}

/// What a client is registered with.
pub struct NewClient<'a> {
    pub name: &'a str,
    pub redirect_uris: &'a [&'a str],
    pub post_logout_redirect_uris: &'a [&'a str],
    pub grants: &'a [&'a str],
    pub auth: &'a str,
    pub scope: &'a str,
    /// `None`: as the standard has it.
    pub id_token_alg: Option<&'a str>,
    pub first_party: bool,
}

/// A client as it was registered.
#[derive(Clone)]
pub struct Client {
    pub id: String,
    pub secret: Option<String>,
}

impl Installation {
    /// Starts `binary` with the database that the environment asks for.
    pub async fn start(binary: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let database = Database::from_environment(folder.path()).await;
        Self::start_on(binary, folder, database).await
    }

    /// Starts `binary` on `database`, with everything else in `folder`.
    pub async fn start_on(binary: &str, folder: TempDir, database: Database) -> Self {
        let mut installation = Self::prepare(binary, folder, database);
        installation.restart().await;
        installation
    }

    /// As [`Installation::start_on`], but nothing is started yet.
    pub fn prepare(binary: &str, folder: TempDir, database: Database) -> Self {
        let port = free_port();
        let master_key = STANDARD.encode(Random::System.bytes::<32>());
        let config = folder.path().join("latchkey.toml");
        let issuer = format!("http://127.0.0.1:{port}");
        let text = format!(
            "issuer = \"{issuer}\"\n[server]\nlisten = \"127.0.0.1:{port}\"\n[database]\nurl = \"{}\"\n\
             [secrets]\nmaster_key = \"{master_key}\"\n",
            database.url
        );
        fs::write(&config, text).expect("the configuration can be written");
        Self {
            issuer,
            binary: binary.into(),
            config,
            log: folder.path().join("latchkey.log"),
            process: None,
            environment: Vec::new(),
            master_key,
            arguments: Vec::new(),
            database,
            _folder: folder,
        }
    }

    /// Starts the process, after killing the one that runs, and waits until it is ready.
    pub async fn restart(&mut self) {
        self.kill();
        self.spawn();
        let ready = format!("{}/readyz", self.issuer);
        // A request that is never answered must not outlast the deadline.
        let client = reqwest::Client::builder().timeout(START_DEADLINE).build().expect("an HTTP client");
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            if client.get(&ready).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            let process = self.process.as_mut().expect("it was just started");
            if let Some(status) = process.try_wait().expect("the process can be asked") {
                panic!("the server ended with {status}:\n{}", self.log_tail());
            }
            assert!(Instant::now() < deadline, "the server was not ready in time:\n{}", self.log_tail());
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// Starts the process and returns at once. None may be running.
    pub fn spawn(&mut self) {
        assert!(self.process.is_none(), "one process at a time");
        let log = File::options().create(true).append(true).open(&self.log).expect("the log can be opened");
        let process = Command::new(&self.binary)
            .args(["serve", "--config"])
            .arg(&self.config)
            .args(&self.arguments)
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("the log can be shared"))
            .stderr(log)
            .spawn();
        self.process = Some(process.expect("the binary starts"));
    }

    /// `kill -9`, and waits until the process is gone.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("the process can be killed");
            process.wait().expect("the process ends");
        }
    }

    /// Waits until the process has ended by itself.
    pub async fn wait(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("the server runs");
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            if let Some(status) = process.try_wait().expect("the process can be asked") {
                return status;
            }
            if Instant::now() > deadline {
                let _ = process.kill();
                panic!("the server did not end:\n{}", self.log_tail());
            }
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// The process id of the running server.
    pub fn pid(&self) -> u32 {
        self.process.as_ref().expect("the server runs").id()
    }

    /// Runs a command against the same configuration and returns the JSON object that it prints.
    pub fn run(&self, arguments: &[&str], input: &str) -> Value {
        let output = self.output(arguments, input);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "latchkey {arguments:?} failed: {error}");
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("latchkey {arguments:?} printed no JSON: {error}"))
    }

    /// Runs a command that must fail, and returns what it says.
    pub fn refused(&self, arguments: &[&str], input: &str) -> String {
        let output = self.output(arguments, input);
        assert!(!output.status.success(), "latchkey {arguments:?} succeeded");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    /// Runs a command against the same configuration, with `--json`.
    pub fn output(&self, arguments: &[&str], input: &str) -> Output {
        let mut process = Command::new(&self.binary)
            .args(arguments)
            .arg("--config")
            .arg(&self.config)
            .arg("--json")
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // A command that does not read its input may be gone before it is written.
        let _ = process.stdin.take().expect("it has an input").write_all(input.as_bytes());
        process.wait_with_output().expect("the command ends")
    }

    /// Creates a person whose e-mail address is verified.
    pub fn create_user(&self, username: &str, password: &str) {
        let email = format!("{username}@example.com");
        let arguments = ["users", "create", "--username", username, "--email", &email, "--email-verified"];
        self.run(&arguments, &format!("{password}\n"));
    }

    /// Registers a client.
    pub fn create_client(&self, client: &NewClient<'_>) -> Client {
        let mut arguments = vec!["clients", "create", "--name", client.name, "--auth", client.auth];
        client.redirect_uris.iter().for_each(|uri| arguments.extend(["--redirect-uri", uri]));
        client.post_logout_redirect_uris.iter().for_each(|uri| arguments.extend(["--post-logout-redirect-uri", uri]));
        client.grants.iter().for_each(|grant| arguments.extend(["--grant", grant]));
        arguments.extend(["--scope", client.scope]);
        client.id_token_alg.iter().for_each(|alg| arguments.extend(["--id-token-alg", alg]));
        if client.first_party {
            arguments.push("--first-party");
        }
        let created = self.run(&arguments, "");
        let text = |member: &str| created.get(member).and_then(Value::as_str).map(str::to_owned);
        Client { id: text("client_id").expect("a client id"), secret: text("client_secret") }
    }

    /// The end of what the server wrote.
    pub fn log_tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }

    /// The configuration file.
    pub fn config(&self) -> &Path {
        &self.config
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A free port below the range that the kernel gives to outgoing connections: one from that range could be taken by a
/// client while the server is down between a kill and the next start.
pub fn free_port() -> u16 {
    (0..1000)
        .map(|_| 20_000 + u16::from_be_bytes(Random::System.bytes()) % 12_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a port is free")
}
