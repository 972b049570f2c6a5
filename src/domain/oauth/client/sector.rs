//! Sectors: the clients of one know a person by the same pairwise `sub` (OpenID Connect Core §8.1, Registration §5).

use std::collections::HashSet;

use thiserror::Error;
use url::Url;

use super::Metadata;
use super::subject_type::SubjectType;
use crate::domain::oauth::token::scope::Scope;
use crate::foundation::url::is_loopback;

/// The most bytes of the document at a `sector_identifier_uri`: some hundreds of URIs.
pub const LONGEST: usize = 64 * 1024;

/// A sector: a host, as URLs spell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sector(String);

impl Sector {
    /// Its host.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a client cannot have pairwise subs, or not those of this sector; to stand in a sentence.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SectorRefused {
    /// Which of them is the sector?
    #[error("subject_type pairwise needs sector_identifier_uri, because the redirect URIs have several hosts")]
    ManyHosts,
    /// A host that is everybody's own machine, or none: two apps that have nothing to do with each other would share it.
    #[error("subject_type pairwise needs sector_identifier_uri, because there is no redirect URI on a host of the web")]
    NoHost,
    /// Not where a document can be.
    #[error("sector_identifier_uri must be an https URL without a fragment")]
    Form,
    /// Through these scopes it would see the account itself.
    #[error("subject_type pairwise and {scope} contradict each other: who acts on an account knows which it is")]
    OwnAccount {
        /// Those.
        scope: Scope,
    },
    /// The document did not come.
    #[error("the document at sector_identifier_uri is not to be had: {0}")]
    NotHad(NotHad),
    /// What came is something else.
    #[error("what is at sector_identifier_uri is no JSON array of redirect URIs")]
    NoList,
    /// The document is not about this client.
    #[error("the document at sector_identifier_uri does not have the redirect URI {uri}")]
    NotListed {
        /// One that is missing.
        uri: String,
    },
}

/// Why a document did not come.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotHad {
    /// There was an answer, and not the document. A redirect is not followed.
    #[error("its server answered {0}")]
    Status(u16),
    /// There was none, or it was too long. The reason is for the operator: it may name addresses of the operator's network.
    #[error("{0}")]
    NoAnswer(String),
}

/// The sector of a client (§8.1): the host of its `sector_identifier_uri`, or else the one host that all of its redirect URIs have.
///
/// # Errors
/// When there is no such host.
pub fn sector_of(metadata: &Metadata) -> Result<Sector, SectorRefused> {
    if let Some(uri) = &metadata.subjects.sector_identifier_uri {
        return host_of(uri).map(Sector).ok_or(SectorRefused::Form);
    }
    let mut hosts = metadata.redirect_uris.iter().map(|uri| host_of_web(uri).ok_or(SectorRefused::NoHost));
    let first = hosts.next().unwrap_or(Err(SectorRefused::NoHost))?;
    for host in hosts {
        if host? != first {
            return Err(SectorRefused::ManyHosts);
        }
    }
    Ok(Sector(first))
}

/// Decides whether a client can know people like that, as far as that can be seen without its document.
///
/// # Errors
/// Names what cannot be.
pub fn check(metadata: &Metadata) -> Result<(), SectorRefused> {
    if let Some(uri) = &metadata.subjects.sector_identifier_uri
        && (uri.contains('#') || host_of(uri).is_none())
    {
        return Err(SectorRefused::Form);
    }
    if metadata.subjects.subject_type == SubjectType::Public {
        return Ok(());
    }
    let own_account = metadata.scope.of_own_account();
    if !own_account.is_empty() {
        return Err(SectorRefused::OwnAccount { scope: own_account });
    }
    sector_of(metadata).map(drop)
}

/// The URI whose document has to be looked at before a client may be like that, and was not for what it was `before`: somebody
/// else's server need not answer for a change that is not its business.
pub fn to_be_proven<'a>(before: Option<&Metadata>, metadata: &'a Metadata) -> Option<&'a str> {
    let uri = &metadata.subjects.sector_identifier_uri;
    let before = before.filter(|before| before.subjects.sector_identifier_uri == *uri);
    let is_known = |redirect| before.is_some_and(|before| before.redirect_uris.contains(redirect));
    match before.is_some() && metadata.redirect_uris.iter().all(is_known) {
        true => None,
        false => uri.as_deref(),
    }
}

/// Decides whether the document at a client's `sector_identifier_uri` takes the client into the sector: it has every one of its
/// redirect URIs, byte for byte (§8.1, Registration §5).
///
/// # Errors
/// What is there instead, or which is missing.
pub fn prove(document: &[u8], redirect_uris: &[String]) -> Result<(), SectorRefused> {
    let listed: Vec<String> = serde_json::from_slice(document).map_err(|_| SectorRefused::NoList)?;
    let listed: HashSet<_> = listed.iter().collect();
    match redirect_uris.iter().find(|uri| !listed.contains(uri)) {
        Some(uri) => Err(SectorRefused::NotListed { uri: uri.clone() }),
        None => Ok(()),
    }
}

fn host_of(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    url.host_str().map(str::to_owned)
}

fn host_of_web(uri: &str) -> Option<String> {
    match Url::parse(uri).is_ok_and(|url| is_loopback(&url)) {
        true => None,
        false => host_of(uri),
    }
}

#[cfg(test)]
#[path = "sector_tests.rs"]
mod tests;
