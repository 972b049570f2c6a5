//! What the server warns of when something beside it is set up badly.

use crate::LATCHKEY;
use crate::support::{Database, Installation, until};

#[tokio::test]
async fn a_trusted_proxy_that_does_not_say_whom_it_speaks_for_is_told_of_once() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::from_environment(folder.path()).await;
    let mut server = Installation::prepare(LATCHKEY, folder, database);
    server.environment = vec![("LATCHKEY_SERVER__TRUSTED_PROXIES".to_owned(), "[\"127.0.0.0/8\"]".to_owned())];
    server.restart().await;
    let told = || server.log_tail().matches("does not say whom it speaks for").count();
    let client = reqwest::Client::new();
    let ask = async |forwarded: Option<&str>| {
        let request = client.get(format!("{}/authorize?client_id=nobody", server.issuer));
        let request = forwarded.into_iter().fold(request, |request, from| request.header("x-forwarded-for", from));
        request.send().await.expect("an answer")
    };
    ask(Some("198.51.100.7")).await;
    assert_eq!(told(), 0);
    ask(None).await;
    until("the warning is in the log", async || told() == 1).await;
    let line = server.log_tail();
    let line = line.lines().find(|line| line.contains("whom it speaks for")).unwrap();
    for part in ["WARN", "proxy=127.0.0.1", "let it set X-Forwarded-For", "server.trusted_proxies", "told once"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    for _ in 0..3 {
        ask(None).await;
    }
    // What is logged later comes later: once this is there, a second warning would be, too.
    let refused = client.post(format!("{}/token", server.issuer)).basic_auth("nobody", Some("wrong"));
    let refused = refused.header("content-type", "application/x-www-form-urlencoded");
    let id = refused.body("grant_type=client_credentials").send().await.expect("an answer");
    let id = id.headers()["x-request-id"].to_str().unwrap().to_owned();
    until("the last refusal is in the log", async || server.log_tail().contains(&id)).await;
    assert_eq!(told(), 1);
}

#[tokio::test]
async fn a_postgresql_that_forgets_what_it_has_committed_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::from_environment(folder.path()).await;
    if !database.url.starts_with("postgres") {
        return;
    }
    let mut server = Installation::prepare(LATCHKEY, folder, database);
    let mark = if server.database.url.contains('?') { '&' } else { '?' };
    let forgetful = format!("{}{mark}options=-c%20synchronous_commit%3Doff", server.database.url);
    server.environment = vec![("LATCHKEY_DATABASE__URL".to_owned(), forgetful)];
    server.restart().await;
    let told = "PostgreSQL has synchronous_commit = off: after a crash, used codes";
    until("the warning is in the log", async || server.log_tail().contains(told)).await;
}

#[tokio::test]
async fn clients_that_are_registered_in_vain_are_named_at_the_start_and_in_the_list() {
    let mut server = Installation::start(LATCHKEY).await;
    let create = ["clients", "create", "--name", "Immich", "--redirect-uri", "http://192.168.2.50:2283/auth/login"];
    let old = server.run(&[&create[..], &["--private-http"]].concat(), "")["client_id"].as_str().unwrap().to_owned();
    let told = "clients are refused what they are registered for";
    assert!(!server.log_tail().contains(told));
    server.environment = vec![("LATCHKEY_OAUTH__PROFILE".to_owned(), "oauth-2.1".to_owned())];
    server.restart().await;
    until("the warning is in the log", async || server.log_tail().contains(told)).await;
    assert!(server.log_tail().lines().any(|line| line.contains(told) && line.contains(&old)));
    let refused = server.refused(&["clients", "update", &old, "--name", "Photos"], "");
    assert!(refused.contains("are excluded by oauth.profile = oauth-2.1"), "{refused}");
    let list = server.run(&["clients", "list"], "");
    let warnings = list["clients"][0]["warnings"].as_array().unwrap().clone();
    assert!(warnings.iter().any(|warning| warning.as_str().unwrap().contains("oauth-2.1")), "{list}");
}
