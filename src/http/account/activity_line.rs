//! What happened, in words for the person whom it concerns. Why something was refused or ended stays with the operator.

use crate::domain::operation::audit_event::{Action, RecordedEvent};
use crate::language::{Sentence, sentence};

/// The sentence for an event; `None` for what is not told, or what only a newer version knows. `app` is the application in
/// it.
pub fn of(event: &RecordedEvent, app: Option<&str>) -> Option<Sentence> {
    let times = u64::try_from(event.count).unwrap_or(1);
    let app = || app.map_or_else(|| sentence!("activity-an-app"), |name| sentence!("activity-app", app = name));
    Some(match Action::parse(&event.action)? {
        Action::UserCreated => sentence!("activity-created"),
        Action::UserUpdated => sentence!("activity-updated"),
        Action::UserEnabled => sentence!("activity-enabled"),
        Action::UserDisabled => sentence!("activity-disabled"),
        Action::UserDeletionBegun => sentence!("activity-deletion-begun"),
        Action::UserDeletionUndone => sentence!("activity-deletion-undone"),
        Action::UserPasswordChanged => sentence!("activity-password"),
        Action::UserDataExported => sentence!("activity-data"),
        Action::RecoveryRequested => sentence!("activity-recovery"),
        Action::SignInLinkSent => sentence!("activity-sign-in-link"),
        Action::PasskeySuspected => sentence!("activity-passkey-suspected"),
        Action::UserUnlocked => sentence!("activity-unlocked"),
        Action::SessionStarted => sentence!("activity-signed-in"),
        Action::SessionRenewed => sentence!("activity-renewed"),
        Action::SessionEnded => sentence!("activity-ended", count = times),
        Action::FactorAdded => sentence!("activity-factor-added"),
        Action::IdentityConnected => sentence!("activity-identity-connected"),
        Action::IdentityRemoved => sentence!("activity-identity-removed"),
        Action::UpstreamTokenLost => sentence!("activity-upstream-token-lost"),
        Action::FactorRemoved => sentence!("activity-factor-removed"),
        Action::LostFactorsReported => sentence!("activity-lost"),
        Action::LostFactorsCancelled => sentence!("activity-lost-cancelled"),
        Action::RecoveryCodesCreated => sentence!("activity-codes-made"),
        Action::RecoveryCodeUsed => sentence!("activity-code-used"),
        Action::DeviceRemembered => sentence!("activity-remembered"),
        Action::DeviceForgotten => sentence!("activity-forgotten", count = times),
        Action::ActivityDisputed => sentence!("activity-disputed"),
        Action::ConsentGranted => sentence!("activity-allowed", app = app()),
        Action::ConsentRevoked => sentence!("activity-revoked", app = app()),
        Action::ConsentDenied => sentence!("activity-denied", app = app()),
        Action::GrantRevoked => sentence!("activity-access-ended", app = app()),
        Action::UserDeleted
        | Action::UpstreamRefused
        | Action::UpstreamTokenGiven
        | Action::UserInvited
        | Action::LoginFailed
        | Action::LoginThrottled
        | Action::SecondFactorFailed
        | Action::CodeIssued
        | Action::TokenIssued
        | Action::TokenRefused
        | Action::TokenRevoked
        | Action::ClientRegistered
        | Action::ClientUpdated
        | Action::ClientEnabled
        | Action::ClientDisabled
        | Action::ClientDeleted
        | Action::ClientSecretRotated
        | Action::InitialAccessTokenCreated
        | Action::InitialAccessTokenRevoked
        | Action::ClientAuthenticationFailed
        | Action::KeyCreated
        | Action::KeyRotated
        | Action::KeyRetired
        | Action::KeyDeleted
        | Action::KeyRevoked
        | Action::ClockConfirmed
        | Action::JobRetried
        | Action::MailTested
        | Action::EventsPruned => return None,
    })
}

/// Who did it, where it was neither the person nor a stranger with a browser.
pub fn author(event: &RecordedEvent, app: Option<&str>) -> Option<Sentence> {
    match (&*event.actor_kind, app) {
        ("command_line", _) => Some(sentence!("activity-by-operator")),
        ("system", _) => Some(sentence!("activity-by-service")),
        ("client", Some(name)) => Some(sentence!("activity-by-app", app = name)),
        _ => None,
    }
}
