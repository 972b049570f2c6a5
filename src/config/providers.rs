//! `[providers.ID]`: through whom people sign in.

use std::path::PathBuf;

use super::Switch;
use super::reader::Reader;
use super::setting::choice;
use crate::foundation::SecretString;

/// The settings of one provider, as they are written.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// What it is called in URLs and in the database.
    pub id: String,
    /// Which it is.
    pub kind: ProviderKind,
    /// Who we are there.
    pub client_id: String,
    /// By which we prove it.
    pub proof: ProofSettings,
    /// What it is called on pages; `None`: as usual.
    pub name: Option<String>,
    /// Its issuer, where there is a choice.
    pub issuer: Option<String>,
    /// Where people are sent, of a provider without discovery.
    pub authorization_url: Option<String>,
    /// Where codes are redeemed, of such a one.
    pub token_url: Option<String>,
    /// Where it says who somebody is.
    pub userinfo_url: Option<String>,
    /// What is asked for; `None`: as usual.
    pub scopes: Option<Vec<String>>,
    /// Microsoft's tenant.
    pub tenant: Option<String>,
    /// The tenants that are let in, where the tenant is not one.
    pub tenants: Vec<String>,
    /// The domains whose people are let in.
    pub domains: Vec<String>,
    /// The groups there of which somebody has to be in one.
    pub required_groups: Vec<String>,
    /// The domains of addresses whose people are sent there when they type one.
    pub email_domains: Vec<String>,
    /// The clients whose people are offered it.
    pub clients: Vec<String>,
    /// Whether whoever has no account gets one.
    pub create_accounts: Switch,
    /// Whether its word on addresses is as good as ours; `None`: as usual.
    pub trust_email: Option<Switch>,
    /// Whether what it says replaces what the account has at every sign-in.
    pub update_profile: Switch,
    /// Whether its tokens are kept, for applications.
    pub keep_tokens: Switch,
    /// Words of its `amr` that count as a second factor.
    pub second_factor_amr: Vec<String>,
    /// Values of its `acr` that do.
    pub second_factor_acr: Vec<String>,
    /// Where its button stands; `None`: after those that say so.
    pub position: Option<u32>,
    /// Which of its claims is what, where it is not the usual one.
    pub claims: Vec<(&'static str, String)>,
}

/// How we prove to a provider who we are.
#[derive(Clone, Debug)]
pub enum ProofSettings {
    /// By a secret that it gave us.
    Secret(SecretString),
    /// By a JWT of ours, as Apple wants it.
    Signed {
        /// Who signs.
        team_id: String,
        /// What Apple calls the key.
        key_id: String,
        /// Where the key is: PKCS #8, PEM.
        private_key_file: PathBuf,
    },
}

/// Which provider it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// Google.
    Google,
    /// Microsoft.
    Microsoft,
    /// GitHub.
    GitHub,
    /// GitLab.
    GitLab,
    /// Discord.
    Discord,
    /// Spotify.
    Spotify,
    /// Apple.
    Apple,
    /// Any with OpenID Connect.
    OpenId,
    /// Any with OAuth 2.0 and an API that says who somebody is.
    OAuth,
}

choice!(ProviderKind: Google = "google", Microsoft = "microsoft", GitHub = "github", GitLab = "gitlab", Discord = "discord",
    Spotify = "spotify", Apple = "apple", OpenId = "oidc" or OAuth = "oauth2");

/// What can be taken from another claim than the usual one.
const CLAIMS: [&str; 10] = [
    "subject",
    "email",
    "email_verified",
    "username",
    "name",
    "given_name",
    "family_name",
    "picture",
    "locale",
    "groups",
];

/// The longest name of a provider: it stands in URLs.
const LONGEST_ID: usize = 40;

pub(super) fn read(from: &mut Reader) -> Option<Vec<ProviderSettings>> {
    let ids = from.sections("providers");
    let read: Vec<_> = ids.into_iter().map(|id| provider(from, &id)).collect();
    read.into_iter().collect()
}

