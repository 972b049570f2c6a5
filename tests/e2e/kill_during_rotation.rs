//! `kill -9` in the middle of refresh rotation, again and again, on the same data. No client may be left without a
//! token that works, and no token may ever be used twice.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use latchkey::foundation::Random;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::LATCHKEY;
use crate::support::Installation;
use crate::support::installation::{Client, NewClient};
use crate::support::user_agent::{UserAgent, parameter};

const ROUNDS: usize = 30;
/// Devices that refresh as fast as they can, until the server is gone.
const BUSY: usize = 6;
/// Devices that refresh once in a round, and after the kill lose that answer and ask for it again.
const FORGETFUL: usize = 2;
/// The server is killed after 1 to this many answers.
const MOST_ANSWERS: usize = 40;
const CALLBACK: &str = "https://app.example/callback";
const PASSWORD: &str = "correct horse battery staple";
const VERIFIER: &str = "a-verifier-that-every-device-of-this-test-uses-for-its-one-sign-in";

/// One device of a person.
struct Device {
    /// Its newest refresh token.
    token: String,
    /// What it presented for that, in this round.
    before: Option<String>,
    /// What every token that it ever presented was answered with.
    ledger: HashMap<String, String>,
}

enum Refreshed {
    To(String),
    Refused(StatusCode, String),
    /// No whole answer: the client cannot know whether its token was used.
    Lost,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_kills_during_rotation_strand_no_client_and_use_nothing_twice() {
    let mut server = Installation::start(LATCHKEY).await;
    server.create_user("alice", PASSWORD);
    let client = server.create_client(&NewClient {
        name: "Devices",
        redirect_uris: &[CALLBACK],
        post_logout_redirect_uris: &[],
        grants: &["authorization_code", "refresh_token"],
        auth: "none",
        scope: "openid offline_access",
        id_token_alg: None,
        first_party: true,
    });
    let mut devices = Vec::new();
    let person = UserAgent::new();
    for _ in 0..BUSY + FORGETFUL {
        let token = sign_in(&server, &client, &person).await;
        devices.push(Device { token, before: None, ledger: HashMap::new() });
    }

    for round in 0..ROUNDS {
        devices = refresh_until_killed(&mut server, &client, devices).await;
        server.restart().await;
        for (number, device) in devices.iter_mut().enumerate() {
            recover(&server, &client, device, number >= BUSY)
                .await
                .unwrap_or_else(|what| panic!("round {round}, device {number}: {what}\n{}", server.log_tail()));
        }
    }
    nothing_was_used_twice(&devices);

    // The ledger's own test: a token whose successor was used is a replay, and ends what its thief has.
    let device = &devices[0];
    let old = device.ledger.keys().find(|old| device.ledger.contains_key(&device.ledger[*old])).unwrap().clone();
    let stolen = refresh(&server, &client, &old).await;
    assert!(matches!(&stolen, Refreshed::Refused(StatusCode::BAD_REQUEST, body) if body.contains("invalid_grant")));
    assert!(matches!(refresh(&server, &client, &device.token).await, Refreshed::Refused(..)), "the family has ended");
}

/// All devices refresh at once; the server is killed while each of the busy ones has a request on its way.
async fn refresh_until_killed(server: &mut Installation, client: &Client, devices: Vec<Device>) -> Vec<Device> {
    let answers = Arc::new(AtomicUsize::new(0));
    let enough = Arc::new(Notify::new());
    let [random] = Random::System.bytes::<1>();
    let kill_after = FORGETFUL + 1 + usize::from(random) % MOST_ANSWERS;

    let running: Vec<_> = devices
        .into_iter()
        .enumerate()
        .map(|(number, mut device)| {
            let (answers, enough, client) = (answers.clone(), enough.clone(), client.clone());
            let token_endpoint = format!("{}/token", server.issuer);
            tokio::spawn(async move {
                device.before = None;
                let http = reqwest::Client::new();
                while let Refreshed::To(next) = present(&http, &token_endpoint, &client, &device.token).await {
                    record(&mut device, next).unwrap_or_else(|what| panic!("{what}"));
                    if answers.fetch_add(1, Ordering::SeqCst) + 1 >= kill_after {
                        enough.notify_one();
                    }
                    if number >= BUSY {
                        break;
                    }
                }
                device
            })
        })
        .collect();

    timeout(Duration::from_secs(30), enough.notified()).await.expect("the devices are answered");
    server.kill();
    let mut back = Vec::new();
    for device in running {
        back.push(timeout(Duration::from_secs(30), device).await.expect("a device ends").expect("it did not panic"));
    }
    back
}

/// What a client does after a lost answer: it presents the same token again. Twice, to compare the answers.
async fn recover(server: &Installation, client: &Client, device: &mut Device, forget: bool) -> Result<(), String> {
    if forget && let Some(before) = device.before.take() {
        device.token = before;
    }
    let presented = device.token.clone();
    for _ in 0..2 {
        match refresh(server, client, &presented).await {
            Refreshed::To(next) => {
                device.token.clone_from(&presented);
                record(device, next)?;
            }
            Refreshed::Refused(status, body) => return Err(format!("stranded: {status} {body}")),
            Refreshed::Lost => return Err("no answer although the server is up".into()),
        }
    }
    Ok(())
}

/// Notes that the device's token led to `next`, which from now on is its token.
fn record(device: &mut Device, next: String) -> Result<(), String> {
    let presented = std::mem::replace(&mut device.token, next.clone());
    device.before = Some(presented.clone());
    match device.ledger.insert(presented, next.clone()) {
        Some(before) if before != next => Err("one token has two successors".into()),
        _ => Ok(()),
    }
}

fn nothing_was_used_twice(devices: &[Device]) {
    let successors: Vec<&String> = devices.iter().flat_map(|device| device.ledger.values()).collect();
    let distinct: HashSet<&String> = successors.iter().copied().collect();
    assert_eq!(successors.len(), distinct.len(), "two tokens have one successor");
}

async fn refresh(server: &Installation, client: &Client, token: &str) -> Refreshed {
    present(&reqwest::Client::new(), &format!("{}/token", server.issuer), client, token).await
}

async fn present(http: &reqwest::Client, endpoint: &str, client: &Client, token: &str) -> Refreshed {
    let fields = [("grant_type", "refresh_token"), ("client_id", &client.id), ("refresh_token", token)];
    match post(http, endpoint, &fields).await {
        Ok((StatusCode::OK, body)) => Refreshed::To(member(&body, "refresh_token")),
        Ok((status, body)) => Refreshed::Refused(status, body),
        Err(_) => Refreshed::Lost,
    }
}

async fn sign_in(server: &Installation, client: &Client, person: &UserAgent) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([
            ("response_type", "code"),
            ("client_id", &client.id),
            ("redirect_uri", CALLBACK),
            ("scope", "openid offline_access"),
            ("prompt", "consent"),
            ("state", "s"),
            ("code_challenge", &latchkey::crypto::digest::s256(VERIFIER)),
            ("code_challenge_method", "S256"),
        ])
        .finish();
    let answer = person.authorize(&format!("{}/authorize?{query}", server.issuer), CALLBACK, "alice", PASSWORD).await;
    let code = parameter(&answer, "code").unwrap_or_else(|| panic!("no code: {answer}"));
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", &client.id),
        ("redirect_uri", CALLBACK),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let (status, body) = post(&reqwest::Client::new(), &format!("{}/token", server.issuer), &fields).await.unwrap();
    assert_eq!(status, StatusCode::OK, "{body}");
    member(&body, "refresh_token")
}

async fn post(
    http: &reqwest::Client,
    endpoint: &str,
    fields: &[(&str, &str)],
) -> Result<(StatusCode, String), reqwest::Error> {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = http.post(endpoint).header("content-type", "application/x-www-form-urlencoded").body(body);
    let answer = request.timeout(Duration::from_secs(10)).send().await?;
    Ok((answer.status(), answer.text().await?))
}

fn member(body: &str, name: &str) -> String {
    let answer: Value = serde_json::from_str(body).expect("the answer is JSON");
    answer[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned()
}
