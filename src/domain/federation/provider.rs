//! An upstream provider, as the operator has configured it.

use super::claim_mapping::ClaimMapping;
use super::client_proof::ClientProof;
use super::offer::Offer;
use super::policy::ProviderPolicy;
use super::refusal::UpstreamRefusal;
use crate::domain::oauth::token::scope::upstream_scope;
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
    pub proof: ClientProof,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// What we ask for.
    pub scopes: Vec<String>,
    /// Whether the answer comes as a form (`response_mode=form_post`).
    pub posts_answer: bool,
    /// Whether it lets people choose an account (`prompt=select_account`), whatever its metadata say.
    pub lets_choose: bool,
    /// Which claim is what.
    pub claims: ClaimMapping,
    /// What its word is good for.
    pub policy: ProviderPolicy,
    /// Whether its tokens are kept, for applications that may use them.
    pub keeps_tokens: bool,
    /// What has to be asked for so that it gives tokens that last, where that is no scope.
    pub offline_parameter: Option<(&'static str, &'static str)>,
    /// To whom it is offered.
    pub offer: Offer,
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

    /// Whether `issuer` is the one that tokens of this provider name, whose metadata name `template`: itself, or one of the tenants
    /// that are let in.
    pub fn is_of(&self, template: &str, issuer: &str) -> bool {
        let Self::Tenants { allowed, .. } = self else { return template == issuer };
        let Some((before, after)) = template.split_once(TENANT) else { return false };
        let tenant = issuer.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        tenant.is_some_and(|tenant| is_let_in(tenant, allowed))
    }

    /// The issuer that a token has to name, where the metadata name this one and the token this tenant (`tid`). All tenants
    /// have the same keys: what is signed by one of them is of the tenant that it names, and has to be one that is let in.
    ///
    /// # Errors
    /// When people of that tenant are not let in, or it is none.
    pub fn of_token(&self, named: &str, tenant: Option<&str>) -> Result<String, UpstreamRefusal> {
        let Self::Tenants { allowed, .. } = self else { return Ok(named.to_owned()) };
        let tenant = tenant.unwrap_or_default();
        match is_let_in(tenant, allowed) {
            true => Ok(named.replace(TENANT, tenant)),
            false => Err(UpstreamRefusal::Tenant),
        }
    }

    /// Whether metadata that name `issuer` are of this provider.
    pub fn is_named(&self, issuer: &str) -> bool {
        match self {
            Self::One(own) => own == issuer,
            Self::Tenants { .. } => issuer.contains(TENANT),
        }
    }
}

/// Whether this is a tenant, and one whose people are let in.
fn is_let_in(tenant: &str, allowed: &[String]) -> bool {
    let sound = tenant.len() == 36 && tenant.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    sound && (allowed.is_empty() || allowed.iter().any(|one| one == tenant))
}

impl Provider {
    /// Where one with OpenID Connect tells a server with this issuer that somebody has signed out there: what has to be registered
    /// (`backchannel_logout_uri`).
    pub fn logout_uri(&self, issuer: &Issuer) -> Option<String> {
        let path = format!("/federation/{}/backchannel-logout", self.id);
        let speaks = matches!(self.protocol, Protocol::OpenId { .. });
        speaks.then(|| format!("{}{path}", issuer.as_str().trim_end_matches('/')))
    }

    /// The path to which it sends people back.
    pub fn callback_path(&self) -> String {
        format!("/federation/{}/callback", self.id)
    }

    /// The same on a server with this issuer: what has to be registered there.
    pub fn redirect_uri(&self, issuer: &Issuer) -> String {
        format!("{}{}", issuer.as_str().trim_end_matches('/'), self.callback_path())
    }

    /// The scope by which applications get its tokens, if they are kept.
    pub fn token_scope(&self) -> Option<String> {
        self.keeps_tokens.then(|| upstream_scope(&self.id))
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
        let tenants = UpstreamIssuer::Tenants { base: base.clone(), allowed: vec![] };
        assert!(tenants.is_named("https://login.microsoftonline.com/{tenantid}/v2.0"));
        assert!(!tenants.is_named("https://login.microsoftonline.com/common/v2.0"));
        let (tenant, other) = ("9188040d-6c67-4c5b-b112-36a304b66dad", "00000000-6c67-4c5b-b112-36a304b66dad");
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        let issuer = |tenant: &str| template.replace(TENANT, tenant);
        assert!(
            one.is_of("https://op.example", "https://op.example") && !one.is_of("https://op.example", "https://op")
        );
        assert!(tenants.is_of(template, &issuer(tenant)) && !tenants.is_of(template, &issuer("evil")));
        assert!(!tenants.is_of(template, template) && !tenants.is_of("https://op.example", &issuer(tenant)));
        let few = UpstreamIssuer::Tenants { base, allowed: vec![tenant.to_owned()] };
        assert!(few.is_of(template, &issuer(tenant)) && !few.is_of(template, &issuer(other)));
    }

    #[test]
    fn a_token_is_of_the_tenant_that_it_names_if_people_of_that_are_let_in() {
        let (ours, theirs) = ("9122040d-6c67-4c5b-b112-36a304b66dad", "72f988bf-86f1-41af-91ab-2d7cd011db47");
        let of = |allowed: &[&str], tenant: &str| {
            let allowed = allowed.iter().map(|one| (*one).to_owned()).collect();
            let tenants = UpstreamIssuer::Tenants { base: "https://login.example/common/v2.0".into(), allowed };
            tenants.of_token("https://login.example/{tenantid}/v2.0", Some(tenant))
        };
        for allowed in [&[][..], &[ours]] {
            assert_eq!(of(allowed, ours), Ok(format!("https://login.example/{ours}/v2.0")));
        }
        assert_eq!(of(&[ours], theirs), Err(UpstreamRefusal::Tenant));
        for odd in ["", "../common", "common", &"x".repeat(36)] {
            assert_eq!(of(&[], odd), Err(UpstreamRefusal::Tenant), "{odd}");
        }
        let one = UpstreamIssuer::One("https://op.example".into());
        assert_eq!(one.of_token("https://op.example", Some(theirs)), Ok("https://op.example".into()), "it has none");
    }
}
