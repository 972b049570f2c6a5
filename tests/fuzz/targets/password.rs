//! Passwords that somebody chooses.

use latchkey::domain::account::password_policy::{PasswordPolicy, Person, Strength};
use latchkey::domain::account::profile::Profile;
use latchkey::foundation::SecretString;

use super::given::{OWN, lines};

/// Lines: the username, the password. How long it takes is looked at by libFuzzer's `-timeout`.
pub fn password(data: &[u8]) {
    let Some([username, password]) = lines(data) else { return };
    let policy = PasswordPolicy::new(8, Strength::new(2).expect("a strength"), &OWN);
    let profile = Profile::parse(serde_json::json!({"name": "Alice Liddell"})).expect("a profile");
    let person = Person { username: Some(username), email: Some("alice@example.com"), profile: &profile };
    let own = policy.words_of(&person);
    let Ok(strength) = policy.check(&SecretString::new(password.to_owned()), &own) else { return };
    assert!(strength >= Strength::new(2).expect("a strength"));
    assert!(password.chars().count() >= 8);
    let same = |word: &str| password.to_lowercase() == word.to_lowercase();
    assert!(!same(username) && !same("alice@example.com") && !same("Alice Liddell"), "it is made of what is known");
}
