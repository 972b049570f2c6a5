//! What makes a password easy to guess.

use std::fmt;

/// What makes a password easy to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Keys that lie beside each other.
    Keyboard,
    /// The same again and again.
    Repetition,
    /// As abc or 6543.
    Sequence,
    /// A common password, or one with letters replaced, reversed or with something at its end.
    LikeACommonPassword,
    /// A word of a dictionary.
    Word,
    /// A name.
    Name,
    /// A date or a year.
    Date,
}

/// As in "most of it is a date".
impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keyboard => "neighbouring keys of the keyboard",
            Self::Repetition => "a repetition",
            Self::Sequence => "a sequence such as abc or 6543",
            Self::LikeACommonPassword => "like a common password",
            Self::Word => "a single word",
            Self::Name => "a name",
            Self::Date => "a date or a year",
        })
    }
}
