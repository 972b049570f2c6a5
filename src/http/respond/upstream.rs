//! Why somebody did not come in through a provider, in words for them. What the provider sent is not repeated.

use crate::domain::federation::provider::Provider;
use crate::domain::federation::refusal::UpstreamRefusal;
use crate::domain::oauth::error::{Detail, Kind};
use crate::domain::operation::decision_trace::{Told, Trace};
use crate::language::{Sentence, sentence};

/// Why, as far as the person is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// They did not want to, or the provider did not.
    Denied,
    /// The provider does not answer.
    Down,
    /// Its answer does not hold.
    Unsound,
    /// People like them are not let in.
    NotAdmitted,
    /// Whoever has no account gets none.
    NoAccount,
    /// There is an account with their address.
    ProveFirst,
    /// They are to sign in anew, and the provider did not ask for that.
    Stale,
    /// Somebody else is to sign in here.
    AnotherAccount,
    /// It has to be tried again.
    Again,
    /// Too many went from there.
    TooMany,
}

impl Why {
    const ALL: [(Self, &'static str); 10] = [
        (Self::Denied, "denied"),
        (Self::Down, "down"),
        (Self::Unsound, "unsound"),
        (Self::NotAdmitted, "not_admitted"),
        (Self::NoAccount, "no_account"),
        (Self::ProveFirst, "prove_first"),
        (Self::Stale, "stale"),
        (Self::AnotherAccount, "another_account"),
        (Self::Again, "again"),
        (Self::TooMany, "too_many"),
    ];

    /// Of a refusal. A disabled account is told as one that nobody has, as everywhere.
    pub const fn of(refusal: &UpstreamRefusal) -> Self {
        match refusal {
            UpstreamRefusal::Denied { .. } => Self::Denied,
            UpstreamRefusal::Down(_) => Self::Down,
            UpstreamRefusal::State
            | UpstreamRefusal::Issuer
            | UpstreamRefusal::NoCode
            | UpstreamRefusal::Code { .. }
            | UpstreamRefusal::IdToken(_)
            | UpstreamRefusal::NoSubject => Self::Unsound,
            UpstreamRefusal::Tenant | UpstreamRefusal::Domain | UpstreamRefusal::Group => Self::NotAdmitted,
            UpstreamRefusal::NoAccount | UpstreamRefusal::Disabled => Self::NoAccount,
            UpstreamRefusal::Stale => Self::Stale,
            UpstreamRefusal::AnotherAccount => Self::AnotherAccount,
        }
    }

    /// The word that travels in the login page's link.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(why, _)| *why == self).map_or("again", |(_, word)| word)
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(why, _)| *why)
    }

    /// The sentence; `provider` is what it is called, and `request` the request that was refused, by which the operator finds out
    /// more.
    pub fn said(self, provider: &str, request: &str) -> Sentence {
        match self {
            Self::Denied => sentence!("upstream-denied", provider = provider),
            Self::Down => sentence!("upstream-down", provider = provider, request = request),
            Self::Unsound => sentence!("upstream-unsound", provider = provider, request = request),
            Self::NotAdmitted => sentence!("upstream-not-admitted", provider = provider, request = request),
            Self::NoAccount => sentence!("upstream-no-account", provider = provider, request = request),
            Self::ProveFirst => sentence!("upstream-prove-first", provider = provider),
            Self::Stale => sentence!("upstream-stale", provider = provider, request = request),
            Self::AnotherAccount => sentence!("upstream-another-account"),
            Self::Again => sentence!("upstream-again", provider = provider),
            Self::TooMany => sentence!("upstream-too-many"),
        }
    }
}

/// The same for operators.
pub fn trace(provider: &Provider, refusal: &UpstreamRefusal) -> Trace {
    let detail = Detail(vec![("provider", provider.id.clone()), ("because", refusal.to_string())]);
    let description = "Nobody was signed in through the upstream provider.";
    let error = Why::of(refusal).word();
    Trace::told(Told { kind: Kind::Upstream, error, description, detail: &detail }, None)
}
