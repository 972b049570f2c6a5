//! A word on what was just done, on the page that the browser is sent to. It travels in the page's link, with a MAC of the
//! browser's own token: nobody can make a link that tells somebody else's browser what never happened.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::app::App;
use crate::crypto::digest::equal;
use crate::domain::sign_in::destination::OwnPage;
use crate::http::extract::browser::Browser;

macro_rules! notices {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $good:literal, $text:literal;)*) => {
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
            pub const fn text(self) -> &'static str {
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
    ProfileSaved = "profile", true, "Your profile was saved.";
    /// The password is another.
    PasswordChanged = "password", true, "Your password was changed, and you were signed out everywhere else.";
    /// An authenticator app was added.
    FactorAdded = "factor", true, "The authenticator app was added. Make recovery codes too, for when your phone is lost.";
    /// A second factor was removed.
    FactorRemoved = "factor_removed", true, "The second factor was removed.";
    /// The second factor had been removed before.
    NoSuchFactor = "no_factor", false, "That second factor had already been removed.";
    /// There are as many second factors as there may be, or none can be added here.
    NoMoreFactors = "no_more_factors", false, "No other authenticator app can be added.";
    /// There is no second factor that recovery codes could stand in for.
    NothingToRecover = "nothing_to_recover", false, "Add an authenticator app first: recovery codes stand in for it.";
    /// Recovery codes had been made with the same form before.
    CodesMadeBefore = "codes_before", false, "New recovery codes were made already, and still hold. Make others if you have not written them down.";
    /// A session was ended.
    SessionEnded = "session", true, "That session was ended.";
    /// There was no such session any more.
    NoSuchSession = "no_session", false, "That session had already ended.";
    /// A remembered browser was forgotten.
    DeviceForgotten = "device", true, "The next sign-in in that browser asks for a second factor.";
    /// There was no such browser any more.
    NoSuchDevice = "no_device", false, "That browser was not remembered any more.";
    /// All other sessions were ended.
    OthersEnded = "others", true, "All other sessions were ended.";
    /// An application was disconnected.
    AppDisconnected = "app", true, "The app has no access to your account any more.";
    /// The application had nothing.
    NoSuchApp = "no_app", false, "That app had no access to your account any more.";
    /// A form came that was made for another sign-in.
    Stale = "stale", false, "This page had grown old, and nothing was changed. Please try once more.";
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
