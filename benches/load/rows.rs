//! The rows of the table: what is measured, and what must be reached (docs: speed and size).

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::assertions::Asserting;
use crate::enumeration;
use crate::flows::{CodeFlow, Login, Rotation};
use crate::generator::load;
use crate::measure::{Contender, in_turns, median};
use crate::options::Options;
use crate::requests::{Same, get, post};
use crate::stage::{PASSWORD, Stage, Stages, baseline_token, username};
use crate::support::installation::Client;
use crate::table::{Line, markdown};
use crate::{process, raw};

const STARTS: usize = 11;
/// How long after the load unneeded memory must have been given back.
const REST: Duration = Duration::from_secs(15);

/// A row, or a few that are measured together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    ClientCredentials,
    PrivateKeyJwt,
    Jwks,
    Discovery,
    Introspection,
    Userinfo,
    Signatures,
    CodeFlow,
    Refresh,
    Login,
    Enumeration,
    Start,
    Memory,
}

impl Row {
    /// In the order in which they are measured. Memory is read before the first and after the last.
    pub const ALL: [Self; 13] = [
        Self::Start,
        Self::ClientCredentials,
        Self::PrivateKeyJwt,
        Self::Jwks,
        Self::Discovery,
        Self::Introspection,
        Self::Userinfo,
        Self::Signatures,
        Self::CodeFlow,
        Self::Refresh,
        Self::Login,
        Self::Enumeration,
        Self::Memory,
    ];

    /// What `--rows` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::Jwks => "jwks",
            Self::Discovery => "discovery",
            Self::Introspection => "introspection",
            Self::Userinfo => "userinfo",
            Self::Signatures => "signatures",
            Self::CodeFlow => "code_flow",
            Self::Refresh => "refresh",
            Self::Login => "login",
            Self::Enumeration => "enumeration",
            Self::Start => "start",
            Self::Memory => "memory",
        }
    }
}

/// Measures the rows and prints the table.
pub async fn run(options: &Options) {
    let mut stages = Stages::build(options).await;
    let mut lines = Vec::new();
    stages.now.server.restart().await;
    sleep(Duration::from_secs(2)).await;
    let idle = (process::resident(stages.baseline.target().pid), process::resident(stages.now.server.pid()));
    for row in options.rows.iter().copied() {
        eprintln!("measuring {}", row.name());
        lines.extend(match row {
            Row::ClientCredentials => vec![client_credentials(options, &stages).await],
            Row::PrivateKeyJwt => vec![private_key_jwt(options, &stages).await],
            Row::Jwks => vec![document(options, &stages, "jwks", "/jwks", "/jwks").await],
            Row::Discovery => {
                vec![document(options, &stages, "discovery", "/discovery", "/.well-known/openid-configuration").await]
            }
            Row::Introspection => vec![introspection(options, &stages).await],
            Row::Userinfo => vec![userinfo(options, &stages).await],
            Row::Signatures => vec![signatures(options).await],
            Row::CodeFlow => code_flow(options, &stages).await,
            Row::Refresh => refresh(options, &stages).await,
            Row::Login => login(options, &stages).await,
            Row::Enumeration => enumeration::lines(options).await,
            Row::Start => vec![start(&mut stages.now).await],
            Row::Memory => memory(&stages, idle).await,
        });
    }
    println!("{}", markdown(&lines, options));
}

async fn client_credentials(options: &Options, stages: &Stages) -> Line {
    let request = |path, authorization: &str| {
        let request = post(path, &[("authorization", authorization)], &[("grant_type", "client_credentials")]);
        Same::new(request, "\"access_token\"").times(options.connections)
    };
    let baseline = (stages.baseline.target(), request("/sign", &stages.now.machine_authorization()));
    let ours = stages.both().map(|stage| (stage.target(), request("/token", &stage.machine_authorization())));
    let outcomes = in_turns(options, std::iter::once(baseline).chain(ours).collect()).await;
    Line::share("client_credentials, ES256", &outcomes, "axum + ES256", 0.9)
}

