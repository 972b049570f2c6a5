//! An upstream provider, as the operator has configured it.

use super::claim_mapping::ClaimMapping;
use super::policy::ProviderPolicy;
use crate::foundation::SecretString;
use crate::foundation::url::Issuer;

/// A provider through which people sign in.
#[derive(Clone, Debug)]
pub struct Provider {
    /// What it is called in URLs and in the database: lower-case letters, digits, `-` and `_`.
    pub id: String,
    /// What it is called on pages.
    pub name: String,
    /// Whose mark its button has.
    pub mark: Mark,
    /// Who we are there.
    pub client_id: String,
    /// By which we prove it.
    pub client_secret: SecretString,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// What we ask for.
    pub scopes: Vec<String>,
    /// Whether the answer comes as a form (`response_mode=form_post`).
    pub posts_answer: bool,
    /// Which claim is what.
    pub claims: ClaimMapping,
    /// What its word is good for.
    pub policy: ProviderPolicy,
}

/// Whose mark a button has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// That of Google.
    Google,
    /// That of Microsoft.
    Microsoft,
    /// That of GitHub.
    GitHub,
    /// That of GitLab.
    GitLab,
    /// That of Discord.
    Discord,
    /// That of Spotify.
    Spotify,
    /// That of Apple.
    Apple,
    /// A key: any other.
    Other,
}

/// How a provider is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// OpenID Connect, by discovery.
    OpenId {
        /// Whose ID tokens count.
        issuer: UpstreamIssuer,
    },
    /// OAuth 2.0, and an API that says who somebody is.
    OAuth {
        /// Where people are sent.
        authorization: String,
        /// Where codes are redeemed.
        token: String,
        /// Where it says who somebody is.
        userinfo: String,
        /// Where it lists their addresses, if that is another place (GitHub).
        emails: Option<String>,
    },
}

/// Whose ID tokens count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpstreamIssuer {
    /// This issuer's, and its metadata say the same, byte for byte.
    One(String),
    /// Microsoft's for several tenants: the metadata are found below `base`, and the issuer has the tenant in place of
    /// `{tenantid}`.
    Tenants {
        /// Where the metadata are: `https://login.microsoftonline.com/organizations/v2.0`.
        base: String,
        /// The tenants (`tid`) whose people are let in; empty: all.
        allowed: Vec<String>,
    },
}

/// What in the metadata of several tenants stands for the tenant.
pub const TENANT: &str = "{tenantid}";

impl UpstreamIssuer {
    /// Where its metadata are (OpenID Connect Discovery §4).
    pub fn metadata_url(&self) -> String {
        let base = match self {
            Self::One(issuer) => issuer,
            Self::Tenants { base, .. } => base,
        };
        format!("{}/.well-known/openid-configuration", base.trim_end_matches('/'))
    }

    /// Whether metadata that name `issuer` are of this provider.
    pub fn is_named(&self, issuer: &str) -> bool {
        match self {
            Self::One(own) => own == issuer,
            Self::Tenants { .. } => issuer.contains(TENANT),
        }
    }
}

impl Provider {
    /// The path to which it sends people back.
    pub fn callback_path(&self) -> String {
        format!("/federation/{}/callback", self.id)
    }

    /// The same on a server with this issuer: what has to be registered there.
    pub fn redirect_uri(&self, issuer: &Issuer) -> String {
        format!("{}{}", issuer.as_str().trim_end_matches('/'), self.callback_path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_are_of_the_provider_whose_issuer_they_name_byte_for_byte() {
        let one = UpstreamIssuer::One("https://op.example".into());
        assert_eq!(one.metadata_url(), "https://op.example/.well-known/openid-configuration");
        assert!(one.is_named("https://op.example") && !one.is_named("https://op.example/"));
        let base = "https://login.microsoftonline.com/common/v2.0".to_owned();
        let tenants = UpstreamIssuer::Tenants { base, allowed: vec![] };
        assert!(tenants.is_named("https://login.microsoftonline.com/{tenantid}/v2.0"));
        assert!(!tenants.is_named("https://login.microsoftonline.com/common/v2.0"));
    }
}
