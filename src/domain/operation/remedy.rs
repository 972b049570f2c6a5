//! What mends what was refused: a sentence, the commands to run, the settings to look at.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::oauth::authorize::response_type::ResponseType;
use crate::domain::oauth::client::{AuthMethod, GrantType};
use crate::domain::oauth::error::Kind;

/// What somebody who runs the server, or makes the application, can do about a refusal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// In a sentence or two.
    pub advice: String,
    /// Command lines of ours, ready for a shell. A word in capitals is to be filled in.
    #[serde(default)]
    pub commands: Vec<String>,
    /// Settings by their names in config/default.toml.
    #[serde(default)]
    pub settings: Vec<String>,
}

/// In one line: what to do, then each command, then each setting.
impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.advice)?;
        self.commands.iter().try_for_each(|command| write!(f, " Run: {command}"))?;
        match self.settings.is_empty() {
            true => Ok(()),
            false => write!(f, " Settings: {}", self.settings.join(", ")),
        }
    }
}

/// What a remedy is made of: whom it is about, and what was compared with what.
#[derive(Clone, Copy, Debug, Default)]
pub struct Case<'a> {
    /// The client, if one is registered with this id.
    pub client: Option<&'a str>,
    /// The user's id, if one is known.
    pub user: Option<&'a str>,
    /// Labelled values, as the refusal has them.
    pub facts: &'a [(&'static str, String)],
}

/// A command line that is longer is of no use: its values are left to be filled in.
const LONGEST: usize = 600;

/// What mends a refusal of this kind.
pub fn remedy(kind: Kind, case: Case<'_>) -> Remedy {
    let client = case.client.and_then(quoted).unwrap_or_else(|| "CLIENT".to_owned());
    let user = case.user.and_then(quoted).unwrap_or_else(|| "USER".to_owned());
    let commands = match kind {
        Kind::ClientUnknown => vec!["latchkey clients list".to_owned()],
        Kind::ClientDisabled => vec![format!("latchkey clients enable {client}")],
        Kind::RedirectUri => vec![case.with_uri(&client, "--redirect-uri")],
        Kind::RedirectPort => vec![format!("latchkey clients update {client} --localhost-any-port")],
        Kind::PostLogoutRedirectUri => vec![case.with_uri(&client, "--post-logout-redirect-uri")],
        Kind::Scope => vec![case.with_scope(&client)],
        Kind::Grant => vec![case.with_grant(&client)],
        Kind::Algorithm | Kind::Resource => vec![format!("latchkey clients show {client}")],
        Kind::ResponseType => vec![case.with_response_type(&client)],
        Kind::AuthMethod => case.with_auth(&client),
        Kind::Secret => vec![format!("latchkey clients rotate-secret {client}")],
        Kind::ClientKeys | Kind::OperatorsOwn => vec![format!("latchkey clients show {client}")],
        Kind::UserDisabled => vec![format!("latchkey users enable {user}")],
        Kind::LoginThrottled | Kind::LoginStopped => vec![format!("latchkey users unlock {user}")],
        Kind::RefreshExpired => vec![format!("latchkey clients update {client} --refresh-token-idle-lifetime 30d")],
        Kind::GrantEnded | Kind::Replayed => match case.client {
            Some(_) => vec![format!("latchkey events list --client {client}")],
            None => Vec::new(),
        },
        Kind::Upstream => vec![format!("latchkey providers test {}", case.provider())],
        Kind::Clock => vec!["latchkey clock confirm".to_owned()],
        Kind::Unavailable => vec!["latchkey health --ready".to_owned()],
        Kind::Application
        | Kind::Assertion
        | Kind::Pkce
        | Kind::Profile
        | Kind::Interaction
        | Kind::CodeExpired
        | Kind::SignInUnknown
        | Kind::SignUpClosed
        | Kind::Cookie
        | Kind::OtherSite
        | Kind::LongRequests
        | Kind::Registrations
        | Kind::Assertions
        | Kind::RegistrationChanges
        | Kind::NotAllowed
        | Kind::Internal => Vec::new(),
    };
    let settings = settings(kind).iter().map(|name| (*name).to_owned()).collect();
    Remedy { advice: advice(kind).to_owned(), commands, settings }
}

