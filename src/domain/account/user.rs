//! A person with an account.

use serde_json::{Value, json};

use super::identifier::LoginIdentifier;
use super::profile::Profile;
use crate::foundation::{Timestamp, id::UserId};

/// A person with an account.
#[derive(Clone, Debug)]
pub struct User {
    /// The `sub` claim.
    pub id: UserId,
    /// Whether they may sign in.
    pub status: Status,
    /// As displayed; they can sign in with it.
    pub username: Option<String>,
    /// As displayed; they can sign in with it.
    pub email: Option<String>,
    /// Whether the address is known to be theirs.
    pub email_verified: bool,
    /// Whether they administer this server.
    pub administrator: bool,
    /// The other claims.
    pub profile: Profile,
    /// argon2id in PHC form, or until the next sign-in a hash of another system; `None`: they cannot sign in with a password.
    pub password_hash: Option<String>,
    /// Whether they have a second factor: then a password alone never signs them in.
    pub second_factor: bool,
    /// From when on they need one, whatever is demanded of others; `None`: no more than of others.
    pub second_factor_from: Option<Timestamp>,
    /// When the account is deleted, because its person wants to be rid of it.
    pub delete_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When anything above last changed: the `updated_at` claim.
    pub updated_at: Timestamp,
}

/// Whether a person may sign in and be given tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// May sign in.
    Active,
    /// Neither signs in nor gets tokens; sessions and grants are of no use.
    Disabled,
}

impl Status {
    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }

    /// Reads the stored word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Disabled].into_iter().find(|status| status.as_str() == text)
    }
}

impl User {
    /// A standard claim's value (OpenID Connect Core §5.1), or `None` when there is none to give: claims without a
    /// value are left out, never sent as null. `sub` is none of these: it is the client's, and not the person's alone (§8).
    pub fn claim(&self, name: &str) -> Option<Value> {
        match name {
            "preferred_username" => self.username.as_ref().or(self.email.as_ref()).map(|text| json!(text)),
            "email" => self.email.as_ref().map(|text| json!(text)),
            "email_verified" => self.email.as_ref().map(|_| json!(self.email_verified)),
            "updated_at" => Some(json!(self.updated_at.as_secs())),
            "phone_number_verified" => {
                self.profile.claim("phone_number").map(|_| self.profile.claim(name).unwrap_or(Value::Bool(false)))
            }
            _ => self.profile.claim(name),
        }
    }

    /// What to call them on our pages: their name, or what they sign in with. Everybody has one of these.
    pub fn display_name(&self) -> String {
        let name = self.profile.claim("name").and_then(|name| name.as_str().map(str::to_owned));
        name.or_else(|| self.login_name().map(str::to_owned)).unwrap_or_else(|| self.id.to_string())
    }

    /// The language that they have chosen to be spoken to in (BCP 47), if any.
    pub fn locale(&self) -> Option<String> {
        self.profile.claim("locale").and_then(|locale| locale.as_str().map(str::to_owned))
    }

    /// Whether they sign in with this name, in whatever spelling.
    pub fn is_named(&self, typed: &str) -> bool {
        let Ok(typed) = LoginIdentifier::typed(typed) else { return false };
        let names = [&self.username, &self.email].into_iter().flatten();
        names.filter_map(|name| LoginIdentifier::typed(name).ok()).any(|name| name.spellings().contains(&typed))
    }

    /// What they sign in with, to prefill a form.
    pub fn login_name(&self) -> Option<&str> {
        self.username.as_deref().or(self.email.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::foundation::Random;

    #[test]
    fn a_claim_without_a_value_is_left_out() {
        let mut user = User {
            id: UserId::generate(&Random::seeded(1), Timestamp::from_secs(0)),
            status: Status::Active,
            username: None,
            email: None,
            email_verified: true,
            administrator: false,
            profile: Profile::default(),
            password_hash: None,
            second_factor: false,
            delete_at: None,
            second_factor_from: None,
            created_at: Timestamp::from_secs(1),
            updated_at: Timestamp::from_micros(2_500_000),
        };
        assert_eq!(user.claim("email"), None);
        assert_eq!(user.claim("email_verified"), None, "says nothing about an address that is not there");
        assert_eq!(user.claim("phone_number_verified"), None);
        assert_eq!(user.claim("updated_at"), Some(json!(2)));
        user.email = Some("a@b.example".into());
        assert_eq!(user.claim("email_verified"), Some(json!(true)));
        assert_eq!(user.claim("preferred_username"), Some(json!("a@b.example")));
    }
}
