//! The rows of the table: what is measured, and what must be reached (docs: speed and size).

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::flows::{CodeFlow, Login, Rotation};
use crate::generator::load;
use crate::measure::{alone, median, side_by_side};
use crate::options::Options;
use crate::requests::{Same, get, post};
use crate::stage::{PASSWORD, Stage, baseline_token, username};
use crate::support::installation::Client;
use crate::table::{Line, markdown};
use crate::{process, raw};

const STARTS: usize = 11;

/// A row, or a few that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    ClientCredentials,
    Jwks,
    Discovery,
    Introspection,
    Userinfo,
    Signatures,
    CodeFlow,
    Refresh,
    Login,
    Start,
    Memory,
}

impl Row {
    /// In the order in which they are measured. Memory is read before the first and after the last.
    pub const ALL: [Self; 11] = [
        Self::Start,
        Self::ClientCredentials,
        Self::Jwks,
        Self::Discovery,
        Self::Introspection,
        Self::Userinfo,
        Self::Signatures,
        Self::CodeFlow,
        Self::Refresh,
        Self::Login,
        Self::Memory,
    ];

    /// What `--rows` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::Jwks => "jwks",
            Self::Discovery => "discovery",
            Self::Introspection => "introspection",
            Self::Userinfo => "userinfo",
            Self::Signatures => "signatures",
            Self::CodeFlow => "code_flow",
            Self::Refresh => "refresh",
            Self::Login => "login",
            Self::Start => "start",
            Self::Memory => "memory",
        }
    }
}

/// Measures the rows and prints the table.
pub async fn run(options: &Options) {
    let mut stage = Stage::build(options.server.as_deref()).await;
    let mut lines = Vec::new();
    stage.server.restart().await;
    sleep(Duration::from_secs(2)).await;
    let idle = (process::resident(stage.baseline.target().pid), process::resident(stage.server.pid()));
    for row in options.rows.iter().copied() {
        eprintln!("measuring {}", row.name());
        lines.extend(match row {
            Row::ClientCredentials => vec![client_credentials(options, &stage).await],
            Row::Jwks => vec![document(options, &stage, "jwks", "/jwks", "/jwks").await],
            Row::Discovery => {
                vec![document(options, &stage, "discovery", "/discovery", "/.well-known/openid-configuration").await]
            }
            Row::Introspection | Row::Userinfo => vec![verification(options, &stage, row).await],
            Row::Signatures => vec![signatures(options).await],
            Row::CodeFlow => code_flow(options, &stage).await,
            Row::Refresh => refresh(options, &stage).await,
            Row::Login => login(options, &stage).await,
            Row::Start => vec![start(&mut stage).await],
            Row::Memory => {
                let most =
                    (process::most_resident(stage.baseline.target().pid), process::most_resident(stage.server.pid()));
                vec![
                    Line::megabytes("memory, idle", idle.0, idle.1, 30.0),
                    Line::megabytes("memory, the most under the load above", most.0, most.1, 80.0),
                ]
            }
        });
    }
    println!("{}", markdown(&lines, if options.server.is_some() { "PostgreSQL" } else { "SQLite" }));
}

async fn client_credentials(options: &Options, stage: &Stage) -> Line {
    let authorization = stage.machine_authorization();
    let request = |path| {
        let request = post(path, &[("authorization", &authorization)], &[("grant_type", "client_credentials")]);
        Same::new(request, "\"access_token\"").times(options.connections)
    };
    let baseline = (stage.baseline.target(), request("/sign"));
    let (baseline, ours) = side_by_side(options, baseline, (stage.target(), request("/token"))).await;
    Line::share("client_credentials, ES256", baseline, ours, "axum + ES256", 0.7)
}

async fn document(options: &Options, stage: &Stage, name: &'static str, bare: &str, path: &str) -> Line {
    let request = |path| Same::new(get(path, &[]), "{").times(options.connections);
    let baseline = (stage.baseline.target(), request(bare));
    let (baseline, ours) = side_by_side(options, baseline, (stage.target(), request(path))).await;
    Line::share(name, baseline, ours, "axum, same bytes", 0.9)
}