fn provider(from: &mut Reader, id: &str) -> Option<ProviderSettings> {
    let key = |name: &str| format!("providers.{id}.{name}");
    let sound = (1..=LONGEST_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte));
    if !sound {
        from.refuse(
            &format!("providers.{id}"),
            "a provider's name has lower-case letters, digits, - and _, and at most 40",
        );
    }
    let kind: Option<ProviderKind> = from.value(key("type"));
    let client_id: Option<String> = from.value(key("client_id"));
    let proof = proof(from, kind, &key);
    let name = from.optional(key("name"));
    let issuer = from.optional(key("issuer"));
    let authorization_url = from.optional(key("authorization_url"));
    let token_url = from.optional(key("token_url"));
    let userinfo_url = from.optional(key("userinfo_url"));
    let scopes = from.optional(key("scopes"));
    let tenant = from.optional(key("tenant"));
    let tenants: Option<Option<Vec<String>>> = from.optional(key("tenants"));
    let domains: Option<Option<Vec<String>>> = from.optional(key("domains"));
    let required_groups: Option<Option<Vec<String>>> = from.optional(key("required_groups"));
    let email_domains: Option<Option<Vec<String>>> = from.optional(key("email_domains"));
    let clients: Option<Option<Vec<String>>> = from.optional(key("clients"));
    let create_accounts = from.optional(key("create_accounts"));
    let trust_email = from.optional(key("trust_email"));
    let update_profile = from.optional(key("update_profile"));
    let keep_tokens = from.optional(key("keep_tokens"));
    let second_factor_amr: Option<Option<Vec<String>>> = from.optional(key("second_factor_amr"));
    let second_factor_acr: Option<Option<Vec<String>>> = from.optional(key("second_factor_acr"));
    let position = from.optional(key("position"));
    let claims: Vec<_> =
        CLAIMS.iter().map(|claim| Some((*claim, from.optional(key(&format!("claims.{claim}")))?))).collect();
    let settings = ProviderSettings {
        id: id.to_owned(),
        kind: kind?,
        client_id: client_id?,
        proof: proof?,
        name: name?,
        issuer: issuer?,
        authorization_url: authorization_url?,
        token_url: token_url?,
        userinfo_url: userinfo_url?,
        scopes: scopes?,
        tenant: tenant?,
        tenants: tenants?.unwrap_or_default(),
        domains: domains?.unwrap_or_default(),
        required_groups: required_groups?.unwrap_or_default(),
        email_domains: email_domains?.unwrap_or_default(),
        clients: clients?.unwrap_or_default(),
        create_accounts: create_accounts?.unwrap_or(Switch::On),
        trust_email: trust_email?,
        update_profile: update_profile?.unwrap_or(Switch::Off),
        keep_tokens: keep_tokens?.unwrap_or(Switch::Off),
        second_factor_amr: second_factor_amr?.unwrap_or_default(),
        second_factor_acr: second_factor_acr?.unwrap_or_default(),
        position: position?,
        claims: claims
            .into_iter()
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .filter_map(|(claim, name): (_, Option<String>)| Some((claim, name?)))
            .collect(),
    };
    let fits = fits(from, &settings);
    (sound && fits).then_some(settings)
}

/// A secret; or, for Apple alone, what we make one of.
fn proof(from: &mut Reader, kind: Option<ProviderKind>, key: &dyn Fn(&str) -> String) -> Option<ProofSettings> {
    let secret = from.optional_secret(key("client_secret"), key("client_secret_file"));
    let (team, key_id) = (from.optional::<String>(key("team_id")), from.optional::<String>(key("key_id")));
    let file = from.optional::<PathBuf>(key("private_key_file"));
    let (secret, team, key_id, file) = (secret?, team?, key_id?, file?);
    let given = [("team_id", team.is_some()), ("key_id", key_id.is_some()), ("private_key_file", file.is_some())];
    let is_signed = given.iter().any(|(_, is_given)| *is_given);
    if is_signed && kind.is_some_and(|kind| kind != ProviderKind::Apple) {
        for (name, _) in given.iter().filter(|(_, is_given)| *is_given) {
            from.refuse(&key(name), "has no effect for a provider of this type");
        }
        return None;
    }
    match (secret, team, key_id, file) {
        (Some(_), ..) if is_signed => {
            from.refuse(&key("client_secret"), "is given beside the key that makes one: keep one of the two");
            None
        }
        (Some(secret), ..) => Some(ProofSettings::Secret(secret)),
        (None, Some(team_id), Some(key_id), Some(private_key_file)) => {
            Some(ProofSettings::Signed { team_id, key_id, private_key_file })
        }
        (None, ..) if is_signed => {
            for (name, _) in given.iter().filter(|(_, is_given)| !is_given) {
                from.refuse(&key(name), "must be set beside the others that a secret is made of");
            }
            None
        }
        (None, ..) => {
            from.missing(&key("client_secret"));
            None
        }
    }
}

/// Whether each setting has something to do for a provider of this type, and none that it needs is missing.
fn fits(from: &mut Reader, settings: &ProviderSettings) -> bool {
    use ProviderKind::{GitLab, Microsoft, OAuth, OpenId};
    let kind = settings.kind;
    let given = [
        ("issuer", settings.issuer.is_some(), kind == OpenId, matches!(kind, OpenId | GitLab)),
        ("authorization_url", settings.authorization_url.is_some(), kind == OAuth, kind == OAuth),
        ("token_url", settings.token_url.is_some(), kind == OAuth, kind == OAuth),
        ("userinfo_url", settings.userinfo_url.is_some(), kind == OAuth, kind == OAuth),
        ("tenant", settings.tenant.is_some(), kind == Microsoft, kind == Microsoft),
        ("tenants", !settings.tenants.is_empty(), false, kind == Microsoft),
    ];
    let mut fits = true;
    if !settings.required_groups.is_empty() && !settings.claims.iter().any(|(claim, _)| *claim == "groups") {
        let key = format!("providers.{}.required_groups", settings.id);
        from.refuse(&key, "nobody is in a group as long as claims.groups does not say where they stand");
        fits = false;
    }
    for (name, is_given, is_needed, has_use) in given {
        let key = format!("providers.{}.{name}", settings.id);
        if is_needed && !is_given {
            from.refuse(&key, "must be set for a provider of this type");
            fits = false;
        }
        if is_given && !has_use {
            from.refuse(&key, "has no effect for a provider of this type");
            fits = false;
        }
    }
    fits
}
