//! How strong a sign-in is, by what was proved in it.

use super::method::Kind;
use super::proof::Proofs;

/// An authentication context class (OpenID Connect Core §2); the stronger one is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A password alone, or what is worth as much.
    Password,
    /// A password, and something that its owner has; or a passkey whose authenticator knew its owner.
    TwoFactors,
}

impl Class {
    /// Every class that a sign-in here can reach, the weakest first.
    pub const ALL: [Self; 2] = [Self::Password, Self::TwoFactors];

    /// Its name: the `acr` claim.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "urn:latchkey:acr:password",
            Self::TwoFactors => "urn:latchkey:acr:mfa",
        }
    }

    /// The class of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
    }
}

/// The class that these proofs reach together; `None` when they prove nothing, or only what comes second.
pub fn class_of(proofs: &Proofs) -> Option<Class> {
    let both = proofs.are_of(Kind::Had);
    proofs.are_of(Kind::Known).then_some(if both { Class::TwoFactors } else { Class::Password })
}

#[cfg(test)]
mod tests {
    use super::super::method::Method;
    use super::super::proof::Proof;
    use super::*;
    use crate::foundation::Timestamp;

    #[test]
    fn a_password_reaches_its_class_and_nothing_reaches_none() {
        assert_eq!(class_of(&Proofs::default()), None);
        assert_eq!(class_of(&Proofs::of(Proof::by_password(Timestamp::from_secs(1)))), Some(Class::Password));
    }

    #[test]
    fn a_second_factor_adds_to_a_password_and_is_nothing_without_it() {
        let password = Proof::by_password(Timestamp::from_secs(1));
        for method in [Method::Totp, Method::RecoveryCode, Method::SecurityKey] {
            let second = Proof { method, ..password };
            assert_eq!(class_of(&Proofs::of(password).and(second)), Some(Class::TwoFactors), "{method:?}");
            assert_eq!(class_of(&Proofs::of(second).and(second)), None, "{method:?}");
        }
        assert_eq!(class_of(&Proofs::of(password).and(password)), Some(Class::Password));
        assert!(Class::TwoFactors > Class::Password);
    }

    #[test]
    fn mail_is_worth_a_password_and_no_second_factor_beside_one() {
        let password = Proof::by_password(Timestamp::from_secs(1));
        let by = |method| Proof { method, ..password };
        assert_eq!(class_of(&Proofs::of(by(Method::Email))), Some(Class::Password));
        assert_eq!(class_of(&Proofs::of(password).and(by(Method::Email))), Some(Class::Password));
        assert_eq!(class_of(&Proofs::of(by(Method::Email)).and(by(Method::Totp))), Some(Class::TwoFactors));
    }

    #[test]
    fn a_passkey_whose_authenticator_knew_its_owner_is_both_by_itself() {
        let passkey = Proof { method: Method::Passkey, ..Proof::by_password(Timestamp::from_secs(1)) };
        assert_eq!(class_of(&Proofs::of(passkey)), Some(Class::TwoFactors));
    }

    #[test]
    fn each_class_reads_back() {
        for class in Class::ALL {
            assert_eq!(Class::parse(class.as_str()), Some(class));
        }
        assert_eq!(Class::parse("gold"), None);
    }
}
