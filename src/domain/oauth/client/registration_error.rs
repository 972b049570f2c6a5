//! What cannot be registered, and why.

use std::time::Duration;

use thiserror::Error;

use super::client_id::{ClientId, ClientIdError};
use super::encryption::EncryptionRefused;
use super::grant_type::GrantType;
use super::key_registration::KeysRefused;
use super::metadata_document::DocumentError;
use super::redirect_registration::UriRefused;
use super::request_object_registration::RequestObjectRefused;
use super::sector::SectorRefused;
use crate::crypto::{Algorithm, Algorithms};
use crate::domain::oauth::profile::Excluded;
use crate::domain::oauth::token::lifetimes::LifetimeError;
use crate::domain::oauth::token::scope::Scope;
use crate::foundation::id::InitialTokenId;

/// Why a client cannot be registered or changed like that. The text is for the log; whoever shows the refusal has the
/// values, and says it in the terms of its readers (RFC 7591 §3.2.2 has codes of its own).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RegistrationError {
    /// No client has this id.
    #[error("there is no client with this id")]
    Unknown {
        /// What was looked for.
        id: ClientId,
    },
    /// Another client has the id.
    #[error("there is a client with this id already")]
    Taken {
        /// What it was to be.
        id: ClientId,
    },
    /// No client can have such an id.
    #[error("the id {why}")]
    Id {
        /// What it was to be.
        id: ClientId,
        /// What is wrong with it.
        why: ClientIdError,
    },
    /// Nothing to show to people, too much, or what cannot be shown.
    #[error("the name must have 1 to {most} printable bytes")]
    Name {
        /// What it was to be.
        name: String,
        /// The most bytes.
        most: usize,
    },
    /// A browser cannot be sent there.
    #[error("the redirect URI {uri} {why}")]
    RedirectUri {
        /// Which one.
        uri: String,
        /// What is wrong with it.
        why: UriRefused,
    },
    /// The client cannot be told of logouts there.
    #[error("the logout URI {uri} {why}")]
    LogoutUri {
        /// Which one.
        uri: String,
        /// What is wrong with it.
        why: UriRefused,
    },
    /// Not a link that people may be shown.
    #[error("a link is no http or https URL")]
    Link {
        /// Which one.
        uri: String,
    },
    /// Its keys cannot be used.
    #[error("{0}")]
    Keys(#[from] KeysRefused),
    /// What it says of its request objects cannot be.
    #[error("{0}")]
    RequestObjects(#[from] RequestObjectRefused),
    /// It cannot know people by such subs.
    #[error("{0}")]
    Sector(#[from] SectorRefused),
    /// Its document is not looked at for the moment.
    #[error("the document at sector_identifier_uri was looked at too often")]
    SectorTooOften {
        /// How long to wait.
        wait: Duration,
    },
    /// A URL that this server would have to call, and does not call.
    #[error("{member}: {why}")]
    Callback {
        /// Which member of its metadata.
        member: &'static str,
        /// The URL.
        uri: String,
        /// Why not.
        why: String,
    },
    /// Something that no client has here.
    #[error("{0}")]
    Excluded(Excluded),
    /// A code could be sent nowhere.
    #[error("authorization_code without a redirect URI")]
    NowhereForCodes,
    /// A response type without the grant that stands for it, or the other way round (RFC 7591 §2.1).
    #[error("response_types and grant_types do not stand for each other: {}", grant.as_str())]
    ResponseTypes {
        /// The grant that is there without a response type, or missing for one.
        grant: GrantType,
    },
    /// Only a code brings a refresh token.
    #[error("refresh_token without authorization_code")]
    RefreshWithoutCode,
    /// Whoever proves nothing could act for itself (RFC 6749 §4.4.2).
    #[error("client_credentials without authentication")]
    MachineWithoutSecret,
    /// What is signed for it would have to be signed with a key that there is not.
    #[error("{field} is {algorithm}, and there are keys for {} only", available.names().join(", "))]
    Algorithm {
        /// The member of its metadata.
        field: &'static str,
        /// What it was to be.
        algorithm: Algorithm,
        /// What there are keys for.
        available: Algorithms,
    },
    /// Its answers cannot be encrypted like that.
    #[error("{0}")]
    Encryption(#[from] EncryptionRefused),
    /// Its tokens cannot live like that.
    #[error("{0}")]
    Lifetime(#[from] LifetimeError),
    /// Scopes that do not exist here.
    #[error("scopes that are not configured: {scope}")]
    Scope {
        /// Those that do not exist.
        scope: Scope,
    },
    /// Scopes that let an application act on people's accounts as they do, for one of somebody else.
    #[error("scopes that only a first-party client may have: {scope}")]
    FirstPartyScope {
        /// Which of them.
        scope: Scope,
    },
    /// Scopes by which machines administer this server, for a client that gets no tokens for itself.
    #[error("scopes that only a client with client_credentials may have: {scope}")]
    MachineScope {
        /// Which of them.
        scope: Scope,
    },
    /// Scopes of the tokens of providers that are not there, or whose tokens are not kept.
    #[error("scopes of tokens that are not kept: {scope}")]
    UpstreamScope {
        /// Those.
        scope: Scope,
    },
    /// A secret that somebody could guess.
    #[error("the secret {0}")]
    Secret(#[from] SecretRefused),
    /// A client that is public, or proves itself by a key of its own, was to have a secret.
    #[error("a client that is public or has a key of its own has no secret")]
    NoSecret {
        /// The client; `None` for one that is only just to be.
        id: Option<ClientId>,
    },
    /// A sign-in cannot be begun there (OpenID Connect Core §4).
    #[error("initiate_login_uri must be an https URL without a fragment")]
    InitiateLogin {
        /// Which it was to be.
        uri: String,
    },
    /// A text that nobody can read.
    #[error("{member} must have 1 to {most} bytes without control characters")]
    Text {
        /// Of which member.
        member: &'static str,
        /// The most bytes.
        most: usize,
    },
    /// No language is called like that (RFC 5646).
    #[error("{member} does not end in a language tag")]
    LanguageTag {
        /// The member with it.
        member: String,
    },
    /// More than are kept.
    #[error("{member} may have {most} values")]
    TooMany {
        /// Of which member.
        member: &'static str,
        /// The most.
        most: usize,
    },
    /// A member of a document of client metadata.
    #[error("{0}")]
    Document(#[from] DocumentError),
    /// A character in the name that nobody sees.
    #[error("the name has a character that cannot be seen: {name:?}")]
    HiddenCharacter {
        /// What it was to be.
        name: String,
    },
    /// A machine that nobody here knows.
    #[error("client_credentials for a client that nobody let in")]
    MachineOfNobody,
    /// Scopes that clients which register themselves cannot have.
    #[error("scopes that a client which registers itself cannot have: {scope}")]
    OperatorsScope {
        /// Those.
        scope: Scope,
    },
    /// More than is kept of one client that registered itself.
    #[error("the metadata has more than {most} bytes")]
    TooLong {
        /// The most bytes.
        most: usize,
    },
    /// A change names another client (RFC 7592 §2.2).
    #[error("client_id must be {id}")]
    OtherId {
        /// Which it is about.
        id: ClientId,
    },
    /// A change names another secret (RFC 7592 §2.2).
    #[error("the secret is not the client's to choose")]
    ChosenSecret,
    /// There are as many clients as may register themselves.
    #[error("there are {most} clients already that registered themselves, the most that may")]
    Full {
        /// The most.
        most: u32,
    },
    /// There is no such initial access token.
    #[error("there is no initial access token with this id")]
    TokenUnknown {
        /// What was looked for.
        id: InitialTokenId,
    },
    /// An application of the operator's own is managed by nobody else (RFC 7592 §2.2, §2.3).
    #[error("the client {id} is managed by the operator")]
    OperatorsOwn {
        /// Which was to be changed or deleted.
        id: ClientId,
    },
    /// Others were faster, again and again.
    #[error("others keep changing the client {id}")]
    Contended {
        /// Which is being changed.
        id: ClientId,
    },
}

/// Why a secret that was made elsewhere cannot be a client's, to stand behind its name. It never quotes the secret.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SecretRefused {
    /// Could be tried out.
    #[error("has fewer than {0} characters; `openssl rand -base64 32` makes a good one")]
    Short(usize),
    /// Longer than any that is made.
    #[error("has more than {0} characters")]
    Long(usize),
    /// What a form or a header could change.
    #[error("has characters that are not printable ASCII, or spaces")]
    Character,
    /// A word, or one typed over and over.
    #[error("is not random: too few different characters, or a repetition")]
    Guessable,
}
