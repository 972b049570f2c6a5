//! A word on what was just done, on the page that the browser is sent to. It travels in the page's link, with a MAC of the
//! browser's own token: nobody can make a link that tells somebody else's browser what never happened.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::crypto::digest::equal;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::extract::browser::Browser;
use crate::language::{Sentence, sentence};

macro_rules! notices {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $good:literal, $text:expr;)*) => {
        /// What can be told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Notice {
            $($(#[$doc])* $name,)*
        }

        impl Notice {
            const ALL: &[Self] = &[$(Self::$name),*];

            const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The sentence.
            pub fn text(self) -> Sentence {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// Whether it was done; otherwise it was not.
            pub const fn is_good(self) -> bool {
                match self {
                    $(Self::$name => $good,)*
                }
            }
        }
    };
}

notices! {
    /// The profile was changed, or is as it was.
    ProfileSaved = "profile", true, sentence!("notice-profile");
    /// It was changed too often lately.
    TooManyChanges = "too_many_changes", false, sentence!("notice-too-many-changes");
    /// A mail is on its way to an address, whoever has it.
    AddressAsked = "address", true, sentence!("notice-address-asked");
    /// It is the address that there is.
    AddressSame = "address_same", true, sentence!("notice-address-same");
    /// The password is another.
    PasswordChanged = "password", true, sentence!("notice-password");
    /// An authenticator app was added.
    FactorAdded = "factor", true, sentence!("notice-factor");
    /// A passkey was added.
    PasskeyAdded = "passkey", true, sentence!("notice-passkey");
    /// A second factor was removed.
    FactorRemoved = "factor_removed", true, sentence!("notice-factor-removed");
    /// The second factor had been removed before.
    NoSuchFactor = "no_factor", false, sentence!("notice-no-factor");
    /// There are as many second factors as there may be, or none can be added here.
    NoMoreFactors = "no_more_factors", false, sentence!("notice-no-more-factors");
    /// There are as many passkeys as there may be, or none can be added here.
    NoMorePasskeys = "no_more_passkeys", false, sentence!("notice-no-more-passkeys");
    /// There is no second factor that recovery codes could stand in for.
    NothingToRecover = "nothing_to_recover", false, sentence!("notice-nothing-to-recover");
    /// Recovery codes had been made with the same form before.
    CodesMadeBefore = "codes_before", false, sentence!("notice-codes-before");
    /// A session was ended.
    SessionEnded = "session", true, sentence!("notice-session");
    /// There was no such session any more.
    NoSuchSession = "no_session", false, sentence!("notice-no-session");
    /// A remembered browser was forgotten.
    DeviceForgotten = "device", true, sentence!("notice-device");
    /// There was no such browser any more.
    NoSuchDevice = "no_device", false, sentence!("notice-no-device");
    /// All other sessions were ended.
    OthersEnded = "others", true, sentence!("notice-others");
    /// An account was signed out in this browser, and the page shows another one.
    OneSignedOut = "one_signed_out", true, sentence!("notice-one-signed-out");
    /// There was no such account in this browser any more.
    NoSuchAccount = "no_account", false, sentence!("notice-no-account");
    /// An application was disconnected.
    AppDisconnected = "app", true, sentence!("notice-app");
    /// The application had nothing.
    NoSuchApp = "no_app", false, sentence!("notice-no-app");
    /// An identity at a provider was connected.
    IdentityConnected = "identity", true, sentence!("notice-identity");
    /// It was disconnected.
    IdentityRemoved = "identity_removed", true, sentence!("notice-identity-removed");
    /// It is no longer connected, or there is no such provider.
    NoSuchIdentity = "no_identity", false, sentence!("notice-no-identity");
    /// It is the only way to sign in.
    LastIdentity = "last_identity", false, sentence!("notice-last-identity");
    /// It is connected to another account.
    IdentityElsewhere = "identity_elsewhere", false, sentence!("notice-identity-elsewhere");
    /// The provider does not answer.
    ProviderDown = "provider_down", false, sentence!("notice-provider-down");
    /// The provider did not say who it is, or it is nobody who is let in.
    NotConnected = "not_connected", false, sentence!("notice-not-connected");
    /// It was tried too often, or there are as many as there may be.
    TooManyConnections = "many_connections", false, sentence!("notice-many-connections");
    /// Something was said not to have been its person, and the session of whoever did it ended.
    Disputed = "disputed", true, sentence!("notice-disputed");
    /// The same, of something that was done in the session in which it is told.
    DisputedHere = "disputed_here", true, sentence!("notice-disputed-here");
    /// There is nothing of that kind to say it of.
    NoSuchEvent = "no_event", false, sentence!("notice-no-event");
    /// It was said too often.
    TooManyDisputed = "too_many_disputed", false, sentence!("notice-too-many-disputed");
    /// A form came that was made for another sign-in.
    Stale = "stale", false, sentence!("notice-stale");
}

impl Notice {
    /// The parameter of the page's link.
    pub const PARAMETER: &str = "told";

    /// The link of a page that tells it.
    pub fn link(self, app: &App, browser: &Browser, page: OwnPage) -> String {
        format!("{}?{}={}.{}", page.path(), Self::PARAMETER, self.code(), self.mac(app, browser))
    }

    /// Reads the parameter; `None` for what we did not make for this browser.
    pub fn read(app: &App, browser: &Browser, token: &str) -> Option<Self> {
        let (code, mac) = token.split_once('.')?;
        let notice = Self::ALL.iter().copied().find(|notice| notice.code() == code)?;
        equal(&notice.mac(app, browser), mac).then_some(notice)
    }

    fn mac(self, app: &App, browser: &Browser) -> String {
        let mac = app.browser_key.mac(&[b"notice", browser.csrf().as_bytes(), self.code().as_bytes()]);
        URL_SAFE_NO_PAD.encode(mac.split_at(12).0)
    }
}