/// A token for each new assertion, beside one verification, with the same key, and one signature. Ours also notes on disk that the
/// assertion was used.
async fn private_key_jwt(options: &Options, stages: &Stages) -> Line {
    let key = &stages.baseline.key;
    let scripts = |path, client: &str, audience: &str| {
        (0..options.connections).map(|_| Asserting::new(key, path, client, audience)).collect()
    };
    let mut contenders = vec![(stages.baseline.target(), scripts("/assert", "service", "http://127.0.0.1"))];
    for stage in stages.both() {
        contenders.push((stage.target(), scripts("/token", &key.register(stage), &stage.server.issuer)));
    }
    let outcomes = in_turns(options, contenders).await;
    Line::share("client_credentials, private_key_jwt, ES256", &outcomes, "axum + ES256 verification + ES256", 0.6)
}

async fn document(options: &Options, stages: &Stages, name: &'static str, bare: &str, path: &str) -> Line {
    let request = |path| Same::new(get(path, &[]), "{").times(options.connections);
    let baseline = (stages.baseline.target(), request(bare));
    let ours = stages.both().map(|stage| (stage.target(), request(path)));
    let outcomes = in_turns(options, std::iter::once(baseline).chain(ours).collect()).await;
    Line::share(name, &outcomes, "axum, same bytes", 0.9)
}

async fn introspection(options: &Options, stages: &Stages) -> Line {
    let mut contenders = vec![bare_verification(options, stages).await];
    for stage in stages.both() {
        let (authorization, token) = (stage.machine_authorization(), stage.machine_token().await);
        let request = post("/introspect", &[("authorization", &authorization)], &[("token", &token)]);
        contenders.push((stage.target(), Same::new(request, "\"active\":true").times(options.connections)));
    }
    let outcomes = in_turns(options, contenders).await;
    Line::share("introspection", &outcomes, "axum + ES256 verification", 4.0)
}

async fn userinfo(options: &Options, stages: &Stages) -> Line {
    let mut contenders = vec![bare_verification(options, stages).await];
    for stage in stages.both() {
        let session = stage.sessions(&stage.app, 1).await.remove(0);
        let bearer = format!("Bearer {}", session.access_token);
        let request = get("/userinfo", &[("authorization", &bearer)]);
        contenders.push((stage.target(), Same::new(request, "\"sub\"").times(options.connections)));
    }
    let outcomes = in_turns(options, contenders).await;
    Line::share("userinfo", &outcomes, "axum + ES256 verification", 2.0)
}

async fn bare_verification(options: &Options, stages: &Stages) -> Contender<Same> {
    let bearer = format!("Bearer {}", baseline_token(&stages.baseline).await);
    let request = Same::new(get("/verify", &[("authorization", &bearer)]), "\"sub\"");
    (stages.baseline.target(), request.times(options.connections))
}

/// The signatures that this machine can make: a code and a refresh are each answered with an ID token.
async fn signatures(options: &Options) -> Line {
    Line::only_baseline("RS256 signatures and nothing else", signatures_per_second(options).await)
}

async fn signatures_per_second(options: &Options) -> f64 {
    let (cores, time) = (options.cores.clone(), options.time);
    tokio::task::spawn_blocking(move || raw::signatures_on(cores.as_deref(), time)).await.expect("it signs")
}

/// With ID tokens as they are by default, and with ES256, which is quicker to sign.
async fn code_flow(options: &Options, stages: &Stages) -> Vec<Line> {
    let (mut outcomes, signed) = (Vec::new(), signatures_per_second(options).await);
    for client in [|stage: &Stage| stage.app.clone(), |stage: &Stage| stage.es256.clone()] {
        let mut contenders = Vec::new();
        for stage in stages.both() {
            let client = client(stage);
            let sessions = stage.sessions(&client, options.connections).await;
            let scripts = sessions.iter().map(|session| CodeFlow::new(&client, &session.cookies)).collect();
            contenders.push((stage.target(), scripts));
        }
        outcomes.push(in_turns(options, contenders).await);
    }
    let target = if options.server.is_some() { 1_500.0 } else { 4_000.0 };
    vec![
        Line::share_of("code flow, RS256 ID token", signed, &outcomes[0], "RS256 signatures", 0.75),
        Line::rate("code flow, ES256 ID token", &outcomes[1], target),
    ]
}

