//! What can happen, and is written down: the one table of names. docs/events.md is compared with it.

/// How long events are kept, which depends on what they are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Who came and went, and what they were given: many, and of use for some months.
    Authentication,
    /// Who changed what: few, and asked for after years.
    Changes,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 2] = [Self::Authentication, Self::Changes];

    /// Its name, as in the setting that says how long it is kept.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Changes => "changes",
        }
    }
}

/// How an event comes to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A row of its own, in the transaction of what it tells of.
    Row,
    /// Counted in memory, and written once a minute for each client and place: it happens often, or at a stranger's will.
    Counted,
}

macro_rules! actions {
    ($($name:ident = $text:literal, $class:ident, $form:ident, $doc:literal;)*) => {
        /// Something that happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $(#[doc = $doc] $name,)*
        }

        impl Action {
            /// Every action, in the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name, which is stored and never changes its meaning.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// How long it is kept.
            pub const fn class(self) -> Class {
                match self {
                    $(Self::$name => Class::$class,)*
                }
            }

            /// How it comes to be written.
            pub const fn form(self) -> Form {
                match self {
                    $(Self::$name => Form::$form,)*
                }
            }

            /// What it means, in a sentence.
            pub const fn doc(self) -> &'static str {
                match self {
                    $(Self::$name => $doc,)*
                }
            }
        }
    };
}

