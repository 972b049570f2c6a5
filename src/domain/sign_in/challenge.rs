//! The steps of a sign-in in an application's own form (OAuth 2.0 for First-Party Applications), as they are written.

/// A way to take the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A name and a password.
    Password,
    /// A code that is sent to the account's address.
    EmailCode,
    /// A passkey: by itself, or after the password.
    Passkey,
    /// An account that is made on the way: its address and a password, and then the code that was sent there.
    SignUp,
    /// Another password, by a link that is sent to the account's address and leads to a page. It is offered to nobody as a way
    /// to go on: whoever has chosen one gives it.
    PasswordReset,
    /// A code of an authenticator app, after the password.
    Totp,
    /// A code of the list on paper, after the password.
    RecoveryCode,
}

impl Way {
    /// Every way.
    pub const ALL: [Self; 7] = [
        Self::Password,
        Self::EmailCode,
        Self::Passkey,
        Self::SignUp,
        Self::PasswordReset,
        Self::Totp,
        Self::RecoveryCode,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::EmailCode => "email_code",
            Self::Passkey => "passkey",
            Self::SignUp => "sign_up",
            Self::PasswordReset => "password_reset",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// The way with this word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }
}

/// What an `auth_session` says: which request waits, and what was done for it so far. All of it but the request's name is
/// worthless by itself, so that nothing has to be signed: what it names is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthSession {
    /// The request that waits.
    pub flow: String,
    /// How far it has come.
    pub stage: Stage,
}

/// How far a sign-in has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Nothing was given yet.
    Begun,
    /// A code was sent by mail; by this it is known which time it was asked for.
    Mailed(String),
    /// An account was asked for, whose address is to be proven by a code; by this it is known which time.
    SigningUp(String),
    /// The first half was given; the secret of what was proved.
    Half(String),
}

impl AuthSession {
    /// A request for which nothing was done yet.
    pub fn new(flow: String) -> Self {
        Self { flow, stage: Stage::Begun }
    }

    /// Reads what an application sends along. Whether there is such a thing is another question.
    pub fn read(text: &str) -> Self {
        // A flow has no point in it.
        let (flow, stage) = match text.split_once('.') {
            None => (text, Stage::Begun),
            Some((flow, rest)) => match rest.strip_prefix('.') {
                Some(asked) => match asked.strip_prefix('.') {
                    Some(asked) => (flow, Stage::SigningUp(asked.to_owned())),
                    None => (flow, Stage::Mailed(asked.to_owned())),
                },
                None => (flow, Stage::Half(rest.to_owned())),
            },
        };
        Self { flow: flow.to_owned(), stage }
    }

    /// As it is sent.
    pub fn written(&self) -> String {
        match &self.stage {
            Stage::Begun => self.flow.clone(),
            Stage::Mailed(asked) => format!("{}..{asked}", self.flow),
            Stage::SigningUp(asked) => format!("{}...{asked}", self.flow),
            Stage::Half(secret) => format!("{}.{secret}", self.flow),
        }
    }

    /// The same request at another stage.
    #[must_use]
    pub fn at(&self, stage: Stage) -> Self {
        Self { flow: self.flow.clone(), stage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_is_read_as_it_was_written() {
        let begun = AuthSession::new("flow-_0".into());
        for stage in [
            Stage::Begun,
            Stage::Mailed("asked".into()),
            Stage::SigningUp("asked".into()),
            Stage::Half("secret".into()),
        ] {
            let session = begun.at(stage);
            assert_eq!(AuthSession::read(&session.written()), session);
        }
        for odd in ["", ".", "..", "...", "a.b.c", "a..b..c"] {
            assert_eq!(AuthSession::read(odd).written(), odd);
        }
    }

    #[test]
    fn each_way_has_a_word_of_its_own() {
        for way in Way::ALL {
            assert_eq!(Way::parse(way.as_str()), Some(way));
        }
        assert_eq!(Way::parse("sms"), None);
    }
}
