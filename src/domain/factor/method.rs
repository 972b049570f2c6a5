//! The ways in which somebody can prove who they are: the one table of them.

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $amr:expr;)*) => {
        /// A way to prove who one is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Method {
            $($(#[$doc])* $name,)*
        }

        impl Method {
            /// Every method.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name, which is stored and never changes its meaning.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// What the `amr` claim says of it (RFC 8176 §2).
            pub const fn amr(self) -> &'static [&'static str] {
                match self {
                    $(Self::$name => &$amr,)*
                }
            }
        }
    };
}

methods! {
    /// A password, of which an account has one.
    Password = "password", ["pwd"];
    /// A code of an authenticator app (RFC 6238).
    Totp = "totp", ["otp"];
    /// A code from the list that was shown once.
    RecoveryCode = "recovery_code", ["otp"];
    /// A link or a code that was sent to the account's address. Whoever reads mail there can set a password, so it shows no
    /// more than one, and is no second factor beside it. Of the registered words `otp` fits best.
    Email = "email", ["otp"];
    /// Nothing at all: a browser in which a second factor was given some time ago, and need not be given now.
    RememberedDevice = "remembered_device", [];
    /// A passkey whose authenticator knew its owner. How it knew them, and whether the key is in hardware, is not proved
    /// without attestation, so `pin`, `fpt`, `hwk` and `swk` are not said.
    Passkey = "passkey", ["pop", "user"];
    /// A passkey or security key that somebody touched, whoever they are.
    SecurityKey = "security_key", ["pop", "user"];
    /// A provider said who it is, and when they signed in there. How they did is its business: RFC 8176 has no word for it.
    Upstream = "upstream", [];
    /// A provider said who it is, and not when they signed in there: it may have been long ago, and somebody else sit there now.
    UpstreamSometime = "upstream_sometime", [];
    /// The same provider said, in a way that the operator takes for that, that they gave a second factor there.
    UpstreamFactor = "upstream_factor", [];
}

/// What a method shows: two of different kinds are two factors (NIST SP 800-63-4 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// That somebody knows something; or that their device does not take them for another, by what they know or are.
    Known,
    /// That they have something.
    Had,
    /// Nothing: it stands in for what an installation demands of its own accord.
    StandIn,
}

impl Method {
    /// What it shows.
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Password | Self::Email | Self::Upstream | Self::UpstreamSometime => &[Kind::Known],
            Self::Totp | Self::RecoveryCode | Self::SecurityKey | Self::UpstreamFactor => &[Kind::Had],
            Self::Passkey => &[Kind::Known, Kind::Had],
            Self::RememberedDevice => &[Kind::StandIn],
        }
    }

    /// Whether it shows that somebody has just done something to prove who they are. What a provider says of a second factor
    /// belongs to what it says of the sign-in, and is as old.
    pub const fn is_an_act(self) -> bool {
        !matches!(self, Self::UpstreamSometime | Self::UpstreamFactor | Self::RememberedDevice)
    }

    /// The method of this name; `None` for one that only a newer version knows.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|method| method.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_reads_back_and_has_words_of_the_registry() {
        // RFC 8176 §2, as far as a sign-in over the web can have them.
        let registered = ["fpt", "face", "hwk", "mfa", "mca", "otp", "pin", "pop", "pwd", "sms", "swk", "user"];
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Some(*method));
            assert!(method.amr().iter().all(|word| registered.contains(word)), "{method:?}");
            let unnamed = matches!(method, Method::Upstream | Method::UpstreamSometime | Method::UpstreamFactor);
            let is_silent = unnamed || method.kinds().contains(&Kind::StandIn);
            assert_eq!(method.amr().is_empty(), is_silent, "{method:?}");
        }
        assert_eq!(Method::parse("telepathy"), None);
    }
}
