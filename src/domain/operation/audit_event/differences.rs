//! What is written down of a change to an account or a client. Each field is named here, so that a new one does not compile
//! until it is decided what is said of it.

use std::collections::BTreeSet;

use super::{Change, Public};
use crate::domain::account::user::User;
use crate::domain::oauth::client::{Client, Metadata};
use crate::foundation::Timestamp;

impl Change {
    /// What of an account differs from before; everything that a new one has. Of the claims only which: what a person's
    /// address is, or was, is nobody's business who reads events.
    pub fn of_user(before: Option<&User>, after: &User) -> Vec<Self> {
        let User {
            id: _,
            status,
            username,
            email,
            email_verified,
            administrator,
            profile,
            password_hash,
            // Told by events of its own.
            second_factor: _,
            second_factor_from,
            delete_at: _,
            created_at: _,
            updated_at: _,
        } = after;
        let none: Public<'_> = Public(None);
        let text = |at: Timestamp| at.to_string();
        let (had, has) = (before.and_then(|user| user.second_factor_from).map(text), second_factor_from.map(text));
        let mut changes: Vec<_> = [
            Self::of("status", &before.map_or(none, |user| user.status.into()), &Public::from(*status)),
            Self::of("username", &before.map_or(none, |user| (&user.username).into()), &Public::from(username)),
            Self::of("email", &before.map_or(none, |user| (&user.email).into()), &Public::from(email)),
            Self::of("email_verified", &before.is_some_and(|user| user.email_verified), email_verified),
            Self::of("administrator", &before.is_some_and(|user| user.administrator), administrator),
            Self::of("second_factor_from", &Public(had.as_deref()), &Public(has.as_deref())),
            Self::of("groups", before.map_or(&[][..], |user| user.profile.own_groups()), profile.own_groups()),
            Self::of("upstream_groups", &*before.map(upstream_groups).unwrap_or_default(), &*upstream_groups(after)),
        ]
        .into_iter()
        .flatten()
        .collect();
        if before.map(|user| &user.password_hash) != Some(password_hash) && password_hash.is_some() {
            changes.push(Self::hidden("password"));
        }
        let claims = |user: &User| {
            let standard = user.profile.to_json().as_object().cloned().unwrap_or_default();
            standard.into_iter().chain(user.profile.custom().clone()).collect::<serde_json::Map<_, _>>()
        };
        let (old, new) = (before.map(claims).unwrap_or_default(), claims(after));
        let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
        let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
        changes.extend(changed.map(|name| Self::hidden(format!("claims.{name}"))));
        changes
    }

    /// What of a client differs from before; of a new one, what differs from the usual.
    pub fn of_client(before: Option<&Client>, after: &Client) -> Vec<Self> {
        let Client {
            id: _,
            name,
            enabled,
            secret_hash,
            sealed_secret: _,
            metadata,
            registered_itself,
            created_at: _,
            updated_at: _,
        } = after;
        let usual = Metadata::default();
        let old_name = Public(before.map(|client| client.name.as_str()));
        let mut changes: Vec<_> = [
            Self::of("name", &old_name, &Public(Some(name.as_str()))),
            Self::of("enabled", &before.is_none_or(|client| client.enabled), enabled),
            Self::of("registered_itself", &before.is_some_and(|client| client.registered_itself), registered_itself),
        ]
        .into_iter()
        .flatten()
        .collect();
        if before.and_then(|client| client.secret_hash) != *secret_hash {
            changes.push(Self::hidden("client_secret"));
        }
        changes.extend(Self::members(before.map_or(&usual, |client| &client.metadata), metadata));
        changes
    }
}

/// The groups that identities brought, each below the name of its provider.
fn upstream_groups(user: &User) -> Vec<String> {
    let sources = user.profile.upstream_groups().iter();
    sources.flat_map(|one| one.names.iter().map(|name| format!("{}/{name}", one.provider))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::account::profile::Profile;
    use crate::domain::account::user::Status;
    use crate::domain::oauth::client::ClientId;
    use crate::foundation::id::{CredentialId, UserId};
    use crate::foundation::{Random, SecretHash, Timestamp};

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn alice() -> User {
        User {
            id: UserId::generate(&Random::seeded(1), NOW),
            status: Status::Active,
            username: Some("alice".into()),
            email: Some("alice@example.com".into()),
            email_verified: true,
            administrator: false,
            profile: Profile::parse(json!({"name": "Alice", "address": {"country": "GB"}, "groups": ["staff"]}))
                .unwrap(),
            password_hash: Some("$argon2id$v=19$the-hash".into()),
            second_factor: false,
            delete_at: None,
            second_factor_from: None,
            created_at: NOW,
            updated_at: NOW,
        }
    }

    #[test]
    fn a_new_account_is_told_of_without_its_password_and_its_private_life() {
        let said = json!(Change::of_user(None, &alice())).to_string();
        for shown in
            ["alice@example.com", "staff", "claims.address", "claims.name", r#""field":"password","hidden":true"#]
        {
            assert!(said.contains(shown), "{shown}: {said}");
        }
        for kept in ["argon2", "hash", "GB", "Alice"] {
            assert!(!said.contains(kept), "{kept}: {said}");
        }
    }

    #[test]
    fn of_a_changed_account_only_what_changed() {
        let before = alice();
        assert_eq!(Change::of_user(Some(&before), &alice()), []);
        let after = User { email: Some("a@b.example".into()), email_verified: false, ..alice() };
        assert_eq!(
            json!(Change::of_user(Some(&before), &after)),
            json!([
                {"field": "email", "old": "alice@example.com", "new": "a@b.example"},
                {"field": "email_verified", "old": true, "new": false},
            ])
        );
        let other = User { password_hash: Some("$argon2id$another".into()), ..alice() };
        assert_eq!(Change::of_user(Some(&before), &other), [Change::hidden("password")]);
        let profile = before.profile.clone().in_upstream_groups(
            CredentialId::from_uuid(uuid::Uuid::nil()),
            "google",
            &["ops".into()],
        );
        let changes = json!(Change::of_user(Some(&before), &User { profile, ..alice() }));
        assert_eq!(changes, json!([{"field": "upstream_groups", "old": [], "new": ["google/ops"]}]));
        let profile = Profile::parse(json!({"name": "Alice Liddell", "groups": ["staff"]})).unwrap();
        let changes = Change::of_user(Some(&before), &User { profile, ..alice() });
        assert_eq!(changes, [Change::hidden("claims.address"), Change::hidden("claims.name")]);
    }

    #[test]
    fn of_a_client_never_the_secret() {
        let client = Client {
            id: ClientId::new("app"),
            name: "App".into(),
            enabled: true,
            secret_hash: Some(SecretHash::of("hunter2")),
            sealed_secret: None,
            metadata: Metadata { first_party: true, ..Metadata::default() },
            registered_itself: false,
            created_at: NOW,
            updated_at: NOW,
        };
        let wanted = json!([
            {"field": "name", "new": "App"},
            {"field": "client_secret", "hidden": true},
            {"field": "first_party", "old": false, "new": true},
        ]);
        assert_eq!(json!(Change::of_client(None, &client)), wanted);
        let rotated = Client { secret_hash: Some(SecretHash::of("another")), ..client.clone() };
        assert_eq!(Change::of_client(Some(&client), &rotated), [Change::hidden("client_secret")]);
        assert_eq!(Change::of_client(Some(&client), &client), []);
    }
}