async fn verification(options: &Options, stage: &Stage, row: Row) -> Line {
    let bearer = format!("Bearer {}", baseline_token(&stage.baseline).await);
    let theirs = Same::new(get("/verify", &[("authorization", &bearer)]), "\"sub\"").times(options.connections);
    let ours = if row == Row::Introspection {
        let token = stage.machine_token().await;
        let authorization = stage.machine_authorization();
        Same::new(post("/introspect", &[("authorization", &authorization)], &[("token", &token)]), "\"active\":true")
    } else {
        let session = stage.sessions(&stage.app, 1).await.remove(0);
        let bearer = format!("Bearer {}", session.access_token);
        Same::new(get("/userinfo", &[("authorization", &bearer)]), "\"sub\"")
    };
    let ours = (stage.target(), ours.times(options.connections));
    let (baseline, ours) = side_by_side(options, (stage.baseline.target(), theirs), ours).await;
    Line::share(row.name(), baseline, ours, "axum + ES256 verification", 0.6)
}

/// What bounds the next rows on a machine: a code and a refresh are answered with an ID token each.
async fn signatures(options: &Options) -> Line {
    let time = options.time;
    let signed = tokio::task::spawn_blocking(move || raw::signatures(time)).await.expect("it signs");
    Line::only_baseline("RS256 signatures and nothing else, all cores", signed)
}

/// With ID tokens as the standard has them unless a client says otherwise, and with quick ones.
async fn code_flow(options: &Options, stage: &Stage) -> Vec<Line> {
    let mut lines = Vec::new();
    for (name, client) in [("code flow, RS256 ID token", &stage.app), ("code flow, ES256 ID token", &stage.es256)] {
        let sessions = stage.sessions(client, options.connections).await;
        let scripts = sessions.iter().map(|session| CodeFlow::new(client, &session.cookies)).collect();
        lines.push(Line::rate(name, alone(options, stage.target(), scripts).await, 1_500.0));
    }
    lines
}

async fn refresh(options: &Options, stage: &Stage) -> Vec<Line> {
    let mut lines = Vec::new();
    for (name, client) in [("refresh, RS256 ID token", &stage.app), ("refresh, ES256 ID token", &stage.es256)] {
        let scripts = rotations(stage, client, options.connections).await;
        lines.push(Line::rate(name, alone(options, stage.target(), scripts).await, 2_000.0));
    }
    lines
}

async fn rotations(stage: &Stage, client: &Client, number: usize) -> Vec<Rotation> {
    let sessions = stage.sessions(client, number).await;
    sessions.iter().map(|session| Rotation::new(client, &session.refresh_token)).collect()
}

/// Password logins as fast as they go, beside nothing but the hashes; and what others wait for meanwhile.
async fn login(options: &Options, stage: &Stage) -> Vec<Line> {
    let login = |number| Login::new(&stage.app, &username(number), PASSWORD);
    let mut scripts: Vec<_> = (0..options.connections).map(login).collect();
    let pause = Duration::from_millis(20);
    let refreshing: Vec<_> =
        rotations(stage, &stage.app, 4).await.into_iter().map(|rotation| rotation.every(Some(pause))).collect();
    let fetching = Same::new(get("/jwks", &[]), "{").every(pause);

    let (mut raw, mut logins) = (Vec::new(), Vec::new());
    for _ in 0..options.rounds {
        let time = options.time;
        raw.push(tokio::task::spawn_blocking(move || raw::passwords(time)).await.expect("it hashes"));
        let outcome;
        (outcome, scripts) = load(stage.target(), scripts, time).await;
        logins.push(outcome);
    }
    let (_, (fetched, _), (refreshed, _)) = tokio::join!(
        load(stage.target(), scripts, options.time),
        load(stage.target(), fetching.times(4), options.time),
        load(stage.target(), refreshing, options.time),
    );
    raw.sort_by(f64::total_cmp);
    let limit = Duration::from_millis(100);
    vec![
        Line::share_of("password login", raw[raw.len() / 2], median(logins), "raw argon2 on all cores", 0.9),
        Line::time("JWKS meanwhile, p99", fetched.p99, limit),
        Line::time("refresh meanwhile, p99", refreshed.p99, limit),
    ]
}

/// From starting the process, on a database that exists, to its first answer.
async fn start(stage: &mut Stage) -> Line {
    let mut took = Vec::new();
    for _ in 0..STARTS {
        stage.server.kill();
        let began = Instant::now();
        stage.server.spawn();
        while !answers(stage.address).await {
            sleep(Duration::from_micros(500)).await;
        }
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Line::time("start to first answer (JWKS)", took[STARTS / 2], Duration::from_millis(100))
}

async fn answers(address: std::net::SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else { return false };
    let mut start = [0; 12];
    let asked = stream.write_all(&get("/jwks", &[("connection", "close")])).await;
    asked.is_ok() && stream.read_exact(&mut start).await.is_ok() && start.ends_with(b"200")
}