async fn refresh(options: &Options, stages: &Stages) -> Vec<Line> {
    let (mut outcomes, signed) = (Vec::new(), signatures_per_second(options).await);
    for client in [|stage: &Stage| stage.app.clone(), |stage: &Stage| stage.es256.clone()] {
        let mut contenders = Vec::new();
        for stage in stages.both() {
            contenders.push((stage.target(), rotations(stage, &client(stage), options.connections).await));
        }
        outcomes.push(in_turns(options, contenders).await);
    }
    let target = if options.server.is_some() { 2_000.0 } else { 8_000.0 };
    vec![
        Line::share_of("refresh, RS256 ID token", signed, &outcomes[0], "RS256 signatures", 0.85),
        Line::rate("refresh, ES256 ID token", &outcomes[1], target),
    ]
}

async fn rotations(stage: &Stage, client: &Client, number: usize) -> Vec<Rotation> {
    let sessions = stage.sessions(client, number).await;
    sessions.iter().map(|session| Rotation::new(client, &session.refresh_token)).collect()
}

/// Password logins at full speed, beside bare hashes; and how long other requests wait meanwhile.
async fn login(options: &Options, stages: &Stages) -> Vec<Line> {
    let stage = &stages.now;
    let (mut raw, mut logins) = (Vec::new(), vec![Vec::new(); stages.both().count()]);
    for _ in 0..options.rounds {
        let (cores, time) = (options.cores.clone(), options.time);
        let hashes = tokio::task::spawn_blocking(move || raw::passwords_on(cores.as_deref(), time));
        raw.push(hashes.await.expect("it hashes"));
        for (stage, outcomes) in stages.both().zip(&mut logins) {
            outcomes.push(load(stage.target(), people(options, stage), options.time).await.0);
        }
    }
    let pause = Duration::from_millis(20);
    let refreshing: Vec<_> =
        rotations(stage, &stage.app, 4).await.into_iter().map(|rotation| rotation.every(Some(pause))).collect();
    let fetching = Same::new(get("/jwks", &[]), "{").every(pause);
    let (_, (fetched, _), (refreshed, _)) = tokio::join!(
        load(stage.target(), people(options, stage), options.time),
        load(stage.target(), fetching.times(4), options.time),
        load(stage.target(), refreshing, options.time),
    );
    raw.sort_by(f64::total_cmp);
    let logins: Vec<_> = logins.into_iter().map(median).collect();
    let limit = Duration::from_millis(100);
    vec![
        Line::share_of("password login", raw[raw.len() / 2], &logins, "raw argon2", 0.9),
        Line::time("JWKS meanwhile, p99", fetched.p99, limit),
        Line::time("refresh meanwhile, p99", refreshed.p99, limit),
    ]
}

fn people(options: &Options, stage: &Stage) -> Vec<Login> {
    (0..options.connections).map(|number| Login::new(&stage.app, &username(number), PASSWORD)).collect()
}

/// What the process held after its start, the most that it ever held, and what it holds when the load is over.
async fn memory(stages: &Stages, idle: (f64, f64)) -> Vec<Line> {
    let (theirs, ours) = (stages.baseline.target().pid, stages.now.server.pid());
    let most = (process::most_resident(theirs), process::most_resident(ours));
    sleep(REST).await;
    let rested = (process::resident(theirs), process::resident(ours));
    vec![
        Line::megabytes("memory, idle", idle.0, idle.1, 30.0),
        Line::megabytes("memory, the most under the load above", most.0, most.1, 80.0),
        Line::megabytes("memory, a quarter of a minute later", rested.0, rested.1, 30.0),
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
