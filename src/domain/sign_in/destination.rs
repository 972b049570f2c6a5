//! What waits for a sign-in: a client's request, or a page of ours. The page is named by an enum and never by a URL, so
//! that no link leads through a sign-in to somewhere else.

use serde::{Deserialize, Serialize};

use crate::domain::factor::class::class_of;
use crate::domain::oauth::authorize::request::AuthorizationRequest;
use crate::domain::sign_in::session::Session;
use crate::foundation::Timestamp;

/// Where somebody wants to go who has to sign in first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Back to a client, with an answer to its request.
    Client(Box<AuthorizationRequest>),
    /// To a page of ours.
    Page(OwnPage),
}

impl From<AuthorizationRequest> for Destination {
    fn from(request: AuthorizationRequest) -> Self {
        Self::Client(Box::new(request))
    }
}

/// A page of ours that is only for whoever is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnPage {
    /// What there is to one's account.
    Account,
    /// What is known about one.
    Profile,
    /// Another address.
    Email,
    /// Another password.
    Password,
    /// What one proves beside the password.
    Factors,
    /// Adding an authenticator app.
    AddTotp,
    /// Adding a passkey.
    AddPasskey,
    /// Where one is signed in.
    Sessions,
    /// What one has allowed to whom.
    Apps,
    /// The identities at other providers.
    Connections,
    /// What happened to one's account.
    Activity,
    /// All that is kept about one, to take along.
    Data,
    /// The end of one's account.
    Delete,
    /// Signing in with one more account in the same browser.
    AddAccount,
}

impl OwnPage {
    /// Every page.
    pub const ALL: [Self; 14] = [
        Self::Account,
        Self::Profile,
        Self::Email,
        Self::Password,
        Self::Factors,
        Self::AddTotp,
        Self::AddPasskey,
        Self::Sessions,
        Self::Apps,
        Self::Connections,
        Self::Activity,
        Self::Data,
        Self::Delete,
        Self::AddAccount,
    ];

    /// Where it is.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Account => "/account",
            Self::Profile => "/account/profile",
            Self::Email => "/account/email",
            Self::Password => "/account/password",
            Self::Factors => "/account/factors",
            Self::AddTotp => "/account/factors/totp",
            Self::AddPasskey => "/account/factors/passkey",
            Self::Sessions => "/account/sessions",
            Self::Apps => "/account/apps",
            Self::Connections => "/account/connections",
            Self::Activity => "/account/activity",
            Self::Data => "/account/data",
            Self::Delete => "/account/delete",
            Self::AddAccount => "/account/add",
        }
    }

    /// Whether it is only for whoever has just proved who they are: a browser that was left open is not enough to take
    /// the account away from its owner.
    pub const fn demands_fresh_proof(self) -> bool {
        match self {
            Self::Email | Self::Password | Self::Factors | Self::AddTotp | Self::AddPasskey | Self::Connections => true,
            // Whoever has all of it knows where its person lives, and from where they sign in.
            Self::Data | Self::Delete => true,
            Self::Account | Self::Profile | Self::Sessions | Self::Apps | Self::Activity | Self::AddAccount => false,
        }
    }

    /// The page at such a path; `None` for any other.
    pub fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.path() == path)
    }

    /// What is shown once it has been signed in for.
    pub const fn after_sign_in(self) -> Self {
        match self {
            Self::AddAccount => Self::Account,
            page => page,
        }
    }

    /// Whether it opens in this session, which is live.
    pub fn admits(self, session: &Session, now: Timestamp) -> bool {
        // What only a newer version can read proves nothing to this one.
        class_of(&session.proofs).is_some() && (!self.demands_fresh_proof() || session.is_fresh(now))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::factor::proof::Proofs;
    use crate::domain::sign_in::session::tests::session;

    #[test]
    fn a_page_opens_for_a_sign_in_and_a_sensitive_one_for_five_minutes() {
        let start = Timestamp::from_secs(1_800_000_000);
        let after = |seconds| start.after(Duration::from_secs(seconds));
        let live = session(start);
        for page in OwnPage::ALL {
            assert!(page.admits(&live, after(300)), "{page:?}");
            assert_eq!(page.admits(&live, after(301)), !page.demands_fresh_proof(), "{page:?}");
            let unproven = Session { proofs: Proofs::default(), ..live.clone() };
            assert!(!page.admits(&unproven, start), "{page:?}");
        }
    }

    #[test]
    fn each_page_is_a_path_of_ours_and_reads_back() {
        for page in OwnPage::ALL {
            assert!(page.path() == "/account" || page.path().starts_with("/account/"), "{page:?}");
            let name = serde_json::to_string(&page).unwrap();
            assert_eq!(serde_json::from_str::<OwnPage>(&name).unwrap(), page);
            assert_eq!(OwnPage::at(page.path()), Some(page));
            assert_eq!(page.after_sign_in().after_sign_in(), page.after_sign_in());
        }
        for elsewhere in ["", "/", "/account/", "//account", "https://evil.example/account"] {
            assert_eq!(OwnPage::at(elsewhere), None, "{elsewhere}");
        }
        assert!(serde_json::from_str::<OwnPage>("\"https://evil.example\"").is_err());
    }
}
