//! That a trace says what it should, is bounded and repeats no secret.

use super::*;
use crate::crypto::machine_secret::{Kind as SecretKind, generate};
use crate::domain::oauth::error::ErrorCode;
use crate::foundation::Random;

/// What docs/attacks.md says.
const LONGEST_JSON: usize = 8 * 1024;

fn refusal() -> Refusal {
    Refusal::new(ErrorCode::InvalidRequest, "The redirect_uri is not registered for this client.").of(Kind::RedirectUri)
}

fn value(label: &'static str, value: &str) -> String {
    let trace = Trace::of(&refusal().with(label, value), None);
    trace.facts[0].value.clone()
}

#[test]
fn a_trace_says_who_asked_what_was_compared_and_what_mends_it() {
    let refusal =
        refusal().with("client", "shop").with("redirect_uri sent", "https://a/b").with("registered", "https://a/");
    let trace = Trace::of(&refusal, None);
    assert_eq!(trace.client.as_deref(), Some("shop"));
    assert_eq!(
        trace.detail().to_string(),
        r#"client: "shop"; redirect_uri sent: "https://a/b"; registered: "https://a/""#
    );
    assert_eq!(
        trace.remedy.commands,
        ["latchkey clients update shop --redirect-uri https://a/ --redirect-uri https://a/b"]
    );
    let unknown = Trace::of(&refusal.of(Kind::ClientUnknown), None);
    assert_eq!(unknown.client, None, "what a stranger calls itself is no client");
    let failure = Trace::of_failure(Kind::Unavailable, "temporarily_unavailable", "Busy.", "database: gone");
    assert_eq!(failure.detail().to_string(), r#"cause: "database: gone""#);
}

#[test]
fn secrets_are_not_repeated_wherever_they_were_sent() {
    let (secret, _) = generate(SecretKind::Client, &Random::seeded(1));
    let code = "x".repeat(43);
    let jwt = "eyJhbGciOiJFUzI1NiIsInR5cCI6.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUifQ.c2lnbmF0dXJl";
    for sent in [secret.expose(), &code, jwt, &format!("a {code}/b"), &format!("https://a/{}?x=1", secret.expose())] {
        for label in ["redirect_uri sent", "prompt", "scope", "repeated"] {
            let shown = value(label, sent);
            assert!(shown.contains("characters)"), "{label}: {shown}");
            assert!(!shown.contains(secret.expose()) && !shown.contains(&code) && !shown.contains("eyJ"), "{shown}");
            assert!(!shown.contains("c2ln"), "{shown}");
        }
    }
    let typed = refusal().of(Kind::ClientUnknown).with("client", secret.expose()).with("client_id", &code);
    assert_eq!(
        Trace::of(&typed, None).detail().to_string(),
        r#"client: "…(55 characters)"; client_id: "…(43 characters)""#
    );
    let shown = value("sent", "https://alice:pw@a.example:1/cb?token=abc&b=&c&#frag");
    assert_eq!(shown, "https://…@a.example:1/cb?token=…&b=&…&#…");
    assert_eq!(value("sent", "com.example.app:/cb?token=hunter2"), "com.example.app:/cb?token=…");
    assert_eq!(value("sent", "/cb?token=hunter2&next=https://b"), "/cb?token=…&next=…");
    for kept in ["https://a.example/cb/", "http://127.0.0.1:3000/callback", "com.example.app:/cb", "none login", "ä ö"]
    {
        assert_eq!(value("sent", kept), kept);
    }
    assert_eq!(value("registered", "https://a/cb?tenant=1"), "https://a/cb?tenant=1", "that is ours");
}

#[test]
fn a_trace_is_bounded_and_forges_no_line() {
    let mut refusal = refusal();
    for _ in 0..100 {
        refusal = refusal.with("prompt", "\u{1f600} \"".repeat(10_000));
    }
    let trace = Trace::of(&refusal, None);
    assert!(trace.facts.iter().map(Fact::bytes).sum::<usize>() <= BYTES);
    let json = serde_json::to_string(&trace).unwrap();
    assert!(json.len() <= LONGEST_JSON, "{}", json.len());
    assert_eq!(value("prompt", "a\r\nb\u{1b}[2J\u{202e}"), "a\u{fffd}\u{fffd}b\u{fffd}[2J\u{fffd}");
    assert_eq!(serde_json::from_str::<Trace>(&json).unwrap(), trace);
}

#[test]
fn a_secret_is_not_in_a_command_either() {
    let sent = refusal().with("client", "shop").with("redirect_uri sent", "https://a/cb?token=hunter2");
    assert_eq!(Trace::of(&sent, None).remedy.commands, ["latchkey clients update shop --redirect-uri URI"]);
    let code = "x".repeat(43);
    let sent = refusal().of(Kind::Scope).with("client", "shop").with("requested", code);
    assert_eq!(Trace::of(&sent, None).remedy.commands, ["latchkey clients update shop --scope SCOPES"]);
}
