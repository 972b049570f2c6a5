//! That whatever is refused has something to do, and that no remedy can be misused.

use super::*;

fn commands(kind: Kind, client: Option<&str>, facts: &[(&'static str, &str)]) -> Vec<String> {
    let facts: Vec<_> = facts.iter().map(|(label, value)| (*label, (*value).to_owned())).collect();
    remedy(kind, Case { client, user: None, facts: &facts }).commands
}

/// What was refused, what was compared, and the command for it.
type Row<'a> = (Kind, &'a [(&'static str, &'a str)], &'a str);

#[test]
fn the_command_that_mends_it_is_written_out_with_what_is_registered_and_what_was_sent() {
    let shop = Some("shop");
    let table: [Row<'_>; 11] = [
        (
            Kind::RedirectUri,
            &[("redirect_uri sent", "https://a/cb/"), ("registered", "https://a/cb https://b/cb?x=1&y=2")],
            "latchkey clients update shop --redirect-uri https://a/cb --redirect-uri 'https://b/cb?x=1&y=2' \
             --redirect-uri https://a/cb/",
        ),
        (Kind::RedirectPort, &[], "latchkey clients update shop --localhost-any-port"),
        (
            Kind::PostLogoutRedirectUri,
            &[("sent", "https://a/bye"), ("registered", "")],
            "latchkey clients update shop --post-logout-redirect-uri https://a/bye",
        ),
        (
            Kind::Scope,
            &[("requested", "openid orders"), ("registered", "openid email")],
            "latchkey clients update shop --scope 'openid email orders'",
        ),
        (Kind::Scope, &[("asked for", "orders"), ("allowed", "")], "latchkey clients update shop --scope orders"),
        (
            Kind::Grant,
            &[("grant_type", "refresh_token"), ("registered", "authorization_code")],
            "latchkey clients update shop --grant authorization_code --grant refresh_token",
        ),
        (
            Kind::Grant,
            &[("grant_type", "refresh_token"), ("registered", "client_credentials")],
            "latchkey clients show shop",
        ),
        (Kind::Secret, &[], "latchkey clients rotate-secret shop"),
        (Kind::ClientUnknown, &[], "latchkey clients list"),
        (Kind::ClientDisabled, &[], "latchkey clients enable shop"),
        (Kind::Unavailable, &[], "latchkey health --ready"),
    ];
    for (kind, facts, wanted) in table {
        assert_eq!(commands(kind, shop, facts), [wanted], "{kind:?}");
    }
    let auth = |used| commands(Kind::AuthMethod, shop, &[("used", used)]);
    assert_eq!(
        auth("client_secret_post"),
        ["latchkey clients show shop", "latchkey clients update shop --auth client_secret_post"]
    );
    assert_eq!(auth("none"), ["latchkey clients show shop"], "nobody is told to take the secret away");
    let user = remedy(Kind::LoginThrottled, Case { user: Some("01a1fc91"), ..Case::default() });
    assert_eq!(user.commands, ["latchkey users unlock 01a1fc91"]);
}

#[test]
fn what_was_sent_cannot_become_a_command_of_its_own() {
    for sent in ["https://a/$(id)", "https://a/;id", "https://a/ id", "https://a/&id", "https://a/#x"] {
        let command = commands(Kind::RedirectUri, Some("shop"), &[("redirect_uri sent", sent)]);
        assert_eq!(command, [format!("latchkey clients update shop --redirect-uri '{sent}'")]);
    }
    for sent in
        ["", "-x", "https://a/'id'", "https://a/!!", "https://a/`id`", "https://a/\\", "https://\u{430}/", "a\nb"]
    {
        let command = commands(Kind::RedirectUri, Some("shop"), &[("redirect_uri sent", sent)]);
        assert_eq!(command, ["latchkey clients update shop --redirect-uri URI"], "{sent:?}");
    }
    let long = format!("https://a/{}", "x".repeat(LONGEST));
    let command = commands(Kind::RedirectUri, Some("shop"), &[("redirect_uri sent", &long)]);
    assert_eq!(command, ["latchkey clients update shop --redirect-uri URI"]);
    assert_eq!(commands(Kind::ClientDisabled, Some("a'b"), &[]), ["latchkey clients enable CLIENT"]);
}

#[test]
fn whatever_is_refused_there_is_something_to_do() {
    for (at, kind) in Kind::ALL.into_iter().enumerate() {
        let advice = remedy(kind, Case::default()).advice;
        assert!(advice.len() > 30 && advice.ends_with(['.', '?']), "{kind:?}: {advice}");
        let again = Kind::ALL.iter().skip(at + 1).any(|other| remedy(*other, Case::default()).advice == advice);
        assert!(!again, "{kind:?} says what another says");
    }
}