actions! {
    UserCreated = "user.created", Changes, Row, "An account was made.";
    UserInvited = "user.invited", Changes, Row, "Somebody was sent a link by which they can make an account.";
    UserUpdated = "user.updated", Changes, Row, "An account was changed.";
    UserEnabled = "user.enabled", Changes, Row, "An account may sign in again.";
    UserDisabled = "user.disabled", Changes, Row, "An account may sign in no more; its sessions and grants ended.";
    UserDeleted = "user.deleted", Changes, Row, "An account was deleted, with all that it had.";
    UserDeletionBegun = "user.deletion_begun", Changes, Row, "A person wanted their account to be deleted; everything that was signed in ended, and until then they can keep it.";
    UserDeletionUndone = "user.deletion_undone", Changes, Row, "A person kept their account, which was to be deleted.";
    UserPasswordChanged = "user.password_changed", Changes, Row, "An account got another password; its sessions and grants ended, but for the session in which its person changed it.";
    UserDataExported = "user.data_exported", Changes, Row, "A person took along all that is kept about them.";
    RecoveryRequested = "recovery.requested", Authentication, Row, "Somebody asked for a link by which to choose another password, and it was sent to the account's address.";
    SignInLinkSent = "sign_in_link.sent", Authentication, Row, "Somebody asked for a link and a code by which to sign in, and they were sent to the account's address.";
    UserUnlocked = "user.unlocked", Changes, Row, "The wrong passwords that slowed an account's sign-ins down were forgotten.";
    SessionStarted = "session.started", Authentication, Row, "Somebody signed in.";
    SessionRenewed = "session.renewed", Authentication, Row, "Somebody who was signed in proved again who they are, or changed their password.";
    SessionEnded = "session.ended", Authentication, Row, "A session ended: by signing out, from another session of its person, because another began in its browser or that held too many, or because of what befell the account. `count` says how many at once.";
    LoginFailed = "login.failed", Authentication, Counted, "A password was wrong, or nobody has that name; or a passkey was not right.";
    LoginThrottled = "login.throttled", Authentication, Counted, "A password or a code was refused unseen, after too many failures.";
    SecondFactorFailed = "second_factor.failed", Authentication, Counted, "After the right password, a code of an authenticator app, a recovery code or a passkey was wrong or had been used.";
    FactorAdded = "factor.added", Changes, Row, "A person added a second factor.";
    FactorRemoved = "factor.removed", Changes, Row, "A second factor was removed, by the person or by an administrator.";
    PasskeySuspected = "passkey.suspected", Changes, Row, "The signature counter of a passkey went backwards, so that there may be a copy of it: told once of each.";
    IdentityConnected = "identity.connected", Changes, Row, "Who somebody is at an upstream provider was connected to their account: by themselves, or because both sides know the address to be theirs.";
    IdentityRemoved = "identity.removed", Changes, Row, "Who somebody is at an upstream provider is no longer connected to their account.";
    UpstreamRefused = "upstream.refused", Authentication, Counted, "Somebody came back from an upstream provider in vain, or a logout token of one did not hold.";
    UpstreamTokenGiven = "upstream_token.given", Authentication, Counted, "A client got the access token that an upstream provider gave for a person.";
    UpstreamTokenLost = "upstream_token.lost", Changes, Row, "An upstream provider renews the tokens no more that were kept for a person; they were deleted.";
    LostFactorsReported = "lost_factors.reported", Changes, Row, "Somebody gave the password and said that every second factor is lost: after a delay they can be removed. The person is told by mail.";
    LostFactorsCancelled = "lost_factors.cancelled", Changes, Row, "They are not lost: by the link in the mail, by an administrator, or because one was given.";
    RecoveryCodesCreated = "recovery_codes.created", Changes, Row, "A person made recovery codes; those from before are void.";
    RecoveryCodeUsed = "recovery_code.used", Authentication, Row, "Somebody signed in with a recovery code.";
    DeviceRemembered = "device.remembered", Changes, Row, "A person who gave a second factor had the browser remembered, so that it is not asked for there for a while.";
    DeviceForgotten = "device.forgotten", Changes, Row, "A remembered browser was forgotten: by its person, or because of what befell the account. `count` says how many at once.";
    ActivityDisputed = "activity.disputed", Changes, Row, "A person said that something in the list of what happened to their account was not them; the session in which it was done ended, with every remembered browser.";
    ConsentGranted = "consent.granted", Changes, Row, "A person allowed an application what it asked for.";
    ConsentRevoked = "consent.revoked", Changes, Row, "A person took back what they had allowed an application, with every token of it.";
    ConsentDenied = "consent.denied", Changes, Row, "A person who is signed in turned an application away.";
    CodeIssued = "code.issued", Authentication, Counted, "An application got an authorization code for a person who is signed in.";
    TokenIssued = "token.issued", Authentication, Counted, "A client got tokens.";
    TokenRefused = "token.refused", Authentication, Counted, "A client asked for tokens in vain, or an access token was presented that does not hold.";
    TokenRevoked = "token.revoked", Authentication, Row, "A client gave an access token back.";
    GrantRevoked = "grant.revoked", Authentication, Row, "What a person had allowed ended, with every token of it: given back by the client, or because a code or refresh token was replayed.";
    ClientRegistered = "client.registered", Changes, Row, "A client was registered.";
    ClientUpdated = "client.updated", Changes, Row, "A client was changed.";
    ClientEnabled = "client.enabled", Changes, Row, "A client may be used again.";
    ClientDisabled = "client.disabled", Changes, Row, "A client is refused everywhere.";
    ClientDeleted = "client.deleted", Changes, Row, "A client was deleted, with all that it had.";
    ClientSecretRotated = "client.secret_rotated", Changes, Row, "A client got another secret.";
    InitialAccessTokenCreated = "initial_access_token.created", Changes, Row, "A token was made by which applications can be registered without an operator.";
    InitialAccessTokenRevoked = "initial_access_token.revoked", Changes, Row, "Such a token was ended; the applications that it had let in stay.";
    ClientAuthenticationFailed = "client.authentication_failed", Authentication, Counted, "Somebody who says to be a client did not prove it.";
    KeyCreated = "key.created", Changes, Row, "A key was made: to sign next, to be encrypted to, or because there was none.";
    KeyRotated = "key.rotated", Changes, Row, "Another key signs from now on.";
    KeyRetired = "key.retired", Changes, Row, "A signing key signs no more, and none takes its place: its algorithm was taken out of keys.algorithms.";
    KeyDeleted = "key.deleted", Changes, Row, "A key that is good for nothing any more was deleted, or its private half.";
    KeyRevoked = "key.revoked", Changes, Row, "A key was withdrawn, and with it all that it had signed, or that is encrypted to it.";
    ClockConfirmed = "clock.confirmed", Changes, Row, "Somebody said that the clock is right.";
    JobRetried = "job.retried", Changes, Row, "Somebody let a job be tried again that had failed for good.";
    MailTested = "mail.tested", Changes, Row, "Somebody had a server send a test mail.";
    EventsPruned = "events.pruned", Changes, Row, "A few hundred events at most were deleted whose time was over.";
}

impl Action {
    /// The action of this name; `None` for one that a newer version has written.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == text)
    }

    /// Whether the person whom it concerns finds it among what happened to their account. What an application does with its
    /// tokens all day would hide the rest.
    pub const fn is_told_to_its_person(self) -> bool {
        !matches!(
            self,
            Self::CodeIssued | Self::TokenIssued | Self::TokenRefused | Self::TokenRevoked | Self::UpstreamTokenGiven
        )
    }

    /// Whether it counts what clients were given; everything else that is counted was refused.
    pub const fn is_given(self) -> bool {
        matches!(self, Self::CodeIssued | Self::TokenIssued | Self::UpstreamTokenGiven)
    }
}
