//! Why a password may not be chosen, for whoever chooses it.

use crate::domain::account::password_policy::{Datum, PasswordRefused, Weakness};
use crate::language::{Sentence, sentence};

/// What the page says beside the field.
pub fn said(refused: &PasswordRefused) -> Sentence {
    match refused {
        PasswordRefused::TooShort { found, least } => sentence!("password-too-short", found = found, least = least),
        PasswordRefused::TooLong { most } => sentence!("password-too-long", most = most),
        PasswordRefused::OwnData(datum) => sentence!("password-own-data", datum = own(*datum)),
        PasswordRefused::Common => sentence!("password-common"),
        PasswordRefused::Pattern(weakness) => sentence!("password-pattern", weakness = weak(*weakness)),
        PasswordRefused::Weak { because: None, .. } => sentence!("password-weak"),
        PasswordRefused::Weak { because: Some(weakness), .. } => {
            sentence!("password-weak-because", weakness = weak(*weakness))
        }
        PasswordRefused::Breached { times } => sentence!("password-breached", times = times),
    }
}

fn own(datum: Datum) -> Sentence {
    match datum {
        Datum::Username => sentence!("own-username"),
        Datum::Email => sentence!("own-email"),
        Datum::Name => sentence!("own-name"),
        Datum::Birthdate => sentence!("own-birthdate"),
        Datum::Phone => sentence!("own-phone"),
        Datum::Service => sentence!("own-service"),
        Datum::Several => sentence!("own-several"),
    }
}

fn weak(weakness: Weakness) -> Sentence {
    match weakness {
        Weakness::Keyboard => sentence!("weakness-keyboard"),
        Weakness::Repetition => sentence!("weakness-repetition"),
        Weakness::Sequence => sentence!("weakness-sequence"),
        Weakness::LikeACommonPassword => sentence!("weakness-common"),
        Weakness::Word => sentence!("weakness-word"),
        Weakness::Name => sentence!("weakness-name"),
        Weakness::Date => sentence!("weakness-date"),
    }
}