/// What to do, in words.
const fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::Application => {
            "The application has to send something else: what it sent is wrong in itself, whatever is registered here."
        }
        Kind::ClientUnknown => {
            "Compare the client_id of the application with those that are registered. Is it this server that it means?"
        }
        Kind::ClientDisabled => "Somebody has switched this client off, or deleted it. Enable it if that is over.",
        Kind::RedirectUri => {
            concat!(
                "If the address that was sent belongs to the application, register it exactly as it was sent; if not, ",
                "somebody else has made this request, or the application is set up wrongly."
            )
        }
        Kind::RedirectPort => {
            concat!(
                "Let the application use http://127.0.0.1, where the port may vary; or allow any port on localhost, which is ",
                "less safe."
            )
        }
        Kind::PostLogoutRedirectUri => {
            "If the address that was sent belongs to the application, register it exactly as it was sent."
        }
        Kind::Scope => "Let the application ask for less; or register it for what it needs.",
        Kind::Resource => {
            concat!(
                "Compare the resource that was asked for with the identifiers of the configuration, byte for byte; register the ",
                "client for a scope of it, and let it ask for that scope."
            )
        }
        Kind::Grant => "If the application is to get tokens in this way, register it for it.",
        Kind::Algorithm => {
            concat!(
                "Somebody took the algorithm out of the configuration that this client is registered for: put it back, or ",
                "register the client for one of those that are there, and tell whoever makes the application."
            )
        }
        Kind::ResponseType => {
            concat!(
                "Let the application use response_type=code, which is safer; or, if it can do nothing else, register it for what it ",
                "asks for, and allow it in the configuration."
            )
        }
        Kind::Profile => {
            concat!(
                "Let the application do it in the way of today, as the reason says: it is the safer one. Only if it cannot, allow ",
                "in the configuration what is there for old applications, which then holds for all."
            )
        }
        Kind::AuthMethod => "Let the application authenticate as it is registered; or register what it does.",
        Kind::Secret => {
            concat!(
                "Compare the secret that the application was given with the one that it sends: is it cut off, of another ",
                "installation, or from before it was renewed? A lost one is replaced by a new one, and the old one ends at once."
            )
        }
        Kind::Assertion => {
            concat!(
                "What the application has signed to prove itself is not right, as the reason says. Look at its clock, and at what ",
                "its library puts into aud, exp and jti: each assertion is made anew, for this server, and used once."
            )
        }
        Kind::ClientKeys => {
            concat!(
                "Compare the key that the application signs with, by its kid, with the keys that are registered or stand at its ",
                "jwks_uri. Keys at a URL are looked at again after half a minute."
            )
        }
        Kind::Pkce => {
            concat!(
                "The application has to use PKCE: code_challenge with code_challenge_method=S256 at /authorize, code_verifier ",
                "at /token. Only a client with a secret may do without, and not by every profile."
            )
        }
        Kind::Interaction => {
            "That is how prompt=none answers when a page would be needed: the application begins a sign-in without it."
        }
        Kind::UserDisabled => "Somebody has switched this account off. Enable it if that is over.",
        Kind::GrantEnded => {
            "What the application holds has ended, as the reason says: it has to begin a new sign-in, or get a new token."
        }
        Kind::Replayed => {
            concat!(
                "The application sent the same code or token twice: a callback that was loaded again, two processes that share ",
                "a token, or an HTTP library that repeats requests. If it was none of these, it may have been stolen. The ",
                "person signs in again."
            )
        }
        Kind::CodeExpired => {
            concat!(
                "The application has to redeem a code at once, here, and only once: it began a new sign-in, was too slow, or ",
                "sent the code of another server."
            )
        }
        Kind::RefreshExpired => "The person signs in again. The application's refresh tokens may live longer.",
        Kind::SignInUnknown => {
            "The page was open for too long, or its link was cut off: begin again from the application."
        }
        Kind::SignUpClosed => {
            "Nobody makes an account for themselves here. If people may, say so in the configuration; or invite them."
        }
        Kind::Upstream => {
            concat!(
                "Try the provider: is it to be had, does it know us, is its clock right? Whom it lets in, its section of the ",
                "configuration says."
            )
        }
        Kind::Cookie => {
            concat!(
                "The browser has to keep cookies of this site. If it does, the address that it shows is not the issuer, or a ",
                "proxy takes Set-Cookie away."
            )
        }
        Kind::OtherSite => {
            concat!(
                "Another site has sent our form, which is what was refused; or a proxy changes Origin or Host, or people open ",
                "the server under another address than the issuer."
            )
        }
        Kind::LoginThrottled => {
            concat!(
                "Wait until the window ends, or forget the account's failures. If everybody is slowed down at once, a proxy ",
                "does not say whom it speaks for."
            )
        }
        Kind::LoginStopped => {
            concat!(
                "Somebody keeps guessing this account's password. Its owner signs in with a browser that has been used for it ",
                "before, or the failures are forgotten."
            )
        }
        Kind::LongRequests => {
            concat!(
                "The application's request is too long for a URL, and too many such requests wait: let it send a shorter state ",
                "or nonce, of less than some 900 bytes."
            )
        }
        Kind::Assertions => {
            concat!(
                "The application registered itself, and proves who it is more often than those may: let it use its access tokens ",
                "as long as they hold, or make it an application of your own."
            )
        }
        Kind::Registrations => {
            concat!(
                "As many applications have registered themselves as may. Those that nobody uses go by themselves; others are ",
                "deleted by themselves or by an operator, or more are allowed."
            )
        }
        Kind::RegistrationChanges => {
            concat!(
                "The application, or others at its place, change their registrations again and again: they should do so only when ",
                "something has changed. Wait for as long as Retry-After says."
            )
        }
        Kind::OperatorsOwn => {
            concat!(
                "The operator has made this application first-party, so it reads its registration and no longer changes it: change ",
                "it with latchkey clients update, delete it with latchkey clients delete."
            )
        }
        Kind::NotAllowed => {
            "Whoever asks may not do this: they are not signed in any more, or as somebody else; or a setting forbids it."
        }
        Kind::Clock => "Look at the clocks of the server's machines; confirm the time once it is right.",
        Kind::Unavailable => "Nothing is wrong with the request: look at what did not answer, then send it again.",
        Kind::Internal => "A fault of ours: the log has more under this id. Please report it.",
    }
}

