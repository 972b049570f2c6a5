//! How strong a sign-in is, by what was proved in it.

use super::method::Method;
use super::proof::Proofs;

/// An authentication context class (OpenID Connect Core §2); the stronger one is the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A password alone.
    Password,
}

impl Class {
    /// Every class that a sign-in here can reach, the weakest first.
    pub const ALL: [Self; 1] = [Self::Password];

    /// Its name: the `acr` claim.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "urn:latchkey:acr:password",
        }
    }

    /// The class of this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == text)
    }
}

/// The class that these proofs reach together; `None` when they prove nothing.
pub fn class_of(proofs: &Proofs) -> Option<Class> {
    let has = |method| proofs.iter().any(|proof| proof.method == method);
    has(Method::Password).then_some(Class::Password)
}

#[cfg(test)]
mod tests {
    use super::super::proof::Proof;
    use super::*;
    use crate::foundation::Timestamp;

    #[test]
    fn a_password_reaches_its_class_and_nothing_reaches_none() {
        assert_eq!(class_of(&Proofs::default()), None);
        assert_eq!(class_of(&Proofs::of(Proof::by_password(Timestamp::from_secs(1)))), Some(Class::Password));
    }

    #[test]
    fn each_class_reads_back() {
        for class in Class::ALL {
            assert_eq!(Class::parse(class.as_str()), Some(class));
        }
        assert_eq!(Class::parse("gold"), None);
    }
}
