//! What was refused, told apart by what mends it.

/// What was refused, as far as it makes a difference to whoever mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the application sent is wrong in itself, whatever is registered or set here.
    Application,
    /// No client has this id.
    ClientUnknown,
    /// The client is switched off.
    ClientDisabled,
    /// The client has no such redirect URI.
    RedirectUri,
    /// The same on http://localhost, where only the port differs.
    RedirectPort,
    /// The client has no such URI to go to after a logout.
    PostLogoutRedirectUri,
    /// The client may not have this scope.
    Scope,
    /// There is no such API for the client.
    Resource,
    /// The client is not registered for this grant.
    Grant,
    /// The client is registered for signatures that are not made any more.
    Algorithm,
    /// The client may not have this kind of answer.
    ResponseType,
    /// What is there for old applications only, and is taken away here.
    Profile,
    /// The client authenticates in another way than the registered one.
    AuthMethod,
    /// The secret is wrong.
    Secret,
    /// What a client has signed to prove itself is not what it has to be.
    Assertion,
    /// None of the keys of a client has signed what it sent.
    ClientKeys,
    /// PKCE is needed.
    Pkce,
    /// A page would be needed, and the application forbids one.
    Interaction,
    /// The user is switched off.
    UserDisabled,
    /// The grant, session or token has ended.
    GrantEnded,
    /// A one-time code or token was used a second time.
    Replayed,
    /// The code was too old.
    CodeExpired,
    /// The refresh token was too old.
    RefreshExpired,
    /// The sign-in that a page belongs to is not known, or no longer.
    SignInUnknown,
    /// Nobody makes an account for themselves here.
    SignUpClosed,
    /// An upstream provider, or what is configured for it, lets nobody in.
    Upstream,
    /// The browser does not keep our cookie.
    Cookie,
    /// A form came from another site.
    OtherSite,
    /// Too many wrong passwords lately.
    LoginThrottled,
    /// Too many wrong passwords in a row.
    LoginStopped,
    /// Too many requests that are too long for a URL wait.
    LongRequests,
    /// Too many applications have registered themselves.
    Registrations,
    /// Too many assertions of applications that registered themselves.
    Assertions,
    /// An application changes its registration too often.
    RegistrationChanges,
    /// An application of the operator's own was to change or delete its registration.
    OperatorsOwn,
    /// Whoever asks may not do it, or not now.
    NotAllowed,
    /// A clock is, or was, not right.
    Clock,
    /// Something that we depend on did not answer.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 39] = [
        Self::Application,
        Self::ClientUnknown,
        Self::ClientDisabled,
        Self::RedirectUri,
        Self::RedirectPort,
        Self::PostLogoutRedirectUri,
        Self::Scope,
        Self::Resource,
        Self::Grant,
        Self::Algorithm,
        Self::ResponseType,
        Self::Profile,
        Self::AuthMethod,
        Self::Secret,
        Self::Assertion,
        Self::ClientKeys,
        Self::Pkce,
        Self::Interaction,
        Self::UserDisabled,
        Self::GrantEnded,
        Self::Replayed,
        Self::CodeExpired,
        Self::RefreshExpired,
        Self::SignInUnknown,
        Self::SignUpClosed,
        Self::Upstream,
        Self::Cookie,
        Self::OtherSite,
        Self::LoginThrottled,
        Self::LoginStopped,
        Self::LongRequests,
        Self::Registrations,
        Self::Assertions,
        Self::RegistrationChanges,
        Self::OperatorsOwn,
        Self::NotAllowed,
        Self::Clock,
        Self::Unavailable,
        Self::Internal,
    ];
}