/// Settings that have to do with it.
const fn settings(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Algorithm => &["keys.algorithms"],
        Kind::ResponseType => &["oauth.response_types"],
        Kind::Profile => &["oauth.profile", "oauth.response_types"],
        Kind::CodeExpired => &["lifetimes.authorization_code"],
        Kind::RefreshExpired => &["lifetimes.refresh_token_idle", "lifetimes.refresh_token_absolute"],
        Kind::SignInUnknown => &["lifetimes.authorization_request"],
        Kind::SignUpClosed => &["signup.mode"],
        Kind::Cookie => &["issuer"],
        Kind::OtherSite => &["issuer", "server.trusted_proxies"],
        Kind::LoginThrottled => {
            &["login.account_attempts", "login.address_attempts", "login.window", "server.trusted_proxies"]
        }
        Kind::LoginStopped => &["login.consecutive_failures"],
        Kind::Registrations => {
            &["registration.max_clients", "registration.unused_per_address", "registration.unused_for"]
        }
        Kind::NotAllowed => &["factors.second_factor"],
        Kind::Unavailable => &["database.url", "redis.url"],
        _ => &[],
    }
}

impl<'a> Case<'a> {
    /// The value with one of these labels.
    fn fact(&self, labels: &[&str]) -> Option<&'a str> {
        self.facts.iter().find(|(label, _)| labels.contains(label)).map(|(_, value)| value.as_str())
    }

    /// The upstream provider.
    fn provider(&self) -> String {
        self.fact(&["provider"]).and_then(quoted).unwrap_or_else(|| "PROVIDER".to_owned())
    }

    fn registered(&self) -> impl Iterator<Item = &'a str> {
        self.fact(&["registered", "allowed"]).unwrap_or_default().split(' ').filter(|word| !word.is_empty())
    }

    /// Registers what was sent beside what is registered: the option replaces the whole list.
    fn with_uri(&self, client: &str, option: &str) -> String {
        let sent = self.fact(&["redirect_uri sent", "sent"]).unwrap_or_default();
        self.update(client, option, self.registered().chain([sent])).unwrap_or_else(|| update(client, option, "URI"))
    }

    fn with_scope(&self, client: &str) -> String {
        let asked = self.fact(&["requested", "asked for"]).unwrap_or_default().split(' ');
        let mut scope: Vec<&str> = self.registered().collect();
        for word in asked.filter(|word| !word.is_empty()) {
            if !scope.contains(&word) {
                scope.push(word);
            }
        }
        let command = self.update(client, "--scope", [scope.join(" ").as_str()]);
        command.unwrap_or_else(|| update(client, "--scope", "SCOPES"))
    }

    fn with_response_type(&self, client: &str) -> String {
        let listed = self.fact(&["registered"]).unwrap_or_default().split(", ");
        let all = listed.chain(self.fact(&["response_type"])).filter_map(ResponseType::parse).map(ResponseType::as_str);
        let command = self.update(client, "--response-type", all).filter(|command| command.contains("--response-type"));
        command.unwrap_or_else(|| format!("latchkey clients show {client}"))
    }

    fn with_grant(&self, client: &str) -> String {
        let sent = self.fact(&["grant_type"]).unwrap_or_default();
        // Its registration would be refused: refresh tokens come of codes.
        let is_of_use = sent != GrantType::RefreshToken.as_str()
            || self.registered().any(|grant| grant == GrantType::AuthorizationCode.as_str());
        let command = self.update(client, "--grant", self.registered().chain([sent])).filter(|_| is_of_use);
        command.unwrap_or_else(|| format!("latchkey clients show {client}"))
    }

    /// That a client needs no secret any more is nobody's way to mend a missing one.
    fn with_auth(&self, client: &str) -> Vec<String> {
        let show = format!("latchkey clients show {client}");
        match self.fact(&["used"]).filter(|used| *used != AuthMethod::None.as_str()) {
            Some(used) if used == AuthMethod::PrivateKeyJwt.as_str() => {
                vec![show, format!("{} --jwks-uri URL", update(client, "--auth", used))]
            }
            Some(used) => vec![show, update(client, "--auth", used)],
            None => vec![show],
        }
    }

    /// `clients update` with each of `values`; `None` where one cannot be written for every shell.
    fn update<'v>(&self, client: &str, option: &str, values: impl IntoIterator<Item = &'v str>) -> Option<String> {
        let mut command = format!("latchkey clients update {client}");
        for value in values {
            command.push_str(&format!(" {option} {}", quoted(value)?));
        }
        (command.len() <= LONGEST).then_some(command)
    }
}

fn update(client: &str, option: &str, value: &str) -> String {
    format!("latchkey clients update {client} {option} {value}")
}

/// A word for a shell, in quotes if it needs them. `None` for what no shell should be given: it came from outside, and
/// somebody is going to paste it.
pub fn quoted(word: &str) -> Option<String> {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:@%+=,-".contains(&byte);
    if word.is_empty() || word.starts_with('-') || !word.bytes().all(is_quotable) {
        return None;
    }
    match word.bytes().all(bare) {
        true => Some(word.to_owned()),
        false => Some(format!("'{word}'")),
    }
}

/// What stays as it is between single quotes, also in an interactive shell and where quotes are looked at once more.
fn is_quotable(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && !b"'!\\`".contains(&byte)
}

#[cfg(test)]
#[path = "remedy_tests.rs"]
mod tests;
