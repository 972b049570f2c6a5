//! What a person finds in the list of what happened to their account, and can say was not them.

use crate::domain::operation::audit_event::{Action, RecordedEvent};
use crate::foundation::id::{SessionId, UserId};

/// The session in which `event` was done, if `person` can say that it was not them: a sign-in of theirs, or what was done by
/// whoever was signed in. What an operator, the server or an application did was nobody else with their password.
pub fn disputed_session(event: &RecordedEvent, person: UserId) -> Option<SessionId> {
    let by_them = event.actor_kind == "user" && event.actor_id.as_deref() == Some(&*person.to_string());
    let action = Action::parse(&event.action)?;
    event.session.filter(|_| by_them && can_be_disputed(action))
}

/// Signing out harms nobody.
const fn can_be_disputed(action: Action) -> bool {
    matches!(
        action,
        Action::SessionStarted
            | Action::SessionRenewed
            | Action::UserUpdated
            | Action::UserPasswordChanged
            | Action::FactorAdded
            | Action::FactorRemoved
            | Action::RecoveryCodesCreated
            | Action::RecoveryCodeUsed
            | Action::DeviceRemembered
            | Action::ConsentGranted
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::foundation::id::EventId;
    use crate::foundation::{Random, Timestamp};

    #[test]
    fn what_was_done_with_their_sign_in_can_be_disputed_and_nothing_else() {
        let (random, now) = (Random::seeded(1), Timestamp::from_secs(1));
        let person = UserId::generate(&random, now);
        let session = SessionId::generate(&random, now);
        let event = RecordedEvent {
            seq: 1,
            id: EventId::generate(&random, now),
            occurred_at: now,
            action: "session.started".into(),
            outcome: "success".into(),
            actor_kind: "user".into(),
            actor_id: Some(person.to_string()),
            on_behalf_of: None,
            targets: json!([]),
            client: None,
            session: Some(session),
            address: None,
            user_agent: None,
            request: None,
            reason: None,
            changes: json!([]),
            count: 1,
        };
        assert_eq!(disputed_session(&event, person), Some(session));
        let another = RecordedEvent { actor_id: Some(UserId::generate(&random, now).to_string()), ..event.clone() };
        assert_eq!(disputed_session(&another, person), None);
        let by_operator = RecordedEvent { actor_kind: "command_line".into(), session: None, ..event.clone() };
        assert_eq!(disputed_session(&by_operator, person), None);
        for action in ["session.ended", "activity.disputed", "user.beamed_up"] {
            let harmless = RecordedEvent { action: action.into(), ..event.clone() };
            assert_eq!(disputed_session(&harmless, person), None, "{action}");
        }
    }
}
