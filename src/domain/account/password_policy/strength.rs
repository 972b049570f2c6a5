//! How many guesses a password takes, as zxcvbn estimates it: by the frequency lists of passwords, words and names that it
//! brings along, by keyboards, dates, sequences and repetitions.

use std::fmt;

use zxcvbn::feedback::Warning;
use zxcvbn::matching::Match;
use zxcvbn::matching::patterns::MatchPattern;
use zxcvbn::{Entropy, zxcvbn};

use super::own_words::OwnWords;
use super::weakness::Weakness;

/// How strong a password is: 0 takes fewer than a thousand guesses, 1 a million, 2 a hundred millions, 3 ten thousand
/// millions, and 4 takes more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strength(u8);

impl Strength {
    /// Four.
    pub const HIGHEST: Self = Self(4);

    /// A strength from 0 to 4.
    pub fn new(strength: u32) -> Option<Self> {
        u8::try_from(strength).ok().filter(|strength| *strength <= 4).map(Self)
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What is found about a password.
pub struct Estimate {
    pub strength: Strength,
    /// What makes it weak, if it is.
    pub weakness: Option<Weakness>,
    /// What the whole of it is, if that alone is a reason to refuse it.
    pub finding: Option<Finding>,
}

/// What the whole of a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// On the list of common passwords, perhaps with letters replaced or reversed, or guessed as soon as those.
    Common,
    /// One of the person's own words, likewise.
    OwnWord,
    /// One character again and again, one sequence, one word or one name.
    Pattern(Weakness),
}

/// Its work grows with the square of the length, and with the number of ways in which characters can stand for letters
/// (a bracket for c, a bar for i or l). So many are looked at, and no more: of a password of nothing but such characters
/// these take up to a second of a core, where others take a millisecond.
const LOOKED_AT: usize = 32;

/// How many common passwords the list has: what takes no more guesses than to go through it is as good as on it.
const ON_THE_LIST: u64 = 30_000;

/// Estimates a password that is folded already. Of a longer one the beginning and the end are looked at: the whole takes
/// at least as many guesses as the stronger of the two.
pub fn estimate(folded: &str, own: &OwnWords) -> Estimate {
    let words = own.texts();
    let length = folded.chars().count();
    let begin: String = folded.chars().take(LOOKED_AT).collect();
    let mut found = zxcvbn(&begin, &words);
    if length > LOOKED_AT {
        let end: String = folded.chars().skip(length - LOOKED_AT).collect();
        let end = zxcvbn(&end, &words);
        if end.guesses_log10() > found.guesses_log10() {
            found = end;
        }
    }
    let whole = if length <= LOOKED_AT { whole(found.sequence()) } else { None };
    let finding = whole.or((found.guesses() <= ON_THE_LIST).then_some(Finding::Common));
    Estimate { strength: Strength(found.score().into()), weakness: weakness(&found), finding }
}

fn whole(sequence: &[Match]) -> Option<Finding> {
    let [only] = sequence else { return None };
    match &only.pattern {
        // Its lists are told apart by a type that cannot be named from here.
        MatchPattern::Dictionary(pattern) => match format!("{:?}", pattern.dictionary_name).as_str() {
            "Passwords" => Some(Finding::Common),
            "UserInputs" => Some(Finding::OwnWord),
            "English" | "UsTvAndFilm" => Some(Finding::Pattern(Weakness::Word)),
            _ => Some(Finding::Pattern(Weakness::Name)),
        },
        MatchPattern::Repeat(pattern) if pattern.base_token.chars().count() == 1 => {
            Some(Finding::Pattern(Weakness::Repetition))
        }
        MatchPattern::Sequence(_) => Some(Finding::Pattern(Weakness::Sequence)),
        _ => None,
    }
}

fn weakness(found: &Entropy) -> Option<Weakness> {
    Some(match found.feedback()?.warning()? {
        Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess => Weakness::Keyboard,
        Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => {
            Weakness::Repetition
        }
        Warning::SequencesLikeAbcAreEasyToGuess => Weakness::Sequence,
        Warning::ThisIsATop10Password
        | Warning::ThisIsATop100Password
        | Warning::ThisIsACommonPassword
        | Warning::ThisIsSimilarToACommonlyUsedPassword => Weakness::LikeACommonPassword,
        Warning::AWordByItselfIsEasyToGuess => Weakness::Word,
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess | Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            Weakness::Name
        }
        Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess => Weakness::Date,
    })
}
