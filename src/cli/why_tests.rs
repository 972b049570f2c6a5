//! That what mends a refusal exists, and how it is printed.

use clap::Parser;

use super::*;
use crate::cli::Cli;
use crate::domain::oauth::error::{ErrorCode, Kind, Refusal};
use crate::domain::operation::decision_trace::Trace;
use crate::domain::operation::remedy::{Case, remedy};
use crate::foundation::Timestamp;

/// Words as a shell would read them; ours have single quotes only.
fn words(command: &str) -> Vec<String> {
    let (mut words, mut quoted) = (vec![String::new()], false);
    for c in command.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

#[test]
fn every_command_that_mends_something_is_one_of_ours() {
    let facts = |pairs: &[(&'static str, &str)]| -> Vec<_> {
        pairs.iter().map(|(label, value)| (*label, (*value).to_owned())).collect()
    };
    let full = facts(&[
        ("redirect_uri sent", "https://a/cb?x=1"),
        ("registered", "https://a/cb"),
        ("requested", "openid orders"),
        ("grant_type", "refresh_token"),
        ("used", "client_secret_post"),
    ]);
    // What is registered of a grant is one, too.
    let grants = facts(&[("grant_type", "refresh_token"), ("registered", "authorization_code")]);
    let mut commands = 0;
    for kind in Kind::ALL {
        let facts = if kind == Kind::Grant { &grants } else { &full };
        for case in
            [Case::default(), Case { client: Some("shop"), user: Some("01a1fc91-c258-7714-8d79-f0f00d6ff732"), facts }]
        {
            for command in remedy(kind, case).commands {
                commands += 1;
                let parsed = Cli::try_parse_from(words(&command));
                assert!(parsed.is_ok(), "{kind:?}: {command}: {}", parsed.err().unwrap());
            }
        }
    }
    assert!(commands > 20, "only {commands} commands were found");
}

#[test]
fn every_setting_that_mends_something_is_one_of_ours() {
    let mut section = String::new();
    let mut settings = Vec::new();
    for line in include_str!("../../config/default.toml").lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = format!("{name}.");
        } else if let Some((name, _)) = line.trim_start_matches("# ").split_once(" = ") {
            settings.push(format!("{section}{name}"));
        }
    }
    for kind in Kind::ALL {
        for setting in remedy(kind, Case::default()).settings {
            assert!(settings.contains(&setting), "{kind:?}: {setting}");
        }
    }
    assert!(settings.len() > 30, "{settings:?}");
}

fn recorded() -> Recorded {
    let refusal = Refusal::new(ErrorCode::InvalidRequest, "The redirect_uri is not registered for this client.")
        .of(Kind::RedirectUri)
        .with("client", "shop")
        .with("redirect_uri sent", "https://a/b")
        .with("registered", "https://a/");
    Recorded {
        request: "4d1g0yc2be".parse().unwrap(),
        at: Timestamp::from_secs(1_800_000_000),
        endpoint: "GET /authorize".into(),
        trace: Trace::of(&refusal, None),
    }
}

#[test]
fn what_is_printed_says_who_asked_what_was_compared_and_what_to_run() {
    assert_eq!(
        text(&recorded()),
        "Request 4d1g0yc2be at 2027-01-15T08:00:00.000000Z: GET /authorize\n\
         Refused: The redirect_uri is not registered for this client.\n\
         Error:   invalid_request\n\
         Client:  shop\n\
         \n\
         What was compared:\n\
         \u{20} client             shop\n\
         \u{20} redirect_uri sent  https://a/b\n\
         \u{20} registered         https://a/\n\
         \n\
         What mends it: If the address that was sent belongs to the application, register it exactly as it was sent; if \
         not, somebody else has made this request, or the application is set up wrongly.\n\
         \u{20} latchkey clients update shop --redirect-uri https://a/ --redirect-uri https://a/b"
    );
    assert_eq!(object(&recorded())["facts"][1]["value"], "https://a/b");
}

#[test]
fn the_next_command_uses_the_same_configuration_file() {
    let commands = |config: Option<&str>| {
        let mut commands = vec!["latchkey clients list".to_owned()];
        with_config(&mut commands, config.map(Path::new));
        commands
    };
    assert_eq!(commands(None), ["latchkey clients list"]);
    assert_eq!(commands(Some("/etc/lk.toml")), ["latchkey --config /etc/lk.toml clients list"]);
    assert_eq!(commands(Some("my files/lk.toml")), ["latchkey --config 'my files/lk.toml' clients list"]);
    let read =
        Cli::try_parse_from(words(&commands(Some("my files/lk.toml"))[0])).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.common.config.as_deref(), Some(Path::new("my files/lk.toml")));
}

#[test]
fn what_stands_in_the_database_moves_no_cursor() {
    let mut recorded = recorded();
    recorded.trace.description = "a\u{1b}[2Jb".into();
    recorded.trace.facts[0].value = "c\r\nd".into();
    recorded.trace.remedy.commands = vec!["latchkey\u{1b}]0;x\u{7}".into()];
    assert!(!text(&recorded).replace('\n', "").chars().any(char::is_control));
}

#[test]
fn an_id_is_read_strictly_and_the_error_says_what_one_looks_like() {
    for bad in ["4D1G0YC2BE", "4d1g0yc2bo", "x", "--json"] {
        let told = Cli::try_parse_from(["latchkey", "why", bad]).err().unwrap().to_string();
        assert!(bad == "--json" || told.contains("ten digits and lower-case letters"), "{told}");
    }
    assert!(Cli::try_parse_from(["latchkey", "why", "4d1g0yc2be", "--json"]).is_ok());
    assert!(unknown(RequestId::new(0)).contains("request_id=0000000000"));
}
